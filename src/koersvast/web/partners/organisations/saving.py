"""What every form of these pages does: let the change decide, show its refusal, and show what somebody else wrote."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed, last_writer
from koersvast.policy.wording import amounts
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest
from koersvast.web.partners.organisations.forms import PartnerForm

REFUSED = 422


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that two people wrote: what stands there now beside what was typed."""

    label: str
    standing: str
    typed: str


def form_page(
    request: TenantRequest, form: PartnerForm, *, title: str, back: str, write: Callable[[], str],
    standing: Callable[[Any], Mapping[str, Any]], crumbs: Iterable[c.Link] = (), **more: Any,
) -> HttpResponse:  # fmt: skip
    """Show a form; when the change accepts it, go where `write` says, with a message.

    `standing` gives the values of the form for a row as it is now, for when somebody else wrote it meanwhile.
    """
    if request.method == "POST" and form.is_valid():
        try:
            gone = write()
        except ValidationError as refused:
            form.take_over(refused)
        except Changed as changed:
            _show_both(form, changed.row, standing(changed.row))
        else:
            messages.success(request, _("Saved."))
            return redirect(gone)
    context = {"form": form, "title": title, "back": back, "crumbs": [*crumbs, c.Link(label=title)], **more}
    return render(request, "partners/organisations_form.html", context, status=REFUSED if form.errors else 200)


def _show_both(form: PartnerForm, row: models.Model, standing: Mapping[str, Any]) -> None:
    """Keep what was typed, list what differs, and let the next save go over the row as it is now."""
    form.differences = [
        Difference(
            label=str(field.label),
            standing=said(form.fields[field.name], standing[field.name]),
            typed=said(form.fields[field.name], form.cleaned_data.get(field.name)),
        )
        for field in form.visible_fields()
        if field.name in standing and _differs(form.cleaned_data.get(field.name), standing[field.name])
    ]
    form.data = form.data.copy()
    form.data[form.add_prefix("version")] = str(standing.get("version", ""))
    form.add_error(None, _conflict(row))


def _conflict(row: models.Model) -> str:
    writer = last_writer(row)
    if writer is None or writer.user is None:
        return _("Somebody else saved this while you were writing. Nothing of yours was saved yet.")
    at = timezone.localtime(writer.at)
    return _("{who} saved this on {day} at {clock}, while you were writing. Nothing of yours was saved yet.").format(
        who=writer.user.name, day=amounts.day(at.date()), clock=f"{at:%H.%M}"
    )


def _differs(typed: Any, standing: Any) -> bool:
    if isinstance(standing, (list, models.QuerySet)) or isinstance(typed, models.QuerySet):
        return {one.pk for one in typed or ()} != {one.pk for one in standing or ()}
    return bool((typed or "") != (standing or ""))


def said(field: forms.Field, value: Any) -> str:
    """A value of a form as a reader knows it: the name of a choice, a day in words, yes or no."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, ""):
        return _("empty")
    if isinstance(value, date):
        return amounts.day(value)
    if isinstance(value, (list, models.QuerySet)):
        return amounts.listing([str(one) for one in value]) or _("empty")
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[call-overload] # pairs
    return str(value)
