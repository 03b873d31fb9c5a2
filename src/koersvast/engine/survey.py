"""Survey estimates of which only the published figure and the number of respondents are known.

Shares are in percent, differences and margins in percentage points. A design effect of 1 means a simple random sample:
then every margin is a lower bound. Sources: Wilson (1927) for the interval of a share, Kish (1965) for the design
effect, Agresti and Caffo (2000) and Newcombe (1998) for the comparison of two shares, Cohen (1988) for power; see
docs/methods/survey-published.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, inf, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from koersvast.engine.dispersion import Floats, Values
from koersvast.engine.quantities import BadValue, Method

SHARE = Method(name="survey-share", version="1")
DIFFERENCE = Method(name="survey-difference", version="2")
TIE = Method(name="survey-tie", version="1")
MEAN = Method(name="survey-mean", version="1")
_FEW_ANSWERS = 5.0


@dataclass(frozen=True, kw_only=True)
class ShareInterval:
    """A share with its Wilson limits; `margin_points` is half their distance."""

    percent: float
    low: float
    high: float
    margin_points: float
    effective_respondents: float
    method: Method = SHARE


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Later minus earlier (or one group minus another) with its margin and two-sided p value.

    In percentage points for shares, in the unit itself for means. Without respondents' answers the degrees of freedom
    are not known and taken to be without end.
    """

    difference: float
    margin: float
    low: float
    high: float
    p_value: float
    standard_error: float
    degrees_of_freedom: float = inf
    method: Method = DIFFERENCE


def effective_respondents(respondents: float, *, design_effect: float = 1.0) -> float:
    """The size of the simple random sample that would be as precise (Kish)."""
    if respondents <= 0 or design_effect <= 0:
        raise BadValue(f"{respondents} respondents with a design effect of {design_effect}.")
    return respondents / design_effect


def effective_from_error(percent: float, *, standard_error_points: float) -> float:
    """The effective number of respondents that a published standard error stands for."""
    if not 0 < percent < 100 or standard_error_points <= 0:
        raise BadValue(f"A standard error of {standard_error_points} points at {percent} %.")
    return percent * (100 - percent) / standard_error_points**2


def wilson(
    percent: float, *, respondents: float, design_effect: float = 1.0, confidence: float = 0.95
) -> ShareInterval:
    """Wilson's interval for a share, with the effective number of respondents. 61 % of 1,244: ± 2.7 points."""
    n = effective_respondents(respondents, design_effect=design_effect)
    p, z = _share(percent), _z(confidence)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = max(0.0, 100 * (centre - half)), min(100.0, 100 * (centre + half))
    return ShareInterval(
        percent=percent,
        low=min(low, percent),
        high=max(high, percent),
        margin_points=100 * half,
        effective_respondents=n,
    )


def share_error_points(percent: float, *, respondents: float, design_effect: float = 1.0) -> float:
    """Standard error of a share, in percentage points; not 0 for 0 or 100 % (see `difference_of_shares`)."""
    _share(percent)
    n = effective_respondents(respondents, design_effect=design_effect)
    few = _few_answers(np.float64(percent), np.float64(n))
    share, size = (float(part) for part in _with_one_of_each(np.float64(percent), np.float64(n), few))
    return 100 * sqrt(share * (1 - share) / size)


def compare_shares(
    earlier_percent: float,
    later_percent: float,
    *,
    earlier_respondents: float,
    later_respondents: float,
    earlier_design_effect: float = 1.0,
    later_design_effect: float = 1.0,
    confidence: float = 0.95,
) -> Difference:
    """Compare two independent waves. 63 and 61 % of 1,244 each: -2 ± 3.8 points, p = .30."""
    first = effective_respondents(earlier_respondents, design_effect=earlier_design_effect)
    second = effective_respondents(later_respondents, design_effect=later_design_effect)
    _share(earlier_percent), _share(later_percent)
    parts = (np.float64(part) for part in (earlier_percent, first, later_percent, second))
    tested, error = (float(part) for part in difference_of_shares(*parts))
    found = _difference(tested, error, confidence, DIFFERENCE)
    return replace(found, difference=later_percent - earlier_percent)


