"""A source of open data of our own, on loopback, that can be told to go wrong.

`Upstream` holds a small invented table and answers as the real services do: OData 3 in JSON and Atom, OData 4, and
collections of features. `FaultServer` speaks HTTP on a socket; a fault stands between the two and may change an answer,
or write bytes of its own. Nothing here shares code with what it tests.
"""

import json
import re
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

TABLE = "47018NED"
HOST_V3, HOST_V4, HOST_FEATURES = "dataderden.cbs.nl", "datasets.cbs.nl", "api.pdok.nl"
PATH_V3, PATH_V4 = f"/ODataApi/OData/{TABLE}", f"/odata/v1/CBS/{TABLE}"
PATH_FEATURES = "/cbs/gebieden/ogc/v1/collections/gemeenten/items"
COUNT = "GeregistreerdeMisdrijven_1"
KINDS = {
    "0.0.0 ": "Totaal misdrijven",
    "1.1.1 ": "1.1.1 Diefstal/inbraak woning",
    "1.2.3 ": "1.2.3 Diefstal van brom-, snor-, fietsen",
    "1.4.5 ": "1.4.5 Mishandeling",
    "2.2.1 ": "2.2.1 Vernieling cq. zaakbeschadiging",
}
AREAS = {
    "NL00      ": ("Nederland", ""),
    "GM0000    ": ("Gemeente onbekend", "GM0000"),
    "GM9901    ": ("Súdhoeke", "GM9901"),
    "GM9902    ": ("Oosterveen", "GM9902"),
    "GM9903    ": ("Westerbroek", "GM9903"),
    "WK990101  ": ("Wijk 01 Súdhoeke", "GM9901"),
    "BU99010101": ("Súdhoeke-Centrum", "GM9901"),
}
YEARS = (2019, 2020, 2021, 2022, 2023, 2024)
MODIFIED = "2025-04-15T02:00:00"
SERVICE_LIMIT = 10_000

type Cells = dict[tuple[str, str, str], int | str | None]


class Door(StrEnum):
    """The ways in which the same table is asked for."""

    V3_JSON = "v3_json"
    V3_ATOM = "v3_atom"
    V4 = "v4"
    FEATURES = "features"


# About how many events there are in a year: the places differ so much that one cannot be taken for another.
SIZES = {"GM0000    ": 30, "GM9901    ": 900, "GM9902    ": 80, "GM9903    ": 6000}
SHARE_OF_KIND = {"1.1.1 ": 11, "1.2.3 ": 31, "1.4.5 ": 7, "2.2.1 ": 19}


def invented_cells(years: Iterable[int] = YEARS) -> Cells:
    """Counts by padded kind, area and period that agree with one another: parts with wholes, kinds with the total."""
    cells: Cells = {}
    for year in years:
        for kind in KINDS:
            counts = {area: _invented_count(kind, area, year) for area in SIZES}
            counts["WK990101  "] = counts["GM9901    "] * 6 // 10
            counts["BU99010101"] = counts["GM9901    "] * 3 // 10
            counts["NL00      "] = sum(counts[area] for area in SIZES)
            cells |= {(kind, area, f"{year}JJ00"): counts[area] for area in AREAS}
    return cells


def _invented_count(kind: str, area: str, year: int) -> int:
    if kind == "0.0.0 ":
        return sum(_invented_count(one, area, year) for one in SHARE_OF_KIND) + SIZES[area] // 3
    wave = 100 + (year * 7 + len(area.strip()) + SHARE_OF_KIND[kind] * 3) % 11 - 2 * (year - 2019)
    return SIZES[area] * SHARE_OF_KIND[kind] * wave // 10_000


