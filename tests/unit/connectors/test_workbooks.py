"""XLSX and ODS: what other programs wrote, what Excel shows, and what attackers send."""

import io
import os
import random
import struct
import subprocess
import sys
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

from koersvast.connectors.problems import CODES
from koersvast.connectors.sheets import Kind, Limits
from koersvast.connectors.tabular import open_table
from koersvast.connectors.workbook_facts import is_percent_format

DATA = Path(__file__).parents[2] / "data" / "tables"
WORKBOOKS = ["xlsxwriter.xlsx", "openpyxl.xlsx", "libreoffice.xlsx", "libreoffice.ods"]


def opened(data: bytes, **choices: Any) -> Any:
    return open_table(data, **choices)


def names(found: Any) -> Any:
    return [problem.name for problem in found.problems]


def book_with(**cells: Any) -> Any:
    book = openpyxl.Workbook()
    for address, value in cells.items():
        book.active[address] = value
    return book


def as_bytes(book: Any) -> Any:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, *, change: Any = None, add: Any = None, mode: int = zipfile.ZIP_DEFLATED) -> Any:
    """Write a workbook again with some parts changed or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", mode) as new:
        for info in old.infolist():
            part = old.read(info)
            new.writestr(info.filename, change(info.filename, part) if change else part)
        for name, part in (add or {}).items():
            new.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("name", WORKBOOKS)
def test_workbook_of_another_program_gives_what_excel_shows(name: str) -> None:
    found = opened((DATA / name).read_bytes())
    sheet = found.sheet
    assert sheet.name == "Cijfers"
    shown = {a: sheet.cell(row, column) for a, row, column in [("D4", 4, 4), ("E5", 5, 5), ("E6", 6, 5), ("D8", 8, 4)]}
    assert [(c.number, c.percent, c.text) for c in shown.values()] == [
        (63, True, "63 %"),
        (Decimal("14.5"), True, "14,5 %"),
        (Decimal("28.5"), False, "28,5"),  # the format only writes a percent sign behind the number
        (1343, False, "1343"),
    ]
    assert (sheet.cell(9, 5).kind, sheet.cell(9, 5).text) == (Kind.TEXT, "40*")
    assert (sheet.cell(1, 5).text, sheet.cell(1, 5).merged_from) == ("Kerncijfers veiligheid", "A1")
    assert {"merged_cells", "hidden_sheets", "numbers_stored_as_text"} <= set(names(found))


@pytest.mark.parametrize("name", WORKBOOKS)
def test_formula_gives_its_stored_result_or_none_but_never_an_invented_zero(name: str) -> None:
    found = opened((DATA / name).read_bytes())
    cell = found.sheet.cell(11, 5)
    assert "E10" in cell.formula
    calculated = name.startswith("libreoffice")
    assert (cell.kind, cell.number) == ((Kind.NUMBER, 132) if calculated else (Kind.EMPTY, None))
    assert ("formula_without_value" in names(found)) is not calculated


@pytest.mark.parametrize(
    ("code", "percent"),
    [
        *[
            ("0%", True),
            ("0.00%", True),
            ("#,##0.0\\ %", True),
            ('0.0" %"', False),
            ("0\\%", False),
            ("General", False),
        ],
        *[("[Red]0%;-0%", True), ("0;0%", False), ('0"%"', False), ("[$-413]0.0%", True), ("0_%", False)],
    ],
)
def test_percent_format_is_told_from_a_written_percent_sign(code: str, percent: bool) -> None:
    assert is_percent_format(code) is percent


def test_every_kind_of_cell_keeps_its_kind_and_address() -> None:
    book = book_with(A1="tekst", B1=7.4, C1=date(2019, 1, 1), D1=True, E1="#N/A", B3=0.1 + 0.2, C3="=1+1")
    book.active["F1"] = 0.07
    book.active["F1"].number_format = "0%"
    sheet = opened(as_bytes(book)).sheet
    kinds = [cell.kind for cell in sheet.rows[0]]
    assert kinds == [Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.BOOL, Kind.ERROR, Kind.NUMBER]
    assert sheet.cell(1, 3).day == date(2019, 1, 1)
    assert sheet.cell(1, 6).number == 7
    assert sheet.cell(3, 2).number == Decimal("0.3")
    assert (sheet.cell(3, 3).address, sheet.cell(3, 3).formula) == ("C3", "1+1")
    assert all(cell.is_empty for cell in sheet.rows[1])
    assert sheet.cell(99, 99).is_empty


def test_hidden_rows_other_sheets_and_the_sheet_that_was_used_are_noted() -> None:
    book = book_with(A1="a", A2="b")
    book.active.row_dimensions[2].hidden = True
    book.create_sheet("Leeg")
    book.create_sheet("Tweede")["A1"] = 1
    book.create_sheet("Geheim")["A1"] = 1
    book["Geheim"].sheet_state = "veryHidden"
    found = opened(as_bytes(book))
    values = {problem.name: dict(problem.values) for problem in found.problems}
    assert values == {
        "hidden_rows": {"rows": "2", "count": 1},
        "other_sheets": {"used": "Sheet", "sheets": "Tweede"},
        "hidden_sheets": {"sheets": "Geheim"},
    }
    assert opened(as_bytes(book), sheet="Tweede").sheet.cell(1, 1).number == 1
    assert names(opened(as_bytes(book), sheet="Derde")) == ["no_such_sheet"]


def test_first_visible_sheet_with_data_is_used_and_none_is_refused() -> None:
    book = book_with()
    book.create_sheet("Cijfers")["B2"] = 5
    assert opened(as_bytes(book)).sheet.cell(2, 2).number == 5
    assert names(opened(as_bytes(openpyxl.Workbook()))) == ["no_visible_data"]


def test_ods_with_repeats_spans_and_errors_keeps_its_addresses() -> None:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Cijfers")
    first, second, gap, last = TableRow(), TableRow(), TableRow(numberrowsrepeated=3), TableRow()
    cell = TableCell(valuetype="string", numberrowsspanned=2, numbercolumnsspanned=1)
    cell.addElement(P(text="Overlast"))
    first.addElement(cell)
    first.addElement(TableCell(valuetype="percentage", value="0.5", numbercolumnsrepeated=2))
    second.addElement(CoveredTableCell())
    second.addElement(TableCell(valuetype="float", value="7"))
    gap.addElement(TableCell())
    last.addElement(TableCell(valuetype="float", value="8", formula="of:=7+1"))
    for row in (first, second, gap, last):
        table.addElement(row)
    book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.write(out)
    sheet = opened(out.getvalue()).sheet
    assert [(c.text, c.percent) for c in sheet.rows[0]] == [("Overlast", False), ("50 %", True), ("50 %", True)]
    assert (sheet.cell(2, 1).text, sheet.cell(2, 1).merged_from) == ("Overlast", "A1")
    assert (sheet.cell(6, 1).number, sheet.cell(6, 1).formula) == (8, "of:=7+1")


# --- attacks


PLAIN = as_bytes(book_with(A1="Indicator", B1="jaar", A2="Overlast", B2=12))


def test_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(PLAIN, add={"xl/media/bomb.xml": b"0" * 300_000_000})
    assert len(bomb) < 400_000
    assert names(opened(bomb)) == ["unpacks_too_large"]


def test_million_cells_in_a_small_file_are_refused() -> None:
    row = b"".join(b'<c r="%s1"><v>1</v></c>' % letter for letter in (b"A", b"B", b"C"))
    rows = b"".join(b"<row>" + row.replace(b'1"', b'%d"' % n) + b"</row>" for n in range(1, 200_000))
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
    data = repacked(PLAIN, change=lambda name, part: sheet % rows if name.endswith("sheet1.xml") else part)
    assert names(opened(data)) == ["too_many_cells"]


@pytest.mark.parametrize(("address", "name"), [("XFD1", "too_many_columns"), ("A1048576", "too_many_cells")])
def test_one_cell_far_away_does_not_lay_out_the_whole_sheet(address: str, name: str) -> None:
    data = repacked(PLAIN, change=lambda _, text: text.replace(b'r="B2"', f'r="{address}"'.encode()))
    assert names(opened(data)) == [name]


def test_ods_that_repeats_a_cell_a_billion_times_is_refused() -> None:
    def repeat(name: str, part: Any) -> Any:
        return part.replace(b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="999999999" ', 1)

    data = repacked((DATA / "libreoffice.ods").read_bytes(), change=repeat)
    assert names(opened(data)) == ["too_many_columns"]


@pytest.mark.parametrize("size", [1, 10, 5000])
def test_part_that_is_larger_than_it_says_is_refused(size: int) -> None:
    """The directory and the part's own header both say `size`; really there are 3 MB."""
    data = bytearray(repacked(PLAIN, add={"xl/extra.xml": b"<a>" + b"0" * 3_000_000}))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = 0
        while (start := data.find(signature, start)) >= 0:
            if b"xl/extra.xml" in data[start : start + 70]:
                data[start + offset : start + offset + 4] = struct.pack("<I", size)
            start += 4
    assert names(opened(bytes(data)))[0] in ("unsafe_part", "unpacks_too_large")


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("../../etc/passwd", "unsafe_part"),
        ("/etc/passwd", "unsafe_part"),
        ("xl/..\\..\\x", "unsafe_part"),
        ("C:/x", "unsafe_part"),
        ("XL/WORKBOOK.xml", "unsafe_part"),
        ("xl/vbaProject.bin", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros"),
        ("Basic/Standard/Module1.xml", "macros"),
    ],
)
def test_part_with_an_unsafe_name_or_a_macro_is_refused(name: str, refusal: str) -> None:
    assert names(opened(repacked(PLAIN, add={name: b"x"}))) == [refusal]


