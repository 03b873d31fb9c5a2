"""What is kept of a change of many actions: for each, which version it left and what stood there before."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from koersvast.access.audit import Actor, describe
from koersvast.programme.models import Action, BulkChange, Programme

type Line = Mapping[str, Any]


def keep_bulk(programme: Programme, *, kind: str, lines: list[Line], by: Actor) -> BulkChange:
    """Keep the change so that it can be undone. Lines hold numbers and codes, never a name of a person."""
    return BulkChange.objects.create(
        programme=programme, made_at=timezone.now(), made_by=describe(by), kind=kind, actions_count=len(lines),
        lines=lines,
    )  # fmt: skip


def line_of_added(action: Action) -> Line:
    """The line of an action that was not there before."""
    return {"action": action.pk, "number": action.number, "version": action.version, "added": True}


def line_of_changed(action: Action, *, before: Mapping[str, Any]) -> Line:
    """The line of an action that stood there; `before` holds the old values of the fields that changed."""
    return {
        "action": action.pk, "number": action.number, "version": action.version, "added": False,
        "before": dict(before),
    }  # fmt: skip
