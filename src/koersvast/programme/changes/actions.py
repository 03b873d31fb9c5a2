"""Changes of actions: one is written, removed, evaluated, or taken up from a follow-up; many are added at once.

This is the door: what changes many actions that stand already is in `several`, copying in `copying`.
"""

from collections.abc import Sequence
from typing import Literal

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.conflicts import Changed, locked
from koersvast.partners.changes.meetings import settle_follow_up
from koersvast.partners.models import FollowUp
from koersvast.programme.changes.bulk import keep_bulk, line_of_added
from koersvast.programme.changes.copying import copy_actions
from koersvast.programme.changes.drafts import (
    ActionDraft,
    ContributionEntry,
    CostEntry,
    Remark,
    draft_of,
    personal_texts,
    remarks,
)
from koersvast.programme.changes.programmes import adopt_programme, close_programme, write_programme
from koersvast.programme.changes.several import Undone, change_several, undo
from koersvast.programme.changes.storing import add_action, may_edit, move_on, open_programme, rewrite_action
from koersvast.programme.models import Action, BulkChange, Programme

__all__ = [
    "ActionDraft",
    "Changed",
    "ContributionEntry",
    "CostEntry",
    "Remark",
    "Undone",
    "action_from_follow_up",
    "adopt_programme",
    "change_several",
    "close_programme",
    "copy_actions",
    "draft_of",
    "evaluate",
    "remarks",
    "remove_action",
    "undo",
    "write_action",
    "write_actions",
    "write_programme",
]

TITLE_LENGTH = 160


def write_action(
    *, programme: Programme, draft: ActionDraft, by: Actor, action: Action | None = None, version: int | None = None
) -> Action:
    """Add an action under the next number, or write this draft over `action`; the status is not touched.

    Raises `Changed` when the action has another version, ValidationError with the codes of `drafts.checked` or
    programme_closed or other_programme.
    """
    may_edit(by, programme.municipality)
    open_programme(programme)
    if action is not None and action.programme_id != programme.pk:
        raise ValidationError(_("This action belongs to another programme."), code="other_programme")
    with audit.recorded(Event.ACTION_WRITTEN, by=by, municipality=programme.municipality) as record:
        written = rewrite_action(action, draft, version=version) if action else add_action(programme, draft)
        record.subject, record.detail = written, {"number": written.number}
    return written


def write_actions(
    *, programme: Programme, drafts: Sequence[ActionDraft], kind: Literal["paste", "file"], by: Actor
) -> BulkChange:
    """Add many actions at once, all or none. Undoing it takes away those that nobody touched since.

    A draft that is refused names its place: ValidationError with the field `drafts.3`, counted from 1.
    """
    may_edit(by, programme.municipality)
    open_programme(programme)
    with audit.recorded(Event.TABLE_TAKEN, by=by, municipality=programme.municipality) as record:
        added = [_added(programme, draft, place=place) for place, draft in enumerate(drafts, start=1)]
        bulk = keep_bulk(programme, kind=kind, lines=[line_of_added(action) for action in added], by=by)
        record.subject, record.detail = bulk, {"numbers": [action.number for action in added]}
    return bulk


def remove_action(*, action: Action, by: Actor, version: int | None = None) -> None:
    """Remove an action on which nothing was reported; its number is not used again. Code: action_reported_on."""
    may_edit(by, action.municipality)
    with audit.recorded(Event.ACTION_REMOVED, by=by, municipality=action.municipality) as record:
        standing = locked(action, version=version)
        open_programme(standing.programme)
        if standing.reports.exists():
            raise ValidationError(
                _("Something was reported on this action, so it stays. Report that it is stopped, and why."),
                code="action_reported_on",
            )
        record.detail = {"number": standing.number, "programme": standing.programme.code}
        standing.delete()


def evaluate(
    *, action: Action, evaluation: Action.Evaluation, text: str, by: Actor, version: int | None = None
) -> Action:
    """Say whether the action continues, is adapted or stops, and why; also after its programme was closed.

    Codes: evaluation_unknown, evaluation_text_missing, personal_text.
    """
    may_edit(by, action.municipality)
    if evaluation not in Action.Evaluation.values:
        raise ValidationError(_("Choose continue, adapt or stop."), code="evaluation_unknown")
    if evaluation in (Action.Evaluation.ADAPT, Action.Evaluation.STOP) and not text.strip():
        raise ValidationError(
            {
                "text": ValidationError(
                    _("Say in a sentence why it is adapted or stops."), code="evaluation_text_missing"
                )
            }
        )
    problems = dict(personal_texts({"text": text}))
    if problems:
        raise ValidationError(dict(problems))
    with audit.recorded(Event.ACTION_EVALUATED, by=by, municipality=action.municipality) as record:
        standing = locked(action, version=version)
        standing.evaluation, standing.evaluation_text = Action.Evaluation(evaluation), text
        standing.evaluated_on = timezone.localdate() if evaluation else None
        move_on(standing)
        standing.save()
        record.subject = standing
        record.detail = {"number": standing.number, "evaluation": str(standing.evaluation)}
    return standing


def action_from_follow_up(*, follow_up: FollowUp, programme: Programme, by: Actor) -> Action:
    """Take a follow-up of a meeting up into the programme; the follow-up says that it became an action.

    Codes: follow_up_taken, follow_up_settled, other_municipality, and those of `write_action`.
    """
    municipality = programme.municipality
    may_edit(by, municipality)
    open_programme(programme)
    if follow_up.meeting.consultation.municipality_id != municipality.pk:
        raise ValidationError(_("This belongs to another municipality."), code="other_municipality")
    with audit.recorded(Event.ACTION_WRITTEN, by=by, municipality=municipality) as record:
        standing = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
        _still_open(standing)
        action = add_action(programme, _draft_from(standing), follow_up=standing)
        settle_follow_up(follow_up=standing, state=FollowUp.State.BECAME_ACTION, by=by)
        record.subject, record.detail = action, {"number": action.number, "follow_up": standing.pk}
    return action


def _added(programme: Programme, draft: ActionDraft, *, place: int) -> Action:
    try:
        return add_action(programme, draft)
    except ValidationError as error:
        raise ValidationError({f"drafts.{place}": error.messages}) from error


def _still_open(follow_up: FollowUp) -> None:
    if follow_up.state == FollowUp.State.BECAME_ACTION:
        raise ValidationError(_("This follow-up is already an action."), code="follow_up_taken")
    if follow_up.state != FollowUp.State.OPEN:
        raise ValidationError(_("This follow-up is settled. Open it again first."), code="follow_up_settled")


def _draft_from(follow_up: FollowUp) -> ActionDraft:
    """A title that fits; a longer text stands below it in full."""
    whole = " ".join(follow_up.text.split())
    fits = len(whole) <= TITLE_LENGTH
    title = whole if fits else whole[: TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "…"
    return ActionDraft(
        title=title, text="" if fits else whole, owner_organisation=follow_up.organisation,
        owner_role=follow_up.owner_role, ends_on=follow_up.due_on,
    )  # fmt: skip
