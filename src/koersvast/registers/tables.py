"""What is known of each national table: where it is, which columns, what is withheld, where a series breaks.

One TOML file a table in `data/tables`, and what several tables share in `data/shared`. Everything that a person could
dispute has a source beside it. *Not* for the figures themselves: those are captured, read and kept as vintages.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from koersvast.connectors.statline import Protocol, TableAddress
from koersvast.engine.quantities import Break, Missing, Unit
from koersvast.registers.codes import Level, length_of, year_of

DATA = Path(__file__).parent / "data"

type Editions = Literal["newest", "of_period", "table"]


@dataclass(frozen=True, kw_only=True)
class TableMeasure:
    """A column of figures: our code, the titles and bare keys that it goes by, and the unit.

    `when` says what a stock is counted on ("1 January", "average of the year"); empty for events.
    """

    code: str
    titles: tuple[str, ...]
    unit: Unit
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class MissingRule:
    """Cells that are absent or zero for a known reason, and are therefore no zero.

    Empty `levels` or `lengths` (year, quarter, month) means all; `before` limits the rule to earlier years.
    """

    missing: Missing
    kinds: frozenset[str]
    levels: frozenset[Level]
    lengths: frozenset[str]
    before: int | None
    note_nl: str
    note_en: str
    source: str

    def holds(self, *, level: Level, kind: str, period: str) -> bool:
        """Whether a cell of this level, kind and period falls under the rule."""
        return (
            kind in self.kinds
            and (not self.levels or level in self.levels)
            and (not self.lengths or length_of(period) in self.lengths)
            and (self.before is None or year_of(period) < self.before)
        )


@dataclass(frozen=True, kw_only=True)
class TableBreak:
    """From `on` figures mean something else; empty `kinds` is all. `percent` is the rise that the holder reported.

    The percentages are of one year and for the whole country: they tell how large the break is, and are no factor to
    convert an area's figures with.
    """

    on: date
    kinds: tuple[str, ...]
    kind: str
    percent: Mapping[str, float]
    note_nl: str
    note_en: str
    source: str

    def touches(self, kinds: Iterable[str]) -> bool:
        """Whether the break concerns any of these kinds."""
        return not self.kinds or not set(self.kinds).isdisjoint(kinds)

    def as_engine_break(self) -> Break:
        """The break as calculations take it, without a factor."""
        return Break(on=self.on, kind=self.kind, note=self.note_en)


@dataclass(frozen=True, kw_only=True)
class Caution:
    """What a figure does not say."""

    code: str
    kinds: tuple[str, ...]
    text_nl: str
    text_en: str
    source: str


@dataclass(frozen=True, kw_only=True)
class DeclaredSum:
    """A kind that we add up ourselves, such as Geweldsdelicten from six kinds of the police; `minus` is taken off."""

    code: str
    title_nl: str
    title_en: str
    parts: tuple[str, ...]
    minus: tuple[str, ...]
    note_nl: str
    note_en: str
    source: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds that the sum needs."""
        return self.parts + self.minus


@dataclass(frozen=True, kw_only=True)
class FileLayout:
    """How a file delivered by hand is laid out: the columns that may hold each thing, by name without regard to case.

    A name may hold `{year}` or `{first}` and `{last}`: then the column's own name says the period. `area` is a fixed
    area for a file that has no such column, `period` a fixed period. `signature` columns must all be there for the
    layout to apply. `ignored` columns are known and left alone; any other column refuses the file.
    """

    name: str
    signature: tuple[str, ...]
    area_columns: tuple[str, ...]
    area_name_columns: tuple[str, ...]
    kind_columns: tuple[str, ...]
    period_columns: tuple[str, ...]
    status_columns: tuple[str, ...]
    margin_columns: tuple[str, ...]
    measures: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...]
    area: str
    period: str


