"""The chart of an objective: what was measured with its interval, what was agreed, the baseline, and breaks."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

from koersvast.access.models import Municipality
from koersvast.engine.quantities import Unit
from koersvast.indicators import wording
from koersvast.indicators.models import Break
from koersvast.policy.queries.standing import ObjectiveStanding
from koersvast.policy.wording import amounts
from koersvast.publications.blocks import Language
from koersvast.publications.charts import Baseline, BreakMark, SeriesPoint, Spec, TargetPoint, line_chart
from koersvast.publications.drawing import compile_vega, render_svg
from koersvast.publications.palette import chart_theme

FONTS = "built/fonts-ttf"
# A scale does not begin at nought where nought is not a level that anyone reaches.
NOT_FROM_NOUGHT = {Unit.SCALE_0_10, Unit.MARK_1_10, Unit.INDEX}


WIDTH_PX = 720


def specification(
    line: ObjectiveStanding, municipality: Municipality, *, breaks: Sequence[tuple[date, str]] | None = None
) -> Spec | None:
    """Return the chart in Vega-Lite; None when there is nothing to draw, or no fonts to draw with.

    `breaks` are the days and kinds to mark; without them those that are registered now.
    """
    fonts = _fonts()
    if line.unit is None or fonts is None or not (line.series and line.path):
        return None
    return line_chart(
        [
            SeriesPoint(
                period=point.period,
                value=point.value,
                low=point.low if point.high is not None else None,
                high=point.high if point.low is not None else None,
                provisional=point.is_provisional,
                text=point.text,
            )
            for point in line.series
        ],
        theme=chart_theme(municipality.house_colour, fonts=fonts),
        description=description(line),
        unit=wording.unit_name(line.unit).capitalize(),
        language=Language(wording.language_now()),
        targets=[TargetPoint(period=one.period, value=one.agreed, text=one.agreed_text) for one in line.path],
        baselines=_baselines(line),
        breaks=_breaks(line, breaks_of(line.indicator_code) if breaks is None else breaks),
        decimals=max((amounts.decimals_of(point.value) for point in line.series), default=0),
        from_zero=line.unit not in NOT_FROM_NOUGHT,
        width=WIDTH_PX,
    )


def svg(spec: Spec) -> str:
    """Draw the chart on the server; drawings are kept by content."""
    fonts = _fonts()
    return render_svg(spec, fonts=fonts, keep_in=_kept()) if fonts else ""


def vega(spec: Spec) -> dict[str, Any]:
    """Compile the chart for the browser."""
    fonts = _fonts()
    return compile_vega(spec, fonts=fonts, keep_in=_kept()) if fonts else {}


def description(line: ObjectiveStanding) -> str:
    """What the chart shows, in words."""
    measured = ", ".join(
        _("{amount} in {period}").format(amount=point.text, period=point.period) for point in line.series
    )
    agreed = ", ".join(_("{amount} in {period}").format(amount=one.agreed_text, period=one.period) for one in line.path)
    return _("Measured: {measured}. Agreed: {agreed}.").format(measured=measured, agreed=agreed)


def _baselines(line: ObjectiveStanding) -> list[Baseline]:
    if line.baseline is None:
        return []
    label = _("Baseline {period}: {amount}").format(period=line.baseline_period, amount=line.baseline_text)
    return [Baseline(value=line.baseline, label=label)]


def breaks_of(indicator_code: str) -> list[tuple[date, str]]:
    """Return the registered breaks of an indicator: day and kind."""
    return list(Break.objects.filter(indicator__code=indicator_code).values_list("on", "kind"))


def _breaks(line: ObjectiveStanding, breaks: Sequence[tuple[date, str]]) -> list[BreakMark]:
    """Breaks that fall between two drawn years, each at the first drawn year after it."""
    years = sorted({point.year for point in line.series} | {one.year for one in line.path})
    names = {
        Break.Kind.DEFINITION: _("other definition"),
        Break.Kind.REGISTRATION: _("other registration"),
        Break.Kind.MODE: _("other way of asking"),
        Break.Kind.BOUNDARY: _("other borders"),
    }
    marks: dict[int, str] = {}
    for on, kind in breaks:
        begins = on.year if (on.month, on.day) == (1, 1) else on.year + 1
        after = next((year for year in years if year >= begins), None)
        if after and after > years[0]:
            marks[after] = names[Break.Kind(kind)]
    return [BreakMark(period=str(year), label=label) for year, label in sorted(marks.items())]


def _fonts() -> Path | None:
    found = finders.find(FONTS)
    return Path(str(found)) if found else None


def _kept() -> Path:
    kept: Path = settings.CACHE / "drawings"
    kept.mkdir(parents=True, exist_ok=True)
    return kept
