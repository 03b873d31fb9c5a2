"""Many actions at once: choose what changes, see old and new, apply, and take it back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from koersvast.access.permissions import Permission
from koersvast.programme.changes.actions import change_several, undo
from koersvast.programme.changes.several import Outcome, outcomes
from koersvast.programme.changes.storing import whole
from koersvast.programme.models import Action, BulkChange, Programme
from koersvast.programme.queries.actions import actions
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.actions import bulk_page, versions, words
from koersvast.web.programme.actions.forms import FilterForm
from koersvast.web.programme.actions.several_form import SeveralForm

writes = permitted(GET=Permission.PROGRAMME_EDIT, POST=Permission.PROGRAMME_EDIT)
NAMES: Mapping[str, str | Promise] = {
    "evaluation": gettext_lazy("Evaluation of the action"),
    "evaluation_text": gettext_lazy("Why that evaluation"),
    "objectives": gettext_lazy("Objectives of the action"),
}
EVALUATED_ON = "evaluated_on"
SKIPPED: Mapping[str, str | Promise] = {
    "changed_since": gettext_lazy("changed since, so left as it is"),
    "reported_on": gettext_lazy("reported on since, so it stays"),
    "removed": gettext_lazy("is not there any more"),
    "part_gone": gettext_lazy("its old owner, priority or objective is gone"),
    "not_possible": gettext_lazy("could not be put back"),
}


def _programme(code: str) -> Programme:
    return get_object_or_404(Programme.objects.select_related("plan", "municipality"), code=code)


def _href(request: TenantRequest, name: str, **parts: Any) -> str:
    return reverse(name, kwargs={"municipality": request.entry.municipality.slug, **parts})


@writes
def bulk(request: TenantRequest, programme: str) -> HttpResponse:
    """Change the ticked actions: first what changes, then what that does to each, then it is done."""
    chosen, back = _programme(programme), _href(request, "programme-table", programme=programme)
    numbers = _numbers(request.POST, chosen)
    if not numbers:
        if request.method == "POST":
            messages.warning(request, _("Tick one action or more first."))
        return redirect(back)
    stage = request.POST.get("stage", "")
    form = SeveralForm(request.POST if stage else None, programme=chosen)
    shown: dict[str, Any] = {"programme": chosen, "numbers": numbers, "form": form, "back": back}
    if stage in ("preview", "apply") and form.is_valid():
        try:
            if stage == "apply":
                return _applied(request, chosen, numbers, form)
            return _preview(request, chosen, numbers, form, shown)
        except ValidationError as refused:
            form.take_over(refused)
    shown["titles"] = list(Action.objects.filter(programme=chosen, number__in=numbers).values_list("number", "title"))
    return render(request, "programme/bulk_choose.html", shown, status=422 if form.errors else 200)


def _numbers(posted: QueryDict, programme: Programme) -> list[int]:
    """The numbers that were ticked, or all that the filter of the list found."""
    if posted.get("all"):
        asked = QueryDict(mutable=True)
        for name in posted:
            if name.startswith("filter-"):
                asked[name.removeprefix("filter-")] = posted.get(name, "")
        found = actions(programme, chosen=FilterForm(asked, programme=programme).chosen(), today=timezone.localdate())
        return [line.number for line in found]
    ticked = {int(number) for number in posted.getlist("numbers") if number.isdecimal() and len(number) < 9}
    return sorted(Action.objects.filter(programme=programme, number__in=ticked).values_list("number", flat=True))


def _preview(
    request: TenantRequest, chosen: Programme, numbers: Sequence[int], form: SeveralForm, shown: dict[str, Any]
) -> HttpResponse:
    found = outcomes(whole(Action.objects.filter(programme=chosen, number__in=numbers)), values=form.values())
    changing = [one for one in found if one.changed]
    carried = [(name, value) for name, value in request.POST.items() if name in form.fields and value]
    shown |= {
        "carried": carried, "diff": _diff(found), "changing": len(changing),
        "summary": bulk_page.summary(
            changing=len(changing), refused=sum(one.problem is not None for one in found), total=len(found)
        ),
    }  # fmt: skip
    return render(request, "programme/bulk_preview.html", shown)


def _diff(found: Sequence[Outcome]) -> c.DiffTable:
    """What becomes of each action: refused ones first, then those that change, then those that stay equal."""
    ordered = sorted(found, key=lambda one: (one.problem is None, not one.changed, one.action.number))
    rows = [line for one in ordered for line in _lines(one)]
    return c.DiffTable(id="wijzigingen", caption=_("What becomes of each action"), rows=rows, numeric=False)


def _lines(one: Outcome) -> list[c.DiffRow]:
    label = f"{one.action.number}. {one.action.title}"
    if one.problem is not None:
        return [c.DiffRow(label=label, state=c.ROW_STATE["refused"], note=" ".join(one.problem.messages))]
    names = [name for name in one.changed if name != EVALUATED_ON]
    if not names:
        return [c.DiffRow(label=label, state=c.ROW_STATE["same"], note=_("has this already"))]
    return [
        c.DiffRow(
            label=label, line=str(_label(name)), state=c.ROW_STATE["changed"],
            old=_said(one.old[name], name) or _("(empty)"), new=_said(one.new[name], name) or _("(empty)"),
        )
        for name in names
    ]  # fmt: skip


def _label(name: str) -> str | Promise:
    return NAMES[name] if name in NAMES else versions.label_of(name)


def _said(value: Any, name: str) -> str:
    return str(words.EVALUATION[value].text) if name == "evaluation" and value else versions.worded(value, name)


def _applied(request: TenantRequest, chosen: Programme, numbers: Sequence[int], form: SeveralForm) -> HttpResponse:
    made = change_several(programme=chosen, numbers=numbers, values=form.values(), by=request.entry.user)
    text = ngettext("{number} action is changed.", "{number} actions are changed.", made.actions_count)
    messages.success(request, text.format(number=made.actions_count))
    return redirect(_href(request, "bulk-change", programme=chosen.code, bulk=made.pk))


@writes
def bulk_change(request: TenantRequest, programme: str, bulk: int) -> HttpResponse:
    """What was done at once, by whom and when, with the way back."""
    chosen = _programme(programme)
    made = get_object_or_404(BulkChange.objects.select_related("programme__municipality"), programme=chosen, pk=bulk)
    if request.method == "POST":
        _undone(request, made)
        return redirect(_href(request, "bulk-change", programme=programme, bulk=bulk))
    back = _href(request, "programme-table", programme=programme)
    return render(request, "programme/bulk_change.html", bulk_page.context(made) | {"programme": chosen, "back": back})


def _undone(request: TenantRequest, made: BulkChange) -> None:
    try:
        done = undo(bulk=made, by=request.entry.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return
    text = ngettext(
        "{number} action is as it was before.", "{number} actions are as they were before.", len(done.restored)
    )
    messages.success(request, text.format(number=len(done.restored)))
    by_reason: dict[str, list[str]] = {}
    for one in done.skipped:
        by_reason.setdefault(one.reason, []).append(str(one.number))
    for reason, numbers in by_reason.items():
        said = _("Action {numbers}: {reason}.").format(numbers=", ".join(numbers), reason=SKIPPED[reason])
        messages.warning(request, said)
