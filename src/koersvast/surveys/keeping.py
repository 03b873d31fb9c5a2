"""How long answers may be kept: a day that lies ahead, and at most five years away. Pure."""

from datetime import date

USUAL_YEARS, MOST_YEARS = 1, 5


class KeepingRefused(ValueError):
    """Answers cannot be kept until that day; `code` says why: keeping_day_is_past, or kept_too_long (years, most)."""

    def __init__(self, code: str, **values: int | date) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def check_keeping(day: date, *, today: date, since: date | None = None) -> None:
    """Refuse a day that is not ahead, or more than `MOST_YEARS` years after the answers came in (`since`, or today).

    Raises KeepingRefused.
    """
    most = last_day(today=since or today)
    if day <= today:
        raise KeepingRefused("keeping_day_is_past")
    if day > most:
        raise KeepingRefused("kept_too_long", years=MOST_YEARS, most=most)


def last_day(*, today: date) -> date:
    """The last day until which answers that come in today can be kept."""
    return years_after(today, MOST_YEARS)


def usual_last_day(held_until: date | None, *, today: date) -> date:
    """A year after the survey ended; a year from now where that lies behind us, or is not known."""
    end = years_after(held_until or today, USUAL_YEARS)
    return end if end > today else years_after(today, USUAL_YEARS)


def years_after(day: date, years: int) -> date:
    """The same day some years on; the last of February for a leap day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
