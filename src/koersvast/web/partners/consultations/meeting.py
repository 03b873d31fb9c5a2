"""Pages of one meeting: everything on one page, moving or cancelling it, its agenda and minutes as files."""

import logging
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.partners.changes import consultations as changes
from koersvast.partners.models import Meeting
from koersvast.partners.queries import consultations as queries
from koersvast.programme.queries.agendas import proposals
from koersvast.publications.blocks import Language
from koersvast.publications.compose.meeting import Paper
from koersvast.publications.converters import ConversionFailed
from koersvast.publications.meeting_files import meeting_file
from koersvast.publications.writers import Format
from koersvast.web.forms import posted, sent_version
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.partners.consultations import meeting_page
from koersvast.web.partners.consultations.forms import MeetingForm
from koersvast.web.partners.consultations.meeting_page import Refused
from koersvast.web.partners.consultations.table_page import address
from koersvast.web.partners.consultations.tables import known_table, may_edit
from koersvast.web.saving import form_page

logger = logging.getLogger(__name__)
PAPERS = {"agenda": Paper.AGENDA, "verslag": Paper.MINUTES}


def known_meeting(consultation: str, meeting: int) -> Meeting:
    """The meeting with this number of this table, or 404."""
    known = queries.meeting(consultation, meeting)
    if known is None:
        raise Http404
    return known


@permitted(GET=Permission.PARTNERS_VIEW)
def page(request: TenantRequest, consultation: str, meeting: int) -> HttpResponse:
    """The agenda, what is due, outcomes, decisions and follow-ups."""
    return shown(request, known_meeting(consultation, meeting))


def shown(request: TenantRequest, meeting: Meeting, refused: Refused | None = None) -> HttpResponse:
    """The page, with what a change refused at the part that it is about."""
    today = timezone.localdate()
    may_edit = Permission.PARTNERS_EDIT in request.entry.permissions
    due = proposals(meeting, today=today) if may_edit and meeting.state == Meeting.State.PLANNED else []
    context = meeting_page.context(meeting, due=due, refused=refused, entry=request.entry, now=timezone.now())
    return render(request, "partners/consultations_meeting.html", context, status=422 if refused else 200)


@may_edit
def new(request: TenantRequest, consultation: str) -> HttpResponse:
    """Add one meeting by hand."""
    table = known_table(consultation)
    begin = table.starts_at
    end = (changes.at(timezone.localdate(), begin) + timedelta(minutes=table.minutes_long)).time() if begin else None
    form = MeetingForm(posted(request), initial={"begins": begin, "ends": end, "place": table.place})

    def write() -> str:
        starts_at, ends_at = form.moments()
        added = changes.add_meeting(
            consultation=table, starts_at=starts_at, ends_at=ends_at, place=form.cleaned_data["place"],
            by=request.entry.user,
        )  # fmt: skip
        return address("meeting", request.entry, consultation=table.code, meeting=added.pk)

    back = address("consultation", request.entry, consultation=table.code)
    title = _("A meeting of {table}").format(table=table.name)
    return form_page(request, form, title=title, back=back, write=write, standing=MeetingForm.values_of)


@may_edit
def edit(request: TenantRequest, consultation: str, meeting: int) -> HttpResponse:
    """Move a meeting, or change its place."""
    known = known_meeting(consultation, meeting)
    back = address("meeting", request.entry, consultation=consultation, meeting=meeting)
    form = MeetingForm(posted(request), initial=MeetingForm.values_of(known))

    def write() -> str:
        starts_at, ends_at = form.moments()
        changes.change_meeting(
            meeting=known, starts_at=starts_at, ends_at=ends_at, place=form.cleaned_data["place"],
            by=request.entry.user, version=form.cleaned_data["version"],
        )  # fmt: skip
        return back

    title = _("Move the meeting of {table}").format(table=known.consultation.name)
    saved = _("Saved. Calendars that subscribe take it over; send a new invitation to the others.")
    return form_page(
        request, form, title=title, back=back, write=write, standing=MeetingForm.values_of, saved=saved
    )  # fmt: skip


@permitted(POST=Permission.PARTNERS_EDIT)
def cancel(request: TenantRequest, consultation: str, meeting: int) -> HttpResponse:
    """Cancel a meeting that was not held."""
    known = known_meeting(consultation, meeting)
    try:
        changes.cancel_meeting(meeting=known, by=request.entry.user, version=sent_version(request))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except Changed:
        messages.error(request, _("Somebody else changed this meeting in the meantime. Look at it and choose again."))
    else:
        messages.success(request, _("Cancelled. Send the withdrawal to who was invited."))
    return redirect(address("meeting", request.entry, consultation=consultation, meeting=meeting))


@permitted(GET=Permission.PARTNERS_VIEW)
def document(request: TenantRequest, consultation: str, meeting: int, document: str, fmt: str) -> HttpResponse:
    """The agenda or the minutes as a file. No names of persons and no e-mail addresses are in it."""
    known = known_meeting(consultation, meeting)
    try:
        paper, written = PAPERS[document], Format(fmt)
    except (KeyError, ValueError):
        raise Http404 from None
    language = Language(get_language() or "nl")
    try:
        made = meeting_file(known, paper, written, language=language, made_on=timezone.localdate())
    except ConversionFailed as failure:
        logger.exception("A document of a meeting cannot be made: %s", failure.block)
        messages.error(request, _("The document could not be made. Nothing was lost; try another form."))
        return redirect(address("meeting", request.entry, consultation=consultation, meeting=meeting))
    headers: dict[str, Any] = {"X-Content-Type-Options": "nosniff"}
    headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return HttpResponse(made.content, content_type=made.media_type, headers=headers)
