"""What the codes of CBS and the police say: the level of an area, the period, the part of a margin.

Source of the prefixes: the region lists of opendata.cbs.nl and dataderden.cbs.nl (RegioS, WijkenEnBuurten). Keys come
padded with spaces to six or ten places; here they are bare. *Not* for which areas exist in a year: that is `reference`.
"""

import re
from enum import StrEnum

from koersvast.engine.periods import Period


class Level(StrEnum):
    """What sort of area a code names.

    `UNPLACED` is what the police book under "Gemeente onbekend" (GM0000, WK000000, BU00000000): it has counts, it is
    part of the country, and it is nobody's neighbour.
    """

    COUNTRY = "country"
    PART = "part"
    PROVINCE = "province"
    COROP = "corop"
    SAFETY_REGION = "safety_region"
    POLICE_UNIT = "police_unit"
    POLICE_DISTRICT = "police_district"
    BASISTEAM = "basisteam"
    MUNICIPALITY = "municipality"
    WIJK = "wijk"
    BUURT = "buurt"
    UNPLACED = "unplaced"
    OTHER = "other"


LEVEL_OF_PREFIX = {
    "NL": Level.COUNTRY,
    "LD": Level.PART,
    "PV": Level.PROVINCE,
    "CR": Level.COROP,
    "VR": Level.SAFETY_REGION,
    "RE": Level.POLICE_UNIT,
    "PD": Level.POLICE_DISTRICT,
    "BT": Level.BASISTEAM,
    "GM": Level.MUNICIPALITY,
    "WK": Level.WIJK,
    "BU": Level.BUURT,
}
UNPLACED = frozenset({"GM0000", "WK000000", "BU00000000"})
WITHIN_A_MUNICIPALITY = (Level.MUNICIPALITY, Level.WIJK, Level.BUURT)

_CBS_PERIOD = re.compile(r"(?P<year>\d{4})(?P<kind>JJ|KW|MM)(?P<number>\d\d)", re.ASCII)
_SPAN = re.compile(r"(?P<first>\d{4})\s*[-/_]\s*(?P<last>\d{4})", re.ASCII)
_TITLED = re.compile(r"(?P<year>\d{4})(?:\s+(?P<word>[a-z]+|\de kwartaal))?\s*\*{0,2}", re.ASCII)
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip


class Margin(StrEnum):
    """Which part of an estimate a row holds; Veiligheidsmonitor tables carry it as a dimension (Marges)."""

    VALUE = "value"
    LOW = "low"
    HIGH = "high"
    HALF_WIDTH = "half_width"


# Keys as documented for the tables from 2021 on; older tables are known by the words of their titles.
_MARGIN_OF_KEY = {"MW00000": Margin.VALUE, "MOG0095": Margin.LOW, "MBG0095": Margin.HIGH}
# Tables up to 2019 give the value and, instead of two ends, how far they lie on either side of it.
_MARGIN_OF_WORD = {
    "ondergrens": Margin.LOW,
    "bovengrens": Margin.HIGH,
    "betrouwbaarheidsmarge": Margin.HALF_WIDTH,
    "waarde": Margin.VALUE,
}


def level_of(area: str) -> Level:
    """The level of a bare code: GM0148 is a municipality, GM0000 is nowhere."""
    if area in UNPLACED:
        return Level.UNPLACED
    return LEVEL_OF_PREFIX.get(area[:2], Level.OTHER)


def municipality_number(area: str) -> str:
    """The four digits that GM0148, WK014801 and BU01480101 share; "" for any other area."""
    return area[2:6] if area[:2] in {"GM", "WK", "BU"} else ""


def period_code(text: str) -> str | None:
    """Read `2012JJ00`, `2012KW03`, `2012MM07`, `2012`, `2012 juli`, `2012*`, `2012-07` or a span `2011-2020`.

    Returns Koersvast's code ("2012", "2012-Q3", "2012-07"); a span of years gives "2011/2020", which is no
    `engine` period and enters no series. None when the text is no period.
    """
    text = text.strip()
    if found := _CBS_PERIOD.fullmatch(text):
        return _numbered(found["year"], found["kind"], int(found["number"]))
    if (found := _SPAN.fullmatch(text)) and int(found["first"]) < int(found["last"]):
        return f"{found['first']}/{found['last']}"
    if found := _TITLED.fullmatch(text.casefold()):
        return _worded(found["year"], found["word"] or "")
    try:
        return Period.parse(text).code
    except ValueError:
        return None


def _numbered(year: str, kind: str, number: int) -> str | None:
    if kind == "JJ":
        return year if number == 0 else None
    if kind == "KW":
        return f"{year}-Q{number}" if 1 <= number <= 4 else None
    return f"{year}-{number:02d}" if 1 <= number <= 12 else None


def _worded(year: str, word: str) -> str | None:
    if not word:
        return year
    if word in _MONTHS:
        return f"{year}-{_MONTHS.index(word) + 1:02d}"
    return f"{year}-Q{word[0]}" if word[0] in "1234" and word.endswith("kwartaal") else None


def is_span(period: str) -> bool:
    """Whether a period code covers several years, so that no series can hold it."""
    return "/" in period


def year_of(period: str) -> int:
    """The year in which a period starts: 2012 for "2012", "2012-07", "2012-Q3" and "2012/2020"."""
    return int(period[:4])


def length_of(period: str) -> str:
    """What a period lasts: "year", "quarter", "month" or "span"."""
    if is_span(period):
        return "span"
    return "year" if len(period) == 4 else "quarter" if "Q" in period else "month"


def margin_of(key: str, title: str) -> Margin | None:
    """Which part of an estimate a member of the dimension Marges stands for; None when neither key nor title says."""
    if key.strip() in _MARGIN_OF_KEY:
        return _MARGIN_OF_KEY[key.strip()]
    words = title.casefold()
    return next((margin for word, margin in _MARGIN_OF_WORD.items() if word in words), None)


def bare_key(key: str) -> str:
    """A column key without the number that changes between releases: GeregistreerdeMisdrijven_1 loses its _1."""
    return re.sub(r"_\d+\Z", "", key.strip())
