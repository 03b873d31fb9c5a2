"""Taking actions along to a later programme: days move with its first day, progress and evaluation stay behind."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.partners.models import Organisation
from koersvast.policy.models import Objective, Plan, Priority
from koersvast.programme.changes.bulk import Line, keep_bulk, line_of_added
from koersvast.programme.changes.drafts import ActionDraft, ContributionEntry, draft_of
from koersvast.programme.changes.storing import add_action, may_edit, open_programme, shifted, whole
from koersvast.programme.models import Action, BulkChange, Programme


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """An action that was not copied. `reason`: evaluated_adapt, evaluated_stop, stopped, copied_already."""

    number: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """What a copy does not have: `kind` objective, priority, approach_line, owner, contact or partner, and which."""

    number: int
    kind: str
    code: str


def reason_to_leave_out(action: Action, *, copied: frozenset[int] = frozenset()) -> str:
    """Why an action is not copied unless somebody asks for it; empty when it goes along. `copied` holds keys."""
    if action.pk in copied:
        return "copied_already"
    if action.evaluation in (Action.Evaluation.ADAPT, Action.Evaluation.STOP):
        return f"evaluated_{action.evaluation}"
    return "stopped" if action.status == Action.Status.STOPPED else ""


def copied_to(target: Programme) -> frozenset[int]:
    """The keys of the actions that have a copy in `target`."""
    return frozenset(key for key in target.actions.values_list("copied_from", flat=True).order_by() if key is not None)


def copy_actions(
    *, source: Programme, target: Programme, numbers: Sequence[int], by: Actor, also: Sequence[int] = ()
) -> BulkChange:
    """Copy these actions of `source` into `target`; dates and years of amounts move by the difference of first days.

    What was evaluated as adapt or stop, was stopped, or was copied already, is left out, unless its number stands in
    `also` too; `left_out(bulk)` says so, `dropped(bulk)` what a copy lacks. Agreements with partners have to be made
    again: the day of agreeing does not come along. Codes: same_programme, other_municipality, other_programme,
    nothing_to_copy, programme_closed.
    """
    may_edit(by, target.municipality)
    open_programme(target)
    _fits(source, target)
    with audit.recorded(Event.ACTIONS_COPIED, by=by, municipality=target.municipality) as record:
        chosen = list(whole(source.actions.filter(number__in=numbers)))
        if len(chosen) != len(set(numbers)):
            missing = ", ".join(str(number) for number in sorted(set(numbers) - {one.number for one in chosen}))
            raise ValidationError(
                _("Not in this programme: action %(numbers)s."), code="other_programme", params={"numbers": missing}
            )
        copied = copied_to(target)
        lines: list[Line] = []
        for action in chosen:
            reason = "" if action.number in also else reason_to_leave_out(action, copied=copied)
            lines.append({"number": action.number, "left_out": reason} if reason else _copy(action, target))
        if not any("action" in line for line in lines):
            raise ValidationError(_("None of these actions is copied: see the reasons."), code="nothing_to_copy")
        bulk = keep_bulk(target, kind="copy", lines=lines, by=by)
        bulk.actions_count = sum("action" in line for line in lines)
        bulk.save(update_fields=["actions_count"])
        record.subject = bulk
        record.detail = {"source": source.code, "numbers": [line["number"] for line in lines if "action" in line]}
    return bulk


def left_out(bulk: BulkChange) -> tuple[LeftOut, ...]:
    """The actions that a copy left out, with the reason."""
    return tuple(LeftOut(number=line["number"], reason=line["left_out"]) for line in bulk.lines if line.get("left_out"))


def dropped(bulk: BulkChange) -> tuple[Dropped, ...]:
    """What copies lack that the actions had; `number` is the number of the copy."""
    return tuple(
        Dropped(number=line["number"], kind=one["kind"], code=one["code"])
        for line in bulk.lines
        for one in line.get("dropped", ())
    )


def copied_draft(action: Action, target: Programme) -> tuple[ActionDraft, list[dict[str, str]]]:
    """The draft of the copy, and what it lacks."""
    source = draft_of(action)
    lost: list[dict[str, str]] = []
    objectives, priority = _of_plan(source, target.plan, lost)
    organisation, contact = _owner(source, target, lost)
    contributions = tuple(one for one in source.contributions if _works(one.organisation, "partner", lost))
    line = source.approach_line
    if line is not None and line.plan_id != target.plan_id:
        lost.append({"kind": "approach_line", "code": str(line.position)})
        line = None
    days = (target.first_day - action.programme.first_day).days
    years = target.first_day.year - action.programme.first_day.year
    draft = replace(
        source, objectives=objectives, priority=priority, approach_line=line, owner_organisation=organisation,
        owner_contact=contact, starts_on=shifted(source.starts_on, days=days),
        ends_on=shifted(source.ends_on, days=days), contributions=tuple(_renewed(one, target) for one in contributions),
        costs=tuple(replace(one, year=one.year + years) for one in source.costs),
    )  # fmt: skip
    return draft, lost


def _copy(action: Action, target: Programme) -> dict[str, Any]:
    draft, lost = copied_draft(action, target)
    return {**line_of_added(add_action(target, draft, copied_from=action)), "dropped": lost}


def _fits(source: Programme, target: Programme) -> None:
    if source == target:
        raise ValidationError(_("Choose another programme to copy to."), code="same_programme")
    if source.municipality_id != target.municipality_id:
        raise ValidationError(_("This belongs to another municipality."), code="other_municipality")


def _of_plan(
    draft: ActionDraft, plan: Plan, lost: list[dict[str, str]]
) -> tuple[tuple[Objective, ...], Priority | None]:
    """Objectives and priority of the plan of the target: the same ones, or those with the same code."""
    objectives = []
    for one in draft.objectives:
        same = one if one.plan_id == plan.pk else plan.objectives.filter(code=one.code).first()
        if same is None:
            lost.append({"kind": "objective", "code": one.code})
        else:
            objectives.append(same)
    priority = draft.priority
    if priority is not None and priority.plan_id != plan.pk:
        priority = plan.priorities.filter(code=priority.code).first()
        if priority is None and draft.priority is not None:
            lost.append({"kind": "priority", "code": draft.priority.code})
    return tuple(objectives), priority


def _owner(draft: ActionDraft, target: Programme, lost: list[dict[str, str]]) -> tuple[Any, Any]:
    organisation, contact = draft.owner_organisation, draft.owner_contact
    if organisation is not None and not _works(organisation, "owner", lost):
        return None, None
    if contact is not None and contact.until is not None and contact.until < target.first_day:
        lost.append({"kind": "contact", "code": str(contact.pk)})
        contact = None
    return organisation, contact


def _works(organisation: Organisation, kind: str, lost: list[dict[str, str]]) -> bool:
    if not organisation.is_active:
        lost.append({"kind": kind, "code": organisation.code})
    return organisation.is_active


def _renewed(entry: ContributionEntry, target: Programme) -> ContributionEntry:
    """Without the day of agreeing; an agreement that ends before the new programme begins does not carry it."""
    agreement = entry.agreement
    if agreement is not None and agreement.ends_on is not None:
        agreement = agreement if agreement.ends_on > target.first_day - timedelta(days=1) else None
    return replace(entry, agreed_on=None, agreement=agreement)
