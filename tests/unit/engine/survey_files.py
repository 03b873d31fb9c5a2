"""Real survey files of the reference folder, in the columns of `survey_samples`."""

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.unit.engine.survey_samples import Sample

FOLDER = Path("reference", "opendata", "06_survey_microdata", "dev")
type Rows = list[dict[str, str]]


def read_rows(shared: Path, name: str) -> Rows:
    """The rows of a file, as text."""
    path = shared / FOLDER / name
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return list(csv.DictReader(file))


def numbers(rows: Rows, name: str) -> NDArray[np.float64]:
    """A column (n,); nan where it is empty or NA."""
    return np.array([np.nan if row[name] in ("", "NA") else float(row[name]) for row in rows])


def codes(rows: Rows, name: str) -> NDArray[np.float64]:
    """A column of words (n,) as numbers from 1, in order of the alphabet."""
    return np.asarray(np.unique([row[name] for row in rows], return_inverse=True)[1], dtype=np.float64) + 1.0


def _flag(condition: NDArray[np.bool_]) -> NDArray[np.float64]:
    return condition.astype(np.float64)


def _thirds(values: NDArray[np.float64]) -> NDArray[np.float64]:
    third = np.searchsorted(np.nanquantile(values, [1 / 3, 2 / 3]), np.nan_to_num(values))
    return np.asarray(third, dtype=np.float64) + 1.0


def _dealt(n: int) -> dict[str, NDArray[np.float64]]:
    """Groups dealt out in turn, so that each has respondents in every domain."""
    turn = np.arange(n, dtype=np.float64)
    return {"sex": turn % 2 + 1.0, "group": turn * 7 // 2 % 3 + 1.0, "grade": turn // 4 % 3 + 1.0}


def canadian_election(shared: Path) -> Sample:
    """Canadian Election Study 2011 (carData): strata and populations of provinces, weights."""
    rows = read_rows(shared, "carData_CES11.csv")
    importance, education = codes(rows, "importance"), codes(rows, "education")
    return Sample(
        name="CES11",
        columns={
            "stratum": codes(rows, "province"),
            "population": numbers(rows, "population"),
            "weight": numbers(rows, "weight"),
            "value": np.where(education == 2, np.nan, importance),
            "size": education + 0.5,
            "yes": _flag(codes(rows, "abortion") == 2),
            "no": _flag(codes(rows, "urban") == 2),
            "domain": _flag(codes(rows, "gender") == 1),
            "age": np.minimum(importance, 3),
            **_dealt(len(rows)),
        },
    )


def schools(shared: Path, kind: str) -> Sample:
    """Californian schools: apistrat, apiclus1 or apisrs (survey)."""
    rows = read_rows(shared, f"survey_{kind}.csv")
    parts: dict[str, Sequence[str]] = {
        "apistrat": ("stratum", "population"),
        "apiclus1": ("cluster", "population"),
        "apisrs": ("population",),
    }
    return Sample(
        name=kind,
        columns={
            "stratum": codes(rows, "stype"),
            "cluster": numbers(rows, "dnum"),
            "population": numbers(rows, "fpc"),
            "weight": numbers(rows, "pw"),
            "value": numbers(rows, "api00"),
            "size": numbers(rows, "api99"),
            "yes": _flag(codes(rows, "sch.wide") == 2),
            "no": _flag(codes(rows, "comp.imp") == 2),
            "domain": _flag(codes(rows, "stype") == 1),
            "age": _thirds(numbers(rows, "meals")),
            **_dealt(len(rows)),
        },
        parts=tuple(parts[kind]),
    )


def incomes(shared: Path) -> Sample:
    """Austrian EU-SILC (laeken, synthetic): persons in households, in regions."""
    rows = read_rows(shared, "laeken_eusilc.csv.gz")[:1500]
    return Sample(
        name="EU-SILC",
        columns={
            "stratum": codes(rows, "db040"),
            "cluster": numbers(rows, "db030"),
            "weight": numbers(rows, "rb050"),
            "value": numbers(rows, "eqIncome"),
            "size": numbers(rows, "eqSS"),
            "yes": _flag(numbers(rows, "age") < 30),
            "no": _flag(numbers(rows, "hsize") > 2),
            "domain": _flag(codes(rows, "rb090") == 1),
            "age": _thirds(numbers(rows, "age")),
            **_dealt(len(rows)),
        },
        parts=("stratum", "cluster"),
    )


def counties(shared: Path) -> Sample:
    """American counties drawn by size (survey): only the weights; the joint chances of being drawn are not used."""
    rows = read_rows(shared, "survey_election_pps.csv")
    bush, kerry = numbers(rows, "Bush"), numbers(rows, "Kerry")
    return Sample(
        name="election_pps",
        columns={
            "weight": numbers(rows, "wt"),
            "value": bush,
            "size": numbers(rows, "votes"),
            "yes": _flag(bush > kerry),
            "no": _flag(numbers(rows, "Nader") > 0),
            "domain": _flag(np.arange(len(rows)) % 6 != 5),
            "age": _thirds(kerry),
            **_dealt(len(rows)),
        },
        parts=(),
    )
