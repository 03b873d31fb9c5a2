"""Lindelo, an invented municipality to practise with: national tables, neighbours and a map, all made up."""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django_scopes import scope

from koersvast.access.changes import register_municipality
from koersvast.access.models import Municipality
from koersvast.cli.installation import OPERATOR
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.indicators.changes import register_source, take_over
from koersvast.indicators.changes.areas import import_borders, load_area_files
from koersvast.indicators.changes.feeds import follow
from koersvast.indicators.changes.retrievals import import_register_files
from koersvast.indicators.models import Delivery, Source
from koersvast.registers import practice

SLUG, NAME, HOUSE_COLOUR = "lindelo", "Lindelo (oefengemeente)", "#7a3b69"
# The day on which the invented holder gave the figures: provisional years are the last two.
AS_OF = date(2026, 2, 15)
HOLDER, LICENCE = "Oefenregister: alle cijfers zijn verzonnen", "CC0"
FEEDS = (
    "misdrijven-totaal",
    "woninginbraken",
    "schuurinbraken",
    "voertuigcriminaliteit",
    "fietsdiefstal",
    "vernielingen",
    "geweldsdelicten",
    "mishandeling",
    "bedreiging",
    "winkeldiefstal",
    "inbraak-bedrijven",
)


def load_practice() -> Municipality:
    """Bring in the practice country by the same doors as real figures, and take over what it brings Lindelo."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        practice.write_all(files)
        load_area_files(files, source=HOLDER, by=OPERATOR)
        town = register_municipality(
            code=practice.PRACTICE, slug=SLUG, name=NAME, house_colour=HOUSE_COLOUR, by=OPERATOR
        )
        with scope(municipality=town):
            _borders(files, town)
            for feed in FEEDS:
                follow(town, feed=feed, by=OPERATOR)
            _say_who_holds(town)
        # Inhabitants first: rates are worked out from them as the figures come in.
        for path in sorted(files.glob("[0-9]*.csv"), key=lambda path: (path.stem.endswith("NED"), path.name)):
            import_register_files(
                path.stem, [(path.name, path.read_bytes())], by=OPERATOR, as_of=AS_OF, holder=HOLDER, licence=LICENCE
            )
    with scope(municipality=town):
        for delivery in Delivery.objects.filter(municipality=town, state=Delivery.State.STAGED):
            take_over(delivery, by=OPERATOR)
    return town


def _say_who_holds(town: Municipality) -> None:
    """The source of an invented figure is not the police."""
    for source in Source.objects.filter(municipality=town):
        register_source(
            town,
            code=source.code,
            name_nl=f"Oefenregister in de vorm van: {source.name_nl}"[:200],
            name_en=f"Practice register in the form of: {source.name_en}"[:200],
            label_nl="Oefenregister",
            label_en="Practice register",
            kind=source.kind,
            holder=HOLDER,
            population=source.population,
            licence=LICENCE,
            note_nl="Alle cijfers zijn verzonnen.",
            note_en="All figures are invented.",
            by=OPERATOR,
        )


def _borders(files: Path, town: Municipality) -> None:
    for path in sorted(files.glob("*.geojson")):
        if path.stem.startswith("gemeenten"):
            continue
        import_borders(
            path.read_bytes(),
            file_name=path.name,
            year=int(path.stem.rpartition("-")[2]),
            source=HOLDER,
            licence=LICENCE,
            municipality=town,
            snapshots=SnapshotStore(Path(settings.SNAPSHOTS)),
            by=OPERATOR,
            at=datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC),
        )
