"""From sheets to readings: the plan's own tables, long and wide, and every code with a file that earns it."""

import csv
import io
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.connectors.amounts import DecimalSign, MissingReason
from koersvast.connectors.figure_words import UNIT_WORDS, heading_role, period_code
from koersvast.connectors.figures import (
    BadMapping,
    Layout,
    Mapping,
    Role,
    header_fingerprint,
    read_figures,
    suggest_mapping,
)
from koersvast.connectors.problems import CODE_OF, CODES, Severity, problem
from koersvast.connectors.tabular import open_table
from koersvast.engine.quantities import Unit

HEADER = "indicator;bron;eenheid;jaar;waarde"
COLUMNS = {Role.INDICATOR: 1, Role.PERIOD: 4, Role.VALUE: 5}


def opening(data: bytes, **choices: Any) -> Any:
    """Open a table that the test knows to be one."""
    return open_table(data, **choices)


def read(text: str | bytes, *, latest_year: int = 2026, **choices: Any) -> Any:
    sheet = opening(text.encode() if isinstance(text, str) else text).sheet
    mapping = choices.pop("mapping", None) or suggested(sheet)
    return read_figures(sheet, mapping, latest_year=latest_year, **choices)


def suggested(sheet: Any) -> Any:
    return suggest_mapping(sheet)


def line(
    indicator: str = "Overlast", source: str = "Politie", unit: str = "aantal", period: str = "2019", amount: str = "40"
) -> Any:
    return f"{indicator};{source};{unit};{period};{amount}"


def read_lines(*lines: str, **choices: Any) -> Any:
    return read("\n".join([HEADER, *lines]) + "\n", **choices)


def names(figures: Any) -> Any:
    return [found.name for found in figures.problems]


def workbook(rows: Any, **formats: str) -> Any:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for address, code in formats.items():
        book.active[address].number_format = code
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- the plan


