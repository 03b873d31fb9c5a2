"""Pages of looking back: the list of moments, and one moment from beginning to closing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.policy.models import Plan
from koersvast.policy.queries.plans import current_plan, plans
from koersvast.policy.queries.standing import standing
from koersvast.programme.changes import reviews as changes
from koersvast.programme.looking_back import KINDS, differs, speaking_of, standing_from
from koersvast.programme.models import CheckMoment
from koersvast.programme.queries.reviews import MomentDetail, moment_detail, moments
from koersvast.web import components as c
from koersvast.web.forms import ChangeForm, sent_version
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.reviews import pages
from koersvast.web.programme.reviews.forms import BeginForm, CloseForm, MoveForm, PlanForm
from koersvast.web.publications import shelves

records = permitted(POST=Permission.REVIEW_RECORD)


def chosen_moment(number: int) -> CheckMoment:
    """The moment with this number, or 404."""
    found = CheckMoment.objects.select_related("plan__municipality", "plan__area", "municipality")
    return get_object_or_404(found, pk=number)


def chosen_plan(code: str) -> Plan | None:
    """The plan with this code; without one the plan of today, else the newest."""
    if code:
        return get_object_or_404(Plan.objects.select_related("municipality"), code=code)
    return current_plan(today=timezone.localdate()) or next(iter(plans()), None)


@permitted(GET=Permission.REVIEW_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """The moments of a plan: what can be done now, what comes, what is closed."""
    plan, slug = chosen_plan(request.GET.get("plan", "")), request.entry.municipality.slug
    if plan is None:
        return render(request, "programme/reviews.html", {"plan": None, "empty": _no_plan()})
    lines = moments(plan, today=timezone.localdate())
    shown = pages.listed(lines, municipality=slug)
    shown |= {
        "plan": plan,
        "any": bool(lines),
        "form": PlanForm(initial={"kinds": list(KINDS)}),
        "may_record": Permission.REVIEW_RECORD in request.entry.permissions,
    }
    return render(request, "programme/reviews.html", shown)


def _no_plan() -> c.Empty:
    return c.Empty(
        title=_("There is no policy plan yet"),
        text=_("Looking back follows the objectives of a plan. Write the plan first."),
        symbol="target",
    )


@records
def plan_moments(request: TenantRequest) -> HttpResponse:
    """Plan the moments of a plan, with one button."""
    plan, form = chosen_plan(request.POST.get("plan", "")), PlanForm(request.POST)
    if plan is None:
        messages.error(request, _("Write a plan first; then its moments can be planned."))
    else:
        added = changes.plan_checks(plan=plan, kinds=form.chosen(), by=request.entry.user)
        told = _("{number} moments are planned.").format(number=len(added))
        messages.success(request, told if added else _("Every moment was planned already."))
    return redirect("reviews", municipality=request.entry.municipality.slug)


@permitted(GET=Permission.REVIEW_VIEW)
def moment(request: TenantRequest, moment: int) -> HttpResponse:
    """One moment: how far it has come, or everything that was read and decided once it is closed."""
    return _moment_page(request, chosen_moment(moment))


def _moment_page(request: TenantRequest, row: CheckMoment, *, form: ChangeForm | None = None) -> HttpResponse:
    today = timezone.localdate()
    detail = moment_detail(row, today=today)
    may_record = Permission.REVIEW_RECORD in request.entry.permissions
    shown = pages.moment_page(detail, municipality=request.entry.municipality.slug)
    shown |= {
        "may_record": may_record,
        "may_make": Permission.DOCUMENT_MAKE in request.entry.permissions,
        "reports": shelves.reports(),
        "revised": _revised_since(detail) if row.closed_on else {},
        **_forms(row, form),
    }
    return render(request, "programme/review.html", shown, status=422 if form is not None else 200)


def _forms(row: CheckMoment, refused: ChangeForm | None) -> dict[str, Any]:
    start = {"version": row.version, "planned_on": row.planned_on, "title": row.title, "conclusion": row.conclusion}
    start["known_on"] = pages.begin_day(row, today=timezone.localdate())
    found: dict[str, Any] = {
        "begin_form": BeginForm(initial=start),
        "move_form": MoveForm(initial=start, prefix="verzet"),
        "close_form": CloseForm(initial=start),
    }
    for name, kind in (("begin_form", BeginForm), ("move_form", MoveForm), ("close_form", CloseForm)):
        if isinstance(refused, kind):
            found[name] = refused
    return found


def _revised_since(detail: MomentDetail) -> dict[str, str]:
    """For each objective that reads differently today: how it reads now."""
    today = timezone.localdate()
    lines = {line.code: line for line in standing(detail.moment.plan, known_on=today, today=today).objectives}
    found = {}
    for step in detail.steps:
        now = speaking_of(lines[step.code], detail.moment.period)
        if step.review and differs(standing_from(step.review.figures["standing"]), now):
            found[step.code] = now.sentence
    return found


def _changed(request: TenantRequest, row: CheckMoment) -> HttpResponse:
    messages.error(request, _("Somebody else changed this moment just now. This is how it stands; try again."))
    return redirect("review", municipality=request.entry.municipality.slug, moment=row.pk)


@records
def begin(request: TenantRequest, moment: int) -> HttpResponse:
    """Begin: fix the day of the figures, and go to the first objective."""
    row, form = chosen_moment(moment), BeginForm(request.POST)
    if not form.is_valid():
        return _moment_page(request, row, form=form)
    given = form.cleaned_data
    try:
        row = changes.open_check(
            moment=row, known_on=given["known_on"], by=request.entry.user, version=given["version"]
        )
    except ValidationError as refused:
        form.take_over(refused)
        return _moment_page(request, row, form=form)
    except Changed:
        return _changed(request, row)
    waiting = moment_detail(row, today=timezone.localdate()).next_step
    slug = request.entry.municipality.slug
    if waiting is None:
        return redirect("review", municipality=slug, moment=row.pk)
    return redirect("review-step", municipality=slug, moment=row.pk, objective=waiting.code)


@records
def move(request: TenantRequest, moment: int) -> HttpResponse:
    """Plan the moment on another day, or call it otherwise."""
    row, form = chosen_moment(moment), MoveForm(request.POST, prefix="verzet")
    if not form.is_valid():
        return _moment_page(request, row, form=form)
    given = form.cleaned_data
    try:
        changes.move_check(
            moment=row, planned_on=given["planned_on"], title=given["title"], by=request.entry.user,
            version=given["version"],
        )  # fmt: skip
    except ValidationError as refused:
        form.take_over(refused)
        return _moment_page(request, row, form=form)
    except Changed:
        return _changed(request, row)
    messages.success(request, _("Saved."))
    return redirect("review", municipality=request.entry.municipality.slug, moment=row.pk)


@records
def remove(request: TenantRequest, moment: int) -> HttpResponse:
    """Take away a moment at which nothing was read."""
    row, slug = chosen_moment(moment), request.entry.municipality.slug
    try:
        changes.remove_check(moment=row, by=request.entry.user, version=sent_version(request))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("review", municipality=slug, moment=row.pk)
    except Changed:
        return _changed(request, row)
    messages.success(request, _("The moment is taken away."))
    return redirect("reviews", municipality=slug)


@records
def close(request: TenantRequest, moment: int) -> HttpResponse:
    """Close the review; from then on it stays as it is."""
    row, form = chosen_moment(moment), CloseForm(request.POST)
    if not form.is_valid():
        return _moment_page(request, row, form=form)
    given = form.cleaned_data
    try:
        changes.close_check(moment=row, conclusion=given["conclusion"], by=request.entry.user, version=given["version"])
    except ValidationError as refused:
        form.take_over(refused)
        return _moment_page(request, row, form=form)
    except Changed:
        return _changed(request, row)
    messages.success(request, _("The review is closed. It stays as it is from now on."))
    return redirect("review", municipality=request.entry.municipality.slug, moment=row.pk)
