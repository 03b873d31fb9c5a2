"""A file with answers, how long they are kept, and why they are destroyed."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.connectors.personal_columns import PersonalColumn
from koersvast.indicators.wording import format_day
from koersvast.surveys import wording
from koersvast.surveys.keeping import KeepingRefused, check_keeping, last_day, usual_last_day
from koersvast.surveys.models import Wave
from koersvast.web.forms import day_field

ACCEPTED = ".sav,.zsav,.por,.csv,.xlsx"


class SurveyFileForm(forms.Form):
    """The file, its codebook where that is a file of its own, and until what day the answers are kept."""

    file = forms.FileField(
        label=gettext_lazy("File with answers"),
        help_text=gettext_lazy(
            "SPSS (.sav, .zsav, .por), CSV, Excel (.xlsx) or an export of LimeSurvey. At most 20 MB."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
    )
    codebook = forms.FileField(
        label=gettext_lazy("File with the codebook"),
        required=False,
        help_text=gettext_lazy("Only when the labels of questions and answers are in a file of their own."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.lss,.txt"}),
    )
    keep_until = day_field(gettext_lazy("Keep the answers until"))
    drop_columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns to leave out"), required=False, widget=forms.MultipleHiddenInput
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, wave: Wave, found: Iterable[PersonalColumn] = ()
    ) -> None:
        today = timezone.localdate()
        super().__init__(data, files, initial={"keep_until": usual_last_day(wave.held_until, today=today)})
        self.most = last_day(today=today)
        self.fields["keep_until"].help_text = _(
            "On this day the answers are destroyed by themselves. The outcomes stay. Choose a day up to {most}."
        ).format(most=format_day(self.most))
        chosen = self.fields["drop_columns"]
        assert isinstance(chosen, forms.MultipleChoiceField)  # noqa: S101 declared above
        # The names come from the file itself, which is not kept: what is not in it is refused when it is read.
        sent = data.getlist("drop_columns") if data is not None else []
        names = list(dict.fromkeys([*(name[:200] for name in sent[:500]), *(one.name for one in found)]))
        chosen.choices = [(name, name) for name in names]

    def clean_file(self) -> "UploadedFile[Any]":
        return _not_too_large(self.cleaned_data["file"])

    def clean_codebook(self) -> "UploadedFile[Any] | None":
        given: UploadedFile[Any] | None = self.cleaned_data["codebook"]
        return _not_too_large(given) if given else None

    def clean_keep_until(self) -> date:
        day: date = self.cleaned_data["keep_until"]
        try:
            check_keeping(day, today=timezone.localdate())
        except KeepingRefused as wrong:
            raise ValidationError(wording.refusal(wrong.code, wrong.values), code=wrong.code) from None
        return day


def _not_too_large(given: "UploadedFile[Any]") -> "UploadedFile[Any]":
    if (given.size or 0) > settings.UPLOAD_MAX_BYTES:
        text = _("The file is larger than 20 MB. Ask the administrator to read it in on the server.")
        raise ValidationError(text, code="too_large")
    return given


class DestroyForm(forms.Form):
    """Why the answers are destroyed, and that this is meant."""

    because = forms.CharField(
        label=gettext_lazy("Why are the answers destroyed?"),
        min_length=5,
        max_length=300,
        help_text=gettext_lazy("Your reason is kept in the audit trail. Name no people."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    sure = forms.BooleanField(label=gettext_lazy("Yes, destroy the answers. This cannot be undone."))
