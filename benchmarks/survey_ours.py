"""Our own side of the table book, as one process: start, imports, reading, raking, every block with letters.

`python -m benchmarks.survey_ours CONTAINER RESPONDENTS ITEMS fixed|calibrate|rake [BANNERS] [FOUND]`. A plain process
with the engine and the container of microdata, as a job of the product is. Prints the seconds of the parts.
"""

import time

_STARTED = time.perf_counter()

import json  # noqa: E402  the clock starts before anything else is there
import mmap  # noqa: E402
import sys  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from itertools import islice  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks.survey_ground import BANNERS, MARGINS, item_names, margin_totals  # noqa: E402
from koersvast.connectors.microdata import Microdata, from_bytes  # noqa: E402
from koersvast.engine.designs import CalibrationVariance, Design  # noqa: E402
from koersvast.engine.tabulation import (  # noqa: E402
    Banner,
    Block,
    Item,
    ItemKind,
    LettersRule,
    StandardErrors,
    tabulate,
)
from koersvast.engine.weighting import Margin, rake  # noqa: E402

COMPARED = 15


def read(path: Path) -> Microdata:
    """The container, without a second copy of its bytes in memory."""
    with path.open("rb") as file:
        return from_bytes(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


def items(wave: Microdata, many: int) -> Iterator[Item]:
    """The items, one at a time."""
    for name, categories in islice(item_names(), many):
        numbers = wave.numbers(name)
        if categories:
            values = np.where(np.isnan(numbers), -1, numbers).astype(np.int8)
            yield Item(code=name, kind=ItemKind.SINGLE, values=values, categories=categories)
        else:
            yield Item(code=name, kind=ItemKind.MEAN, values=numbers)


def design(wave: Microdata, respondents: int, variance: CalibrationVariance) -> Design:
    """Weights raked to the four margins."""
    margins = [
        Margin(code=f"m{at}", categories=wave.numbers(f"m{at}").astype(np.int64), totals=totals)
        for at, totals in zip(range(len(MARGINS)), margin_totals(respondents), strict=True)
    ]
    raked = rake(wave.numbers("weight"), margins, tolerance=1e-9, variance=variance)
    return Design(
        weights=raked.weights,
        strata=wave.numbers("stratum").astype(np.int64),
        population=wave.numbers("population"),
        calibration=raked.calibration,
    )


def cells(block: Block) -> dict[str, tuple[float, float]]:
    """Estimate and standard error by name of item, banner, category and row."""
    scale = 1.0 if block.kind is ItemKind.MEAN else 100.0
    columns = ["all 0", *(f"b{at} {category}" for at, many in enumerate(BANNERS) for category in range(many))]
    return {
        f"{block.item} {column} {row}": (block.estimate[row, at] / scale, block.standard_error[row, at] / scale)
        for at, column in enumerate(columns[: block.estimate.shape[1]])
        for row in range(len(block.estimate))
    }


def main(container: str, respondents: str, many: str, how: str, banners: str = "10", found: str = "") -> None:
    imported = time.perf_counter()
    wave = read(Path(container))
    loaded = time.perf_counter()
    variance = CalibrationVariance.RAKE if how == "rake" else CalibrationVariance.CALIBRATE
    made = design(wave, int(respondents), variance)
    weighted = time.perf_counter()
    columns = [
        Banner(code=f"b{at}", values=wave.numbers(f"b{at}").astype(np.int8), categories=categories)
        for at, categories in enumerate(BANNERS[: int(banners)])
    ]
    errors = StandardErrors.FIXED_WEIGHTS if how == "fixed" else StandardErrors.CALIBRATED
    answers, lettered = dict[str, tuple[float, float]](), 0
    blocks = tabulate(made, items(wave, int(many)), columns, letters=LettersRule(), standard_errors=errors)
    for number, block in enumerate(blocks):
        lettered += int((block.letters != "").sum())
        if found and number < COMPARED:
            answers |= cells(block)
    tabulated = time.perf_counter()
    if found:
        Path(found).write_text(json.dumps(answers))
    marks = (_STARTED, imported, loaded, weighted, tabulated)
    names = ("import", "read", "rake", "tabulate")
    parts = {name: later - earlier for name, earlier, later in zip(names, marks, marks[1:], strict=False)}
    print(json.dumps(parts | {"lettered": lettered, "writing": time.perf_counter() - tabulated}))


if __name__ == "__main__":
    main(*sys.argv[1:])
