"""The numbers of a report as files with data: every table with its sources, licences, day and definitions.

A number stays a number, in the decimals as delivered; the words are those of the report.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from koersvast.connectors.tables_out import About, Labels, OutTable, Value
from koersvast.indicators.queries import AnalysisRow
from koersvast.indicators.queries.analysis import AnalysisCell
from koersvast.indicators.wording import unit_name
from koersvast.policy.queries.standing import VerdictRow
from koersvast.policy.wording.verdicts import verdict_name
from koersvast.publications.compose.material import Material, has_figures
from koersvast.publications.compose.words import attained_status, better, change_name

DECIMALS_OF_A_CALCULATION = 4


def labels() -> Labels:
    """The words around a table."""
    return Labels(
        title=pgettext("report", "Title"),
        source=pgettext("report", "Source"),
        licence=pgettext("report", "Licence"),
        vintage=_("As known on the day"),
        definitions=pgettext("report", "Definitions"),
        data_sheet=pgettext("report", "Data"),
        about_sheet=_("About these data"),
        yes=pgettext("report", "yes"),
        no=pgettext("report", "no"),
    )


def analysis_table(material: Material) -> OutTable:
    """Every row of the safety analysis with its years, and the comparison of its first and last figure."""
    periods = material.analysis.periods
    shown = [(field.name, row) for field in material.analysis.fields for row in field.rows if has_figures(row)]
    headings = [
        pgettext("report", "field"),
        pgettext("report", "theme"),
        _("table of the plan"),
        pgettext("report", "indicator"),
        pgettext("report", "name"),
        pgettext("report", "source"),
        pgettext("report", "unit"),
        pgettext("report", "direction"),
        *periods,
        _("why a year is missing"),
        pgettext("report", "change"),
        _("first year compared"),
        _("last year compared"),
        pgettext("report", "difference"),
        _("difference, lower limit of 95%"),
        _("difference, upper limit of 95%"),
        _("p value, two-sided"),
    ]
    return OutTable(
        about=_about(_("Safety analysis of {name}").format(name=material.municipality), material),
        headings=headings,
        rows=[_analysis_line(field, row) for field, row in shown],
    )


def _analysis_line(field: str, row: AnalysisRow) -> list[Value]:
    missing = "; ".join(f"{cell.period}: {cell.missing}" for cell in row.cells if cell.missing)
    start: list[Value] = [
        field,
        row.theme,
        row.table_number,
        row.code,
        row.name,
        row.source_label,
        unit_name(row.unit),
        better(row.direction),
        *(_amount(cell) for cell in row.cells),
        missing,
    ]
    change = row.change
    if change is None:
        return [*start, "", *[None] * 6]
    return [
        *start,
        change_name(change.verdict),
        change.earlier.period.code,
        change.later.period.code,
        _calculated(change.difference),
        _calculated(change.low),
        _calculated(change.high),
        _calculated(change.p_value),
    ]


def _amount(cell: AnalysisCell) -> Decimal | None:
    if cell.value is None or cell.value.amount is None:
        return None
    return round(cell.value.amount, cell.value.decimals)


def _calculated(number: float | None) -> float | None:
    return None if number is None else round(number, DECIMALS_OF_A_CALCULATION)


def verdict_table(rows: Iterable[VerdictRow], material: Material) -> OutTable:
    """Every agreed value of the plan with what was observed and what that says."""
    headings = [
        pgettext("report", "objective"),
        pgettext("report", "title"),
        pgettext("report", "indicator"),
        pgettext("report", "name"),
        pgettext("report", "unit"),
        pgettext("report", "year"),
        pgettext("report", "observed"),
        pgettext("report", "agreed"),
        _("met or not"),
        pgettext("report", "evidence"),
        pgettext("report", "probability"),
        pgettext("report", "counts now"),
        pgettext("report", "reason"),
    ]
    return OutTable(
        about=_about(_("State of the objectives of {name}").format(name=material.municipality), material),
        headings=headings,
        rows=[_verdict_line(row) for row in rows],
    )


def _verdict_line(row: VerdictRow) -> Sequence[Value]:
    return [
        row.objective,
        row.objective_title,
        row.indicator,
        row.indicator_name,
        unit_name(row.unit),
        row.period,
        _plain(row.observed),
        _plain(row.agreed),
        attained_status(row.attained).text,
        verdict_name(row.evidence),
        _calculated(row.probability),
        row.is_headline,
        row.reason,
    ]


def _plain(number: float | None) -> float | int | None:
    """A whole number without decimals: 28 and not 28.0."""
    return int(number) if number is not None and number.is_integer() else number


def _about(title: str, material: Material) -> About:
    licences = dict.fromkeys(
        _("{source}: {licence}").format(source=one.label, licence=one.licence or pgettext("report", "not stated"))
        for one in material.sources
    )
    return About(
        title=title,
        source="; ".join(one.name for one in material.sources) or pgettext("report", "no figures"),
        licence="; ".join(licences) or pgettext("report", "not stated"),
        vintage=material.known_on.isoformat(),
        definitions={f"{one.code} ({one.number})": one.text for one in material.definitions if one.text},
    )
