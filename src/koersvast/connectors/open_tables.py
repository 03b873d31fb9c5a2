"""What an open table of Statistics Netherlands or the police is: its address, its columns, its members, its problems.

Pure values, shared by the readers of each protocol. `statline` is the door; nothing above imports this module itself.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from koersvast.connectors.amounts import MissingReason
from koersvast.connectors.problems import FetchProblem, Problem, problem

ATTRIBUTE = "__attribute"
# The part of a table that no place could be given to; counts stand there and belong to no municipality.
UNKNOWN_PLACES = frozenset({"GM0000", "WK000000", "BU00000000"})
# A value and the ends of its 95 per cent interval, in sample surveys.
_MARGINS = frozenset({"MW00000", "MOG0095", "MBG0095"})
# What stands in place of a number. The tables' own explanation: "." is unknown, unreliable or secret; "x" is secret;
# blank is what cannot occur; "-" has meant "nil" and "up to", so it is neither zero nor any other number.
_REASONS: Mapping[str, MissingReason] = MappingProxyType(
    {
        ".": MissingReason.WITHHELD,
        "x": MissingReason.WITHHELD,
        "confidential": MissingReason.WITHHELD,
        "secret": MissingReason.WITHHELD,
        "suppressed": MissingReason.WITHHELD,
        "unreliable": MissingReason.WITHHELD,
        "geheim": MissingReason.WITHHELD,
        "": MissingReason.NOT_MEASURED,
        "impossible": MissingReason.NOT_MEASURED,
        "notapplicable": MissingReason.NOT_MEASURED,
        "-": MissingReason.NOT_KNOWN,
        "..": MissingReason.NOT_KNOWN,
        "missing": MissingReason.NOT_KNOWN,
        "unknown": MissingReason.NOT_KNOWN,
        "none": MissingReason.NOT_KNOWN,
    }
)
# The texts that an untyped page may give instead of a number; any other text is refused.
TOKENS = frozenset({"", ".", "..", "-", "x", "X"})
# A page has at most 10,000 lines (OData 4: 100,000 of eight columns); the widest table has some 150 columns.
MOST_VALUES = 4_000_000
_STATUS: Mapping[str, Literal["final", "provisional"]] = MappingProxyType(
    {"definitief": "final", "voorlopig": "provisional", "nadervoorlopig": "provisional"}
)
_SUFFIX = re.compile(r"_\d+\Z")
_NOT_A_SIGN = re.compile(r"[\W_]+")
_PERIOD = re.compile(
    r"(?P<year>[12]\d{3})(?:(?P<whole>JJ00)|KW0(?P<quarter>[1-4])|MM(?P<month>0[1-9]|1[0-2]))", re.ASCII
)

type Role = Literal["time", "geo", "margin", "kind"]


class Protocol(StrEnum):
    """How a service speaks: OData 3 gives a column per measure, OData 4 a line per observation."""

    V3 = "v3"
    V4 = "v4"


class TableProblem(FetchProblem):
    """Something a table service sent, or was asked, that cannot be used; `problem` has the code and its values."""


class ColumnMissing(TableProblem):
    """No column, or more than one, answers to the titles asked for."""


def check_values(count: int, *, table: str) -> None:
    """Refuse an answer of more values than a page has. A value of two bytes on the wire takes a hundred in memory."""
    if count > MOST_VALUES:
        raise table_problem("too_many_values", table=table, limit=MOST_VALUES)


def table_problem(name: str, **values: str | int | float) -> TableProblem:
    """Make the refusal of an answer by the name of its outcome."""
    return TableProblem(problem(name, line=None, column=None, value="", **values))


@dataclass(frozen=True, kw_only=True)
class TableAddress:
    """Where a table lives: `https://<host><path>`; the path ends in the table's own name, without a slash."""

    host: str
    table: str
    protocol: Protocol = Protocol.V3
    path: str

    @property
    def root(self) -> str:
        return f"https://{self.host}{self.path}"


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The part of a table that is wanted; an empty field means all of it.

    `areas` are beginnings of codes ("GM", "WK0148"), `kinds` bare keys ("1.1.1"), `years` calendar years. `totals`
    names dimensions (by title or key: sex, age) of which only the member that stands for everybody is wanted.
    """

    areas: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    totals: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A column that says what a figure is about."""

    key: str
    title: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class Member:
    """One value of a dimension. `raw_key` is as the service pads it; `parent` is the group or municipality it is in.

    `status` is "final", "provisional" or "" where the service says nothing.
    """

    key: str
    raw_key: str
    title: str
    status: Literal["final", "provisional", ""] = ""
    parent: str = ""

    @property
    def is_unknown_place(self) -> bool:
        """Whether this stands for events that no place could be given to (GM0000 and its like)."""
        return self.key in UNKNOWN_PLACES


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A column of figures. `group` is the path of headings above it, joined by " / ".

    `absent_is_zero`: the service leaves out lines whose value is zero (its `Default` is "Zero").
    """

    key: str
    title: str
    unit: str = ""
    decimals: int = 0
    absent_is_zero: bool = False
    group: str = ""

    @property
    def full_title(self) -> str:
        return f"{self.group} / {self.title}" if self.group else self.title


@dataclass(frozen=True, kw_only=True)
class TableDescription:
    """What a table says of itself, and the columns and members that its pages are read by."""

    table: str
    title: str
    protocol: Protocol
    modified: datetime | None
    period_text: str
    explanation: str
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    members: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)

    def dimension(self, *titles: str) -> Dimension:
        """Return the dimension with one of these titles, keys or roles; raises ColumnMissing."""
        found = [d for d in self.dimensions if d.role in titles]
        return found[0] if len(found) == 1 else self._find(self.dimensions, titles, _dimension_names, lambda d: d.title)

    def measure(self, *titles: str) -> Measure:
        """Return the measure with one of these titles ("Slachtoffers", "Inbraak / Slachtoffers"); raises ColumnMissing.

        The number at the end of a key changes between releases, so it never decides which column is meant.
        """
        if self.protocol is Protocol.V4:
            for measure in self.measures:
                if measure.key in titles:
                    return measure
        return self._find(self.measures, titles, _measure_names, lambda m: m.full_title)

    def role(self, role: Role) -> Dimension | None:
        """Return the first dimension with this role, if the table has one."""
        return next((d for d in self.dimensions if d.role == role), None)

    def _find[C: (Dimension, Measure)](
        self,
        columns: Sequence[C],
        titles: Sequence[str],
        names: Callable[[C], Iterable[str]],
        shown: Callable[[C], str],
    ) -> C:
        for title in titles:
            wanted = folded(title)
            found = [c for c in columns if wanted in {folded(name) for name in names(c)}]
            # Columns may share a title and differ in their keys; what has no space can be meant as a key.
            by_key = [c for c in found if not re.search(r"\s", title) and wanted == folded(c.key)]
            if len(found) == 1 or len(by_key) == 1:
                return by_key[0] if by_key else found[0]
            if found:
                raise ColumnMissing(_column("column_ambiguous", titles, map(shown, found), self.table))
        raise ColumnMissing(_column("column_missing", titles, map(shown, columns), self.table))


def _column(name: str, asked: Iterable[str], found: Iterable[str], table: str) -> Problem:
    return problem(name, table=table, asked=", ".join(asked), found="; ".join(found))


def _dimension_names(dimension: Dimension) -> Iterable[str]:
    return dimension.title, dimension.key


def _measure_names(measure: Measure) -> Iterable[str]:
    yield measure.title
    yield measure.key
    above = measure.group.split(" / ") if measure.group else []
    for start in range(len(above)):
        yield " ".join([*above[start:], measure.title])


def folded(text: str) -> str:
    """Fold a title or key to what makes two of them the same: letters and digits, without the number at the end."""
    return _NOT_A_SIGN.sub("", _SUFFIX.sub("", text.strip())).casefold()


def period_code(key: str) -> str:
    """Turn 2024JJ00, 2024KW03 or 2024MM07 into 2024, 2024-Q3 or 2024-07; raises TableProblem for any other form.

    Tables also have periods that are none of these, such as an average of four years (2024G400), a school year or a
    day; a figure of such a period must not be taken for that of a year.
    """
    found = _PERIOD.fullmatch(key.strip())
    if found is None:
        raise table_problem("unknown_period_key", period=key.strip())
    if found["quarter"]:
        return f"{found['year']}-Q{found['quarter']}"
    return f"{found['year']}-{found['month']}" if found["month"] else found["year"]


def is_calendar_period(key: str) -> bool:
    """Whether `period_code` knows this form of period."""
    return _PERIOD.fullmatch(key.strip()) is not None


def missing_reason(attribute: str | None) -> MissingReason:
    """Say why a cell has no number, from what stands in its attribute column; an unknown word is NOT_KNOWN."""
    return _REASONS.get("none" if attribute is None else attribute.strip().lower(), MissingReason.NOT_KNOWN)


def status_of(text: object, title: str = "") -> Literal["final", "provisional", ""]:
    """Read a period's status; an asterisk behind its title means provisional as well."""
    if found := _STATUS.get(re.sub(r"\s", "", str(text or "")).lower()):
        return found
    return "provisional" if title.rstrip().endswith("*") else ""


def role_of(kind: str, key: str, members: Iterable[Member]) -> Role:
    """Tell what a dimension is for from the service's own word for it, else from its name and members."""
    if "Time" in kind:
        return "time"
    if "Geo" in kind:
        return "geo"
    keys = {member.key for member in members}
    return "margin" if folded(key) == "marges" or (keys and keys <= _MARGINS) else "kind"
