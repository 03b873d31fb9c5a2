"""LimeSurvey's export: a CSV file of answers, and the structure of the questionnaire (.lss) that gives them words.

Pure; runs in the child. Facts of the form: LimeSurvey's manual, "Exporting results" and "Survey structure file format".
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from koersvast.connectors.codebook_tables import CodebookVariable
from koersvast.connectors.sheets import column_letter, refuse
from koersvast.connectors.survey_limits import FoundSurvey, clean
from koersvast.connectors.survey_tables import variable_of

# LimeSurvey's own columns: by code, and by the words that stand above them in an export with full texts.
_OWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("response id", "antwoord id", "antwoord-id", "reactie id"),
        "submitdate": ("date submitted", "datum ingestuurd", "datum verzonden", "inzenddatum"),
        "lastpage": ("last page", "laatste pagina"),
        "startlanguage": ("start language", "begintaal", "starttaal"),
        "seed": ("seed", "willekeurige startwaarde"),
        "token": ("access code", "toegangscode", "token"),
        "ipaddr": ("ip address", "ip-adres"),
        "refurl": ("referrer url", "verwijzende url", "verwijzings-url"),
        "startdate": ("date started", "datum gestart", "startdatum"),
        "datestamp": ("date last action", "datum laatste actie", "datum laatst gewijzigd"),
    }
)
_OWN_BY_WORDS = {words: code for code, several in _OWN.items() for words in (code, *several)}
_SIGNS = frozenset({"id", "submitdate", "lastpage", "startlanguage"})
_HEADING = re.compile(r"([A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*(?:\[[A-Za-z0-9_]+\]){0,2})(?:\.\s+(.*))?\Z", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SEVERAL, _ARRAYS = frozenset("MP"), frozenset("ABCEFH1;:K")
_NUMBERS = frozenset("NK")
_TEXTS = frozenset("STUQ")
# Answers that LimeSurvey gives fixed codes, with their words in Dutch and in English.
_FIXED: Mapping[str, Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "Y": {"Y": ("Ja", "Yes"), "N": ("Nee", "No")},
        "G": {"F": ("Vrouw", "Female"), "M": ("Man", "Male")},
        "C": {"Y": ("Ja", "Yes"), "U": ("Weet niet", "Uncertain"), "N": ("Nee", "No")},
        "E": {"I": ("Toegenomen", "Increase"), "S": ("Gelijk gebleven", "Same"), "D": ("Afgenomen", "Decrease")},
    }
)
_OTHER = "-oth-"


@dataclass(kw_only=True)
class Question:
    """A question of the questionnaire; `parts` are its subquestions and `answers` its codes, both with their words."""

    code: str
    kind: str
    text: str = ""
    has_other: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Questionnaire:
    """The questions by code, in one language, and the title."""

    questions: dict[str, Question]
    language: str
    title: str


def is_structure(data: bytes) -> bool:
    """Whether bytes look like a .lss file."""
    return b"<LimeSurveyDocType" in data[:2000]


def is_responses(headings: Sequence[str]) -> bool:
    """Whether headings are those of a LimeSurvey export: three or more of its own columns."""
    own = {_OWN_BY_WORDS.get(heading.strip().lower()) for heading in headings}
    return len(own & _SIGNS) >= 3


def read_structure(data: bytes) -> Questionnaire:
    """Read a .lss file; raises FileRefused."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise refuse("not_a_limesurvey_structure") from None
    if root.findtext("LimeSurveyDocType") != "Survey":
        raise refuse("not_a_limesurvey_structure")
    languages = [each.text or "" for each in root.iterfind("languages/language")]
    language = next((each for each in languages if each.startswith("nl")), languages[0] if languages else "")
    questions, by_number = {}, dict[str, Question]()
    words = {(row["qid"], row.get("language")): row.get("question", "") for row in _rows(root, "question_l10ns")}
    for row in _in_language(_rows(root, "questions"), language):
        question = Question(
            code=row.get("title", ""), kind=row.get("type", ""), has_other=row.get("other") == "Y",
            text=_plain(words.get((row["qid"], language)) or row.get("question", "")),
        )  # fmt: skip
        questions[question.code] = by_number[row["qid"]] = question
    _add_parts(root, by_number, words, language)
    _add_answers(root, by_number, language)
    titles = _in_language(_rows(root, "surveys_languagesettings"), language, key="surveyls_language")
    title = next((row.get("surveyls_title", "") for row in titles), "")
    return Questionnaire(questions=questions, language=language, title=_plain(title))


def survey_of_responses(columns: Mapping[str, list[str]], questionnaire: Questionnaire | None) -> FoundSurvey:
    """Put the columns of an export and the questionnaire together."""
    asked = questionnaire.questions if questionnaire else {}
    by_text = {_compared(heading): code for question in asked.values() for code, heading in _full_texts(question)}
    language = questionnaire.language if questionnaire else ""
    variables, seen = [], set[str]()
    for number, (heading, cells) in enumerate(columns.items(), start=1):
        code, text = _code_of(heading, by_text)
        if code in seen:
            raise refuse("name_twice_in_survey", line=1, column=column_letter(number), variable=code)
        seen.add(code)
        described = _described(code, text, asked, cells, language=language)
        variables.append(variable_of(code, cells, described, column=column_letter(number)))
    missing = [code for code, question in asked.items() if not _is_there(question, seen)]
    if asked and len(missing) > len(asked) / 2:
        raise refuse("structure_does_not_fit", variable=missing[0])
    return FoundSurvey(
        kind_of_file="limesurvey",
        variables=variables,
        sets=list(_sets(asked, {variable.name: variable.kind for variable in variables})),
        file_label=questionnaire.title if questionnaire else "",
    )


