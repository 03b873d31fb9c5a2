"""The table book as one page of HTML that stands on its own: readable, searchable and printable without a network.

Here backgrounds run down and answers across, so that a table fits a page and a telephone. The search is a few lines
of script that the page names by its fingerprint; without scripts all tables simply stand there.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from html import escape
from importlib.resources import files

from koersvast.publications.blocks import Document, printable
from koersvast.publications.table_book.book import BookColumn, Kind, TableBook, TableBookTable, Why
from koersvast.publications.table_book.words import BookWords
from koersvast.publications.theme import Theme
from koersvast.publications.writers.html import body, colours

HIDDEN = "·"

type Number = Callable[[float, int], str]


def html_pieces(book: TableBook, words: BookWords, *, theme: Theme, prose: Document, number: Number) -> Iterator[bytes]:
    """Give the page in pieces, a table at a time.

    `prose` is the reading guide and the method statement as a document; `number` writes a number with so many
    decimals in the language of the reader.
    """
    script = files(__package__).joinpath("search.js").read_text(encoding="utf-8")
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    yield _head(book, theme, style=style, script=script).encode()
    yield f'<section class="prose">{body(prose)}</section>\n'.encode()
    yield _contents(book, words).encode()
    yield f'<section aria-labelledby="tables"><h2 id="tables">{escape(words.tables_sheet)}</h2>\n'.encode()
    columns = book.columns
    for place, table in enumerate(book.checked_tables(), start=1):
        yield _section(table, columns, words, number, place).encode()
    yield f"</section>\n</main>\n<script>{script}</script>\n</body>\n</html>\n".encode()


def _head(book: TableBook, theme: Theme, *, style: str, script: str) -> str:
    front = book.front
    fingerprint = b64encode(sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{fingerprint}'; "
        "base-uri 'none'; form-action 'none'"
    )
    notice = f'<p class="notice">{_said(front.notice)}</p>' if front.notice else ""
    facts = "".join(f"<div><dt>{_said(one.label)}</dt><dd>{_said(one.value)}</dd></div>" for one in front.facts)
    return f"""<!DOCTYPE html>
<html lang="{escape(front.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_said(front.title)}: {_said(front.subtitle)}</title>
<style>
{colours(theme)}
{style}</style>
</head>
<body>
<header><p>{_said(front.municipality)}</p><h1>{_said(front.title)}</h1><p>{_said(front.subtitle)}</p></header>
<main>
{notice}<dl class="facts">{facts}</dl>
"""


def _contents(book: TableBook, words: BookWords) -> str:
    lines, chapter = "", None
    for place, question in enumerate(book.questions, start=1):
        if question.chapter != chapter and question.chapter:
            lines += f'<li class="chapter">{_said(question.chapter)}</li>'
        chapter = question.chapter
        link = f'<a href="#t{place}"><span>{_said(question.code)}</span> {_said(question.text)}</a>'
        lines += f'<li data-of="t{place}">{link}</li>'
    title = escape(words.contents_sheet)
    search = (
        f'<div class="search" hidden><label for="search">{escape(words.search)}</label>'
        '<input id="search" type="search" autocomplete="off"/>'
        f'<p role="status" data-none="{escape(words.search_none)}"></p></div>'
    )
    return f'{search}\n<nav aria-labelledby="contents"><h2 id="contents">{title}</h2><ul>{lines}</ul></nav>\n'


def _section(
    table: TableBookTable, columns: tuple[BookColumn, ...], words: BookWords, number: Number, place: int
) -> str:
    question = table.question
    notes = "".join(f"<p>{_said(note)}</p>" for note in words.notes(table))
    title = f"<span>{_said(question.code)}</span> {_said(question.text)}"
    grid = table_html(table, columns, words, number, label=f"t{place}h")
    return f'<section class="question" id="t{place}"><h3 id="t{place}h">{title}</h3>\n{grid}{notes}</section>\n'


def table_html(
    table: TableBookTable, columns: tuple[BookColumn, ...], words: BookWords, number: Number, *, label: str
) -> str:
    """One table: a row for everybody and for each category, a column for each answer, the base at the end."""
    heads = "".join(f'<th scope="col">{_said(answer)}</th>' for answer in table.question.answers)
    rows, banner = "", None
    for at, column in enumerate(columns):
        if column.banner is not banner:
            banner = column.banner
            width = len(table.question.answers) + 2
            title = _said(column.banner.title) if column.banner else ""
            rows += f'</tbody><tbody><tr class="banner"><th scope="rowgroup" colspan="{width}">{title}</th></tr>'
        rows += _row(table, column, at, words, number)
    return (
        f'<div class="table" tabindex="0" role="region" aria-labelledby="{label}"><table aria-labelledby="{label}">'
        f'<thead><tr><td></td>{heads}<th scope="col">{escape(words.respondents)}</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(table: TableBookTable, column: BookColumn, at: int, words: BookWords, number: Number) -> str:
    name = _said(column.category) if column.banner else escape(words.everybody)
    letter = f' <span class="letter">{column.letter}</span>' if column.letter else ""
    cells = "".join(_cell(table, answer, at, words, number) for answer in range(len(table.question.answers)))
    base = table.respondents[at]
    shown = number(base, 0) if base is not None else HIDDEN
    return f'<tr><th scope="row">{name}{letter}</th>{cells}<td class="base">{shown}</td></tr>'


def _cell(table: TableBookTable, answer: int, at: int, words: BookWords, number: Number) -> str:
    why = Why(table.why[answer][at])
    if why is not Why.SHOWN:
        return f'<td><abbr title="{escape(words.hidden_short[why])}">{HIDDEN}</abbr></td>'
    is_mean = table.question.kind is Kind.MEAN
    decimals, sign = (1, "") if is_mean else (0, " %")
    figure, low, high = (part[answer][at] for part in (table.estimate, table.low, table.high))
    assert figure is not None  # noqa: S101 a shown cell has a number, by the check of the table
    said = f"{number(figure, decimals)}{sign}"
    said = f"<b>({said})</b>" if table.is_small(at) else f"<b>{said}</b>"
    if low is not None and high is not None:
        said += f"<small>{number(low, decimals)} – {number(high, decimals)}</small>"
    if table.letters[answer][at]:
        said += f'<span class="higher">{table.letters[answer][at]}</span>'
    return f"<td>{said}</td>"


def _said(text: str) -> str:
    return escape(printable(text))
