"""What a table says of itself: columns by title, padded keys, periods, margins, and the metadata of real tables."""

import csv
import gzip
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from koersvast.connectors.statline import (
    ColumnMissing,
    Measure,
    TableAddress,
    TableProblem,
    describe,
    metadata_urls,
    period_code,
)
from tests.unit.connectors.table_writing import (
    COUNT,
    SHARE,
    V3,
    V4,
    compact,
    described,
    described_v4,
    metadata_v3,
    metadata_v4,
    wrapped,
)

DESCRIBED = described()


def problem_of(call: Any, *args: Any) -> Any:
    with pytest.raises(TableProblem) as caught:
        call(*args)
    return caught.value.problem


# --- columns


@pytest.mark.parametrize(
    "title", ["Voorvallen", " voor vallen ", "VOORVALLEN", "Voorvallen_1", "Voorvallen_9", "voorvallen_"]
)
def test_measure_is_found_whatever_its_case_spacing_and_number(title: str) -> None:
    assert DESCRIBED.measure(title).key == COUNT
    assert DESCRIBED.measure("Aangiften", title).key == COUNT


@pytest.mark.parametrize(
    "title", ["Aandeel meldingen", "Meldingen / Aandeel meldingen", "Meldingen: aandeel meldingen"]
)
def test_measure_is_found_with_the_heading_above_it(title: str) -> None:
    found = DESCRIBED.measure(title)
    assert (found.key, found.group, found.unit, found.decimals, found.absent_is_zero) == (
        SHARE,
        "Meldingen",
        "%",
        1,
        False,
    )


def test_measure_that_is_not_there_names_what_is() -> None:
    found = problem_of(DESCRIBED.measure, "Aangiften", "Internetaangiften")
    assert found.name == "column_missing"
    assert found.values == {
        "table": "90001NED", "asked": "Aangiften, Internetaangiften",
        "found": "Voorvallen; Meldingen / Aandeel meldingen",
    }  # fmt: skip
    with pytest.raises(ColumnMissing):
        DESCRIBED.dimension("RegioS")


def test_title_that_several_measures_have_is_refused_until_its_heading_is_given() -> None:
    twins = [Measure(key=f"Slachtoffers_{n}", title="Slachtoffers", group=f"Delicten / {g}") for n, g in
             ((68, "Zakkenrollerij"), (72, "Inbraak"))]  # fmt: skip
    table = replace(DESCRIBED, measures=tuple(twins))
    assert problem_of(table.measure, "Slachtoffers").name == "column_ambiguous"
    assert problem_of(table.measure, "Slachtoffers_68").name == "column_ambiguous"
    assert table.measure("Inbraak / Slachtoffers").key == "Slachtoffers_72"
    assert table.measure("Delicten / Zakkenrollerij / Slachtoffers").key == "Slachtoffers_68"


def test_key_without_its_number_decides_between_measures_that_share_a_title() -> None:
    keys = ("GeregistreerdeMisdrijven_1", "GeregistreerdeMisdrijvenRelatief_2", "GeregistreerdeMisdrijvenPer1000Inw_3")
    table = replace(DESCRIBED, measures=tuple(Measure(key=k, title="Geregistreerde misdrijven") for k in keys))
    assert table.measure("GeregistreerdeMisdrijven").key == keys[0]
    assert table.measure("geregistreerdemisdrijvenper1000inw").key == keys[2]
    assert problem_of(table.measure, "Geregistreerde misdrijven").name == "column_ambiguous"


def test_dimension_is_found_by_title_key_or_role() -> None:
    for name in ("Wijken en buurten", "wijkenenbuurten", "geo"):
        assert DESCRIBED.dimension(name).key == "WijkenEnBuurten"
    assert [(d.key, d.role) for d in DESCRIBED.dimensions] == [
        ("SoortMisdrijf", "kind"), ("WijkenEnBuurten", "geo"), ("Perioden", "time"),
    ]  # fmt: skip


def test_count_is_zero_where_absent_only_if_the_table_says_so() -> None:
    assert [(m.key, m.absent_is_zero) for m in DESCRIBED.measures] == [(COUNT, True), (SHARE, False)]


