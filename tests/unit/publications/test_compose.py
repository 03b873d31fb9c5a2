"""The report of the demo: the same numbers as the queries, every text filled in, in both languages."""

import io
import json
import re
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import docx
import pytest
from django.utils import translation
from django_scopes import scope
from openpyxl import load_workbook

from koersvast.access.models import Municipality
from koersvast.connectors.tables_out import restored
from koersvast.engine.quantities import Method
from koersvast.indicators.models import Indicator
from koersvast.policy.models import Plan
from koersvast.policy.queries.standing import verdict_rows
from koersvast.policy.wording.verdicts import verdict_name
from koersvast.publications import queries
from koersvast.publications.blocks import Chart, Document, Heading, Language, Status, Table, placed, with_text
from koersvast.publications.compose.account import method_words
from koersvast.publications.compose.words import attained_status, change_status
from koersvast.publications.queries import DataFormat, DataSubject, data_file, report_file, safety_report
from koersvast.publications.writers import Format
from tests.conftest import Installation
from tests.unit.publications.samples import HOSTILE

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def plan(demo_rows: None, dalfsen: Municipality) -> Iterator[Plan]:
    """The plan of the demo, inside its scope."""
    with scope(municipality=dalfsen), translation.override("nl"):
        yield Plan.objects.select_related("municipality", "taxonomy", "area").get()


def report(plan: Plan, *, language: Language = Language.DUTCH, known_on: date = TODAY) -> Document:
    return safety_report(plan, known_on=known_on, today=TODAY, language=language)


def texts(document: Document) -> list[str]:
    """Every text in a document, at any depth."""
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    with_text(document, keep)
    return found


def tables(document: Document) -> list[Table]:
    return [item.block for item in placed(document) if isinstance(item.block, Table)]


def shown(cell: Any) -> str:
    return cell.text if isinstance(cell, Status) else str(cell)


def rows_of_file(content: bytes) -> list[list[list[str]]]:
    """The texts of all tables of a Word file; the symbol before a verdict is left out."""
    file = docx.Document(io.BytesIO(content))
    return [[[plain(cell.text) for cell in row.cells] for row in table.rows] for table in file.tables]


def plain(text: str) -> str:
    return text.lstrip("✓✗?○≠ ").replace("\u2002", " ").strip()


# ── The same numbers everywhere ──────────────────────────────────────────────────────────────────────────────────


def test_burglary_has_the_figures_and_targets_of_the_plan(plan: Plan) -> None:
    table = next(one for one in tables(report(plan)) if one.caption.startswith("Aantal woninginbraken: "))
    years = {row.header: [shown(cell) for cell in row.cells] for row in table.rows}
    assert {year: (years[year][0], years[year][2], years[year][3]) for year in ("2019", "2020", "2021", "2022")} == {
        "2019": ("40", "35", "niet gehaald"),
        "2020": ("30", "30", "gehaald"),
        "2021": ("13", "25", "gehaald"),
        "2022": ("28", "20", "niet gehaald"),
    }


def test_every_verdict_in_the_word_file_is_that_of_the_query(plan: Plan) -> None:
    made = report_file(plan, Format.DOCX, known_on=TODAY, today=TODAY)
    found = [row for table in rows_of_file(made.content) for row in table]
    verdicts = verdict_rows(plan, known_on=TODAY, today=TODAY)
    assert verdicts
    for row in verdicts:
        judged = [row.agreed_text, attained_status(row.attained).text, row.probability_text, verdict_name(row.evidence)]
        assert any(
            line[0] == row.period and line[1].rstrip("*") == row.observed_text and line[-4:] == judged for line in found
        ), row


def test_tables_2_to_5_in_the_word_file_are_those_of_the_analysis(plan: Plan) -> None:
    made = report_file(plan, Format.DOCX, known_on=TODAY, today=TODAY)
    found = [row for table in rows_of_file(made.content) for row in table]
    analysed = queries.analysis_of(plan, known_on=TODAY)
    compared = 0
    for row in analysed.rows:
        if not row.table_number:
            continue
        values = [cell.text or cell.missing for cell in row.cells]
        lines = [line for line in found if line[:2] == [row.name, row.source_label]]
        assert any([text for text in line[2:-1] if text] == [text for text in values if text] for line in lines), row
        assert any(line[-1] == shown(change_status(row.verdict)) for line in lines), row
        compared += sum(bool(cell.text) for cell in row.cells)
    assert compared == 109


@pytest.mark.slow
@pytest.mark.one_database
def test_command_line_page_and_document_give_the_same_numbers(demo_installation: Installation, tmp_path: Path) -> None:
    out = tmp_path / "rapport.docx"
    assert demo_installation.run("report", "--out", str(out)).returncode == 0
    found = [row for table in rows_of_file(out.read_bytes()) for row in table]
    told = json.loads(demo_installation.run("verdicts", "--format", "json").stdout)
    burglary = [one for one in told if one["objective"] == "woninginbraken"]
    assert [(one["period"], one["observed"], one["agreed"], one["attained"]) for one in burglary] == [
        ("2019", 40, 35, False),
        ("2020", 30, 30, True),
        ("2021", 13, 25, True),
        ("2022", 28, 20, False),
    ]
    judged = {line[0]: line for line in found if len(line) == 7 and line[-1] and line[3].isdigit()}
    for one in burglary:
        line = judged[one["period"]]
        met = "gehaald" if one["attained"] else "niet gehaald"
        assert (line[1], line[3], line[4]) == (f"{one['observed']:.0f}", f"{one['agreed']:.0f}", met)
        assert abs(int(line[5].removesuffix("\u00a0%")) - 100 * one["probability"]) <= 0.51
    for field in ("1", "2", "3", "4"):
        listed = json.loads(demo_installation.run("table", "--field", field, "--format", "json").stdout)
        for row in listed["rows"]:
            amounts = [value["amount"].replace(".", ",") for value in row["values"].values() if value["amount"]]
            assert any(line[0] == row["name"] and figures_in(line) == amounts for line in found), row


