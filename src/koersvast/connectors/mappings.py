"""How the columns of a file are to be read: remembered, recognised again and guessed from the headings.

Pure. The guess is an offer that a person confirms; `figures` does the reading.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from koersvast.connectors.amounts import DecimalSign
from koersvast.connectors.figure_words import Role, folded, heading_role, period_code, unit_code
from koersvast.connectors.sheets import Cell, Kind, Sheet

_HEADER_IS_WITHIN = 40


class Layout(StrEnum):
    """One value a row, or one row an indicator with a column a period."""

    LONG = "long"
    WIDE = "wide"


class BadMapping(ValueError):
    """A mapping that cannot be read back or that lacks what its layout needs."""


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """Which column is what. Rows and columns count from 1, as in Excel (A is 1).

    `columns` is by role; `periods` gives the period of each value column of the wide layout, in which a period may
    stand twice; `fixed` gives one text for all rows (unit, source, area, an indicator); `decimal` is the decimal
    sign when a person has said so; `sheet` is the name of the sheet, "" for the first visible one.
    """

    layout: Layout
    header_row: int
    columns: dict[Role, int] = field(default_factory=dict)
    periods: tuple[tuple[int, str], ...] = ()
    fixed: dict[Role, str] = field(default_factory=dict)
    decimal: DecimalSign | None = None
    sheet: str = ""

    def __post_init__(self) -> None:
        if self.header_row < 0 or any(column < 1 for column in [*self.columns.values(), *dict(self.periods)]):
            raise BadMapping("Rows and columns count from 1.")

    @property
    def lacks(self) -> tuple[Role, ...]:
        """The roles without which this layout cannot be read."""
        known = {**self.columns, **self.fixed}
        needed = [Role.INDICATOR, Role.PERIOD, Role.VALUE] if self.layout is Layout.LONG else [Role.INDICATOR]
        missing = [role for role in needed if role not in known]
        return tuple(missing if self.layout is Layout.LONG or self.periods else [*missing, Role.PERIOD])

    def as_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can keep."""
        return {
            "layout": self.layout.value,
            "header_row": self.header_row,
            "columns": {role.value: column for role, column in self.columns.items()},
            "periods": [list(pair) for pair in self.periods],
            "fixed": {role.value: text for role, text in self.fixed.items()},
            "decimal": self.decimal.value if self.decimal else None,
            "sheet": self.sheet,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Mapping":
        """Make a mapping of what `as_dict` gave; raise BadMapping for anything else."""
        try:
            return cls(
                layout=Layout(kept["layout"]),
                header_row=int(kept["header_row"]),
                columns={Role(role): int(column) for role, column in kept["columns"].items()},
                periods=tuple((int(column), str(period)) for column, period in kept["periods"]),
                fixed={Role(role): str(text) for role, text in kept["fixed"].items()},
                decimal=DecimalSign(kept["decimal"]) if kept["decimal"] else None,
                sheet=str(kept["sheet"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadMapping("This is not a kept mapping.") from error


def suggest_mapping(sheet: Sheet) -> Mapping | None:
    """Guess a mapping from the headings; none when no row looks like a header."""
    best: tuple[int, Mapping] | None = None
    for row in list(sheet.filled_rows())[:_HEADER_IS_WITHIN]:
        offer = _offer(row, sheet)
        if offer and (best is None or offer[0] > best[0]):
            best = offer
    return best[1] if best else None


def header_fingerprint(sheet: Sheet) -> str:
    """Return a code that files of the same kind share: same headings in the same order, whatever the years.

    Years are left out on purpose: next year's file has one more column and is still the same kind of file.
    """
    mapping = suggest_mapping(sheet)
    row = sheet.rows[mapping.header_row - 1] if mapping else next(sheet.filled_rows(), ())
    headings = [folded(cell.text) for cell in row if not _is_period(cell)]
    layout = mapping.layout.value if mapping else "unknown"
    while headings and not headings[-1]:
        headings.pop()
    return hashlib.sha256("\x1f".join([layout, *headings]).encode()).hexdigest()[:32]


def _offer(row: tuple[Cell, ...], sheet: Sheet) -> tuple[int, Mapping] | None:
    """Judge one row as a header: how many headings it explains, and the mapping that follows."""
    own = [cell for cell in row if not cell.merged_from or cell.column == row[0].column]
    columns = dict(_roles(own))
    periods = tuple((cell.column, _period_text(cell)) for cell in own if _is_period(cell))
    fixed = dict(_fixed_by_heading(own, columns))
    if len(periods) >= 2 and (columns.keys() & {Role.INDICATOR, Role.SOURCE} or row[0].is_empty):
        columns = {role: c for role, c in columns.items() if role not in (Role.PERIOD, Role.VALUE)}
        columns.setdefault(Role.INDICATOR, _first_text_column(row, periods))
        mapping = Mapping(layout=Layout.WIDE, header_row=row[0].row, columns=columns, periods=periods, sheet=sheet.name)
        return len(columns) + len(periods) + 2, mapping
    if len(columns) >= 2 and columns.keys() & {Role.VALUE, Role.PERIOD}:
        if Role.VALUE not in columns and (column := _only_number_column(sheet, row, columns)):
            columns[Role.VALUE] = column
        mapping = Mapping(layout=Layout.LONG, header_row=row[0].row, columns=columns, fixed=fixed, sheet=sheet.name)
        return len(columns) - 2 * len(mapping.lacks), mapping
    return None


def _roles(row: list[Cell]) -> Iterator[tuple[Role, int]]:
    """Give each role to its best heading: "waarde" before "aantal", "indicator" before "naam"."""
    found: dict[Role, list[Cell]] = {}
    for cell in row:
        if cell.kind is Kind.TEXT and (role := heading_role(cell.text)):
            found.setdefault(role, []).append(cell)
    for role, cells in found.items():
        yield role, cells[0].column


def _fixed_by_heading(row: list[Cell], columns: dict[Role, int]) -> Iterator[tuple[Role, str]]:
    """A value column called "percentage" states its unit; "waarde" and "cijfer" say nothing certain."""
    if Role.UNIT in columns or Role.VALUE not in columns:
        return
    heading = next(cell.text for cell in row if cell.column == columns[Role.VALUE])
    if folded(heading) not in ("cijfer", "waarde") and unit_code(heading):
        yield Role.UNIT, heading


def _first_text_column(row: tuple[Cell, ...], periods: tuple[tuple[int, str], ...]) -> int:
    taken = dict(periods)
    return next((cell.column for cell in row if cell.column not in taken), 1)


def _only_number_column(sheet: Sheet, header: tuple[Cell, ...], columns: dict[Role, int]) -> int | None:
    """Without a heading for the value, one remaining column of numbers can only be it."""
    below = [row for row in sheet.filled_rows() if row[0].row > header[0].row][:50]
    free = [cell.column for cell in header if cell.column not in columns.values()]
    numeric = [column for column in free if below and all(_is_numeric(row[column - 1]) for row in below)]
    return numeric[0] if len(numeric) == 1 else None


def _is_numeric(cell: Cell) -> bool:
    return cell.is_empty or cell.kind is Kind.NUMBER or cell.text.strip("-").replace(",", "").replace(".", "").isdigit()


def _is_period(cell: Cell) -> bool:
    return bool(_period_text(cell))


def _period_text(cell: Cell) -> str:
    """Return the period that a heading is, as text; a heading such as "Jaar 2019" or 2019 as a number counts."""
    if cell.kind is Kind.DATE and cell.day and (cell.day.month, cell.day.day) == (1, 1):
        return str(cell.day.year)
    if cell.kind not in (Kind.TEXT, Kind.NUMBER) or cell.percent:
        return ""
    found = period_code(cell.text)
    return cell.text if found and 1900 <= int(found[0][:4]) <= 2200 else ""
