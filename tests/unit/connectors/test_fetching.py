"""The fetcher itself: pauses, rests, certificates, proxies, and how many questions at once."""

import gzip
import hashlib
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpcore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.connectors.answers import asked_seconds
from koersvast.connectors.fetching import Fetcher, Limits
from koersvast.connectors.gate import Forbidden, Gate, dial_up
from koersvast.connectors.problems import FetchProblem
from koersvast.connectors.unpacking import DamagedPacking, Unpacker, UnpacksTooLarge, unpack
from tests.unit.connectors.fault_client import PUBLIC, QUICK, Clock, fetcher_to, gate_to
from tests.unit.connectors.faults import HOST_V3, Ask, FaultServer, Reply, Upstream

URL = f"https://{HOST_V3}/ODataApi/OData/47018NED/TableInfos?$format=json"
DAMAGED = Reply(status=500, body=b"{}")


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as serving:
        yield serving
        serving.shutdown()


def always(reply: Reply) -> Callable[[Ask, Reply], Reply]:
    return lambda *_: reply


def failing(times: int) -> Callable[[Ask, Reply], Reply]:
    return lambda ask, reply: DAMAGED if ask.number <= times else reply


def refused(fetcher: Fetcher, url: str = URL, **options: Any) -> FetchProblem:
    with pytest.raises(FetchProblem) as caught:
        fetcher.get(url, **options)
    return caught.value


# --- what is asked and what comes


def test_request_names_the_product_and_carries_nothing_else(server: FaultServer) -> None:
    server.reset(Upstream())
    with fetcher_to(server) as fetcher:
        fetcher.get(URL)
    headers = server.asks[0].headers
    assert headers["user-agent"].startswith("Koersvast/")
    assert headers["host"] == HOST_V3
    assert set(headers) == {"host", "user-agent", "accept", "accept-encoding"}


def test_answer_comes_with_what_the_source_said_of_it(server: FaultServer) -> None:
    server.reset(
        Upstream(), lambda _, reply: reply.with_headers(ETag='"a1"', Last_Modified="Tue, 15 Apr 2025 00:00:00 GMT")
    )
    with fetcher_to(server) as fetcher:
        found = fetcher.get(URL)
    assert (found.url, found.media_type, found.etag) == (URL, "application/json", '"a1"')
    assert found.modified == "Tue, 15 Apr 2025 00:00:00 GMT"
    assert found.fetched_at.tzinfo is UTC
    assert found.data.startswith(b'{"value"')


def test_limit_of_one_question_counts_for_that_question(server: FaultServer) -> None:
    server.reset(Upstream())
    with fetcher_to(server) as fetcher:
        size = len(fetcher.get(URL).data)
        assert len(fetcher.get(URL, max_bytes=size).data) == size
        assert refused(fetcher, max_bytes=size - 1).problem.name == "answer_too_large"


def test_bomb_is_stopped_before_it_fills_the_memory(server: FaultServer) -> None:
    bomb = gzip.compress(b" " * 60_000_000)
    server.reset(Upstream(), lambda _, reply: reply.with_body(bomb).with_headers(Content_Encoding="gzip"))
    with fetcher_to(server) as fetcher:
        tracemalloc.start()
        problem = refused(fetcher, max_bytes=1_000_000).problem
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert problem.name == "answer_unpacks_too_large"
    assert peak < 6_000_000


WHOLE = b"".join(Reply(headers={"Content-Type": "application/json", "ETag": "x"}, body=b'{"value":[]}').wire())


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_any_bytes_on_the_wire_are_an_answer_or_a_problem(server: FaultServer, data: Any) -> None:
    wire = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(wire)))
        wire[start : start + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6) | st.sampled_from(NASTY))
    pieces = list(in_pieces(bytes(wire), data.draw(st.lists(st.integers(1, 60), max_size=4))))
    server.reset(Upstream(), always(Reply(pieces=pieces)))
    with fetcher_to(server, limits=replace(QUICK, attempts=1)) as fetcher:
        try:
            assert fetcher.get(URL).data.strip()
        except FetchProblem as problem:
            assert problem.problem.code.startswith("N")  # noqa: PT017 either is right
    assert server.mistakes == []


NASTY = [
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"gzip",
    b"99999999999",
]


