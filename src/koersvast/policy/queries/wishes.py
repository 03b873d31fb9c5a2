"""Which changes the plans ask for, as plain values: what the planning of a survey has to be able to show."""

from dataclasses import dataclass

from koersvast.access.models import Municipality
from koersvast.engine.quantities import Unit
from koersvast.policy.models import Plan
from koersvast.policy.queries.judging import agreement_of, objectives_of


@dataclass(frozen=True, kw_only=True)
class WishedChange:
    """An agreed value of one year with the baseline that it is reckoned from, both in `unit`.

    `baseline` None: the agreement names no amount. `source_code`: whose figures judge the objective. `is_adopted`:
    decided upon, else a draft. `plan_code` with `objective_code` is the objective.
    """

    plan_code: str
    objective_code: str
    objective_title: str
    indicator_code: str
    indicator_name: str
    unit: Unit
    source_code: str
    baseline: float | None
    baseline_period: str
    wanted: float
    year: int
    is_adopted: bool


def wished_changes(municipality: Municipality, *, after: int) -> tuple[WishedChange, ...]:
    """The agreed values of years after `after`, newest plan first, by objective and year.

    Of an objective that two plans name by the same code the newest plan speaks. Objectives without an indicator or
    without an agreement have none.
    """
    found: dict[str, tuple[WishedChange, ...]] = {}
    for plan in Plan.objects.filter(municipality=municipality).order_by("-first_year", "code"):
        for code, wished in _of_plan(plan, after).items():
            found.setdefault(code, wished)
    return tuple(one for wished in found.values() for one in wished)


def _of_plan(plan: Plan, after: int) -> dict[str, tuple[WishedChange, ...]]:
    found = {}
    for objective in objectives_of(plan):
        agreement, indicator = agreement_of(objective), objective.indicator
        if agreement is None or indicator is None:
            continue
        made = agreement.target_set
        found[objective.code] = tuple(
            WishedChange(
                plan_code=plan.code,
                objective_code=objective.code,
                objective_title=objective.title,
                indicator_code=indicator.code,
                indicator_name=indicator.name,
                unit=Unit(indicator.unit),
                source_code=(objective.source or indicator.source).code,
                baseline=None if made.baseline_amount is None else float(made.baseline_amount),
                baseline_period=made.baseline_period,
                wanted=float(target.agreed),
                year=target.year,
                is_adopted=agreement.is_adopted,
            )
            for target in agreement.targets
            if target.year > after
        )
    return found
