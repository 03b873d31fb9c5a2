"""Trends of many series at once: the numbers of statsmodels, and no number where there is none to give."""

from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from koersvast.engine.quantities import BadValue
from koersvast.engine.trends_batch import (
    FEWEST_EVENTS,
    REASONS,
    Floats,
    Trends,
    poisson_trends,
    scattered_trends,
)

type Fit = Callable[..., Trends]
MONTHS = 2014 + (np.arange(120) + 0.5) / 12
pytestmark = pytest.mark.filterwarnings("ignore:::statsmodels")


def invent(series: int, *, scatter: float, seed: int = 3) -> tuple[Floats, Floats]:
    """Monthly counts with trends and seasons, a few unknown; exposures that grow."""
    random = np.random.default_rng(seed)
    level = np.exp(np.log(4) + 1.2 * random.standard_normal((series, 1)))
    slope = random.normal(-0.03, 0.06, (series, 1))
    mean = level * np.exp(slope * (MONTHS - 2019) + 0.3 * np.cos(2 * np.pi * MONTHS))
    if scatter:
        mean = mean * random.gamma(1 / scatter, scatter, mean.shape)
    counts = random.poisson(mean).astype(np.float64)
    counts[random.random(counts.shape) < 0.04] = np.nan
    return counts, np.exp(random.normal(3, 0.7, (series, 1))) * (1 + 0.006 * (MONTHS - 2014))


def design(harmonics: int) -> Floats:
    columns = [np.ones(120), MONTHS - MONTHS.mean()]
    for number in range(1, harmonics + 1):
        columns += [np.cos(2 * np.pi * number * MONTHS), np.sin(2 * np.pi * number * MONTHS)]
    return np.stack(columns, axis=1)


def line(found: Trends, series: int) -> Floats:
    return np.array([found.level[series], found.slope[series], *found.season[series]])


@pytest.mark.parametrize("harmonics", [0, 2])
def test_poisson_trends_are_those_of_statsmodels(harmonics: int) -> None:
    counts, exposures = invent(300, scatter=0.0)
    found = poisson_trends(counts, middle_years=MONTHS, exposures=exposures, harmonics=harmonics)
    x, compared = design(harmonics), 0
    for series in np.flatnonzero(found.why == 0).tolist():
        known = np.isfinite(counts[series])
        model = sm.GLM(counts[series, known], x[known], family=sm.families.Poisson(), exposure=exposures[series, known])
        fitted = model.fit(tol=1e-14)
        assert line(found, series).tolist() == pytest.approx(fitted.params.tolist(), rel=1e-8, abs=1e-8)
        np.testing.assert_allclose(found.slope_error[series], fitted.bse[1], rtol=1e-6)
        np.testing.assert_allclose(found.pearson[series], fitted.pearson_chi2, rtol=1e-6)
        assert found.degrees_of_freedom[series] == fitted.df_resid
        compared += 1
    assert compared > 280


@pytest.mark.parametrize(("harmonics", "scatter"), [(0, 0.3), (1, 0.05), (0, 1.5)])
def test_scattered_trends_are_those_of_statsmodels(harmonics: int, scatter: float) -> None:
    counts, exposures = invent(70, scatter=scatter, seed=4)
    found = scattered_trends(counts, middle_years=MONTHS, exposures=exposures, harmonics=harmonics)
    x, compared = design(harmonics), 0
    for series in np.flatnonzero((found.why == 0) & ~found.boundary).tolist():
        known = np.isfinite(counts[series])
        model = sm.NegativeBinomial(counts[series, known], x[known], exposure=exposures[series, known])
        # Newton's method alone wanders off from a bad start, and calls nan converged.
        near = model.fit(method="bfgs", maxiter=300, disp=0).params
        fitted = model.fit(start_params=near, method="newton", maxiter=200, disp=0)
        if not fitted.mle_retvals["converged"] or not np.isfinite(fitted.params).all():
            continue
        assert line(found, series).tolist() == pytest.approx(fitted.params[:-1].tolist(), rel=1e-5, abs=1e-5)
        np.testing.assert_allclose(found.alpha[series], fitted.params[-1], rtol=1e-5)
        np.testing.assert_allclose(found.slope_error[series], fitted.bse[1], rtol=1e-5)
        compared += 1
    assert compared > 45


def test_likelihood_is_that_of_statsmodels_but_for_the_terms_of_the_counts() -> None:
    counts, _ = invent(6, scatter=0.5)
    counts = np.nan_to_num(counts)
    for fit in (poisson_trends, scattered_trends):
        found = fit(counts, middle_years=MONTHS)
        for series in np.flatnonzero(found.why == 0).tolist():
            model = (
                sm.Poisson(counts[series], design(0))
                if fit is poisson_trends
                else sm.NegativeBinomial(counts[series], design(0))
            )
            theirs = model.fit(method="newton", disp=0).llf
            constant = float(np.sum([np.sum(np.log(np.arange(1, count + 1))) for count in counts[series]]))
            assert found.log_likelihood[series] - constant == pytest.approx(theirs, rel=1e-9)


