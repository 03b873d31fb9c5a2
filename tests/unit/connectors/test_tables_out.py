"""Tables that leave: no cell runs, numbers stay numbers, and the origin goes along."""

import csv
import io
import json
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from koersvast.connectors.sheets import Kind
from koersvast.connectors.tables_out import (
    About,
    BadTable,
    CsvForm,
    Labels,
    OutTable,
    neutralised,
    restored,
    write_about,
    write_csv,
    write_ods,
    write_xlsx,
)
from koersvast.connectors.tabular import open_table

HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://evil.example";"klik")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    "'=1+1",
    "''",
    '"=1+1"',
    'a";=1+1;"',
    "a,=1+1",
    "a\n=1+1",
    "a\r\n=1+1",
    "http://evil.example",
    "mailto:a@b.nl",
    "{=1+1}",
    "%0A=1",
    "|cmd",
    'DDE("cmd")',
    "-5",
    "_x003D_1+1",
    "<a href='x'>&amp;",
]
ABOUT = About(
    title="=titel",
    source="Politie, tabel 47018NED",
    licence="CC BY 4.0",
    vintage="2026-11-01",
    definitions={"@Woninginbraken": "=aantal geregistreerde inbraken"},
)
TABLE = OutTable(
    about=ABOUT,
    headings=["+naam", "aantal", "cijfer", "dag"],
    rows=[[text, -5, Decimal("7.4"), date(2019, 1, 1)] for text in HOSTILE],
)


def opening(data: bytes, **choices: Any) -> Any:
    """Open a table that the test knows to be one."""
    return open_table(data, **choices)


def starts_formula(text: str) -> Any:
    return text.lstrip(" \u00a0\u200b\ufeff").startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))


def csv_rows(data: bytes, delimiter: str) -> Any:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@pytest.mark.parametrize("form", CsvForm)
@pytest.mark.parametrize("opened_with", [";", ",", "\t"])
def test_csv_has_no_cell_that_starts_a_formula_whatever_delimiter_opens_it(form: CsvForm, opened_with: str) -> None:
    cells = [cell for row in csv_rows(write_csv(TABLE, form=form), opened_with) for cell in row]
    # What is left of numbers when the wrong delimiter cuts them is a number still.
    assert [cell for cell in cells if starts_formula(cell) and not cell.startswith("-5")] == []


@pytest.mark.parametrize(("form", "delimiter", "mark"), [(CsvForm.DUTCH, ";", "7,4"), (CsvForm.PLAIN, ",", "7.4")])
def test_csv_texts_are_restored_exactly_and_real_minus_five_stays_a_number(
    form: CsvForm, delimiter: str, mark: str
) -> None:
    rows = csv_rows(write_csv(TABLE, form=form), delimiter)[-len(HOSTILE) :]
    assert [restored(row[0]) for row in rows] == HOSTILE
    assert {tuple(row[1:]) for row in rows} == {("-5", mark, "2019-01-01")}


def test_dutch_csv_opens_with_its_origin_and_the_plain_form_has_it_beside() -> None:
    data = write_csv(TABLE, labels=Labels(title="Titel", source="Bron"))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = csv_rows(data, ";")
    assert rows[:2] == [["Titel", "'=titel"], ["Bron", "Politie, tabel 47018NED"]]
    assert rows[6] == []
    plain = write_csv(TABLE, form=CsvForm.PLAIN)
    assert csv_rows(plain, ",")[0] == ["'+naam", "aantal", "cijfer", "dag"]
    assert json.loads(write_about(ABOUT))["licence"] == "CC BY 4.0"


@pytest.mark.parametrize("write", [write_xlsx, write_ods])
def test_workbook_texts_are_texts_and_numbers_numbers_when_we_open_it(write: Any) -> None:
    sheet = opening(write(TABLE)).sheet
    assert [cell.formula for row in sheet.rows for cell in row if cell.formula] == []
    body = sheet.rows[1:]
    assert {row[0].kind for row in body} == {Kind.TEXT}
    assert {(row[1].number, row[2].number, row[3].day) for row in body} == {(-5, Decimal("7.4"), date(2019, 1, 1))}
    about = opening(write(TABLE), sheet="About").sheet
    assert about.cell(1, 2).text == "=titel"
    assert about.cell(6, 2).text == "=aantal geregistreerde inbraken"


def test_workbook_texts_are_untouched_when_openpyxl_opens_it() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(TABLE)))
    cells = [row[0] for row in book["Data"].iter_rows(min_row=2)]
    # A line ends in one way inside a cell, and openpyxl leaves the escape of an escape as it is in the file.
    shown = [cell.value.replace("_x005F_", "_") for cell in cells]
    assert shown == [text.replace("\r\n", "\n").replace("\r", "\n") for text in HOSTILE]
    assert {cell.data_type for row in book["Data"].iter_rows() for cell in row} <= {"s", "n", "d"}
    assert [cell.hyperlink for cell in cells if cell.hyperlink] == []


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data"), [("a.xlsx", write_xlsx(TABLE)), ("a.ods", write_ods(TABLE)), ("a.csv", write_csv(TABLE))]
)
def test_libreoffice_finds_no_formula_either(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    how = ["--infilter=CSV:59,34,76,1,,0,false,true,false,false,false"] if name.endswith("csv") else []
    subprocess.run(
        [
            "soffice",
            profile,
            "--headless",
            *how,
            "--convert-to",
            "fods",
            "--outdir",
            str(tmp_path),
            str(tmp_path / name),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert (tmp_path / "a.fods").is_file()
    assert "table:formula" not in (tmp_path / "a.fods").read_text()


@given(st.text(max_size=20) | st.text(alphabet="'=+-@ \t\ra", max_size=6))
@example(" \t")
def test_neutralising_can_always_be_undone_and_leaves_no_start(text: str) -> None:
    safe = neutralised(text)
    assert restored(safe) == text
    assert not starts_formula(safe)


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4), st.integers(-(10**12), 10**12))
def test_any_text_and_number_can_be_written_and_opened(texts: list[str], number: Any) -> None:
    table = OutTable(about=ABOUT, headings=["x", "y"], rows=[[text, number] for text in texts])
    rows = csv_rows(write_csv(table, form=CsvForm.PLAIN), ",")
    assert rows[-1][1] == str(number)
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(table)))
    assert book["Data"].cell(2, 2).value == number
    assert write_ods(table)[:2] == b"PK"


@pytest.mark.parametrize(
    "rows", [[["a"]], [["a", float("nan")]], [["a", Decimal("Infinity")]], [["a" * 40_000, 1]], [["a", 1, 2]]]
)
def test_table_that_cannot_be_written_truly_is_refused(rows: Any) -> None:
    with pytest.raises(BadTable):
        OutTable(about=ABOUT, headings=["x", "y"], rows=rows)


@pytest.mark.parametrize("lacking", ["title", "source", "licence", "vintage"])
def test_table_without_its_origin_does_not_leave(lacking: str) -> None:
    known: dict[str, Any] = {"title": "t", "source": "s", "licence": "l", "vintage": "v"}
    with pytest.raises(BadTable, match=lacking):
        About(**known | {lacking: " "})
