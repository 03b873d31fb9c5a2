"""What a next wave must be to show the changes that a plan asks for, and what each way of inviting gives."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Protocol

from koersvast.engine import survey
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Reason, Unit
from koersvast.engine.wave_planning import (
    Allocation,
    PlannedArea,
    Requirement,
    WavePlan,
    Wish,
    allocate,
    plan_for_wishes,
    required,
)
from koersvast.indicators.models import Observation
from koersvast.surveys.models import Computation, IndicatorLink, PopulationMargin, SurveyEstimate, Wave
from koersvast.surveys.queries.outcomes import banners_of, released_computation
from koersvast.surveys.queries.planning import PlanningInputs, planning_inputs

WHOLE = "everybody"
_EVEN = 50.0
_STEPS = 40
_MEANS = {Unit.SCALE_0_10, Unit.MARK_1_10}


class Wished(Protocol):
    """A change that a plan asks for, as the floor that keeps plans gives it. `year`: of the agreed value."""

    @property
    def objective_code(self) -> str: ...
    @property
    def objective_title(self) -> str: ...
    @property
    def indicator_code(self) -> str: ...
    @property
    def unit(self) -> Unit: ...
    @property
    def source_code(self) -> str: ...
    @property
    def baseline(self) -> float | None: ...
    @property
    def baseline_period(self) -> str: ...
    @property
    def wanted(self) -> float: ...
    @property
    def year(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What is expected and asked of the next wave. `response`: answered by invited, above 0 to 1.

    `invitations` None: as many as the wishes ask, else as many as in this wave. `background`: code of the background
    whose groups are the areas; empty: the first that is known. `year`: of the agreed values; None: the first that is
    still to come. `objective`: the one that is also asked of each area; empty: the first.
    """

    response: float
    design_effect: float
    wanted_power: float = 0.8
    invitations: int | None = None
    background: str = ""
    year: int | None = None
    objective: str = ""


@dataclass(frozen=True, kw_only=True)
class Area:
    """A kern, wijk or buurt that is planned for; `respondents` of this wave, None when not shown."""

    code: str
    text_nl: str
    text_en: str
    inhabitants: int
    respondents: int | None

    def text(self, language: str) -> str:
        return (self.text_en if language == "en" else "") or self.text_nl


@dataclass(frozen=True, kw_only=True)
class Need:
    """What one wish asks, of the municipality or of one area (`area` is its code, else empty).

    `reasons` say why it cannot be: no_baseline, unit_not_planned, spread_not_known, or those of the engine. Without
    `baseline_respondents` both waves are taken to be as large.
    """

    wished: Wished
    area: str
    baseline_respondents: int | None
    requirement: Requirement | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of dividing the invitations. `fewest`: invitations that all wishes that can be take; None without any."""

    plan: WavePlan
    fewest: int | None
    unserved: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NextWave:
    """The page of the next wave. `course`: respondents with their margin in points.

    `reasons`: population_not_known (nothing can be planned), areas_not_known (only the whole), area_without_people.
    """

    expected: Expected
    earlier_respondents: int
    earlier_margin_points: float
    areas: tuple[Area, ...]
    needs: tuple[Need, ...]
    area_needs: tuple[Need, ...]
    ways: tuple[Way, ...]
    course: tuple[tuple[float, float], ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What can be chosen: years with agreed values, objectives (code, title) of a year, backgrounds that are areas."""

    years: tuple[int, ...]
    objectives: tuple[tuple[str, str], ...]
    backgrounds: tuple[str, ...]


def year_of(wave: Wave) -> int:
    """The year in which a wave was held."""
    return Period.parse(wave.period).start.year


def choices_of(computation: Computation, wished: Sequence[Wished], *, year: int | None = None) -> Choices:
    """What can be chosen of the wishes that the survey of this wave judges; of `year`, or else of the first year."""
    own = _of_survey(computation, wished)
    years = tuple(sorted({one.year for one in own}))
    chosen = year if year in years else next(iter(years), None)
    return Choices(
        years=years,
        objectives=tuple((one.objective_code, one.objective_title) for one in own if one.year == chosen),
        backgrounds=tuple(banner.code for banner in banners_of(computation) if banner.area_kind),
    )


def _of_survey(computation: Computation, wished: Sequence[Wished]) -> list[Wished]:
    return [one for one in wished if one.source_code == computation.wave.source.code]


