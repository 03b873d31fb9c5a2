"""Bringing in a national table: asked for, fetched or taken from what is kept, judged, and staged for who follows it.

One retrieval serves every municipality of the installation. A retrieval that dies on the way leaves nothing half: its
bytes are kept, its vintage is there or not, each delivery is staged or not; asking again repeats what is missing.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.tasks import task
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from koersvast.access import audit
from koersvast.access.audit import Actor, Event, Operator
from koersvast.access.models import Municipality
from koersvast.connectors.captures import Capture, Progress, capture_files, capture_table, load_capture
from koersvast.connectors.fetching import Fetcher
from koersvast.connectors.gate import Gate
from koersvast.connectors.problems import FetchProblem, Problem
from koersvast.connectors.statline import Slice
from koersvast.indicators.changes.feed_deliveries import stage_vintage
from koersvast.indicators.changes.staging import allow
from koersvast.indicators.feeds import FEEDS, feeds_of_table
from koersvast.indicators.models import Following, Retrieval, RetrievalProgress
from koersvast.indicators.queries.national import POPULATION_TABLE, newest_of, register_store
from koersvast.reference.models import Area
from koersvast.registers.codes import Level
from koersvast.registers.source import CaptureUnreadable
from koersvast.registers.tables import TABLES, RegisterTable
from koersvast.registers.vintages import Vintage

logger = logging.getLogger(__name__)

# Who takes over what a municipality asked for in advance: the installation itself.
FEEDS_OPERATOR = Operator(name="feeds")
STUCK_AFTER = timedelta(minutes=20)
NEVER_BEGUN_AFTER = timedelta(days=1)
# The largest part of the kinds that a source may drop at once before a person has to look.
MOST_DROPPED = 0.25
_SIGN_EVERY = timedelta(seconds=1)
_RUNNING = (Retrieval.State.QUEUED, Retrieval.State.RUNNING)
# Of this table a municipality may also ask for its own sexes and ages.
_PARTS_OF_PEOPLE = ("Geslacht", "Leeftijd")
_NEIGHBOURHOODS = (Level.WIJK, Level.BUURT)


class UnknownTable(KeyError):
    """No national table with this code is known."""


class ComesAsFile(ValueError):
    """The table has no address; its holder gives it as a file."""


class PracticeFigures(Exception):
    """This home holds the invented figures of the demo; real ones are not brought in beside them."""


class AlreadyRunning(Exception):
    """Another process has begun this retrieval, or it is finished."""


class NothingKept(Exception):
    """There are no bytes of this table in the snapshot store to work from."""


def ask_retrieval(
    table: str, *, by: Actor, municipality: Municipality | None = None, is_offline: bool = False, queued: bool = True
) -> Retrieval:
    """Ask for a table; the one that is waiting or running is returned when there is one.

    A person asks on behalf of a `municipality`. With `queued` a worker does it; without, the caller calls `retrieve`.
    Raises UnknownTable, ComesAsFile, PracticeFigures or Denied.
    """
    if municipality is not None:
        allow(by, municipality)
    elif not isinstance(by, Operator):
        raise ValueError("A person asks for a municipality.")
    known = _known_table(table)
    if not is_offline:
        _refuse_in_the_demo()
        if known.address is None:
            raise ComesAsFile(table)
    return _asked(table, slice_of(table), by=by, municipality=municipality, is_offline=is_offline, queued=queued)


def ask_population(municipality: Municipality, year: int, *, by: Actor, queued: bool = True) -> Retrieval:
    """Ask for the people of one municipality on 1 January of a year by sex and single age, to weight a survey to.

    The whole table has everybody only; this is a part beside it, of one municipality, and brings no delivery. Raises
    PracticeFigures or Denied.
    """
    allow(by, municipality)
    _refuse_in_the_demo()
    return _asked(
        POPULATION_TABLE,
        population_slice(municipality.code, year),
        by=by,
        municipality=municipality,
        is_offline=False,
        queued=queued,
    )


def population_slice(code: str, year: int) -> Slice:
    """The part of the population's table with all sexes and ages of one municipality and year."""
    totals = tuple(title for title in _known_table(POPULATION_TABLE).total_titles if title not in _PARTS_OF_PEOPLE)
    return Slice(areas=(code,), years=(year,), totals=totals)


