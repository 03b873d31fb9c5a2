"""A document as frozen blocks: what it says, not how it looks.

Every text is plain text: no markup is read in it, whatever it contains. Blocks check themselves when they are
made, so that a writer never meets a heading that skips a level or a chart without words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from koersvast.publications.theme import Theme

Spec = Mapping[str, Any]


class BadBlock(ValueError):
    """A block that cannot be published as it is; the message names the block and the remedy."""


class Language(StrEnum):
    DUTCH = "nl"
    ENGLISH = "en"


class Tone(StrEnum):
    """What a card, a callout or a status wants to say; shown as colour *and* symbol, never as colour alone."""

    NEUTRAL = "neutral"
    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"
    MISSING = "missing"
    NOT_COMPARABLE = "not_comparable"


SYMBOLS: Mapping[Tone, str] = {
    Tone.NEUTRAL: "",
    Tone.GOOD: "✓",
    Tone.BAD: "✗",
    Tone.UNSURE: "?",
    Tone.MISSING: "○",
    Tone.NOT_COMPARABLE: "≠",
}


class Emphasis(StrEnum):
    PLAIN = "plain"
    STRONG = "strong"
    LIGHT = "light"


class Align(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    CENTRE = "center"


@dataclass(frozen=True)
class Run:
    """A stretch of plain text in one emphasis."""

    text: str
    emphasis: Emphasis = Emphasis.PLAIN


type Paragraph = tuple[Run, ...]


def strong(text: str) -> Run:
    return Run(text, Emphasis.STRONG)


def light(text: str) -> Run:
    return Run(text, Emphasis.LIGHT)


def paragraph(*parts: str | Run) -> Paragraph:
    """Make one paragraph from plain strings and runs."""
    return tuple(part if isinstance(part, Run) else Run(part) for part in parts)


@dataclass(frozen=True)
class Heading:
    """Level 1 (chapter) to 4. The document refuses levels that skip."""

    level: int
    text: str

    def __post_init__(self) -> None:
        if not 1 <= self.level <= 4:
            raise BadBlock(f"Heading {self.text!r}: level {self.level} is not 1 to 4.")
        _need(self.text, "Heading without text.")


@dataclass(frozen=True)
class Text:
    paragraphs: tuple[Paragraph, ...]

    @classmethod
    def of(cls, *paragraphs: str | Run | Paragraph) -> "Text":
        """Make a text from paragraphs; a plain string or a run is a paragraph of its own."""
        return cls(tuple(p if isinstance(p, tuple) else paragraph(p) for p in paragraphs))


@dataclass(frozen=True)
class Bullets:
    """A list; `ordered` when the order means something."""

    items: tuple[Paragraph, ...]
    ordered: bool = False

    @classmethod
    def of(cls, *items: str | Paragraph, ordered: bool = False) -> "Bullets":
        return cls(tuple(i if isinstance(i, tuple) else paragraph(i) for i in items), ordered)


@dataclass(frozen=True, kw_only=True)
class KeyFigure:
    """One card: `value` is formatted text with its unit ("61 %"), `explanation` says against what."""

    label: str
    value: str
    explanation: str = ""
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, kw_only=True)
class KeyFigures:
    """A row of at most four cards. The title is for who cannot see that they belong together."""

    title: str
    figures: tuple[KeyFigure, ...]

    def __post_init__(self) -> None:
        _need(self.title, "Key figures without a title.")
        if not 1 <= len(self.figures) <= 4:
            raise BadBlock(f"Key figures {self.title!r}: {len(self.figures)} cards; give one to four.")


@dataclass(frozen=True, kw_only=True)
class Callout:
    tone: Tone
    title: str
    paragraphs: tuple[Paragraph, ...] = ()

    def __post_init__(self) -> None:
        _need(self.title, "Callout without a title.")


@dataclass(frozen=True, kw_only=True)
class Column:
    """`group` is the heading above this and the neighbouring columns of the same group; `share` is relative width."""

    label: str
    align: Align = Align.LEFT
    group: str = ""
    share: float = 1.0


@dataclass(frozen=True)
class Status:
    """A verdict in a cell: the symbol of the tone stands before the words."""

    tone: Tone
    text: str

    def __post_init__(self) -> None:
        _need(self.text, "Status without words: colour and symbol alone tell too little.")


Cell = str | Status


@dataclass(frozen=True)
class Row:
    """`header` names the row; `cells` are formatted texts for the other columns. An empty text is an empty cell."""

    header: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class RowGroup:
    """Rows under one tinted heading; without title the rows stand alone."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of formatted texts. The first column names the rows."""

    caption: str
    columns: tuple[Column, ...]
    groups: tuple[RowGroup, ...]
    notes: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        _need(self.caption, "Table without a caption.")
        if len(self.columns) < 2:
            raise BadBlock(f"Table {self.caption!r}: needs a column of names and at least one of values.")
        values = len(self.columns) - 1
        for row in self.rows:
            if len(row.cells) != values:
                raise BadBlock(f"Table {self.caption!r}, row {row.header!r}: {len(row.cells)} cells, not {values}.")
        if not self.rows:
            raise BadBlock(f"Table {self.caption!r}: no rows. Say in a text why there is nothing to show.")

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for group in self.groups for row in group.rows)

    def spans(self) -> tuple[tuple[str, int], ...]:
        """Return the headings above the columns with their widths in columns; empty when there are none."""
        if not any(column.group for column in self.columns):
            return ()
        return tuple((group, len(list(columns))) for group, columns in groupby(self.columns, key=lambda c: c.group))


