"""The register itself: an indicator with all that a reader must know, deliveries, the newest figures, export rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from koersvast.access.models import Municipality
from koersvast.engine.quantities import Certainty, Direction, Missing, Unit
from koersvast.indicators.matching import Line
from koersvast.indicators.models import Break, Definition, Delivery, Indicator, Measurement, Observation, Source
from koersvast.indicators.queries.vintages import Series, Value, series_of
from koersvast.indicators.staged import line_from_json
from koersvast.reference.models import Area


@dataclass(frozen=True, kw_only=True)
class IndicatorDetail:
    """An indicator with its definitions, breaks, sources and every series in an area; the own source's comes first."""

    indicator: Indicator
    definitions: tuple[Definition, ...]
    breaks: tuple[Break, ...]
    measurements: tuple[Measurement, ...]
    sources: dict[str, Source]
    area: Area
    known_on: date | None
    series: tuple[Series, ...]

    @property
    def own(self) -> Series | None:
        """The series of the indicator's own source."""
        return next((one for one in self.series if one.source == self.indicator.source.code), None)

    @property
    def others(self) -> tuple[Series, ...]:
        return tuple(one for one in self.series if one.source != self.indicator.source.code)

    @property
    def disagreements(self) -> tuple[tuple[str, tuple[Value, ...]], ...]:
        """The periods for which two sources give different numbers, each with the values in the order of `series`."""
        periods = sorted({value.period for one in self.series for value in one.values})
        found = []
        for period in periods:
            values = tuple(v for one in self.series if (v := one.value(period.code)) and v.amount is not None)
            if len({value.amount for value in values}) > 1:
                found.append((period.code, values))
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class StagedPage:
    """A page of staged lines, with how many there are of each outcome in all.

    `units` and `names` by indicator code; `areas` are the names of areas within the municipality, by code.
    """

    lines: tuple[Line, ...]
    counts: dict[str, int]
    units: dict[str, Unit]
    names: dict[str, str]
    areas: dict[str, str]
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class ExportRow:
    """One number with everything that must travel along with it."""

    indicator: str
    name: str
    unit: Unit
    direction: Direction
    theme: str
    perspective: str
    area: str
    source: str
    source_label: str
    definition_number: int
    definition: str
    period: str
    amount: Decimal | None
    missing: Missing | None
    decimals: int
    certainty: Certainty
    low: float | None
    high: float | None
    margin_method: str
    respondents: int | None
    respondents_are_assumed: bool
    as_of: date
    delivery: str
    line: int
    licence: str


def indicator_detail(code: str, *, area: Area, known_on: date | None = None) -> IndicatorDetail | None:
    """Return the indicator with this code in the current municipality; None when there is none."""
    indicator = (
        Indicator.objects.filter(code=code)
        .select_related("source", "theme__field__taxonomy", "successor")
        .prefetch_related("definitions", "breaks", Prefetch("predecessors", Indicator.objects.order_by("code")))
        .first()
    )
    if indicator is None:
        return None
    found = series_of([indicator], area=area, known_on=known_on)[indicator.pk]
    sources = Source.objects.filter(code__in=[one.source for one in found] + [indicator.source.code])
    return IndicatorDetail(
        indicator=indicator,
        definitions=tuple(indicator.definitions.all()),
        breaks=tuple(indicator.breaks.all()),
        measurements=tuple(Measurement.objects.filter(source__in=sources).select_related("source")),
        sources={source.code: source for source in sources},
        area=area,
        known_on=known_on,
        series=found,
    )


def areas_with_figures(indicator: str) -> tuple[Area, ...]:
    """The areas of which an indicator of the current municipality has figures, by kind and code, each once."""
    codes = Observation.objects.filter(indicator__code=indicator).values_list("area__code", flat=True).distinct()
    found = {area.code: area for area in Area.objects.filter(code__in=list(codes)).order_by("valid_from")}
    return tuple(found[code] for code in sorted(found))


