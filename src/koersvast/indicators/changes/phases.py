"""A new phase in a monthly chart: set by a person, from a month on, with a reason; and taken back in the same way."""

from django.db import IntegrityError
from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Event
from koersvast.access.models import User
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.engine.periods import Period
from koersvast.indicators.models import ControlPhase, Indicator

LONGEST_REASON = 300


class PhaseIsThere(Exception):
    """In this month a phase begins already."""


class PhaseIsOver(Exception):
    """This phase was taken back before."""


def rebase(indicator: Indicator, *, area_code: str, starts: str, reason: str, by: User) -> ControlPhase:
    """Begin a new phase in the months of an indicator: from `starts` ("2023-05") on it has a centre line of its own.

    Only a person does this, never the installation. Raises ValueError without a reason or for what is no month,
    PhaseIsThere when a phase begins in that month already.
    """
    _must_be_permitted(indicator, by=by)
    month = Period.parse(starts)
    if len(month.code) != len("2023-05") or "Q" in month.code:
        raise ValueError(f"{starts} is not a month.")
    because = reason.strip()[:LONGEST_REASON]
    if not because:
        raise ValueError("A new phase has a reason.")
    with audit.recorded(Event.CONTROL_PHASE_SET, by=by, municipality=indicator.municipality) as record:
        standing = ControlPhase.objects.filter(indicator=indicator, area_code=area_code, ended_at=None)
        if standing.filter(starts=month.code).exists():
            raise PhaseIsThere(month.code)
        made = ControlPhase(
            indicator=indicator,
            area_code=area_code,
            starts=month.code,
            reason=because,
            set_at=timezone.now(),
            set_by=by,
        )
        made.full_clean()
        try:
            made.save()
        except IntegrityError as error:  # two people at the same moment: the constraint lets one of them through
            raise PhaseIsThere(month.code) from error
        record.subject = made
        record.detail = {"indicator": indicator.code, "period": month.code, "reason": because}
    return made


def end_phase(phase: ControlPhase, *, by: User) -> ControlPhase:
    """Take a phase back; the row stays, with who did it and when."""
    _must_be_permitted(phase.indicator, by=by)
    municipality = phase.indicator.municipality
    with audit.recorded(Event.CONTROL_PHASE_ENDED, by=by, municipality=municipality) as record:
        found = ControlPhase.objects.select_for_update(of=("self",)).get(pk=phase.pk)
        if found.ended_at is not None:
            raise PhaseIsOver(found.starts)
        found.ended_at, found.ended_by = timezone.now(), by
        found.save(update_fields=["ended_at", "ended_by"])
        record.subject = found
        record.detail = {"indicator": phase.indicator.code, "period": found.starts}
    return found


def _must_be_permitted(indicator: Indicator, *, by: User) -> None:
    authorise(by, Permission.FIGURES_IMPORT, indicator.municipality, on=timezone.localdate())
