"""An invented table as large as the national one: 18,000 areas x 50 kinds of crime x 170 months.

Nothing in it is real but the shape: about three quarters of the cells are nought, six percent is absent (three kinds
are withheld in neighbourhoods, and some years of some areas are not known), few areas have most of the events, months
have seasons, and what a municipality has is the sum of its neighbourhoods. The same seed gives the same table. It is
written municipality by municipality, so that memory does not grow with the table. Run:
`python -m benchmarks.national_table --directory /tmp/national [--municipalities 342]`.
"""

import argparse
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.national_peers.ground import PEOPLE, TABLE

type Floats = NDArray[np.float64]
type Counts = NDArray[np.int64]

SEED = 47_022
FIRST_YEAR, MONTHS = 2012, 170
PROVINCES = tuple(f"PV{number}" for number in range(20, 32))
LEVELS = ("country", "province", "municipality", "wijk", "buurt")
TOTAL = "0.0.0"
# The codes of the police, domain by domain; the three that are withheld in neighbourhoods come first.
WITHHELD = ("1.4.1", "3.2.1", "3.2.2")
OTHERS = (
    *("1.1.1", "1.1.2", "1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5", "1.3.1", "1.4.2", "1.4.3", "1.4.4", "1.4.5"),
    *("1.4.6", "1.4.7", "1.5.2", "1.6.1", "1.6.2", "1.6.3", "2.1.1", "2.2.1", "2.4.1", "2.4.2", "2.5.1", "2.5.2"),
    *("2.6.1", "2.6.2", "2.6.3", "2.6.4", "2.6.5", "2.6.7", "2.6.8", "2.6.9", "2.6.10", "2.7.2", "2.7.3", "3.1.1"),
    *("3.1.2", "3.1.3", "3.3.2", "3.4.2", "3.5.2", "3.6.4", "3.7.1", "3.7.4", "3.9.1", "3.9.3"),
)
KINDS = tuple(sorted((TOTAL, *WITHHELD, *OTHERS)))
ROWS_A_GROUP = 1_000_000
DICTIONARY = pa.dictionary(pa.int32(), pa.string())
LONG = pa.schema(
    [
        *((name, DICTIONARY) for name in ("area", "level", "kind", "period", "measure")),
        ("amount", pa.float64()),
        *((name, DICTIONARY) for name in ("missing", "certainty")),
        *((name, pa.float64()) for name in ("low", "high")),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Municipality:
    """A municipality with its wijken and buurten; `wijk_of` gives each buurt its wijk, `people` its inhabitants."""

    code: str
    province: int
    wijken: tuple[str, ...]
    buurten: tuple[str, ...]
    wijk_of: NDArray[np.int64]
    people: Counts


@dataclass(frozen=True, kw_only=True)
class Block:
    """Cells of some areas of one level. Shapes: `amount` areas x kinds x months, nan where absent."""

    level: str
    areas: tuple[str, ...]
    amount: Floats
    withheld: NDArray[np.bool_]


def month_codes(months: int = MONTHS) -> tuple[str, ...]:
    """The codes of the months, the first in January of the first year."""
    return tuple(f"{FIRST_YEAR + month // 12}-{month % 12 + 1:02d}" for month in range(months))


def municipalities(random: np.random.Generator, wanted: int) -> tuple[Municipality, ...]:
    """Draw places: a few large ones, many small ones; about ten wijken and forty buurten each."""
    sizes = np.exp(0.75 * random.standard_normal(wanted))
    wijken = np.maximum(1, np.round(sizes * 3_400 / 342 / sizes.mean())).astype(int)
    found = []
    for position, many in enumerate(wijken):
        code = f"GM{position + 100:04d}"
        per_wijk = random.integers(2, 7, many) + (random.random(many) < 0.26)
        wijk_of = np.repeat(np.arange(many), np.minimum(per_wijk, 99))
        people = np.round(np.exp(np.log(900) + 0.9 * random.standard_normal(len(wijk_of)))).astype(np.int64)
        people[random.random(len(people)) < 0.01] = 0
        number = np.concatenate([np.arange(np.sum(wijk_of == wijk)) for wijk in range(many)])
        found.append(
            Municipality(
                code=code,
                province=position % len(PROVINCES),
                wijken=tuple(f"WK{code[2:]}{wijk:02d}" for wijk in range(many)),
                buurten=tuple(f"BU{code[2:]}{w:02d}{n:02d}" for w, n in zip(wijk_of, number, strict=True)),
                wijk_of=wijk_of,
                people=people,
            )
        )
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What all places share. Shapes: `level` kinds (events a month per inhabitant), `course` kinds x months."""

    level: Floats
    course: Floats


def habits(random: np.random.Generator, months: int) -> Habits:
    """Kinds that differ a hundredfold, with seasons and trends of their own."""
    kinds = len(KINDS) - 1
    month = np.arange(months)
    season = 1 + 0.3 * np.cos(2 * np.pi * (month[None, :] - random.uniform(0, 12, (kinds, 1))) / 12)
    yearly = random.normal(-0.03, 0.05, (kinds, 1))
    level = np.exp(np.log(0.85e-4) + 1.6 * random.standard_normal(kinds))
    return Habits(level=level, course=season * np.exp(yearly * month[None, :] / 12))


def events(random: np.random.Generator, place: Municipality, shared: Habits) -> Counts:
    """Draw the events of each buurt. Shape: buurten x kinds x months, with the total of all kinds as first kind."""
    buurten, kinds = len(place.buurten), len(shared.level)
    busy = np.exp(0.6 * random.standard_normal((buurten, 1))) * random.gamma(0.8, 1 / 0.8, (buurten, kinds))
    mean = (place.people[:, None] + 20) * busy * shared.level
    drawn = random.poisson(mean[:, :, None] * shared.course[None, :, :])
    return np.concatenate([drawn.sum(axis=1, keepdims=True), drawn], axis=1)


def blocks(seed: int = SEED, wanted: int = 342, months: int = MONTHS) -> Iterator[Block]:
    """All cells: wijken and buurten of each municipality, in order of code; provinces and country at the end."""
    random = np.random.default_rng(seed)
    places, shared = municipalities(random, wanted), habits(random, months)
    provinces = np.zeros((len(PROVINCES), len(KINDS), months), dtype=np.int64)
    for place in places:
        drawn = events(random, place, shared)
        wijken = np.zeros((len(place.wijken), *drawn.shape[1:]), dtype=np.int64)
        np.add.at(wijken, place.wijk_of, drawn)
        whole = drawn.sum(axis=0, keepdims=True)
        provinces[place.province] += whole[0]
        yield _block(random, "municipality", (place.code,), whole)
        yield _block(random, "wijk", place.wijken, wijken)
        yield _block(random, "buurt", place.buurten, drawn)
    yield _block(random, "province", PROVINCES, provinces)
    yield _block(random, "country", ("NL00",), provinces.sum(axis=0, keepdims=True))


def _block(random: np.random.Generator, level: str, areas: tuple[str, ...], drawn: Counts) -> Block:
    """Take away what is withheld in neighbourhoods, and now and then a year that is not known."""
    amount = drawn.astype(np.float64)
    withheld = np.zeros(drawn.shape, dtype=np.bool_)
    if level in {"wijk", "buurt"}:
        withheld[:, [KINDS.index(kind) for kind in WITHHELD], :] = True
    years = -(-drawn.shape[2] // 12)
    lost = np.repeat(random.random((*drawn.shape[:2], years)) < 0.003, 12, axis=2)[:, :, : drawn.shape[2]]
    amount[withheld | lost] = np.nan
    return Block(level=level, areas=areas, amount=amount, withheld=withheld)


def long_table(block: Block, periods: Sequence[str]) -> pa.Table:
    """The cells of a block in the columns of a register, sorted by area, kind and period."""
    areas, kinds, months = block.amount.shape
    amount = block.amount.reshape(-1)
    absent = np.isnan(amount)
    why = np.where(block.withheld.reshape(-1), 0, 1)
    settled = np.tile((np.arange(months) >= months - 26).astype(np.int32), areas * kinds)
    nothing = pa.nulls(len(amount), pa.float64())
    columns = [
        _coded(np.repeat(np.arange(areas), kinds * months), block.areas),
        _coded(np.zeros(len(amount)), (block.level,)),
        _coded(np.tile(np.repeat(np.arange(kinds), months), areas), KINDS),
        _coded(np.tile(np.arange(months), areas * kinds), periods),
        _coded(np.zeros(len(amount)), ("registered",)),
        pa.array(amount, mask=absent),
        _coded(why, ("withheld", "not_known"), mask=~absent),
        _coded(settled, ("final", "provisional")),
        nothing,
        nothing,
    ]
    return pa.Table.from_arrays(columns, schema=LONG)


def _coded(codes: NDArray[np.generic], words: Sequence[str], mask: NDArray[np.bool_] | None = None) -> pa.Array:
    indices = pa.array(codes.astype(np.int32), mask=mask)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(words), pa.string()))


def people_tables(seed: int = SEED, wanted: int = 342, months: int = MONTHS) -> Iterator[tuple[str, pa.Table]]:
    """Level and long table of the inhabitants of every area, a year; some neighbourhoods have none."""
    places = municipalities(np.random.default_rng(seed), wanted)
    random = np.random.default_rng(seed + 1)
    years = np.arange(FIRST_YEAR, FIRST_YEAR - (-months // 12))
    growth = 1 + 0.006 * (years - FIRST_YEAR)
    found: dict[str, dict[str, Floats]] = {level: {} for level in LEVELS}
    for place in places:
        yearly = np.round(place.people[:, None] * growth * np.exp(0.01 * random.standard_normal((1, len(years)))))
        for position, area in enumerate(place.buurten):
            found["buurt"][area] = yearly[position]
        for position, area in enumerate(place.wijken):
            found["wijk"][area] = yearly[place.wijk_of == position].sum(axis=0)
        found["municipality"][place.code] = yearly.sum(axis=0)
        for level, area in (("province", PROVINCES[place.province]), ("country", "NL00")):
            found[level][area] = found[level].get(area, np.zeros(len(years))) + yearly.sum(axis=0)
    for level, areas in found.items():
        yield level, _people_table(level, areas, [str(year) for year in years])


def _people_table(level: str, areas: dict[str, Floats], years: list[str]) -> pa.Table:
    rows = len(areas) * len(years)
    nothing = pa.nulls(rows, pa.float64())
    order = sorted(areas)
    columns = [
        _coded(np.repeat(np.arange(len(order)), len(years)), order),
        _coded(np.zeros(rows), (level,)),
        _coded(np.zeros(rows), ("T001",)),
        _coded(np.tile(np.arange(len(years)), len(order)), years),
        _coded(np.zeros(rows), ("inhabitants",)),
        pa.array(np.concatenate([areas[area] for area in order])),
        _coded(np.zeros(rows), ("-",), mask=np.ones(rows, dtype=np.bool_)),
        _coded(np.zeros(rows), ("final",)),
        nothing,
        nothing,
    ]
    return pa.Table.from_arrays(columns, schema=LONG)


def write_register(directory: Path, *, seed: int = SEED, wanted: int = 342, months: int = MONTHS) -> int:
    """Write the table and its inhabitants under `directory`, a folder of Parquet a level; gives the number of cells."""
    periods, cells = month_codes(months), 0
    with LevelWriters(directory / TABLE) as writers:
        for block in blocks(seed, wanted, months):
            table = long_table(block, periods)
            writers.add(block.level, table)
            cells += table.num_rows
    with LevelWriters(directory / PEOPLE) as writers:
        for level, table in people_tables(seed, wanted, months):
            writers.add(level, table)
    return cells


class LevelWriters:
    """One Parquet file a level, filled bit by bit with groups of a million rows."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, list[pa.Table]] = {level: [] for level in LEVELS}

    def __enter__(self) -> "LevelWriters":
        return self

    def __exit__(self, *_: object) -> None:
        for level, waiting in self._waiting.items():
            if waiting:
                self._write(level)
        for writer in self._open.values():
            writer.close()

    def add(self, level: str, table: pa.Table) -> None:
        """Keep cells, and write a group when there are enough of them."""
        self._waiting[level].append(table)
        if sum(part.num_rows for part in self._waiting[level]) >= ROWS_A_GROUP:
            self._write(level)

    def _write(self, level: str) -> None:
        table = pa.concat_tables(self._waiting[level]).unify_dictionaries()
        self._waiting[level] = []
        if level not in self._open:
            folder = self._directory / f"level={level}"
            folder.mkdir(parents=True, exist_ok=True)
            # Without the Arrow schema the text columns are text again for every reader.
            self._open[level] = pq.ParquetWriter(
                folder / "part-0.parquet", LONG, compression="zstd", store_schema=False
            )
        self._open[level].write_table(table, row_group_size=ROWS_A_GROUP)


def source_rows(rows: int, *, seed: int = SEED) -> Iterator[pa.Table]:
    """The first rows as the service of the police writes them: padded keys, `2012MM01`, nothing where withheld."""
    periods = [code.replace("-", "MM") for code in month_codes()]
    kinds, written = [kind.ljust(6) for kind in KINDS], 0
    for block in blocks(seed):
        table = long_table(block, periods)
        padded = pa.DictionaryArray.from_arrays(
            table["area"].chunk(0).indices, pa.array([area.ljust(10) for area in block.areas])
        )
        kind = pa.DictionaryArray.from_arrays(table["kind"].chunk(0).indices, pa.array(kinds))
        columns = {
            "ID": pa.array(np.arange(written, written + table.num_rows)),
            "SoortMisdrijf": kind.cast(pa.string()),
            "WijkenEnBuurten": padded.cast(pa.string()),
            "Perioden": table["period"].cast(pa.string()),
            "GeregistreerdeMisdrijven_1": table["amount"].cast(pa.int64()),
        }
        yield pa.table(columns).slice(0, rows - written)
        written += table.num_rows
        if written >= rows:
            return


def write_csv(path: Path, rows: int, *, seed: int = SEED) -> None:
    """Write the first rows as one CSV file with semicolons."""
    writer = None
    for table in source_rows(rows, seed=seed):
        writer = writer or pa_csv.CSVWriter(path, table.schema, write_options=pa_csv.WriteOptions(delimiter=";"))
        writer.write_table(table)
    if writer is not None:
        writer.close()


def write_pages(directory: Path, rows: int, *, seed: int = SEED, rows_a_page: int = 10_000) -> int:
    """Write the first rows as JSON pages of an OData v3 feed; gives the number of pages."""
    directory.mkdir(parents=True, exist_ok=True)
    address = f"https://dataderden.cbs.nl/ODataFeed/odata/{TABLE}"
    waiting, pages, last = list[dict[str, object]](), 0, False
    for table in source_rows(rows, seed=seed):
        waiting += table.to_pylist()
        last = waiting[-1]["ID"] == rows - 1
        while len(waiting) >= rows_a_page or (last and waiting):
            page: dict[str, object] = {"odata.metadata": f"{address}/$metadata#Cbs.OData.WebAPI.TypedDataSet"}
            page["value"], waiting = waiting[:rows_a_page], waiting[rows_a_page:]
            if waiting or not last:
                page["odata.nextLink"] = f"{address}/TypedDataSet?$format=json&$skip={(pages + 1) * rows_a_page}"
            text = json.dumps(page, separators=(",", ":"))
            (directory / f"page-{pages:05d}.json").write_text(text, encoding="utf-8")
            pages += 1
    return pages


def main() -> None:
    """Write everything that the measurements read, and say how much it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--directory", type=Path, required=True, help="outside the source tree; up to 2 GB")
    parser.add_argument("--municipalities", type=int, default=342)
    parser.add_argument("--csv-rows", type=int, default=13_260_000)
    parser.add_argument("--json-rows", type=int, default=2_000_000)
    given = parser.parse_args()
    register = given.directory / f"register-{given.municipalities}"
    if register.exists():
        shutil.rmtree(register)
    started = time.perf_counter()
    cells = write_register(register, wanted=given.municipalities)
    size = sum(file.stat().st_size for file in register.rglob("*.parquet"))
    print(f"{cells:,} cells, {size / 1e6:.0f} MB of Parquet, {time.perf_counter() - started:.0f} s: {register}")
    if given.csv_rows:
        write_csv(given.directory / "cells.csv", given.csv_rows)
    if given.json_rows:
        write_pages(given.directory / "pages", given.json_rows)


if __name__ == "__main__":
    main()
