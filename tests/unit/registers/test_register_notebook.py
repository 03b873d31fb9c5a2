"""The door for a notebook: fetch, ask, and always say which inhabitants stand under a rate."""

from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from koersvast import registers
from koersvast.connectors.fetching import Fetcher
from koersvast.engine.quantities import Missing, Unit
from koersvast.registers.codes import Level
from koersvast.registers.notebook import Home, NoSuchTable, as_date
from tests.unit.registers.invented import Service, changed, years

PEOPLE = "gemeentecode,gemeentenaam_2025,jaar,inwoners_gemiddeld_of_1jan\n"
COUNTS = "SoortMisdrijf;gemeentecode;gemeentenaam_2025;jaar;GeregistreerdeMisdrijven\n"


class Opened(Service):
    """The service of the tests, closed like a fetcher."""

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        return None


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return registers.open(tmp_path)


def give(home: Home, table: str, name: str, text: str, **more: Any) -> None:
    path = home.path / name
    path.write_text(text, encoding="utf-8")
    home.load_files(table, [path], taken_from="a test", received_on="2026-03-15", **more)


def test_table_is_fetched_asked_and_named(home: Home) -> None:
    progress: list[str] = []
    vintage = home.fetch(
        "47018NED",
        areas=["GM9001"],
        fetcher=cast(Fetcher, Opened()),
        progress=lambda step: progress.append(step.text_code),
    )
    assert (vintage.state, vintage.slice.areas) == ("accepted", ("GM9001",))
    assert (progress[0], progress[-1]) == ("metadata", "done")
    found = home.series(table="47018NED", kind="1.1.1", area="GM9001")
    assert [reading.unit for reading in found.readings] == [Unit.COUNT] * 11
    assert [reading.provisional for reading in found.readings][-3:] == [False, True, True]
    assert found.series.name == "47018NED 1.1.1"
    assert home.areas("47018NED", level=Level.MUNICIPALITY).rows() == [("GM9001", "Rivierdal", "municipality")]
    assert home.tables().filter(table="47018NED")["vintages"].item() == 1
    assert home.scan("47018NED").collect("polars").shape[0] == vintage.rows


def test_series_with_a_break_is_cut_at_the_break(home: Home) -> None:
    give(
        home, "47018NED", "m.csv", COUNTS + "".join(f"3.1.3;GM9001;R;{year};{year % 9}\n" for year in range(2014, 2023))
    )
    series = home.series(table="47018NED", kind="3.1.3", area="GM9001").series
    last = series.latest()
    assert last
    assert [reading.period.code for reading in series.comparable_before(last)] == ["2019", "2020", "2021"]


def test_sum_of_kinds_has_numbers_where_all_parts_are_there(home: Home) -> None:
    kinds = registers.TABLES["47018NED"].parts_of("violence")
    rows = [f"{kind};GM9001;R;{year};{number}" for number, kind in enumerate(kinds) for year in (2023, 2024)]
    give(home, "47018NED", "m.csv", COUNTS + "\n".join(rows[:-1]))
    found = home.series(table="47018NED", kind="violence", area="GM9001")
    assert [(cell.period, cell.amount, cell.missing) for cell in found.cells] == [
        ("2023", 15.0, None),
        ("2024", None, Missing.NOT_KNOWN),
    ]
    assert found.parts_missing == {"2024": ("1.4.7",)}


def test_month_takes_the_inhabitants_of_its_year_and_says_so(home: Home) -> None:
    give(home, "70072ned", "i.csv", PEOPLE + "GM9001,Rivierdal,2025,29000\n")
    found = home.denominator("GM9001", "2025-07")
    assert (found.inhabitants, found.edition_year, found.table) == (29_000.0, 2025, "70072ned")
    assert [reason.code for reason in found.reasons] == ["year_used_for_month"]
    assert "average" in found.when


@pytest.mark.parametrize(
    ("area", "period", "code"),
    [
        ("GM9001", "2024", "no_inhabitants"),
        ("BU90010101", "2024", "population_not_loaded"),
        ("GM9001", "2011/2020", "period_is_a_span"),
    ],
)
def test_inhabitants_that_are_not_known_are_none_with_a_reason(home: Home, area: str, period: str, code: str) -> None:
    give(home, "70072ned", "i.csv", PEOPLE + "GM9001,Rivierdal,2025,29000\n")
    found = home.denominator(area, period)
    assert (found.inhabitants, [reason.code for reason in found.reasons]) == (None, [code])


def test_average_of_the_year_goes_before_first_of_january(home: Home) -> None:
    text = "RegioS;Perioden;TotaleBevolking_1;GemiddeldAantalInwoners_67\n"
    text += "GM9001;2024JJ00;29000;29200\nGM9001;2025JJ00;29400;\n"
    give(home, "70072ned", "i.csv", text)
    average, first = home.denominator("GM9001", "2024"), home.denominator("GM9001", "2025")
    assert (average.inhabitants, average.when) == (29_200.0, "average of the year")
    assert (first.inhabitants, first.when) == (29_400.0, "1 January")


def test_count_over_inhabitants_on_other_borders_has_no_rate_until_somebody_looked(home: Home) -> None:
    give(home, "47018NED", "m.csv", COUNTS + "1.1.1;GM9001;R;2020;58\n")
    give(home, "70072ned", "i.csv", "RegioS;Perioden;GemiddeldAantalInwoners_67\nGM9001;2020JJ00;29000\n")
    asked: dict[str, Any] = {"table": "47018NED", "kind": "1.1.1", "areas": ["GM9001"]}
    [row] = home.rates(**asked).iter_rows(named=True)
    assert (row["rate_per_1000"], row["inhabitants"]) == (None, 29_000.0)
    assert row["remarks"] == "borders_differ (events 2025, inhabitants 2020)"
    [checked] = home.rates(**asked, same_borders=["GM9001"]).iter_rows(named=True)
    assert (checked["rate_per_1000"], checked["remarks"]) == (2.0, "")


def test_question_as_known_on_a_day_takes_texts_and_dates(home: Home) -> None:
    first = Opened(periods=years(*range(2015, 2025)))
    snapshots, journal = home.snapshots, home.path / "j.jsonl"
    home.store.load(first.capture(snapshots, journal), on=date(2026, 1, 15))
    later = changed(Service(), modified="2026-06-10T02:00:00")
    home.store.load(later.capture(snapshots, journal), on=date(2026, 6, 15))
    asked: dict[str, Any] = {"table": "47018NED", "kind": "1.1.1", "area": "GM9001"}
    known = [len(home.series(**asked, as_known_on=day).cells) for day in ("2026-02-01", date(2026, 7, 1), None)]
    assert known == [10, 11, 11]
    assert home.series(**asked, as_known_on="2025-12-31").cells == ()
    with pytest.raises(ValueError, match="gisteren"):
        as_date("gisteren")


def test_table_that_is_not_known_or_only_comes_as_a_file_is_refused(home: Home) -> None:
    with pytest.raises(NoSuchTable):
        home.series(table="12345NED", area="GM9001")
    with pytest.raises(NoSuchTable):
        home.fetch("BRON")
