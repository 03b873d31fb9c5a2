"""The margins of a survey come out of the pages that were fetched, and say so when they cannot."""

from pathlib import Path

import pytest

from koersvast.connectors.statline import Slice
from koersvast.engine.quantities import Reason
from koersvast.registers.codes import Level
from koersvast.registers.population import ADULTS, AgeGroup, PopulationMargin, population_margin
from tests.unit.registers.invented import TODAY, Kept
from tests.unit.registers.test_register_dimensions import OtherService

_WANTED = Slice(areas=("GM9001",), years=(2023,))


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def _people(sex: str, age: int) -> int:
    """Invented: fewer of the old, and some more women."""
    return max(0, 210 - 2 * age) + (7 if sex == "4000" else 0)


def municipality(
    *, oldest: int = 105, marital: bool = True, total: int | None = None, only_totals: bool = False
) -> OtherService:
    """03759ned for one municipality: single ages to `oldest`, beside the ages in fives that must not be counted."""
    sexes = {"T001038": "Totaal mannen en vrouwen", "3000": "Mannen", "4000": "Vrouwen"}
    ages = {"10000": "Totaal", "70100": "0 tot 5 jaar", "22000": "95 jaar of ouder", "22300": "105 jaar of ouder"}
    ages |= {str(10000 + 10 * (age + 1)): f"{age} jaar" for age in range(105)}
    counts: dict[tuple[str, str], int] = {}
    for sex in ("3000", "4000"):
        for age in range(oldest):
            counts[sex, str(10000 + 10 * (age + 1))] = _people(sex, age)
        counts[sex, "70100"] = sum(_people(sex, age) for age in range(5))
        counts[sex, "22000"] = sum(_people(sex, age) for age in range(95, 105)) + 3
        if oldest == 105:
            counts[sex, "22300"] = 3
        counts[sex, "10000"] = sum(_people(sex, age) for age in range(95)) + counts[sex, "22000"]
    everybody = counts["3000", "10000"] + counts["4000", "10000"]
    counts["T001038", "10000"] = everybody if total is None else total
    if only_totals:
        counts = {("T001038", "10000"): counts["T001038", "10000"]}
    states = {"T001019": "Totaal burgerlijke staat"} | ({"1010": "Ongehuwd"} if marital else {})
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
            "BurgerlijkeStaat": states,
            "RegioS": {"GM9001": "Rivierdal"},
            "Perioden": {"2023JJ00": "2023"},
        },
        lines=[
            {
                "Geslacht": sex,
                "Leeftijd": age,
                "BurgerlijkeStaat": state,
                "RegioS": "GM9001",
                "Perioden": "2023JJ00",
                "BevolkingOp1Januari_1": str(count if state == "T001019" else count // 3),
                "GemiddeldeBevolking_2": str(count + 1),
            }
            for (sex, age), count in counts.items()
            for state in states
        ],
    )


def _codes(margin: PopulationMargin) -> list[str]:
    return [reason.code for reason in margin.reasons]


def _expected(sex: str, group: AgeGroup) -> int:
    ages = range(group.first, 105 if group.last is None else group.last + 1)
    return sum(_people(sex, age) for age in ages) + (3 if group.last is None else 0)


@pytest.mark.parametrize("oldest", [95, 105])
def test_sexes_by_age_are_summed_from_single_ages_up_to_the_oldest_that_the_year_has(kept: Kept, oldest: int) -> None:
    vintage = kept.load(municipality(oldest=oldest), wanted=_WANTED)
    found = population_margin(kept.store, "GM9001", 2023, by="sex_age")
    assert found.counts == {
        (name, group.code): _expected(sex, group)
        for sex, name in (("3000", "man"), ("4000", "woman"))
        for group in ADULTS
    }
    assert (found.table, found.vintage, found.as_of, found.edition_year) == ("03759ned", vintage.number, TODAY, 2023)
    assert found.is_known
    assert found.reasons == ()


def test_sex_and_age_apart_are_the_sums_of_both_together(kept: Kept) -> None:
    kept.load(municipality(), wanted=_WANTED)
    both = population_margin(kept.store, "GM9001", 2023, by="sex_age").counts
    for by, place in (("sex", 0), ("age", 1)):
        counts = population_margin(kept.store, "GM9001", 2023, by=by).counts  # type: ignore[arg-type]
        for category, count in counts.items():
            assert count == sum(part or 0 for of, part in both.items() if of[place] == category[0])
    # The register itself still has everybody, and nothing else.
    [cell] = kept.store.cells("03759ned", areas=["GM9001"], measure="inhabitants")
    assert cell.amount == sum(_expected(sex, AgeGroup(first=0)) for sex in ("3000", "4000"))


def test_totals_alone_give_no_margin_but_the_reason(kept: Kept) -> None:
    kept.load(municipality(only_totals=True), wanted=_WANTED)
    found = population_margin(kept.store, "GM9001", 2023, by="age")
    assert (found.counts, _codes(found), found.is_known) == ({}, ["parts_not_fetched"], False)


