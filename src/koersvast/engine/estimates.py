"""Estimates from respondents' answers: shares, means, totals and ratios, of everybody or of a domain, with margins.

Each is made linear (`Linear`): one influence per respondent, so that any two can be set against one another with their
covariance. Shares are in percent. Equal to R's `survey` 4.1: `svymean`, `svytotal`, `svyratio`, and
`svyciprop(method="logit")`. Quantiles are in `quantiles`, comparisons in `survey_tests`, published figures without
respondents in `survey`; see docs/methods/survey-estimate.md. Sources: Binder (1983), Int. Statist. Rev. 51, 279-292;
Kish (1965); Korn and Graubard (1998), Survey Methodology 24, 193-201.

Shapes: n respondents, p variables.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, isnan, sqrt

import numpy as np
from scipy import special

from koersvast.engine.designs import BadDesign, Bools, Design
from koersvast.engine.dispersion import Floats
from koersvast.engine.quantities import BadValue, Method, Missing

METHOD = Method(name="survey-estimate", version="1")
# A variance this small beside that of a simple random sample is rounding: weights were fitted to this very share.
_NOUGHT = 1e-20


class IntervalKind(StrEnum):
    """How the limits came about.

    EXACT is for a share of 0 or 100 %, where a logit has no meaning: Clopper and Pearson's limits with the effective
    number of respondents. NONE: the design leaves no degrees of freedom, so there is no margin to give.
    """

    LOGIT = "logit"
    T = "t"
    EXACT = "exact"
    WOODRUFF = "woodruff"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number from a sample, with its margin and what it rests on.

    value, standard_error, low, high: in percent and points for a share, else in the unit itself. respondents: the base,
    unweighted. design_effect: variance against a simple random sample of as many, drawn with replacement (R's
    `deff="replace"`); None where either is nought. finite_design_effect: against one drawn without replacement from as
    many as the weights add up to (R's `deff=TRUE`); None too where weights add up to no more than the respondents.
    kish_design_effect: what unequal weights alone would do. effective_respondents: respondents by design_effect, or
    by Kish's where that is None. low and high are None where the design leaves no degrees of freedom.
    """

    value: float
    standard_error: float
    low: float | None
    high: float | None
    interval: IntervalKind
    respondents: int
    weighted_base: float
    effective_respondents: float
    design_effect: float | None
    finite_design_effect: float | None
    kish_design_effect: float
    degrees_of_freedom: float
    confidence: float = 0.95
    method: Method = METHOD


@dataclass(frozen=True, kw_only=True, eq=False)
class Linear:
    """An estimate as a number per respondent: its variance is that of the weighted total of `influence`.

    influence: (n,), before weighting, nought outside the base. rows: (n,) the base. variable: (n,) what is averaged,
    for the design effect. of_total: whether the value is a total.
    """

    value: float
    influence: Floats
    rows: Bools
    variable: Floats
    of_total: bool = False


def linear_mean(design: Design, values: Floats, *, rows: Bools | None = None) -> Linear | Missing:
    """The weighted mean of values (n,) over the base; nan inside the base is refused, outside it ignored."""
    inside, weights = _base(design, rows)
    total = weights.sum()
    if total <= 0:
        return Missing.NOT_MEASURED
    kept = _inside(inside, values)
    counted = kept[weights > 0]
    # All the same, such as everybody yes: then the mean is that value exactly, not up to rounding.
    mean = float(counted[0] if (counted == counted[0]).all() else weights @ kept / total)
    return Linear(value=mean, influence=np.where(inside, kept - mean, 0.0) / total, rows=inside, variable=kept)


def linear_share(design: Design, yes: Bools, *, rows: Bools | None = None) -> Linear | Missing:
    """The weighted share, in percent, that said yes (n,) among the base."""
    return linear_mean(design, np.where(yes, 100.0, 0.0), rows=rows)


def linear_total(design: Design, values: Floats, *, rows: Bools | None = None) -> Linear | Missing:
    """The weighted total of values (n,) over the base."""
    inside, weights = _base(design, rows)
    if weights.sum() <= 0:
        return Missing.NOT_MEASURED
    kept = _inside(inside, values)
    return Linear(value=float(weights @ kept), influence=kept, rows=inside, variable=kept, of_total=True)


