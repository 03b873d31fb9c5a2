"""Answers in a table (CSV, XLSX): a heading for each variable, a row for each respondent, and perhaps a codebook.

Pure; runs in the child. A refusal names the variable and the place, and never says what stands there.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date

from koersvast.connectors.codebook_tables import CodebookVariable
from koersvast.connectors.delimited import decode, find_delimiter, without_sep_line
from koersvast.connectors.sheets import column_letter, refuse
from koersvast.connectors.survey_limits import FoundSurvey, FoundVariable, SurveyLimits, clean

# How SPSS, R and others write that a number is not there.
_NO_NUMBER = frozenset({"", "na", "nan", "#null!", "."})
_NO_TEXT = frozenset({"", "#null!"})
_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:[.,]\d{0,18})?|[.,]\d{1,18})(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_CODE_WITH_ZERO = re.compile(r"[+-]?0\d")
# "1.244" is a thousand to one writer and a little over one to another.
_TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}\Z")
_DAY = re.compile(
    r"(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[-/](\d{1,2})[-/](\d{4}))(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?\Z"
)
_EPOCH = date(1970, 1, 1).toordinal()


def text_rows(data: bytes, limits: SurveyLimits) -> list[list[str]]:
    """Return the rows of a CSV file as texts, without empty rows at the end."""
    text, stated = without_sep_line(decode(data)[0])
    # A table of one variable has no delimiter to be found.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=stated or find_delimiter(text) or ";", strict=True)
    rows: list[list[str]] = []
    cells = 0
    try:
        for row in reader:
            rows.append(row)
            cells += len(row)
            if cells > limits.cells + limits.variables or len(rows) > limits.rows + 1:
                limits.check_size(rows=len(rows), variables=max(map(len, rows)))
                raise refuse("too_many_answers", limit=limits.cells, found=cells)
    except csv.Error as error:
        reason = "quote_not_closed" if "unexpected end" in str(error) else "text_after_quote"
        raise refuse("bad_quoting", line=len(rows) + 1 + bool(stated), reason=reason) from None
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return rows


def columns_of(rows: Sequence[Sequence[str]], limits: SurveyLimits) -> dict[str, list[str]]:
    """Return the cells below each heading; refuses empty or double headings, and rows of other lengths."""
    if not rows:
        raise refuse("no_variables")
    headings = [clean(cell) for cell in rows[0]]
    while headings and not headings[-1]:
        headings.pop()
    limits.check_size(rows=len(rows) - 1, variables=len(headings))
    seen = set[str]()
    for number, heading in enumerate(headings, start=1):
        if not heading:
            raise refuse("empty_heading", line=1, column=column_letter(number))
        if heading in seen:
            raise refuse("name_twice_in_survey", line=1, column=column_letter(number), variable=heading)
        seen.add(heading)
    width = len(headings)
    if width == 1:  # an empty line is an answer that was not given
        rows = [row or [""] for row in rows]
    for line, row in enumerate(rows[1:], start=2):
        if len(row) < width or any(cell.strip() for cell in row[width:]):
            raise refuse("line_of_other_length", line=line, found=len(row), expected=width)
    return {heading: [row[place].strip() for row in rows[1:]] for place, heading in enumerate(headings)}


def survey_of(
    columns: Mapping[str, list[str]], codebook: Mapping[str, CodebookVariable], *, kind_of_file: str
) -> FoundSurvey:
    """Put answers and codebook together; refuses a codebook of other variables."""
    for described in codebook.values():
        if described.name not in columns:
            raise refuse("codebook_variable_not_in_file", line=described.line, variable=described.name)
    found = [
        variable_of(name, cells, codebook.get(name), column=column_letter(number))
        for number, (name, cells) in enumerate(columns.items(), start=1)
    ]
    weights = [name for name, described in codebook.items() if described.kind == "weight"]
    return FoundSurvey(kind_of_file=kind_of_file, variables=found, weight=weights[0] if len(weights) == 1 else "")


def variable_of(name: str, cells: list[str], described: CodebookVariable | None, *, column: str) -> FoundVariable:
    """Return one variable with its answers as numbers, days or texts: as the codebook says, else as they look."""
    found = FoundVariable(name=name, kind="", cells=cells)
    if described is None:
        found.kind = _looks_like(cells)
        _read_cells(found, cells, column)
        return found
    found.label, found.level = described.label, described.level or "unknown"
    found.kind = "number" if described.kind == "weight" else described.kind or _kind_by_codes(described, cells)
    if described.codes and found.kind == "day":
        raise refuse("codebook_says_two_things", line=described.line, variable=name)
    _add_codes(found, described)
    _read_cells(found, _with_codes(found.kind, cells, described), column)
    return found


def _kind_by_codes(described: CodebookVariable, cells: list[str]) -> str:
    if not described.codes:
        return "number" if described.ranges else _looks_like(cells)
    if all(_NUMBER.match(code) and not _CODE_WITH_ZERO.match(code) for code in described.codes):
        return "number"
    return "text"


def _with_codes(kind: str, cells: list[str], described: CodebookVariable) -> list[str]:
    """Put the code for the answer where a column holds the answers in words, all of them known."""
    codes = {answer.lower(): code for code, answer in described.codes.items() if answer}
    if kind != "number" or len(codes) < len(described.codes):
        return cells
    words = {cell.lower() for cell in cells} - _NO_NUMBER
    if words and words <= codes.keys() and not any(_NUMBER.match(word) for word in words):
        return [codes.get(cell.lower(), cell) for cell in cells]
    return cells


def _add_codes(found: FoundVariable, described: CodebookVariable) -> None:
    if found.kind == "text":
        if described.ranges:
            raise refuse("codebook_code_not_a_number", line=described.line, variable=found.name)
        found.labels = {code: answer for code, answer in described.codes.items() if answer}
        found.missing = list(described.missing)
        return
    numbers: dict[str, float] = {}
    for code in described.codes:
        line, column = described.places.get(code, (described.line, None))
        if not _NUMBER.match(code):
            raise refuse("codebook_code_not_a_number", line=line, column=column, variable=found.name)
        numbers[code] = _number(code)
        if list(numbers.values()).count(numbers[code]) > 1:
            raise refuse("codebook_code_twice", line=line, column=column, variable=found.name)
    found.labels = {numbers[code]: answer for code, answer in described.codes.items() if answer}
    found.missing = [numbers[code] for code in described.missing]
    found.ranges = list(described.ranges)


def _looks_like(cells: list[str]) -> str:
    """Return the kind of a column without a codebook; texts unless everything in it is a number or a day."""
    words = {cell for cell in set(cells) if cell.lower() not in _NO_NUMBER}
    if not words:
        return "text"
    if all(_NUMBER.match(word) and not _CODE_WITH_ZERO.match(word) for word in words):
        both = any("," in word for word in words) and any("." in word for word in words)
        return "text" if both else "number"
    return "day" if all(_day(word) is not None for word in words) else "text"


def _read_cells(found: FoundVariable, cells: list[str], column: str) -> None:
    if found.kind == "text":
        found.cells = [None if cell.lower() in _NO_TEXT else cell for cell in cells]
        return
    if found.kind == "number":
        _refuse_two_ways(found.name, cells, column)
    known: dict[str, float | int | None] = {}
    for line, cell in enumerate(cells, start=2):
        if cell in known:
            continue
        if cell.lower() in _NO_NUMBER:
            known[cell] = None
        elif found.kind == "day":
            known[cell] = _day(cell)
            if known[cell] is None:
                raise refuse("cell_not_a_day", line=line, column=column, variable=found.name)
        elif _NUMBER.match(cell):
            known[cell] = _number(cell)
        else:
            raise refuse("cell_not_a_number", line=line, column=column, variable=found.name)
    found.cells = [known[cell] for cell in cells]
    if found.kind == "number":
        found.decimals = min(max((len(cell.replace(",", ".").partition(".")[2]) for cell in known), default=0), 16)


def _refuse_two_ways(name: str, cells: list[str], column: str) -> None:
    """Refuse numbers whose sign may group thousands, when no other number of the column shows what it is."""
    signed = [(line, cell) for line, cell in enumerate(cells, start=2) if "." in cell or "," in cell]
    if signed and all(_TWO_WAYS.match(cell) for _, cell in signed):
        raise refuse("number_in_two_ways", line=signed[0][0], column=column, variable=name)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _day(text: str) -> int | None:
    match = _DAY.match(text)
    if match is None:
        return None
    year, month, day, day_first, month_second, year_last = match.groups()
    parts = (year, month, day) if year else (year_last, month_second, day_first)
    try:
        return date(*map(int, parts)).toordinal() - _EPOCH
    except ValueError:
        return None
