"""A sparkline: recent values and the agreed values of one objective, as points of a small drawing.

Pure: values in, coordinates out. The template draws them with classes only, so that the theme gives the colours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 200.0, 72.0
LEFT, RIGHT, TOP, BOTTOM = 14.0, 14.0, 8.0, 20.0


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A point of the drawing, in its own units."""

    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Sparkline:
    """Coordinates for `sparkline.html`; `lines` are unbroken runs, a gap or a break of the series splits them."""

    lines: Sequence[str]
    dots: Sequence[Dot]
    last: Dot | None
    targets: Sequence[Dot]
    target_line: str
    breaks: Sequence[float]
    first_label: str
    last_label: str
    description: str


def sparkline(
    labels: Sequence[str],
    *,
    observed: Sequence[float | None],
    agreed: Sequence[float | None],
    description: str,
    breaks_before: Sequence[int] = (),
) -> Sparkline:
    """Lay out a sparkline.

    `observed` and `agreed` have one value per label, None where there is none. `breaks_before` holds the positions
    whose value starts a new series: no line is drawn into them. The vertical scale starts at zero when that costs
    less than two thirds of the height, so that small differences of large numbers stay visible and others honest.
    """
    if not len(labels) == len(observed) == len(agreed):
        raise ValueError("labels, observed and agreed differ in length.")
    place = _scale(len(labels), [value for value in (*observed, *agreed) if value is not None])
    dots = [place(index, value) if value is not None else None for index, value in enumerate(observed)]
    targets = [place(index, value) for index, value in enumerate(agreed) if value is not None]
    known = [dot for dot in dots if dot is not None]
    return Sparkline(
        lines=_runs(dots, breaks_before=set(breaks_before)),
        dots=known[:-1],
        last=known[-1] if known else None,
        targets=targets,
        target_line=_points(targets) if len(targets) > 1 else "",
        breaks=[(place(index, 0).x + place(index - 1, 0).x) / 2 for index in breaks_before if index > 0],
        first_label=labels[0] if labels else "",
        last_label=labels[-1] if len(labels) > 1 else "",
        description=description,
    )


class _Scale:
    """From position and value to a point."""

    def __init__(self, length: int, *, low: float, high: float) -> None:
        self.step = (WIDTH - LEFT - RIGHT) / max(1, length - 1)
        self.low, self.high = low, high

    def __call__(self, index: int, value: float) -> Dot:
        share = (value - self.low) / (self.high - self.low)
        height = HEIGHT - TOP - BOTTOM
        return Dot(x=round(LEFT + index * self.step, 1), y=round(TOP + height * (1 - share), 1))


def _scale(length: int, values: Sequence[float]) -> _Scale:
    if not values:
        return _Scale(length, low=0.0, high=1.0)
    low, high = min(values), max(values)
    if 0 <= low <= 2 / 3 * high:
        low = 0.0
    if high == low:
        low, high = low - 0.5, high + 0.5
    return _Scale(length, low=low, high=high)


def _runs(dots: Sequence[Dot | None], *, breaks_before: set[int]) -> list[str]:
    runs: list[list[Dot]] = [[]]
    for index, dot in enumerate(dots):
        if dot is None or index in breaks_before:
            runs.append([])
        if dot is not None:
            runs[-1].append(dot)
    return [_points(run) for run in runs if len(run) > 1]


def _points(dots: Sequence[Dot]) -> str:
    return " ".join(f"{dot.x:g},{dot.y:g}" for dot in dots)
