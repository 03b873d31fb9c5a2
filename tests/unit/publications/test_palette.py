"""The ladder of a house colour: contrasts hold for every colour that a municipality may have."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from koersvast.publications.palette import WHITE, Palette, chart_theme, grey_palette, house_palette
from koersvast.publications.theme import contrast

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
YELLOW, BLACK, NEARLY_BLACK, BLUE = "#ffcc00", "#000000", "#000101", "#0000ff"


def assert_readable(rungs: Palette) -> None:
    for ground in (WHITE, rungs[50], rungs[100], rungs[200]):
        assert contrast(rungs[500], ground) >= 4.5
        assert contrast(rungs[600], ground) >= 4.5
        assert contrast(rungs[700], ground) >= 4.5
    assert contrast(rungs[400], rungs[100]) >= 3
    assert contrast(rungs[400], WHITE) >= 3


@given(COLOURS)
@example(YELLOW)
@example(BLACK)
@example(WHITE)
@example(NEARLY_BLACK)
@example(BLUE)
def test_palette_of_any_house_colour_is_readable(colour: str) -> None:
    assert_readable(house_palette(colour))
    assert_readable(grey_palette(colour))


@given(COLOURS)
def test_chart_theme_of_any_house_colour_passes_the_theme_s_own_checks(colour: str) -> None:
    theme = chart_theme(colour, fonts=Path("fonts"))
    assert len(set(theme.series)) == len(theme.series)


@given(COLOURS)
def test_palette_gets_darker_with_each_rung(colour: str) -> None:
    lightness = [contrast(house_palette(colour)[rung], BLACK) for rung in (50, 100, 200, 300, 400, 500, 600, 700)]
    assert lightness == sorted(lightness, reverse=True)


@pytest.mark.parametrize("colour", ["#154273", "#8a1538", "#0b6157"])
def test_palette_of_a_dark_house_colour_keeps_it_exactly(colour: str) -> None:
    assert house_palette(colour)[500] == colour


def test_palette_of_yellow_becomes_dark_enough_for_text() -> None:
    assert contrast(YELLOW, WHITE) < 2
    assert contrast(house_palette(YELLOW)[500], WHITE) >= 4.5
