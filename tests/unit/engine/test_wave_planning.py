"""A next wave is as large as the wished changes ask, nobody is invited twice, and what cannot be is named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.engine import survey
from koersvast.engine.quantities import BadValue
from koersvast.engine.wave_planning import (
    Allocation,
    PlannedArea,
    Wish,
    allocate,
    allocations,
    plan_for_wishes,
    required,
)

KERNEN = (
    PlannedArea(code="Groot", inhabitants=14_000, response=0.4, design_effect=1.2, earlier_respondents=600),
    PlannedArea(code="Midden", inhabitants=7_000, response=0.45, design_effect=1.1),
    PlannedArea(code="Klein", inhabitants=1_000, response=0.5),
)


def test_required_respondents_are_those_of_the_power_page_and_invitations_follow_the_response() -> None:
    area = PlannedArea(code="G", inhabitants=28_000, response=0.43)
    found = required(Wish(code="speeding", now=61, wanted=55, baseline_respondents=1244), [area])
    assert (found.respondents, found.invitations) == (926, 2154)
    assert found.is_possible
    twice = required(Wish(code="speeding", now=61, wanted=55, baseline_respondents=1244), [area], design_effect=2)
    assert twice.respondents == 1851


def test_wished_mean_needs_the_respondents_of_the_formula() -> None:
    area = PlannedArea(code="G", inhabitants=28_000, response=0.4)
    found = required(Wish(code="cohesion", now=6.8, wanted=7.0, standard_deviation=1.6), [area])
    # Both waves are to come: n = 2 sd² (1.96 + 0.84)² / d².
    assert found.respondents == int(np.ceil(2 * 1.6**2 * (1.959964 + 0.841621) ** 2 / 0.2**2))


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish(code="a", now=24, wanted=24), "no_change_to_show"),
        (Wish(code="a", now=24, wanted=22, baseline_respondents=1244), "baseline_too_small"),
        (Wish(code="a", now=50, wanted=45, area="Klein"), "more_than_live_there"),
        (Wish(code="a", now=50, wanted=42, area="Klein", baseline_respondents=5000), "more_than_answer"),
    ],
)
def test_wish_that_no_wave_can_serve_is_named(wish: Wish, code: str) -> None:
    areas = [PlannedArea(code="Klein", inhabitants=1_000, response=0.3), *KERNEN[:2]]
    found = required(wish, areas)
    assert [reason.code for reason in found.reasons] == [code]
    assert plan_for_wishes(areas, [wish]).unserved == (found,)
    assert plan_for_wishes(areas, [wish]).plan is None


def test_kern_of_a_thousand_cannot_yield_nine_hundred_respondents() -> None:
    small = PlannedArea(code="Klein", inhabitants=1_000, response=0.43)
    found = required(Wish(code="a", now=50, wanted=44, area="Klein", baseline_respondents=1e9), [small])
    assert found.respondents is not None
    assert 430 < found.respondents <= 1000
    assert found.reasons[0].code == "more_than_answer"
    assert found.reasons[0].values["most_respondents"] == 430


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 20_000), min_size=1, max_size=12),
    st.integers(1, 30_000),
    st.sampled_from(Allocation),
    st.floats(0, 1),
)
def test_invitations_are_spread_whole_and_nobody_is_invited_twice(
    inhabitants: list[int], invitations: int, allocation: Allocation, exponent: float
) -> None:
    areas = [PlannedArea(code=str(number), inhabitants=size, response=0.5) for number, size in enumerate(inhabitants)]
    found = allocate(areas, invitations=invitations, allocation=allocation, exponent=exponent)
    assert found.invited == min(invitations, sum(inhabitants))
    for area, plan in zip(areas, found.areas, strict=True):
        assert 0 <= plan.invited <= area.inhabitants
        assert plan.everybody == (plan.invited == area.inhabitants)


def test_proportional_sample_costs_nothing_and_oversampling_buys_the_small_kern_its_margin() -> None:
    alike = [PlannedArea(code=area.code, inhabitants=area.inhabitants, response=0.4) for area in KERNEN]
    proportional, equal, power = allocations(alike, invitations=2200, earlier_respondents=1244)
    assert proportional.allocation_design_effect == pytest.approx(1, abs=1e-3)
    assert proportional.areas[2].invited == 100
    assert equal.areas[2].invited == 733
    margins = [plan.areas[2].margin_at_half_points or 0 for plan in (proportional, power, equal)]
    assert margins == sorted(margins, reverse=True)
    effects = [plan.allocation_design_effect for plan in (proportional, power, equal)]
    assert effects == sorted(effects)
    # Equal numbers in 14,000, 7,000 and 1,000: 3 Σ N² / (Σ N)².
    assert equal.allocation_design_effect == pytest.approx(3 * (14**2 + 7**2 + 1) / 22**2, rel=1e-3)
    assert equal.areas[2].oversampling == pytest.approx(7.33, abs=0.01)
    assert (equal.smallest_change_points or 0) > (proportional.smallest_change_points or 0)


def test_design_effect_of_the_whole_is_that_of_the_weighted_sum_of_areas() -> None:
    found = allocate(KERNEN, invitations=3000, allocation=Allocation.EQUAL)
    n = found.expected_respondents
    total = sum(area.inhabitants for area in KERNEN)
    variance = sum(
        (plan.inhabitants / total) ** 2 * area.design_effect / plan.expected_respondents
        for area, plan in zip(KERNEN, found.areas, strict=True)
    )
    assert found.design_effect == pytest.approx(variance * n)
    assert found.effective_respondents == pytest.approx(1 / variance)
    assert found.margin_at_half_points == pytest.approx(survey.wilson(50, respondents=1 / variance).margin_points)


def test_area_without_invitations_has_no_margin_and_is_said_not_to_be_covered() -> None:
    areas = [
        PlannedArea(code="a", inhabitants=10_000, response=0.5),
        PlannedArea(code="b", inhabitants=1, response=0.5),
    ]
    found = allocate(areas, invitations=10)
    assert found.not_covered == ("b",)
    assert (found.areas[1].margin_at_half_points, found.areas[1].weight) == (None, None)


def test_plan_for_wishes_is_the_smallest_that_serves_all_of_them() -> None:
    wishes = [
        Wish(code="speeding", now=61, wanted=55, baseline_respondents=1244),
        Wish(code="unsafe", now=30, wanted=18, area="Klein", baseline_respondents=300),
        Wish(code="hopeless", now=24, wanted=22, baseline_respondents=1244),
    ]
    found = plan_for_wishes(KERNEN, wishes)
    assert [one.wish.code for one in found.unserved] == ["hopeless"]
    assert found.plan is not None
    small = found.plan.areas[2]
    need = found.requirements[1].respondents
    assert need is not None
    assert small.expected_respondents >= need - 1e-9

    def shows(respondents: float, effect: float) -> float:
        return survey.power(61, 55, earlier_respondents=1244, later_respondents=respondents, later_design_effect=effect)

    assert shows(found.plan.expected_respondents, found.plan.design_effect) >= 0.7999
    one_less = allocate(KERNEN, invitations=found.plan.invited - 5, at_least={"Klein": small.invited})
    assert shows(one_less.expected_respondents, one_less.design_effect) < 0.8


def test_power_formula_holds_when_two_waves_are_drawn_again_and_again() -> None:
    need = survey.respondents_needed(24, 18, earlier_respondents=1244)
    assert need is not None
    rng = np.random.default_rng(4711)
    times = 40_000
    p = rng.binomial(1244, 0.24, times) / 1244
    q = rng.binomial(need, 0.18, times) / need
    shown = np.abs(p - q) > 1.959964 * np.sqrt(p * (1 - p) / 1244 + q * (1 - q) / need)
    # The standard error of the simulated chance is .002; the normal formula itself is some tenths of a percent off.
    assert shown.mean() == pytest.approx(0.8, abs=0.012)


def test_power_of_a_whole_allocation_holds_when_its_strata_are_drawn_again_and_again() -> None:
    areas = [PlannedArea(code=str(size), inhabitants=size, response=0.5) for size in (14_000, 7_000, 1_000)]
    wish = Wish(code="a", now=40, wanted=34, baseline_respondents=2000)
    plan = plan_for_wishes(areas, [wish], allocation=Allocation.EQUAL).plan
    assert plan is not None
    rng = np.random.default_rng(12)
    shares = np.array([area.inhabitants for area in areas]) / 22_000
    n = np.array([round(area.expected_respondents) for area in plan.areas])
    later = rng.binomial(n, 0.34, (20_000, 3)) / n
    earlier = rng.binomial(2000, 0.4, 20_000) / 2000
    error = np.sqrt(earlier * (1 - earlier) / 2000 + (shares**2 * later * (1 - later) / n).sum(axis=1))
    shown = np.abs(earlier - later @ shares) > 1.959964 * error
    assert shown.mean() == pytest.approx(0.8, abs=0.015)


@pytest.mark.parametrize("response", [0.0, 1.2])
def test_response_that_cannot_be_is_refused(response: float) -> None:
    with pytest.raises(BadValue):
        PlannedArea(code="a", inhabitants=10, response=response)


def test_wish_for_an_area_that_is_not_planned_is_refused() -> None:
    with pytest.raises(BadValue, match="Elders"):
        required(Wish(code="a", now=30, wanted=20, area="Elders"), KERNEN)
