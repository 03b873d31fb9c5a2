"""Find columns of a survey file that point at a person: by their names and by what is in them.

Pure. Says which column and which kind, never an example. A check on digits passes by chance for one number in eleven,
so a column counts when far more of it passes than chance gives. What cannot be found this way (a name in an open
answer) is told in docs/explanation/privacy.md.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from koersvast.connectors.microdata import Floats, Microdata, ValueKind, Variable
from koersvast.connectors.sheets import FileRefused, refuse

_SMALL_GROUP = 10
_MOST_IN_SMALL_GROUPS = 0.10
_FEW = 3


class PersonalKind(StrEnum):
    """What a column gives away."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    BSN = "bsn"
    ADDRESS = "address"
    POSTCODE = "postcode"
    BIRTH_DATE = "birth_date"
    IBAN = "iban"
    IP = "ip"
    TOKEN = "token"  # noqa: S105 (a kind of column, no password)
    LOCATION = "location"


@dataclass(frozen=True, kw_only=True)
class PersonalColumn:
    """A column that may not come in; `inside_answers` when only some open answers hold it."""

    name: str
    kind: PersonalKind
    inside_answers: bool = False


# Words in the name of a column. What is in the column must not contradict them: a question about e-mail is no address.
_WORDS: Mapping[PersonalKind, frozenset[str]] = MappingProxyType(
    {
        kind: frozenset(words.split())
        for kind, words in (
            (
                PersonalKind.NAME,
                "naam achternaam voornaam voorletters roepnaam tussenvoegsel initialen name surname "
                "lastname firstname fullname respondentnaam naamrespondent contactpersoon",
            ),
            (PersonalKind.EMAIL, "email mail emailadres mailadres emailaddress"),
            (PersonalKind.PHONE, "telefoon telefoonnummer telnr tel mobiel mobielnummer gsm phone mobile"),
            (PersonalKind.BSN, "bsn burgerservicenummer sofinummer sofi bsnnummer"),
            (PersonalKind.ADDRESS, "adres straat straatnaam huisnummer huisnr huisletter toevoeging street address"),
            (PersonalKind.BIRTH_DATE, "geboortedatum gebdatum gebdat birthdate dateofbirth dob"),
            (PersonalKind.IBAN, "iban rekeningnummer bankrekening bankrekeningnummer"),
            (PersonalKind.IP, "ip ipadres ipaddr ipaddress"),
            (PersonalKind.TOKEN, "token toegangscode inlogcode toegangssleutel"),
            (PersonalKind.LOCATION, "latitude longitude lat lon lng breedtegraad lengtegraad xcoord ycoord rdx rdy"),
        )
    }
)
_HOUSE_WORDS = frozenset({"huisnummer", "huisnr", "housenumber", "hnr"})
_NOT_OF_PERSONS = frozenset(
    {"wijk", "buurt", "gemeente", "kern", "dorp", "plaats", "gebied", "regio", "provincie", "land", "school", "bedrijf"}
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
_DATE_OR_TIME = re.compile(r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\b\d{1,2}:\d{2}(?::\d{2})?\b")
_PHONE = re.compile(r"(?<![\d.,])(?:(?:\+|00)31[\s-]?(?:\(0\))?|\(?0)(?:[\s()-]{0,2}[1-9])(?:[\s()-]?\d){8}(?![\d,])")
_BSN = re.compile(r"(?<![\d.,+-])\d(?:\.?\d){7,8}(?![\d,])")
_IBAN = re.compile(r"(?<![A-Z\d])[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,4})?(?![A-Z\d])")
_POSTCODE = r"[1-9]\d{3} ?(?!SA|SD|SS)[A-Z]{2}"
_ONLY_POSTCODE = re.compile(rf"{_POSTCODE}\Z", re.IGNORECASE)
_HOUSE = re.compile(
    rf"(?<![A-Z\d]){_POSTCODE}[\s,]+(?:nr\.? ?)?\d{{1,5}}\b"
    rf"|\b\d{{1,5}}[ -]?[a-z]?,? {_POSTCODE}(?![a-z\d])",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"[a-z'.-]*(?:straat|weg|laan|plein|hof|dijk|kade|pad|singel|steeg|dreef|gracht|brink|plantsoen|ring)\.? \d{1,5}",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"(?:(?:dhr|mevr|mw|hr)\.? )?(?:(?:[A-Z]\. ?)+|[A-ZÀ-Þ][a-zà-ÿ]+ )(?:(?:van|de|der|den|het|'t|te|ten|ter|el|la) )*"
    r"[A-ZÀ-Þ][a-zà-ÿ]+(?:[ -][A-ZÀ-Þ][a-zà-ÿ]+)?\Z"
)
_TOKEN = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z\d_~-]{10,64}\Z")
_TOKEN_IN_ADDRESS = re.compile(r"[?&](?:token|sid|key)=", re.IGNORECASE)


def personal_columns(microdata: Microdata) -> tuple[PersonalColumn, ...]:
    """Return the columns that point at a person, in the order of the file, each with one kind."""
    found = {each.name: each for variable in microdata.variables if (each := _judge(variable, microdata))}
    for each in (*_split_addresses(microdata), *_places(microdata)):
        found.setdefault(each.name, each)
    return tuple(found[variable.name] for variable in microdata.variables if variable.name in found)


def refuse_personal(columns: Iterable[PersonalColumn]) -> FileRefused:
    """Make the refusal that names columns and kinds; the kinds are codes, which the floor above words."""
    named = [f"{each.name}={each.kind.value}" for each in columns]
    return refuse("personal_columns", columns="; ".join(named), count=len(named))


def passes_eleven_test(digits: str) -> bool:
    """Whether eight or nine digits may be a citizen service number (burgerservicenummer)."""
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 9) or not int(digits):
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(w * int(d) for w, d in zip(weights, digits.zfill(9), strict=True)) % 11 == 0


