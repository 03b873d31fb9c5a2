"""Borders from GeoJSON: areas with their code, in metres of the Dutch grid, within limits.

A file of borders comes from outside. What is read is checked here (size, depth, number of areas and of points, finite
coordinates in or near the Netherlands, closed rings, one area a code); what does not hold refuses the whole file, with
a code and values. Degrees become metres by the published polynomials (below a metre in the Netherlands). Rings come
out closed, outer rings clockwise with north up and holes the other way, as D3 fills them.
Not for: deciding which areas a map shows, keeping the file (see `snapshot`), or making outlines simpler (see `arcs`).
Sources: RFC 7946; CBS Gebiedsindelingen and CBS Wijken en Buurten at PDOK for the names of properties; for degrees to
metres T.G. Schreutelkamp and G.L. Strang van Hees, "Benaderingsformules voor de transformatie tussen RD- en
WGS84-kaartcoördinaten", NGT Geodesia 43 (2001).
"""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Never

from koersvast.connectors.sheets import refuse

type Point = tuple[float, float]  # metres east and north, EPSG:28992 ("RD")
type Ring = tuple[Point, ...]  # closed: the first point is also the last
type Polygon = tuple[Ring, ...]  # the outer ring, then its holes


class Level(StrEnum):
    """The level of an area, told by its code."""

    COUNTRY = "country"
    LANDSDEEL = "landsdeel"
    PROVINCE = "province"
    POLICE_UNIT = "police_unit"
    SAFETY_REGION = "safety_region"
    MUNICIPALITY = "municipality"
    WIJK = "wijk"
    BUURT = "buurt"
    OTHER = "region"


@dataclass(frozen=True, kw_only=True)
class BorderLimits:
    """How much a file of borders may hold; CBS's file of all buurten has about 60 MiB and a million points."""

    most_bytes: int = 256 * 1024 * 1024
    most_areas: int = 25_000
    most_points: int = 6_000_000


@dataclass(frozen=True, kw_only=True)
class Feature:
    """An area as drawn: its code without padding, its name, and its polygons in metres of the Dutch grid."""

    code: str
    name: str
    level: Level
    polygons: tuple[Polygon, ...]
    parent_code: str = ""


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """A way to write coordinates, and the box in which the Netherlands (with its waters) lies."""

    in_degrees: bool
    west: float
    east: float
    south: float
    north: float

    def holds(self, x: float, y: float) -> bool:
        return self.west <= x <= self.east and self.south <= y <= self.north


_METRES = _Grid(in_degrees=False, west=-60_000, east=340_000, south=270_000, north=720_000)
_DEGREES = _Grid(in_degrees=True, west=2.0, east=8.2, south=50.2, north=55.9)

# Property names of PDOK and CBS, the most specific level first: a buurt names its wijk and municipality too.
CODE_NAMES = (
    "statcode",
    "buurtcode",
    "bu_code",
    "wijkcode",
    "wk_code",
    "gemeentecode",
    "gm_code",
    "provinciecode",
    "identificatie",
    "code",
)
NAMES = (
    "statnaam",
    "buurtnaam",
    "bu_naam",
    "wijknaam",
    "wk_naam",
    "gemeentenaam",
    "gm_naam",
    "provincienaam",
    "naam",
    "name",
)
_LEVELS: Sequence[tuple[re.Pattern[str], Level]] = (
    (re.compile(r"BU\d{8}"), Level.BUURT),
    (re.compile(r"WK\d{6}"), Level.WIJK),
    (re.compile(r"GM\d{4}"), Level.MUNICIPALITY),
    (re.compile(r"PV\d\d"), Level.PROVINCE),
    (re.compile(r"RE\d\d"), Level.POLICE_UNIT),
    (re.compile(r"VR\d\d"), Level.SAFETY_REGION),
    (re.compile(r"LD\d\d"), Level.LANDSDEEL),
    (re.compile(r"NL\d\d"), Level.COUNTRY),
    (re.compile(r"[A-Z]{2}[A-Z0-9-]{1,8}"), Level.OTHER),
)
_LONGEST_NAME = 120
_RINGS_AN_AREA, _OBJECTS_AN_AREA = 20, 10


def read_features(data: bytes, *, limits: BorderLimits = BorderLimits()) -> tuple[Feature, ...]:
    """Return the areas of a FeatureCollection, in the order of the file; raises FileRefused when anything is wrong.

    Areas of water (CBS: `water` is "JA") are left out: they carry the code of the land beside them.
    """
    return read_pages((data,), limits=limits)


