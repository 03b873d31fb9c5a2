"""Fixtures of the policy tests: the town of Dalfsen, inside its own scope."""

from collections.abc import Iterator

import pytest
from django_scopes import scope

from koersvast.access.audit import Operator
from koersvast.access.models import Municipality
from tests.unit.policy import town as towns
from tests.unit.policy.town import Town


@pytest.fixture
def town(dalfsen: Municipality, operator: Operator) -> Iterator[Town]:
    """Dalfsen with a plan and two drafts."""
    with scope(municipality=dalfsen):
        yield towns.build(dalfsen, by=operator)


@pytest.fixture
def adopted(town: Town) -> Town:
    """Dalfsen with its plan adopted."""
    towns.adopt(town)
    return town
