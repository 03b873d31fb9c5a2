"""What differs between two vintages: new, revised with both figures, withdrawn; and the same in a minute's reading."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.engine.quantities import Missing
from koersvast.registers.vintages import changed, compare, grouped
from tests.unit.registers.invented import Kept, Service, years
from tests.unit.registers.invented import changed as changed_service

SCHEMA = {
    "area": pl.String, "level": pl.String, "kind": pl.String, "period": pl.String, "measure": pl.String,
    "amount": pl.Float64, "missing": pl.String,
}  # fmt: skip

type Key = tuple[str, str, str]
type Figures = dict[Key, int | str]

figures = st.dictionaries(
    st.tuples(
        st.sampled_from(["GM9001", "GM9002"]), st.sampled_from(["1.1.1", "2.2.1"]), st.sampled_from(["2023", "2024-07"])
    ),
    st.one_of(st.integers(0, 50), st.sampled_from([missing.value for missing in Missing])),
)


def frame(written: Figures) -> pl.LazyFrame:
    lines = [
        (area, "municipality", kind, period, "registered", value if isinstance(value, int) else None,
         value if isinstance(value, str) else None)
        for (area, kind, period), value in written.items()
    ]  # fmt: skip
    return pl.LazyFrame(lines, schema=SCHEMA, orient="row")


@settings(max_examples=30, deadline=None)
@given(figures, figures)
def test_every_cell_is_new_revised_withdrawn_or_the_same(earlier: Figures, later: Figures) -> None:
    found = {(one.area, one.kind, one.period): one for one in changed(compare(frame(earlier), frame(later)))}
    differing = {key for key in {*earlier, *later} if earlier.get(key) != later.get(key)}
    assert set(found) == differing
    for key, one in found.items():
        before, after = earlier.get(key), later.get(key)
        assert one.change == ("new" if before is None else "withdrawn" if after is None else "revised")
        assert one.earlier == (before if isinstance(before, int) else None)
        assert one.later == (after if isinstance(after, int) else None)
        assert (one.earlier_missing or None) == (Missing(before) if isinstance(before, str) else None)


@settings(max_examples=30, deadline=None)
@given(figures, figures)
def test_groups_count_every_change_once_and_add_up_what_both_know(earlier: Figures, later: Figures) -> None:
    compared = compare(frame(earlier), frame(later))
    groups = grouped(compared)
    assert sum(one.new + one.revised + one.withdrawn for one in groups) == len(changed(compared))
    for one in groups:
        keys = [key for key in {*earlier, *later} if key[1] == one.kind and int(key[2][:4]) == one.year]
        both = [k for k in keys if isinstance(earlier.get(k), int) and isinstance(later.get(k), int)]
        assert one.before == sum(float(earlier[key]) for key in both)
        assert one.after == sum(float(later[key]) for key in both)
        steps = [abs(float(later[key]) - float(earlier[key])) for key in both]
        assert abs(one.largest_change) == max(steps, default=0)


def test_vintage_against_itself_has_no_changes(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    vintage = kept.load(Service())
    assert kept.store.revisions("47018NED", earlier=vintage, later=vintage) == ()
    assert kept.store.revision_groups("47018NED", earlier=vintage, later=vintage) == ()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    kept = Kept(tmp_path_factory.mktemp("two"))
    first = Service(periods=years(*range(2015, 2025)))
    kept.load(first)
    cells = dict(Service().cells) | {("1.1.1", "GM9001", "2024JJ00"): 80, ("2.2.1", "GM9002", "2023JJ00"): 700}
    cells["1.4.4", "GM9003", "2024JJ00"] = "x"
    second = kept.load(changed_service(Service(), cells=cells, modified="2026-06-10T02:00:00"), on=date(2026, 6, 15))
    assert second.state == "accepted"
    return kept


def test_new_delivery_lists_new_years_and_revisions_with_both_figures(two: Kept) -> None:
    later, earlier = two.store.vintages("47018NED")
    found = two.store.revisions("47018NED", earlier=earlier, later=later)
    assert {one.period for one in found if one.change == "new"} == {"2025"}
    revised = {(one.kind, one.area): one for one in found if one.change == "revised"}
    assert set(revised) == {("1.1.1", "GM9001"), ("2.2.1", "GM9002"), ("1.4.4", "GM9003")}
    assert revised["1.1.1", "GM9001"].later == 80
    assert revised["1.4.4", "GM9003"].later_missing is Missing.WITHHELD


def test_groups_begin_with_the_largest_change_of_a_sum(two: Kept) -> None:
    later, earlier = two.store.vintages("47018NED")
    first = two.store.revision_groups("47018NED", earlier=earlier, later=later)[0]
    assert (first.level, first.kind, first.year, first.revised) == ("municipality", "2.2.1", 2023, 1)
    assert (first.largest_area, first.after - first.before) == ("GM9002", first.largest_change)


def test_areas_and_kinds_may_be_chosen(two: Kept) -> None:
    later, earlier = two.store.vintages("47018NED")
    found = two.store.revisions("47018NED", earlier=earlier, later=later, areas=["GM9001"], kinds=["1.1.1"])
    assert {(one.area, one.kind) for one in found} == {("GM9001", "1.1.1")}
