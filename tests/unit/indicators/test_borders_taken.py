"""Borders taken in, from pages and files: areas of a year and one record, and nothing of what is refused."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope

from koersvast.access.audit import Event, Operator
from koersvast.access.models import AuditRecord, Municipality
from koersvast.cli.borders import borders
from koersvast.cli.ready import Refusal
from koersvast.connectors.captures import load_capture
from koersvast.connectors.fetching import Fetched, Fetcher
from koersvast.connectors.geojson import Level
from koersvast.connectors.sheets import FileRefused
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.indicators.changes import load_reference
from koersvast.indicators.changes.areas import NotOneLevel, fetch_borders, import_borders
from koersvast.indicators.register import catalogue
from koersvast.reference import queries
from koersvast.reference.models import Area, AreaList, Borders

NEXT = "https://api.pdok.nl/cbs/wijken-en-buurten-2024/ogc/v1/collections/buurten/items?cursor=2"


def buurt(code: str, name: str, **more: Any) -> dict[str, Any]:
    x = 214_000 + 1_000 * int(code[-2:])
    ring = [[x, 503_000], [x, 504_000], [x + 1_000, 504_000], [x + 1_000, 503_000], [x, 503_000]]
    properties = {"buurtcode": code, "buurtnaam": name, "gemeentecode": "GM0148", **more}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def page(*features: dict[str, Any], following: str = "") -> bytes:
    links = [{"rel": "next", "href": following}] if following else []
    return json.dumps({"type": "FeatureCollection", "features": features, "links": links}).encode()


class Pages(Fetcher):
    """A fetcher that has two pages of borders, and reaches nothing."""

    asked: list[str]

    def get(self, url: str, **_: Any) -> Fetched:
        self.asked = [*getattr(self, "asked", []), url]
        first = page(buurt("BU01480101", "Kern"), buurt("BU01480102", "Plas", water="JA"), following=NEXT)
        data = page(buurt("BU01480102", "Veld")) if url == NEXT else first
        moment = datetime(2024, 5, 1, tzinfo=UTC)
        return Fetched(url=url, data=data, media_type="application/geo+json", fetched_at=moment, etag="", modified="")


@pytest.fixture
def snapshots(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def given(data: bytes, place: Municipality, snapshots: SnapshotStore, by: Operator) -> Borders:
    return import_borders(
        data,
        file_name="buurten.geojson",
        year=2024,
        source="kaart van de gemeente",
        licence="CC0",
        municipality=place,
        snapshots=snapshots,
        by=by,
    )


def test_fetched_pages_become_the_areas_of_a_year_and_can_be_read_back(
    dalfsen: Municipality, snapshots: SnapshotStore, operator: Operator, tmp_path: Path
) -> None:
    fetcher = Pages()
    taken = fetch_borders(
        Level.BUURT,
        year=2024,
        municipality=dalfsen,
        fetcher=fetcher,
        snapshots=snapshots,
        journals=tmp_path,
        by=operator,
    )
    assert "gemeentecode=GM0148" in fetcher.asked[0]
    assert fetcher.asked[1:] == [NEXT]
    assert (taken.kind, taken.year, taken.within, taken.areas, taken.licence) == (
        "buurt",
        2024,
        "GM0148",
        2,
        "CC BY 4.0",
    )
    assert queries.borders("buurt", 2024, within="GM0148") == taken
    assert list(Area.objects.filter(kind="buurt").order_by("code").values_list("name", flat=True)) == ["Kern", "Veld"]
    assert len(load_capture(snapshots, taken.capture).parts) == 2
    assert AuditRecord.objects.filter(event=Event.BORDERS_TAKEN).count() == 1


def test_file_that_is_refused_leaves_nothing(
    dalfsen: Municipality, snapshots: SnapshotStore, operator: Operator
) -> None:
    twice = page(buurt("BU01480101", "Kern"), buurt("BU01480101", "Kern"))
    with pytest.raises(FileRefused):
        given(twice, dalfsen, snapshots, operator)
    mixed = page(buurt("BU01480101", "Kern"), buurt("WK014801", "Dorp") | {"properties": {"statcode": "WK014801"}})
    with pytest.raises(NotOneLevel):
        given(mixed, dalfsen, snapshots, operator)
    assert not Borders.objects.exists()
    assert not AreaList.objects.filter(kind="buurt").exists()


def test_borders_given_again_change_nothing(
    dalfsen: Municipality, snapshots: SnapshotStore, operator: Operator
) -> None:
    data = page(buurt("BU01480101", "Kern"))
    assert given(data, dalfsen, snapshots, operator) == given(data, dalfsen, snapshots, operator)
    assert Area.objects.filter(kind="buurt").count() == 1


def test_name_of_a_town_is_the_municipality_and_not_the_wijk_of_that_name(
    dalfsen: Municipality, snapshots: SnapshotStore, operator: Operator
) -> None:
    load_reference(by=operator)
    wijk = buurt("WK014801", "") | {"properties": {"wijkcode": "WK014801", "wijknaam": "Dalfsen"}}
    given(page(wijk), dalfsen, snapshots, operator)
    with scope(municipality=dalfsen):
        areas = catalogue(dalfsen).areas
    assert (areas["dalfsen"], areas["wk014801"], areas["limburg"]) == ("GM0148", "WK014801", "PV31")
    assert "utrecht" not in areas


def test_command_takes_a_file_and_says_what_to_do_when_it_cannot(
    dalfsen: Municipality, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SNAPSHOTS, settings.REGISTERS = tmp_path / "snapshots", tmp_path / "registers"
    file = tmp_path / "buurten.geojson"
    file.write_bytes(page(buurt("BU01480101", "Kern")))
    assert borders("dalfsen", "buurt", 2024, file, "kaart", "CC0") == 0
    assert "kaart, CC0" in capsys.readouterr().out
    file.write_bytes(b"{")
    for year, source in ((2025, "kaart"), (2025, ""), (2019, "kaart")):
        with pytest.raises(Refusal):
            borders("dalfsen", "buurt", year, file if year == 2025 else None, source, "CC0")
    assert Borders.objects.count() == 1


def test_demo_fetches_no_borders(dalfsen: Municipality, settings: Any, tmp_path: Path) -> None:
    settings.SNAPSHOTS, settings.REGISTERS = tmp_path / "snapshots", tmp_path / "registers"
    settings.DEMO = True
    with pytest.raises(Refusal, match="demo"):
        borders("dalfsen", "buurt", 2024, None, "", "CC BY 4.0")
    assert Borders.objects.count() == 0
