"""Why a wave cannot be computed, or population numbers do not fit, in words: what, where and what to do."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koersvast.indicators.wording import format_day, format_number
from koersvast.surveys.wording.going_on import STANDS_IN_THE_WAY

REFUSALS: Mapping[str, str | Promise] = {
    # What is chosen.
    "pooling_without_statement": _("Say in at least {least} letters why both groups are taken together."),
    "file_has_one_frame": _("The file does not tell a random sample from a panel. Choose “everybody”."),
    "frames_have_to_be_chosen": _(
        "The file has a random sample and a panel. Choose one, or both together with a statement."
    ),
    "frame_without_respondents": _("There are no respondents in the group that you chose. Choose another."),
    "file_has_no_weights": _("No column is the weight. Say in the codebook which one it is, or choose another way."),
    "no_margins_chosen": _("No background is chosen to weight by. Choose at least one."),
    "poststratify_takes_one_margin": _("This way takes one background or crossing, and {margins} are chosen."),
    "trimming_needs_raking": _(
        "Cutting off high weights goes with raking only. Choose raking, or leave the limit empty."
    ),
    "role_twice": _("Two columns have the same role in the codebook: “{first}” and “{second}”. Keep one."),
    "weights_not_positive": _(
        "In the column “{variable}” {respondents} respondents have no weight above zero. Correct the file."
    ),
    "design_variable_missing": _(
        "In the column “{variable}” {respondents} respondents have no value. Correct the file."
    ),
    "background_without_groups": _("The background “{background}” has no groups. Say in the codebook which there are."),
    # Population numbers.
    "background_not_confirmed": _("The background “{background}” is not confirmed. Confirm it in the codebook first."),
    "margin_without_numbers": _("For “{margin}” there are no numbers of the population yet. Fill them in."),
    "category_without_total": _("For “{margin}” the number of the group “{category}” is lacking. Fill it in."),
    "two_columns_needed": _("Two columns are needed: the name of the group, and the number of people behind it."),
    "no_categories": _("There is no group with a number of people in it."),
    "category_empty": _("Line {line} has no name of a group. Fill it in."),
    "not_a_count": _("Line {line} has no number of people. Correct it."),
    "negative_count": _("Line {line} has fewer than nought people. Correct it."),
    "category_twice": _("Line {line} has the same group as line {first_line}. Keep one."),
    "groups_unknown": _("{number} of the names are no group of this background. Write them as they stand above."),
    "category_missing": _("The number of the group “{category}” is lacking. Fill it in."),
    "category_unknown": _("The group “{category}” is not one of this background. Take it out."),
    "not_a_number": _("The number of the group “{category}” is not a number of people. Correct it."),
    "nobody": _("All numbers are zero. Fill in how many people there are."),
    "source_missing": _("Say where the numbers come from."),
    "empty_category": _(
        "In “{margin}” nobody answered in the group “{category}”, while the population has people there. "
        "Take groups together."
    ),
    "totals_do_not_add_up": _("The numbers of the population do not add up to the same total for every background."),
    "not_converged": _("The weights cannot meet all backgrounds at once. Take groups together, or widen the limits."),
    "bad_bounds": _("The limits of the weights lie wrong: the lowest must be below one and the highest above."),
    "limits_leave_no_room": _("The limits leave the weights no room. Widen them."),
    "bounds_contradict": _("The limits contradict each other for {respondents} respondents. Widen them."),
    "bad_base_weight": _("{respondents} respondents have no weight above zero. Correct the file."),
    "negative_weights": _("Linear weighting gave weights below zero. Set a lowest limit, or choose raking."),
    "no_margins": _("No background is chosen to weight by. Choose at least one."),
    # The design of the sample.
    "lonely_cluster": _(
        "In {strata} strata there is one cluster only, so its margin cannot be told. Choose what to do with those."
    ),
    "no_strata_to_average": _("No stratum has more than one cluster, so there is nothing to average."),
    "cluster_in_two_strata": _("{clusters} clusters stand in two strata. Correct the file."),
    "no_respondents": _("There are no respondents with a weight."),
    # What was published before, and what could be found back. `places` counts how often; the first is named.
    "groups_left_out": _(
        "“{group}” of the question “{table}” was published before and is not on the list any more. Put that "
        "background back on the list of what is published."
    ),
    "answers_left_out": _(
        "The answer “{group}” of the question “{table}” was published before and is no answer now. Put it back in "
        "the codebook."
    ),
    "differs_by_few": _(
        "Fewer than {fewer_than} respondents came or went since the outcomes that were published, so the difference "
        "would be about them. Keep what was published, or wait until more answers are in."
    ),
    "shown_before": _(
        "Figures of “{group}” (question “{table}”) were published before and are too small by the limits of now. "
        "Choose the limits of before."
    ),
    "small_base_shown": _(
        "Too few people stand behind the figures of “{column}” (question “{table}”). Nothing is kept. Tell the "
        "administrator."
    ),
    "small_answer_shown": _(
        "Too few people gave an answer to “{table}” that would be shown. Nothing is kept. Tell the administrator."
    ),
    "interval_too_narrow": _(
        "A hidden figure of “{column}” (question “{table}”) could be worked out. Nothing is kept. Take groups "
        "together, or take this background off the list."
    ),
    "unknown_group_found": _(
        "The answers to “{table}” of people without a known group could be worked out. Nothing is kept. Give those "
        "people a group of their own in the codebook, or take the background off the list."
    ),
    # The file and the computation.
    "keeping_day_is_past": _("Choose a day that lies ahead."),
    "kept_too_long": _("Answers are kept no longer than {years} years. Choose a day up to {most}."),
    "no_file": _("There is no file with answers. Bring one in."),
    "answers_destroyed": _("The answers are destroyed. Bring the file in again to compute anew."),
    "nothing_confirmed": _("No question is confirmed yet. Confirm the codebook first."),
    "no_weighting": _("No weighting is chosen yet."),
    "broken": _("The computation broke off. Try again; if it goes on, tell the administrator."),
}


def refusal(code: str, values: Mapping[str, Any]) -> str:
    """Return the sentence of a refusal; one without words of its own is shown by its code."""
    shown = {key: _shown(value) for key, value in values.items()}
    found = REFUSALS.get(code) or STANDS_IN_THE_WAY.get(code)
    if found is None:
        return str(_("The wave cannot be computed like this ({code}). Look at the weighting.")).format(code=code)
    try:
        return str(found).format(**shown)
    except KeyError:
        return f"{found} ({code})"


def _shown(value: Any) -> Any:
    if isinstance(value, date):
        return format_day(value)
    return format_number(value, 0) if isinstance(value, int) else value
