"""From the cells of a national table to lines that say what they would change in a municipality's register.

Pure: no database, no clock. What a file goes through (`matching`) these go through too; what is different with a
national table stands here: sums, rates, borders, final figures that change, figures that are gone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from koersvast.connectors.amounts import MissingReason, written
from koersvast.connectors.figures import RawReading
from koersvast.engine.quantities import Certainty, Missing, Unit
from koersvast.indicators.feeds import Feed
from koersvast.indicators.matching import (
    CHANGED,
    REFUSED,
    SAME,
    WITHDRAWN,
    Catalogue,
    Key,
    Known,
    Line,
    Remark,
    about_the_file,
    compare,
    match,
    remark,
)
from koersvast.registers.vintages import Cell

# What a person has to look at before a delivery counts; everything else may be taken over by itself.
UNUSUAL = frozenset({"W01", "W03", "W04", "W05", "W09"})
_DECIMALS = {Unit.COUNT: 0, Unit.PERCENT: 1, Unit.MARK_1_10: 1, Unit.SCALE_0_10: 1, Unit.PER_1000: 1, Unit.PER_10000: 1}
_SETTLED = frozenset({Certainty.FINAL, Certainty.REVISED})


@dataclass(frozen=True, kw_only=True)
class Fed:
    """One figure that a feed takes from a table: a cell, a sum of cells, or a count over the inhabitants.

    `inhabitants` are those of the same area, period and borders, absent where they are not known.
    """

    feed: Feed
    area: str
    period: str
    amount: Decimal | None
    missing: Missing | None
    certainty: Certainty
    low: float | None = None
    high: float | None = None
    inhabitants: float | None = None


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Which vintage the cells are of. `edition` is the year of its borders; absent: those of each period."""

    table: str
    as_of: date
    edition: int | None


@dataclass(frozen=True, kw_only=True)
class Staged:
    """What a vintage would do, and why it should wait for a person (empty: nothing unusual)."""

    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...]
    waits_because: tuple[Remark, ...]


def figures_of(feed: Feed, cells: Iterable[Cell], inhabitants: Mapping[tuple[str, str], float]) -> tuple[Fed, ...]:
    """Make the figures of a feed from the cells of its kinds; `inhabitants` by area and period.

    A declared sum is a number only when every one of its kinds is; a rate only when the inhabitants are known.
    """
    groups: dict[tuple[str, str], dict[str, Cell]] = defaultdict(dict)
    for cell in cells:
        groups[cell.area, cell.period][cell.kind] = cell
    made = []
    for (area, period), found in sorted(groups.items()):
        parts = [found.get(kind) for kind in feed.kinds] if feed.kinds else list(found.values())
        made.append(_figure(feed, area, period, parts, inhabitants.get((area, period))))
    return tuple(made)


def lines_of(figures: Sequence[Fed], catalogue: Catalogue, origin: Origin) -> tuple[Line, ...]:
    """Match figures to the register of the municipality; nothing is compared with what is known yet."""
    readings = [_reading(place, one) for place, one in enumerate(figures, start=1)]
    matched = match(readings, catalogue, as_of=origin.as_of)
    by_place = dict(enumerate(figures, start=1))
    return tuple(_completed(line, by_place[line.line or 0], origin) for line in matched)


def stage(
    lines: Sequence[Line],
    known: Mapping[Key, Sequence[Known]],
    *,
    origin: Origin,
    usual: Mapping[Key, float],
    areas_now: frozenset[str],
    bytes_seen: date | None = None,
) -> Staged:
    """Compare lines with what is known, and find what was known and is given no longer.

    `known` must hold the figures of these indicators from this source only; `areas_now` are the areas that exist on
    the borders of the vintage.
    """
    settled = [_settled(line, known, origin.as_of) for line in lines]
    compared = compare(settled, known, as_of=origin.as_of, usual=usual)
    gone = _gone(compared, known, origin=origin, areas_now=areas_now)
    remarks = about_the_file(
        compared, last_known_period=max((key.period for key in known), default=""), bytes_seen=bytes_seen
    )
    unusual = [one for one in remarks if one.code in UNUSUAL]
    unusual += [one for line in compared for one in line.warnings if one.code in UNUSUAL]
    if gone:
        unusual.append(remark("some_withdrawn", figures=len(gone), table=origin.table))
    return Staged(lines=(*compared, *gone), remarks=tuple(remarks), waits_because=tuple(_once(unusual)))


def _figure(feed: Feed, area: str, period: str, parts: Sequence[Cell | None], inhabitants: float | None) -> Fed:
    missing = _missing(parts)
    certain = Certainty.FINAL
    if any(part is not None and part.certainty is Certainty.PROVISIONAL for part in parts):
        certain = Certainty.PROVISIONAL
    amount = None if missing else sum((_decimal(part.amount) for part in parts if part), Decimal(0))
    if amount is not None and feed.per_inhabitants:
        if inhabitants:
            amount = amount * feed.per_inhabitants / Decimal(str(inhabitants))
        else:
            amount, missing = None, Missing.NOT_KNOWN
    whole = parts[0] if len(parts) == 1 else None
    return Fed(
        feed=feed,
        area=area,
        period=period,
        amount=None if amount is None else _rounded(amount),
        missing=missing,
        certainty=certain,
        low=whole.low if whole and not feed.per_inhabitants else None,
        high=whole.high if whole and not feed.per_inhabitants else None,
        inhabitants=inhabitants,
    )


