"""A derived cache for questions about all areas at once: one measure of a national table as arrays on disk.

The Parquet of a vintage is the store; a cube is made from it (`registers.cube_building`), named after the vintage's
capture and this layout, and can be thrown away at any time. It answers `benchmark` and `series` with the rows of
`registers.questions`, to 1e-9, many times as fast: nothing is parsed, joined or hashed.

Layout, a folder a level: `cells` (areas x kinds x periods), `years` (years x kinds x areas: the sum of the known
periods) and `known` (the same shape, uint8: how many periods are known). Counts are int32, other amounts float64.
Missing has codes of its own, under nought. Every slab has a checksum, verified before its numbers are used.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from koersvast.registers.questions import UNPLACED, Span

LAYOUT = 1
FACTS = "cube.json"
# Codes in `cells` for what is no number, and in `known` for a year without a single row.
MISSING = {-1: "withheld", -2: "not_known", -3: "not_measured"}
NO_ROW, NO_YEAR = -9, 255

# int32 for counts, float64 for other amounts.
type Cells = NDArray[Any]
type Floats = NDArray[np.float64]


class CubeProblem(Exception):
    """A cube cannot be used or made. `code` says why, `values` more; the register itself is not in doubt.

    Codes: `cube_absent`, `cube_damaged`, `cube_name`, `amount_below_nought`, `amount_too_large`, `cell_twice`,
    `span_not_in_cube`, `people_of_several_kinds`.
    """

    def __init__(self, code: str, **values: str | int | float) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values


@dataclass(frozen=True, kw_only=True)
class LevelArrays:
    """The arrays of one level, mapped into memory, with the checksums of their slabs."""

    name: str
    areas: tuple[str, ...]
    cells: Cells
    years: Cells
    known: NDArray[np.uint8]
    cell_sums: NDArray[np.uint32]
    year_sums: NDArray[np.uint32]

    def of_area(self, position: int) -> Cells:
        """Cells of one area. Shape: kinds x periods."""
        return checked(self.cells[position], int(self.cell_sums[position]), self.name)

    def of_year(self, position: int) -> tuple[Cells, NDArray[np.uint8]]:
        """Sums and numbers of known periods of one year. Shapes: kinds x areas."""
        years = checked(self.years[position], int(self.year_sums[position, 0]), self.name)
        return years, checked(self.known[position], int(self.year_sums[position, 1]), self.name)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Where each area is."""
        return {area: position for position, area in enumerate(self.areas)}


def checked[Slab: NDArray[Any]](slab: Slab, checksum: int, level: str) -> Slab:
    """The slab, when it has its checksum; raises CubeProblem otherwise."""
    if zlib.crc32(np.ascontiguousarray(slab)) != checksum:
        raise CubeProblem("cube_damaged", level=level)
    return slab


