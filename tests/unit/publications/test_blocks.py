"""Blocks refuse at the door what no reader could use."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.publications.blocks import (
    BadBlock,
    Block,
    Callout,
    Chart,
    Column,
    Document,
    Heading,
    KeyFigures,
    Language,
    Row,
    RowGroup,
    Source,
    Status,
    Table,
    Text,
    Tone,
    paragraph,
    placed,
    plain_rows,
    printable,
    with_text,
)
from koersvast.publications.theme import BadTheme, Theme, contrast

THEME = Theme(fonts=Path("fonts"))
COLUMNS = (Column(label="Jaar"), Column(label="Aantal"))
TABLE = Table(caption="Aantallen", columns=COLUMNS, groups=plain_rows(("2019", "40")))


def document(*blocks: Block, numbered: bool = True) -> Document:
    return Document(
        title="Analyse",
        municipality="Gemeente Rivierdal",
        language=Language.DUTCH,
        dated=date(2026, 11, 23),
        theme=THEME,
        blocks=blocks,
        numbered=numbered,
    )


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Heading(5, "Te diep"), "level 5"),
        (lambda: Heading(1, " "), "without text"),
        (lambda: Table(caption="", columns=COLUMNS, groups=plain_rows(("2019", "40"))), "without a caption"),
        (lambda: Table(caption="Leeg", columns=COLUMNS, groups=()), "no rows"),
        (lambda: Table(caption="Smal", columns=COLUMNS[:1], groups=plain_rows(("2019",))), "at least one of values"),
        (lambda: Table(caption="Scheef", columns=COLUMNS, groups=plain_rows(("2019", "1", "2"))), "2 cells, not 1"),
        (lambda: Chart(title="t", description="", spec={}, table=TABLE), "describe in words"),
        (lambda: Chart(title="", description="d", spec={}, table=TABLE), "without a title"),
        (lambda: KeyFigures(title="Kern", figures=()), "one to four"),
        (lambda: Callout(tone=Tone.GOOD, title=""), "without a title"),
        (lambda: Status(Tone.GOOD, ""), "without words"),
        (lambda: Source(name="x", url="javascript:alert(1)"), "not a web address"),
        (lambda: document(Heading(2, "Eerst")), "must have level 1"),
        (lambda: document(Heading(1, "a"), Heading(3, "b")), "none may be skipped"),
    ],
)
def test_block_that_nobody_can_read_is_refused_with_its_reason(make: Callable[[], object], complaint: str) -> None:
    with pytest.raises(BadBlock, match=complaint):
        make()


def test_headings_tables_and_charts_are_numbered_in_reading_order() -> None:
    chart = Chart(title="Lijn", description="daalt", spec={}, table=TABLE)
    items = list(
        placed(document(Heading(1, "a"), Heading(2, "b"), TABLE, Heading(2, "c"), chart, Heading(1, "d"), TABLE))
    )
    assert [(type(item.block).__name__, item.number) for item in items] == [
        ("Heading", "1"),
        ("Heading", "1.1"),
        ("Table", "1"),
        ("Heading", "1.2"),
        ("Chart", "1"),
        ("Table", "2"),
        ("Heading", "2"),
        ("Table", "3"),
    ]
    assert len({item.anchor for item in items}) == len(items)


def test_headings_of_an_unnumbered_document_have_anchors_but_no_numbers() -> None:
    items = list(placed(document(Heading(1, "a"), Heading(1, "b"), numbered=False)))
    assert [item.number for item in items] == ["", ""]
    assert len({item.anchor for item in items}) == 2


def test_spans_of_grouped_columns_cover_all_columns() -> None:
    columns = (
        Column(label="a"),
        Column(label="b", group="x"),
        Column(label="c", group="x"),
        Column(label="d", group="y"),
    )
    table = Table(caption="t", columns=columns, groups=(RowGroup("", (Row("r", ("1", "2", "3")),)),))
    assert table.spans() == (("", 1), ("x", 2), ("y", 1))
    assert TABLE.spans() == ()


@given(st.text())
def test_printable_text_can_stand_in_xml(text: str) -> None:
    kept = printable(text)
    assert kept == printable(kept)
    kept.encode("utf-8")
    assert not set(kept) & {chr(point) for point in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, 0x202E)}


def test_change_of_all_texts_reaches_every_depth_and_leaves_the_original() -> None:
    before = document(Heading(1, "kop"), Text.of(paragraph("een", "twee")), TABLE)
    after = with_text(before, str.upper)
    assert after.blocks[0] == Heading(1, "KOP")
    assert after.blocks[1] == Text.of(paragraph("EEN", "TWEE"))
    assert after.theme is before.theme
    assert before.blocks[2] is TABLE


def test_default_theme_holds_the_contrasts_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast(THEME.accent, "#ffffff") >= 4.5
    assert all(contrast(colour, "#ffffff") >= 3 for colour in THEME.series)


@pytest.mark.parametrize("colours", [{"accent": "#ffdd00"}, {"ink": "red"}, {"series": ("#eeeeee",)}, {"font": 'a"b'}])
def test_theme_that_cannot_be_read_is_refused(colours: dict[str, str]) -> None:
    with pytest.raises(BadTheme):
        Theme(fonts=Path("fonts"), **colours)  # type: ignore[arg-type]  # wrong on purpose
