"""The pages that compare: the verdict first, a table for every picture, files to take along, who may not see them."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from koersvast.access.models import Municipality, User
from koersvast.indicators.models import ControlPhase
from tests import cast
from tests.pages.comparing.conftest import Home

pytestmark = pytest.mark.django_db
PAGES = ("compare", "months", "map")
FILES = ("compare-data", "months-data", "map-data")


def address(name: str, code: str = "vernielingen", **more: str) -> str:
    return reverse(name, kwargs={"municipality": "lindelo", "code": code, **more})


@pytest.fixture(autouse=True)
def drawings(home: Home, settings: Any) -> None:
    """Drawings are kept by content, for all tests together."""
    settings.CACHE = home.registers.parent / "cache"


def text_of(client: Client, where: str) -> str:
    response = client.get(where)
    assert response.status_code == 200, where
    return response.content.decode()


def test_comparison_begins_with_its_verdict_and_gives_a_table_for_every_picture(
    officer: User, signed_in: Callable[[User], Client]
) -> None:
    page = text_of(signed_in(officer), address("compare") + "?period=2025")
    assert "Lindelo had in 2025 meer vernielingen per 1.000 inwoners dan vergelijkbare gemeenten." in page
    assert "Dat verschil is meer dan toeval." in page
    assert page.index("Dat verschil is meer dan toeval.") < page.index("<figure")
    figures = re.findall(r'<figure class="kv-chart" id="(\w+)"', page)
    assert figures == ["rij", "trechter", "jaren"]
    assert {f'id="{name}-tabel"' in page for name in figures} == {True}
    assert "versie 1 van 15 februari 2026" in page


def test_comparison_with_another_group_and_year_is_a_plain_address(
    officer: User, signed_in: Callable[[User], Client]
) -> None:
    page = text_of(signed_in(officer), address("compare", "woninginbraken") + "?group=country&period=2020&count=5")
    assert "de andere gemeenten van het land" in page
    assert "in 2020" in page
    assert '<option value="country" selected>' in page
    assert '<option value="2020" selected>' in page


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("compare", "?period=x&group=%00&count=99999"),
        ("compare", "?count=-1&criteria=a&criteria=b&known_on=gisteren"),
        ("months", "?since=later&known_on=gisteren"),
        ("map", "?level=straat&measure=geluk&period=1"),
    ],
)
def test_address_that_asks_the_impossible_is_answered_as_usual(
    officer: User, signed_in: Callable[[User], Client], name: str, wrong: str
) -> None:
    assert signed_in(officer).get(address(name) + wrong).status_code == 200


def test_file_of_a_comparison_says_the_same_as_the_page_and_where_it_comes_from(
    officer: User, signed_in: Callable[[User], Client]
) -> None:
    data = signed_in(officer).get(address("compare-data", form="csv") + "?group=country&period=2022").content
    text = data.decode("utf-8-sig")
    assert "47018NED" in text
    assert "2026-02-15" in text
    lines = [
        line for line in csv.reader(io.StringIO(text), delimiter=";") if len(line) > 5 and line[0].startswith("GM")
    ]
    assert len(lines) == 25
    own = next(line for line in lines if line[0] == "GM9901")
    assert own[1] == "Lindelo"
    assert own[-1] == "ja"


def test_months_say_which_call_for_attention(officer: User, signed_in: Callable[[User], Client]) -> None:
    page = text_of(signed_in(officer), address("months"))
    assert "Van de laatste twaalf maanden vragen" in page
    assert "Dat is boven de grens." in page
    assert 'id="maanden-tabel"' in page


def test_officer_begins_a_phase_and_takes_it_back(officer: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(officer)
    asked = {"action": "begin", "starts": "2023-05", "reason": "Nieuw digitaal meldpunt"}
    assert client.post(address("months"), asked).status_code == 302
    assert "Nieuw digitaal meldpunt" in text_of(client, address("months"))
    again = client.post(address("months"), asked)
    assert again.status_code == 422
    assert "In deze maand begint al een fase." in again.content.decode()
    phase = ControlPhase.objects.get()
    assert client.post(address("months"), {"action": "end", "phase": str(phase.pk)}).status_code == 302
    phase.refresh_from_db()
    assert phase.ended_by == officer


@pytest.mark.parametrize(
    ("starts", "said"), [("2023", "Schrijf een maand"), ("1999-01", "Kies een maand tussen 2014-02 en 2025-12")]
)
def test_phase_that_begins_in_no_month_of_the_series_is_refused_with_what_to_do(
    officer: User, signed_in: Callable[[User], Client], starts: str, said: str
) -> None:
    response = signed_in(officer).post(address("months"), {"action": "begin", "starts": starts, "reason": "x"})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not ControlPhase.objects.exists()


def test_who_may_only_look_sees_the_months_and_sets_no_phase(
    councillor: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(councillor)
    assert "Een nieuwe fase beginnen" not in text_of(client, address("months"))
    response = client.post(address("months"), {"action": "begin", "starts": "2023-05", "reason": "toch"})
    assert response.status_code == 403
    assert not ControlPhase.objects.exists()


def test_map_names_what_stands_out_and_hides_hamlets(officer: User, signed_in: Callable[[User], Client]) -> None:
    page = text_of(signed_in(officer), address("map"))
    assert "Lindelo Centrum" in page
    assert "te klein" in page
    assert "er woont niemand" in page
    assert 'id="kaart-tabel"' in page
    assert page.count("<svg") > 1
    assert "Te weinig gebieden" not in page


def test_file_of_a_map_gives_no_rate_for_a_hamlet(officer: User, signed_in: Callable[[User], Client]) -> None:
    data = signed_in(officer).get(address("map-data", form="csv")).content.decode("utf-8-sig")
    lines = {
        line[0]: line for line in csv.reader(io.StringIO(data), delimiter=";") if line and line[0].startswith("BU")
    }
    assert len(lines) == 22
    assert lines["BU99010407"][5:9] == ["", "", "", ""]
    assert lines["BU99010101"][6] != ""


@pytest.mark.parametrize("name", PAGES)
def test_page_says_what_to_do_while_nothing_has_been_fetched(
    officer: User, signed_in: Callable[[User], Client], name: str, tmp_path: Any, settings: Any
) -> None:
    settings.REGISTERS = tmp_path / "empty"
    page = text_of(signed_in(officer), address(name))
    assert "is nog niet opgehaald" in page
    assert reverse("open-figures", args=["lindelo"]) in page


@pytest.mark.parametrize("name", PAGES)
def test_unknown_indicator_is_not_there(officer: User, signed_in: Callable[[User], Client], name: str) -> None:
    assert signed_in(officer).get(address(name, "niets")).status_code == 404


def test_indicator_leads_to_its_pages_and_every_page_to_the_others(
    officer: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(officer)
    for where in (reverse("indicator", args=["lindelo", "vernielingen"]), *(address(name) for name in PAGES)):
        page = text_of(client, where)
        assert all(f'href="{address(name)}"' in page for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_stranger_and_neighbour_see_nothing(
    lindelo: Municipality, home: Home, karim: User, signed_in: Callable[[User], Client], name: str
) -> None:
    assert Client().get(address(name)).status_code == 302
    assert signed_in(karim).get(address(name)).status_code == 404


@pytest.mark.parametrize("name", [*PAGES, *FILES])
def test_somebody_whose_role_ended_sees_nothing(officer: User, signed_in: Callable[[User], Client], name: str) -> None:
    cast.end_all(officer)
    where = address(name, form="csv") if name in FILES else address(name)
    assert signed_in(officer).get(where).status_code == 404