@dataclass(frozen=True, kw_only=True)
class Cube:
    """One measure of one vintage, in months, quarters or years."""

    measure: str
    capture: str
    periods_a_year: int
    kinds: tuple[str, ...]
    periods: tuple[str, ...]
    years: tuple[int, ...]
    levels: Mapping[str, LevelArrays]

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Map a cube into memory; raises CubeProblem when it is absent, damaged or of another layout."""
        if not (directory / FACTS).is_file():
            raise CubeProblem("cube_absent")
        try:
            raw = (directory / FACTS).read_bytes()
            seal, text = raw[:8], raw[9:]
            if int(seal, 16) != zlib.crc32(text):
                raise CubeProblem("cube_damaged", level="-")
            facts = json.loads(text)
            if facts["layout"] != LAYOUT:
                raise CubeProblem("cube_absent")
            kinds, periods, years = (tuple(facts[name]) for name in ("kinds", "periods", "years"))
            shape = len(kinds), len(periods), len(years)
            kind = np.dtype(facts["dtype"])
            levels = {
                name: _map_level(directory / name, tuple(areas), shape, kind) for name, areas in facts["areas"].items()
            }
        except (ValueError, KeyError, TypeError, OSError) as problem:
            raise CubeProblem("cube_damaged", level="-") from problem
        return cls(
            measure=facts["measure"],
            capture=facts["capture"],
            periods_a_year=facts["periods_a_year"],
            kinds=kinds,
            periods=periods,
            years=years,
            levels=levels,
        )

    def benchmark(
        self, people: "Cube", *, span: Span, levels: Sequence[str] = (), kinds: Sequence[str] = ()
    ) -> pl.DataFrame:
        """Every area among those of its level, per kind: the columns of `questions.benchmark`.

        `people` is a yearly cube of `inhabitants`. A year outside the cube is a year that is not known.
        """
        if span.periods_a_year != self.periods_a_year:
            raise CubeProblem("span_not_in_cube", periods_a_year=span.periods_a_year)
        if len(people.kinds) > 1:
            raise CubeProblem("people_of_several_kinds", kinds=len(people.kinds))
        wanted = [name for name in self.levels if (name in levels if levels else name != UNPLACED)]
        chosen = np.array([k for k, kind in enumerate(self.kinds) if not kinds or kind in kinds], dtype=np.intp)
        frames = [self._benchmark_level(self.levels[name], people, span, chosen) for name in wanted]
        return pl.concat(frames) if frames else pl.DataFrame(schema=BENCHMARK)

    def series(self, *, area: str, kinds: Sequence[str] = (), periods: Sequence[str] = ()) -> pl.DataFrame:
        """One area's cells: kind, period, amount and why it is missing."""
        level = next((level for level in self.levels.values() if area in level.positions), None)
        if level is None:
            return pl.DataFrame(schema=SERIES)
        cells = level.of_area(level.positions[area])
        kind, period = (index.reshape(-1) for index in np.indices(cells.shape))
        flat = cells.reshape(-1)
        asked = flat != NO_ROW
        if kinds:
            asked &= np.isin(kind, [k for k, code in enumerate(self.kinds) if code in kinds])
        if periods:
            asked &= np.isin(period, [p for p, code in enumerate(self.periods) if code in periods])
        flat = flat[asked]
        return pl.DataFrame(
            {
                "area": pl.repeat(area, len(flat), eager=True, dtype=pl.String),
                "level": pl.repeat(level.name, len(flat), eager=True, dtype=pl.String),
                "kind": pl.Series(self.kinds, dtype=pl.String).gather(kind[asked]),
                "period": pl.Series(self.periods, dtype=pl.String).gather(period[asked]),
                "amount": _optional(np.where(flat >= 0, flat, np.nan)),
                "missing": pl.Series(flat).replace_strict(MISSING, default=None, return_dtype=pl.String),
            }
        )

    def counts(self, level: str, *, kinds: Sequence[str], periods: Sequence[str]) -> tuple[tuple[str, ...], Floats]:
        """Counts of many series at once: the areas, and areas x kinds x periods with nan where not known.

        For the calculations of `engine.trends_batch`; an unknown kind or period is a KeyError.
        """
        found = self.levels[level]
        for position in range(len(found.areas)):
            found.of_area(position)
        kind_at = {kind: position for position, kind in enumerate(self.kinds)}
        period_at = {period: position for position, period in enumerate(self.periods)}
        rows, columns = [kind_at[kind] for kind in kinds], [period_at[period] for period in periods]
        cells = found.cells[np.ix_(range(len(found.areas)), rows, columns)]
        return found.areas, np.where(cells >= 0, cells, np.nan).astype(np.float64)

    def _benchmark_level(self, level: LevelArrays, people: "Cube", span: Span, kinds: NDArray[np.intp]) -> pl.DataFrame:
        shape = len(kinds), len(level.areas)
        events = np.zeros((len(span.years), *shape))
        known, rows = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
        every_kind = len(kinds) == len(self.kinds)
        for position, year in enumerate(span.years):
            if year not in self.years:
                continue
            sums, counted = level.of_year(self.years.index(year))
            if not every_kind:
                sums, counted = sums[kinds], counted[kinds]
            events[position] = sums
            there = counted != NO_YEAR
            known += np.where(there, counted, 0)
            rows |= there
        lived, lived_known = people.inhabitants(level, span)
        figures = _figures(events, known == len(span.codes), lived, lived_known, span)
        return self._rows(level, kinds, figures, known, rows)

    def inhabitants(self, level: LevelArrays, span: Span) -> tuple[Floats, NDArray[np.bool_]]:
        """Inhabitants of the areas of a level, and whether they are known. Shapes: years x areas."""
        lived, known = (np.zeros((len(span.years), len(level.areas))) for _ in range(2))
        for mine in self.levels.values():
            at = np.array([mine.positions.get(area, -1) for area in level.areas], dtype=np.intp)
            here = at >= 0
            if not here.any() or not self.kinds:
                continue
            for position, year in enumerate(span.years):
                if year in self.years:
                    sums, counted = mine.of_year(self.years.index(year))
                    lived[position, here], known[position, here] = sums[0, at[here]], counted[0, at[here]] == 1
        return lived, known > 0

    def _rows(
        self,
        level: LevelArrays,
        kinds: NDArray[np.intp],
        figures: Mapping[str, Floats],
        known: NDArray[np.int64],
        rows: NDArray[np.bool_],
    ) -> pl.DataFrame:
        """The figures of one level as rows, without kinds and areas of which the span has no row at all."""
        areas = len(level.areas)
        columns = {
            "area": pl.Series(level.areas, dtype=pl.String).gather(np.tile(np.arange(areas), len(kinds))),
            "level": pl.repeat(level.name, known.size, eager=True, dtype=pl.String),
            "kind": pl.Series(self.kinds, dtype=pl.String).gather(np.repeat(kinds, areas)),
            "known_periods": pl.Series(known.reshape(-1)),
            **{name: _optional(values.reshape(-1)) for name, values in figures.items()},
        }
        found = pl.DataFrame(columns).select(pl.col(name).cast(kind) for name, kind in BENCHMARK.items())
        return found if rows.all() else found.filter(pl.Series(rows.reshape(-1)))


