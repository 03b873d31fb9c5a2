"""Charts that compare: what the specifications say, that words make way for points, and that they can be drawn."""

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.publications.blocks import BadBlock, Language
from koersvast.publications.charts import Baseline, BreakMark, SeriesPoint, Spec
from koersvast.publications.comparison_charts import (
    FunnelLimit,
    FunnelPoint,
    RankedPlace,
    Side,
    funnel_chart,
    ranked_bars,
)
from koersvast.publications.control_charts import ControlPoint, Signal, control_chart
from koersvast.publications.course_charts import Half, IndexLine, index_lines, pair_chart
from koersvast.publications.drawing import Drawing, Kind, draw
from koersvast.publications.placing import Box, first_that_fits, spread, text_box, text_width
from koersvast.publications.theme import Theme


def rows(spec: Spec, kind: str) -> list[dict[str, Any]]:
    return [row for layer in spec["layer"] if layer["mark"]["type"] == kind for row in layer["data"]["values"]]


def texts(spec: Spec) -> list[str]:
    return [row["text"] for row in rows(spec, "text") if "text" in row]


def marks(spec: Spec, kind: str, **look: Any) -> list[dict[str, Any]]:
    return [
        row
        for layer in spec["layer"]
        if layer["mark"]["type"] == kind and look.items() <= layer["mark"].items()
        for row in layer["data"]["values"]
    ]


LIMITS = [
    FunnelLimit(
        size=size,
        low_95=3 - 60 / math.sqrt(size),
        high_95=3 + 60 / math.sqrt(size),
        low_998=3 - 95 / math.sqrt(size),
        high_998=3 + 95 / math.sqrt(size),
    )
    for size in (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 400_000)
]
PLACES = [
    FunnelPoint(name="Lindelo", size=28_300, rate=2.1, own=True),
    FunnelPoint(name="Heidestad", size=58_400, rate=6.2, outside=Side.ABOVE),
    FunnelPoint(name="Veenrade", size=17_900, rate=0.4, outside=Side.BELOW),
    FunnelPoint(name="Broekzijl", size=24_600, rate=2.9),
    FunnelPoint(name="Rivierdal", size=121_500, rate=3.1),
]


def funnel(theme: Theme, places: list[FunnelPoint] = PLACES, **more: Any) -> Spec:
    line = Baseline(value=3, label="Nederland 3,0")
    words: dict[str, Any] = {"unit": "Inbraken", "size_unit": "Inwoners", "description": "Trechter."}
    return funnel_chart(places, LIMITS, centre=line, theme=theme, **words, **more)


def test_funnel_names_its_own_place_with_its_rate_and_others_only_outside(theme: Theme) -> None:
    said = texts(funnel(theme))
    assert "Lindelo 2,1" in said
    assert {"Heidestad", "Veenrade"} <= set(said)
    assert not {"Broekzijl", "Rivierdal"} & set(said)


def test_funnel_tells_outside_by_shape_as_well_as_by_colour(theme: Theme) -> None:
    spec = funnel(theme)
    assert [row["name"] for row in marks(spec, "point", shape="triangle-up")] == ["Heidestad"]
    assert [row["name"] for row in marks(spec, "point", shape="triangle-down")] == ["Veenrade"]


def test_funnel_names_at_most_so_many_others(theme: Theme) -> None:
    many = [
        FunnelPoint(name=f"Plaats {n}", size=3_000 * (n + 1), rate=5 + n % 5, outside=Side.ABOVE) for n in range(40)
    ]
    named = {text for text in texts(funnel(theme, [*PLACES, *many], most_named=6)) if text.startswith("Plaats")}
    assert 1 <= len(named) <= 6


def test_names_in_a_funnel_touch_no_point_and_no_other_name(theme: Theme) -> None:
    many = [
        FunnelPoint(name=f"Plaats {n}", size=3_000 * (n + 1), rate=5 + n % 4, outside=Side.ABOVE) for n in range(12)
    ]
    placed = {(row["x"], row["y"], row["text"]) for row in rows(funnel(theme, many), "text") if "own" in row}
    boxes = [text_box(text, x=x, y=y, font_size=12, align="left") for x, y, text in placed]
    assert boxes
    assert not any(one.touches(other) for at, one in enumerate(boxes) for other in boxes[:at])


def test_funnel_of_places_of_one_size_has_a_plain_axis_and_a_wide_one_a_logarithmic(theme: Theme) -> None:
    def scale(places: list[FunnelPoint]) -> Any:
        spec = funnel(theme, places)
        return next(layer["encoding"]["x"]["scale"] for layer in spec["layer"] if layer["mark"]["type"] == "line")

    assert "type" not in scale(PLACES)
    assert scale([*PLACES, FunnelPoint(name="Eiland", size=950, rate=3)])["type"] == "log"


def test_limits_of_a_funnel_never_go_below_zero(theme: Theme) -> None:
    assert min(row["low_998"] for row in rows(funnel(theme), "area")) == 0


def test_funnel_without_places_is_refused(theme: Theme) -> None:
    with pytest.raises(BadBlock):
        funnel(theme, [])


