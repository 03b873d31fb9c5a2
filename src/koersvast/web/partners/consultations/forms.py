"""Forms of consultations: a table with its seats, a meeting, an item, a decision, a follow-up, and lists."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.forms import formset_factory
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import lazystr
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from koersvast.partners.changes.consultations import Seat, at
from koersvast.partners.models import Consultation, Contact, FollowUp, Meeting, Member, Organisation
from koersvast.web.forms import NO_RESIDENTS, VersionedForm, day_field, posted
from koersvast.web.partners.consultations import words

RHYTHMS = [
    (Consultation.Rhythm.WEEKS.value, _("every so many weeks")),
    (Consultation.Rhythm.MONTHS.value, _("every so many months, on the same weekday")),
    (Consultation.Rhythm.YEARS.value, _("every so many years, on the same weekday")),
    (Consultation.Rhythm.ON_CALL.value, _("on call, when somebody asks")),
]


def time_field(label: Any, *, required: bool = True) -> forms.TimeField:
    """A time on the clock, by the browser's own field."""
    return forms.TimeField(
        label=label, required=required, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


class TableForm(VersionedForm):
    """A table: name, level, rhythm; the rest is folded away."""

    name = forms.CharField(label=_("Name of the consultation"), max_length=160)
    level = forms.ChoiceField(label=_("Level"), initial=Consultation.Level.OFFICIAL.value)
    rhythm = forms.ChoiceField(label=_("How often"), choices=RHYTHMS, initial=Consultation.Rhythm.WEEKS.value)
    every = forms.IntegerField(
        label=_("Every how many"), min_value=1, max_value=104, initial=6, help_text=_("Six, for every six weeks.")
    )
    first_on = day_field(_("First day of the rhythm"), required=False, help_text=_("From this day we count."))
    starts_at = time_field(_("Begins at"), required=False)
    minutes_long = forms.IntegerField(label=_("Minutes long"), min_value=10, max_value=600, initial=60)
    place = forms.CharField(label=_("Place of the meetings"), max_length=160, required=False)
    chair_role = forms.CharField(
        label=_("Who is in the chair"), max_length=120, required=False, help_text=_("A role, such as burgemeester.")
    )
    purpose = forms.CharField(
        label=_("What it is for"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    is_active = forms.BooleanField(label=_("This table still meets"), required=False, initial=True)
    FOLDED = ("place", "chair_role", "purpose", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = list(words.level_names().items())  # type: ignore[attr-defined] # a choice
        self.initial.setdefault("starts_at", "10:00")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("rhythm") != Consultation.Rhythm.ON_CALL and not given.get("first_on"):
            self.add_error("first_on", gettext("Give the first day, or choose on call."))
        return given

    @staticmethod
    def values_of(table: Consultation) -> dict[str, Any]:
        """What the form shows of a table."""
        names = (
            "name", "level", "rhythm", "every", "first_on", "starts_at", "minutes_long", "place", "chair_role",
            "purpose", "is_active", "version",
        )  # fmt: skip
        return {name: getattr(table, name) for name in names}


class SeatForm(forms.Form):
    """A seat: whoever works there by name, or a role."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), required=False, empty_label=_("empty seat")
    )
    contact = forms.ModelChoiceField(
        label=_("Contact"), queryset=Contact.objects.none(), required=False, empty_label=_("whoever has the role")
    )
    role = forms.CharField(label=_("Role at the table"), max_length=120, required=False)

    def __init__(self, *args: Any, organisations: Any = None, contacts: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined] # a model choice
        self.fields["contact"].queryset = contacts  # type: ignore[attr-defined] # a model choice
        self.fields["contact"].label_from_instance = _name_and_place  # type: ignore[attr-defined] # a model choice

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        contact, organisation = given.get("contact"), given.get("organisation")
        if contact and organisation and contact.organisation_id != organisation.pk:
            self.add_error("contact", gettext("This contact works for another organisation."))
        if contact and not organisation:
            given["organisation"] = contact.organisation
        if given.get("role") and not given.get("organisation"):
            self.add_error("organisation", gettext("Choose whose role this is."))
        return given

    def seat(self) -> Seat | None:
        """The seat, or None for an empty one."""
        given = self.cleaned_data
        if not given.get("organisation"):
            return None
        return Seat(organisation=given["organisation"], contact=given["contact"], role=given["role"])


def _name_and_place(contact: Contact) -> str:
    return f"{contact.name} ({contact.organisation})"


def seat_forms(request: HttpRequest, table: Consultation | None) -> Any:
    """The seats of a table with three empty ones; thirty at most."""
    kwargs = {
        "organisations": Organisation.objects.filter(is_active=True),
        "contacts": Contact.objects.filter(organisation__is_active=True).select_related("organisation"),
    }
    members: list[Member] = list(table.members.all()) if table else []
    initial = [{"organisation": one.organisation, "contact": one.contact, "role": one.role} for one in members]
    made = formset_factory(SeatForm, extra=3, max_num=max(30, len(members)))
    return made(posted(request), initial=initial, form_kwargs=kwargs, prefix="plek")


class MeetingForm(VersionedForm):
    """When and where one meeting is."""

    day = day_field(_("Day of the meeting"))
    begins = time_field(_("Begins at"))
    ends = time_field(_("Ends at"))
    place = forms.CharField(label=_("Place of the meeting"), max_length=160, required=False)

    def moments(self) -> tuple[datetime, datetime]:
        """From when to when, on the clock of the municipality."""
        given = self.cleaned_data
        return at(given["day"], given["begins"]), at(given["day"], given["ends"])

    @staticmethod
    def values_of(meeting: Meeting) -> dict[str, Any]:
        """What the form shows of a meeting."""
        begin, end = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
        return {
            "day": begin.date(), "begins": begin.time(), "ends": end.time(), "place": meeting.place,
            "version": meeting.version,
        }  # fmt: skip


class PlanForm(VersionedForm):
    """Until when meetings are planned."""

    until = day_field(_("Plan up to and including"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.initial.setdefault("until", today.replace(year=today.year + 1, month=12, day=31))
        self.fields["until"].widget.attrs["min"] = (today + timedelta(days=1)).isoformat()


class ItemForm(VersionedForm):
    """The wording of an item of the agenda."""

    title = forms.CharField(label=_("Item"), max_length=200)
    note = forms.CharField(
        label=_("Explanation"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )


class OutcomeForm(VersionedForm):
    """What came out of one item."""

    outcome = forms.CharField(
        label=_("Outcome"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )


class SummaryForm(VersionedForm):
    """What was said in general."""

    summary = forms.CharField(
        label=_("Summary"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=NO_RESIDENTS,
    )  # fmt: skip


class DecisionForm(VersionedForm):
    """A decision in a sentence or two."""

    text = forms.CharField(label=_("What was decided"), max_length=600, widget=forms.Textarea(attrs={"rows": 2}))


class FollowUpForm(VersionedForm):
    """What will be done, by whom, before when."""

    text = forms.CharField(label=_("What is to be done"), max_length=400)
    organisation = forms.ModelChoiceField(
        label=_("By whom"), queryset=Organisation.objects.none(), required=False, empty_label=_("not agreed yet")
    )
    owner_role = forms.CharField(label=_("Role there"), max_length=120, required=False)
    due_on = day_field(_("Before which day"), required=False)

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        field.queryset = Organisation.objects.all()  # type: ignore[attr-defined] # a model choice
        field.choices = choices  # type: ignore[attr-defined] # as above

    @staticmethod
    def choices_at(table: Consultation) -> list[tuple[Any, Any]]:
        """Who can be asked: those at the table first. Made once for all forms of a page."""
        there = list(dict.fromkeys(member.organisation for member in table.members.all()))
        others = [one for one in Organisation.objects.filter(is_active=True) if one not in set(there)]
        return [
            ("", lazystr(_("not agreed yet"))),
            (lazystr(_("At this table")), [(one.pk, str(one)) for one in there]),
            (lazystr(_("Others")), [(one.pk, str(one)) for one in others]),
        ]

    @staticmethod
    def values_of(follow_up: FollowUp) -> dict[str, Any]:
        """What the form shows of a follow-up."""
        names = ("text", "organisation", "owner_role", "due_on", "version")
        return {name: getattr(follow_up, name) for name in names}


class DecisionFilter(forms.Form):
    """Searching decisions."""

    zoek = forms.CharField(label=_("Word in the decision"), required=False, max_length=100)
    overleg = forms.ChoiceField(label=_("Table"), required=False)
    jaar = forms.IntegerField(label=_("Year"), required=False, min_value=1990, max_value=2100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(one.code, one.name) for one in Consultation.objects.all()]
        self.fields["overleg"].choices = [("", lazystr(_("all tables"))), *names]  # type: ignore[attr-defined] # a choice


class FollowUpFilter(forms.Form):
    """Choosing among open follow-ups."""

    overleg = forms.ChoiceField(label=_("Table"), required=False)
    van = forms.ChoiceField(label=_("By whom"), required=False)
    te_laat = forms.BooleanField(label=_("Only what is too late"), required=False)

    def __init__(self, *args: Any, tables: list[tuple[str, str]], owners: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["overleg"].choices = [("", lazystr(_("all tables"))), *tables]  # type: ignore[attr-defined] # a choice
        self.fields["van"].choices = [("", lazystr(_("everybody"))), *owners]  # type: ignore[attr-defined] # a choice


class FeedForm(VersionedForm):
    """Which meetings a calendar reads."""

    consultation = forms.ModelChoiceField(
        label=_("Which meetings"), queryset=Consultation.objects.none(), required=False, to_field_name="code",
        empty_label=_("all meetings that I may see"),
    )  # fmt: skip

    def __init__(self, *args: Any, tables: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consultation"].queryset = tables  # type: ignore[attr-defined] # a model choice
