"""A delivery in outline: per level, kind, measure and period how many cells, how many without a number, and their sum.

Small enough to keep beside every vintage and to hold one against the other in a moment; made while blocks are written.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from koersvast.engine.quantities import Missing
from koersvast.registers.codes import municipality_number
from koersvast.registers.filling import ABSENT, NUMBER, STATE_OF, Filled
from koersvast.registers.grid import Grid, Numbers

OUTLINE: dict[str, pl.DataType] = {
    "level": pl.String(),
    "kind": pl.String(),
    "measure": pl.String(),
    "period": pl.String(),
    "numbers": pl.Int64(),
    "absent": pl.Int64(),
    "withheld": pl.Int64(),
    "nonzero": pl.Int64(),
    "negative": pl.Int64(),
    "total": pl.Float64(),
}
AREAS: dict[str, pl.DataType] = {
    "area": pl.String(),
    "level": pl.String(),
    "measure": pl.String(),
    "year": pl.Int32(),
    "total": pl.Float64(),
}


@dataclass(frozen=True, kw_only=True)
class Outline:
    """The outline of a delivery: `cells` (OUTLINE) and `areas` (AREAS: the sum of all kinds per area and year)."""

    cells: pl.DataFrame
    areas: pl.DataFrame


def outline_of(cells: pl.LazyFrame, *, total_kind: str) -> Outline:
    """The outline of cells that are on disk already, or of a part of them."""
    number, amount = pl.col("amount").is_not_null(), pl.col("amount")
    lines = cells.group_by("level", "kind", "measure", "period").agg(
        numbers=number.sum(),
        absent=(~number).sum(),
        withheld=(pl.col("missing") == Missing.WITHHELD.value).sum(),
        nonzero=(amount != 0).sum(),
        negative=(amount < 0).sum(),
        total=amount.sum(),
    )
    # Where a kind for the total is there, it says enough; the kinds under it would count twice.
    counted = (pl.col("kind") == total_kind) | ~(pl.col("kind") == total_kind).any()
    year = pl.col("period").str.slice(0, 4).cast(pl.Int32).alias("year")
    areas = cells.filter(counted).group_by("area", "level", "measure", year).agg(total=amount.sum())
    found, by_area = pl.collect_all([lines, areas], engine="streaming")
    return Outline(
        cells=found.select(*OUTLINE).cast(pl.Schema(OUTLINE)), areas=by_area.select(*AREAS).cast(pl.Schema(AREAS))
    )


class Outliner:
    """Adds up blocks as they pass."""

    def __init__(self, grid: Grid, *, total_kind: str) -> None:
        self._grid = grid
        self._cells: dict[str, dict[str, Numbers]] = {}
        self._areas: list[pl.DataFrame] = []
        # Where a table has a total the area's own total says enough; the kinds under it would count twice.
        self._kinds = [grid.kinds.index(total_kind)] if total_kind in grid.kinds else list(range(len(grid.kinds)))

    def add(self, filled: Filled) -> None:
        """Add one block."""
        number = filled.state == NUMBER
        amount = np.where(number, filled.amount, 0.0)
        parts = {
            "numbers": np.count_nonzero(number, axis=0),
            "absent": np.count_nonzero((filled.state != NUMBER) & (filled.state != ABSENT), axis=0),
            "withheld": np.count_nonzero(filled.state == STATE_OF[Missing.WITHHELD], axis=0),
            "nonzero": np.count_nonzero(amount, axis=0),
            "negative": np.count_nonzero(amount < 0, axis=0),
            "total": amount.sum(axis=0),
        }
        held = self._cells.setdefault(filled.block.level.value, {})
        for name, part in parts.items():
            held[name] = held[name] + part if name in held else part
        self._areas.append(self._area_totals(filled, amount, number))

    def outline(self) -> Outline:
        """What was added up."""
        cells = [self._lines(level, parts) for level, parts in self._cells.items()]
        return Outline(
            cells=pl.concat([*cells, pl.DataFrame(schema=OUTLINE)]),
            areas=pl.concat([*self._areas, pl.DataFrame(schema=AREAS)]),
        )

    def _lines(self, level: str, parts: dict[str, Numbers]) -> pl.DataFrame:
        kinds, periods, measures = self._grid.shape
        kind, period, measure = (axis.reshape(-1) for axis in np.indices((kinds, periods, measures)))
        frame = pl.DataFrame(
            {
                "level": pl.repeat(level, len(kind), eager=True),
                "kind": np.array(self._grid.kinds)[kind],
                "measure": np.array(self._grid.measures)[measure],
                "period": np.array(self._grid.periods)[period],
                **{name: part.reshape(-1) for name, part in parts.items()},
            },
            schema_overrides=OUTLINE,
        )
        return frame.filter((pl.col("numbers") > 0) | (pl.col("absent") > 0)).select(*OUTLINE)

    def _area_totals(self, filled: Filled, amount: Numbers, number: Numbers) -> pl.DataFrame:
        years = np.array([int(period[:4]) for period in self._grid.periods])
        areas = self._grid.areas[filled.block.start : filled.block.stop]
        by_period, known = amount[:, self._kinds].sum(axis=1), number[:, self._kinds].any(axis=1)
        names = sorted(set(years.tolist()))
        by_year = np.stack([by_period[:, years == year].sum(axis=1) for year in names], axis=1)
        known_by_year = np.stack([known[:, years == year].any(axis=1) for year in names], axis=1)
        area, year, measure = np.nonzero(known_by_year)
        return pl.DataFrame(
            {
                "area": np.array(areas)[area],
                "level": pl.repeat(filled.block.level.value, len(area), eager=True),
                "measure": np.array(self._grid.measures)[measure],
                "year": np.array(names)[year],
                "total": by_year[area, year, measure],
            },
            schema_overrides=AREAS,
        ).select(*AREAS)


class Sums:
    """Holds parts against wholes as blocks pass: kinds against the total, buurten and wijken against municipalities."""

    def __init__(self, grid: Grid, *, total_kind: str) -> None:
        self._grid, self._total_kind = grid, total_kind
        numbers = sorted({number for area in grid.areas if (number := municipality_number(area))})
        self._row = {number: row for row, number in enumerate(numbers)}
        shape = (len(numbers), *grid.shape[:2])
        self._sums: dict[str, Numbers] = {}
        self._gaps: dict[str, Numbers] = {}
        self._shape = shape
        self.over_total = 0
        self.compared = 0
        self.over_example = ""

    def add(self, filled: Filled) -> None:
        """Add one block."""
        self._kinds_against_total(filled)
        level = filled.block.level.value
        areas = self._grid.areas[filled.block.start : filled.block.stop]
        rows = [self._row.get(municipality_number(area), -1) for area in areas]
        if level not in {"municipality", "wijk", "buurt"} or not rows:
            return
        sums = self._sums.setdefault(level, np.zeros(self._shape, dtype=np.float64))
        gaps = self._gaps.setdefault(level, np.zeros(self._shape, dtype=bool))
        number = filled.state[..., 0] == NUMBER
        np.add.at(sums, rows, np.where(number, filled.amount[..., 0], 0.0))
        np.logical_or.at(gaps, rows, ~number)

    def over_municipality(self) -> Iterable[tuple[str, int, int]]:
        """For wijken and buurten: cells compared, and cells whose sum lies above the municipality's own figure."""
        whole = self._sums.get("municipality")
        if whole is None:
            return
        for level in ("wijk", "buurt"):
            if level in self._sums:
                known = ~self._gaps["municipality"]
                over = known & (self._sums[level] > whole + 0.5)
                yield level, int(np.count_nonzero(known)), int(np.count_nonzero(over))

    def _kinds_against_total(self, filled: Filled) -> None:
        if self._total_kind not in self._grid.kinds or len(self._grid.kinds) < 2:
            return
        at = self._grid.kinds.index(self._total_kind)
        number = filled.state[..., 0] == NUMBER
        amount = np.where(number, filled.amount[..., 0], 0.0)
        parts = amount.sum(axis=1) - amount[:, at]
        known = number[:, at]
        over = known & (parts > amount[:, at] + 0.5)
        self.compared += int(np.count_nonzero(known))
        self.over_total += int(np.count_nonzero(over))
        if over.any() and not self.over_example:
            area, period = (int(place[0]) for place in np.nonzero(over))
            self.over_example = f"{self._grid.areas[filled.block.start + area]} {self._grid.periods[period]}"
