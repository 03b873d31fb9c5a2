"""The self-test of a plan: begin, answer, take an answer back, close; and the steps of making a plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.conflicts import Changed, locked
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.policy.models import Plan
from koersvast.programme.auditing import questions
from koersvast.programme.changes.drafts import personal_texts
from koersvast.programme.models import Evidence, NormScore, PlanStep, SelfAudit
from koersvast.programme.queries.council import bound_place
from koersvast.reference.queries import method_steps

MOST_EVIDENCE = 3


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Where an answer can be checked: a place in this system, an address elsewhere, or a document by its name."""

    label: str
    place: str = ""
    url: str = ""


def start_audit(*, plan: Plan, by: Actor) -> SelfAudit:
    """Begin a self-test; answers of the last one come along with the day on which they were given. Code: is_open."""
    municipality, today = plan.municipality, timezone.localdate()
    authorise(by, Permission.PROGRAMME_EDIT, municipality, on=today)
    with audit.recorded(Event.AUDIT_STARTED, by=by, municipality=municipality) as record:
        Plan.objects.select_for_update().get(pk=plan.pk)
        if SelfAudit.objects.filter(plan=plan, closed_on=None).exists():
            raise ValidationError(_("A self-test of this plan is still open. Go on with that one."), code="is_open")
        last = SelfAudit.objects.filter(plan=plan).first()
        row = SelfAudit.objects.create(municipality=municipality, plan=plan, started_on=today)
        if last is not None:
            _bring_along(last, row)
        record.subject, record.detail = row, {"plan": plan.code, "after": last.pk if last else None}
    return row


def _bring_along(last: SelfAudit, row: SelfAudit) -> None:
    known = questions()
    for score in last.scores.prefetch_related("evidence"):
        if score.question not in known:
            continue
        proofs = list(score.evidence.all())
        new = NormScore.objects.create(
            self_audit=row, question=score.question, score=score.score, text=score.text, answered_on=score.answered_on
        )
        Evidence.objects.bulk_create(
            Evidence(score=new, label=one.label, place=one.place, url=one.url) for one in proofs
        )


def answer(
    *, self_audit: SelfAudit, question: str, score: str, text: str, proofs: Sequence[Proof] = (), by: Actor,
    version: int | None = None,
) -> NormScore:  # fmt: skip
    """Answer one question, with why and where it can be checked.

    Codes: question_unknown, score_unknown, text_missing, personal_text, proof_missing, place_unknown, is_closed; raises
    `Changed` when somebody answered it in between. `version` is 0 for a question that nobody had answered.
    """
    authorise(by, Permission.PROGRAMME_EDIT, self_audit.municipality, on=timezone.localdate())
    _check_answer(question, score, text, proofs)
    with audit.recorded(Event.NORM_SCORED, by=by, municipality=self_audit.municipality) as record:
        row = _standing(_open(self_audit), question, version)
        row.score, row.text, row.answered_on = NormScore.Score(score), text.strip(), timezone.localdate()
        row.version = row.version + 1 if row.pk else 1
        row.save()
        row.evidence.all().delete()
        Evidence.objects.bulk_create(
            Evidence(score=row, label=one.label.strip(), place=one.place, url=one.url) for one in proofs
        )
        record.subject, record.detail = row, {"question": question, "score": score, "proofs": len(proofs)}
    return row


def _check_answer(question: str, score: str, text: str, proofs: Sequence[Proof]) -> None:
    if question not in questions():
        raise ValidationError(_("This question is not in the self-test. Nothing was saved."), code="question_unknown")
    if score not in NormScore.Score.values:
        raise ValidationError(_("Choose yes, partly or no. Nothing was saved."), code="score_unknown")
    problems: dict[str, ValidationError] = dict(
        personal_texts({"text": text, "label": " ".join(one.label for one in proofs)})
    )
    if not text.strip():
        problems["text"] = ValidationError(_("Say in a sentence why."), code="text_missing")
    if any(not one.label.strip() for one in proofs):
        problems["label"] = ValidationError(_("Say what can be found there."), code="proof_missing")
    if any(one.place and bound_place(one.place) is None for one in proofs):
        problems["place"] = ValidationError(
            _("This place does not exist any more. Choose another."), code="place_unknown"
        )
    if len(proofs) > MOST_EVIDENCE:
        problems["label"] = ValidationError(_("Three places are enough. Choose the best."), code="too_many")
    if problems:
        raise ValidationError(problems)


