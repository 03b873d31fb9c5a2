"""Why a chart of months, a test for a break or an index of harm is what it is: one sentence for each reason code.

Reasons of places beside each other are worded in `comparisons`, those of agreements and targets in `policy.wording`.
"""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.quantities import Reason, Unit
from koersvast.indicators.wording.numbers import format_amount, format_number
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


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "baseline_without_events": _plain(
        lambda: _("Nothing was registered in the months of the baseline from {start}, so no limits can be drawn.")
    ),
    "break_has_no_cause": _plain(
        lambda: _("The test shows that the level changed, not why. Check first whether the registration changed.")
    ),
    "index_rests_on_few": _few_events,
    "inhabitants_unknown_for_some": _plain(
        lambda: _(
            "The number of inhabitants is not known for all months, so growth of the population is not counted in."
        )
    ),
    "institutions_count_in_full": _plain(
        lambda: _("What happens in an institution within the borders, such as a clinic, counts in full.")
    ),
    "kinds_unknown": _plain(
        lambda: _(
            "Left out because there is no figure: {kinds}. Compare only with an index of the same kinds of crime."
        )
    ),
    "kinds_without_weight": _plain(lambda: _("Left out because there is no weight for it: {kinds}.")),
    "months_absent": _absent,
    "no_low_signal_possible": _plain(
        lambda: _("The numbers are so small that even a month without a single case is nothing special.")
    ),
    "no_weighted_kinds": _plain(lambda: _("There is no kind of crime with both a figure and a weight.")),
    "not_monthly": _plain(lambda: _("This chart is for figures per month, and these are not.")),
    "one_kind_dominates": _dominated,
    "only_registered_crime": _plain(
        lambda: _("Only registered crime counts: what nobody reports is not in the index.")
    ),
    "ranking_is_context": _plain(
        lambda: _("A ranking is background, no verdict: look at the numbers and their margin first.")
    ),
    "run_rule_left_out": _plain(
        lambda: _("Eight months in a row on one side are only a signal where at least {needed} cases are expected.")
    ),
    "small_places_jump": _plain(
        lambda: _("A small municipality can jump dozens of places from one year to the next by a few events.")
    ),
    "too_few_baseline_months": _too_few_months,
    "too_small_to_colour": _plain(
        lambda: _("Too small for a colour on the map: a few events would decide it ({inhabitants} inhabitants).")
    ),
    "trend_fits_as_well": _trend_instead,
    "visitors_are_not_counted": _plain(
        lambda: _(
            "Rates are per inhabitant: a place with many shops, visitors or nightlife seems less safe than it is."
        )
    ),
    "weights_are_a_judgement": _plain(
        lambda: _("How heavy each kind of crime counts is a judgement of others: {source}, {year}.")
    ),
}
