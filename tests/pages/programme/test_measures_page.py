"""Known measures on the page, and one of them as the start of an action."""

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.programme.measures import library
from koersvast.programme.models import Action
from tests.pages.programme.page_forms import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def base(town: Municipality) -> str:
    with scope(municipality=town):
        return f"/{town.slug}/programma/{Action.objects.select_related('programme')[0].programme.code}/"


def test_every_measure_stands_on_the_page_of_its_part_of_safety(officer: Client, base: str) -> None:
    told = "".join(officer.get(f"{base}maatregelen/?veld={field}").content.decode() for field in "123456")
    missing = [one.code for one in library().measures if f'id="{one.code}"' not in told]
    assert missing == []


def test_measure_fills_the_form_of_a_new_action(officer: Client, base: str) -> None:
    form = fields_of(officer.get(f"{base}acties/nieuw/?maatregel=buurtapp").content)
    assert form["title"] == ["WhatsApp-buurtpreventie"]
    assert (form["chain_link"], form["measure"]) == (["prevention"], ["buurtapp"])


def test_unknown_measure_leaves_the_form_empty(officer: Client, base: str) -> None:
    assert fields_of(officer.get(f"{base}acties/nieuw/?maatregel=onzin").content)["title"] == [""]


def test_what_does_not_work_is_shown_but_not_offered(officer: Client, base: str) -> None:
    page = officer.get(f"{base}maatregelen/?veld=3").content.decode()
    assert "Werkt niet" in page
    assert "maatregel=gevangenisbezoek" not in page


def test_reader_sees_measures_without_taking_them_over(base: str, raadslid: User, town: Municipality) -> None:
    client = Client()
    client.force_login(raadslid)
    page = client.get(f"{base}maatregelen/").content.decode()
    assert "Bekende maatregelen" in page
    assert "?maatregel=" not in page
