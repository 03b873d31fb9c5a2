"""Is it on course? A target, a series as known on a day, and what follows from them, with the reasons.

Two statements that are never mixed: *attained* (the registered figure against the agreed value, a formal fact) and
*evidence* (the probability that the underlying level is at or beyond it). Pure: no models, no clock, no sentences.
Methods: docs/methods/evidence.md, docs/methods/outlook.md, docs/methods/targets.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from koersvast.engine import counts, evidence, forecast, series, survey, targets
from koersvast.engine.dispersion import POISSON, Dispersion
from koersvast.engine.evidence import Thresholds
from koersvast.engine.periods import Period
from koersvast.engine.quantities import (
    Direction,
    EvidenceVerdict,
    Method,
    Missing,
    Reading,
    Reason,
    TargetKind,
    Unit,
)
from koersvast.engine.series import Series

type Lean = Literal["on", "off"]

NOT_JUDGED = Method(name="evidence-none", version="1")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One measured moment of a target: what was agreed for which period.

    `decimals` is the precision in which the figure is registered (0 for counts and whole percentages); attained is
    decided on that precision.
    """

    period: Period
    agreed: float
    direction: Direction
    unit: Unit
    decimals: int | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A target while it is being written; `amount` as in `engine.targets.agreed_value` (changes are signed)."""

    kind: TargetKind
    period: Period
    direction: Direction
    unit: Unit
    amount: float | None = None
    baseline: Reading | None = None


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A planned measurement; respondents and design effect only for a survey, None when not yet known."""

    period: Period
    respondents: int | None = None
    design_effect: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What there is to know about a draft target before it is adopted; None where it does not apply or is not known.

    `power` is the chance that the planned measurement shows the change when it is really there, `smallest_detectable`
    the value nearest to the baseline that it shows four times out of five. Chances of counts hold for chance alone;
    `chance_met_if_unchanged_widened` uses the dispersion of the series. `findings` asks for attention, `notes` explains
    the numbers.
    """

    agreed: float | None
    percent_readings: targets.PercentReadings | None
    baseline_check: counts.BaselineCheck | None
    measured_in: Period | None
    power: float | None
    smallest_detectable: float | None
    respondents_needed: int | None
    chance_met_if_unchanged: float | None
    chance_met_if_unchanged_widened: float | None
    chance_missed_at_target: float | None
    dispersion: Dispersion
    findings: tuple[Reason, ...]
    notes: tuple[Reason, ...]
    method: Method = targets.METHOD


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The prospect of reaching an agreed value in a later period; `forecast` holds the numbers and the reasons.

    `verdict` reads the probability with the thresholds; None when no outlook can be given.
    """

    forecast: forecast.Forecast
    verdict: EvidenceVerdict | None
    thresholds: Thresholds


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """The probability if the dispersion of another series of the same indicator were used."""

    series: str
    probability: float
    verdict: EvidenceVerdict
    dispersion: Dispersion


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What may be said about one moment of a target. `low` and `high`: 95 % limits of the level, in the unit.

    `agreed` is the value that the figure was compared with; it differs from `agreed_originally` when a conversion
    factor carried it across a break.
    """

    period: Period
    observed: Reading | None
    agreed: float
    agreed_originally: float
    direction: Direction
    attained: bool | None
    evidence: EvidenceVerdict
    probability: float | None
    lean: Lean | None
    low: float | None
    high: float | None
    dispersion: Dispersion
    sensitivity: Sensitivity | None
    missing: Missing | None
    reasons: tuple[Reason, ...]
    method: Method
    thresholds: Thresholds


def judge(
    moment: Moment,
    known: Series,
    *,
    baseline: Reading | None = None,
    second: Series | None = None,
    missing: Missing = Missing.NOT_MEASURED,
    thresholds: Thresholds | None = None,
) -> Judgement:
    """Judge one moment of a target on the series as known on a day.

    `baseline` is the reading that the target was set on: a break or another definition since then makes the moment not
    comparable, unless a conversion factor carries it across. `second` is another series of the same indicator, used for
    `sensitivity` only. `missing` says why there is no figure, when there is none.
    """
    thresholds = thresholds or Thresholds()
    observed = known.at(moment.period)
    if observed is None:
        reason = Reason(code=missing.value, values={"period": moment.period.code})
        return _unjudged(moment, None, EvidenceVerdict.NOT_MEASURED, (reason,), thresholds, missing=missing)
    plain = _against_baseline(baseline, observed, known)
    if observed.unit is not moment.unit:
        units = {"earlier": moment.unit.value, "later": observed.unit.value}
        plain = series.Comparability(comparable=False, reasons=(Reason(code="different_unit", values=units),))
    if not plain.comparable:
        reasons = (*plain.reasons, *evidence.reading_reasons(observed))
        return _unjudged(moment, observed, EvidenceVerdict.NOT_COMPARABLE, reasons, thresholds)
    return _judged(moment, observed, known, second, plain, thresholds)


def outlook(
    moment: Moment,
    known: Series,
    *,
    until: Period | None = None,
    baseline: Reading | None = None,
    thresholds: Thresholds | None = None,
) -> Outlook:
    """The outlook for a moment that lies ahead, from the comparable readings (until `until`, when given)."""
    thresholds = thresholds or Thresholds()
    last = known.latest(until=until)
    readings = () if last is None else (*known.comparable_before(last), last)
    agreed: float | None = moment.agreed
    refused: tuple[Reason, ...] = ()
    if last is not None and baseline is not None:
        plain = _against_baseline(baseline, last, known)
        agreed = moment.agreed * plain.factor if plain.comparable else None
        refused = plain.reasons
    found = forecast.forecast(readings, period=moment.period, direction=moment.direction, agreed=agreed)
    found = replace(found, reasons=(*found.reasons, *refused))
    verdict = None if found.probability is None else evidence.verdict_of(found.probability, thresholds)
    return Outlook(forecast=found, verdict=verdict, thresholds=thresholds)


def consider(
    draft: Draft,
    known: Series,
    *,
    planned: Iterable[Planned] = (),
    recent_periods: int = 4,
    significance: float = 0.05,
    wanted_power: float = 0.80,
    chance_limit: float = 0.10,
) -> Advice:
    """Look at a draft target before it is adopted: what it means, whether it can be seen, whether chance meets it.

    `known` is the series that the baseline belongs to. `chance_limit` is from which chance "nothing changed meets the
    target" is a finding, `wanted_power` under which power the measurement is too coarse.
    """
    base = draft.baseline
    findings, notes = list[Reason](), list[Reason]()
    agreed = _agreed(draft, findings)
    measured = _measured_in(draft, planned, findings)
    readings = _percent_readings(draft, findings)
    check = _check_baseline(draft, known, recent_periods, findings)
    dispersion = POISSON
    if base is not None and series.is_count_like(draft.unit):
        dispersion = series.dispersion_of((*known.comparable_before(base), base))
        notes += evidence.dispersion_reasons(dispersion)
    seen = _Detectability()
    if agreed is not None and base is not None and base.value != agreed:
        if series.is_count_like(draft.unit):
            seen = _counts_detectability(draft, base, agreed, dispersion, significance, wanted_power)
        elif draft.unit is Unit.PERCENT:
            seen = _share_detectability(base, agreed, measured, significance, wanted_power, notes)
        else:
            notes.append(Reason(code="margin_unknown"))
    if seen.power is not None and seen.power < wanted_power:
        values: dict[str, float | int | str] = {"power": seen.power, "wanted": wanted_power}
        if seen.smallest is not None:
            values["smallest_detectable"] = seen.smallest
        findings.append(Reason(code="change_too_small_to_show", values=values))
    if seen.met is not None and max(seen.met, seen.met_widened or 0.0) >= chance_limit:
        findings.append(Reason(code="met_by_chance", values={"chance": seen.met}))
    if agreed is not None:
        findings += _looser_than_last(draft, agreed, known)
    return Advice(
        agreed=agreed,
        percent_readings=readings,
        baseline_check=check,
        measured_in=None if measured is None else measured.period,
        power=seen.power,
        smallest_detectable=seen.smallest,
        respondents_needed=seen.respondents_needed,
        chance_met_if_unchanged=seen.met,
        chance_met_if_unchanged_widened=seen.met_widened,
        chance_missed_at_target=seen.missed,
        dispersion=dispersion,
        findings=tuple(findings),
        notes=tuple(notes),
    )


@dataclass(frozen=True, kw_only=True)
class _Detectability:
    power: float | None = None
    smallest: float | None = None
    respondents_needed: int | None = None
    met: float | None = None
    met_widened: float | None = None
    missed: float | None = None


def _agreed(draft: Draft, findings: list[Reason]) -> float | None:
    baseline = None if draft.baseline is None else draft.baseline.value
    if baseline is None and draft.kind in (TargetKind.LEVEL, TargetKind.ZERO):
        findings.append(Reason(code="baseline_missing"))
    try:
        return targets.agreed_value(draft.kind, unit=draft.unit, amount=draft.amount, baseline=baseline)
    except targets.BadTarget as bad:
        findings.append(Reason(code=bad.code))
        return None


def _percent_readings(draft: Draft, findings: list[Reason]) -> targets.PercentReadings | None:
    if draft.kind not in (TargetKind.RELATIVE, TargetKind.POINTS) or draft.amount is None or draft.baseline is None:
        return None
    readings = targets.both_readings(draft.baseline.value, percent=draft.amount, unit=draft.unit)
    if readings.is_ambiguous and readings.points is not None:
        values: dict[str, float | int | str] = {"points": readings.points, "relative": readings.relative}
        findings.append(Reason(code="percent_or_points", values=values))
    return readings


def _measured_in(draft: Draft, planned: Iterable[Planned], findings: list[Reason]) -> Planned | None:
    """The last planned measurement on or before the target's period, and after the baseline."""
    after = draft.baseline.period if draft.baseline is not None else None
    in_time = [
        plan
        for plan in planned
        if plan.period.end <= draft.period.end and (after is None or plan.period.start >= after.end)
    ]
    if not in_time:
        findings.append(Reason(code="no_measurement_before_target", values={"period": draft.period.code}))
        return None
    return max(in_time, key=lambda plan: plan.period)


