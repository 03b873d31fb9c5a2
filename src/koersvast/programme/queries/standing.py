"""How actions stand, most urgent first: the last line that was reported, what is late or silent, what is coming."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from koersvast.access.models import Municipality
from koersvast.partners.models import Contact, Meeting, Promise
from koersvast.programme.models import Action, Programme, ProgressReport
from koersvast.programme.queries.progress import of_contacts
from koersvast.programme.staleness import SETTLED, ActionFacts, Signal, due_on, late_days, signals, silent_days

SOON = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class ActionStanding:
    """One action and how it stands today. `owner` is the name of an organisation or a role, never of a person."""

    action: Action
    owner: str
    facts: ActionFacts
    signals: frozenset[Signal]
    late_days: int | None
    silent_days: int | None
    due_on: date | None
    last_line: str
    asks_attention: bool

    @property
    def number(self) -> int:
        return self.action.number

    @property
    def is_settled(self) -> bool:
        return self.facts.status in SETTLED


def standings(actions: QuerySet[Action], *, today: date) -> list[ActionStanding]:
    """Return how these actions stand, most urgent first, in one query."""
    newest = ProgressReport.objects.filter(action=OuterRef("pk")).order_by("-at", "-pk")
    found = (
        actions.select_related("owner_organisation", "programme", "municipality")
        .annotate(last_at=Subquery(newest.values("at")[:1]), last_line=Subquery(newest.values("line")[:1]))
        .order_by("number")
    )
    return sorted((_standing(action, today) for action in found), key=_urgency)


def _standing(action: Action, today: date) -> ActionStanding:
    at: datetime | None = getattr(action, "last_at", None)
    facts = ActionFacts(
        status=action.status, recurrence=action.recurrence, starts_on=action.starts_on, ends_on=action.ends_on,
        last_report_on=timezone.localdate(at) if at else None,
        has_owner=bool(action.owner_organisation_id or action.owner_role),
    )  # fmt: skip
    found, due = signals(facts, today=today), due_on(facts)
    organisation = action.owner_organisation
    comes_soon = facts.status not in SETTLED and due is not None and due <= today + SOON
    return ActionStanding(
        action=action, owner=str(organisation) if organisation else action.owner_role, facts=facts, signals=found,
        late_days=late_days(facts, today=today), silent_days=silent_days(facts, today=today), due_on=due,
        last_line=getattr(action, "last_line", None) or "",
        asks_attention=comes_soon or bool(found - {Signal.UNOWNED}),
    )  # fmt: skip


def _urgency(one: ActionStanding) -> tuple[bool, bool, bool, int, date, int]:
    """Settled ones last; then stuck, late by how much, silent, and by the day that they are due."""
    return (
        one.is_settled, not one.asks_attention, Signal.STUCK not in one.signals, -(one.late_days or 0),
        one.due_on or date.max, one.action.number,
    )  # fmt: skip


def open_actions(municipality: Municipality) -> QuerySet[Action]:
    """Return the actions of programmes that are not closed."""
    return Action.objects.filter(municipality=municipality).exclude(programme__state=Programme.State.CLOSED)


def actions_of(contacts: Sequence[Contact], municipality: Municipality) -> QuerySet[Action]:
    """Return what these contacts or their organisations own or contribute to, in programmes that are not closed."""
    if not contacts:
        return Action.objects.none()
    return open_actions(municipality).filter(of_contacts(list(contacts))).distinct()


def actions_at_table(meeting: Meeting, municipality: Municipality) -> QuerySet[Action]:
    """Return the actions of everybody who sits at the table of this meeting."""
    there = meeting.consultation.members.values("organisation")
    theirs = Q(owner_organisation__in=there) | Q(contributions__organisation__in=there)
    return open_actions(municipality).filter(theirs).distinct()


def meetings_ahead(contacts: Sequence[Contact], *, today: date, within: timedelta = SOON) -> list[Meeting]:
    """Return the planned meetings of the coming days at which these contacts sit, by name, role or organisation."""
    seats = Q(pk__in=[])
    for contact in contacts:
        of_all = Q(consultation__members__contact=None, consultation__members__role__in={"", contact.role})
        seats |= Q(consultation__members__contact=contact)
        seats |= of_all & Q(consultation__members__organisation=contact.organisation_id)
    first = timezone.make_aware(datetime.combine(today, time.min))
    planned = Meeting.objects.filter(
        seats, state=Meeting.State.PLANNED, starts_at__gte=first, starts_at__lt=first + within + timedelta(days=1)
    )
    return list(planned.select_related("consultation").distinct().order_by("starts_at"))


def promises_open(contacts: Iterable[Contact]) -> list[Promise]:
    """Return what the organisations of these contacts promised us, or we them, and is not settled."""
    organisations = {contact.organisation_id for contact in contacts}
    found = Promise.objects.filter(organisation__in=organisations, state=Promise.State.OPEN)
    return list(found.select_related("organisation").order_by("due_on", "pk"))
