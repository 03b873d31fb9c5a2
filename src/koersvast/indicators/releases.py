"""When the holders of national tables publish, and so when a table is due and when what is held is out of date.

Pure: no database, no clock. Sources: the police publish about the 15th of each month; CBS gives population figures
through the year, crime twice a year and the safety survey in March of the year after (explanations of the tables).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from koersvast.registers.tables import TABLES, RegisterTable

EVERY_MONTH = tuple(range(1, 13))
# So long after a day of publication a table may stay away before what is held is called out of date.
GRACE = timedelta(days=21)


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """From which day of which months a new edition of a table may be expected."""

    months: tuple[int, ...]
    day: int

    def last(self, on: date) -> date:
        """The last day of publication until and with `on`."""
        days = [date(year, month, self.day) for year in (on.year - 1, on.year) for month in self.months]
        return max(day for day in days if day <= on)

    def next(self, on: date) -> date:
        """The first day of publication after `on`."""
        days = [date(year, month, self.day) for year in (on.year, on.year + 1) for month in self.months]
        return min(day for day in days if day > on)


# By what a table is about; the subjects are those of `registers.tables`.
RHYTHMS: Mapping[str, Rhythm] = {
    "crime": Rhythm(months=EVERY_MONTH, day=16),
    "nuisance": Rhythm(months=EVERY_MONTH, day=16),
    "population": Rhythm(months=(3, 6, 9, 12), day=1),
    "safety_monitor": Rhythm(months=(3, 4), day=15),
}
_CBS_CRIME = Rhythm(months=(4, 10), day=1)


def rhythm_of(table: str) -> Rhythm | None:
    """When a table is published; None for one that comes as a file only."""
    known: RegisterTable = TABLES[table]
    if known.address is None:
        return None
    if known.subject == "crime" and known.holder == "CBS":
        return _CBS_CRIME
    return RHYTHMS.get(known.subject)


def is_due(table: str, *, on: date, last_success: date | None, last_attempt: date | None) -> bool:
    """Whether a table should be fetched now: published since the last success, and not tried today already."""
    rhythm = rhythm_of(table)
    if rhythm is None or (last_attempt is not None and last_attempt >= on):
        return False
    return last_success is None or last_success < rhythm.last(on)


def is_out_of_date(table: str, *, on: date, last_success: date | None) -> bool:
    """Whether what is held is older than a publication of more than three weeks ago."""
    rhythm = rhythm_of(table)
    if rhythm is None or last_success is None:
        return False
    return last_success < rhythm.last(on - GRACE)


def next_due(table: str, *, on: date) -> date | None:
    """The next day on which a new edition may be expected; None for a table that comes as a file."""
    rhythm = rhythm_of(table)
    return rhythm.next(on) if rhythm else None
