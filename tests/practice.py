"""The practice country of `registers.practice` for tests: its registers on disk, its areas in the database.

Lindelo (GM9901) is the municipality that everything is about; Heidestad is a neighbour with nothing of its own.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from django_scopes import scope

from koersvast.access import changes as access_changes
from koersvast.access.models import Municipality
from koersvast.connectors.captures import capture_files
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.indicators.changes import load_reference
from koersvast.indicators.changes.areas import import_borders, load_area_files
from koersvast.indicators.changes.feeds import follow
from koersvast.registers import practice
from koersvast.registers.store import RegisterStore
from tests import cast

AS_OF = date(2026, 2, 15)
FOLLOWED = ("woninginbraken", "vernielingen", "geweldsdelicten", "fietsdiefstal")
CODE, SLUG, NAME = "GM9901", "lindelo", "Lindelo"


def write_files(directory: Path) -> Path:
    """Write the practice register as files."""
    practice.write_all(directory)
    return directory


def load_registers(files: Path, *, registers: Path, snapshots: Path, on: date = AS_OF) -> RegisterStore:
    """Bring every table of the practice register into a store, as somebody does with files by hand."""
    kept = SnapshotStore(snapshots)
    store = RegisterStore(registers, kept)
    for path in sorted(files.glob("[0-9]*.csv")):
        capture = capture_files(
            [(path.name, path.read_bytes())],
            snapshots=kept,
            taken_from="practice register",
            fetched_at=datetime(on.year, on.month, on.day, tzinfo=UTC),
            licence="CC0",
            holder="Oefenregister",
            title="",
            table=path.stem,
        )
        vintage = store.load(capture, on=on)
        assert vintage.is_usable, (path.stem, vintage.reasons)
    return store


def load_areas(files: Path) -> None:
    """The areas, groups and the one merger of the practice country, as rows of reference data."""
    load_area_files(files, source="Oefenregister", by=cast.OPERATOR)


def load_borders(files: Path, town: Municipality, *, snapshots: Path) -> None:
    """The shapes of Lindelo's wijken and buurten, as somebody gives them by hand."""
    year = practice.LAST_YEAR
    with scope(municipality=town):
        for name in ("wijken", "buurten"):
            import_borders(
                (files / f"{name}-{year}.geojson").read_bytes(),
                file_name=f"{name}-{year}.geojson",
                year=year,
                source="Oefenregister",
                licence="CC0",
                municipality=town,
                snapshots=SnapshotStore(snapshots),
                by=cast.OPERATOR,
                at=datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC),
            )


def register_town(*, feeds: tuple[str, ...] = FOLLOWED) -> Municipality:
    """Lindelo, following some feeds; reference data and areas must be there."""
    town = access_changes.register_municipality(code=CODE, slug=SLUG, name=NAME, by=cast.OPERATOR)
    with scope(municipality=town):
        for feed in feeds:
            follow(town, feed=feed, by=cast.OPERATOR)
    return town


def load_country(files: Path, *, feeds: tuple[str, ...] = FOLLOWED) -> Municipality:
    """Reference data, areas and Lindelo, in an empty database."""
    access_changes.load_roles(by=cast.OPERATOR)
    load_reference(by=cast.OPERATOR)
    load_areas(files)
    return register_town(feeds=feeds)


def moment(day: date) -> datetime:
    """The first moment of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
