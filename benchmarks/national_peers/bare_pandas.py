"""pandas, with texts as categories and only the rows and columns that are needed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.national_peers.ground import COLUMNS, PEOPLE, PLACE, TABLE, YEARS, Ask, Ground


def asked(ground: Ground) -> Mapping[str, Ask]:
    """pandas, with texts as categories and only the rows and columns that are needed."""
    buurten, months = f"BU{PLACE[2:]}", [("period", ">=", "2021-01"), ("period", "<=", "2025-12")]
    year = [("period", ">=", "2024-01"), ("period", "<=", "2024-12")]
    parts = [
        [("level", "=", "municipality"), ("area", "=", PLACE), *year],
        [("level", "=", "wijk"), ("area", ">=", f"WK{PLACE[2:]}"), ("area", "<", f"WK{PLACE[2:]}:"), *year],
        [("level", "=", "buurt"), ("area", ">=", buurten), ("area", "<", f"{buurten}:"), *year],
    ]
    until = [("area", "=", PLACE), ("period", "<=", "2025-12")]
    return {
        "Q1": lambda: _pandas_years(_pandas_read(ground, TABLE, until)),
        "Q1w": lambda: _pandas_years(_pandas_read(ground, TABLE, parts)),
        "Q2": lambda: _pandas_benchmark(ground, [("level", "=", "municipality"), *months]),
        "Q3": lambda: _pandas_benchmark(ground, months),
    }


def _pandas_read(ground: Ground, table: str, filters: Any) -> Any:
    return pq.read_table(
        ground.register / table,
        columns=COLUMNS,
        filters=filters,
        partitioning=None,
        read_dictionary=["area", "level", "kind", "period", "measure"],
    ).to_pandas()


def _pandas_years(frame: Any) -> Any:
    frame["year"] = frame["period"].astype(str).str[:4].astype("int64")
    found = frame.groupby(["area", "level", "kind", "year"], observed=True)["amount"].agg(["sum", "count"])
    found["amount"] = found["sum"].where(found["count"] == 12)
    return found.rename(columns={"count": "known_periods"})[["amount", "known_periods"]].reset_index()


def _pandas_benchmark(ground: Ground, filters: Any) -> Any:
    frame = _pandas_read(ground, TABLE, filters)
    words = frame["period"].cat.categories.str[:4].astype("int64").to_numpy()
    frame["year"] = words[frame["period"].cat.codes.to_numpy()]
    sums = frame.groupby(["area", "level", "kind", "year"], observed=True)["amount"].agg(["sum", "count"]).unstack()
    people = _pandas_read(ground, PEOPLE, [("period", ">=", "2021"), ("period", "<=", "2025")])
    lived = people.pivot_table(index="area", columns="period", values="amount", aggfunc="sum", observed=True)
    events = sums["sum"].to_numpy()
    known = sums["count"].to_numpy().sum(axis=1)
    p = lived.reindex(sums.index.get_level_values("area")).to_numpy()
    whole, peopled = known == 60, np.isfinite(p).all(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = ((events * 1000.0 / p) * (np.array(YEARS) - 2023)).sum(axis=1) / 10
        found = pd.DataFrame({"known_periods": known}, index=sums.index)
        found["events"] = np.where(whole, events.sum(axis=1), np.nan)
        found["person_years"] = np.where(peopled, p.sum(axis=1), np.nan)
        rate = found["events"] * 1000.0 / found["person_years"]
    found["rate_per_1000"] = rate.where(found["person_years"] > 0)
    grouped = found["rate_per_1000"].groupby(["level", "kind"], observed=True)
    found["places"] = grouped.transform("count")
    found["rank"] = grouped.rank("min", ascending=False)
    found["percentile"] = (grouped.rank("min") - 1) * 100.0 / (found["places"] - 1).where(found["places"] > 1)
    found["slope_per_1000"] = np.where(whole & peopled & (p > 0).all(axis=1), slope, np.nan)
    return found.reset_index()
