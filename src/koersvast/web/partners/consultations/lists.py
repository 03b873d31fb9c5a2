"""Lists over all tables: meetings by month, open follow-ups, decisions."""

from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.partners.changes import meetings as changes
from koersvast.partners.models import FollowUp
from koersvast.partners.queries import consultations as queries
from koersvast.programme.changes.actions import action_from_follow_up
from koersvast.programme.queries.actions import current_programme
from koersvast.web import components as c
from koersvast.web.forms import sent_version
from koersvast.web.gate import TenantRequest, must_hold, permitted
from koersvast.web.partners.consultations import list_page
from koersvast.web.partners.consultations.forms import DecisionFilter, FollowUpFilter
from koersvast.web.partners.consultations.table_page import address, crumbs

PAGE = 50
FIRST_YEAR, LAST_YEAR = 1990, 2100


@permitted(GET=Permission.PARTNERS_VIEW)
def month(request: TenantRequest) -> HttpResponse:
    """The meetings of one month, as a calendar and as a list."""
    first = month_of(request.GET.get("maand", ""))
    after = (first + timedelta(days=32)).replace(day=1)
    moments = [timezone.make_aware(datetime.combine(day, time())) for day in (first, after)]
    meetings = queries.meetings_between(moments[0], moments[1])
    context = list_page.month(first, meetings, entry=request.entry, now=timezone.now())
    return render(request, "partners/consultations_month.html", context)


def month_of(asked: str) -> date:
    """The first day of the month that was asked as 2026-11; of this month when that is no month."""
    year, _dash, number = asked.partition("-")
    try:
        found = date(int(year), int(number), 1)
    except ValueError:
        return timezone.localdate().replace(day=1)
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else timezone.localdate().replace(day=1)


@permitted(GET=Permission.PARTNERS_VIEW)
def follow_ups(request: TenantRequest) -> HttpResponse:
    """Everything that is still to be done after meetings, over all tables."""
    every = queries.open_follow_ups()
    today = timezone.localdate()
    names = {one.meeting.consultation.code: one.meeting.consultation.name for one in every}
    owners = {one.organisation.code: str(one.organisation) for one in every if one.organisation}
    form = FollowUpFilter(
        request.GET or None, tables=sorted(names.items(), key=lambda one: one[1]), owners=sorted(owners.items())
    )
    chosen = form.cleaned_data if form.is_valid() else {}
    found = [one for one in every if list_page.is_wanted(one, chosen, today=today)]
    context = {
        "crumbs": crumbs(request.entry, c.Link(label=_("Follow-ups of all tables"))),
        "form": form,
        "lines": [list_page.follow_up(one, entry=request.entry, today=today) for one in found],
        "number": len(found),
        "total": len(every),
        "may_edit": Permission.PARTNERS_EDIT in request.entry.permissions,
        "may_take_up": may_take_up(request),
    }
    return render(request, "partners/consultations_follow_ups.html", context)


def may_take_up(request: TenantRequest) -> bool:
    """Whether somebody may make an action of a follow-up, and there is a programme to take it."""
    held = {Permission.PARTNERS_EDIT, Permission.PROGRAMME_EDIT} <= request.entry.permissions
    return held and current_programme(today=timezone.localdate()) is not None


@permitted(POST=Permission.PARTNERS_EDIT)
def settle(request: TenantRequest, follow_up: int) -> HttpResponse:
    """Say that a follow-up is done, dropped or open again, or make it an action of the programme."""
    known = queries.follow_up(follow_up)
    if known is None:
        raise Http404
    try:
        told = _settled(request, known)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except Changed:
        messages.error(request, _("Somebody else changed this follow-up in the meantime. Look at it and choose again."))
    else:
        messages.success(request, told)
    back = request.POST.get("terug", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = address("follow-ups", request.entry)
    return redirect(back)


def _settled(request: TenantRequest, known: FollowUp) -> str:
    chosen, user = request.POST.get("do", ""), request.entry.user
    if chosen == "action":
        must_hold(request.entry, Permission.PROGRAMME_EDIT)
        programme = current_programme(today=timezone.localdate())
        if programme is None:
            raise ValidationError(_("There is no programme to take it up in. Make a programme first."))
        action = action_from_follow_up(follow_up=known, programme=programme, by=user)
        return _("It is action {number} of the programme now.").format(number=action.number)
    states = {"done": FollowUp.State.DONE, "dropped": FollowUp.State.DROPPED, "open": FollowUp.State.OPEN}
    if chosen not in states:
        raise ValidationError(_("Choose what happened with this follow-up."))
    changes.settle_follow_up(follow_up=known, state=states[chosen], by=user, version=sent_version(request))
    return _("Saved.")


@permitted(GET=Permission.PARTNERS_VIEW)
def decisions(request: TenantRequest) -> HttpResponse:
    """What was decided when, over all tables."""
    form = DecisionFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = queries.decisions(
        text=chosen.get("zoek", ""), table=chosen.get("overleg", ""), year=chosen.get("jaar")
    )  # fmt: skip
    pages = Paginator(found, PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "crumbs": crumbs(request.entry, c.Link(label=_("What we decided when"))),
        "form": form,
        "number": pages.count,
        "entries": [list_page.decision(one, entry=request.entry) for one in page],
        "page": page,
        "page_numbers": pages.get_elided_page_range(page.number),
        "is_filtered": any(chosen.values()),
        "home": reverse("consultations", kwargs={"municipality": request.entry.municipality.slug}),
    }
    return render(request, "partners/consultations_decisions.html", context)
