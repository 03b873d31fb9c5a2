"""The derived cache, opened anew; it is made by `build`."""

import re
from collections.abc import Mapping

from benchmarks.national_peers.ground import FIRST_YEAR, LAST_YEAR, PEOPLE, TABLE, Ask, Ground
from koersvast.registers.cube import Cube
from koersvast.registers.cube_building import Wanted, build_cube
from koersvast.registers.questions import Span

FIVE = Span(first_year=FIRST_YEAR, last_year=LAST_YEAR)


def wanted(ground: Ground, table: str) -> Wanted:
    """The cube of one of the two tables; the folder's name stands for a capture."""
    name = re.sub("[^0-9a-z]", "", ground.register.name)
    if table == TABLE:
        return Wanted(register=ground.register / TABLE, capture=f"crimes{name}", measure="registered")
    return Wanted(register=ground.register / PEOPLE, capture=f"people{name}", measure="inhabitants", periods_a_year=1)


def build(ground: Ground) -> None:
    """Make both cubes."""
    for table in (TABLE, PEOPLE):
        build_cube(wanted(ground, table), directory=ground.scratch / "cubes")


def asked(ground: Ground) -> Mapping[str, Ask]:
    """The two questions about many areas at once, and the series of one."""
    cells, people = (Cube.open(ground.scratch / "cubes" / wanted(ground, table).name) for table in (TABLE, PEOPLE))
    return {
        "Q2": lambda: cells.benchmark(people, span=FIVE, levels=("municipality",)),
        "Q3": lambda: cells.benchmark(people, span=FIVE),
    }
