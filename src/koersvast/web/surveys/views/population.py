"""The population from CBS: fetch it, look at the counts, and take them over as the numbers of a background."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.indicators.changes.retrievals import PracticeFigures, ask_population
from koersvast.indicators.queries.national import POPULATION_TABLE
from koersvast.indicators.queries.retrievals import running_retrieval
from koersvast.indicators.wording import format_day
from koersvast.surveys import changes
from koersvast.surveys.models import Wave
from koersvast.surveys.queries.next_wave import year_of
from koersvast.surveys.queries.population import ProposedMargin, proposed_margin
from koersvast.surveys.wording.population import population_reason
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.parts.steps import count
from koersvast.web.surveys.parts.weighting import Backgrounds, backgrounds_of
from koersvast.web.surveys.views.wave_frame import frame, wave_or_404


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def page(request: TenantRequest, wave: int, code: str) -> HttpResponse:
    """The counts that the registers have for a background; a post fetches them or takes them over."""
    found = wave_or_404(request, wave)
    known = backgrounds_of(found)
    if not set(code.split("*")) <= set(known.entries):
        raise Http404
    offered = proposed_margin(found, code)
    if request.method == "POST" and request.POST.get("action") == "fetch":
        return _fetch(request, found, code)
    if request.method == "POST" and offered.is_known:
        return _take_over(request, found, offered, known)
    return render(
        request,
        "surveys/population.html",
        frame(found, step=3, label=_("Weighting"))
        | {
            "title": _("{background}: numbers of CBS").format(background=known.name(code)),
            "lead": _("Look at the counts first. Only then do you take them over."),
            "source": _source(offered) if offered.is_known else "",
            "table": _table(offered, known) if offered.is_known else None,
            "reasons": [population_reason(reason) for reason in offered.reasons],
            "can_fetch": offered.can_be_fetched and Permission.FIGURES_IMPORT in request.entry.permissions,
            "is_running": running_retrieval(POPULATION_TABLE) is not None,
            "back": reverse("margin", args=[found.municipality.slug, found.pk, code]),
        },
    )


def _fetch(request: TenantRequest, wave: Wave, code: str) -> HttpResponse:
    try:
        ask_population(wave.municipality, year_of(wave), by=request.entry.user)
        messages.info(request, _("The population is being fetched from CBS. Look again in a minute."))
    except PracticeFigures:
        messages.info(request, _("Nothing is fetched in a demo: real and invented figures must not be mixed."))
    except PermissionDenied:
        messages.error(request, _("Only who may bring in figures can fetch from CBS. Ask a colleague who may."))
    return HttpResponseRedirect(reverse("margin-population", args=[wave.municipality.slug, wave.pk, code]))


def _take_over(request: TenantRequest, wave: Wave, offered: ProposedMargin, known: Backgrounds) -> HttpResponse:
    changes.give_margins(
        wave,
        code=offered.code,
        people=offered.people,
        source_text=_source(offered),
        as_of=offered.as_of,
        table=offered.table,
        vintage=offered.vintage,
        by=request.entry.user,
    )
    messages.success(request, _("The numbers of “{name}” are kept.").format(name=known.name(offered.code)))
    return HttpResponseRedirect(reverse("weighting", args=[wave.municipality.slug, wave.pk]))


def _source(offered: ProposedMargin) -> str:
    return _("CBS, table {table}, as of {day}").format(table=offered.table, day=format_day(offered.as_of))


def _table(offered: ProposedMargin, known: Backgrounds) -> c.DataTable:
    names = dict(known.groups(offered.code))
    rows = [
        c.Row(head=c.Cell(text=names[category]), cells=[c.Cell(text=count(round(people)), numeric=True)])
        for category, people in offered.people.items()
    ]
    total = c.Cell(text=count(round(sum(offered.people.values()))), numeric=True)
    return c.DataTable(
        id="bevolking-cbs",
        caption=known.name(offered.code),
        columns=[c.Column(label=_("Group")), c.Column(label=_("People"), numeric=True)],
        groups=[c.RowGroup(rows=[*rows, c.Row(head=c.Cell(text=_("Total")), cells=[total], is_total=True)])],
        notes=[_source(offered)],
    )
