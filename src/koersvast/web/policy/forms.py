"""Forms of the policy pages: looking back, filtering, answering, and writing a plan and its parts."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from koersvast.access.models import Municipality
from koersvast.indicators.models import Indicator, Source
from koersvast.policy.models import ApproachLine, Objective, Plan, Principle, Priority
from koersvast.reference.models import Area, Taxonomy, Theme
from koersvast.reference.queries import safety_chain
from koersvast.web.forms import ChangeForm, day_input, long_text

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
# Words that stand in an address where a code would stand.
RESERVED = frozenset({"nieuw"})
REACHES = [
    (Priority.Reach.LOCAL, _("Local priority")),
    (Priority.Reach.REGIONAL, _("Regional priority")),
    (Priority.Reach.KEPT_IN_VIEW, _("Kept in view, not a priority")),
]


def not_reserved(code: str) -> str:
    """Refuse a code that would hide a page."""
    if code in RESERVED:
        raise ValidationError(_("This word is used by the pages themselves. Choose another code."))
    return code


class KnownOnForm(forms.Form):
    """The day of which the reader wants to see what was known."""

    known_on = forms.DateField(label=_("As known on"), required=False, widget=day_input(), input_formats=["%Y-%m-%d"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["known_on"].widget.attrs["max"] = timezone.localdate().isoformat()

    def day(self) -> date:
        """The chosen day; today when none was chosen or it is still to come."""
        today = timezone.localdate()
        chosen = self.cleaned_data.get("known_on") if self.is_valid() else None
        return min(chosen or today, today)


class FindingFilter(forms.Form):
    """Which findings of the plan check are shown."""

    severity = forms.ChoiceField(
        label=_("Severity"),
        required=False,
        choices=[("", _("All")), ("error", _("Defects")), ("warning", _("Warnings")), ("note", _("Advice"))],
    )
    state = forms.ChoiceField(
        label=_("Answer"),
        required=False,
        choices=[("", _("All")), ("open", _("Without an answer")), ("answered", _("Answered"))],
    )
    words = forms.CharField(label=_("Word in place or text"), required=False, max_length=80)

    def lets_through(self, *, severity: str, is_answered: bool, text: str) -> bool:
        """Whether a finding is shown."""
        wanted = self.cleaned_data if self.is_valid() else {}
        return (
            wanted.get("severity") in ("", None, severity)
            and wanted.get("state") in ("", None, "answered" if is_answered else "open")
            and (wanted.get("words") or "").lower() in text.lower()
        )


class AnswerForm(ChangeForm):
    """A named person's answer to a finding; an empty text with `withdraw` takes it back."""

    rule = forms.CharField(max_length=8, widget=forms.HiddenInput)
    place = forms.CharField(max_length=200, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Known, because …"), required=False, widget=long_text(2), max_length=2000)


# ── The plan and its parts ───────────────────────────────────────────────────────────────────────────────────────


class PlanForm(ChangeForm):
    """A plan: its years, frame and course."""

    title = forms.CharField(label=_("Title"), max_length=200)
    code = forms.SlugField(
        label=_("Short code"), help_text=_("For addresses and files, such as ivp-2027-2030. It stays as it is.")
    )
    first_year = forms.IntegerField(
        label=_("First year"), min_value=EARLIEST_YEAR, max_value=LATEST_YEAR, localize=False
    )
    last_year = forms.IntegerField(label=_("Last year"), min_value=EARLIEST_YEAR, max_value=LATEST_YEAR)
    analysis_first_year = forms.IntegerField(
        label=_("First year of the safety analysis"), min_value=EARLIEST_YEAR, max_value=LATEST_YEAR
    )
    analysis_last_year = forms.IntegerField(
        label=_("Last year of the safety analysis"), min_value=EARLIEST_YEAR, max_value=LATEST_YEAR
    )
    legal_basis = forms.CharField(
        label=_("Legal basis, as the plan cites it"),
        required=False,
        max_length=200,
        help_text=_("The duty stands in article 38b of the Politiewet 2012, first paragraph."),
    )
    method = forms.CharField(label=_("Method"), required=False, max_length=200)
    strategic_frame = forms.CharField(label=_("Strategic frame"), required=False, widget=long_text())
    main_course = forms.CharField(label=_("Main course"), required=False, widget=long_text())
    taxonomy = forms.ModelChoiceField(label=_("List of themes"), queryset=Taxonomy.objects.none())
    area = forms.ModelChoiceField(label=_("Area"), queryset=Area.objects.none())
    predecessor = forms.ModelChoiceField(
        label=_("Earlier plan"), queryset=Plan.objects.none(), required=False, empty_label=_("none")
    )

    def __init__(self, *args: Any, municipality: Municipality, plan: Plan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Taxonomy.objects.filter(municipality_code__in=["", municipality.code])
        self.fields["taxonomy"].queryset = own.order_by("-valid_from")  # type: ignore[attr-defined] # a model choice
        areas = Area.objects.filter(code=municipality.code).order_by("-valid_from")
        self.fields["area"].queryset = areas  # type: ignore[attr-defined] # a model choice
        others = Plan.objects.exclude(pk=plan.pk) if plan else Plan.objects.all()
        self.fields["predecessor"].queryset = others  # type: ignore[attr-defined] # a model choice
        if plan:
            self.fields.pop("code")

    def clean_code(self) -> str:
        return not_reserved(self.cleaned_data["code"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for first, last in (("first_year", "last_year"), ("analysis_first_year", "analysis_last_year")):
            if given.get(first) and given.get(last) and given[first] > given[last]:
                self.add_error(last, _("The last year comes before the first."))
        return given

    @staticmethod
    def values_of(plan: Plan) -> dict[str, Any]:
        """What the form shows of a plan."""
        names = (
            "title", "first_year", "last_year", "analysis_first_year", "analysis_last_year", "legal_basis", "method",
            "strategic_frame", "main_course", "taxonomy", "area", "predecessor",
        )  # fmt: skip
        return {name: getattr(plan, name) for name in names}


class PrincipleForm(forms.Form):
    """One strategic principle; an empty title leaves it out."""

    title = forms.CharField(label=_("Principle"), required=False, max_length=200)
    text = forms.CharField(label=_("Explanation"), required=False, widget=long_text(3))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("text") and not given.get("title"):
            self.add_error("title", _("Give the principle a title, or empty its explanation."))
        return given


PrincipleFormSet = forms.formset_factory(PrincipleForm, extra=2, max_num=20)


def principles_of(plan: Plan) -> list[dict[str, str]]:
    """What the forms of the principles show."""
    return [{"title": one.title, "text": one.text} for one in Principle.objects.filter(plan=plan)]


class PriorityForm(ChangeForm):
    """A priority, or a theme that is kept in view."""

    title = forms.CharField(label=_("Title"), max_length=200)
    code = forms.SlugField(label=_("Short code"), help_text=_("For addresses and files. It stays as it is."))
    reach = forms.ChoiceField(
        label=_("What it is"), choices=REACHES, widget=forms.RadioSelect, initial=Priority.Reach.LOCAL
    )
    position = forms.IntegerField(label=_("Place in the list"), min_value=1, max_value=200)
    motivation = forms.CharField(
        label=_("Why this priority"), required=False, widget=long_text(), help_text=_("Name the figures behind it.")
    )
    approach = forms.CharField(label=_("Approach in outline"), required=False, widget=long_text())
    themes = forms.ModelMultipleChoiceField(
        label=_("Themes"), queryset=Theme.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, plan: Plan, priority: Priority | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themes = Theme.objects.filter(field__taxonomy=plan.taxonomy_id).select_related("field").order_by("code")
        self.fields["themes"].queryset = themes  # type: ignore[attr-defined] # a model choice
        self.fields["themes"].label_from_instance = lambda theme: f"{theme.code} {theme.name}"  # type: ignore[attr-defined]
        if priority:
            self.fields.pop("code")
        else:
            self.initial.setdefault("position", plan.priorities.count() + 1)

    def clean_code(self) -> str:
        return not_reserved(self.cleaned_data["code"])

    @staticmethod
    def values_of(priority: Priority) -> dict[str, Any]:
        """What the form shows of a priority."""
        names = ("title", "reach", "position", "motivation", "approach")
        return {name: getattr(priority, name) for name in names} | {"themes": list(priority.themes.all())}


class ObjectiveForm(ChangeForm):
    """An objective: what is to move, measured by which indicator, in the plan's own words."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("What is measured, in a few words."))
    code = forms.SlugField(
        label=_("Short code"), max_length=80, help_text=_("For addresses and files. It stays as it is.")
    )
    wording = forms.CharField(label=_("How the plan words it"), required=False, widget=long_text(3))
    priority = forms.ModelChoiceField(
        label=_("Priority"), queryset=Priority.objects.none(), required=False, empty_label=_("none")
    )
    indicator = forms.ModelChoiceField(
        label=_("Indicator"),
        queryset=Indicator.objects.none(),
        required=False,
        empty_label=_("none yet"),
        help_text=_("Without an indicator nothing can be agreed or judged."),
    )
    source = forms.ModelChoiceField(
        label=_("Whose figures judge it"),
        queryset=Source.objects.none(),
        required=False,
        empty_label=_("the source of the indicator"),
    )
    position = forms.IntegerField(label=_("Place in the list"), min_value=1, max_value=500)

    def __init__(self, *args: Any, plan: Plan, objective: Objective | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["priority"].queryset = plan.priorities.all()  # type: ignore[attr-defined] # a model choice
        self.fields["indicator"].queryset = Indicator.objects.all()  # type: ignore[attr-defined] # a model choice
        self.fields["source"].queryset = Source.objects.all()  # type: ignore[attr-defined] # a model choice
        if objective:
            self.fields.pop("code")
        else:
            self.initial.setdefault("position", plan.objectives.count() + 1)

    def clean_code(self) -> str:
        return not_reserved(self.cleaned_data["code"])

    @staticmethod
    def values_of(objective: Objective) -> dict[str, Any]:
        """What the form shows of an objective."""
        names = ("title", "wording", "priority", "indicator", "source", "position")
        return {name: getattr(objective, name) for name in names}


class ApproachLineForm(ChangeForm):
    """A line of the approach: what, who, when, for which objective, where on the safety chain."""

    text = forms.CharField(label=_("What we will do"), max_length=300, widget=long_text(2))
    priority = forms.ModelChoiceField(
        label=_("Priority"), queryset=Priority.objects.none(), required=False, empty_label=_("none")
    )
    objective = forms.ModelChoiceField(
        label=_("Objective that it serves"), queryset=Objective.objects.none(), required=False, empty_label=_("none")
    )
    owner = forms.CharField(
        label=_("Who does it"),
        required=False,
        max_length=120,
        help_text=_("A role or an organisation, not the name of a person."),
    )
    due = forms.CharField(
        label=_("When"), required=False, max_length=40, help_text=_("Such as 2027, or every quarter.")
    )
    cost_euro = forms.DecimalField(
        label=_("Cost in euro"), required=False, min_value=Decimal(0), max_digits=12, decimal_places=2, localize=True
    )
    chain_link = forms.ChoiceField(label=_("Place on the safety chain"), required=False)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["priority"].queryset = plan.priorities.all()  # type: ignore[attr-defined] # a model choice
        self.fields["objective"].queryset = plan.objectives.all()  # type: ignore[attr-defined] # a model choice
        links = [(link.code, f"{link.name}: {link.meaning}") for link in safety_chain()]
        self.fields["chain_link"].choices = [("", lazystr(_("not chosen yet"))), *links]  # type: ignore[attr-defined] # a choice

    @staticmethod
    def values_of(line: ApproachLine) -> dict[str, Any]:
        """What the form shows of a line."""
        names = ("text", "priority", "objective", "owner", "due", "cost_euro", "chain_link")
        return {name: getattr(line, name) for name in names}


class AdoptForm(ChangeForm):
    """The decision that adopts every draft: body, day, document, and for a revision the reason."""

    body = forms.CharField(label=_("Who decided"), max_length=80, help_text=_("Such as gemeenteraad."))
    decided_on = forms.DateField(label=_("Day of the decision"), widget=day_input(), input_formats=["%Y-%m-%d"])
    date_is_assumed = forms.BooleanField(label=_("The document does not give the day; it is assumed"), required=False)
    document = forms.CharField(label=_("Document"), max_length=200, help_text=_("Name and number of the decision."))
    document_url = forms.URLField(label=_("Address of the document"), required=False, assume_scheme="https")
    reason = forms.CharField(label=_("Why adopted values change"), required=False, widget=long_text(3), max_length=4000)

    def __init__(self, *args: Any, is_revision: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_revision:
            self.fields["reason"].required = True
        else:
            self.fields.pop("reason")
