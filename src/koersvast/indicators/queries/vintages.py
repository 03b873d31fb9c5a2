"""Series as known on a day: per period the number that counted, with its source, margin and earlier vintages.

"As known on D" is, for each definition, source, area and period, the number with the latest as-of date until D that
has not been withdrawn. Figures of two sources are two series and are never mixed; figures of two definitions of one
source stand in one series, marked with their definition, and the engine refuses to compare them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, prefetch_related_objects

from koersvast.engine.counts import INTERVAL as _COUNT_INTERVAL
from koersvast.engine.counts import count_interval
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Break, Certainty, Direction, Method, Missing, Reading, Unit
from koersvast.engine.series import PER, events
from koersvast.engine.series import Series as EngineSeries
from koersvast.engine.survey import wilson
from koersvast.indicators.models import Definition, Indicator, Measurement, Observation, Source
from koersvast.reference.models import Area

PUBLISHED = Method(name="published-margin", version="1")
STANDARD_ERROR = Method(name="standard-error-interval", version="1")
_Z = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class DeliveryNote:
    """Which delivery a number came from: number in the register, file, the day of the source, line in the file."""

    number: int
    file_name: str
    as_of: date
    line: int


@dataclass(frozen=True, kw_only=True)
class Margin:
    """The 95 % interval of a value, in its own unit. `is_assumed`: the number of respondents behind it is assumed."""

    low: float
    high: float
    method: Method
    is_assumed: bool = False


@dataclass(frozen=True, kw_only=True)
class Vintage:
    """A number as one delivery gave it. `amount` is None when `missing` says why."""

    observation: int
    amount: Decimal | None
    missing: Missing | None
    decimals: int
    certainty: Certainty
    as_of: date
    definition_number: int
    delivery: DeliveryNote
    is_withdrawn: bool = False
    withdrawn_because: str = ""


@dataclass(frozen=True, kw_only=True)
class Value(Vintage):
    """The number that counts for a period on the day asked; `earlier` are the vintages before it, newest first."""

    period: Period
    margin: Margin | None = None
    no_margin_because: str = ""
    respondents: int | None = None
    respondents_are_assumed: bool = False
    design_effect: float = 1.0
    standard_error: float | None = None
    exposure: float | None = None
    note: str = ""
    earlier: tuple[Vintage, ...] = ()

    @property
    def is_provisional(self) -> bool:
        return self.certainty is Certainty.PROVISIONAL


@dataclass(frozen=True, kw_only=True)
class Series:
    """One indicator from one source in one area, as known on `known_on` (None: on the latest day)."""

    indicator: str
    name: str
    unit: Unit
    direction: Direction
    source: str
    source_label: str
    area: str
    known_on: date | None
    values: tuple[Value, ...]
    breaks: tuple[Break, ...] = ()

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The numbers as the engine takes them; periods without a number are left out."""
        return tuple(self._reading(value) for value in self.values if value.amount is not None)

    def for_engine(self) -> EngineSeries:
        """The same as the value that calculations take."""
        return EngineSeries(readings=self.readings, breaks=self.breaks, name=self.source)

    def value(self, period: str) -> Value | None:
        """The value of the period with this code, also when it is missing with a reason."""
        return next((value for value in self.values if value.period.code == period), None)

    def reading(self, period: str) -> Reading | None:
        """The number of the period with this code as the engine takes it."""
        value = self.value(period)
        return self._reading(value) if value and value.amount is not None else None

    def latest(self) -> Value | None:
        """The last value that is not missing."""
        return next((value for value in reversed(self.values) if value.amount is not None), None)

    def _reading(self, value: Value) -> Reading:
        return _reading(value, unit=self.unit, source=self.source)


def series(
    indicator: Indicator,
    *,
    area: Area,
    source: Source | None = None,
    definition: Definition | None = None,
    known_on: date | None = None,
) -> Series:
    """Return one series; without `source` that of the indicator's own source.

    Without `definition` a period that was measured under two definitions has the figure of the later one.
    """
    wanted = source or indicator.source
    found = series_of([indicator], area=area, known_on=known_on, definition=definition)
    mine = next((one for one in found[indicator.pk] if one.source == wanted.code), None)
    return mine or _series(indicator, wanted, area=area, known_on=known_on, rows=[], measurements={})


def series_of(
    indicators: Sequence[Indicator], *, area: Area, known_on: date | None = None, definition: Definition | None = None
) -> dict[int, tuple[Series, ...]]:
    """Return all series of many indicators in a fixed number of queries, by the indicator's primary key.

    The series of the indicator's own source comes first; a source without a single figure has none.
    """
    prefetch_related_objects(list(indicators), "breaks", "source")
    rows = _observations(indicators, area=area, known_on=known_on, definition=definition)
    by_series: dict[tuple[int, int], list[Observation]] = defaultdict(list)
    for row in rows:
        by_series[row.indicator_id, row.source_id].append(row)
    measurements = _measurements(rows)
    found: dict[int, tuple[Series, ...]] = {}
    for indicator in indicators:
        groups = [(rows[0].source, rows) for (pk, _), rows in by_series.items() if pk == indicator.pk]
        groups.sort(key=lambda group: (group[0].pk != indicator.source_id, group[0].code))
        found[indicator.pk] = tuple(
            _series(indicator, source, area=area, known_on=known_on, rows=rows, measurements=measurements)
            for source, rows in groups
        )
    return found


