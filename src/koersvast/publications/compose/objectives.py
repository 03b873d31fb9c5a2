"""The second chapter: each objective with its agreed path, its figures, and the reasons of its verdict."""

from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from koersvast.engine.quantities import Break, EvidenceVerdict, Unit
from koersvast.indicators.queries import Series
from koersvast.indicators.wording import unit_name
from koersvast.policy.queries.ledger import LedgerEntry
from koersvast.policy.queries.standing import ObjectiveStanding
from koersvast.policy.wording import amounts
from koersvast.publications.blocks import (
    Align,
    Block,
    Bullets,
    Callout,
    Chart,
    Column,
    Heading,
    Language,
    Row,
    RowGroup,
    Table,
    Text,
    paragraph,
    strong,
)
from koersvast.publications.charts import Baseline, BreakMark, SeriesPoint, TargetPoint, line_chart
from koersvast.publications.compose.material import Material
from koersvast.publications.compose.words import (
    EVIDENCE_TONES,
    attained_status,
    evidence_status,
    origin,
    sentence_case,
)
from koersvast.publications.theme import Theme

FEWEST_POINTS = 2
CHART_HEIGHT = 210


def chapter(material: Material) -> list[Block]:
    """One section for each objective, in the order of the plan."""
    blocks: list[Block] = [
        Heading(1, _("Objective by objective")),
        Text.of(
            _(
                "For each objective: what was agreed, what was measured, and what may be concluded from it. The bars "
                "in the figures show how far chance alone reaches."
            )
        ),
    ]
    for line in material.standing.objectives:
        blocks += _section(line, material)
    return blocks


def _section(line: ObjectiveStanding, material: Material) -> list[Block]:
    series = material.series.get(line.code)
    blocks: list[Block] = [Heading(2, line.title), _verdict(line)]
    blocks += _agreement(line, material.agreement(line.code))
    if line.path or line.series:
        blocks.append(picture(line, series, material))
    if line.reasons:
        blocks += [Heading(3, _("What stands behind it")), Bullets.of(*line.reasons)]
    if line.outlook:
        blocks.append(Text.of(paragraph(strong(pgettext("report", "Outlook: ")), line.outlook.sentence)))
    return blocks


def _verdict(line: ObjectiveStanding) -> Callout:
    status = evidence_status(line.evidence) if line.headline else None
    title = sentence_case(status.text) if status else pgettext("report", "Nothing agreed")
    return Callout(
        tone=EVIDENCE_TONES[line.evidence if line.headline else EvidenceVerdict.NOT_MEASURED],
        title=f"{title} ({line.headline.period})" if line.headline else title,
        paragraphs=(paragraph(line.sentence),),
    )


def _agreement(line: ObjectiveStanding, entry: LedgerEntry | None) -> list[Block]:
    """What was agreed, on what baseline, by whom; in the words of the ledger where it has them."""
    parts = []
    if line.baseline_text:
        parts.append(
            _("The baseline is {baseline} in {period} ({source}).").format(
                baseline=line.baseline_text, period=line.baseline_period, source=line.baseline_source_label
            )
        )
    if line.source_label:
        parts.append(_("The objective is followed with figures of {source}.").format(source=line.source_label))
    version = next((v for v in (entry.versions if entry else ()) if v.number == line.target_set_number), None)
    if version and version.decision:
        parts.append(
            _("Agreed in {document}, by {body} on {day}.").format(
                body=version.decision.body, day=version.decision.date_text, document=version.decision.document
            )
        )
    return [Text.of(" ".join(parts))] if parts else []


class Look(Protocol):
    """What a drawing needs to know of the document that it stands in."""

    @property
    def theme(self) -> Theme: ...
    @property
    def language(self) -> Language: ...
    @property
    def known_on(self) -> date: ...


def picture(line: ObjectiveStanding, series: Series | None, material: Look) -> Chart | Table:
    """The course of an objective as a chart with its table; as a table alone where there is no line to draw."""
    table = _table(line, series, material)
    if len(line.series) < FEWEST_POINTS:
        return table
    return Chart(
        title=_chart_title(line),
        description=_description(line),
        spec=line_chart(
            _points(line),
            theme=material.theme,
            description=_description(line),
            unit=sentence_case(unit_name(line.unit or Unit.COUNT)),
            language=material.language,
            targets=[TargetPoint(period=m.period, value=m.agreed, text=m.agreed_text) for m in line.path],
            baselines=_baselines(line),
            breaks=_break_marks(line, series),
            height=CHART_HEIGHT,
            from_zero=line.unit not in {Unit.SCALE_0_10, Unit.MARK_1_10, Unit.INDEX},
        ),
        table=table,
        source=table.source,
    )


def _points(line: ObjectiveStanding) -> list[SeriesPoint]:
    return [
        SeriesPoint(
            period=point.period,
            value=point.value,
            low=point.low,
            high=point.high,
            provisional=point.is_provisional,
            text=point.text,
        )
        for point in line.series
    ]


