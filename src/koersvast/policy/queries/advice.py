"""Advice on a target while it is being written: what it means, whether it can be seen, what chance does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from koersvast.engine.periods import BadPeriod, Period
from koersvast.engine.quantities import BadValue, Direction, Reading, Reason, TargetKind, Unit
from koersvast.engine.series import Series
from koersvast.engine.targets import both_readings
from koersvast.indicators.models import Indicator, Measurement, Source
from koersvast.indicators.queries.vintages import series_of
from koersvast.policy import steering
from koersvast.policy.models import Objective
from koersvast.policy.steering import Draft, Planned
from koersvast.policy.wording import agreements, amounts
from koersvast.policy.wording.reasons import reason_sentence

GOOD_POWER = 0.80
# Said by the two readings themselves.
SAID_ELSEWHERE = {"percent_or_points"}


@dataclass(frozen=True, kw_only=True)
class AdviceLine:
    """One thing to know before adopting. `tone` is positive, info, warning or negative."""

    code: str
    tone: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What a target means and whether it can be measured. `readings` are the meanings of a percentage."""

    readings: tuple[AdviceLine, ...]
    lines: tuple[AdviceLine, ...]
    agreed: float | None
    """The value of the last year that follows from the kind, the change and the baseline."""
    agreed_text: str
    power: float | None
    chance_met_if_unchanged: float | None


def advice(
    objective: Objective,
    *,
    kind: TargetKind,
    stated_change: float | None,
    baseline: float | None,
    baseline_period: str,
    values: Mapping[int, float],
    today: date,
    baseline_source: Source | None = None,
) -> Advice:
    """What a draft would mean, before anything is stored; incomplete input gives what can be said already.

    `stated_change` is signed; a level takes the value of the last year. `today` is what is known.
    """
    if objective.indicator is None:
        return _nothing()
    indicator, unit = objective.indicator, Unit(objective.indicator.unit)
    source = baseline_source or objective.source or indicator.source
    final_year = max(values, default=objective.plan.last_year)
    planned, respondents = _measurements(objective.source or indicator.source, years=range(1990, final_year + 1))
    base = _baseline(baseline, baseline_period, unit=unit, source=source, measured=respondents)
    draft = Draft(
        kind=kind,
        period=Period.of_year(final_year),
        direction=Direction(indicator.direction),
        unit=unit,
        amount=values.get(final_year) if kind is TargetKind.LEVEL else stated_change,
        baseline=base,
    )
    known = _known(indicator, source, objective, known_on=today)
    found = steering.consider(draft, known, planned=planned)
    assumed = next((respondents[one.code] for one in [found.measured_in] if one and one.code in respondents), None)
    return _worded(found, draft, assumed=_usual(respondents) if assumed and assumed.respondents is None else None)


def _nothing() -> Advice:
    return Advice(readings=(), lines=(), agreed=None, agreed_text="", power=None, chance_met_if_unchanged=None)


def _measurements(source: Source, *, years: range) -> tuple[list[Planned], dict[str, Measurement]]:
    """The waves of a survey; a registration is measured every year."""
    if source.kind == Source.Kind.REGISTRATION:
        return [Planned(period=Period.of_year(year)) for year in years], {}
    waves = {one.period: one for one in Measurement.objects.filter(source=source)}
    usual = _usual(waves)
    planned = [
        Planned(period=Period.parse(one.period), respondents=one.respondents or usual, design_effect=one.design_effect)
        for one in waves.values()
    ]
    return planned, waves


def _usual(waves: Mapping[str, Measurement]) -> int | None:
    """How many people answered the last time."""
    return next((one.respondents for one in reversed(list(waves.values())) if one.respondents), None)


def _baseline(
    amount: float | None, period: str, *, unit: Unit, source: Source, measured: Mapping[str, Measurement]
) -> Reading | None:
    wave = measured.get(period)
    try:
        return Reading(
            period=Period.parse(period),
            value=float(amount) if amount is not None else float("nan"),
            unit=unit,
            respondents=wave.respondents if wave else None,
            respondents_assumed=wave.respondents_are_assumed if wave else False,
            design_effect=wave.design_effect if wave else 1.0,
            series=source.code,
        )
    except (BadPeriod, BadValue):
        return None


def _known(indicator: Indicator, source: Source, objective: Objective, *, known_on: date) -> Series:
    found = series_of([indicator], area=objective.plan.area, known_on=known_on)[indicator.pk]
    return next((one.for_engine() for one in found if one.source == source.code), Series(name=source.code))


def _worded(found: steering.Advice, draft: Draft, *, assumed: int | None) -> Advice:
    lines = [
        AdviceLine(code=reason.code, tone="warning", sentence=reason_sentence(reason, unit=draft.unit))
        for reason in found.findings
        if reason.code not in SAID_ELSEWHERE
    ]
    lines += _good_news(found)
    if assumed is not None and found.power is not None:
        sentence = agreements.assumed_respondents_sentence(assumed)
        lines.append(AdviceLine(code="respondents_as_last_time", tone="info", sentence=sentence))
    lines += [_note(reason, draft) for reason in found.notes]
    return Advice(
        readings=_readings(draft),
        lines=tuple(lines),
        agreed=found.agreed,
        agreed_text="" if found.agreed is None else amounts.amount(round(found.agreed, 2), draft.unit),
        power=found.power,
        chance_met_if_unchanged=found.chance_met_if_unchanged,
    )


def _good_news(found: steering.Advice) -> list[AdviceLine]:
    lines = []
    if found.power is not None and found.power >= GOOD_POWER:
        period = found.measured_in.code if found.measured_in else ""
        sentence = agreements.can_be_shown_sentence(found.power, measured_in=period)
        lines.append(AdviceLine(code="change_can_be_shown", tone="positive", sentence=sentence))
    if found.respondents_needed is not None and found.power is not None and found.power < GOOD_POWER:
        sentence = agreements.respondents_sentence(found.respondents_needed)
        lines.append(AdviceLine(code="respondents_needed", tone="info", sentence=sentence))
    if found.chance_missed_at_target is not None and found.chance_met_if_unchanged is not None:
        sentence = agreements.missed_sentence(found.chance_missed_at_target)
        lines.append(AdviceLine(code="missed_by_chance", tone="info", sentence=sentence))
    return lines


def _note(reason: Reason, draft: Draft) -> AdviceLine:
    return AdviceLine(code=reason.code, tone="info", sentence=reason_sentence(reason, unit=draft.unit))


def _readings(draft: Draft) -> tuple[AdviceLine, ...]:
    """Both meanings of a percentage, whichever was chosen."""
    percent = draft.kind in (TargetKind.RELATIVE, TargetKind.POINTS)
    if not percent or draft.amount is None or draft.baseline is None:
        return ()
    meant = both_readings(draft.baseline.value, percent=draft.amount, unit=draft.unit)
    said = agreements.readings_sentences(
        points="" if meant.points is None else amounts.amount(round(meant.points, 2), draft.unit),
        relative=amounts.amount(round(meant.relative, 2), draft.unit),
        baseline=amounts.amount(draft.baseline.value, draft.unit),
        change=amounts.signed(draft.amount),
    )
    chosen = "points" if draft.kind is TargetKind.POINTS else "relative"
    return tuple(
        AdviceLine(code=code, tone="positive" if code == chosen else "info", sentence=text) for code, text in said
    )
