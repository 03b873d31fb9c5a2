"""Five thousand damaged pages of each form of OData: refused with a code that has a sentence, or read as they say.

What "as they say" is, is decided by a slow reader of the tests' own: a page that is accepted must mean what its bytes
mean.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from koersvast.connectors.statline import ATTRIBUTE, TableDescription, TableProblem, describe, next_url, read_page
from koersvast.indicators.wording.problems import SENTENCES
from tests.unit.connectors.mutations import CASES, mutants
from tests.unit.connectors.table_writing import (
    AREAS,
    COUNT,
    KINDS,
    MEASURES,
    PERIODS,
    SHARE,
    V3,
    V4,
    Line,
    described,
    described_v4,
    metadata_v3,
    metadata_v4,
    observations,
    page_atom,
    page_typed,
    page_untyped,
    page_v4,
)

DIMENSIONS = ("SoortMisdrijf", "WijkenEnBuurten", "Perioden")
NEXT = "https://dataderden.cbs.nl/ODataFeed/OData/90001NED/UntypedDataSet?$format=json&$skip=10000"
NUMBERS = [
    Line((kind, area, period), (number, number / 10 if number % 3 else None))
    for number, (kind, area, period) in enumerate(zip(KINDS, AREAS, PERIODS, strict=False), start=12)
]
SIGNS = [Line(line.key, (line.values[0], ".")) for line in NUMBERS]
JSON_WORDS = (
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b" ", b"\n", b"null", b"true", b"false", b"NaN", b"Infinity"),
    *(b"-", b".", b"e9", b"1e400", b"0", b"13", b"9007199254740993", b"99999999999999999999", b'"13"', b'"  13"'),
    *(b'".", '.strip(), b'"x"', b'"\xef\xbb\xbf"', b"\xe9", b"\\u0000", b"\\ud800", b"},{", b'"value":[', b"[" * 3000),
    *(f'"{name}":'.encode() for name in (*MEASURES, *DIMENSIONS)),
    *(
        b"UntypedDataSet",
        b"TypedDataSet",
        b'"odata.nextLink":',
        b'"odata.error":',
        b'"GM0148    "',
        b'"None"',
        b'"Id":',
    ),
)
ATOM_WORDS = (
    *(b"<", b">", b"/", b"&", b"&lt;", b"&#48;", b"&#x0;", b"&a;", b"<![CDATA[7]]>", b"<!-- 7 -->", b"<?x y?>", b'"'),
    *(b' m:null="true"', b' m:type="Edm.Int64"', b' m:type="Edm.String"', b"<d:Voorvallen_1>", b"</d:Voorvallen_1>"),
    *(
        b"<d:Voorvallen_1>7</d:Voorvallen_1>",
        b"<!DOCTYPE a>",
        b'<!ENTITY a "b">',
        b"<entry>",
        b"</entry>",
        b"NaN",
        b"1e9",
    ),
    *(
        b"m:properties",
        b"content",
        b"d:",
        b"m:",
        b"xmlns",
        b'xmlns:d="y"',
        b"utf-8",
        b"utf-16",
        b"\x00",
        b"\xe9",
        b" 8 ",
    ),
)


class Refused(Exception):
    """The slow reader finds no meaning in a page."""


def slowly(page: bytes) -> list[tuple[Any, ...]]:
    """Read a JSON page of OData 3 as its bytes say, one value at a time."""
    try:
        found = json.loads(
            page.removeprefix(b"\xef\xbb\xbf").decode(), object_pairs_hook=_once, parse_constant=_no, parse_int=_number,
            parse_float=_number,
        )  # fmt: skip
    except (ValueError, RecursionError):
        raise Refused from None
    if not isinstance(found, dict) or not isinstance(found.get("value"), list) or {"error", "odata.error"} & set(found):
        raise Refused
    said = re.search(rb"#([\w.]*\.)?(UntypedDataSet|TypedDataSet)\b", page[:1000])
    lines = found["value"]
    # A page that does not say its form has texts as soon as one of its figures is a text.
    has_texts = any(isinstance(line, dict) and isinstance(line.get(name), str) for line in lines for name in MEASURES)
    untyped = said[2] == b"UntypedDataSet" if said else has_texts
    return [_slow_line(line, untyped=untyped) for line in lines]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refused
    return dict(pairs)


def _no(word: str) -> None:
    raise Refused(word)


def _number(word: str) -> float:
    if len(word) > 4000 or not math.isfinite(float(word)):
        raise Refused
    return float(word)


def _slow_line(line: Any, *, untyped: bool) -> tuple[Any, ...]:
    if not isinstance(line, dict) or not {*DIMENSIONS, *MEASURES} <= set(line):
        raise Refused
    keys = [line[name] for name in DIMENSIONS]
    if not all(isinstance(key, str) and key.strip() for key in keys):
        raise Refused
    values = [_slow_text(line[name]) if untyped else _slow_number(line[name]) for name in MEASURES]
    return tuple(key.strip() for key in keys) + tuple(part for value in values for part in value)


def _slow_number(value: Any) -> tuple[float | None, None]:
    if value is not None and (not isinstance(value, float) or abs(value) >= 2**53):
        raise Refused
    return value, None


def _slow_text(value: Any) -> tuple[float | None, str | None]:
    if value is None or (isinstance(value, str) and value.strip().lower() in {"", ".", "..", "-", "x"}):
        return None, None if value is None else value.strip().lower()
    text = value.strip() if isinstance(value, str) else "?"
    whole, point, rest = text.removeprefix("-").partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in ([whole, rest] if point else [whole])):
        raise Refused
    return float(text), None


def attempt(read: Callable[[], Any], seen: Counter[str]) -> Any:
    """Read; count and return nothing when it is refused. Anything but a TableProblem is a failure of the test."""
    try:
        found = read()
    except TableProblem as refusal:
        seen[refusal.problem.code] += 1
        return None
    seen["read"] += 1
    return found


def check_outcomes(seen: Counter[str], *, least_read: int, least_codes: int) -> None:
    """Both outcomes must occur often enough for the test to mean something, and every code must have its sentence."""
    codes = set(seen) - {"read"}
    assert sum(seen.values()) == CASES
    assert codes <= set(SENTENCES)
    assert seen["read"] >= least_read
    assert len(codes) >= least_codes


def test_damaged_json_is_refused_or_read_as_it_says() -> None:
    originals = [
        page_typed(NUMBERS), page_untyped(SIGNS, following=NEXT), page_typed(NUMBERS, following=NEXT),
        page_untyped(SIGNS), page_typed(NUMBERS, spaced=True),
    ]  # fmt: skip
    description, seen = described(), Counter[str]()
    for page in mutants(originals, JSON_WORDS, seed=20):
        found = attempt(partial(read_page, page, description), seen)
        try:
            said = slowly(page)
        except Refused:
            assert found is None, page
        else:
            assert found is None or found.rows() == said, page
    check_outcomes(seen, least_read=250, least_codes=6)


def test_damaged_json_that_means_something_is_read() -> None:
    description = described()
    lost = []
    for page in mutants([page_typed(NUMBERS)], (b" ", b"\n", b"0", b"1", b"null"), seed=21, cases=500):
        try:
            said = slowly(page)
        except Refused:
            continue
        if read_page(page, description).rows() != said:
            lost.append(page)
    assert lost == []


def test_damaged_atom_is_refused_or_read_as_it_says() -> None:
    description, seen = described(), Counter[str]()
    originals = [page_atom(NUMBERS), page_atom(SIGNS, typed=False), page_atom(NUMBERS, following=NEXT)]
    for page in mutants(originals, ATOM_WORDS, seed=22):
        found = attempt(partial(read_page, page, description), seen)
        if found is not None:
            assert found.rows() == slow_feed(page), page
    check_outcomes(seen, least_read=250, least_codes=5)


def slow_feed(page: bytes) -> list[tuple[Any, ...]]:
    """Read the entries of a feed as its bytes say; what the reader refuses need not be read here."""
    said = []
    root = ET.fromstring(page.lstrip())  # noqa: S314 (a page with a declaration was refused before)
    for cells in root.iterfind("{*}entry/{*}content/{*}properties"):
        texts = {cell.tag.rpartition("}")[2]: _slow_cell(cell) for cell in cells}
        keys = tuple(str(texts[name]).strip() for name in DIMENSIONS)
        said.append(keys + tuple(part for name in MEASURES for part in _slow_text(texts[name])))
    return said


def _slow_cell(cell: ET.Element) -> str | None:
    is_null = any(name.endswith("}null") and value.strip().lower() in {"true", "1"} for name, value in cell.items())
    return None if is_null else "".join(cell.itertext())


def test_damaged_observations_are_refused_or_read_as_they_say() -> None:
    description, seen = described_v4(), Counter[str]()
    originals = [page_v4(observations(NUMBERS)), page_v4(observations(SIGNS, words={".": "Confidential"}))]
    words = (*JSON_WORDS, b'"Value":', b'"Measure":', b'"ValueAttribute":', b'"Impossible"', f'"{COUNT}"'.encode())
    for page in mutants(originals, words, seed=23):
        found = attempt(partial(read_page, page, description), seen)
        if found is not None:
            assert sorted(_cells_of(found)) == sorted(slow_observations(page)), page
    check_outcomes(seen, least_read=250, least_codes=6)


def _cells_of(lines: Any) -> Iterator[tuple[str, ...]]:
    for line in lines.iter_rows(named=True):
        for measure in MEASURES:
            value, attribute = line[measure], line[measure + ATTRIBUTE]
            if value is not None or attribute is not None:
                yield (*(line[name] for name in DIMENSIONS), measure, str(value), str(attribute))


def slow_observations(page: bytes) -> Iterator[tuple[str, ...]]:
    for line in json.loads(page.removeprefix(b"\xef\xbb\xbf"))["value"]:
        value = None if line["Value"] is None else float(line["Value"])
        word = (line["ValueAttribute"] or "None").strip().lower()
        attribute = None if value is not None and word == "none" else word
        if value is not None or attribute is not None:
            keys = (line[name].strip() for name in (*DIMENSIONS, "Measure"))
            yield (*keys, str(value), str(attribute))


@pytest.mark.parametrize(
    ("parts", "address", "seed"), [(metadata_v3(), V3, 24), (metadata_v4(), V4, 25)], ids=["v3", "v4"]
)
def test_damaged_metadata_is_refused_or_describes_the_table(parts: Any, address: Any, seed: int) -> None:
    roles: Sequence[str] = sorted(parts)
    words = (*JSON_WORDS, b'"Key":', b'"Type":', b'"Title":', b'"Identifier":', b'"Default":"Zero"', b'"2024X000"')
    seen = Counter[str]()
    for number, damaged in enumerate(mutants([parts[role] for role in roles], words, seed=seed)):
        role = roles[number % len(roles)]
        found = attempt(partial(describe, parts | {role: damaged}, address), seen)
        assert found is None or _is_whole(found)
    check_outcomes(seen, least_read=300, least_codes=4)


def _is_whole(found: TableDescription) -> bool:
    keys = [dimension.key for dimension in found.dimensions] + [measure.key for measure in found.measures]
    unpadded = all(member.key == member.key.strip() != "" for members in found.members.values() for member in members)
    return unpadded and all(keys) and found.table == "90001NED"


@pytest.mark.parametrize("address", [V3, V4])
def test_damaged_next_address_stays_home_or_is_refused(address: Any) -> None:
    seen = Counter[str]()
    is_v3 = address is V3
    following = NEXT if is_v3 else f"{V4.root}/Observations?$skip=100000"
    words = (
        b"//evil.example",
        b"..",
        b"/",
        b"@",
        b"\\",
        b"%2e%2e",
        b"#",
        b"?",
        b"&$skip=1",
        b"http:",
        b"file:",
        b":8080",
    )
    write = page_untyped if is_v3 else lambda lines, following: page_v4(observations(lines), following=following)
    for damaged in mutants([following.encode()], words, seed=26):
        page = write(NUMBERS[:1], following=damaged.decode("latin-1"))
        found = attempt(partial(next_url, page, address), seen)
        assert found is None or found.startswith(
            tuple(f"https://{address.host}{path}" for path in (address.path, f"/ODataFeed/OData/{address.table}"))
        ), found
    check_outcomes(seen, least_read=50, least_codes=1)
    assert SHARE in page.decode()
