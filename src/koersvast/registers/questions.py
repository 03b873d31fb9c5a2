"""What is asked of national tables, written once for every engine.

Each question takes frames in the columns of a register (area, level, kind, period, measure, amount, missing, ...) and
gives a frame; nothing is computed until an engine collects it (`registers.engines`). Rows come in any order.

*What is absent stays absent.* An amount that is null or not a number is not known, and so is a cell without a row: a
year is known only when every period of it is. Sums of counts are exact in every engine; rates are one multiplication
and one division of such sums, so that equal places get equal ranks everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

PERIODS_A_YEAR = {1: "", 4: "Q", 12: "M"}
# What the police book under "municipality not known" is part of the country and nobody's neighbour.
UNPLACED = "unplaced"
SUB_LEVELS = {"wijk": "WK", "buurt": "BU"}

type Frame = nw.LazyFrame[Any]


class BadSpan(ValueError):
    """Years that run backwards, or periods that are no years, quarters or months."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Whole years of a table, as the years, quarters or months in which it comes (1, 4 or 12 a year)."""

    first_year: int
    last_year: int
    periods_a_year: int = 12

    def __post_init__(self) -> None:
        if self.periods_a_year not in PERIODS_A_YEAR or not 1 <= self.first_year <= self.last_year <= 9998:
            raise BadSpan(f"{self.first_year} to {self.last_year} in {self.periods_a_year} periods a year.")

    @property
    def years(self) -> range:
        """The calendar years."""
        return range(self.first_year, self.last_year + 1)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all periods, in order."""
        if self.periods_a_year == 1:
            return tuple(f"{year:04d}" for year in self.years)
        if self.periods_a_year == 4:
            return tuple(f"{year:04d}-Q{quarter}" for year in self.years for quarter in range(1, 5))
        return tuple(f"{year:04d}-{month:02d}" for year in self.years for month in range(1, 13))


def year_totals(cells: Frame, *, measure: str, span: Span, kinds: Sequence[str] = ()) -> Frame:
    """Add up the periods of each year, per area and kind.

    Gives area, level, kind, year, amount (null unless all periods of the year are known) and known_periods.
    """
    asked = _asked(cells, measure=measure, periods=span.codes, kinds=kinds)
    year = nw.col("period").str.slice(0, 4).cast(nw.Int64)
    summed = (
        asked.with_columns(year=year)
        .group_by("area", "level", "kind", "year")
        .agg(_whole=nw.col("_known").sum(), known_periods=nw.col("_known").count().cast(nw.Int64))
    )
    return summed.select(
        "area",
        "level",
        "kind",
        "year",
        amount=nw.when(nw.col("known_periods") == span.periods_a_year).then(nw.col("_whole")),
        known_periods="known_periods",
    )


def kinds_by_year(cells: Frame, *, area: str, measure: str, span: Span) -> Frame:
    """One area: every kind in every year."""
    return year_totals(cells.filter(nw.col("area") == area), measure=measure, span=span)


def parts_in_year(cells: Frame, *, municipality: str, measure: str, span: Span) -> Frame:
    """One municipality (`GM0148`) with its wijken and buurten, which have its four digits: every kind, year by year."""
    return year_totals(within(cells, municipality), measure=measure, span=span)


def within(cells: Frame, municipality: str) -> Frame:
    """The cells of a municipality and of its wijken and buurten."""
    number = municipality.removeprefix("GM")
    found = [cells.filter(nw.col("level") == "municipality", nw.col("area") == municipality)]
    for level, letters in SUB_LEVELS.items():
        # Level by level and as a range, so that an engine skips what a sorted file holds elsewhere. ":" follows "9".
        first, after = f"{letters}{number}", f"{letters}{number}:"
        found.append(cells.filter(nw.col("level") == level, nw.col("area") >= first, nw.col("area") < after))
    return nw.concat(found)


def benchmark(
    cells: Frame, people: Frame, *, measure: str, span: Span, levels: Sequence[str] = (), kinds: Sequence[str] = ()
) -> Frame:
    """Every area among the areas of its level, per kind; all levels but the unplaced when none is named.

    `people` has yearly rows of the measure `inhabitants`. Gives area, level, kind and:

    - known_periods: of how many periods the events are known (all of the span, or there is no figure);
    - events: over the whole span; person_years: the inhabitants of its years added up;
    - rate_per_1000: events per 1,000 person-years; null when either is not known or nobody lives there;
    - places: areas of the level with such a rate; rank: 1 is the highest, equals share the best rank;
    - percentile: which percent of the other places has a lower rate; null for a place without others;
    - slope_per_1000: least-squares change of the yearly rate a year; null unless every year has a rate.
    """
    placed = cells if levels else cells.filter(nw.col("level") != UNPLACED)
    asked = _asked(placed, measure=measure, periods=span.codes, kinds=kinds, levels=levels)
    events = asked.group_by("area", "level", "kind").agg(**_by_year(span))
    joined = events.join(_people_by_year(people, span), on="area", how="left")
    return _ranked(_rated(joined, span))


def series(cells: Frame, *, area: str, measure: str, kinds: Sequence[str] = (), periods: Sequence[str] = ()) -> Frame:
    """One area's cells as they are kept, absent ones with their reason; sort by kind and period to read them."""
    found = cells.filter(nw.col("area") == area, nw.col("measure") == measure)
    if kinds:
        found = found.filter(nw.col("kind").is_in(list(kinds)))
    if periods:
        found = found.filter(nw.col("period").is_in(list(periods)))
    return found.select("area", "level", "kind", "period", "amount", "missing", "certainty", "low", "high")


