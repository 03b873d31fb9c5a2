"""Connections that are watched: through the gate only, with a deadline and a limit on every read.

httpcore limits the silence between two reads. A source that sends one byte every ten seconds is never silent, neither
in its headers; so each read also looks at the deadline of the request that it is for.
"""

import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore

from koersvast.connectors.gate import Gate
from koersvast.connectors.problems import FetchProblem, problem

# Headers, chunk sizes and the answer of a proxy come on top of the body.
_OVERHEAD_BYTES = 256 * 1024


@dataclass(kw_only=True)
class Watch:
    """One request while it runs: until when (on `clock`), how many bytes at most, and how far it got."""

    host: str
    clock: Callable[[], float]
    deadline: float
    limit: int
    bytes: int = 0
    has_begun: bool = False
    is_late: bool = False

    def seconds_left(self, timeout: float | None) -> float:
        """Return how long a read may still take. Raises httpcore.ReadTimeout when the deadline has passed."""
        left = self.deadline - self.clock()
        if left <= 0:
            self.is_late = True
            raise httpcore.ReadTimeout("deadline")
        return left if timeout is None else min(left, timeout)

    def took(self, size: int) -> None:
        self.bytes += size
        if self.bytes > self.limit + _OVERHEAD_BYTES:
            raise FetchProblem(problem("answer_too_large", host=self.host, limit=self.limit))


_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Put the reads and writes of this thread under watch."""
    token = _WATCH.set(watch)
    try:
        yield
    finally:
        _WATCH.reset(token)


class _WatchedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        watch = _WATCH.get()
        if watch is None:
            return self._inner.read(max_bytes, timeout)
        data = self._inner.read(max_bytes, watch.seconds_left(timeout))
        watch.took(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        watch = _WATCH.get()
        self._inner.write(buffer, watch.seconds_left(timeout) if watch else timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        # The bytes inside TLS are counted, not those around it.
        watch = _WATCH.get()
        seconds = watch.seconds_left(timeout) if watch else timeout
        return _WatchedStream(self._inner.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections with one function and no other way."""

    def __init__(self, connect: Callable[[str, int, float | None], httpcore.NetworkStream]) -> None:
        self._connect = connect

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 httpcore's own signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 as above
    ) -> httpcore.NetworkStream:
        watch = _WATCH.get()
        return _WatchedStream(self._connect(host, port, watch.seconds_left(timeout) if watch else timeout))


def open_pool(gate: Gate, *, tls: ssl.SSLContext, proxy: str | None, connections: int) -> httpcore.ConnectionPool:
    """Make a pool whose connections go through the gate, or all to one proxy. Raises ValueError for an odd proxy."""
    if proxy is None:
        return httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            keepalive_expiry=30,
            network_backend=_Backend(gate.connect),
        )
    parts = urlsplit(proxy)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("The proxy must be an address such as http://proxy.example:8080.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return httpcore.HTTPProxy(
        httpcore.URL(scheme=parts.scheme, host=parts.hostname, port=port, target="/"),
        proxy_auth=(unquote(parts.username), unquote(parts.password or "")) if parts.username else None,
        ssl_context=tls,
        proxy_ssl_context=tls if parts.scheme == "https" else None,
        max_connections=connections,
        keepalive_expiry=30,
        network_backend=_Backend(_only_to(parts.hostname, port)),
    )


def _only_to(proxy_host: str, proxy_port: int) -> Callable[[str, int, float | None], httpcore.NetworkStream]:
    """The proxy is the operator's own setting and may stand on an inner address; nothing else may be dialled."""

    def connect(host: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        if (host, port) != (proxy_host, proxy_port):
            raise FetchProblem(problem("host_not_allowed", host=host))
        return httpcore.SyncBackend().connect_tcp(host, port, timeout=timeout)

    return connect
