"""Weights for a sample: from how it was drawn, then fitted to what is known of the population, then kept within limits.

Design weights (inhabitants per respondent of a stratum), post-stratification, raking, calibration with a linear,
raking or logit distance, and trimming. What cannot be done is refused with a code and its values (`BadMargin`), and a
fit that did not reach its totals is never handed out as weights (`NotConverged`). *Not* here: models of who responds,
and samples that partly overlap. See docs/methods/weighting.md, raking.md and trimming.md.

Conventions are those of R's `survey` 4.1 (Lumley): `rake`, `calibrate`, `postStratify`, `trimWeights`; found by running
it. Shapes: n respondents, k categories of a margin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, partial

import numpy as np

from koersvast.engine.cell_fitting import Cells, Distance, Fit, iterate_proportions, joint_cells, solve, split_by_base
from koersvast.engine.designs import Calibration, CalibrationVariance, Ints
from koersvast.engine.dispersion import Floats
from koersvast.engine.quantities import BadValue, Method, Reason
from koersvast.engine.weight_diagnostics import Diagnostics, diagnose

RAKE = Method(name="raking", version="1")
CALIBRATE = Method(name="calibration", version="1")
POST_STRATIFY = Method(name="post-stratification", version="1")
TRIM = Method(name="trimming", version="1")
# Totals of two margins that differ by less than this part are the same number, rounded by a computer.
_SAME = 1e-9
_AT_LIMIT = 1e-12
_TRIM_ROUNDS = 10_000


class Unknown(StrEnum):
    """What happens to respondents whose category of a margin is not known (code below 0).

    KEEP_MEAN: they are a category of their own with the share of the population that they have in the sample before
    fitting, so that on average their weight stays what it was. Their category is never made up.
    """

    REFUSE = "refuse"
    KEEP_MEAN = "keep_mean"


class BadMargin(BadValue):
    """Weights cannot be made; `problems` has every reason, `code` and `values` are those of the first.

    Codes (values): no_margins; rows_differ (margin, rows, respondents); bad_base_weight (respondents: how many);
    bad_total (margin, category); no_population (margin); category_unknown (margin, respondents);
    category_without_total (margin, category, respondents); empty_category (margin, category, total, merge_with);
    nobody_in_population (margin, category, respondents); too_few_respondents (margin, category, respondents, fewest,
    merge_with: the neighbour with the fewest respondents, -1 without one); totals_disagree (margin, total,
    first_margin, first_total, gap_percent); bounds_leave_no_room (margin, category, total, lowest, highest);
    bounds_contradict (respondents); bad_bounds (lowest, highest); limits_leave_no_room (total, lowest, highest);
    negative_weights (respondents, smallest); not_converged (margin, category, wanted, reached, gap_percent,
    iterations). Margins go by their code, categories by their number from 0.
    """

    def __init__(self, *problems: Reason) -> None:
        super().__init__("; ".join(f"{problem.code} {dict(problem.values)}" for problem in problems))
        self.problems = problems
        self.code: str = problems[0].code
        self.values: Mapping[str, float | int | str] = problems[0].values


@dataclass(frozen=True, kw_only=True, eq=False)
class Margin:
    """What is known of the population in one respect.

    categories: (n,) the category of every respondent from 0, below 0 when not known. totals: (k,) inhabitants per
    category. `ordered` says that neighbours in number are neighbours in meaning (age), for the advice to merge.
    """

    code: str
    categories: Ints
    totals: Floats
    unknown: Unknown = Unknown.REFUSE
    ordered: bool = True


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The lowest and highest weight that anybody may have; with `of_mean` as multiples of the mean weight."""

    lowest: float = 0.0
    highest: float = np.inf
    of_mean: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.lowest < self.highest:
            raise BadMargin(_reason("bad_bounds", lowest=self.lowest, highest=self.highest))

    def around(self, mean: float) -> tuple[float, float]:
        """The limits as weights."""
        return (self.lowest * mean, self.highest * mean) if self.of_mean else (self.lowest, self.highest)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What one category of a margin should add up to, and does."""

    margin: str
    category: int
    wanted: float
    reached: float

    @property
    def part(self) -> float:
        """The gap as a part of what is wanted."""
        return abs(self.reached - self.wanted) / self.wanted if self.wanted else abs(self.reached)


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightingResult:
    """Weights (n,) with what they were fitted to and how well.

    margins: as they were used, with a category for unknown where one was made. gaps: one per category, in order of the
    margins. iterations: rounds of the fit. trimmed: respondents whose weight lies at a limit or bound.
    """

    weights: Floats
    calibration: Calibration
    margins: tuple[Margin, ...]
    gaps: tuple[Gap, ...]
    converged: bool
    iterations: int
    trimmed: int
    method: Method

    @property
    def largest_gap(self) -> float:
        """The largest gap that remains, as a part of the total of its category."""
        return max(gap.part for gap in self.gaps)

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """What the weights cost, and each margin before and after; worked out when it is first asked for."""
        return diagnose(
            self.weights,
            base_weights=self.calibration.base_weights,
            codes=tuple(margin.code for margin in self.margins),
            categories=self.calibration.margins,
            totals=tuple(margin.totals for margin in self.margins),
        )


class NotConverged(BadMargin):
    """The totals were not reached; `unfinished` tells what gap remains where. Its weights must not be used."""

    def __init__(self, unfinished: WeightingResult) -> None:
        super().__init__(_where_the_gap_is(unfinished))
        self.unfinished = unfinished


@dataclass(frozen=True, kw_only=True, eq=False)
class Trimmed:
    """Weights (n,) within limits. trimmed: respondents that were at first outside; moved: the weight taken off them."""

    weights: Floats
    trimmed: int
    moved: float
    method: Method = TRIM


def design_weights(strata: Ints, population: Floats) -> Floats:
    """Inhabitants per respondent of each stratum, (n,); strata: (n,) from 0; population: (h,) inhabitants.

    Raises BadMargin: a stratum with inhabitants and without respondents stands for nobody.
    """
    margin = Margin(code="strata", categories=strata, totals=population, ordered=False)
    return post_stratify(np.ones(strata.size), margin).weights


def post_stratify(base: Floats, margin: Margin, *, fewest_respondents: int = 1) -> WeightingResult:
    """Scale the weights (n,) of every category to its total, as R's `postStratify`. Raises BadMargin."""
    margins, cells = _ready(base, (margin,), fewest_respondents)
    fit = iterate_proportions(cells, [margins[0].totals], tolerance=_SAME, most_iterations=2)
    made = _result(base, margins, cells, fit, CalibrationVariance.CALIBRATE, "poststratify", POST_STRATIFY)
    return replace(made, iterations=1)


