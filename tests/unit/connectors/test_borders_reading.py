"""Borders from GeoJSON: what is read, what is refused, and that nothing in between happens with damaged files."""

import json
import math
import random
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.connectors import pdok
from koersvast.connectors.arcs import simplify
from koersvast.connectors.gate import OPEN_DATA_HOSTS
from koersvast.connectors.geojson import (
    BorderLimits,
    Feature,
    Level,
    Ring,
    outline_of,
    read_features,
    read_pages,
    to_metres,
)
from koersvast.connectors.problems import CODES
from koersvast.connectors.sheets import FileRefused

SQUARE = [[200_000, 500_000], [201_000, 500_000], [201_000, 501_000], [200_000, 501_000], [200_000, 500_000]]
HOLE = [[200_200, 500_200], [200_400, 500_200], [200_400, 500_400], [200_200, 500_400], [200_200, 500_200]]


def area(code: str = "BU01480101", rings: Any = None, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [SQUARE] if rings is None else rings}
    return {"type": "Feature", "properties": {"statcode": code, "statnaam": "Kern", **properties}, "geometry": geometry}


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def refused(data: bytes, *, limits: BorderLimits | None = None) -> str:
    with pytest.raises(FileRefused) as caught:
        read_features(data, limits=limits or BorderLimits())
    return caught.value.problem.name


def signed(ring: Ring) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring)) / 2


def test_area_is_read_with_code_name_level_and_where_it_lies() -> None:
    (read,) = read_features(collection(area()))
    assert (read.code, read.name, read.level, read.parent_code) == ("BU01480101", "Kern", Level.BUURT, "WK014801")
    assert read.polygons[0][0][0] == (200_000.0, 500_000.0)


@pytest.mark.parametrize(
    ("properties", "code", "name"),
    [
        (
            {"buurtcode": "BU01480101", "buurtnaam": "Kern", "wijkcode": "WK014801", "gemeentecode": "GM0148"},
            *("BU01480101", "Kern"),
        ),
        ({"wijkcode": "WK014801", "wijknaam": "Dorp", "gemeentecode": "GM0148"}, "WK014801", "Dorp"),
        ({"gemeentecode": "GM0148", "gemeentenaam": "Dalfsen"}, "GM0148", "Dalfsen"),
        ({"identificatie": "GM0148", "naam": "Dalfsen"}, "GM0148", "Dalfsen"),
        ({"BU_CODE": "BU01480101", "BU_NAAM": "Kern"}, "BU01480101", "Kern"),
        ({"statcode": "GM0148    ", "statnaam": ""}, "GM0148", "GM0148"),
    ],
)
def test_code_and_name_are_found_under_the_names_of_cbs(properties: dict[str, str], code: str, name: str) -> None:
    entry = area() | {"properties": properties}
    (read,) = read_features(collection(entry))
    assert (read.code, read.name) == (code, name)


def test_holes_run_against_their_outer_ring_however_they_were_wound() -> None:
    for outer in (SQUARE, SQUARE[::-1]):
        for hole in (HOLE, HOLE[::-1]):
            (read,) = read_features(collection(area(rings=[outer, hole])))
            assert signed(read.polygons[0][0]) < 0 < signed(read.polygons[0][1])


def test_degrees_become_metres_within_a_metre() -> None:
    # Published pairs of the same points: Westertoren in Amsterdam and Martinitoren in Groningen.
    for degrees, metres in (
        ((4.88352559, 52.37453253), (120_700.723, 487_525.502)),
        ((6.56820053, 53.21938317), (233_883.131, 582_065.167)),
    ):
        assert math.dist(to_metres(*degrees), metres) < 1


def test_file_in_degrees_is_told_from_one_in_metres() -> None:
    square = [[6.26, 52.50], [6.27, 52.50], [6.27, 52.51], [6.26, 52.51], [6.26, 52.50]]
    (read,) = read_features(collection(area(rings=[square])))
    x, y = read.polygons[0][0][0]
    assert 214_000 < x < 216_000
    assert 500_000 < y < 504_000


