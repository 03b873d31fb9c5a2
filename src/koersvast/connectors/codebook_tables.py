"""The codebook beside a file of answers: a table with a line for each code, with Dutch or English headings.

Pure; runs in the child. A codebook holds no answers, so its own words may be repeated in a refusal.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from koersvast.connectors.sheets import column_letter, refuse

_HEADER_IS_WITHIN = 20


class Part(StrEnum):
    """What a column of a codebook is."""

    VARIABLE = "variable"
    LABEL = "label"
    CODE = "code"
    ANSWER = "answer"
    MISSING = "missing"
    LEVEL = "level"
    KIND = "kind"


_HEADINGS: Mapping[str, Part] = MappingProxyType(
    {
        word: part
        for part, words in (
            (Part.VARIABLE, "variabele|variable|var|variabelenaam|variable name|naam|name|kolom|column|vraagcode|veld"),
            (Part.LABEL, "label|vraag|vraagtekst|omschrijving|question|question text|variabelelabel|variable label"),
            (Part.CODE, "code|waarde|value|antwoordcode|codes|value code"),
            (Part.ANSWER, "antwoord|antwoordtekst|waardelabel|value label|answer|answer text|betekenis|antwoordlabel"),
            (Part.MISSING, "missing|missend|ontbrekend|geen antwoord|user missing|missing value|missing waarde"),
            (Part.LEVEL, "meetniveau|level|measure|measurement level|niveau|schaaltype"),
            (Part.KIND, "soort|type|kind|datatype|rol|role"),
        )
        for word in words.split("|")
    }
)
_LEVELS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("nominaal", "nominal"), "nominal"),
        **dict.fromkeys(("ordinaal", "ordinal"), "ordinal"),
        **dict.fromkeys(("schaal", "scale", "interval", "ratio", "continu"), "scale"),
    }
)
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("getal", "nummer", "numeriek", "number", "numeric", "num", "double"), "number"),
        **dict.fromkeys(("tekst", "text", "string", "open", "karakter", "character"), "text"),
        **dict.fromkeys(("datum", "date", "dag", "day"), "day"),
        **dict.fromkeys(("gewicht", "weight", "weegfactor"), "weight"),
    }
)
_YES_OR_NO: Mapping[str, bool] = MappingProxyType(
    {
        **dict.fromkeys(("ja", "j", "x", "1", "yes", "y", "missing", "ontbrekend", "waar", "true"), True),
        **dict.fromkeys(("", "nee", "n", "0", "no", "-", "onwaar", "false"), False),
    }
)
_RANGE = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*(?:-|–|t/m|tot en met|thru|to)\s*(-?\d+(?:[.,]\d+)?)\Z")


@dataclass(kw_only=True)
class CodebookVariable:
    """What a codebook says of one variable; `codes` are texts as they stand, in order, with what they mean."""

    name: str
    line: int
    label: str = ""
    level: str = ""
    kind: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    ranges: list[tuple[float, float]] = field(default_factory=list)
    places: dict[str, tuple[int, str]] = field(default_factory=dict)


def read_codebook(rows: Sequence[Sequence[str]]) -> dict[str, CodebookVariable]:
    """Read the rows of a codebook, of which the first is line 1; raises FileRefused with the place."""
    header, columns = _header(rows)
    found: dict[str, CodebookVariable] = {}
    current: CodebookVariable | None = None
    for line, row in enumerate(rows[header + 1 :], start=header + 2):
        cells = {part: _cell(row, column) for part, column in columns.items()}
        if not any(cells.values()):
            continue
        name = cells[Part.VARIABLE]
        if name:
            current = found.setdefault(name, CodebookVariable(name=name, line=line))
        if current is None:
            raise refuse("codebook_code_without_variable", line=line, column=column_letter(columns[Part.VARIABLE] + 1))
        _take(current, cells, line, columns)
    if not found:
        raise refuse("codebook_without_lines")
    return found


def is_codebook_name(name: str) -> bool:
    """Whether a sheet is called as codebooks are."""
    return re.sub(r"[^a-z]", "", name.lower()) in {"codeboek", "codebook", "labels", "codelijst", "variabelen"}


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, dict[Part, int]]:
    for number, row in enumerate(rows[:_HEADER_IS_WITHIN]):
        columns: dict[Part, int] = {}
        for column, cell in enumerate(row):
            if part := _HEADINGS.get(re.sub(r"[\s_]+", " ", cell).strip().lower()):
                columns.setdefault(part, column)
        if Part.VARIABLE in columns and len(columns) >= 2:
            return number, columns
    raise refuse("codebook_headings_unknown")


def _cell(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _take(current: CodebookVariable, cells: Mapping[Part, str], line: int, columns: Mapping[Part, int]) -> None:
    place = {part: (line, column_letter(column + 1)) for part, column in columns.items()}
    for part, known, attribute in ((Part.LEVEL, _LEVELS, "level"), (Part.KIND, _KINDS, "kind")):
        if written := cells.get(part, ""):
            _set_once(current, attribute, _known(written, known, place[part]), place[part])
    if label := cells.get(Part.LABEL, ""):
        _set_once(current, "label", label, place[Part.LABEL])
    is_missing = _known(cells.get(Part.MISSING, ""), _YES_OR_NO, place.get(Part.MISSING, (line, "A")))
    code = cells.get(Part.CODE, "")
    if not code:
        return
    if is_missing and (match := _RANGE.match(code)):
        low, high = (float(each.replace(",", ".")) for each in match.groups())
        current.ranges.append((min(low, high), max(low, high)))
        return
    if code in current.codes:
        raise refuse("codebook_code_twice", line=line, column=place[Part.CODE][1], variable=current.name)
    current.codes[code] = cells.get(Part.ANSWER, "")
    current.places[code] = place[Part.CODE]
    if is_missing:
        current.missing.append(code)


def _known[Meaning](written: str, known: Mapping[str, Meaning], place: tuple[int, str]) -> Meaning:
    try:
        return known[written.lower()]
    except KeyError:
        words = ", ".join(word for word in known if len(word) > 1)
        raise refuse("codebook_word_unknown", line=place[0], column=place[1], word=written, known=words) from None


def _set_once(current: CodebookVariable, attribute: str, value: str, place: tuple[int, str]) -> None:
    earlier = getattr(current, attribute)
    if earlier and earlier != value:
        raise refuse("codebook_says_two_things", line=place[0], column=place[1], variable=current.name)
    setattr(current, attribute, value)