def linear_ratio(
    design: Design, numerator: Floats, denominator: Floats, *, rows: Bools | None = None
) -> Linear | Missing:
    """The ratio of two weighted totals over the base; Missing where the denominator adds up to nought."""
    inside, weights = _base(design, rows)
    over, under = _inside(inside, numerator), _inside(inside, denominator)
    total = float(weights @ under)
    if weights.sum() <= 0 or total == 0:
        return Missing.NOT_MEASURED
    ratio = float(weights @ over) / total
    left = over - ratio * under
    return Linear(value=ratio, influence=left / total, rows=inside, variable=left * weights.sum() / total)


def share(
    design: Design,
    yes: Bools,
    *,
    rows: Bools | None = None,
    answered: Bools | None = None,
    confidence: float = 0.95,
) -> Estimate | Missing:
    """The share, in percent, that said yes; limits on the logit scale, as R's `svyciprop(method="logit")`.

    rows: the domain; answered: who of it gave an answer. Degrees of freedom are counted over the domain, answered or
    not, as R does. A share of 0 or 100 % has standard error 0 and exact limits (`IntervalKind.EXACT`).
    """
    base = _and(rows, answered)
    linear = linear_share(design, yes, rows=base)
    if isinstance(linear, Missing):
        return linear
    found = summarise(design, linear, freedom=design.degrees_of_freedom(rows), confidence=confidence)
    return with_share_limits(found)


def mean(
    design: Design,
    values: Floats,
    *,
    rows: Bools | None = None,
    answered: Bools | None = None,
    confidence: float = 0.95,
    freedom: float | None = None,
) -> Estimate | Missing:
    """The mean of values; without `answered`, respondents whose value is nan are not in the base.

    freedom: degrees of freedom for the limits; None takes those of the design, inf gives those of R's `confint()`.
    """
    base = _and(rows, ~np.isnan(values) if answered is None else answered)
    linear = linear_mean(design, values, rows=base)
    return _of(design, linear, rows=rows, confidence=confidence, freedom=freedom)


def total(
    design: Design,
    values: Floats,
    *,
    rows: Bools | None = None,
    confidence: float = 0.95,
    freedom: float | None = None,
) -> Estimate | Missing:
    """The weighted total of values; respondents whose value is nan are not in the base."""
    linear = linear_total(design, values, rows=_and(rows, ~np.isnan(values)))
    return _of(design, linear, rows=rows, confidence=confidence, freedom=freedom)


def ratio(
    design: Design,
    numerator: Floats,
    denominator: Floats,
    *,
    rows: Bools | None = None,
    confidence: float = 0.95,
    freedom: float | None = None,
) -> Estimate | Missing:
    """The ratio of two totals; respondents with nan in either are not in the base."""
    base = _and(rows, ~(np.isnan(numerator) | np.isnan(denominator)))
    linear = linear_ratio(design, numerator, denominator, rows=base)
    return _of(design, linear, rows=rows, confidence=confidence, freedom=freedom)


def shares(
    design: Design,
    options: Bools,
    *,
    rows: Bools | None = None,
    answered: Bools | None = None,
    confidence: float = 0.95,
) -> tuple[Estimate | Missing, ...]:
    """The share of every option (n, options) of a question with several answers; all have the same base."""
    return tuple(
        share(design, option, rows=rows, answered=answered, confidence=confidence) for option in options.T.astype(bool)
    )


def summarise(design: Design, linear: Linear, *, freedom: float, confidence: float = 0.95) -> Estimate:
    """The estimate that a linear one stands for, with limits by Student's t."""
    variance = max(0.0, float(design.covariance(linear.influence[:, None], rows=linear.rows)[0, 0]))
    weights = np.where(linear.rows, design.weights, 0.0)
    respondents, base = int((weights > 0).sum()), float(weights.sum())
    kish = respondents * float(weights @ weights) / base**2
    simple = _simple_variance(weights, linear.variable, respondents) * (base**2 if linear.of_total else 1.0)
    effect = variance / simple if simple > 0 and variance > _NOUGHT * simple else None
    margin = critical(confidence, freedom=freedom) * sqrt(variance)
    return Estimate(
        value=linear.value,
        standard_error=sqrt(variance),
        low=None if isnan(margin) else linear.value - margin,
        high=None if isnan(margin) else linear.value + margin,
        interval=IntervalKind.NONE if isnan(margin) else IntervalKind.T,
        respondents=respondents,
        weighted_base=base,
        effective_respondents=respondents / (effect or kish),
        design_effect=effect,
        finite_design_effect=effect / (1 - respondents / base) if effect and base > respondents else None,
        kish_design_effect=kish,
        degrees_of_freedom=freedom,
        confidence=confidence,
    )


