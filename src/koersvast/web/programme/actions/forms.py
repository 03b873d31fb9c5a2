"""Forms of actions: the filter of the list, the few fields that an action needs, and one line of progress."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koersvast.partners.queries.organisations import organisations
from koersvast.programme.changes.actions import ActionDraft
from koersvast.programme.models import Action, Programme
from koersvast.programme.queries.actions import SIGNALS, SORTS, ActionFilter, Part
from koersvast.web.programme.actions import words

NOTHING: Any = None  # the choices come with the programme


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


class ActionForm(forms.Form):
    """An action in a minute: what, for which objectives, by whom, when, what it may cost. The rest can wait."""

    title = forms.CharField(label=_("What do you do?"), max_length=160)
    objectives: Any = forms.ModelMultipleChoiceField(
        label=_("For which objectives?"), queryset=NOTHING, required=False, widget=forms.CheckboxSelectMultiple
    )
    priority: Any = forms.ModelChoiceField(label=_("Under which priority?"), queryset=NOTHING, required=False)
    owner_organisation: Any = forms.ModelChoiceField(label=_("Who does it?"), queryset=NOTHING, required=False)
    owner_role = forms.CharField(
        label=_("In which role?"), max_length=120, required=False, help_text=_("A role, not a name.")
    )
    starts_on = forms.DateField(
        label=_("From which day?"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=_("Until which day?"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    recurrence = forms.ChoiceField(label=_("How often?"), choices=[(k, v) for k, v in words.RECURRENCE.items()])
    hours = forms.DecimalField(
        label=_("How many hours?"), required=False, min_value=0, max_digits=8, decimal_places=1, localize=True
    )
    has_no_cost = forms.BooleanField(label=_("It costs no money"), required=False)
    chain_link = forms.ChoiceField(label=_("Where on the safety chain?"), required=False)
    mechanism = forms.CharField(
        label=_("Why should it work?"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One sentence: what changes, and why that helps."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("What exactly is done?"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("About the work; no names of residents."),
    )  # fmt: skip
    target_group = forms.CharField(label=_("For whom?"), max_length=200, required=False)
    output_measure = forms.CharField(
        label=_("What do you count?"), max_length=200, required=False, help_text=_("Such as evenings or visits.")
    )
    output_planned = forms.DecimalField(
        label=_("How many in all?"), required=False, min_value=0, max_digits=12, decimal_places=2, localize=True
    )
    output_unit = forms.CharField(label=_("Unit of the count"), max_length=40, required=False)

    def __init__(self, *args: Any, programme: Programme, start: ActionDraft | None = None, **kwargs: Any) -> None:
        self.start = start or ActionDraft(title="", starts_on=programme.first_day, ends_on=programme.last_day)
        kwargs.setdefault("initial", {name: getattr(self.start, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = dict(self.fields)
        fields["objectives"].queryset = programme.plan.objectives.all()
        fields["priority"].queryset = programme.plan.priorities.all()
        fields["owner_organisation"].queryset = organisations()
        fields["chain_link"].choices = [("", _("Not chosen yet")), *words.chain_link_meanings()]

    def draft(self) -> ActionDraft:
        """The action as it was filled in; what this form does not ask stays as it was."""
        kept = {name: getattr(self.start, name) for name in ActionDraft.__dataclass_fields__}
        return ActionDraft(**kept | self.cleaned_data | {"objectives": tuple(self.cleaned_data["objectives"])})


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
