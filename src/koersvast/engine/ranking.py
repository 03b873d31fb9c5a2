"""Options ranked by several parties on several criteria: shared places, and how sure a place is when weights differ.

Scores are an array of parties by options by criteria; nan is no opinion, which is not a zero. A higher score is more
reason to choose. Source: Lahdelma and Salminen (2001), SMAA-2: stochastic multicriteria acceptability analysis for
group decision making, Operations Research 49(3), 444-454. See docs/methods/priority-stability.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose

import numpy as np
from numpy.typing import NDArray

from koersvast.engine.quantities import Method

type Floats = NDArray[np.float64]

METHOD = Method(name="priority-stability", version="1")
DRAWS = 4096
FACTOR = 2.0
"""How far each weight is varied: from 1/FACTOR to FACTOR times what was chosen."""
_EQUAL = 1e-9
_AT_ONCE = 256


class BadScores(ValueError):
    """Scores or weights that cannot be ranked; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What parties gave: `points` is (parties, options, criteria), nan where nothing was given; weights are >= 0."""

    points: Floats
    criterion_weights: tuple[float, ...]
    party_weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.points.shape[::2] != (len(self.party_weights), len(self.criterion_weights)):
            raise BadScores(f"Scores of shape {self.points.shape} do not fit the weights.")
        for weights in (self.criterion_weights, self.party_weights):
            if any(not np.isfinite(weight) or weight < 0 for weight in weights):
                raise BadScores("A weight is negative or no number.")

    @property
    def options(self) -> int:
        return int(self.points.shape[1])


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place that may be shared: `first` to `last`, counted from 1. Alone on a place both are the same."""

    first: int
    last: int

    @property
    def is_shared(self) -> bool:
        return self.first != self.last

    @property
    def middle(self) -> float:
        return (self.first + self.last) / 2


