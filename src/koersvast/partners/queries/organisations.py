"""What is known of organisations: for choice lists, as an overview, and each one in full."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils import timezone

from koersvast.access.models import Membership, Municipality, User
from koersvast.access.permissions import Permission
from koersvast.partners.models import Agreement, Contact, Meeting, Member, Organisation, Promise, RegionalPlan
from koersvast.partners.terms import IN_FORCE, Term, term

# After this long without a word a partner is called silent: two terms of half a year are one policy year.
SILENT_AFTER = timedelta(days=183)
REGIONAL_KINDS = frozenset({Organisation.Kind.SAFETY_REGION, Organisation.Kind.REGIONAL_BODY})

type Signal = Literal["", "open_promises", "late_promises", "agreement_ends", "no_contact", "silent"]
type Side = Literal["", "outside", "units"]


def organisations(*, with_archive: bool = False) -> QuerySet[Organisation]:
    """Return the organisations and units of the municipality in scope, by name; without those in the archive."""
    every = Organisation.objects.order_by("name")
    return every if with_archive else every.filter(is_active=True)


def contacts_of(user: User, *, today: date) -> QuerySet[Contact]:
    """As whom `user` works with us today: current contacts of organisations that are not in the archive."""
    return Contact.objects.filter(
        Q(until=None) | Q(until__gte=today), user=user, organisation__is_active=True
    ).select_related("organisation")


def who_may_report(municipality: Municipality, *, today: date) -> QuerySet[User]:
    """Return who holds a role here with which they may report progress, and so may sign in as a contact."""
    held = Membership.objects.filter(
        Q(until=None) | Q(until__gte=today), municipality=municipality, since__lte=today
    ).select_related("role")
    keys = {one.user_id for one in held if Permission.PROGRESS_REPORT in one.role.permissions}
    return User.objects.filter(pk__in=keys, is_active=True).order_by("name")


# ── Overview ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class OrganisationFilter:
    """Which organisations are shown; an empty text asks nothing. `archived` shows the archive instead."""

    text: str = ""
    kind: str = ""
    signal: Signal = ""
    side: Side = ""
    archived: bool = False


@dataclass(frozen=True, kw_only=True)
class OrganisationLine:
    """An organisation as a list shows it. `last_heard_on` is None when nothing was ever recorded with it.

    `is_silent` and `lacks_contact` say something only of who has work, an open promise or an agreement here: the
    others may well be silent.
    """

    code: str
    name: str
    short_name: str
    kind: str
    is_active: bool
    parent_code: str
    parent_name: str
    task: str
    contacts: int
    tables: int
    actions: int
    agreements: int
    ending_agreements: int
    promised_to_us: int
    promised_by_us: int
    late_promises: int
    last_heard_on: date | None
    is_silent: bool
    lacks_contact: bool

    @property
    def is_internal(self) -> bool:
        return self.kind == Organisation.Kind.UNIT

    @property
    def open_promises(self) -> int:
        return self.promised_to_us + self.promised_by_us


def overview(
    chosen: OrganisationFilter, *, today: date, heard: Mapping[int, date] | None = None,
    work: Mapping[str, int] | None = None,
) -> list[OrganisationLine]:  # fmt: skip
    """Return the organisations that fit, by name. Seven queries whatever their number.

    `heard` gives for the key of an organisation the newest day that a floor above heard from it, such as by a report;
    `work` for its code how much it has to do there.
    """
    counted = _Counts(today=today, heard=heard or {}, work=work or {})
    found = Organisation.objects.filter(is_active=not chosen.archived).select_related("parent").order_by("name")
    lines = [counted.line(one) for one in found if _fits(one, chosen)]
    return [line for line in lines if _signals(line, chosen.signal)]


def by_part(lines: Sequence[OrganisationLine]) -> list[tuple[int, OrganisationLine]]:
    """Order organisations so that each stands under what it belongs to, with how deep it stands; 0 is at the top.

    One whose upper part is not among them, or whose line would be a circle, stands at the top.
    """
    known = {line.code for line in lines}
    below: dict[str, list[OrganisationLine]] = {}
    for line in lines:
        below.setdefault(line.parent_code if line.parent_code in known else "", []).append(line)
    ordered = list(_walk(below, "", 0))
    seen = {line.code for _depth, line in ordered}
    return ordered + [(0, line) for line in lines if line.code not in seen]


def _walk(
    below: Mapping[str, Sequence[OrganisationLine]], code: str, depth: int
) -> Iterator[tuple[int, OrganisationLine]]:
    for line in below.get(code, ()):
        yield depth, line
        yield from _walk(below, line.code, depth + 1)


def current_contacts(*, today: date) -> QuerySet[Contact]:
    """Who can be turned to today, over all organisations that are not in the archive, by organisation and name."""
    here = Q(until=None) | Q(until__gte=today)
    found = Contact.objects.filter(here, organisation__is_active=True).select_related("organisation")
    return found.order_by("organisation__name", "name")


def _fits(one: Organisation, chosen: OrganisationFilter) -> bool:
    if chosen.kind and one.kind != chosen.kind:
        return False
    if chosen.side and one.is_internal != (chosen.side == "units"):
        return False
    words = f"{one.name} {one.short_name} {one.task} {one.parent.name if one.parent else ''}".casefold()
    return all(word in words for word in chosen.text.casefold().split())


def _signals(line: OrganisationLine, signal: Signal) -> bool:
    return {
        "": True,
        "open_promises": line.open_promises > 0,
        "late_promises": line.late_promises > 0,
        "agreement_ends": line.ending_agreements > 0,
        "no_contact": line.lacks_contact,
        "silent": line.is_silent,
    }[signal]


class _Counts:
    """Everything that is counted by organisation, asked once for all of them."""

    def __init__(self, *, today: date, heard: Mapping[int, date], work: Mapping[str, int]) -> None:
        self.today, self.heard, self.work = today, heard, work
        here = Contact.objects.filter(Q(until=None) | Q(until__gte=today))
        self.contacts = _numbers(here, "organisation")
        self.tables = _numbers(Member.objects.filter(consultation__is_active=True), "organisation", "consultation")
        self.agreements, self.ending = _agreements_in_force(today)
        self.promises: dict[int, dict[str, Any]] = {
            row["organisation"]: dict(row)
            for row in Promise.objects.order_by()
            .values("organisation")
            .annotate(
                to_us=Count("pk", filter=_open(Promise.Direction.TO_US)),
                by_us=Count("pk", filter=_open(Promise.Direction.BY_US)),
                late=Count("pk", filter=Q(state=Promise.State.OPEN, due_on__lt=today)),
                made=Max("made_on"),
                settled=Max("state_on"),
            )
        }
        self.met = _last_met()
        self.reported = dict(
            RegionalPlan.objects.order_by()
            .values_list("body")
            .annotate(day=Max("reported_on"))
            .filter(day__isnull=False)
        )

    def line(self, one: Organisation) -> OrganisationLine:
        promises = self.promises.get(one.pk, {})
        last = self._last_heard(one.pk, promises.get("made"), promises.get("settled"))
        to_us, by_us = promises.get("to_us", 0), promises.get("by_us", 0)
        actions, agreements = self.work.get(one.code, 0), self.agreements[one.pk]
        is_bound = one.is_active and bool(actions or agreements or to_us or by_us)
        is_quiet = last is None or last < self.today - SILENT_AFTER
        return OrganisationLine(
            code=one.code, name=one.name, short_name=one.short_name, kind=one.kind, is_active=one.is_active,
            parent_code=one.parent.code if one.parent else "", parent_name=str(one.parent or ""), task=one.task,
            contacts=self.contacts.get(one.pk, 0), tables=self.tables.get(one.pk, 0), actions=actions,
            agreements=agreements, ending_agreements=self.ending[one.pk], promised_to_us=to_us, promised_by_us=by_us,
            late_promises=promises.get("late", 0), last_heard_on=last,
            is_silent=is_bound and is_quiet and not one.is_internal,
            lacks_contact=is_bound and one.pk not in self.contacts,
        )  # fmt: skip

    def _last_heard(self, key: int, *others: date | None) -> date | None:
        days = [*others, self.met.get(key), self.reported.get(key), self.heard.get(key)]
        return max((day for day in days if day is not None and day <= self.today), default=None)


def _open(direction: Promise.Direction) -> Q:
    return Q(state=Promise.State.OPEN, direction=direction)


def _numbers(found: QuerySet[Contact] | QuerySet[Member], by: str, distinct: str = "pk") -> dict[int, int]:
    return dict(found.order_by().values_list(by).annotate(number=Count(distinct, distinct=True)))


def _agreements_in_force(today: date) -> tuple[Counter[int], Counter[int]]:
    """By organisation: agreements that bind it, and those of them that end within a quarter."""
    binding, ending = Counter[int](), Counter[int]()
    rows = Agreement.objects.order_by().values_list("parties", "starts_on", "ends_on")
    for party, starts_on, ends_on in rows:
        standing = term(starts_on, ends_on, today=today)
        if party is not None and standing in IN_FORCE:
            binding[party] += 1
            ending[party] += standing is Term.ENDS_WITHIN_A_QUARTER
    return binding, ending


def _last_met() -> dict[int, date]:
    """The newest day on which a table met where an organisation has a seat."""
    held = Q(consultation__meetings__state=Meeting.State.HELD)
    rows = Member.objects.order_by().values_list("organisation").annotate(
        at=Max("consultation__meetings__starts_at", filter=held)
    )  # fmt: skip
    return {key: timezone.localdate(at) for key, at in rows if at is not None}


# ── One in full ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class ContactEntry:
    """Somebody to turn to, for who may see partners. Never goes into logs: its fields stay out of `repr`."""

    number: int
    name: str = field(repr=False)
    role: str
    email: str = field(repr=False)
    phone: str = field(repr=False)
    signs_in: bool
    gets_weekly_mail: bool
    until: date | None
    has_left: bool


@dataclass(frozen=True, kw_only=True)
class AgreementOf:
    """An agreement that an organisation is a party to."""

    code: str
    title: str
    kind: str
    starts_on: date | None
    ends_on: date | None
    review_on: date | None
    term: Term


@dataclass(frozen=True, kw_only=True)
class TableOf:
    """A table where an organisation has a seat."""

    code: str
    name: str
    is_active: bool
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PartnerDetail:
    """One organisation in full. `contacts` is empty for who may not see them; `promises` has both directions."""

    organisation: Organisation
    above: tuple[Organisation, ...]
    parts: tuple[Organisation, ...]
    contacts: tuple[ContactEntry, ...]
    promises: tuple[Promise, ...]
    agreements: tuple[AgreementOf, ...]
    regional_plans: tuple[RegionalPlan, ...]
    tables: tuple[TableOf, ...]
    line: OrganisationLine

    def promised(self, direction: Promise.Direction) -> list[Promise]:
        """What was promised in one direction: open first, by day; then what was settled, newest first."""
        both = [one for one in self.promises if one.direction == direction]
        still_open = [one for one in both if one.state == Promise.State.OPEN]
        settled = sorted(
            (one for one in both if one.state_on is not None), key=lambda one: (one.state_on, one.pk), reverse=True
        )
        return sorted(still_open, key=lambda one: (one.due_on is None, one.due_on or date.max, one.pk)) + settled


def organisation_detail(
    code: str, *, today: date, with_contacts: bool, heard: Mapping[int, date] | None = None,
    work: Mapping[str, int] | None = None,
) -> PartnerDetail | None:  # fmt: skip
    """Return one organisation in full, archived or not; None when there is none with this code."""
    one = Organisation.objects.select_related("parent", "municipality").filter(code=code).first()
    if one is None:
        return None
    contacts = one.contacts.select_related("user").order_by(F("until").desc(nulls_first=True), "name")
    return PartnerDetail(
        organisation=one,
        above=tuple(_above(one)),
        parts=tuple(one.units.order_by("-is_active", "name")),
        contacts=tuple(_contact(contact, today) for contact in contacts) if with_contacts else (),
        promises=tuple(one.promises.select_related("agreement", "organisation")),
        agreements=tuple(_agreement(agreement, today) for agreement in one.agreements.order_by("title")),
        regional_plans=tuple(one.regional_plans.select_related("body")),
        tables=tuple(_tables(one.memberships.select_related("consultation", "contact"))),
        line=_Counts(today=today, heard=heard or {}, work=work or {}).line(one),
    )


def _above(one: Organisation) -> list[Organisation]:
    """What it belongs to, the nearest last; a circle, should one ever stand there, ends the walk."""
    known = {row.pk: row for row in Organisation.objects.filter(municipality=one.municipality_id)}
    line: list[Organisation] = []
    at = known.get(one.parent_id) if one.parent_id else None
    while at is not None and at not in line and at != one:
        line.insert(0, at)
        at = known.get(at.parent_id) if at.parent_id else None
    return line


def _contact(contact: Contact, today: date) -> ContactEntry:
    return ContactEntry(
        number=contact.pk, name=contact.name, role=contact.role, email=contact.email, phone=contact.phone,
        signs_in=contact.user_id is not None, gets_weekly_mail=contact.gets_weekly_mail, until=contact.until,
        has_left=contact.until is not None and contact.until < today,
    )  # fmt: skip


def _agreement(agreement: Agreement, today: date) -> AgreementOf:
    return AgreementOf(
        code=agreement.code, title=agreement.title, kind=agreement.kind, starts_on=agreement.starts_on,
        ends_on=agreement.ends_on, review_on=agreement.review_on,
        term=term(agreement.starts_on, agreement.ends_on, today=today),
    )  # fmt: skip


def _tables(members: QuerySet[Member]) -> Sequence[TableOf]:
    roles: dict[int, list[str]] = {}
    tables = {}
    for member in members:
        tables[member.consultation_id] = member.consultation
        said = member.role or (member.contact.role if member.contact else "")
        roles.setdefault(member.consultation_id, []).extend([said] if said else [])
    ordered = sorted(tables.values(), key=lambda one: (not one.is_active, one.name.casefold()))
    return [
        TableOf(code=one.code, name=one.name, is_active=one.is_active, roles=tuple(dict.fromkeys(roles[one.pk])))
        for one in ordered
    ]
