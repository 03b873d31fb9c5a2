"""Loading: JSON pages and CSV to long Parquet, our register store beside bare Polars doing the same conversion.

Both give the same cells: bare keys, period codes, level, the reason of what is absent, certainty, sorted, none twice,
a folder a level, Zstandard. Bare Polars is written as well as we could, with numbered texts. The store does more: it
unpacks what was kept and holds it against its digest, proves every page, tells an absent row from nought, judges
plausibility, and keeps digests of what it wrote; that is measured apart. Cells are compared. Each measurement is a
process of its own, they take turns, and what counts is processor time: other jobs on the machine lengthen the wait, and
that time less. Run after `benchmarks.national_table`:
`python -m benchmarks.national_loading --directory /tmp/national [--rounds 3] [--pages 200] [--csv-rows 13260000]`.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs
from polars.testing import assert_frame_equal

from benchmarks.national import Watch, describe_machine
from benchmarks.national_peers.ground import TABLE
from benchmarks.national_table import KINDS, WITHHELD, month_codes
from koersvast.connectors import odata_json
from koersvast.connectors.captures import Capture, Part, capture_files
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.connectors.statline import Slice
from koersvast.registers import profile
from koersvast.registers.store import RegisterStore
from koersvast.registers.tables import TABLES

NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)
MEASURE = "GeregistreerdeMisdrijven_1"
LEVELS = {"GM": "municipality", "WK": "wijk", "BU": "buurt", "PV": "province", "NL": "country"}
PROVISIONAL = ("2025", "2026")


# --- what is loaded


def pages_of(directory: Path, wanted: int) -> list[Path]:
    """The first pages that `national_table` wrote."""
    return sorted((directory / "pages").glob("*.json"))[:wanted]


def csv_of(directory: Path, rows: int) -> Path:
    """The first lines of the CSV file, in a file of their own when there are fewer."""
    whole, part = directory / "cells.csv", directory / f"cells-{rows}.csv"
    if rows >= 13_260_000:
        return whole
    if not part.exists():
        with whole.open(encoding="utf-8") as lines, part.open("w", encoding="utf-8") as out:
            out.writelines(islice(lines, rows + 1))
    return part


def capture_pages(directory: Path, wanted: int, snapshots: SnapshotStore) -> Capture:
    """Keep pages and metadata as the fetcher would."""
    parts, areas = list[Part](), dict[str, None]()
    for number, path in enumerate(pages_of(directory, wanted)):
        data = path.read_bytes()
        areas |= dict.fromkeys(row["WijkenEnBuurten"] for row in json.loads(data)["value"])
        parts.append(_part(snapshots, "page", f"page-{number}", data))
    for role, rows in metadata(list(areas)).items():
        parts.append(_part(snapshots, role, role, json.dumps({"value": rows}).encode()))
    return Capture(
        sha256="0" * 64,
        table=TABLE,
        address=TABLES[TABLE].address,
        slice=Slice(areas=tuple(sorted({area[:2] for area in areas}))),
        started_at=NOON,
        finished_at=NOON,
        modified=NOON,
        parts=tuple(parts),
        licence="CC0",
        holder="invented",
        title="invented",
    )


def _part(snapshots: SnapshotStore, role: str, name: str, data: bytes) -> Part:
    kept = snapshots.keep(
        data, taken_from=name, file_name=name, fetched_at=NOON, licence="CC0", media_type="application/json"
    )
    return Part(role=role, url=name, sha256=kept.sha256, size_bytes=kept.size_bytes)


def metadata(areas: list[str]) -> dict[str, list[dict[str, Any]]]:
    """What the service says of the table."""
    info = {"Title": "invented", "Identifier": TABLE, "Modified": "2026-03-15T02:00:00", "Period": "2012-2026"}
    dimensions = (
        ("Dimension", "SoortMisdrijf", "Soort misdrijf"),
        ("GeoDetail", "WijkenEnBuurten", "Wijken en buurten"),
        ("TimeDimension", "Perioden", "Perioden"),
    )
    columns: list[dict[str, Any]] = [
        {"ID": number, "Type": kind, "Key": key, "Title": title} for number, (kind, key, title) in enumerate(dimensions)
    ]
    topic = {"ID": 3, "Type": "Topic", "Key": MEASURE, "Title": "Geregistreerde misdrijven", "Datatype": "Long"}
    columns.append(topic | {"Unit": "aantal", "Decimals": 0, "Default": "Missing"})
    months = [
        {
            "Key": code.replace("-", "MM"),
            "Title": code,
            "Status": "Voorlopig" if code[:4] in PROVISIONAL else "Definitief",
        }
        for code in month_codes()
    ]
    return {
        "TableInfos": [info | {"ShortDescription": "-", "Description": "-"}],
        "DataProperties": columns,
        "SoortMisdrijf": [{"Key": kind.ljust(6), "Title": kind} for kind in KINDS],
        "WijkenEnBuurten": [{"Key": area, "Title": area} for area in areas],
        "Perioden": months,
    }


# --- the two roads


def load_with_store(source: str, directory: Path, size: int, out: Path) -> dict[str, float]:
    """Load with the register store; the capture stands ready, as after fetching. Gives what it cost."""
    snapshots = SnapshotStore(out / "snapshots")
    if source == "json":
        capture = capture_pages(directory, size, snapshots)
    else:
        path = csv_of(directory, size)
        capture = capture_files(
            [(path.name, path.read_bytes())],
            snapshots=snapshots,
            taken_from="by hand",
            fetched_at=NOON,
            licence="CC0",
            holder="invented",
            title="invented",
            table=TABLE,
        )
    store = RegisterStore(out / "registers", snapshots)
    apart = Counter[str]()
    for what, owner, name in APART:
        _count(apart, what, owner, name)
    return cost(lambda: store.load(capture, on=date(2026, 3, 16))) | dict(apart)


KEPT, CHECKS = "unpacking and digests", "checks"
APART: tuple[tuple[str, Any, str], ...] = (
    (KEPT, SnapshotStore, "read"),
    (CHECKS, odata_json, "_prove_plain"),
    (CHECKS, profile.Outliner, "add"),
    (CHECKS, profile.Sums, "add"),
    (CHECKS, RegisterStore, "_judged"),
)
"""What the store does and bare Polars does not."""


def _count(apart: Counter[str], what: str, owner: Any, name: str) -> None:
    inner = getattr(owner, name)

    def counted(*given: Any, **named: Any) -> Any:
        started = time.process_time()
        try:
            return inner(*given, **named)
        finally:
            apart[what] += time.process_time() - started  # type: ignore[assignment]  # a Counter of seconds

    setattr(owner, name, counted)


def cost(work: Callable[[], object]) -> dict[str, float]:
    """Seconds that the processors worked on it, and that somebody waited for it."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def load_with_polars(source: str, directory: Path, size: int, out: Path) -> dict[str, float]:
    """The same conversion in Polars alone."""
    return cost(lambda: convert(source, directory, size, out))


