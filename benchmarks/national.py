"""The national questions side by side: pandas, Polars, DuckDB, Spark, our questions on three engines, and our cube.

Q1 one municipality by kind and year; Q1w one municipality with its wijken and buurten in one year; Q2 the benchmark of
342 municipalities (five years: rate, rank, percentile, slope); Q3 the same for all 18,000 areas. Every measurement is a
process of its own, and the engines take turns, so that what else the machine does falls on all of them. Reported are
the whole process (start, imports, opening, one answer), the first answer, an answer when warm, and the peak memory of
the process with all its children. All answers are compared cell by cell with those of our questions on DuckDB. Run:
`python -m benchmarks.national_table --directory /tmp/national` once, then
`python -m benchmarks.national --directory /tmp/national [--rounds 3] [--register register-342] [--only cube,duckdb]`.
"""

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.national_peers.ground import Ground

QUESTIONS = ("Q1", "Q1w", "Q2", "Q3")
WARM, WARM_SECONDS, LONGEST_REPEATED = 5, 6, 30
PEERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "pandas": ("bare_pandas", ()),
    "Polars": ("bare_polars", ()),
    "DuckDB on Parquet": ("duckdb_parquet", ()),
    "DuckDB, own tables, ENUM": ("duckdb_native", ()),
    "Spark local[2]": ("spark_sql", ()),
    "our questions on DuckDB": ("our_questions", ("duckdb",)),
    "our questions on Polars": ("our_questions", ("polars",)),
    "our questions on Spark": ("our_questions", ("spark",)),
    "our cube": ("our_cube", ()),
}
SLOW = ("pandas", "Spark local[2]", "our questions on Spark")
REFERENCE = "our questions on DuckDB"
PACKAGES = ("numpy", "pandas", "polars", "duckdb", "pyarrow", "narwhals", "pyspark")
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One process: seconds of the whole, of the first answer, the median when warm; peak megabytes; load before it."""

    whole: float
    first: float
    warm: float
    peak_mb: float
    load: float
    rows: int


# --- the child


def answer(peer: str, question: str, ground: Ground, keep: Path | None) -> None:
    """Answer one question in this process and print what it took."""
    module, extra = PEERS[peer]
    ask = importlib.import_module(f"benchmarks.national_peers.{module}").asked(ground, *extra)[question]
    started = time.perf_counter()
    found = ask()
    first = time.perf_counter() - started
    done, times = time.perf_counter(), list[float]()
    while len(times) < WARM and time.perf_counter() - done < WARM_SECONDS and first < LONGEST_REPEATED:
        started = time.perf_counter()
        found = ask()
        times.append(time.perf_counter() - started)
    extra_seconds = time.perf_counter() - done
    if keep is not None:
        save(found, keep)
    facts = {"first": first, "warm": statistics.median(times or [first]), "extra": extra_seconds, "rows": len(found)}
    facts["saving"] = time.perf_counter() - done - extra_seconds
    print(json.dumps(facts), flush=True)


def save(found: Any, path: Path) -> None:
    """Write an answer as Parquet, whatever table it is."""
    pl = importlib.import_module("polars")
    frame = found if isinstance(found, pl.DataFrame) else pl.DataFrame(found)
    frame.write_parquet(path)


# --- the parent


def measure(peer: str, question: str, ground: Ground, register: str, keep: Path | None) -> Measured:
    """Start a process for one question, and watch its memory."""
    load = os.getloadavg()[0]
    command = [sys.executable, "-m", "benchmarks.national", "--directory", str(ground.scratch)]
    command += ["--register", register, "--child", peer, question, *([str(keep)] if keep else [])]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        watch = Watch(child.pid)
        watch.start()
        out, problem = child.communicate()
        seconds = time.perf_counter() - started
        peak = watch.stop()
    if child.returncode:
        raise RuntimeError(f"{peer} {question}: {problem[-2000:]}")
    facts = json.loads(out.strip().splitlines()[-1])
    return Measured(
        whole=seconds - facts["extra"] - facts["saving"],
        first=facts["first"],
        warm=facts["warm"],
        peak_mb=peak,
        load=load,
        rows=facts["rows"],
    )


class Watch(threading.Thread):
    """Adds up the resident memory of a process and all its children, 50 times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._peak, self._over = pid, 0.0, threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        while not self._over.wait(0.02):
            self._peak = max(self._peak, sum(resident(pid) for pid in family(self._pid)))

    def stop(self) -> float:
        """Give the peak in megabytes."""
        self._over.set()
        self.join()
        return self._peak


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [child for number in task.read_text().split() for child in family(int(number))]
        except OSError:
            continue
    return found


