"""Reporting links: a contact reports on their own actions without an account. Only a digest of a link is kept."""

import secrets
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, ContactActor, Event
from koersvast.access.permissions import Permission
from koersvast.access.queries import Denied, authorise
from koersvast.partners.models import Contact
from koersvast.programme.models import ReportingLink
from koersvast.programme.queries.links import digest_of, works_there

LASTS = timedelta(days=21)


class LinkIsDead(PermissionDenied):
    """The link does not exist, has run out, was used up or revoked, or its contact left: on purpose not told apart."""


def make_link(*, contact: Contact, by: Actor) -> str:
    """Make a link for a contact and return its token, which is shown or mailed once and kept nowhere."""
    municipality = contact.organisation.municipality
    authorise(by, Permission.PARTNERS_EDIT, municipality, on=timezone.localdate())
    now = timezone.now()
    if not works_there(contact, on=timezone.localdate(now)):
        raise ValidationError(
            _("This contact no longer works there, or the organisation is not active. Choose another contact."),
            code="contact_has_left",
        )
    token = secrets.token_urlsafe(32)
    with audit.recorded(Event.LINK_MADE, by=by, municipality=municipality) as record:
        record.subject = ReportingLink.objects.create(
            municipality=municipality, contact=contact, digest=digest_of(token), made_at=now, expires_at=now + LASTS
        )
        record.detail = {"contact": contact.pk}
    return token


def revoke_link(*, link: ReportingLink, by: Actor) -> None:
    """Make a link dead at the next request. Revoking twice is no error."""
    _may_revoke(by, link)
    with audit.recorded(Event.LINK_REVOKED, by=by, municipality=link.municipality) as record:
        ReportingLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
        record.subject, record.detail = link, {"contact": link.contact_id}


def _may_revoke(by: Actor, link: ReportingLink) -> None:
    """Who keeps the partners or the programme may revoke."""
    try:
        authorise(by, Permission.PARTNERS_EDIT, link.municipality, on=timezone.localdate())
    except Denied:
        authorise(by, Permission.PROGRAMME_EDIT, link.municipality, on=timezone.localdate())


def use_link(by: ContactActor, *, now: datetime) -> ReportingLink:
    """Count one report against the link that somebody came in by, within the change of that report; refuse a dead one.

    One statement counts it, so that two reports at once never share the last use.
    """
    counted = ReportingLink.objects.filter(
        pk=by.link, contact=by.contact, revoked_at=None, expires_at__gt=now, uses__lt=F("uses_at_most")
    ).update(uses=F("uses") + 1)
    link = ReportingLink.objects.select_related("contact__organisation", "municipality").filter(pk=by.link).first()
    if not counted or link is None or not works_there(link.contact, on=timezone.localdate(now)):
        raise LinkIsDead
    return link
