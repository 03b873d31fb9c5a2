"""What a visitor chooses on the pages that compare: group, criteria, year; level and measure of a map; a new phase."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.engine.periods import BadPeriod, Period
from koersvast.web.indicators.forms import known_on_field

type Choices = Iterable[tuple[str, str]]


class CompareForm(forms.Form):
    """With whom, in which year, by which criteria, as known on what day; shown as it was answered."""

    group = forms.ChoiceField(label=gettext_lazy("Compare with"))
    period = forms.ChoiceField(label=gettext_lazy("Year"))
    count = forms.TypedChoiceField(
        label=gettext_lazy("Number of comparable municipalities"),
        coerce=int,
        choices=[(number, str(number)) for number in (5, 8, 10, 15, 20, 30)],
    )
    criteria = forms.MultipleChoiceField(
        label=gettext_lazy("Comparable by"), widget=forms.CheckboxSelectMultiple, required=False
    )
    known_on = known_on_field()

    def __init__(
        self, data: Mapping[str, Any], *, groups: Choices, periods: Iterable[str], criteria: Choices, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        _choices(self, "group", groups)
        _choices(self, "period", ((code, code) for code in periods))
        _choices(self, "criteria", criteria)


class MapForm(forms.Form):
    """Which areas, which measure, which year, as known on what day."""

    level = forms.ChoiceField(label=gettext_lazy("Areas"))
    measure = forms.ChoiceField(label=gettext_lazy("Show"))
    period = forms.ChoiceField(label=gettext_lazy("Year"))
    known_on = known_on_field()

    def __init__(
        self, data: Mapping[str, Any], *, levels: Choices, measures: Choices, periods: Iterable[str], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        _choices(self, "level", levels)
        _choices(self, "measure", measures)
        _choices(self, "period", ((code, code) for code in periods))


class MonthsForm(forms.Form):
    """From which year on the months are shown, as known on what day."""

    since = forms.ChoiceField(label=gettext_lazy("From year"))
    known_on = known_on_field()

    def __init__(self, data: Mapping[str, Any], *, years: Iterable[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        _choices(self, "since", ((year, year) for year in years))


class PhaseForm(forms.Form):
    """The month in which a new phase begins, and why."""

    starts = forms.CharField(
        label=gettext_lazy("First month of the new phase"),
        help_text=gettext_lazy("Year and month, such as 2023-05."),
        max_length=7,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why did something change for good?"),
        help_text=gettext_lazy("What happened in that month, so that a later reader understands it."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, months: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.months = tuple(months)

    def clean_starts(self) -> str:
        """A month of the series that is not its first."""
        given = str(self.cleaned_data["starts"]).strip()
        try:
            code = Period.parse(given).code
        except BadPeriod:
            code = ""
        if len(code) != 7 or "Q" in code:
            raise ValidationError(_("Write a month, such as 2023-05."), code="month")
        if code not in self.months[1:]:
            first, last = (self.months[1], self.months[-1]) if len(self.months) > 1 else ("", "")
            raise ValidationError(
                _("Choose a month between {first} and {last}.").format(first=first, last=last), code="outside"
            )
        return code


def _choices(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 declared above
    field.choices = list(choices)
