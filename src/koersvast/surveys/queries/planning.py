"""What the planning of a next wave starts from: what the last one gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from koersvast.surveys.models import (
    Computation,
    PopulationMargin,
    SurveyEstimate,
    Wave,
)
from koersvast.surveys.queries.outcomes import banners_of


@dataclass(frozen=True, kw_only=True)
class PlannedArea:
    """What the last wave gave of one area: respondents of it and the design effect to plan with."""

    code: str
    text_nl: str
    text_en: str
    area_code: str
    respondents: int | None
    people: float | None


@dataclass(frozen=True, kw_only=True)
class PlanningInputs:
    """What planning a next wave starts from. `response` is answered by invited, 0 to 1; None when not known."""

    wave: Wave
    response: float | None
    respondents: int
    design_effect: float
    areas: Mapping[str, tuple[PlannedArea, ...]]


def planning_inputs(computation: Computation) -> PlanningInputs:
    """Respondents by area, response and design effect of a wave, from what may be shown of it."""
    wave = computation.wave
    found: dict[str, Any] = computation.diagnostics[computation.frames[0]]
    people = {
        (row.code, row.category): row.people
        for row in PopulationMargin.objects.filter(wave=wave)
        if "*" not in row.code
    }
    sizes = _respondents_by_group(computation)
    areas = {
        banner.code: tuple(
            PlannedArea(
                code=group.code,
                text_nl=group.text_nl,
                text_en=group.text_en,
                area_code=group.area_code,
                respondents=sizes.get((banner.code, group.code)),
                people=people.get((banner.code, group.code)),
            )
            for group in banner.categories
        )
        for banner in banners_of(computation)
        if banner.area_kind
    }
    return PlanningInputs(
        wave=wave,
        response=wave.answered / wave.invited if wave.answered and wave.invited else None,
        respondents=int(found["respondents"]),
        design_effect=float(found["design_effect"]),
        areas=areas,
    )


def _respondents_by_group(computation: Computation) -> dict[tuple[str, str], int]:
    """The largest base of a measure in each group: follow-up questions are asked of fewer. Hidden groups have none."""
    rows = SurveyEstimate.objects.filter(computation=computation, frame=computation.frames[0]).exclude(background="")
    largest = rows.order_by().values_list("background", "category").annotate(most=Max("respondents"))
    return {(background, category): most for background, category, most in largest if most}
