"""The settings of a municipality: what is changed counts, what cannot be is refused, the colour shows itself."""

from collections.abc import Callable

import pytest
from django.test import Client

from koersvast.access.models import AuditRecord, Municipality, User

pytestmark = pytest.mark.django_db
GIVEN = {"house_colour": "#8A1538", "on_course_from": "85", "off_course_to": "15", "priorities_at_most": "4"}


def test_settings_are_saved_and_remembered_in_the_trail(
    signed_in: Callable[[User], Client], beheerder: User, dalfsen: Municipality
) -> None:
    response = signed_in(beheerder).post("/dalfsen/instellingen/", GIVEN)
    assert response["Location"] == "/dalfsen/instellingen/"
    dalfsen.refresh_from_db()
    assert (dalfsen.house_colour, dalfsen.on_course_from, dalfsen.off_course_to) == ("#8a1538", 0.85, 0.15)
    assert dalfsen.priorities_at_most == 4
    assert AuditRecord.objects.filter(event="municipality.changed", actor=f"user:{beheerder.pk}").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("house_colour", "groen"), ("house_colour", "#12345"), ("on_course_from", "50"), ("off_course_to", "50")],
)
def test_setting_that_cannot_be_is_refused_and_nothing_changes(
    signed_in: Callable[[User], Client], beheerder: User, dalfsen: Municipality, field: str, value: str
) -> None:
    response = signed_in(beheerder).post("/dalfsen/instellingen/", GIVEN | {field: value})
    assert response.status_code == 422
    dalfsen.refresh_from_db()
    assert dalfsen.priorities_at_most == 6


def test_colour_preview_of_a_pale_colour_says_that_text_is_darker(
    signed_in: Callable[[User], Client], beheerder: User
) -> None:
    answer = signed_in(beheerder).get("/dalfsen/instellingen/kleur/?house_colour=%23ffd500").content.decode()
    assert "Uw eigen kleur blijft #ffd500" in answer
    assert "<html" not in answer
    assert "style=" not in answer


@pytest.mark.parametrize("colour", ["", "geel", "#ffd50", "#ffd500<script>"])
def test_colour_preview_of_no_colour_says_so(signed_in: Callable[[User], Client], beheerder: User, colour: str) -> None:
    answer = signed_in(beheerder).get("/dalfsen/instellingen/kleur/", {"house_colour": colour}).content.decode()
    assert "Dit is nog geen kleur." in answer


def test_settings_are_for_the_administrator_of_this_municipality(
    signed_in: Callable[[User], Client], anouk: User, karim: User
) -> None:
    assert signed_in(anouk).get("/dalfsen/instellingen/").status_code == 403
    assert signed_in(karim).get("/dalfsen/instellingen/").status_code == 404


def test_settings_in_english(signed_in: Callable[[User], Client], beheerder: User) -> None:
    client = signed_in(beheerder)
    client.post("/taal/", {"language": "en"})
    page = client.get("/dalfsen/instellingen/").content.decode()
    assert "What your municipality decides for itself." in page
    assert "Huiskleur" not in page
