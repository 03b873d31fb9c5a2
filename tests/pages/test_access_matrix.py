"""Every address, by every kind of visitor, with every method: who gets in, and what they cannot see.

What is expected comes from the roles file and the declared permission, not from the views. Two municipalities hold the
same codes, so that an address of one is an address of the other too.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern
from django_scopes import scope

from koersvast.access.changes import ROLES_FILE, load_roles
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.indicators import changes as indicator_changes
from koersvast.indicators.models import Delivery, Indicator, Source
from koersvast.partners.changes.meetings import NewItem, put_on_agenda
from koersvast.partners.changes.organisations import write_contact
from koersvast.partners.models import Agreement, Contact, Meeting, Organisation, Promise, RegionalPlan
from koersvast.policy.changes import packages
from koersvast.policy.changes.prioritising import CriterionEntry, PartyEntry, give_scores, open_round
from koersvast.policy.models import Objective, Option, Plan, Prioritising
from koersvast.programme.changes import packages as programmes
from koersvast.programme.changes.actions import change_several
from koersvast.programme.changes.auditing import answer, close_audit, start_audit
from koersvast.programme.changes.pasting import stage_table
from koersvast.programme.models import BulkChange, Programme, SelfAudit, StagedTable
from koersvast.programme.pasted_text import read_table
from koersvast.surveys import changes as surveys
from koersvast.surveys.models import Wave
from tests import cast
from tests.house.test_gate import ALL
from tests.pages.conftest import DEMO, TOKEN, marked

pytestmark = pytest.mark.django_db
ROLES = tomllib.loads(ROLES_FILE.read_text(encoding="utf-8"))
TENANT = [(address, route) for address, route in ALL if address.startswith("<slug:municipality>/")]
REFUSED = {403, 404}


@pytest.fixture(scope="module")
def town_rows(held_rows: None) -> None:
    load_roles(by=cast.OPERATOR)
    indicator_changes.load_reference(by=cast.OPERATOR)
    for town in (cast.municipality("Dalfsen"), cast.municipality("Raalte")):
        packages.import_package(marked(packages.files_of(DEMO), town.slug), by=cast.OPERATOR)
        with scope(municipality=town):
            survey = Source.objects.filter(kind=Source.Kind.SURVEY).order_by("pk")[0]
            note = f"{TOKEN[town.slug]} opmerking"
            surveys.open_wave(survey, period="2023", by=cast.OPERATOR, note_nl=note, note_en=note)
        carried_out = marked(programmes.files_of(DEMO / "uitvoering"), town.slug)
        programmes.import_programme(carried_out, municipality=town, by=cast.OPERATOR)
        with scope(municipality=town):
            owner = {"owner_role": "Coördinator"}
            change_several(programme=Programme.objects.get(), numbers=[1], values=owner, by=cast.OPERATOR)
            item = NewItem(title=f"{TOKEN[town.slug]} agendapunt")
            for role in ("wijkagent", "teamchef"):  # two: the walk removes one of them
                name = f"{TOKEN[town.slug]} {role}"
                write_contact(organisation=Organisation.objects.order_by("code")[0], name=name, by=cast.OPERATOR)
            put_on_agenda(meeting=Meeting.objects.order_by("pk")[0], items=[item], by=cast.OPERATOR)
            pasted = read_table(f"Actie\tTrekker\n{TOKEN[town.slug]} avond\tPolitie\n")
            stage_table(programme=Programme.objects.get(), table=pasted, by=cast.OPERATOR)
            asked = start_audit(plan=Plan.objects.get(), by=cast.OPERATOR)
            why = f"{TOKEN[town.slug]} oordeel"
            answer(self_audit=asked, question="zicht-cijfers", score="yes", text=why, by=cast.OPERATOR)
            close_audit(self_audit=asked, note=why, by=cast.OPERATOR)
            made = open_round(
                municipality=town, title=f"{TOKEN[town.slug]} keuze", taxonomy=Plan.objects.get().taxonomy,
                by=cast.OPERATOR, criteria=[CriterionEntry(name="Omvang")], parties=[PartyEntry(name="Politie")],
            )  # fmt: skip
            points = {(made.options.all()[0].code, "omvang"): Decimal(7)}
            give_scores(party=made.parties.get(), points=points, by=cast.OPERATOR)


@pytest.fixture
def two_towns(town_rows: None, dalfsen: Municipality, raalte: Municipality) -> tuple[Municipality, Municipality]:
    """The two towns, imported once for the whole walk."""
    return dalfsen, raalte


@dataclass(frozen=True)
class Place:
    address: str
    route: URLPattern

    @property
    def needed(self) -> dict[str, Permission]:
        return dict(self.route.callback.access_decision.methods)  # type: ignore[attr-defined] # the gate test asks it


def sample(converter: str, name: str, town: Municipality) -> str:
    """Return a value that exists in the demo for one part of an address."""
    with scope(municipality=town):
        plan, objective = Plan.objects.get(), Objective.objects.filter(indicator__isnull=False).order_by("position")[0]
        delivery = Delivery.objects.order_by("pk")[0]
        meeting = Meeting.objects.select_related("consultation").order_by("pk")[0]
        values = {
            "plan": plan.code,
            "objective": objective.code,
            "indicator": Indicator.objects.order_by("position")[0].code,
            "field": "1",
            "delivery": str(delivery.pk),
            "wave": str(Wave.objects.get().pk),
            "priority": plan.priorities.all()[0].code,
            "programme": Programme.objects.get().code,
            "action": "1",
            "bulk": str(BulkChange.objects.get().pk),
            "consultation": meeting.consultation.code,
            "meeting": str(meeting.pk),
            "item": str(meeting.agenda.all()[0].pk),
            "entry": str(meeting.decisions.all()[0].pk),
            "follow_up": str(meeting.follow_ups.all()[0].pk),
            "document": "agenda",
            "organisation": Organisation.objects.order_by("code")[0].code,
            "agreement": Agreement.objects.order_by("code")[0].code,
            "promise": str(Promise.objects.order_by("pk")[0].pk),
            "regional_plan": str(RegionalPlan.objects.order_by("pk")[0].pk),
            "line": str(plan.approach_lines.all()[0].position),
            "contact": str(Contact.objects.order_by("pk")[0].pk),
            "council_item": "1",
            "self_audit": str(SelfAudit.objects.get().pk),
            "norm": "zicht",
            "prioritising": Prioritising.objects.get().code,
            "party": "politie",
            "option": Option.objects.order_by("position")[0].code,
            "table": str(StagedTable.objects.get().pk),
            "form": "csv",
            "fmt": "html",
            "rule": "P01",
        }
    return values.get(name, "1" if converter == "int" else "onbekend")


def address_of(place: Place, town: Municipality) -> str:
    parts = place.address.replace("<slug:municipality>", town.slug)
    while "<" in parts:
        start, end = parts.index("<"), parts.index(">")
        converter, _, name = parts[start + 1 : end].rpartition(":")
        parts = parts[:start] + sample(converter, name, town) + parts[end + 1 :]
    return "/" + parts


def ask(client: Client, method: str, address: str) -> Any:
    return client.generic(method, address)


def told(response: HttpResponse) -> str:
    """Everything that an answer says: status line, headers and body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined] # files
    return str(dict(response.headers)) + body.decode("utf-8", errors="replace")


