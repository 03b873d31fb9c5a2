"""The geometry of a drawn map: where it lies, where a name fits in an area, hatching within an area. Pure.

All in metres of the Dutch grid unless a name says pixels. An area is a list of polygons of closed rings; what is
inside is told by counting crossings (even-odd), so that holes need no care.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from koersvast.connectors.geojson import Feature, Point, Ring


@dataclass(frozen=True, kw_only=True)
class Frame:
    """How metres become pixels: a scale in pixels a metre, and the pixel where the corner of the grid lies."""

    scale: float
    left: float
    top: float
    width: float
    height: float

    def pixel(self, point: Point) -> tuple[float, float]:
        return self.left + self.scale * point[0], self.top - self.scale * point[1]


def frame_of(features: Sequence[Feature], *, width: float, most_height: float, margin: float = 6) -> Frame:
    """Return the frame in which all areas fit, in the middle of the width and as large as the height allows."""
    points = [point for feature in features for point in _points(feature)]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    wide, high = max(east - west, 1.0), max(north - south, 1.0)
    scale = min((width - 2 * margin) / wide, (most_height - 2 * margin) / high)
    height = high * scale + 2 * margin
    left = (width - wide * scale) / 2 - west * scale
    return Frame(scale=scale, left=left, top=margin + north * scale, width=width, height=height)


def _points(feature: Feature) -> Iterable[Point]:
    return (point for polygon in feature.polygons for point in polygon[0])


def area_km2(feature: Feature) -> float:
    """Return the area in km², holes taken off."""
    rings = [ring for polygon in feature.polygons for ring in polygon]
    outer = sum(abs(_signed(polygon[0])) for polygon in feature.polygons)
    holes = sum(abs(_signed(ring)) for ring in rings) - outer
    return (outer - holes) / 1e6


def _signed(ring: Sequence[Point]) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring)) / 2


def stretches(feature: Feature, y: float) -> list[tuple[float, float]]:
    """Return the pieces of the horizontal line at `y` that lie within the area, west to east."""
    crossings: list[float] = []
    for polygon in feature.polygons:
        for ring in polygon:
            for (x1, y1), (x2, y2) in pairwise(ring):
                if (y1 <= y) != (y2 <= y):
                    crossings.append(x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    crossings.sort()
    return list(zip(crossings[::2], crossings[1::2], strict=False))


@dataclass(frozen=True, kw_only=True)
class Room:
    """A place for words within an area: its middle, and how wide a strip of the asked height is there, in metres."""

    x: float
    y: float
    width: float


def room_for(feature: Feature, *, height: float, lines: int = 21) -> Room | None:
    """Return the widest strip of `height` metres within the area; None when the area is lower than that."""
    ys = [y for _, y in _points(feature)]
    south, north = min(ys) + height / 2, max(ys) - height / 2
    if north <= south:
        return None
    best: Room | None = None
    for step in range(lines):
        y = south + (north - south) * (step + 0.5) / lines
        for west, east in _common(
            stretches(feature, y - height / 2), stretches(feature, y), stretches(feature, y + height / 2)
        ):
            if best is None or east - west > best.width:
                best = Room(x=(west + east) / 2, y=y, width=east - west)
    return best


def _common(*lines: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the pieces that all lines have."""
    pieces = list(lines[0])
    for line in lines[1:]:
        pieces = [
            (max(west, other_west), min(east, other_east))
            for west, east in pieces
            for other_west, other_east in line
            if min(east, other_east) > max(west, other_west)
        ]
    return pieces


def hatching(feature: Feature, *, spacing: float, degrees: float = 45) -> list[tuple[Point, Point]]:
    """Return parallel lines within the area, `spacing` metres apart: Vega has no patterns, and lines print anywhere."""
    turn = math.radians(degrees)
    polygons = (tuple(tuple(_turned(point, -turn) for point in ring) for ring in one) for one in feature.polygons)
    turned = replace(feature, polygons=tuple(polygons))
    ys = [y for _, y in _points(turned)]
    first, last = math.ceil(min(ys) / spacing), math.floor(max(ys) / spacing)
    return [
        (_turned((west, row * spacing), turn), _turned((east, row * spacing), turn))
        for row in range(first, last + 1)
        for west, east in stretches(turned, row * spacing)
    ]


def _turned(point: Point, angle: float) -> Point:
    x, y = point
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def within(feature: Feature, frame: Frame) -> Feature:
    """Return what of an area lies within the frame: each outer ring cut off at its four sides, holes left out.

    Source: I.E. Sutherland and G.W. Hodgman, "Reentrant polygon clipping", CACM 17 (1974).
    """
    west, east = -frame.left / frame.scale, (frame.width - frame.left) / frame.scale
    south, north = (frame.top - frame.height) / frame.scale, frame.top / frame.scale
    rings = [polygon[0] for polygon in feature.polygons]
    for axis, limit, above in ((0, west, True), (0, east, False), (1, south, True), (1, north, False)):
        rings = [_cut_off(ring, axis=axis, limit=limit, above=above) for ring in rings]
    return replace(feature, polygons=tuple((ring,) for ring in rings if len(ring) > 3))


def _cut_off(ring: Ring, *, axis: int, limit: float, above: bool) -> Ring:
    """Keep what of a ring lies above (or below) a limit on one axis."""
    kept: list[Point] = []
    for one, other in pairwise(ring):
        inside, stays = ((point[axis] >= limit) is above or point[axis] == limit for point in (one, other))
        if inside:
            kept.append(one)
        if inside is not stays:
            part = (limit - one[axis]) / (other[axis] - one[axis])
            kept.append((one[0] + part * (other[0] - one[0]), one[1] + part * (other[1] - one[1])))
    return (*kept, kept[0]) if kept else ()
