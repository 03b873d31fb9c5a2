"""Meetings as iCalendar (RFC 5545, RFC 5546): a feed to subscribe to, invitations and their withdrawal. Pure.

What is written here is read by other programs, whose rules are in docs/reference/icalendar.md. The same meetings
give the same bytes, so that an unchanged feed is recognised.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vRecur, vText

ZONE = ZoneInfo("Europe/Amsterdam")
PRODUCT = "-//Koersvast//Overleggen//NL"
REFRESH = timedelta(hours=6)
# What a line of text cannot hold: control characters but the new line, and characters that turn text around.
UNWRITABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")
ADDRESS = re.compile(r"[^\s@<>\"';,:\\]{1,64}@[^\s@<>\"';,:\\]{1,255}")


@dataclass(frozen=True, kw_only=True)
class CalendarMeeting:
    """One meeting as calendars know it. Moments are aware; `changed_at` is when anything of this changed last."""

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    place: str = ""
    organisations: tuple[str, ...] = ()
    is_cancelled: bool = False
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who invites or is invited."""

    name: str
    email: str


class BadAddress(ValueError):
    """An e-mail address that cannot be written in a calendar; the message does not repeat it."""


def feed(meetings: Sequence[CalendarMeeting], *, name: str) -> bytes:
    """A calendar to subscribe to. Cancelled meetings stay in it, as cancelled."""
    calendar = _calendar()
    calendar.add("name", vText(_clean(name)))
    calendar.add("x-wr-calname", vText(_clean(name)))
    calendar.add("x-wr-timezone", str(ZONE))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vText("PT6H"))
    calendar.add_component(_zone())
    for meeting in meetings:
        calendar.add_component(_event(meeting))
    return bytes(calendar.to_ical())


def invitation(
    meeting: CalendarMeeting, organiser: Person, attendees: Sequence[Person], cancelled: bool = False
) -> bytes:
    """One meeting to send to its attendees: asks them to come, or takes the meeting back when `cancelled`.

    Raises `BadAddress` for an address that is none, and ValueError when nobody is invited.
    """
    if not attendees:
        raise ValueError("An invitation needs somebody who is invited.")
    is_cancelled = cancelled or meeting.is_cancelled
    calendar = _calendar()
    calendar.add("method", "CANCEL" if is_cancelled else "REQUEST")
    calendar.add_component(_zone())
    event = _event(meeting, is_cancelled=is_cancelled)
    event.add("organizer", _address(organiser), encode=False)
    for attendee in {one.email.casefold(): one for one in attendees}.values():
        event.add("attendee", _invited(attendee), encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _event(meeting: CalendarMeeting, *, is_cancelled: bool | None = None) -> Event:
    event = Event()
    event.add("uid", f"{meeting.uid}@koersvast")
    event.add("dtstamp", meeting.changed_at.astimezone(UTC))
    event.add("last-modified", meeting.changed_at.astimezone(UTC))
    event.add("sequence", meeting.sequence)
    event.add("dtstart", meeting.starts_at.astimezone(ZONE))
    event.add("dtend", meeting.ends_at.astimezone(ZONE))
    event.add("summary", _clean(meeting.title))
    if meeting.place:
        event.add("location", _clean(meeting.place))
    if meeting.organisations:
        event.add("description", _clean("\n".join(meeting.organisations)))
    if meeting.link:
        event.add("url", meeting.link)
    gone = meeting.is_cancelled if is_cancelled is None else is_cancelled
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if gone else "OPAQUE")
    return event


def _invited(person: Person) -> vCalAddress:
    address = _address(person)
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText("NEEDS-ACTION")
    address.params["RSVP"] = vText("TRUE")
    return address


def _address(person: Person) -> vCalAddress:
    if not ADDRESS.fullmatch(person.email):
        raise BadAddress("This is not an e-mail address.")
    address = vCalAddress(f"mailto:{person.email}")
    # A parameter holds no quotation mark and no new line (RFC 5545, 3.2).
    name = " ".join(_clean(person.name).replace('"', "'").split())
    if name:
        address.params["CN"] = vText(name)
    return address


def _clean(text: str) -> str:
    return UNWRITABLE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def _zone() -> Timezone:
    """Europe/Amsterdam by the rule of the European Union, the same since 1996, without end."""
    zone = Timezone()
    zone.add("tzid", str(ZONE))
    summer, winter = TimezoneDaylight(), TimezoneStandard()
    for part, name, begin, month, before, after in (
        (summer, "CEST", datetime(1981, 3, 29, 2, 0, 0), 3, 1, 2),  # noqa: DTZ001 a rule is in clock time
        (winter, "CET", datetime(1996, 10, 27, 3, 0, 0), 10, 2, 1),  # noqa: DTZ001 a rule is in clock time
    ):
        part.add("tzname", name)
        part.add("dtstart", begin)
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        part.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"}))
        zone.add_component(part)
    return zone
