"""Maps: classes that hold what they say, areas that stay in their place, and words that fit."""

import csv
import json
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.connectors.geojson import Feature, Level, read_features
from koersvast.engine.quantities import Missing
from koersvast.publications.blocks import BadBlock, Language
from koersvast.publications.drawing import render_png, render_svg
from koersvast.publications.map_classes import BadClasses, ClassMethod, classes, rounded
from koersvast.publications.maps import AreaValue, choropleth, class_colours, class_texts, describe, map_rows
from koersvast.publications.outlines import area_km2, frame_of, hatching, room_for, stretches, within
from koersvast.publications.palette import diverging_ramp, ramp
from koersvast.publications.theme import Theme, contrast

type Spec = dict[str, Any]


def square(code: str, name: str, *, x: int = 0, y: int = 0, size: int = 1_000) -> Feature:
    west, south = 200_000.0 + x, 500_000.0 + y
    ring = ((west, south), (west, south + size), (west + size, south + size), (west + size, south), (west, south))
    return Feature(code=code, name=name, level=Level.BUURT, polygons=((ring,),))


TOWN = (
    square("BU99010001", "Kern", size=2_000),
    square("BU99010002", "Oost", x=2_000),
    square("BU99010003", "Noord", y=2_000),
    square("BU99010004", "Hoek", x=2_000, y=1_000, size=200),
    square("BU99010005", "Veld", x=1_000, y=2_000),
)
VALUES = {
    "BU99010001": AreaValue(amount=12.34, low=10.1, high=14.9),
    "BU99010002": AreaValue(amount=3.0),
    "BU99010003": AreaValue(amount=30.5),
    "BU99010004": AreaValue(missing=Missing.WITHHELD),
}


def drawn(theme: Theme, **more: Any) -> Spec:
    made = classes([value.amount for value in VALUES.values() if value.amount is not None], most=3)
    wanted: dict[str, Any] = {"classes": made, "description": "Kaart.", "unit": "Misdrijven per 1.000 inwoners"}
    return choropleth(TOWN, VALUES, theme=theme, **(wanted | more))


def rows(spec: Spec, kind: str) -> list[dict[str, Any]]:
    return [row for layer in spec["layer"] if layer["mark"]["type"] == kind for row in layer["data"]["values"]]


def shapes(spec: Spec) -> list[list[dict[str, Any]]]:
    return [layer["data"]["values"] for layer in spec["layer"] if layer["mark"]["type"] == "geoshape"]


# ── Classes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

amounts = st.lists(st.floats(0, 500), min_size=1, max_size=60)


@settings(max_examples=150, deadline=None)
@given(amounts, st.sampled_from(list(ClassMethod)), st.integers(2, 7), st.integers(0, 2), st.floats(0, 500))
def test_every_amount_lies_in_the_class_whose_words_hold_it(
    known: list[float], method: ClassMethod, most: int, decimals: int, centre: float
) -> None:
    made = classes(known, method=method, most=most, decimals=decimals, centre=centre)
    assert 1 <= made.count <= 7
    for amount in known:
        place, printed = made.place(amount), rounded(amount, decimals)
        assert made.edges[place] <= printed
        assert printed < made.edges[place + 1] or place == made.count - 1
        assert printed <= made.edges[-1]


def test_quantile_classes_hold_about_equally_many_areas() -> None:
    made = classes([float(n) for n in range(100)], method=ClassMethod.QUANTILE, most=5, decimals=0)
    assert made.edges == (0, 20, 40, 60, 80, 99)


def test_equal_classes_have_one_width() -> None:
    assert classes([0, 3, 10], method=ClassMethod.EQUAL, most=5, decimals=0).edges == (0, 2, 4, 6, 8, 10)


def test_natural_breaks_fall_between_groups() -> None:
    groups = [1, 1.1, 1.2, 5, 5.1, 5.2, 20, 20.5]
    assert classes(groups, method=ClassMethod.NATURAL, most=3).edges == (1, 5, 20, 20.5)


def test_natural_breaks_are_the_best_of_all_ways_to_cut() -> None:
    known = [1.0, 2.0, 2.5, 4.0, 7.0, 7.5, 11.0, 30.0]

    def spread(parts: Sequence[Sequence[float]]) -> float:
        return sum(sum((a - sum(part) / len(part)) ** 2 for a in part) for part in parts)

    best = min(
        spread([known[:i], known[i:j], known[j:]]) for i in range(1, len(known)) for j in range(i + 1, len(known))
    )
    made = classes(known, method=ClassMethod.NATURAL, most=3)
    parts = [[a for a in known if made.place(a) == at] for at in range(made.count)]
    assert math.isclose(spread(parts), best)


def test_classes_around_a_reference_have_it_in_the_middle() -> None:
    made = classes([1, 2, 3, 4, 5, 6, 7, 8, 9], method=ClassMethod.AROUND, most=5, centre=5.0)
    assert made.middle is not None
    low, high = made.edges[made.middle], made.edges[made.middle + 1]
    assert math.isclose((low + high) / 2, 5)


