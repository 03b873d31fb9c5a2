"""The survey from the command line, on the two invented waves of the demo."""

import csv
import io
from pathlib import Path

import pytest

from koersvast.registers.given_margins import read_given_margin
from koersvast.surveys.practice_stories import STORIES
from tests.conftest import ROOT, Installation
from tests.unit.cli.outcome import valid

pytestmark = pytest.mark.one_database
PRINTED = ROOT / "demo/deliveries/1-plan-tabellen-2-tot-5-veiligheidsmonitor.csv"
WAVE = ("--source", "veiligheidsmonitor", "--period", "2017", "-g", "dalfsen-oefening")


def test_estimates_of_the_invented_wave_come_to_the_printed_figures(demo_installation: Installation) -> None:
    done = demo_installation.run("survey", "show", *WAVE, "--format", "json")
    assert done.returncode == 0, done.stderr
    found = {line["measure"]: line for line in valid("survey", done.stdout)}
    with PRINTED.open(encoding="utf-8") as file:
        printed = {
            row["indicator"]: row["waarde"] for row in csv.DictReader(file, delimiter=";") if row["jaar"] == "2017"
        }
    assert f"{found['hard_rijden_overlast/beetje_tot_veel']['amount']:.0f}" == printed["te-hard-rijden"] == "61"
    assert f"{found['cijfer_veiligheid/mean']['amount']:.1f}".replace(".", ",") == printed["veiligheid-rapportcijfer"]
    speeding = found["hard_rijden_overlast/beetje_tot_veel"]
    assert (round(speeding["low"], 1), round(speeding["high"], 1)) == (58.1, 63.9)
    assert speeding["respondents"] == 1244


def test_estimates_by_kern_hide_what_is_protected(demo_installation: Installation) -> None:
    done = demo_installation.run("survey", "show", *WAVE, "--by", "kern", "--format", "json")
    lines = valid("survey", done.stdout)
    assert {line["group"] for line in lines} == {"1", "2", "3", "4", "5", "6"}
    hidden = [line for line in lines if line["hidden"]]
    assert hidden
    assert all(line["amount"] is line["low"] is line["high"] is None for line in hidden)


def test_table_book_and_statement_are_written_whole_and_say_that_answers_are_invented(
    demo_installation: Installation, tmp_path: Path
) -> None:
    for command, name, word in (("book", "boek.html", "erzonnen"), ("statement", "verantwoording.html", "erzonnen")):
        done = demo_installation.run("survey", command, *WAVE, "--out", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
        assert word in (tmp_path / name).read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["boek.html", "verantwoording.html"]


def test_table_book_as_lines_has_one_figure_a_line(demo_installation: Installation, tmp_path: Path) -> None:
    done = demo_installation.run("survey", "book", *WAVE, "-o", str(tmp_path / "boek.csv"))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "boek.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert sum("hard_rijden_overlast" in row for row in rows) > 20


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("show", *WAVE, "--by", "schoenmaat"), "schoenmaat", 1),
        (("book", *WAVE, "--out", "boek.exe"), ".xlsx", 2),
        (("compute", "--source", "veiligheidsmonitor", "--period", "2013", "-g", "dalfsen"), "2013", 1),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    demo_installation: Installation, arguments: tuple[str, ...], said: str, code: int
) -> None:
    done = demo_installation.run("survey", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_file_with_addresses_is_refused_by_the_names_of_its_columns(
    demo_installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "antwoorden.csv"
    people = "\n".join(f"{n % 2 + 1};zq-canary-{n}@voorbeeld.example" for n in range(40))
    file.write_text(f"vraag;bereikbaar\n{people}\n", encoding="utf-8")
    wave = ("--source", "veiligheidsmonitor", "--period", "2025", "-g", "dalfsen", "--keep-until", "2027-12-31")
    done = demo_installation.run("survey", "read", str(file), *wave)
    assert done.returncode == 1
    assert "bereikbaar" in done.stderr
    assert "zq-canary" not in done.stderr + done.stdout
    assert not any(b"zq-canary" in path.read_bytes() for path in demo_installation.home.rglob("*") if path.is_file())


def test_practice_files_are_written_for_both_waves(demo_installation: Installation, tmp_path: Path) -> None:
    done = demo_installation.run("survey", "practice", str(tmp_path / "oefenen"))
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "oefenen").glob("*.sav"))) == 2
    populations = sorted((tmp_path / "oefenen").glob("*.csv"))
    assert len(populations) == 4
    for path in populations:
        given = read_given_margin(path.read_bytes())
        assert given.is_read
        assert sum(given.totals) in {one.population for one in STORIES}
