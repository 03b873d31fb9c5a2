"""What the pages of partners show: the list, one partner in full, and promises as lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.access.permissions import Permission
from koersvast.partners.models import Organisation, Promise, RegionalPlan
from koersvast.partners.queries.organisations import AgreementOf, ContactEntry, OrganisationLine, PartnerDetail, TableOf
from koersvast.partners.wording import AGREEMENT_KIND, DIRECTION, ORGANISATION_KIND
from koersvast.policy.wording import amounts
from koersvast.programme.queries.partners import PartnerAction
from koersvast.programme.staleness import Signal
from koersvast.web import components as c
from koersvast.web.gate import Entry
from koersvast.web.partners.organisations import words
from koersvast.web.partners.organisations.forms import SettleForm
from koersvast.web.partners.organisations.words import address, may_edit
from koersvast.web.programme.actions.words import SIGNAL, STATUS, hours
from koersvast.web.programme.actions.words import euro as euro_text

# Units deeper than this stand as deep as this: a phone has no room for more.
DEEPEST = 3


@dataclass(frozen=True, kw_only=True)
class PartnerRow:
    """One partner in the list."""

    name: str
    href: str
    facts: str
    badges: Sequence[c.Badge]
    depth: int = 0


@dataclass(frozen=True, kw_only=True)
class PromiseRow:
    """One promise: what, by when, how it stands, and the form with which it is settled."""

    number: int
    text: str
    facts: str
    note: str
    badge: c.Badge
    is_open: bool
    partner: str = ""
    partner_href: str = ""
    direction: str = ""
    edit_href: str = ""
    settle_href: str = ""
    form: SettleForm | None = None
    version: int = 1
    shown_at: str = ""


@dataclass(frozen=True, kw_only=True)
class PromiseSide:
    """What one of the two promised the other."""

    title: str
    in_sight: Sequence[PromiseRow]
    settled: Sequence[PromiseRow]
    add: c.Link | None


@dataclass(frozen=True, kw_only=True)
class ActionRow:
    """An action at which a partner works, and what it does for it."""

    title: str
    href: str
    facts: str
    programme: str
    badges: Sequence[c.Badge]


@dataclass(frozen=True, kw_only=True)
class ContactCard:
    """Somebody to turn to."""

    name: str
    role: str
    email: str
    phone: str
    facts: str
    edit_href: str
    link_href: str
    has_left: bool


# ── The list ─────────────────────────────────────────────────────────────────────────────────────────────────────


def row(line: OrganisationLine, entry: Entry, *, depth: int = 0) -> PartnerRow:
    """One partner in the list: its kind, what it takes part in, and what asks attention."""
    facts = [str(ORGANISATION_KIND[line.kind])] if not line.is_internal else []
    facts += [line.parent_name] if line.parent_name and not depth else []
    if line.actions:
        facts.append(
            ngettext("{number} open action", "{number} open actions", line.actions).format(number=line.actions)
        )
    if line.agreements:
        facts.append(
            ngettext("{number} agreement", "{number} agreements", line.agreements).format(number=line.agreements)
        )
    if line.tables:
        facts.append(ngettext("{number} table", "{number} tables", line.tables).format(number=line.tables))
    if line.open_promises:
        told = ngettext("{number} open promise", "{number} open promises", line.open_promises)
        facts.append(told.format(number=line.open_promises))
    return PartnerRow(
        name=line.name, href=address("partner", entry, organisation=line.code), facts=" · ".join(facts),
        badges=words.signals(line), depth=min(depth, DEEPEST),
    )  # fmt: skip


def counted(number: int) -> str:
    """How many partners are shown, in words."""
    return ngettext("{number} partner", "{number} partners", number).format(number=number)


# ── One partner ──────────────────────────────────────────────────────────────────────────────────────────────────


def page(
    detail: PartnerDetail,
    *,
    entry: Entry,
    today: date,
    actions: Sequence[PartnerAction],
    form: tuple[int, SettleForm] | None,
) -> dict[str, Any]:
    """Everything that the page of one partner shows. `form` is the one that was refused, with its promise."""
    one = detail.organisation
    return {
        "partner": one,
        "title": one.name,
        "kicker": " · ".join([str(ORGANISATION_KIND[one.kind]), *(above.name for above in detail.above)]),
        "lead": one.task,
        "badges": head_badges(detail),
        "crumbs": [_home(one, entry), c.Link(label=str(one))],
        "may_edit": may_edit(entry),
        "actions": [c.Link(label=_("Change this partner"), href=address("partner-edit", entry, organisation=one.code))]
        if may_edit(entry)
        else [],
        "archive_href": address("partner-archive", entry, organisation=one.code),
        "contact_href": address("contact-new", entry, organisation=one.code),
        "agreement_href": address("agreement-new", entry) + f"?partij={one.code}",
        "facts": facts(detail),
        "contacts": [contact(known, one, entry) for known in detail.contacts if not known.has_left],
        "former": [contact(known, one, entry) for known in detail.contacts if known.has_left],
        "sides": _sides(detail, entry, today=today, form=form),
        "agreements": [agreement_link(known, entry) for known in detail.agreements],
        "tables": [table_link(known, entry) for known in detail.tables],
        "plans": [plan_link(known, entry) for known in detail.regional_plans],
        "parts": [
            c.Link(label=part.name, href=address("partner", entry, organisation=part.code)) for part in detail.parts
        ],
        "open_actions": [action_row(known, entry) for known in actions if known.is_open],
        "past_actions": [action_row(known, entry) for known in actions if not known.is_open],
        "sees_programme": Permission.PROGRAMME_VIEW in entry.permissions,
    }


def _sides(
    detail: PartnerDetail, entry: Entry, *, today: date, form: tuple[int, SettleForm] | None
) -> list[PromiseSide]:
    """What each promised the other; between us and a department of our own only where somebody wrote it down."""
    one = detail.organisation
    if one.is_internal and not detail.promises:
        return []
    new = address("promise-new", entry, organisation=one.code)
    return [
        side(
            promise_rows(detail.promised(direction), entry, today=today, form=form), title=DIRECTION[direction],
            add=c.Link(label=add, href=f"{new}?van={direction.value}"),
        )
        for direction, add in (
            (Promise.Direction.TO_US, _("Add what they promised")),
            (Promise.Direction.BY_US, _("Add what we promised")),
        )
    ]  # fmt: skip


def _home(one: Organisation, entry: Entry) -> c.Link:
    if one.is_internal:
        return c.Link(label=_("Our own organisation"), href=address("own-units", entry))
    return c.Link(label=_("All partners"), href=address("partners", entry))


def head_badges(detail: PartnerDetail) -> list[c.Badge]:
    """What asks attention, or that it stands in the archive."""
    if not detail.organisation.is_active:
        return [c.Badge(text=_("In the archive"), symbol="no-change")]
    return words.signals(detail.line)


def facts(detail: PartnerDetail) -> list[tuple[str, str]]:
    """Name and value; what is not known is left out, except when anything was last heard."""
    one = detail.organisation
    heard = amounts.day(detail.line.last_heard_on) if detail.line.last_heard_on else _("nothing recorded yet")
    found = [(_("Short name"), one.short_name), (_("Last heard of"), "" if one.is_internal else heard)]
    return [(name, value) for name, value in found if value]


def contact(known: ContactEntry, one: Organisation, entry: Entry) -> ContactCard:
    """Somebody to turn to, with when they left or what they may do here."""
    said = []
    if known.until:
        told = _("worked there until {day}") if known.has_left else _("works there until {day}")
        said.append(told.format(day=amounts.day(known.until)))
    if known.signs_in and not known.has_left:
        said.append(_("signs in"))
    if not known.gets_weekly_mail and not known.has_left:
        said.append(_("no weekly mail"))
    return ContactCard(
        name=known.name, role=known.role, email=known.email, phone=known.phone, facts=" · ".join(said),
        edit_href=address("contact-edit", entry, organisation=one.code, contact=known.number),
        link_href=address("reporting-links", entry, contact=known.number),
        has_left=known.has_left,
    )  # fmt: skip


def promise_rows(
    promises: Sequence[Promise], entry: Entry, *, today: date, form: tuple[int, SettleForm] | None = None,
    shown_at: str = "", own: bool = False,
) -> list[PromiseRow]:  # fmt: skip
    """Promises as lines; `own` is for the partner itself, who reads and does not judge.

    `shown_at` names a page that is not of one partner: there each line tells whose promise it is.
    """
    refused = dict([form]) if form else {}
    writes = may_edit(entry) and not own
    return [_promise(one, entry, today, refused.get(one.pk), shown_at=shown_at, writes=writes) for one in promises]


def _promise(
    one: Promise, entry: Entry, today: date, refused: SettleForm | None, *, shown_at: str, writes: bool
) -> PromiseRow:
    facts = [words.promise_day(one)] + ([one.agreement.title] if one.agreement else [])
    is_open = one.state == Promise.State.OPEN
    fresh = SettleForm(prefix=SettleForm.prefix_of(one), initial={"version": one.version}) if is_open else None
    return PromiseRow(
        number=one.pk, text=one.text, facts=" · ".join(facts), note=one.state_note, is_open=is_open,
        badge=words.promise_badge(one, today=today), direction=str(DIRECTION[one.direction]),
        partner=str(one.organisation) if shown_at else "",
        partner_href=address("partner", entry, organisation=one.organisation.code) if shown_at else "",
        edit_href=address("promise-edit", entry, promise=one.pk) if writes and is_open else "",
        settle_href=address("promise-settle", entry, promise=one.pk) if writes else "",
        form=(refused or fresh) if writes else None, version=one.version, shown_at=shown_at,
    )  # fmt: skip


def side(rows: Sequence[PromiseRow], *, title: object, add: c.Link | None = None) -> PromiseSide:
    """What one side promised: what is open in sight, and a settled one only while its form was refused."""
    in_sight = [one for one in rows if one.is_open or one.form]
    return PromiseSide(
        title=str(title), in_sight=in_sight, settled=[one for one in rows if one not in in_sight], add=add
    )


def agreement_link(known: AgreementOf, entry: Entry) -> tuple[c.Link, c.Badge]:
    """An agreement with how its term stands."""
    note = " · ".join(
        [str(AGREEMENT_KIND[known.kind]), words.span(known.starts_on, known.ends_on) or _("no days agreed")]
    )
    return c.Link(
        label=known.title, href=address("agreement", entry, agreement=known.code), note=note
    ), words.term_badge(known.term)


def table_link(known: TableOf, entry: Entry) -> c.Link:
    """A table where it sits, with whom."""
    said = [amounts.listing(list(known.roles))] if known.roles else []
    said += [] if known.is_active else [_("no longer meets")]
    return c.Link(label=known.name, href=address("consultation", entry, consultation=known.code), note=" · ".join(said))


def plan_link(known: RegionalPlan, entry: Entry) -> c.Link:
    """A regional plan of this body, on the page of the region."""
    return c.Link(
        label=known.title, href=address("regional-plans", entry) + f"#plan-{known.pk}", note=words.years(known)
    )


def action_row(known: PartnerAction, entry: Entry) -> ActionRow:
    """An action with what the partner does for it; what nobody filled in is left out, not shown as nought."""
    said = [_("carries it out") if known.is_owner else known.contribution or _("contributes")]
    said += [hours(known.hours)] if known.hours is not None else []
    said += [euro_text(known.euro)] if known.euro is not None else []
    said += (
        [_("up to and including {day}").format(day=amounts.day(known.ends_on))]
        if known.ends_on and known.is_open
        else []
    )
    shown = [SIGNAL[one] for one in (Signal.LATE, Signal.SILENT) if one in known.signals and known.is_open]
    return ActionRow(
        title=known.title, href=address("action", entry, action=known.number), facts=" · ".join(said),
        programme=known.programme, badges=[STATUS[known.status], *shown],
    )  # fmt: skip
