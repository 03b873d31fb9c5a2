"""Pages of a programme: its views, one action in full, an action written, progress reported, and who may not."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.programme.models import Action, Programme
from koersvast.programme.queries.actions import ActionFilter, actions, sums, three_w

pytestmark = pytest.mark.django_db
BASE = "/dalfsen/programma/uitvoering-2019-2020/"


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("", "Beatrixstraat opnieuw inrichten"),
        ("doelen/", "Nog geen actie dient dit doel"),
        ("partners/", "Zonder partner"),
        ("afdelingen/", "Eenheid Openbare Ruimte"),
        ("keten/", "Waar niets gebeurt"),
        ("3w/", "Waaruit het wordt betaald"),
        ("acties/nieuw/", "Zes vragen zijn genoeg"),
    ],
)
def test_view_of_the_programme_shows_what_it_is_for(officer: Client, view: str, said: str) -> None:
    response = officer.get(BASE + view)
    assert response.status_code == 200
    if view == "doelen/":  # in the demo every objective has an action
        assert "Aantal woninginbraken" in response.content.decode() or "oninginbraken" in response.content.decode()
        return
    assert said in response.content.decode()


def test_address_without_a_code_shows_the_programme_that_ended_last(officer: Client) -> None:
    shown = officer.get("/dalfsen/programma/", follow=True).content.decode()
    assert "Uitvoeringsprogramma 2019-2020" in shown
    assert "zoals het er op de laatste dag voor stond" in shown


def test_filter_shows_only_what_is_asked(officer: Client) -> None:
    shown = officer.get(BASE, {"status": "stuck"}).content.decode()
    assert "Donkere-dagenoffensief" in shown
    assert "Wittevoetjesactie" not in shown


def test_filter_by_a_word_that_nobody_wrote_says_so(officer: Client) -> None:
    assert "Geen actie past" in officer.get(BASE, {"text": "kwantumfysica"}).content.decode()


def test_action_shows_cost_without_cover_and_who_reported_when(officer: Client) -> None:
    shown = officer.get("/dalfsen/acties/10/").content.decode()
    assert "nog niet gedekt" in shown
    assert "€ 165.000" in shown.replace("\xa0", " ")
    assert "1 september 2020" in shown


def test_action_that_is_not_there_is_not_found(officer: Client) -> None:
    assert officer.get("/dalfsen/acties/999/").status_code == 404


def test_progress_is_one_line_and_a_state(officer: Client, town: Municipality) -> None:
    response = officer.post("/dalfsen/acties/11/voortgang/", {"state": "running", "line": "Eerste controle gedaan."})
    assert response.status_code == 302
    with scope(municipality=town):
        action = Action.objects.get(number=11)
        assert (action.status, action.reports.count()) == ("running", 1)


def test_stuck_without_a_reason_is_refused(officer: Client) -> None:
    response = officer.post("/dalfsen/acties/11/voortgang/", {"state": "stuck", "line": ""})
    assert response.status_code == 422


def test_council_member_sees_the_programme_and_cannot_write(
    town: Municipality, raadslid: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(raadslid)
    assert client.get(BASE).status_code == 200
    assert "Nieuwe actie" not in client.get(BASE).content.decode()
    assert client.get(BASE + "acties/nieuw/").status_code == 403
    assert client.post("/dalfsen/acties/1/voortgang/", {"state": "done"}).status_code == 403


def test_sums_of_the_budget_table_are_those_of_its_actions(town: Municipality) -> None:
    with scope(municipality=town):
        programme = Programme.objects.get()
        lines = actions(programme, chosen=ActionFilter(), today=date(2020, 12, 31))
        found = three_w(programme, lines)
        known = [line.euro for line in lines if line.amounts and line.euro is not None]
    assert found.total.euro == sum(known, Decimal(0)) == Decimal(387550)
    assert sum((row.sums.euro for row in found.rows), Decimal(0)) == found.total.euro
    assert sum(found.total.euro_by_cover.values(), Decimal(0)) == found.total.euro
    assert found.total.without_amount == sums(lines).without_amount == 2


def test_table_asks_no_more_questions_for_more_actions(
    officer: Client, town: Municipality, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(40):  # type: ignore[attr-defined] # a context manager of the plugin
        officer.get(BASE)
    with scope(municipality=town):
        programme, first = Programme.objects.get(), Action.objects.get(number=1)
        extra = [
            Action(
                municipality=town, programme=programme, number=1000 + number, title=f"Actie {number}",
                created_at=first.created_at, changed_at=first.changed_at,
            )
            for number in range(2000)
        ]  # fmt: skip
        Action.objects.bulk_create(extra)
    with django_assert_max_num_queries(40):  # type: ignore[attr-defined] # a context manager of the plugin
        officer.get(BASE)
