"""What must hold of estimates from respondents whatever the sample, and what is refused or told to be missing."""

from collections.abc import Callable
from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.engine import estimates, quantiles
from koersvast.engine.designs import (
    BadDesign,
    Bools,
    Calibration,
    CalibrationVariance,
    Design,
    LonelyCluster,
    SecondStage,
)
from koersvast.engine.dispersion import Floats
from koersvast.engine.estimates import Estimate, IntervalKind
from koersvast.engine.quantiles import QuantileRule
from koersvast.engine.quantities import BadValue, Missing
from koersvast.engine.weighting import Margin, rake

WAYS: list[Callable[[Design, Floats, Bools], Estimate | Missing]] = [
    lambda design, values, rows: estimates.mean(design, values, rows=rows),
    lambda design, values, rows: estimates.share(design, values > 0, rows=rows),
    lambda design, values, rows: estimates.ratio(design, values, np.abs(values) + 1, rows=rows),
    lambda design, values, rows: quantiles.median(design, values, rows=rows),
]
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=25, deadline=None)


def sample(seed: int, *, n: int = 80, clusters: bool = False) -> tuple[Design, Floats, Bools]:
    """A stratified sample with a finite population, values and a domain."""
    draw = np.random.default_rng(seed)
    strata = np.concatenate([np.repeat(np.arange(4), 4), draw.integers(0, 4, n - 16)])
    design = Design(
        weights=draw.uniform(1, 20, n),
        strata=strata,
        clusters=strata * 100 + draw.integers(0, 6, n) if clusters else None,
        population=400.0 + 10 * strata,
        lonely=LonelyCluster.REMOVE,
    )
    rows = draw.random(n) < 0.7
    rows[:8] = True
    return design, draw.normal(1, 2, n), rows


def known(found: Estimate | Missing) -> Estimate:
    assert isinstance(found, Estimate)
    return found


def numbers(found: Estimate | Missing) -> list[float]:
    one = known(found)
    assert one.low is not None
    assert one.high is not None
    return [one.value, one.standard_error, one.low, one.high]


@few
@given(seed=seeds, times=st.floats(0.01, 100))
def test_weights_all_times_a_number_change_no_share_mean_ratio_or_median(seed: int, times: float) -> None:
    design, values, rows = sample(seed)
    scaled = replace(design, weights=design.weights * times)
    for way in WAYS:
        before, after = known(way(design, values, rows)), known(way(scaled, values, rows))
        assert numbers(after) == pytest.approx(numbers(before), rel=1e-9, abs=1e-9)
        assert after.design_effect == pytest.approx(before.design_effect, rel=1e-9)
        assert after.kish_design_effect == pytest.approx(before.kish_design_effect, rel=1e-9)
    total, larger = (known(estimates.total(one, values, rows=rows)) for one in (design, scaled))
    assert [larger.value, larger.standard_error] == pytest.approx(
        [times * total.value, times * total.standard_error], rel=1e-9
    )


@few
@given(seed=seeds, clusters=st.booleans())
def test_order_of_respondents_changes_nothing(seed: int, clusters: bool) -> None:
    design, values, rows = sample(seed, clusters=clusters)
    order = np.random.default_rng(seed).permutation(design.size)
    assert design.strata is not None
    assert design.population is not None
    shuffled = replace(
        design,
        weights=design.weights[order],
        strata=design.strata[order],
        clusters=None if design.clusters is None else design.clusters[order],
        population=None if clusters else design.population[order],
    )
    design = replace(design, population=None) if clusters else design
    for way in WAYS:
        assert numbers(way(shuffled, values[order], rows[order])) == pytest.approx(
            numbers(way(design, values, rows)), rel=1e-9, abs=1e-9
        )


