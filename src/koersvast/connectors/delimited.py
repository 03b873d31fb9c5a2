"""Read CSV as offices send it: find the encoding and the delimiter, refuse what cannot be read for certain.

Pure: bytes in, a sheet of texts out. Every cell keeps its text; numbers are read later, by `amounts`.
"""

import csv
import io
from collections import Counter
from itertools import islice

from koersvast.connectors.problems import Problem, problem
from koersvast.connectors.sheets import Cell, Kind, Limits, Sheet, column_letter, refuse

# The order breaks a tie: Dutch Excel writes semicolons.
DELIMITERS = (";", "\t", "|", ",")
_SAMPLE_ROWS = 60
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_csv(data: bytes, *, limits: Limits, delimiter: str = "") -> Sheet:
    """Read the bytes of a CSV file; raise FileRefused when they are no table of text."""
    text, encoding = decode(data)
    notes = [problem("read_as_cp1252")] if encoding == "cp1252" else []
    text, stated = without_sep_line(text)
    found = delimiter or stated or find_delimiter(text)
    records = _records(text, found or ";", limits, first_row=2 if stated else 1)
    if stated:
        records.insert(0, [])
    width = max((len(record) for record in records), default=0)
    notes += _longer_than_header(records)
    rows = tuple(_cells(number, record, width) for number, record in enumerate(records, start=1))
    return Sheet(name="", kind_of_file="csv", rows=rows, notes=tuple(notes), encoding=encoding, delimiter=found)


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding: by byte order mark, else UTF-8, else Windows-1252."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    if not encoding and (position := data.find(b"\0")) >= 0:
        raise refuse("nul_byte", position=position)
    for attempt in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            text = data.decode(attempt)
        except UnicodeDecodeError as error:
            position = error.start
            continue
        if (nul := text.find("\0")) >= 0:
            raise refuse("nul_byte", position=nul)
        return text, attempt
    raise refuse("undecodable_text", position=position)


def find_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first rows into equally many fields; "" when nothing does."""
    best, best_score = "", (0.0, 0)
    for candidate in DELIMITERS:
        widths = _sample_widths(text, candidate)
        if not widths:
            continue
        width, times = Counter(widths).most_common(1)[0]
        # A header with a title above it, or a footnote below, may be narrower; more columns win a tie.
        score = (times / len(widths), 0) if width > 1 else (0.0, 0)
        if score > best_score:
            best, best_score = candidate, score
    return best


def _sample_widths(text: str, delimiter: str) -> list[int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [len(record) for record in islice(reader, _SAMPLE_ROWS) if record]
    except csv.Error:
        return []


def without_sep_line(text: str) -> tuple[str, str]:
    """Excel's own first line "sep=;" states the delimiter and is no data; a quotation mark cannot be one."""
    first, _, rest = text.partition("\n")
    first = first.rstrip("\r")
    if first.lower().startswith("sep=") and len(first) == len("sep=") + 1 and first[-1] != '"':
        return rest, first[-1]
    return text, ""


def _records(text: str, delimiter: str, limits: Limits, *, first_row: int) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    cells = 0
    try:
        for row, record in enumerate(reader, start=first_row):
            cells += len(record)
            _check_record(row, record, cells, limits)
            records.append(record)
    except csv.Error as error:
        line = first_row + len(records)
        if "field limit" in str(error):
            raise refuse("field_too_long", line=line, limit=csv.field_size_limit()) from None
        raise refuse("bad_quoting", line=line, reason=_quoting_reason(str(error))) from None
    while records and not any(field.strip() for field in records[-1]):
        records.pop()
    return records


def _check_record(row: int, record: list[str], cells: int, limits: Limits) -> None:
    if len(record) > limits.columns:
        raise refuse("too_many_columns", line=row, limit=limits.columns, found=len(record))
    if row > limits.rows or cells > limits.cells:
        raise refuse("too_many_cells", line=row, limit=limits.cells, found=cells)
    for number, field in enumerate(record, start=1):
        if len(field) > limits.text_length:
            raise refuse("field_too_long", line=row, column=column_letter(number), limit=limits.text_length)


def _quoting_reason(message: str) -> str:
    return "quote_not_closed" if "unexpected end" in message else "text_after_quote"


def _longer_than_header(records: list[list[str]]) -> list[Problem]:
    """Remark on rows with more filled fields than any row above them that could be the header."""
    widths = [_filled_width(record) for record in records]
    usual = max(widths[:10], default=0)
    return [
        problem("row_longer_than_header", line=row, columns=usual, found=width)
        for row, width in enumerate(widths, start=1)
        if width > usual
    ][:20]


def _filled_width(record: list[str]) -> int:
    return max((number for number, field in enumerate(record, start=1) if field.strip()), default=0)


def _cells(row: int, record: list[str], width: int) -> tuple[Cell, ...]:
    texts = record + [""] * (width - len(record))
    return tuple(
        Cell(row=row, column=column, kind=Kind.TEXT if text.strip() else Kind.EMPTY, text=text.strip())
        for column, text in enumerate(texts, start=1)
    )