BENCHMARK = {
    "area": pl.String,
    "level": pl.String,
    "kind": pl.String,
    "known_periods": pl.Int64,
    "events": pl.Float64,
    "person_years": pl.Float64,
    "rate_per_1000": pl.Float64,
    "places": pl.Int64,
    "rank": pl.Int64,
    "percentile": pl.Float64,
    "slope_per_1000": pl.Float64,
}
SERIES = {name: pl.Float64 if name == "amount" else pl.String for name in ("area", "level", "kind", "period", "amount")}
SERIES |= {"missing": pl.String}


def _figures(
    events: Floats, whole: NDArray[np.bool_], lived: Floats, lived_known: NDArray[np.bool_], span: Span
) -> dict[str, Floats]:
    """Rates, ranks and slopes. Shapes: `events` years x kinds x areas, `lived` years x areas; results kinds x areas."""
    peopled = lived_known.all(axis=0)
    all_events = np.where(whole, events.sum(axis=0), np.nan)
    person_years = np.where(peopled, lived.sum(axis=0), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(person_years > 0, all_events * 1000.0 / person_years, np.nan)
        middle, squares, slope = (span.first_year + span.last_year) / 2, 0.0, np.zeros_like(all_events)
        for year, counted, people in zip(span.years, events, lived, strict=True):
            slope += (year - middle) * (counted * 1000.0 / people)
            squares += (year - middle) ** 2
        usable = whole & peopled & (lived > 0).all(axis=0)
        slope = np.where(usable, slope / squares, np.nan) if squares else np.full_like(slope, np.nan)
    places, rank, lower = ranks(rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        percentile = np.where(places > 1, lower * 100.0 / (places - 1), np.nan)
    return {
        "events": all_events,
        "person_years": np.broadcast_to(person_years, all_events.shape),
        "rate_per_1000": rate,
        "places": np.broadcast_to(places, rate.shape),
        "rank": rank,
        "percentile": percentile,
        "slope_per_1000": slope,
    }


def ranks(rates: Floats) -> tuple[Floats, Floats, Floats]:
    """Places with a rate per row (rows x 1), rank from the highest (equals share the best), and how many are lower.

    Shape: rows x places, nan where there is no rate; the latter two are nan there too.
    """
    order = np.argsort(rates, axis=-1)
    ordered = np.take_along_axis(rates, order, axis=-1)
    places = np.isfinite(rates).sum(axis=-1, keepdims=True).astype(np.float64)
    at = np.arange(rates.shape[-1])
    differs = ordered[:, 1:] != ordered[:, :-1]
    edge = np.ones((len(rates), 1), dtype=np.bool_)
    first = np.maximum.accumulate(np.where(np.concatenate([edge, differs], axis=1), at, 0), axis=-1)
    last = np.where(np.concatenate([differs, edge], axis=1), at, rates.shape[-1])
    last = np.minimum.accumulate(last[:, ::-1], axis=-1)[:, ::-1]
    rank, lower = np.empty_like(rates), np.empty_like(rates)
    np.put_along_axis(rank, order, np.where(np.isfinite(ordered), places - last, np.nan), axis=-1)
    np.put_along_axis(lower, order, np.where(np.isfinite(ordered), first, np.nan), axis=-1)
    return places, rank, lower


def _optional(values: NDArray[Any]) -> pl.Series:
    return pl.Series(np.ascontiguousarray(values, dtype=np.float64)).fill_nan(None)


def _map_level(folder: Path, areas: tuple[str, ...], shape: tuple[int, int, int], kind: np.dtype[Any]) -> LevelArrays:
    kinds, periods, years = shape

    def mapped(file: str, kind: np.dtype[Any], *dimensions: int) -> NDArray[Any]:
        path = folder / file
        if path.stat().st_size != kind.itemsize * int(np.prod(dimensions)):
            raise CubeProblem("cube_damaged", level=folder.name)
        return np.memmap(path, dtype=kind, mode="r", shape=dimensions)

    sums = np.fromfile(folder / "sums", dtype=np.uint32)
    if len(sums) != len(areas) + 2 * years + 1 or zlib.crc32(sums[:-1]) != sums[-1]:
        raise CubeProblem("cube_damaged", level=folder.name)
    return LevelArrays(
        name=folder.name,
        areas=areas,
        cells=mapped("cells", kind, len(areas), kinds, periods),
        years=mapped("years", kind, years, kinds, len(areas)),
        known=mapped("known", np.dtype(np.uint8), years, kinds, len(areas)),
        cell_sums=sums[: len(areas)],
        year_sums=sums[len(areas) : -1].reshape(years, 2),
    )
