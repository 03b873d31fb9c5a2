"""The safety picture on a page: cards of the fields, the dense table of one field, what changed demonstrably."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.quantities import ChangeVerdict
from koersvast.indicators import wording
from koersvast.indicators.queries import Analysis, AnalysisField, AnalysisRow, AnalysisTheme
from koersvast.web import components as c
from koersvast.web.indicators.parts.changes import ChangeAccount, account

DEMONSTRABLE = (ChangeVerdict.WORSENED, ChangeVerdict.IMPROVED)
_ORDER = (
    ChangeVerdict.IMPROVED,
    ChangeVerdict.WORSENED,
    ChangeVerdict.NO_DEMONSTRABLE_CHANGE,
    ChangeVerdict.NOT_COMPARABLE,
)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many indicators have each verdict; `quiet` says what is left over, in words."""

    label: str
    badges: list[c.Badge]
    quiet: str


@dataclass(frozen=True, kw_only=True)
class FieldCard:
    """A field on the overview: registered beside experienced."""

    code: str
    name: str
    href: str
    note: str
    tallies: list[Tally]


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One line of the dense table. `account` is None when there are fewer than two figures; `quiet` then says why."""

    name: str
    href: str
    source: str
    unit: str
    perspective: str
    cells: list[c.Cell]
    account: ChangeAccount | None
    quiet: str
    remark: str


@dataclass(frozen=True, kw_only=True)
class FieldTable:
    """A table of the safety analysis: caption, years, groups of lines."""

    id: str
    caption: str
    subtitle: str
    periods: tuple[str, ...]
    groups: list[tuple[str, list[TableRow]]]
    has_provisional: bool

    @property
    def width(self) -> int:
        return len(self.periods) + 4


def field_cards(found: Analysis, *, municipality: str, query: str) -> list[FieldCard]:
    """One card for each field."""
    return [_card(field, municipality=municipality, query=query) for field in found.fields]


def _card(field: AnalysisField, *, municipality: str, query: str) -> FieldCard:
    here = reverse("analysis-field", kwargs={"municipality": municipality, "field": field.code}) + query
    number = len(field.rows)
    note = ngettext("{number} indicator", "{number} indicators", number).format(number=number)
    if not number:
        note = _("Nothing is measured in this field yet")
    if field.tables:
        note = _("{note} · table {tables}").format(note=note, tables=", ".join(field.tables))
    words = {"objective": _("Registered"), "subjective": _("Experienced by residents")}
    tallies = [_tally(label, field, rows) for perspective, label in words.items() if (rows := field.of(perspective))]
    return FieldCard(code=field.code, name=field.name, href=here, note=note, tallies=tallies)


def _tally(label: str, field: AnalysisField, rows: Sequence[AnalysisRow]) -> Tally:
    counted = field.verdicts(rows)
    without = sum(row.verdict is None for row in rows)
    quiet = ngettext("{number} with one figure or none", "{number} with one figure or none", without)
    return Tally(
        label=label,
        badges=[_counted(verdict, counted[verdict]) for verdict in _ORDER if counted[verdict]],
        quiet=quiet.format(number=without) if without else "",
    )


def _counted(verdict: ChangeVerdict, number: int) -> c.Badge:
    """The badge of a verdict with how many times it was given."""
    badge = c.change_badge(verdict)
    words = {
        ChangeVerdict.IMPROVED: _("{number} improved"),
        ChangeVerdict.WORSENED: _("{number} worsened"),
        ChangeVerdict.NO_DEMONSTRABLE_CHANGE: _("{number} without demonstrable change"),
        ChangeVerdict.NOT_COMPARABLE: _("{number} not comparable"),
    }
    return replace(badge, text=words[verdict].format(number=number))


def themes_without_figures(found: Analysis) -> list[tuple[str, list[AnalysisTheme]]]:
    """The themes that nothing is measured of, by field: worth seeing before they are forgotten."""
    return [
        (field.name, [theme for theme in field.themes if not theme.rows])
        for field in found.fields
        if any(not theme.rows for theme in field.themes)
    ]


def demonstrable(found: Analysis, *, municipality: str, query: str) -> c.DataTable | None:
    """What changed more than chance explains, worsened first; None when nothing did."""
    rows = [row for row in found.rows if row.verdict in DEMONSTRABLE]
    if not rows:
        return None
    rows.sort(
        key=lambda row: (
            DEMONSTRABLE.index(row.verdict or DEMONSTRABLE[0]),
            row.change.p_value or 0 if row.change else 0,
        )
    )
    return c.DataTable(
        id="aantoonbaar",
        caption=_("What changed demonstrably"),
        subtitle=_("From the first to the last figure in these years. Everything else is within what chance explains."),
        columns=[
            c.Column(label=_("Indicator")),
            c.Column(label=_("Source")),
            c.Column(label=_("First figure"), numeric=True),
            c.Column(label=_("Last figure"), numeric=True),
            c.Column(label=_("Change in figures")),
        ],
        groups=[c.RowGroup(rows=[_changed(row, municipality=municipality, query=query) for row in rows])],
    )


def _changed(row: AnalysisRow, *, municipality: str, query: str) -> c.Row:
    change = row.change
    assert change is not None  # noqa: S101 only rows with a verdict come here
    decimals = decimals_of(row)
    ends = [
        c.Cell(text=wording.format_amount(reading.value, row.unit, decimals), note=reading.period.code, numeric=True)
        for reading in (change.earlier, change.later)
    ]
    return c.Row(
        head=c.Cell(text=row.name, href=indicator_href(row.code, municipality=municipality, query=query)),
        cells=[c.Cell(text=row.source_label), *ends, c.Cell(badge=c.change_badge(change.verdict))],
    )


def field_tables(field: AnalysisField, periods: tuple[str, ...], *, municipality: str, query: str) -> list[FieldTable]:
    """The plan's tables of a field in the plan's order, and a table of what the plan has no table for."""
    tables = []
    for number in (*field.tables, ""):
        rows = [row for row in field.rows if row.table_number == number]
        if rows:
            caption = _("Table {number}: {field}").format(number=number, field=field.name) if number else field.name
            tables.append(_table(number, caption, rows, periods, municipality=municipality, query=query))
    return tables


def _table(
    number: str, caption: str, rows: list[AnalysisRow], periods: tuple[str, ...], *, municipality: str, query: str
) -> FieldTable:
    groups = [
        (group, [_row(row, municipality=municipality, query=query) for row in members])
        for group, members in groupby(rows, key=lambda row: row.group)
    ]
    return FieldTable(
        id=f"tabel-{number or 'overig'}",
        caption=caption,
        subtitle="" if number else _("Not in a table of the plan"),
        periods=periods,
        groups=groups,
        has_provisional=any(cell.value and cell.value.is_provisional for row in rows for cell in row.cells),
    )


def _row(row: AnalysisRow, *, municipality: str, query: str) -> TableRow:
    remarks = []
    if row.discontinued_on:
        remarks.append(_("discontinued on {day}").format(day=wording.format_day(row.discontinued_on)))
    if row.other_sources:
        remarks.append(_("also measured by: {sources}").format(sources=", ".join(row.other_sources)))
    return TableRow(
        name=row.name,
        href=indicator_href(row.code, municipality=municipality, query=query),
        source=row.source_label,
        unit=row.unit_name,
        perspective=_("registered") if row.perspective == "objective" else _("experienced"),
        cells=[c.Cell(text=cell.text, missing=cell.missing, numeric=True) for cell in row.cells],
        account=account(row.code, row.name, row.change, decimals=decimals_of(row)) if row.change else None,
        quiet=_quiet(row.cells),
        remark="; ".join(remarks),
    )


def _quiet(cells: Iterable[object]) -> str:
    """Why there is no verdict."""
    known = sum(bool(getattr(cell, "text", "")) for cell in cells)
    return _("one figure") if known else _("no figures")


def decimals_of(row: AnalysisRow) -> int:
    """The decimals that the figures of a row were delivered with."""
    return max((cell.value.decimals for cell in row.cells if cell.value), default=0)


def indicator_href(code: str, *, municipality: str, query: str = "") -> str:
    """The address of an indicator's page."""
    return reverse("indicator", kwargs={"municipality": municipality, "code": code}) + query


def sections(found: Sequence[tuple[str, str, int]], *, current: str, municipality: str, query: str) -> list[c.Link]:
    """The fields as a menu at the side: code, name, number of indicators."""
    return [
        c.Link(
            label=name,
            href=reverse("analysis-field", kwargs={"municipality": municipality, "field": code}) + query,
            current=code == current,
            note=str(number),
        )
        for code, name, number in found
    ]
