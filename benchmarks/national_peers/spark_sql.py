"""Spark on two cores of this machine, by hand-written SQL."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pyspark.sql import SparkSession

from benchmarks.national_peers.ground import MEMORY_MB, PEOPLE, SQL, TABLE, THREADS, Ask, Ground


def asked(ground: Ground) -> Mapping[str, Ask]:
    """Spark SQL on two cores of this machine."""
    session = (
        SparkSession.builder.master(f"local[{THREADS}]")
        .config("spark.driver.memory", f"{MEMORY_MB}m")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.local.dir", str(ground.scratch))
        .getOrCreate()
    )
    for name, table in (("cells", TABLE), ("people", PEOPLE)):
        session.read.parquet(str(ground.register / table)).createOrReplaceTempView(name)
    return {name: partial(_rows, session, sql) for name, sql in SQL.items()}


def _rows(session: Any, sql: str) -> Any:
    return session.sql(sql).toArrow()
