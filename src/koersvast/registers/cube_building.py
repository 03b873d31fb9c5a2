"""Make a cube from the Parquet of a vintage: whole or not at all, and again when it is stale or damaged."""

import json
import re
import shutil
import tempfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray

from koersvast.connectors.whole_files import write_whole
from koersvast.registers.cube import FACTS, LAYOUT, MISSING, NO_ROW, NO_YEAR, Cells, Cube, CubeProblem, Floats

LARGEST = 2**31 - 1
CODES = {word: code for code, word in MISSING.items()}
AREAS_AT_ONCE = 256
ROWS_AT_ONCE = 1_000_000
CODED = ["area", "kind", "period", "measure", "missing"]
NAME = re.compile(r"[0-9A-Za-z]{8,64}-[a-z_]{1,40}-\d+-v\d+")
PATTERNS = {1: r"^\d{4}$", 4: r"^\d{4}-Q[1-4]$", 12: r"^\d{4}-\d{2}$"}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which cube: the register's folder, its capture, the measure, and how many periods a year has."""

    register: Path
    capture: str
    measure: str
    periods_a_year: int = 12

    @property
    def name(self) -> str:
        """Another capture, measure or layout has another name, so that a stale cube is never taken for a new one."""
        name = f"{self.capture}-{self.measure}-{self.periods_a_year}-v{LAYOUT}"
        if not NAME.fullmatch(name):
            raise CubeProblem("cube_name", name=name)
        return name


def ready_cube(wanted: Wanted, *, directory: Path) -> Cube:
    """Open the cube under `directory`, or make it first when it is absent or damaged."""
    place = directory / wanted.name
    try:
        return Cube.open(place)
    except CubeProblem:
        build_cube(wanted, directory=directory)
        return Cube.open(place)


def drop_cubes(directory: Path, *, keep: Collection[str]) -> tuple[str, ...]:
    """Remove the cubes that are not named in `keep`, such as those of earlier vintages; gives their names."""
    stale = [folder for folder in directory.glob("*-v*") if NAME.fullmatch(folder.name) and folder.name not in keep]
    for folder in stale:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple(sorted(folder.name for folder in stale))