def _observations(
    indicators: Sequence[Indicator], *, area: Area, known_on: date | None, definition: Definition | None
) -> QuerySet[Observation]:
    found = Observation.objects.filter(indicator__in=[one.pk for one in indicators], area__code=area.code)
    if known_on:
        found = found.filter(as_of__lte=known_on)
    if definition:
        found = found.filter(definition=definition)
    return found.select_related("source", "delivery", "definition").order_by("period_start", "period_end", "as_of")


def _measurements(rows: Iterable[Observation]) -> dict[tuple[int, str], Measurement]:
    sources = {row.source_id for row in rows}
    if not sources:
        return {}
    return {(one.source_id, one.period): one for one in Measurement.objects.filter(source__in=sources)}


def _series(
    indicator: Indicator,
    source: Source,
    *,
    area: Area,
    known_on: date | None,
    rows: Sequence[Observation],
    measurements: dict[tuple[int, str], Measurement],
) -> Series:
    periods: dict[str, list[Observation]] = defaultdict(list)
    for row in rows:
        periods[row.period].append(row)
    unit = Unit(indicator.unit)
    made = (
        _value(found, unit=unit, source=source, measurement=measurements.get((source.pk, code)))
        for code, found in periods.items()
    )
    return Series(
        indicator=indicator.code,
        name=indicator.name,
        unit=unit,
        direction=Direction(indicator.direction),
        source=source.code,
        source_label=source.label,
        area=area.code,
        known_on=known_on,
        values=tuple(value for value in made if value),
        breaks=tuple(
            Break(on=one.on, kind=one.kind, note=one.note, factor=one.factor, factor_se=one.factor_se)
            for one in indicator.breaks.all()
        ),
    )


def _value(rows: Sequence[Observation], *, unit: Unit, source: Source, measurement: Measurement | None) -> Value | None:
    """The value of one period: the latest vintage of the latest definition that is not withdrawn."""
    standing = [row for row in rows if row.withdrawn_at is None]
    if not standing:
        return None
    counts = max(standing, key=lambda row: (row.definition.number, row.as_of))
    earlier = [_vintage(row) for row in rows if row is not counts]
    n, assumed, deff = _respondents(counts, measurement)
    plain = _vintage(counts)
    value = Value(
        **{name: getattr(plain, name) for name in Vintage.__dataclass_fields__},
        period=Period(code=counts.period, start=counts.period_start, end=counts.period_end),
        respondents=n,
        respondents_are_assumed=assumed,
        design_effect=deff,
        standard_error=counts.standard_error,
        exposure=counts.exposure,
        note=counts.note,
        earlier=tuple(sorted(earlier, key=lambda one: one.as_of, reverse=True)),
    )
    if value.amount is None:
        return value
    margin, because = _margin(value, counts, unit=unit, source=source)
    return Value(**{**value.__dict__, "margin": margin, "no_margin_because": because})


def _vintage(row: Observation) -> Vintage:
    return Vintage(
        observation=row.pk,
        amount=row.amount,
        missing=Missing(row.missing) if row.missing else None,
        decimals=row.decimals,
        certainty=Certainty(row.certainty),
        as_of=row.as_of,
        definition_number=row.definition.number,
        delivery=DeliveryNote(
            number=row.delivery_id, file_name=row.delivery.file_name, as_of=row.delivery.as_of, line=row.line
        ),
        is_withdrawn=row.withdrawn_at is not None,
        withdrawn_because=row.withdrawn_because,
    )


def _respondents(row: Observation, measurement: Measurement | None) -> tuple[int | None, bool, float]:
    """The number of respondents, whether it is assumed, and the design effect: own ones before the measurement's."""
    own = row.respondents
    deff = row.design_effect or (measurement.design_effect if measurement else 1.0)
    if own is not None or measurement is None:
        return own, False, deff
    return measurement.respondents, measurement.respondents_are_assumed, deff


def _margin(value: Value, row: Observation, *, unit: Unit, source: Source) -> tuple[Margin | None, str]:
    """The 95 % interval of a value, or the code of the reason why there is none."""
    amount, assumed = float(value.amount or 0), value.respondents_are_assumed
    if row.low is not None and row.high is not None:
        return Margin(low=row.low, high=row.high, method=PUBLISHED), ""
    if value.standard_error is not None:
        half = _Z * value.standard_error
        return Margin(low=amount - half, high=amount + half, method=STANDARD_ERROR), ""
    count = events(_reading(value, unit=unit, source=source.code))
    if count is not None:
        found = count_interval(count)
        scale = amount / count if unit in PER and count else PER.get(unit, 1.0) / (value.exposure or 1.0)
        scale = 1.0 if unit is Unit.COUNT else scale
        return Margin(low=found.low * scale, high=found.high * scale, method=_COUNT_INTERVAL), ""
    if unit is Unit.PERCENT and value.respondents:
        share = wilson(amount, respondents=value.respondents, design_effect=value.design_effect)
        return Margin(low=share.low, high=share.high, method=share.method, is_assumed=assumed), ""
    if unit in PER:
        return None, "no_inhabitants"
    if source.kind == Source.Kind.SURVEY:
        return None, "no_respondents" if unit is Unit.PERCENT else "no_standard_error"
    return None, "no_margin_for_unit"


def _reading(value: Value, *, unit: Unit, source: str) -> Reading:
    return Reading(
        period=value.period,
        value=float(value.amount or 0),
        unit=unit,
        respondents=value.respondents,
        respondents_assumed=value.respondents_are_assumed,
        design_effect=value.design_effect,
        standard_error=value.standard_error,
        exposure=value.exposure,
        provisional=value.is_provisional,
        series=source,
        definition_version=value.definition_number,
    )
