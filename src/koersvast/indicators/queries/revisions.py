"""What became of figures after they were first given: revisions, and two sources side by side.

A verdict never mixes two sources: it takes the series of one. These tables are there to look at.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from koersvast.access.models import Municipality
from koersvast.engine.quantities import Certainty, Missing, Unit
from koersvast.indicators.models import Delivery, Indicator, Observation, SourceDifference
from koersvast.indicators.queries.vintages import Series, Value, series_of
from koersvast.reference.models import Area

REVISED, SETTLED, GONE, FOUND = "revised", "settled", "gone", "found"


@dataclass(frozen=True, kw_only=True)
class State:
    """A figure as a source once gave it."""

    amount: Decimal | None
    missing: Missing | None
    decimals: int
    certainty: Certainty
    as_of: date


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One figure that became another. `kind`: revised (another number), settled (provisional became final), gone
    (there was a number), found (there was none)."""

    period: str
    area: str
    area_name: str
    kind: str
    before: State
    after: State
    delivery: int

    @property
    def difference(self) -> Decimal | None:
        """How much more the new figure is."""
        if self.before.amount is None or self.after.amount is None:
            return None
        return self.after.amount - self.before.amount


@dataclass(frozen=True, kw_only=True)
class RevisedIndicator:
    """The revisions of one indicator from one source: those of the municipality itself, newest period first.

    `within` counts those of its wijken and buurten, which are listed on request only.
    """

    indicator: str
    name: str
    unit: Unit
    source_label: str
    own: tuple[Revision, ...]
    within: tuple[Revision, ...]


@dataclass(frozen=True, kw_only=True)
class Revisions:
    """The revisions that the last deliveries brought; `deliveries` are those that were looked at, newest first."""

    deliveries: tuple[Delivery, ...]
    indicators: tuple[RevisedIndicator, ...]

    @property
    def number(self) -> int:
        """How many figures of the municipality itself became another."""
        return sum(one.kind != SETTLED for found in self.indicators for one in found.own)


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """One period in which two sources each give a figure; `difference` is the second less the first."""

    period: str
    first: Value
    second: Value
    explanation: str

    @property
    def difference(self) -> Decimal:
        """How much more the second source gives."""
        return (self.second.amount or Decimal(0)) - (self.first.amount or Decimal(0))


@dataclass(frozen=True, kw_only=True)
class TwoSources:
    """An indicator with figures from two sources. The first is the one that verdicts are made with."""

    indicator: Indicator
    first: Series
    second: Series
    rows: tuple[SideBySide, ...]
    explanation: str

    @property
    def differing(self) -> int:
        """In how many periods the sources give another figure."""
        return sum(row.difference != 0 for row in self.rows)


def revisions(municipality: Municipality, *, deliveries: int = 6) -> Revisions:
    """Return what the last deliveries changed in figures that were known, by indicator, newest period first."""
    stored = Delivery.objects.filter(municipality=municipality, state=Delivery.State.STORED)
    changed = stored.filter(revised__gt=0) | stored.filter(withdrawn__gt=0)
    looked_at = list(changed.defer("staged").select_related("source").order_by("-as_of", "-pk")[:deliveries])
    fresh = list(_rows(delivery__in=[one.pk for one in looked_at]))
    earlier = _earlier(fresh)
    groups: dict[tuple[int, int], list[Revision]] = defaultdict(list)
    for row in fresh:
        before = _before(row, earlier[_place(row)])
        if before is not None and (found := _revision(row, before)):
            groups[row.indicator_id, row.source_id].append(found)
    first = {(row.indicator_id, row.source_id): row for row in fresh}
    made = [_revised(first[key], found, own=municipality.code) for key, found in groups.items()]
    order = {(row.indicator.code): row.indicator.position for row in fresh}
    return Revisions(
        deliveries=tuple(looked_at),
        indicators=tuple(sorted(made, key=lambda one: (order[one.indicator], one.indicator, one.source_label))),
    )


