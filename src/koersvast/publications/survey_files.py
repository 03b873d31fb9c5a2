"""The files of a survey: its table book and its method statement, the same for a page and for the command line."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import IO

from django.utils.text import slugify
from django.utils.translation import gettext as _

from koersvast.indicators.wording import format_number, language_now
from koersvast.publications.blocks import Language
from koersvast.publications.compose.method_statement import method_statement
from koersvast.publications.compose.table_book import book_words, prose
from koersvast.publications.queries import theme_for
from koersvast.publications.survey_queries import method_facts, table_book
from koersvast.publications.table_book.book import TableBook, TableBookTable
from koersvast.publications.table_book.lines import csv_lines
from koersvast.publications.table_book.page import html_pieces
from koersvast.publications.table_book.words import BookWords
from koersvast.publications.table_book.workbook import write_workbook
from koersvast.publications.theme import Theme
from koersvast.publications.writers import WRITERS, Format
from koersvast.surveys.models import Catalogue, Computation, Wave

type _Write = Callable[[TableBook, BookWords, Theme, IO[bytes], date], None]


def words_of(wave: Wave) -> BookWords:
    """The words around figures, with the smallest base of the wave, in the language that is on."""
    return book_words(smallest_base=Catalogue.objects.get(wave=wave).smallest_base)


def write_table_book(
    computation: Computation,
    form: str,
    out: IO[bytes],
    *,
    made_on: date,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the table book to an open file, piece by piece. `form` is one of TABLE_BOOK_FORMS.

    `progress` hears after each table how many of how many are done.
    """
    wave = computation.wave
    book = table_book(computation, made_on=made_on)
    if progress is not None:
        book = replace(book, tables=lambda: _told(table_book(computation, made_on=made_on), progress))
    _WRITERS[form](book, words_of(wave), theme_for(wave.municipality), out, made_on)


def _told(book: TableBook, progress: Callable[[int, int], None]) -> Iterator[TableBookTable]:
    for done, table in enumerate(book.tables(), start=1):
        yield table
        progress(done, len(book.questions))


def method_statement_file(computation: Computation, form: Format, *, made_on: date) -> bytes:
    """Return the method statement as a file of one page, in the language that is on."""
    document = method_statement(
        method_facts(computation),
        theme=theme_for(computation.wave.municipality),
        language=Language(language_now()),
        made_on=made_on,
    )
    return WRITERS[form](document)


def table_book_name(wave: Wave, form: str) -> str:
    """What the file of a table book is called."""
    return _name(_("table-book"), wave, form)


def method_statement_name(wave: Wave, form: str) -> str:
    """What the file of a method statement is called."""
    return _name(_("method-statement"), wave, form)


def _name(stem: str, wave: Wave, form: str) -> str:
    return f"{stem}-{slugify(wave.municipality.name)}-{slugify(wave.source.code)}-{slugify(wave.period)}.{form}"


def _xlsx(book: TableBook, words: BookWords, theme: Theme, out: IO[bytes], _made_on: date) -> None:
    write_workbook(book, words, out, theme=theme)


def _csv(book: TableBook, words: BookWords, _theme: Theme, out: IO[bytes], _made_on: date) -> None:
    out.writelines(csv_lines(book, words))


def _html(book: TableBook, words: BookWords, theme: Theme, out: IO[bytes], made_on: date) -> None:
    front = prose(book.front, words, theme=theme, made_on=made_on)
    out.writelines(html_pieces(book, words, theme=theme, prose=front, number=format_number))


_WRITERS: Mapping[str, _Write] = {"xlsx": _xlsx, "csv": _csv, "html": _html}
TABLE_BOOK_FORMS = tuple(_WRITERS)
