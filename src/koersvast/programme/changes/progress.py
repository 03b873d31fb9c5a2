"""Reporting how an action goes: one line and a state. What was reported is never changed; a correction is a new one."""

from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, ContactActor, Event
from koersvast.access.conflicts import locked
from koersvast.access.permissions import Permission
from koersvast.access.personal_text import kinds_in
from koersvast.access.queries import authorise
from koersvast.partners.models import Meeting, Organisation
from koersvast.programme.changes.drafts import listed_kinds
from koersvast.programme.changes.links import use_link
from koersvast.programme.models import Action, ProgressReport, ReportingLink
from koersvast.programme.queries.progress import may_report, organisation_of, reportable_by_contact

LINE_AT_MOST = 280
NEEDS_REASON = frozenset({Action.Status.STUCK, Action.Status.STOPPED})
HIGHEST_OUTPUT = Decimal(10) ** 10


def report(
    *, action: Action, state: str, line: str, by: Actor | ContactActor, way: ProgressReport.Way,
    output_done: Decimal | None = None, meeting: Meeting | None = None, at: datetime | None = None,
    version: int | None = None,
) -> ProgressReport:  # fmt: skip
    """Record how an action goes; the state of the action follows, unless something newer was reported already.

    `line` is at most 280 characters; stuck and stopped need it, as the reason. `output_done` is the number that was
    counted so far, in the unit of the action. By a contact's link: only what they or their organisation own or
    contribute to, and each report is one use of the link. `version` is that of the action which was read: another one
    raises `Changed`, so that a program that sends twice writes once.
    """
    now = timezone.now()
    _may(by, action)
    said = _checked(action, state=state, line=line, output_done=output_done, meeting=meeting, at=at, now=now)
    with audit.recorded(Event.PROGRESS_REPORTED, by=by, municipality=action.municipality) as record:
        locked(action, version=version)  # of two reports at once the newer decides, whichever is written first
        organisation = _through_link(by, action, now) if isinstance(by, ContactActor) else organisation_of(by, action)
        written = ProgressReport.objects.create(
            action=action, at=at or now, state=Action.Status(state), line=said, output_done=output_done,
            way=ProgressReport.Way(way), reported_by=audit.describe(by), organisation=organisation, meeting=meeting,
        )  # fmt: skip
        _follow(action, written)
        record.subject = action
        record.detail = {"number": action.number, "state": written.state, "way": written.way}
    return written


def _may(by: Actor | ContactActor, action: Action) -> None:
    """Refuse whoever has no business with the action; a contact's link is looked at when it is used."""
    if isinstance(by, ContactActor):
        return
    authorise(by, Permission.PROGRESS_REPORT, action.municipality, on=timezone.localdate())
    if not may_report(by, action, on=timezone.localdate()):
        raise PermissionDenied


def _through_link(by: ContactActor, action: Action, now: datetime) -> Organisation:
    link: ReportingLink = use_link(by, now=now)
    if link.municipality_id != action.municipality_id or not reportable_by_contact(link.contact).contains(action):
        raise PermissionDenied
    return link.contact.organisation


def _checked(
    action: Action, *, state: str, line: str, output_done: Decimal | None, meeting: Meeting | None,
    at: datetime | None, now: datetime,
) -> str:  # fmt: skip
    """Return the line as it is kept, on one line; refuse what cannot be kept, and say what to do."""
    said = " ".join("".join(one if one.isprintable() else " " for one in line).split())
    if state not in Action.Status.values:
        raise ValidationError(_("Choose how it goes."), code="unknown_state")
    if len(said) > LINE_AT_MOST:
        raise ValidationError(
            _("One line is enough: at most %(most)s characters. This has %(has)s."),
            code="line_too_long", params={"most": LINE_AT_MOST, "has": len(said)},
        )  # fmt: skip
    if state in NEEDS_REASON and not said:
        raise ValidationError(
            _("Say in one line why this is stuck or was stopped. Then others can help."), code="reason_missing"
        )
    if kinds_in(said):
        raise ValidationError(
            _("This text holds %(found)s. Leave out data of residents; colleagues stand under contacts."),
            code="personal_text", params={"found": listed_kinds(kinds_in(said))},
        )  # fmt: skip
    if output_done is not None and not (output_done.is_finite() and 0 <= output_done < HIGHEST_OUTPUT):
        raise ValidationError(_("Give the number that was done as 0 or more."), code="output_out_of_range")
    if meeting is not None and meeting.consultation.municipality_id != action.municipality_id:
        raise ValidationError(_("That meeting is not one of this municipality."), code="other_meeting")
    if at is not None and at > now:
        raise ValidationError(_("A report cannot be from a day to come."), code="report_in_future")
    return said


def _follow(action: Action, written: ProgressReport) -> None:
    """Let the state of the action follow the newest report; the row and the given action agree afterwards."""
    newest = action.reports.order_by("-at", "-pk").first()
    if newest is None or newest.pk != written.pk:
        return
    reason = written.line if written.state in NEEDS_REASON else ""
    Action.objects.filter(pk=action.pk).update(
        status=written.state, status_reason=reason, status_on=timezone.localdate(written.at),
        version=F("version") + 1, changed_at=timezone.now(),
    )  # fmt: skip
    action.refresh_from_db(fields=["status", "status_reason", "status_on", "version", "changed_at"])
