"""The audit trail in words: what happened, who did it, to what."""

from collections.abc import Iterable, Mapping

from babel.dates import format_datetime
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from koersvast.access.audit import Event, Verification
from koersvast.access.models import AuditRecord, User
from koersvast.web import components as c

EVENTS: Mapping[Event, Promise] = {
    Event.ROLES_LOADED: gettext_lazy("Roles brought up to date"),
    Event.MUNICIPALITY_REGISTERED: gettext_lazy("Municipality registered"),
    Event.MUNICIPALITY_CHANGED: gettext_lazy("Settings of the municipality changed"),
    Event.USER_REGISTERED: gettext_lazy("Person registered"),
    Event.MEMBERSHIP_GRANTED: gettext_lazy("Role given"),
    Event.MEMBERSHIP_ENDED: gettext_lazy("Role ended"),
    Event.LANGUAGE_CHOSEN: gettext_lazy("Language chosen"),
    Event.TAXONOMY_LOADED: gettext_lazy("List of themes loaded"),
    Event.AREAS_LOADED: gettext_lazy("List of areas loaded"),
    Event.SOURCE_REGISTERED: gettext_lazy("Source registered"),
    Event.INDICATOR_REGISTERED: gettext_lazy("Indicator registered"),
    Event.INDICATOR_REDEFINED: gettext_lazy("Indicator given a new definition"),
    Event.BREAK_MARKED: gettext_lazy("Break in a series marked"),
    Event.MEASUREMENT_PLANNED: gettext_lazy("Measurement planned"),
    Event.MAPPING_REMEMBERED: gettext_lazy("Layout of a file remembered"),
    Event.DELIVERY_STAGED: gettext_lazy("File with figures offered"),
    Event.DELIVERY_STORED: gettext_lazy("Figures taken over"),
    Event.DELIVERY_DISCARDED: gettext_lazy("File with figures discarded"),
    Event.OBSERVATION_WITHDRAWN: gettext_lazy("Figure withdrawn"),
    Event.PLAN_WRITTEN: gettext_lazy("Plan changed"),
    Event.PRINCIPLES_WRITTEN: gettext_lazy("Principles changed"),
    Event.PRIORITY_WRITTEN: gettext_lazy("Priority changed"),
    Event.OBJECTIVE_WRITTEN: gettext_lazy("Objective changed"),
    Event.APPROACH_LINE_WRITTEN: gettext_lazy("Line of the approach changed"),
    Event.CLAIM_WRITTEN: gettext_lazy("Statement of a document recorded"),
    Event.TARGET_DRAFTED: gettext_lazy("Target values drafted"),
    Event.TARGET_DRAFT_WITHDRAWN: gettext_lazy("Draft of target values withdrawn"),
    Event.TARGETS_DECIDED: gettext_lazy("Target values adopted"),
    Event.TARGETS_REVISED: gettext_lazy("Target values revised"),
    Event.FINDING_ANSWERED: gettext_lazy("Finding of the plan check answered"),
    Event.ANSWER_WITHDRAWN: gettext_lazy("Answer to a finding withdrawn"),
    Event.PACKAGE_IMPORTED: gettext_lazy("Plan package taken in"),
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
            c.Cell(text=_details(record.detail)),
            c.Cell(text=str(record.rows), numeric=True),
        ],
    )


def event_name(code: str) -> str:
    """The name of a kind of change; the bare code when an older release knew it and this one does not."""
    known = {event.value: name for event, name in EVENTS.items()}
    return str(known.get(code, code))


def _moment(record: AuditRecord) -> str:
    local = timezone.localtime(record.at)
    return str(format_datetime(local, "d MMM yyyy HH:mm", locale=get_language() or "nl"))


def _names(records: Iterable[AuditRecord]) -> dict[str, str]:
    """Names by the number that the audit keeps; a person who was removed stays a number."""
    numbers = {actor.removeprefix("user:") for record in records if (actor := record.actor).startswith("user:")}
    return {f"user:{pk}": name for pk, name in User.objects.filter(pk__in=numbers).values_list("pk", "name")}


def _actor(actor: str, names: Mapping[str, str]) -> str:
    if actor.startswith("operator:"):
        return _("command line ({name})").format(name=actor.removeprefix("operator:"))
    number = actor.removeprefix("user:")
    return names.get(actor) or _("person {number}").format(number=number)


def _details(detail: Mapping[str, object]) -> str:
    return "; ".join(f"{name}: {_plain(value)}" for name, value in detail.items())


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
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