@dataclass(frozen=True, kw_only=True)
class RegisterTable:
    """One table of the police, CBS or Rijkswaterstaat.

    `editions`: "newest" when all years stand on the newest borders, "of_period" when every year has its own, "table"
    when the table is of one year. `total_titles` are dimensions (sex, age) of which only the member for everybody is
    asked and read. `zeros` says whether an absent row may be nought at all; the metadata of the capture must say so
    too. `latest_provisional_years` counts where the source gives no status.
    """

    code: str
    title_nl: str
    title_en: str
    holder: str
    licence: str
    licence_source: str
    host: str
    path: str
    protocol: str
    subject: str
    frequency: tuple[str, ...]
    levels: tuple[Level, ...]
    editions: Editions
    year: int | None
    zeros: bool
    latest_provisional_years: int
    total_kind: str
    total_is_complete: bool
    parts_are_exact: bool
    area_titles: tuple[str, ...]
    kind_titles: tuple[str, ...]
    time_titles: tuple[str, ...]
    margin_titles: tuple[str, ...]
    total_titles: tuple[str, ...]
    measures: tuple[TableMeasure, ...]
    other_measures_by_key: bool
    kinds: Mapping[str, str]
    rules: tuple[MissingRule, ...]
    breaks: tuple[TableBreak, ...]
    cautions: tuple[Caution, ...]
    sums: tuple[DeclaredSum, ...]
    layouts: tuple[FileLayout, ...]
    notes: str

    @property
    def address(self) -> TableAddress | None:
        """Where the table is asked for; None for a table that only comes as a file."""
        if not self.host:
            return None
        return TableAddress(host=self.host, table=self.code, protocol=Protocol(self.protocol), path=self.path)

    @cached_property
    def measure_of(self) -> Mapping[str, TableMeasure]:
        """The measures by code."""
        return MappingProxyType({measure.code: measure for measure in self.measures})

    @cached_property
    def sum_of(self) -> Mapping[str, DeclaredSum]:
        """The declared sums by code."""
        return MappingProxyType({declared.code: declared for declared in self.sums})

    def parts_of(self, kind: str) -> tuple[str, ...]:
        """The kinds that a kind consists of: itself, or all that a declared sum needs."""
        return self.sum_of[kind].kinds if kind in self.sum_of else (kind,)

    def rule_for(self, *, level: Level, kind: str, period: str) -> MissingRule | None:
        """The rule that explains why a cell is no zero, if there is one."""
        return next((rule for rule in self.rules if rule.holds(level=level, kind=kind, period=period)), None)

    def breaks_for(self, kind: str) -> tuple[TableBreak, ...]:
        """The breaks of a kind, or of any part of a declared sum; a kind's total counts its own breaks only."""
        return tuple(found for found in self.breaks if found.touches(self.parts_of(kind)))

    def cautions_for(self, kind: str) -> tuple[Caution, ...]:
        """What the figures of a kind do not say."""
        parts = set(self.parts_of(kind))
        return tuple(found for found in self.cautions if not found.kinds or not parts.isdisjoint(found.kinds))


