"""Pages that show the policy: start page, plan, objective, decisions, plan check."""


from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from koersvast.access.permissions import Permission
from koersvast.policy.queries.checking import check
from koersvast.policy.queries.plans import current_plan
from koersvast.policy.queries.standing import standing
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.policy import start_page
from koersvast.web.policy.forms import KnownOnForm


@permitted(GET=Permission.PLAN_VIEW)
def start(request: TenantRequest) -> HttpResponse:
    """Are we on course? Every objective with its verdict, and what asks attention."""
    today, wanted = timezone.localdate(), KnownOnForm(request.GET)
    day = wanted.day()
    plan = current_plan(today=day)
    if plan is None:
        return render(request, "policy/no_plan.html")
    found, slug = standing(plan, known_on=day, today=day), request.entry.municipality.slug
    shown = {
        "standing": found,
        "hero": start_page.hero(found, is_today=day == today),
        "groups": start_page.groups(found, municipality=slug),
        "calls": start_page.calls(found, check(plan, today=day), municipality=slug),
        "form": KnownOnForm(initial={"known_on": day}),
    }
    return render(request, "policy/start.html", shown)
