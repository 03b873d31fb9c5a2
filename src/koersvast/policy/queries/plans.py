"""What a plan says: frame, priorities, objectives, approach; one objective in full; advice on a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from koersvast.engine.quantities import TargetKind, Unit
from koersvast.policy.changes.targets import unfinished
from koersvast.policy.models import ApproachLine, Objective, Plan, Priority, TargetSet
from koersvast.policy.queries.advice import advice
from koersvast.policy.queries.judging import agreement_of, objectives_of
from koersvast.policy.queries.ledger import DecisionLine, LedgerEntry, claimed_targets, decisions_of, entry_of
from koersvast.policy.queries.standing import ObjectiveStanding, objective_standing
from koersvast.policy.wording import agreements, amounts


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
class DraftLine:
    """A draft that waits for a decision. `refusals` stop its adoption, `warnings` do not; both are sentences."""

    objective_code: str
    objective_title: str
    number: int
    supersedes: bool
    sentence: str
    values: tuple[tuple[int, str], ...]
    refusals: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AdoptionPreview:
    """Everything that one decision would adopt. A revision needs a reason."""

    drafts: tuple[DraftLine, ...]
    is_revision: bool

    @property
    def can_be_adopted(self) -> bool:
        """Whether there is a draft and nothing stands in the way."""
        return bool(self.drafts) and not any(draft.refusals for draft in self.drafts)


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
    objectives = objectives_of(plan)
    lines = list(plan.approach_lines.select_related("objective"))
    priorities = [_priority(one, objectives, lines) for one in plan.priorities.prefetch_related("themes")]
    drafts = [one for objective in objectives for one in objective.target_sets.all() if one.decision_id is None]
    return PlanOverview(
        code=plan.code,
        title=plan.title,
        first_year=plan.first_year,
        last_year=plan.last_year,
        analysis_first_year=plan.analysis_first_year,
        analysis_last_year=plan.analysis_last_year,
        taxonomy_name=plan.taxonomy.name,
        area_name=plan.area.name,
        method=plan.method,
        strategic_frame=plan.strategic_frame,
        main_course=plan.main_course,
        legal_basis=plan.legal_basis,
        predecessor_code=plan.predecessor.code if plan.predecessor else "",
        predecessor_title=plan.predecessor.title if plan.predecessor else "",
        principles=tuple(
            PrincipleLine(position=one.position, title=one.title, text=one.text) for one in plan.principles.all()
        ),
        local=_of_reach(priorities, Priority.Reach.LOCAL),
        regional=_of_reach(priorities, Priority.Reach.REGIONAL),
        kept_in_view=_of_reach(priorities, Priority.Reach.KEPT_IN_VIEW),
        loose_objectives=tuple(_objective_line(one) for one in objectives if one.priority_id is None),
        loose_lines=tuple(_approach_entry(one) for one in lines if one.priority_id is None),
        decisions=tuple(decisions_of(plan).values()),
        drafts=len(drafts),
        can_be_adopted=bool(drafts) and not any(unfinished(one) for one in drafts),
    )


def objective_detail(objective: Objective, *, known_on: date, today: date) -> ObjectiveDetail:
    """One objective with its standing, its agreements and its approach."""
    [found] = [one for one in objectives_of(objective.plan) if one.pk == objective.pk]
    claims = list(claimed_targets(found.plan).filter(objective=found))
    return ObjectiveDetail(
        code=found.code,
        title=found.title,
        wording=found.wording,
        priority_code=found.priority.code if found.priority else "",
        priority_title=found.priority.title if found.priority else "",
        definition=_definition(found),
        standing=objective_standing(found, known_on=known_on, today=today),
        ledger=entry_of(found, decisions_of(found.plan), claims),
        approach_lines=tuple(_approach_entry(one) for one in found.approach_lines.select_related("objective")),
        has_draft=any(one.decision_id is None for one in found.target_sets.all()),
    )


def adoption_preview(plan: Plan, *, today: date | None = None) -> AdoptionPreview:
    """What a decision would adopt, and what still stands in its way.

    With `today` every draft is also held against the figures that are known then, which gives its warnings.
    """
    drafts = [
        (objective, one)
        for objective in objectives_of(plan)
        for one in objective.target_sets.all()
        if one.decision_id is None
    ]
    return AdoptionPreview(
        drafts=tuple(_draft_line(objective, one, today=today) for objective, one in drafts),
        is_revision=any(one.supersedes_id for _, one in drafts),
    )


def _draft_line(objective: Objective, draft: TargetSet, *, today: date | None) -> DraftLine:
    unit = Unit(objective.indicator.unit) if objective.indicator else Unit.COUNT
    return DraftLine(
        objective_code=objective.code,
        objective_title=objective.title,
        number=draft.number,
        supersedes=draft.supersedes_id is not None,
        sentence=_agreement_sentence(draft, unit),
        values=tuple((target.year, amounts.amount(target.agreed, unit)) for target in draft.targets.all()),
        refusals=tuple(message % {"title": objective.title} for _, message in unfinished(draft)),
        warnings=_warnings(objective, draft, today=today) if today else (),
    )


def _warnings(objective: Objective, draft: TargetSet, *, today: date) -> tuple[str, ...]:
    found = advice(
        objective,
        kind=TargetKind(draft.kind),
        stated_change=None if draft.stated_change is None else float(draft.stated_change),
        baseline=None if draft.baseline_amount is None else float(draft.baseline_amount),
        baseline_period=draft.baseline_period,
        values={target.year: float(target.agreed) for target in draft.targets.all()},
        today=today,
        baseline_source=draft.baseline_source,
    )
    return tuple(line.sentence for line in found.lines if line.tone == "warning")


def _of_reach(priorities: Sequence[PriorityPart], reach: str) -> tuple[PriorityPart, ...]:
    return tuple(one for one in priorities if one.reach == reach)


def _priority(priority: Priority, objectives: Sequence[Objective], lines: Sequence[ApproachLine]) -> PriorityPart:
    return PriorityPart(
        code=priority.code,
        title=priority.title,
        reach=priority.reach,
        motivation=priority.motivation,
        approach=priority.approach,
        themes=tuple(f"{theme.code} {theme.name}" for theme in priority.themes.all()),
        objectives=tuple(_objective_line(one) for one in objectives if one.priority_id == priority.pk),
        approach_lines=tuple(_approach_entry(one) for one in lines if one.priority_id == priority.pk),
    )


def _approach_entry(line: ApproachLine) -> ApproachEntry:
    return ApproachEntry(
        position=line.position,
        text=line.text,
        owner=line.owner,
        due=line.due,
        cost_text=amounts.amount(line.cost_euro, Unit.EURO),
        chain_link=line.chain_link,
        objective_code=line.objective.code if line.objective else "",
        objective_title=line.objective.title if line.objective else "",
    )


def _objective_line(objective: Objective) -> ObjectiveLine:
    unit = Unit(objective.indicator.unit) if objective.indicator else None
    agreement = agreement_of(objective)
    made = agreement.target_set if agreement else None
    final = agreement.targets[-1] if agreement and agreement.targets else None
    shown = unit or Unit.COUNT
    return ObjectiveLine(
        code=objective.code,
        title=objective.title,
        wording=objective.wording,
        indicator_code=objective.indicator.code if objective.indicator else "",
        indicator_name=objective.indicator.name if objective.indicator else "",
        unit=unit,
        baseline_text=amounts.amount(made.baseline_amount, shown) if made else "",
        baseline_period=made.baseline_period if made else "",
        final_year=final.year if final else None,
        final_text=amounts.amount(final.agreed, shown) if final else "",
        state=_state(objective),
        sentence=_agreement_sentence(made, shown) if made else "",
    )


def _state(objective: Objective) -> str:
    known = {one.decision_id is not None for one in objective.target_sets.all()}
    if known == {True, False}:
        return "adopted_with_draft"
    return "adopted" if True in known else "draft" if known else "none"


def _agreement_sentence(made: TargetSet, unit: Unit) -> str:
    final = max(made.targets.all(), key=lambda target: target.year, default=None)
    return agreements.agreement_sentence(
        TargetKind(made.kind),
        made.stated_change,
        unit=unit,
        baseline=amounts.amount(made.baseline_amount, unit),
        period=made.baseline_period,
        final=amounts.amount(final.agreed, unit) if final else "",
        year=final.year if final else None,
    )


def _definition(objective: Objective) -> str:
    """The wording that the agreement was made on, else the newest one of the indicator."""
    agreement = agreement_of(objective)
    if agreement and agreement.target_set.baseline_definition:
        return agreement.target_set.baseline_definition.text
    newest = objective.indicator.definitions.last() if objective.indicator else None
    return newest.text if newest else ""
