"""Taking in a programme from readable files: partners, consultations, actions with their progress, the council.

All or nothing, and safe to repeat: what has a code or number that is there already stays as it is. *Not* for people.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django_scopes import scope

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality
from koersvast.partners.changes.agreements import (
    settle_promise,
    write_agreement,
    write_promise,
    write_regional_plan,
)
from koersvast.partners.changes.consultations import Seat, add_meeting, write_consultation
from koersvast.partners.changes.meetings import NewFollowUp, record_meeting
from koersvast.partners.changes.organisations import write_organisation
from koersvast.partners.models import Agreement, Consultation, Organisation, Promise
from koersvast.policy.models import Objective, Plan
from koersvast.programme.changes.actions import (
    ActionDraft,
    ContributionEntry,
    CostEntry,
    adopt_programme,
    write_action,
    write_programme,
)
from koersvast.programme.changes.progress import report
from koersvast.programme.changes.storing import may_edit
from koersvast.programme.models import (
    Action,
    CalendarEntry,
    CheckMoment,
    CostLine,
    CouncilItem,
    Programme,
    ProgressReport,
)
from koersvast.programme.package import (
    ActionEntry,
    MeetingEntry,
    PackageProblem,
    ProgrammeFile,
    ProgrammeRefused,
    PromiseEntry,
    read,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PLAIN = (
    "title", "text", "mechanism", "chain_link", "lens_time", "lens_space", "lens_networks", "lens_knowledge",
    "target_group", "owner_role", "starts_on", "ends_on", "recurrence", "recurrence_note", "hours", "has_no_cost",
    "output_measure", "output_planned", "output_unit", "decision_reference", "measure",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ProgrammeOutcome:
    """How many of each were added; what was there already is not counted."""

    added: Mapping[str, int]


def files_of(directory: Path) -> dict[str, bytes]:
    """Return the files of a programme by name."""
    return {path.name: path.read_bytes() for path in sorted(directory.glob("*.toml"))}


def import_programme(files: Mapping[str, bytes], *, municipality: Municipality, by: Actor) -> ProgrammeOutcome:
    """Take in the files, all or nothing; raises ProgrammeRefused with every reference that leads nowhere."""
    may_edit(by, municipality)
    parts = read(files)
    with (
        scope(municipality=municipality),
        audit.recorded(Event.PACKAGE_IMPORTED, by=by, municipality=municipality) as record,
    ):
        writer = _Writer(municipality=municipality, by=by)
        for step in _Writer.STEPS:
            for name, part in parts.items():
                writer.file = name
                step(writer, part)
        if writer.problems:
            raise ProgrammeRefused(tuple(writer.problems))
        record.subject, record.detail = municipality, {"added": writer.added}
    return ProgrammeOutcome(added=writer.added)


def _checked(row: models.Model) -> models.Model:
    row.full_clean()
    return row


@dataclass(kw_only=True)
class _Writer:
    """Writes part after part; a reference to something absent is remembered and the row is left out."""

    municipality: Municipality
    by: Actor
    file: str = ""
    added: dict[str, int] = field(default_factory=dict)
    problems: list[PackageProblem] = field(default_factory=list)

    def _add(self, kind: str) -> None:
        self.added[kind] = self.added.get(kind, 0) + 1

    def _find[Row: models.Model](self, rows: models.QuerySet[Row], code: str, place: str) -> Row | None:
        """Return the row with this code; an empty code asks for none, another one must be there."""
        if not code:
            return None
        row = rows.filter(code=code).first()
        if row is None:
            self.problems.append(PackageProblem(code="UP05", file=self.file, place=place, found=code))
        return row

    def _save(self, kind: str, place: str, row: models.Model) -> None:
        self._write(kind, place, lambda: _checked(row).save())

    def _write(self, kind: str, place: str, write: Callable[[], object]) -> None:
        """Make one change and count it; a refusal is remembered with its place."""
        try:
            write()
            self._add(kind)
        except ValidationError as refused:
            self._refused(place, refused)

    def _refused(self, place: str, refused: ValidationError) -> None:
        self.problems.append(
            PackageProblem(code="UP03", file=self.file, place=place, wanted=" ".join(refused.messages)[:300])
        )

    def _is_choice(self, choices: type[models.TextChoices], value: str, place: str) -> bool:
        if value not in choices.values:
            self.problems.append(PackageProblem(code="UP03", file=self.file, place=place, found=value))
        return value in choices.values

    def _organisation(self, code: str, place: str) -> Organisation | None:
        return self._find(Organisation.objects.filter(municipality=self.municipality), code, place)

    def _agreement(self, code: str, place: str) -> Agreement | None:
        return self._find(Agreement.objects.filter(municipality=self.municipality), code, place)

    def organisations(self, part: ProgrammeFile) -> None:
        known = Organisation.objects.filter(municipality=self.municipality)
        for number, entry in enumerate(part.organisations, 1):
            place = f"organisations[{number}]"
            if known.filter(code=entry.code).exists():
                continue
            if not self._is_choice(Organisation.Kind, entry.kind, f"{place}.kind"):
                continue
            given = entry.model_dump(exclude={"kind", "parent"})
            parent = self._find(known, entry.parent, f"{place}.parent")
            kind = Organisation.Kind(entry.kind)
            write = partial(write_organisation, municipality=self.municipality, by=self.by, kind=kind, parent=parent)
            self._write("organisations", place, partial(write, **given))

    def agreements(self, part: ProgrammeFile) -> None:
        for number, entry in enumerate(part.agreements, 1):
            place = f"agreements[{number}]"
            if Agreement.objects.filter(municipality=self.municipality, code=entry.code).exists():
                continue
            if not self._is_choice(Agreement.Kind, entry.kind, f"{place}.kind"):
                continue
            parties = [one for code in entry.parties if (one := self._organisation(code, f"{place}.parties"))]
            given = entry.model_dump(exclude={"parties", "kind"})
            write = partial(
                write_agreement, municipality=self.municipality, by=self.by, kind=Agreement.Kind(entry.kind)
            )
            self._write("agreements", place, partial(write, parties=parties, **given))

    def promises(self, part: ProgrammeFile) -> None:
        for number, entry in enumerate(part.promises, 1):
            place = f"promises[{number}]"
            organisation = self._organisation(entry.organisation, f"{place}.organisation")
            known = self._is_choice(Promise.Direction, entry.direction, f"{place}.direction")
            known &= self._is_choice(Promise.State, entry.state, f"{place}.state")
            if organisation and known and not organisation.promises.filter(text=entry.text).exists():
                agreement = self._agreement(entry.agreement, f"{place}.agreement")
                self._write("promises", place, partial(self._promise, organisation, agreement, entry))

    def _promise(self, organisation: Organisation, agreement: Agreement | None, entry: PromiseEntry) -> None:
        """The promise, and how it was settled where the file says so."""
        written = write_promise(
            organisation=organisation, direction=Promise.Direction(entry.direction), text=entry.text,
            agreement=agreement, made_on=entry.made_on, due_on=entry.due_on, by=self.by,
        )  # fmt: skip
        if entry.state != Promise.State.OPEN:
            state = Promise.State(entry.state)
            settle_promise(promise=written, state=state, note=entry.state_note, on=entry.state_on, by=self.by)

    def regional_plans(self, part: ProgrammeFile) -> None:
        for number, entry in enumerate(part.regional_plans, 1):
            place = f"regional_plans[{number}]"
            body = self._organisation(entry.organisation, f"{place}.organisation")
            if body is not None and not body.regional_plans.filter(title=entry.title).exists():
                given = entry.model_dump(exclude={"organisation"})
                self._write("regional_plans", place, partial(write_regional_plan, body=body, by=self.by, **given))

    def consultations(self, part: ProgrammeFile) -> None:
        for number, entry in enumerate(part.consultations, 1):
            place = f"consultations[{number}]"
            if Consultation.objects.filter(municipality=self.municipality, code=entry.code).exists():
                continue
            known = self._is_choice(Consultation.Level, entry.level, f"{place}.level")
            known &= self._is_choice(Consultation.Rhythm, entry.rhythm, f"{place}.rhythm")
            seats = [
                Seat(organisation=there, role=member.role)
                for seat, member in enumerate(entry.members, 1)
                if (there := self._organisation(member.organisation, f"{place}.members[{seat}].organisation"))
            ]
            if known:
                given = entry.model_dump(exclude={"members", "level", "rhythm"})
                write = partial(
                    write_consultation, municipality=self.municipality, members=seats, by=self.by,
                    level=Consultation.Level(entry.level), rhythm=Consultation.Rhythm(entry.rhythm),
                )  # fmt: skip
                self._write("consultations", place, partial(write, **given))

    def meetings(self, part: ProgrammeFile) -> None:
        for number, entry in enumerate(part.meetings, 1):
            place = f"meetings[{number}]"
            tables = Consultation.objects.filter(municipality=self.municipality)
            table = self._find(tables, entry.consultation, f"{place}.consultation")
            if table is None:
                continue
            starts_at = datetime.combine(entry.on, table.starts_at or time(9), tzinfo=AMSTERDAM)
            if not table.meetings.filter(starts_at=starts_at).exists():
                follow_ups = [
                    NewFollowUp(
                        organisation=self._organisation(one.organisation, f"{place}.follow_ups[{line}].organisation"),
                        **one.model_dump(exclude={"organisation"}),
                    )
                    for line, one in enumerate(entry.follow_ups, 1)
                ]
                self._write("meetings", place, partial(self._meeting, table, starts_at, entry, follow_ups))

    def _meeting(
        self, table: Consultation, starts_at: datetime, entry: MeetingEntry, follow_ups: list[NewFollowUp]
    ) -> None:
        """A meeting that was held, with its minutes."""
        ends_at = starts_at + timedelta(minutes=table.minutes_long)
        held = add_meeting(consultation=table, starts_at=starts_at, ends_at=ends_at, place=table.place, by=self.by)
        record_meeting(
            meeting=held, decisions=entry.decisions, follow_ups=follow_ups, summary=entry.summary, by=self.by
        )

    def programme(self, part: ProgrammeFile) -> None:
        """The programme, then its actions under their own numbers in the order of the file."""
        entry = part.programme
        if entry is None or Programme.objects.filter(municipality=self.municipality, code=entry.code).exists():
            return
        plan = self._find(Plan.objects.filter(municipality=self.municipality), entry.plan, "programme.plan")
        if plan is None:
            return
        programme = write_programme(
            municipality=self.municipality, plan=plan, code=entry.code, title=entry.title,
            first_day=entry.first_day, last_day=entry.last_day, by=self.by,
        )  # fmt: skip
        if entry.adopted_on:
            programme = adopt_programme(
                programme=programme, adopted_on=entry.adopted_on, adopted_by=entry.adopted_by,
                document=entry.document, by=self.by,
            )  # fmt: skip
        self._add("programmes")
        for number, action in enumerate(part.actions, 1):
            self._action(programme, action, place=f"actions[{number}]")

    def _action(self, programme: Programme, entry: ActionEntry, *, place: str) -> None:
        try:
            written = write_action(programme=programme, draft=self._draft(programme, entry, place), by=self.by)
            self._add("actions")
            self._progress(written, entry)
        except ValidationError as refused:
            self._refused(place, refused)

    def _draft(self, programme: Programme, entry: ActionEntry, place: str) -> ActionDraft:
        plan = programme.plan
        objectives = [self._find(plan.objectives.all(), code, f"{place}.objectives") for code in entry.objectives]
        return ActionDraft(
            **entry.model_dump(include=set(PLAIN)),
            priority=self._find(plan.priorities.all(), entry.priority, f"{place}.priority"),
            approach_line=plan.approach_lines.filter(position=entry.approach_line or 0).first(),
            owner_organisation=self._organisation(entry.owner_organisation, f"{place}.owner_organisation"),
            depends_on=self._organisation(entry.depends_on, f"{place}.depends_on"),
            objectives=tuple(one for one in objectives if one),
            contributions=tuple(self._contributions(entry, place)),
            costs=tuple(
                CostEntry(
                    **cost.model_dump(exclude={"cover", "organisation"}), cover=CostLine.Cover(cost.cover),
                    organisation=self._organisation(cost.organisation, f"{place}.costs[{number}].organisation"),
                )
                for number, cost in enumerate(entry.costs, 1)
            ),
        )  # fmt: skip

    def _contributions(self, entry: ActionEntry, place: str) -> list[ContributionEntry]:
        found = []
        for number, one in enumerate(entry.contributions, 1):
            where = f"{place}.contributions[{number}]"
            organisation = self._organisation(one.organisation, f"{where}.organisation")
            agreement = self._agreement(one.agreement, f"{where}.agreement")
            values = one.model_dump(exclude={"organisation", "agreement"})
            if organisation:
                found.append(ContributionEntry(organisation=organisation, agreement=agreement, **values))
        return found

    def _progress(self, action: Action, entry: ActionEntry) -> None:
        """What was reported, on its own day; the evaluation keeps the day that the file gives."""
        for one in entry.reports:
            report(
                action=action, state=one.state, line=one.line, by=self.by, way=ProgressReport.Way.FILE,
                output_done=one.output_done, at=datetime.combine(one.on, time(12), tzinfo=AMSTERDAM),
            )  # fmt: skip
        if entry.evaluation:
            action.evaluation = Action.Evaluation(entry.evaluation)
            action.evaluation_text, action.evaluated_on = entry.evaluation_text, entry.evaluated_on
            action.save(update_fields=["evaluation", "evaluation_text", "evaluated_on"])

    def council(self, part: ProgrammeFile) -> None:
        for number, entry in enumerate(part.council_items, 1):
            if CouncilItem.objects.filter(municipality=self.municipality, number=entry.number).exists():
                continue
            kind, _colon, code = entry.place.partition(":")
            aims = Objective.objects.filter(plan__municipality=self.municipality, code=code)
            aim = aims.select_related("plan").first() if kind == "objective" else None
            row = CouncilItem(
                municipality=self.municipality, objective=aim, plan=aim.plan if aim else None,
                place_label=aim.title if aim else "", **entry.model_dump(),
            )  # fmt: skip
            self._save("council_items", f"council_items[{number}]", row)

    def moments(self, part: ProgrammeFile) -> None:
        """Own moments of the calendar, and check moments of the newest plan."""
        for number, entry in enumerate(part.calendar_entries, 1):
            if not CalendarEntry.objects.filter(municipality=self.municipality, title=entry.title).exists():
                row = CalendarEntry(municipality=self.municipality, **entry.model_dump())
                self._save("calendar_entries", f"calendar_entries[{number}]", row)
        plan = Plan.objects.filter(municipality=self.municipality).first()
        for number, moment in enumerate(part.check_moments, 1):
            if plan and not plan.check_moments.filter(kind=moment.kind, period=moment.period).exists():
                check = CheckMoment(municipality=self.municipality, plan=plan, **moment.model_dump())
                self._save("check_moments", f"check_moments[{number}]", check)

    STEPS: tuple[Callable[[Any, ProgrammeFile], None], ...] = (
        organisations, agreements, promises, regional_plans, consultations, meetings, programme, council, moments,
    )  # fmt: skip
