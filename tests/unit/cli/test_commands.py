"""The command line as a user meets it: the real command in a process of its own, on a home of its own."""

import csv
import io
from pathlib import Path

import pytest

from tests.conftest import ROOT, Installation
from tests.unit.cli.outcome import contents, valid

BURGLARIES = {"2019": (40, 35, False), "2020": (30, 30, True), "2021": (13, 25, True), "2022": (28, 20, False)}


def test_verdicts_of_the_demo_say_agreed_observed_and_attained_for_each_year(demo_installation: Installation) -> None:
    done = demo_installation.run("verdicts", "--format", "json")
    assert done.returncode == 0, done.stderr
    rows = [row for row in valid("verdicts", done.stdout) if row["objective"] == "woninginbraken"]
    assert {row["period"]: (row["observed"], row["agreed"], row["attained"]) for row in rows} == BURGLARIES


def test_verdicts_known_before_the_figures_came_are_not_measured(demo_installation: Installation) -> None:
    done = demo_installation.run("verdicts", "--known-on", "2019-01-01", "--format", "json")
    rows = valid("verdicts", done.stdout)
    assert {row["evidence"] for row in rows} == {"not_measured"}
    assert {row["observed"] for row in rows} == {None}


def test_check_of_the_demo_finds_the_known_defects_and_refuses(demo_installation: Installation) -> None:
    done = demo_installation.run("check", "--format", "json")
    assert done.returncode == 1, done.stderr
    found = {finding["code"] for finding in valid("check", done.stdout)}
    defects = {"P01", "P03", "P04", "P05", "P06", "P07", "P08", "P09", "P10", "P11", "P12", "P13", "P14", "P15"}
    assert found >= defects | {"P16", "P17", "P18", "P19", "P20", "P21", "P26", "P31"}


def test_tables_of_the_demo_repeat_every_printed_figure_to_the_last_digit(
    demo_installation: Installation, shared: Path
) -> None:
    text = (shared / "reference" / "dalfsen-2019" / "observations.csv").read_text(encoding="utf-8")
    printed = list(csv.DictReader(io.StringIO(text)))
    shown: dict[str, list[list[str]]] = {}
    for field in "1234":
        done = demo_installation.run("table", "--field", field, "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        shown[field] = [[row[str(year)] for year in range(2013, 2018)] for row in rows]
    expected: dict[str, dict[str, dict[str, str]]] = {}
    for row in printed:
        expected.setdefault(row["field"], {}).setdefault(row["indicator_nl"], {})[row["period"]] = row["value"]
    expected["4"]["Doden (verkeer)"]["2013"] = "not_known"
    years = [str(year) for year in range(2013, 2018)]
    for field, indicators in expected.items():
        rows_of_plan = sorted([values.get(year, "") for year in years] for values in indicators.values())
        assert sorted(shown[field]) == rows_of_plan
    assert len(printed) == 109


def test_table_as_json_fits_its_schema(demo_installation: Installation) -> None:
    done = demo_installation.run("table", "--field", "4", "--format", "json")
    said = valid("table", done.stdout)
    deaths = next(row for row in said["rows"] if row["indicator"] == "verkeersdoden")
    assert deaths["values"]["2013"] | {"as_of": ""} == {
        "amount": None,
        "missing": "not_known",
        "provisional": False,
        "as_of": "",
    }


def test_demo_loaded_twice_says_so_and_changes_nothing(demo_installation: Installation, tmp_path: Path) -> None:
    before = demo_installation.run("export", str(tmp_path / "before"))
    again = demo_installation.run("demo", "--no-serve")
    after = demo_installation.run("export", str(tmp_path / "after"))
    assert [before.returncode, again.returncode, after.returncode] == [0, 0, 0]
    assert "al geladen" in again.stdout or "already" in again.stdout
    assert contents(tmp_path / "before") == contents(tmp_path / "after")


def test_export_of_the_demo_gives_the_files_that_it_came_from(demo_installation: Installation, tmp_path: Path) -> None:
    assert demo_installation.run("export", str(tmp_path / "out")).returncode == 0
    assert contents(tmp_path / "out") == contents(ROOT / "demo")


def test_export_into_a_directory_with_other_files_is_refused(demo_installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "brief.docx").write_bytes(b"x")
    done = demo_installation.run("export", str(tmp_path))
    assert done.returncode == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "brief.docx"]


def test_audit_after_the_demo_is_whole(demo_installation: Installation) -> None:
    done = demo_installation.run("audit", "verify")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("extension", ["docx", "html", "odt", "pdf"])
def test_report_is_written_in_the_format_of_its_extension(
    demo_installation: Installation, tmp_path: Path, extension: str
) -> None:
    out = tmp_path / f"rapport.{extension}"
    done = demo_installation.run("report", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith({"pdf": b"%PDF", "html": b"<!"}.get(extension, b"PK"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["onbekend"], 2),
        (["table"], 2),
        (["table", "--field", "9"], 1),
        (["table", "--field", "1", "--format", "xml"], 2),
        (["verdicts", "--known-on", "gisteren"], 2),
        (["verdicts", "--plan", "geen"], 1),
        (["verdicts", "--municipality", "nergens"], 1),
        (["report", "--out", "rapport.doc"], 2),
        (["import", "/nergens/is/dit"], 2),
        (["import", "README.md"], 1),
        (["serve", "--host", "192.0.2.1"], 1),
        (["serve", "--port", "vijf"], 2),
        (["user", "grant", "niemand@dalfsen.example", "policy_officer"], 1),
        (["--lang", "fr", "migrate"], 2),
    ],
)
def test_what_cannot_be_done_gets_a_sentence_and_never_a_traceback(
    demo_installation: Installation, arguments: list[str], code: int
) -> None:
    done = demo_installation.run(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert (done.stdout + done.stderr).strip()


def test_commands_before_anything_is_loaded_say_what_to_do(installation: Installation) -> None:
    empty = installation.run("verdicts")
    assert empty.returncode == 1
    assert "koersvast migrate" in empty.stderr
    assert installation.run("migrate").returncode == 0
    assert "koersvast demo" in installation.run("verdicts").stderr


@pytest.mark.parametrize(("arguments", "word"), [(["--lang", "en"], "Commands:"), (["--lang", "nl"], "Opdrachten:")])
def test_help_comes_in_the_language_that_is_asked(installation: Installation, arguments: list[str], word: str) -> None:
    done = installation.run(*arguments, "--help")
    assert done.returncode == 0
    assert word in done.stdout


def test_person_with_an_address_that_is_none_is_refused_in_plain_words(installation: Installation) -> None:
    assert installation.run("migrate").returncode == 0
    done = installation.run("user", "add", "jan", "--name", "Jan", "--no-password")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_demo_beside_somebodys_own_data_is_refused(installation: Installation) -> None:
    assert installation.run("migrate").returncode == 0
    own = installation.run("user", "add", "jan@elders.example", "--name", "Jan", "--no-password")
    assert own.returncode == 0, own.stderr
    done = installation.run("demo", "--no-serve")
    assert done.returncode == 1
    assert not (installation.home / "demo").exists()
