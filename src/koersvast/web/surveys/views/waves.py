"""Enquêtes: the surveys with their waves, a new wave, and one wave with where it stands."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.indicators.models import Source
from koersvast.surveys import changes
from koersvast.surveys.models import Wave
from koersvast.surveys.queries import waves_of
from koersvast.surveys.queries.outcomes import newest_computation
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.forms.waves import FactsForm, NewWaveForm
from koersvast.web.surveys.parts import waves as parts
from koersvast.web.surveys.parts.steps import StepCard, journey
from koersvast.web.surveys.views.wave_frame import frame, wave_or_404


@permitted(GET=Permission.SURVEY_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """The surveys and their waves. Who may not prepare them sees those with outcomes."""
    slug = request.entry.municipality.slug
    can_manage = Permission.SURVEY_MANAGE in request.entry.permissions
    new_wave = c.Link(label=_("New wave"), href=reverse("wave-new", args=[slug]))
    return render(
        request,
        "surveys/overview.html",
        {
            "title": _("Surveys"),
            "lead": _("From the file with answers to figures that you can rely on, step by step."),
            "actions": [new_wave] if can_manage else [],
            "surveys": parts.surveys(waves_of(request.entry.municipality), can_manage=can_manage),
            "empty": c.Empty(
                title=_("There is no wave of a survey yet"),
                text=_("Open a wave, and bring in the file that you received from the research bureau."),
                action=new_wave if can_manage else None,
                symbol="check-list",
            ),
        },
    )


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def new(request: TenantRequest) -> HttpResponse:
    """Open a wave of a survey."""
    sources = Source.objects.filter(municipality=request.entry.municipality, kind=Source.Kind.SURVEY)
    form = NewWaveForm(request.POST or None, sources=sources)
    if request.method == "POST" and form.is_valid():
        wave = changes.open_wave(form.cleaned_data["source"], by=request.entry.user, **form.told())
        return HttpResponseRedirect(reverse("wave", args=[request.entry.municipality.slug, wave.pk]))
    back = reverse("surveys", args=[request.entry.municipality.slug])
    return render(
        request,
        "surveys/form_page.html",
        {
            "crumbs": [c.Link(label=_("Surveys"), href=back), c.Link(label=_("New wave"))],
            "title": _("New wave"),
            "lead": _("A wave is one time that the survey was held. You can fill in the rest later."),
            "form": form,
            "submit": _("Open the wave"),
            "back": back,
        },
        status=422 if form.errors else 200,
    )


@permitted(GET=Permission.SURVEY_MANAGE)
def page(request: TenantRequest, wave: int) -> HttpResponse:
    """One wave: its steps, what it is, and how long its answers are kept."""
    found = wave_or_404(request, wave)
    made = journey(found)
    file = found.files.filter(superseded_at=None).first()
    following = made.next
    return render(
        request,
        "surveys/wave.html",
        frame(found)
        | {
            "title": _("{survey}, wave of {period}").format(survey=found.source.name, period=found.period),
            "lead": following.sentence if following else _("All steps are done."),
            "actions": _actions(found, following),
            "cards": made.cards,
            "facts": parts.facts(found),
            "facts_href": reverse("wave-facts", args=[found.municipality.slug, found.pk]),
            "keeping": parts.keeping(found, file, today=timezone.localdate()),
        },
    )


def _actions(wave: Wave, following: StepCard | None) -> list[c.Link]:
    """On with the next step, and to planning once there are outcomes."""
    found = [c.Link(label=_("On: {step}").format(step=following.label), href=following.href)] if following else []
    if newest_computation(wave) is not None:
        href = reverse("next-wave", args=[wave.municipality.slug, wave.pk])
        found.append(c.Link(label=_("Plan the next wave"), href=href))
    return found


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def facts(request: TenantRequest, wave: int) -> HttpResponse:
    """Tell about a wave what its readers must know."""
    found = wave_or_404(request, wave)
    form = FactsForm(request.POST or None, initial=FactsForm.initial_of(found))
    back = reverse("wave", args=[found.municipality.slug, found.pk])
    if request.method == "POST" and form.is_valid():
        changes.change_wave(found, by=request.entry.user, **form.told())
        messages.success(request, _("The facts of this wave are kept."))
        return HttpResponseRedirect(back)
    return render(
        request,
        "surveys/form_page.html",
        frame(found, label=_("Facts"))
        | {
            "title": _("Facts of this wave"),
            "lead": _("These end up in the account of the method that goes to the council."),
            "form": form,
            "submit": _("Keep"),
            "back": back,
        },
        status=422 if form.errors else 200,
    )