def rake(
    base: Floats,
    margins: Sequence[Margin],
    *,
    bounds: tuple[float, float] | None = None,
    trim: Limits | None = None,
    tolerance: float = 1e-10,
    most_iterations: int = 1000,
    fewest_respondents: int = 1,
    variance: CalibrationVariance = CalibrationVariance.RAKE,
) -> WeightingResult:
    """Fit the weights (n,) to all margins at once by iterative proportional fitting, as R's `rake`.

    bounds: the lowest and highest factor on a base weight. trim: limits of the weights themselves; what they take off
    goes to the others such that the margins still hold: of all weights that keep to both, those nearest to the base.
    tolerance: the largest gap as a part of a category's total. Raises BadMargin, or NotConverged.
    """
    ready, cells = _ready(base, margins, fewest_respondents)
    totals = [margin.totals for margin in ready]
    lowest, highest = 0.0, np.inf
    if bounds is None and trim is None:
        fit = iterate_proportions(cells, totals, tolerance=tolerance, most_iterations=most_iterations)
        return _result(base, ready, cells, fit, variance, "rake", RAKE)
    if trim is not None:
        cells = split_by_base(cells, base)
        lowest, highest = trim.around(float(totals[0].sum()) / base.size)
    floor, ceiling = _bounds_of(cells, bounds or (0.0, np.inf), lowest, highest)
    _check_room(cells, ready, floor, ceiling)
    fit = solve(
        cells,
        totals,
        distance=Distance.RAKING,
        lowest=floor,
        highest=ceiling,
        tolerance=tolerance,
        most_iterations=most_iterations,
    )
    return _result(base, ready, cells, fit, variance, "rake", RAKE, at=(floor, ceiling))


