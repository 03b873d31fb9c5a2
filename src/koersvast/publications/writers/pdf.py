"""PDF through Typst: PDF/UA-1 and PDF/A-2a in one tagged file.

The texts travel as data beside the template `house.typ`, never inside it, so that no text can become code.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import partial
from importlib.resources import files
from typing import Any

from koersvast.publications.blocks import (
    SYMBOLS,
    Bullets,
    Callout,
    Cell,
    Chart,
    Contents,
    Document,
    Glossary,
    Heading,
    KeyFigures,
    PageBreak,
    Placed,
    SourceList,
    Status,
    Table,
    Text,
    placed,
    with_text,
)
from koersvast.publications.converters import ConversionFailed, convert
from koersvast.publications.drawing import Kind
from koersvast.publications.writers.layout import COVER, pictures, widths, writing
from koersvast.publications.writers.words import WORDS, Words

TEMPLATE = "house.typ"
_NO_GLYPH = re.compile(r'the text `"(?P<text>.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def write(document: Document) -> bytes:
    """Write a PDF. A character that no font has is shown by its code point, as in [U+1F600]."""
    return writing(document, _typeset_all)


def _typeset_all(document: Document) -> bytes:
    try:
        return _typeset(document)
    except ConversionFailed as failure:
        unknown = set("".join(_plain(found["text"]) for found in _NO_GLYPH.finditer(failure.detail)))
        if not unknown:
            raise
    # Typst names only some of them at a time, so that a next round may be needed; each round knows more.
    return _typeset_all(with_text(document, partial(_spelled, unknown=frozenset(unknown))))


def _plain(shown: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), shown)


def _spelled(text: str, *, unknown: frozenset[str]) -> str:
    return "".join(f"[U+{ord(letter):04X}]" if letter in unknown else letter for letter in text)


def _typeset(document: Document) -> bytes:
    drawn = pictures(document, Kind.SVG)
    request = {
        "template": files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"),
        "data": _data(document, drawn),
        "fonts": str(document.theme.fonts.resolve()),
        "dated": int(datetime.combine(document.dated, time(12), tzinfo=UTC).timestamp()),
    }
    return convert("typesetting", json.dumps(request).encode())


def _data(document: Document, drawn: Mapping[str, bytes]) -> dict[str, Any]:
    words = WORDS[document.language]
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "municipality": document.municipality,
        "status": document.status,
        "date": words.day(document.dated),
        "year": document.dated.year,
        "month": document.dated.month,
        "day": document.dated.day,
        "language": document.language.value,
        "region": words.locale[-2:],
        "page": re.split(r"\{[nm]\}", words.page),
        "contents": words.contents,
        "theme": {name: value for name, value in asdict(document.theme).items() if name != "fonts"},
        "cover": "" if document.is_leaf else drawn[COVER].decode(),
        "blocks": [_block(item, words, drawn) for item in placed(document)],
    }


def _block(item: Placed, words: Words, drawn: Mapping[str, bytes]) -> dict[str, Any]:
    match item.block:
        case Heading(level=level, text=text):
            return {"kind": "heading", "level": level, "number": item.number, "text": text}
        case Text(paragraphs=paragraphs):
            return {"kind": "text", "paragraphs": [_runs(p) for p in paragraphs]}
        case Bullets(items=items, ordered=ordered):
            return {"kind": "bullets", "items": [_runs(i) for i in items], "ordered": ordered}
        case KeyFigures(title=title, figures=figures):
            cards = [asdict(figure) | {"symbol": SYMBOLS[figure.tone]} for figure in figures]
            return {"kind": "key-figures", "title": title, "figures": cards}
        case Callout(tone=tone, title=title, paragraphs=paragraphs):
            says = {"tone": tone, "symbol": SYMBOLS[tone], "title": title}
            return {"kind": "callout", "paragraphs": [_runs(p) for p in paragraphs]} | says
        case Table() as table:
            return _table(item, table, words)
        case Chart() as chart:
            return {
                "kind": "chart",
                "caption": words.caption(item, chart.title),
                "alt": chart.description,
                "svg": drawn[item.anchor].decode(),
                "source": words.origin(chart.source),
            }
        case SourceList(sources=sources):
            entries = [{"name": s.name, "about": words.about(s), "url": s.url} for s in sources]
            return {"kind": "sources", "entries": entries}
        case Glossary(terms=terms):
            return {"kind": "glossary", "terms": [asdict(term) for term in terms]}
        case Contents(depth=depth):
            return {"kind": "contents", "depth": depth}
        case PageBreak():
            return {"kind": "page-break"}


def _table(item: Placed, table: Table, words: Words) -> dict[str, Any]:
    return {
        "kind": "table",
        "caption": words.caption(item, table.caption),
        "widths": widths(table),
        "labels": [column.label for column in table.columns],
        "aligns": [column.align.value for column in table.columns],
        "spans": [{"label": label, "width": width} for label, width in table.spans()],
        "grouped": [bool(column.group) for column in table.columns],
        "groups": [
            {"title": g.title, "rows": [[{"text": r.header}, *(_cell(c) for c in r.cells)] for r in g.rows]}
            for g in table.groups
        ],
        "notes": list(table.notes),
        "source": words.origin(table.source),
    }


def _cell(cell: Cell) -> dict[str, str]:
    if isinstance(cell, Status):
        return {"text": cell.text, "tone": cell.tone.value, "symbol": SYMBOLS[cell.tone]}
    return {"text": cell}


def _runs(runs: Any) -> list[dict[str, str]]:
    return [{"text": run.text, "emphasis": run.emphasis.value} for run in runs]
