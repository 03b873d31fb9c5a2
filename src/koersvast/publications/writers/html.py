"""HTML: one page that stands on its own, without scripts, with the charts as SVG and their tables.

`body` is the same text without the frame, for a page that has a style sheet of its own.
"""

import re
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files

from koersvast.publications.blocks import (
    SYMBOLS,
    Bullets,
    Callout,
    Cell,
    Chart,
    Contents,
    Document,
    Emphasis,
    Glossary,
    Heading,
    KeyFigure,
    KeyFigures,
    PageBreak,
    Paragraph,
    Placed,
    Row,
    Run,
    SourceList,
    Status,
    Table,
    Text,
    Tone,
    placed,
)
from koersvast.publications.drawing import Kind
from koersvast.publications.theme import Theme
from koersvast.publications.writers.layout import pictures, writing
from koersvast.publications.writers.words import WORDS, Words

STYLE = "house.css"
_TAGS = {Emphasis.STRONG: "strong", Emphasis.LIGHT: "small"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write(document: Document) -> bytes:
    """Write a whole page in UTF-8 that needs no other file."""
    return writing(document, _page)


def body(document: Document) -> str:
    """Return the blocks as HTML without head, cover and style; headings start at `h2`."""
    return writing(document, lambda ready: _blocks(ready, top=2).encode()).decode()


def _page(document: Document) -> bytes:
    words = WORDS[document.language]
    style = files(__package__).joinpath(STYLE).read_text(encoding="utf-8")
    page = f"""<!DOCTYPE html>
<html lang="{words.locale}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="author" content="{escape(document.municipality)}">
<meta name="date" content="{document.dated.isoformat()}">
<title>{escape(document.title)} – {escape(document.municipality)}</title>
<style>
{colours(document.theme)}
{style}</style>
</head>
<body{' class="leaf"' if document.is_leaf else ""}>
<header class="cover">
<div class="cover-arcs" aria-hidden="true"></div>
<p class="organisation">{escape(document.municipality)}</p>
<h1>{escape(document.title)}</h1>
{_optional("p", document.subtitle, "subtitle")}
<p class="status">{"<br>".join(escape(line) for line in (document.status, words.day(document.dated)) if line)}</p>
</header>
<main>
{_blocks(document, top=2)}
</main>
</body>
</html>
"""
    return page.encode()


def colours(theme: Theme) -> str:
    """Return the colours and the font of a theme as the properties that the style sheets use."""
    names = ("accent", "tint", "second", "ink", "muted", "line", "good", "bad", "unsure")
    values = "; ".join(f"--{name}: {getattr(theme, name)}" for name in names)
    return f':root {{ {values}; --font: "{theme.font}", "Segoe UI", Arial, sans-serif }}'


def _blocks(document: Document, *, top: int) -> str:
    words = WORDS[document.language]
    drawn = pictures(document, Kind.SVG)
    items = list(placed(document))
    return "\n".join(_block(item, items, words, drawn, top) for item in items)


def _block(item: Placed, items: list[Placed], words: Words, drawn: Mapping[str, bytes], top: int) -> str:
    match item.block:
        case Heading() as heading:
            name = f"h{heading.level + top - 1}"
            return f'<{name} id="{item.anchor}">{_numbered(item.number, heading.text)}</{name}>'
        case Text(paragraphs=paragraphs):
            return _paragraphs(paragraphs)
        case Bullets(items=points, ordered=ordered):
            listed = "".join(f"<li>{_runs(point)}</li>" for point in points)
            return f"<ol>{listed}</ol>" if ordered else f"<ul>{listed}</ul>"
        case KeyFigures(title=title, figures=figures):
            cards = "".join(_card(figure) for figure in figures)
            return f'<ul class="cards" aria-label="{escape(title)}">{cards}</ul>'
        case Callout(tone=tone, title=title, paragraphs=paragraphs):
            head = f'<p class="callout-title">{_symbol(tone)}{escape(title)}</p>'
            return f'<div class="callout tone-{tone.value}">{head}{_paragraphs(paragraphs)}</div>'
        case Table() as table:
            return _table(item, table, words)
        case Chart() as chart:
            return _chart(item, chart, words, drawn[item.anchor].decode())
        case SourceList(sources=sources):
            return f'<ul class="sources">{"".join(_source(s.name, words.about(s), s.url) for s in sources)}</ul>'
        case Glossary(terms=terms):
            listed = "".join(f"<dt>{escape(t.word)}</dt><dd>{escape(t.meaning)}</dd>" for t in terms)
            return f"<dl>{listed}</dl>"
        case Contents(depth=depth):
            return _contents(items, depth, words)
        case PageBreak():
            return '<div class="page-break"></div>'


def _contents(items: list[Placed], depth: int, words: Words) -> str:
    shown = [(i, i.block) for i in items if isinstance(i.block, Heading) and i.block.level <= depth]
    lines = "".join(
        f'<li class="level-{heading.level}"><a href="#{item.anchor}">{_numbered(item.number, heading.text)}</a></li>'
        for item, heading in shown
    )
    return f'<nav class="contents" aria-label="{words.contents}"><p>{words.contents}</p><ul>{lines}</ul></nav>'


def _numbered(number: str, text: str) -> str:
    return f'<span class="number">{number}</span> {escape(text)}' if number else escape(text)


def _card(figure: KeyFigure) -> str:
    told = f"{_symbol(figure.tone)}{escape(figure.explanation)}" if figure.explanation else ""
    return (
        f'<li class="card tone-{figure.tone.value}"><span class="label">{escape(figure.label)}</span> '
        f'<strong class="value">{escape(figure.value)}</strong> <span class="explanation">{told}</span></li>'
    )


def _table(item: Placed, table: Table, words: Words) -> str:
    groups = "".join(_group(group.title, group.rows, table) for group in table.groups)
    caption = escape(words.caption(item, table.caption))
    return (
        f'<div class="table" tabindex="0" role="region" aria-labelledby="{item.anchor}">'
        f'<table><caption id="{item.anchor}">{caption}</caption><thead>{_head(table)}</thead>{groups}</table></div>'
        + "".join(_optional("p", note, "note") for note in (*table.notes, words.origin(table.source)))
    )


def _head(table: Table) -> str:
    def label(at: int, *, rows: int = 1) -> str:
        column = table.columns[at]
        deep = f' rowspan="{rows}"' if rows > 1 else ""
        return f'<th scope="col"{deep} class="{column.align.value}">{escape(column.label)}</th>'

    if not table.spans():
        return f"<tr>{''.join(label(at) for at in range(len(table.columns)))}</tr>"
    above, at = "", 0
    for group, width in table.spans():
        if group:
            above += f'<th scope="colgroup" colspan="{width}" class="center">{escape(group)}</th>'
        else:
            above += "".join(label(column, rows=2) for column in range(at, at + width))
        at += width
    below = "".join(label(at) for at, column in enumerate(table.columns) if column.group)
    return f"<tr>{above}</tr><tr>{below}</tr>"


def _group(title: str, rows: Iterable[Row], table: Table) -> str:
    head = (
        f'<tr class="group"><th scope="rowgroup" colspan="{len(table.columns)}">{escape(title)}</th></tr>'
        if title
        else ""
    )
    lines = "".join(
        f'<tr><th scope="row">{escape(row.header)}</th>'
        + "".join(
            f'<td class="{column.align.value}">{_cell(cell)}</td>'
            for column, cell in zip(table.columns[1:], row.cells, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<tbody>{head}{lines}</tbody>"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Status):
        return f'<span class="verdict tone-{cell.tone.value}">{_symbol(cell.tone)}{escape(cell.text)}</span>'
    return escape(cell)


def _chart(item: Placed, chart: Chart, words: Words, svg: str) -> str:
    caption = escape(words.caption(item, chart.title))
    # Names inside the drawing get the anchor in front: two drawings on one page may not share one.
    inner = re.sub(r'(id="|url\(#)(?=clip|gradient)', rf"\g<1>{item.anchor}-", svg)
    picture = inner.replace("<svg ", f'<svg role="img" aria-label="{escape(chart.description)}" ', 1)
    return (
        f'<figure id="{item.anchor}">{picture}<figcaption>{caption}</figcaption>'
        f"{_optional('p', words.origin(chart.source), 'note')}</figure>"
    )


def _source(name: str, about: str, url: str) -> str:
    parts = [f"<strong>{escape(name)}</strong>", escape(about)]
    if url:
        parts.append(f'<a href="{escape(url)}" rel="noreferrer">{escape(url)}</a>')
    return f"<li>{'. '.join(part for part in parts if part)}</li>"


def _symbol(tone: Tone) -> str:
    return f'<span class="symbol" aria-hidden="true">{SYMBOLS[tone]}</span> ' if SYMBOLS[tone] else ""


def _optional(tag: str, text: str, kind: str) -> str:
    return f'<{tag} class="{kind}">{escape(text)}</{tag}>' if text else ""


def _paragraphs(paragraphs: Iterable[Paragraph]) -> str:
    return "".join(f"<p>{_runs(p)}</p>" for p in paragraphs)


def _runs(runs: Iterable[Run]) -> str:
    return "".join(_run(run) for run in runs)


def _run(run: Run) -> str:
    tag = _TAGS.get(run.emphasis)
    return f"<{tag}>{escape(run.text)}</{tag}>" if tag else escape(run.text)
