"""How moments, states and decisions of a review are said, with their badges."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.policy.models import CourseDecision, Decision
from koersvast.policy.wording import agreements
from koersvast.web.components import Badge

type Text = str | Promise
Choice = CourseDecision.Choice

KIND: Mapping[str, Text] = {
    "quarter": gettext_lazy("Every quarter"),
    "year": gettext_lazy("Every year"),
    "midterm": gettext_lazy("Halfway"),
    "final": gettext_lazy("At the end"),
}
KIND_OF_ONE: Mapping[str, Text] = {
    "quarter": gettext_lazy("quarterly review"),
    "year": gettext_lazy("yearly review"),
    "midterm": gettext_lazy("midterm review"),
    "final": gettext_lazy("final review"),
}
STATE: Mapping[str, Badge] = {
    "planned": Badge(text=gettext_lazy("To come"), symbol="new"),
    "due": Badge(text=gettext_lazy("Can begin"), symbol="warning", tone="warning"),
    "open": Badge(text=gettext_lazy("Under way"), symbol="edit", tone="info"),
    "closed": Badge(text=gettext_lazy("Review closed"), symbol="ok", tone="positive"),
}
STEP: Mapping[str, Badge] = {
    "unread": Badge(text=gettext_lazy("Not read yet"), symbol="new"),
    "undecided": Badge(text=gettext_lazy("Waits for a decision"), symbol="warning", tone="warning"),
    "finished": Badge(text=gettext_lazy("Read and settled"), symbol="ok", tone="positive"),
    "set_aside": Badge(text=gettext_lazy("Set aside"), symbol="same"),
}
CHOICE: Mapping[str, Badge] = {
    Choice.ADJUST_TARGET: Badge(text=gettext_lazy("Adjust the target"), symbol="target", tone="info"),
    Choice.ADJUST_MEASURES: Badge(text=gettext_lazy("Adjust the measures"), symbol="changed", tone="info"),
    Choice.ACCEPT: Badge(text=gettext_lazy("Accept it"), symbol="same"),
    Choice.SECURE: Badge(text=gettext_lazy("Secure what works"), symbol="ok", tone="positive"),
}
CHOICE_MEANING: Mapping[str, Text] = {
    Choice.ADJUST_TARGET: gettext_lazy("Adjust the target: other values from now on, with a decision in the ledger."),
    Choice.ADJUST_MEASURES: gettext_lazy("Adjust the measures: the target stays, the actions change."),
    Choice.ACCEPT: gettext_lazy("Accept it: target and actions stay, and we say why."),
    Choice.SECURE: gettext_lazy("Secure what works: keep doing it, and say how."),
}


def choices(*, on_course: bool, may_adopt: bool, has_agreement: bool) -> list[tuple[str, Text]]:
    """The choices that make sense, the likeliest first."""
    order = [Choice.ADJUST_MEASURES, Choice.ADJUST_TARGET, Choice.ACCEPT]
    if on_course:
        order = [Choice.SECURE, Choice.ADJUST_TARGET, Choice.ADJUST_MEASURES]
    offered = [one for one in order if one != Choice.ADJUST_TARGET or (may_adopt and has_agreement)]
    return [(one.value, CHOICE_MEANING[one]) for one in offered]


def decision_label(decision: Decision) -> str:
    """A decision of the ledger in a list to choose from."""
    return _("Decision {number}: {kind} by {body}, {day}").format(
        number=decision.number, kind=agreements.decision_name(decision.kind), body=decision.body,
        day=agreements.decided_on(decision.decided_on, is_assumed=decision.date_is_assumed),
    )  # fmt: skip
