"""Who sits at which table, and what a calendar may read by its address: asked again at every request."""

import hashlib
from datetime import date, datetime, timedelta

from django.db.models import F, Q, QuerySet
from django_scopes import scopes_disabled

from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import permissions_of
from koersvast.partners.calendars import CalendarMeeting
from koersvast.partners.models import CalendarFeed, Consultation, Meeting
from koersvast.partners.queries.organisations import contacts_of

# A calendar keeps what was; a year back is enough to look up when something was said.
LOOKING_BACK = timedelta(days=366)
MOST_MEETINGS = 1_000


def digest_of(token: str) -> str:
    """SHA-256 of a token in hexadecimal digits: what is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def tables_where_seated(user: User, *, today: date) -> QuerySet[Consultation]:
    """Active tables where `user` sits: by name, by the role that they have there, or for their whole organisation."""
    mine = contacts_of(user, today=today)
    by_name = Q(members__contact__in=mine)
    for_all = Q(members__contact=None, members__role="", members__organisation__contacts__in=mine)
    by_role = Q(
        members__contact=None,
        members__organisation__contacts__in=mine,
        members__organisation__contacts__role__iexact=F("members__role"),
    )
    seated = Consultation.objects.filter(by_name | for_all | by_role).values("pk")
    return Consultation.objects.filter(pk__in=seated)


def visible_tables(user: User, permissions: frozenset[Permission], *, today: date) -> QuerySet[Consultation]:
    """All tables for who may see partners; for who only reports, those where they sit; for others none."""
    if Permission.PARTNERS_VIEW in permissions:
        return Consultation.objects.all()
    if Permission.PROGRESS_REPORT in permissions:
        return tables_where_seated(user, today=today)
    return Consultation.objects.none()


def readable_feed(token: str, *, today: date) -> CalendarFeed | None:
    """The subscription with this token, when it was not ended and its owner still holds a role that sees meetings.

    Call it outside a scope: the token says which municipality it is.
    """
    with scopes_disabled():
        feed = (
            CalendarFeed.objects.filter(digest=digest_of(token), revoked_at=None, user__is_active=True)
            .select_related("user", "municipality", "consultation")
            .first()
        )
    if feed is None:
        return None
    held = permissions_of(feed.user, feed.municipality, on=today)
    return feed if held & {Permission.PARTNERS_VIEW, Permission.PROGRESS_REPORT} else None


def feed_meetings(feed: CalendarFeed, *, now: datetime) -> list[CalendarMeeting]:
    """The meetings that this subscription shows now, within the scope of its municipality."""
    today = now.date()
    tables = visible_tables(feed.user, permissions_of(feed.user, feed.municipality, on=today), today=today)
    if feed.consultation_id is not None:
        tables = tables.filter(pk=feed.consultation_id)
    meetings = (
        Meeting.objects.filter(consultation__in=tables.values("pk"), starts_at__gte=now - LOOKING_BACK)
        .select_related("consultation")
        .prefetch_related("consultation__members__organisation")
        .order_by("starts_at")
    )
    return [as_calendar_meeting(meeting) for meeting in meetings[:MOST_MEETINGS]]


def as_calendar_meeting(meeting: Meeting, *, link: str = "") -> CalendarMeeting:
    """What calendars show of a meeting: the table, when, where, which organisations sit there; nobody's name."""
    table = meeting.consultation
    organisations = dict.fromkeys(member.organisation.name for member in table.members.all())
    return CalendarMeeting(
        uid=str(meeting.uid),
        sequence=meeting.sequence,
        title=table.name,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place or table.place,
        organisations=tuple(organisations),
        is_cancelled=meeting.state == Meeting.State.CANCELLED,
        changed_at=meeting.changed_at,
        link=link,
    )


def feeds_of(user: User, municipality: Municipality) -> QuerySet[CalendarFeed]:
    """The subscriptions of `user` that still give something, newest first."""
    return CalendarFeed.objects.filter(user=user, municipality=municipality, revoked_at=None).select_related(
        "consultation"
    )
