"""Cut a slice of a table into parts that a service is willing to answer, and say each as an address.

OData 3 has two doors. `ODataApi` answers at once but refuses more than 10,000 lines; `ODataFeed` gives whatever is
asked in pages that follow one another, slowly, and paging so far into a table has been seen to break off. So a small
slice is cut into parts that each fit in one answer of the first door, which can be fetched side by side; only where
that would take more than `MOST_PARTS` requests is the second door used, one chain of pages per period.
"""

from collections.abc import Callable, Iterator, Sequence, Set
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
# The comparisons in one filter: servers of this kind stop at 100 nodes, of which a comparison takes four, and at 2,048
# signs in an address.
MOST_TERMS = 24


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
    if dimension in [description.dimension(title) for title in wanted.totals]:
        found = [m for m in members if m.title.casefold().startswith("totaal")]
        if len(found) != 1:
            raise table_problem("not_in_table", table=description.table, asked=f"{dimension.title}: Totaal")
        return found
    if dimension.role == "time" and wanted.years:
        return _named(members, {str(year) for year in wanted.years}, _year, description)
    if wanted.kinds and dimension == _kinds_dimension(description, wanted):
        return _named(members, set(wanted.kinds), lambda member: member.key, description)
    return members


def _named(
    members: Sequence[Member], asked: Set[str], name: Callable[[Member], str], description: TableDescription
) -> Sequence[Member]:
    """The members of which the name is asked. A name that no member has is refused: it would be silently absent."""
    if absent := sorted(asked - {name(member) for member in members}):
        raise table_problem("not_in_table", table=description.table, asked=", ".join(absent))
    return [member for member in members if name(member) in asked]


def _kinds_dimension(description: TableDescription, wanted: Slice) -> Dimension | None:
    """The dimension that `Slice.kinds` is about: the first that has all of them, else the first of its role."""
    kinds = [d for d in description.dimensions if d.role == "kind"]
    has_all = [d for d in kinds if {m.key for m in description.members.get(d.key, ())} >= set(wanted.kinds)]
    found = next(iter(has_all or kinds), None)
    if found is None:
        raise table_problem("not_in_table", table=description.table, asked=", ".join(wanted.kinds))
    return found


def _year(member: Member) -> str:
    return member.key[:4] if is_calendar_period(member.key) else ""


def _places(
    dimension: Dimension, members: Sequence[Member], prefixes: Sequence[str], description: TableDescription
) -> tuple[Axis, bool]:
    """The areas by the beginnings of their codes. Some may have gone with a merger; all of them gone is refused."""
    found: list[Choice] = []
    covered = 0
    for prefix in sorted(set(prefixes) or {""}):
        if any(prefix != other and prefix.startswith(other) for other in prefixes):
            continue
        inside = [m for m in members if m.key.startswith(prefix)]
        covered += len(inside)
        found += _split(dimension, inside, prefix) if inside else ()
    if not found:
        raise table_problem("not_in_table", table=description.table, asked=", ".join(prefixes))
    return tuple(found), covered == len(members)


def _split(dimension: Dimension, members: Sequence[Member], prefix: str) -> Iterator[Choice]:
    """Lengthen a prefix until no part has more members than an answer has lines."""
    if len(members) <= MOST_LINES:
        yield Choice(_begins(dimension, prefix), len(members))
        return
    for longer in sorted({m.key[: len(prefix) + 1] for m in members}):
        if longer == prefix:
            yield from (Choice(_is(dimension, m), 1) for m in members if m.key == prefix)
        else:
            yield from _split(dimension, [m for m in members if m.key.startswith(longer)], longer)


def _is(dimension: Dimension, member: Member) -> str:
    """A key as the list of members has it, spaces and all: the bare key finds nothing."""
    return f"{dimension.key} eq '{_quoted(member.raw_key)}'"


def _begins(dimension: Dimension, prefix: str) -> str:
    return f"startswith({dimension.key},'{_quoted(prefix)}')" if prefix else ""


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _clauses(axes: Sequence[tuple[Axis, bool]], most: int, *, periods: bool) -> list[str]:
    """Combine the axes into filters. With `periods`, each period is a part and nothing else is cut further."""
    chunked: list[list[Axis]] = []
    is_small = prod(_members(axis) for axis, _ in axes) <= most
    for place, (axis, is_whole) in enumerate(axes):
        before = prod(max(map(_members, chunks)) for chunks in chunked)
        after = prod(_members(later) for later, _ in axes[place + 1 :])
        room = most // (before * after)
        if periods:
            room = 1 if place == 0 and not is_small else _members(axis)
        terms = MOST_TERMS - sum(max(map(_terms, chunks)) for chunks in chunked) - len(axes[place + 1 :])
        chunked.append(_in_chunks(axis, room, terms, is_whole=is_whole))
    return [_joined(parts) for parts in product(*chunked)]


def _members(axis: Axis) -> int:
    return sum(choice.members for choice in axis)


def _terms(axis: Axis) -> int:
    return sum(1 for choice in axis if choice.text)


def _in_chunks(axis: Axis, room: int, terms: int, *, is_whole: bool) -> list[Axis]:
    """Put at most `terms` choices together while they have at most `room` members; one that has more stands alone."""
    if is_whole and _members(axis) <= room:
        return [(Choice("", _members(axis)),)]
    chunks: list[Axis] = []
    for choice in axis:
        last = chunks[-1] if chunks else ()
        if last and len(last) < terms and _members(last) + choice.members <= room:
            chunks[-1] = (*last, choice)
        else:
            chunks.append((choice,))
    return chunks


def _joined(parts: Sequence[Axis]) -> str:
    groups = [" or ".join(choice.text for choice in part if choice.text) for part in parts]
    return " and ".join(f"({group})" if " or " in group else group for group in groups if group)


def _address(root: str, set_name: str, clause: str) -> str:
    options = [] if set_name == "Observations" else ["$format=json"]
    if clause:
        options.append("$filter=" + quote(clause, safe="(),'"))
    return f"{root}/{set_name}" + ("?" + "&".join(options) if options else "")
