"""The page of the plan check: findings with place and remedy, filters, and answers by a named person."""

import html
import re

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.policy.models import Answer
from tests.pages.policy.conftest import PLAN, text_of

pytestmark = pytest.mark.django_db
CHECK = f"{PLAN}toets/"
ANSWER = f"{CHECK}antwoord/"


def shown(page: str) -> set[str]:
    """The codes of the rules that found something on the page."""
    return set(re.findall(r'id="regel-(P\d\d)"', page))


def a_finding(client: Client, rule: str) -> dict[str, str]:
    page = text_of(client, CHECK)
    form = page[page.index(f'name="rule" value="{rule}"') :]
    place = re.search(r'name="place" value="([^"]+)"', form)
    assert place
    return {"rule": rule, "place": html.unescape(place[1])}


def test_check_page_shows_the_defects_of_the_plan_with_what_to_do(officer: Client) -> None:
    page = text_of(officer, CHECK)
    defects = {f"P{n:02}" for n in (1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 26, 31)}
    assert defects <= shown(page)
    assert "57,34 %" in page
    assert "Wat u kunt doen:" in page
    assert "Berust op: Politiewet 2012, artikel 38b" in page


def test_check_page_narrows_to_a_severity_and_to_a_word(officer: Client) -> None:
    everything = shown(text_of(officer, CHECK))
    defects = shown(text_of(officer, f"{CHECK}?severity=error"))
    notes = shown(text_of(officer, f"{CHECK}?severity=note"))
    assert defects
    assert notes
    assert not defects & notes
    assert defects | notes < everything
    assert shown(text_of(officer, f"{CHECK}?words=KRAANWATER")) < everything
    assert "Niets voldoet aan deze keuze." in text_of(officer, f"{CHECK}?words=bestaatniet")
    assert shown(text_of(officer, f"{CHECK}?severity=onzin")) == everything


def test_check_page_asked_by_htmx_is_the_findings_alone(officer: Client) -> None:
    answer = officer.get(f"{CHECK}?severity=error", headers={"HX-Request": "true"}).content.decode()
    assert answer.strip().startswith('<div id="bevindingen">')
    assert "<html" not in answer


def test_answer_stands_beside_the_finding_with_its_name_and_can_be_taken_back(
    officer: Client, anouk: User, town: Municipality
) -> None:
    finding = a_finding(officer, "P01")
    assert officer.post(ANSWER, finding | {"text": "De tabel zegt het wel."})["Location"] == f"{CHECK}#regel-P01"
    page = text_of(officer, f"{CHECK}?state=answered")
    assert "Beantwoord door Anouk Veldkamp" in page
    assert "De tabel zegt het wel." in page
    assert shown(page) == {"P01"}
    officer.post(ANSWER, finding | {"withdraw": "1"})
    with scope(municipality=town):
        assert not Answer.objects.exists()


def test_answer_without_a_reason_is_refused(officer: Client, town: Municipality) -> None:
    page = officer.post(ANSWER, a_finding(officer, "P01") | {"text": "  "}, follow=True).content.decode()
    assert '<li class="utrecht-alert kv-tone--negative">' in page
    with scope(municipality=town):
        assert not Answer.objects.exists()


def test_answer_to_a_finding_that_is_not_there_is_refused(officer: Client, town: Municipality) -> None:
    finding = a_finding(officer, "P01")
    for wrong in ({"rule": "P99"}, {"place": "plan:niets"}, {"rule": ""}, {"rule": "P" * 99}):
        page = officer.post(ANSWER, finding | {"text": "Bekend."} | wrong, follow=True)
        assert '<li class="utrecht-alert kv-tone--negative">' in page.content.decode(), wrong
    with scope(municipality=town):
        assert not Answer.objects.exists()


def test_answer_of_a_council_member_is_refused_and_not_offered(councillor: Client, town: Municipality) -> None:
    assert councillor.post(ANSWER, {"rule": "P01", "place": "plan", "text": "Bekend."}).status_code == 403
    assert "<textarea" not in text_of(councillor, CHECK)


def test_answer_with_markup_is_shown_as_text(officer: Client) -> None:
    officer.post(ANSWER, a_finding(officer, "P01") | {"text": "<script>alert(1)</script>"})
    assert "<script>alert" not in text_of(officer, CHECK)