def _asked(
    table: str, wanted: Slice, *, by: Actor, municipality: Municipality | None, is_offline: bool, queued: bool
) -> Retrieval:
    waiting = Retrieval.objects.filter(table=table, slice_key=_key(wanted), state__in=_RUNNING)
    try:
        with audit.recorded(Event.RETRIEVAL_ASKED, by=by, municipality=municipality) as record:
            if found := waiting.first():
                record.subject, record.detail = found, {"table": table}
                return found
            made = Retrieval.objects.create(
                table=table,
                slice=asdict(wanted),
                slice_key=_key(wanted),
                is_offline=is_offline,
                asked_at=timezone.now(),
                asked_by=audit.describe(by),
            )
            record.subject, record.detail = made, {"table": table}
            if queued:
                transaction.on_commit(lambda: run_retrieval.enqueue(made.pk))
    except IntegrityError:
        # Two people at the same moment: the constraint lets one of them through.
        return waiting.get()
    return made


def slice_of(table: str) -> Slice:
    """The part of a table that this installation needs.

    All municipalities, the regions and the country, because figures are compared; neighbourhoods of those only that
    follow the table; every kind that the catalogue names, so that following one feed more changes nothing.
    """
    known = _known_table(table)
    kinds = {kind for feed in FEEDS.values() if table in (feed.table, feed.monthly_table) for kind in feed.kinds}
    if known.total_kind and kinds:
        kinds.add(known.total_kind)
    if not set(_NEIGHBOURHOODS) & set(known.levels):
        return Slice(kinds=tuple(sorted(kinds)), totals=known.total_titles)
    with scopes_disabled():
        codes = sorted(municipality.code for municipality in _following(table))
    own = [f"{prefix}{code[2:]}" for code in codes for prefix in ("WK", "BU")]
    return Slice(areas=("NL", "GM", *own), kinds=tuple(sorted(kinds)), totals=known.total_titles)


def retrieve(
    retrieval: Retrieval,
    *,
    fetcher: Fetcher | None = None,
    progress: Callable[[Progress], None] | None = None,
    on: date | None = None,
) -> Retrieval:
    """Do a retrieval that was asked for, from the fetching to the deliveries of every municipality that follows it.

    `on` is the day on which the source is read; without it today. What the source does wrong ends in the state "failed"
    or "quarantined" with its problems, and raises nothing; what stood before stays. Raises AlreadyRunning for one that
    somebody else does or did.
    """
    retrieval = _begin(retrieval)
    try:
        capture = _capture(retrieval, fetcher, progress)
        _sign(retrieval, Progress(done=0, total=None, bytes=0, text_code="reading"), progress)
        vintage = register_store().load(capture, on=on or timezone.localdate())
        return _bring(retrieval, capture, vintage, progress)
    except FetchProblem as error:
        return _end(retrieval, Retrieval.State.FAILED, problems=[_as_json(error.problem)])
    except CaptureUnreadable as error:
        return _end(retrieval, Retrieval.State.FAILED, problems=[_as_json(error.reason)])
    except NothingKept:
        return _end(retrieval, Retrieval.State.FAILED, problems=[_about("nothing_kept", retrieval.table)])
    except Exception:
        logger.exception("retrieval %s of %s", retrieval.pk, retrieval.table)
        _end(retrieval, Retrieval.State.FAILED, problems=[_about("went_wrong", retrieval.table)])
        raise