def observations(shared: Path) -> Any:
    with (shared / "reference/dalfsen-2019/observations.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.shared
def test_observations_of_the_plan_read_to_109_readings(shared: Path) -> None:
    found = read((shared / "reference/dalfsen-2019/observations.csv").read_bytes())
    assert len(found.readings) == 109
    assert found.problems == ()
    wanted = [(r["indicator_nl"], r["period"], Decimal(r["value"]), r["unit"]) for r in observations(shared)]
    assert [(r.indicator, r.period, r.value, r.unit) for r in found.readings] == wanted


@pytest.mark.shared
@pytest.mark.parametrize("as_text", [True, False])
def test_tables_of_the_plan_as_a_workbook_read_to_the_same_109_readings(shared: Path, as_text: bool) -> None:
    """The plan's header is "2014 2015 2016 2017 2013 2017": 2017 stands twice and 2013 comes late."""
    rows = observations(shared)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Tabel 2: Statistieken veilige leef- en woonomgeving"])
    sheet.merge_cells("A1:H1")
    sheet.append(["Indicator", "bron", 2014, 2015, 2016, 2017, 2013, 2017])
    group, doubled = "", 0
    for name in dict.fromkeys((r["theme_group"], r["indicator_nl"], r["source"], r["unit"]) for r in rows):
        if name[0] != group:
            group = name[0]
            sheet.append([f"t.a.v. {group}:"])
        values = {r["period"]: r["value"] for r in rows if (r["theme_group"], r["indicator_nl"]) == name[:2]}
        # A survey fills the second block only, a registration both.
        of_survey = name[2] != "Politie" or set(values) <= {"2013", "2017"}
        doubled += not of_survey
        columns = ["", "", "", ""] if of_survey else ["2014", "2015", "2016", "2017"]
        cells = [values.get(period) for period in [*columns, "2013", "2017"]]
        sheet.append([name[1], name[2], *(c and (f"{c}%" if name[3] == "percent" else c) for c in cells)])
        for cell in sheet[sheet.max_row][2:] if not as_text else []:
            if cell.value:
                is_percent = cell.value.endswith("%")
                cell.value = float(cell.value.strip("%")) / (100 if is_percent else 1)
                cell.number_format = "0%" if is_percent else "General"
    out = io.BytesIO()
    book.save(out)
    found = read(out.getvalue())
    wanted = {(r["indicator_nl"], r["source"], r["period"]): Decimal(r["value"]) for r in rows}
    assert {(r.indicator, r.source, r.period): r.value for r in found.readings} == wanted
    assert len(found.readings) == 109
    assert found.refusals == ()
    (agreed,) = [p for p in found.problems if p.name == "repeated_column_agrees"]
    assert agreed.values == {"period": "2017", "columns": "F, H", "count": doubled}
    assert {r.unit for r in found.readings} == {None, "percent"}


def test_same_year_twice_with_another_value_is_refused_and_one_blank_is_filled() -> None:
    found = read("Indicator;bron;2017;2013;2017\na;P;40;1;40\nb;P;40;1;41\nc;P;;1;5\n")
    assert [(r.indicator, r.period, r.value) for r in found.readings] == [
        ("a", "2017", 40),
        ("a", "2013", 1),
        ("b", "2013", 1),
        ("c", "2013", 1),
        ("c", "2017", 5),
    ]
    assert [(p.name, p.line, p.column) for p in found.problems] == [
        ("repeated_column_agrees", 2, "E"),
        ("repeated_column_differs", 3, "C"),
        ("repeated_column_differs", 3, "E"),
    ]


# --- one line, one outcome


@pytest.mark.parametrize(
    ("row", "name", "column"),
    [
        (line(indicator=""), "empty_indicator", "A"),
        (line(period=""), "empty_period", "D"),
        (line(period="vorig jaar"), "unknown_period", "D"),
        (line(period="2018-2019"), "unknown_period", "D"),
        (line(period="31-02-2019"), "unknown_period", "D"),
        (line(period="15-03-2019"), "unknown_period", "D"),
        (line(period="1989"), "impossible_year", "D"),
        (line(period="2027"), "impossible_year", "D"),
        (line(period="20119"), "unknown_period", "D"),
        (line(unit="kilo"), "unknown_unit", "C"),
        (line(amount="61%"), "unit_contradicts_cell", "E"),
        (line(amount="veel"), "not_a_number", "E"),
        (line(amount="(5)"), "not_a_number", "E"),
        (line(unit="index", amount="1.244"), "ambiguous_number", "E"),
        (line(unit="%", amount="100,1"), "percentage_outside_0_100", "E"),
        (line(unit="%", amount="-1"), "percentage_outside_0_100", "E"),
        (line(amount="-1"), "negative_amount", "E"),
        (line(unit="per 1.000 inwoners", amount="−0,5"), "negative_amount", "E"),
        (line(amount="4,5"), "fractional_count", "E"),
        (line(unit="cijfer", amount="0,9"), "mark_outside_1_10", "E"),
        (line(unit="cijfer", amount="74"), "mark_outside_1_10", "E"),
        (line(unit="schaalscore", amount="10,1"), "scale_outside_0_10", "E"),
    ],
)
def test_line_that_cannot_be_trusted_is_refused_at_its_place(row: str, name: str, column: str) -> None:
    found = read_lines(line(period="2018"), row)
    assert [r.period for r in found.readings] == ["2018"]
    (refusal,) = found.refusals
    assert (refusal.name, refusal.line, refusal.column) == (name, 3, column)


@pytest.mark.parametrize(
    ("row", "name", "value", "missing"),
    [
        (line(amount="n.b."), "missing_value", None, MissingReason.NOT_KNOWN),
        (line(amount=""), "missing_value", None, MissingReason.NOT_KNOWN),
        (line(amount="n.v.t."), "missing_value", None, MissingReason.NOT_MEASURED),
        (line(amount="-"), "dash_read_as_missing", None, MissingReason.NOT_KNOWN),
        (line(amount="x"), "withheld_value", None, MissingReason.WITHHELD),
        (line(amount="<5"), "withheld_value", None, MissingReason.WITHHELD),
        (line(amount="40*"), "provisional_value", 40, None),
        (line(period="2019*"), "provisional_value", 40, None),
        (line(amount="1.244"), "ambiguity_decided", 1244, None),
        (line(unit="%", amount="61.244"), "ambiguity_decided", Decimal("61.244"), None),
        (line(unit="%", amount="0,61"), "percentages_look_like_fractions", Decimal("0.61"), None),
        (line(period="01-01-2019"), "period_from_date", 40, None),
        (line(period="11-07-1905"), "year_from_date_cell", 40, None),
    ],
)
def test_line_that_can_be_read_is_read_with_a_remark(row: str, name: str, value: Any, missing: Any) -> None:
    found = read_lines(row)
    (reading,) = found.readings
    assert (reading.value, reading.missing, reading.period) == (value, missing, "2019")
    assert [(p.name, p.severity) for p in found.problems] == [(name, Severity.NOTED)]
    assert reading.provisional is (name == "provisional_value")


def test_column_decides_between_two_readings_and_says_so_once() -> None:
    found = read_lines(
        line(unit="index", period="2017", amount="1.244"),
        line(unit="index", period="2018", amount="1.301"),
        line(unit="index", period="2019", amount="98,5"),
    )
    assert [r.value for r in found.readings] == [1244, 1301, Decimal("98.5")]
    (remark,) = found.problems
    assert remark.values == {"amount": "1.244", "read_as": "1244", "by": "column"}


def test_column_with_both_signs_decides_nothing() -> None:
    found = read_lines(
        line("a", unit="index", amount="1.244"), line("b", unit="", amount="7,4"), line("c", unit="", amount="7.4")
    )
    assert [r.value for r in found.readings] == [Decimal("7.4"), Decimal("7.4")]
    assert [(p.name, p.values) for p in found.problems] == [
        ("ambiguous_number", {"amount": "1.244", "as_comma": "1244", "as_point": "1,244"})
    ]


def test_stated_decimal_sign_decides_and_refuses_the_other() -> None:
    sheet = opening("\n".join([HEADER, line(unit="", amount="1.244"), line("b", amount="7.4")]).encode()).sheet
    kept = suggested(sheet).as_dict() | {"decimal": "comma"}
    found = read_figures(sheet, Mapping.from_dict(kept), latest_year=2026)
    assert [r.value for r in found.readings] == [1244]
    assert [(p.name, p.line) for p in found.problems] == [("against_decimal_sign", 3)]


def test_same_line_twice_counts_once_and_another_value_refuses_both() -> None:
    found = read_lines(line(), line(indicator="OVERLAST "), line("b"), line("b", amount="41"))
    assert [(r.line, r.indicator) for r in found.readings] == [(2, "Overlast")]
    assert [(p.name, p.line) for p in found.problems] == [
        ("duplicate_same_value", 3),
        ("duplicate_other_value", 4),
        ("duplicate_other_value", 5),
    ]


def test_footnotes_and_empty_lines_are_no_figures() -> None:
    found = read_lines(line(), ";;;;", "* voorlopig cijfer;;;;")
    assert len(found.readings) == 1
    assert [(p.name, p.line) for p in found.problems] == [("row_without_figures", 4)]


def test_figures_beside_the_amount_are_read_or_refused() -> None:
    text = "indicator;jaar;waarde;respondenten;marge;gemeente;status;opmerking\n"
    rows = [
        "a;2017;61%;1.244;2,7;Dalfsen;voorlopig;let op",
        "b;2017;7,4;12,5;0,1;;definitief;",
        "c;2017;7;9;?x;;;",
    ]
    found = read(text + "\n".join(rows))
    (reading,) = found.readings
    assert (reading.respondents, reading.margin, reading.area) == (1244, Decimal("2.7"), "Dalfsen")
    assert (reading.provisional, reading.note, reading.unit) == (True, "let op", "percent")
    assert [p.name for p in found.refusals] == ["respondents_not_a_count", "margin_not_a_number"]


# --- workbooks


def test_cells_of_excel_that_are_no_amount_are_refused() -> None:
    rows = [["Indicator", "2019", "2020"], ["a", date(2020, 4, 7), True], ["b", "#N/A", "=1+1"], ["c", 0.61, 12]]
    found = read(workbook(rows, B4="0%"))
    assert [(r.value, r.unit) for r in found.readings] == [(61, "percent"), (12, None)]
    assert [(p.name, p.column, p.line) for p in found.refusals] == [
        ("date_as_amount", "B", 2),
        ("truth_value_as_amount", "C", 2),
        ("error_in_cell", "B", 3),
        ("formula_without_value_in_figure", "C", 3),
    ]


def test_percent_cell_of_excel_under_a_count_is_refused() -> None:
    found = read(workbook([["Indicator", "Eenheid", 2019, 2020], ["a", "aantal", 0.61, 5]], C2="0%"))
    assert names(found) == ["unit_contradicts_cell"]


def test_years_that_excel_made_dates_are_recovered_and_said() -> None:
    rows = [["Indicator", "Jaar", "Waarde"], ["a", 2019, 1], ["b", date(2019, 1, 1), 2], ["c", date(2018, 12, 31), 3]]
    found = read(workbook(rows, B2="dd-mm-yyyy"))
    assert [r.period for r in found.readings] == ["2019", "2019", "2018"]
    assert names(found) == ["year_from_date_cell", "period_from_date"]


def test_first_days_of_months_are_months() -> None:
    rows = [["Indicator", "Datum", "Waarde"], *[["a", date(2019, month, 1), month] for month in (1, 2, 3)]]
    assert [r.period for r in read(workbook(rows)).readings] == ["2019-01", "2019-02", "2019-03"]


def test_merged_indicator_fills_its_rows_and_a_merged_amount_counts_once() -> None:
    book = openpyxl.Workbook()
    for row in [["Indicator", "Jaar", "Waarde"], ["a", 2018, 1], [None, 2019, 2], ["b", 2018, 3], ["c", 2018, None]]:
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.active.merge_cells("C4:C5")
    out = io.BytesIO()
    book.save(out)
    found = read(out.getvalue())
    assert [(r.indicator, r.period, r.value) for r in found.readings] == [
        ("a", "2018", 1),
        ("a", "2019", 2),
        ("b", "2018", 3),
    ]
    assert [(p.name, p.line, p.column) for p in found.problems] == [("amount_from_merged_cell", 5, "C")]


def test_second_header_with_other_years_stops_that_row_and_the_same_is_skipped() -> None:
    found = read("Indicator;bron;2014;2015\na;P;1;2\nIndicator;bron;2014;2015\nb;P;3;4\nIndicator;bron;2016;2017\n")
    assert len(found.readings) == 4
    assert [(p.name, p.values) for p in found.problems] == [("mapping_does_not_fit", {"reason": "other_header_below"})]


# --- mappings


def test_mapping_survives_being_kept_and_nonsense_is_refused() -> None:
    mapping = Mapping(
        layout=Layout.WIDE,
        header_row=3,
        columns={Role.INDICATOR: 1},
        periods=((3, "2017"), (8, "2017")),
        fixed={Role.SOURCE: "Politie"},
        decimal=DecimalSign.COMMA,
        sheet="Cijfers",
    )
    assert Mapping.from_dict(mapping.as_dict()) == mapping
    for nonsense in (
        {},
        {"layout": "round"},
        mapping.as_dict() | {"columns": {"indicator": 0}},
        mapping.as_dict() | {"periods": 3},
    ):
        with pytest.raises(BadMapping):
            Mapping.from_dict(nonsense)


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        (Mapping(layout=Layout.LONG, header_row=1), "no_indicator"),
        (Mapping(layout=Layout.WIDE, header_row=1, columns={Role.INDICATOR: 1}), "no_period"),
        (
            Mapping(layout=Layout.LONG, header_row=1, columns={Role.INDICATOR: 1, Role.PERIOD: 4, Role.VALUE: 9}),
            "column_absent",
        ),
        (
            Mapping(layout=Layout.LONG, header_row=9, columns={Role.INDICATOR: 1, Role.PERIOD: 4, Role.VALUE: 5}),
            "row_absent",
        ),
    ],
)
def test_mapping_of_another_file_does_not_fit(mapping: Any, reason: str) -> None:
    (found,) = read_lines(line(), mapping=mapping).problems
    assert (found.name, found.values) == ("mapping_does_not_fit", {"reason": reason})


