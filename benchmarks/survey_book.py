"""The table book beside svy and R's survey: whole processes, in turns, on the same data, answers compared.

`python -m benchmarks.survey_book --directory DIR --respondents 1244 [--how fixed|rake|calibrate] [--items 300]
[--rounds 3] [--only ours,svy,R]`. The peers may be given fewer items (`--items`); what they take beyond starting,
reading and raking (of R: all that it takes) is then scaled to 300. `--growth` measures our own side only, with more
respondents, items and banners, and draws it.
"""

import argparse
import csv
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.survey_ground import Ground, make_apart

ITEMS = 300
HERE = Path(__file__).parent
type Answers = dict[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One process: seconds of waiting and of processor, the part of these that grows with items, and its peak in MB."""

    wait: float
    processor: float
    growing: float
    peak: float
    load: float


def run(command: list[str]) -> Measured:
    """Run a process to its end and say what it took, its children included."""
    load, started = os.getloadavg()[0], time.perf_counter()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out, cwd=HERE.parent)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wait = time.perf_counter() - started
        out.seek(0)
        text = out.read().decode().strip()
    if child.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} ended with {child.returncode}.")
    parts = json.loads(text.splitlines()[-1]) if text else {}
    return Measured(
        wait=wait - parts.get("writing", 0.0),
        processor=usage.ru_utime + usage.ru_stime,
        growing=parts.get("tabulate", wait) / wait,
        peak=usage.ru_maxrss / 1000,
        load=load,
    )


def command_of(who: str, ground: Ground, how: str, items: int, found: Path) -> list[str]:
    """The process of one side."""
    size = str(ground.respondents)
    if who == "ours":
        return [
            sys.executable,
            "-m",
            "benchmarks.survey_ours",
            str(ground.container),
            size,
            str(ITEMS),
            how,
            "10",
            str(found),
        ]
    if who == "svy":
        return [sys.executable, "-m", "benchmarks.survey_svy", str(ground.parquet), size, str(items), how, str(found)]
    return ["Rscript", str(HERE / "survey_r.R"), str(ground.csv), size, str(items), how, str(found)]


def answers(path: Path) -> Answers:
    """What a process found."""
    text = path.read_text()
    if text.startswith("{"):
        return {key: (float(value[0]), float(value[1])) for key, value in json.loads(text).items()}
    return {
        f"{row['item']} {row['banner']} {row['category']} {row['row']}": (float(row["estimate"]), float(row["error"]))
        for row in csv.DictReader(text.splitlines())
    }


def apart(mine: Answers, theirs: Answers) -> tuple[int, float, float]:
    """Cells that both have, and the largest relative difference of estimates and of standard errors."""
    both = [(mine[key], theirs[key]) for key in mine.keys() & theirs.keys()]
    largest = [
        max((abs(a[at] - b[at]) / max(abs(b[at]), 1e-6) for a, b in both if math.isfinite(a[at])), default=math.nan)
        for at in (0, 1)
    ]
    return len(both), largest[0], largest[1]


def compare(ground: Ground, how: str, items: int, rounds: int, sides: list[str]) -> None:
    """Take turns, and print a table."""
    took = {side: list[Measured]() for side in sides}
    with tempfile.TemporaryDirectory() as folder:
        files = {side: Path(folder) / side for side in sides}
        for _ in range(rounds):
            for side in sides:
                took[side].append(run(command_of(side, ground, how, items, files[side])))
        found = {side: answers(path) for side, path in files.items()}
    print(
        f"\nn = {ground.respondents:,}, {how}, 300 items x 10 banners; "
        f"peers on {items} items, scaled; {rounds} rounds\n"
    )
    print("| side | waiting s | x | processor s | x | peak MB | load | cells | estimate | error |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    base = [_median(took["ours"], name, 1.0) for name in ("wait", "processor")]
    for side, measured in took.items():
        scale = 1.0 if side == "ours" else ITEMS / items
        wait, processor = (_median(measured, name, scale) for name in ("wait", "processor"))
        cells, estimate, error = apart(found["ours"], found[side])
        print(
            f"| {side} | {wait:.2f} | {wait / base[0]:.0f} | {processor:.2f} | {processor / base[1]:.0f} "
            f"| {max(one.peak for one in measured):.0f} | {statistics.median(one.load for one in measured):.1f} "
            f"| {cells} | {estimate:.0e} | {error:.0e} |",
            flush=True,
        )


def _median(measured: list[Measured], name: str, scale: float) -> float:
    """The median over rounds, with only the part that grows with items scaled."""
    return statistics.median(float(getattr(one, name) * (1 + one.growing * (scale - 1))) for one in measured)


def growth(directory: Path) -> None:
    """Our own side with more respondents, items and banners, and a drawing of it."""
    rows = list[tuple[str, int, Measured]]()
    sizes = (1_244, 5_000, 20_000, 80_000, 175_000)
    plans = [("respondents", n, n, 300, 10) for n in sizes]
    plans += [("items", many, 20_000, many, 10) for many in (30, 75, 150, 300)]
    plans += [("banners", many, 20_000, 300, many) for many in (1, 2, 5, 10)]
    print("\n| what grows | size | waiting s | processor s | peak MB | load |\n|---|--:|--:|--:|--:|--:|")
    for what, size, n, items, banners in plans:
        ground = Ground(directory=directory, respondents=n)
        make_apart(ground, with_csv=False)
        command = [
            sys.executable,
            "-m",
            "benchmarks.survey_ours",
            str(ground.container),
            str(n),
            str(items),
            "fixed",
            str(banners),
        ]
        found = run(command)
        rows.append((what, size, found))
        print(
            f"| {what} | {size:,} | {found.wait:.2f} | {found.processor:.2f} | {found.peak:.0f} | {found.load:.1f} |",
            flush=True,
        )
    (HERE / "survey_growth.svg").write_text(drawing(rows))


def drawing(rows: list[tuple[str, int, Measured]]) -> str:
    """Three small charts of processor seconds and peak memory, plain SVG; the table says the same."""
    parts = list[str]()
    for at, what in enumerate(("respondents", "items", "banners")):
        these = [(size, one) for name, size, one in rows if name == what]
        widest, highest = max(size for size, _ in these), max(one.processor for _, one in these)
        left = 50 + 250 * at
        points = [(left + 180 * size / widest, 190 - 150 * one.processor / highest) for size, one in these]
        parts.append(f'<path d="M{left} 40V190H{left + 190}" fill="none" stroke="#555"/>')
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline fill="none" stroke="#154273" stroke-width="2" points="{line}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#154273"/>' for x, y in points]
        parts.append(f'<text x="{left}" y="25">{highest:.1f} processor s at {widest:,} {what}</text>')
        parts.append(
            f'<text x="{left}" y="210">0</text>'
            f'<text x="{left + 180}" y="210" text-anchor="end">{widest:,} {what}</text>'
        )
    body = "\n".join(parts)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 225" '
        'font-family="sans-serif" font-size="12" role="img">\n'
        "<title>Processor seconds of the whole process against respondents, items and banners</title>\n"
        f"{body}\n</svg>\n"
    )


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--directory", type=Path, required=True)
    ask.add_argument("--respondents", type=int, default=1_244)
    ask.add_argument("--how", choices=("fixed", "rake", "calibrate"), default="fixed")
    ask.add_argument("--items", type=int, default=ITEMS)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--only", default="ours,svy,R")
    ask.add_argument("--growth", action="store_true")
    given = ask.parse_args()
    names = ("numpy", "scipy", "pyarrow", "svy", "polars")
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}; "
          + ", ".join(f"{name} {version(name)}" for name in names))  # fmt: skip
    if given.growth:
        growth(given.directory)
        return
    ground = Ground(directory=given.directory, respondents=given.respondents)
    sides = [side for side in given.only.split(",") if side != "svy" or given.how != "calibrate"]
    make_apart(ground, with_csv="R" in sides)
    compare(ground, given.how, given.items, given.rounds, sides)


if __name__ == "__main__":
    main()
