"""The codebook of a wave: suggested from its file, carried from an earlier wave, confirmed by a person."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.connectors.microdata import Microdata
from koersvast.surveys.changes.waves import allow
from koersvast.surveys.codebook import Entry, Kind, Suggestion, suggest
from koersvast.surveys.microdata_store import read_answers
from koersvast.surveys.models import CodebookEntry, MicrodataFile, Wave


class NoFile(Exception):
    """There are no answers to make a codebook from: none came in, or they were destroyed."""


class UnknownVariable(ValueError):
    """The entry names a variable that the file does not have."""

    def __init__(self, variable: str) -> None:
        super().__init__(variable)
        self.variable = variable


def suggest_entries(wave: Wave, microdata: Microdata, *, earlier: Wave | None = None) -> None:
    """Write what is suggested for a file. What a person confirmed of this wave stays where nothing changed.

    For use within a change. Without `earlier` the newest earlier wave of the same survey is carried over.
    """
    own = [row.entry for row in CodebookEntry.objects.filter(wave=wave).exclude(confirmed_at=None)]
    before = earlier or (None if own else _wave_before(wave))
    known = _confirmed(before) if before else own
    period = before.period if before else wave.period
    suggested = [*suggest(microdata, known, earlier_period=period)]
    suggested += _scores_of(known, suggested, microdata, period=period)
    kept = {row.code: row for row in CodebookEntry.objects.filter(wave=wave)}
    rows = [_row(wave, one, place, kept.get(one.entry.code)) for place, one in enumerate(suggested, start=1)]
    CodebookEntry.objects.filter(wave=wave).delete()
    CodebookEntry.objects.bulk_create(rows)


def _scores_of(
    known: Sequence[Entry], suggested: Sequence[Suggestion], microdata: Microdata, *, period: str
) -> list[Suggestion]:
    """Scores that a person made in the earlier codebook, of statements that this file has too."""
    names = {variable.name for variable in microdata.variables}
    taken = {one.entry.code for one in suggested}
    return [
        Suggestion(entry=replace(entry, is_confirmed=False), why=(), is_sure=True, carried_from=period)
        for entry in known
        if entry.kind is Kind.COMPOSITE and entry.code not in taken and set(entry.variables) <= names
    ]


def _row(wave: Wave, one: Suggestion, place: int, before: CodebookEntry | None) -> CodebookEntry:
    row = CodebookEntry(
        wave=wave,
        code=one.entry.code,
        position=place,
        role=one.entry.role.value,
        content=one.entry.as_dict(),
        is_sure=one.is_sure,
        why=[why.as_dict() for why in one.why],
        carried_from=one.carried_from if one.carried_from != wave.period else "",
        changed=[why.as_dict() for why in one.changed],
    )
    if before is not None and before.confirmed_at is not None and before.entry == replace(one.entry, is_confirmed=True):
        row.confirmed_at, row.confirmed_by = before.confirmed_at, before.confirmed_by
    return row


def _wave_before(wave: Wave) -> Wave | None:
    others = Wave.objects.filter(source=wave.source, period__lt=wave.period, entries__confirmed_at__isnull=False)
    return others.order_by("-period").first()


def _confirmed(wave: Wave) -> list[Entry]:
    rows = CodebookEntry.objects.filter(wave=wave).exclude(confirmed_at=None)
    return [row.entry for row in rows]


def carry_codebook(wave: Wave, *, earlier: Wave, by: Actor) -> list[CodebookEntry]:
    """Suggest the codebook anew from an earlier wave; what was confirmed here and stays the same stays confirmed.

    Raises Denied, NoFile, or ValueError for a wave of another municipality.
    """
    allow(by, wave.municipality)
    if earlier.municipality_id != wave.municipality_id:
        raise ValueError("A codebook is carried within one municipality.")
    with audit.recorded(Event.CODEBOOK_SUGGESTED, by=by, municipality=wave.municipality) as record:
        suggest_entries(wave, _answers(wave), earlier=earlier)
        record.subject, record.detail = wave, {"from": earlier.period}
    return list(CodebookEntry.objects.filter(wave=wave))


def confirm_entry(row: CodebookEntry, *, by: Actor, entry: Entry | None = None) -> CodebookEntry:
    """Confirm an entry as it stands, or as a person made it. Raises Denied, BadEntry, NoFile or UnknownVariable."""
    allow(by, row.wave.municipality)
    with audit.recorded(Event.CODEBOOK_CONFIRMED, by=by, municipality=row.wave.municipality) as record:
        row = CodebookEntry.objects.select_for_update(of=("self",)).select_related("wave").get(pk=row.pk)
        if entry is not None:
            _must_be_there(row.wave, entry)
            row.content, row.role = replace(entry, code=row.code, is_confirmed=False).as_dict(), entry.role.value
        _confirm([row], by=by)
        record.subject, record.detail = row, {"codes": [row.code]}
    return row


def add_entry(wave: Wave, *, entry: Entry, by: Actor) -> CodebookEntry:
    """Add an entry of one's own, such as a score of several statements, or replace the one with its code; confirmed.

    Raises Denied, NoFile or UnknownVariable.
    """
    allow(by, wave.municipality)
    with audit.recorded(Event.CODEBOOK_CONFIRMED, by=by, municipality=wave.municipality) as record:
        _must_be_there(wave, entry)
        row = CodebookEntry.objects.filter(wave=wave, code=entry.code).first() or CodebookEntry(
            wave=wave, code=entry.code, position=CodebookEntry.objects.filter(wave=wave).count() + 1
        )
        row.content, row.role = replace(entry, is_confirmed=False).as_dict(), entry.role.value
        row.save()
        _confirm([row], by=by)
        record.subject, record.detail = row, {"codes": [row.code]}
    return row


def confirm_sure_ones(wave: Wave, *, by: Actor) -> list[CodebookEntry]:
    """Confirm every suggestion that leaves nothing to choose; the others wait. Raises Denied."""
    allow(by, wave.municipality)
    with audit.recorded(Event.CODEBOOK_CONFIRMED, by=by, municipality=wave.municipality) as record:
        rows = list(CodebookEntry.objects.select_for_update().filter(wave=wave, is_sure=True, confirmed_at=None))
        _confirm(rows, by=by)
        record.subject, record.detail = wave, {"codes": [row.code for row in rows]}
    return rows


def reopen_entry(row: CodebookEntry, *, by: Actor) -> CodebookEntry:
    """Take the confirmation of an entry back; it is computed no more until it is confirmed again. Raises Denied."""
    allow(by, row.wave.municipality)
    with audit.recorded(Event.CODEBOOK_SUGGESTED, by=by, municipality=row.wave.municipality) as record:
        row.confirmed_at, row.confirmed_by = None, ""
        row.save(update_fields=["confirmed_at", "confirmed_by"])
        record.subject, record.detail = row, {"reopened": row.code}
    return row


def _confirm(rows: Iterable[CodebookEntry], *, by: Actor) -> None:
    for row in rows:
        row.confirmed_at, row.confirmed_by = timezone.now(), audit.describe(by)
        row.save(update_fields=["content", "role", "confirmed_at", "confirmed_by"])


def _must_be_there(wave: Wave, entry: Entry) -> None:
    """The variables that an entry names are those of the codebook, which has every variable of the file."""
    known = {name for row in CodebookEntry.objects.filter(wave=wave) for name in row.content["variables"]}
    if not known:
        raise NoFile
    named = [*entry.variables, *([entry.base.variable] if entry.base else [])]
    for name in named:
        if name not in known:
            raise UnknownVariable(name)


def _answers(wave: Wave) -> Microdata:
    file = MicrodataFile.objects.filter(wave=wave, superseded_at=None).select_related("wave__municipality").first()
    if file is None or not file.can_be_read:
        raise NoFile
    return read_answers(file)
