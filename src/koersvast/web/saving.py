"""What every page with a form does: let the change decide, show what it refuses, and show what somebody else wrote."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed, last_writer
from koersvast.policy.wording import amounts
from koersvast.web.forms import ChangeForm
from koersvast.web.gate import TenantRequest


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that two people wrote: what stands there now beside what was typed."""

    label: str
    standing: str
    typed: str


def nothing_stands(_row: object) -> dict[str, Any]:
    """For rows that carry no version: the change never meets another writer."""
    return {}


def written(
    form: ChangeForm, write: Callable[[], object], *, standing: Callable[[Any], dict[str, Any]] = nothing_stands
) -> bool:
    """Run the change. What it refuses comes at its field; what somebody else wrote comes beside what was typed.

    `standing` gives the values of the form for the row as it is now. Saving once more then takes what was typed.
    """
    if not form.is_valid():
        return False
    try:
        write()
    except ValidationError as refused:
        form.take_over(refused)
        return False
    except Changed as changed:
        _show(form, standing(changed.row), row=changed.row)
        return False
    return True


def _show(form: ChangeForm, standing: dict[str, Any], *, row: models.Model) -> None:
    """Keep what was typed in the form, list what differs, and let the next save go over the newer row."""
    differs = [
        Difference(
            label=str(field.label),
            standing=_said(field.field, standing[field.name]),
            typed=_said(field.field, form.cleaned_data.get(field.name)),
        )
        for field in form
        if field.name in standing and field.name != "version" and _differs(form, field.name, standing[field.name])
    ]
    sent = QueryDict(mutable=True)
    for name in form.data:
        sent.setlist(name, form.data.getlist(name) if isinstance(form.data, QueryDict) else [form.data[name]])
    sent[form.add_prefix("version")] = str(getattr(row, "version", None))
    form.data = sent
    form.add_error(None, _told(row))
    form.differences = differs  # type: ignore[attr-defined] # read by the template


def _told(row: models.Model) -> str:
    """That somebody else saved it; who and when as far as the audit knows them by name."""
    writer = last_writer(row)
    if writer is None or writer.user is None:
        return _("Somebody else saved this while you were writing. Nothing of yours was saved yet.")
    at = timezone.localtime(writer.at)
    return _("{who} saved this on {day} at {clock}, while you were writing. Nothing of yours was saved yet.").format(
        who=writer.user.name, day=amounts.day(at.date()), clock=f"{at:%H.%M}"
    )


def _differs(form: ChangeForm, name: str, standing: Any) -> bool:
    typed = form.cleaned_data.get(name)
    if _are_rows(typed) or _are_rows(standing):
        return {one.pk for one in typed or ()} != {one.pk for one in standing or ()}
    return bool(typed != standing and (typed or standing))


def _are_rows(value: Any) -> bool:
    return isinstance(value, (list, tuple, models.QuerySet)) and all(isinstance(one, models.Model) for one in value)


def _said(field: forms.Field, value: Any) -> str:
    """A value of a form as a reader knows it: the name of a choice, a day in words, yes or no."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return amounts.day(value)
    if isinstance(value, time):
        return f"{value:%H.%M}"
    if isinstance(value, (list, tuple, models.QuerySet)):
        return amounts.listing([str(one) for one in value]) or _("empty")
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        value = next((name for key, name in field.widget.choices if str(key) == str(value)), value)
    return _("empty") if value in (None, "") else str(value)


def status_of(form: ChangeForm) -> int:
    """200 for a form without errors, 409 where somebody else wrote in between, 422 for what was refused."""
    if not form.errors:
        return 200
    return 409 if hasattr(form, "differences") else 422


def form_page(
    request: TenantRequest, form: ChangeForm, *, title: str, back: str, write: Callable[[], str],
    standing: Callable[[Any], dict[str, Any]], saved: str = "", template: str = "web/form_page.html", **more: Any,
) -> HttpResponse:  # fmt: skip
    """Show a form; when the change accepts it, go where `write` says, with a message."""
    gone: list[str] = []
    if request.method == "POST" and written(form, lambda: gone.append(write()), standing=standing):
        messages.success(request, saved or _("Saved."))
        return redirect(gone[0])
    context = {"form": form, "title": title, "back": back, **more}
    return render(request, template, context, status=status_of(form))
