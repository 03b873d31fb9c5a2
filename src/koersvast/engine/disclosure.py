"""Decide what of the tables of a survey may be shown, so that nothing small can be read or computed.

`protect` hides groups that are too small, answers that too few gave, and what would give these away. `attack`, written
apart from it, is what somebody with pencil and computer can find back from what is shown. Both take plain counts.
Method: docs/methods/disclosure.md; the choices: docs/decisions/0026-disclosure-by-suppression.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from koersvast.engine.cell_suppression import suppress
from koersvast.engine.disclosure_attack import Found, attack, weaknesses
from koersvast.engine.disclosure_columns import hide_columns, orders, small_columns
from koersvast.engine.disclosure_history import Known, ReleaseRefused, Said, known_before, refusals
from koersvast.engine.disclosure_systems import Rows, frame_of, rows_of
from koersvast.engine.disclosure_tables import (
    Flags,
    Ints,
    LinkedTable,
    Partition,
    Protected,
    Rules,
    Why,
    nested_columns,
)
from koersvast.engine.quantities import BadValue, Method, Reason

__all__ = [
    "METHOD",
    "Found",
    "LinkedTable",
    "Partition",
    "Protected",
    "ReleaseRefused",
    "Rules",
    "Said",
    "Why",
    "attack",
    "nested_columns",
    "protect",
    "weaknesses",
]

METHOD = Method(name="disclosure", version="1")
# Only against a search without end; what is found in time does not depend on it.
_SECONDS = 60.0


def protect(
    tables: Sequence[LinkedTable], rules: Rules | None = None, *, released_before: Iterable[Said] = ()
) -> list[Protected]:
    """Say for every table what stays hidden, in the order given.

    Before a release, ask `weaknesses` as well: it finds by other means what somebody could compute.

    Give all tables of a wave at once: groups are hidden in one order for all questions with the same base, and the base
    of a question that was asked of some only tells how many they were.

    Raises:
        ReleaseRefused: what was released before and what would be released now isolate a small group between them.
        BadValue: two tables with one code, or a table asked of givers of a table that is not there.
    """
    rules = rules or Rules()
    by_code = {table.code: table for table in tables}
    if len(by_code) < len(tables):
        raise BadValue("Two tables with one code.")
    before = list(released_before)
    refused = refusals(tables, rules, before)
    if refused:
        raise ReleaseRefused(refused)
    ranks = orders(tables)
    done: dict[str, _Done] = {}
    for table in _parents_first(by_code):
        also = tuple(sorted({rows for _, rows in _children(tables, table)}))
        known = known_before(table, rules, before)
        done[table.code] = _protect_one(table, rules, order=ranks[table.base], also=also, known=known, done=done)
    return [done[table.code].protected for table in tables]


class _Done:
    """A protected table, and for each union of answers that other bases tell, the columns where it is hidden."""

    def __init__(self, protected: Protected, unions: Mapping[tuple[int, ...], Flags]) -> None:
        self.protected = protected
        self.unions = unions


def _children(tables: Sequence[LinkedTable], parent: LinkedTable) -> list[tuple[str, tuple[int, ...]]]:
    return [(table.code, table.asked_of[1]) for table in tables if table.asked_of and table.asked_of[0] == parent.code]


def _parents_first(by_code: Mapping[str, LinkedTable]) -> list[LinkedTable]:
    ordered: dict[str, LinkedTable] = {}

    def place(table: LinkedTable, path: tuple[str, ...]) -> None:
        if table.code in path or (table.asked_of and table.asked_of[0] not in by_code):
            raise BadValue(f"{table.code} is asked of the givers of a table that is not there, or of itself.")
        if table.asked_of:
            place(by_code[table.asked_of[0]], (*path, table.code))
        ordered.setdefault(table.code, table)

    for table in by_code.values():
        place(table, ())
    return list(ordered.values())


def _protect_one(
    table: LinkedTable,
    rules: Rules,
    *,
    order: Ints,
    also: tuple[tuple[int, ...], ...],
    known: Known,
    done: Mapping[str, _Done],
) -> _Done:
    closed, told = _told_by_parent(table, done)
    small = (small_columns(table, rules) | closed | known.close_columns) & ~known.columns
    hidden_columns = hide_columns(table, rules, order=order, small=small, known=known.columns)
    if not len(table.counts):
        return _Done(_without_answers(table, hidden_columns), {})
    rows = rows_of(table, also=also if table.exclusive else ())
    found, unsought = _cells(table, rules, rows, hidden_columns, told, known)
    reasons: tuple[Reason, ...] = ()
    if unsought is not None:
        hidden_columns = hidden_columns | unsought
        reasons = (Reason(code="hidden_more_than_needed", values={"table": table.code}),)
    return _Done(_protected(table, rules, found, hidden_columns, small, reasons), _unions(table, also, found))


def _told_by_parent(table: LinkedTable, done: Mapping[str, _Done]) -> tuple[Flags, Flags]:
    """Columns whose base must stay hidden because it would tell a hidden answer, and those whose base is told."""
    columns = len(table.respondents)
    if not table.asked_of:
        return np.zeros(columns, dtype=np.bool_), np.zeros(columns, dtype=np.bool_)
    hidden = done[table.asked_of[0]].unions[table.asked_of[1]]
    if hidden.shape != table.respondents.shape:
        raise BadValue(f"{table.code} has other columns than the table that it was asked of.")
    return hidden, ~hidden


def _without_answers(table: LinkedTable, hidden_columns: Flags) -> Protected:
    empty = np.zeros((0, len(table.respondents)))
    return Protected(
        code=table.code,
        hidden=empty.astype(np.bool_),
        why=empty.astype(np.uint8),
        hidden_columns=hidden_columns,
        hidden_means=hidden_columns.copy(),
    )


def _cells(
    table: LinkedTable, rules: Rules, rows: Rows, hidden_columns: Flags, told: Flags, known: Known
) -> tuple[Flags, Flags | None]:
    """Hidden cells (rows of the system, columns), and the columns hidden beyond need when no other way was found."""
    shown_before = _of_all_rows(rows, known.cells, table)
    besides = _of_all_rows(rows, known.close_cells, table)
    besides |= _rare_rows(table, rules, rows, hidden_columns, shown_before, besides)[:, None]
    for more in (hidden_columns, _all_but_total(hidden_columns) & ~known.columns | hidden_columns):
        for total_stays in (True, False):
            frame = frame_of(
                table,
                rules,
                rows,
                hidden_columns=more,
                known_bases=told,
                known=shown_before,
                besides=besides,
                total_stays=total_stays,
            )
            pattern = suppress(frame.system, seconds=_SECONDS)
            if pattern.safe:
                extra = more if (more != hidden_columns).any() or pattern.unsought.any() else None
                return pattern.hidden[frame.place], extra
    everything = np.ones(len(hidden_columns), dtype=np.bool_)
    return np.ones(rows.counts.shape, dtype=np.bool_), everything


def _rare_rows(
    table: LinkedTable, rules: Rules, rows: Rows, hidden_columns: Flags, known: Flags, besides: Flags
) -> Flags:
    """Answers that too few of everybody gave, and what must be hidden with them: hidden in every column.

    What everybody answered is decided first and for itself. Hiding the same answers in every column then keeps the
    backgrounds apart, and the reader sees whole lines disappear instead of a scatter of cells.
    """
    alone = replace(
        table,
        counts=table.counts[:, :1],
        respondents=table.respondents[:1],
        spans=(),
        nested=(),
        importance=None,
        share_of_two=None,
        column_codes=(),
        row_codes=(),
    )
    own = Rows(
        counts=rows.counts[:, :1],
        printed=rows.printed,
        is_group=rows.is_group,
        cost=rows.cost,
        sums=rows.sums,
        unions=rows.unions,
    )
    frame = frame_of(
        alone,
        rules,
        own,
        hidden_columns=hidden_columns[:1],
        known_bases=~hidden_columns[:1],
        known=known[:, :1],
        besides=besides[:, :1],
        total_stays=False,
    )
    pattern = suppress(frame.system, seconds=_SECONDS)
    return pattern.hidden[frame.place[:, 0]] | ~np.bool_(pattern.safe)


def _all_but_total(hidden_columns: Flags) -> Flags:
    every = np.ones_like(hidden_columns)
    every[0] = hidden_columns[0]
    return every


def _of_all_rows(rows: Rows, printed: Flags, table: LinkedTable) -> Flags:
    """Flags of the printed rows as flags of the rows of a system: who did not give an answer goes with who did."""
    cells = np.zeros(rows.counts.shape, dtype=np.bool_)
    cells[: len(printed)] = printed
    if not table.exclusive:
        cells[len(table.counts) :] = printed
    return cells


def _unions(table: LinkedTable, also: tuple[tuple[int, ...], ...], found: Flags) -> Mapping[tuple[int, ...], Flags]:
    if table.exclusive:
        return {union: found[table.printed_rows + place] for place, union in enumerate(also)}
    if any(len(union) != 1 for union in also):
        raise BadValue(
            f"{table.code}: a question can be asked of who gave one of several answers, not a union of them."
        )
    return {union: found[union[0]] for union in also}


def _protected(
    table: LinkedTable, rules: Rules, found: Flags, hidden_columns: Flags, small: Flags, reasons: tuple[Reason, ...]
) -> Protected:
    hidden = found[: table.printed_rows] | hidden_columns
    printed = table.printed
    is_small = (printed < rules.smallest_group) | (table.respondents - printed < rules.smallest_group)
    why = np.where(hidden, int(Why.PROTECTS_ANOTHER), int(Why.SHOWN)).astype(np.uint8)
    why[hidden & is_small] = Why.SMALL_GROUP
    why[:, small] = Why.SMALL_BASE
    means = hidden_columns | found[-1] if table.scores is not None else hidden_columns
    return Protected(
        code=table.code, hidden=hidden, why=why, hidden_columns=hidden_columns, hidden_means=means, reasons=reasons
    )