@pytest.mark.parametrize(("area", "year"), [("GM9002", 2023), ("GM9001", 2020)])
def test_area_or_year_that_was_not_fetched_gives_the_reason(kept: Kept, area: str, year: int) -> None:
    kept.load(municipality(), wanted=_WANTED)
    assert _codes(population_margin(kept.store, area, year, by="sex")) == ["population_not_loaded"]


def test_parts_that_do_not_add_up_to_everybody_are_told(kept: Kept) -> None:
    kept.load(municipality(total=30_000), wanted=_WANTED)
    found = population_margin(kept.store, "GM9001", 2023, by="sex")
    assert _codes(found) == ["parts_differ_from_total"]
    assert found.reasons[0].values["total"] == 30_000


def test_group_that_ends_beyond_the_single_ages_is_not_known(kept: Kept) -> None:
    kept.load(municipality(oldest=95), wanted=_WANTED)
    groups = [AgeGroup(first=18, last=99), AgeGroup(first=100)]
    found = population_margin(kept.store, "GM9001", 2023, by="age", groups=groups)
    assert found.counts == {("18-99",): None, ("100+",): None}
    assert found.reasons[0] == Reason(code="count_not_known", values={"category": "18-99"})


def neighbourhoods() -> OtherService:
    columns = {
        "WijkenEnBuurten": ("Wijken en buurten", "Dimension"),
        "AantalInwoners_5": ("Aantal inwoners", "Topic"),
        "Mannen_6": ("Mannen", "Topic"),
        "Vrouwen_7": ("Vrouwen", "Topic"),
        "k_0Tot15Jaar_8": ("0 tot 15 jaar", "Topic"),
        "k_15Tot25Jaar_9": ("15 tot 25 jaar", "Topic"),
        "k_25Tot45Jaar_10": ("25 tot 45 jaar", "Topic"),
        "k_45Tot65Jaar_11": ("45 tot 65 jaar", "Topic"),
        "k_65JaarOfOuder_12": ("65 jaar of ouder", "Topic"),
        "Bevolkingsdichtheid_33": ("Bevolkingsdichtheid", "Topic"),
    }
    lines = {
        "NL00": (2100, 1050, 1050, 300, 250, 550, 600, 400, 500),
        "GM9001": (2100, 1050, 1050, 300, 250, 550, 600, 400, 500),
        "WK900101": (1500, 745, 755, 200, 180, 400, 420, 300, 600),
        "WK900102": (600, 305, 295, 100, 70, 150, 180, 100, 300),
        "BU90010101": (1500, 745, 755, 200, 180, 400, 420, 300, 600),
    }
    measures = list(columns)[1:]
    return OtherService(
        table="85984NED",
        columns=columns,
        members={"WijkenEnBuurten": {code: f"Verzonnen {code}" for code in lines}},
        lines=[
            {"WijkenEnBuurten": code, **dict(zip(measures, map(str, counts), strict=True))}
            for code, counts in lines.items()
        ],
    )


def test_wijk_has_sexes_and_the_ages_of_the_key_figures(kept: Kept) -> None:
    kept.load(neighbourhoods())
    sexes = population_margin(kept.store, "WK900101", 2024, by="sex")
    assert sexes.counts == {("man",): 745, ("woman",): 755}
    assert (sexes.table, sexes.edition_year, _codes(sexes)) == ("85984NED", 2024, ["rounded_to_five"])
    groups = [AgeGroup(first=15, last=44), AgeGroup(first=45, last=64), AgeGroup(first=65)]
    ages = population_margin(kept.store, "WK900101", 2024, by="age", groups=groups)
    assert ages.counts == {("15-44",): 580, ("45-64",): 420, ("65+",): 300}


@pytest.mark.parametrize(("by", "code"), [("age", "ages_not_divisible"), ("sex_age", "not_divided_by")])
def test_wijk_cannot_be_divided_finer_than_its_key_figures(kept: Kept, by: str, code: str) -> None:
    kept.load(neighbourhoods())
    found = population_margin(kept.store, "WK900101", 2024, by=by)  # type: ignore[arg-type]
    assert (found.counts, _codes(found)) == ({}, [code])


def test_municipality_is_divided_by_its_wijken_or_buurten(kept: Kept) -> None:
    kept.load(neighbourhoods())
    wijken = population_margin(kept.store, "GM9001", 2024, by="area")
    assert wijken.counts == {("WK900101",): 1500, ("WK900102",): 600}
    buurten = population_margin(kept.store, "GM9001", 2024, by="area", parts=Level.BUURT)
    assert buurten.counts == {("BU90010101",): 1500}
    assert _codes(population_margin(kept.store, "GM9001", 2019, by="area")) == ["year_not_in_table"]
    assert _codes(population_margin(kept.store, "GM9002", 2024, by="area")) == ["population_not_loaded"]
