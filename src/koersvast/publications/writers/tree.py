"""A document as pandoc's own tree (JSON), from which pandoc writes DOCX and ODT.

Texts become `Str` leaves of the tree: no reader ever looks for markup in them. What pandoc has no word for (cards,
callouts, the cover) is a paragraph or a table with a style of the house; `styles` says how each looks.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from koersvast.publications.blocks import (
    SYMBOLS,
    Align,
    Block,
    Bullets,
    Callout,
    Cell,
    Chart,
    Contents,
    Document,
    Emphasis,
    Glossary,
    Heading,
    KeyFigures,
    PageBreak,
    Paragraph,
    Placed,
    Run,
    SourceList,
    Status,
    Table,
    Text,
    placed,
)
from koersvast.publications.writers.layout import widths
from koersvast.publications.writers.words import WORDS, Words

type Node = dict[str, Any]

VERSION = [1, 23, 1]
PICTURE_WIDTH = "16.4cm"
PAGE_BREAKS: Mapping[str, Node] = {
    "docx": {"t": "RawBlock", "c": ["openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>']},
    "odt": {"t": "RawBlock", "c": ["opendocument", '<text:p text:style-name="Page_20_Break" />']},
}
_PANDOC_ALIGN = {Align.LEFT: "AlignLeft", Align.RIGHT: "AlignRight", Align.CENTRE: "AlignCenter"}
_STYLE_ALIGN = {Align.LEFT: "", Align.RIGHT: " Right", Align.CENTRE: " Center"}


def build(document: Document, *, drawn: Mapping[str, bytes], wanted: str) -> bytes:
    """Return the tree as JSON; `drawn` holds the charts as PNG by anchor, `wanted` is "docx" or "odt"."""
    words = WORDS[document.language]
    items = list(placed(document))
    blocks = _cover(document, words)
    if not document.is_leaf:
        blocks.append(PAGE_BREAKS[wanted])
    for item in items:
        blocks += _block(item, items, words, drawn, wanted)
    return json.dumps({"pandoc-api-version": VERSION, "meta": {}, "blocks": blocks}).encode()


def tables(document: Document) -> list[Table | KeyFigures]:
    """Return what became a table, in the order of the tables in the file."""
    blocks: Iterable[Block] = (item.block for item in placed(document))
    return [block for block in blocks if isinstance(block, (Table, KeyFigures))]


def _cover(document: Document, words: Words) -> list[Node]:
    lines = {
        "Cover Organisation": document.municipality,
        "Title": document.title,
        "Subtitle": document.subtitle,
        "Cover Status": document.status,
        "Cover Date": words.day(document.dated),
    }
    return [_styled(style, _words(text)) for style, text in lines.items() if text]


def _block(item: Placed, items: list[Placed], words: Words, drawn: Mapping[str, bytes], wanted: str) -> list[Node]:
    match item.block:
        case Heading(level=level, text=text):
            return [{"t": "Header", "c": [level, [item.anchor, [], []], _words(_numbered(item.number, text))]}]
        case Text(paragraphs=paragraphs):
            return [_para(_runs(p)) for p in paragraphs]
        case Bullets(items=points, ordered=ordered):
            return [_list([_runs(point) for point in points], ordered=ordered)]
        case KeyFigures() as figures:
            return [_cards(figures), _styled("Table Note", [])]
        case Callout(tone=tone, title=title, paragraphs=paragraphs):
            head = _styled(f"Callout Title {tone.value}", _words(f"{SYMBOLS[tone]} {title}".strip()))
            return [head, *(_styled(f"Callout {tone.value}", _runs(p)) for p in paragraphs), _styled("Table Note", [])]
        case Table() as table:
            caption = _styled("Table Caption", _words(words.caption(item, table.caption)))
            return [caption, _table(table), *_notes(*table.notes, words.origin(table.source))]
        case Chart() as chart:
            caption = _styled("Image Caption", _words(words.caption(item, chart.title)))
            return [_picture(chart, drawn[item.anchor]), caption, *_notes(words.origin(chart.source))]
        case SourceList(sources=sources):
            return [_list([_source(s.name, words.about(s), s.url) for s in sources], ordered=False)]
        case Glossary(terms=terms):
            return [_styled("Term", [_strong(t.word), *_words(f": {t.meaning}")]) for t in terms]
        case Contents(depth=depth):
            return _contents(items, depth, words)
        case PageBreak():
            return [PAGE_BREAKS[wanted]]


def _contents(items: list[Placed], depth: int, words: Words) -> list[Node]:
    lines = [
        _styled(f"toc {item.block.level}", [_link(_numbered(item.number, item.block.text), f"#{item.anchor}")])
        for item in items
        if isinstance(item.block, Heading) and item.block.level <= depth
    ]
    return [_styled("TOC Heading", _words(words.contents)), *lines]


def _numbered(number: str, text: str) -> str:
    return f"{number}\u2002{text}" if number else text


def _notes(*notes: str) -> list[Node]:
    return [_styled("Table Note", _words(note)) for note in notes if note]


def _source(name: str, about: str, url: str) -> list[Node]:
    parts: list[list[Node]] = [[_strong(name)]]
    if about:
        parts.append(_words(about))
    if url:
        parts.append([_link(url, url)])
    return [node for at, part in enumerate(parts) for node in ([*_words(". "), *part] if at else part)]


def _picture(chart: Chart, png: bytes) -> Node:
    address = "data:image/png;base64," + base64.b64encode(png).decode()
    image = {"t": "Image", "c": [["", [], [["width", PICTURE_WIDTH]]], _words(chart.description), [address, ""]]}
    return _styled("Captioned Figure", [image])


def _cards(cards: KeyFigures) -> Node:
    """Cards are a small table: the labels head the columns, below them the values and what they are compared with."""
    figures = cards.figures
    told = [_tone(f.tone.value, f"{SYMBOLS[f.tone]} {f.explanation}".strip()) if f.explanation else [] for f in figures]
    share = 1 / len(figures)
    return _grid(
        columns=[(Align.LEFT, share) for _ in figures],
        head=[[_cell(_styled("Card Label", _words(f.label))) for f in figures]],
        bodies=[
            (
                [],
                [
                    [_cell(_styled("Card Value", _words(f.value))) for f in figures],
                    [_cell(_styled("Card Explanation", words)) for words in told],
                ],
            )
        ],
        named=0,
    )


def _table(table: Table) -> Node:
    return _grid(
        columns=list(zip((c.align for c in table.columns), widths(table), strict=True)),
        head=_head(table),
        bodies=[
            (
                [[_cell(_styled("Table Group", _words(group.title)), wide=len(table.columns), align="AlignLeft")]]
                if group.title
                else [],
                [_row([row.header, *row.cells], table) for row in group.rows],
            )
            for group in table.groups
        ],
        named=1,
    )


def _head(table: Table) -> list[list[Node]]:
    labels = [_styled(f"Table Header{_STYLE_ALIGN[c.align]}", _words(c.label)) for c in table.columns]
    if not table.spans():
        return [[_cell(label) for label in labels]]
    above, at = [], 0
    for group, wide in table.spans():
        if group:
            above.append(_cell(_styled("Table Header Center", _words(group)), wide=wide, align="AlignCenter"))
        else:
            above += [_cell(label, deep=2) for label in labels[at : at + wide]]
        at += wide
    return [above, [_cell(label) for label, column in zip(labels, table.columns, strict=True) if column.group]]


def _row(cells: Sequence[Cell], table: Table) -> list[Node]:
    return [
        _cell(_styled(f"Table Cell{_STYLE_ALIGN[column.align]}", _said(cell)))
        for cell, column in zip_longest(cells, table.columns)
    ]


def _said(cell: Cell) -> list[Node]:
    if isinstance(cell, Status):
        return _tone(cell.tone.value, f"{SYMBOLS[cell.tone]} {cell.text}".strip())
    return _words(cell)


def _grid(
    *,
    columns: Sequence[tuple[Align, float]],
    head: list[list[Node]],
    bodies: Sequence[tuple[list[list[Node]], list[list[Node]]]],
    named: int,
) -> Node:
    nothing: list[Any] = ["", [], []]

    def rows(lines: list[list[Node]]) -> list[Any]:
        return [[nothing, line] for line in lines]

    specs = [[{"t": _PANDOC_ALIGN[align]}, {"t": "ColWidth", "c": share}] for align, share in columns]
    parts = [[nothing, named, rows(above), rows(below)] for above, below in bodies]
    return {"t": "Table", "c": [nothing, [None, []], specs, [nothing, rows(head)], parts, [nothing, []]]}


def _cell(content: Node, *, wide: int = 1, deep: int = 1, align: str = "AlignDefault") -> Any:
    return [["", [], []], {"t": align}, deep, wide, [content]]


def _list(items: list[list[Node]], *, ordered: bool) -> Node:
    blocks = [[{"t": "Plain", "c": item}] for item in items]
    if ordered:
        return {"t": "OrderedList", "c": [[1, {"t": "Decimal"}, {"t": "Period"}], blocks]}
    return {"t": "BulletList", "c": blocks}


def _styled(style: str, inlines: list[Node]) -> Node:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], [_para(inlines)]]}


def _para(inlines: list[Node]) -> Node:
    return {"t": "Para", "c": inlines}


def _link(text: str, target: str) -> Node:
    return {"t": "Link", "c": [["", [], []], _words(text), [target, ""]]}


def _strong(text: str) -> Node:
    return {"t": "Strong", "c": _words(text)}


def _tone(tone: str, text: str) -> list[Node]:
    return [_character(f"Tone {tone}", text)]


def _character(style: str, text: str) -> Node:
    return {"t": "Span", "c": [["", [], [["custom-style", style]]], _words(text)]}


def _runs(runs: Paragraph) -> list[Node]:
    return [node for run in runs for node in _run(run)]


def _run(run: Run) -> list[Node]:
    match run.emphasis:
        case Emphasis.STRONG:
            return [_strong(run.text)]
        case Emphasis.LIGHT:
            return [_character("Light", run.text)]
        case _:
            return _words(run.text)


def _words(text: str) -> list[Node]:
    """Split a text into the leaves that pandoc knows: words, spaces and line ends."""
    nodes: list[Node] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            nodes.append({"t": "LineBreak"})
        for at, word in enumerate(line.replace("\t", " ").split(" ")):
            if at:
                nodes.append({"t": "Space"})
            if word:
                nodes.append({"t": "Str", "c": word})
    return nodes
