"""Write the cells of a delivery as Parquet: a file per block, sorted, texts as dictionaries.

The layout is published in docs/reference/register-files.md; whoever reads these files relies on it.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from koersvast.registers.filling import ABSENT, CERTAINTIES, MISSING_OF, Filled
from koersvast.registers.grid import Grid, Numbers

ROWS_A_GROUP = 1_000_000
SCHEMA = pa.schema(
    [
        ("area", pa.string()),
        ("level", pa.string()),
        ("kind", pa.string()),
        ("period", pa.string()),
        ("measure", pa.string()),
        ("amount", pa.float64()),
        ("missing", pa.string()),
        ("certainty", pa.string()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)
"""The columns of every file of cells, in order."""

_MISSING = pl.Enum([reason.value for reason in MISSING_OF if reason])
# For each state the place of its reason, and beyond the last one where nothing is missing.
_WHY = np.cumsum([reason is not None for reason in MISSING_OF], dtype=np.uint32) - 1
_WHY[[reason is None for reason in MISSING_OF]] = len(_MISSING.categories)
_CERTAINTY = pl.Enum([certainty.value for certainty in CERTAINTIES])


@dataclass(frozen=True, kw_only=True)
class CellFile:
    """A file of cells as the manifest lists it; `path` is relative to the vintage's folder."""

    path: str
    sha256: str
    rows: int
    size_bytes: int


def write_cells(grid: Grid, filled: Filled, folder: Path) -> CellFile | None:
    """Write one block under `level=<level>/part-<number>.parquet`; None when it holds no cell."""
    kept = np.flatnonzero(filled.state.reshape(-1) != ABSENT)
    if not len(kept):
        return None
    path = folder / f"level={filled.block.level}" / f"part-{filled.block.number:05d}.parquet"
    path.parent.mkdir(exist_ok=True)
    groups = (_group(grid, filled, rows).to_arrow() for rows in _in_groups(kept))
    first = next(groups)
    with pq.ParquetWriter(
        path,
        # The texts go in as dictionaries; without the schema of Arrow in the file every engine reads plain strings.
        first.schema,
        compression="zstd",
        write_statistics=True,
        store_schema=False,
    ) as writer:
        for group in chain([first], groups):
            writer.write_table(group)
    return described(path, folder, rows=len(kept))


def described(path: Path, folder: Path, *, rows: int) -> CellFile:
    """Describe a file that was written, with its digest; from then on it survives a loss of power."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return CellFile(path=path.relative_to(folder).as_posix(), sha256=digest, rows=rows, size_bytes=path.stat().st_size)


def _in_groups(kept: Numbers) -> Iterator[Numbers]:
    return (kept[first : first + ROWS_A_GROUP] for first in range(0, len(kept), ROWS_A_GROUP))


def _group(grid: Grid, filled: Filled, rows: Numbers) -> pl.DataFrame:
    kinds, periods, measures = grid.shape
    cell, measure = np.divmod(rows, measures)
    cell, period = np.divmod(cell, periods)
    area, kind = np.divmod(cell, kinds)
    numbers = {
        "area": area.astype(np.uint32),
        "level": np.zeros(len(rows), dtype=np.uint32),
        "kind": kind.astype(np.uint32),
        "period": period.astype(np.uint32),
        "measure": measure.astype(np.uint32),
        "amount": filled.amount.reshape(-1)[rows],
        "missing": _WHY[filled.state.reshape(-1)[rows]],
        "certainty": filled.certainty.reshape(-1)[rows],
        "low": filled.low.reshape(-1)[rows],
        "high": filled.high.reshape(-1)[rows],
    }
    areas = grid.areas[filled.block.start : filled.block.stop]
    words = {
        "area": pl.Enum(areas),
        "level": pl.Enum([filled.block.level.value]),
        **{axis: grid.types[axis] for axis in ("kind", "period", "measure")},
        "certainty": _CERTAINTY,
    }
    return pl.DataFrame(numbers).with_columns(
        *(pl.col(column).cat.to(type_) for column, type_ in words.items()),
        pl.when(pl.col("missing") < len(_MISSING.categories)).then("missing").cat.to(_MISSING),
        pl.col("amount", "low", "high").fill_nan(None),
    )
