"""What is wrong with a file of borders: per code what it is and what to do about it (codes G)."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Lazy = str | Promise

_AGAIN = _("Nothing was taken over. Fetch the borders of PDOK again, or ask whoever made the file for another one.")
_SMALLER = _("Nothing was taken over. Choose generalised borders, or the borders of your own municipality only.")

BORDER_SENTENCES: Mapping[str, tuple[Lazy, Lazy]] = {
    "G01": (_("The file of borders has {found} bytes; at most {limit} are read."), _SMALLER),
    "G02": (_("The file is no GeoJSON: from byte {position} on it cannot be read."), _AGAIN),
    "G03": (
        _("The file holds no collection of areas but {found}."),
        _("Nothing was taken over. Save the areas as a GeoJSON FeatureCollection."),
    ),
    "G04": (_("The file holds {found} areas; at most {limit} are read."), _SMALLER),
    "G05": (_("The borders have more than {limit} points."), _SMALLER),
    "G06": (_("The file is nested too deeply to be a file of borders."), _AGAIN),
    "G07": (_("The file holds no areas on land."), _AGAIN),
    "G10": (
        _("Area number {number} has no code."),
        _("Nothing was taken over. Give each area its CBS code in the property “statcode”, such as BU01480101."),
    ),
    "G11": (
        _("“{area}” is not the code of an area."),
        _("Nothing was taken over. Use the CBS code, such as GM0148, WK014801 or BU01480101."),
    ),
    "G12": (
        _("Area {area} is in the file twice."),
        _("Nothing was taken over. Join its parts into one area with several polygons."),
    ),
    "G13": (_("Area {area} is no surface with an outline but {found}."), _AGAIN),
    "G14": (_("The outline of area {area} does not return to where it began."), _AGAIN),
    "G15": (_("A part of the outline of area {area} encloses nothing."), _AGAIN),
    "G16": (_("A coordinate of area {area} is not a number."), _AGAIN),
    "G17": (
        _("Area {area} lies outside the Netherlands."),
        _("Nothing was taken over. Save the file in degrees (WGS 84) or in the Dutch grid (RD, EPSG:28992)."),
    ),
}
