"""What is known of consultations: tables with who sits there, meetings, decisions and follow-ups over all tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery

from koersvast.partners.models import (
    AgendaItem,
    Consultation,
    FollowUp,
    Meeting,
    MeetingDecision,
    Member,
    Organisation,
)

LEVELS = tuple(Consultation.Level.values)


@dataclass(frozen=True, kw_only=True)
class TableLine:
    """A table as the overview shows it: who sits there, when it meets, and what is still to be done."""

    table: Consultation
    organisations: tuple[Organisation, ...]
    next_meeting: Meeting | None
    last_held_at: datetime | None
    open_follow_ups: int
    overdue_follow_ups: int


def tables(*, now: datetime, among: QuerySet[Consultation] | None = None) -> list[TableLine]:
    """All tables, those that govern first; four queries whatever their number."""
    today = now.date()
    is_open = Q(meetings__follow_ups__state=FollowUp.State.OPEN)
    held = Meeting.objects.filter(consultation=OuterRef("pk"), state=Meeting.State.HELD).order_by("-starts_at")
    found = (
        (Consultation.objects.all() if among is None else among)
        .annotate(
            last_held_at=Subquery(held.values("starts_at")[:1]),
            open_count=Count("meetings__follow_ups", filter=is_open, distinct=True),
            overdue_count=Count(
                "meetings__follow_ups", filter=is_open & Q(meetings__follow_ups__due_on__lt=today), distinct=True
            ),
        )
        .prefetch_related(Prefetch("members", Member.objects.select_related("organisation")))
        .order_by("name")
    )
    coming = _next_meetings(now)
    return sorted((_line(table, coming.get(table.pk)) for table in found), key=_order)


def _next_meetings(now: datetime) -> dict[int, Meeting]:
    """The first coming meeting of each table, by the key of the table."""
    planned = Meeting.objects.filter(state=Meeting.State.PLANNED, ends_at__gte=now)
    first = planned.order_by().values("consultation").annotate(first=Min("starts_at")).filter(
        consultation=OuterRef("consultation")
    )  # fmt: skip
    return {one.consultation_id: one for one in planned.filter(starts_at=Subquery(first.values("first")[:1]))}


def _line(table: Consultation, coming: Meeting | None) -> TableLine:
    organisations = {member.organisation_id: member.organisation for member in table.members.all()}
    return TableLine(
        table=table, organisations=tuple(organisations.values()), next_meeting=coming,
        last_held_at=getattr(table, "last_held_at", None), open_follow_ups=getattr(table, "open_count", 0),
        overdue_follow_ups=getattr(table, "overdue_count", 0),
    )  # fmt: skip


def _order(line: TableLine) -> tuple[bool, int, str]:
    return not line.table.is_active, LEVELS.index(line.table.level), line.table.name.casefold()


@dataclass(frozen=True, kw_only=True)
class SeatRow:
    """An organisation and at which of the tables it sits, in the order of the tables; with what roles."""

    organisation: Organisation
    seats: tuple[tuple[str, ...] | None, ...]


@dataclass(frozen=True, kw_only=True)
class SeatMatrix:
    """Who sits where. `without_seat` are active partners that sit at no table at all."""

    tables: tuple[Consultation, ...]
    rows: tuple[SeatRow, ...]
    without_seat: tuple[Organisation, ...]


def seat_matrix(among: Iterable[Consultation] | None = None) -> SeatMatrix:
    """Which organisation sits at which table; the most seats first. Three queries."""
    seats = Prefetch("members", Member.objects.select_related("organisation", "contact"))
    found = Consultation.objects.filter(is_active=True).prefetch_related(seats)
    known = sorted(found if among is None else among, key=lambda one: (LEVELS.index(one.level), one.name.casefold()))
    roles: dict[int, dict[int, list[str]]] = {}
    organisations: dict[int, Organisation] = {}
    for table in known:
        for member in table.members.all():
            organisations[member.organisation_id] = member.organisation
            at_table = roles.setdefault(member.organisation_id, {}).setdefault(table.pk, [])
            at_table.append(member.role or (member.contact.role if member.contact else ""))
    order = sorted(organisations.values(), key=lambda one: (-len(roles[one.pk]), one.name.casefold()))
    rows = tuple(
        SeatRow(organisation=one, seats=tuple(_seats(roles[one.pk].get(table.pk)) for table in known)) for one in order
    )
    absent = Organisation.objects.filter(is_active=True).exclude(kind=Organisation.Kind.UNIT)
    return SeatMatrix(
        tables=tuple(known), rows=rows, without_seat=tuple(absent.exclude(pk__in=organisations).order_by("name"))
    )  # fmt: skip


def _seats(roles: list[str] | None) -> tuple[str, ...] | None:
    return None if roles is None else tuple(dict.fromkeys(role for role in roles if role))


def meetings_between(first: datetime, last: datetime, *, among: QuerySet[Consultation] | None = None) -> list[Meeting]:
    """Meetings that begin from `first` up to `last`, cancelled ones too, in order."""
    found = Meeting.objects.filter(starts_at__gte=first, starts_at__lt=last).select_related("consultation")
    if among is not None:
        found = found.filter(consultation__in=among.values("pk"))
    return list(found.order_by("starts_at"))


def coming_meetings(now: datetime, *, number: int, among: QuerySet[Consultation] | None = None) -> list[Meeting]:
    """The first so many planned meetings that have not ended."""
    found = Meeting.objects.filter(state=Meeting.State.PLANNED, ends_at__gte=now).select_related("consultation")
    if among is not None:
        found = found.filter(consultation__in=among.values("pk"))
    return list(found.order_by("starts_at")[:number])


def consultation(code: str) -> Consultation | None:
    """One table with its members."""
    seats = Prefetch("members", Member.objects.select_related("organisation", "contact"))
    return Consultation.objects.filter(code=code).select_related("municipality").prefetch_related(seats).first()


def meetings_of(table: Consultation) -> QuerySet[Meeting]:
    """All meetings of a table with how much was written on them, newest first."""
    return table.meetings.annotate(
        items=Count("agenda", distinct=True),
        decided=Count("decisions", distinct=True),
        followed=Count("follow_ups", distinct=True),
        still_open=Count("follow_ups", filter=Q(follow_ups__state=FollowUp.State.OPEN), distinct=True),
    ).order_by("-starts_at")


def meeting(code: str, number: int) -> Meeting | None:
    """One meeting of a table, with agenda, decisions and follow-ups; a constant number of queries."""
    seats = Prefetch("consultation__members", Member.objects.select_related("organisation", "contact"))
    return (
        Meeting.objects.filter(consultation__code=code, pk=number)
        .select_related("consultation__municipality")
        .prefetch_related(seats, "agenda", "decisions", Prefetch("follow_ups", _with_owner()))
        .first()
    )


def _with_owner() -> QuerySet[FollowUp]:
    return FollowUp.objects.select_related("organisation", "action", "meeting__consultation")


def open_follow_ups(
    *, among: QuerySet[Consultation] | None = None, organisations: Iterable[int] | None = None
) -> list[FollowUp]:
    """Everything that is still to be done after meetings, the earliest day first; without a day last."""
    found = _with_owner().filter(state=FollowUp.State.OPEN)
    if among is not None:
        found = found.filter(meeting__consultation__in=among.values("pk"))
    if organisations is not None:
        found = found.filter(organisation__in=list(organisations))
    return list(found.order_by(F("due_on").asc(nulls_last=True), "meeting__starts_at", "position"))


def open_follow_ups_before(meeting: Meeting) -> list[FollowUp]:
    """What earlier meetings of the same table left to be done."""
    found = _with_owner().filter(
        state=FollowUp.State.OPEN,
        meeting__consultation=meeting.consultation_id,
        meeting__starts_at__lt=meeting.starts_at,
    )
    return list(found.order_by(F("due_on").asc(nulls_last=True), "meeting__starts_at", "position"))


def follow_up(number: int) -> FollowUp | None:
    """One follow-up with its meeting and table."""
    return FollowUp.objects.filter(pk=number).select_related(
        "meeting__consultation__municipality", "organisation"
    ).first()  # fmt: skip


def decisions(*, text: str = "", table: str = "", year: int | None = None) -> QuerySet[MeetingDecision]:
    """What was decided when, newest first. Every word of `text` stands in the decision or the name of the table."""
    found = MeetingDecision.objects.select_related("meeting__consultation")
    for word in text.split()[:10]:
        found = found.filter(Q(text__icontains=word) | Q(meeting__consultation__name__icontains=word))
    if table:
        found = found.filter(meeting__consultation__code=table)
    if year is not None:
        found = found.filter(meeting__starts_at__year=year)
    return found.order_by("-meeting__starts_at", "position")


def earlier_on_agenda(meeting: Meeting, origins: Iterable[str]) -> dict[str, date]:
    """On which day an origin stood on the agenda of this table last, before this meeting."""
    rows = AgendaItem.objects.filter(
        meeting__consultation=meeting.consultation_id,
        meeting__starts_at__lt=meeting.starts_at,
        origin__in=list(origins),
    ).exclude(meeting__state=Meeting.State.CANCELLED)
    found = rows.order_by("meeting__starts_at").values_list("origin", "meeting__starts_at")
    return {origin: starts_at.date() for origin, starts_at in found}
