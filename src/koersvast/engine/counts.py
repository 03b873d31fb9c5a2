"""Counts (police registrations, accidents, cases): intervals, change between periods, rates, chance.

All functions are exact for Poisson counts and widen with a dispersion. The array forms (`level_probability`,
`change_p_value`) take any shape; the others take single numbers. Sources: Garwood (1936) for the interval, Lancaster
(1961) for the mid-p value, Przyborowski and Wilenski (1940) for the conditional test, Spiegelhalter (2005) for funnel
limits; see docs/methods.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from koersvast.engine.dispersion import POISSON, Dispersion, Floats, Spread, Values
from koersvast.engine.quantities import Direction, Method

INTERVAL = Method(name="count-interval", version="1")
CHANGE = Method(name="count-change", version="1")
RATE = Method(name="rate", version="1")
FUNNEL = Method(name="funnel", version="1")
CHANCE = Method(name="count-chance", version="1")
BASELINE = Method(name="baseline-extreme", version="1")

_NEARLY_POISSON = 1e-7


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with the limits between which the underlying level lies with the stated confidence."""

    estimate: float
    low: float
    high: float
    confidence: float = 0.95


@dataclass(frozen=True, kw_only=True)
class CountChange:
    """The change between two counts. `ratio` is later over earlier, per exposure; p is two-sided."""

    earlier: float
    later: float
    ratio: float
    ratio_low: float
    ratio_high: float
    p_value: float
    poisson_p_value: float
    dispersion: Dispersion
    method: Method = CHANGE


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Events per 1,000 inhabitants (or another `per`), with the numbers that it was made of."""

    events: float
    inhabitants: float
    per: float
    rate: float
    low: float
    high: float
    method: Method = RATE


@dataclass(frozen=True, kw_only=True)
class BaselineCheck:
    """Whether a baseline is the lowest or highest of its own recent series, with the mean of that series."""

    baseline: float
    is_lowest: bool
    is_highest: bool
    mean: float
    periods: int
    method: Method = BASELINE

    @property
    def is_extreme(self) -> bool:
        """Lowest or highest, so likely to move back by itself (regression to the mean)."""
        return self.is_lowest or self.is_highest


def _upper_tail(level: Values, shape: Values, phis: Floats) -> Floats:
    """P(count >= shape) for expected value `level` and variance phi x level, continuous in `shape`.

    Poisson where phi is 1 (a gamma distribution in the level), negative binomial above (a beta distribution), a gamma
    distribution with the same mean and variance under it.
    """
    level, shape, phis = np.broadcast_arrays(level, shape, phis)
    over = phis > 1 + _NEARLY_POISSON
    excess, under = np.where(over, phis - 1, 1.0), np.where(over, 1.0, phis)
    positive = np.maximum(shape, 1e-300)
    tail = special.gammainc(positive / under, np.maximum(level, 0.0) / under)
    widened = special.betainc(
        positive[over], np.maximum(level[over] / excess[over], 1e-300), excess[over] / (1 + excess[over])
    )
    tail[over] = widened
    return np.where(shape <= 0, 1.0, np.where(level <= 0, 0.0, tail))


def level_probability(level: Values, count: Values, *, spread: Spread, shift: float = 0.5) -> Floats:
    """Probability that the underlying level is at or below `level`, given a count.

    Gamma(count + 1/2, 1) without overdispersion; with it the negative binomial counterpart. An estimated dispersion is
    averaged over what it may be, and the answer is never further from 1/2 than chance alone would put it. `shift` 0 and
    1 give the two exact (Garwood) tails. Shapes: `level` and `count` broadcast together and against the leading axes of
    the spread.
    """
    level, shape = np.asarray(level, dtype=np.float64), np.asarray(count, dtype=np.float64) + shift
    widened = spread.average(_upper_tail(level[..., None], shape[..., None], spread.phis))
    if not spread.estimated:
        return widened
    alone = _upper_tail(level, shape, np.ones(1))
    return _most_cautious(alone.reshape(widened.shape), widened)


def _most_cautious(first: Floats, second: Floats) -> Floats:
    """The probability nearest to 1/2; 1/2 itself when the two lie on either side of it."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    return np.asarray(np.where(high < 0.5, high, np.where(low > 0.5, low, 0.5)))


