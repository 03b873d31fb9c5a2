"""A file with figures: read, mapped, and staged with everything that it would do; or put aside.

Nothing counts before it is taken over (`storing`). The same bytes with the same mapping, day and source are one
delivery, however often they are sent.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.connectors.figures import Figures, Mapping, Role, header_fingerprint, read_figures, suggest_mapping
from koersvast.connectors.problems import Problem, problem
from koersvast.connectors.sheets import Sheet
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.connectors.tabular import open_table
from koersvast.indicators import register
from koersvast.indicators.matching import (
    CHANGED,
    NEW,
    REFUSED,
    SAME,
    Line,
    Remark,
    about_the_file,
    compare,
    match,
)
from koersvast.indicators.models import Delivery, RememberedMapping, Source
from koersvast.indicators.staged import line_to_json, problem_to_json


class FileRefused(Exception):
    """A file that cannot be read at all; `problems` say why. Nothing is kept."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(found.code for found in problems))
        self.problems = tuple(problems)


class AlreadyClosed(Exception):
    """The delivery was taken over or discarded before."""


class NeedsMapping(Exception):
    """Nobody has said yet which column is what."""


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A file as far as it could be read: its sheet, the mapping used and where that came from."""

    sheet: Sheet
    fingerprint: str
    mapping: Mapping | None
    origin: str
    notes: tuple[Problem, ...]


def stage_figures(
    data: bytes,
    *,
    municipality: Municipality,
    file_name: str,
    as_of: date,
    by: Actor,
    source: Source | None = None,
    mapping: Mapping | None = None,
    ask_unknown_headers: bool = False,
) -> Delivery:
    """Read a file and stage what it would do; a file that was taken over before is returned as it was stored.

    Without `mapping` a remembered one is used, else the one that the headings suggest. With `ask_unknown_headers`
    headings that are not remembered give a delivery that waits for `map_columns`. Raises FileRefused for a file
    that cannot be read.
    """
    allow(by, municipality)
    if as_of > timezone.localdate():
        raise ValueError(f"{as_of} lies ahead; figures are known as of today or earlier.")
    read = _read(data, municipality, mapping)
    waits = read.mapping is None or (ask_unknown_headers and read.origin == "suggested")
    if read.mapping is None and not ask_unknown_headers:
        raise FileRefused([problem("header_not_recognised")])
    if read.mapping is not None and read.mapping.lacks and not ask_unknown_headers:
        raise FileRefused([problem("mapping_does_not_fit", reason=f"no_{read.mapping.lacks[0].value}")])
    kept = SnapshotStore(Path(settings.SNAPSHOTS)).keep(
        data,
        taken_from="upload",
        file_name=file_name,
        fetched_at=timezone.now(),
        licence=source.licence if source else "",
        media_type=_MEDIA[read.sheet.kind_of_file],
    )
    return _stage(
        read, municipality=municipality, snapshot=kept.sha256, file_name=file_name, as_of=as_of, by=by, source=source,
        waits=waits,
    )  # fmt: skip


def map_columns(delivery: Delivery, *, mapping: Mapping, remember_as: str, by: Actor) -> Delivery:
    """Say which column is what in a staged file, remember it for files with the same headings, and stage again."""
    allow(by, delivery.municipality)
    must_be_staged(delivery)
    data = SnapshotStore(Path(settings.SNAPSHOTS)).read(delivery.snapshot)
    read = _read(data, delivery.municipality, mapping)
    with audit.recorded(Event.MAPPING_REMEMBERED, by=by, municipality=delivery.municipality) as record:
        if remember_as:
            remember_mapping(
                delivery.municipality, fingerprint=read.fingerprint, name=remember_as, mapping=mapping, by=by
            )
        delivery = _fill(delivery, read, waits=False)
        record.subject, record.detail = delivery, {"file": delivery.file_name}
    return delivery


def restage(delivery: Delivery, *, by: Actor) -> Delivery:
    """Work out again what a staged file would do, after the register changed under it."""
    allow(by, delivery.municipality)
    must_be_staged(delivery)
    data = SnapshotStore(Path(settings.SNAPSHOTS)).read(delivery.snapshot)
    with audit.recorded(Event.DELIVERY_STAGED, by=by, municipality=delivery.municipality) as record:
        delivery = _fill(delivery, _read(data, delivery.municipality, mapping_of(delivery)), waits=False)
        record.subject, record.detail = delivery, {"file": delivery.file_name}
    return delivery


def mapping_of(delivery: Delivery) -> Mapping | None:
    """The columns as they are known or suggested for a staged file."""
    return Mapping.from_dict(delivery.mapping) if delivery.mapping else None


def remember_mapping(
    municipality: Municipality, *, fingerprint: str, name: str, mapping: Mapping, by: Actor
) -> RememberedMapping:
    """Keep how a kind of file is read, recognised by its headings."""
    allow(by, municipality)
    with audit.recorded(Event.MAPPING_REMEMBERED, by=by, municipality=municipality) as record:
        remembered, _ = RememberedMapping.objects.update_or_create(
            municipality=municipality,
            fingerprint=fingerprint,
            defaults={"name": name[:120], "mapping": mapping.as_dict(), "used_at": timezone.now()},
        )
        record.subject, record.detail = remembered, {"name": name[:120]}
    return remembered


def discard(delivery: Delivery, *, by: Actor) -> Delivery:
    """Put a staged delivery aside; its file stays in the snapshot store."""
    allow(by, delivery.municipality)
    with audit.recorded(Event.DELIVERY_DISCARDED, by=by, municipality=delivery.municipality) as record:
        delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
        must_be_staged(delivery)
        delivery.state, delivery.staged = Delivery.State.DISCARDED, {}
        delivery.closed_at, delivery.closed_by = timezone.now(), audit.describe(by)
        delivery.save(update_fields=["state", "staged", "closed_at", "closed_by"])
        record.subject = delivery
    return delivery


_MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def allow(by: Actor, municipality: Municipality) -> None:
    """Let through who may bring in figures; raises Denied."""
    authorise(by, Permission.FIGURES_IMPORT, municipality, on=timezone.localdate())


def must_be_staged(delivery: Delivery) -> None:
    """Raise AlreadyClosed for a delivery that was taken over or discarded."""
    if delivery.state != Delivery.State.STAGED:
        raise AlreadyClosed(f"{delivery.file_name}: {delivery.state}")


def _read(data: bytes, municipality: Municipality, mapping: Mapping | None) -> _Read:
    opened = open_table(data, sheet=mapping.sheet if mapping and mapping.sheet else "")
    if opened.sheet is None:
        raise FileRefused(opened.problems)
    fingerprint, origin = header_fingerprint(opened.sheet), "given"
    if mapping is None:
        remembered = RememberedMapping.objects.filter(municipality=municipality, fingerprint=fingerprint).first()
        origin = "remembered" if remembered else "suggested"
        suggested = suggest_mapping(opened.sheet)
        mapping = register.fitted(Mapping.from_dict(remembered.mapping), suggested) if remembered else suggested
    return _Read(
        sheet=opened.sheet, fingerprint=fingerprint, mapping=mapping, origin=origin, notes=tuple(opened.problems)
    )


def _stage(
    read: _Read,
    *,
    municipality: Municipality,
    snapshot: str,
    file_name: str,
    as_of: date,
    by: Actor,
    source: Source | None,
    waits: bool,
) -> Delivery:
    mapping = read.mapping.as_dict() if read.mapping else {}
    identity = identity_of(snapshot=snapshot, mapping=mapping, as_of=as_of, source=source.code if source else "")
    same = Delivery.objects.filter(municipality=municipality, identity=identity)
    stored = same.filter(state=Delivery.State.STORED).first()
    if stored and not waits:
        return stored
    with audit.recorded(Event.DELIVERY_STAGED, by=by, municipality=municipality) as record:
        delivery = same.filter(state=Delivery.State.STAGED).first() or Delivery(
            municipality=municipality, snapshot=snapshot, as_of=as_of, source=source, identity=identity
        )
        delivery.file_name = file_name[:200]
        delivery.received_at, delivery.received_by = timezone.now(), audit.describe(by)
        delivery = _fill(delivery, read, waits=waits)
        record.subject, record.detail = delivery, {"file": delivery.file_name, "snapshot": snapshot}
    return delivery


def _fill(delivery: Delivery, read: _Read, *, waits: bool) -> Delivery:
    """Write into a staged delivery what its file would do as things stand now."""
    delivery.mapping = read.mapping.as_dict() if read.mapping else {}
    source = delivery.source.code if delivery.source else ""
    delivery.identity = identity_of(
        snapshot=delivery.snapshot, mapping=delivery.mapping, as_of=delivery.as_of, source=source
    )
    lines: list[Line] = []
    remarks: tuple[Remark, ...] = ()
    problems: list[Problem] = list(read.notes)
    if not waits and read.mapping:
        figures = read_figures(read.sheet, read.mapping, latest_year=delivery.as_of.year)
        lines, remarks = _judged(figures, delivery, source, read)
        problems += [found for found in figures.problems if not (found.is_refusal and found.line is not None)]
    delivery.new, delivery.revised = (sum(line.outcome == name for line in lines) for name in (NEW, CHANGED))
    delivery.same, delivery.refused = (sum(line.outcome == name for line in lines) for name in (SAME, REFUSED))
    delivery.refused += sum(found.is_refusal for found in problems)
    delivery.staged = {
        "needs_mapping": waits,
        "mapping_origin": read.origin,
        "fingerprint": read.fingerprint,
        "lines": [line_to_json(line) for line in lines],
        "problems": [problem_to_json(found) for found in problems],
        "remarks": [[one.code, dict(one.values)] for one in remarks],
    }
    delivery.save()
    return delivery


def _judged(figures: Figures, delivery: Delivery, source: str, read: _Read) -> tuple[list[Line], tuple[Remark, ...]]:
    """Every figure of the file as a line; lines that the file itself refuses stand among them."""
    municipality = delivery.municipality
    matched = match(figures.readings, register.catalogue(municipality), as_of=delivery.as_of, delivered_source=source)
    known = register.known_figures(municipality, [line.key for line in matched if line.key])
    usual = register.usual_amounts(known, matched)
    lines = list(compare(matched, known, as_of=delivery.as_of, usual=usual))
    lines += [_refused_by_file(found, read) for found in figures.refusals if found.line is not None]
    seen = (
        Delivery.objects.filter(municipality=municipality, snapshot=delivery.snapshot, state=Delivery.State.STORED)
        .order_by("-as_of")
        .first()
    )
    remarks = about_the_file(
        lines,
        last_known_period=max((key.period for key in known), default=""),
        bytes_seen=seen.as_of if seen else None,
    )
    return lines, remarks


def _refused_by_file(found: Problem, read: _Read) -> Line:
    """A line that the file itself refuses, with the indicator and period that stand on it."""

    def text_of(role: Role) -> str:
        column = read.mapping.columns.get(role) if read.mapping else None
        return read.sheet.cell(found.line or 0, column).text[:200] if column else ""

    return Line(
        line=found.line,
        column=found.column or "",
        label=str(found.values.get("indicator", "")) or text_of(Role.INDICATOR),
        period=str(found.values.get("period", "")) or text_of(Role.PERIOD),
        amount_text=found.value,
        outcome=REFUSED,
        refusal=Remark(code=found.code, values=dict(found.values)),
    )


def identity_of(*, snapshot: str, mapping: dict[str, object], as_of: date, source: str) -> str:
    """Return SHA-256 over what makes two deliveries the same: bytes, mapping, as-of day and source."""
    said = json.dumps([snapshot, mapping, as_of.isoformat(), source], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
