"""Why a figure, a change, an outlook, a chart of months or an index is what it is: one sentence for each reason code.

Reasons of places beside each other are worded in `comparisons`, those of agreements and targets in `policy.wording`.
"""

from collections.abc import Callable, Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.quantities import Reason, Unit
from koersvast.indicators.wording.numbers import format_amount, format_day, format_number, format_periods
from koersvast.indicators.wording.verdicts import how_often

type Values = Mapping[str, float | int | str]


def reason_sentence(reason: Reason) -> str:
    """The sentence of a reason. An unknown code raises KeyError."""
    return SENTENCES[reason.code](reason.values)


def _plain(sentence: Callable[[], str]) -> Callable[[Values], str]:
    """A sentence whose places are filled with the values, numbers as whole ones."""

    def worded(values: Values) -> str:
        shown = {k: str(v) if k == "year" or isinstance(v, str) else format_number(v, 0) for k, v in values.items()}
        return sentence().format(**shown)

    return worded


def _too_few_months(values: Values) -> str:
    known = int(values["known"])
    return ngettext(
        "A baseline takes {needed} months and {known} month is known, so no limits can be drawn.",
        "A baseline takes {needed} months and {known} months are known, so no limits can be drawn.",
        known,
    ).format(needed=values["needed"], known=known)


def _absent(values: Values) -> str:
    absent = int(values["absent"])
    return ngettext(
        "{absent} month has no figure. It is left out and not counted as nought.",
        "{absent} months have no figure. They are left out and not counted as nought.",
        absent,
    ).format(absent=absent)


def _trend_instead(values: Values) -> str:
    return _(
        "A gradual change fits these figures at least as well as a sudden one. Without any change so large a jump "
        "would occur in {often} series."
    ).format(often=how_often(float(values["p_value"])))


def _few_events(values: Values) -> str:
    return _(
        "The index rests on few and heavy crimes: it is as uncertain as a count of {events}. One case more or less "
        "shows."
    ).format(events=format_number(float(values["events"]), 0))


def _dominated(values: Values) -> str:
    share = format_amount(100 * float(values["share"]), Unit.PERCENT, 0)
    return _("One kind of crime makes up {share} of the index: {kind}.").format(share=share, kind=values["kind"])


def _dispersion(values: Values) -> str:
    phi, of = float(values["phi"]), format_periods(str(values["of"]).split(", "))
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
    return format_day(date.fromisoformat(str(values["on"])))


def _break(values: Values) -> str:
    kinds = {
        "definition": _("Since {day} the definition is another one, so earlier figures cannot be compared."),
        "registration": _("Since {day} it is registered in another way, so earlier figures cannot be compared."),
        "mode": _("Since {day} the survey is held in another way, so earlier figures cannot be compared."),
        "boundary": _("Since {day} the borders are other ones, so earlier figures cannot be compared."),
    }
    sentence = kinds.get(str(values["kind"]), _("Since {day} earlier figures cannot be compared."))
    return sentence.format(day=_day(values))


def _converted(values: Values) -> str:
    return _("The agreement was converted across the break of {day} (factor {factor}).").format(
        day=_day(values), factor=format_number(float(values["factor"]), 2)
    )


def _converted_bare(values: Values) -> str:
    return _(
        "The agreement was converted across the break of {day} (factor {factor}); how sure that factor is, nobody "
        "knows."
    ).format(day=_day(values), factor=format_number(float(values["factor"]), 2))


def _respondents_assumed(values: Values) -> str:
    return _("The number of respondents in {period} is not published; {respondents} is assumed.").format(
        period=values["period"], respondents=format_number(float(values["respondents"]), 0)
    )


def _design_effect(values: Values) -> str:
    return _("The margin was widened for the design of the sample (design effect {effect}).").format(
        effect=format_number(float(values["design_effect"]), 1)
    )


