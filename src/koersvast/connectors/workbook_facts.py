"""What a workbook's XML says beside the values: percent formats, formulas, errors, merged cells, hidden parts.

The values themselves come from calamine, which gives 0.61 for a cell that Excel shows as 61 % and nothing for an
error. One pass of a streaming parser, so that a sheet with too many or too distant cells is refused before anything
is laid out in memory.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from koersvast.connectors.archive import Archive
from koersvast.connectors.sheets import Limits, column_number, refuse

Attributes = dict[str, str]
Box = tuple[int, int, int, int]

_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})\Z")
_BUILT_IN_PERCENT = {9, 10}
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ODS_TYPES = ("application/vnd.oasis.opendocument.spreadsheet",)


@dataclass(slots=True)
class CellFact:
    """What calamine does not tell about one cell."""

    percent: bool = False
    formula: str = ""
    has_value: bool = False
    error: str = ""
    never_calculated: bool = False


@dataclass
class SheetFacts:
    """One sheet: only cells worth a fact are in `cells`, by (row, column) from 1; boxes are first and last cell.

    `recalculate` says that the writer asked for calculation at the next opening: it has calculated nothing itself.
    """

    name: str
    hidden: bool = False
    part: str = ""
    recalculate: bool = False
    cells: dict[tuple[int, int], CellFact] = field(default_factory=dict)
    merged: list[Box] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    last_row: int = 0
    last_column: int = 0
    filled: int = 0


@dataclass
class WorkbookFacts:
    """All sheets in their order, and the part that reaches outside the file, if any."""

    kind_of_file: str
    sheets: list[SheetFacts]
    links: str = ""


def scan(archive: Archive, limits: Limits) -> WorkbookFacts:
    """Walk through a workbook once; raise FileRefused for another kind of file, a password or too many cells."""
    if "xl/workbook.xml" in archive:
        return _scan_xlsx(archive, limits)
    if "mimetype" in archive and archive.read("mimetype").decode("latin-1").startswith(_ODS_TYPES):
        if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise refuse("password")
        if "content.xml" in archive:
            return _OdsScan(archive, limits).run()
    raise refuse("unknown_kind_of_file")


def is_percent_format(code: str) -> bool:
    """Tell whether a number format shows a percentage: a percent sign that is not quoted or escaped.

    >>> is_percent_format('0.0" %"'), is_percent_format("0.0%")
    (False, True)
    """
    return "%" in _NOT_CODE.sub("", code.split(";", maxsplit=1)[0])


def _walk(
    archive: Archive,
    part: str,
    *,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse one part; names lose their namespace, as writers choose prefixes freely."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, found: start(_local(name), {_local(k): v for k, v in found.items()})
    if end:
        parser.EndElementHandler = lambda name: end(_local(name))
    if text:
        parser.CharacterDataHandler = text
    archive.parse(part, parser)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _count(facts: SheetFacts, row: int, column: int, limits: Limits, *, cells: int = 1) -> None:
    """Remember how far a filled cell stands; refuse what would not fit."""
    facts.last_row, facts.last_column = max(facts.last_row, row), max(facts.last_column, column)
    facts.filled += cells
    area = facts.last_row * facts.last_column
    if facts.last_column > limits.columns:
        raise refuse("too_many_columns", line=row, limit=limits.columns, found=facts.last_column)
    if facts.last_row > limits.rows or max(area, facts.filled) > limits.cells:
        raise refuse("too_many_cells", line=row, limit=limits.cells, found=max(area, facts.filled))


# --- XLSX


def _scan_xlsx(archive: Archive, limits: Limits) -> WorkbookFacts:
    sheets = list(_sheets_of(archive))
    percent_styles = _percent_styles(archive)
    for facts in sheets:
        if facts.part in archive:
            _XlsxSheetScan(facts, percent_styles, limits).run(archive)
    links = next((n for n in archive.parts if n.startswith(("xl/externalLinks/", "xl/connections"))), "")
    return WorkbookFacts("xlsx", sheets, links)


def _sheets_of(archive: Archive) -> Iterator[SheetFacts]:
    targets: dict[str, str] = {}

    def relation(name: str, found: Attributes) -> None:
        if name == "Relationship" and found.get("TargetMode") != "External":
            target = found.get("Target", "")
            targets[found.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    if "xl/_rels/workbook.xml.rels" in archive:
        _walk(archive, "xl/_rels/workbook.xml.rels", start=relation)
    sheets: list[SheetFacts] = []

    recalculate = False

    def sheet(name: str, found: Attributes) -> None:
        nonlocal recalculate
        if name == "calcPr":
            recalculate = found.get("fullCalcOnLoad") in ("1", "true")
        elif name == "sheet":
            hidden = found.get("state", "visible") != "visible"
            sheets.append(SheetFacts(found.get("name", ""), hidden, targets.get(found.get("id", ""), "")))

    _walk(archive, "xl/workbook.xml", start=sheet)
    for facts in sheets:
        facts.recalculate = recalculate
        if facts.part in archive:
            yield facts


def _percent_styles(archive: Archive) -> set[int]:
    """Return the numbers of the cell styles that show a percentage."""
    if "xl/styles.xml" not in archive:
        return set()
    own_formats: dict[int, bool] = {}
    styles: list[int] = []
    inside = False

    def start(name: str, found: Attributes) -> None:
        nonlocal inside
        if name == "numFmt":
            own_formats[_whole(found.get("numFmtId"))] = is_percent_format(found.get("formatCode", ""))
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            styles.append(_whole(found.get("numFmtId")))

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name != "cellXfs"

    _walk(archive, "xl/styles.xml", start=start, end=end)
    return {n for n, kind in enumerate(styles) if own_formats.get(kind, kind in _BUILT_IN_PERCENT)}


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


class _XlsxSheetScan:
    """One worksheet part; cells may leave out their address, which then follows from the one before."""

    def __init__(self, facts: SheetFacts, percent_styles: set[int], limits: Limits) -> None:
        self.facts, self.percent_styles, self.limits = facts, percent_styles, limits
        self.row = self.column = 0
        self.fact = CellFact()
        self.is_error = False
        self.inside = ""
        self.texts: list[str] = []

    def run(self, archive: Archive) -> None:
        _walk(archive, self.facts.part, start=self.start, end=self.end, text=self.text)

    def start(self, name: str, found: Attributes) -> None:
        if name == "row":
            self._start_row(found)
        elif name == "c":
            self._start_cell(found)
        elif name in ("f", "v", "t"):
            self.inside, self.texts = name, []
        elif name == "mergeCell" and (box := _box(found.get("ref", ""))):
            self.facts.merged.append(box)
            if len(self.facts.merged) > self.limits.cells:
                raise refuse("too_many_cells", limit=self.limits.cells, found=len(self.facts.merged))

    def text(self, data: str) -> None:
        if self.inside:
            self.texts.append(data)

    def end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name == self.inside:
            self._end_text(name, "".join(self.texts))
            self.inside = ""

    def _start_row(self, found: Attributes) -> None:
        self.row, self.column = max(_whole(found.get("r")), self.row + 1), 0
        if found.get("hidden") in ("1", "true"):
            self.facts.hidden_rows.append(self.row)

    def _start_cell(self, found: Attributes) -> None:
        self.column += 1
        if match := _CELL.match(found.get("r", "")):
            self.row, self.column = int(match[2]), column_number(match[1])
        self.is_error = found.get("t") == "e"
        is_number = found.get("t", "n") == "n"
        self.fact = CellFact(percent=is_number and _whole(found.get("s")) in self.percent_styles)

    def _end_text(self, name: str, text: str) -> None:
        if name == "f":
            self.fact.formula = text[:200] or "…"
        elif text:
            self.fact.has_value = True
            self.fact.error = text[:20] if self.is_error and name == "v" else self.fact.error
            # A program without a calculator writes 0 as the result of every formula.
            self.fact.never_calculated = self.facts.recalculate and bool(self.fact.formula) and text in ("0", "0.0")

    def _end_cell(self) -> None:
        fact = self.fact
        if fact.has_value or fact.formula:
            _count(self.facts, self.row, self.column, self.limits)
        if fact.percent or fact.formula or fact.error:
            self.facts.cells[self.row, self.column] = fact


def _box(reference: str) -> Box | None:
    first, _, last = reference.partition(":")
    start, stop = _CELL.match(first), _CELL.match(last or first)
    if not start or not stop:
        return None
    rows, columns = sorted((int(start[2]), int(stop[2]))), sorted((column_number(start[1]), column_number(stop[1])))
    return rows[0], columns[0], rows[1], columns[1]


# --- ODS


class _OdsScan:
    """The one content part of an ODS file, in which rows and cells that repeat stand once with a count."""

    def __init__(self, archive: Archive, limits: Limits) -> None:
        self.archive, self.limits = archive, limits
        self.book = WorkbookFacts("ods", [])
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.depth = 0
        self.row = self.row_repeat = self.column = self.repeat = 0
        self.fact: CellFact | None = None
        self.span: tuple[int, int] = (1, 1)
        self.texts: list[str] = []
        self.is_error = False

    def run(self) -> WorkbookFacts:
        _walk(self.archive, "content.xml", start=self.start, end=self.end, text=self.text)
        return self.book

    def start(self, name: str, found: Attributes) -> None:
        if name == "style":
            self.style = found.get("name", "")
        elif name == "table-properties" and found.get("display") == "false":
            self.hidden_styles.add(self.style)
        elif name in ("table-source", "dde-link"):
            self.book.links = "content.xml"
        elif name == "table":
            self._start_table(found)
        elif self.depth == 1 and name == "table-row":
            self._start_row(found)
        elif self.depth == 1 and name in ("table-cell", "covered-table-cell"):
            self._start_cell(found)

    def text(self, data: str) -> None:
        if self.fact is not None and len(self.texts) < 1000:
            self.texts.append(data)

    def end(self, name: str) -> None:
        if name == "table":
            self.depth -= 1
        elif self.depth == 1 and name in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif self.depth == 1 and name == "table-row":
            self.row += self.row_repeat

    def _start_table(self, found: Attributes) -> None:
        # A table inside a cell or a chart is not a sheet.
        self.depth += 1
        if self.depth == 1:
            self.book.sheets.append(SheetFacts(found.get("name", ""), found.get("style-name") in self.hidden_styles))
            self.row = 1

    def _start_row(self, found: Attributes) -> None:
        self.column, self.row_repeat = 1, max(_whole(found.get("number-rows-repeated")), 1)
        if found.get("visibility") in ("collapse", "filter") and self.row_repeat <= self.limits.rows:
            last = min(self.row + self.row_repeat, self.row + 1000)
            self.book.sheets[-1].hidden_rows.extend(range(self.row, last))

    def _start_cell(self, found: Attributes) -> None:
        self.repeat = max(_whole(found.get("number-columns-repeated")), 1)
        self.span = (_whole(found.get("number-rows-spanned")), _whole(found.get("number-columns-spanned")))
        value_type = found.get("value-type", "")
        self.is_error = "error" in value_type
        self.texts = []
        self.fact = CellFact(
            percent=value_type == "percentage",
            formula=found.get("formula", "")[:200],
            has_value=any(key in found for key in ("value", "date-value", "time-value", "boolean-value")),
        )

    def _end_cell(self) -> None:
        facts, fact = self.book.sheets[-1], self.fact or CellFact()
        shown = "".join(self.texts).strip()
        # LibreOffice writes both an own and a foreign value type; either may say "error".
        fact.error = shown[:20] if shown.startswith(("#", "Err:")) and (self.is_error or fact.formula) else ""
        fact.has_value = fact.has_value or bool(shown)
        if fact.has_value or fact.formula:
            last_row, last_column = self.row + self.row_repeat - 1, self.column + self.repeat - 1
            _count(facts, last_row, last_column, self.limits, cells=self.row_repeat * self.repeat)
            if fact.percent or fact.formula or fact.error:
                for row in range(self.row, last_row + 1):
                    facts.cells.update({(row, column): fact for column in range(self.column, last_column + 1)})
        if max(self.span) > 1:
            rows, columns = max(self.span[0], 1), max(self.span[1], 1)
            facts.merged.append((self.row, self.column, self.row + rows - 1, self.column + columns - 1))
        self.column += self.repeat
        self.fact = None
