"""The register as plain values for `matching`: names, units, definitions, and the figures that are known."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from koersvast.access.models import Municipality
from koersvast.connectors.figures import Layout
from koersvast.connectors.figures import Mapping as ColumnMapping
from koersvast.engine.quantities import Certainty, Missing, Unit
from koersvast.indicators.matching import Catalogue, Key, Known, Line, Listed, bare, middle
from koersvast.indicators.models import Indicator, Measurement, Observation, Source
from koersvast.reference.models import Area


def catalogue(municipality: Municipality) -> Catalogue:
    """Return the register of a municipality in five queries."""
    indicators = Indicator.objects.filter(municipality=municipality).select_related("source")
    sources = list(Source.objects.filter(municipality=municipality))
    waves = Measurement.objects.filter(source__municipality=municipality, respondents__isnull=False)
    return Catalogue(
        indicators=tuple(_listed(one) for one in indicators.prefetch_related("definitions")),
        sources={bare(name): one.code for one in sources for name in _source_names(one)},
        areas=_areas(),
        own_area=municipality.code,
        surveys=frozenset(one.code for one in sources if one.kind == Source.Kind.SURVEY),
        waves=frozenset(waves.values_list("source__code", "period")),
    )


def known_figures(municipality: Municipality, keys: Iterable[Key]) -> dict[Key, list[Known]]:
    """Return the standing vintages of all figures of the indicators in `keys`, oldest first."""
    codes = {key.indicator for key in keys}
    rows = (
        Observation.objects.filter(
            indicator__municipality=municipality, indicator__code__in=codes, withdrawn_at__isnull=True
        )
        .order_by("as_of", "pk")
        .values_list(
            "indicator__code", "definition__number", "source__code", "area__code", "period",
            "amount", "missing", "certainty", "as_of", "decimals",
        )
    )  # fmt: skip
    known: dict[Key, list[Known]] = defaultdict(list)
    for indicator, definition, source, area, period, amount, missing, certainty, as_of, decimals in rows.iterator(5000):
        key = Key(indicator=indicator, definition=definition, source=source, area=area, period=period)
        known[key].append(
            Known(
                amount=amount,
                missing=Missing(missing) if missing else None,
                certainty=Certainty(certainty),
                as_of=as_of,
                decimals=decimals,
            )
        )
    return known


def usual_amounts(known: Mapping[Key, Sequence[Known]], lines: Iterable[Line]) -> dict[Key, float]:
    """Return the middle of the known figures of each line's series: same indicator, definition, source and area."""
    by_series: dict[tuple[str, int, str, str, int], list[Known]] = defaultdict(list)
    for key, vintages in known.items():
        by_series[_series_of(key)].append(vintages[-1])
    middles = {series: middle(one.amount for one in found) for series, found in by_series.items()}
    usual = {line.key: middles.get(_series_of(line.key)) for line in lines if line.key}
    return {key: amount for key, amount in usual.items() if amount is not None}


def fitted(remembered: ColumnMapping, suggested: ColumnMapping | None) -> ColumnMapping:
    """Fit a remembered mapping to this year's file: its period columns and header row are those of this file."""
    if suggested is None or remembered.layout is not Layout.WIDE or suggested.layout is not Layout.WIDE:
        return remembered
    return replace(remembered, periods=suggested.periods, header_row=suggested.header_row)


def _series_of(key: Key) -> tuple[str, int, str, str, int]:
    return key.indicator, key.definition, key.source, key.area, len(key.period)


def _listed(one: Indicator) -> Listed:
    definitions = list(one.definitions.all())
    names = {one.code, one.name_nl, one.name_en, *(definition.external_code for definition in definitions)}
    return Listed(
        code=one.code,
        names=tuple(sorted(bare(name) for name in names if name.strip())),
        unit=Unit(one.unit),
        source=one.source.code,
        definitions=tuple((definition.number, definition.valid_from) for definition in definitions),
        discontinued_on=one.discontinued_on,
    )


def _source_names(one: Source) -> tuple[str, ...]:
    return tuple(name for name in (one.code, one.name_nl, one.name_en, one.label_nl, one.label_en) if name.strip())


def _areas() -> dict[str, str]:
    """Codes of areas by code and by name; a name that several areas carry is left out, so that nothing is guessed.

    A municipality goes before its wijk or buurt of the same name, and a province before a police unit: who writes
    "Dalfsen" means the town. Municipality and province of one name (Utrecht) stay apart by their codes.
    """
    by_name: dict[str, dict[str, int]] = defaultdict(dict)
    for code, name, kind in Area.objects.values_list("code", "name", "kind"):
        for word in (bare(code), bare(name)):
            by_name[word][code] = _RUNGS.get(kind, 1)
    widest = {
        name: [code for code, rung in codes.items() if rung == min(codes.values())] for name, codes in by_name.items()
    }
    return {name: codes[0] for name, codes in widest.items() if len(codes) == 1}


# Which of two areas of one name is meant: the lower number; equal numbers are not decided.
_RUNGS: Mapping[str, int] = {
    Area.Kind.COUNTRY: 0,
    Area.Kind.PROVINCE: 0,
    Area.Kind.MUNICIPALITY: 0,
    Area.Kind.WIJK: 2,
    Area.Kind.BUURT: 3,
}
