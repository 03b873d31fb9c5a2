"""The way in and out, the language, the audit trail and the settings of a municipality."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_scopes import scope

from koersvast.access import audit, changes
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import audit_trail as trail_of
from koersvast.access.queries import municipalities_of, permissions_of
from koersvast.surveys.models import Wave
from koersvast.web import components as c
from koersvast.web.gate import SIGNED_OUT, TenantRequest, is_from_this_machine, permitted, public
from koersvast.web.site import trail
from koersvast.web.site.forms import TOO_MANY, SettingsForm, SignInForm, TrailFilter
from koersvast.web.site.language import LANGUAGES
from koersvast.web.site.preview import preview

BACKEND = "koersvast.access.backends.EmailBackend"
RECORDS_A_PAGE = 50
# The first page that a role may see, most useful first.
FIRST_PAGES = (
    (Permission.PLAN_VIEW, "standing"),
    (Permission.FIGURES_VIEW, "analysis"),
    (Permission.AUDIT_VIEW, "audit-trail"),
)


@public("GET")
def health(_request: HttpRequest) -> JsonResponse:
    """Say that the process answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@public("GET")
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the visitor's municipality, or let them choose when there are more."""
    if not isinstance(request.user, User):
        return redirect("sign-in")
    own = municipalities_of(request.user, on=timezone.localdate())
    if len(own) == 1:
        return redirect(_first_page(request.user, own[0]))
    links = [c.Link(label=one.name, href=_first_page(request.user, one), note=_what_it_is(one)) for one in own]
    return render(request, "site/home.html", {"links": links})


def _what_it_is(municipality: Municipality) -> str:
    """A word on the municipalities of the demo and of practising, so that nobody takes one for the other."""
    if municipality.is_practice:
        with scope(municipality=municipality):
            has_surveys = Wave.objects.exists()
        if has_surveys:
            return _("Invented answers beside a real plan. Walk from a survey file to a verdict; nothing can go wrong.")
        return _("Invented. Try national figures, comparing, months and maps here; nothing can go wrong.")
    return _("A real plan with public figures; the people are invented.") if settings.DEMO else ""


def _first_page(user: User, municipality: Municipality) -> str:
    held = permissions_of(user, municipality, on=timezone.localdate())
    name = next((page for permission, page in FIRST_PAGES if permission in held), "standing")
    return reverse(name, kwargs={"municipality": municipality.slug})


@public("GET", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Let a person in with e-mail and password. In the demo the personas stand below the form."""
    form = SignInForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid() and form.user:
        login(request, form.user, backend=BACKEND)
        return HttpResponseRedirect(_safe(request))
    personas = _personas() if settings.DEMO and is_from_this_machine(request) else []
    shown = {"form": form, "next": request.POST.get("next") or request.GET.get("next", ""), "personas": personas}
    status = 429 if form.has_error(NON_FIELD_ERRORS, TOO_MANY) else 422 if form.errors else 200
    return render(request, "site/sign_in.html", shown, status=status)


def _personas() -> QuerySet[User]:
    invented = User.objects.filter(is_demo_persona=True, is_active=True)
    return invented.prefetch_related("memberships__role").order_by("pk")


@public("POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session. In the demo nobody is signed in by themselves after that."""
    logout(request)
    if settings.DEMO:
        request.session[SIGNED_OUT] = True
    return redirect("sign-in")


@public("POST")
def persona(request: HttpRequest) -> HttpResponse:
    """In the demo only: go on as another of its invented people."""
    if not (settings.DEMO and is_from_this_machine(request)):
        raise Http404
    number = request.POST.get("persona", "")
    user = get_object_or_404(_personas(), pk=number if number.isdecimal() and len(number) < 10 else 0)
    logout(request)
    login(request, user, backend=BACKEND)
    return redirect("home")


@public("POST")
def set_language(request: HttpRequest) -> HttpResponse:
    """Show the screens in another language from now on; a signed-in person keeps the choice."""
    language = request.POST.get("language", "")
    if language not in LANGUAGES:
        return HttpResponseBadRequest()
    if isinstance(request.user, User):
        changes.choose_language(request.user, language=language)
    response = HttpResponseRedirect(_safe(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=settings.SESSION_COOKIE_AGE * 730, httponly=True,
        secure=settings.LANGUAGE_COOKIE_SECURE, samesite="Lax",
    )  # fmt: skip
    translation.activate(language)
    return response


def _safe(request: HttpRequest) -> str:
    """Where the visitor wanted to go, if that is a page of this installation."""
    wanted = request.POST.get("next", "")
    host = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=host, require_https=request.is_secure()):
        return wanted
    return reverse("home")


@permitted(GET=Permission.PLAN_VIEW)
def front_door(request: TenantRequest) -> HttpResponse:
    """The bare address of a municipality leads to its start page."""
    return redirect("standing", municipality=request.entry.municipality.slug)


@permitted(GET=Permission.AUDIT_VIEW)
def audit_trail(request: TenantRequest) -> HttpResponse:
    """Every change, newest first; on demand the whole chain is verified."""
    wanted = TrailFilter(request.GET)
    records = trail_of(request.entry.municipality)
    if event := wanted.chosen():
        records = records.filter(event=event)
    pages = Paginator(records, RECORDS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    found = trail.verification(audit.verify()) if "verify" in request.GET else None
    shown = {"filter": wanted, "page": page, "table": trail.table(page), "callout": found}
    return render(request, "site/trail.html", shown | {"page_numbers": list(pages.get_elided_page_range(page.number))})


@permitted(GET=Permission.SETTINGS_EDIT, POST=Permission.SETTINGS_EDIT)
def settings_page(request: TenantRequest) -> HttpResponse:
    """Change the settings of the municipality."""
    municipality = request.entry.municipality
    form = SettingsForm(
        request.POST if request.method == "POST" else None, initial=SettingsForm.values_of(municipality)
    )
    if request.method == "POST" and form.is_valid():
        changes.change_municipality(municipality, **form.changes(), by=request.entry.user)
        messages.success(request, _("The settings are saved."))
        return redirect("settings", municipality=municipality.slug)
    shown = {"form": form, "preview": preview(str(form["house_colour"].value()))}
    return render(request, "site/settings.html", shown, status=422 if form.errors else 200)


@permitted(GET=Permission.SETTINGS_EDIT)
def colour_preview(request: TenantRequest) -> HttpResponse:
    """How a house colour would look, while it is chosen."""
    return render(request, "site/settings.html#preview", {"preview": preview(request.GET.get("house_colour", ""))})
