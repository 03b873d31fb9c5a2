"""The register of Dalfsen, and the scope in which its tests run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope

from koersvast.access.models import Municipality
from tests.figures import Register, build_register


@pytest.fixture(autouse=True)
def snapshots(tmp_path: Path, settings: Any) -> Path:
    """A snapshot store of its own for every test."""
    settings.SNAPSHOTS = tmp_path / "snapshots"
    return tmp_path / "snapshots"


@pytest.fixture
def register(dalfsen: Municipality) -> Iterator[Register]:
    """Dalfsen's register, within Dalfsen's scope."""
    made = build_register(dalfsen)
    with scope(municipality=dalfsen):
        yield made
