"""What a source can do wrong on the wire, for each way of asking: a code or a whole capture, never a part of one."""

import functools
import gzip
import json
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from koersvast.connectors.captures import Capture, load_capture
from koersvast.connectors.problems import FetchProblem
from tests.unit.connectors.fault_client import PUBLIC, QUICK, Clock, Place, fetcher_to, gate_to
from tests.unit.connectors.faults import Ask, Door, Fault, FaultServer, Reply, Upstream, head, honest

DOORS = list(Door)
HTML = b"<!DOCTYPE html>\n<html><body>Onderhoud</body></html>"


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as serving:
        yield serving
        serving.shutdown()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def on_pages(change: Callable[[Reply], Reply], *, times: int = 99) -> Fault:
    """A fault in the pages of rows, not in the metadata; the first `times` times that each is asked."""
    return lambda ask, reply: change(reply) if ask.is_page and ask.nth <= times else reply


def everywhere(change: Callable[[Reply], Reply]) -> Fault:
    return lambda _, reply: change(reply)


def raw(*pieces: bytes) -> Callable[[Reply], Reply]:
    return lambda _: Reply(pieces=pieces)


def cut_off(reply: Reply) -> Reply:
    return Reply(pieces=[head(200, {**reply.headers, "Content-Length": str(len(reply.body))}) + reply.body[:100]])


def cut_off_chunk(reply: Reply) -> Reply:
    chunk = b"%x\r\n%b" % (len(reply.body), reply.body[:100])
    return Reply(pieces=[head(200, {**reply.headers, "Transfer-Encoding": "chunked"}) + chunk])


def without_last_chunk(reply: Reply) -> Reply:
    chunk = b"%x\r\n%b\r\n" % (len(reply.body), reply.body)
    return Reply(pieces=[head(200, {**reply.headers, "Transfer-Encoding": "chunked"}) + chunk])


def packed(reply: Reply, data: bytes | None = None, *, packing: str = "gzip") -> Reply:
    body = gzip.compress(reply.body) if data is None else data
    return reply.with_body(body).with_headers(Content_Encoding=packing)


def endless(reply: Reply) -> Reply:
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
    chunked = head(200, {**reply.headers, "Transfer-Encoding": "chunked"})
    return Reply(pieces=(chunked if number == 0 else piece for number in range(90_000)))


def declared(size: int) -> Callable[[Reply], Reply]:
    return lambda reply: Reply(pieces=[head(200, {**reply.headers, "Content-Length": str(size)}) + b" " * 1000])


@functools.cache
def bomb() -> bytes:
    return gzip.compress(b" " * 50_000_000)


@functools.cache
def nested_bomb() -> bytes:
    return gzip.compress(b" " * 200_000) * 40


def redirected(to: str, status: int = 302) -> Callable[[Reply], Reply]:
    return lambda _: Reply(status=status, headers={"Location": to} if to else {}, body=b"")


def status(number: int, **headers: str) -> Callable[[Reply], Reply]:
    return lambda _: Reply(status=number, body=b"{}").with_headers(**headers)


