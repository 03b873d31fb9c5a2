"""The safety analysis: a table for each field, what demonstrably changed, and the numbers behind the verdicts."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from koersvast.engine.quantities import ChangeVerdict, Unit
from koersvast.engine.trend import Change
from koersvast.indicators.queries import AnalysisField, AnalysisRow
from koersvast.indicators.queries.analysis import AnalysisCell
from koersvast.indicators.wording import format_amount, format_difference, format_margin, how_often
from koersvast.policy.wording import amounts
from koersvast.publications.blocks import (
    Align,
    Block,
    Bullets,
    Chart,
    Column,
    Heading,
    Row,
    RowGroup,
    Table,
    Text,
    paragraph,
    strong,
)
from koersvast.publications.charts import Panel, SeriesPoint, small_multiples
from koersvast.publications.compose.material import Material, has_figures, values_of
from koersvast.publications.compose.words import change_name, change_status, origin, sentence_case

FEWEST_POINTS_IN_A_PANEL = 4
MOST_PANELS = 6
MOST_COLUMNS = 3
PANEL_LETTERS = 30
PICTURE_WIDTH, AROUND_A_PANEL = 720, 70
_DECIDED = (ChangeVerdict.WORSENED, ChangeVerdict.IMPROVED)


def chapter(material: Material) -> list[Block]:
    """The reading guide and a section for each field; a field without figures says so."""
    found = material.analysis
    years = _("{first} to {last}").format(first=found.periods[0], last=found.periods[-1])
    blocks: list[Block] = [
        Heading(1, _("Safety analysis, {years}").format(years=years)),
        Text.of(
            _(
                "The tables put what was registered beside what residents say. The last column compares the first with "
                "the last figure of the row. It only speaks of an improvement or a worsening when chance alone hardly "
                "ever gives such a difference: in fewer than 5 of 100 cases."
            )
        ),
        Bullets.of(
            *(paragraph(strong(f"{sentence_case(change_name(one))}: "), meaning) for one, meaning in meanings().items())
        ),
    ]
    for field in found.fields:
        blocks += _section(field, material, years)
    return blocks


def meanings() -> dict[ChangeVerdict, str]:
    """What each verdict on a change says."""
    return {
        ChangeVerdict.IMPROVED: _("a demonstrable change in the wanted direction."),
        ChangeVerdict.WORSENED: _("a demonstrable change in the unwanted direction."),
        ChangeVerdict.NO_DEMONSTRABLE_CHANGE: _(
            "the difference can be chance, or its margin is not known. That is not proof that nothing changed."
        ),
        ChangeVerdict.NOT_COMPARABLE: _("the figures were not obtained in the same way."),
    }


def _section(field: AnalysisField, material: Material, years: str) -> list[Block]:
    rows = [row for row in field.rows if has_figures(row)]
    blocks: list[Block] = [Heading(2, field.name)]
    if not rows:
        return [*blocks, Text.of(_("There are no figures of these years for this field."))]
    table = _table(field, rows, material, years)
    panels = _panels(rows)
    shown = _chart(field, panels, table, material, years) if panels else table
    # The words come after the table, so that a heading stays with it.
    return [*blocks, shown, Text.of(_counted(rows)), *_empty_themes(field)]


def _counted(rows: Sequence[AnalysisRow]) -> str:
    """How many rows have each verdict, in one sentence."""
    verdicts = [row.verdict for row in rows if row.verdict]
    parts = [f"{number} {change_name(verdict)}" for verdict in ChangeVerdict if (number := verdicts.count(verdict)) > 0]
    whole = ngettext("{total} indicator: {parts}.", "{total} indicators: {parts}.", len(rows))
    silent = len(rows) - len(verdicts)
    if silent:
        parts.append(
            ngettext("{number} with one figure only", "{number} with one figure only", silent).format(number=silent)
        )
    return whole.format(total=len(rows), parts=amounts.listing(parts))


def _table(field: AnalysisField, rows: Sequence[AnalysisRow], material: Material, years: str) -> Table:
    periods = _periods(rows, material.analysis.periods)
    caption = _("{field}, {years}").format(field=field.name, years=years)
    if field.tables:
        numbers = amounts.listing(list(field.tables))
        caption = _("{caption} (table {number} of the plan)").format(caption=caption, number=numbers)
    return Table(
        caption=caption,
        columns=(
            Column(label=pgettext("report", "Indicator"), share=4.1),
            Column(label=pgettext("report", "Source"), share=3.4),
            *(Column(label=period, align=Align.RIGHT, share=_room(rows, period)) for period in periods),
            Column(label=pgettext("report", "Change"), share=3.1),
        ),
        groups=tuple(
            RowGroup(title, tuple(_row(row, periods) for row in rows if _group(row, field) == title))
            for title in dict.fromkeys(_group(row, field) for row in rows)
        ),
        notes=_notes(rows),
        source=origin(values_of(rows), known_on=material.known_on),
    )


def _periods(rows: Sequence[AnalysisRow], periods: Iterable[str]) -> tuple[str, ...]:
    """The years in which at least one of the rows has something to show."""
    return tuple(one for one in periods if any((cell := row.cell(one)) and cell.value for row in rows))


def _room(rows: Iterable[AnalysisRow], period: str) -> float:
    """The share of a year's column: a reason why a figure is missing needs more than a figure."""
    return 1.7 if any((cell := row.cell(period)) and cell.missing for row in rows) else 1.15


