"""What the programme knows of partners: when each last reported, and at which actions it works."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from koersvast.partners.models import Organisation
from koersvast.programme.models import Action, Contribution, Programme, ProgressReport
from koersvast.programme.queries.actions import judged_on
from koersvast.programme.staleness import SETTLED, ActionFacts, Signal, signals


@dataclass(frozen=True, kw_only=True)
class PartnerAction:
    """An action at which an organisation works: as its owner, with a contribution, or both.

    `is_open` while it is not done or stopped and its programme is not closed. `signals` as on the page of the
    programme: one whose programme has ended is judged on the last day of it.
    """

    number: int
    title: str
    programme: str
    status: str
    ends_on: date | None
    is_owner: bool
    is_open: bool
    contribution: str
    hours: Decimal | None
    euro: Decimal | None
    agreed_on: date | None
    signals: frozenset[Signal]


def last_reported() -> dict[int, date]:
    """Return by the key of an organisation the day of the newest report that it gave. One query."""
    rows = ProgressReport.objects.filter(organisation__isnull=False).order_by().values_list("organisation")
    return {key: timezone.localdate(at) for key, at in rows.annotate(at=Max("at")) if at is not None}


def open_actions() -> Counter[str]:
    """Return by the code of an organisation at how many open actions it works. Two queries."""
    found = _open(Action.objects.all())
    owners = found.filter(owner_organisation__isnull=False).values_list("pk", "owner_organisation__code")
    helpers = found.filter(contributions__isnull=False).values_list("pk", "contributions__organisation__code")
    return Counter(code for _action, code in {*owners.order_by(), *helpers.order_by()})


def _open(found: QuerySet[Action]) -> QuerySet[Action]:
    return found.exclude(status__in=SETTLED).exclude(programme__state=Programme.State.CLOSED)


def actions_with(organisation: Organisation, *, today: date) -> list[PartnerAction]:
    """Return the actions of an organisation: open ones first, the newest programme first. Two queries."""
    own = Contribution.objects.filter(organisation=organisation)
    newest = ProgressReport.objects.filter(action=OuterRef("pk")).order_by("-at", "-pk")
    found = (
        Action.objects.filter(Q(owner_organisation=organisation) | Q(contributions__organisation=organisation))
        .distinct()
        .select_related("programme")
        .prefetch_related(Prefetch("contributions", own, to_attr="own_contributions"))
        .annotate(last_at=Subquery(newest.values("at")[:1]))
        .order_by("-programme__first_day", "number")
    )
    return sorted((_action(one, organisation, today) for one in found), key=lambda one: not one.is_open)


def _action(one: Action, organisation: Organisation, today: date) -> PartnerAction:
    given: list[Contribution] = getattr(one, "own_contributions", [])
    first = given[0] if given else None
    return PartnerAction(
        number=one.number, title=one.title, programme=one.programme.title, status=one.status, ends_on=one.ends_on,
        is_owner=one.owner_organisation_id == organisation.pk,
        is_open=one.status not in SETTLED and one.programme.state != Programme.State.CLOSED,
        contribution=first.text if first else "", hours=first.hours if first else None,
        euro=first.euro if first else None, agreed_on=first.agreed_on if first else None,
        signals=signals(_facts(one), today=judged_on(one.programme, today=today)),
    )  # fmt: skip


def _facts(one: Action) -> ActionFacts:
    at: datetime | None = getattr(one, "last_at", None)
    return ActionFacts(
        status=one.status, recurrence=one.recurrence, starts_on=one.starts_on, ends_on=one.ends_on,
        last_report_on=timezone.localdate(at) if at else None,
        has_owner=bool(one.owner_organisation_id or one.owner_role),
    )  # fmt: skip
