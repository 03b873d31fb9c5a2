"""Write a table to CSV, XLSX or ODS so that no cell ever starts a formula and every number tells where it comes from.

Pure: values in, bytes out. In XLSX and ODS a text is stored as text, so "=1+1" is shown and not run, and nothing is
changed. CSV has no types: there a text that a spreadsheet could run gets an apostrophe in front (`neutralised`),
which `restored` takes away again. Numbers stay numbers: -5 is written as -5.
"""

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import xlsxwriter
from odf.element import Element
from odf.opendocument import OpenDocument, OpenDocumentSpreadsheet
from odf.style import Style, TableColumnProperties, TextProperties
from odf.table import Table as OdfTable
from odf.table import TableCell, TableColumn, TableRow
from odf.teletype import addTextToElement
from odf.text import P
from xlsxwriter.worksheet import Worksheet

from koersvast.connectors.amounts import DecimalSign, written
from koersvast.connectors.sheets import column_letter

Value = str | int | float | Decimal | bool | date | None

# What a spreadsheet takes for the start of a formula, also as a full-width sign and after leading spaces. A tab or a
# line end counts after spaces too: readers that trim a cell bring it to the front. The apostrophe itself is in the
# list so that the rule can be undone without doubt.
_STARTS = re.compile(r"[\s\u200b\u2060\ufeff\u00ad]*[=+\-@\uff1d\uff0b\uff0d\uff20|%\t\r\n']")
# Characters that XML 1.0 cannot hold; a file with one of them would not open.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TEXT = 32_767
CSV_MARK = b"\xef\xbb\xbf"
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


class BadTable(ValueError):
    """A table that cannot be written: ragged rows, a number that is no number, a text too long for a cell."""


class CsvForm(StrEnum):
    """For Excel in Dutch (semicolons, decimal comma, byte order mark, a heading) or for programs (commas, points)."""

    DUTCH = "dutch"
    PLAIN = "plain"


