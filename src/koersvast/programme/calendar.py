"""Which moments come by law, plan or habit, and how each warns on a day. Pure: rules and facts in, moments out."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "calendar.toml"
DUTY_YEARS = 4
# The candidates are put forward on the Monday from 30 January to 5 February; the vote is 44 days later, which gave
# 21 March 2018, 16 March 2022 and 18 March 2026. A year of elections is never a leap year, which has other days.
ELECTION_YEAR, DAYS_TO_VOTE = 2018, 44
MONTH_DAYS, QUARTER_DAYS, YEAR_DAYS = 31, 92, 366


class Level(StrEnum):
    """How near a moment is; late when its day went by."""

    LATE = "late"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    LATER = "later"


AHEAD = {"month": MONTH_DAYS, "quarter": QUARTER_DAYS, "year": YEAR_DAYS}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule as the data says it, in both languages, with the law or the source that it follows from."""

    code: str
    title_nl: str
    title_en: str
    why_nl: str
    why_en: str
    todo_nl: str
    todo_en: str
    source: str
    page: str
    warns: str
    lapses: bool
    late_nl: str = ""
    late_en: str = ""
    """The title once the day went by; empty when it stays the same."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A day on which something is due by a rule; `lapses` overrules the rule where it is given."""

    rule: str
    occurrence: str
    due_on: date
    name: str = ""
    year: int | None = None
    part: str = ""
    """What leads to the page of this very thing, such as a number or a code."""
    lapses: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What somebody noted at a moment: `done` takes it away, `known` silences its warning."""

    state: str
    note: str = ""
    marked_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A moment on the calendar. `warns` says whether it asks attention today."""

    rule: Rule
    fact: Fact
    level: Level
    warns: bool
    mark: Mark | None = None

    @property
    def due_on(self) -> date:
        return self.fact.due_on

    def days_late(self, today: date) -> int:
        """Return how many days ago it was due; 0 when it is not late."""
        return max((today - self.due_on).days, 0)


@cache
def rules() -> Mapping[str, Rule]:
    """Return the rules by code."""
    found = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return {code: Rule(code=code, **entry) for code, entry in found.items()}


def years_later(day: date, years: int) -> date:
    """Return the same day some years on; 29 February becomes 28 February where the year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def next_yearly(first: date, *, today: date) -> date:
    """Return the first yearly return of a day that is not before today, and not before its first time."""
    if first >= today:
        return first
    this_year = years_later(first, today.year - first.year)
    return this_year if this_year >= today else years_later(first, today.year - first.year + 1)


def election_day(year: int) -> date:
    """Return the day of the municipal elections of an election year. Raises ValueError for another year."""
    if (year - ELECTION_YEAR) % DUTY_YEARS:
        raise ValueError(f"There are no municipal elections in {year}.")
    first = date(year, 1, 30)
    return first + timedelta(days=(7 - first.weekday()) % 7 + DAYS_TO_VOTE)


def next_election(today: date) -> date:
    """Return the day of the next municipal elections, today included."""
    year = today.year + (ELECTION_YEAR - today.year) % DUTY_YEARS
    return election_day(year) if election_day(year) >= today else election_day(year + DUTY_YEARS)


def yearly_facts(today: date) -> list[Fact]:
    """Return what comes back by law without any plan: elections, budget, annual accounts."""
    vote = next_election(today)
    budget, accounts = next_yearly(date(2000, 11, 14), today=today), next_yearly(date(2000, 7, 14), today=today)
    return [
        Fact(rule="election", occurrence=str(vote.year), due_on=vote, year=vote.year),
        Fact(rule="budget", occurrence=str(budget.year + 1), due_on=budget, year=budget.year + 1),
        Fact(rule="accounts", occurrence=str(accounts.year - 1), due_on=accounts, year=accounts.year - 1),
    ]


def unjudged_years(targets: Iterable[int], measured: Collection[int]) -> list[int]:
    """Return the target years over which no measurement is there or planned, so that nobody can judge them in time."""
    return sorted({year for year in targets if year not in measured})


def level_of(due_on: date, *, today: date) -> Level:
    """Return how near a day is."""
    days = (due_on - today).days
    if days < 0:
        return Level.LATE
    return next((Level(name) for name, ahead in AHEAD.items() if days <= ahead), Level.LATER)


def moments(facts: Iterable[Fact], *, marks: Mapping[tuple[str, str], Mark], today: date) -> list[Moment]:
    """Return the moments that are not over, in order of their day. What is done or lapsed is left out."""
    found = [_moment(fact, marks.get((fact.rule, fact.occurrence)), today) for fact in facts]
    return sorted((one for one in found if one), key=lambda one: (one.due_on, one.rule.code, one.fact.occurrence))


def weight(moment: Moment) -> tuple[int, date]:
    """Return the order in which moments ask attention: what the law and the programme ask comes first."""
    return list(rules()).index(moment.rule.code), moment.due_on


def urgent(found: Iterable[Moment]) -> list[Moment]:
    """Return what is late or due within a quarter and not known yet, the weightiest first."""
    near = (Level.LATE, Level.MONTH, Level.QUARTER)
    return sorted((one for one in found if one.warns and one.level in near), key=weight)


def _moment(fact: Fact, mark: Mark | None, today: date) -> Moment | None:
    rule, level = rules()[fact.rule], level_of(fact.due_on, today=today)
    lapses = rule.lapses if fact.lapses is None else fact.lapses
    if (mark and mark.state == "done") or (level is Level.LATE and lapses):
        return None
    near = level is Level.LATE or (fact.due_on - today).days <= AHEAD[rule.warns]
    return Moment(rule=rule, fact=fact, level=level, warns=near and mark is None, mark=mark)