def test_heights_are_dropped_and_water_is_left_out() -> None:
    high = [[*point, 3.5] for point in SQUARE]
    (read,) = read_features(collection(area(rings=[high], water="NEE"), area(water="JA")))
    assert read.polygons[0][0][1] == (200_000.0, 501_000.0)  # wound clockwise


def test_pages_are_one_collection() -> None:
    both = read_pages([collection(area("BU01480101")), collection(area("BU01480102"))])
    assert [one.code for one in both] == ["BU01480101", "BU01480102"]
    with pytest.raises(FileRefused):
        read_pages([collection(area()), collection(area())])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("borders_not_json", b"\xff\xfe"),
        ("borders_not_json", b"{"),
        ("borders_not_json", b""),
        ("not_borders", b"[]"),
        ("not_borders", b'{"type": "Topology"}'),
        ("not_borders", b'{"type": "FeatureCollection", "features": {}}'),
        ("no_areas", collection()),
        ("no_areas", collection(area(water="JA"))),
        ("borders_too_deep", b"[" * 200_000),
        ("area_without_code", collection({"type": "Feature"})),
        ("area_without_code", collection(7)),
        ("area_without_code", collection(area() | {"properties": {"statcode": 148}})),
        ("unknown_area_code", collection(area("Dalfsen"))),
        ("area_twice", collection(area(), area())),
        ("not_an_area", collection(area() | {"geometry": {"type": "Point", "coordinates": [200_000, 500_000]}})),
        ("not_an_area", collection(area() | {"geometry": None})),
        ("not_an_area", collection(area(rings=[]))),
        ("ring_not_closed", collection(area(rings=[[*SQUARE[:-1], [200_100, 500_100]]]))),
        ("ring_without_area", collection(area(rings=[SQUARE[:3]]))),
        ("ring_without_area", collection(area(rings=[[SQUARE[0]] * 5]))),
        ("not_a_coordinate", collection(area(rings=[[["a", 1], *SQUARE]]))),
        ("not_a_coordinate", collection(area(rings=[[[True, False], *SQUARE]]))),
        ("not_a_coordinate", collection(area(rings=[[None, *SQUARE]]))),
        ("not_a_coordinate", collection(area()).replace(b"201000", b"NaN", 1)),
        ("not_a_coordinate", collection(area()).replace(b"201000", b"Infinity", 1)),
        ("not_a_coordinate", collection(area()).replace(b"201000", b"9" * 5_000, 1)),
        ("not_a_coordinate", collection(area()).replace(b"201000", b"9" * 400, 1)),
        ("outside_the_netherlands", collection(area()).replace(b"201000", b"1e308", 1)),
        ("outside_the_netherlands", collection(area(rings=[[[0, 0], [9, 0], [9, 9], [0, 0]]]))),
        ("outside_the_netherlands", collection(area(), area("GM0148", rings=[[[6, 52], [7, 52], [7, 53], [6, 52]]]))),
    ],
)
def test_file_that_does_not_hold_is_refused_with_its_reason(name: str, data: bytes) -> None:
    assert refused(data) == name


def test_limits_on_bytes_areas_and_points_hold() -> None:
    two = collection(area("BU01480101"), area("BU01480102"))
    assert refused(two, limits=BorderLimits(most_bytes=100)) == "borders_too_large"
    assert refused(two, limits=BorderLimits(most_areas=1)) == "too_many_areas"
    assert refused(two, limits=BorderLimits(most_points=9)) == "too_many_points"
    assert len(read_features(two, limits=BorderLimits(most_areas=2, most_points=10))) == 2


@pytest.mark.parametrize(("piece", "name"), [(b"[],", "too_many_points"), (b"{},", "too_many_areas")])
def test_file_of_brackets_is_refused_before_it_is_taken_apart(piece: bytes, name: str) -> None:
    limits = BorderLimits(most_areas=10, most_points=1_000)
    data = b'{"type":"FeatureCollection","features":[' + piece * 2_000 + b"\xff"
    assert refused(data, limits=limits) == name


def test_outline_is_the_same_from_any_first_point_and_in_either_direction() -> None:
    def outline(ring: list[list[int]]) -> str:
        return outline_of(read_features(collection(area(rings=[ring])))[0])

    turned = [*SQUARE[2:-1], *SQUARE[:3]]
    assert outline(SQUARE) == outline(turned) == outline(SQUARE[::-1])
    assert outline(SQUARE) != outline([[x + 10, y] for x, y in SQUARE])


