"""Read an amount as Dutch offices write it: "1.244", "7,4", "61 %", "40*", "n.b.".

Pure. A text that can be read in two ways is never guessed: it comes back as `Ambiguous` with both readings, and
evidence (the column, the file, the unit) must decide. Missing is not zero, and withheld is not missing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

# No figure of a municipality needs more; longer digit strings are phone or account numbers.
MOST_DIGITS = 15


class DecimalSign(StrEnum):
    """Which sign a writer puts before the decimals."""

    COMMA = "comma"
    POINT = "point"


class MissingReason(StrEnum):
    """Why there is no number. The values are those of the calculations' own list of reasons."""

    NOT_MEASURED = "not_measured"
    NOT_KNOWN = "not_known"
    WITHHELD = "withheld"


class Trouble(StrEnum):
    """Why a text is not an amount."""

    BRACKETS = "brackets"
    RANGE = "range"
    APPROXIMATE = "approximate"
    SEVERAL_NUMBERS = "several_numbers"
    TOO_LONG = "too_long"
    GROUPING = "grouping"
    WORDS = "words"
    AGAINST_SIGN = "against_sign"


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A number that can be read in one way; `percent` and `euro` say which sign stood beside it.

    A percentage is in per cent: "61 %" is 61. `witness` is the decimal sign that the writing proves, if any.
    """

    number: Decimal
    percent: bool = False
    euro: bool = False
    provisional: bool = False
    witness: DecimalSign | None = None


@dataclass(frozen=True, kw_only=True)
class Absent:
    """No number, and why; `word` is the text that said so ("" for an empty cell)."""

    reason: MissingReason
    word: str


@dataclass(frozen=True, kw_only=True)
class Ambiguous:
    """A number with two readings: "1.244" is 1244 to a writer of commas and 1,244 to a writer of points."""

    as_comma: Decimal
    as_point: Decimal
    percent: bool = False
    euro: bool = False
    provisional: bool = False

    def decided(self, sign: DecimalSign) -> Amount:
        number = self.as_comma if sign is DecimalSign.COMMA else self.as_point
        return Amount(number=number, percent=self.percent, euro=self.euro, provisional=self.provisional, witness=sign)


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A text that is no amount, and what stands in the way."""

    trouble: Trouble


Parsed = Amount | Absent | Ambiguous | Unread

# CBS writes "." for unknown and "x" for secret; "-" is nil there but unknown elsewhere, so it is never made zero.
MISSING_WORDS: dict[str, MissingReason] = {
    "": MissingReason.NOT_KNOWN,
    ".": MissingReason.NOT_KNOWN,
    "..": MissingReason.NOT_KNOWN,
    "...": MissingReason.NOT_KNOWN,
    "-": MissingReason.NOT_KNOWN,
    "--": MissingReason.NOT_KNOWN,
    "?": MissingReason.NOT_KNOWN,
    "n.b.": MissingReason.NOT_KNOWN,
    "nb": MissingReason.NOT_KNOWN,
    "n.n.b.": MissingReason.NOT_KNOWN,
    "nnb": MissingReason.NOT_KNOWN,
    "nog niet bekend": MissingReason.NOT_KNOWN,
    "niet bekend": MissingReason.NOT_KNOWN,
    "onbekend": MissingReason.NOT_KNOWN,
    "geen gegevens": MissingReason.NOT_KNOWN,
    "na": MissingReason.NOT_KNOWN,
    "n/a": MissingReason.NOT_KNOWN,
    "nan": MissingReason.NOT_KNOWN,
    "null": MissingReason.NOT_KNOWN,
    "n.v.t.": MissingReason.NOT_MEASURED,
    "nvt": MissingReason.NOT_MEASURED,
    "niet gemeten": MissingReason.NOT_MEASURED,
    "n.g.": MissingReason.NOT_MEASURED,
    "x": MissingReason.WITHHELD,
    "geheim": MissingReason.WITHHELD,
}

_SPACES = "\u0020\u00a0\u2009\u202f\u2007\u2008\u200a"
_MINUSES = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u2011": "-", "\ufe63": "-"})
_BELOW = re.compile(r"(?:<|&lt;|kleiner dan|minder dan)\s*\d+\Z")
_RANGE = re.compile(r"\d\s*(?:-|t/m|tot)\s*\d")
_APPROXIMATE = re.compile(r"(?:ca\b|circa|±|~|ongeveer|>|≥|≤|<)")
_PERCENT = re.compile(r"(.*?)\s*(?:%|procent|pct\.?)\Z", re.DOTALL)
_NUMBER = re.compile(r"([+-]?)(\d[\d.,]*\d|\d)\Z")
_GROUPED_BY_SPACE = re.compile(rf"[+-]?\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:[.,]\d+)?\Z")


