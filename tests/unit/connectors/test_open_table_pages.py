"""Pages of open tables read back to the cells they were written from, whatever the form; what is odd is refused."""

import json
import tracemalloc
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.connectors.amounts import MissingReason
from koersvast.connectors.statline import (
    ATTRIBUTE,
    TableProblem,
    describe,
    join_pages,
    missing_reason,
    read_page,
)
from tests.unit.connectors.table_writing import (
    AREAS,
    COUNT,
    KINDS,
    PERIODS,
    SHARE,
    V3,
    Line,
    described,
    described_v4,
    metadata_v3,
    observations,
    page_atom,
    page_typed,
    page_untyped,
    page_v4,
)

KEYS = st.tuples(st.sampled_from(list(KINDS)), st.sampled_from(list(AREAS)), st.sampled_from(list(PERIODS)))
COUNTS = st.none() | st.integers(0, 2_000_000)
SHARES = st.none() | st.integers(-1000, 1000).map(lambda tenths: tenths / 10)
SIGNS = st.sampled_from([".", "x", "-", ""])
NUMBERS = st.builds(Line, KEYS, st.tuples(COUNTS, SHARES))
WITH_SIGNS = st.builds(Line, KEYS, st.tuples(COUNTS | SIGNS, SHARES | SIGNS))
PAGES = st.lists(NUMBERS, max_size=12, unique_by=lambda line: line.key)
PAGES_WITH_SIGNS = st.lists(WITH_SIGNS, max_size=12, unique_by=lambda line: line.key)
DESCRIBED, DESCRIBED_V4 = described(), described_v4()
ONE = [Line(("1.1.1 ", "GM0148    ", "2023JJ00"), (4, 61.5)), Line(("0.0.0 ", "NL00      ", "2024JJ00"), (0, None))]


def cells(lines: Any) -> Any:
    """What a page must give: bare keys, numbers, and what stood in the place of a number."""
    return [
        (*line.bare, *(part for value in line.values for part in ((None, value) if isinstance(value, str) else
         (None if value is None else float(value), None))))
        for line in lines
    ]  # fmt: skip


def none_for(value: float | None) -> str | None:
    """The word that an observation without a number has, for it is on the page nevertheless."""
    return "none" if value is None else None


def refused(page: bytes, description: Any = DESCRIBED) -> str:
    with pytest.raises(TableProblem) as caught:
        read_page(page, description)
    return caught.value.problem.name


@given(PAGES, st.booleans())
def test_page_of_numbers_reads_back(lines: Any, spaced: bool) -> None:
    found = read_page(page_typed(lines, spaced=spaced), DESCRIBED)
    assert found.rows() == cells(lines)
    assert found.schema == {
        "SoortMisdrijf": pl.String, "WijkenEnBuurten": pl.String, "Perioden": pl.String,
        COUNT: pl.Float64, COUNT + ATTRIBUTE: pl.String, SHARE: pl.Float64, SHARE + ATTRIBUTE: pl.String,
    }  # fmt: skip


@given(PAGES_WITH_SIGNS, st.booleans())
def test_page_of_texts_reads_back_with_its_signs(lines: Any, spaced: bool) -> None:
    assert read_page(page_untyped(lines, spaced=spaced), DESCRIBED).rows() == cells(lines)


@given(PAGES)
def test_feed_of_typed_entries_reads_back(lines: Any) -> None:
    assert read_page(page_atom(lines), DESCRIBED).rows() == cells(lines)


@given(PAGES_WITH_SIGNS)
def test_feed_of_texts_reads_back_with_its_signs(lines: Any) -> None:
    assert read_page(page_atom(lines, typed=False), DESCRIBED).rows() == cells(lines)


