"""The vectorised change and verdict engine beside a loop of statsmodels GLMs, same data, same run.

342 municipalities x 60 indicators x 14 years of invented counts. The engine does them all in one pass: dispersion
before every year, change since the first year, evidence against an agreed value. The loop fits the same log-linear
Poisson trend once per series and year, one GLM each; it runs on a stated subset and is scaled. Both give dispersions,
and the largest difference between them is printed. Run:
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

from koersvast.engine import batch
from koersvast.engine.dispersion import Floats

MUNICIPALITIES, INDICATORS, YEARS = 342, 60, 14


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


def engine_pass(counts: Floats, exposures: Floats, agreed: Floats) -> batch.Dispersions:
    """Everything for everyone, once."""
    lower = np.ones(len(counts), dtype=np.bool_)
    found = batch.dispersions(counts, middle_years=np.arange(YEARS, dtype=np.float64), exposures=exposures)
    batch.change_of_counts(counts, exposures=exposures, dispersion=found, lower_is_better=lower)
    batch.evidence_of_counts(counts, agreed=agreed, dispersion=found, lower_is_better=lower)
    return found


def glm_loop(counts: Floats, exposures: Floats) -> Floats:
    """The dispersion before every year by one GLM per series and year; nan where it cannot be fitted."""
    phi = np.full_like(counts, np.nan)
    for row in range(len(counts)):
        for now in range(4, YEARS):
            known = np.isfinite(counts[row, :now])
            y = counts[row, :now][known]
            if known.sum() < 4 or y.sum() < known.sum():
                continue
            design = sm.add_constant(np.arange(now, dtype=np.float64)[known])
            model = sm.GLM(y, design, family=sm.families.Poisson(), exposure=exposures[row, :now][known])
            fitted = model.fit(tol=1e-12)
            phi[row, now] = fitted.pearson_chi2 / fitted.df_resid
    return phi


def main() -> None:
    """Print both times, their ratio, the difference, the machine, the versions and the peak memory."""
    subset = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    counts, exposures, agreed = invent(seed=1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    found = engine_pass(counts, exposures, agreed)
    engine_seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        phi = glm_loop(counts[:subset], exposures[:subset])
    loop_seconds = (time.perf_counter() - started) * len(counts) / subset
    both = np.isfinite(phi) & (found.degrees_of_freedom[:subset] > 0)
    difference = float(np.abs(phi - found.phi[:subset])[both].max())
    print(f"{len(counts)} series x {YEARS} years ({MUNICIPALITIES} municipalities x {INDICATORS} indicators)")
    print(f"engine, one pass (dispersion, change, evidence)   {engine_seconds:8.1f} s")
    print(f"statsmodels GLM loop (dispersion only)            {loop_seconds:8.1f} s, scaled from {subset} series")
    print(f"ratio                                             {loop_seconds / engine_seconds:8.1f}")
    print(f"largest difference in the dispersion, {int(both.sum())} fits: {difference:.1e}")
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
