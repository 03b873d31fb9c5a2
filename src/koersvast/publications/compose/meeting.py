"""The papers of a meeting: its agenda beforehand, its minutes afterwards. No database.

They name organisations and roles, never a person and never an address, so that they may go along by mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from koersvast.publications.blocks import (
    Block,
    Bullets,
    Callout,
    Column,
    Document,
    Heading,
    Language,
    Paragraph,
    Row,
    RowGroup,
    Table,
    Text,
    Tone,
    paragraph,
    strong,
)
from koersvast.publications.theme import Theme


class Paper(StrEnum):
    """Which paper of a meeting."""

    AGENDA = "agenda"
    MINUTES = "minutes"


@dataclass(frozen=True, kw_only=True)
class ItemText:
    """An item of the agenda."""

    title: str
    note: str = ""
    outcome: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowUpText:
    """What was agreed to do; `owner` is an organisation or role, `state` says how it stands now."""

    text: str
    owner: str
    due: str
    state: str


@dataclass(frozen=True, kw_only=True)
class MeetingText:
    """A meeting, formatted. `seats` are the organisations with the roles at the table."""

    table: str
    when: str
    place: str
    chair: str
    seats: tuple[str, ...]
    items: tuple[ItemText, ...]
    summary: str
    decisions: tuple[str, ...]
    follow_ups: tuple[FollowUpText, ...]
    earlier: tuple[FollowUpText, ...]
    is_cancelled: bool


def paper(
    meeting: MeetingText, which: Paper, *, municipality: str, theme: Theme, language: Language, made_on: date
) -> Document:
    """Return the agenda or the minutes as a document of a page or two."""
    blocks = _agenda(meeting) if which is Paper.AGENDA else _minutes(meeting)
    return Document(
        title=_("Agenda of {table}").format(table=meeting.table)
        if which is Paper.AGENDA
        else _("Minutes of {table}").format(table=meeting.table),
        subtitle=meeting.when,
        municipality=_("Municipality of {name}").format(name=municipality),
        language=language,
        dated=made_on,
        theme=theme,
        blocks=tuple(blocks),
        numbered=False,
        is_leaf=True,
    )


def _opening(meeting: MeetingText) -> list[Block]:
    facts = [
        (_("When"), meeting.when),
        (pgettext("meeting", "Where"), meeting.place),
        (_("In the chair"), meeting.chair),
        (_("At the table"), ", ".join(meeting.seats)),
    ]
    blocks: list[Block] = [Bullets.of(*(paragraph(strong(f"{name}: "), said) for name, said in facts if said))]
    if meeting.is_cancelled:
        blocks.append(Callout(tone=Tone.BAD, title=_("This meeting was cancelled.")))
    return blocks


def _agenda(meeting: MeetingText) -> list[Block]:
    blocks = [*_opening(meeting), Heading(1, _("Agenda"))]
    if meeting.items:
        items = [_item(item) for item in meeting.items]
        blocks.append(Bullets.of(*items, ordered=True))
    else:
        blocks.append(Text.of(_("Nothing stands on the agenda yet.")))
    if meeting.earlier:
        blocks += [Heading(1, _("Open from earlier meetings")), _follow_ups(meeting.earlier)]
    return blocks


def _item(item: ItemText) -> Paragraph:
    return paragraph(strong(item.title), f". {_line(item.note)}" if item.note else "")


def _line(text: str) -> str:
    """A text of several lines as one."""
    return " ".join(text.split())


def _minutes(meeting: MeetingText) -> list[Block]:
    blocks = _opening(meeting)
    if meeting.summary:
        blocks += [Heading(1, _("Summary")), Text.of(*_paragraphs(meeting.summary))]
    blocks.append(Heading(1, _("What was discussed")))
    for number, item in enumerate(meeting.items, start=1):
        blocks.append(Heading(2, f"{number}. {item.title}"))
        said = _paragraphs(item.outcome) or [_("No outcome was written down.")]
        blocks.append(Text.of(*said))
    if not meeting.items:
        blocks.append(Text.of(_("Nothing stood on the agenda.")))
    blocks.append(Heading(1, pgettext("meeting", "Decisions")))
    decided: Block = Text.of(_("Nothing was decided."))
    if meeting.decisions:
        decided = Bullets.of(*(_line(text) for text in meeting.decisions), ordered=True)
    blocks += [decided, Heading(1, _("Follow-ups"))]
    blocks.append(_follow_ups(meeting.follow_ups) if meeting.follow_ups else Text.of(_("Nothing was agreed to do.")))
    return blocks


def _paragraphs(text: str) -> list[str]:
    return [_line(part) for part in text.splitlines() if part.strip()]


def _follow_ups(found: Sequence[FollowUpText]) -> Table:
    return Table(
        caption=_("What is to be done, by whom, before when"),
        columns=(
            Column(label=_("What is to be done"), share=4),
            Column(label=_("By whom"), share=2.2),
            Column(label=_("Before which day"), share=2.2),
            Column(label=_("State"), share=1.6),
        ),
        groups=(RowGroup("", tuple(Row(one.text, (one.owner, one.due, one.state)) for one in found)),),
    )
