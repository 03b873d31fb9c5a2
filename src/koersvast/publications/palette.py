"""One house colour becomes a family of colours with guaranteed contrast: for pages, charts and documents alike.

The ladder runs in OKLCH, where equal steps look equal, and is corrected until the contrasts of WCAG 2.2 hold for any
colour: 4.5 to 1 for text on every ground it stands on, 3 to 1 for borders of controls. A house colour that cannot
carry text (yellow) is kept in hue and made darker. Pure.
Source of the conversions: Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin
from pathlib import Path

from koersvast.publications.theme import Theme, contrast

WHITE = "#ffffff"
DEFAULT_COLOUR = "#0b6157"
TEXT_CONTRAST, BORDER_CONTRAST = 4.5, 3.0

# Rung: lightness, and how much of the house colour's chroma is left.
LADDER: Mapping[int, tuple[float, float]] = {
    50: (0.985, 0.08),
    100: (0.962, 0.18),
    200: (0.918, 0.32),
    300: (0.84, 0.55),
    400: (0.60, 0.95),
    500: (0.455, 1.0),
    600: (0.355, 0.92),
    700: (0.27, 0.75),
}
# The neutral family has the hue of the house colour and a breath of its chroma, so that greys and house agree.
NEUTRAL_CHROMA = 0.022
MOST_CHROMA = 0.19

type Palette = Mapping[int, str]


@dataclass(frozen=True, kw_only=True)
class Oklch:
    """A colour by lightness (0 to 1), chroma (0 to about 0.4) and hue (radians)."""

    lightness: float
    chroma: float
    hue: float


def house_palette(house_colour: str) -> Palette:
    """Return the eight rungs of a house colour (`#rrggbb`), light to dark, with the contrasts guaranteed."""
    colour = _to_oklch(house_colour)
    return _ladder(hue=colour.hue, chroma=min(colour.chroma, MOST_CHROMA), keep=house_colour)


def grey_palette(house_colour: str) -> Palette:
    """Return the greys that go with a house colour."""
    colour = _to_oklch(house_colour)
    return _ladder(hue=colour.hue, chroma=min(colour.chroma, NEUTRAL_CHROMA), keep=None)


def _ladder(*, hue: float, chroma: float, keep: str | None) -> Palette:
    rungs = {
        rung: _to_hex(Oklch(lightness=light, chroma=chroma * part, hue=hue)) for rung, (light, part) in LADDER.items()
    }
    if keep and contrast(keep, WHITE) >= 6.5 and _to_oklch(keep).lightness > LADDER[600][0] + 0.02:
        rungs[500] = keep.lower()
    # Text stands on the tints of its own family too, the darkest of which is rung 200.
    rungs[500] = _darken(rungs[500], until=TEXT_CONTRAST, against=rungs[200])
    rungs[600] = _darken(rungs[600], until=TEXT_CONTRAST * 1.3, against=rungs[200])
    rungs[400] = _darken(rungs[400], until=BORDER_CONTRAST, against=rungs[100])
    return rungs


def _darken(colour: str, *, until: float, against: str) -> str:
    """Lower the lightness in small steps until the contrast is reached; black always reaches it."""
    step = _to_oklch(colour)
    while contrast(colour, against) < until and step.lightness > 0:
        step = Oklch(lightness=max(0.0, step.lightness - 0.005), chroma=step.chroma, hue=step.hue)
        colour = _to_hex(step)
    return colour


# Hues of the chart's series, turned away from the house colour, and their rung: light and dark alternate, so that
# neighbours stay apart without colour vision too.
_SERIES: tuple[tuple[float, int], ...] = ((2.75, 400), (4.1, 600), (1.35, 400), (5.2, 500), (3.4, 600))
_SERIES_CHROMA = 0.13


def chart_theme(house_colour: str, *, fonts: Path, name: str = "koersvast") -> Theme:
    """Return the theme of charts and documents in a house colour; `fonts` is the folder with the TTF files."""
    house, grey = house_palette(house_colour), grey_palette(house_colour)
    hue = _to_oklch(house[500]).hue
    turned = [_ladder(hue=hue + turn, chroma=_SERIES_CHROMA, keep=None)[rung] for turn, rung in _SERIES]
    return Theme(
        fonts=fonts,
        name=name,
        accent=house[500],
        tint=house[100],
        second=_ladder(hue=hue + pi * 0.875, chroma=_SERIES_CHROMA, keep=None)[500],
        ink=grey[700],
        muted=grey[500],
        line=grey[300],
        series=(house[500], *turned),
    )


# Ramps for maps. Lightness falls in equal steps, so that a copy in grey keeps the order of the classes.
_LIGHTEST, _DARKEST = 0.935, 0.33
# Blue and orange stay apart for readers who confuse red and green; a house colour may be either, so it is not used.
_BELOW_HUE, _ABOVE_HUE, _DIVERGING_CHROMA = 4.45, 0.95, 0.13


def ramp(colour: str, steps: int) -> tuple[str, ...]:
    """Return `steps` colours from light to dark in the hue of a colour (`#rrggbb`), evenly spaced in lightness."""
    base = _to_oklch(colour)
    return tuple(
        _to_hex(Oklch(lightness=light, chroma=min(base.chroma, MOST_CHROMA) * _fullness(light), hue=base.hue))
        for light in _lightnesses(steps)
    )


def diverging_ramp(below: int, above: int) -> tuple[str, ...]:
    """Return `below` blues (dark to light), one neutral light grey and `above` oranges (light to dark)."""
    most = max(below, above, 1)
    lights = _lightnesses(most + 1)[1:]
    blues, oranges = (
        [_to_hex(Oklch(lightness=light, chroma=_DIVERGING_CHROMA * _fullness(light), hue=hue)) for light in lights]
        for hue in (_BELOW_HUE, _ABOVE_HUE)
    )
    return (*reversed(blues[:below]), "#f0f1f2", *oranges[:above])


def _lightnesses(steps: int) -> list[float]:
    if steps == 1:
        return [0.72]
    return [_LIGHTEST - (_LIGHTEST - _DARKEST) * step / (steps - 1) for step in range(steps)]


def _fullness(lightness: float) -> float:
    """Very light and very dark colours hold less chroma; the middle of the ramp holds all of it."""
    return float(max(0.15, 1 - 2.4 * abs(lightness - 0.52) ** 1.4))


# ── Colour arithmetic ────────────────────────────────────────────────────────────────────────────────────────────


def _channels(colour: str) -> tuple[float, float, float]:
    """Return linear red, green and blue (0 to 1) of `#rrggbb`."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    channel = min(1.0, max(0.0, channel))
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _to_oklch(colour: str) -> Oklch:
    red, green, blue = _channels(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness=lightness, chroma=hypot(a, b), hue=atan2(b, a))


def _to_hex(colour: Oklch) -> str:
    """Return the nearest `#rrggbb` of the same lightness and hue: chroma gives way until the screen can show it."""
    chroma = colour.chroma
    channels = _to_channels(colour.lightness, chroma=chroma, hue=colour.hue)
    while chroma > 0 and not all(-1e-4 <= channel <= 1 + 1e-4 for channel in channels):
        chroma = max(0.0, chroma - 0.002)
        channels = _to_channels(colour.lightness, chroma=chroma, hue=colour.hue)
    return "#" + "".join(f"{round(_gamma(channel) * 255):02x}" for channel in channels)


def _to_channels(lightness: float, *, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
