"""The outlook for a later period: where the trend goes, how wide the interval is, how likely a value is reached.

Four or more comparable points or no outlook. Counts and rates follow a log-linear (quasi-)Poisson trend, shares a
weighted logit trend, other estimates a weighted straight line; the interval is a prediction interval: it holds the
uncertainty of the trend, of the dispersion, and the chance in the figure that is still to come. See
docs/methods/outlook.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from koersvast.engine import evidence
from koersvast.engine.dispersion import Dispersion, DispersionBasis, Floats, Spread, estimable, fit_trend
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Direction, Method, Reading, Reason, Unit
from koersvast.engine.series import events, events_per_unit, exposures, is_count_like
from koersvast.engine.years import year_totals

COUNT = Method(name="outlook-count", version="1")
SHARE = Method(name="outlook-share", version="1")
ESTIMATE = Method(name="outlook-estimate", version="1")
NONE = Method(name="outlook-none", version="1")
FEWEST_POINTS = 4
_FEWEST_EVENTS = 10
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
_NODE_WEIGHTS = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What the trend says about one period, in the unit of the figures.

    All numbers are None when no outlook can be given; `reasons` says why. `low` and `high` hold the figure with 95 %
    probability. `probability` is that of reaching the agreed value. `yearly_change` is relative (a factor a year) for
    counts and rates, in log odds for shares, in the unit for other estimates.
    """

    period: Period
    agreed: float | None
    probability: float | None
    expected: float | None
    low: float | None
    high: float | None
    yearly_change: float | None
    points: int
    dispersion: Dispersion | None
    reasons: tuple[Reason, ...]
    method: Method


def forecast(
    readings: Sequence[Reading], *, period: Period, direction: Direction, agreed: float | None = None
) -> Forecast:
    """Extend the trend of comparable readings (oldest first) to a later period.

    For a year ahead, counts of months or quarters are first added up to whole years.
    """
    summed = list[Reason]()
    if any(reading.period.years < period.years - 1e-9 and is_count_like(reading.unit) for reading in readings):
        totals = year_totals(readings)
        readings = totals.readings
        parts = {"years": len(readings), "left_out": len(totals.incomplete)}
        summed.append(Reason(code="years_of_parts", values=parts))
    reasons = [*summed, *_all_reasons(readings)]
    if len(readings) < FEWEST_POINTS:
        values = {"points": len(readings), "needed": FEWEST_POINTS}
        return _refused(period, agreed, len(readings), Reason(code="too_few_points", values=values), reasons)
    span = readings[-1].period.middle_year - readings[0].period.middle_year
    horizon = period.middle_year - readings[-1].period.middle_year
    if horizon <= 0:
        return _refused(period, agreed, len(readings), Reason(code="period_not_ahead"), reasons)
    if horizon > span:
        reasons.append(Reason(code="far_extrapolation", values={"years_known": span, "years_ahead": horizon}))
    if is_count_like(readings[-1].unit):
        return _counts(readings, period, direction, agreed, reasons)
    return _estimates(readings, period, direction, agreed, reasons)


def _counts(
    readings: Sequence[Reading], period: Period, direction: Direction, agreed: float | None, reasons: list[Reason]
) -> Forecast:
    known = [events(reading) for reading in readings]
    if any(count is None for count in known):
        return _refused(period, agreed, len(readings), Reason(code="inhabitants_unknown"), reasons)
    y = np.asarray([known], dtype=np.float64)
    if y.sum() < _FEWEST_EVENTS:
        values = {"events": float(y.sum()), "needed": _FEWEST_EVENTS}
        return _refused(period, agreed, len(readings), Reason(code="too_few_events", values=values), reasons)
    years = np.asarray([reading.period.middle_year for reading in readings])
    exposure = exposures(readings)
    fit = fit_trend(y, exposures=np.asarray([exposure]), middle_years=years)
    if not bool(estimable(fit, y)[0]):
        return _refused(period, agreed, len(readings), Reason(code="trend_not_estimable"), reasons)
    df = fit.degrees_of_freedom[0]
    dispersion = Dispersion(
        phi=float(fit.pearson[0] / df),
        degrees_of_freedom=int(df),
        periods=tuple(reading.period.code for reading in readings),
        basis=DispersionBasis.EARLIER_PERIODS,
    )
    last = readings[-1]
    people = last.exposure if last.exposure is not None and exposure[-1] != last.period.years else 1.0
    ahead = period.middle_year - fit.centre[0]
    centre = float(fit.level[0] + fit.slope[0] * ahead + np.log(period.years * people))
    variance = float(fit.level_variance[0] + 2 * ahead * fit.covariance[0] + ahead**2 * fit.slope_variance[0])
    spread = dispersion.spread().never_calmer_than_chance()
    below = _count_distribution(centre, variance, spread)
    scale = events_per_unit(last)
    return Forecast(
        period=period,
        agreed=agreed,
        probability=None if agreed is None else _reached(below, agreed * scale, direction),
        expected=float(np.exp(centre)) / scale,
        low=_count_quantile(below, 0.025) / scale,
        high=_count_quantile(below, 0.975) / scale,
        yearly_change=float(np.exp(fit.slope[0])),
        points=len(readings),
        dispersion=dispersion,
        reasons=(*evidence.dispersion_reasons(dispersion), *reasons),
        method=COUNT,
    )


