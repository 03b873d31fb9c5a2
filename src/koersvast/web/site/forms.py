"""Forms of the way in and of the settings of a municipality."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from koersvast.access import attempts
from koersvast.access.attempts import address_of
from koersvast.access.audit import Event
from koersvast.access.models import Municipality, User
from koersvast.web.site.trail import event_name

TOO_MANY = "too_many_attempts"


class SignInForm(forms.Form):
    """E-mail and password. Says the same for a wrong address as for a wrong password, and brakes guessing."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "email" in given and "password" in given:
            who = {"account": given["email"], "address": address_of(self.request)}
            if not attempts.attempt(**who):
                raise ValidationError(
                    _("There were too many attempts. Wait a quarter of an hour and try again."), code=TOO_MANY
                )
            found = authenticate(self.request, username=given["email"], password=given["password"])
            if not isinstance(found, User):
                raise ValidationError(_("This e-mail address and password do not belong together."), code="wrong")
            attempts.forget(**who)
            self.user = found
        return given


class SettingsForm(forms.Form):
    """What a municipality decides for itself. The limits are percentages, as the pages show them."""

    house_colour = forms.RegexField(
        label=_("House colour"),
        regex=r"^#[0-9a-fA-F]{6}$",
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_("Pages, charts and documents are drawn in it. Below you see how it will look."),
        error_messages={"invalid": _("Write a colour as # and six digits or letters a to f, such as #0b6157.")},
    )
    on_course_from = forms.IntegerField(
        label=_("On course from (%)"),
        min_value=51,
        max_value=99,
        help_text=_("From this probability an objective is called on course. 90 is usual."),
    )
    off_course_to = forms.IntegerField(
        label=_("Off course up to (%)"),
        min_value=1,
        max_value=49,
        help_text=_("Up to this probability an objective is called off course. 10 is usual."),
    )
    priorities_at_most = forms.IntegerField(
        label=_("Priorities at most"),
        min_value=1,
        max_value=40,
        help_text=_("How many priorities your team can carry. The plan check warns above it."),
    )

    @staticmethod
    def values_of(municipality: Municipality) -> dict[str, Any]:
        """What the form shows before anything is changed."""
        return {
            "house_colour": municipality.house_colour,
            "on_course_from": round(100 * municipality.on_course_from),
            "off_course_to": round(100 * municipality.off_course_to),
            "priorities_at_most": municipality.priorities_at_most,
        }

    def changes(self) -> dict[str, Any]:
        """What `access.changes.change_municipality` takes."""
        given = self.cleaned_data
        return {
            "house_colour": given["house_colour"].lower(),
            "on_course_from": given["on_course_from"] / 100,
            "off_course_to": given["off_course_to"] / 100,
            "priorities_at_most": given["priorities_at_most"],
        }


class TrailFilter(forms.Form):
    """Which changes the audit trail shows."""

    event = forms.ChoiceField(label=_("Kind of change"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted((event_name(event.value), event.value) for event in Event)
        self.fields["event"].choices = [("", _("All changes")), *((code, name) for name, code in names)]  # type: ignore[attr-defined] # a choice field

    def chosen(self) -> str:
        """The chosen kind, or an empty text for all."""
        return str(self.cleaned_data["event"]) if self.is_valid() else ""
