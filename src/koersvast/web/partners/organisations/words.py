"""How partners, agreements and promises are said on pages: badges, terms, days, and where each thing stands."""

from collections.abc import Mapping
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.access.permissions import Permission
from koersvast.partners.models import Agreement, Promise, RegionalPlan
from koersvast.partners.queries.organisations import OrganisationLine
from koersvast.partners.terms import Ripeness, Term
from koersvast.partners.wording import PROMISE_STATE, TERM
from koersvast.policy.wording import amounts
from koersvast.programme.queries.partners import open_actions
from koersvast.web import components as c
from koersvast.web.gate import Entry

# The form of these pages: what is rarely filled in stands folded.
FORM = "partners/organisations_form.html"
TERM_BADGE: dict[Term, tuple[str, c.Tone]] = {
    Term.TO_BEGIN: ("new", "info"),
    Term.RUNNING: ("ok", "positive"),
    Term.NO_END: ("ok", "positive"),
    Term.ENDS_WITHIN_A_YEAR: ("info", "info"),
    Term.ENDS_WITHIN_A_QUARTER: ("warning", "warning"),
    Term.ENDED: ("no-change", "neutral"),
}
PROMISE_BADGE: dict[str, tuple[str, c.Tone]] = {
    Promise.State.OPEN: ("info", "info"),
    Promise.State.KEPT: ("ok", "positive"),
    Promise.State.BROKEN: ("error", "negative"),
    Promise.State.LAPSED: ("no-change", "neutral"),
}


def address(name: str, entry: Entry, /, **parts: object) -> str:
    """An address under the municipality of who asks."""
    return reverse(name, kwargs={"municipality": entry.municipality.slug, **parts})


def may_edit(entry: Entry) -> bool:
    """Whether somebody may write partners."""
    return Permission.PARTNERS_EDIT in entry.permissions


def work_seen(entry: Entry) -> Mapping[str, int]:
    """The open actions of each organisation, for who may see the programme."""
    return open_actions() if Permission.PROGRAMME_VIEW in entry.permissions else {}


def tabs(entry: Entry, here: str) -> list[c.Link]:
    """The lists of partners beside one another."""
    pages = (
        ("partners", _("Partners")),
        ("own-units", _("Our own organisation")),
        ("agreements", _("Covenants")),
        ("promises", _("Promises")),
        ("regional-plans", _("Region")),
    )
    return [c.Link(label=label, href=address(name, entry), current=name == here) for name, label in pages]


def term_badge(term: Term) -> c.Badge:
    """How the term of an agreement stands."""
    symbol, tone = TERM_BADGE[term]
    return c.Badge(text=TERM[term], symbol=symbol, tone=tone)


def term_text(agreement: Agreement) -> str:
    """From when until when: as far as it was agreed."""
    return span(agreement.starts_on, agreement.ends_on) or _("no days agreed")


def span(first: date | None, last: date | None) -> str:
    """Two days as a term; empty when neither is known."""
    if first and last:
        return _("{first} to {last}").format(first=amounts.day(first), last=amounts.day(last))
    if first:
        return _("from {day}, without a last day").format(day=amounts.day(first))
    return _("up to and including {day}").format(day=amounts.day(last)) if last else ""


def review_badge(review: Ripeness) -> c.Badge | None:
    """That an agreement asks to be looked at again; None while it does not."""
    if review is Ripeness.LATE:
        return c.Badge(text=_("Look at it again: the day has passed"), symbol="warning", tone="warning")
    if review is Ripeness.SOON:
        return c.Badge(text=_("Look at it again soon"), symbol="info", tone="info")
    return None


def promise_badge(promise: Promise, *, today: date) -> c.Badge:
    """How a promise stands; an open one past its day is too late."""
    if promise.state == Promise.State.OPEN and promise.due_on and promise.due_on < today:
        return c.Badge(text=_("Past its day"), symbol="warning", tone="warning")
    symbol, tone = PROMISE_BADGE[promise.state]
    return c.Badge(text=PROMISE_STATE[promise.state], symbol=symbol, tone=tone)


def promise_day(promise: Promise) -> str:
    """When it is due, or when it was settled."""
    if promise.state_on:
        return _("settled on {day}").format(day=amounts.day(promise.state_on))
    if promise.due_on:
        return _("by {day}").format(day=amounts.day(promise.due_on))
    return _("no day was agreed")


def signals(line: OrganisationLine) -> list[c.Badge]:
    """What asks attention at an organisation."""
    badges: list[c.Badge] = []
    if line.late_promises:
        told = ngettext("{number} promise past its day", "{number} promises past their day", line.late_promises)
        badges.append(c.Badge(text=told.format(number=line.late_promises), symbol="warning", tone="warning"))
    if line.ending_agreements:
        badges.append(c.Badge(text=_("Agreement ends within a quarter"), symbol="warning", tone="warning"))
    if line.is_silent:
        badges.append(c.Badge(text=silence(line), symbol="cannot-tell", tone="neutral"))
    if line.lacks_contact:
        badges.append(c.Badge(text=_("No contact person"), symbol="person", tone="neutral"))
    return badges


def silence(line: OrganisationLine) -> str:
    """Since when nothing was recorded with a partner."""
    if line.last_heard_on is None:
        return _("Nothing recorded yet")
    return _("Nothing since {day}").format(day=amounts.day(line.last_heard_on))


def ripe_badge(ripe: Ripeness, day: date | None, *, done: str) -> c.Badge:
    """How our input for a regional plan stands, or their report on it."""
    when = amounts.day(day) if day else ""
    return {
        Ripeness.DONE: c.Badge(text=done, symbol="ok", tone="positive"),
        Ripeness.LATE: c.Badge(text=_("Was due on {day}").format(day=when), symbol="warning", tone="warning"),
        Ripeness.SOON: c.Badge(text=_("Due on {day}").format(day=when), symbol="info", tone="info"),
        Ripeness.LATER: c.Badge(text=_("Due on {day}").format(day=when), symbol="info"),
        Ripeness.NO_DAY: c.Badge(text=_("No day agreed"), symbol="not-measured"),
    }[ripe]


def years(plan: RegionalPlan) -> str:
    """The years of a regional plan, such as 2020-2023."""
    first, last = plan.first_day.year, plan.last_day.year
    return str(first) if first == last else f"{first}-{last}"
