"""Forms of looking back: which moments, the day of the figures, the joint reading, the decision, closing."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koersvast.partners.models import Organisation
from koersvast.policy.models import CourseDecision, Decision
from koersvast.programme.looking_back import KINDS
from koersvast.programme.reasons import reason_entries
from koersvast.web.forms import VersionedForm, day_input, long_text
from koersvast.web.policy.target_form import AmountField
from koersvast.web.programme.reviews import words

ADOPTED_ELSEWHERE = "decision"


class PlanForm(forms.Form):
    """Which kinds of moments are planned; all of them unless somebody leaves one out."""

    kinds = forms.MultipleChoiceField(
        label=_("Which moments"), choices=list(words.KIND.items()), widget=forms.CheckboxSelectMultiple, required=False
    )

    def chosen(self) -> tuple[str, ...]:
        """The chosen kinds; all of them when nothing was said."""
        return tuple(self.cleaned_data["kinds"]) if self.is_valid() and self.cleaned_data["kinds"] else tuple(KINDS)


class BeginForm(VersionedForm):
    """The day of the figures."""

    known_on = forms.DateField(
        label=_("Figures as known on"), widget=day_input(), input_formats=["%Y-%m-%d"],
        help_text=_("Usually today. Choose an earlier day to look back as things were known then."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["known_on"].widget.attrs["max"] = timezone.localdate().isoformat()


class MoveForm(VersionedForm):
    """Another day or title for a moment."""

    planned_on = forms.DateField(label=_("Planned on"), widget=day_input(), input_formats=["%Y-%m-%d"])
    title = forms.CharField(label=_("Title of the moment"), max_length=160)


class ReadingForm(VersionedForm):
    """Who read the figures together, what they concluded, and why it is as it is."""

    readers = forms.ModelMultipleChoiceField(
        label=_("Who read it together?"), queryset=Organisation.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    read_by_others = forms.CharField(
        label=_("Others who read it"), required=False, max_length=200,
        help_text=_("Roles, no names. For example: burgemeester, teamchef politie."),
    )  # fmt: skip
    reading = forms.CharField(
        label=_("What did you conclude?"), widget=long_text(4), max_length=4000,
        help_text=_("What explains the figure? What do partners see in practice? No names of residents."),
    )  # fmt: skip
    reason_code = forms.ChoiceField(label=_("Which reason explains it best?"), required=False)
    reason_text = forms.CharField(
        label=_("Why, in a few words"), required=False, max_length=400,
        help_text=_("For example: the action started half a year late."),
    )  # fmt: skip

    def __init__(self, *args: Any, offered: Sequence[Organisation], asks_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        readers, reasons = self.fields["readers"], self.fields["reason_code"]
        readers.queryset = Organisation.objects.filter(pk__in=[one.pk for one in offered])  # type: ignore[attr-defined] # a model choice
        if not offered:
            self.fields.pop("readers")
        language = get_language() or "nl"
        named = [(code, f"{one.name(language)}. {one.help_text(language)}") for code, one in reason_entries().items()]
        reasons.choices = [("", _("Choose a reason") if asks_reason else _("No reason needed")), *named]  # type: ignore[attr-defined] # a choice
        reasons.required = asks_reason

    def given(self) -> dict[str, Any]:
        """What `programme.changes.reviews.record_review` takes."""
        given = self.cleaned_data
        return {
            "readers": list(given.get("readers", ())),
            **{name: given[name] for name in ("read_by_others", "reading", "reason_code", "reason_text")},
        }


class SkipForm(VersionedForm):
    """Why an objective is not read this time."""

    reason = forms.CharField(label=_("Why is it not read this time?"), max_length=400, required=False)


class DecisionForm(VersionedForm):
    """What happens next, who decided it, and for another target the new values or the decision that set them."""

    choice = forms.ChoiceField(label=_("What was decided?"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("The decision in a sentence or two"), widget=long_text(3), max_length=2000,
        help_text=_("This comes to stand beside the values in the ledger. No names of residents."),
    )  # fmt: skip
    body = forms.CharField(label=_("Who decided"), max_length=80, help_text=_("Such as college or gemeenteraad."))
    decided_on = forms.DateField(label=_("Day of the decision"), widget=day_input(), input_formats=["%Y-%m-%d"])
    document = forms.CharField(
        label=_("Document"), max_length=200, required=False, help_text=_("Name and number of the decision.")
    )
    decision = forms.ModelChoiceField(
        label=_("Decision that set the new values already"), queryset=Decision.objects.none(), required=False,
        empty_label=_("None: the new values are filled in here"),
    )  # fmt: skip

    def __init__(
        self, *args: Any, choices: Sequence[tuple[str, Any]], decisions: Sequence[Decision],
        agreed: Sequence[tuple[int, Decimal]], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = choices  # type: ignore[attr-defined] # a choice
        self.years = tuple(year for year, _value in agreed)
        for year, value in agreed:
            self.fields[f"agreed_{year}"] = AmountField(label=str(year))
            self.initial.setdefault(f"agreed_{year}", value)
        field = self.fields["decision"]
        field.queryset = Decision.objects.filter(pk__in=[one.pk for one in decisions])  # type: ignore[attr-defined] # a model choice
        field.label_from_instance = words.decision_label  # type: ignore[attr-defined]
        if not decisions or not self._may_adjust(choices):
            self.fields.pop("decision")

    @staticmethod
    def _may_adjust(choices: Sequence[tuple[str, Any]]) -> bool:
        return any(code == CourseDecision.Choice.ADJUST_TARGET for code, _label in choices)

    def main_fields(self) -> list[forms.BoundField]:
        """The fields of every decision."""
        return [self[name] for name in ("text", "body", "decided_on", "document")]

    def value_fields(self) -> list[forms.BoundField]:
        """A field for every year that can still be agreed anew."""
        return [self[f"agreed_{year}"] for year in self.years]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        adjusts = given.get("choice") == CourseDecision.Choice.ADJUST_TARGET
        if adjusts and not given.get("document") and not given.get(ADOPTED_ELSEWHERE):
            problem = ValidationError(_("Name the document: the ledger refers to it."), code="document_missing")
            self.add_error("document", problem)
        return given

    def given(self) -> dict[str, Any]:
        """What `programme.changes.reviews.decide` takes."""
        given = self.cleaned_data
        values = {year: given.get(f"agreed_{year}") for year in self.years}
        return {
            **{name: given[name] for name in ("choice", "text", "body", "document")},
            "decided_on": given["decided_on"],
            "values": {year: value for year, value in values.items() if value is not None},
            "decision": given.get(ADOPTED_ELSEWHERE),
        }


class CloseForm(VersionedForm):
    """What the review comes to, before it closes."""

    conclusion = forms.CharField(
        label=_("What does it come to?"), required=False, widget=long_text(4), max_length=4000,
        help_text=_("A few sentences for the board and the council. No names of residents."),
    )  # fmt: skip
