"""Everything that can be odd about a file has one defined outcome, with a sentence that says what to do."""

import io
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
from django.utils.translation import override

from koersvast.access.models import User
from koersvast.indicators import changes, queries
from koersvast.indicators.matching import Line
from koersvast.indicators.models import Delivery, Observation
from koersvast.indicators.wording import worded
from tests.figures import LATER, Register, amounts, burglary_file

pytestmark = pytest.mark.django_db
HEAD = "indicator;jaar;waarde;eenheid\n"


def said(line: Line) -> str:
    """The Dutch sentence of a refused line."""
    assert line.refusal is not None
    with override("nl"):
        return worded(line.refusal.code, line.refusal.values, line=line.line, column=line.column).sentence


def noted(delivery: Delivery) -> set[str]:
    return {found["code"] for found in delivery.staged["problems"]} | {code for code, _ in delivery.staged["remarks"]}


REFUSED = {
    "wrong unit": (
        "Te hard rijden;2017;61;aantal\n",
        "I03",
        "Regel 2, kolom C: Het bestand geeft dit cijfer in de eenheid aantal, maar in het register staat procent.",
    ),
    "unknown unit": ("Te hard rijden;2017;61;furlong\n", "F46", "“furlong” is geen bekende eenheid."),
    "unknown indicator": ("Straatroof;2017;3;aantal\n", "I01", "De indicator “Straatroof” staat niet in het register."),
    "misspelt indicator": ("Te hart rijden;2017;61;%\n", "I01", "Bedoelt u te-hard-rijden?"),
    "impossible year": ("Geluidsoverlast;1207;82;aantal\n", "F43", "Het jaar 1207 kan niet kloppen"),
    "year ahead": ("Geluidsoverlast;2031;82;aantal\n", "F43", "verwacht worden cijfers van 1990 tot en met 2018"),
    "no year": ("Geluidsoverlast;najaar;82;aantal\n", "F42", "“najaar” is geen periode."),
    "percentage above 100": ("Te hard rijden;2017;161;%\n", "F69", "161 procent kan niet"),
    "percentage above 100 without unit": ("Te hard rijden;2017;161;\n", "I08", "“161” kan niet in de eenheid procent"),
    "half a burglary": ("Diefstal/inbraak woning;2017;40,5;\n", "I09", "“40,5” is geen heel getal"),
    "negative count": ("Diefstal/inbraak woning;2017;-4;aantal\n", "F70", "-4 is lager dan nul"),
    "mark of eleven": ("Rapportcijfer leefbaarheid;2017;11;rapportcijfer\n", "F72", "11 is geen rapportcijfer"),
    "words": ("Geluidsoverlast;2017;veel;aantal\n", "F60", "“veel” is geen getal: er staan woorden in."),
    "ambiguous thousands": (
        "Winkeldiefstal per 1.000;2017;1.244;\n",
        "F61",
        "op twee manieren te lezen: 1244 of 1,244",
    ),
    "two values": (
        "Geluidsoverlast;2017;82;aantal\nGeluidsoverlast;2017;83;aantal\n",
        "F81",
        "Geluidsoverlast in 2017 heeft in regel 3 een ander cijfer: 83.",
    ),
    "two values under two names": (
        "Geluidsoverlast;2017;82;aantal\ngeluidsoverlast;2017;83;aantal\n",
        "F81",
        "heeft in regel 3 een ander cijfer: 83.",
    ),
    "two values by name and code": (
        "Te hard rijden;2017;61;%\nte-hard-rijden;2017;62;%\n",
        "I11",
        "Voor hetzelfde cijfer in 2017 zegt regel 2 iets anders.",
    ),
}


@pytest.mark.parametrize(("rows", "code", "sentence"), REFUSED.values(), ids=REFUSED)
def test_line_is_refused_with_a_code_and_a_sentence(
    register: Register, anouk: User, rows: str, code: str, sentence: str
) -> None:
    staged = register.stage(HEAD + rows, by=anouk)
    first = queries.staged_lines(staged, outcome="refused").lines[0]
    assert first.refusal is not None
    assert first.refusal.code == code
    assert sentence in said(first)
    with pytest.raises(changes.HasRefusedLines):
        changes.take_over(staged, by=anouk)
    assert Observation.objects.count() == 0


