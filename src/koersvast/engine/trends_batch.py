"""Trends of many series of counts at once: log-linear in time, with chance alone (Poisson) or with scatter (NB2).

All series share the moments at which they were counted; a count that is not known is nan. Shapes: series x periods.
Series that no finite trend fits, or of which a handful of events would decide it, get a reason and no number. See
docs/methods/trends-batch.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koersvast.engine.quantities import BadValue, Method, Reason

type Floats = NDArray[np.float64]
type Codes = NDArray[np.int8]

POISSON_TREND = Method(name="trend-poisson", version="1")
SCATTERED_TREND = Method(name="trend-nb2", version="1")
FEWEST_EVENTS = 10
REASONS = (
    "trend_estimable",
    "trend_too_few_periods",
    "trend_too_few_events",
    "trend_events_in_one_half",
    "trend_events_in_too_few_periods",
    "trend_not_settled",
)
_FEW_PERIODS, _FEW_EVENTS, _ONE_HALF, _FEW_MOMENTS, _NOT_SETTLED = range(1, len(REASONS))
_PASSES = 60
# On the log scale, from the middle to the farthest moment: beyond it all events lie at one end.
_STEEPEST = 12.0
_SETTLED = 1e-11
_SERIES_AT_ONCE = 1024
_CELLS_AT_ONCE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Trends:
    """A trend per series; nan wherever `why` is not 0.

    `level` is the log of the expected count (per unit of exposure) at `centre`, `slope` its change a year (0.05 is
    e^0.05 - 1 = 5 % more a year), with standard errors. `season` holds cosine and sine of each harmonic. `alpha` is the
    scatter of NB2 (variance = mean + alpha x mean²), nought for Poisson. `pearson` is the sum of squared residuals over
    variance, with `degrees_of_freedom`: of Poisson trends their ratio is the dispersion. `why` is a position in
    REASONS. `boundary` tells series without more scatter than chance: their NB2 trend is the Poisson trend.
    """

    method: Method
    centre: float
    level: Floats
    slope: Floats
    level_error: Floats
    slope_error: Floats
    season: Floats
    alpha: Floats
    log_likelihood: Floats
    pearson: Floats
    degrees_of_freedom: Floats
    events: Floats
    why: Codes
    boundary: NDArray[np.bool_]

    def reason(self, series: int) -> Reason | None:
        """Why a series has no trend; None when it has one."""
        if not self.why[series]:
            return None
        values = {"events": float(self.events[series]), "events_needed": FEWEST_EVENTS}
        return Reason(code=REASONS[self.why[series]], values=values)


def poisson_trends(
    counts: Floats, *, middle_years: Floats, exposures: Floats | None = None, harmonics: int = 0
) -> Trends:
    """Fit log(expected) = log(exposure) + level + slope x (year - centre) + season, by maximum likelihood.

    `middle_years`: moments in years, shape periods. `exposures`: series x periods, nought or nan where not known.
    `harmonics` adds that many cosine and sine pairs of the year. Raises BadValue for counts below nought.
    """
    return _trends(POISSON_TREND, counts, middle_years, exposures, harmonics)


def scattered_trends(
    counts: Floats, *, middle_years: Floats, exposures: Floats | None = None, harmonics: int = 0
) -> Trends:
    """Fit the same line with a scatter of its own for each series (negative binomial, NB2), by maximum likelihood.

    Standard errors come from the observed information of line and scatter together.
    """
    return _trends(SCATTERED_TREND, counts, middle_years, exposures, harmonics)


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Some series, with nought for what is not known: `y` counts, `e` exposures, `x` periods x terms."""

    y: Floats
    e: Floats
    x: Floats
    pairs: Floats

    def of(self, rows: NDArray[np.intp]) -> "_Block":
        return _Block(y=self.y[rows], e=self.e[rows], x=self.x, pairs=self.pairs)

    def mean(self, beta: Floats) -> Floats:
        found: Floats = self.e * np.exp(np.clip(beta @ self.x.T, -60, 60))
        return found

    def information(self, weights: Floats) -> Floats:
        """Sum of weight x term x term. Shape: series x terms x terms."""
        terms = self.x.shape[1]
        return (weights @ self.pairs).reshape(-1, terms, terms)


@dataclass(kw_only=True)
class _Fit:
    """What is found of a block; filled in place."""

    beta: Floats
    covariance: Floats
    alpha: Floats
    mean: Floats
    settled: NDArray[np.bool_]


