"""The chart of an indicator: every series with its intervals, the baseline, agreed values, breaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

from koersvast.access.models import Municipality
from koersvast.engine.quantities import Unit
from koersvast.indicators import wording
from koersvast.indicators.queries import IndicatorDetail, Series
from koersvast.policy.models import Objective
from koersvast.policy.queries.judging import agreement_of
from koersvast.publications.blocks import Language
from koersvast.publications.charts import Baseline, BreakMark, SeriesPoint, Spec, TargetPoint, line_chart
from koersvast.publications.drawing import Drawing, Kind, compile_vega, draw, render_svg
from koersvast.publications.palette import chart_theme
from koersvast.publications.theme import Theme

FONTS = "built/fonts-ttf"
WIDTH = 720
# Axes begin at nought, so that noise does not look like a change; an index has no nought to begin at.
_NOT_FROM_ZERO = {Unit.INDEX}


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What a plan agreed for an indicator: the baseline and the value of each year."""

    objective: str
    plan: str
    objective_code: str
    plan_code: str
    baseline: float | None
    baseline_period: str
    targets: tuple[tuple[int, float], ...]
    is_adopted: bool


def agreements(indicator_code: str) -> list[Agreed]:
    """What the plans of this municipality agreed for an indicator, newest plan first; three queries."""
    objectives = (
        Objective.objects.filter(indicator__code=indicator_code)
        .select_related("plan")
        .prefetch_related("target_sets__targets")
        .order_by("-plan__first_year", "position")
    )
    found = []
    for objective in objectives:
        agreement = agreement_of(objective)
        if agreement is None:
            continue
        made = agreement.target_set
        found.append(
            Agreed(
                objective=objective.title,
                plan=objective.plan.title,
                objective_code=objective.code,
                plan_code=objective.plan.code,
                baseline=float(made.baseline_amount) if made.baseline_amount is not None else None,
                baseline_period=made.baseline_period,
                targets=tuple((target.year, float(target.agreed)) for target in agreement.targets),
                is_adopted=agreement.is_adopted,
            )
        )
    return found


def specification(found: IndicatorDetail, agreed: Sequence[Agreed], *, municipality: Municipality) -> Spec | None:
    """Return the chart in Vega-Lite; None when there is nothing to draw or no fonts to draw with."""
    theme = house_theme(municipality)
    points = [point for series in found.series for point in _points(series, name=len(found.series) > 1)]
    if theme is None or not points:
        return None
    unit = Unit(found.indicator.unit)
    plan = agreed[0] if agreed else None
    decimals = decimals_of(found)
    return line_chart(
        points,
        theme=theme,
        description=description(found, agreed),
        unit=wording.unit_name(unit).capitalize(),
        language=Language(wording.language_now()),
        targets=_targets(plan, unit),
        baselines=_baselines(plan, unit, is_crowded=len(found.series) > 1),
        breaks=_breaks(found, points),
        decimals=decimals,
        from_zero=unit not in _NOT_FROM_ZERO,
        width=WIDTH,
    )


def as_svg(spec: Spec, municipality: Municipality) -> str:
    """Draw a chart on the server; drawings are kept by content."""
    theme = house_theme(municipality)
    return render_svg(spec, fonts=theme.fonts, keep_in=kept_drawings()) if theme else ""


def as_svgs(specs: Mapping[str, Spec], municipality: Municipality) -> dict[str, str]:
    """Draw several charts at once, by name; nothing while the fonts have not been built."""
    theme = house_theme(municipality)
    if theme is None or not specs:
        return {}
    drawings = [Drawing(name=name, kind=Kind.SVG, spec=spec) for name, spec in specs.items()]
    drawn = draw(drawings, fonts=theme.fonts, keep_in=kept_drawings())
    return {name: picture.decode() for name, picture in zip(specs, drawn, strict=True)}


