"""Fit weights to known totals on the joint cells of the margins, in plain arrays.

Everybody in one joint cell (one category of every margin) gets the same factor, so nothing is lost by fitting the cells
instead of the respondents: one pass over the data to add up the cells, one to hand the factors out. *Not* for what a
margin means or whether it can be used: that is `weighting`'s.

Sources: Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444 (iterative proportional fitting);
Deville and Särndal (1992), JASA 87, 376-382 (distances and bounds); Deville, Särndal and Sautory (1993), JASA 88.
Shapes: n respondents, m margins, g groups (a joint cell, or the part of one with one base weight), k categories of all
margins together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from koersvast.engine.designs import Ints
from koersvast.engine.dispersion import Floats

# A table of all combinations is only laid out while it is not much larger than the sample.
_ROOM = 4
_SMALLEST_ROOM = 1 << 16
_HALVINGS = 60
_DESCENT = 1e-4
# Margins overlap, so the equations have many solutions with one fit: this much of the largest makes one of them.
_RIDGE = 1e-12


class Distance(StrEnum):
    """How the change of the base weights is measured: squared (regression), by its logarithm, or between two bounds."""

    LINEAR = "linear"
    RAKING = "raking"
    LOGIT = "logit"


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """The groups that occur: their sums of base weights (g,), respondents (g,) and, per margin, category (g,).

    place (n,): where every respondent is in a table of `room` places; occurring (g,): the places that are taken.
    """

    place: Ints
    room: int
    occurring: Ints
    base: Floats
    respondents: Ints
    codes: tuple[Ints, ...]
    sizes: tuple[int, ...]

    def of_rows(self, values: Floats) -> Floats:
        """From a value per group to one per respondent, (n,)."""
        table = np.zeros(self.room)
        table[self.occurring] = values
        return table[self.place]

    def sums(self, margin: int, values: Floats) -> Floats:
        """Sums per category of one margin of values per group."""
        return np.bincount(self.codes[margin], weights=values, minlength=self.sizes[margin])

    def counts(self, margin: int) -> Ints:
        """Respondents per category of one margin."""
        return self.sums(margin, self.respondents.astype(np.float64)).astype(np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """Factors (g,) on the base weights, how many rounds they took, and whether they reach the totals."""

    factors: Floats
    iterations: int
    converged: bool


def joint_cells(base: Floats, codes: Sequence[Ints], sizes: Sequence[int]) -> Cells:
    """Add up the base weights (n,) over the joint cells of the margins; codes: per margin (n,), from 0."""
    most = max(_SMALLEST_ROOM, _ROOM * base.size)
    place, room = codes[0].astype(np.int64), sizes[0]
    # Which categories a place in the table stands for, margin by margin.
    meaning: list[Ints] = [np.arange(room)]
    for code, size in zip(codes[1:], sizes[1:], strict=True):
        place *= size
        place += code
        if room * size <= most:
            meaning = [*(np.repeat(known, size) for known in meaning), np.tile(np.arange(size), room)]
        else:
            # Too many places to lay out: only those where somebody is.
            present, closed = np.unique(place, return_inverse=True)
            meaning = [*(known[present // size] for known in meaning), present % size]
            place = closed.astype(np.int64)
        room = meaning[0].size
    counts = np.bincount(place, minlength=room)
    occurring = np.flatnonzero(counts)
    return Cells(
        place=place,
        room=room,
        occurring=occurring,
        base=np.bincount(place, weights=base, minlength=room)[occurring],
        respondents=counts[occurring],
        codes=tuple(known[occurring] for known in meaning),
        sizes=tuple(sizes),
    )


def split_by_base(cells: Cells, base: Floats) -> Cells:
    """Cells apart for every base weight (n,) that occurs in them: limits on weights need that."""
    values, code = np.unique(base, return_inverse=True)
    found = joint_cells(base, (cells.place, code), (cells.room, values.size))
    meaning = np.zeros(cells.room, dtype=np.int64)
    meaning[cells.occurring] = np.arange(cells.occurring.size)
    of_group = meaning[found.codes[0]]
    return replace(found, codes=tuple(codes[of_group] for codes in cells.codes), sizes=cells.sizes)


def iterate_proportions(cells: Cells, totals: Sequence[Floats], *, tolerance: float, most_iterations: int) -> Fit:
    """Iterative proportional fitting: margin after margin is scaled to its totals, until none needs it any more."""
    weights, largest = cells.base.copy(), np.inf
    for iteration in range(1, most_iterations + 1):
        largest = 0.0
        for margin, wanted in enumerate(totals):
            reached = cells.sums(margin, weights)
            factor = np.divide(wanted, reached, out=np.zeros_like(wanted), where=reached > 0)
            largest = max(largest, float(np.abs(factor - 1)[wanted > 0].max(initial=0.0)))
            weights *= factor[cells.codes[margin]]
        if largest <= tolerance:
            return Fit(factors=weights / cells.base, iterations=iteration, converged=True)
    return Fit(factors=weights / cells.base, iterations=most_iterations, converged=False)


def solve(
    cells: Cells,
    totals: Sequence[Floats],
    *,
    distance: Distance,
    lowest: Floats,
    highest: Floats,
    tolerance: float,
    most_iterations: int,
) -> Fit:
    """The factors within `lowest` and `highest` (g,) that reach the totals with the least change of the base weights.

    Newton's method on the Lagrange multipliers, one a category: their objective is convex, so every step that does not
    lower it is halved. LOGIT needs finite bounds, the same for every group, on both sides of 1.
    """
    link = _LINKS[distance](lowest, highest)
    wanted = np.concatenate(totals)
    multipliers = _start(cells, totals, distance)
    state = _at(cells, link, wanted, multipliers)
    for iteration in range(most_iterations + 1):
        if state.largest_gap(wanted) <= tolerance:
            return Fit(factors=state.factors, iterations=iteration, converged=True)
        step = _step(cells, state)
        found = _moved(cells, link, wanted, state, step)
        if found is None:
            return Fit(factors=state.factors, iterations=iteration, converged=False)
        state = found
    return Fit(factors=state.factors, iterations=most_iterations, converged=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class _State:
    """The multipliers (k,) and what follows from them; left (k,): totals wanted minus reached."""

    multipliers: Floats
    factors: Floats
    slopes: Floats
    objective: float
    left: Floats

    def largest_gap(self, wanted: Floats) -> float:
        return float(np.divide(np.abs(self.left), wanted, out=np.zeros_like(wanted), where=wanted > 0).max())


type _Link = Callable[[Floats], tuple[Floats, Floats, Floats]]
"""From the sums of multipliers (g,) to the factors, their slopes and the primitive of the factors."""


def _start(cells: Cells, totals: Sequence[Floats], distance: Distance) -> Floats:
    """Everybody scaled alike to the population."""
    found = np.zeros(sum(cells.sizes))
    scale = float(totals[0].sum() / cells.base.sum())
    found[: cells.sizes[0]] = {Distance.LINEAR: scale - 1, Distance.RAKING: np.log(scale), Distance.LOGIT: 0.0}[
        distance
    ]
    return found


def _at(cells: Cells, link: _Link, wanted: Floats, multipliers: Floats) -> _State:
    parts = np.split(multipliers, np.cumsum(cells.sizes)[:-1])
    scores = np.sum([part[codes] for part, codes in zip(parts, cells.codes, strict=True)], axis=0)
    factors, slopes, primitive = link(scores)
    weights = cells.base * factors
    reached = np.concatenate([cells.sums(margin, weights) for margin in range(len(cells.codes))])
    return _State(
        multipliers=multipliers,
        factors=factors,
        slopes=slopes,
        objective=float(cells.base @ primitive - wanted @ multipliers),
        left=wanted - reached,
    )


def _step(cells: Cells, state: _State) -> Floats:
    curvature = _products(cells, cells.base * state.slopes)
    curvature.flat[:: curvature.shape[0] + 1] += _RIDGE * max(float(curvature.diagonal().max()), 1e-300)
    return np.asarray(np.linalg.solve(curvature, state.left))


def _products(cells: Cells, weights: Floats) -> Floats:
    """(k, k): the weights of the groups that have both categories."""
    ends = np.cumsum((0, *cells.sizes))
    found = np.zeros((int(ends[-1]), int(ends[-1])))
    for one, first in enumerate(cells.codes):
        for other, second in enumerate(cells.codes[: one + 1]):
            size = cells.sizes[one] * cells.sizes[other]
            table = np.bincount(first * cells.sizes[other] + second, weights=weights, minlength=size)
            block = table.reshape(cells.sizes[one], cells.sizes[other])
            found[ends[one] : ends[one + 1], ends[other] : ends[other + 1]] = block
            found[ends[other] : ends[other + 1], ends[one] : ends[one + 1]] = block.T
    return found


def _moved(cells: Cells, link: _Link, wanted: Floats, state: _State, step: Floats) -> _State | None:
    """Go along the step as far as that helps; None when it does not help at all."""
    gain, gap, length = float(state.left @ step), state.largest_gap(wanted), 1.0
    for _ in range(_HALVINGS):
        found = _at(cells, link, wanted, state.multipliers + length * step)
        if found.objective <= state.objective - _DESCENT * length * gain or found.largest_gap(wanted) < gap:
            return found
        length /= 2
    return None


def _linear(lowest: Floats, highest: Floats) -> _Link:
    def link(scores: Floats) -> tuple[Floats, Floats, Floats]:
        inside = np.clip(scores, lowest - 1, highest - 1)
        factors = 1 + inside
        return factors, _free(scores, inside), inside + inside**2 / 2 + (scores - inside) * factors

    return link


def _raking(lowest: Floats, highest: Floats) -> _Link:
    with np.errstate(divide="ignore"):
        floor, ceiling = np.log(np.maximum(lowest, 0.0)), np.log(highest)

    def link(scores: Floats) -> tuple[Floats, Floats, Floats]:
        # Beyond this the number is no longer a number; the step that leads here is halved.
        inside = np.clip(np.clip(scores, -700.0, 700.0), floor, ceiling)
        factors = np.exp(inside)
        return factors, factors * _free(scores, inside), factors + (scores - inside) * factors

    return link


def _logit(lowest: Floats, highest: Floats) -> _Link:
    steepness = (highest - lowest) / ((1 - lowest) * (highest - 1))
    shift = np.log((1 - lowest) / (highest - 1))

    def link(scores: Floats) -> tuple[Floats, Floats, Floats]:
        at = steepness * scores + shift
        part = 0.5 * (1 + np.tanh(at / 2))
        width = highest - lowest
        primitive = lowest * scores + width / steepness * np.logaddexp(0.0, at)
        return lowest + width * part, width * steepness * part * (1 - part), primitive

    return link


def _free(scores: Floats, inside: Floats) -> Floats:
    """1 where the factor can move, 0 where it lies at a bound."""
    return np.asarray(scores == inside, dtype=np.float64)


_LINKS: dict[Distance, Callable[[Floats, Floats], _Link]] = {
    Distance.LINEAR: _linear,
    Distance.RAKING: _raking,
    Distance.LOGIT: _logit,
}
