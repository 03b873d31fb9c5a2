"""The pages of waves: the overview, a new wave, the steps of one, and what readers must know of it."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.indicators.models import Source
from koersvast.surveys import changes
from koersvast.surveys.models import Wave

pytestmark = pytest.mark.django_db
type SignIn = Callable[[User], Client]
HERE = "/dalfsen/enquetes/"


def said(answer: Any) -> str:
    """The words of a page, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\u00a0", " ").split())


@pytest.fixture
def town(demo_rows: None, dalfsen: Municipality) -> Municipality:
    return dalfsen


@pytest.fixture
def wave(town: Municipality, anouk: User) -> Wave:
    """A wave of which little is told yet."""
    with scope(municipality=town):
        source = Source.objects.filter(kind=Source.Kind.SURVEY).order_by("pk")[0]
        return changes.open_wave(source, period="2023", by=anouk)


def test_overview_without_waves_says_how_to_begin(town: Municipality, anouk: User, signed_in: SignIn) -> None:
    with scope(municipality=town):
        Wave.objects.all().delete()
    page = said(signed_in(anouk).get(HERE))
    assert "Er is nog geen meting van een enquête" in page
    assert "Nieuwe meting" in page


def test_wave_is_opened_and_its_page_names_the_first_step(town: Municipality, anouk: User, signed_in: SignIn) -> None:
    with scope(municipality=town):
        source = Source.objects.filter(kind=Source.Kind.SURVEY).order_by("pk")[0]
    given = {"source": source.code, "period": "2023", "held_from": "2023-09-01", "held_until": "2023-10-15"}
    answer = signed_in(anouk).post(f"{HERE}nieuw/", given, follow=True)
    assert answer.status_code == 200
    assert "Lees het bestand met de antwoorden in." in said(answer)
    assert "1 september 2023 tot en met 15 oktober 2023" in said(answer)
    with scope(municipality=town):
        assert Wave.objects.get(period="2023").held_until == date(2023, 10, 15)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"period": "20x3"}, "Geef een jaar, zoals 2021."),
        ({"held_from": "2023-10-01", "held_until": "2023-09-01"}, "De laatste dag ligt voor de eerste."),
    ],
)
def test_wave_that_cannot_be_is_refused_with_a_sentence(
    town: Municipality, anouk: User, signed_in: SignIn, given: dict[str, str], sentence: str
) -> None:
    with scope(municipality=town):
        source = Source.objects.filter(kind=Source.Kind.SURVEY).order_by("pk")[0]
    answer = signed_in(anouk).post(f"{HERE}nieuw/", {"source": source.code, "period": "2023"} | given)
    assert answer.status_code == 422
    assert sentence in said(answer)
    with scope(municipality=town):
        assert not Wave.objects.filter(period="2023").exists()


def test_facts_are_kept_and_more_answers_than_invitations_are_refused(
    wave: Wave, anouk: User, signed_in: SignIn
) -> None:
    client, address = signed_in(anouk), f"{HERE}{wave.pk}/gegevens/"
    refused = client.post(address, {"invited": "2900", "answered": "3000"})
    assert refused.status_code == 422
    assert "Dit kan niet meer zijn dan ‘Uitgenodigd’." in said(refused)
    kept = client.post(address, {"invited": "2900", "answered": "1244", "mode_nl": "internet en papier"}, follow=True)
    assert "1.244 (43 % van de uitgenodigden)" in said(kept)
    assert "internet en papier" in said(kept)


def test_invented_wave_says_so_on_every_page_of_it(town: Municipality, anouk: User, signed_in: SignIn) -> None:
    with scope(municipality=town):
        source = Source.objects.filter(kind=Source.Kind.SURVEY).order_by("pk")[0]
        found = changes.open_wave(source, period="2023", by=anouk, is_synthetic=True)
    client = signed_in(anouk)
    assert "Verzonnen antwoorden" in said(client.get(HERE))
    for page in ("", "gegevens/"):
        assert "Deze antwoorden zijn verzonnen" in said(client.get(f"{HERE}{found.pk}/{page}"))


def test_executive_sees_the_overview_and_no_way_to_prepare(wave: Wave, burgemeester: User, signed_in: SignIn) -> None:
    client = signed_in(burgemeester)
    page = client.get(HERE)
    assert page.status_code == 200
    assert "Nieuwe meting" not in said(page)
    assert f"{HERE}{wave.pk}/" not in page.content.decode()
    assert client.get(f"{HERE}{wave.pk}/").status_code == 403


def test_wave_of_another_municipality_is_not_there(
    wave: Wave, raalte: Municipality, karim: User, signed_in: SignIn
) -> None:
    assert signed_in(karim).get(f"/raalte/enquetes/{wave.pk}/").status_code == 404
    assert signed_in(karim).get(f"{HERE}{wave.pk}/").status_code == 404
