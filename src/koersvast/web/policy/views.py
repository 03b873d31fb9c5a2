"""Pages that show the policy: start page, plan, objective, decisions, plan check."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.policy.models import Objective, Plan
from koersvast.policy.queries.checking import check
from koersvast.policy.queries.ledger import ledger as ledger_of
from koersvast.policy.queries.plans import current_plan, objective_detail, plan_overview, plans
from koersvast.policy.queries.standing import standing
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.policy import check_page, objective_chart, objective_page, plan_page, start_page
from koersvast.web.policy.forms import AnswerForm, FindingFilter, KnownOnForm


@permitted(GET=Permission.PLAN_VIEW)
def start(request: TenantRequest) -> HttpResponse:
    """Are we on course? Every objective with its verdict, and what asks attention."""
    today, wanted = timezone.localdate(), KnownOnForm(request.GET)
    day = wanted.day()
    plan = current_plan(today=day)
    if plan is None:
        return _no_plan(request)
    found, slug = standing(plan, known_on=day, today=day), request.entry.municipality.slug
    shown = {
        "standing": found,
        "hero": start_page.hero(found, is_today=day == today),
        "groups": start_page.groups(found, municipality=slug),
        "calls": start_page.calls(found, check(plan, today=day), municipality=slug),
        "form": KnownOnForm(initial={"known_on": day}),
    }
    return render(request, "policy/start.html", shown)


@permitted(GET=Permission.PLAN_VIEW)
def plan(request: TenantRequest, plan: str = "") -> HttpResponse:
    """A plan as it is written; without a code the plan of today, with the others below it."""
    chosen = _plan(plan)
    if chosen is None:
        return _no_plan(request)
    found, slug = plan_overview(chosen), request.entry.municipality.slug
    shown = {
        "plan": found,
        "is_current": not plan,
        "facts": plan_page.facts(found),
        "sections": plan_page.sections(found),
        "chain": plan_page.chain_table(found),
        "entries": plan_page.decisions(found.decisions),
        "tabs": plan_page.pages(chosen.code, municipality=slug, here="plan", drafts=found.drafts),
        "others": [one for one in plans() if one.pk != chosen.pk] if not plan else [],
        "may_edit": Permission.PLAN_EDIT in request.entry.permissions,
    }
    return render(request, "policy/plan.html", shown)


def _plan(code: str) -> Plan | None:
    """The plan with this code, or 404; without a code the plan of today, if there is one."""
    if not code:
        return current_plan(today=timezone.localdate())
    return get_object_or_404(Plan.objects.select_related("municipality", "taxonomy", "area", "predecessor"), code=code)


def _no_plan(request: TenantRequest) -> HttpResponse:
    action = None
    if Permission.PLAN_EDIT in request.entry.permissions:
        action = c.Link(
            label=_("Write a plan"), href=reverse("plan-new", kwargs={"municipality": request.entry.municipality.slug})
        )
    text = _("A plan names the priorities and objectives. After that you can follow how they stand.")
    empty = c.Empty(title=_("There is no policy plan yet"), text=text, action=action, symbol="target")
    return render(request, "policy/no_plan.html", {"empty": empty})


@permitted(GET=Permission.PLAN_VIEW)
def objective(request: TenantRequest, plan: str, objective: str) -> HttpResponse:
    """One objective: what was agreed, what was measured, what that says, and who decided it."""
    day, municipality = KnownOnForm(request.GET).day(), request.entry.municipality
    known = _objective(plan, objective)
    found = objective_detail(known, known_on=day, today=day)
    shown = {
        "objective": found,
        "plan_code": plan,
        "badges": objective_page.badges(found.standing),
        "path": objective_page.path_table(found.standing) if found.standing.path else None,
        "chart": objective_page.chart(found, plan, municipality),
        "versions": objective_page.versions_table(found.ledger),
        "drift": objective_page.drift_table(found.ledger.drift, title=found.title),
        "claims": known.claims.exclude(text=""),
        "form": KnownOnForm(initial={"known_on": day}),
        "may_edit": Permission.PLAN_EDIT in request.entry.permissions,
        "may_adopt": Permission.PLAN_ADOPT in request.entry.permissions,
    }
    return render(request, "policy/objective.html", shown)


@permitted(GET=Permission.PLAN_VIEW)
def chart(request: TenantRequest, plan: str, objective: str) -> JsonResponse:
    """The chart of an objective for the browser."""
    today = timezone.localdate()
    found = objective_detail(_objective(plan, objective), known_on=today, today=today)
    spec = objective_chart.specification(found, request.entry.municipality)
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
    shown = {
        "ledger": found,
        "tabs": plan_page.pages(plan, municipality=request.entry.municipality.slug, here="ledger", drafts=found.drafts),
        "entries": plan_page.decisions(found.decisions),
        "objectives": [
            (
                entry,
                objective_page.versions_table(entry, anchor=f"versies-{entry.code}"),
                objective_page.drift_table(entry.drift, title=entry.title, anchor=f"later-{entry.code}"),
            )
            for entry in found.entries
        ],
    }
    return render(request, "policy/ledger.html", shown)


@permitted(GET=Permission.PLAN_VIEW)
def plan_check(request: TenantRequest, plan: str = "") -> HttpResponse:
    """What the plan check finds, by severity and rule, with room for answers."""
    chosen = _plan(plan)
    if chosen is None:
        return _no_plan(request)
    report, slug = check(chosen, today=timezone.localdate()), request.entry.municipality.slug
    wanted = FindingFilter(request.GET)
    found = [
        one
        for one in report.findings
        if wanted.lets_through(
            severity=one.severity,
            is_answered=one.answer is not None,
            text=f"{one.code} {one.title} {one.place} {one.message}",
        )
    ]
    shown = {
        "report": report,
        "is_current": not plan,
        "form": wanted,
        "number": len(found),
        "figures": check_page.figures(report),
        "severities": check_page.severities(found, municipality=slug, plan=chosen.code),
        "rules": check_page.rules_table(report),
        "tabs": plan_page.pages(chosen.code, municipality=slug, here="plan-check"),
        "may_answer": Permission.CHECK_ANSWER in request.entry.permissions,
        "answer_form": AnswerForm(),
    }
    part = "#findings" if request.htmx and not request.htmx.boosted else ""  # type: ignore[attr-defined] # the htmx middleware
    return render(request, f"policy/check.html{part}", shown)
