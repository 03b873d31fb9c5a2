"""The calendar: own moments, and what is noted at moments that follow from a rule."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.conflicts import locked
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.programme.calendar import rules
from koersvast.programme.changes.drafts import personal_texts
from koersvast.programme.models import CalendarEntry, CalendarMark

LONGEST_OCCURRENCE = 60


@dataclass(frozen=True, kw_only=True)
class EntryDraft:
    """An own moment as somebody fills it in."""

    title: str
    due_on: date
    kind: str = CalendarEntry.Kind.OTHER
    every_year: bool = False
    note: str = ""


def write_entry(
    *, municipality: Municipality, draft: EntryDraft, by: Actor, entry: CalendarEntry | None = None,
    version: int | None = None,
) -> CalendarEntry:  # fmt: skip
    """Add an own moment, or change one. Codes: title_missing, personal, gone; raises `Changed` for another version."""
    authorise(by, Permission.PROGRAMME_EDIT, municipality, on=timezone.localdate())
    title, note = draft.title.strip(), draft.note.strip()
    problems: dict[str, ValidationError] = dict(personal_texts({"title": title, "note": note}))
    if not title:
        problems["title"] = ValidationError(_("Say in a few words what happens on this day."), code="title_missing")
    if problems:
        raise ValidationError(problems)
    with audit.recorded(Event.CALENDAR_WRITTEN, by=by, municipality=municipality) as record:
        row = CalendarEntry(municipality=municipality, version=0)
        if entry is not None:
            row = locked(entry, version=version, within=CalendarEntry.objects.filter(municipality=municipality))
        row.title, row.due_on, row.kind = title, draft.due_on, CalendarEntry.Kind(draft.kind)
        row.every_year, row.note = draft.every_year, note
        row.version += 1
        row.full_clean()
        row.save()
        record.subject, record.detail = row, {"due_on": row.due_on.isoformat()}
    return row


def remove_entry(*, entry: CalendarEntry, by: Actor, version: int | None) -> None:
    """Take an own moment off the calendar. Code: gone."""
    authorise(by, Permission.PROGRAMME_EDIT, entry.municipality, on=timezone.localdate())
    with audit.recorded(Event.CALENDAR_WRITTEN, by=by, municipality=entry.municipality) as record:
        row = locked(entry, version=version)
        record.subject, record.detail = row.municipality, {"entry": row.pk, "removed": True}
        row.delete()


def mark_moment(
    *, municipality: Municipality, rule: str, occurrence: str, state: str, note: str, by: Actor
) -> CalendarMark:
    """Note that a moment is done, or known and why it waits.

    Codes: rule_unknown, state_unknown, note_missing, personal.
    """
    authorise(by, Permission.PROGRAMME_EDIT, municipality, on=timezone.localdate())
    if rule not in rules() or not 0 < len(occurrence) <= LONGEST_OCCURRENCE:
        raise ValidationError(_("This moment is not on the calendar. Nothing was saved."), code="rule_unknown")
    if state not in CalendarMark.State.values:
        raise ValidationError(_("Choose done or known. Nothing was saved."), code="state_unknown")
    if state == CalendarMark.State.KNOWN and not note.strip():
        raise ValidationError(_("Say in a few words why it waits. Then the warning goes away."), code="note_missing")
    for _name, problem in personal_texts({"note": note}):
        raise problem
    with audit.recorded(Event.CALENDAR_MARKED, by=by, municipality=municipality) as record:
        mark, _new = CalendarMark.objects.update_or_create(
            municipality=municipality, rule=rule, occurrence=occurrence,
            defaults={
                "state": CalendarMark.State(state), "note": note.strip()[:300], "marked_on": timezone.localdate(),
            },
        )  # fmt: skip
        record.subject, record.detail = mark, {"rule": rule, "occurrence": occurrence, "state": state}
    return mark


def unmark_moment(*, municipality: Municipality, rule: str, occurrence: str, by: Actor) -> None:
    """Take a note away, so that the moment warns again."""
    authorise(by, Permission.PROGRAMME_EDIT, municipality, on=timezone.localdate())
    with audit.recorded(Event.CALENDAR_MARKED, by=by, municipality=municipality) as record:
        CalendarMark.objects.filter(municipality=municipality, rule=rule, occurrence=occurrence).delete()
        record.subject, record.detail = municipality, {"rule": rule, "occurrence": occurrence, "removed": True}
