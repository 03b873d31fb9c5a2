"""Reporting behind a link and on one's own page: own actions only, dead links alike, nothing told to others."""

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.partners.changes.organisations import remove_contact, write_contact
from koersvast.partners.models import Contact, Meeting, Organisation
from koersvast.programme.changes.links import make_link
from koersvast.programme.models import Action, ProgressReport, ReportingLink
from tests import cast
from tests.pages.programme.conftest import carried_out, officer, town

__all__ = ["carried_out", "officer", "town"]
pytestmark = pytest.mark.django_db
CANARY = "Kanarievogel-Zwartsluis"


@pytest.fixture
def agent(town: Municipality) -> Contact:
    """A contact at an organisation that carries out open actions."""
    with scope(municipality=town):
        police = Organisation.objects.get(code="politie-vechtdal")
        return write_contact(organisation=police, name=CANARY, role="wijkagent", email="", by=cast.OPERATOR)


@pytest.fixture
def token(town: Municipality, agent: Contact) -> str:
    cache.clear()
    with scope(municipality=town):
        return make_link(contact=agent, by=cast.OPERATOR)


def behind(token: str) -> Client:
    client = Client()
    response = client.get(f"/melden/{token}/")
    assert response.status_code == 302, response.status_code
    assert response["Location"] == "/melden/"
    return client


def shown(client: Client) -> str:
    response = client.get("/melden/")
    assert response.status_code == 200
    return response.content.decode()


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="actie-(\d+)"', page)]


def test_opening_a_link_changes_nothing_and_tells_nobody(town: Municipality, token: str) -> None:
    client = Client()
    response = client.get(f"/melden/{token}/")
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert token not in response["Location"]
    assert token not in str(response.cookies)
    page = client.get("/melden/")
    assert "no-store" in page["Cache-Control"]
    assert token not in page.content.decode()
    with scope(municipality=town):
        assert ReportingLink.objects.get().uses == 0
        assert not ProgressReport.objects.filter(way="link").exists()


def test_contact_reports_on_own_actions_only(town: Municipality, agent: Contact, token: str) -> None:
    client = behind(token)
    mine = numbers(shown(client))
    assert mine
    with scope(municipality=town):
        theirs = Action.objects.filter(number__in=mine).prefetch_related("contributions")
        for action in theirs:
            parties = {action.owner_organisation_id} | {one.organisation_id for one in action.contributions.all()}
            assert agent.organisation_id in parties
        other = Action.objects.exclude(number__in=mine).order_by("number")[0].number
    line = "Twee avonden gelopen, de volgende is gepland."
    response = client.post("/melden/", {f"staat-{mine[0]}": "running", f"regel-{mine[0]}": line}, follow=True)
    assert "Dank u" in response.content.decode()
    client.post("/melden/", {f"staat-{other}": "done", f"regel-{other}": "Niet van mij."})
    with scope(municipality=town):
        made = ProgressReport.objects.get(way="link")
        assert (made.action.number, made.line, made.state) == (mine[0], line, "running")
        assert made.reported_by == f"contact:{agent.pk}"
        assert ReportingLink.objects.get().uses == 1


