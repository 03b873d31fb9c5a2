"""A new wave of a survey, and the facts of one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.engine.periods import BadPeriod, Period
from koersvast.indicators.models import Source
from koersvast.surveys.models import Wave
from koersvast.web.forms import day_field


def _count(label: Any, *, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=20_000_000,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class SurveyField(forms.ModelChoiceField):  # type: ignore[type-arg] # generic in the stubs only
    """A survey by its full name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class NewWaveForm(forms.Form):
    """Of which survey, and when."""

    source = SurveyField(label=gettext_lazy("Survey"), queryset=Source.objects.none(), to_field_name="code")
    period = forms.CharField(
        label=gettext_lazy("Period"),
        max_length=8,
        help_text=gettext_lazy("The year in which it was held, such as 2021."),
    )
    held_from = day_field(gettext_lazy("First day on which answers came in"), required=False)
    held_until = day_field(gettext_lazy("Last day on which answers came in"), required=False)

    def __init__(self, *args: Any, sources: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["source"]
        assert isinstance(chosen, forms.ModelChoiceField)  # noqa: S101 declared above
        chosen.queryset = sources
        if len(sources) == 1:
            chosen.initial = sources[0].code
            chosen.empty_label = None

    def clean_period(self) -> str:
        try:
            return Period.parse(self.cleaned_data["period"]).code
        except BadPeriod as wrong:
            raise ValidationError(_("Give a year, such as 2021."), code="period") from wrong

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        _must_run_forward(self, given)
        return given

    def told(self) -> dict[str, Any]:
        """What was told of the wave, without the survey."""
        return {name: given for name, given in self.cleaned_data.items() if name != "source" and given is not None}


class FactsForm(forms.Form):
    """What a reader must know to judge the outcomes."""

    held_from = day_field(gettext_lazy("First day on which answers came in"), required=False)
    held_until = day_field(gettext_lazy("Last day on which answers came in"), required=False)
    population_nl = forms.CharField(
        label=gettext_lazy("Population"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("About whom the outcomes speak, such as: inwoners van 18 jaar en ouder."),
    )
    population_en = forms.CharField(label=gettext_lazy("Population, in English"), max_length=200, required=False)
    population_size = _count(gettext_lazy("Number of people in the population"))
    age_from = forms.IntegerField(label=gettext_lazy("From what age"), required=False, min_value=0, max_value=100)
    frame_nl = forms.CharField(
        label=gettext_lazy("How respondents were found"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Such as: aselecte steekproef uit de BRP, aangevuld met het burgerpanel."),
    )
    frame_en = forms.CharField(
        label=gettext_lazy("How respondents were found, in English"), max_length=300, required=False
    )
    mode_nl = forms.CharField(
        label=gettext_lazy("How they answered"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Such as: internet en papier."),
    )
    mode_en = forms.CharField(label=gettext_lazy("How they answered, in English"), max_length=120, required=False)
    invited = _count(gettext_lazy("Invited"), help_text=gettext_lazy("How many people received an invitation."))
    reached = _count(
        gettext_lazy("Reached"), help_text=gettext_lazy("Invited people whom the invitation came to, if known.")
    )
    answered = _count(gettext_lazy("Answered"), help_text=gettext_lazy("How many people filled in the survey."))
    note_nl = forms.CharField(
        label=gettext_lazy("Remark for readers"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    note_en = forms.CharField(
        label=gettext_lazy("Remark for readers, in English"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @classmethod
    def initial_of(cls, wave: Wave) -> dict[str, Any]:
        """The facts as they are known."""
        return {name: getattr(wave, name) for name in cls.base_fields}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        _must_run_forward(self, given)
        for fewer, more in (("reached", "invited"), ("answered", "reached"), ("answered", "invited")):
            least, most = given.get(fewer), given.get(more)
            if least is not None and most is not None and least > most:
                self.add_error(fewer, _("This cannot be more than “{other}”.").format(other=self.fields[more].label))
        return given

    def told(self) -> dict[str, Any]:
        """The facts as given; an empty one is forgotten."""
        return dict(self.cleaned_data)


def _must_run_forward(form: forms.Form, given: dict[str, Any]) -> None:
    first, last = given.get("held_from"), given.get("held_until")
    if first and last and last < first:
        form.add_error("held_until", _("The last day comes before the first."))