# --- trying again


def test_pauses_double_up_to_the_longest(server: FaultServer) -> None:
    server.reset(Upstream(), always(DAMAGED))
    clock = Clock()
    limits = replace(QUICK, attempts=7, longest_pause_seconds=10, failures_before_rest=99)
    with fetcher_to(server, limits=limits, clock=clock) as fetcher:
        assert refused(fetcher).problem.name == "source_failing"
    assert clock.slept == [1, 2, 4, 8, 10, 10]
    assert len(server.asks) == 7


def test_jitter_draws_from_the_whole_pause(server: FaultServer) -> None:
    server.reset(Upstream(), always(DAMAGED))
    clock, draws = Clock(), iter([0.0, 0.25, 0.999])
    limits = replace(QUICK, attempts=4)
    with Fetcher(
        gate=gate_to(server.port), limits=limits, clock=clock, sleep=clock.sleep, jitter=lambda: next(draws)
    ) as fetcher:
        refused(fetcher)
    assert clock.slept == [0.0, 0.5, 3.996]


def test_attempts_end_when_the_time_for_all_of_them_would_be_over(server: FaultServer) -> None:
    server.reset(Upstream(), always(DAMAGED))
    clock = Clock()
    limits = replace(QUICK, attempts=50, seconds_total=20, failures_before_rest=99)
    with fetcher_to(server, limits=limits, clock=clock) as fetcher:
        assert refused(fetcher).problem.name == "source_failing"
    assert sum(clock.slept) < 20
    assert len(server.asks) == 5


def test_what_nobody_waits_for_is_not_tried_again(server: FaultServer) -> None:
    server.reset(Upstream(), always(DAMAGED))
    clock = Clock()
    with fetcher_to(server, clock=clock) as fetcher:
        assert refused(fetcher, is_wanted=lambda: len(server.asks) < 2).problem.name == "source_failing"
    assert (len(server.asks), clock.slept) == (2, [1])


def test_asked_pause_keeps_every_question_to_that_host_waiting(server: FaultServer) -> None:
    wait = Reply(status=429, body=b"{}").with_headers(Retry_After="40")
    server.reset(Upstream(), lambda ask, reply: wait if ask.number == 1 else reply)
    clock = Clock()
    with fetcher_to(server, limits=replace(QUICK, attempts=1), clock=clock) as fetcher:
        refused(fetcher)
        fetcher.get(URL)
    assert clock.slept == [40]


def test_too_long_a_pause_is_left_to_the_caller_and_the_host_alone(server: FaultServer) -> None:
    wait = Reply(status=429, body=b"{}").with_headers(Retry_After="900")
    server.reset(Upstream(), lambda ask, reply: wait if ask.number == 1 else reply)
    clock = Clock()
    with fetcher_to(server, clock=clock) as fetcher:
        assert refused(fetcher).problem.values == {"host": HOST_V3, "seconds": 900.0}
        assert refused(fetcher).problem.name == "host_resting"
        clock.time += 901
        assert fetcher.get(URL).data
    assert clock.slept == []
    assert len(server.asks) == 2


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0), ("120", 120), (" 7 ", 7), ("999999999999", 999999999),
        (format_datetime(NOW + timedelta(minutes=2)), 120),
        (format_datetime(NOW - timedelta(days=1)), 0), ("Mon, 23 Nov 2026 12:00:30 GMT", 30), ("", None), ("-5", None),
        ("1.5", None), ("soon", None), ("١٢", None), ("1e3", None), ("Mon, 99 Nov 2026 12:00:30 GMT", None),
        (f"Mon, {'9' * 20} Nov 2026 12:00:30 GMT", None), (f"Mon, 23 Nov 2026 12:00:30 +{'9' * 20}", None),
    ],
)  # fmt: skip
def test_asked_pause_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert asked_seconds(text, NOW) == seconds


# --- rest


def test_host_that_keeps_failing_is_left_alone_and_tried_again_later(server: FaultServer) -> None:
    server.reset(Upstream(), failing(4))
    clock = Clock()
    limits = replace(QUICK, attempts=2, failures_before_rest=4, seconds_of_rest=60)
    with fetcher_to(server, limits=limits, clock=clock) as fetcher:
        assert refused(fetcher).problem.name == "source_failing"
        assert refused(fetcher).problem.name == "source_failing"
        for _ in range(5):
            assert refused(fetcher).problem.name == "host_resting"
        assert len(server.asks) == 4
        clock.time += 60
        assert fetcher.get(URL).data
        server.reset(Upstream(), failing(1))
        assert fetcher.get(URL).data


