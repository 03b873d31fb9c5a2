"""On which days a table meets: never on a weekend or holiday, never twice, never one too few."""

from datetime import date, timedelta
from itertools import pairwise

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.partners.rhythms import MeetingDay, Rhythm, Unit, meeting_days, same_weekday, working_day

DAYS = st.dates(min_value=date(1996, 1, 1), max_value=date(2060, 12, 31))
RHYTHMS = st.builds(
    Rhythm, unit=st.sampled_from([Unit.WEEKS, Unit.MONTHS, Unit.YEARS]), every=st.integers(1, 12), first_on=DAYS
)


def days(rhythm: Rhythm, first: date, last: date) -> list[date]:
    return [one.day for one in meeting_days(rhythm, first_day=first, last_day=last)]


def test_six_weekly_table_keeps_its_weekday_and_moves_off_a_holiday() -> None:
    rhythm = Rhythm(unit=Unit.WEEKS, every=6, first_on=date(2026, 3, 16))
    found = meeting_days(rhythm, first_day=date(2026, 3, 1), last_day=date(2026, 7, 31))
    assert found == [
        MeetingDay(planned_for=date(2026, 3, 16), day=date(2026, 3, 16)),
        MeetingDay(planned_for=date(2026, 4, 27), day=date(2026, 4, 28), reason="Koningsdag"),
        MeetingDay(planned_for=date(2026, 6, 8), day=date(2026, 6, 8)),
        MeetingDay(planned_for=date(2026, 7, 20), day=date(2026, 7, 20)),
    ]


def test_monthly_table_on_the_second_tuesday_stays_on_the_second_tuesday() -> None:
    rhythm = Rhythm(unit=Unit.MONTHS, first_on=date(2026, 1, 13))
    assert days(rhythm, date(2026, 1, 1), date(2026, 6, 30)) == [
        date(2026, 1, 13), date(2026, 2, 10), date(2026, 3, 10), date(2026, 4, 14), date(2026, 5, 12), date(2026, 6, 9),
    ]  # fmt: skip


def test_fifth_weekday_counts_as_the_last_one_of_the_month() -> None:
    first = date(2026, 1, 29)  # the fifth Thursday
    assert same_weekday(first, months_later=1) == date(2026, 2, 26)
    assert same_weekday(first, months_later=3) == date(2026, 4, 30)


def test_yearly_table_stays_in_its_month() -> None:
    rhythm = Rhythm(unit=Unit.YEARS, first_on=date(2024, 2, 29))
    assert days(rhythm, date(2024, 1, 1), date(2027, 12, 31)) == [
        date(2024, 2, 29), date(2025, 2, 27), date(2026, 2, 26), date(2027, 2, 25),
    ]  # fmt: skip


def test_days_around_christmas_and_easter_wait_for_the_first_working_day() -> None:
    assert working_day(date(2026, 12, 25)) == date(2026, 12, 28)
    assert working_day(date(2026, 4, 3)) == date(2026, 4, 7)
    assert working_day(date(2026, 1, 1)) == date(2026, 1, 2)


def test_school_holidays_move_nothing() -> None:
    assert working_day(date(2026, 8, 3)) == date(2026, 8, 3)


@pytest.mark.parametrize("unit", list(Unit))
def test_table_without_a_first_day_falls_nowhere(unit: Unit) -> None:
    assert meeting_days(Rhythm(unit=unit), first_day=date(2026, 1, 1), last_day=date(2027, 1, 1)) == []


def test_table_on_call_falls_nowhere() -> None:
    rhythm = Rhythm(unit=Unit.ON_CALL, first_on=date(2026, 1, 1))
    assert meeting_days(rhythm, first_day=date(2026, 1, 1), last_day=date(2027, 1, 1)) == []


def test_rhythm_of_less_than_one_is_refused() -> None:
    with pytest.raises(ValueError, match="one or more weeks"):
        Rhythm(unit=Unit.WEEKS, every=0)


def test_last_days_of_the_calendar_do_not_break_it() -> None:
    rhythm = Rhythm(unit=Unit.YEARS, every=12, first_on=date(9990, 1, 4))
    assert days(rhythm, date(9990, 1, 1), date(9999, 12, 31)) == [date(9990, 1, 4)]


@given(rhythm=RHYTHMS, begin=DAYS, length=st.integers(0, 1500))
def test_no_meeting_on_a_weekend_or_holiday_and_always_later_than_the_one_before(
    rhythm: Rhythm, begin: date, length: int
) -> None:
    last = begin + timedelta(days=length)
    found = meeting_days(rhythm, first_day=begin, last_day=last)
    closed = holidays.country_holidays("NL", years=range(begin.year, last.year + 2))
    for one in found:
        assert one.day.weekday() < 5
        assert one.day not in closed
        assert begin <= one.planned_for <= last
        assert one.is_moved == bool(one.reason)
        assert timedelta(0) <= one.day - one.planned_for < timedelta(days=7)
    assert all(one.day < other.day for one, other in pairwise(found))


@given(rhythm=RHYTHMS, begin=DAYS, lengths=st.tuples(st.integers(0, 700), st.integers(1, 700)))
def test_two_periods_after_another_give_what_the_whole_gives(
    rhythm: Rhythm, begin: date, lengths: tuple[int, int]
) -> None:
    middle = begin + timedelta(days=lengths[0])
    last = middle + timedelta(days=lengths[1])
    whole = meeting_days(rhythm, first_day=begin, last_day=last)
    halves = meeting_days(rhythm, first_day=begin, last_day=middle) + meeting_days(
        rhythm, first_day=middle + timedelta(days=1), last_day=last
    )
    assert halves == whole


@pytest.mark.parametrize(("year", "weeks"), [(2026, 53), (2027, 52), (2032, 53), (2020, 53), (2021, 52)])
def test_weekly_table_meets_as_often_as_the_year_has_weeks(year: int, weeks: int) -> None:
    """By the weeks of ISO 8601, each of which has one Thursday; moved days count for the week that they were of."""
    first = date.fromisocalendar(year, 1, 4)
    last = date.fromisocalendar(year, weeks, 7)
    rhythm = Rhythm(unit=Unit.WEEKS, first_on=first)
    found = meeting_days(rhythm, first_day=first, last_day=last)
    assert len(found) == weeks
    assert {one.planned_for.isocalendar().week for one in found} == set(range(1, weeks + 1))


@given(every=st.integers(1, 12), first=DAYS, turns=st.integers(0, 60))
def test_monthly_table_skips_no_month(every: int, first: date, turns: int) -> None:
    rhythm = Rhythm(unit=Unit.MONTHS, every=every, first_on=first)
    last = same_weekday(first, months_later=every * turns)
    found = [one.planned_for for one in meeting_days(rhythm, first_day=first, last_day=last)]
    assert len(found) == turns + 1
    months = [day.year * 12 + day.month for day in found]
    assert months == [months[0] + every * turn for turn in range(turns + 1)]
    assert {day.weekday() for day in found} == {first.weekday()}
