"""Open XLSX and ODS without letting them near this process: a child reads, this side checks what it says.

A child that dies, hangs, talks too much or talks nonsense is an unreadable file, and nothing more.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from koersvast.connectors.amounts import Amount, parse_amount, plain, written
from koersvast.connectors.archive import Archive
from koersvast.connectors.confinement import ask
from koersvast.connectors.problems import CODE_OF, CODES, Problem, problem
from koersvast.connectors.sheets import Cell, FileRefused, Kind, Limits, Sheet, address, refuse

_CHILD = "koersvast.connectors.workbook_child"
_MOST_NAMED = 20


def read_workbook(data: bytes, *, limits: Limits, sheet: str = "") -> Sheet:
    """Read one sheet of an XLSX or ODS file: the one named, else the first visible one with data."""
    Archive(data, limits)  # the directory alone is enough to refuse most hostile files without a child
    answer = _ask_child(data, limits=limits, sheet=sheet)
    try:
        if "problem" in answer:
            raise FileRefused(_problem_from(answer["problem"]))
        return _sheet_from(answer, limits)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, InvalidOperation):
        raise refuse("unreadable_file", reason="nonsense") from None


def _ask_child(data: bytes, *, limits: Limits, sheet: str) -> dict[str, Any]:
    answer, ended = ask(_CHILD, {"limits": asdict(limits), "sheet": sheet}, (data,), costs=limits)
    try:
        found = json.loads(answer)
    except ValueError:
        raise refuse("unreadable_file", reason=f"child_ended_{ended}") from None
    if not isinstance(found, dict):
        raise refuse("unreadable_file", reason="nonsense")
    return found


def _problem_from(found: list[Any]) -> Problem:
    name, line, column, values = found
    CODES[CODE_OF[name]]
    return problem(str(name), line=line and int(line), column=column and str(column), **values)


def _sheet_from(answer: dict[str, Any], limits: Limits) -> Sheet:
    raw = answer["rows"]
    if sum(map(len, raw)) > limits.cells or len(raw) > limits.rows:
        raise refuse("too_many_cells", limit=limits.cells, found=sum(map(len, raw)))
    width = max(map(len, raw), default=0)
    rows = [
        [_cell_from(cells[c] if c < len(cells) else None, row, c + 1, limits) for c in range(width)]
        for row, cells in enumerate(raw, start=1)
    ]
    boxes = [(int(r1), int(c1), int(r2), int(c2)) for r1, c1, r2, c2 in answer["merged"]]
    _fill_merged(rows, boxes)
    table = tuple(map(tuple, rows))
    return Sheet(
        name=str(answer["sheet"]),
        kind_of_file=str(answer["kind_of_file"]),
        rows=table,
        notes=tuple(_notes(answer, table, boxes)),
        confinement=tuple(map(str, answer["confinement"])),
    )


def _cell_from(found: list[Any] | None, row: int, column: int, limits: Limits) -> Cell:
    if found is None:
        return Cell(row=row, column=column)
    kind, value, percent, formula = Kind(found[0]), found[1], bool(found[2]), str(found[3])
    number, day = None, None
    if kind is Kind.NUMBER:
        number = Decimal(value)
        if not number.is_finite():
            raise ValueError("A cell's number must be finite.")
        number = plain(number * 100 if percent else number)
        text = written(number) + (" %" if percent else "")
    elif kind is Kind.DATE:
        day = datetime.fromisoformat(value).date() if "T" in value else date.fromisoformat(value)
        text = f"{day.day:02}-{day.month:02}-{day.year}"
    elif kind is Kind.BOOL:
        text = "WAAR" if value is True else "ONWAAR"
    else:
        text = str(value).strip()[: limits.text_length]
    return Cell(
        row=row, column=column, kind=kind, text=text, number=number, day=day,
        percent=percent and number is not None, formula=formula,
    )  # fmt: skip


def _fill_merged(rows: list[list[Cell]], boxes: list[tuple[int, int, int, int]]) -> None:
    """Let every cell of a merged box repeat its first cell, and remember that it does."""
    for first_row, first_column, last_row, last_column in boxes:
        if not (1 <= first_row <= len(rows) and 1 <= first_column <= len(rows[first_row - 1])):
            continue
        anchor = rows[first_row - 1][first_column - 1]
        for row in range(first_row, min(last_row, len(rows)) + 1):
            for column in range(first_column, min(last_column, len(rows[row - 1])) + 1):
                if (row, column) != (first_row, first_column):
                    rows[row - 1][column - 1] = _repeated(anchor, row, column)


def _repeated(anchor: Cell, row: int, column: int) -> Cell:
    return Cell(
        row=row, column=column, kind=anchor.kind, text=anchor.text, number=anchor.number, day=anchor.day,
        percent=anchor.percent, formula=anchor.formula, merged_from=anchor.address,
    )  # fmt: skip


def _notes(
    answer: dict[str, Any], rows: tuple[tuple[Cell, ...], ...], boxes: list[tuple[int, int, int, int]]
) -> Iterator[Problem]:
    own = [cell for row in rows for cell in row if not cell.merged_from]
    if boxes:
        ranges = [f"{address(r1, c1)}:{address(r2, c2)}" for r1, c1, r2, c2 in boxes]
        yield problem("merged_cells", ranges=_named(ranges), count=len(ranges))
    if unknown := [cell.address for cell in own if cell.formula and cell.kind is Kind.EMPTY]:
        yield problem("formula_without_value", formulas=_named(unknown), count=len(unknown))
    if errors := [cell.address for cell in own if cell.kind is Kind.ERROR]:
        yield problem("error_cells", cells=_named(errors), count=len(errors))
    if hidden := [int(row) for row in answer["hidden_rows"]]:
        yield problem("hidden_rows", rows=_named(map(str, hidden)), count=len(hidden))
    if answer["hidden_sheets"]:
        yield problem("hidden_sheets", sheets=_named(map(str, answer["hidden_sheets"])))
    if answer["other_sheets"]:
        others = _named(map(str, answer["other_sheets"]))
        yield problem("other_sheets", used=str(answer["sheet"]), sheets=others)
    if answer["links"]:
        yield problem("links_to_other_files", part=str(answer["links"]))
    texts = sum(cell.kind is Kind.TEXT and isinstance(parse_amount(cell.text), Amount) for cell in own)
    if texts:
        yield problem("numbers_stored_as_text", count=texts)


def _named(names: Any) -> str:
    listed = list(names)
    return ", ".join(listed[:_MOST_NAMED]) + (" …" if len(listed) > _MOST_NAMED else "")
