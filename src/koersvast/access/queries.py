"""Who may do what. One decision place: `authorise`. Denied unless a membership of today's date says otherwise."""

import hashlib
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from koersvast.access.audit import Actor, Application, Operator
from koersvast.access.models import ApplicationToken, AuditRecord, Membership, Municipality, User
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
    if isinstance(actor, Application):
        if actor.municipality != municipality.pk or action not in actor.scopes:
            raise Denied(action, municipality)
        return
    if not actor.is_active or action not in permissions_of(actor, municipality, on=on):
        raise Denied(action, municipality)


def municipalities_of(user: User, *, on: date) -> list[Municipality]:
    """Return the municipalities where `user` holds a role today, by name."""
    found = {membership.municipality for membership in current_memberships(user, on=on)}
    return sorted(found, key=lambda municipality: municipality.name)


def people_with(action: Permission, municipality: Municipality, *, on: date) -> set[int]:
    """Return the numbers of the people who may do something in a municipality on this day."""
    people = User.objects.filter(is_active=True, memberships__municipality=municipality).distinct()
    return {person.pk for person in people if action in permissions_of(person, municipality, on=on)}


def audit_trail(municipality: Municipality) -> QuerySet[AuditRecord]:
    """Return what was changed in `municipality`, newest first."""
    return AuditRecord.objects.filter(municipality_code=municipality.code).order_by("-pk")


def digest_of(token: str) -> str:
    """Return what is kept of a token of an application; it is long and random, so a plain digest says nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def application_of(token: str, *, on: date) -> tuple[Application, Municipality] | None:
    """Return the application that holds this token and its municipality; None when none counts."""
    known = ApplicationToken.objects.filter(digest=digest_of(token), revoked_at=None, expires_on__gte=on)
    found = known.select_related("municipality").first()
    if found is None:
        return None
    scopes = frozenset(Permission(scope) for scope in found.scopes)
    return Application(token=found.pk, municipality=found.municipality_id, scopes=scopes), found.municipality


def application_tokens(municipality: Municipality) -> list[ApplicationToken]:
    """Return the tokens of a municipality, also those that count no longer."""
    return list(ApplicationToken.objects.filter(municipality=municipality))
