"""The weights are those of R's survey, run here and now on generated samples; skipped where R or survey is absent."""

import csv
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from koersvast.engine.cell_fitting import Distance
from koersvast.engine.dispersion import Floats
from koersvast.engine.weighting import Limits, Margin, calibrate, post_stratify, rake, trim_weights
from tests.spec.tables import HERE, read_tables

_SIZES = {"sex": 2, "age": 4, "area": 5, "home": 3}
_ON_ONE_SAMPLE = r"""
suppressMessages(library(survey))
d <- read.csv("sample.csv"); totals <- read.csv("totals.csv")
for (m in unique(totals$margin)) d[[m]] <- factor(d[[m]])
drawn <- svydesign(~1, data = d, weights = ~base)
tables <- lapply(unique(totals$margin), function(m) {
  t <- totals[totals$margin == m, ]
  setNames(data.frame(factor(t$category), t$total), c(m, "Freq"))
})
formulas <- lapply(unique(totals$margin), function(m) as.formula(paste("~", m)))
whole <- sum(tables[[1]]$Freq)
population <- c(`(Intercept)` = whole)
for (t in tables) population <- c(population, setNames(t$Freq[-1], paste0(names(t)[1], t[[1]][-1])))
fit <- function(...) weights(calibrate(drawn, ~ sex + age + area + home, population, epsilon = 1e-12, maxit = 500, ...))
raked <- rake(drawn, formulas, tables, control = list(maxit = 2000, epsilon = 1e-14, verbose = FALSE))
mean_weight <- whole / nrow(d)
write.csv(data.frame(
  post = weights(postStratify(drawn, ~age, tables[[2]])),
  rake = weights(raked),
  raking = fit(calfun = "raking"), linear = fit(calfun = "linear"),
  linear_bounded = fit(calfun = "linear", bounds = c(.65, 1.5)),
  raking_bounded = fit(calfun = "raking", bounds = c(.65, 1.5)),
  logit = fit(calfun = "logit", bounds = c(.4, 2.2)),
  trimmed_once = weights(trimWeights(raked, upper = 1.5 * mean_weight, lower = .5 * mean_weight)),
  trimmed = weights(trimWeights(raked, upper = 2.2 * mean_weight, strict = TRUE))
), "weights.csv", row.names = FALSE)
"""
_TRIM = Limits(lowest=0.5, highest=1.5, of_mean=True)


def _run(script: Path, folder: Path) -> str:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("Rscript is not installed.")
    done = subprocess.run(
        [rscript, "--vanilla", str(script)], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    if "there is no package called" in done.stderr:
        pytest.skip("R's package survey is not installed.")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def base_and_margins() -> tuple[Floats, tuple[Margin, ...]]:
    rng = np.random.default_rng(20211)
    n = 600
    base = rng.uniform(10, 60, n)
    codes = [rng.choice(size, n, p=rng.dirichlet([6.0] * size)) for size in _SIZES.values()]
    truth = base * np.prod(
        [rng.uniform(0.75, 1.35, size)[code] for code, size in zip(codes, _SIZES.values(), strict=True)], axis=0
    )
    return base, tuple(
        Margin(code=name, categories=code, totals=np.bincount(code, weights=truth, minlength=_SIZES[name]))
        for name, code in zip(_SIZES, codes, strict=True)
    )


@pytest.fixture(scope="module")
def of_r(
    base_and_margins: tuple[Floats, tuple[Margin, ...]], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Floats]:
    base, margins = base_and_margins
    folder = tmp_path_factory.mktemp("weights")
    with (folder / "sample.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["base", *_SIZES])
        rows.writerows(zip(base.tolist(), *(margin.categories.tolist() for margin in margins), strict=True))
    with (folder / "totals.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["margin", "category", "total"])
        rows.writerows([m.code, number, total] for m in margins for number, total in enumerate(m.totals.tolist()))
    script = folder / "weights.R"
    script.write_text(_ON_ONE_SAMPLE, encoding="utf-8")
    _run(script, folder)
    with (folder / "weights.csv").open() as file:
        found = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in found]) for name in found[0]}


type Ours = Callable[[Floats, tuple[Margin, ...]], Floats]
_OURS: Mapping[str, Ours] = {
    "post": lambda base, margins: post_stratify(base, margins[1]).weights,
    "rake": lambda base, margins: rake(base, margins, tolerance=1e-13).weights,
    "raking": lambda base, margins: calibrate(base, margins, distance=Distance.RAKING).weights,
    "linear": lambda base, margins: calibrate(base, margins).weights,
    "linear_bounded": lambda base, margins: calibrate(base, margins, bounds=(0.65, 1.5)).weights,
    "raking_bounded": lambda base, margins: (
        calibrate(base, margins, distance=Distance.RAKING, bounds=(0.65, 1.5)).weights
    ),
    "logit": lambda base, margins: calibrate(base, margins, distance=Distance.LOGIT, bounds=(0.4, 2.2)).weights,
    "trimmed_once": lambda base, margins: trim_weights(rake(base, margins).weights, _TRIM, strict=False).weights,
    "trimmed": lambda base, margins: (
        trim_weights(rake(base, margins).weights, Limits(highest=2.2, of_mean=True)).weights
    ),
}


@pytest.mark.parametrize("way", _OURS)
def test_weights_of_a_generated_sample_are_those_of_r(
    way: str, base_and_margins: tuple[Floats, tuple[Margin, ...]], of_r: Mapping[str, Floats]
) -> None:
    ours = _OURS[way](*base_and_margins)
    np.testing.assert_allclose(ours, of_r[way], rtol=1e-9)


def test_bounds_of_the_generated_sample_hold_somebody(
    base_and_margins: tuple[Floats, tuple[Margin, ...]], of_r: Mapping[str, Floats]
) -> None:
    base, _ = base_and_margins
    for way in ("linear_bounded", "raking_bounded"):
        factors = of_r[way] / base
        assert np.isclose(factors, 0.65).any() or np.isclose(factors, 1.5).any(), way


def test_committed_weights_are_what_r_gives_today(tmp_path: Path) -> None:
    printed = _run(HERE / "weighting.R", tmp_path)
    rows = read_tables()["weighting-r"].rows
    shown = "".join("    [" + ", ".join(f'"{cell}"' for cell in row) + "],\n" for row in rows)
    assert printed == shown
