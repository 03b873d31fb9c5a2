"""When actions are done: as bars over the quarters of a programme, and as the days of a month. Values only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.indicators.wording.numbers import format_day, format_number, language_now
from koersvast.programme.queries.actions import ActionGroup, ActionLine
from koersvast.web import components as c
from koersvast.web.programme.actions import words
from koersvast.web.programme.actions.pages import action_href, who

QUARTER_WIDTH = 100
A_DAY_SHOWS = 8


@dataclass(frozen=True, kw_only=True)
class Quarter:
    """A quarter of the axis; `starts_year` draws a firmer line before it."""

    label: str
    year: int
    starts_year: bool


@dataclass(frozen=True, kw_only=True)
class Bar:
    """An action on the axis. `x` and `width` are in units of the drawing, 100 a quarter."""

    title: str
    href: str
    who: str
    term: str
    rhythm: str
    state: c.Badge
    x: float
    width: float


@dataclass(frozen=True, kw_only=True)
class BarGroup:
    """The bars of one priority."""

    name: str
    bars: Sequence[Bar]


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The axis, the bars by priority, and where today stands on it (None when today lies outside)."""

    quarters: Sequence[Quarter]
    years: Sequence[tuple[int, int]]
    groups: Sequence[BarGroup]
    width: int
    lines: Sequence[int]
    today: float | None


def quarters_of(first: date, last: date) -> list[date]:
    """The first days of the quarters from the one that holds `first` to the one that holds `last`."""
    found, day = [], date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    while day <= last:
        found.append(day)
        day = _next_quarter(day)
    return found


def _next_quarter(day: date) -> date:
    return date(day.year + 1, 1, 1) if day.month == 10 else date(day.year, day.month + 3, 1)


def place(day: date, starts: Sequence[date]) -> float:
    """Where a day stands: every quarter is as wide as any other, days within it in proportion.

    >>> place(date(2019, 4, 1), quarters_of(date(2019, 1, 1), date(2019, 12, 31)))
    100.0
    """
    if day < starts[0]:
        return 0.0
    number = max(index for index, start in enumerate(starts) if start <= day)
    start = starts[number]
    share = min((day - start).days / (_next_quarter(start) - start).days, 1.0)
    return QUARTER_WIDTH * (number + share)


