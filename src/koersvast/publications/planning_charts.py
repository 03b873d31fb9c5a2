"""A chart for planning a survey: how the margin narrows with more respondents. Pure, as `charts`."""

from collections.abc import Sequence
from dataclasses import dataclass

from koersvast.publications.blocks import BadBlock, Language
from koersvast.publications.charts import Spec
from koersvast.publications.placing import Box, dot_box, first_that_fits, text_box
from koersvast.publications.theme import Theme
from koersvast.publications.vegalite import Record, amount_axis, frame, heading, layer, round_steps, with_halo

WIDTH, HEIGHT = 640, 300
_FONT = 13.0


@dataclass(frozen=True, kw_only=True)
class MarginPoint:
    """A wave or an area by its number of respondents, with its margin in points; `strong` ones are named first."""

    name: str
    respondents: float
    margin_points: float
    strong: bool = False


def margin_chart(
    course: Sequence[tuple[float, float]],
    points: Sequence[MarginPoint],
    *,
    theme: Theme,
    description: str,
    unit: str,
    size_unit: str,
    language: Language = Language.DUTCH,
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Spec:
    """Return a falling line of margins (points) by respondents with named points; names that do not fit are left out.

    `course` are (respondents, margin); `unit` stands above the vertical axis, `size_unit` under the horizontal one.
    """
    if len(course) < 2:
        raise BadBlock("A course of margins has at least two places.")
    right = max([size for size, _ in course] + [point.respondents for point in points])
    # The first few respondents have margins that would press the rest flat.
    top = round_steps(max([point.margin_points for point in points], default=course[0][1]) * 1.15)[-1]
    scene = _Scene(right=right, top=top, width=width, height=height, theme=theme)
    layers = [scene.line(course), *scene.dots(points), *scene.names(points), scene.below(size_unit)]
    return frame(theme, language, description) | {
        "width": width,
        "height": height,
        "layer": [*(part for part in layers if part["data"]["values"]), *heading(theme, unit)],
    }


@dataclass(frozen=True, kw_only=True)
class _Scene:
    right: float
    top: float
    width: int
    height: int
    theme: Theme

    def line(self, course: Sequence[tuple[float, float]]) -> Spec:
        rows: list[Record] = [{"size": size, "margin": margin} for size, margin in course if margin <= self.top]
        mark = {"type": "line", "color": self.theme.accent, "strokeWidth": 2.5, "clip": True}
        return layer(rows, mark, x=self._x(), y=amount_axis("margin", (0, self.top)))

    def dots(self, points: Sequence[MarginPoint]) -> list[Spec]:
        looks = {True: (130, self.theme.second), False: (70, self.theme.muted)}
        return [
            layer(
                [{"size": one.respondents, "margin": one.margin_points} for one in points if one.strong is strong],
                {"type": "point", "filled": True, "stroke": "white", "size": area, "color": colour, "opacity": 1},
                x=self._x(),
                y=amount_axis("margin", (0, self.top)),
            )
            for strong, (area, colour) in looks.items()
        ]

    def names(self, points: Sequence[MarginPoint]) -> list[Spec]:
        taken = [dot_box(x=x, y=y, radius=6) for x, y in map(self._at, points)]
        canvas = Box(left=0, top=-4, right=self.width + 40, bottom=self.height - 2)
        rows: list[Record] = []
        for point in sorted(points, key=lambda one: not one.strong):
            x, y = self._at(point)
            wishes = ((x + 10, y - 12, "left"), (x + 10, y, "left"), (x, y - 17, "center"), (x - 10, y + 13, "right"))
            choices = [
                text_box(point.name, x=left, y=down, font_size=_FONT, align=align, bold=point.strong)
                for left, down, align in wishes
            ]
            fits = first_that_fits(choices, taken, within=canvas)
            if fits is not None:
                taken.append(choices[fits])
                middle = (choices[fits].top + choices[fits].bottom) / 2
                rows.append({"x": choices[fits].left, "y": middle, "text": point.name, "strong": point.strong})
        mark = {"type": "text", "align": "left", "baseline": "middle", "fontSize": _FONT, "color": self.theme.ink}
        places = {
            "x": {"field": "x", "type": "quantitative", "scale": None},
            "y": {"field": "y", "type": "quantitative", "scale": None},
            "text": {"field": "text"},
        }
        bold = [row for row in rows if row["strong"]]
        plain = [row for row in rows if not row["strong"]]
        return [
            *with_halo(layer(plain, mark, **places)),
            *with_halo(layer(bold, mark | {"fontWeight": "bold"}, **places)),
        ]

    def below(self, size_unit: str) -> Spec:
        mark = {"type": "text", "align": "right", "baseline": "top", "fontSize": 13, "color": self.theme.muted}
        down = {"value": self.height + 28}
        return layer([{"text": size_unit}], mark, x={"value": self.width}, y=down, text={"field": "text"})

    def _at(self, point: MarginPoint) -> tuple[float, float]:
        return (
            self.width * point.respondents / self.right,
            self.height * (1 - min(point.margin_points, self.top) / self.top),
        )

    def _x(self) -> Spec:
        scale: Spec = {"domain": [0, self.right], "nice": False}
        axis: Spec = {"grid": False, "format": ",.0f", "labelOverlap": True, "tickCount": 6}
        return {"field": "size", "type": "quantitative", "title": None, "scale": scale, "axis": axis}