def ranking(count: int, own: int) -> list[RankedPlace]:
    return [
        RankedPlace(name=f"Plaats {n}", value=n / 2, low=n / 2 - 0.4, high=n / 2 + 0.6, rank=n + 1, own=n == own)
        for n in range(count)
    ]


def test_short_ranking_shows_everybody(theme: Theme) -> None:
    spec = ranked_bars(ranking(12, 4), theme=theme, description="x", unit="x")
    assert len([text for text in texts(spec) if "Plaats" in text]) == 12


def test_long_ranking_shortens_and_counts_what_is_left_out(theme: Theme) -> None:
    spec = ranked_bars(ranking(342, 100), theme=theme, description="x", unit="x", around_own=4, at_ends=3)
    shown = [text for text in texts(spec) if "Plaats" in text]
    left_out = [text for text in texts(spec) if "gemeenten" in text]
    assert left_out == ["… 93 gemeenten …", "… 234 gemeenten …"]
    assert len(shown) + 93 + 234 == 342
    assert "101.  Plaats 100" in shown


def test_place_left_out_alone_is_shown_after_all(theme: Theme) -> None:
    spec = ranked_bars(ranking(30, 8), theme=theme, description="x", unit="x", most=10, around_own=4, at_ends=3)
    assert "4.  Plaats 3" in texts(spec)


def test_own_place_of_a_ranking_has_a_ground_of_its_own_and_the_reference_is_named(theme: Theme) -> None:
    line = Baseline(value=3.4, label="Nederland 3,4")
    spec = ranked_bars(ranking(12, 4), theme=theme, description="x", unit="x", reference=line)
    assert [row["row"] for row in rows(spec, "bar")] == [4]
    assert "Nederland 3,4" in [row.get("label") for row in rows(spec, "text")]


def course(name: str, values: dict[int, float], *, own: bool = False, provisional: int = 0) -> IndexLine:
    points = (
        SeriesPoint(period=str(year), value=amount, provisional=year == provisional) for year, amount in values.items()
    )
    return IndexLine(name=name, points=tuple(points), own=own)


def test_every_index_line_is_100_in_the_base_year(theme: Theme) -> None:
    lines = [course("Lindelo", {2015: 40, 2016: 20}, own=True), course("Land", {2015: 9_000, 2016: 6_300})]
    spec = index_lines(lines, base="2015", theme=theme, description="x", unit="Index")
    found = {(row["series"], row["period"]): row["index"] for row in rows(spec, "point")}
    assert found["Lindelo", "2015"] == found["Land", "2015"] == 100
    assert (found["Lindelo", "2016"], found["Land", "2016"]) == (50, pytest.approx(70))
    assert "2015 = 100." in texts(spec)


@pytest.mark.parametrize("values", [{2016: 20.0}, {2015: 0.0, 2016: 20.0}])
def test_line_without_a_base_has_no_index(theme: Theme, values: dict[int, float]) -> None:
    with pytest.raises(BadBlock):
        index_lines([course("Lindelo", values)], base="2015", theme=theme, description="x", unit="Index")


def test_index_line_does_not_cross_a_break_and_dots_a_gap(theme: Theme) -> None:
    line = course("Lindelo", {2012: 10, 2013: 11, 2016: 9, 2017: 8, 2018: 7}, own=True)
    mark = BreakMark(period="2018", label="Andere telling")
    spec = index_lines([line], base="2012", theme=theme, description="x", unit="Index", breaks=[mark])
    links = [(row["period"], row["until"], row["kind"]) for row in rows(spec, "rule") if "until" in row]
    assert sorted(links) == [("2012", "2013", "whole"), ("2013", "2016", "gap"), ("2016", "2017", "whole")]


def months(values: list[float | None], **more: Any) -> list[ControlPoint]:
    return [
        ControlPoint(
            period=f"{2022 + at // 12}-{at % 12 + 1:02d}",
            value=value,
            expected=10,
            low=1,
            high=19,
            **more.get(str(at), {}),
        )
        for at, value in enumerate(values)
    ]


def test_missing_month_keeps_its_place_and_the_line_stops(theme: Theme) -> None:
    spec = control_chart(months([9, 10, None, 12, 11]), theme=theme, description="x", unit="x")
    links = [(row["period"], row["until"] - row["month"]) for row in rows(spec, "rule") if "until" in row]
    assert links == [("2022-01", 1), ("2022-04", 1)]


def test_signals_have_a_shape_and_those_outside_a_label(theme: Theme) -> None:
    signals = {"1": {"signal": Signal.ABOVE}, "3": {"signal": Signal.BELOW}, "4": {"signal": Signal.RUN}}
    spec = control_chart(months([9, 24, 10, 0, 12, 11], **signals), theme=theme, description="x", unit="x")
    assert [row["period"] for row in marks(spec, "point", shape="triangle-up")] == ["2022-02"]
    assert [row["period"] for row in marks(spec, "point", shape="triangle-down")] == ["2022-04"]
    assert [row["period"] for row in marks(spec, "point", shape="diamond")] == ["2022-05"]
    assert {"feb 2022: 24", "apr 2022: 0"} <= set(texts(spec))


