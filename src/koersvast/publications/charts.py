"""Chart specifications in Vega-Lite, made from plain values.

The same dict goes to the page (compiled to Vega), to a document (rendered, see `drawing`) and to a test (compared).
Charts say everything in place: values, targets and series are labelled where they are, there is no legend to
decode. What is uncertain looks uncertain: provisional points are hollow, links over unmeasured periods are dotted,
and no line runs across a break.

Not for: choosing what to show, or rounding. A point may carry its own text; without it `decimals` is used.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from babel.numbers import format_decimal

from koersvast.publications.blocks import BadBlock, Language
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
    without_axes,
    wrapped,
)

type Spec = dict[str, Any]

MOST_LABELLED = 14
WIDTH, HEIGHT = 640, 290

_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.DUTCH: {
        "target": "Doel",
        "provisional": "voorlopig",
        "interval": "Streepje: 95%-betrouwbaarheidsinterval.",
        "band": "Lichte band: 95%-betrouwbaarheidsinterval.",
        "gap": "Stippellijn: tussenliggende jaren niet gemeten.",
    },
    Language.ENGLISH: {
        "target": "Target",
        "provisional": "provisional",
        "interval": "Bar: 95% confidence interval.",
        "band": "Light band: 95% confidence interval.",
        "gap": "Dotted line: years between not measured.",
    },
}


@dataclass(frozen=True, kw_only=True)
class SeriesPoint:
    """A measured value; `low` and `high` are the ends of its 95 % interval; `text` is the value as printed."""

    period: str
    value: float
    low: float | None = None
    high: float | None = None
    provisional: bool = False
    series: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        ends = [end for end in (self.low, self.high) if end is not None]
        if not all(math.isfinite(number) for number in (self.value, *ends)):
            raise BadBlock(f"{self.period}: a point must be a finite number; leave out what was not measured.")
        if len(ends) == 1 or (ends and not ends[0] <= ends[1]):
            raise BadBlock(f"{self.period}: an interval has two ends, the lower one first.")


@dataclass(frozen=True, kw_only=True)
class TargetPoint:
    period: str
    value: float
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class BreakMark:
    """A break just before `period`: figures on either side cannot be compared."""

    period: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A level to compare with, drawn over the whole width; the label holds its value ("Nulmeting 2017: 40")."""

    value: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    label: str
    value: float
    text: str = ""
    low: float | None = None
    high: float | None = None
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel:
    title: str
    points: tuple[SeriesPoint, ...]
    targets: tuple[TargetPoint, ...] = ()
    decimals: int = 0


def line_chart(
    points: Sequence[SeriesPoint],
    *,
    theme: Theme,
    description: str,
    unit: str,
    language: Language = Language.DUTCH,
    targets: Sequence[TargetPoint] = (),
    baselines: Sequence[Baseline] = (),
    breaks: Sequence[BreakMark] = (),
    decimals: int = 0,
    from_zero: bool = True,
    width: int | str = WIDTH,
    height: int = HEIGHT,
) -> Spec:
    """Return a line chart of one or more series with intervals, target steps, baselines and breaks.

    `unit` stands above the axis ("Aantal per jaar"). `width` is pixels, or "container" for a page.
    """
    scene = _Scene(
        points=tuple(points),
        targets=tuple(targets),
        baselines=tuple(baselines),
        breaks=tuple(breaks),
        theme=theme,
        language=language,
        decimals=decimals,
        from_zero=from_zero,
        height=height,
    )
    return frame(theme, language, description) | {
        "width": width,
        "height": height,
        "autosize": {"type": "fit-x" if width == "container" else "pad", "contains": "padding"},
        # A drawing of a fixed width grows by the words beside its plot; one that fits a container leaves room for them.
        "padding": {"left": 4, "top": 4, "bottom": 4, "right": scene.right_margin() if width == "container" else 8},
        "layer": [*scene.layers(), *heading(theme, unit, *scene.remarks())],
    }


def spark_line(
    points: Sequence[SeriesPoint], *, theme: Theme, description: str, width: int = 150, height: int = 40
) -> Spec:
    """Return a line without axes for a card; the last point is marked."""
    scene = _Scene(points=tuple(points), theme=theme, height=height, from_zero=False)
    bare = [without_axes(part) for part in (*scene.links(), scene.dots(points[-1:], size=70))]
    return frame(theme, Language.DUTCH, description) | {"width": width, "height": height, "padding": 4, "layer": bare}


