"""A table service of our own in memory, with invented figures, and what a test keeps of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

from koersvast.connectors.captures import Capture, capture_files, capture_table
from koersvast.connectors.fetching import Fetched, Fetcher, Limits
from koersvast.connectors.problems import FetchProblem, problem
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.connectors.statline import Slice
from koersvast.registers.store import RegisterStore
from koersvast.registers.tables import TABLES
from koersvast.registers.vintages import Vintage

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
TODAY = date(2026, 3, 15)
YEARS = tuple(range(2015, 2026))

AREAS = {
    "NL00": "Nederland",
    "GM9001": "Rivierdal",
    "GM9002": "Heidestad",
    "GM9003": "Veenwijk",
    "WK900101": "Wijk 01",
    "BU90010101": "Dorp",
    "BU90010102": "Buiten",
    "GM0000": "Gemeente onbekend",
    "WK000000": "Wijk onbekend",
    "BU00000000": "Buurt onbekend",
}
KINDS = ("0.0.0", "1.1.1", "1.2.1", "1.4.1", "1.4.4", "1.4.5", "2.2.1", "3.9.1")
SIZES = {"GM9001": 3, "GM9002": 7, "GM9003": 2, "GM0000": 1, "WK900101": 2, "BU90010101": 1, "BU90010102": 1}
WEIGHTS = {"1.1.1": 9, "1.2.1": 23, "1.4.4": 5, "1.4.5": 12, "2.2.1": 31, "3.9.1": 14}

type Key = tuple[str, str, str]
type Cells = dict[Key, float | str | None]


def smooth(periods: Mapping[str, str]) -> Cells:
    """Counts by kind, area and period that go down a little every year; the total is more than the sum of the kinds.

    Sexual offences are hidden in this table, and are in the total.
    """
    cells: Cells = {}
    for number, period in enumerate(periods):
        for area, size in SIZES.items():
            for kind, weight in WEIGHTS.items():
                value = size * weight * (40 - number) // 10 + (size + weight + number) % 3
                cells[kind, area, period] = 0 if kind == "3.9.1" and period < "2016" else value
            parts = [cells[kind, area, period] for kind in WEIGHTS]
            cells["0.0.0", area, period] = sum(cast(list[float], parts)) + 2 * size
        for kind in ("0.0.0", *WEIGHTS):
            towns = ("GM9001", "GM9002", "GM9003", "GM0000")
            cells[kind, "NL00", period] = sum(cast(float, cells[kind, area, period]) for area in towns)
    return cells


def years(*wanted: int) -> dict[str, str]:
    """Year keys with the status that the service gives."""
    return {f"{year}JJ00": "Voorlopig" if year >= 2024 else "Definitief" for year in wanted or YEARS}


@dataclass
class Service:
    """A table of the police as its service gives it; tests change the fields."""

    table: str = "47018NED"
    periods: dict[str, str] = field(default_factory=years)
    areas: dict[str, str] = field(default_factory=lambda: dict(AREAS))
    kinds: tuple[str, ...] = KINDS
    cells: Cells = field(default_factory=dict)
    modified: str = "2026-03-10T02:00:00"
    default: str = "Zero"
    explanation: str = "Verzonnen cijfers, volgens de wijk- en buurtindeling van 2025."
    title: str = "Geregistreerde misdrijven"
    key: str = "GeregistreerdeMisdrijven_1"
    doubled: int = 0
    limits: Limits = field(default_factory=lambda: Limits(parallel=1))

    def __post_init__(self) -> None:
        self.cells = self.cells or smooth(self.periods)

    def capture(self, snapshots: SnapshotStore, journal: Path, *, wanted: Slice | None = None) -> Capture:
        address = TABLES[self.table].address
        assert address
        return capture_table(
            address,
            wanted or Slice(),
            fetcher=cast(Fetcher, self),
            snapshots=snapshots,
            journal=journal,
            licence="CC BY 4.0",
            holder="Verzonnen",
            now=lambda: NOON,
        )

    def get(self, url: str, **_asked: Any) -> Fetched:
        part, _mark, query = url.rsplit("/", 1)[-1].partition("?")
        question = unquote(query)
        found = self._metadata().get(part)
        if found is None and "DataSet" in part:
            found = [self._row(number, key, value) for number, (key, value) in enumerate(self._asked(question))]
        if found is None:
            raise FetchProblem(problem("not_there", host="dataderden.cbs.nl"))
        body = json.dumps({"odata.metadata": url, "value": found}).encode()
        return Fetched(url=url, data=body, media_type="application/json", fetched_at=NOON, etag="", modified="")

    def _asked(self, question: str) -> list[tuple[Key, Any]]:
        """Only the beginnings of areas are ever asked for here."""
        wanted = tuple(piece.split("'")[1].strip() for piece in question.split("startswith(WijkenEnBuurten,")[1:])
        found = [(key, value) for key, value in self.cells.items() if not wanted or key[1].startswith(wanted)]
        return found + found[: self.doubled]

    def _row(self, number: int, key: Key, value: float | str | None) -> dict[str, Any]:
        kind, area, period = key
        text = None if value is None else str(value).rjust(8)
        return {
            "ID": number,
            "SoortMisdrijf": kind.ljust(6),
            "WijkenEnBuurten": area.ljust(10),
            "Perioden": period,
            self.key: text,
        }

    def _metadata(self) -> dict[str, list[dict[str, Any]]]:
        info = {"ID": 0, "Title": "Misdrijven", "Identifier": self.table, "Modified": self.modified}
        info |= {"Period": "2015-2025", "ShortDescription": self.explanation, "Description": self.explanation}
        columns = [
            {"ID": 0, "Type": "Dimension", "Key": "SoortMisdrijf", "Title": "Soort misdrijf"},
            {"ID": 1, "Type": "GeoDetail", "Key": "WijkenEnBuurten", "Title": "Wijken en buurten", "MapYear": 2019},
            {"ID": 2, "Type": "TimeDimension", "Key": "Perioden", "Title": "Perioden"},
            {"ID": 3, "Type": "Topic", "Key": self.key, "Title": self.title, "Datatype": "Long", "Unit": "aantal",
             "Decimals": 0, "Default": self.default},
        ]  # fmt: skip
        return {
            "TableInfos": [info],
            "DataProperties": columns,
            "SoortMisdrijf": [{"Key": kind.ljust(6), "Title": kind} for kind in self.kinds],
            "WijkenEnBuurten": [
                {"Key": area.ljust(10), "Title": name, "Municipality": f"GM{area[2:6]}" if area[:2] != "NL" else ""}
                for area, name in self.areas.items()
            ],
            "Perioden": [{"Key": key, "Title": key[:4], "Status": status} for key, status in self.periods.items()],
        }


@dataclass(frozen=True)
class Kept:
    """The snapshots and the register store of one test."""

    folder: Path

    @property
    def snapshots(self) -> SnapshotStore:
        return SnapshotStore(self.folder / "snapshots")

    @property
    def store(self) -> RegisterStore:
        return RegisterStore(self.folder / "registers", self.snapshots)

    def load(self, service: Service, *, on: date = TODAY, wanted: Slice | None = None) -> Vintage:
        capture = service.capture(self.snapshots, self.folder / "journal.jsonl", wanted=wanted)
        return self.store.load(capture, on=on)

    def load_file(self, table: str, name: str, text: str | bytes, *, on: date = TODAY, **more: Any) -> Vintage:
        data = text.encode() if isinstance(text, str) else text
        return self.store.load(self.file(table, name, data), on=on, **more)

    def file(self, table: str, name: str, data: bytes) -> Capture:
        return capture_files(
            [(name, data)],
            snapshots=self.snapshots,
            taken_from="met de hand",
            fetched_at=NOON,
            licence="CC BY 4.0",
            holder="Verzonnen",
            title="Verzonnen bestand",
            table=table,
        )


def changed(service: Service, **fields: Any) -> Service:
    """The same service with other fields; its cells stay unless they are given."""
    return replace(service, **{"cells": dict(service.cells), **fields})