@few
@given(seed=seeds, row=st.integers(0, 79))
def test_row_split_in_two_halves_changes_nothing_when_both_stay_in_its_cluster(seed: int, row: int) -> None:
    design, values, rows = sample(seed)
    as_clusters = replace(design, clusters=np.arange(design.size))
    twice = np.append(np.arange(design.size), row)
    assert design.strata is not None
    assert design.population is not None
    weights = design.weights[twice]
    weights[[row, -1]] /= 2
    split = replace(
        as_clusters,
        weights=weights,
        strata=design.strata[twice],
        clusters=np.arange(design.size)[twice],
        population=design.population[twice],
    )
    for way in WAYS[:3]:
        whole, halves = known(way(as_clusters, values, rows)), known(way(split, values[twice], rows[twice]))
        assert numbers(halves) == pytest.approx(numbers(whole), rel=1e-9, abs=1e-9)
        assert halves.degrees_of_freedom == whole.degrees_of_freedom
        # Not the same, and it should not be: one more row is counted as a respondent.
        assert halves.respondents == whole.respondents + bool(rows[row])


def test_row_split_in_two_respondents_pretends_to_know_more() -> None:
    """Where each row is a respondent of its own, two halves are two people who agree: the margin shrinks."""
    values = np.array([0.0, 1.0, 0.0, 1.0])
    whole = known(estimates.mean(Design(weights=np.ones(4)), values))
    halves = known(estimates.mean(Design(weights=np.full(8, 0.5)), np.tile(values, 2)))
    assert halves.value == whole.value
    assert halves.standard_error < whole.standard_error


@few
@given(seed=seeds)
def test_domains_that_divide_everybody_add_up_to_the_whole(seed: int) -> None:
    design, values, _ = sample(seed)
    parts = np.random.default_rng(seed).integers(0, 3, design.size)
    totals = [known(estimates.total(design, values, rows=parts == part)) for part in range(3)]
    whole = known(estimates.total(design, values))
    assert sum(found.value for found in totals) == pytest.approx(whole.value, rel=1e-9)
    assert sum(found.respondents for found in totals) == whole.respondents
    assert sum(found.weighted_base for found in totals) == pytest.approx(whole.weighted_base)
    columns = np.column_stack([np.where(parts == part, values, 0) for part in range(3)])
    assert design.covariance(columns).sum() == pytest.approx(whole.standard_error**2, rel=1e-9)


@few
@given(seed=seeds, variance=st.sampled_from(CalibrationVariance))
def test_what_weights_were_fitted_to_has_no_error_left(seed: int, variance: CalibrationVariance) -> None:
    design, _, _ = sample(seed, n=160)
    draw = np.random.default_rng(seed)
    margins = [
        Margin(code=code, categories=draw.integers(0, 3, design.size), totals=np.array(totals))
        for code, totals in (("age", (900.0, 800.0, 700.0)), ("area", (1000.0, 900.0, 500.0)))
    ]
    made = rake(design.weights, margins, tolerance=1e-12, variance=variance)
    fitted = replace(design, weights=made.weights, calibration=made.calibration)
    for margin in margins:
        for category, total in enumerate(margin.totals.tolist()):
            found = known(estimates.total(fitted, (margin.categories == category).astype(np.float64)))
            assert found.value == pytest.approx(total, rel=1e-9)
            # Ten rounds of taking means off do not end at nought exactly, as in R; the regression does.
            rest = 1e-9 if variance is CalibrationVariance.CALIBRATE else 1e-2
            unfitted = known(estimates.total(replace(fitted, calibration=None), (margin.categories == category) * 1.0))
            assert found.standard_error < rest * unfitted.standard_error


def test_residuals_per_cell_are_those_of_a_regression_on_all_categories() -> None:
    draw = np.random.default_rng(7)
    n, columns = 300, 4
    margins = (draw.integers(0, 3, n), draw.integers(0, 5, n), draw.integers(0, 2, n))
    base, values = draw.uniform(1, 9, n), draw.normal(size=(n, columns))
    calibration = Calibration(base_weights=base, margins=margins, variance=CalibrationVariance.CALIBRATE)
    every = np.column_stack([margin == code for margin in margins for code in range(int(margin.max()) + 1)]) * 1.0
    root = np.sqrt(base)[:, None]
    slopes = np.linalg.lstsq(every * root, values * root, rcond=None)[0]
    assert calibration.residuals(values) == pytest.approx(values - every @ slopes, abs=1e-10)
    sums = np.column_stack(
        [np.bincount(calibration.cells, weights=calibration.row_weights * column) for column in values.T]
    )
    assert values - calibration.fitted(sums)[calibration.cells] == pytest.approx(calibration.residuals(values))


