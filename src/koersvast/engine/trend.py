"""The change since a reference period: improved, worsened, no demonstrable change, or not comparable.

The verdict needs a two-sided p value under 5 % (a parameter); the numbers behind it are kept. See
docs/methods/change.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from koersvast.engine import counts, evidence, survey
from koersvast.engine.dispersion import POISSON, Dispersion
from koersvast.engine.quantities import Break, ChangeVerdict, Direction, Method, Reading, Reason, Unit
from koersvast.engine.series import (
    Comparability,
    Series,
    comparability,
    earlier_dispersion,
    events,
    exposures,
    is_count_like,
)

NONE = Method(name="change-none", version="1")


@dataclass(frozen=True, kw_only=True)
class Change:
    """The change between two readings and what may be said of it.

    `difference` is later minus earlier in the unit (percentage points for shares), the earlier value converted when a
    break lies between. `low` and `high` limit the true difference with the confidence that belongs to the significance
    (95 % at 5 %); None when no margin is known.
    `ratio` and its limits (later over earlier, per exposure) are there for counts and rates, and the verdict on these
    follows the ratio. `cautious_p_value` is there when a dispersion was estimated: it counts that few periods leave the
    dispersion itself uncertain.
    """

    verdict: ChangeVerdict
    earlier: Reading
    later: Reading
    earlier_converted: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    reasons: tuple[Reason, ...]
    method: Method
    dispersion: Dispersion = POISSON
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    cautious_p_value: float | None = None


def judge_change(
    earlier: Reading,
    later: Reading,
    *,
    direction: Direction,
    breaks: Iterable[Break] = (),
    dispersion: Dispersion = POISSON,
    significance: float = 0.05,
) -> Change:
    """Judge the change between two readings of one indicator."""
    plain = comparability(earlier, later, breaks=breaks)
    if not plain.comparable:
        return _without_numbers(earlier, later, plain, verdict=ChangeVerdict.NOT_COMPARABLE)
    if is_count_like(earlier.unit):
        return _judge_counts(earlier, later, plain, direction, dispersion, significance)
    return _judge_estimates(earlier, later, plain, direction, significance)


def judge_series(
    series: Series, *, since: Reading, until: Reading, direction: Direction, significance: float = 0.05
) -> Change:
    """Judge the change between two readings of a series, with the dispersion of the periods before the later one."""
    counted = is_count_like(until.unit)
    return judge_change(
        since,
        until,
        direction=direction,
        breaks=series.breaks,
        dispersion=earlier_dispersion(series, until) if counted else POISSON,
        significance=significance,
    )


def _judge_counts(
    earlier: Reading,
    later: Reading,
    plain: Comparability,
    direction: Direction,
    dispersion: Dispersion,
    significance: float,
) -> Change:
    first, second = events(earlier), events(later)
    if first is None or second is None:
        missing = Reason(code="inhabitants_unknown")
        return _without_numbers(earlier, later, plain, missing, verdict=ChangeVerdict.NO_DEMONSTRABLE_CHANGE)
    first_exposure, second_exposure = exposures([earlier, later])
    change = counts.compare_counts(
        first,
        second,
        earlier_exposure=first_exposure / plain.factor,
        later_exposure=second_exposure,
        dispersion=dispersion,
        factor_cv=plain.factor_cv,
        confidence=1 - significance,
    )
    converted = earlier.value * plain.factor
    # The difference of plain counts is what it is; only the ratio is per inhabitant. Both limits follow the same test.
    growth = second_exposure / first_exposure if earlier.unit is Unit.COUNT else 1.0
    low, high = (
        (limit * growth - 1) * converted if converted > 0 else float("nan")
        for limit in (change.ratio_low, change.ratio_high)
    )
    return Change(
        verdict=_verdict(change.p_value, change.ratio - 1, direction, significance),
        earlier=earlier,
        later=later,
        earlier_converted=converted,
        difference=later.value - converted,
        low=low if isfinite(low) else None,
        high=high if isfinite(high) else None,
        p_value=change.p_value,
        reasons=(
            *plain.reasons,
            *_turned_by_inhabitants(earlier, later, later.value - converted, change.ratio - 1),
            *_few_periods(change, significance),
            *evidence.dispersion_reasons(dispersion),
            *_both_reasons(earlier, later),
        ),
        method=change.method,
        dispersion=dispersion,
        ratio=change.ratio if isfinite(change.ratio) else None,
        ratio_low=change.ratio_low,
        ratio_high=change.ratio_high if isfinite(change.ratio_high) else None,
        cautious_p_value=change.cautious_p_value,
    )


def _turned_by_inhabitants(earlier: Reading, later: Reading, difference: float, relative: float) -> tuple[Reason, ...]:
    """Said when a number went one way and the number per inhabitant the other: the verdict follows the latter."""
    if difference * relative >= 0 or earlier.exposure is None or later.exposure is None:
        return ()
    inhabitants = {"earlier": earlier.exposure, "later": later.exposure}
    return (Reason(code="inhabitants_turn_the_change", values=inhabitants),)


def _few_periods(change: counts.CountChange, significance: float) -> tuple[Reason, ...]:
    """Said when a change is demonstrable only as long as the estimated dispersion is taken at its word."""
    cautious, df = change.cautious_p_value, change.dispersion.degrees_of_freedom
    if cautious is None or df is None or not change.p_value < significance <= cautious:
        return ()
    values = {"p_value": change.p_value, "cautious_p_value": cautious, "periods": df + 2}
    return (Reason(code="dispersion_from_few_periods", values=values),)


def _judge_estimates(
    earlier: Reading, later: Reading, plain: Comparability, direction: Direction, significance: float
) -> Change:
    first, second = evidence.standard_error(earlier), evidence.standard_error(later)
    if first is None or second is None:
        code = "respondents_unknown" if earlier.unit is Unit.PERCENT else "margin_unknown"
        unknown = Reason(code=code, values={"period": (earlier if first is None else later).period.code})
        return _without_numbers(earlier, later, plain, unknown, verdict=ChangeVerdict.NO_DEMONSTRABLE_CHANGE)
    converted = earlier.value * plain.factor
    change = _shares(earlier, later, plain, significance) or survey.compare_means(
        converted,
        later.value,
        earlier_error=((first * plain.factor) ** 2 + (converted * plain.factor_cv) ** 2) ** 0.5,
        later_error=second,
        confidence=1 - significance,
    )
    return Change(
        verdict=_verdict(change.p_value, change.difference, direction, significance),
        earlier=earlier,
        later=later,
        earlier_converted=converted,
        difference=change.difference,
        low=change.low,
        high=change.high,
        p_value=change.p_value,
        reasons=(*plain.reasons, *_both_reasons(earlier, later)),
        method=survey.DIFFERENCE if earlier.unit is Unit.PERCENT else survey.MEAN,
    )


def _shares(earlier: Reading, later: Reading, plain: Comparability, significance: float) -> survey.Difference | None:
    """Two shares of which the respondents are known; None when an error is published or a factor lies between."""
    published = earlier.standard_error is not None or later.standard_error is not None
    if earlier.unit is not Unit.PERCENT or published or plain.reasons:
        return None
    if earlier.respondents is None or later.respondents is None:
        return None
    return survey.compare_shares(
        earlier.value,
        later.value,
        earlier_respondents=earlier.respondents,
        later_respondents=later.respondents,
        earlier_design_effect=earlier.design_effect,
        later_design_effect=later.design_effect,
        confidence=1 - significance,
    )


def _verdict(p_value: float, change: float, direction: Direction, significance: float) -> ChangeVerdict:
    if p_value >= significance or change == 0:
        return ChangeVerdict.NO_DEMONSTRABLE_CHANGE
    better = change < 0 if direction is Direction.LOWER_IS_BETTER else change > 0
    return ChangeVerdict.IMPROVED if better else ChangeVerdict.WORSENED


def _without_numbers(
    earlier: Reading, later: Reading, plain: Comparability, *more: Reason, verdict: ChangeVerdict
) -> Change:
    converted = earlier.value * plain.factor if plain.comparable else None
    return Change(
        verdict=verdict,
        earlier=earlier,
        later=later,
        earlier_converted=converted,
        difference=None if converted is None else later.value - converted,
        low=None,
        high=None,
        p_value=None,
        reasons=(*more, *plain.reasons, *_both_reasons(earlier, later)),
        method=NONE,
    )


def _both_reasons(earlier: Reading, later: Reading) -> tuple[Reason, ...]:
    reasons = list[Reason]()
    for reason in (*evidence.reading_reasons(earlier), *evidence.reading_reasons(later)):
        if reason not in reasons:
            reasons.append(reason)
    return tuple(reasons)
