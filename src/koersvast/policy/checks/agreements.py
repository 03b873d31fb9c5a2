"""Rules about what was agreed: meaning, baseline, chance, measurement, years, and drift in later documents."""

import re
from collections.abc import Iterator
from datetime import timedelta

from koersvast.engine.periods import Period
from koersvast.engine.quantities import Reading, TargetKind, Unit
from koersvast.engine.series import is_count_like
from koersvast.engine.targets import both_readings, is_stricter
from koersvast.policy.checks.facts import (
    ClaimFact,
    IndicatorFact,
    ObjectiveFact,
    PlanFacts,
    SourceFact,
    TargetSetFact,
    period_of,
    reading_of,
)
from koersvast.policy.checks.findings import Found, Value, at_claim, at_objective, at_source
from koersvast.policy.steering import Advice, Draft, Planned, consider

PERCENT_IN_TEXT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:%|procent)(?!punt)")
WANTED_POWER = 0.80
CHANCE_LIMIT = 0.10
DELIVERY_DAYS = 90
type Agreed = tuple[ObjectiveFact, TargetSetFact, IndicatorFact]


def agreements(facts: PlanFacts) -> Iterator[Agreed]:
    """Every objective that has an indicator and something agreed or drafted."""
    for objective in facts.objectives:
        indicator = facts.indicator(objective.indicator)
        if indicator is not None and objective.agreed is not None:
            yield objective, objective.agreed, indicator


def stated_changes(facts: PlanFacts) -> Iterator[ClaimFact]:
    """Claims that word a target as a change of a baseline."""
    for claim in facts.claims_of("target"):
        if claim.amount is not None and claim.compared_amount is not None:
            yield claim


def advice_on(facts: PlanFacts, found: Agreed, *, year: int, as_level: bool = False) -> Advice | None:
    """What `steering` says about one agreed value; None without a baseline that can be."""
    objective, agreed, indicator = found
    base = baseline_of(facts, found)
    if base is None or not 1 <= year <= 9998:
        return None
    draft = Draft(
        kind=TargetKind.LEVEL if as_level else agreed.kind,
        period=Period.of_year(year),
        direction=indicator.direction,
        unit=indicator.unit,
        amount=agreed.values.get(year) if as_level or agreed.kind is TargetKind.LEVEL else agreed.stated_change,
        baseline=base,
    )
    own = facts.figures(indicator.code, agreed.baseline_source or objective.source)
    return consider(draft, own, planned=_planned(facts.source(objective.source)), chance_limit=CHANCE_LIMIT)


def baseline_of(facts: PlanFacts, found: Agreed) -> Reading | None:
    """The reading behind the baseline."""
    objective, agreed, indicator = found
    if agreed.baseline_amount is None:
        return None
    return reading_of(
        facts,
        indicator,
        source=agreed.baseline_source or objective.source,
        period=agreed.baseline_period,
        amount=agreed.baseline_amount,
    )


def _planned(source: SourceFact | None) -> list[Planned]:
    """The waves of a survey; one that is still to come counts on as many people as the last time."""
    if source is None:
        return []
    return [
        Planned(
            period=period,
            respondents=wave.respondents or source.usual_respondents or None,
            design_effect=wave.design_effect,
        )
        for wave in source.waves
        if (period := period_of(wave.period)) is not None
    ]


def percent_or_points(facts: PlanFacts) -> Iterator[Found]:
    """P01: a percentage of a percentage means two things."""
    said = set()
    for claim in stated_changes(facts):
        objective, indicator = facts.objective(claim.objective), facts.indicator(claim.indicator)
        if claim.unit is Unit.PERCENT and indicator and indicator.unit is Unit.PERCENT and _bare(claim.label or "%"):
            said.add(claim.objective)
            yield from _ambiguous(claim, objective, claim.amount or 0.0, claim.compared_amount or 0.0)
    for objective, agreed, indicator in agreements(facts):
        relevant = agreed.kind in (TargetKind.POINTS, TargetKind.RELATIVE) and indicator.unit is Unit.PERCENT
        if relevant and objective.code not in said and _bare(objective.wording) and agreed.baseline_amount is not None:
            yield from _ambiguous(objective, objective, agreed.stated_change or 0.0, agreed.baseline_amount)


def _bare(text: str) -> bool:
    """Whether a text says percent without saying points anywhere."""
    return ("%" in text or bool(PERCENT_IN_TEXT.search(text))) and "punt" not in text.lower()


