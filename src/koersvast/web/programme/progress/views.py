"""Pages on progress for who signs in: what is mine, and the reporting links of a contact."""

from collections.abc import Callable
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.indicators.wording.numbers import format_day
from koersvast.partners.changes.organisations import write_contact
from koersvast.partners.models import Contact
from koersvast.programme.changes.links import make_link, revoke_link
from koersvast.programme.changes.progress import report
from koersvast.programme.models import Action, ProgressReport, ReportingLink
from koersvast.programme.queries.actions import current_programme
from koersvast.programme.queries.links import is_alive, links_of
from koersvast.programme.queries.progress import contacts_of
from koersvast.programme.queries.reporters import reporters
from koersvast.programme.queries.standing import actions_of, standings
from koersvast.web import components as c
from koersvast.web.forms import posted
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.progress import cards
from koersvast.web.programme.progress.people import ContactForm


@permitted(GET=Permission.PROGRESS_REPORT, POST=Permission.PROGRESS_REPORT)
def mine(request: TenantRequest) -> HttpResponse:
    """What is mine, most urgent first, to report on in place."""
    today, entry = timezone.localdate(), request.entry
    contacts = list(contacts_of(entry.user, entry.municipality, on=today))
    found = standings(actions_of(contacts, entry.municipality), today=today)
    refused: dict[int, cards.Given] = {}
    if request.method == "POST":
        outcome = cards.take_in(request.POST, found, write=_write(request))
        cards.tell(request, outcome)
        if not outcome.refused:
            return redirect("mine", municipality=entry.municipality.slug)
        refused = outcome.refused
        found = standings(actions_of(contacts, entry.municipality), today=today)
    going = [one for one in found if not one.is_settled or one.number in refused]
    shown = {
        "cards": cards.cards(going, given=refused, link=_pages_of_actions(request)),
        "empty": _nothing(),
        "show_owner": True,
        "problems": cards.problems(refused),
    }
    return render(request, "programme/progress_mine.html", shown, status=422 if shown["problems"] else 200)


def _write(request: TenantRequest) -> cards.Save:
    def write(action: Action, state: str, line: str, output_done: Decimal | None) -> ProgressReport:
        way = ProgressReport.Way.PAGE
        return report(action=action, state=state, line=line, by=request.entry.user, way=way, output_done=output_done)

    return write


def _pages_of_actions(request: TenantRequest) -> Callable[[int], str] | None:
    """The address of the page of an action, for who may see it."""
    if Permission.PROGRAMME_VIEW not in request.entry.permissions:
        return None
    slug = request.entry.municipality.slug
    return lambda number: reverse("action", kwargs={"municipality": slug, "action": number})


def _nothing() -> c.Empty:
    return c.Empty(
        title=_("Nothing waits for you"),
        text=_("You or your organisation carry out no open action. Should that be otherwise, tell the policy officer."),
        symbol="ok",
    )


@permitted(GET=Permission.PARTNERS_EDIT, POST=Permission.PARTNERS_EDIT)
def people(request: TenantRequest) -> HttpResponse:
    """Who reports on what, where it is silent, and whom to ask; adds a contact."""
    form, today = ContactForm(posted(request)), timezone.localdate()
    if request.method == "POST" and form.is_valid():
        try:
            made = write_contact(by=request.entry.user, **form.given())
        except ValidationError as refused:
            form.take_over(refused)
        else:
            messages.success(request, _("The contact is added. Now make a link to report by."))
            return redirect("reporting-links", municipality=request.entry.municipality.slug, contact=made.pk)
    found = reporters(current_programme(today=today), today=today)
    shown = {
        "form": form,
        "quiet": [one for one in found if one.is_quiet],
        "others": [one for one in found if not one.is_quiet],
    }
    return render(request, "programme/progress_people.html", shown, status=422 if form.errors else 200)


@permitted(GET=Permission.PARTNERS_EDIT, POST=Permission.PARTNERS_EDIT)
def links(request: TenantRequest, contact: int) -> HttpResponse:
    """The reporting links of a contact: make one, which is shown once, or take one back."""
    chosen = get_object_or_404(Contact.objects.select_related("organisation__municipality"), pk=contact)
    shown: dict[str, object] = {"contact": chosen}
    if request.method == "POST":
        if number := request.POST.get("intrekken", ""):
            return _revoke(request, chosen, number)
        try:
            shown["fresh"] = _address(request, make_link(contact=chosen, by=request.entry.user))
        except ValidationError as refused:
            shown["refusal"] = c.Callout(text=" ".join(refused.messages), tone="negative")
    now = timezone.now()
    shown["links"] = [
        {"number": one.pk, "until": format_day(timezone.localdate(one.expires_at)), "uses": one.uses}
        for one in links_of(chosen)
        if is_alive(one, now=now)
    ]
    return render(request, "programme/progress_links.html", shown, status=422 if "refusal" in shown else 200)


def _revoke(request: TenantRequest, contact: Contact, number: str) -> HttpResponse:
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Http404
    revoke_link(link=get_object_or_404(ReportingLink, pk=int(number), contact=contact), by=request.entry.user)
    messages.success(request, _("The link is taken back. It lets nobody in any more."))
    return redirect("reporting-links", municipality=request.entry.municipality.slug, contact=contact.pk)


def _address(request: TenantRequest, token: str) -> str:
    path = reverse("reporting-link", kwargs={"token": token})
    return f"{settings.PUBLIC_ADDRESS}{path}" if settings.PUBLIC_ADDRESS else request.build_absolute_uri(path)
