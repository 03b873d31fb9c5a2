"""A programme in readable files: partners, consultations, actions with their progress, what the council asked.

Pure: TOML texts in, frozen values out, or every place that does not fit. People are no part of it: a file names
organisations and roles. The values are checked against these classes; `changes.packages` writes them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FORMAT = "koersvast-programme/1"
LARGEST_FILE_BYTES = 4 * 1024 * 1024

type Code = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
type Amount = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
type Line = Annotated[str, Field(max_length=400)]
type Title = Annotated[str, Field(min_length=1, max_length=200)]


class Entry(BaseModel):
    """A table of a file; a key that is not known is refused, so that a slip of the pen is not lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OrganisationEntry(Entry):
    code: Code
    name: Annotated[str, Field(min_length=1, max_length=160)]
    kind: str
    short_name: Annotated[str, Field(max_length=40)] = ""
    parent: str = ""
    task: str = ""
    website: str = ""


class AgreementEntry(Entry):
    code: Code
    title: Title
    kind: str
    purpose: str
    parties: tuple[str, ...]
    legal_basis: Annotated[str, Field(max_length=200)] = ""
    starts_on: date | None = None
    ends_on: date | None = None
    review_on: date | None = None
    owner_role: Annotated[str, Field(max_length=120)] = ""
    document: Annotated[str, Field(max_length=200)] = ""
    document_url: str = ""


class PromiseEntry(Entry):
    organisation: str
    direction: str
    text: Line
    agreement: str = ""
    made_on: date | None = None
    due_on: date | None = None
    state: str = "open"
    state_note: Line = ""
    state_on: date | None = None


class RegionalPlanEntry(Entry):
    organisation: str
    title: Title
    first_day: date
    last_day: date
    our_input: str = ""
    our_input_on: date | None = None
    their_promise: str = ""
    reports_on: date | None = None
    reported_on: date | None = None
    report: str = ""


class MemberEntry(Entry):
    organisation: str
    role: Annotated[str, Field(max_length=120)] = ""


class ConsultationEntry(Entry):
    code: Code
    name: Annotated[str, Field(min_length=1, max_length=160)]
    level: str
    rhythm: str
    every: Annotated[int, Field(ge=1, le=104)] = 1
    purpose: str = ""
    first_on: date | None = None
    starts_at: time | None = None
    minutes_long: Annotated[int, Field(ge=5, le=600)] = 60
    place: Annotated[str, Field(max_length=160)] = ""
    chair_role: Annotated[str, Field(max_length=120)] = ""
    members: tuple[MemberEntry, ...] = ()


class FollowUpEntry(Entry):
    text: Line
    organisation: str = ""
    owner_role: Annotated[str, Field(max_length=120)] = ""
    due_on: date | None = None


class MeetingEntry(Entry):
    consultation: str
    on: date
    summary: str = ""
    decisions: tuple[str, ...] = ()
    follow_ups: tuple[FollowUpEntry, ...] = ()


class ProgrammeEntry(Entry):
    code: Code
    plan: str
    title: Title
    first_day: date
    last_day: date
    adopted_on: date | None = None
    adopted_by: Annotated[str, Field(max_length=80)] = ""
    document: Annotated[str, Field(max_length=200)] = ""


class CostLineEntry(Entry):
    year: Annotated[int, Field(ge=2000, le=2100)]
    euro: Amount
    cover: str
    cover_name: Annotated[str, Field(max_length=160)] = ""
    task_field: Annotated[str, Field(max_length=8)] = ""
    is_structural: bool = False
    organisation: str = ""


class PartnerEntry(Entry):
    organisation: str
    text: Annotated[str, Field(max_length=300)] = ""
    hours: Amount | None = None
    euro: Amount | None = None
    agreed_on: date | None = None
    agreement: str = ""


class ReportEntry(Entry):
    on: date
    state: str
    line: Annotated[str, Field(max_length=280)]
    output_done: Amount | None = None


class ActionEntry(Entry):
    number: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=1, max_length=160)]
    text: str = ""
    mechanism: str = ""
    priority: str = ""
    objectives: tuple[str, ...] = ()
    approach_line: int | None = None
    chain_link: str = ""
    lens_time: Annotated[str, Field(max_length=300)] = ""
    lens_space: Annotated[str, Field(max_length=300)] = ""
    lens_networks: Annotated[str, Field(max_length=300)] = ""
    lens_knowledge: Annotated[str, Field(max_length=300)] = ""
    target_group: Annotated[str, Field(max_length=200)] = ""
    owner_organisation: str = ""
    owner_role: Annotated[str, Field(max_length=120)] = ""
    starts_on: date | None = None
    ends_on: date | None = None
    recurrence: str = "once"
    recurrence_note: Annotated[str, Field(max_length=160)] = ""
    hours: Amount | None = None
    has_no_cost: bool = False
    output_measure: Annotated[str, Field(max_length=200)] = ""
    output_planned: Amount | None = None
    output_unit: Annotated[str, Field(max_length=40)] = ""
    decision_reference: Annotated[str, Field(max_length=200)] = ""
    depends_on: str = ""
    measure: str = ""
    costs: tuple[CostLineEntry, ...] = ()
    contributions: tuple[PartnerEntry, ...] = ()
    reports: tuple[ReportEntry, ...] = ()
    evaluation: str = ""
    evaluation_text: str = ""
    evaluated_on: date | None = None


