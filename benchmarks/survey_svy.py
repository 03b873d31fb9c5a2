"""The table book with svy, as one process.

`python -m benchmarks.survey_svy PARQUET RESPONDENTS ITEMS fixed|rake [FOUND]`.

Every item for everybody and by each banner, with estimate, standard error and limits; svy makes no letters. Fixed: the
raked weights are put in a design anew, so that svy takes them as given; rake: svy keeps what they were raked to.
"""

import time

_STARTED = time.perf_counter()

import json  # noqa: E402  the clock starts before anything else is there
import sys  # noqa: E402
from itertools import islice  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import polars as pl  # noqa: E402
import svy  # noqa: E402

from benchmarks.survey_ground import BANNERS, MARGINS, item_names, margin_totals  # noqa: E402

COMPARED = 15


def sample(path: str, respondents: int, how: str) -> Any:
    """The data with raked weights."""
    frame = pl.read_parquet(path)
    names = [f"m{at}" for at in range(len(MARGINS))]
    frame = frame.with_columns(pl.col(["stratum", *names]).cast(pl.String))
    controls: Any = {
        name: {str(category): float(total) for category, total in enumerate(totals)}
        for name, totals in zip(names, margin_totals(respondents), strict=True)
    }
    plain = svy.Sample(frame, svy.Design(stratum="stratum", wgt="weight", pop_size="population"))
    raked = plain.weighting.rake(controls=controls, wgt_name="raked", tol=1e-9)
    if how == "rake":
        return raked
    return svy.Sample(raked.data, svy.Design(stratum="stratum", wgt="raked", pop_size="population"))


def main(path: str, respondents: str, many: str, how: str, found: str = "") -> None:
    imported = time.perf_counter()
    made = sample(path, int(respondents), how)
    weighted = time.perf_counter()
    answers, banners = dict[str, tuple[float, float]](), [None, *(f"b{at}" for at in range(len(BANNERS)))]
    for number, (name, categories) in enumerate(islice(item_names(), int(many))):
        for banner in banners:
            ask = made.estimation.prop if categories else made.estimation.mean
            table = ask(name, by=banner, drop_nulls=True).to_polars()
            if not found or number >= COMPARED:
                continue
            for row in table.iter_rows(named=True):
                column = "all 0" if banner is None else f"{banner} {row[banner]}"
                answers[f"{name} {column} {row[name] if categories else 0}"] = (row["est"], row["se"])
    tabulated = time.perf_counter()
    if found:
        Path(found).write_text(json.dumps(answers))
    parts = {"import": imported - _STARTED, "rake": weighted - imported, "tabulate": tabulated - weighted}
    print(json.dumps(parts | {"writing": time.perf_counter() - tabulated}))


if __name__ == "__main__":
    main(*sys.argv[1:])
