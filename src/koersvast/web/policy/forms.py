"""Forms of the policy pages."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class KnownOnForm(forms.Form):
    """The day of which the reader wants to see what was known."""

    known_on = forms.DateField(
        label=_("As known on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["known_on"].widget.attrs["max"] = timezone.localdate().isoformat()

    def day(self) -> date:
        """The chosen day; today when none was chosen or it is still to come."""
        today = timezone.localdate()
        chosen = self.cleaned_data.get("known_on") if self.is_valid() else None
        return min(chosen or today, today)
