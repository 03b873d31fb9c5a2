"""What the forms of all pages share: input that goes to a named change, the version that somebody saw, and days."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

NO_RESIDENTS = _("No names of residents.")


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when nothing was filled in; None when the page is only asked."""
    return request.POST if request.method == "POST" else None


def sent_version(request: HttpRequest) -> int:
    """The version that somebody saw before pressing a button; 0, which no row has, when it was not sent as a number."""
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


def long_text(rows: int = 5) -> forms.Textarea:
    """A field for some paragraphs."""
    return forms.Textarea(attrs={"rows": rows})


def day_input() -> forms.DateInput:
    """The browser's own field for a day."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A day, by the browser's own field."""
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=day_input(), input_formats=["%Y-%m-%d"]
    )


class ChangeForm(forms.Form):
    """A form whose input goes to a named change, which may refuse it."""

    def take_over(self, refused: ValidationError) -> None:
        """Show what the change refused at the fields that it names, the rest above the form."""
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused)
            return
        for name, errors in refused.error_dict.items():
            at = name if name in self.fields and name != NON_FIELD_ERRORS else None
            self.add_error(at, ValidationError(errors))

    def given(self) -> dict[str, Any]:
        """The cleaned values without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class VersionedForm(ChangeForm):
    """A form for a row that several people may change: it carries the version that was read."""

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def clean_version(self) -> int:
        """A form without a version comes from nobody who saw the row: 0, which no row has."""
        return self.cleaned_data["version"] or 0
