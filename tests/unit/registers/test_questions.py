"""The same questions on DuckDB, Polars and Spark give the same cells, and the cells that plain loops give."""

import importlib.util
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from koersvast.registers import questions
from koersvast.registers.engines import ENGINES, Engine, EngineMissing, Resources, open_engine
from koersvast.registers.questions import BadSpan, Frame, Span
from tests.unit.registers.invented_register import (
    AREAS,
    FIVE_YEARS,
    ONE_YEAR,
    PEOPLE,
    TABLE,
    crimes,
    people,
    plain_benchmark,
    write,
)

NO_SPARK = (
    "pyspark is not installed (extra `spark`)"
    if importlib.util.find_spec("pyspark") is None
    else "no Java on this machine: the questions are not asked of Spark"
    if shutil.which("java") is None
    else ""
)
KEYS = ("area", "level", "kind", "year", "period")
RATE = {"rate_per_1000", "percentile", "slope_per_1000"}
QUESTIONS: Mapping[str, Callable[[Frame, Frame], Frame]] = {
    "kinds_by_year": lambda cells, _: questions.kinds_by_year(
        cells, area="GM0014", measure="registered", span=FIVE_YEARS
    ),
    "parts_in_year": lambda cells, _: questions.parts_in_year(
        cells, municipality="GM0015", measure="registered", span=ONE_YEAR
    ),
    "benchmark_of_municipalities": lambda cells, lived: questions.benchmark(
        cells, lived, measure="registered", span=FIVE_YEARS, levels=("municipality",)
    ),
    "benchmark_of_all": lambda cells, lived: questions.benchmark(cells, lived, measure="registered", span=FIVE_YEARS),
    "benchmark_of_a_year": lambda cells, lived: questions.benchmark(
        cells, lived, measure="registered", span=ONE_YEAR, kinds=("1.1.1", "2.2.1")
    ),
    "series": lambda cells, _: questions.series(cells, area="BU00150000", measure="registered", kinds=("2.2.1",)),
    "totals": lambda cells, _: questions.totals(
        cells, measure="registered", level="wijk", periods=FIVE_YEARS.codes, kinds=("1.4.1", "2.2.1")
    ),
}


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("register")
    write(crimes(), folder / TABLE)
    write(people(), folder / PEOPLE)
    return folder


@pytest.fixture(scope="module")
def answers(register: Path) -> Mapping[str, pl.DataFrame]:
    with open_engine() as engine:
        return ask_all(engine, register)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    resources = Resources(memory_mb=800, threads=2, scratch=tmp_path_factory.mktemp("spark"))
    with open_engine("spark", resources) as engine:
        yield engine


def ask_all(engine: Engine, register: Path) -> Mapping[str, pl.DataFrame]:
    cells, lived = engine.scan(register / TABLE), engine.scan(register / PEOPLE)
    return {name: ordered(engine.collect(ask(cells, lived))) for name, ask in QUESTIONS.items()}


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort([key for key in KEYS if key in frame.columns])


def assert_same_cells(found: Mapping[str, pl.DataFrame], expected: Mapping[str, pl.DataFrame]) -> None:
    for name, answer in expected.items():
        assert answer.height, name
        exact = [column for column in answer.columns if column not in RATE]
        # `series` gives NaN as it was delivered; every sum gives null.
        assert_frame_equal(found[name].select(exact), answer.select(exact), check_exact=True)
        assert_frame_equal(found[name], answer, rel_tol=1e-9, abs_tol=1e-9)


def test_polars_gives_the_cells_of_duckdb(register: Path, answers: Mapping[str, pl.DataFrame]) -> None:
    with open_engine("polars") as engine:
        assert_same_cells(ask_all(engine, register), answers)


@pytest.mark.slow
@pytest.mark.xdist_group("spark")
@pytest.mark.skipif(bool(NO_SPARK), reason=NO_SPARK or "-")
@pytest.mark.filterwarnings("ignore::FutureWarning:pyspark", "ignore::ResourceWarning")
def test_spark_gives_the_cells_of_duckdb(register: Path, answers: Mapping[str, pl.DataFrame], spark: Engine) -> None:
    assert_same_cells(ask_all(spark, register), answers)


def test_benchmark_gives_what_plain_loops_give(answers: Mapping[str, pl.DataFrame]) -> None:
    expected = plain_benchmark(FIVE_YEARS)
    rows = answers["benchmark_of_all"].rows(named=True)
    assert len(rows) == len(expected)
    for row in rows:
        for name, value in expected[row["area"], row["kind"]].items():
            assert row[name] == (None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)), (row, name)


