"""What has been said of a wave before, and what may therefore not be said or hidden any more.

What is kept is only what was shown: the bases and counts of shown cells, none of them under a threshold. Of a hidden
cell nothing is kept, not even why. A figure that another can publish about this municipality (a region of which all
other members publish) counts as said here too: write it as a `Said` of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from koersvast.engine.disclosure_tables import Flags, LinkedTable, Protected, Rules
from koersvast.engine.quantities import Reason


class ReleaseRefused(Exception):
    """Together with what was said before this release would isolate a small group; `reasons` say where."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(", ".join(sorted({reason.code for reason in reasons})))
        self.reasons = reasons


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was shown of one table. `counts` (rows, columns) and `respondents` (columns,): None where it was hidden."""

    code: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    respondents: tuple[int | None, ...]
    counts: tuple[tuple[int | None, ...], ...]

    def as_json(self) -> dict[str, object]:
        """The same as plain lists, to be stored."""
        return {
            "code": self.code,
            "rows": list(self.rows),
            "columns": list(self.columns),
            "respondents": list(self.respondents),
            "counts": [list(row) for row in self.counts],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Said":
        """Read what `as_json` gave."""
        rows, columns, respondents, counts = (stored[name] for name in ("rows", "columns", "respondents", "counts"))
        assert isinstance(rows, list)  # noqa: S101 - narrows what the JSON field holds
        assert isinstance(columns, list)  # noqa: S101
        assert isinstance(respondents, list)  # noqa: S101
        assert isinstance(counts, list)  # noqa: S101
        return cls(
            code=str(stored["code"]),
            rows=tuple(rows),
            columns=tuple(columns),
            respondents=tuple(respondents),
            counts=tuple(tuple(row) for row in counts),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """What of a table was shown before. Shapes: `cells` (answers + cuts, columns), `columns` (columns,).

    `close_cells` and `close_columns`, of the same shapes, were shown before and differ now by so few that showing them
    again would tell about these few.
    """

    cells: Flags
    columns: Flags
    close_cells: Flags
    close_columns: Flags


def said(tables: Sequence[LinkedTable], protected: Sequence[Protected]) -> tuple[Said, ...]:
    """Write down what a release shows, to be kept and given to the next one."""
    return tuple(_said(table, cover) for table, cover in zip(tables, protected, strict=True))


def _said(table: LinkedTable, cover: Protected) -> Said:
    return Said(
        code=table.code,
        rows=table.rows,
        columns=table.columns,
        respondents=tuple(
            None if hidden else int(size) for size, hidden in zip(table.respondents, cover.hidden_columns, strict=True)
        ),
        counts=tuple(
            tuple(None if hidden else int(count) for count, hidden in zip(counts, hides, strict=True))
            for counts, hides in zip(table.printed, cover.hidden, strict=True)
        ),
    )


def known_before(table: LinkedTable, rules: Rules, before: Iterable[Said]) -> Known:
    """The cells and columns of a table that anybody knows already, and those that changed by too few."""
    cells, close_cells = np.zeros((2, table.printed_rows, len(table.respondents)), dtype=np.bool_)
    columns, close_columns = np.zeros((2, len(table.respondents)), dtype=np.bool_)
    printed = table.printed
    for earlier in before:
        if earlier.code == table.code:
            for row, column, count in _pairs(table, earlier):
                cells[row, column] = True
                close_cells[row, column] |= 0 < abs(int(printed[row, column]) - count) < rules.smallest_group
            for column, size in _base_pairs(table, earlier):
                columns[column] = True
                close_columns[column] |= 0 < abs(int(table.respondents[column]) - size) < rules.smallest_group
    close_cells &= ~close_columns
    return Known(
        cells=cells & ~close_cells & ~close_columns,
        columns=columns & ~close_columns,
        close_cells=close_cells,
        close_columns=close_columns,
    )


def refusals(tables: Sequence[LinkedTable], rules: Rules, before: Sequence[Said]) -> tuple[Reason, ...]:
    """Why this release cannot follow what was said before; empty when it can.

    Codes, each with table, group and fewer_than: `groups_left_out` and `answers_left_out`: what was shown before is
    not in the catalogue any more, so that nothing can be set beside it; `differs_by_few`: a corrected file has so few
    respondents more or less that the difference is about them; `shown_before`: what is too small by these rules was
    shown.
    """
    by_code = {table.code: table for table in tables}
    found: dict[tuple[str, str, str], Reason] = {}
    for earlier in before:
        table = by_code.get(earlier.code)
        if table is not None:
            for code, group in _against(table, rules, earlier):
                values: dict[str, float | int | str] = {"table": table.code, "group": group}
                values["fewer_than"] = rules.smallest_group
                found.setdefault((code, table.code, group), Reason(code=code, values=values))
    return tuple(found.values())


def _against(table: LinkedTable, rules: Rules, earlier: Said) -> Iterable[tuple[str, str]]:
    for code, now, then in (
        ("groups_left_out", table.columns, earlier.columns),
        ("answers_left_out", table.rows, earlier.rows),
    ):
        for gone in sorted(set(then) - set(now)):
            yield code, gone
    names = table.columns
    for column, size in _base_pairs(table, earlier):
        now_size = int(table.respondents[column])
        if column == 0 and 0 < abs(now_size - size) < rules.smallest_group:
            yield "differs_by_few", names[column]
        if now_size < rules.smallest_base:
            yield "shown_before", names[column]
    printed = table.printed
    for row, column, _ in _pairs(table, earlier):
        now_count = int(printed[row, column])
        if _too_small(now_count, int(table.respondents[column]), table, rules):
            yield "shown_before", names[column]


def _too_small(count: int, base: int, table: LinkedTable, rules: Rules) -> bool:
    least = 0 if table.sensitive or rules.hide_zeros_everywhere else 1
    return any(least <= group < rules.smallest_group for group in (count, base - count))


def _pairs(table: LinkedTable, earlier: Said) -> Iterable[tuple[int, int, int]]:
    rows = {code: place for place, code in enumerate(table.rows)}
    columns = {code: place for place, code in enumerate(table.columns)}
    for row_code, counts in zip(earlier.rows, earlier.counts, strict=True):
        for column_code, count in zip(earlier.columns, counts, strict=True):
            if count is not None and row_code in rows and column_code in columns:
                yield rows[row_code], columns[column_code], count


def _base_pairs(table: LinkedTable, earlier: Said) -> Iterable[tuple[int, int]]:
    columns = {code: place for place, code in enumerate(table.columns)}
    for code, size in zip(earlier.columns, earlier.respondents, strict=True):
        if size is not None and code in columns:
            yield columns[code], size
