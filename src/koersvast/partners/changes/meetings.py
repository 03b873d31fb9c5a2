"""Writing meetings: the agenda beforehand; outcomes, decisions and follow-ups in the meeting itself.

Each part is saved by itself with its own version, so that two people can write in one meeting.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event, Record
from koersvast.access.conflicts import locked
from koersvast.access.personal_text import kinds_in
from koersvast.partners.changes.writing import fill, may_edit, own
from koersvast.partners.models import AgendaItem, FollowUp, Meeting, MeetingDecision, Organisation

# Places above any agenda, where items stand while their places are dealt anew: two never stand at one place.
ASIDE = 10_000
MOST_ITEMS = 200


@dataclass(frozen=True, kw_only=True)
class NewItem:
    """Something for the agenda. `origin` such as action:12 stands there once at most; empty for what was typed."""

    title: str
    note: str = ""
    origin: str = ""


@dataclass(frozen=True, kw_only=True)
class NewFollowUp:
    """Something to do after the meeting, by an organisation or a role, before a day."""

    text: str
    organisation: Organisation | None = None
    owner_role: str = ""
    due_on: date | None = None


@contextmanager
def _writing(meeting: Meeting, event: Event, by: Actor) -> Iterator[tuple[Meeting, Record]]:
    """Hold the meeting while one of its parts is written; a cancelled one takes none."""
    municipality = meeting.consultation.municipality
    may_edit(by, municipality)
    with audit.recorded(event, by=by, municipality=municipality) as record:
        row = locked(meeting, version=None)
        if row.state == Meeting.State.CANCELLED:
            raise ValidationError(_("This meeting was cancelled; nothing is written to it."), code="cancelled")
        record.subject = row
        yield row, record


def _without_persons(field: str, *texts: str) -> None:
    """Refuse addresses, telephone and citizen numbers in what is read by all members of the table."""
    if any(kinds_in(text) for text in texts):
        told = _("Leave out e-mail addresses, telephone numbers and numbers of persons. Name a role instead.")
        raise ValidationError({field: ValidationError(told, code="personal")})


def _next_place(
    rows: models.QuerySet[AgendaItem] | models.QuerySet[MeetingDecision] | models.QuerySet[FollowUp],
) -> int:
    return (rows.aggregate(last=Max("position"))["last"] or 0) + 1


def put_on_agenda(*, meeting: Meeting, items: Sequence[NewItem], by: Actor) -> list[AgendaItem]:
    """Add items at the end. One whose origin stands on this agenda already is passed over."""
    with _writing(meeting, Event.MEETING_CHANGED, by) as (row, record):
        present = set(row.agenda.exclude(origin="").values_list("origin", flat=True))
        fresh = list({item.origin or f"#{place}": item for place, item in enumerate(items)}.values())
        wanted = [item for item in fresh if item.origin not in present]
        place = _next_place(row.agenda.all())
        if place + len(wanted) > MOST_ITEMS:
            raise ValidationError(_("An agenda holds at most 200 items."), code="too_long")
        added = [_item(row, one, place + turn) for turn, one in enumerate(wanted)]
        record.detail = {"added": len(added)}
    return added


def _item(meeting: Meeting, given: NewItem, place: int) -> AgendaItem:
    _without_persons("title", given.title, given.note)
    item = AgendaItem(meeting=meeting)
    fill(item, position=place, title=given.title, note=given.note, origin=given.origin)
    return item


def change_item(*, item: AgendaItem, title: str, by: Actor, note: str = "", version: int | None = None) -> AgendaItem:
    """Change the wording of an item."""
    _without_persons("title", title, note)
    with _writing(item.meeting, Event.MEETING_CHANGED, by) as (_meeting, record):
        row = locked(item, version=version)
        fill(row, title=title, note=note)
        record.detail = {"position": row.position}
    return row


def remove_item(*, item: AgendaItem, by: Actor, version: int | None = None) -> None:
    """Take an item off the agenda; one with an outcome stays."""
    with _writing(item.meeting, Event.MEETING_CHANGED, by) as (meeting, record):
        row = locked(item, version=version)
        if row.outcome:
            raise ValidationError(_("This item has an outcome and stays on the agenda."), code="has_outcome")
        row.delete()
        _deal_places(list(meeting.agenda.all()))
        record.detail = {"removed": 1}


def move_item(*, item: AgendaItem, to: int, by: Actor) -> None:
    """Put an item at this place of the agenda, counted from 1; the others make room."""
    with _writing(item.meeting, Event.MEETING_CHANGED, by) as (meeting, record):
        others = [one for one in meeting.agenda.all() if one.pk != item.pk]
        row = locked(item, version=None)
        place = max(1, min(to, len(others) + 1))
        _deal_places([*others[: place - 1], row, *others[place - 1 :]])
        record.detail = {"moved": place}


def arrange_agenda(*, meeting: Meeting, order: Sequence[int], by: Actor) -> None:
    """Put the items (by key) in this order; items that it does not name follow in the order they had."""
    with _writing(meeting, Event.MEETING_CHANGED, by) as (row, record):
        rank = {key: place for place, key in enumerate(order)}
        items = sorted(row.agenda.all(), key=lambda one: rank.get(one.pk, len(rank)))
        _deal_places(items)
        record.detail = {"arranged": len(items)}


def _deal_places(items: Sequence[AgendaItem]) -> None:
    """Give the items the places 1, 2, 3 …; the place is no part of what two people can write at once."""
    wrong = [(item, place) for place, item in enumerate(items, start=1) if item.position != place]
    AgendaItem.objects.filter(pk__in=[item.pk for item, _place in wrong]).update(position=F("position") + ASIDE)
    for item, place in wrong:
        AgendaItem.objects.filter(pk=item.pk).update(position=place)


def record_outcome(*, item: AgendaItem, outcome: str, by: Actor, version: int | None = None) -> AgendaItem:
    """Write what came out of one item. Raises `Changed` when somebody wrote it in between."""
    _without_persons("outcome", outcome)
    with _writing(item.meeting, Event.MEETING_RECORDED, by) as (meeting, record):
        row = locked(item, version=version)
        fill(row, outcome=outcome)
        _mark_held(meeting)
        record.detail = {"position": row.position}
    return row


def _mark_held(meeting: Meeting) -> None:
    """Whatever has an outcome was held, once its first minute has come; before that it is preparing."""
    if meeting.state == Meeting.State.PLANNED and meeting.starts_at <= timezone.now():
        fill(meeting, state=Meeting.State.HELD)


def write_summary(*, meeting: Meeting, summary: str, by: Actor, version: int | None = None) -> Meeting:
    """Write what was said in general."""
    _without_persons("summary", summary)
    with _writing(meeting, Event.MEETING_RECORDED, by) as (_row, record):
        row = locked(meeting, version=version)
        fill(row, summary=summary)
        _mark_held(row)
        record.detail = {"summary": bool(summary)}
    return row


def write_decision(
    *, meeting: Meeting, text: str, by: Actor, decision: MeetingDecision | None = None, version: int | None = None
) -> MeetingDecision:
    """Add a decision, or change this one."""
    _without_persons("text", text)
    with _writing(meeting, Event.MEETING_RECORDED, by) as (held, record):
        if decision is None:
            row = MeetingDecision(meeting=held, position=_next_place(held.decisions.all()))
        else:
            row = locked(decision, version=version, within=MeetingDecision.objects.filter(meeting=held))
        fill(row, text=text)
        _mark_held(held)
        record.detail = {"decision": row.position}
    return row


def remove_decision(*, decision: MeetingDecision, by: Actor, version: int | None = None) -> None:
    """Take back a decision that was written by mistake; the audit keeps it."""
    with _writing(decision.meeting, Event.MEETING_RECORDED, by) as (_held, record):
        locked(decision, version=version).delete()
        record.detail = {"removed": "decision"}


def write_follow_up(
    *, meeting: Meeting, given: NewFollowUp, by: Actor, follow_up: FollowUp | None = None, version: int | None = None
) -> FollowUp:
    """Add a follow-up, or change this one while it is open."""
    own(meeting.consultation.municipality, given.organisation)
    _without_persons("text", given.text, given.owner_role)
    with _writing(meeting, Event.MEETING_RECORDED, by) as (held, record):
        if follow_up is None:
            row = FollowUp(meeting=held, position=_next_place(held.follow_ups.all()))
        else:
            row = locked(follow_up, version=version, within=FollowUp.objects.filter(meeting=held))
            _must_be_open(row)
        fill(
            row, text=given.text, organisation=given.organisation, owner_role=given.owner_role, due_on=given.due_on
        )  # fmt: skip
        _mark_held(held)
        record.detail = {"follow_up": row.position}
    return row


def remove_follow_up(*, follow_up: FollowUp, by: Actor, version: int | None = None) -> None:
    """Take back an open follow-up that was written by mistake; the audit keeps it."""
    with _writing(follow_up.meeting, Event.MEETING_RECORDED, by) as (_held, record):
        row = locked(follow_up, version=version)
        _must_be_open(row)
        row.delete()
        record.detail = {"removed": "follow_up"}


def _must_be_open(follow_up: FollowUp) -> None:
    if follow_up.state != FollowUp.State.OPEN:
        raise ValidationError(_("This follow-up was settled and stays as it is."), code="settled")


def settle_follow_up(
    *, follow_up: FollowUp, state: FollowUp.State, by: Actor, version: int | None = None, on: date | None = None
) -> FollowUp:
    """Say that a follow-up is done, dropped, or open again. Becoming an action goes by the programme.

    Somebody who makes it an action calls this with BECAME_ACTION in the same change.
    """
    municipality = follow_up.meeting.consultation.municipality
    may_edit(by, municipality)
    with audit.recorded(Event.FOLLOW_UP_SETTLED, by=by, municipality=municipality) as record:
        row = locked(follow_up, version=version)
        if row.state == FollowUp.State.BECAME_ACTION:
            raise ValidationError(_("This follow-up became an action. Report on the action."), code="became_action")
        is_open = FollowUp.State(state) == FollowUp.State.OPEN
        fill(row, state=FollowUp.State(state), state_on=None if is_open else on or timezone.localdate())
        record.subject, record.detail = row, {"state": row.state}
    return row


def record_meeting(
    *, meeting: Meeting, by: Actor, outcomes: Mapping[int, str] | None = None, decisions: Sequence[str] = (),
    follow_ups: Sequence[NewFollowUp] = (), summary: str = "", version: int | None = None,
) -> Meeting:  # fmt: skip
    """Write minutes in one go: outcomes by place on the agenda; decisions and follow-ups are added. It was held."""
    with _writing(meeting, Event.MEETING_RECORDED, by) as (_row, record):
        row = locked(meeting, version=version)
        items = {item.position: item for item in row.agenda.all()}
        for place, outcome in (outcomes or {}).items():
            if place not in items:
                raise ValidationError(_("There is no item at this place of the agenda."), code="no_item")
            record_outcome(item=items[place], outcome=outcome, by=by)
        for text in decisions:
            write_decision(meeting=row, text=text, by=by)
        for given in follow_ups:
            write_follow_up(meeting=row, given=given, by=by)
        _without_persons("summary", summary)
        row.refresh_from_db()
        fill(row, state=Meeting.State.HELD, summary=summary or row.summary)
        record.detail = {"decisions": len(decisions), "follow_ups": len(follow_ups)}
    return row