def _judge(variable: Variable, microdata: Microdata) -> PersonalColumn | None:
    column = microdata.table.column(variable.name)
    if variable.kind is ValueKind.TEXT:
        return _judge_texts(variable, column)
    if variable.kind is ValueKind.DAY:
        return _judge_days(variable, column)
    return _judge_numbers(variable, microdata.answers(variable.name))


# --- by name


def _by_name(variable: Variable) -> PersonalKind | None:
    words = set(_words(variable.name))
    if words & _NOT_OF_PERSONS:
        return None
    return next((kind for kind, known in _WORDS.items() if words & known), None)


def _words(name: str) -> Iterator[str]:
    """Give the words of a name, and neighbours as one: "E-mail_adres" has e, mail, adres, email and mailadres."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    parts = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).lower())
    yield from parts
    yield from (first + second for first, second in pairwise(parts))
    yield "".join(parts)


def _is_category(variable: Variable, distinct: int) -> bool:
    """Whether the answers are a choice from a list: labels for most, or hardly any different ones."""
    return len(variable.value_labels) >= max(2, distinct / 2)


# --- texts


def _judge_texts(variable: Variable, column: pa.ChunkedArray) -> PersonalColumn | None:
    counts = [(text, count) for text, count in _counted(column) if text]
    answers = sum(count for _, count in counts)
    if not counts or _is_category(variable, len(counts)):
        return None
    by_content = _whole_column(counts, answers)
    named = _by_name(variable)
    if by_content is None and named is not None and _can_be(named, counts):
        by_content = named
    if by_content is not None:
        return PersonalColumn(name=variable.name, kind=by_content)
    for kind, inside in _INSIDE.items():
        if any(inside(text) for text, _ in counts):
            return PersonalColumn(name=variable.name, kind=kind, inside_answers=True)
    return None


def _counted(column: pa.ChunkedArray) -> Iterator[tuple[str | None, int]]:
    for each in pc.value_counts(column):
        yield each["values"].as_py(), each["counts"].as_py()


def _whole_column(counts: list[tuple[str, int]], answers: int) -> PersonalKind | None:
    for kind, (is_one, share) in _WHOLE.items():
        hits = sum(count for text, count in counts if is_one(text))
        if hits >= share * answers and (hits >= _FEW or hits == answers):
            if kind in _MOSTLY_DIFFERENT and (len(counts) < 0.8 * answers or len(counts) < 2 * _FEW):
                continue
            if kind is PersonalKind.TOKEN and len({len(text) for text, _ in counts}) > 1:
                continue
            if kind is PersonalKind.POSTCODE and not _has_small_groups([count for _, count in counts]):
                continue
            return kind
    return None


def _has_small_groups(counts: list[int]) -> bool:
    return sum(count for count in counts if count < _SMALL_GROUP) > _MOST_IN_SMALL_GROUPS * sum(counts)


def _can_be(kind: PersonalKind, counts: list[tuple[str, int]]) -> bool:
    """Whether a column whose name says so may hold this kind: "nee" is no e-mail address, and "ja" is no name."""
    texts = [text for text, _ in counts]
    if kind in {PersonalKind.NAME, PersonalKind.ADDRESS, PersonalKind.TOKEN}:
        return len(texts) > 2 or any(len(text) > 4 for text in texts)
    # A column of this name with digits, at signs or dots in it is what it says, also in an unusual form.
    return any(re.search(r"[\d@]", text) and len(text) >= 4 for text in texts)


def _is_bsn(text: str) -> bool:
    return passes_eleven_test(text.replace(".", "").replace(" ", ""))


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return True


def _is_iban(text: str) -> bool:
    """Whether a text holds an IBAN whose check digits are right (ISO 13616: remainder 1 after division by 97)."""
    for match in _IBAN.finditer(text.upper()):
        bare = match.group().replace(" ", "")
        if 15 <= len(bare) <= 34 and int("".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])) % 97 == 1:
            return True
    return False


def _has_phone(text: str) -> bool:
    return _PHONE.search(_DATE_OR_TIME.sub(" ", text)) is not None


def _has_bsn(text: str) -> bool:
    return any(_is_bsn(match.group()) for match in _BSN.finditer(_DATE_OR_TIME.sub(" ", text)))


def _is_phone(text: str) -> bool:
    return len(text) < 24 and _has_phone(text)


# What a whole column is made of, and the share of its answers that must be so.
_WHOLE: Mapping[PersonalKind, tuple[Callable[[str], object], float]] = MappingProxyType(
    {
        PersonalKind.EMAIL: (_EMAIL.fullmatch, 0.5),
        PersonalKind.IBAN: (_is_iban, 0.5),
        PersonalKind.BSN: (_is_bsn, 0.6),
        PersonalKind.PHONE: (_is_phone, 0.5),
        PersonalKind.IP: (_is_ip, 0.5),
        PersonalKind.ADDRESS: (lambda text: _HOUSE.search(text) or _STREET.match(text), 0.3),
        PersonalKind.POSTCODE: (_ONLY_POSTCODE.match, 0.5),
        PersonalKind.TOKEN: (_TOKEN.match, 0.9),
        PersonalKind.NAME: (_PERSON.match, 0.6),
    }
)
_MOSTLY_DIFFERENT = frozenset({PersonalKind.TOKEN, PersonalKind.NAME})
# What one open answer may not hold.
_INSIDE: Mapping[PersonalKind, Callable[[str], object]] = MappingProxyType(
    {
        PersonalKind.EMAIL: _EMAIL.search,
        PersonalKind.IBAN: _is_iban,
        PersonalKind.PHONE: _has_phone,
        PersonalKind.BSN: _has_bsn,
        PersonalKind.ADDRESS: _HOUSE.search,
        PersonalKind.TOKEN: _TOKEN_IN_ADDRESS.search,
    }
)


# --- days and numbers


def _judge_days(variable: Variable, column: pa.ChunkedArray) -> PersonalColumn | None:
    """Days of birth lie far apart; days of answering lie within months."""
    years = np.asarray(pc.year(column.drop_null()).to_numpy(), dtype=np.float64)
    if not len(years):
        return None
    spread = np.quantile(years, 0.95) - np.quantile(years, 0.05)
    if _by_name(variable) is PersonalKind.BIRTH_DATE or (len(years) >= _FEW and spread >= 15):
        return PersonalColumn(name=variable.name, kind=PersonalKind.BIRTH_DATE)
    return None


def _judge_numbers(variable: Variable, answers: Floats) -> PersonalColumn | None:
    numbers = answers[~np.isnan(answers)]
    distinct = np.unique(numbers)
    if not len(numbers) or _is_category(variable, len(distinct)):
        return None
    kind = _number_by_content(distinct) or _number_by_name(variable, numbers, distinct)
    return PersonalColumn(name=variable.name, kind=kind) if kind else None


def _number_by_content(distinct: Floats) -> PersonalKind | None:
    whole = distinct[(distinct == np.floor(distinct)) & (distinct >= 10_000_000) & (distinct < 100_000_000_000)]
    if len(whole) < max(_FEW, 0.5 * len(distinct)):
        return None
    passing = _eleven_tests(whole)
    if passing.mean() >= (0.6 if len(whole) >= 10 else 1.0):
        return PersonalKind.BSN
    # A mobile number that lost its first zero; numbers that were dealt out in order lie closer together.
    mobile = ((whole >= 610_000_000) & (whole < 690_000_000)) | ((whole >= 31_610_000_000) & (whole < 31_690_000_000))
    if mobile.mean() >= 0.8 and np.ptp(whole) > 10_000_000:
        return PersonalKind.PHONE
    return None


def _eleven_tests(whole: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    left, total = whole.astype(np.int64), np.zeros(len(whole), dtype=np.int64)
    for weight in (-1, 2, 3, 4, 5, 6, 7, 8, 9):
        left, digit = left // 10, left % 10
        total += weight * digit
    passing: np.ndarray[tuple[int], np.dtype[np.bool_]] = (total % 11 == 0) & (whole < 1_000_000_000)
    return passing


def _number_by_name(variable: Variable, numbers: Floats, distinct: Floats) -> PersonalKind | None:
    named, largest = _by_name(variable), float(np.abs(distinct).max())
    if named in {PersonalKind.PHONE, PersonalKind.BSN, PersonalKind.IBAN} and largest >= 1_000_000:
        return named
    if named is PersonalKind.BIRTH_DATE and largest >= 10_000:  # 19450217; a year alone is no day
        return named
    house_numbers = named is PersonalKind.ADDRESS and len(distinct) > 12
    return named if house_numbers or (named is PersonalKind.TOKEN and len(distinct) > 0.8 * len(numbers)) else None


# --- several columns together


def _split_addresses(microdata: Microdata) -> Iterator[PersonalColumn]:
    """A postcode of four digits, its letters and a house number are an address, over whichever columns they lie."""
    parts = {variable.name: set(_words(variable.name)) for variable in microdata.variables}
    houses = [name for name, words in parts.items() if words & _HOUSE_WORDS]
    letters = [name for name in parts if _is_letters(name, microdata)]
    codes = [
        name for name, words in parts.items()
        if words & {"postcode", "pc", "zipcode", "postkode"} or _is_postcode(name, microdata)
    ]  # fmt: skip
    if houses and codes:
        yield from (PersonalColumn(name=name, kind=PersonalKind.ADDRESS) for name in (*houses, *codes))
    elif letters and codes:
        yield from (PersonalColumn(name=name, kind=PersonalKind.POSTCODE) for name in letters)


def _is_postcode(name: str, microdata: Microdata) -> bool:
    return _share_of(name, microdata, _ONLY_POSTCODE) >= 0.5


def _is_letters(name: str, microdata: Microdata) -> bool:
    """Whether a column holds the two letters of postcodes: not a list of a few codes such as NL and BE."""
    if _share_of(name, microdata, re.compile(r"[A-Za-z]{2}\Z")) < 0.9:
        return False
    variable = microdata.variable(name)
    return len(pc.unique(microdata.table.column(name))) > 12 and not variable.value_labels


def _share_of(name: str, microdata: Microdata, pattern: re.Pattern[str]) -> float:
    if microdata.variable(name).kind is not ValueKind.TEXT:
        return 0.0
    counts = [(text, count) for text, count in _counted(microdata.table.column(name)) if text]
    return sum(count for text, count in counts if pattern.match(text)) / max(sum(count for _, count in counts), 1)


def _places(microdata: Microdata) -> Iterator[PersonalColumn]:
    """Two columns that together are points in the Netherlands, in degrees or in metres of the national grid."""
    numbers = {v.name: microdata.answers(v.name) for v in microdata.variables if v.kind is ValueKind.NUMBER}
    known = {
        name: found[~np.isnan(found)] for name, found in numbers.items() if not microdata.variable(name).value_labels
    }
    for first, second, fine in (((50.5, 53.8), (3.1, 7.4), True), ((300_000, 630_000), (5_000, 290_000), False)):
        norths = [name for name, found in known.items() if _lies(found, first, fine=fine)]
        easts = [name for name, found in known.items() if _lies(found, second, fine=fine)]
        if norths and easts and (fine or _are_coordinates([*norths, *easts])):
            yield from (PersonalColumn(name=name, kind=PersonalKind.LOCATION) for name in (*norths, *easts))


def _lies(found: Floats, bounds: tuple[float, float], *, fine: bool) -> bool:
    """Whether nearly all lie between the bounds, mostly different, and (`fine`) with three decimals or more."""
    if len(found) < _FEW or len(np.unique(found)) < 0.5 * len(found):
        return False
    inside = ((found > bounds[0]) & (found < bounds[1])).mean() >= 0.95
    return bool(inside) and (not fine or bool((np.abs(found * 100 - np.round(found * 100)) > 1e-6).mean() > 0.8))


def _are_coordinates(names: list[str]) -> bool:
    """Whole numbers of this size may be anything (an income), so a name has to say that they are places."""
    words = {word for name in names for word in _words(name)}
    return bool(words & (_WORDS[PersonalKind.LOCATION] | {"x", "y", "rd", "rdx", "rdy", "coordinaat"}))
