"""Polars' lazy frames, streaming."""

from collections.abc import Mapping
from functools import partial

import polars as pl

from benchmarks.national_peers.ground import PLACE, YEARS, Ask, Ground

BENCHMARK = (
    *("area", "level", "kind", "known_periods", "events", "person_years"),
    *("rate_per_1000", "places", "rank", "percentile", "slope_per_1000"),
)


def asked(ground: Ground) -> Mapping[str, Ask]:
    """Polars' lazy frames, streaming."""
    cells = pl.scan_parquet(ground.cells, hive_partitioning=True).filter(pl.col("measure") == "registered")
    people = pl.scan_parquet(ground.people, hive_partitioning=True)
    parts = [
        cells.filter(pl.col("level") == level, pl.col("area") >= first, pl.col("area") < after)
        for level, first, after in (
            ("municipality", PLACE, f"{PLACE}:"),
            ("wijk", f"WK{PLACE[2:]}", f"WK{PLACE[2:]}:"),
            ("buurt", f"BU{PLACE[2:]}", f"BU{PLACE[2:]}:"),
        )
    ]
    asked = {
        "Q1": _polars_years(cells.filter(pl.col("area") == PLACE), "2012-01", "2025-12"),
        "Q1w": _polars_years(pl.concat(parts), "2024-01", "2024-12"),
        "Q2": _polars_benchmark(cells.filter(pl.col("level") == "municipality"), people),
        "Q3": _polars_benchmark(cells, people),
    }
    return {name: partial(frame.collect, engine="streaming") for name, frame in asked.items()}


def _polars_years(cells: pl.LazyFrame, first: str, last: str) -> pl.LazyFrame:
    year, known = pl.col("period").str.slice(0, 4).cast(pl.Int64), pl.col("amount").count()
    return (
        cells.filter(pl.col("period").is_between(pl.lit(first), pl.lit(last)), pl.col("period").str.len_bytes() == 7)
        .group_by("area", "level", "kind", year.alias("year"))
        .agg(known.alias("known_periods"), pl.col("amount").sum())
        .with_columns(pl.when(pl.col("known_periods") == 12).then("amount").alias("amount"))
    )


def _polars_benchmark(cells: pl.LazyFrame, people: pl.LazyFrame) -> pl.LazyFrame:
    year, amount = pl.col("period").str.slice(0, 4), pl.col("amount")
    summed = (
        cells.filter(pl.col("period").is_between(pl.lit("2021-01"), pl.lit("2025-12")))
        .group_by("area", "level", "kind")
        .agg(
            amount.count().alias("known_periods"), *(amount.filter(year == str(y)).sum().alias(f"e{y}") for y in YEARS)
        )
    )
    lived = (
        people.filter(pl.col("period").is_between(pl.lit("2021"), pl.lit("2025")))
        .group_by("area")
        .agg(
            amount.count().alias("n"), *(amount.filter(pl.col("period") == str(y)).sum().alias(f"p{y}") for y in YEARS)
        )
    )
    whole, peopled = pl.col("known_periods") == 60, pl.col("n") == 5
    slope = pl.sum_horizontal((y - 2023) * (pl.col(f"e{y}") * 1000.0 / pl.col(f"p{y}")) for y in YEARS) / 10
    every_year = pl.all_horizontal(pl.col(f"p{y}") > 0 for y in YEARS)
    rate, group = pl.col("rate_per_1000"), ["level", "kind"]
    others = pl.col("places") - 1
    return (
        summed.join(lived, on="area", how="left")
        .with_columns(
            events=pl.when(whole).then(pl.sum_horizontal(f"e{y}" for y in YEARS)),
            person_years=pl.when(peopled).then(pl.sum_horizontal(f"p{y}" for y in YEARS)),
            slope_per_1000=pl.when(whole & peopled & every_year).then(slope),
        )
        .with_columns(
            rate_per_1000=pl.when(pl.col("person_years") > 0).then(pl.col("events") * 1000.0 / pl.col("person_years"))
        )
        .with_columns(
            places=rate.count().over(group),
            rank=rate.rank("min", descending=True).over(group),
            lower=rate.rank("min").over(group).cast(pl.Int64) - 1,
        )
        .with_columns(percentile=pl.when(others > 0).then(pl.col("lower") * 100.0 / others))
        .select(*BENCHMARK)
    )
