"""The tables of the safety analysis, to the last digit as they were delivered."""

from typing import Any

from django.utils import timezone
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.cli.installation import municipality_of
from koersvast.cli.language import _
from koersvast.cli.output import check_form, day, print_csv, print_json, print_table
from koersvast.cli.ready import Refusal
from koersvast.cli.verdicts import plan_of
from koersvast.engine.quantities import ChangeVerdict
from koersvast.indicators.queries.analysis import AnalysisCell, AnalysisField, AnalysisRow, analysis

CHANGES = {
    ChangeVerdict.IMPROVED: _("improved"),
    ChangeVerdict.WORSENED: _("worsened"),
    ChangeVerdict.NO_DEMONSTRABLE_CHANGE: _("no demonstrable change"),
    ChangeVerdict.NOT_COMPARABLE: _("not comparable"),
}


def table(field: str, form: str, known_on: str, everything: bool, municipality: str) -> None:
    """Print one field of the analysis that the newest plan rests on."""
    check_form(form, "text", "json", "csv")
    known = day(known_on) or timezone.localdate()
    place = municipality_of(municipality)
    with scope(municipality=place):
        found, periods = _field(place, field, known)
        rows = found.rows if everything or not found.tables else [row for row in found.rows if row.table_number]
        if form == "json":
            lines = [_as_json(row) for row in rows]
            print_json({"field": found.code, "name": found.name, "known_on": known.isoformat(), "rows": lines})
        elif form == "csv":
            headings = ["table", "theme", "group", "indicator", "name", "source", "unit", *periods, "change"]
            print_csv(headings, [_as_csv(row) for row in rows])
        else:
            print(f"{found.code}. {found.name}")
            headings = [_("Indicator"), _("Source"), _("Unit"), *periods, _("Change")]
            numeric = {3 + place: True for place in range(len(periods))}
            print_table(headings, [_as_text(row) for row in rows], numeric=numeric)


def _field(place: Municipality, code: str, known: Any) -> tuple[AnalysisField, tuple[str, ...]]:
    plan = plan_of(place, "")
    whole = analysis(
        place,
        taxonomy=plan.taxonomy,
        area=plan.area,
        first_year=plan.analysis_first_year,
        last_year=plan.analysis_last_year,
        known_on=known,
    )
    found = whole.field(code)
    if found is None:
        known_codes = ", ".join(one.code for one in whole.fields)
        raise Refusal(_("There is no field {code}. Known: {known}.").format(code=code, known=known_codes))
    return found, whole.periods


def _as_text(row: AnalysisRow) -> list[str]:
    verdict = CHANGES[row.verdict] if row.verdict else ""
    cells = [cell.text or "-" for cell in row.cells]
    return [row.name, row.source_label, row.unit_name, *cells, verdict]


def _as_csv(row: AnalysisRow) -> list[str]:
    start = [row.table_number, row.theme, row.group, row.code, row.name, row.source, row.unit.value]
    return [*start, *(_amount(cell) or _absent(cell) for cell in row.cells), row.verdict.value if row.verdict else ""]


def _amount(cell: AnalysisCell) -> str:
    """The amount with the decimals as delivered and a point; empty without one."""
    if cell.value is None or cell.value.amount is None:
        return ""
    return f"{cell.value.amount:.{cell.value.decimals}f}"


def _absent(cell: AnalysisCell) -> str:
    """Why there is no amount, as a code."""
    return cell.value.missing.value if cell.value and cell.value.missing else ""


def _as_json(row: AnalysisRow) -> dict[str, Any]:
    return {
        "table": row.table_number,
        "theme": row.theme,
        "group": row.group,
        "indicator": row.code,
        "name": row.name,
        "source": row.source,
        "unit": row.unit.value,
        "direction": row.direction.value,
        "values": {cell.period: _value(cell) for cell in row.cells if cell.value is not None},
        "change": row.verdict.value if row.verdict else None,
    }


def _value(cell: AnalysisCell) -> dict[str, Any]:
    value = cell.value
    return {
        "amount": _amount(cell) or None,
        "missing": _absent(cell) or None,
        "provisional": bool(value and value.is_provisional),
        "as_of": value.as_of.isoformat() if value else None,
    }