def small_multiples(
    panels: Sequence[Panel],
    *,
    theme: Theme,
    description: str,
    language: Language = Language.DUTCH,
    columns: int = 3,
    width: int = 190,
    height: int = 110,
) -> Spec:
    """Return one small chart per panel, each on a scale of its own, in rows of `columns`."""
    small = []
    for panel in panels:
        scene = _Scene(
            points=panel.points,
            targets=panel.targets,
            theme=theme,
            language=language,
            decimals=panel.decimals,
            height=height,
            ends_only=True,
        )
        small.append({"width": width, "height": height, "layer": [*scene.layers(), *heading(theme, panel.title)]})
    return frame(theme, language, description) | {"concat": small, "columns": columns, "spacing": 28}


def bar_chart(
    bars: Sequence[Bar],
    *,
    theme: Theme,
    description: str,
    unit: str,
    language: Language = Language.DUTCH,
    reference: Baseline | None = None,
    decimals: int = 0,
    width: int | str = WIDTH,
) -> Spec:
    """Return horizontal bars in the given order; the own municipality stands out, values stand at the bars."""
    if not bars:
        raise BadBlock("A bar chart without bars: say in a text that nothing was measured.")
    rows: list[Record] = [
        {
            "label": bar.label,
            "value": bar.value,
            "low": bar.low,
            "high": bar.high,
            "end": max(bar.value, bar.high or bar.value),
            "text": bar.text or number(bar.value, decimals=decimals, language=language),
            "own": bar.own,
        }
        for bar in bars
    ]
    top = round_steps(max([row["end"] for row in rows] + [reference.value if reference else 0]) * 1.12)[-1]
    lane = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"ticks": False, "domain": False, "labelPadding": 8, "labelLimit": 260},
        "scale": {"paddingInner": 0.34, "paddingOuter": 0.3},
    }
    length = {"type": "quantitative", "scale": {"domain": [0, top]}, "axis": None}
    colour = {"condition": {"test": "datum.own", "value": theme.accent}, "value": "#9fb3ae"}
    layers: list[Spec] = [
        layer(rows, {"type": "bar", "cornerRadiusEnd": 3}, y=lane, x=length | {"field": "value"}, color=colour),
        layer(
            [row for row in rows if row["low"] is not None],
            {"type": "rule", "strokeWidth": 2, "color": theme.ink},
            y=lane,
            x=length | {"field": "low"},
            x2={"field": "high"},
        ),
    ]
    if reference:
        line = [{"value": reference.value, "label": reference.label}]
        layers += [
            layer(
                line,
                {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 1.8, "color": theme.second},
                x=length | {"field": "value"},
            ),
            layer(
                line,
                {"type": "text", "baseline": "bottom", "dy": -5, "color": theme.second, "fontWeight": "bold"},
                x=length | {"field": "value"},
                y={"value": 0},
                text={"field": "label"},
            ),
        ]
    values = {"type": "text", "align": "left", "dx": 7, "fontSize": 14, "fontWeight": "bold", "color": theme.ink}
    layers += with_halo(layer(rows, values, y=lane, x=length | {"field": "end"}, text={"field": "text"}))
    return frame(theme, language, description) | {
        "width": width,
        "height": {"step": 34},
        "layer": [*(part for part in layers if part["data"]["values"]), *heading(theme, unit, above=28)],
    }


