"""Survey tables: answers as they stand or as a codebook says; what is not certain is refused with its place."""

import io
import math
from datetime import date
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.connectors.codebook_tables import is_codebook_name, read_codebook
from koersvast.connectors.microdata import Level, Microdata, ValueKind
from koersvast.connectors.sheets import FileRefused
from koersvast.connectors.survey_files import read_survey_file
from koersvast.connectors.survey_limits import FoundVariable, SurveyLimits
from koersvast.connectors.survey_tables import columns_of, survey_of, text_rows

LIMITS = SurveyLimits()
ANSWERS = (
    "id;onveilig;kern;gewicht;dag;buurt;leeftijd\n"
    "1;1;L;0,75;2017-09-01;0148;18\n2;9;D;1,25;01-10-2017;0149;998\n3;;L;1,0;;0148;83\n"
)
CODEBOOK = (
    "Codeboek van de monitor;;;;;;\n"
    "Variabele;Vraag;Code;Antwoord;Missing;Meetniveau;Soort\n"
    "onveilig;Voelt u zich weleens onveilig? ë;1;Ja;;nominaal;\n;;2;Nee;;;\n;;9;Weet niet;ja;;\n"
    "kern;Kern;L;Lemelerveld;;;\n;;D;Dalfsen;;;\ngewicht;Weegfactor;;;;;gewicht\n\n"
    "leeftijd;Leeftijd;997 t/m 999;;x;schaal;getal\n"
)


def seen(answers: str, codebook: str = "") -> dict[str, FoundVariable]:
    """Read without a child: the same functions."""
    codes = read_codebook(text_rows(codebook.encode(), LIMITS)) if codebook else {}
    found = survey_of(columns_of(text_rows(answers.encode(), LIMITS), LIMITS), codes, kind_of_file="csv")
    return {variable.name: variable for variable in found.variables}


def refused(answers: str, codebook: str = "") -> tuple[str, int | None, str | None]:
    with pytest.raises(FileRefused) as refusal:
        seen(answers, codebook)
    found = refusal.value.problem
    return found.name, found.line, found.column


def book(**sheets: str) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, text in sheets.items():
        sheet = made.create_sheet(name)
        for line in text.splitlines():
            sheet.append([_typed(cell) for cell in line.split(";")])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _typed(cell: str) -> Any:
    is_number = cell.replace(",", "").isdigit() and not cell.startswith("01")
    return float(cell.replace(",", ".")) if is_number else cell or None


