"""What the page of one meeting shows: each part with its own small form, so that it can be saved by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.partners.models import AgendaItem, FollowUp, Meeting, MeetingDecision
from koersvast.policy.wording import amounts
from koersvast.programme.proposals import Proposal
from koersvast.programme.wording.agendas import note_of, title_of
from koersvast.web import components as c
from koersvast.web.forms import VersionedForm
from koersvast.web.gate import Entry
from koersvast.web.partners.consultations import list_page, words
from koersvast.web.partners.consultations.forms import DecisionForm, FollowUpForm, ItemForm, OutcomeForm, SummaryForm
from koersvast.web.partners.consultations.list_page import FollowUpLine
from koersvast.web.partners.consultations.table_page import address, crumbs, seat_lines

ORIGINS: Mapping[str, tuple[str, str]] = {
    "action": ("action", "action"),
    "agreement": ("agreement", "agreement"),
    "promise": ("promise", "promise"),
    "check": ("review", "moment"),
}


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The form that was refused, and of which part of the page it is, such as outcome-12."""

    part: str
    form: VersionedForm


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """An item of the agenda with its two forms."""

    id: str
    number: int
    title: str
    note: str
    outcome: str
    origin_href: str
    href: str
    form: ItemForm
    outcome_form: OutcomeForm
    is_first: bool
    is_last: bool
    is_edited: bool


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """A decision with the form to change it."""

    id: str
    text: str
    href: str
    form: DecisionForm
    is_edited: bool


@dataclass(frozen=True, kw_only=True)
class FollowUpView:
    """A follow-up with the form to change it."""

    id: str
    line: FollowUpLine
    href: str
    form: FollowUpForm
    is_edited: bool


@dataclass(frozen=True, kw_only=True)
class ProposalView:
    """Something that is due, to tick."""

    origin: str
    title: str
    note: str


def context(
    meeting: Meeting, *, due: Sequence[Proposal], refused: Refused | None, entry: Entry, now: datetime
) -> dict[str, Any]:
    """Everything that the page shows."""
    table, here = meeting.consultation, where(meeting)
    may_edit = Permission.PARTNERS_EDIT in entry.permissions and meeting.state != Meeting.State.CANCELLED
    choices = FollowUpForm.choices_at(table) if may_edit else []
    has_begun = meeting.starts_at <= now or meeting.state == Meeting.State.HELD
    parts = _Parts(meeting=meeting, entry=entry, refused=refused, today=timezone.localdate(now))
    return {
        "meeting": meeting,
        "table": table,
        "may_edit": may_edit,
        "is_planned": meeting.state == Meeting.State.PLANNED,
        "has_begun": has_begun,
        "opens": {
            "decision": has_begun or parts.is_refused("decision-new"),
            "follow_up": has_begun or parts.is_refused("follow-up-new"),
            "summary": bool(meeting.summary) or parts.is_refused("summary"),
        },
        "title": words.heading(timezone.localdate(meeting.starts_at)),
        "lead": _lead(meeting),
        "badges": [words.state_badge(meeting, now=now)],
        "crumbs": crumbs(
            entry,
            c.Link(label=table.name, href=address("consultation", entry, consultation=table.code)),
            c.Link(label=amounts.day(timezone.localdate(meeting.starts_at))),
        ),
        "seats": seat_lines(table),
        "items": parts.items(),
        "due": [ProposalView(origin=one.origin, title=title_of(one), note=note_of(one)) for one in due],
        "decisions": parts.decisions(),
        "follow_ups": parts.follow_ups(choices),
        "new_item": parts.form("item-new", ItemForm),
        "new_decision": parts.form("decision-new", DecisionForm),
        "new_follow_up": parts.form("follow-up-new", FollowUpForm, choices=choices),
        "summary_form": parts.form(
            "summary", SummaryForm, initial={"summary": meeting.summary, "version": meeting.version}
        ),
        "hrefs": {name: address(route, entry, **here) for name, route in ROUTES.items()},
        "progress_href": _reversed("meeting-progress", entry, here)
        if Permission.PROGRAMME_EDIT in entry.permissions
        else "",
        "documents": _documents(entry, here)[: 2 if has_begun else 1],
        "may_take_up": may_edit and Permission.PROGRAMME_EDIT in entry.permissions,
        "invites": Permission.PARTNERS_EDIT in entry.permissions,
    }


