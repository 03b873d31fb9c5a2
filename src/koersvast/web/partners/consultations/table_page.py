"""What the pages of tables show: cards, the drawing of who sits where, meetings, and sentences about planning."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.access.permissions import Permission
from koersvast.partners.changes.consultations import Planned, meetings_outside_rhythm
from koersvast.partners.models import Consultation, Meeting
from koersvast.partners.queries import consultations as queries
from koersvast.partners.queries.consultations import SeatMatrix, TableLine
from koersvast.policy.wording import amounts
from koersvast.web import components as c
from koersvast.web.gate import Entry
from koersvast.web.partners.consultations import words
from koersvast.web.partners.consultations.forms import PlanForm

MOST_MOVES_TOLD = 6
SHOWN_AHEAD = 4


@dataclass(frozen=True, kw_only=True)
class TableCard:
    """One table on the overview."""

    name: str
    href: str
    level: str
    rhythm: str
    organisations: str
    coming: str
    coming_href: str
    last: str
    open_text: str
    is_overdue: bool
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class MeetingLine:
    """One meeting in a list."""

    table: str
    day: str
    iso: str
    time: str
    place: str
    href: str
    badge: c.Badge | None = None
    note: str = ""


def address(name: str, entry: Entry, /, **parts: Any) -> str:
    """An address under the municipality of who asks."""
    return reverse(name, kwargs={"municipality": entry.municipality.slug, **parts})


def overview(lines: Sequence[TableLine], coming: Sequence[Meeting], *, entry: Entry) -> dict[str, Any]:
    """The overview: what comes next, the tables, the lists over all of them."""
    cards = [_card(line, entry) for line in lines]
    return {
        "actions": [c.Link(label=_("Add a consultation"), href=address("consultation-new", entry))]
        if Permission.PARTNERS_EDIT in entry.permissions
        else [],
        "coming": [meeting_line(meeting, entry) for meeting in coming],
        "active": [card for card in cards if card.is_active],
        "ended": [card for card in cards if not card.is_active],
        "empty": _no_tables(entry),
        "lists": _lists(lines, entry),
    }


def _no_tables(entry: Entry) -> c.Empty:
    action = None
    if Permission.PARTNERS_EDIT in entry.permissions:
        action = c.Link(label=_("Add a consultation"), href=address("consultation-new", entry))
    return c.Empty(
        title=_("No consultations yet"),
        text=_("Add a table with who sits there and how often. Koersvast plans the meetings and prepares the agenda."),
        action=action,
        symbol="person",
    )


def _lists(lines: Sequence[TableLine], entry: Entry) -> list[c.Link]:
    still_open = sum(line.open_follow_ups for line in lines)
    late = sum(line.overdue_follow_ups for line in lines)
    note = ngettext("{number} is open", "{number} are open", still_open).format(number=still_open)
    if late:
        note = _("{open}, {late} too late").format(open=note, late=late)
    return [
        c.Link(label=_("Follow-ups of all tables"), href=address("follow-ups", entry), note=note),
        c.Link(
            label=_("What we decided when"), href=address("meeting-decisions", entry), note=_("search all decisions")
        ),
        c.Link(label=_("Who sits where"), href=address("consultation-seats", entry), note=_("partners and tables")),
        c.Link(label=_("Meetings by month"), href=address("meetings", entry), note=_("list and calendar")),
        c.Link(
            label=_("In your own calendar"), href=address("calendar-feeds", entry), note=_("Outlook, Google, a phone")
        ),
    ]


def _card(line: TableLine, entry: Entry) -> TableCard:
    table, coming = line.table, line.next_meeting
    names = [str(one) for one in line.organisations]
    open_text = ngettext("{number} open follow-up", "{number} open follow-ups", line.open_follow_ups)
    return TableCard(
        name=table.name,
        href=address("consultation", entry, consultation=table.code),
        level=words.level_names()[table.level],
        rhythm=words.rhythm(table),
        organisations=amounts.listing(names) if names else _("nobody sits here yet"),
        coming=words.moment(coming.starts_at) if coming else "",
        coming_href=address("meeting", entry, consultation=table.code, meeting=coming.pk) if coming else "",
        last=amounts.day(timezone.localdate(line.last_held_at)) if line.last_held_at else "",
        open_text=open_text.format(number=line.open_follow_ups) if line.open_follow_ups else "",
        is_overdue=bool(line.overdue_follow_ups),
        is_active=table.is_active,
    )


def meeting_line(meeting: Meeting, entry: Entry, *, own: bool = False, now: datetime | None = None) -> MeetingLine:
    """A meeting in a list; with `own` it leads to the page for who sits there."""
    table = meeting.consultation
    href = (
        address("own-meeting", entry, meeting=meeting.pk)
        if own
        else address("meeting", entry, consultation=table.code, meeting=meeting.pk)
    )
    day = timezone.localdate(meeting.starts_at)
    is_coming = now is not None and meeting.state == Meeting.State.PLANNED and meeting.ends_at >= now
    return MeetingLine(
        table=table.name, day=words.heading(day), iso=day.isoformat(), time=words.span(meeting),
        place=meeting.place or table.place, href=href,
        badge=words.state_badge(meeting, now=now) if now and not is_coming else None,
    )  # fmt: skip


def table(known: Consultation, *, form: PlanForm, entry: Entry, now: datetime) -> dict[str, Any]:
    """The page of one table."""
    may_edit = Permission.PARTNERS_EDIT in entry.permissions
    meetings = list(queries.meetings_of(known)[:200])
    for meeting in meetings:
        meeting.consultation = known
    ahead = [one for one in meetings if one.ends_at >= now][::-1]
    behind = [one for one in meetings if one.ends_at < now]
    stray = meetings_outside_rhythm(known) if may_edit else []
    here = {"consultation": known.code}
    return {
        "table": known,
        "may_edit": may_edit,
        "actions": [
            c.Link(label=_("Add a meeting"), href=address("meeting-new", entry, **here)),
            c.Link(label=_("Change"), href=address("consultation-edit", entry, **here)),
        ]
        if may_edit
        else [],
        "crumbs": crumbs(entry, c.Link(label=known.name)),
        "lead": known.purpose,
        "facts": facts(known),
        "seats": seat_lines(known),
        "ahead": [meeting_line(one, entry, now=now) for one in ahead[:SHOWN_AHEAD]],
        "later": [meeting_line(one, entry, now=now) for one in ahead[SHOWN_AHEAD:]],
        "behind": [_with_note(meeting_line(one, entry, now=now), one) for one in behind],
        "follow_ups": queries.open_follow_ups(among=Consultation.objects.filter(pk=known.pk)),
        "form": form,
        "plan_href": address("consultation-plan", entry, **here),
        "can_plan": may_edit and known.is_active and known.rhythm != Consultation.Rhythm.ON_CALL,
        "stray": len(stray),
        "stray_days": amounts.listing([amounts.day(timezone.localdate(one.starts_at)) for one in stray[:8]]),
        "follow_ups_href": address("follow-ups", entry) + f"?overleg={known.code}",
    }


def _with_note(line: MeetingLine, meeting: Any) -> MeetingLine:
    """What was written on a meeting that lies behind; the counts come with the query."""
    told = []
    if meeting.decided:
        told.append(ngettext("{number} decision", "{number} decisions", meeting.decided).format(number=meeting.decided))
    if meeting.still_open:
        text = ngettext("{number} open follow-up", "{number} open follow-ups", meeting.still_open)
        told.append(text.format(number=meeting.still_open))
    return MeetingLine(**{**line.__dict__, "note": ", ".join(told)})


def facts(table: Consultation) -> list[tuple[str, str]]:
    """What the table is; what nobody said is left out."""
    when = words.rhythm(table)
    if table.starts_at:
        minutes = ngettext("{number} minute", "{number} minutes", table.minutes_long).format(number=table.minutes_long)
        when = _("{rhythm}, at {time}, {minutes}").format(
            rhythm=when, time=words.clock(table.starts_at), minutes=minutes
        )
    found = [
        (_("Level"), words.level_names()[table.level]),
        (_("Meets"), when),
        (_("In the chair"), table.chair_role),
        (_("Place of the meetings"), table.place),
    ]
    return [(name, value) for name, value in found if value]


def seat_lines(table: Consultation) -> list[tuple[str, str]]:
    """Each seat: the organisation, and who or what role. Names are for who may see partners."""
    lines = []
    for member in table.members.all():
        who = [member.contact.name if member.contact else "", member.role]
        lines.append((str(member.organisation), ", ".join(part for part in who if part)))
    return lines


def crumbs(entry: Entry, *rest: c.Link) -> list[c.Link]:
    """The way back to the overview."""
    return [c.Link(label=_("Consultations"), href=address("consultations", entry)), *rest]


def planned_sentences(planned: Planned) -> list[str]:
    """What planning did, and which days it moved and why."""
    number = len(planned.added)
    if not number:
        return [_("All meetings were planned already. Nothing was added or moved.")]
    told = [ngettext("{number} meeting was planned.", "{number} meetings were planned.", number).format(number=number)]
    for day in planned.moved[:MOST_MOVES_TOLD]:
        why = _("a weekend") if day.reason == "weekend" else day.reason
        told.append(
            _("{planned} is {reason}; it became {day}.").format(
                planned=amounts.day(day.planned_for), reason=why, day=words.long_day(day.day)
            )
        )
    more = len(planned.moved) - MOST_MOVES_TOLD
    if more > 0:
        told.append(ngettext("{number} more was moved.", "{number} more were moved.", more).format(number=more))
    return told


@dataclass(frozen=True, kw_only=True)
class SeatCell:
    """One crossing of the drawing; `text` is said to who cannot see the dot."""

    taken: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class SeatDrawingRow:
    """An organisation in the drawing."""

    name: str
    number: int
    cells: tuple[SeatCell, ...]


def seats(matrix: SeatMatrix, *, entry: Entry) -> dict[str, Any]:
    """The drawing of who sits where, its table with roles, and who sits nowhere."""
    absent = [str(one) for one in matrix.without_seat]
    return {
        "crumbs": crumbs(entry, c.Link(label=_("Who sits where"))),
        "heads": [
            (one.name, words.level_names()[one.level], address("consultation", entry, consultation=one.code))
            for one in matrix.tables
        ],
        "rows": [_drawn(str(row.organisation), row.seats) for row in matrix.rows],
        "table": _seat_table(matrix) if matrix.rows else None,
        "empty": _no_tables(entry),
        "absent": c.Callout(
            title=_("Partners who sit at no table"), text=amounts.listing(absent)
        ) if absent and matrix.rows else None,
    }  # fmt: skip


def _drawn(name: str, seats: Sequence[tuple[str, ...] | None]) -> SeatDrawingRow:
    cells = tuple(
        SeatCell(taken=roles is not None, text=_("no") if roles is None else ", ".join(roles) or _("yes"))
        for roles in seats
    )
    return SeatDrawingRow(name=name, number=sum(cell.taken for cell in cells), cells=cells)


def _seat_table(matrix: SeatMatrix) -> c.DataTable:
    """The same in words: a row for each organisation at each table, with its roles."""
    names = [one.name for one in matrix.tables]
    rows = [
        c.Row(
            head=c.Cell(text=row.organisation.name),
            cells=[
                c.Cell(text=name),
                c.Cell(text=", ".join(roles)) if roles else c.Cell(missing=_("no role given")),
            ],
        )
        for row in matrix.rows
        for name, roles in zip(names, row.seats, strict=True)
        if roles is not None
    ]
    return c.DataTable(
        id="plaatsen",
        caption=_("Every seat with its role"),
        columns=[c.Column(label=_("Organisation")), c.Column(label=_("Table")), c.Column(label=_("Role at the table"))],
        groups=[c.RowGroup(rows=rows)],
    )
