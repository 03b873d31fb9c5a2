"""Where PDOK serves the borders of CBS, by level and year. Pure: addresses only, nothing is fetched here.

Two services, both OGC API Features in pages with a link to the next one (followed by `captures.capture_features`).
"CBS Gebiedsindelingen" gives all areas of a level and year, generalised for maps; "CBS Wijken en Buurten" can be asked
for one municipality. Asked is for metres of the Dutch grid; an answer in degrees is read as well (see `geojson`).
Sources (read in public documentation and code, November 2026): pdok.nl, "CBS Gebiedsindelingen", "CBS
Gebiedsindelingen 1995-2015" and "CBS Wijken en Buurten". Licence: CC BY 4.0, with mention of CBS and Kadaster.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from koersvast.connectors.geojson import Level

LICENCE, HOLDER = "CC BY 4.0", "CBS, Kadaster"
FIRST_YEAR, FIRST_YEAR_OF_TODAYS_SERVICE, FIRST_YEAR_BY_MUNICIPALITY = 1995, 2016, 2023
PAGE_SIZE = 1_000
DUTCH_GRID = "http://www.opengis.net/def/crs/EPSG/0/28992"

_COLLECTIONS: Mapping[Level, str] = {
    Level.LANDSDEEL: "landsdeel_gegeneraliseerd",
    Level.PROVINCE: "provincie_gegeneraliseerd",
    Level.POLICE_UNIT: "regionale_eenheid_gegeneraliseerd",
    Level.SAFETY_REGION: "veiligheidsregio_gegeneraliseerd",
    Level.MUNICIPALITY: "gemeente_gegeneraliseerd",
    Level.WIJK: "wijk_gegeneraliseerd",
    Level.BUURT: "buurt_gegeneraliseerd",
}
_BY_MUNICIPALITY: Mapping[Level, str] = {
    Level.MUNICIPALITY: "gemeenten",
    Level.WIJK: "wijken",
    Level.BUURT: "buurten",
}
_MUNICIPALITY = re.compile(r"GM\d{4}")


class NotServed(ValueError):
    """Borders that PDOK does not serve at these addresses: another level, or too early a year."""


def national_url(level: Level, year: int) -> str:
    """Return the first page of all areas of a level on 1 January of a year, generalised. Raises NotServed."""
    if level not in _COLLECTIONS:
        raise NotServed(f"{level.value}: not a level of the CBS classifications.")
    if year < FIRST_YEAR:
        raise NotServed(f"{year}: served from {FIRST_YEAR} on.")
    service = "gebiedsindelingen" if year >= FIRST_YEAR_OF_TODAYS_SERVICE else "gebiedsindelingen-historisch"
    return _items(service, _COLLECTIONS[level], jaarcode=year)


def municipal_url(level: Level, year: int, *, municipality: str) -> str:
    """Return the first page of a municipality ("GM0148"), its wijken or its buurten, in detail. Raises NotServed."""
    if level not in _BY_MUNICIPALITY:
        raise NotServed(f"{level.value}: municipalities, wijken and buurten are served by municipality.")
    if year < FIRST_YEAR_BY_MUNICIPALITY:
        raise NotServed(f"{year}: served by municipality from {FIRST_YEAR_BY_MUNICIPALITY} on; take the national ones.")
    if not _MUNICIPALITY.fullmatch(municipality):
        raise NotServed(f"{municipality!r} is not the code of a municipality.")
    return _items(f"wijken-en-buurten-{year}", _BY_MUNICIPALITY[level], gemeentecode=municipality)


def _items(service: str, collection: str, **chosen: str | int) -> str:
    asked = urlencode({"f": "json", "limit": PAGE_SIZE, **chosen, "crs": DUTCH_GRID})
    return f"https://api.pdok.nl/cbs/{service}/ogc/v1/collections/{collection}/items?{asked}"
