"""How an action stands, in short sentences: late, due, silent, and what was heard last."""

from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.indicators.wording.numbers import format_day
from koersvast.programme.staleness import ActionFacts, Signal

# Beyond two months a day says more than a count of days.
COUNTED_DAYS = 60


class Standing(Protocol):
    """What is told of an action, as `programme.queries.standing` gives it."""

    @property
    def facts(self) -> ActionFacts: ...
    @property
    def signals(self) -> frozenset[Signal]: ...
    @property
    def late_days(self) -> int | None: ...
    @property
    def silent_days(self) -> int | None: ...
    @property
    def due_on(self) -> date | None: ...
    @property
    def last_line(self) -> str: ...
    @property
    def is_settled(self) -> bool: ...


def facts(one: Standing) -> list[str]:
    """What is worth knowing beside the state, in short sentences."""
    said = []
    if one.late_days is not None and one.late_days > COUNTED_DAYS and one.due_on:
        said.append(_("should have been ready by {day}").format(day=format_day(one.due_on)))
    elif one.late_days is not None:
        said.append(ngettext("{days} day late", "{days} days late", one.late_days).format(days=one.late_days))
    elif one.due_on and not one.is_settled:
        said.append(_("ready by {day}").format(day=format_day(one.due_on)))
    if Signal.SILENT in one.signals:
        said.append(_silence(one))
    return said


def _silence(one: Standing) -> str:
    """How long nothing was heard; of a long silence the day of the last report."""
    days, last = one.silent_days, one.facts.last_report_on
    if days is None:
        return _("never heard anything of it")
    weeks = days // 7
    if last is not None and days > COUNTED_DAYS:
        return _("last heard of on {day}").format(day=format_day(last))
    if last is not None:
        return ngettext("nothing heard for {weeks} week", "nothing heard for {weeks} weeks", weeks).format(weeks=weeks)
    if days > COUNTED_DAYS:
        return _("nothing heard since the start")
    return ngettext(
        "nothing heard since the start, {weeks} week ago", "nothing heard since the start, {weeks} weeks ago", weeks
    ).format(weeks=weeks)


def last_report(one: Standing) -> str:
    """The last line that was reported, with its day; empty when nothing ever was."""
    if one.facts.last_report_on is None:
        return ""
    day = format_day(one.facts.last_report_on)
    if one.last_line:
        return _("{day}: {line}").format(day=day, line=one.last_line)
    return _("{day}: only the state was reported").format(day=day)
