"""How a sample was drawn and weighted, and the covariance of weighted totals that follows from it.

An estimate is made linear first (`estimates`): its variance is that of the weighted total of one number per
respondent, the influence. Here that variance is worked out: strata, clusters, finite populations, one or two stages,
and weights that were fitted to known totals. Conventions are those of R's `survey` 4.1 (Lumley), found by running it;
see docs/methods/survey-design.md. Sources: Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling,
sections 4.3 and 6.6; Deville and Särndal (1992), JASA 87, 376-382; Lumley (2010), Complex Surveys, chapters 2 and 7.

Shapes: n respondents, C clusters, H strata, p variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from koersvast.engine.dispersion import Floats
from koersvast.engine.quantities import BadValue

type Ints = NDArray[np.int64]
type Bools = NDArray[np.bool_]

_RAKE_ROUNDS = 10
# Fewer columns are added up faster one by one than by a sparse product.
_FEW_COLUMNS = 8
# A stratum of which this little of the population was left out has no sampling error.
_FULLY_SAMPLED = 1e-7


class LonelyCluster(StrEnum):
    """What to do with a stratum of which one cluster was drawn, so that nothing can be said of the scatter in it.

    R's `survey.lonely.psu`: fail, remove, adjust, average, certainty. REMOVE and CERTAINTY give the same number, for
    another reason: the stratum is left out, or it was meant to have one cluster only. ADJUST measures the cluster from
    nought instead of from the mean of the stratum, AVERAGE gives the stratum the mean variance of the others.
    """

    REFUSE = "refuse"
    REMOVE = "remove"
    ADJUST = "adjust"
    AVERAGE = "average"
    CERTAINTY = "certainty"


class CalibrationVariance(StrEnum):
    """Which residuals stand for the gain of fitting weights to margins.

    CALIBRATE: those of a regression on all margins at once with the base weights, as R's `calibrate` and
    `postStratify`.
    RAKE: ten rounds of taking the plain mean of every category off, margin by margin, as R's `rake`.
    """

    RAKE = "rake"
    CALIBRATE = "calibrate"


class BadDesign(BadValue):
    """A design that cannot be; `code` says what is wrong and `values` where."""

    def __init__(self, code: str, **values: int | float | str) -> None:
        super().__init__(f"{code}: {values}" if values else code)
        self.code: str = code
        self.values: Mapping[str, int | float | str] = values


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """What the weights were fitted to.

    base_weights: (n,), before fitting. margins: one (n,) array of category numbers, from 0, a margin. `kind` names the
    fitting (poststratify, rake, linear, logit, raking) and is for readers only: `variance` decides. Post-stratification
    has one margin and CALIBRATE.
    """

    base_weights: Floats
    margins: tuple[Ints, ...]
    variance: CalibrationVariance
    kind: str = "rake"

    def __post_init__(self) -> None:
        if not self.margins:
            raise BadDesign("calibration_without_margins")
        for number, margin in enumerate(self.margins, start=1):
            if margin.shape != self.base_weights.shape:
                raise BadDesign("calibration_rows_differ", margin=number)
            if margin.size and margin.min() < 0:
                raise BadDesign("calibration_category_unknown", margin=number)
        if not (np.isfinite(self.base_weights).all() and (self.base_weights >= 0).all()):
            raise BadDesign("base_weight_impossible")

    @cached_property
    def _joint(self) -> tuple[Ints, Ints]:
        """The combinations of categories that occur (cells, margins), and the cell of every respondent (n,)."""
        joint = np.zeros(self.base_weights.size, dtype=np.int64)
        for margin in self.margins:
            _, joint = np.unique(joint * (int(margin.max(initial=0)) + 1) + margin, return_inverse=True)
        _, first = np.unique(joint, return_index=True)
        return np.column_stack([margin[first] for margin in self.margins]), joint

    @property
    def codes(self) -> Ints:
        """The category of every margin in every joint cell, (cells, margins)."""
        return self._joint[0]

    @property
    def cells(self) -> Ints:
        """The joint cell of the margins of every respondent, (n,) from 0: residuals differ from cell to cell only."""
        return self._joint[1]

    @cached_property
    def row_weights(self) -> Floats:
        """The weights (n,) with which `fitted` wants sums per cell: those before fitting, or 1 each (RAKE)."""
        if self.variance is CalibrationVariance.RAKE:
            return np.ones(self.base_weights.size)
        return self.base_weights

    @cached_property
    def cell_weights(self) -> Floats:
        """The sum of `row_weights` per joint cell, (cells,)."""
        return np.bincount(self.cells, weights=self.row_weights, minlength=len(self._joint[0]))

    def fitted(self, sums: Floats) -> Floats:
        """What the margins explain of variables, per joint cell: (cells, p), from their sums per cell (cells, p).

        Sums are taken with `row_weights`. A residual is a respondent's value minus what is fitted in his cell.
        """
        return self._rounds(sums) if self.variance is CalibrationVariance.RAKE else self._regression(sums)

    def residuals(self, influence: Floats) -> Floats:
        """What is left of variables (n, p) after what the margins explain."""
        return influence - self.fitted(sums_by(self.cells, influence * self.row_weights[:, None]))[self.cells]

    def _rounds(self, sums: Floats) -> Floats:
        fitted, weights = np.zeros_like(sums), self.cell_weights[:, None]
        margins = [(codes, sums_by(codes, weights)) for codes in self._joint[0].T]
        for _ in range(_RAKE_ROUNDS):
            for codes, totals in margins:
                left = sums_by(codes, sums - weights * fitted)
                fitted += (left / np.where(totals > 0, totals, 1.0))[codes]
        return fitted

    def _regression(self, sums: Floats) -> Floats:
        columns, inverse = self._normal
        return np.asarray(columns @ (inverse @ (columns.T @ sums)))

    @cached_property
    def _normal(self) -> tuple[sparse.csr_array, Floats]:
        """One 0/1 column per category of every margin, (cells, k), and the inverse (k, k) of their products."""
        columns = sparse.hstack([_indicator(codes).T for codes in self._joint[0].T], format="csr")
        gram = (columns.T @ (columns * self.cell_weights[:, None])).toarray()
        # The margins overlap (each adds up to everybody), so the equations have many solutions with one fit.
        return columns, np.linalg.pinv(gram, rcond=1e-12, hermitian=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class SecondStage:
    """Units drawn within the clusters of the first stage.

    clusters: (n,) any whole numbers, counted apart within every first-stage cluster; None means the respondents
    themselves. population: (n,) how many units that cluster has in the population. Without `Design.population` the
    second stage adds nothing, as in R: a first stage that is drawn with replacement holds it already.
    """

    clusters: Ints | None = None
    population: Floats | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Stage:
    """The clusters of one stage, each in a group (a stratum, or the first-stage cluster that it was drawn in).

    cluster: (n,) of every respondent, from 0. group: (C,) of every cluster. sizes: (H,) clusters drawn per group. left:
    (H,) the share of the group's clusters that was not drawn; 1 for a population without end.
    """

    cluster: Ints
    group: Ints
    sizes: Ints
    left: Floats

    @cached_property
    def scale(self) -> Floats:
        """(H,) what squared distances from the mean of the group count for; 0 for a group of one cluster."""
        return np.where(self.sizes > 1, self.left * self.sizes / np.maximum(self.sizes - 1, 1), 0.0)

    @cached_property
    def lonely(self) -> Bools:
        """(H,) groups of one cluster, drawn from a population with more of them."""
        return np.asarray((self.sizes == 1) & (self.left >= _FULLY_SAMPLED))

    def totals(self, weighted: Floats) -> Floats:
        """Sums per cluster (C, p) of numbers per respondent (n, p)."""
        return weighted if self.group.size == len(weighted) and self._is_rows else sums_by(self.cluster, weighted)

    def centred(self, totals: Floats) -> Floats:
        """Distances (C, p) of the clusters from the mean of their group."""
        return totals - (sums_by(self.group, totals) / self.sizes[:, None])[self.group]

    @cached_property
    def _is_rows(self) -> bool:
        return bool((self.cluster == np.arange(self.cluster.size)).all())


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """A sample as it was drawn and weighted. All arrays have one element per respondent.

    strata, clusters: any whole numbers; a cluster lies within one stratum. population: how many clusters (respondents,
    without clusters) the stratum has in the population, the same number for everybody in it; infinite or None means
    drawn with replacement. `adjust_domain_lonely` is R's `survey.adjust.domain.lonely`: treat a stratum of which one
    cluster has respondents in a domain as if one cluster was drawn (only ADJUST and AVERAGE make use of it).
    """

    weights: Floats
    strata: Ints | None = None
    clusters: Ints | None = None
    population: Floats | None = None
    lonely: LonelyCluster = LonelyCluster.REFUSE
    calibration: Calibration | None = None
    second: SecondStage | None = None
    adjust_domain_lonely: bool = False

    def __post_init__(self) -> None:
        n = self.weights.size
        given = (self.strata, self.clusters, self.population)
        if any(part is not None and part.shape != (n,) for part in given) or self.weights.ndim != 1:
            raise BadDesign("rows_differ", respondents=n)
        if self.calibration is not None and self.calibration.base_weights.shape != (n,):
            raise BadDesign("rows_differ", respondents=n)
        if not (np.isfinite(self.weights).all() and (self.weights >= 0).all()):
            raise BadDesign("weight_impossible", rows=int((~(np.isfinite(self.weights) & (self.weights >= 0))).sum()))
        if n == 0 or not self.weights.any():
            raise BadDesign("no_respondents")
        self._check_nesting()

    def _check_nesting(self) -> None:
        if self.strata is None or self.clusters is None:
            return
        pairs = np.unique(np.column_stack([self.clusters, self.strata]), axis=0)[:, 0]
        crossing = int((np.unique(pairs, return_counts=True)[1] > 1).sum())
        if crossing:
            raise BadDesign("cluster_in_two_strata", clusters=crossing)

    @property
    def size(self) -> int:
        """Respondents, with or without a weight above nought."""
        return int(self.weights.size)

    @cached_property
    def stratum(self) -> Ints:
        """The stratum of every respondent, (n,) from 0."""
        if self.strata is None:
            return np.zeros(self.size, dtype=np.int64)
        return np.asarray(np.unique(self.strata, return_inverse=True)[1], dtype=np.int64)

    @cached_property
    def first_stage(self) -> Stage:
        """Clusters within strata."""
        return _stage(self.clusters, self.stratum, self.population, name="stratum")

    @cached_property
    def second_stage(self) -> Stage | None:
        """Units within the first-stage clusters; None where there is no second stage that adds anything."""
        if self.second is None or self.population is None:
            return None
        units = self.second.clusters
        if units is not None:
            pairs = np.column_stack([self.first_stage.cluster, units])
            units = np.asarray(np.unique(pairs, axis=0, return_inverse=True)[1], dtype=np.int64).ravel()
        return _stage(units, self.first_stage.cluster, self.second.population, name="cluster")

    def degrees_of_freedom(self, rows: Bools | None = None) -> int:
        """Clusters minus strata that have respondents (with a weight) among `rows`, as R's `degf`; can be 0."""
        inside = self.weights > 0 if rows is None else rows & (self.weights > 0)
        clusters = np.bincount(self.first_stage.cluster[inside], minlength=1)
        strata = np.bincount(self.stratum[inside], minlength=1)
        return int((clusters > 0).sum() - (strata > 0).sum())

    def residuals(self, influence: Floats) -> Floats:
        """The influence (n, p) after what fitting to margins explains; itself where nothing was fitted."""
        return influence if self.calibration is None else self.calibration.residuals(influence)

    def covariance(self, influence: Floats, *, rows: Bools | None = None) -> Floats:
        """The covariance (p, p) of the weighted totals of these variables, by Taylor linearisation.

        influence: (n, p), before weighting, nought outside a domain. rows: the domain (n,), of which only rules for
        lonely clusters make use: strata without respondents in it neither refuse nor count in an average.
        Errors: `BadDesign("lonely_cluster")` where LonelyCluster.REFUSE meets one. As R's `vcov(svytotal())`.
        """
        weighted = self.residuals(influence) * self.weights[:, None]
        # A design that was fitted to margins keeps everybody in every domain: who is outside helps the residuals.
        inside = np.ones(self.size, dtype=np.bool_) if rows is None or self.calibration is not None else rows
        found = self._of_stage(self.first_stage, weighted, inside, share=None)
        if self.second_stage is not None:
            drawn = (1 - self.first_stage.left)[self.first_stage.group]
            found = found + self._of_stage(self.second_stage, weighted, inside, share=drawn)
        return found

    def _of_stage(self, stage: Stage, weighted: Floats, inside: Bools, *, share: Floats | None) -> Floats:
        """One stage's part; share: (H,) what each group's part counts for."""
        totals = stage.totals(weighted)
        scale = stage.scale if share is None else stage.scale * share
        present = np.bincount(stage.cluster[inside], minlength=stage.group.size) > 0
        present_in_group = np.bincount(stage.group[present], minlength=stage.sizes.size)
        lonely = stage.lonely & (present_in_group > 0)
        if share is not None:
            lonely &= share > 0
        thin = (present_in_group == 1) & (stage.sizes > 1) & (stage.left >= _FULLY_SAMPLED)
        if not self.adjust_domain_lonely or self.lonely not in (LonelyCluster.ADJUST, LonelyCluster.AVERAGE):
            thin = np.zeros_like(thin)
        if lonely.any() and self.lonely is LonelyCluster.REFUSE:
            raise BadDesign("lonely_cluster", strata=int(lonely.sum()))
        alone = lonely | thin
        kept = np.where(alone, 0.0, scale)
        centred = stage.centred(totals)
        found = centred.T @ (centred * kept[stage.group][:, None])
        if self.lonely is LonelyCluster.ADJUST and alone.any():
            single = np.where(stage.sizes > 1, scale, stage.left * (1.0 if share is None else share))
            found = found + totals.T @ (totals * np.where(alone, single, 0.0)[stage.group][:, None])
        if self.lonely is LonelyCluster.AVERAGE and alone.any():
            found = found * self._average(alone, present_in_group > 0, share)
        return np.asarray(found)

    @staticmethod
    def _average(alone: Bools, occurring: Bools, share: Floats | None) -> float:
        told = int((occurring & ~alone).sum())
        if share is not None or told == 0:
            # Within one cluster there are no other strata to take a mean of.
            raise BadDesign("no_strata_to_average", strata=int(alone.sum()))
        return float(occurring.sum()) / told


