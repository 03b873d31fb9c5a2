"""The index of harm: exact where it can be, wide where it rests on few, and honest about what is left out."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from koersvast.engine.benchmark import rank_interval
from koersvast.engine.counts import count_interval
from koersvast.engine.harm import PlaceKinds, Weights, harm_index, press_ranking_limits, rank_by_harm, weighted_interval
from koersvast.engine.places import Place
from koersvast.engine.quantities import BadValue


def weights(**given_weights: float) -> Weights:
    return Weights(source="Example", year=2020, unit="days", weights=given_weights)


@given(count=st.integers(0, 500), weight=st.floats(0.1, 900))
def test_equal_weights_give_the_exact_interval_of_a_count(count: int, weight: float) -> None:
    exact = count_interval(count)
    found = harm_index({"a": count}, inhabitants=1000, weights=weights(a=weight))
    assert (found.low, found.high) == pytest.approx((exact.low * weight, exact.high * weight), rel=1e-7, abs=1e-9)
    assert found.effective_events == pytest.approx(count)


@given(counted=st.tuples(*[st.integers(0, 90)] * 3), scale=st.floats(0.01, 100), people=st.floats(500, 1e6))
def test_index_follows_the_unit_of_its_weights_and_lies_in_its_interval(
    counted: tuple[int, int, int], scale: float, people: float
) -> None:
    assume(sum(counted) > 0)
    events = dict(zip("abc", counted, strict=True))
    first = harm_index(events, inhabitants=people, weights=weights(a=1, b=20, c=365))
    second = harm_index(events, inhabitants=people, weights=weights(a=scale, b=20 * scale, c=365 * scale))
    assert first.index is not None
    assert first.low is not None
    assert first.high is not None
    assert first.low <= first.index <= first.high
    assert second.index == pytest.approx(first.index * scale)
    assert second.high == pytest.approx(first.high * scale)
    assert sum(part.share for part in first.shares) == pytest.approx(1)
    assert [part.harm for part in first.shares] == sorted((part.harm for part in first.shares), reverse=True)


@pytest.mark.parametrize("levels", [(0.5, 30.0), (3.0, 40.0), (20.0, 300.0)])
def test_interval_holds_the_true_index_at_least_as_often_as_it_says(levels: tuple[float, float]) -> None:
    random, heavy = np.random.default_rng(11), np.array([365.0, 20.0])
    held = 0
    for _ in range(400):
        counted = random.poisson(levels)
        low, high = weighted_interval(float(counted @ heavy), variance=float(counted @ heavy**2), heaviest=365.0)
        held += low <= float(np.array(levels) @ heavy) <= high
    assert held / 400 >= 0.935


def test_scatter_of_a_kind_widens_the_interval() -> None:
    plain = harm_index({"a": 30, "b": 60}, inhabitants=1e4, weights=weights(a=10, b=1))
    wide = harm_index({"a": 30, "b": 60}, inhabitants=1e4, weights=weights(a=10, b=1), phis={"a": 4.0})
    assert wide.index == plain.index
    assert (wide.low or 0) < (plain.low or 0)
    assert (wide.high or 0) > (plain.high or 0)


def test_what_is_left_out_is_named_and_nothing_counts_as_nought() -> None:
    found = harm_index({"a": 4, "b": None, "d": 7}, inhabitants=1e4, weights=weights(a=10, b=1, c=2))
    assert found.unknown == ("b", "c")
    assert found.without_weight == ("d",)
    codes = [reason.code for reason in found.reasons]
    assert codes[:2] == ["kinds_unknown", "kinds_without_weight"]
    assert {"index_rests_on_few", "one_kind_dominates", "weights_are_a_judgement", "only_registered_crime"} <= set(
        codes
    )
    assert found.total == 40


@pytest.mark.parametrize(
    ("inhabitants", "events", "code"),
    [(None, {"a": 1}, "inhabitants_unknown"), (0, {"a": 1}, "no_inhabitants"), (9, {"z": 1}, "no_weighted_kinds")],
)
def test_index_that_cannot_be_made_is_none_with_a_reason(
    inhabitants: float | None, events: dict[str, float | None], code: str
) -> None:
    found = harm_index(events, inhabitants=inhabitants, weights=weights(a=10))
    assert (found.index, found.low, found.high, found.shares) == (None, None, None, ())
    assert found.reasons[0].code == code


def test_weights_need_a_source_and_a_count_cannot_be_negative() -> None:
    with pytest.raises(BadValue):
        Weights(source=" ", year=2020, unit="days", weights={"a": 1})
    with pytest.raises(BadValue):
        weights(a=-1)
    with pytest.raises(BadValue):
        harm_index({"a": -2}, inhabitants=10, weights=weights(a=1))


def test_no_events_at_all_still_have_an_upper_limit() -> None:
    found = harm_index({"a": 0}, inhabitants=1000, weights=weights(a=1))
    assert (found.index, found.low) == (0, 0)
    assert found.high == pytest.approx(3.688879, abs=1e-5)


def test_ranking_of_newspapers_goes_with_its_limits() -> None:
    assert [reason.code for reason in press_ranking_limits()] == [
        "ranking_is_context", "small_places_jump", "institutions_count_in_full", "visitors_are_not_counted",
    ]  # fmt: skip


def kinds(code: str, people: float | None, **events: float | None) -> PlaceKinds:
    return PlaceKinds(code=code, name=code, inhabitants=people, events=events)


def test_rank_by_harm_with_one_kind_is_the_rank_by_its_rate() -> None:
    counted = [(5, 1000), (9, 1200), (0, 800), (30, 2500), (2, 900)]
    by_harm = rank_by_harm(
        kinds("P0", 1000, a=5), [kinds(f"P{i}", n, a=x) for i, (x, n) in enumerate(counted)], weights=weights(a=365)
    )
    places = [Place(code=f"P{i}", name="", events=x, inhabitants=n) for i, (x, n) in enumerate(counted)]
    by_rate = rank_interval(places[0], places)
    assert (by_harm.rank, by_harm.low, by_harm.high) == (by_rate.rank, by_rate.low, by_rate.high)
    assert by_harm.probability_first == pytest.approx(by_rate.probability_first, abs=0.01)


def test_rank_that_rests_on_one_heavy_crime_is_wide() -> None:
    others = [kinds(f"P{i}", 28_000, light=100 + 4 * i, heavy=1) for i in range(20)]
    found = rank_by_harm(kinds("OWN", 28_000, light=130, heavy=2), others, weights=weights(light=1, heavy=500))
    assert found.rank == 1
    assert found.high is not None
    assert found.high > 10


def test_place_with_an_unknown_kind_has_no_rank() -> None:
    others = [kinds(f"P{i}", 28_000, a=5, b=1) for i in range(4)]
    found = rank_by_harm(kinds("OWN", 28_000, a=5, b=None), others, weights=weights(a=1, b=500))
    assert (found.rank, found.reasons[0].code) == (None, "events_unknown")
    partly = rank_by_harm(others[0], [*others, kinds("GAP", 28_000, a=5)], weights=weights(a=1, b=500))
    assert (partly.places, partly.reasons[0].code) == (4, "places_left_out")
