"""The table book is that of R's survey: as it was committed, and freshly run."""

import csv
import subprocess
from pathlib import Path

import numpy as np
import pytest

from koersvast.engine.designs import CalibrationVariance, Design
from koersvast.engine.tabulation import Banner, Item, ItemKind, LettersRule, StandardErrors, tabulate
from koersvast.engine.tabulation_errors import Sampling, TableRows
from koersvast.engine.tabulation_sums import Columns, Variables
from koersvast.engine.weighting import Margin, rake
from tests.unit.engine.survey_samples import r_is_here

HERE = Path(__file__).parent
COMMITTED = HERE / "table_book.csv"
RELATIVE = 1e-9
type Survey = dict[str, np.ndarray]
type Numbers = dict[tuple[str, str], float]


def answers_of(seed: int) -> Survey:
    """Columns (n,) of an invented survey; nan where nobody answered. Only plain uniform draws, which never change."""
    draw, n = np.random.default_rng(seed).random, 320
    stratum = np.floor(4 * draw(n))
    age = np.where(draw(n) < 0.05, np.nan, np.floor(3 * draw(n)))
    lean = np.floor(3 * draw(n))
    return {
        "stratum": stratum,
        "cluster": stratum * 100 + np.floor(7 * draw(n)),
        "weight": 20 + 15 * stratum + 5 * draw(n),
        "population": 400 + 300 * stratum,
        "age": age,
        "m0": lean,
        "m1": np.floor(4 * draw(n)),
        "answer": np.where(draw(n) < 0.1, np.nan, np.clip(np.floor(3 * draw(n) + 0.4 * lean), 0, 2)),
        "mark": np.where(draw(n) < 0.1, np.nan, np.round(4 + lean + 4 * draw(n), 1)),
    }


def designs_of(columns: Survey) -> dict[str, Design]:
    """The four designs of the script in R."""
    weights, strata = columns["weight"], columns["stratum"].astype(np.int64)
    plain = Design(weights=weights, strata=strata, population=columns["population"])
    extra = np.array([70.0, 0.0, 140.0, 0.0])
    codes = [columns[name].astype(np.int64) for name in ("m0", "m1")]
    totals = [30.0 * np.bincount(code) + extra[: code.max() + 1] for code in codes]
    totals[1] *= totals[0].sum() / totals[1].sum()
    margins = [
        Margin(code=str(at), categories=code, totals=total)
        for at, (code, total) in enumerate(zip(codes, totals, strict=True))
    ]
    found = {
        "strata": plain,
        "clusters": Design(weights=weights, strata=strata, clusters=columns["cluster"].astype(np.int64)),
    }
    for variance in CalibrationVariance:
        made = rake(weights, margins, tolerance=1e-13, variance=variance)
        found[variance.value] = Design(
            weights=made.weights, strata=strata, population=columns["population"], calibration=made.calibration
        )
    return found


def coded(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), -1, values).astype(np.int8)


def ours(columns: Survey) -> Numbers:
    """Our numbers by the names that the script gives."""
    answer = Item(code="answer", kind=ItemKind.SINGLE, values=coded(columns["answer"]), categories=3)
    mark = Item(code="mark", kind=ItemKind.MEAN, values=columns["mark"])
    age = Banner(code="age", values=coded(columns["age"]), categories=3)
    found: Numbers = {}
    for name, design in designs_of(columns).items():
        errors = StandardErrors.FIXED_WEIGHTS if design.calibration is None else StandardErrors.CALIBRATED
        for block in tabulate(design, [answer, mark], [age], letters=LettersRule(), standard_errors=errors):
            scale = 1.0 if block.kind is ItemKind.MEAN else 100.0
            for row, column in np.ndindex(len(block.estimate), 3):
                found[name, f"{block.item} {row} {column} estimate"] = block.estimate[row, 1 + column] / scale
                found[name, f"{block.item} {row} {column} error"] = block.standard_error[row, 1 + column] / scale
        found |= {(name, what): error for what, error in differences(design, answer, mark, age).items()}
    return found


def differences(design: Design, answer: Item, mark: Item, age: Banner) -> dict[str, float]:
    """Standard errors of differences between columns, of which letters are made."""
    variables = [
        Variables(codes=answer.values.astype(np.int8), categories=3),
        Variables(numbers=mark.values.astype(np.float64) - 6.0),
    ]
    rows = TableRows(
        of=np.arange(4),
        item=np.array([0, 0, 0, 1]),
        squares=np.array([-1, -1, -1, 4]),
        bases=(slice(0, 3), slice(5, 6)),
    )
    columns = Columns(codes=age.values[None], categories=(3,))
    spread = Sampling(design=design, columns=columns).outcome(variables, rows).covariances[1]
    return {
        f"{'answer' if row < 3 else 'mark'} {row % 3} {one} {other} difference": float(
            np.sqrt(spread[row, one, one] + spread[row, other, other] - 2 * spread[row, one, other])
        )
        for row in range(4)
        for one in range(3)
        for other in range(one + 1, 3)
    }


def ask_r(columns: Survey, folder: Path) -> Numbers:
    with (folder / "book.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            writer.writerow("NA" if np.isnan(cell) else repr(float(cell)) for cell in row)
    subprocess.run(["Rscript", str(HERE / "table_book.R"), str(folder)], check=True, capture_output=True, text=True)
    return read(folder / "numbers.csv")


def read(path: Path) -> Numbers:
    with path.open(newline="") as file:
        return {(row["design"], row["what"]): float(row["number"]) for row in csv.DictReader(file)}


def gaps(found: Numbers, expected: Numbers) -> list[str]:
    assert found.keys() == expected.keys()
    assert len(expected) == 4 * (4 * 3 * 2 + 4 * 3)
    return [
        f"{key}: {found[key]!r}, R has {want!r}"
        for key, want in expected.items()
        if not abs(found[key] - want) <= RELATIVE * abs(want)
    ]


def test_table_book_of_an_invented_survey_has_the_committed_numbers_of_r() -> None:
    assert not gaps(ours(answers_of(1244)), read(COMMITTED))


@pytest.mark.xdist_group("r-survey")
def test_table_book_of_a_fresh_survey_has_the_numbers_of_r(tmp_path: Path) -> None:
    if not r_is_here():
        pytest.skip("Rscript or its package survey is not here")
    columns = answers_of(20_211)
    assert not gaps(ours(columns), ask_r(columns, tmp_path))