def calibrate(
    base: Floats,
    margins: Sequence[Margin],
    *,
    distance: Distance | str = Distance.LINEAR,
    bounds: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
    most_iterations: int = 200,
    fewest_respondents: int = 1,
) -> WeightingResult:
    """Fit the weights (n,) to all margins by generalised regression, as R's `calibrate(calfun=, bounds=)`.

    bounds: the lowest and highest factor on a base weight; LOGIT needs them, on both sides of 1. LINEAR without bounds
    can ask for weights below nought: those are refused. Raises BadMargin, or NotConverged.
    """
    way = Distance(distance)
    lowest, highest = bounds or (-np.inf if way is Distance.LINEAR else 0.0, np.inf)
    if not lowest < highest or (way is Distance.LOGIT and not 0 <= lowest < 1 < highest < np.inf):
        raise BadMargin(_reason("bad_bounds", lowest=lowest, highest=highest))
    ready, cells = _ready(base, margins, fewest_respondents)
    floor, ceiling = np.full(cells.base.size, lowest), np.full(cells.base.size, highest)
    _check_room(cells, ready, floor, ceiling)
    totals = [margin.totals for margin in ready]
    fit = solve(
        cells,
        totals,
        distance=way,
        lowest=floor,
        highest=ceiling,
        tolerance=tolerance,
        most_iterations=most_iterations,
    )
    if fit.converged and fit.factors.min() < 0:
        values = {
            "respondents": int(cells.respondents[fit.factors < 0].sum()),
            "smallest": float((base * cells.of_rows(fit.factors)).min()),
        }
        raise BadMargin(_reason("negative_weights", **values))
    return _result(base, ready, cells, fit, CalibrationVariance.CALIBRATE, way.value, CALIBRATE, at=(floor, ceiling))


def trim_weights(weights: Floats, limits: Limits, *, strict: bool = True) -> Trimmed:
    """Cut weights (n,) off at limits and give what is cut off to the others in equal parts, as R's `trimWeights`.

    strict: again, until nobody is outside; else once, and then others may come to lie outside. The total stays, totals
    of margins do not: `rake(trim=)` keeps those. Raises BadMargin where the total does not fit within the limits.
    """
    _check_base(weights)
    total = float(weights.sum())
    lowest, highest = limits.around(total / weights.size)
    room = {"total": total, "lowest": lowest * weights.size, "highest": highest * weights.size}
    if strict and not room["lowest"] <= total <= room["highest"]:
        raise BadMargin(_reason("limits_leave_no_room", **room))
    found = weights.astype(np.float64)
    outside = first = (found < lowest) | (found > highest)
    for _ in range(_TRIM_ROUNDS if strict else 1):
        if not outside.any():
            break
        if outside.all():
            raise BadMargin(_reason("limits_leave_no_room", **room))
        cut = np.clip(found, lowest, highest)
        found = np.where(outside, cut, found + (found - cut).sum() / (~outside).sum())
        outside = (found < lowest - _AT_LIMIT * total) | (found > highest + _AT_LIMIT * total)
    if strict and outside.any():
        raise BadMargin(_reason("limits_leave_no_room", **room))
    moved = float(np.abs(weights - np.clip(weights, lowest, highest)).sum())
    return Trimmed(weights=found, trimmed=int(first.sum()), moved=moved)


def scaled(margins: Sequence[Margin], *, to: float) -> tuple[Margin, ...]:
    """The same margins, each scaled to one size of the population: the explicit choice where their totals disagree."""
    return tuple(replace(margin, totals=margin.totals * (to / margin.totals.sum())) for margin in margins)


def problems_of(base: Floats, margins: Sequence[Margin], *, fewest_respondents: int = 1) -> tuple[Reason, ...]:
    """Everything that keeps these margins from being used, for a page that shows all of it; empty when nothing does."""
    try:
        _ready(base, margins, fewest_respondents)
    except BadMargin as refused:
        return refused.problems
    return ()


