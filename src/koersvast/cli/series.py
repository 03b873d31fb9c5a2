"""One series: of an indicator in an area, as known on a day, as table, file or picture.

Without `--source` the municipality's own series when it has one for that area, else what the national table of the
indicator's feed holds; `--months` reads the monthly table. Figures of two sources are never mixed.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl
from django.contrib.staticfiles import finders
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.cli.installation import municipality_of
from koersvast.cli.language import LANGUAGE, _
from koersvast.cli.output import check_form, day, print_csv, print_json, print_table
from koersvast.cli.ready import USAGE, Refusal
from koersvast.connectors.whole_files import write_whole
from koersvast.engine.counts import count_interval
from koersvast.engine.quantities import Certainty, Missing, Unit
from koersvast.indicators.models import Indicator, Source
from koersvast.indicators.queries.comparing import feed_of
from koersvast.indicators.queries.national import Column, column
from koersvast.indicators.queries.vintages import Series, series_of
from koersvast.indicators.wording import certainty_name, format_day, format_number, missing_name, unit_name
from koersvast.publications.blocks import Language
from koersvast.publications.charts import SeriesPoint, line_chart
from koersvast.publications.drawing import render_png, render_svg
from koersvast.publications.palette import chart_theme
from koersvast.reference.models import Area
from koersvast.registers.codes import level_of

FONTS = "built/fonts-ttf"
FORMS = ("table", "csv", "json", "parquet", "chart")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure. `amount` is None when `missing` says why.

    `origin` is where it comes from: file and line of a delivery, or table and number of its vintage.
    """

    indicator: str
    area: str
    period: str
    amount: float | None
    missing: str | None
    low: float | None
    high: float | None
    unit: str
    certainty: str
    source: str
    as_of: str
    origin: str


def series(
    indicator: str,
    area: str,
    known_on: str,
    source: str,
    months: bool,
    form: str,
    output: Path | None,
    municipality: str,
) -> None:
    """Print the series, or write it to `output`."""
    check_form(form, *FORMS)
    if form in ("parquet", "chart") and output is None:
        raise Refusal(_("Say with --output in which file {form} is to be written.").format(form=form), exit_code=USAGE)
    place = municipality_of(municipality)
    with scope(municipality=place):
        found = _indicator(indicator)
        lines = _lines(found, area or place.code, known_on=day(known_on), source=source, months=months)
        _give(lines, found, place, form=form, output=output)


def _indicator(code: str) -> Indicator:
    found = Indicator.objects.select_related("source").filter(code=code).first()
    if found is None:
        known = ", ".join(Indicator.objects.order_by("position").values_list("code", flat=True)[:12])
        raise Refusal(_("There is no indicator {code} here. Known: {known}.").format(code=code, known=known or "-"))
    return found


def _lines(indicator: Indicator, area: str, *, known_on: date | None, source: str, months: bool) -> list[Line]:
    own = None if months else _own(indicator, area, known_on=known_on, source=source)
    if own is not None:
        return own
    if source:
        known = ", ".join(Source.objects.order_by("code").values_list("code", flat=True))
        raise Refusal(
            _("There are no figures of {indicator} from source {source} in {area}. Sources: {known}.").format(
                indicator=indicator.code, source=source, area=area, known=known
            )
        )
    national = _national(indicator, area, known_on=known_on, months=months)
    if not national:
        raise Refusal(
            _("There are no figures of {indicator} in {area}.").format(indicator=indicator.code, area=area),
            _("Fetch the national table first with: koersvast fetch."),
        )
    return national


def _own(indicator: Indicator, area: str, *, known_on: date | None, source: str) -> list[Line] | None:
    """The municipality's own figures: of the source that was asked, else of the indicator's own source."""
    place = Area.objects.filter(code=area).order_by("-valid_from").first()
    if place is None:
        return None
    wanted = source or indicator.source.code
    found = series_of([indicator], area=place, known_on=known_on)[indicator.pk]
    mine = next((one for one in found if one.source == wanted and one.values), None)
    return _as_lines(mine) if mine else None


def _as_lines(found: Series) -> list[Line]:
    return [
        Line(
            indicator=found.indicator,
            area=found.area,
            period=value.period.code,
            amount=None if value.amount is None else float(value.amount),
            missing=value.missing.value if value.missing else None,
            low=value.margin.low if value.margin else None,
            high=value.margin.high if value.margin else None,
            unit=found.unit.value,
            certainty=value.certainty.value,
            source=found.source,
            as_of=value.as_of.isoformat(),
            origin=_origin(value.delivery.file_name, value.delivery.line),
        )
        for value in found.values
    ]


