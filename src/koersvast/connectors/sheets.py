"""One form for every table that comes in: rows of cells with the address that a user sees in Excel.

Pure values. CSV gives texts only; a workbook also gives numbers, dates, truth values and errors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from koersvast.connectors.problems import Problem, problem

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a file may cost. Sizes in bytes, times in seconds.

    `memory_bytes` holds where the system can limit the address space (Linux; macOS cannot), so the other limits alone
    must keep a file small.
    """

    file_bytes: int = 20 * MIB
    unpacked_bytes: int = 200 * MIB
    part_bytes: int = 120 * MIB
    unpack_ratio: int = 250
    parts: int = 2_000
    rows: int = 100_000
    columns: int = 500
    cells: int = 400_000
    text_length: int = 32_767
    memory_bytes: int = 1024 * MIB
    cpu_seconds: int = 30
    timeout_seconds: float = 60.0
    answer_bytes: int = 64 * MIB


class FileRefused(Exception):
    """A file that is not read at all; `problem` says why."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


def refuse(
    name: str, *, line: int | None = None, column: str | None = None, value: str = "", **values: str | int | float
) -> FileRefused:
    """Make the refusal of a whole file by the name of its outcome."""
    return FileRefused(problem(name, line=line, column=column, value=value, **values))


class Kind(StrEnum):
    """What a cell holds. Whether it was calculated is another question: see `Cell.formula`."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOL = "bool"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell; `row` and `column` count from 1.

    `text` is the original text of a text cell and a Dutch rendering of any other. A cell that Excel shows as a
    percentage has `percent` and its `number` is in per cent: 0.61 shown as 61 % is 61. A `formula` gives its stored
    result; one without a result is an empty cell with `formula`. A cell that was `merged_from` another address
    repeats the value that stands there.
    """

    row: int
    column: int
    kind: Kind = Kind.EMPTY
    text: str = ""
    number: Decimal | None = None
    day: date | None = None
    percent: bool = False
    formula: str = ""
    merged_from: str = ""

    @property
    def address(self) -> str:
        return address(self.row, self.column)

    @property
    def is_empty(self) -> bool:
        return self.kind is Kind.EMPTY and not self.formula


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table as it came in: `rows[0]` is row 1 and all rows are equally long; `notes` are remarks, not refusals.

    `kind_of_file` is "csv", "xlsx" or "ods"; `encoding` and `delimiter` belong to CSV only.
    """

    name: str
    kind_of_file: str
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Problem, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    confinement: tuple[str, ...] = field(default=())

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell at a 1-based place; outside the table it is empty."""
        if 1 <= row <= len(self.rows) and 1 <= column <= self.width:
            return self.rows[row - 1][column - 1]
        return Cell(row=row, column=column)

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    def filled_rows(self) -> Iterator[tuple[Cell, ...]]:
        """Return the rows that hold anything."""
        return (row for row in self.rows if any(not cell.is_empty for cell in row))


def column_letter(column: int) -> str:
    """Return Excel's letters of a 1-based column: 1 is A, 27 is AA."""
    letters = ""
    while column > 0:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the 1-based number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def address(row: int, column: int) -> str:
    """Return the address that Excel shows: row 7, column 2 is B7."""
    return f"{column_letter(column)}{row}"
