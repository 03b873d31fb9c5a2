"""When the one mail of a week may go: in working hours early in the week, never within five days of the last one."""

from datetime import date, datetime, time, timedelta

FIRST_WEEKDAY, LAST_WEEKDAY = 0, 3
EARLIEST, LATEST = time(7), time(18)
BETWEEN_TWO = timedelta(days=5)


def week_of(day: date) -> str:
    """Return the week of a day by ISO 8601, such as 2026-W48."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def is_time(local: datetime) -> bool:
    """Whether mail goes out at this local time: Monday to Thursday, between seven and six.

    The first turn of the week is on Monday; the other days are for what could not go then.
    """
    return FIRST_WEEKDAY <= local.weekday() <= LAST_WEEKDAY and EARLIEST <= local.time() < LATEST


def is_too_soon(last: datetime | None, *, now: datetime) -> bool:
    """Whether somebody had a mail less than five days ago, in this week or the one before."""
    return last is not None and now - last < BETWEEN_TWO
