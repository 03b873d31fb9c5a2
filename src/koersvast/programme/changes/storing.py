"""The rows of an action: its number, its fields, its lines. The changes around it say who may, and what is recorded."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.audit import Actor
from koersvast.access.conflicts import locked
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.programme.changes.drafts import (
    CONTRIBUTION_FIELDS,
    COST_FIELDS,
    PLAIN_FIELDS,
    ActionDraft,
    checked,
    draft_of,
)
from koersvast.programme.models import Action, ActionNumbering, Contribution, CostLine, Programme

ROWS_BESIDE = tuple(
    name for name in (*PLAIN_FIELDS, "programme", "municipality") if Action._meta.get_field(name).is_relation
)


def whole(actions: QuerySet[Action]) -> QuerySet[Action]:
    """The actions with all that `draft_of` looks at, in a constant number of queries."""
    return actions.select_related(*ROWS_BESIDE).prefetch_related(
        "objectives", "contributions__organisation", "contributions__agreement", "cost_lines__organisation"
    )


def may_edit(by: Actor, municipality: Municipality) -> None:
    """Refuse whoever may not edit the programme."""
    authorise(by, Permission.PROGRAMME_EDIT, municipality, on=timezone.localdate())


def open_programme(programme: Programme) -> None:
    """Refuse a closed programme. Code: programme_closed."""
    if programme.state == Programme.State.CLOSED:
        raise ValidationError(
            _("This programme is closed: its actions stay as they are. Copy them to a new programme instead."),
            code="programme_closed",
        )


def add_action(programme: Programme, draft: ActionDraft, **more: object) -> Action:
    """Check the draft and write it as a new action with the next number."""
    checked(draft, programme=programme)
    now = timezone.now()
    action = Action(
        municipality=programme.municipality, programme=programme, number=_next_number(programme.municipality),
        created_at=now, changed_at=now, **more,
    )  # fmt: skip
    _fill(action, draft)
    _lines(action, draft)
    return action


def rewrite_action(action: Action, draft: ActionDraft, *, version: int | None) -> Action:
    """Check the draft and write it over the action as it stands; raise `Changed` when that has another version."""
    standing = locked(action, version=version)
    before = draft_of(standing)
    checked(draft, programme=standing.programme, standing=before)
    move_on(standing)
    _fill(standing, draft)
    if (before.objectives, before.contributions, before.costs) != (draft.objectives, draft.contributions, draft.costs):
        standing.contributions.all().delete()
        standing.cost_lines.all().delete()
        _lines(standing, draft)
    return standing


def move_on(action: Action) -> None:
    """Give the row its next version and the moment of this change; the caller saves it."""
    action.version += 1
    action.changed_at = timezone.now()


def shifted(day: date | None, *, days: int) -> date | None:
    """The day so many days later; no day stays no day. Code: day_impossible."""
    if day is None:
        return None
    try:
        return date.fromordinal(day.toordinal() + days)
    except (ValueError, OverflowError) as error:
        raise ValidationError(_("A day that far away does not exist."), code="day_impossible") from error


def _next_number(municipality: Municipality) -> int:
    """The next number; whoever asks at the same time waits for this transaction."""
    ActionNumbering.objects.get_or_create(municipality=municipality)
    numbering = ActionNumbering.objects.select_for_update().get(municipality=municipality)
    numbering.last_number += 1
    numbering.save(update_fields=["last_number"])
    return numbering.last_number


def _fill(action: Action, draft: ActionDraft) -> None:
    for name in PLAIN_FIELDS:
        setattr(action, name, getattr(draft, name))
    action.full_clean(exclude=["municipality", "programme", "copied_from", "follow_up"], validate_unique=False)
    action.save()


def _lines(action: Action, draft: ActionDraft) -> None:
    action.objectives.set(draft.objectives)
    contributions = [
        Contribution(action=action, **{name: getattr(entry, name) for name in CONTRIBUTION_FIELDS})
        for entry in draft.contributions
    ]
    costs = [CostLine(action=action, **{name: getattr(entry, name) for name in COST_FIELDS}) for entry in draft.costs]
    for field, rows in (("contributions", contributions), ("costs", costs)):
        for row in rows:
            _clean(row, field)
    Contribution.objects.bulk_create(contributions)
    CostLine.objects.bulk_create(costs)


def _clean(row: Contribution | CostLine, field: str) -> None:
    """Check the line with everything that its model demands; its problems stand at the field of the action."""
    try:
        row.clean_fields(exclude=["action"])
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
