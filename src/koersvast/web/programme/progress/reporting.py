"""Reporting without an account, behind a link: the way in, and the page itself.

Opening a link changes nothing, since scanners of mail open every link. It leaves a signed marker for two hours in a
cookie of these addresses and leads on to an address without the token.
"""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scope

from koersvast.access import attempts
from koersvast.access.audit import ContactActor
from koersvast.programme.changes.links import LinkIsDead
from koersvast.programme.changes.progress import report
from koersvast.programme.changes.weekly_mail import leave_by_link
from koersvast.programme.models import Action, ProgressReport, ReportingLink
from koersvast.programme.queries.links import link_by_number, link_by_token
from koersvast.programme.queries.progress import reportable_by_contact
from koersvast.programme.queries.standing import standings
from koersvast.web.gate import public
from koersvast.web.programme.progress import cards
from koersvast.web.themes import theme_version

MARKER = "melden"
SALT = "koersvast.reporting-link"
STAYS = timedelta(hours=2)


@public("GET")
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Look whether the link still lives and lead on to the address without it. Changes nothing.

    Only wrong links are counted: a town hall sits behind one address, and its good links must keep working.
    """
    link = link_by_token(token, now=timezone.now())
    if link is None:
        may_try = attempts.attempt(account="reporting-link", address=attempts.address_of(request))
        return _private(_dead(request, status=404 if may_try else 429), referrer="no-referrer")
    response = redirect("reporting")
    response.set_signed_cookie(
        MARKER, str(link.pk), salt=SALT, max_age=STAYS, httponly=True, samesite="Lax", path="/melden/",
        secure=not settings.ON_LOOPBACK,
    )  # fmt: skip
    return _private(response, referrer="no-referrer")


@public("GET", "POST")
def page(request: HttpRequest) -> HttpResponse:
    """The actions of the contact behind the link: choose a state, write one line, save."""
    link = _link_of(request)
    if link is None:
        return _private(_dead(request))
    with scope(municipality=link.municipality):
        return _private(_save(request, link) if request.method == "POST" else _show(request, link))


def _link_of(request: HttpRequest) -> ReportingLink | None:
    """The living link by which the visitor came in at most two hours ago."""
    try:
        number = request.get_signed_cookie(MARKER, salt=SALT, max_age=STAYS)
    except (KeyError, BadSignature):
        return None
    return link_by_number(int(number or 0), now=timezone.now())


def _show(request: HttpRequest, link: ReportingLink, *, refused: dict[int, cards.Given] | None = None) -> HttpResponse:
    found = standings(reportable_by_contact(link.contact), today=timezone.localdate())
    going = [one for one in found if not one.is_settled or one.number in (refused or {})]
    theme = reverse("theme-css", kwargs={"slug": link.municipality.slug})
    shown = {
        "cards": cards.cards(going, given=refused),
        "town": link.municipality,
        "organisation": link.contact.organisation,
        "gets_mail": bool(link.contact.email) and link.contact.gets_weekly_mail,
        "theme_href": f"{theme}?v={theme_version(link.municipality.house_colour)}",
        "problems": cards.problems(refused or {}),
    }
    status = 422 if shown["problems"] else 200
    return render(request, "programme/progress_link.html", shown, status=status)


def _save(request: HttpRequest, link: ReportingLink) -> HttpResponse:
    by = ContactActor(contact=link.contact_id, link=link.pk)
    if "geen-mail" in request.POST:
        return _stop_mail(request, by)

    def write(action: Action, state: str, line: str, output_done: Decimal | None) -> ProgressReport:
        return report(
            action=action, state=state, line=line, by=by,
            way=ProgressReport.Way.LINK, output_done=output_done,
        )  # fmt: skip

    found = standings(reportable_by_contact(link.contact), today=timezone.localdate())
    try:
        outcome = cards.take_in(request.POST, found, write=write)
    except LinkIsDead:  # the last use went to another tab a moment ago, or somebody revoked it
        return _dead(request)
    cards.tell(request, outcome)
    if outcome.refused:
        return _show(request, link, refused=outcome.refused)
    return redirect("reporting")


def _stop_mail(request: HttpRequest, by: ContactActor) -> HttpResponse:
    try:
        leave_by_link(by=by, now=timezone.now())
    except LinkIsDead:
        return _dead(request)
    messages.success(request, _("You get no weekly mail any more. You can still report here."))
    return redirect("reporting")


def _dead(request: HttpRequest, *, status: int = 404) -> HttpResponse:
    """One page for every link that does not let in, so that nobody learns which ones exist."""
    return render(request, "programme/progress_no_link.html", status=status)


def _private(response: HttpResponse, *, referrer: str = "same-origin") -> HttpResponse:
    """Kept by no cache, found by no search engine. The address with the token is told to nobody.

    The address without it says where it came from to this site itself: without that a browser posts its form from
    nowhere, and the protection of forms refuses it.
    """
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = referrer
    return response
