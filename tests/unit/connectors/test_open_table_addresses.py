"""Every cell of a slice is asked for exactly once, in parts that the service does not refuse; next pages stay home."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.connectors.statline import (
    Dimension,
    Measure,
    Member,
    Protocol,
    Slice,
    TableAddress,
    TableDescription,
    TableProblem,
    next_url,
    page_urls,
)
from tests.unit.connectors.table_writing import V3, V4, Line, described, observations, page_atom, page_untyped, page_v4

REFUSES_FROM = 10_000
LONGEST_ADDRESS = 2_048
MOST_NODES = 100
API, FEED = "/ODataApi/OData/90001NED/", "/ODataFeed/OData/90001NED/"
LINES = [Line(("1.1.1 ", "GM0148    ", "2023JJ00"), (4, 61.5))]


def member(key: str, width: int, title: str = "") -> Member:
    return Member(key=key, raw_key=key.ljust(width), title=title)


def table_of(places: Sequence[str], kinds: int, years: Sequence[int], *, months: bool = False, **more: Any) -> Any:
    """A table of this size; `more` are further dimensions with their members."""
    periods = [f"{year}{part}" for year in years for part in (("MM01", "MM02", "JJ00") if months else ("JJ00",))]
    members = {
        "Soort": tuple(member(f"{1 + n // 9}.{n % 9}.{n}", 8) for n in range(kinds)),
        "RegioS": tuple(member(place, 10) for place in places),
        "Perioden": tuple(member(period, 8) for period in periods),
    } | more
    roles: dict[str, Any] = {"RegioS": "geo", "Perioden": "time", "Marges": "margin"}
    return TableDescription(
        table="90001NED", title="", protocol=Protocol.V3, modified=None, period_text="", explanation="",
        dimensions=tuple(Dimension(key=key, title=key, role=roles.get(key, "kind")) for key in members),
        measures=(Measure(key="M_1", title="M"),), members=members,
    )  # fmt: skip


# --- a service that understands the filters, as far as they go


def clause_of(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("$filter", [""])[0]


def answers(url: str, description: TableDescription) -> dict[str, frozenset[str]]:
    """Per dimension the padded keys that the filter of an address lets through."""
    through = {d.key: frozenset(m.raw_key for m in description.members[d.key]) for d in description.dimensions}
    for group in filter(None, re.split(r" and (?=\(|startswith|\w+ eq)", clause_of(url))):
        terms = re.findall(r"startswith\((\w+),'((?:[^']|'')*)'\)|(\w+) eq '((?:[^']|'')*)'", group)
        named = {begin or equal for begin, _, equal, _ in terms}
        assert len(named) == 1, group
        key = named.pop()
        keys = (raw for raw in through[key] if any(_fits(raw, term) for term in terms))
        through[key] = frozenset(keys)
    return through


def _fits(raw: str, term: tuple[str, str, str, str]) -> bool:
    begins, start, _, exact = term
    return raw.startswith(start.replace("''", "'")) if begins else raw == exact.replace("''", "'")


def nodes(url: str) -> int:
    return 4 * (clause_of(url).count(" eq ") + clause_of(url).count("startswith("))


def check_cover(urls: Sequence[str], description: TableDescription, wanted: Slice) -> None:
    """Each cell of the slice in exactly one part, and no other cell in any."""
    seen: Counter[tuple[str, ...]] = Counter()
    for url in urls:
        through = answers(url, description)
        seen.update(product(*(sorted(through[d.key]) for d in description.dimensions)))
    should = product(*(sorted(wanted_keys(d, description, wanted)) for d in description.dimensions))
    assert seen == Counter(should)


def wanted_keys(dimension: Dimension, description: TableDescription, wanted: Slice) -> list[str]:
    members = description.members[dimension.key]
    if dimension.role == "geo":
        return [m.raw_key for m in members if not wanted.areas or m.key.startswith(wanted.areas)]
    if dimension.role == "time":
        return [m.raw_key for m in members if not wanted.years or int(m.key[:4]) in wanted.years]
    return [m.raw_key for m in members if not (wanted.kinds and dimension.key == "Soort") or m.key in wanted.kinds]


def check_service_accepts(urls: Sequence[str], description: TableDescription) -> None:
    for url in urls:
        assert url.isascii()
        assert len(url) < LONGEST_ADDRESS
        assert nodes(url) <= MOST_NODES
        if API in url:
            assert prod(len(keys) for keys in answers(url, description).values()) < REFUSES_FROM


PLACES = st.lists(
    st.tuples(st.sampled_from(["GM", "WK", "BU"]), st.integers(0, 40)).map(lambda p: f"{p[0]}{p[1]:04d}"),
    min_size=1, max_size=40, unique=True,
)  # fmt: skip


@given(PLACES, st.integers(1, 30), st.integers(1, 6), st.booleans(), st.data())
@settings(max_examples=40)
def test_every_cell_of_a_slice_is_asked_for_exactly_once(
    places: list[str], kinds: int, years: int, months: bool, data: st.DataObject
) -> None:
    table = table_of(places, kinds, range(2012, 2012 + years), months=months)
    wanted = Slice(
        areas=tuple(
            data.draw(st.sets(st.sampled_from([place[:n] for place in places for n in (1, 2, 4, 6)]), max_size=4))
        ),
        kinds=tuple(data.draw(st.sets(st.sampled_from([m.key for m in table.members["Soort"]]), max_size=14))),
        years=tuple(data.draw(st.sets(st.integers(2012, 2011 + years), max_size=3))),
    )
    urls = page_urls(V3, table, wanted)
    check_service_accepts(urls, table)
    check_cover(urls, table, wanted)


NATION = [f"GM{n:04d}" for n in range(342)] + [f"BU{n // 50:04d}{n % 50:04d}" for n in range(14_000)] + ["NL00"]


@pytest.mark.parametrize(
    ("wanted", "most"),
    [
        (Slice(areas=("GM",)), 28),
        (Slice(areas=("NL", "GM", "BU0100"), kinds=tuple(f"{1 + n // 9}.{n % 9}.{n}" for n in range(20))), 14),
        (Slice(areas=("GM", "NL"), years=(2020,)), 20),
        (Slice(kinds=("1.1.1",)), 42),
        (Slice(areas=("GM0100", "BU0100"), kinds=("1.1.1", "1.2.2")), 3),
        (Slice(areas=("BU",), kinds=("1.1.1",), years=(2019,)), 3),
    ],
)
def test_slice_of_a_national_table_is_cut_small_enough_for_the_quick_door(wanted: Slice, most: int) -> None:
    table = table_of(NATION, 40, range(2012, 2026))
    urls = page_urls(V3, table, wanted)
    assert len(urls) <= most
    assert all(API in url for url in urls)
    check_service_accepts(urls, table)


def test_whole_national_table_goes_through_the_slow_door_a_chain_per_period() -> None:
    table = table_of(NATION, 40, range(2012, 2026))
    urls = page_urls(V3, table)
    assert len(urls) == 14
    assert all(FEED in url for url in urls)
    assert clause_of(urls[0]) == "Perioden eq '2012JJ00'"
    check_service_accepts(urls, table)


def test_small_table_is_one_question_without_a_filter() -> None:
    assert page_urls(V3, described()) == (f"https://dataderden.cbs.nl{API}UntypedDataSet?$format=json",)
    assert page_urls(V3, described(), typed=True)[0].endswith("/TypedDataSet?$format=json")
    assert page_urls(V4, described()) == ("https://datasets.cbs.nl/odata/v1/CBS/90001NED/Observations",)


def test_padded_key_is_asked_for_as_the_table_pads_it() -> None:
    (url,) = page_urls(V3, described(), Slice(areas=("GM0148",), kinds=("2.6.1",), years=(2023,)))
    assert url.partition("$filter=")[2] == (
        "Perioden%20eq%20'2023JJ00'%20and%20SoortMisdrijf%20eq%20'2.6.1%20'%20and%20startswith(WijkenEnBuurten,'GM0148')"
    )
    assert answers(url, described())["SoortMisdrijf"] == {"2.6.1 "}


def test_quotation_mark_in_a_key_cannot_end_the_filter() -> None:
    table = table_of(["GM'0'", "GM0148"], 3, [2024])
    (url,) = page_urls(V3, table, Slice(areas=("GM'0",)))
    assert "startswith(RegioS,'GM''0')" in unquote(url)
    assert answers(url, table)["RegioS"] == {"GM'0'".ljust(10)}


def test_overlapping_areas_are_asked_for_once() -> None:
    table = table_of(["GM0148", "WK0148", "BU0148"], 2, [2024])
    wanted = Slice(areas=("GM", "GM0148", "WK0148"))
    check_cover(page_urls(V3, table, wanted), table, wanted)


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        (Slice(areas=("GM9999",)), "GM9999"),
        (Slice(areas=("PV23", "GM1709")), "PV23, GM1709"),
        (Slice(kinds=("1.1.1", "9.9.9")), "9.9.9"),
        (Slice(kinds=("1.1",)), "1.1"),
        (Slice(years=(2023, 2011)), "2011"),
        (Slice(totals=("Perioden",)), "Perioden: Totaal"),
    ],
)
def test_what_the_table_does_not_have_is_refused_by_name(wanted: Slice, asked: str) -> None:
    with pytest.raises(TableProblem) as caught:
        page_urls(V3, described(), wanted)
    assert (caught.value.problem.name, caught.value.problem.values["asked"]) == ("not_in_table", asked)


def test_area_that_a_merger_took_away_does_not_stop_the_others() -> None:
    (url,) = page_urls(V3, described(), Slice(areas=("GM0148", "WK1709"), years=(2023,)))
    assert clause_of(url) == "Perioden eq '2023JJ00' and startswith(WijkenEnBuurten,'GM0148')"


def test_dimension_of_which_only_the_total_is_wanted_is_asked_for_its_total() -> None:
    ages = (member("10000", 8, "Totaal leeftijd"), *(member(f"7{n:04d}", 8, f"{n} jaar") for n in range(100)))
    table = table_of(["NL01", "GM0148"], 1, [2023, 2024], Leeftijd=ages)
    (url,) = page_urls(V3, table, Slice(totals=("Leeftijd",)))
    assert answers(url, table)["Leeftijd"] == {"10000   "}
    assert len(answers(url, table)["RegioS"]) == 2


def test_kinds_are_looked_for_in_the_dimension_that_has_them() -> None:
    table = table_of(["NL01"], 3, [2024], Misdrijf=(member("T1", 6), member("T2", 6)))
    (url,) = page_urls(V3, table, Slice(kinds=("T2",)))
    assert answers(url, table)["Misdrijf"] == {"T2    "}
    assert len(answers(url, table)["Soort"]) == 3


# --- the page after this one


def following(address: str, *, of: TableAddress = V3, atom: bool = False) -> str | None:
    if of is V4:
        return next_url(page_v4(observations(LINES), following=address), of)
    return next_url((page_atom if atom else page_untyped)(LINES, following=address), of)


@pytest.mark.parametrize("page", [page_untyped(LINES), page_untyped(LINES, spaced=True), page_atom(LINES)])
def test_last_page_has_no_next(page: bytes) -> None:
    assert next_url(page, V3) is None


@pytest.mark.parametrize("spaced", [True, False])
def test_next_address_stands_before_or_after_the_lines(spaced: bool) -> None:
    page = page_untyped(LINES, following=f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$skip=5", spaced=spaced)
    assert next_url(page, V3) == f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$skip=5&$format=json"


@pytest.mark.parametrize(
    ("given_as", "asked"),
    [
        (f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$format=json&$format=json&$skip=10000",
         f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$format=json&$skip=10000"),
        (f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$filter=Perioden%20eq%20'2023JJ00'&$format=json&"
         "$filter=Perioden%20eq%20'2023JJ00'&$skip=10000",
         f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$filter=Perioden%20eq%20%272023JJ00%27&$format=json&$skip=10000"),
        (f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$format=json&$filter=Soort%20eq%20'1.1.1%20'&$skip=10000",
         f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$format=json&$filter=Soort%20eq%20%271.1.1%20%27&$skip=10000"),
        ("UntypedDataSet?$skip=10000", f"https://dataderden.cbs.nl{API}UntypedDataSet?$skip=10000&$format=json"),
        ("https://DATADERDEN.cbs.nl/odatafeed/odata/90001ned/UntypedDataSet?$skip=1",
         f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$skip=1&$format=json"),
    ],
)  # fmt: skip
def test_next_address_is_mended(given_as: str, asked: str) -> None:
    assert following(given_as) == asked


def test_feed_is_followed_as_a_feed() -> None:
    given_as = f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$filter=startswith(RegioS,'GM')&$skip=10000"
    assert following(given_as, atom=True) == given_as.replace("'", "%27")


def test_next_address_of_version_four_keeps_its_filter() -> None:
    given_as = f"{V4.root}/Observations?$filter=startswith(RegioS,'GM')&$skip=100000"
    assert following(given_as, of=V4) == given_as.replace("'", "%27")


@pytest.mark.parametrize(
    "address",
    [
        f"http://dataderden.cbs.nl{FEED}UntypedDataSet?$skip=1",
        f"https://opendata.cbs.nl{FEED}UntypedDataSet?$skip=1",
        f"https://dataderden.cbs.nl:8443{FEED}UntypedDataSet?$skip=1",
        f"https://x@dataderden.cbs.nl{FEED}UntypedDataSet?$skip=1",
        f"https://dataderden.cbs.nl.evil.example{FEED}UntypedDataSet?$skip=1",
        f"//evil.example{FEED}UntypedDataSet",
        "https://dataderden.cbs.nl/ODataFeed/OData/47018NED/UntypedDataSet?$skip=1",
        f"https://dataderden.cbs.nl{FEED}../47018NED/UntypedDataSet?$skip=1",
        f"https://dataderden.cbs.nl{FEED}UntypedDataSet/x?$skip=1",
        f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$skip=1#a",
        f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$skip=1&$skip=2",
        f"https://dataderden.cbs.nl{FEED}UntypedDataSet?$filter=a&$filter=b",
        "file:///etc/passwd",
        "https://[::1",
        "javascript:1",
    ],
)
@pytest.mark.parametrize("atom", [True, False])
def test_next_address_elsewhere_is_refused(address: str, atom: bool) -> None:
    with pytest.raises(TableProblem) as caught:
        following(address, atom=atom)
    assert caught.value.problem.name == "next_page_strange"
