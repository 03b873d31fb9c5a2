"""DuckDB on tables of its own with its texts as ENUM, by hand-written SQL: what it is fastest with."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import duckdb

from benchmarks.national_peers.ground import COLUMNS, MEMORY_MB, SQL, THREADS, Ask, Ground


def asked(ground: Ground) -> Mapping[str, Ask]:
    """DuckDB on tables of its own, texts as ENUM: what it is fastest with. Made by `build_native`."""
    connection = duckdb.connect(
        str(ground.native), read_only=True, config={"memory_limit": f"{MEMORY_MB}MB", "threads": THREADS}
    )
    return {name: partial(_rows, connection, sql) for name, sql in SQL.items()}


def build_native(ground: Ground) -> None:
    """Make DuckDB's own tables."""
    ground.native.unlink(missing_ok=True)
    connection = duckdb.connect(str(ground.native), config={"memory_limit": f"{MEMORY_MB}MB", "threads": THREADS})
    connection.execute(f"CREATE VIEW raw AS SELECT * FROM read_parquet('{ground.cells}')")  # noqa: S608
    for name in ("area", "level", "kind", "period", "measure"):
        connection.execute(f"CREATE TYPE {name}_word AS ENUM (SELECT DISTINCT {name} FROM raw ORDER BY 1)")  # noqa: S608
    words = ", ".join(f"{name}::{name}_word AS {name}" for name in COLUMNS[:-1])
    connection.execute(f"CREATE TABLE cells AS SELECT {words}, amount FROM raw")  # noqa: S608
    people = f"SELECT {', '.join(COLUMNS)} FROM read_parquet('{ground.people}')"  # noqa: S608
    connection.execute(f"CREATE TABLE people AS {people}")
    connection.close()


def _rows(connection: Any, sql: str) -> Any:
    return connection.sql(sql).to_arrow_table()