def next_wave(computation: Computation, wished: Sequence[Wished], expected: Expected) -> NextWave:
    """Plan the next wave after this one.

    Only wishes that the survey of this wave judges are planned for. Raises BadValue for a response or design effect
    that cannot be.
    """
    inputs = planning_inputs(computation)
    years = choices_of(computation, wished).years
    year = expected.year if expected.year in years else next(iter(years), None)
    asked = [one for one in _of_survey(computation, wished) if one.year == year]
    codes = [one.objective_code for one in asked]
    objective = expected.objective if expected.objective in codes else next(iter(codes), "")
    background, areas, reasons = _areas(inputs, expected.background)
    expected = replace(expected, year=year, objective=objective, background=background)
    planned = [_planned(area, expected, has_parts=bool(background)) for area in areas]
    needs, area_needs = _needs(computation, asked, planned, expected)
    ways = _ways(needs, planned, inputs, expected)
    if ways:
        expected = replace(expected, invitations=ways[0].plan.invited)
    most = max([inputs.respondents, *(way.plan.expected_respondents for way in ways)])
    return NextWave(
        expected=expected,
        earlier_respondents=inputs.respondents,
        earlier_margin_points=_margin(inputs.respondents, inputs.design_effect),
        areas=areas if background else (),
        needs=needs,
        area_needs=area_needs,
        ways=ways,
        course=_course(most, expected.design_effect),
        reasons=reasons,
    )


def _areas(inputs: PlanningInputs, asked: str) -> tuple[str, tuple[Area, ...], tuple[Reason, ...]]:
    """The areas with their inhabitants; the municipality as one area where those are not known."""
    known = {code: _people_of(inputs.wave, code) for code in inputs.areas}
    usable = [code for code, people in known.items() if people]
    if not usable:
        reasons = [Reason(code="areas_not_known")] if inputs.areas else []
        if not inputs.wave.population_size:
            return "", (), (*reasons, Reason(code="population_not_known"))
        whole = Area(
            code=WHOLE, text_nl="", text_en="", inhabitants=inputs.wave.population_size, respondents=inputs.respondents
        )
        return "", (whole,), tuple(reasons)
    code = asked if asked in usable else usable[0]
    found, empty = [], []
    for area in inputs.areas[code]:
        people = round(known[code].get(area.code, 0.0))
        if people < 1:
            empty.append(Reason(code="area_without_people", values={"area": area.text_nl}))
            continue
        found.append(
            Area(
                code=area.code,
                text_nl=area.text_nl,
                text_en=area.text_en,
                inhabitants=people,
                respondents=area.respondents or None,
            )
        )
    return code, tuple(found), tuple(empty)


def _people_of(wave: Wave, background: str) -> dict[str, float]:
    """The people of each group by the margins of the wave: those of the background, else of a crossing with it."""
    by_margin: dict[str, dict[str, float]] = {}
    for row in PopulationMargin.objects.filter(wave=wave):
        parts = row.code.split("*")
        if background in parts:
            found = by_margin.setdefault(row.code, {})
            group = row.category.split("*")[parts.index(background)]
            found[group] = found.get(group, 0.0) + row.people
    if background in by_margin:
        return by_margin[background]
    return next(iter(by_margin.values()), {})


def _planned(area: Area, expected: Expected, *, has_parts: bool) -> PlannedArea:
    return PlannedArea(
        code=area.code,
        inhabitants=area.inhabitants,
        response=expected.response,
        design_effect=expected.design_effect,
        earlier_respondents=area.respondents if has_parts else None,
    )


# What the wishes ask.


@dataclass(frozen=True, kw_only=True)
class _Before:
    """The measure that a wish is measured against: respondents and design effect by area ("" is everybody)."""

    respondents: dict[str, int]
    design_effect: dict[str, float]


def _needs(
    computation: Computation, asked: Sequence[Wished], planned: Sequence[PlannedArea], expected: Expected
) -> tuple[tuple[Need, ...], tuple[Need, ...]]:
    if not planned:
        return (), ()
    needs, by_area = [], []
    for one in asked:
        before = _before(computation, one, expected.background)
        spread = _spread(computation, one)
        needs.append(_need(one, "", before, spread, planned, expected))
        if expected.background and one.objective_code == expected.objective:
            by_area += [_need(one, area.code, before, spread, planned, expected) for area in planned]
    return tuple(needs), tuple(by_area)


def _need(
    wished: Wished,
    area: str,
    before: _Before,
    spread: float | None,
    planned: Sequence[PlannedArea],
    expected: Expected,
) -> Need:
    respondents = before.respondents.get(area)
    reason = _not_planned(wished, spread)
    if reason or wished.baseline is None:
        return Need(
            wished=wished,
            area=area,
            baseline_respondents=respondents,
            requirement=None,
            reasons=(reason or Reason(code="no_baseline"),),
        )
    wish = Wish(
        code=wished.objective_code,
        now=wished.baseline,
        wanted=wished.wanted,
        area=area,
        baseline_respondents=respondents,
        baseline_design_effect=before.design_effect.get(area, 1.0),
        standard_deviation=spread if wished.unit in _MEANS else None,
    )
    found = required(wish, planned, wanted_power=expected.wanted_power)
    return Need(wished=wished, area=area, baseline_respondents=respondents, requirement=found, reasons=found.reasons)