def _stage(clusters: Ints | None, group: Ints, population: Floats | None, *, name: str) -> Stage:
    """Number the clusters, and find how many of each group there are and were left out."""
    if clusters is None:
        cluster, first = np.arange(group.size), np.arange(group.size)
    else:
        _, first, cluster = np.unique(clusters, return_index=True, return_inverse=True)
    of_cluster = group[first]
    sizes = np.bincount(of_cluster)
    left = np.ones(sizes.size) if population is None else _left(population, group, sizes, name=name)
    return Stage(cluster=np.asarray(cluster, dtype=np.int64), group=of_cluster, sizes=sizes, left=left)


def _left(population: Floats, group: Ints, sizes: Ints, *, name: str) -> Floats:
    if np.isnan(population).any():
        raise BadDesign("population_missing", level=name)
    highest, lowest = np.full(sizes.size, -np.inf), np.full(sizes.size, np.inf)
    np.maximum.at(highest, group, population)
    np.minimum.at(lowest, group, population)
    if (highest != lowest).any():
        raise BadDesign("population_differs_within", level=name, groups=int((highest != lowest).sum()))
    if (highest < sizes).any():
        raise BadDesign("population_smaller_than_sample", level=name, groups=int((highest < sizes).sum()))
    return np.where(np.isinf(highest), 1.0, (highest - sizes) / np.where(np.isinf(highest), 1.0, highest))


def sums_by(codes: Ints, values: Floats) -> Floats:
    """Sums (codes, p) of rows (n, p) by their code, from 0."""
    if 0 < values.shape[1] <= _FEW_COLUMNS:
        return np.column_stack([np.bincount(codes, weights=column) for column in values.T])
    return np.asarray(_indicator(codes) @ values)


def _indicator(codes: Ints) -> sparse.csr_array:
    """(codes, n): 1 where the row has the code."""
    n = codes.size
    return sparse.csr_array((np.ones(n), (codes, np.arange(n))), shape=(int(codes.max(initial=-1)) + 1, n))