def _rows(root: Element, section: str) -> Iterator[dict[str, str]]:
    for row in root.iterfind(f"{section}/rows/row"):
        yield {each.tag: each.text or "" for each in row}


def _in_language(rows: Iterator[dict[str, str]], language: str, *, key: str = "language") -> Iterator[dict[str, str]]:
    return (row for row in rows if not row.get(key) or row[key] == language)


def _plain(text: str) -> str:
    return " ".join(clean(html.unescape(_TAG.sub(" ", text))).split())


def _add_parts(root: Element, questions: dict[str, Question], words: Mapping[Any, str], language: str) -> None:
    for row in _in_language(_rows(root, "subquestions"), language):
        question = questions.get(row.get("parent_qid", ""))
        # The second scale of an array of two scales has parts of its own, which are columns of a grid.
        if question is not None and row.get("scale_id", "0") in {"", "0"}:
            text = words.get((row.get("qid"), language)) or row.get("question", "")
            question.parts[row.get("title", "")] = _plain(text)


def _add_answers(root: Element, questions: dict[str, Question], language: str) -> None:
    words = {row.get("aid"): row.get("answer", "") for row in _in_language(_rows(root, "answer_l10ns"), language)}
    for row in _in_language(_rows(root, "answers"), language):
        question = questions.get(row.get("qid", ""))
        if question is not None:
            question.answers[row.get("code", "")] = _plain(words.get(row.get("aid")) or row.get("answer", ""))


def _code_of(heading: str, by_text: Mapping[str, str]) -> tuple[str, str]:
    """Return the code and the text that a heading holds: only codes, code and text, or only text."""
    if own := _OWN_BY_WORDS.get(heading.lower().removesuffix(".")):
        return own, ""
    if code := by_text.get(_compared(heading)):
        return code, heading
    match = _HEADING.match(heading)
    if match is None:
        return heading, heading
    own_code = match.group(1).lower()
    return (own_code if own_code in _OWN else match.group(1)), match.group(2) or ""


def _compared(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().lower()


def _full_texts(question: Question) -> Iterator[tuple[str, str]]:
    if not question.parts:
        yield question.code, question.text
    for part, text in question.parts.items():
        yield f"{question.code}[{part}]", f"{question.text} [{text}]"
    if question.has_other:
        for word in ("Anders", "Other"):
            yield f"{question.code}[other]", f"{question.text} [{word}]"


def _described(
    code: str, text: str, asked: Mapping[str, Question], cells: list[str], *, language: str
) -> CodebookVariable | None:
    """Say of one column what a codebook would; nothing for a column that the questionnaire does not know."""
    base, part = _split(code)
    question = asked.get(base)
    if code in {"submitdate", "startdate", "datestamp"}:
        return None
    if code in {"token", "ipaddr", "refurl", "startlanguage"}:
        return CodebookVariable(name=code, line=1, kind="text")
    if question is None:
        return CodebookVariable(name=code, line=1, label=text) if text and code != text else None
    found = CodebookVariable(name=code, line=1, label=question.text)
    if part in {"other", "comment"} or part.endswith("comment"):
        found.kind = "text"
        return found
    if part:
        found.label = f"{question.text} [{question.parts.get(part, part)}]"
    _add_kind(found, question, part, cells, is_dutch=language.startswith("nl"))
    return found


def _split(code: str) -> tuple[str, str]:
    base, _, part = code.partition("[")
    return base, part.partition("]")[0]


def _add_kind(found: CodebookVariable, question: Question, part: str, cells: list[str], *, is_dutch: bool) -> None:
    kind = question.kind
    if kind in _FIXED:
        found.codes = {code: words[0 if is_dutch else 1] for code, words in _FIXED[kind].items()}
        found.level = "ordinal" if kind == "E" else "nominal"
    elif kind in _SEVERAL:
        found.codes, found.level = _ticks(cells, question.parts.get(part, part), is_dutch=is_dutch), "nominal"
    elif kind in _NUMBERS:
        found.kind, found.level = "number", "scale"
    elif kind in _TEXTS:
        found.kind = "text"
    elif question.answers:
        found.codes = dict(question.answers)
        if question.has_other:
            found.codes[_OTHER] = "Anders" if is_dutch else "Other"
    # A code that is there and was not announced stays a code without a word.


def _ticks(cells: list[str], text: str, *, is_dutch: bool) -> dict[str, str]:
    """A ticked box is Y, or 1 where letters became numbers; an empty cell was not ticked, or not asked."""
    no = "Nee" if is_dutch else "No"
    return {"1": text, "2": no, "0": no} if {"1"} <= set(cells) - {""} <= {"0", "1", "2"} else {"Y": text, "N": no}


def _is_there(question: Question, seen: set[str]) -> bool:
    return question.kind in {"X", "|", "*"} or any(_split(code)[0] == question.code for code in seen)


def _sets(asked: Mapping[str, Question], kinds: Mapping[str, str]) -> Iterator[tuple[str, str, list[str], Any]]:
    for question in asked.values():
        members = [name for part in question.parts if (name := f"{question.code}[{part}]") in kinds]
        of_members = {kinds[name] for name in members}
        if question.kind in _SEVERAL and len(of_members) == 1:
            yield question.code, question.text, members, 1.0 if of_members == {"number"} else "Y"
