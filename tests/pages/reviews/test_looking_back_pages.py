"""Looking back in the browser: plan, begin, read, decide, set aside, close; and two readers at once."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.policy.models import CourseDecision, Objective
from koersvast.programme.models import CheckMoment, ObjectiveReview
from tests.pages.programme.conftest import carried_out, officer, town

__all__ = ["carried_out", "officer", "town"]
pytestmark = pytest.mark.django_db
BASE = "/dalfsen/terugblik/"


@pytest.fixture
def mayor(town: Municipality, burgemeester: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(burgemeester)


@pytest.fixture
def councillor(town: Municipality, raadslid: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(raadslid)


def said(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


def planned(town: Municipality) -> CheckMoment:
    """The moment of 2020 that the demo has planned."""
    with scope(municipality=town):
        return CheckMoment.objects.select_related("plan").get(period="2020")


def begun(officer: Client, town: Municipality) -> CheckMoment:
    moment = planned(town)
    officer.post(f"{BASE}{moment.pk}/beginnen/", {"known_on": "2026-03-01", "version": moment.version})
    moment.refresh_from_db()
    return moment


READING = {
    "read_by_others": "burgemeester, teamchef", "reading": "De cijfers schommelen.", "reason_code": "chance",
    "reason_text": "", "version": 0,
}  # fmt: skip


def version_of(town: Municipality, code: str) -> int:
    with scope(municipality=town):
        return ObjectiveReview.objects.get(objective__code=code).version


def test_one_button_plans_the_moments_of_the_plan(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        CheckMoment.objects.all().delete()
    assert "Plan de momenten" in said(officer, BASE)
    shown = officer.post(f"{BASE}plannen/", follow=True).content.decode()
    assert "Er zijn 16 momenten gepland." in shown
    assert "Tussenevaluatie" in shown or "tussenevaluatie" in shown
    assert "Elk moment was al gepland." in officer.post(f"{BASE}plannen/", follow=True).content.decode()


def test_beginning_leads_to_the_first_objective(officer: Client, town: Municipality) -> None:
    moment = planned(town)
    response = officer.post(f"{BASE}{moment.pk}/beginnen/", {"known_on": "2026-03-01", "version": moment.version})
    assert response.status_code == 302
    shown = said(officer, response["Location"])
    assert "Doel 1 van" in shown
    assert "Cijfers zoals bekend op 1 maart 2026" in shown
    assert "Wat is gedaan en wat het kostte" in shown
    refused = officer.post(f"{BASE}{moment.pk}/beginnen/", {"known_on": "2099-01-01", "version": 2})
    assert refused.status_code == 422


def test_step_speaks_of_the_year_of_the_review(officer: Client, town: Municipality) -> None:
    moment = begun(officer, town)
    shown = said(officer, f"{BASE}{moment.pk}/doel/woninginbraken/")
    facts = re.search(r"Jaar waarover het gaat</dt>\s*<dd[^>]*>(\d{4})", shown)
    assert facts
    assert facts[1] == "2020"
    assert "Voorlichting over woninginbraken" in shown


def test_reading_goes_on_to_the_next_objective_and_keeps_the_readers(officer: Client, town: Municipality) -> None:
    moment = begun(officer, town)
    step = f"{BASE}{moment.pk}/doel/woninginbraken/"
    with scope(municipality=town):
        codes = list(moment.plan.objectives.values_list("code", flat=True))
    response = officer.post(step, READING)
    assert response.status_code == 302, response.content.decode()
    following = codes[codes.index("woninginbraken") + 1]
    shown = said(officer, f"{BASE}{moment.pk}/doel/{following}/")
    assert "burgemeester, teamchef" in shown
    assert "De cijfers schommelen." in said(officer, step)


def test_adjusted_target_and_its_decision_stand_in_the_ledger(officer: Client, town: Municipality) -> None:
    moment = begun(officer, town)
    step = f"{BASE}{moment.pk}/doel/woninginbraken/"
    officer.post(step, READING | {"decide": "1"})
    given = {
        "choice": "adjust_target", "text": "Wij leggen de lat gelijk met de regio.", "body": "gemeenteraad",
        "decided_on": "2026-03-20", "document": "Terugblik 2020", "agreed_2021": "27", "agreed_2022": "24",
        "version": version_of(town, "woninginbraken"),
    }  # fmt: skip
    nameless = officer.post(f"{step}besluit/", given | {"document": ""})
    assert nameless.status_code == 422
    assert "Noem het document" in nameless.content.decode()
    assert officer.post(f"{step}besluit/", given).status_code == 302
    ledger = said(officer, "/dalfsen/plan/ivp-2019-2022/besluiten/")
    assert "Doel bijgesteld" in ledger
    assert "Wij leggen de lat gelijk met de regio." in ledger
    assert "Toeval: het cijfer schommelt" in ledger
    with scope(municipality=town):
        made = CourseDecision.objects.get()
        assert made.decision
        values = {one.year: int(one.agreed) for one in made.decision.target_sets.get().targets.all()}
    assert (values[2021], values[2022]) == (27, 24)


def test_second_reader_sees_both_and_chooses(officer: Client, mayor: Client, town: Municipality) -> None:
    moment = begun(officer, town)
    step = f"{BASE}{moment.pk}/doel/woninginbraken/"
    officer.post(step, READING)
    response = mayor.post(step, READING | {"reading": "Ik zie het anders."})
    assert response.status_code == 409
    shown = response.content.decode()
    assert "De cijfers schommelen." in shown
    assert "Ik zie het anders." in shown
    assert "Anouk Veldkamp" in shown
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version
    mayor.post(step, READING | {"reading": "Ik zie het anders.", "version": version[1]})
    assert "Ik zie het anders." in said(officer, step)


def test_mayor_decides_but_is_not_offered_other_values(officer: Client, mayor: Client, town: Municipality) -> None:
    moment = begun(officer, town)
    step = f"{BASE}{moment.pk}/doel/woninginbraken/"
    mayor.post(step, READING | {"decide": "1"})
    shown = said(mayor, step)
    assert 'value="accept"' in shown or 'value="secure"' in shown
    assert 'value="adjust_target"' not in shown
    forced = {
        "choice": "adjust_target", "text": "x", "body": "college", "decided_on": "2026-03-20", "document": "d",
        "agreed_2021": "1", "version": version_of(town, "woninginbraken"),
    }  # fmt: skip
    assert mayor.post(f"{step}besluit/", forced).status_code == 422


def test_closed_review_is_a_page_that_stays_and_a_document(
    officer: Client, councillor: Client, town: Municipality
) -> None:
    moment = begun(officer, town)
    with scope(municipality=town):
        codes = list(Objective.objects.filter(plan=moment.plan).values_list("code", flat=True))
    early = officer.post(f"{BASE}{moment.pk}/afsluiten/", {"conclusion": "", "version": moment.version})
    assert early.status_code == 422
    officer.post(f"{BASE}{moment.pk}/doel/woninginbraken/", READING)
    for code in codes:
        if code != "woninginbraken":
            skipped = {"later-reason": "Nog geen meting", "later-version": 0}
            assert officer.post(f"{BASE}{moment.pk}/doel/{code}/overslaan/", skipped).status_code == 302
    with scope(municipality=town):
        review = ObjectiveReview.objects.get(objective__code="woninginbraken")
    if review.evidence in ("off_course", "not_comparable"):
        accepted = {
            "choice": "accept", "text": "Wij wachten af.", "body": "college", "decided_on": "2026-03-20",
            "version": review.version,
        }  # fmt: skip
        officer.post(f"{BASE}{moment.pk}/doel/woninginbraken/besluit/", accepted)
    closing = {"conclusion": "Wij gaan door.", "version": moment.version}
    assert officer.post(f"{BASE}{moment.pk}/afsluiten/", closing).status_code == 302
    shown = said(councillor, f"{BASE}{moment.pk}/")
    assert "Wij gaan door." in shown
    assert "De cijfers schommelen." in shown
    assert "Nog geen meting" in shown
    file = councillor.get(f"{BASE}{moment.pk}/bestand/html/")
    assert file["Content-Disposition"] == 'attachment; filename="terugblik-2020-dalfsen.html"'
    text = file.content.decode()
    assert "Wij gaan door." in text
    assert "zoals bekend op 1 maart 2026" in text.replace("\u00a0", " ")
    for form in ("docx", "odt"):
        assert councillor.get(f"{BASE}{moment.pk}/bestand/{form}/").content[:2] == b"PK"


def test_council_member_reads_and_records_nothing(officer: Client, councillor: Client, town: Municipality) -> None:
    moment = begun(officer, town)
    assert "Samen duiden" not in said(councillor, f"{BASE}{moment.pk}/doel/woninginbraken/")
    assert councillor.post(f"{BASE}{moment.pk}/doel/woninginbraken/", READING).status_code == 403


def test_pages_stay_within_their_number_of_queries(
    officer: Client, town: Municipality, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    moment = begun(officer, town)
    officer.post(f"{BASE}{moment.pk}/doel/woninginbraken/", READING)
    for address, queries in ((BASE, 22), (f"{BASE}{moment.pk}/", 36), (f"{BASE}{moment.pk}/doel/woninginbraken/", 62)):
        officer.get(address)
        with django_assert_max_num_queries(queries):
            officer.get(address)


def test_english_page_has_no_dutch(officer: Client, town: Municipality) -> None:
    moment = begun(officer, town)
    officer.post("/taal/", {"language": "en"})
    shown = said(officer, f"{BASE}{moment.pk}/doel/woninginbraken/")
    assert "Read it together" in shown
    assert "Samen duiden" not in shown