def difference_of_shares(
    earlier_percent: Values, earlier_effective: Values, later_percent: Values, later_effective: Values
) -> tuple[Floats, Floats]:
    """The difference of two independent shares as it is tested, and its standard error, in points.

    With fewer than five effective answers of either kind in one of the waves, one of each is added to both (Agresti and
    Caffo); equal shares stay equal. Shapes: all broadcast together.
    """
    few = _few_answers(earlier_percent, earlier_effective) | _few_answers(later_percent, later_effective)
    p, n = _with_one_of_each(earlier_percent, earlier_effective, few)
    q, m = _with_one_of_each(later_percent, later_effective, few)
    error = 100 * np.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    return np.where(np.equal(earlier_percent, later_percent), 0.0, 100 * (q - p)), error


def _few_answers(percent: Values, effective: Values) -> NDArray[np.bool_]:
    share = np.asarray(percent) / 100
    return np.asarray(np.minimum(share, 1 - share) * effective < _FEW_ANSWERS)


def _with_one_of_each(percent: Values, effective: Values, few: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    share, n = np.asarray(percent) / 100, np.asarray(effective)
    return np.where(few, (share * n + 1) / (n + 2), share), np.where(few, n + 2, n)


def compare_means(
    earlier: float, later: float, *, earlier_error: float, later_error: float, confidence: float = 0.95
) -> Difference:
    """Compare two independent estimates with known standard errors (marks, scale scores, weighted shares)."""
    return _difference(later - earlier, sqrt(earlier_error**2 + later_error**2), confidence, MEAN)


def compare_in_sample(
    first_percent: float,
    second_percent: float,
    *,
    respondents: float,
    both_percent: float | None = None,
    design_effect: float = 1.0,
    confidence: float = 0.95,
) -> Difference:
    """Compare two answers of the same respondents, with the covariance of the two shares.

    `both_percent` gave both answers. Unknown (None) it is taken as small as it can be, which makes the margin as wide
    as it can be; for an either-or question that is exact. A difference whose margin reaches over 0 is a tie:
    the two are not ranked apart.
    """
    n = effective_respondents(respondents, design_effect=design_effect)
    a, b = _share(first_percent), _share(second_percent)
    both = max(0.0, a + b - 1) if both_percent is None else _share(both_percent)
    if both > min(a, b) + 1e-12:
        raise BadValue(f"{both_percent} % gave both answers, more than gave one of them.")
    variance = max(0.0, a + b - 2 * both - (a - b) ** 2) / n
    return _difference(first_percent - second_percent, 100 * sqrt(variance), confidence, TIE)


def is_tie(difference: Difference) -> bool:
    """Whether two answers cannot be ranked apart."""
    return difference.low <= 0 <= difference.high


def power(
    earlier_percent: float,
    later_percent: float,
    *,
    earlier_respondents: float,
    later_respondents: float,
    earlier_design_effect: float = 1.0,
    later_design_effect: float = 1.0,
    significance: float = 0.05,
) -> float:
    """Chance that two waves show a change that is really there. 24 to 20 % with 1,244 each: .67."""
    first = effective_respondents(earlier_respondents, design_effect=earlier_design_effect)
    second = effective_respondents(later_respondents, design_effect=later_design_effect)
    p, q = _share(earlier_percent), _share(later_percent)
    error = 100 * sqrt(p * (1 - p) / first + q * (1 - q) / second)
    limit = _z(1 - significance)
    if error == 0:
        return 1.0 if earlier_percent != later_percent else significance
    effect = abs(later_percent - earlier_percent) / error
    return float(special.ndtr(effect - limit) + special.ndtr(-effect - limit))


def smallest_detectable_change(
    earlier_percent: float,
    *,
    earlier_respondents: float,
    later_respondents: float,
    downwards: bool,
    earlier_design_effect: float = 1.0,
    later_design_effect: float = 1.0,
    wanted_power: float = 0.8,
    significance: float = 0.05,
) -> float | None:
    """The smallest change, in points, that two waves show with the wanted chance; None when no change does."""
    room = earlier_percent if downwards else 100 - earlier_percent
    sign = -1 if downwards else 1

    def shortage(points: float) -> float:
        return (
            power(
                earlier_percent,
                min(100.0, max(0.0, earlier_percent + sign * points)),
                earlier_respondents=earlier_respondents,
                later_respondents=later_respondents,
                earlier_design_effect=earlier_design_effect,
                later_design_effect=later_design_effect,
                significance=significance,
            )
            - wanted_power
        )

    return _first_zero(shortage, highest=room)


def respondents_needed(
    earlier_percent: float,
    later_percent: float,
    *,
    earlier_respondents: float | None = None,
    earlier_design_effect: float = 1.0,
    later_design_effect: float = 1.0,
    wanted_power: float = 0.8,
    significance: float = 0.05,
) -> int | None:
    """How many respondents the later wave needs (both waves, when the earlier is still to come).

    None when the earlier wave is too small for any later wave to show the change, or when there is no change to show.
    """
    p, q = _share(earlier_percent), _share(later_percent)
    return respondents_for_difference(
        q - p,
        earlier_variance=p * (1 - p) * earlier_design_effect,
        later_variance=q * (1 - q) * later_design_effect,
        earlier_respondents=earlier_respondents,
        wanted_power=wanted_power,
        significance=significance,
    )


def respondents_for_difference(
    difference: float,
    *,
    earlier_variance: float,
    later_variance: float,
    earlier_respondents: float | None = None,
    wanted_power: float = 0.8,
    significance: float = 0.05,
) -> int | None:
    """How many respondents the later wave needs to show a difference, in the unit of the answers.

    The variances are those of one respondent's answer, times the design effect. None as in `respondents_needed`.
    """
    if difference == 0:
        return None
    effect = abs(difference) / (_z(1 - significance) + _z(2 * wanted_power - 1))
    if earlier_respondents is None:
        return max(1, ceil((earlier_variance + later_variance) / effect**2 - 1e-9))
    left = effect**2 - earlier_variance / earlier_respondents
    return None if left <= 0 else max(1, ceil(later_variance / left - 1e-9))


def chance_beyond(distance: float, *, error: float) -> float:
    """Chance that an estimate falls at least this far to one side of its true value (normal)."""
    if error <= 0:
        return 1.0 if distance <= 0 else 0.0
    return float(special.ndtr(-distance / error))


def _difference(difference: float, error: float, confidence: float, method: Method) -> Difference:
    margin = _z(confidence) * error
    certain = 1.0 if difference == 0 else 0.0
    p_value = float(2 * special.ndtr(-abs(difference) / error)) if error > 0 else certain
    return Difference(
        difference=difference,
        margin=margin,
        low=difference - margin,
        high=difference + margin,
        p_value=p_value,
        standard_error=error,
        method=method,
    )


def _first_zero(shortage: Callable[[float], float], *, highest: float) -> float | None:
    if highest <= 0 or shortage(highest) < 0:
        return None
    return float(optimize.brentq(shortage, 0.0, highest, xtol=1e-9))


def _share(percent: float) -> float:
    if not 0 <= percent <= 100:
        raise BadValue(f"A share of {percent} %.")
    return percent / 100


def _z(confidence: float) -> float:
    """The normal quantile of a two-sided confidence."""
    if not 0 <= confidence < 1:
        raise BadValue(f"A confidence of {confidence}.")
    z = float(special.ndtri((1 + confidence) / 2))
    return z if z < inf else 0.0
