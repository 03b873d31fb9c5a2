"""What a plan says: frame, priorities, objectives, approach; one objective in full; advice on a draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from koersvast.engine.quantities import TargetKind, Unit
from koersvast.policy.models import Objective, Plan
from koersvast.policy.queries.ledger import DecisionLine, LedgerEntry
from koersvast.policy.queries.standing import ObjectiveStanding


@dataclass(frozen=True, kw_only=True)
class ObjectiveLine:
    """An objective as the plan page lists it."""

    code: str
    title: str
    wording: str
    indicator_code: str
    indicator_name: str
    unit: Unit | None
    baseline_text: str
    baseline_period: str
    final_year: int | None
    final_text: str
    state: str
    """none, draft, adopted, or adopted_with_draft."""
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ApproachEntry:
    """A line of the approach; empty texts mean that the plan does not say it."""

    position: int
    text: str
    owner: str
    due: str
    cost_text: str
    chain_link: str
    objective_code: str
    objective_title: str


@dataclass(frozen=True, kw_only=True)
class PriorityPart:
    """A priority with everything under it. `reach` is local, regional or kept_in_view."""

    code: str
    title: str
    reach: str
    motivation: str
    approach: str
    themes: tuple[str, ...]
    objectives: tuple[ObjectiveLine, ...]
    approach_lines: tuple[ApproachEntry, ...]


@dataclass(frozen=True, kw_only=True)
class PrincipleLine:
    """A strategic principle."""

    position: int
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class PlanOverview:
    """The plan as it is written. Objectives and lines without a priority stand apart."""

    code: str
    title: str
    first_year: int
    last_year: int
    analysis_first_year: int
    analysis_last_year: int
    taxonomy_name: str
    area_name: str
    method: str
    strategic_frame: str
    main_course: str
    legal_basis: str
    predecessor_code: str
    predecessor_title: str
    principles: tuple[PrincipleLine, ...]
    local: tuple[PriorityPart, ...]
    regional: tuple[PriorityPart, ...]
    kept_in_view: tuple[PriorityPart, ...]
    loose_objectives: tuple[ObjectiveLine, ...]
    loose_lines: tuple[ApproachEntry, ...]
    decisions: tuple[DecisionLine, ...]
    drafts: int
    can_be_adopted: bool


@dataclass(frozen=True, kw_only=True)
class ObjectiveDetail:
    """One objective in full."""

    code: str
    title: str
    wording: str
    priority_code: str
    priority_title: str
    definition: str
    standing: ObjectiveStanding
    ledger: LedgerEntry
    approach_lines: tuple[ApproachEntry, ...]
    has_draft: bool


@dataclass(frozen=True, kw_only=True)
class AdviceLine:
    """One thing to know before adopting. `tone` is positive, info, warning or negative."""

    code: str
    tone: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What a target means and whether it can be measured. `readings` are both meanings of a percentage, as texts."""

    readings: tuple[AdviceLine, ...]
    lines: tuple[AdviceLine, ...]


def plans() -> tuple[Plan, ...]:
    """The plans of the municipality in scope, newest first."""
    return tuple(Plan.objects.select_related("municipality", "taxonomy", "area"))


def current_plan(*, today: date) -> Plan | None:
    """The plan whose years hold `today`; without one the newest plan; None when there is no plan."""
    known = plans()
    running = (plan for plan in known if plan.first_year <= today.year <= plan.last_year)
    return next(running, next(iter(known), None))


def plan_overview(plan: Plan) -> PlanOverview:
    """The plan with its priorities, objectives, approach and decisions."""
    raise NotImplementedError


def objective_detail(objective: Objective, *, known_on: date, today: date) -> ObjectiveDetail:
    """One objective with its standing, its agreements and its approach."""
    raise NotImplementedError


def advice(
    objective: Objective,
    *,
    kind: TargetKind,
    stated_change: float | None,
    baseline: float | None,
    baseline_period: str,
    values: Mapping[int, float],
    today: date,
) -> Advice:
    """What a draft would mean, before anything is stored; incomplete input gives what can be said already."""
    raise NotImplementedError
