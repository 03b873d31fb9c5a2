"""What differs between two measures, and why estimates do not go on or cannot be published, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koersvast.surveys.codebook import Why

DIFFERENCES: Mapping[str, str | Promise] = {
    "question_differs": _("The question was registered as “{before}”; the survey asks “{now}”."),
    "text_changed": _("The question was worded “{before}”; now it is “{now}”."),
    "base_changed": _("Other people were asked: before “{before}”, now “{now}”."),
    "answers_differ": _("Other answers are counted: before “{before}”, now “{now}”."),
    "answers_offered_differ": _("Other answers could be chosen: before “{before}”, now “{now}”."),
    "composition_differs": _("The score is made in another way: before “{before}”, now “{now}”."),
    "kind_differs": _("The answers are read in another way: before “{before}”, now “{now}”."),
    "population_differs": _("The figures are about other people: before {before}, now {now}."),
    "mode_differs": _("People answered in another way: before “{before}”, now “{now}”."),
    "frame_differs": _("Respondents were found in another way: before “{before}”, now “{now}”."),
    "other_frame_estimated": _("Other respondents are counted: before {before}, now {now}."),
    "not_registered": _(
        "The register does not say this, so nobody can tell whether it is the same. The survey says: “{now}”."
    ),
    "not_measured_before": _("The earlier wave did not measure this."),
    "withheld": _("One of the two figures is not shown, because too few people stand behind it."),
    "no_margin": _("One of the two figures has no margin."),
}
STANDS_IN_THE_WAY: Mapping[str, str | Promise] = {
    "entry_not_confirmed": _("The question “{entry}” is not confirmed in the codebook. Confirm it first."),
    "no_such_measure": _("The question “{entry}” has no measure “{cut}”. Choose one of its measures."),
    "other_unit": _(
        "The measure counts in {measure}, the indicator in {indicator}. Choose an indicator in the same unit."
    ),
    "other_source": _("The indicator {indicator} belongs to another source. Choose an indicator of this survey."),
    "no_areas": _("The answers of “{background}” are no wijken or buurten. Say so in the codebook first."),
    "no_definition": _("The indicator {indicator} has no definition yet. Write one first."),
    "invented_answers": _(
        "These answers are invented. They go on to indicators only in a municipality to practise with."
    ),
    "not_computed": _("Nothing is computed yet. Compute the outcomes first."),
    "not_released": _("The outcomes are not published yet. Publish them first: everybody sees figures of indicators."),
    "changed_since_released": _("Something changed since the outcomes were published. Compute and publish again."),
    "real_answers_to_practise_with": _(
        "This municipality is for practising: only invented answers belong here. The file does not say that it is."
    ),
    "no_links": _("No measure is linked to an indicator yet. Link one first."),
    "undecided": _("For the indicator {indicator} nobody decided yet what the differences mean. Decide that first."),
    "not_done": _("The computation is not finished. Wait for it, or compute again."),
    "out_of_date": _(
        "Other outcomes were published since. Compute again, so that nothing can be derived from both together."
    ),
    "inputs_changed": _("Something changed while the computation waited. Compute again."),
    "seal_broken": _("The sealed answers do not open. Ask the administrator to look at the key for microdata."),
    "stopped_halfway": _("The computation gave no sign of life for {minutes} minutes and is closed. Compute again."),
    "went_wrong": _("Something went wrong in the computation. The administrator finds the place in the log."),
    "real_answers_in_invented_wave": _(
        "This wave holds invented answers, and the file does not say that it is. Open a wave of its own for it."
    ),
    "invented_answers_in_real_wave": _(
        "The file says that its answers are invented, and this wave holds real ones. Open a wave of its own for it."
    ),
}


def difference(why: Why) -> str:
    """Word a difference between two measures, or why they are not compared. An unknown code raises KeyError."""
    return str(DIFFERENCES[why.code]).format(**why.values)


def stands_in_the_way(code: str, values: Mapping[str, Any]) -> str:
    """Word why a measure or its estimates do not go on, with what to do. An unknown code raises KeyError."""
    return str(STANDS_IN_THE_WAY[code]).format(**values)