def test_what_is_wrong_with_one_does_not_lose_another(town: Municipality, token: str) -> None:
    client = behind(token)
    first, second = numbers(shown(client))[:2]
    sent = {
        f"staat-{first}": "running", f"regel-{first}": "Gaat goed.",
        f"staat-{second}": "running", f"regel-{second}": "Bel mevrouw op 06 12345678.",
    }  # fmt: skip
    response = client.post("/melden/", sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "06 12345678" in page  # what was typed stays in its field
    with scope(municipality=town):
        assert [one.action.number for one in ProgressReport.objects.filter(way="link")] == [first]


@pytest.mark.parametrize("end", ["expired", "revoked", "used_up", "left", "removed", "unknown"])
def test_every_dead_link_looks_the_same(town: Municipality, agent: Contact, token: str, end: str) -> None:
    with scope(municipality=town):
        link = ReportingLink.objects.filter(contact=agent)
        yesterday = timezone.now() - timedelta(days=1)
        if end == "expired":
            link.update(expires_at=yesterday)
        elif end == "revoked":
            link.update(revoked_at=yesterday)
        elif end == "used_up":
            link.update(uses=50)
        elif end == "left":
            Contact.objects.filter(pk=agent.pk).update(until=yesterday.date())
        elif end == "removed":
            remove_contact(contact=agent, by=cast.OPERATOR)
    response = Client().get(f"/melden/{'x' * 43 if end == 'unknown' else token}/")
    assert response.status_code == 404
    assert "Deze link werkt niet meer" in response.content.decode()
    assert "Dalfsen" not in response.content.decode()


def test_link_that_dies_while_somebody_writes_saves_nothing(town: Municipality, token: str) -> None:
    client = behind(token)
    number = numbers(shown(client))[0]
    with scope(municipality=town):
        ReportingLink.objects.update(revoked_at=timezone.now())
    assert client.post("/melden/", {f"staat-{number}": "running"}).status_code == 404
    with scope(municipality=town):
        assert not ProgressReport.objects.filter(way="link").exists()


def test_guessing_tokens_is_braked_and_shuts_nobody_out(token: str) -> None:
    client = Client()
    answers = [client.get(f"/melden/{'y' * 40}{number}/").status_code for number in range(12)]
    assert answers[0] == 404
    assert answers[-1] == 429
    assert client.get(f"/melden/{token}/").status_code == 302


def test_form_from_another_site_is_refused(town: Municipality, token: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(f"/melden/{token}/")
    number = numbers(shown(client))[0]
    assert client.post("/melden/", {f"staat-{number}": "running"}).status_code == 403


def test_token_and_name_stay_out_of_trail_and_log(town: Municipality, token: str, caplog: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        client = behind(token)
        client.post("/melden/", {f"staat-{numbers(shown(client))[0]}": "running"})
    trail = " ".join(str(record.detail) for record in AuditRecord.objects.all())
    for secret in (token, CANARY):
        assert secret not in trail
        assert secret not in caplog.text


def test_officer_makes_a_link_that_is_shown_once(officer: Client, agent: Contact) -> None:
    address = f"/dalfsen/meldlinks/{agent.pk}/"
    fresh = officer.post(address).content.decode()
    found = re.search(r"/melden/([\w-]{40,})/", fresh)
    assert found
    assert found[1] not in officer.get(address).content.decode()
    assert numbers(shown(behind(found[1])))


def test_people_page_names_who_is_silent_and_adds_a_contact(officer: Client, town: Municipality) -> None:
    page = officer.get("/dalfsen/meldlinks/").content.decode()
    assert "Hier wacht iets" in page
    with scope(municipality=town):
        police = Organisation.objects.get(code="politie-vechtdal")
    sent = {"organisation": police.pk, "name": "Nieuwe wijkagent", "role": "wijkagent", "email": ""}
    response = officer.post("/dalfsen/meldlinks/", sent)
    assert response.status_code == 302
    assert "Nieuwe wijkagent" in officer.get(response["Location"]).content.decode()
    assert officer.post("/dalfsen/meldlinks/", sent | {"name": ""}).status_code == 422


def test_colleague_reports_on_the_own_page(
    town: Municipality, agent: Contact, signed_in: Callable[[User], Client]
) -> None:
    person = cast.person("Wijkagent Vecht", "partner", town)
    with scope(municipality=town):
        Contact.objects.filter(pk=agent.pk).update(user=person)
    client = signed_in(person)
    page = client.get("/dalfsen/mijn/").content.decode()
    number = numbers(page)[0]
    assert f"/dalfsen/acties/{number}/" not in page  # a partner from outside has no page of the programme
    response = client.post("/dalfsen/mijn/", {f"staat-{number}": "running", f"regel-{number}": "Loopt."}, follow=True)
    assert "Dank u" in response.content.decode()
    with scope(municipality=town):
        assert ProgressReport.objects.filter(way="page", reported_by=f"user:{person.pk}").count() == 1


def test_who_carries_out_nothing_reads_so(officer: Client) -> None:
    assert "Er wacht niets op u" in officer.get("/dalfsen/mijn/").content.decode()


def test_pages_take_few_queries(
    officer: Client, token: str, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    client = behind(token)
    with django_assert_max_num_queries(12):
        client.get("/melden/")
    with django_assert_max_num_queries(16):
        officer.get("/dalfsen/meldlinks/")


def test_weekly_mail_page_says_who_gets_it_and_stops_it(officer: Client, town: Municipality, agent: Contact) -> None:
    with scope(municipality=town):
        Contact.objects.filter(pk=agent.pk).update(email="wijkagent@politie.example")
    page = officer.get("/dalfsen/meldlinks/weekmail/").content.decode()
    assert CANARY in page
    assert "Wat erin staat" in page
    assert "wijkagent@politie.example" not in page
    stopped = officer.post("/dalfsen/meldlinks/weekmail/", {"contact": agent.pk, "mail": "uit"}, follow=True)
    assert "Wie de weekmail heeft gestopt" in stopped.content.decode()
    officer.post("/dalfsen/meldlinks/weekmail/", {"contact": agent.pk, "mail": "aan"})
    with scope(municipality=town):
        assert Contact.objects.get(pk=agent.pk).gets_weekly_mail
    assert officer.post("/dalfsen/meldlinks/weekmail/", {"contact": "9" * 12}).status_code == 404
    assert CANARY not in str([vars(one) for one in AuditRecord.objects.all()])


def test_mail_is_stopped_behind_the_link(town: Municipality, agent: Contact, token: str) -> None:
    client = behind(token)
    assert "Geen weekmail meer" not in shown(client), "somebody without an address gets none"
    with scope(municipality=town):
        Contact.objects.filter(pk=agent.pk).update(email="wijkagent@politie.example")
    assert "Geen weekmail meer" in shown(client)
    assert "U krijgt geen weekmail meer" in client.post("/melden/", {"geen-mail": "1"}, follow=True).content.decode()
    assert "Geen weekmail meer" not in shown(client)


def test_what_is_said_at_the_table_is_reported_with_the_meeting(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        police = Organisation.objects.get(code="politie-vechtdal")
        meeting = Meeting.objects.filter(consultation__members__organisation=police).order_by("pk")[0]
        address = f"/dalfsen/overleggen/{meeting.consultation.code}/{meeting.pk}/voortgang/"
    assert address in officer.get(address.removesuffix("voortgang/")).content.decode()
    page = officer.get(address).content.decode()
    first, second = numbers(page)[:2]
    sent = {f"staat-{first}": "running", f"regel-{first}": "Besproken.", f"staat-{second}": "stuck"}
    answer = officer.post(address, sent)
    assert answer.status_code == 422, "a stuck action needs a line"
    with scope(municipality=town):
        written = ProgressReport.objects.get(way="meeting", line="Besproken.")
        assert (written.action.number, written.meeting_id) == (first, meeting.pk)
        assert not ProgressReport.objects.filter(way="meeting", action__number=second).exists()
    assert officer.get(address.replace(f"/{meeting.pk}/", "/99999/")).status_code == 404
