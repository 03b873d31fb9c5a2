"""One town with a table of two organisations: the police by name, welfare by role; a meeting now and one to come."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.partners.changes.consultations import Seat, add_meeting, write_consultation
from koersvast.partners.models import Consultation, Contact, Meeting, Organisation
from tests import cast


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the tests of these pages know of the town."""

    town: Municipality
    table: Consultation
    other_table: Consultation
    police: Organisation
    welfare: Organisation
    officer: Contact
    now: Meeting
    later: Meeting

    def address(self, rest: str = "") -> str:
        return f"/dalfsen/overleggen/{self.table.code}/{rest}"


@pytest.fixture
def place(dalfsen: Municipality) -> Iterator[Place]:
    with scope(municipality=dalfsen):
        yield made(dalfsen)


def made(town: Municipality) -> Place:
    kinds = Organisation.Kind
    police = Organisation.objects.create(municipality=town, code="politie", name="Politie Vechtdal", kind=kinds.POLICE)
    welfare = Organisation.objects.create(municipality=town, code="saam", name="SAAM Welzijn", kind=kinds.WELFARE)
    officer = Contact.objects.create(
        organisation=police, name="Wendy Wijkagent", role="wijkagent", email="wendy@politie.example"
    )  # fmt: skip
    table = write_consultation(
        municipality=town, name="Overleg jeugdoverlast", level=Consultation.Level.OPERATIONAL, every=6,
        rhythm=Consultation.Rhythm.WEEKS, first_on=timezone.localdate(), starts_at=time(10), place="Kamer 2",
        members=[Seat(organisation=police, contact=officer), Seat(organisation=welfare, role="jongerenwerker")],
        by=cast.OPERATOR,
    )  # fmt: skip
    other = write_consultation(
        municipality=town, name="Driehoek", level=Consultation.Level.GOVERNING, by=cast.OPERATOR,
        rhythm=Consultation.Rhythm.ON_CALL, members=[Seat(organisation=police, role="teamchef")],
    )  # fmt: skip
    begin = timezone.now().replace(microsecond=0) - timedelta(minutes=10)
    meetings = [
        add_meeting(consultation=known, starts_at=at, ends_at=at + timedelta(hours=1), by=cast.OPERATOR)
        for known, at in ((table, begin), (table, begin + timedelta(days=14)), (other, begin + timedelta(days=3)))
    ]
    return Place(
        town=town, table=table, other_table=other, police=police, welfare=welfare, officer=officer, now=meetings[0],
        later=meetings[1],
    )  # fmt: skip


@pytest.fixture
def wendy(place: Place) -> User:
    """The community police officer, who signs in as a partner."""
    person = cast.person("Wendy Wijkagent", "partner", place.town)
    Contact.objects.filter(pk=place.officer.pk).update(user=person)
    return person


@pytest.fixture
def office(place: Place, anouk: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(anouk)
