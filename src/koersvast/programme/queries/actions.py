"""Actions as they are listed, filtered, grouped and added up, and one in full. A constant number of queries each.

Amounts that nobody filled in are None and are counted apart; they are never taken for nought.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from koersvast.access.models import Municipality, User
from koersvast.partners.models import Contact
from koersvast.policy.models import Objective
from koersvast.programme.models import Action, Contribution, CostLine, Programme, ProgressReport
from koersvast.programme.queries.progress import contacts_of, of_contacts
from koersvast.programme.staleness import ActionFacts, Signal, signals

type Grouping = Literal["objective", "priority", "partner", "unit", "chain_link"]
NO_COST, NO_OBJECTIVE = "no_cost", "no_objective"


@dataclass(frozen=True, kw_only=True)
class ActionFilter:
    """Which actions are shown, by codes; an empty text asks nothing."""

    objective: str = ""
    priority: str = ""
    partner: str = ""
    unit: str = ""
    chain_link: str = ""
    status: str = ""
    signal: str = ""
    text: str = ""
    sort: str = "number"
    descending: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """An objective, priority, partner or unit: its code and what it is called."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Amount:
    """An amount in a year and out of what it is paid."""

    year: int
    euro: Decimal
    cover: str
    cover_name: str


@dataclass(frozen=True, kw_only=True)
class ActionLine:
    """An action as a list shows it. `euro` is the sum of its amounts, None when no amount was filled in."""

    number: int
    title: str
    priority: Part | None
    objectives: tuple[Part, ...]
    chain_link: str
    owner: Part | None
    owner_is_unit: bool
    owner_role: str
    partners: tuple[Part, ...]
    starts_on: date | None
    ends_on: date | None
    recurrence: str
    hours: Decimal | None
    amounts: tuple[Amount, ...]
    has_no_cost: bool
    status: str
    status_reason: str
    last_report_on: date | None
    last_line: str
    output_done: Decimal | None
    output_planned: Decimal | None
    output_unit: str
    signals: frozenset[str]
    version: int
    words: str = field(repr=False, default="")

    @property
    def euro(self) -> Decimal | None:
        if not self.amounts:
            return Decimal(0) if self.has_no_cost else None
        return sum((amount.euro for amount in self.amounts), Decimal(0))

    @property
    def cost_is_known(self) -> bool:
        return self.has_no_cost or bool(self.amounts)

    @property
    def uncovered_euro(self) -> Decimal:
        return sum((one.euro for one in self.amounts if one.cover == CostLine.Cover.UNCOVERED), Decimal(0))


def judged_on(programme: Programme, *, today: date) -> date:
    """Return the day on which a programme is looked at: today, or its last day when that has passed."""
    return min(today, programme.last_day)


def actions(programme: Programme, *, chosen: ActionFilter, today: date) -> list[ActionLine]:
    """Return the actions of a programme that fit, sorted. A programme that has ended is judged on its last day."""
    day = judged_on(programme, today=today)
    lines = [_line(action, day=day) for action in _with_all(Action.objects.filter(programme=programme))]
    return fitting(lines, chosen)


def fitting(lines: Sequence[ActionLine], chosen: ActionFilter) -> list[ActionLine]:
    """Return the lines that fit, sorted; what is not known stands last in either direction."""
    found = [line for line in lines if _fits(line, chosen)]
    said = [line for line in found if _value(line, chosen.sort) is not None]
    silent = [line for line in found if _value(line, chosen.sort) is None]
    ordered = sorted(said, key=lambda line: (_value(line, chosen.sort), line.number), reverse=chosen.descending)
    return ordered + sorted(silent, key=lambda line: line.number)


def _with_all(found: QuerySet[Action]) -> QuerySet[Action]:
    newest = ProgressReport.objects.filter(action=OuterRef("pk")).order_by("-at", "-pk")
    counted = newest.exclude(output_done=None)
    return (
        found.select_related("priority", "owner_organisation")
        .prefetch_related(
            # As lists of their own: a manager for each of two thousand actions takes longer than reading them.
            Prefetch("objectives", Objective.objects.all(), to_attr="its_objectives"),
            Prefetch("contributions", Contribution.objects.select_related("organisation"), to_attr="its_contributions"),
            Prefetch("cost_lines", CostLine.objects.all(), to_attr="its_costs"),
        )
        .annotate(
            last_at=Subquery(newest.values("at")[:1]),
            last_line=Subquery(newest.values("line")[:1]),
            last_output=Subquery(counted.values("output_done")[:1]),
        )
        .order_by("number")
    )


