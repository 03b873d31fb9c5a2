"""Write the cells of a delivery as Parquet: a file per block, sorted, texts as dictionaries.

The layout is published in docs/reference/register-files.md; whoever reads these files relies on it.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from koersvast.registers.filling import ABSENT, CERTAINTIES, MISSING_OF, NUMBER, Filled
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

_DICTIONARIES = ["area", "level", "kind", "period", "measure", "missing", "certainty"]
_MISSING = pa.array([reason.value if reason else "" for reason in MISSING_OF])
_CERTAINTY = pa.array([certainty.value for certainty in CERTAINTIES])


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
    with pq.ParquetWriter(
        path,
        SCHEMA,
        compression="zstd",
        use_dictionary=_DICTIONARIES,
        write_statistics=True,
        store_schema=False,
    ) as writer:
        for rows in _groups(kept):
            writer.write_table(_table(grid, filled, rows))
    return described(path, folder, rows=len(kept))


def described(path: Path, folder: Path, *, rows: int) -> CellFile:
    """Describe a file that was written, with its digest; from then on it survives a loss of power."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return CellFile(path=path.relative_to(folder).as_posix(), sha256=digest, rows=rows, size_bytes=path.stat().st_size)


def _groups(kept: Numbers) -> Iterator[Numbers]:
    return (kept[first : first + ROWS_A_GROUP] for first in range(0, len(kept), ROWS_A_GROUP))


def _table(grid: Grid, filled: Filled, rows: Numbers) -> pa.Table:
    kinds, periods, measures = grid.shape
    cell, measure = np.divmod(rows, measures)
    cell, period = np.divmod(cell, periods)
    area, kind = np.divmod(cell, kinds)
    state = filled.state.reshape(-1)[rows]
    areas = grid.areas[filled.block.start : filled.block.stop]
    return pa.table(
        [
            _texts(area, pa.array(areas, pa.string())),
            _texts(np.zeros(len(rows), dtype=np.int32), pa.array([filled.block.level.value])),
            _texts(kind, pa.array(grid.kinds, pa.string())),
            _texts(period, pa.array(grid.periods, pa.string())),
            _texts(measure, pa.array(grid.measures, pa.string())),
            _amounts(filled.amount.reshape(-1)[rows]),
            _texts(state, _MISSING, absent=state == NUMBER),
            _texts(filled.certainty.reshape(-1)[rows], _CERTAINTY),
            _amounts(filled.low.reshape(-1)[rows]),
            _amounts(filled.high.reshape(-1)[rows]),
        ],
        schema=SCHEMA,
    )


def _texts(codes: Numbers, words: pa.Array, *, absent: Numbers | None = None) -> pa.Array:
    indices = pa.array(codes.astype(np.int32), mask=absent)
    return pa.DictionaryArray.from_arrays(indices, words).cast(pa.string())


def _amounts(numbers: Numbers) -> pa.Array:
    return pa.array(numbers, from_pandas=True)
