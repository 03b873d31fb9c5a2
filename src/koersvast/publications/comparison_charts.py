"""Charts that set a municipality beside others: a funnel, and a ranking with intervals. Pure, as `charts`.

The own municipality is named in place and stands out by size and weight as well as by colour; others are grey, and
named only where they matter and where the words fit. Who is outside the limits has another shape, so that a copy in
grey says the same. Others in the course of time (index lines, months with limits) are in `course_charts`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from koersvast.publications.blocks import BadBlock, Language
from koersvast.publications.charts import Baseline, Spec, number
from koersvast.publications.placing import Box, dot_box, first_that_fits, spread, text_box, text_width
from koersvast.publications.theme import Theme
from koersvast.publications.vegalite import Record, amount_axis, frame, heading, layer, round_steps, with_halo, wrapped

WIDTH, HEIGHT = 640, 360
MOST_NAMED = 8
OTHERS = "#8d9aa8"

_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.DUTCH: {
        "limit_95": "95 %-grens",
        "limit_998": "99,8 %-grens",
        "between": "… {count} {word} …",
        "places": "gemeenten",
        "interval": "Streep: 95%-betrouwbaarheidsinterval.",
        "funnel": "Driehoek: buiten de grenzen; omhoog is hoger, omlaag is lager.",
    },
    Language.ENGLISH: {
        "limit_95": "95% limit",
        "limit_998": "99.8% limit",
        "between": "… {count} {word} …",
        "places": "municipalities",
        "interval": "Bar: 95% confidence interval.",
        "funnel": "Triangle: outside the limits; upwards is higher, downwards is lower.",
    },
}


class Side(StrEnum):
    """Where a place lies against the limits of a funnel."""

    WITHIN = ""
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, kw_only=True)
class FunnelPoint:
    """A place in a funnel: its size (inhabitants or person-years), its rate, and where it lies against the limits."""

    name: str
    size: float
    rate: float
    outside: Side = Side.WITHIN
    own: bool = False
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class FunnelLimit:
    """The limits at one size; a lower limit below zero is drawn at zero."""

    size: float
    low_95: float
    high_95: float
    low_998: float
    high_998: float


@dataclass(frozen=True, kw_only=True)
class RankedPlace:
    """A row of a ranking, with the ends of its bar (a 95 % interval unless said otherwise).

    `rank` is printed before the name when given.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    own: bool = False
    rank: int | None = None
    text: str = ""


