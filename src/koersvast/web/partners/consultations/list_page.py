"""What the lists show: a month of meetings, follow-ups with their buttons, decisions in time."""

from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import get_day_names
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koersvast.partners.models import FollowUp, Meeting, MeetingDecision
from koersvast.partners.rhythms import closed_by
from koersvast.policy.wording import amounts
from koersvast.web import components as c
from koersvast.web.gate import Entry
from koersvast.web.partners.consultations import words
from koersvast.web.partners.consultations.table_page import MeetingLine, address, crumbs, meeting_line


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of the calendar."""

    number: int
    name: str
    is_of_month: bool
    is_today: bool
    holiday: str
    meetings: tuple[MeetingLine, ...]


def month(first: date, meetings: Sequence[Meeting], *, entry: Entry, now: datetime) -> dict[str, Any]:
    """A month: its weeks from Monday, and its meetings as a list."""
    lines = [meeting_line(one, entry, now=now) for one in meetings]
    days: dict[str, list[MeetingLine]] = {}
    for line in lines:
        days.setdefault(line.iso, []).append(line)
    today = timezone.localdate()
    weeks = [
        [_day(day, first=first, today=today, meetings=tuple(days.get(day.isoformat(), ()))) for day in week]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]
    language = (get_language() or "nl").partition("-")[0]
    names = get_day_names("abbreviated", locale=language)
    return {
        "crumbs": crumbs(entry, c.Link(label=_("Meetings by month"))),
        "title": words.month_heading(first),
        "earlier": _month_link(first - timedelta(days=1), entry),
        "later": _month_link(first + timedelta(days=32), entry),
        "weeks": weeks,
        "day_names": [names[number] for number in range(7)],
        "lines": lines,
    }


def _month_link(day: date, entry: Entry) -> c.Link:
    return c.Link(label=words.month_name(day), href=f"{address('meetings', entry)}?maand={day:%Y-%m}")


def _day(day: date, *, first: date, today: date, meetings: tuple[MeetingLine, ...]) -> Day:
    closed = closed_by(day)
    return Day(
        number=day.day, name=words.long_day(day), is_of_month=day.month == first.month, is_today=day == today,
        holiday="" if closed == "weekend" else closed, meetings=meetings,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FollowUpLine:
    """A follow-up in a list, with where its buttons go."""

    id: int
    text: str
    owner: str
    due: str
    badge: c.Badge
    table: str
    held: str
    meeting_href: str
    settle_href: str
    version: int
    is_open: bool
    action_href: str
    action: str


def is_wanted(follow_up: FollowUp, chosen: Mapping[str, Any], *, today: date) -> bool:
    """Whether a follow-up fits what was chosen above the list."""
    owner = follow_up.organisation.code if follow_up.organisation else ""
    late = follow_up.due_on is not None and follow_up.due_on < today
    return (
        chosen.get("overleg", "") in {"", follow_up.meeting.consultation.code}
        and chosen.get("van", "") in {"", owner}
        and (late or not chosen.get("te_laat"))
    )


def follow_up(one: FollowUp, *, entry: Entry, today: date, own: bool = False) -> FollowUpLine:
    """A follow-up with its owner, its day and where it was agreed."""
    table = one.meeting.consultation
    here = address("meeting", entry, consultation=table.code, meeting=one.meeting_id)
    action = getattr(one, "action", None)
    return FollowUpLine(
        id=one.pk, text=one.text, owner=words.owner(one) or _("nobody yet"), due=words.due(one),
        badge=words.due_badge(one, today=today), table=table.name,
        held=amounts.day(timezone.localdate(one.meeting.starts_at)),
        meeting_href=address("own-meeting", entry, meeting=one.meeting_id) if own else here,
        settle_href=address("follow-up", entry, follow_up=one.pk), version=one.version,
        is_open=one.state == FollowUp.State.OPEN,
        action_href=address("action", entry, action=action.number) if action and not own else "",
        action=_("Action {number}").format(number=action.number) if action else "",
    )  # fmt: skip


def decision(one: MeetingDecision, *, entry: Entry) -> c.TimelineEntry:
    """A decision in time: when, what, at which table."""
    table = one.meeting.consultation
    return c.TimelineEntry(
        date=amounts.day(timezone.localdate(one.meeting.starts_at)),
        title=one.text,
        text=table.name,
        href=address("meeting", entry, consultation=table.code, meeting=one.meeting_id) + "#besluiten",
    )
