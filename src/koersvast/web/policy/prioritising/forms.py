"""Forms of choosing priorities: a round, its lists, scores of one option, and the decision."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from koersvast.access.models import Municipality, User
from koersvast.policy.changes.prioritising import Choice, CriterionEntry, OptionEntry, PartyEntry
from koersvast.policy.models import Criterion, Option, Plan, Prioritising, ScoringParty
from koersvast.reference.models import Taxonomy, Theme
from koersvast.web.forms import NO_RESIDENTS, ChangeForm, VersionedForm, day_field, long_text

# What nearly every municipality weighs: name and what it asks.
STANDARD = (
    (_("Volume"), _("How often does it happen here?")),
    (_("Trend"), _("Does it grow or shrink?")),
    (_("Harm"), _("How much harm does it do, to people and in money?")),
    (_("What residents put first"), _("How high is it with residents?")),
    (_("Beside others"), _("Is it more here than in places like ours?")),
    (_("View of partners"), _("What do partners see in the street?")),
    (_("Capacity"), _("Can we do something about it with what we have?")),
)
# Points as they are kept: 0 to 10 with one decimal at most.
POINTS = re.compile(r"(?:10|[0-9])(?:\.[0-9])?")
OUTCOMES = [
    (Option.Outcome.UNDECIDED, _("Not chosen yet")),
    (Option.Outcome.LOCAL, _("Local priority")),
    (Option.Outcome.REGIONAL, _("Regional priority")),
    (Option.Outcome.KEPT_IN_VIEW, _("Kept in view, not a priority")),
    (Option.Outcome.REJECTED, _("Rejected as a priority")),
]


class RoundForm(VersionedForm):
    """What a round is called, for which plan, and when scores should be in."""

    title = forms.CharField(label=_("What do you call this choice?"), max_length=200)
    plan: Any = forms.ModelChoiceField(
        label=_("For which plan?"), queryset=Plan.objects.none(), required=False, empty_label=_("not known yet")
    )
    scores_close_on = day_field(_("When should scores be in?"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].queryset = Plan.objects.all()  # type: ignore[attr-defined] # a model choice

    @staticmethod
    def values_of(row: Prioritising) -> dict[str, Any]:
        """What the form shows of a round."""
        return {name: getattr(row, name) for name in ("title", "plan", "scores_close_on", "version")}


class NewRoundForm(RoundForm):
    """A new round: from a list of themes, or from an earlier round."""

    taxonomy: Any = forms.ModelChoiceField(
        label=_("List of themes to choose from"), queryset=Taxonomy.objects.none(), empty_label=None
    )
    predecessor: Any = forms.ModelChoiceField(
        label=_("Start from an earlier round"), queryset=Prioritising.objects.none(), required=False,
        empty_label=_("no, with every theme of the list"),
        help_text=_("Its options, criteria and parties come along; its scores do not."),
    )  # fmt: skip

    def __init__(self, *args: Any, municipality: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Taxonomy.objects.filter(municipality_code__in=["", municipality.code]).order_by("-valid_from")
        self.fields["taxonomy"].queryset = own  # type: ignore[attr-defined] # a model choice
        self.initial.setdefault("taxonomy", own.first())
        earlier = Prioritising.objects.all()
        self.fields["predecessor"].queryset = earlier  # type: ignore[attr-defined] # a model choice
        if not earlier:
            self.fields.pop("predecessor")


def standard_criteria() -> list[CriterionEntry]:
    """The seven criteria that a new round begins with, in the language of who begins it."""
    return [CriterionEntry(name=str(name), help_text=str(told)) for name, told in STANDARD]


class ListForm(VersionedForm):
    """Goes beside the lines of a list: which version of the round was read."""


class LineForm(forms.Form):
    """One line of a list; without its first field it is left out."""

    code = forms.CharField(required=False, widget=forms.HiddenInput)
    NEEDED = ""

    def is_filled(self) -> bool:
        return bool(str(self.cleaned_data.get(self.NEEDED) or "").strip())


class OptionForm(LineForm):
    """An option on the long list."""

    NEEDED = "title"
    title = forms.CharField(label=_("Option"), required=False, max_length=160)
    theme: Any = forms.ModelChoiceField(
        label=_("Theme of the list"),
        queryset=Theme.objects.none(),
        required=False,
        empty_label=_("no theme of the list"),
    )
    facts = forms.CharField(
        label=_("What do you know of it, and from where?"), required=False, widget=long_text(2), help_text=NO_RESIDENTS
    )

    def __init__(self, *args: Any, themes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].queryset = themes  # type: ignore[attr-defined] # a model choice
        self.fields["theme"].choices = [("", lazystr(_("no theme of the list")))] + [  # type: ignore[attr-defined] # as above
            (one.pk, f"{one.code} {one.name}") for one in themes
        ]

    def entry(self) -> OptionEntry:
        given = self.cleaned_data
        return OptionEntry(title=given["title"], theme=given["theme"], facts=given["facts"], code=given["code"])

    @staticmethod
    def values_of(row: Option) -> dict[str, Any]:
        return {"code": row.code, "title": row.title, "theme": row.theme_id, "facts": row.facts}


def _weight() -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Weight"),
        required=False,
        min_value=Decimal(0),
        max_digits=6,
        decimal_places=2,
        localize=True,
        initial=1,
    )


class CriterionForm(LineForm):
    """What is weighed."""

    NEEDED = "name"
    name = forms.CharField(label=_("Criterion"), required=False, max_length=120)
    weight = _weight()
    help_text = forms.CharField(label=_("What does it ask?"), required=False, max_length=300)

    def entry(self) -> CriterionEntry:
        given = self.cleaned_data
        return CriterionEntry(
            name=given["name"], weight=Decimal(1) if given["weight"] is None else given["weight"],
            help_text=given["help_text"], code=given["code"],
        )  # fmt: skip

    @staticmethod
    def values_of(row: Criterion) -> dict[str, Any]:
        return {"code": row.code, "name": row.name, "weight": row.weight, "help_text": row.help_text}


class PartyForm(LineForm):
    """Who scores."""

    NEEDED = "name"
    name = forms.CharField(
        label=_("Party"), required=False, max_length=120, help_text=_("Such as police or residents.")
    )
    weight = _weight()
    user: Any = forms.ModelChoiceField(
        label=_("Who fills it in?"), queryset=User.objects.none(), required=False, empty_label=_("comes in on paper")
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people  # type: ignore[attr-defined] # a model choice
        self.fields["user"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined] # as above

    def entry(self) -> PartyEntry:
        given = self.cleaned_data
        return PartyEntry(
            name=given["name"], weight=Decimal(1) if given["weight"] is None else given["weight"], user=given["user"],
            code=given["code"],
        )  # fmt: skip

    @staticmethod
    def values_of(row: ScoringParty) -> dict[str, Any]:
        return {"code": row.code, "name": row.name, "weight": row.weight, "user": row.user_id}


class ScoreForm(ChangeForm):
    """The scores of one party for one option: a number from 0 to 10 by criterion, or none for no opinion."""

    def __init__(self, *args: Any, criteria: Sequence[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole = [str(number) for number in range(11)]
        for one in criteria:
            # A half that came in another way stays what it is, as long as nobody chooses something else.
            stands = str(self.initial.get(one.code, "")) or str(self.data.get(self.add_initial_prefix(one.code), ""))
            half = [stands] if self._number(stands) is not None and stands not in whole else []
            choices = [("", lazystr(_("no opinion"))), *[(text, text) for text in [*whole, *half]]]
            self.fields[one.code] = forms.ChoiceField(
                label=one.name, required=False, choices=choices, help_text=one.help_text, show_hidden_initial=True
            )

    def points(self) -> dict[str, Decimal | None]:
        """What was changed on the page, by the code of the criterion."""
        return {name: self._number(self.cleaned_data[name]) for name in self.changed_data}

    def seen(self) -> dict[str, Decimal | None]:
        """What stood there when the page was opened, of what was changed."""
        return {name: self._number(self.data.get(self.add_initial_prefix(name), "")) for name in self.changed_data}

    @staticmethod
    def _number(text: str) -> Decimal | None:
        return Decimal(text) if POINTS.fullmatch(text) else None


class DecisionForm(VersionedForm):
    """Who decided, when and where it is written."""

    body = forms.CharField(label=_("Who chose?"), max_length=80, help_text=_("Such as gemeenteraad or driehoek."))
    decided_on = day_field(_("On which day was it chosen?"))
    document = forms.CharField(label=_("In which document?"), required=False, max_length=200)
    motivation = forms.CharField(label=_("The choice in a few sentences"), required=False, widget=long_text(3))


class ChoiceForm(forms.Form):
    """What an option becomes, and why."""

    outcome = forms.ChoiceField(label=_("What does it become?"), choices=OUTCOMES, initial=Option.Outcome.UNDECIDED)
    reason = forms.CharField(label=_("For what reason?"), required=False, widget=long_text(2))
    make_priority = forms.BooleanField(label=_("Put it in the plan as a priority"), required=False)

    def __init__(self, *args: Any, option: Option, has_plan: bool, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"prefix": option.code}))
        self.option = option
        if not has_plan:
            self.fields.pop("make_priority")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("outcome") == Option.Outcome.UNDECIDED:
            self.add_error("outcome", ValidationError(_("Choose what it becomes."), code="undecided"))
        if not (given.get("reason") or "").strip():
            self.add_error("reason", ValidationError(_("Say why, in a sentence."), code="no_reason"))
        return given

    def choice(self) -> Choice:
        given = self.cleaned_data
        return Choice(
            option=self.option.code, outcome=Option.Outcome(given["outcome"]), reason=given["reason"],
            make_priority=bool(given.get("make_priority")) and given["outcome"] != Option.Outcome.REJECTED,
        )  # fmt: skip
