"""From rows to values that `steering` judges: agreements, the series that judges, the reading behind the baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Prefetch

from koersvast.engine.evidence import BadThresholds, Thresholds
from koersvast.engine.periods import BadPeriod, Period
from koersvast.engine.quantities import BadValue, Direction, Missing, Reading, Reason, Unit
from koersvast.indicators.models import Indicator, Source
from koersvast.indicators.queries.vintages import Series, series_of
from koersvast.policy import steering
from koersvast.policy.models import CourseDecision, Objective, Plan, Target, TargetSet
from koersvast.policy.steering import Judgement, Moment, Outlook


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What counts for an objective: the newest adopted set, or its draft while nothing was adopted."""

    target_set: TargetSet
    targets: tuple[Target, ...]
    is_adopted: bool


@dataclass(frozen=True, kw_only=True)
class Case:
    """One objective with all that is needed to judge it."""

    objective: Objective
    indicator: Indicator
    unit: Unit
    direction: Direction
    source: Source
    judging: Series
    baseline_series: Series | None
    """The series that the baseline came from, when that is another one."""
    agreement: Agreement | None


def objectives_of(plan: Plan) -> list[Objective]:
    """The objectives of a plan with everything that is shown with them, in a fixed number of queries."""
    sets = (
        TargetSet.objects.select_related("decision", "baseline_source", "baseline_definition")
        .prefetch_related("targets")
        .order_by("number")
    )
    found = plan.objectives.select_related(
        "priority", "indicator__source", "source", "plan__area", "plan__municipality"
    )
    courses = CourseDecision.objects.select_related("decision")
    return list(
        found.prefetch_related(Prefetch("target_sets", queryset=sets), Prefetch("course_decisions", queryset=courses))
    )


def agreement_of(objective: Objective) -> Agreement | None:
    """The newest adopted target set, else the draft, else nothing."""
    known = list(objective.target_sets.all())
    adopted = [one for one in known if one.decision_id is not None]
    chosen = (adopted or known)[-1:]
    if not chosen:
        return None
    return Agreement(target_set=chosen[0], targets=tuple(chosen[0].targets.all()), is_adopted=bool(adopted))


def cases(plan: Plan, objectives: Sequence[Objective], *, known_on: date) -> dict[int, Case]:
    """Everything needed to judge each objective that has an indicator, by its primary key."""
    indicators = {one.indicator.pk: one.indicator for one in objectives if one.indicator}
    known = series_of(list(indicators.values()), area=plan.area, known_on=known_on)
    return {one.pk: _case(one, one.indicator, plan, known_on, known) for one in objectives if one.indicator}


def _case(
    objective: Objective, indicator: Indicator, plan: Plan, known_on: date, known: Mapping[int, tuple[Series, ...]]
) -> Case:
    source = objective.source or indicator.source
    found = {one.source: one for one in known.get(indicator.pk, ())}
    agreement = agreement_of(objective)
    other = agreement.target_set.baseline_source if agreement else None
    return Case(
        objective=objective,
        indicator=indicator,
        unit=Unit(indicator.unit),
        direction=Direction(indicator.direction),
        source=source,
        judging=found.get(source.code) or _empty(indicator, source, area=plan.area.code, known_on=known_on),
        baseline_series=found.get(other.code) if other and other.pk != source.pk else None,
        agreement=agreement,
    )


def _empty(indicator: Indicator, source: Source, *, area: str, known_on: date) -> Series:
    return Series(
        indicator=indicator.code,
        name=indicator.name,
        unit=Unit(indicator.unit),
        direction=Direction(indicator.direction),
        source=source.code,
        source_label=source.label,
        area=area,
        known_on=known_on,
        values=(),
    )


def thresholds_of(plan: Plan) -> Thresholds:
    """The municipality's two limits; the usual ones where its own cannot be used."""
    try:
        return Thresholds(on_course=plan.municipality.on_course_from, off_course=plan.municipality.off_course_to)
    except BadThresholds:
        return Thresholds()


def judged(case: Case, target: Target, *, thresholds: Thresholds) -> Judgement:
    """Judge one agreed value on the judging series."""
    moment = moment_of(case, target)
    value = case.judging.value(moment.period.code)
    found = steering.judge(
        moment,
        case.judging.for_engine(),
        baseline=baseline_of(case),
        second=case.baseline_series.for_engine() if case.baseline_series else None,
        missing=(value.missing if value else None) or Missing.NOT_MEASURED,
        thresholds=thresholds,
    )
    return replace(found, reasons=tuple(_with_amounts(reason, case) for reason in found.reasons))


def moment_of(case: Case, target: Target) -> Moment:
    """The moment of one agreed value; its figure counts in the precision in which it is registered."""
    period = Period.of_year(target.year)
    value = case.judging.value(period.code)
    agreed_decimals = max(0, -int(target.agreed.normalize().as_tuple().exponent))
    return Moment(
        period=period,
        agreed=float(target.agreed),
        direction=case.direction,
        unit=case.unit,
        decimals=max(value.decimals, agreed_decimals) if value else None,
    )


def baseline_of(case: Case) -> Reading | None:
    """The reading that the agreement was made on; None when it is not known or cannot be.

    Sources number their definitions apart. Where the baseline came from another source than the one that judges, the
    objective chose that knowingly: it counts under the definition of the judging series, and the reasons say so.
    """
    if case.agreement is None or case.agreement.target_set.baseline_amount is None:
        return None
    made = case.agreement.target_set
    own = case.judging.values[-1].definition_number if case.judging.values else 1
    elsewhere = made.baseline_source is not None and made.baseline_source.pk != case.source.pk
    version = made.baseline_definition.number if made.baseline_definition and not elsewhere else own
    try:
        return Reading(
            period=Period.parse(made.baseline_period),
            value=float(made.baseline_amount or 0),
            unit=case.unit,
            series=made.baseline_source.code if made.baseline_source else case.source.code,
            definition_version=version,
        )
    except (BadPeriod, BadValue):
        return None


def outlook_of(case: Case, *, thresholds: Thresholds) -> Outlook | None:
    """The prospect of the last agreed year; None when that year has a figure already, or nothing was agreed."""
    if case.agreement is None or not case.agreement.targets:
        return None
    final = moment_of(case, case.agreement.targets[-1])
    known = case.judging.for_engine()
    last = known.latest()
    if last is not None and last.period.end >= final.period.end:
        return None
    return steering.outlook(final, known, baseline=baseline_of(case), thresholds=thresholds)


def _with_amounts(reason: Reason, case: Case) -> Reason:
    """Where the baseline has another source, name both sources and give both figures of that year."""
    made = case.agreement.target_set if case.agreement else None
    if reason.code != "other_series_than_baseline" or made is None or made.baseline_source is None:
        return reason
    values: dict[str, float | int | str] = {
        "baseline": made.baseline_source.label,
        "observed": case.source.label,
        "period": made.baseline_period,
        "baseline_amount": float(made.baseline_amount or 0),
    }
    own = case.judging.value(made.baseline_period)
    if own and own.amount is not None:
        values["own_amount"] = float(own.amount)
    return Reason(code="baseline_elsewhere", values=values)
