"""Simpler outlines for drawing: fewer points, while areas that touch go on touching. Pure.

Neighbours share their border as an arc between two points where three areas meet. Each arc is simplified once (Douglas
and Peucker) and used by both, so that no gaps or overlaps appear. What would collapse (a hamlet, a small island) keeps
its points, with the arcs it shares.
Source: D.H. Douglas and T.K. Peucker, "Algorithms for the reduction of the number of points", Cartographica 10 (1973).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from koersvast.connectors.geojson import Feature, Polygon

type Place = tuple[int, int]  # whole metres
type Arc = tuple[Place, ...]

_LEAST_POINTS = 4  # of a closed ring


def simplify(features: Sequence[Feature], *, tolerance_metres: float) -> tuple[Feature, ...]:
    """Return the areas to the metre with outlines that lie at most `tolerance_metres` from the given ones."""
    rings = {
        (code, at, ring_at): _rounded(ring)
        for code, polygons in ((feature.code, feature.polygons) for feature in features)
        for at, polygon in enumerate(polygons)
        for ring_at, ring in enumerate(polygon)
    }
    junctions = _junctions(rings.values())
    arcs = {key: _cut(ring, junctions) for key, ring in rings.items()}
    small = {
        _canonical(arc)
        for cut in arcs.values()
        if len(_joined([_simpler(arc, tolerance_metres) for arc in cut])) < _LEAST_POINTS
        for arc in cut
    }
    made: dict[Arc, Arc] = {}
    for cut in arcs.values():
        for arc in cut:
            known = _canonical(arc)
            if known not in made:
                made[known] = known if known in small else _simpler(known, tolerance_metres)
    return tuple(replace(feature, polygons=_rebuilt(feature, arcs, made)) for feature in features)


def _rebuilt(
    feature: Feature, arcs: Mapping[tuple[str, int, int], Sequence[Arc]], made: Mapping[Arc, Arc]
) -> tuple[Polygon, ...]:
    polygons = []
    for at, polygon in enumerate(feature.polygons):
        rings = []
        for ring_at in range(len(polygon)):
            pieces = [_along(arc, made) for arc in arcs[feature.code, at, ring_at]]
            ring = tuple((float(x), float(y)) for x, y in _joined(pieces))
            if len(ring) >= _LEAST_POINTS:
                rings.append(ring)
            elif ring_at == 0:
                break
        if rings:
            polygons.append(tuple(rings))
    return tuple(polygons) or feature.polygons


def _along(arc: Arc, made: Mapping[Arc, Arc]) -> Arc:
    """The simplified arc in the direction of this one."""
    known = _canonical(arc)
    return made[known] if known == arc else made[known][::-1]


def _rounded(ring: Iterable[tuple[float, float]]) -> Arc:
    """To the metre, without points that repeat; a ring stays closed."""
    points: list[Place] = []
    for x, y in ring:
        place = (round(x), round(y))
        if not points or points[-1] != place:
            points.append(place)
    if points[0] != points[-1] or len(points) == 1:
        points.append(points[0])
    return tuple(points)


def _junctions(rings: Iterable[Arc]) -> set[Place]:
    """Points where borders part: those with other than two neighbours over all rings."""
    neighbours: dict[Place, set[Place]] = defaultdict(set)
    for ring in rings:
        for one, other in pairwise(ring):
            neighbours[one].add(other)
            neighbours[other].add(one)
    return {place for place, near in neighbours.items() if len(near) != 2}


def _cut(ring: Arc, junctions: set[Place]) -> list[Arc]:
    """Cut a ring where borders part; a ring that nobody else touches partly is cut at its least and farthest point."""
    corners = [at for at, place in enumerate(ring[:-1]) if place in junctions]
    if not corners:
        least = ring.index(min(ring))
        turned = (*ring[least:-1], *ring[: least + 1])
        far = max(range(len(turned)), key=lambda at: (_distance2(turned[0], turned[at]), turned[at]))
        return [arc for arc in (turned[: far + 1], turned[far:]) if len(arc) > 1]
    turned = (*ring[corners[0] : -1], *ring[: corners[0] + 1])
    at = [place for place, point in enumerate(turned) if point in junctions]
    return [turned[start : end + 1] for start, end in pairwise(at)]


def _canonical(arc: Arc) -> Arc:
    """One of the two directions, the same for both neighbours."""
    return min(arc, arc[::-1])


def _joined(arcs: Iterable[Arc]) -> Arc:
    points: list[Place] = []
    for arc in arcs:
        points += arc[1:] if points else arc
    return tuple(points)


def _simpler(arc: Arc, tolerance: float) -> Arc:
    """Keep the ends and every point that lies farther than the tolerance from the line without it."""
    kept, limit = {0, len(arc) - 1}, tolerance**2
    stack = [(0, len(arc) - 1)]
    while stack:
        start, end = stack.pop()
        farthest, distance = 0, limit
        for at in range(start + 1, end):
            found = _from_line2(arc[at], arc[start], arc[end])
            if found > distance:
                farthest, distance = at, found
        if farthest:
            kept.add(farthest)
            stack += [(start, farthest), (farthest, end)]
    return tuple(arc[at] for at in sorted(kept))


def _distance2(one: Place, other: Place) -> int:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def _from_line2(point: Place, start: Place, end: Place) -> float:
    """The square of the distance from a point to a piece of line."""
    length2 = _distance2(start, end)
    if not length2:
        return _distance2(point, start)
    along = ((point[0] - start[0]) * (end[0] - start[0]) + (point[1] - start[1]) * (end[1] - start[1])) / length2
    along = min(1.0, max(0.0, along))
    x, y = start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1])
    return (point[0] - x) ** 2 + (point[1] - y) ** 2
