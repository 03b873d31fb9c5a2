"""The register store: every vintage of every table, whole or not at all, and always to be made again from its capture.

`<directory>/<table>/<vintage>/` holds `_manifest.json`, the cells under `level=<level>/`, the outline and the names.
The last accepted vintage stays what is read until a better one is accepted. Two processes may load at once: they wait
for each other per table. Not for what a figure means (`tables`) nor for asking questions of many areas.
"""

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, reduce
from operator import or_
from pathlib import Path
from uuid import uuid4

import duckdb
import narwhals as nw
import polars as pl

from koersvast.connectors.captures import Capture, load_capture
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.connectors.whole_files import sync_folder, write_whole
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Certainty, Missing, Reason
from koersvast.registers.codes import level_of
from koersvast.registers.coverage import covered_by, outside_sql, quoted, within
from koersvast.registers.engines import Resources, connected
from koersvast.registers.files import open_files
from koersvast.registers.filling import Filler, Seen
from koersvast.registers.held_against import held_against
from koersvast.registers.plausibility import Evidence, held_against_itself, is_older, is_serious, reason
from koersvast.registers.profile import AREAS, OUTLINE, Outline, Outliner, Sums, outline_of
from koersvast.registers.reading import open_pages
from koersvast.registers.source import CaptureUnreadable, Source
from koersvast.registers.spool import Spool
from koersvast.registers.tables import TABLES, RegisterTable
from koersvast.registers.vintages import (
    Cell,
    Revision,
    RevisionGroup,
    State,
    Vintage,
    as_json,
    changed,
    compare,
    from_json,
    grouped,
)
from koersvast.registers.writing import CellFile, described, write_cells

MANIFEST = "_manifest.json"
_ASIDE = ".aside-"
_OF_THE_ORDER = frozenset({"older_than_held", "same_as_earlier_vintage"})
_COUNTED = ("duplicates", "conflicts", "zeros_filled", "withheld_with_number", "outside_margin")
OUTLINE_FILE, AREAS_FILE, MEMBERS_FILE = "_outline.parquet", "_areas.parquet", "_members.parquet"


class DamagedVintage(ValueError):
    """What is on disk is not what was written; `rebuild` makes it again from the capture."""


class NoBecause(ValueError):
    """A quarantined vintage is only accepted by somebody who says why."""


class NotSameTable(ValueError):
    """Two vintages of different tables are not compared."""


