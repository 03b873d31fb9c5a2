"""What is known of each national table is complete, sourced, and consistent with itself."""

from datetime import date

import pytest

from koersvast.engine.quantities import Missing
from koersvast.registers.codes import Level
from koersvast.registers.tables import TABLES, RegisterTable, read_table

NAMED = {
    "47018NED", "47022NED", "47013NED", "47021NED", "47024NED", "83648NED", "03759ned", "70072ned", "81924NED",
    "85146NED", "85147NED", "84799NED", "85984NED", "86165NED", "BRON",
}  # fmt: skip
EACH = pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))


def test_every_table_that_a_municipality_needs_is_known() -> None:
    assert set(TABLES) >= NAMED


@EACH
def test_table_says_whose_it_is_under_which_licence_and_how_we_know(table: RegisterTable) -> None:
    assert table.holder
    assert table.licence
    assert len(table.licence_source) > 20
    if table.holder == "Politie":
        assert "not confirmed" in table.licence


@EACH
def test_everything_disputable_has_a_source_and_two_languages(table: RegisterTable) -> None:
    notes = [(one.source, one.note_nl, one.note_en) for one in table.rules]
    notes += [(one.source, one.note_nl, one.note_en) for one in table.breaks]
    notes += [(one.source, one.note_nl, one.note_en) for one in table.sums]
    for source, dutch, english in notes:
        assert len(source) > 10
        assert dutch != english
    for caution in table.cautions:
        assert len(caution.source) > 10
        assert caution.text_nl != caution.text_en


@EACH
def test_kinds_named_by_rules_breaks_and_sums_exist(table: RegisterTable) -> None:
    named = {kind for rule in table.rules for kind in rule.kinds}
    named |= {kind for found in table.breaks for kind in (*found.kinds, *found.percent)}
    named |= {kind for declared in table.sums for kind in declared.kinds}
    named |= {kind for caution in table.cautions for kind in caution.kinds}
    assert named <= set(table.kinds)
    assert not set(table.sum_of) & set(table.kinds)


@EACH
def test_layouts_only_fill_measures_that_the_table_has(table: RegisterTable) -> None:
    assert table.layouts
    for layout in table.layouts:
        assert set(layout.measures) <= set(table.measure_of)
        assert layout.area_columns or layout.area_name_columns or layout.area
        assert layout.period_columns or layout.period or any("{" in name for name in layout.signature)


@EACH
def test_address_is_of_the_table_itself(table: RegisterTable) -> None:
    if table.code == "BRON":
        assert table.address is None
    else:
        assert table.address
        assert table.address.path.endswith(f"/{table.code}")


def test_violence_is_a_sum_of_six_kinds_with_breaks_of_its_own() -> None:
    table = TABLES["47018NED"]
    assert table.parts_of("violence") == ("1.4.2", "1.4.3", "1.4.4", "1.4.5", "1.4.6", "1.4.7")
    assert table.breaks_for("violence") == ()
    assert [found.on for found in table.breaks_for("3.1.3")] == [date(2018, 7, 1)]


def test_concurrence_break_names_the_rise_of_each_kind() -> None:
    [found] = TABLES["47022NED"].breaks_for("0.0.0")
    assert (found.percent["0.0.0"], found.percent["3.1.3"], found.percent["2.4.2"]) == (0.5, 16.0, 10.0)
    assert found.as_engine_break().factor is None


@pytest.mark.parametrize(
    ("table", "level", "kind", "period", "missing"),
    [
        ("47018NED", Level.BUURT, "1.4.1", "2023", Missing.WITHHELD),
        ("47018NED", Level.MUNICIPALITY, "3.2.1", "2023", Missing.WITHHELD),
        ("47013NED", Level.MUNICIPALITY, "1.4.1", "2023", None),
        ("47013NED", Level.MUNICIPALITY, "1.4.1", "2023-07", Missing.WITHHELD),
        ("47013NED", Level.MUNICIPALITY, "3.7.3", "2023-07", Missing.WITHHELD),
        ("47018NED", Level.COUNTRY, "3.9.1", "2015", Missing.NOT_MEASURED),
        ("47018NED", Level.COUNTRY, "3.9.1", "2016", None),
        ("47018NED", Level.BUURT, "1.1.1", "2015", None),
    ],
)
def test_cell_that_is_no_zero_has_a_rule_that_says_why(
    table: str, level: Level, kind: str, period: str, missing: Missing | None
) -> None:
    rule = TABLES[table].rule_for(level=level, kind=kind, period=period)
    assert (rule.missing if rule else None) == missing


def test_table_without_what_it_needs_is_refused() -> None:
    with pytest.raises(KeyError):
        read_table('code = "X"')
