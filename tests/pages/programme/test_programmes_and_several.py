"""A programme started, adopted, closed and filled from an earlier one; many actions changed at once and undone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.programme.changes.actions import draft_of, evaluate, write_action
from koersvast.programme.models import Action, BulkChange, Programme
from tests import cast
from tests.pages.programme.page_forms import fields_of

pytestmark = pytest.mark.django_db
BASE = "/dalfsen/programma/uitvoering-2019-2020/"


def programme_in(town: Municipality, code: str) -> Programme:
    with scope(municipality=town):
        return Programme.objects.get(code=code)


def started(officer: Client, town: Municipality) -> Programme:
    """The next programme, as its form proposes it."""
    given = fields_of(officer.get("/dalfsen/programma/nieuw/").content)
    assert officer.post("/dalfsen/programma/nieuw/", given).status_code == 302
    with scope(municipality=town):
        return Programme.objects.select_related("predecessor").order_by("-first_day")[0]


def test_next_programme_begins_the_day_after_and_lasts_two_years(officer: Client, town: Municipality) -> None:
    fresh = started(officer, town)
    assert (fresh.first_day, fresh.last_day) == (date(2021, 1, 1), date(2022, 12, 31))
    assert (fresh.code, fresh.state) == ("uitvoeringsprogramma-2021-2022", "draft")
    assert fresh.predecessor is not None


def test_second_programme_of_the_same_name_gets_a_code_of_its_own(officer: Client, town: Municipality) -> None:
    started(officer, town)
    given = fields_of(officer.get("/dalfsen/programma/nieuw/").content) | {"title": ["Nieuw"]}
    officer.post("/dalfsen/programma/nieuw/", given)
    with scope(municipality=town):
        assert Programme.objects.get(title="Nieuw").code == "nieuw-2", "nieuw is a page"


def test_programme_that_ends_before_it_begins_is_refused(officer: Client) -> None:
    given = fields_of(officer.get("/dalfsen/programma/nieuw/").content) | {"last_day": ["2020-01-01"]}
    response = officer.post("/dalfsen/programma/nieuw/", given)
    assert response.status_code == 422


def test_programme_that_changed_meanwhile_is_shown_before_it_is_overwritten(
    officer: Client, town: Municipality
) -> None:
    given = fields_of(officer.get(BASE + "bewerken/").content) | {"title": ["Van mij"]}
    officer.post(BASE + "bewerken/", given | {"title": ["Van een ander"]})
    response = officer.post(BASE + "bewerken/", given)
    assert response.status_code == 422
    assert "Van een ander" in response.content.decode()
    assert officer.post(BASE + "bewerken/", fields_of(response.content)).status_code == 302
    assert programme_in(town, "uitvoering-2019-2020").title == "Van mij"


def test_draft_is_adopted_and_then_closed_with_what_is_unsettled_in_sight(officer: Client, town: Municipality) -> None:
    fresh = started(officer, town)
    address = f"/dalfsen/programma/{fresh.code}/"
    given = fields_of(officer.get(address + "vaststellen/").content)
    assert officer.post(address + "vaststellen/", given).status_code == 422
    given |= {"adopted_on": ["2021-01-12"], "adopted_by": ["college van B en W"]}
    assert officer.post(address + "vaststellen/", given).status_code == 302
    assert programme_in(town, fresh.code).state == "adopted"
    shown = officer.get(BASE + "sluiten/")
    assert "niet klaar en niet gestopt" in shown.content.decode()
    assert officer.post(BASE + "sluiten/", fields_of(shown.content)).status_code == 302
    assert programme_in(town, "uitvoering-2019-2020").state == "closed"
    assert "Nieuwe actie" not in officer.get(BASE).content.decode()
    assert officer.post(BASE + "sluiten/", {"version": "1"}).status_code == 409


def test_copy_ticks_what_continues_and_moves_days(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        stopped = Action.objects.get(number=4)
        evaluate(action=stopped, evaluation=Action.Evaluation.STOP, text="Werkt niet.", by=cast.OPERATOR)
    fresh = started(officer, town)
    address = f"/dalfsen/programma/{fresh.code}/overnemen/"
    given = fields_of(officer.get(address).content)
    assert "4" not in given["numbers"]
    assert "10" in given["numbers"]
    response = officer.post(address, given | {"numbers": ["3", "10"]}, follow=True)
    assert "Acties overgenomen uit een eerder programma" in response.content.decode()
    with scope(municipality=town):
        copies = Action.objects.filter(programme=fresh)
        assert {one.copied_from.number for one in copies.select_related("copied_from") if one.copied_from} == {3, 10}
        assert copies.get(copied_from__number=10).starts_on == date(2021, 9, 1)


def test_several_are_previewed_changed_and_put_back(officer: Client, town: Municipality) -> None:
    address, ticked = BASE + "tegelijk/", {"numbers": ["3", "4", "6"]}
    given = fields_of(officer.post(address, ticked).content)
    assert given["numbers"] == ["3", "4", "6"]
    preview = officer.post(address, given | {"chain_link": ["aftercare"]})
    assert "Dit gebeurt er" in preview.content.decode()
    with scope(municipality=town):
        before = dict(Action.objects.filter(number__in=[3, 4, 6]).values_list("number", "chain_link"))
        assert set(before.values()) != {"aftercare"}, "seeing what happens changes nothing"
    response = officer.post(address, given | {"chain_link": ["aftercare"], "stage": ["apply"]})
    with scope(municipality=town):
        assert set(Action.objects.filter(number__in=[3, 4, 6]).values_list("chain_link", flat=True)) == {"aftercare"}
    undone = officer.post(response["Location"], follow=True)
    assert "weer als eerst" in undone.content.decode()
    with scope(municipality=town):
        assert dict(Action.objects.filter(number__in=[3, 4, 6]).values_list("number", "chain_link")) == before
    assert "al teruggedraaid" in officer.post(response["Location"], follow=True).content.decode()


def test_undo_leaves_alone_what_somebody_wrote_since_and_says_so(officer: Client, town: Municipality) -> None:
    given = {"numbers": ["3", "4"], "stage": "apply", "owner_role": "Coördinator"}
    response = officer.post(BASE + "tegelijk/", given)
    with scope(municipality=town):
        action = Action.objects.select_related("programme").get(number=3)
        draft = replace(draft_of(action), target_group="Bewoners")
        write_action(programme=action.programme, draft=draft, by=cast.OPERATOR, action=action)
    shown = officer.post(response["Location"], follow=True).content.decode()
    assert "Actie 3: sindsdien gewijzigd" in shown
    with scope(municipality=town):
        assert Action.objects.get(number=3).owner_role == "Coördinator"
        assert Action.objects.get(number=4).owner_role != "Coördinator"


def test_refused_action_is_told_apart_before_anything_happens(officer: Client) -> None:
    given = {"numbers": ["1", "5"], "stage": "preview", "ends_on": "2019-06-30"}
    shown = officer.post(BASE + "tegelijk/", given).content.decode()
    assert "Geweigerd" in shown
    assert "eindigt voor zij begint" in shown


def test_all_that_the_filter_found_are_chosen(officer: Client) -> None:
    given = {"all": "1", "filter-status": "stuck"}
    shown = fields_of(officer.post(BASE + "tegelijk/", given).content)
    assert shown["numbers"] == ["2", "15", "16", "21"]


def test_nothing_ticked_goes_back_and_says_so(officer: Client) -> None:
    response = officer.post(BASE + "tegelijk/", {}, follow=True)
    assert "Vink eerst een of meer acties aan" in response.content.decode()


def test_number_of_another_programme_is_not_taken_along(officer: Client, town: Municipality) -> None:
    fresh = started(officer, town)
    response = officer.post(f"/dalfsen/programma/{fresh.code}/tegelijk/", {"numbers": ["3"]})
    assert response.status_code == 302


@pytest.mark.parametrize("part", ["bewerken", "vaststellen", "sluiten", "overnemen", "tegelijk"])
def test_council_member_may_change_nothing(
    town: Municipality, raadslid: User, signed_in: Callable[[User], Client], part: str
) -> None:
    client = signed_in(raadslid)
    assert client.get(f"{BASE}{part}/").status_code == 403
    assert client.post(f"{BASE}{part}/", {"numbers": ["3"]}).status_code == 403


def test_change_of_another_programme_is_not_found(officer: Client, town: Municipality) -> None:
    officer.post(BASE + "tegelijk/", {"numbers": ["3"], "stage": "apply", "owner_role": "Iemand"})
    fresh = started(officer, town)
    with scope(municipality=town):
        made = BulkChange.objects.get()
    assert officer.get(f"/dalfsen/programma/{fresh.code}/tegelijk/{made.pk}/").status_code == 404
