"""Medians and other quantiles of respondents' values, with Woodruff's limits.

The limits are those of the share at or below the quantile, read back on the scale of the values. Equal to R's
`svyquantile(interval.type="mean")` of survey 4.1; see docs/methods/survey-quantile.md. Sources: Woodruff (1952),
JASA 47, 635-646; Hyndman and Fan (1996), The American Statistician 50, 361-365, for the rules.
"""

from dataclasses import replace
from enum import StrEnum
from math import isnan, nan

import numpy as np

from koersvast.engine.designs import Bools, Design
from koersvast.engine.dispersion import Floats
from koersvast.engine.estimates import Estimate, IntervalKind, critical, linear_mean, summarise
from koersvast.engine.quantities import BadValue, Method, Missing

METHOD = Method(name="survey-quantile", version="1")
# Cumulative weights carry rounding; a share this close to the asked one is the asked one.
_SAME = 1e-12


class QuantileRule(StrEnum):
    """How to read a quantile between two values that respondents gave.

    MATH: the lowest value that at least the asked share is at or below (R's default). SCHOOL: the middle of two values
    where the share is met exactly, so that the median of 1, 2, 3, 4 is 2.5. HF6: as SPSS. HF7: as Excel.
    """

    MATH = "math"
    SCHOOL = "school"
    HF6 = "hf6"
    HF7 = "hf7"


def median(
    design: Design,
    values: Floats,
    *,
    rows: Bools | None = None,
    rule: QuantileRule = QuantileRule.MATH,
    confidence: float = 0.95,
) -> Estimate | Missing:
    """The median of values (n,); see `quantile`."""
    return quantile(design, values, 50.0, rows=rows, rule=rule, confidence=confidence)


def quantile(
    design: Design,
    values: Floats,
    percent: float,
    *,
    rows: Bools | None = None,
    rule: QuantileRule = QuantileRule.MATH,
    confidence: float = 0.95,
) -> Estimate | Missing:
    """The value that `percent` % of the population is at or below; respondents whose value is nan are not in the base.

    Degrees of freedom are counted over the base, without those who gave no answer, as R does here and not elsewhere.
    The standard error is the width of the limits by twice the critical value, as in R. Limits (and the standard error,
    then nan) are absent where the share's own limits reach over 0 or 100 %: the sample is too small to tell.
    """
    if not 0 < percent < 100:
        raise BadValue(f"A quantile of {percent} %.")
    base = ~np.isnan(values) if rows is None else rows & ~np.isnan(values)
    inside = base & (design.weights > 0)
    if not inside.any():
        return Missing.NOT_MEASURED
    curve = _Curve(values[inside], design.weights[inside], rule)
    found = curve.at(percent / 100)
    linear = linear_mean(design, np.where(values <= found, 1.0, 0.0), rows=base)
    if isinstance(linear, Missing):
        return linear
    below = summarise(design, linear, freedom=design.degrees_of_freedom(base), confidence=confidence)
    low, high = curve.between(below.low, below.high)
    width = 2 * critical(confidence, freedom=below.degrees_of_freedom)
    known = not (isnan(low) or isnan(high))
    return replace(
        below,
        value=found,
        standard_error=(high - low) / width if known else nan,
        low=None if isnan(low) else low,
        high=None if isnan(high) else high,
        interval=IntervalKind.WOODRUFF if known else IntervalKind.NONE,
        method=METHOD,
    )


class _Curve:
    """The weighted distribution of the values that were given, in order."""

    def __init__(self, values: Floats, weights: Floats, rule: QuantileRule) -> None:
        # Equal values stay apart, in the order of the file: the interpolating rules of R look at the weight of each.
        order = np.argsort(values, kind="stable")
        self.values, steps = values[order], weights[order]
        self.rule = rule
        self.cumulative = np.cumsum(steps) / steps.sum()
        self.knots = self._knots(np.cumsum(steps), float(steps[-1]))

    def _knots(self, cumulative: Floats, last: float) -> Floats:
        """The share that belongs to each value itself; between them the interpolating rules are straight."""
        if self.rule is QuantileRule.HF6:
            return np.asarray(cumulative / (cumulative[-1] + last))
        if len(cumulative) == 1:
            return np.zeros(1)
        return np.asarray(np.concatenate([[0.0], cumulative[:-1]]) / cumulative[-2])

    def at(self, share: float) -> float:
        """The value that this share is at or below."""
        if self.rule in (QuantileRule.HF6, QuantileRule.HF7):
            return float(np.interp(share, self.knots, self.values))
        place = min(int(np.searchsorted(self.cumulative, share - _SAME)), len(self.values) - 1)
        met = abs(self.cumulative[place] - share) <= _SAME
        if self.rule is QuantileRule.SCHOOL and met and place + 1 < len(self.values):
            return float((self.values[place] + self.values[place + 1]) / 2)
        return float(self.values[place])

    def between(self, low: float | None, high: float | None) -> tuple[float, float]:
        """The values at the limits of a share; nan for a limit that is not within 0 and 1, or is not there."""
        return (
            nan if low is None or not 0 <= low <= 1 else self.at(low),
            nan if high is None or not 0 <= high <= 1 else self.at(high),
        )
