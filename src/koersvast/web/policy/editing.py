"""Pages where a plan is written: the plan, its principles, priorities, objectives and lines of the approach."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.access.permissions import Permission
from koersvast.policy.changes import plans as changes
from koersvast.policy.changes.plans import PrincipleText
from koersvast.policy.models import ApproachLine, Objective, Plan, Priority
from koersvast.web.forms import ChangeForm, posted
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.policy.forms import (
    ApproachLineForm,
    ObjectiveForm,
    PlanForm,
    PrincipleFormSet,
    PriorityForm,
    principles_of,
)
from koersvast.web.saving import status_of, written

may_edit = permitted(GET=Permission.PLAN_EDIT, POST=Permission.PLAN_EDIT)
SAVED = gettext_lazy("Saved.")


def form_page(
    request: TenantRequest, form: ChangeForm, *, title: str | Promise, back: str, write: Callable[[], object]
) -> HttpResponse:
    """Show a form; when it was filled in well and the change accepts it, go back with a message."""
    if request.method == "POST" and written(form, write):
        messages.success(request, SAVED)
        return redirect(back)
    shown = {"form": form, "title": title, "back": back}
    return render(request, "web/form_page.html", shown, status=status_of(form))


def _known_plan(code: str) -> Plan:
    return get_object_or_404(Plan.objects.select_related("municipality", "taxonomy", "area"), code=code)


def _plan_href(request: TenantRequest, plan: str, anchor: str = "") -> str:
    return reverse("plan", kwargs={"municipality": request.entry.municipality.slug, "plan": plan}) + anchor


@may_edit
def plan_new(request: TenantRequest) -> HttpResponse:
    """Write a new plan."""
    municipality = request.entry.municipality
    form = PlanForm(posted(request), municipality=municipality)

    def write() -> None:
        if Plan.objects.filter(code=form.cleaned_data["code"]).exists():
            raise ValidationError({"code": ValidationError(_("There is a plan with this code already."))})
        changes.write_plan(municipality=municipality, by=request.entry.user, **form.cleaned_data)

    back = reverse("plans", kwargs={"municipality": municipality.slug})
    return form_page(request, form, title=_("A new plan"), back=back, write=write)


@may_edit
def plan_edit(request: TenantRequest, plan: str) -> HttpResponse:
    """Change what a plan says about itself."""
    known, municipality = _known_plan(plan), request.entry.municipality
    form = PlanForm(posted(request), municipality=municipality, plan=known, initial=PlanForm.values_of(known))

    def write() -> None:
        changes.write_plan(municipality=municipality, code=known.code, by=request.entry.user, **form.cleaned_data)

    title = _("Change {title}").format(title=known.title)
    return form_page(request, form, title=title, back=_plan_href(request, plan), write=write)


@may_edit
def principles(request: TenantRequest, plan: str) -> HttpResponse:
    """Change the strategic principles; one without a title is left out."""
    known = _known_plan(plan)
    forms = PrincipleFormSet(posted(request), initial=principles_of(known))
    if request.method == "POST" and forms.is_valid():
        given = [PrincipleText(**one.cleaned_data) for one in forms if one.cleaned_data.get("title")]
        changes.write_principles(plan=known, principles=given, by=request.entry.user)
        messages.success(request, SAVED)
        return redirect(_plan_href(request, plan, "#koers"))
    shown = {"forms": forms, "title": _("Principles"), "back": _plan_href(request, plan)}
    return render(request, "policy/principles.html", shown, status=422 if forms.is_bound else 200)


@may_edit
def priority(request: TenantRequest, plan: str, priority: str = "") -> HttpResponse:
    """Add a priority, or change one."""
    known = _known_plan(plan)
    old = get_object_or_404(Priority, plan=known, code=priority) if priority else None
    form = PriorityForm(posted(request), plan=known, priority=old, initial=PriorityForm.values_of(old) if old else {})

    def write() -> None:
        code = old.code if old else _free_code(form, known.priorities)
        given = {name: value for name, value in form.cleaned_data.items() if name != "code"}
        changes.write_priority(plan=known, code=code, by=request.entry.user, **given)

    title = _("Change {title}").format(title=old.title) if old else _("A new priority")
    return form_page(request, form, title=title, back=_plan_href(request, plan), write=write)


@may_edit
def objective(request: TenantRequest, plan: str, objective: str = "") -> HttpResponse:
    """Add an objective, or change one."""
    known = _known_plan(plan)
    old = get_object_or_404(Objective, plan=known, code=objective) if objective else None
    start = (
        ObjectiveForm.values_of(old)
        if old
        else {"priority": known.priorities.filter(code=request.GET.get("prioriteit")).first()}
    )
    form = ObjectiveForm(posted(request), plan=known, objective=old, initial=start)

    def write() -> None:
        code = old.code if old else _free_code(form, known.objectives)
        given = {name: value for name, value in form.cleaned_data.items() if name != "code"}
        changes.write_objective(plan=known, code=code, by=request.entry.user, **given)

    title = _("Change {title}").format(title=old.title) if old else _("A new objective")
    return form_page(request, form, title=title, back=_plan_href(request, plan), write=write)


def _free_code(form: ChangeForm, known: Any) -> str:
    """The typed code, unless something in the plan has it: adding must not overwrite."""
    code = str(form.cleaned_data["code"])
    if known.filter(code=code).exists():
        raise ValidationError({"code": ValidationError(_("This code is used in the plan already."))})
    return code


@may_edit
def approach_line(request: TenantRequest, plan: str, line: int = 0) -> HttpResponse:
    """Add a line of the approach, or change one."""
    known = _known_plan(plan)
    old = get_object_or_404(ApproachLine, plan=known, position=line) if line else None
    start = (
        ApproachLineForm.values_of(old)
        if old
        else {"priority": known.priorities.filter(code=request.GET.get("prioriteit")).first()}
    )
    form = ApproachLineForm(posted(request), plan=known, initial=start)

    def write() -> None:
        highest = known.approach_lines.aggregate(highest=Max("position"))["highest"] or 0
        position = old.position if old else highest + 1
        changes.write_approach_line(plan=known, position=position, by=request.entry.user, **form.cleaned_data)

    title = _("Change line {number} of the approach").format(number=line) if old else _("A new line of the approach")
    return form_page(request, form, title=title, back=_plan_href(request, plan), write=write)