def convert(source: str, directory: Path, size: int, out: Path) -> None:
    """Read, number the texts, sort, refuse a cell that is there twice, write a folder a level."""
    if source == "json":
        pages = (
            pl.read_json(path, schema_overrides={"value": PAGE}).select("value").explode("value").unnest("value")
            for path in pages_of(directory, size)
        )
        rows = pl.concat([bare(page.lazy()).collect() for page in pages])
    else:
        scanned = pl.scan_csv(csv_of(directory, size), separator=";", schema_overrides={MEASURE: pl.Int64})
        rows = bare(scanned).collect(engine="streaming")
    ordered = {key: pl.Enum(rows[key].unique().cast(pl.String).sort()) for key in KEYS}
    rows = rows.with_columns(pl.col(key).cast(kind) for key, kind in ordered.items()).sort(KEYS)
    if rows.select(pl.all_horizontal(pl.col(key) == pl.col(key).shift() for key in KEYS).any()).item():
        raise ValueError("A cell is there twice.")
    cells = long(rows, ordered)
    for (level,), part in cells.partition_by("level", as_dict=True, maintain_order=True).items():
        folder = out / f"level={level}"
        folder.mkdir(parents=True)
        part.write_parquet(folder / "part-0.parquet", compression="zstd", row_group_size=1_000_000)


KEYS = ["area", "kind", "period"]
PAGE = pl.List(
    pl.Struct(
        {
            "ID": pl.Int64,
            "SoortMisdrijf": pl.String,
            "WijkenEnBuurten": pl.String,
            "Perioden": pl.String,
            MEASURE: pl.Int64,
        }
    )
)