def test_fixed_indicator_unit_and_period_hold_for_all_rows() -> None:
    mapping = Mapping(
        layout=Layout.LONG,
        header_row=1,
        columns={Role.AREA: 1, Role.VALUE: 2},
        fixed={Role.INDICATOR: "Overlast", Role.PERIOD: "2019", Role.UNIT: "%"},
    )
    found = read("kern;waarde\nDalfsen;12\nLemelerveld;9\n", mapping=mapping)
    assert [(r.area, r.period, r.unit, r.value) for r in found.readings] == [
        ("Dalfsen", "2019", "percent", 12),
        ("Lemelerveld", "2019", "percent", 9),
    ]


def test_next_years_file_has_the_same_fingerprint_and_another_kind_has_not() -> None:
    def sheet(text: str) -> Any:
        return opening(text.encode()).sheet

    one = header_fingerprint(sheet("Indicator;Bron;2018;2019\na;P;1;2\n"))
    assert header_fingerprint(sheet("INDICATOR ;bron;2018;2019;2020\nb;P;1;2;3\n")) == one
    assert header_fingerprint(sheet("Indicator;Eenheid;2018;2019\na;P;1;2\n")) != one
    assert header_fingerprint(sheet("a;b\n1;2\n")) != header_fingerprint(sheet("a;c\n1;2\n"))


