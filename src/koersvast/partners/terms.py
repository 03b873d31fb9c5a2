"""How agreements, promises and regional plans stand on a day: from their dates alone. Pure: no database, no clock."""

from datetime import date, timedelta
from enum import StrEnum

# A warning a quarter ahead leaves time for one more meeting; a year ahead leaves time for the budget.
QUARTER, YEAR = timedelta(days=92), timedelta(days=366)


class Term(StrEnum):
    """How the term of an agreement stands."""

    TO_BEGIN = "to_begin"
    RUNNING = "running"
    ENDS_WITHIN_A_YEAR = "ends_within_a_year"
    ENDS_WITHIN_A_QUARTER = "ends_within_a_quarter"
    ENDED = "ended"
    NO_END = "no_end"


# In these it binds its parties.
IN_FORCE = frozenset({Term.RUNNING, Term.ENDS_WITHIN_A_YEAR, Term.ENDS_WITHIN_A_QUARTER, Term.NO_END})


class Ripeness(StrEnum):
    """How something that is to happen on a day stands."""

    DONE = "done"
    LATE = "late"
    SOON = "soon"
    LATER = "later"
    NO_DAY = "no_day"


def term(starts_on: date | None, ends_on: date | None, *, today: date) -> Term:
    """Say how a term stands; both days belong to it.

    >>> term(None, date(2026, 6, 30), today=date(2026, 6, 30))
    <Term.ENDS_WITHIN_A_QUARTER: 'ends_within_a_quarter'>
    """
    if ends_on is not None and ends_on < today:
        return Term.ENDED
    if starts_on is not None and starts_on > today:
        return Term.TO_BEGIN
    if ends_on is None:
        return Term.NO_END
    if ends_on <= today + QUARTER:
        return Term.ENDS_WITHIN_A_QUARTER
    return Term.ENDS_WITHIN_A_YEAR if ends_on <= today + YEAR else Term.RUNNING


def ripeness(due_on: date | None, *, is_done: bool, today: date) -> Ripeness:
    """Say how something with a day stands. On its day it is not late yet; soon is within a quarter."""
    if is_done:
        return Ripeness.DONE
    if due_on is None:
        return Ripeness.NO_DAY
    if due_on < today:
        return Ripeness.LATE
    return Ripeness.SOON if due_on <= today + QUARTER else Ripeness.LATER
