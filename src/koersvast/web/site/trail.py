"""The audit trail in words: what happened, who did it, to what."""

from collections.abc import Iterable, Mapping

from babel.dates import format_datetime
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from koersvast.access.audit import Verification
from koersvast.access.models import AuditRecord, User
from koersvast.web import components as c

EVENTS: Mapping[str, Promise] = {
    "roles.loaded": gettext_lazy("Roles brought up to date"),
    "municipality.registered": gettext_lazy("Municipality registered"),
    "municipality.changed": gettext_lazy("Settings of the municipality changed"),
    "user.registered": gettext_lazy("Person registered"),
    "membership.granted": gettext_lazy("Role given"),
    "membership.ended": gettext_lazy("Role ended"),
    "language.chosen": gettext_lazy("Language chosen"),
    "taxonomy.loaded": gettext_lazy("List of themes loaded"),
    "source.registered": gettext_lazy("Source registered"),
    "indicator.registered": gettext_lazy("Indicator registered"),
    "indicator.redefined": gettext_lazy("Indicator given a new definition"),
    "break.marked": gettext_lazy("Break in a series marked"),
    "measurement.planned": gettext_lazy("Measurement planned"),
    "mapping.remembered": gettext_lazy("Layout of a file remembered"),
    "delivery.staged": gettext_lazy("File with figures offered"),
    "delivery.stored": gettext_lazy("Figures taken over"),
    "delivery.discarded": gettext_lazy("File with figures discarded"),
    "observation.withdrawn": gettext_lazy("Figure withdrawn"),
    "feed.followed": gettext_lazy("National figures followed"),
    "feed.unfollowed": gettext_lazy("National figures followed no longer"),
    "retrieval.asked": gettext_lazy("Retrieval of a national table asked for"),
    "retrieval.started": gettext_lazy("Retrieval of a national table begun"),
    "retrieval.finished": gettext_lazy("Retrieval of a national table finished"),
    "vintage.accepted": gettext_lazy("Quarantined table accepted by a person"),
    "difference.explained": gettext_lazy("Difference between two sources explained"),
    "control_phase.set": gettext_lazy("New phase in a monthly chart set"),
    "control_phase.ended": gettext_lazy("Phase in a monthly chart taken back"),
    "areas.loaded": gettext_lazy("Areas and groups loaded"),
    "borders.taken": gettext_lazy("Borders of areas taken in"),
    "plan.written": gettext_lazy("Plan changed"),
    "principles.written": gettext_lazy("Principles changed"),
    "priority.written": gettext_lazy("Priority changed"),
    "objective.written": gettext_lazy("Objective changed"),
    "approach_line.written": gettext_lazy("Line of the approach changed"),
    "claim.written": gettext_lazy("Statement of a document recorded"),
    "target.drafted": gettext_lazy("Target values drafted"),
    "target.draft_withdrawn": gettext_lazy("Draft of target values withdrawn"),
    "targets.decided": gettext_lazy("Target values adopted"),
    "targets.revised": gettext_lazy("Target values revised"),
    "finding.answered": gettext_lazy("Finding of the plan check answered"),
    "answer.withdrawn": gettext_lazy("Answer to a finding withdrawn"),
    "wave.opened": gettext_lazy("Survey opened for a period"),
    "wave.changed": gettext_lazy("Facts about a survey changed"),
    "wave.removed": gettext_lazy("Survey of a period removed"),
    "microdata.received": gettext_lazy("File with answers received and sealed"),
    "microdata.destroyed": gettext_lazy("File with answers destroyed"),
    "codebook.suggested": gettext_lazy("Codebook suggested anew"),
    "codebook.confirmed": gettext_lazy("Lines of the codebook confirmed"),
    "weighting.chosen": gettext_lazy("Weighting of a survey chosen"),
    "margins.given": gettext_lazy("Numbers of the population given for a survey"),
    "catalogue.chosen": gettext_lazy("List of what a survey publishes chosen"),
    "computation.asked": gettext_lazy("Computing of a survey asked for"),
    "computation.started": gettext_lazy("Computing of a survey begun"),
    "computation.finished": gettext_lazy("Computing of a survey finished"),
    "outcomes.released": gettext_lazy("Outcomes of a survey published"),
    "measure.linked": gettext_lazy("Measure of a survey linked to an indicator"),
    "measure.unlinked": gettext_lazy("Measure of a survey taken off an indicator"),
    "package.imported": gettext_lazy("Plan package taken in"),
    "token.made": gettext_lazy("Token for an application made"),
    "token.revoked": gettext_lazy("Token of an application withdrawn"),
    "token.used": gettext_lazy("Token of an application used for the first time that day"),
    "organisation.written": gettext_lazy("Organisation changed"),
    "contact.written": gettext_lazy("Contact person changed"),
    "contact.removed": gettext_lazy("Contact person removed"),
    "contacts.exported": gettext_lazy("Contact persons taken out as a file"),
    "agreement.written": gettext_lazy("Agreement changed"),
    "promise.written": gettext_lazy("Promise between partners changed"),
    "regional_plan.written": gettext_lazy("Plan of a regional body changed"),
    "consultation.written": gettext_lazy("Consultation changed"),
    "meeting.planned": gettext_lazy("Meeting planned"),
    "meeting.changed": gettext_lazy("Meeting changed"),
    "meeting.recorded": gettext_lazy("Outcome of a meeting recorded"),
    "follow_up.settled": gettext_lazy("Follow-up of a meeting settled"),
    "calendar_feed.made": gettext_lazy("Calendar feed made"),
    "calendar_feed.revoked": gettext_lazy("Calendar feed withdrawn"),
    "programme.written": gettext_lazy("Programme changed"),
    "programme.adopted": gettext_lazy("Programme adopted"),
    "programme.closed": gettext_lazy("Programme closed"),
    "action.written": gettext_lazy("Action changed"),
    "action.removed": gettext_lazy("Action removed"),
    "actions.changed": gettext_lazy("Several actions changed at once"),
    "actions.restored": gettext_lazy("Change of several actions undone"),
    "actions.copied": gettext_lazy("Actions copied from an earlier programme"),
    "table.staged": gettext_lazy("Table with actions pasted"),
    "table.taken": gettext_lazy("Table with actions taken over"),
    "table.discarded": gettext_lazy("Table with actions thrown away"),
    "action.evaluated": gettext_lazy("Action evaluated"),
    "progress.reported": gettext_lazy("Progress reported"),
    "reporting_link.made": gettext_lazy("Link to report without signing in made"),
    "reporting_link.revoked": gettext_lazy("Link to report withdrawn"),
    "weekly_mail.claimed": gettext_lazy("Weekly mail prepared"),
    "weekly_mail.failed": gettext_lazy("Weekly mail not sent"),
    "weekly_mail.taken_up": gettext_lazy("Weekly mail taken up again"),
    "weekly_mail.sent": gettext_lazy("Weekly mail sent"),
    "weekly_mail.left": gettext_lazy("Weekly mail stopped"),
    "check_moment.planned": gettext_lazy("Check moment planned"),
    "check_moment.opened": gettext_lazy("Check moment begun"),
    "check_moment.closed": gettext_lazy("Check moment closed"),
    "objective.reviewed": gettext_lazy("Reading of an objective recorded"),
    "course.decided": gettext_lazy("Decision on the course of an objective recorded"),
    "calendar.written": gettext_lazy("Moment in the calendar changed"),
    "calendar.marked": gettext_lazy("Moment in the calendar marked"),
    "council_item.written": gettext_lazy("Commitment, motion or question changed"),
    "council_item.settled": gettext_lazy("Commitment, motion or question settled"),
    "self_audit.started": gettext_lazy("Self-test begun"),
    "norm.scored": gettext_lazy("Question of the self-test answered"),
    "self_audit.closed": gettext_lazy("Self-test closed"),
    "plan_step.taken": gettext_lazy("Step of the plan noted"),
    "prioritising.written": gettext_lazy("Choice of priorities changed"),
    "priorities.scored": gettext_lazy("Scores for priorities given"),
    "priorities.decided": gettext_lazy("Choice of priorities decided"),
}


