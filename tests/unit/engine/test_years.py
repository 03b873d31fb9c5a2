"""Whole years made of months: what is absent makes no year, and an outlook follows years and not seasons."""

import numpy as np
import pytest

from koersvast.engine.forecast import forecast
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Direction, Reading, Unit
from koersvast.engine.years import year_totals


def month(index: int, value: float, **more: object) -> Reading:
    period = Period.parse(f"{2017 + index // 12}-{index % 12 + 1:02d}")
    return Reading(period=period, value=value, **{"unit": Unit.COUNT, **more})  # type: ignore[arg-type]  # test shorthand


def test_months_add_up_to_years_and_a_year_with_a_gap_is_left_out_by_name() -> None:
    readings = [month(i, float(i % 12 + 1), exposure=1000.0 + i) for i in range(40) if i != 17]
    found = year_totals(readings[::-1])
    assert [(total.period.code, total.value, total.exposure) for total in found.readings] == [
        ("2017", 78.0, 1005.5),
        ("2019", 78.0, 1029.5),
    ]
    assert found.incomplete == ("2018", "2020")


def test_total_is_provisional_with_its_parts_and_two_sources_make_none() -> None:
    parts = [month(i, 3.0, provisional=i == 4) for i in range(12)]
    assert year_totals(parts).readings[0].provisional
    mixed = [month(i, 3.0, series="plan" if i < 6 else "table") for i in range(12)]
    assert year_totals(mixed).incomplete == ("2017",)


def test_rates_stay_rates_and_years_stay_what_they_are() -> None:
    rates = [month(i, 0.5, unit=Unit.PER_1000, exposure=20_000.0) for i in range(12)]
    total = year_totals(rates).readings[0]
    assert total.unit is Unit.PER_1000
    assert total.value == pytest.approx(6.0)
    unknown = [month(i, 0.5, unit=Unit.PER_1000) for i in range(12)]
    assert year_totals(unknown).incomplete == ("2017",)
    year = Reading(period=Period.of_year(2019), value=78, unit=Unit.COUNT)
    assert year_totals([year]).readings == (year,)


def test_outlook_for_a_year_from_months_is_that_from_their_totals() -> None:
    random = np.random.default_rng(31)
    season = 1 + 0.5 * np.cos(2 * np.pi * np.arange(76) / 12)
    readings = [month(i, float(x)) for i, x in enumerate(random.poisson(20 * season * 0.9 ** (np.arange(76) / 12)))]
    ahead = Period.of_year(2025)
    found = forecast(readings, period=ahead, direction=Direction.LOWER_IS_BETTER, agreed=120)
    plain = forecast(year_totals(readings).readings, period=ahead, direction=Direction.LOWER_IS_BETTER, agreed=120)
    assert found.points == 6
    assert (found.expected, found.low, found.high) == (plain.expected, plain.low, plain.high)
    assert found.probability == plain.probability
    assert [(r.code, dict(r.values)) for r in found.reasons if r.code == "years_of_parts"] == [
        ("years_of_parts", {"years": 6, "left_out": 1})
    ]
    assert found.expected == pytest.approx(20 * 12 * 0.9**8.5, rel=0.2)


def test_outlook_from_too_few_whole_years_is_refused() -> None:
    readings = [month(i, 20.0) for i in range(47)]
    found = forecast(readings, period=Period.of_year(2022), direction=Direction.LOWER_IS_BETTER)
    assert (found.expected, found.points) == (None, 3)
    assert found.reasons[0].code == "too_few_points"
