"""Why an entry of the codebook is proposed as it is, and what differs from the wave before, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koersvast.surveys.codebook import Why

REASONS: Mapping[str, str | Promise] = {
    "file_weighs_by_it": _("The file itself says that its respondents are weighted by this column."),
    "named_like_weight": _("The name or label of “{variable}” is that of a weight."),
    "named_like_stratum": _("The name or label of “{variable}” is that of a stratum."),
    "named_like_cluster": _("The name or label of “{variable}” is that of a cluster."),
    "named_like_population": _("The name or label of “{variable}” is that of the size of a population."),
    "named_like_ignored": _("The name of “{variable}” is that of a number or moment, and of no question."),
    "named_like_background": _("The words are those of a background: {background}."),
    "answers_name_a_panel": _("The answers tell members of a panel from others."),
    "is_a_day": _("This column holds days."),
    "is_open_text": _("Respondents wrote these answers themselves, so they may say who somebody is."),
    "has_no_answers": _("Nobody has an answer here."),
    "answers_from_values": _("The file has no labels here. The {answers} answers were read from the column itself."),
    "values_without_label": _("Answers that occur without a label in the file: {values}. Say what they are."),
    "mark_from_1_to_10": _("The answers run from 1 to 10, as a mark does."),
    "is_a_number": _("The answers are numbers without labels."),
    "age_in_groups": _("An age becomes {groups} groups to compare by."),
    "missing_answers": _("Answers that count as no answer, by their words or by the file: {answers}."),
    "each_answer_apart": _("The answers have no order that is known, so each is counted apart."),
    "too_many_answers": _("There are {answers} answers: too many to count each apart. Say which belong together."),
    "file_names_the_set": _("The file itself says that these columns are one question with several answers."),
    "variables_named_or_not": _(
        "These {variables} columns have one question in front, and say “named” or “not named”."
    ),
    "statements_in_a_row": _("These {statements} statements stand in a row and have the same answers."),
    "statements_of_cohesion": _("These {statements} statements together are known as the score of social cohesion."),
    "statement_turned_round": _("Who agrees with “{variable}” says that things are bad, so it is turned round."),
    "asked_only_if": _("Only who gave certain answers to “{variable}” has an answer here."),
    "others_count_as_none": _("Who answered “{variable}” otherwise has none of it, and counts as such."),
    "scale_of_agreement": _("The answers are a scale from agree to disagree."),
    "scale_nuisance": _(
        "The answers are much, a little and none. “Much” and “a little to much” are two measures; choose per indicator."
    ),
    "scale_frequency": _("The answers run from often to never."),
    "scale_satisfaction": _("The answers run from satisfied to dissatisfied."),
    "scale_yes_or_no": _("The answers are yes and no."),
    "scale_occurs": _("The answers are yes and no, on whether something occurs."),
    "carried_from": _("Taken over from the wave of {period}."),
    "new_in_this_wave": _("The wave of {period} did not have this question."),
    "text_changed": _("The question was worded “{before}”."),
    "answer_added": _("New answer: “{answer}”."),
    "answer_gone": _("Answer that is gone: “{answer}”."),
    "answer_reworded": _("The answer “{before}” is now “{now}”."),
    "base_changed": _("Other people were asked: after “{before}”, now after “{now}”."),
    # Beside the registered definition of an indicator, or the wave before.
    "question_differs": _("The question was registered as “{before}” and is now “{now}”."),
    "answers_differ": _("Counted were “{before}”; now they are “{now}”."),
    "answers_offered_differ": _("The answers to choose from were “{before}”; now they are “{now}”."),
    "composition_differs": _("The score was made of “{before}”; now of “{now}”."),
    "population_differs": _("The population was “{before}” and is now “{now}”."),
    "mode_differs": _("People answered by “{before}”; now by “{now}”."),
    "frame_differs": _("Respondents were found by “{before}”; now by “{now}”."),
    "not_registered": _("The definition does not say this, so nobody can tell whether it differs. Now it is: “{now}”."),
}
BACKGROUNDS: Mapping[str, str | Promise] = {
    "sex": _("sex"),
    "age": _("age"),
    "kern": _("kern"),
    "wijk": _("wijk"),
    "buurt": _("buurt"),
    "education": _("education"),
    "household": _("household"),
    "work": _("work"),
    "origin": _("origin"),
    "housing": _("housing"),
}


def reason(why: Why) -> str:
    """Return the sentence of a reason; one without words is shown by its code, so that it is seen."""
    values: dict[str, Any] = dict(why.values)
    if "background" in values:
        values["background"] = BACKGROUNDS.get(str(values["background"]), values["background"])
    found = REASONS.get(why.code)
    return str(found).format(**values) if found is not None else why.code
