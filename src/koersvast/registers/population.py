"""How many people live somewhere, by sex, by age, by both or by wijk and buurt: what a survey is weighted to.

A municipality's sexes and single years of age come from 03759ned. Its register keeps the totals only, but the pages
that were fetched are kept whole: where sex and age were asked for as well (`Slice(totals=())`), the parts are read from
them here. A wijk or buurt has the two sexes and five ages of the yearly key figures. *Not* for which margin a survey
uses, nor for merging categories.

Facts of 03759ned, by title and not by key: "Mannen" and "Vrouwen"; "0 jaar" to "94 jaar" with "95 jaar of ouder", and
for later years single ages to "104 jaar" with "105 jaar of ouder"; also ages in fives, which are left alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import isfinite
from typing import Literal

import polars as pl

from koersvast.connectors.captures import Capture, load_capture, metadata_of
from koersvast.connectors.problems import FetchProblem
from koersvast.connectors.snapshot import DamagedSnapshot, NoSuchSnapshot
from koersvast.connectors.statline import ColumnMissing, TableDescription, describe, read_page
from koersvast.engine.quantities import Certainty, Reason
from koersvast.registers.codes import Level, level_of, period_code
from koersvast.registers.store import RegisterStore
from koersvast.registers.vintages import Vintage

type Division = Literal["sex", "age", "sex_age", "area"]
type Category = tuple[str, ...]

SEXES = ("man", "woman")
_BY_AGE = "03759ned"
_KEY_FIGURES = ("84799NED", "85984NED", "86165NED")
_SEX_OF_TITLE = {"mannen": "man", "vrouwen": "woman"}
_SEX_MEASURES = {"man": "men", "woman": "women"}
# The ages of the key figures: from, to (None: and older), and our measure.
_AGE_MEASURES = (
    (0, 14, "aged_0_to_15"),
    (15, 24, "aged_15_to_25"),
    (25, 44, "aged_25_to_45"),
    (45, 64, "aged_45_to_65"),
    (65, None, "aged_65_or_older"),
)
_SINGLE = re.compile(r"(\d{1,3}) jaar", re.ASCII)
_OLDEST = re.compile(r"(\d{1,3}) jaar of ouder", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class AgeGroup:
    """Ages from `first` up to and with `last`; None is "and older"."""

    first: int
    last: int | None = None

    def __post_init__(self) -> None:
        if self.first < 0 or (self.last is not None and self.last < self.first):
            raise ValueError(f"{self.first} to {self.last}")

    @property
    def code(self) -> str:
        """18-34 or 65+."""
        return f"{self.first}+" if self.last is None else f"{self.first}-{self.last}"


ADULTS = (AgeGroup(first=18, last=34), AgeGroup(first=35, last=49), AgeGroup(first=50, last=64), AgeGroup(first=65))


@dataclass(frozen=True, kw_only=True)
class PopulationMargin:
    """Inhabitants on 1 January per category; empty `counts` with reasons when they are not known.

    A category is ("man",), ("18-34",), ("man", "18-34") or ("BU01480101",). A count of None is not known, or withheld.
    Reasons: population_not_loaded, parts_not_fetched (the totals alone were asked for), ages_not_divisible (group),
    not_divided_by (by, area), year_not_in_table, count_not_known (category), parts_differ_from_total (parts, total),
    rounded_to_five, capture_unreadable.
    """

    area: str
    year: int
    by: Division
    counts: Mapping[Category, float | None]
    table: str = ""
    vintage: int | None = None
    as_of: date | None = None
    edition_year: int | None = None
    certainty: Certainty = Certainty.FINAL
    reasons: tuple[Reason, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether every category has its number."""
        return bool(self.counts) and all(count is not None for count in self.counts.values())


def population_margin(
    store: RegisterStore,
    area: str,
    year: int,
    *,
    by: Division,
    groups: Sequence[AgeGroup] = ADULTS,
    parts: Level = Level.WIJK,
    known_on: date | None = None,
) -> PopulationMargin:
    """Inhabitants of a municipality, wijk or buurt on 1 January of a year, divided by what a survey weights to.

    groups: the ages, that may leave out who is not asked (under 18); they also limit `by="sex"`, except in a wijk or
    buurt, which knows no age by sex. parts: WIJK or BUURT, for `by="area"`, which counts everybody.
    """
    small = level_of(area) in {Level.WIJK, Level.BUURT}
    if by == "area":
        return _by_area(store, area, year, parts, known_on)
    if small:
        return _of_key_figures(store, area, year, by, groups, known_on)
    return _of_single_ages(store, area, year, by, groups, known_on)


def _none(area: str, year: int, by: Division, code: str, /, **values: float | int | str) -> PopulationMargin:
    return PopulationMargin(area=area, year=year, by=by, counts={}, reasons=(Reason(code=code, values=values),))


# A municipality, from the pages of 03759ned.


