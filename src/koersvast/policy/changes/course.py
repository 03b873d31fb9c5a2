"""Deciding on the course of an objective: adjust the target, adjust the measures, accept, or secure what works."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.engine.periods import BadPeriod, Period
from koersvast.engine.quantities import EvidenceVerdict
from koersvast.policy.models import CourseDecision, Decision, Objective

Choice = CourseDecision.Choice
# With one of these verdicts a decision always says why it came to that. Not measured may simply be not due yet.
NEEDS_REASON = frozenset({EvidenceVerdict.OFF_COURSE, EvidenceVerdict.NOT_COMPARABLE})


def record_course(
    *, objective: Objective, choice: str, period: str, evidence: EvidenceVerdict, reason_code: str, reason: str,
    text: str, body: str, decided_on: date, document: str, by: Actor, decision: Decision | None = None,
) -> CourseDecision:  # fmt: skip
    """Record what was decided about an objective after looking back on `period`. It never changes afterwards.

    Adjusting the target refers to the decision of the ledger that set the new values; nothing else does. What the
    codes of reasons are, is up to the caller. Codes: body_missing, choice_unknown, decision_elsewhere,
    decision_in_future, decision_missing, decision_not_needed, period_unreadable, reason_missing, text_missing.
    """
    municipality = objective.plan.municipality
    authorise(by, Permission.REVIEW_RECORD, municipality, on=timezone.localdate())
    _check_said(choice, period, text=text, body=body, decided_on=decided_on)
    if EvidenceVerdict(evidence) in NEEDS_REASON and not reason_code:
        problem = ValidationError(_("Choose the reason that explains it best."), code="reason_missing")
        raise ValidationError({"reason_code": problem})
    _check_decision(objective, choice, decision)
    with audit.recorded(Event.COURSE_DECIDED, by=by, municipality=municipality) as record:
        Objective.objects.select_for_update(of=("self",)).get(pk=objective.pk)
        made = CourseDecision(
            objective=objective,
            number=(objective.course_decisions.aggregate(highest=Max("number"))["highest"] or 0) + 1,
            choice=choice,
            period=period,
            evidence=EvidenceVerdict(evidence).value,
            reason_code=reason_code,
            reason=reason.strip(),
            text=text.strip(),
            body=body.strip(),
            decided_on=decided_on,
            document=document.strip(),
            decision=decision,
            recorded_at=timezone.now().replace(microsecond=0),
            recorded_by=audit.describe(by),
        )
        made.full_clean()
        made.save(force_insert=True)
        record.subject, record.detail = made, {"objective": objective.code, "number": made.number, "choice": choice}
    return made


def _check_said(choice: str, period: str, *, text: str, body: str, decided_on: date) -> None:
    if choice not in Choice.values:
        raise ValidationError({"choice": ValidationError(_("Choose what was decided."), code="choice_unknown")})
    if not text.strip():
        problem = ValidationError(_("Write in a sentence what was decided."), code="text_missing")
        raise ValidationError({"text": problem})
    if not body.strip():
        problem = ValidationError(_("Say who decided it, such as the college."), code="body_missing")
        raise ValidationError({"body": problem})
    if decided_on > timezone.localdate():
        raise ValidationError(
            {"decided_on": ValidationError(_("This day is still to come."), code="decision_in_future")}
        )
    try:
        Period.parse(period)
    except BadPeriod as error:
        raise ValidationError(
            _("%(period)s is not a year, quarter or month."), code="period_unreadable", params={"period": period}
        ) from error


def _check_decision(objective: Objective, choice: str, decision: Decision | None) -> None:
    if choice != Choice.ADJUST_TARGET:
        if decision is not None:
            raise ValidationError(
                _("Only adjusting the target refers to a decision on target values."), code="decision_not_needed"
            )
        return
    if decision is None:
        raise ValidationError(
            _("Adjusting the target needs the decision that set the new values."), code="decision_missing"
        )
    if not decision.target_sets.filter(objective=objective).exists():
        raise ValidationError(
            _("That decision set no values for this objective. Choose the decision that did."),
            code="decision_elsewhere",
        )
