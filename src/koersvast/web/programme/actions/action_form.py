"""The form of an action: six fields in sight, the rest folded; amounts and contributions as rows.

It gives an `ActionDraft`, and shows one. Choices are read once for the page, however many rows there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.indicators.models import Indicator
from koersvast.partners.models import Agreement, Contact, Organisation
from koersvast.programme.changes.actions import ActionDraft, ContributionEntry, CostEntry
from koersvast.programme.models import Action, CostLine, Programme
from koersvast.reference.models import Area
from koersvast.web.forms import NO_RESIDENTS, VersionedForm, day_input, long_text
from koersvast.web.programme.actions import words

MORE = "more"


def money(**given: Any) -> forms.DecimalField:
    """A field for an amount in the reader's own notation."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(required=False, localize=True, max_digits=12, decimal_places=2, widget=widget, **given)


class Choices:
    """The rows of a municipality that a form may point to, each kind read once."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme

    @cached_property
    def organisations(self) -> dict[str, Organisation]:
        return _by_key(Organisation.objects.all())

    @cached_property
    def contacts(self) -> dict[str, Contact]:
        return _by_key(Contact.objects.select_related("organisation").order_by("organisation__name", "name"))

    @cached_property
    def agreements(self) -> dict[str, Agreement]:
        return _by_key(Agreement.objects.all())

    @cached_property
    def objectives(self) -> dict[str, Any]:
        return _by_key(self.programme.plan.objectives.select_related("priority"))

    @cached_property
    def priorities(self) -> dict[str, Any]:
        return _by_key(self.programme.plan.priorities.all())

    @cached_property
    def approach_lines(self) -> dict[str, Any]:
        return _by_key(self.programme.plan.approach_lines.all())

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        return _by_key(Indicator.objects.all())

    @cached_property
    def areas(self) -> dict[str, Area]:
        """The municipality as it is now, and the wijken and buurten within it."""
        own = self.programme.municipality.code
        wijken = Area.objects.filter(parent_code=own, kind=Area.Kind.WIJK, valid_until=None)
        buurten = Area.objects.filter(
            parent_code__in=wijken.values("code"), kind=Area.Kind.BUURT, valid_until=None
        )  # fmt: skip
        whole = Area.objects.filter(code=own).order_by("-valid_from")[:1]
        return _by_key([*whole, *wijken.order_by("name"), *buurten.order_by("name")])

    @cached_property
    def organisation_options(self) -> list[Any]:
        """Own units first, then everybody else; who is no longer active says so."""
        known = [(key, _organisation_label(one), one.is_internal) for key, one in self.organisations.items()]
        units = [(key, label) for key, label, is_internal in known if is_internal]
        others = [(key, label) for key, label, is_internal in known if not is_internal]
        named = ((_("Our own organisation"), units), (_("Partners outside"), others))
        return [("", _("nobody yet")), *(group for group in named if group[1])]

    @cached_property
    def contact_options(self) -> list[Any]:
        by_organisation: dict[str, list[tuple[str, str]]] = {}
        for key, one in self.contacts.items():
            label = f"{one.name}, {one.role}" if one.role else one.name
            by_organisation.setdefault(one.organisation.name, []).append((key, label))
        return [("", _("nobody by name")), *by_organisation.items()]

    @cached_property
    def objective_options(self) -> list[Any]:
        by_priority: dict[str, list[tuple[str, str]]] = {}
        for key, one in self.objectives.items():
            heading = one.priority.title if one.priority else _("Objectives without a priority")
            by_priority.setdefault(heading, []).append((key, one.title))
        return list(by_priority.items())


def _by_key[Row: models.Model](rows: Iterable[Row]) -> dict[str, Row]:
    return {str(row.pk): row for row in rows}


def _organisation_label(one: Organisation) -> str:
    return one.name if one.is_active else _("{name} (no longer active)").format(name=one.name)


def _pick(field: forms.Field, rows: Mapping[str, Any], options: Sequence[Any]) -> None:
    """Let a choice field offer these rows and give the row itself."""
    field.choices = options  # type: ignore[attr-defined] # a choice field
    field.coerce = rows.__getitem__  # type: ignore[attr-defined] # a typed choice field


def _chosen(label: Any, **given: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, required=False, empty_value=None, **given)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Folded fields under a name; `filled` counts what is in them, so that nothing is hidden."""

    id: str
    title: str
    hint: str
    fields: Sequence[forms.BoundField]
    filled: int
    is_open: bool


