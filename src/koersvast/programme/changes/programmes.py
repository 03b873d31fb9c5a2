"""The programme itself: written, adopted, closed."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.codes import free_code
from koersvast.access.conflicts import locked
from koersvast.access.models import Municipality
from koersvast.policy.models import Plan
from koersvast.programme.changes.storing import may_edit, open_programme
from koersvast.programme.models import Programme

# Words that the pages use themselves: a page at `programma/nieuw/` would hide the programme with that code.
RESERVED = frozenset({"nieuw"})


def write_programme(
    *, municipality: Municipality, plan: Plan, title: str, first_day: date, last_day: date, by: Actor, code: str = "",
    programme: Programme | None = None, predecessor: Programme | None = None, version: int | None = None,
) -> Programme:  # fmt: skip
    """Add a programme, or change this one. An adopted programme keeps its plan; a closed one stays as it is.

    Without a code it keeps its own, or gets one from its title.

    Codes: other_municipality, other_plan, end_before_start, own_predecessor, plan_stays, programme_closed.
    """
    may_edit(by, municipality)
    _fits(municipality, plan=plan, programme=programme, predecessor=predecessor)
    if last_day < first_day:
        raise ValidationError(
            {"last_day": ValidationError(_("The programme ends before it begins."), code="end_before_start")}
        )
    with audit.recorded(Event.PROGRAMME_WRITTEN, by=by, municipality=municipality) as record:
        row = locked(programme, version=version) if programme else Programme(municipality=municipality, version=0)
        open_programme(row)
        if row.pk and row.plan_id != plan.pk and row.actions.exists():
            raise ValidationError(
                _("This programme has actions for the objectives of its plan: its plan stays."), code="plan_stays"
            )
        row.plan, row.title, row.predecessor = plan, title, predecessor
        row.code = code or row.code or _free_code(municipality, title)
        row.first_day, row.last_day = first_day, last_day
        row.version += 1
        row.full_clean()
        row.save()
        record.subject, record.detail = row, {"code": row.code}
    return row


def _free_code(municipality: Municipality, title: str) -> str:
    codes = Programme.objects.filter(municipality=municipality).values_list("code", flat=True)
    return free_code(title, taken={*codes, *RESERVED}, otherwise="programma")


def adopt_programme(
    *, programme: Programme, adopted_on: date, adopted_by: str, document: str, by: Actor, version: int | None = None
) -> Programme:
    """Record that the college adopted the programme. Codes: adopted_by_missing, programme_closed."""
    may_edit(by, programme.municipality)
    if not adopted_by.strip():
        raise ValidationError(
            {"adopted_by": ValidationError(_("Say who adopted it, such as the college."), code="adopted_by_missing")}
        )
    with audit.recorded(Event.PROGRAMME_ADOPTED, by=by, municipality=programme.municipality) as record:
        row = locked(programme, version=version)
        open_programme(row)
        row.state, row.adopted_on = Programme.State.ADOPTED, adopted_on
        row.adopted_by, row.document, row.version = adopted_by, document, row.version + 1
        row.full_clean()
        row.save()
        record.subject, record.detail = row, {"code": row.code}
    return row


def close_programme(*, programme: Programme, by: Actor, version: int | None = None) -> Programme:
    """Close an adopted programme: its actions stay as they are from now on. Code: programme_not_adopted."""
    may_edit(by, programme.municipality)
    with audit.recorded(Event.PROGRAMME_CLOSED, by=by, municipality=programme.municipality) as record:
        row = locked(programme, version=version)
        if row.state == Programme.State.DRAFT:
            raise ValidationError(
                _("This programme was not adopted, so there is nothing to close. Record its adoption first."),
                code="programme_not_adopted",
            )
        row.state, row.version = Programme.State.CLOSED, row.version + 1
        row.save()
        record.subject, record.detail = row, {"code": row.code}
    return row


def _fits(
    municipality: Municipality, *, plan: Plan, programme: Programme | None, predecessor: Programme | None
) -> None:
    for part in (plan, programme, predecessor):
        if part is not None and part.municipality_id != municipality.pk:
            raise ValidationError(_("This belongs to another municipality."), code="other_municipality")
    if programme is not None and programme == predecessor:
        raise ValidationError(
            {"predecessor": ValidationError(_("A programme does not follow itself."), code="own_predecessor")}
        )