def with_share_limits(found: Estimate) -> Estimate:
    """The same share (in percent) with limits that stay between 0 and 100."""
    if found.degrees_of_freedom <= 0:
        return found
    if not 0 < found.value < 100:
        return _exact(found)
    portion = found.value / 100
    centre = float(special.logit(portion))
    slope = portion * (1 - portion)
    half = critical(found.confidence, freedom=found.degrees_of_freedom) * found.standard_error / 100 / slope
    low, high = (100 * float(special.expit(centre + side * half)) for side in (-1, 1))
    return replace(found, low=low, high=high, interval=IntervalKind.LOGIT)


def _exact(found: Estimate) -> Estimate:
    """Limits for none or all: Clopper and Pearson, with Kish's effective respondents and the design's freedom."""
    loss = critical(found.confidence, freedom=max(found.respondents - 1, 1)) / critical(
        found.confidence, freedom=found.degrees_of_freedom
    )
    effective = found.effective_respondents * min(1.0, loss) ** 2
    reach = 100 * (1 - ((1 - found.confidence) / 2) ** (1 / effective))
    nobody = found.value <= 0
    return replace(
        found,
        low=0.0 if nobody else 100 - reach,
        high=reach if nobody else 100.0,
        interval=IntervalKind.EXACT,
        effective_respondents=effective,
    )


def covariance(design: Design, parts: Sequence[Linear]) -> Floats:
    """The covariance (p, p) of estimates from one sample."""
    rows = np.logical_or.reduce([part.rows for part in parts])
    return design.covariance(np.column_stack([part.influence for part in parts]), rows=rows)


def critical(confidence: float, *, freedom: float) -> float:
    """How many standard errors the margin is; nan without degrees of freedom."""
    if not 0 < confidence < 1:
        raise BadValue(f"A confidence of {confidence}.")
    probability = (1 + confidence) / 2
    if freedom <= 0:
        return float("nan")
    return float(special.ndtri(probability) if freedom == inf else special.stdtrit(freedom, probability))


def _of(
    design: Design, linear: Linear | Missing, *, rows: Bools | None, confidence: float, freedom: float | None
) -> Estimate | Missing:
    if isinstance(linear, Missing):
        return linear
    counted = design.degrees_of_freedom(rows) if freedom is None else freedom
    return summarise(design, linear, freedom=counted, confidence=confidence)


def _base(design: Design, rows: Bools | None) -> tuple[Bools, Floats]:
    if rows is None:
        return np.ones(design.size, dtype=np.bool_), design.weights
    if rows.shape != (design.size,):
        raise BadDesign("rows_differ", respondents=design.size)
    return rows, np.where(rows, design.weights, 0.0)


def _inside(rows: Bools, values: Floats) -> Floats:
    """Values of the base, nought outside it. Errors: BadValue for a number that is not finite."""
    kept = np.where(rows, values, 0.0)
    if not np.isfinite(kept).all():
        raise BadValue("A number that is not finite among the respondents of the base.")
    return kept


def _and(rows: Bools | None, answered: Bools | None) -> Bools | None:
    if rows is None or answered is None:
        return answered if rows is None else rows
    return rows & answered


def _simple_variance(weights: Floats, variable: Floats, respondents: int) -> float:
    """The variance of the mean of as many respondents from a simple random sample with replacement; nan for one."""
    if respondents < 2:
        return float("nan")
    centre = weights @ variable / weights.sum()
    spread = float(weights @ (variable - centre) ** 2 / weights.sum())
    return spread / (respondents - 1)
