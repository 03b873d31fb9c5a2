"""The door for a notebook: national tables and their vintages in a folder of one's own, without a web server.

    from koersvast import registers
    home = registers.open("~/koersvast")
    home.series(table="47018NED", kind="1.1.1", area="GM0148").frame

Frames are Polars; `.to_pandas()` makes pandas of them, `.readings` the values that `koersvast.engine` calculates with.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import narwhals as nw
import polars as pl

from koersvast.connectors.captures import Progress, capture_files, capture_table
from koersvast.connectors.fetching import Fetcher
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.connectors.statline import Slice
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Certainty, Reading, Reason, Unit
from koersvast.engine.series import Series
from koersvast.registers.codes import is_span
from koersvast.registers.denominators import Denominator, denominator
from koersvast.registers.store import RegisterStore
from koersvast.registers.sums import add_up
from koersvast.registers.tables import TABLES, Caution, RegisterTable, TableBreak
from koersvast.registers.vintages import Cell, RevisionGroup, Vintage

SERIES = {
    "area": pl.String,
    "kind": pl.String,
    "period": pl.String,
    "measure": pl.String,
    "amount": pl.Float64,
    "missing": pl.String,
    "certainty": pl.String,
    "low": pl.Float64,
    "high": pl.Float64,
    "vintage": pl.Int64,
}
RATES = {
    "inhabitants": pl.Float64,
    "rate_per_1000": pl.Float64,
    "population_table": pl.String,
    "counted_on": pl.String,
    "remarks": pl.String,
}
# Remarks with which a rate may still be given: the rest say that there is none, or that nobody checked the borders.
_HARMLESS = frozenset({"year_used_for_month"})


class NoSuchTable(KeyError):
    """The catalogue has no table of this code; `registers.TABLES` has them all."""


@dataclass(frozen=True, kw_only=True)
class FoundSeries:
    """One kind in one area through time, as it was known on a day.

    `frame` has a row per cell: a number, or the reason why there is none. `breaks` and `cautions` belong beside every
    use of the figures. `parts_missing` says, for a declared sum, which kinds it lacks per period.
    """

    table: RegisterTable
    kind: str
    area: str
    measure: str
    cells: tuple[Cell, ...]
    vintages: tuple[Vintage, ...]
    parts_missing: Mapping[str, tuple[str, ...]]

    @property
    def frame(self) -> pl.DataFrame:
        """The cells as a Polars frame (columns of SERIES)."""
        return _frame(self.cells)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The numbers as the engine takes them; a missing cell, or a total over several years, is no reading."""
        unit = self.table.measure_of[self.measure].unit if self.measure in self.table.measure_of else Unit.COUNT
        return tuple(
            Reading(
                period=Period.parse(cell.period),
                value=cell.amount,
                unit=unit,
                provisional=cell.certainty is Certainty.PROVISIONAL,
                series=f"{self.table.code} {self.kind}".strip(),
            )
            for cell in self.cells
            if cell.amount is not None and not is_span(cell.period)
        )

    @property
    def series(self) -> Series:
        """The readings with the breaks of this kind, for trends and comparisons."""
        breaks = tuple(found.as_engine_break() for found in self.breaks)
        return Series(readings=self.readings, breaks=breaks, name=f"{self.table.code} {self.kind}".strip())

    @property
    def breaks(self) -> tuple[TableBreak, ...]:
        """Where the figures of this kind change meaning."""
        return self.table.breaks_for(self.kind)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What the figures of this kind do not say."""
        return self.table.cautions_for(self.kind)


@dataclass(frozen=True, kw_only=True)
class Home:
    """A folder with snapshots (the bytes as received) and registers (what was made of them)."""

    path: Path
    store: RegisterStore

    @property
    def snapshots(self) -> SnapshotStore:
        """Everything that was fetched or delivered, by its SHA-256."""
        return self.store.snapshots

    def tables(self) -> pl.DataFrame:
        """Every table that can be asked for, with how many vintages are held here and the day of the newest."""
        lines = [
            {
                "table": table.code,
                "title": table.title_nl,
                "holder": table.holder,
                "licence": table.licence,
                "vintages": len(held := self.store.vintages(table.code)),
                "as_of": held[0].as_of if held else None,
            }
            for table in self.store.tables.values()
        ]
        return pl.DataFrame(lines, schema_overrides={"as_of": pl.Date})

    def table(self, code: str) -> RegisterTable:
        """What is known of one table: measures, kinds, breaks, cautions. Raises NoSuchTable."""
        try:
            return self.store.tables[code]
        except KeyError:
            raise NoSuchTable(code) from None

    def vintages(self, table: str) -> pl.DataFrame:
        """The vintages of a table, newest first, with what plausibility said of each."""
        lines = [
            {
                "number": vintage.number,
                "as_of": vintage.as_of,
                "state": vintage.state,
                "rows": vintage.rows,
                "edition_year": vintage.edition_year,
                "reasons": [reason.code for reason in vintage.reasons],
                "capture": vintage.capture,
            }
            for vintage in self.store.vintages(table)
        ]
        schema: dict[str, pl.DataType] = {"as_of": pl.Date(), "edition_year": pl.Int64(), "reasons": pl.List(pl.String)}
        return pl.DataFrame(lines, schema_overrides=schema)

    def areas(self, table: str, *, level: str = "") -> pl.DataFrame:
        """Codes and names of the areas in the newest accepted vintages of a table: area, name, level."""
        names = [
            self.store.members(vintage).filter(pl.col("axis") == "area").select(area="code", name="title")
            for vintage in self.store.vintages(table)
            if vintage.is_usable
        ]
        levels = self.store.frame(table, levels=[level] if level else []).select("area", "level").unique().collect()
        if not names:
            return pl.DataFrame(schema={"area": pl.String, "name": pl.String, "level": pl.String})
        known = pl.concat(names).filter(pl.col("name") != "").unique("area", keep="first", maintain_order=True)
        return levels.join(known, on="area", how="left").select("area", "name", "level").sort("level", "area")

    def series(
        self, *, table: str, kind: str = "", area: str, measure: str = "", as_known_on: date | str | None = None
    ) -> FoundSeries:
        """One kind in one area through time. `kind` may be a declared sum such as "violence".

        `as_known_on` gives the figures as they were known on a day. Raises NoSuchTable; a series that is not held
        here has no cells.
        """
        known = self.table(table)
        measure = measure or known.measures[0].code
        cells = self.store.cells(
            table, areas=[area], kinds=known.parts_of(kind), measure=measure, known_on=as_date(as_known_on)
        )
        missing: dict[str, tuple[str, ...]] = {}
        if kind in known.sum_of:
            summed = add_up(cells, known.sum_of[kind])
            cells = tuple(one.cell for one in summed)
            missing = {one.cell.period: tuple(one.parts_missing) for one in summed if one.parts_missing}
        numbers = sorted({cell.vintage for cell in cells}, reverse=True)
        return FoundSeries(
            table=known,
            kind=kind,
            area=area,
            measure=measure,
            cells=cells,
            vintages=tuple(self.store.vintage(table, number) for number in numbers),
            parts_missing=missing,
        )

    def cells(
        self,
        *,
        table: str,
        areas: Sequence[str],
        kinds: Sequence[str] = (),
        measure: str = "",
        periods: Iterable[str] | None = None,
        as_known_on: date | str | None = None,
    ) -> pl.DataFrame:
        """Cells of several areas and kinds, columns of SERIES."""
        measure = measure or self.table(table).measures[0].code
        return _frame(
            self.store.cells(
                table, areas=areas, kinds=kinds, measure=measure, periods=periods, known_on=as_date(as_known_on)
            )
        )

    def rates(
        self,
        *,
        table: str,
        kind: str,
        areas: Sequence[str],
        same_borders: Collection[str] = (),
        as_known_on: date | str | None = None,
    ) -> pl.DataFrame:
        """Counts with their inhabitants and the rate per 1,000 of them in the period: SERIES and RATES.

        A count on the borders of one year over the inhabitants on those of another gives no rate, unless the area is
        in `same_borders`: you say that its borders did not change in between. `remarks` says why a rate is missing.
        """
        lines = [
            line
            for area in areas
            for line in self._rates(table, kind, area, area in same_borders, as_date(as_known_on))
        ]
        return pl.DataFrame(lines, schema={**SERIES, **RATES}, orient="row")

    def denominator(
        self, area: str, period: str, *, table: str = "", as_known_on: date | str | None = None
    ) -> Denominator:
        """Inhabitants of an area in the year of a period, with the table, the day of the count and the borders."""
        return denominator(self.store, area, period, table=table, known_on=as_date(as_known_on))

    def scan(self, table: str, *, as_known_on: date | str | None = None) -> nw.LazyFrame[duckdb.DuckDBPyRelation]:
        """All cells of a table as a lazy frame on DuckDB; nothing is read before it is collected."""
        return self.store.scan(table, known_on=as_date(as_known_on))

    def revisions(self, table: str, *, earlier: int, later: int) -> tuple[RevisionGroup, ...]:
        """What changed between two vintages, per kind and year, largest change first."""
        return self.store.revision_groups(
            table, earlier=self.store.vintage(table, earlier), later=self.store.vintage(table, later)
        )

    def load_files(
        self,
        table: str,
        files: Iterable[Path | str],
        *,
        taken_from: str,
        received_on: date | str | None = None,
        licence: str = "",
        area_codes: Mapping[str, str] | None = None,
    ) -> Vintage:
        """Keep CSV files that you have, and load them as a vintage of a table.

        `taken_from` says where you had them from; `received_on` on which day (today); `area_codes` gives the code of
        areas that a file only names. Raises CaptureUnreadable, FileNotFoundError and NoSuchTable.
        """
        known = self.table(table)
        on = as_date(received_on) or datetime.now(UTC).date()
        capture = capture_files(
            [(Path(file).name, Path(file).expanduser().read_bytes()) for file in files],
            snapshots=self.snapshots,
            taken_from=taken_from,
            fetched_at=datetime(on.year, on.month, on.day, tzinfo=UTC),
            licence=licence or known.licence,
            holder=known.holder,
            title=known.title_nl,
            table=table,
        )
        return self.store.load(capture, on=on, area_codes=area_codes)

    def fetch(
        self,
        table: str,
        *,
        areas: Sequence[str] = (),
        kinds: Sequence[str] = (),
        years: Sequence[int] = (),
        progress: Callable[[Progress], None] | None = None,
        fetcher: Fetcher | None = None,
    ) -> Vintage:
        """Fetch a table, or the part of it that begins with `areas` and has these kinds and years, and load it.

        Goes on where it was broken off. Raises FetchProblem, CaptureUnreadable and NoSuchTable; what was held stays.
        """
        known = self.table(table)
        if known.address is None:
            raise NoSuchTable(f"{table} comes as a file only: use load_files")
        journals = self.path / "journals"
        journals.mkdir(parents=True, exist_ok=True)
        with fetcher or Fetcher() as asking:
            capture = capture_table(
                known.address,
                Slice(areas=tuple(areas), kinds=tuple(kinds), years=tuple(years), totals=known.total_titles),
                fetcher=asking,
                snapshots=self.snapshots,
                journal=journals / f"{table}.jsonl",
                licence=known.licence,
                holder=known.holder,
                progress=progress or (lambda _: None),
            )
        return self.store.load(capture, on=capture.finished_at.date())

    def _rates(
        self, table: str, kind: str, area: str, is_checked: bool, known_on: date | None
    ) -> Iterable[dict[str, object]]:
        found = self.series(table=table, kind=kind, area=area, as_known_on=known_on)
        editions = {vintage.number: vintage.edition_year for vintage in found.vintages}
        for cell, line in zip(found.cells, found.frame.iter_rows(named=True), strict=True):
            people = denominator(
                self.store, area, cell.period, events_edition_year=editions[cell.vintage], known_on=known_on
            )
            yield line | _rate(cell, people, is_checked=is_checked)


def _rate(cell: Cell, people: Denominator, *, is_checked: bool) -> dict[str, object]:
    remarks = [reason for reason in people.reasons if not (is_checked and reason.code == "borders_differ")]
    allowed = all(reason.code in _HARMLESS for reason in remarks)
    known = cell.amount is not None and people.inhabitants is not None and allowed
    return {
        "inhabitants": people.inhabitants,
        "rate_per_1000": 1000 * (cell.amount or 0.0) / (people.inhabitants or 1.0) if known else None,
        "population_table": people.table,
        "counted_on": people.when,
        "remarks": "; ".join(_told(reason) for reason in remarks),
    }


def _told(reason: Reason) -> str:
    return f"{reason.code} ({', '.join(f'{key} {value}' for key, value in reason.values.items())})"


def _frame(cells: Iterable[Cell]) -> pl.DataFrame:
    lines = [
        {name: getattr(cell, name) for name in SERIES}
        | {"missing": cell.missing.value if cell.missing else None, "certainty": cell.certainty.value}
        for cell in cells
    ]
    return pl.DataFrame(lines, schema=SERIES, orient="row")


def as_date(day: date | str | None) -> date | None:
    """Read a day: a date, or a text such as "2026-03-01". Raises ValueError."""
    return date.fromisoformat(day) if isinstance(day, str) else day


def open_home(path: Path | str, *, tables: Mapping[str, RegisterTable] = TABLES) -> Home:
    """Open a folder, or make it; the folder of an installation (KOERSVAST_HOME) may be opened as well."""
    folder = Path(path).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return Home(
        path=folder,
        store=RegisterStore(folder / "registers", SnapshotStore(folder / "snapshots"), tables),
    )


def fetch(table: str, *, home: Path | str, areas: Sequence[str] = (), years: Sequence[int] = ()) -> Vintage:
    """Fetch a table, or a part of it, into a folder: `open(home).fetch(table)`."""
    return open_home(home).fetch(table, areas=areas, years=years)
