"""Read the JSON of a table service: strictly where it is metadata, strictly and fast where it is a page of figures.

Two readers of pages give the same: a fast one, which first proves from the bytes that every line has the same names
once and values of the right kind and then lets Polars read, and an exact one for whatever that proof does not cover.
The proof matters: Polars alone takes the first of two equal names, true for 1 and 5 for "5". RFC 8259 is the grammar.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from koersvast.connectors.open_tables import TableProblem, check_values, table_problem

# Beyond this a whole number is no longer exact in a Float64, and no count in the Netherlands comes near it.
LARGEST = float(2**53)
_BOM = b"\xef\xbb\xbf"
# Escapes are taken whole, so that an escaped backslash before a "u" is not mistaken for the beginning of one.
_ESCAPES = re.compile(
    r"\\(?:u(?:[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<alone>0000|[dD][89a-fA-F][0-9a-fA-F]{2}))|.)"
)
_COLON, _QUOTE, _OPEN = 0x3A, 0x22, 0x7B
_TEXT = np.zeros(256, dtype=bool)
_TEXT[[_QUOTE]] = True
_NUMBER = np.zeros(256, dtype=bool)
_NUMBER[[*b"-0123456789n"]] = True
_TEXT_OR_NULL = np.zeros(256, dtype=bool)
_TEXT_OR_NULL[[*b'"n']] = True
_PLAIN = np.zeros(256, dtype=bool)
_PLAIN[[*b'"-0123456789ntf']] = True

type Bytes = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The columns that a page must have: keys that are text, figures (numbers or null), and texts that may be null."""

    table: str
    keys: tuple[str, ...]
    figures: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns in order, with the type in which they are read."""
        kinds: dict[str, pl.DataType] = {key: pl.String() for key in self.keys}
        kinds |= {key: pl.Float64() for key in self.figures}
        return kinds | {key: pl.String() for key in self.texts}


@dataclass(frozen=True, kw_only=True)
class Page:
    """The lines of a page as a frame, and what stands round them ("odata.nextLink" and the like)."""

    lines: pl.DataFrame
    envelope: Mapping[str, Any]


class _NotPlain(Exception):
    """The fast reader's proof does not cover this page."""


# --- strict values


def read_json(data: bytes, *, table: str) -> Any:
    """Read JSON to the letter; raises TableProblem for a name twice, NaN, a number too large, or anything not JSON."""
    check_values(data.count(b",") + 4 * (data.count(b"[") + data.count(b"{")), table=table)
    text = decoded(data, table=table)
    _check_escapes(text, table)
    try:
        return json.loads(
            text,
            object_pairs_hook=lambda pairs: _once(pairs, table),
            parse_constant=lambda word: _refuse_number(word, table),
            parse_float=lambda word: _finite(word, table),
            parse_int=lambda word: _whole(word, table),
        )
    except RecursionError:
        raise table_problem("too_deep", table=table) from None
    except ValueError as error:
        raise table_problem("not_an_answer", table=table, reason=_why_not(text, error)) from None


def read_object(data: bytes, *, table: str) -> dict[str, Any]:
    """Read a JSON object that is an answer of a table service; an error message of the service is a refusal."""
    found = read_json(data, table=table)
    if not isinstance(found, dict):
        raise table_problem("not_an_answer", table=table, reason="no_object")
    for name in ("odata.error", "error"):
        if name in found:
            raise table_problem("service_says_no", table=table, message=_message(found[name]))
    return found


def read_list(data: bytes, *, table: str) -> list[dict[str, Any]]:
    """Read the list of objects under "value" of an answer."""
    found = read_object(data, table=table).get("value")
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise table_problem("not_an_answer", table=table, reason="no_list")
    return found


def decoded(data: bytes, *, table: str) -> str:
    """Return the text of UTF-8, with or without a byte order mark; any other character set is refused."""
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise table_problem("answer_undecodable", table=table, position=error.start) from None


def _check_escapes(text: str, table: str) -> None:
    """Refuse an escape for NUL, which no database keeps, and half of a pair, which no character set has."""
    for found in _ESCAPES.finditer(text):
        if found["alone"]:
            raise table_problem("answer_undecodable", table=table, position=found.start())


def _once(pairs: list[tuple[str, Any]], table: str) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise table_problem("name_twice", table=table, twice=next(n for n in names if names.count(n) > 1))
    return found


def _refuse_number(word: str, table: str) -> float:
    raise table_problem("number_out_of_bounds", table=table, field="", found=word)


def _finite(word: str, table: str) -> float:
    number = float(word)
    return number if math.isfinite(number) else _refuse_number(word, table)


def _whole(word: str, table: str) -> int | float:
    return int(word) if len(word) <= len("-9007199254740992") else _refuse_number(word, table)


def _why_not(text: str, error: ValueError) -> str:
    begin = text.lstrip()[:15].lower()
    if not begin:
        return "empty"
    if begin.startswith("<"):
        return "markup"
    return "cut_off" if isinstance(error, json.JSONDecodeError) and error.pos >= len(text.rstrip()) - 1 else "no_json"


def _message(error: Any) -> str:
    """Find the text in either form of error message: OData 3 nests it one deeper than OData 4."""
    message = error.get("message", "") if isinstance(error, dict) else error
    return str(message.get("value", "") if isinstance(message, dict) else message)


# --- pages


def read_lines(data: bytes, wanted: Wanted) -> Page:
    """Read a page of lines; columns that were not asked for are left out. Raises TableProblem."""
    try:
        page = _read_fast(data, wanted)
    except _NotPlain:
        page = _read_exactly(data, wanted)
    return Page(lines=_checked(page.lines, wanted), envelope=page.envelope)


