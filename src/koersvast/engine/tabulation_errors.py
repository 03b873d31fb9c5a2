"""Covariances of all shares and means of some items, by Taylor linearisation from sums alone.

The influence of a respondent on a share p is z = d (y - p b) / B: d the column, y the answer, b the base, B its weight.
Its variance over strata, clusters and finite populations is a quadratic form in weighted sums of z per stratum (and per
cluster), and without clusters in sums of w²z². Fitting to margins takes off what is fitted in the respondent's cell of
the margins, which is a linear function of sums per cell. So nothing here is as long as the survey. The slow way, one
estimate at a time, is `estimates`; tests hold the two together. Sources: Binder (1983), Int. Statist. Rev. 51, 279-292;
Deville and Särndal (1992), JASA 87, 376-382; conventions of R's `survey` 4.1, see docs/methods/table-book.md.

Shapes: v variables, J table rows, I items, c columns, H strata, G clusters, K columns of one group of columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from koersvast.engine.designs import BadDesign, Calibration, Design, LonelyCluster, Stage
from koersvast.engine.tabulation_sums import Columns, Counting, Floats, Groups, Ints, Variables, add_up

type Slots = slice | Ints

# Below this part of its own terms a variance has lost more than half of its digits, and is made from the rows instead.
_DIGITS_LOST = 1e-7
_MOST_CELLS_FOR_A_MATRIX = 1_500
_MOST_WEIGHTS_FOR_A_MATRIX = 4_000_000
_CLUSTER_BYTES = 32 << 20


@dataclass(frozen=True, kw_only=True, eq=False)
class TableRows:
    """Which variables make the rows of the table.

    of: (J,) variable of each row. item: (J,) its item. squares: (J,) variable with the squares of a mean, -1 for a
    share. bases: per item, the variables that add up to its base.
    """

    of: Ints
    item: Ints
    squares: Ints
    bases: tuple[slice, ...]

    def base(self, sums: Floats) -> Floats:
        """Sums (..., I, c) of the bases, from those of the variables (..., v, c)."""
        return np.stack([sums[..., part, :].sum(axis=-2) for part in self.bases], axis=-2)


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """Estimates (J, c) as portions or means, their variances (J, c), and covariances (J, K, K) per group of columns.

    counts (J, c), weighted (J, c); per item: respondents (I, c), base (I, c), squares of weights (I, c).
    """

    estimate: Floats
    variance: Floats
    covariances: tuple[Floats, ...]
    counts: Floats
    weighted: Floats
    respondents: Floats
    base: Floats
    base_squares: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sums:
    """by_stratum (H, v, c); counts (v, c); squares of weights (v, c), and the same times the factor of the stratum."""

    by_stratum: Floats
    counts: Floats
    squares: Floats
    scaled_squares: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Sampling:
    """A design and the columns of a table, sorted for adding up."""

    design: Design
    columns: Columns
    with_rest: bool = False

    def __post_init__(self) -> None:
        if self.design.lonely is LonelyCluster.REFUSE and self._stage.lonely.any():
            raise BadDesign("lonely_cluster", strata=int(self._stage.lonely.sum()))

    @property
    def _stage(self) -> Stage:
        return self.design.first_stage

    @cached_property
    def clustered(self) -> bool:
        """Whether a cluster has more than one respondent."""
        return int(self._stage.group.size) < self.design.size

    @cached_property
    def by_rows_only(self) -> bool:
        """Whether the design asks for what sums do not hold: a second stage, or lonely clusters judged per domain."""
        rule, lonely = self.design.lonely, bool(self._stage.lonely.any())
        per_domain = self.design.adjust_domain_lonely and rule in (LonelyCluster.ADJUST, LonelyCluster.AVERAGE)
        weightless = rule is LonelyCluster.AVERAGE and lonely and not bool(self.design.weights.all())
        return self.design.second_stage is not None or per_domain or weightless

    @cached_property
    def judged_per_domain(self) -> bool:
        """Whether the variance of a domain hangs on which strata have respondents in it."""
        return self.design.adjust_domain_lonely or (
            self.design.lonely is LonelyCluster.AVERAGE and bool(self._stage.lonely.any())
        )

    @cached_property
    def kept(self) -> Floats:
        """(H,) what squared distances count for."""
        return np.asarray(self._stage.scale)

    @cached_property
    def of_means(self) -> Floats:
        """(H,) what squared sums of strata count for: off for the mean of the stratum, on for a lonely cluster."""
        stage = self._stage
        on = stage.lonely & (self.design.lonely is LonelyCluster.ADJUST)
        return np.asarray(np.where(on, stage.left, -self.kept / stage.sizes))

    @cached_property
    def clusters(self) -> Groups:
        """Respondents by cluster, clusters by stratum."""
        stage = self._stage
        rank = np.empty(stage.group.size, dtype=np.int64)
        rank[np.argsort(stage.group, kind="stable")] = np.arange(stage.group.size)
        return Groups.of(rank[stage.cluster], stage.group.size)

    @cached_property
    def strata(self) -> Groups:
        """Respondents by stratum."""
        if not self.clustered:
            return Groups.of(self.design.stratum, self._stage.sizes.size)
        sizes = np.bincount(self.design.stratum, minlength=self._stage.sizes.size)
        return Groups(order=self.clusters.order, starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))

    @cached_property
    def cells(self) -> Groups:
        """Respondents by joint cell of the margins."""
        codes = self.calibration.cells
        return Groups.of(codes, int(codes.max(initial=-1)) + 1)

    @property
    def calibration(self) -> Calibration:
        """What weights were fitted to; only asked for when they were."""
        return cast("Calibration", self.design.calibration)

    @cached_property
    def weight(self) -> Floats:
        """The weights, by stratum."""
        return _sorted(self.design.weights, self.strata.order)

    @cached_property
    def by_stratum(self) -> tuple[Columns, tuple[Floats, Floats]]:
        """Columns and weights (plain, squared) by stratum."""
        return self.columns.in_order(self.strata.order), (self.weight, self.weight**2)

    @cached_property
    def by_cell(self) -> tuple[Columns, tuple[Floats, Floats]]:
        """Columns and weights (for the fit, squared and scaled) by cell."""
        order = self.cells.order
        scaled = self.design.weights**2 * self.kept[self.design.stratum]
        return self.columns.in_order(order), (_sorted(self.calibration.row_weights, order), _sorted(scaled, order))

    @cached_property
    def weight_of_cells(self) -> tuple[Floats | sparse.csr_array, Floats]:
        """Weights of strata by cell (H, cells), and (cells,) scaled squares of weights."""
        codes, weights = self.calibration.cells, self.design.weights
        scaled = np.bincount(codes, weights**2 * self.kept[self.design.stratum], minlength=self.cells.count)
        found = self._by_cell(self.design.stratum, self.kept.size)
        few = self.kept.size * self.cells.count <= _MOST_WEIGHTS_FOR_A_MATRIX
        return (found.toarray() if few else found), scaled

    @cached_property
    def cluster_by_cell(self) -> sparse.csr_array:
        """Weights of clusters, in the order of `clusters`, by cell."""
        codes = np.empty(self.design.size, dtype=np.int64)
        place = np.repeat(np.arange(self.clusters.count), np.diff(self.clusters.starts))
        codes[slice(None) if self.clusters.order is None else self.clusters.order] = place
        return self._by_cell(codes, self.clusters.count)

    def _by_cell(self, codes: Ints, count: int) -> sparse.csr_array:
        where = (codes, self.calibration.cells)
        return sparse.csr_array((self.design.weights, where), shape=(count, self.cells.count))

    @cached_property
    def _fit(self) -> Floats | None:
        count = self.cells.count
        return self.calibration.fitted(np.eye(count)) if count <= _MOST_CELLS_FOR_A_MATRIX else None

    def fitted(self, sums: Floats) -> Floats:
        """What the margins explain, per cell (cells, p), from sums (cells, p)."""
        return self.calibration.fitted(sums) if self._fit is None else self._fit @ sums

    @cached_property
    def groups_of_columns(self) -> tuple[Slots, ...]:
        """Columns without common respondents: everybody; each banner; each column and the rest of everybody."""
        ends = np.cumsum([1, *self.columns.categories])
        spans = [slice(int(ends[at]), int(ends[at + 1])) for at in range(len(self.columns.categories))]
        width = self.columns.width
        rest = [np.array([column, width - 1 + column]) for column in range(1, width)] if self.with_rest else []
        return (slice(0, 1), *spans, *rest)

    def bytes_per_variable(self) -> int:
        """Memory that one variable takes while it is worked on."""
        groups = self.kept.size + (2 * self.cells.count if self.design.calibration else 0)
        return 8 * self.columns.width * (2 if self.with_rest else 1) * (2 * groups + 40)

    def outcome(self, variables: Sequence[Variables], rows: TableRows) -> Outcome:
        """Estimate the rows of some items, with covariances from sums."""
        ordered = [part.in_order(self.strata.order) for part in variables]
        sums = self._sums(ordered)
        totals = sums.by_stratum.sum(axis=0)
        counts, respondents = self._rest(sums.counts), self._rest(rows.base(sums.counts))
        base = self._rest(rows.base(totals))
        weighted = self._rest(totals)
        estimate = _portions(weighted[rows.of], base[rows.item], counts[rows.of], respondents[rows.item], rows)
        work = _Work(sampling=self, rows=rows, estimate=estimate, base=np.where(base > 0, base, 1.0), sums=sums)
        if self.by_rows_only:
            covariances, scale = work.covariances_from_rows(variables), np.zeros_like(estimate)
        else:
            covariances, scale = work.covariances(ordered, variables)
        variance = np.empty_like(estimate)
        for slots, found in zip(self.groups_of_columns, covariances, strict=True):
            variance[:, slots] = np.diagonal(found, axis1=1, axis2=2)
        width = self.columns.width
        surely = (rows.squares[:, None] < 0) & ((estimate <= 0) | (estimate >= 1))
        doubtful = (variance < _DIGITS_LOST * scale) & ~surely & (base[rows.item] > 0)
        for row, column in np.argwhere(doubtful[:, :width]):
            variance[row, column] = self._again(variables, rows, row, column, estimate, base)
        variance = np.where(surely, 0.0, np.maximum(variance, 0.0))
        return Outcome(
            estimate=estimate,
            variance=variance,
            covariances=covariances,
            counts=counts[rows.of],
            weighted=weighted[rows.of],
            respondents=respondents,
            base=base,
            base_squares=self._rest(rows.base(sums.squares)),
        )

    def _sums(self, ordered: Sequence[Variables]) -> _Sums:
        columns, weights = self.by_stratum
        width = columns.width
        shape = (sum(part.width for part in ordered), columns.width)
        found = _Sums(
            by_stratum=np.zeros((self.kept.size, *shape)),
            counts=np.zeros(shape),
            squares=np.zeros(shape),
            scaled_squares=np.zeros(shape),
        )

        def receive(stratum: int, sums: Floats) -> None:
            squared = sums[:, width:]
            found.by_stratum[stratum] += sums[:, :width]
            found.scaled_squares[:] += self.kept[stratum] * squared
            found.squares[:] += squared

        counting = Counting(self.weight > 0, found.counts)
        add_up(ordered, columns, weights, self.strata, receive, counting=counting)
        return found

    def _rest(self, sums: Floats) -> Floats:
        """With columns for everybody outside each column added, where these are asked for."""
        return np.concatenate([sums, sums[..., :1] - sums[..., 1:]], axis=-1) if self.with_rest else sums

    def influence(
        self, variables: Sequence[Variables], rows: TableRows, row: int, column: int, mean: float, base: float
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """The influence (n,) of everybody on one estimate, and its base (n,)."""
        value, whole = _value_of(variables, rows, row)
        inside = whole & self._inside(column)
        return np.where(inside, value - mean, 0.0) / base, inside

    def _inside(self, column: int) -> NDArray[np.bool_]:
        width = self.columns.width
        if column >= width:
            return ~self._inside(column - width + 1)
        place = 1
        for codes, categories in zip(self.columns.codes, self.columns.categories, strict=True):
            if place <= column < place + categories:
                return np.asarray(codes == column - place)
            place += categories
        return np.ones(self.design.size, dtype=np.bool_)

    def _again(
        self, variables: Sequence[Variables], rows: TableRows, row: int, column: int, estimate: Floats, base: Floats
    ) -> float:
        mean, whole = float(estimate[row, column]), float(base[rows.item[row], column])
        influence, inside = self.influence(variables, rows, row, column, mean, whole)
        return float(_or_nan(self.design, influence[:, None], inside)[0, 0])


@dataclass(frozen=True, kw_only=True, eq=False)
class _Work:
    """The covariances of the estimates of some items."""

    sampling: Sampling
    rows: TableRows
    estimate: Floats
    base: Floats
    sums: _Sums

    def covariances(
        self, ordered: Sequence[Variables], variables: Sequence[Variables]
    ) -> tuple[tuple[Floats, ...], Floats]:
        """Covariances (J, K, K) per group of columns, and (J, c) the size of the terms that they are made of."""
        sampling = self.sampling
        influence = self._linear(self.sums.by_stratum)
        cells = self._cells(variables) if sampling.design.calibration is not None else None
        if cells is not None:
            by_cell, _ = sampling.weight_of_cells
            influence -= (by_cell @ cells[0].reshape(len(cells[0]), -1)).reshape(influence.shape)
        found = [self._product(influence, slots, sampling.of_means) for slots in sampling.groups_of_columns]
        scale = self._diagonal(found, absolute=True)
        if sampling.clustered:
            scale += self._add_clusters(ordered, found, None if cells is None else cells[0])
        else:
            scale += self._add_rows(found)
            if cells is not None:
                self._add_cells(found, *cells)
        return self._averaged(found), scale

    def covariances_from_rows(self, variables: Sequence[Variables]) -> tuple[Floats, ...]:
        """The same, one influence per respondent at a time: for designs that sums do not tell enough of."""
        sampling, found = self.sampling, list[Floats]()
        for slots in sampling.groups_of_columns:
            columns = np.arange(self.estimate.shape[1])[slots]
            part = np.empty((len(self.estimate), columns.size, columns.size))
            for row in range(len(self.estimate)):
                part[row] = self._from_rows(variables, row, columns)
            found.append(part)
        return tuple(found)

    def _from_rows(self, variables: Sequence[Variables], row: int, columns: Ints) -> Floats:
        sampling, rows = self.sampling, self.rows
        linear = [
            sampling.influence(variables, rows, row, at, self.estimate[row, at], self.base[rows.item[row], at])
            for at in columns.tolist()
        ]
        influence = np.column_stack([part for part, _ in linear])
        if not sampling.judged_per_domain:
            return sampling.design.covariance(influence)
        out = np.zeros((columns.size, columns.size))
        for one, other in combinations_with_replacement(range(columns.size), 2):
            pair = [one, other]
            inside = linear[one][1] | linear[other][1]
            out[one, other] = out[other, one] = _or_nan(sampling.design, influence[:, pair], inside)[0, 1]
        return out

    def _averaged(self, found: Sequence[Floats]) -> tuple[Floats, ...]:
        """Give lonely clusters the mean variance of the other strata that have respondents in the columns at hand."""
        sampling = self.sampling
        lonely = sampling.design.first_stage.lonely
        if sampling.design.lonely is not LonelyCluster.AVERAGE or not lonely.any():
            return tuple(found)
        if sampling.design.calibration is not None:
            return tuple(part * (lonely.size / max(int((~lonely).sum()), 1)) for part in found)
        present = (sampling._rest(self.rows.base(self.sums.by_stratum)) > 0)[:, self.rows.item].astype(float)
        return tuple(
            part * _of_either(present[:, :, slots]) / _or_none(_of_either(present[~lonely][:, :, slots]))
            for part, slots in zip(found, sampling.groups_of_columns, strict=True)
        )

    def _linear(self, sums: Floats) -> Floats:
        """Sums (g, J, c) of influence times weight from sums (g, v, c)."""
        rest, rows = self.sampling._rest, self.rows
        found = rest(sums[:, rows.of])
        found -= self.estimate * rest(rows.base(sums))[:, rows.item]
        found /= self.base[rows.item]
        return found

    def _product(self, influence: Floats, slots: Slots, factors: Floats) -> Floats:
        part = influence[:, :, slots].transpose(1, 2, 0)
        return np.asarray(np.matmul(part * factors, part.transpose(0, 2, 1)))

    def _diagonal(self, found: Sequence[Floats], *, absolute: bool = False) -> Floats:
        out = np.empty_like(self.estimate)
        for slots, part in zip(self.sampling.groups_of_columns, found, strict=True):
            diagonal = np.diagonal(part, axis1=1, axis2=2)
            out[:, slots] = np.abs(diagonal) if absolute else diagonal
        return out

    def _add_rows(self, found: Sequence[Floats]) -> Floats:
        """The part of everybody on their own: nobody is in two columns of a group."""
        rest, rows, mean = self.sampling._rest, self.rows, self.estimate
        squares = rest(self.sums.scaled_squares)
        whole = rest(rows.base(self.sums.scaled_squares))[rows.item]
        yes = squares[rows.of]
        shares = np.maximum(whole - yes, 0.0) * mean**2 + yes * (1 - mean) ** 2
        means = squares[np.maximum(rows.squares, 0)] - 2 * mean * yes + mean**2 * whole
        own = np.where(rows.squares[:, None] < 0, shares, means) / self.base[rows.item] ** 2
        for slots, part in zip(self.sampling.groups_of_columns, found, strict=True):
            index = np.arange(part.shape[1])
            part[:, index, index] += own[:, slots]
        return np.abs(own)

    def _cells(self, variables: Sequence[Variables]) -> tuple[Floats, Floats]:
        """Per cell of the margins (cells, J, c): what is fitted, and sums of influence times scaled squared weight."""
        sampling = self.sampling
        columns, weights = sampling.by_cell
        width = columns.width
        plain = np.zeros((sampling.cells.count, sum(part.width for part in variables), width))
        scaled = np.zeros_like(plain)

        def receive(cell: int, sums: Floats) -> None:
            plain[cell] += sums[:, :width]
            scaled[cell] += sums[:, width:]

        add_up([part.in_order(sampling.cells.order) for part in variables], columns, weights, sampling.cells, receive)
        linear = self._linear(plain)
        return sampling.fitted(linear.reshape(len(linear), -1)).reshape(linear.shape), self._linear(scaled)

    def _add_cells(self, found: Sequence[Floats], fitted: Floats, scaled: Floats) -> None:
        """Put residuals in the place of influences in the part of everybody on their own."""
        _, squares = self.sampling.weight_of_cells
        for slots, covariances in zip(self.sampling.groups_of_columns, found, strict=True):
            fit, own = fitted[:, :, slots].transpose(1, 2, 0), scaled[:, :, slots].transpose(1, 0, 2)
            crossed = np.matmul(fit, own)
            covariances[:] += np.matmul(fit * squares, fit.transpose(0, 2, 1)) - crossed - crossed.transpose(0, 2, 1)

    def _add_clusters(self, ordered: Sequence[Variables], found: Sequence[Floats], fitted: Floats | None) -> Floats:
        """The part of clusters, some of them at a time."""
        sampling = self.sampling
        columns, weights = sampling.by_stratum
        factors = np.repeat(sampling.kept, sampling.design.first_stage.sizes)
        wide = sum(part.width for part in ordered)
        many = max(1, _CLUSTER_BYTES // (8 * wide * columns.width))
        scale = np.zeros_like(self.estimate)
        for first in range(0, sampling.clusters.count, many):
            last = min(first + many, sampling.clusters.count)
            sums = np.zeros((last - first, wide, columns.width))
            chosen = Groups(order=None, starts=sampling.clusters.starts[first : last + 1])

            def receive(cluster: int, part: Floats, sums: Floats = sums) -> None:
                sums[cluster] += part

            add_up(ordered, columns, weights[:1], chosen, receive)
            influence = self._linear(sums)
            if fitted is not None:
                by_cell = sampling.cluster_by_cell[first:last]
                influence -= (by_cell @ fitted.reshape(len(fitted), -1)).reshape(influence.shape)
            parts = [self._product(influence, slots, factors[first:last]) for slots in sampling.groups_of_columns]
            for covariances, part in zip(found, parts, strict=True):
                covariances[:] += part
            scale += self._diagonal(parts, absolute=True)
        return scale


def _of_either(present: Floats) -> Floats:
    """How many strata have respondents in one column or the other, (J, K, K), from (H, J, K) of 0 and 1."""
    part = present.transpose(1, 2, 0)
    alone = part.sum(axis=2)
    return np.asarray(alone[:, :, None] + alone[:, None, :] - np.matmul(part, part.transpose(0, 2, 1)))


def _or_none(told: Floats) -> Floats:
    return np.where(told > 0, told, np.nan)


def _or_nan(design: Design, influence: Floats, inside: NDArray[np.bool_]) -> Floats:
    """The covariance, or nan where all strata of the domain are lonely and none is left to take a mean of."""
    try:
        return design.covariance(influence, rows=inside)
    except BadDesign as problem:
        if problem.code != "no_strata_to_average":
            raise
        return np.full((influence.shape[1], influence.shape[1]), np.nan)


def _sorted(values: Floats, order: Ints | None) -> Floats:
    return values if order is None else values[order]


def _portions(yes: Floats, base: Floats, counts: Floats, respondents: Floats, rows: TableRows) -> Floats:
    """Shares and means; exactly 0 and 1 where nobody or everybody said yes; 0 where there is no base."""
    found = np.divide(yes, base, out=np.zeros_like(yes), where=base > 0)
    share = rows.squares[:, None] < 0
    found = np.where(share & (counts <= 0), 0.0, found)
    return np.where(share & (counts >= respondents) & (respondents > 0), 1.0, found)


def _value_of(variables: Sequence[Variables], rows: TableRows, row: int) -> tuple[Floats, NDArray[np.bool_]]:
    """The variable (n,) of one row of the table, and who is in the base of its item (n,)."""
    part = variables[int(rows.item[row])]
    first = sum(before.width for before in variables[: int(rows.item[row])])
    return part.variable(int(rows.of[row]) - first)
