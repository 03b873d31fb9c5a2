"""Pages of a table service become cells: what is nought, what is withheld, what is not known, and what is no cell."""

from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koersvast.connectors.statline import Slice
from koersvast.engine.quantities import Certainty, Missing
from koersvast.registers.codes import Level, level_of, margin_of, period_code
from koersvast.registers.source import CaptureUnreadable
from koersvast.registers.tables import TABLES
from koersvast.registers.vintages import Cell, Vintage
from tests.unit.registers.invented import AREAS, KINDS, Cells, Kept, Service, changed, smooth, years

TABLE = "47018NED"


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def cells(kept: Kept, area: str, kind: str) -> dict[str, Cell]:
    found = kept.store.cells(TABLE, areas=[area], kinds=[kind], measure="registered")
    return {cell.period: cell for cell in found}


def codes(vintage: Vintage) -> set[str]:
    return {reason.code for reason in vintage.reasons}


def test_padded_keys_and_status_become_bare_codes_with_certainty(kept: Kept) -> None:
    vintage = kept.load(Service())
    assert (vintage.state, vintage.edition_year, codes(vintage)) == ("accepted", 2025, set())
    found = cells(kept, "BU90010101", "1.1.1")
    assert sorted(found) == [str(year) for year in range(2015, 2026)]
    assert found["2023"].certainty is Certainty.FINAL
    assert found["2024"].certainty is Certainty.PROVISIONAL


def test_absent_row_is_nought_where_metadata_say_so_and_the_filling_is_told(kept: Kept) -> None:
    service = Service()
    del service.cells["1.1.1", "BU90010102", "2020JJ00"]
    vintage = kept.load(service)
    assert [(reason.code, dict(reason.values)) for reason in vintage.reasons] == [("zeros_filled", {"count": 1})]
    cell = cells(kept, "BU90010102", "1.1.1")["2020"]
    assert (cell.amount, cell.missing) == (0.0, None)


def test_absent_row_is_no_cell_where_metadata_do_not_say_nought(kept: Kept) -> None:
    service = Service(default="Missing")
    del service.cells["1.1.1", "BU90010102", "2020JJ00"]
    vintage = kept.load(service)
    assert "zeros_filled" not in codes(vintage)
    assert "2020" not in cells(kept, "BU90010102", "1.1.1")
    assert "1.4.1" not in {cell.kind for cell in kept.store.cells(TABLE, areas=["GM9001"], measure="registered")}


@pytest.mark.parametrize("written", [0, None, "absent"])
def test_hidden_kind_is_withheld_whatever_stands_there(kept: Kept, written: int | str | None) -> None:
    service = Service()
    if written != "absent":
        for area in AREAS:
            for period in service.periods:
                service.cells["1.4.1", area, period] = written
    kept.load(service)
    for area in ("BU90010101", "GM9001", "NL00"):
        found = cells(kept, area, "1.4.1")["2020"]
        assert (found.amount, found.missing) == (None, Missing.WITHHELD)


def test_hidden_kind_that_is_published_all_the_same_is_kept_and_told(kept: Kept) -> None:
    service = Service()
    service.cells["1.4.1", "GM9002", "2020JJ00"] = 4
    vintage = kept.load(service)
    assert cells(kept, "GM9002", "1.4.1")["2020"].amount == 4
    assert "withheld_with_number" in codes(vintage)


def test_kind_from_before_it_was_registered_is_not_measured(kept: Kept) -> None:
    kept.load(Service())
    found = cells(kept, "GM9002", "3.9.1")
    assert (found["2015"].amount, found["2015"].missing) == (None, Missing.NOT_MEASURED)
    assert found["2016"].amount


@pytest.mark.parametrize(("written", "missing"), [(None, Missing.NOT_KNOWN), ("x", Missing.WITHHELD), (".", None)])
def test_empty_or_secret_cell_is_never_nought(kept: Kept, written: str | None, missing: Missing | None) -> None:
    service = Service()
    service.cells["1.1.1", "GM9002", "2020JJ00"] = written
    kept.load(service)
    found = cells(kept, "GM9002", "1.1.1")["2020"]
    assert found.amount is None
    assert found.missing is not None
    assert missing in {None, found.missing}


def test_unknown_place_is_kept_as_an_area_of_no_level_that_is_compared(kept: Kept) -> None:
    kept.load(Service())
    found = kept.store.frame(TABLE).filter(area="GM0000").collect()
    assert found["level"].unique().to_list() == ["unplaced"]
    assert found["amount"].sum() > 0
    towns = kept.store.frame(TABLE, levels=["municipality"]).collect()["area"].unique().to_list()
    assert sorted(towns) == ["GM9001", "GM9002", "GM9003"]


def test_area_without_any_row_gets_no_noughts(kept: Kept) -> None:
    service = Service(areas={**AREAS, "GM9004": "Vergeten"})
    kept.load(service)
    assert kept.store.cells(TABLE, areas=["GM9004"], measure="registered") == ()


def test_quiet_buurt_of_a_municipality_with_rows_has_noughts(kept: Kept) -> None:
    service = Service(areas={**AREAS, "BU90010103": "Stil"})
    vintage = kept.load(service)
    found = cells(kept, "BU90010103", "1.1.1")
    assert {cell.amount for cell in found.values()} == {0.0}
    assert "zeros_filled" in codes(vintage)


def test_period_without_rows_gets_no_noughts_and_holds_the_delivery_back(kept: Kept) -> None:
    service = Service()
    service.cells = {key: value for key, value in service.cells.items() if key[2] != "2020JJ00"}
    vintage = kept.load(service)
    assert vintage.state == "quarantined"
    assert codes(vintage) >= {"period_without_rows"}
    assert kept.store.frame(TABLE, vintage=vintage).filter(period="2020").collect().is_empty()


