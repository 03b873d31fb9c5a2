"""Forms of the council: looking for items, writing one, asking a question, answering, withdrawing."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koersvast.programme.changes.council import CouncilDraft
from koersvast.programme.queries.council import CouncilFilter, bound_place, places_to_choose
from koersvast.web.forms import NO_RESIDENTS, ChangeForm, VersionedForm, day_field, long_text
from koersvast.web.programme.council import words


class LookForm(forms.Form):
    """What is looked for in the list; everything is optional."""

    q = forms.CharField(label=_("Search in what the council asked"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind of item"), required=False)
    term = forms.ChoiceField(label=_("How it stands"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = [(term.value, badge.text) for term, badge in words.TERM.items()]
        self.fields["kind"].choices = [("", _("All kinds")), *words.KIND.items()]  # type: ignore[attr-defined] # a choice
        everything = [("", _("Everything")), ("running", _("All that is open")), *terms]
        self.fields["term"].choices = everything  # type: ignore[attr-defined] # a choice

    def chosen(self) -> CouncilFilter:
        """What was chosen; nothing for a value that does not exist."""
        self.is_valid()
        given = self.cleaned_data
        return CouncilFilter(kind=given.get("kind", ""), term=given.get("term", ""), text=given.get("q", ""))


class ItemForm(VersionedForm):
    """All that is written of an item."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=list(words.KIND.items()))
    title = forms.CharField(label=_("In one line"), max_length=200)
    text = forms.CharField(
        label=_("What was asked or promised"), required=False, widget=long_text(4), help_text=NO_RESIDENTS
    )
    raised_on = day_field(_("Day on which it was raised"))
    due_on = day_field(_("Last day for the answer"), required=False)
    portfolio = forms.CharField(
        label=_("Portfolio holder"), required=False, max_length=120, help_text=_("A role: burgemeester or wethouder.")
    )
    place = forms.ChoiceField(label=_("What it is about"), required=False)
    group = forms.CharField(label=_("Political group"), required=False, max_length=80)
    asked_by = forms.CharField(label=_("Council member"), required=False, max_length=120)
    meeting = forms.CharField(label=_("Meeting of the council"), required=False, max_length=120)
    document = forms.CharField(label=_("Name of the document"), required=False, max_length=200)
    document_url = forms.URLField(label=_("Address of the document"), required=False, assume_scheme="https")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped = [(words.PLACE[kind], places) for kind, places in places_to_choose() if places]
        self.fields["place"].choices = [("", _("No particular place")), *grouped]  # type: ignore[attr-defined] # a choice

    def draft(self) -> CouncilDraft:
        """What `programme.changes.council.write_item` takes."""
        return CouncilDraft(**self.given())


class AskForm(ChangeForm):
    """A question of a council member, at the place that it came from."""

    place = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Your question in one line"), max_length=200)
    text = forms.CharField(
        label=_("What do you want to know, and why?"), required=False, widget=long_text(5), help_text=NO_RESIDENTS
    )
    group = forms.CharField(label=_("Your political group"), required=False, max_length=80)

    def about(self) -> str:
        """What the place is called, when there is one and it exists."""
        found = bound_place(str(self["place"].value() or ""))
        return found.label if found else ""


class SettleForm(VersionedForm):
    """What came of it."""

    answer = forms.CharField(
        label=_("The answer, or what was done"), widget=long_text(4), help_text=_("The council reads this. No names.")
    )
    settled_on = day_field(_("Day of the answer"))
    document = forms.CharField(
        label=_("Document with the answer"), required=False, max_length=200, help_text=_("Such as raadsbrief 2026-14.")
    )
    document_url = forms.URLField(label=_("Address of that document"), required=False, assume_scheme="https")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["settled_on"].widget.attrs["max"] = timezone.localdate().isoformat()


class WithdrawForm(VersionedForm):
    """Why it no longer stands."""

    reason = forms.CharField(label=_("Why does it no longer stand?"), max_length=400)
