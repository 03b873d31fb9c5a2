"""Judging a target's moments, looking ahead, and considering a draft: the plan's own burglaries and survey goals."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.engine.evidence import Thresholds
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Break, Direction, EvidenceVerdict, Missing, TargetKind, Unit
from koersvast.engine.series import Series
from koersvast.policy.steering import Advice, Draft, Judgement, Moment, Planned, consider, judge, outlook
from tests.unit.engine.readings import reading, yearly

LOWER, HIGHER = Direction.LOWER_IS_BETTER, Direction.HIGHER_IS_BETTER
PLAN = yearly(2013, 125, 71, 46, 76, 40, name="plan")
PUBLISHED = yearly(2018, 27, 40, 30, 13, 28, name="published")
BASELINE = PLAN.readings[-1]
SPEED = reading(2017, 61, Unit.PERCENT, respondents=1244)


def burglary(year: int, agreed: float) -> Moment:
    return Moment(period=Period.of_year(year), agreed=agreed, direction=LOWER, unit=Unit.COUNT, decimals=0)


def speeding(agreed: float = 55) -> Moment:
    return Moment(period=Period.of_year(2021), agreed=agreed, direction=LOWER, unit=Unit.PERCENT, decimals=0)


def codes(found: Judgement) -> list[str]:
    return [reason.code for reason in found.reasons]


@pytest.mark.parametrize(
    ("year", "agreed", "attained", "verdict", "probability", "lean"),
    [
        (2019, 35, False, EvidenceVerdict.CANNOT_TELL, 0.197, "off"),
        (2020, 30, True, EvidenceVerdict.CANNOT_TELL, 0.488, "off"),
        (2021, 25, True, EvidenceVerdict.ON_COURSE, 0.995, None),
        (2022, 20, False, EvidenceVerdict.CANNOT_TELL, 0.190, "off"),
    ],
)
def test_burglary_moment_is_judged_on_the_published_series(
    year: int, agreed: float, attained: bool, verdict: EvidenceVerdict, probability: float, lean: str | None
) -> None:
    found = judge(burglary(year, agreed), PUBLISHED, baseline=BASELINE, second=PLAN)
    assert (found.attained, found.evidence, found.lean) == (attained, verdict, lean)
    assert found.probability == pytest.approx(probability, abs=1e-3)
    assert "other_series_than_baseline" in codes(found)
    assert found.low is not None
    assert found.high is not None
    assert found.observed is not None
    assert found.low < found.observed.value < found.high


def test_chance_alone_is_used_and_the_other_series_shown_while_periods_are_few() -> None:
    found = judge(burglary(2021, 25), PUBLISHED, baseline=BASELINE, second=PLAN)
    assert "dispersion_not_estimable" in codes(found)
    assert found.dispersion.used == 1
    assert found.sensitivity is not None
    assert found.sensitivity.dispersion.phi == pytest.approx(7.19, abs=0.01)
    assert found.sensitivity.verdict is EvidenceVerdict.CANNOT_TELL
    assert judge(burglary(2021, 25), PUBLISHED).sensitivity is None


def test_own_dispersion_of_four_earlier_years_is_used_without_sensitivity() -> None:
    found = judge(burglary(2022, 20), PUBLISHED, baseline=BASELINE, second=PLAN)
    assert found.dispersion.phi == pytest.approx(4.83, abs=0.01)
    assert found.dispersion.periods == ("2018", "2019", "2020", "2021")
    assert found.sensitivity is None
    assert "dispersion_estimated" in codes(found)


@pytest.mark.parametrize("missing", Missing)
def test_figure_that_is_not_there_is_not_measured_with_its_reason(missing: Missing) -> None:
    found = judge(burglary(2023, 20), PUBLISHED, missing=missing)
    assert found.evidence is EvidenceVerdict.NOT_MEASURED
    assert found.observed is None
    assert found.attained is found.probability is None
    assert (found.missing, codes(found)) == (missing, [missing.value])


def test_break_since_the_baseline_makes_the_moment_not_comparable() -> None:
    later = reading(2021, 54, Unit.PERCENT, respondents=1244)
    broken = Series(readings=(SPEED, later), breaks=(Break(on=date(2021, 1, 1), kind="mode"),))
    found = judge(speeding(), broken, baseline=SPEED)
    assert found.evidence is EvidenceVerdict.NOT_COMPARABLE
    assert found.attained is None
    assert codes(found) == ["break_between", "margin_is_lower_bound"]
    assert judge(speeding(), Series(readings=(SPEED, later)), baseline=SPEED).attained is True


def test_break_with_a_factor_carries_the_agreed_value_and_weakens_the_evidence() -> None:
    later = reading(2021, 41, Unit.PERCENT, respondents=1244)
    sharp, vague = (
        judge(
            speeding(),
            Series(
                readings=(SPEED, later),
                breaks=(Break(on=date(2021, 1, 1), kind="mode", factor=0.8, factor_se=error),),
            ),
            baseline=SPEED,
        )
        for error in (0.001, 0.1)
    )
    assert sharp.agreed == pytest.approx(44)
    assert sharp.agreed_originally == 55
    assert sharp.attained is True
    assert sharp.evidence is EvidenceVerdict.ON_COURSE
    assert vague.evidence is EvidenceVerdict.CANNOT_TELL
    assert vague.lean == "on"


def test_unit_that_is_not_the_targets_is_not_comparable() -> None:
    found = judge(speeding(), Series(readings=(reading(2021, 55),)))
    assert found.evidence is EvidenceVerdict.NOT_COMPARABLE
    assert codes(found) == ["different_unit"]


def test_share_without_respondents_keeps_the_formal_fact_and_no_evidence() -> None:
    found = judge(speeding(), Series(readings=(reading(2021, 54, Unit.PERCENT),)))
    assert (found.attained, found.evidence, found.probability, found.lean) == (
        True,
        EvidenceVerdict.CANNOT_TELL,
        None,
        None,
    )
    assert codes(found) == ["respondents_unknown"]


def test_provisional_figure_is_said() -> None:
    found = judge(burglary(2021, 25), Series(readings=(reading(2021, 13, provisional=True),)))
    assert "provisional_figure" in codes(found)


def test_target_of_nought_is_attained_by_nought_but_cannot_be_shown() -> None:
    met = judge(burglary(2021, 0), Series(readings=(reading(2021, 0),)))
    missed = judge(burglary(2021, 0), Series(readings=(reading(2021, 1),)))
    assert (met.attained, met.evidence, met.lean) == (True, EvidenceVerdict.CANNOT_TELL, "on")
    assert codes(met)[0] == "zero_cannot_be_shown"
    assert (missed.attained, missed.evidence, missed.probability) == (False, EvidenceVerdict.OFF_COURSE, 0)


def test_thresholds_are_a_setting_and_stand_with_the_verdict() -> None:
    loose = Thresholds(on_course=0.45, off_course=0.2)
    found = judge(burglary(2020, 30), PUBLISHED, thresholds=loose)
    assert (found.evidence, found.thresholds) == (EvidenceVerdict.ON_COURSE, loose)


@given(st.integers(0, 200), st.integers(1, 200), st.sampled_from(Direction))
def test_on_course_is_never_said_of_a_missed_count_nor_off_course_of_a_met_one(
    observed: int, agreed: int, direction: Direction
) -> None:
    moment = Moment(period=Period.of_year(2021), agreed=agreed, direction=direction, unit=Unit.COUNT, decimals=0)
    found = judge(moment, Series(readings=(reading(2021, observed),)))
    assert not (found.evidence is EvidenceVerdict.ON_COURSE and found.attained is False)
    assert not (found.evidence is EvidenceVerdict.OFF_COURSE and found.attained is True)


def test_outlook_needs_four_comparable_points() -> None:
    few = outlook(burglary(2022, 20), PUBLISHED, until=Period.of_year(2020))
    assert few.verdict is None
    assert few.forecast.reasons[0].code == "too_few_points"
    enough = outlook(burglary(2022, 20), PUBLISHED, until=Period.of_year(2021), baseline=BASELINE)
    assert enough.forecast.probability == pytest.approx(0.628, abs=0.003)
    assert enough.verdict is EvidenceVerdict.CANNOT_TELL
    assert outlook(burglary(2022, 20), Series()).verdict is None


def found_codes(advice: Advice) -> list[str]:
    return [reason.code for reason in advice.findings]


def draft(kind: TargetKind, amount: float | None, unit: Unit = Unit.PERCENT) -> Draft:
    base = SPEED if unit is Unit.PERCENT else BASELINE
    period = Period.of_year(2021 if unit is Unit.PERCENT else 2019)
    return Draft(kind=kind, period=period, direction=LOWER, unit=unit, amount=amount, baseline=base)


def test_draft_of_a_burglary_target_tells_the_chance_and_the_extreme_baseline() -> None:
    advice = consider(draft(TargetKind.LEVEL, 35, Unit.COUNT), PLAN, planned=[Planned(period=Period.of_year(2019))])
    assert advice.agreed == 35
    assert advice.chance_met_if_unchanged == pytest.approx(0.24, abs=0.005)
    assert advice.chance_missed_at_target == pytest.approx(0.46, abs=0.006)
    assert advice.baseline_check is not None
    assert advice.baseline_check.mean == 58.25
    assert (advice.chance_met_if_unchanged_widened or 0) > 0.24
    assert found_codes(advice) == ["baseline_is_lowest", "change_too_small_to_show", "met_by_chance"]


def test_draft_of_a_survey_target_tells_both_readings_and_its_power() -> None:
    plans = [Planned(period=Period.of_year(2021), respondents=1244)]
    advice = consider(draft(TargetKind.POINTS, -6), Series(readings=(SPEED,)), planned=plans)
    assert advice.percent_readings is not None
    assert (advice.percent_readings.points, advice.percent_readings.relative) == (55, 57.34)
    assert advice.power == pytest.approx(0.86, abs=0.005)
    assert advice.smallest_detectable == pytest.approx(55.47, abs=0.01)
    assert found_codes(advice) == ["percent_or_points"]
    coarse = [Planned(period=Period.of_year(2021), respondents=1244, design_effect=2)]
    weaker = consider(draft(TargetKind.RELATIVE, -6), Series(readings=(SPEED,)), planned=coarse)
    assert weaker.agreed == 57.34
    assert "change_too_small_to_show" in found_codes(weaker)
    assert weaker.respondents_needed is None or weaker.respondents_needed > 1244


@pytest.mark.parametrize("year", [2017, 2022])
def test_draft_without_a_measurement_after_the_baseline_and_in_time_says_so(year: int) -> None:
    plans = [Planned(period=Period.of_year(year), respondents=1244)]
    advice = consider(draft(TargetKind.POINTS, -6), Series(readings=(SPEED,)), planned=plans)
    assert "no_measurement_before_target" in found_codes(advice)
    assert advice.measured_in is None
    assert advice.power is None


def test_draft_looser_than_the_last_measurement_says_so() -> None:
    known = Series(readings=(SPEED, reading(2019, 54, Unit.PERCENT, respondents=1244)))
    advice = consider(draft(TargetKind.LEVEL, 55), known)
    assert "looser_than_last_measurement" in found_codes(advice)


@pytest.mark.parametrize(
    ("kind", "amount", "unit", "code"),
    [
        (TargetKind.POINTS, -6, Unit.COUNT, "points_need_a_share"),
        (TargetKind.ABSOLUTE, -50, Unit.COUNT, "agreed_value_below_zero"),
        (TargetKind.LEVEL, None, Unit.COUNT, "amount_missing"),
        (TargetKind.LEVEL, 120, Unit.PERCENT, "agreed_value_above_hundred"),
    ],
)
def test_draft_that_means_nothing_has_no_agreed_value_and_its_code(
    kind: TargetKind, amount: float | None, unit: Unit, code: str
) -> None:
    advice = consider(draft(kind, amount, unit), PLAN)
    assert advice.agreed is None
    assert code in found_codes(advice)


def test_draft_without_a_baseline_says_so_for_every_kind() -> None:
    for kind in TargetKind:
        bare = Draft(kind=kind, period=Period.of_year(2021), direction=LOWER, unit=Unit.COUNT, amount=20)
        assert "baseline_missing" in found_codes(consider(bare, Series())), kind
