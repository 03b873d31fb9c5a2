"""Fetch bytes from the hosts of the gate: bounded in size and time, tried again with pauses, polite to the source.

Every failure is a FetchProblem with a code; the floor above makes the sentence. Nothing is stored here: see `captures`.
"""

import random
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from types import TracebackType
from typing import Self

import certifi
import httpcore

from koersvast.connectors.answers import (
    Passing,
    check_contents,
    check_kind,
    connection_failure,
    headers_of,
    read_body,
    refusal,
)
from koersvast.connectors.gate import Gate, Target
from koersvast.connectors.problems import FetchProblem, problem
from koersvast.connectors.wires import Watch, open_pool, watched

__all__ = ["FetchProblem", "Fetched", "Fetcher", "Limits"]

MIB = 1024 * 1024
PRODUCT = f"Koersvast/{version('koersvast')} (software for municipal safety policy)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERROR_BYTES = 64 * 1024
_draw = random.SystemRandom().random


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one fetch may take. Sizes in bytes, on the wire and unpacked alike; times in seconds.

    `seconds_per_read` is the longest silence, `seconds_per_request` one attempt, `seconds_total` all attempts and
    pauses of one fetch. After `failures_before_rest` failures in a row a host is left alone for `seconds_of_rest`:
    fetches under way wait that long, new ones are refused at once.
    """

    max_bytes: int = 64 * MIB
    seconds_per_read: float = 60
    seconds_per_request: float = 300
    seconds_total: float = 1800
    attempts: int = 5
    parallel: int = 4
    redirects: int = 3
    first_pause_seconds: float = 1
    longest_pause_seconds: float = 60
    longest_asked_pause_seconds: float = 300
    failures_before_rest: int = 8
    seconds_of_rest: float = 120


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What came: `data` unpacked, `url` after redirects, `media_type` without parameters, headers as they were."""

    url: str
    data: bytes
    media_type: str
    fetched_at: datetime
    etag: str
    modified: str


@dataclass(frozen=True)
class _Redirect:
    location: str


class _Lane:
    """What is going on with one host: how many at once, how often it failed in a row, until when to leave it alone."""

    def __init__(self, host: str, limits: Limits, clock: Callable[[], float]) -> None:
        self.places = threading.BoundedSemaphore(limits.parallel)
        self._host, self._limits, self._clock = host, limits, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = self._waits_until = float("-inf")

    def check(self) -> None:
        """Raise Passing while the host rests; afterwards one failure more sends it back to rest."""
        if (left := self.seconds_of_rest) > 0:
            raise Passing(problem("host_resting", host=self._host, seconds=round(left, 1)))

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self._limits.failures_before_rest:
                self._rests_until = self._clock() + self._limits.seconds_of_rest

    def wait_at_least(self, seconds: float) -> None:
        """Keep every request to this host waiting, as the source asked of one of them."""
        with self._lock:
            self._waits_until = max(self._waits_until, self._clock() + seconds)

    def rest(self, seconds: float) -> None:
        with self._lock:
            self._rests_until = max(self._rests_until, self._clock() + seconds)

    @property
    def seconds_of_rest(self) -> float:
        with self._lock:
            return max(self._rests_until - self._clock(), 0)

    @property
    def seconds_to_wait(self) -> float:
        with self._lock:
            return max(self._waits_until - self._clock(), 0)


