"""Periods: codes, order, length."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.engine.periods import BadPeriod, Period

YEARS = st.integers(1900, 2100)
CODES = st.one_of(
    YEARS.map(str),
    st.tuples(YEARS, st.integers(1, 4)).map(lambda p: f"{p[0]}-Q{p[1]}"),
    st.tuples(YEARS, st.integers(1, 12)).map(lambda p: f"{p[0]}-{p[1]:02d}"),
)


@given(CODES)
def test_code_parsed_and_labelled_is_the_same_code(code: str) -> None:
    period = Period.parse(f" {code} ")
    assert period.label() == str(period) == code
    assert period.contains(period.start)
    assert period.contains(period.end - timedelta(days=1))
    assert not period.contains(period.end)
    assert period.year == int(code[:4])


@pytest.mark.parametrize(
    "code", ["", "19", "2019-Q5", "2019-13", "2019-1", "2019-00", "0000", "9999", "2019/2020", "x"]
)
def test_code_that_is_none_is_refused(code: str) -> None:
    with pytest.raises(BadPeriod):
        Period.parse(code)


def test_quarters_and_months_of_a_year_fill_it_exactly() -> None:
    year = Period.of_year(2020)
    assert (year.days, year.years, year.middle_year) == (366, 1.0, 2020.5)
    for parts in ([f"2020-Q{q}" for q in range(1, 5)], [f"2020-{m:02d}" for m in range(1, 13)]):
        periods = [Period.parse(code) for code in parts]
        assert periods[0].start == year.start
        assert periods[-1].end == year.end
        assert all(first.end == second.start for first, second in pairwise(periods))
        assert sum(p.days for p in periods) == 366
        assert sum(p.years for p in periods) == pytest.approx(1)


def test_periods_are_ordered_by_start_and_then_by_length() -> None:
    codes = ["2020", "2019-Q4", "2020-01", "2020-Q1", "2019"]
    assert [p.code for p in sorted(map(Period.parse, codes))] == ["2019", "2019-Q4", "2020-01", "2020-Q1", "2020"]
    assert Period.of_year(2020) > Period.of_year(2019)
    assert Period.of_year(2020) >= Period.of_year(2020)
    assert Period.of_year(2020) <= Period.of_year(2020)


def test_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(BadPeriod):
        Period(code="x", start=date(2020, 1, 1), end=date(2020, 1, 1))
