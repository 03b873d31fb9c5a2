"""Forms beside the action itself: the filter of the list, and one line of progress."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koersvast.partners.queries.organisations import organisations
from koersvast.programme.models import Action, Programme
from koersvast.programme.queries.actions import SIGNALS, SORTS, ActionFilter, objectives_of, priorities_of
from koersvast.web.programme.actions import words


class FilterForm(forms.Form):
    """Which actions are listed; everything is optional. `sort` and `descending` come from the heads of the columns."""

    text = forms.CharField(label=_("Search in actions"), required=False, max_length=80)
    status = forms.ChoiceField(label=_("State of the action"), required=False)
    signal = forms.ChoiceField(label=_("What asks attention"), required=False)
    priority = forms.ChoiceField(label=_("Priority"), required=False)
    objective = forms.ChoiceField(label=_("Objective of the plan"), required=False)
    partner = forms.ChoiceField(label=_("Partner or unit"), required=False)
    chain_link = forms.ChoiceField(label=_("Safety chain"), required=False)
    sort = forms.ChoiceField(required=False, widget=forms.HiddenInput, choices=[(code, code) for code in SORTS])
    descending = forms.BooleanField(required=False, widget=forms.HiddenInput)

    IN_SIGHT = ("text", "status", "signal", "priority")
    FOLDED = ("objective", "partner", "chain_link")

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = [(one.code, str(one)) for one in organisations()]
        choices: dict[str, list[tuple[str, Any]]] = {
            "priority": [(one.code, one.name) for one in priorities_of(programme)],
            "objective": [(one.code, one.name) for one in objectives_of(programme)],
            "partner": partners,
            "chain_link": [(code, name) for code, name in words.chain_links()],
            "status": [(code, badge.text) for code, badge in words.STATUS.items()],
            "signal": [(str(code), words.SIGNAL[str(code)].text) for code in SIGNALS],
        }
        for name, options in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", _("All of them")), *options]

    def in_sight(self) -> list[forms.BoundField]:
        """The filters that are used most."""
        return [self[name] for name in self.IN_SIGHT]

    def folded(self) -> list[forms.BoundField]:
        """The other filters."""
        return [self[name] for name in self.FOLDED]

    def folded_is_open(self) -> bool:
        """Whether one of the folded filters asks something."""
        return any(self.data.get(name) for name in self.FOLDED)

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