def count_interval(
    count: float, *, confidence: float = 0.95, dispersion: Dispersion = POISSON, mid_p: bool = False
) -> Interval:
    """The interval for the level under one count: exact Garwood, or the negative binomial counterpart.

    Exactness makes it a little too wide (it covers at least the stated confidence). `mid_p` gives the interval that
    covers it on average; it belongs to the probabilities of `level_probability`.
    """
    spread, alpha = dispersion.spread(), 1 - confidence
    low_shift, high_shift = (0.5, 0.5) if mid_p else (0.0, 1.0)
    low = 0.0 if count <= 0 and not mid_p else _level_at(alpha / 2, count, spread=spread, shift=low_shift)
    high = _level_at(1 - alpha / 2, count, spread=spread, shift=high_shift)
    return Interval(estimate=count, low=low, high=high, confidence=confidence)


def _level_at(probability: float, count: float, *, spread: Spread, shift: float) -> float:
    if not spread.estimated and spread.phis.max() <= 1:
        return float(special.gammaincinv(count + shift, probability))

    def surplus(log_level: float) -> float:
        level = np.float64(np.exp(log_level))
        return float(level_probability(level, np.float64(count), spread=spread, shift=shift)) - probability

    return float(np.exp(_root(surplus, start=float(np.log(count + shift)))))


def _root(surplus: Callable[[float], float], *, start: float) -> float:
    """The zero of an increasing function, searched outwards from `start`."""
    low, high = start - 1, start + 1
    for _ in range(60):
        if surplus(low) < 0:
            break
        low -= 2
    for _ in range(60):
        if surplus(high) > 0:
            break
        high += 2
    return float(optimize.brentq(surplus, low, high, xtol=1e-12))


def poisson_p_value(earlier: Values, later: Values, *, later_share: Values) -> Floats:
    """Two-sided mid-p value of the conditional binomial test, without overdispersion.

    `later_share` is the later period's part of the joint exposure. Shapes: all broadcast together.
    """
    x, y = np.asarray(earlier, dtype=np.float64), np.asarray(later, dtype=np.float64)
    below = (_at_most(y - 1, x + y, later_share) + _at_most(y, x + y, later_share)) / 2
    above = (_at_most(x - 1, x + y, 1 - later_share) + _at_most(x, x + y, 1 - later_share)) / 2
    return np.asarray(np.minimum(1.0, 2 * np.minimum(below, above)))


def _at_most(events: Floats, total: Floats, share: Values) -> Floats:
    """P(binomial <= events), continuous in events."""
    inside = (events >= 0) & (events < total)
    a, b = np.where(inside, total - events, 1.0), np.where(inside, events + 1, 1.0)
    tail = special.betainc(a, b, 1 - np.asarray(share))
    return np.where(events < 0, 0.0, np.where(events >= total, 1.0, tail))


def change_p_value(
    earlier: Values, later: Values, *, later_share: Values, spread: Spread, extra: Values | float = 1.0
) -> Floats:
    """Two-sided mid-p value, widened by the root of the dispersion (averaged over what an estimated one may be).

    Never smaller than chance alone gives. `extra` multiplies the variance once more (a conversion factor that is itself
    uncertain).
    """
    exact = poisson_p_value(earlier, later, later_share=later_share)
    z = -special.ndtri(np.maximum(exact, 1e-300) / 2)
    widened = np.asarray(z)[..., None] / np.sqrt(spread.phis * np.asarray(extra, dtype=np.float64)[..., None])
    return np.asarray(np.maximum(spread.average(2 * special.ndtr(-widened)), exact))


