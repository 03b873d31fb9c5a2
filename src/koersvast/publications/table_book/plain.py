"""Blocks of a document as plain lines, for forms that know no layout: sheets and CSV."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from koersvast.publications.blocks import (
    Block,
    Bullets,
    Callout,
    Glossary,
    Heading,
    Paragraph,
    SourceList,
    Status,
    Table,
    Text,
)


class Style(StrEnum):
    HEADING = "heading"
    TEXT = "text"
    PAIR = "pair"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line; `name` stands in front of a pair."""

    style: Style
    text: str
    name: str = ""


def plain_lines(blocks: Iterable[Block]) -> Iterator[Line]:
    """Give the texts of headings, paragraphs, lists, callouts, tables and word lists in their order.

    A row of a table becomes a pair of its name and its other cells. Charts and pictures of figures have no lines.
    """
    for block in blocks:
        match block:
            case Heading(text=text):
                yield Line(style=Style.HEADING, text=text)
            case Text(paragraphs=paragraphs):
                yield from (Line(style=Style.TEXT, text=_told(one)) for one in paragraphs)
            case Bullets(items=items):
                yield from (_item(one) for one in items)
            case Callout(title=title, paragraphs=paragraphs):
                yield Line(style=Style.PAIR, name=title, text=" ".join(_told(one) for one in paragraphs))
            case Table() as table:
                yield from _table(table)
            case Glossary(terms=terms):
                yield from (Line(style=Style.PAIR, name=term.word, text=term.meaning) for term in terms)
            case SourceList(sources=sources):
                yield from (Line(style=Style.PAIR, name=one.name, text=one.detail) for one in sources)


def _item(item: Paragraph) -> Line:
    """A point of a list; a point that begins with strong words is a pair."""
    if len(item) > 1 and item[0].emphasis.value == "strong":
        return Line(style=Style.PAIR, name=item[0].text.strip(" ."), text="".join(run.text for run in item[1:]).strip())
    return Line(style=Style.TEXT, text=f"• {_told(item)}")


def _table(table: Table) -> Iterator[Line]:
    yield Line(style=Style.TEXT, text=table.caption)
    for row in table.rows:
        cells = (cell.text if isinstance(cell, Status) else cell for cell in row.cells)
        labels = (column.label for column in table.columns[1:])
        if len(table.columns) == 2:
            told = "; ".join(cells)
        else:
            told = "; ".join(
                f"{label}: {cell}" if label else cell for label, cell in zip(labels, cells, strict=True) if cell
            )
        yield Line(style=Style.PAIR, name=row.header, text=told)
    yield from (Line(style=Style.TEXT, text=note) for note in table.notes)


def _told(paragraph: Paragraph) -> str:
    return "".join(run.text for run in paragraph)
