"""`registers.questions` on each of our engines."""

from collections.abc import Mapping

from benchmarks.national_peers.ground import (
    FIRST_YEAR,
    LAST_YEAR,
    MEMORY_MB,
    PEOPLE,
    PLACE,
    TABLE,
    THREADS,
    Ask,
    Ground,
)
from koersvast.registers import questions
from koersvast.registers.engines import Resources, open_engine
from koersvast.registers.questions import Span

ONE, ALL_YEARS = Span(first_year=2024, last_year=2024), Span(first_year=2012, last_year=2025)
FIVE = Span(first_year=FIRST_YEAR, last_year=LAST_YEAR)


def asked(ground: Ground, engine_name: str = "duckdb") -> Mapping[str, Ask]:
    """The questions, unchanged, on the engine of that name."""
    engine = open_engine(engine_name, Resources(memory_mb=MEMORY_MB, threads=THREADS, scratch=ground.scratch))
    cells, people = engine.scan(ground.register / TABLE), engine.scan(ground.register / PEOPLE)
    measure = "registered"
    return {
        "Q1": lambda: engine.collect(questions.kinds_by_year(cells, area=PLACE, measure=measure, span=ALL_YEARS)),
        "Q1w": lambda: engine.collect(questions.parts_in_year(cells, municipality=PLACE, measure=measure, span=ONE)),
        "Q2": lambda: engine.collect(
            questions.benchmark(cells, people, measure=measure, span=FIVE, levels=("municipality",))
        ),
        "Q3": lambda: engine.collect(questions.benchmark(cells, people, measure=measure, span=FIVE)),
    }