def _trends(method: Method, counts: Floats, middle_years: Floats, exposures: Floats | None, harmonics: int) -> Trends:
    known = np.isfinite(counts)
    if exposures is not None:
        known &= np.isfinite(exposures) & (np.nan_to_num(exposures) > 0)
    y = np.where(known, counts, 0.0)
    if (y < 0).any():
        raise BadValue("A count below nought.")
    e = known.astype(np.float64) if exposures is None else np.where(known, exposures, 0.0)
    centre = float(middle_years.mean())
    x = _terms(middle_years, centre, harmonics)
    why = _guard(y, known, middle_years, x)
    series, terms = len(y), x.shape[1]
    found = {name: np.full(series, np.nan) for name in ("alpha", "log_likelihood", "pearson")}
    beta, errors = np.full((series, terms), np.nan), np.full((series, terms), np.nan)
    for rows in _parts(y, why, weigh=method is SCATTERED_TREND):
        block = _Block(y=y[rows], e=e[rows], x=x, pairs=(x[:, :, None] * x[:, None, :]).reshape(len(x), -1))
        fit = _fit_poisson(block)
        if method is SCATTERED_TREND:
            _scatter(block, fit)
        why[rows[~fit.settled]] = _NOT_SETTLED
        good, at = rows[fit.settled], fit.settled
        beta[good] = fit.beta[at]
        errors[good] = np.sqrt(np.diagonal(fit.covariance[at], axis1=1, axis2=2)[:, :terms])
        found["alpha"][good] = fit.alpha[at]
        variance = fit.mean * (1 + fit.alpha[:, None] * fit.mean)
        residual = np.divide((block.y - fit.mean) ** 2, variance, out=np.zeros_like(variance), where=variance > 0)
        found["pearson"][good] = residual.sum(axis=1)[at]
        found["log_likelihood"][good] = _log_likelihood(block, fit)[at]
    return Trends(
        method=method,
        centre=centre,
        level=beta[:, 0],
        slope=beta[:, 1],
        level_error=errors[:, 0],
        slope_error=errors[:, 1],
        season=beta[:, 2:],
        degrees_of_freedom=known.sum(axis=1).astype(np.float64) - terms,
        events=y.sum(axis=1),
        why=why,
        boundary=found["alpha"] == 0,
        **found,
    )


def _terms(middle_years: Floats, centre: float, harmonics: int) -> Floats:
    columns = [np.ones_like(middle_years), middle_years - centre]
    for number in range(1, harmonics + 1):
        angle = 2 * np.pi * number * middle_years
        columns += [np.cos(angle), np.sin(angle)]
    return np.stack(columns, axis=1)


