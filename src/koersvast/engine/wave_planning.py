"""Plan the next wave of a survey: how many respondents and invitations the wished changes ask, area by area.

Power and detectable changes are those of `survey`, about the level beneath the answers: a population that is asked in
full still scatters from year to year, so nothing is taken off for small populations. But nobody can invite more people
than live somewhere, and that is said. What oversampling small areas buys, and what it costs the municipality as a
whole, stands side by side. Sources: Kish (1965), Survey Sampling, section 11.7; Bankier (1988), American Statistician
42, 174-177 (power allocation). See docs/methods/wave-planning.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, inf

import numpy as np

from koersvast.engine import survey
from koersvast.engine.dispersion import Floats
from koersvast.engine.quantities import BadValue, Method, Reason

METHOD = Method(name="wave-planning", version="1")
WHOLE = ""
_EVEN = 50.0
_SEARCH_ROUNDS = 60


class Allocation(StrEnum):
    """How invitations are spread over areas: by inhabitants, the same number each, or by a power of the inhabitants."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    POWER = "power"


@dataclass(frozen=True, kw_only=True)
class PlannedArea:
    """A kern or wijk. inhabitants: of the population that is asked (15 or 18 and older).

    response: expected part of the invited that answers, above 0 up to 1. design_effect: expected within the area, from
    the weights of the last wave. earlier_respondents: of that wave; None when it was not asked.
    """

    code: str
    inhabitants: int
    response: float
    design_effect: float = 1.0
    earlier_respondents: int | None = None

    def __post_init__(self) -> None:
        if self.inhabitants < 1 or not 0 < self.response <= 1 or not 0 < self.design_effect < inf:
            raise BadValue(f"{self.code}: {self.inhabitants} inhabitants, response {self.response}.")
        if self.earlier_respondents is not None and self.earlier_respondents < 1:
            raise BadValue(f"{self.code}: {self.earlier_respondents} respondents in the earlier wave.")

    @property
    def most_respondents(self) -> int:
        """Expected answers when everybody is invited."""
        return floor(self.inhabitants * self.response + 1e-9)

    def invitations_for(self, respondents: int) -> int:
        """Invitations that are expected to give so many respondents."""
        return ceil(respondents / self.response - 1e-9)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A change that a target asks for. code: the indicator. area: "" for the whole municipality.

    now, wanted: in percent, or in the unit of the answers when their `standard_deviation` is given (marks, scale
    scores). baseline_respondents: of the wave that it is measured against; None when that is still to be held, and then
    both waves are as large.
    """

    code: str
    now: float
    wanted: float
    area: str = WHOLE
    baseline_respondents: float | None = None
    baseline_design_effect: float = 1.0
    standard_deviation: float | None = None

    def __post_init__(self) -> None:
        if self.standard_deviation is None and not (0 <= self.now <= 100 and 0 <= self.wanted <= 100):
            raise BadValue(f"{self.code}: from {self.now} to {self.wanted} %.")
        if self.standard_deviation is not None and not 0 < self.standard_deviation < inf:
            raise BadValue(f"{self.code}: a standard deviation of {self.standard_deviation}.")


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """What one wish asks. respondents, invitations: None when no number is enough; then a reason says why.

    Reasons: no_change_to_show; baseline_too_small (respondents); more_than_live_there (respondents, inhabitants);
    more_than_answer (respondents, most_respondents). With the last two the numbers stay, for who wants to know how
    far off it is. For the whole municipality the numbers hold for a proportional sample.
    """

    wish: Wish
    design_effect: float
    respondents: int | None
    invitations: int | None
    reasons: tuple[Reason, ...]

    @property
    def is_possible(self) -> bool:
        """Whether the wave can be made large enough."""
        return not self.reasons


@dataclass(frozen=True, kw_only=True)
class AreaPlan:
    """What one area gets. margin_at_half_points: half the 95 % interval of a share of 50 %.

    smallest_change_points: downwards from 50 %, against the earlier wave or, without one, a wave of the same size;
    None when no change could be shown. everybody: all inhabitants are invited. oversampling: invited per inhabitant,
    against the municipality as a whole (1 is proportional). weight: inhabitants per expected respondent.
    """

    code: str
    inhabitants: int
    invited: int
    expected_respondents: float
    effective_respondents: float
    margin_at_half_points: float | None
    smallest_change_points: float | None
    everybody: bool
    oversampling: float
    weight: float | None


@dataclass(frozen=True, kw_only=True)
class WavePlan:
    """All areas with one allocation, and the municipality as a whole.

    allocation_design_effect: what unequal chances of being drawn (and of answering) cost the whole municipality (Kish).
    design_effect: that times what was observed within areas. not_covered: areas nobody is expected to answer in.
    """

    allocation: Allocation
    areas: tuple[AreaPlan, ...]
    invited: int
    expected_respondents: float
    allocation_design_effect: float
    design_effect: float
    effective_respondents: float
    margin_at_half_points: float | None
    smallest_change_points: float | None
    not_covered: tuple[str, ...]
    method: Method = METHOD


@dataclass(frozen=True, kw_only=True)
class WishPlan:
    """The smallest wave that serves all wishes that can be served: what each asks, and the plan (None without any)."""

    requirements: tuple[Requirement, ...]
    plan: WavePlan | None
    unserved: tuple[Requirement, ...]


def required(
    wish: Wish,
    areas: Sequence[PlannedArea],
    *,
    design_effect: float | None = None,
    wanted_power: float = 0.8,
    significance: float = 0.05,
) -> Requirement:
    """How many respondents and invitations a wish asks; design_effect: the expected one instead of the areas' own."""
    mine = _areas_of(wish, areas)
    effect = _mean_effect(mine) if design_effect is None else design_effect
    found = _respondents(wish, effect, wanted_power, significance)
    if found is None:
        code = "no_change_to_show" if wish.now == wish.wanted else "baseline_too_small"
        values = {} if wish.baseline_respondents is None else {"respondents": wish.baseline_respondents}
        reason = Reason(code=code, values=values)
        return Requirement(wish=wish, design_effect=effect, respondents=None, invitations=None, reasons=(reason,))
    inhabitants, most = sum(area.inhabitants for area in mine), sum(area.most_respondents for area in mine)
    response = sum(area.inhabitants * area.response for area in mine) / inhabitants
    return Requirement(
        wish=wish,
        design_effect=effect,
        respondents=found,
        invitations=ceil(found / response - 1e-9),
        reasons=_out_of_reach(found, inhabitants, most),
    )


