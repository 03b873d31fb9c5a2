"""The season in monthly counts: one factor for each calendar month, drawn towards 1 as far as the counts are small.

Two or three Januaries say little about January. The twelve factors follow a gamma distribution around 1 that is
estimated from the twelve totals themselves, with `shrinkage.fit_prior`; where months differ by no more than chance all
factors are 1. See docs/methods/control-chart.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koersvast.engine.dispersion import Floats, fit_trend
from koersvast.engine.shrinkage import fit_prior

MONTHS = 12
_ROUNDS, _SETTLED = 8, 1e-9


@dataclass(frozen=True, kw_only=True)
class MonthlyModel:
    """Expected count = exposure x season of the month x level x trend. `level` is per unit of exposure at `centre`.

    `slope` is the yearly change on the log scale (0 without trend). `parameters` is the number of figures that were
    fitted, where a factor that was drawn towards 1 counts in part. `season_variance` is that of a factor relative to
    it, `level_variance` that of the logarithm of the level; both for counts with chance alone.
    """

    season: Floats
    season_variance: Floats
    level: float
    level_variance: float
    slope: float
    slope_variance: float
    centre: float
    phi: float
    parameters: float
    degrees_of_freedom: float

    def expected(self, exposure: Floats, months: NDArray[np.int64], middle_years: Floats) -> Floats:
        """Expected counts; `months` are 0 for January to 11. Shapes: periods."""
        return np.asarray(
            exposure * self.season[months] * self.level * np.exp(self.slope * (middle_years - self.centre))
        )

    def relative_variance(self, months: NDArray[np.int64], middle_years: Floats) -> Floats:
        """Variance of the expectation itself over its square: level, slope and season are only estimates."""
        distance = middle_years - self.centre
        fitted = self.level_variance + self.slope_variance * distance**2 + self.season_variance[months]
        return np.asarray(fitted * max(1.0, self.phi))

    def sum_variance(self, expected: Floats, months: NDArray[np.int64], middle_years: Floats) -> float:
        """Variance of the sum of these expectations, chance alone: an error in the level is in all months alike."""
        seasons = np.bincount(months, weights=expected, minlength=MONTHS)
        level = self.level_variance * float(expected.sum()) ** 2
        slope = self.slope_variance * float((expected * (middle_years - self.centre)).sum()) ** 2
        return level + slope + float((self.season_variance * seasons**2).sum())


def fit_months(
    counts: Floats, exposure: Floats, months: NDArray[np.int64], middle_years: Floats, *, trend: bool = False
) -> MonthlyModel | None:
    """Fit the model to known months; None when there are no events or the trend cannot be fitted. Shapes: periods."""
    if counts.sum() <= 0:
        return None
    season, variance, parameters = np.ones(MONTHS), np.zeros(MONTHS), 0.0
    line = _line(counts, exposure, middle_years, trend=trend)
    for _ in range(_ROUNDS):
        if line is None:
            return None
        base = exposure * line.level * np.exp(line.slope * (middle_years - line.centre))
        before = season
        season, variance, parameters = _season(counts, base, months)
        if float(np.abs(season - before).max()) < _SETTLED:
            break
        line = _line(counts, exposure * season[months], middle_years, trend=trend)
    if line is None:
        return None
    expected = exposure * season[months] * line.level * np.exp(line.slope * (middle_years - line.centre))
    df = len(counts) - parameters - (2 if trend else 1)
    phi = float(((counts - expected) ** 2 / expected).sum() / df) if df > 0 else 1.0
    return MonthlyModel(
        season=season,
        season_variance=variance,
        level=line.level,
        level_variance=line.level_variance,
        slope=line.slope,
        slope_variance=line.slope_variance,
        centre=line.centre,
        phi=phi,
        parameters=parameters,
        degrees_of_freedom=df,
    )


@dataclass(frozen=True, kw_only=True)
class _Line:
    level: float
    level_variance: float
    slope: float
    slope_variance: float
    centre: float


def _line(counts: Floats, exposure: Floats, middle_years: Floats, *, trend: bool) -> _Line | None:
    if not trend:
        total = float(counts.sum())
        level = total / float(exposure.sum())
        return _Line(level=level, level_variance=1 / total, slope=0.0, slope_variance=0.0, centre=0.0)
    fit = fit_trend(counts[None, :], exposures=exposure[None, :], middle_years=middle_years)
    if not bool(fit.converged[0]):
        return None
    return _Line(
        level=float(np.exp(fit.level[0])),
        level_variance=float(fit.level_variance[0]),
        slope=float(fit.slope[0]),
        slope_variance=float(fit.slope_variance[0]),
        centre=float(fit.centre[0]),
    )


def _season(counts: Floats, base: Floats, months: NDArray[np.int64]) -> tuple[Floats, Floats, float]:
    """Factors, their relative variance, and how many figures they are worth."""
    events = np.bincount(months, weights=counts, minlength=MONTHS)
    expected = np.bincount(months, weights=base, minlength=MONTHS)
    seen = expected > 0
    prior = fit_prior(events[seen], expected[seen])
    if prior.shape is None:
        return np.ones(MONTHS), np.zeros(MONTHS), 0.0
    factors = (events + prior.shape) / (expected + prior.shape)
    weight = expected / (expected + prior.shape)
    factors *= float(base.sum()) / float((factors * expected).sum())
    return factors, 1 / (events + prior.shape), max(0.0, float(weight.sum()) - 1)


def month_numbers(starts: Sequence[int]) -> NDArray[np.int64]:
    """Calendar months (1 to 12) as positions (0 to 11)."""
    return np.asarray(starts, dtype=np.int64) - 1