# What is checked before anything is fitted.


def _reason(code: str, **values: float | int | str) -> Reason:
    return Reason(code=code, values=values)


def _ready(base: Floats, margins: Sequence[Margin], fewest: int) -> tuple[tuple[Margin, ...], Cells]:
    """The margins with every respondent in a category, and their joint cells. Raises BadMargin with all problems."""
    if not margins:
        raise BadMargin(_reason("no_margins"))
    _check_base(base)
    found = [problem for margin in margins for problem in _margin_problems(margin, base)]
    if found:
        raise BadMargin(*found)
    ready = tuple(_with_unknown(margin, base) for margin in margins)
    cells = joint_cells(base, [margin.categories for margin in ready], [margin.totals.size for margin in ready])
    found = [
        problem
        for number, margin in enumerate(ready)
        for problem in _category_problems(margin, cells.counts(number), fewest)
    ] + _disagreements(ready)
    if found:
        raise BadMargin(*found)
    return ready, cells


def _check_base(base: Floats) -> None:
    # The sum is finite and the least above nought only when every one of them is.
    if base.ndim != 1 or base.size == 0 or not (base.min() > 0 and np.isfinite(base.sum())):
        raise BadMargin(_reason("bad_base_weight", respondents=int((~((base > 0) & np.isfinite(base))).sum())))


def _margin_problems(margin: Margin, base: Floats) -> list[Reason]:
    """What can be seen without adding respondents up."""
    if margin.categories.shape != base.shape:
        rows = int(margin.categories.size)
        return [_reason("rows_differ", margin=margin.code, rows=rows, respondents=int(base.size))]
    bad = np.flatnonzero(~(np.isfinite(margin.totals) & (margin.totals >= 0)))
    found = [_reason("bad_total", margin=margin.code, category=int(category)) for category in bad]
    if not found and margin.totals.sum() <= 0:
        found.append(_reason("no_population", margin=margin.code))
    if margin.unknown is Unknown.REFUSE and margin.categories.min() < 0:
        unknown = int((margin.categories < 0).sum())
        found.append(_reason("category_unknown", margin=margin.code, respondents=unknown))
    if margin.categories.max() >= margin.totals.size:
        strange = margin.categories[margin.categories >= margin.totals.size]
        for category, count in zip(*np.unique(strange, return_counts=True), strict=True):
            place = {"category": int(category), "respondents": int(count)}
            found.append(_reason("category_without_total", margin=margin.code, **place))
    return found


def _with_unknown(margin: Margin, base: Floats) -> Margin:
    """The margin with a last category for who is not known, which has its present share of the population."""
    totals, size = margin.totals.astype(np.float64), margin.totals.size
    unknown = margin.categories < 0 if margin.unknown is Unknown.KEEP_MEAN else None
    if unknown is None or not unknown.any():
        return replace(margin, totals=totals)
    share = float(base[unknown].sum() / base.sum())
    totals = np.append(totals * (1 - share), totals.sum() * share)
    return replace(margin, categories=np.where(unknown, size, margin.categories), totals=totals)


def _category_problems(margin: Margin, counts: Ints, fewest: int) -> list[Reason]:
    found = []
    for category, (count, total) in enumerate(zip(counts.tolist(), margin.totals.tolist(), strict=True)):
        place = partial(_reason, margin=margin.code, category=category)
        advice = _neighbour(counts, category, ordered=margin.ordered)
        if total == 0 and count:
            found.append(place("nobody_in_population", respondents=count))
        elif total > 0 and not count:
            found.append(place("empty_category", total=total, merge_with=advice))
        elif total > 0 and count < fewest:
            found.append(place("too_few_respondents", respondents=count, fewest=fewest, merge_with=advice))
    return found


def _neighbour(counts: Ints, category: int, *, ordered: bool) -> int:
    """The category to merge with: of the neighbours (of all others, without order) the one with the fewest people."""
    others = [category - 1, category + 1] if ordered else range(counts.size)
    possible = [other for other in others if 0 <= other < counts.size and other != category and counts[other] > 0]
    return min(possible, key=lambda other: int(counts[other]), default=-1)