def _count_distribution(centre: float, variance: float, spread: Spread) -> Callable[[float], float]:
    """P(figure <= count): a negative binomial whose level is lognormal, averaged over the dispersion."""
    phis = spread.phis[:, None]
    levels = np.exp(np.clip(centre + np.sqrt(variance * phis) * _NODES[None, :], -40, 40))
    excess = np.maximum(phis - 1, 1e-7)

    def below(count: float) -> float:
        events_at_most = np.floor(count + 1e-9)
        if events_at_most < 0:
            return 0.0
        poisson = special.gammaincc(events_at_most + 1, levels)
        binomial = special.betaincc(events_at_most + 1, np.maximum(levels / excess, 1e-300), excess / (1 + excess))
        per_level = np.where(phis > 1 + 1e-7, binomial, poisson)
        return float(spread.average(np.asarray((per_level * _NODE_WEIGHTS).sum(axis=-1))))

    return below


def _count_quantile(below: Callable[[float], float], probability: float) -> float:
    """The smallest count with at least this probability at or under it."""
    high = 1.0
    while below(high) < probability and high < 1e12:
        high *= 2
    low = -1.0
    while high - low > 1:
        middle = float(np.floor((low + high) / 2))
        low, high = (low, middle) if below(middle) >= probability else (middle, high)
    return high


def _reached(below: Callable[[float], float], agreed: float, direction: Direction) -> float:
    if direction is Direction.LOWER_IS_BETTER:
        return below(agreed)
    return 1 - below(float(np.ceil(agreed - 1e-9)) - 1)


def _estimates(
    readings: Sequence[Reading], period: Period, direction: Direction, agreed: float | None, reasons: list[Reason]
) -> Forecast:
    errors = [evidence.standard_error(reading) for reading in readings]
    is_share = readings[-1].unit is Unit.PERCENT
    if any(error is None for error in errors):
        code = "respondents_unknown" if is_share else "margin_unknown"
        return _refused(period, agreed, len(readings), Reason(code=code), reasons)
    if is_share:
        values, variances = _logits(readings)
    else:
        values = np.asarray([reading.value for reading in readings])
        variances = np.asarray([float(error or 0.0) ** 2 for error in errors])
    if not bool(np.all(np.isfinite(values) & np.isfinite(variances) & (variances > 0))):
        return _refused(period, agreed, len(readings), Reason(code="trend_not_estimable"), reasons)
    years = np.asarray([reading.period.middle_year for reading in readings])
    centre, error, dispersion, slope = _line(values, variances, years, ahead=period.middle_year)
    back: Callable[[float], float] = (lambda x: 100 * float(special.expit(x))) if is_share else float
    spread = dispersion.spread().never_calmer_than_chance()
    limit = _limit(spread)
    low, high = (centre + sign * error * limit for sign in (-1, 1))
    probability = None
    if agreed is not None:
        goal = float(special.logit(min(1.0, max(0.0, agreed / 100)))) if is_share else agreed
        at_most = float(spread.average(special.ndtr((goal - centre) / (error * np.sqrt(spread.phis)))))
        probability = at_most if direction is Direction.LOWER_IS_BETTER else 1 - at_most
    return Forecast(
        period=period,
        agreed=agreed,
        probability=probability,
        expected=back(centre),
        low=back(low),
        high=back(high),
        yearly_change=slope,
        points=len(readings),
        dispersion=dispersion,
        reasons=tuple(reasons),
        method=SHARE if is_share else ESTIMATE,
    )


def _logits(readings: Sequence[Reading]) -> tuple[Floats, Floats]:
    """Empirical logits with halves added, and their variances."""
    n = np.asarray([evidence.effective_respondents(reading) or np.nan for reading in readings], dtype=np.float64)
    yes = n * np.asarray([reading.value / 100 for reading in readings])
    return np.log((yes + 0.5) / (n - yes + 0.5)), 1 / (yes + 0.5) + 1 / (n - yes + 0.5)


def _line(values: Floats, variances: Floats, years: Floats, *, ahead: float) -> tuple[float, float, Dispersion, float]:
    """Weighted straight line: the value ahead, its prediction error before widening, the widening, the slope."""
    weights = 1 / variances
    centre_year = float((weights * years).sum() / weights.sum())
    t = years - centre_year
    level = float((weights * values).sum() / weights.sum())
    slope = float((weights * t * values).sum() / (weights * t * t).sum())
    chi_square = float((weights * (values - level - slope * t) ** 2).sum())
    df = len(values) - 2
    dispersion = Dispersion(phi=chi_square / df, degrees_of_freedom=df, basis=DispersionBasis.EARLIER_PERIODS)
    distance = ahead - centre_year
    variance = 1 / weights.sum() + distance**2 / (weights * t * t).sum() + variances[-1]
    return level + slope * distance, float(np.sqrt(variance)), dispersion, slope


def _limit(spread: Spread) -> float:
    """How many standard errors hold 95 % when the variance is multiplied by what the dispersion may be."""
    low, high = 0.0, 1e4
    for _ in range(60):
        middle = (low + high) / 2
        inside = float(spread.average(2 * special.ndtr(middle / np.sqrt(spread.phis)) - 1))
        low, high = (middle, high) if inside < 0.95 else (low, middle)
    return high


def _refused(period: Period, agreed: float | None, points: int, why: Reason, reasons: Sequence[Reason]) -> Forecast:
    return Forecast(
        period=period,
        agreed=agreed,
        probability=None,
        expected=None,
        low=None,
        high=None,
        yearly_change=None,
        points=points,
        dispersion=None,
        reasons=(why, *reasons),
        method=NONE,
    )


def _all_reasons(readings: Sequence[Reading]) -> list[Reason]:
    reasons = list[Reason]()
    for reading in readings:
        reasons += [reason for reason in evidence.reading_reasons(reading) if reason not in reasons]
    return reasons