@dataclass(frozen=True)
class RegisterStore:
    """The vintages under one directory; `snapshots` holds the bytes that all of them were made from.

    `tables` is the catalogue; another one serves tests and tables of one's own.
    """

    directory: Path
    snapshots: SnapshotStore
    tables: Mapping[str, RegisterTable] = TABLES

    def load(self, capture: Capture, *, on: date, area_codes: Mapping[str, str] | None = None) -> Vintage:
        """Read a capture, judge it and keep it: accepted, or quarantined with reasons.

        `on` is the day that the source was read. `area_codes` (name to code) is for files that only name areas.
        The same capture again returns the vintage that it gave; so does another capture with the very same cells
        as the newest one for the same part of the table, unless there is more to hold against it: rows that were
        left out are not among the cells, nor are the sexes and ages that one of them asked for beside everybody.
        Raises CaptureUnreadable; then nothing is kept.
        """
        table = self._table(capture.table)
        with self._lock(table.code):
            held = self.vintages(table.code)
            if again := next((vintage for vintage in held if vintage.capture == capture.sha256), None):
                return again
            with self._making(table.code) as folder:
                made = self._make(capture, table, folder, on=on, number=_next(held), area_codes=area_codes or {})
                newest = next((vintage for vintage in held if vintage.slice == made.slice), None)
                if newest and self._is_same(made, capture, newest):
                    return newest
                self._put(folder, made)
            return made

    def accept(self, vintage: Vintage, *, because: str) -> Vintage:
        """Let a quarantined vintage count, for a reason that a person gives after reading why it was held."""
        if not because.strip():
            raise NoBecause(vintage.number)
        with self._lock(vintage.table):
            current = self.vintage(vintage.table, vintage.number)
            accepted = replace(current, state="accepted", accepted_because=because.strip())
            write_whole(self._folder(current) / MANIFEST, _manifest(accepted))
        return accepted

    def vintages(self, table: str) -> tuple[Vintage, ...]:
        """Every vintage of a table, newest first; empty when nothing was loaded."""
        folders = sorted((self.directory / table).glob("[0-9]*/"), reverse=True)
        return tuple(_read_manifest(folder) for folder in folders if (folder / MANIFEST).exists())

    def vintage(self, table: str, number: int) -> Vintage:
        """One vintage by its number; raises KeyError."""
        found = next((vintage for vintage in self.vintages(table) if vintage.number == number), None)
        if found is None:
            raise KeyError((table, number))
        return found

    def latest(
        self, table: str, *, known_on: date | None = None, state: State | None = "accepted", area: str = ""
    ) -> Vintage | None:
        """The newest vintage that was read on or before a day; `area` asks for one that speaks for that area."""
        return next(
            (
                vintage
                for vintage in self.vintages(table)
                if (state is None or vintage.state == state)
                and (known_on is None or vintage.as_of <= known_on)
                and (not area or vintage.covers(area=area))
            ),
            None,
        )

    def cells(
        self,
        table: str,
        *,
        areas: Sequence[str],
        kinds: Sequence[str] = (),
        measure: str,
        periods: Iterable[str | Period] | None = None,
        known_on: date | None = None,
    ) -> tuple[Cell, ...]:
        """The cells of some areas in order of area, kind and period, each from the newest vintage that speaks for it.

        No cell means that the source has no row and says nothing; a missing cell says why. Empty `kinds` is all.
        """
        wanted = None if periods is None else {str(period) for period in periods}
        frames = self._layers(table, known_on=known_on, levels={level_of(area).value for area in areas})
        found: list[Cell] = []
        for vintage, frame in frames:
            mine = frame.filter(pl.col("area").is_in(list(areas)), pl.col("measure") == measure)
            mine = mine.filter(pl.col("kind").is_in(list(kinds))) if kinds else mine
            mine = mine.filter(pl.col("period").is_in(sorted(wanted))) if wanted is not None else mine
            found += [_cell(row, vintage.number) for row in mine.collect().iter_rows(named=True)]
        return tuple(sorted(found, key=lambda cell: (cell.area, cell.kind, cell.period)))

    def frame(
        self, table: str, *, known_on: date | None = None, levels: Iterable[str] = (), vintage: Vintage | None = None
    ) -> pl.LazyFrame:
        """All cells as a lazy Polars frame with a column `vintage`; of one vintage when it is given."""
        wanted = set(levels)
        layers = (
            [(vintage, self._scan(vintage, wanted))]
            if vintage
            else self._layers(table, known_on=known_on, levels=wanted)
        )
        frames = [frame.with_columns(vintage=pl.lit(layer.number, dtype=pl.Int32)) for layer, frame in layers]
        return pl.concat(frames) if frames else _EMPTY.lazy().with_columns(vintage=pl.lit(0, dtype=pl.Int32))

    def scan(self, table: str, *, known_on: date | None = None) -> nw.LazyFrame[duckdb.DuckDBPyRelation]:
        """All cells as one lazy frame on the embedded engine, with a column `vintage`. Raises KeyError without any.

        The engine keeps to a limit on memory; what does not fit is set aside in the store's own folder.
        """
        layers = self._covering(table, known_on=known_on)
        if not layers:
            raise KeyError(table)
        parts = [
            f"SELECT *, {vintage.number} AS vintage FROM read_parquet("  # noqa: S608 -- numbers and paths of our own
            f"[{', '.join(quoted(str(path)) for path in self.paths(vintage))}], hive_partitioning = false)"
            f" WHERE {outside_sql(newer)}"
            for vintage, newer in layers
        ]
        connection = connected(Resources(), self.directory / f".scratch-{uuid4().hex}", keeps_order=True)
        return nw.from_native(connection.sql(" UNION ALL ".join(parts)))

    def paths(self, vintage: Vintage, *, levels: Iterable[str] = ()) -> tuple[Path, ...]:
        """The Parquet files of a vintage, in order; of some levels when they are given."""
        folders = {f"level={level}" for level in levels}
        return tuple(
            self._folder(vintage) / file.path
            for file in vintage.files
            if file.path.startswith("level=") and (not folders or file.path.split("/", 1)[0] in folders)
        )

    def outline(self, vintage: Vintage) -> Outline:
        """The totals of a vintage per level, kind, measure and period, and per area and year."""
        folder = self._folder(vintage)
        return Outline(cells=pl.read_parquet(folder / OUTLINE_FILE), areas=pl.read_parquet(folder / AREAS_FILE))

    def members(self, vintage: Vintage) -> pl.DataFrame:
        """The names that the source gave: axis (area, kind, period), code, title, parent, status."""
        return pl.read_parquet(self._folder(vintage) / MEMBERS_FILE)

    def revisions(
        self,
        table: str,
        *,
        earlier: Vintage,
        later: Vintage,
        areas: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> tuple[Revision, ...]:
        """What differs between two vintages, within what both speak for."""
        return changed(self._compared(table, earlier, later, areas, kinds))

    def revision_groups(
        self,
        table: str,
        *,
        earlier: Vintage,
        later: Vintage,
        areas: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> tuple[RevisionGroup, ...]:
        """The same, per level, kind and year, largest change of the sum first."""
        return grouped(self._compared(table, earlier, later, areas, kinds))

    def verify(self, vintage: Vintage) -> None:
        """Hold every file against the manifest; raises DamagedVintage."""
        for file in vintage.files:
            path = self._folder(vintage) / file.path
            if not path.exists() or described(path, self._folder(vintage), rows=file.rows) != file:
                raise DamagedVintage(f"{vintage.table} {vintage.number}: {file.path}")

    def rebuild(self, table: str, number: int) -> Vintage:
        """Make the files of a vintage again from its capture, and keep its number, day, state and reasons."""
        with self._lock(table):
            held = self.vintage(table, number)
            capture = load_capture(self.snapshots, held.capture)
            with self._making(table) as folder:
                made = self._make(
                    capture,
                    self._table(table),
                    folder,
                    on=held.as_of,
                    number=number,
                    area_codes=dict(held.area_codes),
                )
                if made.content != held.content:
                    raise DamagedVintage(f"{table} {number}: the capture now gives other cells")
                kept = replace(made, state=held.state, reasons=held.reasons, accepted_because=held.accepted_because)
                self._put(folder, kept, instead=True)
        return kept

    # How a vintage is made.

    def _make(
        self,
        capture: Capture,
        table: RegisterTable,
        folder: Path,
        *,
        on: date,
        number: int,
        area_codes: Mapping[str, str],
    ) -> Vintage:
        source = self._open(capture, table, area_codes)
        files, evidence = _written(source, table, folder)
        content = _content(files)
        made = Vintage(
            table=table.code,
            number=number,
            capture=capture.sha256,
            as_of=on,
            modified=capture.modified,
            edition_year=source.edition_year,
            rows=sum(file.rows for file in files),
            slice=source.slice,
            state="accepted",
            reasons=(),
            title=capture.title or table.title_nl,
            licence=capture.licence or table.licence,
            holder=capture.holder or table.holder,
            content=content,
            area_codes=tuple(sorted(area_codes.items())) if capture.address is None else (),
            files=(*files, *_side_files(source, evidence, folder)),
        )
        reasons = self._judged(made, table, source, evidence, folder)
        state: State = "quarantined" if any(is_serious(found) for found in reasons) else "accepted"
        return replace(made, reasons=reasons, state=state)

    def _is_same(self, made: Vintage, capture: Capture, held: Vintage) -> bool:
        """Whether a capture brings nothing beside what is held: the same cells, and the same parts around them."""
        if not held.is_usable or held.content != made.content or _is_worse(made, held):
            return False
        return load_capture(self.snapshots, held.capture).slice.totals == capture.slice.totals

    def _open(self, capture: Capture, table: RegisterTable, area_codes: Mapping[str, str]) -> Source:
        if capture.address is None:
            return open_files(capture, self.snapshots, table, area_codes=area_codes)
        return open_pages(capture, self.snapshots, table)

    def _judged(
        self, made: Vintage, table: RegisterTable, source: Source, evidence: Evidence, folder: Path
    ) -> tuple[Reason, ...]:
        reasons = [*source.remarks, *held_against_itself(evidence, table=table, on=made.as_of)]
        held = [vintage for vintage in self.vintages(made.table) if vintage.number < made.number and vintage.is_usable]
        same = [vintage for vintage in held if vintage.slice == made.slice]
        if again := next((vintage for vintage in same[1:] if vintage.content == made.content), None):
            reasons.append(reason("same_as_earlier_vintage", number=again.number))
        if same and is_older(made.modified, same[0].modified):
            reasons.append(reason("older_than_held", modified=str(made.modified), held=str(same[0].modified)))
        if pair := self._comparable(made, held, evidence, folder, table):
            now, past, same_edition = pair
            reasons += held_against(now, past, total_kind=table.total_kind, same_edition=same_edition)
        return tuple(found for at, found in enumerate(reasons) if found not in reasons[:at])

    def _comparable(
        self, made: Vintage, held: Sequence[Vintage], evidence: Evidence, folder: Path, table: RegisterTable
    ) -> tuple[Outline, Outline, bool] | None:
        """The outline of this delivery and of what was held, over what both speak for; None when nothing is shared."""
        if not held:
            return None
        if held[0].slice == made.slice:
            return evidence.outline, self.outline(held[0]), held[0].edition_year == made.edition_year
        past = pl.concat([frame for _, frame in self._layers(made.table, known_on=None, levels=set())])
        mine = pl.scan_parquet(folder / "level=*" / "*.parquet", hive_partitioning=False)
        covered = reduce(or_, (covered_by(vintage) for vintage in held))
        outlines = [
            outline_of(frame.filter(condition), total_kind=table.total_kind)
            for frame, condition in ((mine, covered), (past, covered_by(made)))
        ]
        if outlines[1].cells.is_empty():
            return None
        return outlines[0], outlines[1], all(vintage.edition_year == made.edition_year for vintage in held)

    def _put(self, folder: Path, vintage: Vintage, *, instead: bool = False) -> None:
        """Give a finished folder its name: from then on the vintage is there, whole."""
        write_whole(folder / MANIFEST, _manifest(vintage))
        target = self._folder(vintage)
        if instead and target.exists():
            aside = target.with_name(_ASIDE + target.name)
            target.rename(aside)
            folder.rename(target)
            shutil.rmtree(aside, ignore_errors=True)
        else:
            folder.rename(target)
        sync_folder(target.parent)

    @contextmanager
    def _making(self, table: str) -> Iterator[Path]:
        # The lock is ours, so what lies here half made is of a process that was killed: gigabytes, maybe.
        for left in (self.directory / table).glob(".making-*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(dir=self.directory / table, prefix=".making-"))
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _lock(self, table: str) -> Iterator[None]:
        folder = self.directory / self._table(table).code
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for aside in folder.glob(f"{_ASIDE}*"):
                _put_back(aside, folder / aside.name.removeprefix(_ASIDE))
            yield

    # How vintages are read.

    def _table(self, code: str) -> RegisterTable:
        if code not in self.tables:
            raise CaptureUnreadable("table_not_known", table=code)
        return self.tables[code]

    def _folder(self, vintage: Vintage) -> Path:
        return self.directory / vintage.table / f"{vintage.number:05d}"

    def _covering(self, table: str, *, known_on: date | None) -> list[tuple[Vintage, list[Vintage]]]:
        """The accepted vintages that count, newest first, each with the newer ones that go before it.

        Vintages of parts lie over each other like sheets: a cell is that of the newest sheet that covers it.
        """
        found: list[tuple[Vintage, list[Vintage]]] = []
        for vintage in self.vintages(table):
            if not vintage.is_usable or (known_on is not None and vintage.as_of > known_on):
                continue
            newer = [over for over, _ in found]
            if any(within(vintage.slice, over.slice) for over in newer):
                continue
            found.append((vintage, newer))
        return found

    def _layers(self, table: str, *, known_on: date | None, levels: set[str]) -> list[tuple[Vintage, pl.LazyFrame]]:
        return [
            (vintage, self._scan(vintage, levels).filter(*(~covered_by(over) for over in newer)))
            for vintage, newer in self._covering(table, known_on=known_on)
        ]

    def _scan(self, vintage: Vintage, levels: set[str]) -> pl.LazyFrame:
        paths = list(self.paths(vintage, levels=levels))
        return pl.scan_parquet(paths, hive_partitioning=False) if paths else _EMPTY.lazy()

    def _compared(
        self, table: str, earlier: Vintage, later: Vintage, areas: Sequence[str], kinds: Sequence[str]
    ) -> pl.LazyFrame:
        if {earlier.table, later.table} != {table}:
            raise NotSameTable(f"{earlier.table} and {later.table}")
        both = [
            frame.filter(covered_by(earlier), covered_by(later)).filter(
                *([pl.col("area").is_in(list(areas))] if areas else []),
                *([pl.col("kind").is_in(list(kinds))] if kinds else []),
            )
            for frame in (self._scan(earlier, set()), self._scan(later, set()))
        ]
        return compare(*both)


_EMPTY = pl.DataFrame(
    schema={
        **dict.fromkeys(("area", "level", "kind", "period", "measure"), pl.String),
        "amount": pl.Float64,
        "missing": pl.String,
        "certainty": pl.String,
        "low": pl.Float64,
        "high": pl.Float64,
    }
)


def _is_worse(made: Vintage, newest: Vintage) -> bool:
    """Whether there is more to hold against a delivery than against the vintage with the same cells.

    What a person accepted is not held back again for the same reason, on whatever day; and cells that are the same are
    none the worse for being older, or for having been there before.
    """
    known = [_without_day(found) for found in newest.reasons]
    serious = [found for found in made.reasons if is_serious(found) and found.code not in _OF_THE_ORDER]
    return any(_without_day(found) not in known for found in serious)


def _without_day(found: Reason) -> Reason:
    return Reason(code=found.code, values={name: value for name, value in found.values.items() if name != "on"})


def _put_back(aside: Path, target: Path) -> None:
    """A process that was killed while it put a vintage in the place of another may have left only the old one."""
    if target.exists():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.rename(target)


def _next(held: Sequence[Vintage]) -> int:
    return max((vintage.number for vintage in held), default=0) + 1


def _written(source: Source, table: RegisterTable, folder: Path) -> tuple[list[CellFile], Evidence]:
    """Read every page once, then write block after block; never more than a page and a block are in memory."""
    seen = Seen(source.grid)
    _, periods, measures = source.grid.shape
    outliner = Outliner(source.grid, total_kind=table.total_kind)
    sums = Sums(source.grid, total_kind=table.total_kind)
    files: list[CellFile] = []
    counts = dict.fromkeys(_COUNTED, 0)
    with tempfile.TemporaryDirectory(dir=folder) as spooled, Spool(source.grid, Path(spooled)) as spool:
        for rows in source.pages():
            seen.add(rows.area, rows.rest // measures // periods, rows.rest // measures % periods)
            spool.add(rows.area, rows.rest, rows.said)
        filler = Filler(
            source.grid, table, absent_is_zero=source.absent_is_zero, certainties=source.certainties, seen=seen
        )
        for block in source.grid.blocks:
            filled = filler.fill(block, spool.rows_of(block.number))
            outliner.add(filled)
            sums.add(filled)
            counts = {name: count + getattr(filled, name) for name, count in counts.items()}
            if written := write_cells(source.grid, filled, folder):
                files.append(written)
        received = spool.rows
    if not files:
        raise CaptureUnreadable("nothing_in_it", table=table.code)
    return files, Evidence(
        outline=outliner.outline(),
        received=received,
        left_out=source.left_out,
        listed_periods=source.grid.periods,
        listed_kinds=source.grid.kinds,
        whole_country=not source.slice.areas or "GM" in source.slice.areas,
        over_total=sums.over_total,
        over_total_example=sums.over_example,
        compared_with_total=sums.compared,
        over_municipality=tuple(sums.over_municipality()),
        **counts,
    )


def _side_files(source: Source, evidence: Evidence, folder: Path) -> list[CellFile]:
    frames = {
        OUTLINE_FILE: evidence.outline.cells.select(*OUTLINE),
        AREAS_FILE: evidence.outline.areas.select(*AREAS),
        MEMBERS_FILE: source.members,
    }
    for name, frame in frames.items():
        frame.write_parquet(folder / name, compression="zstd")
    return [described(folder / name, folder, rows=frame.height) for name, frame in frames.items()]


def _content(files: Sequence[CellFile]) -> str:
    """A digest of all cells: two captures with the same cells have the same."""
    lines = "\n".join(f"{file.path} {file.sha256}" for file in sorted(files, key=lambda file: file.path))
    return hashlib.sha256(lines.encode()).hexdigest()


def _cell(row: Mapping[str, object], number: int) -> Cell:
    values = dict(row)
    values.pop("level")
    missing, certainty = values.pop("missing"), values.pop("certainty")
    return Cell(
        **values,  # type: ignore[arg-type]  # the columns of a file of cells have these types
        missing=Missing(str(missing)) if missing is not None else None,
        certainty=Certainty(str(certainty)),
        vintage=number,
    )


def _manifest(vintage: Vintage) -> bytes:
    return json.dumps(as_json(vintage), ensure_ascii=False, indent=1).encode()


def _read_manifest(folder: Path) -> Vintage:
    path = folder / MANIFEST
    found = path.stat()
    return _parsed_manifest(path, found.st_mtime_ns, found.st_size, found.st_ino)


@lru_cache(maxsize=512)
def _parsed_manifest(path: Path, _changed_ns: int, _size_bytes: int, _file: int) -> Vintage:
    """A manifest is read once for as long as its file stays as it is: a page asks for the same vintages many times.

    The number of the file counts too: another one of the same size can be put in its place within one tick of a clock.
    """
    try:
        return from_json(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedVintage(f"The manifest in {path.parent.parent.name}/{path.parent.name} cannot be read.") from error
