"""Tables with more to them than area, kind and period: margins of a survey, and the sexes and ages of a population."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from koersvast.engine.quantities import Missing
from koersvast.registers.source import CaptureUnreadable
from tests.unit.registers.invented import Kept, Service

type Line = dict[str, str | None]


@dataclass
class OtherService(Service):
    """A table with dimensions and measures of its own: `columns` (key to title and role), `members`, `lines`."""

    columns: dict[str, tuple[str, str]] = field(default_factory=dict)
    members: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        return None

    def _metadata(self) -> dict[str, list[dict[str, Any]]]:
        info = {"ID": 0, "Title": "Verzonnen", "Identifier": self.table, "Modified": self.modified, "Period": "2023"}
        columns = [
            {"ID": number, "Type": role, "Key": key, "Title": title, "Datatype": "Double", "Decimals": 1,
             "Default": "Missing", "Unit": "x"}
            for number, (key, (title, role)) in enumerate(self.columns.items())
        ]  # fmt: skip
        lists = {
            key: [{"Key": code, "Title": title, "Status": "Definitief"} for code, title in members.items()]
            for key, members in self.members.items()
        }
        return {"TableInfos": [info], "DataProperties": columns, **lists}

    def _asked(self, _question: str) -> list[Any]:
        return [(number, line) for number, line in enumerate(self.lines)]

    def _row(self, number: int, _key: Any, value: Any) -> dict[str, Any]:
        return {"ID": number, **value}


def survey(margins: dict[str, str], values: dict[str, str]) -> OtherService:
    return OtherService(
        table="85146NED",
        columns={
            "Marges": ("Marges", "Dimension"),
            "RegioS": ("Regio's", "GeoDimension"),
            "Perioden": ("Perioden", "TimeDimension"),
            "EenOfMeerVormenVanOverlast_1": ("Een of meer vormen van overlast", "Topic"),
            "VoeltZichWeleensOnveilig_2": ("Voelt zich weleens onveilig", "Topic"),
        },
        members={"Marges": margins, "RegioS": {"GM9001": "Rivierdal"}, "Perioden": {"2023JJ00": "2023"}},
        lines=[
            {
                "Marges": key,
                "RegioS": "GM9001",
                "Perioden": "2023JJ00",
                "EenOfMeerVormenVanOverlast_1": value,
                "VoeltZichWeleensOnveilig_2": None,
            }
            for key, value in values.items()
        ],
    )


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


@pytest.mark.parametrize(
    "margins",
    [
        {"MW00000": "Waarde", "MOG0095": "Ondergrens 95%-interval", "MBG0095": "Bovengrens 95%-interval"},
        {"A000001": "Waarde", "A000002": "Ondergrens", "A000003": "Bovengrens"},
    ],
    ids=["by_key", "by_title"],
)
def test_margin_rows_become_bounds_of_one_cell(kept: Kept, margins: dict[str, str]) -> None:
    vintage = kept.load(survey(margins, dict(zip(margins, ("41.5", "38.0", "45.0"), strict=True))))
    assert vintage.state == "accepted"
    [cell] = kept.store.cells("85146NED", areas=["GM9001"], measure="nuisance_total")
    assert (cell.amount, cell.low, cell.high, cell.kind) == (41.5, 38.0, 45.0, "")
    [unsafe] = kept.store.cells("85146NED", areas=["GM9001"], measure="VoeltZichWeleensOnveilig")
    assert (unsafe.amount, unsafe.missing) == (None, Missing.NOT_KNOWN)


@pytest.mark.parametrize("title", ["Betrouwbaarheidsmarge", "95%-betrouwbaarheidsmarge van de waarde"])
def test_half_width_of_a_margin_becomes_both_bounds(kept: Kept, title: str) -> None:
    vintage = kept.load(survey({"A1": "Waarde", "A2": title}, {"A1": "72.3", "A2": "19.2"}))
    assert vintage.state == "accepted"
    assert "margin_not_listed" not in {reason.code for reason in vintage.reasons}
    [cell] = kept.store.cells("85146NED", areas=["GM9001"], measure="nuisance_total")
    assert cell.amount == 72.3
    assert cell.low == pytest.approx(53.1)
    assert cell.high == pytest.approx(91.5)


@pytest.mark.parametrize("titles", [("Betrouwbaarheidsmarge",), ("Ondergrens", "Bovengrens")])
def test_margin_beside_a_withheld_value_does_not_give_it_away(kept: Kept, titles: tuple[str, ...]) -> None:
    margins = {"A1": "Waarde"} | {f"A{number}": title for number, title in enumerate(titles, start=2)}
    vintage = kept.load(survey(margins, dict.fromkeys(margins, "19.2") | {"A1": "."}))
    kept.store.accept(vintage, because="Alleen dit ene cijfer is er.")
    [cell] = kept.store.cells("85146NED", areas=["GM9001"], measure="nuisance_total")
    assert (cell.amount, cell.missing, cell.low, cell.high) == (None, Missing.WITHHELD, None, None)


@pytest.mark.parametrize("values", [("41.5", "42.0", "45.0"), ("41.5", "38.0", "41.0")], ids=["low", "high"])
def test_value_outside_its_own_margin_is_held_back(kept: Kept, values: tuple[str, str, str]) -> None:
    margins = {"MW00000": "Waarde", "MOG0095": "Ondergrens", "MBG0095": "Bovengrens"}
    vintage = kept.load(survey(margins, dict(zip(margins, values, strict=True))))
    assert vintage.state == "quarantined"
    assert "value_outside_margin" in {reason.code for reason in vintage.reasons}


def population(total: str) -> OtherService:
    sexes, ages = {"T001038": total, "3000": "Mannen"}, {"10000": "Totaal", "10010": "0 jaar"}
    marital = {"T001019": "Totaal burgerlijke staat"}
    return OtherService(
        table="03759ned",
        columns={
            "Geslacht": ("Geslacht", "Dimension"),
            "Leeftijd": ("Leeftijd", "Dimension"),
            "BurgerlijkeStaat": ("Burgerlijke staat", "Dimension"),
            "RegioS": ("Regio's", "GeoDimension"),
            "Perioden": ("Perioden", "TimeDimension"),
            "BevolkingOp1Januari_1": ("Bevolking op 1 januari", "Topic"),
            "GemiddeldeBevolking_2": ("Gemiddelde bevolking", "Topic"),
        },
        members={
            "Geslacht": sexes,
            "Leeftijd": ages,
            "BurgerlijkeStaat": marital,
            "RegioS": {"GM9001": "Rivierdal"},
            "Perioden": {"2023JJ00": "2023"},
        },
        lines=[
            {
                "Geslacht": sex,
                "Leeftijd": age,
                "BurgerlijkeStaat": "T001019",
                "RegioS": "GM9001",
                "Perioden": "2023JJ00",
                "BevolkingOp1Januari_1": str(28_000 if (sex, age) == ("T001038", "10000") else 7),
                "GemiddeldeBevolking_2": str(28_100 if (sex, age) == ("T001038", "10000") else 7),
            }
            for sex in sexes
            for age in ages
        ],
    )


def test_only_everybody_is_read_from_a_population_by_sex_and_age(kept: Kept) -> None:
    vintage = kept.load(population("Totaal mannen en vrouwen"))
    assert (vintage.rows, vintage.state, vintage.edition_year) == (2, "accepted", None)
    for measure, people in (("inhabitants", 28_000), ("inhabitants_average", 28_100)):
        [cell] = kept.store.cells("03759ned", areas=["GM9001"], measure=measure)
        assert (cell.amount, cell.period) == (people, "2023")


def test_table_without_a_member_for_everybody_is_refused(kept: Kept) -> None:
    with pytest.raises(CaptureUnreadable) as refused:
        kept.load(population("Mannen en vrouwen"))
    assert dict(refused.value.reason.values) == {"table": "03759ned", "dimension": "Geslacht"}


def test_survey_file_keeps_every_question_under_its_own_key(kept: Kept) -> None:
    text = "Marges;RegioS;Perioden;VoeltZichWeleensOnveilig_8\nMW00000;GM9001;2023JJ00;33,1\n"
    kept.load_file("85146NED", "vm.csv", text)
    [cell] = kept.store.cells("85146NED", areas=["GM9001"], measure="VoeltZichWeleensOnveilig")
    assert cell.amount == pytest.approx(33.1)