def _missing(parts: Sequence[Cell | None]) -> Missing | None:
    """Why the parts together give no number: one that is withheld, not measured, or not there at all."""
    reasons = [part.missing if part else Missing.NOT_KNOWN for part in parts if part is None or part.amount is None]
    if not reasons:
        return None
    return Missing.WITHHELD if Missing.WITHHELD in reasons else reasons[0] or Missing.NOT_KNOWN


def _decimal(amount: float | None) -> Decimal:
    return Decimal(0) if amount is None else Decimal(str(amount))


def _rounded(amount: Decimal) -> Decimal:
    """Six decimals is what the register keeps; a count stays whole so that a fraction is refused, not hidden."""
    kept = amount.quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN).normalize()
    return kept.quantize(Decimal(1)) if kept == kept.to_integral_value() else kept


def _reading(place: int, one: Fed) -> RawReading:
    return RawReading(
        line=place,
        column=" + ".join(one.feed.kinds) or one.feed.measure,
        indicator=one.feed.indicator,
        period_text=one.period,
        period=one.period,
        amount_text="" if one.amount is None else written(one.amount),
        value=one.amount,
        missing=MissingReason(one.missing.value) if one.missing else None,
        provisional=one.certainty is Certainty.PROVISIONAL,
        unit=one.feed.unit.value,
        source=one.feed.source,
        area=one.area,
    )


def _completed(line: Line, one: Fed, origin: Origin) -> Line:
    """What a file cannot say: the borders, the inhabitants and a published interval. A table has no line numbers."""
    has_margin = one.low is not None and one.high is not None
    warnings = tuple(found for found in line.warnings if not (found.code == "W08" and has_margin))
    return replace(
        line,
        line=None,
        low=one.low,
        high=one.high,
        decimals=_DECIMALS.get(one.feed.unit, line.decimals) if line.amount is not None else 0,
        edition=origin.edition,
        exposure=one.inhabitants,
        warnings=warnings,
    )


def _settled(line: Line, known: Mapping[Key, Sequence[Known]], as_of: date) -> Line:
    """A final figure that replaces another final one is revised; one that was revised before stays so."""
    until = [one for one in known.get(line.key, ()) if one.as_of <= as_of] if line.key else []
    if not until or line.certainty is not Certainty.FINAL or line.outcome == REFUSED:
        return line
    old = until[-1]
    changed = (old.amount, old.missing) != (line.amount, line.missing)
    if old.certainty is Certainty.REVISED or (changed and old.certainty in _SETTLED and old.amount is not None):
        return replace(line, certainty=Certainty.REVISED)
    return line


def _gone(
    lines: Sequence[Line], known: Mapping[Key, Sequence[Known]], *, origin: Origin, areas_now: frozenset[str]
) -> list[Line]:
    """What was known and is given no longer: from now on not known, with the reason; the old number stays readable."""
    given = {line.key for line in lines if line.key}
    spans = _spans(given)
    found = []
    for key, vintages in sorted(known.items(), key=lambda one: (one[0].indicator, one[0].area, one[0].period)):
        old = vintages[-1]
        first, last = spans.get(_sort(key), ("9999", "0000"))
        if key in given or old.as_of >= origin.as_of or old.amount is None or not first <= key.period <= last:
            continue
        if key.area in areas_now:
            why = remark("given_no_longer", table=origin.table, as_of=origin.as_of.isoformat())
        else:
            why = remark("area_gone", area=key.area, year=origin.edition or origin.as_of.year)
        found.append(
            Line(
                line=None,
                column="",
                label=key.indicator,
                period=key.period,
                amount_text="",
                outcome=WITHDRAWN,
                key=key,
                missing=Missing.NOT_KNOWN,
                edition=origin.edition,
                old=old,
                warnings=(why,),
            )
        )
    return found


def _sort(key: Key) -> tuple[str, str]:
    """An indicator at a level: GM, WK or BU."""
    return key.indicator, key.area[:2]


def _spans(given: Iterable[Key]) -> dict[tuple[str, str], tuple[str, str]]:
    """What a vintage covers of each indicator at each level: its first and last period.

    A file that somebody delivers may hold one kind, one level or some years; nothing is gone that it says nothing of.
    """
    periods: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key in given:
        periods[_sort(key)].append(key.period)
    return {sort: (min(found), max(found)) for sort, found in periods.items()}


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """How many lines have each outcome that changes or confirms something."""
    outcomes = [line.outcome for line in lines]
    return {name: outcomes.count(name) for name in ("new", CHANGED, SAME, REFUSED, WITHDRAWN)}


def _once(remarks: Iterable[Remark]) -> list[Remark]:
    """Each code once, with the values of the first."""
    first: dict[str, Remark] = {}
    for one in remarks:
        first.setdefault(one.code, one)
    return list(first.values())