def _check_baseline(
    draft: Draft, known: Series, recent_periods: int, findings: list[Reason]
) -> counts.BaselineCheck | None:
    base = draft.baseline
    if base is None:
        return None
    values = [reading.value for reading in (*known.comparable_before(base), base)]
    check = counts.check_baseline(values, recent=recent_periods)
    if check.is_extreme:
        which = "baseline_is_lowest" if check.is_lowest else "baseline_is_highest"
        numbers: dict[str, float | int | str] = {
            "baseline": check.baseline,
            "mean": check.mean,
            "periods": check.periods,
        }
        findings.append(Reason(code=which, values=numbers))
    return check


def _counts_detectability(
    draft: Draft, base: Reading, agreed: float, dispersion: Dispersion, significance: float, wanted_power: float
) -> _Detectability:
    count = series.events(base)
    if count is None:
        return _Detectability()
    scale = series.events_per_unit(base)
    goal = agreed * scale
    smallest = counts.smallest_detectable_level(
        count,
        direction=draft.direction,
        dispersion=dispersion,
        wanted_power=wanted_power,
        significance=significance,
    )
    widened = dispersion.degrees_of_freedom is not None
    return _Detectability(
        power=counts.chance_change_shows(count, goal, dispersion=dispersion, significance=significance),
        smallest=None if smallest is None else smallest / scale,
        met=counts.chance_target_met(goal, level=count, direction=draft.direction),
        met_widened=counts.chance_target_met(goal, level=count, direction=draft.direction, dispersion=dispersion)
        if widened
        else None,
        missed=counts.chance_target_missed(goal, direction=draft.direction),
    )