def _guard(y: Floats, known: NDArray[np.bool_], middle_years: Floats, x: Floats) -> Codes:
    """Which series have no finite trend, or none worth the name."""
    terms = x.shape[1]
    first = known & (middle_years < _middles(known, middle_years)[:, None])
    halves = np.where(first, y, 0.0).sum(axis=1), np.where(known & ~first, y, 0.0).sum(axis=1)
    # Moments with events that span all terms make the maximum finite (Santos Silva and Tenreyro 2010).
    moments = (y > 0).astype(np.float64) @ (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    spanned = np.linalg.matrix_rank(moments.reshape(-1, terms, terms), hermitian=True) == terms
    why = np.zeros(len(y), dtype=np.int8)
    for code, holds in (
        (_FEW_MOMENTS, ~spanned),
        (_ONE_HALF, (halves[0] == 0) | (halves[1] == 0)),
        (_FEW_EVENTS, y.sum(axis=1) < FEWEST_EVENTS),
        (_FEW_PERIODS, known.sum(axis=1) < terms + 2),
    ):
        why[holds] = code
    return why


def _middles(known: NDArray[np.bool_], middle_years: Floats) -> Floats:
    """Halfway between the first and the last moment that is known, per series."""
    first = np.where(known, middle_years, np.inf).min(axis=1, initial=np.inf)
    last = np.where(known, middle_years, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(
        first <= last, (np.where(np.isfinite(first), first, 0) + np.where(np.isfinite(last), last, 0)) / 2, 0
    )


def _parts(y: Floats, why: Codes, *, weigh: bool) -> Iterator[NDArray[np.intp]]:
    """Rows to fit together: those of like size, so that nothing is large for the sake of one."""
    rows = np.flatnonzero(why == 0)
    largest = y[rows].max(axis=1, initial=0)
    rows = rows[np.argsort(largest, kind="stable")]
    while len(rows):
        size = min(_SERIES_AT_ONCE, len(rows))
        while weigh and size > 1 and size * y[rows[size - 1]].max() > _CELLS_AT_ONCE:
            size //= 2
        yield rows[:size]
        rows = rows[size:]


def _fit_poisson(block: _Block) -> _Fit:
    """Newton's method, which for this model is iteratively reweighted least squares."""
    series, terms = len(block.y), block.x.shape[1]
    beta = np.zeros((series, terms))
    beta[:, 0] = np.log(block.y.sum(axis=1) / block.e.sum(axis=1))
    settled, reach = np.zeros(series, dtype=np.bool_), np.abs(block.x).max(axis=0)
    active = np.arange(series)
    for _ in range(_PASSES):
        part = block.of(active)
        mean = part.mean(beta[active])
        step = _solve(part.information(mean), (part.y - mean) @ part.x)
        size = np.abs(step) @ reach
        beta[active] += step / np.maximum(1.0, size)[:, None]
        settled[active] = size < _SETTLED
        active = active[(size >= _SETTLED) & (np.abs(beta[active, 1]) * reach[1] < _STEEPEST)]
        if not len(active):
            break
    mean = block.mean(beta)
    information = block.information(mean)
    settled &= (np.abs(beta[:, 1]) * reach[1] < _STEEPEST) & np.isfinite(beta).all(axis=1)
    return _Fit(beta=beta, covariance=_inverse(information), alpha=np.zeros(series), mean=mean, settled=settled)


def _scatter(block: _Block, fit: _Fit) -> None:
    """Let each series have scatter of its own, unless it has no more than chance: then the Poisson trend stays."""
    excess = ((block.y - fit.mean) ** 2 - block.y).sum(axis=1)
    rows = np.flatnonzero(fit.settled & (excess > 0))
    if not len(rows):
        return
    part = block.of(rows)
    alpha = np.clip(excess[rows] / (fit.mean[rows] ** 2).sum(axis=1), 1e-4, 10.0)
    found = _fit_scattered(part, fit.beta[rows], np.log(alpha))
    fit.beta[rows], fit.alpha[rows], fit.covariance[rows] = found.beta, found.alpha, found.covariance
    fit.mean[rows], fit.settled[rows] = found.mean, found.settled


def _fit_scattered(block: _Block, beta: Floats, log_alpha: Floats) -> _Fit:
    """Newton's method on line and log scatter together; where the surface is not a hill, on each by itself."""
    series, terms = beta.shape
    tails = _tails(block.y)
    reach = np.append(np.abs(block.x).max(axis=0), 1.0)
    theta = np.concatenate([beta, log_alpha[:, None]], axis=1)
    settled, active = np.zeros(series, dtype=np.bool_), np.arange(series)
    for _ in range(_PASSES):
        score, hill, apart = _derivatives(block.of(active), theta[active], tails[active])
        shaped = np.linalg.eigvalsh(hill)[:, 0] > 1e-10
        step = _solve(np.where(shaped[:, None, None], hill, apart), score)
        size = np.abs(step) @ reach
        theta[active] += step / np.maximum(1.0, size)[:, None]
        settled[active] = shaped & (size < 1e-9)
        active = active[~settled[active] & (np.abs(theta[active, -1]) < 30)]
        if not len(active):
            break
    _, hill, _ = _derivatives(block, theta, tails)
    covariance = _inverse(hill)[:, :terms, :terms]
    settled &= (np.abs(theta[:, 1]) * reach[1] < _STEEPEST) & (covariance[:, 1, 1] > 0)
    beta, alpha = theta[:, :-1], np.exp(theta[:, -1])
    return _Fit(beta=beta, covariance=covariance, alpha=alpha, mean=block.mean(beta), settled=settled)


def _tails(y: Floats) -> Floats:
    """In how many periods more than j events were counted, for j = 0, 1, ... Shape: series x largest count."""
    largest, series = int(y.max(initial=0)), len(y)
    width = largest + 1
    at = (np.arange(series)[:, None] * width + y.astype(np.int64)).reshape(-1)
    seen = np.bincount(at, minlength=series * width).reshape(series, width)
    found: Floats = y.shape[1] - np.cumsum(seen, axis=1)[:, :-1].astype(np.float64)
    return found


def _derivatives(block: _Block, theta: Floats, tails: Floats) -> tuple[Floats, Floats, Floats]:
    """Score, minus the second derivatives, and the same with line and scatter apart; in line and log alpha.

    log Γ(y + 1/α) - log Γ(1/α) is written as a sum over j < y of log(1 + α j): exact, and smooth as α goes to nought.
    """
    terms = theta.shape[1] - 1
    alpha = np.exp(theta[:, -1:])
    mean = block.mean(theta[:, :-1])
    spread = 1 + alpha * mean
    residual = (block.y - mean) / spread
    score, slope = _scatter_derivatives(block.y, mean, alpha, tails)
    hill = np.zeros((len(theta), terms + 1, terms + 1))
    apart = np.zeros_like(hill)
    hill[:, :terms, :terms] = block.information(mean * (1 + alpha * block.y) / spread**2)
    apart[:, :terms, :terms] = block.information(mean / spread)
    cross = (mean * residual / spread) @ block.x * alpha
    hill[:, :terms, terms] = hill[:, terms, :terms] = cross
    curve = -(alpha[:, 0] ** 2 * slope + alpha[:, 0] * score)
    hill[:, terms, terms] = curve
    apart[:, terms, terms] = np.maximum(np.abs(curve), 1e-6)
    return np.concatenate([residual @ block.x, alpha * score[:, None]], axis=1), hill, apart


def _scatter_derivatives(y: Floats, mean: Floats, alpha: Floats, tails: Floats) -> tuple[Floats, Floats]:
    """First and second derivative of the log-likelihood to alpha. Shape: series."""
    j = np.arange(tails.shape[1], dtype=np.float64)
    part = j / (1 + alpha * j)
    z = alpha * mean
    spread = 1 + z
    # (log(1 + z) - z / (1 + z)) / z² and its derivative; as a series where the difference would lose its digits.
    small = z < 1e-2
    safe = np.where(small, 1.0, z)
    with np.errstate(under="ignore"):
        ratio = (np.log1p(safe) - safe / (1 + safe)) / safe**2
        bend = 1 / (safe * (1 + safe) ** 2) - 2 * ratio / safe
    ratio = np.where(small, _series(z, 0), ratio)
    bend = np.where(small, _series(z, 1), bend)
    first = (tails * part).sum(axis=1) + (mean**2 * ratio - y * mean / spread).sum(axis=1)
    second = -(tails * part**2).sum(axis=1) + (mean**3 * bend + y * mean**2 / spread**2).sum(axis=1)
    return first, second


_TERMS = np.array([(-1) ** k * (k + 1) / (k + 2) for k in range(9)])


def _series(z: Floats, derivative: int) -> Floats:
    """Evaluate Σ (-1)^k (k + 1) / (k + 2) z^k, or its derivative, by Horner's rule."""
    terms = np.polynomial.polynomial.polyder(_TERMS, derivative) if derivative else _TERMS
    z = np.where(z < 1e-2, z, 0.0)
    found = np.full_like(z, terms[-1])
    for term in terms[-2::-1]:
        found = found * z + term
    return found


def _log_likelihood(block: _Block, fit: _Fit) -> Floats:
    """Without the terms of the counts alone (log y!)."""
    alpha, tails = fit.alpha[:, None], _tails(block.y)
    log_mean = np.log(np.where(fit.mean > 0, fit.mean, 1.0))
    plain = (block.y * log_mean).sum(axis=1) - np.where(fit.alpha > 0, 0.0, fit.mean.sum(axis=1))
    held = np.where(alpha > 0, alpha, 1.0)
    widened = (tails * np.log1p(alpha * np.arange(tails.shape[1]))).sum(axis=1)
    widened -= ((block.y + 1 / held) * np.log1p(held * fit.mean)).sum(axis=1)
    return np.where(fit.alpha > 0, plain + widened, plain)


def _solve(matrices: Floats, vectors: Floats) -> Floats:
    found: Floats = np.linalg.solve(_regular(matrices), vectors[:, :, None])[:, :, 0]
    return found


def _inverse(matrices: Floats) -> Floats:
    found: Floats = np.linalg.inv(_regular(matrices))
    return found


def _regular(matrices: Floats) -> Floats:
    """The same, with the identity for a matrix that cannot be inverted (its series ends as not settled)."""
    size = matrices.shape[-1]
    scale = np.sqrt(np.abs(np.diagonal(matrices, axis1=1, axis2=2)))
    held = np.where(scale > 0, scale, 1.0)
    bad = (scale <= 0).any(axis=1)
    scaled = matrices / (held[:, :, None] * held[:, None, :])
    bad |= ~np.isfinite(scaled).all(axis=(1, 2))
    scaled[bad] = np.eye(size)
    bad |= np.abs(np.linalg.det(scaled)) < 1e-12
    return np.where(bad[:, None, None], np.eye(size), matrices)
