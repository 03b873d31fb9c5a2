"""What the programme knows of a partner: when it last reported, and at which actions it works."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max, Prefetch, Q
from django.utils import timezone

from koersvast.partners.models import Organisation
from koersvast.programme.models import Action, Contribution, ProgressReport


@dataclass(frozen=True, kw_only=True)
class PartnerAction:
    """An action at which an organisation works: as its owner, with a contribution, or both."""

    number: int
    title: str
    programme: str
    status: str
    ends_on: date | None
    is_owner: bool
    contribution: str
    hours: Decimal | None
    euro: Decimal | None
    agreed_on: date | None


def last_reported() -> dict[int, date]:
    """Return by the key of an organisation the day of the newest report that it gave. One query."""
    rows = ProgressReport.objects.filter(organisation__isnull=False).order_by().values_list("organisation")
    return {key: timezone.localdate(at) for key, at in rows.annotate(at=Max("at")) if at is not None}


def actions_with(organisation: Organisation) -> list[PartnerAction]:
    """Return the actions of an organisation, the newest programme first. Two queries."""
    own = Contribution.objects.filter(organisation=organisation)
    found = (
        Action.objects.filter(Q(owner_organisation=organisation) | Q(contributions__organisation=organisation))
        .distinct()
        .select_related("programme")
        .prefetch_related(Prefetch("contributions", own, to_attr="own_contributions"))
        .order_by("-programme__first_day", "number")
    )
    return [_action(one, organisation) for one in found]


def _action(one: Action, organisation: Organisation) -> PartnerAction:
    given: list[Contribution] = getattr(one, "own_contributions", [])
    first = given[0] if given else None
    return PartnerAction(
        number=one.number, title=one.title, programme=one.programme.title, status=one.status, ends_on=one.ends_on,
        is_owner=one.owner_organisation_id == organisation.pk, contribution=first.text if first else "",
        hours=first.hours if first else None, euro=first.euro if first else None,
        agreed_on=first.agreed_on if first else None,
    )  # fmt: skip
