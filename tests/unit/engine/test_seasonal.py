"""Months with limits: what calls for attention, what does not, and nothing set anew by itself."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.engine.periods import Period
from koersvast.engine.quantities import BadValue, Break, Reading, Unit
from koersvast.engine.season import fit_months, month_numbers
from koersvast.engine.seasonal import ControlChart, Phase, Side, Signal, control_chart


def month(index: int, first: int = 2018) -> Period:
    return Period.parse(f"{first + index // 12}-{index % 12 + 1:02d}")


def monthly(
    counted: Sequence[float], *, people: float | None = None, skip: frozenset[int] = frozenset()
) -> list[Reading]:
    return [
        Reading(period=month(i), value=float(x), unit=Unit.COUNT, exposure=people)
        for i, x in enumerate(counted)
        if i not in skip
    ]


def steady(months: int = 60, level: float = 20, *, season: float = 0.0, phi: float = 1.0, seed: int = 2) -> list[float]:
    random = np.random.default_rng(seed)
    expected = level * (1 + season * np.cos(2 * np.pi * np.arange(months) / 12))
    if phi > 1:
        expected = random.gamma(expected / (phi - 1), phi - 1)
    return [float(x) for x in random.poisson(expected)]


def at(chart: ControlChart, code: str) -> tuple[Signal, ...]:
    return next(point.signals for point in chart.points if point.period.code == code)


def test_month_far_above_its_season_is_a_signal_and_the_season_itself_is_not() -> None:
    counted = steady(72, 30, season=0.6)
    counted[66] = 90
    chart = control_chart(monthly(counted))
    assert at(chart, month(66).code) == (Signal.BEYOND_THREE,)
    assert sum(bool(point.signals) for point in chart.points if not point.in_baseline) <= 3
    season = chart.phases[0].season
    assert season[0] > 1.3
    assert season[6] < 0.7
    assert np.mean(season) == pytest.approx(1, abs=0.03)


def test_two_of_three_and_eight_in_a_row_are_signals_of_their_own() -> None:
    base = [18, 24, 20, 15, 22, 21] * 6
    assert at(control_chart(monthly([*base, 33, 20, 33])), month(38).code) == (Signal.TWO_OF_THREE,)
    assert at(control_chart(monthly([*base, 33, 20, 20, 33])), month(39).code) == ()
    assert at(control_chart(monthly([*base, 33, 8, 20])), month(37).code) == ()
    row = [24, 25, 24, 25, 24, 25, 24, 25]
    assert at(control_chart(monthly([*base, *row])), month(43).code) == (Signal.RUN_OF_EIGHT,)
    assert at(control_chart(monthly([*base, *row[:4], 18, *row[4:]])), month(44).code) == ()


def test_absent_month_is_left_out_named_and_interrupts_a_row() -> None:
    counted = [*([18, 24, 20, 15, 22, 21] * 6), *([25.0] * 9)]
    whole = control_chart(monthly(counted))
    gap = control_chart(monthly(counted, skip=frozenset({39})))
    assert whole.absent == ()
    assert gap.absent == (month(39).code,)
    assert [reason.values for reason in gap.reasons if reason.code == "months_absent"] == [{"absent": 1}]
    assert Signal.RUN_OF_EIGHT in at(whole, month(44).code)
    assert at(gap, month(44).code) == ()
    assert len(gap.points) == 44


def test_too_few_baseline_months_give_figures_without_limits_and_a_reason() -> None:
    chart = control_chart(monthly(steady(23)))
    assert [reason.code for reason in chart.reasons] == ["too_few_baseline_months"]
    assert chart.reasons[0].values == {"known": 23, "needed": 24, "start": "2018-01"}
    assert len(chart.points) == 23
    assert all(point.expected is None and point.signals == () for point in chart.points)
    assert control_chart(monthly(steady(24))).points[0].expected is not None
    assert control_chart([]).reasons[0].code == "too_few_baseline_months"


def test_limits_stay_where_they_are_until_a_person_moves_them() -> None:
    counted = [*steady(36, 40), *steady(48, 20, seed=5)]
    kept = control_chart(monthly(counted))
    assert len(kept.phases) == 1
    assert kept.points[-1].expected == pytest.approx(40, rel=0.1)
    assert len(kept.signals) > 20
    phase = Phase(start=month(36), reason="Nieuwe registratie", by="A. Analist")
    moved = control_chart(monthly(counted), phases=[phase])
    assert [found.phase for found in moved.phases] == [None, phase]
    assert moved.points[-1].expected == pytest.approx(20, rel=0.12)
    assert len(moved.signals) < 4
    assert moved.points[:36] == kept.points[:36]


def test_phase_needs_a_reason_and_a_name_and_enough_months() -> None:
    with pytest.raises(BadValue):
        Phase(start=month(36), reason=" ", by="A. Analist")
    with pytest.raises(BadValue):
        Phase(start=month(36), reason="Anders", by="")
    short = control_chart(monthly(steady(50)), phases=[Phase(start=month(40), reason="Anders", by="A. Analist")])
    assert short.points[39].expected is not None
    assert short.points[40].expected is None
    assert short.phases[1].reasons[0].values == {"known": 10, "needed": 24, "start": month(40).code}


def test_baseline_ends_where_its_phase_says() -> None:
    phase = Phase(start=month(0), reason="Voor de wijkagent kwam", by="A. Analist", baseline_until=month(23))
    chart = control_chart(monthly([*steady(24, 40), *steady(24, 20)]), phases=[phase])
    assert chart.phases[0].baseline == tuple(month(i).code for i in range(24))
    assert chart.points[30].expected == pytest.approx(40, rel=0.1)
    assert [point.in_baseline for point in chart.points] == [i < 24 for i in range(48)]


def test_break_ends_the_limits_until_a_phase_begins() -> None:
    found = Break(on=date(2021, 7, 1), kind="registration", note="")
    chart = control_chart(monthly(steady(80)), breaks=[found])
    assert chart.points[41].expected is not None
    assert chart.points[42].expected is None
    assert "break_between" in [reason.code for reason in chart.reasons]
    after = Phase(start=month(42), reason="Na de breuk", by="A. Analist")
    again = control_chart(monthly(steady(80)), breaks=[found], phases=[after])
    assert all(point.expected is not None for point in again.points)


def test_years_and_places_without_events_get_no_limits() -> None:
    years = [Reading(period=Period.of_year(2000 + i), value=5, unit=Unit.COUNT) for i in range(30)]
    assert control_chart(years).reasons[0].code == "not_monthly"
    quiet = control_chart(monthly([0.0] * 40))
    assert quiet.reasons[0].code == "baseline_without_events"
    assert quiet.points[0].expected is None


def test_small_numbers_say_what_they_cannot_show() -> None:
    chart = control_chart(monthly(steady(60, 1.5)))
    assert {"no_low_signal_possible", "run_rule_left_out"} <= {reason.code for reason in chart.reasons}
    assert not any(Signal.RUN_OF_EIGHT in point.signals for point in chart.points)
    assert all(point.low_3 == 0 for point in chart.points)


@settings(max_examples=25, deadline=None)
@given(scale=st.floats(0.05, 40), seed=st.integers(0, 1000))
def test_unit_of_inhabitants_and_order_of_readings_change_nothing(scale: float, seed: int) -> None:
    counted = steady(50, 15, season=0.3, seed=seed)
    plain = control_chart(monthly(counted, people=28_000))
    scaled = control_chart(monthly(counted, people=28_000 * scale)[::-1])
    for first, second in zip(plain.points, scaled.points, strict=True):
        assert second.expected == pytest.approx(first.expected, rel=1e-6)
        assert first.low_3 is not None
        assert first.low_2 is not None
        assert first.high_2 is not None
        assert first.high_3 is not None
        assert first.expected is not None
        assert first.low_3 <= first.low_2 <= first.expected <= first.high_2 <= first.high_3
        assert (first.side is Side.HIGHER) == (first.z is not None and first.z > 0)


def test_growth_of_the_population_is_expected() -> None:
    people = [20_000 * 1.02**i for i in range(60)]
    readings = [
        Reading(period=month(i), value=float(round(n / 1000)), unit=Unit.COUNT, exposure=n)
        for i, n in enumerate(people)
    ]
    assert control_chart(readings).signals == ()
    without = [Reading(period=r.period, value=r.value, unit=Unit.COUNT) for r in readings]
    assert len(control_chart(without).signals) > 5
    partly = [*readings[:-1], without[-1]]
    assert "inhabitants_unknown_for_some" in [reason.code for reason in control_chart(partly).reasons]


def test_trend_on_request_is_found_again() -> None:
    random = np.random.default_rng(3)
    counted = [float(x) for x in random.poisson(60 * 0.9 ** (np.arange(84) / 12))]
    chart = control_chart(monthly(counted), trend=True)
    assert chart.phases[0].yearly_change == pytest.approx(0.9, abs=0.06)
    assert control_chart(monthly(counted)).phases[0].yearly_change is None


@pytest.mark.parametrize(("level", "phi"), [(3.0, 1.0), (30.0, 1.0), (60.0, 3.0)])
def test_steady_months_seldom_cry_wolf(level: float, phi: float) -> None:
    months = far = some = 0
    for seed in range(40):
        chart = control_chart(monthly(steady(84, level, season=0.3, phi=phi, seed=seed)))
        later = [point for point in chart.points if not point.in_baseline]
        months += len(later)
        far += sum(Signal.BEYOND_THREE in point.signals for point in later)
        some += sum(bool(point.signals) for point in later)
    assert far / months < 0.012
    assert some / months < 0.04


def test_model_of_months_is_the_plain_one_when_months_do_not_differ() -> None:
    counted = np.full(48, 25.0)
    years = np.array([month(i).middle_year for i in range(48)])
    model = fit_months(counted, np.ones(48), month_numbers([i % 12 + 1 for i in range(48)]), years)
    assert model is not None
    assert model.season == pytest.approx(np.ones(12))
    assert (model.level, model.parameters, model.phi) == pytest.approx((25.0, 0.0, 0.0))


def test_small_months_that_halve_show_when_twelve_are_taken_together() -> None:
    counted = [4.0, 3, 5, 4, 4, 2, 6, 4, 3, 5, 4, 4] * 4 + [2.0, 1, 2, 2, 3, 1, 2, 2, 1, 3, 2, 2]
    chart = control_chart(monthly(counted))
    together = chart.phases[-1].together
    assert together is not None
    assert not chart.signals
    assert (together.first.code, together.last.code, together.value) == ("2022-01", "2022-12", 23)
    assert together.expected == pytest.approx(sum(point.expected or 0 for point in chart.points[-12:]))
    assert together.side is Side.LOWER
    assert together.value < together.low < together.expected < together.high


def test_twelve_months_need_all_twelve_after_the_baseline() -> None:
    assert control_chart(monthly(steady(47))).phases[-1].together is None
    assert control_chart(monthly(steady(48))).phases[-1].together is not None
    assert control_chart(monthly(steady(60), skip=frozenset({54}))).phases[-1].together is None
    with_break = control_chart(monthly(steady(60)), breaks=[Break(on=date(2021, 6, 1), kind="definition", note="")])
    together = with_break.phases[-1].together
    assert together is None or together.last.code < "2021-06"


def test_steady_years_seldom_lie_outside_their_limits() -> None:
    charts = [
        control_chart(monthly(steady(60, level, season=0.3, seed=seed))) for seed in range(60) for level in (3, 12)
    ]
    outside = [chart.phases[-1].together for chart in charts]
    assert np.mean([one is not None and one.side is not Side.NEITHER for one in outside]) < 0.1
