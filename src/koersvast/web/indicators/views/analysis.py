"""Veiligheidsbeeld: all fields at a glance, and one field with its tables."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.indicators.queries import Analysis, analysis
from koersvast.indicators.queries.themes import theme_pairs
from koersvast.indicators.wording import format_day
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.indicators.choices import Choice, choose
from koersvast.web.indicators.parts import analysis as parts
from koersvast.web.indicators.parts.themes import pair_parts


@permitted(GET=Permission.FIGURES_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """The five fields with how many indicators improved, worsened, or did not demonstrably change."""
    form, choice = choose(request)
    slug = request.entry.municipality.slug
    if choice is None:
        return render(request, "indicators/no_figures.html", {"empty": _nothing_yet()})
    found = _asked(request, choice)
    gaps = parts.themes_without_figures(found)
    return render(
        request,
        "indicators/analysis.html",
        {
            "title": _("Safety picture"),
            "lead": _lead(choice),
            "form": form,
            "cards": parts.field_cards(found, municipality=slug, query=choice.query),
            "table": parts.demonstrable(found, municipality=slug, query=choice.query),
            "gaps": gaps,
            "gap_count": sum(len(themes) for _name, themes in gaps),
            "edition": choice.taxonomy,
            "downloads": _downloads(slug, "", choice),
        },
    )


@permitted(GET=Permission.FIGURES_VIEW)
def field(request: TenantRequest, field: str) -> HttpResponse:
    """One field: its tables in the order of the plan, and the numbers behind each verdict."""
    form, choice = choose(request)
    if choice is None:
        raise Http404
    slug = request.entry.municipality.slug
    found = _asked(request, choice)
    shown = found.field(field)
    if shown is None:
        raise Http404
    tables = parts.field_tables(shown, found.periods, municipality=slug, query=choice.query)
    menu = [(one.code, one.name, len(one.rows)) for one in found.fields]
    return render(
        request,
        "indicators/field.html",
        {
            "crumbs": [
                c.Link(label=_("Safety picture"), href=reverse("analysis", args=[slug]) + choice.query),
                c.Link(label=shown.name),
            ],
            "kicker": _("Safety field {code}").format(code=shown.code),
            "title": shown.name,
            "lead": _lead(choice),
            "form": form,
            "sections": parts.sections(menu, current=field, municipality=slug, query=choice.query),
            "tables": tables,
            "themes": shown.themes,
            "pairs": pair_parts(theme_pairs(found, shown), request.entry.municipality, query=choice.query),
            "downloads": _downloads(slug, field, choice),
            "empty": _empty_field(slug),
        },
    )


def _asked(request: TenantRequest, choice: Choice) -> Analysis:
    return analysis(
        request.entry.municipality,
        taxonomy=choice.taxonomy,
        area=choice.area,
        first_year=choice.first_year,
        last_year=choice.last_year,
        known_on=choice.known_on,
    )


def _lead(choice: Choice) -> str:
    sentence = _("{area}, {first} to {last}, figures as known on {day}.")
    return sentence.format(
        area=choice.area.name, first=choice.first_year, last=choice.last_year, day=format_day(choice.shown_on)
    )


def _downloads(slug: str, field: str, choice: Choice) -> list[c.Link]:
    made = []
    for form, label in (("xlsx", _("Figures as Excel")), ("csv", _("Figures as CSV")), ("ods", _("Figures as ODS"))):
        address = reverse("analysis-data", kwargs={"municipality": slug, "form": form})
        more = "&".join(part for part in (choice.query.removeprefix("?"), f"field={field}" if field else "") if part)
        made.append(c.Link(label=label, href=f"{address}?{more}" if more else address))
    return made


def _nothing_yet() -> c.Empty:
    return c.Empty(
        title=_("There is nothing to show yet"),
        text=_("The areas and themes of this installation have not been loaded. Ask your administrator."),
    )


def _empty_field(slug: str) -> c.Empty:
    return c.Empty(
        title=_("Nothing is measured in this field yet"),
        text=_("As soon as an indicator is registered under one of its themes, it stands here."),
        action=c.Link(label=_("Enter figures"), href=reverse("figures", args=[slug])),
    )
