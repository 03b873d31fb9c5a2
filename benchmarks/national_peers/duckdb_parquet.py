"""DuckDB on the register's Parquet, by hand-written SQL."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import duckdb

from benchmarks.national_peers.ground import MEMORY_MB, SQL, THREADS, Ask, Ground


def asked(ground: Ground) -> Mapping[str, Ask]:
    """DuckDB on the register's Parquet."""
    connection = duckdb.connect(config={"memory_limit": f"{MEMORY_MB}MB", "threads": THREADS})
    for name, files in (("cells", ground.cells), ("people", ground.people)):
        connection.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{files}', hive_partitioning = true)"  # noqa: S608
        )
    return {name: partial(_rows, connection, sql) for name, sql in SQL.items()}


def _rows(connection: Any, sql: str) -> Any:
    return connection.sql(sql).to_arrow_table()
