"""koersvast fetch: from files, from what is kept, for what is followed; what it prints and its exit code."""

from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.cli import fetching
from koersvast.cli.ready import USAGE, Refusal
from koersvast.indicators.changes import load_reference
from koersvast.indicators.changes.feeds import follow
from koersvast.indicators.models import Retrieval
from tests import cast
from tests.unit.cli.outcome import valid

pytestmark = pytest.mark.django_db
HEADINGS = "SoortMisdrijf,gemeentecode,gemeentenaam_2024,jaar,GeregistreerdeMisdrijven,status"


@pytest.fixture
def kept(dalfsen: Municipality, settings: Any, tmp_path: Path) -> Municipality:
    """Dalfsen follows vandalism; its files stay in the test's own folder."""
    settings.SNAPSHOTS, settings.REGISTERS = tmp_path / "snapshots", tmp_path / "registers"
    load_reference(by=cast.OPERATOR)
    with scope(municipality=dalfsen):
        follow(dalfsen, feed="vernielingen", by=cast.OPERATOR)
    return dalfsen


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "tabel.csv"
    rows = [f"2.2.1,GM0148,Dalfsen,{year},{400 - 7 * (year - 2012)},definitief" for year in range(2012, 2020)]
    path.write_text("\n".join([HEADINGS, *rows]), encoding="utf-8")
    return path


def run(**options: Any) -> int:
    plain: dict[str, Any] = {
        "tables": [], "feeds": [], "form": "text", "municipality": "", "everything": False, "offline": False,
        "files": [], "as_of": "",
    }  # fmt: skip
    return fetching.fetch(**plain | options)


def test_file_is_read_staged_and_told_as_json(
    kept: Municipality, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tables=["47018NED"], files=[table], as_of="2025-04-16", form="json") == 0
    [said] = valid("fetch", capsys.readouterr().out)
    [delivery] = said["deliveries"]
    assert (said["table"], said["state"], said["vintage"]) == ("47018NED", "done", 1)
    assert (delivery["municipality"], delivery["state"], delivery["new"]) == ("GM0148", "staged", 8)
    assert delivery["as_of"] == "2025-04-16"


def test_text_says_what_waits(kept: Municipality, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tables=["47018NED"], files=[table], as_of="2025-04-16")
    said = capsys.readouterr().out
    assert "47018NED" in said
    assert "Dalfsen" in said
    assert "8 " in said


def test_offline_repeats_from_what_is_kept(kept: Municipality, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tables=["47018NED"], files=[table], as_of="2025-04-16")
    capsys.readouterr()
    assert run(tables=["47018NED"], offline=True, form="json") == 0
    [said] = valid("fetch", capsys.readouterr().out)
    assert (said["vintage"], len(said["deliveries"])) == (1, 1)


def test_offline_without_anything_kept_is_a_finding(kept: Municipality, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(everything=True, offline=True, form="json") == 1
    said = valid("fetch", capsys.readouterr().out)
    assert [one["table"] for one in said] == ["70072ned", "47018NED", "47022NED"]
    assert {one["problems"][0]["code"] for one in said} == {"nothing_kept"}


def test_file_that_cannot_be_read_is_a_finding_with_its_reason(
    kept: Municipality, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "iets.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    assert run(tables=["47018NED"], files=[path], form="json") == 1
    [said] = valid("fetch", capsys.readouterr().out)
    assert (said["state"], said["vintage"], said["deliveries"]) == ("failed", None, [])
    assert said["problems"][0]["code"] == "columns_not_recognised"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tables": ["99999NED"]},
        {"feeds": ["onbekend"]},
        {"tables": ["47018NED"], "as_of": "2025-04-16"},
        {"tables": ["47018NED", "70072ned"], "files": [Path(__file__)]},
        {"tables": ["47018NED"], "files": [Path("er-is-niets.csv")]},
        {"tables": ["47018NED"], "form": "xml"},
    ],
)
def test_command_that_cannot_be_understood_is_refused_and_asks_nothing(
    kept: Municipality, options: dict[str, Any]
) -> None:
    with pytest.raises(Refusal) as refused:
        run(**options)
    assert refused.value.exit_code == USAGE
    assert Retrieval.objects.count() == 0


def test_table_that_comes_as_a_file_says_how_to_deliver_it(kept: Municipality) -> None:
    with pytest.raises(Refusal, match="--file"):
        run(tables=["BRON"])


def test_nothing_followed_says_what_to_do(dalfsen: Municipality) -> None:
    with pytest.raises(Refusal):
        run(everything=True)


def test_demo_fetches_nothing_and_reads_no_file(kept: Municipality, table: Path, settings: Any) -> None:
    settings.DEMO = True
    for more in ({"everything": True}, {"tables": ["47018NED"]}, {"tables": ["47018NED"], "files": [table]}):
        with pytest.raises(Refusal) as refused:
            run(**more)
        assert refused.value.exit_code == 1
        assert "demo" in refused.value.lines[0]
    assert Retrieval.objects.count() == 0