def _years_of_parts(values: Values) -> str:
    if int(values["left_out"]):
        return _(
            "The outlook follows the {years} years that are whole; {left_out} years of which a part is absent are left "
            "out."
        ).format(years=values["years"], left_out=values["left_out"])
    return _("The outlook follows the totals of {years} whole years.").format(years=values["years"])


def _too_few_points(values: Values) -> str:
    return ngettext(
        "There is {points} comparable figure and a trend needs {needed}.",
        "There are {points} comparable figures and a trend needs {needed}.",
        int(values["points"]),
    ).format(**values)


def _not_estimable(values: Values) -> str:
    return ngettext(
        "There is {periods_known} earlier comparable period, too few to see how much the figures scatter by "
        "themselves; chance alone is counted, so the verdict can be too sure.",
        "There are {periods_known} earlier comparable periods, too few to see how much the figures scatter by "
        "themselves; chance alone is counted, so the verdict can be too sure.",
        int(values["periods_known"]),
    ).format(**values)


def _few_periods(values: Values) -> str:
    return _(
        "How much the figures scatter is known from only {periods} earlier periods. Taken at its word, such a "
        "difference occurs in {often} cases while nothing changes; if the scatter may be larger, in {cautious} cases, "
        "and then the change is not demonstrable."
    ).format(
        periods=values["periods"],
        often=how_often(float(values["p_value"])),
        cautious=how_often(float(values["cautious_p_value"])),
    )


