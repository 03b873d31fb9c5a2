"""Forms of a programme: what it is, its adoption, and from which programme actions are taken over."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.policy.models import Plan
from koersvast.programme.models import Programme
from koersvast.web.forms import VersionedForm, day_input
from koersvast.web.programme.actions import words

FIELDS = ("title", "plan", "first_day", "last_day", "predecessor")


class ProgrammeForm(VersionedForm):
    """A programme: its name, its plan and its term. Its code is made from its name."""

    title = forms.CharField(label=gettext_lazy("Name of the programme"), max_length=200)
    plan: Any = forms.ModelChoiceField(
        label=gettext_lazy("Under which policy plan"), queryset=Plan.objects.none(), empty_label=None
    )
    first_day = forms.DateField(label=gettext_lazy("First day"), widget=day_input(), input_formats=["%Y-%m-%d"])
    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=day_input(), input_formats=["%Y-%m-%d"])
    predecessor: Any = forms.ModelChoiceField(
        label=gettext_lazy("Follows on the programme"), queryset=Programme.objects.none(), required=False,
        empty_label=gettext_lazy("none, it is the first"),
    )  # fmt: skip

    def __init__(self, *args: Any, programme: Programme | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = dict(self.fields)
        choices["plan"].queryset = Plan.objects.all()
        others = Programme.objects.exclude(pk=programme.pk) if programme else Programme.objects.all()
        choices["predecessor"].queryset = others

    @staticmethod
    def values_of(programme: Programme) -> dict[str, Any]:
        """What the form shows of a programme."""
        return {name: getattr(programme, name) for name in (*FIELDS, "version")}


def next_values(before: Programme | None, *, plan: Plan | None, today: date) -> dict[str, Any]:
    """What a new programme starts with: two years from the day after the one before, or from the next January."""
    first = before.last_day + timedelta(days=1) if before else date(today.year + 1, 1, 1)
    last = date(first.year + 2, first.month, min(first.day, 28)) - timedelta(days=1)
    title = _("Implementation programme {first}-{last}").format(first=first.year, last=last.year)
    return {"title": title, "plan": plan, "first_day": first, "last_day": last, "predecessor": before}


class AdoptionForm(VersionedForm):
    """Who adopted the programme, when, and in which document."""

    adopted_on = forms.DateField(
        label=gettext_lazy("Day of the decision"), widget=day_input(), input_formats=["%Y-%m-%d"]
    )
    adopted_by = forms.CharField(
        label=gettext_lazy("Who adopted it"), max_length=80, help_text=gettext_lazy("Such as college van B en W.")
    )
    document = forms.CharField(
        label=gettext_lazy("Document of the decision"), max_length=200, required=False,
        help_text=gettext_lazy("Name and number of the decision."),
    )  # fmt: skip


def with_version_of(posted: QueryDict, row: Any) -> QueryDict:
    """What was typed, for the programme as it stands now."""
    again = posted.copy()
    again["version"] = str(row.version)
    return again


def stands_now(row: Programme) -> str:
    """What somebody else saved meanwhile, in a sentence."""
    text = _(
        "Somebody else changed this programme meanwhile. It is now called {title} and runs from {term}. "
        "Save once more to write yours over it."
    )
    return text.format(title=row.title, term=words.term(row.first_day, row.last_day))


class SourceForm(forms.Form):
    """From which programme actions are taken over."""

    source: Any = forms.ModelChoiceField(
        label=gettext_lazy("From the programme"), queryset=Programme.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, target: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["source"]
        field.queryset = Programme.objects.exclude(pk=target.pk)
        field.to_field_name = "code"