def _disagreements(margins: Sequence[Margin]) -> list[Reason]:
    first, wanted = margins[0].code, float(margins[0].totals.sum())
    totals = [(margin.code, float(margin.totals.sum())) for margin in margins[1:]]
    return [
        _reason(
            "totals_disagree",
            margin=code,
            total=total,
            first_margin=first,
            first_total=wanted,
            gap_percent=100 * (total / wanted - 1),
        )
        for code, total in totals
        if abs(total - wanted) > _SAME * wanted
    ]


def _bounds_of(cells: Cells, bounds: tuple[float, float], lowest: float, highest: float) -> tuple[Floats, Floats]:
    """Bounds on factors and limits on weights together, as the lowest and highest factor of each group (g,)."""
    if not 0 <= bounds[0] < bounds[1]:
        raise BadMargin(_reason("bad_bounds", lowest=bounds[0], highest=bounds[1]))
    weight = cells.base / cells.respondents
    floor, ceiling = np.maximum(bounds[0], lowest / weight), np.minimum(bounds[1], highest / weight)
    if (floor > ceiling).any():
        raise BadMargin(_reason("bounds_contradict", respondents=int(cells.respondents[floor > ceiling].sum())))
    return floor, ceiling


def _check_room(cells: Cells, margins: Sequence[Margin], floor: Floats, ceiling: Floats) -> None:
    """Refuse bounds within which a category cannot reach its total, whatever the others do."""
    found = []
    for number, margin in enumerate(margins):
        least, most = cells.sums(number, cells.base * floor), cells.sums(number, cells.base * ceiling)
        for category in np.flatnonzero((margin.totals > 0) & ((least > margin.totals) | (most < margin.totals))):
            reach = {"lowest": float(least[category]), "highest": float(most[category])}
            total = float(margin.totals[category])
            place = partial(_reason, "bounds_leave_no_room", margin=margin.code, category=int(category))
            found.append(place(total=total, **reach))
    if found:
        raise BadMargin(*found)


# What is made of a fit.


def _result(
    base: Floats,
    margins: tuple[Margin, ...],
    cells: Cells,
    fit: Fit,
    variance: CalibrationVariance,
    kind: str,
    method: Method,
    *,
    at: tuple[Floats, Floats] | None = None,
) -> WeightingResult:
    reached = [cells.sums(number, cells.base * fit.factors) for number in range(len(margins))]
    made = WeightingResult(
        weights=base * cells.of_rows(fit.factors),
        calibration=Calibration(
            base_weights=base,
            margins=tuple(margin.categories for margin in margins),
            variance=variance,
            kind=kind,
        ),
        margins=margins,
        gaps=tuple(
            Gap(margin=margin.code, category=category, wanted=wanted, reached=found)
            for margin, sums in zip(margins, reached, strict=True)
            for category, (wanted, found) in enumerate(zip(margin.totals.tolist(), sums.tolist(), strict=True))
        ),
        converged=fit.converged,
        iterations=fit.iterations,
        trimmed=_at_limits(cells, fit, at),
        method=method,
    )
    if not fit.converged:
        raise NotConverged(made)
    return made


def _at_limits(cells: Cells, fit: Fit, at: tuple[Floats, Floats] | None) -> int:
    if at is None:
        return 0
    lowest, highest = at
    # A lowest factor of nought is no limit: nobody is held up by it.
    low = (lowest > 0) & (fit.factors <= lowest * (1 + _AT_LIMIT))
    high = fit.factors >= highest * (1 - _AT_LIMIT)
    return int(cells.respondents[low | high].sum())


def _where_the_gap_is(unfinished: WeightingResult) -> Reason:
    worst = max(unfinished.gaps, key=lambda gap: gap.part)
    return _reason(
        "not_converged",
        margin=worst.margin,
        category=worst.category,
        wanted=worst.wanted,
        reached=worst.reached,
        gap_percent=100 * worst.part,
        iterations=unfinished.iterations,
    )
