"""Places with ties, and how often an option takes a place under nearby weights."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.engine.ranking import (
    BadScores,
    Place,
    Scores,
    acceptability,
    accepted,
    compare,
    nearby_weights,
    places,
    possible_places,
    weighted_means,
)

points = st.lists(st.one_of(st.none(), st.integers(0, 10)), min_size=24, max_size=24)


def scores(values: list[int | None]) -> Scores:
    """Two parties, four options, three criteria."""
    given_points = np.array([np.nan if one is None else float(one) for one in values]).reshape(2, 4, 3)
    return Scores(points=given_points, criterion_weights=(3.0, 2.0, 1.0), party_weights=(1.0, 2.0))


@given(points)
@settings(max_examples=60)
def test_acceptability_rows_sum_to_one_and_columns_do_where_every_place_is_taken(values: list[int | None]) -> None:
    found = scores(values)
    shares = np.array(acceptability(found, draws=64).shares)
    known = ~np.isnan(weighted_means(found))
    assert shares.sum(axis=1) == pytest.approx(known.astype(float))
    assert shares.sum(axis=0)[: known.sum()] == pytest.approx(np.ones(known.sum()))
    assert shares.sum(axis=0)[known.sum() :] == pytest.approx(np.zeros(4 - known.sum()))


@given(points, st.permutations(range(4)))
@settings(max_examples=60)
def test_acceptability_of_options_in_another_order_is_the_same_reordered(
    values: list[int | None], order: list[int]
) -> None:
    found = scores(values)
    moved = Scores(
        points=found.points[:, order, :],
        criterion_weights=found.criterion_weights,
        party_weights=found.party_weights,
    )
    assert np.array(acceptability(moved, draws=32).shares) == pytest.approx(
        np.array(acceptability(found, draws=32).shares)[order]
    )


@given(points, st.floats(0.1, 50))
@settings(max_examples=60)
def test_acceptability_of_weights_on_another_scale_is_the_same(values: list[int | None], factor: float) -> None:
    found = scores(values)
    scaled = Scores(
        points=found.points,
        criterion_weights=tuple(factor * one for one in found.criterion_weights),
        party_weights=tuple(factor * one for one in found.party_weights),
    )
    assert np.array(acceptability(scaled, draws=32).shares) == pytest.approx(
        np.array(acceptability(found, draws=32).shares)
    )


def test_acceptability_on_a_small_case_is_that_of_counting_every_set_of_weights_by_hand() -> None:
    values = np.array([[[8, 2], [5, 5], [2, 8]], [[6, np.nan], [5, 7], [1, 9]]], dtype=float)
    grid = [0.5, 1.0, 2.0]
    criteria = np.array([pair for pair in product(grid, grid) for _ in product(grid, grid)])
    parties = np.array([pair for _ in product(grid, grid) for pair in product(grid, grid)])
    counted = np.zeros((3, 3))
    for criterion, party in zip(criteria, parties, strict=True):
        means = [_mean_by_hand(values[:, option, :], criterion, party) for option in range(3)]
        for option, mean in enumerate(means):
            first = sum(other > mean + 1e-9 for other in means)
            same = sum(abs(other - mean) <= 1e-9 for other in means)
            for place in range(first, first + same):
                counted[option, place] += 1 / same
    found = Scores(points=values, criterion_weights=(1, 1), party_weights=(1, 1))
    assert np.array(accepted(found, criteria=criteria, parties=parties, factor=2).shares) == pytest.approx(
        counted / len(criteria)
    )


def _mean_by_hand(given_points: np.ndarray, criteria: np.ndarray, parties: np.ndarray) -> float:
    summed = total = 0.0
    for at, weight in enumerate(criteria):
        known = [(one, party) for one, party in zip(given_points[:, at], parties, strict=True) if one == one]  # noqa: PLR0124
        if known:
            summed += weight * sum(one * party for one, party in known) / sum(party for _, party in known)
            total += weight
    return summed / total


def test_nearby_weights_stay_between_half_and_double_of_each_other() -> None:
    weights = nearby_weights((1.0, 1.0, 1.0), draws=500, factor=2)
    assert weights.sum(axis=1) == pytest.approx(np.ones(500))
    assert (weights.max(axis=1) / weights.min(axis=1)).max() <= 4 + 1e-9


def test_no_opinion_is_not_a_zero() -> None:
    values = np.array([[[8.0], [np.nan]], [[8.0], [8.0]]])
    found = Scores(points=values, criterion_weights=(1,), party_weights=(1, 1))
    assert weighted_means(found) == pytest.approx([8, 8])
    assert places([8.0, 8.0, float("nan"), 3.0]) == (Place(first=1, last=2), Place(first=1, last=2), None,
                                                     Place(first=3, last=3))  # fmt: skip


def test_options_on_which_parties_contradict_each_other_are_not_told_apart() -> None:
    values = np.array([[[9.0], [3.0], [0.0]], [[4.0], [8.0], [0.0]]])
    found = Scores(points=values, criterion_weights=(1,), party_weights=(1, 1))
    assert not compare(found, 0, 1).is_distinct
    assert compare(found, 1, 2).difference == pytest.approx(5.5)
    assert possible_places(found) == (Place(first=1, last=2), Place(first=1, last=2), Place(first=3, last=3))


def test_weights_below_nought_are_refused() -> None:
    with pytest.raises(BadScores):
        Scores(points=np.zeros((1, 2, 1)), criterion_weights=(-1,), party_weights=(1,))