class CouncilItemEntry(Entry):
    number: Annotated[int, Field(ge=1)]
    kind: str
    title: Title
    raised_on: date
    text: str = ""
    group: Annotated[str, Field(max_length=80)] = ""
    due_on: date | None = None
    state: str = "open"
    settled_on: date | None = None
    answer: str = ""
    portfolio: Annotated[str, Field(max_length=120)] = ""
    place: Annotated[str, Field(max_length=120)] = ""


class CalendarEntryEntry(Entry):
    kind: str
    title: Annotated[str, Field(min_length=1, max_length=160)]
    due_on: date
    every_year: bool = False
    note: Annotated[str, Field(max_length=300)] = ""


class CheckMomentEntry(Entry):
    kind: str
    title: Annotated[str, Field(min_length=1, max_length=160)]
    period: Annotated[str, Field(max_length=8)]
    planned_on: date


class ProgrammeFile(Entry):
    """One file; which tables it holds is free, the name of the file says nothing."""

    format: str
    programme: ProgrammeEntry | None = None
    organisations: tuple[OrganisationEntry, ...] = ()
    agreements: tuple[AgreementEntry, ...] = ()
    promises: tuple[PromiseEntry, ...] = ()
    regional_plans: tuple[RegionalPlanEntry, ...] = ()
    consultations: tuple[ConsultationEntry, ...] = ()
    meetings: tuple[MeetingEntry, ...] = ()
    actions: tuple[ActionEntry, ...] = ()
    council_items: tuple[CouncilItemEntry, ...] = ()
    calendar_entries: tuple[CalendarEntryEntry, ...] = ()
    check_moments: tuple[CheckMomentEntry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PackageProblem:
    """A refusal: UP01 unreadable, UP02 other format, UP03 does not fit, UP04 twice, UP05 absent, UP06 too large.

    `place` is such as `actions[3].hours`; `found` and `wanted` are short texts for the sentence.
    """

    code: str
    file: str
    place: str = ""
    found: str = ""
    wanted: str = ""


class ProgrammeRefused(Exception):
    """The files cannot be taken in; nothing was written."""

    def __init__(self, problems: tuple[PackageProblem, ...]) -> None:
        super().__init__("; ".join(f"{one.code} {one.file} {one.place} {one.wanted}".strip() for one in problems))
        self.problems = problems


def read(files: Mapping[str, bytes]) -> dict[str, ProgrammeFile]:
    """Read the files by name; raises ProgrammeRefused with every place that does not fit."""
    problems: list[PackageProblem] = []
    found = {name: _file(name, files[name], problems) for name in sorted(files)}
    parts = {name: part for name, part in found.items() if part is not None}
    problems += _between(parts)
    if problems:
        raise ProgrammeRefused(tuple(problems))
    return parts


def _file(name: str, data: bytes, problems: list[PackageProblem]) -> ProgrammeFile | None:
    if len(data) > LARGEST_FILE_BYTES:
        problems.append(PackageProblem(code="UP06", file=name, wanted=str(LARGEST_FILE_BYTES)))
        return None
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        problems.append(PackageProblem(code="UP01", file=name, found=str(error)[:200]))
        return None
    if table.get("format") != FORMAT:
        problems.append(PackageProblem(code="UP02", file=name, found=str(table.get("format", "")), wanted=FORMAT))
        return None
    try:
        return ProgrammeFile.model_validate(table)
    except ValidationError as error:
        problems += [_problem(name, one) for one in error.errors(include_url=False, include_context=False)[:50]]
        return None


def _problem(name: str, error: Any) -> PackageProblem:
    place = ""
    for step in error["loc"]:
        place += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if place else str(step)
    shown = "" if isinstance(error["input"], dict | list | tuple) else str(error["input"])[:80]
    return PackageProblem(code="UP03", file=name, place=place, found=shown, wanted=str(error["type"]))


def _between(parts: Mapping[str, ProgrammeFile]) -> list[PackageProblem]:
    """Codes and numbers that stand twice, over all files together."""
    problems: list[PackageProblem] = []
    for key, name in (
        ("organisations", "code"),
        ("agreements", "code"),
        ("consultations", "code"),
        ("actions", "number"),
        ("council_items", "number"),
    ):
        seen: set[Any] = set()
        for file, part in parts.items():
            for place, entry in enumerate(getattr(part, key), 1):
                value = getattr(entry, name)
                if value in seen:
                    where = f"{key}[{place}].{name}"
                    problems.append(PackageProblem(code="UP04", file=file, place=where, found=str(value)))
                seen.add(value)
    return problems
