"""Pages of the calendar: the year ahead, marking a moment, and the municipality's own moments."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.programme.changes import calendar as changes
from koersvast.programme.models import CalendarEntry
from koersvast.programme.queries.calendar import calendar
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.policy.forms import posted
from koersvast.web.programme.calendar import pages
from koersvast.web.programme.calendar.forms import EntryForm

FIELDS = ("title", "due_on", "kind", "every_year", "note", "version")


@permitted(GET=Permission.PROGRAMME_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """What is past its day, and the year ahead by month."""
    entry, today = request.entry, timezone.localdate()
    found = calendar(
        entry.municipality, today=today, with_partners=Permission.PARTNERS_VIEW in entry.permissions,
        with_council=Permission.COUNCIL_VIEW in entry.permissions,
    )  # fmt: skip
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
    initial = {name: getattr(row, name) for name in FIELDS} if row else None
    form, status, standing = EntryForm(posted(request), initial=initial), 200, None
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                changes.write_entry(
                    municipality=request.entry.municipality, draft=form.draft(), by=request.entry.user, entry=row,
                    version=form.cleaned_data["version"],
                )  # fmt: skip
            except ValidationError as refused:
                form.take_over(refused)
            except Changed as changed:
                status, standing = 409, changed.row
            else:
                messages.success(request, _("The moment is on the calendar."))
                return redirect("calendar", municipality=request.entry.municipality.slug)
    shown = {"form": form, "row": row, "standing": standing}
    return render(request, "programme/calendar_form.html", shown, status=status)


@permitted(POST=Permission.PROGRAMME_EDIT)
def remove(request: TenantRequest, calendar_entry: int) -> HttpResponse:
    """Take an own moment off the calendar."""
    row, version = get_object_or_404(CalendarEntry, pk=calendar_entry), request.POST.get("version", "")
    try:
        changes.remove_entry(entry=row, by=request.entry.user, version=int(version) if version.isdecimal() else None)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except Changed:
        messages.error(request, _("Somebody changed this moment in between. Look at it again before you remove it."))
    else:
        messages.success(request, _("The moment is off the calendar."))
    return redirect("calendar", municipality=request.entry.municipality.slug)
