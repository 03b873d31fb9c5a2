"""Answers that arrive whole and are no good as a table: each has its code, and none becomes a capture."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from koersvast.connectors.captures import Capture, metadata_of
from koersvast.connectors.problems import FetchProblem
from koersvast.connectors.statline import Slice, TableDescription, TableProblem, describe, join_pages, read_page
from tests.unit.connectors.fault_client import QUICK, Place, fetcher_to
from tests.unit.connectors.faults import (
    COUNT,
    SERVICE_LIMIT,
    Ask,
    Door,
    Fault,
    FaultServer,
    Reply,
    Upstream,
    honest,
    json_reply,
)

TABLES = [Door.V3_JSON, Door.V3_ATOM, Door.V4]
JSON = [Door.V3_JSON, Door.V4]
ALL = list(Door)
ATOM, FEATURES, V3 = [Door.V3_ATOM], [Door.FEATURES], [Door.V3_JSON, Door.V3_ATOM]


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as serving:
        yield serving
        serving.shutdown()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def on_pages(change: Callable[[Reply], Reply]) -> Fault:
    return lambda ask, reply: change(reply) if ask.is_page else reply


def on_part(ending: str, change: Callable[[Reply], Reply]) -> Fault:
    return lambda ask, reply: change(reply) if ask.path.endswith(ending) else reply


def text(old: str, new: str) -> Callable[[Reply], Reply]:
    return lambda reply: reply.with_text(old, new)


def replaced(old: str, new: str) -> Callable[[Reply], Reply]:
    """Replace text where it is there."""
    return lambda reply: reply.with_body(reply.body.replace(old.encode(), new.encode()))


def first(pattern: str, new: str) -> Callable[[Reply], Reply]:
    """Replace what a pattern finds first; it must be there, or the fault would not be one."""

    def change(reply: Reply) -> Reply:
        body, found = re.subn(pattern.encode(), new.encode(), reply.body, count=1)
        assert found, (pattern, reply.body[:500])
        return reply.with_body(body)

    return change


def without_rows(reply: Reply) -> Reply:
    if b"<feed" in reply.body:
        return reply.with_body(re.sub(rb"<entry>.*</entry>|<link [^>]*>", b"", reply.body, flags=re.DOTALL))
    content = json.loads(reply.body)
    rows = {"features": [], "numberReturned": 0, "links": []} if "features" in content else {"value": []}
    left = {name: value for name, value in content.items() if not name.endswith("nextLink")}
    return reply.with_body(json.dumps(left | rows).encode())


def deep(reply: Reply) -> Reply:
    return reply.with_body(b'{"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def deep_markup(reply: Reply) -> Reply:
    return reply.with_body(
        b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</feed>"
    )


def latin_1(reply: Reply) -> Reply:
    """Letters with accents in another character set, with nothing said of it."""
    mark = b'{"value":[{"Title":"' if reply.body.startswith(b"{") else b"<feed><title>"
    return reply.with_body(mark + "Súdhoeke".encode("latin-1") + reply.body)


def following(change: Callable[[str], str]) -> Callable[[Reply], Reply]:
    """Change the address of the next page, where there is one."""

    def changed(reply: Reply) -> Reply:
        pattern = rb'("(?:@?odata\.)?nextLink":"|rel="next" href="|"rel":"next","href":")([^"]+)'
        return reply.with_body(re.sub(pattern, lambda found: found[1] + change(found[2].decode()).encode(), reply.body))

    return changed


def as_page_one(ask: Ask, reply: Reply) -> Reply:
    """A feed that forgets where it was: every next page is the first one, leading on."""
    if not ask.is_page or not (ask.query.get("$skip") or ask.query.get("offset", "0") != "0"):
        return reply
    return reply.with_body(FIRST_PAGES[ask.path])


FIRST_PAGES: dict[str, bytes] = {}


def remembering(ask: Ask, reply: Reply) -> Reply:
    if ask.is_page:
        FIRST_PAGES.setdefault(ask.path, reply.body)
    return as_page_one(ask, reply)


def modified_later(ask: Ask, reply: Reply) -> Reply:
    if ask.path.endswith(("TableInfos", "Properties")) and "DataProperties" not in ask.path and ask.nth > 1:
        return reply.with_text("2025-04-15T02:00:00", "2025-04-16T02:00:00")
    return reply


def new_column_later(ask: Ask, reply: Reply) -> Reply:
    if ask.path.endswith(("DataProperties", "Dimensions")) and ask.nth > 1:
        return reply.with_text("Soort misdrijf", "Soort voorval")
    return reply


def elsewhere(host: str) -> Callable[[Reply], Reply]:
    return following(lambda url: re.sub(r"https://[^/]+", f"https://{host}", url))


ENTITIES = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><feed'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><feed'

# What the source sends | by which doors | the change | the problem that is named
IN_THE_ANSWER: dict[str, tuple[list[Door], Fault, str]] = {
    "other_characters": (JSON + ATOM, on_pages(latin_1), "answer_undecodable not_an_answer"),
    "other_characters_in_names": (V3, on_part("/WijkenEnBuurten", latin_1), "answer_undecodable not_an_answer"),
    "name_twice": (JSON, on_pages(first('"Perioden":', '"Perioden":"2019JJ00","Perioden":')), "name_twice"),
    "list_twice": (JSON, on_pages(text('"value":[', '"value":[],"value":[')), "name_twice"),
    "features_twice": (FEATURES, on_pages(text('"features":[', '"features":[],"features":[')), "name_twice"),
    "not_a_number": (JSON, on_pages(first(rf'"({COUNT}|Value)":"?\s*\d+"?', r'"\1":NaN')), "number_out_of_bounds"),
    "infinity": ([Door.V4], on_pages(first(r'"Value":\d+', '"Value":Infinity')), "number_out_of_bounds"),
    "number_without_end": ([Door.V4], on_pages(first(r'"Value":\d+', '"Value":1e999')), "number_out_of_bounds"),
    "coordinate_that_is_none": (FEATURES, on_pages(first(r"\[\[\[[\d.]+", "[[[NaN")), "number_out_of_bounds"),
    "nested_deeply": ([*JSON, *FEATURES], on_pages(deep), "too_deep"),
    "markup_nested_deeply": (ATOM, on_pages(deep_markup), "too_deep no_rows"),
    "entities": (ATOM, on_pages(text("<feed", ENTITIES)), "declarations_in_answer"),
    "entities_from_outside": (ATOM, on_pages(text("<feed", OUTSIDE)), "declarations_in_answer"),
    "no_rows_at_all": (ALL, on_pages(without_rows), "no_rows"),
    "cut_off_within_its_length": (ALL, on_pages(lambda r: r.with_body(r.body[: len(r.body) // 2])), "not_an_answer"),
    "rubbish_behind_it": (ALL, on_pages(lambda r: r.with_body(r.body + b"<!-- cached -->x")), "not_an_answer"),
    "a_list_instead": ([*JSON, *FEATURES], on_pages(lambda r: r.with_body(b"[1,2,3]")), "not_an_answer"),
    "a_number_instead": ([*JSON, *FEATURES], on_pages(lambda r: r.with_body(b"12")), "not_an_answer"),
    "another_document": (ATOM, on_pages(lambda r: r.with_body(b"<rss><item/></rss>")), "not_an_answer"),
    "its_own_error": (JSON, on_pages(lambda _: json_reply({"odata.error": {"message": {"value": "Storing"}}})),
                      "service_says_no"),
    "no_features": (FEATURES, on_pages(text("FeatureCollection", "Feature")), "unreadable_page"),
    "other_column_name": (TABLES, on_pages(replaced("SoortMisdrijf", "Soort")),
                          "column_not_on_page"),
    "other_measure_name": (V3, on_pages(replaced(COUNT, "Misdrijven_1")),
                           "column_not_on_page"),
    "no_period_column": (TABLES, on_pages(replaced("Perioden", "Periode")),
                         "column_not_on_page"),
    "empty_key": (TABLES, on_pages(first("1\\.1\\.1 ", "      ")), "line_without_key"),
    "text_in_the_count": (V3, on_pages(first(rf'({COUNT}(?:":"|>))\s*\d+', r"\g<1>veel")), "cell_of_wrong_kind"),
    "text_as_value": ([Door.V4], on_pages(first(r'"Value":\d+', '"Value":"veel"')), "cell_of_wrong_kind"),
    "truth_as_value": ([Door.V4], on_pages(first(r'"Value":\d+', '"Value":true')), "cell_of_wrong_kind"),
    "other_table": (TABLES, honest, "not_this_table"),
    "no_columns": (V3, on_part("DataProperties", without_rows), "not_an_answer"),
    "no_dimensions": ([Door.V4], on_part("Dimensions", without_rows), "not_an_answer"),
    "list_without_members": (V3, on_part("/Perioden", without_rows), "not_in_table"),
    "codes_without_members": ([Door.V4], on_part("/PeriodenCodes", without_rows), "not_in_table"),
    "member_twice": (TABLES, honest, "key_twice"),
    "next_page_at_another_host": (TABLES, on_pages(elsewhere("evil.example")), "next_page_strange"),
    "next_features_at_another_host": (FEATURES, on_pages(elsewhere("evil.example")), "next_page_elsewhere"),
    "next_page_on_loopback": (TABLES, on_pages(elsewhere("127.0.0.1")), "next_page_strange"),
    "next_features_on_loopback": (FEATURES, on_pages(elsewhere("[::1]")), "next_page_elsewhere"),
    "next_features_at_half_an_address": (FEATURES, on_pages(elsewhere("[::1")), "next_page_elsewhere"),
    "digits_of_another_script": (V3, on_pages(first(rf'({COUNT}(?:":"|>))\s*\d+', r"\g<1>١٢")), "cell_of_wrong_kind"),
    "next_page_over_http": (TABLES, on_pages(following(lambda url: url.replace("https:", "http:"))),
                            "next_page_strange"),
    "next_page_of_another_table": (TABLES, on_pages(following(lambda url: url.replace("47018NED", "47013NED"))),
                                   "next_page_strange"),
    "next_page_leads_back": (TABLES, on_pages(following(lambda url: re.sub(r"skip=\d+", "skip=60", url))),
                             "pages_in_a_circle"),
    "next_features_lead_back": (FEATURES, on_pages(following(lambda url: re.sub(r"offset=\d+", "offset=0", url))),
                                "pages_in_a_circle"),
    "page_repeats": (ALL, remembering, "page_repeated pages_in_a_circle"),
    "changed_meanwhile": (TABLES, modified_later, "changed_meanwhile"),
    "column_changed_meanwhile": (TABLES, new_column_later, "changed_meanwhile"),
}  # fmt: skip
CASES = [(name, door) for name, (doors, _, _) in IN_THE_ANSWER.items() for door in doors]


def upstream_for(name: str, door: Door) -> Upstream:
    upstream = Upstream(door=door)
    if name == "other_table":
        upstream.identifier = "47013NED"
    if name == "member_twice":
        upstream.periods = {"2019JJ00": "Definitief", "2019JJ00 ": "Definitief"}
    return upstream


@pytest.mark.parametrize(("name", "door"), CASES, ids=[f"{name}-{door}" for name, door in CASES])
def test_fault_in_the_answer_has_a_code_and_leaves_nothing_behind(
    name: str, door: Door, server: FaultServer, place: Place
) -> None:
    _, fault, expected = IN_THE_ANSWER[name]
    FIRST_PAGES.clear()
    server.reset(upstream_for(name, door), fault)
    with fetcher_to(server) as fetcher, pytest.raises(FetchProblem) as refused:
        place.capture(door, fetcher)
    assert refused.value.problem.name in expected.split()
    assert server.mistakes == []
    assert place.manifests() == []
    server.reset(Upstream(door=door))
    with fetcher_to(server) as fetcher:
        assert place.capture(door, fetcher).parts


def capture_of(server: FaultServer, place: Place, upstream: Upstream, fault: Fault = honest) -> Capture:
    server.reset(upstream, fault)
    with fetcher_to(server) as fetcher:
        return place.capture(upstream.door, fetcher)


def table_of(capture: Capture, place: Place) -> tuple[TableDescription, dict[tuple[str, ...], Any]]:
    """The cells of a captured table by their bare keys."""
    assert capture.address
    description = describe(metadata_of(capture, place.snapshots), capture.address)
    frames = [read_page(place.snapshots.read(part.sha256), description) for part in capture.of_role("page")]
    lines = join_pages(frames, description)
    keys = [dimension.key for dimension in description.dimensions]
    counted = description.measure("Geregistreerde misdrijven").key
    return description, {tuple(row[key] for key in keys): row[counted] for row in lines.to_dicts()}


def expected_cells(upstream: Upstream) -> dict[tuple[str, ...], Any]:
    return {
        tuple(key.strip() for key in keys): None if value == "." else float(str(value))
        for keys, value in upstream.cells.items()
    }


def with_mark(reply: Reply) -> Reply:
    return reply.with_body(b"\xef\xbb\xbf" + reply.body)


def bare_keys(upstream: Upstream) -> Upstream:
    upstream.cells = {(k.strip(), a.strip(), p.strip()): v for (k, a, p), v in upstream.cells.items()}
    upstream.kinds = {k.strip(): title for k, title in upstream.kinds.items()}
    upstream.areas = {a.strip(): title for a, title in upstream.areas.items()}
    return upstream


def renumbered(upstream: Upstream) -> Upstream:
    upstream.count = "GeregistreerdeMisdrijven_7"
    return upstream


def some_withheld(upstream: Upstream) -> Upstream:
    upstream.cells |= {key: "." for key in upstream.cells if key[0] == "1.4.5 "}
    return upstream


def with_count(upstream: Upstream) -> Upstream:
    upstream.say_count = True
    return upstream


@pytest.mark.parametrize("door", TABLES)
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda upstream: upstream, honest),
        (lambda upstream: upstream, lambda _, reply: with_mark(reply)),
        (bare_keys, honest),
        (renumbered, honest),
        (some_withheld, honest),
        (with_count, honest),
    ],
    ids=["plain", "byte_order_mark", "keys_without_spaces", "columns_renumbered", "withheld", "rows_announced"],
)
def test_what_differs_and_is_right_is_read_to_the_same_cells(
    door: Door, change: Callable[[Upstream], Upstream], fault: Fault, server: FaultServer, place: Place
) -> None:
    upstream = change(Upstream(door=door))
    capture = capture_of(server, place, upstream, fault)
    _, cells = table_of(capture, place)
    assert cells == expected_cells(upstream)


@pytest.mark.parametrize("door", TABLES)
def test_cell_that_comes_twice_is_refused_when_the_pages_are_joined(
    door: Door, server: FaultServer, place: Place
) -> None:
    twice = on_pages(text('"GM9901    "', '"GM9902    "') if door in JSON else text(">GM9901    <", ">GM9902    <"))
    with pytest.raises(TableProblem) as refused:
        table_of(capture_of(server, place, Upstream(door=door, page_rows=1000), twice), place)
    assert refused.value.problem.name == "cell_twice"


@pytest.mark.parametrize("door", TABLES)
def test_rows_that_do_not_add_up_to_what_was_announced_are_refused(
    door: Door, server: FaultServer, place: Place
) -> None:
    upstream = Upstream(door=door, say_count=True)
    real = len(upstream.cells)
    before = {Door.V3_JSON: 'count":"', Door.V4: 'count":', Door.V3_ATOM: "<m:count>"}[door]
    with pytest.raises(FetchProblem) as refused:
        capture_of(server, place, upstream, on_pages(text(f"{before}{real}", f"{before}{real + 1}")))
    assert refused.value.problem.name == "rows_disagree"
    assert refused.value.problem.values == {"table": "47018NED", "announced": real + 1, "found": real}


def test_features_that_do_not_add_up_are_refused(server: FaultServer, place: Place) -> None:
    for old, new in (('"numberMatched":3', '"numberMatched":4'), ('"numberReturned":2', '"numberReturned":3')):
        fault = on_pages(replaced(old, new))
        with pytest.raises(FetchProblem) as refused:
            capture_of(server, place, Upstream(door=Door.FEATURES, say_count=True), fault)
        assert refused.value.problem.name == "rows_disagree"


def large(door: Door, kinds: int) -> Upstream:
    upstream = Upstream(door=door, page_rows=100_000)
    names = {f"{number:06d}": f"Soort {number}" for number in range(kinds)}
    upstream.kinds = {"0.0.0 ": "Totaal"} | names
    upstream.cells = {(kind, "GM9901    ", "2024JJ00"): 1 for kind in names}
    return upstream


def test_part_with_just_as_many_rows_as_the_service_gives_is_refused(server: FaultServer, place: Place) -> None:
    place.wanted = Slice(areas=("GM9901",), years=(2024,))
    upstream = large(Door.V3_JSON, SERVICE_LIMIT)
    upstream.kinds = dict(list(upstream.kinds.items())[:2])
    server.reset(upstream)
    with (
        fetcher_to(server, limits=replace(QUICK, max_bytes=5_000_000)) as fetcher,
        pytest.raises(FetchProblem) as refused,
    ):
        place.capture(Door.V3_JSON, fetcher)
    assert refused.value.problem.name == "part_is_full"


def test_list_that_goes_on_and_on_is_left_before_it_fills_the_memory(server: FaultServer, place: Place) -> None:
    def never_ending(ask: Ask, reply: Reply) -> Reply:
        if not ask.path.endswith("/Perioden"):
            return reply
        following = f"https://{ask.host}{ask.path}?$skip={ask.number}"
        rows = [{"Key": f"{1000 + ask.number}JJ00", "Title": "x" * 20_000}]
        return json_reply({"value": rows, "odata.nextLink": following})

    server.reset(Upstream(), never_ending)
    with (
        fetcher_to(server, limits=replace(QUICK, max_bytes=100_000)) as fetcher,
        pytest.raises(FetchProblem) as refused,
    ):
        place.capture(Door.V3_JSON, fetcher)
    assert refused.value.problem.name == "answer_too_large"
    assert len([ask for ask in server.asks if ask.path.endswith("/Perioden")]) < 8


def test_list_of_places_that_is_too_long_for_the_api_comes_from_the_feed(server: FaultServer, place: Place) -> None:
    refused = Reply(status=500, body=b"The query results in more than 10000 records.")
    half = len(Upstream().areas) // 2

    def in_two_pages(ask: Ask, reply: Reply) -> Reply:
        if not ask.path.endswith("/WijkenEnBuurten"):
            return reply
        if "/ODataApi/" in ask.path:
            return refused
        rows = json.loads(reply.body)["value"]
        if "$skip" in ask.query:
            return json_reply({"value": rows[half:]})
        return json_reply({"value": rows[:half], "odata.nextLink": f"https://{ask.host}{ask.path}?$skip={half}"})

    capture = capture_of(server, place, Upstream(), in_two_pages)
    description, cells = table_of(capture, place)
    assert len(capture.of_role("WijkenEnBuurten")) == 2
    assert [member.key for member in description.members["WijkenEnBuurten"]] == [
        key.strip() for key in Upstream().areas
    ]
    assert cells == expected_cells(Upstream())