def latest(municipality: Municipality, *, area: Area, known_on: date | None = None) -> dict[str, Value]:
    """Return the newest figure of every indicator from its own source, by indicator code."""
    indicators = list(Indicator.objects.filter(municipality=municipality).select_related("source"))
    found = series_of(indicators, area=area, known_on=known_on)
    newest = {}
    for indicator in indicators:
        own = next((one for one in found[indicator.pk] if one.source == indicator.source.code), None)
        if own and (value := own.latest()):
            newest[indicator.code] = value
    return newest


def deliveries(municipality: Municipality) -> QuerySet[Delivery]:
    """Return the deliveries of a municipality without their staged lines, newest first."""
    found = Delivery.objects.filter(municipality=municipality).select_related("source")
    return found.defer("staged").order_by("-received_at", "-pk")


def delivery_observations(delivery: Delivery) -> QuerySet[Observation]:
    """Return the numbers that this delivery brought, in the order of its lines."""
    return delivery.observations.select_related("indicator", "source", "area", "definition").order_by("line", "pk")


def staged_lines(delivery: Delivery, *, outcome: str = "", page: int = 1, per_page: int = 100) -> StagedPage:
    """Return one page of what a delivery would do, all lines or those of one outcome; refused lines come first."""
    lines = delivery.staged.get("lines", [])
    chosen = [line for line in lines if not outcome or line["outcome"] == outcome]
    order = {"refused": 0, "withdrawn": 1, "changed": 2, "new": 3, "same": 4}
    chosen.sort(key=lambda line: (order[line["outcome"]], line["line"] or 0))
    pages = max(1, -(-len(chosen) // per_page))
    page = min(max(1, page), pages)
    counts = {name: sum(line["outcome"] == name for line in lines) for name in order}
    shown = [line_from_json(kept) for kept in chosen[(page - 1) * per_page : page * per_page]]
    codes = {line.key.indicator for line in shown if line.key}
    registered = Indicator.objects.filter(municipality=delivery.municipality_id, code__in=codes)
    places = {line.key.area for line in shown if line.key} - {delivery.municipality.code}
    return StagedPage(
        lines=tuple(shown),
        counts=counts,
        units={one.code: Unit(one.unit) for one in registered},
        names={one.code: one.name for one in registered},
        areas=dict(Area.objects.filter(code__in=places).order_by("valid_from").values_list("code", "name")),
        page=page,
        pages=pages,
    )


def export_rows(
    municipality: Municipality,
    *,
    area: Area,
    field: str = "",
    indicator: str = "",
    known_on: date | None = None,
) -> Iterator[ExportRow]:
    """Return the figures that count, all of them or those of one field or indicator, each with its provenance."""
    wanted = Indicator.objects.filter(municipality=municipality)
    if field:
        wanted = wanted.filter(theme__field__code=field)
    if indicator:
        wanted = wanted.filter(code=indicator)
    wanted = wanted.select_related("source", "theme").prefetch_related("definitions").order_by("position", "code")
    indicators = list(wanted)
    found = series_of(indicators, area=area, known_on=known_on)
    licences = dict(Source.objects.filter(municipality=municipality).values_list("code", "licence"))
    for one in indicators:
        texts = {definition.number: definition.text for definition in one.definitions.all()}
        for series in found[one.pk]:
            for value in series.values:
                text = texts.get(value.definition_number, "")
                yield _export_row(one, series, value, definition=text, licence=licences[series.source])


def _export_row(indicator: Indicator, series: Series, value: Value, *, definition: str, licence: str) -> ExportRow:
    return ExportRow(
        indicator=indicator.code,
        name=indicator.name,
        unit=series.unit,
        direction=series.direction,
        theme=indicator.theme.code,
        perspective=indicator.perspective,
        area=series.area,
        source=series.source,
        source_label=series.source_label,
        definition_number=value.definition_number,
        definition=definition,
        period=value.period.code,
        amount=value.amount,
        missing=value.missing,
        decimals=value.decimals,
        certainty=value.certainty,
        low=value.margin.low if value.margin else None,
        high=value.margin.high if value.margin else None,
        margin_method=value.margin.method.name if value.margin else value.no_margin_because,
        respondents=value.respondents,
        respondents_are_assumed=value.respondents_are_assumed,
        as_of=value.as_of,
        delivery=value.delivery.file_name,
        line=value.delivery.line,
        licence=licence,
    )