def test_key_is_stripped_and_kept_as_padded_and_unknown_places_are_marked() -> None:
    members = {member.key: member for member in DESCRIBED.members["WijkenEnBuurten"]}
    assert members["GM0148"].raw_key == "GM0148    "
    assert members["BU01480101"].parent == "GM0148"
    assert {key for key, member in members.items() if member.is_unknown_place} == {"GM0000", "WK000000", "BU00000000"}


def test_status_of_a_period_is_told() -> None:
    assert [m.status for m in DESCRIBED.members["Perioden"]] == ["final", "provisional", "provisional", "provisional"]


def test_both_versions_describe_the_same_table_alike() -> None:
    other = described_v4()
    assert (other.table, other.title, other.modified, other.period_text) == (
        DESCRIBED.table, DESCRIBED.title, DESCRIBED.modified, DESCRIBED.period_text,
    )  # fmt: skip
    assert DESCRIBED.modified == datetime(2024, 8, 15, tzinfo=UTC)
    assert [(d.key, d.title, d.role) for d in other.dimensions] == [
        (d.key, d.title, d.role) for d in DESCRIBED.dimensions
    ]
    assert [m.full_title for m in other.measures] == [m.full_title for m in DESCRIBED.measures]
    assert {k: [m.key for m in v] for k, v in other.members.items()} == {
        k: [m.key for m in v] for k, v in DESCRIBED.members.items()
    }


@pytest.mark.parametrize(("address", "parts"), [(V3, metadata_v3()), (V4, metadata_v4())])
def test_metadata_is_asked_for_in_two_rounds_and_then_no_more(address: TableAddress, parts: Any) -> None:
    first = metadata_urls(address)
    held = {role: parts[role] for role in first}
    second = metadata_urls(address, held)
    assert set(second) == {"SoortMisdrijf", "WijkenEnBuurten", "Perioden"}
    assert metadata_urls(address, held | {role: parts[role] for role in second}) == {}
    assert all(url.startswith(f"https://{address.host}{address.path}/") for url in (first | second).values())


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"TableInfos": metadata_v3()["TableInfos"].replace(b"90001NED", b"90002NED")}, "not_this_table"),
        ({"TableInfos": wrapped([])}, "not_an_answer"),
        ({"TableInfos": metadata_v3()["TableInfos"].replace(b"2024-08-15T", b"15 augustus")}, "cell_of_wrong_kind"),
        ({"DataProperties": metadata_v3()["DataProperties"].replace(b'"Perioden"', b'"Peri oden"')}, "not_an_answer"),
        ({"SoortMisdrijf": wrapped([{"Key": "1.1.1 "}, {"Key": "1.1.1"}])}, "key_twice"),
        ({"SoortMisdrijf": wrapped([{"Key": "      "}])}, "line_without_key"),
        ({"SoortMisdrijf": compact({"value": [{"Key": 111}]})}, "line_without_key"),
    ],
)
def test_metadata_that_cannot_be_trusted_is_refused(change: dict[str, bytes], name: str) -> None:
    assert problem_of(describe, metadata_v3() | change, V3).name == name


def only(role: str, kind: str) -> dict[str, bytes]:
    rows = json.loads(metadata_v3()[role])["value"]
    return {role: wrapped([row for row in rows if row["Type"] == kind])}


@pytest.mark.parametrize(
    ("address", "change", "reason"),
    [
        (V3, only("DataProperties", "Topic"), "no_DataProperties"),
        (V3, only("DataProperties", "Dimension"), "no_DataProperties"),
        (V4, {"Dimensions": wrapped([])}, "no_Dimensions"),
        (V4, {"MeasureCodes": wrapped([])}, "no_Dimensions"),
    ],
)
def test_table_without_keys_or_without_figures_is_refused(
    address: TableAddress, change: dict[str, bytes], reason: str
) -> None:
    parts = metadata_v3() if address is V3 else metadata_v4()
    assert problem_of(describe, parts | change, address).values["reason"] == reason


def test_part_of_the_metadata_that_is_absent_is_named() -> None:
    parts = metadata_v3()
    del parts["TableInfos"]
    assert problem_of(describe, parts, V3).values["reason"] == "no_TableInfos"


