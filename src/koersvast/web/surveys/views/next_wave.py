"""Volgende meting: how many people must be asked, so that what the plan wishes can be shown."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.indicators.wording import language_now
from koersvast.policy.queries.wishes import wished_changes
from koersvast.surveys.models import Computation
from koersvast.surveys.queries.next_wave import Choices, Expected, choices_of, next_wave, year_of
from koersvast.surveys.queries.outcomes import banners_of
from koersvast.surveys.queries.planning import PlanningInputs, planning_inputs
from koersvast.surveys.wording.planning import planning_reason
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.forms.next_wave import ExpectationForm
from koersvast.web.surveys.parts import next_wave as parts
from koersvast.web.surveys.views.outcomes import nothing_yet, outcome_frame, outcomes_of


@permitted(GET=Permission.SURVEY_VIEW)
def page(request: TenantRequest, wave: int) -> HttpResponse:
    """What the next wave must be; everything that is expected stands in the address."""
    found, computation = outcomes_of(request, wave)
    context = outcome_frame(request, found, computation, here="next-wave") | {
        "title": _("The next wave"),
        "lead": _("How many people to invite, so that what the plan wishes can also be seen."),
    }
    if computation is None:
        return render(request, "surveys/next_wave.html", context | {"empty": nothing_yet(request, found)})
    wished = wished_changes(request.entry.municipality, after=year_of(found))
    given = {name: str(value) for name, value in request.GET.items()}
    year = int(given["jaar"]) if given.get("jaar", "").isascii() and given.get("jaar", "").isdigit() else None
    choices, inputs = choices_of(computation, wished, year=year), planning_inputs(computation)
    form = _form(given, computation, choices, inputs)
    if not form.is_valid():
        return render(request, "surveys/next_wave.html", context | {"form": form}, status=422 if given else 200)
    told = form.cleaned_data
    plan = next_wave(
        computation,
        wished,
        Expected(
            response=told["respons"] / 100,
            design_effect=told["ontwerpeffect"],
            wanted_power=float(told["kans"]),
            invitations=told["uitnodigingen"],
            background=told.get("gebied", ""),
            year=told.get("jaar") or None,
            objective=told.get("doel", ""),
        ),
    )
    return render(
        request,
        "surveys/next_wave.html",
        context
        | {
            "form": form,
            "figures": parts.figures(plan),
            "reasons": [planning_reason(reason) for reason in plan.reasons],
            "impossible": parts.impossible(plan),
            "needs": parts.needs_table(plan) if plan.needs else None,
            "area_needs": parts.area_needs_table(plan) if plan.area_needs else None,
            "ways": parts.ways_table(plan) if plan.ways else None,
            "area_tables": parts.area_tables(plan),
            "cost": parts.cost(plan),
            "chart": parts.chart(plan, request.entry.municipality),
            "no_wishes": _no_wishes(request) if not plan.needs and not choices.years else None,
        },
    )


def _form(given: dict[str, str], computation: Computation, choices: Choices, inputs: PlanningInputs) -> ExpectationForm:
    """The form with what was given, and for the rest what this wave gave; choices that are gone fall away."""
    data = {
        "respons": "" if inputs.response is None else f"{100 * inputs.response:.1f}",
        "ontwerpeffect": f"{inputs.design_effect:.2f}",
        "kans": "0.8",
    } | given
    names = {banner.code: banner.text(language_now()) for banner in banners_of(computation)}
    offered: dict[str, list[Any]] = {
        "jaar": [str(year) for year in choices.years],
        "doel": [code for code, _title in choices.objectives],
        "gebied": list(choices.backgrounds),
    }
    for name, codes in offered.items():
        if data.get(name) not in codes:
            data[name] = next(iter(codes), "")
    form = ExpectationForm(data)
    form.offer(
        years=choices.years,
        objectives=choices.objectives,
        backgrounds=[(code, names.get(code, code)) for code in choices.backgrounds],
    )
    return form


def _no_wishes(request: TenantRequest) -> c.Callout:
    return c.Callout(
        title=_("The plan asks nothing of this survey yet"),
        text=_("No objective has a target after this wave that this survey measures. You can still plan invitations."),
        link=c.Link(label=_("To the plans"), href=reverse("plans", args=[request.entry.municipality.slug])),
    )