@dataclass(frozen=True, kw_only=True)
class About:
    """Where a table comes from; `vintage` says as known on what day. Only definitions may be absent."""

    title: str
    source: str
    licence: str
    vintage: str
    definitions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lacking = [name for name in ("title", "source", "licence", "vintage") if not getattr(self, name).strip()]
        if lacking:
            raise BadTable(f"A table leaves the house with its {', '.join(lacking)}.")


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The words around a table in the language of the reader; the floor above gives them."""

    title: str = "Title"
    source: str = "Source"
    licence: str = "Licence"
    vintage: str = "As known on"
    definitions: str = "Definitions"
    data_sheet: str = "Data"
    about_sheet: str = "About"
    yes: str = "yes"
    no: str = "no"


@dataclass(frozen=True, kw_only=True)
class OutTable:
    """A table to be written: every row is as long as `headings`; None is an empty cell."""

    about: About
    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.headings):
                raise BadTable(f"Row {number} has {len(row)} cells under {len(self.headings)} headings.")
            for value in row:
                _check(value)


def neutralised(text: str) -> str:
    """Return a text that no spreadsheet runs, for a format without types.

    >>> neutralised("=1+1"), neutralised("-5 graden"), neutralised("'s avonds"), neutralised("te hard rijden")
    ("'=1+1", "'-5 graden", "''s avonds", 'te hard rijden')
    """
    return f"'{text}" if _STARTS.match(text) else text


def restored(text: str) -> str:
    """Take back what `neutralised` did; any other text stays as it is."""
    return text[1:] if text.startswith("'") and _STARTS.match(text[1:]) else text


def write_csv(table: OutTable, *, form: CsvForm = CsvForm.DUTCH, labels: Labels | None = None) -> bytes:
    """Write CSV. The Dutch form opens well in Dutch Excel and begins with a heading that ends in an empty line.

    The plain form is headings and rows only, for programs; its origin goes beside it, by `write_about`. Every text is
    quoted, so that a file opened with another delimiter still has no cell that begins in the middle of a text.
    """
    words = labels or Labels()
    lines: list[Sequence[Value]] = []
    if form is CsvForm.DUTCH:
        lines += [list(pair) for pair in _about_lines(table.about, words)]
        lines.append([])
    lines += [list(table.headings), *table.rows]
    encoded = b"".join(csv_line(line, form=form, labels=words) for line in lines)
    return CSV_MARK + encoded if form is CsvForm.DUTCH else encoded


def csv_line(values: Sequence[Value], *, form: CsvForm, labels: Labels | None = None) -> bytes:
    """Write one line, for a file that is too long to be in memory; the Dutch form begins with `CSV_MARK`."""
    words = labels or Labels()
    delimiter, sign = (";", DecimalSign.COMMA) if form is CsvForm.DUTCH else (",", DecimalSign.POINT)
    fields = delimiter.join(_csv_field(value, sign, words) for value in values)
    return f"{fields}\r\n".encode("utf-8", "replace")


def write_about(about: About) -> bytes:
    """Write title, source, licence, vintage and definitions as JSON, to go beside a plain CSV file."""
    return json.dumps(asdict(about), ensure_ascii=False, indent=1, default=dict).encode("utf-8", "replace")


def write_xlsx(table: OutTable, *, labels: Labels | None = None) -> bytes:
    """Write a workbook of two sheets: the table, with its first row kept in sight, and where it comes from."""
    words = labels or Labels()
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": _xml_text(table.about.title), "created": datetime(2000, 1, 1, tzinfo=UTC)})
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(_sheet_name(words.data_sheet))
        for column, heading in enumerate(table.headings):
            sheet.write_string(0, column, _xml_text(heading), bold)
            sheet.set_column(column, column, _column_width(table, column))
        for number, row in enumerate(table.rows, start=1):
            for column, value in enumerate(row):
                _write_xlsx_cell(sheet, number, column, value, day)
        sheet.freeze_panes(1, 0)
        origin = book.add_worksheet(_sheet_name(words.about_sheet))
        origin.set_column(0, 0, 28)
        origin.set_column(1, 1, 90)
        for number, (label, text) in enumerate(_about_lines(table.about, words)):
            origin.write_string(number, 0, _xml_text(label), bold)
            origin.write_string(number, 1, _xml_text(text), wrapped)
    return out.getvalue()


def write_ods(table: OutTable, *, labels: Labels | None = None) -> bytes:
    """Write an OpenDocument spreadsheet of the same two sheets."""
    words = labels or Labels()
    book = OpenDocumentSpreadsheet()
    bold = Style(name="heading", family="table-cell")
    bold.addElement(TextProperties(fontweight="bold"))
    book.automaticstyles.addElement(bold)
    data = OdfTable(name=_sheet_name(words.data_sheet))
    for column in range(len(table.headings)):
        _add_column(book, data, f"data{column}", _column_width(table, column))
    _add_row(data, table.headings, style=bold)
    for row in table.rows:
        _add_row(data, row)
    origin = OdfTable(name=_sheet_name(words.about_sheet))
    _add_column(book, origin, "label", 28)
    _add_column(book, origin, "text", 90)
    for pair in _about_lines(table.about, words):
        _add_row(origin, pair)
    book.spreadsheet.addElement(data)
    book.spreadsheet.addElement(origin)
    out = io.BytesIO()
    book.write(out)
    return out.getvalue()


def _check(value: Value) -> None:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT - 1:
        raise BadTable(f"A cell holds at most {_LONGEST_TEXT} letters.")
    if isinstance(value, float | Decimal) and not Decimal(value).is_finite():
        raise BadTable("A number that is not finite is no figure; give None and say why it is missing.")


def _about_lines(about: About, words: Labels) -> list[tuple[str, str]]:
    lines = [(getattr(words, name), getattr(about, name)) for name in ("title", "source", "licence", "vintage")]
    if about.definitions:
        lines.append((words.definitions, ""))
        lines += [(name, text) for name, text in about.definitions.items()]
    return lines


def _csv_field(value: Value, sign: DecimalSign, words: Labels) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'"{neutralised(words.yes if value else words.no)}"'
    if isinstance(value, int | float | Decimal):
        return written(_decimal(value), sign=sign)
    if isinstance(value, date):
        return value.isoformat()
    # A NUL ends the text for some readers, which would bring the rest of it to the front.
    text = neutralised(value.replace("\0", "\ufffd"))
    return '"' + text.replace('"', '""') + '"'


def _decimal(value: float | Decimal) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _xml_text(text: str) -> str:
    """Return what an XML file can hold: line ends of one kind, no control characters."""
    return _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _sheet_name(text: str) -> str:
    return _SHEET_NAME.sub(" ", _xml_text(text)).strip("' ")[:31] or "1"


def _column_width(table: OutTable, column: int) -> int:
    """Return a width in letters that fits most texts of a column."""
    longest = max([len(table.headings[column]), *(len(str(row[column] or "")) for row in table.rows[:200])])
    return min(max(longest + 2, 8), 60)


def _write_xlsx_cell(sheet: Worksheet, row: int, column: int, value: Value, day: object) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        failed = sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        failed = sheet.write_number(row, column, value)
    elif isinstance(value, date):
        failed = sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
    else:
        failed = sheet.write_string(row, column, _xml_text(value))
    if failed:
        raise BadTable(f"Cell {column_letter(column + 1)}{row + 1} does not fit in a workbook.")


def _add_column(book: OpenDocument, table: Element, name: str, width_letters: int) -> None:
    style = Style(name=name, family="table-column")
    style.addElement(TableColumnProperties(columnwidth=f"{width_letters * 0.2:.1f}cm"))
    book.automaticstyles.addElement(style)
    table.addElement(TableColumn(stylename=style))


def _add_row(table: Element, values: Sequence[Value], *, style: Element | None = None) -> None:
    row = TableRow()
    for value in values:
        row.addElement(_ods_cell(value, style))
    table.addElement(row)


def _ods_cell(value: Value, style: Element | None) -> Element:
    named = {"stylename": style} if style else {}
    if value is None or value == "":
        return TableCell(**named)
    if isinstance(value, bool):
        return _with_text(TableCell(valuetype="boolean", booleanvalue=str(value).lower(), **named), str(value).upper())
    if isinstance(value, int | float | Decimal):
        number = written(_decimal(value), sign=DecimalSign.POINT)
        return _with_text(TableCell(valuetype="float", value=number, **named), number)
    if isinstance(value, date):
        day = value.isoformat()[:10]
        return _with_text(TableCell(valuetype="date", datevalue=day, **named), day)
    return _with_text(TableCell(valuetype="string", **named), _xml_text(value))


def _with_text(cell: Element, text: str) -> Element:
    for line in text.split("\n"):
        paragraph = P()
        addTextToElement(paragraph, line)
        cell.addElement(paragraph)
    return cell
