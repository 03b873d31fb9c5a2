"""Counts (police registrations, accidents, cases): intervals, change between periods, rates, chance.

All functions are exact for Poisson counts and widen with a dispersion. The array forms (`level_probability`,
`split_score` and the p values made of it) take any shape; the others take single numbers. Sources: Garwood (1936) for
the interval, Lancaster (1961) for the mid-p value, Przyborowski and Wilenski (1940) for the conditional test,
Barndorff-Nielsen (1986) for its far tail, Spiegelhalter (2005) for funnel limits; see docs/methods.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from koersvast.engine.dispersion import POISSON, Dispersion, Floats, Spread, Values
from koersvast.engine.quantities import Direction, Method

INTERVAL = Method(name="count-interval", version="1")
CHANGE = Method(name="count-change", version="2")
RATE = Method(name="rate", version="1")
BASELINE = Method(name="baseline-extreme", version="1")

_NEARLY_POISSON = 1e-7
_SMALLEST_TAIL = 1e-250
_SMALLEST_PHI = 1e-3
_LOWEST_LOG_RATIO = -600.0


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with the limits between which the underlying level lies with the stated confidence."""

    estimate: float
    low: float
    high: float
    confidence: float = 0.95


@dataclass(frozen=True, kw_only=True)
class CountChange:
    """The change between two counts. `ratio` is later over earlier, per exposure; p values are two-sided.

    `p_value` takes the dispersion at its estimate, `poisson_p_value` takes chance alone, and `cautious_p_value` counts
    that a dispersion from few periods may be larger than its estimate (None when none was estimated). The limits of the
    ratio belong to `p_value`: they leave out 1 exactly when it is under one minus the confidence.
    """

    earlier: float
    later: float
    ratio: float
    ratio_low: float
    ratio_high: float
    p_value: float
    poisson_p_value: float
    cautious_p_value: float | None
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
    level, shape, phis = np.broadcast_arrays(np.maximum(level, 1e-300), np.maximum(shape, 1e-300), phis)
    over = phis > 1 + _NEARLY_POISSON
    under = ~over
    tail = np.empty(phis.shape)
    tail[under] = special.gammainc(shape[under] / phis[under], level[under] / phis[under])
    excess = phis[over] - 1
    tail[over] = special.betainc(shape[over], np.maximum(level[over] / excess, 1e-300), excess / (1 + excess))
    return np.where(shape <= 1e-300, 1.0, np.where(level <= 1e-300, 0.0, tail))


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
    return _two_sided(split_score(earlier, later, later_share=later_share))


def split_score(earlier: Values, later: Values, *, later_share: Values) -> Floats:
    """The normal score of the mid-p tail of a split: under 0 when the later count is lower than its share.

    Where a tail is too small for a floating-point number, the saddlepoint (r*) approximation takes over: with large
    counts and a large dispersion such a score still matters. Shapes: all broadcast together.
    """
    x, y, q = (np.asarray(part, dtype=np.float64) for part in np.broadcast_arrays(earlier, later, later_share))
    below = (_at_most(y - 1, x + y, 1 - q) + _at_most(y, x + y, 1 - q)) / 2
    above = (_at_most(x - 1, x + y, q) + _at_most(x, x + y, q)) / 2
    least = np.minimum(below, above)
    score = np.asarray(special.ndtri(np.maximum(least, _SMALLEST_TAIL)))
    far = least < _SMALLEST_TAIL
    if bool(far.any()):
        score[far] = -_saddlepoint_score(x[far], y[far], q[far])
    return np.asarray(np.where(below <= above, score, -score))


def _saddlepoint_score(x: Floats, y: Floats, later_share: Floats) -> Floats:
    """|r*| of a binomial split far from its share; without the correction where one of the counts is 0."""
    total, inside = x + y, (x > 0) & (y > 0)
    at, rest = np.maximum(later_share, 1e-305), np.maximum(1 - later_share, 1e-305)
    root = np.sqrt(2 * (special.xlogy(y, y / total / at) + special.xlogy(x, x / total / rest)))
    log_odds = np.log(np.where(inside, y / np.where(inside, x, 1.0), 1.0) * rest / at)
    steepness = np.where(inside, np.abs(log_odds) * np.sqrt(x * y / total), 1.0)
    return np.asarray(root + np.where(inside, np.log(steepness / root) / root, 0.0))


