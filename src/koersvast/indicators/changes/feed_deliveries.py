"""What a vintage of a national table would do in one municipality: staged, and taken over when nothing is unusual.

The standing confirmation (docs/decisions/0021): a municipality that follows a feed takes over by itself what holds no
surprise. A first delivery, a jump, figures that are gone and the like wait for a person.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import narwhals as nw
from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality
from koersvast.indicators import feeding, register
from koersvast.indicators.changes import staging, survey_deliveries
from koersvast.indicators.changes.staging import identity_of
from koersvast.indicators.changes.storing import take_over
from koersvast.indicators.feeding import Fed, Origin, Staged
from koersvast.indicators.feeds import FEEDS, Feed
from koersvast.indicators.matching import CHANGED, NEW, REFUSED, SAME, WITHDRAWN, Key, Known, Remark, remark
from koersvast.indicators.models import Delivery, Following, Source
from koersvast.indicators.queries.national import is_by_hand, newest_of, register_store
from koersvast.indicators.staged import line_to_json
from koersvast.reference.changes import load_edition
from koersvast.reference.editions import EditionRow, OutOfOrder
from koersvast.reference.models import Area
from koersvast.reference.queries import border_book, is_listed
from koersvast.registers.codes import year_of
from koersvast.registers.store import RegisterStore
from koersvast.registers.tables import TABLES
from koersvast.registers.vintages import Vintage

_PREFIX = {"municipality": "GM", "wijk": "WK", "buurt": "BU"}
# Events of a year belong to those who lived there that year: the average first, 1 January where there is none yet.
_POPULATION_MEASURES = ("inhabitants_average", "inhabitants", "inhabitants_average_or_1_january")


def stage_vintage(
    municipality: Municipality, vintage: Vintage, *, by: Actor, waits: bool = False, is_own_file: bool = False
) -> Delivery | None:
    """Stage what a vintage brings to the feeds that a municipality follows; None when it has no figure for them.

    The same vintage for the same feeds is one delivery, however often it is staged. Without anything unusual, and
    unless `waits`, it is taken over at once. An older delivery of the table that still waited is put aside. What did
    not come from the source itself waits too, unless a person of this very municipality just delivered it
    (`is_own_file`): the registers are shared, and nobody changes the figures of a neighbour.
    """
    staging.allow(by, municipality)
    feeds = _feeds(municipality, vintage)
    if not feeds:
        return None
    identity = _identity(vintage, feeds)
    same = Delivery.objects.filter(municipality=municipality, identity=identity)
    if stored := same.filter(state=Delivery.State.STORED).first():
        return stored
    with audit.recorded(Event.DELIVERY_STAGED, by=by, municipality=municipality) as record:
        staged = _staged(municipality, vintage, feeds, waits=waits, is_own_file=is_own_file)
        if not staged.lines:
            return None
        _put_aside(municipality, vintage, by=by)
        delivery = same.filter(state=Delivery.State.STAGED).first() or Delivery(
            municipality=municipality, identity=identity, snapshot=vintage.capture, as_of=vintage.as_of
        )
        delivery.table, delivery.vintage = vintage.table, vintage.number
        delivery.file_name = f"{vintage.table} {vintage.as_of.isoformat()}"
        delivery.source = Source.objects.get(municipality=municipality, code=feeds[0].source)
        delivery.received_at, delivery.received_by = timezone.now(), audit.describe(by)
        _fill(delivery, staged)
        record.subject, record.detail = delivery, {"table": vintage.table, "vintage": vintage.number}
    return _take_over_when_usual(delivery, staged, by=by)


def restage(delivery: Delivery, *, by: Actor) -> Delivery:
    """Work out again what a staged delivery would do, after the register changed under it."""
    if survey_deliveries.is_of_a_survey(delivery):
        return survey_deliveries.restage(delivery, by=by)
    if not delivery.table:
        return staging.restage(delivery, by=by)
    staging.allow(by, delivery.municipality)
    staging.must_be_staged(delivery)
    vintage = next(one for one in register_store().vintages(delivery.table) if one.number == delivery.vintage)
    feeds = _feeds(delivery.municipality, vintage)
    with audit.recorded(Event.DELIVERY_STAGED, by=by, municipality=delivery.municipality) as record:
        _fill(delivery, _staged(delivery.municipality, vintage, feeds, waits=True))
        record.subject = delivery
    return delivery


def _feeds(municipality: Municipality, vintage: Vintage) -> list[Feed]:
    """The followed feeds that a vintage speaks for: with a kind that the source dropped, the last good figures stay."""
    codes = Following.objects.filter(municipality=municipality, until=None).values_list("feed", flat=True)
    of_table = [FEEDS[code] for code in sorted(codes) if code in FEEDS and FEEDS[code].table == vintage.table]
    held = set(vintage.slice.kinds)
    return [feed for feed in of_table if not held or held.issuperset(feed.kinds)]


def _identity(vintage: Vintage, feeds: Sequence[Feed]) -> str:
    """The same bytes for the same feeds over the same inhabitants are the same delivery."""
    store, populations = register_store(), {feed.population_table for feed in feeds if feed.population_table}
    found = {table: newest_of(table, store) for table in sorted(populations)}
    said: dict[str, object] = {
        "table": vintage.table,
        "feeds": [feed.code for feed in feeds],
        "populations": {table: one.capture for table, one in found.items() if one},
    }
    return identity_of(snapshot=vintage.capture, mapping=said, as_of=vintage.as_of, source=feeds[0].source)


def _staged(
    municipality: Municipality, vintage: Vintage, feeds: Sequence[Feed], *, waits: bool, is_own_file: bool = False
) -> Staged:
    store, origin = register_store(), _origin(vintage)
    _learn_areas(municipality, vintage, origin)
    listed, strangers = _own_areas(store, municipality, vintage)
    figures = [one for feed in feeds for one in _figures(store, municipality, vintage, feed, listed, origin)]
    lines = feeding.lines_of(figures, register.catalogue(municipality), origin)
    known = _known(municipality, feeds)
    staged = feeding.stage(
        lines,
        known,
        origin=origin,
        usual=register.usual_amounts(known, lines),
        areas_now=frozenset(listed),
    )
    because = list(staged.waits_because)
    if waits or _asked_to_wait(municipality, feeds):
        because.append(remark("asked_to_wait"))
    if by_hand := _by_hand(store, vintage, feeds, is_own_file=is_own_file):
        because.append(remark("brought_in_by_hand", tables=", ".join(by_hand)))
    if _is_first(figures, known):
        because.append(remark("first_delivery", table=vintage.table))
    remarks = [*staged.remarks, *_about_inhabitants(figures)]
    if strangers:
        remarks.append(remark("areas_not_known", areas=len(strangers), example=min(strangers)))
    return replace(staged, remarks=tuple(remarks), waits_because=tuple(because))


def _by_hand(store: RegisterStore, vintage: Vintage, feeds: Sequence[Feed], *, is_own_file: bool) -> list[str]:
    """The tables, this one and those of inhabitants, whose figures a person delivered or let count."""
    populations = {feed.population_table for feed in feeds if feed.population_table} - {vintage.table}
    read = [
        None if is_own_file else vintage,
        *(newest_of(table, store) for table in sorted(populations)),
    ]
    return [one.table for one in read if one and is_by_hand(one, store)]


def _origin(vintage: Vintage) -> Origin:
    table = TABLES[vintage.table]
    edition = {"newest": vintage.edition_year or vintage.as_of.year, "table": table.year}.get(table.editions)
    return Origin(table=vintage.table, as_of=vintage.as_of, edition=edition)


def _own_areas(store: RegisterStore, municipality: Municipality, vintage: Vintage) -> tuple[set[str], set[str]]:
    """The municipality's own areas in the vintage that the register knows, and those that it does not."""
    prefixes = [f"{prefix}{municipality.code[2:]}" for prefix in _PREFIX.values()]
    wanted = nw.any_horizontal(*(nw.col("area").str.starts_with(one) for one in prefixes), ignore_nulls=True)
    found = store.scan(vintage.table).filter(wanted).select("area").unique().collect("polars")
    given = set(found["area"].to_list())
    known = set(Area.objects.filter(code__in=given).values_list("code", flat=True))
    return known, given - known


