"""Every cell that a delivery could hold, numbered: area by kind by period by measure.

The numbers make a table of any size a row of plain arrays, cut into blocks of whole areas of one level. A block fits
in memory whatever the table; that is how a table of 130 million cells is read in a few hundred megabytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import polars as pl

from koersvast.registers.codes import Level, level_of

PLACES_A_BLOCK = 2_000_000
LARGEST_GRID = 4_000_000_000

ROW = np.dtype([("place", "<u4"), ("amount", "<f8"), ("part", "u1"), ("state", "u1"), ("certainty", "u1")])
"""One row on its way to a block: the place within the block and what was said of it."""

type Numbers = np.ndarray[Any, Any]


class GridTooLarge(ValueError):
    """A delivery names more areas, kinds, periods and measures than can be right."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some neighbouring areas of one level: the areas `start` up to `stop` of the grid."""

    number: int
    level: Level
    start: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The axes, each in order; a cell's number is ((area × kinds + kind) × periods + period) × measures + measure.

    Areas are in order of level, then code, so that a block is a run of numbers.
    """

    areas: tuple[str, ...]
    kinds: tuple[str, ...]
    periods: tuple[str, ...]
    measures: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.size > LARGEST_GRID:
            raise GridTooLarge(self.size)

    @classmethod
    def of(
        cls, *, areas: Iterable[str], kinds: Iterable[str], periods: Iterable[str], measures: Iterable[str]
    ) -> "Grid":
        """Put the axes in order; a kind "" stands for a table that has none."""
        return cls(
            areas=tuple(sorted(set(areas), key=lambda area: (level_of(area), area))),
            kinds=tuple(sorted(set(kinds))) or ("",),
            periods=tuple(sorted(set(periods))),
            measures=tuple(sorted(set(measures))),
        )

    @property
    def size(self) -> int:
        """How many cells there could be."""
        return len(self.areas) * self.cells_an_area

    @property
    def cells_an_area(self) -> int:
        return len(self.kinds) * len(self.periods) * len(self.measures)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Kinds, periods, measures."""
        return len(self.kinds), len(self.periods), len(self.measures)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The areas in blocks of one level and at most PLACES_A_BLOCK cells (or one area)."""
        areas_a_block = max(1, PLACES_A_BLOCK // max(1, self.cells_an_area))
        found: list[Block] = []
        for level, run in groupby(range(len(self.areas)), key=lambda index: level_of(self.areas[index])):
            members = list(run)
            found += [
                Block(number=0, level=level, start=first, stop=min(first + areas_a_block, members[-1] + 1))
                for first in range(members[0], members[-1] + 1, areas_a_block)
            ]
        return tuple(
            Block(number=number, level=block.level, start=block.start, stop=block.stop)
            for number, block in enumerate(found)
        )

    @cached_property
    def block_of_area(self) -> Numbers:
        """For each area the number of its block."""
        found = np.zeros(len(self.areas), dtype=np.int64)
        for block in self.blocks:
            found[block.start : block.stop] = block.number
        return found

    @cached_property
    def types(self) -> dict[str, pl.Enum]:
        """For each axis the type that turns its texts into numbers."""
        return {
            "area": pl.Enum(self.areas),
            "kind": pl.Enum(self.kinds),
            "period": pl.Enum(self.periods),
            "measure": pl.Enum(self.measures),
        }

    def split(self, area: Numbers, rest: Numbers) -> Iterator[tuple[int, Numbers, Numbers]]:
        """Cut rows by block: its number, which rows (as positions), and their places within it.

        `rest` is the number of a cell within its area.
        """
        if not len(area):
            return
        blocks = self.block_of_area[area]
        order = np.argsort(blocks, kind="stable")
        edges = np.flatnonzero(np.diff(blocks[order])) + 1
        starts = np.array([block.start for block in self.blocks], dtype=np.int64)
        for positions in np.split(order, edges):
            number = int(blocks[positions[0]])
            yield number, positions, (area[positions] - starts[number]) * self.cells_an_area + rest[positions]
