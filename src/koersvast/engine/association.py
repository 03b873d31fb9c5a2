"""Does one answer go with another? Tests of a weighted table of two questions, corrected for the design.

Rao and Scott's corrections of Pearson's chi-square and Wald's test, as R's `svychisq` (survey 4.1) with statistic "F",
"Chisq", "Wald" and "adjWald"; see docs/methods/survey-association.md. Sources: Rao and Scott (1984), Annals of
Statistics 12, 46-60; Koch, Freeman and Freeman (1975), Int. Statist. Rev. 43, 59-78; Thomas and Rao (1987), JASA 82,
630-636.

Shapes: n respondents, r by c cells.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from scipy import special

from koersvast.engine.designs import Bools, Design, Ints
from koersvast.engine.dispersion import Floats
from koersvast.engine.quantities import Method, Missing

METHOD = Method(name="survey-association", version="1")


class Statistic(StrEnum):
    """Which test: SECOND_ORDER (R's "F") is the one to use; FIRST_ORDER ("Chisq") only divides by the mean effect.

    WALD and ADJUSTED_WALD lean on a covariance of all cells, which few clusters give badly.
    """

    SECOND_ORDER = "second_order"
    FIRST_ORDER = "first_order"
    WALD = "wald"
    ADJUSTED_WALD = "adjusted_wald"


@dataclass(frozen=True, kw_only=True)
class Association:
    """A test of independence. `statistic` is compared with F (chi-square by its degrees for FIRST_ORDER).

    degrees, denominator_degrees: of that F; the latter is None for a chi-square. pearson: Pearson's chi-square of the
    weighted shares with the respondents as their number, before correction. mean_design_effect: what it is divided by.
    Both None for Wald's tests.
    """

    kind: Statistic
    statistic: float
    degrees: float
    denominator_degrees: float | None
    p_value: float
    pearson: float | None
    mean_design_effect: float | None
    respondents: int
    method: Method = METHOD


def association(
    design: Design,
    first: Ints,
    second: Ints,
    *,
    rows: Bools | None = None,
    statistic: Statistic = Statistic.SECOND_ORDER,
    freedom: int | None = None,
) -> Association | Missing:
    """Test whether two answers (n,), numbered from 0 and below 0 when missing, are independent within a domain.

    freedom: degrees of freedom of the variance; None counts those of the domain. R's `svychisq` counts those of
    everybody, instead of the domain's, where weights were fitted to margins.
    Missing where either has one category left, or the design leaves no degrees of freedom.
    """
    domain = np.ones(design.size, dtype=np.bool_) if rows is None else rows
    table = _Table.of(design, first, second, domain)
    counted = design.degrees_of_freedom(domain) if freedom is None else freedom
    if table is None or counted < 1:
        return Missing.NOT_MEASURED
    if statistic in (Statistic.WALD, Statistic.ADJUSTED_WALD):
        return _wald(table, counted, statistic)
    return _rao_scott(table, counted, statistic)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Table:
    """Weighted shares (r, c) of the cells, the influence (n, r, c) of each, and what they rest on."""

    design: Design
    shares: Floats
    influence: Floats
    base: Bools
    weighted: float

    @classmethod
    def of(cls, design: Design, first: Ints, second: Ints, domain: Bools) -> Self | None:
        base = domain & (first >= 0) & (second >= 0)
        counted = base & (design.weights > 0)
        present = [np.unique(codes[counted]) for codes in (first, second)]
        if min(codes.size for codes in present) < 2:
            return None
        cells = np.zeros((design.size, present[0].size, present[1].size))
        at = (np.searchsorted(present[0], first[counted]), np.searchsorted(present[1], second[counted]))
        cells[np.flatnonzero(counted), at[0], at[1]] = 1.0
        weighted = float(design.weights[counted].sum())
        shares = np.tensordot(design.weights, cells, axes=1) / weighted
        influence = (cells - shares) * base[:, None, None] / weighted
        return cls(design=design, shares=shares, influence=influence, base=base, weighted=weighted)

    @property
    def expected(self) -> Floats:
        """The shares if the answers were independent."""
        return np.outer(self.shares.sum(axis=1), self.shares.sum(axis=0))

    @property
    def respondents(self) -> int:
        return int((self.base & (self.design.weights > 0)).sum())

    def covariance(self, influence: Floats) -> Floats:
        return self.design.covariance(influence.reshape(len(influence), -1), rows=self.base)


def _rao_scott(table: _Table, freedom: int, statistic: Statistic) -> Association:
    effects = _generalised_effects(table)
    degrees = effects.shape[0]
    trace = float(np.trace(effects))
    pearson = table.respondents * float(((table.shares - table.expected) ** 2 / table.expected).sum())
    mean_effect = trace / degrees
    if statistic is Statistic.FIRST_ORDER:
        return Association(
            kind=statistic,
            statistic=pearson / mean_effect,
            degrees=float(degrees),
            denominator_degrees=None,
            p_value=float(special.chdtrc(degrees, pearson / mean_effect)),
            pearson=pearson,
            mean_design_effect=mean_effect,
            respondents=table.respondents,
        )
    numerator = trace**2 / float(np.trace(effects @ effects))
    return Association(
        kind=statistic,
        statistic=pearson / trace,
        degrees=numerator,
        denominator_degrees=numerator * freedom,
        p_value=float(special.fdtrc(numerator, numerator * freedom, pearson / trace)),
        pearson=pearson,
        mean_design_effect=mean_effect,
        respondents=table.respondents,
    )


def _generalised_effects(table: _Table) -> Floats:
    """The matrix of Rao and Scott, (k, k) with k = (r - 1)(c - 1), by the shares found, as R has it."""
    r, c = table.shares.shape
    shares = table.shares.ravel()
    inverse = np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
    of_row, of_column = np.kron(np.eye(r), np.ones((c, 1))), np.kron(np.ones((r, 1)), np.eye(c))
    main = np.hstack([np.ones((r * c, 1)), of_row[:, 1:], of_column[:, 1:]])
    both = np.hstack([of_row[:, [i]] * of_column[:, [j]] for i in range(1, r) for j in range(1, c)])
    contrasts = both - main @ np.linalg.lstsq(main, both, rcond=None)[0]
    scaled = contrasts * inverse[:, None]
    simple = contrasts.T @ scaled / table.respondents
    return np.asarray(np.linalg.solve(simple, scaled.T @ table.covariance(table.influence) @ scaled))


def _wald(table: _Table, freedom: int, statistic: Statistic) -> Association:
    """Wald's test of the weighted counts minus what independence expects, one row and one column left out."""
    row, column = table.shares.sum(axis=1), table.shares.sum(axis=0)
    by_row, by_column = table.influence.sum(axis=2), table.influence.sum(axis=1)
    apart = table.shares - table.expected
    influence = table.influence - row[:, None] * by_column[:, None, :] - by_row[:, :, None] * column
    # Counts, not shares: what the weights add up to is itself estimated, unless it was fitted.
    counts = influence * table.weighted + apart * table.base[:, None, None]
    left = (table.weighted * apart)[:-1, :-1].ravel()
    spread = table.covariance(counts[:, :-1, :-1])
    degrees = left.size
    found = float(left @ np.linalg.solve(spread, left)) / degrees
    denominator = freedom
    if statistic is Statistic.ADJUSTED_WALD:
        denominator = freedom - degrees + 1
        found *= denominator / freedom
    return Association(
        kind=statistic,
        statistic=found,
        degrees=float(degrees),
        denominator_degrees=float(denominator),
        p_value=float(special.fdtrc(degrees, denominator, found)) if denominator > 0 else float("nan"),
        pearson=None,
        mean_design_effect=None,
        respondents=table.respondents,
    )
