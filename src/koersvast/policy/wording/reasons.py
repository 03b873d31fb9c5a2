"""Why a judgement or an advice is what it is: one sentence for each reason code, with the numbers in it.

Reasons that belong to figures whatever was agreed on them are worded in `indicators.wording.reasons`.
"""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from koersvast.engine.quantities import Reason, Unit
from koersvast.indicators.wording import reasons as figures
from koersvast.policy.wording import amounts

type Values = Mapping[str, float | int | str]


def reason_sentence(reason: Reason, *, unit: Unit) -> str:
    """The sentence of a reason; amounts in it are written in `unit`. An unknown code raises KeyError."""
    return SENTENCES[reason.code](reason.values, unit)


def _amount(values: Values, name: str, unit: Unit) -> str:
    return amounts.amount(round(float(values[name]), 2), unit)


def _chance(values: Values, name: str) -> str:
    return amounts.probability(float(values[name]))


def _plain(sentence: Callable[[], str]) -> Callable[[Values, Unit], str]:
    """A sentence whose places are filled with the values as they are."""
    return lambda values, _unit: sentence().format(**values)


def _of_figures(sentence: Callable[[Values], str]) -> Callable[[Values, Unit], str]:
    return lambda values, _unit: sentence(values)


def _baseline_elsewhere(values: Values, unit: Unit) -> str:
    """The two figures of the baseline year stay side by side; only one of them is used to judge."""
    sentence = _(
        "The baseline {baseline} ({period}) comes from {source}. We judge with figures from {judge}. The two are not "
        "mixed."
    )
    if "own_amount" in values:
        sentence = _(
            "The baseline {baseline} ({period}) comes from {source}. We judge with figures from {judge}, which has "
            "{own} for {period}. The two stand side by side and are not mixed."
        )
    return sentence.format(
        baseline=_amount(values, "baseline_amount", unit),
        period=values["period"],
        source=values["baseline"],
        judge=values["observed"],
        own=_amount(values, "own_amount", unit) if "own_amount" in values else "",
    )


def _sensitivity(values: Values, _unit: Unit) -> str:
    return _("With the scatter of the series from {series} the chance would be {probability}.").format(
        series=values["series"], probability=_chance(values, "probability")
    )


def _interval(values: Values, unit: Unit) -> str:
    low, high = amounts.limits(float(values["low"]), float(values["high"]), unit)
    return _("The level behind the figure lies between {low} and {high} with 95% confidence.").format(
        low=low, high=high
    )


def _too_small(values: Values, unit: Unit) -> str:
    chance = _chance(values, "power")
    if "smallest_detectable" not in values:
        return _(
            "If the change is really there, the planned measurement shows it with a chance of only {chance}."
        ).format(chance=chance)
    return _(
        "If the change is really there, the planned measurement shows it with a chance of only {chance}. It takes a "
        "change to {smallest} to be seen four times out of five."
    ).format(chance=chance, smallest=amounts.estimate(float(values["smallest_detectable"]), unit))


def _met_by_chance(values: Values, _unit: Unit) -> str:
    return _("If nothing changes at all, the target is still met with a chance of {chance}.").format(
        chance=_chance(values, "chance")
    )


def _extreme(low: bool) -> Callable[[Values, Unit], str]:
    def sentence(values: Values, unit: Unit) -> str:
        lowest = _(
            "The baseline {baseline} is the lowest of the last {periods} figures; their mean is {mean}. Figures tend "
            "to move back by themselves."
        )
        highest = _(
            "The baseline {baseline} is the highest of the last {periods} figures; their mean is {mean}. Figures tend "
            "to move back by themselves."
        )
        return (lowest if low else highest).format(
            baseline=_amount(values, "baseline", unit),
            periods=values["periods"],
            mean=amounts.estimate(float(values["mean"]), unit),
        )

    return sentence


def _looser(values: Values, unit: Unit) -> str:
    return _("The target {agreed} asks less than what was already measured in {period}: {last}.").format(
        agreed=_amount(values, "agreed", unit), last=_amount(values, "last", unit), period=values["period"]
    )


def _percent_or_points(values: Values, unit: Unit) -> str:
    return _(
        "Read as percentage points it comes to {points}, read as a percentage of the baseline to {relative}."
    ).format(points=_amount(values, "points", unit), relative=_amount(values, "relative", unit))


SENTENCES: Mapping[str, Callable[[Values, Unit], str]] = {
    **{code: _of_figures(sentence) for code, sentence in figures.SENTENCES.items()},
    "agreed_value_above_hundred": _plain(lambda: _("This change takes the share above 100 %.")),
    "agreed_value_below_zero": _plain(lambda: _("This change takes the value below 0.")),
    "amount_missing": _plain(lambda: _("Fill in how much it should change.")),
    "baseline_elsewhere": _baseline_elsewhere,
    "baseline_is_highest": _extreme(low=False),
    "baseline_is_lowest": _extreme(low=True),
    "baseline_missing": _plain(lambda: _("There is no baseline: a council adopts no target without one.")),
    "change_too_small_to_show": _too_small,
    "draft_only": _plain(lambda: _("These values are a draft: nobody has decided on them yet.")),
    "interval": _interval,
    "looser_than_last_measurement": _looser,
    "met_by_chance": _met_by_chance,
    "no_measurement_before_target": _plain(
        lambda: _("No measurement is planned between the baseline and {period}, so nobody will see whether it is met.")
    ),
    "other_series_than_baseline": _plain(
        lambda: _("The baseline comes from {baseline}, the figure from {observed}; the two are not mixed.")
    ),
    "percent_or_points": _percent_or_points,
    "points_need_a_share": _plain(lambda: _("Percentage points only exist for a share.")),
    "sensitivity": _sensitivity,
}
