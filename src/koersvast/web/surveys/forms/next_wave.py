"""What is expected and asked of a next wave, given in the address so that it can be kept and sent on."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy

POWERS = (("0.8", gettext_lazy("80%")), ("0.9", gettext_lazy("90%")))


def _number(label: object, *, least: float, most: float, step: str, hint: object) -> forms.FloatField:
    return forms.FloatField(
        label=label,  # type: ignore[arg-type] # lazy texts
        min_value=least,
        max_value=most,
        help_text=hint,  # type: ignore[arg-type] # lazy texts
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": step}),
    )


class ExpectationForm(forms.Form):
    """Response, loss by weighting, how sure, and how many invitations."""

    respons = _number(
        gettext_lazy("Expected response (%)"), least=0.1, most=100, step="0.1",
        hint=gettext_lazy("Of every 100 people who are invited, so many answer."),
    )  # fmt: skip
    ontwerpeffect = _number(
        gettext_lazy("Expected design effect"), least=0.5, most=20, step="0.01",
        hint=gettext_lazy("1 is without loss; 1.5 means that 1,500 respondents count as 1,000."),
    )  # fmt: skip
    kans = forms.ChoiceField(
        label=gettext_lazy("Wanted chance to show the change"),
        choices=POWERS,
        help_text=gettext_lazy("How likely a change that is really there must show."),
    )
    uitnodigingen = forms.IntegerField(
        label=gettext_lazy("Invitations"),
        required=False,
        min_value=1,
        max_value=20_000_000,
        help_text=gettext_lazy("Leave empty for as many as the targets ask."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    jaar = forms.TypedChoiceField(label=gettext_lazy("Targets of the year"), coerce=int, required=False)
    doel = forms.ChoiceField(label=gettext_lazy("Also show by area"), required=False)
    gebied = forms.ChoiceField(label=gettext_lazy("Division into areas"), required=False)

    def offer(
        self,
        *,
        years: Sequence[int],
        objectives: Sequence[tuple[str, str]],
        backgrounds: Sequence[tuple[str, str]],
    ) -> None:
        """Offer what can be chosen; a field with one choice or none is left out."""
        for name, choices in (
            ("jaar", [(year, str(year)) for year in years]),
            ("doel", list(objectives)),
            ("gebied", list(backgrounds)),
        ):
            if len(choices) < 2:
                del self.fields[name]
                continue
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ChoiceField)  # noqa: S101 declared above
            chosen.choices = choices
