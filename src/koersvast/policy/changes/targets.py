"""Drafting, adopting and revising agreed values. What is adopted never changes; a revision is a new decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.engine.periods import BadPeriod, Period
from koersvast.engine.quantities import TargetKind, Unit
from koersvast.engine.targets import BadTarget, agreed_value
from koersvast.indicators.models import Definition, Indicator, Source
from koersvast.policy.models import Decision, Objective, Plan, Target, TargetSet

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
# How far the value of the last year may lie from what the stated change comes to: it was rounded.
ROUNDING = {Unit.COUNT: 1.0, Unit.PERCENT: 0.5}
ROUNDING_ELSEWHERE = 0.05


@dataclass(frozen=True, kw_only=True)
class Revision:
    """New agreed values for one objective; what is left out stays as it was adopted."""

    objective: Objective
    values: Mapping[int, Decimal]
    kind: TargetKind | None = None
    stated_change: Decimal | None = None
    note: str = ""


def draft_targets(
    *,
    objective: Objective,
    kind: TargetKind,
    values: Mapping[int, Decimal],
    by: Actor,
    stated_change: Decimal | None = None,
    baseline_amount: Decimal | None = None,
    baseline_period: str = "",
    baseline_definition: Definition | None = None,
    baseline_source: Source | None = None,
    note: str = "",
) -> TargetSet:
    """Write the draft of an objective: there is one at a time, and drafting again replaces it.

    Raises ValidationError with codes. A draft may still lack its baseline or values; adoption refuses that.
    """
    municipality = objective.plan.municipality
    authorise(by, Permission.PLAN_EDIT, municipality, on=timezone.localdate())
    kind = TargetKind(kind)
    indicator = _indicator_of(objective)
    _check_values(kind, values, unit=Unit(indicator.unit))
    _check_baseline(indicator, baseline_period, baseline_definition, baseline_source, first_year=min(values, default=0))
    _check_change(kind, values, stated_change, baseline_amount, unit=Unit(indicator.unit))
    with audit.recorded(Event.TARGET_DRAFTED, by=by, municipality=municipality) as record:
        _hold(objective.plan)
        draft = objective.target_sets.filter(decision=None).first() or _new_draft(objective)
        draft.kind, draft.stated_change, draft.note = kind.value, stated_change, note
        draft.baseline_amount, draft.baseline_period = baseline_amount, baseline_period
        draft.baseline_definition, draft.baseline_source = baseline_definition, baseline_source
        draft.full_clean()
        draft.save()
        draft.targets.all().delete()
        for year, agreed in sorted(values.items()):
            target = Target(target_set=draft, year=year, agreed=agreed)
            target.full_clean()
            target.save()
        record.subject, record.detail = draft, {"objective": objective.code, "number": draft.number}
    return draft


def withdraw_draft(*, objective: Objective, by: Actor) -> None:
    """Throw the draft away; what was adopted stays."""
    municipality = objective.plan.municipality
    authorise(by, Permission.PLAN_EDIT, municipality, on=timezone.localdate())
    with audit.recorded(Event.TARGET_DRAFT_WITHDRAWN, by=by, municipality=municipality) as record:
        _hold(objective.plan)
        draft = objective.target_sets.filter(decision=None).first()
        if draft is None:
            raise ValidationError(_("This objective has no draft."), code="no_draft")
        draft.targets.all().delete()
        draft.delete()
        record.subject, record.detail = objective, {"objective": objective.code}


def adopt(
    *,
    plan: Plan,
    body: str,
    decided_on: date,
    document: str,
    by: Actor,
    date_is_assumed: bool = False,
    document_url: str = "",
    reason: str = "",
) -> Decision:
    """Adopt every draft of the plan by one decision.

    Refused when there is no draft, or when one has no baseline or no values. A draft that takes the place of adopted
    values makes it a revision, and that needs a reason.
    """
    _may_adopt(by, plan)
    with audit.recorded(Event.TARGETS_DECIDED, by=by, municipality=plan.municipality) as record:
        _hold(plan)
        drafts = _drafts(plan)
        decision = _decide(
            plan, drafts, body=body, decided_on=decided_on, date_is_assumed=date_is_assumed, document=document,
            document_url=document_url, reason=reason, by=by,
        )  # fmt: skip
        record.subject, record.detail = decision, _told(decision, drafts)
    return decision


def revise(
    *,
    plan: Plan,
    revisions: Sequence[Revision],
    reason: str,
    body: str,
    decided_on: date,
    document: str,
    by: Actor,
    date_is_assumed: bool = False,
    document_url: str = "",
) -> Decision:
    """Set new values for adopted objectives by a new decision that supersedes the old one, with its reason."""
    _may_adopt(by, plan)
    with audit.recorded(Event.TARGETS_REVISED, by=by, municipality=plan.municipality) as record:
        _hold(plan)
        drafts = [_revised(plan, revision, by=by) for revision in revisions]
        decision = _decide(
            plan, drafts, body=body, decided_on=decided_on, date_is_assumed=date_is_assumed, document=document,
            document_url=document_url, reason=reason, by=by,
        )  # fmt: skip
        record.subject, record.detail = decision, _told(decision, drafts)
    return decision


def _may_adopt(by: Actor, plan: Plan) -> None:
    authorise(by, Permission.PLAN_ADOPT, plan.municipality, on=timezone.localdate())


def _hold(plan: Plan) -> None:
    """Let nobody else draft or decide on this plan until the change is over: what is checked is what is adopted."""
    Plan.objects.select_for_update().get(pk=plan.pk)


def _drafts(plan: Plan) -> Sequence[TargetSet]:
    drafts = TargetSet.objects.filter(objective__plan=plan, decision=None)
    return list(drafts.select_related("objective").prefetch_related("targets").order_by("objective__position"))


def _new_draft(objective: Objective) -> TargetSet:
    """A next version; it takes the place of the adopted one, if there is one."""
    known = objective.target_sets
    number = (known.aggregate(highest=Max("number"))["highest"] or 0) + 1
    adopted = known.exclude(decision=None).order_by("-number").first()
    return TargetSet(objective=objective, number=number, supersedes=adopted)


def _revised(plan: Plan, revision: Revision, *, by: Actor) -> TargetSet:
    objective = revision.objective
    if objective.plan_id != plan.pk:
        raise ValidationError(_("This belongs to another plan."), code="other_plan")
    if objective.target_sets.filter(decision=None).exists():
        raise ValidationError(
            _("%(title)s has an open draft. Adopt it or withdraw it first."),
            code="draft_is_open",
            params={"title": objective.title},
        )
    adopted = objective.target_sets.exclude(decision=None).order_by("-number").first()
    if adopted is None:
        raise ValidationError(
            _("Nothing was adopted for %(title)s yet, so there is nothing to revise."),
            code="nothing_adopted",
            params={"title": objective.title},
        )
    kept = {target.year: target.agreed for target in adopted.targets.all()}
    return draft_targets(
        objective=objective,
        kind=revision.kind or TargetKind.LEVEL,
        values={**kept, **revision.values},
        stated_change=revision.stated_change,
        baseline_amount=adopted.baseline_amount,
        baseline_period=adopted.baseline_period,
        baseline_definition=adopted.baseline_definition,
        baseline_source=adopted.baseline_source,
        note=revision.note,
        by=by,
    )


def _decide(
    plan: Plan, drafts: Sequence[TargetSet], *, body: str, decided_on: date, date_is_assumed: bool, document: str,
    document_url: str, reason: str, by: Actor,
) -> Decision:  # fmt: skip
    """Record the decision and freeze the drafts under it."""
    _refuse_unfinished(drafts)
    is_revision = any(draft.supersedes_id for draft in drafts)
    _check_decision(plan, decided_on=decided_on, reason=reason, is_revision=is_revision)
    decision = Decision(
        plan=plan,
        number=(plan.decisions.aggregate(highest=Max("number"))["highest"] or 0) + 1,
        kind=Decision.Kind.REVISION if is_revision else Decision.Kind.ADOPTION,
        body=body,
        decided_on=decided_on,
        date_is_assumed=date_is_assumed,
        document=document,
        document_url=document_url,
        reason=reason.strip(),
        recorded_at=timezone.now().replace(microsecond=0),
        recorded_by=audit.describe(by),
    )
    decision.full_clean()
    decision.save()
    for draft in drafts:
        draft.targets.update(is_adopted=True)  # first: a decided set takes no further values
        draft.decision = decision
        draft.save(update_fields=["decision"])
    return decision


def _told(decision: Decision, drafts: Sequence[TargetSet]) -> dict[str, object]:
    return {"decision": decision.number, "objectives": [draft.objective.code for draft in drafts]}


def _refuse_unfinished(drafts: Sequence[TargetSet]) -> None:
    if not drafts:
        raise ValidationError(_("There is no draft to adopt."), code="no_draft")
    problems = []
    for draft in drafts:
        problems += [
            ValidationError(message, code=code, params={"title": draft.objective.title})
            for code, message in unfinished(draft)
        ]
    if problems:
        raise ValidationError(problems)


def unfinished(draft: TargetSet) -> list[tuple[str, str]]:
    """What a draft still lacks before it can be adopted, as codes with messages (parameter: title)."""
    lacking = []
    if draft.baseline_amount is None or not draft.baseline_period:
        lacking.append(("draft_without_baseline", _("%(title)s has no baseline: fill in the amount and the year.")))
    if not draft.targets.all():
        lacking.append(("draft_without_values", _("%(title)s has no agreed value for any year.")))
    return lacking


def _check_decision(plan: Plan, *, decided_on: date, reason: str, is_revision: bool) -> None:
    if is_revision and not reason.strip():
        raise ValidationError(
            {"reason": ValidationError(_("Adopted values change: say why."), code="revision_without_reason")}
        )
    if decided_on > timezone.localdate():
        raise ValidationError(
            {"decided_on": ValidationError(_("This day is still to come."), code="decision_in_future")}
        )
    last = plan.decisions.order_by("-number").first()
    if last and decided_on < last.decided_on:
        raise ValidationError(
            {
                "decided_on": ValidationError(
                    _("An earlier decision on this plan is of a later day."), code="decision_before_the_last"
                )
            }
        )


def _indicator_of(objective: Objective) -> Indicator:
    if objective.indicator is None:
        raise ValidationError(
            _("%(title)s has no indicator: choose what is measured first."),
            code="objective_without_indicator",
            params={"title": objective.title},
        )
    return objective.indicator


def _check_values(kind: TargetKind, values: Mapping[int, Decimal], *, unit: Unit) -> None:
    if kind is TargetKind.POINTS and unit is not Unit.PERCENT:
        raise ValidationError(
            {"kind": ValidationError(_("Percentage points only exist for a share."), code="points_need_a_share")}
        )
    for year, agreed in values.items():
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            raise ValidationError(_("%(year)s is not a possible year."), code="year_impossible", params={"year": year})
        try:
            agreed_value(TargetKind.LEVEL, unit=unit, amount=float(agreed))
        except BadTarget as error:
            raise ValidationError(
                _("%(amount)s is not possible for %(year)s: check the unit."),
                code=error.code,
                params={"amount": agreed, "year": year},
            ) from error


def _check_baseline(
    indicator: Indicator, period: str, definition: Definition | None, source: Source | None, *, first_year: int
) -> None:
    if definition and definition.indicator_id != indicator.pk:
        raise ValidationError(_("This definition belongs to another indicator."), code="other_indicator")
    if source and source.municipality_id != indicator.municipality_id:
        raise ValidationError(_("This belongs to another municipality."), code="other_municipality")
    if not period:
        return
    try:
        measured = Period.parse(period)
    except BadPeriod as error:
        problem = ValidationError(
            _("%(period)s is not a year, quarter or month."), code="period_unreadable", params={"period": period}
        )
        raise ValidationError({"baseline_period": problem}) from error
    if first_year and measured.year >= first_year:
        problem = ValidationError(
            _("The baseline is not earlier than the first agreed value."), code="baseline_after_target"
        )
        raise ValidationError({"baseline_period": problem})


def _check_change(
    kind: TargetKind,
    values: Mapping[int, Decimal],
    stated_change: Decimal | None,
    baseline: Decimal | None,
    *,
    unit: Unit,
) -> None:
    """Refuse a last value that contradicts the stated change: percent and points are confused just so."""
    needs_change = kind in (TargetKind.ABSOLUTE, TargetKind.RELATIVE, TargetKind.POINTS)
    if kind is TargetKind.LEVEL or not values or baseline is None or (needs_change and stated_change is None):
        return
    try:
        meant = agreed_value(
            kind,
            unit=unit,
            amount=None if stated_change is None else float(stated_change),
            baseline=float(baseline),
        )
    except BadTarget as error:
        problem = ValidationError(_("The change takes the value below 0 or above 100 %."), code=error.code)
        raise ValidationError({"stated_change": problem}) from error
    last = values[max(values)]
    if abs(float(last) - meant) > ROUNDING.get(unit, ROUNDING_ELSEWHERE) + 1e-9:
        raise ValidationError(
            _("The value of %(year)s is %(last)s, but the stated change comes to %(meant)s. Is it percent or points?"),
            code="last_value_contradicts_change",
            params={"year": max(values), "last": last, "meant": round(meant, 2)},
        )
