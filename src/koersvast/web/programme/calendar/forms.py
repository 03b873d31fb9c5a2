"""Forms of the calendar: an own moment."""

from django import forms
from django.utils.translation import gettext_lazy as _

from koersvast.programme.changes.calendar import EntryDraft
from koersvast.programme.models import CalendarEntry
from koersvast.web.forms import NO_RESIDENTS, VersionedForm, day_input

KINDS = [
    (CalendarEntry.Kind.OTHER, _("Something else")),
    (CalendarEntry.Kind.BUDGET, _("Budget and accounts")),
    (CalendarEntry.Kind.COUNCIL, _("Municipal council")),
    (CalendarEntry.Kind.SURVEY, _("Survey or measurement")),
    (CalendarEntry.Kind.REGIONAL, _("The region")),
]


class EntryForm(VersionedForm):
    """A moment of the municipality's own."""

    title = forms.CharField(
        label=_("What happens on this day?"), max_length=160, help_text=_("For example: kadernota naar de raad.")
    )
    due_on = forms.DateField(label=_("On which day?"), widget=day_input(), input_formats=["%Y-%m-%d"])
    every_year = forms.BooleanField(label=_("It comes back every year"), required=False)
    kind = forms.ChoiceField(label=_("What is it about?"), choices=KINDS)
    note = forms.CharField(label=_("Note to the moment"), required=False, max_length=300, help_text=NO_RESIDENTS)

    def draft(self) -> EntryDraft:
        """What `programme.changes.calendar.write_entry` takes."""
        given = self.cleaned_data
        return EntryDraft(**{name: given[name] for name in ("title", "due_on", "kind", "every_year", "note")})