def test_sheet_without_headings_gets_no_suggestion() -> None:
    assert suggested(opening(b"1;2\n3;4\n").sheet) is None


def test_units_are_those_of_the_calculations() -> None:
    assert set(UNIT_WORDS.values()) == {unit.value for unit in Unit}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2019", "2019"),
        ("2019.0", "2019"),
        ("jaar 2019", "2019"),
        ("2019JJ00", "2019"),
        ("2019KW03", "2019-Q3"),
        ("2019MM07", "2019-07"),
        ("Q3 2019", "2019-Q3"),
        ("3e kwartaal 2019", "2019-Q3"),
        ("2019 3e kwartaal", "2019-Q3"),
        ("mrt 2019", "2019-03"),
        ("maart 2019", "2019-03"),
        ("2019 juli", "2019-07"),
        ("2019-07", "2019-07"),
        ("2019-Q3", "2019-Q3"),
    ],
)
def test_period_in_each_of_its_spellings(text: str, code: str) -> None:
    assert period_code(text) == (code, False)
    assert period_code(f"{text}*") == (code, True)


@pytest.mark.parametrize("text", ["", "19", "2019-13", "2018/2019", "2019 t/m 2020", "mmm 2019", "2019,5", "²019"])
def test_text_that_is_no_period_is_none(text: str) -> None:
    assert period_code(text) is None


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Indicator", "indicator"),
        ("Bron:", "source"),
        ("Aantal respondenten", "respondents"),
        ("Waarde (%)", "value"),
        ("hoi", None),
    ],
)
def test_heading_announces_its_role(text: str, role: Any) -> None:
    assert heading_role(text) == role


