"""Writing a plan and its parts: what is stored, what is refused, and that adding never overwrites."""

from decimal import Decimal

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.policy.models import ApproachLine, Objective, Plan, Priority
from tests.pages.policy.conftest import PLAN, text_of

pytestmark = pytest.mark.django_db


def new_plan(town: Municipality, **changed: str) -> dict[str, str]:
    with scope(municipality=town):
        known = Plan.objects.get()
        return {
            "title": "Veilig 2027-2030",
            "code": "ivp-2027-2030",
            "first_year": "2027",
            "last_year": "2030",
            "analysis_first_year": "2020",
            "analysis_last_year": "2025",
            "taxonomy": str(known.taxonomy_id),
            "area": str(known.area_id),
            "predecessor": str(known.pk),
        } | changed


def test_new_plan_is_stored_and_shown(officer: Client, town: Municipality) -> None:
    assert officer.post("/dalfsen/plan/nieuw/", new_plan(town))["Location"] == "/dalfsen/plan/"
    page = text_of(officer, "/dalfsen/plan/ivp-2027-2030/")
    assert "2027 tot en met 2030" in page
    assert "Beleidsplan Integrale Veiligheid 2019-2022" in page


def test_new_plan_that_cannot_be_is_refused(officer: Client, town: Municipality) -> None:
    for wrong in (
        {"code": "nieuw"},
        {"code": "ivp-2019-2022"},
        {"code": "met spatie"},
        {"last_year": "2026"},
        {"first_year": "twintig"},
        {"title": ""},
        {"area": "999999"},
    ):
        assert officer.post("/dalfsen/plan/nieuw/", new_plan(town, **wrong)).status_code == 422, wrong
    with scope(municipality=town):
        assert [plan.title for plan in Plan.objects.all()] == ["Beleidsplan Integrale Veiligheid 2019-2022"]


def test_plan_keeps_its_code_when_it_is_changed(officer: Client, town: Municipality) -> None:
    given = new_plan(town, legal_basis="artikel 38b, eerste lid, Politiewet 2012", predecessor="")
    assert officer.post(f"{PLAN}bewerken/", given)["Location"] == PLAN
    with scope(municipality=town):
        plan = Plan.objects.get()
        assert (plan.code, plan.legal_basis) == ("ivp-2019-2022", "artikel 38b, eerste lid, Politiewet 2012")


def test_principles_are_replaced_and_empty_ones_left_out(officer: Client, town: Municipality) -> None:
    given = {
        "form-TOTAL_FORMS": "4",
        "form-INITIAL_FORMS": "2",
        "form-0-title": "Samen",
        "form-0-text": "Met de partners.",
        "form-1-title": "",
        "form-2-title": "Dichtbij",
        "form-3-title": "",
    }
    assert officer.post(f"{PLAN}uitgangspunten/", given).status_code == 302
    with scope(municipality=town):
        assert [one.title for one in Plan.objects.get().principles.all()] == ["Samen", "Dichtbij"]
    assert officer.post(f"{PLAN}uitgangspunten/", given | {"form-1-text": "Zonder titel."}).status_code == 422
    assert officer.post(f"{PLAN}uitgangspunten/", {}).status_code == 422


def test_priority_is_added_with_its_themes_and_never_overwrites_another(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        theme = str(Plan.objects.get().taxonomy.fields.first().themes.first().pk)  # type: ignore[union-attr] # there are some
        taken = Priority.objects.first()
    given = {"title": "Zorg en veiligheid", "code": "zorg", "reach": "local", "position": "20", "themes": [theme]}
    assert officer.post(f"{PLAN}prioriteiten/nieuw/", given).status_code == 302
    assert officer.post(f"{PLAN}prioriteiten/nieuw/", given | {"code": taken.code}).status_code == 422  # type: ignore[union-attr] # there is one
    with scope(municipality=town):
        added = Priority.objects.get(code="zorg")
        assert [str(one.pk) for one in added.themes.all()] == [theme]
        assert Priority.objects.get(pk=taken.pk).title == taken.title  # type: ignore[union-attr] # there is one
    assert officer.get(f"{PLAN}prioriteiten/zorg/bewerken/").status_code == 200


def test_objective_that_was_adopted_keeps_its_indicator(officer: Client, town: Municipality) -> None:
    address = f"{PLAN}doelen/woninginbraken/bewerken/"
    with scope(municipality=town):
        known = Objective.objects.get(code="woninginbraken")
        given = {"title": known.title, "position": str(known.position), "indicator": "", "source": ""}
    assert officer.post(address, given).status_code == 422
    given |= {"indicator": str(known.indicator_id), "source": str(known.source_id), "wording": "In onze woorden."}
    assert officer.post(address, given).status_code == 302
    assert "In onze woorden." in text_of(officer, f"{PLAN}doelen/woninginbraken/")


def test_objective_without_an_indicator_is_shown_and_says_so(officer: Client, town: Municipality) -> None:
    given = {"title": "Meer meldingen", "code": "meldingen", "position": "30"}
    assert officer.post(f"{PLAN}doelen/nieuw/", given).status_code == 302
    page = text_of(officer, f"{PLAN}doelen/meldingen/")
    assert "Deze doelstelling heeft geen indicator." in page
    assert "Nog niets afgesproken" in text_of(officer, "/dalfsen/stand/")
    assert officer.get(f"{PLAN}doelen/meldingen/doelwaarden/").status_code == 200
    assert officer.post(f"{PLAN}doelen/meldingen/doelwaarden/", {"kind": "level"}).status_code == 422
    assert officer.get(f"{PLAN}doelen/meldingen/grafiek.json").status_code == 404


def test_approach_line_reads_a_dutch_amount(officer: Client, town: Municipality) -> None:
    given = {"text": "Buurtpreventie uitbreiden", "owner": "Politie", "due": "2021", "cost_euro": "1.250,50"}
    assert officer.post(f"{PLAN}aanpak/nieuw/", given | {"chain_link": "preventie"}).status_code == 302
    with scope(municipality=town):
        line = ApproachLine.objects.order_by("position").last()
        assert line is not None
        assert (line.cost_euro, line.chain_link) == (Decimal("1250.50"), "preventie")
    assert "1.250,5" in text_of(officer, PLAN)
    assert officer.post(f"{PLAN}aanpak/nieuw/", {"text": ""}).status_code == 422
    assert officer.get(f"{PLAN}aanpak/999/bewerken/").status_code == 404


def test_reader_may_write_nothing(councillor: Client, town: Municipality) -> None:
    for address in ("/dalfsen/plan/nieuw/", f"{PLAN}bewerken/", f"{PLAN}uitgangspunten/", f"{PLAN}doelen/nieuw/"):
        assert councillor.post(address, new_plan(town)).status_code == 403, address
