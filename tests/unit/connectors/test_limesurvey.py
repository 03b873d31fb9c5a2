"""LimeSurvey's answers: codes, codes with words, or words above the columns, with the questionnaire or without."""

import html
from datetime import date
from typing import Any

import pytest

from koersvast.connectors.limesurvey import is_responses, is_structure, read_structure
from koersvast.connectors.microdata import Level, Microdata
from koersvast.connectors.personal_columns import personal_columns
from koersvast.connectors.sheets import FileRefused
from koersvast.connectors.survey_files import read_survey_file

QUESTIONS = [
    # number, code, kind, other, text, parts, answers
    ("11", "onveilig", "L", "N", "<p>Voelt u zich <b>weleens</b> onveilig?</p>", {}, {"A1": "Ja", "A2": "Nee"}),
    ("12", "overlast", "M", "Y", "Waarvan heeft u overlast?", {"SQ001": "Geluid", "SQ002": "Verkeer"}, {}),
    ("13", "cijfer", "K", "N", "Rapportcijfers", {"buurt": "Uw buurt"}, {}),
    ("14", "gezien", "Y", "N", "Ziet u de wijkagent?", {}, {}),
    ("15", "vindt", "F", "N", "Wat vindt u van", {"a": "de straatverlichting"}, {"1": "Goed", "2": "Slecht"}),
    ("16", "kern", "!", "Y", "Waar woont u?", {}, {"L": "Lemelerveld"}),
    ("17", "toelichting", "T", "N", "Wat wilt u nog kwijt? &amp; waarom", {}, {}),
    ("18", "uitleg", "X", "N", "Dank u wel.", {}, {}),
]
CODES = (
    "id", "submitdate", "lastpage", "startlanguage", "seed", "onveilig", "overlast[SQ001]", "overlast[SQ002]",
    "overlast[other]", "cijfer[buurt]", "gezien", "vindt[a]", "kern", "kern[other]", "toelichting",
)  # fmt: skip
TEXTS = (
    "Antwoord-ID", "Datum verzonden", "Laatste pagina", "Begintaal", "Seed", "Voelt u zich weleens onveilig?",
    "Waarvan heeft u overlast? [Geluid]", "Waarvan heeft u overlast? [Verkeer]", "Waarvan heeft u overlast? [Anders]",
    "Rapportcijfers [Uw buurt]", "Ziet u de wijkagent?", "Wat vindt u van [de straatverlichting]", "Waar woont u?",
    "Waar woont u? [Anders]", "Wat wilt u nog kwijt? & waarom",
)  # fmt: skip
ROWS = (
    ("1", "2021-09-01 12:30:00", "3", "nl", "123456789", "A1", "Y", "", "", "7", "Y", "1", "L", "", "Meer licht"),
    ("2", "2021-09-02 08:00:00", "3", "nl", "987654321", "A2", "", "Y", "Stank", "8.5", "N", "2", "-oth-", "Ommen", ""),
    ("3", "", "1", "nl", "192837465", "", "", "", "", "", "", "", "", "", ""),
)


def row(**cells: str) -> str:
    return "<row>" + "".join(f"<{name}>{html.escape(cell)}</{name}>" for name, cell in cells.items()) + "</row>"


def section(name: str, rows: list[str]) -> str:
    return f"<{name}><fields/><rows>{''.join(rows)}</rows></{name}>"


def structure(*, words_apart: bool) -> bytes:
    """A .lss file as older versions write it, with the words beside the question, or as newer ones do, apart."""
    questions, parts, answers, words, answer_words = [], [], [], [], []
    for number, code, kind, other, text, subs, codes in QUESTIONS:
        said = {} if words_apart else {"question": text, "language": "nl"}
        questions.append(row(qid=number, parent_qid="0", title=code, type=kind, other=other, **said))
        words.append(row(qid=number, question=text, language="nl"))
        for place, (part, part_text) in enumerate(subs.items()):
            said = {} if words_apart else {"question": part_text, "language": "nl"}
            parts.append(row(qid=f"{number}{place}", parent_qid=number, title=part, scale_id="0", **said))
            words.append(row(qid=f"{number}{place}", question=part_text, language="nl"))
        for place, (answer, answer_text) in enumerate(codes.items()):
            said = {} if words_apart else {"answer": answer_text, "language": "nl"}
            answers.append(row(aid=f"{number}{place}", qid=number, code=answer, scale_id="0", **said))
            answer_words.append(row(aid=f"{number}{place}", answer=answer_text, language="nl"))
    apart = section("question_l10ns", words) + section("answer_l10ns", answer_words) if words_apart else ""
    title = section(
        "surveys_languagesettings", [row(surveyls_language="nl", surveyls_title="Monitor &eacute;&eacute;n")]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><document><LimeSurveyDocType>Survey</LimeSurveyDocType>'
        f"<languages><language>en</language><language>nl</language></languages>{section('questions', questions)}"
        f"{section('subquestions', parts)}{section('answers', answers)}{apart}{title}</document>"
    ).encode()


def responses(headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...] = ROWS) -> bytes:
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in (headings, *rows)).encode()


