"""What a visitor chooses and sends about national tables: feeds, a file, a reason, an explanation."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.indicators.feeds import FEEDS
from koersvast.indicators.models import Following


class FeedsForm(forms.Form):
    """Which feeds are followed, and whether a person wants to see every delivery first."""

    feeds = forms.MultipleChoiceField(
        label=gettext_lazy("Figures"), required=False, choices=[(code, code) for code in FEEDS]
    )
    takes_over = forms.ChoiceField(
        label=gettext_lazy("When new figures come in"),
        choices=[
            (
                Following.TakesOver.BY_ITSELF.value,
                gettext_lazy("Take them over by themselves, unless something is unusual"),
            ),
            (Following.TakesOver.AFTER_CONFIRMATION.value, gettext_lazy("Let me look at them first, always")),
        ],
        widget=forms.RadioSelect,
        initial=Following.TakesOver.BY_ITSELF.value,
        help_text=gettext_lazy(
            "The first delivery always waits for you. So do figures that jump, that disappear, or that change in "
            "large numbers."
        ),
    )

    def takes(self) -> Following.TakesOver:
        """Who takes over, as the model has it."""
        return Following.TakesOver(self.cleaned_data["takes_over"])


class TableFileForm(forms.Form):
    """A file of a national table, and the day on which its holder gave it."""

    file = forms.FileField(
        label=gettext_lazy("File of the table"),
        help_text=gettext_lazy("CSV, at most 20 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv"}),
    )
    as_of = forms.DateField(
        label=gettext_lazy("Day on which the source gave these figures"),
        required=False,
        help_text=gettext_lazy("Without a day it is today."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        given: UploadedFile[Any] = self.cleaned_data["file"]
        if given.size and given.size > settings.UPLOAD_MAX_BYTES:
            raise ValidationError(_("This file is larger than 20 MB."), code="too_large")
        return given

    def clean_as_of(self) -> Any:
        given = self.cleaned_data["as_of"]
        if given and given > timezone.localdate():
            raise ValidationError(_("This day lies ahead."), code="ahead")
        return given


class AcceptForm(forms.Form):
    """Why figures that were put apart count after all."""

    because = forms.CharField(
        label=gettext_lazy("Why may these figures count after all?"),
        max_length=300,
        help_text=gettext_lazy(
            "Your reason is kept with the figures, where every municipality of this installation reads it. "
            "Name no people."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DifferenceForm(forms.Form):
    """Why two sources give different figures: for all periods, or for one."""

    period = forms.ChoiceField(label=gettext_lazy("For which period?"), required=False)
    text = forms.CharField(
        label=gettext_lazy("What explains the difference?"),
        max_length=2000,
        help_text=gettext_lazy("For example: the plan counts by the day of the crime, the open table by registration."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, periods: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["period"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101 declared above
        chosen.choices = [("", _("All periods")), *((code, code) for code in periods)]