def _figures(
    store: RegisterStore,
    municipality: Municipality,
    vintage: Vintage,
    feed: Feed,
    listed: Iterable[str],
    origin: Origin,
) -> tuple[Fed, ...]:
    areas = sorted(code for code in listed if any(code.startswith(_PREFIX[level]) for level in feed.levels))
    if not areas:
        return ()
    cells = store.cells(vintage.table, areas=areas, kinds=feed.kinds, measure=feed.measure)
    yearly = [cell for cell in cells if len(cell.period) == 4]
    return feeding.figures_of(feed, yearly, _inhabitants(store, municipality, feed, origin))


def _inhabitants(
    store: RegisterStore, municipality: Municipality, feed: Feed, origin: Origin
) -> dict[tuple[str, str], float]:
    """Inhabitants of the municipality on the borders on which the events were counted; other years are left out.

    A municipality that took others in gets the sum of them for the years before; where the borders of a year are not
    known, or a part of them moved, there is no number (`reference.borders`).
    """
    if not feed.population_table or newest_of(feed.population_table, store) is None:
        return {}
    code, book = municipality.code, border_book(Area.Kind.MUNICIPALITY)
    givers = {change.from_code for change in book.changes} if origin.edition else set()
    by_period = _people(store, feed.population_table, sorted({code, *givers}))
    found: dict[tuple[str, str], float] = {}
    for period, people in by_period.items():
        year = year_of(period)
        judged = book.denominator_for(code, counted_on=origin.edition or year, inhabitants_on=year, inhabitants=people)
        if judged.inhabitants:
            found[code, period] = judged.inhabitants
    return found


