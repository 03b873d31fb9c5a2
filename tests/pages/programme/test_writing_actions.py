"""The form of an action: six fields, rows without scripts, two writers at once, evaluated, removed."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.programme.changes.actions import ActionDraft, draft_of, write_action
from koersvast.programme.changes.progress import report
from koersvast.programme.models import Action, Programme, ProgressReport
from tests import cast
from tests.pages.programme.page_forms import fields_of

pytestmark = pytest.mark.django_db
BASE = "/dalfsen/programma/uitvoering-2019-2020/"


def action_with(town: Municipality, number: int) -> Action:
    with scope(municipality=town):
        return Action.objects.select_related("programme__plan", "programme__municipality").get(number=number)


def draft_in(town: Municipality, number: int) -> ActionDraft:
    with scope(municipality=town):
        return draft_of(action_with(town, number))


def changed_elsewhere(town: Municipality, number: int, **values: Any) -> None:
    """Somebody else writes these values meanwhile."""
    with scope(municipality=town):
        action = action_with(town, number)
        draft = replace(draft_of(action), **values)
        write_action(programme=action.programme, draft=draft, by=cast.OPERATOR, action=action)


def test_new_action_starts_with_the_term_of_the_programme(officer: Client) -> None:
    shown = fields_of(officer.get(BASE + "acties/nieuw/").content)
    assert (shown["starts_on"], shown["ends_on"]) == (["2019-01-01"], ["2020-12-31"])
    assert shown["costs-0-year"] == ["2019"]


def test_new_action_takes_the_priority_of_its_objective_and_is_saved(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        objective = Programme.objects.get().plan.objectives.exclude(priority=None)[0]
    page = officer.get(BASE + "acties/nieuw/", {"objective": objective.code})
    given = fields_of(page.content) | {"title": ["Fietsverlichting controleren"], "costs-0-euro": ["1.250,50"]}
    response = officer.post(BASE + "acties/nieuw/", given)
    assert response.status_code == 302
    saved = draft_in(town, 31)
    assert (saved.priority, saved.objectives) == (objective.priority, (objective,))
    assert [(line.year, line.euro) for line in saved.costs] == [(2019, Decimal("1250.50"))]


def test_owner_that_was_chosen_last_stands_there_next_time(officer: Client, town: Municipality) -> None:
    page = fields_of(officer.get(BASE + "acties/nieuw/").content)
    owner = draft_in(town, 10).owner_organisation
    assert owner is not None
    given = page | {"title": ["Eerste"], "owner_organisation": [str(owner.pk)], "next": ["1"]}
    response = officer.post(BASE + "acties/nieuw/", given, follow=True)
    assert fields_of(response.content)["owner_organisation"] == [str(owner.pk)]
    assert fields_of(response.content)["title"] == [""]


def test_new_action_that_ends_before_it_starts_is_refused_beside_the_field(officer: Client) -> None:
    given = fields_of(officer.get(BASE + "acties/nieuw/").content)
    given |= {"title": ["Andersom"], "starts_on": ["2020-10-01"], "ends_on": ["2020-09-01"]}
    response = officer.post(BASE + "acties/nieuw/", given)
    assert response.status_code == 422
    assert "eindigt voor zij begint" in response.content.decode()


def test_another_row_is_given_without_scripts_and_nothing_is_saved_or_lost(officer: Client, town: Municipality) -> None:
    given = fields_of(officer.get(BASE + "acties/nieuw/").content)
    given |= {"title": ["Half"], "costs-0-euro": ["500"], "costs-0-year": ["2020"], "more": ["costs"]}
    response = officer.post(BASE + "acties/nieuw/", given)
    shown = fields_of(response.content)
    assert response.status_code == 200
    assert (shown["title"], shown["costs-0-euro"], shown["costs-1-year"]) == (["Half"], ["500"], ["2020"])
    assert shown["costs-TOTAL_FORMS"] == ["2"]
    with scope(municipality=town):
        assert Action.objects.count() == 30


def test_contribution_without_a_partner_asks_for_the_partner(officer: Client) -> None:
    given = fields_of(officer.get(BASE + "acties/nieuw/").content)
    given |= {"title": ["Half"], "contributions-0-text": ["helpt mee"]}
    response = officer.post(BASE + "acties/nieuw/", given)
    assert response.status_code == 422
    assert "Kies de partner" in response.content.decode()


@pytest.mark.parametrize("number", [2, 10, 24])
def test_saving_what_stands_there_changes_nothing(officer: Client, town: Municipality, number: int) -> None:
    before = draft_in(town, number)
    address = f"/dalfsen/acties/{number}/bewerken/"
    response = officer.post(address, fields_of(officer.get(address).content))
    assert response.status_code == 302
    assert draft_in(town, number) == before


def test_second_writer_sees_both_versions_and_nothing_is_overwritten(officer: Client, town: Municipality) -> None:
    given = fields_of(officer.get("/dalfsen/acties/5/bewerken/").content) | {"title": ["Voetjes, van mij"]}
    changed_elsewhere(town, 5, title="Voetjes, van een ander", target_group="Bewoners van Hoonhorst")
    response = officer.post("/dalfsen/acties/5/bewerken/", given)
    shown = response.content.decode()
    assert response.status_code == 409
    assert "Voetjes, van een ander" in shown
    assert "Voetjes, van mij" in shown
    assert "U hebt dit beiden gewijzigd" in shown
    assert draft_in(town, 5).title == "Voetjes, van een ander"


def test_second_writer_keeps_own_title_and_the_field_that_only_the_other_wrote(
    officer: Client, town: Municipality
) -> None:
    given = fields_of(officer.get("/dalfsen/acties/5/bewerken/").content) | {"title": ["Voetjes, van mij"]}
    changed_elsewhere(town, 5, target_group="Bewoners van Hoonhorst")
    choices = fields_of(officer.post("/dalfsen/acties/5/bewerken/", given).content)
    assert (choices["keep-title"], choices["keep-target_group"]) == (["mine"], ["theirs"])
    assert officer.post("/dalfsen/acties/5/bewerken/", choices).status_code == 302
    saved = draft_in(town, 5)
    assert (saved.title, saved.target_group) == ("Voetjes, van mij", "Bewoners van Hoonhorst")


def test_third_writer_in_between_is_told_again(officer: Client, town: Municipality) -> None:
    given = fields_of(officer.get("/dalfsen/acties/5/bewerken/").content) | {"title": ["Van mij"]}
    changed_elsewhere(town, 5, title="Van een ander")
    choices = fields_of(officer.post("/dalfsen/acties/5/bewerken/", given).content)
    changed_elsewhere(town, 5, title="Van nog een ander")
    response = officer.post("/dalfsen/acties/5/bewerken/", choices)
    assert response.status_code == 409
    assert "Van nog een ander" in response.content.decode()


def test_evaluation_that_stops_asks_why(officer: Client, town: Municipality) -> None:
    given = fields_of(officer.get("/dalfsen/acties/5/evaluatie/").content) | {"evaluation": ["stop"], "text": [""]}
    assert officer.post("/dalfsen/acties/5/evaluatie/", given).status_code == 422
    response = officer.post("/dalfsen/acties/5/evaluatie/", given | {"text": ["De loop was eruit."]})
    assert response.status_code == 302
    assert action_with(town, 5).evaluation == "stop"


def test_evaluation_of_what_changed_meanwhile_keeps_the_text_and_asks_to_look(
    officer: Client, town: Municipality
) -> None:
    given = fields_of(officer.get("/dalfsen/acties/5/evaluatie/").content)
    given |= {"evaluation": ["continue"], "text": ["Gaat goed."]}
    changed_elsewhere(town, 5, target_group="Bewoners")
    response = officer.post("/dalfsen/acties/5/evaluatie/", given)
    assert response.status_code == 422
    again = fields_of(response.content)
    assert again["text"] == ["Gaat goed."]
    assert officer.post("/dalfsen/acties/5/evaluatie/", again).status_code == 302


def test_action_without_reports_is_removed_and_one_with_reports_stays(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        programme = Programme.objects.get()
        fresh = write_action(programme=programme, draft=ActionDraft(title="Vergissing"), by=cast.OPERATOR)
        kept = Action.objects.get(number=11)
        report(
            action=kept, state=Action.Status.RUNNING, line="Begonnen.", by=cast.OPERATOR,
            way=ProgressReport.Way.PAGE,
        )  # fmt: skip
    assert officer.post(f"/dalfsen/acties/{fresh.number}/verwijderen/", {"version": "1"}).status_code == 302
    assert officer.post("/dalfsen/acties/11/verwijderen/", {"version": "9"}).status_code in {409, 422}
    with scope(municipality=town):
        assert set(Action.objects.filter(number__in=[11, fresh.number]).values_list("number", flat=True)) == {11}


def test_council_member_may_not_write(town: Municipality, raadslid: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(raadslid)
    for part in ("bewerken", "evaluatie", "verwijderen"):
        assert client.get(f"/dalfsen/acties/5/{part}/").status_code == 403
        assert client.post(f"/dalfsen/acties/5/{part}/", {"title": "x"}).status_code == 403


def test_page_of_the_form_asks_few_questions(
    officer: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(45):  # type: ignore[attr-defined] # a context manager of the plugin
        officer.get("/dalfsen/acties/10/bewerken/")
