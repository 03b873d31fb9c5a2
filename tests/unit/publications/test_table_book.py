"""The table book in its three forms: the same numbers everywhere, nothing hidden in it, nothing that runs."""

import csv
import io
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import python_calamine
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from koersvast.connectors.tables_out import CsvForm, restored
from koersvast.indicators.wording import format_number
from koersvast.publications.compose.table_book import book_words, prose
from koersvast.publications.table_book.book import (
    BadTableBook,
    Kind,
    TableBook,
    TableBookTable,
    Why,
    column_letters,
    contained,
)
from koersvast.publications.table_book.lines import COLUMNS, csv_lines
from koersvast.publications.table_book.page import html_pieces
from koersvast.publications.table_book.workbook import HIDDEN, page_starts, write_workbook
from koersvast.publications.theme import Theme
from tests.unit.publications.invented_book import BANNERS, BASES, BOOK, QUESTIONS, Number, invented_book, table, why
from tests.unit.publications.reading import Page


@pytest.fixture(scope="module")
def book() -> Iterator[TableBook]:
    with translation.override("nl"):
        yield invented_book()


@pytest.fixture(scope="module")
def workbook(book: TableBook, theme: Theme) -> bytes:
    out = io.BytesIO()
    with translation.override("nl"):
        write_workbook(book, book_words(smallest_base=30), out, theme=theme)
    return out.getvalue()


@pytest.fixture(scope="module")
def page(book: TableBook, theme: Theme) -> str:
    with translation.override("nl"):
        words = book_words(smallest_base=30)
        front = prose(book.front, words, theme=theme, made_on=BOOK.made_on)
        return b"".join(html_pieces(book, words, theme=theme, prose=front, number=format_number)).decode()


def csv_rows(book: TableBook, form: CsvForm) -> list[list[str]]:
    with translation.override("nl"):
        written = b"".join(csv_lines(book, book_words(smallest_base=30), form=form)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(written), delimiter=";" if form is CsvForm.DUTCH else ","))


def figures_of(rows: list[list[Any]]) -> list[list[list[Any]]]:
    """The first line of each answer, by question, from the rows of the sheet with tables."""
    found: list[list[list[Any]]] = []
    for row in rows:
        if any(str(row[0] or "").startswith(one.code) for one in QUESTIONS):
            found.append([])
        elif row[1] in {"%", "gemiddelde"}:
            found[-1].append(list(row[2 : 2 + len(BASES)]))
    return found


def assert_same_figures(found: list[list[list[Any]]]) -> None:
    assert [len(rows) for rows in found] == [len(one.answers) for one in QUESTIONS]
    for number, question in enumerate(QUESTIONS):
        for row in range(len(question.answers)):
            for column in range(len(BASES)):
                shown = found[number][row][column]
                if why(number, row, column) is not Why.SHOWN:
                    assert shown == HIDDEN
                else:
                    scale = 1 if question.kind is Kind.MEAN else 100
                    assert shown * scale == pytest.approx(Number(number, row, column).value, rel=1e-12)


def test_workbook_read_by_openpyxl_holds_every_figure_as_a_number(workbook: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook))["Tabellen"]
    assert_same_figures(figures_of([list(row) for row in sheet.iter_rows(values_only=True)]))


def test_workbook_read_by_calamine_holds_every_figure_as_a_number(workbook: bytes) -> None:
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    assert read.sheet_names == ["Titelblad", "Leeswijzer", "Verantwoording", "Inhoud", "Tabellen"]
    rows = read.get_sheet_by_name("Tabellen").to_python(skip_empty_area=False)
    assert_same_figures(figures_of(rows))


def test_workbook_with_texts_like_formulas_has_no_formula(workbook: bytes) -> None:
    cells = [
        cell for sheet in openpyxl.load_workbook(io.BytesIO(workbook)) for row in sheet.iter_rows() for cell in row
    ]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    texts = {cell.value for cell in cells}
    assert {"=1+1", "-5 graden", BANNERS[1].title} <= texts


