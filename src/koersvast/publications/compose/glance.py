"""The first chapter: where the plan stands, in one page."""

from itertools import batched

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from koersvast.engine.quantities import EvidenceVerdict
from koersvast.policy.queries.standing import ObjectiveStanding, PlanStanding
from koersvast.policy.wording.verdicts import verdict_name
from koersvast.publications.blocks import (
    Align,
    Block,
    Bullets,
    Callout,
    Column,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Row,
    RowGroup,
    Table,
    Text,
    Tone,
    paragraph,
    strong,
)
from koersvast.publications.compose.material import Material
from koersvast.publications.compose.words import (
    EVIDENCE_TONES,
    attained_status,
    evidence_status,
    origin,
    sentence_case,
)

CARDS_IN_A_ROW = 4


def chapter(material: Material) -> list[Block]:
    """Key figures, the state of every objective in one table with its sentence, and what asks attention."""
    found = material.standing
    blocks: list[Block] = [Heading(1, _("At a glance")), Text.of(strong(found.sentence))]
    if not found.objectives:
        return blocks
    return [
        *blocks,
        *_cards(found),
        _table(material),
        Callout(
            tone=Tone.NEUTRAL,
            title=_("Met and on course are two things"),
            paragraphs=(paragraph(found.thresholds_sentence),),
        ),
        Heading(2, _("What the figures say")),
        Bullets.of(*(_told(line) for line in found.objectives)),
        *_attention(found),
    ]


def _cards(found: PlanStanding) -> list[Block]:
    """A card for each verdict that occurs, filled up to four with those that do not."""
    shown = sorted(EvidenceVerdict, key=lambda verdict: not found.counts.get(verdict, 0))
    needed = max(CARDS_IN_A_ROW, sum(bool(number) for number in found.counts.values()))
    chosen = [verdict for verdict in EvidenceVerdict if verdict in shown[:needed]]
    return [
        KeyFigures(title=_("Objectives by verdict"), figures=tuple(_card(found, one) for one in some))
        for some in batched(chosen, CARDS_IN_A_ROW)
    ]


def _card(found: PlanStanding, verdict: EvidenceVerdict) -> KeyFigure:
    number = found.counts.get(verdict, 0)
    total = len(found.objectives)
    return KeyFigure(
        label=sentence_case(verdict_name(verdict)),
        value=str(number),
        explanation=_("of {total} objectives").format(total=total),
        tone=EVIDENCE_TONES[verdict] if number else Tone.NEUTRAL,
    )


def _table(material: Material) -> Table:
    objectives = material.standing.objectives
    priorities = dict.fromkeys(line.priority_title for line in objectives)
    values = [
        (line.source_label, value)
        for line in objectives
        if line.headline and (series := material.series.get(line.code))
        if (value := series.value(line.headline.period)) and value.amount is not None
    ]
    provisional = any(line.headline and line.headline.is_provisional for line in objectives)
    return Table(
        caption=_("The state of the objectives"),
        columns=(
            Column(label=pgettext("report", "Objective"), share=4.1),
            Column(label=pgettext("report", "Year"), align=Align.RIGHT, share=1.2),
            Column(label=pgettext("report", "Measured"), align=Align.RIGHT, share=1.9),
            Column(label=pgettext("report", "Target"), align=Align.RIGHT, share=2.35),
            Column(label=pgettext("report", "Outcome"), share=2.95),
            Column(label=pgettext("report", "Evidence"), share=4.05),
        ),
        groups=tuple(
            RowGroup(title, tuple(_row(line) for line in objectives if line.priority_title == title))
            for title in priorities
        ),
        notes=(_("* The figure is provisional and can still change."),) if provisional else (),
        source=origin(values, known_on=material.known_on),
    )


def _row(line: ObjectiveStanding) -> Row:
    moment = line.headline
    if moment is None:
        return Row(line.title, ("", "", pgettext("report", "nothing agreed"), "", ""))
    mark = "*" if moment.is_provisional else ""
    return Row(
        line.title,
        (
            moment.period,
            moment.observed_text + mark,
            moment.agreed_text,
            attained_status(moment.attained),
            evidence_status(moment.evidence),
        ),
    )


def _told(line: ObjectiveStanding) -> Paragraph:
    """The sentence of an objective, with the title in it made to stand out."""
    before, title, after = line.sentence.partition(line.title)
    return paragraph(before, strong(title), after)


def _attention(found: PlanStanding) -> list[Block]:
    if not found.attention:
        return []
    return [Heading(2, _("What asks attention")), Bullets.of(*(one.sentence for one in found.attention))]