ROUTES = {
    "agenda": "meeting-agenda",
    "decision": "meeting-decision-new",
    "follow_up": "follow-up-new",
    "summary": "meeting-summary",
    "edit": "meeting-edit",
    "cancel": "meeting-cancel",
    "invitation": "meeting-invitation",
    "here": "meeting",
}


def where(meeting: Meeting) -> dict[str, Any]:
    """The parts of the address of a meeting."""
    return {"consultation": meeting.consultation.code, "meeting": meeting.pk}


def _lead(meeting: Meeting) -> str:
    place = meeting.place or meeting.consultation.place
    return _("{span}, {place}").format(span=words.span(meeting), place=place) if place else words.span(meeting)


def _documents(entry: Entry, here: Mapping[str, Any]) -> list[tuple[str, list[c.Link]]]:
    """Agenda and minutes, each in its forms."""
    names = {"agenda": _("Agenda"), "verslag": _("Minutes")}
    forms = {"pdf": "PDF", "docx": "Word", "odt": "LibreOffice", "html": "HTML"}
    return [
        (
            name,
            [
                c.Link(label=label, href=address("meeting-document", entry, document=paper, fmt=form, **here))
                for form, label in forms.items()
            ],
        )
        for paper, name in names.items()
    ]


def origin_href(origin: str, entry: Entry) -> str:
    """The page of what an item came from; empty for what was typed, or what has no page."""
    kind, _colon, key = origin.partition(":")
    if kind not in ORIGINS or not key:
        return ""
    route, part = ORIGINS[kind]
    return _reversed(route, entry, {part: int(key) if key.isdecimal() else key})


def _reversed(route: str, entry: Entry, parts: Mapping[str, Any]) -> str:
    try:
        return address(route, entry, **parts)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """Makes the forms of the parts; the one that was refused stands at its part as it was sent."""

    meeting: Meeting
    entry: Entry
    refused: Refused | None
    today: date

    def form[F: VersionedForm](self, part: str, kind: type[F], **kwargs: Any) -> F:
        if self.is_refused(part) and self.refused and isinstance(self.refused.form, kind):
            return self.refused.form
        return kind(auto_id=f"{part}-%s", **kwargs)

    def is_refused(self, part: str) -> bool:
        return self.refused is not None and self.refused.part == part

    def address(self, route: str, **more: int) -> str:
        return address(route, self.entry, **where(self.meeting), **more)

    def items(self) -> list[ItemView]:
        rows = list(self.meeting.agenda.all())
        return [self._item(row, is_first=row is rows[0], is_last=row is rows[-1]) for row in rows]

    def _item(self, row: AgendaItem, *, is_first: bool, is_last: bool) -> ItemView:
        wording = {"title": row.title, "note": row.note, "version": row.version}
        said = {"outcome": row.outcome, "version": row.version}
        return ItemView(
            id=f"punt-{row.pk}", number=row.position, title=row.title, note=row.note, outcome=row.outcome,
            origin_href=origin_href(row.origin, self.entry), href=self.address("agenda-item", item=row.pk),
            form=self.form(f"item-{row.pk}", ItemForm, initial=wording),
            outcome_form=self.form(f"outcome-{row.pk}", OutcomeForm, initial=said),
            is_first=is_first, is_last=is_last, is_edited=self.is_refused(f"item-{row.pk}"),
        )  # fmt: skip

    def decisions(self) -> list[DecisionView]:
        return [self._decision(row) for row in self.meeting.decisions.all()]

    def _decision(self, row: MeetingDecision) -> DecisionView:
        part = f"decision-{row.pk}"
        return DecisionView(
            id=f"besluit-{row.pk}", text=row.text, href=self.address("meeting-decision", entry=row.pk),
            form=self.form(part, DecisionForm, initial={"text": row.text, "version": row.version}),
            is_edited=self.is_refused(part),
        )  # fmt: skip

    def follow_ups(self, choices: Sequence[Any]) -> list[FollowUpView]:
        return [self._follow_up(row, choices) for row in self.meeting.follow_ups.all()]

    def _follow_up(self, row: FollowUp, choices: Sequence[Any]) -> FollowUpView:
        part = f"follow-up-{row.pk}"
        return FollowUpView(
            id=f"actiepunt-{row.pk}", line=list_page.follow_up(row, entry=self.entry, today=self.today),
            href=self.address("follow-up-edit", follow_up=row.pk),
            form=self.form(part, FollowUpForm, initial=FollowUpForm.values_of(row), choices=choices),
            is_edited=self.is_refused(part),
        )  # fmt: skip
