"""Cut a slice of a table into parts that a service is willing to answer, and say each as an address.

OData 3 has two doors. `ODataApi` answers at once but refuses more than 10,000 lines; `ODataFeed` gives whatever is
asked in pages that follow one another, slowly, and paging so far into a table has been seen to break off. So a small
slice is cut into parts that each fit in one answer of the first door, which can be fetched side by side; only where
that would take more than `MOST_PARTS` requests is the second door used, one chain of pages per period.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from urllib.parse import quote

from koersvast.connectors.open_tables import (
    Dimension,
    Member,
    Protocol,
    Slice,
    TableAddress,
    TableDescription,
    is_calendar_period,
    table_problem,
)

# The service refuses at 10,000; a list of members may have grown between reading it and asking for the lines.
MOST_LINES = 9_000
MOST_PARTS = 400
# The terms in one filter and the signs in one address. Servers of this kind stop at 100 nodes (a comparison takes
# four) and at 2,048 signs.
MOST_TERMS = 12
_MOST_SIGNS = 1_900


@dataclass(frozen=True)
class Choice:
    """One condition on one dimension and the number of members that meet it; without text it is no condition."""

    text: str
    members: int


type Axis = tuple[Choice, ...]


def lines_of(address: TableAddress, description: TableDescription, wanted: Slice, *, set_name: str) -> tuple[str, ...]:
    """Return the first address of every part of the slice; raises TableProblem for what the table does not have."""
    axes = [_axis(dimension, description, wanted) for dimension in _in_order(description)]
    if address.protocol is Protocol.V4:
        parts = _clauses(axes, 10 * MOST_LINES, periods=True)
        return tuple(_address(address.root, set_name, clause) for clause in parts)
    parts = _clauses(axes, MOST_LINES, periods=False)
    if len(parts) <= MOST_PARTS:
        return tuple(_address(address.root, set_name, clause) for clause in parts)
    root = address.root.replace("/ODataApi/", "/ODataFeed/")
    return tuple(_address(root, set_name, clause) for clause in _clauses(axes, MOST_LINES, periods=True))


def _in_order(description: TableDescription) -> list[Dimension]:
    """Cut first by period, then by kind, then by place, and by margin last."""
    order = {"time": 0, "kind": 1, "geo": 2, "margin": 3}
    return sorted(description.dimensions, key=lambda dimension: order[dimension.role])


def _axis(dimension: Dimension, description: TableDescription, wanted: Slice) -> tuple[Axis, bool]:
    """Return the finest choices on a dimension, and whether all of its members are wanted."""
    members = description.members.get(dimension.key, ())
    if not members:
        raise table_problem("not_in_table", table=description.table, asked=dimension.key)
    if dimension.role == "geo":
        return _places(dimension, members, wanted.areas, description)
    chosen = _chosen(dimension, members, wanted, description)
    return tuple(Choice(_is(dimension, member), 1) for member in chosen), len(chosen) == len(members)


def _chosen(
    dimension: Dimension, members: Sequence[Member], wanted: Slice, description: TableDescription
) -> Sequence[Member]:
    if dimension.role == "time":
        found = [m for m in members if not wanted.years or _year(m) in wanted.years]
        asked = ", ".join(str(year) for year in wanted.years)
        absent = sorted(set(wanted.years) - {_year(m) for m in members})
        if absent:
            raise table_problem("not_in_table", table=description.table, asked=", ".join(map(str, absent)))
    elif dimension.role == "kind" and wanted.kinds and dimension == _kinds_dimension(description):
        found = [m for m in members if m.key in wanted.kinds]
        asked = ", ".join(wanted.kinds)
        absent_kinds = sorted(set(wanted.kinds) - {m.key for m in members})
        if absent_kinds:
            raise table_problem("not_in_table", table=description.table, asked=", ".join(absent_kinds))
    else:
        return members
    if not found:
        raise table_problem("not_in_table", table=description.table, asked=asked)
    return found


def _kinds_dimension(description: TableDescription) -> Dimension | None:
    """The dimension that `Slice.kinds` is about: the first of kind, as the tables here have at most one that is cut."""
    return description.role("kind")


def _year(member: Member) -> int:
    return int(member.key[:4]) if is_calendar_period(member.key) else 0


def _places(
    dimension: Dimension, members: Sequence[Member], prefixes: Sequence[str], description: TableDescription
) -> tuple[Axis, bool]:
    found: list[Choice] = []
    covered = 0
    for prefix in sorted(set(prefixes) or {""}):
        if any(prefix != other and prefix.startswith(other) for other in prefixes):
            continue
        inside = [m for m in members if m.key.startswith(prefix)]
        if not inside:
            raise table_problem("not_in_table", table=description.table, asked=prefix)
        covered += len(inside)
        found += _split(dimension, inside, prefix)
    return tuple(found), covered == len(members)


def _split(dimension: Dimension, members: Sequence[Member], prefix: str) -> Iterator[Choice]:
    """Lengthen a prefix until no part has more members than an answer has lines."""
    if len(members) <= MOST_LINES:
        yield Choice(_begins(dimension, prefix), len(members))
        return
    for longer in sorted({m.key[: len(prefix) + 1] for m in members}):
        inside = [m for m in members if m.key.startswith(longer)]
        if len(inside) < len(members) or longer != prefix:
            yield from _split(dimension, inside, longer)


def _is(dimension: Dimension, member: Member) -> str:
    """A key as the list of members has it, spaces and all: the bare key finds nothing."""
    return f"{dimension.key} eq '{_quoted(member.raw_key)}'"


def _begins(dimension: Dimension, prefix: str) -> str:
    return f"startswith({dimension.key},'{_quoted(prefix)}')" if prefix else ""


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _clauses(axes: Sequence[tuple[Axis, bool]], most: int, *, periods: bool) -> list[str]:
    """Combine the axes into filters. With `periods`, each period is a part and nothing else is cut further."""
    chunked: list[list[tuple[Choice, ...]]] = []
    for place, (axis, is_whole) in enumerate(axes):
        after = prod(sum(choice.members for choice in later) for later, _ in axes[place + 1 :])
        cut_by_period = 1 if place == 0 and _total(axes) > most else len(axis)
        size = cut_by_period if periods else _chunk(axis, after, most, _before(chunked))
        size = min(size, MOST_TERMS) if not (is_whole and size >= len(axis)) else size
        chunked.append(_in_chunks(axis, size, is_whole=is_whole))
    return [_joined(parts) for parts in product(*chunked)]


def _total(axes: Sequence[tuple[Axis, bool]]) -> int:
    return prod(sum(choice.members for choice in axis) for axis, _ in axes)


def _before(chunked: Sequence[Sequence[tuple[Choice, ...]]]) -> int:
    """How many lines one part has already by the axes before, at most."""
    return prod(max(_members(chunk) for chunk in chunks) for chunks in chunked)


def _members(chunk: Sequence[Choice]) -> int:
    return sum(choice.members for choice in chunk)


def _chunk(axis: Axis, after: int, most: int, before: int) -> int:
    """How many choices of an axis go together so that a part stays below `most`; at least one."""
    if before * after * _members(axis) <= most:
        return len(axis)
    return max(1, most // (before * after * max(choice.members for choice in axis)))


def _in_chunks(axis: Axis, size: int, *, is_whole: bool) -> list[tuple[Choice, ...]]:
    if is_whole and size >= len(axis):
        return [(Choice("", sum(choice.members for choice in axis)),)]
    return [axis[start : start + size] for start in range(0, len(axis), size)]


def _joined(parts: Sequence[tuple[Choice, ...]]) -> str:
    groups = [" or ".join(choice.text for choice in part if choice.text) for part in parts]
    return " and ".join(f"({group})" if " or " in group else group for group in groups if group)


def _address(root: str, set_name: str, clause: str) -> str:
    options = [] if set_name == "Observations" else ["$format=json"]
    if clause:
        options.append("$filter=" + quote(clause, safe="(),'"))
    return f"{root}/{set_name}" + ("?" + "&".join(options) if options else "")
