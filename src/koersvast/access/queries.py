"""Who may do what. One decision place: `authorise`. Denied unless a membership of today's date says otherwise."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from koersvast.access.audit import Actor, Operator
from koersvast.access.models import AuditRecord, Membership, Municipality, User
from koersvast.access.permissions import Permission


class Denied(PermissionDenied):
    """The actor holds no role with this permission in this municipality."""

    def __init__(self, action: Permission, municipality: Municipality) -> None:
        super().__init__(f"{action.value} in {municipality.code}")
        self.action, self.municipality = action, municipality


def current_memberships(user: User, *, on: date) -> QuerySet[Membership]:
    """Return the memberships of `user` that count on day `on`."""
    return Membership.objects.filter(Q(until=None) | Q(until__gte=on), user=user, since__lte=on).select_related(
        "municipality", "role"
    )


def permissions_of(user: User, municipality: Municipality, *, on: date) -> frozenset[Permission]:
    """Return everything that `user` may do in `municipality` on day `on`."""
    held = current_memberships(user, on=on).filter(municipality=municipality)
    return frozenset(Permission(code) for membership in held for code in membership.role.permissions)


def authorise(actor: Actor, action: Permission, municipality: Municipality, *, on: date) -> None:
    """Let through, or raise `Denied`. An operator at the machine's own command line is let through."""
    if isinstance(actor, Operator):
        return
    if not actor.is_active or action not in permissions_of(actor, municipality, on=on):
        raise Denied(action, municipality)


def municipalities_of(user: User, *, on: date) -> list[Municipality]:
    """Return the municipalities where `user` holds a role today, by name."""
    found = {membership.municipality for membership in current_memberships(user, on=on)}
    return sorted(found, key=lambda municipality: municipality.name)


def audit_trail(municipality: Municipality) -> QuerySet[AuditRecord]:
    """Return what was changed in `municipality`, newest first."""
    return AuditRecord.objects.filter(municipality_code=municipality.code).order_by("-pk")
