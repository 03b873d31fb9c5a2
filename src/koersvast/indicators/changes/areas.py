"""Take in borders of wijken, buurten or municipalities, fetched or from a file: areas of a year, and their shapes."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event, Operator
from koersvast.access.models import Municipality
from koersvast.connectors import pdok
from koersvast.connectors.captures import Progress, capture_features
from koersvast.connectors.fetching import Fetcher
from koersvast.connectors.geojson import Feature, Level, outline_of, read_features, read_pages
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.indicators.changes.retrievals import PracticeFigures
from koersvast.indicators.changes.staging import allow
from koersvast.reference.changes import keep_borders, load_edition, load_own_areas
from koersvast.reference.editions import EditionRow
from koersvast.reference.models import Area, Borders

_KINDS = {Level.WIJK: Area.Kind.WIJK, Level.BUURT: Area.Kind.BUURT, Level.MUNICIPALITY: Area.Kind.MUNICIPALITY}


class NotOneLevel(ValueError):
    """A file of borders holds wijken, or buurten, or municipalities: not several of these, and nothing else."""


def load_area_files(directory: Path, *, source: str, by: Operator) -> dict[str, int]:
    """Load an installation's own areas, groups and border changes; return the rows of each file.

    They are shared by all municipalities, so only who runs the installation does this. See
    `reference.changes.load_own_areas` for the files and what it raises; then nothing is kept.
    """
    with audit.recorded(Event.AREAS_LOADED, by=by) as record:
        record.detail = load_own_areas(directory, source=source)
    return dict(record.detail)


def import_borders(
    data: bytes,
    *,
    file_name: str,
    year: int,
    source: str,
    licence: str,
    municipality: Municipality,
    snapshots: SnapshotStore,
    by: Actor,
    at: datetime | None = None,
) -> Borders:
    """Keep a GeoJSON file of borders and list its areas as those of `year`; the same file again changes nothing.

    Raises FileRefused for a file that cannot be read, NotOneLevel for one that mixes levels, and
    `reference.editions.OutOfOrder` for a year before one that is listed already; then nothing is kept in the database.
    """
    allow(by, municipality)
    features = read_features(data)
    _kind(features)
    moment = at or timezone.now()
    kept = snapshots.keep(
        data,
        taken_from=source,
        file_name=file_name,
        fetched_at=moment,
        licence=licence,
        media_type="application/geo+json",
    )
    return _taken(
        features, kept.sha256, year=year, source=source, licence=licence, municipality=municipality, by=by, at=moment
    )


def fetch_borders(
    level: Level,
    *,
    year: int,
    municipality: Municipality,
    fetcher: Fetcher,
    snapshots: SnapshotStore,
    journals: Path,
    by: Actor,
    progress: Callable[[Progress], None] | None = None,
) -> Borders:
    """Fetch the wijken or buurten of a municipality from PDOK, keep them, and list them as those of `year`.

    `journals` is a directory that exists; a fetch that broke off goes on from there. Raises `pdok.NotServed`,
    FetchProblem, FileRefused, NotOneLevel, OutOfOrder, or PracticeFigures in the demo; then nothing is kept in the
    database.
    """
    allow(by, municipality)
    if settings.DEMO:
        raise PracticeFigures
    url = pdok.municipal_url(level, year, municipality=municipality.code)
    table = f"{level.value}-{year}-{municipality.code}"
    capture = capture_features(
        [url],
        fetcher=fetcher,
        snapshots=snapshots,
        journal=journals / f"{table}.jsonl",
        licence=pdok.LICENCE,
        holder=pdok.HOLDER,
        title=f"CBS wijken en buurten {year}",
        table=table,
        progress=progress or (lambda _: None),
    )
    features = read_pages(snapshots.read(part.sha256) for part in capture.parts if part.role == "features")
    return _taken(
        features,
        capture.sha256,
        year=year,
        source=f"{capture.title} ({capture.holder}), PDOK",
        licence=capture.licence,
        municipality=municipality,
        by=by,
        at=capture.finished_at,
    )


def _taken(
    features: tuple[Feature, ...],
    capture: str,
    *,
    year: int,
    source: str,
    licence: str,
    municipality: Municipality,
    by: Actor,
    at: datetime,
) -> Borders:
    """List the areas and note where their shapes are, as one change."""
    kind = _kind(features)
    within = _within(features) if kind is not Area.Kind.MUNICIPALITY else ""
    with audit.recorded(Event.BORDERS_TAKEN, by=by, municipality=municipality) as record:
        if kind is not Area.Kind.MUNICIPALITY:  # those come with the product, with all that moved
            load_edition([_row(one, kind) for one in features], year=year, source=source, within=within)
        borders = keep_borders(
            kind=kind.value,
            year=year,
            capture=capture,
            areas=len(features),
            source=source,
            licence=licence,
            taken_on=at.date(),
            within=within,
        )
        record.subject = borders
        record.detail = {"level": kind.value, "year": year, "areas": len(features)}
    return borders


def _kind(features: tuple[Feature, ...]) -> Area.Kind:
    levels = {one.level for one in features}
    if len(levels) != 1 or not levels <= set(_KINDS):
        raise NotOneLevel(", ".join(sorted(level.value for level in levels)))
    return _KINDS[levels.pop()]


def _within(features: tuple[Feature, ...]) -> str:
    """The municipality when all areas lie in one; empty for more of the country."""
    numbers = {one.code[2:6] for one in features}
    return f"GM{numbers.pop()}" if len(numbers) == 1 else ""


def _row(one: Feature, kind: Area.Kind) -> EditionRow:
    """WK0148xx lies in GM0148 and BU0148xxyy in WK0148xx: the codes of CBS say so."""
    parent = one.parent_code or (f"GM{one.code[2:6]}" if kind is Area.Kind.WIJK else f"WK{one.code[2:8]}")
    return EditionRow(code=one.code, name=one.name, kind=kind.value, parent_code=parent, outline=outline_of(one))
