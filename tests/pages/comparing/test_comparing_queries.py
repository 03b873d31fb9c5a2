"""Comparisons, months and maps of the practice country, against its own files read in another way."""

import csv
import io
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from koersvast.access.models import Municipality, User
from koersvast.connectors.captures import capture_files
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.engine.benchmark import PlaceVerdict
from koersvast.engine.seasonal import Signal
from koersvast.indicators.changes import phases
from koersvast.indicators.models import Indicator
from koersvast.indicators.queries import comparing, mapping, months, national
from koersvast.indicators.queries.comparing import Comparison, GroupKind, NoComparison, Question
from koersvast.indicators.queries.mapping import AreaMap, MapMeasure, MapQuestion
from koersvast.indicators.queries.months import MonthlyPicture
from koersvast.reference.models import Area, BorderChange, Borders
from koersvast.registers.store import RegisterStore
from tests import practice
from tests.pages.comparing.conftest import Home

pytestmark = pytest.mark.django_db
TOWN, MERGED, GONE = practice.CODE, "GM9924", "GM9926"


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")), delimiter=";"))


def counted(home: Home, *, area: str, kinds: tuple[str, ...], year: str) -> int:
    """The events of an area in a year, straight from the file."""
    found = rows(home.files / "47018NED.csv")
    return sum(
        int(row["GeregistreerdeMisdrijven_1"])
        for row in found
        if row["WijkenEnBuurten"] == area and row["SoortMisdrijf"] in kinds and row["Perioden"] == f"{year}JJ00"
    )


def lived(home: Home, area: str, year: str) -> float:
    """The average inhabitants of a year, or those of 1 January where there is no average."""
    row = next(r for r in rows(home.files / "70072ned.csv") if (r["RegioS"], r["Perioden"]) == (area, f"{year}JJ00"))
    return float(row["GemiddeldAantalInwoners_2"] or row["TotaleBevolking_1"])


def indicator(code: str = "woninginbraken") -> Indicator:
    return Indicator.objects.get(code=code)


def town() -> Area:
    return Area.objects.get(code=TOWN)


def compared(code: str = "woninginbraken", **asked: Any) -> Comparison:
    found = comparing.compare(indicator(code), area=town(), question=Question(**asked))
    assert isinstance(found, Comparison)
    return found


def test_own_rate_is_that_of_the_files(lindelo: Municipality, home: Home) -> None:
    found = compared(period="2022")
    events, inhabitants = counted(home, area=TOWN, kinds=("1.1.1",), year="2022"), lived(home, TOWN, "2022")
    assert (found.own.events, found.own.inhabitants) == (events, inhabitants)
    own = found.chosen.result.own_rate
    assert own is not None
    assert own.rate == pytest.approx(1000 * events / inhabitants)
    assert own.low < own.rate < own.high


def test_group_is_counted_without_the_own_municipality(lindelo: Municipality, home: Home) -> None:
    found = compared(period="2021", group="basisteam")
    others = ("GM9902", "GM9903", "GM9904")
    assert found.chosen.group.members == others
    events = sum(counted(home, area=code, kinds=("1.1.1",), year="2021") for code in others)
    people = sum(lived(home, code, "2021") for code in others)
    rate = found.chosen.result.others_rate
    assert rate is not None
    assert rate.rate == pytest.approx(1000 * events / people)
    assert found.chosen.result.ratio == pytest.approx(
        (found.own.events or 0) / (found.own.inhabitants or 1) / (events / people)
    )


def test_every_group_of_the_practice_country_is_there_with_its_verdict(lindelo: Municipality) -> None:
    found = compared()
    sizes = {one.group.kind: len(one.group.members) for one in found.against}
    assert sizes[GroupKind.PEERS] == 10
    assert sizes[GroupKind.PROVINCE] == 7
    assert sizes[GroupKind.COUNTRY] == 24
    assert all(TOWN not in one.group.members for one in found.against)
    assert all(one.result.verdict in set(PlaceVerdict) for one in found.against)
    assert found.period.code == "2025"
    assert found.is_provisional