def compare_counts(
    earlier: float,
    later: float,
    *,
    earlier_exposure: float = 1.0,
    later_exposure: float = 1.0,
    dispersion: Dispersion = POISSON,
    factor_cv: float = 0.0,
    confidence: float = 0.95,
) -> CountChange:
    """Compare two counts with their exposures (inhabitants x length of period).

    `factor_cv` is the relative standard error of a conversion factor by which `earlier_exposure` was
    divided.
    """
    spread = dispersion.spread()
    x, y = np.float64(earlier), np.float64(later)
    share = np.float64(later_exposure / (earlier_exposure + later_exposure))
    sampling = dispersion.used * (1 / max(earlier, 0.5) + 1 / max(later, 0.5))
    extra = 1 + factor_cv**2 / sampling
    poisson = float(poisson_p_value(x, y, later_share=share))
    widened = dispersion.used > 1 or dispersion.degrees_of_freedom is not None or extra > 1
    p = float(change_p_value(x, y, later_share=share, spread=spread, extra=extra)) if widened else poisson
    exposures = later_exposure / earlier_exposure
    low, high = _ratio_limits(earlier, later, spread=spread, extra=extra, confidence=confidence)
    return CountChange(
        earlier=earlier,
        later=later,
        ratio=later / earlier / exposures if earlier > 0 else float("nan") if later == 0 else float("inf"),
        ratio_low=low / exposures,
        ratio_high=high / exposures,
        p_value=p,
        poisson_p_value=poisson,
        dispersion=dispersion,
    )


def _ratio_limits(
    earlier: float, later: float, *, spread: Spread, extra: float, confidence: float
) -> tuple[float, float]:
    """Limits of later/earlier: mid-p (beta) limits, widened on the log scale."""
    tail = (1 - confidence) / 2
    median, low, high = (float(special.betaincinv(later + 0.5, earlier + 0.5, q)) for q in (0.5, tail, 1 - tail))
    stretch = normal_limit(confidence, spread=spread, extra=extra) / float(special.ndtri(1 - tail))
    middle, lower, upper = (float(special.logit(q)) for q in (median, low, high))
    return (
        0.0 if later == 0 else float(np.exp(middle - stretch * (middle - lower))),
        float("inf") if earlier == 0 else float(np.exp(middle + stretch * (upper - middle))),
    )


def normal_limit(confidence: float, *, spread: Spread, extra: float = 1.0) -> float:
    """How many Poisson standard errors a two-sided interval needs, given what the dispersion may be."""
    scales = np.sqrt(spread.phis * extra)
    least = float(special.ndtri((1 + confidence) / 2)) * float(np.sqrt(extra))
    if not spread.estimated:
        return float(least * np.sqrt(spread.phis.max()))

    def surplus(limit: float) -> float:
        return float(spread.average(2 * special.ndtr(limit / scales) - 1)) - confidence

    return max(float(least), _root(surplus, start=2.0))


def rate(events: float, *, inhabitants: float, per: float = 1000.0, dispersion: Dispersion = POISSON) -> Rate:
    """Events per `per` inhabitants with the count's own interval; numerator and denominator are kept."""
    interval = count_interval(events, dispersion=dispersion)
    scale = per / inhabitants
    return Rate(
        events=events,
        inhabitants=inhabitants,
        per=per,
        rate=events * scale,
        low=interval.low * scale,
        high=interval.high * scale,
    )


def funnel_limits(
    benchmark_per_1000: float,
    *,
    inhabitants: float,
    confidence: float = 0.95,
    dispersion: Dispersion = POISSON,
) -> tuple[float, float]:
    """Between which rates per 1,000 a place of this size falls when its level equals the benchmark.

    Exact Poisson limits, interpolated between whole counts as in Spiegelhalter (2005, appendix A.1), stretched by the
    root of the dispersion.
    """
    expected = benchmark_per_1000 * inhabitants / 1000
    tail, stretch = (1 - confidence) / 2, np.sqrt(dispersion.used)
    low, high = (expected + stretch * (_poisson_point(q, expected) - expected) for q in (tail, 1 - tail))
    return max(0.0, float(low)) * 1000 / inhabitants, float(high) * 1000 / inhabitants


def _poisson_point(probability: float, expected: float) -> float:
    whole = float(np.ceil(special.pdtrik(probability, expected) - 1e-9))
    at, under = float(special.pdtr(max(whole, 0), expected)), float(special.pdtr(whole - 1, expected)) if whole else 0.0
    return max(0.0, whole - (at - probability) / (at - under))