GROUPS: tuple[tuple[str, Any, Any, tuple[str, ...]], ...] = (
    (
        "what", gettext_lazy("What and why"), gettext_lazy("Explanation, why it works, other objectives"),
        ("text", "mechanism", "further_objectives", "priority", "approach_line"),
    ),
    (
        "who", gettext_lazy("Who exactly"), gettext_lazy("Person, role, and on whom it waits"),
        ("owner_contact", "owner_role", "depends_on"),
    ),
    (
        "result", gettext_lazy("Hours and result"), gettext_lazy("Hours, what is counted, what it should move"),
        ("hours", "output_measure", "output_planned", "output_unit", "outcome_indicator"),
    ),
    (
        "where", gettext_lazy("For whom and where"), gettext_lazy("Target group, area and the four lenses"),
        ("target_group", "area", "lens_time", "lens_space", "lens_networks", "lens_knowledge"),
    ),
    (
        "decided", gettext_lazy("Decision and rhythm"), gettext_lazy("Where it was decided, a word on the rhythm"),
        ("decision_reference", "recurrence_note"),
    ),
)  # fmt: skip


class ActionForm(VersionedForm):
    """One action. `draft()` gives it with its rows; fields that the form does not show come from what stood there."""

    title = forms.CharField(label=gettext_lazy("What will be done"), max_length=160, help_text=NO_RESIDENTS)
    objective = _chosen(gettext_lazy("For which objective"))
    owner_organisation = _chosen(gettext_lazy("Who carries it out"))
    starts_on = forms.DateField(label=gettext_lazy("Starts on"), required=False, widget=day_input())
    ends_on = forms.DateField(label=gettext_lazy("Ready by"), required=False, widget=day_input())
    recurrence = forms.ChoiceField(label=gettext_lazy("How often"), choices=list(words.RECURRENCE.items()))
    has_no_cost = forms.BooleanField(label=gettext_lazy("It costs nothing"), required=False)
    chain_link = forms.ChoiceField(label=gettext_lazy("Link of the safety chain"), required=False)

    text = forms.CharField(
        label=gettext_lazy("Explanation"), required=False, widget=long_text(4), help_text=NO_RESIDENTS
    )
    mechanism = forms.CharField(
        label=gettext_lazy("Why it should work"), required=False, widget=long_text(3),
        help_text=gettext_lazy("By which way does this bring the objective closer?"),
    )  # fmt: skip
    further_objectives = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Also serves"), required=False, widget=forms.CheckboxSelectMultiple, empty_value=[]
    )
    priority = _chosen(
        gettext_lazy("Priority of the action"), help_text=gettext_lazy("Left empty: the priority of the objective.")
    )
    approach_line = _chosen(gettext_lazy("Line of the approach in the plan"))
    owner_contact = _chosen(gettext_lazy("Contact person"))
    owner_role = forms.CharField(
        label=gettext_lazy("Role"), required=False, max_length=120,
        help_text=gettext_lazy("Such as wijkagent or beleidsmedewerker jeugd. A role stays when people leave."),
    )  # fmt: skip
    depends_on = _chosen(gettext_lazy("Waits for a regional body"))
    hours = forms.DecimalField(
        label=gettext_lazy("Hours of our own"), required=False, localize=True, max_digits=8, decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=gettext_lazy("Over the whole term."),
    )  # fmt: skip
    output_measure = forms.CharField(
        label=gettext_lazy("What is counted"), required=False, max_length=200,
        help_text=gettext_lazy("Such as: evenings held."),
    )  # fmt: skip
    output_planned = money(label=gettext_lazy("How many are planned"))
    output_unit = forms.CharField(label=gettext_lazy("Unit that is counted"), required=False, max_length=40)
    outcome_indicator = _chosen(gettext_lazy("Indicator that it should move"))
    target_group = forms.CharField(label=gettext_lazy("Target group"), required=False, max_length=200)
    area = _chosen(gettext_lazy("Where it is done"))
    lens_time = forms.CharField(label=gettext_lazy("Time: when does it happen"), required=False, max_length=300)
    lens_space = forms.CharField(label=gettext_lazy("Space: where does it happen"), required=False, max_length=300)
    lens_networks = forms.CharField(
        label=gettext_lazy("Networks: which groups matter"), required=False, max_length=300, help_text=NO_RESIDENTS
    )
    lens_knowledge = forms.CharField(
        label=gettext_lazy("Knowledge: what is known or lacking"), required=False, max_length=300
    )
    decision_reference = forms.CharField(
        label=gettext_lazy("Where it was decided"), required=False, max_length=200,
        help_text=gettext_lazy("Such as collegebesluit of 3 maart 2026."),
    )  # fmt: skip
    recurrence_note = forms.CharField(label=gettext_lazy("A word on the rhythm"), required=False, max_length=160)
    measure = forms.SlugField(required=False, max_length=80, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = choices
        organisations = choices.organisation_options
        for name in ("owner_organisation", "depends_on"):
            _pick(self.fields[name], choices.organisations, organisations)
        _pick(self.fields["owner_contact"], choices.contacts, choices.contact_options)
        objectives = choices.objective_options
        _pick(self.fields["objective"], choices.objectives, [("", _("none yet, I choose later")), *objectives])
        _pick(self.fields["further_objectives"], choices.objectives, objectives)
        _pick(self.fields["priority"], choices.priorities, _options(choices.priorities, "title"))
        _pick(self.fields["approach_line"], choices.approach_lines, _options(choices.approach_lines, "text"))
        _pick(self.fields["outcome_indicator"], choices.indicators, _options(choices.indicators, "name"))
        _pick(self.fields["area"], choices.areas, _options(choices.areas, "name"))
        links = [("", _("not chosen yet")), *words.chain_link_meanings()]
        self.fields["chain_link"].choices = links  # type: ignore[attr-defined] # a choice field
        for name in ("starts_on", "ends_on"):
            self.fields[name].input_formats = ["%Y-%m-%d"]  # type: ignore[attr-defined] # a day

    def without_complaints(self) -> None:
        """Show what was typed, unchecked: somebody only asked for one more row."""
        self._errors = ErrorDict()

    def groups(self) -> list[Group]:
        """The folded fields; a group with something wrong in it is open."""
        return [self._group(*group) for group in GROUPS]

    def _group(self, key: str, title: Any, hint: Any, names: tuple[str, ...]) -> Group:
        bound = [self[name] for name in names]
        filled = sum(bool(field.value()) for field in bound)
        wrong = self.is_bound and any(field.errors for field in bound)
        return Group(id=key, title=title, hint=hint, fields=bound, filled=filled, is_open=wrong)

    def take_over(self, refused: ValidationError) -> None:
        """What is refused about all objectives stands at the first of them."""
        if hasattr(refused, "error_dict") and "objectives" in refused.error_dict:
            refused.error_dict["objective"] = refused.error_dict.pop("objectives")
        super().take_over(refused)

    def draft(self, *, costs: Sequence[CostEntry], contributions: Sequence[ContributionEntry]) -> ActionDraft:
        """The action as it was filled in; without a priority of its own it gets that of its first objective."""
        given = dict(self.cleaned_data)
        first, further = given.pop("objective"), given.pop("further_objectives")
        objectives = tuple(dict.fromkeys([*([first] if first else []), *further]))
        given.pop("version"), given.pop("seen")
        given["priority"] = given["priority"] or next((one.priority for one in objectives if one.priority), None)
        return ActionDraft(**given, objectives=objectives, costs=tuple(costs), contributions=tuple(contributions))

    @staticmethod
    def values_of(draft: ActionDraft) -> dict[str, Any]:
        """What the form shows of an action."""
        own = set(ActionForm.base_fields)
        values = {one.name: _shown(getattr(draft, one.name)) for one in fields(draft) if one.name in own}
        keys = [str(one.pk) for one in draft.objectives]
        return values | {"objective": keys[0] if keys else "", "further_objectives": keys[1:]}


def _options(rows: Mapping[str, Any], name: str) -> list[tuple[str, str]]:
    return [("", _("nothing chosen")), *((key, str(getattr(row, name))) for key, row in rows.items())]


def _shown(value: Any) -> Any:
    """As a field shows it: a row by its key, an amount without cents where there are none."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return str(value.pk) if isinstance(value, models.Model) else value


class CostForm(forms.Form):
    """An amount in a year; without an amount the row does not count."""

    euro = money(label=gettext_lazy("Amount in euro"), min_value=0)
    year = forms.IntegerField(
        label=gettext_lazy("In year"), min_value=2000, max_value=2100, localize=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "4"}),
    )  # fmt: skip
    cover = forms.ChoiceField(label=gettext_lazy("Paid out of"), choices=list(words.COVER.items()))
    cover_name = forms.CharField(
        label=gettext_lazy("Name of the cover"), required=False, max_length=160,
        help_text=gettext_lazy("Such as programma 2 Openbare orde en veiligheid."),
    )  # fmt: skip
    task_field = forms.CharField(
        label=gettext_lazy("Task field"), required=False, max_length=8, help_text=gettext_lazy("Such as 1.2.")
    )
    organisation = _chosen(gettext_lazy("Partner who pays"))
    is_structural = forms.BooleanField(label=gettext_lazy("Every year again"), required=False)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _pick(self.fields["organisation"], choices.organisations, choices.organisation_options)

    def entry(self) -> CostEntry | None:
        given = self.cleaned_data
        return CostEntry(**given) if given.get("euro") is not None else None


class ContributionForm(forms.Form):
    """What a partner does; without a partner the row does not count."""

    organisation = _chosen(gettext_lazy("Partner"))
    text = forms.CharField(label=gettext_lazy("What they do"), required=False, max_length=300, help_text=NO_RESIDENTS)
    hours = forms.DecimalField(
        label=gettext_lazy("Hours of theirs"), required=False, localize=True, max_digits=8, decimal_places=1,
        min_value=0, widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    euro = money(label=gettext_lazy("Worth in euro"), min_value=0)
    agreed_on = forms.DateField(
        label=gettext_lazy("Agreed on"), required=False, widget=day_input(), input_formats=["%Y-%m-%d"]
    )
    agreement = _chosen(gettext_lazy("Under the agreement"))

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _pick(self.fields["organisation"], choices.organisations, choices.organisation_options)
        _pick(self.fields["agreement"], choices.agreements, _options(choices.agreements, "title"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        said = any(given.get(name) not in (None, "") for name in ("text", "hours", "euro", "agreed_on", "agreement"))
        if said and not given.get("organisation") and "organisation" not in self.errors:
            self.add_error("organisation", _("Choose the partner, or empty this row."))
        return given

    def entry(self) -> ContributionEntry | None:
        given = self.cleaned_data
        return ContributionEntry(**given) if given.get("organisation") else None


class Rows(forms.BaseFormSet):  # type: ignore[type-arg] # generic in the stubs only
    """Rows of one kind under an action."""

    def without_complaints(self) -> None:
        """Show what was typed, unchecked."""
        for form in self.forms:
            form._errors = ErrorDict()
        self._errors: Any = [{} for _row in self.forms]
        self._non_form_errors = self.error_class()

    def entries(self) -> list[Any]:
        """The rows that count."""
        found = (form.entry() for form in self.forms if hasattr(form, "cleaned_data"))
        return [entry for entry in found if entry is not None]


CostRows = forms.formset_factory(CostForm, formset=Rows, extra=1, max_num=40, absolute_max=60)
ContributionRows = forms.formset_factory(ContributionForm, formset=Rows, extra=1, max_num=60, absolute_max=80)


class ActionPage:
    """The form with its rows, as one: shown from a draft, read from what was sent."""

    def __init__(
        self, programme: Programme, *, posted: QueryDict | None = None, draft: ActionDraft | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        choices = Choices(programme)
        asked = posted.get(MORE, "") if posted is not None else ""
        data = _with_one_more(posted, asked) if posted is not None and asked else posted
        start = (ActionForm.values_of(draft) if draft else {}) | dict(initial or {})
        self.form = ActionForm(data, choices=choices, initial=start)
        self.costs = _rows(CostRows, data, "costs", draft.costs if draft else (), choices)
        self.contributions = _rows(
            ContributionRows, data, "contributions", draft.contributions if draft else (), choices
        )
        for form in self.costs.forms:
            form.initial.setdefault("year", programme.first_day.year)
        self.asks_row = asked
        if asked:
            self.form.without_complaints()
            self.costs.without_complaints()
            self.contributions.without_complaints()

    def is_valid(self) -> bool:
        """Whether everything can be read; all parts say what is wrong with them."""
        return all([self.form.is_valid(), self.costs.is_valid(), self.contributions.is_valid()])

    def take_over(self, refused: ValidationError) -> None:
        """Show what the change refused; what it says about rows stands above the form."""
        self.form.take_over(refused)

    @property
    def has_errors(self) -> bool:
        return bool(self.form.errors) or self.costs.total_error_count() + self.contributions.total_error_count() > 0

    @property
    def row_errors(self) -> int:
        """How many things are wrong in the rows."""
        return self.costs.total_error_count() + self.contributions.total_error_count()

    def draft(self) -> ActionDraft:
        """The action as it was filled in; only after `is_valid`."""
        return self.form.draft(costs=self.costs.entries(), contributions=self.contributions.entries())


def _row_values(entry: CostEntry | ContributionEntry) -> dict[str, Any]:
    return {one.name: _shown(getattr(entry, one.name)) for one in fields(entry)}


def _rows(kind: Any, data: QueryDict | None, prefix: str, found: Sequence[Any], choices: Choices) -> Rows:
    """The rows that are there, or one empty row to begin with."""
    rows = kind(data, prefix=prefix, initial=[_row_values(one) for one in found], form_kwargs={"choices": choices})
    rows.extra = 0 if found else 1
    return cast(Rows, rows)


def _with_one_more(posted: QueryDict, prefix: str) -> QueryDict:
    """The same input with an empty row added; a row starts with the year of the row above it."""
    more = posted.copy()
    if prefix not in ("costs", "contributions"):
        return more
    total = posted.get(f"{prefix}-TOTAL_FORMS", "0")
    count = int(total) if total.isdecimal() else 0
    more[f"{prefix}-TOTAL_FORMS"] = str(count + 1)
    if prefix == "costs":
        more[f"costs-{count}-year"] = posted.get(f"costs-{count - 1}-year", "")
        more[f"costs-{count}-cover"] = posted.get(f"costs-{count - 1}-cover", CostLine.Cover.PROGRAMME)
    return more


def new_values(programme: Programme, *, last_owner: str = "") -> dict[str, Any]:
    """What a new action starts with: the term of the programme and the organisation that was chosen last."""
    return {
        "starts_on": programme.first_day, "ends_on": programme.last_day, "owner_organisation": last_owner,
        "recurrence": Action.Recurrence.ONCE,
    }  # fmt: skip
