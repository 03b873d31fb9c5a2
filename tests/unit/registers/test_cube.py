"""A cube gives the cells of the questions, and is never taken for whole, right or new when it is not."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from koersvast.registers import questions
from koersvast.registers.cube import FACTS, Cube, CubeProblem, ranks
from koersvast.registers.cube_building import Wanted, build_cube, drop_cubes, ready_cube
from koersvast.registers.engines import open_engine
from koersvast.registers.questions import Span
from tests.unit.registers.invented_register import FIVE_YEARS, ONE_YEAR, PEOPLE, TABLE, Row, crimes, people, write

CAPTURE = "c0ffee" * 10


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("register")
    write(crimes(), folder / TABLE)
    write(people(), folder / PEOPLE)
    return folder


def of_crimes(register: Path) -> Wanted:
    return Wanted(register=register / TABLE, capture=CAPTURE, measure="registered")


def of_people(register: Path) -> Wanted:
    return Wanted(register=register / PEOPLE, capture=CAPTURE, measure="inhabitants", periods_a_year=1)


def code_of(wanted: Wanted, place: Path) -> str:
    with pytest.raises(CubeProblem) as refused:
        build_cube(wanted, directory=place)
    assert not list(place.iterdir()), "nothing partial stays"
    return refused.value.code


def row_with(amount: float | None, *, period: str = "2020-01") -> Row:
    return ("buurt", "BU00010000", "1.1.1", period, "registered", amount, None, "final", None, None)


@pytest.mark.parametrize(
    ("span", "levels", "kinds"),
    [
        (FIVE_YEARS, (), ()),
        (FIVE_YEARS, ("municipality",), ()),
        (ONE_YEAR, ("wijk", "country"), ("1.1.1", "2.2.1")),
        (Span(first_year=2017, last_year=2020), (), ()),
    ],
)
def test_benchmark_of_a_cube_is_the_question(
    register: Path, tmp_path: Path, span: Span, levels: Sequence[str], kinds: Sequence[str]
) -> None:
    cube, lived = (ready_cube(wanted(register), directory=tmp_path) for wanted in (of_crimes, of_people))
    with open_engine() as engine:
        asked = questions.benchmark(
            engine.scan(register / TABLE),
            engine.scan(register / PEOPLE),
            measure="registered",
            span=span,
            levels=levels,
            kinds=kinds,
        )
        expected = engine.collect(asked)
    keys = ["level", "kind", "area"]
    found = cube.benchmark(lived, span=span, levels=levels, kinds=kinds)
    assert found.height
    exact = [*keys, "known_periods", "events", "person_years", "places", "rank"]
    assert_frame_equal(found.sort(keys).select(exact), expected.sort(keys).select(exact), check_exact=True)
    assert_frame_equal(found.sort(keys), expected.sort(keys), rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("area", ["GM0015", "GM0014", "BU00150000", "GM9999"])
def test_series_of_a_cube_is_the_question(register: Path, tmp_path: Path, area: str) -> None:
    cube = ready_cube(of_crimes(register), directory=tmp_path)
    with open_engine() as engine:
        asked = questions.series(
            engine.scan(register / TABLE),
            area=area,
            measure="registered",
            kinds=("1.4.1", "2.2.1", "1.1.1"),
            periods=FIVE_YEARS.codes,
        )
        expected = engine.collect(asked).drop("certainty", "low", "high").with_columns(pl.col("amount").fill_nan(None))
    found = cube.series(area=area, kinds=("1.4.1", "2.2.1", "1.1.1"), periods=FIVE_YEARS.codes)
    assert_frame_equal(found.sort("kind", "period"), expected.sort("kind", "period"))


def test_counts_are_nan_where_not_known(register: Path, tmp_path: Path) -> None:
    cube = ready_cube(of_crimes(register), directory=tmp_path)
    areas, found = cube.counts("municipality", kinds=("1.1.1", "2.2.1"), periods=("2020-02", "2022-12"))
    missing = {(areas[area], kind, period) for area, kind, period in np.argwhere(np.isnan(found)).tolist()}
    assert missing == {("GM0014", 0, 1), ("GM0021", 0, 1), ("GM0015", 1, 0)}


@pytest.mark.parametrize("damage", ["cells", "years", "known", "sums", "shorter", "facts", "no_level"])
def test_damaged_cube_is_noticed_and_made_again(register: Path, tmp_path: Path, damage: str) -> None:
    wanted, lived = of_crimes(register), ready_cube(of_people(register), directory=tmp_path)
    before = ready_cube(wanted, directory=tmp_path).benchmark(lived, span=FIVE_YEARS)
    place = tmp_path / wanted.name
    file = {"shorter": "buurt/cells", "facts": FACTS, "no_level": "buurt/years"}.get(damage, f"buurt/{damage}")
    raw = bytearray((place / file).read_bytes())
    if damage == "shorter":
        (place / file).write_bytes(raw[:-1])
    elif damage == "no_level":
        (place / file).unlink()
    else:
        raw[len(raw) // 2] ^= 0xFF
        (place / file).write_bytes(raw)
    if damage in {"cells", "years", "known"}:
        with pytest.raises(CubeProblem) as refused:
            ask_everything(Cube.open(place), lived)
        assert (refused.value.code, refused.value.values["level"]) == ("cube_damaged", "buurt")
        build_cube(wanted, directory=tmp_path)
    again = ready_cube(wanted, directory=tmp_path)
    ask_everything(again, lived)
    assert_frame_equal(again.benchmark(lived, span=FIVE_YEARS), before)


def ask_everything(cube: Cube, lived: Cube) -> None:
    cube.benchmark(lived, span=FIVE_YEARS)
    for level in cube.levels.values():
        for area in level.areas:
            cube.series(area=area)


def test_cube_of_another_capture_has_another_name(register: Path, tmp_path: Path) -> None:
    old, new = of_crimes(register), Wanted(register=register / TABLE, capture="deadbeef", measure="registered")
    for wanted in (old, new):
        ready_cube(wanted, directory=tmp_path)
    (tmp_path / "something-else").mkdir()
    assert drop_cubes(tmp_path, keep={new.name}) == (old.name,)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([new.name, "something-else"])


def test_name_that_leaves_the_folder_is_refused(register: Path, tmp_path: Path) -> None:
    wanted = Wanted(register=register / TABLE, capture="../../etc", measure="registered")
    with pytest.raises(CubeProblem):
        ready_cube(wanted, directory=tmp_path)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([row_with(-1.0)], "amount_below_nought"),
        ([row_with(3e9)], "amount_too_large"),
        ([row_with(2e9), row_with(2e9, period="2020-02")], "amount_too_large"),
        ([row_with(1.0), row_with(1.0)], "cell_twice"),
    ],
)
def test_table_that_does_not_fit_makes_no_cube(tmp_path: Path, rows: list[Row], code: str) -> None:
    folder = write(rows, tmp_path / "table")
    assert code_of(Wanted(register=folder, capture=CAPTURE, measure="registered"), tmp_path / "cubes") == code


def test_amounts_that_are_no_counts_keep_their_decimals(tmp_path: Path) -> None:
    folder = write([row_with(2.5), row_with(0.0, period="2020-02")], tmp_path / "table")
    cube = ready_cube(Wanted(register=folder, capture=CAPTURE, measure="registered"), directory=tmp_path / "cubes")
    assert cube.series(area="BU00010000")["amount"].to_list() == [2.5, 0.0]


def test_span_of_other_periods_is_refused(register: Path, tmp_path: Path) -> None:
    cube, lived = (ready_cube(wanted(register), directory=tmp_path) for wanted in (of_crimes, of_people))
    with pytest.raises(CubeProblem) as refused:
        cube.benchmark(lived, span=Span(first_year=2020, last_year=2021, periods_a_year=1))
    assert refused.value.code == "span_not_in_cube"


def test_ranks_share_the_best_place_and_leave_out_what_is_not_there() -> None:
    places, rank, lower = ranks(np.array([[3.0, 1.0, np.nan, 3.0, 2.0], [np.nan] * 5]))
    assert places[:, 0].tolist() == [4, 0]
    assert rank[0].tolist()[:2] == [1, 4]
    assert lower[0][[0, 1, 3, 4]].tolist() == [2, 0, 2, 1]
    assert np.isnan(rank[1]).all()
    assert np.isnan(lower[0, 2])
