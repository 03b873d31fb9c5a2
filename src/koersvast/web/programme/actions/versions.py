"""Two versions of an action side by side: what somebody typed, and what another person saved meanwhile.

Whoever opened the form carries along a digest of every field as it stood then. So the page knows which fields both
changed, and proposes for each of the others the version that somebody really changed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.indicators.wording.numbers import format_day, format_number
from koersvast.programme.changes.actions import ActionDraft, ContributionEntry, CostEntry
from koersvast.web.programme.actions import words
from koersvast.web.programme.actions.action_form import ActionForm

type Side = Literal["mine", "theirs"]
KEEP = "keep-"
NAMES: Mapping[str, str | Promise] = {
    "objectives": gettext_lazy("Objectives of the action"),
    "contributions": gettext_lazy("What partners contribute"),
    "costs": gettext_lazy("Amounts of the action"),
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field that differs: both values in words, and which side is proposed; `both` when two people changed it."""

    name: str
    label: str | Promise
    mine: str
    theirs: str
    proposed: Side
    both: bool


def seen(draft: ActionDraft) -> str:
    """Digests of all fields, for a form to carry along: short, and they tell nothing of the texts."""
    return json.dumps({one.name: _digest(worded(getattr(draft, one.name), one.name)) for one in fields(draft)})


def differences(*, mine: ActionDraft, theirs: ActionDraft, seen_then: str) -> list[Difference]:
    """The fields in which what was typed differs from what stands there now."""
    then = _digests(seen_then)
    found = [_difference(one.name, mine, theirs, then) for one in fields(ActionDraft)]
    return [one for one in found if one is not None]


def _difference(name: str, mine: ActionDraft, theirs: ActionDraft, then: Mapping[str, str]) -> Difference | None:
    typed, now = getattr(mine, name), getattr(theirs, name)
    if typed == now:
        return None
    said, stands = worded(typed, name), worded(now, name)
    only_theirs = then.get(name) == _digest(said)
    only_mine = then.get(name) == _digest(stands)
    return Difference(
        name=name, label=label_of(name), mine=said or _("(empty)"), theirs=stands or _("(empty)"),
        proposed="theirs" if only_theirs else "mine", both=not (only_theirs or only_mine),
    )  # fmt: skip


def merged(*, mine: ActionDraft, theirs: ActionDraft, keep: Mapping[str, str]) -> ActionDraft:
    """What was typed, with the fields for which the other version was chosen."""
    names = {one.name for one in fields(ActionDraft)}
    chosen = [name for name, side in keep.items() if side == "theirs" and name in names]
    return replace(mine, **{name: getattr(theirs, name) for name in chosen})


def kept(posted: Mapping[str, Any]) -> dict[str, str]:
    """Which side was chosen, by the name of the field."""
    return {name.removeprefix(KEEP): str(value) for name, value in posted.items() if name.startswith(KEEP)}


def label_of(name: str) -> str | Promise:
    """What a field is called."""
    if name in NAMES:
        return NAMES[name]
    return ActionForm.base_fields[name].label or _("Known measure")


def worded(value: Any, name: str = "") -> str:
    """A value of a draft in words; empty when there is none."""
    if value in (None, "", ()):
        return ""
    if name == "recurrence":
        return str(words.RECURRENCE[value])
    if name == "chain_link":
        return words.chain_link_name(value)
    if isinstance(value, tuple):
        return "; ".join(worded(one) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, CostEntry):
        return _cost(value)
    if isinstance(value, ContributionEntry):
        return _contribution(value)
    if isinstance(value, date):
        return format_day(value)
    if isinstance(value, Decimal):
        return format_number(value, 0 if value == value.to_integral_value() else 2)
    return str(getattr(value, "name", value)) if isinstance(value, models.Model) else str(value)


def _cost(entry: CostEntry) -> str:
    partner = str(entry.organisation or "")
    yearly = _("every year again") if entry.is_structural else ""
    parts: Sequence[str] = (
        f"{entry.year}: {words.euro(entry.euro)}", str(words.COVER[entry.cover]), entry.cover_name, entry.task_field,
        partner, yearly,
    )  # fmt: skip
    return ", ".join(part for part in parts if part)


def _contribution(entry: ContributionEntry) -> str:
    parts = (
        entry.text, words.hours(entry.hours) if entry.hours is not None else "",
        words.euro(entry.euro) if entry.euro is not None else "",
        format_day(entry.agreed_on) if entry.agreed_on else "", str(entry.agreement or ""),
    )  # fmt: skip
    return ", ".join(part for part in (entry.organisation.name, *parts) if part)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _digests(carried: str) -> dict[str, str]:
    try:
        found = json.loads(carried)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
