"""The table book of a wave and its method statement, on the page and as files."""

from collections.abc import Callable, Mapping
from tempfile import TemporaryFile
from typing import IO

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.indicators.wording import format_number, language_now
from koersvast.publications.blocks import Language
from koersvast.publications.compose.method_statement import method_statement, statement_blocks
from koersvast.publications.compose.table_book import prose
from koersvast.publications.queries import theme_for
from koersvast.publications.survey_queries import method_facts, questions_of, table_book
from koersvast.publications.table_book.book import TableBook
from koersvast.publications.table_book.lines import csv_lines
from koersvast.publications.table_book.page import html_pieces
from koersvast.publications.table_book.words import BookWords
from koersvast.publications.table_book.workbook import write_workbook
from koersvast.publications.theme import Theme
from koersvast.publications.writers import MEDIA_TYPES, WRITERS, Format
from koersvast.surveys.models import Computation, Wave
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.parts import outcome_files as parts
from koersvast.web.surveys.views.outcomes import nothing_yet, outcome_frame, outcomes_of, words_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@permitted(GET=Permission.SURVEY_VIEW)
def page(request: TenantRequest, wave: int) -> HttpResponse:
    """What the table book holds, with a search, its files and the reading guide."""
    found, computation = outcomes_of(request, wave)
    context = outcome_frame(request, found, computation, here="table-book")
    if computation is None:
        return render(request, "surveys/outcomes.html", context | {"empty": nothing_yet(request, found)})
    searched_for = request.GET.get("zoek", "").strip()[:80]
    questions = questions_of(computation)
    book = table_book(computation, made_on=timezone.localdate())
    return render(
        request,
        "surveys/table_book.html",
        context
        | {
            "title": _("Table book"),
            "lead": _("Every question by every background."),
            "files": parts.book_files(found),
            "search": searched_for,
            "all": len(questions),
            "questions": parts.found_questions(questions, found, words=searched_for),
            "guide": parts.guide_pairs(book.front.guide),
        },
    )


@permitted(GET=Permission.SURVEY_VIEW)
def file(request: TenantRequest, wave: int, form: str) -> HttpResponseBase:
    """The table book as a file; it goes to disk while it is written."""
    found, computation = outcomes_of(request, wave)
    if computation is None or form not in _WRITERS:
        raise Http404
    write, media_type = _WRITERS[form]
    # The response closes the file when it is sent.
    out = TemporaryFile()  # noqa: SIM115
    write(table_book(computation, made_on=timezone.localdate()), words_of(found), theme_for(found.municipality), out)
    out.seek(0)
    answer = FileResponse(out, as_attachment=True, filename=_name(_("table-book"), found, form))
    answer["Content-Type"] = media_type
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@permitted(GET=Permission.SURVEY_VIEW)
def method(request: TenantRequest, wave: int) -> HttpResponse:
    """How the survey was held, chapter by chapter."""
    found, computation = _computed(request, wave)
    return render(
        request,
        "surveys/method.html",
        outcome_frame(request, found, computation, here="method-statement")
        | {
            "title": _("How this survey was held"),
            "lead": _("For the annex of a council proposal: one page, in the order that CBS keeps."),
            "files": parts.method_files(found),
            "chapters": parts.chapters(statement_blocks(method_facts(computation))),
        },
    )


@permitted(GET=Permission.SURVEY_VIEW)
def method_file(request: TenantRequest, wave: int, form: str) -> HttpResponse:
    """The method statement as a file of one page."""
    found, computation = _computed(request, wave)
    if form not in set(Format):
        raise Http404
    document = method_statement(
        method_facts(computation),
        theme=theme_for(found.municipality),
        language=Language(language_now()),
        made_on=timezone.localdate(),
    )
    answer = HttpResponse(WRITERS[Format(form)](document), content_type=MEDIA_TYPES[Format(form)])
    answer["Content-Disposition"] = f'attachment; filename="{_name(_("method-statement"), found, form)}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _computed(request: TenantRequest, number: int) -> tuple[Wave, Computation]:
    found, computation = outcomes_of(request, number)
    if computation is None:
        raise Http404
    return found, computation


def _name(stem: str, wave: Wave, form: str) -> str:
    return f"{stem}-{slugify(wave.municipality.name)}-{slugify(wave.source.code)}-{slugify(wave.period)}.{form}"


def _xlsx(book: TableBook, words: BookWords, theme: Theme, out: IO[bytes]) -> None:
    write_workbook(book, words, out, theme=theme)


def _csv(book: TableBook, words: BookWords, _theme: Theme, out: IO[bytes]) -> None:
    out.writelines(csv_lines(book, words))


def _html(book: TableBook, words: BookWords, theme: Theme, out: IO[bytes]) -> None:
    front = prose(book.front, words, theme=theme, made_on=timezone.localdate())
    out.writelines(html_pieces(book, words, theme=theme, prose=front, number=format_number))


type _Write = Callable[[TableBook, BookWords, Theme, IO[bytes]], None]
_WRITERS: Mapping[str, tuple[_Write, str]] = {
    "xlsx": (_xlsx, XLSX),
    "csv": (_csv, "text/csv; charset=utf-8"),
    "html": (_html, "text/html; charset=utf-8"),
}
