"""What deserves attention about an action: late, silent, unowned or stuck. From dates and values alone.

Late: its end has passed, or the one day it was meant for, and nobody said that it is done or stopped. Silent: it has
begun and nobody reported for six weeks, or thirteen where it recurs by the quarter or the year. See
docs/methods/staleness.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

SILENT_AFTER = timedelta(weeks=6)
SILENT_AFTER_SLOW = timedelta(weeks=13)
SLOW = frozenset({"quarterly", "yearly"})
SETTLED = frozenset({"done", "stopped"})


class Signal(StrEnum):
    """One thing that is wrong with how an action goes."""

    LATE = "late"
    SILENT = "silent"
    UNOWNED = "unowned"
    STUCK = "stuck"


# Which of several counts first, when one of them has to be named.
URGENCY = (Signal.STUCK, Signal.LATE, Signal.SILENT, Signal.UNOWNED)


@dataclass(frozen=True, kw_only=True)
class ActionFacts:
    """What has to be known of one action. `status` and `recurrence` are the values of `Action`."""

    status: str
    recurrence: str = "once"
    starts_on: date | None = None
    ends_on: date | None = None
    last_report_on: date | None = None
    has_owner: bool = True


def signals(facts: ActionFacts, *, today: date) -> frozenset[Signal]:
    """Return everything that deserves attention; nothing for an action that is done or stopped."""
    if facts.status in SETTLED:
        return frozenset()
    found = {
        Signal.LATE: late_days(facts, today=today) is not None,
        Signal.SILENT: _is_silent(facts, today=today),
        Signal.UNOWNED: not facts.has_owner,
        Signal.STUCK: facts.status == "stuck",
    }
    return frozenset(signal for signal, holds in found.items() if holds)


def late_days(facts: ActionFacts, *, today: date) -> int | None:
    """Return how many days the end, or the one planned day, lies behind; None when it is not late."""
    due = due_on(facts)
    if facts.status in SETTLED or due is None or due >= today:
        return None
    return (today - due).days


def due_on(facts: ActionFacts) -> date | None:
    """Return the day by which it should be done: its end, or the one day of something that has not begun."""
    if facts.ends_on is None and facts.recurrence == "once" and facts.status == "planned":
        return facts.starts_on
    return facts.ends_on


def has_begun(facts: ActionFacts, *, today: date) -> bool:
    """Whether it runs, by what was said of it or because its first day has come."""
    if facts.status in {"running", "stuck"}:
        return True
    return facts.status == "planned" and facts.starts_on is not None and facts.starts_on <= today


def silent_days(facts: ActionFacts, *, today: date) -> int | None:
    """Return for how many days nobody has reported, counted from the start when nobody ever did.

    None where there is no day to count from, or nothing to report yet.
    """
    since = facts.last_report_on or facts.starts_on
    if since is None or since > today or not has_begun(facts, today=today):
        return None
    return (today - since).days


def silent_after(recurrence: str) -> timedelta:
    """Return how long may pass without a report."""
    return SILENT_AFTER_SLOW if recurrence in SLOW else SILENT_AFTER


def _is_silent(facts: ActionFacts, *, today: date) -> bool:
    days = silent_days(facts, today=today)
    if days is None:  # it runs, nobody ever reported, and nobody said since when it runs
        return has_begun(facts, today=today) and facts.last_report_on is None and facts.starts_on is None
    return days >= silent_after(facts.recurrence).days


@dataclass(frozen=True, kw_only=True)
class Silence:
    """How long somebody has been silent about what is theirs: `days` of the longest, `actions` that are silent.

    `days` is None when they never reported and there is no day to count from.
    """

    key: str
    days: int | None
    actions: int


def silences(owned: Iterable[tuple[str, ActionFacts]], *, today: date) -> list[Silence]:
    """Return who has been silent, longest first; `owned` pairs whoever it is with an action of theirs."""
    found: dict[str, list[int | None]] = {}
    for key, facts in owned:
        if Signal.SILENT in signals(facts, today=today):
            found.setdefault(key, []).append(silent_days(facts, today=today))
    every = [Silence(key=key, days=_longest(days), actions=len(days)) for key, days in found.items()]
    return sorted(every, key=lambda one: (one.days is not None, -(one.days or 0), one.key))


def _longest(days: list[int | None]) -> int | None:
    """The longest of some silences; one without a beginning counts as longer than any."""
    known = [one for one in days if one is not None]
    return max(known) if len(known) == len(days) else None