def test_year_with_an_absent_month_has_no_total(answers: Mapping[str, pl.DataFrame]) -> None:
    rows = answers["kinds_by_year"].filter(pl.col("kind") == "1.1.1").rows_by_key("year", named=True, unique=True)
    assert (rows[2022]["amount"], rows[2022]["known_periods"]) == (None, 11)
    assert rows[2021]["known_periods"] == 12
    assert rows[2021]["amount"] < 7e5, "yearly and quarterly rows stand beside the months and are not added to them"


def test_place_without_events_is_nought_and_last(answers: Mapping[str, pl.DataFrame]) -> None:
    quiet = answers["benchmark_of_municipalities"].filter(pl.col("area") == "GM0019", pl.col("kind") == "0.0.0")
    assert quiet.select("events", "rate_per_1000").row(0) == (0.0, None), "nobody lives there"
    quiet = answers["benchmark_of_municipalities"].filter(pl.col("area") == "GM0014", pl.col("kind") == "0.0.0")
    row = quiet.row(0, named=True)
    assert (row["events"], row["rate_per_1000"], row["rank"], row["percentile"]) == (0.0, 0.0, row["places"], 0.0)


def test_withheld_kind_has_no_figure_and_no_rank(answers: Mapping[str, pl.DataFrame]) -> None:
    found = answers["benchmark_of_all"].filter(pl.col("kind") == "1.4.1", pl.col("level") == "buurt")
    assert found["known_periods"].unique().to_list() == [0]
    assert found.select("events", "rate_per_1000", "rank", "percentile", "slope_per_1000").null_count().row(0) == (
        *[len(AREAS["buurt"])] * 5,
    )


def test_parts_are_the_municipality_and_what_has_its_digits(answers: Mapping[str, pl.DataFrame]) -> None:
    assert set(answers["parts_in_year"]["area"]) == {"GM0015", "WK001500", "WK001501", "BU00150000", "BU00150100"}


def test_totals_count_what_is_absent(answers: Mapping[str, pl.DataFrame]) -> None:
    row = answers["totals"].filter(pl.col("kind") == "1.4.1").row(0, named=True)
    assert (row["amount"], row["known_areas"], row["absent_areas"]) == (None, 0, len(AREAS["wijk"]))


def test_people_in_two_kinds_are_not_added_up(tmp_path: Path, register: Path) -> None:
    twice = [*people(), *((*row[:2], "T002", *row[3:]) for row in people())]
    with open_engine() as engine:
        cells, lived = engine.scan(register / TABLE), engine.scan(write(twice, tmp_path / PEOPLE))
        found = engine.collect(questions.benchmark(cells, lived, measure="registered", span=FIVE_YEARS))
    assert found["rate_per_1000"].null_count() == found.height


@pytest.mark.parametrize(("first", "last", "periods"), [(2021, 2020, 12), (2020, 2021, 52), (0, 1, 1)])
def test_span_that_cannot_be_is_refused(first: int, last: int, periods: int) -> None:
    with pytest.raises(BadSpan):
        Span(first_year=first, last_year=last, periods_a_year=periods)


def test_span_names_its_periods() -> None:
    assert Span(first_year=2020, last_year=2021, periods_a_year=1).codes == ("2020", "2021")
    assert Span(first_year=2020, last_year=2020, periods_a_year=4).codes == ("2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4")
    assert ONE_YEAR.codes[::11] == ("2023-01", "2023-12")


def test_unknown_engine_is_refused_by_name() -> None:
    with pytest.raises(EngineMissing) as refused:
        open_engine("oracle")
    assert (refused.value.code, refused.value.values["known"]) == ("engine_unknown", ", ".join(ENGINES))


def test_spark_without_java_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip(NO_SPARK)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineMissing) as refused:
        open_engine("spark")
    assert refused.value.code == "java_missing"


def test_duckdb_keeps_to_its_memory_and_leaves_nothing(tmp_path: Path, register: Path) -> None:
    with open_engine("duckdb", Resources(memory_mb=64, threads=1, scratch=tmp_path)) as engine:
        cells, lived = engine.scan(register / TABLE), engine.scan(register / PEOPLE)
        assert engine.collect(questions.benchmark(cells, lived, measure="registered", span=FIVE_YEARS)).height
    assert not list(tmp_path.iterdir())