@dataclass(frozen=True, kw_only=True)
class Acceptability:
    """For each option the share of weights (0 to 1) in which it takes each place; rows and columns sum to 1.

    Only options with a mean take part: the others have nought everywhere. `draws` is how many sets of weights were
    tried, `factor` how far each was varied.
    """

    shares: tuple[tuple[float, ...], ...]
    draws: int
    factor: float
    method: Method = METHOD

    def within(self, option: int, places: int) -> float:
        """The share of weights in which this option is among the first `places`."""
        return min(1.0, sum(self.shares[option][:places]))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two options beside each other, over parties that scored both: the mean difference and its spread, in points.

    `spread` is None when fewer than two parties scored both.
    """

    difference: float
    spread: float | None
    parties: int

    @property
    def is_distinct(self) -> bool:
        """Whether the difference is larger than what parties differ about it among themselves."""
        return self.parties > 0 and abs(self.difference) > (self.spread or 0.0) + _EQUAL


def weighted_means(scores: Scores) -> Floats:
    """Return the mean points of each option, nan where nobody gave anything.

    First over the parties that scored a criterion, by their weight; then over the criteria that were scored.
    """
    found = _means(scores.points, np.array([scores.criterion_weights]), np.array([scores.party_weights]))
    return np.asarray(found[0])


def party_means(scores: Scores) -> Floats:
    """Return for each party the weighted mean over the criteria that it scored: (parties, options), nan for none."""
    weights = np.where(np.isnan(scores.points), 0.0, np.array(scores.criterion_weights))
    total = weights.sum(axis=2)
    summed = (weights * np.nan_to_num(scores.points)).sum(axis=2)
    return np.where(total > 0, summed / np.where(total > 0, total, 1.0), np.nan)


def places(means: Sequence[float]) -> tuple[Place | None, ...]:
    """Return the place of each mean, the highest first; equal means share theirs; nan has none."""
    known = [float(mean) for mean in means if not np.isnan(mean)]

    def place(mean: float) -> Place:
        same = sum(isclose(other, mean, rel_tol=0, abs_tol=_EQUAL) for other in known)
        above = sum(other > mean + _EQUAL for other in known)
        return Place(first=above + 1, last=above + same)

    return tuple(None if np.isnan(mean) else place(float(mean)) for mean in means)


def compare(scores: Scores, one: int, other: int) -> Pair:
    """Set two options beside each other, on the criteria that a party scored for both.

    The spread is the weighted standard deviation (reliability weights) of the differences of single parties.
    """
    both = scores.points[:, [one, other], :]
    missing = np.isnan(both).any(axis=1)
    weights = np.where(missing, 0.0, np.array(scores.criterion_weights))
    total = weights.sum(axis=1)
    counted = (total > 0) & (np.array(scores.party_weights) > 0)
    if not counted.any():
        return Pair(difference=0.0, spread=None, parties=0)
    gaps = np.nan_to_num(both[:, 0, :]) - np.nan_to_num(both[:, 1, :])
    each = (weights * gaps).sum(axis=1)[counted] / total[counted]
    party = np.array(scores.party_weights)[counted]
    mean = float((party * each).sum() / party.sum())
    return Pair(difference=mean, spread=_spread(each, party, mean), parties=int(counted.sum()))


def _spread(each: Floats, weights: Floats, mean: float) -> float | None:
    if len(each) < 2:
        return None
    free = weights.sum() - (weights**2).sum() / weights.sum()
    return float(np.sqrt((weights * (each - mean) ** 2).sum() / free))


def possible_places(scores: Scores) -> tuple[Place | None, ...]:
    """Return the places that each option may as well have: no better than what is distinctly above it allows."""
    means = weighted_means(scores)
    known = [at for at in range(scores.options) if not np.isnan(means[at])]
    found: list[Place | None] = [None] * scores.options
    for option in known:
        pairs = [compare(scores, other, option) for other in known if other != option]
        above = sum(pair.is_distinct and pair.difference > 0 for pair in pairs)
        below = sum(pair.is_distinct and pair.difference < 0 for pair in pairs)
        found[option] = Place(first=1 + above, last=len(known) - below)
    return tuple(found)


def nearby_weights(weights: Sequence[float], *, draws: int, factor: float, first_column: int = 0) -> Floats:
    """Return `draws` sets of weights that sum to 1, each weight between 1/factor and factor times what was chosen.

    The factors are even on the log scale, so that half is as likely as double. The points are an additive recurrence
    (Kronecker sequence on square roots of primes), always the same; `first_column` continues where others ended.
    """
    roots = np.sqrt(np.array(_primes(first_column + len(weights))[first_column:], dtype=np.float64))
    spots = (np.outer(np.arange(1, draws + 1), roots) + 0.5) % 1.0
    varied = np.asarray(weights, dtype=np.float64) * factor ** (2 * spots - 1)
    total = varied.sum(axis=1, keepdims=True)
    return np.asarray(varied / np.where(total > 0, total, 1.0))


def acceptability(scores: Scores, *, draws: int = DRAWS, factor: float = FACTOR) -> Acceptability:
    """Return how often each option takes each place when the weights of criteria and of parties are varied."""
    criteria = nearby_weights(scores.criterion_weights, draws=draws, factor=factor)
    parties = nearby_weights(scores.party_weights, draws=draws, factor=factor, first_column=len(criteria[0]))
    return accepted(scores, criteria=criteria, parties=parties, factor=factor)


def accepted(scores: Scores, *, criteria: Floats, parties: Floats, factor: float) -> Acceptability:
    """Return the acceptability over given sets of weights: one row of `criteria` and of `parties` for each set."""
    summed = np.zeros((scores.options, scores.options))
    for start in range(0, len(criteria), _AT_ONCE):
        chosen = slice(start, start + _AT_ONCE)
        summed += _taken(_means(scores.points, criteria[chosen], parties[chosen]))
    shares = summed / len(criteria)
    return Acceptability(
        shares=tuple(tuple(float(share) for share in row) for row in shares), draws=len(criteria), factor=factor
    )


def _means(points: Floats, criteria: Floats, parties: Floats) -> Floats:
    """Means of options under several sets of weights: (sets, options)."""
    given = ~np.isnan(points)
    people, options, aspects = points.shape
    flat = np.where(given, points, 0.0).reshape(people, options * aspects)
    weight = parties @ given.reshape(people, options * aspects).astype(np.float64)
    counted = weight > 0
    by_aspect = np.where(counted, (parties @ flat) / np.where(counted, weight, 1.0), 0.0)
    shape = (len(criteria), options, aspects)
    aspect_weight = counted.reshape(shape) * criteria[:, None, :]
    total = aspect_weight.sum(axis=2)
    summed = (by_aspect.reshape(shape) * aspect_weight).sum(axis=2)
    return np.where(total > 0, summed / np.where(total > 0, total, 1.0), np.nan)


def _taken(means: Floats) -> Floats:
    """How often each option takes each place; options that share places take an equal part of each."""
    options = means.shape[1]
    gap = means[:, None, :] - means[:, :, None]
    above = (gap > _EQUAL).sum(axis=2)
    same = (np.abs(gap) <= _EQUAL).sum(axis=2)
    taken = np.zeros((options, options))
    for place in range(options):
        holds = (above <= place) & (place < above + same) & ~np.isnan(means)
        taken[:, place] = (holds / np.where(same > 0, same, 1)).sum(axis=0)
    return taken


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found
