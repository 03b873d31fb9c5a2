"""Cells of a national table become lines: sums, rates, revised finals, and figures that are gone."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.engine.quantities import Certainty, Missing, Unit
from koersvast.indicators import feeding
from koersvast.indicators.feeding import Origin
from koersvast.indicators.feeds import FEEDS, Feed
from koersvast.indicators.matching import Catalogue, Key, Known, Listed
from koersvast.registers.vintages import Cell

PLACE, WIJK, BUURT = "GM9901", "WK990101", "BU99010101"
BURGLARY, VIOLENCE, RATE = FEEDS["woninginbraken"], FEEDS["geweldsdelicten"], FEEDS["bbv-winkeldiefstallen"]
THEN, NOW = date(2025, 4, 16), date(2025, 5, 16)
ORIGIN = Origin(table="47018NED", as_of=NOW, edition=2024)


def cell(
    kind: str,
    amount: float | None,
    *,
    year: int = 2023,
    area: str = PLACE,
    missing: Missing | None = None,
    **more: object,
) -> Cell:
    if amount is None and missing is None:
        missing = Missing.NOT_KNOWN
    said = {"certainty": Certainty.FINAL, "low": None, "high": None, "vintage": 2, **more}
    return Cell(area=area, kind=kind, period=str(year), measure="registered", amount=amount, missing=missing, **said)  # type: ignore[arg-type] # as given


def violent(**changed: float | None) -> list[Cell]:
    counts: dict[str, float | None] = dict.fromkeys(VIOLENCE.kinds, 10.0)
    counts |= {key.replace("_", "."): value for key, value in changed.items()}
    return [cell(kind, amount) for kind, amount in counts.items()]


def catalogue(*feeds: Feed) -> Catalogue:
    listed = tuple(
        Listed(
            code=feed.indicator,
            names=(feed.indicator,),
            unit=feed.unit,
            source=feed.source,
            definitions=((1, date(2000, 1, 1)),),
        )
        for feed in feeds
    )
    sources = {feed.source: feed.source for feed in feeds}
    return Catalogue(
        indicators=listed,
        sources=sources,
        areas={area.lower(): area for area in (PLACE, WIJK, BUURT)},
        own_area=PLACE,
    )


def key(year: int, area: str = PLACE) -> Key:
    return Key(indicator=BURGLARY.indicator, definition=1, source=BURGLARY.source, area=area, period=str(year))


def known(amount: int, *, certainty: Certainty = Certainty.FINAL, as_of: date = THEN) -> list[Known]:
    return [Known(amount=Decimal(amount), missing=None, certainty=certainty, as_of=as_of)]


def staged(
    cells: list[Cell], held: dict[Key, list[Known]], *, areas: frozenset[str] = frozenset({PLACE})
) -> feeding.Staged:
    figures = feeding.figures_of(BURGLARY, cells, {})
    lines = feeding.lines_of(figures, catalogue(BURGLARY), ORIGIN)
    return feeding.stage(lines, held, origin=ORIGIN, usual={}, areas_now=areas)


# --- one figure from its cells


def test_declared_sum_adds_its_kinds() -> None:
    [found] = feeding.figures_of(VIOLENCE, violent(), {})
    assert (found.amount, found.missing, found.certainty) == (Decimal(60), None, Certainty.FINAL)


def test_sum_with_a_kind_that_is_unknown_is_unknown() -> None:
    [found] = feeding.figures_of(VIOLENCE, violent(**{"1_4_6": None}), {})
    assert (found.amount, found.missing) == (None, Missing.NOT_KNOWN)


def test_sum_with_a_kind_that_is_not_there_is_unknown_and_not_smaller() -> None:
    [found] = feeding.figures_of(VIOLENCE, violent()[:-1], {})
    assert (found.amount, found.missing) == (None, Missing.NOT_KNOWN)


def test_sum_with_a_kind_that_is_secret_is_withheld() -> None:
    cells = [*violent()[:-1], cell("1.4.7", None, missing=Missing.WITHHELD)]
    assert feeding.figures_of(VIOLENCE, cells, {})[0].missing is Missing.WITHHELD


def test_sum_with_a_provisional_kind_is_provisional() -> None:
    cells = [*violent()[:-1], cell("1.4.7", 10, certainty=Certainty.PROVISIONAL)]
    assert feeding.figures_of(VIOLENCE, cells, {})[0].certainty is Certainty.PROVISIONAL


def test_rate_is_the_count_over_the_inhabitants_of_that_year() -> None:
    cells = [cell("2.5.2", 57, year=2022), cell("2.5.2", 57, year=2023)]
    found = feeding.figures_of(RATE, cells, {(PLACE, "2022"): 28_500.0})
    assert [(one.period, one.amount, one.missing) for one in found] == [
        ("2022", Decimal(2), None),
        ("2023", None, Missing.NOT_KNOWN),
    ]
    assert RATE.unit is Unit.PER_1000


@given(st.lists(st.one_of(st.none(), st.integers(0, 10_000)), min_size=6, max_size=6))
def test_sum_is_a_number_only_when_every_kind_is_and_then_the_whole(counts: list[int | None]) -> None:
    cells = [cell(kind, amount) for kind, amount in zip(VIOLENCE.kinds, counts, strict=True)]
    [found] = feeding.figures_of(VIOLENCE, cells, {})
    present = [count for count in counts if count is not None]
    whole = len(present) == len(counts)
    assert found.amount == (Decimal(sum(present)) if whole else None)
    assert (found.missing is None) == whole


# --- what a line would do


def test_line_carries_the_borders_and_the_inhabitants() -> None:
    figures = feeding.figures_of(BURGLARY, [cell("1.1.1", 40)], {(PLACE, "2023"): 28_500.0})
    [line] = feeding.lines_of(figures, catalogue(BURGLARY), ORIGIN)
    assert (line.edition, line.exposure, line.amount, line.line) == (2024, 28_500.0, Decimal(40), None)
    assert (line.key, line.refusal) == (key(2023), None)


def test_final_that_replaces_a_final_is_revised() -> None:
    [line] = staged([cell("1.1.1", 43)], {key(2023): known(40)}).lines
    assert (line.outcome, line.certainty) == ("changed", Certainty.REVISED)


def test_final_that_replaces_a_provisional_is_final() -> None:
    [line] = staged([cell("1.1.1", 43)], {key(2023): known(40, certainty=Certainty.PROVISIONAL)}).lines
    assert (line.outcome, line.certainty) == ("changed", Certainty.FINAL)


def test_revised_that_is_given_again_says_the_same() -> None:
    [line] = staged([cell("1.1.1", 43)], {key(2023): known(43, certainty=Certainty.REVISED)}).lines
    assert line.outcome == "same"


def test_ordinary_revision_does_not_wait() -> None:
    found = staged([cell("1.1.1", 43), cell("1.1.1", 30, year=2022)], {key(2023): known(40), key(2022): known(30)})
    assert found.waits_because == ()


def test_provisional_after_final_waits() -> None:
    found = staged([cell("1.1.1", 43, certainty=Certainty.PROVISIONAL)], {key(2023): known(40)})
    assert [one.code for one in found.waits_because] == ["W05"]


def test_most_figures_changed_waits() -> None:
    years = range(2015, 2024)
    found = staged([cell("1.1.1", 43, year=year) for year in years], {key(year): known(40) for year in years})
    assert "W03" in [one.code for one in found.waits_because]


def test_figure_in_the_middle_that_is_gone_is_withdrawn_with_its_reason() -> None:
    cells = [cell("1.1.1", 40, year=2021), cell("1.1.1", 40, year=2023)]
    found = staged(cells, {key(year): known(40) for year in (2021, 2022, 2023)})
    gone = [line for line in found.lines if line.outcome == "withdrawn"]
    assert [(line.period, line.missing, line.warnings[0].code) for line in gone] == [("2022", Missing.NOT_KNOWN, "W12")]
    assert [one.code for one in found.waits_because] == ["W17"]


def test_area_that_is_not_on_the_new_borders_says_so() -> None:
    cells = [cell("1.1.1", 4, area=BUURT)]
    held = {key(2023, BUURT): known(4), key(2023, "BU99010109"): known(3)}
    found = staged(cells, held, areas=frozenset({PLACE, BUURT}))
    [gone] = [line for line in found.lines if line.outcome == "withdrawn"]
    assert (gone.key and gone.key.area, gone.warnings[0].code) == ("BU99010109", "W13")


@pytest.mark.parametrize("year", [2015, 2024])
def test_year_that_a_vintage_does_not_cover_is_not_gone(year: int) -> None:
    cells = [cell("1.1.1", 40, year=2021), cell("1.1.1", 40, year=2022)]
    held = {key(2021): known(40), key(2022): known(40), key(year): known(7)}
    assert [line.outcome for line in staged(cells, held).lines] == ["same", "same"]


def test_level_that_a_file_does_not_hold_is_not_gone() -> None:
    held = {key(2023): known(40), key(2023, BUURT): known(4)}
    assert [line.outcome for line in staged([cell("1.1.1", 40)], held).lines] == ["same"]


def test_figure_that_is_not_known_already_is_not_withdrawn_again() -> None:
    nothing = [Known(amount=None, missing=Missing.NOT_KNOWN, certainty=Certainty.FINAL, as_of=THEN)]
    held = {key(2021): known(40), key(2022): nothing, key(2023): known(40)}
    cells = [cell("1.1.1", 40, year=2021), cell("1.1.1", 40, year=2023)]
    assert [line.outcome for line in staged(cells, held).lines] == ["same", "same"]


def test_published_interval_comes_along_and_no_respondents_are_asked_for() -> None:
    feed = FEEDS["vm-onveilig-buurt"]
    cells = [cell("", 14.2, low=12.0, high=16.4)]
    figures = feeding.figures_of(feed, cells, {})
    [line] = feeding.lines_of(figures, catalogue(feed), Origin(table="85146NED", as_of=NOW, edition=None))
    assert (line.amount, line.low, line.high, line.decimals) == (Decimal("14.2"), 12.0, 16.4, 1)
    assert line.warnings == ()
