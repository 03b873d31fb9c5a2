"""The safety analysis: fields, themes and rows in the plan's order, each with its verdict, in few queries."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.engine.quantities import ChangeVerdict, Direction, Unit
from koersvast.indicators import changes, queries
from koersvast.reference.models import Area, Taxonomy, Theme
from tests.figures import LATER, Register, burglary_file

pytestmark = pytest.mark.django_db
SURVEY = (
    "indicator;jaar;waarde;eenheid\n"
    "Te hard rijden;2013;63;%\nTe hard rijden;2017;61;%\n"
    "Rapportcijfer leefbaarheid;2013;7,7;cijfer\nRapportcijfer leefbaarheid;2017;7,8;cijfer\n"
)


def analysis_of(register: Register, **more: Any) -> queries.Analysis:
    return queries.analysis(
        register.municipality,
        taxonomy=register.taxonomy,
        area=register.area,
        first_year=2013,
        last_year=2017,
        **more,
    )


@pytest.fixture
def filled(register: Register, anouk: User) -> Register:
    register.store(burglary_file(), by=anouk)
    register.store(SURVEY, by=anouk)
    return register


def test_analysis_has_every_field_and_theme_also_without_indicator(filled: Register) -> None:
    found = analysis_of(filled)
    assert [len(field.themes) for field in found.fields] == [4, 5, 4, 4, 5]
    empty = found.field("5")
    assert empty is not None
    assert empty.rows == ()


def test_rows_stand_in_the_order_of_the_table_with_their_cells(filled: Register) -> None:
    field = analysis_of(filled).field("1")
    assert field is not None
    assert [row.code for row in field.rows] == ["woninginbraken", "geluidsoverlast", "cijfer-leefbaarheid"]
    with override("nl"):
        texts = {row.code: [cell.text for cell in row.cells] for row in analysis_of(filled).rows}
    assert texts["woninginbraken"] == ["125", "71", "46", "76", "40"]
    assert texts["cijfer-leefbaarheid"] == ["7,7", "", "", "", "7,8"]
    assert texts["te-hard-rijden"] == ["63\u00a0%", "", "", "", "61\u00a0%"]


def test_change_compares_the_first_year_with_the_last(filled: Register) -> None:
    rows = {row.code: row for row in analysis_of(filled).rows}
    burglary = rows["woninginbraken"].change
    assert burglary is not None
    assert (burglary.earlier.value, burglary.later.value) == (125, 40)
    assert rows["te-hard-rijden"].verdict is ChangeVerdict.NO_DEMONSTRABLE_CHANGE
    assert rows["geluidsoverlast"].change is None
    mark = rows["cijfer-leefbaarheid"].change
    assert mark is not None
    assert mark.reasons[0].code == "margin_unknown"


def test_verdicts_are_counted_by_perspective(filled: Register) -> None:
    field = analysis_of(filled).field("1")
    assert field is not None
    assert sum(field.verdicts(field.of("objective")).values()) == 1
    assert sum(field.verdicts(field.of("subjective")).values()) == 1


def test_break_between_makes_the_change_not_comparable(filled: Register, anouk: User) -> None:
    changes.mark_break(
        filled.burglary, on=date(2015, 1, 1), kind="registration", note_nl="Nieuw registratiesysteem.", by=anouk
    )
    row = {row.code: row for row in analysis_of(filled).rows}["woninginbraken"]
    assert row.verdict is ChangeVerdict.NOT_COMPARABLE
    assert row.change is not None
    assert row.change.p_value is None


def test_new_definition_makes_the_change_not_comparable(filled: Register, anouk: User) -> None:
    changes.redefine(filled.burglary, text_nl="Met schuren en garages.", valid_from=date(2018, 1, 1), by=anouk)
    filled.store(burglary_file({"2018": 27}), by=anouk, as_of=LATER)
    found = queries.series(filled.burglary, area=filled.area)
    assert [value.definition_number for value in found.values] == [1, 1, 1, 1, 1, 2]
    change = queries.change_since(found, first=found.values[0].period, last=found.values[-1].period)
    assert change is not None
    assert change.verdict is ChangeVerdict.NOT_COMPARABLE


def test_analysis_as_known_on_a_day_leaves_later_figures_out(filled: Register) -> None:
    before = analysis_of(filled, known_on=date(2018, 2, 1))
    assert all(not cell.text for row in before.rows for cell in row.cells)


def test_indicators_of_another_edition_come_under_the_mapped_theme(filled: Register) -> None:
    later = Taxonomy.objects.get(code="kernbeleid-2021")
    found = queries.analysis(filled.municipality, taxonomy=later, area=filled.area, first_year=2013, last_year=2017)
    assert {row.code: row.theme for row in found.rows}["woninginbraken"] == "1.3"
    assert len(found.rows) == 5


def test_analysis_takes_a_fixed_number_of_queries(
    filled: Register, django_assert_num_queries: Any, anouk: User
) -> None:
    theme = Theme.objects.get(field__taxonomy=filled.taxonomy, code="1.2")
    with django_assert_num_queries(6):
        analysis_of(filled)
    for number in range(30):
        extra = changes.register_indicator(
            filled.municipality,
            code=f"extra-{number}",
            name_nl=f"Extra {number}",
            name_en=f"Extra {number}",
            theme=theme,
            perspective="objective",
            unit=Unit.COUNT,
            direction=Direction.LOWER_IS_BETTER,
            source=filled.police,
            position=100 + number,
            by=anouk,
        )
        changes.redefine(extra, text_nl="Extra.", valid_from=date(2010, 1, 1), by=anouk)
    rows = "".join(f"Extra {number};{year};{number + 1}\n" for number in range(30) for year in range(2013, 2018))
    filled.store(f"indicator;jaar;aantal\n{rows}", by=anouk)
    with django_assert_num_queries(6):
        assert len(analysis_of(filled).rows) == 35


def test_detail_and_latest_and_export_take_few_queries(filled: Register, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(10):
        assert queries.indicator_detail("woninginbraken", area=filled.area) is not None
    with django_assert_max_num_queries(5):
        newest = queries.latest(filled.municipality, area=filled.area)
    assert {code: value.period.code for code, value in newest.items()} == {
        "woninginbraken": "2017", "te-hard-rijden": "2017", "cijfer-leefbaarheid": "2017",
    }  # fmt: skip
    with django_assert_max_num_queries(6):
        rows = list(queries.export_rows(filled.municipality, area=filled.area))
    assert len(rows) == 9
    assert {row.source for row in rows if row.indicator == "te-hard-rijden"} == {"veiligheidsmonitor"}


def test_file_of_many_lines_is_staged_and_stored_in_few_queries(
    register: Register, anouk: User, django_assert_max_num_queries: Any
) -> None:
    rows = "".join(
        f"Geluidsoverlast;{year}-{month:02};{year - 1990 + month}\n"
        for year in range(1995, 2018)
        for month in range(1, 13)
    )
    with django_assert_max_num_queries(40):
        staged = register.stage(f"indicator;maand;aantal\n{rows}", by=anouk)
    with django_assert_max_num_queries(40):
        changes.take_over(staged, by=anouk)
    assert len(queries.series(register.noise, area=register.area).values) == 276


# The published plan, through the real pipeline: its own CSV is staged, taken over and comes back to the last digit.


def plan_rows(shared: Path) -> list[dict[str, str]]:
    with (shared / "reference" / "dalfsen-2019" / "observations.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def plan(dalfsen: Municipality, anouk: User, shared: Path) -> Iterator[tuple[queries.Analysis, list[dict[str, str]]]]:
    classic = changes.load_reference(by=anouk)[0]
    rows = plan_rows(shared)
    with scope(municipality=dalfsen):
        _register_plan(dalfsen, classic, rows, by=anouk)
        data = (shared / "reference" / "dalfsen-2019" / "observations.csv").read_bytes()
        staged = changes.stage_figures(
            data, municipality=dalfsen, file_name="observations.csv", as_of=date(2018, 11, 1), by=anouk
        )
        assert (staged.new, staged.refused) == (109, 0)
        changes.take_over(staged, by=anouk)
        area = Area.objects.get(code="GM0148")
        with override("nl"):
            found = queries.analysis(dalfsen, taxonomy=classic, area=area, first_year=2013, last_year=2017)
        yield found, rows


def _register_plan(place: Municipality, classic: Taxonomy, rows: list[dict[str, str]], *, by: User) -> None:
    sources = {}
    for code, name, kind in (("politie", "Politie", "registration"), ("vm", "Veiligheidsmonitor", "survey")):
        sources[name] = changes.register_source(
            place, code=code, name_nl=name, name_en=name, label_nl=name, label_en=name, kind=kind, holder=name, by=by
        )
    for year, assumed in (("2013", True), ("2017", False)):
        changes.plan_measurement(
            sources["Veiligheidsmonitor"], period=year, respondents=1244, respondents_are_assumed=assumed, by=by
        )
    themes = {"1": "1.1", "2": "2.1", "3": "3.1", "4": "4.1"}
    for position, name in enumerate(dict.fromkeys(row["indicator_nl"] for row in rows)):
        row = next(row for row in rows if row["indicator_nl"] == name)
        indicator = changes.register_indicator(
            place,
            code=f"i{position:02}",
            name_nl=name,
            name_en=name,
            theme=Theme.objects.get(field__taxonomy=classic, code=themes[row["field"]]),
            perspective="objective" if row["source"] == "Politie" else "subjective",
            unit=Unit(row["unit"]),
            direction=Direction.LOWER_IS_BETTER,
            source=sources[row["source"]],
            position=position,
            table_number=row["table"],
            group_nl=row["theme_group"],
            by=by,
        )
        changes.redefine(indicator, text_nl=name, valid_from=date(2010, 1, 1), by=by)


def _printed(value: str, unit: str) -> str:
    """How the plan prints a value: 61 %, 7,4 and 40."""
    text = value.replace(".", ",")
    return f"{text}\u00a0%" if unit == "percent" else text


@pytest.mark.shared
def test_tables_2_to_5_come_out_to_the_last_digit(plan: tuple[queries.Analysis, list[dict[str, str]]]) -> None:
    found, rows = plan
    printed = {
        (row.table_number, row.name, cell.period): cell.text for row in found.rows for cell in row.cells if cell.text
    }
    wanted = {(r["table"], r["indicator_nl"], r["period"]): _printed(r["value"], r["unit"]) for r in rows}
    assert len(wanted) == 109
    assert printed == wanted
    exact = {(row.name, c.period): c.value.amount for row in found.rows for c in row.cells if c.value}
    assert exact == {(r["indicator_nl"], r["period"]): Decimal(r["value"]) for r in rows}


@pytest.mark.shared
def test_rows_of_the_plan_keep_their_order(plan: tuple[queries.Analysis, list[dict[str, str]]]) -> None:
    found, rows = plan
    names = list(dict.fromkeys(row["indicator_nl"] for row in rows))
    assert [row.name for row in found.rows] == names


@pytest.mark.shared
def test_changes_of_the_plan_get_the_verdicts_that_statistics_give(
    plan: tuple[queries.Analysis, list[dict[str, str]]],
) -> None:
    verdicts = {row.name: row.verdict for row in plan[0].rows}
    no_change, improved = ChangeVerdict.NO_DEMONSTRABLE_CHANGE, ChangeVerdict.IMPROVED
    assert verdicts["Te hard rijden (een beetje tot veel overlast)"] is no_change
    assert verdicts["Overlast omwonenden"] is no_change
    assert verdicts["Slachtofferschap afgelopen 12 maanden"] is improved
    assert verdicts["Overlast van groepen jongeren (komt wel eens voor)"] is improved
    assert verdicts["Geluidsoverlast"] is no_change
