"""Files taken in at the command line: preview, storing, refusing, the same file again."""

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT, Installation
from tests.unit.cli.outcome import contents, valid

FIGURES = "indicator;periode;waarde;eenheid\nWoninginbraken;2018;27;aantal\nVernielingen;2018;61;aantal\n"
LISTINGS = ("dalfsen_begroting_2017_en_verslagen", "heemskerk", "meierijstad")


@pytest.fixture
def loaded(installation: Installation) -> Installation:
    """An installation of its own with the demo in it."""
    done = installation.run("demo", "--no-serve")
    assert done.returncode == 0, done.stdout + done.stderr
    return installation


def test_dry_run_of_figures_shows_them_and_keeps_nothing(loaded: Installation, tmp_path: Path) -> None:
    file = tmp_path / "cijfers.csv"
    file.write_text(FIGURES)
    dry = valid(
        "import", loaded.run("import", str(file), "--as-of", "2019-03-01", "--dry-run", "--format", "json").stdout
    )
    real = valid("import", loaded.run("import", str(file), "--as-of", "2019-03-01", "--format", "json").stdout)
    again = valid("import", loaded.run("import", str(file), "--as-of", "2019-03-01", "--format", "json").stdout)
    assert (dry["state"], real["state"], again["state"]) == ("dry_run", "stored", "known")
    assert dry["lines"] == real["lines"]
    assert [(line["outcome"], line["amount"]) for line in real["lines"]] == [("new", "27"), ("new", "61")]


def test_figures_with_one_wrong_line_are_refused_whole(loaded: Installation, tmp_path: Path) -> None:
    file = tmp_path / "cijfers.csv"
    file.write_text(FIGURES + "Geweldsdelicten;2018;veel;aantal\n")
    loaded.run("export", str(tmp_path / "before"))
    done = loaded.run("import", str(file), "--format", "json")
    loaded.run("export", str(tmp_path / "after"))
    assert done.returncode == 1
    assert valid("import", done.stdout)["refused"] == 1
    assert contents(tmp_path / "before") == contents(tmp_path / "after")


def test_package_that_would_change_an_adopted_value_is_refused(loaded: Installation, tmp_path: Path) -> None:
    changed = tmp_path / "pakket"
    for name, data in contents(ROOT / "demo").items():
        (changed / name).parent.mkdir(parents=True, exist_ok=True)
        (changed / name).write_bytes(data.replace(b'2022 = "20"', b'2022 = "15"'))
    done = loaded.run("import", str(changed), "--format", "json")
    assert done.returncode == 1
    assert [problem["code"] for problem in valid("import", done.stdout)["problems"]] == ["K30"]


@pytest.mark.parametrize("name", LISTINGS)
def test_listing_of_another_municipality_is_taken_in_and_says_what_it_left_out(
    installation: Installation, shared: Path, name: str
) -> None:
    assert installation.run("migrate").returncode == 0
    file = shared / "reference" / "opendata" / "10_plannen" / "dev" / f"{name}.json"
    first = valid("import", installation.run("import", str(file), "--format", "json").stdout)
    again = valid("import", installation.run("import", str(file), "--format", "json").stdout)
    assert first["is_new"]
    assert first["added"]["indicator"] >= len(json.loads(file.read_text())["indicatoren"])
    assert first["remarks"]
    assert (again["added"], again["differences"]) == ({}, [])


def test_listing_of_dalfsen_beside_the_demo_leaves_the_demo_as_it_was(loaded: Installation, shared: Path) -> None:
    file = shared / "reference" / "opendata" / "10_plannen" / "dev" / f"{LISTINGS[0]}.json"
    before = loaded.run("verdicts", "--format", "json").stdout
    said = valid("import", loaded.run("import", str(file), "--format", "json").stdout)
    assert (said["is_new"], said["differences"]) == (False, [])
    assert loaded.run("verdicts", "--format", "json").stdout == before


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "{", '{"gemeente": "X", "cbs_code": "GM9999"}', '{"cbs_code": 1, "indicatoren": [1]}', "\x00"],
)
def test_json_that_is_no_listing_is_refused_in_words(
    demo_installation: Installation, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "doelen.json"
    file.write_text(text)
    done = demo_installation.run("import", str(file))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