def read_table(data: str, *, shared: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> RegisterTable:
    """Read one table from TOML; `shared` holds what it may name under `shares`. Raises KeyError or ValueError."""
    found = tomllib.loads(data)
    parts = [*(shared[name] for name in found.get("shares", ())), found]
    columns = found.get("columns", {})
    return RegisterTable(
        code=found["code"],
        title_nl=found["title_nl"],
        title_en=found["title_en"],
        holder=found["holder"],
        licence=found["licence"],
        licence_source=found["licence_source"],
        host=found.get("host", ""),
        path=found.get("path", ""),
        protocol=found.get("protocol", ""),
        subject=found["subject"],
        frequency=tuple(found["frequency"]),
        levels=tuple(Level(level) for level in found["levels"]),
        editions=found["editions"],
        year=found.get("year"),
        zeros=found["zeros"],
        latest_provisional_years=found.get("latest_provisional_years", 0),
        total_kind=found.get("total_kind", ""),
        total_is_complete=found.get("total_is_complete", False),
        parts_are_exact=found.get("parts_are_exact", False),
        area_titles=tuple(columns.get("area", ())),
        kind_titles=tuple(columns.get("kind", ())),
        time_titles=tuple(columns.get("time", ())),
        margin_titles=tuple(columns.get("margin", ())),
        total_titles=tuple(columns.get("totals", ())),
        measures=tuple(_measure(one) for one in found["measures"]),
        other_measures_by_key=found.get("other_measures_by_key", False),
        kinds=MappingProxyType({key: title for part in parts for key, title in part.get("kinds", {}).items()}),
        rules=tuple(_rule(one) for part in parts for one in part.get("missing", ())),
        breaks=tuple(sorted((_break(one) for part in parts for one in part.get("breaks", ())), key=_day)),
        cautions=tuple(_caution(one) for part in parts for one in part.get("cautions", ())),
        sums=tuple(_sum(one) for part in parts for one in part.get("sums", ())),
        layouts=tuple(_layout(one) for part in reversed(parts) for one in part.get("files", ())),
        notes=found.get("notes", "").strip(),
    )


def _day(found: TableBreak) -> date:
    return found.on


def _measure(found: Mapping[str, Any]) -> TableMeasure:
    return TableMeasure(
        code=found["code"],
        titles=tuple(found["titles"]),
        unit=Unit(found["unit"]),
        when=found.get("when", ""),
    )


def _rule(found: Mapping[str, Any]) -> MissingRule:
    return MissingRule(
        missing=Missing(found["missing"]),
        kinds=frozenset(found["kinds"]),
        levels=frozenset(Level(level) for level in found.get("levels", ())),
        lengths=frozenset(found.get("lengths", ())),
        before=found.get("before"),
        note_nl=found["note_nl"],
        note_en=found["note_en"],
        source=found["source"],
    )


def _break(found: Mapping[str, Any]) -> TableBreak:
    return TableBreak(
        on=found["on"],
        kinds=tuple(found.get("kinds", ())),
        kind=found["kind"],
        percent=MappingProxyType(dict(found.get("percent", {}))),
        note_nl=found["note_nl"],
        note_en=found["note_en"],
        source=found["source"],
    )


def _caution(found: Mapping[str, Any]) -> Caution:
    return Caution(
        code=found["code"],
        kinds=tuple(found.get("kinds", ())),
        text_nl=found["text_nl"],
        text_en=found["text_en"],
        source=found["source"],
    )


def _sum(found: Mapping[str, Any]) -> DeclaredSum:
    return DeclaredSum(
        code=found["code"],
        title_nl=found["title_nl"],
        title_en=found["title_en"],
        parts=tuple(found["parts"]),
        minus=tuple(found.get("minus", ())),
        note_nl=found["note_nl"],
        note_en=found["note_en"],
        source=found["source"],
    )


def _layout(found: Mapping[str, Any]) -> FileLayout:
    def names(key: str) -> tuple[str, ...]:
        return tuple(found.get(key, ()))

    return FileLayout(
        name=found["name"],
        signature=names("signature"),
        area_columns=names("area"),
        area_name_columns=names("area_name"),
        kind_columns=names("kind"),
        period_columns=names("period"),
        status_columns=names("status"),
        margin_columns=names("margin"),
        measures=MappingProxyType({code: tuple(columns) for code, columns in found["measures"].items()}),
        ignored=names("ignored"),
        area=found.get("fixed_area", ""),
        period=found.get("fixed_period", ""),
    )


def load_tables(folder: Path = DATA) -> Mapping[str, RegisterTable]:
    """Read every table that this package knows, by code."""
    shared = {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((folder / "shared").glob("*.toml"))
    }
    found = [
        read_table(path.read_text(encoding="utf-8"), shared=shared)
        for path in sorted((folder / "tables").glob("*.toml"))
    ]
    return MappingProxyType({table.code: table for table in found})


TABLES: Mapping[str, RegisterTable] = load_tables()
"""Every table by its code, as read from `data/tables` when this module is first imported."""