def _share_detectability(
    base: Reading,
    agreed: float,
    measured: Planned | None,
    significance: float,
    wanted_power: float,
    notes: list[Reason],
) -> _Detectability:
    first = evidence.effective_respondents(base)
    respondents = None if measured is None else measured.respondents
    if first is None or measured is None or respondents is None:
        notes.append(Reason(code="respondents_unknown"))
        return _Detectability()
    notes += evidence.reading_reasons(base)
    second = survey.effective_respondents(respondents, design_effect=measured.design_effect)
    smallest = survey.smallest_detectable_change(
        base.value,
        earlier_respondents=first,
        later_respondents=second,
        downwards=agreed < base.value,
        wanted_power=wanted_power,
        significance=significance,
    )
    error = survey.share_error_points(base.value, respondents=second)
    return _Detectability(
        power=survey.power(
            base.value, agreed, earlier_respondents=first, later_respondents=second, significance=significance
        ),
        smallest=None if smallest is None else base.value + (smallest if agreed > base.value else -smallest),
        respondents_needed=survey.respondents_needed(
            base.value,
            agreed,
            earlier_respondents=first,
            later_design_effect=measured.design_effect,
            wanted_power=wanted_power,
            significance=significance,
        ),
        met=survey.chance_beyond(abs(agreed - base.value), error=error),
        missed=0.5,
    )