def allocate(
    areas: Sequence[PlannedArea],
    *,
    invitations: int,
    allocation: Allocation = Allocation.PROPORTIONAL,
    exponent: float = 0.5,
    at_least: Mapping[str, int] | None = None,
    earlier_respondents: float | None = None,
    earlier_design_effect: float = 1.0,
    wanted_power: float = 0.8,
) -> WavePlan:
    """Spread invitations over areas, at most everybody. at_least: invitations that an area gets in any case.

    exponent: of the inhabitants, for POWER: 1 is proportional, 0 equal. earlier_respondents: of the last wave in the
    municipality as a whole, for what it can show.
    """
    if not areas or invitations < 1 or len({area.code for area in areas}) < len(areas):
        raise BadValue(f"{invitations} invitations over {len(areas)} areas.")
    power = {Allocation.PROPORTIONAL: 1.0, Allocation.EQUAL: 0.0, Allocation.POWER: exponent}[allocation]
    inhabitants = np.array([area.inhabitants for area in areas], dtype=np.float64)
    first = np.array([(at_least or {}).get(area.code, 0) for area in areas], dtype=np.float64)
    invited = _spread(np.minimum(first, inhabitants), inhabitants**power, inhabitants, invitations)
    share = invited.sum() / inhabitants.sum()
    plans = tuple(
        _area_plan(area, int(count), share, wanted_power) for area, count in zip(areas, invited.tolist(), strict=True)
    )
    return _whole(allocation, areas, plans, earlier_respondents, earlier_design_effect, wanted_power)


def allocations(
    areas: Sequence[PlannedArea],
    *,
    invitations: int,
    exponent: float = 0.5,
    earlier_respondents: float | None = None,
    wanted_power: float = 0.8,
) -> tuple[WavePlan, ...]:
    """The same number of invitations in every way, side by side: what oversampling buys and costs."""
    return tuple(
        allocate(
            areas,
            invitations=invitations,
            allocation=allocation,
            exponent=exponent,
            earlier_respondents=earlier_respondents,
            wanted_power=wanted_power,
        )
        for allocation in Allocation
    )


