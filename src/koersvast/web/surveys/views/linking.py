"""Naar indicatoren: link measures to indicators, say what a difference means, and take the figures over."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.access.permissions import Permission
from koersvast.indicators.models import Indicator
from koersvast.surveys import wording
from koersvast.surveys.changes import links as changes
from koersvast.surveys.models import IndicatorLink, Wave
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.forms.linking import DecisionForm
from koersvast.web.surveys.parts import linking as parts
from koersvast.web.surveys.parts.steps import count
from koersvast.web.surveys.views.wave_frame import frame, wave_or_404


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def page(request: TenantRequest, wave: int) -> HttpResponse:
    """The indicators with their measures; a post links, takes a link back, or stages the figures."""
    found = wave_or_404(request, wave)
    if request.method == "POST":
        return _act(request, found)
    cards = parts.cards(found)
    return render(
        request,
        "surveys/links.html",
        frame(found, step=6, label=_("To indicators"))
        | {
            "title": _("To indicators"),
            "lead": _("Which outcome is which indicator? The figures then go along with their margins."),
            "cards": cards,
            "waiting": [card for card in cards if not card.is_decided],
            "decided": [card for card in cards if card.is_decided],
            "can_take_over": any(card.is_linked for card in cards) and not any(card.is_undecided for card in cards),
            "before": parts.to_link_again(found),
            "same": sum(card.is_undecided and not card.differences for card in cards),
            "empty": c.Empty(
                title=_("This survey has no indicators yet"),
                text=_("Indicators that have this survey as their source appear here."),
            ),
        },
    )


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def decide(request: TenantRequest, wave: int, code: str) -> HttpResponse:
    """Say what the differences with the definition of an indicator mean."""
    found = wave_or_404(request, wave)
    link = IndicatorLink.objects.filter(wave=found, indicator__code=code).select_related("indicator").first()
    if link is None:
        raise Http404
    form = DecisionForm(request.POST or None)
    back = _address(found)
    if request.method == "POST" and form.is_valid():
        changes.decide_link(link, by=request.entry.user, **form.cleaned_data)
        messages.success(request, _("It is kept what the difference means for “{name}”.").format(name=link.indicator))
        return HttpResponseRedirect(back)
    differences = [wording.reason(why) for why in parts.link_differences(link)]
    return render(
        request,
        "surveys/form_page.html",
        frame(found, step=6, label=_("To indicators"))
        | {
            "title": link.indicator.name,
            "lead": _("Is this still the same measure?"),
            "callout": c.Callout(title=_("What differs from the definition"), items=differences, tone="warning")
            if differences
            else c.Callout(title=_("Nothing differs from the definition"), tone="positive"),
            "form": form,
            "submit": _("Keep"),
            "back": back,
        },
        status=422 if form.errors else 200,
    )


def _act(request: TenantRequest, found: Wave) -> HttpResponse:
    action = request.POST.get("action", "")
    if request.POST.get("unlink"):
        return _unlink(request, found, request.POST["unlink"])
    if action == "link":
        return _link(request, found)
    if action == "as-before":
        return _link_again(request, found)
    if action == "same":
        return _confirm_same(request, found)
    if action == "take-over":
        return _take_over(request, found)
    return HttpResponse(status=400)


def _unlink(request: TenantRequest, found: Wave, code: str) -> HttpResponse:
    """Take one link back; figures that went on stay."""
    link = IndicatorLink.objects.filter(wave=found, indicator__code=code).select_related("indicator").first()
    if link is not None:
        changes.unlink(link, by=request.entry.user)
        text = _("“{name}” is no longer linked. Figures that were taken over stay.")
        messages.success(request, text.format(name=link.indicator.name))
    return HttpResponseRedirect(_address(found))


def _link(request: TenantRequest, found: Wave) -> HttpResponse:
    """Link every indicator of which a measure was chosen and that is not linked to it already."""
    known = {link.indicator.code: link for link in IndicatorLink.objects.filter(wave=found).select_related("indicator")}
    number, refused = 0, []
    for indicator in Indicator.objects.filter(source=found.source):
        entry, _slash, cut = request.POST.get(f"measure-{indicator.code}", "").rpartition("/")
        link = known.get(indicator.code)
        areas = request.POST.get(f"areas-{indicator.code}", "")
        if not entry or (link is not None and (link.entry_code, link.cut_code, link.areas) == (entry, cut, areas)):
            continue
        try:
            changes.link_to_indicator(
                found, entry_code=entry, cut_code=cut, indicator=indicator, areas=areas, by=request.entry.user
            )
            number += 1
        except changes.LinkRefused as wrong:
            refused.append(f"{indicator.name}: {parts.refusal(wrong.code)}")
    _say(request, number, refused)
    return HttpResponseRedirect(_address(found))


def _link_again(request: TenantRequest, found: Wave) -> HttpResponse:
    """Link as in the wave before; what was decided then holds where nothing changed."""
    links = changes.link_as_before(found, by=request.entry.user)
    waiting = sum(link.confirmed_at is None for link in links)
    _say(request, len(links), [])
    text = ngettext(
        "{number} of them changed since the wave before: decide what that means.",
        "{number} of them changed since the wave before: decide what that means.",
        waiting,
    )
    if waiting:
        messages.warning(request, text.format(number=count(waiting)))
    return HttpResponseRedirect(_address(found))


def _say(request: TenantRequest, number: int, refused: Sequence[str]) -> None:
    text = ngettext("{number} indicator is linked.", "{number} indicators are linked.", number)
    if number:
        messages.success(request, text.format(number=count(number)))
    for one in refused[:5]:
        messages.error(request, one)


def _confirm_same(request: TenantRequest, found: Wave) -> HttpResponse:
    """Confirm the links of which nothing differs from the definition."""
    links = IndicatorLink.objects.filter(wave=found, confirmed_at=None).select_related("indicator", "wave")
    same = [link for link in links if not link.differences]
    for link in same:
        changes.decide_link(link, decision=IndicatorLink.Decision.SAME, by=request.entry.user)
    _say(request, len(same), [])
    return HttpResponseRedirect(_address(found))


def _take_over(request: TenantRequest, found: Wave) -> HttpResponse:
    """Stage the figures; the page of the delivery shows new, changed and unchanged, and a person takes them over."""
    try:
        delivery = changes.take_over_estimates(found, by=request.entry.user)
    except changes.TakeOverRefused as wrong:
        messages.error(request, parts.refusal(wrong.code))
        return HttpResponseRedirect(_address(found))
    return HttpResponseRedirect(reverse("delivery", args=[found.municipality.slug, delivery.pk]))


def _address(found: Wave) -> str:
    return reverse("survey-links", args=[found.municipality.slug, found.pk])