def bare(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Bare keys and period codes, as categories, and the amount."""
    return rows.select(
        area=pl.col("WijkenEnBuurten").str.strip_chars().cast(pl.Categorical),
        kind=pl.col("SoortMisdrijf").str.strip_chars().cast(pl.Categorical),
        period=pl.col("Perioden").str.replace("MM", "-", literal=True).cast(pl.Categorical),
        amount=pl.col(MEASURE).cast(pl.Float64),
    )


def long(rows: pl.DataFrame, ordered: dict[str, pl.Enum]) -> pl.DataFrame:
    """The long columns of the register."""
    level = {area: LEVELS[area[:2]] for area in ordered["area"].categories}
    certainty = {p: "provisional" if p[:4] in PROVISIONAL else "final" for p in ordered["period"].categories}
    before = [period for period in ordered["period"].categories if period < "2016"]
    why = pl.Enum(["not_measured", "not_known", "withheld"])
    # A nought of a kind that the police withhold is no nought; a positive number is never thrown away.
    nothing = pl.col("amount").fill_null(0) == 0
    hidden = pl.col("kind").is_in([kind for kind in WITHHELD if kind in ordered["kind"].categories]) & nothing
    unregistered = pl.col("kind").cast(pl.String).eq("3.9.1") & pl.col("period").is_in(before) & nothing
    return (
        rows.lazy()
        .select(
            "area",
            pl.col("area").replace_strict(level, return_dtype=pl.Enum(sorted(set(level.values())))).alias("level"),
            "kind",
            "period",
            pl.lit("registered", dtype=pl.Enum(["registered"])).alias("measure"),
            pl.when(~hidden & ~unregistered).then("amount").alias("amount"),
            pl.when(hidden)
            .then(pl.lit("withheld", dtype=why))
            .when(unregistered)
            .then(pl.lit("not_measured", dtype=why))
            .when(pl.col("amount").is_null())
            .then(pl.lit("not_known", dtype=why))
            .alias("missing"),
            pl.col("period")
            .replace_strict(certainty, return_dtype=pl.Enum(["final", "provisional"]))
            .alias("certainty"),
            low=pl.lit(None, dtype=pl.Float64),
            high=pl.lit(None, dtype=pl.Float64),
        )
        .collect(engine="streaming")
    )


ROADS = {"our store": load_with_store, "bare Polars": load_with_polars}


def measure(road: str, source: str, given: argparse.Namespace, size: int) -> dict[str, float]:
    """What one loading cost, and its peak megabytes, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.national_loading", "--directory", str(given.directory)]
    command += ["--child", road, source, str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        watch = Watch(child.pid)
        watch.start()
        out, _ = child.communicate()
        peak = watch.stop()
    if child.returncode:
        raise RuntimeError(f"{road} {source}")
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found | {"peak": peak, "load": os.getloadavg()[0]}


def lines_of(what: str, found: dict[str, list[dict[str, float]]]) -> list[str]:
    """The lines of the table: each road, and of the store what is left without what bare Polars does not do."""
    middle = {
        road: {name: statistics.median(one[name] for one in many) for name in many[0]} for road, many in found.items()
    }
    base = middle["bare Polars"]["cpu"]
    lines = []
    for road, one in middle.items():
        rest = f"{one['wall']:.2f} | {one['peak']:,.0f} MB | {one['load']:.1f}"
        lines.append(f"| {what} | {road} | {one['cpu']:.2f} | {one['cpu'] / base:.2f} | {rest} |")
        if KEPT in one:
            alone = one["cpu"] - one[KEPT] - one.get(CHECKS, 0.0)
            lines.append(f"| | … the conversion alone | {alone:.2f} | {alone / base:.2f} | | | |")
            lines += [f"| | … {part} | {one[part]:.2f} | {one[part] / base:.2f} | | | |" for part in (KEPT, CHECKS)]
    return lines


def compare(directory: Path, source: str) -> str:
    """Hold the cells of both against each other."""
    ours, theirs = (
        pl.scan_parquet(directory / "loaded" / f"{road.replace(' ', '-')}-{source}" / pattern, hive_partitioning=False)
        for road, pattern in (("our store", f"registers/{TABLE}/*/level=*/*.parquet"), ("bare Polars", "*/*.parquet"))
    )
    keys = ["area", "kind", "period"]
    # Polars notes in the file that texts were numbered; on disk both are texts.
    theirs = theirs.with_columns(cs.enum().cast(pl.String))
    ours = ours.select(theirs.collect_schema().names()).sort(keys)
    # Which period is provisional a file does not say; that is the store's own rule.
    left_out = ["certainty"] if source == "csv" else []
    assert_frame_equal(ours.drop(left_out).collect(), theirs.sort(keys).drop(left_out).collect())
    return f"{source}: {theirs.select(pl.len()).collect().item():,} cells, the same by both roads"


def main() -> None:
    """Run both sources over both roads."""
    parser = argparse.ArgumentParser(description="Loading beside bare Polars.")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", type=int, default=200, help="of 10,000 rows")
    parser.add_argument("--csv-rows", type=int, default=13_260_000)
    parser.add_argument("--child", nargs=3)
    given = parser.parse_args()
    if given.child:
        road, source, size = given.child
        out = given.directory / "loaded" / f"{road.replace(' ', '-')}-{source}"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        print(json.dumps(ROADS[road](source, given.directory, int(size), out)))
        return
    describe_machine()
    print("| source | road | CPU s | × bare Polars | wait s | peak memory | load |\n|---|---|--:|--:|--:|--:|--:|")
    for source, size in (("json", given.pages), ("csv", given.csv_rows)):
        if not size:
            continue
        if source == "csv":
            csv_of(given.directory, size)
        found: dict[str, list[dict[str, float]]] = {road: [] for road in ROADS}
        for _ in range(given.rounds):
            for road in ROADS:
                found[road].append(measure(road, source, given, size))
        what = f"{size * 10_000:,} rows as {size} JSON pages" if source == "json" else f"{size:,} rows of CSV"
        print("\n".join(lines_of(what, found)), flush=True)
        print(f"<!-- {compare(given.directory, source)} -->")


if __name__ == "__main__":
    main()
