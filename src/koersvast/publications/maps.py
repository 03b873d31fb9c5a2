"""Maps of areas in classes, as Vega-Lite specifications from plain values. Pure, as `charts`.

Coordinates stay metres of the Dutch grid: no projection is needed, north is up. Every area is drawn, in grey first: an
area without an amount stays in its place and says why it has none (hatched: too few to show; plain grey: not known).
The legend counts the areas of each class, and a table with the same classes belongs to every map (`map_rows`).
Amounts of small places come in shrunk (see `engine.shrinkage`), or a handful of residents paints the map.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from koersvast.connectors.arcs import simplify
from koersvast.connectors.geojson import Feature
from koersvast.engine.quantities import Missing
from koersvast.publications.blocks import BadBlock, Language
from koersvast.publications.charts import Spec, number
from koersvast.publications.map_classes import Classes, rounded
from koersvast.publications.outlines import Frame, area_km2, frame_of, hatching, room_for, within
from koersvast.publications.palette import diverging_ramp, ramp
from koersvast.publications.placing import text_width
from koersvast.publications.theme import Theme, contrast
from koersvast.publications.vegalite import Record, frame, heading, layer, wrapped

WIDTH, MOST_HEIGHT = 640, 520
LEGEND_WIDTH = 222
GROUND, HATCH, SURROUNDINGS = "#dfe3e8", "#7d8996", "#f8f9fa"
_NAME_PX, _LINE_PX, _FINEST_PX = 11.5, 14.0, 0.5

_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.DUTCH: {
        "between": "{low} tot {high}",
        "last": "{low} t/m {high}",
        "single": "{low}",
        "around": "rond {label}",
        "withheld": "te weinig om te tonen",
        "not_known": "niet bekend",
        "not_measured": "niet gemeten",
        "km": "{km} km",
        "column": "gebieden",
        "areas": "{count} gebieden",
        "area": "1 gebied",
        "said": "Kaart met {areas}. {what}.",
        "from_to": "Het laagst is {low} ({lowest}), het hoogst {high} ({highest}).",
        "absent": "{label}: {count}.",
    },
    Language.ENGLISH: {
        "between": "{low} to under {high}",
        "last": "{low} to {high}",
        "single": "{low}",
        "around": "about {label}",
        "withheld": "too few to show",
        "not_known": "not known",
        "not_measured": "not measured",
        "km": "{km} km",
        "column": "areas",
        "areas": "{count} areas",
        "area": "1 area",
        "said": "Map of {areas}. {what}.",
        "from_to": "The lowest is {low} ({lowest}), the highest {high} ({highest}).",
        "absent": "{label}: {count}.",
    },
}


@dataclass(frozen=True, kw_only=True)
class AreaValue:
    """The amount of an area, or why it has none; `low` and `high` are the ends of its 95 % interval."""

    amount: float | None = None
    missing: Missing | None = None
    low: float | None = None
    high: float | None = None
    text: str = ""

    def __post_init__(self) -> None:
        if (self.amount is None) == (self.missing is None):
            raise BadBlock("An area has an amount, or a reason why it has none.")


@dataclass(frozen=True, kw_only=True)
class MapRow:
    """A row of the table under a map; `class_number` counts from 0, and is None where `reason` says why."""

    code: str
    name: str
    amount: float | None
    text: str
    interval: str
    class_number: int | None
    class_text: str
    reason: Missing | None
    reason_text: str


def choropleth(
    features: Sequence[Feature],
    values: Mapping[str, AreaValue],
    *,
    classes: Classes | None,
    theme: Theme,
    description: str,
    unit: str,
    language: Language = Language.DUTCH,
    centre_label: str = "",
    selected: Collection[str] = (),
    surroundings: Sequence[Feature] = (),
    names: bool = True,
    printed: bool = False,
    width: int = WIDTH,
    most_height: int = MOST_HEIGHT,
) -> Spec:
    """Return a map of these areas, coloured by class, with legend, scale bar and the names that fit.

    `classes` is None when no area has an amount. An area that `values` does not have is "not known". `selected` areas
    have a heavy outline, `surroundings` are drawn faintly behind. `printed` uses greys, dark borders and, below a
    reference, hatching: for a copier. `centre_label` names the reference ("Nederland 3,4").
    """
    if not features:
        raise BadBlock("A map without areas: say in a text that the borders are not here.")
    scene = _Map(
        features=tuple(features),
        values=values,
        classes=classes,
        theme=theme,
        unit=unit,
        language=language,
        centre_label=centre_label,
        selected=frozenset(selected),
        surroundings=tuple(surroundings),
        names=names,
        printed=printed,
        width=width,
        most_height=most_height,
    )
    return frame(theme, language, description) | {
        "width": width,
        "height": round(scene.height),
        "padding": 4,
        "layer": [*scene.layers(), *heading(theme, unit, above=12)],
    }


def map_rows(
    features: Sequence[Feature],
    values: Mapping[str, AreaValue],
    *,
    classes: Classes | None,
    language: Language = Language.DUTCH,
) -> tuple[MapRow, ...]:
    """Return the table that belongs to a map: one row an area, the highest first, those without an amount last."""
    rows = [_row(feature, _value(values, feature), classes, language) for feature in features]
    return tuple(sorted(rows, key=lambda row: (row.amount is None, -(row.amount or 0), row.name)))


def describe(rows: Sequence[MapRow], *, what: str, language: Language = Language.DUTCH) -> str:
    """Return the alternative text of a map: how many areas, from where to where, and how many without an amount."""
    words = _WORDS[language]
    areas = words["area"] if len(rows) == 1 else words["areas"].format(count=len(rows))
    said = [words["said"].format(areas=areas, what=what)]
    known = [row for row in rows if row.amount is not None]
    if known:
        low, high = known[-1], known[0]
        said.append(words["from_to"].format(low=low.text, lowest=low.name, high=high.text, highest=high.name))
    absent = Counter(row.reason for row in rows if row.reason)
    said += [
        words["absent"].format(label=words[reason.value].capitalize(), count=count) for reason, count in absent.items()
    ]
    return " ".join(said)


def class_texts(classes: Classes, *, language: Language = Language.DUTCH) -> tuple[str, ...]:
    """Return the range of each class in words: "2,0 tot 3,5", and the last one with its end."""
    words = _WORDS[language]
    printed = [number(edge, decimals=classes.decimals, language=language) for edge in classes.edges]
    texts = []
    for at in range(classes.count):
        last = at == classes.count - 1
        form = words["single"] if printed[at] == printed[at + 1] else words["last" if last else "between"]
        texts.append(form.format(low=printed[at], high=printed[at + 1]))
    return tuple(texts)


def class_colours(classes: Classes, *, theme: Theme, printed: bool = False) -> tuple[str, ...]:
    """Return a colour for each class: a ramp in the house colour, or two ramps away from a reference."""
    if classes.middle is None:
        return ramp("#808080" if printed else theme.accent, classes.count)
    below, above = classes.middle, classes.count - classes.middle - 1
    if not printed:
        return diverging_ramp(below, above)
    greys = ramp("#808080", max(below, above) + 1)
    return (*reversed(greys[1 : below + 1]), greys[0], *greys[1 : above + 1])


def _value(values: Mapping[str, AreaValue], feature: Feature) -> AreaValue:
    return values.get(feature.code) or AreaValue(missing=Missing.NOT_KNOWN)


def _row(feature: Feature, value: AreaValue, classes: Classes | None, language: Language) -> MapRow:
    words = _WORDS[language]
    if value.amount is None or classes is None:
        reason = value.missing or Missing.NOT_KNOWN
        return MapRow(
            code=feature.code,
            name=feature.name,
            amount=None,
            text="",
            interval="",
            class_number=None,
            class_text="",
            reason=reason,
            reason_text=words[reason.value],
        )
    ends = [
        number(end, decimals=classes.decimals, language=language) for end in (value.low, value.high) if end is not None
    ]
    place = classes.place(value.amount)
    return MapRow(
        code=feature.code,
        name=feature.name,
        amount=value.amount,
        text=value.text
        or number(rounded(value.amount, classes.decimals), decimals=classes.decimals, language=language),
        interval=" – ".join(ends) if len(ends) == 2 else "",
        class_number=place,
        class_text=class_texts(classes, language=language)[place],
        reason=None,
        reason_text="",
    )


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A row of the legend; a hatch is given by its colour."""

    colour: str
    text: str
    count: int
    note: str = ""
    level_hatch: str = ""
    slanted_hatch: str = ""

    @property
    def height(self) -> float:
        return 41 if self.note else 25


