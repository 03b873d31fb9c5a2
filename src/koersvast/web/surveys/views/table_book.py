"""The table book of a wave and its method statement, on the page and as files."""

from tempfile import TemporaryFile

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.publications.compose.method_statement import statement_blocks
from koersvast.publications.survey_files import (
    TABLE_BOOK_FORMS,
    method_statement_file,
    method_statement_name,
    table_book_name,
    write_table_book,
)
from koersvast.publications.survey_queries import method_facts, questions_of, table_book
from koersvast.publications.writers import MEDIA_TYPES, Format
from koersvast.surveys.models import Computation, Wave
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.parts import outcome_files as parts
from koersvast.web.surveys.views.outcomes import nothing_yet, outcome_frame, outcomes_of

_MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


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
    if computation is None or form not in TABLE_BOOK_FORMS:
        raise Http404
    # The response closes the file when it is sent.
    out = TemporaryFile()  # noqa: SIM115
    write_table_book(computation, form, out, made_on=timezone.localdate())
    out.seek(0)
    answer = FileResponse(out, as_attachment=True, filename=table_book_name(found, form))
    answer["Content-Type"] = _MEDIA_TYPES[form]
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
    content = method_statement_file(computation, Format(form), made_on=timezone.localdate())
    answer = HttpResponse(content, content_type=MEDIA_TYPES[Format(form)])
    answer["Content-Disposition"] = f'attachment; filename="{method_statement_name(found, form)}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _computed(request: TenantRequest, number: int) -> tuple[Wave, Computation]:
    found, computation = outcomes_of(request, number)
    if computation is None:
        raise Http404
    return found, computation
