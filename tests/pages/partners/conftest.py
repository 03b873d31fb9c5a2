"""The demo with its partners, once for each module; and a town with three of them for what must be exact."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from koersvast.access.changes import load_roles
from koersvast.access.models import Municipality, User
from koersvast.indicators.changes import load_reference
from koersvast.partners.changes.agreements import write_agreement, write_promise
from koersvast.partners.changes.organisations import write_contact, write_organisation
from koersvast.partners.models import Agreement, Contact, Organisation, Promise
from koersvast.policy.changes.packages import import_package
from koersvast.programme.changes.packages import files_of, import_programme
from tests import cast
from tests.conftest import ROOT

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the tests of these pages know of the town."""

    town: Municipality
    police: Organisation
    welfare: Organisation
    department: Organisation
    officer: Contact
    promise: Promise
    covenant: Agreement


@pytest.fixture
def place(dalfsen: Municipality) -> Iterator[Place]:
    with scope(municipality=dalfsen):
        yield made(dalfsen)


def made(town: Municipality) -> Place:
    today, kinds = timezone.localdate(), Organisation.Kind
    police, welfare, department = (
        write_organisation(municipality=town, name=name, kind=kind, by=cast.OPERATOR)
        for name, kind in (
            ("Politie Vechtdal", kinds.POLICE), ("SAAM Welzijn", kinds.WELFARE), ("Openbare Ruimte", kinds.UNIT),
        )
    )  # fmt: skip
    officer = write_contact(
        organisation=police, name="Wendy Wijkagent", role="wijkagent", email="wendy@politie.example",
        phone="06 1234", by=cast.OPERATOR,
    )  # fmt: skip
    promise = write_promise(
        organisation=police, direction=Promise.Direction.TO_US, text="Elke maand een controle",
        made_on=today - 90 * DAY, due_on=today - DAY, by=cast.OPERATOR,
    )  # fmt: skip
    covenant = write_agreement(
        municipality=town, title="Convenant woonoverlast", kind=Agreement.Kind.COVENANT, purpose="Wie doet wat.",
        parties=[police, welfare], starts_on=today - 700 * DAY, ends_on=today + 30 * DAY, by=cast.OPERATOR,
    )  # fmt: skip
    return Place(
        town=town, police=police, welfare=welfare, department=department, officer=officer, promise=promise,
        covenant=covenant,
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


@pytest.fixture(scope="module")
def carried_out(held_rows: None) -> None:
    """The demo with its programme, once for the whole module."""
    load_roles(by=cast.OPERATOR)
    load_reference(by=cast.OPERATOR)
    town = cast.municipality("Dalfsen")
    import_package(ROOT / "demo", by=cast.OPERATOR)
    import_programme(files_of(ROOT / "demo" / "uitvoering"), municipality=town, by=cast.OPERATOR)


@pytest.fixture
def demo_town(carried_out: None, dalfsen: Municipality) -> Municipality:
    return dalfsen


@pytest.fixture
def demo_office(demo_town: Municipality, anouk: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(anouk)
