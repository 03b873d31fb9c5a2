"""Borders from GeoJSON: areas with their code, in metres of the Dutch grid, within limits.

A file of borders comes from outside. What is read is checked here (size, depth, number of areas and of points, finite
coordinates in or near the Netherlands, closed rings, one area a code); what does not hold refuses the whole file, with
a code and values. Rings come out closed, the outer one clockwise on the page as Vega draws them, holes the other way.
Not for: deciding which areas a map shows, or keeping the file (see `snapshot`).
Source of the format: RFC 7946. Of the areas: CBS Gebiedsindelingen and CBS Wijken en Buurten at PDOK.
"""

from dataclasses import dataclass
from enum import StrEnum

type Point = tuple[float, float]  # metres east and north, EPSG:28992 ("RD")
type Ring = tuple[Point, ...]  # closed: the first point is also the last
type Polygon = tuple[Ring, ...]  # the outer ring, then its holes


class Level(StrEnum):
    """The level of an area, told by its code."""

    COUNTRY = "country"
    LANDSDEEL = "landsdeel"
    PROVINCE = "province"
    MUNICIPALITY = "municipality"
    WIJK = "wijk"
    BUURT = "buurt"
    OTHER = "region"


@dataclass(frozen=True, kw_only=True)
class Feature:
    """An area as drawn: its code without padding, its name, and its polygons in metres of the Dutch grid."""

    code: str
    name: str
    level: Level
    polygons: tuple[Polygon, ...]
    parent_code: str = ""
    is_water: bool = False
