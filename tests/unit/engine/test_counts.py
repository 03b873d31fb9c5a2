"""Counts: intervals, comparison, dispersion; what must hold for any numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from koersvast.engine import counts
from koersvast.engine.dispersion import Dispersion, Spread, estimate_dispersion
from koersvast.engine.quantities import Direction

COUNTS = st.integers(0, 500)
LOWER, HIGHER = Direction.LOWER_IS_BETTER, Direction.HIGHER_IS_BETTER
DISPERSIONS = st.builds(Dispersion, phi=st.floats(0, 30), degrees_of_freedom=st.one_of(st.none(), st.integers(1, 12)))


def at_most(level: float, count: float, dispersion: Dispersion, shift: float = 0.5) -> float:
    spread = dispersion.spread()
    return float(counts.level_probability(np.float64(level), np.float64(count), spread=spread, shift=shift))


@given(COUNTS, DISPERSIONS, st.booleans())
def test_interval_holds_the_count_and_leaves_two_and_a_half_percent_either_side(
    count: int, dispersion: Dispersion, mid_p: bool
) -> None:
    found = counts.count_interval(count, dispersion=dispersion, mid_p=mid_p)
    assert found.low <= count + 0.5 <= found.high + 0.5
    assert at_most(found.high, count, dispersion, 0.5 if mid_p else 1.0) == pytest.approx(0.975, abs=1e-8)
    if found.low > 0:
        assert at_most(found.low, count, dispersion, 0.5 if mid_p else 0.0) == pytest.approx(0.025, abs=1e-8)


@given(COUNTS, st.floats(0, 30), st.integers(1, 12))
def test_estimated_dispersion_never_makes_an_interval_narrower(count: int, phi: float, df: int) -> None:
    dispersion = Dispersion(phi=phi, degrees_of_freedom=df)
    alone, widened = counts.count_interval(count), counts.count_interval(count, dispersion=dispersion)
    assert widened.low <= alone.low + 1e-9
    assert widened.high >= alone.high - 1e-9


@given(COUNTS, st.floats(0.1, 400), st.floats(0.01, 50), DISPERSIONS)
def test_probability_grows_with_the_level_and_falls_with_the_count(
    count: int, level: float, more: float, dispersion: Dispersion
) -> None:
    here = at_most(level, count, dispersion)
    assert 0 <= here <= 1
    assert at_most(level + more, count, dispersion) >= here - 1e-9
    assert at_most(level, count + 1, dispersion) <= here + 1e-9


@given(COUNTS, st.floats(0.1, 400), DISPERSIONS)
def test_estimated_dispersion_never_makes_a_probability_bolder(
    count: int, level: float, dispersion: Dispersion
) -> None:
    alone = at_most(level, count, Dispersion())
    if dispersion.degrees_of_freedom is not None:
        assert abs(at_most(level, count, dispersion) - 0.5) <= abs(alone - 0.5) + 1e-9


def test_negative_binomial_form_becomes_the_gamma_form_as_dispersion_nears_one() -> None:
    near, at = Dispersion(phi=1.00001), Dispersion()
    assert at_most(35, 25, near) == pytest.approx(at_most(35, 25, at), abs=1e-5)


@given(COUNTS, COUNTS, DISPERSIONS, st.floats(0.2, 5))
def test_comparison_turned_around_has_the_same_p_value(
    earlier: int, later: int, dispersion: Dispersion, exposure: float
) -> None:
    there = counts.compare_counts(earlier, later, later_exposure=exposure, dispersion=dispersion)
    back = counts.compare_counts(later, earlier, earlier_exposure=exposure, dispersion=dispersion)
    assert there.p_value == pytest.approx(back.p_value, rel=1e-6, abs=1e-12)
    assert there.p_value >= there.poisson_p_value - 1e-12
    assert 0 <= there.p_value <= 1
    assert there.ratio_low <= there.ratio_high
    if there.cautious_p_value is None:
        assert dispersion.degrees_of_freedom is None
    else:
        assert there.p_value <= there.cautious_p_value <= 1 + 1e-12


@given(COUNTS, COUNTS, DISPERSIONS, st.floats(0.2, 5), st.sampled_from([0.5, 0.9, 0.95, 0.99]), st.floats(0, 1))
def test_ratio_limits_leave_out_one_exactly_when_the_change_is_demonstrable(
    earlier: int, later: int, dispersion: Dispersion, exposure: float, confidence: float, cv: float
) -> None:
    found = counts.compare_counts(
        earlier, later, later_exposure=exposure, dispersion=dispersion, confidence=confidence, factor_cv=cv
    )
    if abs(found.p_value - (1 - confidence)) > 1e-9:
        assert (found.p_value < 1 - confidence) is not (found.ratio_low <= 1 <= found.ratio_high)


@pytest.mark.parametrize("df", [1, 2, 6])
def test_cautious_p_value_is_the_mean_over_what_the_dispersion_may_be(df: int) -> None:
    found = counts.compare_counts(125, 60, dispersion=Dispersion(phi=4.0, degrees_of_freedom=df))
    z = -special.ndtri(found.poisson_p_value / 2)
    chances = (np.arange(200_000) + 0.5) / 200_000
    phis = 4.0 * df / (2 * special.gammaincinv(df / 2, chances))
    assert found.cautious_p_value == pytest.approx(float((2 * special.ndtr(-z / np.sqrt(phis))).mean()), rel=1e-5)


@pytest.mark.parametrize("phi", [400.0, 2500.0])
def test_far_tail_of_large_counts_still_decides_under_a_large_dispersion(phi: float) -> None:
    later = 1e6 - 4000 * np.sqrt(phi)
    found = counts.compare_counts(1e6, later, dispersion=Dispersion(phi=phi))
    z = np.log(later / 1e6) / np.sqrt(phi * (1e-6 + 1 / later))
    assert found.p_value == pytest.approx(2 * special.ndtr(z), rel=0.05)
    assert found.p_value < 0.01
    assert found.ratio_high < 1


def test_far_tail_joins_the_near_tail_smoothly() -> None:
    later = np.arange(20_000, 30_000, 50, dtype=np.float64)
    scores = counts.split_score(np.float64(50_000), later, later_share=np.float64(0.5))
    assert scores.min() < -60
    assert scores.max() > -90
    assert np.abs(np.diff(scores, n=2)).max() < 2e-3


def test_mid_p_value_equals_the_sum_over_the_binomial() -> None:
    n, p = 111, 28_500 / 56_500
    chances = [float(np.exp(_log_binomial(k, n, p))) for k in range(n + 1)]
    expected = 2 * (sum(chances[:40]) + chances[40] / 2)
    found = counts.compare_counts(71, 40, earlier_exposure=28_000, later_exposure=28_500)
    assert found.p_value == pytest.approx(expected, rel=1e-9)


def _log_binomial(k: int, n: int, p: float) -> float:
    combinations = sum(np.log(n - i) - np.log(i + 1) for i in range(k))
    return float(combinations + k * np.log(p) + (n - k) * np.log1p(-p))


def test_uncertain_conversion_factor_weakens_a_difference() -> None:
    sure, unsure = (counts.compare_counts(71, 40, factor_cv=cv).p_value for cv in (0.0, 0.3))
    assert sure == pytest.approx(0.0032, abs=1e-4)
    assert unsure > 0.05


def test_two_noughts_show_no_change_and_have_no_ratio() -> None:
    found = counts.compare_counts(0, 0)
    assert found.p_value == 1
    assert np.isnan(found.ratio)
    assert counts.compare_counts(0, 4).ratio == float("inf")
    assert counts.compare_counts(4, 0).ratio_low == 0


@given(st.floats(0.2, 10), st.integers(500, 200_000), st.floats(1, 8))
def test_funnel_narrows_with_size_and_widens_with_dispersion(benchmark: float, inhabitants: int, phi: float) -> None:
    low, high = counts.funnel_limits(benchmark, inhabitants=inhabitants)
    wider = counts.funnel_limits(benchmark, inhabitants=inhabitants, dispersion=Dispersion(phi=phi))
    larger = counts.funnel_limits(benchmark, inhabitants=16 * inhabitants)
    assert 0 <= low <= benchmark * 1.01
    assert high >= benchmark * 0.99
    assert wider[0] <= low + 1e-9
    assert wider[1] >= high - 1e-9
    assert larger[1] - larger[0] < high - low


@given(st.integers(1, 200), st.floats(1, 200))
def test_target_that_is_met_by_chance_one_way_is_missed_the_other_way(target: int, level: float) -> None:
    down = counts.chance_target_met(target, level=level, direction=LOWER)
    up = counts.chance_target_met(target + 1, level=level, direction=HIGHER)
    assert down + up == pytest.approx(1)


def test_chance_to_show_a_halving_grows_with_the_count() -> None:
    chances = [counts.chance_change_shows(n, n / 2) for n in (10, 20, 40, 80, 160)]
    assert chances == sorted(chances)
    assert chances[0] < 0.3
    assert chances[-1] > 0.99


def test_smallest_detectable_level_is_shown_four_times_out_of_five() -> None:
    level = counts.smallest_detectable_level(40, direction=LOWER)
    assert level is not None
    assert counts.chance_change_shows(40, level) == pytest.approx(0.8, abs=0.01)
    assert counts.smallest_detectable_level(3, direction=LOWER) is None


@given(st.lists(st.integers(0, 300), min_size=0, max_size=12))
def test_dispersion_is_estimated_from_four_periods_on_and_says_why_when_not(values: list[int]) -> None:
    found = estimate_dispersion(values, middle_years=range(len(values)))
    if len(values) < 4 or sum(values) < len(values):
        assert found.degrees_of_freedom is None
    if found.degrees_of_freedom is None:
        assert found.reason is not None
        assert found.used == 1
    else:
        assert found.degrees_of_freedom == len(values) - 2
        assert found.used >= 1


@pytest.mark.parametrize("factor", [1.0, 25_000.0])
def test_exponential_fall_has_no_dispersion_whatever_the_unit_of_exposure(factor: float) -> None:
    values = [1000 * 0.8**i for i in range(6)]
    found = estimate_dispersion(values, middle_years=range(2015, 2021), exposures=[factor] * 6)
    assert found.phi == pytest.approx(0, abs=1e-9)


def test_growing_town_with_a_steady_rate_has_no_trend_left() -> None:
    people = [20_000 * 1.1**i for i in range(5)]
    found = estimate_dispersion([p / 500 for p in people], middle_years=range(5), exposures=people)
    assert found.phi == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("values", [[0, 0, 0, 1000], [1000, 0, 0, 0], [0, 0, 0, 0]])
def test_events_at_one_end_only_give_no_dispersion(values: list[int]) -> None:
    assert estimate_dispersion(values, middle_years=range(4)).degrees_of_freedom is None


@pytest.mark.parametrize("level", [5, 20, 60, 300])
@pytest.mark.parametrize("phi", [0.4, 1.2, 3, 8, 30])
@pytest.mark.parametrize("df", [1, 2, 3, 6, 12])
def test_average_over_the_dispersion_is_that_of_very_many_points(level: float, phi: float, df: int) -> None:
    few = Dispersion(phi=phi, degrees_of_freedom=df)
    chances = (np.arange(40_000) + 0.5) / 40_000
    phis = phi * df / (2 * special.gammaincinv(df / 2, chances))
    many = Spread(phis=phis, weights=np.full_like(phis, 1 / len(phis)))
    for count in (level * 0.5, level, level * 1.5):
        exact = float(counts.level_probability(np.float64(level), np.float64(count), spread=many))
        assert at_most(level, count, few) == pytest.approx(exact, abs=2e-4)