def import_register_files(
    table: str,
    files: Sequence[tuple[str, bytes]],
    *,
    by: Actor,
    municipality: Municipality | None = None,
    as_of: date | None = None,
    holder: str = "",
    licence: str = "",
) -> Retrieval:
    """Take a table from files that a person delivers: the same way, from the bytes on, as what is fetched.

    `as_of` is the day on which the holder gave them; without it today. `holder` and `licence` when they are others
    than those of the table, as for figures to practise with. Raises Denied, UnknownTable, and PracticeFigures for a
    person in the demo. A file that cannot be used gives a retrieval that failed, with its problems.
    """
    if municipality is not None:
        allow(by, municipality)
    elif not isinstance(by, Operator):
        raise ValueError("A person delivers for a municipality.")
    if municipality is not None:  # the demo itself brings its invented tables in as an operator
        _refuse_in_the_demo()
    known, now = _known_table(table), timezone.now()
    with audit.recorded(Event.RETRIEVAL_ASKED, by=by, municipality=municipality) as record:
        retrieval = Retrieval.objects.create(
            table=table,
            slice=asdict(Slice()),
            slice_key=_key(Slice(), hashlib.sha256(b"".join(data for _, data in files)).hexdigest()),
            is_offline=True,
            asked_at=now,
            asked_by=audit.describe(by),
        )
        record.subject, record.detail = retrieval, {"table": table, "files": [name[:200] for name, _ in files]}
    retrieval = _begin(retrieval)
    try:
        capture = capture_files(
            files if municipality is None else _without_names(table, files),
            snapshots=register_store().snapshots,
            taken_from="upload",
            fetched_at=now.astimezone(UTC),
            licence=licence or known.licence,
            holder=holder or known.holder,
            title=known.title_nl,
            table=table,
        )
        vintage = register_store().load(capture, on=as_of or timezone.localdate(), area_codes=_codes_by_name())
        return _bring(retrieval, capture, vintage, None, own=municipality)
    except FetchProblem as error:
        return _end(retrieval, Retrieval.State.FAILED, problems=[_as_json(error.problem)])
    except CaptureUnreadable as error:
        return _end(retrieval, Retrieval.State.FAILED, problems=[_as_json(error.reason)])
    except Exception:
        _end(retrieval, Retrieval.State.FAILED, problems=[_about("went_wrong", table)])
        raise


def accept_quarantined(retrieval: Retrieval, *, because: str, by: Actor, municipality: Municipality) -> Retrieval:
    """Let a vintage count after all, with the reason why; its deliveries are staged and wait for a person.

    Accepting one that was accepted before changes nothing. Raises Denied, or ValueError without a reason.
    """
    allow(by, municipality)
    if not because.strip():
        raise ValueError("Accepting what was refused has a reason.")
    vintage = _vintage_of(retrieval)
    with audit.recorded(Event.VINTAGE_ACCEPTED, by=by, municipality=municipality) as record:
        record.subject = retrieval
        record.detail = {"table": retrieval.table, "vintage": vintage.number, "reason": because.strip()[:300]}
        retrieval.state = Retrieval.State.DONE
        retrieval.save(update_fields=["state"])
        accepted = register_store().accept(vintage, because=because.strip()[:300])
    _stage_for_all(accepted, waits=True)
    return retrieval


