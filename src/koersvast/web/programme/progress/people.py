"""Adding somebody to turn to at an organisation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from koersvast.partners.models import Organisation
from koersvast.partners.queries.organisations import organisations
from koersvast.web.forms import ChangeForm


class ContactForm(ChangeForm):
    """Somebody to turn to at an organisation."""

    organisation = forms.ModelChoiceField(label=_("Organisation"), queryset=Organisation.objects.none())
    name = forms.CharField(label=_("Name of the contact"), max_length=120)
    role = forms.CharField(
        label=_("Role of the contact"), max_length=120, required=False, help_text=_("Such as wijkagent or teamchef.")
    )
    email = forms.EmailField(label=_("E-mail address of the contact"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed on
        known = [one.pk for one in organisations()]
        self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=known)  # type: ignore[attr-defined] # a model choice
