"""How a house colour will look: its ladder, and what became of it where it cannot carry text."""

import re
from dataclasses import dataclass

from babel.numbers import format_decimal
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koersvast.publications.palette import WHITE, house_palette
from koersvast.publications.theme import contrast

HEX = re.compile(r"#[0-9a-fA-F]{6}")
# Steps of the ladder that a reader meets: page header, buttons and links, tinted ground.
HEADER, BUTTON, TINT = 600, 500, 100


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Colours as `#rrggbb` for a small drawing, and what to say about them."""

    given: str
    header: str
    button: str
    tint: str
    description: str
    sentences: tuple[str, ...]


def preview(colour: str) -> Preview | None:
    """Return the preview of `#rrggbb`; None for a text that is no colour."""
    if not HEX.fullmatch(colour):
        return None
    given, ladder = colour.lower(), house_palette(colour.lower())
    return Preview(
        given=given,
        header=ladder[HEADER],
        button=ladder[BUTTON],
        tint=ladder[TINT],
        description=_("A page header, a button and a link in the house colour."),
        sentences=(_adapted(given, ladder[BUTTON]), _readable(ladder[BUTTON])),
    )


def _adapted(given: str, used: str) -> str:
    if given == used:
        return _("The colour is used as it is.")
    return _(
        "Text and buttons use {used}: the same hue, at a depth that everybody can read. Your own colour stays {given}."
    ).format(used=used, given=given)


def _readable(used: str) -> str:
    ratio = format_decimal(contrast(used, WHITE), format="0.0", locale=get_language() or "nl")
    return _("Contrast of white text on a button: {ratio} to 1. At least 4.5 to 1 is needed.").format(ratio=ratio)