def _of_single_ages(
    store: RegisterStore, area: str, year: int, by: Division, groups: Sequence[AgeGroup], known_on: date | None
) -> PopulationMargin:
    code = "population_not_loaded"
    for vintage in store.vintages(_BY_AGE):
        is_known = known_on is None or vintage.as_of <= known_on
        if not (vintage.is_usable and is_known and vintage.covers(area=area, year=year)):
            continue
        try:
            ages = _read_ages(store, vintage, area, year)
        except (FetchProblem, ColumnMissing, NoSuchSnapshot, DamagedSnapshot):
            code = "capture_unreadable"
            continue
        if ages is not None:
            return _grouped(ages, vintage, area, year, by, groups)
        code = "parts_not_fetched"
    return _none(area, year, by, code, table=_BY_AGE, area=area, year=year)


@dataclass(frozen=True, kw_only=True)
class _Ages:
    """People per sex and single age (`singles`), and from an age on (`oldest`); `total` of everybody."""

    singles: Mapping[tuple[str, int], float]
    oldest: Mapping[tuple[str, int], float]
    total: float | None
    certainty: Certainty

    def count(self, sex: str, group: AgeGroup) -> float | None:
        """The people of a sex and age group; None when a single age of it is not known."""
        if group.last is not None:
            needed = [self.singles.get((sex, age)) for age in range(group.first, group.last + 1)]
            return _sum(needed)
        for start in sorted((start for of, start in self.oldest if of == sex and start >= group.first), reverse=True):
            younger = _sum([self.singles.get((sex, age)) for age in range(group.first, start)])
            if younger is not None:
                return younger + self.oldest[sex, start]
        return None


def _read_ages(store: RegisterStore, vintage: Vintage, area: str, year: int) -> _Ages | None:
    """The people of one area and year in the pages of a vintage; None where only totals were asked for."""
    capture = load_capture(store.snapshots, vintage.capture)
    if capture.address is None:
        return None
    said = describe(metadata_of(capture, store.snapshots), capture.address)
    sexes, ages = _titles(said, "Geslacht"), _titles(said, "Leeftijd")
    singles: dict[tuple[str, int], float] = {}
    oldest: dict[tuple[str, int], float] = {}
    total: float | None = None
    for sex_title, age_title, count in _rows(store, capture, said, vintage, area, year):
        sex, age = _SEX_OF_TITLE.get(sexes.get(sex_title, "")), ages.get(age_title, "")
        if sex is None and sexes.get(sex_title, "").startswith("totaal") and age.startswith("totaal"):
            total = count
        elif sex and (found := _SINGLE.fullmatch(age)):
            singles[sex, int(found[1])] = count
        elif sex and (found := _OLDEST.fullmatch(age)):
            oldest[sex, int(found[1])] = count
    if not singles:
        return None
    return _Ages(singles=singles, oldest=oldest, total=total, certainty=_certainty(said, year))


def _titles(said: TableDescription, title: str) -> Mapping[str, str]:
    """The title of every member of a dimension, in small letters, by its key."""
    dimension = said.dimension(title)
    return {member.key: member.title.strip().casefold() for member in said.members[dimension.key]}


def _rows(
    store: RegisterStore, capture: Capture, said: TableDescription, vintage: Vintage, area: str, year: int
) -> Iterator[tuple[str, str, float]]:
    """Keys of sex and age with the people on 1 January, whatever their marital status."""
    known = store.tables[vintage.table]
    where, time = said.dimension(*known.area_titles), said.dimension(*known.time_titles)
    sex, age = said.dimension("Geslacht"), said.dimension("Leeftijd")
    people = said.measure(*known.measure_of["inhabitants"].titles)
    periods = [member.key for member in said.members[time.key] if period_code(member.key) == f"{year:04d}"]
    others = {one.key for one in said.dimensions} - {where.key, time.key, sex.key, age.key}
    everybody = {
        key: [member.key for member in said.members[key] if member.title.strip().casefold().startswith("totaal")]
        for key in others
    }
    for part in capture.parts:
        if part.role != "page":
            continue
        page = read_page(store.snapshots.read(part.sha256), said)
        page = page.filter(
            pl.col(where.key) == area,
            pl.col(time.key).is_in(periods),
            *(pl.col(key).is_in(keys) for key, keys in everybody.items()),
        )
        if people.key in page.columns:
            for row in page.select(sex.key, age.key, people.key).iter_rows():
                if row[2] is not None and isfinite(row[2]):
                    yield row[0], row[1], float(row[2])


def _certainty(said: TableDescription, year: int) -> Certainty:
    statuses = {
        member.status
        for members in said.members.values()
        for member in members
        if period_code(member.key) == f"{year:04d}" and member.status
    }
    return Certainty.PROVISIONAL if "provisional" in statuses else Certainty.FINAL


