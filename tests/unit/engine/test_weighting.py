"""Weights are fitted to margins exactly, whatever the order and the scale, and refused where that cannot be."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from koersvast.engine.cell_fitting import Distance, joint_cells
from koersvast.engine.designs import CalibrationVariance, Ints
from koersvast.engine.dispersion import Floats
from koersvast.engine.weight_diagnostics import kish_design_effect
from koersvast.engine.weighting import (
    BadMargin,
    Limits,
    Margin,
    NotConverged,
    Unknown,
    calibrate,
    design_weights,
    post_stratify,
    problems_of,
    rake,
    scaled,
    trim_weights,
)

_FEW = settings(max_examples=40, deadline=None)
type Sample = tuple[Floats, tuple[Margin, ...]]


def _sums(margin: Margin, weights: Floats) -> Floats:
    return np.bincount(margin.categories, weights=weights, minlength=margin.totals.size)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """A sample that covers all combinations, with totals that some weights reach."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    extra = draw(st.integers(0, 60))
    everybody = np.array(list(np.ndindex(*sizes))).reshape(-1, len(sizes))
    more = np.column_stack([rng.integers(0, size, extra) for size in sizes])
    codes = np.vstack([everybody, more]).astype(np.int64)
    base = rng.uniform(0.5, 4.0, len(codes))
    truth = base * rng.uniform(0.6, 1.8, len(codes))
    return base, tuple(
        Margin(code=str(number), categories=code, totals=np.bincount(code, weights=truth, minlength=size))
        for number, (code, size) in enumerate(zip(codes.T, sizes, strict=True))
    )


@_FEW
@given(samples())
def test_rake_reaches_every_total_and_keeps_to_the_base_weights_within_a_joint_cell(sample: Sample) -> None:
    base, margins = sample
    made = rake(base, margins)
    for margin in margins:
        np.testing.assert_allclose(_sums(margin, made.weights), margin.totals, rtol=1e-9)
    cells = joint_cells(base, [margin.categories for margin in margins], [margin.totals.size for margin in margins])
    for cell in np.unique(cells.place):
        np.testing.assert_allclose(np.ptp((made.weights / base)[cells.place == cell]), 0, atol=1e-12)
    assert made.converged
    assert made.largest_gap <= 1e-9


@_FEW
@given(samples(), st.randoms(use_true_random=False))
def test_rake_in_another_order_of_margins_and_respondents_gives_the_same_weights(
    sample: Sample, random: Random
) -> None:
    base, margins = sample
    order = list(range(base.size))
    random.shuffle(order)
    turned = [replace(margin, categories=margin.categories[order]) for margin in reversed(margins)]
    expected = rake(base, margins, tolerance=1e-13).weights[order]
    np.testing.assert_allclose(rake(base[order], turned, tolerance=1e-13).weights, expected, rtol=1e-8)


@_FEW
@given(samples(), st.floats(0.01, 1e4))
def test_totals_times_a_number_give_weights_times_that_number(sample: Sample, factor: float) -> None:
    base, margins = sample
    larger = [replace(margin, totals=margin.totals * factor) for margin in margins]
    np.testing.assert_allclose(rake(base, larger).weights, rake(base, margins).weights * factor, rtol=1e-8)
    np.testing.assert_allclose(rake(base * factor, margins).weights, rake(base, margins).weights, rtol=1e-8)


@_FEW
@given(samples())
def test_calibration_with_the_raking_distance_gives_the_weights_of_raking(sample: Sample) -> None:
    base, margins = sample
    np.testing.assert_allclose(
        calibrate(base, margins, distance=Distance.RAKING).weights, rake(base, margins).weights, rtol=1e-7
    )


@_FEW
@given(samples(), st.sampled_from(Distance))
def test_bounded_calibration_reaches_the_totals_within_its_bounds(sample: Sample, distance: Distance) -> None:
    base, margins = sample
    made = calibrate(base, margins, distance=distance, bounds=(0.4, 2.5))
    for margin in margins:
        np.testing.assert_allclose(_sums(margin, made.weights), margin.totals, rtol=1e-8)
    factors = made.weights / base
    assert factors.min() >= 0.4 - 1e-9
    assert factors.max() <= 2.5 + 1e-9


