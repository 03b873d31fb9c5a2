"""How much more yearly counts scatter than chance alone would make them: estimate it, and carry its own uncertainty.

Shapes: every function that takes arrays works on any number of series at once; the last axis is time. Sources:
McCullagh and Nelder (1989), Generalized Linear Models, 2nd ed., sections 4.5 and 6.2 (Pearson estimate of the
dispersion and its chi-square reference); see docs/methods/dispersion.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import special

from koersvast.engine.quantities import Method, Reason

type Floats = NDArray[np.float64]
type Values = Floats | np.float64

METHOD = Method(name="dispersion", version="1")
FEWEST_PERIODS = 4
_SMALLEST = 1e-3
# On the log scale between the middle and the ends of a series; beyond it all events lie at one end.
_STEEPEST = 12
# Gauss-Legendre points in t, where t²(3 - 2t) is the probability of the chi-square: that flattens both far ends, where
# a dispersion runs off to nought or to infinity.
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_QUANTILES = ((_POINTS + 1) / 2) ** 2 * (2 - _POINTS)
_QUANTILE_WEIGHTS = 3 * (1 - _POINTS**2) * _WEIGHTS / 4


class DispersionBasis(StrEnum):
    """Where a dispersion comes from."""

    POISSON = "poisson"
    EARLIER_PERIODS = "earlier_periods"
    GIVEN = "given"


@dataclass(frozen=True, kw_only=True)
class Dispersion:
    """Variance of a count divided by its expected value.

    `phi` is the estimate as it came out; calculations never use less than 1. `degrees_of_freedom` says how well it is
    known: None means known (Poisson by assumption, or given); otherwise results average over what `phi` may be.
    """

    phi: float = 1.0
    degrees_of_freedom: int | None = None
    periods: tuple[str, ...] = ()
    basis: DispersionBasis = DispersionBasis.POISSON
    reason: Reason | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.phi < float("inf"):
            raise ValueError(f"A dispersion of {self.phi}.")
        if self.degrees_of_freedom is not None and self.degrees_of_freedom < 1:
            raise ValueError(f"A dispersion with {self.degrees_of_freedom} degrees of freedom.")

    @property
    def used(self) -> float:
        """The dispersion that intervals are widened by: never under 1."""
        return max(1.0, self.phi)

    def spread(self) -> "Spread":
        """What the dispersion may be, as points with weights."""
        if self.degrees_of_freedom is None:
            return Spread(phis=np.array([self.used]), weights=np.array([1.0]), estimated=False)
        return spread_of(np.float64(self.phi), degrees_of_freedom=np.float64(self.degrees_of_freedom))


POISSON = Dispersion()


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Possible dispersions and their weights, which sum to 1; the last axis of both is the points.

    When `estimated`, points under 1 occur, and results are kept at least as cautious as chance alone makes them.
    """

    phis: Floats
    weights: Floats
    estimated: bool = True

    def average(self, per_point: Floats) -> Floats:
        """The weighted mean of something that was computed per point (last axis)."""
        return np.asarray((per_point * self.weights).sum(axis=-1), dtype=np.float64)

    def never_calmer_than_chance(self) -> "Spread":
        """The same with nothing under 1: for predicting a figure, which chance moves at the least."""
        return Spread(phis=np.maximum(1.0, self.phis), weights=self.weights, estimated=False)


@dataclass(frozen=True, kw_only=True)
class TrendFit:
    """A log-linear (Poisson) trend per series; time is centred on `centre`.

    Shapes: `expected` is series x periods, everything else is series. The variances are those of Poisson counts.
    """

    level: Floats
    slope: Floats
    centre: Floats
    level_variance: Floats
    slope_variance: Floats
    covariance: Floats
    expected: Floats
    pearson: Floats
    degrees_of_freedom: Floats
    converged: NDArray[np.bool_]


def spread_of(phi: Values, *, degrees_of_freedom: Values) -> Spread:
    """What the true dispersion may be, given an estimate with its degrees of freedom.

    phi x df / chi-square(df) describes it: the reasoning behind the t and F tests of quasi-likelihood. Shapes: series
    -> series x 16 points.
    """
    total = np.asarray(phi * degrees_of_freedom, dtype=np.float64)[..., None]
    # The chi-square points depend on the degrees of freedom only, of which many series have few.
    halves, which = np.unique(np.asarray(degrees_of_freedom, dtype=np.float64) / 2, return_inverse=True)
    points = 2 * special.gammaincinv(halves[:, None], _QUANTILES)
    phis = np.maximum(_SMALLEST, total / points[which.reshape(np.shape(degrees_of_freedom))])
    return Spread(phis=phis, weights=np.broadcast_to(_QUANTILE_WEIGHTS, phis.shape))