def test_figure_on_a_small_base_stands_between_brackets(workbook: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook))["Tabellen"]
    first = next(row for row in sheet.iter_rows() if row[1].value == "%")
    small, large = first[2 + BASES.index(44)], first[2]
    assert (large.number_format, large.font.italic) == ("0%", False)
    assert small.number_format == '"("0%")"'
    assert small.font.italic


def test_contents_lead_to_the_row_of_each_question(workbook: bytes) -> None:
    read = openpyxl.load_workbook(io.BytesIO(workbook))
    for cell in (row[0] for row in read["Inhoud"].iter_rows(min_row=5)):
        if cell.hyperlink is not None:
            place = cell.hyperlink.location.rpartition("!")[2]
            assert str(read["Tabellen"][place].value).startswith(str(cell.value))
    links = [row[0].value for row in read["Inhoud"].iter_rows(min_row=5) if row[0].hyperlink]
    assert links == [one.code for one in QUESTIONS]


def test_workbook_keeps_heads_in_sight_and_on_every_page(workbook: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook))["Tabellen"]
    assert sheet.freeze_panes == "C3"
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$2", "$A:$C")
    assert [sheet.cell(2, 4 + at).value for at in range(3)] == [
        f"{name} ({letter})" for name, letter in zip(BANNERS[0].categories, "ABC", strict=True)
    ]


def test_synthetic_book_says_so_on_the_front_of_every_form(book: TableBook, workbook: bytes, page: str) -> None:
    said = "Niemand heeft deze vragen beantwoord"
    read = openpyxl.load_workbook(io.BytesIO(workbook))
    for name in ("Titelblad", "Leeswijzer", "Verantwoording"):
        assert any(said in str(cell) for row in read[name].iter_rows(values_only=True) for cell in row)
    assert said in "".join(Page(page).words)
    assert any(said in cell for row in csv_rows(book, CsvForm.DUTCH)[:6] for cell in row)


def test_front_matter_and_method_stand_in_every_form(book: TableBook, workbook: bytes, page: str) -> None:
    read = openpyxl.load_workbook(io.BytesIO(workbook))
    sheets = " ".join(str(cell) for sheet in read for row in sheet.iter_rows(values_only=True) for cell in row)
    lines = " ".join(cell for row in csv_rows(book, CsvForm.DUTCH) for cell in row)
    for form in (sheets, lines, " ".join(Page(page).words)):
        for word in ("CC BY 4.0", "Gewogen aandeel", "Uitgenodigd: 2.900", "Weging", "Breuken", "iedereen die buren"):
            assert word in form


def test_csv_has_a_line_for_every_figure_with_all_that_it_takes(book: TableBook) -> None:
    head, *rows = csv_rows(book, CsvForm.PLAIN)
    assert len(head) == len(COLUMNS) == len(set(head))
    assert len(rows) == sum(len(one.answers) for one in QUESTIONS) * len(BASES)
    places = iter(rows)
    for number, question in enumerate(QUESTIONS):
        for row in range(len(question.answers)):
            for column in range(len(BASES)):
                told = dict(zip(COLUMNS, next(places), strict=True))
                assert (told["question_code"], int(told["answer_number"])) == (question.code, row + 1)
                assert restored(told["answer"]) == question.answers[row]
                assert int(told["respondents"]) == BASES[column]
                if why(number, row, column) is Why.SHOWN:
                    assert float(told["value"]) == Number(number, row, column).value
                    assert float(told["low"]) < float(told["value"]) < float(told["high"])
                    assert told["hidden"] == ""
                else:
                    assert (told["value"], told["low"], told["high"], told["standard_error"]) == ("", "", "", "")
                    assert told["hidden"]


def test_csv_with_texts_like_formulas_has_no_cell_that_starts_one(book: TableBook) -> None:
    for form in CsvForm:
        for row in csv_rows(book, form):
            assert not [cell for cell in row if cell[:1] in "=+@|%" and cell and cell != "%"]
            assert not [cell for cell in row if cell.startswith("-")]