def _turned_by_inhabitants(values: Values) -> str:
    return _(
        "The number of inhabitants changed from {earlier} to {later}. The verdict is about the number per inhabitant, "
        "which went the other way."
    ).format(earlier=format_number(float(values["earlier"]), 0), later=format_number(float(values["later"]), 0))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "amount_below_nought": _plain(
        lambda: _("The quick cube is not made: the table has an amount below nought ({amount}). Ask the table itself.")
    ),
    "amount_too_large": _plain(
        lambda: _(
            "The quick cube is not made: an amount in the table is too large for it ({amount}). Ask the table itself."
        )
    ),
    "baseline_without_events": _plain(
        lambda: _("Nothing was registered in the months of the baseline from {start}, so no limits can be drawn.")
    ),
    "bound_cannot_be_shown": _plain(
        lambda: _("A sample in which nobody or everybody gave the answer does not prove the same of all inhabitants.")
    ),
    "break_between": _break,
    "break_has_no_cause": _plain(
        lambda: _("The test shows that the level changed, not why. Check first whether the registration changed.")
    ),
    "cell_twice": _plain(
        lambda: _("The quick cube is not made: the table has a cell twice, at level {level}. Fetch the table again.")
    ),
    "converted_across_break": _converted,
    "converted_without_uncertainty": _converted_bare,
    "cube_absent": _plain(
        lambda: _("There is no quick cube of this table yet. Make it first, or ask the table itself.")
    ),
    "cube_damaged": _plain(
        lambda: _("The quick cube is damaged (level: {level}). The table itself is in order; make the cube again.")
    ),
    "cube_name": _plain(lambda: _("A cube cannot have this name: {name}. Use letters, digits and hyphens.")),
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
    "engine_unknown": _plain(lambda: _("There is no engine {name}. Choose one of these: {known}.")),
    "far_extrapolation": _plain(lambda: _("The year lies further ahead than the figures go back, so it is uncertain.")),
    "index_rests_on_few": _few_events,
    "inhabitants_turn_the_change": _turned_by_inhabitants,
    "inhabitants_unknown": _plain(lambda: _("The number of inhabitants is not known, so no chance can be computed.")),
    "inhabitants_unknown_for_some": _plain(
        lambda: _(
            "The number of inhabitants is not known for all months, so growth of the population is not counted in."
        )
    ),
    "institutions_count_in_full": _plain(
        lambda: _("What happens in an institution within the borders, such as a clinic, counts in full.")
    ),
    "java_missing": _plain(
        lambda: _("Apache Spark needs Java {version}, and that is not here. Install it, or choose another engine.")
    ),
    "kinds_unknown": _plain(
        lambda: _(
            "Left out because there is no figure: {kinds}. Compare only with an index of the same kinds of crime."
        )
    ),
    "kinds_without_weight": _plain(lambda: _("Left out because there is no weight for it: {kinds}.")),
    "margin_is_lower_bound": _plain(
        lambda: _("The margin counts on a simple random sample; the real one is at least as wide.")
    ),
    "margin_unknown": _plain(lambda: _("The margin of this figure is not known, so no chance can be computed.")),
    "months_absent": _absent,
    "no_low_signal_possible": _plain(
        lambda: _("The numbers are so small that even a month without a single case is nothing special.")
    ),
    "no_weighted_kinds": _plain(lambda: _("There is no kind of crime with both a figure and a weight.")),
    "not_known": _plain(lambda: _("The figure of {period} is not known.")),
    "not_measured": _plain(lambda: _("There is no figure of {period}.")),
    "not_monthly": _plain(lambda: _("This chart is for figures per month, and these are not.")),
    "one_kind_dominates": _dominated,
    "only_registered_crime": _plain(
        lambda: _("Only registered crime counts: what nobody reports is not in the index.")
    ),
    "people_of_several_kinds": _plain(
        lambda: _("The table with inhabitants counts {kinds} kinds of people. Rates need a table with one: everybody.")
    ),
    "period_not_ahead": _plain(lambda: _("There are already figures up to that year.")),
    "provisional_figure": _plain(lambda: _("The figure of {period} is provisional and can still change.")),
    "ranking_is_context": _plain(
        lambda: _("A ranking is background, no verdict: look at the numbers and their margin first.")
    ),
    "respondents_assumed": _respondents_assumed,
    "respondents_unknown": _plain(lambda: _("The number of respondents is not known, so no chance can be computed.")),
    "run_rule_left_out": _plain(
        lambda: _("Eight months in a row on one side are only a signal where at least {needed} cases are expected.")
    ),
    "small_places_jump": _plain(
        lambda: _("A small municipality can jump dozens of places from one year to the next by a few events.")
    ),
    "span_not_in_cube": _plain(
        lambda: _("The quick cube has no years of {periods_a_year} periods. Ask the table itself.")
    ),
    "spark_missing": _plain(
        lambda: _(
            "Apache Spark is not installed. Install Koersvast with the extra “{extra}”, or choose another engine."
        )
    ),
    "too_few_baseline_months": _too_few_months,
    "too_few_events": _plain(lambda: _("The numbers are too small for a trend.")),
    "too_few_points": _too_few_points,
    "too_small_to_colour": _plain(
        lambda: _("Too small for a colour on the map: a few events would decide it ({inhabitants} inhabitants).")
    ),
    "trend_estimable": _plain(lambda: _("A trend can be computed from these figures.")),
    "trend_events_in_one_half": _plain(
        lambda: _("All events lie at one end of the period, so no trend can be computed.")
    ),
    "trend_events_in_too_few_periods": _plain(lambda: _("The events lie in too few periods for a trend.")),
    "trend_fits_as_well": _trend_instead,
    "trend_not_estimable": _plain(lambda: _("No trend fits these figures.")),
    "trend_not_settled": _plain(lambda: _("The computation of a trend did not settle, so none is given.")),
    "trend_too_few_events": _plain(lambda: _("There are too few events for a trend.")),
    "trend_too_few_periods": _plain(lambda: _("There are too few periods with a figure for a trend.")),
    "visitors_are_not_counted": _plain(
        lambda: _(
            "Rates are per inhabitant: a place with many shops, visitors or nightlife seems less safe than it is."
        )
    ),
    "weights_are_a_judgement": _plain(
        lambda: _("How heavy each kind of crime counts is a judgement of others: {source}, {year}.")
    ),
    "withheld": _plain(lambda: _("The figure of {period} is not shown because too few people answered.")),
    "years_of_parts": _years_of_parts,
    "zero_cannot_be_shown": _plain(
        lambda: _("A year without a single case does not prove that it will stay that way.")
    ),
}
