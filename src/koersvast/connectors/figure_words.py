"""The words of Dutch figure files: periods, units and column headings.

Pure tables and the functions that look things up in them. A word that is not here is a problem for the caller, not
a guess.
"""

import re
import unicodedata
from datetime import date, timedelta
from enum import StrEnum


class Role(StrEnum):
    """What a column is for."""

    INDICATOR = "indicator"
    PERIOD = "period"
    VALUE = "value"
    UNIT = "unit"
    SOURCE = "source"
    AREA = "area"
    GROUP = "group"
    RESPONDENTS = "respondents"
    MARGIN = "margin"
    PROVISIONAL = "provisional"
    NOTE = "note"


# The codes are those of the calculations' own list of units.
UNIT_WORDS: dict[str, str] = {
    **dict.fromkeys(["count", "aantal", "aantallen", "abs", "absoluut", "n", "#", "stuks", "meldingen"], "count"),
    **dict.fromkeys(["percent", "%", "procent", "percentage", "pct", "perc", "in %", "% van de inwoners"], "percent"),
    **dict.fromkeys(["scale_0_10", "schaalscore", "schaal 0-10", "schaalscore 0-10", "score 0-10"], "scale_0_10"),
    **dict.fromkeys(["mark_1_10", "rapportcijfer", "cijfer", "rapportcijfer 1-10", "cijfer 1-10"], "mark_1_10"),
    **dict.fromkeys(["per_1000", "per 1.000 inwoners", "per 1000 inwoners", "per 1.000", "per 1000", "‰"], "per_1000"),
    **dict.fromkeys(["per_10000", "per 10.000 inwoners", "per 10000 inwoners", "per 10.000", "per 10000"], "per_10000"),
    **dict.fromkeys(["index", "indexcijfer", "indexscore"], "index"),
    **dict.fromkeys(["euro", "€", "eur", "euro's", "in euro's", "bedrag"], "euro"),
}

HEADINGS: dict[Role, tuple[str, ...]] = {
    Role.INDICATOR: (
        "indicator", "indicatoren", "onderwerp", "omschrijving", "indicator nl", "indicatornaam", "naam indicator",
        "soort misdrijf", "misdrijf", "delict", "vraag", "stelling", "maatstaf", "kengetal", "naam",
    ),
    Role.PERIOD: (
        "jaar", "periode", "perioden", "period", "year", "peiljaar", "meetjaar", "meetmoment", "peildatum",
        "kwartaal", "maand", "datum",
    ),
    Role.VALUE: (
        "waarde", "value", "cijfer", "uitkomst", "score", "resultaat", "aantal", "percentage", "stand",
        "realisatie", "gemiddelde",
    ),
    Role.UNIT: ("eenheid", "unit", "meeteenheid", "maat"),
    Role.SOURCE: ("bron", "source", "herkomst", "bronnen", "leverancier"),
    Role.AREA: (
        "gebied", "gemeente", "area", "wijk", "buurt", "kern", "regio", "gebiedscode", "gemeentecode",
        "regio's", "wijken en buurten",
    ),
    Role.GROUP: ("thema", "groep", "theme group", "categorie", "veiligheidsveld", "veld", "rubriek", "theme"),
    Role.RESPONDENTS: ("respondenten", "aantal respondenten", "respondents", "steekproef", "respons", "n"),
    Role.MARGIN: ("marge", "foutmarge", "betrouwbaarheidsmarge", "margin", "marge plusmin 95", "marge 95"),
    Role.PROVISIONAL: ("status", "voorlopig", "provisional"),
    Role.NOTE: ("opmerking", "opmerkingen", "toelichting", "note", "noot", "bijzonderheden"),
}  # fmt: skip

PROVISIONAL_WORDS = ("voorlopig", "nader voorlopig", "provisional", "v", "ja", "1", "waar", "true", "*", "**")
FINAL_WORDS = ("", "definitief", "final", "nee", "0", "onwaar", "false", "d")

