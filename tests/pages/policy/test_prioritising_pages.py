"""Choosing priorities by its pages: lists, scoring apart, closing, what came out, and the recorded choice."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.policy.models import Objective, Option, Plan, Prioritising, Priority, Score, ScoringParty
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/dalfsen/prioriteren/"


@pytest.fixture
def partner(demo_rows: None, dalfsen: Municipality) -> User:
    return cast.person("Partner Politie", "partner", dalfsen)


@pytest.fixture
def begun(officer: Client, dalfsen: Municipality, partner: User) -> str:
    """A round with three options, one criterion, a party with a person and one on paper."""
    with scope(municipality=dalfsen):
        plan = Plan.objects.get()
    sent = {"title": "Keuze", "plan": plan.pk, "taxonomy": plan.taxonomy_id, "scores_close_on": "", "predecessor": ""}
    here = str(officer.post(PAGE + "nieuw/", sent)["Location"])
    lines: list[dict[str, Any]] = [
        {"name": "Politie", "weight": "1", "user": partner.pk},
        {"name": "Inwoners", "weight": "2", "user": ""},
    ]
    assert save(officer, here + "partijen/", lines).status_code == 302
    one: dict[str, Any] = {"code": "omvang", "name": "Omvang", "weight": "1,5", "help_text": "Hoe vaak?"}
    assert save(officer, here + "criteria/", [one]).status_code == 302
    titles: list[dict[str, Any]] = [
        {"title": title, "theme": "", "facts": ""} for title in ("Woninginbraken", "Jeugd", "Verkeer")
    ]
    assert save(officer, here + "opties/", titles).status_code == 302
    return here


def save(client: Client, address: str, lines: list[dict[str, Any]], *, version: int | None = None) -> Any:
    page = client.get(address).content.decode()
    now = int(page.split('name="version" value="')[1].split('"')[0])
    sent: dict[str, Any] = {
        "version": now if version is None else version, "regel-TOTAL_FORMS": len(lines), "regel-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number, line in enumerate(lines):
        sent |= {f"regel-{number}-{name}": value for name, value in line.items()}
    return client.post(address, sent)


def give(client: Client, here: str, party: str, scores: dict[str, str]) -> None:
    for option, points in scores.items():
        answer = client.post(f"{here}scoren/{party}/{option}/", {"omvang": points, "initial-omvang": ""})
        assert answer.status_code == 302, answer.content.decode()


def test_round_begins_with_all_themes_and_seven_criteria(officer: Client, dalfsen: Municipality) -> None:
    with scope(municipality=dalfsen):
        plan = Plan.objects.get()
    sent = {"title": "Keuze", "plan": plan.pk, "taxonomy": plan.taxonomy_id, "scores_close_on": ""}
    here = officer.post(PAGE + "nieuw/", sent)["Location"]
    page = officer.get(here).content.decode()
    assert "op 7 criteria" in page
    assert officer.post(here + "cijfers/").status_code == 302
    with scope(municipality=dalfsen):
        found = Prioritising.objects.get()
        assert found.figures_on is not None
        assert any("Politie" in line["source"] for one in found.options.all() for line in one.figures)


def test_parties_score_apart_and_see_nothing_of_each_other(
    officer: Client, begun: str, partner: User, signed_in: Callable[[User], Client], dalfsen: Municipality
) -> None:
    theirs = signed_in(partner)
    assert "Keuze" in theirs.get(PAGE + "mijn/").content.decode()
    give(theirs, begun, "politie", {"woninginbraken": "9", "jeugd": "0"})
    assert theirs.get(begun + "scoren/inwoners/").status_code == 404
    assert officer.get(begun + "scoren/politie/").status_code == 404, "not even who keeps the plan"
    give(officer, begun, "inwoners", {"woninginbraken": "4", "jeugd": "8"})
    page = officer.get(begun).content.decode()
    assert "2 van 3 gegeven" in page
    assert "Waar partijen verschillen" not in page
    other = theirs.post(begun + "scoren/politie/jeugd/", {"omvang": "5", "initial-omvang": ""})
    assert other.status_code == 422
    assert "ander venster" in other.content.decode()
    with scope(municipality=dalfsen):
        assert Score.objects.get(party__code="politie", option__code="jeugd").points == 0
    assert theirs.post(begun + "scoren/politie/inleveren/").status_code == 302
    assert "Ingeleverd op" in theirs.get(begun + "scoren/politie/").content.decode()


def test_half_that_came_in_another_way_stays_when_nothing_is_changed(
    officer: Client, begun: str, dalfsen: Municipality
) -> None:
    give(officer, begun, "inwoners", {"jeugd": "7"})
    with scope(municipality=dalfsen):
        Score.objects.update(points=Decimal("7.5"))
    address = begun + "scoren/inwoners/jeugd/"
    assert 'value="7.5" selected' in officer.get(address).content.decode()
    assert officer.post(address, {"omvang": "7.5", "initial-omvang": "7.5"}).status_code == 302
    with scope(municipality=dalfsen):
        assert Score.objects.get().points == Decimal("7.5")


def test_outcome_choice_and_what_follows_in_the_plan(officer: Client, begun: str, dalfsen: Municipality) -> None:
    with scope(municipality=dalfsen):
        ScoringParty.objects.update(user=None)
        version = Prioritising.objects.get().version
    give(officer, begun, "politie", {"woninginbraken": "9", "jeugd": "2"})
    give(officer, begun, "inwoners", {"woninginbraken": "3", "jeugd": "8"})
    assert officer.post(begun + "sluiten/", {"version": version + 7}, follow=True).status_code == 200
    officer.post(begun + "sluiten/", {"version": version})
    page = officer.get(begun).content.decode()
    for told in (
        "Wat eruit kwam",
        "<svg",
        "niet gescoord",
        "Woninginbraken, Omvang: 3 (Inwoners) tegenover 9 (Politie)",
    ):
        assert told in page
    officer.post(begun + "sluiten/", {"version": version + 1, "heropenen": "1"})
    officer.post(begun + "sluiten/", {"version": version + 2})
    sent: dict[str, Any] = {"body": "gemeenteraad", "decided_on": "2026-01-05", "version": version + 3}
    open_still = {f"{code}-outcome": "undecided" for code in ("woninginbraken", "jeugd", "verkeer")}
    refused = officer.post(begun + "besluit/", sent | open_still)
    assert refused.status_code == 422
    assert refused.content.decode().count("Kies wat het wordt.") == 3
    for code, outcome in (("woninginbraken", "local"), ("jeugd", "kept_in_view"), ("verkeer", "rejected")):
        sent |= {f"{code}-outcome": outcome, f"{code}-reason": f"Reden voor {code}."}
    sent |= {"woninginbraken-make_priority": "on", "verkeer-make_priority": "on"}
    assert officer.post(begun + "besluit/", sent).status_code == 302
    page = officer.get(begun).content.decode()
    assert "Gekozen door gemeenteraad" in page
    assert "Reden voor verkeer." in page
    with scope(municipality=dalfsen):
        chosen = Option.objects.get(code="woninginbraken").priority
        assert chosen is not None
        assert chosen.title == "Woninginbraken"
        assert not Priority.objects.filter(title="Verkeer").exists(), "what was rejected never enters the plan"
        objective = Objective.objects.order_by("position")[0]
        Objective.objects.filter(pk=objective.pk).update(priority=chosen)
    assert objective.title in officer.get(begun).content.decode()
    assert officer.get(begun + "besluit/").status_code == 302


def test_second_writer_of_a_list_is_told(officer: Client, begun: str, dalfsen: Municipality) -> None:
    late = save(officer, begun + "criteria/", [{"name": "Schade", "weight": "1", "help_text": ""}], version=1)
    assert late.status_code == 409
    with scope(municipality=dalfsen):
        assert Prioritising.objects.get().criteria.get().name == "Omvang"


def test_audit_holds_no_scores(officer: Client, begun: str, dalfsen: Municipality) -> None:
    give(officer, begun, "inwoners", {"jeugd": "7"})
    details = [one.detail for one in AuditRecord.objects.filter(event="priorities.scored")]
    assert details == [{"party": "inwoners", "scores": 1}]


def test_pages_take_few_queries(
    officer: Client, begun: str, django_assert_max_num_queries: Callable[[int], Any], dalfsen: Municipality
) -> None:
    give(officer, begun, "inwoners", {"jeugd": "7"})
    for address, most in (
        (PAGE, 14),
        (begun, 20),
        (begun + "scoren/inwoners/", 16),
        (begun + "scoren/inwoners/jeugd/", 18),
    ):
        with django_assert_max_num_queries(most):
            officer.get(address)