DETAILS: Mapping[str, Promise] = {
    "added": gettext_lazy("added"),
    "user": gettext_lazy("person"),
    "role": gettext_lazy("role"),
    "roles": gettext_lazy("roles"),
    "code": gettext_lazy("code"),
    "plan": gettext_lazy("plan"),
    "language": gettext_lazy("language"),
    "decision": gettext_lazy("decision"),
    "objective": gettext_lazy("objective"),
    "objectives": gettext_lazy("objectives"),
    "number": gettext_lazy("number"),
    "position": gettext_lazy("place"),
    "principles": gettext_lazy("principles"),
    "rule": gettext_lazy("rule"),
    "feed": gettext_lazy("feed"),
    "table": gettext_lazy("table"),
    "vintage": gettext_lazy("vintage"),
    "state": gettext_lazy("state"),
    "place": gettext_lazy("place"),
    "on_course_from": gettext_lazy("on course from"),
    "off_course_to": gettext_lazy("off course up to"),
    "municipality": gettext_lazy("municipality"),
    "source": gettext_lazy("sources"),
    "measurement": gettext_lazy("measurements"),
    "indicator": gettext_lazy("indicators"),
    "definition": gettext_lazy("definitions"),
    "break": gettext_lazy("breaks"),
    "delivery": gettext_lazy("deliveries"),
    "observation": gettext_lazy("figures"),
    "priority": gettext_lazy("priorities"),
    "targetset": gettext_lazy("agreements"),
    "target": gettext_lazy("target values"),
    "principle": gettext_lazy("principles"),
    "approachline": gettext_lazy("lines of the approach"),
    "claim": gettext_lazy("statements"),
}