def funnel_chart(
    points: Sequence[FunnelPoint],
    limits: Sequence[FunnelLimit],
    *,
    centre: Baseline,
    theme: Theme,
    description: str,
    unit: str,
    size_unit: str,
    language: Language = Language.DUTCH,
    decimals: int = 1,
    logarithmic: bool | None = None,
    most_named: int = MOST_NAMED,
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Spec:
    """Return a funnel plot: rate against size, with the limits that chance alone would seldom cross.

    `unit` stands above the vertical axis ("Inbraken per 1.000 woningen"), `size_unit` under the horizontal one. Without
    `logarithmic` the sizes decide: from a twentyfold difference on. At most `most_named` others outside are named.
    """
    if not points or not limits:
        raise BadBlock("A funnel without places or limits: say in a text why there is none.")
    scene = _Funnel(
        points=tuple(points),
        limits=tuple(sorted(limits, key=lambda limit: limit.size)),
        centre=centre,
        theme=theme,
        language=language,
        decimals=decimals,
        logarithmic=logarithmic,
        most_named=most_named,
        width=width,
        height=height,
    )
    words = _WORDS[language]
    above = [words["funnel"]] if any(point.outside for point in points) else []
    return frame(theme, language, description) | {
        "width": width,
        "height": height,
        "layer": [*scene.layers(size_unit), *heading(theme, unit, *above)],
    }


def ranked_bars(
    places: Sequence[RankedPlace],
    *,
    theme: Theme,
    description: str,
    unit: str,
    language: Language = Language.DUTCH,
    reference: Baseline | None = None,
    decimals: int = 1,
    most: int = 25,
    around_own: int = 4,
    at_ends: int = 3,
    word_for_places: str = "",
    bar_means: str = "",
    width: int | str = WIDTH,
) -> Spec:
    """Return the places in the given order as dots with intervals (a caterpillar plot).

    More than `most` places shorten to the first and last `at_ends` and those around the own one; what is left out is
    counted in its place ("… 28 gemeenten …"). `bar_means` says what the bar is, where it is no 95 % interval.
    """
    if not places:
        raise BadBlock("A ranking without places: say in a text that nothing can be compared.")
    words = _WORDS[language]
    rows = _shortened(places, most=most, around_own=around_own, at_ends=at_ends)
    scene = _Ranking(
        rows=rows,
        theme=theme,
        language=language,
        decimals=decimals,
        reference=reference,
        left_out=word_for_places or words["places"],
    )
    remarks = [bar_means or words["interval"]] if any(place.low is not None for place in places) else []
    return frame(theme, language, description) | {
        "width": width,
        "height": {"step": 27},
        "layer": [*scene.layers(), *heading(theme, unit, *remarks, above=30 if reference else 14)],
    }


@dataclass(frozen=True, kw_only=True)
class _Funnel:
    """What a funnel has to show, with the places of its parts in pixels (so that words can make way for points)."""

    points: tuple[FunnelPoint, ...]
    limits: tuple[FunnelLimit, ...]
    centre: Baseline
    theme: Theme
    language: Language
    decimals: int
    logarithmic: bool | None
    most_named: int
    width: int
    height: int

    @property
    def sizes(self) -> tuple[float, float]:
        known = [point.size for point in self.points]
        low, high = min(known), max(known)
        return (low / 1.18, high * 1.18) if self.is_logarithmic else (0, high * 1.06)

    @property
    def is_logarithmic(self) -> bool:
        if self.logarithmic is not None:
            return self.logarithmic
        known = [point.size for point in self.points]
        return max(known) >= 20 * min(known) > 0

    @property
    def top(self) -> float:
        highest = max([point.rate for point in self.points] + [self.centre.value * 1.6])
        return round_steps(highest * 1.06)[-1]

    def layers(self, size_unit: str) -> list[Spec]:
        others = [point for point in self.points if not point.own]
        within = [point for point in others if not point.outside]
        layers = [
            *self._bands(),
            *self._curves(),
            self._centre(),
            self._dots(within, {"shape": "circle", "size": 46, "opacity": 0.75, "color": OTHERS}),
            *self._outside([point for point in others if point.outside]),
            *self._own([point for point in self.points if point.own]),
            *self._names(),
            *self._ends(),
            self._below(size_unit),
        ]
        return [part for part in layers if part["data"]["values"]]

    def _bands(self) -> list[Spec]:
        area = {"type": "area", "clip": True, "color": self.theme.accent}
        return [
            self._between("low_998", "high_998", area | {"opacity": 0.07}),
            self._between("low_95", "high_95", area | {"opacity": 0.09}),
        ]

    def _between(self, low: str, high: str, mark: Spec) -> Spec:
        return layer(self._limit_rows(), mark, x=self._x(), y=self._y(low), y2={"field": high})

    def _curves(self) -> list[Spec]:
        line = {"type": "line", "clip": True, "color": self.theme.muted}
        thin, dashed = line | {"strokeWidth": 1.4}, line | {"strokeWidth": 1.2, "strokeDash": [4, 4]}
        marks = {"high_998": thin, "low_998": thin, "high_95": dashed, "low_95": dashed}
        return [layer(self._limit_rows(), mark, x=self._x(), y=self._y(name)) for name, mark in marks.items()]

    def _limit_rows(self) -> list[Record]:
        low, high = self.sizes
        return [
            {
                "size": limit.size,
                "low_95": max(0.0, limit.low_95),
                "high_95": limit.high_95,
                "low_998": max(0.0, limit.low_998),
                "high_998": limit.high_998,
            }
            for limit in self.limits
            if low <= limit.size <= high
        ]

    def _centre(self) -> Spec:
        mark = {"type": "rule", "color": self.theme.ink, "strokeWidth": 1.6}
        return layer([{"rate": self.centre.value}], mark, y=self._y("rate"))

    def _dots(self, points: Iterable[FunnelPoint], mark: Spec) -> Spec:
        rows: list[Record] = [
            {"size": point.size, "rate": point.rate, "name": point.name, "text": self._text(point)} for point in points
        ]
        tooltip = [{"field": "name", "title": " "}, {"field": "text", "title": "•"}]
        dot = {"type": "point", "filled": True, "stroke": "white", "strokeWidth": 0.8} | mark
        return layer(rows, dot, x=self._x(), y=self._y("rate"), tooltip=tooltip)

    def _outside(self, points: Sequence[FunnelPoint]) -> list[Spec]:
        looks = {
            Side.ABOVE: {"shape": "triangle-up", "color": self.theme.second},
            Side.BELOW: {"shape": "triangle-down", "color": self.theme.series[4]},
        }
        return [
            self._dots([p for p in points if p.outside is side], look | {"size": 90, "opacity": 1})
            for side, look in looks.items()
        ]

    def _own(self, points: Sequence[FunnelPoint]) -> list[Spec]:
        big = {"shape": "circle", "size": 190, "opacity": 1, "color": self.theme.accent, "strokeWidth": 2}
        return [self._dots(points, big)]

    def _names(self) -> list[Spec]:
        rows = self._named()
        whole = {"type": "text", "baseline": "middle"}
        places = {"x": {"field": "x", "type": "quantitative", "scale": None}, "text": {"field": "text"}} | {
            "y": {"field": "y", "type": "quantitative", "scale": None}
        }
        own = whole | {"align": "left", "fontSize": 15, "fontWeight": "bold", "color": self.theme.accent}
        other = whole | {"align": "left", "fontSize": 12, "color": self.theme.ink}
        return [
            *with_halo(layer([row for row in rows if not row["own"]], other, **places)),
            *with_halo(layer([row for row in rows if row["own"]], own, **places)),
        ]

    def _named(self) -> list[Record]:
        """Return the names that fit, in pixels: the own one first, then those farthest outside."""
        taken = [dot_box(x=self._at(p)[0], y=self._at(p)[1], radius=6 if p.own else 3.5) for p in self.points]
        canvas = Box(left=0, top=-6, right=self.width + 60, bottom=self.height - 2)
        rows: list[Record] = []
        far = sorted((p for p in self.points if p.outside and not p.own), key=self._distance, reverse=True)
        for point in [*(p for p in self.points if p.own), *far[: self.most_named]]:
            size = 15.0 if point.own else 12.0
            words = f"{point.name} {self._text(point)}" if point.own else point.name
            found = self._place(words, point, font_size=size, taken=taken, within=canvas)
            if found:
                taken.append(found)
                middle = (found.top + found.bottom) / 2
                rows.append({"x": found.left, "y": middle, "text": words, "own": point.own})
        return rows

    def _place(
        self, words: str, point: FunnelPoint, *, font_size: float, taken: Sequence[Box], within: Box
    ) -> Box | None:
        x, y = self._at(point)
        away = 12 if point.own else 8
        beside = text_width(words, font_size=font_size, bold=point.own) / 2
        choices = [
            text_box(words, x=x + away, y=y, font_size=font_size, align="left", bold=point.own),
            text_box(words, x=x - away, y=y, font_size=font_size, align="right", bold=point.own),
            text_box(words, x=x, y=y - away - 7, font_size=font_size, bold=point.own),
            text_box(words, x=x, y=y + away + 7, font_size=font_size, bold=point.own),
            text_box(words, x=x + beside, y=y - away - 9, font_size=font_size, bold=point.own),
            text_box(words, x=x - beside, y=y - away - 9, font_size=font_size, bold=point.own),
            text_box(words, x=x + beside, y=y + away + 9, font_size=font_size, bold=point.own),
        ]
        fits = first_that_fits(choices, taken, within=within)
        if fits is None and point.own:  # The own name is never left out; the points give way.
            fits = first_that_fits(choices, (), within=within) or 0
        return None if fits is None else choices[fits]

    def _distance(self, point: FunnelPoint) -> float:
        """How far outside the 99.8 % limits, in widths of the funnel there."""
        near = min(self.limits, key=lambda limit: abs(limit.size - point.size))
        width = max(near.high_998 - near.low_998, 1e-9)
        return max(point.rate - near.high_998, near.low_998 - point.rate) / width

    def _ends(self) -> list[Spec]:
        """Name the limits and the centre to the right of the plot."""
        last = self._limit_rows()[-1:] or [dict.fromkeys(("high_95", "high_998"), self.centre.value)]
        words, muted = _WORDS[self.language], self.theme.muted
        label = wrapped(self.centre.label, 18)
        named: list[tuple[float, str, str, str]] = [
            (last[0]["high_998"], words["limit_998"], muted, "normal"),
            (last[0]["high_95"], words["limit_95"], muted, "normal"),
            *((self.centre.value, line, self.theme.ink, "bold") for line in label),
        ]
        wishes = [self._down(amount) + 15 * max(0, at - 2) for at, (amount, *_) in enumerate(named)]
        places = spread(wishes, least=15, low=0, high=self.height)
        return [
            layer(
                [{"text": text}],
                {"type": "text", "align": "left", "baseline": "middle", "fontSize": 12}
                | {"color": colour, "fontWeight": weight},
                x={"value": self.width + 8},
                y={"value": place},
                text={"field": "text"},
            )
            for (_, text, colour, weight), place in zip(named, places, strict=True)
        ]

    def _below(self, size_unit: str) -> Spec:
        mark = {"type": "text", "align": "right", "baseline": "top", "fontSize": 13, "color": self.theme.muted}
        return layer(
            [{"text": size_unit}],
            mark,
            x={"value": self.width},
            y={"value": self.height + 28},
            text={"field": "text"},
        )

    def _at(self, point: FunnelPoint) -> tuple[float, float]:
        low, high = self.sizes
        if self.is_logarithmic:
            part = math.log(point.size / low) / math.log(high / low)
        else:
            part = (point.size - low) / (high - low)
        return part * self.width, self._down(point.rate)

    def _down(self, rate: float) -> float:
        return self.height * (1 - min(rate, self.top) / self.top)

    def _text(self, point: FunnelPoint) -> str:
        return point.text or number(point.rate, decimals=self.decimals, language=self.language)

    def _x(self) -> Spec:
        low, high = self.sizes
        scale: Spec = {"domain": [low, high], "nice": False, "zero": False}
        axis: Spec = {"grid": False, "format": ",.0f", "labelOverlap": True, "tickCount": 6}
        if self.is_logarithmic:
            scale["type"] = "log"
            axis["values"] = [step for step in _round_sizes() if low <= step <= high]
        return {"field": "size", "type": "quantitative", "title": None, "scale": scale, "axis": axis}

    def _y(self, field: str) -> Spec:
        return amount_axis(field, (0, self.top))


def _round_sizes() -> list[int]:
    return [factor * 10**power for power in range(8) for factor in (1, 2, 5)]


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A row of a ranking: a place, or how many places are left out there."""

    place: RankedPlace | None
    left_out: int = 0


def _shortened(places: Sequence[RankedPlace], *, most: int, around_own: int, at_ends: int) -> tuple[_Row, ...]:
    """Keep all, or the ends and what lies around the own places, with a row for each stretch that is left out."""
    if len(places) <= most:
        return tuple(_Row(place=place) for place in places)
    last = len(places) - 1
    kept = {at for at in range(len(places)) if at < at_ends or at > last - at_ends}
    for own in (at for at, place in enumerate(places) if place.own):
        kept |= set(range(max(0, own - around_own), min(last, own + around_own) + 1))
    rows: list[_Row] = []
    for before, at in pairwise([-1, *sorted(kept)]):
        missing = at - before - 1
        if missing == 1:  # A row that says that one is left out takes the room of the one.
            rows.append(_Row(place=places[before + 1]))
        elif missing:
            rows.append(_Row(place=None, left_out=missing))
        rows.append(_Row(place=places[at]))
    return tuple(rows)


@dataclass(frozen=True, kw_only=True)
class _Ranking:
    """The rows of a ranking, as layers from back to front."""

    rows: tuple[_Row, ...]
    theme: Theme
    language: Language
    decimals: int
    reference: Baseline | None
    left_out: str

    def layers(self) -> list[Spec]:
        drawn = self._places()
        own = [row for row in drawn if row["own"]]
        colour = {"condition": {"test": "datum.own", "value": self.theme.accent}, "value": OTHERS}
        measured = [row for row in drawn if row["low"] is not None]
        layers = [
            layer(own, {"type": "bar", "color": self.theme.tint, "cornerRadius": 3}, y=self._lane(), x={"value": 0})
            | {"encoding": {"y": self._lane(), "x": {"value": 0}, "x2": {"value": "width"}}},
            *self._reference_line(),
            layer(
                measured,
                {"type": "rule", "strokeCap": "round"},
                y=self._lane(),
                x=self._x("low"),
                x2={"field": "high"},
                color=colour,
                strokeWidth={"condition": {"test": "datum.own", "value": 4}, "value": 2.4},
            ),
            layer(
                drawn,
                {"type": "point", "filled": True, "opacity": 1, "stroke": "white", "strokeWidth": 1.2},
                y=self._lane(),
                x=self._x("value"),
                color=colour,
                size={"condition": {"test": "datum.own", "value": 150}, "value": 74},
            ),
            *self._names(),
            *self._values(drawn),
        ]
        return [part for part in layers if part["data"]["values"]]

    def _places(self) -> list[Record]:
        return [
            {
                "row": at,
                "value": place.value,
                "low": place.low,
                "high": place.high,
                "own": place.own,
                "text": place.text or number(place.value, decimals=self.decimals, language=self.language),
            }
            for at, row in enumerate(self.rows)
            if (place := row.place)
        ]

    def _names(self) -> list[Spec]:
        rows: list[Record] = []
        for at, row in enumerate(self.rows):
            if row.place:
                rank = f"{row.place.rank}.  " if row.place.rank is not None else ""
                rows.append({"row": at, "text": rank + row.place.name, "own": row.place.own, "gap": False})
            else:
                said = _WORDS[self.language]["between"].format(count=row.left_out, word=self.left_out)
                rows.append({"row": at, "text": said, "own": False, "gap": True})
        mark = {"type": "text", "align": "right", "baseline": "middle", "fontSize": 13}
        looks = (
            ([row for row in rows if row["own"]], {"fontWeight": "bold", "fontSize": 14, "color": self.theme.accent}),
            ([row for row in rows if not row["own"] and not row["gap"]], {"color": self.theme.ink}),
            ([row for row in rows if row["gap"]], {"fontStyle": "italic", "color": self.theme.muted}),
        )
        return [
            layer(some, mark | look, y=self._lane(), x={"value": -10}, text={"field": "text"}) for some, look in looks
        ]

    def _values(self, drawn: Sequence[Record]) -> list[Spec]:
        mark = {"type": "text", "align": "right", "baseline": "middle", "fontSize": 13, "dx": -4}
        own = mark | {"fontWeight": "bold", "fontSize": 14, "color": self.theme.accent}
        places = {"y": self._lane(), "x": {"value": "width"}, "text": {"field": "text"}}
        return [
            layer([row for row in drawn if not row["own"]], mark | {"color": self.theme.muted}, **places),
            layer([row for row in drawn if row["own"]], own, **places),
        ]

    def _reference_line(self) -> list[Spec]:
        if self.reference is None:
            return []
        line = [{"value": self.reference.value, "label": self.reference.label}]
        colour = {"color": self.theme.second}
        rule = {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 1.8} | colour
        text = {"type": "text", "baseline": "bottom", "dy": -5, "fontWeight": "bold"} | colour
        return [
            layer(line, rule, x=self._x("value")),
            layer(line, text, x=self._x("value"), y={"value": 0}, text={"field": "label"}),
        ]

    def _lane(self) -> Spec:
        """A row by its number: two places may carry one name."""
        return {
            "field": "row",
            "type": "ordinal",
            "title": None,
            "axis": None,
            "scale": {"domain": list(range(len(self.rows))), "paddingInner": 0, "paddingOuter": 0},
        }

    def _x(self, field: str) -> Spec:
        ends = [end for row in self.rows if (p := row.place) for end in (p.value, p.low, p.high) if end is not None]
        ends += [self.reference.value] if self.reference else []
        top, bottom = max(ends), min([0, *ends])
        # To the right of the longest interval there is room for the printed values.
        scale = {"domain": [bottom, bottom + (top - bottom or 1) * 1.16], "nice": False}
        axis = {"tickCount": 5, "domain": False, "ticks": False, "grid": True, "labelOverlap": True}
        return {"field": field, "type": "quantitative", "title": None, "scale": scale, "axis": axis}
