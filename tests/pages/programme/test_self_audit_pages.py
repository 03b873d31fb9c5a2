"""The pages of the self-test and of the steps: answering, a second writer, closing, and who may read what."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.policy.models import Plan
from koersvast.programme.models import NormScore

pytestmark = pytest.mark.django_db
PAGE = "/dalfsen/zelftoets/"


@pytest.fixture
def begun(officer: Client, town: Municipality) -> str:
    with scope(municipality=town):
        plan = Plan.objects.get()
    return str(officer.post(PAGE + "beginnen/", {"plan": plan.code})["Location"])


def answers(score: str, text: str, *, version: int) -> dict[str, Any]:
    found = {"zicht-betrouwbaar-version": 0}
    return found | {
        "zicht-cijfers-version": version, "zicht-cijfers-score": score, "zicht-cijfers-text": text,
    }  # fmt: skip


def test_self_test_is_begun_answered_and_closed(officer: Client, begun: str, town: Municipality) -> None:
    page = officer.get(begun).content.decode()
    assert "Wat de rekenkamer vraagt" in page
    assert "Doelen met een vastgestelde doelwaarde" in page
    refused = officer.post(begun + "zicht/", answers("yes", "", version=0))
    assert refused.status_code == 422
    assert "Zeg in één zin waarom." in refused.content.decode()
    saved = officer.post(begun + "zicht/", answers("yes", "Ja, per thema.", version=0) | {"verder": "1"})
    assert saved["Location"].endswith("/logica/")
    late = officer.post(begun + "zicht/", answers("no", "Nee.", version=0))
    assert late.status_code == 409
    assert "Ja, per thema." in late.content.decode()
    with scope(municipality=town):
        assert NormScore.objects.get().score == "yes"
    closed = officer.post(begun + "sluiten/", {"note": "Naar het college.", "version": 1}, follow=True)
    assert "Gesloten op" in closed.content.decode()
    assert officer.get(begun + "zicht/")["Location"] == begun
    assert "Gesloten zelftoetsen" in officer.get(PAGE).content.decode()


def test_open_self_test_is_not_read_by_the_council_and_a_closed_one_is(
    officer: Client, begun: str, raadslid: User, signed_in: Callable[[User], Client]
) -> None:
    council = signed_in(raadslid)
    assert council.get(begun).status_code == 404
    assert "Verdergaan" not in council.get(PAGE).content.decode()
    officer.post(begun + "sluiten/", {"note": "Naar de raad.", "version": 1})
    assert "Naar de raad." in council.get(begun).content.decode()
    assert council.get(begun + "zicht/").status_code == 403


def test_step_is_noted_and_a_missing_reason_is_asked(officer: Client, town: Municipality) -> None:
    page = officer.get("/dalfsen/stappen/")
    address = page.content.decode().split('action="')[-1].split('"')[0].rsplit("/", 2)[0]
    sent = {"stap-3-state": "skipped", "stap-3-note": "", "stap-3-done_on": "", "stap-3-version": 0}
    refused = officer.post(f"{address}/3/", sent)
    assert refused.status_code == 422
    assert "Zeg waarom deze stap wordt overgeslagen." in refused.content.decode()
    done = officer.post(f"{address}/3/", sent | {"stap-3-note": "Gedaan in 2018."}, follow=True)
    assert "1 van de 12 stappen" in done.content.decode()
    assert officer.post(f"{address}/3/", sent | {"stap-3-note": "Anders."}).status_code == 409
    assert officer.post(f"{address}/99/", sent).status_code == 404


def test_pages_take_few_queries(
    officer: Client, begun: str, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    officer.post(begun + "zicht/", answers("yes", "Ja.", version=0))
    with django_assert_max_num_queries(60):
        officer.get(begun)
    with django_assert_max_num_queries(12):
        officer.get("/dalfsen/stappen/")
