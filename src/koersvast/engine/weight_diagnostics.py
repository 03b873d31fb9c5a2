"""What weights cost, and what they did: the design effect, the largest weights, every margin before and after.

Kish's measure is what unequal weights cost an estimate that has nothing to do with them; what fitting to margins gains
is in the standard errors (`designs`). Sources: Kish (1965), Survey Sampling, section 11.7; Kish (1992), Journal of
Official Statistics 8, 183-200. See docs/methods/weighting.md. Shapes: n respondents, k categories of a margin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from koersvast.engine.designs import Ints
from koersvast.engine.dispersion import Floats

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
FEW_IN_CELL = 5
# Steps of the histogram of weights, in times the mean weight; what is heavier comes in a last step without an end.
SPREAD_STEP, SPREAD_END = 0.25, 3.0


@dataclass(frozen=True, kw_only=True)
class CategoryRow:
    """One category of a margin: percentages of respondents as drawn, with base weights, weighted, of the population."""

    category: int
    respondents: int
    unweighted_percent: float
    before_percent: float
    after_percent: float
    population_percent: float

    @property
    def corrected_points(self) -> float:
        """How far weighting moved the category, in percentage points."""
        return self.after_percent - self.before_percent


@dataclass(frozen=True, kw_only=True)
class MarginTable:
    """A margin before and after weighting, beside the population."""

    code: str
    rows: tuple[CategoryRow, ...]


@dataclass(frozen=True, kw_only=True)
class SmallCell:
    """A combination of categories (one of each margin, in their order) with few respondents."""

    categories: tuple[int, ...]
    respondents: int


@dataclass(frozen=True, kw_only=True)
class Diagnostics:
    """Weights in figures.

    design_effect: Kish's, 1 for equal weights. quantiles: weight by probability. ratio: the largest over the smallest.
    top_percent_share: which percentage of all weight the heaviest 1 % of the respondents have. small_cells: the joint
    cells with fewer than `FEW_IN_CELL` respondents, smallest first; cells: how many joint cells occur.
    """

    respondents: int
    total: float
    design_effect: float
    effective_respondents: float
    smallest: float
    largest: float
    ratio: float
    mean: float
    quantiles: Mapping[float, float]
    top_percent_share: float
    margins: tuple[MarginTable, ...]
    cells: int
    small_cells: tuple[SmallCell, ...]


@dataclass(frozen=True, kw_only=True)
class WeightBin:
    """Respondents whose weight is from `lowest` up to `highest` times the mean; without `highest` to the largest."""

    lowest: float
    highest: float | None
    respondents: int


def weight_spread(weights: Floats) -> tuple[WeightBin, ...]:
    """The histogram of weights (n,) beside their mean, in equal steps of `SPREAD_STEP` and a last one without an end.

    The steps are half open, [lowest, highest), and together they hold every respondent.
    """
    edges = np.linspace(0, SPREAD_END, round(SPREAD_END / SPREAD_STEP) + 1)
    relative = np.maximum(weights / weights.mean(), 0.0)  # linear weights can be below zero: they come in the first
    counts = np.bincount(np.searchsorted(edges, relative, side="right") - 1, minlength=edges.size)
    return tuple(
        WeightBin(
            lowest=float(edges[place]),
            highest=float(edges[place + 1]) if place + 1 < edges.size else None,
            respondents=int(number),
        )
        for place, number in enumerate(counts)
    )


def kish_design_effect(weights: Floats) -> float:
    """n Σw² / (Σw)²: how many respondents one effective respondent costs, for weights (n,)."""
    return float(weights.size * (weights @ weights) / weights.sum() ** 2)


def diagnose(
    weights: Floats,
    *,
    base_weights: Floats,
    codes: Sequence[str] = (),
    categories: Sequence[Ints] = (),
    totals: Sequence[Floats] = (),
) -> Diagnostics:
    """Look at weights (n,) and at the margins that they were fitted to: per margin its code, (n,) and (k,)."""
    ordered = np.sort(weights)
    effect = kish_design_effect(weights)
    top = max(1, round(weights.size / 100))
    cells, counts = np.unique(np.column_stack(categories), axis=0, return_counts=True) if categories else ((), ())
    return Diagnostics(
        respondents=int(weights.size),
        total=float(weights.sum()),
        design_effect=effect,
        effective_respondents=weights.size / effect,
        smallest=float(ordered[0]),
        largest=float(ordered[-1]),
        ratio=float(ordered[-1] / ordered[0]) if ordered[0] > 0 else np.inf,
        mean=float(weights.mean()),
        quantiles=dict(zip(QUANTILES, np.quantile(ordered, QUANTILES).tolist(), strict=True)),
        top_percent_share=float(100 * ordered[-top:].sum() / ordered.sum()),
        margins=tuple(
            _margin_table(code, weights, base_weights, category, total)
            for code, category, total in zip(codes, categories, totals, strict=True)
        ),
        cells=len(counts),
        small_cells=_small_cells(np.asarray(cells), np.asarray(counts)),
    )


def _margin_table(code: str, weights: Floats, base: Floats, categories: Ints, totals: Floats) -> MarginTable:
    size = totals.size
    counts = np.bincount(categories, minlength=size)
    before, after = (np.bincount(categories, weights=given, minlength=size) for given in (base, weights))
    unweighted, before, after, population = (100 * part / part.sum() for part in (counts, before, after, totals))
    return MarginTable(
        code=code,
        rows=tuple(
            CategoryRow(
                category=number,
                respondents=int(counts[number]),
                unweighted_percent=float(unweighted[number]),
                before_percent=float(before[number]),
                after_percent=float(after[number]),
                population_percent=float(population[number]),
            )
            for number in range(size)
        ),
    )


def _small_cells(cells: Ints, counts: Ints) -> tuple[SmallCell, ...]:
    few = np.flatnonzero(counts < FEW_IN_CELL)
    found = [SmallCell(categories=tuple(cells[at].tolist()), respondents=int(counts[at])) for at in few]
    return tuple(sorted(found, key=lambda cell: (cell.respondents, cell.categories)))
