"""Limits of many shares and means at once, by the same rules as `estimates`."""

import numpy as np
from scipy import special

from koersvast.engine.tabulation_sums import Floats


def share_limits(
    percent: Floats, error: Floats, freedom: Floats, effective: Floats, respondents: Floats, *, confidence: float
) -> tuple[Floats, Floats]:
    """Lower and upper limits (J, c) in percent: on the logit scale, and for 0 and 100 % after Clopper and Pearson.

    percent, error: (J, c) in percent and points; freedom, effective, respondents: (c,). nan where there is no margin.
    """
    times = _times(freedom, confidence)
    between = (percent > 0) & (percent < 100)
    portion = np.where(between, percent / 100, 0.5)
    half = times * error / 100 / (portion * (1 - portion))
    low, high = (100 * special.expit(special.logit(portion) + side * half) for side in (-1, 1))
    reach = _exact_reach(times, effective, respondents, confidence) + 0 * error
    low = np.where(between, low, np.where(percent <= 0, 0.0 * reach, 100 - reach))
    high = np.where(between, high, np.where(percent <= 0, reach, 100 + 0.0 * reach))
    return np.where(np.isnan(percent), np.nan, low), np.where(np.isnan(percent), np.nan, high)


def mean_limits(mean: Floats, error: Floats, freedom: Floats, *, confidence: float) -> tuple[Floats, Floats]:
    """Lower and upper limits (J, c) by Student's t; nan where there is no margin."""
    half = _times(freedom, confidence) * error
    return mean - half, mean + half


def _times(freedom: Floats, confidence: float) -> Floats:
    """How many standard errors a margin is, (c,); nan without degrees of freedom."""
    found = special.stdtrit(np.where(freedom > 0, freedom, 1.0), (1 + confidence) / 2)
    return np.where(freedom > 0, found, np.nan)


def _exact_reach(times: Floats, effective: Floats, respondents: Floats, confidence: float) -> Floats:
    """How far from 0 or 100 % the truth may be when nobody or everybody said yes, in points (c,)."""
    plain = special.stdtrit(np.maximum(respondents - 1, 1.0), (1 + confidence) / 2)
    counted = effective * np.minimum(1.0, plain / times) ** 2
    return np.asarray(100 * (1 - ((1 - confidence) / 2) ** (1 / counted)))
