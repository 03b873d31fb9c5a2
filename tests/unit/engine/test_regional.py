"""Own change beside the region: what happened everywhere is credited to nobody."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from koersvast.engine.periods import Period
from koersvast.engine.quantities import Break, Reading, Unit
from koersvast.engine.regional import RegionTrend, RegionVerdict, against_region
from tests.unit.engine.readings import reading, yearly

FIRST, LAST = Period.of_year(2018), Period.of_year(2021)


def compared(own: tuple[float, float], region: tuple[float, float], **more: object) -> RegionTrend:
    return against_region(
        [reading(2018, own[0]), reading(2021, own[1])],
        [reading(2018, region[0]), reading(2021, region[1])],
        earlier=FIRST,
        later=LAST,
        **more,  # type: ignore[arg-type]  # test shorthand
    )


def test_fall_that_happened_everywhere_is_no_own_achievement() -> None:
    found = compared((71, 40), (1800, 1100))
    assert found.own is not None
    assert found.region is not None
    assert found.own.p_value < 0.01
    assert found.verdict is RegionVerdict.NO_DEMONSTRABLE_DIFFERENCE
    assert [reason.code for reason in found.reasons][:2] == ["region_moved_likewise", "a_difference_is_no_cause"]
    assert (found.region.earlier, found.region.later) == (1729, 1060)


def test_fall_against_the_tide_is_more_and_a_smaller_fall_is_less() -> None:
    assert compared((71, 40), (1800, 1850)).verdict is RegionVerdict.FELL_MORE
    assert compared((71, 65), (1800, 1100)).verdict is RegionVerdict.FELL_LESS


def mid_p(table: list[list[int]]) -> float:
    (a, b), (c, d) = table
    split = stats.hypergeom(a + b + c + d, a + b, a + c)
    low = split.cdf(a - 1) + split.pmf(a) / 2
    return float(2 * min(low, 1 - low))


@settings(max_examples=40, deadline=None)
@given(
    own=st.tuples(st.integers(8, 90), st.integers(8, 90)),
    region=st.tuples(st.integers(500, 4000), st.integers(500, 4000)),
)
def test_p_value_is_near_that_of_the_exact_table(own: tuple[int, int], region: tuple[int, int]) -> None:
    found = compared(own, region, own_in_region=False)
    exact = mid_p([[own[0], own[1]], [region[0], region[1]]])
    assert found.p_value == pytest.approx(exact, abs=0.01, rel=0.15)


@settings(max_examples=30)
@given(unit=st.floats(0.01, 50), growth=st.floats(0.8, 1.2))
def test_unit_of_inhabitants_does_not_matter_and_growth_is_counted(unit: float, growth: float) -> None:
    def trend(scale: float, own_growth: float) -> RegionTrend:
        people = 28_000 * scale
        return against_region(
            [reading(2018, 71, exposure=people), reading(2021, 40, exposure=people * own_growth)],
            [reading(2018, 1800, exposure=20 * people), reading(2021, 1100, exposure=20 * people)],
            earlier=FIRST,
            later=LAST,
            own_in_region=False,
        )

    plain, scaled, grown = trend(1, 1), trend(unit, 1), trend(1, growth)
    assert scaled.ratio == pytest.approx(plain.ratio)
    assert grown.ratio == pytest.approx((plain.ratio or 0) / growth)
    assert grown.ratio_low is not None
    assert grown.ratio_high is not None
    assert grown.ratio_low <= (grown.ratio or 0) <= grown.ratio_high


def test_places_that_follow_the_region_are_called_different_about_once_in_twenty() -> None:
    random = np.random.default_rng(12)
    odd = 0
    for _ in range(200):
        own, region = random.poisson([60, 36]), random.poisson([2000, 1200])
        verdict = compared(
            (float(own[0]), float(own[1])), (float(region[0]), float(region[1])), own_in_region=False
        ).verdict
        odd += verdict is not RegionVerdict.NO_DEMONSTRABLE_DIFFERENCE
    assert 0.02 < odd / 200 < 0.09


def test_factor_across_a_break_cancels_and_a_break_without_one_refuses() -> None:
    plain = compared((71, 40), (1800, 1100))
    turned = Break(on=date(2020, 1, 1), kind="registration", factor=0.7, factor_se=0.1)
    converted = compared((71, 40), (1800, 1100), breaks=[turned])
    assert converted.ratio == pytest.approx(plain.ratio)
    assert converted.p_value == pytest.approx(plain.p_value)
    assert "converted_across_break" in [reason.code for reason in converted.reasons]
    refused = compared((71, 40), (1800, 1100), breaks=[Break(on=date(2020, 1, 1), kind="boundary")])
    assert refused.verdict is RegionVerdict.NOT_COMPARABLE
    assert [reason.code for reason in refused.reasons] == ["break_between"]


def test_scatter_of_earlier_years_makes_the_verdict_slower() -> None:
    own = yearly(2014, 125, 71, 46, 76, 40, 30).readings
    region = yearly(2014, 1800, 1810, 1790, 1805, 1800, 1795).readings
    calm = against_region(own[-2:], region[-2:], earlier=FIRST, later=Period.of_year(2019))
    found = against_region(own, region, earlier=Period.of_year(2014), later=Period.of_year(2019))
    assert found.own is not None
    assert found.own.dispersion.used > 5
    assert calm.own is not None
    assert calm.own.dispersion.used == 1
    assert "dispersion_estimated" in [reason.code for reason in found.reasons]


@pytest.mark.parametrize(
    ("own", "region", "code"),
    [
        ((71, 40), (60, 30), "own_larger_than_region"),
        ((71, 40), (75, 44), "too_few_events_in_region"),
        ((5, 3), (1800, 1100), "too_few_events_to_compare_change"),
    ],
)
def test_nothing_can_be_said_and_the_reason_is_given(
    own: tuple[float, float], region: tuple[float, float], code: str
) -> None:
    found = compared(own, region)
    assert found.verdict is RegionVerdict.CANNOT_SAY
    assert found.reasons[0].code == code


def test_absent_period_and_another_source_are_refused() -> None:
    absent = against_region([reading(2018, 71)], [reading(2018, 900), reading(2021, 800)], earlier=FIRST, later=LAST)
    assert (absent.verdict, absent.ratio) == (RegionVerdict.CANNOT_SAY, None)
    assert absent.reasons[0].values == {"period": "2021", "whose": "own"}
    mixed = against_region(
        [reading(2018, 71, series="plan"), reading(2021, 40, series="plan")],
        [reading(2018, 900, series="table"), reading(2021, 800, series="table")],
        earlier=FIRST,
        later=LAST,
    )
    assert mixed.reasons[0].code == "different_series"


def test_rates_with_inhabitants_are_turned_into_counts() -> None:
    def rate(year: int, value: float, people: float) -> Reading:
        return Reading(period=Period.of_year(year), value=value, unit=Unit.PER_1000, exposure=people)

    found = against_region(
        [rate(2018, 2.5, 28_000), rate(2021, 1.5, 28_000)],
        [rate(2018, 2.0, 900_000), rate(2021, 1.9, 900_000)],
        earlier=FIRST,
        later=LAST,
    )
    assert found.own is not None
    assert found.region is not None
    assert (found.own.earlier, found.region.earlier) == pytest.approx((70, 1730))


def test_no_own_events_at_all_give_no_ratio() -> None:
    found = compared((0, 0), (1800, 1100))
    assert (found.verdict, found.ratio, found.p_value) == (RegionVerdict.CANNOT_SAY, None, None)
