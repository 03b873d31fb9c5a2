"""Dalfsen with its demo figures, and a snapshot store of its own."""

from pathlib import Path
from typing import Any

import pytest

from koersvast.access.models import Municipality


@pytest.fixture(autouse=True)
def stores(tmp_path: Path, settings: Any) -> None:
    """Files of a test stay in the test's own folder."""
    settings.SNAPSHOTS, settings.CACHE = tmp_path / "snapshots", tmp_path / "cache"
    settings.REGISTERS = tmp_path / "registers"


@pytest.fixture
def figures(demo_rows: None, dalfsen: Municipality) -> Municipality:
    """Dalfsen with the plan's figures and the published ones."""
    return dalfsen
