"""Dalfsen among the municipalities of IJsselland, and its 36 neighbourhoods on a map, from published figures."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope

from koersvast.access import changes as access_changes
from koersvast.access.models import Municipality
from koersvast.connectors.captures import capture_files
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.engine.benchmark import PlaceVerdict
from koersvast.indicators.changes import load_reference
from koersvast.indicators.changes.areas import import_borders
from koersvast.indicators.changes.feeds import follow
from koersvast.indicators.models import Indicator
from koersvast.indicators.queries import comparing, mapping
from koersvast.indicators.queries.comparing import Comparison, Question
from koersvast.indicators.queries.mapping import AreaMap, MapMeasure, MapQuestion
from koersvast.reference.models import Area
from koersvast.registers.store import RegisterStore
from koersvast.web.indicators import charting, comparison_pictures
from koersvast.web.indicators.parts import mapping as map_parts
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.shared]
CRIMES = "01_politie_47018NED_gemeente/dev/misdrijven_ijsselland_2012-2025_dalfsen_tm_2018.csv"
PEOPLE = "01_politie_47018NED_gemeente/dev/inwoners_ijsselland_2012-2025.csv"
HOODS = "04_buurten_2023_2024/dev/dalfsen_buurten_2023.csv"
BORDERS = "08_geo/dev/dalfsen_buurten_2024.geojson"
ON = date(2026, 6, 1)


def keep(store: RegisterStore, table: str, path: Path) -> None:
    capture = capture_files(
        [(path.name, path.read_bytes())],
        snapshots=store.snapshots,
        taken_from="reference folder",
        fetched_at=datetime(2026, 6, 1, tzinfo=UTC),
        licence="CC BY 4.0",
        holder="",
        title="",
        table=table,
    )
    vintage = store.load(capture, on=ON)
    assert vintage.is_usable, vintage.reasons


@pytest.fixture
def real(db: None, shared: Path, tmp_path: Path, settings: Any) -> Iterator[tuple[Municipality, RegisterStore, Path]]:
    """Dalfsen with nothing but its feeds, and empty registers."""
    settings.REGISTERS, settings.SNAPSHOTS = tmp_path / "registers", tmp_path / "snapshots"
    settings.CACHE = tmp_path / "cache"
    access_changes.load_roles(by=cast.OPERATOR)
    load_reference(by=cast.OPERATOR)
    town = cast.municipality("Dalfsen")
    store = RegisterStore(settings.REGISTERS, SnapshotStore(settings.SNAPSHOTS))
    with scope(municipality=town):
        for feed in ("woninginbraken", "misdrijven-totaal"):
            follow(town, feed=feed, by=cast.OPERATOR)
        yield town, store, shared / "reference" / "opendata"


def test_dalfsen_has_its_place_with_an_interval_among_the_other_ten_in_2018(
    real: tuple[Municipality, RegisterStore, Path],
) -> None:
    town, store, folder = real
    keep(store, "47018NED", folder / CRIMES)
    keep(store, "70072ned", folder / PEOPLE)
    found = comparing.compare(
        Indicator.objects.get(code="woninginbraken"),
        area=Area.objects.filter(code="GM0148").latest("valid_from"),
        question=Question(period="2018", group="country"),
    )
    assert isinstance(found, Comparison)
    assert len(found.ranked) == 11
    assert found.own.events == 27
    assert found.rank.rank is not None
    assert found.rank.low is not None
    assert found.rank.high is not None
    assert 1 <= found.rank.low <= found.rank.rank <= found.rank.high <= 11
    assert found.rank.low < found.rank.high
    assert found.chosen.result.verdict in set(PlaceVerdict)
    assert found.figures.edition_year == 2024
    drawn = charting.as_svgs(comparison_pictures.pictures(found, town), town)
    assert "Dalfsen" in drawn[comparison_pictures.RANKING]
    assert "Dalfsen" in drawn[comparison_pictures.FUNNEL]


def test_thirty_six_neighbourhoods_lie_on_the_map_and_the_small_ones_have_no_colour(
    real: tuple[Municipality, RegisterStore, Path],
) -> None:
    town, store, folder = real
    keep(store, "47018NED", folder / HOODS)
    keep(store, "85984NED", folder / HOODS)
    import_borders(
        (folder / BORDERS).read_bytes(),
        file_name="buurten.geojson",
        year=2024,
        source="CBS/Kadaster",
        licence="CC BY 4.0",
        municipality=town,
        snapshots=store.snapshots,
        by=cast.OPERATOR,
    )
    found = mapping.area_map(
        Indicator.objects.get(code="misdrijven-totaal"),
        area=Area.objects.filter(code="GM0148").latest("valid_from"),
        question=MapQuestion(period="2023"),
    )
    assert isinstance(found, AreaMap)
    assert (len(found.areas), len(found.shapes), found.measure) == (36, 36, MapMeasure.SMOOTHED)
    assert {one.code for one in found.areas} == {one.code for one in found.shapes}
    few = {one.code for one in found.areas if one.inhabitants is not None and one.inhabitants < 200}
    assert few
    assert few <= {one.code for one in found.areas if one.hidden}
    spec = map_parts.specification(found, town)
    assert spec is not None
    assert "<path" in charting.as_svgs({"kaart": spec}, town)["kaart"]
