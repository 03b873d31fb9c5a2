"""Weging: who counts, by which numbers of the population, what that did, and having the outcomes computed."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.surveys import changes, wording
from koersvast.surveys.models import Computation, Wave, WeightingChoice
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.forms.weighting import CrossingForm, MarginForm, WeightingForm
from koersvast.web.surveys.parts import weighting as parts
from koersvast.web.surveys.views.wave_frame import frame, wave_or_404


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def page(request: TenantRequest, wave: int) -> HttpResponse:
    """The choice of weights, the numbers of the population, and what the weighting did."""
    found = wave_or_404(request, wave)
    known, given = parts.backgrounds_of(found), parts.given_margins(found)
    choice = WeightingChoice.objects.filter(wave=found, superseded_at=None).first()
    form = WeightingForm(
        request.POST or None,
        choice=choice,
        has_frames=known.has_frames,
        has_weight=known.has_weight,
        margins=[(code, known.name(code)) for code in given],
    )
    if request.method == "POST" and form.is_valid():
        changes.choose_weighting(found, by=request.entry.user, **form.told())
        messages.success(request, _("The weighting is kept. Now have the outcomes computed."))
        return HttpResponseRedirect(_address(found, "computing"))
    crossing = CrossingForm(request.GET if "first" in request.GET else None, backgrounds=known.choices())
    if crossing.is_bound and crossing.is_valid():
        return HttpResponseRedirect(_address(found, "margin", crossing.code()))
    done = Computation.objects.filter(wave=found, state=Computation.State.DONE).first()
    return render(
        request,
        "surveys/weighting.html",
        frame(found, step=3, label=_("Weighting"))
        | {
            "title": _("Weighting"),
            "lead": _("Not every group answers equally often. Weighting makes the respondents stand for everybody."),
            "form": form,
            "crossing": crossing if len(known.entries) > 1 else None,
            "table": parts.margins_table(found, known, given) if known.entries else None,
            "choice": choice,
            "weighed": parts.weighed(done, known) if done else [],
            "computing_href": _address(found, "computing"),
            "empty": c.Empty(
                title=_("No background is confirmed yet"),
                text=_("Confirm in the codebook which questions are backgrounds, such as age and sex."),
                action=c.Link(label=_("To the codebook"), href=_address(found, "codebook")),
                symbol="check-list",
            ),
        },
        status=422 if form.errors or crossing.errors else 200,
    )


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def margin(request: TenantRequest, wave: int, code: str) -> HttpResponse:
    """The numbers of the population of one background or crossing."""
    found = wave_or_404(request, wave)
    known, rows = parts.backgrounds_of(found), parts.given_margins(found).get(code, [])
    if not set(code.split("*")) <= set(known.entries):
        raise Http404
    form = MarginForm(
        request.POST or None,
        request.FILES or None,
        groups=known.groups(code),
        known={one.category: one.people for one in rows},
        source_text=rows[0].source_text if rows else "",
        as_of=rows[0].as_of if rows else None,
    )
    refused = ""
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            changes.give_margins(
                found,
                code=code,
                people=form.people(),
                source_text=told["source_text"],
                as_of=told["as_of"],
                by=request.entry.user,
            )
        except changes.MarginRefused as wrong:
            refused = wording.refusal(wrong.code, wrong.values)
        else:
            messages.success(request, _("The numbers of “{name}” are kept.").format(name=known.name(code)))
            return HttpResponseRedirect(_address(found, "weighting"))
    return render(
        request,
        "surveys/form_page.html",
        frame(found, step=3, label=_("Weighting"))
        | {
            "title": known.name(code),
            "lead": _("How many people of the population are in each group?"),
            "actions": [c.Link(label=_("Numbers of CBS"), href=_address(found, "margin-population", code))],
            "form": form,
            "callout": c.Callout(title=_("These numbers cannot be used"), text=refused, tone="negative")
            if refused
            else None,
            "submit": _("Keep the numbers"),
            "back": _address(found, "weighting"),
        },
        status=422 if form.errors or refused else 200,
    )


def _address(found: Wave, name: str, *more: object) -> str:
    return reverse(name, args=[found.municipality.slug, found.pk, *more])
