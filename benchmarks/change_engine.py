"""The vectorised change and verdict engine beside a loop over statsmodels and SciPy, same data, same run, same work.

342 municipalities x 60 indicators x 14 years of invented counts. Both do three things for every figure: the dispersion
of the years before it, the change since the first year (p value), and the evidence against an agreed value
(probability). The engine does all series at once. The loop takes them one by one, as an analyst would: one statsmodels
GLM, one `scipy.stats.binom` and one averaged gamma or beta distribution a figure; it runs on a stated subset and is
scaled. The largest differences between the two are printed. Run:
`uv run --group bench python -m benchmarks.change_engine [series in the loop]`.
"""

import platform
import resource
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import stats

from koersvast.engine import batch
from koersvast.engine.dispersion import Floats

MUNICIPALITIES, INDICATORS, YEARS = 342, 60, 14
PASSES = 3


def invent(seed: int) -> tuple[Floats, Floats, Floats]:
    """Counts, exposures and agreed values. Shapes: series x years."""
    random = np.random.default_rng(seed)
    series = MUNICIPALITIES * INDICATORS
    levels = np.exp(np.log(40) + random.standard_normal(series))[:, None] * np.exp(
        -0.03 * np.arange(YEARS)[None, :] + 0.1 * random.standard_normal((series, YEARS))
    )
    counts = random.poisson(levels).astype(np.float64)
    counts[random.random((series, YEARS)) < 0.03] = np.nan
    people = np.repeat(np.exp(np.log(30_000) + 0.7 * random.standard_normal(MUNICIPALITIES)), INDICATORS)
    exposures = people[:, None] * (1 + 0.005 * np.arange(YEARS))
    return counts, exposures, np.round(levels * 0.9)


type Results = tuple[Floats, Floats, Floats]
"""Dispersions, p values of changes, probabilities of the evidence. Shapes: series x years; nan where there is none."""


def engine_pass(counts: Floats, exposures: Floats, agreed: Floats) -> Results:
    """Everything for everyone, once."""
    lower = np.ones(len(counts), dtype=np.bool_)
    found = batch.dispersions(counts, middle_years=np.arange(YEARS, dtype=np.float64), exposures=exposures)
    changes = batch.change_of_counts(counts, exposures=exposures, dispersion=found, lower_is_better=lower)
    weighed = batch.evidence_of_counts(counts, agreed=agreed, dispersion=found, lower_is_better=lower)
    return np.where(found.degrees_of_freedom > 0, found.phi, np.nan), changes.p_value, weighed.probability


def peer_loop(counts: Floats, exposures: Floats, agreed: Floats) -> Results:
    """The same, one figure at a time."""
    phi, p_value, probability = (np.full_like(counts, np.nan) for _ in range(3))
    for row in range(len(counts)):
        for now in range(YEARS):
            phi[row, now], df = peer_dispersion(counts[row, :now], exposures[row, :now])
            x, y = counts[row, 0], counts[row, now]
            if not np.isfinite(y):
                continue
            if np.isfinite(x):
                share = exposures[row, now] / (exposures[row, 0] + exposures[row, now])
                p_value[row, now] = peer_change(x, y, share, phi[row, now])
            if agreed[row, now] > 0:
                probability[row, now] = peer_evidence(y, agreed[row, now], phi[row, now], df)
    return phi, p_value, probability


def peer_dispersion(before: Floats, exposures: Floats) -> tuple[float, int]:
    """Pearson dispersion around a log-linear trend; nan where it cannot be fitted."""
    known = np.isfinite(before)
    if known.sum() < 4 or before[known].sum() < known.sum():
        return np.nan, 0
    design = sm.add_constant(np.arange(len(before), dtype=np.float64)[known])
    model = sm.GLM(before[known], design, family=sm.families.Poisson(), exposure=exposures[known])
    fitted = model.fit(tol=1e-12)
    return fitted.pearson_chi2 / fitted.df_resid, int(fitted.df_resid)


def peer_change(x: float, y: float, share: float, phi: float) -> float:
    """Conditional binomial mid-p value, widened."""
    split = stats.binom(int(x + y), share)
    half = split.pmf(y) / 2
    exact = 2 * min(split.cdf(y) - half, split.sf(y) + half)
    return float(2 * stats.norm.sf(stats.norm.isf(exact / 2) / np.sqrt(np.nanmax([1.0, phi]))))


def peer_evidence(count: float, level: float, phi: float, df: int) -> float:
    """Gamma, or the average over the negative binomial counterparts, whichever is nearer to one half."""
    alone = float(stats.gamma.cdf(level, count + 0.5))
    if not df:
        return alone
    points, weights = np.polynomial.legendre.leggauss(16)
    t = (points + 1) / 2
    phis = np.maximum(1e-3, phi * df / stats.chi2.ppf(t * t * (3 - 2 * t), df))
    over = phis > 1
    tails = np.asarray(stats.gamma.cdf(level / phis, (count + 0.5) / phis))
    tails[over] = stats.beta.cdf(1 - 1 / phis[over], count + 0.5, level / (phis[over] - 1))
    widened = float((tails * 3 * t * (1 - t) * weights).sum())
    if (alone - 0.5) * (widened - 0.5) < 0:
        return 0.5
    return min(alone, widened, key=lambda chance: abs(chance - 0.5))


def main() -> None:
    """Print both times, their ratio, the difference, the machine, the versions and the peak memory."""
    subset = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    counts, exposures, agreed = invent(seed=1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    engine_seconds = []
    for _ in range(PASSES):
        started = time.perf_counter()
        found = engine_pass(counts, exposures, agreed)
        engine_seconds.append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peers = peer_loop(counts[:subset], exposures[:subset], agreed[:subset])
    loop_seconds = (time.perf_counter() - started) * len(counts) / subset
    print(f"{len(counts)} series x {YEARS} years ({MUNICIPALITIES} municipalities x {INDICATORS} indicators)")
    shown = ", ".join(f"{seconds:.1f}" for seconds in engine_seconds)
    print(f"engine, dispersion + change + evidence        {min(engine_seconds):8.1f} s, best of {shown}")
    print(f"statsmodels and SciPy loop, the same three    {loop_seconds:8.1f} s, scaled from {subset} series")
    print(f"ratio                                         {loop_seconds / min(engine_seconds):8.1f}")
    for what, ours, theirs in zip(("dispersion", "p value", "probability"), found, peers, strict=True):
        both = np.isfinite(theirs) & np.isfinite(ours[:subset])
        difference = float(np.abs(theirs - ours[:subset])[both].max())
        print(f"largest difference in {both.sum()} values of the {what}: {difference:.1e}")
    print(f"peak memory of the process: {before / 1024:.0f} MB before the pass, {peak / 1024:.0f} MB after it")
    print(f"{platform.machine()} {platform.processor() or _processor()}, {platform.platform()}")
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}, "
        f"statsmodels {statsmodels.__version__}"
    )


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return "unknown processor"


if __name__ == "__main__":
    main()