def parse_amount(text: str, *, sign: DecimalSign | None = None) -> Parsed:
    """Read one amount; `sign` is the decimal sign that the file is known to use.

    >>> parse_amount("7,4").number
    Decimal('7.4')
    >>> parse_amount("1.244")                                       # wrong: to take it for 1244 unasked
    Ambiguous(as_comma=Decimal('1244'), as_point=Decimal('1.244'), percent=False, euro=False, provisional=False)
    >>> parse_amount("1.244", sign=DecimalSign.COMMA).number        # right: the column has shown its sign
    Decimal('1244')
    """
    bare = text.strip().strip("\ufeff").translate(_MINUSES).strip().lower()
    if bare in MISSING_WORDS:
        return Absent(reason=MISSING_WORDS[bare], word=text.strip())
    if _BELOW.match(bare):
        return Absent(reason=MissingReason.WITHHELD, word=text.strip())
    provisional = bare.endswith("*")
    bare = bare.rstrip("*").rstrip()
    if percent := _PERCENT.match(bare):
        bare = percent.group(1)
        provisional = provisional or bare.endswith("*")
        bare = bare.rstrip("*").rstrip()
    euro = bare.startswith(("€", "eur "))
    bare = bare.removeprefix("€").removeprefix("eur").strip() if euro else bare
    if not bare or (percent and euro):
        return Unread(trouble=Trouble.WORDS)
    return _parse_number(bare, sign=sign, percent=percent is not None, euro=euro, provisional=provisional)


def evidence(texts: Iterable[str]) -> DecimalSign | None:
    """Return the decimal sign that the unambiguous texts of a column prove; absent when none or both are proven."""
    witnesses = {parsed.witness for text in texts if isinstance(parsed := parse_amount(text), Amount)} - {None}
    return witnesses.pop() if len(witnesses) == 1 else None


def written(number: Decimal, *, sign: DecimalSign = DecimalSign.COMMA, grouped: bool = False) -> str:
    """Write a number without exponent, with the given decimal sign: 1244.5 as "1244,5", or "1.244,5" when grouped."""
    text = f"{number:,f}" if grouped else f"{number:f}"
    return text.translate(str.maketrans(",.", ".,")) if sign is DecimalSign.COMMA else text


def _parse_number(bare: str, *, sign: DecimalSign | None, percent: bool, euro: bool, provisional: bool) -> Parsed:
    if bare.startswith("(") and bare.endswith(")"):
        return Unread(trouble=Trouble.BRACKETS)
    if _GROUPED_BY_SPACE.match(bare):
        # Spaces have done the grouping, so a comma or point that is left can only be the decimal sign.
        bare = bare.translate(dict.fromkeys(map(ord, _SPACES)))
        return _one_sign(bare, sign=sign, percent=percent, euro=euro, provisional=provisional, grouped=True)
    match = _NUMBER.match(bare)
    if not match or not bare.isascii():
        return Unread(trouble=_why_not(bare))
    if sum(map(str.isdigit, bare)) > MOST_DIGITS:
        return Unread(trouble=Trouble.TOO_LONG)
    return _one_sign(bare, sign=sign, percent=percent, euro=euro, provisional=provisional, grouped=False)


def _one_sign(
    bare: str, *, sign: DecimalSign | None, percent: bool, euro: bool, provisional: bool, grouped: bool
) -> Parsed:
    readings = {s: _read_with(bare, s, grouped=grouped) for s in DecimalSign}
    comma, point = readings[DecimalSign.COMMA], readings[DecimalSign.POINT]
    if comma is None and point is None:
        return Unread(trouble=Trouble.GROUPING)
    if comma is not None and comma == point:
        return Amount(number=comma, percent=percent, euro=euro, provisional=provisional)
    if comma is not None and point is not None:
        both = Ambiguous(as_comma=comma, as_point=point, percent=percent, euro=euro, provisional=provisional)
        return both.decided(sign) if sign else both
    witness = DecimalSign.POINT if comma is None else DecimalSign.COMMA
    if sign and witness is not sign:
        return Unread(trouble=Trouble.AGAINST_SIGN)
    number = comma if comma is not None else point or Decimal(0)
    return Amount(number=number, percent=percent, euro=euro, provisional=provisional, witness=witness)


def _read_with(bare: str, sign: DecimalSign, *, grouped: bool) -> Decimal | None:
    decimal, thousands = (",", ".") if sign is DecimalSign.COMMA else (".", ",")
    whole, found, decimals = bare.partition(decimal)
    if decimal in decimals or thousands in decimals or (found and not decimals):
        return None
    groups = whole.lstrip("+-").split(thousands)
    # "0.125" and "0.125.000" are never thousands: a group does not start with a lone zero.
    grouped_well = 1 <= len(groups[0]) <= 3 and groups[0][0] != "0" and all(len(group) == 3 for group in groups[1:])
    if len(groups) > 1 and (grouped or not grouped_well):
        return None
    return plain(Decimal(f"{'-' if whole.startswith('-') else ''}{''.join(groups)}.{decimals or '0'}"))


def plain(number: Decimal) -> Decimal:
    """Return the same number without needless zeros, exponent or minus zero: 7.0 is 7 and 1E+2 is 100."""
    if number == number.to_integral_value():
        return Decimal(f"{number:.0f}") if number else Decimal(0)
    return Decimal(f"{number:f}".rstrip("0"))


def _why_not(bare: str) -> Trouble:
    if _APPROXIMATE.match(bare):
        return Trouble.APPROXIMATE
    if _RANGE.search(bare):
        return Trouble.RANGE
    if len(re.findall(r"\d+", bare)) > 1:
        return Trouble.SEVERAL_NUMBERS
    return Trouble.WORDS
