"""Veiligheidsanalyse: fields, themes and the rows of their tables, each with its change verdict."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch
from django.utils.translation import get_language

from koersvast.access.models import Municipality
from koersvast.engine.periods import Period
from koersvast.engine.quantities import ChangeVerdict, Direction, Unit
from koersvast.engine.trend import Change, judge_series
from koersvast.indicators import wording
from koersvast.indicators.models import Indicator
from koersvast.indicators.queries.vintages import Series, Value, series_of
from koersvast.reference.models import Area, Field, Taxonomy, Theme, ThemeMapping


@dataclass(frozen=True, kw_only=True)
class AnalysisCell:
    """One year of one row: the value itself and how it is printed; both empty when the year has no figure at all."""

    period: str
    value: Value | None = None
    text: str = ""
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class AnalysisRow:
    """One indicator of a table. `change` is None as long as fewer than two of the years have a figure."""

    code: str
    name: str
    theme: str
    group: str
    table_number: str
    perspective: str
    unit: Unit
    unit_name: str
    direction: Direction
    source: str
    source_label: str
    cells: tuple[AnalysisCell, ...]
    series: Series
    change: Change | None
    discontinued_on: date | None = None
    other_sources: tuple[str, ...] = ()

    @property
    def verdict(self) -> ChangeVerdict | None:
        return self.change.verdict if self.change else None

    def cell(self, period: str) -> AnalysisCell | None:
        return next((cell for cell in self.cells if cell.period == period), None)


@dataclass(frozen=True, kw_only=True)
class AnalysisTheme:
    """A theme with its rows; a theme without an indicator has none, and that is worth seeing."""

    code: str
    name: str
    examples: str
    rows: tuple[AnalysisRow, ...]


@dataclass(frozen=True, kw_only=True)
class AnalysisField:
    """A field: `rows` in the order of the plan's table, and the same rows by theme."""

    code: str
    name: str
    themes: tuple[AnalysisTheme, ...]
    rows: tuple[AnalysisRow, ...]

    def of(self, perspective: str) -> tuple[AnalysisRow, ...]:
        """The objective or the subjective rows."""
        return tuple(row for row in self.rows if row.perspective == perspective)

    def verdicts(self, rows: Iterable[AnalysisRow] | None = None) -> dict[ChangeVerdict, int]:
        """How many rows have each verdict; rows without one are left out."""
        counted = Counter(row.verdict for row in (self.rows if rows is None else rows))
        return {verdict: counted[verdict] for verdict in ChangeVerdict}

    @property
    def tables(self) -> tuple[str, ...]:
        """The numbers of the plan's tables in this field."""
        return tuple(dict.fromkeys(row.table_number for row in self.rows if row.table_number))


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """The safety analysis of an area over years, as known on `known_on` (None: on the latest day)."""

    area: str
    area_name: str
    periods: tuple[str, ...]
    known_on: date | None
    fields: tuple[AnalysisField, ...]

    def field(self, code: str) -> AnalysisField | None:
        return next((field for field in self.fields if field.code == code), None)

    @property
    def rows(self) -> tuple[AnalysisRow, ...]:
        return tuple(row for field in self.fields for row in field.rows)


def analysis(
    municipality: Municipality,
    *,
    taxonomy: Taxonomy,
    area: Area,
    first_year: int,
    last_year: int,
    known_on: date | None = None,
    field: str = "",
) -> Analysis:
    """Return the whole analysis, or that of one field by its code, in a fixed number of queries.

    Indicators filed under another edition come under the theme that theirs is mapped to.
    """
    fields = list(_fields(taxonomy, only=field))
    themes = {theme.pk: theme for one in fields for theme in one.themes.all()}
    indicators = list(
        Indicator.objects.filter(municipality=municipality).select_related("source", "theme").order_by("position")
    )
    place = _places(indicators, themes)
    indicators = [one for one in indicators if one.pk in place]
    periods = tuple(Period.of_year(year) for year in range(first_year, last_year + 1))
    found = series_of(indicators, area=area, known_on=known_on)
    by_theme: dict[int, list[AnalysisRow]] = defaultdict(list)
    order: dict[str, int] = {}
    for indicator in indicators:
        row = _row(indicator, place[indicator.pk], found[indicator.pk], periods=periods, area=area, known_on=known_on)
        by_theme[place[indicator.pk].pk].append(row)
        order[row.code] = indicator.position
    return Analysis(
        area=area.code,
        area_name=area.name,
        periods=tuple(period.code for period in periods),
        known_on=known_on,
        fields=tuple(_field(one, by_theme, order) for one in fields),
    )