def plan_for_wishes(
    areas: Sequence[PlannedArea],
    wishes: Sequence[Wish],
    *,
    allocation: Allocation = Allocation.PROPORTIONAL,
    exponent: float = 0.5,
    wanted_power: float = 0.8,
    significance: float = 0.05,
) -> WishPlan:
    """The fewest invitations with which every wish that can be served is served.

    Each area gets what its own wishes ask; what the municipality as a whole asks more is spread by `allocation`, with
    the design effect that this has. Wishes that no wave can serve are left out and named.
    """
    found = tuple(required(wish, areas, wanted_power=wanted_power, significance=significance) for wish in wishes)
    at_least = _at_least(found, areas)
    lowest, highest = max(1, sum(at_least.values())), sum(area.inhabitants for area in areas)
    whole = [one.wish for one in found if one.wish.area == WHOLE and one.respondents is not None]

    def tried(invitations: int) -> WavePlan:
        return allocate(
            areas,
            invitations=invitations,
            allocation=allocation,
            exponent=exponent,
            at_least=at_least,
            wanted_power=wanted_power,
        )

    def unserved(plan: WavePlan) -> tuple[Wish, ...]:
        return tuple(wish for wish in whole if not _serves(plan, wish, wanted_power, significance))

    hopeless = unserved(tried(highest))
    whole = [wish for wish in whole if wish not in hopeless]
    missed = tuple(one for one in found if not one.is_possible or one.wish in hopeless)
    if len(missed) == len(found):
        return WishPlan(requirements=found, plan=None, unserved=missed)
    for _ in range(_SEARCH_ROUNDS):
        if lowest >= highest:
            break
        middle = (lowest + highest) // 2
        lowest, highest = (middle + 1, highest) if unserved(tried(middle)) else (lowest, middle)
    return WishPlan(requirements=found, plan=tried(highest), unserved=missed)


# What a wish asks.


def _areas_of(wish: Wish, areas: Sequence[PlannedArea]) -> Sequence[PlannedArea]:
    found = [area for area in areas if wish.area in {WHOLE, area.code}]
    if not found:
        raise BadValue(f"{wish.code}: no area {wish.area} in the plan.")
    return found


def _mean_effect(areas: Sequence[PlannedArea]) -> float:
    """The design effect within areas, weighted by their inhabitants."""
    return sum(area.design_effect * area.inhabitants for area in areas) / sum(area.inhabitants for area in areas)


def _respondents(wish: Wish, design_effect: float, wanted_power: float, significance: float) -> int | None:
    if wish.standard_deviation is not None:
        variance = wish.standard_deviation**2
        return survey.respondents_for_difference(
            wish.wanted - wish.now,
            earlier_variance=variance * _baseline_effect(wish, design_effect),
            later_variance=variance * design_effect,
            earlier_respondents=wish.baseline_respondents,
            wanted_power=wanted_power,
            significance=significance,
        )
    return survey.respondents_needed(
        wish.now,
        wish.wanted,
        earlier_respondents=wish.baseline_respondents,
        earlier_design_effect=_baseline_effect(wish, design_effect),
        later_design_effect=design_effect,
        wanted_power=wanted_power,
        significance=significance,
    )


def _baseline_effect(wish: Wish, design_effect: float) -> float:
    """Both waves are alike while the first is still to come."""
    return design_effect if wish.baseline_respondents is None else wish.baseline_design_effect


def _out_of_reach(respondents: int, inhabitants: int, most: int) -> tuple[Reason, ...]:
    if respondents > inhabitants:
        values: dict[str, float | int | str] = {"respondents": respondents, "inhabitants": inhabitants}
        return (Reason(code="more_than_live_there", values=values),)
    if respondents > most:
        return (Reason(code="more_than_answer", values={"respondents": respondents, "most_respondents": most}),)
    return ()


