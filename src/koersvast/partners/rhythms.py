"""On which days a consultation falls: its rhythm, moved off weekends and public holidays.

A rhythm in months or years keeps the weekday: the second Tuesday stays the second Tuesday (docs/decisions/0032).
School holidays move nothing: they differ by region, and many tables meet in them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import count, takewhile

import holidays

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
SATURDAY = 5


class Unit(StrEnum):
    """What a rhythm counts in. Without one, a table meets when somebody calls it."""

    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    ON_CALL = "on_call"


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """Every `every` weeks, months or years, counted from `first_on`; without that day nothing falls anywhere."""

    unit: Unit
    every: int = 1
    first_on: date | None = None

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ValueError(f"A rhythm is every one or more {self.unit.value}, not {self.every}.")


@dataclass(frozen=True, kw_only=True)
class MeetingDay:
    """`planned_for` is the day of the rhythm, `day` the working day; they differ when `reason` says why.

    `reason` is empty, "weekend", or the Dutch name of the holiday on which the day of the rhythm fell.
    """

    planned_for: date
    day: date
    reason: str = ""

    @property
    def is_moved(self) -> bool:
        return self.day != self.planned_for


def meeting_days(rhythm: Rhythm, *, first_day: date, last_day: date) -> list[MeetingDay]:
    """The days whose day of the rhythm lies from `first_day` up to and including `last_day`, in order."""
    within = takewhile(lambda day: day <= last_day, _days_of(rhythm))
    return [_placed(day) for day in within if day >= first_day]


def _placed(day: date) -> MeetingDay:
    return MeetingDay(planned_for=day, day=working_day(day), reason=closed_by(day))


def working_day(day: date) -> date:
    """`day` itself, or the first day after it that is no weekend and no public holiday."""
    while closed_by(day):
        day += DAY
    return day


def closed_by(day: date) -> str:
    """Why nobody meets on `day`: the Dutch name of the holiday, "weekend", or nothing."""
    return _holidays(day.year).get(day) or ("weekend" if day.weekday() >= SATURDAY else "")


@cache
def _holidays(year: int) -> Mapping[date, str]:
    """The public holidays of the Netherlands in one year, with their Dutch names."""
    return dict(holidays.country_holidays("NL", years=year, language="nl"))


def _days_of(rhythm: Rhythm) -> Iterator[date]:
    """The days of the rhythm without end, before anything is moved."""
    first = rhythm.first_on
    if first is None or rhythm.unit is Unit.ON_CALL:
        return iter(())
    if rhythm.unit is Unit.WEEKS:
        return (first + WEEK * rhythm.every * turn for turn in _turns(first, 7 * rhythm.every))
    months = rhythm.every * (12 if rhythm.unit is Unit.YEARS else 1)
    return (same_weekday(first, months_later=months * turn) for turn in _turns(first, 36 * months))


def _turns(first: date, days_each: int) -> Iterator[int]:
    """0, 1, 2 …, as long as a turn of at most so many days still is a date that exists."""
    longest = (date.max - first).days // days_each
    return takewhile(lambda turn: turn <= longest, count())


def same_weekday(first: date, *, months_later: int) -> date:
    """The same weekday of the month, so many months later: the second Tuesday for a second Tuesday.

    The fifth of a weekday counts as the last one, since most months have no fifth.
    """
    total = first.year * 12 + first.month - 1 + months_later
    begin = date(total // 12, total % 12 + 1, 1)
    which = (first.day - 1) // 7
    found = begin + timedelta(days=(first.weekday() - begin.weekday()) % 7) + WEEK * min(which, 3)
    has_fifth = which == 4 and (found + WEEK).month == begin.month
    return found + WEEK if has_fifth else found