def change_since(series: Series, *, first: Period, last: Period) -> Change | None:
    """Judge the change between the first and the last figure within these periods; None with fewer than two.

    When the figures are of several definitions the engine refuses the comparison; nothing is silently left out.
    """
    within = [one for one in series.readings if first.start <= one.period.start and one.period.end <= last.end]
    within = [one for one in within if abs(one.period.years - first.years) < 1e-9]
    if len(within) < 2:
        return None
    return judge_series(series.for_engine(), since=within[0], until=within[-1], direction=series.direction)


def _fields(taxonomy: Taxonomy, *, only: str) -> Iterable[Field]:
    fields = taxonomy.fields.prefetch_related(Prefetch("themes", Theme.objects.order_by("code"))).order_by("code")
    return fields.filter(code=only) if only else fields


def _places(indicators: Sequence[Indicator], themes: dict[int, Theme]) -> dict[int, Theme]:
    """Under which theme of the edition each indicator stands: its own, or the one that its own is mapped to."""
    place = {one.pk: themes[one.theme_id] for one in indicators if one.theme_id in themes}
    elsewhere = {one.theme_id for one in indicators if one.pk not in place}
    if not elsewhere:
        return place
    mapped: dict[int, Theme] = {}
    for link in ThemeMapping.objects.filter(earlier__in=elsewhere, later__in=themes).order_by("later__code"):
        mapped.setdefault(link.earlier_id, themes[link.later_id])
    for link in ThemeMapping.objects.filter(later__in=elsewhere, earlier__in=themes).order_by("earlier__code"):
        mapped.setdefault(link.later_id, themes[link.earlier_id])
    return place | {one.pk: mapped[one.theme_id] for one in indicators if one.theme_id in mapped}


def _row(
    indicator: Indicator,
    theme: Theme,
    found: tuple[Series, ...],
    *,
    periods: Sequence[Period],
    area: Area,
    known_on: date | None,
) -> AnalysisRow:
    own = next((one for one in found if one.source == indicator.source.code), None) or Series(
        indicator=indicator.code,
        name=indicator.name,
        unit=Unit(indicator.unit),
        direction=Direction(indicator.direction),
        source=indicator.source.code,
        source_label=indicator.source.label,
        area=area.code,
        known_on=known_on,
        values=(),
    )
    return AnalysisRow(
        code=indicator.code,
        name=indicator.name,
        theme=theme.code,
        group=indicator.group,
        table_number=indicator.table_number,
        perspective=indicator.perspective,
        unit=own.unit,
        unit_name=wording.unit_name(own.unit),
        direction=own.direction,
        source=own.source,
        source_label=own.source_label,
        cells=tuple(_cell(own, period) for period in periods),
        series=own,
        change=change_since(own, first=periods[0], last=periods[-1]),
        discontinued_on=indicator.discontinued_on,
        other_sources=tuple(one.source_label for one in found if one is not own),
    )


def _cell(series: Series, period: Period) -> AnalysisCell:
    value = series.value(period.code)
    if value is None:
        return AnalysisCell(period=period.code)
    if value.amount is None:
        return AnalysisCell(period=period.code, value=value, missing=wording.missing_name(value.missing))
    text = wording.format_amount(value.amount, series.unit, value.decimals, language=get_language() or "nl")
    return AnalysisCell(period=period.code, value=value, text=text + ("*" if value.is_provisional else ""))


def _field(field: Field, by_theme: dict[int, list[AnalysisRow]], order: dict[str, int]) -> AnalysisField:
    themes = tuple(
        AnalysisTheme(code=theme.code, name=theme.name, examples=theme.examples, rows=tuple(by_theme[theme.pk]))
        for theme in field.themes.all()
    )
    rows = sorted((row for theme in themes for row in theme.rows), key=lambda row: (order[row.code], row.code))
    return AnalysisField(code=field.code, name=field.name, themes=themes, rows=tuple(rows))
