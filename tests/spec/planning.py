"""The three kernen of docs/methods/wave-planning.md, with each way of spreading 2,200 invitations."""

from collections.abc import Callable, Mapping, Sequence

from koersvast.engine.wave_planning import Allocation, PlannedArea, allocate

type Answer = Sequence[float | str | None]

_KERNEN = tuple(
    PlannedArea(code=code, inhabitants=inhabitants, response=0.4)
    for code, inhabitants in (("14,000", 14_000), ("7,000", 7_000), ("1,000", 1_000))
)


def _allocation(allocation: str, kern: str) -> Answer:
    plan = allocate(_KERNEN, invitations=2200, allocation=Allocation(allocation))
    if kern == "all":
        return (
            plan.invited,
            plan.expected_respondents,
            plan.margin_at_half_points,
            plan.smallest_change_points,
            plan.design_effect,
        )
    [area] = [area for area in plan.areas if area.code == kern]
    return area.invited, area.expected_respondents, area.margin_at_half_points, area.smallest_change_points, None


PLANNING: Mapping[str, Callable[..., Answer]] = {"wave-allocation": _allocation}
