"""Where words fit in a picture: boxes around labels, and which of them can stand without touching. Pure.

Widths are estimates from the widths of letters in a humanist sans serif; a label that is a few pixels narrower than
its box does no harm.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NARROW, _WIDE = frozenset("iljtf.,;:'|!()[] -1Ir"), frozenset("mwMWGOQ@%ABCDHNUVXYK")


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle in pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: "Box") -> bool:
        return not (
            self.right <= other.left or other.right <= self.left or self.bottom <= other.top or other.bottom <= self.top
        )

    def lies_within(self, other: "Box") -> bool:
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


def text_width(text: str, *, font_size: float, bold: bool = False) -> float:
    """Estimate the width of a text in pixels."""
    ems = sum(0.31 if letter in _NARROW else 0.72 if letter in _WIDE else 0.57 for letter in text)
    return ems * font_size * (1.06 if bold else 1.0)


def text_box(
    text: str, *, x: float, y: float, font_size: float, align: str = "center", bold: bool = False, lines: int = 1
) -> Box:
    """Return the box of a text whose middle line is at `y`; `align` says which end of it is at `x`."""
    width, height = text_width(text, font_size=font_size, bold=bold), font_size * 1.2 * lines
    left = {"left": x, "center": x - width / 2, "right": x - width}[align]
    return Box(left=left, top=y - height / 2, right=left + width, bottom=y + height / 2)


def dot_box(*, x: float, y: float, radius: float) -> Box:
    return Box(left=x - radius, top=y - radius, right=x + radius, bottom=y + radius)


def first_that_fits(choices: Sequence[Box], taken: Iterable[Box], *, within: Box) -> int | None:
    """Return the place of the first box that lies within the picture and touches nothing that stands there."""
    standing = tuple(taken)
    for place, box in enumerate(choices):
        if box.lies_within(within) and not any(box.touches(other) for other in standing):
            return place
    return None


def spread(wishes: Sequence[float], *, least: float, low: float, high: float) -> list[float]:
    """Return places near the wishes, in their order, at least `least` apart and within `low` to `high` where they fit.

    Labels at the right end of lines: those that would touch are moved apart, as little as possible.
    """
    order = sorted(range(len(wishes)), key=lambda at: wishes[at])
    clusters: list[tuple[float, list[float]]] = []  # the middle of each group of labels, and their wishes
    for at in order:
        wished = [wishes[at]]
        middle = _middle(wished, least=least, low=low, high=high)
        while clusters and middle - clusters[-1][0] < least * (len(wished) + len(clusters[-1][1])) / 2:
            wished = clusters.pop()[1] + wished
            middle = _middle(wished, least=least, low=low, high=high)
        clusters.append((middle, wished))
    places = [middle + least * (at - (len(wished) - 1) / 2) for middle, wished in clusters for at in range(len(wished))]
    result = [0.0] * len(wishes)
    for at, place in zip(order, places, strict=True):
        result[at] = place
    return result


def _middle(wished: Sequence[float], *, least: float, low: float, high: float) -> float:
    """The middle of labels that stand together: as wished, but with all of them within the limits if they fit."""
    room = least * (len(wished) - 1) / 2
    return max(low + room, min(high - room, sum(wished) / len(wished)))
