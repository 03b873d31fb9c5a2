"""A series from the command line: what the municipality holds, and what the national table holds, with its origin."""

import csv
import io
import re
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import Installation
from tests.unit.cli.outcome import valid

DALFSEN = ("-g", "dalfsen", "-i", "woninginbraken")


def test_series_of_the_demo_is_that_of_the_source_that_was_asked(demo_installation: Installation) -> None:
    plan = demo_installation.run("series", *DALFSEN, "--source", "politie-dataset", "--format", "json")
    assert plan.returncode == 0, plan.stderr
    amounts = {line["period"]: line["amount"] for line in valid("series", plan.stdout)}
    assert (amounts["2013"], amounts["2017"]) == (125, 40)
    other = demo_installation.run("series", *DALFSEN, "--source", "nergens")
    assert other.returncode == 1
    assert "nergens" in other.stderr


def test_series_as_known_before_the_figures_came_has_none(demo_installation: Installation) -> None:
    done = demo_installation.run("series", *DALFSEN, "--as-known-on", "2010-01-01")
    assert done.returncode == 1
    assert "koersvast fetch" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("-g", "dalfsen", "--indicator", "geen"), 1),
        ((*DALFSEN, "--format", "parquet"), 2),
        ((*DALFSEN, "--source", "politie-dataset", "--format", "chart", "--output", "lijn.exe"), 2),
    ],
)
def test_series_that_cannot_be_given_is_refused_in_a_sentence(
    demo_installation: Installation, arguments: tuple[str, ...], code: int
) -> None:
    done = demo_installation.run("series", *arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_national_series_reaches_neighbours_and_neighbourhoods_and_every_format(
    demo_installation: Installation, tmp_path: Path
) -> None:
    def asked(*more: str) -> str:
        done = demo_installation.run("series", "-g", "lindelo", "-i", "woninginbraken", "--area", *more)
        assert done.returncode == 0, done.stderr
        return done.stdout

    own = list(csv.DictReader(io.StringIO(asked("BU99010101", "--format", "csv"))))
    assert [line["period"] for line in own] == [str(year) for year in range(2014, 2026)]
    assert {line["source"] for line in own} == {"politie-47018ned"}
    lines = list(csv.DictReader(io.StringIO(asked("GM9909", "--format", "csv"))))
    assert {line["source"] for line in lines} == {"47018NED"}
    assert all(line["origin"].startswith("47018NED:") for line in lines)
    shown = asked("GM9909")
    assert re.search(r"\d,\d – \d+,\d", shown)
    assert "efinitief" in shown
    assert "final" not in shown
    months = valid("series", asked("GM9901", "--months", "--format", "json"))
    assert len(months) == 144
    asked("GM9909", "--format", "parquet", "--output", str(tmp_path / "a.parquet"))
    frame = pl.read_parquet(tmp_path / "a.parquet")
    assert frame.height == 12
    assert frame["amount"].sum() > 0
    assert (frame["low"] < frame["amount"]).all()
    asked("GM9909", "--format", "chart", "--output", str(tmp_path / "a.svg"))
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
