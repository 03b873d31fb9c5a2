"""Invented samples of many designs, the numbers that R's survey gives of each, and our own of the same name."""

import csv
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from math import inf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koersvast.engine import estimates, quantiles, replicates, survey_tests
from koersvast.engine.association import Association, Statistic, association
from koersvast.engine.designs import Bools, Design, Ints, LonelyCluster, SecondStage
from koersvast.engine.dispersion import Floats
from koersvast.engine.estimates import Estimate, Linear
from koersvast.engine.quantities import Correction, Missing
from koersvast.engine.weighting import Margin, calibrate, post_stratify, rake

HERE = Path(__file__).parent
SCRIPT = HERE / "survey_reference.R"
COMMITTED = HERE / "survey_reference.csv"
COMMITTED_SEED = 1244
type Numbers = dict[tuple[str, str], float]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Columns by name (n,): stratum, cluster, unit, weight, population, units, yes, value, size, other, domain, group.

    `value` has gaps (nan). `how` tells R what to make of them: see `survey_reference.R`.
    """

    name: str
    columns: Mapping[str, NDArray[np.float64]]
    lonely: LonelyCluster = LonelyCluster.REMOVE
    adjust_domain_lonely: bool = False
    fitting: str = "none"
    parts: tuple[str, ...] = field(default=("stratum", "population"))

    def ints(self, name: str) -> Ints:
        return self.columns[name].astype(np.int64)

    @property
    def design(self) -> Design:
        has = self.columns.keys() & set(self.parts)
        plain = Design(
            weights=self.columns["weight"],
            strata=self.ints("stratum") if "stratum" in has else None,
            clusters=self.ints("cluster") if "cluster" in has else None,
            population=self.columns["population"] if "population" in has else None,
            second=SecondStage(population=self.columns["units"]) if "units" in has else None,
            lonely=self.lonely,
            adjust_domain_lonely=self.adjust_domain_lonely,
        )
        return plain if self.fitting == "none" else _fitted(plain, self)


# No share of equal weights is exactly one of these: there R depends on its rounding (docs/methods/survey-quantile.md).
PERCENTS = (25.3, 51.7, 90.1)
MARGINS = {"age": (2000.0, 2500.0, 3000.0), "sex": (3600.0, 3900.0)}


def _fitted(plain: Design, sample: Sample) -> Design:
    """The design with weights fitted by our own weighting; `fitting` names the way."""
    margins = [
        Margin(code=name, categories=sample.ints(name) - 1, totals=np.array(totals)) for name, totals in MARGINS.items()
    ]
    made = {
        "rake": lambda: rake(plain.weights, margins, tolerance=1e-13),
        "raking": lambda: calibrate(plain.weights, margins, distance="raking", tolerance=1e-13),
        "linear": lambda: calibrate(plain.weights, margins, distance="linear", tolerance=1e-13),
        "poststratify": lambda: post_stratify(plain.weights, margins[0]),
    }[sample.fitting]()
    return replace(plain, weights=made.weights, calibration=made.calibration)


def samples(seed: int) -> Iterator[Sample]:
    """Sixteen designs on answers drawn anew for this seed; only plain uniform draws, which never change."""
    draw = np.random.default_rng(seed).random
    for name, n, how in (
        ("simple", 150, {"parts": ()}),
        ("strata", 240, {"parts": ("stratum",)}),
        ("strata, finite", 240, {}),
        ("clusters", 260, {"parts": ("stratum", "cluster")}),
        ("clusters, finite", 260, {"parts": ("stratum", "cluster", "population")}),
        ("two stages", 260, {"parts": ("stratum", "cluster", "population", "units")}),
        *((f"lonely, {rule.value}", 200, _alone(rule)) for rule in LonelyCluster if rule is not LonelyCluster.REFUSE),
        ("lonely in domain, adjust", 200, _alone(LonelyCluster.ADJUST) | {"adjust_domain_lonely": True}),
        ("lonely in domain, average", 200, _alone(LonelyCluster.AVERAGE) | {"adjust_domain_lonely": True}),
        *((f"fitted, {way}", 240, {"fitting": way}) for way in ("rake", "raking", "linear", "poststratify")),
    ):
        columns = _columns(draw, n)
        if "lonely" in name:
            first = columns["cluster"][columns["stratum"] == 3][0]
            kept = (columns["stratum"] != 3) | (columns["cluster"] == first)
            columns = {key: column[kept] for key, column in columns.items()}
            thin = np.unique(columns["cluster"][columns["stratum"] == 2])[0]
            columns["domain"] = np.where(columns["stratum"] == 2, columns["cluster"] == thin, columns["domain"]).astype(
                np.float64
            )
        yield Sample(name=name, columns=columns, **how)  # type: ignore[arg-type]  # a table of fields by name


def _alone(rule: LonelyCluster) -> dict[str, object]:
    return {"parts": ("stratum", "cluster", "population"), "lonely": rule}


def _columns(draw: object, n: int) -> dict[str, NDArray[np.float64]]:
    assert callable(draw)
    stratum = np.floor(4 * draw(n)) + 1
    cluster = stratum * 100 + np.floor(9 * draw(n))
    value = np.round(3 + 2 * stratum + 6 * draw(n) * draw(n), 2)
    columns = {
        "stratum": stratum,
        "cluster": cluster,
        "weight": 5 + 60 * draw(n) + 4 * stratum,
        "population": 120 * stratum + 2500,
        "units": 60 + (cluster % 7) * 10,
        "age": np.floor(3 * draw(n)) + 1,
        "sex": np.floor(2 * draw(n)) + 1,
        "value": np.where(draw(n) < 0.08, np.nan, value),
        "size": 1 + 4 * draw(n),
        "yes": (draw(n) < 0.15 + 0.1 * stratum).astype(np.float64),
        "no": (draw(n) < 0.4).astype(np.float64),
        "domain": (draw(n) < 0.55).astype(np.float64),
    }
    columns["group"] = np.floor(3 * draw(n)) + 1
    columns["group"] = np.where(columns["age"] == 1, np.minimum(columns["group"], 2), columns["group"])
    columns["grade"] = np.where(draw(n) < 0.05, np.nan, np.floor(1 + 3 * draw(n)))
    if "population" in columns and n == 260:
        columns["population"] = 20 + 5 * stratum
    if n == 200:
        columns["population"] = 14 + 3 * stratum
    return columns


# Our own numbers, by the names that the script in R gives.


def ours(sample: Sample) -> dict[str, float]:
    design = sample.design
    everybody = np.ones(design.size, dtype=np.bool_)
    found = {f"weight {row}": float(design.weights[row]) for row in range(0, design.size, 37)}
    for name, rows in (("all", everybody), ("domain", sample.columns["domain"] == 1)):
        found |= {f"{name} {key}": value for key, value in _of_domain(sample, design, rows).items()}
    return found


def _of_domain(sample: Sample, design: Design, rows: Bools) -> dict[str, float]:
    columns = sample.columns
    value, size = columns["value"], columns["size"]
    known = rows & ~np.isnan(value)
    found = {"freedom": float(design.degrees_of_freedom(rows))}
    found |= _numbers("mean", estimates.mean(design, value, rows=rows, freedom=inf))
    found |= _numbers("total", estimates.total(design, value, rows=rows, freedom=inf))
    found |= _numbers("ratio", estimates.ratio(design, value, size, rows=rows, freedom=inf))
    share = estimates.share(design, columns["yes"] == 1, rows=rows)
    answered = estimates.share(design, value > np.nanmedian(value), rows=rows, answered=~np.isnan(value))
    for name, one in (("share", share), ("answered", answered)):
        assert isinstance(one, Estimate)
        assert one.low is not None
        assert one.high is not None
        found |= {f"{name}": one.value / 100, f"{name} low": one.low / 100, f"{name} high": one.high / 100}
    for rule in quantiles.QuantileRule:
        for percent in PERCENTS:
            one = quantiles.quantile(design, value, percent, rows=rows, rule=rule)
            assert isinstance(one, Estimate)
            found |= {
                f"{rule.value} {percent}": one.value,
                f"{rule.value} {percent} low": np.nan if one.low is None else one.low,
                f"{rule.value} {percent} high": np.nan if one.high is None else one.high,
                f"{rule.value} {percent} error": one.standard_error,
            }
    # Where weights were fitted, R's svychisq counts the freedom of everybody, not of the domain.
    freedom = None if design.calibration is None else design.degrees_of_freedom()
    for statistic in Statistic:
        for pair in (("age", "group"), ("sex", "grade")):
            first, second = (np.nan_to_num(columns[name], nan=0).astype(np.int64) - 1 for name in pair)
            test = association(design, first, second, rows=rows, statistic=statistic, freedom=freedom)
            assert isinstance(test, Association)
            found |= {f"{statistic.value} {pair[1]} p": test.p_value}
            if statistic is not Statistic.FIRST_ORDER:
                found |= {f"{statistic.value} {pair[1]}": test.statistic}
    found |= _compared(design, sample, rows, known)
    return found


def _compared(design: Design, sample: Sample, rows: Bools, known: Bools) -> dict[str, float]:
    value = sample.columns["value"]
    parts = [
        estimates.linear_share(design, sample.columns["yes"] == 1, rows=rows),
        estimates.linear_share(design, sample.columns["no"] == 1, rows=rows),
    ]
    tie = survey_tests.difference(design, _linear(parts[0]), against=_linear(parts[1]))
    groups = survey_tests.mean_by_group(design, value, sample.ints("group") - 1, rows=rows)
    pairs = survey_tests.compare_groups(design, groups, correction=Correction.NONE)
    found = {"tie": tie.difference / 100, "tie error": tie.standard_error / 100}
    for pair in pairs:
        name = f"groups {pair.first + 1} {pair.second + 1}"
        found |= {name: pair.difference.difference, f"{name} error": pair.difference.standard_error}
    sexes = survey_tests.mean_by_group(design, value, sample.ints("sex") - 1, rows=known)
    (two,) = survey_tests.compare_groups(design, sexes)
    return found | {"two groups p": two.difference.p_value}


def _linear(part: Linear | Missing) -> Linear:
    assert isinstance(part, Linear)
    return part


def _numbers(name: str, found: Estimate | Missing) -> dict[str, float]:
    assert isinstance(found, Estimate)
    assert found.low is not None
    assert found.high is not None
    assert found.design_effect is not None
    assert found.finite_design_effect is not None
    return {
        name: found.value,
        f"{name} error": found.standard_error,
        f"{name} low": found.low,
        f"{name} high": found.high,
        f"{name} effect": found.design_effect,
        f"{name} finite effect": found.finite_design_effect,
    }


def replicated(sample: Sample, factors: Floats | None) -> dict[str, float]:
    """Standard errors by R's own bootstrap factors (R, n), or by the jackknife."""
    design = sample.design
    if factors is None:
        drawn = replicates.jackknife(design)
    else:
        scales = np.full(len(factors), 1 / (len(factors) - 1))
        drawn = replicates.given(design, factors, scales=scales)
    columns = np.column_stack([sample.columns["yes"], sample.columns["size"]])
    totals = drawn.standard_errors(drawn.totals(columns))
    means = drawn.standard_errors(drawn.means(columns, base=sample.columns["domain"] == 1))
    return {"total yes": totals[0], "total size": totals[1], "mean yes": means[0], "mean size": means[1]}