def test_empty_list_of_groups_and_headings_in_a_circle_do_no_harm() -> None:
    rows = json.loads(metadata_v3()["DataProperties"])["value"]
    rows[4]["ParentID"] = 4
    found = describe(metadata_v3() | {"DataProperties": wrapped(rows)}, V3)
    assert found.measure("Aandeel meldingen").group == "Meldingen"


# --- periods


@pytest.mark.parametrize(
    ("key", "code"),
    [("2024JJ00", "2024"), ("2024KW03", "2024-Q3"), ("2024MM07", "2024-07"), ("2012MM12 ", "2012-12")],
)
def test_period_becomes_our_code(key: str, code: str) -> None:
    assert period_code(key) == code


@pytest.mark.parametrize(
    "key",
    ["2012G400", "2024X000", "2024SJ00", "2024HJ01", "20060101", "2024MM13", "2024MM00", "2024KW05", "2024KW00", "2024",
     "2024JJ01", "0024JJ00", "", "2024jj00", "２０２４JJ00", "2٠٢٤JJ00"],
)  # fmt: skip
def test_period_of_another_form_is_refused_with_its_key(key: str) -> None:
    found = problem_of(period_code, key)
    assert (found.name, found.values) == ("unknown_period_key", {"period": key})


# --- the metadata of real tables, which developers have as CSV


def as_service(path: Path) -> bytes:
    """Turn rows that somebody kept as CSV into what the service gives."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    return wrapped([{name: value or None for name, value in row.items() if name} for row in rows])


@pytest.mark.shared
def test_real_metadata_of_a_police_table_is_described(shared: Path) -> None:
    folder = shared / "reference" / "opendata" / "02_politie_47018NED_metadata"
    address = TableAddress(host="dataderden.cbs.nl", table="47018NED", path="/ODataApi/OData/47018NED")
    parts = {
        role: as_service(folder / f"{role}.csv")
        for role in ("TableInfos", "DataProperties", "Perioden", "SoortMisdrijf")
    }
    found = describe(parts | {"WijkenEnBuurten": as_service(folder / "WijkenEnBuurten_2024.csv.gz")}, address)
    measure = found.measure("Geregistreerde misdrijven")
    assert (measure.key, measure.absent_is_zero) == ("GeregistreerdeMisdrijven_1", True)
    assert [m.key for m in found.measures] == ["GeregistreerdeMisdrijven_1"]
    assert found.period_text == "2012-2023"
    assert len(found.members["WijkenEnBuurten"]) == 18_313
    assert {m.status for m in found.members["Perioden"]} == {"final"}
    assert [period_code(m.key) for m in found.members["Perioden"]] == [str(year) for year in range(2012, 2024)]
    kinds = {m.key: m.raw_key for m in found.members["SoortMisdrijf"]}
    assert (kinds["2.6.1"], kinds["2.6.10"]) == ("2.6.1 ", "2.6.10")
    dalfsen = [m.key for m in found.members["WijkenEnBuurten"] if m.parent == "GM0148"]
    assert len([key for key in dalfsen if key.startswith("BU")]) == 36


@pytest.mark.shared
def test_real_metadata_of_neighbourhood_figures_is_described(shared: Path) -> None:
    folder = shared / "reference" / "opendata" / "02_politie_47018NED_metadata" / "85984NED_KWB2024"
    address = TableAddress(host="opendata.cbs.nl", table="85984NED", path="/ODataApi/OData/85984NED")
    found = describe({role: as_service(folder / f"{role}.csv") for role in ("TableInfos", "DataProperties")}, address)
    assert found.measure("Aantal inwoners").group == "Bevolking"
    assert not any(measure.absent_is_zero for measure in found.measures)
    assert "Gemeentenaam_1" not in {measure.key for measure in found.measures}
    assert [d.role for d in found.dimensions] == ["geo"]


@pytest.mark.shared
def test_real_periods_of_a_monthly_table_become_our_codes(shared: Path) -> None:
    rows = json.loads(as_service(shared / "reference/opendata/03_politie_nationaal_2012-2023/dev/Perioden.csv"))[
        "value"
    ]
    codes = [period_code(row["Key"]) for row in rows]
    assert len(set(codes)) == len(rows) > 300
    assert {"1995", "1995-12"} <= set(codes)