def test_symbolic_link_too_many_parts_and_encryption_are_refused() -> None:
    link = zipfile.ZipInfo("xl/link")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO(PLAIN)
    with zipfile.ZipFile(out, "a") as book:
        book.writestr(link, "/etc/passwd")
    assert names(opened(out.getvalue())) == ["unsafe_part"]
    many = repacked(PLAIN, add={f"xl/{n}": b"" for n in range(2100)})
    assert names(opened(many)) == ["too_many_parts"]
    locked = bytearray(PLAIN)
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    assert names(opened(bytes(locked))) == ["password"]


def test_two_parts_in_the_same_bytes_are_refused() -> None:
    """The second directory entry points at the bytes of the first: small file, twice unpacked."""
    data = bytearray(repacked(PLAIN, add={"xl/a1.xml": b"<a>" + b"0" * 9000, "xl/a2.xml": b"<a>" + b"0" * 9000}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as book:
        place = book.getinfo("xl/a1.xml").header_offset
    entry = data.rfind(b"xl/a2.xml") - 46
    data[entry + 42 : entry + 46] = struct.pack("<I", place)
    assert names(opened(bytes(data))) == ["unsafe_part"]


BILLION = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declaration", [BILLION, OUTSIDE, OUTSIDE.replace(b" [", b"\n["), b"<!DOCTYPE a>"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "docProps/app.xml"])
def test_document_type_is_refused_in_every_part(declaration: bytes, part: Any) -> None:
    def declare(name: str, text: bytes) -> Any:
        return declaration + text[text.find(b"?>") + 2 if text.startswith(b"<?xml") else 0 :] if name == part else text

    assert names(opened(repacked(PLAIN, change=declare))) == ["unsafe_part"]


def test_document_type_hidden_in_another_encoding_is_refused() -> None:
    def hide(name: str, text: bytes) -> Any:
        return (
            (OUTSIDE + text.rsplit(b"?>", maxsplit=1)[-1]).decode().encode("utf-16")
            if name == "xl/workbook.xml"
            else text
        )

    assert names(opened(repacked(PLAIN, change=hide))) == ["unsafe_part"]


def test_links_to_other_files_are_noted_and_not_followed() -> None:
    data = repacked(PLAIN, add={"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})
    assert names(opened(data)) == ["links_to_other_files"]


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 500, PLAIN[:-30], PLAIN[: len(PLAIN) // 2]])
def test_truncated_file_is_unreadable(data: bytes) -> None:
    assert names(opened(data)) == ["unreadable_file"]


def test_zip_of_something_else_is_an_unknown_kind_of_file() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as other:
        other.writestr("word/document.xml", "<a/>")
    assert names(opened(out.getvalue())) == ["unknown_kind_of_file"]


def test_mutated_workbooks_leave_this_process_alive_and_have_one_outcome_each() -> None:
    """Each in a child of its own, as the product does it; `test_mutated_files` takes thousands through one child."""
    times = 60
    originals = [(DATA / name).read_bytes() for name in WORKBOOKS]
    chance = random.Random(1)  # noqa: S311 (a repeatable series, no secret)
    pid, read = os.getpid(), 0
    for number in range(times):
        original = originals[number % len(originals)]
        data = bytearray(repacked(original, mode=zipfile.ZIP_STORED) if number % 2 else original)
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(4, len(data))] = chance.randrange(256)
        found = opened(bytes(data), limits=Limits(timeout_seconds=20))
        assert all(problem.code in CODES for problem in found.problems)
        assert (found.sheet is None) == any(problem.is_refusal for problem in found.problems)
        read += found.sheet is not None
    assert os.getpid() == pid
    assert read < times


# --- the child


def child_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Put another program in the place of the child."""
    script = tmp_path / "child.py"
    script.write_text(f"import os, sys, time, signal, json\n{code}\n")
    shell = tmp_path / "python"
    shell.write_text(f"#!/bin/sh\nexec {sys.executable} {script}\n")
    shell.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(shell))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "unreadable_file"),
        ("os.abort()", "unreadable_file"),
        ("sys.exit(0)", "unreadable_file"),
        ("print('{\"rows\": 3}')", "unreadable_file"),
        ("print('[]')", "unreadable_file"),
        ("print('{' * 100000)", "unreadable_file"),
        ("print(json.dumps({'problem': ['made_up', None, None, {}]}))", "unreadable_file"),
        ("print(json.dumps({'rows': [[['number', 'NaN', False, '']]], 'merged': []}))", "unreadable_file"),
        ("time.sleep(60)", "took_too_long"),
        ("\nwhile True: print('x' * 65536)", "too_many_cells"),
    ],
)
def test_child_that_dies_hangs_floods_or_lies_is_one_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, name: str
) -> None:
    child_that(tmp_path, monkeypatch, code)
    found = opened(PLAIN, limits=Limits(timeout_seconds=1.5, answer_bytes=1_000_000))
    assert names(found) == [name]


def test_child_without_enough_memory_is_one_refusal() -> None:
    assert names(opened(PLAIN, limits=Limits(memory_bytes=20_000_000))) == ["unreadable_file"]


def test_child_says_what_confines_it() -> None:
    held = opened(PLAIN).sheet.confinement
    assert {"cpu", "no_file_writes", "no_sockets_or_children"} <= set(held)
    assert ("memory" in held) or sys.platform == "darwin"


def test_child_can_open_no_socket_start_nothing_and_write_nothing(tmp_path: Path) -> None:
    """The same confinement in a program that then tries."""
    script = (
        "import socket, subprocess, os\n"
        "from koersvast.connectors.confinement import confine\n"
        "from koersvast.connectors.sheets import Limits\n"
        "confine(Limits())\n"
        "def tried(act):\n"
        "    try:\n        act()\n        return 'done'\n    except OSError:\n        return 'refused'\n"
        f"def write():\n    with open({str(tmp_path / 'x')!r}, 'wb', buffering=0) as out:\n        out.write(b'x')\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "acts = [socket.socket, lambda: subprocess.run(['true']), lambda: os.system('true'), write]\n"
        "print(*map(tried, acts))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused"] * 4
