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
    """What of a table was shown before. Shapes: `cells` (answers + cuts, columns), `columns` (columns,)."""

    cells: Flags
    columns: Flags


def said(tables: Sequence[LinkedTable], protected: Sequence[Protected]) -> tuple[Said, ...]:
    """Write down what a release shows, to be kept and given to the next one."""
    return tuple(_said(table, cover) for table, cover in zip(tables, protected, strict=True))


def _said(table: LinkedTable, cover: Protected) -> Said:
    return Said(
        code=table.code,
        rows=_row_codes(table),
        columns=_column_codes(table),
        respondents=tuple(
            None if hidden else int(size) for size, hidden in zip(table.respondents, cover.hidden_columns, strict=True)
        ),
        counts=tuple(
            tuple(None if hidden else int(count) for count, hidden in zip(counts, hides, strict=True))
            for counts, hides in zip(table.printed, cover.hidden, strict=True)
        ),
    )


def known_before(table: LinkedTable, before: Iterable[Said]) -> Known:
    """The cells and columns of a table that anybody knows already."""
    cells = np.zeros((table.printed_rows, len(table.respondents)), dtype=np.bool_)
    columns = np.zeros(len(table.respondents), dtype=np.bool_)
    for earlier in before:
        if earlier.code == table.code:
            for row, column, _ in _pairs(table, earlier):
                cells[row, column] = True
            for column, _ in _base_pairs(table, earlier):
                columns[column] = True
    return Known(cells=cells, columns=columns)


def refusals(tables: Sequence[LinkedTable], rules: Rules, before: Sequence[Said]) -> tuple[Reason, ...]:
    """Why this release cannot follow what was said before; empty when it can.

    Codes: `groups_left_out` (table, groups): groups shown before are not in the catalogue any more, so nobody can see
    what they differ from; `differs_by_few` (table, group, respondents at most): a corrected file differs by so few
    that the difference is about them; `shown_before` (table, group): what is too small by these rules was shown.
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
        ("groups_left_out", _column_codes(table), earlier.columns),
        ("answers_left_out", _row_codes(table), earlier.rows),
    ):
        for gone in sorted(set(then) - set(now)):
            yield code, gone
    names = _column_codes(table)
    for column, size in _base_pairs(table, earlier):
        now_size = int(table.respondents[column])
        if 0 < abs(now_size - size) < rules.smallest_group:
            yield "differs_by_few", names[column]
        if now_size < rules.smallest_base:
            yield "shown_before", names[column]
    printed = table.printed
    for row, column, count in _pairs(table, earlier):
        now_count = int(printed[row, column])
        if 0 < abs(now_count - count) < rules.smallest_group:
            yield "differs_by_few", names[column]
        if _too_small(now_count, int(table.respondents[column]), table, rules):
            yield "shown_before", names[column]


def _too_small(count: int, base: int, table: LinkedTable, rules: Rules) -> bool:
    least = 0 if table.sensitive or rules.hide_zeros_everywhere else 1
    return any(least <= group < rules.smallest_group for group in (count, base - count))


def _pairs(table: LinkedTable, earlier: Said) -> Iterable[tuple[int, int, int]]:
    rows = {code: place for place, code in enumerate(_row_codes(table))}
    columns = {code: place for place, code in enumerate(_column_codes(table))}
    for row_code, counts in zip(earlier.rows, earlier.counts, strict=True):
        for column_code, count in zip(earlier.columns, counts, strict=True):
            if count is not None and row_code in rows and column_code in columns:
                yield rows[row_code], columns[column_code], count


def _base_pairs(table: LinkedTable, earlier: Said) -> Iterable[tuple[int, int]]:
    columns = {code: place for place, code in enumerate(_column_codes(table))}
    for code, size in zip(earlier.columns, earlier.respondents, strict=True):
        if size is not None and code in columns:
            yield columns[code], size


def _row_codes(table: LinkedTable) -> tuple[str, ...]:
    return table.row_codes or tuple(str(row) for row in range(table.printed_rows))


def _column_codes(table: LinkedTable) -> tuple[str, ...]:
    return table.column_codes or tuple(str(column) for column in range(len(table.respondents)))