def timeline(
    groups: Sequence[ActionGroup], *, first: date, last: date, today: date, municipality: str, without: str
) -> Timeline:
    """The actions with a day as bars; one that says only its start or its end runs to the edge of the programme."""
    starts = quarters_of(first, last)
    quarters = [
        Quarter(label=_("Q{number}").format(number=(day.month + 2) // 3), year=day.year, starts_year=day.month == 1)
        for day in starts
    ]
    shown = [
        BarGroup(
            name=group.part.name if group.part else without,
            bars=[_bar(line, starts, first=first, last=last, municipality=municipality) for line in group.lines],
        )
        for group in groups
        if group.lines
    ]
    years = sorted({one.year for one in quarters})
    return Timeline(
        quarters=quarters, groups=shown, width=QUARTER_WIDTH * len(starts),
        years=[(year, sum(one.year == year for one in quarters)) for year in years],
        lines=[QUARTER_WIDTH * number for number in range(1, len(starts))],
        today=place(today, starts) if first <= today <= last else None,
    )  # fmt: skip


def has_a_day(line: ActionLine) -> bool:
    """Whether an action can be drawn."""
    return line.starts_on is not None or line.ends_on is not None


def by_start(line: ActionLine) -> tuple[date, date, int]:
    """The order of bars: what starts first stands first."""
    return (line.starts_on or date.min, line.ends_on or date.max, line.number)


def _bar(line: ActionLine, starts: Sequence[date], *, first: date, last: date, municipality: str) -> Bar:
    begins = max(line.starts_on or first, starts[0])
    ends = min(line.ends_on or last, last)
    x = place(min(begins, last), starts)
    end = place(max(ends, begins) + timedelta(days=1), starts)
    rhythm = "" if line.recurrence == "once" else str(words.RECURRENCE[line.recurrence])
    return Bar(
        title=line.title, href=action_href(line.number, municipality=municipality), who=who(line),
        term=words.term(line.starts_on, line.ends_on), rhythm=rhythm, state=words.STATUS[line.status],
        x=round(x, 1), width=round(max(end - x, 4.0), 1),
    )  # fmt: skip


# ── A month ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happens on a day: an action begins, or has to be ready."""

    label: str
    title: str
    href: str
    tone: c.Tone


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day of the month, or of the weeks around it; `more` counts what does not fit."""

    number: int
    name: str
    is_outside: bool
    is_today: bool
    events: Sequence[Event]
    more: int


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month with its days from Monday to Sunday, and the addresses of the months beside it."""

    title: str
    summary: str
    weekdays: Sequence[str]
    days: Sequence[Day]
    before: str
    before_label: str
    after: str
    after_label: str


def month_of(asked: str, *, otherwise: date) -> date:
    """The first day of the month that was asked as 2026-11; else of the given day."""
    year, _dash, number = asked.partition("-")
    if year.isdecimal() and number.isdecimal() and 1990 <= int(year) <= 2100 and 1 <= int(number) <= 12:
        return date(int(year), int(number), 1)
    return otherwise.replace(day=1)


def month(lines: Sequence[ActionLine], *, first: date, today: date, municipality: str) -> Month:
    """The days of a month with what begins and what has to be ready."""
    after = (first + timedelta(days=32)).replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    monday = first - timedelta(days=first.weekday())
    weeks = -(-((after - monday).days) // 7)
    days = [monday + timedelta(days=number) for number in range(7 * weeks)]
    events = _events(lines, municipality=municipality)
    return Month(
        title=_month(first), summary=_summary(lines, first=first, after=after),
        weekdays=[
            str(format_date(monday + timedelta(days=number), "EEEE", locale=language_now())) for number in range(7)
        ],
        days=[_day(day, events.get(day, []), first=first, today=today) for day in days],
        before=before.strftime("%Y-%m"), before_label=_month(before), after=after.strftime("%Y-%m"),
        after_label=_month(after),
    )  # fmt: skip


def _month(first: date) -> str:
    return str(format_date(first, "LLLL y", locale=language_now()))


def _events(lines: Sequence[ActionLine], *, municipality: str) -> dict[date, list[Event]]:
    found: dict[date, list[Event]] = {}
    for line in lines:
        href = action_href(line.number, municipality=municipality)
        if line.starts_on:
            begun = Event(label=_("Begins"), title=line.title, href=href, tone="info")
            found.setdefault(line.starts_on, []).append(begun)
        if line.ends_on:
            tone: c.Tone = "positive" if line.status == "done" else "negative" if "late" in line.signals else "warning"
            ready = Event(label=_("To be ready"), title=line.title, href=href, tone=tone)
            found.setdefault(line.ends_on, []).append(ready)
    return found


def _day(day: date, events: Sequence[Event], *, first: date, today: date) -> Day:
    outside = day.month != first.month
    shown = () if outside else tuple(events[:A_DAY_SHOWS])
    return Day(
        number=day.day, name=f"{format_date(day, 'EEEE', locale=language_now())} {format_day(day)}",
        is_outside=outside, is_today=day == today, events=shown, more=0 if outside else len(events) - len(shown),
    )  # fmt: skip


def _summary(lines: Sequence[ActionLine], *, first: date, after: date) -> str:
    begins = sum(line.starts_on is not None and first <= line.starts_on < after for line in lines)
    ready = sum(line.ends_on is not None and first <= line.ends_on < after for line in lines)
    runs = sum(has_a_day(line) and _runs(line, first=first, after=after) for line in lines)
    said = (
        (ngettext("{number} action begins", "{number} actions begin", begins), begins),
        (ngettext("{number} has to be ready", "{number} have to be ready", ready), ready),
        (ngettext("{number} runs in this month", "{number} run in this month", runs), runs),
    )
    begun, done, running = (text.format(number=format_number(number, 0)) for text, number in said)
    return _("{begins}, {ready}, {runs}.").format(begins=begun, ready=done, runs=running)


def _runs(line: ActionLine, *, first: date, after: date) -> bool:
    return (line.starts_on or date.min) < after and (line.ends_on or date.max) >= first
