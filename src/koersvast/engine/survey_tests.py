"""Estimates from respondents set against one another: in one sample, between groups, between waves, in a ranking.

Differences of one sample count the covariance of the two; waves are independent samples, and a panel that answered
both is refused unless it is told who is who. With many comparisons p values are adjusted. A design that leaves no
degrees of freedom has no margins: `BadDesign("no_degrees_of_freedom")`. *Not* here: published figures
without respondents (`survey`), tables of two questions (`association`), verdicts (`trend`). See
docs/methods/survey-comparison.md. Sources: Kish (1965), section 12.10; Holm (1979), Scand. J. Statist. 6, 65-70;
Benjamini and Hochberg (1995), JRSS B 57, 289-300; Satterthwaite (1946), Biometrics Bulletin 2, 110-114; Agresti and
Caffo (2000) for few answers, as in `survey`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from math import inf, sqrt
from typing import Protocol

import numpy as np
from scipy import special

from koersvast.engine import survey
from koersvast.engine.designs import BadDesign, Bools, Design, Ints
from koersvast.engine.dispersion import Floats
from koersvast.engine.estimates import Linear, covariance, critical, linear_mean, linear_share
from koersvast.engine.quantities import Correction, Method, Missing
from koersvast.engine.survey import Difference

METHOD = Method(name="survey-comparison", version="1")
# As many effective answers of either kind a share needs for the normal approximation; below it, Agresti and Caffo.
_FEW_ANSWERS = 5.0
_SAME = 1e-12


class Overlap(StrEnum):
    """Whether the same people may have answered both waves."""

    NONE = "none"
    POSSIBLE = "possible"


class WithError(Protocol):
    """An estimate with what comparing it takes: an `Estimate`, or a `Kept`."""

    @property
    def value(self) -> float: ...
    @property
    def standard_error(self) -> float: ...
    @property
    def effective_respondents(self) -> float: ...
    @property
    def degrees_of_freedom(self) -> float: ...


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is kept of an estimate when the answers are gone."""

    value: float
    standard_error: float
    effective_respondents: float
    degrees_of_freedom: float


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two groups or answers by their number, the first minus the second, with the p value after correction."""

    first: int
    second: int
    difference: Difference
    adjusted_p_value: float


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """An answer in a ranking. `place` 1 is the highest; `first` and `last` are the places that it could as well have.

    tied_with: numbers of the answers that it cannot be told apart from.
    """

    answer: int
    value: float
    place: int
    first: int
    last: int
    tied_with: tuple[int, ...]


def contrast(
    design: Design,
    parts: Sequence[Linear],
    coefficients: Sequence[float],
    *,
    freedom: float | None = None,
    confidence: float = 0.95,
) -> Difference:
    """A sum of estimates from one sample, each times its coefficient, as R's `svycontrast`.

    freedom: None takes the degrees of freedom of everybody in one of the bases; inf is the normal distribution.
    """
    times = np.asarray(coefficients, dtype=np.float64)
    value = float(times @ np.array([part.value for part in parts]))
    variance = float(times @ covariance(design, parts) @ times)
    rows = np.logical_or.reduce([part.rows for part in parts])
    counted = float(design.degrees_of_freedom(rows)) if freedom is None else freedom
    return _difference(value, sqrt(max(0.0, variance)), freedom=counted, confidence=confidence)


def difference(
    design: Design, this: Linear, *, against: Linear, freedom: float | None = None, confidence: float = 0.95
) -> Difference:
    """One estimate minus another of the same sample, with their covariance."""
    return contrast(design, (this, against), (1.0, -1.0), freedom=freedom, confidence=confidence)


def share_by_group(design: Design, yes: Bools, groups: Ints, *, rows: Bools | None = None) -> list[Linear | Missing]:
    """The share that said yes in every group, numbered from 0; below 0 is in none."""
    return [linear_share(design, yes, rows=inside) for inside in _groups(groups, rows)]


def mean_by_group(design: Design, values: Floats, groups: Ints, *, rows: Bools | None = None) -> list[Linear | Missing]:
    """The mean in every group; respondents whose value is nan are not in the base."""
    return [linear_mean(design, values, rows=inside & ~np.isnan(values)) for inside in _groups(groups, rows)]


def compare_groups(
    design: Design,
    parts: Sequence[Linear | Missing],
    *,
    correction: Correction = Correction.HOLM,
    shares: bool = False,
    confidence: float = 0.95,
) -> tuple[Pair, ...]:
    """All pairs of groups of one sample; groups without respondents are left out.

    Degrees of freedom are those of a regression on the groups: the design's, minus the groups but one, as R's
    `svyttest`. shares: the parts are shares in percent; where a group has few answers of either kind one of each is
    added (as in `survey.difference_of_shares`), so that none or all of a small group is no certainty.
    """
    present = [(number, part) for number, part in enumerate(parts) if isinstance(part, Linear)]
    if len(present) < 2:
        return ()
    rows = np.logical_or.reduce([part.rows for _, part in present])
    freedom = float(design.degrees_of_freedom(rows) - (len(present) - 1))
    spread = covariance(design, [part for _, part in present])
    found = []
    for (i, (one, first)), (j, (other, second)) in combinations(enumerate(present), 2):
        error = sqrt(max(0.0, spread[i, i] + spread[j, j] - 2 * spread[i, j]))
        plain = _difference(first.value - second.value, error, freedom=freedom, confidence=confidence)
        if shares:
            sizes = _effective(design, first, spread[i, i]), _effective(design, second, spread[j, j])
            plain = _with_few(plain, first.value, second.value, sizes, confidence=confidence)
        found.append((one, other, plain))
    return _pairs(found, correction)


def compare_waves(
    earlier: WithError, later: WithError, *, overlap: Overlap, shares: bool = False, confidence: float = 0.95
) -> Difference:
    """Later minus earlier, of two samples that were drawn apart.

    Degrees of freedom by Satterthwaite. shares: see `compare_groups`. Errors: `overlap_without_people` where the same
    people may have answered both; then `compare_panel` needs to know who they are.
    """
    if overlap is not Overlap.NONE:
        raise BadDesign("overlap_without_people")
    first, second = earlier.standard_error**2, later.standard_error**2
    freedom = _satterthwaite((first, second), (float(earlier.degrees_of_freedom), float(later.degrees_of_freedom)))
    found = _difference(later.value - earlier.value, sqrt(first + second), freedom=freedom, confidence=confidence)
    if not shares:
        return found
    sizes = later.effective_respondents, earlier.effective_respondents
    return _with_few(found, later.value, earlier.value, sizes, confidence=confidence)


def compare_panel(
    earlier: tuple[Design, Linear, Ints],
    later: tuple[Design, Linear, Ints],
    *,
    confidence: float = 0.95,
) -> Difference:
    """Later minus earlier, where some people answered both: each wave's design, estimate, and who everybody is (n,).

    People have the same number in both waves and answer a wave once. The covariance is that of the people who are in
    both. Errors: `person_twice` (wave), `overlap_in_clusters`: clusters would need their own numbers over the waves.
    """
    for wave, (design, _, people) in enumerate((earlier, later), start=1):
        if np.unique(people).size != people.size:
            raise BadDesign("person_twice", wave=wave)
        if design.clusters is not None:
            raise BadDesign("overlap_in_clusters", wave=wave)
    (first, before, who), (second, after, whom) = earlier, later
    parts = (_contributions(first, before), _contributions(second, after))
    _, at, also = np.intersect1d(who, whom, assume_unique=True, return_indices=True)
    shared = float(parts[0][at] @ parts[1][also])
    variances = float(covariance(first, [before])[0, 0]), float(covariance(second, [after])[0, 0])
    freedom = _satterthwaite(
        variances, (float(first.degrees_of_freedom(before.rows)), float(second.degrees_of_freedom(after.rows)))
    )
    error = sqrt(max(0.0, sum(variances) - 2 * shared))
    return _difference(after.value - before.value, error, freedom=freedom, confidence=confidence)


def ranking(
    design: Design,
    parts: Sequence[Linear],
    *,
    correction: Correction = Correction.HOLM,
    significance: float = 0.05,
) -> tuple[Ranked, ...]:
    """Answers of one sample from high to low, and which cannot be ranked apart.

    Every pair is compared with its covariance and the p values are adjusted for all pairs; an answer could have every
    place between those of the answers that are demonstrably higher and those that are demonstrably lower.
    """
    values = np.array([part.value for part in parts])
    spread = covariance(design, parts)
    rows = np.logical_or.reduce([part.rows for part in parts])
    freedom = float(design.degrees_of_freedom(rows))
    pairs = _pairs(
        [
            (i, j, _difference(float(values[i] - values[j]), _error(spread, i, j), freedom=freedom, confidence=0.95))
            for i, j in combinations(range(len(parts)), 2)
        ],
        correction,
    )
    apart = np.zeros((len(parts), len(parts)), dtype=np.bool_)
    for pair in pairs:
        apart[pair.first, pair.second] = apart[pair.second, pair.first] = pair.adjusted_p_value < significance
    higher = (values[None, :] > values[:, None]) & apart
    lower = (values[None, :] < values[:, None]) & apart
    order = np.argsort(-values, kind="stable")
    return tuple(
        Ranked(
            answer=int(answer),
            value=float(values[answer]),
            place=int((values > values[answer]).sum()) + 1,
            first=int(higher[answer].sum()) + 1,
            last=len(parts) - int(lower[answer].sum()),
            tied_with=tuple(int(other) for other in order if other != answer and not apart[answer, other]),
        )
        for answer in order
    )


def adjusted(p_values: Sequence[float], correction: Correction) -> Floats:
    """p values after correction for their number, in the same order; never above 1."""
    found = np.asarray(p_values, dtype=np.float64)
    count = found.size
    if correction is Correction.NONE or count == 0:
        return found
    if correction is Correction.BONFERRONI:
        return np.minimum(1.0, found * count)
    if correction is Correction.HOLM:
        order = np.argsort(found, kind="stable")
        stepped = np.maximum.accumulate(found[order] * np.arange(count, 0, -1))
    else:
        order = np.argsort(-found, kind="stable")
        stepped = np.minimum.accumulate(found[order] * count / np.arange(count, 0, -1))
    back = np.empty(count)
    back[order] = np.minimum(1.0, stepped)
    return back


def _pairs(found: Sequence[tuple[int, int, Difference]], correction: Correction) -> tuple[Pair, ...]:
    p_values = adjusted([plain.p_value for _, _, plain in found], correction)
    return tuple(
        Pair(first=first, second=second, difference=plain, adjusted_p_value=float(p_value))
        for (first, second, plain), p_value in zip(found, p_values, strict=True)
    )


def _groups(groups: Ints, rows: Bools | None) -> list[Bools]:
    inside = np.ones(groups.size, dtype=np.bool_) if rows is None else rows
    return [inside & (groups == number) for number in range(int(groups.max(initial=-1)) + 1)]


def _difference(value: float, error: float, *, freedom: float, confidence: float) -> Difference:
    if freedom <= 0:
        raise BadDesign("no_degrees_of_freedom")
    margin = critical(confidence, freedom=freedom) * error
    if error > _SAME * max(1.0, abs(value)):
        distance = abs(value) / error
        tail = special.ndtr(-distance) if freedom == inf else special.stdtr(freedom, -distance)
        p_value = float(2 * tail)
    else:
        p_value = 1.0 if abs(value) <= _SAME else 0.0
    return Difference(
        difference=value,
        margin=margin,
        low=value - margin,
        high=value + margin,
        p_value=p_value,
        standard_error=error,
        degrees_of_freedom=freedom,
        method=METHOD,
    )


def _with_few(
    found: Difference, this: float, other: float, sizes: tuple[float, float], *, confidence: float
) -> Difference:
    """The same difference of two shares from different people; with few answers, tested with one of each added."""
    portions = np.clip((this / 100, other / 100), 0.0, 1.0)
    if (np.minimum(portions, 1 - portions) * sizes >= _FEW_ANSWERS).all():
        return found
    arguments = (np.float64(part) for part in (other, sizes[1], this, sizes[0]))
    tested, error = (float(part) for part in survey.difference_of_shares(*arguments))
    few = _difference(tested, error, freedom=found.degrees_of_freedom, confidence=confidence)
    return replace(few, difference=found.difference)


def _effective(design: Design, part: Linear, variance: float) -> float:
    """Effective respondents of a share: by its variance, or by the weights where that is nought."""
    portion = part.value / 100
    weights = np.where(part.rows, design.weights, 0.0)
    if not 0 < portion < 1 or variance <= 0:
        return float(weights.sum() ** 2 / (weights @ weights))
    return portion * (1 - portion) * 1e4 / variance


def _satterthwaite(variances: tuple[float, float], freedoms: tuple[float, float]) -> float:
    """The degrees of freedom of a sum of two independent variances."""
    if min(freedoms) <= 0:
        raise BadDesign("no_degrees_of_freedom")
    below = sum(variance**2 / freedom for variance, freedom in zip(variances, freedoms, strict=True))
    return sum(variances) ** 2 / below if below > 0 else sum(freedoms)


def _contributions(design: Design, part: Linear) -> Floats:
    """What everybody (n,) adds to the deviation of the estimate, from the mean of his stratum."""
    stage = design.first_stage
    weighted = design.residuals(part.influence[:, None]) * design.weights[:, None]
    scaled = stage.centred(weighted)[:, 0] * np.sqrt(stage.scale)[stage.group]
    return scaled[stage.cluster]


def _error(spread: Floats, i: int, j: int) -> float:
    return sqrt(max(0.0, float(spread[i, i] + spread[j, j] - 2 * spread[i, j])))
