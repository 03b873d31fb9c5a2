"""What a municipality follows, and how it stands with each national table behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, QuerySet
from django.utils import timezone

from koersvast.access.models import Municipality
from koersvast.indicators import releases
from koersvast.indicators.feeds import FEEDS, Feed
from koersvast.indicators.models import Delivery, Following, Retrieval
from koersvast.indicators.queries.national import newest_of, register_store
from koersvast.registers.store import RegisterStore
from koersvast.registers.tables import TABLES, RegisterTable
from koersvast.registers.vintages import Vintage

_OPEN = (Retrieval.State.QUEUED, Retrieval.State.RUNNING)


@dataclass(frozen=True, kw_only=True)
class Running:
    """A retrieval that waits or runs. `step` is a code; `total` is absent while it is not known."""

    number: int
    is_queued: bool
    step: str
    done: int
    total: int | None
    bytes_read: int
    since: datetime

    @property
    def share(self) -> float | None:
        """Between 0 and 1, as far as it can be told."""
        return min(1.0, self.done / self.total) if self.total else None


@dataclass(frozen=True, kw_only=True)
class TableState:
    """One table that a municipality needs: what is held of it, what is going on, what waits.

    `role` says what for: "figures", "months" or "inhabitants". `quarantined` is the last retrieval when its figures
    were put apart and nobody accepted them; `failed` when it brought nothing, `lacking` when it brought
    all but some kinds that the source dropped. `is_out_of_date` means that a new
    edition should have been there for three weeks: by the day that the source gave the figures, not that of import.
    `gives_nothing`: the table holds no figure for the municipality.
    """

    table: RegisterTable
    role: str
    feeds: tuple[Feed, ...]
    held: Vintage | None
    fetched_at: datetime | None
    running: Running | None
    quarantined: Retrieval | None
    failed: Retrieval | None
    lacking: Retrieval | None
    waiting: Delivery | None
    stored: Delivery | None
    due_on: date | None
    is_out_of_date: bool

    @property
    def comes_as_file(self) -> bool:
        """Whether a person has to deliver it."""
        return self.table.address is None

    @property
    def gives_nothing(self) -> bool:
        """Whether a vintage is there and holds nothing for this municipality."""
        return self.role == "figures" and self.held is not None and not self.waiting and not self.stored


def followed(municipality: Municipality) -> tuple[Following, ...]:
    """What a municipality follows now, in the order of the catalogue."""
    return tuple(Following.objects.filter(municipality=municipality, until=None).order_by("feed"))


def table_states(municipality: Municipality, *, on: date | None = None) -> tuple[TableState, ...]:
    """Return how it stands with each table that the followed feeds need: figures first, then months and inhabitants."""
    feeds = [FEEDS[one.feed] for one in followed(municipality) if one.feed in FEEDS]
    store, today = register_store(), on or timezone.localdate()
    roles = _roles(feeds)
    history = _History([table for table, _ in roles])
    deliveries = _deliveries(municipality)
    return tuple(
        _state(table, role, feeds, store=store, history=history, deliveries=deliveries, on=today)
        for table, role in roles
    )


def running_retrieval(table: str) -> Running | None:
    """The retrieval of a table that waits or runs now."""
    found = Retrieval.objects.filter(table=table, state__in=_OPEN).select_related("progress").first()
    return _running(found) if found else None


def retrievals_of(table: str, *, most: int = 20) -> tuple[Retrieval, ...]:
    """The last retrievals of a table, newest first."""
    return tuple(Retrieval.objects.filter(table=table).order_by("-asked_at", "-pk")[:most])


def last_success(table: str) -> date | None:
    """The day on which the source last gave what is held of a table, or gave the same again."""
    fetched = Retrieval.objects.filter(table=table, state=Retrieval.State.DONE, is_offline=False)
    return _source_read(newest_of(table), fetched.aggregate(newest=Max("finished_at"))["newest"])


def last_attempt(table: str) -> date | None:
    """The day on which a table was last asked for."""
    return _day(Retrieval.objects.filter(table=table), "asked_at")


def tables_needed(feeds: Iterable[str]) -> tuple[str, ...]:
    """The tables behind these feeds, inhabitants first, so that rates have them when counts come in."""
    found = [FEEDS[code] for code in feeds if code in FEEDS]
    populations = {feed.population_table for feed in found if feed.population_table}
    figures = {feed.table for feed in found} - populations
    months = {feed.monthly_table for feed in found if feed.monthly_table} - populations - figures
    return (*sorted(populations), *sorted(figures), *sorted(months))


class _History:
    """The newest retrievals of some tables, in two queries."""

    def __init__(self, tables: Sequence[str]) -> None:
        # What one municipality asked of one year, for a survey, is no retrieval of the table.
        rows = Retrieval.objects.filter(table__in=tables, slice__years=[])
        self.open = {one.table: one for one in rows.filter(state__in=_OPEN).select_related("progress")}
        newest = rows.exclude(state__in=_OPEN).values("table").annotate(newest=Max("pk")).values("newest")
        self.last = {one.table: one for one in Retrieval.objects.filter(pk__in=newest)}
        done = rows.filter(state=Retrieval.State.DONE).values("table").annotate(newest=Max("pk")).values("newest")
        self.done = {one.table: one for one in Retrieval.objects.filter(pk__in=done)}
        asked = rows.filter(state=Retrieval.State.DONE, is_offline=False).values("table")
        self.fetched = {one["table"]: one["newest"] for one in asked.annotate(newest=Max("finished_at"))}


def _state(
    table: str,
    role: str,
    feeds: Sequence[Feed],
    *,
    store: RegisterStore,
    history: _History,
    deliveries: dict[tuple[str, str], Delivery],
    on: date,
) -> TableState:
    last, done, opened = history.last.get(table), history.done.get(table), history.open.get(table)
    held = newest_of(table, store)
    return TableState(
        table=TABLES[table],
        role=role,
        feeds=tuple(feed for feed in feeds if table in feed.tables),
        held=held,
        fetched_at=done.finished_at if done else None,
        running=_running(opened) if opened else None,
        quarantined=last if last and last.state == Retrieval.State.QUARANTINED else None,
        failed=last if last and last.state == Retrieval.State.FAILED else None,
        lacking=last if last and last.state == Retrieval.State.DONE and last.problems else None,
        waiting=deliveries.get((table, Delivery.State.STAGED)),
        stored=deliveries.get((table, Delivery.State.STORED)),
        due_on=releases.next_due(table, on=on),
        is_out_of_date=releases.is_out_of_date(
            table, on=on, last_success=_source_read(held, history.fetched.get(table))
        ),
    )


def _roles(feeds: Sequence[Feed]) -> list[tuple[str, str]]:
    """Each table once, by what it is first of all for."""
    figures = sorted({feed.table for feed in feeds})
    months = sorted({feed.monthly_table for feed in feeds if feed.monthly_table} - set(figures))
    people = sorted({feed.population_table for feed in feeds if feed.population_table} - {*figures, *months})
    return [
        *((one, "figures") for one in figures),
        *((one, "months") for one in months),
        *((one, "inhabitants") for one in people),
    ]


def _deliveries(municipality: Municipality) -> dict[tuple[str, str], Delivery]:
    """The newest delivery of each table that waits, and the newest that was taken over."""
    rows = Delivery.objects.filter(municipality=municipality).exclude(table="").defer("staged").order_by("pk")
    return {(one.table, one.state): one for one in rows}


def _source_read(held: Vintage | None, fetched_at: datetime | None) -> date | None:
    """The day that figures are as fresh as: what was delivered as a file is of the day that its holder gave it.

    Fetched figures that turned out the same as those held are of the day of that fetching.
    """
    days = [held.as_of] if held else []
    return max([*days, timezone.localdate(fetched_at)] if fetched_at else days, default=None)


def _running(found: Retrieval) -> Running:
    sign = getattr(found, "progress", None)
    return Running(
        number=found.pk,
        is_queued=found.state == Retrieval.State.QUEUED,
        step=sign.step if sign else "",
        done=sign.done if sign else 0,
        total=sign.total if sign else None,
        bytes_read=sign.bytes_read if sign else 0,
        since=found.started_at or found.asked_at,
    )


def _day(rows: QuerySet[Retrieval], name: str) -> date | None:
    moment = rows.aggregate(newest=Max(name))["newest"]
    return timezone.localdate(moment) if moment else None
