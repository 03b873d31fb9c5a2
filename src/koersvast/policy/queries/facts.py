"""Load a plan and the figures around it as the facts that the plan check looks at, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from koersvast.engine.quantities import BadValue, Break, Direction, TargetKind, Unit
from koersvast.engine.series import Series as EngineSeries
from koersvast.indicators.models import Indicator, Source
from koersvast.indicators.queries import Series, series_of
from koersvast.policy.checks.facts import (
    ClaimFact,
    DecisionFact,
    IndicatorFact,
    LineFact,
    ObjectiveFact,
    PlanFacts,
    PriorityFact,
    SourceFact,
    TargetSetFact,
    WaveFact,
)
from koersvast.policy.models import Claim, Objective, Plan
from koersvast.policy.queries.judging import agreement_of, objectives_of
from koersvast.policy.rulebook import law_entries


def plan_facts(plan: Plan, *, today: date) -> PlanFacts:
    """Everything that the rules look at, with figures as they are known today."""
    objectives = objectives_of(plan)
    claims = list(plan.claims.select_related("indicator__source", "objective"))
    used = [one.indicator for one in objectives if one.indicator]
    used += [one.indicator for one in claims if one.indicator]
    indicators = list({one.pk: one for one in used}.values())
    found = series_of(indicators, area=plan.area, known_on=today)
    known = [(one, series) for one in indicators for series in found.get(one.pk, ())]
    by_pk = {one.pk: one for one in indicators}
    return PlanFacts(
        code=plan.code,
        title=plan.title,
        first_year=plan.first_year,
        last_year=plan.last_year,
        today=today,
        analysis_first_year=plan.analysis_first_year,
        analysis_last_year=plan.analysis_last_year,
        legal_basis=plan.legal_basis,
        has_successor=Plan.objects.filter(municipality=plan.municipality_id, first_year__gt=plan.last_year).exists(),
        priorities_at_most=plan.municipality.priorities_at_most,
        priorities=tuple(
            PriorityFact(code=one.code, title=one.title, reach=one.reach) for one in plan.priorities.all()
        ),
        objectives=tuple(_objective(one) for one in objectives),
        lines=_lines(plan),
        decisions=tuple(
            DecisionFact(number=one.number, kind=one.kind, body=one.body, decided_on=one.decided_on)
            for one in plan.decisions.all()
        ),
        claims=tuple(_claim(one) for one in claims),
        indicators=tuple(_indicator(one) for one in _with_definitions(by_pk)),
        sources=_sources(plan),
        series={(one.code, series.source): _series(series) for one, series in known},
        explained=frozenset(
            (one.code, series.source, value.period.code)
            for one, series in known
            for value in series.values
            if value.missing is not None and (value.note or value.missing != "not_known")
        ),
        law=law_entries(),
    )


def _series(series: Series) -> EngineSeries:
    try:
        return series.for_engine()
    except BadValue:
        # A stored figure that cannot be: the import refuses those, so leave it to the registry.
        return EngineSeries(name=series.source)


def _with_definitions(indicators: Mapping[int, Indicator]) -> Sequence[Indicator]:
    return list(
        Indicator.objects.filter(pk__in=indicators).select_related("source").prefetch_related("definitions", "breaks")
    )


def _objective(objective: Objective) -> ObjectiveFact:
    agreement = agreement_of(objective)
    made = agreement.target_set if agreement else None
    judge = objective.source or (objective.indicator.source if objective.indicator else None)
    return ObjectiveFact(
        code=objective.code,
        title=objective.title,
        priority=objective.priority.code if objective.priority else "",
        wording=objective.wording,
        indicator=objective.indicator.code if objective.indicator else "",
        source=judge.code if judge else "",
        agreed=TargetSetFact(
            kind=TargetKind(made.kind),
            values={target.year: float(target.agreed) for target in agreement.targets},
            stated_change=_number(made.stated_change),
            baseline_amount=_number(made.baseline_amount),
            baseline_period=made.baseline_period,
            baseline_source=made.baseline_source.code if made.baseline_source else "",
            baseline_definition=made.baseline_definition.number if made.baseline_definition else 1,
            is_adopted=agreement.is_adopted,
        )
        if agreement and made
        else None,
    )


def _lines(plan: Plan) -> tuple[LineFact, ...]:
    return tuple(
        LineFact(
            position=one.position,
            text=one.text,
            priority=one.priority.code if one.priority else "",
            objective=one.objective.code if one.objective else "",
            owner=one.owner,
            due=one.due,
            has_cost=one.cost_euro is not None,
            chain_link=one.chain_link,
        )
        for one in plan.approach_lines.select_related("priority", "objective")
    )


def _claim(claim: Claim) -> ClaimFact:
    return ClaimFact(
        code=claim.code,
        kind=claim.kind,
        document=claim.document,
        place=claim.place,
        subject=claim.subject,
        indicator=claim.indicator.code if claim.indicator else "",
        objective=claim.objective.code if claim.objective else "",
        period=claim.period,
        amount=_number(claim.amount),
        unit=Unit(claim.unit) if claim.unit else None,
        compared_period=claim.compared_period,
        compared_amount=_number(claim.compared_amount),
        label=claim.label,
    )


def _indicator(indicator: Indicator) -> IndicatorFact:
    newest = list(indicator.definitions.all())
    texts = [(one.answers_counted, one.text_nl, one.text_en, one.question) for one in reversed(newest)]
    return IndicatorFact(
        code=indicator.code,
        name=indicator.name,
        unit=Unit(indicator.unit),
        direction=Direction(indicator.direction),
        source=indicator.source.code,
        wordings=(*(text for group in texts for text in group), indicator.name_nl, indicator.name_en),
        breaks=tuple(
            Break(on=one.on, kind=one.kind, note=one.note, factor=one.factor, factor_se=one.factor_se)
            for one in indicator.breaks.all()
        ),
        discontinued_on=indicator.discontinued_on,
    )


def _sources(plan: Plan) -> tuple[SourceFact, ...]:
    return tuple(
        SourceFact(
            code=one.code,
            name=one.label,
            is_survey=one.kind == Source.Kind.SURVEY,
            is_probability_sample=one.is_probability_sample,
            interval_years=one.interval_years,
            waves=tuple(
                WaveFact(
                    period=wave.period,
                    is_planned=wave.is_planned,
                    respondents=wave.respondents,
                    respondents_are_assumed=wave.respondents_are_assumed,
                    design_effect=wave.design_effect,
                )
                for wave in one.measurements.all()
            ),
        )
        for one in Source.objects.filter(municipality=plan.municipality_id).prefetch_related("measurements")
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