class Fetcher:
    """Fetches addresses that the gate admits. May be used from several threads; close it, or use it in a `with`.

    `clock` counts seconds (monotonic), `sleep` waits, `jitter` draws from [0, 1), `now` is the time on the wall.
    With a `proxy` ("http://proxy:8080") the proxy looks names up; then the gate judges names only. `tls` replaces the
    trust in the certificates of the system and of certifi.
    """

    def __init__(
        self,
        *,
        gate: Gate | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = _draw,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        proxy: str | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.gate = gate or Gate()
        self.limits = limits or Limits()
        self._clock, self._sleep, self._jitter, self._now = clock, sleep, jitter, now
        self._pool = open_pool(
            self.gate,
            tls=tls or _trust(),
            proxy=proxy,
            connections=self.limits.parallel * len(self.gate.hosts),
        )
        self._lanes = {host: _Lane(host, self.limits, clock) for host in self.gate.hosts}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def get(
        self,
        url: str,
        *,
        accept: str = "application/json",
        max_bytes: int | None = None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Fetched:
        """Fetch one address. Raises FetchProblem; the bytes come whole or not at all.

        `is_wanted` is asked before another attempt, so that what nobody waits for any more is not tried again.
        """
        target = self.gate.judge(url)
        lane = self._lanes[target.host]
        limit = self.limits.max_bytes if max_bytes is None else max_bytes
        ends = self._clock() + self.limits.seconds_total
        attempt = 0
        while True:
            self._wait(lane.seconds_to_wait, ends, target.host)
            try:
                return self._follow(target, accept, limit, ends)
            except Passing as failure:
                attempt += 1
                # A rest is waited out by those who were under way; who comes new is told so at once.
                is_new = attempt == 1 and failure.problem.name == "host_resting"
                if attempt >= self.limits.attempts or is_new or not is_wanted():
                    raise FetchProblem(failure.problem) from failure
                pause = max(self._pause_seconds(attempt, failure), lane.seconds_of_rest)
                if self._clock() + pause >= ends:
                    raise FetchProblem(failure.problem) from failure
                self._sleep(pause)

    def _pause_seconds(self, attempt: int, failure: Passing) -> float:
        """Exponential with full jitter, and never shorter than the source asked."""
        longest: float = min(self.limits.longest_pause_seconds, self.limits.first_pause_seconds * 2.0 ** (attempt - 1))
        return max(self._jitter() * longest, failure.asked_seconds or 0)

    def _wait(self, seconds: float, ends: float, host: str) -> None:
        if seconds <= 0:
            return
        if self._clock() + seconds >= ends:
            raise FetchProblem(problem("asked_to_wait", host=host, seconds=round(seconds, 1)))
        self._sleep(seconds)

    def _follow(self, target: Target, accept: str, limit: int, ends: float) -> Fetched:
        """One attempt: ask, and go where the answer points, a few times at most."""
        for _ in range(self.limits.redirects + 1):
            answer = self._ask(target, accept, limit, ends)
            if isinstance(answer, Fetched):
                return answer
            target = self.gate.redirected(target, answer.location)
        raise FetchProblem(problem("too_many_redirects", host=target.host, limit=self.limits.redirects))

    def _ask(self, target: Target, accept: str, limit: int, ends: float) -> Fetched | _Redirect:
        lane = self._lanes[target.host]
        with lane.places:
            lane.check()  # outside the count of failures: nothing is asked
            try:
                answer = self._exchange(target, accept, limit, ends)
            except Passing as failure:
                self._note_failure(lane, target.host, failure)
                raise
            lane.succeeded()
            return answer

    def _note_failure(self, lane: _Lane, host: str, failure: Passing) -> None:
        lane.failed()
        if failure.asked_seconds is None:
            return
        if failure.asked_seconds > self.limits.longest_asked_pause_seconds:
            lane.rest(failure.asked_seconds)
            asked = problem("asked_to_wait", host=host, seconds=round(failure.asked_seconds, 1))
            raise FetchProblem(asked) from failure
        lane.wait_at_least(failure.asked_seconds)

    def _exchange(self, target: Target, accept: str, limit: int, ends: float) -> Fetched | _Redirect:
        """One request and its answer; turns everything that a connection can do into a problem."""
        deadline = min(ends, self._clock() + self.limits.seconds_per_request)
        watch = Watch(host=target.host, clock=self._clock, deadline=deadline, limit=limit)
        try:
            with watched(watch), self._send(target, accept) as response:
                watch.has_begun = True
                return self._judge(response, target, accept, limit)
        except httpcore.ConnectError as error:
            raise connection_failure(error, target.host) from error
        except httpcore.ConnectTimeout as error:
            raise Passing(problem("no_connection", host=target.host)) from error
        except httpcore.TimeoutException as error:
            late = self.limits.seconds_per_request if watch.is_late else self.limits.seconds_per_read
            raise Passing(problem("answer_too_slow", host=target.host, limit=late)) from error
        except httpcore.ProxyError as error:
            raise Passing(problem("proxy_refused", host=target.host)) from error
        except httpcore.NetworkError as error:
            raise Passing(problem("connection_broken", host=target.host)) from error
        except httpcore.ProtocolError as error:
            raise Passing(problem(_broken_how(watch, error), host=target.host)) from error

    def _send(self, target: Target, accept: str) -> AbstractContextManager[httpcore.Response]:
        seconds = self.limits.seconds_per_read
        return self._pool.stream(
            "GET",
            httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path),
            headers={
                "Host": target.host,
                "User-Agent": PRODUCT,
                "Accept": accept,
                "Accept-Encoding": "gzip, deflate",
            },
            extensions={"timeout": {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}},
        )

    def _judge(self, response: httpcore.Response, target: Target, accept: str, limit: int) -> Fetched | _Redirect:
        headers = headers_of(response)
        if response.status in _REDIRECTS:
            return _Redirect(headers.get("location", ""))
        if response.status != 200:
            text = _start_of(response, headers, target.host)
            raise refusal(response.status, text, headers, host=target.host, now=self._now())
        media_type = check_kind(headers, accept, target.host)
        data = read_body(response.iter_stream(), headers, host=target.host, limit=limit)
        check_contents(data, target.host)
        return Fetched(
            url=target.url,
            data=data,
            media_type=media_type,
            fetched_at=self._now(),
            etag=headers.get("etag", ""),
            modified=headers.get("last-modified", ""),
        )


def _start_of(response: httpcore.Response, headers: dict[str, str], host: str) -> str:
    """The text of an error, as far as it can be had: it only serves to tell one refusal from another."""
    try:
        return read_body(response.iter_stream(), headers, host=host, limit=_ERROR_BYTES).decode("utf-8", "replace")
    except (FetchProblem, Passing, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        return ""


def _broken_how(watch: Watch, error: httpcore.ProtocolError) -> str:
    if watch.has_begun:
        return "answer_incomplete"
    return "connection_broken" if "disconnected" in str(error) else "not_http"


def _trust() -> ssl.SSLContext:
    """Trust what the system trusts, a municipality's own certificates among it, and what certifi lists."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
