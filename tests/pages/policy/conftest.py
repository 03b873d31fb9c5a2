"""The demo plan in Dalfsen, and people who look at it."""

from collections.abc import Callable

import pytest
from django.test import Client

from koersvast.access.models import Municipality, User

PLAN = "/dalfsen/plan/ivp-2019-2022/"
# The demo's last figures were known by then.
KNOWN_ON = "?known_on=2026-03-01"


@pytest.fixture
def town(demo_rows: None, dalfsen: Municipality) -> Municipality:
    """Dalfsen with its plan of 2019-2022."""
    return dalfsen


@pytest.fixture
def officer(signed_in: Callable[[User], Client], anouk: User, town: Municipality) -> Client:
    """The browser of the policy officer."""
    return signed_in(anouk)


@pytest.fixture
def councillor(signed_in: Callable[[User], Client], raadslid: User, town: Municipality) -> Client:
    """The browser of a council member, who reads."""
    return signed_in(raadslid)


def text_of(client: Client, address: str) -> str:
    """Return a page on one line; it must be there."""
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return " ".join(response.content.decode().replace("\u00a0", " ").split())
