"""Forms of partners: an organisation, a contact, an agreement, a promise and its end, a regional plan, and filters."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from koersvast.access.models import User
from koersvast.partners.models import Agreement, Contact, Organisation, Promise, RegionalPlan
from koersvast.partners.wording import AGREEMENT_KIND, DIRECTION, ORGANISATION_KIND, PROMISE_STATE, TERM

NO_RESIDENTS = _("No names of residents.")


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when nothing was filled in; None when the page is only asked."""
    return request.POST if request.method == "POST" else None


def day_field(label: str | LazyText, *, required: bool = False, help_text: str | LazyText = "") -> forms.DateField:
    """A day, by the browser's own field."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=required, widget=widget, input_formats=["%Y-%m-%d"], help_text=help_text
    )


def lines(rows: int = 2) -> forms.Textarea:
    """A field for a few lines."""
    return forms.Textarea(attrs={"rows": rows})


class PartnerForm(forms.Form):
    """A form whose input goes to a named change, which may refuse it. What is rarely filled in is folded away."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    FOLDED: Sequence[str] = ()
    FOLD: str | LazyText = ""
    differences: Sequence[Any] = ()

    def take_over(self, refused: ValidationError) -> None:
        """Show what the change refused at the fields that it names, the rest above the form."""
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused)
            return
        for name, errors in refused.error_dict.items():
            at_field = name if name in self.fields and name != NON_FIELD_ERRORS else None
            self.add_error(at_field, ValidationError(errors))

    def given(self) -> dict[str, Any]:
        """The cleaned values, with the version that was shown."""
        return dict(self.cleaned_data)

    def main(self) -> list[forms.BoundField]:
        """The fields that everybody fills in."""
        return [field for field in self.visible_fields() if field.name not in self.FOLDED]

    def folded(self) -> list[forms.BoundField]:
        """The fields that stand in a fold."""
        return [field for field in self.visible_fields() if field.name in self.FOLDED]

    def opens(self) -> bool:
        """Whether the fold stands open: something in it is wrong."""
        return any(field.errors for field in self.folded())


def choices(words: Mapping[str, LazyText], *, empty: str | LazyText = "") -> Callable[[], list[tuple[str, str]]]:
    """Choices of a list of codes with their words, asked when the form is shown."""
    return lambda: [*([("", str(empty))] if empty else []), *((code, str(text)) for code, text in words.items())]


