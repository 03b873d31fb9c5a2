"""The audit trail: every kind of change has a name, people are named, and damage is told."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation

from koersvast.access import changes
from koersvast.access.audit import Event
from koersvast.access.models import Municipality, User
from koersvast.web.site.trail import EVENTS, event_name
from tests import cast

pytestmark = pytest.mark.django_db
CHANGED = "Instellingen van de gemeente gewijzigd</td>"
GRANTED = "Rol gegeven</td>"
MANY_QUERIES = 14


def told(client: Client, query: str = "", *, town: str = "dalfsen") -> str:
    """Return the trail page without line ends."""
    return client.get(f"/{town}/logboek/{query}").content.decode().replace("\n", "")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_kind_of_change_has_a_name_of_its_own(language: str) -> None:
    assert {event.value for event in Event} <= set(EVENTS)
    with translation.override(language):
        names = [event_name(event.value) for event in Event]
    assert len(set(names)) == len(names)


def test_trail_names_who_did_what(signed_in: Callable[[User], Client], beheerder: User, dalfsen: Municipality) -> None:
    changes.change_municipality(
        dalfsen, house_colour="#123456", on_course_from=0.8, off_course_to=0.2, priorities_at_most=3, by=beheerder
    )
    page = told(signed_in(beheerder))
    assert CHANGED in page
    assert ">Beheerder</td>" in page
    assert "op koers vanaf: 0.8" in page


def test_trail_shows_only_this_municipality(
    signed_in: Callable[[User], Client], beheerder: User, karim: User, raalte: Municipality
) -> None:
    changes.change_municipality(
        raalte, house_colour="#123456", on_course_from=0.8, off_course_to=0.2, priorities_at_most=3, by=cast.OPERATOR
    )
    page = told(signed_in(beheerder))
    assert GRANTED in page
    assert CHANGED not in page
    assert signed_in(karim).get("/dalfsen/logboek/").status_code == 404
    assert signed_in(karim).get("/raalte/logboek/").status_code == 403


def test_trail_can_be_narrowed_to_one_kind(signed_in: Callable[[User], Client], beheerder: User, anouk: User) -> None:
    client = signed_in(beheerder)
    assert GRANTED not in told(client, "?event=municipality.changed")
    assert GRANTED in told(client, "?event=membership.granted")
    assert GRANTED in told(client, "?event=onzin")


def test_trail_that_is_whole_says_so_and_a_write_behind_its_back_is_told(
    signed_in: Callable[[User], Client], beheerder: User
) -> None:
    client = signed_in(beheerder)
    assert "Het logboek is heel" in told(client, "?verify=1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE access_municipality SET priorities_at_most = 9")
    page = told(client, "?verify=1")
    assert "Het logboek is niet heel" in page
    assert "1 rij is buiten een benoemde wijziging om geschreven." in page


def test_trail_asks_few_questions_of_the_database(
    signed_in: Callable[[User], Client],
    beheerder: User,
    dalfsen: Municipality,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    for number in range(12):
        cast.person(f"Persoon {number}", "council_member", dalfsen)
    client = signed_in(beheerder)
    with django_assert_max_num_queries(MANY_QUERIES):
        assert client.get("/dalfsen/logboek/").status_code == 200