def _at_most(events: Floats, total: Floats, complement: Floats) -> Floats:
    """P(binomial <= events), continuous in events; `complement` is one minus the chance of each."""
    inside = (events >= 0) & (events < total)
    a, b = np.where(inside, total - events, 1.0), np.where(inside, events + 1, 1.0)
    tail = special.betainc(a, b, complement)
    return np.where(events < 0, 0.0, np.where(events >= total, 1.0, tail))


def widened_p_value(score: Values, *, phi: Values, extra: Values | float = 1.0) -> Floats:
    """Two-sided p value of a split's score, divided by the root of the dispersion; a dispersion under 1 counts as 1.

    `extra` multiplies the variance once more (a conversion factor that is itself uncertain). Shapes: all broadcast.
    """
    return _two_sided(np.asarray(score) / np.sqrt(np.maximum(1.0, phi) * extra))


def cautious_p_value(score: Values, *, phi: Values, degrees_of_freedom: Values, extra: Values | float = 1.0) -> Floats:
    """The same, averaged over what a dispersion with so many degrees of freedom may be: Student's t.

    phi x df / chi-square(df) under a normal score is exactly that distribution. Never smaller than `widened_p_value`.
    """
    ratio = np.abs(score) / np.sqrt(np.maximum(phi, _SMALLEST_PHI) * extra)
    averaged = 2 * special.stdtr(degrees_of_freedom, -ratio)
    return np.asarray(np.maximum(averaged, widened_p_value(score, phi=phi, extra=extra)))


def _two_sided(score: Values) -> Floats:
    return np.asarray(2 * special.ndtr(-np.abs(score)))


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
    phi, df = np.float64(dispersion.phi), dispersion.degrees_of_freedom
    share = np.float64(later_exposure / (earlier_exposure + later_exposure))
    score = np.float64(split_score(np.float64(earlier), np.float64(later), later_share=share))
    sampling = dispersion.used * (1 / max(earlier, 0.5) + 1 / max(later, 0.5))
    extra = 1 + factor_cv**2 / sampling
    cautious = (
        None if df is None else float(cautious_p_value(score, phi=phi, degrees_of_freedom=np.float64(df), extra=extra))
    )
    exposures = later_exposure / earlier_exposure
    low, high = _ratio_limits(earlier, later, variance=dispersion.used * extra, confidence=confidence)
    return CountChange(
        earlier=earlier,
        later=later,
        ratio=later / earlier / exposures if earlier > 0 else float("nan") if later == 0 else float("inf"),
        ratio_low=low / exposures,
        ratio_high=high / exposures,
        p_value=float(widened_p_value(score, phi=phi, extra=extra)),
        poisson_p_value=float(_two_sided(score)),
        cautious_p_value=cautious,
        dispersion=dispersion,
    )


def _ratio_limits(earlier: float, later: float, *, variance: float, confidence: float) -> tuple[float, float]:
    """Limits of later/earlier: between them lie the ratios that the widened test does not reject."""
    limit = -float(special.ndtri((1 - confidence) / 2)) * float(np.sqrt(variance))
    turned = _lowest_ratio(later, earlier, limit=limit)
    return _lowest_ratio(earlier, later, limit=limit), 1 / turned if turned > 0 else float("inf")


def _lowest_ratio(earlier: float, later: float, *, limit: float) -> float:
    """The ratio at which the later count lies `limit` above what was to be expected; 0 when none does."""
    x, y = np.float64(earlier), np.float64(later)

    def surplus(log_ratio: float) -> float:
        return limit - float(split_score(x, y, later_share=special.expit(np.float64(log_ratio))))

    if later == 0 or surplus(_LOWEST_LOG_RATIO) > 0:
        return 0.0
    highest = float(np.log((later + 0.5) / (earlier + 0.5))) + 1
    return float(np.exp(optimize.brentq(surplus, _LOWEST_LOG_RATIO, highest, xtol=1e-12)))


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
    score = split_score(np.float64(earlier), later, later_share=share)
    p_values = widened_p_value(score, phi=np.float64(dispersion.phi))
    expected_if_unchanged = earlier * later_exposure / earlier_exposure
    sign = np.sign(later_level - expected_if_unchanged)
    shows = (p_values < significance) & (np.sign(later - expected_if_unchanged) == sign)
    spread = dispersion.spread().never_calmer_than_chance()
    at_least = _upper_tail(np.float64(later_level), later[:, None], spread.phis)
    # The last count stands for all beyond it: a dispersion that may be far larger has a long tail.
    more = np.concatenate([at_least[1:], np.zeros_like(at_least[:1])])
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
