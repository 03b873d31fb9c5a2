"""The page of an indicator for a part of the municipality: a wijk or a buurt of which there are figures."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.indicators.changes import stage_figures, take_over
from koersvast.indicators.models import Source
from koersvast.reference.models import Area
from tests import cast

PAGE = "/dalfsen/indicatoren/woninginbraken/"
FILE = b"""indicator;gebied;periode;waarde;eenheid
woninginbraken;WK014801;2021;7;aantal
woninginbraken;WK014801;2022;11;aantal
"""


@pytest.fixture
def reader(figures: Municipality, anouk: User, signed_in: Callable[[User], Client]) -> Client:
    Area.objects.create(code="WK014801", name="Wijk 01", kind=Area.Kind.WIJK, valid_from=2020, parent_code="GM0148")
    with scope(municipality=figures):
        source = Source.objects.get(code="politie-47018ned")
        staged = stage_figures(
            FILE, municipality=figures, file_name="wijk.csv", as_of=date(2026, 3, 1), by=cast.OPERATOR, source=source
        )
        take_over(staged, by=cast.OPERATOR)
    return signed_in(anouk)


def test_indicator_without_figures_of_parts_asks_for_no_area(
    figures: Municipality, anouk: User, signed_in: Callable[[User], Client]
) -> None:
    assert 'name="area"' not in signed_in(anouk).get(PAGE).content.decode()


def test_page_of_a_part_shows_its_figures_and_nothing_that_was_agreed_for_the_whole(reader: Client) -> None:
    whole, part = (reader.get(address).content.decode() for address in (PAGE, f"{PAGE}?area=WK014801"))
    assert 'value="WK014801"' in whole
    assert "Wijk 01, aantal" in part
    assert "Wijk 01, aantal" not in whole
    assert "Nulmeting 2017" in whole
    assert "Nulmeting 2017" not in part
    assert f"{PAGE}cijfers.csv?area=WK014801" in part


def test_file_of_a_part_holds_its_figures_only(reader: Client) -> None:
    rows = reader.get(f"{PAGE}cijfers.csv?area=WK014801").content.decode("utf-8-sig")
    assert "Wijk 01 (WK014801)" in rows
    assert rows.count("wijk.csv") == 2
    assert "125" not in rows


def test_area_without_figures_is_not_there(reader: Client) -> None:
    assert reader.get(f"{PAGE}cijfers.csv?area=GM0177").status_code == 404
    assert "Wijk 01, aantal" not in reader.get(f"{PAGE}?area=GM0177").content.decode()
