"""Why a judgement or an advice is what it is: one sentence for each reason code, with the numbers in it."""

from collections.abc import Callable, Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.quantities import Reason, Unit
from koersvast.indicators.wording import format_number, how_often
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


def _dispersion(values: Values, _unit: Unit) -> str:
    phi, of = float(values["phi"]), amounts.years(str(values["of"]).split(", "))
    if phi <= 1:
        return _(
            "The {periods} earlier periods ({of}) scatter no more than chance alone would make them. They are "
            "few, so the margin is kept somewhat wider."
        ).format(periods=values["periods"], of=of)
    return _(
        "The {periods} earlier periods ({of}) scatter {phi} times as much as chance alone would make them; the margin "
        "is widened for that."
    ).format(periods=values["periods"], of=of, phi=format_number(phi, 1))


def _day(values: Values) -> str:
    return amounts.day(date.fromisoformat(str(values["on"])))


def _break(values: Values, _unit: Unit) -> str:
    kinds = {
        "definition": _("Since {day} the definition is another one, so earlier figures cannot be compared."),
        "registration": _("Since {day} it is registered in another way, so earlier figures cannot be compared."),
        "mode": _("Since {day} the survey is held in another way, so earlier figures cannot be compared."),
        "boundary": _("Since {day} the borders are other ones, so earlier figures cannot be compared."),
    }
    sentence = kinds.get(str(values["kind"]), _("Since {day} earlier figures cannot be compared."))
    return sentence.format(day=_day(values))


def _converted(values: Values, _unit: Unit) -> str:
    return _("The agreement was converted across the break of {day} (factor {factor}).").format(
        day=_day(values), factor=format_number(float(values["factor"]), 2)
    )


def _converted_bare(values: Values, _unit: Unit) -> str:
    return _(
        "The agreement was converted across the break of {day} (factor {factor}); how sure that factor is, nobody "
        "knows."
    ).format(day=_day(values), factor=format_number(float(values["factor"]), 2))


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


def _respondents_assumed(values: Values, _unit: Unit) -> str:
    return _("The number of respondents in {period} is not published; {respondents} is assumed.").format(
        period=values["period"], respondents=format_number(float(values["respondents"]), 0)
    )


def _design_effect(values: Values, _unit: Unit) -> str:
    return _("The margin was widened for the design of the sample (design effect {effect}).").format(
        effect=format_number(float(values["design_effect"]), 1)
    )


def _too_few_points(values: Values, _unit: Unit) -> str:
    return ngettext(
        "There is {points} comparable figure and a trend needs {needed}.",
        "There are {points} comparable figures and a trend needs {needed}.",
        int(values["points"]),
    ).format(**values)


def _not_estimable(values: Values, _unit: Unit) -> str:
    return ngettext(
        "There is {periods_known} earlier comparable period, too few to see how much the figures scatter by "
        "themselves; chance alone is counted, so the verdict can be too sure.",
        "There are {periods_known} earlier comparable periods, too few to see how much the figures scatter by "
        "themselves; chance alone is counted, so the verdict can be too sure.",
        int(values["periods_known"]),
    ).format(**values)


def _few_periods(values: Values, _unit: Unit) -> str:
    return _(
        "How much the figures scatter is known from only {periods} earlier periods. Taken at its word, such a "
        "difference occurs in {often} cases while nothing changes; if the scatter may be larger, in {cautious} cases, "
        "and then the change is not demonstrable."
    ).format(
        periods=values["periods"],
        often=how_often(float(values["p_value"])),
        cautious=how_often(float(values["cautious_p_value"])),
    )


def _turned_by_inhabitants(values: Values, _unit: Unit) -> str:
    return _(
        "The number of inhabitants changed from {earlier} to {later}. The verdict is about the number per inhabitant, "
        "which went the other way."
    ).format(earlier=format_number(float(values["earlier"]), 0), later=format_number(float(values["later"]), 0))


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
    "agreed_value_above_hundred": _plain(lambda: _("This change takes the share above 100 %.")),
    "agreed_value_below_zero": _plain(lambda: _("This change takes the value below 0.")),
    "amount_missing": _plain(lambda: _("Fill in how much it should change.")),
    "baseline_elsewhere": _baseline_elsewhere,
    "baseline_is_highest": _extreme(low=False),
    "baseline_is_lowest": _extreme(low=True),
    "baseline_missing": _plain(lambda: _("There is no baseline: a council adopts no target without one.")),
    "bound_cannot_be_shown": _plain(
        lambda: _("A sample in which nobody or everybody gave the answer does not prove the same of all inhabitants.")
    ),
    "break_between": _break,
    "change_too_small_to_show": _too_small,
    "converted_across_break": _converted,
    "converted_without_uncertainty": _converted_bare,
    "definition_changed": _plain(
        lambda: _("The agreement was made on another definition (version {earlier}, the figure has {later}).")
    ),
    "design_effect_used": _design_effect,
    "different_period_length": _plain(
        lambda: _("The periods {earlier} and {later} are not equally long, so the figures cannot be compared.")
    ),
    "different_series": _plain(lambda: _("The figures come from two sources: {earlier} and {later}.")),
    "different_unit": _plain(lambda: _("The figures have different units.")),
    "dispersion_estimated": _dispersion,
    "dispersion_from_few_periods": _few_periods,
    "dispersion_not_estimable": _not_estimable,
    "dispersion_too_few_events": _plain(
        lambda: _("The numbers are too small to see how much they scatter by themselves; chance alone is counted.")
    ),
    "draft_only": _plain(lambda: _("These values are a draft: nobody has decided on them yet.")),
    "far_extrapolation": _plain(lambda: _("The year lies further ahead than the figures go back, so it is uncertain.")),
    "inhabitants_turn_the_change": _turned_by_inhabitants,
    "inhabitants_unknown": _plain(lambda: _("The number of inhabitants is not known, so no chance can be computed.")),
    "interval": _interval,
    "looser_than_last_measurement": _looser,
    "margin_is_lower_bound": _plain(
        lambda: _("The margin counts on a simple random sample; the real one is at least as wide.")
    ),
    "margin_unknown": _plain(lambda: _("The margin of this figure is not known, so no chance can be computed.")),
    "met_by_chance": _met_by_chance,
    "no_measurement_before_target": _plain(
        lambda: _("No measurement is planned between the baseline and {period}, so nobody will see whether it is met.")
    ),
    "not_known": _plain(lambda: _("The figure of {period} is not known.")),
    "not_measured": _plain(lambda: _("There is no figure of {period}.")),
    "other_series_than_baseline": _plain(
        lambda: _("The baseline comes from {baseline}, the figure from {observed}; the two are not mixed.")
    ),
    "percent_or_points": _percent_or_points,
    "period_not_ahead": _plain(lambda: _("There are already figures up to that year.")),
    "points_need_a_share": _plain(lambda: _("Percentage points only exist for a share.")),
    "provisional_figure": _plain(lambda: _("The figure of {period} is provisional and can still change.")),
    "respondents_assumed": _respondents_assumed,
    "respondents_unknown": _plain(lambda: _("The number of respondents is not known, so no chance can be computed.")),
    "sensitivity": _sensitivity,
    "too_few_events": _plain(lambda: _("The numbers are too small for a trend.")),
    "too_few_points": _too_few_points,
    "trend_not_estimable": _plain(lambda: _("No trend fits these figures.")),
    "withheld": _plain(lambda: _("The figure of {period} is not shown because too few people answered.")),
    "zero_cannot_be_shown": _plain(
        lambda: _("A year without a single case does not prove that it will stay that way.")
    ),
}
