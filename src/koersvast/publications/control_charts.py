"""A control chart: months with what was expected and the limits that chance would seldom cross. Pure, as `charts`.

A signal has another shape as well as another colour; what is provisional is hollow; expectation and limits do not run
on from one phase into the next. Not for: deciding what a signal is, see `engine.seasonal`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from babel.dates import format_date

from koersvast.publications.blocks import BadBlock, Language
from koersvast.publications.charts import BreakMark, Spec, number
from koersvast.publications.placing import Box, first_that_fits, spread, text_box
from koersvast.publications.theme import Theme
from koersvast.publications.vegalite import (
    Record,
    amount_axis,
    break_lines,
    frame,
    heading,
    layer,
    round_steps,
    with_halo,
    wrapped,
)

WIDTH, HEIGHT = 640, 290
MOST_LABELLED = 5

_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.DUTCH: {
        "expected": "verwacht",
        "limit": "bovengrens",
        "band": "Lichte band: wat bij toeval past.",
        "outside": "Driehoek: buiten de grenzen.",
        "run": "Ruit: meerdere maanden aan één kant.",
        "provisional": "Open: voorlopig.",
    },
    Language.ENGLISH: {
        "expected": "expected",
        "limit": "upper limit",
        "band": "Light band: what chance explains.",
        "outside": "Triangle: outside the limits.",
        "run": "Diamond: several months on one side.",
        "provisional": "Hollow: provisional.",
    },
}


class Signal(StrEnum):
    """Why a month stands out; see the method of the control chart for the rules."""

    NONE = ""
    ABOVE = "above"
    BELOW = "below"
    RUN = "run"


@dataclass(frozen=True, kw_only=True)
class ControlPoint:
    """A month ("2024-07") with what was expected and the limits; `value` is None where nothing was measured.

    What was expected and the limits are None together, where too little is known to set them.
    """

    period: str
    value: float | None
    expected: float | None
    low: float | None
    high: float | None
    signal: Signal = Signal.NONE
    provisional: bool = False


def control_chart(
    points: Sequence[ControlPoint],
    *,
    theme: Theme,
    description: str,
    unit: str,
    language: Language = Language.DUTCH,
    phases: Sequence[BreakMark] = (),
    decimals: int = 0,
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Spec:
    """Return months with what was expected and the limits that chance would seldom cross.

    A phase begins at the `period` of its mark: expectation and limits do not run on across it. Signals have a shape of
    their own and the last ones a label.
    """
    if not any(point.value is not None for point in points):
        raise BadBlock("A chart without measured months: say in a text that nothing was measured.")
    scene = _Months(
        points=tuple(sorted(points, key=lambda point: point.period)),
        phases=tuple(sorted(phases, key=lambda mark: mark.period)),
        theme=theme,
        language=language,
        decimals=decimals,
        width=width,
        height=height,
    )
    return frame(theme, language, description) | {
        "width": width,
        "height": height,
        "layer": [*scene.layers(), *heading(theme, unit, scene.remark())],
    }


@dataclass(frozen=True, kw_only=True)
class _Months:
    """What a control chart has to show. A month is placed by its number, so that a missing one keeps its place."""

    points: tuple[ControlPoint, ...]
    phases: tuple[BreakMark, ...]
    theme: Theme
    language: Language
    decimals: int
    width: int
    height: int

    @property
    def first(self) -> int:
        return _month_number(self.points[0].period)

    @property
    def last(self) -> int:
        return _month_number(self.points[-1].period)

    def remark(self) -> str:
        words = _WORDS[self.language]
        said = [words["band"]] if any(point.expected is not None for point in self.points) else []
        if any(point.signal in (Signal.ABOVE, Signal.BELOW) for point in self.points):
            said.append(words["outside"])
        if any(point.signal is Signal.RUN for point in self.points):
            said.append(words["run"])
        if any(point.provisional for point in self.points):
            said.append(words["provisional"])
        return " ".join(said)

    def layers(self) -> list[Spec]:
        theme, rows = self.theme, self._rows()
        measured = [row for row in rows if row["value"] is not None]
        limited = [row for row in rows if row["expected"] is not None]
        quiet = [row for row in measured if not row["signal"]]
        phase = {"field": "phase", "type": "nominal"}
        band = {"type": "area", "color": theme.accent, "opacity": 0.12, "interpolate": "monotone", "clip": True}
        edge = {"type": "line", "color": theme.muted, "strokeWidth": 1, "strokeDash": [3, 3], "opacity": 0.7}
        mean = {"type": "line", "color": theme.muted, "strokeWidth": 1.6, "interpolate": "monotone"}
        link = {"type": "rule", "color": theme.accent, "strokeWidth": 2.2, "strokeCap": "round"}
        layers = [
            layer(limited, band, x=self._x(), y=self._y("low"), y2={"field": "high"}, detail=phase),
            layer(limited, edge | {"interpolate": "monotone"}, x=self._x(), y=self._y("high"), detail=phase),
            layer(limited, edge | {"interpolate": "monotone"}, x=self._x(), y=self._y("low"), detail=phase),
            layer(limited, mean, x=self._x(), y=self._y("expected"), detail=phase),
            *self._phase_lines(),
            layer(self._links(), link, x=self._x(), x2={"field": "until"}, y=self._y("value"), y2={"field": "end"}),
            layer(
                quiet,
                {
                    "type": "point",
                    "size": 26,
                    "filled": False,
                    "opacity": 1,
                    "stroke": theme.accent,
                    "strokeWidth": 1.6,
                },
                x=self._x(),
                y=self._y("value"),
                fill={"condition": {"test": "datum.provisional", "value": "white"}, "value": theme.accent},
                tooltip=self._tooltip(),
            ),
            *self._signals([row for row in measured if row["signal"]]),
            *self._last_label(measured),
        ]
        return [part for part in layers if part["data"]["values"]]

    def _rows(self) -> list[Record]:
        starts = [_month_number(mark.period) for mark in self.phases]
        rows: list[Record] = []
        for point in self.points:
            month = _month_number(point.period)
            text = "" if point.value is None else number(point.value, decimals=self.decimals, language=self.language)
            rows.append(
                {
                    "month": month,
                    "period": point.period,
                    "value": point.value,
                    "expected": point.expected,
                    "low": None if point.low is None else max(0.0, point.low),
                    "high": point.high,
                    "signal": point.signal.value,
                    "provisional": point.provisional,
                    "phase": sum(start <= month for start in starts),
                    "text": text,
                }
            )
        return rows

    def _links(self) -> list[Record]:
        return [
            one | {"until": other["month"], "end": other["value"]}
            for one, other in pairwise(row for row in self._rows() if row["value"] is not None)
            if other["month"] - one["month"] == 1 and one["phase"] == other["phase"]
        ]

    def _signals(self, rows: Sequence[Record]) -> list[Spec]:
        looks = {
            Signal.ABOVE: {"shape": "triangle-up", "color": self.theme.second, "size": 120},
            Signal.BELOW: {"shape": "triangle-down", "color": self.theme.series[4], "size": 120},
            Signal.RUN: {"shape": "diamond", "color": self.theme.series[2], "size": 80},
        }
        parts = []
        for signal, look in looks.items():
            some = [row for row in rows if row["signal"] == signal]
            mark = {"type": "point", "filled": False, "opacity": 1, "strokeWidth": 1.8} | look
            fill = {"condition": {"test": "datum.provisional", "value": "white"}, "value": look["color"]}
            parts.append(layer(some, mark, x=self._x(), y=self._y("value"), fill=fill, tooltip=self._tooltip()))
        return [*parts, *self._signal_labels(rows)]

    def _signal_labels(self, rows: Sequence[Record]) -> list[Spec]:
        """Label the newest signals outside the limits, as far as the words do not touch."""
        taken: list[Box] = []
        labelled: list[Record] = []
        canvas = Box(left=-10, top=-12, right=self.width + 40, bottom=self.height)
        for row in sorted((r for r in rows if r["signal"] in ("above", "below")), key=lambda r: -r["month"]):
            words = f"{_month_name(row['period'], self.language)}: {row['text']}"
            x, y = self._at(row)
            heights = (y - 17, y + 17) if row["signal"] == "above" else (y + 17, y - 17)
            boxes = [text_box(words, x=x, y=height, font_size=12, bold=True) for height in heights]
            free = first_that_fits(boxes, taken, within=canvas)
            if free is not None and len(labelled) < MOST_LABELLED:
                taken.append(boxes[free])
                labelled.append({"x": x, "y": heights[free], "text": words})
        mark = {"type": "text", "baseline": "middle", "fontSize": 12, "fontWeight": "bold", "color": self.theme.ink}
        scale: Spec = {"type": "quantitative", "scale": None}
        places = {"x": {"field": "x"} | scale, "y": {"field": "y"} | scale, "text": {"field": "text"}}
        return with_halo(layer(labelled, mark, **places))

    def _last_label(self, measured: Sequence[Record]) -> list[Spec]:
        """To the right of the plot: the newest amount, and what the lines are."""
        words, row, end = _WORDS[self.language], measured[-1], self._rows()[-1]
        grey = {"color": self.theme.muted, "fontSize": 12}
        named = [(row["value"], row["text"], {"color": self.theme.accent, "fontWeight": "bold", "fontSize": 14})]
        if end["expected"] is not None:
            named += [(end["high"], words["limit"], grey), (end["expected"], words["expected"], grey)]
        places = spread([self._down(amount) for amount, *_ in named], least=16, low=0, high=self.height)
        mark = {"type": "text", "align": "left", "baseline": "middle"}
        return [
            layer(
                [{"text": text}], mark | look, x={"value": self.width + 9}, y={"value": place}, text={"field": "text"}
            )
            for (_, text, look), place in zip(named, places, strict=True)
        ]

    def _phase_lines(self) -> list[Spec]:
        rows: list[Record] = [
            {"month": _month_number(mark.period) - 0.5, "label": wrapped(mark.label, 24)}
            for mark in self.phases
            if _month_number(mark.period) > self.first
        ]
        return break_lines(rows, x=self._x(), theme=self.theme)

    def _tooltip(self) -> list[Spec]:
        return [{"field": "period", "title": " "}, {"field": "text", "title": "•"}]

    def _top(self) -> float:
        amounts = [end for p in self.points for end in (p.value, p.high, p.expected) if end is not None]
        return round_steps(max(amounts) * 1.12)[-1]

    def _down(self, amount: float) -> float:
        return self.height * (1 - amount / self._top())

    def _at(self, row: Record) -> tuple[float, float]:
        low, high = self._months()
        return (row["month"] - low) / (high - low) * self.width, self._down(row["value"])

    def _months(self) -> tuple[float, float]:
        return self.first - 0.5, self.last + 0.5

    def _x(self) -> Spec:
        januaries = [month for month in range(self.first, self.last + 1) if month % 12 == 0]
        few = self.last - self.first < 18
        ticks = list(range(self.first, self.last + 1, 3)) if few else januaries
        names = [_tick_name(month, few=few, language=self.language) for month in ticks]
        axis = {
            "values": ticks,
            "labelExpr": f"{json.dumps(dict(zip(map(str, ticks), names, strict=True)))}[datum.value]",
            "grid": not few,
            "gridDash": [2, 4],
            "labelAlign": "left" if not few else "center",
            "labelOverlap": True,
        }
        scale = {"domain": list(self._months()), "nice": False, "zero": False}
        return {"field": "month", "type": "quantitative", "title": None, "scale": scale, "axis": axis}

    def _y(self, field: str) -> Spec:
        return amount_axis(field, (0, self._top()))


def _month_number(period: str) -> int:
    """Return months since the year 0: "2024-07" is 24294."""
    year, month = period.split("-")
    return int(year) * 12 + int(month) - 1


def _month_name(period: str, language: Language) -> str:
    year, month = period.split("-")
    return format_date(date(int(year), int(month), 1), "MMM yyyy", locale=language.value).replace(".", "")


def _tick_name(month: int, *, few: bool, language: Language) -> str:
    year, at = divmod(month, 12)
    return _month_name(f"{year}-{at + 1:02d}", language) if few else str(year)
