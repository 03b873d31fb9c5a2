"""What the method statement of a wave tells, and what the planning of a next one starts from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max

from koersvast.surveys.codebook import Role
from koersvast.surveys.models import (
    Computation,
    IndicatorLink,
    PopulationMargin,
    SurveyEstimate,
    Wave,
    WeightingChoice,
)
from koersvast.surveys.queries.outcomes import banners_of, entries_of


@dataclass(frozen=True, kw_only=True)
class MarginFact:
    """A background (or a crossing of them) that was weighted to, and who says how many people there are."""

    code: str
    titles_nl: tuple[str, ...]
    titles_en: tuple[str, ...]
    source_text: str
    table: str
    as_of: date


@dataclass(frozen=True, kw_only=True)
class BreakFact:
    """A measure that starts anew with this wave, in the words of who decided so."""

    indicator_nl: str
    indicator_en: str
    note_nl: str
    note_en: str


@dataclass(frozen=True, kw_only=True)
class MethodFacts:
    """Everything of a wave that the method statement tells; texts of the wave itself are read from `wave`.

    `diagnostics` goes by frame: respondents, design_effect, effective_respondents, smallest, largest, ratio, converged,
    iterations, largest_gap, trimmed, margins (code, rows with percentages before, after and of the population).
    `typical_margin_points` is the half-width of a share of 50 % of everybody. `breaks` None: nobody looked yet.
    """

    wave: Wave
    respondents: int
    respondents_by_frame: Mapping[str, int]
    choice: WeightingChoice | None
    margins: tuple[MarginFact, ...]
    diagnostics: Mapping[str, Any]
    design_effect: float
    typical_margin_points: float
    smallest_base: int
    smallest_group: int
    breaks: tuple[BreakFact, ...] | None
    hidden: int
    has_strata: bool
    has_clusters: bool
    has_population_correction: bool
    is_calibrated: bool


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


def method_facts(computation: Computation) -> MethodFacts:
    """Gather what the method statement of a wave tells."""
    wave, frame = computation.wave, computation.frames[0]
    diagnostics: dict[str, Any] = computation.diagnostics
    choice = WeightingChoice.objects.filter(wave=wave, chosen_at__lte=computation.asked_at).first()
    size, effect = int(diagnostics[frame]["respondents"]), float(diagnostics[frame]["design_effect"])
    roles = {entry.role for entry in entries_of(wave).values()}
    links = IndicatorLink.objects.filter(wave=wave).select_related("indicator")
    return MethodFacts(
        wave=wave,
        respondents=size,
        respondents_by_frame={name: int(found["respondents"]) for name, found in diagnostics.items()},
        choice=choice,
        margins=_margins(wave, choice),
        diagnostics=diagnostics,
        design_effect=effect,
        typical_margin_points=float(100 * 1.959964 * (0.25 * effect / size) ** 0.5),
        smallest_base=wave.catalogue.smallest_base,
        smallest_group=wave.catalogue.smallest_group,
        breaks=tuple(_break(link) for link in links if link.decision == "break") if links else None,
        hidden=computation.hidden,
        has_strata=Role.STRATUM in roles,
        has_clusters=Role.CLUSTER in roles,
        has_population_correction=Role.POPULATION in roles,
        is_calibrated=bool(diagnostics[frame]["method"]),
    )


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


def _margins(wave: Wave, choice: WeightingChoice | None) -> tuple[MarginFact, ...]:
    entries, found = entries_of(wave), []
    for code in choice.margins if choice else []:
        row = PopulationMargin.objects.filter(wave=wave, code=code).first()
        if row is None:
            continue
        named = [entries[part] for part in code.split("*") if part in entries]
        found.append(
            MarginFact(
                code=code,
                titles_nl=tuple(entry.text_nl for entry in named),
                titles_en=tuple(entry.text("en") for entry in named),
                source_text=row.source_text,
                table=row.table,
                as_of=row.as_of,
            )
        )
    return tuple(found)


def _break(link: IndicatorLink) -> BreakFact:
    return BreakFact(
        indicator_nl=link.indicator.name_nl,
        indicator_en=link.indicator.name_en,
        note_nl=link.decision_note_nl,
        note_en=link.decision_note_en,
    )
