"""Pages for who sits at a table: their meetings, their follow-ups, and their own calendar."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.partners.changes import calendar_feeds as changes
from koersvast.partners.models import CalendarFeed, FollowUp, Meeting, Member
from koersvast.partners.queries import calendar_feeds as seats
from koersvast.partners.queries import consultations as queries
from koersvast.partners.queries.organisations import contacts_of
from koersvast.policy.wording import amounts
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.partners.consultations import list_page, words
from koersvast.web.partners.consultations.forms import FeedForm
from koersvast.web.partners.consultations.table_page import address, meeting_line
from koersvast.web.saving import written

SHOWN_MEETINGS = 20


@permitted(GET=Permission.PROGRESS_REPORT)
def page(request: TenantRequest) -> HttpResponse:
    """The meetings of tables where somebody sits, and what they or their organisation are still to do."""
    today, now = timezone.localdate(), timezone.now()
    mine = seats.tables_where_seated(request.entry.user, today=today)
    organisations = set(contacts_of(request.entry.user, today=today).values_list("organisation", flat=True))
    coming = queries.coming_meetings(now, number=SHOWN_MEETINGS, among=mine)
    past = Meeting.objects.filter(consultation__in=mine.values("pk"), state=Meeting.State.HELD, starts_at__lt=now)
    todo = queries.open_follow_ups(among=mine, organisations=organisations)
    context = {
        "coming": [meeting_line(one, request.entry, own=True) for one in coming],
        "past": [
            meeting_line(one, request.entry, own=True)
            for one in past.select_related("consultation").order_by("-starts_at")[:SHOWN_MEETINGS]
        ],
        "todo": [list_page.follow_up(one, entry=request.entry, today=today, own=True) for one in todo],
        "tables": mine.order_by("name"),
        "actions": [c.Link(label=_("Put them in my own calendar"), href=address("calendar-feeds", request.entry))],
        "empty": c.Empty(
            title=_("You sit at no table yet"),
            text=_("As soon as the policy officer gives you a seat, its meetings and your follow-ups stand here."),
            symbol="person",
        ),
    }
    return render(request, "partners/consultations_own.html", context)


@permitted(GET=Permission.PROGRESS_REPORT)
def meeting(request: TenantRequest, meeting: int) -> HttpResponse:
    """One meeting for who sits at its table: agenda, outcomes, decisions, and their own follow-ups."""
    today = timezone.localdate()
    mine = seats.tables_where_seated(request.entry.user, today=today)
    organisations = set(contacts_of(request.entry.user, today=today).values_list("organisation", flat=True))
    own = FollowUp.objects.filter(organisation__in=organisations).select_related(
        "organisation", "meeting__consultation"
    )
    members = Prefetch("consultation__members", Member.objects.select_related("organisation"))
    known = (
        Meeting.objects.filter(pk=meeting, consultation__in=mine.values("pk"))
        .select_related("consultation")
        .prefetch_related(members, "agenda", "decisions", Prefetch("follow_ups", own))
        .first()
    )
    if known is None:
        raise Http404
    there = dict.fromkeys(str(member.organisation) for member in known.consultation.members.all())
    context: dict[str, Any] = {
        "meeting": known,
        "table": known.consultation,
        "crumbs": [
            c.Link(label=_("My consultations"), href=address("own-consultations", request.entry)),
            c.Link(label=known.consultation.name),
        ],
        "title": words.heading(timezone.localdate(known.starts_at)),
        "lead": ", ".join(part for part in (words.span(known), known.place or known.consultation.place) if part),
        "badges": [words.state_badge(known, now=timezone.now())],
        "there": amounts.listing(list(there)),
        "todo": [
            list_page.follow_up(one, entry=request.entry, today=today, own=True) for one in known.follow_ups.all()
        ],
    }  # fmt: skip
    return render(request, "partners/consultations_own_meeting.html", context)


@permitted(GET=Permission.PROGRESS_REPORT, POST=Permission.PROGRESS_REPORT)
def subscriptions(request: TenantRequest) -> HttpResponse:
    """The addresses from which somebody's calendar reads meetings; a new one is shown once."""
    entry, today = request.entry, timezone.localdate()
    tables = seats.visible_tables(entry.user, entry.permissions, today=today).filter(is_active=True)
    form = FeedForm(request.POST if request.method == "POST" else None, tables=tables)
    made: list[changes.NewFeed] = []

    def write() -> None:
        chosen = form.cleaned_data["consultation"]
        made.append(
            changes.make_feed(municipality=entry.municipality, user=entry.user, consultation=chosen, by=entry.user)
        )

    if request.method == "POST":
        written(form, write, standing=lambda _row: {})
    link = request.build_absolute_uri(reverse("calendar-feed", args=[made[0].token])) if made else ""
    context = {
        "form": FeedForm(tables=tables) if made else form,
        "link": link,
        "webcal": f"webcal:{link.partition(':')[2]}" if link else "",
        "feeds": [
            (one.consultation.name if one.consultation else _("all meetings that I may see"),
             amounts.day(timezone.localdate(one.made_at)), address("calendar-feed-revoke", entry, entry=one.pk))
            for one in seats.feeds_of(entry.user, entry.municipality)
        ],
        "crumbs": [
            c.Link(label=_("My consultations"), href=address("own-consultations", entry)),
            c.Link(label=_("In your own calendar")),
        ],
    }  # fmt: skip
    return render(request, "partners/consultations_feeds.html", context, status=422 if form.errors else 200)


@permitted(POST=Permission.PROGRESS_REPORT)
def revoke(request: TenantRequest, entry: int) -> HttpResponse:
    """End one of one's own subscriptions."""
    feed = get_object_or_404(CalendarFeed, pk=entry, user=request.entry.user)
    changes.revoke_feed(feed=feed, by=request.entry.user)
    messages.success(request, _("Ended. That address gives nothing any more."))
    return redirect(address("calendar-feeds", request.entry))
