"""Writing in a meeting: each part goes by itself, so that nothing typed elsewhere on the page is lost."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from koersvast.access.permissions import Permission
from koersvast.partners.changes import meetings as changes
from koersvast.partners.changes.meetings import NewFollowUp, NewItem
from koersvast.partners.models import AgendaItem, FollowUp, Meeting, MeetingDecision
from koersvast.programme.queries.agendas import proposals
from koersvast.programme.wording.agendas import note_of, title_of
from koersvast.web.forms import VersionedForm
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.partners.consultations.forms import DecisionForm, FollowUpForm, ItemForm, OutcomeForm, SummaryForm
from koersvast.web.partners.consultations.meeting import known_meeting, shown
from koersvast.web.partners.consultations.meeting_page import Refused, where
from koersvast.web.partners.consultations.table_page import address
from koersvast.web.saving import written

may_write = permitted(POST=Permission.PARTNERS_EDIT)


def _saved(
    request: TenantRequest, meeting: Meeting, form: VersionedForm, part: str, write: Callable[[], object],
    *, anchor: str, standing: Callable[[Any], dict[str, Any]],
) -> HttpResponse:  # fmt: skip
    """Go back to the part of the page that was written, or show there what was refused."""
    if written(form, write, standing=standing):
        return _back(request, meeting, anchor)
    return shown(request, known_meeting(meeting.consultation.code, meeting.pk), Refused(part=part, form=form))


def _back(request: TenantRequest, meeting: Meeting, anchor: str) -> HttpResponse:
    return redirect(f"{address('meeting', request.entry, **where(meeting))}#{anchor}")


@may_write
def agenda(request: TenantRequest, consultation: str, meeting: int) -> HttpResponse:
    """Put what was ticked on the agenda, or an item of one's own."""
    known = known_meeting(consultation, meeting)
    if "title" in request.POST:
        form = ItemForm(request.POST, auto_id="item-new-%s")
        return _saved(
            request, known, form, "item-new",
            lambda: changes.put_on_agenda(meeting=known, items=[NewItem(**form.given())], by=request.entry.user),
            anchor="agenda", standing=_nothing,
        )  # fmt: skip
    ticked = set(request.POST.getlist("origin"))
    due = [one for one in proposals(known, today=timezone.localdate()) if one.origin in ticked]
    items = [NewItem(title=title_of(one), note=note_of(one), origin=one.origin) for one in due]
    form = ItemForm({}, auto_id="item-new-%s")
    try:
        changes.put_on_agenda(meeting=known, items=items, by=request.entry.user)
    except ValidationError as refused:
        form.take_over(refused)
        return shown(request, known, Refused(part="item-new", form=form))
    return _back(request, known, "agenda")


def _nothing(_row: Any) -> dict[str, Any]:
    """What stands of something that is new."""
    return {}


@may_write
def item(request: TenantRequest, consultation: str, meeting: int, item: int) -> HttpResponse:
    """Write the outcome or the wording of an item, move it, or take it off."""
    known = known_meeting(consultation, meeting)
    row = get_object_or_404(AgendaItem, meeting=known, pk=item)
    row.meeting = known
    wanted, user = request.POST.get("do", ""), request.entry.user
    anchor = f"punt-{row.pk}"
    if wanted in {"up", "down"}:
        changes.move_item(item=row, to=row.position + (1 if wanted == "down" else -1), by=user)
        return _back(request, known, "agenda")
    if wanted == "outcome":
        said = OutcomeForm(request.POST, auto_id=f"outcome-{row.pk}-%s")
        return _saved(
            request, known, said, f"outcome-{row.pk}",
            lambda: changes.record_outcome(item=row, by=user, **said.cleaned_data),
            anchor=anchor, standing=lambda now: {"outcome": now.outcome},
        )  # fmt: skip
    form = ItemForm(request.POST, auto_id=f"item-{row.pk}-%s")
    if wanted == "remove":
        version = form["version"].value() or ""
        remove = VersionedForm({"version": version})
        if written(remove, lambda: changes.remove_item(item=row, by=user, **remove.cleaned_data), standing=_nothing):
            return _back(request, known, "agenda")
        form.full_clean()
        for problems in remove.errors.values():
            form.add_error(None, problems)
        return shown(request, known_meeting(consultation, meeting), Refused(part=f"item-{row.pk}", form=form))
    return _saved(
        request, known, form, f"item-{row.pk}", lambda: changes.change_item(item=row, by=user, **form.cleaned_data),
        anchor=anchor, standing=lambda now: {"title": now.title, "note": now.note},
    )  # fmt: skip


@may_write
def decision(request: TenantRequest, consultation: str, meeting: int, entry: int | None = None) -> HttpResponse:
    """Add a decision, change one, or take one back."""
    known = known_meeting(consultation, meeting)
    row = _part(MeetingDecision, known, entry)
    part = f"decision-{row.pk}" if row else "decision-new"
    form, user = DecisionForm(request.POST, auto_id=f"{part}-%s"), request.entry.user
    if row and request.POST.get("do") == "remove":
        return _saved(
            request, known, form, part,
            lambda: changes.remove_decision(decision=row, by=user, version=form.cleaned_data["version"]),
            anchor="besluiten", standing=lambda now: {"text": now.text},
        )  # fmt: skip
    return _saved(
        request, known, form, part,
        lambda: changes.write_decision(meeting=known, decision=row, by=user, **form.cleaned_data),
        anchor="besluiten", standing=lambda now: {"text": now.text},
    )  # fmt: skip


@may_write
def follow_up(request: TenantRequest, consultation: str, meeting: int, follow_up: int | None = None) -> HttpResponse:
    """Add a follow-up, change one, or take one back."""
    known = known_meeting(consultation, meeting)
    row = _part(FollowUp, known, follow_up)
    part = f"follow-up-{row.pk}" if row else "follow-up-new"
    form = FollowUpForm(request.POST, auto_id=f"{part}-%s", choices=FollowUpForm.choices_at(known.consultation))
    user = request.entry.user
    if row and request.POST.get("do") == "remove":
        return _saved(
            request, known, form, part,
            lambda: changes.remove_follow_up(follow_up=row, by=user, version=form.cleaned_data["version"]),
            anchor="actiepunten", standing=FollowUpForm.values_of,
        )  # fmt: skip
    return _saved(
        request, known, form, part,
        lambda: changes.write_follow_up(
            meeting=known, given=NewFollowUp(**form.given()), by=user, follow_up=row,
            version=form.cleaned_data["version"],
        ),
        anchor="actiepunten", standing=FollowUpForm.values_of,
    )  # fmt: skip


def _part[Row: (MeetingDecision, FollowUp)](kind: type[Row], meeting: Meeting, number: int | None) -> Row | None:
    """The part of this meeting with this number; 404 when it is of another one."""
    if number is None:
        return None
    row = kind._default_manager.filter(meeting=meeting, pk=number).first()
    if row is None:
        raise Http404
    row.meeting = meeting
    return row


@may_write
def summary(request: TenantRequest, consultation: str, meeting: int) -> HttpResponse:
    """Write what was said in general."""
    known = known_meeting(consultation, meeting)
    form = SummaryForm(request.POST, auto_id="summary-%s")
    return _saved(
        request, known, form, "summary",
        lambda: changes.write_summary(meeting=known, by=request.entry.user, **form.cleaned_data),
        anchor="samenvatting", standing=lambda now: {"summary": now.summary},
    )  # fmt: skip
