"""The council's pages: terms in order, questions bound to a place, answers, two writers, and who may do what."""

import logging
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.programme.models import CouncilItem
from tests.pages.programme.conftest import carried_out, officer, town

__all__ = ["carried_out", "officer", "town"]
pytestmark = pytest.mark.django_db
BASE = "/dalfsen/raad/"
CANARY = "Zwanenburg-Kanarie"


@pytest.fixture
def councillor(town: Municipality, raadslid: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(raadslid)


def said(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


def item(town: Municipality, number: int) -> CouncilItem:
    with scope(municipality=town):
        return CouncilItem.objects.get(number=number)


def written(**values: Any) -> dict[str, Any]:
    return {"kind": "commitment", "title": "Jaarlijks een brief", "raised_on": "2026-03-02", **values}


def test_list_begins_with_what_is_past_its_term(officer: Client) -> None:
    shown = said(officer, BASE)
    heads = re.findall(r'id="stand-([a-z_]+)"', shown)
    assert heads[0] == "late"
    assert heads == sorted(heads, key=["late", "soon", "open", "no_term", "settled", "withdrawn"].index)
    assert "Snelheid bij scholen" in shown


def test_list_can_be_searched_and_filtered(officer: Client) -> None:
    assert "Snelheid bij scholen" not in said(officer, f"{BASE}?kind=question")
    assert "6 procentpunt" in said(officer, f"{BASE}?kind=question")
    assert "Niets past bij wat u zoekt" in said(officer, f"{BASE}?q=olifantenpad")
    assert "6 procentpunt" not in said(officer, f"{BASE}?term=running")
    assert "Snelheid bij scholen" in said(officer, f"{BASE}?term=onzin")


def test_item_leads_to_its_place_and_the_place_back(officer: Client) -> None:
    shown = said(officer, f"{BASE}2/")
    place = re.search(r'href="(/dalfsen/plan/[^"]+/doelen/te-hard-rijden/)"', shown)
    assert place
    there = said(officer, place[1])
    assert "De raad hierover" in there
    assert f"{BASE}2/" in there
    assert "over=objective%3Ate-hard-rijden" in there


def test_question_of_a_council_member_keeps_its_place(councillor: Client, town: Municipality, raadslid: User) -> None:
    assert "Over: " in said(councillor, f"{BASE}vragen/?over=objective:woninginbraken")
    response = councillor.post(
        f"{BASE}vragen/",
        {"place": "objective:woninginbraken", "title": "Waarom 2013?", "text": "Is dat jaar een uitschieter?"},
    )
    assert response.status_code == 302
    with scope(municipality=town):
        made = CouncilItem.objects.get(title="Waarom 2013?")
        assert made.objective
        assert made.objective.code == "woninginbraken"
        assert (made.kind, made.asked_by, made.raised_on) == ("question", raadslid.name, timezone.localdate())
    assert made.place_label == made.objective.title


def test_place_that_does_not_exist_is_refused(councillor: Client, town: Municipality) -> None:
    response = councillor.post(f"{BASE}vragen/", {"place": "objective:bestaat-niet", "title": "Waar?"})
    assert response.status_code == 422
    assert "Deze plek staat in geen plan, programma of terugblik" in response.content.decode()
    with scope(municipality=town):
        assert not CouncilItem.objects.filter(title="Waar?").exists()


def test_answer_settles_an_item_and_can_be_taken_back(officer: Client, town: Municipality) -> None:
    before = item(town, 3)
    given = {"answer": "Bij drie scholen.", "settled_on": "2026-01-15", "version": before.version}
    empty = officer.post(f"{BASE}3/antwoord/", given | {"answer": " "})
    assert empty.status_code == 422
    ahead = officer.post(f"{BASE}3/antwoord/", given | {"settled_on": str(timezone.localdate() + timedelta(days=1))})
    assert ahead.status_code == 422
    assert officer.post(f"{BASE}3/antwoord/", given).status_code == 302
    after = item(town, 3)
    assert (after.state, after.settled_on, after.version) == ("settled", date(2026, 1, 15), before.version + 1)
    assert officer.post(f"{BASE}3/bewerken/", written(version=after.version)).status_code == 422
    officer.post(f"{BASE}3/heropenen/", {"version": after.version})
    assert item(town, 3).state == "open"


def test_second_writer_is_told_and_loses_nothing(officer: Client, town: Municipality) -> None:
    version = item(town, 3).version
    first = written(kind="motion", title="Snelheid bij scholen en kinderopvang", raised_on="2019-11-11")
    assert officer.post(f"{BASE}3/bewerken/", first | {"version": version}).status_code == 302
    second = officer.post(f"{BASE}3/bewerken/", first | {"title": "Snelheid bij sportvelden", "version": version})
    shown = second.content.decode()
    assert second.status_code == 409
    assert "Snelheid bij scholen en kinderopvang" in shown
    assert "Snelheid bij sportvelden" in shown
    assert item(town, 3).title == "Snelheid bij scholen en kinderopvang"
    again = re.search(r'name="version" value="(\d+)"', shown)
    assert again
    kept = first | {"title": "Snelheid bij sportvelden", "version": again[1]}
    assert officer.post(f"{BASE}3/bewerken/", kept).status_code == 302


def test_member_reads_everything_and_settles_nothing(councillor: Client, town: Municipality) -> None:
    shown = said(councillor, f"{BASE}3/")
    assert "Antwoord vastleggen" not in shown
    for address in ("3/antwoord/", "3/intrekken/", "3/heropenen/", "3/bewerken/", "nieuw/"):
        assert councillor.post(f"{BASE}{address}", {"version": 1}).status_code == 403
    assert item(town, 3).state == "open"


def test_withdrawing_asks_why(officer: Client, town: Municipality) -> None:
    version = item(town, 3).version
    assert officer.post(f"{BASE}3/intrekken/", {"reason": "", "version": version}).status_code == 422
    assert (
        officer.post(f"{BASE}3/intrekken/", {"reason": "Ingetrokken in juni.", "version": version}).status_code == 302
    )
    assert "Ingetrokken in juni." in said(officer, f"{BASE}3/")


def test_data_of_a_person_is_refused_in_texts(officer: Client, town: Municipality) -> None:
    response = officer.post(f"{BASE}nieuw/", written(text="Bel mevrouw op 06 12345678."))
    assert response.status_code == 422
    with scope(municipality=town):
        assert not CouncilItem.objects.filter(title="Jaarlijks een brief").exists()


def test_term_before_the_question_is_refused(officer: Client) -> None:
    response = officer.post(f"{BASE}nieuw/", written(due_on="2026-03-01"))
    assert response.status_code == 422
    assert "De uiterste dag ligt voor de dag" in response.content.decode()


def test_name_of_who_asked_stays_out_of_trail_address_and_log(
    officer: Client, town: Municipality, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = officer.post(f"{BASE}nieuw/", written(asked_by=CANARY))
    assert response.status_code == 302
    assert CANARY not in response["Location"]
    assert CANARY not in caplog.text
    assert all(CANARY not in str(record.detail) for record in AuditRecord.objects.all())
    assert CANARY in said(officer, response["Location"])


def test_numbers_are_given_once(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        highest = max(CouncilItem.objects.values_list("number", flat=True))
    first = officer.post(f"{BASE}nieuw/", written())["Location"]
    second = officer.post(f"{BASE}nieuw/", written())["Location"]
    assert [first, second] == [f"{BASE}{highest + 1}/", f"{BASE}{highest + 2}/"]


def test_two_thousand_items_cost_no_more_queries(
    officer: Client, town: Municipality, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with scope(municipality=town):
        CouncilItem.objects.bulk_create(
            CouncilItem(
                municipality=town, number=1000 + number, kind="question", title=f"Vraag {number}",
                raised_on=date(2026, 1, 1), due_on=date(2026, 1, 1) + timedelta(days=number),
            )
            for number in range(2000)
        )  # fmt: skip
    with django_assert_max_num_queries(12):
        response = officer.get(BASE)
    assert response.status_code == 200
    assert response.content.decode().count("kv-review-list__item") <= 60