def test_share_of_none_has_no_error_and_an_upper_limit_by_effective_respondents() -> None:
    """Clopper and Pearson for 0 of 50, by hand: 1 - .025 ** (1 / 50) = 7.1 %."""
    found = known(estimates.share(Design(weights=np.ones(50)), np.zeros(50, dtype=np.bool_)))
    assert (found.value, found.standard_error, found.low, found.interval) == (0.0, 0.0, 0.0, IntervalKind.EXACT)
    assert found.high == pytest.approx(100 * (1 - 0.025 ** (1 / 50)))
    assert found.design_effect is None
    uneven = np.where(np.arange(50) < 25, 1.0, 5.0)
    wider = known(estimates.share(Design(weights=uneven), np.ones(50, dtype=np.bool_)))
    assert (wider.value, wider.high) == (100.0, 100.0)
    assert wider.effective_respondents == pytest.approx(uneven.sum() ** 2 / (uneven**2).sum())
    assert wider.low == pytest.approx(100 * 0.025 ** (1 / wider.effective_respondents))


def test_share_of_all_in_few_clusters_has_a_wider_limit_than_in_many() -> None:
    everybody = np.ones(60, dtype=np.bool_)
    alone = known(estimates.share(Design(weights=np.ones(60)), everybody))
    together = known(estimates.share(Design(weights=np.ones(60), clusters=np.arange(60) % 4), everybody))
    assert alone.low is not None
    assert together.low is not None
    assert together.low < alone.low


def test_limits_of_a_share_stay_between_nought_and_a_hundred() -> None:
    yes = np.arange(40) < 1
    found = known(estimates.share(Design(weights=np.ones(40)), yes))
    assert found.interval is IntervalKind.LOGIT
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < found.value < found.high < 20


def test_domain_without_respondents_is_missing_and_never_nought() -> None:
    design, values, rows = sample(1)
    nobody = np.zeros(design.size, dtype=np.bool_)
    without_weight = replace(design, weights=np.where(rows, 0.0, design.weights))
    for way in WAYS:
        assert way(design, values, nobody) is Missing.NOT_MEASURED
        assert way(without_weight, values, rows) is Missing.NOT_MEASURED
    assert estimates.total(design, values, rows=nobody) is Missing.NOT_MEASURED
    assert estimates.ratio(design, values, np.zeros(design.size)) is Missing.NOT_MEASURED
    assert estimates.mean(design, np.full(design.size, np.nan)) is Missing.NOT_MEASURED


def test_one_cluster_gives_a_value_without_a_margin() -> None:
    design = Design(weights=np.ones(5), clusters=np.ones(5, dtype=np.int64), lonely=LonelyCluster.CERTAINTY)
    for found in (estimates.mean(design, np.arange(5.0)), estimates.share(design, np.arange(5) > 1)):
        one = known(found)
        assert (one.low, one.high, one.interval, one.degrees_of_freedom) == (None, None, IntervalKind.NONE, 0)


def test_number_that_is_not_finite_in_the_base_is_refused() -> None:
    with pytest.raises(BadValue):
        estimates.mean(Design(weights=np.ones(3)), np.array([1.0, np.inf, 2.0]))
    with pytest.raises(BadValue):
        estimates.critical(1.0, freedom=3)


def test_options_of_one_question_share_their_base() -> None:
    options = np.array([[1, 0], [1, 1], [0, 0], [0, 1], [1, 1]], dtype=np.bool_)
    answered = np.array([True, True, True, True, False])
    first, second = estimates.shares(Design(weights=np.ones(5)), options, answered=answered)
    assert [known(first).value, known(second).value] == [50.0, 50.0]
    assert [known(first).respondents, known(second).respondents] == [4, 4]
    # Freedom is counted over the domain, answered or not.
    assert known(first).degrees_of_freedom == 4