@_FEW
@given(samples())
def test_trimming_inside_raking_keeps_the_margins_and_leaves_factors_alike_where_no_limit_holds(sample: Sample) -> None:
    base, margins = sample
    free = rake(base, margins).weights
    highest = float(np.quantile(free, 0.9))
    assume(highest < free.max())
    try:
        made = rake(base, margins, trim=Limits(highest=highest))
    except BadMargin as refused:
        assume(refused.code not in {"bounds_leave_no_room", "not_converged"})
        raise
    assert made.weights.max() <= highest * (1 + 1e-9)
    for margin in margins:
        np.testing.assert_allclose(_sums(margin, made.weights), margin.totals, rtol=1e-8)
    cells = joint_cells(base, [margin.categories for margin in margins], [margin.totals.size for margin in margins])
    inside = made.weights < highest * (1 - 1e-9)
    factors = made.weights / base
    for cell in np.unique(cells.place[inside]):
        here = factors[inside & (cells.place == cell)]
        np.testing.assert_allclose(here, here[0], rtol=1e-7)
        # Who is at the limit would have had no less than the others of his cell.
        assert (factors[~inside & (cells.place == cell)] <= here[0] * (1 + 1e-7)).all()


def test_raking_on_more_joint_cells_than_fit_a_table_gives_the_weights_of_the_plain_way() -> None:
    rng = np.random.default_rng(7)
    base = rng.uniform(1, 3, 4_000)
    codes = [rng.integers(0, size, base.size) for size in (60, 50, 40, 30)]
    truth = base * rng.uniform(0.8, 1.2, base.size)
    margins = [
        Margin(code=str(number), categories=code, totals=np.bincount(code, weights=truth))
        for number, code in enumerate(codes)
    ]
    weights = base.copy()
    for _ in range(300):
        for margin in margins:
            weights *= (margin.totals / _sums(margin, weights))[margin.categories]
    np.testing.assert_allclose(rake(base, margins, tolerance=1e-12).weights, weights, rtol=1e-9)


@pytest.mark.parametrize("distance", Distance)
def test_margin_of_one_category_only_scales(distance: Distance) -> None:
    base = np.array([1.0, 2.0, 3.0])
    margin = Margin(code="all", categories=np.zeros(3, dtype=np.int64), totals=np.array([12.0]))
    bounds = (0.5, 4.0) if distance is Distance.LOGIT else None
    np.testing.assert_allclose(calibrate(base, [margin], distance=distance, bounds=bounds).weights, base * 2)
    np.testing.assert_allclose(rake(base, [margin]).weights, base * 2)


def test_post_stratification_says_what_it_was_fitted_to_and_that_r_s_regression_residuals_hold() -> None:
    margin = _margin([0, 0, 1], [20.0, 30.0])
    made = post_stratify(np.ones(3), margin)
    assert made.weights.tolist() == [10, 10, 30]
    assert made.calibration.kind == "poststratify"
    assert made.calibration.variance is CalibrationVariance.CALIBRATE
    assert made.calibration.base_weights.tolist() == [1, 1, 1]
    assert made.method.name == "post-stratification"


def test_design_weights_are_inhabitants_per_respondent_of_the_stratum() -> None:
    assert design_weights(np.array([0, 1, 1, 1, 1]), np.array([10.0, 100.0])).tolist() == [10, 25, 25, 25, 25]


def test_unknown_category_keeps_its_mean_weight_beside_those_that_are_fitted() -> None:
    base = np.array([2.0, 2.0, 4.0, 2.0])
    margin = _margin([0, 1, 1, -1], [60.0, 40.0], unknown=Unknown.KEEP_MEAN)
    made = rake(base, [margin])
    # One fifth of the base weight is unknown, and stays a fifth of the hundred inhabitants.
    np.testing.assert_allclose(made.weights, [48, 32 / 3, 64 / 3, 20])
    assert made.calibration.margins[0].tolist() == [0, 1, 1, 2]
    assert made.margins[0].totals.tolist() == pytest.approx([48, 32, 20])


