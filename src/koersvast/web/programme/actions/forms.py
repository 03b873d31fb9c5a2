"""Forms beside the action itself: the filter of the list, and one line of progress."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koersvast.partners.queries.organisations import organisations
from koersvast.programme.models import Action
from koersvast.programme.queries.actions import SIGNALS, SORTS, ActionFilter, Part
from koersvast.web.programme.actions import words


class FilterForm(forms.Form):
    """Which actions are listed; everything is optional."""

    text = forms.CharField(label=_("Search in actions"), required=False, max_length=80)
    priority = forms.ChoiceField(label=_("Priority"), required=False)
    partner = forms.ChoiceField(label=_("Partner or unit"), required=False)
    status = forms.ChoiceField(label=_("State of the action"), required=False)
    signal = forms.ChoiceField(label=_("What asks attention"), required=False)
    sort = forms.ChoiceField(label=_("Order of the actions"), required=False)

    def __init__(self, *args: Any, priorities: list[Part], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = [(one.code, str(one)) for one in organisations()]
        choices: dict[str, list[tuple[str, Any]]] = {
            "priority": [(one.code, one.name) for one in priorities],
            "partner": partners,
            "status": [(code, badge.text) for code, badge in words.STATUS.items()],
            "signal": [(str(code), words.SIGNAL[str(code)].text) for code in SIGNALS],
        }
        for name, options in choices.items():
            self._choices(name, [("", _("All of them")), *options])
        self._choices("sort", [(code, words.SORT[code]) for code in SORTS])

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def chosen(self) -> ActionFilter:
        """What was asked; a value that does not exist asks nothing."""
        self.full_clean()
        given = {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}
        return ActionFilter(**given)


class ReportForm(forms.Form):
    """How it goes: a state and one line."""

    state = forms.ChoiceField(label=_("How does it go?"), widget=forms.RadioSelect)
    line = forms.CharField(
        label=_("In one line"), max_length=280, required=False,
        help_text=_("At most 280 characters; about the work, without names of residents."),
    )  # fmt: skip
    output_done = forms.DecimalField(
        label=_("Counted so far"), required=False, min_value=0, max_digits=12, decimal_places=2, localize=True
    )

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"state": action.status})
        super().__init__(*args, **kwargs)
        state = self.fields["state"]
        if isinstance(state, forms.ChoiceField):
            state.choices = [(code, badge.text) for code, badge in words.STATUS.items()]
        if action.output_measure:
            self.fields["output_done"].help_text = action.output_measure
        else:
            del self.fields["output_done"]
