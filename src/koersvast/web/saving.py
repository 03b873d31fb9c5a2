"""What every page with a form does: let the change decide, show what it refuses, and show what somebody else wrote."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
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
        _show(form, standing(changed.row), version=getattr(changed.row, "version", None))
        return False
    return True


def _show(form: ChangeForm, standing: dict[str, Any], *, version: int | None) -> None:
    """Keep what was typed in the form, list what differs, and let the next save go over the newer row."""
    differs = [
        Difference(label=str(field.label), standing=_said(standing[field.name]), typed=_said(field.value()))
        for field in form
        if field.name in standing and field.name != "version" and _differs(form, field.name, standing[field.name])
    ]
    sent = QueryDict(mutable=True)
    for name in form.data:
        sent.setlist(name, form.data.getlist(name) if isinstance(form.data, QueryDict) else [form.data[name]])
    sent[form.add_prefix("version")] = str(version)
    form.data = sent
    form.add_error(None, _("Somebody else saved this while you were writing. Nothing of yours was saved yet."))
    form.differences = differs  # type: ignore[attr-defined] # read by the template


def _differs(form: ChangeForm, name: str, standing: Any) -> bool:
    return bool(form.cleaned_data.get(name) != standing and (form.cleaned_data.get(name) or standing))


def _said(value: Any) -> str:
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
