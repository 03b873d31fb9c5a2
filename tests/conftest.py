"""Fixtures that several kinds of test share: the cast, a signed-in client, reference folder, fresh installations."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection, transaction
from django.test import Client

from koersvast.access import changes
from koersvast.access.audit import Operator
from koersvast.access.models import Municipality, User
from koersvast.indicators.changes import load_reference
from koersvast.policy.changes.packages import import_package
from tests import cast

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


def pytest_report_header() -> str:
    """Say on which database this run is."""
    return f"database: {'PostgreSQL' if os.environ.get('DATABASE_URL') else 'SQLite'}"


TOUCHES_A_DATABASE = {"db", "transactional_db", "held_rows", "installation", "demo_installation"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what the database cannot change: it ran with SQLite, and would only run again."""
    if not os.environ.get("DATABASE_URL"):
        return
    without = [item for item in items if not _touches_a_database(item)]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if _touches_a_database(item)]


def _touches_a_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("one_database") is not None:
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & TOUCHES_A_DATABASE)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The developers' reference folder; users do not have it."""
    if not SHARED.is_dir():
        pytest.skip("the reference folder ../shared is not here")
    return SHARED


@pytest.fixture
def operator() -> Operator:
    return cast.OPERATOR


@pytest.fixture
def roles(db: None) -> None:
    changes.load_roles(by=cast.OPERATOR)


@pytest.fixture
def dalfsen(roles: None) -> Municipality:
    return cast.municipality("Dalfsen")


@pytest.fixture
def raalte(roles: None) -> Municipality:
    return cast.municipality("Raalte")


@pytest.fixture
def anouk(dalfsen: Municipality) -> User:
    return cast.person("Anouk Veldkamp", "policy_officer", dalfsen)


@pytest.fixture
def burgemeester(dalfsen: Municipality) -> User:
    return cast.person("Burgemeester", "executive", dalfsen)


@pytest.fixture
def raadslid(dalfsen: Municipality) -> User:
    return cast.person("Raadslid", "council_member", dalfsen)


@pytest.fixture
def beheerder(dalfsen: Municipality) -> User:
    return cast.person("Beheerder", "administrator", dalfsen)


@pytest.fixture
def karim(raalte: Municipality) -> User:
    return cast.person("Karim", "policy_officer", raalte)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """Return a browser-like client in which this person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


class _HeldRows:
    """Rows that every test of a module sees: written once, taken back after the last one.

    Each test runs in a savepoint inside this transaction, so what it writes is gone before the next.
    """

    def __init__(self, blocker: Any) -> None:
        self.blocker = blocker

    def __enter__(self) -> None:
        self.blocker.unblock()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, *_: object) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        self.blocker.restore()


@pytest.fixture(scope="module")
def held_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Whatever a fixture of module scope writes on top of this one is seen by the whole module."""
    with _HeldRows(django_db_blocker):
        yield


@pytest.fixture(scope="module")
def demo_rows(held_rows: None) -> None:
    """The demo, for every test of the module; importing it for each of them would take most of their time."""
    changes.load_roles(by=cast.OPERATOR)
    cast.municipality("Dalfsen")
    load_reference(by=cast.OPERATOR)
    import_package(ROOT / "demo", by=cast.OPERATOR)


@dataclass(frozen=True, kw_only=True)
class Installation:
    """An installation of its own: home directory, database, and the real command in a process of its own."""

    home: Path
    environment: dict[str, str]

    def run(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run `koersvast ARGUMENTS` and return what it said; never raises on its exit code."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `koersvast ARGUMENTS` and return the running process."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    @staticmethod
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "koersvast.cli.main", *arguments]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A fresh installation on the database of this run: a file of SQLite, or a database of its own in the cluster."""
    with _installation(tmp_path / "home") as fresh:
        yield fresh


@pytest.fixture(scope="session")
def demo_installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation with the demo in it, for tests that only read."""
    with _installation(tmp_path_factory.mktemp("demo") / "home") as fresh:
        loaded = fresh.run("demo", "--no-serve", timeout=300)
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        yield fresh


class _installation:  # noqa: N801 a context manager that reads as a function
    def __init__(self, home: Path) -> None:
        self.home, self.database = home, f"koersvast_{secrets.token_hex(6)}"

    def __enter__(self) -> Installation:
        environment = {**os.environ, "KOERSVAST_HOME": str(self.home), "PYTHONPATH": str(ROOT / "src")}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        url = os.environ.get("DATABASE_URL")
        if url:
            self._administer(url, f"CREATE DATABASE {self.database}")
            environment["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{self.database}"))
        return Installation(home=self.home, environment=environment)

    def __exit__(self, *_: object) -> None:
        url = os.environ.get("DATABASE_URL")
        if url:
            self._administer(url, f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")

    @staticmethod
    def _administer(url: str, statement: str) -> None:
        subprocess.run(["psql", "--quiet", "--dbname", url, "--command", statement], check=True)


@pytest.fixture
def vendor() -> str:
    """Which database this run is on: sqlite or postgresql."""
    return connection.vendor
