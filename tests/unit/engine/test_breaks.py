"""Breaks: found where they are, not where chance or a season or a steady fall makes them."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.engine import breaks
from koersvast.engine.breaks import BreakVerdict, find_break, monotone_trend
from koersvast.engine.dispersion import Dispersion, DispersionBasis
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Reading, Unit


def yearly(counted: Iterable[float], *, people: float | None = None, first: int = 2008) -> list[Reading]:
    return [
        Reading(period=Period.of_year(first + i), value=float(x), unit=Unit.COUNT, exposure=people)
        for i, x in enumerate(counted)
    ]


def monthly(counted: Iterable[float]) -> list[Reading]:
    return [
        Reading(period=Period.parse(f"{2018 + i // 12}-{i % 12 + 1:02d}"), value=float(x), unit=Unit.COUNT)
        for i, x in enumerate(counted)
    ]


@pytest.mark.parametrize("at", [4, 7, 11])
def test_jump_in_level_is_found_where_it_is(at: int) -> None:
    random = np.random.default_rng(at)
    counted = random.poisson([120.0] * at + [70.0] * (15 - at))
    found = find_break(yearly(counted))
    assert found.verdict is BreakVerdict.FOUND
    assert found.first_after is not None
    assert found.first_after_low is not None
    assert found.first_after_high is not None
    assert abs(found.first_after.year - (2008 + at)) <= 1
    assert found.first_after_low <= found.first_after <= found.first_after_high
    assert found.ratio == pytest.approx(70 / 120, rel=0.15)
    assert (found.ratio_low or 0) < 70 / 120 < (found.ratio_high or 9)
    assert "break_has_no_cause" in [reason.code for reason in found.reasons]


def test_steady_fall_is_a_trend_and_no_break() -> None:
    found = find_break(yearly([200 * 0.88**i // 1 for i in range(14)]))
    assert found.verdict is BreakVerdict.TREND_INSTEAD
    assert found.reasons[0].code == "trend_fits_as_well"


def test_season_is_no_break_and_a_jump_within_one_is() -> None:
    random = np.random.default_rng(21)
    season = 1 + 0.5 * np.cos(2 * np.pi * np.arange(60) / 12)
    calm = find_break(monthly(random.poisson(30 * season)))
    assert calm.verdict is BreakVerdict.NONE_DEMONSTRABLE
    assert calm.phi is not None
    assert calm.phi < 2
    jumped = find_break(monthly(random.poisson(30 * season * np.where(np.arange(60) < 34, 1.0, 1.6))))
    assert jumped.verdict is BreakVerdict.FOUND
    assert jumped.first_after is not None
    assert abs(12 * (jumped.first_after.year - 2018) + jumped.first_after.start.month - 1 - 34) <= 3


@pytest.mark.parametrize(("level", "phi"), [(30.0, 1.0), (60.0, 4.0)])
def test_series_without_a_break_show_one_about_once_in_twenty(level: float, phi: float) -> None:
    random, shown = np.random.default_rng(22), 0
    for _ in range(150):
        levels = random.gamma(level / (phi - 1), phi - 1, 13) if phi > 1 else np.full(13, level)
        p_value = find_break(yearly(random.poisson(levels))).p_value
        shown += p_value is not None and p_value < 0.05
    assert 0.01 < shown / 150 < 0.11


def test_statistic_is_the_likelihood_ratio_and_the_scatter_worked_out_by_hand() -> None:
    counted, exposure = np.array([12.0, 15, 9, 14, 30, 26, 31, 28]), np.array([1.0, 1.1, 1, 1, 1.2, 1, 1, 1])
    ratios, phis = breaks.break_statistics(counted[None, :], exposure, np.array([4]))
    rates = [counted[:4].sum() / exposure[:4].sum(), counted[4:].sum() / exposure[4:].sum()]
    expected = np.repeat(rates, 4) * exposure
    alike = exposure * counted.sum() / exposure.sum()
    by_hand = 2 * float((counted * np.log(expected / alike) - (expected - alike)).sum())
    assert ratios[0, 0] == pytest.approx(by_hand)
    assert phis[0, 0] == pytest.approx(max(1.0, float(((counted - expected) ** 2 / expected).sum()) / 6))
    scattered = np.array([2.0, 35, 9, 44, 30, 86, 11, 78])
    expected = (
        np.repeat([scattered[:4].sum() / exposure[:4].sum(), scattered[4:].sum() / exposure[4:].sum()], 4) * exposure
    )
    _, phis = breaks.break_statistics(scattered[None, :], exposure, np.array([4]))
    assert phis[0, 0] == pytest.approx(float(((scattered - expected) ** 2 / expected).sum()) / 6)


@settings(max_examples=15, deadline=None)
@given(unit=st.floats(0.01, 100), seed=st.integers(0, 500))
def test_unit_of_inhabitants_and_order_do_not_matter_and_the_ratio_lies_in_its_interval(unit: float, seed: int) -> None:
    counted = np.random.default_rng(seed).poisson(40, 12)
    plain = find_break(yearly(counted, people=28_000))
    again = find_break(yearly(counted, people=28_000 * unit)[::-1])
    assert again.p_value == pytest.approx(plain.p_value, abs=2e-3)
    assert again.first_after == plain.first_after
    assert plain.ratio is not None
    assert plain.ratio_low is not None
    assert plain.ratio_high is not None
    assert plain.ratio_low <= plain.ratio <= plain.ratio_high
    assert again.ratio == pytest.approx(plain.ratio)


def test_growth_of_the_population_is_no_break() -> None:
    people = [20_000.0] * 7 + [30_000.0] * 7
    readings = [
        Reading(period=Period.of_year(2008 + i), value=n / 250, unit=Unit.COUNT, exposure=n)
        for i, n in enumerate(people)
    ]
    assert find_break(readings).verdict is BreakVerdict.NONE_DEMONSTRABLE
    bare = [Reading(period=r.period, value=r.value, unit=Unit.COUNT) for r in readings]
    assert find_break(bare).verdict is BreakVerdict.FOUND


@pytest.mark.parametrize(
    ("readings", "code"),
    [
        (yearly([5, 6, 7]), "too_few_points"),
        ([], "too_few_points"),
        (monthly([20] * 23), "too_few_points"),
        (yearly([1, 0, 0, 2, 0, 1, 0, 0, 1]), "too_few_events"),
        ([*yearly([20] * 9), *monthly([2] * 3)], "different_period_length"),
    ],
)
def test_series_that_cannot_be_tested_are_refused_with_a_reason(readings: list[Reading], code: str) -> None:
    found = find_break(readings)
    assert (found.verdict, found.p_value, found.first_after) == (BreakVerdict.CANNOT_SAY, None, None)
    assert found.reasons[0].code == code


def test_two_sources_are_never_mixed() -> None:
    mixed = [
        Reading(period=r.period, value=r.value, unit=r.unit, series="plan" if i < 5 else "table")
        for i, r in enumerate(yearly([20] * 10))
    ]
    assert find_break(mixed).reasons[0].code == "different_series"


def test_one_way_trend_counts_pairs() -> None:
    counted = [125, 98, 71, 46, 76, 40]
    found = monotone_trend(yearly(counted))
    pairs = [(counted[j] - counted[i]) / (j - i) for i in range(6) for j in range(i + 1, 6)]
    assert found.tau == pytest.approx(sum(np.sign(pairs)) / len(pairs))
    assert found.slope == pytest.approx(float(np.median(pairs)))
    assert found.slope_low is not None
    assert found.slope_high is not None
    assert found.slope_low <= (found.slope or 0) <= found.slope_high


def test_one_way_trend_uses_inhabitants_when_all_are_known_and_takes_any_unit() -> None:
    grown = [
        Reading(period=Period.of_year(2010 + i), value=20.0 + 2 * i, unit=Unit.COUNT, exposure=10_000.0 * 1.2**i)
        for i in range(8)
    ]
    assert (monotone_trend(grown).slope or 0) < 0
    shares = [Reading(period=Period.of_year(2010 + i), value=60 - i, unit=Unit.PERCENT) for i in range(6)]
    assert monotone_trend(shares).slope == pytest.approx(-1)
    assert monotone_trend(shares[:3]).reasons[0].code == "too_few_points"
    assert monotone_trend(yearly([7, 7, 7, 7])).p_value == 1.0


def test_given_dispersion_is_what_the_interval_is_widened_by() -> None:
    found = find_break(yearly([120, 60, 150, 70, 40, 160, 90, 30, 55, 20, 61, 44]))
    assert found.phi is not None
    assert found.phi > 5
    assert Dispersion(phi=found.phi, basis=DispersionBasis.GIVEN).used == found.phi
    assert (found.ratio_high or 9) / (found.ratio_low or 1) > 1.8


def test_gradual_fall_and_wild_but_steady_years_are_seldom_called_a_break() -> None:
    random = np.random.default_rng(6)
    fall = [find_break(yearly([*map(float, random.poisson(25 * np.exp(-0.07 * np.arange(12))))])) for _ in range(25)]
    assert sum(found.verdict is BreakVerdict.FOUND for found in fall) <= 7
    wild = [find_break(yearly([*map(float, random.poisson(random.gamma(50.0, 2.0, 12)))])) for _ in range(40)]
    assert sum(found.p_value is not None and found.p_value < 0.05 for found in wild) <= 6