def _baselines(line: ObjectiveStanding) -> list[Baseline]:
    if line.baseline is None:
        return []
    label = _("Baseline {period}: {amount}").format(period=line.baseline_period, amount=line.baseline_text)
    return [Baseline(value=line.baseline, label=label)]


def break_name(kind: str) -> str:
    """What changed at a break, in a few words."""
    return {
        "definition": pgettext("report", "Other definition"),
        "registration": _("Other way of registering"),
        "mode": _("Other way of measuring"),
        "boundary": pgettext("report", "Other borders"),
    }.get(kind, _("Break in the series"))


def _break_marks(line: ObjectiveStanding, series: Series | None) -> list[BreakMark]:
    """Each break at the first drawn year after it; several at one year are one mark."""
    marks: dict[str, list[str]] = {}
    for year, one in _breaks(line, series):
        marks.setdefault(year, []).append(break_name(one.kind))
    return [BreakMark(period=year, label=", ".join(dict.fromkeys(names))) for year, names in sorted(marks.items())]


def _breaks(line: ObjectiveStanding, series: Series | None) -> list[tuple[str, Break]]:
    """The breaks that fall between two drawn years, with the first drawn year after them."""
    years = _years(line)
    found = []
    for one in series.breaks if series else ():
        begins = one.on.year if (one.on.month, one.on.day) == (1, 1) else one.on.year + 1
        after = next((year for year in years if year >= str(begins)), None)
        if after and after > years[0]:
            found.append((after, one))
    return found


def _years(line: ObjectiveStanding) -> list[str]:
    return sorted({point.period for point in line.series} | {moment.period for moment in line.path})


def _chart_title(line: ObjectiveStanding) -> str:
    years = _years(line)
    return _("{title}, {first} to {last}").format(title=line.title, first=years[0], last=years[-1])


def _description(line: ObjectiveStanding) -> str:
    """The chart in words, for who does not see it."""
    measured = amounts.listing([f"{point.text} ({point.period})" for point in line.series])
    agreed = amounts.listing([f"{moment.agreed_text} ({moment.period})" for moment in line.path])
    said = [_("Line chart of {title}. Measured: {figures}.").format(title=line.title, figures=measured)]
    if agreed:
        said.append(_("Agreed: {figures}.").format(figures=agreed))
    return " ".join(said)


def _table(line: ObjectiveStanding, series: Series | None, material: Look) -> Table:
    points = {point.period: point for point in line.series}
    moments = {moment.period: moment for moment in line.path}
    with_interval = any(point.low is not None for point in line.series)
    room = 3.1 if line.unit is Unit.PERCENT else 2.4
    rows = []
    for year in _years(line):
        point, moment = points.get(year), moments.get(year)
        figure = point.text + ("*" if point.is_provisional else "") if point else ""
        interval = amounts.interval(point.low, point.high, line.unit) if point and line.unit else ""
        # The verdict counts the scatter of earlier years too; its interval is the one that belongs to its chance.
        interval = (moment.interval_text if moment else "") or interval
        cells = (figure, *((interval,) if with_interval else ()))
        if moment is None:
            rows.append(Row(year, (*cells, "", "", "", "")))
            continue
        judged = (attained_status(moment.attained), moment.probability_text, evidence_status(moment.evidence))
        rows.append(Row(year, (*cells, moment.agreed_text, *judged)))
    values = [(line.source_label, value) for value in (series.values if series else ()) if value.amount is not None]
    return Table(
        caption=_("{title}: measured and agreed").format(title=line.title),
        columns=(
            Column(label=pgettext("report", "Year"), share=1.15),
            Column(label=pgettext("report", "Measured"), align=Align.RIGHT, share=1.95),
            *(
                (Column(label=pgettext("report", "95% interval"), align=Align.RIGHT, share=room),)
                if with_interval
                else ()
            ),
            Column(label=pgettext("report", "Target"), align=Align.RIGHT, share=2.35),
            Column(label=pgettext("report", "Outcome"), share=2.9),
            Column(label=pgettext("report", "Chance"), align=Align.RIGHT, share=1.2),
            Column(label=pgettext("report", "Evidence"), share=3.75),
        ),
        groups=(RowGroup("", tuple(rows)),),
        notes=_notes(line, series),
        source=origin(values, known_on=material.known_on),
    )


def _notes(line: ObjectiveStanding, series: Series | None) -> tuple[str, ...]:
    notes = []
    if any(moment.probability is not None for moment in line.path):
        notes.append(_("Chance: how likely it is that the level behind the figure is at the agreed value or better."))
    if line.unit is Unit.COUNT and any(moment.interval_text for moment in line.path):
        notes.append(
            _("95% interval: in years with a target with the scatter of earlier years, elsewhere of chance alone.")
        )
    if any(point.is_provisional for point in line.series):
        notes.append(_("* The figure is provisional and can still change."))
    notes += [
        _("{what} from {day}: {note}").format(what=break_name(one.kind), day=amounts.day(one.on), note=one.note)
        for _year, one in _breaks(line, series)
    ]
    return tuple(notes)
