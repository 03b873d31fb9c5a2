"""What a difference between a measure and the definition of its indicator means."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.surveys.models import IndicatorLink

Decision = IndicatorLink.Decision


class DecisionForm(forms.Form):
    """The same measure, or a break in the series with the reason."""

    decision = forms.ChoiceField(
        label=gettext_lazy("What does the difference mean?"),
        choices=[
            (Decision.SAME.value, gettext_lazy("Nothing that matters: it is the same measure and the series goes on")),
            (
                Decision.BREAK.value,
                gettext_lazy(
                    "It is another measure: a break is marked in the series and earlier figures do not compare"
                ),
            ),
        ],
        widget=forms.RadioSelect,
    )
    note_nl = forms.CharField(
        label=gettext_lazy("Why is there a break?"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Stands beside the figures, wherever they are shown."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note_en = forms.CharField(
        label=gettext_lazy("Why is there a break, in English"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("decision") == Decision.BREAK and not told.get("note_nl", "").strip():
            self.add_error("note_nl", _("Say why, so that readers understand the break."))
        return told
