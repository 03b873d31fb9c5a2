"""Lindelo of the practice country: registers on disk once for all, rows once a module, settings for each test."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.registers.store import RegisterStore
from tests import cast, practice


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where the practice register is: its files, and the registers and snapshots made of them."""

    files: Path
    registers: Path
    snapshots: Path
    store: RegisterStore


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("practice")
    files = practice.write_files(folder / "files")
    store = practice.load_registers(files, registers=folder / "registers", snapshots=folder / "snapshots")
    return Home(files=files, registers=folder / "registers", snapshots=folder / "snapshots", store=store)


@pytest.fixture(scope="module")
def country(held_rows: None, home: Home) -> int:
    """The rows of the practice country; returns the number of Lindelo."""
    town = practice.load_country(home.files)
    practice.load_borders(home.files, town, snapshots=home.snapshots)
    return int(town.pk)


@pytest.fixture
def lindelo(country: int, home: Home, settings: Any) -> Iterator[Municipality]:
    """Lindelo within its own scope, on the registers of the practice country."""
    settings.REGISTERS, settings.SNAPSHOTS = home.registers, home.snapshots
    town = Municipality.objects.get(pk=country)
    with scope(municipality=town):
        yield town


@pytest.fixture
def officer(lindelo: Municipality) -> User:
    return cast.person("Ineke", "policy_officer", lindelo)


@pytest.fixture
def councillor(lindelo: Municipality) -> User:
    return cast.person("Sjoerd", "council_member", lindelo)