def read_pages(pages: Iterable[bytes], *, limits: BorderLimits = BorderLimits()) -> tuple[Feature, ...]:
    """Return the areas of a collection in pages; limits count for all of them together. Raises FileRefused."""
    features: dict[str, Feature] = {}
    budget, before = _Budget(limits.most_points), 0
    for data in pages:
        entries = _entries(data, limits)
        grid = _grid_of(entries)
        if before + len(entries) > limits.most_areas:
            raise refuse("too_many_areas", limit=limits.most_areas, found=before + len(entries))
        for number, entry in enumerate(entries, start=before + 1):
            if _is_water(entry):
                continue
            feature = _feature(entry, number, grid, budget)
            if feature.code in features:
                raise refuse("area_twice", area=feature.code)
            features[feature.code] = feature
        before += len(entries)
    if not features:
        raise refuse("no_areas")
    return tuple(features.values())


def outline_of(feature: Feature) -> str:
    """Return the SHA-256 of an outline to the metre, whatever point each ring begins with and in whatever order."""
    rings = sorted(_canonical(ring) for polygon in feature.polygons for ring in polygon)
    return hashlib.sha256(json.dumps(rings).encode()).hexdigest()


def to_metres(longitude: float, latitude: float) -> Point:
    """Return metres of the Dutch grid (RD) for degrees (WGS84); within the Netherlands less than a metre off."""
    north, east = 0.36 * (latitude - 52.15517440), 0.36 * (longitude - 5.38720621)
    x = math.fsum(factor * north**p * east**q for p, q, factor in _EAST)
    y = math.fsum(factor * north**p * east**q for p, q, factor in _NORTH)
    return 155_000 + x, 463_000 + y


_EAST = (
    (0, 1, 190094.945),
    (1, 1, -11832.228),
    (2, 1, -114.221),
    (0, 3, -32.391),
    (1, 0, -0.705),
    (3, 1, -2.340),
    (1, 3, -0.608),
    (0, 2, -0.008),
    (2, 3, 0.148),
)
_NORTH = (
    (1, 0, 309056.544),
    (0, 2, 3638.893),
    (2, 0, 73.077),
    (1, 2, -157.984),
    (3, 0, 59.788),
    (0, 1, 0.433),
    (2, 2, -6.439),
    (1, 1, -0.032),
    (0, 4, 0.092),
    (1, 4, -0.054),
)


class _Budget:
    """The points that may still come."""

    def __init__(self, most: int) -> None:
        self.most, self.left = most, most

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise refuse("too_many_points", limit=self.most)


def _entries(data: bytes, limits: BorderLimits) -> list[Any]:
    if len(data) > limits.most_bytes:
        raise refuse("borders_too_large", limit=limits.most_bytes, found=len(data))
    # Before it is taken apart: each bracket becomes an object thirty times its size.
    if data.count(b"[") > limits.most_points + _RINGS_AN_AREA * limits.most_areas:
        raise refuse("too_many_points", limit=limits.most_points)
    if data.count(b"{") > _OBJECTS_AN_AREA * (limits.most_areas + 1):
        raise refuse("too_many_areas", limit=limits.most_areas, found=data.count(b"{") // _OBJECTS_AN_AREA)
    document = _parsed(data)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise refuse("not_borders", found=_kind(document))
    entries = document.get("features")
    if not isinstance(entries, list):
        raise refuse("not_borders", found=_kind(entries))
    return entries


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except RecursionError:
        raise refuse("borders_too_deep") from None
    except UnicodeDecodeError as error:
        raise refuse("borders_not_json", position=error.start) from None
    except json.JSONDecodeError as error:
        raise refuse("borders_not_json", position=error.pos) from None
    except ValueError:  # A whole number of thousands of digits.
        raise refuse("not_a_coordinate", area="") from None


def _no_number(_: str) -> Never:
    raise refuse("not_a_coordinate", area="")


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("type", "object"))
    return type(value).__name__


def _grid_of(entries: Iterable[object]) -> _Grid:
    """Degrees or metres, by the first coordinate: the two never look alike in the Netherlands."""
    for entry in entries:
        geometry = entry.get("geometry") if isinstance(entry, dict) else None
        found = geometry.get("coordinates") if isinstance(geometry, dict) else None
        while isinstance(found, list) and found and isinstance(found[0], list):
            found = found[0]
        if isinstance(found, list) and len(found) >= 2 and all(map(_is_number, found[:2])):
            return _DEGREES if abs(found[0]) <= 180 and abs(found[1]) <= 180 else _METRES
    return _METRES


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_water(entry: object) -> bool:
    properties = entry.get("properties") if isinstance(entry, dict) else None
    return isinstance(properties, dict) and str(properties.get("water", "")).strip().upper() == "JA"


