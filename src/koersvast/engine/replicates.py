"""Replicates of a sample: a second way to a variance, for whatever can be computed from weighted totals.

Bootstrap after Rao and Wu: of every stratum one cluster fewer than it has is drawn with replacement, and counted
m / (m - 1) times, as R's `as.svrepdesign(type="subbootstrap")`; in a finite population the factors are drawn towards 1,
which R does not do. Jackknife: every cluster is left out once (R's JKn; JK1 without strata). Weights that were fitted
to margins are fitted again in every replicate. With the factors that R drew, the variance is R's up to rounding; see
docs/methods/survey-replicates.md. Sources: Rao and Wu (1988), JASA 83, 231-241; Rao, Wu and Yue (1992), Survey
Methodology 18, 209-217; Rust and Rao (1996), Statistical Methods in Medical Research 5, 283-310.

Shapes: n respondents, C clusters, R replicates, p variables. Factors of n by R are never all there: they are made for
a block of clusters at a time, each from a seed of its own, so that no outcome hangs on memory or threads.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from koersvast.engine.blas_threads import one_blas_thread
from koersvast.engine.designs import BadDesign, Design, Ints, LonelyCluster, sums_by
from koersvast.engine.dispersion import Floats
from koersvast.engine.quantities import Method

METHOD = Method(name="survey-replicates", version="1")
MOST_JACKKNIFE = 5_000
# Clusters of one piece of work: enough for the matrix product, few enough to stay near the processor.
_BLOCK = 1_024
_SAME = 1e-13
_MOST_ROUNDS = 1_000

type Columns = NDArray[np.float64] | NDArray[np.uint8] | NDArray[np.bool_]


class ReplicateKind(StrEnum):
    """How the replicates came about."""

    BOOTSTRAP = "bootstrap"
    JACKKNIFE = "jackknife"
    GIVEN = "given"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """Respondents in order of their cluster, and where each cluster starts and ends."""

    rows: Ints
    starts: Ints
    ends: Ints


@dataclass(frozen=True, kw_only=True, eq=False)
class Piece:
    """Some clusters, and how to make the factors (R, clusters) on their weights."""

    clusters: Ints
    factors: Callable[[], Floats]


@dataclass(frozen=True, kw_only=True, eq=False)
class Replicates:
    """Factors on the weights of clusters, made when they are asked for.

    scales: (R,): a variance is the sum of scales by squared distances from the mean of the replicates, as R has it with
    `mse=FALSE`.
    """

    design: Design
    kind: ReplicateKind
    scales: Floats
    pieces: Sequence[Piece]
    seed: int | None = None
    threads: int = 2
    method: Method = METHOD

    @property
    def size(self) -> int:
        """How many replicates."""
        return int(self.scales.size)

    def factors(self) -> Floats:
        """All factors, (R, n), before anything is fitted again: for small samples and other software."""
        found = np.ones((self.size, self.design.size))
        for rows, factors in self._by_row():
            found[:, rows] = factors
        return found

    def totals(self, columns: Columns) -> Floats:
        """The weighted totals (R, p) of columns (n, p) in every replicate; 0/1 columns may be whole numbers."""

        def part(rows: Ints, factors: Floats) -> Floats:
            fitted, calibration = self._fitted, self.design.calibration
            if fitted is None or calibration is None:
                # Few columns are weighted at less cost than many replicates.
                return np.asarray(factors @ (columns[rows] * self.design.weights[rows, None]))
            weighted = factors * self._start[rows] * fitted[0][:, calibration.cells[rows]]
            return np.asarray(weighted @ np.asarray(columns[rows], dtype=np.float64))

        return self._sum(part, np.zeros((self.size, columns.shape[1])))

    def means(self, columns: Columns, *, base: Columns | None = None) -> Floats:
        """The weighted means (R, p) over a base: (n,) for all columns, (n, p) for each its own, None for everybody.

        nan where nobody of the base was drawn.
        """
        if base is None:
            base = np.ones(self.design.size, dtype=np.bool_)
        inside = (base != 0).reshape(self.design.size, -1)
        found = self.totals(np.hstack([np.where(inside, columns, 0), inside]))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(found[:, : columns.shape[1]] / found[:, columns.shape[1] :])

    def covariance(self, estimates: Floats) -> Floats:
        """The covariance (p, p) of estimates (R, p). Errors: `replicates_without_estimate` (replicates: how many)."""
        missing = int((~np.isfinite(estimates).all(axis=1)).sum())
        if missing:
            raise BadDesign("replicates_without_estimate", replicates=missing)
        centred = estimates - estimates.mean(axis=0)
        return np.asarray(centred.T @ (centred * self.scales[:, None]))

    def standard_errors(self, estimates: Floats) -> Floats:
        """The standard errors (p,) of estimates (R, p)."""
        return np.asarray(np.sqrt(self.scales @ (estimates - estimates.mean(axis=0)) ** 2))

    @cached_property
    def unfitted(self) -> int:
        """Replicates in which a category of a margin had nobody, so that its total could not be reached."""
        return 0 if self._fitted is None else self._fitted[1]

    @cached_property
    def _start(self) -> Floats:
        """What is fitted again, (n,). For factors by category the outcome is that of fitting the base weights."""
        calibration = self.design.calibration
        return self.design.weights if calibration is None or calibration.kind != "linear" else calibration.base_weights

    @cached_property
    def _fitted(self) -> tuple[Floats, int] | None:
        """The factors of fitting again, (R, cells), and in how many replicates that was not possible."""
        calibration = self.design.calibration
        if calibration is None:
            return None
        if calibration.kind == "logit":
            raise BadDesign("logit_not_fitted_again")
        cells = calibration.cell_weights.size

        def part(rows: Ints, factors: Floats) -> Floats:
            indicator = sparse.csr_array(
                (self._start[rows], (calibration.cells[rows], np.arange(rows.size))), shape=(cells, rows.size)
            )
            return np.asarray(indicator @ factors.T)

        sums = self._sum(part, np.zeros((cells, self.size)))
        margins = [
            (codes, self._population(margin))
            for codes, margin in zip(calibration.codes.T, calibration.margins, strict=True)
        ]
        fit = _regressed if calibration.kind == "linear" else _raked
        return fit(sums, margins)

    def _population(self, margin: Ints) -> Floats:
        """What the weights add up to per category: the totals that they were fitted to."""
        return sums_by(margin, self.design.weights[:, None])[:, 0]

    def _by_row(self) -> Iterator[tuple[Ints, Floats]]:
        for piece in self.pieces:
            yield self._made(piece)

    def _made(self, piece: Piece) -> tuple[Ints, Floats]:
        """The respondents of a piece, and their factors (R, rows)."""
        of_cluster = self._rows_of_clusters
        counts = of_cluster.ends[piece.clusters] - of_cluster.starts[piece.clusters]
        if (counts == 1).all():
            return of_cluster.rows[of_cluster.starts[piece.clusters]], piece.factors()
        rows = np.concatenate([of_cluster.rows[of_cluster.starts[c] : of_cluster.ends[c]] for c in piece.clusters])
        return rows, np.repeat(piece.factors(), counts, axis=1)

    @cached_property
    def _rows_of_clusters(self) -> _Rows:
        cluster = self.design.first_stage.cluster
        ends = np.cumsum(np.bincount(cluster))
        return _Rows(rows=np.argsort(cluster, kind="stable"), starts=np.concatenate([[0], ends[:-1]]), ends=ends)

    def _sum(self, part: Callable[[Ints, Floats], Floats], start: Floats) -> Floats:
        """Add up the parts of all pieces, always in the same order."""
        _ = self._rows_of_clusters
        with one_blas_thread(), ThreadPoolExecutor(max_workers=self.threads) as workers:
            for found in workers.map(lambda piece: part(*self._made(piece)), self.pieces):
                start += found
        return start


def bootstrap(design: Design, *, replicates: int = 500, seed: int, threads: int = 2) -> Replicates:
    """Rao and Wu's rescaled bootstrap.

    Errors: a second stage is refused (`second_stage_without_replicates`), lonely clusters too unless they are to be
    removed or certain.
    """
    if replicates < 2:
        raise BadDesign("too_few_replicates", replicates=replicates)
    _check(design)
    strata = _clusters_of_strata(design)
    seeds = np.random.SeedSequence(seed).spawn(len(strata))
    pieces = [
        piece
        for clusters, left, own in zip(strata, design.first_stage.left.tolist(), seeds, strict=True)
        for piece in _drawn(clusters, left, own, replicates)
    ]
    scales = np.full(replicates, 1 / (replicates - 1))
    return Replicates(
        design=design, kind=ReplicateKind.BOOTSTRAP, scales=scales, pieces=_joined(pieces), seed=seed, threads=threads
    )


def jackknife(design: Design, *, threads: int = 2) -> Replicates:
    """Leave every cluster out once, with the finite population in the scales. Errors: as `bootstrap`; too many."""
    _check(design)
    stage = design.first_stage
    told = stage.sizes[stage.group] > 1
    if told.sum() > MOST_JACKKNIFE:
        raise BadDesign("too_many_replicates", replicates=int(told.sum()), most=MOST_JACKKNIFE)
    number = np.cumsum(told) - 1
    pieces = [
        Piece(clusters=clusters, factors=partial(_left_out, number[clusters], int(told.sum())))
        for clusters in _clusters_of_strata(design)
        if clusters.size > 1
    ]
    sizes = stage.sizes[stage.group][told]
    scales = stage.left[stage.group][told] * (sizes - 1) / sizes
    kept = _untouched(np.flatnonzero(~told), int(told.sum()))
    return Replicates(
        design=design, kind=ReplicateKind.JACKKNIFE, scales=scales, pieces=[*pieces, *kept], threads=threads
    )


def given(design: Design, factors: Floats, *, scales: Floats, threads: int = 2) -> Replicates:
    """Replicates that somebody else drew: factors (R, n) on the weights, scales (R,)."""
    if factors.shape != (scales.size, design.size):
        raise BadDesign("rows_differ", respondents=design.size)
    rows = np.arange(design.size)
    apart = Design(weights=design.weights, calibration=design.calibration)
    pieces = [
        Piece(clusters=block, factors=partial(np.take, factors, block, 1))
        for block in np.array_split(rows, -(-design.size // _BLOCK))
    ]
    return Replicates(design=apart, kind=ReplicateKind.GIVEN, scales=scales, pieces=pieces, threads=threads)


def replicate_totals(design: Design, columns: Columns, *, replicates: int = 500, seed: int, threads: int = 2) -> Floats:
    """The weighted totals (R, p) of columns (n, p) in bootstrap replicates."""
    return bootstrap(design, replicates=replicates, seed=seed, threads=threads).totals(columns)


def _check(design: Design) -> None:
    if design.second_stage is not None:
        raise BadDesign("second_stage_without_replicates")
    lonely = int(design.first_stage.lonely.sum())
    if lonely and design.lonely not in (LonelyCluster.REMOVE, LonelyCluster.CERTAINTY):
        raise BadDesign("lonely_cluster", strata=lonely)


def _clusters_of_strata(design: Design) -> list[Ints]:
    group = design.first_stage.group
    return np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))[:-1])


def _drawn(clusters: Ints, left: float, seed: np.random.SeedSequence, replicates: int) -> Iterator[Piece]:
    """The pieces of one stratum: how many draws fall in each block, then which clusters of it they are."""
    if clusters.size == 1 or left == 0:
        yield from _untouched(clusters, replicates)
        return
    blocks = np.array_split(clusters, -(-clusters.size // _BLOCK))
    parts = np.array([block.size for block in blocks]) / clusters.size
    draws = np.random.default_rng(seed).multinomial(clusters.size - 1, parts, size=replicates)
    for block, own, counts in zip(blocks, seed.spawn(len(blocks)), draws.T, strict=True):
        yield Piece(clusters=block, factors=partial(_bootstrapped, block.size, clusters.size, left, own, counts))


def _bootstrapped(size: int, in_stratum: int, left: float, seed: np.random.SeedSequence, draws: Ints) -> Floats:
    """Factors (R, size) of a block of clusters of a stratum, of which `draws` (R,) fell in it."""
    chooser = np.random.Generator(np.random.SFC64(seed))
    starts = np.arange(draws.size) * size
    if (draws == draws[0]).all():
        drawn = chooser.integers(0, size, size=(draws.size, int(draws[0])))
        drawn += starts[:, None]
    else:
        drawn = chooser.integers(0, size, size=int(draws.sum()))
        drawn += np.repeat(starts, draws)
    counts = np.bincount(drawn.ravel(), minlength=draws.size * size).reshape(draws.size, size)
    # A finite population draws the factors towards 1 (Rao, Wu and Yue, with one draw fewer than clusters).
    towards = float(np.sqrt(left))
    found = np.multiply(counts, towards * in_stratum / (in_stratum - 1), dtype=np.float64)
    if towards < 1:
        found += 1 - towards
    return found


def _left_out(replicate: Ints, replicates: int) -> Floats:
    """Factors (R, clusters) of the clusters of a stratum, which are left out in these replicates."""
    found = np.ones((replicates, replicate.size))
    found[replicate] = replicate.size / (replicate.size - 1)
    found[replicate, np.arange(replicate.size)] = 0.0
    return found


def _untouched(clusters: Ints, replicates: int) -> list[Piece]:
    return (
        [
            Piece(clusters=block, factors=partial(np.ones, (replicates, block.size)))
            for block in np.array_split(clusters, -(-clusters.size // _BLOCK))
            if block.size
        ]
        if clusters.size
        else []
    )


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Small strata together, so that a piece of work is worth its start."""
    found: list[Piece] = []
    waiting: list[Piece] = []
    for piece in pieces:
        if waiting and sum(other.clusters.size for other in waiting) + piece.clusters.size > _BLOCK:
            found.append(_one(waiting))
            waiting = []
        waiting.append(piece)
    return [*found, _one(waiting)] if waiting else found