def _people(store: RegisterStore, table: str, areas: Sequence[str]) -> dict[str, dict[str, float]]:
    """Inhabitants by year and municipality: the average of the year, or 1 January where there is none yet."""
    found: dict[str, dict[str, float]] = {}
    for measure in _POPULATION_MEASURES:
        for cell in store.cells(table, areas=areas, measure=measure):
            if cell.amount and len(cell.period) == 4:
                found.setdefault(cell.period, {}).setdefault(cell.area, cell.amount)
    return found


def _learn_areas(municipality: Municipality, vintage: Vintage, origin: Origin) -> None:
    """Add the wijken and buurten that a table lists to the areas of its year, when it lists all of the municipality."""
    if origin.edition is None:
        return
    members = register_store().members(vintage)
    listed = members.filter(members["axis"] == "area").select("code", "title").iter_rows()
    titles = {code: title.strip() for code, title in listed}
    for kind in (Area.Kind.WIJK, Area.Kind.BUURT):
        prefix = f"{_PREFIX[kind]}{municipality.code[2:]}"
        rows = [_edition_row(code, title, kind) for code, title in titles.items() if code.startswith(prefix)]
        is_whole = not vintage.slice.areas or prefix in vintage.slice.areas
        if rows and is_whole and not is_listed(kind, year=origin.edition, within=municipality.code):
            with suppress(OutOfOrder):  # an older edition than the one that is held teaches nothing
                load_edition(rows, year=origin.edition, source=vintage.title, within=municipality.code)


def _edition_row(code: str, title: str, kind: Area.Kind) -> EditionRow:
    """A buurt lies in the wijk whose digits it begins with, a wijk in its municipality."""
    parent = f"GM{code[2:6]}" if kind is Area.Kind.WIJK else f"WK{code[2:8]}"
    return EditionRow(code=code, name=title or code, kind=kind.value, parent_code=parent)


def _known(municipality: Municipality, feeds: Sequence[Feed]) -> dict[Key, list[Known]]:
    """The figures of these indicators from the source of the table, years only."""
    source = {feed.indicator: feed.source for feed in feeds}
    keys = [Key(indicator=feed.indicator, definition=1, source=feed.source, area="", period="") for feed in feeds]
    known = register.known_figures(municipality, keys)
    return {
        key: vintages
        for key, vintages in known.items()
        if key.source == source.get(key.indicator) and len(key.period) == 4
    }


def _is_first(figures: Sequence[Fed], known: Mapping[Key, Sequence[Known]]) -> bool:
    """Whether there is an indicator among the figures of which nothing is known yet from this source."""
    return bool({one.feed.indicator for one in figures} - {key.indicator for key in known})


def _asked_to_wait(municipality: Municipality, feeds: Sequence[Feed]) -> bool:
    return Following.objects.filter(
        municipality=municipality,
        feed__in=[feed.code for feed in feeds],
        until=None,
        takes_over=Following.TakesOver.AFTER_CONFIRMATION,
    ).exists()


def _about_inhabitants(figures: Sequence[Fed]) -> list[Remark]:
    """How many figures of the municipality itself go without inhabitants on the same borders."""
    without = [one for one in figures if one.feed.population_table and one.inhabitants is None]
    own = [one for one in without if one.area.startswith(_PREFIX["municipality"])]
    if not own:
        return []
    return [remark("no_inhabitants", figures=len(own), table=own[0].feed.population_table)]


def _put_aside(municipality: Municipality, vintage: Vintage, *, by: Actor) -> None:
    """An older vintage of the same table that nobody looked at yet is overtaken by this one."""
    older = Delivery.objects.filter(municipality=municipality, table=vintage.table, state=Delivery.State.STAGED)
    for delivery in older.exclude(vintage=vintage.number):
        staging.discard(delivery, by=by)


def _fill(delivery: Delivery, staged: Staged) -> None:
    counted = feeding.counts(staged.lines)
    delivery.new, delivery.revised = counted[NEW], counted[CHANGED]
    delivery.same, delivery.refused, delivery.withdrawn = counted[SAME], counted[REFUSED], counted[WITHDRAWN]
    said = {one.code: one for one in (*staged.remarks, *staged.waits_because)}
    delivery.staged = {
        "needs_mapping": False,
        "mapping_origin": "table",
        "lines": [line_to_json(line) for line in staged.lines],
        "problems": [],
        "remarks": [[one.code, dict(one.values)] for one in said.values()],
        "waits_because": [one.code for one in staged.waits_because],
    }
    delivery.save()


def _take_over_when_usual(delivery: Delivery, staged: Staged, *, by: Actor) -> Delivery:
    if staged.waits_because or delivery.refused:
        return delivery
    return take_over(delivery, by=by)