def test_rows_of_an_area_outside_the_edition_are_counted_and_hold_the_delivery_back(kept: Kept) -> None:
    service = Service()
    service.cells["1.1.1", "GM7777", "2020JJ00"] = 3
    vintage = kept.load(service)
    [found] = [reason for reason in vintage.reasons if reason.code == "area_not_in_edition"]
    assert dict(found.values) == {"count": 1, "areas": "GM7777"}
    assert vintage.state == "quarantined"


def test_slice_is_read_alone_and_remembered(kept: Kept) -> None:
    vintage = kept.load(Service(), wanted=Slice(areas=("GM9001", "BU9001")))
    assert vintage.slice == Slice(areas=("GM9001", "BU9001"))
    found = kept.store.frame(TABLE).collect()["area"].unique().to_list()
    assert sorted(found) == ["BU90010101", "BU90010102", "GM9001"]


def test_column_under_another_title_refuses_the_capture_and_keeps_nothing(kept: Kept) -> None:
    with pytest.raises(CaptureUnreadable) as refused:
        kept.load(Service(title="Iets heel anders", key="IetsAnders_1"))
    assert refused.value.reason.code == "pages_unusable"
    assert kept.store.vintages(TABLE) == ()


def test_column_with_another_number_behind_its_key_is_the_same_column(kept: Kept) -> None:
    kept.load(Service(key="GeregistreerdeMisdrijven_7"))
    assert cells(kept, "GM9001", "1.1.1")["2020"].amount


def test_monthly_kind_that_is_only_published_by_year_is_withheld(kept: Kept) -> None:
    months = {f"2025MM{month:02d}": "Voorlopig" for month in range(1, 13)}
    service = Service(table="47022NED", periods=months, kinds=(*KINDS, "3.7.3"))
    kept.load(service)
    [cell] = kept.store.cells("47022NED", areas=["GM9001"], kinds=["3.7.3"], measure="registered", periods=["2025-04"])
    assert cell.missing is Missing.WITHHELD


counts = st.one_of(st.integers(0, 10**6), st.none(), st.just("x"), st.just("."))
keys = st.tuples(
    st.sampled_from(KINDS), st.sampled_from(["GM9001", "BU90010101", "NL00"]), st.sampled_from(["2019JJ00", "2020JJ00"])
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(keys, counts, min_size=1, max_size=30))
def test_every_positive_number_comes_back_and_every_missing_cell_has_a_reason(
    tmp_path_factory: pytest.TempPathFactory, written: Cells
) -> None:
    kept = Kept(tmp_path_factory.mktemp("register"))
    service = changed(Service(), periods=years(2019, 2020), cells=dict(written))
    try:
        vintage = kept.load(service)
    except CaptureUnreadable:
        pytest.fail("an ordinary page was refused")
    rows = kept.store.frame(TABLE, vintage=vintage).collect()
    found = {(row["kind"], row["area"], f"{row['period']}JJ00"): row for row in rows.iter_rows(named=True)}
    for key, value in written.items():
        row = found[key]
        assert (row["amount"] is None) == (row["missing"] is not None)
        if isinstance(value, int) and value > 0:
            assert row["amount"] == value
        if not isinstance(value, int):
            assert row["amount"] is None
    for key, row in found.items():
        if key not in written and row["amount"] is not None:
            assert row["amount"] == 0
            level = level_of(key[1])
            assert TABLES[TABLE].rule_for(level=level, kind=key[0], period=row["period"]) is None


@given(st.integers(1900, 2100), st.integers(1, 12))
def test_period_keys_of_every_form_become_one_code(year: int, month: int) -> None:
    assert period_code(f"{year}JJ00") == period_code(f" {year} ") == period_code(f"{year}*") == f"{year:04d}"
    assert period_code(f"{year}MM{month:02d}") == period_code(f"{year}-{month:02d}") == f"{year}-{month:02d}"
    assert period_code(f"{year}KW0{(month + 2) // 3}") == f"{year}-Q{(month + 2) // 3}"


@pytest.mark.parametrize(
    "text", ["2024G400", "2024MM13", "2024KW00", "2024JJ01", "", "vorig jaar", "20244", "2020-2019"]
)
def test_text_that_is_no_period_is_none(text: str) -> None:
    assert period_code(text) is None


def test_words_of_periods_and_margins_are_known() -> None:
    assert period_code("2024 juli") == "2024-07"
    assert period_code("2024 3e kwartaal") == "2024-Q3"
    assert period_code("2011_2020") == period_code("2011-2020") == "2011/2020"
    named = [margin_of("MW00000", ""), margin_of("X", "Ondergrens 95%-interval"), margin_of("X", "Bovengrens")]
    assert [found.value if found else "" for found in named] == ["value", "low", "high"]
    assert margin_of("X", "Anders") is None


def test_levels_follow_from_codes() -> None:
    found = [level_of(area) for area in ("NL01", "PV23", "GM0148", "WK014801", "BU01480101", "GM0000", "ZZ01")]
    assert found == [
        Level.COUNTRY, Level.PROVINCE, Level.MUNICIPALITY, Level.WIJK, Level.BUURT, Level.UNPLACED, Level.OTHER,
    ]  # fmt: skip


def test_invented_figures_add_up_as_real_ones_do() -> None:
    made = smooth(years(2019, 2020))
    parts = sum(cast(int, made[kind, "GM9001", "2020JJ00"]) for kind in KINDS[1:] if kind != "1.4.1")
    assert cast(int, made["0.0.0", "GM9001", "2020JJ00"]) > parts
