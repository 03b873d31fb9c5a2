"""Kaart: a municipality by wijk or buurt, with the table that says the same and more."""

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.connectors.tables_out import OutTable
from koersvast.indicators.models import Indicator
from koersvast.indicators.queries import mapping as queries
from koersvast.indicators.queries.comparing import NoComparison
from koersvast.indicators.queries.mapping import AreaMap, MapMeasure, MappedArea, MapQuestion, is_small
from koersvast.indicators.wording import comparisons as words
from koersvast.reference.models import Area
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.indicators import charting
from koersvast.web.indicators.comparison_forms import MapForm
from koersvast.web.indicators.forms import KnownOnForm
from koersvast.web.indicators.parts import mapping as parts
from koersvast.web.indicators.parts.comparing import sources
from koersvast.web.indicators.views import comparison_shared as shared
from koersvast.web.indicators.views.downloads import answer


@permitted(GET=Permission.FIGURES_VIEW)
def page(request: TenantRequest, code: str) -> HttpResponse:
    """The map and its table."""
    indicator, area = shared.subject(request, code)
    found = _asked(request, indicator, area)
    context = shared.frame(request, indicator, here="map")
    if isinstance(found, NoComparison):
        return render(request, "indicators/compare_none.html", context | {"empty": shared.nothing(found, request)})
    return render(
        request,
        "indicators/map.html",
        context
        | {
            "form": _form(found, request.GET),
            "answer": parts.answer(found),
            "chart": _figure(request, found),
            "table": parts.table(found),
            "remarks": parts.remarks(found),
            "sources": sources(found.figures, found.population),
            "downloads": shared.downloads(request, "map-data", code),
        },
    )


@permitted(GET=Permission.FIGURES_VIEW)
def data(request: TenantRequest, code: str, form: str) -> HttpResponse:
    """The areas as a file, with source and version."""
    indicator, area = shared.subject(request, code)
    found = _asked(request, indicator, area)
    if isinstance(found, NoComparison):
        raise Http404
    headings = [
        _("code"), _("area"), _("period"), _("number"), _("inhabitants"), _("per 1,000 inhabitants"), _("smoothed"),
        _("low"), _("high"), _("too small to show"), _("remark"),
    ]  # fmt: skip
    rows = [_line(one, found) for one in found.areas]
    about = shared.about(f"{found.name}, {found.period.code}: {found.area.name}", found.figures, found.population)
    name = f"{request.entry.municipality.slug}-{code}-{found.level}"
    return answer(OutTable(about=about, headings=headings, rows=rows), form, name)


def asked(given: QueryDict) -> MapQuestion:
    """What the address asks; what it does not say is as usual."""
    usual = MapQuestion()
    return MapQuestion(
        level=given.get("level", usual.level),
        measure=given.get("measure", usual.measure),
        period=given.get("period", ""),
        known_on=KnownOnForm(given).day(),
    )


def _asked(request: TenantRequest, indicator: Indicator, area: Area) -> AreaMap | NoComparison:
    return queries.area_map(indicator, area=area, question=asked(request.GET))


def _form(found: AreaMap, given: QueryDict) -> MapForm:
    answered = {
        "level": found.level,
        "measure": found.measure.value,
        "period": found.period.code,
        "known_on": given.get("known_on", ""),
    }
    return MapForm(
        answered,
        levels=[(level, parts.level_name(level)) for level in found.levels],
        measures=[(one.value, parts.measure_name(one)) for one in MapMeasure],
        periods=list(reversed(found.periods)),
    )


def _figure(request: TenantRequest, found: AreaMap) -> c.ChartFigure | None:
    spec = parts.specification(found, request.entry.municipality)
    if spec is None:
        return None
    return c.ChartFigure(
        id="kaart",
        title=_("{name} in {area}").format(name=found.name, area=found.area.name),
        lead=f"{parts.measure_name(found.measure)}, {found.period.label()}",
        description=parts.description(found),
        svg=charting.as_svgs({"kaart": spec}, request.entry.municipality).get("kaart", ""),
        sources=sources(found.figures, found.population),
    )


def _line(one: MappedArea, found: AreaMap) -> list[str | int | float | bool | None]:
    smoothed = one.smoothed
    numbers = (smoothed.rate, smoothed.low, smoothed.high)
    return [
        one.code,
        one.name,
        found.period.code,
        None if one.events is None else round(one.events),
        None if one.inhabitants is None else round(one.inhabitants),
        None if one.rate is None or is_small(smoothed) else round(one.rate.rate, 4),
        *(None if number is None or is_small(smoothed) else round(number, 4) for number in numbers),
        is_small(smoothed),
        words.place_reason(one.hidden) if one.hidden else None,
    ]
