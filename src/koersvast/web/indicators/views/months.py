"""Maanden: each month against what is to be expected, and a new phase when a person says why."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.connectors.tables_out import OutTable
from koersvast.engine.seasonal import ControlPoint, Side, Signal
from koersvast.indicators import wording
from koersvast.indicators.changes import phases
from koersvast.indicators.models import ControlPhase, Indicator
from koersvast.indicators.queries import months as queries
from koersvast.indicators.queries.comparing import NoComparison
from koersvast.indicators.queries.months import MonthlyPicture
from koersvast.publications import control_charts as drawing
from koersvast.publications.blocks import Language
from koersvast.publications.charts import BreakMark, Spec
from koersvast.reference.models import Area
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.indicators import charting
from koersvast.web.indicators.comparison_forms import MonthsForm, PhaseForm
from koersvast.web.indicators.forms import KnownOnForm
from koersvast.web.indicators.parts import months as parts
from koersvast.web.indicators.parts.comparing import sources
from koersvast.web.indicators.views import comparison_shared as shared
from koersvast.web.indicators.views.downloads import answer

YEARS_SHOWN = 5
WIDTH, HEIGHT = 860, 340


@permitted(GET=Permission.FIGURES_VIEW, POST=Permission.FIGURES_IMPORT)
def page(request: TenantRequest, code: str) -> HttpResponse:
    """The months of the last years; a post begins a new phase or takes one back."""
    indicator, area = shared.subject(request, code)
    found = _asked(request, indicator, area)
    context = shared.frame(request, indicator, here="months")
    if isinstance(found, NoComparison):
        return render(request, "indicators/compare_none.html", context | {"empty": shared.nothing(found, request)})
    form = PhaseForm(request.POST or None, months=found.months)
    if request.method == "POST":
        if request.POST.get("action") == "end":
            return _end(request, indicator)
        if form.is_valid() and _begin(request, indicator, area, form):
            return _back(request, indicator)
    return _shown(request, found, context, form)


@permitted(GET=Permission.FIGURES_VIEW)
def data(request: TenantRequest, code: str, form: str) -> HttpResponse:
    """All months as a file, with limits, signals, source and version."""
    indicator, area = shared.subject(request, code)
    found = _asked(request, indicator, area)
    if isinstance(found, NoComparison):
        raise Http404
    headings = [
        _("month"), _("number"), _("to be expected"), _("lower limit"), _("upper limit"), _("signals"), _("phase"),
        _("certainty"),
    ]  # fmt: skip
    rows = [_line(found, point) for point in found.chart.points]
    about = shared.about(f"{found.name}, {found.area.name}", found.figures, found.population)
    name = f"{request.entry.municipality.slug}-{code}-{_('months')}"
    return answer(OutTable(about=about, headings=headings, rows=rows), form, name)


def _asked(request: TenantRequest, indicator: Indicator, area: Area) -> MonthlyPicture | NoComparison:
    return queries.monthly(indicator, area=area, known_on=KnownOnForm(request.GET).day())


def _shown(request: TenantRequest, found: MonthlyPicture, context: dict[str, object], form: PhaseForm) -> HttpResponse:
    years = sorted({code[:4] for code in found.months}, reverse=True)
    since = request.GET.get("since", "")
    since = since if since in years else years[min(YEARS_SHOWN, len(years)) - 1]
    points = [point for point in found.chart.points if point.period.code >= since]
    may_set = Permission.FIGURES_IMPORT in request.entry.permissions
    return render(
        request,
        "indicators/months.html",
        context
        | {
            "form": MonthsForm({"since": since, "known_on": request.GET.get("known_on", "")}, years=years),
            "answer": parts.answer(found, points),
            "chart": _figure(request, found, points),
            "signals": parts.signal_lines(points),
            "phases": parts.phase_lines(found.phases),
            "phase_form": form if may_set else None,
            "remarks": parts.remarks(found),
            "sources": sources(found.figures, found.population),
            "downloads": shared.downloads(request, "months-data", str(context["code"])),
        },
        status=422 if form.errors else 200,
    )


def _begin(request: TenantRequest, indicator: Indicator, area: Area, form: PhaseForm) -> bool:
    """Begin the phase; a second one in the same month is said in the form."""
    starts, reason = form.cleaned_data["starts"], form.cleaned_data["reason"]
    try:
        phases.rebase(indicator, area_code=area.code, starts=starts, reason=reason, by=request.entry.user)
    except phases.PhaseIsThere:
        form.add_error("starts", _("A phase begins in this month already."))
        return False
    messages.success(request, _("The new phase is set."))
    return True


def _end(request: TenantRequest, indicator: Indicator) -> HttpResponse:
    number = request.POST.get("phase", "")
    known = ControlPhase.objects.select_related("indicator__municipality").filter(indicator=indicator)
    found = known.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    if found is None:
        raise Http404
    try:
        phases.end_phase(found, by=request.entry.user)
        messages.success(request, _("The phase is taken back."))
    except phases.PhaseIsOver:
        messages.info(request, _("This phase was taken back before."))
    return _back(request, indicator)


def _back(request: TenantRequest, indicator: Indicator) -> HttpResponse:
    return HttpResponseRedirect(reverse("months", args=[request.entry.municipality.slug, indicator.code]))


def _figure(request: TenantRequest, found: MonthlyPicture, points: Sequence[ControlPoint]) -> c.ChartFigure | None:
    spec = _specification(request, found, points)
    if spec is None:
        return None
    return c.ChartFigure(
        id="maanden",
        title=_("{name} by month in {area}").format(name=found.name, area=found.area.name),
        lead=_("The band is what chance and the time of year explain."),
        description=_description(points),
        svg=charting.as_svgs({"maanden": spec}, request.entry.municipality).get("maanden", ""),
        table=parts.table(found, points),
        sources=sources(found.figures),
    )


def _specification(request: TenantRequest, found: MonthlyPicture, points: Sequence[ControlPoint]) -> Spec | None:
    theme = charting.house_theme(request.entry.municipality)
    if theme is None or not points:
        return None
    marks = [BreakMark(period=one.starts, label=one.reason) for one in found.phases]
    marks += [BreakMark(period=one.on.isoformat()[:7], label=_("other registration")) for one in found.breaks]
    first, last = points[0].period.code, points[-1].period.code
    return drawing.control_chart(
        [_drawn(point) for point in points],
        theme=theme,
        description=_description(points),
        unit=_("Number a month"),
        language=Language(wording.language_now()),
        phases=[mark for mark in marks if first < mark.period <= last],
        width=WIDTH,
        height=HEIGHT,
    )


def _drawn(point: ControlPoint) -> drawing.ControlPoint:
    signal = drawing.Signal.NONE
    if point.signals and not point.in_baseline:
        signal = drawing.Signal.RUN
        if Signal.BEYOND_THREE in point.signals:
            signal = drawing.Signal.ABOVE if point.side is Side.HIGHER else drawing.Signal.BELOW
    return drawing.ControlPoint(
        period=point.period.code,
        value=point.value,
        expected=point.expected,
        low=point.low_3,
        high=point.high_3,
        signal=signal,
        provisional=point.provisional,
    )


def _description(points: Sequence[ControlPoint]) -> str:
    if not points:
        return ""
    called = [point for point in points if point.signals and not point.in_baseline]
    return _("Months from {first} to {last}; the last one is {value}. {number} of {months} call for attention.").format(
        first=parts.month_name(points[0].period),
        last=parts.month_name(points[-1].period),
        value=wording.format_number(points[-1].value, 0),
        number=len(called),
        months=len(points),
    )


def _line(found: MonthlyPicture, point: ControlPoint) -> list[str | int | float | None]:
    begun = [one.starts for one in found.phases if one.starts <= point.period.code]
    limits = (point.expected, point.low_3, point.high_3)
    return [
        point.period.code,
        round(point.value),
        *(None if one is None else round(one, 2) for one in limits),
        ", ".join(signal.value for signal in point.signals) if not point.in_baseline else None,
        begun[-1] if begun else None,
        _("provisional") if point.provisional else _("final"),
    ]
