"""The demo with its programme, once for each module."""

from collections.abc import Callable

import pytest
from django.test import Client

from koersvast.access.changes import load_roles
from koersvast.access.models import Municipality, User
from koersvast.indicators.changes import load_reference
from koersvast.policy.changes.packages import import_package
from koersvast.programme.changes.packages import files_of, import_programme
from tests import cast
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def carried_out(held_rows: None) -> None:
    """The demo with its programme, once for the whole module."""
    load_roles(by=cast.OPERATOR)
    load_reference(by=cast.OPERATOR)
    town = cast.municipality("Dalfsen")
    import_package(ROOT / "demo", by=cast.OPERATOR)
    import_programme(files_of(ROOT / "demo" / "uitvoering"), municipality=town, by=cast.OPERATOR)


@pytest.fixture
def town(carried_out: None, dalfsen: Municipality) -> Municipality:
    return dalfsen


@pytest.fixture
def officer(town: Municipality, anouk: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(anouk)
