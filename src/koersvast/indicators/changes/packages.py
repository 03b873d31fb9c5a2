"""Exact rows for packages that are loaded: every vintage as it was, with its delivery, without a preview."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Certainty, Missing
from koersvast.indicators.models import Definition, Delivery, Indicator, Observation, Source
from koersvast.reference.models import Area

BATCH = 500


@dataclass(frozen=True, kw_only=True)
class VintageRow:
    """One number as a package states it: codes for indicator, source and area; either an amount or why it is missing.

    `withdrawn_at` with a reason is a number that was taken back; who did so stays in the audit it came from.
    """

    indicator: str
    definition_number: int
    source: str
    area: str
    period: str
    amount: Decimal | None
    as_of: date
    line: int
    missing: Missing | None = None
    decimals: int = 0
    certainty: Certainty = Certainty.FINAL
    respondents: int | None = None
    design_effect: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    exposure: float | None = None
    note: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_because: str = ""


class Contradiction(ValueError):
    """A package states another number for a vintage that is known."""


def identity_of(*, snapshot: str, mapping: Mapping[str, Any], as_of: date, source: str) -> str:
    """Return SHA-256 over what makes two deliveries the same: bytes, mapping, as-of day and source."""
    said = json.dumps([snapshot, mapping, as_of.isoformat(), source], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def register_delivery(
    municipality: Municipality,
    *,
    file_name: str,
    snapshot: str,
    as_of: date,
    received_at: datetime,
    received_by: str,
    by: Actor,
    source: Source | None = None,
    mapping: Mapping[str, Any] | None = None,
    closed_at: datetime | None = None,
    closed_by: str = "",
    new: int = 0,
    revised: int = 0,
    same: int = 0,
    note_nl: str = "",
    note_en: str = "",
) -> Delivery:
    """Record a stored delivery of a package; one with the same bytes, mapping, day and source is returned as it is."""
    authorise(by, Permission.FIGURES_IMPORT, municipality, on=timezone.localdate())
    identity = identity_of(snapshot=snapshot, mapping=mapping or {}, as_of=as_of, source=source.code if source else "")
    stored = Delivery.State.STORED
    known = Delivery.objects.filter(municipality=municipality, identity=identity, state=stored).first()
    if known:
        return known
    with audit.recorded(Event.DELIVERY_STORED, by=by, municipality=municipality) as record:
        delivery = Delivery(
            municipality=municipality,
            source=source,
            file_name=file_name,
            snapshot=snapshot,
            identity=identity,
            as_of=as_of,
            mapping=dict(mapping or {}),
            state=stored,
            received_at=received_at,
            received_by=received_by,
            closed_at=closed_at or received_at,
            closed_by=closed_by or received_by,
            new=new,
            revised=revised,
            same=same,
            note_nl=note_nl,
            note_en=note_en,
        )
        delivery.save(force_insert=True)
        record.subject, record.detail = delivery, {"file": file_name}
    return delivery


def register_values(delivery: Delivery, *, rows: Sequence[VintageRow], by: Actor) -> int:
    """Store exact vintages of a delivery and return how many were new; rows that are there already are left alone.

    Another number for a known vintage raises Contradiction, an unknown code raises LookupError; then nothing is stored.
    """
    municipality = delivery.municipality
    authorise(by, Permission.FIGURES_IMPORT, municipality, on=timezone.localdate())
    with audit.recorded(Event.DELIVERY_STORED, by=by, municipality=municipality) as record:
        places = _Places.of(municipality)
        known = _known(municipality)
        made = []
        for row in rows:
            observation = _observation(row, delivery, places)
            there = known.get(_vintage_key(observation))
            if there is None:
                made.append(observation)
            elif (there.amount, there.missing) != (observation.amount, observation.missing):
                raise Contradiction(f"{row.indicator} {row.period}: {row.amount} against {there.amount}.")
        Observation.objects.bulk_create(made, batch_size=BATCH)
        record.subject, record.detail = delivery, {"new": len(made), "rows": len(rows)}
    return len(made)


@dataclass(frozen=True, kw_only=True)
class _Places:
    """The register by its codes."""

    indicators: Mapping[str, Indicator]
    definitions: Mapping[tuple[str, int], Definition]
    sources: Mapping[str, Source]
    areas: Mapping[str, Area]

    @classmethod
    def of(cls, municipality: Municipality) -> "_Places":
        definitions = Definition.objects.filter(indicator__municipality=municipality).select_related("indicator")
        return cls(
            indicators={one.code: one for one in Indicator.objects.filter(municipality=municipality)},
            definitions={(one.indicator.code, one.number): one for one in definitions},
            sources={one.code: one for one in Source.objects.filter(municipality=municipality)},
            areas={one.code: one for one in Area.objects.order_by("valid_from")},
        )


def _known(municipality: Municipality) -> dict[tuple[Any, ...], Observation]:
    found = Observation.objects.filter(indicator__municipality=municipality)
    return {_vintage_key(one): one for one in found}


def _vintage_key(one: Observation) -> tuple[Any, ...]:
    return one.definition_id, one.source_id, one.area_id, one.period, one.as_of, one.withdrawn_at


def _observation(row: VintageRow, delivery: Delivery, places: _Places) -> Observation:
    period = Period.parse(row.period)
    return Observation(
        indicator=places.indicators[row.indicator],
        definition=places.definitions[row.indicator, row.definition_number],
        source=places.sources[row.source],
        area=places.areas[row.area],
        period=period.code,
        period_start=period.start,
        period_end=period.end,
        amount=row.amount,
        decimals=row.decimals,
        missing=row.missing.value if row.missing else "",
        certainty=row.certainty.value,
        as_of=row.as_of,
        delivery=delivery,
        line=row.line,
        respondents=row.respondents,
        design_effect=row.design_effect,
        standard_error=row.standard_error,
        low=row.low,
        high=row.high,
        exposure=row.exposure,
        note=row.note,
        withdrawn_at=row.withdrawn_at,
        withdrawn_because=row.withdrawn_because,
    )
