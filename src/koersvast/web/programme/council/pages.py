"""The council's pages, made ready to show: the list by term, one item with its facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.indicators.wording.numbers import format_day
from koersvast.programme.council import ORDER, Term
from koersvast.programme.models import CouncilItem
from koersvast.programme.queries.council import BoundPlace, CouncilLine
from koersvast.web import components as c
from koersvast.web.programme.council import words


@dataclass(frozen=True, kw_only=True)
class Card:
    """One item in a list."""

    title: str
    href: str
    kind: str
    badge: c.Badge
    when: str
    about: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """The items that stand alike."""

    id: str
    badge: c.Badge
    cards: Sequence[Card]


def card(line: CouncilLine, *, municipality: str, today: date) -> Card:
    """One item with what it is about and when it is due."""
    item = line.item
    return Card(
        title=item.title, href=item_href(item, municipality), kind=str(words.KIND[item.kind]),
        badge=words.TERM[line.term], when=when(line, today=today), about=item.place_label,
    )  # fmt: skip


def groups(lines: Iterable[CouncilLine], *, municipality: str, today: date) -> list[Group]:
    """The items by how they stand, the most urgent first."""
    held: dict[Term, list[Card]] = {}
    for line in lines:
        held.setdefault(line.term, []).append(card(line, municipality=municipality, today=today))
    return [Group(id=f"stand-{term.value}", badge=words.TERM[term], cards=held[term]) for term in ORDER if term in held]


def when(line: CouncilLine, *, today: date) -> str:
    """Say when it is due, or since when it is behind us."""
    item = line.item
    if item.settled_on and line.term is Term.SETTLED:
        return _("answered on {day}").format(day=format_day(item.settled_on))
    if item.due_on is None or not line.is_open:
        return _("raised on {day}").format(day=format_day(item.raised_on))
    days = (today - item.due_on).days
    if days > 0:
        late = ngettext("{number} day late", "{number} days late", days) if days < 60 else _("due on {day}")
        return late.format(number=days, day=format_day(item.due_on))
    return _("due on {day}").format(day=format_day(item.due_on))


def item_href(item: CouncilItem, municipality: str) -> str:
    """Where an item is."""
    return reverse("council-item", kwargs={"municipality": municipality, "council_item": item.number})


def place_link(found: BoundPlace | None, municipality: str) -> c.Link | None:
    """The place as a link; None without a place."""
    return c.Link(label=found.label, href=_place_href(found, municipality)) if found else None


def _place_href(found: BoundPlace, municipality: str) -> str:
    """Where a place is."""
    where: dict[str, Any] = {"municipality": municipality}
    code = found.place.code
    if found.objective and found.plan:
        return reverse("objective", kwargs=where | {"plan": found.plan.code, "objective": code})
    if found.action:
        return reverse("action", kwargs=where | {"action": int(code)})
    if found.place.kind == "programme":
        return reverse("programme-table", kwargs=where | {"programme": code})
    return reverse("review", kwargs=where | {"moment": int(code)})


def facts(line: CouncilLine) -> list[tuple[str, str]]:
    """What is known of an item; what nobody filled in is left out, a missing term is said."""
    item = line.item
    day = format_day(item.due_on) if item.due_on else _("no term was given")
    found = [
        (_("Raised on"), format_day(item.raised_on)),
        (_("Term"), day),
        (_("Portfolio holder"), item.portfolio),
        (_("Political group"), item.group),
        (_("Council member"), item.asked_by),
        (_("Meeting of the council"), item.meeting),
    ]
    if line.term is Term.SETTLED and item.settled_on:
        found.append((_("Answered on"), format_day(item.settled_on)))
    return [(name, value) for name, value in found if value]
