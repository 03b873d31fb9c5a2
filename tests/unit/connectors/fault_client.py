"""Ask the fault server as the real thing is asked: the gate's judgement untouched, only names and wires replaced."""

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore

from koersvast.connectors.captures import Capture, Progress, capture_features, capture_table
from koersvast.connectors.fetching import Fetcher, Limits
from koersvast.connectors.gate import Gate, dial_up
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.connectors.statline import Protocol, Slice, TableAddress
from tests.unit.connectors.faults import (
    HOST_FEATURES,
    HOST_V3,
    HOST_V4,
    PATH_FEATURES,
    PATH_V3,
    PATH_V4,
    TABLE,
    Door,
    FaultServer,
)

_UNUSED = ssl.create_default_context()
PUBLIC = "93.184.216.34"
V3 = TableAddress(host=HOST_V3, table=TABLE, protocol=Protocol.V3, path=PATH_V3)
V4 = TableAddress(host=HOST_V4, table=TABLE, protocol=Protocol.V4, path=PATH_V4)
FIRST_FEATURES = f"https://{HOST_FEATURES}{PATH_FEATURES}?limit=2&offset=0"
QUICK = Limits(max_bytes=300_000, seconds_per_read=5, seconds_per_request=20, attempts=3, parallel=4)
TERMS: dict[str, str] = {"licence": "CC BY 4.0", "holder": "Verzonnen houder"}


class Bare(httpcore.NetworkStream):
    """A connection without TLS that says it has it: the fault server speaks plainly, the gate knows https only."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


@dataclass
class Clock:
    """Time that passes when somebody sleeps, and `tick` seconds each time somebody looks."""

    tick: float = 0.0
    time: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        self.time += self.tick
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def gate_to(port: int, *, resolve: Callable[[str], Sequence[str]] = lambda _: [PUBLIC]) -> Gate:
    """A gate whose public addresses all lead to one port on loopback."""

    def dial(ip: str, gate_port: int, timeout: float | None) -> httpcore.NetworkStream:
        assert (ip, gate_port) == (PUBLIC, 443)
        return Bare(dial_up("127.0.0.1", port, timeout))

    return Gate(resolve=resolve, dial=dial)


def fetcher_to(
    server: FaultServer | None, *, gate: Gate | None = None, limits: Limits = QUICK, clock: Clock | None = None
) -> Fetcher:
    """A fetcher that does not really sleep, and always draws the longest pause."""
    clock = clock or Clock()
    gate = gate or gate_to(server.port if server else 1)
    return Fetcher(gate=gate, limits=limits, clock=clock, sleep=clock.sleep, jitter=lambda: 1.0, tls=_UNUSED)


@dataclass
class Place:
    """Where one test keeps its snapshots and its journal."""

    folder: Path
    wanted: Slice = field(default_factory=Slice)
    progress: list[Progress] = field(default_factory=list)

    @property
    def snapshots(self) -> SnapshotStore:
        return SnapshotStore(self.folder / "snapshots")

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    def capture(self, door: Door, fetcher: Fetcher) -> Capture:
        """Capture the upstream's table, or its features, through a door."""
        kept: dict[str, Any] = TERMS | {"snapshots": self.snapshots, "journal": self.journal}
        kept |= {"fetcher": fetcher, "progress": self.progress.append}
        if door is Door.FEATURES:
            return capture_features([FIRST_FEATURES], title="Gemeenten", table="gemeenten", **kept)
        return capture_table(V4 if door is Door.V4 else V3, self.wanted, **kept)

    def manifests(self) -> list[str]:
        """The captures that exist here."""
        store = self.snapshots
        return [digest for digest in store if store.note(digest).file_name.endswith(".capture.json")]
