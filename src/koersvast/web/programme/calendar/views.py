"""Pages of the calendar: the year ahead, marking a moment, and the municipality's own moments."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.programme.changes import calendar as changes
from koersvast.programme.models import CalendarEntry
from koersvast.programme.queries.calendar import calendar
from koersvast.web.forms import posted, sent_version
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.calendar import pages
from koersvast.web.programme.calendar.forms import EntryForm
from koersvast.web.saving import form_page

FIELDS = ("title", "due_on", "kind", "every_year", "note", "version")


@permitted(GET=Permission.PROGRAMME_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """What is past its day, and the year ahead by month."""
    entry, today = request.entry, timezone.localdate()
    found = calendar(entry.municipality, today=today, permissions=entry.permissions)
    shown = pages.shown(found, municipality=entry.municipality.slug, today=today)
    shown["may_edit"] = Permission.PROGRAMME_EDIT in entry.permissions
    return render(request, "programme/calendar.html", shown)


@permitted(POST=Permission.PROGRAMME_EDIT)
def mark(request: TenantRequest) -> HttpResponse:
    """Note that a moment is done, or known and why; or take that note away."""
    municipality, given = request.entry.municipality, request.POST
    rule, occurrence, state = (given.get(name, "") for name in ("rule", "occurrence", "state"))
    by = request.entry.user
    try:
        if state == "open":
            changes.unmark_moment(municipality=municipality, rule=rule, occurrence=occurrence, by=by)
        else:
            changes.mark_moment(
                municipality=municipality, rule=rule, occurrence=occurrence, state=state, note=given.get("note", ""),
                by=by,
            )  # fmt: skip
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("Noted on the calendar."))
    return redirect("calendar", municipality=municipality.slug)


@permitted(GET=Permission.PROGRAMME_EDIT, POST=Permission.PROGRAMME_EDIT)
def new(request: TenantRequest) -> HttpResponse:
    """Add an own moment."""
    return _write(request, None)


@permitted(GET=Permission.PROGRAMME_EDIT, POST=Permission.PROGRAMME_EDIT)
def edit(request: TenantRequest, calendar_entry: int) -> HttpResponse:
    """Change an own moment."""
    return _write(request, get_object_or_404(CalendarEntry, pk=calendar_entry))


def _write(request: TenantRequest, row: CalendarEntry | None) -> HttpResponse:
    back = reverse("calendar", kwargs={"municipality": request.entry.municipality.slug})
    form = EntryForm(posted(request), initial=_standing(row) if row else None)

    def write() -> str:
        changes.write_entry(
            municipality=request.entry.municipality, draft=form.draft(), by=request.entry.user, entry=row,
            version=form.cleaned_data["version"],
        )  # fmt: skip
        return back

    return form_page(
        request, form, title=row.title if row else _("An own moment"), back=back, write=write, standing=_standing,
        saved=_("The moment is on the calendar."), template="programme/calendar_form.html", row=row,
    )  # fmt: skip


def _standing(row: CalendarEntry) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


@permitted(POST=Permission.PROGRAMME_EDIT)
def remove(request: TenantRequest, calendar_entry: int) -> HttpResponse:
    """Take an own moment off the calendar."""
    row = get_object_or_404(CalendarEntry, pk=calendar_entry)
    try:
        changes.remove_entry(entry=row, by=request.entry.user, version=sent_version(request))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except Changed:
        messages.error(request, _("Somebody changed this moment in between. Look at it again before you remove it."))
    else:
        messages.success(request, _("The moment is off the calendar."))
    return redirect("calendar", municipality=request.entry.municipality.slug)
