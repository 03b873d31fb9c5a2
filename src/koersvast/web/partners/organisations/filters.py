"""What the lists of partners, agreements and promises can be asked."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koersvast.partners.wording import AGREEMENT_KIND, DIRECTION, ORGANISATION_KIND, PROMISE_STATE, TERM
from koersvast.web.partners.organisations.forms import choices


class Filter(forms.Form):
    """A form that only asks; what is not understood asks nothing."""

    def chosen(self, name: str) -> str:
        """The value of one field, or an empty text."""
        return str(self.cleaned_data.get(name) or "") if self.is_valid() else ""

    def is_used(self) -> bool:
        """Whether anything is asked."""
        return any(self.chosen(name) for name in self.fields)


def search(label: Any) -> forms.CharField:
    """Words to look for."""
    return forms.CharField(label=label, required=False, max_length=80, widget=forms.TextInput(attrs={"type": "search"}))


class PartnerFilter(Filter):
    """Which partners are shown."""

    zoek = search(_("Search a partner"))
    soort = forms.ChoiceField(
        label=_("Kind of organisation"), required=False, choices=choices(ORGANISATION_KIND, empty=_("All kinds"))
    )
    let_op = forms.ChoiceField(
        label=_("Asks attention"),
        required=False,
        choices=[
            ("", _("All partners")),
            ("late_promises", _("Promises past their day")),
            ("open_promises", _("Open promises")),
            ("agreement_ends", _("An agreement ends within a quarter")),
            ("silent", _("Silent for half a year")),
            ("no_contact", _("No contact person")),
            ("archive", _("In the archive")),
        ],
    )


class AgreementFilter(Filter):
    """Which agreements are shown."""

    zoek = search(_("Search an agreement"))
    soort = forms.ChoiceField(
        label=_("Kind of agreement"), required=False, choices=choices(AGREEMENT_KIND, empty=_("All kinds"))
    )
    looptijd = forms.ChoiceField(
        label=_("Term of the agreement"), required=False, choices=choices(TERM, empty=_("All terms"))
    )


class PromiseFilter(Filter):
    """Which promises are shown."""

    zoek = search(_("Search a promise"))
    richting = forms.ChoiceField(
        label=_("Who promised it"), required=False, choices=choices(DIRECTION, empty=_("Both ways"))
    )
    stand = forms.ChoiceField(label=_("How it stands"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states: Iterable[tuple[str, str]] = ((code, str(text)) for code, text in PROMISE_STATE.items())
        self.fields["stand"].choices = [("", str(_("All states"))), ("late", str(_("Past its day"))), *states]  # type: ignore[attr-defined] # a choice
