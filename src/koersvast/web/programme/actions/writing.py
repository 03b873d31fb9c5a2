"""Pages where one action is written: new, changed, evaluated, removed. Two writers never overwrite each other."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.access.conflicts import Changed, last_writer
from koersvast.access.permissions import Permission
from koersvast.indicators.wording import language_now
from koersvast.indicators.wording.numbers import format_moment
from koersvast.programme.changes import actions as changes
from koersvast.programme.changes.actions import ActionDraft, draft_of, remarks
from koersvast.programme.measures import library
from koersvast.programme.models import Action, Programme
from koersvast.web.forms import VersionedForm, long_text, posted, sent_version
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.actions import versions, words
from koersvast.web.programme.actions.action_form import ActionPage, new_values

writes = permitted(GET=Permission.PROGRAMME_EDIT, POST=Permission.PROGRAMME_EDIT)
LAST_OWNER = "last_owner"
NOT_CARRIED = ("csrfmiddlewaretoken", "version", "merge", "next")


class EvaluationForm(VersionedForm):
    """What to do with an action after it was looked at."""

    evaluation = forms.ChoiceField(
        label=gettext_lazy("What do you do with it?"), widget=forms.RadioSelect,
        choices=[(code, badge.text) for code, badge in words.EVALUATION.items()],
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("What was learnt"), required=False, widget=long_text(4), max_length=4000,
        help_text=gettext_lazy("Needed when it is adapted or stops. No names of residents."),
    )  # fmt: skip


def _programme(code: str) -> Programme:
    return get_object_or_404(Programme.objects.select_related("plan", "municipality"), code=code)


def _action(number: int) -> Action:
    found = Action.objects.select_related("programme__plan", "programme__municipality", "municipality")
    return get_object_or_404(found, number=number)


def _href(request: TenantRequest, name: str, **parts: Any) -> str:
    return reverse(name, kwargs={"municipality": request.entry.municipality.slug, **parts})


@writes
def action_new(request: TenantRequest, programme: str) -> HttpResponse:
    """A new action in a minute; `objective` in the address chooses its objective, `maatregel` a known measure."""
    chosen = _programme(programme)
    start = new_values(chosen, last_owner=str(request.session.get(LAST_OWNER, "")))
    wished = chosen.plan.objectives.filter(code=request.GET.get("objective", "")).first()
    start["objective"] = str(wished.pk) if wished else ""
    start |= _values_of_measure(request.GET.get("maatregel", ""))
    page = ActionPage(chosen, posted=posted(request), initial=start)
    if request.method == "POST" and not page.asks_row and page.is_valid():
        saved = _written(request, chosen, page, page.draft())
        if saved is not None:
            again = "next" in request.POST
            where = _href(request, "action-new", programme=chosen.code) if again else None
            return redirect(where or _href(request, "action", action=saved.number))
    back = _href(request, "programme-table", programme=chosen.code)
    return _form_page(request, page, programme=chosen, title=_("A new action"), back=back)


def _values_of_measure(code: str) -> dict[str, str]:
    """What the form of a new action starts with when it is taken from a measure; nothing for an unknown code."""
    one, language = library().find(code), language_now()
    if one is None:
        return {}
    return {
        "title": one.said("title", language=language),
        "mechanism": one.said("mechanism", language=language),
        "chain_link": one.chain_link,
        "output_measure": one.said("output", language=language),
        "measure": one.code,
    }


@writes
def action_edit(request: TenantRequest, action: int) -> HttpResponse:
    """Change an action. When somebody else did so meanwhile, both versions are shown to choose from."""
    chosen = _action(action)
    standing = draft_of(chosen)
    start = {"version": chosen.version, "seen": versions.seen(standing)}
    page = ActionPage(chosen.programme, posted=posted(request), draft=standing, initial=start)
    back = _href(request, "action", action=action)
    if request.method == "POST" and not page.asks_row and page.is_valid():
        draft = page.draft()
        if "merge" in request.POST:
            draft = versions.merged(mine=draft, theirs=standing, keep=versions.kept(request.POST))
        try:
            version = page.form.cleaned_data["version"] or 0
            if _written(request, chosen.programme, page, draft, action=chosen, version=version):
                return redirect(back)
        except Changed as changed:
            return _conflict(request, chosen, page, row=changed.row)
    title = _("Change action {number}").format(number=action)
    return _form_page(request, page, programme=chosen.programme, title=title, back=back, action=chosen)


def _form_page(
    request: TenantRequest, page: ActionPage, *, programme: Programme, title: str, back: str,
    action: Action | None = None,
) -> HttpResponse:  # fmt: skip
    shown = {
        "page": page, "form": page.form, "title": title, "back": back, "programme": programme, "action": action,
    }  # fmt: skip
    return render(request, "programme/action_form.html", shown, status=422 if page.has_errors else 200)


def _written(
    request: TenantRequest, programme: Programme, page: ActionPage, draft: ActionDraft, *,
    action: Action | None = None, version: int | None = None,
) -> Action | None:  # fmt: skip
    """Save, say so and what to look at again; None when the change refused it. `Changed` goes on."""
    try:
        saved = changes.write_action(
            programme=programme, draft=draft, by=request.entry.user, action=action, version=version
        )
    except ValidationError as refused:
        page.take_over(refused)
        return None
    if draft.owner_organisation:
        request.session[LAST_OWNER] = draft.owner_organisation.pk
    messages.success(request, _("Action {number} is saved: {title}.").format(number=saved.number, title=saved.title))
    for remark in remarks(draft, programme=programme):
        messages.warning(request, remark.text)
    return saved


def _conflict(request: TenantRequest, chosen: Action, page: ActionPage, *, row: Any) -> HttpResponse:
    """Both versions, field by field; everything that was typed goes along."""
    theirs, writer = draft_of(row), last_writer(row)
    found = versions.differences(
        mine=page.draft(), theirs=theirs, seen_then=page.form.cleaned_data["seen"]
    )  # fmt: skip
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_CARRIED and not name.startswith(versions.KEEP)
        for value in values
    ]
    shown = {
        "title": _("Somebody else changed this action"),
        "action": chosen, "differences": found, "carried": carried, "version": row.version,
        "who": writer.user.name if writer and writer.user else "",
        "when": format_moment(writer.at) if writer else "",
        "back": _href(request, "action", action=chosen.number),
    }  # fmt: skip
    return render(request, "programme/action_conflict.html", shown, status=409)


@writes
def action_evaluate(request: TenantRequest, action: int) -> HttpResponse:
    """Say whether an action continues, is adapted or stops."""
    chosen = _action(action)
    start = {"evaluation": chosen.evaluation, "text": chosen.evaluation_text, "version": chosen.version}
    form, back = EvaluationForm(posted(request), initial=start), _href(request, "action", action=action)
    if request.method == "POST" and form.is_valid():
        try:
            if _evaluated(request, chosen, form):
                return redirect(back)
        except Changed as changed:
            form = _once_more(request, changed)
    shown = {"form": form, "action": chosen, "back": back, "title": _("Evaluate action {number}").format(number=action)}
    return render(request, "programme/action_evaluate.html", shown, status=422 if form.errors else 200)


def _evaluated(request: TenantRequest, chosen: Action, form: EvaluationForm) -> bool:
    given = form.cleaned_data
    try:
        changes.evaluate(
            action=chosen, evaluation=given["evaluation"], text=given["text"], by=request.entry.user,
            version=given["version"],
        )  # fmt: skip
    except ValidationError as refused:
        form.take_over(refused)
        return False
    messages.success(request, _("The evaluation is saved."))
    return True


def _once_more(request: TenantRequest, changed: Changed) -> EvaluationForm:
    """What was typed, for the action as it is now."""
    again = request.POST.copy()
    again["version"] = str(getattr(changed.row, "version", 0))
    form = EvaluationForm(again)
    form.add_error(None, _("Somebody else changed this action meanwhile. Look at it again, and save once more."))
    return form


@writes
def action_remove(request: TenantRequest, action: int) -> HttpResponse:
    """Remove an action on which nothing was reported; what was reported on is stopped instead."""
    chosen, back = _action(action), _href(request, "action", action=action)
    shown = {
        "action": chosen, "back": back, "title": _("Remove action {number}").format(number=action),
        "is_reported_on": chosen.reports.exists(),
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "programme/action_remove.html", shown)
    try:
        changes.remove_action(action=chosen, by=request.entry.user, version=sent_version(request))
    except ValidationError as refused:
        return render(request, "programme/action_remove.html", shown | {"refused": refused.messages}, status=422)
    except Changed:
        refused_text = _("Somebody else changed this action meanwhile. Look at it before you remove it.")
        return render(request, "programme/action_remove.html", shown | {"refused": [refused_text]}, status=409)
    messages.success(request, _("Action {number} is removed. Its number is not used again.").format(number=action))
    return redirect(_href(request, "programme-table", programme=chosen.programme.code))