@dataclass(frozen=True, kw_only=True)
class _Map:
    """What a map has to show, with its frame; layers come from back to front."""

    features: tuple[Feature, ...]
    values: Mapping[str, AreaValue]
    classes: Classes | None
    theme: Theme
    unit: str
    language: Language
    centre_label: str
    selected: frozenset[str]
    surroundings: tuple[Feature, ...]
    names: bool
    printed: bool
    width: int
    most_height: int

    @property
    def beside(self) -> bool:
        """Whether the legend stands beside the map; on a narrow picture it stands below."""
        return self.width >= 480

    @cached_property
    def frame(self) -> Frame:
        width = self.width - LEGEND_WIDTH if self.beside else self.width
        return frame_of(self.features, width=width, most_height=self.most_height)

    @property
    def height(self) -> float:
        legend = sum(entry.height for entry in self._entries())
        return max(self.frame.height + 26, legend + 8) if self.beside else self.frame.height + 44 + legend

    def layers(self) -> list[Spec]:
        rows = {row.code: row for row in self._rows}
        colours = self._colours()
        # Between the pale areas around a reference a white border would not be seen.
        stroke = (
            "#5d6874" if self.printed else "#a9b4c0" if self.classes and self.classes.middle is not None else "white"
        )
        edge = {"stroke": stroke, "strokeWidth": 0.8 if stroke != "white" else 1.1}
        shape = {"type": "geoshape", "strokeJoin": "round"}
        measured = [
            self._shape(feature) | {"colour": colours[place], "text": row.text, "name": row.name}
            for feature in self.features
            if (place := (row := rows[feature.code]).class_number) is not None
        ]
        layers = [
            self._drawn(self._around(), shape | {"fill": SURROUNDINGS, "stroke": "#d4dae1"}),
            self._drawn(map(self._shape, self.features), shape | {"fill": GROUND} | edge),
            self._drawn(
                measured,
                shape | edge,
                fill={"field": "colour", "type": "nominal", "scale": None},
                tooltip=[{"field": "name", "title": " "}, {"field": "text", "title": "•"}],
            ),
            self._hatched([f for f in self.features if rows[f.code].reason is Missing.WITHHELD], degrees=45),
            *self._hatched_below(rows),
            *self._outlined(),
            *(self._names(rows, colours) if self.names else []),
            *self._scale_bar(),
            *self._legend(),
        ]
        return [part for part in layers if part["data"]["values"]]

    def _outlined(self) -> list[Spec]:
        """The selected areas with a heavy outline, on white so that it shows on dark areas too."""
        chosen = [self._shape(feature) for feature in self.features if feature.code in self.selected]
        line = {"type": "geoshape", "fill": None, "strokeJoin": "round"}
        return [
            self._drawn(chosen, line | {"stroke": "white", "strokeWidth": 5}),
            self._drawn(chosen, line | {"stroke": self.theme.ink, "strokeWidth": 2.6}),
        ]

    @cached_property
    def _rows(self) -> tuple[MapRow, ...]:
        return map_rows(self.features, self.values, classes=self.classes, language=self.language)

    def _colours(self) -> tuple[str, ...]:
        return class_colours(self.classes, theme=self.theme, printed=self.printed) if self.classes else ()

    def _around(self) -> list[Record]:
        """The surroundings, cut off where the map ends: the legend stands on white."""
        known = {feature.code for feature in self.features}
        others = (self._outlines[one.code] for one in self.surroundings if one.code not in known)
        return [_geojson(cut) for cut in (within(one, self.frame) for one in others) if cut.polygons]

    @cached_property
    def _outlines(self) -> Mapping[str, Feature]:
        """Every area by its code, without the points that nobody could see: finer than a pixel."""
        every = {feature.code: feature for feature in (*self.surroundings, *self.features)}
        simpler = simplify(tuple(every.values()), tolerance_metres=_FINEST_PX / self.frame.scale)
        return {feature.code: feature for feature in simpler}

    def _shape(self, feature: Feature) -> Record:
        return _geojson(self._outlines[feature.code])

    def _drawn(self, shapes: Any, mark: Spec, **places: Any) -> Spec:
        plan = self.frame
        return layer(shapes, mark, **places) | {
            "projection": {
                "type": "identity",
                "reflectY": True,
                "scale": plan.scale,
                "translate": [plan.left, plan.top],
            }
        }

    def _hatched(self, features: Sequence[Feature], *, degrees: float, colour: str = HATCH) -> Spec:
        spacing = 5.0 / self.frame.scale
        lines = [
            [[[round(x), round(y)] for x, y in piece] for piece in hatching(one, spacing=spacing, degrees=degrees)]
            for one in features
        ]
        shapes = [
            {"type": "Feature", "properties": {}, "geometry": {"type": "MultiLineString", "coordinates": pieces}}
            for pieces in lines
            if pieces
        ]
        return self._drawn(shapes, {"type": "geoshape", "filled": False, "stroke": colour, "strokeWidth": 1.1})

    def _hatched_below(self, rows: Mapping[str, MapRow]) -> list[Spec]:
        """In print, both sides of a reference are grey: the lower side is hatched level."""
        middle = self.classes.middle if self.classes else None
        if not self.printed or middle is None:
            return []
        below = [f for f in self.features if (place := rows[f.code].class_number) is not None and place < middle]
        return [self._hatched(below, degrees=0, colour="#ffffff")]

    def _names(self, rows: Mapping[str, MapRow], colours: Sequence[str]) -> list[Spec]:
        """Return the names and amounts that fit within their area, the largest areas first."""
        lines = [
            line
            for feature in sorted(self.features, key=area_km2, reverse=True)
            for line in self._words_in(feature, rows[feature.code], colours)
        ]
        pixel: Spec = {"type": "quantitative", "scale": None}
        mark = {"type": "text", "baseline": "middle", "fontSize": _NAME_PX}
        return [
            layer(
                [line for line in lines if line["is_amount"] is is_amount],
                mark | {"fontWeight": "bold" if is_amount else "normal"},
                x={"field": "x"} | pixel,
                y={"field": "y"} | pixel,
                text={"field": "text"},
                color={"field": "colour", "type": "nominal", "scale": None},
            )
            for is_amount in (False, True)
        ]

    def _words_in(self, feature: Feature, row: MapRow, colours: Sequence[str]) -> list[Record]:
        plan = self.frame
        ground = GROUND if row.class_number is None else colours[row.class_number]
        ink = "#ffffff" if contrast("#ffffff", ground) > contrast(self.theme.ink, ground) else self.theme.ink
        for lines in _wordings(feature.name, row.text):
            wide = max(text_width(line, font_size=_NAME_PX, bold=True) for line in lines) + 4
            room = room_for(feature, height=(_LINE_PX * len(lines) + 2) / plan.scale)
            if room and room.width * plan.scale >= wide:
                x, y = plan.pixel((room.x, room.y))
                top = y - _LINE_PX * (len(lines) - 1) / 2
                return [
                    {"x": x, "y": top + _LINE_PX * at, "text": line, "is_amount": line == row.text, "colour": ink}
                    for at, line in enumerate(lines)
                ]
        return []

    def _scale_bar(self) -> list[Spec]:
        plan = self.frame
        km = next((km for km in (50, 25, 10, 5, 2, 1) if km * 1000 * plan.scale <= 110), 0.5)
        length, y = km * 1000 * plan.scale, plan.height + 12
        text = _WORDS[self.language]["km"].format(km=number(km, decimals=0 if km >= 1 else 1, language=self.language))
        rule = layer(
            [{}], {"type": "rule", "color": self.theme.muted, "strokeWidth": 2}, x={"value": 6}, y={"value": y}
        )
        rule["encoding"]["x2"] = {"value": 6 + length}
        mark = {"type": "text", "align": "left", "baseline": "middle", "fontSize": 11, "color": self.theme.muted}
        return [rule, layer([{"text": text}], mark, x={"value": 12 + length}, y={"value": y}, text={"field": "text"})]

    def _entries(self) -> list[_Entry]:
        """The rows of the legend: the highest class first, then why areas have no amount."""
        rows = self._rows
        counted = Counter(row.class_number for row in rows if row.class_number is not None)
        entries = []
        if self.classes:
            texts = class_texts(self.classes, language=self.language)
            for at, colour in reversed(list(enumerate(self._colours()))):
                level = self.printed and self.classes.middle is not None and at < self.classes.middle
                around = self.centre_label if at == self.classes.middle else ""
                note = _WORDS[self.language]["around"].format(label=around) if around else ""
                hatch = "white" if level else ""
                entries.append(_Entry(colour=colour, text=texts[at], count=counted[at], note=note, level_hatch=hatch))
        for reason in (Missing.WITHHELD, Missing.NOT_MEASURED, Missing.NOT_KNOWN):
            if count := sum(row.reason is reason for row in rows):
                text, withheld = _WORDS[self.language][reason.value], reason is Missing.WITHHELD
                entries += [_Entry(colour=GROUND, text=text, count=count, slanted_hatch=HATCH if withheld else "")]
        return entries

    def _legend(self) -> list[Spec]:
        left = self.width - LEGEND_WIDTH + 26 if self.beside else 6.0
        right = left + LEGEND_WIDTH - 26
        y = 8.0 if self.beside else self.frame.height + 44
        quiet = {"color": self.theme.muted, "fontSize": 12}
        swatches, texts, counts, lines = [], [], [], []
        notes = [{"x": right, "y": y - 11, "text": _WORDS[self.language]["column"], "align": "right"}]
        for entry in self._entries():
            swatches.append({"x": left, "x2": left + 28, "y": y, "y2": y + 18, "colour": entry.colour})
            texts.append({"x": left + 36, "y": y + 9.5, "text": entry.text})
            counts.append({"x": right, "y": y + 9.5, "text": str(entry.count)})
            notes += [{"x": left + 36, "y": y + 25, "text": entry.note, "align": "left"}] if entry.note else []
            lines += _swatch_lines(left, y, entry)
            y += entry.height
        return [
            _boxes(swatches, {"type": "rect", "cornerRadius": 2, "stroke": "#aab4bf", "strokeWidth": 0.8}),
            _boxes(lines, {"type": "rule", "strokeWidth": 1.1}),
            _said(texts, {"align": "left", "fontSize": 13, "color": self.theme.ink}),
            _said(counts, {"align": "right"} | quiet),
            _said([note for note in notes if note["align"] == "right"], {"align": "right"} | quiet | {"fontSize": 11}),
            _said([note for note in notes if note["align"] == "left"], {"align": "left"} | quiet),
        ]