def _ambiguous(
    where: ClaimFact | ObjectiveFact, objective: ObjectiveFact | None, change: float, baseline: float
) -> Iterator[Found]:
    meant = both_readings(baseline, percent=change, unit=Unit.PERCENT)
    if not meant.is_ambiguous or meant.points is None:
        return
    agreed = objective.agreed if objective else None
    final = agreed.values.get(agreed.final_year or 0) if agreed else None
    values = {
        "baseline_amount": baseline,
        "said_percent": abs(change),
        "points_amount": round(meant.points, 2),
        "relative_amount": round(meant.relative, 2),
    }
    if final is not None:
        values["agreed_amount"] = final
    yield Found(
        code="P01",
        place=at_claim(where) if isinstance(where, ClaimFact) else at_objective(where),
        variant="" if final is None else "table",
        unit=Unit.PERCENT,
        values=values,
    )


def no_baseline(facts: PlanFacts) -> Iterator[Found]:
    """P02: a target without a point to start from."""
    for objective, agreed, _ in agreements(facts):
        if agreed.baseline_amount is None or not agreed.baseline_period:
            yield Found(code="P02", place=at_objective(objective))


def too_small_to_show(facts: PlanFacts) -> Iterator[Found]:
    """P06: the survey does not see the change that is asked."""
    for found in agreements(facts):
        objective, agreed, indicator = found
        year = agreed.final_year
        if year is None or is_count_like(indicator.unit):
            continue
        advice = advice_on(facts, found, year=year, as_level=True)
        if advice is None or advice.power is None or advice.power >= WANTED_POWER:
            continue
        values: dict[str, Value] = {
            "power_chance": advice.power,
            "baseline_amount": agreed.baseline_amount or 0.0,
            "agreed_amount": agreed.values[year],
        }
        if advice.smallest_detectable is not None:
            values["smallest_estimate"] = advice.smallest_detectable
        yield Found(
            code="P06",
            place=at_objective(objective),
            variant="" if advice.smallest_detectable is None else "smallest",
            unit=indicator.unit,
            values=values,
        )


def met_by_chance(facts: PlanFacts) -> Iterator[Found]:
    """P07: a count meets the target of a year while nothing changes. The first such year is named."""
    for found in agreements(facts):
        objective, agreed, indicator = found
        if not is_count_like(indicator.unit):
            continue
        for year in sorted(agreed.values):
            advice = advice_on(facts, found, year=year, as_level=True)
            if advice and (advice.chance_met_if_unchanged or 0.0) >= CHANCE_LIMIT:
                yield Found(
                    code="P07",
                    place=at_objective(objective),
                    unit=indicator.unit,
                    values={
                        "year": year,
                        "agreed_amount": agreed.values[year],
                        "baseline_amount": agreed.baseline_amount or 0.0,
                        "met_chance": advice.chance_met_if_unchanged or 0.0,
                        "missed_chance": advice.chance_missed_at_target or 0.0,
                    },
                )
                break


def extreme_baseline(facts: PlanFacts) -> Iterator[Found]:
    """P08: the baseline is the best or worst of its own series."""
    for found in agreements(facts):
        objective, agreed, indicator = found
        year = agreed.final_year
        advice = advice_on(facts, found, year=year, as_level=True) if year is not None else None
        check = advice.baseline_check if advice else None
        if check is None or year is None or not check.is_extreme:
            continue
        values: dict[str, Value] = {
            "baseline_amount": check.baseline,
            "mean_estimate": check.mean,
            "periods": check.periods,
            "agreed_amount": agreed.values[year],
        }
        if check.mean:
            values["against_mean_share"] = agreed.values[year] / check.mean - 1
        variant = ("lowest" if check.is_lowest else "highest") if check.mean else "zero"
        yield Found(code="P08", place=at_objective(objective), variant=variant, unit=indicator.unit, values=values)


def ends_elsewhere(facts: PlanFacts) -> Iterator[Found]:
    """P10: the last agreed year is not the last year of the plan."""
    for objective, agreed, _ in agreements(facts):
        year = agreed.final_year
        if year is not None and year != facts.last_year:
            yield Found(
                code="P10",
                place=at_objective(objective),
                variant="before" if year < facts.last_year else "after",
                values={"year": year, "last_year": facts.last_year},
            )


def break_ahead(facts: PlanFacts) -> Iterator[Found]:
    """P11: figures stop meaning the same between the baseline and the target."""
    for objective, agreed, indicator in agreements(facts):
        base, year = period_of(agreed.baseline_period), agreed.final_year
        if base is None or year is None or not 1 <= year <= 9998:
            continue
        end = Period.of_year(year).end
        crossed = [one for one in indicator.breaks if base.start < one.on < end and one.factor is None]
        if crossed:
            yield Found(
                code="P11",
                place=at_objective(objective),
                variant=crossed[0].kind if crossed[0].kind in BREAK_KINDS else "",
                values={"on": crossed[0].on.isoformat(), "year": year, "baseline_period": agreed.baseline_period},
            )


