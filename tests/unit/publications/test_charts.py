"""Charts: what the specification says, and that it can be drawn."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.publications.blocks import BadBlock, Language
from koersvast.publications.charts import (
    Bar,
    Baseline,
    BreakMark,
    Panel,
    SeriesPoint,
    Spec,
    TargetPoint,
    bar_chart,
    line_chart,
    number,
    small_multiples,
    spark_line,
)
from koersvast.publications.converters import ConversionFailed
from koersvast.publications.drawing import Drawing, Kind, compile_vega, draw, render_png, render_svg
from koersvast.publications.theme import Theme


def points(values: dict[str, float], *, series: str = "") -> list[SeriesPoint]:
    return [SeriesPoint(period=period, value=value, series=series) for period, value in values.items()]


BURGLARIES = {"2016": 76.0, "2017": 40.0, "2018": 27.0, "2019": 40.0}


def burglaries(theme: Theme, **more: Any) -> Spec:
    return line_chart(points(BURGLARIES), theme=theme, description="Woninginbraken dalen.", unit="Aantal", **more)


def rows(spec: Spec, kind: str) -> list[dict[str, Any]]:
    return [row for layer in spec["layer"] if layer["mark"]["type"] == kind for row in layer["data"]["values"]]


def test_line_chart_carries_one_description_and_no_generated_words(theme: Theme) -> None:
    spec = burglaries(theme)
    assert spec["description"] == "Woninginbraken dalen."
    assert spec["config"]["aria"] is False
    assert spec["config"]["locale"]["number"]["decimal"] == ","
    assert '"Noto Sans"' in spec["config"]["font"]


def test_line_chart_with_a_break_has_no_link_across_it(theme: Theme) -> None:
    spec = burglaries(theme, breaks=[BreakMark(period="2018", label="Andere bron")])
    links = [(row["period"], row["until"]) for row in rows(spec, "rule") if "until" in row]
    assert links == [("2016", "2017"), ("2018", "2019")]


def test_line_chart_over_unmeasured_years_keeps_their_place_and_dots_the_link(theme: Theme) -> None:
    spec = line_chart(points({"2013": 56, "2017": 61}), theme=theme, description="x", unit="%")
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == ["2013", "2014", "2015", "2016", "2017"]
    assert [row["kind"] for row in rows(spec, "rule") if "until" in row] == ["gap"]
    assert any("niet gemeten" in row["text"] for row in rows(spec, "text"))


def test_line_chart_labels_each_target_with_its_value(theme: Theme) -> None:
    spec = burglaries(theme, targets=[TargetPoint(period="2019", value=35), TargetPoint(period="2020", value=30)])
    texts = [row["text"] for row in rows(spec, "text")]
    assert ["Doel", "35"] in texts
    assert ["Doel", "30"] in texts


def test_provisional_point_is_hollow_and_says_so(theme: Theme) -> None:
    spec = line_chart(
        [SeriesPoint(period="2021", value=13), SeriesPoint(period="2022", value=28, provisional=True)],
        theme=theme,
        description="x",
        unit="Aantal",
    )
    assert [row["provisional"] for row in rows(spec, "point")] == [False, True]
    assert ["28", "voorlopig"] in [row["text"] for row in rows(spec, "text")]


def test_several_series_are_named_at_their_ends_without_touching(theme: Theme) -> None:
    both = [*points({"2016": 10, "2017": 40}, series="Inbraak"), *points({"2016": 60, "2017": 40}, series="Geweld")]
    spec = line_chart(both, theme=theme, description="x", unit="Aantal")
    named = {
        row["text"]: row["place"] for row in rows(spec, "text") if "Inbraak" in row["text"] or "Geweld" in row["text"]
    }
    assert set(named) == {"40  Inbraak", "40  Geweld"}
    assert abs(named["40  Inbraak"] - named["40  Geweld"]) > 0
    assert len({row["colour"] for row in rows(spec, "point")}) == 2


@pytest.mark.parametrize(
    ("value", "decimals", "language", "text"),
    [
        (1244, 0, Language.DUTCH, "1.244"),
        (7.4, 1, Language.DUTCH, "7,4"),
        (1244.5, 1, Language.ENGLISH, "1,244.5"),
        (-3.25, 2, Language.DUTCH, "-3,25"),
    ],
)
def test_number_is_written_as_the_language_does(value: float, decimals: int, language: Language, text: str) -> None:
    assert number(value, decimals=decimals, language=language) == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": float("nan")},
        {"value": 1, "low": 0},
        {"value": 1, "low": 2, "high": 1},
        {"value": 1, "low": 0, "high": float("inf")},
    ],
)
def test_point_that_cannot_be_drawn_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadBlock):
        SeriesPoint(period="2019", **wrong)  # type: ignore[arg-type]  # numbers only


def test_chart_of_nothing_is_refused(theme: Theme) -> None:
    with pytest.raises(BadBlock):
        line_chart([], theme=theme, description="x", unit="Aantal")
    with pytest.raises(BadBlock):
        bar_chart([], theme=theme, description="x", unit="Aantal")


@settings(max_examples=60)
@given(st.lists(st.floats(min_value=-1e6, max_value=1e9, allow_nan=False), min_size=1, max_size=30), st.booleans())
def test_axis_always_holds_every_value(values: list[float], from_zero: bool) -> None:
    made = [SeriesPoint(period=str(1990 + at), value=value) for at, value in enumerate(values)]
    spec = line_chart(made, theme=Theme(fonts=Path("fonts")), description="x", unit="y", from_zero=from_zero)
    low, high = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert low <= min(values) <= max(values) <= high
    assert low < high


def every_chart(theme: Theme) -> dict[str, Spec]:
    made = points(BURGLARIES)
    return {
        "line": burglaries(theme, baselines=[Baseline(value=40, label="Nulmeting 2017: 40")], width="container"),
        "spark": spark_line(made, theme=theme, description="x"),
        "multiples": small_multiples(
            [Panel(title="a", points=tuple(made)), Panel(title="b", points=tuple(made[:2]))],
            theme=theme,
            description="x",
        ),
        "bar": bar_chart(
            [Bar(label="Rivierdal", value=1.4, own=True, low=0.8, high=2.2), Bar(label="Ommen", value=3.2)],
            theme=theme,
            description="x",
            unit="Per 1.000",
            decimals=1,
            reference=Baseline(value=2.4, label="Nederland 2,4"),
        ),
    }


def test_every_kind_of_chart_can_be_drawn(theme: Theme) -> None:
    specs = every_chart(theme)
    drawings = [
        Drawing(name=name, kind=kind, spec=spec) for name, spec in specs.items() for kind in (Kind.SVG, Kind.PNG)
    ]
    pictures = draw(drawings, fonts=theme.fonts)
    assert all(picture.startswith((b"<svg", b"\x89PNG")) for picture in pictures)
    assert not any(b"NaN" in picture for picture in pictures if picture.startswith(b"<svg"))


def test_svg_has_dutch_numbers_the_house_font_and_no_english(theme: Theme) -> None:
    svg = render_svg(
        line_chart(points({"2016": 1244, "2017": 3000}), theme=theme, description="x", unit="Aantal"), fonts=theme.fonts
    )
    assert "1.244" in svg
    assert "3,000" not in svg
    assert "Noto Sans" in svg
    assert not re.search(r"aria-label|X-axis|Y-axis", svg)


def test_vega_for_the_browser_is_version_6_and_has_the_description(theme: Theme) -> None:
    compiled = compile_vega(burglaries(theme), fonts=theme.fonts)
    assert compiled["$schema"].endswith("vega/v6.json")
    assert compiled["description"] == "Woninginbraken dalen."
    json.dumps(compiled)


def test_drawing_that_fails_is_named(theme: Theme) -> None:
    wrong = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "mark": 3, "encoding": 4}
    with pytest.raises(ConversionFailed, match="Figuur 7"):
        draw([Drawing(name="Figuur 7", kind=Kind.SVG, spec=wrong)], fonts=theme.fonts)


def test_same_drawing_is_kept_in_a_folder_for_the_next_process(theme: Theme, tmp_path: Any) -> None:
    first = render_png(burglaries(theme, height=123), fonts=theme.fonts, scale=1, keep_in=tmp_path)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [first]