def test_one_extreme_place_does_not_stretch_the_classes_around_a_reference() -> None:
    usual = [8.0, 9.0, 9.5, 10.0, 10.5, 11.0, 12.0, 9.0, 10.0, 11.5]
    with_one = classes([*usual, 400.0], method=ClassMethod.AROUND, most=5, centre=10.0)
    assert with_one.edges[-2] < 20


@pytest.mark.parametrize(
    ("known", "more"),
    [
        ([], {}),
        ([1.0, math.nan], {}),
        ([1.0], {"most": 8}),
        ([1.0], {"most": 1}),
        ([1.0], {"method": ClassMethod.AROUND}),
    ],
)
def test_classes_that_cannot_be_made_are_refused(known: list[float], more: dict[str, Any]) -> None:
    with pytest.raises(BadClasses):
        classes(known, **more)


def test_words_of_classes_are_dutch_and_the_last_one_has_an_end() -> None:
    made = classes([1000.0, 1500.0, 2500.0], method=ClassMethod.EQUAL, most=3)
    assert class_texts(made) == ("1.000,0 tot 1.500,0", "1.500,0 tot 2.000,0", "2.000,0 t/m 2.500,0")
    assert class_texts(made, language=Language.ENGLISH)[0] == "1,000.0 to under 1,500.0"
    assert class_texts(classes([4.0, 4.0])) == ("4,0",)


@pytest.mark.parametrize("colour", ["#0b6157", "#8a1538", "#f2c200", "#777777"])
@pytest.mark.parametrize("steps", [2, 5, 7])
def test_ramp_keeps_its_order_in_grey(colour: str, steps: int) -> None:
    light = [contrast(step, "#000000") for step in ramp(colour, steps)]
    assert light == sorted(light, reverse=True)
    assert all(one / other > 1.15 for one, other in pairwise(light))


def test_ramps_on_either_side_of_a_reference_are_equally_dark() -> None:
    colours = diverging_ramp(2, 3)
    light = [contrast(colour, "#000000") for colour in colours]
    assert light[:3] == sorted(light[:3])
    assert light[2:] == sorted(light[2:], reverse=True)
    assert math.isclose(light[1], light[3], rel_tol=0.1)


# ── The map ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_area_is_drawn_grey_first_and_then_by_its_class(theme: Theme) -> None:
    ground, measured, *_ = shapes(drawn(theme))
    assert [shape["code"] for shape in ground] == [feature.code for feature in TOWN]
    assert {shape["code"] for shape in measured} == {"BU99010001", "BU99010002", "BU99010003"}
    assert len({shape["colour"] for shape in measured}) == 3


def test_fields_of_shapes_are_flat(theme: Theme) -> None:
    assert all(shape["properties"] == {} for shape in shapes(drawn(theme))[1])


def test_map_carries_one_description_and_no_generated_words(theme: Theme) -> None:
    spec = drawn(theme)
    assert spec["description"] == "Kaart."
    assert spec["config"]["aria"] is False


def test_legend_counts_the_areas_of_each_class_and_reason(theme: Theme) -> None:
    texts = [row["text"] for row in rows(drawn(theme), "text") if isinstance(row["text"], str)]
    assert "te weinig om te tonen" in texts
    assert "niet bekend" in texts
    assert texts.count("1") == 5  # three classes with one area each, one withheld, one not known


def test_withheld_area_is_hatched_and_its_amount_is_nowhere(theme: Theme) -> None:
    spec = drawn(theme)
    lines = [shape for group in shapes(spec) for shape in group if shape["geometry"]["type"] == "MultiLineString"]
    assert len(lines) == 1
    assert "Hoek" not in json.dumps(spec)


def test_selected_area_has_an_outline_of_its_own(theme: Theme) -> None:
    assert [shape["code"] for shape in shapes(drawn(theme, selected=["BU99010002"]))[-1]] == ["BU99010002"]


def test_name_stands_in_an_area_only_when_it_fits(theme: Theme) -> None:
    texts = [row["text"] for row in rows(drawn(theme), "text")]
    assert "Kern" in texts
    assert "Hoek" not in texts
    assert "Kern" not in [row["text"] for row in rows(drawn(theme, names=False), "text")]


def test_printed_map_is_grey_and_hatches_what_is_below_the_reference(theme: Theme) -> None:
    made = classes([3.0, 12.34, 30.5], method=ClassMethod.AROUND, most=5, centre=20.0)
    assert all(one[1:3] == one[3:5] == one[5:7] for one in class_colours(made, theme=theme, printed=True))
    plain, printed = (drawn(theme, classes=made, printed=on) for on in (False, True))
    assert len(shapes(printed)) == len(shapes(plain)) + 1