@given(PAGES, st.booleans(), st.integers(0, 24))
@settings(max_examples=60)
def test_observations_become_lines_also_where_a_page_ends_between_them(lines: Any, spaced: bool, cut: int) -> None:
    rows = observations(lines)
    pages = [page_v4(part, spaced=spaced) for part in (rows[:cut], rows[cut:])]
    found = join_pages([read_page(page, DESCRIBED_V4) for page in pages], DESCRIBED_V4)
    wanted = [(*row[:4], none_for(row[3]), row[5], none_for(row[5])) for row in cells(lines)]
    assert sorted(found.rows(), key=str) == sorted(wanted, key=str)


@pytest.mark.parametrize("read", [page_typed, page_untyped, page_atom])
def test_empty_page_has_all_columns_and_no_lines(read: Any) -> None:
    found = read_page(read([]), DESCRIBED)
    assert found.shape == (0, 7)
    assert found.schema[COUNT] == pl.Float64


def test_word_of_an_observation_is_kept_and_a_number_beside_it_is_refused() -> None:
    lines = [Line(ONE[0].key, (".", 7.5))]
    page = page_v4(observations(lines, words={".": "Confidential"}))
    found = read_page(page, DESCRIBED_V4).row(0, named=True)
    assert (found[COUNT], found[COUNT + ATTRIBUTE], found[SHARE]) == (None, "confidential", 7.5)
    assert missing_reason(found[COUNT + ATTRIBUTE]) is MissingReason.WITHHELD
    liar = page_v4([observations(lines)[1] | {"ValueAttribute": "Impossible"}])
    assert refused(liar, DESCRIBED_V4) == "value_against_attribute"


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        (".", MissingReason.WITHHELD), ("x", MissingReason.WITHHELD), ("Confidential", MissingReason.WITHHELD),
        ("", MissingReason.NOT_MEASURED), (None, MissingReason.NOT_KNOWN), ("None", MissingReason.NOT_KNOWN),
        ("-", MissingReason.NOT_KNOWN), ("Missing", MissingReason.NOT_KNOWN), ("a new word", MissingReason.NOT_KNOWN),
        ("Impossible", MissingReason.NOT_MEASURED),
    ],
)  # fmt: skip
def test_sign_in_place_of_a_number_is_a_reason_and_never_zero(attribute: Any, reason: MissingReason) -> None:
    assert missing_reason(attribute) is reason


# --- what is odd

GOOD = page_typed(ONE)
GOOD_TEXTS = page_untyped(ONE)
FIRST = b'"Voorvallen_1":4,'
assert FIRST in GOOD


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (GOOD.replace(FIRST, FIRST + b'"Voorvallen_1":5,'), "name_twice"),
        (GOOD.replace(b'"odata.metadata"', b'"odata.metadata":"a","odata.metadata"'), "name_twice"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":NaN,'), "number_out_of_bounds"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":Infinity,'), "number_out_of_bounds"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":-Infinity,'), "number_out_of_bounds"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":1e400,'), "number_out_of_bounds"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":9007199254740993,'), "number_out_of_bounds"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":' + b"9" * 5000 + b","), "number_out_of_bounds"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":"4",'), "cell_of_wrong_kind"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":true,'), "cell_of_wrong_kind"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":[4],'), "cell_of_wrong_kind"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":{"a":4},'), "cell_of_wrong_kind"),
        (GOOD.replace(FIRST, b'"Voorvallen_1":04,'), "not_an_answer"),
        (GOOD.replace(FIRST, b""), "column_not_on_page"),
        (GOOD.replace(b"Voorvallen_1", b"Voorvallen_2"), "column_not_on_page"),
        (GOOD.replace(b'"1.1.1 "', b"111"), "cell_of_wrong_kind"),
        (GOOD.replace(b'"1.1.1 "', b"null"), "line_without_key"),
        (GOOD.replace(b'"1.1.1 "', b'"      "'), "line_without_key"),
        (b'{"value":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "too_deep"),
        (GOOD[:-20], "not_an_answer"),
        (GOOD + b"}", "not_an_answer"),
        (b"", "not_an_answer"),
        (b"[]", "not_an_answer"),
        (b'{"value":{}}', "not_an_answer"),
        (b'{"value":[1]}', "not_an_answer"),
        (GOOD.decode().encode("utf-16"), "answer_undecodable"),
        (GOOD.replace(b"2023JJ00", "2023JJ0é".encode("cp1252")), "answer_undecodable"),
        (b"<!doctype html><html><body>Storing</body></html>", "not_an_answer"),
        (b'{"odata.error":{"code":"","message":{"lang":"nl-NL","value":"Te veel records."}}}', "service_says_no"),
        (b'{"error":{"code":"400","message":"Onbekende kolom."}}', "service_says_no"),
        (GOOD_TEXTS.replace(b"     61.5", b"     61,5"), "cell_of_wrong_kind"),
        (GOOD_TEXTS.replace(b"     61.5", b"    1e100"), "cell_of_wrong_kind"),
        (GOOD_TEXTS.replace(b"     61.5", b"      nan"), "cell_of_wrong_kind"),
        (GOOD_TEXTS.replace(b"     61.5", b"1.234.567"), "cell_of_wrong_kind"),
        (GOOD_TEXTS.replace(b"     61.5", b"     geen"), "cell_of_wrong_kind"),
        (GOOD_TEXTS.replace(b'"        4"', b"4"), "cell_of_wrong_kind"),
    ],
)
def test_page_that_could_be_misread_is_refused(page: bytes, name: str) -> None:
    assert page not in {GOOD, GOOD_TEXTS}
    assert refused(page) == name


