"""What is due for who sits at a table, to put on its agenda. Each thing is proposed once, by its origin."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from koersvast.partners.models import Agreement, Consultation, Meeting, Promise
from koersvast.partners.queries.consultations import earlier_on_agenda, open_follow_ups_before
from koersvast.programme.models import CheckMoment, Programme
from koersvast.programme.proposals import Kind, Proposal
from koersvast.programme.queries.standing import actions_at_table, standings
from koersvast.programme.staleness import Signal

# How far a table looks ahead when it is not known when it meets again.
UNTIL_NEXT = timedelta(weeks=6)
BEFORE_AN_END = timedelta(days=92)
# A chair lets go of what nobody could discuss in one meeting; the rest stays on the lists that it comes from.
MOST = 60


def proposals(meeting: Meeting, *, today: date) -> list[Proposal]:
    """What is due at this table and not yet on this agenda, most urgent first. A constant number of queries."""
    until = _until(meeting)
    there = list(meeting.consultation.members.values_list("organisation", flat=True))
    found = [
        *_actions(meeting, today),
        *_follow_ups(meeting),
        *_promises(there, until),
        *_agreements(there, timezone.localdate(meeting.starts_at)),
        *_checks(meeting.consultation, today, until),
    ]
    present = {item.origin for item in meeting.agenda.all()}
    return _with_earlier(meeting, [one for one in found if one.origin not in present][:MOST])


def _until(meeting: Meeting) -> date:
    """The day of the next meeting of this table, or six weeks on."""
    later = Meeting.objects.filter(
        consultation=meeting.consultation_id, state=Meeting.State.PLANNED, starts_at__gt=meeting.starts_at
    ).order_by("starts_at")
    following = later.values_list("starts_at", flat=True).first()
    return timezone.localdate(following) if following else timezone.localdate(meeting.starts_at) + UNTIL_NEXT


def _with_earlier(meeting: Meeting, found: list[Proposal]) -> list[Proposal]:
    earlier = earlier_on_agenda(meeting, [one.origin for one in found])
    return [replace(one, earlier_on=earlier.get(one.origin)) for one in found]


def _actions(meeting: Meeting, today: date) -> Iterable[Proposal]:
    """What is wrong with actions; of a programme whose term is over only that, once."""
    municipality = meeting.consultation.municipality
    lapsed: dict[int, Programme] = {}
    for one in standings(actions_at_table(meeting, municipality), today=today):
        kind, programme = _kind(one.signals), one.action.programme
        if kind is not None and programme.last_day < today:
            lapsed[programme.pk] = programme
            continue
        if kind is None:
            continue
        days = {Kind.LATE: one.late_days, Kind.SILENT: one.silent_days}.get(kind)
        yield Proposal(
            kind=kind, origin=f"action:{one.number}", subject=one.action.title, owner=one.owner, due_on=one.due_on,
            days=days, last_line=one.action.status_reason if kind is Kind.STUCK else one.last_line,
        )  # fmt: skip
    for programme in lapsed.values():
        yield Proposal(
            kind=Kind.LAPSED, origin=f"programme:{programme.pk}", subject=programme.title,
            due_on=programme.last_day,
        )  # fmt: skip


def _kind(signals: frozenset[Signal]) -> Kind | None:
    """The gravest of what is wrong; only what a table can do something about."""
    order = ((Signal.STUCK, Kind.STUCK), (Signal.LATE, Kind.LATE), (Signal.SILENT, Kind.SILENT))
    return next((kind for signal, kind in order if signal in signals), None)


def _follow_ups(meeting: Meeting) -> Iterable[Proposal]:
    for one in open_follow_ups_before(meeting):
        owner = str(one.organisation) if one.organisation else one.owner_role
        yield Proposal(
            kind=Kind.FOLLOW_UP, origin=f"follow_up:{one.pk}", subject=one.text, owner=owner, due_on=one.due_on
        )


def _promises(there: list[int], until: date) -> Iterable[Proposal]:
    due = Promise.objects.filter(organisation__in=there, state=Promise.State.OPEN, due_on__lte=until)
    for one in due.select_related("organisation").order_by("due_on", "pk"):
        yield Proposal(
            kind=Kind.PROMISE, origin=f"promise:{one.pk}", subject=one.text, owner=str(one.organisation),
            due_on=one.due_on, is_ours=one.direction == Promise.Direction.BY_US,
        )  # fmt: skip


def _agreements(there: list[int], day: date) -> Iterable[Proposal]:
    """Those that end or are looked at again within a quarter of the meeting, before or after it."""
    within = (day - BEFORE_AN_END, day + BEFORE_AN_END)
    due = Agreement.objects.filter(Q(ends_on__range=within) | Q(review_on__range=within), parties__in=there)
    for one in due.distinct().order_by("ends_on", "title"):
        ends = one.ends_on is not None and within[0] <= one.ends_on <= within[1]
        yield Proposal(
            kind=Kind.AGREEMENT if ends else Kind.REVIEW, origin=f"agreement:{one.code}", subject=one.title,
            owner=one.owner_role, due_on=one.ends_on if ends else one.review_on,
        )  # fmt: skip


def _checks(table: Consultation, today: date, until: date) -> Iterable[Proposal]:
    """Check moments of the plan, at tables that do not only carry out."""
    if table.level == Consultation.Level.OPERATIONAL:
        return
    coming = CheckMoment.objects.filter(
        municipality=table.municipality_id, closed_on=None, planned_on__range=(today, until)
    )
    for one in coming.order_by("planned_on"):
        yield Proposal(kind=Kind.CHECK, origin=f"check:{one.pk}", subject=one.title, due_on=one.planned_on)
