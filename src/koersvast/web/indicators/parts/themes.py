"""Themes on a page: registered beside experienced, with reporting behaviour between them, in words and in a picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from koersvast.access.models import Municipality
from koersvast.engine.quantities import Unit
from koersvast.indicators import wording
from koersvast.indicators.queries.analysis import AnalysisRow
from koersvast.indicators.queries.themes import Reading, ThemePair
from koersvast.publications.blocks import Language
from koersvast.publications.compose.picture import measured_points
from koersvast.publications.course_charts import Half, pair_chart
from koersvast.web import components as c
from koersvast.web.indicators import charting
from koersvast.web.indicators.parts.analysis import decimals_of, indicator_href

_FEWEST_POINTS = 2


@dataclass(frozen=True, kw_only=True)
class PairPart:
    """One theme: the sentence, the table with both sides, the picture of the first of each."""

    title: str
    sentence: str
    table: c.DataTable
    chart: c.ChartFigure | None


def pair_parts(pairs: Sequence[ThemePair], municipality: Municipality, *, query: str) -> list[PairPart]:
    """Every theme of a field that has both sides; all pictures are drawn together."""
    specs = {pair.code: spec for pair in pairs if (spec := _spec(pair, municipality)) is not None}
    drawn = charting.as_svgs(specs, municipality)
    return [
        PairPart(
            title=f"{pair.code} {pair.name}",
            sentence=reading_sentence(pair),
            table=_table(pair, municipality.slug, query),
            chart=_figure(pair, drawn.get(pair.code, "")),
        )
        for pair in pairs
    ]


def reading_sentence(pair: ThemePair) -> str:
    """What the two sides say together, and what is not known about who reports."""
    sentences = {
        Reading.BOTH_BETTER: _("What is registered and what residents experience both improved demonstrably."),
        Reading.BOTH_WORSE: _("What is registered and what residents experience both worsened demonstrably."),
        Reading.BETTER_BUT_NOT_FELT: _("Registrations improved; residents do not demonstrably notice it."),
        Reading.WORSE_BUT_NOT_FELT: _("Registrations worsened; residents do not demonstrably notice it."),
        Reading.FELT_BETTER_ONLY: _("Residents experience an improvement that the registrations do not show."),
        Reading.FELT_WORSE_ONLY: _("Residents experience a worsening that the registrations do not show."),
        Reading.APART: _("What is registered and what residents experience do not move in one direction."),
        Reading.QUIET: _("Neither what is registered nor what residents experience changed demonstrably."),
        Reading.CANNOT_SAY: _("Of one side there are too few figures to say anything about a change."),
    }
    about = _("Who reports was measured too: see the middle of the table.")
    if pair.reporting and not any(row.verdict for row in pair.reporting):
        about = _("How many victims report was measured once, so whether that changed is not known.")
    if not pair.reporting:
        about = _("How many victims report was not measured, so fewer registrations need not mean fewer events.")
    return f"{sentences[pair.reading]} {about}"


def _table(pair: ThemePair, slug: str, query: str) -> c.DataTable:
    groups = [(_("Registered"), pair.objective), (_("Who reports"), pair.reporting)]
    groups.append((_("Experienced by residents"), pair.subjective))
    return c.DataTable(
        id=f"thema-{pair.code.replace('.', '-')}",
        caption=_("{theme}: registered and experienced").format(theme=pair.name),
        columns=[
            c.Column(label=_("Indicator")),
            c.Column(label=_("Source")),
            c.Column(label=_("First figure"), numeric=True),
            c.Column(label=_("Last figure"), numeric=True),
            c.Column(label=_("Change in figures")),
        ],
        groups=[c.RowGroup(label=name, rows=[_row(row, slug, query) for row in rows]) for name, rows in groups if rows],
    )


def _row(row: AnalysisRow, slug: str, query: str) -> c.Row:
    known = [cell for cell in row.cells if cell.value is not None and cell.value.amount is not None]
    ends = [known[0], known[-1]] if known else []
    cells = [c.Cell(text=cell.text, note=cell.period, numeric=True) for cell in ends]
    cells = cells or [c.Cell(missing=_("no figures"), numeric=True), c.Cell(numeric=True)]
    verdict = c.Cell(badge=c.change_badge(row.verdict)) if row.verdict else c.Cell(missing=_("one figure"))
    return c.Row(
        head=c.Cell(text=row.name, href=indicator_href(row.code, municipality=slug, query=query)),
        cells=[c.Cell(text=row.source_label), *cells, verdict],
    )


# ── The picture ──────────────────────────────────────────────────────────────────────────────────────────────────


def _first(rows: Sequence[AnalysisRow], *, fewest: int = _FEWEST_POINTS) -> AnalysisRow | None:
    """The first row with figures of enough years."""
    return next((row for row in rows if len(measured_points(row)) >= fewest), None)


def _half(row: AnalysisRow) -> Half:
    return Half(
        title=f"{row.name} ({wording.unit_name(Unit(row.unit))})",
        points=measured_points(row),
        decimals=decimals_of(row),
    )


def _spec(pair: ThemePair, municipality: Municipality) -> dict[str, object] | None:
    theme = charting.house_theme(municipality)
    objective, subjective = _first(pair.objective), _first(pair.subjective)
    reporting = _first(pair.reporting, fewest=1)
    if theme is None or objective is None or subjective is None:
        return None
    return pair_chart(
        _half(objective),
        _half(subjective),
        reporting=_half(reporting) if reporting else None,
        theme=theme,
        description=_description(pair),
        language=Language(wording.language_now()),
    )


def _description(pair: ThemePair) -> str:
    said = []
    for row in (_first(pair.objective), _first(pair.reporting, fewest=1), _first(pair.subjective)):
        if row is not None:
            points = measured_points(row)
            said.append(
                _("{name}: {first} in {start}, {last} in {end}.").format(
                    name=row.name,
                    first=points[0].text,
                    start=points[0].period,
                    last=points[-1].text,
                    end=points[-1].period,
                )
            )
    return " ".join(said)


def _figure(pair: ThemePair, svg: str) -> c.ChartFigure | None:
    if not svg:
        return None
    return c.ChartFigure(
        id=f"beeld-{pair.code.replace('.', '-')}",
        title=_("{theme}: registered beside experienced").format(theme=pair.name),
        description=_description(pair),
        svg=svg,
    )