def test_calm_series_keeps_its_poisson_trend() -> None:
    counts = np.tile([4.0, 5.0], 60)[None, :]
    found, plain = scattered_trends(counts, middle_years=MONTHS), poisson_trends(counts, middle_years=MONTHS)
    assert found.boundary[0]
    assert (found.alpha[0], found.slope[0], found.slope_error[0]) == (0.0, plain.slope[0], plain.slope_error[0])


def rows(*parts: tuple[float, int]) -> Floats:
    return np.concatenate([np.full(times, value) for value, times in parts])


REFUSED = {
    "nothing": (rows((0, 120)), "trend_too_few_events"),
    "one event": (rows((1, 1), (0, 119)), "trend_too_few_events"),
    "nine events": (rows((3, 3), (0, 117)), "trend_too_few_events"),
    "all in the last month": (rows((0, 119), (40, 1)), "trend_events_in_one_half"),
    "empty first half": (rows((0, 60), (2, 60)), "trend_events_in_one_half"),
    "empty second half": (rows((2, 60), (0, 60)), "trend_events_in_one_half"),
    "three months known": (rows((20, 3), (np.nan, 117)), "trend_too_few_periods"),
    "nothing known": (rows((np.nan, 120)), "trend_too_few_periods"),
}


@pytest.mark.parametrize(("counts", "code"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("fit", [poisson_trends, scattered_trends])
def test_series_without_a_trend_has_a_reason_and_no_number(fit: Fit, counts: Floats, code: str) -> None:
    beside = rows((5, 60), (4, 60))
    found = fit(np.stack([counts, beside]), middle_years=MONTHS)
    reason = found.reason(0)
    assert reason is not None
    assert reason.code == code
    assert found.reason(1) is None
    for numbers in (found.level, found.slope, found.slope_error, found.alpha, found.log_likelihood, found.pearson):
        assert np.isnan(numbers[0])
        assert np.isfinite(numbers[1])


def test_events_in_one_month_of_the_year_have_no_season() -> None:
    counts = np.zeros((1, 120))
    counts[0, ::12] = 6
    assert poisson_trends(counts, middle_years=MONTHS).why[0] == 0
    found = poisson_trends(counts, middle_years=MONTHS, harmonics=2)
    assert REASONS[found.why[0]] == "trend_events_in_too_few_periods"


def test_month_without_its_exposure_is_not_known() -> None:
    counts, exposures = invent(5, scatter=0.0)
    held = exposures.copy()
    held[:, 10], held[:, 20] = np.nan, 0.0
    without = counts.copy()
    without[:, [10, 20]] = np.nan
    found = poisson_trends(counts, middle_years=MONTHS, exposures=held)
    expected = poisson_trends(without, middle_years=MONTHS, exposures=exposures)
    np.testing.assert_array_equal(found.slope, expected.slope)
    np.testing.assert_array_equal(found.degrees_of_freedom, expected.degrees_of_freedom)


def test_series_does_not_depend_on_its_neighbours() -> None:
    counts, exposures = invent(40, scatter=0.4)
    counts[7] *= 400
    for fit in (poisson_trends, scattered_trends):
        together = fit(counts, middle_years=MONTHS, exposures=exposures)
        alone = fit(counts[7:8], middle_years=MONTHS, exposures=exposures[7:8])
        assert together.slope[7] == pytest.approx(alone.slope[0], rel=1e-9)
        assert together.alpha[7] == pytest.approx(alone.alpha[0], rel=1e-7)


def test_count_below_nought_is_refused() -> None:
    with pytest.raises(BadValue):
        poisson_trends(np.array([[1.0, -1.0, 2.0, 3.0]]), middle_years=np.arange(4.0))


@settings(max_examples=150, deadline=None)
@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 5), st.just(14)),
        elements=st.one_of(st.just(np.nan), st.just(0.0), st.integers(0, 2000).map(float)),
    ),
    st.sampled_from([poisson_trends, scattered_trends]),
)
def test_any_counts_give_a_fit_that_adds_up_or_a_reason(counts: Floats, fit: Fit) -> None:
    years = 2010 + np.arange(14.0)
    found = fit(counts, middle_years=years)
    good = found.why == 0
    for numbers in (found.level, found.slope, found.level_error, found.slope_error, found.alpha, found.pearson):
        assert (np.isfinite(numbers) == good).all()
    assert (found.slope_error[good] > 0).all()
    assert (found.events[good] >= FEWEST_EVENTS).all()
    for series in np.flatnonzero(good).tolist():
        known = np.isfinite(counts[series])
        mean = np.exp(found.level[series] + found.slope[series] * (years - found.centre))[known]
        residual = (counts[series, known] - mean) / (1 + found.alpha[series] * mean)
        size = np.abs(counts[series, known]).sum()
        assert abs(residual.sum()) < 1e-6 * size
        assert abs((residual * (years - found.centre)[known]).sum()) < 1e-5 * size
