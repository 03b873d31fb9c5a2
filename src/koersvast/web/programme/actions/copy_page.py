"""What the page shows on which actions are taken over from an earlier programme, and what changes on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.programme.changes.copying import copied_draft, copied_to, reason_to_leave_out
from koersvast.programme.changes.storing import whole
from koersvast.programme.models import Action, Programme
from koersvast.web import components as c
from koersvast.web.programme.actions import words

type Text = str | Promise

REASONS: Mapping[str, Text] = {
    "copied_already": gettext_lazy("was taken over already"),
    "evaluated_adapt": gettext_lazy("was evaluated: adapt it first"),
    "evaluated_stop": gettext_lazy("was evaluated: stop it"),
    "stopped": gettext_lazy("was stopped"),
}
DROPPED: Mapping[str, Text] = {
    "objective": gettext_lazy("an objective that the new plan does not have"),
    "priority": gettext_lazy("a priority that the new plan does not have"),
    "approach_line": gettext_lazy("a line of the approach of the old plan"),
    "owner": gettext_lazy("an owner that is no longer active"),
    "contact": gettext_lazy("a contact who leaves before"),
    "partner": gettext_lazy("a partner that is no longer active"),
}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An action that may go along: the days it will get, what it lacks then, and why it would rather not."""

    number: int
    title: str
    status: c.Badge
    term: str
    lacks: str
    reason: str
    ticked: bool


def context(source: Programme, target: Programme, *, ticked: Sequence[int] | None = None) -> dict[str, Any]:
    """Every action of the source. What continues is ticked, unless somebody ticked already."""
    copied = copied_to(target)
    actions = whole(Action.objects.filter(programme=source))
    found = [_candidate(action, target, copied=copied, ticked=ticked) for action in actions]
    return {
        "candidates": found,
        "continuing": [one for one in found if not one.reason],
        "others_left": [one for one in found if one.reason],
    }


def _candidate(action: Action, target: Programme, *, copied: frozenset[int], ticked: Sequence[int] | None) -> Candidate:
    draft, lost = copied_draft(action, target)
    reason = reason_to_leave_out(action, copied=copied)
    return Candidate(
        number=action.number, title=action.title, status=words.STATUS[action.status],
        term=words.term(draft.starts_on, draft.ends_on),
        lacks=", ".join(dict.fromkeys(str(DROPPED[one["kind"]]) for one in lost)),
        reason=str(REASONS[reason]) if reason else "",
        ticked=not reason if ticked is None else action.number in ticked,
    )  # fmt: skip


def lacks(kind: str) -> str:
    """What a copy does not have, in words."""
    return str(DROPPED.get(kind, _("something of the old programme")))
