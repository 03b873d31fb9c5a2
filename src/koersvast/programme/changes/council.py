"""Writing what the council asked, moved or was promised; answering it, withdrawing it, opening it again."""

from dataclasses import dataclass, fields
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.conflicts import locked
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.programme.changes.drafts import personal_texts
from koersvast.programme.models import CouncilItem
from koersvast.programme.queries.council import bound_place

Kind, State = CouncilItem.Kind, CouncilItem.State


@dataclass(frozen=True, kw_only=True)
class CouncilDraft:
    """What is written of an item. `asked_by` is a council member's name; `place` is as `programme.council` reads it."""

    kind: CouncilItem.Kind
    title: str
    raised_on: date
    text: str = ""
    asked_by: str = ""
    group: str = ""
    meeting: str = ""
    due_on: date | None = None
    portfolio: str = ""
    place: str = ""
    document: str = ""
    document_url: str = ""


def draft_of(item: CouncilItem) -> CouncilDraft:
    """What stands in an item now."""
    return CouncilDraft(**{one.name: getattr(item, one.name) for one in fields(CouncilDraft)})


def write_item(
    *, municipality: Municipality, draft: CouncilDraft, by: Actor, item: CouncilItem | None = None,
    version: int | None = None,
) -> CouncilItem:  # fmt: skip
    """Add an item, or change one that is still open.

    Codes: personal_text, place_unknown, raised_in_future, due_before_raised, item_settled; raises `Changed`.
    """
    authorise(by, Permission.COUNCIL_EDIT, municipality, on=timezone.localdate())
    return _write(municipality, draft, by=by, item=item, version=version)


def ask(*, municipality: Municipality, title: str, text: str, place: str, group: str, by: User) -> CouncilItem:
    """Ask a question in the council, at a place in a plan or report. Codes: personal_text, place_unknown."""
    authorise(by, Permission.COUNCIL_ASK, municipality, on=timezone.localdate())
    draft = CouncilDraft(
        kind=Kind.QUESTION, title=title, text=text, place=place, group=group, asked_by=by.name,
        raised_on=timezone.localdate(),
    )  # fmt: skip
    return _write(municipality, draft, by=by)


def settle_item(
    *, item: CouncilItem, answer: str, settled_on: date, by: Actor, document: str = "", document_url: str = "",
    version: int | None = None,
) -> CouncilItem:  # fmt: skip
    """Say what came of it. Codes: answer_missing, settled_impossible, item_settled, personal_text; raises `Changed`."""
    authorise(by, Permission.COUNCIL_EDIT, item.municipality, on=timezone.localdate())
    _refuse(**dict(personal_texts({"answer": answer})))
    if not answer.strip():
        _refuse(answer=ValidationError(_("Write what the answer is, or what was done."), code="answer_missing"))
    if not item.raised_on <= settled_on <= timezone.localdate():
        told = _("Choose a day from the day it was raised up to today.")
        _refuse(settled_on=ValidationError(told, code="settled_impossible"))
    return _end(
        item, State.SETTLED, by=by, version=version, answer=answer.strip(), settled_on=settled_on,
        document=document or item.document, document_url=document_url or item.document_url,
    )  # fmt: skip


def withdraw_item(*, item: CouncilItem, reason: str, by: Actor, version: int | None = None) -> CouncilItem:
    """Say that it no longer stands, and why. Codes: reason_missing, item_settled, personal_text; raises `Changed`."""
    authorise(by, Permission.COUNCIL_EDIT, item.municipality, on=timezone.localdate())
    _refuse(**dict(personal_texts({"reason": reason})))
    if not reason.strip():
        _refuse(reason=ValidationError(_("Say why it no longer stands."), code="reason_missing"))
    return _end(item, State.WITHDRAWN, by=by, version=version, answer=reason.strip(), settled_on=None)


def reopen_item(*, item: CouncilItem, by: Actor, version: int | None = None) -> CouncilItem:
    """Open again what was answered or withdrawn too early; the answer stays in the text. Raises `Changed`."""
    authorise(by, Permission.COUNCIL_EDIT, item.municipality, on=timezone.localdate())
    with audit.recorded(Event.COUNCIL_ITEM_WRITTEN, by=by, municipality=item.municipality) as record:
        row = locked(item, version=version)
        row.state, row.settled_on = State.OPEN, None
        _save(row)
        record.subject, record.detail = row, {"number": row.number, "reopened": True}
    return row


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _write(
    municipality: Municipality, draft: CouncilDraft, *, by: Actor, item: CouncilItem | None = None,
    version: int | None = None,
) -> CouncilItem:  # fmt: skip
    _check(draft)
    with audit.recorded(Event.COUNCIL_ITEM_WRITTEN, by=by, municipality=municipality) as record:
        row = _row(municipality, item, version=version)
        for name in (one.name for one in fields(CouncilDraft)):
            value = getattr(draft, name)
            setattr(row, name, value.strip() if isinstance(value, str) else value)
        _bind(row)
        _save(row)
        record.subject, record.detail = row, {"number": row.number, "kind": str(row.kind)}
    return row


def _row(municipality: Municipality, item: CouncilItem | None, *, version: int | None) -> CouncilItem:
    if item is not None:
        row = locked(item, version=version)
        _still_open(row)
        return row
    Municipality.objects.select_for_update().get(pk=municipality.pk)  # numbers are given one after another
    last = CouncilItem.objects.filter(municipality=municipality).aggregate(last=Max("number"))["last"] or 0
    return CouncilItem(municipality=municipality, number=last + 1, version=0)


def _check(draft: CouncilDraft) -> None:
    problems = dict(personal_texts({"title": draft.title, "text": draft.text}))
    if draft.raised_on > timezone.localdate():
        problems["raised_on"] = ValidationError(_("That day has yet to come."), code="raised_in_future")
    if draft.due_on and draft.due_on < draft.raised_on:
        told = _("The last day lies before the day on which it was raised.")
        problems["due_on"] = ValidationError(told, code="due_before_raised")
    _refuse(**problems)


def _bind(row: CouncilItem) -> None:
    """Tie an item to its place; a place that does not exist here is refused."""
    found = bound_place(row.place) if row.place else None
    if row.place and found is None:
        told = _("This place is not in a plan, programme or review. Choose it from the list.")
        _refuse(place=ValidationError(told, code="place_unknown"))
    row.place_label = found.label[:200] if found else ""
    row.objective, row.action = (found.objective, found.action) if found else (None, None)
    row.plan = found.plan if found else None


def _end(
    row: CouncilItem, state: CouncilItem.State, *, by: Actor, version: int | None, **values: object
) -> CouncilItem:
    with audit.recorded(Event.COUNCIL_ITEM_SETTLED, by=by, municipality=row.municipality) as record:
        standing = locked(row, version=version)
        _still_open(standing)
        standing.state = state
        for name, value in values.items():
            setattr(standing, name, value)
        _save(standing)
        record.subject, record.detail = standing, {"number": standing.number, "state": str(state)}
    return standing


def _still_open(row: CouncilItem) -> None:
    if row.state != State.OPEN:
        raise ValidationError(_("This was answered or withdrawn already. Open it again first."), code="item_settled")


def _save(row: CouncilItem) -> None:
    row.version += 1
    row.full_clean()
    row.save()


def _refuse(**problems: ValidationError) -> None:
    if problems:
        raise ValidationError(dict(problems))