@dataclass
class Upstream:
    """The table and how it is served; tests change the fields. `page_rows` is how many rows go on a page of a feed."""

    door: Door = Door.V3_JSON
    cells: Cells = field(default_factory=invented_cells)
    kinds: dict[str, str] = field(default_factory=lambda: dict(KINDS))
    areas: dict[str, tuple[str, str]] = field(default_factory=lambda: dict(AREAS))
    periods: dict[str, str] = field(default_factory=lambda: {f"{year}JJ00": "Definitief" for year in YEARS})
    identifier: str = TABLE
    modified: str = MODIFIED
    count: str = COUNT
    title: str = "Geregistreerde misdrijven"
    page_rows: int = 60
    say_count: bool = False

    def rows(self, question: str) -> list[dict[str, Any]]:
        """The rows that meet a $filter, under the names of the table's own columns."""
        found = []
        for number, ((kind, area, period), value) in enumerate(self.cells.items()):
            row = {"ID": number, "SoortMisdrijf": kind, "WijkenEnBuurten": area, "Perioden": period}
            if _meets(row, question):
                found.append(row | {self.count: value})
        return found

    def answer(self, ask: "Ask") -> "Reply":
        if self.door is Door.FEATURES:
            return self._features(ask)
        root = PATH_V4 if self.door is Door.V4 else PATH_V3
        path = ask.path.replace("/ODataFeed/", "/ODataApi/")
        if not path.startswith(f"{root}/"):
            return Reply(status=404, body=b"{}")
        part = path.removeprefix(f"{root}/")
        if part in {"UntypedDataSet", "TypedDataSet", "Observations"}:
            return self._page(ask, part)
        metadata = self._metadata_v4() if self.door is Door.V4 else self._metadata_v3()
        if part not in metadata:
            return Reply(status=404, body=b"{}")
        return self._atom(metadata[part], "", None) if self.door is Door.V3_ATOM else json_reply(metadata[part])

    def _metadata_v3(self) -> dict[str, Any]:
        info = {"ID": 0, "Title": "Misdrijven, ë", "Identifier": self.identifier, "Modified": self.modified}
        info |= {"Period": "2019 - 2024", "ShortDescription": "Verzonnen.", "Description": "Verzonnen; indeling 2024."}
        columns = [
            {"ID": 0, "Type": "Dimension", "Key": "SoortMisdrijf", "Title": "Soort misdrijf"},
            {"ID": 1, "Type": "GeoDetail", "Key": "WijkenEnBuurten", "Title": "Wijken en buurten", "MapYear": 2019},
            {"ID": 2, "Type": "TimeDimension", "Key": "Perioden", "Title": "Perioden"},
            {"ID": 3, "Type": "Topic", "Key": self.count, "Title": self.title, "Datatype": "Long",
             "Unit": "aantal", "Decimals": 0, "Default": "Zero"},
        ]  # fmt: skip
        return {
            "TableInfos": _list([info]),
            "DataProperties": _list(columns),
            "SoortMisdrijf": _list([{"Key": k, "Title": t} for k, t in self.kinds.items()]),
            "WijkenEnBuurten": _list([{"Key": k, "Title": t, "Municipality": m} for k, (t, m) in self.areas.items()]),
            "Perioden": _list([{"Key": k, "Title": k[:4], "Status": s} for k, s in self.periods.items()]),
        }

    def _metadata_v4(self) -> dict[str, Any]:
        dimensions = [
            ("SoortMisdrijf", "Soort misdrijf", "Dimension"),
            ("WijkenEnBuurten", "Wijken en buurten", "GeoDetailDimension"),
            ("Perioden", "Perioden", "TimeDimension"),
        ]
        measure = {"Identifier": self.count, "Title": self.title, "Unit": "aantal", "Decimals": 0}
        return {
            "Properties": {
                "Identifier": self.identifier,
                "Title": "Misdrijven, ë",
                "Modified": f"{self.modified}+02:00",
            },
            "Dimensions": _list([{"Identifier": i, "Title": t, "Kind": k} for i, t, k in dimensions]),
            "MeasureCodes": _list([measure]),
            "MeasureGroups": _list([]),
            "SoortMisdrijfCodes": _list([{"Identifier": k, "Title": t} for k, t in self.kinds.items()]),
            "WijkenEnBuurtenCodes": _list(
                [{"Identifier": k, "Title": t, "DimensionGroupId": m} for k, (t, m) in self.areas.items()]
            ),
            "PeriodenCodes": _list([{"Identifier": k, "Title": k[:4], "Status": s} for k, s in self.periods.items()]),
        }

    def _page(self, ask: "Ask", part: str) -> "Reply":
        rows = self.rows(ask.query.get("$filter", ""))
        is_feed = "/ODataFeed/" in ask.path or self.door is Door.V4
        if not is_feed and len(rows) > SERVICE_LIMIT:
            return json_reply({"odata.error": {"message": {"value": TOO_MANY}}}, status=500)
        start = int(ask.query.get("$skip", 0))
        page = rows[start : start + self.page_rows] if is_feed or self.page_rows < len(rows) else rows
        following = self._following(ask, start + len(page)) if start + len(page) < len(rows) else ""
        counted = len(rows) if self.say_count else None
        if self.door is Door.V4:
            return self._observations(page, following, counted)
        if self.door is Door.V3_ATOM:
            return self._atom(_list([_as_texts(row) for row in page]), following, counted)
        meta = f"https://{HOST_V3}{PATH_V3}/$metadata#Cbs.OData.WebAPI.{part}"
        content = {"odata.metadata": meta, "odata.count": str(counted), "value": [_as_texts(row) for row in page]}
        if counted is None:
            del content["odata.count"]
        return json_reply(content | ({"odata.nextLink": following} if following else {}))

    def _following(self, ask: "Ask", start: int) -> str:
        options = dict(ask.query) | {"$skip": str(start)}
        query = "&".join(f"{name}={quote(value)}" for name, value in options.items() if name[0] == "$")
        return f"https://{ask.host}{ask.path}?{query}"

    def _observations(self, rows: Sequence[Mapping[str, Any]], following: str, counted: int | None) -> "Reply":
        found = []
        for row in rows:
            value = row[self.count]
            rest = {name: cell for name, cell in row.items() if name not in {"ID", self.count}}
            word = "Confidential" if value == "." else "None"
            number = None if value == "." else value
            found.append({"Id": row["ID"], "Measure": self.count, "ValueAttribute": word, "Value": number} | rest)
        content: dict[str, Any] = {"@odata.context": f"https://{HOST_V4}{PATH_V4}/$metadata#Observations"}
        content |= {} if counted is None else {"@odata.count": counted}
        return json_reply(content | {"value": found} | ({"@odata.nextLink": following} if following else {}))

    def _atom(self, content: Mapping[str, Any], following: str, counted: int | None) -> "Reply":
        entries = "".join(_entry(row) for row in content["value"])
        link = f'<link rel="next" href="{escape(following)}"/>' if following else ""
        count = "" if counted is None else f"<m:count>{counted}</m:count>"
        text = f"{_FEED}{count}{entries}{link}</feed>"
        return Reply(headers={"Content-Type": "application/atom+xml;charset=utf-8"}, body=text.encode())

    def _features(self, ask: "Ask") -> "Reply":
        codes = [code.strip() for code in self.areas if code.startswith("GM99")]
        start, size = int(ask.query.get("offset", 0)), int(ask.query.get("limit", 2))
        features = [
            {
                "type": "Feature",
                "properties": {"statcode": code, "statnaam": self.areas[code.ljust(10)][0]},
                "geometry": {"type": "Polygon", "coordinates": [_square(codes.index(code))]},
            }
            for code in codes[start : start + size]
        ]
        links = [{"rel": "self", "href": f"https://{HOST_FEATURES}{ask.path}"}]
        if start + size < len(codes):
            following = f"https://{HOST_FEATURES}{PATH_FEATURES}?limit={size}&offset={start + size}"
            links.append({"rel": "next", "href": following})
        counts = {"numberReturned": len(features)} | ({"numberMatched": len(codes)} if self.say_count else {})
        content = {"type": "FeatureCollection", **counts, "links": links, "features": features}
        return json_reply(content, kind="application/geo+json")


