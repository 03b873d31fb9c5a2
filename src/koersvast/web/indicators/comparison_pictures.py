"""The pictures of the comparing page: a row with intervals, a funnel, the years of oneself beside others."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from koersvast.access.models import Municipality
from koersvast.engine.benchmark import FunnelPoint as EnginePoint
from koersvast.indicators import wording
from koersvast.indicators.queries.comparing import Comparison, Course
from koersvast.indicators.wording import comparisons as words
from koersvast.publications.blocks import Language
from koersvast.publications.charts import Baseline, BreakMark, SeriesPoint, Spec
from koersvast.publications.comparison_charts import (
    FunnelLimit,
    FunnelPoint,
    RankedPlace,
    Side,
    funnel_chart,
    ranked_bars,
)
from koersvast.publications.course_charts import IndexLine, index_lines
from koersvast.web.indicators.charting import house_theme

RANKING, FUNNEL, COURSE = "rij", "trechter", "jaren"
_SIDES = {"higher": Side.ABOVE, "lower": Side.BELOW, "": Side.WITHIN}


def pictures(found: Comparison, municipality: Municipality) -> Mapping[str, Spec]:
    """Return every picture that can be drawn, by its name."""
    made = {RANKING: _ranking(found, municipality), FUNNEL: _funnel(found, municipality)}
    made[COURSE] = _course(found, municipality)
    return {name: spec for name, spec in made.items() if spec is not None}


def decimals_of(found: Comparison) -> int:
    """Decimals for rates: two where they are small, one where they are not."""
    centre = found.funnel.centre
    return 2 if centre is None or centre < 5 else 1


def _unit(found: Comparison) -> str:
    return _("{name} per 1,000 inhabitants").format(name=found.name)


def _ranking(found: Comparison, municipality: Municipality) -> Spec | None:
    theme, decimals = house_theme(municipality), decimals_of(found)
    if theme is None or not found.ranked:
        return None
    places = [
        RankedPlace(
            name=place.name,
            value=place.rate,
            low=place.low,
            high=place.high,
            own=place.own,
            text=wording.format_number(place.rate, decimals),
        )
        for place in found.ranked
    ]
    return ranked_bars(
        places,
        theme=theme,
        description=ranking_description(found),
        unit=_unit(found),
        language=Language(wording.language_now()),
        reference=_centre(found),
        decimals=decimals,
    )


def _centre(found: Comparison) -> Baseline | None:
    others = found.chosen.result.others_rate
    if others is None:
        return None
    text = wording.format_number(others.rate, decimals_of(found))
    return Baseline(value=others.rate, label=_("The others together: {rate}").format(rate=text))


def ranking_description(found: Comparison) -> str:
    """The row in words: the ends, and where one's own municipality stands."""
    if not found.ranked:
        return ""
    decimals = decimals_of(found)
    lowest, highest = found.ranked[0], found.ranked[-1]
    said = _(
        "Row of {number} municipalities from {lowest} ({low}) to {highest} ({high}) per 1,000 inhabitants."
    ).format(
        number=len(found.ranked),
        lowest=lowest.name,
        low=wording.format_number(lowest.rate, decimals),
        highest=highest.name,
        high=wording.format_number(highest.rate, decimals),
    )
    own = next((place for place in found.ranked if place.own), None)
    if own is None:
        return said
    mine = _("{area}: {rate}, interval {low} to {high}.").format(
        area=own.name,
        rate=wording.format_number(own.rate, decimals),
        low=wording.format_number(own.low, decimals),
        high=wording.format_number(own.high, decimals),
    )
    return f"{said} {mine}"


def _funnel(found: Comparison, municipality: Municipality) -> Spec | None:
    theme, centre, decimals = house_theme(municipality), found.funnel.centre, decimals_of(found)
    if theme is None or centre is None or not found.funnel.points or len(found.funnel.points) < 3:
        return None
    limits = [
        FunnelLimit(
            size=limit.inhabitants,
            low_95=limit.low_95,
            high_95=limit.high_95,
            low_998=limit.low_998,
            high_998=limit.high_998,
        )
        for limit in found.funnel.curve
    ]
    text = wording.format_number(centre, decimals)
    return funnel_chart(
        [_point(point, found) for point in found.funnel.points],
        limits,
        centre=Baseline(value=centre, label=_("together {rate}").format(rate=text)),
        theme=theme,
        description=funnel_description(found),
        unit=_unit(found),
        size_unit=_("Inhabitants"),
        language=Language(wording.language_now()),
        decimals=decimals,
    )


def _point(point: EnginePoint, found: Comparison) -> FunnelPoint:
    return FunnelPoint(
        name=point.name,
        size=point.inhabitants,
        rate=point.rate,
        outside=_SIDES[point.outside_95],
        own=point.code == found.area.code,
        text=wording.format_number(point.rate, decimals_of(found)),
    )


def funnel_description(found: Comparison) -> str:
    """The funnel in words: who lies outside."""
    outside = [point for point in found.funnel.points if point.outside_95]
    above = ", ".join(point.name for point in outside if point.outside_95 == "higher") or _("none")
    below = ", ".join(point.name for point in outside if point.outside_95 == "lower") or _("none")
    return _(
        "Funnel of {number} municipalities by number of inhabitants. Above the limits: {above}. Below the limits: "
        "{below}."
    ).format(number=len(found.funnel.points), above=above, below=below)


def base_year(found: Comparison) -> str | None:
    """The first year that every line has, and in which none is nought."""
    shared: set[str] | None = None
    for course in found.course:
        years = {one.period.code for one in course.readings if one.value > 0}
        shared = years if shared is None else shared & years
    return min(shared) if shared else None


def _course(found: Comparison, municipality: Municipality) -> Spec | None:
    theme, base = house_theme(municipality), base_year(found)
    if theme is None or base is None or len(found.course[0].readings) < 2:
        return None
    lines = [
        IndexLine(name=course_name(course), points=_course_points(course), own=course.kind == "own")
        for course in found.course
    ]
    return index_lines(
        lines,
        base=base,
        theme=theme,
        description=course_description(found, base),
        unit=_("Index of the number per inhabitant"),
        language=Language(wording.language_now()),
        breaks=_breaks(found),
    )


def course_name(course: Course) -> str:
    """The line's own name: the municipality itself, or its group."""
    return course.name if course.kind == "own" else words.group_name(course.kind, course.name)


def _course_points(course: Course) -> tuple[SeriesPoint, ...]:
    return tuple(
        SeriesPoint(
            period=one.period.code,
            value=1000 * one.value / (one.exposure or 1.0),
            provisional=one.provisional,
            series=course.name,
        )
        for one in course.readings
    )


def _breaks(found: Comparison) -> list[BreakMark]:
    years = [one.period.code for one in found.course[0].readings]
    marks = {}
    for one in found.breaks:
        code = str(one.on.year if (one.on.month, one.on.day) == (1, 1) else one.on.year + 1)
        if years and years[0] < code <= years[-1]:
            marks[code] = BreakMark(period=code, label=_("other registration"))
    return list(marks.values())


def course_description(found: Comparison, base: str) -> str:
    """The years in words: where each line ends, with the first year as 100."""
    ends = []
    for course in found.course:
        rates = {one.period.code: one.value / (one.exposure or 1.0) for one in course.readings}
        if rates.get(base):
            last = max(rates)
            index = wording.format_number(100 * rates[last] / rates[base], 0)
            ends.append(_("{name} {index} in {year}").format(name=course_name(course), index=index, year=last))
    return _("Lines with {base} as 100: {ends}.").format(base=base, ends=", ".join(ends))
