"""Files delivered by hand: columns by the table's own list, and nothing guessed."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koersvast.connectors.statline import Slice
from koersvast.engine.quantities import Certainty, Missing
from koersvast.registers.source import CaptureUnreadable
from koersvast.registers.vintages import Cell
from tests.unit.registers.invented import Kept

LONG = """SoortMisdrijf,SoortMisdrijf_label,gemeentecode,gemeentenaam_2024,jaar,GeregistreerdeMisdrijven,status
1.1.1,Diefstal/inbraak woning,GM9001,Rivierdal,2023,31,definitief
1.1.1,Diefstal/inbraak woning,GM9001,Rivierdal,2024,28,voorlopig
1.4.4,Bedreiging,GM9001,Rivierdal,2023,4,definitief
1.4.4,Bedreiging,GM9002,Heidestad,2023,.,definitief
"""
DOWNLOAD = """\ufeff"ID";"SoortMisdrijf";"WijkenEnBuurten";"Perioden";"GeregistreerdeMisdrijven_1"
0;"0.0.0 ";"BU90010101";"2023JJ00";"      12"
1;"0.0.0 ";"BU90010102";"2023JJ00";"       ."
2;"0.0.0 ";"WK900101  ";"2023JJ00";""
"""
BRON = """gemeente,ongevallen_2011_2020,letsel,dodelijk,uitsluitend_materiele_schade
Rivierdal,1500,180,20,1300
Heidestad,7600,600,22,6978
"""


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def cells(kept: Kept, table: str, measure: str = "registered", area: str = "GM9001") -> list[Cell]:
    return list(kept.store.cells(table, areas=[area], measure=measure))


def refused(kept: Kept, text: str | bytes, table: str = "47018NED") -> dict[str, object]:
    with pytest.raises(CaptureUnreadable) as refusal:
        kept.load_file(table, "bestand.csv", text)
    assert kept.store.vintages(table) == ()
    return {"code": refusal.value.reason.code, **refusal.value.reason.values}


def test_long_file_with_status_is_read_and_speaks_for_what_is_in_it(kept: Kept) -> None:
    vintage = kept.load_file("47018NED", "lang.csv", LONG)
    assert (vintage.rows, vintage.edition_year, vintage.state) == (4, 2024, "accepted")
    assert vintage.slice == Slice(areas=("GM9001", "GM9002"), kinds=("1.1.1", "1.4.4"), years=(2023, 2024))
    found = cells(kept, "47018NED")
    assert [(c.kind, c.period, c.amount, c.certainty) for c in found] == [
        ("1.1.1", "2023", 31.0, Certainty.FINAL),
        ("1.1.1", "2024", 28.0, Certainty.PROVISIONAL),
        ("1.4.4", "2023", 4.0, Certainty.FINAL),
    ]
    [hidden] = cells(kept, "47018NED", area="GM9002")
    assert hidden.amount is None
    assert hidden.missing is not None


def test_absent_row_of_a_file_is_never_nought(kept: Kept) -> None:
    kept.load_file("47018NED", "lang.csv", LONG)
    assert [c for c in cells(kept, "47018NED", area="GM9002") if c.kind == "1.1.1"] == []


def test_download_with_padded_keys_semicolons_and_a_mark_at_its_start_is_read(kept: Kept) -> None:
    kept.load_file("47018NED", "download.csv", DOWNLOAD)
    assert [c.amount for c in cells(kept, "47018NED", area="BU90010101")] == [12.0]
    [dot], [blank] = cells(kept, "47018NED", area="BU90010102"), cells(kept, "47018NED", area="WK900101")
    assert (dot.amount, blank.amount, blank.missing) == (None, None, Missing.NOT_KNOWN)
    assert dot.certainty is Certainty.FINAL


def test_accident_totals_over_ten_years_are_a_span_and_areas_get_the_codes_that_were_given(kept: Kept) -> None:
    codes = {"rivierdal": "GM9001", "Heidestad": "GM9002"}
    vintage = kept.load_file("BRON", "bron.csv", BRON, area_codes=codes)
    assert dict(vintage.area_codes) == codes
    [cell] = cells(kept, "BRON", measure="fatal")
    assert (cell.period, cell.amount) == ("2011/2020", 20.0)
    again = kept.store.rebuild("BRON", vintage.number)
    assert again.content == vintage.content


def test_area_that_is_only_named_is_refused_when_its_code_is_not_given(kept: Kept) -> None:
    assert refused(kept, BRON, "BRON") == {
        "code": "area_name_not_known", "file": "bestand.csv", "found": "Heidestad, Rivierdal", "count": 2,
    }  # fmt: skip


def test_column_of_inhabitants_by_year_feeds_the_table_of_that_year_only(kept: Kept) -> None:
    wide = "buurtcode,buurt,inwoners_2024,GeregistreerdeMisdrijven\nBU90010101,Dorp,1090,40\n"
    kept.load_file("85984NED", "buurten.csv", wide)
    assert [c.amount for c in cells(kept, "85984NED", "inhabitants", "BU90010101")] == [1090.0]
    assert refused(kept, wide.replace("_2024", "_2023"), "86165NED")["code"] == "columns_not_recognised"


@pytest.mark.parametrize(
    ("old", "new", "code", "told"),
    [
        ("status\n", "opmerking\n", "unknown_columns", "opmerking"),
        ("1.4.4,Bedreiging,GM9001", "1.4.x,Bedreiging,GM9001", "kind_not_known", "1.4.x"),
        ("GM9002", "9002", "area_not_understood", "9002"),
        (",2024,28,", ",vorig jaar,28,", "period_not_understood", "vorig jaar"),
        (",28,", ",28 (geschat),", "number_not_understood", "28 (geschat)"),
        (",28,", ",1.028,", "number_not_understood", "1.028"),
        (",28,", ",2.8e1,", "number_not_understood", "2.8e1"),
        (",28,", ",٢٨,", "number_not_understood", "٢٨"),
        (",28,", ",9007199254740993,", "number_not_understood", "9007199254740993"),
        (",28,", f",{'9' * 400}.5,", "number_not_understood", "999"),
        ("28,voorlopig", "28,misschien", "status_not_known", "misschien"),
        ("gemeentecode", "plaats", "columns_not_recognised", "plaats"),
    ],
)
def test_what_is_not_understood_refuses_the_file_and_is_named(
    kept: Kept, old: str, new: str, code: str, told: str
) -> None:
    found = refused(kept, LONG.replace(old, new))
    assert found["code"] == code
    assert told in str(found)


@pytest.mark.parametrize(
    "data",
    [b"\n\n", b"\0\0\0", b"PK\x03\x04onzin", b"a;b\n1;2\n", LONG.splitlines()[0].encode(), b"\xff\xfe\x00"],
    ids=["blank", "nul", "zip", "other", "header", "half"],
)
def test_bytes_that_are_no_table_of_figures_are_refused(kept: Kept, data: bytes) -> None:
    assert refused(kept, data)["code"] in {"not_a_csv_file", "columns_not_recognised", "nothing_in_it"}


def test_national_file_without_areas_is_of_the_country_and_kinds_may_be_titles(kept: Kept) -> None:
    text = "incident_type_code,year,incident_count\nOverlast door verward persoon,2022,138807\n"
    kept.load_file("47021NED", "landelijk.csv", text)
    [cell] = kept.store.cells("47021NED", areas=["NL01"], kinds=["E33"], measure="registered")
    assert (cell.amount, cell.period) == (138_807.0, "2022")


def test_margins_of_an_estimate_become_its_bounds_in_both_manners(kept: Kept) -> None:
    for name, keys in (
        ("sleutels", ("MW00000", "MOG0095", "MBG0095")),
        ("woorden", ("Waarde", "Ondergrens", "Bovengrens")),
    ):
        rows = "".join(
            f"{key};GM9001;2023JJ00;{value}\n" for key, value in zip(keys, ("21,4", "18,0", "24,8"), strict=True)
        )
        kept.load_file("85146NED", f"{name}.csv", f"Marges;RegioS;Perioden;EenOfMeerVormenVanOverlast_1\n{rows}")
    [cell] = kept.store.cells("85146NED", areas=["GM9001"], measure="nuisance_total")
    assert (cell.amount, cell.low, cell.high) == (21.4, 18.0, 24.8)


areas = st.sampled_from(["GM9001", "GM9002", "BU90010101"])
lines = st.dictionaries(
    st.tuples(st.sampled_from(["1.1.1", "2.2.1"]), areas, st.integers(2018, 2025)), st.integers(0, 99_999), min_size=1
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines, st.sampled_from(";,\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_figures_come_back_whatever_the_delimiter_and_encoding(
    tmp_path_factory: pytest.TempPathFactory,
    figures: dict[tuple[str, str, int], int],
    delimiter: str,
    encoding: str,
) -> None:
    kept = Kept(tmp_path_factory.mktemp("file"))
    rows = [("SoortMisdrijf", "gemeentecode", "jaar", "GeregistreerdeMisdrijven")]
    rows += [(kind, area, str(year), str(value)) for (kind, area, year), value in figures.items()]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    vintage = kept.load_file("47018NED", "x.csv", text.encode(encoding))
    found = kept.store.frame("47018NED", vintage=vintage).collect()
    assert {
        (row["kind"], row["area"], int(row["period"])): row["amount"] for row in found.iter_rows(named=True)
    } == figures


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(LONG) - 1), st.binary(min_size=0, max_size=3))
def test_damaged_file_is_read_or_refused_and_never_half_kept(
    tmp_path_factory: pytest.TempPathFactory, at: int, put: bytes
) -> None:
    kept = Kept(tmp_path_factory.mktemp("damaged"))
    data = LONG.encode()
    try:
        vintage = kept.load_file("47018NED", "x.csv", data[:at] + put + data[at + 1 :])
    except CaptureUnreadable:
        assert kept.store.vintages("47018NED") == ()
    else:
        kept.store.verify(vintage)