NOISE = f"{HEAD}Geluidsoverlast;2017;82;aantal\n"
READ: dict[str, tuple[str | bytes, str, str, str]] = {
    "decimal comma": (f"{HEAD}Rapportcijfer leefbaarheid;2017;7,8;\n", "cijfer-leefbaarheid", "7.8", ""),
    "decimal nought": (f"{HEAD}Rapportcijfer leefbaarheid;2017;7,0;\n", "cijfer-leefbaarheid", "7", ""),
    "thousands point": (f"{HEAD}Geluidsoverlast;2017;1.244;aantal\n", "geluidsoverlast", "1244", "F62"),
    "semicolons": (NOISE, "geluidsoverlast", "82", ""),
    "commas": ("indicator,jaar,waarde\nRapportcijfer leefbaarheid,2017,7.8\n", "cijfer-leefbaarheid", "7.8", ""),
    "byte order mark": (f"\ufeff{NOISE}", "geluidsoverlast", "82", ""),
    "cp1252": (f"{HEAD[:-1]};noot\nGeluidsoverlast;2017;82;;café\n".encode("cp1252"), "geluidsoverlast", "82", "F20"),
    "percent sign": (f"{HEAD}Te hard rijden;2017;61 %;\n", "te-hard-rijden", "61", ""),
    "capitals and spaces": (f"{HEAD}  TE HARD  RIJDEN ;2017;61;%\n", "te-hard-rijden", "61", ""),
    "space after a slash": (f"{HEAD}Diefstal/ inbraak woning;2017;40;\n", "woninginbraken", "40", ""),
    "code of the indicator": (f"{HEAD}te-hard-rijden;2017;61;%\n", "te-hard-rijden", "61", ""),
}


@pytest.mark.parametrize(("data", "indicator", "amount", "note"), READ.values(), ids=READ)
def test_figure_is_read(
    register: Register, anouk: User, data: str | bytes, indicator: str, amount: str, note: str
) -> None:
    delivery = register.store(data, by=anouk)
    [observation] = Observation.objects.all()
    assert (observation.indicator.code, f"{observation.amount:f}".rstrip("0").rstrip(".")) == (indicator, amount)
    assert not note or note in noted(delivery)


MISSING = {"n.b.": "not_known", "": "not_known", "-": "not_known", "x": "withheld", "n.v.t.": "not_measured"}


@pytest.mark.parametrize(("text", "reason"), MISSING.items(), ids=lambda text: text or "empty")
def test_absent_figure_is_kept_with_its_reason_and_never_as_nought(
    register: Register, anouk: User, text: str, reason: str
) -> None:
    register.store(f"{HEAD}Geluidsoverlast;2017;{text};aantal\nGeluidsoverlast;2016;76;aantal\n", by=anouk)
    value = queries.series(register.noise, area=register.area).value("2017")
    assert value is not None
    assert (value.amount, value.missing) == (None, reason)
    assert [reading.period.code for reading in queries.series(register.noise, area=register.area).readings] == ["2016"]


def test_star_makes_a_figure_provisional_until_it_becomes_final(register: Register, anouk: User) -> None:
    register.store(f"{HEAD}Geluidsoverlast;2017;82*;aantal\n", by=anouk)
    [reading] = queries.series(register.noise, area=register.area).readings
    assert reading.provisional
    final = register.stage(f"{HEAD}Geluidsoverlast;2017;82;aantal\n", by=anouk, as_of=LATER)
    assert (final.new, final.revised) == (0, 1)
    changes.take_over(final, by=anouk)
    [reading] = queries.series(register.noise, area=register.area).readings
    assert not reading.provisional