def _feature(entry: object, number: int, grid: _Grid, budget: _Budget) -> Feature:
    properties = entry.get("properties") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(properties, dict):
        raise refuse("area_without_code", number=number)
    code = _text(properties, CODE_NAMES)
    if not code:
        raise refuse("area_without_code", number=number)
    level = next((level for form, level in _LEVELS if form.fullmatch(code)), None)
    if level is None:
        raise refuse("unknown_area_code", area=code)
    return Feature(
        code=code,
        name=_text(properties, NAMES)[:_LONGEST_NAME] or code,
        level=level,
        polygons=_polygons(entry.get("geometry"), code, grid, budget),
        parent_code=_parent(code, level),
    )


def _text(properties: Mapping[str, object], names: Sequence[str]) -> str:
    """Return the first property that is a text with something in it, under any case of its name."""
    by_name = {name.lower(): value for name, value in properties.items()}
    texts = (" ".join(value.split()) for name in names if isinstance(value := by_name.get(name), str))
    return next(filter(None, texts), "")


def _parent(code: str, level: Level) -> str:
    """BU01480101 lies in WK014801, and that in GM0148: the digits return in the code (CBS)."""
    if level is Level.BUURT:
        return "WK" + code[2:8]
    return "GM" + code[2:6] if level is Level.WIJK else ""


def _polygons(geometry: object, code: str, grid: _Grid, budget: _Budget) -> tuple[Polygon, ...]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    found = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon"} or not isinstance(found, list) or not found:
        raise refuse("not_an_area", area=code, found=str(kind))
    listed = [found] if kind == "Polygon" else found
    return tuple(_polygon(rings, code, grid, budget) for rings in listed)


def _polygon(rings: object, code: str, grid: _Grid, budget: _Budget) -> Polygon:
    if not isinstance(rings, list) or not rings:
        raise refuse("not_an_area", area=code, found="")
    read = [_ring(ring, code, grid, budget) for ring in rings]
    return tuple(_wound(ring, clockwise=at == 0) for at, ring in enumerate(read))


def _ring(points: object, code: str, grid: _Grid, budget: _Budget) -> Ring:
    if not isinstance(points, list):
        raise refuse("not_a_coordinate", area=code)
    budget.take(len(points))
    ring = tuple(_point(point, code, grid) for point in points)
    if len(ring) < 4 or not _signed_area(ring):
        raise refuse("ring_without_area", area=code)
    if ring[0] != ring[-1]:
        raise refuse("ring_not_closed", area=code)
    return ring


def _point(point: object, code: str, grid: _Grid) -> Point:
    """Heights (a third number) are dropped; whole numbers too large for a float are no coordinates."""
    if not isinstance(point, list) or not 2 <= len(point) <= 4 or not all(map(_is_number, point)):
        raise refuse("not_a_coordinate", area=code)
    try:
        x, y = float(point[0]), float(point[1])
    except OverflowError:
        raise refuse("not_a_coordinate", area=code) from None
    if not math.isfinite(x) or not math.isfinite(y):
        raise refuse("not_a_coordinate", area=code)
    if not grid.holds(x, y):
        raise refuse("outside_the_netherlands", area=code)
    return to_metres(x, y) if grid.in_degrees else (x, y)


def _signed_area(ring: Sequence[Point]) -> float:
    """Twice the area, positive when the ring runs counterclockwise with north up."""
    x0, y0 = ring[0]
    return math.fsum((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0) for (x1, y1), (x2, y2) in pairwise(ring))


def _wound(ring: Ring, *, clockwise: bool) -> Ring:
    return ring if (_signed_area(ring) < 0) == clockwise else ring[::-1]


def _canonical(ring: Ring) -> list[tuple[int, int]]:
    """A ring to the metre, from its least point on, without points that repeat."""
    points = list(_without_repeats((round(x), round(y)) for x, y in ring[:-1]))
    first = points.index(min(points))
    return points[first:] + points[:first]


def _without_repeats(points: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = None
    for point in points:
        if point != last:
            yield point
        last = point
