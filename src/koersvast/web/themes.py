"""A municipality's theme: the basis tokens of its house colour, as one small stylesheet.

The colours themselves come from `publications.palette`, which gives the charts and documents theirs too.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse

from koersvast.access.models import Municipality
from koersvast.publications.palette import DEFAULT_COLOUR, WHITE, Palette, grey_palette, house_palette
from koersvast.web.gate import public

A_YEAR_SECONDS = 365 * 24 * 3600

# Role of a colour family in the basis layer of the design system → rung of the ladder; None is white.
ROLES: Mapping[str, int | None] = {
    "bg-document": None, "bg-subtle": 50, "bg-default": 100, "bg-hover": 200, "bg-active": 200,
    "border-subtle": 300, "border-default": 400, "border-hover": 500, "border-active": 500,
    "color-default": 500, "color-hover": 600, "color-active": 600, "color-subtle": 500, "color-document": 700,
    "inverse-bg-document": 600, "inverse-bg-subtle": 700, "inverse-bg-default": 500, "inverse-bg-hover": 600,
    "inverse-bg-active": 700, "inverse-border-subtle": 400, "inverse-border-default": 300, "inverse-border-hover": 200,
    "inverse-border-active": 200, "inverse-color-default": None, "inverse-color-hover": None,
    "inverse-color-active": None, "inverse-color-subtle": 200, "inverse-color-document": None,
}  # fmt: skip
HOUSE_FAMILIES = ("accent-1", "action-1", "action-2", "selected")


@lru_cache(maxsize=512)
def theme_css(house_colour: str = DEFAULT_COLOUR) -> str:
    """Return the theme file of a house colour: basis tokens on `:root`, about 6 kB."""
    house, grey = house_palette(house_colour), grey_palette(house_colour)
    lines = [line for family in HOUSE_FAMILIES for line in _tokens(family, house)]
    lines += _tokens("default", grey)
    lines += [
        '--basis-text-font-family-default:"Source Sans 3 Variable"',
        '--basis-heading-font-family:"Source Sans 3 Variable"',
        "--basis-form-control-border-radius:8px",
        "--basis-border-radius-md:8px",
    ]
    return ":root{" + ";\n".join(lines) + "}\n"


def _tokens(family: str, rungs: Palette) -> list[str]:
    return [f"--basis-color-{family}-{role}:{WHITE if rung is None else rungs[rung]}" for role, rung in ROLES.items()]


def theme_version(house_colour: str) -> str:
    """Return a short mark that changes with the theme, for the address that browsers may keep for a year."""
    return sha256(theme_css(house_colour).encode()).hexdigest()[:12]


@public("GET")
def stylesheet(request: HttpRequest, slug: str) -> HttpResponse:
    """Serve the theme of a municipality; its address carries the version, so browsers keep it for a year."""
    municipality = Municipality.objects.filter(slug=slug).first()
    if municipality is None:
        raise Http404
    response = HttpResponse(theme_css(municipality.house_colour), content_type="text/css; charset=utf-8")
    is_current = request.GET.get("v") == theme_version(municipality.house_colour)
    response["Cache-Control"] = f"public, max-age={A_YEAR_SECONDS}, immutable" if is_current else "public, max-age=300"
    return response