def test_two_lines_that_each_lack_what_the_other_has_twice_are_refused() -> None:
    first, second = b'"Voorvallen_1":4,"AandeelMeldingen_2":61.5', b'"Voorvallen_1":0,"AandeelMeldingen_2":null'
    page = GOOD.replace(first, b'"Voorvallen_1":4,"Voorvallen_1":61.5')
    page = page.replace(second, b'"AandeelMeldingen_2":0,"AandeelMeldingen_2":null')
    assert page.count(b"Voorvallen_1") == page.count(b"AandeelMeldingen_2") == 2
    assert refused(page) == "name_twice"


def test_page_that_does_not_say_its_form_is_read_by_what_it_holds() -> None:
    for page in (GOOD, GOOD_TEXTS):
        unsaid = page.replace(b"#Cbs.OData.WebAPI.", b"?")
        assert unsaid != page
        assert read_page(unsaid, DESCRIBED).rows() == cells(ONE)
    mixed = GOOD.replace(b"#Cbs.OData.WebAPI.", b"?").replace(FIRST, b'"Voorvallen_1":"4",')
    assert refused(mixed) == "cell_of_wrong_kind"


def test_byte_order_mark_escapes_and_other_order_are_read_right() -> None:
    wanted = cells(ONE)
    assert read_page(b"\xef\xbb\xbf" + GOOD, DESCRIBED).rows() == wanted
    assert read_page(GOOD.replace(b"GM0148", b"GM\\u00301\\u00348"), DESCRIBED).rows() == wanted
    shuffled = json.loads(GOOD)
    shuffled["value"][1] = dict(reversed(shuffled["value"][1].items()))
    assert read_page(json.dumps(shuffled).encode(), DESCRIBED).rows() == wanted
    assert read_page(json.dumps(shuffled, separators=(",", ":")).encode(), DESCRIBED).rows() == wanted


