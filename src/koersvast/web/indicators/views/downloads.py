"""Figures to take along as CSV, XLSX or ODS, with where they come from; templates; refused lines to correct."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.connectors.tables_out import About, Labels, OutTable, write_csv, write_ods, write_xlsx
from koersvast.indicators import queries, wording
from koersvast.indicators.models import Delivery, Indicator
from koersvast.indicators.queries import ExportRow
from koersvast.reference.models import Area
from koersvast.reference.queries import area_of
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.indicators.forms import KnownOnForm

_WRITERS: Mapping[str, tuple[Callable[..., bytes], str]] = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ods": (write_ods, "application/vnd.oasis.opendocument.spreadsheet"),
}

# Words that the reader of files knows for sure; in English the codes themselves.
_UNIT_WORDS = {
    "count": "aantal",
    "percent": "%",
    "scale_0_10": "schaalscore",
    "mark_1_10": "rapportcijfer",
    "per_1000": "per 1.000 inwoners",
    "per_10000": "per 10.000 inwoners",
    "index": "index",
    "euro": "euro",
}


@permitted(GET=Permission.FIGURES_VIEW)
def analysis_data(request: TenantRequest, form: str) -> HttpResponse:
    """All figures, or those of one field (`field` in the address), each with its provenance."""
    field = request.GET.get("field", "")
    known_on = KnownOnForm(request.GET).day()
    municipality = request.entry.municipality
    rows = list(queries.export_rows(municipality, area=_area(request), field=field, known_on=known_on))
    name = f"{municipality.slug}-{_('safety-picture')}" + (f"-{field}" if field.isalnum() else "")
    return answer(_table(rows, _("Safety picture of {name}").format(name=municipality.name), known_on), form, name)


@permitted(GET=Permission.FIGURES_VIEW)
def indicator_data(request: TenantRequest, code: str, form: str) -> HttpResponse:
    """The figures of one indicator, each with its provenance."""
    known_on = KnownOnForm(request.GET).day()
    municipality = request.entry.municipality
    if not Indicator.objects.filter(code=code).exists():
        raise Http404
    area = _area(request, indicator=code)
    rows = list(queries.export_rows(municipality, area=area, indicator=code, known_on=known_on))
    title = rows[0].name if rows else code
    place = municipality.name if area.code == municipality.code else f"{area.name} ({area.code})"
    name = "-".join((municipality.slug, code, *([] if area.code == municipality.code else [area.code.lower()])))
    return answer(_table(rows, f"{title}, {place}", known_on), form, name)


@permitted(GET=Permission.FIGURES_IMPORT)
def template(request: TenantRequest, form: str) -> HttpResponse:
    """An empty file with the right headings and a line for every indicator of this municipality."""
    municipality = request.entry.municipality
    indicators = Indicator.objects.filter(municipality=municipality).select_related("source")
    headings = [_("indicator"), _("name"), _("source"), _("unit"), _("year"), _("value"), _("note")]
    words = _UNIT_WORDS if wording.language_now() == "nl" else {}
    rows = [
        [one.code, one.name, one.source.label, words.get(one.unit, one.unit), None, None, None] for one in indicators
    ]
    about = About(
        title=_("Template for figures of {name}").format(name=municipality.name),
        source=_("Fill in year and value; leave out lines that you do not need."),
        licence=_("not applicable"),
        vintage=timezone.localdate().isoformat(),
    )
    return answer(OutTable(about=about, headings=headings, rows=rows), form, f"{municipality.slug}-{_('template')}")


@permitted(GET=Permission.FIGURES_IMPORT)
def refused_lines(request: TenantRequest, number: int) -> HttpResponse:
    """The refused lines of a staged delivery, with what to do about each."""
    known = Delivery.objects.filter(municipality=request.entry.municipality)
    delivery = known.filter(pk=number).select_related("source").first()
    if delivery is None:
        raise Http404
    page = queries.staged_lines(delivery, outcome="refused", per_page=100_000)
    rows = []
    for line in page.lines:
        if line.refusal:
            said = wording.worded(line.refusal.code, line.refusal.values)
            rows.append([line.line, line.column, said.code, line.label, line.amount_text, said.text, said.remedy])
    headings = [_("line"), _("column"), _("code"), _("indicator"), _("value"), _("what is the matter"), _("what to do")]
    about = About(
        title=_("Refused lines of {file}").format(file=delivery.file_name),
        source=delivery.file_name,
        licence=delivery.source.licence if delivery.source and delivery.source.licence else _("as the source states"),
        vintage=delivery.as_of.isoformat(),
    )
    return answer(OutTable(about=about, headings=headings, rows=rows), "csv", f"{_('refused')}-{number}")


def _area(request: TenantRequest, *, indicator: str = "") -> Area:
    """The municipality, or the part of it that the address names and that this indicator has figures of."""
    wanted = request.GET.get("area", "") if indicator else ""
    parts = queries.areas_with_figures(indicator) if wanted else ()
    area = next((one for one in parts if one.code == wanted), None)
    area = area if wanted else area_of(request.entry.municipality.code)
    if area is None:
        raise Http404
    return area


def answer(table: OutTable, form: str, name: str) -> HttpResponse:
    """A table as a file of this form; 404 for a form that there is not."""
    if form not in _WRITERS:
        raise Http404
    write, media_type = _WRITERS[form]
    labels = Labels(
        title=_("Title"),
        source=_("Source"),
        licence=_("Licence"),
        vintage=_("As known on"),
        definitions=_("Definitions"),
        data_sheet=_("Data"),
        about_sheet=_("About"),
        yes=_("yes"),
        no=_("no"),
    )
    response = HttpResponse(write(table, labels=labels), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _table(rows: list[ExportRow], title: str, known_on: date | None) -> OutTable:
    headings = [
        _("indicator"), _("name"), _("theme"), _("perspective"), _("area"), _("period"), _("value"), _("unit"),
        _("missing"), _("low"), _("high"), _("margin"), _("respondents"), _("respondents assumed"), _("certainty"),
        _("better is"), _("source"), _("definition"), _("known from"), _("file"), _("line"),
    ]  # fmt: skip
    definitions = {f"{row.indicator} {row.definition_number}": row.definition for row in rows if row.definition}
    about = About(
        title=title,
        source="; ".join(dict.fromkeys(row.source_label for row in rows)) or _("no figures"),
        licence="; ".join(dict.fromkeys(row.licence for row in rows if row.licence)) or _("as the source states"),
        vintage=(known_on or timezone.localdate()).isoformat(),
        definitions=definitions,
    )
    return OutTable(about=about, headings=headings, rows=[_export_line(row) for row in rows])


def _export_line(row: ExportRow) -> list[str | int | float | Decimal | bool | date | None]:
    amount = None if row.amount is None else round(row.amount, row.decimals)
    return [
        row.indicator,
        row.name,
        row.theme,
        row.perspective,
        row.area,
        row.period,
        amount,
        wording.unit_name(row.unit),
        wording.missing_name(row.missing),
        _rounded(row.low),
        _rounded(row.high),
        row.margin_method,
        row.respondents,
        row.respondents_are_assumed,
        wording.certainty_name(row.certainty),
        _("lower") if row.direction.value == "lower" else _("higher"),
        row.source_label,
        row.definition_number,
        row.as_of,
        row.delivery,
        row.line,
    ]


def _rounded(end: float | None) -> float | None:
    return None if end is None else round(end, 2)