# R's numbers.


@cache
def r_is_here() -> bool:
    """Whether Rscript and its package survey can be run."""
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(
        ["Rscript", "-e", "suppressMessages(library(survey)); cat(as.character(packageVersion('survey')))"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.returncode == 0


def run_r(made: list[Sample], folder: Path) -> Numbers:
    """Write the samples, run the script once over all of them, and read what it found."""
    with (folder / "designs.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("name", "file", "parts", "lonely", "domain", "fitting"))
        for number, sample in enumerate(made):
            write_columns(sample, folder / f"{number}.csv")
            lonely = {"refuse": "fail"}.get(sample.lonely.value, sample.lonely.value)
            parts = " ".join(part for part in sample.parts if part in sample.columns)
            writer.writerow((sample.name, f"{number}.csv", parts, lonely, sample.adjust_domain_lonely, sample.fitting))
    subprocess.run(["Rscript", str(SCRIPT), str(folder)], check=True, capture_output=True, text=True)
    return read_numbers(folder / "numbers.csv")


def write_columns(sample: Sample, path: Path) -> None:
    value = sample.columns["value"]
    over = np.where(np.isnan(value), np.nan, value > np.nanmedian(value))
    columns = {**sample.columns, "over": over}
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            writer.writerow("NA" if np.isnan(cell) else repr(float(cell)) for cell in row)


def read_numbers(path: Path) -> Numbers:
    with path.open(newline="") as file:
        return {(row["design"], row["what"]): float(row["value"]) for row in csv.DictReader(file)}


def weight_of_first(sample: Sample) -> float:
    """The part of all weight that the respondents with the lowest value have."""
    value, weight = sample.columns["value"], sample.columns["weight"]
    return float(weight[value == np.nanmin(value)].sum() / weight.sum())


def what_of(key: tuple[str, str]) -> str:
    """The kind of number, without its domain and part."""
    return key[1].split(" ")[1]


def gaps(made: list[Sample], expected: Numbers, *, relative: float) -> list[str]:
    """Every number that is not R's, with both; names that only one side has too."""
    found = {(sample.name, what): value for sample in made for what, value in ours(sample).items()}
    wrong = [f"{key}: only one side has it" for key in sorted(found.keys() ^ expected.keys())]
    for key in sorted(found.keys() & expected.keys()):
        have, want = found[key], expected[key]
        # Nought, but for rounding: a margin that the weights were fitted to has no error.
        if np.isnan(have) and np.isnan(want):
            continue
        # R finds this share by iterating a regression, to its own tolerance.
        allowed = max(relative, 1e-7) if what_of(key) in ("share", "answered") else relative
        if not (abs(have - want) <= allowed * abs(want) or max(abs(have), abs(want)) < 1e-9):
            wrong.append(f"{key}: {have!r}, R has {want!r}")
    return wrong


if __name__ == "__main__":
    # Ask R again for the numbers that are committed: `python -m tests.unit.engine.survey_samples`.
    with tempfile.TemporaryDirectory() as made_in:
        run_r(list(samples(COMMITTED_SEED)), Path(made_in))
        shutil.copy(Path(made_in) / "numbers.csv", COMMITTED)