def _sum(counts: Sequence[float | None]) -> float | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _grouped(
    ages: _Ages, vintage: Vintage, area: str, year: int, by: Division, groups: Sequence[AgeGroup]
) -> PopulationMargin:
    crossed: dict[Category, float | None] = {
        (sex, group.code): ages.count(sex, group) for sex, group in product(SEXES, groups)
    }
    counts: Mapping[Category, float | None] = crossed
    if by == "sex":
        counts = {(sex,): _sum([crossed[sex, group.code] for group in groups]) for sex in SEXES}
    elif by == "age":
        counts = {(group.code,): _sum([crossed[sex, group.code] for sex in SEXES]) for group in groups}
    everybody = _sum([ages.count(sex, AgeGroup(first=0)) for sex in SEXES])
    reasons = _unknown(counts)
    if everybody is not None and ages.total is not None and everybody != ages.total:
        reasons.append(Reason(code="parts_differ_from_total", values={"parts": everybody, "total": ages.total}))
    return _found(vintage, area, year, by, counts, reasons, ages.certainty)


def _unknown(counts: Mapping[Category, float | None]) -> list[Reason]:
    return [
        Reason(code="count_not_known", values={"category": "*".join(category)})
        for category, count in counts.items()
        if count is None
    ]


def _found(
    vintage: Vintage,
    area: str,
    year: int,
    by: Division,
    counts: Mapping[Category, float | None],
    reasons: Sequence[Reason],
    certainty: Certainty,
) -> PopulationMargin:
    return PopulationMargin(
        area=area,
        year=year,
        by=by,
        counts=counts,
        table=vintage.table,
        vintage=vintage.number,
        as_of=vintage.as_of,
        edition_year=vintage.edition_year or year,
        certainty=certainty,
        reasons=tuple(reasons),
    )


# A wijk or buurt, and the parts of a municipality, from the key figures of the year.


def _key_figures(store: RegisterStore, year: int) -> str:
    """The table of key figures of a year; each has one."""
    return next((code for code in _KEY_FIGURES if code in store.tables and store.tables[code].year == year), "")


def _of_key_figures(
    store: RegisterStore, area: str, year: int, by: Division, groups: Sequence[AgeGroup], known_on: date | None
) -> PopulationMargin:
    if by == "sex_age":
        return _none(area, year, by, "not_divided_by", by=by, area=area)
    table = _key_figures(store, year)
    if not table:
        return _none(area, year, by, "year_not_in_table", year=year)
    asked: dict[Category, tuple[str, ...]] = {(sex,): (_SEX_MEASURES[sex],) for sex in SEXES}
    if by == "age":
        asked = {}
        for group in groups:
            measures = _measures_of(group)
            if not measures:
                return _none(area, year, by, "ages_not_divisible", group=group.code)
            asked[(group.code,)] = measures
    counts, vintages, certainty = {}, set(), Certainty.FINAL
    for category, measures in asked.items():
        amounts: list[float | None] = []
        for measure in measures:
            cells = store.cells(table, areas=[area], measure=measure, periods=[str(year)], known_on=known_on)
            amounts.append(cells[0].amount if cells else None)
            vintages |= {cell.vintage for cell in cells}
            certainty = cells[0].certainty if cells else certainty
        counts[category] = _sum(amounts)
    if not vintages:
        return _none(area, year, by, "population_not_loaded", table=table, area=area, year=year)
    reasons = [*_unknown(counts), Reason(code="rounded_to_five")]
    return _found(store.vintage(table, max(vintages)), area, year, by, counts, reasons, certainty)


def _measures_of(group: AgeGroup) -> tuple[str, ...]:
    """The classes of the key figures that a group is made of; none when it cuts through one."""
    inside = [one for one in _AGE_MEASURES if one[0] >= group.first and _ends_within(one[1], group.last)]
    if not inside or inside[0][0] != group.first or inside[-1][1] != group.last:
        return ()
    return tuple(measure for _, _, measure in inside)


def _ends_within(last: int | None, limit: int | None) -> bool:
    return limit is None or (last is not None and last <= limit)


def _by_area(store: RegisterStore, area: str, year: int, parts: Level, known_on: date | None) -> PopulationMargin:
    table = _key_figures(store, year)
    if not table:
        return _none(area, year, "area", "year_not_in_table", year=year)
    if level_of(area) is not Level.MUNICIPALITY or parts not in {Level.WIJK, Level.BUURT}:
        return _none(area, year, "area", "not_divided_by", by=parts.value, area=area)
    prefix = {Level.WIJK: "WK", Level.BUURT: "BU"}[parts] + area.removeprefix("GM")
    found = (
        store.frame(table, known_on=known_on, levels=[parts.value])
        .filter(
            pl.col("area").str.starts_with(prefix),
            pl.col("measure") == "inhabitants",
            pl.col("period") == str(year),
        )
        .sort("area")
        .select("area", "amount", "certainty", "vintage")
        .collect()
    )
    if found.is_empty():
        return _none(area, year, "area", "population_not_loaded", table=table, area=area, year=year)
    counts: dict[Category, float | None] = {(row[0],): row[1] for row in found.iter_rows()}
    reasons = [*_unknown(counts), Reason(code="rounded_to_five")]
    vintage = store.vintage(table, int(found["vintage"].cast(pl.Int64).to_list()[-1]))
    return _found(vintage, area, year, "area", counts, reasons, Certainty(found["certainty"][0]))
