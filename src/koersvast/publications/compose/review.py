"""A review as a document: what was read of each objective, what was concluded, and what was decided.

Everything comes from what the review itself keeps, so the document of a closed review says the same in every year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from koersvast.engine.quantities import EvidenceVerdict, Unit
from koersvast.indicators.wording import format_amount, format_number
from koersvast.policy.models import CourseDecision
from koersvast.policy.queries.standing import ObjectiveStanding
from koersvast.policy.wording import amounts
from koersvast.policy.wording.agreements import course_name
from koersvast.programme.models import Action
from koersvast.programme.queries.reviews import ActionSeen
from koersvast.publications.blocks import (
    Align,
    Block,
    Callout,
    Column,
    Document,
    Heading,
    Language,
    Row,
    RowGroup,
    Table,
    Text,
    paragraph,
    strong,
)
from koersvast.publications.compose.objectives import picture
from koersvast.publications.compose.words import EVIDENCE_TONES, attained_status, evidence_status, sentence_case
from koersvast.publications.theme import Theme


@dataclass(frozen=True, kw_only=True)
class ReviewPart:
    """One objective of a review; texts are empty where nothing was said. `standing` is as it was read."""

    title: str
    standing: ObjectiveStanding
    actions: tuple[ActionSeen, ...]
    readers: str
    reading: str
    reason: str
    set_aside: str
    decision: CourseDecision | None
    is_read: bool


@dataclass(frozen=True, kw_only=True)
class ReviewMaterial:
    """Everything in the document of a review. `year` is that of the amounts."""

    municipality: str
    theme: Theme
    language: Language
    plan_title: str
    title: str
    known_on: date
    closed_on: date | None
    year: int
    conclusion: str
    parts: tuple[ReviewPart, ...]


def review_document(material: ReviewMaterial, *, made_on: date) -> Document:
    """Return the review of one moment as a document."""
    known = _("Figures as known on {day}").format(day=amounts.day(material.known_on))
    blocks: list[Block] = [Heading(1, _("What it comes to")), *_overview(material)]
    blocks.append(Heading(1, _("What was read of each objective")))
    for part in material.parts:
        blocks += _part(part, material)
    return Document(
        title=_("Looking back: {title}").format(title=material.title),
        subtitle=material.plan_title,
        municipality=_("Municipality of {name}").format(name=material.municipality),
        language=material.language,
        dated=material.closed_on or made_on,
        status=known if material.closed_on else _("{known}. This review is not closed yet.").format(known=known),
        theme=material.theme,
        blocks=tuple(blocks),
    )


def _overview(material: ReviewMaterial) -> list[Block]:
    said = material.conclusion or _("No conclusion was written.")
    rows = tuple(
        Row(
            part.title,
            (
                attained_status(part.standing.attained) if part.standing.headline else pgettext("report", "not agreed"),
                evidence_status(part.standing.evidence) if part.standing.headline else "",
                _outcome(part),
            ),
        )
        for part in material.parts
    )
    table = Table(
        caption=_("Every objective with what was decided"),
        columns=(
            Column(label=pgettext("report", "Objective"), share=3),
            Column(label=pgettext("report", "Met"), share=1.5),
            Column(label=pgettext("report", "Evidence"), share=2),
            Column(label=pgettext("report", "Decided"), share=2.5),
        ),
        groups=(RowGroup("", rows),),
        source=_("as known on {day}").format(day=amounts.day(material.known_on)),
    )
    return [Text.of(*said.splitlines()), table] if rows else [Text.of(*said.splitlines())]


def _outcome(part: ReviewPart) -> str:
    if part.decision:
        return course_name(part.decision.choice)
    if part.set_aside:
        return pgettext("report", "Set aside")
    return pgettext("report", "No decision needed") if part.is_read else pgettext("report", "Not read yet")


def _part(part: ReviewPart, material: ReviewMaterial) -> list[Block]:
    line = part.standing
    blocks: list[Block] = [Heading(2, part.title), _verdict(line)]
    if line.path or line.series:
        blocks.append(picture(line, None, material))
    if line.source_label:
        blocks.append(Text.of(_("Source of the figures: {source}").format(source=line.source_label)))
    if line.outlook:
        blocks.append(Text.of(paragraph(strong(pgettext("report", "Outlook: ")), line.outlook.sentence)))
    return [*blocks, *_done(part, material), *_reading(part), *_decided(part)]


def _verdict(line: ObjectiveStanding) -> Callout:
    title = pgettext("report", "Nothing agreed")
    if line.headline:
        title = f"{sentence_case(evidence_status(line.evidence).text)} ({line.headline.period})"
    tone = EVIDENCE_TONES[line.evidence if line.headline else EvidenceVerdict.NOT_MEASURED]
    return Callout(tone=tone, title=title, paragraphs=(paragraph(line.sentence),))


def status_name(status: str) -> str:
    """The state of an action in a word."""
    return {
        Action.Status.PLANNED: pgettext("report", "planned"),
        Action.Status.RUNNING: pgettext("report", "running"),
        Action.Status.STUCK: pgettext("report", "stuck"),
        Action.Status.DONE: pgettext("report", "done"),
        Action.Status.STOPPED: pgettext("report", "stopped"),
    }[Action.Status(status)]


def _done(part: ReviewPart, material: ReviewMaterial) -> list[Block]:
    blocks: list[Block] = [Heading(3, pgettext("report", "What was done"))]
    if not part.actions:
        return [*blocks, Text.of(_("No action served this objective in the period."))]
    unknown = sum(one.euro is None and not one.has_no_cost for one in part.actions)
    notes = [_("Amounts are of {year}.").format(year=material.year)]
    if unknown:
        notes.append(
            ngettext(
                "{number} action does not say what it cost.", "{number} actions do not say what they cost.", unknown
            ).format(number=unknown)
        )
    table = Table(
        caption=_("{title}: actions").format(title=part.title),
        columns=(
            Column(label=pgettext("report", "Action"), share=3),
            Column(label=pgettext("report", "State"), share=1.4),
            Column(label=pgettext("report", "Last line"), share=3),
            Column(label=pgettext("report", "Counted"), align=Align.RIGHT, share=1.4),
            Column(label=pgettext("report", "Cost"), align=Align.RIGHT, share=1.6),
        ),
        groups=(RowGroup("", tuple(_action(one) for one in part.actions)),),
        notes=tuple(notes),
        source=_("the programme, as known on {day}").format(day=amounts.day(material.known_on)),
    )
    return [*blocks, table]


def _action(one: ActionSeen) -> Row:
    cost = pgettext("report", "costs nothing") if one.has_no_cost else pgettext("report", "not filled in")
    if one.euro is not None:
        cost = format_amount(one.euro, Unit.EURO, 0)
    cells = (status_name(one.status), one.last_line or pgettext("report", "no line"), _counted(one), cost)
    return Row(f"{one.number}. {one.title}", cells)


def _counted(one: ActionSeen) -> str:
    if one.output_done is None:
        return pgettext("report", "not counted")
    text = _number(one.output_done)
    if one.output_planned is not None:
        text = pgettext("report", "{done} of {planned}").format(done=text, planned=_number(one.output_planned))
    return f"{text} {one.output_unit}".strip()


def _number(value: Decimal) -> str:
    return format_number(value, 0 if value == value.to_integral_value() else 1)


def _reading(part: ReviewPart) -> list[Block]:
    if part.set_aside:
        said = paragraph(strong(pgettext("report", "Set aside: ")), part.set_aside)
        return [Heading(3, pgettext("report", "Joint reading")), Text.of(said)]
    if not part.is_read:
        return []
    lines: Sequence[tuple[str, str]] = (
        (pgettext("report", "Read by: "), part.readers),
        (pgettext("report", "Concluded: "), part.reading),
        (pgettext("report", "Reason: "), part.reason),
    )
    return [
        Heading(3, pgettext("report", "Joint reading")),
        Text.of(*(paragraph(strong(name), text) for name, text in lines if text)),
    ]


def _decided(part: ReviewPart) -> list[Block]:
    made = part.decision
    if made is None:
        return []
    said = _("{body}, {day}").format(body=made.body, day=amounts.day(made.decided_on))
    where = [made.document] if made.document else []
    if made.decision:
        where.append(_("decision {number} in the ledger").format(number=made.decision.number))
    told = Text.of(
        paragraph(strong(f"{course_name(made.choice)}. "), made.text), "; ".join([sentence_case(said), *where])
    )
    return [Heading(3, pgettext("report", "Decision")), told]