def test_row_is_in_order_and_holds_every_municipality_of_the_group(lindelo: Municipality) -> None:
    found = compared(group="country")
    rates = [place.rate for place in found.ranked]
    assert rates == sorted(rates)
    assert len(rates) + len(found.left_out) == 25
    own = [place for place in found.ranked if place.own]
    assert [place.code for place in own] == [TOWN]
    assert found.rank.rank == found.ranked.index(own[0]) + 1
    assert found.rank.low is not None
    assert found.rank.low <= found.rank.rank <= (found.rank.high or 0)


def test_comparable_municipalities_follow_the_criteria_that_were_asked(lindelo: Municipality) -> None:
    by_size = compared(criteria=("inhabitants",), count=5)
    assert [criterion.name for criterion in by_size.peers.criteria] == ["inhabitants"]
    people = {place.code: place.inhabitants for place in compared(group="country").ranked}
    own = people.pop(TOWN)
    nearest = sorted(people, key=lambda code: abs(people[code] / own - 1))[:3]
    assert set(nearest) <= {peer.code for peer in by_size.peers.peers}
    assert len(by_size.peers.peers) == 5


def test_inhabitants_before_a_merger_are_those_of_both_parts(lindelo: Municipality, home: Home) -> None:
    found = compared(period="2019", group="country")
    merged = next(place for place in found.ranked if place.code == MERGED)
    assert merged.inhabitants == pytest.approx(lived(home, MERGED, "2019") + lived(home, GONE, "2019"))
    assert merged.events == counted(home, area=MERGED, kinds=("1.1.1",), year="2019")
    after = next(place for place in compared(period="2022", group="country").ranked if place.code == MERGED)
    assert after.inhabitants == lived(home, MERGED, "2022")


def test_municipality_whose_parts_cannot_be_added_up_is_left_out_with_the_reason(lindelo: Municipality) -> None:
    BorderChange.objects.filter(from_code=GONE).update(kind=BorderChange.Kind.SPLIT)
    found = compared(period="2019", group="country")
    assert MERGED not in {place.code for place in found.ranked}
    reasons = {one.code: one.reason.code for one in found.left_out}
    assert reasons == {MERGED: "borders_differ"}
    assert not compared(period="2022", group="country").left_out


def test_sum_of_kinds_is_added_up_and_counts_only_when_whole(lindelo: Municipality, home: Home) -> None:
    kinds = ("1.4.2", "1.4.3", "1.4.4", "1.4.5", "1.4.6", "1.4.7")
    found = compared("geweldsdelicten", period="2020")
    assert found.own.events == counted(home, area=TOWN, kinds=kinds, year="2020")
    absent = national.column("47018NED", measure="registered", kinds=(*kinds, "9.9.9"), store=home.store)
    assert absent is not None
    assert absent.amount(TOWN, "2020") is None
    assert absent.missing(TOWN, "2020") is not None


@pytest.fixture
def two_vintages(lindelo: Municipality, home: Home, tmp_path: Path, settings: Any) -> RegisterStore:
    """A copy of the registers with a second delivery of the yearly table, in which one figure was revised."""
    folder = tmp_path / "registers"
    shutil.copytree(home.registers, folder)
    text = (home.files / "47018NED.csv").read_text(encoding="utf-8")
    old = next(line for line in text.splitlines() if line.startswith(f"1.1.1;{TOWN};2023JJ00;"))
    new = f"{old.rpartition(';')[0]};{int(old.rpartition(';')[2]) + 3}"
    total = next(line for line in text.splitlines() if line.startswith(f"0.0.0;{TOWN};2023JJ00;"))
    text = text.replace(total, f"{total.rpartition(';')[0]};{int(total.rpartition(';')[2]) + 3}")
    store = RegisterStore(folder, SnapshotStore(home.snapshots))
    capture = capture_files(
        [("47018NED.csv", text.replace(old, new).encode())],
        snapshots=store.snapshots,
        taken_from="practice register",
        fetched_at=practice.moment(date(2026, 5, 15)),
        licence="CC0",
        holder="Oefenregister",
        title="",
        table="47018NED",
    )
    assert store.load(capture, on=date(2026, 5, 15)).is_usable
    settings.REGISTERS = folder
    return store


