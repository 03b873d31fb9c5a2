"""Writing a round and its lists: options, criteria and parties."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.forms import BaseFormSet, formset_factory
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.models import User
from koersvast.access.permissions import Permission
from koersvast.access.queries import people_with
from koersvast.policy.changes import prioritising as changes
from koersvast.policy.models import Prioritising
from koersvast.policy.queries.plans import current_plan
from koersvast.reference.models import Theme
from koersvast.web.forms import posted
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.policy.prioritising.forms import (
    CriterionForm,
    LineForm,
    ListForm,
    NewRoundForm,
    OptionForm,
    PartyForm,
    RoundForm,
    standard_criteria,
)
from koersvast.web.saving import form_page, status_of, written

writes = permitted(GET=Permission.PLAN_EDIT, POST=Permission.PLAN_EDIT)
EXTRA_LINES, MOST_LINES = 3, 60


def known_round(code: str) -> Prioritising:
    """A round of the municipality in scope, or 404."""
    return get_object_or_404(Prioritising.objects.select_related("municipality", "plan", "taxonomy"), code=code)


def href(request: TenantRequest, name: str, **parts: Any) -> str:
    """An address in this municipality."""
    return reverse(name, kwargs={"municipality": request.entry.municipality.slug, **parts})


@writes
def new(request: TenantRequest) -> HttpResponse:
    """Begin a round."""
    municipality, today = request.entry.municipality, timezone.localdate()
    start = {"title": _("Priorities {year}").format(year=today.year + 1), "plan": current_plan(today=today)}
    form = NewRoundForm(posted(request), municipality=municipality, initial=start)

    def write() -> str:
        given = form.given()
        made = changes.open_round(
            municipality=municipality, by=request.entry.user, criteria=standard_criteria(), **given
        )
        return href(request, "prioritising", prioritising=made.code)

    return form_page(
        request, form, title=_("Choose priorities"), back=href(request, "prioritisings"), write=write,
        standing=RoundForm.values_of, save=_("Begin this choice"),
        lead=_("You get a long list of themes and seven criteria. You change both as you like."),
        saved=_("The choice has begun. Now say who scores."),
    )  # fmt: skip


@writes
def edit(request: TenantRequest, prioritising: str) -> HttpResponse:
    """Change the frame of a round."""
    row = known_round(prioritising)
    form = RoundForm(posted(request), initial=RoundForm.values_of(row))
    here = href(request, "prioritising", prioritising=row.code)

    def write() -> str:
        changes.write_round(
            prioritising=row, by=request.entry.user, version=form.cleaned_data["version"], **form.given()
        )
        return here

    return form_page(request, form, title=_("Change this choice"), back=here, write=write, standing=RoundForm.values_of)


@writes
def options(request: TenantRequest, prioritising: str) -> HttpResponse:
    """The long list."""
    row = known_round(prioritising)
    themes = Theme.objects.filter(field__taxonomy=row.taxonomy_id).select_related("field").order_by("code")
    start = [OptionForm.values_of(one) for one in row.options.all()]
    return _lines(
        request, row, OptionForm, start, {"themes": themes}, title=_("The long list"),
        lead=_("Every option that could be a priority. Empty a name to leave it out; what was scored stays."),
        write=lambda lines, version: changes.write_options(
            prioritising=row, options=[one.entry() for one in lines], by=request.entry.user, version=version
        ),
    )  # fmt: skip


@writes
def criteria(request: TenantRequest, prioritising: str) -> HttpResponse:
    """What is weighed, and how heavily."""
    row = known_round(prioritising)
    start = [CriterionForm.values_of(one) for one in row.criteria.all()]
    return _lines(
        request, row, CriterionForm, start, {}, title=_("Criteria and their weights"),
        lead=_("Weight 2 counts twice as heavy as weight 1. Whether that matters is shown with the outcome."),
        write=lambda lines, version: changes.write_criteria(
            prioritising=row, criteria=[one.entry() for one in lines], by=request.entry.user, version=version
        ),
    )  # fmt: skip


@writes
def parties(request: TenantRequest, prioritising: str) -> HttpResponse:
    """Who scores."""
    row = known_round(prioritising)
    people = User.objects.filter(
        pk__in=people_with(Permission.PRIORITIES_SCORE, row.municipality, on=timezone.localdate())
    ).order_by("name")
    start = [PartyForm.values_of(one) for one in row.parties.all()]
    return _lines(
        request, row, PartyForm, start, {"people": people}, title=_("Who scores"),
        lead=_("Each party scores apart and sees nothing of the others until you close. On paper is possible too."),
        write=lambda lines, version: changes.write_parties(
            prioritising=row, parties=[one.entry() for one in lines], by=request.entry.user, version=version
        ),
    )  # fmt: skip


def _lines(
    request: TenantRequest, row: Prioritising, kind: type[Any], start: list[dict[str, Any]], kwargs: dict[str, Any], *,
    title: str, lead: str, write: Callable[[Sequence[Any], int], object],
) -> HttpResponse:  # fmt: skip
    """One list with empty lines below it; the change replaces the whole list."""
    made = formset_factory(kind, extra=EXTRA_LINES, max_num=MOST_LINES + EXTRA_LINES)
    lines: BaseFormSet[LineForm] = made(posted(request), initial=start, form_kwargs=kwargs, prefix="regel")
    form = ListForm(posted(request), initial={"version": row.version})
    back = href(request, "prioritising", prioritising=row.code)
    if request.method == "POST" and lines.is_valid():
        filled = [one for one in lines.forms if one.has_changed() or one.initial]
        kept = [one for one in filled if one.is_filled()]
        if written(form, lambda: write(kept, form.cleaned_data["version"]), standing=lambda _row: {}):
            messages.success(request, _("The list is saved."))
            return redirect(back)
    shown = {"form": form, "lines": lines, "title": title, "lead": lead, "back": back, "round": row}
    status = 422 if lines.is_bound and not lines.is_valid() else status_of(form)
    return render(request, "policy/prioritising_list.html", shown, status=status)
