"""Why a wish cannot be planned for, and what to do about it."""

from django.utils.translation import gettext as _

from koersvast.engine.quantities import Reason
from koersvast.indicators.wording import format_number


def planning_reason(reason: Reason) -> str:
    """Return the sentence for a reason of the planning, with what a person can do."""
    values = {
        name: value if isinstance(value, str) else format_number(value, 0) for name, value in reason.values.items()
    }
    return _sentence(reason.code).format(**values)


def _sentence(code: str) -> str:
    said = {
        "no_change_to_show": _(
            "The target is the same as the baseline, so there is no change to show. Agree on another value, or follow "
            "it without a target."
        ),
        "baseline_too_small": _(
            "The earlier wave has {respondents} respondents. That is too few to show this change, however large the "
            "next wave is. Agree on a larger change, or make the next wave the new baseline."
        ),
        "more_than_live_there": _(
            "This takes {respondents} respondents, and {inhabitants} people live there. Take areas together, or agree "
            "on a larger change."
        ),
        "more_than_answer": _(
            "This takes {respondents} respondents. If everybody is invited, about {most_respondents} answer. Take "
            "areas together, work on the response, or agree on a larger change."
        ),
        "no_baseline": _(
            "The agreement names no baseline, so the change is not known. Add the baseline to the target in the plan."
        ),
        "unit_not_planned": _(
            "Only percentages, marks and scale scores can be planned for. This indicator has another unit."
        ),
        "spread_not_known": _(
            "How far answers lie apart is not known. Link a question of this wave to the indicator first."
        ),
        "population_not_known": _(
            "It is not known how many people there are. Fill in the population under Facts of this wave, or the "
            "people of each area under Weighting."
        ),
        "areas_not_known": _(
            "It is not known how many people live in each area, so that only the whole can be planned. Fill in the "
            "people of each area under Weighting."
        ),
        "area_without_people": _("Nobody lives in {area} by the numbers of the population; it is left out."),
    }
    return said[code]
