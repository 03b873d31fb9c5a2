"""What the calendar shows: what is past its day first, then the year ahead by month, then what is known and waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.urls import NoReverseMatch, reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.indicators.wording.numbers import format_day
from koersvast.programme.calendar import Level, Moment, weight, years_later
from koersvast.programme.wording.calendar import nearness, said
from koersvast.web import components as c

BADGES = {
    Level.LATE: c.Badge(text=gettext_lazy("Past its day"), symbol="warning", tone="negative"),
    Level.MONTH: c.Badge(text=gettext_lazy("Within a month"), symbol="warning", tone="warning"),
    Level.QUARTER: c.Badge(text=gettext_lazy("Within a quarter"), symbol="info", tone="info"),
    Level.YEAR: c.Badge(text=gettext_lazy("Within a year"), symbol="info"),
    Level.LATER: c.Badge(text=gettext_lazy("Later than a year"), symbol="same"),
}


@dataclass(frozen=True, kw_only=True)
class MomentCard:
    """One moment as the page lists it."""

    moment: Moment
    title: str
    why: str
    todo: str
    day: str
    near: str
    badge: c.Badge
    href: str
    known: str = ""


def shown(found: Sequence[Moment], *, municipality: str, today: date) -> dict[str, object]:
    """Everything that the page lists."""
    cards = [card(one, municipality=municipality, today=today) for one in found]
    open_cards = [one for one in cards if one.moment.mark is None]
    until = years_later(today, 1)
    ahead = [one for one in open_cards if today <= one.moment.due_on <= until]
    months = [
        (format_date(date(year, month, 1), "F Y"), list(those))
        for (year, month), those in groupby(ahead, key=lambda one: (one.moment.due_on.year, one.moment.due_on.month))
    ]
    return {
        "late": sorted(
            (one for one in open_cards if one.moment.level is Level.LATE), key=lambda one: weight(one.moment)
        ),
        "months": months,
        "later": [one for one in open_cards if one.moment.due_on > until],
        "known": [one for one in cards if one.moment.mark is not None],
    }


def card(moment: Moment, *, municipality: str, today: date) -> MomentCard:
    """One moment in words, with the page where it is done."""
    mark = moment.mark
    return MomentCard(
        moment=moment, title=said(moment, "title"), why=said(moment, "why"), todo=said(moment, "todo"),
        day=format_day(moment.due_on), near=nearness(moment, today=today), badge=BADGES[moment.level],
        href=_href(moment, municipality),
        known=_("{note} (noted on {day})").format(note=mark.note, day=format_day(mark.marked_on))
        if mark and mark.marked_on else "",
    )  # fmt: skip


def _href(moment: Moment, municipality: str) -> str:
    """The page where it is done; of an own moment its own page."""
    where = {"municipality": municipality}
    if moment.rule.code == "own":
        return reverse("calendar-edit", kwargs=where | {"calendar_entry": moment.fact.part})
    if moment.rule.code == "council":
        return reverse("council-item", kwargs=where | {"council_item": moment.fact.part})
    if moment.rule.code == "review":
        return reverse("review", kwargs=where | {"moment": moment.fact.part})
    try:
        return reverse(moment.rule.page, kwargs=where)
    except NoReverseMatch:
        return ""  # This installation does not have that page.