def plain_rows(*rows: Sequence[Cell]) -> tuple[RowGroup, ...]:
    """Make one group without title; the first text of each row names it."""
    return (RowGroup("", tuple(Row(str(row[0]), tuple(row[1:])) for row in rows)),)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`spec` is a Vega-Lite specification with its data inside; `table` holds the same numbers as text."""

    title: str
    description: str
    spec: Spec
    table: Table
    source: str = ""

    def __post_init__(self) -> None:
        _need(self.title, "Chart without a title.")
        _need(self.description, f"Chart {self.title!r}: describe in words what it shows.")
        if not isinstance(self.table, Table):
            raise BadBlock(f"Chart {self.title!r}: give the table with the same numbers.")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where figures come from. `url` only if it is a web address."""

    name: str
    detail: str = ""
    url: str = ""
    licence: str = ""
    retrieved_on: date | None = None

    def __post_init__(self) -> None:
        _need(self.name, "Source without a name.")
        if self.url and not self.url.startswith(("https://", "http://")):
            raise BadBlock(f"Source {self.name!r}: {self.url!r} is not a web address.")


@dataclass(frozen=True)
class SourceList:
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Term:
    word: str
    meaning: str


@dataclass(frozen=True)
class Glossary:
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class PageBreak:
    pass


@dataclass(frozen=True)
class Contents:
    """The list of headings down to `depth`."""

    depth: int = 2


Block = Heading | Text | Bullets | KeyFigures | Callout | Table | Chart | SourceList | Glossary | PageBreak | Contents


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole document. `status` says what it is ("Concept voor de gemeenteraad"); `dated` stands on the cover.

    A leaf has no cover and small type: one page that goes along with something else.
    """

    title: str
    municipality: str
    language: Language
    dated: date
    theme: Theme
    blocks: tuple[Block, ...]
    subtitle: str = ""
    status: str = ""
    numbered: bool = True
    is_leaf: bool = False

    def __post_init__(self) -> None:
        _need(self.title, "Document without a title.")
        _need(self.municipality, "Document without a municipality.")
        headings = [block for block in self.blocks if isinstance(block, Heading)]
        if headings and headings[0].level != 1:
            raise BadBlock(f"Heading {headings[0].text!r}: the first heading must have level 1.")
        for above, below in pairwise(headings):
            if below.level > above.level + 1:
                raise BadBlock(
                    f"Heading {below.text!r}: level {below.level} follows level {above.level}; none may be skipped."
                )


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A block at its place: `number` as printed ("2.1" of a heading, "3" of a table), `anchor` to link to."""

    block: Block
    number: str
    anchor: str

    @property
    def name(self) -> str:
        """Name the block for an error message."""
        words = {Heading: "text", Chart: "title", Table: "caption", Callout: "title", KeyFigures: "title"}
        label = getattr(self.block, words.get(type(self.block), ""), "")
        return " ".join(part for part in (type(self.block).__name__, self.number, repr(label) if label else "") if part)


def placed(document: Document) -> Iterator[Placed]:
    """Number headings, tables and charts in reading order. A chart's own table follows it at once."""
    chapter, tables, charts = [0, 0, 0, 0], 0, 0
    for position, block in enumerate(document.blocks, start=1):
        number, anchor = "", f"block-{position}"
        if isinstance(block, Heading):
            chapter = [*chapter[: block.level - 1], chapter[block.level - 1] + 1, *[0] * (4 - block.level)]
            dotted = [str(n) for n in chapter[: block.level]]
            number, anchor = ".".join(dotted) if document.numbered else "", "section-" + "-".join(dotted)
        elif isinstance(block, Table):
            tables += 1
            number, anchor = str(tables), f"table-{tables}"
        elif isinstance(block, Chart):
            charts += 1
            number, anchor = str(charts), f"figure-{charts}"
        yield Placed(block=block, number=number, anchor=anchor)
        if isinstance(block, Chart):
            tables += 1
            yield Placed(block=block.table, number=str(tables), anchor=f"table-{tables}")


def with_text[T](thing: T, change: Callable[[str], str]) -> T:
    """Return the same value with every text in it changed, at any depth. Enums, dates, paths and the theme stay."""
    return _walk(thing, change)  # type: ignore[no-any-return]  # the walk keeps types, which cannot be said in types


def _walk(thing: Any, change: Callable[[str], str]) -> Any:
    if isinstance(thing, (StrEnum, Theme, Path)):
        return thing
    if isinstance(thing, str):
        return change(thing)
    if isinstance(thing, (tuple, list)):
        return type(thing)(_walk(item, change) for item in thing)
    if isinstance(thing, Mapping):
        return {key: _walk(value, change) for key, value in thing.items()}
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{f.name: _walk(getattr(thing, f.name), change) for f in fields(thing)})
    return thing


def printable(text: str) -> str:
    """Drop what no file format can hold or what turns text around: control, direction and unpaired code points."""
    return "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or not _unprintable(c))


def _unprintable(character: str) -> bool:
    point = ord(character)
    return (
        point < 0x20
        or 0x7F <= point < 0xA0
        or 0xD800 <= point <= 0xDFFF
        or 0x202A <= point <= 0x202E
        or 0x2066 <= point <= 0x2069
        or point & 0xFFFE == 0xFFFE
        or 0xFDD0 <= point <= 0xFDEF
    )


def _need(text: str, complaint: str) -> None:
    if not text.strip():
        raise BadBlock(complaint)