@pytest.mark.parametrize(
    ("rule", "expected"),
    [(QuantileRule.MATH, 2.0), (QuantileRule.SCHOOL, 2.5), (QuantileRule.HF6, 2.5), (QuantileRule.HF7, 2.5)],
)
def test_median_of_one_to_four_by_rule(rule: QuantileRule, expected: float) -> None:
    found = known(quantiles.median(Design(weights=np.ones(4)), np.array([4.0, 2.0, 1.0, 3.0]), rule=rule))
    assert found.value == expected
    # Four respondents cannot tell: the limits of the share at or below reach over nought.
    assert (found.low, found.high, found.interval) == (None, None, IntervalKind.NONE)
    assert isnan(found.standard_error)


def test_quantile_that_the_first_value_holds_is_that_value() -> None:
    """R 4.1 answers with the second value here: see docs/methods/survey-quantile.md."""
    design = Design(weights=np.array([60.0, 20.0, 20.0]))
    assert known(quantiles.quantile(design, np.array([1.0, 2.0, 3.0]), 50)).value == 1.0
    with pytest.raises(BadValue):
        quantiles.quantile(design, np.array([1.0, 2.0, 3.0]), 100)


def test_everybody_asked_leaves_no_error() -> None:
    design = Design(weights=np.ones(6), population=np.full(6, 6.0))
    assert known(estimates.mean(design, np.arange(6.0))).standard_error == 0


ONES, THREE = np.ones(4), np.array([1, 1, 2, 2])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"weights": np.array([1.0, -1.0, 1.0, 1.0])}, "weight_impossible"),
        ({"weights": np.array([1.0, np.nan, 1.0, 1.0])}, "weight_impossible"),
        ({"weights": np.zeros(4)}, "no_respondents"),
        ({"weights": ONES, "strata": np.ones(3, dtype=np.int64)}, "rows_differ"),
        ({"weights": ONES, "strata": THREE, "clusters": np.array([1, 2, 2, 3])}, "cluster_in_two_strata"),
        ({"weights": ONES, "population": np.full(4, 3.0)}, "population_smaller_than_sample"),
        ({"weights": ONES, "population": np.array([9.0, 9.0, 8.0, 9.0])}, "population_differs_within"),
        ({"weights": ONES, "population": np.array([9.0, np.nan, 9.0, 9.0])}, "population_missing"),
        ({"weights": ONES, "strata": np.array([1, 1, 1, 2])}, "lonely_cluster"),
        (
            {"weights": ONES, "strata": np.array([1, 2, 3, 4]), "lonely": LonelyCluster.AVERAGE},
            "no_strata_to_average",
        ),
        (
            {
                "weights": ONES,
                "clusters": THREE,
                "population": np.full(4, 9.0),
                "second": SecondStage(clusters=np.array([1, 1, 1, 2]), population=np.array([5.0, 5.0, 5.0, 5.0])),
            },
            "lonely_cluster",
        ),
    ],
)
def test_design_that_cannot_be_is_refused_with_a_code(fields: dict[str, object], code: str) -> None:
    with pytest.raises(BadDesign) as refused:
        Design(**fields).covariance(np.arange(4.0)[:, None])  # type: ignore[arg-type]  # a table of fields by name
    assert refused.value.code == code


def test_margins_that_do_not_fit_the_respondents_are_refused() -> None:
    some = np.zeros(3, dtype=np.int64)
    for fields, code in (
        ({"base_weights": ONES, "margins": ()}, "calibration_without_margins"),
        ({"base_weights": ONES, "margins": (some,)}, "calibration_rows_differ"),
        ({"base_weights": np.ones(3), "margins": (some - 1,)}, "calibration_category_unknown"),
        ({"base_weights": -np.ones(3), "margins": (some,)}, "base_weight_impossible"),
    ):
        with pytest.raises(BadDesign) as refused:
            Calibration(variance=CalibrationVariance.RAKE, **fields)  # type: ignore[arg-type]  # as above
        assert refused.value.code == code
