"""Classes of a map: few, in round numbers, found by a stated method. Pure.

An amount is rounded as it is printed before it is placed, so that legend, table and colour never contradict each other.
Sources: W.D. Fisher, "On grouping for maximum homogeneity", JASA 53 (1958), for natural breaks; C.A. Brewer and
L. Pickle, "Evaluation of methods for classifying epidemiological data on choropleth maps in series", Annals AAG 92
(2002), for equal numbers of areas as the default. See docs/methods/map-classes.md.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from itertools import pairwise

import numpy as np

MOST_CLASSES = 7
_MOST_GROUPED = 1_500


class ClassMethod(StrEnum):
    """How the edges between classes are found."""

    QUANTILE = "quantile"  # about equally many areas in each class
    NATURAL = "natural"  # the least spread within classes (Fisher, Jenks)
    EQUAL = "equal"  # classes of equal width
    AROUND = "around"  # a middle class around a reference, and steps to both sides


class BadClasses(ValueError):
    """Classes that cannot be made: no amounts, fewer than two classes asked, or no reference to lie around."""


@dataclass(frozen=True, kw_only=True)
class Classes:
    """Classes by their edges, low to high: class k runs from edge k up to, but not with, edge k + 1; the last one with.

    The first edge is the least amount and the last the greatest, so a last class of one amount has two equal edges.
    `middle` is the number of the class around the reference `centre`; both are None without a reference.
    """

    method: ClassMethod
    edges: tuple[float, ...]
    decimals: int
    centre: float | None = None
    middle: int | None = None

    def __post_init__(self) -> None:
        rising = all(one < other for one, other in pairwise(self.edges[:-1]))
        if len(self.edges) < 2 or not rising or self.edges[-2] > self.edges[-1]:
            raise BadClasses(f"{self.edges}: edges of classes rise.")

    @property
    def count(self) -> int:
        return len(self.edges) - 1

    def place(self, amount: float) -> int:
        """Return the number of the class of an amount, from 0; what lies beyond the edges falls in the outer class."""
        inner = self.edges[1:-1]
        return bisect_right(inner, rounded(amount, self.decimals))


def classes(
    amounts: Sequence[float],
    *,
    method: ClassMethod = ClassMethod.QUANTILE,
    most: int = 5,
    decimals: int = 1,
    centre: float | None = None,
) -> Classes:
    """Return at most `most` classes (2 to 7) for these amounts; fewer when there are fewer different amounts.

    `centre` is the reference of `AROUND`, such as the rate of the country. Raises BadClasses.
    """
    if not 2 <= most <= MOST_CLASSES:
        raise BadClasses(f"{most} classes: two at least, and {MOST_CLASSES} is the most that an eye keeps apart.")
    if any(not math.isfinite(amount) for amount in amounts) or not amounts:
        raise BadClasses("Classes are made of finite amounts, at least one.")
    known = sorted(rounded(amount, decimals) for amount in amounts)
    if method is ClassMethod.AROUND:
        return _around(known, centre=centre, most=most, decimals=decimals)
    inner = {ClassMethod.QUANTILE: _quantiles, ClassMethod.NATURAL: _natural, ClassMethod.EQUAL: _equal}[method]
    rising = sorted({rounded(edge, decimals) for edge in inner(known, most)})
    edges = [edge for edge in rising if known[0] < edge <= known[-1]]
    return Classes(method=method, edges=(known[0], *edges, known[-1]), decimals=decimals)


def rounded(amount: float, decimals: int) -> float:
    """Round as the printed number is rounded (half to even, from the shortest decimal notation)."""
    step = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(float(amount))).quantize(step, rounding=ROUND_HALF_EVEN))


def _quantiles(known: Sequence[float], most: int) -> list[float]:
    """Edges that leave about equally many amounts in each class; equal amounts stay together."""
    return [known[len(known) * part // most] for part in range(1, most)]


def _equal(known: Sequence[float], most: int) -> list[float]:
    width = (known[-1] - known[0]) / most
    return [known[0] + width * part for part in range(1, most)]


def _natural(known: Sequence[float], most: int) -> list[float]:
    """Fisher's exact grouping: the sum of squared distances to the class means is the least that can be."""
    amounts, weights = np.unique(np.asarray(known, dtype=float), return_counts=True)
    if len(amounts) > _MOST_GROUPED:  # Thin to quantiles: the exact search grows with the square of the number.
        at = np.linspace(0, len(known) - 1, _MOST_GROUPED).round().astype(int)
        amounts, weights = np.unique(np.asarray(known, dtype=float)[at], return_counts=True)
    groups = min(most, len(amounts))
    total = np.concatenate([[0.0], np.cumsum(weights)])
    # Centred first: the sum of squares less the square of the sum loses its digits otherwise.
    centred = amounts - np.average(amounts, weights=weights)
    first = np.concatenate([[0.0], np.cumsum(weights * centred)])
    second = np.concatenate([[0.0], np.cumsum(weights * centred**2)])
    size = len(amounts)
    cost = np.concatenate([[0.0], second[1:] - first[1:] ** 2 / total[1:]])
    cuts = np.zeros((groups + 1, size + 1), dtype=int)
    for group in range(2, groups + 1):
        better = np.full(size + 1, np.inf)
        for end in range(group, size + 1):
            start = np.arange(group - 1, end)
            within = (second[end] - second[start]) - (first[end] - first[start]) ** 2 / (total[end] - total[start])
            sums = cost[start] + within
            best = int(np.argmin(sums))
            better[end], cuts[group, end] = sums[best], start[best]
        cost = better
    edges, end = [], size
    for group in range(groups, 1, -1):
        end = int(cuts[group, end])
        edges.append(float(amounts[end]))
    return edges


def _around(known: Sequence[float], *, centre: float | None, most: int, decimals: int) -> Classes:
    """Classes of one width with the reference in the middle of one of them; what holds no amount is left out."""
    if centre is None or not math.isfinite(centre):
        raise BadClasses("Classes around a reference need that reference.")
    sides = (most - 1) // 2 or 1
    far = sorted(abs(amount - centre) for amount in known)
    # The outer classes are open: one extreme place does not stretch all the others.
    typical = far[math.ceil(0.9 * len(far)) - 1] or far[-1] or 1.0
    width = max(_round_up(typical / (sides + 0.5)), 2 * 10.0**-decimals)
    inner = [rounded(centre + width * (step - 0.5), decimals) for step in range(-sides + 1, sides + 1)]
    below = [edge for edge in inner if edge < centre and edge > known[0]]
    above = [edge for edge in inner if edge > centre and edge <= known[-1]]
    edges = (min(known[0], centre), *below, *above, max(known[-1], centre))
    return Classes(method=ClassMethod.AROUND, edges=edges, decimals=decimals, centre=centre, middle=len(below))


def _round_up(width: float) -> float:
    power = 10.0 ** math.floor(math.log10(width)) if width > 0 else 1.0
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= width * (1 - 1e-9))