def side_by_side(municipality: Municipality, *, area: Area) -> tuple[TwoSources, ...]:
    """Return every pair of sources that give a figure for the same indicator and period, differing or not."""
    indicators = list(Indicator.objects.filter(municipality=municipality).select_related("source", "theme"))
    found = series_of(indicators, area=area)
    texts = _explanations(municipality)
    made = []
    for indicator in indicators:
        first, *others = found[indicator.pk] or (None,)
        for second in others:
            if first is not None and (rows := _pairs(indicator.code, first, second, texts)):
                said = texts.get((indicator.code, _both(first, second), ""), "")
                made.append(
                    TwoSources(indicator=indicator, first=first, second=second, rows=tuple(rows), explanation=said)
                )
    return tuple(made)


def _rows(**wanted: object) -> Iterable[Observation]:
    found = Observation.objects.filter(withdrawn_at=None, **wanted)
    return found.select_related("indicator", "source", "area").order_by("-period_start", "area__code", "pk")


def _place(row: Observation) -> tuple[int, int, str, str]:
    return row.definition_id, row.source_id, row.area.code, row.period


def _earlier(fresh: Sequence[Observation]) -> dict[tuple[int, int, str, str], list[Observation]]:
    """All standing vintages of the figures that changed, oldest first."""
    by_place: dict[tuple[int, int, str, str], list[Observation]] = defaultdict(list)
    rows = Observation.objects.filter(
        withdrawn_at=None,
        definition__in={row.definition_id for row in fresh},
        source__in={row.source_id for row in fresh},
        period__in={row.period for row in fresh},
    )
    for row in rows.select_related("area").order_by("as_of", "pk"):
        by_place[_place(row)].append(row)
    return by_place


def _before(row: Observation, vintages: Sequence[Observation]) -> Observation | None:
    found = [one for one in vintages if one.as_of < row.as_of]
    return found[-1] if found else None


def _revision(row: Observation, before: Observation) -> Revision | None:
    if row.amount is None and before.amount is None:
        return None
    kind = REVISED if row.amount != before.amount else SETTLED
    kind = GONE if row.amount is None else FOUND if before.amount is None else kind
    return Revision(
        period=row.period,
        area=row.area.code,
        area_name=row.area.name,
        kind=kind,
        before=_state(before),
        after=_state(row),
        delivery=row.delivery_id,
    )


def _state(row: Observation) -> State:
    return State(
        amount=row.amount,
        missing=Missing(row.missing) if row.missing else None,
        decimals=row.decimals,
        certainty=Certainty(row.certainty),
        as_of=row.as_of,
    )


def _revised(row: Observation, found: Sequence[Revision], *, own: str) -> RevisedIndicator:
    return RevisedIndicator(
        indicator=row.indicator.code,
        name=row.indicator.name,
        unit=Unit(row.indicator.unit),
        source_label=row.source.label,
        own=tuple(one for one in found if one.area == own),
        within=tuple(one for one in found if one.area != own),
    )


def _both(first: Series, second: Series) -> tuple[str, str]:
    one, other = sorted((first.source, second.source))
    return one, other


def _explanations(municipality: Municipality) -> dict[tuple[str, tuple[str, str], str], str]:
    rows = SourceDifference.objects.filter(indicator__municipality=municipality)
    return {
        (one.indicator.code, (one.source.code, one.other.code), one.period): one.text
        for one in rows.select_related("indicator", "source", "other")
    }


def _pairs(
    code: str, first: Series, second: Series, texts: dict[tuple[str, tuple[str, str], str], str]
) -> list[SideBySide]:
    found = []
    for value in first.values:
        other = second.value(value.period.code)
        if value.amount is None or other is None or other.amount is None:
            continue
        said = texts.get((code, _both(first, second), value.period.code), "")
        found.append(SideBySide(period=value.period.code, first=value, second=other, explanation=said))
    return found