def test_figure_as_known_on_a_day_is_that_of_the_vintage_of_then(two_vintages: RegisterStore, home: Home) -> None:
    before = counted(home, area=TOWN, kinds=("1.1.1",), year="2023")
    now, then = compared(period="2023"), compared(period="2023", known_on=date(2026, 3, 1))
    assert (now.own.events, then.own.events) == (before + 3, before)
    assert (now.figures.vintage, then.figures.vintage) == (2, 1)
    assert then.figures.as_of == practice.AS_OF


def test_nothing_was_known_before_the_first_vintage(lindelo: Municipality) -> None:
    found = comparing.compare(indicator(), area=town(), question=Question(known_on=date(2020, 1, 1)))
    assert isinstance(found, NoComparison)
    assert found.reason.code == "no_vintage"


@pytest.mark.parametrize("wrong", [{"period": "1899"}, {"group": "moon"}, {"criteria": ("shoe-size",)}, {"count": 0}])
def test_question_that_cannot_be_is_answered_as_usual(lindelo: Municipality, wrong: dict[str, Any]) -> None:
    found = compared(**wrong)
    assert found.period.code == "2025"
    assert len(found.peers.peers) >= 3


def test_comparison_takes_as_many_queries_for_one_year_as_for_another_and_reads_a_column_once(
    lindelo: Municipality,
) -> None:
    first = compared()
    numbers = []
    for period, group in (("2025", "peers"), ("2015", "country")):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            again = compared(period=period, group=group)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] <= 45
    assert again.figures is first.figures


def test_line_of_a_group_is_of_the_same_municipalities_every_year(lindelo: Municipality, home: Home) -> None:
    whole = compared(group="country")
    assert [course.left_out for course in whole.course] == [0, 0]
    BorderChange.objects.filter(from_code=GONE).update(kind=BorderChange.Kind.SPLIT)
    without = compared(group="country")
    assert [course.left_out for course in without.course] == [0, 1]
    years = [reading.period.code for reading in without.course[1].readings]
    assert years == [str(year) for year in range(2014, 2026)]
    last = {course.kind: course.readings[-1].value for course in whole.course}
    less = last["country"] - without.course[1].readings[-1].value
    assert less == counted(home, area=MERGED, kinds=("1.1.1",), year="2025")


@pytest.fixture
def whole_country(lindelo: Municipality, home: Home, tmp_path: Path, settings: Any) -> int:
    """A register with every municipality of 2025, three years of one kind: numbers that need not be likely."""
    codes = [TOWN, *Area.objects.filter(kind="municipality", valid_until=None).values_list("code", flat=True)]
    wanted = [code for code in dict.fromkeys(codes) if code < "GM9900" or code == TOWN]
    lines = {
        "47018NED": ["SoortMisdrijf;WijkenEnBuurten;Perioden;GeregistreerdeMisdrijven_1"],
        "70072ned": ["RegioS;Perioden;TotaleBevolking_1;GemiddeldAantalInwoners_2"],
    }
    for at, code in enumerate(wanted):
        for year in (2023, 2024, 2025):
            lines["47018NED"].append(f"1.1.1;{code};{year}JJ00;{20 + (at * 7 + year) % 60}")
            lines["70072ned"].append(f"{code};{year}JJ00;{9000 + 611 * at};{9000 + 611 * at + year % 9}.5")
    settings.REGISTERS = tmp_path / "registers"
    store = RegisterStore(settings.REGISTERS, SnapshotStore(home.snapshots))
    for table, rows_of_table in lines.items():
        capture = capture_files(
            [(f"{table}.csv", "\n".join(rows_of_table).encode())],
            snapshots=store.snapshots,
            taken_from="test",
            fetched_at=practice.moment(practice.AS_OF),
            licence="CC0",
            holder="",
            title="",
            table=table,
        )
        vintage = store.load(capture, on=practice.AS_OF)
        if not vintage.is_usable:
            store.accept(vintage, because="made up on purpose")
    return len(wanted)


def test_whole_country_takes_no_more_queries_than_a_small_one(whole_country: int) -> None:
    with CaptureQueriesContext(connection) as asked:
        found = compared(group="country")
    assert len(found.ranked) == whole_country > 330
    assert len(asked) <= 45


# ── Months ───────────────────────────────────────────────────────────────────────────────────────────────────────