def as_vega(spec: Spec, municipality: Municipality) -> dict[str, Any]:
    """Compile a chart for the browser."""
    theme = house_theme(municipality)
    return compile_vega(spec, fonts=theme.fonts, keep_in=kept_drawings()) if theme else {}


def description(found: IndicatorDetail, agreed: Sequence[Agreed]) -> str:
    """What the chart shows, in words: the first and last figure of each series, and the last agreed value."""
    unit, parts = Unit(found.indicator.unit), []
    for series in found.series:
        known = [value for value in series.values if value.amount is not None]
        if known:
            ends = (
                _("{amount} in {period}").format(
                    amount=wording.format_amount(value.amount or 0, unit, value.decimals), period=value.period.code
                )
                for value in (known[0], known[-1])
            )
            sentence = _("{source}: {first}, {last}.")
            parts.append(sentence.format(source=series.source_label, first=next(ends), last=next(ends)))
    if agreed and agreed[0].targets:
        year, value = agreed[0].targets[-1]
        parts.append(
            _("Agreed for {year}: {amount}.").format(
                year=year, amount=wording.format_amount(value, unit, decimals_of(found))
            )
        )
    return " ".join([_("Line chart of {name}.").format(name=found.indicator.name), *parts])


def decimals_of(found: IndicatorDetail) -> int:
    """The decimals that the figures were delivered with."""
    return max((value.decimals for series in found.series for value in series.values), default=0)


def _points(series: Series, *, name: bool) -> list[SeriesPoint]:
    return [
        SeriesPoint(
            period=value.period.code,
            value=float(value.amount),
            low=value.margin.low if value.margin else None,
            high=value.margin.high if value.margin else None,
            provisional=value.is_provisional,
            series=series.source_label if name else "",
            text=wording.format_amount(value.amount, series.unit, value.decimals),
        )
        for value in series.values
        if value.amount is not None
    ]


def _targets(plan: Agreed | None, unit: Unit) -> list[TargetPoint]:
    if plan is None:
        return []
    return [
        TargetPoint(period=str(year), value=value, text=wording.format_amount(value, unit, _needed(value)))
        for year, value in plan.targets
    ]


def baseline_text(plan: Agreed | None, unit: Unit) -> str:
    """The baseline in words; empty without one."""
    if plan is None or plan.baseline is None:
        return ""
    amount = wording.format_amount(plan.baseline, unit, _needed(plan.baseline))
    return _("Baseline {period}: {amount}").format(period=plan.baseline_period, amount=amount)


def _baselines(plan: Agreed | None, unit: Unit, *, is_crowded: bool) -> list[Baseline]:
    """The baseline; where several series have their labels already, its own stands above the chart."""
    if plan is None or plan.baseline is None:
        return []
    return [Baseline(value=plan.baseline, label="" if is_crowded else baseline_text(plan, unit))]


def _breaks(found: IndicatorDetail, points: Sequence[SeriesPoint]) -> list[BreakMark]:
    """Breaks within the years that are drawn; a break in a year stands before the first period that begins after it."""
    periods = sorted({point.period for point in points})
    kinds = {
        "definition": _("other definition"),
        "registration": _("other registration"),
        "mode": _("other survey method"),
        "boundary": _("other borders"),
    }
    marks = {}
    for one in found.breaks:
        code = str(one.on.year if (one.on.month, one.on.day) == (1, 1) else one.on.year + 1)
        if periods and periods[0] < code <= periods[-1]:
            marks[code] = BreakMark(period=code, label=kinds[one.kind])
    return list(marks.values())


def _needed(value: float) -> int:
    return 0 if float(value).is_integer() else 1


def house_theme(municipality: Municipality) -> Theme | None:
    """The look of charts in the municipality's colour; None while the fonts have not been built."""
    fonts = finders.find(FONTS)
    if not fonts:
        return None
    return chart_theme(municipality.house_colour, fonts=Path(str(fonts)), name=municipality.slug)


def kept_drawings() -> Path:
    """The folder that keeps drawings between processes."""
    folder = Path(settings.CACHE) / "charts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
