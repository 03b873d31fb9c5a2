"""Calendars: the feed behind a token, and the invitation of one meeting as a file."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_scopes import scope

from koersvast.access.permissions import Permission
from koersvast.partners.calendars import ADDRESS, Person
from koersvast.partners.calendars import feed as feed_bytes
from koersvast.partners.calendars import invitation as invitation_bytes
from koersvast.partners.models import Meeting
from koersvast.partners.queries.calendar_feeds import as_calendar_meeting, feed_meetings, readable_feed
from koersvast.web.gate import TenantRequest, permitted, public
from koersvast.web.partners.consultations.meeting import known_meeting

MEDIA_TYPE = "text/calendar; charset=utf-8"


@public("GET")
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The meetings that the owner of this address may see now; 404 when it gives nothing any more."""
    now = timezone.localtime()
    known = readable_feed(token, today=now.date())
    if known is None:
        raise Http404
    with scope(municipality=known.municipality), override("nl"):
        meetings = feed_meetings(known, now=now)
        title = known.consultation.name if known.consultation else _("Consultations of {municipality}")
    content = feed_bytes(meetings, name=title.format(municipality=known.municipality.name))
    etag = quote_etag(hashlib.sha256(content).hexdigest())
    response = HttpResponse(content, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = 'inline; filename="overleggen.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = etag
    response["X-Robots-Tag"] = "noindex"
    found = get_conditional_response(request, etag=etag, response=response)
    return found if isinstance(found, HttpResponse) else response


@permitted(GET=Permission.PARTNERS_EDIT)
def invitation(request: TenantRequest, consultation: str, meeting: int) -> HttpResponse:
    """An invitation to send to the members with an address; of a cancelled meeting its withdrawal."""
    known = known_meeting(consultation, meeting)
    attendees = attendees_of(known)
    user = request.entry.user
    if not attendees or not ADDRESS.fullmatch(user.email):
        raise Http404
    content = invitation_bytes(as_calendar_meeting(known), Person(name=user.name, email=user.email), attendees)
    method = "CANCEL" if known.state == Meeting.State.CANCELLED else "REQUEST"
    response = HttpResponse(content, content_type=f"{MEDIA_TYPE}; method={method}")
    response["Content-Disposition"] = 'attachment; filename="uitnodiging.ics"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def attendees_of(meeting: Meeting) -> list[Person]:
    """The members at the table by name who still work there and have an address that a calendar can hold."""
    day = timezone.localdate(meeting.starts_at)
    contacts = [member.contact for member in meeting.consultation.members.all() if member.contact]
    return [
        Person(name=one.name, email=one.email)
        for one in contacts
        if ADDRESS.fullmatch(one.email) and (one.until is None or one.until >= day)
    ]