TOO_MANY = "The query results in more than 10000 records. Please refine the query."
_FEED = (
    '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
    f'xml:base="https://{HOST_V3}{PATH_V3}/" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
    'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><title type="text">Lines</title>'
)


def _list(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"value": list(rows)}


def _as_texts(row: Mapping[str, Any]) -> dict[str, Any]:
    """An untyped row: numbers are texts, padded on the left."""
    return {
        name: str(value).rjust(9) if name not in {"ID", "SoortMisdrijf", "WijkenEnBuurten", "Perioden"} else value
        for name, value in row.items()
    }


def _entry(row: Mapping[str, Any]) -> str:
    cells = "".join(f"<d:{name}>{escape(str(value))}</d:{name}>" for name, value in row.items())
    return f'<entry><content type="application/xml"><m:properties>{cells}</m:properties></content></entry>'


def _square(number: int) -> list[list[float]]:
    west, south = 6.0 + number / 10, 52.0
    return [[west, south], [west + 0.1, south], [west + 0.1, south + 0.1], [west, south + 0.1], [west, south]]


def _meets(row: Mapping[str, Any], question: str) -> bool:
    """Whether a row meets a $filter of comparisons and beginnings, joined by "and" of groups of "or"."""
    return all(any(_holds(row, term) for term in group.split(" or ")) for group in question.split(" and ") if group)