def fit_trend(counts: Floats, *, exposures: Floats, middle_years: Floats) -> TrendFit:
    """Fit log(expected) = log(exposure) + level + slope x year by maximum likelihood (Newton's method).

    Shapes: `counts` and `exposures` series x periods, nan where not known; `middle_years` periods. A series that cannot
    be fitted (all zero, fewer than two periods, all events at one end) has `converged` False and must not be used.
    """
    known = np.isfinite(counts) & np.isfinite(exposures) & (exposures > 0)
    y, e = np.where(known, counts, 0.0), np.where(known, exposures, 0.0)
    periods = np.maximum(known.sum(axis=-1), 1)
    centre = np.asarray((known * middle_years).sum(axis=-1) / periods, dtype=np.float64)
    t = np.where(known, middle_years - centre[..., None], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log(y.sum(axis=-1) / e.sum(axis=-1))
    hopeless = ~np.isfinite(level) | (known.sum(axis=-1) < 2)
    level, slope = np.where(hopeless, 0.0, level), np.zeros_like(level)
    reach = np.maximum(np.abs(t).max(axis=-1), 1e-9)
    settled = np.zeros_like(hopeless)
    for _ in range(100):
        mu = e * np.exp(np.clip(level[..., None] + slope[..., None] * t, -60, 60))
        a, b, c = mu.sum(axis=-1), (mu * t).sum(axis=-1), (mu * t * t).sum(axis=-1)
        determinant = np.where(a * c - b * b > 0, a * c - b * b, 1.0)
        score, score_t = (y - mu).sum(axis=-1), ((y - mu) * t).sum(axis=-1)
        step = (c * score - b * score_t) / determinant
        step_t = (a * score_t - b * score) / determinant
        size = np.abs(step) + np.abs(step_t) * reach
        shorten = 1 / np.maximum(1.0, size)
        level, slope = (
            level + np.where(hopeless, 0.0, step * shorten),
            slope + np.where(hopeless, 0.0, step_t * shorten),
        )
        settled = size < 1e-10
        if bool(np.all(settled | hopeless | (np.abs(slope) * reach > _STEEPEST))):
            break
    mu = e * np.exp(np.clip(level[..., None] + slope[..., None] * t, -60, 60))
    a, b, c = mu.sum(axis=-1), (mu * t).sum(axis=-1), (mu * t * t).sum(axis=-1)
    spread = a * c - b * b
    converged = settled & ~hopeless & (spread > 1e-9) & (np.abs(slope) * reach < _STEEPEST)
    determinant = np.where(spread > 0, spread, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = np.where(known & (mu > 0), (y - mu) ** 2 / mu, 0.0)
    return TrendFit(
        level=level,
        slope=slope,
        centre=centre,
        level_variance=c / determinant,
        slope_variance=a / determinant,
        covariance=-b / determinant,
        expected=mu,
        pearson=residual.sum(axis=-1),
        degrees_of_freedom=known.sum(axis=-1).astype(np.float64) - 2,
        converged=converged,
    )


def estimable(fit: TrendFit, counts: Floats) -> NDArray[np.bool_]:
    """Whether the scatter around the trend says something: four or more periods, and one event a period on average."""
    known = np.isfinite(counts)
    periods = fit.degrees_of_freedom + 2
    enough = np.where(known, counts, 0.0).sum(axis=-1) >= periods
    return np.asarray(fit.converged & (periods >= FEWEST_PERIODS) & enough)


def estimate_dispersion(
    counts: Sequence[float],
    *,
    middle_years: Sequence[float],
    exposures: Sequence[float] | None = None,
    periods: Sequence[str] = (),
) -> Dispersion:
    """Pearson dispersion around a log-linear trend, from the counts of comparable earlier periods.

    With fewer than four periods, fewer than one event a period, or a trend that cannot be fitted, chance alone
    (Poisson) is used and `reason` says why.
    """
    if len(counts) < FEWEST_PERIODS:
        return _not_estimable("dispersion_not_estimable", periods_known=len(counts), periods_needed=FEWEST_PERIODS)
    y = np.asarray([counts], dtype=np.float64)
    e = np.ones_like(y) if exposures is None else np.asarray([exposures], dtype=np.float64)
    fit = fit_trend(y, exposures=e, middle_years=np.asarray(middle_years, dtype=np.float64))
    if not bool(estimable(fit, y)[0]):
        return _not_estimable("dispersion_too_few_events", events=float(y.sum()), periods_known=len(counts))
    df = int(fit.degrees_of_freedom[0])
    return Dispersion(
        phi=float(fit.pearson[0] / df),
        degrees_of_freedom=df,
        periods=tuple(periods),
        basis=DispersionBasis.EARLIER_PERIODS,
    )


def _not_estimable(code: str, **values: float) -> Dispersion:
    return Dispersion(reason=Reason(code=code, values=values))


def variance_over_mean(counts: Sequence[float]) -> float:
    """Sample variance of counts over their mean: 1 by chance alone, more when they scatter. 71, 46, 76, 40: 5.5."""
    values = np.asarray(counts, dtype=np.float64)
    return float(values.var(ddof=1) / values.mean())