def _line(action: Action, *, day: date) -> ActionLine:
    at: datetime | None = getattr(action, "last_at", None)
    owner = action.owner_organisation
    contributions: list[Contribution] = getattr(action, "its_contributions", [])
    partners = tuple(Part(code=one.organisation.code, name=str(one.organisation)) for one in contributions)
    aims: list[Objective] = getattr(action, "its_objectives", [])
    objectives = tuple(Part(code=one.code, name=one.title) for one in aims)
    costs: list[CostLine] = getattr(action, "its_costs", [])
    amounts = tuple(Amount(year=one.year, euro=one.euro, cover=one.cover, cover_name=one.cover_name) for one in costs)
    reported_on = timezone.localdate(at) if at else None
    said = [action.title, action.text, action.owner_role, str(owner or ""), *(one.name for one in partners)]
    return ActionLine(
        number=action.number, title=action.title,
        priority=Part(code=action.priority.code, name=action.priority.title) if action.priority else None,
        objectives=objectives, chain_link=action.chain_link,
        owner=Part(code=owner.code, name=str(owner)) if owner else None,
        owner_is_unit=bool(owner and owner.is_internal), owner_role=action.owner_role, partners=partners,
        starts_on=action.starts_on, ends_on=action.ends_on, recurrence=action.recurrence, hours=action.hours,
        amounts=amounts, has_no_cost=action.has_no_cost, status=action.status, status_reason=action.status_reason,
        last_report_on=reported_on, last_line=getattr(action, "last_line", None) or "",
        output_done=getattr(action, "last_output", None), output_planned=action.output_planned,
        output_unit=action.output_unit, version=action.version, words=" ".join(said).casefold(),
        signals=_signals(
            action, reported_on, day=day, has_cost=bool(amounts) or action.has_no_cost, has_aim=bool(objectives)
        ),
    )  # fmt: skip


def _signals(action: Action, reported_on: date | None, *, day: date, has_cost: bool, has_aim: bool) -> frozenset[str]:
    facts = ActionFacts(
        status=action.status, recurrence=action.recurrence, starts_on=action.starts_on, ends_on=action.ends_on,
        last_report_on=reported_on, has_owner=bool(action.owner_organisation_id or action.owner_role),
    )  # fmt: skip
    found = {str(signal) for signal in signals(facts, today=day)}
    if not has_cost:
        found.add(NO_COST)
    if not has_aim:
        found.add(NO_OBJECTIVE)
    return frozenset(found)


def _fits(line: ActionLine, chosen: ActionFilter) -> bool:
    units = {line.owner.code} if line.owner and line.owner_is_unit else set()
    involved = {part.code for part in line.partners} | ({line.owner.code} if line.owner else set())
    asked = (
        (chosen.objective, {part.code for part in line.objectives}),
        (chosen.priority, {line.priority.code} if line.priority else set()),
        (chosen.partner, involved),
        (chosen.unit, units),
        (chosen.chain_link, {line.chain_link}),
        (chosen.status, {line.status}),
        (chosen.signal, line.signals),
    )
    return all(not wanted or wanted in have for wanted, have in asked) and all(
        word in line.words for word in chosen.text.casefold().split()
    )


SORTS = ("number", "title", "owner", "ends_on", "status", "euro", "last_report_on")


def _value(line: ActionLine, sort: str) -> Any:
    """What an action is sorted by; None when that is not known."""
    return {
        "title": line.title.casefold(),
        "owner": line.owner.name.casefold() if line.owner else None,
        "ends_on": line.ends_on,
        "status": list(Action.Status.values).index(line.status),
        "euro": line.euro,
        "last_report_on": line.last_report_on,
    }.get(sort, line.number)


@dataclass(frozen=True, kw_only=True)
class ActionGroup:
    """Actions under one heading; `part` is None for those that belong under none."""

    part: Part | None
    lines: tuple[ActionLine, ...]


def grouped(lines: Sequence[ActionLine], by: Grouping, *, parts: Sequence[Part] = ()) -> list[ActionGroup]:
    """Return the actions by heading, an action under each of its own. `parts` gives order, and headings without any."""
    under: dict[str, list[ActionLine]] = {part.code: [] for part in parts}
    names = {part.code: part for part in parts}
    rest: list[ActionLine] = []
    for line in lines:
        own = _headings(line, by)
        for part in own:
            names.setdefault(part.code, part)
            under.setdefault(part.code, []).append(line)
        if not own:
            rest.append(line)
    groups = [ActionGroup(part=names[code], lines=tuple(found)) for code, found in under.items()]
    return groups + ([ActionGroup(part=None, lines=tuple(rest))] if rest else [])


def _headings(line: ActionLine, by: Grouping) -> tuple[Part, ...]:
    if by == "objective":
        return line.objectives
    if by == "priority":
        return (line.priority,) if line.priority else ()
    if by == "unit":
        return (line.owner,) if line.owner and line.owner_is_unit else ()
    if by == "chain_link":
        return (Part(code=line.chain_link, name=line.chain_link),) if line.chain_link else ()
    outside = () if line.owner is None or line.owner_is_unit else (line.owner,)
    return tuple(dict.fromkeys((*outside, *line.partners)))


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    """A priority and the numbers of its actions for each link of the chain, in the order of the chain."""

    part: Part
    cells: tuple[tuple[int, ...], ...]