def check(found: Microdata, kind: str) -> None:
    onveilig = found.variable("onveilig")
    assert (found.kind_of_file, found.rows, found.weight_variable) == (kind, 3, "gewicht")
    assert onveilig.label == "Voelt u zich weleens onveilig? ë"
    assert (dict(onveilig.value_labels), onveilig.level) == ({1.0: "Ja", 2.0: "Nee", 9.0: "Weet niet"}, Level.NOMINAL)
    assert np.array_equal(found.numbers("onveilig"), [1, 9, math.nan], equal_nan=True)
    assert np.array_equal(found.answers("onveilig"), [1, math.nan, math.nan], equal_nan=True)
    assert np.array_equal(found.answers("leeftijd"), [18, math.nan, 83], equal_nan=True)
    assert found.numbers("gewicht").tolist() == [0.75, 1.25, 1.0]
    assert found.variable("gewicht").decimals == 2
    assert dict(found.variable("kern").value_labels) == {"L": "Lemelerveld", "D": "Dalfsen"}
    assert found.texts("buurt") == ["0148", "0149", "0148"]
    assert found.table.column("dag").to_pylist() == [date(2017, 9, 1), date(2017, 10, 1), None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_with_a_codebook_is_read_in_every_encoding_of_offices(encoding: str) -> None:
    found = read_survey_file(ANSWERS.encode(encoding), file_name="a.csv", codebook=CODEBOOK.encode(encoding))
    check(found, "csv")


def test_workbook_with_a_codebook_on_a_sheet_or_in_a_file_is_read_the_same() -> None:
    check(read_survey_file(book(Codeboek=CODEBOOK, Data=ANSWERS), file_name="a.xlsx"), "xlsx")
    check(read_survey_file(book(Data=ANSWERS), file_name="a.xlsx", codebook=CODEBOOK.encode()), "xlsx")
    check(read_survey_file(ANSWERS.encode(), file_name="a.csv", codebook=book(Blad1=CODEBOOK)), "csv")


def test_answers_without_a_codebook_stay_codes_as_they_stand() -> None:
    found = seen(ANSWERS)
    assert {name: variable.kind for name, variable in found.items()} == {
        "id": "number", "onveilig": "number", "kern": "text", "gewicht": "number", "dag": "day", "buurt": "text",
        "leeftijd": "number",
    }  # fmt: skip
    assert all(not variable.labels and not variable.missing for variable in found.values())


def test_answers_in_words_become_the_codes_of_the_codebook() -> None:
    codebook = "variable,code,answer\nq,1,Ja\nq,2,Nee\n"
    assert seen("q\nja\nNee\n\nJa\n", codebook)["q"].cells == [1.0, 2.0, None, 1.0]
    assert refused("q\nja\nmisschien\n", codebook) == ("cell_not_a_number", 2, "A")


@pytest.mark.parametrize(("cells", "kind", "first"), [
    (["1", "NA", "#NULL!"], "number", 1.0), ([".5", "1.5e-3"], "number", 0.5), (["1,5", "1.5"], "text", "1,5"),
    (["1", "een"], "text", "1"), (["", ""], "text", None), (["01-02-2017", "2017-02-30"], "text", "01-02-2017"),
    (["2017-09-01 12:30", "2017-09-02 00:00:00"], "day", 17410), (["007", "008"], "text", "007"),
    (["1234567890123456"], "text", "1234567890123456"), (["٣", "4"], "text", "٣"),
])  # fmt: skip
def test_kind_of_a_column_follows_from_everything_in_it(cells: list[str], kind: str, first: Any) -> None:
    found = seen("v;x\n" + "".join(f"{cell};a\n" for cell in cells))["v"]
    assert (found.kind, found.cells[0]) == (kind, first)


@pytest.mark.parametrize(("answers", "place"), [
    ("a;a\n1;2\n", ("name_twice_in_survey", 1, "B")), ("a;;b\n1;2;3\n", ("empty_heading", 1, "B")),
    ("a;b\n1;2\n3\n", ("line_of_other_length", 3, None)), ("a;b\n1;2;9\n", ("line_of_other_length", 2, None)),
    ("a;b\n", ("no_respondents", None, None)), ("bedrag;b\n1.244;1\n12.500;1\n", ("number_in_two_ways", 2, "A")),
    ('a;b\n"x;1\n', ("bad_quoting", 2, None)),
])  # fmt: skip
def test_table_that_cannot_be_read_for_certain_is_refused_with_its_place(answers: str, place: Any) -> None:
    assert refused(answers) == place


@pytest.mark.parametrize(("codebook", "place"), [
    ("iets;anders\nx;y\n", ("codebook_headings_unknown", None, None)),
    ("variabele;code\n", ("codebook_without_lines", None, None)),
    ("variabele;code\n;1\n", ("codebook_code_without_variable", 2, "A")),
    ("variabele;code\nq;1\nz;1\n", ("codebook_variable_not_in_file", 3, None)),
    ("variabele;code;antwoord\nq;1;Ja\nq;1;Nee\n", ("codebook_code_twice", 3, "B")),
    ("variabele;code;antwoord\nq;1;Ja\nq;1,0;Nee\n", ("codebook_code_twice", 3, "B")),
    ("variabele;code;missing\nq;1;soms\n", ("codebook_word_unknown", 2, "C")),
    ("variabele;code;meetniveau\nq;1;rationeel\n", ("codebook_word_unknown", 2, "C")),
    ("variabele;vraag;code\nq;Een;1\nq;Twee;2\n", ("codebook_says_two_things", 3, "B")),
    ("variabele;code;soort\nq;een;getal\n", ("codebook_code_not_a_number", 2, "B")),
    ("variabele;code;soort\nq;1;datum\n", ("codebook_says_two_things", 2, None)),
    ("variabele;code;missing;soort\nt;1-9;ja;tekst\n", ("codebook_code_not_a_number", 2, None)),
    ("variabele;soort\nt;getal\n", ("cell_not_a_number", 2, "B")),
    ("variabele;soort\nt;datum\n", ("cell_not_a_day", 2, "B")),
])  # fmt: skip
def test_codebook_that_does_not_fit_is_refused_with_its_place(codebook: str, place: Any) -> None:
    assert refused("q;t\n1;geheim\n2;b\n", codebook) == place


def test_refusal_of_an_answer_never_repeats_it() -> None:
    with pytest.raises(FileRefused) as refusal:
        seen("q;t\n1;geheim\n", "variabele;soort\nt;getal\n")
    assert "geheim" not in repr(refusal.value.problem)


def test_english_and_dutch_headings_mean_the_same() -> None:
    dutch = read_codebook(
        [["Variabele", "Label", "Waarde", "Waardelabel", "Ontbrekend"], ["q", "Vraag", "1", "Ja", "J"]]
    )
    english = read_codebook(
        [["variable", "question", "VALUE", "value_label", "missing"], ["q", "Vraag", "1", "Ja", "y"]]
    )
    assert dutch["q"] == english["q"]
    assert all(map(is_codebook_name, ["Codeboek ", "CODEBOOK"]))
    assert not is_codebook_name("Data")


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@settings(max_examples=150)
@given(st.lists(st.lists(CELL, min_size=2, max_size=3), max_size=5), st.lists(st.lists(CELL, max_size=4), max_size=4))
def test_any_table_and_codebook_are_read_or_refused(rows: list[list[str]], codes: list[list[str]]) -> None:
    try:
        codebook = read_codebook([["variabele", "code", "antwoord", "missing"], *codes]) if codes else {}
        found = survey_of(columns_of([["a", "b"], *rows], LIMITS), codebook, kind_of_file="csv")
    except FileRefused as refusal:
        assert refusal.problem.is_refusal  # noqa: PT017 (both outcomes are allowed)
        return
    assert {len(variable.cells) for variable in found.variables} == {len(rows)}


@pytest.mark.parametrize("answers", [b"a;b\n1;2\n", ANSWERS.encode()])
def test_answers_of_a_child_are_microdata(answers: bytes) -> None:
    found = read_survey_file(answers, file_name="a.csv")
    assert all(variable.kind in ValueKind for variable in found.variables)
    assert found.rows == answers.count(b"\n") - 1