def _open(self_audit: SelfAudit) -> SelfAudit:
    row = SelfAudit.objects.select_for_update().get(pk=self_audit.pk)
    if row.closed_on is not None:
        told = _("This self-test is closed and stays as it is. Begin a new one; your answers come along.")
        raise ValidationError(told, code="is_closed")
    return row


def _standing(self_audit: SelfAudit, question: str, version: int | None) -> NormScore:
    """The answer as it stands, or a new one; `Changed` when it is not the one that somebody had before them."""
    found = NormScore.objects.filter(self_audit=self_audit, question=question).first()
    if version is not None and version != (found.version if found else 0):
        raise Changed(found or NormScore(self_audit=self_audit, question=question, version=0))
    return found or NormScore(self_audit=self_audit, question=question, version=0)


def take_back(*, self_audit: SelfAudit, question: str, by: Actor, version: int | None = None) -> None:
    """Make a question unanswered again; that is something else than no. Code: is_closed; raises `Changed`."""
    authorise(by, Permission.PROGRAMME_EDIT, self_audit.municipality, on=timezone.localdate())
    with audit.recorded(Event.NORM_SCORED, by=by, municipality=self_audit.municipality) as record:
        row = _standing(_open(self_audit), question, version)
        record.subject, record.detail = self_audit, {"question": question, "taken_back": True}
        if row.pk:
            row.delete()


def close_audit(*, self_audit: SelfAudit, note: str, by: Actor, version: int | None = None) -> SelfAudit:
    """Close a self-test: it stays as it is, and those who read the programme may read it.

    Codes: note_missing, personal_text, is_closed; raises `Changed`. Questions may stay unanswered.
    """
    authorise(by, Permission.PROGRAMME_EDIT, self_audit.municipality, on=timezone.localdate())
    problems: dict[str, ValidationError] = dict(personal_texts({"note": note}))
    if not note.strip():
        problems["note"] = ValidationError(_("Say in a sentence what you will do with it."), code="note_missing")
    if problems:
        raise ValidationError(problems)
    with audit.recorded(Event.AUDIT_CLOSED, by=by, municipality=self_audit.municipality) as record:
        _open(self_audit)
        row = locked(self_audit, version=version)
        row.closed_on, row.note, row.version = timezone.localdate(), note.strip(), row.version + 1
        row.save(update_fields=["closed_on", "note", "version"])
        record.subject = row
    return row


def take_step(
    *, plan: Plan, step: str, state: str, note: str = "", done_on: date | None = None, by: Actor,
    version: int | None = None,
) -> PlanStep:  # fmt: skip
    """Mark a step of making the plan. Leaving one out asks why; a light version exists officially.

    Codes: step_unknown, state_unknown, note_missing, personal_text, day_ahead; raises `Changed`. `version` is 0 for a
    step that nobody marked yet.
    """
    municipality, today = plan.municipality, timezone.localdate()
    authorise(by, Permission.PROGRAMME_EDIT, municipality, on=today)
    _check_step(step, state, note, done_on, today=today)
    with audit.recorded(Event.PLAN_STEP_TAKEN, by=by, municipality=municipality) as record:
        Plan.objects.select_for_update().get(pk=plan.pk)
        row = PlanStep.objects.filter(plan=plan, step=step).first() or PlanStep(plan=plan, step=step, version=0)
        if version is not None and version != row.version:
            raise Changed(row)
        row.state, row.note = PlanStep.State(state), note.strip()
        row.done_on = (done_on or today) if state == PlanStep.State.DONE else None
        row.version += 1
        row.save()
        record.subject, record.detail = row, {"plan": plan.code, "step": step, "state": state}
    return row


def _check_step(step: str, state: str, note: str, done_on: date | None, *, today: date) -> None:
    if step not in {str(one.number) for one in method_steps().steps}:
        raise ValidationError(_("This step is not in the method. Nothing was saved."), code="step_unknown")
    if state not in PlanStep.State.values:
        raise ValidationError(_("Choose done, left out or still to do. Nothing was saved."), code="state_unknown")
    problems: dict[str, ValidationError] = dict(personal_texts({"note": note}))
    if state == PlanStep.State.SKIPPED and not note.strip():
        problems["note"] = ValidationError(_("Say why this step is left out."), code="note_missing")
    if done_on and done_on > today:
        problems["done_on"] = ValidationError(_("Choose today or a day before."), code="day_ahead")
    if problems:
        raise ValidationError(problems)
