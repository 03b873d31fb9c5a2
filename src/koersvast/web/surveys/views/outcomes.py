"""The outcomes of a wave: all measures, one question by a background, sample beside panel, wave beside wave."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.publications.survey_files import words_of
from koersvast.publications.survey_outcomes import frames_beside, measures_by, measures_of, ranking_of, waves_beside
from koersvast.publications.survey_queries import banners_of, table_of
from koersvast.publications.table_book.book import TableBook
from koersvast.surveys.codebook import PANEL, SAMPLE
from koersvast.surveys.models import Computation, SurveyEstimate, Wave
from koersvast.surveys.preparing import POOLED
from koersvast.surveys.queries import waves_of
from koersvast.surveys.queries.outcomes import banners_of as groups_of
from koersvast.surveys.queries.outcomes import is_released, shown_computation
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.parts import outcomes as parts
from koersvast.web.surveys.views.wave_frame import frame, name_of, wave_or_404


@permitted(GET=Permission.SURVEY_VIEW)
def page(request: TenantRequest, wave: int) -> HttpResponse:
    """Every measure of a wave with its interval; `zoek` narrows them."""
    found, computation = outcomes_of(request, wave)
    context = outcome_frame(request, found, computation, here="survey-outcomes")
    if computation is None:
        return render(request, "surveys/outcomes.html", context | {"empty": nothing_yet(request, found)})
    searched_for = request.GET.get("zoek", "").strip()[:80]
    measures = measures_of(computation)
    shown = parts.searched(measures, searched_for)
    return render(
        request,
        "surveys/outcomes.html",
        context
        | {
            "search": searched_for,
            "questions": parts.questions(shown, found, words=words_of(found)),
            "number": len(shown),
            "all": len(measures),
        },
    )


@permitted(GET=Permission.SURVEY_VIEW)
def question(request: TenantRequest, wave: int, code: str) -> HttpResponse:
    """One question by a background; `achtergrond` chooses which."""
    found, computation = outcomes_of(request, wave)
    table = table_of(computation, code) if computation else None
    if computation is None or table is None:
        raise Http404
    banners = banners_of(computation)
    codes = [banner.code for banner in banners]
    asked = request.GET.get("achtergrond", "")
    chosen = asked if asked in codes else next(iter(codes), "")
    words, columns = words_of(found), TableBook.columns_of(banners)
    kept = SurveyEstimate.objects.filter(computation=computation, entry_code=code).values_list("unit", flat=True)
    unit = parts.unit_of(table, kept.first() or "")
    return render(
        request,
        "surveys/question.html",
        outcome_frame(request, found, computation, here="", label=table.question.text)
        | {
            "title": table.question.text,
            "base": table.question.base,
            "backgrounds": [
                c.Link(label=banner.title, href=f"?achtergrond={banner.code}", current=banner.code == chosen)
                for banner in banners
            ],
            "background": next((banner.title for banner in banners if banner.code == chosen), words.everybody),
            "answers": [
                *parts.counted_by(
                    measures_by(computation, code, background=chosen),
                    next((one for one in groups_of(computation) if one.code == chosen), None),
                    columns,
                    words=words,
                ),
                *parts.answers_by(table, columns, chosen, unit=unit, words=words),
            ],
            "has_letters": bool(banners),
            "ranking": parts.ranked(ranking_of(table)),
            "notes": words.notes(table),
        },
    )


@permitted(GET=Permission.SURVEY_VIEW)
def frames(request: TenantRequest, wave: int) -> HttpResponse:
    """The random sample beside the panel."""
    found, computation = outcomes_of(request, wave)
    if computation is None or not has_frames(computation):
        raise Http404
    compared = frames_beside(computation)
    return render(
        request,
        "surveys/beside.html",
        outcome_frame(request, found, computation, here="survey-frames")
        | {
            "lead": _(
                "Members of the panel chose to take part. Where they answer otherwise than the sample, their answers "
                "do not stand for everybody."
            ),
            "first_name": _("Sample"),
            "second_name": _("Panel"),
            "counted": parts.counted(compared),
            "questions": parts.pairs(compared, words=words_of(found)),
        },
    )


@permitted(GET=Permission.SURVEY_VIEW)
def waves(request: TenantRequest, wave: int) -> HttpResponse:
    """This wave beside another one of the same survey; `met` chooses which."""
    found, computation = outcomes_of(request, wave)
    others = other_waves(request, found)
    if computation is None or not others:
        raise Http404
    asked = request.GET.get("met", "")
    other, their = next((pair for pair in others if pair[0].period == asked), others[0])
    is_later = other.period > found.period
    first, second = (computation, their) if is_later else (their, computation)
    compared = waves_beside(first, second)
    return render(
        request,
        "surveys/beside.html",
        outcome_frame(request, found, computation, here="survey-waves")
        | {
            "lead": _("The same questions in two waves. A difference counts when chance alone seldom gives it."),
            "first_name": first.wave.period,
            "second_name": second.wave.period,
            "choices": [
                c.Link(label=one.period, href=f"?met={one.period}", current=one.pk == other.pk) for one, _its in others
            ],
            "caution": _same_people(first, second),
            "counted": parts.counted(compared),
            "questions": parts.pairs(compared, words=words_of(found)),
        },
    )


def _same_people(first: Computation, second: Computation) -> c.Callout | None:
    """What to know when members of the panel may have answered both waves, who cannot be told from the outcomes."""
    if not all(one.frames[0] in {PANEL, POOLED} for one in (first, second)):
        return None
    return c.Callout(
        title=_("Some people may have answered both waves"),
        text=_(
            "Members of the panel can be in both. The margins count the waves as if nobody was, which usually makes "
            "them somewhat too wide."
        ),
    )


def outcomes_of(request: TenantRequest, number: int) -> tuple[Wave, Computation | None]:
    """The wave and the computation that this visitor sees; 404 where nothing is published for who only sees that."""
    found = wave_or_404(request, number)
    manages = Permission.SURVEY_MANAGE in request.entry.permissions
    computation = shown_computation(found, can_manage=manages)
    if computation is None and not manages:
        raise Http404
    return found, computation


def outcome_frame(
    request: TenantRequest, wave: Wave, computation: Computation | None, *, here: str, label: str = ""
) -> dict[str, Any]:
    """Context of every page of outcomes; who does not prepare waves gets no links to preparing."""
    slug = request.entry.municipality.slug
    manages = Permission.SURVEY_MANAGE in request.entry.permissions
    context = frame(wave, step=4, label=_("Outcomes"))
    if here != "survey-outcomes":
        context["steps"] = []
    own = c.Link(label=_("Outcomes"), href=reverse("survey-outcomes", args=[slug, wave.pk]) if label else "")
    if not manages:
        context["steps"] = []
        context["crumbs"] = [context["crumbs"][0], c.Link(label=name_of(wave))]
    crumbs = [*context["crumbs"][:-1], own] if manages else [*context["crumbs"], own]
    return context | {
        "crumbs": [*crumbs, c.Link(label=label)] if label else crumbs,
        "title": _("Outcomes of {wave}").format(wave=name_of(wave)),
        "kicker": name_of(wave) if label else "",
        "tabs": parts.tabs(
            wave,
            here=here,
            has_frames=bool(computation and has_frames(computation)),
            has_others=bool(other_waves(request, wave)),
        )
        if computation
        else [],
        "unreleased": _unreleased(computation),
    }


def has_frames(computation: Computation) -> bool:
    """Whether the sample and the panel were estimated apart."""
    return {SAMPLE, PANEL} <= set(computation.frames)


def other_waves(request: TenantRequest, wave: Wave) -> list[tuple[Wave, Computation]]:
    """The other waves of the same survey with outcomes that this visitor sees, the nearest earlier one first."""
    manages = Permission.SURVEY_MANAGE in request.entry.permissions
    others = [one for one in waves_of(request.entry.municipality) if one.source_id == wave.source_id and one != wave]
    found = [(one, shown_computation(one, can_manage=manages)) for one in others]
    ordered = sorted(found, key=lambda pair: (pair[0].period > wave.period, _far(pair[0].period, wave.period)))
    return [(one, computation) for one, computation in ordered if computation is not None]


def _far(period: str, other: str) -> int:
    return abs(int(period[:4]) - int(other[:4])) if period[:4].isdigit() and other[:4].isdigit() else 0


def nothing_yet(request: TenantRequest, wave: Wave) -> c.Empty:
    """What stands where outcomes will be."""
    return c.Empty(
        title=_("There are no outcomes yet"),
        text=_("They appear here as soon as the estimates are computed from the file, the codebook and the weights."),
        action=c.Link(label=_("To the wave"), href=reverse("wave", args=[request.entry.municipality.slug, wave.pk])),
    )


def _unreleased(computation: Computation | None) -> c.Callout | None:
    if computation is None or is_released(computation):
        return None
    return c.Callout(
        title=_("Not published yet"),
        text=_("Only who prepares this survey sees these outcomes. What may not be shown is hidden here too."),
        tone="warning",
    )
