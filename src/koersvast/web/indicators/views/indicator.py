"""One indicator: what it is, its chart, its figures, and where each figure came from."""

from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.engine.quantities import Unit
from koersvast.indicators import wording
from koersvast.indicators.queries import IndicatorDetail, areas_with_figures, indicator_detail
from koersvast.reference.models import Area
from koersvast.reference.queries import area_of
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.indicators import charting
from koersvast.web.indicators.forms import IndicatorForm
from koersvast.web.indicators.parts import indicator as parts
from koersvast.web.indicators.views import comparison_shared as shared


@permitted(GET=Permission.FIGURES_VIEW)
def page(request: TenantRequest, code: str) -> HttpResponse:
    """Show the indicator with this code, as known on a day."""
    form = _form(request, code)
    known_on = form.day()
    found = _found(request, code, form)
    slug = request.entry.municipality.slug
    agreed = _agreed(request, found)
    theme = found.indicator.theme
    return render(
        request,
        "indicators/indicator.html",
        {
            "crumbs": [
                c.Link(label=_("Safety picture"), href=reverse("analysis", args=[slug])),
                c.Link(label=theme.field.name, href=reverse("analysis-field", args=[slug, theme.field.code])),
                c.Link(label=found.indicator.name),
            ],
            "kicker": f"{theme.code} {theme.name}",
            "title": found.indicator.name,
            "lead": found.definitions[-1].text if found.definitions else "",
            "badges": _badges(found),
            "tabs": shared.tabs(found.indicator, municipality=slug, here="indicator"),
            "indicator_name": found.indicator.name,
            "form": form,
            "known_on": wording.format_day(known_on) if known_on else "",
            "facts": parts.facts(found),
            "chart": _figure(request, found, agreed),
            "table": parts.side_by_side(found),
            "disagreement": parts.disagreement(found),
            "series": parts.series_parts(found, municipality=slug),
            "entries": parts.definitions(found),
            "objectives": _objectives(found, agreed, slug),
            "can_withdraw": Permission.FIGURES_IMPORT in request.entry.permissions,
            "downloads": _downloads(request, found),
            "empty": _empty(known_on),
        },
    )


@permitted(GET=Permission.FIGURES_VIEW)
def chart(request: TenantRequest, code: str) -> JsonResponse:
    """Give the compiled chart to the browser, which makes it answer to the mouse and to the width."""
    found = _found(request, code, _form(request, code))
    municipality = request.entry.municipality
    spec = charting.specification(found, _agreed(request, found), municipality=municipality)
    if spec is None:
        raise Http404
    return JsonResponse(charting.as_vega(spec, municipality))


def _form(request: TenantRequest, code: str) -> IndicatorForm:
    """The municipality as a whole comes first; there is nothing to choose while no part of it has figures."""
    areas = areas_with_figures(code)
    own = request.entry.municipality
    parts_of = [
        (label, [(area.code, area.name) for area in areas if area.kind == kind])
        for kind, label in ((Area.Kind.WIJK, _("Wijken")), (Area.Kind.BUURT, _("Buurten")))
    ]
    groups = [group for group in parts_of if group[1]]
    return IndicatorForm(request.GET or None, areas=[("", own.name), *groups] if groups else [])


def _found(request: TenantRequest, code: str, form: IndicatorForm) -> IndicatorDetail:
    chosen = form.cleaned_data.get("area", "") if form.is_bound and form.is_valid() else ""
    area = area_of(chosen or request.entry.municipality.code)
    found = indicator_detail(code, area=area, known_on=form.day()) if area else None
    if found is None:
        raise Http404
    return found


def _agreed(request: TenantRequest, found: IndicatorDetail) -> list[charting.Agreed]:
    """What was agreed for the municipality holds for none of its parts."""
    whole = found.area.code == request.entry.municipality.code
    return charting.agreements(found.indicator.code) if whole else []


def _query(request: TenantRequest, found: IndicatorDetail) -> str:
    """What was chosen, for the addresses of the chart and of the files."""
    chosen = {} if found.area.code == request.entry.municipality.code else {"area": found.area.code}
    if found.known_on:
        chosen["known_on"] = found.known_on.isoformat()
    return f"?{urlencode(chosen)}" if chosen else ""


def _badges(found: IndicatorDetail) -> list[c.Badge]:
    if not found.indicator.discontinued_on:
        return []
    day = wording.format_day(found.indicator.discontinued_on)
    return [c.Badge(text=_("Discontinued on {day}").format(day=day), symbol="warning", tone="warning")]


def _figure(request: TenantRequest, found: IndicatorDetail, agreed: list[charting.Agreed]) -> c.ChartFigure | None:
    municipality = request.entry.municipality
    spec = charting.specification(found, agreed, municipality=municipality)
    if spec is None:
        return None
    address = reverse("indicator-chart", args=[municipality.slug, found.indicator.code])
    return c.ChartFigure(
        id="grafiek",
        title=_("{name} over the years").format(name=found.indicator.name),
        lead=_chart_lead(found, agreed),
        description=charting.description(found, agreed),
        svg=charting.as_svg(spec, municipality),
        spec_href=f"{address}{_query(request, found)}",
        sources=[c.SourceLine(name=found.sources[one.source].name) for one in found.series],
    )


def _chart_lead(found: IndicatorDetail, agreed: list[charting.Agreed]) -> str:
    """Where, in what unit, and what the dotted line means when it has no label of its own."""
    lead = _("{area}, {unit}").format(area=found.area.name, unit=wording.unit_name(found.indicator.unit))
    baseline = charting.baseline_text(agreed[0] if agreed else None, Unit(found.indicator.unit))
    if baseline and len(found.series) > 1:
        return _("{lead}. Dotted line across: {baseline}.").format(lead=lead, baseline=baseline)
    return lead


def _objectives(found: IndicatorDetail, agreed: list[charting.Agreed], slug: str) -> list[c.Link]:
    try:
        return parts.agreed_lines(agreed, Unit(found.indicator.unit), municipality=slug)
    except NoReverseMatch:
        return []  # This installation does not have the pages of the plan.


def _downloads(request: TenantRequest, found: IndicatorDetail) -> list[c.Link]:
    made = []
    slug, code = request.entry.municipality.slug, found.indicator.code
    for form, label in (("xlsx", _("Figures as Excel")), ("csv", _("Figures as CSV")), ("ods", _("Figures as ODS"))):
        address = reverse("indicator-data", kwargs={"municipality": slug, "code": code, "form": form})
        made.append(c.Link(label=label, href=f"{address}{_query(request, found)}"))
    return made


def _empty(known_on: date | None) -> c.Empty:
    if known_on:
        return c.Empty(
            title=_("No figures were known on {day}").format(day=wording.format_day(known_on)),
            text=_("Choose a later day to see the figures that came in since."),
        )
    return c.Empty(title=_("There are no figures yet"), text=_("They appear here as soon as a delivery is taken over."))
