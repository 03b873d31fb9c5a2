"""Pages where something is agreed: target values with advice, adopting them, answering findings."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.models import User
from koersvast.access.permissions import Permission
from koersvast.policy.changes.answers import answer_finding, withdraw_answer
from koersvast.policy.changes.targets import adopt as adopt_drafts
from koersvast.policy.changes.targets import draft_targets, withdraw_draft
from koersvast.policy.models import Objective, Plan
from koersvast.policy.queries.plans import AdoptionPreview, adoption_preview
from koersvast.programme.queries.checking import check
from koersvast.web.forms import posted
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.policy import check_page, plan_page, target_page
from koersvast.web.policy.forms import AdoptForm, AnswerForm
from koersvast.web.policy.target_form import TargetForm, series_for, start_of

may_edit = permitted(GET=Permission.PLAN_EDIT, POST=Permission.PLAN_EDIT)


def _objective(plan: str, objective: str) -> Objective:
    known = Objective.objects.select_related("plan__area", "plan__municipality", "indicator__source", "source")
    return get_object_or_404(known, plan__code=plan, code=objective)


def _form(request: TenantRequest, found: Objective) -> TargetForm:
    series = series_for(found)
    return TargetForm(posted(request), objective=found, series=series, initial=start_of(found, series))


@may_edit
def targets(request: TenantRequest, plan: str, objective: str) -> HttpResponse:
    """Fill in target values; the advice is asked with a button, or comes by itself while typing."""
    found = _objective(plan, objective)
    form = _form(request, found)
    if request.method == "POST" and "advise" not in request.POST and _drafted(request, form):
        messages.success(request, _("The draft is saved. It counts from the decision that adopts it."))
        return redirect("objective", municipality=request.entry.municipality.slug, plan=plan, objective=objective)
    shown = target_page.context(form, found, today=timezone.localdate())
    wrong = request.method == "POST" and "advise" not in request.POST
    return render(request, "policy/targets.html", shown, status=422 if wrong else 200)


def _drafted(request: TenantRequest, form: TargetForm) -> bool:
    if not form.is_valid():
        return False
    try:
        draft_targets(objective=form.objective, by=request.entry.user, **form.changes())
    except ValidationError as refused:
        form.take_over(refused)
        return False
    return True


@permitted(POST=Permission.PLAN_EDIT)
def target_advice(request: TenantRequest, plan: str, objective: str) -> HttpResponse:
    """The advice alone, while the form is being filled in."""
    found = _objective(plan, objective)
    shown = target_page.advice_context(_form(request, found), today=timezone.localdate())
    return render(request, "policy/targets.html#advice", shown)


@permitted(POST=Permission.PLAN_EDIT)
def target_withdraw(request: TenantRequest, plan: str, objective: str) -> HttpResponse:
    """Throw the draft away; what was adopted stays."""
    try:
        withdraw_draft(objective=_objective(plan, objective), by=request.entry.user)
        messages.success(request, _("The draft is withdrawn."))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("objective", municipality=request.entry.municipality.slug, plan=plan, objective=objective)


@permitted(GET=Permission.PLAN_ADOPT, POST=Permission.PLAN_ADOPT)
def adopt(request: TenantRequest, plan: str) -> HttpResponse:
    """Record the decision that adopts every draft; what it freezes stands above the form."""
    known = get_object_or_404(Plan.objects.select_related("municipality"), code=plan)
    preview, slug = adoption_preview(known), request.entry.municipality.slug
    form = AdoptForm(posted(request), is_revision=preview.is_revision)
    if request.method == "POST" and form.is_valid() and _adopted(request, known, form):
        messages.success(request, _("The decision is recorded. These values do not change any more."))
        return redirect("ledger", municipality=slug, plan=plan)
    shown = _before_deciding(known, preview, municipality=slug)
    return render(request, "policy/adopt.html", shown | {"form": form}, status=422 if form.errors else 200)


def _before_deciding(plan: Plan, preview: AdoptionPreview, *, municipality: str) -> dict[str, Any]:
    """What is adopted and what there is to know; the check judges drafts only where nothing was adopted before."""
    today = timezone.localdate()
    codes = {draft.objective_code for draft in preview.drafts if not draft.supersedes}
    found = [one for one in check(plan, today=today).open_findings if _about(one.place_key) in codes]
    return {
        "plan": plan,
        "preview": preview,
        "warnings": target_page.draft_warnings(plan, today=today),
        "severities": check_page.severities(found, municipality=municipality, plan=plan.code),
        "tabs": plan_page.pages(plan.code, municipality=municipality, here="adopt", drafts=len(preview.drafts)),
    }


def _about(place: str) -> str:
    """The objective that the place of a finding names, if it names one."""
    kind, _colon, code = place.partition(":")
    return code.partition("/")[0] if kind == "objective" else ""


def _adopted(request: TenantRequest, plan: Plan, form: AdoptForm) -> bool:
    try:
        adopt_drafts(plan=plan, by=request.entry.user, **form.cleaned_data)
    except ValidationError as refused:
        form.take_over(refused)
        return False
    return True


@permitted(POST=Permission.CHECK_ANSWER)
def answer(request: TenantRequest, plan: str) -> HttpResponse:
    """Answer a finding, or take an answer back."""
    known = get_object_or_404(Plan.objects.select_related("municipality"), code=plan)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The answer was not understood. Try again from the finding itself."))
    elif _answered(known, form, take_back="withdraw" in request.POST, by=request.entry.user):
        messages.success(request, _("Saved."))
    else:
        messages.error(request, " ".join(str(message) for errors in form.errors.values() for message in errors))
    page = reverse("plan-check", kwargs={"municipality": request.entry.municipality.slug, "plan": plan})
    return redirect(f"{page}#regel-{quote(form.data.get('rule', ''))}")


def _answered(plan: Plan, form: AnswerForm, *, take_back: bool, by: User) -> bool:
    rule, place, text = (form.cleaned_data[name] for name in ("rule", "place", "text"))
    try:
        if take_back:
            withdraw_answer(plan=plan, rule=rule, place=place, by=by)
        else:
            _must_occur(plan, rule=rule, place=place)
            answer_finding(plan=plan, rule=rule, place=place, text=text, by=by)
    except ValidationError as refused:
        form.take_over(refused)
        return False
    return True


def _must_occur(plan: Plan, *, rule: str, place: str) -> None:
    """Refuse an answer to nothing: it would wait for a finding that nobody has seen."""
    report = check(plan, today=timezone.localdate())
    if not any((one.code, one.place_key) == (rule, place) for one in report.findings):
        raise ValidationError(_("This finding does not occur any more."))
