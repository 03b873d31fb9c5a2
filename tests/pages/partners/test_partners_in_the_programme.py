"""The list of partners and one partner on the demo: what they do in the programme, and what five hundred cost."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.partners.models import Contact, Organisation, Promise
from koersvast.programme.models import Action, Contribution, Programme
from koersvast.programme.queries.partners import actions_with, open_actions
from koersvast.programme.staleness import Signal

pytestmark = pytest.mark.django_db
HOME = "/dalfsen/partners/"


def works_at(town: Municipality, code: str) -> set[int]:
    """The numbers of open actions of an organisation, counted in another way than the page does."""
    return {
        one.number
        for one in Action.objects.exclude(status__in=["done", "stopped"]).select_related("owner_organisation")
        if (one.owner_organisation and one.owner_organisation.code == code)
        or Contribution.objects.filter(action=one, organisation__code=code).exists()
    }


def test_each_action_counts_once_for_who_owns_and_contributes(demo_town: Municipality) -> None:
    with scope(municipality=demo_town):
        police = Organisation.objects.get(code="politie-vechtdal")
        own = Action.objects.filter(owner_organisation=police).exclude(status__in=["done", "stopped"])[0]
        before = open_actions()["politie-vechtdal"]
        assert before == len(works_at(demo_town, "politie-vechtdal")) > 3
        if not own.contributions.filter(organisation=police).exists():
            Contribution.objects.create(action=own, organisation=police, text="Levert mensen")
        assert open_actions()["politie-vechtdal"] == before
        Programme.objects.update(state=Programme.State.CLOSED)
        assert open_actions()["politie-vechtdal"] == 0


def test_partner_page_shows_its_actions_with_what_it_gives(demo_office: Client, demo_town: Municipality) -> None:
    page = demo_office.get(f"{HOME}politie-vechtdal/").content.decode()
    with scope(municipality=demo_town):
        police = Organisation.objects.get(code="politie-vechtdal")
        numbers = works_at(demo_town, "politie-vechtdal")
        for action in Action.objects.filter(number__in=numbers):
            assert f'href="/dalfsen/acties/{action.number}/"' in page, action.title
        other = Action.objects.exclude(number__in={one.number for one in actions_with(police, today=action_day())})[0]
        assert f'href="/dalfsen/acties/{other.number}/"' not in page
    assert "Wat zij in het programma doen" in page
    assert "voert uit" in page


def action_day() -> date:
    return Programme.objects.get().last_day


def test_signals_of_an_action_are_those_of_the_last_day_of_its_programme(demo_town: Municipality) -> None:
    with scope(municipality=demo_town):
        police = Organisation.objects.get(code="politie-vechtdal")
        last_day = action_day()
        then = actions_with(police, today=last_day)
        later = actions_with(police, today=last_day.replace(year=last_day.year + 6))
        assert [(one.number, one.signals) for one in then] == [(one.number, one.signals) for one in later]
        assert any(Signal.SILENT in one.signals for one in then)
        assert [one.is_open for one in then] == sorted((one.is_open for one in then), reverse=True)


def test_list_filters_and_says_when_nothing_fits(demo_office: Client) -> None:
    assert "Politie, basisteam Vechtdal" in demo_office.get(HOME).content.decode()
    late = demo_office.get(HOME, {"let_op": "late_promises"}).content.decode()
    assert "Politie, basisteam Vechtdal" in late
    assert "Carinova" not in late
    found = demo_office.get(HOME, {"zoek": "carin", "soort": "care"}).content.decode()
    assert "Carinova" in found
    assert "Politie, basisteam Vechtdal" not in found
    assert "Geen partner past hierbij" in demo_office.get(HOME, {"zoek": "bestaatniet"}).content.decode()
    part = demo_office.get(HOME, {"zoek": "carin"}, headers={"HX-Request": "true"}).content.decode()
    assert "Carinova" in part
    assert "<html" not in part


@pytest.mark.parametrize("signal", ["silent", "no_contact"])
def test_who_has_nothing_here_may_well_be_silent(demo_office: Client, demo_town: Municipality, signal: str) -> None:
    found = demo_office.get(HOME, {"let_op": signal}).content.decode()
    assert "VechtHorst" in found
    assert "Carinova" not in found
    with scope(municipality=demo_town):
        carinova = Organisation.objects.get(code="carinova")
        Contribution.objects.create(action=Action.objects.get(number=1), organisation=carinova, text="Denkt mee")
    assert "Carinova" in demo_office.get(HOME, {"let_op": signal}).content.decode()


def test_five_hundred_partners_ask_as_many_questions_as_twenty(
    demo_office: Client, demo_town: Municipality, django_assert_max_num_queries: Callable[..., object]
) -> None:
    asked = counted(demo_office, django_assert_max_num_queries)
    with scope(municipality=demo_town):
        made = Organisation.objects.bulk_create(
            Organisation(municipality=demo_town, code=f"p{n}", name=f"Partner {n:03}", kind=Organisation.Kind.CARE)
            for n in range(500)
        )
        Promise.objects.bulk_create(Promise(organisation=one, direction="to_us", text="Meedoen") for one in made)
        Contact.objects.bulk_create(Contact(organisation=one, name="Iemand") for one in made)
        action = Action.objects.get(number=1)
        Contribution.objects.bulk_create(Contribution(action=action, organisation=one, text="x") for one in made)
    assert counted(demo_office, django_assert_max_num_queries) <= asked
    assert "521 partners" in demo_office.get(HOME).content.decode()
    assert "Partner 499" in demo_office.get(HOME, {"page": "9"}).content.decode()


def counted(client: Client, at_most: Callable[..., object]) -> int:
    with at_most(45) as asked:  # type: ignore[attr-defined] # a context manager of the plugin
        assert client.get(HOME).status_code == 200
        assert client.get("/dalfsen/onze-organisatie/").status_code == 200
    return len(asked)


def test_departments_stand_under_what_they_belong_to(demo_office: Client, demo_town: Municipality) -> None:
    with scope(municipality=demo_town):
        above = Organisation.objects.get(code="openbare-ruimte")
        Organisation.objects.create(
            municipality=demo_town, code="wijkbeheer", name="Aa Wijkbeheer", kind=Organisation.Kind.UNIT, parent=above
        )
    page = demo_office.get("/dalfsen/onze-organisatie/").content.decode()
    assert page.index("Eenheid Openbare Ruimte") < page.index("Aa Wijkbeheer") < page.index("Eenheid Publieks")
    assert "kv-partner--deep1" in page
    assert "Politie, basisteam Vechtdal" not in page
    assert "Aa Wijkbeheer" not in demo_office.get(HOME).content.decode()
    one = demo_office.get(f"{HOME}wijkbeheer/").content.decode()
    assert 'href="/dalfsen/onze-organisatie/"' in one


def test_region_shows_input_promise_and_report(demo_office: Client) -> None:
    page = demo_office.get("/dalfsen/regio/").content.decode()
    assert "Gemeentelijke visie op de inbreng" in page
    assert "Had er op 15 april 2021 moeten zijn" in page
    assert "Verslag ontvangen" in page
    assert "Regionale verbanden zonder plan hier" in page
