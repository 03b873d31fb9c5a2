"""Pages where a programme itself is written: started, changed, adopted, closed, filled from an earlier one."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.policy.queries.plans import current_plan
from koersvast.programme.changes import actions as changes
from koersvast.programme.models import Action, Programme
from koersvast.programme.queries.actions import current_programme
from koersvast.web.forms import posted, sent_version
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.actions import copy_page
from koersvast.web.programme.actions.programme_forms import (
    AdoptionForm,
    ProgrammeForm,
    SourceForm,
    next_values,
    stands_now,
    with_version_of,
)

writes = permitted(GET=Permission.PROGRAMME_EDIT, POST=Permission.PROGRAMME_EDIT)


def _programme(code: str) -> Programme:
    return get_object_or_404(Programme.objects.select_related("plan", "municipality", "predecessor"), code=code)


def _href(request: TenantRequest, name: str, **parts: Any) -> str:
    return reverse(name, kwargs={"municipality": request.entry.municipality.slug, **parts})


def _form_page(request: TenantRequest, form: Any, *, title: str, lead: str, save: str, back: str) -> HttpResponse:
    shown = {"form": form, "title": title, "lead": lead, "save": save, "back": back}
    return render(request, "programme/programme_form.html", shown, status=422 if form.errors else 200)


@writes
def programme_new(request: TenantRequest) -> HttpResponse:
    """Start a programme; its term and its name are proposed from the one before."""
    today = timezone.localdate()
    start = next_values(current_programme(today=today), plan=current_plan(today=today), today=today)
    form = ProgrammeForm(posted(request), initial=start)
    if request.method == "POST" and form.is_valid():
        written = _written(request, form)
        if written is not None:
            messages.success(request, _("The programme is there. Now its actions."))
            takes_over = "programme-copy" if written.predecessor_id else "programme-table"
            return redirect(_href(request, takes_over, programme=written.code))
    lead = _("A programme holds the actions of about two years, under one plan.")
    back = _href(request, "programme")
    return _form_page(request, form, title=_("Start a new programme"), lead=lead, save=_("Start it"), back=back)


def _written(request: TenantRequest, form: ProgrammeForm, programme: Programme | None = None) -> Programme | None:
    given = dict(form.cleaned_data)
    version = given.pop("version")
    try:
        return changes.write_programme(
            municipality=request.entry.municipality, by=request.entry.user, programme=programme,
            version=(version or 0) if programme else None, **given,
        )  # fmt: skip
    except ValidationError as refused:
        form.take_over(refused)
        return None


@writes
def programme_edit(request: TenantRequest, programme: str) -> HttpResponse:
    """Change the name, the plan or the term of a programme."""
    chosen, back = _programme(programme), _href(request, "programme-table", programme=programme)
    form = ProgrammeForm(posted(request), programme=chosen, initial=ProgrammeForm.values_of(chosen))
    if request.method == "POST" and form.is_valid():
        try:
            if _written(request, form, chosen) is not None:
                messages.success(request, _("The programme is saved."))
                return redirect(back)
        except Changed as changed:
            form = ProgrammeForm(with_version_of(request.POST, changed.row), programme=chosen)
            form.add_error(None, _now(changed))
    return _form_page(request, form, title=_("Change the programme"), lead=chosen.title, save=_("Save"), back=back)


def _now(changed: Changed) -> str:
    return stands_now(changed.row) if isinstance(changed.row, Programme) else ""


@writes
def programme_adopt(request: TenantRequest, programme: str) -> HttpResponse:
    """Record that the college adopted the programme."""
    chosen, back = _programme(programme), _href(request, "programme-table", programme=programme)
    form = AdoptionForm(posted(request), initial={"version": chosen.version})
    if request.method == "POST" and form.is_valid():
        try:
            if _adopted(request, form, chosen):
                messages.success(request, _("The adoption is recorded. Partners can now report by link."))
                return redirect(back)
        except Changed as changed:
            form = AdoptionForm(with_version_of(request.POST, changed.row))
            form.add_error(None, _now(changed))
    lead = _("From then on the programme counts: partners can report by link, and silence is noticed.")
    title, save = _("Record the adoption of the programme"), _("Record its adoption")
    return _form_page(request, form, title=title, lead=lead, save=save, back=back)


def _adopted(request: TenantRequest, form: AdoptionForm, chosen: Programme) -> bool:
    try:
        changes.adopt_programme(
            programme=chosen,
            by=request.entry.user,
            **form.cleaned_data | {"version": form.cleaned_data["version"] or 0},
        )
    except ValidationError as refused:
        form.take_over(refused)
        return False
    return True


@writes
def programme_close(request: TenantRequest, programme: str) -> HttpResponse:
    """Close a programme: its actions stay as they are."""
    chosen, back = _programme(programme), _href(request, "programme-table", programme=programme)
    unsettled = chosen.actions.exclude(status__in=[Action.Status.DONE, Action.Status.STOPPED])
    shown: dict[str, Any] = {"programme": chosen, "back": back, "open": unsettled}
    if request.method != "POST":
        return render(request, "programme/programme_close.html", shown)
    try:
        changes.close_programme(programme=chosen, by=request.entry.user, version=sent_version(request))
    except ValidationError as refused:
        return render(request, "programme/programme_close.html", shown | {"refused": refused.messages}, status=422)
    except Changed as changed:
        return render(request, "programme/programme_close.html", shown | {"refused": [_now(changed)]}, status=409)
    messages.success(request, _("The programme is closed. Its actions stay as they are."))
    return redirect(back)


@writes
def programme_copy(request: TenantRequest, programme: str) -> HttpResponse:
    """Take actions over from an earlier programme: what continues is ticked, with the days it will get."""
    target, back = _programme(programme), _href(request, "programme-table", programme=programme)
    asked = request.POST if request.method == "POST" else request.GET
    source = _source(target, asked)
    shown: dict[str, Any] = {"programme": target, "source": source, "back": back}
    if source is None:
        return render(request, "programme/programme_copy.html", shown)
    shown |= copy_page.context(source, target, ticked=_numbers(asked) if request.method == "POST" else None)
    shown["form"] = SourceForm(target=target, initial={"source": source.code})
    if request.method == "POST":
        try:
            bulk = changes.copy_actions(
                source=source, target=target, numbers=_numbers(asked), also=_numbers(asked), by=request.entry.user
            )
        except ValidationError as refused:
            return render(request, "programme/programme_copy.html", shown | {"refused": refused.messages}, status=422)
        return redirect(_href(request, "bulk-change", programme=programme, bulk=bulk.pk))
    return render(request, "programme/programme_copy.html", shown)


def _source(target: Programme, asked: QueryDict) -> Programme | None:
    """The programme that was asked for, else the one before, else the newest other one."""
    others = Programme.objects.exclude(pk=target.pk).select_related("plan", "municipality")
    if asked.get("source"):
        return get_object_or_404(others, code=asked["source"])
    return next((one for one in others if one.pk == target.predecessor_id), None) or others.first()


def _numbers(asked: QueryDict) -> Sequence[int]:
    return [int(number) for number in asked.getlist("numbers") if number.isdecimal()]
