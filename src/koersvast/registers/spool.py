"""Rows on their way from pages to blocks: kept in memory while they are few, on disk when they are many.

The pages of a source come in any order, and a block can only be written when all its rows are there.
"""

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

from koersvast.registers.grid import ROW, Grid, Numbers

ROWS_IN_MEMORY = 1_500_000


class Spool:
    """A file of rows for each block of a grid, in a folder that is the caller's to throw away."""

    def __init__(self, grid: Grid, folder: Path) -> None:
        self._grid, self._folder = grid, folder
        self._held: dict[int, list[Numbers]] = {}
        self._held_rows = 0
        self._files: dict[int, BinaryIO] = {}
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for file in self._files.values():
            file.close()

    def add(self, area: Numbers, rest: Numbers, rows: Numbers) -> None:
        """Keep rows (dtype ROW, without place) by the number of their area and of the cell within it."""
        for number, positions, places in self._grid.split(area, rest):
            mine = rows[positions]
            mine["place"] = places
            self._held.setdefault(number, []).append(mine)
        self.rows += len(rows)
        self._held_rows += len(rows)
        if self._held_rows > ROWS_IN_MEMORY:
            self._to_disk()

    def rows_of(self, number: int) -> Numbers:
        """Return all rows of a block, in the order in which they came; a block is read once."""
        on_disk: list[Numbers] = []
        if number in self._files:
            self._files[number].flush()
            on_disk = [np.fromfile(self._path(number), dtype=ROW)]
            self._path(number).unlink()
        return np.concatenate([*on_disk, *self._held.pop(number, []), np.empty(0, dtype=ROW)])

    def _to_disk(self) -> None:
        for number, held in self._held.items():
            if number not in self._files:
                self._files[number] = self._path(number).open("wb")
            for rows in held:
                self._files[number].write(rows.tobytes())
        self._held, self._held_rows = {}, 0

    def _path(self, number: int) -> Path:
        return self._folder / f"rows-{number:05d}"