_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
_MONTH_BY_WORD = {name[:length]: n for n, name in enumerate(_MONTHS, 1) for length in (3, len(name))} | {"mrt": 3}
_YEAR = re.compile(r"(?:jaar\s+)?([0-9]{4})(?:\.0+|,0+)?(?:jj00)?\Z")
_QUARTERS = (
    re.compile(r"(?P<year>[0-9]{4})\s*[-/ ]?\s*(?:q|k|kw|kwartaal)\s*0?(?P<part>[1-4])\Z"),
    re.compile(r"(?:q|k|kw|kwartaal)\s*0?(?P<part>[1-4])\s*[-/ ]?\s*(?P<year>[0-9]{4})\Z"),
    re.compile(r"(?P<year>[0-9]{4})\s+(?P<part>[1-4])e kwartaal\Z"),
    re.compile(r"(?P<part>[1-4])e kwartaal\s+(?P<year>[0-9]{4})\Z"),
)
_MONTHLY = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<part>0[1-9]|1[0-2])\Z"),
    re.compile(r"(?P<year>[0-9]{4})mm(?P<part>0[1-9]|1[0-2])\Z"),
)
_MONTH_WORD = re.compile(r"(?:(?P<first>[0-9]{4})\s+(?P<word>[a-z]+)|(?P<word2>[a-z]+)\.?\s+(?P<last>[0-9]{4}))\Z")
_DAYS = (
    re.compile(r"(?P<day>[0-9]{1,2})[-/.](?P<month>[0-9]{1,2})[-/.](?P<year>[0-9]{4})(?: 0?0:00(?::00)?)?\Z"),
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?:[t ]00:00(?::00)?)?\Z"),
)


def folded(text: str) -> str:
    """Return a text for comparing: small letters, single spaces, no underscore; a footnote's raised 1 stays itself."""
    return " ".join(unicodedata.normalize("NFC", text).replace("_", " ").casefold().split())


def unit_code(text: str) -> str | None:
    """Return the unit that a word stands for; none when it is not in the table."""
    bare = folded(text).strip("()[] ")
    return _UNITS.get(bare) or _UNITS.get(bare.rstrip("."))


_UNITS = {folded(word): code for word, code in UNIT_WORDS.items()}
_ROLES = {heading: role for role, headings in HEADINGS.items() for heading in headings}


def heading_role(text: str) -> Role | None:
    """Return what a column heading announces: "Bron:" is the source, "aantal respondenten" the respondents."""
    bare = folded(re.sub(r"[:*]+$|\(.*?\)", "", text.strip())).removesuffix(" nl")
    return _ROLES.get(bare) or _ROLES.get(f"{bare} nl")


def period_code(text: str) -> tuple[str, bool] | None:
    """Return the code of a period and whether it is marked provisional; none when it is no period.

    >>> period_code("2019"), period_code("2e kwartaal 2019"), period_code("2019MM07*")
    (('2019', False), ('2019-Q2', False), ('2019-07', True))
    """
    bare = folded(text)
    provisional = bare.endswith("*")
    bare = bare.rstrip("* ")
    if match := _YEAR.match(bare):
        return match[1], provisional
    for shape in _QUARTERS:
        if match := shape.match(bare):
            return f"{match['year']}-Q{match['part']}", provisional
    for shape in _MONTHLY:
        if match := shape.match(bare):
            return f"{match['year']}-{match['part']}", provisional
    if match := _MONTH_WORD.match(bare):
        month = _MONTH_BY_WORD.get(match["word"] or match["word2"])
        return (f"{match['first'] or match['last']}-{month:02}", provisional) if month else None
    return None


def written_day(text: str) -> date | None:
    """Return the day that a text states, in Dutch or ISO order; none when it states none."""
    for shape in _DAYS:
        if match := shape.match(folded(text)):
            try:
                return date(int(match["year"]), int(match["month"]), int(match["day"]))
            except ValueError:
                return None
    return None


def period_of_day(day: date, *, yearly: bool) -> str | None:
    """Return the period that a first or last day stands for; none for any other day.

    `yearly` says that all days of the column begin or end a year; then they stand for years, not for months.
    """
    if yearly and begins_or_ends_year(day):
        return str(day.year)
    if day.day == 1 or (day + timedelta(days=1)).day == 1:
        return f"{day.year}-{day.month:02}"
    return None


def begins_or_ends_year(day: date) -> bool:
    return (day.month, day.day) in ((1, 1), (12, 31))


def year_typed_as_date(day: date, *, earliest: int, latest: int) -> int | None:
    """Return the year that somebody typed into a cell formatted as a date: Excel shows 2019 as 11-07-1905."""
    serial = (day - date(1899, 12, 30)).days
    return serial if earliest <= serial <= latest else None