def build_cube(wanted: Wanted, *, directory: Path) -> Path:
    """Make the cube beside its place and put it there when it is whole; raises CubeProblem where it cannot.

    Memory: some arrays of a million cells; the cube itself is mapped from disk.
    """
    directory.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=directory))
    try:
        _write(wanted, making)
        place = directory / wanted.name
        if place.exists():
            place.rename(making / "replaced")
        try:
            (making / "cube").rename(place)
        except OSError:
            # Somebody else was first: theirs is made from the same vintage.
            Cube.open(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return place


def _write(wanted: Wanted, making: Path) -> None:
    facts = _facts(wanted)
    for level in facts["areas"]:
        (making / "cube" / level).mkdir(parents=True)
        _write_level(wanted, level, facts, making / "cube" / level)
    text = json.dumps(facts).encode()
    write_whole(making / "cube" / FACTS, b"%08x\n" % zlib.crc32(text) + text)


def _facts(wanted: Wanted) -> dict[str, Any]:
    """Which areas, kinds and periods there are; years run on from the first to the last."""
    cells = pl.scan_parquet(
        wanted.register / "*" / "*.parquet", hive_partitioning=True, hive_schema={"level": pl.String}
    ).filter(pl.col("measure") == wanted.measure, pl.col("period").str.contains(PATTERNS[wanted.periods_a_year]))
    areas = cells.select("level", "area").unique().collect(engine="streaming")
    kinds = cells.select("kind").unique().collect(engine="streaming")["kind"].sort().to_list()
    periods = cells.select("period").unique().collect(engine="streaming")["period"].sort().to_list()
    years = [int(period[:4]) for period in periods]
    number = pl.when(pl.col("amount").is_finite()).then(pl.col("amount"))
    extremes = cells.select(
        lowest=number.min(), highest=number.max(), whole=(number == number.floor()).fill_null(value=True).all()
    ).collect(engine="streaming")
    lowest, highest, whole = extremes.row(0)
    if lowest is not None and lowest < 0:
        raise CubeProblem("amount_below_nought", amount=lowest)
    if whole and highest is not None and highest > LARGEST:
        raise CubeProblem("amount_too_large", amount=highest)
    return {
        "layout": LAYOUT,
        "dtype": "int32" if whole else "float64",
        "capture": wanted.capture,
        "measure": wanted.measure,
        "periods_a_year": wanted.periods_a_year,
        "kinds": kinds,
        "periods": periods,
        "years": list(range(min(years), max(years) + 1)) if years else [],
        "areas": {
            level: areas.filter(pl.col("level") == level)["area"].sort().to_list()
            for level in areas["level"].unique().sort().to_list()
        },
    }


def _write_level(wanted: Wanted, level: str, facts: dict[str, Any], folder: Path) -> None:
    areas, kinds, periods, years = facts["areas"][level], facts["kinds"], facts["periods"], facts["years"]
    shape = len(areas), len(kinds), len(periods)
    cells: Cells = np.memmap(folder / "cells", dtype=facts["dtype"], mode="w+", shape=shape)
    cells[:] = NO_ROW
    rows = 0
    for at, values in _batches(wanted, level, (areas, kinds, periods)):
        cells.reshape(-1)[at] = values
        rows += len(at)
    if int(sum((cells[part] != NO_ROW).sum() for part in _parts(len(areas)))) != rows:
        raise CubeProblem("cell_twice", level=level)
    sums, known = _year_sums(cells, periods, years)
    sums.tofile(folder / "years")
    known.tofile(folder / "known")
    checks = [zlib.crc32(cells[area]) for area in range(len(areas))]
    for year in range(len(years)):
        checks += [zlib.crc32(sums[year]), zlib.crc32(known[year])]
    sealed = np.array(checks, dtype=np.uint32)
    np.append(sealed, np.uint32(zlib.crc32(sealed))).tofile(folder / "sums")


def _parts(areas: int) -> Iterator[slice]:
    for first in range(0, areas, AREAS_AT_ONCE):
        yield slice(first, min(first + AREAS_AT_ONCE, areas))


def _year_sums(cells: Cells, periods: list[str], years: list[int]) -> tuple[Cells, NDArray[np.uint8]]:
    """Sum of the known periods and their number, per year. Shapes: years x kinds x areas."""
    areas, kinds, _ = cells.shape
    sums = np.zeros((len(years), kinds, areas), dtype=cells.dtype)
    wide = np.int64 if cells.dtype == np.int32 else np.float64
    known = np.full((len(years), kinds, areas), NO_YEAR, dtype=np.uint8)
    of_year = np.array([int(period[:4]) for period in periods])
    for part in _parts(areas):
        block = np.asarray(cells[part])
        for position, year in enumerate(years):
            months = block[:, :, of_year == year]
            whole = np.where(months >= 0, months, 0).sum(axis=2, dtype=wide)
            if wide is np.int64 and whole.max() > LARGEST:
                raise CubeProblem("amount_too_large", amount=int(whole.max()))
            sums[position, :, part] = whole.T
            there = (months != NO_ROW).any(axis=2)
            known[position, :, part] = np.where(there, (months >= 0).sum(axis=2), NO_YEAR).T
    return sums, known


def _batches(
    wanted: Wanted, level: str, dimensions: tuple[list[str], list[str], list[str]]
) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Places in the flattened cells, and the values that go there."""
    lookups = [{word: position for position, word in enumerate(words)} for words in dimensions]
    shape = tuple(len(words) for words in dimensions)
    for path in sorted((wanted.register / f"level={level}").glob("*.parquet")):
        with pq.ParquetFile(path, read_dictionary=CODED) as file:
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=[*CODED, "amount"], use_threads=True):
                of_measure = _coded(batch["measure"], {wanted.measure: 0}) == 0
                positions = [_coded(batch[name], lookup) for name, lookup in zip(CODED[:3], lookups, strict=True)]
                # A period of another length than asked has no place.
                here = of_measure & (positions[2] >= 0)
                at = np.ravel_multi_index(tuple(position[here] for position in positions), shape)
                yield at.astype(np.int64), _values(batch)[here]


def _values(batch: Any) -> Floats:
    """Amounts, or the code of why there is none."""
    amount = batch["amount"].to_numpy(zero_copy_only=False)
    why = _coded(batch["missing"], CODES, otherwise=CODES["not_known"])
    return np.where(np.isfinite(amount), amount, why)


def _coded(column: Any, lookup: dict[str, int], otherwise: int = NO_ROW) -> NDArray[np.int64]:
    """The position of each word of a dictionary column; `otherwise` for other words and null."""
    words = column.dictionary.to_pylist()
    table = np.array([*(lookup.get(word, otherwise) for word in words), otherwise], dtype=np.int64)
    found: NDArray[np.int64] = table[column.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)]
    return found