def _margin(codes: Sequence[int], totals: Sequence[float], **changes: object) -> Margin:
    categories: Ints = np.array(codes, dtype=np.int64)
    return replace(Margin(code="age", categories=categories, totals=np.array(totals)), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("codes", "totals", "fewest", "code", "values"),
    [
        ([0, 0, 2], [10, 5, 10], 1, "empty_category", {"category": 1, "total": 5.0, "merge_with": 2}),
        ([0, 0, 1], [10, 0], 1, "nobody_in_population", {"category": 1, "respondents": 1}),
        ([0, 0, 2], [10, 5], 1, "category_without_total", {"category": 2, "respondents": 1}),
        ([0, 1, 1], [10, np.nan], 1, "bad_total", {"category": 1}),
        ([0, 1, 1], [10, -1], 1, "bad_total", {"category": 1}),
        ([0, 1, 1], [0, 0], 1, "no_population", {}),
        ([0, -1, -1], [10, 5], 1, "category_unknown", {"respondents": 2}),
        ([0, 1], [10, 5], 1, "rows_differ", {"rows": 2, "respondents": 3}),
        (
            [0, 1, 1],
            [10, 5],
            2,
            "too_few_respondents",
            {"category": 0, "respondents": 1, "fewest": 2, "merge_with": 1},
        ),
    ],
)
def test_margin_that_cannot_be_used_is_refused_with_its_code_and_place(
    codes: list[int], totals: list[float], fewest: int, code: str, values: dict[str, float]
) -> None:
    margin = _margin(codes, totals)
    with pytest.raises(BadMargin) as refused:
        rake(np.ones(3), [margin], fewest_respondents=fewest)
    assert refused.value.code == code
    assert dict(refused.value.values) == {"margin": "age"} | values
    assert problems_of(np.ones(3), [margin], fewest_respondents=fewest)[0].code == code


def test_all_problems_of_all_margins_are_told_at_once() -> None:
    found = problems_of(
        np.ones(4), [_margin([0, 0, 0, 1], [9, 1, 5]), _margin([0, 0, 0, 1], [9, 1])], fewest_respondents=2
    )
    assert [problem.code for problem in found] == [
        "too_few_respondents",
        "empty_category",
        "too_few_respondents",
        "totals_disagree",
    ]
    assert problems_of(np.ones(2), [_margin([0, 1], [9, 1])]) == ()


def test_categories_without_order_are_merged_with_the_smallest_of_all() -> None:
    margin = _margin([0, 1, 1, 1, 2, 2, 3, 3, 3], [1, 1, 1, 1], ordered=False)
    found = problems_of(np.ones(9), [margin], fewest_respondents=2)
    assert found[0].values["merge_with"] == 2


def test_totals_that_disagree_are_refused_until_somebody_chooses_what_to_scale_to() -> None:
    margins = [_margin([0, 1, 1], [10, 20]), _margin([0, 0, 1], [12, 21])]
    with pytest.raises(BadMargin) as refused:
        rake(np.ones(3), margins)
    assert refused.value.code == "totals_disagree"
    assert refused.value.values["gap_percent"] == pytest.approx(10)
    np.testing.assert_allclose(rake(np.ones(3), scaled(margins, to=33)).weights.sum(), 33)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_base_weight_that_is_no_weight_is_refused(bad: float) -> None:
    with pytest.raises(BadMargin) as refused:
        rake(np.array([1.0, bad, 1.0]), [_margin([0, 1, 1], [10, 20])])
    assert refused.value.code == "bad_base_weight"
    assert refused.value.values["respondents"] == 1


def test_margins_that_exclude_each_other_do_not_converge_and_say_where_the_gap_is() -> None:
    # Every man is young and every woman old, but the population has as many young as women.
    margins = [_margin([0, 0, 1], [30, 70]), _margin([0, 0, 1], [70, 30])]
    with pytest.raises(NotConverged) as refused:
        rake(np.ones(3), margins, most_iterations=50)
    assert refused.value.code == "not_converged"
    assert not refused.value.unfinished.converged
    assert refused.value.values["gap_percent"] == pytest.approx(100 * 40 / 30)
    assert refused.value.values["iterations"] == 50
    with pytest.raises(NotConverged):
        calibrate(np.ones(3), margins, distance="raking")


