"""The rules between the parts of a package: nothing refers to what is not there, nothing contradicts itself.

Pure. What only the database of an installation knows (its taxonomies, values adopted earlier) is judged in
`changes.packages`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from math import inf
from typing import Any

from koersvast.engine.periods import BadPeriod, Period
from koersvast.engine.quantities import BadValue, Reading, Unit
from koersvast.policy.package import (
    ClaimEntry,
    DefinitionEntry,
    IndicatorEntry,
    ObjectiveEntry,
    ObservationEntry,
    Package,
    PlanEntry,
    SourceEntry,
    TargetSetEntry,
)
from koersvast.policy.package_problems import PackageProblem

OBSERVATIONS = "observations.csv"


def problems_in(package: Package) -> tuple[PackageProblem, ...]:
    """Return everything in which the parts of a package contradict one another."""
    found = [
        *_municipality_problems(package),
        *_source_problems(package),
        *_indicator_problems(package),
        *_delivery_problems(package),
        *_observation_problems(package),
    ]
    for plan in package.plans:
        found += _plan_problems(plan, package)
    return tuple(found)


def _municipality_problems(package: Package) -> Iterator[PackageProblem]:
    file, municipality = "package.toml", package.municipality
    if municipality.off_course_to >= municipality.on_course_from:
        yield PackageProblem(code="K19", file=file, place="municipality.off_course_to")
    editions = [(area.code, area.valid_from) for area in package.areas]
    yield from _twice(file, "areas", editions)
    for area in package.areas:
        if area.valid_until is not None and area.valid_until < area.valid_from:
            yield _ends_early(file, f"areas {area.code}", area.valid_from, area.valid_until)
    if municipality.code not in {code for code, _ in editions}:
        yield _unknown(file, "areas", "area", municipality.code)
    yield from _twice(file, "followings", [tuple(filter(None, vars(each).values())) for each in package.followings])
    yield from _twice(file, "followings", [each.feed for each in package.followings if each.until is None])
    for each in package.followings:
        if each.until is not None and each.until < each.since:
            yield _ends_early(file, f"followings {each.feed}", each.since, each.until)
    yield from _twice("plans/", "plans", [plan.code for plan in package.plans])


def _source_problems(package: Package) -> Iterator[PackageProblem]:
    yield from _twice("sources.toml", "sources", [source.code for source in package.sources])
    for source in package.sources:
        yield from _measurement_problems(source)


def _measurement_problems(source: SourceEntry) -> Iterator[PackageProblem]:
    file, place = "sources.toml", f"sources {source.code}"
    yield from _twice(file, f"{place} measurements", [each.period for each in source.measurements])
    for each in source.measurements:
        yield from _period(file, f"{place} measurements", each.period)
        if each.invited is not None and each.respondents is not None and each.respondents > each.invited:
            values = {"respondents": each.respondents, "invited": each.invited}
            yield PackageProblem(code="K15", file=file, place=f"{place} {each.period}", values=values)


def _indicator_problems(package: Package) -> Iterator[PackageProblem]:
    file, codes = "indicators.toml", {indicator.code for indicator in package.indicators}
    sources = {source.code for source in package.sources}
    yield from _twice(file, "indicators", [indicator.code for indicator in package.indicators])
    for indicator in package.indicators:
        place = f"indicators {indicator.code}"
        yield from _known(file, place, "source", indicator.source, sources)
        yield from _known(file, place, "indicator", indicator.successor, codes)
        yield from _twice(file, f"{place} definitions", [each.number for each in indicator.definitions])
        yield from _twice(file, f"{place} breaks", [(each.on, each.kind) for each in indicator.breaks])
        for each in indicator.breaks:
            if (each.factor is None) != (each.factor_se is None):
                yield PackageProblem(code="K20", file=file, place=f"{place} {each.on}")
        yield from _remark_problems(indicator, file, place, sources)


def _remark_problems(indicator: IndicatorEntry, file: str, place: str, sources: set[str]) -> Iterator[PackageProblem]:
    pairs = [(*sorted((each.source, each.other)), each.period) for each in indicator.differences]
    yield from _twice(file, f"{place} differences", pairs)
    for each in indicator.differences:
        yield from _known(file, f"{place} differences", "source", each.source, sources)
        yield from _known(file, f"{place} differences", "source", each.other, sources)
        if each.source == each.other:
            yield from _twice(file, f"{place} differences", [each.source, each.other])
        if each.period:
            yield from _period(file, f"{place} differences", each.period)
    yield from _twice(file, f"{place} phases", [(each.area, each.starts, each.set_at) for each in indicator.phases])
    standing = [(each.area, each.starts) for each in indicator.phases if each.ended_at is None]
    yield from _twice(file, f"{place} phases", standing)


def _delivery_problems(package: Package) -> Iterator[PackageProblem]:
    file, sources = "deliveries.toml", {source.code for source in package.sources}
    yield from _twice(file, "deliveries", [delivery.number for delivery in package.deliveries])
    stored = [delivery.identity for delivery in package.deliveries if delivery.state == "stored"]
    yield from _twice(file, "deliveries identity", stored)
    for delivery in package.deliveries:
        yield from _known(file, f"deliveries {delivery.number}", "source", delivery.source, sources)
        if (delivery.vintage is None) != (not delivery.table):
            yield PackageProblem(code="K22", file=file, place=f"deliveries {delivery.number}")


def _observation_problems(package: Package) -> Iterator[PackageProblem]:
    definitions = _definitions(package)
    units = {indicator.code: Unit(indicator.unit) for indicator in package.indicators}
    sources = {source.code for source in package.sources}
    editions = {(area.code, area.valid_from) for area in package.areas}
    deliveries = {delivery.number for delivery in package.deliveries}
    seen: set[tuple[Any, ...]] = set()
    for line, entry in enumerate(package.observations, 2):
        say = _at_line(line)
        if entry.indicator not in units:
            yield say("K11", "indicator", kind="indicator", code=entry.indicator)
        elif (entry.indicator, entry.definition) not in definitions:
            yield say("K11", "definition", kind="definition", code=f"{entry.indicator} {entry.definition}")
        else:
            yield from _amount_problems(entry, units[entry.indicator], say)
            yield from _uncertainty_problems(entry, say)
        if entry.source not in sources:
            yield say("K11", "source", kind="source", code=entry.source)
        if (entry.area, entry.area_since) not in editions:
            yield say("K11", "area", kind="area", code=f"{entry.area} {entry.area_since}")
        if entry.delivery not in deliveries:
            yield say("K11", "delivery", kind="delivery", code=str(entry.delivery))
        if (entry.withdrawn_at is None) != (not entry.withdrawn_because):
            yield say("K16", "withdrawn_at")
        vintage = (
            entry.indicator,
            entry.definition,
            entry.source,
            entry.area,
            entry.area_since,
            entry.period,
            entry.as_of,
        )
        if entry.withdrawn_at is None and vintage in seen:
            yield say("K10", "as_of", kind="vintage", code=f"{entry.indicator} {entry.period} {entry.as_of}")
        if entry.withdrawn_at is None:
            seen.add(vintage)


type Say = Callable[..., PackageProblem]


def _at_line(line: int) -> Say:
    def say(code: str, place: str, /, **values: str | int | float) -> PackageProblem:
        return PackageProblem(code=code, file=OBSERVATIONS, line=line, place=place, values=values)

    return say


def _amount_problems(entry: ObservationEntry, unit: Unit, say: Say) -> Iterator[PackageProblem]:
    try:
        period = Period.parse(entry.period)
    except BadPeriod:
        yield say("K18", "period", period=entry.period)
        return
    if (entry.amount is None) == (not entry.missing):
        yield say("K13", "amount")
    elif entry.amount is not None:
        try:
            Reading(period=period, value=float(entry.amount), unit=unit)
        except BadValue:
            yield say("K12", "amount", amount=str(entry.amount), unit=unit.value)


def _uncertainty_problems(entry: ObservationEntry, say: Say) -> Iterator[PackageProblem]:
    """What no calculation can work with, and limits that do not lie around their number."""
    if entry.amount is None:
        return
    for name in ("respondents", "design_effect", "exposure"):
        value = getattr(entry, name)
        if value is not None and not 0 < value < inf:
            yield say("K03", name, found=value, rule="exclusiveMinimum", wanted=0)
    if entry.standard_error is not None and not 0 <= entry.standard_error < inf:
        yield say("K03", "standard_error", found=entry.standard_error, rule="minimum", wanted=0)
    amount = float(entry.amount)
    if entry.low is not None and not -inf < entry.low <= amount:
        yield say("K03", "low", found=entry.low, rule="maximum", wanted=amount)
    if entry.high is not None and not amount <= entry.high < inf:
        yield say("K03", "high", found=entry.high, rule="minimum", wanted=amount)


def _plan_problems(plan: PlanEntry, package: Package) -> Iterator[PackageProblem]:
    file = f"plans/{plan.code}.toml"
    if plan.last_year < plan.first_year:
        yield _ends_early(file, "last_year", plan.first_year, plan.last_year)
    if plan.analysis_last_year < plan.analysis_first_year:
        yield _ends_early(file, "analysis_last_year", plan.analysis_first_year, plan.analysis_last_year)
    if (plan.area, plan.area_since) not in {(area.code, area.valid_from) for area in package.areas}:
        yield _unknown(file, "area", "area", f"{plan.area} {plan.area_since}")
    yield from _known(file, "predecessor", "plan", plan.predecessor, {each.code for each in package.plans})
    for kind, numbers in (
        ("principles", [each.position for each in plan.principles]),
        ("priorities", [each.code for each in plan.priorities]),
        ("decisions", [each.number for each in plan.decisions]),
        ("objectives", [each.code for each in plan.objectives]),
        ("approach_lines", [each.position for each in plan.approach_lines]),
        ("claims", [each.code for each in plan.claims]),
        ("answers", [(each.rule, each.place) for each in plan.answers]),
    ):
        yield from _twice(file, kind, numbers)
    for decision in plan.decisions:
        if decision.kind == "revision" and not decision.reason:
            yield PackageProblem(code="K17", file=file, place=f"decisions {decision.number}")
    for objective in plan.objectives:
        yield from _objective_problems(objective, plan, package)
    yield from _reference_problems(plan, package)


def _reference_problems(plan: PlanEntry, package: Package) -> Iterator[PackageProblem]:
    file = f"plans/{plan.code}.toml"
    priorities = {each.code for each in plan.priorities}
    objectives = {each.code for each in plan.objectives}
    for line in plan.approach_lines:
        place = f"approach_lines {line.position}"
        yield from _known(file, place, "priority", line.priority, priorities)
        yield from _known(file, place, "objective", line.objective, objectives)
    for claim in plan.claims:
        yield from _claim_problems(claim, file, objectives, {each.code for each in package.indicators})


def _claim_problems(
    claim: ClaimEntry, file: str, objectives: set[str], indicators: set[str]
) -> Iterator[PackageProblem]:
    place = f"claims {claim.code}"
    yield from _known(file, place, "objective", claim.objective, objectives)
    yield from _known(file, place, "indicator", claim.indicator, indicators)
    for period in (claim.period, claim.compared_period):
        if period:
            yield from _period(file, place, period)


def _objective_problems(objective: ObjectiveEntry, plan: PlanEntry, package: Package) -> Iterator[PackageProblem]:
    file, place = f"plans/{plan.code}.toml", f"objectives {objective.code}"
    yield from _known(file, place, "priority", objective.priority, {each.code for each in plan.priorities})
    yield from _known(file, place, "indicator", objective.indicator, {each.code for each in package.indicators})
    yield from _known(file, place, "source", objective.source, {each.code for each in package.sources})
    yield from _twice(file, f"{place} target_sets", [each.number for each in objective.target_sets])
    if sum(each.decision is None for each in objective.target_sets) > 1:
        yield PackageProblem(code="K21", file=file, place=place, values={"objective": objective.code})
    numbers = {each.number for each in objective.target_sets}
    replaced = [each.supersedes for each in objective.target_sets if each.supersedes is not None]
    yield from _twice(file, f"{place} supersedes", replaced)
    for target_set in objective.target_sets:
        yield from _target_set_problems(target_set, objective, plan, package)
        if target_set.supersedes is not None and (
            target_set.supersedes not in numbers or target_set.supersedes == target_set.number
        ):
            yield _unknown(file, f"{place} {target_set.number}", "target_set", str(target_set.supersedes))


def _target_set_problems(
    target_set: TargetSetEntry, objective: ObjectiveEntry, plan: PlanEntry, package: Package
) -> Iterator[PackageProblem]:
    file, place = f"plans/{plan.code}.toml", f"objectives {objective.code} target_sets {target_set.number}"
    if target_set.decision is not None and target_set.decision not in {each.number for each in plan.decisions}:
        yield _unknown(file, place, "decision", str(target_set.decision))
    yield from _known(file, place, "source", target_set.baseline_source, {each.code for each in package.sources})
    if target_set.baseline_period:
        yield from _period(file, place, target_set.baseline_period)
    wanted = (objective.indicator, target_set.baseline_definition)
    if target_set.baseline_definition is not None and wanted not in _definitions(package):
        yield _unknown(file, place, "definition", f"{objective.indicator} {target_set.baseline_definition}")


def _definitions(package: Package) -> dict[tuple[str, int | None], DefinitionEntry]:
    def of(indicator: IndicatorEntry) -> Iterable[tuple[tuple[str, int | None], DefinitionEntry]]:
        return (((indicator.code, each.number), each) for each in indicator.definitions)

    return dict(pair for indicator in package.indicators for pair in of(indicator))


def _period(file: str, place: str, code: str) -> Iterator[PackageProblem]:
    try:
        Period.parse(code)
    except BadPeriod:
        yield PackageProblem(code="K18", file=file, place=place, values={"period": code})


def _known(file: str, place: str, kind: str, code: str, known: set[str]) -> Iterator[PackageProblem]:
    if code and code not in known:
        yield _unknown(file, place, kind, code)


def _unknown(file: str, place: str, kind: str, code: str) -> PackageProblem:
    return PackageProblem(code="K11", file=file, place=place, values={"kind": kind, "code": code})


def _twice(file: str, kind: str, keys: Iterable[Any]) -> Iterator[PackageProblem]:
    for key, count in Counter(keys).items():
        if count > 1:
            code = " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
            yield PackageProblem(code="K10", file=file, place=kind, values={"kind": kind, "code": code})


def _ends_early(file: str, place: str, first: int | date, last: int | date) -> PackageProblem:
    return PackageProblem(code="K14", file=file, place=place, values={"first": str(first), "last": str(last)})