def _group(row: AnalysisRow, field: AnalysisField) -> str:
    theme = next((theme.name for theme in field.themes if theme.code == row.theme), "")
    return sentence_case(row.group or theme)


def _row(row: AnalysisRow, periods: Iterable[str]) -> Row:
    cells = (row.cell(period) for period in periods)
    return Row(
        row.name,
        (row.source_label, *(_text(cell) for cell in cells), change_status(row.verdict)),
    )


def _text(cell: AnalysisCell | None) -> str:
    return (cell.text or cell.missing) if cell else ""


def _notes(rows: Sequence[AnalysisRow]) -> tuple[str, ...]:
    notes = []
    if any(not cell.value for row in rows for cell in row.cells):
        notes.append(_("An empty cell: there is no figure of that year."))
    if any(cell.value and cell.value.is_provisional for row in rows for cell in row.cells):
        notes.append(_("* The figure is provisional and can still change."))
    stopped = _("{name} is no longer measured since {day}.")
    notes += [
        stopped.format(name=row.name, day=amounts.day(row.discontinued_on)) for row in rows if row.discontinued_on
    ]
    return tuple(notes)


def _empty_themes(field: AnalysisField) -> list[Block]:
    """Name the themes for which nothing is followed: a hole in the picture that is worth seeing."""
    empty = [theme.name for theme in field.themes if not any(has_figures(row) for row in theme.rows)]
    if not empty:
        return []
    return [Text.of(_("No figures are followed for: {themes}.").format(themes=amounts.listing(empty)))]


def _panels(rows: Sequence[AnalysisRow]) -> list[AnalysisRow]:
    """The rows that demonstrably changed and have enough figures to show a course, worsened ones first."""
    able = [row for row in rows if len(measured_points(row)) >= FEWEST_POINTS_IN_A_PANEL and row.verdict in _DECIDED]
    return sorted(able, key=lambda row: _DECIDED.index(row.verdict or ChangeVerdict.IMPROVED))[:MOST_PANELS]


def measured_points(row: AnalysisRow) -> tuple[SeriesPoint, ...]:
    """What was measured of a row, by year; a year without a figure has no point."""
    return tuple(
        SeriesPoint(
            period=cell.period,
            value=float(cell.value.amount),
            low=cell.value.margin.low if cell.value.margin else None,
            high=cell.value.margin.high if cell.value.margin else None,
            provisional=cell.value.is_provisional,
            text=cell.text,
        )
        for cell in row.cells
        if cell.value is not None and cell.value.amount is not None
    )