def test_regression_weights_below_nought_are_refused() -> None:
    base = np.ones(8)
    margins = [_margin([0, 0, 0, 0, 0, 0, 0, 1], [2, 6]), _margin([0, 0, 0, 0, 0, 0, 1, 1], [5.9, 2.1])]
    with pytest.raises(BadMargin) as refused:
        calibrate(base, margins)
    assert refused.value.code == "negative_weights"


@pytest.mark.parametrize("bounds", [(0.9, 1.1), (1.2, 3.0)])
def test_bounds_that_leave_no_room_are_refused_with_what_they_allow(bounds: tuple[float, float]) -> None:
    with pytest.raises(BadMargin) as refused:
        calibrate(np.ones(4), [_margin([0, 0, 1, 1], [1, 3])], bounds=bounds)
    assert refused.value.code == "bounds_leave_no_room"
    assert refused.value.values["lowest"] == pytest.approx(2 * bounds[0])


@pytest.mark.parametrize(("distance", "bounds"), [("logit", None), ("logit", (1.1, 2)), ("linear", (2, 1))])
def test_bounds_that_are_none_are_refused(distance: str, bounds: tuple[float, float] | None) -> None:
    with pytest.raises(BadMargin) as refused:
        calibrate(np.ones(4), [_margin([0, 0, 1, 1], [2, 3])], distance=distance, bounds=bounds)
    assert refused.value.code == "bad_bounds"


@_FEW
@given(st.lists(st.floats(0.1, 50), min_size=2, max_size=40))
def test_strict_trimming_keeps_the_total_and_the_limits(weights: list[float]) -> None:
    given_weights = np.array(weights)
    mean = float(given_weights.mean())
    made = trim_weights(given_weights, Limits(highest=2.0, of_mean=True))
    assert made.weights.max() <= 2 * mean * (1 + 1e-9)
    assert made.weights.sum() == pytest.approx(given_weights.sum())
    assert made.trimmed == int((given_weights > 2 * mean).sum())


def test_trimming_that_has_no_room_is_refused() -> None:
    with pytest.raises(BadMargin) as refused:
        trim_weights(np.array([1.0, 5.0]), Limits(highest=2.5))
    assert refused.value.code == "limits_leave_no_room"


def test_diagnostics_tell_what_weights_cost_and_what_they_moved() -> None:
    base = np.ones(200)
    codes = np.repeat([0, 1, 1], [40, 157, 3])
    area = np.repeat([0, 0, 1], [40, 157, 3])
    margins = [
        Margin(code="age", categories=codes, totals=np.array([100.0, 100.0])),
        Margin(code="area", categories=area, totals=np.array([190.0, 10.0])),
    ]
    made = rake(base, margins)
    found = made.diagnostics
    assert found.design_effect == pytest.approx(200 * (made.weights**2).sum() / made.weights.sum() ** 2)
    assert found.effective_respondents == pytest.approx(200 / found.design_effect)
    assert found.ratio == pytest.approx(made.weights.max() / made.weights.min())
    assert found.top_percent_share == pytest.approx(100 * np.sort(made.weights)[-2:].sum() / 200)
    age = found.margins[0].rows[0]
    assert (age.respondents, age.before_percent, age.population_percent) == (40, 20, 50)
    assert age.after_percent == pytest.approx(50)
    assert age.corrected_points == pytest.approx(30)
    assert found.cells == 3
    assert [(cell.categories, cell.respondents) for cell in found.small_cells] == [((1, 1), 3)]
    assert found.quantiles[0.5] == pytest.approx(np.median(made.weights))


def test_equal_weights_have_a_design_effect_of_one() -> None:
    assert kish_design_effect(np.full(7, 3.0)) == pytest.approx(1)
