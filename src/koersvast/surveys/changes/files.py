"""A file with answers is received, sealed and read; it is destroyed by a person or when its day has come."""

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from koersvast.access import audit
from koersvast.access.audit import Actor, Event, Operator
from koersvast.connectors.microdata import Microdata, to_bytes
from koersvast.connectors.personal_columns import PersonalColumn, personal_columns
from koersvast.connectors.survey_files import read_survey_file
from koersvast.surveys.changes.codebooks import suggest_entries
from koersvast.surveys.changes.waves import allow
from koersvast.surveys.keeping import check_keeping
from koersvast.surveys.microdata_store import context_of, fingerprint_of, orphans, sealed_store
from koersvast.surveys.models import MicrodataFile, Wave

logger = logging.getLogger(__name__)
RETENTION_OPERATOR = Operator(name="retention")
SHORTEST_REASON = 5
# How many files a turn of the schedule destroys at most.
MOST_A_TURN = 5
# A file that was just sealed has no row yet; what is older than this never gets one.
_ORPHAN_AFTER = timedelta(hours=6)


class PersonalColumnsFound(Exception):
    """The file has columns that say who somebody is. Nothing was kept; give their names as `drop_columns` instead."""

    def __init__(self, columns: Sequence[PersonalColumn]) -> None:
        super().__init__(", ".join(f"{one.name}: {one.kind}" for one in columns))
        self.columns = tuple(columns)


