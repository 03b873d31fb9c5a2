"""Rules about what documents say: figures, changes, trends, names, laws, tables, rhythms, promises."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from koersvast.engine.quantities import BadValue, ChangeVerdict, Direction, Reading, Unit
from koersvast.engine.series import Series
from koersvast.engine.survey import compare_in_sample, is_tie
from koersvast.engine.trend import judge_series
from koersvast.policy.checks.facts import ClaimFact, IndicatorFact, PlanFacts, numbers_in, period_of, reading_of
from koersvast.policy.checks.findings import PLAN, Found, Place, Value, at_claim

ARTICLE = re.compile(r"\b(?:artikel|art\.?)\s*(\d+[a-z]*)", re.IGNORECASE)
FEWEST_POINTS_OF_A_LINE = 3


def two_values(facts: PlanFacts) -> Iterator[Found]:
    """P03: one subject and period with two values, or counted in two ways."""
    groups: dict[tuple[str, str], list[ClaimFact]] = defaultdict(list)
    for claim in facts.claims_of("figure"):
        if claim.amount is not None:
            groups[claim.subject.strip().casefold(), claim.period].append(claim)
    for claims in groups.values():
        first, *others = claims
        for other in others:
            same_value = first.amount == other.amount and first.unit is other.unit
            if same_value and first.indicator == other.indicator:
                continue
            yield Found(
                code="P03",
                place=at_claim(other),
                variant="value" if first.indicator == other.indicator else "definition",
                unit=other.unit or Unit.COUNT,
                values={
                    "subject": other.subject,
                    "period": other.period,
                    "first_amount": first.amount or 0.0,
                    "second_amount": other.amount or 0.0,
                    "first_place": f"{first.document}, {first.place}",
                    "second_place": f"{other.document}, {other.place}",
                },
            )


def differs_from_registry(facts: PlanFacts) -> Iterator[Found]:
    """P04: a figure in the text is not the figure in the registry."""
    for claim in facts.claims_of("figure", "change", "trend", "target"):
        is_level = claim.kind != "target"
        pairs = [(claim.period, claim.amount)] if is_level else []
        pairs.append((claim.compared_period, claim.compared_amount))
        for period, amount in pairs:
            known = facts.readings_at(claim.indicator, period) if amount is not None else []
            if amount is None or not known or any(_same(amount, reading.value) for reading in known):
                continue
            yield Found(
                code="P04",
                place=at_claim(claim),
                unit=known[0].unit,
                values={
                    "subject": claim.subject,
                    "period": period,
                    "document": claim.document,
                    "said_amount": amount,
                    "known_amount": known[0].value,
                },
            )
            break


def _same(said: float, known: float) -> bool:
    """Whether a figure is the known one, in the precision in which it is said."""
    text = f"{said:.6f}".rstrip("0")
    decimals = len(text.partition(".")[2])
    return abs(said - known) <= 0.5 * 0.1**decimals + 1e-9


def noise_as_change(facts: PlanFacts) -> Iterator[Found]:
    """P05: a difference that chance explains is told as a change."""
    for claim in facts.claims_of("change"):
        indicator = facts.indicator(claim.indicator)
        if indicator is None:
            continue
        earlier = _either(facts, claim, indicator, period=claim.compared_period, amount=claim.compared_amount)
        later = _either(facts, claim, indicator, period=claim.period, amount=claim.amount)
        if earlier is None or later is None:
            values = {"subject": claim.subject, "label": claim.label, "period": claim.compared_period or claim.period}
            yield Found(code="P05", place=at_claim(claim), variant="no_figure", values=values)
            continue
        breaks = indicator.breaks
        change = judge_series(
            Series(readings=_apart(earlier, later), breaks=breaks), since=earlier, until=later,
            direction=indicator.direction,
        )  # fmt: skip
        if change.verdict is ChangeVerdict.NO_DEMONSTRABLE_CHANGE:
            values_: dict[str, Value] = {
                "subject": claim.subject,
                "earlier_amount": earlier.value,
                "earlier_period": earlier.period.code,
                "later_amount": later.value,
                "later_period": later.period.code,
            }
            if change.low is not None and change.high is not None:
                values_ |= {"low_change": change.low, "high_change": change.high}
            variant = "noise" if "low_change" in values_ else "no_margin"
            yield Found(code="P05", place=at_claim(claim), variant=variant, unit=indicator.unit, values=values_)


def _apart(*readings: Reading) -> tuple[Reading, ...]:
    """Readings of different periods, so that they can be one series."""
    return tuple({reading.period.code: reading for reading in readings}.values())


def _either(
    facts: PlanFacts, claim: ClaimFact, indicator: IndicatorFact, *, period: str, amount: float | None
) -> Reading | None:
    """The figure that the claim gives, else that of the registry."""
    if amount is not None and claim.unit in (None, indicator.unit):
        return reading_of(facts, indicator, source=indicator.source, period=period, amount=amount)
    known = facts.readings_at(indicator.code, period)
    return known[0] if known else None


def trend_without_support(facts: PlanFacts) -> Iterator[Found]:
    """P09: a line is claimed where the figures jump."""
    for claim in facts.claims_of("trend"):
        indicator = facts.indicator(claim.indicator)
        start, end = period_of(claim.compared_period), period_of(claim.period)
        if indicator is None or end is None:
            continue
        own = facts.figures(indicator.code, indicator.source)
        window = [one for one in own.readings if (not start or one.period >= start) and one.period <= end]
        if len(window) < FEWEST_POINTS_OF_A_LINE:
            few: dict[str, Value] = {"subject": claim.subject, "label": claim.label, "points": len(window)}
            yield Found(code="P09", place=at_claim(claim), variant="few", values=few)
            continue
        falls = _claims_fall(claim, window)
        steps = [(b.value - a.value) for a, b in pairwise(window)]
        against = sum(step > 0 if falls else step < 0 for step in steps)
        if against or not _demonstrable(own, window, falls=falls):
            series = ", ".join(f"{one.value:g}" for one in window)
            yield Found(
                code="P09",
                place=at_claim(claim),
                variant="against" if against else "chance",
                unit=indicator.unit,
                values={"subject": claim.subject, "label": claim.label, "series": series, "against": against},
            )


def _claims_fall(claim: ClaimFact, window: list[Reading]) -> bool:
    if claim.amount is not None and claim.compared_amount is not None:
        return claim.amount < claim.compared_amount
    return window[-1].value < window[0].value


def _demonstrable(own: Series, window: list[Reading], *, falls: bool) -> bool:
    """Whether the change over the window is more than chance, with the scatter of the periods in between."""
    direction = Direction.LOWER_IS_BETTER if falls else Direction.HIGHER_IS_BETTER
    change = judge_series(own, since=window[0], until=window[-1], direction=direction)
    return change.verdict is ChangeVerdict.IMPROVED


def stand_in(facts: PlanFacts) -> Iterator[Found]:
    """P16: the goal is a means, or measured by something else."""
    for claim in facts.claims_of("proxy"):
        yield Found(code="P16", place=at_claim(claim), values={"subject": claim.subject, "label": claim.label})


def columns_out_of_order(facts: PlanFacts) -> Iterator[Found]:
    """P17: the columns of a table do not run, or one stands there twice."""
    for claim in facts.claims_of("table"):
        years = [int(number) for number in numbers_in(claim.label) if 1900 <= number <= 2200]
        repeated = sorted({year for year in years if years.count(year) > 1})
        disordered = years != sorted(years)
        if repeated or disordered:
            variant = "both" if repeated and disordered else "repeated" if repeated else "order"
            values = {"columns": claim.label, "repeated": ", ".join(str(year) for year in repeated)}
            yield Found(code="P17", place=at_claim(claim), variant=variant, values=values)


def other_article(facts: PlanFacts) -> Iterator[Found]:
    """P18: a law is cited with another article than the one that holds."""
    cited: list[tuple[Place, str]] = [(at_claim(claim), claim.label) for claim in facts.claims_of("citation")]
    if facts.legal_basis:
        cited.insert(0, (PLAN, facts.legal_basis))
    for place, text in cited:
        for duty in facts.law:
            holds = duty.valid_from.year <= facts.first_year and (
                duty.valid_until is None or duty.valid_until.year >= facts.first_year
            )
            named = any(name.casefold() in text.casefold() for name in duty.names)
            wrong = [found for found in ARTICLE.findall(text) if found.casefold() in duty.mistaken]
            if holds and named and wrong:
                values = {"cited": text, "article": duty.article, "paragraph": duty.paragraph, "law": duty.law}
                yield Found(code="P18", place=place, values=values)
                break


def two_rhythms(facts: PlanFacts) -> Iterator[Found]:
    """P19: one thing is made or measured in two rhythms."""
    groups: dict[str, list[ClaimFact]] = defaultdict(list)
    for claim in facts.claims_of("rhythm"):
        groups[claim.subject.strip().casefold()].append(claim)
    for first, *others in groups.values():
        for other in others:
            if (first.amount, first.label.casefold()) == (other.amount, other.label.casefold()):
                continue
            if first.amount is not None and first.amount == other.amount:
                continue
            values = {
                "subject": other.subject,
                "first": first.label,
                "second": other.label,
                "first_place": first.place,
                "second_place": other.place,
            }
            yield Found(code="P19", place=at_claim(other), values=values)


def relabelled(facts: PlanFacts) -> Iterator[Found]:
    """P21: a document gives an indicator a name or meaning that the registry does not know."""
    for claim in facts.claims_of("label"):
        indicator = facts.indicator(claim.indicator)
        if indicator is None or not claim.label.strip():
            continue
        known = {_plain(text) for text in (indicator.name, *indicator.wordings) if text}
        if _plain(claim.label) not in known:
            values = {"indicator": indicator.name, "label": claim.label, "document": claim.document}
            meaning = next((text for text in indicator.wordings if text), "")
            yield Found(code="P21", place=at_claim(claim), values={**values, "meaning": meaning})


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text).strip().casefold()


def ranking_of_equals(facts: PlanFacts) -> Iterator[Found]:
    """P26: two answers of one question are ranked though they do not differ."""
    for claim in facts.claims_of("ranking"):
        indicator = facts.indicator(claim.indicator)
        source = facts.source(indicator.source) if indicator else None
        wave = source.wave(claim.period) if source else None
        if claim.amount is None or claim.compared_amount is None or wave is None or not wave.respondents:
            continue
        try:
            found = compare_in_sample(
                claim.amount,
                claim.compared_amount,
                respondents=wave.respondents,
                design_effect=wave.design_effect,
            )
        except BadValue:
            continue
        if is_tie(found):
            yield Found(
                code="P26",
                place=at_claim(claim),
                unit=Unit.PERCENT,
                values={
                    "label": claim.label,
                    "first_amount": claim.amount,
                    "second_amount": claim.compared_amount,
                    "margin": round(found.margin, 1),
                    "respondents": wave.respondents,
                },
            )


def programme_ended(facts: PlanFacts) -> Iterator[Found]:
    """P27: the last programme stops before the plan does."""
    ends = [(period, claim) for claim in facts.claims_of("programme") if (period := period_of(claim.compared_period))]
    if not ends:
        return
    last, claim = max(ends, key=lambda pair: pair[0])
    if last.end.year <= facts.last_year:
        variant = "ended" if last.end <= facts.today else "will_end"
        values: dict[str, Value] = {"programme": claim.subject, "until": last.code, "last_year": facts.last_year}
        yield Found(code="P27", place=at_claim(claim), variant=variant, values=values)


def promise_without_date(facts: PlanFacts) -> Iterator[Found]:
    """P29: a partner promises something, some time."""
    for claim in facts.claims_of("promise"):
        if not claim.period:
            yield Found(code="P29", place=at_claim(claim), values={"subject": claim.subject})


def does_not_add_up(facts: PlanFacts) -> Iterator[Found]:
    """P30: a total is not the sum of its parts."""
    for claim in facts.claims_of("sum"):
        parts = numbers_in(claim.label)
        if claim.amount is not None and parts and abs(sum(parts) - claim.amount) > 0.01:
            values = {"subject": claim.subject, "parts": claim.label}
            numbers = {"total_amount": claim.amount, "sum_amount": round(sum(parts), 6)}
            yield Found(code="P30", place=at_claim(claim), unit=claim.unit or Unit.COUNT, values={**values, **numbers})