FINAL, PASSING = 1, QUICK.attempts
# What the source does | on its pages | the problem that is named | how often the page is asked for
ON_THE_WIRE: dict[str, tuple[Callable[[Reply], Reply], str, int]] = {
    "half_body": (cut_off, "answer_incomplete", PASSING),
    "half_chunk": (cut_off_chunk, "answer_incomplete", PASSING),
    "no_last_chunk": (without_last_chunk, "answer_incomplete", PASSING),
    "declares_more_than_it_sends": (declared(250_000), "answer_incomplete", PASSING),
    "hangs_up": (raw(), "connection_broken", PASSING),
    "resets": (lambda _: Reply(pieces=[b""], resets=True), "connection_broken", PASSING),
    "half_headers": (raw(b"HTTP/1.1 200 OK\r\nContent-Ty"), "connection_broken", PASSING),
    "speaks_no_http": (raw(b"220 mail.example ESMTP\r\n\r\n"), "not_http", PASSING),
    "speaks_binary": (raw(b"\x16\x03\x01\x02\x00\x01\x00"), "not_http", PASSING),
    "endless_headers": (raw(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 200_000), "not_http", PASSING),
    "two_lengths": (raw(head(200, {"Content-Length": "5"})[:-2] + b"Content-Length: 7\r\n\r\n{}"), "not_http", PASSING),
    "negative_length": (raw(head(200, {"Content-Length": "-1"}) + b"{}"), "not_http", PASSING),
    "html": (lambda _: Reply(headers={"Content-Type": "text/html"}, body=HTML), "page_instead_of_figures", FINAL),
    "html_in_disguise": (lambda reply: reply.with_body(HTML), "page_instead_of_figures", FINAL),
    "xhtml_in_disguise": (
        lambda reply: reply.with_body(b'<?xml version="1.0"?><html xmlns="x"/>'), "page_instead_of_figures", FINAL,
    ),
    "plain_text": (lambda reply: reply.with_headers(Content_Type="text/plain"), "unexpected_kind", FINAL),
    "spreadsheet": (lambda reply: reply.with_headers(Content_Type="application/zip"), "unexpected_kind", FINAL),
    "no_kind": (lambda reply: reply.with_headers(Content_Type=""), "unexpected_kind", FINAL),
    "latin_1": (
        lambda reply: reply.with_headers(Content_Type="application/json; charset=iso-8859-1"),
        "unexpected_characters", FINAL,
    ),
    "utf_16": (
        lambda reply: reply.with_headers(Content_Type='application/json;charset="utf-16"'),
        "unexpected_characters", FINAL,
    ),
    "empty": (lambda reply: reply.with_body(b""), "empty_answer", PASSING),
    "only_spaces": (lambda reply: reply.with_body(b" \r\n"), "empty_answer", PASSING),
    "no_content": (status(204), "status_refused", FINAL),
    "part_of_it": (status(206), "status_refused", FINAL),
    "not_modified": (status(304), "status_refused", FINAL),
    "forbidden": (status(403), "status_refused", FINAL),
    "sign_in_first": (status(401), "status_refused", FINAL),
    "bad_question": (status(400), "status_refused", FINAL),
    "not_there": (status(404), "not_at_source", FINAL),
    "gone": (status(410), "not_at_source", FINAL),
    "always_500": (status(500), "source_failing", PASSING),
    "always_503": (status(503), "source_failing", PASSING),
    "always_429": (status(429, Retry_After="1"), "source_failing", PASSING),
    "asks_to_wait_an_hour": (status(429, Retry_After="3600"), "asked_to_wait", FINAL),
    "asks_to_wait_until_2099": (status(503, Retry_After="Thu, 01 Jan 2099 00:00:00 GMT"), "asked_to_wait", FINAL),
    "too_many_records": (
        lambda _: Reply(status=500, body=b'{"odata.error":{"message":{"value":"more than 10000 records"}}}'),
        "too_many_records", FINAL,
    ),
    "too_many_records_packed": (
        lambda _: packed(Reply(status=500, body=b"The query results in more than 10.000 records")),
        "too_many_records", FINAL,
    ),
    "five_gigabytes_declared": (declared(5 * 1024**3), "answer_too_large", FINAL),
    "five_gigabytes_in_chunks": (endless, "answer_too_large", FINAL),
    "gzip_bomb": (lambda reply: packed(reply, bomb()), "answer_unpacks_too_large", FINAL),
    "gzip_bomb_of_many_members": (lambda reply: packed(reply, nested_bomb()), "answer_unpacks_too_large", FINAL),
    "deflate_bomb": (
        lambda reply: packed(reply, zlib.compress(b" " * 9_000_000), packing="deflate"),
        "answer_unpacks_too_large", FINAL,
    ),
    "half_gzip": (lambda reply: packed(reply, gzip.compress(reply.body)[:-9]), "damaged_packing", PASSING),
    "gzip_with_wrong_sum": (
        lambda reply: packed(reply, gzip.compress(reply.body)[:-8] + b"\0" * 8), "damaged_packing", PASSING,
    ),
    "gzip_that_is_none": (lambda reply: packed(reply, reply.body), "damaged_packing", PASSING),
    "gzip_and_more": (lambda reply: packed(reply, gzip.compress(reply.body) + b"more"), "damaged_packing", PASSING),
    "brotli": (lambda reply: packed(reply, packing="br"), "unknown_packing", FINAL),
    "packed_twice": (lambda reply: packed(reply, packing="gzip, gzip"), "unknown_packing", FINAL),
    "refers_to_loopback": (redirected("https://127.0.0.1/"), "odd_host_spelling", FINAL),
    "refers_to_localhost": (redirected("https://localhost/"), "odd_host_spelling", FINAL),
    "refers_to_metadata_service": (redirected("https://169.254.169.254/latest", 307), "odd_host_spelling", FINAL),
    "refers_to_other_host": (redirected("https://evil.example/x", 301), "host_not_allowed", FINAL),
    "refers_to_other_host_short": (redirected("//evil.example/x"), "host_not_allowed", FINAL),
    "refers_to_http": (redirected("http://dataderden.cbs.nl/x", 308), "scheme_not_allowed", FINAL),
    "refers_to_file": (redirected("file:///etc/passwd"), "scheme_not_allowed", FINAL),
    "refers_to_other_port": (redirected("https://dataderden.cbs.nl:8080/"), "port_not_allowed", FINAL),
    "refers_with_user_name": (redirected("https://dataderden.cbs.nl@evil.example/"), "userinfo_in_address", FINAL),
    "refers_to_half_an_address": (redirected("https://[::1/"), "malformed_address", FINAL),
    "refers_nowhere": (redirected(""), "redirect_without_address", FINAL),
    "refers_for_ever": (redirected("?again=1"), "too_many_redirects", FINAL),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", ON_THE_WIRE)
def test_fault_on_the_wire_has_a_code_and_leaves_nothing_behind(
    name: str, door: Door, server: FaultServer, place: Place
) -> None:
    change, expected, attempts = ON_THE_WIRE[name]
    server.reset(Upstream(door=door), on_pages(change))
    clock = Clock()
    with fetcher_to(server, clock=clock) as fetcher, pytest.raises(FetchProblem) as refused:
        place.capture(door, fetcher)
    assert refused.value.problem.name == expected
    pages = [ask for ask in server.asks if ask.is_page and "again" not in ask.query]
    assert max(ask.nth for ask in pages) <= attempts
    if len({ask.target for ask in pages}) == 1:
        assert len(pages) == attempts
    assert place.manifests() == []
    assert server.mistakes == []


@pytest.mark.parametrize("door", DOORS)
def test_source_that_recovers_gives_the_same_capture(door: Door, server: FaultServer, place: Place) -> None:
    good = whole_capture(door, server, place)
    changes = [status(500), status(429, Retry_After="7"), cut_off, raw(), lambda reply: packed(reply, b"\x1f\x8b")]
    for change in changes:
        server.reset(Upstream(door=door), on_pages(change, times=1))
        clock = Clock()
        with fetcher_to(server, clock=clock) as fetcher:
            again = place.capture(door, fetcher)
        assert contents(again) == contents(good)
        assert clock.slept
        if change is changes[1]:
            assert max(clock.slept) >= 7


def whole_capture(door: Door, server: FaultServer, place: Place) -> Capture:
    server.reset(Upstream(door=door))
    with fetcher_to(server) as fetcher:
        return place.capture(door, fetcher)


def contents(capture: Capture) -> list[tuple[str, str]]:
    return [(part.role, part.sha256) for part in capture.parts]


@pytest.mark.parametrize("door", DOORS)
def test_last_good_capture_stays_when_the_next_one_fails(door: Door, server: FaultServer, place: Place) -> None:
    good = whole_capture(door, server, place)
    server.reset(Upstream(door=door), on_pages(status(500)))
    with fetcher_to(server) as fetcher, pytest.raises(FetchProblem):
        place.capture(door, fetcher)
    assert place.manifests() == [good.sha256]
    assert load_capture(place.snapshots, good.sha256) == good
    assert all(place.snapshots.read(part.sha256) for part in good.parts)


@pytest.mark.parametrize("door", DOORS)
def test_what_is_unusual_but_right_gives_the_same_capture(door: Door, server: FaultServer, place: Place) -> None:
    good = whole_capture(door, server, place)
    unusual: list[Callable[[Reply], Reply]] = [
        packed,
        lambda reply: packed(reply, zlib.compress(reply.body), packing="deflate"),
        lambda reply: packed(reply, zlib.compress(reply.body)[2:-4], packing="deflate"),
        lambda reply: packed(reply, gzip.compress(reply.body[:50]) + gzip.compress(reply.body[50:])),
        lambda reply: reply.with_headers(Content_Encoding="identity"),
        lambda reply: Reply(pieces=[head(200, reply.headers) + reply.body]),
        lambda reply: Reply(pieces=[head(103, {}), head(200, reply.headers) + reply.body]),
        lambda reply: Reply(
            pieces=[head(200, {**reply.headers, "Transfer-Encoding": "chunked"})]
            + [b"%x\r\n%b\r\n" % (len(part), part) for part in (reply.body[:7], reply.body[7:])] + [b"0\r\n\r\n"]
        ),
    ]  # fmt: skip
    for change in unusual:
        server.reset(Upstream(door=door), everywhere(change))
        with fetcher_to(server) as fetcher:
            assert contents(place.capture(door, fetcher)) == contents(good)


@pytest.mark.parametrize("door", DOORS)
def test_redirect_within_the_list_is_followed(door: Door, server: FaultServer, place: Place) -> None:
    good = whole_capture(door, server, place)

    def moved(ask: Ask, reply: Reply) -> Reply:
        if "moved" in ask.query:
            return reply
        sign = "&" if ask.query else "?"
        return Reply(status=301, headers={"Location": f"https://{ask.host}{ask.target}{sign}moved=1"})

    server.reset(Upstream(door=door), moved)
    with fetcher_to(server) as fetcher:
        again = place.capture(door, fetcher)
    assert {digest for role, digest in contents(again)} == {digest for role, digest in contents(good)}


@pytest.mark.parametrize("door", DOORS)
def test_source_that_drips_is_left_at_the_deadline(door: Door, server: FaultServer, place: Place) -> None:
    def drip(reply: Reply) -> Reply:
        wire = b"".join(reply.wire())
        return Reply(pieces=(wire[place : place + 1] for place in range(len(wire))))

    server.reset(Upstream(door=door), on_pages(drip))
    # Each look at the clock takes three seconds: no single read is too slow, all of them together are.
    with fetcher_to(server, clock=Clock(tick=3)) as fetcher, pytest.raises(FetchProblem) as refused:
        place.capture(door, fetcher)
    assert refused.value.problem.name == "answer_too_slow"
    assert place.manifests() == []


def test_silent_source_is_left_after_the_longest_silence(server: FaultServer, place: Place) -> None:
    def silent(reply: Reply) -> Reply:
        def pieces() -> Iterator[bytes]:
            yield head(200, {**reply.headers, "Content-Length": "9"})
            time.sleep(0.3)
            yield b"too late"

        return Reply(pieces=pieces())

    server.reset(Upstream(), on_pages(silent))
    limits = replace(QUICK, seconds_per_read=0.05, attempts=2)
    with fetcher_to(server, limits=limits) as fetcher, pytest.raises(FetchProblem) as refused:
        place.capture(Door.V3_JSON, fetcher)
    assert refused.value.problem.name == "answer_too_slow"
    assert refused.value.problem.values["limit"] == 0.05


@pytest.mark.parametrize("door", DOORS)
def test_source_that_is_down_has_a_code(door: Door, place: Place) -> None:
    with fetcher_to(None) as fetcher, pytest.raises(FetchProblem) as refused:
        place.capture(door, fetcher)
    assert refused.value.problem.name == "no_connection"
    assert place.manifests() == []


def no_such_name(host: str) -> list[str]:
    raise socket.gaierror(-2, host)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("resolve", "expected"),
    [
        (no_such_name, "host_not_found"),
        (lambda _: [], "host_not_found"),
        (lambda _: ["127.0.0.1"], "address_not_public"),
        (lambda _: ["169.254.169.254"], "address_not_public"),
        (lambda _: [PUBLIC, "::ffff:10.0.0.1"], "address_not_public"),
    ],
    ids=["unknown", "without_addresses", "loopback", "metadata_service", "one_of_two_within"],
)
def test_name_that_leads_nowhere_or_inwards_is_refused_without_a_connection(
    resolve: Callable[[str], list[str]], expected: str, door: Door, server: FaultServer, place: Place
) -> None:
    server.reset(Upstream(door=door))
    gate = gate_to(server.port, resolve=resolve)
    with fetcher_to(server, gate=gate) as fetcher, pytest.raises(FetchProblem) as refused:
        place.capture(door, fetcher)
    assert refused.value.problem.name == expected
    assert server.asks == []


@pytest.mark.parametrize("door", [Door.V3_JSON, Door.V3_ATOM, Door.V4])
def test_metadata_that_are_not_there_stop_the_capture_before_any_page(
    door: Door, server: FaultServer, place: Place
) -> None:
    server.reset(Upstream(door=door), lambda ask, reply: reply if ask.is_page else status(404)(reply))
    with fetcher_to(server) as fetcher, pytest.raises(FetchProblem) as refused:
        place.capture(door, fetcher)
    assert refused.value.problem.name == "not_at_source"
    assert not any(ask.is_page for ask in server.asks)
    assert not place.journal.exists()


def test_honest_source_gives_every_row_once(server: FaultServer, place: Place) -> None:
    upstream = Upstream(page_rows=50)
    server.reset(upstream, honest)
    with fetcher_to(server) as fetcher:
        capture = place.capture(Door.V3_JSON, fetcher)
    pages = [json.loads(place.snapshots.read(part.sha256)) for part in capture.of_role("page")]
    rows = [row for page in pages for row in page["value"]]
    assert len(pages) > 3
    assert [row["ID"] for row in rows] == sorted({row["ID"] for row in rows})
    assert len(rows) == len(upstream.cells)
