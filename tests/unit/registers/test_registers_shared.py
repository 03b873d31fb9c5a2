"""The real figures that developers have: read the snapshot way, and the plan held against what was published."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from koersvast import registers
from koersvast.connectors.captures import capture_files, load_capture
from koersvast.engine.quantities import Certainty, Missing
from koersvast.registers.notebook import Home
from koersvast.registers.plausibility import is_serious
from koersvast.registers.vintages import Vintage

pytestmark = pytest.mark.shared
RECEIVED = date(2026, 11, 1)


@pytest.fixture(scope="module")
def data(shared: Path) -> Path:
    return shared / "reference" / "opendata"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Home:
    opened = registers.open(tmp_path_factory.mktemp("home"))
    for table, pattern in (
        ("47018NED", "01_*/dev/misdrijven_*.csv"),
        ("70072ned", "01_*/dev/inwoners_*.csv"),
        ("47018NED", "04_*/dev/dalfsen_buurten_2023.csv"),
        ("85984NED", "04_*/dev/dalfsen_buurten_2023.csv"),
        ("47021NED", "03_*/dev/NL_Disorder.csv"),
        ("83474NED", "03_*/dev/83474NED_bevolking_maand.csv"),
    ):
        load(opened, table, *data.glob(pattern))
    return opened


def load(home: Home, table: str, *files: Path, **more: dict[str, str]) -> Vintage:
    assert files
    return home.load_files(table, files, taken_from="reference folder", received_on=RECEIVED, **more)  # type: ignore[arg-type]  # area_codes only


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_ijsselland_comes_in_whole_and_is_believed(home: Home, data: Path) -> None:
    [vintage] = [one for one in home.store.vintages("47018NED") if one.number == 1]
    source = rows(next(data.glob("01_*/dev/misdrijven_*.csv")))
    assert (vintage.rows, vintage.edition_year, vintage.state) == (len(source), 2024, "accepted")
    assert not any(is_serious(reason) for reason in vintage.reasons)
    frame = home.store.frame("47018NED", vintage=vintage).collect()
    found = {(r["area"], r["kind"], r["period"]): (r["amount"], r["certainty"]) for r in frame.iter_rows(named=True)}
    words = {"definitief": Certainty.FINAL.value, "voorlopig": Certainty.PROVISIONAL.value}
    assert found == {
        (row["gemeentecode"], row["SoortMisdrijf"], row["jaar"]): (
            float(row["GeregistreerdeMisdrijven"]),
            words[row["status"]],
        )
        for row in source
    }


def test_capture_can_be_read_again_from_its_snapshot_alone(home: Home) -> None:
    vintage = home.store.vintage("47018NED", 1)
    capture = load_capture(home.snapshots, vintage.capture)
    assert [part.role for part in capture.parts] == ["file"]
    assert home.store.rebuild("47018NED", 1).content == vintage.content


def test_plan_against_published_comes_out_as_in_the_reference(home: Home, data: Path) -> None:
    reference = next(data.glob("01_*/dev/dalfsen_plan_tegen_gepubliceerd_*.csv"))
    made = io.StringIO()
    columns = list(rows(reference)[0])
    writer = csv.DictWriter(made, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows(reference):
        series = home.series(table="47018NED", kind=row["SoortMisdrijf"], area="GM0148")
        [published] = [cell.amount for cell in series.cells if cell.period == row["jaar"]]
        assert published is not None
        writer.writerow(
            {**row, columns[4]: int(published), columns[5]: int(row["plan"]) - int(published)},
        )
    assert made.getvalue() == reference.read_text(encoding="utf-8")


def test_36_buurten_have_counts_and_inhabitants_on_the_same_borders(home: Home, data: Path) -> None:
    source = rows(next(data.glob("04_*/dev/*.csv")))
    assert len(source) == 36
    counts = home.cells(table="47018NED", areas=[row["buurtcode"] for row in source], kinds=["0.0.0"])
    people = home.cells(table="85984NED", areas=[row["buurtcode"] for row in source])
    both = counts.join(people, on="area", suffix="_people")
    rates = both.select("area", rate=(1000 * pl.col("amount") / pl.col("amount_people")).round(1))
    assert dict(rates.iter_rows()) == pytest.approx({r["buurtcode"]: float(r["per_1000_afgeleid"]) for r in source})


def test_municipal_rate_takes_the_inhabitants_of_the_same_year_and_borders(home: Home, data: Path) -> None:
    found = home.rates(table="47018NED", kind="1.1.1", areas=["GM0148"])
    people = {
        row["jaar"]: float(row["inwoners_gemiddeld_of_1jan"])
        for row in rows(next(data.glob("01_*/dev/inwoners_*.csv")))
        if row["gemeentecode"] == "GM0148"
    }
    for row in found.iter_rows(named=True):
        assert row["inhabitants"] == people[row["period"]]
        assert row["rate_per_1000"] == pytest.approx(1000 * row["amount"] / people[row["period"]])
        assert row["remarks"] == ""


def test_buurt_on_newer_borders_than_its_inhabitants_has_no_rate_without_a_word(home: Home) -> None:
    [row] = home.rates(table="47018NED", kind="0.0.0", areas=["BU01480101"]).iter_rows(named=True)
    assert row["rate_per_1000"] is None
    assert "no_inhabitants" in row["remarks"] or "population_not_loaded" in row["remarks"]


def test_national_nuisance_by_year_and_population_by_month_are_read(home: Home, data: Path) -> None:
    e33 = home.series(table="47021NED", kind="E33", area="NL01")
    assert e33.readings[0].value == 44_571
    assert "incidents_not_persons" in {caution.code for caution in e33.cautions}
    [month] = home.cells(table="83474NED", areas=["NL01"], periods=["2020-03"]).iter_rows(named=True)
    source = {
        row["Perioden"]: row["BevolkingAanHetBeginVanDePeriode_1"] for row in rows(next(data.glob("03_*/dev/83474*")))
    }
    assert month["amount"] == float(source["2020MM03"])


def test_violence_is_missing_where_the_file_lacks_a_part(home: Home) -> None:
    violence = home.series(table="47018NED", kind="violence", area="GM0150")
    assert violence.readings == ()
    assert {cell.missing for cell in violence.cells} == {Missing.NOT_KNOWN}
    assert violence.parts_missing["2020"] == ("1.4.3", "1.4.6", "1.4.7")


def test_accident_totals_come_in_with_codes_for_their_names(home: Home, data: Path) -> None:
    codes = {name: code for code, name in home.areas("70072ned").select("area", "name").iter_rows()}
    vintage = load(home, "BRON", *data.glob("09_*/dev/bron_*.csv"), area_codes=codes)
    assert (vintage.rows, vintage.state) == (44, "accepted")
    series = home.series(table="BRON", area="GM0148", measure="fatal")
    assert [(cell.period, cell.amount) for cell in series.cells] == [("2011/2020", 20.0)]
    assert series.readings == ()
    assert "incomplete_registration" in {caution.code for caution in series.cautions}


def test_real_file_with_every_figure_a_thousandfold_is_held_back(home: Home, data: Path) -> None:
    path = next(data.glob("01_*/dev/misdrijven_*.csv"))
    made = io.StringIO()
    writer = csv.DictWriter(made, list(rows(path)[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows(path):
        writer.writerow(row | {"GeregistreerdeMisdrijven": f"{row['GeregistreerdeMisdrijven']}000"})
    capture = capture_files(
        [("duizend.csv", made.getvalue().encode())],
        snapshots=home.snapshots,
        taken_from="a test",
        fetched_at=datetime(2026, 11, 2, tzinfo=UTC),
        licence="",
        holder="",
        title="",
        table="47018NED",
    )
    vintage = home.store.load(capture, on=date(2026, 11, 2))
    assert vintage.state == "quarantined"
    assert "scaled" in {reason.code for reason in vintage.reasons}
    [cell] = [c for c in home.series(table="47018NED", kind="1.1.1", area="GM0148").cells if c.period == "2013"]
    assert cell.amount == 98