class OrganisationForm(PartnerForm):
    """An organisation or a unit: three fields, the rest folded."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind of organisation"), choices=choices(ORGANISATION_KIND, empty=_("Choose one")))
    task = forms.CharField(
        label=_("What it does for safety here"), required=False, max_length=2000, widget=lines(),
        help_text=_("One or two sentences. No names of people."),
    )  # fmt: skip
    short_name = forms.CharField(
        label=_("Short name"), required=False, max_length=40, help_text=_("For tables, such as OM or GGD.")
    )
    parent = forms.ModelChoiceField(
        label=_("Belongs to"), queryset=Organisation.objects.none(), required=False, empty_label=_("nothing above it")
    )
    website = forms.URLField(label=_("Website"), required=False, max_length=200, assume_scheme="https")
    FOLDED, FOLD = ("short_name", "parent", "website"), _("Short name, what it belongs to, website")

    def __init__(self, *args: Any, organisation: Organisation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Organisation.objects.filter(is_active=True).order_by("name")
        self.fields["parent"].queryset = others.exclude(pk=organisation.pk) if organisation else others  # type: ignore[attr-defined] # a model choice

    @staticmethod
    def values_of(one: Organisation) -> dict[str, Any]:
        """What the form shows of an organisation."""
        names = ("name", "kind", "task", "short_name", "parent", "website", "version")
        return {name: getattr(one, name) for name in names}


class ContactForm(PartnerForm):
    """Somebody to turn to at an organisation."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    role = forms.CharField(
        label=_("Role"), required=False, max_length=120, help_text=_("Such as wijkagent or teamleider.")
    )
    email = forms.EmailField(
        label=_("E-mail address at work"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("Phone"), required=False, max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    gets_weekly_mail = forms.BooleanField(
        label=_("May get the weekly mail about their own actions"), required=False, initial=True
    )
    until = day_field(
        _("Works there until"), help_text=_("The last day. After it this person gets no mail and sees nothing here.")
    )
    user = forms.ModelChoiceField(
        label=_("Signs in as"), queryset=User.objects.none(), required=False, empty_label=_("does not sign in"),
        help_text=_("Somebody with the role of partner or colleague. They see what their organisation does here."),
    )  # fmt: skip
    FOLDED, FOLD = ("gets_weekly_mail", "until", "user"), _("Weekly mail, last day, signing in")

    def __init__(self, *args: Any, users: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = users  # type: ignore[attr-defined] # a model choice

    @staticmethod
    def values_of(one: Contact) -> dict[str, Any]:
        """What the form shows of a contact."""
        names = ("name", "role", "email", "phone", "gets_weekly_mail", "until", "user", "version")
        return {name: getattr(one, name) for name in names}


class AgreementForm(PartnerForm):
    """A covenant or other agreement."""

    title = forms.CharField(label=_("Title of the agreement"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind of agreement"), choices=choices(AGREEMENT_KIND))
    purpose = forms.CharField(
        label=_("What it is for"),
        max_length=4000,
        widget=lines(3),
        help_text=_("In your own words. No names of people."),
    )
    parties = forms.ModelMultipleChoiceField(
        label=_("Who are party to it"), queryset=Organisation.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    starts_on = day_field(_("From"))
    ends_on = day_field(_("Until"), help_text=_("Empty: until somebody ends it."))
    review_on = day_field(_("Look at it again on"), help_text=_("You get a warning a quarter before."))
    legal_basis = forms.CharField(
        label=_("Legal basis"), required=False, max_length=200, help_text=_("Such as Gemeentewet artikel 151d.")
    )
    owner_role = forms.CharField(
        label=_("Who looks after it with us"), required=False, max_length=120,
        help_text=_("A role, not the name of a person."),
    )  # fmt: skip
    document = forms.CharField(label=_("Document"), required=False, max_length=200, help_text=_("Its name or number."))
    document_url = forms.URLField(label=_("Address of the document"), required=False, assume_scheme="https")
    FOLDED = ("legal_basis", "owner_role", "document", "document_url")
    FOLD = _("Legal basis, who looks after it, document")

    def __init__(self, *args: Any, agreement: Agreement | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = Organisation.objects.filter(is_active=True)
        if agreement:
            wanted = wanted | Organisation.objects.filter(agreements=agreement)
        self.fields["parties"].queryset = wanted.distinct().order_by("name")  # type: ignore[attr-defined] # a model choice

    @staticmethod
    def values_of(one: Agreement) -> dict[str, Any]:
        """What the form shows of an agreement."""
        names = (
            "title", "kind", "purpose", "starts_on", "ends_on", "review_on", "legal_basis", "owner_role", "document",
            "document_url", "version",
        )  # fmt: skip
        return {name: getattr(one, name) for name in names} | {"parties": list(one.parties.order_by("name"))}


class PromiseForm(PartnerForm):
    """A promise: who to whom, what, by when."""

    direction = forms.ChoiceField(label=_("Who promised it"), choices=choices(DIRECTION), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What was promised"), max_length=400, widget=lines(),
        help_text=_("So that both see whether it was kept. The partner can read it. No names of people."),
    )  # fmt: skip
    due_on = day_field(_("By which day"))
    made_on = day_field(_("Promised on"))
    agreement = forms.ModelChoiceField(
        label=_("Out of which agreement"), queryset=Agreement.objects.none(), required=False, empty_label=_("none")
    )
    FOLDED, FOLD = ("made_on", "agreement"), _("When it was promised, and out of which agreement")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("direction", Promise.Direction.TO_US.value)
        self.fields["agreement"].queryset = organisation.agreements.order_by("title")  # type: ignore[attr-defined] # a model choice

    @staticmethod
    def values_of(one: Promise) -> dict[str, Any]:
        """What the form shows of a promise."""
        names = ("direction", "text", "due_on", "made_on", "agreement", "version")
        return {name: getattr(one, name) for name in names}


class SettleForm(PartnerForm):
    """How a promise ended."""

    SETTLED = (Promise.State.KEPT, Promise.State.BROKEN, Promise.State.LAPSED)
    state = forms.ChoiceField(label=_("What became of it"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("In a few words"), required=False, max_length=400, widget=lines(),
        help_text=_("Needed when it was not kept or has lapsed. The partner can read it."),
    )  # fmt: skip
    on = day_field(_("On which day"), help_text=_("Empty is today."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [(state.value, str(PROMISE_STATE[state])) for state in self.SETTLED]  # type: ignore[attr-defined] # a choice


class RegionalPlanForm(PartnerForm):
    """A plan of a regional body, seen from here."""

    body = forms.ModelChoiceField(label=_("Whose plan it is"), queryset=Organisation.objects.none())
    title = forms.CharField(label=_("Title of the plan"), max_length=200)
    first_day = day_field(_("From"), required=True)
    last_day = day_field(_("Up to and including"), required=True)
    our_input = forms.CharField(
        label=_("What we brought in"), required=False, max_length=4000, widget=lines(3),
        help_text=_("Leave it empty until it was brought in."),
    )  # fmt: skip
    our_input_on = day_field(_("Our input is due on"))
    their_promise = forms.CharField(
        label=_("What they promised"), required=False, max_length=4000, widget=lines(3), help_text=NO_RESIDENTS
    )
    reports_on = day_field(_("They report on"))
    report = forms.CharField(label=_("What came of it"), required=False, max_length=4000, widget=lines(3))
    reported_on = day_field(_("They reported on"))
    document = forms.CharField(label=_("Document"), required=False, max_length=200, help_text=_("Its name or number."))
    document_url = forms.URLField(label=_("Address of the document"), required=False, assume_scheme="https")
    FOLDED = ("report", "reported_on", "document", "document_url")
    FOLD = _("What they reported, and the document")

    def __init__(self, *args: Any, plan: RegionalPlan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = Organisation.objects.filter(is_active=True).exclude(kind=Organisation.Kind.UNIT)
        if plan:
            wanted = wanted | Organisation.objects.filter(pk=plan.body_id)
        self.fields["body"].queryset = wanted.distinct().order_by("name")  # type: ignore[attr-defined] # a model choice
        self.has_report = plan is not None

    def opens(self) -> bool:
        return self.has_report or super().opens()

    @staticmethod
    def values_of(one: RegionalPlan) -> dict[str, Any]:
        """What the form shows of a regional plan."""
        names = (
            "body", "title", "first_day", "last_day", "our_input", "our_input_on", "their_promise", "reports_on",
            "report", "reported_on", "document", "document_url", "version",
        )  # fmt: skip
        return {name: getattr(one, name) for name in names}


# ── Filters ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Filter(forms.Form):
    """A form that only asks; what is not understood asks nothing."""

    def chosen(self, name: str) -> str:
        """The value of one field, or an empty text."""
        return str(self.cleaned_data.get(name) or "") if self.is_valid() else ""

    def is_used(self) -> bool:
        """Whether anything is asked."""
        return any(self.chosen(name) for name in self.fields)


def search(label: str | LazyText) -> forms.CharField:
    """Words to look for."""
    return forms.CharField(label=label, required=False, max_length=80, widget=forms.TextInput(attrs={"type": "search"}))


class PartnerFilter(Filter):
    """Which partners are shown."""

    zoek = search(_("Search a partner"))
    soort = forms.ChoiceField(
        label=_("Kind of organisation"), required=False, choices=choices(ORGANISATION_KIND, empty=_("All kinds"))
    )
    let_op = forms.ChoiceField(
        label=_("Asks attention"),
        required=False,
        choices=[
            ("", _("All partners")),
            ("late_promises", _("Promises past their day")),
            ("open_promises", _("Open promises")),
            ("silent", _("Silent for half a year")),
            ("no_contact", _("No contact person")),
            ("archive", _("In the archive")),
        ],
    )


class AgreementFilter(Filter):
    """Which agreements are shown."""

    zoek = search(_("Search an agreement"))
    soort = forms.ChoiceField(
        label=_("Kind of agreement"), required=False, choices=choices(AGREEMENT_KIND, empty=_("All kinds"))
    )
    looptijd = forms.ChoiceField(
        label=_("Term of the agreement"), required=False, choices=choices(TERM, empty=_("All terms"))
    )


class PromiseFilter(Filter):
    """Which promises are shown."""

    zoek = search(_("Search a promise"))
    richting = forms.ChoiceField(
        label=_("Who promised it"), required=False, choices=choices(DIRECTION, empty=_("Both ways"))
    )
    stand = forms.ChoiceField(label=_("How it stands"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states: Iterable[tuple[str, str]] = ((code, str(text)) for code, text in PROMISE_STATE.items())
        self.fields["stand"].choices = [("", str(_("All states"))), ("late", str(_("Past its day"))), *states]  # type: ignore[attr-defined] # a choice