def _origin(file_name: str, line: int) -> str:
    """File and line; what came from a national table has no lines."""
    return f"{file_name}:{line}" if line else file_name


def _national(indicator: Indicator, area: str, *, known_on: date | None, months: bool) -> list[Line]:
    feed = feed_of(indicator)
    table = (feed.monthly_table if months else feed.table) if feed else ""
    if feed is None or not table:
        return []
    level = level_of(area).value
    within = area if level in ("wijk", "buurt") else ""
    found = column(table, measure=feed.measure, kinds=feed.kinds, levels=(level,), within=within, known_on=known_on)
    if found is None:
        return []
    wanted = found.months(area) if months else [code for code in found.periods if len(code) == 4]
    return [_national_line(indicator, area, code, found) for code in wanted if _is_there(found, area, code)]


def _is_there(found: Column, area: str, period: str) -> bool:
    return (area, period) in found.amounts or (area, period) in found.absent


def _national_line(indicator: Indicator, area: str, period: str, found: Column) -> Line:
    """A count of the national table with its exact interval."""
    amount, missing = found.amount(area, period), found.missing(area, period)
    interval = count_interval(amount) if amount is not None else None
    return Line(
        indicator=indicator.code,
        area=area,
        period=period,
        amount=amount,
        missing=missing.value if missing else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        unit=Unit.COUNT.value,
        certainty="provisional" if (area, period) in found.provisional else "final",
        source=found.note.table,
        as_of=found.note.as_of.isoformat(),
        origin=f"{found.note.table}:{found.note.vintage}",
    )


def _give(lines: Sequence[Line], indicator: Indicator, place: Municipality, *, form: str, output: Path | None) -> None:
    if form == "json":
        print_json([asdict(line) for line in lines])
    elif form == "csv":
        headings = list(Line.__dataclass_fields__)
        print_csv(headings, [["" if cell is None else str(cell) for cell in asdict(one).values()] for one in lines])
    elif form == "table":
        _print(lines)
    elif output is not None:
        write_whole(output, _parquet(lines) if form == "parquet" else _picture(lines, indicator, place, output))
        print(_("{count} figures are written to {file}.").format(count=len(lines), file=output))


def _print(lines: Sequence[Line]) -> None:
    headings = [_("Period"), _("Figure"), _("95% interval"), _("Status"), _("As of"), _("Source")]
    print_table(headings, [_row(line) for line in lines], numeric={1: True, 2: True})


def _row(line: Line) -> list[str]:
    """A figure as a reader of the chosen language writes it; files and JSON keep codes and points."""
    figure, interval = missing_name(Missing(line.missing)) if line.missing else "-", "-"
    if line.amount is not None:
        figure = format_number(line.amount, 0 if line.amount.is_integer() else 1)
    if line.low is not None and line.high is not None:
        interval = f"{format_number(line.low, 1)} – {format_number(line.high, 1)}"
    status, known_on = certainty_name(Certainty(line.certainty)), format_day(date.fromisoformat(line.as_of))
    return [line.period, figure, interval, status, known_on, f"{line.source} ({line.origin})"]


def _parquet(lines: Sequence[Line]) -> bytes:
    numbers = ("amount", "low", "high")
    schema = {name: pl.Float64 if name in numbers else pl.String for name in Line.__dataclass_fields__}
    frame = pl.DataFrame([asdict(line) for line in lines], schema=schema)
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _picture(lines: Sequence[Line], indicator: Indicator, place: Municipality, output: Path) -> bytes:
    fonts = finders.find(FONTS)
    known = [line for line in lines if line.amount is not None]
    if not fonts or not known:
        raise Refusal(_("There is nothing to draw."))
    theme = chart_theme(place.house_colour, fonts=Path(str(fonts)), name=place.slug)
    points = [
        SeriesPoint(
            period=line.period,
            value=line.amount or 0.0,
            low=line.low,
            high=line.high,
            provisional=line.certainty == "provisional",
        )
        for line in known
    ]
    spec = line_chart(
        points,
        theme=theme,
        description=f"{indicator.name}, {known[0].area}",
        unit=f"{indicator.name}, {unit_name(known[0].unit)}",
        language=Language(LANGUAGE),
        decimals=0 if known[0].unit == Unit.COUNT.value else 1,
    )
    suffix = output.suffix.lower()
    if suffix == ".svg":
        return render_svg(spec, fonts=theme.fonts).encode()
    if suffix == ".png":
        return render_png(spec, fonts=theme.fonts)
    said = _("{file} has no extension that is known. Choose {known}.").format(file=output.name, known=".svg, .png")
    raise Refusal(said, exit_code=USAGE)
