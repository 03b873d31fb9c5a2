"""Subscriptions of calendars: an address that only its owner knows; what is kept of it is a digest."""

import secrets
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.partners.models import CalendarFeed, Consultation
from koersvast.partners.queries.calendar_feeds import digest_of

MOST_FEEDS = 10


@dataclass(frozen=True, kw_only=True)
class NewFeed:
    """A fresh subscription; `token` is shown once and kept nowhere."""

    feed: CalendarFeed
    token: str


def make_feed(
    *, municipality: Municipality, user: User, by: Actor, consultation: Consultation | None = None
) -> NewFeed:
    """Make an address from which a calendar of `user` reads meetings: of one table, or of all that they may see."""
    authorise(by, Permission.PROGRESS_REPORT, municipality, on=timezone.localdate())
    _must_be_own(user, by)
    with audit.recorded(Event.FEED_MADE, by=by, municipality=municipality) as record:
        mine = CalendarFeed.objects.filter(municipality=municipality, user=user, revoked_at=None)
        if mine.count() >= MOST_FEEDS:
            raise ValidationError(_("You have ten subscriptions. End one first."), code="too_many")
        token = secrets.token_urlsafe(32)
        feed = CalendarFeed.objects.create(
            municipality=municipality, user=user, consultation=consultation, digest=digest_of(token),
            made_at=timezone.now(),
        )  # fmt: skip
        record.subject, record.detail = feed, {"consultation": consultation.code if consultation else ""}
    return NewFeed(feed=feed, token=token)


def revoke_feed(*, feed: CalendarFeed, by: Actor) -> None:
    """End a subscription: from now on its address gives nothing."""
    authorise(by, Permission.PROGRESS_REPORT, feed.municipality, on=timezone.localdate())
    _must_be_own(feed.user, by)
    with audit.recorded(Event.FEED_REVOKED, by=by, municipality=feed.municipality) as record:
        CalendarFeed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=timezone.now())
        record.subject = feed


def _must_be_own(user: User, by: Actor) -> None:
    if isinstance(by, User) and by.pk != user.pk:
        raise ValidationError(_("A subscription belongs to one person."), code="other_user")