def coverage(lines: Sequence[ActionLine], priorities: Sequence[Part]) -> list[CoverageRow]:
    """Return which links of the safety chain the actions of each priority stand on; an empty cell is a hole."""
    return [
        CoverageRow(
            part=part,
            cells=tuple(
                tuple(
                    line.number
                    for line in lines
                    if line.priority and line.priority.code == part.code and line.chain_link == link
                )
                for link in Action.ChainLink.values
            ),
        )
        for part in priorities
    ]


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Sums over actions: known amounts in euro, hours where they were given, and how many said neither."""

    euro_by_year: Mapping[int, Decimal]
    euro_by_cover: Mapping[str, Decimal]
    euro: Decimal
    hours: Decimal
    actions: int
    without_amount: int
    without_hours: int


def sums(lines: Iterable[ActionLine]) -> Sums:
    """Add up actions, each once."""
    once = list({line.number: line for line in lines}.values())
    years: dict[int, Decimal] = {}
    covers: dict[str, Decimal] = {}
    for line in once:
        for amount in line.amounts:
            years[amount.year] = years.get(amount.year, Decimal(0)) + amount.euro
            covers[amount.cover] = covers.get(amount.cover, Decimal(0)) + amount.euro
    return Sums(
        euro_by_year=dict(sorted(years.items())), euro_by_cover=covers, euro=sum(years.values(), Decimal(0)),
        hours=sum((line.hours for line in once if line.hours is not None), Decimal(0)), actions=len(once),
        without_amount=sum(not line.cost_is_known for line in once),
        without_hours=sum(line.hours is None for line in once),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ThreeW:
    """What do we want, what will we do, what may it cost: for each priority its objectives, actions and sums."""

    rows: tuple["ThreeWRow", ...]
    years: tuple[int, ...]
    total: Sums


@dataclass(frozen=True, kw_only=True)
class ThreeWRow:
    part: Part | None
    objectives: tuple[Part, ...]
    lines: tuple[ActionLine, ...]
    sums: Sums


def three_w(programme: Programme, lines: Sequence[ActionLine]) -> ThreeW:
    """Return the table of the budget. An action stands under its priority, once, so rows add up to the total."""
    aims: dict[str, list[Part]] = {}
    for one in Objective.objects.filter(plan=programme.plan).select_related("priority"):
        if one.priority:
            aims.setdefault(one.priority.code, []).append(Part(code=one.code, name=one.title))
    rows = tuple(
        ThreeWRow(
            part=group.part, objectives=tuple(aims.get(group.part.code, ())) if group.part else (),
            lines=group.lines, sums=sums(group.lines),
        )
        for group in grouped(lines, "priority", parts=priorities_of(programme))
        if group.lines
    )  # fmt: skip
    total = sums(lines)
    return ThreeW(rows=rows, years=tuple(total.euro_by_year), total=total)


def priorities_of(programme: Programme) -> list[Part]:
    """Return the priorities of the plan of a programme, in their order."""
    return [Part(code=one.code, name=one.title) for one in programme.plan.priorities.all()]


def objectives_of(programme: Programme) -> list[Part]:
    """Return the objectives of the plan of a programme, in their order."""
    return [Part(code=one.code, name=one.title) for one in programme.plan.objectives.all()]


def current_programme(*, today: date) -> Programme | None:
    """Return the programme that runs today, else the one that ended last, else the first to come."""
    known = list(Programme.objects.select_related("plan", "municipality").order_by("first_day"))
    running = [one for one in known if one.first_day <= today <= one.last_day]
    ended = sorted((one for one in known if one.last_day < today), key=lambda one: one.last_day)
    if running or ended:
        return (running or ended)[-1]
    return known[0] if known else None


def programmes() -> list[Programme]:
    """Return the programmes, newest first."""
    return list(Programme.objects.select_related("plan"))


@dataclass(frozen=True, kw_only=True)
class ActionDetail:
    """One action in full: its line, the row with its texts, and what was reported on it, newest first."""

    line: ActionLine
    action: Action
    reports: tuple[ProgressReport, ...]
    judged_on: date


def action_detail(number: int, *, today: date) -> ActionDetail | None:
    """Return the action with this number; None when there is none."""
    found = _with_all(Action.objects.filter(number=number)).select_related(
        "priority", "owner_organisation", "owner_contact", "programme__plan", "area", "depends_on", "copied_from",
        "outcome_indicator", "follow_up__meeting__consultation", "municipality",
    )  # fmt: skip
    action = found.first()
    if action is None:
        return None
    day = judged_on(action.programme, today=today)
    reports = tuple(action.reports.select_related("organisation", "meeting__consultation"))
    return ActionDetail(line=_line(action, day=day), action=action, reports=reports, judged_on=day)


def visible_actions(user: User, municipality: Municipality, *, sees_all: bool, on: date) -> QuerySet[Action]:
    """Return what somebody may see: everything, or what they or their organisation own or contribute to."""
    every = Action.objects.filter(municipality=municipality)
    if sees_all:
        return every
    contacts: list[Contact] = list(contacts_of(user, municipality, on=on))
    return every.filter(of_contacts(contacts)).distinct() if contacts else every.filter(Q(pk__in=[]))


SIGNALS = (Signal.LATE, Signal.SILENT, Signal.STUCK, Signal.UNOWNED, NO_OBJECTIVE, NO_COST)
