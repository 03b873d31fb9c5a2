"""Take in the borders of wijken and buurten for the maps: fetched from PDOK, or from a GeoJSON file."""

from pathlib import Path

from django.conf import settings
from django_scopes import scope

from koersvast.cli.installation import OPERATOR, municipality_of
from koersvast.cli.language import _
from koersvast.cli.ready import DONE, USAGE, Refusal, nothing_fetched_here
from koersvast.connectors import pdok
from koersvast.connectors.fetching import Fetcher
from koersvast.connectors.geojson import Level
from koersvast.connectors.problems import FetchProblem
from koersvast.connectors.sheets import FileRefused
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.indicators.changes.areas import NotOneLevel, fetch_borders, import_borders
from koersvast.indicators.changes.retrievals import PracticeFigures
from koersvast.indicators.wording.problems import worded
from koersvast.reference.editions import OutOfOrder
from koersvast.reference.models import Borders

_LEVELS = {"wijk": Level.WIJK, "buurt": Level.BUURT}


def borders(municipality: str, level: str, year: int, file: Path | None, source: str, licence: str) -> int:
    """Take in the borders of one level and year of a municipality, and say what came."""
    if level not in _LEVELS:
        raise Refusal(_("Choose the level wijk or buurt."), exit_code=USAGE)
    if file is not None and not file.is_file():
        raise Refusal(_("There is no file {path}.").format(path=file), exit_code=USAGE)
    if file is not None and not source:
        raise Refusal(_("Say with --source where the file comes from."), exit_code=USAGE)
    place = municipality_of(municipality)
    snapshots = SnapshotStore(Path(settings.SNAPSHOTS))
    try:
        with scope(municipality=place):
            if file is None:
                journals = Path(settings.REGISTERS) / "journals"
                journals.mkdir(parents=True, exist_ok=True)
                with Fetcher(proxy=settings.PROXY or None) as fetcher:
                    taken = fetch_borders(
                        _LEVELS[level],
                        year=year,
                        municipality=place,
                        fetcher=fetcher,
                        snapshots=snapshots,
                        journals=journals,
                        by=OPERATOR,
                    )
            else:
                taken = import_borders(
                    file.read_bytes(),
                    file_name=file.name,
                    year=year,
                    source=source,
                    licence=licence,
                    municipality=place,
                    snapshots=snapshots,
                    by=OPERATOR,
                )
    except (FileRefused, FetchProblem) as refused:
        problem = refused.problem
        raise Refusal(worded(problem.code, problem.values).sentence) from None
    except pdok.NotServed:
        raise Refusal(
            _("PDOK serves borders by municipality from {year} on.").format(year=pdok.FIRST_YEAR_BY_MUNICIPALITY),
            _("Give older borders as a file: koersvast borders --year YEAR --file FILE --source SOURCE"),
        ) from None
    except PracticeFigures:
        raise nothing_fetched_here() from None
    except NotOneLevel:
        raise Refusal(_("The file must hold wijken only, or buurten only.")) from None
    except OutOfOrder:
        raise Refusal(_("Borders of a later year are here already; start with the oldest year.")) from None
    _say(taken)
    return DONE


def _say(taken: Borders) -> None:
    said = _("{areas} areas ({kind}) on the borders of {year} are in: {source}, {licence}.")
    print(said.format(areas=taken.areas, kind=taken.kind, year=taken.year, source=taken.source, licence=taken.licence))