def places() -> Iterator[Place]:
    return (Place(address, route) for address, route in TENANT)


def test_every_cell_of_the_matrix(
    two_towns: tuple[Municipality, Municipality], karim: User, browse: Callable[[User | None], Client]
) -> None:
    dalfsen, _ = two_towns
    people = {role: cast.person(role.replace("_", " "), role, dalfsen) for role in ROLES}
    wrong: list[str] = []
    cells = 0
    for place in places():
        address = address_of(place, dalfsen)
        for method, needed in place.needed.items():
            for role, person in people.items():
                allowed = needed.value in ROLES[role]["permissions"]
                status = ask(browse(person), method, address).status_code
                cells += 1
                if (status == 403) == allowed or status >= 500:
                    wrong.append(f"{role} {method} {address}: {status}, allowed is {allowed}")
            if (status := ask(browse(karim), method, address).status_code) != 404:
                wrong.append(f"another municipality {method} {address}: {status}")
            if (status := ask(browse(None), method, address).status_code) not in {302, 403}:
                wrong.append(f"nobody {method} {address}: {status}")
    assert wrong == []
    assert cells > 80


def test_method_without_a_decision_is_not_answered(
    two_towns: tuple[Municipality, Municipality], anouk: User, browse: Callable[[User | None], Client]
) -> None:
    client = browse(anouk)
    for place in places():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(place.needed):
            response = ask(client, method, address_of(place, two_towns[0]))
            assert response.status_code == 405, f"{method} {place.address}"


def test_no_answer_holds_a_word_of_the_other_municipality(
    two_towns: tuple[Municipality, Municipality],
    anouk: User,
    beheerder: User,
    browse: Callable[[User | None], Client],
) -> None:
    leaks: list[str] = []
    own = 0
    for person in (anouk, beheerder):
        client = browse(person)
        for place in places():
            for method in place.needed:
                said = told(ask(client, method, address_of(place, two_towns[0])))
                own += TOKEN["dalfsen"] in said
                if TOKEN["raalte"] in said or "Raalte" in said:
                    leaks.append(f"{method} {place.address}")
    assert leaks == []
    assert own > 5, "the tokens of the own municipality were not seen either: the scanner is blind"


def test_foreign_and_absent_look_the_same(
    two_towns: tuple[Municipality, Municipality], karim: User, browse: Callable[[User | None], Client]
) -> None:
    client = browse(karim)
    foreign = client.get("/dalfsen/stand/")
    absent = client.get("/bestaatniet/stand/")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    once_only = re.compile(rb'(value|nonce|content)="[A-Za-z0-9+/=_-]{20,}"')
    bodies = [once_only.sub(b"", answer.content) for answer in (foreign, absent)]
    assert bodies[0].replace(b"dalfsen", b"") == bodies[1].replace(b"bestaatniet", b"")
    assert set(foreign.headers) == set(absent.headers)


def test_ended_role_is_refused_at_the_next_request(
    two_towns: tuple[Municipality, Municipality], anouk: User, browse: Callable[[User | None], Client]
) -> None:
    client = browse(anouk)
    assert client.get("/dalfsen/stand/").status_code == 200
    cast.end_all(anouk)
    assert client.get("/dalfsen/stand/").status_code == 404


@pytest.mark.parametrize("spelling", ["//dalfsen/stand/", "/Dalfsen/stand/", "/dalfsen/./stand/", "/dalfsen%2fstand/"])
def test_other_spellings_of_an_address_open_no_door(
    two_towns: tuple[Municipality, Municipality], karim: User, browse: Callable[[User | None], Client], spelling: str
) -> None:
    assert browse(karim).get(spelling).status_code in {301, 302, 404}


def test_answers_to_signed_in_visitors_are_never_kept_and_carry_the_policy(
    two_towns: tuple[Municipality, Municipality], anouk: User, browse: Callable[[User | None], Client]
) -> None:
    client = browse(anouk)
    for place in places():
        if "GET" not in place.needed:
            continue
        response = client.get(address_of(place, two_towns[0]))
        if response.status_code in REFUSED:
            continue
        assert "no-store" in response.headers["Cache-Control"], place.address
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