def resident(pid: int) -> float:
    """Resident megabytes of a process; nought when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MB
    except (OSError, IndexError):
        return 0.0


def kept_as(peer: str, question: str) -> str:
    """The name of a file with an answer."""
    return "".join(letter if letter.isalnum() else "-" for letter in f"{peer}-{question}") + ".parquet"


def compare(kept: Path, peers: list[str], questions: list[str]) -> list[str]:
    """Hold every answer against that of the reference: rows, whole numbers and nulls exactly, rates to 1e-9."""
    pl = importlib.import_module("polars")
    same = importlib.import_module("polars.testing").assert_frame_equal
    lines = []
    for question in questions:
        expected = ready(pl, kept / kept_as(REFERENCE, question), None)
        agreed = []
        for peer in peers:
            path = kept / kept_as(peer, question)
            if peer != REFERENCE and path.exists():
                found = ready(pl, path, expected)
                rates = {"rate_per_1000", "percentile", "slope_per_1000"} & set(expected.columns)
                same(found.drop(rates), expected.drop(rates), check_exact=True)
                same(found, expected, rel_tol=1e-9, abs_tol=1e-9)
                agreed.append(peer)
        cells = f"{expected.height * expected.width:,} cells"
        lines.append(f"{question}: {expected.height:,} rows, {cells}: the same from {', '.join(agreed)}")
    return lines


def ready(pl: Any, path: Path, like: Any) -> Any:
    """An answer with texts as texts, in one order; pandas writes nan for null."""
    frame = pl.read_parquet(path)
    texts = [name for name in ("area", "level", "kind") if name in frame.columns]
    frame = frame.with_columns(pl.col(texts).cast(pl.String))
    if like is not None:
        frame = frame.select(pl.col(name).cast(kind) for name, kind in like.schema.items())
    floats = [name for name, kind in frame.schema.items() if kind == pl.Float64]
    return frame.with_columns(pl.col(floats).fill_nan(None)).sort(
        [name for name in ("level", "area", "kind", "year") if name in frame.columns]
    )


def run(
    ground: Ground, register: str, peers: list[str], questions: list[str], rounds: tuple[int, int]
) -> dict[Any, list[Measured]]:
    """Let the engines take turns; the slow ones take part in the first rounds only when that is asked."""
    kept = ground.scratch / "answers"
    kept.mkdir(exist_ok=True)
    for old in kept.glob("*.parquet"):
        old.unlink()
    found: dict[Any, list[Measured]] = {}
    for number in range(max(rounds)):
        for question in questions:
            for peer in peers:
                if peer == "our cube" and question not in {"Q2", "Q3"}:
                    continue
                if number >= rounds[peer in SLOW]:
                    continue
                keep = kept / kept_as(peer, question) if number == 0 else None
                got = measure(peer, question, ground, register, keep)
                found.setdefault((peer, question), []).append(got)
                print(f"  round {number + 1} {question} {peer}: {got}", file=sys.stderr, flush=True)
    return found


def report(found: Mapping[Any, list[Measured]], peers: list[str], questions: list[str]) -> None:
    """Print the medians as tables, with ratios to DuckDB on Parquet."""
    for question in questions:
        print(f"\n### {question}\n")
        print(
            "| engine | runs | whole process | first answer | warm | × DuckDB, warm | × DuckDB, process | peak memory |"
        )
        print("|---|--:|--:|--:|--:|--:|--:|--:|")
        base = found.get(("DuckDB on Parquet", question)) or found[REFERENCE, question]
        for peer in peers:
            if got := found.get((peer, question)):
                whole, first, warm, peak = (middle(got, name) for name in ("whole", "first", "warm", "peak_mb"))
                ratios = f"{middle(base, 'warm') / warm:.1f} | {middle(base, 'whole') / whole:.2f}"
                print(
                    f"| {peer} | {len(got)} | {whole:.2f} s | {shown(first)} | {shown(warm)} | {ratios}"
                    f" | {peak:,.0f} MB |"
                )
    loads = [one.load for many in found.values() for one in many]
    print(f"\nLoad before each process (1 minute): {min(loads):.1f} to {max(loads):.1f}, median ", end="")
    print(f"{statistics.median(loads):.1f}.")


def middle(got: list[Measured], name: str) -> float:
    """The median over the rounds."""
    return float(statistics.median(getattr(one, name) for one in got))


def shown(seconds: float) -> str:
    """Seconds or milliseconds."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def timed(what: str, build: Callable[[Ground], None], ground: Ground) -> None:
    """Make something beforehand and print what it took."""
    started = time.perf_counter()
    build(ground)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"- {what}: {time.perf_counter() - started:.1f} s (peak memory until then {peak:,.0f} MB)")


def describe_machine() -> None:
    """Print machine and versions."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    memory = os.sysconf("SC_PHYS_PAGES") * PAGE_MB / 1e3
    print(f"{cpu}, {os.cpu_count()} CPUs, {memory:.0f} GB; {platform.platform()}; Python {platform.python_version()};")
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES) + ".\n")


def main() -> None:
    """Run all of it, or answer one question as a child."""
    parser = argparse.ArgumentParser(description="The national questions side by side.")
    parser.add_argument("--directory", type=Path, required=True, help="where national_table wrote; caches go there too")
    parser.add_argument("--register", default="register-342")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow-rounds", type=int, default=0, help="rounds of pandas and Spark; as many when nought")
    parser.add_argument("--only", default="", help="parts of names of engines, with commas")
    parser.add_argument("--questions", default=",".join(QUESTIONS))
    parser.add_argument("--child", nargs="+")
    given = parser.parse_args()
    ground = Ground(register=given.directory / given.register, scratch=given.directory)
    if given.child:
        answer(given.child[0], given.child[1], ground, Path(given.child[2]) if len(given.child) > 2 else None)
        return
    wanted = [part for part in given.only.split(",") if part]
    peers = [peer for peer in PEERS if not wanted or peer == REFERENCE or any(part in peer for part in wanted)]
    questions = [question for question in QUESTIONS if question in given.questions.split(",")]
    describe_machine()
    if "DuckDB, own tables, ENUM" in peers:
        timed(
            "DuckDB's own tables made",
            importlib.import_module("benchmarks.national_peers.duckdb_native").build_native,
            ground,
        )
    if "our cube" in peers:
        timed("cube made", importlib.import_module("benchmarks.national_peers.our_cube").build, ground)
    report(
        run(ground, given.register, peers, questions, (given.rounds, given.slow_rounds or given.rounds)),
        peers,
        questions,
    )
    print("\nAll answers held against each other:\n")
    for line in compare(ground.scratch / "answers", peers, questions):
        print(f"- {line}")


if __name__ == "__main__":
    main()