BREAK_KINDS = ("definition", "registration", "mode", "boundary")


def drift(facts: PlanFacts) -> Iterator[Found]:
    """P20: a later document names another value than the one that was decided."""
    for claim in facts.claims_of("target"):
        objective = facts.objective(claim.objective)
        period = period_of(claim.period)
        amount = claim.amount
        if amount is None or claim.compared_amount is not None or objective is None or period is None:
            continue
        if objective.agreed is None or not objective.agreed.is_adopted:
            continue
        indicator, year = facts.indicator(objective.indicator), period.year
        agreed = objective.agreed.values.get(year)
        if agreed is not None and abs(agreed - amount) < 1e-9:
            continue
        others = sorted(other for other, value in objective.agreed.values.items() if abs(value - amount) < 1e-9)
        values: dict[str, Value] = {
            "title": objective.title,
            "document": claim.document,
            "year": year,
            "claimed_amount": amount,
        }
        if agreed is not None:
            values |= {"agreed_amount": agreed, "gap_change": amount - agreed}
        if others:
            values["elsewhere"] = others[0]
        variant = ("other" if agreed is not None else "no_year") + ("_shifted" if others else "")
        unit = indicator.unit if indicator else Unit.COUNT
        yield Found(code="P20", place=at_claim(claim), variant=variant, unit=unit, values=values)


def year_without_measurement(facts: PlanFacts) -> Iterator[Found]:
    """P24: nobody measures in the year of the target, or the measurement was planned and never came."""
    not_held: dict[tuple[str, int], int] = {}
    for objective, agreed, indicator in agreements(facts):
        source, year = facts.source(objective.source), agreed.final_year
        if source is None or not source.is_survey or year is None or not 1 <= year <= 9998:
            continue
        wave = next((wave for wave in source.waves if (p := period_of(wave.period)) and p.year == year), None)
        have = any(reading.period.year == year for reading in facts.figures(indicator.code, source.code).readings)
        values: dict[str, Value] = {"year": year, "source": source.name}
        if wave is None and not have:
            yield Found(code="P24", place=at_objective(objective), values=values)
        elif not have and Period.of_year(year).end + timedelta(days=DELIVERY_DAYS) <= facts.today:
            not_held[source.code, year] = not_held.get((source.code, year), 0) + 1
    for (code, year), objectives in not_held.items():
        source = facts.source(code)
        if source is not None:
            place = at_source(source, detail=str(year))
            yield Found(code="P24", place=place, variant="not_held", values={"year": year, "objectives": objectives})


def measured_too_late_or_once(facts: PlanFacts) -> Iterator[Found]:
    """P25: the survey lands after the target year, or there is one follow-up only: no steering on the way."""
    once: dict[str, list[str]] = {}
    for objective, agreed, _ in agreements(facts):
        source, base, year = facts.source(objective.source), period_of(agreed.baseline_period), agreed.final_year
        if source is None or not source.is_survey or base is None or year is None:
            continue
        later = sorted(
            period.year for wave in source.waves if (period := period_of(wave.period)) and period.start >= base.end
        )
        within = [found for found in later if found <= max(year, facts.last_year)]
        if later and later[0] > year:
            yield Found(
                code="P25",
                place=at_objective(objective),
                variant="late",
                values={"year": year, "measured": later[0], "source": source.name},
            )
        elif len(within) == 1:
            once.setdefault(source.code, []).append(objective.title)
    for code, titles in once.items():
        source = facts.source(code)
        if source is not None:
            values: dict[str, Value] = {"source": source.name, "objectives": len(titles)}
            yield Found(code="P25", place=at_source(source), variant="once", values=values)


def looser_than_last(facts: PlanFacts) -> Iterator[Found]:
    """P33: what is asked was already better when the plan began. The first such year is named."""
    for objective, agreed, indicator in agreements(facts):
        before = [
            reading
            for reading in facts.figures(indicator.code, objective.source).readings
            if reading.period.end.year <= facts.first_year and reading.unit is indicator.unit
        ]
        if not before or agreed.kind is TargetKind.KEEP:
            continue
        last = before[-1]
        for year in sorted(agreed.values):
            if is_stricter(last.value, than=agreed.values[year], direction=indicator.direction):
                yield Found(
                    code="P33",
                    place=at_objective(objective),
                    unit=indicator.unit,
                    values={
                        "year": year,
                        "agreed_amount": agreed.values[year],
                        "last_amount": last.value,
                        "last_period": last.period.code,
                    },
                )
                break
