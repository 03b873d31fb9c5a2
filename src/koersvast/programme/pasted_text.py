"""Read text as it was copied from Excel, Word or a CSV file into rows of cells. Pure, and never raises but a refusal.

Excel puts tabs between cells and quotes around a cell that holds a line end; Word does the first and loses the second.
A cell that was merged with the one above or to the left comes in as a mark of its own, so that it can be asked about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from koersvast.connectors.delimited import find_delimiter
from koersvast.connectors.sheets import Sheet

ROWS_AT_MOST, COLUMNS_AT_MOST, BYTES_AT_MOST, CELL_AT_MOST = 500, 40, 200_000, 4_000
ABOVE, LEFT = "\u2191", "\u2190"  # ↑ and ←: merged with the cell above, with the cell to the left

_SPACES = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile("[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]")
# What Word and Excel put before a point of a list; Word writes a tab behind it, which is no border between cells.
_BULLET = re.compile(
    r"(?P<start>^|[\t\n\"])[ \u00a0]*[\u2022\u2023\u25aa\u25cf\u25e6\u2043\u00b7\uf0b7\uf0a7][ \u00a0]*\t?"
)
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"(?=[\t\n;|,]|\Z)')


class PasteRefused(ValueError):
    """Text that cannot be taken in as a table; `code` says why, `values` how much there was and how much may be."""

    def __init__(self, code: str, **values: int) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of equal length. `notes` are codes of what to tell: one_cell_per_line, ragged."""

    rows: tuple[tuple[str, ...], ...]
    has_header: bool = False
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    @property
    def body(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """The rows below the headings, each with its number in what was pasted (from 1)."""
        start = 1 if self.has_header else 0
        return tuple((number, row) for number, row in enumerate(self.rows, start=1) if number > start)

    def heading(self, column: int) -> str:
        return self.rows[0][column] if self.has_header and self.rows else ""


def read_table(text: str) -> Table:
    """Read a paste; raise PasteRefused (empty, too_large, too_many_rows, too_many_columns, cell_too_long)."""
    size = len(text.encode("utf-8", errors="replace"))
    if size > BYTES_AT_MOST:
        raise PasteRefused("too_large", found=size // 1000, limit=BYTES_AT_MOST // 1000)
    clean = _plain(text)
    delimiter = _delimiter(clean)
    return table_of(_records(clean, delimiter), lost_its_tabs=not delimiter)


def table_of(rows: Sequence[Sequence[str]], *, lost_its_tabs: bool = False) -> Table:
    """Make a table of rows of texts: without empty rows and columns, rectangular, within the limits."""
    cleaned = [[_cell(text) for text in row] for row in rows]
    filled = [row for row in cleaned if any(row)]
    used = sorted({place for row in filled for place, text in enumerate(row) if text})
    if not used:
        raise PasteRefused("empty")
    if len(filled) > ROWS_AT_MOST:
        raise PasteRefused("too_many_rows", found=len(filled), limit=ROWS_AT_MOST)
    if len(used) > COLUMNS_AT_MOST:
        raise PasteRefused("too_many_columns", found=len(used), limit=COLUMNS_AT_MOST)
    body = tuple(tuple(row[place] if place < len(row) else "" for place in used) for row in filled)
    _not_too_long(body)
    notes = ("one_cell_per_line",) if len(used) == 1 and len(body) > 1 and lost_its_tabs else ()
    return Table(rows=body, notes=notes)


def table_of_sheet(sheet: Sheet) -> Table:
    """Make a table of a sheet of a workbook; a cell that was merged carries the mark of its side."""
    return table_of([[_sheet_text(cell) for cell in row] for row in sheet.rows])


def write_table(rows: Sequence[Sequence[str]]) -> str:
    """Write rows as Excel puts them on the clipboard: tabs, Windows line ends, quotes where they are needed."""
    return "".join("\t".join(_quoted(text) for text in row) + "\r\n" for row in rows)


def _sheet_text(cell: object) -> str:
    merged_from = str(getattr(cell, "merged_from", "") or "")
    if not merged_from:
        return str(getattr(cell, "text", ""))
    origin = re.match(r"[A-Z]+(\d+)", merged_from)
    return LEFT if origin and int(origin.group(1)) == getattr(cell, "row", 0) else ABOVE


def _plain(text: str) -> str:
    unix = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\x0b", "\n")
    return _INVISIBLE.sub("", _BULLET.sub(r"\g<start>- ", unix.replace("\x0c", "\n")))


def _cell(text: str) -> str:
    lines = [_SPACES.sub(" ", line.replace("\t", " ")).strip() for line in _plain(text).split("\n")]
    return "\n".join(lines).strip()


def _delimiter(text: str) -> str:
    if "\t" in text:
        return "\t"
    found = find_delimiter(text)
    if found != ",":
        return found
    # Sentences have commas too: only a text that is cut into equally many cells throughout is a file of commas.
    widths = {len(row) for row in _records(text, ",") if any(row)}
    return "," if len(widths) == 1 and widths.pop() > 2 else ""


def _records(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    place, end = 0, len(text)
    stops = re.compile(r"[\n" + re.escape(delimiter) + "]")
    while place <= end:
        quoted = _QUOTED.match(text, place)
        if quoted and (quoted.end() == end or text[quoted.end()] in "\n" + delimiter):
            rows[-1].append(quoted.group(1).replace('""', '"'))
            place = quoted.end()
        else:
            stop = stops.search(text, place)
            rows[-1].append(text[place : stop.start() if stop else end])
            place = stop.start() if stop else end
        if place < end and text[place] == "\n":
            rows.append([])
        _not_too_many(rows)
        place += 1
    return rows


def _not_too_many(rows: list[list[str]]) -> None:
    """Stop early at what is refused anyway: four times the limit, for empty rows and columns are left out later."""
    if len(rows) > 4 * ROWS_AT_MOST:
        raise PasteRefused("too_many_rows", found=len(rows), limit=ROWS_AT_MOST)
    if len(rows[-1]) > 4 * COLUMNS_AT_MOST:
        raise PasteRefused("too_many_columns", found=len(rows[-1]), limit=COLUMNS_AT_MOST)


def _not_too_long(rows: Sequence[Sequence[str]]) -> None:
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            if len(text) > CELL_AT_MOST:
                raise PasteRefused("cell_too_long", row=number, column=place, found=len(text), limit=CELL_AT_MOST)


def _quoted(text: str) -> str:
    if re.search(r'["\t\n\r]', text):
        return '"' + text.replace('"', '""') + '"'
    return text
