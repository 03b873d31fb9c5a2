"""Taking over a pasted table: it is kept apart, its columns are named, questions are answered, then it is actions.

The cells may hold names of colleagues. They stand in the staged table only, and go with it: never in the audit, a log
or a message. What was answered is kept under a digest of the question.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scope, scopes_disabled

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.conflicts import locked
from koersvast.access.models import Municipality, User
from koersvast.partners.changes.organisations import write_organisation
from koersvast.partners.models import Contact, Organisation
from koersvast.policy.models import Objective, Priority
from koersvast.programme.changes.actions import ActionDraft, ContributionEntry, CostEntry, write_actions
from koersvast.programme.changes.progress import report
from koersvast.programme.changes.storing import may_edit, open_programme
from koersvast.programme.models import Action, BulkChange, CostLine, Programme, ProgressReport, StagedTable
from koersvast.programme.pasted_questions import TYPED, TYPED_AT_MOST
from koersvast.programme.pasted_text import Table
from koersvast.programme.pasting import (
    ColumnsRefused,
    PastedAction,
    checked_columns,
    suggest_columns,
    suggest_header,
)
from koersvast.programme.queries.pasting import reading_of

KEPT_FOR = timedelta(days=7)
_ANSWER_AT_MOST = len(TYPED) + TYPED_AT_MOST


def stage_table(*, programme: Programme, table: Table, by: Actor) -> StagedTable:
    """Keep a table apart until it is taken over or thrown away, with a suggestion of what its columns hold."""
    may_edit(by, programme.municipality)
    open_programme(programme)
    headed = Table(rows=table.rows, has_header=suggest_header(table), notes=table.notes)
    with audit.recorded(Event.TABLE_STAGED, by=by, municipality=programme.municipality) as record:
        staged = StagedTable.objects.create(
            programme=programme, made_at=timezone.now(), made_by=by if isinstance(by, User) else None,
            cells=[list(row) for row in table.rows],
            columns={
                "kinds": list(suggest_columns(headed)), "has_header": headed.has_header, "chosen": False,
                "notes": list(table.notes),
            },
        )  # fmt: skip
        record.subject, record.detail = staged, {"rows": len(table.rows), "columns": table.width}
    return staged


def choose_columns(
    *, staged: StagedTable, kinds: Sequence[str], has_header: bool, by: Actor, version: int | None = None
) -> StagedTable:
    """Say what each column holds. Codes: no_title, twice, unknown_kind, other_width; answers given stay."""
    may_edit(by, staged.programme.municipality)
    table = Table(rows=tuple(tuple(row) for row in staged.cells), has_header=has_header)
    try:
        chosen = checked_columns(table, kinds)
    except ColumnsRefused as refused:
        raise ValidationError(_columns_sentence(refused.code), code=refused.code) from refused
    with audit.recorded(Event.TABLE_STAGED, by=by, municipality=staged.programme.municipality) as record:
        standing = locked(staged, version=version)
        standing.columns = {**standing.columns, "kinds": list(chosen), "has_header": has_header, "chosen": True}
        _kept(standing)
        record.subject, record.detail = standing, {"columns_chosen": len(chosen)}
    return standing


def answer_questions(
    *, staged: StagedTable, answers: Mapping[str, str], by: Actor, version: int | None = None
) -> StagedTable:
    """Keep answers to questions of this table; an empty answer takes one back. What is no question is not kept."""
    may_edit(by, staged.programme.municipality)
    with audit.recorded(Event.TABLE_STAGED, by=by, municipality=staged.programme.municipality) as record:
        standing = locked(staged, version=version)
        asked = {question.key for question in reading_of(standing).questions}
        given = {key: answer[:_ANSWER_AT_MOST] for key, answer in answers.items() if key in asked}
        standing.choices = {key: answer for key, answer in {**standing.choices, **given}.items() if answer}
        _kept(standing)
        record.subject, record.detail = standing, {"answers": len(given)}
    return standing


@transaction.atomic
def take_over(*, staged: StagedTable, by: Actor, version: int | None = None) -> BulkChange:
    """Make the actions, and the organisations that were asked for; the table goes. All of it or nothing.

    Codes: columns_open, questions_open, nothing_left, and those of `write_actions` and `write_organisation`.
    """
    programme = staged.programme
    may_edit(by, programme.municipality)
    standing = locked(staged, version=version)
    if not standing.columns.get("chosen"):
        raise ValidationError(_("Say first what each column holds."), code="columns_open")
    reading = reading_of(standing)
    if reading.open_questions:
        raise ValidationError(_("Some questions are still open. Answer those first."), code="questions_open")
    if not reading.actions:
        raise ValidationError(_("No action is left in this table. Look at your answers again."), code="nothing_left")
    drafts = _Drafts(programme, reading.actions, by=by).made()
    bulk = write_actions(programme=programme, drafts=drafts, kind="paste", by=by)
    _report_states(reading.actions, bulk, by=by)
    _destroy(standing, by=by, detail={"taken": True})
    return bulk


def discard(*, staged: StagedTable, by: Actor) -> None:
    """Throw the table away."""
    may_edit(by, staged.programme.municipality)
    _destroy(staged, by=by, detail={"taken": False})


def destroy_old(*, now: datetime, by: Actor) -> list[int]:
    """Destroy what nobody took over within a week; return the numbers of those tables."""
    with scopes_disabled():
        due = StagedTable.objects.filter(made_at__lt=now - KEPT_FOR).select_related("programme__municipality")
        found = [(staged, staged.programme.municipality) for staged in due]
    return [_destroy_one(staged, municipality, by=by) for staged, municipality in found]


def _destroy_one(staged: StagedTable, municipality: Municipality, *, by: Actor) -> int:
    number = staged.pk
    with scope(municipality=municipality):
        _destroy(staged, by=by, detail={"taken": False, "reason": "older than a week"})
    return number


def _destroy(staged: StagedTable, *, by: Actor, detail: Mapping[str, object]) -> None:
    with audit.recorded(Event.TABLE_DISCARDED, by=by, municipality=staged.programme.municipality) as record:
        record.detail = {"table": staged.pk, **detail}
        StagedTable.objects.filter(pk=staged.pk).delete()


def _kept(standing: StagedTable) -> None:
    standing.version += 1
    standing.save(update_fields=["columns", "choices", "version"])


def _columns_sentence(code: str) -> str:
    return {
        "no_title": _("Say which column holds the action itself. Without it there is nothing to take over."),
        "twice": _("Two columns hold the same. Choose for one of them something else, or leave it out."),
    }.get(code, _("The columns of this table have changed. Open the page again."))


class _Drafts:
    """Makes drafts of what was pasted: looks up what exists once, and adds the organisations that are new."""

    def __init__(self, programme: Programme, pasted: Sequence[PastedAction], *, by: Actor) -> None:
        self.programme, self.pasted = programme, pasted
        self.organisations = {f"organisation:{one.pk}": one for one in Organisation.objects.all()}
        self.contacts = {f"contact:{one.pk}": one for one in Contact.objects.select_related("organisation")}
        self.objectives = {f"objective:{one.pk}": one for one in Objective.objects.filter(plan=programme.plan)}
        self.priorities = {f"priority:{one.pk}": one for one in Priority.objects.filter(plan=programme.plan)}
        named = [key for one in pasted for key in (one.owner, *one.partners) if key.startswith("new_")]
        for key in dict.fromkeys(named):
            self.organisations[key] = self._new_one(key, by=by)

    def _new_one(self, key: str, *, by: Actor) -> Organisation:
        kind, _colon, name = key.partition(":")
        # Two spellings of one new name are one organisation.
        same = next((one for one in self.organisations.values() if one.name.casefold() == name.casefold()), None)
        if same is not None:
            return same
        chosen = Organisation.Kind.UNIT if kind == "new_unit" else Organisation.Kind.OTHER
        return write_organisation(municipality=self.programme.municipality, name=name, kind=chosen, by=by)

    def made(self) -> list[ActionDraft]:
        return [self._draft(one) for one in self.pasted]

    def _draft(self, one: PastedAction) -> ActionDraft:
        contact = self.contacts.get(one.owner)
        partners = dict.fromkeys(self.organisations[key] for key in one.partners if key in self.organisations)
        priority = next((self.priorities[key] for key in one.objectives if key in self.priorities), None)
        return ActionDraft(
            title=one.title, text=one.text, mechanism=one.mechanism, priority=priority,
            objectives=tuple(self.objectives[key] for key in one.objectives if key in self.objectives),
            chain_link=one.chain_link, target_group=one.target_group,
            owner_organisation=contact.organisation if contact else self.organisations.get(one.owner),
            owner_contact=contact, owner_role=one.owner_role, starts_on=one.starts_on, ends_on=one.ends_on,
            recurrence=one.recurrence, recurrence_note=one.recurrence_note, hours=one.hours,
            has_no_cost=one.has_no_cost, output_measure=one.output_measure,
            contributions=tuple(ContributionEntry(organisation=partner) for partner in partners),
            costs=tuple(
                CostEntry(
                    year=cost.year, euro=cost.euro, cover=CostLine.Cover(cost.cover), cover_name=cost.cover_name
                )
                for cost in one.costs
            ),
        )  # fmt: skip


def _report_states(pasted: Sequence[PastedAction], bulk: BulkChange, *, by: Actor) -> None:
    """What the table said about how it goes, where a person chose to take that over as a first report."""
    numbers = [line["number"] for line in bulk.lines]
    told = {number: one for number, one in zip(numbers, pasted, strict=True) if one.status and one.status != "planned"}
    for action in Action.objects.filter(programme=bulk.programme, number__in=told):
        one = told[action.number]
        report(action=action, state=one.status, line=one.status_line, by=by, way=ProgressReport.Way.FILE)
