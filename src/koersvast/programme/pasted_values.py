"""Read what stands in one cell of a pasted table: a term, an amount, hours, a state, names. Pure; asks, never guesses.

Each reading says whether it is certain. What is not certain is shown to a person before anything is made of it.
"""

import difflib
import re
import tomllib
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from koersvast.connectors.amounts import Ambiguous, Amount, parse_amount

WORDS_FILE = Path(__file__).parent / "data" / "pasting.toml"
MOST_EURO = Decimal(10) ** 9
MOST_HOURS = Decimal(100_000)
# How alike two names must be before the one is offered for the other, 0 to 1.
ALIKE_FROM = 0.6

_DAY = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})\Z")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z")
_YEARS = re.compile(r"(\d{4})(?:\s*(?:-|/|t/m|tot en met|tot|en)\s*(\d{4}))?\Z")
_QUARTER = re.compile(
    r"(?:q|k|kw|kwartaal)\s*([1-4])(?:\s+(\d{4}))?\Z|([1-4])e?\s*(?:kwartaal|kw)(?:\s+(?:van\s+)?(\d{4}))?\Z"
)
_WORD_YEAR = re.compile(r"([a-z ]+?)(?:\s+(?:van\s+)?(\d{4}))?\Z")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})\s+([a-z]+)\.?\s+(\d{4})\Z")
_BETWEEN = re.compile(r"\s+(?:t/m|tot en met|tot|-)\s+")
_DASHES = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2012": "-", "\u2212": "-", "\u2011": "-"})
_AND = re.compile(r"\s*(?:[,;/\n+&\u2022]|\s-\s|\ben\b)\s*")