def table(records: Iterable[AuditRecord]) -> c.DataTable:
    """One row for each change, in the order given."""
    shown = list(records)
    names = _names(shown)
    return c.DataTable(
        id="logboek",
        caption=_("Changes, newest first"),
        columns=[
            c.Column(label=_("When")),
            c.Column(label=_("What")),
            c.Column(label=_("Who")),
            c.Column(label=_("Details")),
            c.Column(label=_("Rows"), numeric=True),
        ],
        groups=[c.RowGroup(rows=[_row(record, names) for record in shown])],
    )


def _row(record: AuditRecord, names: Mapping[str, str]) -> c.Row:
    return c.Row(
        head=c.Cell(text=_moment(record), note=_("number {number}").format(number=record.pk)),
        cells=[
            c.Cell(text=event_name(record.event)),
            c.Cell(text=_actor(record.actor, names)),
            c.Cell(text=_details(record.detail, names)),
            c.Cell(text=str(record.rows), numeric=True),
        ],
    )


def event_name(code: str) -> str:
    """The name of a kind of change; the bare code when an older release knew it and this one does not."""
    return str(EVENTS.get(code, code))


def _moment(record: AuditRecord) -> str:
    local = timezone.localtime(record.at)
    return str(format_datetime(local, "d MMM yyyy HH:mm", locale=get_language() or "nl"))


def _names(records: Iterable[AuditRecord]) -> dict[str, str]:
    """Names by the number that the audit keeps; a person who was removed stays a number."""
    shown = list(records)
    numbers = {actor.removeprefix("user:") for record in shown if (actor := record.actor).startswith("user:")}
    numbers |= {str(record.detail["user"]) for record in shown if "user" in record.detail}
    return {f"user:{pk}": name for pk, name in User.objects.filter(pk__in=numbers).values_list("pk", "name")}


def _actor(actor: str, names: Mapping[str, str]) -> str:
    if actor.startswith("operator:"):
        return _("command line ({name})").format(name=actor.removeprefix("operator:"))
    if actor.startswith("application:"):
        return _("application {number}").format(number=actor.removeprefix("application:"))
    if actor.startswith("contact:"):
        return _("contact {number}, by a link").format(number=actor.removeprefix("contact:"))
    number = actor.removeprefix("user:")
    return names.get(actor) or _("person {number}").format(number=number)


def _details(detail: Mapping[str, object], names: Mapping[str, str]) -> str:
    return "; ".join(f"{_detail_name(name)}: {_plain(name, value, names)}" for name, value in detail.items())


def _detail_name(name: str) -> str:
    """What a record remembers, as people call it; a word that is not listed stays as it is."""
    return str(DETAILS.get(name, name.replace("_", " ")))


def _plain(name: str, value: object, names: Mapping[str, str]) -> str:
    if name == "user":
        return _actor(f"user:{value}", names)
    if isinstance(value, dict):
        return ", ".join(f"{_detail_name(part)} {number}" for part, number in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def verification(found: Verification) -> c.Callout:
    """Whether the chain of all records is whole."""
    if found.is_whole:
        text = ngettext(
            "{number} record was compared with the rows that it sealed. Nothing was changed, removed or added.",
            "{number} records were compared with the rows that they sealed. Nothing was changed, removed or added.",
            found.records,
        ).format(number=found.records)
        return c.Callout(title=_("The trail is whole"), text=text, tone="positive")
    broken = [_("Record {number} does not agree with its rows.").format(number=number) for number in found.broken]
    if found.unnamed:
        broken.append(
            ngettext(
                "{number} row was written outside a named change.",
                "{number} rows were written outside a named change.",
                found.unnamed,
            ).format(number=found.unnamed)
        )
    return c.Callout(title=_("The trail is not whole"), items=broken, tone="negative")
