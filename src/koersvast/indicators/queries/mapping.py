"""The wijken or buurten of a municipality with their figures and their shapes, for a map and the table under it.

A hamlet with one burglary must not paint the map: rates are drawn towards that of all areas together as far as their
own figures are thin (`engine.shrinkage`), and where a handful of people live no colour is given at all. The numbers
behind it stay readable in the table, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from koersvast.connectors.captures import load_capture
from koersvast.connectors.fetching import FetchProblem
from koersvast.connectors.geojson import Feature, read_pages
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.engine.counts import Rate, rate
from koersvast.engine.periods import Period
from koersvast.engine.places import Place
from koersvast.engine.quantities import Missing, Reason, Unit
from koersvast.engine.shrinkage import ShrunkRate, SmallCell, shrink
from koersvast.indicators.feeds import Feed
from koersvast.indicators.models import Indicator
from koersvast.indicators.queries.comparing import NoComparison, feed_of
from koersvast.indicators.queries.national import Column, TableNote, column
from koersvast.reference.models import Area, Borders
from koersvast.registers.tables import TABLES

LEVELS = (Area.Kind.BUURT.value, Area.Kind.WIJK.value)


class MapMeasure(StrEnum):
    """What a map shows: the number, the number per 1,000 inhabitants, or that rate smoothed."""

    SMOOTHED = "smoothed"
    RATE = "rate"
    COUNT = "count"


@dataclass(frozen=True, kw_only=True)
class MapQuestion:
    """What was asked: level, measure, period, as known on a day. What cannot be had becomes what can."""

    level: str = Area.Kind.BUURT.value
    measure: str = MapMeasure.SMOOTHED.value
    period: str = ""
    known_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class MappedArea:
    """One wijk or buurt: its numbers, what the chosen measure gives, or why it gives nothing (`hidden`)."""

    code: str
    name: str
    events: float | None
    inhabitants: float | None
    rate: Rate | None
    smoothed: ShrunkRate
    value: float | None
    low: float | None
    high: float | None
    missing: Missing | None
    hidden: Reason | None


@dataclass(frozen=True, kw_only=True)
class AreaMap:
    """A municipality by wijk or buurt. `shapes` is empty where no borders have been fetched: the table stands alone.

    `shapes_year` is that of the borders drawn; `people_year` that of the inhabitants. `mean` is the rate per 1,000 of
    all areas together.
    """

    name: str
    feed: Feed
    area: Area
    level: str
    levels: tuple[str, ...]
    measure: MapMeasure
    period: Period
    periods: tuple[str, ...]
    areas: tuple[MappedArea, ...]
    shapes: tuple[Feature, ...]
    shapes_year: int | None
    shapes_source: str
    people_year: int | None
    mean: float | None
    figures: TableNote
    population: TableNote | None
    reasons: tuple[Reason, ...]


def area_map(indicator: Indicator, *, area: Area, question: MapQuestion) -> AreaMap | NoComparison:
    """Return the map of an indicator whose feed goes down to wijken or buurten."""
    feed = feed_of(indicator)
    if feed is None:
        return NoComparison(reason=Reason(code="no_feed"))
    levels = tuple(level for level in LEVELS if level in feed.levels)
    if not levels or feed.unit not in (Unit.COUNT, Unit.PER_1000, Unit.PER_10000):
        return NoComparison(reason=Reason(code="not_by_neighbourhood"), feed=feed)
    level = question.level if question.level in levels else levels[0]
    counted = column(
        feed.table,
        measure=feed.measure,
        kinds=feed.kinds,
        levels=(level,),
        within=area.code,
        known_on=question.known_on,
    )
    if counted is None:
        return NoComparison(reason=Reason(code="no_vintage", values={"table": feed.table}), feed=feed)
    periods = counted.years(counted.areas)
    if not periods:
        return NoComparison(reason=Reason(code="area_not_in_table", values={"area": area.name}), feed=feed)
    period = question.period if question.period in periods else periods[-1]
    return _drawn(indicator.name, feed, area, levels, counted, level=level, period=period, question=question)


def _drawn(
    name: str,
    feed: Feed,
    area: Area,
    levels: tuple[str, ...],
    counted: Column,
    *,
    level: str,
    period: str,
    question: MapQuestion,
) -> AreaMap:
    edition = counted.edition
    lived = _people(edition, level=level, within=area.code, known_on=question.known_on)
    kept = _borders(area.code, level=level, year=edition)
    shapes = tuple(one for one in shapes_of(kept.capture) if one.code[2:6] == area.code[2:6]) if kept else ()
    names = _names(area.code, level=level, shapes=shapes)
    people_year = int(lived.periods[-1]) if lived else None
    places = [
        Place(
            code=code,
            name=names.get(code, code),
            events=counted.amount(code, period),
            inhabitants=lived.amount(code, lived.periods[-1]) if lived else None,
        )
        for code in sorted(counted.areas)
    ]
    smoothed = shrink(places)
    measure, reasons = _measure(question.measure, smoothed, places)
    if lived and people_year != int(period):
        reasons.append(Reason(code="inhabitants_of_another_year", values={"year": people_year or 0, "period": period}))
    if kept and kept.year != edition:
        reasons.append(Reason(code="shapes_of_another_year", values={"year": kept.year, "edition": edition}))
    known = [place for place in places if place.usable]
    mean = 1000 * sum(p.events or 0 for p in known) / sum(p.inhabitants or 0 for p in known) if known else None
    return AreaMap(
        name=name,
        feed=feed,
        area=area,
        level=level,
        levels=levels,
        measure=measure,
        period=Period.parse(period),
        periods=counted.years(counted.areas),
        areas=tuple(
            _mapped(place, one, counted.missing(place.code, period), measure)
            for place, one in zip(places, smoothed, strict=True)
        ),
        shapes=shapes,
        shapes_year=kept.year if kept else None,
        shapes_source=kept.source if kept else "",
        people_year=people_year,
        mean=mean,
        figures=counted.note,
        population=lived.note if lived else None,
        reasons=tuple(reasons),
    )


def _measure(asked: str, smoothed: Sequence[ShrunkRate], places: Sequence[Place]) -> tuple[MapMeasure, list[Reason]]:
    """The measure that can be shown, with why it is another one than was asked."""
    measure = MapMeasure(asked) if asked in set(MapMeasure) else MapMeasure.SMOOTHED
    prior = smoothed[0].prior if smoothed else None
    reasons = list(prior.reasons) if prior and measure is MapMeasure.SMOOTHED else []
    if measure is MapMeasure.SMOOTHED and all(one.rate is None for one in smoothed):
        measure = MapMeasure.RATE
    if measure is MapMeasure.RATE and not any(place.usable for place in places):
        return MapMeasure.COUNT, [*reasons, Reason(code="no_inhabitants_known")]
    return measure, reasons


def _mapped(place: Place, smoothed: ShrunkRate, missing: Missing | None, measure: MapMeasure) -> MappedArea:
    own = None
    if place.usable and place.events is not None and place.inhabitants:
        own = rate(place.events, inhabitants=place.inhabitants)
    value, low, high = {
        MapMeasure.COUNT: (place.events, None, None),
        MapMeasure.RATE: (own.rate, own.low, own.high) if own else (None, None, None),
        MapMeasure.SMOOTHED: (smoothed.rate, smoothed.low, smoothed.high),
    }[measure]
    hidden = _hidden(place, smoothed, missing, measure, value)
    return MappedArea(
        code=place.code,
        name=place.name,
        events=place.events,
        inhabitants=place.inhabitants,
        rate=own,
        smoothed=smoothed,
        value=None if hidden else value,
        low=None if hidden else low,
        high=None if hidden else high,
        missing=missing,
        hidden=hidden,
    )


def _hidden(
    place: Place, smoothed: ShrunkRate, missing: Missing | None, measure: MapMeasure, value: float | None
) -> Reason | None:
    """Why an area gets no colour."""
    if place.events is None:
        return Reason(code="events_unknown", values={"missing": missing.value if missing else ""})
    if measure is MapMeasure.COUNT:
        return None
    if place.inhabitants is None:
        return Reason(code="inhabitants_unknown")
    if place.inhabitants <= 0:
        return Reason(code="no_inhabitants")
    if is_small(smoothed):
        return Reason(code="too_small_to_colour", values={"inhabitants": place.inhabitants})
    return None if value is not None else Reason(code="inhabitants_unknown")


def is_small(one: ShrunkRate) -> bool:
    """Whether an area is too small for a rate of its own to be shown; without smoothing only its inhabitants say so."""
    return one.small if one.rate is not None else (one.inhabitants or 0) < SmallCell().inhabitants


def _people(edition: int, *, level: str, within: str, known_on: date | None) -> Column | None:
    """Inhabitants of wijken or buurten from the key figures of the year nearest to the borders of the counts."""
    tables = [
        one for one in TABLES.values() if one.editions == "table" and level in {kind.value for kind in one.levels}
    ]
    for table in sorted(tables, key=lambda one: (abs((one.year or 0) - edition), -(one.year or 0))):
        if "inhabitants" in table.measure_of:
            found = column(table.code, measure="inhabitants", levels=(level,), within=within, known_on=known_on)
            if found and found.amounts:
                return found
    return None


def _names(within: str, *, level: str, shapes: Sequence[Feature]) -> dict[str, str]:
    """The name of each area: as the reference has it, else as the file of borders has it."""
    prefix = {Area.Kind.WIJK.value: "WK", Area.Kind.BUURT.value: "BU"}[level] + within[2:]
    held = Area.objects.filter(kind=level, code__startswith=prefix).order_by("valid_from")
    return {one.code: one.name for one in shapes} | dict(held.values_list("code", "name"))


# ── Shapes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _borders(within: str, *, level: str, year: int) -> Borders | None:
    """The kept borders of a level whose year is nearest: a municipality's own before national ones."""
    held = list(Borders.objects.filter(kind=level, within__in={"", within}))
    held.sort(key=lambda one: (abs(one.year - year), one.within == "", -one.taken_on.toordinal(), -one.pk))
    return held[0] if held else None


@lru_cache(maxsize=8)
def shapes_of(capture: str) -> tuple[Feature, ...]:
    """The shapes behind the hash of a capture or of a single file; kept in memory, for a hash never changes."""
    snapshots = SnapshotStore(Path(settings.SNAPSHOTS))
    try:
        parts = [part.sha256 for part in load_capture(snapshots, capture).parts if part.role in {"features", "file"}]
    except FetchProblem:  # one file that somebody gave, and no manifest of pages
        parts = [capture]
    return read_pages(snapshots.read(part) for part in parts)
