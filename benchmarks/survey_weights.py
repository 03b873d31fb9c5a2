"""Raking beside weightipy, and 500 bootstrap replicates of 50 items beside svy, in one process, taking turns.

`python -m benchmarks.survey_weights PARQUET RESPONDENTS [ROUNDS]`; `benchmarks.survey_book` makes the file. Raking:
the same four margins; the largest gap that each leaves is printed. Bootstrap: Rao and Wu, totals of the first answer of
50 items.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import polars as pl
import svy
import weightipy  # type: ignore[import-untyped]

from benchmarks.survey_ground import MARGINS, item_names, margin_totals
from koersvast.engine.designs import Design
from koersvast.engine.replicates import bootstrap
from koersvast.engine.weighting import Margin, rake

REPLICATES, ITEMS = 500, 50


def seconds(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Waiting, processor seconds and what came of it."""
    started, used = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - started, time.process_time() - used, found


def _raked(base: Any, margins: list[Margin]) -> Any:
    return rake(base, margins, tolerance=1e-9).weights


def _weighted(table: Any, scheme: Any) -> Any:
    return weightipy.weight_dataframe(table, scheme, weight_column="w")["w"].to_numpy()


def _told(frame: pl.DataFrame, totals: list[Any], weights: Any) -> str:
    return f"gap {gap(frame, weights, totals):.0e}"


def gap(frame: pl.DataFrame, weights: Any, totals: list[Any]) -> float:
    """The largest distance from a margin, as a part of it."""
    share = np.asarray(weights) * sum(totals[0]) / np.asarray(weights).sum()
    sums = [np.bincount(frame[f"m{at}"], weights=share) for at in range(len(MARGINS))]
    return max(float(np.abs(one / total - 1).max()) for one, total in zip(sums, totals, strict=True))


def raking(frame: pl.DataFrame, totals: list[Any], rounds: int) -> None:
    """From equal weights, which is where weightipy starts."""
    margins = [
        Margin(code=f"m{at}", categories=frame[f"m{at}"].to_numpy(), totals=total) for at, total in enumerate(totals)
    ]
    base = np.full(len(frame), 10.0)
    table = frame.select([f"m{at}" for at in range(len(MARGINS))]).to_pandas()
    aims = {f"m{at}": {i: 100 * part / sum(total) for i, part in enumerate(total)} for at, total in enumerate(totals)}
    # weightipy stops when weights together move less than this part of themselves between rounds.
    scheme = weightipy.scheme_from_dict(aims, rim_params={"max_iterations": 1000, "convcrit": 1e-10})
    ways: dict[str, Callable[[], Any]] = {
        "ours": partial(_raked, base, margins),
        "weightipy": partial(_weighted, table, scheme),
    }
    report("raking", ways, rounds, partial(_told, frame, totals))


def replicating(frame: pl.DataFrame, rounds: int) -> None:
    """Factors, and the totals with their standard errors."""
    names = [name for name, categories in islice(item_names(), 300) if categories][:ITEMS]
    first = frame.with_columns(
        [(pl.col(name) == 0).fill_null(value=False).cast(pl.Float64).alias(name) for name in names]
    )
    columns = first.select(names).to_numpy().astype(np.uint8)
    design = Design(weights=frame["weight"].to_numpy(), strata=frame["stratum"].to_numpy())
    sample = svy.Sample(
        first.with_columns(pl.col("stratum").cast(pl.String), pl.int_range(pl.len()).alias("row")),
        svy.Design(stratum="stratum", wgt="weight", psu="row"),
    )

    def ours() -> Any:
        drawn = bootstrap(design, replicates=REPLICATES, seed=1)
        return drawn.standard_errors(drawn.totals(columns))

    def theirs() -> Any:
        made = sample.weighting.create_bs_wgts(REPLICATES, rstate=1)
        return np.array([made.estimation.total(name, method="replication").to_polars()["se"][0] for name in names])

    report("bootstrap", {"ours": ours, "svy": theirs}, rounds, lambda errors: f"mean error {np.mean(errors):.1f}")


def report(what: str, ways: dict[str, Callable[[], Any]], rounds: int, tell: Callable[[Any], str]) -> None:
    """Take turns, and print medians."""
    took: dict[str, list[tuple[float, float, Any]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            took[name].append(seconds(way))
    base = [statistics.median(one[at] for one in took["ours"]) for at in (0, 1)]
    for name, measured in took.items():
        wait, used = (statistics.median(one[at] for one in measured) for at in (0, 1))
        print(
            f"| {what} | {name} | {1000 * wait:.1f} | {wait / base[0]:.1f} | {1000 * used:.1f} | {used / base[1]:.1f} "
            f"| {tell(measured[-1][2])} | {os.getloadavg()[0]:.1f} |",
            flush=True,
        )


def main(path: str, respondents: str, rounds: str = "3") -> None:
    frame = pl.read_parquet(path)
    print("| what | side | waiting ms | x | processor ms | x | found | load |\n|---|---|--:|--:|--:|--:|---|--:|")
    raking(frame, margin_totals(int(respondents)), max(int(rounds), 5))
    replicating(frame, int(rounds))


if __name__ == "__main__":
    main(*sys.argv[1:])
