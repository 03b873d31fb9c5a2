"""The house style for word processors: how each named style looks, for DOCX and ODT alike."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from koersvast.publications.blocks import Tone
from koersvast.publications.theme import Theme

WHITE = "#ffffff"


@dataclass(frozen=True, kw_only=True)
class Look:
    """A paragraph style: sizes and distances in points, colours as `#rrggbb`; `bar` is a line at the left."""

    size: float = 10.5
    bold: bool = False
    colour: str = ""
    before: float = 0
    after: float = 6
    line: float = 1.3
    align: str = "left"
    keep_with_next: bool = False
    fill: str = ""
    bar: str = ""
    indent: float = 0
    indent_right: float = 0
    outline: int = 0


def tone_colours(theme: Theme) -> Mapping[Tone, str]:
    return {
        Tone.NEUTRAL: theme.accent,
        Tone.GOOD: theme.good,
        Tone.BAD: theme.bad,
        Tone.UNSURE: theme.unsure,
        Tone.MISSING: theme.muted,
        Tone.NOT_COMPARABLE: theme.muted,
    }


def paragraph_looks(theme: Theme, *, is_leaf: bool = False) -> Mapping[str, Look]:
    """Return each paragraph style by name. "Normal" (DOCX) and "Standard" (ODT) are the base of all others."""
    looks = _report_looks(theme)
    return looks | _leaf_looks(looks, theme) if is_leaf else looks


def _leaf_looks(looks: Mapping[str, Look], theme: Theme) -> dict[str, Look]:
    """What differs on one page without a cover: small type, little room, the title in the house colour on white."""
    small = Look(size=9.5, colour=theme.ink, after=3, line=1.2)
    line = replace(small, colour=theme.muted, after=1)
    body = dict.fromkeys(("Normal", "Standard", "Body Text", "Text body", "First Paragraph", "Compact", "Term"), small)
    boxes = {name: replace(look, size=9.5, line=1.15) for name, look in looks.items() if name.startswith("Callout")}
    return {
        **body,
        **{name: replace(look, before=min(look.before, 5)) for name, look in boxes.items()},
        "Heading 1": Look(size=11, bold=True, colour=theme.accent, before=7, after=2, line=1.1, outline=1),
        "Cover Organisation": replace(line, bold=True),
        "Title": Look(size=18, bold=True, colour=theme.accent, after=1, line=1.1),
        "Subtitle": Look(size=11, colour=theme.ink, after=2, line=1.1),
        "Cover Status": line,
        "Cover Date": replace(line, after=5),
    }


def _report_looks(theme: Theme) -> dict[str, Look]:
    table_cell = Look(size=9, after=2, before=2, line=1.15, colour=theme.ink)
    table_head = Look(size=9, after=2, before=2, line=1.15, colour=WHITE, bold=True, keep_with_next=True)
    cover = Look(colour=WHITE, fill=theme.accent, indent=14, indent_right=60)
    body = Look(colour=theme.ink, after=7, line=1.35)
    looks = {
        "Normal": body,
        "Standard": body,
        "Body Text": body,
        "Text body": body,
        "First Paragraph": body,
        "Compact": Look(colour=theme.ink, after=3, line=1.3),
        "Heading 1": Look(size=22, bold=True, colour=theme.accent, before=26, after=10, line=1.15, outline=1),
        "Heading 2": Look(size=14.5, bold=True, colour=theme.ink, before=20, after=7, line=1.15, outline=2),
        "Heading 3": Look(size=11.5, bold=True, colour=theme.accent, before=14, after=5, line=1.15, outline=3),
        "Heading 4": Look(size=10.5, bold=True, colour=theme.ink, before=12, after=4, line=1.15, outline=4),
        "Cover Organisation": replace(cover, size=12.5, bold=True, before=84, after=18, line=1.1),
        "Title": replace(cover, size=34, bold=True, after=10, line=1.05),
        "Subtitle": replace(cover, size=16, after=34, line=1.15),
        "Cover Status": replace(cover, size=11.5, after=2),
        "Cover Date": replace(cover, size=11.5, after=2),
        "TOC Heading": Look(size=22, bold=True, colour=theme.accent, after=12, line=1.15, keep_with_next=True),
        "toc 1": Look(bold=True, colour=theme.ink, before=8, after=3),
        "toc 2": Look(colour=theme.ink, after=3, indent=16),
        "toc 3": Look(colour=theme.ink, after=2, indent=32),
        "toc 4": Look(colour=theme.ink, after=2, indent=48),
        "Table Caption": Look(size=9.5, bold=True, colour=theme.muted, before=14, after=5, keep_with_next=True),
        "Captioned Figure": Look(before=14, after=4, line=1.0, keep_with_next=True),
        "Image Caption": Look(size=9.5, bold=True, colour=theme.muted, after=4),
        "Table Note": Look(size=8.5, colour=theme.muted, before=3, after=1, line=1.2),
        "Table Group": Look(size=9, bold=True, colour=theme.accent, before=2, after=2, line=1.15, keep_with_next=True),
        "Card Label": Look(size=8.8, colour=theme.muted, before=5, after=0, line=1.15, keep_with_next=True),
        "Card Value": Look(size=20, bold=True, colour=theme.ink, after=0, line=1.15, keep_with_next=True),
        "Card Explanation": Look(size=8.8, colour=theme.ink, after=6, line=1.15),
        "Term": Look(colour=theme.ink, after=5),
        "Header": Look(size=8.5, colour=theme.muted, after=0, line=1.1),
        "Footer": Look(size=8.5, colour=theme.muted, after=0, line=1.1),
    }
    for suffix, align in (("", "left"), (" Right", "right"), (" Center", "center")):
        looks[f"Table Cell{suffix}"] = replace(table_cell, align=align)
        looks[f"Table Header{suffix}"] = replace(table_head, align=align)
    for tone, colour in tone_colours(theme).items():
        box = Look(fill=theme.tint, bar=colour, indent=9, after=0)
        looks[f"Callout Title {tone.value}"] = replace(box, bold=True, colour=colour, before=12, keep_with_next=True)
        looks[f"Callout {tone.value}"] = replace(box, colour=theme.ink)
    return looks


def character_colours(theme: Theme) -> Mapping[str, tuple[str, bool]]:
    """Return each character style by name: its colour and whether it is bold."""
    tones = {f"Tone {tone.value}": (colour, True) for tone, colour in tone_colours(theme).items()}
    return tones | {"Light": (theme.muted, False), "Hyperlink": (theme.accent, False)}