def monthly(code: str = "vernielingen") -> MonthlyPicture:
    found = months.monthly(indicator(code), area=town())
    assert isinstance(found, MonthlyPicture)
    return found


def test_months_are_those_of_the_file_and_the_rise_calls_for_attention(lindelo: Municipality, home: Home) -> None:
    found = monthly()
    mine = {
        f"{row['Perioden'][:4]}-{row['Perioden'][6:]}": int(row["GeregistreerdeMisdrijven_1"])
        for row in rows(home.files / "47022NED.csv")
        if (row["WijkenEnBuurten"], row["SoortMisdrijf"]) == (TOWN, "2.2.1")
    }
    assert {point.period.code: point.value for point in found.chart.points} == mine
    beyond = [point.period.code for point in found.chart.signals if Signal.BEYOND_THREE in point.signals]
    assert beyond
    assert min(beyond) >= "2023-05"
    assert found.population is not None


def test_new_phase_gives_the_months_after_it_a_level_of_their_own(lindelo: Municipality, officer: User) -> None:
    before = {point.period.code: point.expected for point in monthly().chart.points}
    phases.rebase(indicator("vernielingen"), area_code=TOWN, starts="2023-05", reason="Nieuw meldpunt", by=officer)
    found = monthly()
    after = {point.period.code: point.expected for point in found.chart.points}
    assert after["2023-04"] == before["2023-04"]
    assert (after["2025-12"] or 0) > 1.3 * (before["2025-12"] or 0)
    assert [(one.starts, one.reason, one.by) for one in found.phases] == [("2023-05", "Nieuw meldpunt", "Ineke")]
    assert not [point for point in found.chart.signals if point.period.code >= "2023-05"]


def test_phase_of_another_indicator_changes_nothing_here(lindelo: Municipality, officer: User) -> None:
    phases.rebase(indicator("woninginbraken"), area_code=TOWN, starts="2023-05", reason="Elders", by=officer)
    assert not monthly().phases


# ── Map ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def mapped(**asked: Any) -> AreaMap:
    found = mapping.area_map(indicator("vernielingen"), area=town(), question=MapQuestion(**asked))
    assert isinstance(found, AreaMap)
    return found


def test_neighbourhoods_add_up_to_the_municipality_and_all_have_a_shape(lindelo: Municipality, home: Home) -> None:
    found = mapped(period="2024")
    assert len(found.areas) == 22
    assert sum(one.events or 0 for one in found.areas) == counted(home, area=TOWN, kinds=("2.2.1",), year="2024")
    assert {one.code for one in found.shapes} == {one.code for one in found.areas}
    assert all(one.name and one.name != one.code for one in found.areas)


def test_small_neighbourhoods_keep_their_number_and_get_no_rate(lindelo: Municipality) -> None:
    found = mapped()
    small = {one.code: one for one in found.areas if one.hidden}
    assert {"BU99010106", "BU99010407", "BU99010408"} <= set(small)
    assert small["BU99010408"].hidden is not None
    assert small["BU99010408"].hidden.code == "no_inhabitants"
    assert all(one.value is None and one.events is not None for one in small.values())
    shown = [one for one in found.areas if not one.hidden]
    assert all(one.low is not None and one.value is not None and one.low < one.value for one in shown)


def test_smoothed_rate_lies_between_the_own_rate_and_the_mean(lindelo: Municipality) -> None:
    found = mapped()
    mean = found.areas[0].smoothed.towards_per_1000 or 0
    for one in found.areas:
        if not one.hidden and one.rate is not None and one.value is not None:
            assert min(one.rate.rate, mean) - 1e-9 <= one.value <= max(one.rate.rate, mean) + 1e-9


def test_four_wijken_are_too_few_to_smooth_so_their_rates_are_shown_and_that_is_said(lindelo: Municipality) -> None:
    found = mapped(level="wijk")
    assert found.measure is MapMeasure.RATE
    assert "too_few_places_to_shrink" in {reason.code for reason in found.reasons}
    assert len([one for one in found.areas if one.value is not None]) == 4


def test_map_without_borders_is_a_table(lindelo: Municipality) -> None:
    Borders.objects.all().delete()
    found = mapped(measure="count")
    assert found.shapes == ()
    assert all(one.value == one.events for one in found.areas)
