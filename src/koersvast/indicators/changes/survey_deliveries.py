"""Estimates of a survey as figures of indicators: staged like any delivery, and taken over by a person.

What is staged are estimates that were protected already, with their margins, bases and design effects; they are kept
as JSON in the snapshot store, so that a figure can be led back to what was delivered.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Missing
from koersvast.indicators import register
from koersvast.indicators.changes.staging import allow, identity_of, must_be_staged
from koersvast.indicators.matching import CHANGED, NEW, REFUSED, SAME, Key, Line, compare
from koersvast.indicators.models import Definition, Delivery, Source
from koersvast.indicators.staged import line_from_json, line_to_json

_SIX_DECIMALS = Decimal("0.000001")
_SHOWN_DECIMALS = 1


@dataclass(frozen=True, kw_only=True)
class SurveyFigure:
    """One estimate for one area, in the unit of the indicator. `amount` None: withheld, too few respondents."""

    indicator: str
    area: str
    amount: float | None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    respondents: int | None = None
    design_effect: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class HeldMeasurement:
    """What taking over brings up to date of the measurement: its size, design effect and mode."""

    period: str
    invited: int | None
    respondents: int | None
    design_effect: float
    mode: str
    note: str = ""


class NothingToDeliver(Exception):
    """There is no figure among what was given."""


def stage_survey(
    source: Source,
    *,
    figures: Sequence[SurveyFigure],
    measurement: HeldMeasurement,
    as_of: date,
    file_name: str,
    by: Actor,
    note_nl: str = "",
    note_en: str = "",
) -> Delivery:
    """Stage estimates of a wave; nothing counts before `storing.take_over`.

    The same figures of the same day are one delivery: what was taken over before is returned as it was stored. Raises
    Denied, NothingToDeliver, or ValueError for a day ahead.
    """
    municipality = source.municipality
    allow(by, municipality)
    if not figures:
        raise NothingToDeliver(file_name)
    if as_of > timezone.localdate():
        raise ValueError(f"{as_of} lies ahead; figures are known as of today or earlier.")
    snapshot = _kept(source, figures, measurement, file_name)
    identity = identity_of(snapshot=snapshot, mapping={"survey": measurement.period}, as_of=as_of, source=source.code)
    same = Delivery.objects.filter(municipality=municipality, identity=identity)
    if stored := same.filter(state=Delivery.State.STORED).first():
        return stored
    lines = _lines(source, figures, measurement.period)
    with audit.recorded(Event.DELIVERY_STAGED, by=by, municipality=municipality) as record:
        delivery = same.filter(state=Delivery.State.STAGED).first() or Delivery(
            municipality=municipality, identity=identity, snapshot=snapshot, as_of=as_of, source=source
        )
        delivery.file_name, delivery.note_nl, delivery.note_en = file_name[:200], note_nl, note_en
        delivery.received_at, delivery.received_by = timezone.now(), audit.describe(by)
        _fill(delivery, lines, asdict(measurement))
        record.subject, record.detail = delivery, {"file": delivery.file_name, "figures": len(figures)}
    return delivery


def is_of_a_survey(delivery: Delivery) -> bool:
    """Whether a delivery was staged from estimates, and not from a file or a table."""
    return bool(delivery.staged.get("measurement"))


def restage(delivery: Delivery, *, by: Actor) -> Delivery:
    """Work out again what staged estimates would do, after the register changed under them."""
    allow(by, delivery.municipality)
    must_be_staged(delivery)
    kept = [line_from_json(one) for one in delivery.staged["lines"]]
    lines = [replace(line, outcome=NEW, old=None, refusal=None, warnings=()) for line in kept]
    with audit.recorded(Event.DELIVERY_STAGED, by=by, municipality=delivery.municipality) as record:
        _fill(delivery, lines, delivery.staged["measurement"])
        record.subject = delivery
    return delivery


def _kept(source: Source, figures: Sequence[SurveyFigure], measurement: HeldMeasurement, file_name: str) -> str:
    said = {"measurement": asdict(measurement), "figures": [asdict(one) for one in figures]}
    data = json.dumps(said, sort_keys=True, indent=1).encode()
    kept = SnapshotStore(Path(settings.SNAPSHOTS)).keep(
        data,
        taken_from=f"survey of {source.municipality.code}",
        file_name=file_name,
        fetched_at=timezone.now(),
        licence=source.licence,
        media_type="application/json",
    )
    return kept.sha256


def _lines(source: Source, figures: Sequence[SurveyFigure], period: str) -> list[Line]:
    codes = {one.indicator for one in figures}
    numbers = _definitions(source, codes, Period.parse(period).start)
    return [
        Line(
            line=place,
            column="",
            label=one.indicator,
            period=period,
            amount_text="" if one.amount is None else f"{one.amount:.6f}",
            key=Key(
                indicator=one.indicator,
                definition=numbers[one.indicator],
                source=source.code,
                area=one.area,
                period=period,
            ),
            amount=None if one.amount is None else Decimal(repr(one.amount)).quantize(_SIX_DECIMALS),
            missing=Missing.WITHHELD if one.amount is None else None,
            decimals=0 if one.amount is None else _SHOWN_DECIMALS,
            respondents=one.respondents,
            low=one.low,
            high=one.high,
            standard_error=one.standard_error,
            design_effect=one.design_effect,
            note=one.note[:300],
        )
        for place, one in enumerate(figures, start=1)
    ]


def _definitions(source: Source, codes: set[str], start: date) -> dict[str, int]:
    """The definition of each indicator that held when the period began; before the first one, the first."""
    found: dict[str, list[tuple[date, int]]] = {}
    rows = Definition.objects.filter(indicator__municipality=source.municipality, indicator__code__in=codes)
    for code, since, number in rows.values_list("indicator__code", "valid_from", "number"):
        found.setdefault(code, []).append((since, number))
    return {
        code: max((number for since, number in listed if since <= start), default=min(n for _, n in listed))
        for code, listed in found.items()
    }


def _fill(delivery: Delivery, lines: Sequence[Line], measurement: dict[str, Any]) -> None:
    known = register.known_figures(delivery.municipality, [line.key for line in lines if line.key])
    compared = compare(lines, known, as_of=delivery.as_of, usual=register.usual_amounts(known, lines))
    counted = {name: sum(line.outcome == name for line in compared) for name in (NEW, CHANGED, SAME, REFUSED)}
    delivery.new, delivery.revised = counted[NEW], counted[CHANGED]
    delivery.same, delivery.refused = counted[SAME], counted[REFUSED]
    delivery.staged = {
        "needs_mapping": False,
        "mapping_origin": "survey",
        "measurement": measurement,
        "lines": [line_to_json(line) for line in compared],
        "problems": [],
        "remarks": [],
    }
    delivery.save()
