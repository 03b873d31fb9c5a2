"""Open cijfers: choose national figures once, see how it stands with each table, fetch, deliver and accept."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.indicators.changes import feeds as feed_changes
from koersvast.indicators.changes import retrievals as changes
from koersvast.indicators.feeds import FEEDS, SETS
from koersvast.indicators.models import Following, Retrieval
from koersvast.indicators.queries import retrievals as queries
from koersvast.indicators.queries.national import is_by_hand, register_store
from koersvast.registers.tables import TABLES, RegisterTable
from koersvast.registers.vintages import Vintage
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.indicators.feed_forms import AcceptForm, FeedsForm, TableFileForm
from koersvast.web.indicators.parts import open_figures as parts
from koersvast.web.indicators.views.comparison_shared import practice_elsewhere


@permitted(GET=Permission.FIGURES_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """What is followed, and how it stands with the tables behind it. Refreshes itself while something runs."""
    municipality = request.entry.municipality
    followed = queries.followed(municipality)
    states = queries.table_states(municipality)
    can_act = Permission.FIGURES_IMPORT in request.entry.permissions
    choose = c.Link(label=_("Choose figures"), href=reverse("open-figures-choose", args=[municipality.slug]))
    return render(
        request,
        "indicators/open_figures.html",
        {
            "title": _("Open figures"),
            "lead": _lead(municipality),
            "actions": _actions(request, choose if can_act and (followed or settings.DEMO) else None),
            "empty": _empty(request, choose if can_act else None),
            "summary": parts.summary(states, feeds=len(followed), is_practice=settings.DEMO),
            "waiting": parts.waiting(states, municipality=municipality) if can_act else None,
            "cards": parts.cards(states, municipality=municipality, is_practice=settings.DEMO),
            "is_running": any(state.running for state in states),
            "practice": parts.practice() if settings.DEMO else None,
            "can_act": can_act,
        },
    )


@permitted(GET=Permission.FIGURES_IMPORT, POST=Permission.FIGURES_IMPORT)
def choose(request: TenantRequest) -> HttpResponse:
    """Tick which figures to follow; the tables behind them are asked for at once."""
    municipality = request.entry.municipality
    followed = {one.feed: one for one in queries.followed(municipality)}
    form = FeedsForm(request.POST or None, initial=_takes_over(followed.values()))
    if request.method == "POST" and form.is_valid():
        return _follow(request, form, before=set(followed))
    address = reverse("open-figures-choose", args=[municipality.slug])
    return render(
        request,
        "indicators/open_figures_choose.html",
        {
            "crumbs": _crumbs(request, _("Choose figures")),
            "practice": parts.practice() if settings.DEMO else None,
            "title": _("Which figures do you follow?"),
            "lead": _("For {name}, CBS code {code}. You choose once; later you can change it here.").format(
                name=municipality.name, code=municipality.code
            ),
            "sets": parts.sets_of(address),
            "fields": parts.fields_of(_chosen(request, set(followed))),
            "form": form,
            "back": reverse("open-figures", args=[municipality.slug]),
        },
        status=422 if form.errors else 200,
    )


@permitted(POST=Permission.FIGURES_IMPORT)
def fetch(request: TenantRequest, table: str) -> HttpResponse:
    """Ask for a table now."""
    known = _table(table)
    try:
        retrieval = changes.ask_retrieval(known.code, by=request.entry.user, municipality=request.entry.municipality)
        done = {Retrieval.State.DONE, Retrieval.State.QUARANTINED, Retrieval.State.FAILED}
        if Retrieval.objects.get(pk=retrieval.pk).state not in done:
            messages.info(request, _("{title} is being fetched.").format(title=parts.title_of(known)))
    except changes.PracticeFigures:
        messages.info(request, parts.practice_sentence())
    except changes.ComesAsFile:
        messages.info(request, _("This table comes as a file. Bring it in here."))
        return HttpResponseRedirect(_address(request, table))
    return HttpResponseRedirect(reverse("open-figures", args=[request.entry.municipality.slug]))


@permitted(GET=Permission.FIGURES_VIEW, POST=Permission.FIGURES_IMPORT)
def table(request: TenantRequest, table: str) -> HttpResponse:
    """One table: its versions, its last retrievals, why something was put apart. A post delivers a file or accepts."""
    known = _table(table)
    upload, accept = TableFileForm(), AcceptForm()
    if request.method == "POST" and request.POST.get("action") == "accept":
        accept = AcceptForm(request.POST)
        if accept.is_valid():
            return _accept(request, known, accept)
    elif request.method == "POST" and settings.DEMO:
        messages.info(request, parts.practice_sentence())
        return HttpResponseRedirect(_address(request, table))
    elif request.method == "POST":
        upload = TableFileForm(request.POST, request.FILES)
        if upload.is_valid():
            return _deliver(request, known, upload)
    return _table_page(request, known, upload, accept)


def _table_page(
    request: TenantRequest, known: RegisterTable, upload: TableFileForm, accept: AcceptForm
) -> HttpResponse:
    municipality = request.entry.municipality
    state = next((one for one in queries.table_states(municipality) if one.table.code == known.code), None)
    vintages, history = register_store().vintages(known.code), queries.retrievals_of(known.code)
    apart = _quarantined(known)
    can_act = Permission.FIGURES_IMPORT in request.entry.permissions
    return render(
        request,
        "indicators/open_table.html",
        {
            "crumbs": _crumbs(request, parts.title_of(known)),
            "kicker": known.code,
            "practice": parts.practice() if settings.DEMO else None,
            "title": parts.title_of(known),
            "lead": known.title_nl,
            "card": _card(state, municipality),
            "reasons": parts.sentences(apart.problems) if apart else [],
            "accept": accept if apart and can_act else None,
            "upload": upload if can_act and known.layouts and not settings.DEMO else None,
            "vintages": parts.vintages(vintages, by_hand=_by_hand(vintages)) if vintages else None,
            "history": parts.history(history) if history and not settings.DEMO else None,
            "licence": parts.licence(vintages[0].licence if vintages else known.licence),
            "cautions": parts.cautions(known),
            "can_act": can_act,
        },
        status=422 if upload.errors or accept.errors else 200,
    )


def _empty(request: TenantRequest, choose: c.Link | None) -> c.Empty:
    """What to do when nothing is followed; in the demo the practice municipality shows how it becomes."""
    text = _("Choose once which figures you want. After that they come in every month by themselves.")
    place = practice_elsewhere(request) if settings.DEMO else None
    if place:
        text = _("The practice municipality shows how it looks when figures are followed.")
        choose = c.Link(label=place.name, href=reverse("open-figures", args=[place.slug]))
    return c.Empty(title=_("No national figures are followed yet"), text=text, action=choose)


def _lead(municipality: Municipality) -> str:
    if settings.DEMO:
        return _("National figures of the police and CBS.")
    return _("National figures of the police and CBS, brought up to date by themselves for {name}.").format(
        name=municipality.name
    )


def _card(state: queries.TableState | None, municipality: Municipality) -> parts.TableCard | None:
    return parts.cards([state], municipality=municipality, is_practice=settings.DEMO)[0] if state else None


def _by_hand(vintages: Sequence[Vintage]) -> set[int]:
    return {one.number for one in vintages if is_by_hand(one)}


def _follow(request: TenantRequest, form: FeedsForm, *, before: set[str]) -> HttpResponse:
    municipality, user = request.entry.municipality, request.entry.user
    wanted = set(form.cleaned_data["feeds"])
    refused = []
    for code in sorted(wanted):
        try:
            feed_changes.follow(municipality, feed=code, by=user, takes_over=form.takes())
        except feed_changes.OtherUnit:
            refused.append(parts.in_language(FEEDS[code].name))
    for code in sorted(before - wanted):
        feed_changes.unfollow(municipality, feed=code, by=user)
    for code in queries.tables_needed(wanted - before):
        if TABLES[code].address is not None and not settings.DEMO:
            changes.ask_retrieval(code, by=user, municipality=municipality)
    if refused:
        text = _("Not followed, because your own indicator counts in another unit: {names}.")
        messages.warning(request, text.format(names=", ".join(refused)))
    number = len(wanted) - len(refused)
    text = ngettext("You follow {number} figure.", "You follow {number} figures.", number)
    messages.success(request, text.format(number=number))
    return HttpResponseRedirect(reverse("open-figures", args=[municipality.slug]))


def _deliver(request: TenantRequest, known: RegisterTable, form: TableFileForm) -> HttpResponse:
    given: UploadedFile[Any] = form.cleaned_data["file"]
    retrieval = changes.import_register_files(
        known.code,
        [(Path(given.name or "file").name, given.read())],
        by=request.entry.user,
        municipality=request.entry.municipality,
        as_of=form.cleaned_data["as_of"],
    )
    if retrieval.state == Retrieval.State.DONE:
        messages.success(request, _("The file is read and kept."))
    else:
        messages.error(request, _("The file brought nothing: see the reasons below. What was known stays."))
    return HttpResponseRedirect(_address(request, known.code))


def _accept(request: TenantRequest, known: RegisterTable, form: AcceptForm) -> HttpResponse:
    apart = _quarantined(known)
    if apart is None:
        messages.info(request, _("There is nothing put apart any more."))
    else:
        changes.accept_quarantined(
            apart,
            because=form.cleaned_data["because"],
            by=request.entry.user,
            municipality=request.entry.municipality,
        )
        messages.success(request, _("The figures count. What they change for you waits until you take it over."))
    return HttpResponseRedirect(reverse("open-figures", args=[request.entry.municipality.slug]))


def _quarantined(known: RegisterTable) -> Retrieval | None:
    last = next(iter(queries.retrievals_of(known.code, most=1)), None)
    return last if last and last.state == Retrieval.State.QUARANTINED else None


def _chosen(request: TenantRequest, followed: set[str]) -> set[str]:
    """What is ticked: as sent, else a ready set on top of what is followed, else the usual ones for who begins."""
    if request.method == "POST":
        return set(request.POST.getlist("feeds"))
    wanted = request.GET.get("set", "")
    if wanted in SETS:
        return followed | {code for code, feed in FEEDS.items() if wanted in feed.sets}
    return followed or {code for code, feed in FEEDS.items() if feed.is_usual}


def _takes_over(followed: Any) -> dict[str, str]:
    held = {one.takes_over for one in followed}
    waits = Following.TakesOver.AFTER_CONFIRMATION
    return {"takes_over": waits.value if waits in held else Following.TakesOver.BY_ITSELF.value}


def _table(code: str) -> RegisterTable:
    if code not in TABLES:
        raise Http404
    return TABLES[code]


def _address(request: TenantRequest, code: str) -> str:
    return reverse("open-table", args=[request.entry.municipality.slug, code])


def _actions(request: TenantRequest, choose: c.Link | None) -> list[c.Link]:
    slug = request.entry.municipality.slug
    return [
        *([choose] if choose else []),
        c.Link(label=_("What was revised"), href=reverse("revisions", args=[slug])),
        c.Link(label=_("Two sources side by side"), href=reverse("side-by-side", args=[slug])),
    ]


def _crumbs(request: TenantRequest, label: str) -> list[c.Link]:
    slug = request.entry.municipality.slug
    return [c.Link(label=_("Open figures"), href=reverse("open-figures", args=[slug])), c.Link(label=label)]