def test_failure_right_after_a_rest_sends_the_host_back_to_rest(server: FaultServer) -> None:
    server.reset(Upstream(), always(DAMAGED))
    clock = Clock()
    limits = replace(QUICK, attempts=1, failures_before_rest=3, seconds_of_rest=60)
    with fetcher_to(server, limits=limits, clock=clock) as fetcher:
        for _ in range(3):
            refused(fetcher)
        clock.time += 61
        assert refused(fetcher).problem.name == "source_failing"
        assert refused(fetcher).problem.name == "host_resting"
    assert len(server.asks) == 4


def test_fetches_under_way_wait_a_rest_out_and_new_ones_do_not(server: FaultServer) -> None:
    server.reset(Upstream(), failing(5))
    clock = Clock()
    limits = replace(QUICK, attempts=6, failures_before_rest=3, seconds_of_rest=60)
    with fetcher_to(server, limits=limits, clock=clock) as fetcher:
        assert fetcher.get(URL).data
        assert clock.slept == [1, 2, 60, 60, 60]
        server.reset(Upstream(), always(DAMAGED))
        assert refused(fetcher).problem.name == "source_failing"
        slept = list(clock.slept)
        assert refused(fetcher).problem.name == "host_resting"
        assert clock.slept == slept


def test_rest_that_would_last_too_long_ends_a_fetch(server: FaultServer) -> None:
    server.reset(Upstream(), always(DAMAGED))
    clock = Clock()
    limits = replace(QUICK, attempts=6, failures_before_rest=2, seconds_of_rest=500, seconds_total=400)
    with fetcher_to(server, limits=limits, clock=clock) as fetcher:
        assert refused(fetcher).problem.name == "source_failing"
    assert (clock.slept, len(server.asks)) == ([1], 2)


def test_rest_of_one_host_does_not_touch_another(server: FaultServer) -> None:
    server.reset(Upstream(), lambda ask, reply: DAMAGED if ask.host == HOST_V3 else reply)
    limits = replace(QUICK, attempts=1, failures_before_rest=1)
    with fetcher_to(server, limits=limits) as fetcher:
        refused(fetcher)
        assert refused(fetcher).problem.name == "host_resting"
        assert fetcher.get(URL.replace(HOST_V3, "opendata.cbs.nl")).data


def test_no_more_questions_at_once_than_is_polite(server: FaultServer) -> None:
    def slow(_: Ask, reply: Reply) -> Reply:
        time.sleep(0.01)
        return reply

    server.reset(Upstream(), slow)
    with fetcher_to(server, limits=replace(QUICK, parallel=3)) as fetcher, ThreadPoolExecutor(12) as threads:
        found = list(threads.map(lambda _: fetcher.get(URL).data, range(24)))
    assert len(set(found)) == 1
    assert server.most_at_once == 3


# --- names and wires


def test_name_that_changes_its_mind_is_only_believed_once(server: FaultServer) -> None:
    server.reset(Upstream())
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    with fetcher_to(server, gate=gate_to(server.port, resolve=lambda _: next(answers))) as fetcher:
        assert fetcher.get(URL).data
        assert fetcher.get(URL).data  # on the same connection: nobody is asked
        server.reset(Upstream(), lambda _, reply: Reply(pieces=[b"".join(reply.wire())]))
        assert fetcher.get(URL).data  # after this the connection is closed
        problem = refused(fetcher).problem
    assert (problem.name, problem.values) == ("address_not_public", {"host": HOST_V3, "address": "127.0.0.1"})


def test_forbidden_address_never_reaches_a_wire(server: FaultServer) -> None:
    server.reset(Upstream())
    with fetcher_to(server) as fetcher, pytest.raises(Forbidden):
        fetcher.get("https://127.0.0.1/")
    assert server.asks == []


