"""CSV of every sort: encodings, delimiters, quotes, and files that are no table at all."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.connectors.problems import CODES
from koersvast.connectors.sheets import Limits
from koersvast.connectors.tabular import open_table

LINES = "Indicator;Bron;2019\nÜberlast café;Politie;1.244\n"


def opening(data: bytes, **choices: Any) -> Any:
    """Open a table that the test knows to be one."""
    return open_table(data, **choices)


def texts(opened: Any) -> Any:
    return [[cell.text for cell in row] for row in opened.sheet.rows]


def names(opened: Any) -> Any:
    return [found.name for found in opened.problems]


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [("utf-8", []), ("utf-8-sig", []), ("utf-16", []), ("utf-16-le-bom", []), ("cp1252", ["read_as_cp1252"])],
)
def test_encoding_is_found(encoding: str, noted: list[str]) -> None:
    data = b"\xff\xfe" + LINES.encode("utf-16-le") if encoding == "utf-16-le-bom" else LINES.encode(encoding)
    opened = opening(data)
    assert texts(opened) == [["Indicator", "Bron", "2019"], ["Überlast café", "Politie", "1.244"]]
    assert names(opened) == noted


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiter_is_found_although_decimal_commas_stand_between(delimiter: str) -> None:
    rows = [["Indicator", "jaar", "waarde"], ["Leefbaarheid", "2017", "7,8"], ["Overlast, burgers", "2017", "12,5"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    opened = opening(out.getvalue().encode())
    assert opened.sheet.delimiter == delimiter
    assert texts(opened) == rows


def test_excels_own_first_line_states_the_delimiter_and_keeps_the_row_numbers() -> None:
    opened = opening(b"sep=|\r\na|b;c\r\n1|2;3\r\n")
    assert opened.sheet.cell(2, 2).text == "b;c"
    assert opened.sheet.cell(3, 1).address == "A3"


def test_quoted_line_ends_stay_in_their_cell_and_rows_keep_excels_number() -> None:
    opened = opening(b'a;b\r\n"twee\r\nregels";1\r\n\r\nc;2\r\n')
    assert opened.sheet.cell(2, 1).text == "twee\r\nregels"
    assert opened.sheet.cell(4, 1).text == "c"


@pytest.mark.parametrize(
    ("data", "name", "line"),
    [
        (b"", "empty_file", None),
        (b" \r\n\xef\xbb\xbf", "empty_file", None),
        (b"a;b\n1;\x002\n", "nul_byte", None),
        ("a;b\n".encode("utf-16-le"), "nul_byte", None),
        (b"a;\x81\n", "undecodable_text", None),
        (b'a;b\n1;2\n"open;3\n4;5\n', "bad_quoting", 3),
        (b'a;b\n"te hard" rijden;5\n', "bad_quoting", 2),
        (b"a;b\n1;" + b"x" * 10_000_000 + b"\n", "field_too_long", 2),
        (b"a;b\n1;" + b"x" * 40_000 + b"\n", "field_too_long", 2),
        (b"a;b\n1" + b";1" * 600 + b"\n", "too_many_columns", 2),
        (b"%PDF-1.7\n", "unknown_kind_of_file", None),
        (b"<!DOCTYPE html><html>", "unknown_kind_of_file", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_excel_format", None),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "password",
            None,
        ),
    ],
)
def test_file_that_cannot_be_read_for_certain_is_refused_with_its_place(data: bytes, name: str, line: Any) -> None:
    opened = opening(data)
    assert opened.sheet is None
    (found,) = opened.problems
    assert (found.name, found.line, found.is_refusal) == (name, line, True)


def test_too_many_rows_and_too_large_a_file_are_refused() -> None:
    data = b"a;b\n" * 100
    assert names(opening(data, limits=Limits(rows=50))) == ["too_many_cells"]
    assert names(opening(data, limits=Limits(cells=50))) == ["too_many_cells"]
    assert names(opening(data, limits=Limits(file_bytes=50))) == ["file_too_large"]


def test_row_longer_than_the_header_is_noted() -> None:
    opened = opening(b"a;b\n" + b"1;2\n" * 12 + b"1;2;3\n")
    (found,) = opened.problems
    assert (found.name, found.line, found.values) == ("row_longer_than_header", 14, {"columns": 2, "found": 3})


@given(st.binary(max_size=300) | st.text(alphabet='a1;,|"\n\r\t\0é', max_size=120).map(str.encode))
def test_any_bytes_give_a_sheet_or_one_refusal(data: bytes) -> None:
    opened = opening(data)
    assert all(found.code in CODES for found in opened.problems)
    if opened.sheet is None:
        assert [found.is_refusal for found in opened.problems] == [True]


CELLS = st.text(alphabet="ab 1,;\"\n\t|'é", min_size=1, max_size=8).map(str.strip).filter(bool)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=2, max_size=6))
def test_quoted_file_reads_back_when_its_delimiter_is_stated(rows: Any) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    assert texts(opening(out.getvalue().encode(), delimiter=";")) == rows


def test_separator_line_with_a_quotation_mark_is_no_separator_line() -> None:
    opened = open_table(b'sep="\na;b\n1;2\n')
    assert opened.sheet is None or opened.sheet.delimiter == ";"
