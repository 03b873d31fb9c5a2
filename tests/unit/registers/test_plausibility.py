"""A delivery that cannot be true is held back with its reason; one that can be true is not."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from koersvast.connectors.statline import Slice
from koersvast.engine.quantities import Reason
from koersvast.registers.plausibility import REASONS, Severity, is_serious, reason
from koersvast.registers.store import NoBecause
from koersvast.registers.vintages import Vintage
from tests.unit.registers.invented import KINDS, TODAY, YEARS, Cells, Kept, Service, changed, smooth, years

TABLE = "47018NED"
NEXT = "2026-03-14T02:00:00"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A store with one good vintage; each test adds one delivery, and none of them may push the good one aside."""
    kept = Kept(tmp_path_factory.mktemp("held"))
    assert kept.load(Service()).state == "accepted"
    return kept


def codes(vintage: Vintage) -> set[str]:
    return {found.code for found in vintage.reasons}


def held_back(vintage: Vintage) -> set[str]:
    return {found.code for found in vintage.reasons if is_serious(found)}


def times(cells: Cells, factor: int, *, kinds: tuple[str, ...] = KINDS, areas: tuple[str, ...] = ()) -> Cells:
    return {
        key: cast(int, value) * factor if key[0] in kinds and (not areas or key[1] in areas) else value
        for key, value in cells.items()
    }


def _of_kind(cells: Cells, exchange: dict[str, str]) -> Cells:
    return {(exchange.get(kind, kind), area, period): value for (kind, area, period), value in cells.items()}


def _of_period(cells: Cells, moved: Callable[[str], str]) -> Cells:
    return {(kind, area, moved(period)): value for (kind, area, period), value in cells.items()}


def _earlier(period: str) -> str:
    return f"{int(period[:4]) + 1}JJ00"


WRONG: dict[str, tuple[Callable[[Cells], Cells], str]] = {
    "a thousand times as much": (lambda cells: times(cells, 1000), "scaled"),
    "ten times as much in one kind": (lambda cells: times(cells, 10, kinds=("2.2.1",)), "scaled"),
    "a hundred times as much in one year": (
        lambda cells: {k: cast(int, v) * (100 if k[2] == "2022JJ00" else 1) for k, v in cells.items()},
        "scaled",
    ),
    "three times as much": (lambda cells: times(cells, 3), "jumped"),
    "codes of two kinds exchanged": (
        lambda cells: _of_kind(cells, {"1.1.1": "2.2.1", "2.2.1": "1.1.1"}),
        "kinds_exchanged",
    ),
    "one town ten times as much": (lambda cells: times(cells, 10, areas=("GM9003",)), "area_jumped"),
    "a year missing in between": (
        lambda cells: {k: v for k, v in cells.items() if k[2] != "2019JJ00"},
        "period_vanished",
    ),
    "a kind that is gone": (lambda cells: {k: v for k, v in cells.items() if k[0] != "1.2.1"}, "kind_vanished"),
    "a town that is gone": (lambda cells: {k: v for k, v in cells.items() if k[1] != "GM9002"}, "fewer_areas"),
    "negative counts": (lambda cells: times(cells, -1, kinds=("1.4.4",)), "negative_amounts"),
    "nothing but noughts": (lambda cells: dict.fromkeys(cells, 0), "all_zero"),
    "nothing but blanks": (dict.fromkeys, "no_numbers"),
    "blanks in a fifth of the cells": (
        lambda cells: {k: None if n % 5 == 0 else v for n, (k, v) in enumerate(cells.items())},
        "fewer_numbers",
    ),
    "kinds that are more than their total": (lambda cells: times(cells, 2, kinds=("2.2.1",)), "kinds_over_total"),
    "buurten that are more than their municipality": (
        lambda cells: times(cells, 4, areas=("BU90010101", "BU90010102")),
        "parts_over_municipality",
    ),
    "a country that is not its municipalities": (lambda cells: times(cells, 2, areas=("NL00",)), "country_differs"),
}


@pytest.mark.parametrize("wrong", WRONG, ids=[name.replace(" ", "_") for name in WRONG])
def test_wrong_delivery_is_held_back_with_its_reason_and_the_good_one_stays(held: Kept, wrong: str) -> None:
    spoil, code = WRONG[wrong]
    cells = spoil(smooth(years()))
    # A number that a test spoiled would be withheld or not measured yet: leave those as they were.
    vintage = held.load(changed(Service(), cells=cells, modified=NEXT))
    assert vintage.state == "quarantined"
    assert code in held_back(vintage)
    latest = held.store.latest(TABLE)
    assert latest
    assert latest.number == 1
    [cell] = held.store.cells(TABLE, areas=["GM9001"], kinds=["1.1.1"], measure="registered", periods=["2019"])
    assert (cell.vintage, cell.amount) == (1, cast(float, smooth(years())["1.1.1", "GM9001", "2019JJ00"]))


