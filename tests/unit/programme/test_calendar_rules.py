"""The rules of the calendar: days by law, leap days, how near a moment is, and what silences it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.programme.calendar import (
    Fact,
    Level,
    Mark,
    election_day,
    level_of,
    moments,
    next_election,
    next_yearly,
    rules,
    unjudged_years,
    yearly_facts,
    years_later,
)

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 12, 31))
TERM = date(2020, 12, 31)


@pytest.mark.parametrize("day", [date(2018, 3, 21), date(2022, 3, 16), date(2026, 3, 18), date(2030, 3, 20)])
def test_election_day_follows_from_the_day_of_the_candidates(day: date) -> None:
    assert election_day(day.year) == day
    assert next_election(day) == day
    assert next_election(day + timedelta(days=1)) == election_day(day.year + 4)


def test_year_without_elections_is_refused() -> None:
    with pytest.raises(ValueError, match="2027"):
        election_day(2027)


def test_leap_day_comes_back_on_the_28th() -> None:
    assert years_later(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert years_later(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert next_yearly(date(2024, 2, 29), today=date(2027, 12, 1)) == date(2028, 2, 29)


@given(first=DAYS, today=DAYS)
def test_yearly_moment_comes_within_a_year_and_never_before_its_first_time(first: date, today: date) -> None:
    found = next_yearly(first, today=today)
    assert found >= max(first, today)
    assert found == first or (found - today).days <= 366


@given(today=DAYS)
def test_moments_of_the_law_are_never_late(today: date) -> None:
    found = moments(yearly_facts(today), marks={}, today=today)
    assert [one.rule.code for one in found if one.level is Level.LATE] == []
    assert len(found) == 3


@given(due=DAYS, days=st.integers(min_value=-800, max_value=800))
def test_level_never_gets_less_urgent_as_the_day_comes_nearer(due: date, days: int) -> None:
    order = list(Level)
    now, tomorrow = (level_of(due, today=due + timedelta(days=days + more)) for more in (0, 1))
    assert order.index(tomorrow) <= order.index(now)


@pytest.mark.parametrize(
    ("today", "level", "warns"),
    [
        (date(2019, 6, 1), Level.LATER, False),
        (date(2020, 1, 15), Level.YEAR, True),
        (date(2020, 10, 15), Level.QUARTER, True),
        (date(2020, 12, 31), Level.MONTH, True),
        (date(2026, 11, 24), Level.LATE, True),
    ],
)
def test_programme_warns_from_a_year_ahead_and_when_it_lapsed(today: date, level: Level, warns: bool) -> None:
    (found,) = moments([term()], marks={}, today=today)
    assert (found.level, found.warns) == (level, warns)


def test_known_moment_stays_without_a_warning_and_done_is_gone() -> None:
    today = date(2026, 11, 24)
    (known,) = moments([term()], marks={("programme_term", "programme:1"): Mark(state="known")}, today=today)
    assert (known.level, known.warns) == (Level.LATE, False)
    assert moments([term()], marks={("programme_term", "programme:1"): Mark(state="done")}, today=today) == []


def test_what_lapses_is_over_after_its_day() -> None:
    assert moments([Fact(rule="election", occurrence="2020", due_on=TERM)], marks={}, today=date(2021, 1, 1)) == []


def test_goal_of_a_year_without_a_measurement_cannot_be_judged_in_time() -> None:
    assert unjudged_years({2019, 2022}, {2019, 2023}) == [2022]


def test_every_rule_can_be_said_in_both_languages() -> None:
    for rule in rules().values():
        for text in (rule.title_nl, rule.title_en, rule.why_nl, rule.why_en, rule.todo_nl, rule.todo_en):
            assert text.format(name="Naam", year=2027)
        assert rule.warns in {"year", "quarter", "month"}
        assert rule.source


def term() -> Fact:
    return Fact(rule="programme_term", occurrence="programme:1", due_on=TERM, name="Programma")
