"""Moments of the calendar in words: what, why, what to do, and how near. The rules bring their own texts."""

from datetime import date

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from koersvast.programme.calendar import Level, Moment

ABOUT_TWO_MONTHS, ABOUT_TWO_YEARS, MONTH = 61, 730, 30.44


def said(moment: Moment, part: str) -> str:
    """Return the title, why or todo of a moment in the language of the reader."""
    language = "en" if get_language() == "en" else "nl"
    text: str = getattr(moment.rule, f"{part}_{language}")
    if part == "title" and moment.level is Level.LATE:
        text = getattr(moment.rule, f"late_{language}") or text
    return text.format(name=moment.fact.name, year=moment.fact.year)


def nearness(moment: Moment, *, today: date) -> str:
    """Return how near a moment is, or how late, in the unit that people would use."""
    late = moment.days_late(today)
    told = _span(late or (moment.due_on - today).days)
    if moment.level is Level.LATE:
        return _("{span} past its day").format(span=told)
    return _("today") if moment.due_on == today else _("still {span} away").format(span=told)


def _span(days: int) -> str:
    if days < ABOUT_TWO_MONTHS:
        return ngettext("{number} calendar day", "{number} calendar days", days).format(number=days)
    if days < ABOUT_TWO_YEARS:
        return ngettext("{number} calendar month", "{number} calendar months", round(days / MONTH)).format(
            number=round(days / MONTH)
        )
    return ngettext("{number} calendar year", "{number} calendar years", days // 365).format(number=days // 365)
