"""Our own numbers for the spec tables of borders and map classes."""

import csv
from collections.abc import Callable, Sequence
from datetime import date

from koersvast.connectors.geojson import to_metres
from koersvast.publications.map_classes import ClassMethod, classes
from koersvast.publications.maps import class_texts
from koersvast.reference.borders import BorderBook, Change, Edition, Relation
from koersvast.reference.changes import CHANGES_FILE, FIRST_LISTED, LAST_LISTED, MUNICIPALITIES_FILE

type Answer = Sequence[float | str | None]


def book() -> BorderBook:
    """The municipalities and border changes as they come with the product."""
    editions = tuple(
        Edition(
            code=row["code"],
            kind="municipality",
            valid_from=int(row["valid_from"]),
            valid_until=int(row["valid_until"]) if row["valid_until"] else None,
            begun_by=row["begun_by"],
        )
        for row in _rows(MUNICIPALITIES_FILE.read_text(encoding="utf-8"))
    )
    changes = tuple(
        Change(
            on=date.fromisoformat(row["on"]),
            from_code=row["from_code"],
            into_code=row["into_code"],
            relation=Relation(row["kind"]),
            share=float(row["share"]) if row["share"] else None,
        )
        for row in _rows(CHANGES_FILE.read_text(encoding="utf-8"))
    )
    years = frozenset(range(FIRST_LISTED, LAST_LISTED + 1))
    return BorderBook(editions=editions, changes=changes, listed={"municipality": years})


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#")))


def _denominator(code: str, counted_on: str, inhabitants_on: str, inhabitants: str) -> Answer:
    known = {part.split(":")[0]: float(part.split(":")[1]) for part in inhabitants.split(", ")}
    found = book().denominator_for(
        code, counted_on=int(counted_on), inhabitants_on=int(inhabitants_on), inhabitants=known
    )
    return found.inhabitants, ", ".join(found.reasons)


def _classes(amounts: str, method: str, most: str, centre: str) -> Answer:
    made = classes(
        [float(amount) for amount in amounts.split(", ")],
        method=ClassMethod(method),
        most=int(most),
        decimals=1,
        centre=None if centre == "-" else float(centre),
    )
    return ("; ".join(class_texts(made)),)


def _metres(longitude: str, latitude: str) -> Answer:
    return to_metres(float(longitude), float(latitude))


AREAS: dict[str, Callable[..., Answer]] = {
    "border-denominator": _denominator,
    "degrees-to-metres": _metres,
    "map-classes": _classes,
}