def _looser_than_last(draft: Draft, agreed: float, known: Series) -> list[Reason]:
    last = known.latest(until=draft.period)
    if last is None or last.unit is not draft.unit or draft.kind is TargetKind.KEEP:
        return []
    if not targets.is_stricter(last.value, than=agreed, direction=draft.direction):
        return []
    values: dict[str, float | int | str] = {"agreed": agreed, "last": last.value, "period": last.period.code}
    return [Reason(code="looser_than_last_measurement", values=values)]


def _judged(
    moment: Moment,
    observed: Reading,
    known: Series,
    second: Series | None,
    plain: series.Comparability,
    thresholds: Thresholds,
) -> Judgement:
    agreed = moment.agreed * plain.factor
    dispersion = series.earlier_dispersion(known, observed) if series.is_count_like(observed.unit) else POISSON
    found = evidence.weigh(
        observed, agreed=agreed, direction=moment.direction, dispersion=dispersion, variance_factor_cv=plain.factor_cv
    )
    verdict = evidence.verdict_of(found.probability, thresholds)
    unprovable = any(reason.code in ("zero_cannot_be_shown", "bound_cannot_be_shown") for reason in found.reasons)
    return Judgement(
        period=moment.period,
        observed=observed,
        agreed=agreed,
        agreed_originally=moment.agreed,
        direction=moment.direction,
        attained=targets.is_attained(
            observed.value, agreed=agreed, direction=moment.direction, decimals=moment.decimals
        ),
        evidence=verdict,
        probability=found.probability,
        lean="on" if unprovable else _lean(found.probability, verdict),
        low=found.low,
        high=found.high,
        dispersion=dispersion,
        sensitivity=_sensitivity(moment, observed, agreed, second, dispersion, thresholds),
        missing=None,
        reasons=(*plain.reasons, *found.reasons),
        method=found.method,
        thresholds=thresholds,
    )


def _against_baseline(baseline: Reading | None, observed: Reading, known: Series) -> series.Comparability:
    """Whether a target set on the baseline may be held against this reading; another source is said, not refused."""
    if baseline is None or baseline.period.code == observed.period.code:
        return series.Comparability(comparable=True)
    same_source = Reading(
        period=baseline.period,
        value=baseline.value,
        unit=baseline.unit,
        series=observed.series,
        definition_version=baseline.definition_version,
    )
    plain = series.comparability(same_source, observed, breaks=known.breaks)
    if baseline.series == observed.series:
        return plain
    names = {"baseline": baseline.series, "observed": observed.series}
    other = Reason(code="other_series_than_baseline", values=names)
    return series.Comparability(
        comparable=plain.comparable,
        factor=plain.factor,
        factor_cv=plain.factor_cv,
        reasons=(*plain.reasons, other),
    )


def _sensitivity(
    moment: Moment,
    observed: Reading,
    agreed: float,
    second: Series | None,
    own: Dispersion,
    thresholds: Thresholds,
) -> Sensitivity | None:
    if second is None or own.degrees_of_freedom is not None or not series.is_count_like(observed.unit):
        return None
    last = second.latest()
    usable = [] if last is None else [*second.comparable_before(last), last]
    other = series.dispersion_of(reading for reading in usable if reading.period.end <= observed.period.start)
    if other.degrees_of_freedom is None:
        return None
    found = evidence.weigh(observed, agreed=agreed, direction=moment.direction, dispersion=other)
    if found.probability is None:
        return None
    return Sensitivity(
        series=second.name or (last.series if last else ""),
        probability=found.probability,
        verdict=evidence.verdict_of(found.probability, thresholds),
        dispersion=other,
    )


def _lean(probability: float | None, verdict: EvidenceVerdict) -> Lean | None:
    if probability is None or verdict is not EvidenceVerdict.CANNOT_TELL:
        return None
    return "on" if probability >= 0.5 else "off"


def _unjudged(
    moment: Moment,
    observed: Reading | None,
    verdict: EvidenceVerdict,
    reasons: tuple[Reason, ...],
    thresholds: Thresholds,
    *,
    missing: Missing | None = None,
) -> Judgement:
    return Judgement(
        period=moment.period,
        observed=observed,
        agreed=moment.agreed,
        agreed_originally=moment.agreed,
        direction=moment.direction,
        attained=None,
        evidence=verdict,
        probability=None,
        lean=None,
        low=None,
        high=None,
        dispersion=POISSON,
        sensitivity=None,
        missing=missing,
        reasons=reasons,
        method=NOT_JUDGED,
        thresholds=thresholds,
    )
