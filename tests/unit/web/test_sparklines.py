"""Sparklines: values in, coordinates out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.web.sparklines import HEIGHT, WIDTH, Sparkline, sparkline

VALUES = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=15)


def drawn(
    *observed: float | None, agreed: tuple[float | None, ...] = (), breaks_before: tuple[int, ...] = ()
) -> Sparkline:
    labels = [str(2013 + at) for at in range(len(observed))]
    wanted = agreed or tuple(None for _ in observed)
    return sparkline(labels, observed=observed, agreed=wanted, description="", breaks_before=breaks_before)


@given(VALUES)
def test_sparkline_of_any_values_stays_inside_its_drawing(values: list[float | None]) -> None:
    picture = drawn(*values)
    points = [*picture.dots, *([picture.last] if picture.last else []), *picture.targets]
    assert all(0 <= point.x <= WIDTH and 0 <= point.y <= HEIGHT for point in points)
    assert len(points) == sum(value is not None for value in values)


def test_sparkline_of_a_fall_goes_down() -> None:
    picture = drawn(40, 20)
    assert picture.last is not None
    assert picture.dots[0].y < picture.last.y
    assert picture.dots[0].x < picture.last.x


def test_sparkline_with_a_year_that_was_not_measured_has_a_gap() -> None:
    assert len(drawn(3, 4, None, 5, 6).lines) == 2


def test_sparkline_with_a_break_draws_no_line_across_it() -> None:
    picture = drawn(3, 4, 5, 6, breaks_before=(2,))
    assert len(picture.lines) == 2
    assert list(picture.breaks) == [100.0]


def test_sparkline_of_counts_starts_at_zero() -> None:
    half, full = drawn(10, 20).dots[0], drawn(10, 20).last
    assert full is not None
    assert half.y == pytest.approx((full.y + 52) / 2)  # 52: the foot of the drawing, where zero is


def test_sparkline_of_large_shares_shows_the_difference() -> None:
    picture = drawn(63, 61)
    assert picture.last is not None
    assert picture.last.y - picture.dots[0].y > 40


def test_sparkline_of_nothing_is_empty() -> None:
    picture = drawn(None, None)
    assert (picture.last, picture.lines, picture.dots) == (None, [], [])


def test_sparkline_with_lists_of_unequal_length_is_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        sparkline(["2013"], observed=[1.0, 2.0], agreed=[None], description="")