# --- the code table


def test_codes_have_unique_names_and_a_problem_has_the_values_its_code_promises() -> None:
    assert len(CODE_OF) == len(CODES)
    assert list(CODES) == sorted(CODES)
    with pytest.raises(ValueError, match="wants the values"):
        problem("empty_indicator", amount="5")


TEXTS = st.text(alphabet="ab 12%,.-*;\n(<x", max_size=12)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), max_size=8))
def test_any_lines_give_readings_or_problems_at_known_lines(rows: Any) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([["indicator", "eenheid", "jaar", "waarde"], *rows])
    sheet = opening(out.getvalue().encode(), delimiter=";").sheet
    found = read_figures(
        sheet,
        Mapping(
            layout=Layout.LONG,
            header_row=1,
            columns={Role.INDICATOR: 1, Role.UNIT: 2, Role.PERIOD: 3, Role.VALUE: 4},
        ),
        latest_year=2026,
    )
    lines = Counter(r.line for r in found.readings)
    assert all(count == 1 for count in lines.values())
    assert not lines.keys() & {p.line for p in found.refusals}
    assert all((r.value is None) != (r.missing is None) and r.indicator for r in found.readings)


def test_kept_tables_of_four_programs_read_to_the_same_figures() -> None:
    folder = Path(__file__).parents[2] / "data" / "tables"
    kept = [read((folder / name).read_bytes()) for name in ("libreoffice.csv", "libreoffice.ods", "libreoffice.xlsx")]
    values = [[(r.indicator, r.period, r.value, r.missing, r.unit) for r in figures.readings] for figures in kept]
    assert values[0] == values[1] == values[2]
    assert len(values[0]) == 16
    for name in ("openpyxl.xlsx", "xlsxwriter.xlsx"):
        figures = read((folder / name).read_bytes())
        assert [(r.indicator, r.period, r.value, r.missing, r.unit) for r in figures.readings] == values[0][:-1]
        assert [p.name for p in figures.refusals] == ["formula_without_value_in_figure"]
