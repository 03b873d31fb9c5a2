"""Herzieningen and bronnen naast elkaar: what became of figures, and why two sources differ."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.indicators.changes.feeds import explain_difference
from koersvast.indicators.models import Source
from koersvast.indicators.queries.revisions import TwoSources, revisions, side_by_side
from koersvast.reference.queries import area_of
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.indicators.feed_forms import DifferenceForm
from koersvast.web.indicators.parts import revisions as parts

DELIVERIES = 6


@permitted(GET=Permission.FIGURES_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """What the last deliveries changed in figures that were known."""
    municipality = request.entry.municipality
    found = revisions(municipality, deliveries=DELIVERIES)
    return render(
        request,
        "indicators/revisions.html",
        {
            "crumbs": _crumbs(request, _("What was revised")),
            "title": _("What was revised"),
            "lead": _("Sources improve their figures afterwards. This is what changed in the last deliveries."),
            "gist": parts.gist(found),
            "deliveries": [
                c.Link(label=one.file_name, href=reverse("delivery", args=[municipality.slug, one.pk]))
                for one in found.deliveries
            ],
            "table": parts.revised(found),
            "besides": parts.besides(found),
            "empty": c.Empty(
                title=_("Nothing was revised"),
                text=_("As soon as a source changes a figure that you have, you see it here with the old figure."),
            ),
        },
    )


@permitted(GET=Permission.FIGURES_VIEW)
def compare(request: TenantRequest) -> HttpResponse:
    """The figures of the plan beside those that were published, with the difference and its explanation."""
    municipality = request.entry.municipality
    can_explain = Permission.FIGURES_IMPORT in request.entry.permissions
    return render(
        request,
        "indicators/side_by_side.html",
        {
            "crumbs": _crumbs(request, _("Two sources side by side")),
            "title": _("Two sources side by side"),
            "lead": _(
                "The figures of your plan beside the published ones. A verdict always uses one source, never both."
            ),
            "pairs": parts.pairs(_pairs(request), slug=municipality.slug, can_explain=can_explain),
            "empty": c.Empty(
                title=_("No indicator has figures from two sources"),
                text=_("As soon as an open table gives the same indicator as your plan, they stand side by side here."),
            ),
        },
    )


@permitted(GET=Permission.FIGURES_IMPORT, POST=Permission.FIGURES_IMPORT)
def explain(request: TenantRequest, code: str, source: str, other: str) -> HttpResponse:
    """Write down why two sources differ."""
    found = next(
        (
            one
            for one in _pairs(request)
            if one.indicator.code == code and {one.first.source, one.second.source} == {source, other}
        ),
        None,
    )
    if found is None:
        raise Http404
    initial = {"text": found.explanation}
    form = DifferenceForm(request.POST or None, periods=[row.period for row in found.rows], initial=initial)
    back = reverse("side-by-side", args=[request.entry.municipality.slug])
    if request.method == "POST" and form.is_valid():
        _write(request, found, form)
        messages.success(request, _("The explanation is kept."))
        return HttpResponseRedirect(back)
    return render(
        request,
        "indicators/explain_difference.html",
        {
            "crumbs": [*_crumbs(request, _("Two sources side by side"), href=back), c.Link(label=found.indicator.name)],
            "title": _("Why do these figures differ?"),
            "lead": found.indicator.name,
            "table": parts.pair_table(found),
            "form": form,
            "back": back,
        },
        status=422 if form.errors else 200,
    )


def _write(request: TenantRequest, found: TwoSources, form: DifferenceForm) -> None:
    sources = {one.code: one for one in Source.objects.filter(municipality=request.entry.municipality)}
    explain_difference(
        found.indicator,
        source=sources[found.first.source],
        other=sources[found.second.source],
        period=form.cleaned_data["period"],
        text=form.cleaned_data["text"],
        by=request.entry.user,
    )


def _pairs(request: TenantRequest) -> tuple[TwoSources, ...]:
    area = area_of(request.entry.municipality.code)
    return side_by_side(request.entry.municipality, area=area) if area else ()


def _crumbs(request: TenantRequest, label: str, href: str = "") -> list[c.Link]:
    slug = request.entry.municipality.slug
    above = c.Link(label=_("Open figures"), href=reverse("open-figures", args=[slug]))
    return [above, c.Link(label=label, href=href)]
