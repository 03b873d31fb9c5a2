"""Pasting a table in steps: paste, say what is what, answer what is asked, look at it, take it over."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.programme.changes.pasting import answer_questions, choose_columns, discard, stage_table, take_over
from koersvast.programme.models import Programme, StagedTable
from koersvast.programme.pasted_questions import Question
from koersvast.programme.queries.pasting import reading_of, staged_tables, table_of_staged
from koersvast.web import components as c
from koersvast.web.forms import posted, sent_version
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.pasting import preview_page
from koersvast.web.programme.pasting.forms import ColumnsForm, PasteForm, answers_in, asked

pastes = permitted(GET=Permission.PROGRAMME_EDIT, POST=Permission.PROGRAMME_EDIT)
QUESTIONS_A_PAGE = 6
STEPS = ("paste", "paste-columns", "paste-questions", "paste-preview")


def _programme(code: str) -> Programme:
    return get_object_or_404(Programme.objects.select_related("plan", "municipality"), code=code)


def _staged(programme: str, table: int) -> StagedTable:
    found = StagedTable.objects.select_related("programme__plan", "programme__municipality")
    return get_object_or_404(found, programme__code=programme, pk=table)


def _href(request: TenantRequest, name: str, **parts: Any) -> str:
    return reverse(name, kwargs={"municipality": request.entry.municipality.slug, **parts})


def _frame(request: TenantRequest, programme: Programme, *, here: int, table: int | None = None) -> dict[str, Any]:
    """What all steps share: the programme, and the steps with a way back to those that were done."""
    labels = (_("Paste"), _("What is what"), _("Questions"), _("Look and take over"))
    steps = c.steps(labels, current=here)
    linked = [
        c.Step(label=step.label, state=step.state, href=_step_href(request, programme, place, table))
        if step.state == "done"
        else step
        for place, step in enumerate(steps)
    ]
    back = _href(request, "programme-table", programme=programme.code)
    return {"programme": programme, "steps": linked, "back": back, "table_number": table}


def _step_href(request: TenantRequest, programme: Programme, place: int, table: int | None) -> str:
    if place == 0 or table is None:
        return _href(request, "paste", programme=programme.code)
    everything = "?alles=1" if STEPS[place] == "paste-questions" else ""
    return _href(request, STEPS[place], programme=programme.code, table=table) + everything


@pastes
def paste(request: TenantRequest, programme: str) -> HttpResponse:
    """A large field for a table from Excel or Word, or a file with one."""
    chosen = _programme(programme)
    form = PasteForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            staged = stage_table(programme=chosen, table=form.table, by=request.entry.user)
            return redirect(_href(request, "paste-columns", programme=programme, table=staged.pk))
        except ValidationError as refused:
            form.take_over(refused)
    shown = _frame(request, chosen, here=1) | {"form": form, "waiting": list(staged_tables(chosen)[:5])}
    return render(request, "programme/pasting_start.html", shown, status=422 if form.errors else 200)


@pastes
def columns(request: TenantRequest, programme: str, table: int) -> HttpResponse:
    """What does each column hold; a suggestion stands there already."""
    staged = _staged(programme, table)
    read = table_of_staged(staged)
    kinds = staged.columns["kinds"]
    start = {f"column_{place}": kind for place, kind in enumerate(kinds)}
    start |= {"has_header": read.has_header, "version": staged.version}
    form = ColumnsForm(posted(request), table=read, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            choose_columns(
                staged=staged, kinds=form.kinds(), has_header=form.cleaned_data["has_header"],
                by=request.entry.user, version=form.cleaned_data["version"],
            )  # fmt: skip
            return redirect(_href(request, "paste-questions", programme=programme, table=table))
        except ValidationError as refused:
            form.take_over(refused)
        except Changed:
            return _changed(request, "paste-columns", programme=programme, table=table)
    shown = _frame(request, staged.programme, here=2, table=table) | {
        "form": form, "rows": len(read.body), "lost_tabs": "one_cell_per_line" in read.notes,
        "cells": preview_page.pasted(read),
    }  # fmt: skip
    return render(request, "programme/pasting_columns.html", shown, status=422 if form.errors else 200)


@pastes
def questions(request: TenantRequest, programme: str, table: int) -> HttpResponse:
    """A few questions at a time; `?alles=1` shows those that were answered too."""
    staged = _staged(programme, table)
    if not staged.columns.get("chosen"):
        return redirect(_href(request, "paste-columns", programme=programme, table=table))
    reading, everything = reading_of(staged), bool(request.GET.get("alles"))
    shown = _few(reading.questions if everything else reading.open_questions, everything=everything)
    if request.method == "POST":
        on_page = [one for one in reading.questions if f"q_{one.key}" in request.POST or one in shown]
        given = answers_in(request.POST, on_page)
        try:
            staged = answer_questions(
                staged=staged, answers=given, by=request.entry.user, version=sent_version(request)
            )  # fmt: skip
        except Changed:
            return _changed(request, "paste-questions", programme=programme, table=table)
        after = reading_of(staged)
        still = [one for one in after.open_questions if one.key in given]
        if still:
            return _ask(request, staged, still, left=len(after.open_questions), is_wrong=True)
        name = "paste-questions" if after.open_questions else "paste-preview"
        return redirect(_href(request, name, programme=programme, table=table))
    if not shown:
        return redirect(_href(request, "paste-preview", programme=programme, table=table))
    return _ask(request, staged, shown, left=len(reading.open_questions), everything=everything)


def _few(found: Sequence[Question], *, everything: bool) -> list[Question]:
    """Questions of one kind, a few of them: rows come before columns, and columns before values."""
    if everything:
        return list(found)
    return [one for one in found if one.kind == found[0].kind][:QUESTIONS_A_PAGE] if found else []


def _ask(
    request: TenantRequest, staged: StagedTable, shown: Sequence[Question], *, left: int, is_wrong: bool = False,
    everything: bool = False,
) -> HttpResponse:  # fmt: skip
    read, given = table_of_staged(staged), request.POST if is_wrong else None
    context = _frame(request, staged.programme, here=3, table=staged.pk) | {
        "questions": [asked(one, table=read, posted=given) for one in shown],
        "version": staged.version, "is_wrong": is_wrong, "everything": everything,
        "lead": ngettext("{number} question is still open.", "{number} questions are still open.", left).format(
            number=left
        ),
    }  # fmt: skip
    return render(request, "programme/pasting_questions.html", context, status=422 if is_wrong else 200)


@pastes
def preview(request: TenantRequest, programme: str, table: int) -> HttpResponse:
    """The actions as they will be and what is not used; a post takes it over or throws it away."""
    staged = _staged(programme, table)
    if request.method == "POST":
        return _decided(request, staged)
    if not staged.columns.get("chosen"):
        return redirect(_href(request, "paste-columns", programme=programme, table=table))
    reading = reading_of(staged)
    if reading.open_questions:
        return redirect(_href(request, "paste-questions", programme=programme, table=table))
    shown = _frame(request, staged.programme, here=4, table=table)
    shown |= preview_page.context(staged, reading)
    return render(request, "programme/pasting_preview.html", shown)


def _decided(request: TenantRequest, staged: StagedTable) -> HttpResponse:
    programme, table = staged.programme.code, staged.pk
    try:
        if "discard" in request.POST:
            discard(staged=staged, by=request.entry.user)
            messages.success(request, _("The table is thrown away. Nothing of it was stored."))
            return redirect(_href(request, "paste", programme=programme))
        bulk = take_over(staged=staged, by=request.entry.user, version=sent_version(request))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(_href(request, "paste-preview", programme=programme, table=table))
    except (Changed, StagedTable.DoesNotExist):
        return _changed(request, "paste-preview", programme=programme, table=table)
    messages.success(
        request,
        ngettext("{number} action is added.", "{number} actions are added.", bulk.actions_count).format(
            number=bulk.actions_count
        ),
    )
    return redirect(_href(request, "bulk-change", programme=programme, bulk=bulk.pk))


def _changed(request: TenantRequest, name: str, *, programme: str, table: int) -> HttpResponse:
    messages.warning(
        request, _("This table was changed in another window. Here it is as it stands now; look at it again.")
    )
    return redirect(_href(request, name, programme=programme, table=table))