def workbook(fill: Callable[[openpyxl.worksheet.worksheet.Worksheet], None]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, openpyxl.worksheet.worksheet.Worksheet)
    fill(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_formula_without_result_is_refused(register: Register, anouk: User) -> None:
    def fill(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        sheet.append(["indicator", "jaar", "waarde"])
        sheet.append(["Geluidsoverlast", 2017, "=80+2"])

    [line] = queries.staged_lines(register.stage(workbook(fill), by=anouk, file_name="a.xlsx")).lines
    assert line.refusal is not None
    assert (line.refusal.code, line.line, line.column) == ("F65", 2, "C")


def test_figure_in_merged_cells_is_refused_and_a_merged_heading_is_not(register: Register, anouk: User) -> None:
    def fill(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        sheet.append(["indicator", "jaar", "waarde"])
        sheet.append(["Geluidsoverlast", 2016, 76])
        sheet.append(["Geluidsoverlast", 2017, None])
        sheet.merge_cells("C2:C3")

    staged = register.stage(workbook(fill), by=anouk, file_name="a.xlsx")
    assert [line.refusal.code for line in queries.staged_lines(staged, outcome="refused").lines if line.refusal] == [
        "F68"
    ]
    assert "F21" in noted(staged)


def test_wide_workbook_as_the_plan_prints_it_is_read(register: Register, anouk: User) -> None:
    def fill(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        sheet.append(["Indicator", "bron", 2014, 2015, 2016, 2017, 2013, 2017])
        sheet.append(["Diefstal/ inbraak woning", "Politie", 71, 46, 76, 40, 125, 40])
        sheet.append(["Te hard rijden", "Veiligheidsmonitor", None, None, None, None, 0.63, 0.61])
        for cell in sheet[3][6:8]:
            cell.number_format = "0%"

    register.store(workbook(fill), by=anouk, file_name="tabel 2.xlsx")
    assert amounts(queries.series(register.burglary, area=register.area)) == {
        "2013": 125, "2014": 71, "2015": 46, "2016": 76, "2017": 40,
    }  # fmt: skip
    assert amounts(queries.series(register.speeding, area=register.area)) == {"2013": 63, "2017": 61}


def test_years_become_next_years_columns_of_a_remembered_file(register: Register, anouk: User) -> None:
    first = register.stage(
        "Indicator;bron;2016;2017\nGeluidsoverlast;Politie;76;82\n", by=anouk, ask_unknown_headers=True
    )
    mapping = changes.mapping_of(first)
    assert mapping is not None
    changes.take_over(changes.map_columns(first, mapping=mapping, remember_as="Politielijst", by=anouk), by=anouk)
    following = register.stage(
        "Indicator;bron;2016;2017;2018\nGeluidsoverlast;Politie;76;82;70\n",
        by=anouk,
        as_of=LATER,
        ask_unknown_headers=True,
    )
    assert following.staged["mapping_origin"] == "remembered"
    assert (following.new, following.same) == (1, 2)


def test_thousandfold_figure_is_taken_with_a_warning(register: Register, anouk: User) -> None:
    register.store(burglary_file(), by=anouk)
    staged = register.stage(burglary_file({"2018": 27000}), by=anouk, as_of=LATER)
    [line] = queries.staged_lines(staged).lines
    [warning] = line.warnings
    with override("nl"):
        text = worded(warning.code, warning.values).text
    assert text.startswith("Dit cijfer is 380 keer zo groot als wat in deze reeks gebruikelijk is (ongeveer 71")


def test_file_of_another_place_that_changes_most_figures_is_noticed(register: Register, anouk: User) -> None:
    register.store(burglary_file(), by=anouk)
    shifted = register.stage(
        burglary_file({"2013": 12, "2014": 7, "2015": 4, "2016": 9, "2017": 3}), by=anouk, as_of=LATER
    )
    assert (shifted.revised, noted(shifted)) == (5, {"W03", "W02"})


def test_source_of_the_line_makes_a_series_of_its_own(register: Register, anouk: User) -> None:
    register.store(burglary_file({"2013": 125}), by=anouk)
    text = "indicator;jaar;aantal;bron\nDiefstal/inbraak woning;2013;98;Politie (gepubliceerd)\n"
    register.store(text, by=anouk, as_of=LATER)
    found = queries.indicator_detail("woninginbraken", area=register.area)
    assert found is not None
    assert {one.source: amounts(one) for one in found.series} == {
        "politie": {"2013": 125},
        "politie-47018ned": {"2013": 98},
    }
    [(period, values)] = found.disagreements
    assert (period, [str(value.amount) for value in values]) == ("2013", ["125.000000", "98.000000"])


def test_line_of_another_source_than_the_chosen_one_is_refused(register: Register, anouk: User) -> None:
    text = "indicator;jaar;waarde;bron\nTe hard rijden;2017;61;Veiligheidsmonitor\n"
    [line] = queries.staged_lines(register.stage(text, by=anouk, source=register.police)).lines
    assert line.refusal is not None
    assert line.refusal.code == "I05"


def test_margin_and_respondents_of_the_file_travel_along(register: Register, anouk: User) -> None:
    text = "indicator;jaar;waarde;eenheid;marge;respondenten\nTe hard rijden;2019;72,3;%;1,9;812\n"
    register.store(text, by=anouk, as_of=date(2020, 3, 1))
    value = queries.series(register.speeding, area=register.area).value("2019")
    assert value is not None
    assert value.margin is not None
    assert (round(value.margin.low, 1), round(value.margin.high, 1), value.margin.method.name) == (
        70.4, 74.2, "published-margin",
    )  # fmt: skip
    assert value.respondents == 812


def test_survey_figure_without_respondents_is_taken_with_a_warning(register: Register, anouk: User) -> None:
    staged = register.stage(f"{HEAD}Te hard rijden;2015;60;%\n", by=anouk)
    [line] = queries.staged_lines(staged).lines
    assert [one.code for one in line.warnings] == ["W08"]
    changes.take_over(staged, by=anouk)
    value = queries.series(register.speeding, area=register.area).value("2015")
    assert value is not None
    assert (value.margin, value.no_margin_because) == (None, "no_respondents")
