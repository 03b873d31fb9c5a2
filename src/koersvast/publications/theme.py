"""The look of documents and charts of one municipality: colours and fonts. Pure."""

import re
from dataclasses import dataclass, fields
from pathlib import Path

_HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


class BadTheme(ValueError):
    """A theme that cannot be read by everyone: an unknown colour, or too little contrast."""


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours as `#rrggbb`, the font family, and the folder with its TTF files.

    Text colours hold 4.5:1 on white and on `tint`, `accent` carries white text, chart colours hold 3:1 on white.
    The series colours differ in lightness as well as in hue, so that they stay apart without colour vision.
    """

    fonts: Path
    name: str = "koersvast"
    font: str = "Noto Sans"
    accent: str = "#0b6157"
    tint: str = "#e9f5f2"
    second: str = "#b8430b"
    ink: str = "#16202c"
    muted: str = "#4a5b70"
    line: str = "#c9d1da"
    good: str = "#14632a"
    bad: str = "#a01d23"
    unsure: str = "#7a4b00"
    series: tuple[str, ...] = ("#0b6157", "#b8430b", "#5b4b9a", "#8a1538", "#2f6db3", "#6b6b00")

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name not in {"fonts", "name", "font", "series"} and not _HEX.fullmatch(value):
                raise BadTheme(f"{field.name}: {value!r} is not a colour of the form #rrggbb.")
        for colour in self.series:
            if not _HEX.fullmatch(colour) or contrast(colour, "#ffffff") < 3:
                raise BadTheme(f"series: {colour!r} needs a contrast of 3:1 with white.")
        for name in ("accent", "second", "ink", "muted", "good", "bad", "unsure"):
            if min(contrast(getattr(self, name), paper) for paper in ("#ffffff", self.tint)) < 4.5:
                raise BadTheme(
                    f"{name}: {getattr(self, name)!r} needs a contrast of 4.5:1 with white and with the tint."
                )
        if not re.fullmatch(r"[\w .-]+", self.font):
            raise BadTheme(f"font: {self.font!r} is not the name of a font family.")
