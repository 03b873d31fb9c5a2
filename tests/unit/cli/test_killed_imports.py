"""An import that is killed leaves all of it or nothing; the same command afterwards gives the same result."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, Installation
from tests.unit.cli.outcome import contents

KILLS = 40
# Rows of one municipality, indicators and agreed values: none, or those of the demo.
NOTHING, EVERYTHING = (0, 0, 0), (1, 45, 10)
TABLES = ("access_municipality", "indicators_indicator", "policy_target")


@pytest.fixture
def prepared(installation: Installation) -> Installation:
    """An installation with its tables and themes, and no municipality yet."""
    done = installation.run("migrate")
    assert done.returncode == 0, done.stderr
    return installation


def killed_after(installation: Installation, seconds: float) -> None:
    """Start an import of the demo and kill it."""
    process = installation.start("import", str(ROOT / "demo"))
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def length_seconds(installation: Installation) -> float:
    """How long a whole import takes here; it is taken back."""
    started = time.monotonic()
    assert installation.run("import", str(ROOT / "demo"), "--dry-run").returncode == 0
    return time.monotonic() - started


def is_whole_after_retry(installation: Installation, out: Path) -> None:
    """Import once more and compare what is there with what was offered."""
    again = installation.run("import", str(ROOT / "demo"))
    assert again.returncode == 0, again.stdout + again.stderr
    assert installation.run("export", str(out)).returncode == 0
    assert contents(out) == contents(ROOT / "demo")
    assert installation.run("audit", "verify").returncode == 0


# A warm process that forks the import: the same change in a process of its own, without forty times starting up.
WARM = """
import os, random, shutil, signal, sqlite3, sys, time
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "koersvast.project.settings"
import django
django.setup()
from koersvast.access.audit import Operator
from koersvast.policy.changes.packages import import_package

home, kept, demo, kills = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])

def restored():
    for old in home.glob("koersvast.sqlite3*"):
        old.unlink()
    for file in kept.glob("koersvast.sqlite3*"):
        shutil.copy(file, home)

def started():
    child = os.fork()
    if not child:
        import_package(demo, by=Operator(name="killed"))
        os._exit(0)
    return child

restored()
begin = time.monotonic()
os.waitpid(started(), 0)
whole_run, chance = time.monotonic() - begin, random.Random(148)
for _ in range(kills):
    restored()
    child = started()
    time.sleep(chance.uniform(0, 1.05) * whole_run)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with sqlite3.connect(home / "koersvast.sqlite3") as database:
        print(*(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in sys.argv[5:]))
"""


def test_import_killed_at_random_moments_leaves_all_or_nothing(
    prepared: Installation, tmp_path: Path, vendor: str
) -> None:
    if vendor != "sqlite":
        pytest.skip("this run is on PostgreSQL; the next test is its counterpart")
    kept = tmp_path / "kept"
    shutil.copytree(prepared.home, kept)
    done = subprocess.run(
        [sys.executable, "-c", WARM, prepared.home, kept, ROOT / "demo", str(KILLS), *TABLES],
        env=prepared.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(found) == KILLS
    assert set(found) <= {NOTHING, EVERYTHING}
    assert NOTHING in found
    is_whole_after_retry(prepared, tmp_path / "end")


def test_import_killed_on_postgresql_leaves_all_or_nothing(prepared: Installation, tmp_path: Path, vendor: str) -> None:
    if vendor != "postgresql":
        pytest.skip("this run is on SQLite; the test above is its counterpart")
    whole_run, chance = length_seconds(prepared), random.Random(148)  # noqa: S311
    for number in range(KILLS // 4):
        killed_after(prepared, chance.uniform(0.3, 1.0) * whole_run)
        done = prepared.run("export", str(tmp_path / f"out-{number}"))
        if done.returncode == 0:
            assert contents(tmp_path / f"out-{number}") == contents(ROOT / "demo")
            break
        assert "gemeente" in done.stderr or "municipality" in done.stderr
    is_whole_after_retry(prepared, tmp_path / "end")
