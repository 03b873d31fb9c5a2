"""Looking back: planning the moments, reading objective by objective, deciding on the course, closing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.conflicts import locked
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.partners.models import Organisation
from koersvast.policy.changes import targets
from koersvast.policy.changes.course import Choice, record_course
from koersvast.policy.models import CourseDecision, Decision, Objective, Plan
from koersvast.policy.queries.standing import ObjectiveStanding
from koersvast.programme.looking_back import KINDS, kept, needs_reason, standing_from, suggestions
from koersvast.programme.models import CheckMoment, ObjectiveReview
from koersvast.programme.queries.reviews import actions_seen, breaks_of, kept_form, standing_of, unfinished
from koersvast.programme.reasons import OTHER, reason_entries
from koersvast.programme.wording.reviews import moment_title


def plan_checks(*, plan: Plan, by: Actor, kinds: Collection[str] = KINDS) -> list[CheckMoment]:
    """Plan every period of these kinds that the plan does not look back on yet; what is there stays as it is."""
    _may_record(by, plan.municipality)
    with audit.recorded(Event.CHECK_PLANNED, by=by, municipality=plan.municipality) as record:
        Plan.objects.select_for_update().get(pk=plan.pk)
        there = set(plan.check_moments.values_list("period", flat=True))
        wanted = [one for one in suggestions(plan.first_year, plan.last_year) if one.kind in kinds]
        added = [
            CheckMoment.objects.create(
                municipality=plan.municipality, plan=plan, kind=one.kind, period=one.period,
                planned_on=one.planned_on, title=moment_title(one.kind, one.period, first_year=plan.first_year),
            )
            for one in wanted
            if one.period not in there
        ]  # fmt: skip
        record.subject, record.detail = plan, {"plan": plan.code, "moments": len(added)}
    return added


def move_check(*, moment: CheckMoment, planned_on: date, title: str, by: Actor, version: int | None) -> CheckMoment:
    """Plan a moment on another day or give it another title. Code: check_closed."""
    _may_record(by, moment.municipality)
    with audit.recorded(Event.CHECK_PLANNED, by=by, municipality=moment.municipality) as record:
        row = _open_row(moment, version=version)
        row.planned_on, row.title = planned_on, title.strip()
        _save(row)
        record.subject, record.detail = row, {"period": row.period}
    return row


def remove_check(*, moment: CheckMoment, by: Actor, version: int | None) -> None:
    """Take away a moment at which nothing was read yet. Code: check_begun."""
    _may_record(by, moment.municipality)
    with audit.recorded(Event.CHECK_PLANNED, by=by, municipality=moment.municipality) as record:
        row = _open_row(moment, version=version)
        if row.reviews.exists():
            raise ValidationError(
                _("Something was read at this moment already, so it stays. Close it when it is finished."),
                code="check_begun",
            )
        record.subject, record.detail = row.plan, {"period": row.period, "removed": True}
        row.delete()


def open_check(*, moment: CheckMoment, known_on: date, by: Actor, version: int | None) -> CheckMoment:
    """Begin, with the figures as they were known on a day. Codes: check_begun, check_closed, day_in_future."""
    _may_record(by, moment.municipality)
    if known_on > timezone.localdate():
        problem = ValidationError(_("That day has yet to come. Choose today or an earlier day."), code="day_in_future")
        raise ValidationError({"known_on": problem})
    with audit.recorded(Event.CHECK_OPENED, by=by, municipality=moment.municipality) as record:
        row = _open_row(moment, version=version)
        if row.known_on != known_on and row.reviews.exists():
            raise ValidationError(
                _("Objectives were read with the figures of another day. That day stays for this review."),
                code="check_begun",
            )
        row.known_on = known_on
        row.opened_on = row.opened_on or timezone.localdate()
        _save(row)
        record.subject, record.detail = row, {"period": row.period, "known_on": known_on.isoformat()}
    return row


def record_review(
    *, moment: CheckMoment, objective: Objective, readers: Sequence[Organisation], read_by_others: str, reading: str,
    reason_code: str, reason_text: str, by: Actor, version: int | None,
) -> ObjectiveReview:  # fmt: skip
    """Record what was read and concluded about one objective; verdict, forecast and figures are kept with it.

    `version` is 0 for somebody who saw no earlier reading. Codes: check_closed, check_not_open, other_municipality,
    other_plan, readers_missing, reading_missing, reason_missing, reason_text_missing, reason_unknown.
    """
    _may_record(by, moment.municipality)
    _check_reading(moment, readers, read_by_others=read_by_others, reading=reading)
    with audit.recorded(Event.OBJECTIVE_REVIEWED, by=by, municipality=moment.municipality) as record:
        review = _review(moment, objective, version=version)
        line = standing_of(review.moment, objective)
        _check_reason(line, reason_code, reason_text)
        review.read_by_others, review.reading = read_by_others.strip(), reading.strip()
        review.reason_code, review.reason_text, review.set_aside = reason_code, reason_text.strip(), ""
        _keep(review, line, readers=[one.name for one in readers], by=by)
        review.readers.set(readers)
        record.subject, record.detail = review, {"period": moment.period, "objective": objective.code}
    return review


def set_aside(
    *, moment: CheckMoment, objective: Objective, reason: str, by: Actor, version: int | None
) -> ObjectiveReview:
    """Do not read an objective this time, and say why. Codes: as record_review, set_aside_without_reason, decided."""
    _may_record(by, moment.municipality)
    if not reason.strip():
        problem = ValidationError(_("Say why it is not read this time."), code="set_aside_without_reason")
        raise ValidationError({"reason": problem})
    with audit.recorded(Event.OBJECTIVE_REVIEWED, by=by, municipality=moment.municipality) as record:
        review = _review(moment, objective, version=version)
        if review.course_decision_id:
            raise ValidationError(
                _("A decision was taken on this objective at this moment, so it was read."), code="decided"
            )
        review.set_aside = reason.strip()
        _keep(review, standing_of(review.moment, objective), readers=[], by=by)
        record.subject = review
        record.detail = {"period": moment.period, "objective": objective.code, "set_aside": True}
    return review


def decide(
    *, review: ObjectiveReview, choice: str, text: str, body: str, decided_on: date, document: str, by: Actor,
    version: int | None, values: Mapping[int, Decimal] | None = None, decision: Decision | None = None,
) -> CourseDecision:  # fmt: skip
    """Decide on the course after reading. A later decision stands beside an earlier one; both stay in the ledger.

    Adjusting the target refers to `decision`; without one it adopts the open draft, or revises the agreed `values`.
    That asks for the permission to adopt. Codes: those of record_course, of adopting, and nothing_changed, not_read.
    """
    municipality, objective = review.moment.municipality, review.objective
    _may_record(by, municipality)
    with audit.recorded(Event.COURSE_DECIDED, by=by, municipality=municipality) as record:
        _open_row(review.moment, version=None)
        row = locked(review, version=version)
        if not row.reading:
            raise ValidationError(_("Read the objective first: who read it, and what was concluded."), code="not_read")
        if choice == Choice.ADJUST_TARGET and decision is None:
            decision = _new_values(
                objective, values or {}, text=text, body=body, decided_on=decided_on, document=document, by=by
            )
        made = record_course(
            objective=objective, choice=choice, period=row.moment.period,
            evidence=standing_from(row.figures["standing"]).evidence, reason_code=row.reason_code,
            reason=row.reason_text, text=text, body=body, decided_on=decided_on, document=document, by=by,
            decision=decision if choice == Choice.ADJUST_TARGET else None,
        )  # fmt: skip
        row.course_decision = made
        row.version += 1
        row.save()
        record.subject = made
        record.detail = {"objective": objective.code, "number": made.number, "choice": choice}
    return made


def close_check(*, moment: CheckMoment, conclusion: str, by: Actor, version: int | None) -> CheckMoment:
    """Close a moment: from now on it reads the same for ever. Codes: check_not_open, not_finished."""
    _may_record(by, moment.municipality)
    with audit.recorded(Event.CHECK_CLOSED, by=by, municipality=moment.municipality) as record:
        row = _open_row(moment, version=version)
        _begun(row)
        waiting = unfinished(row)
        if waiting:
            raise ValidationError(
                _("Not finished yet: %(titles)s. Read each of them, or set it aside with a reason."),
                code="not_finished",
                params={"titles": "; ".join(one.title for one in waiting)},
            )
        row.reviews.update(is_closed=True)  # first: a closed moment takes no further rows
        row.conclusion, row.closed_on = conclusion.strip(), timezone.localdate()
        _save(row)
        record.subject, record.detail = row, {"period": row.period}
    return row


def _may_record(by: Actor, municipality: Municipality) -> None:
    authorise(by, Permission.REVIEW_RECORD, municipality, on=timezone.localdate())


def _open_row(moment: CheckMoment, *, version: int | None) -> CheckMoment:
    row = locked(moment, version=version)
    if row.closed_on:
        raise ValidationError(
            _("This review is closed and stays as it is. What came after belongs in the next one."),
            code="check_closed",
        )
    return row


def _begun(moment: CheckMoment) -> None:
    if moment.known_on is None:
        raise ValidationError(
            _("Begin the review first, so that the day of its figures stands."), code="check_not_open"
        )


def _save(row: CheckMoment) -> None:
    row.version += 1
    row.full_clean()
    row.save()


def _review(moment: CheckMoment, objective: Objective, *, version: int | None) -> ObjectiveReview:
    """Return the row of an objective, held: the one that is there or a new one that is not saved yet."""
    row = _open_row(moment, version=None)
    _begun(row)
    if objective.plan_id != row.plan_id:
        raise ValidationError(_("This belongs to another plan."), code="other_plan")
    found = row.reviews.filter(objective=objective).first()
    if found is None:
        return ObjectiveReview(moment=row, objective=objective, version=0)
    return locked(found, version=version)


def _check_reading(moment: CheckMoment, readers: Sequence[Organisation], *, read_by_others: str, reading: str) -> None:
    problems = {}
    if any(one.municipality_id != moment.municipality_id for one in readers):
        raise ValidationError(_("This belongs to another municipality."), code="other_municipality")
    if not readers and not read_by_others.strip():
        problems["read_by_others"] = ValidationError(
            _("Say who read it: choose an organisation, or name a role."), code="readers_missing"
        )
    if not reading.strip():
        problems["reading"] = ValidationError(_("Write what was concluded, in a sentence."), code="reading_missing")
    if problems:
        raise ValidationError(problems)


def _check_reason(line: ObjectiveStanding, code: str, text: str) -> None:
    if code and code not in reason_entries():
        problem = ValidationError(_("Choose a reason from the list."), code="reason_unknown")
        raise ValidationError({"reason_code": problem})
    if needs_reason(line) and not code:
        problem = ValidationError(_("Choose the reason that explains it best."), code="reason_missing")
        raise ValidationError({"reason_code": problem})
    if code == OTHER and not text.strip():
        problem = ValidationError(_("Explain the reason in a few words."), code="reason_text_missing")
        raise ValidationError({"reason_text": problem})


def _keep(review: ObjectiveReview, line: ObjectiveStanding, *, readers: Sequence[str], by: Actor) -> None:
    """Keep with the reading all that was known, as it was known, and save it."""
    head, outlook = line.headline, line.outlook
    review.evidence = line.evidence.value
    review.verdict_sentence = line.sentence
    review.probability = head.probability if head else None
    review.forecast_sentence = outlook.sentence if outlook else ""
    review.observed_text = head.observed_text if head else ""
    review.agreed_text = head.agreed_text if head else ""
    review.figures = {
        "standing": kept(line),
        "readers": list(readers),
        "breaks": [[on.isoformat(), kind] for on, kind in breaks_of(review.objective)],
        "actions": kept_form(actions_seen(review.moment, review.objective)),
    }
    review.recorded_at = timezone.now().replace(microsecond=0)
    review.recorded_by = audit.describe(by)
    review.version += 1
    review.full_clean()
    review.save()


def _new_values(
    objective: Objective, values: Mapping[int, Decimal], *, text: str, body: str, decided_on: date, document: str,
    by: Actor,
) -> Decision:  # fmt: skip
    """Adopt the open draft of an objective, with every other draft of the plan; else revise its agreed values."""
    plan = objective.plan
    authorise(by, Permission.PLAN_ADOPT, plan.municipality, on=timezone.localdate())
    if objective.target_sets.filter(decision=None).exists():
        return targets.adopt(plan=plan, body=body, decided_on=decided_on, document=document, reason=text, by=by)
    adopted = objective.target_sets.exclude(decision=None).order_by("-number").first()
    now = {target.year: target.agreed for target in adopted.targets.all()} if adopted else {}
    changed = {year: value for year, value in values.items() if now.get(year) != value}
    if not changed:
        raise ValidationError(
            _("No value differs from what was agreed. Fill in the new values, or choose another decision."),
            code="nothing_changed",
        )
    revision = targets.Revision(objective=objective, values=changed, note=text)
    return targets.revise(
        plan=plan, revisions=[revision], reason=text, body=body, decided_on=decided_on, document=document, by=by
    )