def _not_planned(wished: Wished, spread: float | None) -> Reason | None:
    if wished.unit is not Unit.PERCENT and wished.unit not in _MEANS:
        return Reason(code="unit_not_planned", values={"unit": wished.unit.value})
    if wished.baseline is None:
        return Reason(code="no_baseline")
    if wished.unit in _MEANS and not spread:
        return Reason(code="spread_not_known")
    return None


def _before(computation: Computation, wished: Wished, background: str) -> _Before:
    """The wave of the baseline: from its released outcomes, else from the registered figure of that year."""
    wave = Wave.objects.filter(source=computation.wave.source, period=wished.baseline_period).first()
    held = computation if wave == computation.wave else released_computation(wave) if wave else None
    rows = _rows(held, wished.indicator_code) if held else []
    kept = {row.category: row for row in rows if row.background in {"", background} and row.respondents}
    if not kept:
        return _registered(computation.wave, wished)
    return _Before(
        respondents={code: row.respondents or 0 for code, row in kept.items()},
        design_effect={code: row.design_effect or 1.0 for code, row in kept.items()},
    )


def _rows(computation: Computation, indicator: str) -> list[SurveyEstimate]:
    """The estimates that went to an indicator, in every group; none where no measure was linked to it."""
    link = IndicatorLink.objects.filter(wave=computation.wave, indicator__code=indicator).first()
    if link is None:
        return []
    return list(
        SurveyEstimate.objects.filter(
            computation=computation,
            entry_code=link.entry_code,
            cut_code=link.cut_code,
            frame=link.frame or computation.frames[0],
        )
    )


def _registered(wave: Wave, wished: Wished) -> _Before:
    rows = Observation.objects.filter(
        indicator__code=wished.indicator_code,
        indicator__municipality=wave.municipality,
        source=wave.source,
        area__code=wave.municipality.code,
        period=wished.baseline_period,
        withdrawn_at=None,
    )
    row = rows.order_by("as_of").last()
    if row is None or not row.respondents:
        return _Before(respondents={}, design_effect={})
    return _Before(respondents={"": row.respondents}, design_effect={"": row.design_effect or 1.0})


def _spread(computation: Computation, wished: Wished) -> float | None:
    """The standard deviation of the answers to a mark or scale in this wave, from the error of its mean."""
    if wished.unit not in _MEANS:
        return None
    row = next((one for one in _rows(computation, wished.indicator_code) if not one.background), None)
    if row is None or not row.standard_error or not row.effective_respondents:
        return None
    return row.standard_error * sqrt(row.effective_respondents)


# What each way of inviting gives.


def _ways(
    needs: Sequence[Need], planned: Sequence[PlannedArea], inputs: PlanningInputs, expected: Expected
) -> tuple[Way, ...]:
    if not planned:
        return ()
    wishes = [need.requirement.wish for need in needs if need.requirement]
    ways = (Allocation.PROPORTIONAL, Allocation.POWER, Allocation.EQUAL) if len(planned) > 1 else (
        Allocation.PROPORTIONAL,
    )  # fmt: skip
    fewest = {
        way: plan_for_wishes(planned, wishes, allocation=way, wanted_power=expected.wanted_power) if wishes else None
        for way in ways
    }
    first = fewest[Allocation.PROPORTIONAL]
    asked = first.plan.invited if first and first.plan else None
    invitations = expected.invitations or asked or inputs.wave.invited
    if not invitations:
        return ()
    found = []
    for way in ways:
        served = fewest[way]
        plan = allocate(
            planned,
            invitations=invitations,
            allocation=way,
            earlier_respondents=inputs.respondents,
            earlier_design_effect=inputs.design_effect,
            wanted_power=expected.wanted_power,
        )
        found.append(
            Way(
                plan=plan,
                fewest=served.plan.invited if served and served.plan else None,
                unserved=tuple(one.wish.code for one in served.unserved) if served else (),
            )
        )
    return tuple(found)


def _margin(respondents: float, design_effect: float) -> float:
    return survey.wilson(_EVEN, respondents=respondents, design_effect=design_effect).margin_points


def _course(most: float, design_effect: float) -> tuple[tuple[float, float], ...]:
    """Half-widths of a share of 50 % for numbers of respondents up to a fifth above the largest."""
    last = max(100.0, 1.2 * most)
    sizes = [last * (step / _STEPS) ** 2 for step in range(1, _STEPS + 1)]
    return tuple((size, _margin(size, design_effect)) for size in sizes if size >= 2 * design_effect)
