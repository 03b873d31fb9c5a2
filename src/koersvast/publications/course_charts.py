"""Charts of several courses: index lines beside one another, and what is registered beside what is experienced. Pure.

As in `charts`: what is provisional is hollow, no line runs across a break, a gap stays a gap, names stand in place.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from koersvast.publications.blocks import BadBlock, Language
from koersvast.publications.charts import BreakMark, SeriesPoint, Spec, number
from koersvast.publications.placing import spread
from koersvast.publications.theme import Theme
from koersvast.publications.vegalite import (
    COLOUR,
    Record,
    amount_axis,
    break_lines,
    consecutive,
    frame,
    heading,
    layer,
    link_kind,
    period_axis,
    round_steps,
    with_halo,
    wrapped,
)

WIDTH, HEIGHT = 640, 290

_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.DUTCH: {
        "base": "{period} = 100.",
        "gap": "Stippellijn: tussenliggende jaren niet gemeten.",
        "reporting": "Meldingsbereidheid",
        "not_measured": "niet gemeten",
    },
    Language.ENGLISH: {
        "base": "{period} = 100.",
        "gap": "Dotted line: years between not measured.",
        "reporting": "Willingness to report",
        "not_measured": "not measured",
    },
}


@dataclass(frozen=True, kw_only=True)
class IndexLine:
    """A series that is drawn as an index: amounts as measured, not yet divided."""

    name: str
    points: tuple[SeriesPoint, ...]
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class Half:
    """One half of a pair: title with unit, points and its own breaks (a survey breaks elsewhere)."""

    title: str
    points: tuple[SeriesPoint, ...]
    breaks: tuple[BreakMark, ...] = ()
    decimals: int = 0


def pair_chart(
    objective: Half,
    subjective: Half,
    *,
    theme: Theme,
    description: str,
    reporting: Half | None = None,
    language: Language = Language.DUTCH,
    width: int = WIDTH,
    height: int = 120,
) -> Spec:
    """Return what is registered above what is experienced, over the same years, with reporting behaviour between them.

    Fewer registered crimes while fewer people report is another story than fewer registered crimes alone. Without
    `reporting` that place says that it was not measured.
    """
    words = _WORDS[language]
    panels = (objective, reporting, subjective)
    known = {point.period for panel in panels if panel for point in panel.points}
    if not objective.points or not subjective.points:
        raise BadBlock("A pair of which one side was not measured: show the other as a line chart of its own.")
    rows = []
    for at, panel in enumerate(panels):
        if panel is None or not panel.points:
            rows.append(_not_measured(panel, words["reporting"], theme=theme, width=width, said=words["not_measured"]))
            continue
        scene = _Measured(
            panel=panel,
            periods=consecutive(known),
            colour=(theme.accent, theme.muted, theme.series[2])[at],
            theme=theme,
            language=language,
            with_years=at == len(panels) - 1,
            height=round(height * (0.62 if at == 1 else 1)),
        )
        rows.append(scene.view(width))
    return frame(theme, language, description) | {"vconcat": rows, "spacing": 44, "bounds": "flush", "padding": 8}


def index_lines(
    lines: Sequence[IndexLine],
    *,
    base: str,
    theme: Theme,
    description: str,
    unit: str,
    language: Language = Language.DUTCH,
    breaks: Sequence[BreakMark] = (),
    width: int = WIDTH,
    height: int = 290,
) -> Spec:
    """Return lines of which each is 100 in the period `base`: the own one beside region and country.

    Raises BadBlock when a line was not measured in that period, or was zero then: such a line has no index.
    """
    if not lines:
        raise BadBlock("An index without lines: say in a text that nothing was measured.")
    scene = _Indexed(
        lines=tuple(lines), base=base, theme=theme, language=language, breaks=tuple(breaks), width=width, height=height
    )
    words = _WORDS[language]
    remark = words["base"].format(period=base) + (f" {words['gap']}" if scene.has_gaps else "")
    return frame(theme, language, description) | {
        "width": width,
        "height": height,
        "layer": [*scene.layers(), *heading(theme, unit, remark)],
    }


@dataclass(frozen=True, kw_only=True)
class _Indexed:
    """Lines as an index of their own amount in the base period."""

    lines: tuple[IndexLine, ...]
    base: str
    theme: Theme
    language: Language
    breaks: tuple[BreakMark, ...]
    width: int
    height: int

    def __post_init__(self) -> None:
        for line in self.lines:
            if not self._base_amount(line):
                raise BadBlock(f"{line.name}: not measured, or zero, in {self.base}; such a line has no index.")

    def _base_amount(self, line: IndexLine) -> float:
        return next((point.value for point in line.points if point.period == self.base), 0.0)

    @property
    def periods(self) -> tuple[str, ...]:
        return consecutive({p.period for line in self.lines for p in line.points} | {b.period for b in self.breaks})

    @property
    def has_gaps(self) -> bool:
        return any(row["kind"] == "gap" for row in self._links())

    def layers(self) -> list[Spec]:
        links, dots = self._links(), self._points()
        thick = {"condition": {"test": "datum.own", "value": 3.6}, "value": 2}
        rule = {"type": "rule", "strokeCap": "round"}
        places = {"x": self._x(), "x2": {"field": "until", "bandPosition": 0.5}, "y": self._y("index")} | {
            "y2": {"field": "end"},
            "color": COLOUR,
            "strokeWidth": thick,
        }
        return [
            part
            for part in (
                *self._break_lines(),
                *self._base_line(),
                layer([row for row in links if row["kind"] == "whole"], rule, **places),
                layer([row for row in links if row["kind"] != "whole"], rule | {"strokeDash": [1, 6]}, **places),
                layer(
                    dots,
                    {"type": "point", "opacity": 1, "filled": False},
                    x=self._x(),
                    y=self._y("index"),
                    stroke=COLOUR,
                    fill={"condition": {"test": "datum.provisional", "value": "white"}, **COLOUR},
                    size={"condition": {"test": "datum.own", "value": 80}, "value": 34},
                    strokeWidth={"condition": {"test": "datum.own", "value": 2.6}, "value": 1.6},
                    tooltip=[{"field": "period", "title": " "}, {"field": "text", "title": "•"}],
                ),
                *self._end_labels(),
            )
            if part["data"]["values"]
        ]

    def _colour(self, line: IndexLine) -> str:
        others = [one.name for one in self.lines if not one.own]
        shades = [self.theme.second, *self.theme.series[2:]]
        return self.theme.accent if line.own else shades[others.index(line.name) % len(shades)]

    def _points(self) -> list[Record]:
        rows: list[Record] = []
        for line in sorted(self.lines, key=lambda one: one.own):
            base = self._base_amount(line)
            for point in sorted(line.points, key=lambda p: p.period):
                index = 100 * point.value / base
                rows.append(
                    {
                        "period": point.period,
                        "index": index,
                        "series": line.name,
                        "own": line.own,
                        "provisional": point.provisional,
                        "colour": self._colour(line),
                        "text": f"{line.name} {number(index, decimals=0, language=self.language)}",
                    }
                )
        return rows

    def _links(self) -> list[Record]:
        order = {period: at for at, period in enumerate(self.periods)}
        walls = [order[mark.period] for mark in self.breaks]
        rows = []
        for one, other in pairwise(self._points()):
            start, end = order[one["period"]], order[other["period"]]
            kind = link_kind(start, end, walls=walls, provisional=other["provisional"])
            if kind and one["series"] == other["series"]:
                rows.append(one | {"until": other["period"], "end": other["index"], "kind": kind})
        return rows

    def _base_line(self) -> list[Spec]:
        line: list[Record] = [{"index": 100}]
        mark = {"type": "rule", "strokeDash": [2, 4], "strokeWidth": 1.5, "color": self.theme.muted}
        return [layer(line, mark, y=self._y("index"))]

    def _break_lines(self) -> list[Spec]:
        rows: list[Record] = [{"period": mark.period, "label": wrapped(mark.label, 26)} for mark in self.breaks]
        return break_lines(rows, x=self._x(0), theme=self.theme)

    def _end_labels(self) -> list[Spec]:
        last = {row["series"]: row for row in self._points()}
        low, high = self._domain()
        wishes = [self.height * (1 - (row["index"] - low) / (high - low)) for row in last.values()]
        places = spread(wishes, least=18, low=0, high=self.height)
        rows: list[Record] = [
            {"y": place, "colour": row["colour"], "own": row["own"]}
            | {"text": f"{number(row['index'], decimals=0, language=self.language)}  {row['series']}"}
            for row, place in zip(last.values(), places, strict=True)
        ]
        mark = {"type": "text", "align": "left", "baseline": "middle", "fontSize": 14}
        where = {"x": {"value": self.width + 8}, "y": {"field": "y", "type": "quantitative", "scale": None}}
        return [
            layer(
                [row for row in rows if row["own"] is own],
                mark | {"fontWeight": "bold" if own else "normal"},
                **where,
                text={"field": "text"},
                color=COLOUR,
            )
            for own in (False, True)
        ]

    def _domain(self) -> tuple[float, float]:
        indices = [row["index"] for row in self._points()]
        low, high = min([100, *indices]), max([100, *indices])
        room = (high - low or 10) * 0.14
        step = round_steps(high - low + 2 * room)[1]
        return max(0.0, math.floor((low - room) / step) * step), math.ceil((high + room) / step) * step

    def _x(self, position: float = 0.5) -> Spec:
        return period_axis(self.periods, position)

    def _y(self, field: str) -> Spec:
        return amount_axis(field, self._domain())


def _not_measured(panel: Half | None, fallback: str, *, theme: Theme, width: int, said: str) -> Spec:
    """A strip that says that something was not measured: an empty place would be read as nothing happening."""
    words = f"{panel.title if panel else fallback}: {said}"
    mark = {"type": "text", "align": "center", "baseline": "middle", "fontStyle": "italic", "color": theme.muted}
    text = layer([{"text": words}], mark, x={"value": width / 2}, y={"value": 17}, text={"field": "text"})
    box = layer([{}], {"type": "rect", "color": "#f3f5f7", "cornerRadius": 4}, x={"value": 0}, y={"value": 4})
    box["encoding"] |= {"x2": {"value": width}, "y2": {"value": 30}}
    return {"width": width, "height": 34, "layer": [box, text]}


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """One panel of a pair: a line over the years that all panels share."""

    panel: Half
    periods: tuple[str, ...]
    colour: str
    theme: Theme
    language: Language
    with_years: bool
    height: int

    def view(self, width: int) -> Spec:
        words = heading(self.theme, self.panel.title, above=6)
        return {"width": width, "height": self.height, "layer": [*self._layers(), *words]}

    def _layers(self) -> list[Spec]:
        rows, colour = self._rows(), {"color": self.colour}
        links = self._links(rows)
        rule = {"type": "rule", "strokeCap": "round", "strokeWidth": 2.8} | colour
        places = {"x": self._x(), "x2": {"field": "until", "bandPosition": 0.5}, "y": self._y("value")} | {
            "y2": {"field": "end"}
        }
        span = {"type": "rule", "strokeWidth": 7, "strokeCap": "round", "opacity": 0.22} | colour
        text = {"type": "text", "fontSize": 13, "fontWeight": "bold", "baseline": "line-bottom", "dy": -8} | colour
        layers = [
            layer([{"period": self.periods[0]}], {"type": "point", "opacity": 0}, x=self._x()),
            layer([r for r in rows if r["low"] is not None], span, x=self._x(), y=self._y("low"), y2={"field": "high"}),
            *self._break_lines(),
            layer([row for row in links if row["kind"] == "whole"], rule, **places),
            layer([row for row in links if row["kind"] != "whole"], rule | {"strokeDash": [1, 6]}, **places),
            layer(
                rows,
                {"type": "point", "size": 64, "filled": False, "opacity": 1, "stroke": self.colour, "strokeWidth": 2.2},
                x=self._x(),
                y=self._y("value"),
                fill={"condition": {"test": "datum.provisional", "value": "white"}, "value": self.colour},
            ),
            *with_halo(
                layer([row for row in rows if row["text"]], text, x=self._x(), y=self._y("top"), text={"field": "text"})
            ),
        ]
        return [part for part in layers if part["data"]["values"]]

    def _rows(self) -> list[Record]:
        points = sorted(self.panel.points, key=lambda point: self.periods.index(point.period))
        few = len(points) <= 8
        return [
            {
                "period": point.period,
                "value": point.value,
                "low": point.low,
                "high": point.high,
                "top": point.value if point.high is None else point.high,
                "provisional": point.provisional,
                "text": (point.text or number(point.value, decimals=self.panel.decimals, language=self.language))
                if few or point in (points[0], points[-1])
                else "",
            }
            for point in points
        ]

    def _links(self, rows: Sequence[Record]) -> list[Record]:
        order = {period: at for at, period in enumerate(self.periods)}
        walls = [order[mark.period] for mark in self._breaks()]
        links = []
        for one, other in pairwise(rows):
            start, end = order[one["period"]], order[other["period"]]
            kind = link_kind(start, end, walls=walls, provisional=other["provisional"])
            if kind:
                links.append(one | {"until": other["period"], "end": other["value"], "kind": kind})
        return links

    def _break_lines(self) -> list[Spec]:
        rows: list[Record] = [{"period": mark.period, "label": wrapped(mark.label, 26)} for mark in self._breaks()]
        return break_lines(rows, x=self._x(0), theme=self.theme, stroke=1.4)

    def _breaks(self) -> list[BreakMark]:
        return [mark for mark in self.panel.breaks if mark.period in self.periods]

    def _domain(self) -> tuple[float, float]:
        ends = [end for p in self.panel.points for end in (p.value, p.low, p.high) if end is not None]
        low, high = min(ends), max(ends)
        if low >= 0 and low < 0.6 * high:
            return 0, round_steps(high * 1.32)[-1]
        room = (high - low or abs(high) or 1) * 0.35
        step = round_steps(high - low + 2 * room)[1]
        return math.floor((low - room) / step) * step, math.ceil((high + room) / step) * step

    def _x(self, position: float = 0.5) -> Spec:
        return period_axis(self.periods, position, labelled=self.with_years)

    def _y(self, field: str) -> Spec:
        return amount_axis(field, self._domain(), ticks=3, minExtent=36)
