"""Moments of looking back in words."""

from django.utils.translation import gettext as _

from koersvast.engine.periods import Period


def moment_title(kind: str, period: str, *, first_year: int) -> str:
    """Name a moment by what it looks back on, such as the second quarter of 2020."""
    year = Period.parse(period).year
    if kind == "quarter":
        return _("Quarter {number} of {year}").format(number=period.rpartition("Q")[2], year=year)
    if kind == "midterm":
        return _("Midterm review: {first} to {year}").format(first=first_year, year=year)
    if kind == "final":
        return _("Final review: {first} to {year}").format(first=first_year, year=year)
    return _("The year {year}").format(year=year)
