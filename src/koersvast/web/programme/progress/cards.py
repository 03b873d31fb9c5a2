"""Reporting in place: for each action a card with its state, one line and, where it is counted, a number.

The same cards stand on "mine", on the page behind a reporting link and on the page of a meeting.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.quantities import Unit
from koersvast.indicators.wording.numbers import format_amount
from koersvast.programme.changes.progress import LINE_AT_MOST
from koersvast.programme.models import Action, ProgressReport
from koersvast.programme.queries.standing import ActionStanding
from koersvast.programme.staleness import Signal
from koersvast.programme.wording.standing import facts, last_report
from koersvast.web.components import Badge
from koersvast.web.programme.actions.words import SIGNAL, STATUS

type Save = Callable[[Action, str, str, Decimal | None], ProgressReport]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One state to choose: its value, its words, and whether it is chosen."""

    value: str
    badge: Badge
    checked: bool


@dataclass(frozen=True, kw_only=True)
class Given:
    """What somebody filled in for one action, as it was typed, and what is wrong with it."""

    state: str = ""
    line: str = ""
    output: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One action to report on, with everything that the template shows."""

    number: int
    title: str
    owner: str
    badges: Sequence[Badge]
    facts: Sequence[str]
    last: str
    choices: Sequence[Choice]
    line: str
    output: str
    output_label: str
    error: str
    href: str
    line_at_most: int = LINE_AT_MOST


@dataclass
class Outcome:
    """What came of a form: how many were saved, and what was not, by number."""

    saved: int = 0
    refused: dict[int, Given] = field(default_factory=dict)


def cards(
    found: Iterable[ActionStanding], *, given: Mapping[int, Given] | None = None,
    link: Callable[[int], str] | None = None,
) -> list[Card]:  # fmt: skip
    """Return the cards of these actions; `link` gives the address of an action for who may see its page."""
    typed = given or {}
    return [_card(one, typed.get(one.number, Given()), href=link(one.number) if link else "") for one in found]


def _card(one: ActionStanding, given: Given, *, href: str) -> Card:
    action = one.action
    shown = [STATUS[action.status]] + [
        SIGNAL[signal.value] for signal in (Signal.LATE, Signal.SILENT) if signal in one.signals
    ]
    return Card(
        number=action.number, title=action.title, owner=one.owner, badges=shown, facts=facts(one),
        last=last_report(one),
        choices=[Choice(value=value, badge=badge, checked=given.state == value) for value, badge in STATUS.items()],
        line=given.line, output=given.output, output_label=_output_label(action), error=given.error, href=href,
    )  # fmt: skip


def _output_label(action: Action) -> str:
    """How the number that is counted is asked for; empty where nothing is counted."""
    what = action.output_measure or action.output_unit
    if not what:
        return ""
    if action.output_planned is None:
        return _("How many so far: {what}").format(what=what)
    places = 0 if action.output_planned == action.output_planned.to_integral_value() else 2
    planned = format_amount(action.output_planned, Unit.COUNT, places)
    return _("How many so far: {what} (planned: {planned})").format(what=what, planned=planned)


def take_in(posted: QueryDict, found: Iterable[ActionStanding], *, write: Save) -> Outcome:
    """Save what was filled in, of one action when its own button was pressed, else of all that have something in it.

    Each is saved by itself: what is wrong with one does not lose another.
    """
    outcome, only = Outcome(), posted.get("alleen", "")
    for one in found:
        number = one.number
        given = Given(
            state=posted.get(f"staat-{number}", ""), line=posted.get(f"regel-{number}", ""),
            output=posted.get(f"aantal-{number}", "").strip(),
        )  # fmt: skip
        pressed = only == str(number)
        if not pressed and (only or not (given.state or given.line.strip() or given.output)):
            if given.state or given.line.strip() or given.output:
                outcome.refused[number] = given  # typed, but another was saved: it stays on the page
            continue
        if problem := _write(one.action, given, write):
            outcome.refused[number] = Given(state=given.state, line=given.line, output=given.output, error=problem)
        else:
            outcome.saved += 1
    return outcome


def _write(action: Action, given: Given, write: Save) -> str:
    """Save one report; return what is wrong with it, or an empty text."""
    try:
        write(action, given.state, given.line, reported_number(given.output))
    except ValidationError as refused:
        return " ".join(refused.messages)
    return ""


# Read as on every other page where the number is asked for.
NUMBER = forms.DecimalField(required=False, min_value=0, max_digits=12, decimal_places=2, localize=True)


def reported_number(typed: str) -> Decimal | None:
    """Read the number that somebody typed; None for nothing. Raises ValidationError for what is no count."""
    number: Decimal | None = NUMBER.clean(typed)
    return number


def tell(request: HttpRequest, outcome: Outcome) -> None:
    """Say how many reports came in, or that nothing was filled in."""
    if outcome.saved:
        messages.success(request, thanks(outcome.saved))
    elif not outcome.refused:
        messages.info(request, nothing())


def thanks(saved: int) -> str:
    """What is said after saving."""
    return ngettext(
        "Thank you. Your report on {number} action is in.", "Thank you. Your reports on {number} actions are in.", saved
    ).format(number=saved)


def nothing() -> str:
    """What is said when a form was sent without anything in it."""
    return _("Nothing was filled in. Choose how an action goes, and save it.")


def problems(refused: Mapping[int, Given]) -> int:
    """How many of these could not be saved because of what was filled in."""
    return sum(bool(given.error) for given in refused.values())