# ── Damaged files ────────────────────────────────────────────────────────────────────────────────────────────────────

WHOLE = collection(
    area("BU01480101", rings=[SQUARE, HOLE]),
    area("BU01480102", rings=[[[x + 1_000, y] for x, y in SQUARE]]),
    area("GM0148") | {"geometry": {"type": "MultiPolygon", "coordinates": [[SQUARE], [HOLE]]}},
)
PIECES = (
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b'"',
    b"null",
    b"NaN",
    b"-1e999",
    b"1e400",
    b"\\u0000",
    b"\xff",
    b"true",
    b"[[[[",
)


def damaged(rng: random.Random) -> bytes:
    """The whole file after one to four accidents: bytes cut, doubled, swapped, or put in from elsewhere."""
    data = bytearray(WHOLE)
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(data)), rng.randint(1, 40)
        match rng.randrange(6):
            case 0:
                del data[at : at + length]
            case 1:
                data[at:at] = data[at : at + length]
            case 2:
                data[at] = rng.randrange(256)
            case 3:
                data[at:at] = rng.choice(PIECES)
            case 4:
                del data[at:]
            case _:
                other = rng.randrange(len(data))
                data[at], data[other] = data[other], data[at]
        if not data:
            break
    return bytes(data)


def test_five_thousand_damaged_files_are_read_whole_or_refused_with_a_known_reason() -> None:
    rng, outcomes = random.Random(20_240_101), Counter[str]()  # noqa: S311 - the same accidents every time
    for _ in range(5_000):
        data = damaged(rng)
        try:
            features = read_features(data)
        except FileRefused as error:
            outcomes[error.problem.name] += 1
        else:
            assert all(is_sound(feature) for feature in features)
            outcomes["read"] += 1
    known = {outcome.name for code, outcome in CODES.items() if code.startswith("G")}
    assert set(outcomes) <= {"read", *known}
    assert outcomes["read"] > 50
    assert len(outcomes) >= 8, outcomes


def is_sound(feature: Feature) -> bool:
    """What every area that was read is: closed rings of metres near the Netherlands, wound for filling."""
    return all(
        len(ring) >= 4
        and ring[0] == ring[-1]
        and (signed(ring) < 0) == (at == 0)
        and all(-60_000 <= x <= 340_000 and 270_000 <= y <= 720_000 for x, y in ring)
        for polygon in feature.polygons
        for at, ring in enumerate(polygon)
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "features", "properties", "geometry", "coordinates", "statcode"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(json_values)
def test_any_json_is_refused_with_a_known_reason(value: Any) -> None:
    for data in (json.dumps(value), json.dumps({"type": "FeatureCollection", "features": [value]})):
        with pytest.raises(FileRefused) as caught:
            read_features(data.encode())
        assert caught.value.problem.code in CODES


# ── Simpler outlines ─────────────────────────────────────────────────────────────────────────────────────────────────


type Corner = tuple[int, int]
type Borders = dict[tuple[Corner, Corner], list[list[int]]]


def wavy(corners: list[Corner], rng: random.Random, borders: Borders) -> list[list[int]]:
    """A ring of wavy borders; neighbours get the same border."""
    ring: list[list[int]] = []
    for one, other in pairwise([*corners, corners[0]]):
        ends = (min(one, other), max(one, other))
        if ends not in borders:
            (x1, y1), (x2, y2) = ends
            borders[ends] = [
                [round(x1 + (x2 - x1) * k / 20 + wave * rng.uniform(-20, 20)), round(y1 + (y2 - y1) * k / 20)]
                for k in range(21)
                for wave in [0 < k < 20]
            ]
        ring += (borders[ends] if ends[0] == one else borders[ends][::-1])[:-1]
    return [*ring, ring[0]]


def chessboard(seed: int, size: int = 3) -> tuple[Feature, ...]:
    rng = random.Random(seed)  # noqa: S311 - a board to draw, no secret
    borders: Borders = {}
    features = []
    for row in range(size):
        for column in range(size):
            x, y = 200_000 + 1_000 * column, 500_000 + 1_000 * row
            ring = wavy([(x, y), (x + 1_000, y), (x + 1_000, y + 1_000), (x, y + 1_000)], rng, borders)
            features.append(area(f"BU0148{row:02d}{column:02d}", rings=[ring]))
    return read_features(collection(*features))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([5.0, 25.0, 60.0]))
