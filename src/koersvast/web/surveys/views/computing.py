"""Berekenen en publiceren: ask for the outcomes, follow how far they are, and make them public."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.surveys import changes, wording
from koersvast.surveys.changes import computing
from koersvast.surveys.inputs import NotReady
from koersvast.surveys.models import Catalogue, Computation, Wave
from koersvast.surveys.queries.outcomes import is_out_of_date
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.forms.weighting import BreakdownForm
from koersvast.web.surveys.parts import computing as parts
from koersvast.web.surveys.parts.weighting import Backgrounds, backgrounds_of
from koersvast.web.surveys.views.wave_frame import frame, wave_or_404


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def ask(request: TenantRequest, wave: int) -> HttpResponse:
    """Choose by which backgrounds the outcomes are broken down, and have them computed."""
    found = wave_or_404(request, wave)
    known, catalogue = backgrounds_of(found), _catalogue(found)
    form = _breakdown(request, known, catalogue)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            changes.choose_catalogue(found, by=request.entry.user, **form.cleaned_data)
            asked = computing.ask_computation(found, by=request.entry.user)
        except NotReady as lacking:
            refused = wording.refusal(lacking.code, {})
        except changes.MarginRefused as wrong:
            refused = wording.refusal(wrong.code, wrong.values)
        else:
            return HttpResponseRedirect(_address(found, "computation", asked.pk))
    newest = found.computations.first()
    return render(
        request,
        "surveys/computing.html",
        frame(found, step=4, label=_("Compute"))
        | {
            "title": _("Compute the outcomes"),
            "lead": _("Everything at once: each question, by each background, with its margin."),
            "form": form,
            "refused": c.Callout(title=_("This cannot be computed yet"), text=refused, tone="negative")
            if refused
            else None,
            "newest": parts.standing(newest, is_current=not is_out_of_date(newest)) if newest else None,
            "history": parts.history(found.computations.all()[:10], wave=found) if newest else None,
            "back": _address(found, "weighting"),
        },
        status=422 if form.errors or refused else 200,
    )


@permitted(GET=Permission.SURVEY_MANAGE)
def follow(request: TenantRequest, wave: int, number: int) -> HttpResponse:
    """How far a computation is; the page looks again by itself."""
    found = wave_or_404(request, wave)
    computation = Computation.objects.filter(wave=found, pk=number).select_related("progress").first()
    if computation is None:
        raise Http404
    standing = parts.standing(computation, is_current=True)
    return render(
        request,
        "surveys/computation.html",
        frame(found, step=4, label=_("Compute"))
        | {
            "title": standing.title,
            "lead": standing.sentence,
            "badges": [standing.badge],
            "standing": standing,
            "here": _address(found, "computation", number),
            "weighting_href": _address(found, "weighting"),
            "computing_href": _address(found, "computing"),
            "release_href": _address(found, "survey-release"),
        },
    )


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def release(request: TenantRequest, wave: int) -> HttpResponse:
    """What becomes public, and how much of it stays hidden; a post makes it so."""
    found = wave_or_404(request, wave)
    newest = Computation.objects.filter(wave=found, state=Computation.State.DONE).first()
    catalogue, known = _catalogue(found), backgrounds_of(found)
    if request.method == "POST":
        return _release(request, found, newest)
    return render(
        request,
        "surveys/release.html",
        frame(found, step=5, label=_("Publish"))
        | {
            "title": _("Publish"),
            "lead": _("From then on everybody who may see surveys here sees the outcomes."),
            "newest": newest,
            "figures": parts.release_figures(newest) if newest else [],
            "facts": parts.release_facts(catalogue, known) if newest else [],
            "why": parts.hidden_table(newest) if newest and newest.hidden else None,
            "callouts": parts.release_callouts(
                newest, catalogue, is_current=newest is not None and not is_out_of_date(newest)
            ),
            "can_release": newest is not None and catalogue.released_computation_id != newest.pk,
            "computing_href": _address(found, "computing"),
            "empty": c.Empty(
                title=_("There are no outcomes yet"),
                text=_("Have the outcomes computed first."),
                action=c.Link(label=_("Compute the outcomes"), href=_address(found, "computing")),
            ),
        },
    )


def _release(request: TenantRequest, found: Wave, newest: Computation | None) -> HttpResponse:
    here = _address(found, "survey-release")
    if newest is None or request.POST.get("computation") != str(newest.pk):
        messages.warning(request, _("Newer outcomes came in the meantime. Look at them first."))
        return HttpResponseRedirect(here)
    try:
        computing.release(newest, by=request.entry.user)
        messages.success(request, _("The outcomes are published."))
    except computing.NotReleasable:
        messages.error(request, _("Other outcomes were published in the meantime. Have these computed again first."))
    return HttpResponseRedirect(here)


def _breakdown(request: TenantRequest, known: Backgrounds, catalogue: Catalogue) -> BreakdownForm:
    """What is chosen already; for who begins, all backgrounds."""
    is_new = not catalogue.backgrounds and not catalogue.wave.computations.exists()
    return BreakdownForm(
        request.POST or None,
        backgrounds=known.choices(),
        chosen=list(known.entries) if is_new else catalogue.backgrounds,
        smallest_base=catalogue.smallest_base,
        smallest_group=catalogue.smallest_group,
    )


def _catalogue(found: Wave) -> Catalogue:
    return Catalogue.objects.select_related("wave").get(wave=found)


def _address(found: Wave, name: str, *more: object) -> str:
    return reverse(name, args=[found.municipality.slug, found.pk, *more])
