"""What the page of a change of many actions shows: what was done, what was left out, and whether it can be undone."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from koersvast.access.models import User
from koersvast.indicators.wording.numbers import format_moment
from koersvast.programme.changes.copying import dropped, left_out
from koersvast.programme.models import Action, BulkChange, Programme
from koersvast.web.programme.actions import copy_page

KINDS: Mapping[str, str | Promise] = {
    "change": gettext_lazy("Actions changed at once"),
    "copy": gettext_lazy("Actions taken over from an earlier programme"),
    "paste": gettext_lazy("Actions taken from a pasted table"),
    "file": gettext_lazy("Actions taken from a file"),
}


def summary(*, changing: int, refused: int, total: int) -> str:
    """How many change, stay equal and are refused, in one sentence."""
    parts = [ngettext("{number} action changes", "{number} actions change", changing).format(number=changing)]
    same = total - changing - refused
    if same:
        parts.append(ngettext("{number} stays as it is", "{number} stay as they are", same).format(number=same))
    if refused:
        parts.append(ngettext("{number} refuses this", "{number} refuse this", refused).format(number=refused))
    return ", ".join(parts) + "."


def context(made: BulkChange) -> dict[str, Any]:
    """The change with its actions as they are called now."""
    numbers = [line["number"] for line in made.lines if "action" in line]
    titles = dict(Action.objects.filter(programme=made.programme_id, number__in=numbers).values_list("number", "title"))
    lacking: dict[int, list[str]] = {}
    for one in dropped(made):
        lacking.setdefault(one.number, []).append(copy_page.lacks(one.kind))
    return {
        "made": made,
        "title": KINDS.get(made.kind, _("Change of several actions")),
        "lead": _made(made),
        "undone": _("Undone on {when}.").format(when=format_moment(made.undone_at)) if made.undone_at else "",
        "can_be_undone": made.undone_at is None and made.programme.state != Programme.State.CLOSED,
        "lines": [(number, titles.get(number, ""), ", ".join(lacking.get(number, ()))) for number in numbers],
        "left_out": [(one.number, copy_page.REASONS.get(one.reason, one.reason)) for one in left_out(made)],
    }


def _made(made: BulkChange) -> str:
    """When it was done and by whom; only who signs in has a name here."""
    kind, _colon, key = made.made_by.partition(":")
    user = User.objects.filter(pk=int(key)).first() if kind == "user" and key.isdecimal() else None
    count = ngettext("{number} action", "{number} actions", made.actions_count).format(number=made.actions_count)
    when = format_moment(made.made_at)
    if user is None:
        return _("{actions}, on {when}.").format(actions=count, when=when)
    return _("{actions}, on {when}, by {name}.").format(actions=count, when=when, name=user.name)
