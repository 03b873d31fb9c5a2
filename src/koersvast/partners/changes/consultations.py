"""Writing consultations: who sits there, in what rhythm, and the meetings that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.codes import free_code
from koersvast.access.conflicts import locked
from koersvast.access.models import Municipality
from koersvast.partners.changes.writing import fill, may_edit, own
from koersvast.partners.models import Consultation, Contact, Meeting, Member, Organisation
from koersvast.partners.rhythms import MeetingDay, Rhythm, Unit, meeting_days, working_day

FURTHEST = timedelta(days=3 * 366)
# Words that the pages of consultations use themselves; a table with such a code would have no page.
RESERVED = frozenset({"nieuw", "kalender", "wie-zit-waar", "actiepunten", "besluiten"})


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A place at the table: of an organisation, taken by a contact, or by whoever holds a role."""

    organisation: Organisation
    contact: Contact | None = None
    role: str = ""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What planning added; `moved` says which of those days left a weekend or holiday."""

    added: tuple[Meeting, ...]
    moved: tuple[MeetingDay, ...]


def rhythm_of(consultation: Consultation) -> Rhythm:
    """The rhythm of a table, as calculated with."""
    return Rhythm(unit=Unit(consultation.rhythm), every=consultation.every, first_on=consultation.first_on)


def write_consultation(
    *, municipality: Municipality, name: str, level: Consultation.Level, rhythm: Consultation.Rhythm, by: Actor,
    members: Sequence[Seat] | None = None, code: str = "", purpose: str = "", every: int = 1,
    first_on: date | None = None, starts_at: time | None = None, minutes_long: int = 60, place: str = "",
    chair_role: str = "", is_active: bool = True, consultation: Consultation | None = None,
    version: int | None = None,
) -> Consultation:  # fmt: skip
    """Add a table, or change this one. Meetings that nobody touched follow a new time or place; others stay.

    `members` replaces who sits there; None leaves them. Raises `Changed` when somebody wrote it after `version`.
    """
    may_edit(by, municipality)
    if rhythm != Consultation.Rhythm.ON_CALL and first_on is None:
        raise ValidationError(
            {"first_on": ValidationError(_("Give the first day of the rhythm."), code="no_first_day")}
        )
    with audit.recorded(Event.CONSULTATION_WRITTEN, by=by, municipality=municipality) as record:
        old = _standing(municipality, consultation, code, version=version)
        pattern = _pattern(old) if old else None
        table = old or Consultation(municipality=municipality, code=_code(municipality, name, code))
        fill(
            table, name=name, purpose=purpose, level=Consultation.Level(level),
            rhythm=Consultation.Rhythm(rhythm), every=every, first_on=first_on, starts_at=starts_at,
            minutes_long=minutes_long, place=place, chair_role=chair_role, is_active=is_active,
        )  # fmt: skip
        if members is not None:
            _seat(table, members)
        if pattern and pattern != _pattern(table):
            _follow(table, pattern)
        record.subject, record.detail = table, {"code": table.code}
    return table


def _standing(
    municipality: Municipality, consultation: Consultation | None, code: str, *, version: int | None
) -> Consultation | None:
    known = consultation or Consultation.objects.filter(municipality=municipality, code=code or None).first()
    if known is None:
        return None
    own_table(municipality, known)
    return locked(known, version=version)


def own_table(municipality: Municipality, consultation: Consultation) -> None:
    """Refuse a table of another municipality."""
    if consultation.municipality_id != municipality.pk:
        raise ValidationError(_("This belongs to another municipality."), code="other_municipality")


def _code(municipality: Municipality, name: str, code: str) -> str:
    taken = set(Consultation.objects.filter(municipality=municipality).values_list("code", flat=True))
    return code if code and code not in RESERVED else free_code(name, taken=taken | RESERVED)


def _seat(table: Consultation, seats: Sequence[Seat]) -> None:
    """Let exactly these sit at the table. Seats that stay keep their row."""
    own(table.municipality, *(seat.organisation for seat in seats))
    if any(seat.contact and seat.contact.organisation_id != seat.organisation.pk for seat in seats):
        raise ValidationError(_("This contact works for another organisation."), code="other_organisation")
    wanted = {_key(seat): seat for seat in seats}
    for member in table.members.all():
        if wanted.pop((member.organisation_id, member.contact_id, member.role), None) is None:
            member.delete()
    for seat in wanted.values():
        member = Member(consultation=table, organisation=seat.organisation, contact=seat.contact, role=seat.role)
        member.full_clean()
        member.save()


def _key(seat: Seat) -> tuple[int, int | None, str]:
    return seat.organisation.pk, seat.contact.pk if seat.contact else None, seat.role


type Pattern = tuple[str, time | None, int, str]


def _pattern(table: Consultation) -> Pattern:
    """What a planned meeting takes over from its table."""
    return table.name, table.starts_at, table.minutes_long, table.place


def _follow(table: Consultation, old: Pattern) -> None:
    """Let coming meetings that are as planning made them take over the new time and place; calendars hear of it."""
    _name, starts_at, minutes_long, place = old
    coming = table.meetings.filter(state=Meeting.State.PLANNED, starts_at__gte=timezone.now())
    for meeting in coming:
        if starts_at and table.starts_at and _is_untouched(meeting, starts_at, minutes_long, place):
            meeting.starts_at, meeting.ends_at = _span(timezone.localdate(meeting.starts_at), table)
            meeting.place = table.place
        tell_calendars(meeting)


def _is_untouched(meeting: Meeting, starts_at: time, minutes_long: int, place: str) -> bool:
    if meeting.planned_for is None or meeting.place != place:
        return False
    begin = at(working_day(meeting.planned_for), starts_at)
    return (meeting.starts_at, meeting.ends_at) == (begin, begin + timedelta(minutes=minutes_long))


def tell_calendars(meeting: Meeting) -> None:
    """Save a meeting as something that calendars take over: a higher sequence, changed now."""
    fill(meeting, sequence=meeting.sequence + 1, changed_at=now())


def now() -> datetime:
    """This moment in whole seconds: calendars know nothing finer."""
    return timezone.now().replace(microsecond=0)


def at(day: date, clock: time) -> datetime:
    """A time on the clock of the municipality."""
    return timezone.make_aware(datetime.combine(day, clock), timezone.get_default_timezone())


def _span(day: date, table: Consultation) -> tuple[datetime, datetime]:
    begin = at(day, table.starts_at or time())
    return begin, begin + timedelta(minutes=table.minutes_long)


def plan_meetings(*, consultation: Consultation, until: date, by: Actor, since: date | None = None) -> Planned:
    """Add the meetings that the rhythm asks up to and including `until` and that are not there yet.

    Safe to repeat. What is there stays as it is: also when somebody moved or cancelled it.
    """
    municipality = consultation.municipality
    may_edit(by, municipality)
    first = since or timezone.localdate()
    with audit.recorded(Event.MEETING_PLANNED, by=by, municipality=municipality) as record:
        table = locked(consultation, version=None)
        _must_be_plannable(table, first, until)
        planned = set(table.meetings.values_list("planned_for", flat=True))
        begins = set(table.meetings.values_list("starts_at", flat=True))
        days = [
            day for day in meeting_days(rhythm_of(table), first_day=first, last_day=until)
            if day.planned_for not in planned and _span(day.day, table)[0] not in begins
        ]  # fmt: skip
        added = tuple(_added(table, day.planned_for, *_span(day.day, table), table.place) for day in days)
        record.subject, record.detail = table, {"until": until.isoformat(), "added": len(added)}
    return Planned(added=added, moved=tuple(day for day in days if day.is_moved))


def _must_be_plannable(table: Consultation, first: date, until: date) -> None:
    if table.rhythm == Consultation.Rhythm.ON_CALL:
        raise ValidationError(_("This table meets on call. Add a meeting by hand."), code="on_call")
    if not table.is_active:
        raise ValidationError(_("This table no longer meets."), code="not_active")
    if table.starts_at is None:
        raise ValidationError(_("Say first at what time this table begins."), code="no_time")
    if until - first > FURTHEST:
        raise ValidationError(_("Plan at most three years ahead."), code="too_far")


def _added(table: Consultation, planned_for: date | None, begin: datetime, end: datetime, place: str) -> Meeting:
    meeting = Meeting(consultation=table)
    fill(meeting, planned_for=planned_for, starts_at=begin, ends_at=end, place=place, changed_at=now())
    return meeting


def add_meeting(
    *, consultation: Consultation, starts_at: datetime, ends_at: datetime, by: Actor, place: str = ""
) -> Meeting:
    """Add one meeting by hand, outside the rhythm."""
    may_edit(by, consultation.municipality)
    with audit.recorded(Event.MEETING_PLANNED, by=by, municipality=consultation.municipality) as record:
        _must_be_free(consultation, starts_at, ends_at)
        meeting = _added(consultation, None, starts_at, ends_at, place)
        record.subject, record.detail = meeting, {"added": 1}
    return meeting


def change_meeting(
    *, meeting: Meeting, starts_at: datetime, ends_at: datetime, by: Actor, place: str = "", version: int | None = None
) -> Meeting:
    """Move a meeting, or change its place. Planning leaves it where somebody put it."""
    table = meeting.consultation
    may_edit(by, table.municipality)
    with audit.recorded(Event.MEETING_CHANGED, by=by, municipality=table.municipality) as record:
        row = locked(meeting, version=version)
        if row.state != Meeting.State.PLANNED:
            raise ValidationError(_("This meeting was held or cancelled and stays where it is."), code="not_planned")
        _must_be_free(table, starts_at, ends_at, but=row)
        row.starts_at, row.ends_at, row.place = starts_at, ends_at, place
        tell_calendars(row)
        record.subject, record.detail = row, {"sequence": row.sequence}
    return row


def cancel_meeting(*, meeting: Meeting, by: Actor, version: int | None = None) -> Meeting:
    """Cancel a meeting that was not held. It stays there, so that calendars take it away."""
    municipality = meeting.consultation.municipality
    may_edit(by, municipality)
    with audit.recorded(Event.MEETING_CHANGED, by=by, municipality=municipality) as record:
        row = locked(meeting, version=version)
        if row.state == Meeting.State.HELD:
            raise ValidationError(_("A meeting that was held cannot be cancelled."), code="held")
        if row.state != Meeting.State.CANCELLED:
            row.state = Meeting.State.CANCELLED
            tell_calendars(row)
        record.subject, record.detail = row, {"state": row.state}
    return row


def cancel_outside_rhythm(*, consultation: Consultation, by: Actor) -> int:
    """Cancel coming meetings that planning made for a rhythm that the table no longer has; return how many.

    Meetings with an agenda, and those that somebody added or moved, stay.
    """
    may_edit(by, consultation.municipality)
    with audit.recorded(Event.MEETING_CHANGED, by=by, municipality=consultation.municipality) as record:
        table = locked(consultation, version=None)
        stray = meetings_outside_rhythm(table)
        for meeting in stray:
            meeting.state = Meeting.State.CANCELLED
            tell_calendars(meeting)
        record.subject, record.detail = table, {"cancelled": len(stray)}
    return len(stray)


def meetings_outside_rhythm(table: Consultation) -> list[Meeting]:
    """Coming meetings as planning made them, without an agenda, on days that the rhythm no longer has."""
    coming = list(
        table.meetings.filter(
            state=Meeting.State.PLANNED, planned_for__isnull=False, starts_at__gte=timezone.now(), agenda=None
        )
    )
    days = [meeting.planned_for for meeting in coming if meeting.planned_for]
    if not days:
        return []
    asked = {one.planned_for for one in meeting_days(rhythm_of(table), first_day=min(days), last_day=max(days))}
    return [
        meeting for meeting in coming
        if meeting.planned_for not in asked
        and meeting.planned_for is not None
        and timezone.localdate(meeting.starts_at) == working_day(meeting.planned_for)
    ]  # fmt: skip


def _must_be_free(table: Consultation, starts_at: datetime, ends_at: datetime, but: Meeting | None = None) -> None:
    if ends_at <= starts_at:
        raise ValidationError({"ends": ValidationError(_("A meeting ends after it begins."), code="ends_first")})
    others = table.meetings.exclude(pk=but.pk) if but else table.meetings.all()
    if others.filter(starts_at=starts_at).exists():
        raise ValidationError({"day": ValidationError(_("This table meets at that time already."), code="taken")})