def test_line_and_limits_do_not_run_on_into_the_next_phase(theme: Theme) -> None:
    phase = BreakMark(period="2022-04", label="Nieuw basisniveau")
    spec = control_chart(months([9.0] * 6), theme=theme, description="x", unit="x", phases=[phase])
    links = [row["period"] for row in rows(spec, "rule") if "until" in row]
    assert links == ["2022-01", "2022-02", "2022-04", "2022-05"]
    assert {row["period"]: row["phase"] for row in rows(spec, "area")} == {
        "2022-01": 0, "2022-02": 0, "2022-03": 0, "2022-04": 1, "2022-05": 1, "2022-06": 1
    }  # fmt: skip


def half(title: str, values: dict[int, float], **more: Any) -> Half:
    points = tuple(SeriesPoint(period=str(year), value=value) for year, value in values.items())
    return Half(title=title, points=points, **more)


def test_panels_of_a_pair_share_their_years_and_break_each_for_itself(theme: Theme) -> None:
    objective = half("Geregistreerd", {2017: 40, 2018: 30, 2019: 35, 2020: 20, 2021: 25})
    mark = BreakMark(period="2021", label="Nieuwe vragenlijst")
    subjective = half("Ervaren", {2019: 12, 2021: 9}, breaks=(mark,))
    reporting = half("Gemeld", {2019: 30, 2021: 27})
    spec = pair_chart(objective, subjective, reporting=reporting, theme=theme, description="x")
    titles = [[row["text"] for row in rows(panel, "text") if "text" in row][-1] for panel in spec["vconcat"]]
    assert titles == ["Geregistreerd", "Gemeld", "Ervaren"]
    domains = [
        {
            tuple(layer["encoding"]["x"]["scale"]["domain"])
            for layer in panel["layer"]
            if "scale" in layer["encoding"]["x"]
        }
        for panel in spec["vconcat"]
    ]
    assert domains == [{("2017", "2018", "2019", "2020", "2021")}] * 3
    assert [len([row for row in rows(panel, "rule") if "until" in row]) for panel in spec["vconcat"]] == [4, 1, 0]


def test_pair_without_reporting_behaviour_says_so(theme: Theme) -> None:
    spec = pair_chart(half("A", {2017: 1}), half("B", {2017: 2}), theme=theme, description="x")
    assert [row["text"] for row in rows(spec["vconcat"][1], "text")] == ["Meldingsbereidheid: niet gemeten"]


def test_every_chart_can_be_drawn(theme: Theme) -> None:
    lines = [course("Lindelo", {2015: 40, 2016: 20}, own=True, provisional=2016), course("Land", {2015: 9, 2016: 6})]
    specs = {
        "funnel": funnel(theme),
        "english": funnel(theme, language=Language.ENGLISH),
        "ranking": ranked_bars(ranking(342, 100), theme=theme, description="x", unit="x"),
        "index": index_lines(lines, base="2015", theme=theme, description="x", unit="x"),
        "control": control_chart(
            months([9, 24, None, 3], **{"1": {"signal": Signal.ABOVE}}), theme=theme, description="x", unit="x"
        ),
        "pair": pair_chart(half("A", {2017: 1, 2018: 2}), half("B", {2017: 2}), theme=theme, description="x"),
    }
    drawn = draw([Drawing(name=name, kind=Kind.SVG, spec=spec) for name, spec in specs.items()], fonts=theme.fonts)
    pictures = dict(zip(specs, (one.decode() for one in drawn), strict=True))
    assert "Lindelo 2,1" in pictures["funnel"]
    assert "Lindelo 2.1" in pictures["english"]
    assert all("<svg" in picture and "NaN" not in picture for picture in pictures.values())


# ── Words that fit ───────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12))
@settings(max_examples=100, deadline=None)
def test_labels_that_are_spread_keep_their_order_and_distance(wishes: list[float]) -> None:
    places = spread(wishes, least=16, low=0, high=300)
    ordered = [place for _, place in sorted(zip(wishes, places, strict=True))]
    assert all(other - one >= 16 - 1e-6 for one, other in pairwise(ordered))


def test_label_that_touches_nothing_stays_where_it_is() -> None:
    assert spread([40.0, 200.0], least=16, low=0, high=300) == [40.0, 200.0]


def test_first_place_that_is_free_is_taken() -> None:
    page = Box(left=0, top=0, right=100, bottom=100)
    there = Box(left=0, top=0, right=50, bottom=20)
    below = Box(left=0, top=30, right=50, bottom=50)
    outside = Box(left=90, top=0, right=140, bottom=20)
    assert first_that_fits([there, outside, below], [there], within=page) == 2
    assert first_that_fits([there], [there], within=page) is None


def test_width_of_a_text_grows_with_its_letters_and_size() -> None:
    assert text_width("Dalfsen", font_size=12) < text_width("Steenwijkerland", font_size=12)
    assert text_width("Dalfsen", font_size=24) == pytest.approx(2 * text_width("Dalfsen", font_size=12))
