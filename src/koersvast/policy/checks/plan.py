"""Rules about the plan as a whole: sources, priorities, approach, age, gaps."""

from collections.abc import Iterator
from datetime import date

from koersvast.policy.checks.facts import PlanFacts, period_of
from koersvast.policy.checks.findings import (
    PLAN,
    Found,
    at_claim,
    at_indicator,
    at_line,
    at_objective,
    at_plan,
    at_priority,
    at_source,
)

CHAIN = ("proaction", "prevention", "preparation", "repression", "aftercare")
YEARS_OF_A_PLAN = 4


def no_probability_sample(facts: PlanFacts) -> Iterator[Found]:
    """P12: a survey whose respondents were not drawn by chance."""
    for source in facts.sources:
        objectives = [one for one in facts.objectives if one.source == source.code and one.agreed]
        if source.is_survey and source.is_probability_sample is False and objectives:
            yield Found(code="P12", place=at_source(source), values={"objectives": len(objectives)})


def discontinued(facts: PlanFacts) -> Iterator[Found]:
    """P13: the plan leans on an indicator that nobody keeps any more."""
    for indicator in facts.indicators:
        stopped = indicator.discontinued_on
        if stopped is None:
            continue
        used = [one.title for one in facts.objectives if one.indicator == indicator.code]
        used += [
            claim.place
            for claim in facts.claims
            if claim.indicator == indicator.code and (period := period_of(claim.period)) and period.end > stopped
        ]
        if used:
            values = {"on": stopped.isoformat(), "used": "; ".join(dict.fromkeys(used))}
            yield Found(code="P13", place=at_indicator(indicator), values=values)


def priority_without_objective(facts: PlanFacts) -> Iterator[Found]:
    """P14: a priority that cannot be measured."""
    for priority in facts.priorities:
        if priority.reach == "kept_in_view":
            continue
        own = [one for one in facts.objectives if one.priority == priority.code]
        if not own:
            yield Found(code="P14", place=at_priority(priority), variant="no_objective")
        elif not any(facts.indicator(one.indicator) for one in own):
            yield Found(code="P14", place=at_priority(priority), variant="no_indicator")


def line_without_agreements(facts: PlanFacts) -> Iterator[Found]:
    """P15: an action without owner, term, cost or objective. `lacking` lists these four words."""
    for line in facts.lines:
        present = {
            "owner": bool(line.owner),
            "term": bool(line.due),
            "cost": line.has_cost,
            "objective": bool(line.objective),
        }
        lacking = [name for name, is_there in present.items() if not is_there]
        if lacking:
            yield Found(code="P15", place=at_line(line), values={"lacking": ",".join(lacking)})


def too_old_or_undecided(facts: PlanFacts) -> Iterator[Found]:
    """P22: the council never decided, or more than four years ago."""
    adoptions = [one for one in facts.decisions if one.kind == "adoption"]
    if not adoptions:
        yield Found(code="P22", place=at_plan("no_decision"), variant="no_decision")
        return
    if not any("raad" in one.body.casefold() for one in adoptions):
        values = {"body": adoptions[-1].body}
        yield Found(code="P22", place=at_plan("not_council"), variant="not_council", values=values)
    last = max(one.decided_on for one in adoptions)
    if not facts.has_successor and _years_on(last, YEARS_OF_A_PLAN) < facts.today:
        yield Found(code="P22", place=at_plan("too_old"), variant="too_old", values={"on": last.isoformat()})


def _years_on(day: date, years: int) -> date:
    return day.replace(year=min(9999, day.year + years), day=min(day.day, 28))


def too_many_priorities(facts: PlanFacts) -> Iterator[Found]:
    """P23: more priorities than the team can carry."""
    number = sum(one.reach != "kept_in_view" for one in facts.priorities)
    if number > facts.priorities_at_most:
        yield Found(code="P23", place=PLAN, values={"number": number, "at_most": facts.priorities_at_most})


def line_off_the_chain(facts: PlanFacts) -> Iterator[Found]:
    """P28: actions that have no place on the safety chain."""
    loose = [line for line in facts.lines if line.chain_link not in CHAIN]
    if loose:
        yield Found(code="P28", place=PLAN, values={"number": len(loose), "total": len(facts.lines)})


def gap_without_reason(facts: PlanFacts) -> Iterator[Found]:
    """P31: a table leaves a place empty, or a series misses a year, and nobody says why."""
    for claim in facts.claims_of("figure"):
        if claim.amount is None and claim.period:
            values = {"subject": claim.subject, "period": claim.period}
            yield Found(code="P31", place=at_claim(claim), variant="empty", values=values)
    for indicator in facts.indicators:
        for source in facts.sources:
            missing = [] if source.is_survey else _missing_years(facts, indicator.code, source.code)
            if missing:
                values_ = {"source": source.name, "years": ", ".join(str(year) for year in missing)}
                place = at_indicator(indicator, detail=source.code)
                yield Found(code="P31", place=place, variant="years", values=values_)


def _missing_years(facts: PlanFacts, indicator: str, source: str) -> list[int]:
    years = {
        reading.period.year
        for reading in facts.figures(indicator, source).readings
        if reading.period.code == f"{reading.period.year:04d}"
    }
    explained = {
        int(period)
        for code, origin, period in facts.explained
        if (code, origin) == (indicator, source) and period.isdecimal()
    }
    return sorted(set(range(min(years, default=0), max(years, default=0))) - years - explained)


def objective_without_action(facts: PlanFacts) -> Iterator[Found]:
    """P32: a goal that nothing is done for."""
    for objective in facts.objectives:
        own = [
            line
            for line in facts.lines
            if line.objective == objective.code or (objective.priority and line.priority == objective.priority)
        ]
        if not own:
            yield Found(code="P32", place=at_objective(objective))