def test_map_without_amounts_shows_why_and_without_areas_is_refused(theme: Theme) -> None:
    spec = choropleth(TOWN, {}, classes=None, theme=theme, description="x", unit="x")
    assert "niet bekend" in [row["text"] for row in rows(spec, "text")]
    with pytest.raises(BadBlock):
        choropleth((), {}, classes=None, theme=theme, description="x", unit="x")


def test_area_value_is_an_amount_or_a_reason_and_never_both() -> None:
    with pytest.raises(BadBlock):
        AreaValue()
    with pytest.raises(BadBlock):
        AreaValue(amount=1.0, missing=Missing.WITHHELD)


def test_table_has_a_row_for_every_area_with_the_words_of_the_legend() -> None:
    made = classes([12.34, 3.0, 30.5], most=3)
    table = map_rows(TOWN, VALUES, classes=made)
    assert [row.name for row in table] == ["Noord", "Kern", "Oost", "Hoek", "Veld"]
    assert (table[1].text, table[1].interval, table[1].class_text) == ("12,3", "10,1 – 14,9", "12,3 tot 30,5")
    assert [row.reason_text for row in table[3:]] == ["te weinig om te tonen", "niet bekend"]
    assert {row.class_text for row in table[:3]} == set(class_texts(made))


def test_description_names_the_ends_and_what_is_not_shown() -> None:
    table = map_rows(TOWN, VALUES, classes=classes([12.34, 3.0, 30.5]))
    assert describe(table, what="Misdrijven per 1.000 inwoners in 2023") == (
        "Kaart met 5 gebieden. Misdrijven per 1.000 inwoners in 2023. Het laagst is 3,0 (Oost), het hoogst 30,5 "
        "(Noord). Te weinig om te tonen: 1. Niet bekend: 1."
    )


@pytest.mark.parametrize("more", [{}, {"printed": True}, {"width": 340}, {"language": Language.ENGLISH}])
def test_map_can_be_drawn(theme: Theme, more: dict[str, Any]) -> None:
    svg = render_svg(
        drawn(theme, surroundings=[square("GM9902", "Heidestad", x=-3_000, size=9_000)], **more), fonts=theme.fonts
    )
    assert svg.count("<path") >= 8
    assert ("areas" if "language" in more else "gebieden") in svg


# ── The geometry ─────────────────────────────────────────────────────────────────────────────────────────────────────


def with_hole() -> Feature:
    outer, inner = square("A", "A", size=1_000).polygons[0][0], square("A", "A", x=400, y=400, size=200).polygons[0][0]
    return Feature(code="A", name="A", level=Level.BUURT, polygons=((outer, inner[::-1]),))


def test_area_is_counted_without_its_holes() -> None:
    assert area_km2(with_hole()) == pytest.approx(0.96)


def test_line_through_a_hole_is_in_two_pieces() -> None:
    assert stretches(with_hole(), 500_500) == [(200_000, 200_400), (200_600, 201_000)]


def test_room_for_words_avoids_a_hole() -> None:
    room = room_for(with_hole(), height=100)
    assert room is not None
    assert room.width == 1_000
    assert abs(room.y - 500_500) > 100
    assert room_for(with_hole(), height=2_000) is None


def test_hatching_stays_within_the_area() -> None:
    for (x1, y1), (x2, y2) in hatching(with_hole(), spacing=50):
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        assert any(west - 1 <= x <= east + 1 for west, east in stretches(with_hole(), y))


def test_surroundings_are_cut_off_at_the_frame() -> None:
    plan = frame_of(TOWN, width=300, most_height=300)
    cut = within(square("GM9902", "Heidestad", x=-9_000, y=-9_000, size=20_000), plan)
    places = [plan.pixel(point) for point in cut.polygons[0][0]]
    assert {(round(x), round(y)) for x, y in places} == {(0, 0), (0, 300), (300, 300), (300, 0)}
    assert within(square("GM9903", "Veenrade", x=90_000), plan).polygons == ()


@pytest.mark.shared
def test_real_neighbourhoods_of_dalfsen_are_drawn(shared: Path, theme: Theme) -> None:
    folder = shared / "reference/opendata"
    features = read_features((folder / "08_geo/dev/dalfsen_buurten_2024.geojson").read_bytes())
    figures = (folder / "04_buurten_2023_2024/dev/dalfsen_buurten_2023.csv").read_text(encoding="utf-8").splitlines()
    values = {}
    for row in csv.DictReader(figures):
        few = int(row["inwoners_2024"] or 0) < 100
        values[row["buurtcode"]] = (
            AreaValue(missing=Missing.WITHHELD) if few else AreaValue(amount=float(row["per_1000_afgeleid"]))
        )
    known = [value.amount for value in values.values() if value.amount is not None]
    spec = choropleth(
        features,
        values,
        classes=classes(known),
        theme=theme,
        description="x",
        unit="Misdrijven per 1.000 inwoners, 2023",
    )
    assert len(map_rows(features, values, classes=classes(known))) == 36
    assert render_png(spec, fonts=theme.fonts).startswith(b"\x89PNG")
    assert len(json.dumps(spec)) < 60_000
