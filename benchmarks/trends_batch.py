"""Trends of 20,520 series x 120 months beside a loop over statsmodels: Poisson, and NB2 by maximum likelihood.

342 municipalities x 60 indicators of invented monthly counts. statsmodels runs on a stated subset and is scaled; engine
and loop take turns. The largest differences are printed, and how many series got a reason instead of a trend. Run:
`python -m benchmarks.trends_batch [series in the loop, 300]`.
"""

import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import statsmodels
import statsmodels.api as sm

from benchmarks.national import describe_machine
from koersvast.engine.trends_batch import REASONS, Floats, Trends, poisson_trends, scattered_trends

SERIES, MONTHS, PASSES = 342 * 60, 120, 3
YEARS = 2014 + (np.arange(MONTHS) + 0.5) / 12


def invent(seed: int) -> tuple[Floats, Floats]:
    """Counts and exposures. Shapes: series x months."""
    random = np.random.default_rng(seed)
    level = np.exp(np.log(3) + 1.2 * random.standard_normal((SERIES, 1)))
    mean = level * np.exp(random.normal(-0.03, 0.05, (SERIES, 1)) * (YEARS - 2019) + 0.2 * np.cos(2 * np.pi * YEARS))
    scatter = np.abs(random.normal(0.3, 0.3, (SERIES, 1))) + 0.02
    counts = random.poisson(mean * random.gamma(1 / scatter, scatter, mean.shape)).astype(np.float64)
    people = np.exp(random.normal(3, 0.7, (SERIES, 1)))
    return counts, people * (1 + 0.005 * (YEARS - 2014))


def poisson_loop(counts: Floats, exposures: Floats) -> list[Any]:
    """One GLM a series."""
    design = sm.add_constant(YEARS - YEARS.mean())
    return [
        sm.GLM(y, design, family=sm.families.Poisson(), exposure=e).fit().params
        for y, e in zip(counts, exposures, strict=True)
    ]


def scattered_loop(counts: Floats, exposures: Floats) -> list[Any]:
    """One negative binomial model a series, by Newton's method; nan where it does not converge."""
    design, found = sm.add_constant(YEARS - YEARS.mean()), []
    for y, e in zip(counts, exposures, strict=True):
        fitted = sm.NegativeBinomial(y, design, exposure=e).fit(method="newton", maxiter=100, disp=0)
        found.append(fitted.params[:2] if fitted.mle_retvals["converged"] else np.full(2, np.nan))
    return found


def compare(name: str, ours: Callable[..., Trends], loop: Callable[[Floats, Floats], list[Any]], subset: int) -> None:
    """Let both take turns, and print times, ratio and differences."""
    counts, exposures = invent(seed=5)
    mine, theirs, params = list[float](), list[float](), list[Any]()
    for _ in range(PASSES):
        started = time.perf_counter()
        found = ours(counts, middle_years=YEARS, exposures=exposures)
        mine.append(time.perf_counter() - started)
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            params = loop(counts[:subset], exposures[:subset])
        theirs.append((time.perf_counter() - started) * SERIES / subset)
    told = (found.why[:subset] == 0) & ~(found.boundary[:subset] & (loop is scattered_loop))
    lines = np.stack([found.level, found.slope], axis=1)[:subset]
    apart = np.abs(lines - np.array(params))[told]
    refused = {REASONS[code]: int(n) for code, n in enumerate(np.bincount(found.why)) if code and n}
    ours_seconds, loop_seconds = statistics.median(mine), statistics.median(theirs)
    print(
        f"| {name} | {ours_seconds:.2f} s | {loop_seconds:.1f} s | {loop_seconds / ours_seconds:.0f} "
        f"| {np.nanmax(apart):.0e} in {int(np.isfinite(apart[:, 0]).sum())} | {refused} |",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    subset = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    describe_machine()
    print(
        f"statsmodels {statsmodels.__version__}; its time scaled from {subset} series; load {os.getloadavg()[0]:.1f}\n"
    )
    print("| trends | engine | statsmodels | × | largest difference | not estimable |\n|---|--:|--:|--:|--:|---|")
    compare("Poisson", poisson_trends, poisson_loop, subset)
    compare("NB2", scattered_trends, scattered_loop, subset)
    print(f"\nPeak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
