"""The whole plan check: the rules of the policy floor, and those about the programme under the plan."""

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from koersvast.engine.periods import Period
from koersvast.partners.models import Organisation
from koersvast.policy.models import Plan
from koersvast.policy.queries import checking as of_plan
from koersvast.policy.queries.checking import CheckReport, FurtherRules, WordedFinding
from koersvast.policy.rulebook import RuleEntry, rules_in
from koersvast.programme.checks import (
    RULES,
    ActionFact,
    ContributionFact,
    Named,
    ProgrammeFact,
    ProgrammeFacts,
    judged_of,
    run,
)
from koersvast.programme.models import Action, CheckMoment, Contribution, CostLine, Programme
from koersvast.programme.wording import checking as wording

DATA = Path(__file__).parents[1] / "data" / "checks.toml"


@cache
def rule_entries() -> dict[str, RuleEntry]:
    """The rules about the programme, by code."""
    return dict(rules_in(DATA))


def check(plan: Plan, *, today: date) -> CheckReport:
    """Run every rule that holds today on `plan` and on the programme under it. A constant number of queries."""
    entries = {code: entry for code, entry in rule_entries().items() if code in RULES and entry.holds_on(today)}
    found = run(programme_facts(plan, today=today), codes=list(entries))
    further = FurtherRules(
        entries=entries,
        findings=tuple(
            WordedFinding(
                code=one.code,
                place_key=one.place.key,
                place=wording.place(one.place),
                message=wording.message(one),
                remedy=wording.remedy(one),
                values=one.values,
            )
            for one in found
        ),
    )
    return of_plan.check(plan, today=today, further=further)


def programme_facts(plan: Plan, *, today: date) -> ProgrammeFacts:
    """All that the rules look at, as it is known now."""
    rows = {one.code: one for one in Programme.objects.filter(plan=plan).select_related("plan")}
    programmes = tuple(
        ProgrammeFact(
            code=one.code, title=one.title, first_day=one.first_day, last_day=one.last_day, state=str(one.state)
        )
        for one in rows.values()
    )
    judged = judged_of(programmes, today=today)
    return ProgrammeFacts(
        today=today,
        first_year=plan.first_year,
        last_year=plan.last_year,
        plan_has_successor=bool(programmes) and plan.successors.exists(),
        programmes=programmes,
        judged=judged,
        actions=_actions(rows[judged.code]) if judged else (),
        objectives=_objectives(plan) if judged else (),
        priorities=_priorities(plan) if judged else (),
        checked_years=_checked_years(plan) if judged else frozenset(),
    )


def _objectives(plan: Plan) -> tuple[Named, ...]:
    return tuple(Named(code=one.code, title=one.title) for one in plan.objectives.all())


def _priorities(plan: Plan) -> tuple[Named, ...]:
    return tuple(Named(code=one.code, title=one.title, reach=str(one.reach)) for one in plan.priorities.all())


def _checked_years(plan: Plan) -> frozenset[int]:
    """The years in which a moment was planned, and those that one looks back on."""
    moments = CheckMoment.objects.filter(plan=plan).values_list("planned_on", "period")
    return frozenset(year for planned_on, period in moments for year in (planned_on.year, Period.parse(period).year))


def _actions(programme: Programme) -> tuple[ActionFact, ...]:
    found = (
        programme.actions.select_related("priority")
        .prefetch_related("objectives", "contributions__organisation", "contributions__agreement", "cost_lines")
        .order_by("number")
    )
    with_aims = set(programme.plan.objectives.values_list("priority", flat=True).order_by())
    return tuple(_action(one, needs_objective=one.priority_id is None or one.priority_id in with_aims) for one in found)


def _action(action: Action, *, needs_objective: bool) -> ActionFact:
    costs = list(action.cost_lines.all())
    return ActionFact(
        number=action.number,
        title=action.title,
        priority=action.priority.code if action.priority else "",
        objectives=tuple(one.code for one in action.objectives.all()),
        needs_objective=needs_objective,
        has_owner=bool(action.owner_organisation_id or action.owner_role),
        has_term=bool(action.ends_on or action.recurrence != Action.Recurrence.ONCE),
        cost_is_known=action.has_no_cost or bool(costs),
        uncovered_euro=sum((one.euro for one in costs if one.cover == CostLine.Cover.UNCOVERED), Decimal(0)),
        has_mechanism=bool(action.mechanism.strip()),
        chain_link=action.chain_link,
        output_measure=action.output_measure,
        has_output_planned=action.output_planned is not None,
        status=str(action.status),
        contributions=tuple(
            _contribution(one) for one in action.contributions.all() if one.organisation.kind != Organisation.Kind.UNIT
        ),
    )


def _contribution(line: Contribution) -> ContributionFact:
    agreement = line.agreement
    return ContributionFact(
        partner_code=line.organisation.code,
        partner_name=str(line.organisation),
        agreed_on=line.agreed_on,
        agreement_code=agreement.code if agreement else "",
        agreement_title=agreement.title if agreement else "",
        agreement_ends_on=agreement.ends_on if agreement else None,
    )
