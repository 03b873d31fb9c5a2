"""Pages that show the policy: start page, plan, objective, decisions, plan check."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.policy.models import Objective, Plan
from koersvast.policy.queries.ledger import ledger as ledger_of
from koersvast.policy.queries.plans import current_plan, objective_detail, plan_overview, plans
from koersvast.policy.queries.standing import standing
from koersvast.programme.calendar import Moment, urgent
from koersvast.programme.council import Place
from koersvast.programme.queries.calendar import calendar
from koersvast.programme.queries.checking import check
from koersvast.web import components as c
from koersvast.web.council_block import council_here
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.policy import check_page, objective_chart, objective_page, plan_page, start_page
from koersvast.web.policy.forms import FindingFilter, KnownOnForm


@permitted(GET=Permission.PLAN_VIEW)
def start(request: TenantRequest) -> HttpResponse:
    """Are we on course? Every objective with its verdict, and what asks attention."""
    today, wanted = timezone.localdate(), KnownOnForm(request.GET)
    day = wanted.day()
    plan = current_plan(today=day)
    if plan is None:
        return _no_plan(request, title=_("Standing"))
    shown = start_page.context(
        standing(plan, known_on=day, today=day),
        check(plan, today=day),
        municipality=request.entry.municipality.slug,
        is_today=day == today,
        warned=_warned(request) if day == today else [],
    )
    return render(request, "policy/start.html", shown | {"form": KnownOnForm(initial={"known_on": day})})


def _warned(request: TenantRequest) -> list[Moment]:
    """What the calendar warns of today, for this visitor."""
    if Permission.PROGRAMME_VIEW not in request.entry.permissions:
        return []
    found = calendar(request.entry.municipality, today=timezone.localdate(), permissions=request.entry.permissions)
    return urgent(found)


@permitted(GET=Permission.PLAN_VIEW)
def plan(request: TenantRequest, plan: str = "") -> HttpResponse:
    """A plan as it is written; without a code the plan of today, with the others below it."""
    chosen = _plan(plan)
    if chosen is None:
        return _no_plan(request, title=_("Policy plan"))
    shown = plan_page.context(plan_overview(chosen), municipality=request.entry.municipality.slug)
    shown |= {
        "is_current": not plan,
        "others": [one for one in plans() if one.pk != chosen.pk] if not plan else [],
        "may_edit": Permission.PLAN_EDIT in request.entry.permissions,
    }
    return render(request, "policy/plan.html", shown)


def _plan(code: str) -> Plan | None:
    """The plan with this code, or 404; without a code the plan of today, if there is one."""
    if not code:
        return current_plan(today=timezone.localdate())
    return get_object_or_404(Plan.objects.select_related("municipality", "taxonomy", "area", "predecessor"), code=code)


def _no_plan(request: TenantRequest, *, title: str) -> HttpResponse:
    action = None
    if Permission.PLAN_EDIT in request.entry.permissions:
        action = c.Link(
            label=_("Write a plan"), href=reverse("plan-new", kwargs={"municipality": request.entry.municipality.slug})
        )
    text = _("A plan names the priorities and objectives. After that you can follow how they stand.")
    empty = c.Empty(title=_("There is no policy plan yet"), text=text, action=action, symbol="target")
    return render(request, "policy/no_plan.html", {"title": title, "empty": empty})


@permitted(GET=Permission.PLAN_VIEW)
def objective(request: TenantRequest, plan: str, objective: str) -> HttpResponse:
    """One objective: what was agreed, what was measured, what that says, and who decided it."""
    day, municipality = KnownOnForm(request.GET).day(), request.entry.municipality
    known = _objective(plan, objective)
    found = objective_detail(known, known_on=day, today=day)
    shown = objective_page.context(found, plan=plan, municipality=municipality)
    shown |= {
        "claims": known.claims.exclude(text=""),
        "form": KnownOnForm(initial={"known_on": day}),
        "may_edit": Permission.PLAN_EDIT in request.entry.permissions,
        "may_adopt": Permission.PLAN_ADOPT in request.entry.permissions,
        **council_here(request.entry, Place(kind="objective", code=known.code)),
    }
    return render(request, "policy/objective.html", shown)


@permitted(GET=Permission.PLAN_VIEW)
def chart(request: TenantRequest, plan: str, objective: str) -> JsonResponse:
    """The chart of an objective for the browser."""
    today = timezone.localdate()
    found = objective_detail(_objective(plan, objective), known_on=today, today=today)
    spec = objective_chart.specification(found.standing, request.entry.municipality)
    if spec is None:
        raise Http404
    return JsonResponse(objective_chart.vega(spec))


def _objective(plan: str, objective: str) -> Objective:
    known = Objective.objects.select_related(
        "plan__area", "plan__municipality", "priority", "indicator__source", "source"
    )
    return get_object_or_404(known, plan__code=plan, code=objective)


@permitted(GET=Permission.PLAN_VIEW)
def ledger(request: TenantRequest, plan: str) -> HttpResponse:
    """Every version of every agreement, who decided it, and what later documents make of it."""
    found = ledger_of(get_object_or_404(Plan, code=plan))
    shown = objective_page.ledger_context(found, municipality=request.entry.municipality.slug)
    return render(request, "policy/ledger.html", shown)


@permitted(GET=Permission.PLAN_VIEW)
def plan_check(request: TenantRequest, plan: str = "") -> HttpResponse:
    """What the plan check finds, by severity and rule, with room for answers."""
    chosen = _plan(plan)
    if chosen is None:
        return _no_plan(request, title=_("Plan check"))
    report, wanted = check(chosen, today=timezone.localdate()), FindingFilter(request.GET)
    shown = check_page.context(report, wanted, municipality=request.entry.municipality.slug)
    shown |= {"is_current": not plan, "may_answer": Permission.CHECK_ANSWER in request.entry.permissions}
    part = "#findings" if request.htmx and not request.htmx.boosted else ""  # type: ignore[attr-defined] # the htmx middleware
    return render(request, f"policy/check.html{part}", shown)
