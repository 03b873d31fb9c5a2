"""Finding the link that somebody came in by, and listing those of a contact."""

import hashlib
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django_scopes import scopes_disabled

from koersvast.partners.models import Contact
from koersvast.programme.models import ReportingLink


def digest_of(token: str) -> str:
    """Return what is kept of a token: long and random as it is, a plain SHA-256 cannot be turned back."""
    return hashlib.sha256(token.encode("utf-8", errors="replace")).hexdigest()


def works_there(contact: Contact, *, on: date) -> bool:
    """Whether this contact may speak for an organisation that is active, on this day."""
    return contact.organisation.is_active and (contact.until is None or contact.until >= on)


def is_alive(link: ReportingLink, *, now: datetime) -> bool:
    """Whether the link still lets somebody in at this moment."""
    if link.revoked_at is not None or link.expires_at <= now or link.uses >= link.uses_at_most:
        return False
    return works_there(link.contact, on=timezone.localdate(now))


def link_by_token(token: str, *, now: datetime) -> ReportingLink | None:
    """Return the living link with this token, of whatever municipality; None for any other, without saying why."""
    return _alive_one(now, digest=digest_of(token))


def link_by_number(number: int, *, now: datetime) -> ReportingLink | None:
    """Return the living link with this number, for somebody who came in by it a moment ago."""
    return _alive_one(now, pk=number)


def _alive_one(now: datetime, **which: object) -> ReportingLink | None:
    with scopes_disabled():  # who comes by a link has no municipality yet: the link says which
        found = ReportingLink.objects.select_related("contact__organisation", "municipality").filter(**which).first()
    return found if found is not None and is_alive(found, now=now) else None


def links_of(contact: Contact) -> QuerySet[ReportingLink]:
    """Return the links of a contact, newest first."""
    return ReportingLink.objects.filter(contact=contact).select_related("contact__organisation", "municipality")
