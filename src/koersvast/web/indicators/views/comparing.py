"""Vergelijken: one municipality beside others, the verdict first."""

from collections.abc import Mapping

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.connectors.tables_out import OutTable
from koersvast.indicators.queries import comparing as queries
from koersvast.indicators.queries.comparing import Comparison, NoComparison, Question
from koersvast.indicators.wording import comparisons as words
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.indicators import charting
from koersvast.web.indicators import comparison_pictures as pictures
from koersvast.web.indicators.comparison_forms import CompareForm
from koersvast.web.indicators.forms import KnownOnForm
from koersvast.web.indicators.parts import comparing as parts
from koersvast.web.indicators.views import comparison_shared as shared
from koersvast.web.indicators.views.downloads import answer

_FIELDS = ("group", "period", "criteria", "count", "known_on")


@permitted(GET=Permission.FIGURES_VIEW)
def page(request: TenantRequest, code: str) -> HttpResponse:
    """Beside whom the municipality stands how, in one sentence, then in pictures and tables."""
    indicator, area = shared.subject(request, code)
    found = queries.compare(indicator, area=area, question=asked(request.GET))
    context = shared.frame(request, indicator, here="compare")
    if isinstance(found, NoComparison):
        return render(request, "indicators/compare_none.html", context | {"empty": shared.nothing(found, request)})
    specs = pictures.pictures(found, request.entry.municipality)
    drawn = charting.as_svgs(specs, request.entry.municipality)
    return render(
        request,
        "indicators/compare.html",
        context
        | {
            "form": _form(found, asked(request.GET)),
            "answer": parts.verdict(found),
            "figures": parts.key_figures(found),
            "charts": _charts(found, drawn),
            "groups": parts.groups_table(found),
            "region": _region(found),
            "break_test": parts.break_sentence(found),
            "outlook": parts.outlook_sentence(found),
            "peers": parts.peers_table(found) if found.chosen.group.kind == queries.GroupKind.PEERS else None,
            "left_out": parts.left_out(found),
            "remarks": parts.remarks(found),
            "sources": parts.sources(found.figures, found.population),
            "downloads": _downloads(request, code),
        },
    )


@permitted(GET=Permission.FIGURES_VIEW)
def data(request: TenantRequest, code: str, form: str) -> HttpResponse:
    """The municipalities of the chosen group as a file, with source and vintage."""
    found = _compared(request, code)
    name = f"{request.entry.municipality.slug}-{code}-{_('compared')}"
    return answer(_table(found), form, name)


def asked(given: QueryDict) -> Question:
    """What the address asks; what it does not say, or says wrongly, is as usual."""
    number = given.get("count", "")
    usual = Question()
    criteria = tuple(name for name in given.getlist("criteria") if name in queries.CRITERIA)
    return Question(
        period=given.get("period", ""),
        group=given.get("group", usual.group),
        criteria=criteria or usual.criteria,
        count=int(number) if number.isascii() and number.isdigit() and len(number) < 4 else usual.count,
        known_on=KnownOnForm(given).day(),
    )


def _compared(request: TenantRequest, code: str) -> Comparison:
    indicator, area = shared.subject(request, code)
    found = queries.compare(indicator, area=area, question=asked(request.GET))
    if isinstance(found, NoComparison):
        raise Http404
    return found


def _form(found: Comparison, question: Question) -> CompareForm:
    answered = {
        "group": found.chosen.group.kind.value,
        "period": found.period.code,
        "criteria": list(question.criteria),
        "count": question.count,
        "known_on": question.known_on or "",
    }
    groups = [(one.group.kind.value, words.group_name(one.group.kind, one.group.name)) for one in found.against]
    criteria = [(name, words.criterion_name(name).capitalize()) for name in queries.CRITERIA]
    return CompareForm(answered, groups=groups, periods=list(reversed(found.periods)), criteria=criteria)


def _charts(found: Comparison, drawn: Mapping[str, str]) -> dict[str, c.ChartFigure]:
    group = words.group_name(found.chosen.group.kind, found.chosen.group.name)
    years = _("{name}: {area} beside others over the years").format(name=found.name, area=found.area.name)
    told = {
        pictures.RANKING: (
            _("{area} among the others in {period}").format(area=found.area.name, period=found.period.label()),
            _("{group}, lowest rate first").format(group=group),
            pictures.ranking_description(found),
            parts.ranking_table(found),
        ),
        pictures.FUNNEL: (
            _("{area} among all municipalities: is it more than chance?").format(area=found.area.name),
            _("A small municipality swings more by chance than a large one; the funnel shows how much."),
            pictures.funnel_description(found),
            parts.funnel_table(found),
        ),
        pictures.COURSE: (
            years,
            _("The number per inhabitant, with the first year as 100"),
            pictures.course_description(found, pictures.base_year(found) or ""),
            parts.course_table(found),
        ),
    }
    made = {}
    for name, (title, lead, description, table) in told.items():
        if name in drawn:
            made[name] = c.ChartFigure(
                id=name,
                title=title,
                lead=lead,
                description=description,
                svg=drawn[name],
                table=table,
                sources=parts.sources(found.figures),
            )
    return made


def _region(found: Comparison) -> str:
    if found.region is None:
        return ""
    group = words.group_phrase(found.chosen.group.kind, found.chosen.group.name)
    return words.region_sentence(found.region, direction=found.direction, area=found.area.name, group=group)


def _downloads(request: TenantRequest, code: str) -> list[c.Link]:
    return shared.downloads(request, "compare-data", code)


def _table(found: Comparison) -> OutTable:
    headings = [
        _("code"), _("municipality"), _("period"), _("number"), _("inhabitants"), _("per 1,000 inhabitants"), _("low"),
        _("high"), _("z"), _("95% limits from"), _("95% limits to"), _("against the limits"), _("own"),
    ]  # fmt: skip
    rows: list[list[str | int | float | None]] = []
    for place in found.ranked:
        point = found.funnel.point(place.code)
        limits: list[str | float | None] = [None] * 4
        if point:
            limits = [*(round(number, 4) for number in (point.z, point.low_95, point.high_95)), point.outside_95]
        rows.append(
            [
                place.code,
                place.name,
                found.period.code,
                round(place.events),
                round(place.inhabitants),
                *(round(number, 4) for number in (place.rate, place.low, place.high)),
                *limits,
                place.own,
            ]
        )
    group = words.group_name(found.chosen.group.kind, found.chosen.group.name)
    title = f"{found.name}, {found.period.code}: {found.area.name} – {group}"
    return OutTable(about=shared.about(title, found.figures, found.population), headings=headings, rows=rows)
