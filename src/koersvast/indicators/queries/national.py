"""What the registers hold of many areas at once: one scan for a feed, kept in memory by the bytes that it came from.

A comparison asks the same column of the same vintage again and again: for another group, another year, a picture, a
download. The column is read once and kept under the hash of its capture, so it can never be stale: other figures have
another hash.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from types import MappingProxyType

import polars as pl
from django.conf import settings

from koersvast.connectors.captures import load_capture
from koersvast.connectors.problems import FetchProblem
from koersvast.connectors.snapshot import NoSuchSnapshot, SnapshotStore
from koersvast.engine.quantities import Certainty, Missing
from koersvast.registers.store import RegisterStore
from koersvast.registers.vintages import Vintage

MOST_KEPT = 24
# The one table of which a municipality may ask a part for itself: its people by sex and age, for a survey.
POPULATION_TABLE = "03759ned"
# An area that only a vintage of all municipalities speaks for.
_EVERY_MUNICIPALITY = "GM"
type Cell = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class TableNote:
    """Where figures come from: table, holder, licence, and which vintage of it.

    `edition_year` is that of the borders, where all years stand on one. `also` are numbers of earlier vintages that
    figures of other areas came from, where the newest one speaks for a part of the country only. `by_hand` says that a
    person of this installation delivered the figures as a file, or let them count after they were put apart.
    """

    table: str
    title: str
    holder: str
    licence: str
    vintage: int
    as_of: date
    edition_year: int | None
    capture: str
    also: tuple[int, ...] = ()
    by_hand: bool = False


@dataclass(frozen=True, kw_only=True)
class Column:
    """One measure of a table for all areas of some levels: amounts by (area, period), and why others are absent.

    `periods` are in order. Kinds that were asked together are added up; where one of them is absent, so is the sum.
    """

    note: TableNote
    measure: str
    amounts: Mapping[Cell, float]
    absent: Mapping[Cell, Missing]
    provisional: frozenset[Cell]
    periods: tuple[str, ...]
    year_codes: frozenset[str]
    areas: frozenset[str]

    @property
    def edition(self) -> int:
        """The year of the borders on which all years stand: as the table says, else that of its last period."""
        return self.note.edition_year or int(self.periods[-1][:4])

    def amount(self, area: str, period: str) -> float | None:
        """The amount, or None when it is absent: see `missing`."""
        return self.amounts.get((area, period))

    def missing(self, area: str, period: str) -> Missing | None:
        """Why there is no amount: as the table says, or not known when it has no such cell."""
        if (area, period) in self.amounts:
            return None
        return self.absent.get((area, period), Missing.NOT_KNOWN)

    def years(self, areas: Iterable[str]) -> tuple[str, ...]:
        """The yearly periods in which one of these areas has an amount."""
        wanted = tuple(areas)
        return tuple(
            code for code in self.periods if len(code) == 4 and any((one, code) in self.amounts for one in wanted)
        )

    def months(self, area: str) -> tuple[str, ...]:
        """The months of which the table has a row for an area, also those without an amount."""
        monthly = (code for code in self.periods if len(code) == 7 and "Q" not in code)
        return tuple(code for code in monthly if (area, code) in self.amounts or (area, code) in self.absent)


def register_store() -> RegisterStore:
    """The registers of this installation."""
    return RegisterStore(Path(settings.REGISTERS), SnapshotStore(Path(settings.SNAPSHOTS)))


def newest_of(table: str, store: RegisterStore | None = None) -> Vintage | None:
    """The newest vintage of a table; what one municipality asked of it for a survey does not pass for the whole."""
    held = store or register_store()
    return held.latest(table, area=_EVERY_MUNICIPALITY if table == POPULATION_TABLE else "")


def is_by_hand(vintage: Vintage, store: RegisterStore | None = None) -> bool:
    """Whether a person delivered these figures as a file, or let them count after they were put apart."""
    if vintage.accepted_because:
        return True
    try:
        capture = load_capture((store or register_store()).snapshots, vintage.capture)
    except (NoSuchSnapshot, FetchProblem):  # of what is gone nobody can say that it came from the source
        return True
    return capture.address is None


def column(
    table: str,
    *,
    measure: str,
    kinds: Sequence[str] = (),
    levels: Sequence[str] = ("municipality",),
    within: str = "",
    known_on: date | None = None,
    store: RegisterStore | None = None,
) -> Column | None:
    """Return a column of the vintage that counted on a day (None: the newest); None when there is no such vintage.

    `within` is a municipality when only its own wijken or buurten are wanted.
    """
    register = store or register_store()
    sheets = [
        one
        for one in register.vintages(table)
        if one.is_usable and (known_on is None or one.as_of <= known_on) and not _says_nothing_of(one, kinds)
    ]
    if not sheets:
        return None
    # The hashes of the bytes behind every vintage that may count, and which of them were taken to count.
    key = (tuple(one.capture for one in sheets), table, measure, tuple(kinds), tuple(levels), within)
    if known := _kept.get(key):
        return known
    cells = register.frame(table, known_on=known_on, levels=levels).filter(pl.col("measure") == measure)
    if kinds:
        cells = cells.filter(pl.col("kind").is_in(list(kinds)))
    if within:  # WK0148 and BU0148 lie within GM0148
        cells = cells.filter(pl.col("area").str.slice(2, 4) == within[2:6])
    return _kept.put(key, _read(cells, sheets, measure, kinds, register))


def _says_nothing_of(vintage: Vintage, kinds: Sequence[str]) -> bool:
    return bool(kinds and vintage.slice.kinds) and set(vintage.slice.kinds).isdisjoint(kinds)


def _read(
    cells: pl.LazyFrame, sheets: Sequence[Vintage], measure: str, kinds: Sequence[str], store: RegisterStore
) -> Column:
    found = cells.select("area", "period", "amount", "missing", "certainty", "vintage").collect()
    sums: dict[Cell, float] = {}
    absent: dict[Cell, Missing] = {}
    provisional: set[Cell] = set()
    parts: dict[Cell, int] = {}
    for area, period, amount, missing, certainty, _vintage in found.iter_rows():
        cell = (area, period)
        parts[cell] = parts.get(cell, 0) + 1
        if amount is None:
            absent[cell] = Missing(missing) if missing else Missing.NOT_KNOWN
        else:
            sums[cell] = sums.get(cell, 0.0) + amount
        if certainty == Certainty.PROVISIONAL.value:
            provisional.add(cell)
    for cell, number in parts.items():  # a sum of which a part has no row at all is no sum
        if number < len(kinds):
            absent.setdefault(cell, Missing.NOT_KNOWN)
    amounts = {cell: amount for cell, amount in sums.items() if cell not in absent}
    return Column(
        note=_note(sheets, found["vintage"].unique().to_list(), store),
        measure=measure,
        amounts=MappingProxyType(amounts),
        absent=MappingProxyType(absent),
        provisional=frozenset(provisional),
        periods=tuple(sorted({period for _area, period in parts})),
        year_codes=frozenset(period for _area, period in amounts if len(period) == 4),
        areas=frozenset(area for area, _period in parts),
    )


def _note(sheets: Sequence[Vintage], used: Sequence[int], store: RegisterStore) -> TableNote:
    """The newest vintage that figures came from, and the numbers of the others."""
    vintage = next((one for one in sheets if one.number in used), sheets[0])
    return TableNote(
        table=vintage.table,
        title=vintage.title,
        holder=vintage.holder,
        licence=vintage.licence,
        vintage=vintage.number,
        as_of=vintage.as_of,
        edition_year=vintage.edition_year,
        capture=vintage.capture,
        also=tuple(sorted(number for number in used if number != vintage.number)),
        by_hand=any(is_by_hand(one, store) for one in sheets if one.number in used),
    )


class _Kept:
    """The columns asked last. Safe between threads."""

    def __init__(self) -> None:
        self._lock, self._columns = Lock(), OrderedDict[tuple[object, ...], Column]()

    def get(self, key: tuple[object, ...]) -> Column | None:
        with self._lock:
            if key in self._columns:
                self._columns.move_to_end(key)
            return self._columns.get(key)

    def put(self, key: tuple[object, ...], column: Column) -> Column:
        with self._lock:
            self._columns[key] = column
            while len(self._columns) > MOST_KEPT:
                self._columns.popitem(last=False)
        return column


_kept = _Kept()
