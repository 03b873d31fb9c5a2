"""One change of many actions at once, and taking it back. What it would do is shown by `queries.several` first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.policy.models import Objective
from koersvast.programme.changes.bulk import keep_bulk, line_of_changed
from koersvast.programme.changes.drafts import ActionDraft, checked, draft_of
from koersvast.programme.changes.storing import may_edit, move_on, open_programme, shifted, whole
from koersvast.programme.models import Action, BulkChange, Programme

PLAIN = (
    "owner_organisation", "owner_contact", "owner_role", "chain_link", "priority", "starts_on", "ends_on", "area",
    "depends_on",
)  # fmt: skip
EVALUATION = ("evaluation", "evaluation_text", "evaluated_on")
CHANGEABLE = frozenset({*PLAIN, "add_objectives", "remove_objectives", "shift_days", "evaluation", "evaluation_text"})
"""What may be changed at once; the status may not: that goes by a report on each action."""


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """An action that an undo left alone. `reason`: changed_since, reported_on, removed, part_gone, not_possible."""

    number: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Undone:
    """What an undo did: the numbers of actions that are as before, and those it left alone."""

    restored: tuple[int, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the change does to one action. `problem` when it is refused; the two states are equal when nothing changes.

    A state holds the fields that may change at once, by name; `objectives` as a tuple of objectives.
    """

    action: Action
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    problem: ValidationError | None = None

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the fields that get another value; none for a refused action."""
        return () if self.problem else tuple(name for name in self.old if self.old[name] != self.new[name])


def outcomes(actions: Iterable[Action], *, values: Mapping[str, object]) -> list[Outcome]:
    """What `values` does to each action, without writing. `actions` come from `storing.whole`.

    Codes of a ValidationError about the whole: field_unknown, nothing_asked, shift_and_day.
    """
    _askable(values)
    return [_outcome(action, values) for action in actions]


def change_several(
    *, programme: Programme, numbers: Sequence[int], values: Mapping[str, object], by: Actor
) -> BulkChange:
    """Change these actions of the programme at once; those that refuse it, or stay equal, are left as they are.

    `values` by name: the fields of `PLAIN`, `add_objectives` and `remove_objectives` (sequences of Objective),
    `shift_days` (days, both dates move), `evaluation` with `evaluation_text`. Code when nothing changes:
    nothing_changes; further those of `outcomes`, programme_closed and other_programme.
    """
    may_edit(by, programme.municipality)
    open_programme(programme)
    with audit.recorded(Event.ACTIONS_CHANGED, by=by, municipality=programme.municipality) as record:
        standing = _held(programme, numbers)
        done = [one for one in outcomes(standing, values=values) if one.changed]
        if not done:
            raise ValidationError(
                _("Nothing changes: each of these actions refuses it, or has this already."), code="nothing_changes"
            )
        _valid_once(done[0])
        lines = [line_of_changed(_set(one), before=_kept(one)) for one in done]
        _save([one.action for one in done])
        _set_objectives({one.action: one.new["objectives"] for one in done if "objectives" in one.changed})
        bulk = keep_bulk(programme, kind="change", lines=lines, by=by)
        record.subject = bulk
        record.detail = {"numbers": [one.action.number for one in done], "fields": sorted(values)}
    return bulk


def undo(*, bulk: BulkChange, by: Actor) -> Undone:
    """Put back what stood there before the bulk, wherever nobody wrote since; added actions go again.

    Codes: undone_already, programme_closed.
    """
    programme = bulk.programme
    may_edit(by, programme.municipality)
    open_programme(programme)
    with audit.recorded(Event.ACTIONS_RESTORED, by=by, municipality=programme.municipality) as record:
        row = BulkChange.objects.select_for_update().get(pk=bulk.pk)
        if row.undone_at is not None:
            raise ValidationError(_("This was undone already."), code="undone_already")
        lines = [line for line in row.lines if "action" in line]
        actions = {
            action.pk: action for action in whole(Action.objects.filter(pk__in=[one["action"] for one in lines]))
        }
        reported = set(Action.objects.filter(pk__in=actions).exclude(reports=None).values_list("pk", flat=True))
        skipped = [one for one in (_skip(line, actions, reported) for line in lines) if one is not None]
        left = {one.number for one in skipped}
        todo = [line for line in lines if line["number"] not in left]
        broken = _restore([line for line in todo if not line["added"]], actions)
        Action.objects.filter(pk__in=[line["action"] for line in todo if line["added"]]).delete()
        row.undone_at = timezone.now()
        row.save(update_fields=["undone_at"])
        gone = {one.number for one in broken}
        restored = tuple(line["number"] for line in todo if line["number"] not in gone)
        record.subject, record.detail = row, {"restored": list(restored), "skipped": sorted(left | gone)}
    return Undone(restored=restored, skipped=(*skipped, *broken))


def _askable(values: Mapping[str, object]) -> None:
    unknown = sorted(set(values) - CHANGEABLE)
    if unknown:
        raise ValidationError(
            _("%(field)s cannot be changed for many actions at once."), code="field_unknown",
            params={"field": ", ".join(unknown)},
        )  # fmt: skip
    if not values:
        raise ValidationError(_("Choose what has to change."), code="nothing_asked")
    if "shift_days" in values and {"starts_on", "ends_on"} & set(values):
        raise ValidationError(_("Move the days, or give a day: not both."), code="shift_and_day")


def _outcome(action: Action, values: Mapping[str, object]) -> Outcome:
    before = draft_of(action)
    old = _state(before) | {name: getattr(action, name) for name in EVALUATION}
    try:
        after = _applied(before, values)
        checked(after, programme=action.programme, standing=before)
        return Outcome(action=action, old=old, new=_state(after) | _evaluated(action, values))
    except ValidationError as error:
        return Outcome(action=action, old=old, new=old, problem=error)


def _state(draft: ActionDraft) -> dict[str, Any]:
    return {**{name: getattr(draft, name) for name in PLAIN}, "objectives": draft.objectives}


def _applied(draft: ActionDraft, values: Mapping[str, Any]) -> ActionDraft:
    asked = {name: values[name] for name in PLAIN if name in values}
    if "owner_organisation" in asked and "owner_contact" not in asked:
        # Somebody of the organisation that did it before does not move along.
        stays = draft.owner_contact is not None and draft.owner_organisation == asked["owner_organisation"]
        asked["owner_contact"] = draft.owner_contact if stays else None
    if asked.get("owner_contact") is not None and "owner_organisation" not in asked:
        asked["owner_organisation"] = asked["owner_contact"].organisation
    if "shift_days" in values:
        days = int(values["shift_days"])
        asked |= {"starts_on": shifted(draft.starts_on, days=days), "ends_on": shifted(draft.ends_on, days=days)}
    removed = {one.pk for one in values.get("remove_objectives", ())}
    known = {one.pk for one in draft.objectives}
    objectives = [one for one in draft.objectives if one.pk not in removed]
    objectives += [one for one in values.get("add_objectives", ()) if one.pk not in known]
    ordered = sorted(objectives, key=lambda one: (one.position, one.pk))
    return replace(draft, **asked, objectives=tuple(ordered))


def _evaluated(action: Action, values: Mapping[str, Any]) -> dict[str, Any]:
    if "evaluation" not in values:
        return {name: getattr(action, name) for name in EVALUATION}
    evaluation, text = str(values["evaluation"]), str(values.get("evaluation_text", ""))
    if evaluation not in Action.Evaluation.values:
        raise ValidationError(_("Choose continue, adapt or stop."), code="evaluation_unknown")
    if evaluation in (Action.Evaluation.ADAPT, Action.Evaluation.STOP) and not text.strip():
        raise ValidationError(_("Say in a sentence why it is adapted or stops."), code="evaluation_text_missing")
    if (action.evaluation, action.evaluation_text) == (evaluation, text):
        return {name: getattr(action, name) for name in EVALUATION}
    return {
        "evaluation": evaluation, "evaluation_text": text,
        "evaluated_on": timezone.localdate() if evaluation else None,
    }  # fmt: skip


def _held(programme: Programme, numbers: Sequence[int]) -> list[Action]:
    """The actions, held until the end of the transaction. Code: other_programme."""
    chosen = Action.objects.filter(programme=programme, number__in=numbers)
    held = list(chosen.select_for_update().values_list("number", flat=True))
    if set(held) != set(numbers):
        missing = ", ".join(str(number) for number in sorted(set(numbers) - set(held)))
        raise ValidationError(
            _("Not in this programme: action %(numbers)s."), code="other_programme", params={"numbers": missing}
        )
    return list(whole(chosen))


def _valid_once(outcome: Outcome) -> None:
    """Lengths and choices are the same for all: the first one is looked at with all that the model demands."""
    for name in (*PLAIN, *EVALUATION):
        setattr(outcome.action, name, outcome.new[name])
    touched = {*PLAIN, *EVALUATION}
    outcome.action.clean_fields(exclude={field.name for field in Action._meta.fields if field.name not in touched})


def _set(outcome: Outcome) -> Action:
    for name in (*PLAIN, *EVALUATION):
        setattr(outcome.action, name, outcome.new[name])
    move_on(outcome.action)
    return outcome.action


def _kept(outcome: Outcome) -> dict[str, Any]:
    """The old values of what changed, as they are kept: rows by their key, days as text."""
    return {name: _as_kept(outcome.old[name]) for name in outcome.changed}


def _as_kept(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, date):
        return value.isoformat()
    return [one.pk for one in value] if isinstance(value, tuple) else value


def _save(actions: Sequence[Action]) -> None:
    Action.objects.bulk_update(actions, [*PLAIN, *EVALUATION, "version", "changed_at"], batch_size=200)


def _set_objectives(wanted: Mapping[Action, Iterable[Objective]]) -> None:
    through = Action.objectives.through
    through._default_manager.filter(action_id__in=[action.pk for action in wanted]).delete()
    through._default_manager.bulk_create(
        through(action_id=action.pk, objective_id=one.pk) for action, objectives in wanted.items() for one in objectives
    )


def _skip(line: Mapping[str, Any], actions: Mapping[int, Action], reported: set[int]) -> Skipped | None:
    action = actions.get(line["action"])
    if action is None:
        return Skipped(number=line["number"], reason="removed")
    if line["added"] and action.pk in reported:
        return Skipped(number=line["number"], reason="reported_on")
    if action.version != line["version"]:
        return Skipped(number=line["number"], reason="changed_since")
    return None


def _restore(lines: Sequence[Mapping[str, Any]], actions: Mapping[int, Action]) -> list[Skipped]:
    """Put the kept values back; an action whose old owner, priority or objective is gone stays as it is."""
    present = _present(lines)
    restored, objectives, skipped = [], {}, []
    for line in lines:
        action, before = actions[line["action"]], line["before"]
        if any(_is_gone(name, kept, present) for name, kept in before.items()):
            skipped.append(Skipped(number=line["number"], reason="part_gone"))
            continue
        for name, kept in before.items():
            if name == "objectives":
                objectives[action] = [present["objectives"][key] for key in kept]
            else:
                field: Any = Action._meta.get_field(name)
                setattr(action, field.attname, kept if field.is_relation else field.to_python(kept))
        move_on(action)
        restored.append(action)
    _save(restored)
    _set_objectives(objectives)
    return skipped


def _present(lines: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, Any]]:
    """The rows that kept values point to and that are still there, by field and key."""
    wanted: dict[str, set[int]] = {}
    for line in lines:
        for name, kept in line["before"].items():
            if Action._meta.get_field(name).is_relation:
                wanted.setdefault(name, set()).update(kept if isinstance(kept, list) else {kept} - {None})
    found = {}
    for name, keys in wanted.items():
        related: Any = Action._meta.get_field(name).related_model
        found[name] = {row.pk: row for row in related._default_manager.filter(pk__in=keys)}
    return found


def _is_gone(name: str, kept: Any, present: Mapping[str, Mapping[int, Any]]) -> bool:
    if name not in present or kept is None:
        return False
    return any(key not in present[name] for key in (kept if isinstance(kept, list) else [kept]))
