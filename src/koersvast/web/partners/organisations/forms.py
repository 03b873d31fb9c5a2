"""Forms of partners: an organisation, a contact, an agreement, a promise and its end, a regional plan."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Case, QuerySet, When
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from koersvast.access.models import User
from koersvast.partners.models import Agreement, Contact, Organisation, Promise, RegionalPlan
from koersvast.partners.wording import AGREEMENT_KIND, DIRECTION, ORGANISATION_KIND, PROMISE_STATE
from koersvast.web.forms import NO_RESIDENTS, VersionedForm, day_field, long_text


class PartnerForm(VersionedForm):
    """A form of these pages. What is rarely filled in is folded away."""

    FOLDED: Sequence[str] = ()
    FOLD: str | LazyText = ""

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
        label=_("What it does for safety here"), required=False, max_length=2000, widget=long_text(2),
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
        _("Works there until"),
        required=False,
        help_text=_("The last day. After it this person gets no mail and sees nothing here."),
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
        label=_("What the agreement is for"),
        max_length=4000,
        widget=long_text(3),
        help_text=_("In your own words. No names of people."),
    )
    parties = forms.ModelMultipleChoiceField(
        label=_("Who are party to it"), queryset=Organisation.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    starts_on = day_field(_("From"), required=False)
    ends_on = day_field(_("Until"), required=False, help_text=_("Empty: until somebody ends it."))
    review_on = day_field(_("Look at it again on"), required=False, help_text=_("You get a warning a quarter before."))
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
        chosen = [one.pk for one in self.initial.get("parties", ())]
        chosen_first = Case(When(pk__in=chosen, then=0), default=1)
        self.fields["parties"].queryset = wanted.distinct().order_by(chosen_first, "name")  # type: ignore[attr-defined] # a model choice

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
        label=_("What was promised"), max_length=400, widget=long_text(2),
        help_text=_("So that both see whether it was kept. The partner can read it. No names of people."),
    )  # fmt: skip
    due_on = day_field(_("By which day"), required=False)
    made_on = day_field(_("Promised on"), required=False)
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
        label=_("In a few words"), required=False, max_length=400, widget=long_text(2),
        help_text=_("Needed when it was not kept or has lapsed. The partner can read it."),
    )  # fmt: skip
    on = day_field(_("On which day"), required=False, help_text=_("Empty is today."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [(state.value, str(PROMISE_STATE[state])) for state in self.SETTLED]  # type: ignore[attr-defined] # a choice

    @staticmethod
    def prefix_of(one: Promise) -> str:
        """Several of these forms stand on one page."""
        return f"p{one.pk}"

    @staticmethod
    def values_of(one: Promise) -> dict[str, Any]:
        """What the form shows of a promise."""
        return {"state": one.state, "note": one.state_note, "on": one.state_on, "version": one.version}


class RegionalPlanForm(PartnerForm):
    """A plan of a regional body, seen from here."""

    body = forms.ModelChoiceField(label=_("Whose plan it is"), queryset=Organisation.objects.none())
    title = forms.CharField(label=_("Title of the plan"), max_length=200)
    first_day = day_field(_("From"))
    last_day = day_field(_("Up to and including"))
    our_input = forms.CharField(
        label=_("What we brought in"), required=False, max_length=4000, widget=long_text(3),
        help_text=_("Leave it empty until it was brought in."),
    )  # fmt: skip
    our_input_on = day_field(_("Our input is due on"), required=False)
    their_promise = forms.CharField(
        label=_("What they promised"), required=False, max_length=4000, widget=long_text(3), help_text=NO_RESIDENTS
    )
    reports_on = day_field(_("They report on"), required=False)
    report = forms.CharField(label=_("What came of it"), required=False, max_length=4000, widget=long_text(3))
    reported_on = day_field(_("They reported on"), required=False)
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
