"""The form to change many actions at once: every field stays as it is, unless something is chosen in it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.programme.models import Programme
from koersvast.web.forms import ChangeForm, day_input, long_text
from koersvast.web.programme.actions import words
from koersvast.web.programme.actions.action_form import Choices

EMPTY = "-"
OBJECTIVES = ("add_objectives", "remove_objectives")


class SeveralForm(ChangeForm):
    """What becomes of all chosen actions. A field that is left alone changes nothing; a dash makes it empty."""

    owner_organisation = forms.ChoiceField(label=gettext_lazy("Who carries them out"), required=False)
    owner_role = forms.CharField(label=gettext_lazy("Role of the owner"), required=False, max_length=120)
    priority = forms.ChoiceField(label=gettext_lazy("Priority of them all"), required=False)
    chain_link = forms.ChoiceField(label=gettext_lazy("Place on the safety chain"), required=False)
    add_objectives = forms.ChoiceField(label=gettext_lazy("Let them serve this objective too"), required=False)
    remove_objectives = forms.ChoiceField(label=gettext_lazy("No longer serve this objective"), required=False)
    shift_days = forms.IntegerField(
        label=gettext_lazy("Move their days"), required=False, min_value=-3660, max_value=3660,
        help_text=gettext_lazy("In days; 28 is four weeks later, -28 four weeks earlier."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    starts_on = forms.DateField(
        label=gettext_lazy("Or: all start on"), required=False, widget=day_input(), input_formats=["%Y-%m-%d"]
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Or: all ready by"), required=False, widget=day_input(), input_formats=["%Y-%m-%d"]
    )
    depends_on = forms.ChoiceField(label=gettext_lazy("They wait for the regional body"), required=False)
    evaluation = forms.ChoiceField(label=gettext_lazy("What do you do with them"), required=False)
    evaluation_text = forms.CharField(
        label=gettext_lazy("Why that of all of them"), required=False, widget=long_text(2), max_length=2000
    )

    IN_SIGHT = ("owner_organisation", "owner_role", "priority", "chain_link")
    GROUPS = (
        ("days", gettext_lazy("Days of the actions"), ("shift_days", "starts_on", "ends_on")),
        ("aims", gettext_lazy("Objectives and region"), ("add_objectives", "remove_objectives", "depends_on")),
        ("evaluation", gettext_lazy("Evaluation of them all"), ("evaluation", "evaluation_text")),
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Choices(programme)
        self.rows: dict[str, Any] = {
            "owner_organisation": known.organisations, "depends_on": known.organisations, "priority": known.priorities,
            "add_objectives": known.objectives, "remove_objectives": known.objectives,
        }  # fmt: skip
        stays, empty = ("", _("leave as it is")), (EMPTY, _("make empty"))
        organisations = known.organisation_options[1:]
        options: dict[str, list[Any]] = {
            "owner_organisation": [stays, empty, *organisations],
            "depends_on": [stays, empty, *organisations],
            "priority": [stays, empty, *((key, one.title) for key, one in known.priorities.items())],
            "chain_link": [stays, empty, *words.chain_links()],
            "add_objectives": [("", _("none of them")), *known.objective_options],
            "remove_objectives": [("", _("none of them")), *known.objective_options],
            "evaluation": [stays, *((code, badge.text) for code, badge in words.EVALUATION.items())],
        }
        for name, choices in options.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined] # a choice field

    def in_sight(self) -> list[forms.BoundField]:
        """The fields that are changed most."""
        return [self[name] for name in self.IN_SIGHT]

    def groups(self) -> list[tuple[str, Any, list[forms.BoundField], bool]]:
        """The folded fields; a group in which something is filled in is open."""
        return [
            (key, title, [self[name] for name in names], any(self[name].value() for name in names))
            for key, title, names in self.GROUPS
        ]

    def values(self) -> dict[str, object]:
        """What has to change, by the names that the change knows."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        return {name: self._row(name, value) for name, value in given.items()}

    def _row(self, name: str, value: Any) -> Any:
        if value == EMPTY:
            return "" if name == "chain_link" else None
        if name in OBJECTIVES:
            return (self.rows[name][value],)
        return self.rows[name][value] if name in self.rows else value