def next_address(data: bytes, *, table: str) -> str | None:
    """Return the address of the next page as the service gives it, from either version of OData."""
    try:
        _, _, envelope = _cut(data, table)
    except _NotPlain:
        envelope = read_object(data, table=table)
    found = envelope.get("odata.nextLink", envelope.get("@odata.nextLink"))
    if found is not None and not isinstance(found, str):
        raise table_problem("next_page_strange", table=table, address=str(found))
    return found or None


def _checked(lines: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    lines = lines.with_columns(pl.col(*wanted.keys, *wanted.texts).str.strip_chars())
    for key in wanted.keys:
        if (lines[key].null_count() or (lines[key] == "").any()) and lines.height:
            raise table_problem("line_without_key", table=wanted.table, field=key)
    for key in wanted.figures:
        check_bounds(lines[key], table=wanted.table)
    return lines


def check_bounds(column: pl.Series, *, table: str) -> None:
    """Refuse a column with a number that is not finite or is too large to be exact."""
    largest = column.abs().max()
    if largest is not None and not (float(largest) < LARGEST):  # type: ignore[arg-type]  # Polars types any aggregate
        raise table_problem("number_out_of_bounds", table=table, field=column.name, found=str(largest))
    if column.is_nan().any():
        raise table_problem("number_out_of_bounds", table=table, field=column.name, found="NaN")


def _cut(data: bytes, table: str) -> tuple[int, int, dict[str, Any]]:
    """Find the list of lines by its bytes alone: where it begins and ends, and the strictly read rest round it."""
    data = data.removeprefix(_BOM)
    if b"\\" in data:  # an escape could hide a quotation mark
        raise _NotPlain
    marker = data.find(b'"value":[')
    start, end = marker + len(b'"value":'), data.rfind(b"]") + 1
    if marker < 0 or end <= start:
        raise _NotPlain
    try:
        envelope = read_object(data[:start] + b"[]" + data[end:], table=table)
    except TableProblem:
        raise _NotPlain from None
    if envelope.get("value") != []:
        raise _NotPlain
    return start, end, envelope


def _read_fast(data: bytes, wanted: Wanted) -> Page:
    data = data.removeprefix(_BOM)
    decoded(data, table=wanted.table)
    start, end, envelope = _cut(data, wanted.table)
    lines = data[start:end]
    if lines != b"[]":
        _prove_plain(lines, wanted)
    try:
        frame = pl.read_json(lines, schema=wanted.schema)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise _NotPlain from None
    return Page(lines=frame, envelope=envelope)


def _prove_plain(lines: bytes, wanted: Wanted) -> None:
    """Prove that all lines are flat objects with the same names in the same order and values of the right kind."""
    first = lines.find(b"}") + 1
    try:
        names = list(read_json(lines[1:first], table=wanted.table))
    except (TableProblem, TypeError):
        raise _NotPlain from None
    found: Bytes = np.frombuffer(lines, dtype=np.uint8)
    # A list begins with its bracket, so there is a sign before every colon. Places are those of the closing quotes.
    colons = np.flatnonzero(found == _COLON) - 1
    colons = colons[found[colons] == _QUOTE]
    count = lines.count(b"{")
    if not names or count * len(names) != len(colons) or count != lines.count(b"}"):
        raise _NotPlain
    for place, name in enumerate(names):
        ends = colons[place :: len(names)]
        if not (_is_named(found, ends, name) and _first_signs(wanted, name)[found[ends + 2]].all()):
            raise _NotPlain
    if set(wanted.schema) - set(names):
        raise _NotPlain
    opens = np.flatnonzero(found == _OPEN)
    if not (opens + 1 == colons[:: len(names)] - len(names[0].encode()) - 1).all():
        raise _NotPlain


def _is_named(found: Bytes, ends: NDArray[np.intp], name: str) -> bool:
    """Whether each place that ends a name ends this one; the sign before it must be its opening quotation mark."""
    wanted = f'"{name}"'.encode()
    starts = ends - len(wanted) + 1
    if starts[0] < 0:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(found, len(wanted))
    return windows[starts].tobytes() == wanted * len(starts)


def _first_signs(wanted: Wanted, name: str) -> NDArray[np.bool_]:
    """Which sign a value of this column may begin with."""
    if name in wanted.keys:
        return _TEXT
    if name in wanted.figures:
        return _NUMBER
    return _TEXT_OR_NULL if name in wanted.texts else _PLAIN


def _read_exactly(data: bytes, wanted: Wanted) -> Page:
    envelope = read_object(data, table=wanted.table)
    lines = envelope.pop("value", None)
    if not isinstance(lines, list):
        raise table_problem("not_an_answer", table=wanted.table, reason="no_list")
    return Page(lines=frame_of(lines, wanted), envelope=envelope)


def frame_of(lines: Sequence[Any], wanted: Wanted) -> pl.DataFrame:
    """Make a frame of lines read one by one, with every cell of the kind that its column must have."""
    columns: dict[str, list[Any]] = {name: [] for name in wanted.schema}
    for line in lines:
        if not isinstance(line, dict):
            raise table_problem("not_an_answer", table=wanted.table, reason="no_object")
        for name, column in columns.items():
            if name not in line:
                raise table_problem("column_not_on_page", table=wanted.table, field=name)
            column.append(_cell(line[name], name, wanted))
    return pl.DataFrame(columns, schema=wanted.schema)


def _cell(value: Any, name: str, wanted: Wanted) -> str | float | None:
    if value is None:
        if name in wanted.keys:
            raise table_problem("line_without_key", table=wanted.table, field=name)
        return None
    if name in wanted.figures:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif isinstance(value, str):
        return value
    raise table_problem("cell_of_wrong_kind", table=wanted.table, field=name, found=str(value))