def figures_in(line: list[str]) -> list[str]:
    """The figures between the source and the verdict of a row of the analysis, without the sign of their unit."""
    return [text.replace("\u00a0%", "") for text in line[2:-1] if text[:1].isdigit()]


def test_data_file_has_the_numbers_of_the_query(plan: Plan) -> None:
    made = data_file(plan, DataSubject.VERDICTS, DataFormat.XLSX, known_on=TODAY, today=TODAY)
    lines = list(load_workbook(io.BytesIO(made.content)).worksheets[0].iter_rows(values_only=True))
    verdicts = verdict_rows(plan, known_on=TODAY, today=TODAY)
    assert [(line[0], line[5], line[6], line[7]) for line in lines[1:]] == [
        (row.objective, row.period, row.observed, row.agreed) for row in verdicts
    ]


def test_analysis_as_data_keeps_every_figure_of_the_plan(plan: Plan) -> None:
    made = data_file(plan, DataSubject.ANALYSIS, DataFormat.CSV, known_on=TODAY, today=TODAY)
    [inbraak] = [line for line in made.content.decode("utf-8-sig").splitlines() if '"Woninginbraken"' in line]
    assert ";125;71;46;76;40;" in inbraak


def test_figures_that_came_later_are_not_in_an_earlier_report(plan: Plan) -> None:
    early = report(plan, known_on=date(2019, 1, 1))
    table = next(one for one in tables(early) if one.caption.startswith("Aantal woninginbraken: "))
    assert {row.header: shown(row.cells[0]) for row in table.rows}.get("2022") == ""


# ── Readable ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", list(Language))
def test_no_text_has_codes_places_or_double_spaces(plan: Plan, language: Language) -> None:
    told = [text for text in texts(report(plan, language=language)) if not text.startswith("https://")]
    assert len(told) > 1000
    assert [text for text in told if re.search(r"\{\w*\}|%\(\w+\)|\S  +\S", text)] == []
    codes = (
        r"\b(on_course|off_course|cannot_tell\w*|not_\w+|no_demonstrable\w*|scale_0_10|mark_1_10|evidence-\w+|P\d\d)\b"
    )
    assert [text for text in told if re.search(codes, text)] == []


def test_english_report_has_no_dutch_words_of_ours(plan: Plan) -> None:
    told = " ".join(texts(report(plan, language=Language.ENGLISH)))
    ours = (
        "Afgesproken",
        "gehaald",
        "aantoonbaar",
        "zoals bekend",
        "Bevinding",
        "Wat te doen",
        "nulmeting is",
        "Leeg vak",
    )
    assert [word for word in ours if word in told] == []


def test_every_table_and_chart_of_figures_has_source_and_day(plan: Plan) -> None:
    document = report(plan)
    chapters: list[tuple[str, Table | Chart]] = []
    chapter = ""
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            chapter = block.text
        elif isinstance(block, Table | Chart):
            chapters.append((chapter, block))
    with_figures = [block for name, block in chapters if not name.startswith(("Wat is afgesproken", "Hoe dit"))]
    # What a survey was like is a fact of its source, not a figure of a day.
    with_figures = [block for block in with_figures if getattr(block, "caption", "") != "Metingen van de enquêtes"]
    lacking = [block for block in with_figures if not re.search(r"\b20\d\d\b", block.source)]
    assert with_figures
    assert lacking == []


def test_every_method_has_words() -> None:
    modules = ("counts", "dispersion", "evidence", "forecast", "survey", "targets", "trend")
    known = {
        value.name
        for module in modules
        for value in vars(import_module(f"koersvast.engine.{module}")).values()
        if isinstance(value, Method)
    }
    assert known - set(method_words()) == set()


# ── Hostile names ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", list(Format))
def test_hostile_names_are_only_text_in_a_report(plan: Plan, form: Format) -> None:
    _name_hostile()
    made = report_file(plan, form, known_on=TODAY, today=TODAY)
    assert len(made.content) > 10_000
    if form is Format.HTML:
        page = made.content.decode()
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "onerror=alert(1)>" not in page


@pytest.mark.parametrize("form", list(DataFormat))
def test_hostile_names_start_no_formula_in_data(plan: Plan, form: DataFormat) -> None:
    _name_hostile()
    made = data_file(plan, DataSubject.ANALYSIS, form, known_on=TODAY, today=TODAY)
    if form is DataFormat.CSV:
        cells = re.findall(r'"((?:[^"]|"")*)"', made.content.decode("utf-8-sig"))
        assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
        assert HOSTILE[0] in {restored(cell.replace('""', '"')) for cell in cells}
    elif form is DataFormat.XLSX:
        sheet = load_workbook(io.BytesIO(made.content)).worksheets[0]
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def _name_hostile() -> None:
    for place, indicator in enumerate(Indicator.objects.order_by("position")):
        indicator.name_nl = HOSTILE[place % len(HOSTILE)]
        indicator.save()
