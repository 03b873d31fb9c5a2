"""The disposable child in which a workbook is taken apart: `python -m koersvast.connectors.workbook_child`.

It gives up what it does not need before it reads a byte: memory, processor time, files, children, network. The
workbook comes in on standard input, the answer goes out on standard output as JSON, and then the process ends.
Not imported by anything that serves a user.
"""

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from koersvast.connectors.archive import Archive
from koersvast.connectors.confinement import confine
from koersvast.connectors.sheets import FileRefused, Limits, refuse
from koersvast.connectors.workbook_facts import CellFact, SheetFacts, scan

# The answer's cell: kind, value, then the facts that are not plain; an empty cell is null.
JsonCell = list[Any] | None


def main() -> None:
    """Confine, read one request, answer, end."""
    confinement: list[str] = []
    try:
        size = int.from_bytes(sys.stdin.buffer.read(4), "big")
        request = json.loads(sys.stdin.buffer.read(size))
        limits = Limits(**{f.name: request["limits"][f.name] for f in fields(Limits)})
        confinement = confine(limits)
        data = sys.stdin.buffer.read(limits.file_bytes + 1)
        answer = take_apart(data, wanted=request["sheet"], limits=limits)
    except FileRefused as refusal:
        found = refusal.problem
        answer = {"problem": [found.name, found.line, found.column, dict(found.values)]}
    except MemoryError:
        answer = {"problem": ["unreadable_file", None, None, {"reason": "memory"}]}
    sys.stdout.buffer.write(json.dumps(answer | {"confinement": confinement}).encode())


def take_apart(data: bytes, *, wanted: str, limits: Limits) -> dict[str, Any]:
    """Check and read a workbook; the answer has the cells and facts of one sheet, and what else the file holds."""
    archive = Archive(data, limits)
    archive.check_contents()
    book = scan(archive, limits)
    facts = choose(book.sheets, wanted)
    values = _values(data, facts)
    return {
        "kind_of_file": book.kind_of_file,
        "links": book.links,
        "sheet": facts.name,
        "hidden_sheets": [s.name for s in book.sheets if s.hidden and s.filled],
        "other_sheets": [s.name for s in book.sheets if not s.hidden and s.filled and s is not facts],
        "hidden_rows": sorted(row for row in facts.hidden_rows if row <= facts.last_row),
        "merged": [list(box) for box in facts.merged if box[0] <= facts.last_row and box[1] <= facts.last_column],
        "rows": list(_rows(values, facts)),
    }


def choose(sheets: list[SheetFacts], wanted: str) -> SheetFacts:
    """Return the sheet that was asked for by name, or the first visible one that holds anything."""
    if wanted:
        found = next((facts for facts in sheets if facts.name == wanted), None)
        if found is None:
            raise refuse("no_such_sheet", sheet=wanted)
        return found
    found = next((facts for facts in sheets if not facts.hidden and facts.filled), None)
    if found is None:
        raise refuse("no_visible_data")
    return found


def _values(data: bytes, facts: SheetFacts) -> list[list[Any]]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            kinds = {sheet.name: sheet.typ for sheet in workbook.sheets_metadata}
            if kinds.get(facts.name) is not SheetTypeEnum.WorkSheet:
                raise refuse("no_such_sheet", sheet=facts.name)
            return workbook.get_sheet_by_name(facts.name).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError):
        raise refuse("unreadable_file", reason="damaged_workbook") from None


def _rows(values: list[list[Any]], facts: SheetFacts) -> Iterator[list[JsonCell]]:
    nothing = CellFact()
    for row in range(1, max(facts.last_row, len(values)) + 1):
        found = values[row - 1] if row <= len(values) else []
        yield [
            _cell(found[column - 1] if column <= len(found) else "", facts.cells.get((row, column), nothing))
            for column in range(1, max(facts.last_column, len(found)) + 1)
        ]


def _cell(value: Any, fact: CellFact) -> JsonCell:
    extras = [fact.percent, fact.formula]
    if fact.error:
        return ["error", fact.error, *extras]
    kind, plain = ("empty", "") if fact.never_calculated else _plain(value)
    if kind == "empty":
        return ["empty", "", *extras] if fact.formula else None
    return [kind, plain, *extras]


def _plain(value: Any) -> tuple[str, str | bool]:
    """Return the kind and a plain form; a number keeps the 15 digits that Excel keeps, not binary noise."""
    if isinstance(value, bool):
        return "bool", value
    if isinstance(value, int | float):
        return "number", f"{value:.15g}"
    if isinstance(value, datetime | date):
        return "date", value.isoformat()
    if isinstance(value, time | timedelta):
        return "text", str(value)
    return ("text", str(value)) if str(value).strip() else ("empty", "")


if __name__ == "__main__":
    main()