def sweep_stuck(*, by: Actor, now: datetime | None = None) -> list[Retrieval]:
    """Close retrievals whose process is gone: no sign of life for twenty minutes. Asking again goes on from there."""
    moment = now or timezone.now()
    running = Retrieval.objects.filter(state=Retrieval.State.RUNNING, started_at__lt=moment - STUCK_AFTER)
    stuck = list(running.exclude(progress__last_sign_at__gte=moment - STUCK_AFTER))
    stuck += Retrieval.objects.filter(state=Retrieval.State.QUEUED, asked_at__lt=moment - NEVER_BEGUN_AFTER)
    problems = [{"code": "stopped_halfway", "values": {"minutes": int(STUCK_AFTER.total_seconds() // 60)}}]
    return [_end(retrieval, Retrieval.State.FAILED, problems=problems, by=by) for retrieval in stuck]


@task()
def run_retrieval(number: int) -> str:
    """What the worker does with a retrieval that was asked for; returns the state it ends in."""
    retrieval = Retrieval.objects.filter(pk=number).first()
    if retrieval is None:
        return ""
    try:
        return retrieve(retrieval).state
    except AlreadyRunning:
        return str(Retrieval.objects.get(pk=number).state)


def national_fetcher() -> Fetcher:
    """A fetcher that reaches the hosts of the known tables, and no other. Raises PracticeFigures in the demo."""
    _refuse_in_the_demo()
    hosts = frozenset(known.address.host for known in TABLES.values() if known.address)
    return Fetcher(gate=Gate(hosts=hosts), proxy=settings.PROXY or None)


def _refuse_in_the_demo() -> None:
    """Invented and real figures of one table must never come to stand in one register."""
    if settings.DEMO:
        raise PracticeFigures


def _without_names(table: str, files: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Files under the name of the table: what a person calls a file is nobody's business in another municipality."""
    return [(f"{table}-{place}.csv", data) for place, (_, data) in enumerate(files, start=1)]


def _known_table(table: str) -> RegisterTable:
    if table not in TABLES:
        raise UnknownTable(table)
    return TABLES[table]


def _codes_by_name() -> dict[str, str]:
    """The municipalities by name, for files that give no code; a name that two carry is left out."""
    found: dict[str, set[str]] = {}
    for code, name in Area.objects.filter(kind=Area.Kind.MUNICIPALITY).values_list("code", "name"):
        found.setdefault(name, set()).add(code)
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}


def _key(wanted: Slice, more: str = "") -> str:
    said = json.dumps([asdict(wanted), more], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _following(table: str) -> list[Municipality]:
    """The municipalities with a feed for which this table has to be there."""
    rows = Following.objects.filter(until=None).values_list("municipality", "feed")
    found = {pk for pk, feed in rows if feeds_of_table(table, [feed])}
    return list(Municipality.objects.filter(pk__in=found).order_by("code"))


def _begin(retrieval: Retrieval) -> Retrieval:
    with audit.recorded(Event.RETRIEVAL_STARTED, by=FEEDS_OPERATOR) as record:
        claimed = Retrieval.objects.select_for_update().get(pk=retrieval.pk)
        if claimed.state != Retrieval.State.QUEUED:
            raise AlreadyRunning(f"{claimed.table}: {claimed.state}")
        claimed.state, claimed.started_at = Retrieval.State.RUNNING, timezone.now()
        claimed.save(update_fields=["state", "started_at"])
        record.subject, record.detail = claimed, {"table": claimed.table}
    return claimed


def _capture(retrieval: Retrieval, fetcher: Fetcher | None, progress: Callable[[Progress], None] | None) -> Capture:
    known, store = _known_table(retrieval.table), register_store()
    if retrieval.is_offline:
        kept = store.vintages(retrieval.table)
        if not kept:
            raise NothingKept(retrieval.table)
        return load_capture(store.snapshots, kept[0].capture)
    if known.address is None:
        raise ComesAsFile(retrieval.table)
    wanted = Slice(**{name: tuple(values) for name, values in retrieval.slice.items()})
    journals = Path(settings.REGISTERS) / "journals"
    journals.mkdir(parents=True, exist_ok=True)
    with fetcher or national_fetcher() as working:
        fetch = partial(
            capture_table,
            known.address,
            fetcher=working,
            snapshots=store.snapshots,
            journal=journals / f"{retrieval.table}-{retrieval.slice_key[:16]}.jsonl",
            licence=known.licence,
            holder=known.holder,
            progress=_signs_of(retrieval, progress),
        )
        try:
            return fetch(wanted)
        except FetchProblem as refused:
            rest = _without_dropped(wanted, refused.problem, total=known.total_kind)
            if rest is None:
                raise
            return fetch(rest)


def _without_dropped(wanted: Slice, found: Problem, *, total: str) -> Slice | None:
    """What is left to ask of a table that no longer has some kinds; None when that is not what is wrong.

    Many kinds at once, or the total, is no kind that was dropped but a table that was set up anew: a person looks.
    """
    dropped = set(str(found.values.get("asked", "")).split(", "))
    if found.name != "not_in_table" or not dropped <= set(wanted.kinds) - {total}:
        return None
    if len(dropped) > MOST_DROPPED * len(wanted.kinds):
        return None
    return replace(wanted, kinds=tuple(kind for kind in wanted.kinds if kind not in dropped))


def _dropped(retrieval: Retrieval, capture: Capture) -> list[dict[str, Any]]:
    """What to say of kinds that were asked for and that the source has no longer."""
    if retrieval.is_offline or capture.slice.kinds == tuple(retrieval.slice["kinds"]):
        return []
    dropped = sorted(set(retrieval.slice["kinds"]) - set(capture.slice.kinds))
    return [{"code": "kind_dropped", "values": {"table": retrieval.table, "kinds": ", ".join(dropped)}}]


def _signs_of(retrieval: Retrieval, also: Callable[[Progress], None] | None) -> Callable[[Progress], None]:
    """A report that writes a sign of life at most once a second, and at every new step."""
    last: dict[str, Any] = {"at": None, "step": ""}

    def report(found: Progress) -> None:
        now = timezone.now()
        if last["at"] is None or found.text_code != last["step"] or now - last["at"] >= _SIGN_EVERY:
            last.update(at=now, step=found.text_code)
            _sign(retrieval, found, None)
        if also:
            also(found)

    return report


def _sign(retrieval: Retrieval, found: Progress, also: Callable[[Progress], None] | None) -> None:
    RetrievalProgress.objects.update_or_create(
        retrieval=retrieval,
        defaults={
            "step": found.text_code,
            "done": found.done,
            "total": found.total,
            "bytes_read": found.bytes,
            "last_sign_at": timezone.now(),
        },
    )
    if also:
        also(found)


def _bring(
    retrieval: Retrieval,
    capture: Capture,
    vintage: Vintage,
    progress: Callable[[Progress], None] | None,
    *,
    own: Municipality | None = None,
) -> Retrieval:
    """Stage what an accepted vintage brings, or say why a quarantined one brings nothing."""
    if vintage.state != "accepted":
        reasons = [{"code": one.code, "values": dict(one.values)} for one in vintage.reasons]
        return _end(
            retrieval, Retrieval.State.QUARANTINED, problems=reasons, vintage=vintage.number, capture=capture.sha256
        )
    if not is_population_of_one(retrieval):
        _sign(retrieval, Progress(done=0, total=None, bytes=0, text_code="staging"), progress)
        _stage_for_all(vintage, own=own)
    problems = _dropped(retrieval, capture)
    return _end(retrieval, Retrieval.State.DONE, problems=problems, vintage=vintage.number, capture=capture.sha256)


def is_population_of_one(retrieval: Retrieval) -> bool:
    """Whether a retrieval is that of `ask_population`: of one municipality, for a survey and no indicator."""
    asked = retrieval.slice
    return retrieval.table == POPULATION_TABLE and bool(asked["years"]) and len(asked["areas"]) == 1


def _stage_for_all(vintage: Vintage, *, waits: bool = False, own: Municipality | None = None) -> None:
    """Stage a vintage for every municipality that follows its table, and what hangs on it as a population.

    Each municipality has a transaction of its own: what goes wrong with one keeps no other from its figures. `own` is
    the municipality whose person delivered the file that the vintage was made from.
    """
    store = register_store()
    with scopes_disabled():
        municipalities = _following(vintage.table)
    for municipality in municipalities:
        with scope(municipality=municipality):
            codes = Following.objects.filter(municipality=municipality, until=None).values_list("feed", flat=True)
            for table in _tables_fed_by(vintage.table, codes):
                brought = vintage if table == vintage.table else newest_of(table, store)
                if brought is not None:
                    is_own = municipality == own and table == vintage.table
                    stage_vintage(municipality, brought, by=FEEDS_OPERATOR, waits=waits, is_own_file=is_own)


def _tables_fed_by(table: str, codes: Iterable[str]) -> list[str]:
    """The tables whose figures hang on this one: itself, and those that take their inhabitants from it."""
    fed = feeds_of_table(table, codes)
    return sorted({feed.table for feed in fed if table in (feed.table, feed.population_table)})


def _vintage_of(retrieval: Retrieval) -> Vintage:
    found = [one for one in register_store().vintages(retrieval.table) if one.number == retrieval.vintage]
    if not found:
        raise NothingKept(f"{retrieval.table} {retrieval.vintage}")
    return found[0]


def _end(
    retrieval: Retrieval,
    state: Retrieval.State,
    *,
    problems: Sequence[Mapping[str, Any]],
    vintage: int | None = None,
    capture: str = "",
    by: Actor = FEEDS_OPERATOR,
) -> Retrieval:
    with audit.recorded(Event.RETRIEVAL_FINISHED, by=by) as record:
        found = Retrieval.objects.select_for_update().get(pk=retrieval.pk)
        found.state, found.finished_at = state, timezone.now()
        found.problems, found.vintage, found.capture = list(problems), vintage, capture
        found.save(update_fields=["state", "finished_at", "problems", "vintage", "capture"])
        record.subject, record.detail = found, {"table": found.table, "state": str(state)}
    return found


def _about(code: str, table: str) -> dict[str, Any]:
    return {"code": code, "values": {"table": table}}


def _as_json(found: Any) -> dict[str, Any]:
    return {"code": found.code, "values": dict(found.values)}