def number(value: float, *, decimals: int, language: Language) -> str:
    """Format a number for a label: 1244.5 with one decimal is "1.244,5" in Dutch."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=language.value)


@dataclass(frozen=True, kw_only=True)
class _Scene:
    """What a line chart has to show, with the places of its parts."""

    points: tuple[SeriesPoint, ...]
    theme: Theme
    height: int
    targets: tuple[TargetPoint, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    breaks: tuple[BreakMark, ...] = ()
    language: Language = Language.DUTCH
    decimals: int = 0
    from_zero: bool = True
    ends_only: bool = False

    def __post_init__(self) -> None:
        if not self.points:
            raise BadBlock("A chart without measured points: say in a text that nothing was measured.")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(point.series for point in self.points))

    @property
    def periods(self) -> tuple[str, ...]:
        """All periods in order; years between the first and the last keep their place when nothing was measured."""
        known = {p.period for p in self.points} | {t.period for t in self.targets} | {b.period for b in self.breaks}
        return consecutive(known)

    @property
    def domain(self) -> tuple[float, float]:
        heights = [end for p in self.points for end in (p.value, p.low, p.high) if end is not None]
        heights += [target.value for target in self.targets] + [line.value for line in self.baselines]
        top, bottom = max(heights, default=1), min(heights, default=0)
        if self.from_zero and bottom >= 0:
            return 0, round_steps(top * 1.13)[-1]
        room = (top - bottom or 1) * 0.18
        steps = round_steps(top - bottom + 2 * room)
        step = steps[1] - steps[0]
        return math.floor((bottom - room) / step) * step, math.ceil((top + room) / step) * step

    @property
    def few(self) -> bool:
        """Whether there is room to label each value and to draw each interval as a bar of its own."""
        return not self.ends_only and len(self.names) < 2 and len(self.points) <= MOST_LABELLED

    def layers(self) -> list[Spec]:
        """Return the layers from back to front; those with nothing to show are left out."""
        layers = [
            self._bands(),
            *self._break_lines(),
            *self._baseline_lines(),
            *self._target_steps(),
            *self.links(),
            self._intervals(),
            self.dots(self.points),
            *self._value_labels(),
            *self._series_labels(),
        ]
        return [part for part in layers if part["data"]["values"]]

    def remarks(self) -> list[str]:
        words, said = _WORDS[self.language], []
        if any(point.low is not None for point in self.points):
            said.append(words["interval"] if self.few else words["band"])
        if any(link["kind"] == "gap" for link in self._links()):
            said.append(words["gap"])
        return [" ".join(said)] if said else []

    def links(self) -> list[Spec]:
        rows = self._links()
        whole = {"type": "rule", "strokeWidth": 3, "strokeCap": "round"}
        places = {
            "x": self._x(),
            "x2": {"field": "until", "bandPosition": 0.5},
            "y": self._y(),
            "y2": {"field": "end"},
            "color": COLOUR,
        }
        return [
            layer([row for row in rows if row["kind"] == "whole"], whole, **places),
            layer(
                [row for row in rows if row["kind"] != "whole"],
                whole | {"strokeDash": [1, 6], "strokeWidth": 2.4},
                **places,
            ),
        ]

    def dots(self, points: Iterable[SeriesPoint], *, size: int = 90) -> Spec:
        rows = [self._row(point) for point in points]
        return layer(
            rows,
            {"type": "point", "size": size, "strokeWidth": 2.6, "filled": False, "opacity": 1},
            x=self._x(),
            y=self._y(),
            stroke=COLOUR,
            fill={"condition": {"test": "datum.provisional", "value": "white"}, **COLOUR},
            tooltip=[{"field": "period", "title": " "}, {"field": "text", "title": "•"}],
        )

    def _row(self, point: SeriesPoint) -> Record:
        text = point.text or number(point.value, decimals=self.decimals, language=self.language)
        return {
            "period": point.period,
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "provisional": point.provisional,
            "series": point.series,
            "text": text,
            "colour": self.theme.series[self.names.index(point.series) % len(self.theme.series)],
        }

    def _links(self) -> list[Record]:
        rows, order = [], {period: at for at, period in enumerate(self.periods)}
        walls = [order[mark.period] for mark in self.breaks]
        for name in self.names:
            for one, other in pairwise(self._of(name)):
                start, end = order[one.period], order[other.period]
                kind = link_kind(start, end, walls=walls, provisional=other.provisional)
                if kind:
                    rows.append(self._row(one) | {"until": other.period, "end": other.value, "kind": kind})
        return rows

    def _bands(self) -> Spec:
        rows = [] if self.few else [self._row(p) for p in self.points if p.low is not None]
        return layer(
            rows,
            {"type": "area", "opacity": 0.16},
            x=self._x(),
            y=self._y("low"),
            y2={"field": "high"},
            fill=COLOUR,
            detail={"field": "series"},
        )

    def _intervals(self) -> Spec:
        rows = [self._row(p) for p in self.points if p.low is not None] if self.few else []
        mark = {"type": "errorbar", "ticks": {"size": 10, "strokeWidth": 1.6}, "rule": {"strokeWidth": 1.6}}
        return layer(rows, mark, x=self._x(), y=self._y("low"), y2={"field": "high"}, color=COLOUR)

    def _target_steps(self) -> list[Spec]:
        colour, word = self.theme.second, _WORDS[self.language]["target"]
        order = {period: at for at, period in enumerate(self.periods)}
        steps = sorted(self.targets, key=lambda target: order[target.period])
        rows: list[Record] = [{"period": step.period, "value": step.value} for step in steps]
        for row, step in zip(rows, steps, strict=True):
            figure = step.text or number(step.value, decimals=self.decimals, language=self.language)
            # The word stands above its value: side by side, the labels of two years touch on a phone.
            row["text"] = [word, figure] if len(self.periods) <= MOST_LABELLED / 1.3 else figure
        risers = [
            {"period": right.period, "value": left.value, "end": right.value}
            for left, right in pairwise(steps)
            if order[right.period] - order[left.period] == 1 and left.value != right.value
        ]
        line = {"type": "rule", "strokeWidth": 2.6, "color": colour, "strokeCap": "square"}
        # The values stand under the periods, where no line or point can run through them.
        text = {"type": "text", "baseline": "top", "fontSize": 13, "fontWeight": "bold", "lineHeight": 15} | {
            "color": colour
        }
        under: Spec = {"value": self.height + 27}
        return [
            layer(rows, line, x=self._x(0), x2={"field": "period", "bandPosition": 1}, y=self._y()),
            layer(risers, line | {"strokeWidth": 1.2}, x=self._x(0), y=self._y(), y2={"field": "end"}),
            layer([] if self.ends_only else rows, text, x=self._x(), y=under, text={"field": "text"}),
        ]

    def _baseline_lines(self) -> list[Spec]:
        rows = [{"value": line.value, "label": wrapped(line.label, 14)} for line in self.baselines]
        colour = {"color": self.theme.muted}
        text = {"type": "text", "align": "left", "baseline": "middle", "dx": 8, "fontSize": 12, "lineHeight": 15}
        beside: Spec = {"value": "width"}
        return [
            layer(rows, {"type": "rule", "strokeDash": [2, 4], "strokeWidth": 1.5} | colour, y=self._y()),
            layer(rows, text | colour, x=beside, y=self._y(), text={"field": "label"}),
        ]

    def _break_lines(self) -> list[Spec]:
        rows: list[Record] = [{"period": mark.period, "label": wrapped(mark.label, 26)} for mark in self.breaks]
        return break_lines(rows, x=self._x(0), theme=self.theme)

    def _value_labels(self) -> list[Spec]:
        """Label each value above its point or bar; of several series only the start (the end has the name)."""
        if len(self.names) > 1:
            return self._nudged([self._of(name)[0] for name in self.names], {"align": "right", "dx": -13}, named=False)
        rows = []
        for point in self.points:
            if self.few or point in (self.points[0], self.points[-1]):
                row = self._row(point) | {"place": point.high if self.few and point.high is not None else point.value}
                if point.provisional:
                    row["text"] = [row["text"], _WORDS[self.language]["provisional"]]
                rows.append(row)
        text = {"type": "text", "fontSize": 14, "fontWeight": "bold", "lineHeight": 16, "color": self.theme.ink}
        places = {"x": self._x(), "y": self._y("place"), "text": {"field": "text"}}
        return with_halo(layer(rows, text | {"baseline": "line-bottom", "dy": -9}, **places))

    def _series_labels(self) -> list[Spec]:
        if not any(self.names):
            return []
        return self._nudged([self._of(name)[-1] for name in self.names], {"align": "left", "dx": 13}, named=True)

    def _nudged(self, points: Sequence[SeriesPoint], mark: Spec, *, named: bool) -> list[Spec]:
        """Return labels beside these points, in the colour of their series, moved up where they would touch."""
        low, high = self.domain
        least = 18 * (high - low) / self.height
        rows: list[Record] = []
        for point in sorted(points, key=lambda p: p.value):
            near = [row["place"] for row in rows if row["period"] == point.period]
            place = max([point.value, *(n + least for n in near)])
            row = self._row(point) | {"place": place}
            rows.append(row | {"text": f"{row['text']}  {row['series']}"} if named else row)
        places = {"x": self._x(), "y": self._y("place"), "text": {"field": "text"}, "color": COLOUR}
        return with_halo(layer(rows, {"type": "text", "fontSize": 14, "fontWeight": "bold"} | mark, **places))

    def _of(self, name: str) -> list[SeriesPoint]:
        order = {period: at for at, period in enumerate(self.periods)}
        return sorted((p for p in self.points if p.series == name), key=lambda p: order[p.period])

    def right_margin(self) -> int:
        """Return the pixels that the words to the right of the plot need."""
        beside = [line for mark in self.baselines for line in wrapped(mark.label, 14)]
        named = [name + "000000" for name in self.names if name]
        return round(max([8, *(8 + 6.6 * len(line) for line in beside), *(8 + 7.6 * len(name) for name in named)]))

    def _x(self, position: float = 0.5) -> Spec:
        return period_axis(self.periods, position)

    def _y(self, field: str = "value") -> Spec:
        return amount_axis(field, self.domain, ticks=3 if self.ends_only else 5)
