"""The register store: whole or not at all, every vintage readable for ever, and made again from its capture."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import cast

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from koersvast.connectors.statline import Slice
from koersvast.engine.quantities import Certainty, Missing
from koersvast.registers.grid import Grid
from koersvast.registers.source import CaptureUnreadable
from koersvast.registers.store import DamagedVintage, NotSameTable
from koersvast.registers.sums import add_up
from koersvast.registers.tables import TABLES
from koersvast.registers.vintages import Cell
from koersvast.registers.writing import SCHEMA
from tests.unit.registers.invented import KINDS, TODAY, Kept, Service, changed, smooth, years

TABLE = "47018NED"
LATER = date(2026, 6, 15)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def revised(service: Service, **figures: int) -> Service:
    """The same table three months later, with another figure of 2025 for some areas (kind 1.1.1)."""
    cells = dict(service.cells) | {("1.1.1", area, "2025JJ00"): value for area, value in figures.items()}
    return changed(service, cells=cells, modified="2026-06-10T02:00:00")


def figure(kept: Kept, area: str = "GM9001", *, known_on: date | None = None) -> Cell:
    [cell] = kept.store.cells(
        TABLE, areas=[area], kinds=["1.1.1"], measure="registered", periods=["2025"], known_on=known_on
    )
    return cell


def test_same_capture_twice_and_same_cells_again_give_the_vintage_that_there_is(kept: Kept) -> None:
    first = kept.load(Service())
    assert kept.load(Service()) == first
    assert kept.load(changed(Service(), modified="2026-03-13T02:00:00"), on=LATER) == first
    assert kept.store.vintages(TABLE) == (first,)


def with_stray_rows(modified: str) -> Service:
    """The same cells, and rows for an area that is on no list."""
    stray = {(kind, "GM9999", "2025JJ00"): 7 for kind in KINDS}
    return changed(Service(), cells=dict(Service().cells) | stray, modified=modified)


def test_rows_that_are_left_out_beside_the_same_cells_are_not_swallowed(kept: Kept) -> None:
    first = kept.load(Service())
    second = kept.load(with_stray_rows("2026-06-10T02:00:00"), on=LATER)
    assert (second.state, second.content) == ("quarantined", first.content)
    assert "area_not_in_edition" in {reason.code for reason in second.reasons}
    assert kept.store.latest(TABLE) == first


def test_what_was_accepted_for_a_reason_is_not_held_back_again_for_it(kept: Kept) -> None:
    kept.load(Service())
    second = kept.store.accept(kept.load(with_stray_rows("2026-06-10T02:00:00"), on=LATER), because="Klopt.")
    assert kept.load(with_stray_rows("2026-09-10T02:00:00"), on=date(2026, 9, 15)) == second


def test_same_cells_that_the_source_calls_older_are_the_same_vintage(kept: Kept) -> None:
    first = kept.load(Service())
    assert kept.load(changed(Service(), modified="2026-03-01T02:00:00"), on=LATER) == first


def test_what_a_killed_process_left_is_swept_or_put_back(kept: Kept) -> None:
    first = kept.load(Service())
    folder = kept.folder / "registers" / TABLE
    (folder / ".making-killed").mkdir()
    (folder / ".making-killed" / "rows-00000").write_bytes(b"half")
    (folder / "00001").rename(folder / ".aside-00001")
    assert kept.load(revised(Service(), GM9001=85), on=LATER).number == 2
    assert kept.store.vintage(TABLE, 1) == first
    assert {path.name for path in folder.iterdir()} == {".lock", "00001", "00002"}
    shutil.copytree(folder / "00001", folder / ".aside-00001")
    kept.store.rebuild(TABLE, 1)
    assert not (folder / ".aside-00001").exists()


def test_manifest_is_read_again_when_another_takes_its_place_in_the_same_moment(kept: Kept) -> None:
    first = kept.load(Service())
    manifest = kept.folder / "registers" / TABLE / "00001" / "_manifest.json"
    before = manifest.stat()
    assert kept.store.vintage(TABLE, 1) == first
    other = manifest.with_name("other")
    other.write_text(manifest.read_text().replace(first.title, first.title[::-1]))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(manifest)
    assert kept.store.vintage(TABLE, 1).title == first.title[::-1]


def test_figure_is_read_as_it_was_known_on_a_day(kept: Kept) -> None:
    first = kept.load(Service())
    second = kept.load(revised(Service(), GM9001=85), on=LATER)
    assert [vintage.number for vintage in kept.store.vintages(TABLE)] == [2, 1]
    was, now = figure(kept, known_on=TODAY), figure(kept)
    assert (was.vintage, now.vintage, now.amount) == (first.number, second.number, 85.0)
    assert was.amount != now.amount
    assert kept.store.latest(TABLE, known_on=date(2026, 1, 1)) is None
    assert kept.store.cells(TABLE, areas=["GM9001"], measure="registered", known_on=date(2026, 1, 1)) == ()


def test_scan_keeps_to_a_limit_on_memory_and_to_the_order_of_the_cells(kept: Kept) -> None:
    kept.load(Service())
    cells = kept.store.scan(TABLE).to_native()
    asked = cells.query("cells", "SELECT current_setting('memory_limit'), current_setting('preserve_insertion_order')")
    assert asked is not None
    limit, ordered = asked.fetchall()[0]
    assert (limit, ordered) == ("1.8 GiB", True)  # 2,000 MB


def test_part_of_a_table_lies_over_the_whole_and_hides_nothing_else(kept: Kept) -> None:
    kept.load(Service())
    kept.load(revised(Service(), GM9001=85, GM9002=199), on=LATER, wanted=Slice(areas=("GM9001",)))
    assert (figure(kept).amount, figure(kept).vintage) == (85.0, 2)
    assert figure(kept, "GM9002").vintage == 1
    frame = kept.store.frame(TABLE).collect()
    assert frame.height == frame.select("area", "kind", "period", "measure").unique().height
    scanned = kept.store.scan(TABLE).collect("polars").to_native()
    columns = ["area", "kind", "period", "measure", "amount", "missing", "vintage"]
    assert (
        scanned.select(columns)
        .sort(columns[:4])
        .equals(frame.select(columns).sort(columns[:4]).cast(dict(scanned.select(columns).schema)))
    )


def test_files_are_plain_sorted_and_unique_cells_as_published(kept: Kept) -> None:
    vintage = kept.load(Service())
    paths = kept.store.paths(vintage)
    assert {path.parent.name for path in paths} == {
        "level=country", "level=municipality", "level=wijk", "level=buurt", "level=unplaced",
    }  # fmt: skip
    for path in paths:
        assert pq.read_schema(path).equals(SCHEMA)
        rows = pq.read_table(path, partitioning=None).select(["area", "kind", "period", "measure"]).to_pylist()
        keys = [tuple(row.values()) for row in rows]
        assert keys == sorted(set(keys))
        metadata = pq.ParquetFile(path).metadata
        assert "RLE_DICTIONARY" in str(metadata.row_group(0).column(0).encodings)
    assert sum(pq.read_metadata(path).num_rows for path in paths) == vintage.rows


def test_level_is_the_same_with_and_without_reading_the_names_of_folders(kept: Kept) -> None:
    vintage = kept.load(Service())
    folder = kept.store.paths(vintage)[0].parent.parent
    ask = "SELECT level, count(*) FROM read_parquet('{}/*/*.parquet', hive_partitioning = {}) GROUP BY 1 ORDER BY 1"
    plain, hive = (duckdb.connect().execute(ask.format(folder, word)).fetchall() for word in ("false", "true"))
    assert plain == hive
    frames = [
        pl.scan_parquet(folder / "*/*.parquet", hive_partitioning=word).group_by("level").len().sort("level").collect()
        for word in (False, True)
    ]
    assert frames[0].equals(frames[1])


def test_vintage_is_made_again_from_its_capture_with_the_same_cells(kept: Kept) -> None:
    vintage = kept.load(Service())
    shutil.rmtree(kept.store.paths(vintage)[0].parent)
    with pytest.raises(DamagedVintage):
        kept.store.verify(vintage)
    again = kept.store.rebuild(TABLE, vintage.number)
    kept.store.verify(again)
    assert again == vintage


def test_changed_byte_in_a_file_is_found(kept: Kept) -> None:
    vintage = kept.load(Service())
    path = kept.store.paths(vintage)[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedVintage):
        kept.store.verify(vintage)


def test_manifest_that_is_no_manifest_is_named(kept: Kept) -> None:
    vintage = kept.load(Service())
    manifest = kept.store.paths(vintage)[0].parent.parent / "_manifest.json"
    found = json.loads(manifest.read_text())
    assert (found["layout"], found["content"], found["slice"]["areas"]) == (1, vintage.content, [])
    manifest.write_text("{}")
    with pytest.raises(DamagedVintage):
        kept.store.vintages(TABLE)


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"{}")], ids=["gone", "changed"])
def test_capture_of_which_a_page_is_harmed_has_a_code(kept: Kept, harm: Callable[[Path], object]) -> None:
    captures = [Service().capture(kept.snapshots, kept.folder / "journal"), kept.file(TABLE, "x.csv", b"a;b\n1;2\n")]
    for capture in captures:
        page = capture.of_role("page", "file")[-1]
        [path] = kept.folder.glob(f"snapshots/{page.sha256[:2]}/{page.sha256[2:]}.bytes*")
        harm(path)
        with pytest.raises(CaptureUnreadable) as refused:
            kept.store.load(capture, on=TODAY)
        assert refused.value.reason.code == "capture_damaged"
    assert kept.store.vintages(TABLE) == ()


def test_load_that_breaks_off_leaves_nothing_that_counts(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.load(Service())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("koersvast.registers.store.write_cells", full)
        with pytest.raises(OSError, match="No space"):
            kept.load(revised(Service(), GM9001=85), on=LATER)
    assert [vintage.number for vintage in kept.store.vintages(TABLE)] == [1]
    assert not list((kept.folder / "registers" / TABLE).glob(".making*"))
    assert kept.load(revised(Service(), GM9001=85), on=LATER).number == 2


LOADER = """
import sys
from datetime import date
from pathlib import Path
from koersvast.connectors.captures import load_capture
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.registers.store import RegisterStore
folder = Path(sys.argv[1])
snapshots = SnapshotStore(folder / "snapshots")
RegisterStore(folder / "registers", snapshots).load(load_capture(snapshots, sys.argv[2]), on=date(2026, 3, 15))
"""


def test_processes_that_load_at_once_wait_for_each_other(kept: Kept) -> None:
    snapshots = [revised(Service(), GM9001=value) for value in (84, 85)]
    captures = [one.capture(kept.snapshots, kept.folder / f"{n}.jsonl") for n, one in enumerate(snapshots)]
    command = [sys.executable, "-c", LOADER, str(kept.folder), captures[0].sha256]
    with subprocess.Popen(command) as other:
        kept.store.load(captures[1], on=TODAY)
        assert other.wait() == 0
    assert [vintage.number for vintage in kept.store.vintages(TABLE)] == [2, 1]
    for vintage in kept.store.vintages(TABLE):
        kept.store.verify(vintage)


def test_table_larger_than_memory_allows_is_spooled_in_blocks(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = kept.load(Service())
    monkeypatch.setattr("koersvast.registers.grid.PLACES_A_BLOCK", 100)
    monkeypatch.setattr("koersvast.registers.spool.ROWS_IN_MEMORY", 50)
    monkeypatch.setattr("koersvast.registers.writing.ROWS_A_GROUP", 30)
    other = Kept(kept.folder / "small")
    pieces = other.load(Service())
    assert len(pieces.files) > len(whole.files)
    left, right = (one.store.frame(TABLE).sort("level", "area", "kind", "period").collect() for one in (kept, other))
    assert left.equals(right)
    assert (
        other.store.outline(pieces)
        .cells.sort("level", "kind", "period")
        .equals(kept.store.outline(whole).cells.sort("level", "kind", "period"))
    )


def test_unknown_table_is_refused_and_two_tables_are_not_compared(kept: Kept) -> None:
    first = kept.load(Service())
    with pytest.raises(CaptureUnreadable):
        kept.load_file("99999NED", "x.csv", "a;b\n1;2\n")
    with pytest.raises(NotSameTable):
        kept.store.revisions("47022NED", earlier=first, later=first)


def test_grid_that_no_table_can_have_is_refused() -> None:
    many = [f"GM{number:04d}" for number in range(9_999)]
    with pytest.raises(ValueError, match="0"):
        Grid.of(areas=many, kinds=map(str, range(1_000)), periods=map(str, range(1_000)), measures=["a"])


def cell(kind: str, amount: float | None, missing: Missing | None = None, **more: Certainty) -> Cell:
    return Cell(
        area="GM9001", kind=kind, period="2024", measure="registered", amount=amount, missing=missing,
        certainty=more.get("certainty", Certainty.FINAL), low=None, high=None, vintage=1,
    )  # fmt: skip


def test_declared_sum_adds_its_parts_and_is_missing_when_one_is() -> None:
    violence = TABLES[TABLE].sum_of["violence"]
    parts = [cell(kind, float(number)) for number, kind in enumerate(violence.parts)]
    [whole] = add_up([*parts, cell("1.1.1", 99.0)], violence)
    assert (whole.cell.amount, whole.cell.kind, whole.parts_missing) == (15.0, "violence", {})
    [gap] = add_up(parts[1:], violence)
    assert (gap.cell.amount, gap.cell.missing, gap.parts_missing) == (None, Missing.NOT_KNOWN, {"1.4.2": None})
    [hidden] = add_up([*parts[1:], cell("1.4.2", None, Missing.WITHHELD)], violence)
    assert (hidden.cell.missing, hidden.parts_missing) == (Missing.WITHHELD, {"1.4.2": Missing.WITHHELD})


def test_declared_difference_takes_off_and_takes_over_the_least_certain() -> None:
    declared = TABLES[TABLE].sum_of["without_road_accidents"]
    [found] = add_up([cell("0.0.0", 100.0), cell("1.3.1", 8.0, certainty=Certainty.PROVISIONAL)], declared)
    assert (found.cell.amount, found.cell.certainty) == (92.0, Certainty.PROVISIONAL)


def test_outline_of_a_vintage_adds_up_what_is_on_disk(kept: Kept) -> None:
    vintage = kept.load(Service())
    outline = kept.store.outline(vintage)
    made = smooth(years())
    total = outline.cells.filter(level="municipality", kind="1.1.1", period="2020")["total"].item()
    assert total == sum(cast(int, made["1.1.1", area, "2020JJ00"]) for area in ("GM9001", "GM9002", "GM9003"))
    assert outline.areas.filter(area="GM9001", year=2020)["total"].item() == made["0.0.0", "GM9001", "2020JJ00"]