class TlsServer(FaultServer):
    """The fault server behind TLS, with a certificate of one's choice."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        return self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates that sign themselves: for the host, for another host, and for a host in the past."""
    folder = tmp_path_factory.mktemp("certificates")
    for name, host, days in (("good", HOST_V3, 2), ("other", "evil.example", 2), ("old", HOST_V3, -1)):
        key, asked, made = (str(folder / f"{name}.{ending}") for ending in ("key", "csr", "pem"))
        ask = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}"]
        sign = ["x509", "-req", "-in", asked, "-signkey", key, "-days", str(days), "-copy_extensions", "copy"]
        for command in ([*ask, "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out", asked], sign):
            out = ["-out", made] if command is sign else []
            subprocess.run(["openssl", *command, *out], capture_output=True, check=True)
    return folder


def tls_server(folder: Path, name: str) -> TlsServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return TlsServer(context)


def trusting(folder: Path, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for name in names:
        context.load_verify_locations(folder / f"{name}.pem")
    return context


def tls_fetcher(port: int, tls: ssl.SSLContext, *, limits: Limits = QUICK, **options: Any) -> Fetcher:
    clock = Clock()
    gate = Gate(resolve=lambda _: [PUBLIC], dial=lambda *asked: dial_up("127.0.0.1", port, asked[2]))
    return Fetcher(gate=gate, limits=limits, clock=clock, sleep=clock.sleep, jitter=lambda: 0.0, tls=tls, **options)


def test_certificate_is_held_against_the_name_though_the_address_is_dialled(certificates: Path) -> None:
    with tls_server(certificates, "good") as serving:
        with tls_fetcher(serving.port, trusting(certificates, "good")) as fetcher:
            assert fetcher.get(URL).data
        serving.shutdown()


@pytest.mark.parametrize(
    ("shown", "trusted"), [("other", ["other"]), ("good", []), ("good", ["other"]), ("old", ["old"])]
)
def test_certificate_that_does_not_fit_is_refused_at_once(certificates: Path, shown: str, trusted: list[str]) -> None:
    with tls_server(certificates, shown) as serving:
        with tls_fetcher(serving.port, trusting(certificates, *trusted)) as fetcher:
            problem = refused(fetcher).problem
        serving.shutdown()
    assert problem.name == "certificate_refused"
    assert problem.values["host"] == HOST_V3
    assert serving.asks == []


def test_plain_answer_where_tls_belongs_is_no_connection(server: FaultServer, certificates: Path) -> None:
    server.reset(Upstream())
    with tls_fetcher(server.port, trusting(certificates)) as fetcher:
        assert refused(fetcher).problem.name == "no_connection"


class ConnectProxy:
    """A proxy that knows CONNECT, leads everything to one port, and remembers what it was asked."""

    def __init__(self, port: int, *, answer: bytes = b"HTTP/1.1 200 Connected\r\n\r\n") -> None:
        self.heads: list[str] = []
        self._port, self._answer = port, answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._lead, args=(client,), daemon=True).start()

    def _lead(self, client: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += client.recv(4096)
        self.heads.append(asked.decode("latin-1"))
        client.sendall(self._answer)
        if b" 200 " not in self._answer:
            client.close()
            return
        with socket.create_connection(("127.0.0.1", self._port)) as behind:
            threading.Thread(target=_pour, args=(behind, client), daemon=True).start()
            _pour(client, behind)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def never_asked(host: str) -> Sequence[str]:
    raise AssertionError(f"{host} was looked up here, not by the proxy")


def never_dialled(ip: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
    raise AssertionError(f"{ip} was dialled past the proxy")


def proxied(proxy: str, tls: ssl.SSLContext) -> Fetcher:
    clock = Clock()
    gate = Gate(resolve=never_asked, dial=never_dialled)
    return Fetcher(gate=gate, limits=QUICK, clock=clock, sleep=clock.sleep, jitter=lambda: 0.0, proxy=proxy, tls=tls)


def test_proxy_leads_to_the_source_and_sees_its_name_only(certificates: Path) -> None:
    with tls_server(certificates, "good") as serving:
        proxy = ConnectProxy(serving.port)
        with_password = proxy.url.replace("http://", "http://gemeente:geheim%21@")
        with proxied(with_password, trusting(certificates, "good")) as fetcher:
            assert fetcher.get(URL).data
            with pytest.raises(Forbidden):
                fetcher.get("https://evil.example/")
            with pytest.raises(Forbidden):
                fetcher.get("https://10.0.0.1/")
        serving.shutdown()
    proxy.close()
    assert len(proxy.heads) == 1
    assert proxy.heads[0].startswith(f"CONNECT {HOST_V3}:443 HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic Z2VtZWVudGU6Z2VoZWltIQ==" in proxy.heads[0]
    assert "TableInfos" not in proxy.heads[0]
    assert "proxy-authorization" not in serving.asks[0].headers


def test_proxy_that_shows_its_own_certificate_is_refused(certificates: Path) -> None:
    with tls_server(certificates, "other") as serving:
        proxy = ConnectProxy(serving.port)
        with proxied(proxy.url, trusting(certificates, "other")) as fetcher, pytest.raises(FetchProblem) as caught:
            fetcher.get(URL)
        serving.shutdown()
    proxy.close()
    assert caught.value.problem.name == "certificate_refused"


@pytest.mark.parametrize("status", [b"407 Proxy Authentication Required", b"403 Forbidden", b"502 Bad Gateway"])
def test_proxy_that_says_no_has_a_code_without_its_password(status: bytes, certificates: Path) -> None:
    proxy = ConnectProxy(1, answer=b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
    with proxied(proxy.url.replace("//", "//u:geheim@"), trusting(certificates)) as fetcher:
        problem = refused(fetcher).problem
    proxy.close()
    assert (problem.name, problem.values) == ("proxy_refused", {"host": HOST_V3})


@pytest.mark.parametrize("proxy", ["proxy.example:8080", "ftp://proxy.example", "http://", "socks5://proxy.example"])
def test_odd_proxy_is_refused_when_the_fetcher_is_made(proxy: str) -> None:
    with pytest.raises(ValueError, match="proxy"):
        Fetcher(proxy=proxy)


# --- unpacking


def in_pieces(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    start = 0
    for size in [*sizes, len(data)]:
        yield data[start : start + size]
        start += size


PACKERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "": bytes}


@given(st.binary(max_size=3000), st.lists(st.integers(0, 40), max_size=8), st.sampled_from(list(PACKERS)))
def test_what_was_packed_is_unpacked_in_whatever_pieces_it_comes(data: bytes, sizes: list[int], packing: str) -> None:
    unpacker = Unpacker(packing, limit=len(data))
    unpacked = b"".join(unpacker.feed(piece) for piece in in_pieces(PACKERS[packing](data), sizes))
    unpacker.finish()
    assert unpacked == data
    if data:
        with pytest.raises(UnpacksTooLarge):
            unpack(PACKERS[packing](data), packing, limit=len(data) - 1)


@given(st.binary(min_size=1, max_size=500), st.data())
def test_packed_bytes_that_are_cut_off_are_never_taken_for_whole(data: bytes, draw: Any) -> None:
    packing = draw.draw(st.sampled_from(["gzip", "deflate"]))
    packed = PACKERS[packing](data)
    cut = packed[: draw.draw(st.integers(0, len(packed) - 1))]
    with pytest.raises(DamagedPacking):
        unpack(cut, packing, limit=10_000)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]))
def test_any_bytes_unpack_or_are_refused_with_one_of_two_errors(data: bytes, packing: str) -> None:
    with suppress(DamagedPacking, UnpacksTooLarge):
        assert len(unpack(data, packing, limit=1000)) <= 1000


@pytest.mark.parametrize("packing", list(PACKERS))
def test_large_file_is_unpacked_a_little_at_a_time(monkeypatch: pytest.MonkeyPatch, packing: str) -> None:
    # All at once takes a time that grows with the square of the size: minutes for a table of thirteen million rows.
    taken, feed = list[int](), Unpacker.feed

    def counted(unpacker: Unpacker, data: bytes) -> bytes:
        taken.append(len(data))
        return feed(unpacker, data)

    monkeypatch.setattr(Unpacker, "feed", counted)
    data = b"".join(hashlib.sha256(number.to_bytes(2)).digest() for number in range(10_000))
    assert unpack(PACKERS[packing](data), packing, limit=len(data)) == data
    assert max(taken) <= 64 * 1024