def _geojson(feature: Feature) -> Record:
    """An area as GeoJSON, to the metre, with flat fields: Vega-Lite loses nested ones that are empty."""
    rings = [[[[round(x), round(y)] for x, y in ring] for ring in polygon] for polygon in feature.polygons]
    geometry = {"type": "MultiPolygon", "coordinates": rings}
    return {"type": "Feature", "properties": {}, "geometry": geometry, "code": feature.code}


_PIXEL: Spec = {"type": "quantitative", "scale": None}


def _boxes(rows: Sequence[Record], mark: Spec) -> Spec:
    """Rectangles or lines between two corners, in pixels and in their own colour."""
    places: Spec = {"x": {"field": "x"} | _PIXEL, "y": {"field": "y"} | _PIXEL} | {
        "x2": {"field": "x2"},
        "y2": {"field": "y2"},
    }
    paint = "fill" if mark["type"] == "rect" else "stroke"
    return layer(rows, mark, **places, **{paint: {"field": "colour", "type": "nominal", "scale": None}})


def _said(rows: Sequence[Record], look: Spec) -> Spec:
    mark = {"type": "text", "baseline": "middle"} | look
    return layer(rows, mark, x={"field": "x"} | _PIXEL, y={"field": "y"} | _PIXEL, text={"field": "text"})


def _swatch_lines(left: float, top: float, entry: _Entry) -> list[Record]:
    """The hatching of a swatch, cut off at its edges."""
    if entry.level_hatch:
        return [
            {"x": left, "x2": left + 28, "y": top + at, "y2": top + at, "colour": entry.level_hatch}
            for at in (3.5, 9, 14.5)
        ]
    if not entry.slanted_hatch:
        return []
    lines = []
    for start in range(-14, 28, 7):  # from the lower edge, up to the right
        first, last = max(0, -start), min(18, 28 - start)
        ends = {"x": left + start + first, "x2": left + start + last}
        lines.append(ends | {"y": top + 18 - first, "y2": top + 18 - last, "colour": entry.slanted_hatch})
    return lines


def _wordings(name: str, amount: str) -> list[tuple[str, ...]]:
    """The words for an area from most to least: name in one or two lines, with or without its amount."""
    broken = tuple(wrapped(name, 13))
    forms = [(name, amount), (*broken, amount), (name,), broken, (amount,)]
    return list(dict.fromkeys(tuple(line for line in form if line) for form in forms if any(form)))