def test_reason_of_a_hidden_cell_never_tells_a_small_group_from_one_that_protects(book: TableBook, page: str) -> None:
    told = [dict(zip(COLUMNS, row, strict=True)) for row in csv_rows(book, CsvForm.PLAIN)[1:]]
    reasons = {one["answer_number"]: one["hidden"] for one in told if one["hidden"] and one["category_number"] == "1"}
    assert reasons == {"3": "beschermd", "4": "beschermd"}
    assert page.count('title="beschermd"') == 2


def test_page_is_sound_html_with_every_question_and_figure(page: str) -> None:
    read = Page(page)
    assert not read.unbalanced
    assert [tag for tag, _attributes in read.elements].count("section") >= len(QUESTIONS) + 1
    cells = [cell for rows in read.tables for row in rows for cell in row]
    assert "10 %9 – 12" in cells
    assert any(cell.startswith("(22 %)") for cell in cells)
    assert "<script>alert" not in page


def test_page_runs_only_the_script_that_its_policy_names(page: str) -> None:
    script = page.split("<script>")[1].split("</script>", maxsplit=1)[0]
    assert f"script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in page
    assert page.count("<script") == 1


def test_table_with_a_number_under_a_hidden_cell_is_refused() -> None:
    good = table(0, QUESTIONS[0])
    leaky = [list(row) for row in good.low]
    leaky[2][1] = 4.0
    with pytest.raises(BadTableBook, match="hidden and has a number"):
        replace(good, low=leaky)
    letters = [list(row) for row in good.letters]
    letters[2][1] = "A"
    with pytest.raises(BadTableBook, match="hidden and has a number"):
        replace(good, letters=letters)


def test_table_without_number_and_without_reason_is_refused() -> None:
    good = table(0, QUESTIONS[0])
    with pytest.raises(BadTableBook, match="no number and no reason"):
        replace(good, why=[[0] * len(BASES) for _ in good.why])


def test_book_with_tables_in_another_order_is_refused(book: TableBook) -> None:
    def turned() -> Iterator[TableBookTable]:
        return reversed(list(book.tables()))

    with pytest.raises(BadTableBook, match="came instead"):
        list(replace(book, tables=turned).checked_tables())


def test_letters_that_speak_of_hidden_cells_fall_away() -> None:
    hidden = [[0, 0, 2, 0, 0]]
    letters = [["", "B C", "C", "a b", ""]]
    assert contained(hidden, letters, [slice(1, 4), slice(4, 5)]) == [["", "C", "", "A", ""]]


@given(st.integers(1, 700))
def test_column_letters_are_unique_and_in_order(number: int) -> None:
    letters = column_letters(number)
    assert len(set(letters)) == number
    assert list(letters) == sorted(letters, key=lambda one: (len(one), one))


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(4, 20))
def test_pages_hold_every_column_and_cut_only_wide_backgrounds(sizes: list[int], width: int) -> None:
    banners: list[object] = [None, *(at for at, size in enumerate(sizes) for _ in range(size))]
    starts = page_starts(banners, columns_a_page=width)
    ends = [*starts, len(banners)]
    assert starts == sorted(set(starts))
    assert all(end - start <= width - 1 for start, end in zip([1, *starts], ends, strict=True))
    for start in starts:
        if banners[start] == banners[start - 1]:
            assert sizes[int(str(banners[start]))] > width - 1


def test_writing_needs_no_more_memory_for_more_questions(theme: Theme, tmp_path: Path) -> None:
    def peak(questions: int) -> int:
        with translation.override("nl"):
            many, words = invented_book(questions=questions), book_words(smallest_base=30)
            heard: list[tuple[int, int]] = []
            tracemalloc.start()
            write_workbook(many, words, tmp_path / "b.xlsx", theme=theme, progress=lambda *at: heard.append(at))
            used = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert heard == [(number, questions) for number in range(1, questions + 1)]
        return used

    assert peak(96) - peak(24) < 400_000


def test_english_words_give_an_english_book(theme: Theme) -> None:
    out = io.BytesIO()
    with translation.override("en"):
        write_workbook(invented_book(), book_words(smallest_base=30), out, theme=theme)
    read = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    assert read.sheetnames == ["Title page", "Reading guide", "Method", "Contents", "Tables"]
