"""The table book equals one estimate at a time, whatever the design, and does not hang on how it was made."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.engine.blas_threads import blas_threads, one_blas_thread
from koersvast.engine.designs import BadDesign, Calibration, CalibrationVariance, Design, LonelyCluster
from koersvast.engine.quantities import BadValue, Correction
from koersvast.engine.tabulation import (
    Banner,
    Block,
    Item,
    ItemKind,
    Layout,
    LettersRule,
    StandardErrors,
    letter_at,
    tabulate,
)
from tests.unit.engine.books import SMALL, Book, book, gaps, letters_one_at_a_time

WITHOUT_CORRECTION = replace(SMALL, correction=Correction.NONE)
RELATIVE = 1e-10
NUMBERS = ("estimate", "standard_error", "low", "high", "counts", "weighted", "weighted_base", "effective")


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    clustered=st.booleans(),
    finite=st.booleans(),
    lonely=st.sampled_from(LonelyCluster),
    variance=st.sampled_from([None, *CalibrationVariance]),
    weightless=st.booleans(),
)
def test_table_book_of_any_design_equals_one_estimate_at_a_time(
    seed: int,
    clustered: bool,
    finite: bool,
    lonely: LonelyCluster,
    variance: CalibrationVariance | None,
    weightless: bool,
) -> None:
    made = book(
        seed,
        n=90,
        clustered=clustered,
        finite=finite,
        lonely=lonely,
        variance=variance,
        weightless=weightless and variance is None,
    )
    assert not list(gaps(made, made.blocks(), relative=RELATIVE))


@pytest.mark.parametrize("lonely", [LonelyCluster.ADJUST, LonelyCluster.AVERAGE])
@pytest.mark.parametrize("two_stages", [False, True])
def test_design_that_sums_do_not_tell_enough_of_equals_one_estimate_at_a_time(
    lonely: LonelyCluster, two_stages: bool
) -> None:
    made = book(12, n=80, clustered=True, lonely=lonely, two_stages=two_stages, per_domain=not two_stages)
    if two_stages:
        made = replace(made, design=replace(made.design, lonely=LonelyCluster.REMOVE))
    assert not list(gaps(made, made.blocks(), relative=RELATIVE))


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("variance", [None, *CalibrationVariance])
def test_letters_follow_from_one_difference_at_a_time(clustered: bool, variance: CalibrationVariance | None) -> None:
    made = book(7, n=220, clustered=clustered, finite=True, variance=variance)
    blocks = made.blocks(rule=WITHOUT_CORRECTION)
    told = 0
    for item, block in zip(made.items[:4], blocks, strict=False):
        for row in range(item.rows):
            expected = letters_one_at_a_time(made, item, row, WITHOUT_CORRECTION)
            assert block.letters[row].tolist() == expected, (item.code, row)
            told += sum(map(bool, expected))
    assert told > 5


def test_comparison_with_the_rest_is_that_of_two_columns() -> None:
    made = book(5, n=240)
    rule = replace(WITHOUT_CORRECTION, smallest_base=2)
    inside = made.banners[0].values == 1
    halves = Banner(code="halves", values=np.where(inside, 0, 1), categories=2)
    whole = made.blocks(rule=rule)
    halved = replace(made, banners=(halves,)).blocks(rule=rule)
    for block, pair in zip(whole, halved, strict=True):
        expected = np.where(pair.letters[:, 1] == "b", 1, np.where(pair.letters[:, 2] == "a", -1, 0))
        assert block.against_rest[:, 2].tolist() == expected.tolist()
    assert any(block.against_rest[:, 2].any() for block in whole)


def test_bonferroni_takes_letters_away_and_gives_none() -> None:
    made = book(3, n=300)
    plain, careful = made.blocks(rule=WITHOUT_CORRECTION), made.blocks(rule=SMALL)
    lost = 0
    for one, other in zip(plain, careful, strict=True):
        for before, after in zip(one.letters.ravel(), other.letters.ravel(), strict=True):
            assert set(after.split()) <= set(before.split())
            lost += len(before) - len(after)
    assert lost > 0


def test_column_under_the_smallest_base_has_no_letters_and_gives_none() -> None:
    yes = np.repeat([1, 0, 1], [60, 60, 9])
    yes[::10] = 1 - yes[::10]
    columns = Banner(code="kern", values=np.repeat([0, 1, 2], [60, 60, 9]), categories=3)
    item = Item(code="unsafe", kind=ItemKind.SINGLE, values=yes, categories=2)
    (block,) = tabulate(Design(weights=np.ones(129)), [item], [columns], letters=LettersRule(smallest_base=10))
    assert block.letters.tolist() == [["", "", "a", ""], ["", "b", "", ""]]


def _same(one: Block, other: Block, *, relative: float = 1e-11) -> None:
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=relative, atol=1e-8, err_msg=name)
    assert one.letters.tolist() == other.letters.tolist()


@pytest.mark.parametrize("variance", [None, CalibrationVariance.CALIBRATE])
def test_table_book_does_not_hang_on_threads_or_on_items_in_hand(
    variance: CalibrationVariance | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = book(21, clustered=True, variance=variance)
    expected = made.blocks(threads=1)
    monkeypatch.setattr("koersvast.engine.tabulation._MOST_VARIABLES", 4)
    monkeypatch.setattr("koersvast.engine.tabulation_errors._CLUSTER_BYTES", 4_000)
    monkeypatch.setattr("koersvast.engine.tabulation_errors._MOST_CELLS_FOR_A_MATRIX", 0)
    monkeypatch.setattr("koersvast.engine.tabulation_errors._MOST_WEIGHTS_FOR_A_MATRIX", 0)
    for one, other in zip(made.blocks(threads=3), expected, strict=True):
        _same(one, other)


def test_respondents_in_another_order_give_the_same_book() -> None:
    made = book(22, finite=True)
    order = np.random.default_rng(1).permutation(made.design.size)
    design = made.design
    assert design.strata is not None
    assert design.population is not None
    shuffled = Book(
        design=replace(
            design, weights=design.weights[order], strata=design.strata[order], population=design.population[order]
        ),
        items=tuple(
            replace(item, values=item.values[order], base=None if item.base is None else item.base[order])
            for item in made.items
        ),
        banners=tuple(replace(banner, values=banner.values[order]) for banner in made.banners),
        errors=made.errors,
    )
    for one, other in zip(shuffled.blocks(), made.blocks(), strict=True):
        _same(one, other)


def test_weights_times_a_number_change_the_weighted_bases_only() -> None:
    made = book(23)
    heavier = replace(made, design=replace(made.design, weights=made.design.weights * 37.0))
    for one, other in zip(heavier.blocks(), made.blocks(), strict=True):
        np.testing.assert_allclose(one.weighted_base, 37.0 * other.weighted_base)
        _same(replace(one, weighted=one.weighted / 37, weighted_base=one.weighted_base / 37), other)


def test_banners_in_another_order_give_the_same_columns() -> None:
    made = book(24)
    turned = replace(made, banners=made.banners[::-1])
    spans = Layout(banners=made.banners).spans
    order = [0, *(at for span in reversed(spans) for at in range(span.start, span.stop))]
    for one, other in zip(turned.blocks(), made.blocks(), strict=True):
        np.testing.assert_allclose(one.standard_error, other.standard_error[:, order], rtol=1e-11, atol=1e-9)
        assert one.letters.tolist() == other.letters[:, order].tolist()


def test_column_with_nobody_is_missing_and_with_one_respondent_has_no_margin() -> None:
    banner = Banner(code="kern", values=np.array([0, 0, 0, 2, -1, 0]), categories=3)
    item = Item(code="unsafe", kind=ItemKind.SINGLE, values=np.array([0, 1, 1, 1, 0, -1]), categories=2)
    (block,) = tabulate(Design(weights=np.ones(6)), [item], [banner])
    assert block.respondents.tolist() == [5, 3, 0, 1]
    assert np.isnan(block.estimate[:, 2]).all()
    assert block.estimate[:, 3].tolist() == [0, 100]
    for numbers in (block.standard_error, block.low, block.high):
        assert np.isnan(numbers[:, 2:]).all()
        assert np.isfinite(numbers[:, :2]).all()


def test_lonely_cluster_that_the_design_refuses_stops_the_book() -> None:
    design = Design(weights=np.ones(3), strata=np.array([0, 0, 1]))
    item = Item(code="unsafe", kind=ItemKind.SINGLE, values=np.array([0, 1, 1]), categories=2)
    with pytest.raises(BadDesign, match="lonely_cluster"):
        list(tabulate(design, [item], []))


def test_calibrated_errors_of_weights_that_were_not_fitted_are_refused() -> None:
    item = Item(code="unsafe", kind=ItemKind.SINGLE, values=np.array([0, 1, 1]), categories=2)
    with pytest.raises(BadValue, match="not fitted"):
        list(tabulate(Design(weights=np.ones(3)), [item], [], standard_errors=StandardErrors.CALIBRATED))


@pytest.mark.parametrize(
    ("kind", "values", "categories", "base"),
    [
        (ItemKind.SINGLE, np.array([0, 3]), 3, None),
        (ItemKind.SINGLE, np.array([0.0, 1.0]), 3, None),
        (ItemKind.MULTIPLE, np.array([[0, 1], [1, 2]]), 2, np.array([True, True])),
        (ItemKind.MULTIPLE, np.array([[0, 1], [1, 1]]), 2, None),
        (ItemKind.MULTIPLE, np.array([0, 1]), 2, np.array([True, True])),
    ],
)
def test_item_whose_values_do_not_fit_its_kind_is_refused(
    kind: ItemKind, values: np.ndarray, categories: int, base: np.ndarray | None
) -> None:
    with pytest.raises(BadValue):
        Item(code="unsafe", kind=kind, values=values, categories=categories, base=base)


def test_item_of_another_survey_is_refused() -> None:
    item = Item(code="unsafe", kind=ItemKind.SINGLE, values=np.array([0, 1, 1]), categories=2)
    with pytest.raises(BadValue, match="unsafe"):
        list(tabulate(Design(weights=np.ones(4)), [item], []))


def test_items_are_taken_as_blocks_are_asked_for() -> None:
    taken = list[int]()

    def stream() -> Iterator[Item]:
        for number in range(4_000):
            taken.append(number)
            yield Item(code=str(number), kind=ItemKind.SINGLE, values=np.array([0, 1, 1, 0]), categories=2)

    blocks = tabulate(Design(weights=np.ones(4)), stream(), [])
    assert next(blocks).item == "0"
    assert len(taken) < 1_500
    assert sum(1 for _ in blocks) == 3_999


def test_margin_that_weights_were_fitted_to_has_no_error() -> None:
    made = book(9, variance=CalibrationVariance.CALIBRATE)
    fitted = made.design.calibration
    assert isinstance(fitted, Calibration)
    (block,) = replace(made, items=made.items[4:]).blocks()
    assert block.standard_error[:, 0].max() < 1e-9
    assert block.standard_error[:, 1].min() > 0.1


def test_letters_go_on_after_z() -> None:
    assert [letter_at(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["a", "z", "aa", "az", "ba", "zz", "aaa"]


def test_layout_names_the_columns_of_each_banner() -> None:
    banners = tuple(Banner(code=str(many), values=np.zeros(2, dtype=np.int8), categories=many) for many in (3, 2))
    layout = Layout(banners=banners)
    assert layout.columns == 6
    assert layout.spans == (slice(1, 4), slice(4, 6))
    assert [layout.letter(column) for column in range(6)] == ["", "a", "b", "c", "a", "b"]


def test_one_blas_thread_gives_the_threads_back() -> None:
    before = blas_threads()
    with one_blas_thread(), one_blas_thread():
        assert blas_threads() in (1, None)
    assert blas_threads() == before