def test_simpler_neighbours_still_share_their_whole_border(seed: int, tolerance: float) -> None:
    board = chessboard(seed)
    simpler = simplify(board, tolerance_metres=tolerance)
    edges: Counter[frozenset[Any]] = Counter()
    for feature in simpler:
        ring = feature.polygons[0][0]
        assert ring[0] == ring[-1]
        edges.update(frozenset(pair) for pair in pairwise(ring))
    inner = [edge for edge, times in edges.items() if times == 2]
    assert set(edges.values()) <= {1, 2}
    assert len(inner) >= 12  # as many borders as a board of nine has inside
    whole = sum(abs(signed(one.polygons[0][0])) for one in simpler)
    outer = sum(abs(signed(one.polygons[0][0])) for one in board)
    assert abs(whole - outer) < 12_000 * tolerance
    assert sum(len(one.polygons[0][0]) for one in simpler) < sum(len(one.polygons[0][0]) for one in board)


def test_enclave_and_the_hole_around_it_stay_one_line() -> None:
    around = area("BU01480101", rings=[SQUARE, HOLE])
    simpler = simplify(read_features(collection(around, area("BU01480102", rings=[HOLE]))), tolerance_metres=50)
    assert set(simpler[0].polygons[0][1]) == set(simpler[1].polygons[0][0])


def test_hamlet_smaller_than_the_tolerance_does_not_vanish() -> None:
    small = [[200_010, 500_010], [200_020, 500_010], [200_020, 500_020], [200_010, 500_010]]
    (kept,) = simplify(read_features(collection(area(rings=[small]))), tolerance_metres=500)
    assert len(kept.polygons[0][0]) >= 4


# ── Where borders are served ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("level", [Level.PROVINCE, Level.MUNICIPALITY, Level.WIJK, Level.BUURT, Level.POLICE_UNIT])
def test_address_of_national_borders_is_at_an_allowed_host_in_the_dutch_grid(level: Level) -> None:
    found = urlsplit(pdok.national_url(level, 2024))
    asked = parse_qs(found.query)
    assert found.hostname in OPEN_DATA_HOSTS
    assert asked["jaarcode"] == ["2024"]
    assert asked["crs"][0].endswith("/28992")
    assert "historisch" in pdok.national_url(level, 2015)


def test_address_by_municipality_names_it_and_nothing_else() -> None:
    found = urlsplit(pdok.municipal_url(Level.BUURT, 2024, municipality="GM0148"))
    assert found.path == "/cbs/wijken-en-buurten-2024/ogc/v1/collections/buurten/items"
    assert parse_qs(found.query)["gemeentecode"] == ["GM0148"]


def test_borders_that_are_not_served_are_refused() -> None:
    for level, year in ((Level.OTHER, 2024), (Level.COUNTRY, 2024), (Level.BUURT, 1990)):
        with pytest.raises(pdok.NotServed):
            pdok.national_url(level, year)
    for level, year, code in (
        (Level.PROVINCE, 2024, "GM0148"),
        (Level.BUURT, 2019, "GM0148"),
        (Level.BUURT, 2024, "GM0148&f=html"),
    ):
        with pytest.raises(pdok.NotServed):
            pdok.municipal_url(level, year, municipality=code)


@pytest.mark.shared
def test_real_borders_of_dalfsen_and_its_neighbours_are_read(shared: Path) -> None:
    folder = shared / "reference/opendata/08_geo/dev"
    buurten = read_features((folder / "dalfsen_buurten_2024.geojson").read_bytes())
    assert len(buurten) == 36
    assert {one.level for one in buurten} == {Level.BUURT}
    assert all(is_sound(one) for one in buurten)
    neighbours = read_features((folder / "ijsselland_gemeenten_2024.geojson").read_bytes())
    assert {one.level for one in neighbours} == {Level.MUNICIPALITY}
