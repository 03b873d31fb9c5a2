"""How the codes of a programme are said: states, signals, chain links, rhythms and covers, with their badges.

Amounts too: what is not known says so in words and never looks like zero.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from koersvast.engine.quantities import Unit
from koersvast.indicators.wording.numbers import format_amount, format_day, format_number
from koersvast.programme.models import Action, CostLine, Programme
from koersvast.reference.queries import safety_chain
from koersvast.web.components import Badge

type Text = str | Promise

STATUS: Mapping[str, Badge] = {
    Action.Status.PLANNED: Badge(text=gettext_lazy("Planned"), symbol="new"),
    Action.Status.RUNNING: Badge(text=gettext_lazy("Running"), symbol="on-course", tone="info"),
    Action.Status.STUCK: Badge(text=gettext_lazy("Stuck"), symbol="error", tone="negative"),
    Action.Status.DONE: Badge(text=gettext_lazy("Done"), symbol="ok", tone="positive"),
    Action.Status.STOPPED: Badge(text=gettext_lazy("Stopped"), symbol="not-attained"),
}
SIGNAL: Mapping[str, Badge] = {
    "late": Badge(text=gettext_lazy("Late"), symbol="warning", tone="negative"),
    "silent": Badge(text=gettext_lazy("Silent"), symbol="cannot-tell", tone="warning"),
    "stuck": STATUS[Action.Status.STUCK],
    "unowned": Badge(text=gettext_lazy("Nobody owns it"), symbol="person", tone="warning"),
    "no_cost": Badge(text=gettext_lazy("Cost not given"), symbol="info"),
    "no_objective": Badge(text=gettext_lazy("Without an objective"), symbol="target", tone="warning"),
}
# What a reader of the table sees beside the state; being stuck is a state already.
SIGNALS_SHOWN = ("late", "silent", "unowned", "no_objective", "no_cost")
PROGRAMME_STATE: Mapping[str, Badge] = {
    Programme.State.DRAFT: Badge(text=gettext_lazy("Draft programme"), symbol="edit", tone="info"),
    Programme.State.ADOPTED: Badge(text=gettext_lazy("Adopted programme"), symbol="ok", tone="positive"),
    Programme.State.CLOSED: Badge(text=gettext_lazy("Closed programme"), symbol="same"),
}
RECURRENCE: Mapping[str, Text] = {
    Action.Recurrence.ONCE: gettext_lazy("once"),
    Action.Recurrence.CONTINUOUS: gettext_lazy("all the time"),
    Action.Recurrence.WEEKLY: gettext_lazy("every week"),
    Action.Recurrence.MONTHLY: gettext_lazy("every month"),
    Action.Recurrence.QUARTERLY: gettext_lazy("every quarter"),
    Action.Recurrence.YEARLY: gettext_lazy("every year"),
}
COVER: Mapping[str, Text] = {
    CostLine.Cover.PROGRAMME: gettext_lazy("a programme of the budget"),
    CostLine.Cover.TASK_FIELD: gettext_lazy("a task field of the budget"),
    CostLine.Cover.PARTNER: gettext_lazy("a partner"),
    CostLine.Cover.GRANT: gettext_lazy("a grant"),
    CostLine.Cover.UNCOVERED: gettext_lazy("not covered yet"),
}
EVALUATION: Mapping[str, Badge] = {
    Action.Evaluation.CONTINUE: Badge(text=gettext_lazy("Continue it"), symbol="on-course", tone="positive"),
    Action.Evaluation.ADAPT: Badge(text=gettext_lazy("Adapt it"), symbol="changed", tone="info"),
    Action.Evaluation.STOP: Badge(text=gettext_lazy("Stop it"), symbol="not-attained", tone="warning"),
}


def chain_links() -> list[tuple[str, str]]:
    """Code and name of the five links in order; the model names them in English, the shared words in Dutch."""
    return [(code, link.name) for code, link in zip(Action.ChainLink.values, safety_chain(), strict=True)]


def chain_link_meanings() -> list[tuple[str, str]]:
    """Code of each link with its name and meaning."""
    pairs = zip(Action.ChainLink.values, safety_chain(), strict=True)
    return [(code, f"{link.name}: {link.meaning}") for code, link in pairs]


def chain_link_name(code: str) -> str:
    """The name of a link; empty when no place was chosen."""
    return dict(chain_links()).get(code, "")


def euro(amount: Decimal) -> str:
    """Write an amount: without cents where there are none."""
    return format_amount(amount, Unit.EURO, 0 if amount == amount.to_integral_value() else 2)


def hours(amount: Decimal) -> str:
    """Write hours with the half only where there is one, and their unit."""
    number = format_number(amount, 0 if amount == amount.to_integral_value() else 1)
    return ngettext("{number} hour", "{number} hours", 1 if amount == 1 else 2).format(number=number)


def cost(amount: Decimal | None, *, has_no_cost: bool) -> str:
    """What something costs, or that nobody said so; nothing here is silently zero."""
    if has_no_cost:
        return _("costs nothing")
    return _("no amount filled in") if amount is None else euro(amount)


def term(first: date | None, last: date | None) -> str:
    """From when to when, as far as that was said."""
    if first and last:
        return _("{first} to {last}").format(first=format_day(first), last=format_day(last))
    if first:
        return _("from {day}").format(day=format_day(first))
    return _("until {day}").format(day=format_day(last)) if last else ""


def when(first: date | None, last: date | None, recurrence: str) -> str:
    """Term and rhythm in one line; empty when neither was given."""
    rhythm = "" if recurrence == Action.Recurrence.ONCE else str(RECURRENCE[recurrence])
    return ", ".join(part for part in (term(first, last), rhythm) if part)


SORT: Mapping[str, Text] = {
    "number": gettext_lazy("by number"),
    "title": gettext_lazy("by title"),
    "owner": gettext_lazy("by who does it"),
    "ends_on": gettext_lazy("by last day"),
    "status": gettext_lazy("by state"),
    "euro": gettext_lazy("by cost"),
    "last_report_on": gettext_lazy("by last report"),
}
WAY: Mapping[str, Text] = {
    "page": gettext_lazy("on this site"),
    "link": gettext_lazy("by a link in a mail"),
    "meeting": gettext_lazy("in a meeting"),
    "application": gettext_lazy("by another program"),
    "file": gettext_lazy("from a file"),
}
