"""The interface for other programs, asked as a program asks it."""

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from koersvast.access.changes import make_token, revoke_token
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.policy.models import Plan
from koersvast.policy.queries.standing import verdict_rows
from koersvast.programme.changes import packages as programmes
from koersvast.programme.models import Action, Programme, ProgressReport
from tests import cast

pytestmark = pytest.mark.django_db
DEMO = Path(__file__).parent.parent.parent / "demo"
READER = {Permission.PROGRAMME_VIEW, Permission.PLAN_VIEW, Permission.PARTNERS_VIEW}
WRITER = READER | {Permission.PROGRAMME_EDIT, Permission.PROGRESS_REPORT}
READS = ["programmes", "actions/1", "actions/1/reports", "organisations", "plans"]


@pytest.fixture(scope="module")
def town(demo_rows: None) -> Municipality:
    found = Municipality.objects.get(slug="dalfsen")
    programmes.import_programme(programmes.files_of(DEMO / "uitvoering"), municipality=found, by=cast.OPERATOR)
    return found


def made(town: Municipality, scopes: Collection[Permission]) -> Any:
    until = timezone.localdate() + timedelta(days=30)
    return make_token(municipality=town, name="app", purpose="test", scopes=scopes, expires_on=until, by=cast.OPERATOR)


def program(town: Municipality, scopes: Collection[Permission] = READER) -> Client:
    return Client(headers={"Authorization": f"Bearer {made(town, scopes).text}"})


def test_each_list_answers_with_the_version_and_is_kept_by_no_cache(town: Municipality) -> None:
    client = program(town)
    for place in READS:
        answer = client.get(f"/api/v1/{place}")
        assert (answer.status_code, answer["API-Version"], answer["Cache-Control"]) == (200, "1.0.0", "no-store"), place


def test_a_session_of_a_person_opens_nothing(town: Municipality) -> None:
    person = cast.person("Anouk", "policy_officer", town)
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    answer = client.get("/api/v1/programmes")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_revoked_token_is_refused_and_a_scope_that_is_missing_too(town: Municipality) -> None:
    token = made(town, READER)
    client = Client(headers={"Authorization": f"Bearer {token.text}"})
    assert program(town, {Permission.FIGURES_VIEW}).get("/api/v1/programmes").json()["code"] == "scope_missing"
    revoke_token(token.row, by=cast.OPERATOR)
    assert client.get("/api/v1/programmes").status_code == 401


def test_sixth_wrong_token_has_to_wait_and_a_right_one_has_not(town: Municipality) -> None:
    wrong = Client(headers={"Authorization": "Bearer kv_wrong"})
    assert [wrong.get("/api/v1/plans").status_code for _ in range(6)] == [401] * 5 + [429]
    assert program(town).get("/api/v1/plans").status_code == 200


def test_token_of_another_municipality_finds_nothing(town: Municipality) -> None:
    client = program(cast.municipality("Raalte"))
    assert client.get("/api/v1/programmes").json() == []
    assert client.get("/api/v1/actions/1").json() == client.get("/api/v1/actions/99999").json()


def test_pages_hold_every_action_once(town: Municipality) -> None:
    client = program(town)
    with scope(municipality=town):
        code = Programme.objects.get().code
        every = list(Action.objects.order_by("number").values_list("number", flat=True))
    found: list[int] = []
    for page in range(1, len(every) // 7 + 2):
        said = client.get(f"/api/v1/programmes/{code}/actions?page={page}&pageSize=7").json()
        found += [one["number"] for one in said]
    assert found == every


def test_verdicts_are_those_of_the_page(town: Municipality) -> None:
    today = timezone.localdate()
    with scope(municipality=town):
        plan = Plan.objects.get()
        rows = verdict_rows(plan, known_on=today, today=today)
    said = program(town).get(f"/api/v1/plans/{plan.code}/verdicts?pageSize=100").json()
    assert [(one["period"], one["observed"], one["probability"], one["evidence"]) for one in said] == [
        (row.period, row.observed, row.probability, row.evidence) for row in rows
    ]
    assert said


def test_report_sent_twice_is_written_once(town: Municipality) -> None:
    client = program(town, WRITER)
    place = "/api/v1/actions/1/reports"
    version = client.get("/api/v1/actions/1")["ETag"]

    def send(**headers: str) -> Any:
        body = {"state": "running", "line": "Loopt volgens afspraak."}
        return client.post(place, body, content_type="application/json", headers=headers)

    with scope(municipality=town):
        before = ProgressReport.objects.count()
    assert send().status_code == 428
    assert [send(**{"If-Match": version}).status_code for _ in range(2)] == [201, 412]
    with scope(municipality=town):
        assert ProgressReport.objects.count() == before + 1
        newest = ProgressReport.objects.order_by("-pk")[0]
    assert (newest.way, newest.reported_by.partition(":")[0]) == ("application", "application")


def test_other_method_and_unreadable_body_are_problems(town: Municipality) -> None:
    client = program(town, WRITER)
    other = client.delete("/api/v1/programmes")
    broken = client.post("/api/v1/actions/1/reports", "{", content_type="application/json")
    for answer, status in ((other, 405), (broken, 400)):
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