def chance_at_most(target: float, *, level: float, dispersion: Dispersion = POISSON) -> float:
    """Probability that a count comes out at or under `target` while the underlying level is `level`."""
    events = np.floor(target + 1e-9)
    if events < 0:
        return 0.0
    spread = dispersion.spread().never_calmer_than_chance()
    return 1 - float(spread.average(_upper_tail(np.float64(level), np.float64(events + 1), spread.phis)))


def chance_target_met(target: float, *, level: float, direction: Direction, dispersion: Dispersion = POISSON) -> float:
    """Probability that a count meets the target by chance while nothing changes: the level stays what it is.

    Level 40, target 35, lower is better: .24.
    """
    if direction is Direction.LOWER_IS_BETTER:
        return chance_at_most(target, level=level, dispersion=dispersion)
    return 1 - chance_at_most(np.ceil(target - 1e-9) - 1, level=level, dispersion=dispersion)


def chance_target_missed(target: float, *, direction: Direction, dispersion: Dispersion = POISSON) -> float:
    """Probability that a true level exactly at the target still gives a count that misses it: .46 for 35."""
    return 1 - chance_target_met(target, level=target, direction=direction, dispersion=dispersion)


def chance_change_shows(
    earlier: float,
    later_level: float,
    *,
    earlier_exposure: float = 1.0,
    later_exposure: float = 1.0,
    dispersion: Dispersion = POISSON,
    significance: float = 0.05,
) -> float:
    """Chance that a true change to `later_level` comes out as a demonstrable change, given the earlier count.

    Sums the distribution of the later count over the counts that would be significant in that direction.
    """
    reach = later_level + 12 * np.sqrt(dispersion.used * max(later_level, 1.0)) + 20
    later = np.arange(np.ceil(reach), dtype=np.float64)
    share = np.float64(later_exposure / (earlier_exposure + later_exposure))
    p_values = change_p_value(np.float64(earlier), later, later_share=share, spread=dispersion.spread())
    expected_if_unchanged = earlier * later_exposure / earlier_exposure
    sign = np.sign(later_level - expected_if_unchanged)
    shows = (p_values < significance) & (np.sign(later - expected_if_unchanged) == sign)
    spread = dispersion.spread().never_calmer_than_chance()
    at_least = _upper_tail(np.float64(later_level), later[:, None], spread.phis)
    more = _upper_tail(np.float64(later_level), later[:, None] + 1, spread.phis)
    chances = spread.average(at_least - more)
    return float(chances[shows].sum())


def smallest_detectable_level(
    earlier: float,
    *,
    direction: Direction,
    dispersion: Dispersion = POISSON,
    wanted_power: float = 0.8,
    significance: float = 0.05,
) -> float | None:
    """The true level, nearest to the earlier count, whose difference from it shows with the wanted chance.

    Equal exposure. None when no level does: even nought cannot be told from the earlier count.
    """
    sign = -1 if direction is Direction.LOWER_IS_BETTER else 1

    def surplus(distance: float) -> float:
        level = max(0.0, earlier + sign * distance)
        shown = chance_change_shows(earlier, level, dispersion=dispersion, significance=significance)
        return shown - wanted_power

    far = earlier if sign < 0 else 10 * earlier + 1000
    if far <= 0 or surplus(far) < 0:
        return None
    return earlier + sign * float(optimize.brentq(surplus, 0.0, far, xtol=1e-3))


def check_baseline(values: Sequence[float], *, recent: int = 4) -> BaselineCheck:
    """Check the last of `values` (oldest first) against the last `recent` of them, itself included.

    Fewer than three values cannot make an extreme. 71, 46, 76, 40: lowest, mean 58.25.
    """
    window = list(values)[-recent:]
    baseline, others = window[-1], window[:-1]
    enough = len(others) >= 2
    return BaselineCheck(
        baseline=baseline,
        is_lowest=enough and baseline < min(others),
        is_highest=enough and baseline > max(others),
        mean=sum(window) / len(window),
        periods=len(window),
    )