class FileDoesNotFit(ValueError):
    """The file is not one for this wave; `code` says why: real answers for an invented wave, or the other way round."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AlreadyDestroyed(Exception):
    """The answers were destroyed before."""


def receive_file(
    wave: Wave,
    *,
    data: bytes,
    file_name: str,
    keep_until: date,
    by: Actor,
    codebook: bytes | None = None,
    codebook_name: str = "",
    drop_columns: Collection[str] = (),
) -> MicrodataFile:
    """Read a survey file in a child process, seal its answers, and suggest a codebook from it.

    The same bytes again give the file that is there. Another file takes the place of the one before: what was computed
    of that is out of date, and nothing is thrown away before its day. Raises Denied, KeepingRefused for a day
    that cannot be, connectors.sheets.FileRefused, PersonalColumnsFound or FileDoesNotFit; then nothing is kept.
    """
    allow(by, wave.municipality)
    check_keeping(keep_until, today=timezone.localdate())
    fingerprint = fingerprint_of(data, codebook=codebook, dropped=drop_columns)
    current = MicrodataFile.objects.filter(wave=wave, superseded_at=None).first()
    if current is not None and current.fingerprint == fingerprint and current.can_be_read:
        return current
    microdata = read_survey_file(
        data, file_name=file_name, codebook=codebook, codebook_name=codebook_name, drop_columns=sorted(drop_columns)
    )
    if found := personal_columns(microdata):
        raise PersonalColumnsFound(found)
    return _keep(
        wave,
        microdata,
        fingerprint=fingerprint,
        file_name=file_name,
        keep_until=keep_until,
        dropped=drop_columns,
        by=by,
    )


def _keep(
    wave: Wave,
    microdata: Microdata,
    *,
    fingerprint: str,
    file_name: str,
    keep_until: date,
    dropped: Iterable[str],
    by: Actor,
) -> MicrodataFile:
    """Seal first, then write: a process that dies between the two leaves bytes that the schedule destroys."""
    store = sealed_store()
    name = store.seal(to_bytes(microdata), context=context_of(wave))
    try:
        with audit.recorded(Event.MICRODATA_RECEIVED, by=by, municipality=wave.municipality) as record:
            wave = Wave.objects.select_for_update().get(pk=wave.pk)
            _agree_on_invention(wave, microdata)
            MicrodataFile.objects.filter(wave=wave, superseded_at=None).update(superseded_at=timezone.now())
            file = MicrodataFile.objects.create(
                wave=wave,
                fingerprint=fingerprint,
                sealed_name=name,
                file_name=file_name[:200],
                kind_of_file=microdata.kind_of_file,
                rows=microdata.rows,
                columns=len(microdata.variables),
                dropped_columns=sorted(dropped),
                is_synthetic=microdata.is_synthetic,
                received_at=timezone.now(),
                received_by=audit.describe(by),
                keep_until=keep_until,
            )
            suggest_entries(wave, microdata)
            record.subject = file
            record.detail = {
                "rows": file.rows, "columns": file.columns, "keep_until": keep_until.isoformat(),
                "synthetic": file.is_synthetic, "dropped": len(file.dropped_columns),
            }  # fmt: skip
    except BaseException:
        store.destroy(name)
        raise
    return file


def _agree_on_invention(wave: Wave, microdata: Microdata) -> None:
    """Invented and real answers never come to stand in one wave."""
    if wave.municipality.is_practice and not microdata.is_synthetic:
        raise FileDoesNotFit("real_answers_to_practise_with")
    if wave.is_synthetic and not microdata.is_synthetic:
        raise FileDoesNotFit("real_answers_in_invented_wave")
    if not microdata.is_synthetic or wave.is_synthetic:
        return
    if wave.files.exists():
        raise FileDoesNotFit("invented_answers_in_real_wave")
    wave.is_synthetic = True
    wave.save(update_fields=["is_synthetic"])


def destroy_microdata(file: MicrodataFile, *, because: str, by: Actor) -> MicrodataFile:
    """Destroy the answers of a file; the estimates that were made of them stay. Cannot be undone.

    Raises Denied, ValueError without a reason, or AlreadyDestroyed.
    """
    allow(by, file.wave.municipality)
    if len(because.strip()) < SHORTEST_REASON:
        raise ValueError("Destroying answers has a reason.")
    with audit.recorded(Event.MICRODATA_DESTROYED, by=by, municipality=file.wave.municipality) as record:
        file = (
            MicrodataFile.objects.select_for_update(of=("self",)).select_related("wave__municipality").get(pk=file.pk)
        )
        if not file.can_be_read:
            raise AlreadyDestroyed
        file.destroyed_at, file.destroyed_by = timezone.now(), audit.describe(by)
        file.destroyed_because = because.strip()[:300]
        file.save(update_fields=["destroyed_at", "destroyed_by", "destroyed_because"])
        record.subject, record.detail = file, {"because": file.destroyed_because}
        # Within the transaction: a row must never say "destroyed" of bytes that are still there.
        sealed_store().destroy(file.sealed_name)
    return file


def extend_keeping(file: MicrodataFile, *, keep_until: date, because: str, by: Actor) -> MicrodataFile:
    """Keep answers longer or shorter than was said, with the reason.

    The limit counts from the day on which they came in. Raises Denied, KeepingRefused, or ValueError.
    """
    allow(by, file.wave.municipality)
    check_keeping(keep_until, today=timezone.localdate(), since=timezone.localdate(file.received_at))
    if len(because.strip()) < SHORTEST_REASON or not file.can_be_read:
        raise ValueError("Answers that are there are kept for a reason.")
    with audit.recorded(Event.WAVE_CHANGED, by=by, municipality=file.wave.municipality) as record:
        file.keep_until = keep_until
        file.save(update_fields=["keep_until"])
        record.subject = file
        record.detail = {"keep_until": keep_until.isoformat(), "because": because.strip()[:300]}
    return file


def remove_wave(wave: Wave, *, because: str, by: Actor) -> None:
    """Remove a wave with its codebook and estimates, and destroy its answers. Observations that went on stay.

    Raises Denied, or ValueError without a reason.
    """
    allow(by, wave.municipality)
    if len(because.strip()) < SHORTEST_REASON:
        raise ValueError("Removing a wave has a reason.")
    with audit.recorded(Event.WAVE_REMOVED, by=by, municipality=wave.municipality) as record:
        names = list(MicrodataFile.objects.filter(wave=wave).values_list("sealed_name", flat=True))
        record.subject = wave
        record.detail = {"source": wave.source.code, "period": wave.period, "because": because.strip()[:300]}
        number = wave.pk
        wave.delete()
        wave.pk = number  # the audit names it by its number
        for name in names:
            transaction.on_commit(lambda name=name: sealed_store().destroy(name))  # type: ignore[misc]


def destroy_due(*, now: datetime, by: Actor = RETENTION_OPERATOR) -> list[MicrodataFile]:
    """Destroy files whose day has come, and sealed bytes that no row knows. For the schedule.

    Oldest day first, and a few a turn: a clock that jumped ahead, or a database that is not the one of this folder, is
    seen before all answers are gone. A file that cannot be destroyed does not keep the others.
    """
    gone: list[MicrodataFile] = []
    with scopes_disabled():
        due = MicrodataFile.objects.filter(destroyed_at=None, keep_until__lte=timezone.localdate(now))
        waiting = due.count()
        for file in due.select_related("wave__municipality").order_by("keep_until", "pk")[:MOST_A_TURN]:
            try:
                gone.append(destroy_microdata(file, because="retention", by=by))
            except (AlreadyDestroyed, OSError) as error:
                logger.error("retention of file %s: %s", file.pk, type(error).__name__)
        _destroy_orphans(before=now - _ORPHAN_AFTER)
    if waiting > MOST_A_TURN:
        logger.error("retention: %s files were due at once; %s a turn are destroyed", waiting, MOST_A_TURN)
    return gone


def _destroy_orphans(*, before: datetime) -> None:
    strange = orphans(MicrodataFile.objects.values_list("sealed_name", flat=True), before=before)
    for name in strange[:MOST_A_TURN]:
        sealed_store().destroy(name)
    if strange:
        logger.error("retention: %s sealed files belong to no wave", len(strange))