def _at_least(found: Sequence[Requirement], areas: Sequence[PlannedArea]) -> dict[str, int]:
    """Invitations that the possible wishes of each area ask."""
    asked: dict[str, int] = {}
    area_of = {area.code: area for area in areas}
    for one in found:
        if one.wish.area != WHOLE and one.is_possible and one.respondents is not None:
            area = area_of[one.wish.area]
            invitations = min(area.inhabitants, area.invitations_for(one.respondents))
            asked[area.code] = max(asked.get(area.code, 0), invitations)
    return asked


def _serves(plan: WavePlan, wish: Wish, wanted_power: float, significance: float) -> bool:
    needed = _respondents(wish, plan.design_effect, wanted_power, significance)
    return needed is not None and plan.expected_respondents >= needed - 1e-9


# How invitations are spread.


def _spread(first: Floats, sizes: Floats, most: Floats, invitations: int) -> Floats:
    """Whole numbers by size, at least `first` and at most `most`; what does not fit goes to the other areas."""
    total = float(min(max(invitations, first.sum()), most.sum()))
    low, high = 0.0, float(((most + 1) / sizes).max())
    for _ in range(2 * _SEARCH_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if np.clip(middle * sizes, first, most).sum() < total else (low, middle)
    found = np.clip(high * sizes, first, most)
    whole = np.floor(found + 1e-9)
    # Largest remainders; an area that is full has none.
    short = round(total - whole.sum())
    order = np.argsort(-(found - whole) + np.where(whole >= most, np.inf, 0.0), kind="stable")
    whole[order[:short]] += 1
    return whole


def _area_plan(area: PlannedArea, invited: int, share: float, wanted_power: float) -> AreaPlan:
    respondents = invited * area.response
    return AreaPlan(
        code=area.code,
        inhabitants=area.inhabitants,
        invited=invited,
        expected_respondents=respondents,
        effective_respondents=respondents / area.design_effect,
        margin_at_half_points=_margin(respondents, area.design_effect),
        smallest_change_points=_smallest(
            respondents, area.design_effect, area.earlier_respondents, area.design_effect, wanted_power
        ),
        everybody=invited >= area.inhabitants,
        oversampling=invited / area.inhabitants / share,
        weight=area.inhabitants / respondents if respondents else None,
    )


def _whole(
    allocation: Allocation,
    areas: Sequence[PlannedArea],
    plans: tuple[AreaPlan, ...],
    earlier_respondents: float | None,
    earlier_design_effect: float,
    wanted_power: float,
) -> WavePlan:
    counted = [plan for plan in plans if plan.weight is not None]
    n = sum(plan.expected_respondents for plan in counted)
    inhabitants = sum(plan.inhabitants for plan in counted)
    # Σ n_h w_h² with w_h = N_h / n_h, so that Σ n_h w_h is the inhabitants.
    squares = sum(plan.inhabitants**2 / plan.expected_respondents for plan in counted)
    kish = n * squares / inhabitants**2
    # The variance of each area counts with the square of its inhabitants over its respondents.
    within = sum(
        plan.inhabitants**2 / plan.expected_respondents * area.design_effect
        for area, plan in zip(areas, plans, strict=True)
        if plan.weight is not None
    )
    effect = kish * within / squares
    return WavePlan(
        allocation=allocation,
        areas=plans,
        invited=sum(plan.invited for plan in plans),
        expected_respondents=n,
        allocation_design_effect=kish,
        design_effect=effect,
        effective_respondents=n / effect,
        margin_at_half_points=_margin(n, effect),
        smallest_change_points=_smallest(n, effect, earlier_respondents, earlier_design_effect, wanted_power),
        not_covered=tuple(plan.code for plan in plans if plan.weight is None),
    )


def _margin(respondents: float, design_effect: float) -> float | None:
    if respondents <= 0:
        return None
    return survey.wilson(_EVEN, respondents=respondents, design_effect=design_effect).margin_points


def _smallest(
    respondents: float,
    design_effect: float,
    earlier_respondents: float | None,
    earlier_design_effect: float,
    wanted_power: float,
) -> float | None:
    if respondents <= 0:
        return None
    return survey.smallest_detectable_change(
        _EVEN,
        earlier_respondents=respondents if earlier_respondents is None else earlier_respondents,
        later_respondents=respondents,
        downwards=True,
        earlier_design_effect=design_effect if earlier_respondents is None else earlier_design_effect,
        later_design_effect=design_effect,
        wanted_power=wanted_power,
    )
