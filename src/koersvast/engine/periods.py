"""Calendar periods over which figures are registered: years, quarters and months."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

_CODE = re.compile(r"(?P<year>\d{4})(?:-Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


class BadPeriod(ValueError):
    """The text is not a period code such as 2019, 2019-Q3 or 2019-07."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """A year, quarter or month; `start` is its first day, `end` the first day after it.

    Periods are ordered by start; of two that start together the shorter comes first.
    """

    code: str
    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise BadPeriod(f"{self.code}: ends on {self.end}, not after {self.start}.")

    @classmethod
    def parse(cls, code: str) -> Self:
        """Read `2019`, `2019-Q3` or `2019-07`; raises BadPeriod for anything else."""
        found = _CODE.fullmatch(code.strip())
        if found is None or not 1 <= int(found["year"]) <= 9998:
            raise BadPeriod(f"{code!r} is not a year, quarter or month.")
        year = int(found["year"])
        if found["quarter"]:
            first = 3 * int(found["quarter"]) - 2
            return cls(code=found[0], start=date(year, first, 1), end=_months_on(year, first, 3))
        if found["month"]:
            first = int(found["month"])
            return cls(code=found[0], start=date(year, first, 1), end=_months_on(year, first, 1))
        return cls(code=found[0], start=date(year, 1, 1), end=date(year + 1, 1, 1))

    @classmethod
    def of_year(cls, year: int) -> Self:
        """The calendar year."""
        return cls.parse(f"{year:04d}")

    @property
    def year(self) -> int:
        """The calendar year in which the period starts."""
        return self.start.year

    @property
    def days(self) -> int:
        """Number of days in the period."""
        return (self.end - self.start).days

    @property
    def years(self) -> float:
        """Length in calendar years: 1 for a year (leap or not), 0.25 for a quarter, 1/12 for a month."""
        return self._months / 12

    @property
    def middle_year(self) -> float:
        """Middle of the period on an axis of years: 2019.5 for the year 2019."""
        return self.start.year + (self.start.month - 1 + self._months / 2) / 12

    @property
    def _months(self) -> int:
        return 12 * (self.end.year - self.start.year) + self.end.month - self.start.month

    def label(self) -> str:
        """The code itself: readable in any language."""
        return self.code

    def contains(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return self.start <= day < self.end

    def __str__(self) -> str:
        return self.code

    def __lt__(self, other: "Period") -> bool:
        return (self.start, self.end) < (other.start, other.end)

    def __le__(self, other: "Period") -> bool:
        return (self.start, self.end) <= (other.start, other.end)

    def __gt__(self, other: "Period") -> bool:
        return other < self

    def __ge__(self, other: "Period") -> bool:
        return other <= self


def _months_on(year: int, month: int, months: int) -> date:
    """The first day of the month that lies `months` after the given month."""
    index = 12 * year + month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