def _holds(row: Mapping[str, Any], term: str) -> bool:
    if begins := re.fullmatch(r"\(?startswith\((\w+),'([^']*)'\)\)?", term):
        return str(row[begins[1]]).startswith(begins[2])
    equals = re.fullmatch(r"\(?(\w+) eq '([^']*)'\)?", term)
    assert equals, f"a filter that this server does not know: {term!r}"
    return bool(row[equals[1]] == equals[2])


# --- the wire


@dataclass(frozen=True)
class Ask:
    """A request: `number` counts all of them, `nth` those for this path and question."""

    host: str
    path: str
    query: Mapping[str, str]
    target: str
    headers: Mapping[str, str]
    number: int
    nth: int

    @property
    def is_page(self) -> bool:
        return self.path.endswith(("DataSet", "Observations", "/items"))


@dataclass(frozen=True)
class Reply:
    """An ordinary answer, or with `pieces` bytes that go on the wire as they are, after which the connection ends.

    `resets` ends it rudely.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    body: bytes = b""
    pieces: Iterable[bytes] | None = None
    resets: bool = False

    def wire(self) -> Iterator[bytes]:
        if self.pieces is not None:
            yield from self.pieces
            return
        yield head(self.status, {"Content-Length": str(len(self.body)), **self.headers}) + self.body

    def with_body(self, body: bytes) -> "Reply":
        return replace(self, body=body)

    def with_text(self, old: str, new: str) -> "Reply":
        """Replace text; it must be there, or the fault would not be one."""
        assert old.encode() in self.body, (old, self.body[:600])
        return replace(self, body=self.body.replace(old.encode(), new.encode()))

    def with_headers(self, **headers: str) -> "Reply":
        return replace(self, headers={**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})


def json_reply(content: Any, *, status: int = 200, kind: str = "application/json;charset=utf-8") -> Reply:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status=status, headers={"Content-Type": kind}, body=body)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


type Fault = Callable[[Ask, Reply], Reply]


def honest(ask: Ask, reply: Reply) -> Reply:
    """No fault."""
    return reply


class _Handler(socketserver.BaseRequestHandler):
    server: "FaultServer"

    def handle(self) -> None:
        connection: socket.socket = self.request
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(20)
        with suppress(OSError), connection.makefile("rb") as reader:
            while (request := reader.readline()) and self._answer(connection, request, _headers(reader)):
                pass

    def _answer(self, connection: socket.socket, request: bytes, headers: Mapping[str, str]) -> bool:
        reply = self.server.play(request.split()[1].decode(), headers)
        for piece in reply.wire():
            connection.sendall(piece)
        if reply.resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        return reply.pieces is None


def _headers(reader: Any) -> dict[str, str]:
    found = {}
    while (line := reader.readline().strip()) and b":" in line:
        name, _, value = line.decode("latin-1").partition(":")
        found[name.lower()] = value.strip()
    return found


class FaultServer(socketserver.ThreadingTCPServer):
    """Serves one upstream with one fault at a time; `asks` is what was asked, in order."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._lock = threading.Lock()
        self.reset(Upstream())
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def reset(self, upstream: Upstream, fault: Fault = honest) -> None:
        """Serve this upstream with this fault from now on, as if nothing had been asked before."""
        with self._lock:
            self.upstream, self.fault = upstream, fault
            self.asks: list[Ask] = []
            self.mistakes: list[str] = []
            self.at_once = self.most_at_once = 0

    def play(self, target: str, headers: Mapping[str, str]) -> Reply:
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        with self._lock:
            nth = 1 + sum(one.target == target for one in self.asks)
            ask = Ask(
                host=headers.get("host", ""), path=unquote(parts.path), query=query, target=target, headers=headers,
                number=len(self.asks) + 1, nth=nth,
            )  # fmt: skip
            self.asks.append(ask)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            upstream, fault = self.upstream, self.fault
        try:
            return fault(ask, upstream.answer(ask))
        finally:
            with self._lock:
                self.at_once -= 1

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no news; a mistake in a fault is, and must not look like a broken connection."""
        self.mistakes.append(repr(sys.exception()))
