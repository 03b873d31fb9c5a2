"""An invented survey for measuring: 300 items, 10 banners with 44 columns, strata with a finite population, 4 margins.

200 items have 4 or 5 answers, 60 are yes or no, 40 are numbers; a third of them is routed, and everywhere some did not
answer. Two fifths of the items lean on a margin, so that calibration matters. Written twice: as a container of
microdata, which our side reads, and as Parquet (and for R as CSV), which the others read. Fixed seed.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from koersvast.connectors.microdata import Level, Microdata, MissingCodes, ValueKind, Variable, to_bytes

BANNERS = (2, 3, 3, 4, 4, 5, 5, 5, 6, 7)
MARGINS = (2, 6, 3, 3)
SINGLE, BINARY, NUMBERS = 200, 60, 40
SEED = 2017


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where the survey lies, and its size."""

    directory: Path
    respondents: int

    @property
    def container(self) -> Path:
        return self.directory / f"wave-{self.respondents}.microdata"

    @property
    def parquet(self) -> Path:
        return self.directory / f"wave-{self.respondents}.parquet"

    @property
    def csv(self) -> Path:
        return self.directory / f"wave-{self.respondents}.csv"

    @property
    def strata(self) -> int:
        return 12 if self.respondents < 10_000 else 342


def margin_totals(respondents: int) -> list[NDArray[np.float64]]:
    """Inhabitants per category of every margin: ten for every respondent."""
    totals = []
    for number, categories in enumerate(MARGINS):
        parts = 1.0 + 0.25 * np.sin(np.arange(categories) + number)
        totals.append(10.0 * respondents * parts / parts.sum())
    return totals


def item_names() -> Iterator[tuple[str, int]]:
    """Name and number of categories of every item, in turn of kind; 0 for a number."""
    single, binary, numbers = iter(range(SINGLE)), iter(range(BINARY)), iter(range(NUMBERS))
    for at in range(SINGLE + BINARY + NUMBERS):
        # In every fifteen: ten questions, three of yes or no, two numbers, so that the first items are a fair part.
        place = at % 15
        if place < 10:
            yield f"q{next(single)}", 4 + at % 2
        elif place < 13:
            yield f"y{next(binary)}", 2
        else:
            yield f"x{next(numbers)}", 0


def columns_of(ground: Ground) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Every column (n,), nan where nobody was asked or answered."""
    n = ground.respondents
    random = np.random.default_rng(SEED)
    stratum = np.sort(random.integers(0, ground.strata, n))
    sizes = np.bincount(stratum, minlength=ground.strata)
    population: NDArray[np.float64] = (
        np.rint(10 * n / ground.strata * (0.6 + 0.8 * random.random(ground.strata))) + sizes
    )
    yield "stratum", stratum.astype(np.float64)
    yield "population", population[stratum]
    yield "weight", np.asarray((population / sizes)[stratum], dtype=np.float64)
    margins = [random.integers(0, categories, n) for categories in MARGINS]
    for number, margin in enumerate(margins):
        yield f"m{number}", margin.astype(np.float64)
    for number, categories in enumerate(BANNERS):
        yield f"b{number}", random.integers(0, categories, n).astype(np.float64)
    for at, (name, categories) in enumerate(item_names()):
        lean = margins[at % 4] * (at % 5 < 2)
        if categories:
            values = np.clip(np.floor(categories * random.random(n) ** (1 + 0.3 * lean)), 0, categories - 1)
        else:
            values = np.round(6 + 0.4 * lean + random.standard_normal(n), 1)
        absent = random.random(n) < (0.35 if at % 3 == 0 else 0.04)
        yield name, np.where(absent, np.nan, values)


def make_apart(ground: Ground, *, with_csv: bool) -> None:
    """Write the survey in a process of its own: what a process starts is born with the peak of its memory."""
    command = [sys.executable, "-m", "benchmarks.survey_ground", str(ground.directory), str(ground.respondents)]
    subprocess.run([*command, "csv"] if with_csv else command, check=True)


def make(ground: Ground, *, with_csv: bool) -> None:
    """Write the survey, unless it is there."""
    ground.directory.mkdir(parents=True, exist_ok=True)
    if not ground.parquet.exists():
        table = pa.table({name: pa.array(values, from_pandas=True) for name, values in columns_of(ground)})
        nothing = MissingCodes(values=(), ranges=())
        variables = tuple(
            Variable(
                name=name,
                label=name,
                kind=ValueKind.NUMBER,
                level=Level.NOMINAL,
                value_labels={},
                missing=nothing,
                decimals=0,
            )
            for name in table.column_names
        )
        wave = Microdata(variables=variables, table=table, kind_of_file="parquet", file_label="SYNTHETISCH")
        ground.container.write_bytes(to_bytes(wave))
        coded = [name for name in table.column_names if name[0] in "bmqys" and name != "stratum"]
        for name in (*coded, "stratum"):
            place = table.column_names.index(name)
            table = table.set_column(place, name, table.column(name).cast(pa.int64()))
        pq.write_table(table, ground.parquet)
    if with_csv and not ground.csv.exists():
        pa_csv.write_csv(pq.read_table(ground.parquet), ground.csv)


if __name__ == "__main__":
    make(Ground(directory=Path(sys.argv[1]), respondents=int(sys.argv[2])), with_csv="csv" in sys.argv)