@cache
def words() -> Mapping[str, Any]:
    """The word lists."""
    return tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """Reduce a text to small letters, digits and single spaces, to compare it.

    >>> plain("  N.v.t. ")
    'n v t'
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())


@dataclass(frozen=True, kw_only=True)
class Term:
    """When: days and how often. `is_certain` when it can be read in one way only."""

    first_day: date | None = None
    last_day: date | None = None
    recurrence: str = "once"
    is_certain: bool = False


def read_term(text: str, *, first_day: date, last_day: date) -> Term | None:
    """Read a term within a programme from `first_day` to `last_day`; None when it cannot be read.

    "3 maart 2020", "2020" and "maart 2020" are certain; a season, and a month without its year, are not.
    """
    bare = " ".join(text.translate(_DASHES).lower().replace("\n", " ").split()).strip(" .")
    for reader in (_days, _years, _quarter, _repeated, _named_part, _span):
        if (found := reader(bare, first_day, last_day)) is not None:
            return found
    return None


def says_no_term(text: str) -> bool:
    """Whether a cell says that there is no term, or none yet."""
    return plain(text) in words()["terms"]["unknown"]


def _days(bare: str, _first: date, _last: date) -> Term | None:
    day = _one_day(bare)
    return Term(first_day=day, last_day=day, is_certain=True) if day else None


def _one_day(bare: str) -> date | None:
    if found := _DAY.match(bare):
        return _made(int(found[3]), int(found[2]), int(found[1]))
    if found := _ISO.match(bare):
        return _made(int(found[1]), int(found[2]), int(found[3]))
    if (found := _DAY_MONTH_YEAR.match(bare)) and found[2] in words()["months"]:
        return _made(int(found[3]), words()["months"][found[2]], int(found[1]))
    return None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1990 <= year <= 2100 else None
    except ValueError:
        return None


def _months(year: int, first: int, last: int, *, is_certain: bool, recurrence: str = "once") -> Term | None:
    if not 1990 <= year <= 2099:
        return None
    last_year = year if last >= first else year + 1
    last_day = date(last_year, last, monthrange(last_year, last)[1])
    return Term(first_day=date(year, first, 1), last_day=last_day, recurrence=recurrence, is_certain=is_certain)


def _years(bare: str, _first: date, _last: date) -> Term | None:
    found = _YEARS.match(bare)
    if not found:
        return None
    begin, end = int(found[1]), int(found[2] or found[1])
    if not (1990 <= begin <= end <= 2099):
        return None
    return Term(first_day=date(begin, 1, 1), last_day=date(end, 12, 31), is_certain=True)


def _quarter(bare: str, first: date, last: date) -> Term | None:
    swapped = re.sub(r"\A(\d{4})\s*-?\s*((?:q|k)\s*[1-4])\Z", r"\2 \1", bare)
    found = _QUARTER.match(swapped.replace("-", " "))
    if not found:
        return None
    quarter, year = int(found[1] or found[3]), found[2] or found[4]
    begin = 3 * quarter - 2
    if year:
        return _months(int(year), begin, begin + 2, is_certain=True)
    return _within(begin, begin + 2, first, last)


def _repeated(bare: str, first: date, last: date) -> Term | None:
    said = plain(bare)
    for recurrence in ("continuous", "weekly", "monthly", "quarterly", "yearly"):
        if said in words()["terms"][recurrence]:
            return Term(first_day=first, last_day=last, recurrence=recurrence, is_certain=False)
    return None


def _named_part(bare: str, first: date, last: date) -> Term | None:
    found = _WORD_YEAR.match(bare.replace(".", ""))
    if not found:
        return None
    name, year = found[1].strip(), found[2]
    if month := words()["months"].get(name):
        return _months(int(year), month, month, is_certain=True) if year else _within(month, month, first, last)
    if months := words()["seasons"].get(name):
        if year:
            return _months(int(year), months[0], months[1], is_certain=False)
        return _within(months[0], months[1], first, last)
    return None


def _within(first_month: int, last_month: int, first: date, last: date) -> Term | None:
    """The first time that these months come round within the programme: an assumption, so never certain."""
    for year in range(first.year, last.year + 1):
        found = _months(year, first_month, last_month, is_certain=False)
        if found and found.first_day and found.first_day >= first.replace(day=1):
            return found
    return _months(first.year, first_month, last_month, is_certain=False)


def _span(bare: str, first: date, last: date) -> Term | None:
    parts = _BETWEEN.split(re.sub(r"\Avan\s+|\Avanaf\s+", "", bare))
    if len(parts) != 2:
        return None
    begin, end = (_part_of_span(part, first, last) for part in parts)
    if begin and not re.search(r"\d{4}", parts[0]) and end and end.last_day:
        # "maart - juni 2020": the year stands once, at the end.
        begin = _part_of_span(f"{parts[0]} {end.last_day.year}", first, last)
    if not begin or not end or not begin.first_day or not end.last_day or begin.first_day > end.last_day:
        return None
    return Term(
        first_day=begin.first_day, last_day=end.last_day, is_certain=begin.is_certain and end.is_certain
    )  # fmt: skip


def _part_of_span(bare: str, first: date, last: date) -> Term | None:
    return next(
        (found for reader in (_days, _years, _quarter, _named_part) if (found := reader(bare, first, last))), None
    )


@dataclass(frozen=True, kw_only=True)
class Money:
    """An amount in euro; or `says`: no_cost (there are none) or unknown (nobody knows them yet)."""

    euro: Decimal | None = None
    says: str = ""
    is_certain: bool = False


def read_money(text: str) -> Money | None:
    """Read a cell of money; None when it cannot be read.

    >>> read_money("€ 2.500").euro
    Decimal('2500')
    """
    said = plain(text)
    for meaning in ("no_cost", "unknown"):
        if said in words()["amounts"][meaning]:
            return Money(says=meaning)
    bare = re.sub(r"(?i)\beuro\b|\beur\b|€|,-+\Z|,=\Z", " ", text.translate(_DASHES).strip()).strip()
    thousands = re.fullmatch(r"(?i)([\d.,]+)\s*k", bare)
    read = parse_amount(thousands.group(1) if thousands else bare)
    if isinstance(read, Ambiguous):
        # An amount with three digits behind a point is in thousands to a Dutch writer; it is shown to be confirmed.
        number, is_certain = read.as_comma if "." in bare else read.as_point, "€" in text and "." in bare
    elif isinstance(read, Amount) and not read.percent:
        number, is_certain = read.number, not thousands
    else:
        return None
    euro = number * 1000 if thousands else number
    if not 0 < euro <= MOST_EURO or euro != euro.quantize(Decimal("0.01")):
        return None
    return Money(euro=euro, is_certain=is_certain)


def read_hours(text: str) -> Decimal | None:
    """Read hours: "40", "1.200 uur", "16 u"; None when it cannot be read for certain."""
    bare = re.sub(r"(?i)\s*(uren|uur|u\.?)\s*\Z", "", text.strip())
    read = parse_amount(bare)
    if not isinstance(read, Amount) or read.percent or read.euro:
        return None
    hours = read.number
    return hours if 0 < hours <= MOST_HOURS and hours == hours.quantize(Decimal("0.1")) else None


def read_listed(text: str, *, part: str) -> str:
    """Return which entry of a word list a cell is ("" when none): states, chain_links, covers."""
    said = plain(text)
    return next((code for code, known in words()[part].items() if said == code or said in map(plain, known)), "")


def kind_of_heading(heading: str) -> str:
    """Return what a column with this heading probably holds ("" when no word fits); the longest word decides."""
    said = f" {plain(heading)} "
    fitting = [
        (len(word), said.startswith(f" {word} "), kind)
        for kind, known in words()["headings"].items()
        for word in map(plain, known)
        if word and f" {word} " in said
    ]
    return max(fitting)[2] if fitting else ""


def year_in(heading: str) -> int | None:
    """The one year that a heading names."""
    years = set(re.findall(r"\b(20\d\d)\b", heading))
    return int(years.pop()) if len(years) == 1 else None


def is_sum(cells: Sequence[str]) -> bool:
    """Whether a row looks like a sum: its first filled cell begins with a word for it."""
    first = next((plain(text) for text in cells if text), "")
    return any(first == word or first.startswith(word + " ") for word in words()["rows"]["sums"])


def repeats_above(text: str) -> bool:
    """Whether a cell says in words or signs that it repeats the one above it."""
    return text.strip() in {'"', "''", "\u201d", "\u3003"} or plain(text) in words()["rows"]["ditto"]


def split_names(text: str) -> tuple[str, ...]:
    """Cut a cell into names at commas, semicolons, slashes, line ends and "en"; a person confirms it.

    >>> split_names("politie, SAAM Welzijn en de Kern")
    ('politie', 'SAAM Welzijn', 'de Kern')
    """
    parts = (part.strip(" .-") for part in _AND.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))


def nearest(name: str, known: Iterable[tuple[str, str]], *, at_most: int = 4) -> tuple[str, ...]:
    """Return the keys of the (key, name) pairs most like `name`, best first."""
    said, scores = plain(name), dict[str, float]()
    matcher = difflib.SequenceMatcher(None, "", said, autojunk=False)
    for key, other in known:
        score = _alikeness(matcher, said, plain(other))
        if score >= ALIKE_FROM:
            scores[key] = max(score, scores.get(key, 0.0))
    return tuple(sorted(scores, key=lambda key: (-scores[key], key))[:at_most])


def _alikeness(matcher: difflib.SequenceMatcher[str], said: str, other: str) -> float:
    """0 to 1; a name that stands whole within the other is nearly the same."""
    if not said or not other:
        return 0.0
    if said == other:
        return 1.0
    shorter, longer = sorted((said, other), key=len)
    if len(shorter) >= 3 and f" {shorter} " in f" {longer} ":
        return 0.9
    matcher.set_seq1(other)
    if matcher.real_quick_ratio() < ALIKE_FROM or matcher.quick_ratio() < ALIKE_FROM:
        return 0.0
    return matcher.ratio()