def _chart(field: AnalysisField, rows: Sequence[AnalysisRow], table: Table, material: Material, years: str) -> Chart:
    columns = min(len(rows), MOST_COLUMNS)
    told = [
        _("{name} from {first} to {last}, {verdict}").format(
            name=row.name,
            first=measured_points(row)[0].text,
            last=measured_points(row)[-1].text,
            verdict=change_name(row.verdict) if row.verdict else "",
        )
        for row in rows
    ]
    description = _("Line charts of what demonstrably changed: {rows}.").format(rows="; ".join(told))
    return Chart(
        title=_("What demonstrably changed in the field {field}, {years}").format(field=field.name, years=years),
        description=description,
        spec=small_multiples(
            [Panel(title=_short(row.name), points=measured_points(row)) for row in rows],
            theme=material.theme,
            description=description,
            language=material.language,
            columns=columns,
            width=PICTURE_WIDTH // columns - AROUND_A_PANEL,
        ),
        table=table,
        source=origin(values_of(rows), known_on=material.known_on),
    )


def _short(name: str) -> str:
    """A name that fits above a small chart; the table beside it has the whole name."""
    return name if len(name) <= PANEL_LETTERS else name[: PANEL_LETTERS - 1].rstrip(" (,") + "…"


# ── The numbers behind the verdicts ──────────────────────────────────────────────────────────────────────────────


def appendix(material: Material) -> list[Block]:
    """For every verdict on a change: the two figures, the difference with its interval, and what chance would do."""
    blocks: list[Block] = [
        Heading(1, _("Numbers behind the verdicts")),
        Text.of(
            _(
                "For each row of the safety analysis: the two figures that were compared, the difference with its 95% "
                "interval, and how often chance alone gives a difference this large when nothing changed."
            )
        ),
    ]
    for field in material.analysis.fields:
        rows = [row for row in field.rows if row.change]
        if rows:
            blocks += [Heading(2, field.name), _numbers(field, rows, material)]
    return blocks


def _numbers(field: AnalysisField, rows: Sequence[AnalysisRow], material: Material) -> Table:
    compared, difference = pgettext("report", "Compared"), pgettext("report", "Difference")
    return Table(
        caption=_("Comparisons in the field {field}").format(field=field.name),
        columns=(
            Column(label=pgettext("report", "Indicator"), share=3.9),
            Column(label=pgettext("report", "Years"), share=2.2, group=compared),
            Column(label=pgettext("report", "First"), align=Align.RIGHT, share=1.4, group=compared),
            Column(label=pgettext("report", "Last"), align=Align.RIGHT, share=1.6, group=compared),
            Column(label=pgettext("report", "Size"), align=Align.RIGHT, share=1.6, group=difference),
            Column(label=pgettext("report", "95% interval"), align=Align.RIGHT, share=2.9, group=difference),
            Column(label=pgettext("report", "By chance"), align=Align.RIGHT, share=2.3),
            Column(label=pgettext("report", "Change"), share=2.8),
        ),
        groups=(RowGroup("", tuple(_comparison(row, row.change) for row in rows if row.change)),),
        notes=(
            _("Differences between percentages are in percentage points."),
            _("By chance: how often a difference this large comes about when nothing changed."),
            _("An empty cell: the margin of the figures is not known, so nothing can be calculated."),
        ),
        source=origin(values_of(rows), known_on=material.known_on),
    )


def _comparison(row: AnalysisRow, change: Change) -> Row:
    decimals = max((cell.value.decimals for cell in row.cells if cell.value), default=0)
    years = f"{change.earlier.period.code}–{change.later.period.code}"
    first, last = (format_amount(reading.value, row.unit, decimals) for reading in (change.earlier, change.later))
    # A difference stands without the sign of its unit: of percentages it is in points, which the note says.
    difference = "" if change.difference is None else format_difference(change.difference, Unit.COUNT, decimals)
    known = change.low is not None and change.high is not None
    interval = format_margin(change.low or 0.0, change.high or 0.0, Unit.COUNT, decimals) if known else ""
    chance = "" if change.p_value is None else how_often(change.p_value)
    return Row(row.name, (years, first, last, difference, interval, chance, change_status(change.verdict)))
