"""Taking a staged delivery over, whole or not at all, and taking a number back."""

from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError
from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality, User
from koersvast.engine.periods import Period
from koersvast.indicators import register
from koersvast.indicators.changes.registry import plan_measurement
from koersvast.indicators.changes.staging import AlreadyClosed, NeedsMapping, allow, must_be_staged
from koersvast.indicators.matching import SAME, Known, Line
from koersvast.indicators.models import Definition, Delivery, Observation, Source
from koersvast.indicators.staged import line_from_json
from koersvast.reference.models import Area

BATCH = 500


class HasRefusedLines(Exception):
    """All or nothing: a delivery with refused lines, or with none at all, is not taken over."""


class StaleDelivery(Exception):
    """The register changed since the preview was made; look at the new preview first."""


def take_over(delivery: Delivery, *, by: Actor) -> Delivery:
    """Store everything that a staged delivery brings, in one transaction; nothing is stored when anything is wrong.

    A process that dies on the way leaves the delivery staged and no number stored. Taking over what is stored already
    raises AlreadyClosed; a delivery that somebody else overtook raises StaleDelivery. Either changes nothing.
    """
    allow(by, delivery.municipality)
    try:
        return _take_over(delivery, by=by)
    except IntegrityError as error:
        # Two people at the same moment: the constraints let one of them through.
        raise StaleDelivery(delivery.file_name) from error


def _take_over(delivery: Delivery, *, by: Actor) -> Delivery:
    municipality = delivery.municipality
    with audit.recorded(Event.DELIVERY_STORED, by=by, municipality=municipality) as record:
        delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
        must_be_staged(delivery)
        stored = Delivery.objects.filter(municipality=municipality, state=Delivery.State.STORED)
        if stored.filter(identity=delivery.identity).exists():
            raise AlreadyClosed(f"{delivery.file_name}: the same file was taken over before")
        if delivery.staged.get("needs_mapping"):
            raise NeedsMapping(delivery.file_name)
        lines = [line_from_json(kept) for kept in delivery.staged["lines"]]
        if delivery.refused or not lines:
            raise HasRefusedLines(f"{delivery.file_name}: {delivery.refused}")
        _must_still_hold(lines, municipality, as_of=delivery.as_of)
        Observation.objects.bulk_create(_observations(lines, delivery), batch_size=BATCH)
        if delivery.source is not None and (held := delivery.staged.get("measurement")):
            plan_measurement(delivery.source, by=by, **held)
        delivery.state, delivery.staged = Delivery.State.STORED, {**delivery.staged, "lines": []}
        delivery.closed_at, delivery.closed_by = timezone.now(), audit.describe(by)
        delivery.save(update_fields=["state", "staged", "closed_at", "closed_by"])
        record.subject = delivery
        record.detail = {"new": delivery.new, "changed": delivery.revised, "same": delivery.same}
        if delivery.withdrawn:
            record.detail["withdrawn"] = delivery.withdrawn
    return delivery


def withdraw(observation: Observation, *, reason: str, by: Actor) -> Observation:
    """Take a number back; it stays readable with the reason, and the vintage before it counts again."""
    municipality = observation.indicator.municipality
    allow(by, municipality)
    if not reason.strip():
        raise ValueError("A withdrawal has a reason.")
    with audit.recorded(Event.OBSERVATION_WITHDRAWN, by=by, municipality=municipality) as record:
        found = Observation.objects.select_for_update(of=("self",)).get(pk=observation.pk)
        if found.withdrawn_at is not None:
            raise AlreadyClosed(f"{found.indicator_id} {found.period}")
        because = reason.strip()[:300]
        found.withdrawn_at, found.withdrawn_because = timezone.now(), because
        found.withdrawn_by = by if isinstance(by, User) else None
        found.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
        record.subject = found
        record.detail = {
            "indicator": observation.indicator.code,
            "period": found.period,
            "reason": reason.strip()[:300],
        }
    return found


def _must_still_hold(lines: Sequence[Line], municipality: Municipality, *, as_of: date) -> None:
    """Refuse when somebody else stored figures since the preview: what the person saw is no longer what happens."""
    known = register.known_figures(municipality, [line.key for line in lines if line.key])
    for line in lines:
        until = [one for one in known.get(line.key, ()) if one.as_of <= as_of] if line.key else []
        now: Known | None = until[-1] if until else None
        before = line.old
        if (now and (now.amount, now.missing, now.certainty)) != (
            before and (before.amount, before.missing, before.certainty)
        ):
            raise StaleDelivery(f"{line.label} {line.period}")


def _observations(lines: Sequence[Line], delivery: Delivery) -> list[Observation]:
    codes = {line.key.indicator for line in lines if line.key}
    found = Definition.objects.filter(indicator__municipality=delivery.municipality, indicator__code__in=codes)
    definitions = {(one.indicator.code, one.number): one for one in found.select_related("indicator")}
    sources = {one.code: one for one in Source.objects.filter(municipality=delivery.municipality)}
    areas = _areas({line.key.area for line in lines if line.key})
    made = []
    for line in lines:
        if line.key is None or line.outcome == SAME:
            continue
        definition = definitions[line.key.indicator, line.key.definition]
        period = Period.parse(line.key.period)
        made.append(
            Observation(
                indicator=definition.indicator,
                definition=definition,
                source=sources[line.key.source],
                area=_in_year(areas[line.key.area], line.edition or period.year),
                period=period.code,
                period_start=period.start,
                period_end=period.end,
                amount=line.amount,
                decimals=line.decimals,
                missing=line.missing.value if line.missing else "",
                certainty=line.certainty.value,
                as_of=delivery.as_of,
                delivery=delivery,
                line=line.line or 0,
                respondents=line.respondents,
                low=line.low,
                high=line.high,
                standard_error=line.standard_error,
                design_effect=line.design_effect,
                exposure=line.exposure,
                note=line.note,
            )
        )
    return made


def _areas(codes: set[str]) -> dict[str, list[Area]]:
    """The editions of each area, oldest first."""
    editions: dict[str, list[Area]] = {code: [] for code in codes}
    for area in Area.objects.filter(code__in=codes).order_by("valid_from"):
        editions[area.code].append(area)
    return editions


def _in_year(editions: Sequence[Area], year: int) -> Area:
    """The edition of an area that held in a year, not today's; before the first edition, the first.

    The year is the measuring year, or that of the borders when the source puts all years on one classification.
    """
    held = [area for area in editions if area.valid_from <= year]
    return held[-1] if held else editions[0]