def totals(cells: Frame, *, measure: str, level: str, kinds: Sequence[str] = (), periods: Sequence[str] = ()) -> Frame:
    """All areas of a level together, per kind and period: what is known, of how many areas, and how many are absent."""
    asked = _asked(cells, measure=measure, periods=periods, kinds=kinds, levels=(level,))
    summed = asked.group_by("kind", "period").agg(
        _whole=nw.col("_known").sum(), known_areas=nw.col("_known").count().cast(nw.Int64), _rows=nw.len()
    )
    return summed.select(
        "kind",
        "period",
        amount=nw.when(nw.col("known_areas") > 0).then(nw.col("_whole")),
        known_areas="known_areas",
        absent_areas=nw.col("_rows").cast(nw.Int64) - nw.col("known_areas"),
    )


def _asked(
    cells: Frame,
    *,
    measure: str,
    periods: Sequence[str] = (),
    kinds: Sequence[str] = (),
    levels: Sequence[str] = (),
) -> Frame:
    """Filter the cells, and set `_known` beside them: the amount when it is a number, else null."""
    found = cells.filter(nw.col("measure") == measure)
    if periods:
        found = found.filter(nw.col("period") >= min(periods), nw.col("period") <= max(periods))
        found = found.filter(nw.col("period").is_in(list(periods)))
    if kinds:
        found = found.filter(nw.col("kind").is_in(list(kinds)))
    if levels:
        found = found.filter(nw.col("level").is_in(list(levels)))
    number = nw.when(nw.col("amount").is_finite()).then(nw.col("amount"))
    return found.select("area", "level", "kind", "period", _known=number)


def _by_year(span: Span) -> dict[str, nw.Expr]:
    """How many periods are known in all, and the events of each year."""
    year, found = nw.col("period").str.slice(0, 4), {"known_periods": nw.col("_known").count().cast(nw.Int64)}
    for number in span.years:
        found[f"_events_{number}"] = nw.when(year == f"{number:04d}").then(nw.col("_known")).sum()
    return found


def _people_by_year(people: Frame, span: Span) -> Frame:
    """One row an area: the inhabitants of each year, null where not known."""
    years = [f"{year:04d}" for year in span.years]
    asked = _asked(people, measure="inhabitants", periods=years)
    counted = {"_people_known": nw.col("_known").count().cast(nw.Int64)}
    for year in years:
        counted[f"_people_{int(year)}"] = nw.when(nw.col("period") == year).then(nw.col("_known")).sum()
    return asked.group_by("area").agg(**counted)


def _rated(joined: Frame, span: Span) -> Frame:
    """Events, person-years, rate and slope from the sums of each year."""
    years, middle = list(span.years), (span.first_year + span.last_year) / 2
    events, people = ([nw.col(f"_{what}_{year}") for year in years] for what in ("events", "people"))
    whole = nw.col("known_periods") == len(span.codes)
    peopled = nw.col("_people_known") == len(years)
    every_year = peopled
    for number in people:
        every_year &= number > 0
    squares = sum((year - middle) ** 2 for year in years)
    terms = [
        (year - middle) * (counted * 1000.0 / lived) for year, counted, lived in zip(years, events, people, strict=True)
    ]
    summed = joined.select(
        "area",
        "level",
        "kind",
        "known_periods",
        events=nw.when(whole).then(nw.sum_horizontal(*events)),
        person_years=nw.when(peopled).then(nw.sum_horizontal(*people)),
        slope_per_1000=(
            nw.when(whole & every_year).then(nw.sum_horizontal(*terms) / squares)
            if squares
            else nw.lit(None, nw.Float64)
        ),
    )
    lived = nw.col("person_years")
    return summed.with_columns(rate_per_1000=nw.when(lived > 0).then(nw.col("events") * 1000.0 / lived))


def _ranked(rated: Frame) -> Frame:
    """Place each rate among those of the same level and kind."""
    rate, group = nw.col("rate_per_1000"), ("level", "kind")
    placed = rated.with_columns(
        places=rate.count().over(*group).cast(nw.Int64),
        rank=rate.rank("min", descending=True).over(*group).cast(nw.Int64),
        _lower=rate.rank("min").over(*group).cast(nw.Int64) - 1,
    )
    others = nw.col("places") - 1
    return placed.select(
        "area",
        "level",
        "kind",
        "known_periods",
        "events",
        "person_years",
        "rate_per_1000",
        "places",
        "rank",
        percentile=nw.when(others > 0).then(nw.col("_lower") * 100.0 / others),
        slope_per_1000="slope_per_1000",
    )
