"""What a visitor chooses: which file, of which plan, with figures as known on what day, in what language."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koersvast.policy.models import Plan
from koersvast.publications.blocks import Language

LANGUAGES = [(Language.DUTCH.value, gettext_lazy("Dutch")), (Language.ENGLISH.value, gettext_lazy("English"))]


class DocumentForm(forms.Form):
    """The choices above the list of files; each file has a button of its own, named `file`."""

    plan = forms.ModelChoiceField(
        label=gettext_lazy("Plan"), queryset=Plan.objects.none(), to_field_name="code", empty_label=None
    )
    known_on = forms.DateField(
        label=gettext_lazy("Figures as known on"),
        help_text=gettext_lazy("Choose an earlier day to see what was known then."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the file"), choices=LANGUAGES)

    def __init__(self, *args: Any, plans: Any, chosen: Plan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["plan"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 declared above
        field.queryset = plans
        self.initial.setdefault("plan", chosen.code if chosen else None)
        self.initial.setdefault("known_on", timezone.localdate())
        self.initial.setdefault("language", get_language())
        if len(plans) < 2 and chosen:
            field.widget = forms.HiddenInput()

    def clean_known_on(self) -> Any:
        day = self.cleaned_data["known_on"]
        if day > timezone.localdate():
            raise ValidationError(_("That day has yet to come. Choose today or an earlier day."))
        return day