def test_last_years_file_under_this_years_name_is_held_back(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    until = [year for year in YEARS if year < 2025]
    kept.load(Service(periods=years(*until)))
    moved = _of_period(smooth(years(*until)), _earlier)
    vintage = kept.load(changed(Service(), periods=years(*range(2016, 2026)), cells=moved, modified=NEXT))
    assert held_back(vintage) >= {"periods_moved", "period_vanished"}


def test_new_year_that_repeats_the_year_before_is_held_back(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    until = [year for year in YEARS if year < 2025]
    kept.load(Service(periods=years(*until)))
    cells = smooth(years(*until))
    cells |= {(kind, area, "2025JJ00"): value for (kind, area, period), value in cells.items() if period == "2024JJ00"}
    vintage = kept.load(changed(Service(), cells=cells, modified=NEXT))
    assert "period_repeats" in held_back(vintage)


def test_older_file_of_the_same_source_is_held_back(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.load(Service())
    kept.load(changed(Service(), cells=smooth(years()) | {("1.1.1", "GM9001", "2025JJ00"): 112}, modified=NEXT))
    again = kept.load(changed(Service(), modified="2025-01-01T02:00:00"))
    assert held_back(again) >= {"older_than_held", "same_as_earlier_vintage"}


def test_period_in_the_future_is_held_back(tmp_path: Path) -> None:
    vintage = Kept(tmp_path).load(Service(periods=years(*YEARS, 2026, 2027)))
    assert [dict(found.values)["period"] for found in vintage.reasons if found.code == "future_period"] == ["2027"]


def test_row_that_comes_twice_is_held_back_because_then_another_may_be_lost(tmp_path: Path) -> None:
    vintage = Kept(tmp_path).load_file("47018NED", "dubbel.csv", FILE + "1.1.1;GM9001;2024;31;definitief\n")
    assert held_back(vintage) == {"cells_twice"}
    other = Kept(tmp_path).load_file("47018NED", "anders.csv", FILE + "1.1.1;GM9001;2024;99;definitief\n")
    assert held_back(other) == {"cells_twice_different"}


def test_first_delivery_is_held_against_itself(tmp_path: Path) -> None:
    cells = {key: cast(int, value) * (1000 if key[2] == "2025JJ00" else 1) for key, value in smooth(years()).items()}
    vintage = Kept(tmp_path).load(changed(Service(), cells=cells))
    assert held_back(vintage) == {"period_out_of_line"}


def test_one_kind_that_grows_steeply_is_told_and_let_through(tmp_path: Path) -> None:
    cells = smooth(years())
    for area in {key[1] for key in cells}:
        for year in (2024, 2025):
            cells["1.4.5", area, f"{year}JJ00"] = cast(int, cells["1.4.5", area, f"{year}JJ00"]) * 12
            cells["0.0.0", area, f"{year}JJ00"] = cast(int, cells["0.0.0", area, f"{year}JJ00"]) * 3
    vintage = Kept(tmp_path).load(changed(Service(), cells=cells))
    assert (vintage.state, codes(vintage)) == ("accepted", {"kind_out_of_line"})


def test_two_kinds_that_stood_still_in_one_year_are_told_and_let_through(tmp_path: Path) -> None:
    cells = smooth(years())
    for key in [key for key in cells if key[0] in {"1.4.5", "1.4.4"} and key[2] == "2020JJ00"]:
        cells[key] = 0
    vintage = Kept(tmp_path).load(changed(Service(), cells=cells))
    found = [dict(one.values) for one in vintage.reasons if one.code == "kind_out_of_line"]
    assert (vintage.state, {one["kind"] for one in found}) == ("accepted", {"1.4.4", "1.4.5"})
    assert {one["period"] for one in found} == {"2020"}


def test_ordinary_revision_with_a_new_year_is_accepted_without_a_word(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.load(Service(periods=years(*[year for year in YEARS if year < 2025])))
    cells = {key: cast(int, value) + (number % 7 == 0) for number, (key, value) in enumerate(smooth(years()).items())}
    vintage = kept.load(changed(Service(), cells=cells, modified=NEXT))
    assert (vintage.state, codes(vintage)) == ("accepted", set())


def test_person_accepts_after_reading_and_says_why(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.load(Service())
    wrong = kept.load(changed(Service(), cells=times(smooth(years()), 3), modified=NEXT), on=date(2026, 4, 1))
    with pytest.raises(NoBecause):
        kept.store.accept(wrong, because="  ")
    accepted = kept.store.accept(wrong, because="De politie telt voortaan anders; zie haar bericht.")
    assert (accepted.state, accepted.reasons) == ("accepted", wrong.reasons)
    latest, earlier = kept.store.latest(TABLE), kept.store.latest(TABLE, known_on=TODAY)
    assert latest
    assert (latest.number, latest.accepted_because[:10]) == (2, "De politie")
    assert earlier
    assert earlier.number == 1


def test_part_of_a_table_is_held_against_the_whole_of_before(held: Kept) -> None:
    cells = times(smooth(years()), 10, areas=("GM9001",))
    vintage = held.load(changed(Service(), cells=cells, modified=NEXT), wanted=Slice(areas=("GM9001",)))
    assert "scaled" in held_back(vintage)


FILE = "SoortMisdrijf;gemeentecode;jaar;GeregistreerdeMisdrijven;status\n" + "".join(
    f"1.1.1;GM9001;{year};{year - 1993};definitief\n" for year in range(2015, 2025)
)


def test_file_with_a_hole_between_its_years_is_held_back(tmp_path: Path) -> None:
    holed = "".join(line for line in FILE.splitlines(keepends=True) if ";2019;" not in line)
    vintage = Kept(tmp_path).load_file("47018NED", "gat.csv", holed)
    assert [(found.code, dict(found.values)) for found in vintage.reasons] == [
        ("period_gap", {"after": "2018", "before": "2020"})
    ]


def test_every_reason_has_a_weight_and_its_values_are_checked() -> None:
    assert {kind.severity for kind in REASONS.values()} == set(Severity)
    with pytest.raises(TypeError):
        reason("all_zero", measure="registered")
    assert isinstance(reason("all_zero", measure="registered", count=3), Reason)