def both() -> tuple[str, ...]:
    return tuple(code if place < 5 else f"{code}. {TEXTS[place]}" for place, code in enumerate(CODES))


def check(found: Microdata) -> None:
    assert [variable.name for variable in found.variables] == list(CODES)
    assert (found.kind_of_file, found.file_label, found.rows) == ("limesurvey", "Monitor één", 3)
    unsafe = found.variable("onveilig")
    assert (unsafe.label, dict(unsafe.value_labels)) == ("Voelt u zich weleens onveilig?", {"A1": "Ja", "A2": "Nee"})
    assert [(s.name, s.label, s.variables, s.counted) for s in found.sets] == [
        ("overlast", "Waarvan heeft u overlast?", ("overlast[SQ001]", "overlast[SQ002]"), "Y")
    ]
    assert found.variable("overlast[SQ002]").label == "Waarvan heeft u overlast? [Verkeer]"
    assert found.texts("overlast[other]") == [None, "Stank", None]
    assert found.variable("cijfer[buurt]").level is Level.SCALE
    assert found.numbers("cijfer[buurt]")[:2].tolist() == [7, 8.5]
    assert dict(found.variable("gezien").value_labels) == {"Y": "Ja", "N": "Nee"}
    assert dict(found.variable("vindt[a]").value_labels) == {1.0: "Goed", 2.0: "Slecht"}
    assert dict(found.variable("kern").value_labels) == {"L": "Lemelerveld", "-oth-": "Anders"}
    assert found.texts("kern[other]") == [None, "Ommen", None]
    assert found.variable("toelichting").label == "Wat wilt u nog kwijt? & waarom"
    assert found.table.column("submitdate").to_pylist() == [date(2021, 9, 1), date(2021, 9, 2), None]
    assert personal_columns(found) == ()


@pytest.mark.parametrize("words_apart", [False, True])
@pytest.mark.parametrize("headings", [CODES, TEXTS, both()], ids=["codes", "texts", "both"])
def test_answers_and_questionnaire_come_together(headings: tuple[str, ...], *, words_apart: bool) -> None:
    codebook = structure(words_apart=words_apart)
    check(read_survey_file(responses(headings), file_name="results.csv", codebook=codebook, codebook_name="s.lss"))


def test_answers_without_questionnaire_keep_codes_and_the_words_of_the_headings() -> None:
    found = read_survey_file(responses(both()), file_name="results.csv")
    assert [variable.name for variable in found.variables] == list(CODES)
    assert found.variable("gezien").label == "Ziet u de wijkagent?"
    assert (found.kind_of_file, found.sets) == ("limesurvey", ())


def test_own_columns_that_point_at_a_person_are_found() -> None:
    headings = (*CODES, "token", "ipaddr", "refurl")
    rows = tuple(
        (*cells, f"aB{n}dEfGh1jK{n}mN", f"10.0.{n}.17", f"https://enquete.example/?token=x{n}")
        for n, cells in enumerate(ROWS)
    )
    found = read_survey_file(responses(headings, rows), file_name="results.csv", codebook=structure(words_apart=True))
    assert {each.name: each.kind.value for each in personal_columns(found)} == {
        "token": "token", "ipaddr": "ip", "refurl": "token",
    }  # fmt: skip


def test_letters_turned_into_numbers_stay_one_set() -> None:
    rows = tuple((*cells[:6], "1" if cells[6] else "2", "1" if cells[7] else "2", *cells[8:]) for cells in ROWS[:2])
    found = read_survey_file(responses(CODES, rows), file_name="r.csv", codebook=structure(words_apart=True))
    assert found.sets[0].counted == 1.0
    assert found.numbers("overlast[SQ001]").tolist() == [1, 2]


@pytest.mark.parametrize(("codebook", "headings", "problem"), [
    (structure(words_apart=True).replace(b"Survey</", b"Group</"), CODES, "not_a_limesurvey_structure"),
    (structure(words_apart=True)[:-40], CODES, "not_a_limesurvey_structure"),
    (b'<!DOCTYPE d [<!ENTITY a "b">]>' + structure(words_apart=True)[38:], CODES, "not_a_limesurvey_structure"),
    (structure(words_apart=True), tuple(f"x{n}" for n in range(15)), "structure_does_not_fit"),
    (structure(words_apart=True), (*CODES[:-1], "kern"), "name_twice_in_survey"),
])  # fmt: skip
def test_questionnaire_that_does_not_fit_is_refused(codebook: bytes, headings: tuple[str, ...], problem: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read_survey_file(responses(headings), file_name="results.csv", codebook=codebook)
    assert refusal.value.problem.name == problem


def test_what_it_looks_like_is_known_by_the_first_bytes_and_the_headings() -> None:
    assert is_structure(structure(words_apart=False))
    assert not is_structure(b"variabele;code\n")
    assert is_responses(CODES)
    assert is_responses(TEXTS)
    assert not is_responses(("id", "q1", "seed"))
    found: Any = read_structure(structure(words_apart=True))
    assert (found.language, found.title, len(found.questions)) == ("nl", "Monitor één", 8)
