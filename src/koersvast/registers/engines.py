"""The engines that answer questions about national tables: DuckDB (the default, in this process), Polars and Spark.

All three read the same Parquet and run the same questions (`registers.questions`); a test holds their answers together
cell by cell. Memory is limited beforehand; what does not fit is set aside in `scratch`.
"""

import importlib
import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import duckdb
import narwhals as nw
import polars as pl

from koersvast.registers.questions import Frame

LEVEL_FILES = "*/*.parquet"


class EngineMissing(Exception):
    """An engine cannot run here. `code` is `engine_unknown`, `spark_missing` or `java_missing`; `values` has more."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What an engine may use. `scratch` is a folder for what does not fit in memory; without one a temporary folder.

    Polars keeps to its streaming chunks and knows no limit in megabytes.
    """

    memory_mb: int = 2_000
    threads: int = field(default=2)
    scratch: Path | None = None


def _lazy(native: Any) -> Frame:
    found: Frame = nw.from_native(native)
    return found


def _frame(collected: nw.DataFrame[Any]) -> pl.DataFrame:
    found: pl.DataFrame = collected.to_native()
    return found


class Engine(Protocol):
    """Reads registers and answers questions about them."""

    def scan(self, directory: Path) -> Frame:
        """Open a register: a folder of Parquet for each level (`level=buurt/...`). Nothing is read yet."""

    def collect(self, frame: Frame) -> pl.DataFrame:
        """Compute a question."""

    def close(self) -> None:
        """Give back memory, files and processes."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _Closing:
    """Closes the engine at the end of a `with` block."""

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connected(resources: Resources, scratch: Path, *, keeps_order: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to a DuckDB of its own that keeps to its memory; DuckDB makes `scratch` when it needs it.

    Rows come in any order, which saves keeping whole groups of rows in memory, unless `keeps_order`.
    """
    return duckdb.connect(
        config={
            "memory_limit": f"{resources.memory_mb}MB",
            "threads": resources.threads,
            "temp_directory": str(scratch),
            "preserve_insertion_order": keeps_order,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


class DuckDBEngine(_Closing):
    """The embedded engine: no server, no installation, a limit on memory."""

    def __init__(self, resources: Resources) -> None:
        self._own = None if resources.scratch else tempfile.TemporaryDirectory(prefix="koersvast-")
        scratch = resources.scratch or Path(self._own.name if self._own else "")
        self._connection: Any = connected(resources, scratch)

    def scan(self, directory: Path) -> Frame:
        """Open a register."""
        files = self._connection.read_parquet(str(directory / LEVEL_FILES), hive_partitioning=True)
        return _lazy(files)

    def collect(self, frame: Frame) -> pl.DataFrame:
        """Compute a question."""
        return _frame(frame.collect("polars"))

    def close(self) -> None:
        """Close the connection and remove what was set aside."""
        self._connection.close()
        if self._own:
            self._own.cleanup()


class PolarsEngine(_Closing):
    """Polars in chunks: for who works in Polars already."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def scan(self, directory: Path) -> Frame:
        """Open a register."""
        files = pl.scan_parquet(directory / LEVEL_FILES, hive_partitioning=True, hive_schema={"level": pl.String})
        return _lazy(files)

    def collect(self, frame: Frame) -> pl.DataFrame:
        """Compute a question."""
        native: pl.LazyFrame = frame.to_native()
        return native.collect(engine="streaming")

    def close(self) -> None:
        """Nothing to give back."""


class SparkEngine(_Closing):
    """Apache Spark: a cluster of the reader, or this machine with a Java virtual machine of its own."""

    def __init__(self, resources: Resources, *, session: Any = None) -> None:
        self._ours = session is None
        self.session = session if session is not None else _spark_session(resources)

    def scan(self, directory: Path) -> Frame:
        """Open a register; on a cluster the folder must be there for every worker."""
        return _lazy(self.session.read.parquet(str(directory)))

    def collect(self, frame: Frame) -> pl.DataFrame:
        """Compute a question; the answer comes back whole."""
        return _frame(frame.collect("polars"))

    def close(self) -> None:
        """Stop the session when it is ours."""
        if self._ours:
            self.session.stop()


def _spark_session(resources: Resources) -> Any:
    if importlib.util.find_spec("pyspark") is None:
        raise EngineMissing("spark_missing", extra="spark")
    if shutil.which("java") is None:
        raise EngineMissing("java_missing", version="17")
    builder = importlib.import_module("pyspark.sql").SparkSession.builder
    settings = {
        "spark.driver.memory": f"{resources.memory_mb}m",
        "spark.sql.shuffle.partitions": str(2 * resources.threads),
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
        **({"spark.local.dir": str(resources.scratch)} if resources.scratch else {}),
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.master(f"local[{resources.threads}]").appName("koersvast").getOrCreate()


ENGINES: Mapping[str, Callable[[Resources], Engine]] = {
    "duckdb": DuckDBEngine,
    "polars": PolarsEngine,
    "spark": SparkEngine,
}


def open_engine(name: str = "duckdb", resources: Resources | None = None) -> Engine:
    """Start an engine by name; raises EngineMissing with a code when it cannot run here. Close it, or use `with`."""
    if name not in ENGINES:
        raise EngineMissing("engine_unknown", name=name, known=", ".join(ENGINES))
    return ENGINES[name](resources or Resources())
