"""The words of Vega-Lite that all our charts share: layers, the frame, texts with a white edge, round axes. Pure."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from koersvast.publications.blocks import Language
from koersvast.publications.theme import Theme

type Spec = dict[str, Any]
type Record = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_HALO = {"stroke": "white", "strokeWidth": 4, "strokeJoin": "round"}
NUMBERS: Mapping[Language, Spec] = {
    Language.DUTCH: {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["€ ", ""]},
    Language.ENGLISH: {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]},
}

COLOUR: Spec = {"field": "colour", "type": "nominal", "scale": None}


def layer(rows: Iterable[Record], mark: Spec, **places: Any) -> Spec:
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": places}


def with_halo(words: Spec) -> list[Spec]:
    """Return the text layer with a white edge behind it, so that lines do not run through the words."""
    return [words | {"mark": words["mark"] | _HALO, "encoding": _plain(words["encoding"])}, words]


def _plain(encoding: Spec) -> Spec:
    return {name: place for name, place in encoding.items() if name != "color"}


def without_axes(part: Spec) -> Spec:
    places = {name: dict(place) if isinstance(place, dict) else place for name, place in part["encoding"].items()}
    for name in ("x", "y"):
        places[name]["axis"] = None
    return part | {"encoding": {name: place for name, place in places.items() if name != "tooltip"}}


def heading(theme: Theme, unit: str, *remarks: str, above: int = 14) -> list[Spec]:
    """Return the words above a chart as texts: to a title, Vega adds an English description of its own."""
    lines = [(unit, 14, "bold", theme.ink), *((remark, 12, "normal", theme.muted) for remark in remarks)]
    return [
        layer(
            [{"text": words}],
            {
                "type": "text",
                "align": "left",
                "baseline": "bottom",
                "fontSize": size,
                "fontWeight": weight,
                "color": colour,
            },
            x={"value": 0},
            y={"value": -above - 17 * (len(lines) - 1 - at)},
            text={"field": "text"},
        )
        for at, (words, size, weight, colour) in enumerate(lines)
    ]


def frame(theme: Theme, language: Language, description: str) -> Spec:
    # A family of several words must be quoted, or the picture falls back to a serif.
    font = f'"{theme.font}", "Segoe UI", Arial, sans-serif'
    return {
        "$schema": SCHEMA,
        "description": description,
        "background": None,
        "config": {
            # The generated screen-reader texts are English; the one description above is in the reader's language.
            "aria": False,
            "locale": {"number": NUMBERS[language]},
            "font": font,
            "view": {"stroke": None},
            "axis": {
                "labelFontSize": 13,
                "labelColor": theme.muted,
                "gridColor": "#e4e8ed",
                "domainColor": "#8593a3",
                "tickColor": "#8593a3",
                "labelPadding": 6,
            },
            "legend": {"labelLimit": 0, "titleLimit": 0},
        },
    }


def round_steps(span: float) -> list[float]:
    """Return round steps from 0 to at least `span`, four to eight of them."""
    span = span if span > 1e-9 else 1  # all zeros: an axis still needs a height
    raw = span / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)
    return [step * at for at in range(math.ceil(span / step) + 1)]


def wrapped(text: str, letters: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= letters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


# ── Courses over periods ─────────────────────────────────────────────────────────────────────────────────────────


def consecutive(known: Iterable[str]) -> tuple[str, ...]:
    """Return periods in order; years between the first and the last keep their place when nothing was measured."""
    codes = sorted(set(known))
    if codes and all(len(code) == 4 and code.isdigit() for code in codes):
        return tuple(str(year) for year in range(int(codes[0]), int(codes[-1]) + 1))
    return tuple(codes)


def link_kind(start: int, end: int, *, walls: Iterable[int], provisional: bool) -> str:
    """Return how two points at these places are linked: "whole", "gap", "provisional", or "" across a break.

    A wall stands before its place: 3 parts 2 from 3.
    """
    if any(start < wall <= end for wall in walls):
        return ""
    return "gap" if end - start > 1 else "provisional" if provisional else "whole"


def period_axis(periods: Iterable[str], position: float = 0.5, *, labelled: bool = True) -> Spec:
    """Return the horizontal place of "period", each period a band; `position` 0 is the start of the band."""
    return {
        "field": "period",
        "type": "ordinal",
        "bandPosition": position,
        "title": None,
        "scale": {"type": "band", "domain": list(periods), "paddingInner": 0, "paddingOuter": 0},
        "axis": {"labelAngle": 0, "grid": False, "labelOverlap": True, "tickBand": "center"}
        | ({} if labelled else {"labels": False, "ticks": False}),
    }


def amount_axis(field: str, ends: tuple[float, float], *, ticks: int = 5, **axis: Any) -> Spec:
    """Return the vertical place of an amount between these ends, with quiet grid lines."""
    return {
        "field": field,
        "type": "quantitative",
        "title": None,
        "scale": {"domain": list(ends), "nice": False, "zero": False},
        "axis": {"tickCount": ticks, "domain": False, "ticks": False, "labelPadding": 8} | axis,
    }


def break_lines(rows: list[Record], *, x: Spec, theme: Theme, stroke: float = 1.6) -> list[Spec]:
    """Return a dashed line at each of these rows, with its "label" (lines of words) at the top, on the right side."""
    colour = {"color": theme.muted}
    rule = {"type": "rule", "strokeDash": [6, 4], "strokeWidth": stroke} | colour
    text = {"type": "text", "align": "left", "baseline": "top", "dx": 6, "lineHeight": 15, "fontSize": 12} | colour
    return [layer(rows, rule, x=x), *with_halo(layer(rows, text, x=x, y={"value": 2}, text={"field": "label"}))]