@pytest.mark.parametrize("text", ["}", "{", '":', "],", '"Voorvallen_1":9', "\\", "«é»", '"value":[', "\t"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_text_that_looks_like_structure_changes_nothing(text: str, ascii_only: bool) -> None:
    written = json.dumps(text, ensure_ascii=ascii_only).encode()
    page = GOOD.replace(b'"Gemeentenaam_3":""', b'"Gemeentenaam_3":' + written)
    assert page != GOOD
    assert read_page(page, DESCRIBED).rows() == cells(ONE)


FEED = page_atom(ONE)
FOUR = b'<d:Voorvallen_1 m:type="Edm.Int64">4</d:Voorvallen_1>'
assert FOUR in FEED


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (FEED.replace(FOUR, FOUR + FOUR), "name_twice"),
        (FEED.replace(FOUR, b""), "column_not_on_page"),
        (FEED.replace(FOUR, FOUR.replace(b">4<", b"><")), "cell_of_wrong_kind"),
        (FEED.replace(FOUR, FOUR.replace(b">4<", b">vier<")), "cell_of_wrong_kind"),
        (FEED.replace(FOUR, FOUR.replace(b">4<", b"><a>4</a><")), "cell_of_wrong_kind"),
        (FEED.replace(FOUR, FOUR.replace(b' m:type="Edm.Int64"', b' m:null="true"')), "cell_of_wrong_kind"),
        (FEED.replace(FOUR, FOUR.replace(b">4<", b">9999999999999999999<")), "cell_of_wrong_kind"),
        (FEED.replace(b"1.1.1 ", b"      "), "line_without_key"),
        (FEED.replace(b"?>", b'?><!DOCTYPE f [<!ENTITY a "b">]>', 1), "declarations_in_answer"),
        (FEED.replace(b"?>", b'?><!DOCTYPE f SYSTEM "http://127.0.0.1/x">', 1), "declarations_in_answer"),
        (FEED.replace(b"m:properties", b"m:property"), "not_an_answer"),
        (FEED[:-10], "not_an_answer"),
        (FEED.replace(b"utf-8", b"utf-9"), "not_an_answer"),
        (FEED.replace(b"Dalfsen", b"Dalf\xe9n"), "not_an_answer"),
        (b"<feed>" + b"<a>" * 100_000, "not_an_answer"),
        (b'<m:error xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><m:code /><m:message '
         b'xml:lang="nl-NL">Te veel records.</m:message></m:error>', "service_says_no"),
        (b"<html><body>Storing</body></html>", "not_an_answer"),
    ],
)  # fmt: skip
def test_feed_that_could_be_misread_is_refused(page: bytes, name: str) -> None:
    assert refused(page) == name


def test_same_line_on_two_pages_is_refused() -> None:
    page = read_page(GOOD, DESCRIBED)
    with pytest.raises(TableProblem) as caught:
        join_pages([page, page.head(1)], DESCRIBED)
    assert caught.value.problem.values["key"] == "1.1.1 GM0148 2023JJ00"
    observed = read_page(page_v4(observations(ONE)), DESCRIBED_V4)
    with pytest.raises(TableProblem):
        join_pages([observed, observed.head(1)], DESCRIBED_V4)


def test_metadata_in_atom_is_read_as_that_in_json() -> None:
    rows = json.loads(metadata_v3()["Perioden"])["value"]
    entries = "".join(
        f"<entry><content><m:properties><d:Key>{r['Key']}</d:Key><d:Title>{r['Title']}</d:Title>"
        f"<d:Status>{r['Status']}</d:Status></m:properties></content></entry>"
        for r in rows
    )
    head = page_atom([]).decode().removesuffix("</feed>")
    parts = metadata_v3() | {"Perioden": (head + entries + "</feed>").encode()}
    assert describe(parts, V3) == DESCRIBED


@pytest.mark.parametrize(
    "page",
    [
        b'{"value":[' + b"{}," * 1_000_001 + b"{}]}",
        b'{"value":[' + b"1," * 4_000_001 + b"1]}",
        b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<a/>" * 4_000_001 + b"</feed>",
    ],
    ids=["objects", "numbers", "markup"],
)
def test_page_that_would_fill_the_memory_is_refused_before_it_is_taken_apart(page: bytes) -> None:
    tracemalloc.start()
    try:
        assert refused(page) == "too_many_values"
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 4 * len(page)