def _one(pieces: list[Piece]) -> Piece:
    if len(pieces) == 1:
        return pieces[0]
    makers = [piece.factors for piece in pieces]
    return Piece(
        clusters=np.concatenate([piece.clusters for piece in pieces]),
        factors=lambda: np.hstack([make() for make in makers]),
    )


def _raked(sums: Floats, margins: Sequence[tuple[Ints, Floats]]) -> tuple[Floats, int]:
    """Fit sums per cell (cells, R) to margins (category of every cell, totals) in all replicates at once.

    Gives factors (R, cells), and the number of replicates in which a category was empty.
    """
    fitted = sums.copy()
    empty = np.zeros(sums.shape[1], dtype=np.bool_)
    for _ in range(_MOST_ROUNDS):
        largest = 0.0
        for codes, totals in margins:
            reached = sums_by(codes, fitted)
            possible = reached > 0
            empty |= ((totals[:, None] > 0) & ~possible).any(axis=0)
            factor = np.where(possible, totals[:, None] / np.where(possible, reached, 1.0), 1.0)
            largest = max(largest, float(np.abs(factor[:, ~empty] - 1).max(initial=0.0)))
            fitted *= factor[codes]
        if largest < _SAME:
            break
    return (np.where(sums > 0, fitted / np.where(sums > 0, sums, 1.0), 1.0)).T, int(empty.sum())


def _regressed(sums: Floats, margins: Sequence[tuple[Ints, Floats]]) -> tuple[Floats, int]:
    """As `_raked`, by linear regression on all categories."""
    columns: NDArray[np.float64] = np.hstack([np.eye(totals.size)[codes] for codes, totals in margins])
    wanted = np.concatenate([totals for _, totals in margins])
    gram = np.einsum("ck,cr,cl->rkl", columns, sums, columns, optimize=True)
    left = wanted - sums.T @ columns
    slopes: Floats = np.einsum("rkl,rl->rk", np.linalg.pinv(gram, rcond=1e-12, hermitian=True), left)
    empty = ((wanted > 0) & (sums.T @ columns <= 0)).any(axis=1)
    factors: Floats = 1 + slopes @ columns.T
    return factors, int(empty.sum())
