"""What a person fills in about an action, and what is refused before anything is written.

`ActionDraft` holds every field that somebody fills in; the number, the status and the evaluation come from elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.personal_text import kinds_in
from koersvast.indicators.models import Indicator
from koersvast.partners.models import Agreement, Contact, Organisation
from koersvast.policy.models import ApproachLine, Objective, Priority
from koersvast.programme.models import Action, CostLine, Programme
from koersvast.reference.models import Area


@dataclass(frozen=True, kw_only=True)
class CostEntry:
    """An amount in a year, and out of what it is paid."""

    year: int
    euro: Decimal
    cover: CostLine.Cover
    cover_name: str = ""
    task_field: str = ""
    is_structural: bool = False
    organisation: Organisation | None = None


@dataclass(frozen=True, kw_only=True)
class ContributionEntry:
    """What a partner does for an action; empty hours or euro mean that no amount was said."""

    organisation: Organisation
    text: str = ""
    hours: Decimal | None = None
    euro: Decimal | None = None
    agreed_on: date | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True, kw_only=True)
class ActionDraft:
    """An action as somebody fills it in."""

    title: str
    text: str = ""
    mechanism: str = ""
    priority: Priority | None = None
    approach_line: ApproachLine | None = None
    chain_link: str = ""
    lens_time: str = ""
    lens_space: str = ""
    lens_networks: str = ""
    lens_knowledge: str = ""
    target_group: str = ""
    area: Area | None = None
    owner_organisation: Organisation | None = None
    owner_contact: Contact | None = None
    owner_role: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    recurrence: str = Action.Recurrence.ONCE
    recurrence_note: str = ""
    hours: Decimal | None = None
    has_no_cost: bool = False
    output_measure: str = ""
    output_planned: Decimal | None = None
    output_unit: str = ""
    outcome_indicator: Indicator | None = None
    decision_reference: str = ""
    depends_on: Organisation | None = None
    measure: str = ""
    objectives: tuple[Objective, ...] = ()
    contributions: tuple[ContributionEntry, ...] = ()
    costs: tuple[CostEntry, ...] = ()


ROWS_OF_ITS_OWN = frozenset({"objectives", "contributions", "costs"})
PLAIN_FIELDS = tuple(one.name for one in fields(ActionDraft) if one.name not in ROWS_OF_ITS_OWN)
COST_FIELDS = tuple(one.name for one in fields(CostEntry))
CONTRIBUTION_FIELDS = tuple(one.name for one in fields(ContributionEntry))
FREE_TEXTS = (
    "title", "text", "mechanism", "lens_time", "lens_space", "lens_networks", "lens_knowledge", "target_group",
    "owner_role", "recurrence_note", "output_measure", "decision_reference",
)  # fmt: skip


def draft_of(action: Action) -> ActionDraft:
    """The action as a draft: what a form starts from, and what a later undo puts back."""
    return ActionDraft(
        **{name: getattr(action, name) for name in PLAIN_FIELDS},
        objectives=tuple(action.objectives.all()),
        contributions=tuple(
            ContributionEntry(**{name: getattr(line, name) for name in CONTRIBUTION_FIELDS})
            for line in action.contributions.all()
        ),
        costs=tuple(
            CostEntry(**{name: getattr(line, name) for name in COST_FIELDS}) for line in action.cost_lines.all()
        ),
    )


def checked(draft: ActionDraft, *, programme: Programme, standing: ActionDraft | None = None) -> None:
    """Refuse a draft that cannot be right, naming the field. `standing` is the action as it was: what lapsed may stay.

    Codes: title_missing, end_before_start, other_plan, other_municipality, cost_and_no_cost, amount_negative,
    year_impossible, partner_twice, organisation_inactive, contact_elsewhere, contact_left, personal_text.
    """
    problems: dict[str, list[ValidationError]] = {}
    for field, problem in _problems(draft, programme=programme, standing=standing):
        problems.setdefault(field, []).append(problem)
    if problems:
        raise ValidationError(problems)


type Problem = tuple[str, ValidationError]


def _problems(draft: ActionDraft, *, programme: Programme, standing: ActionDraft | None) -> Iterator[Problem]:
    if not draft.title.strip():
        yield "title", ValidationError(_("Give the action a title."), code="title_missing")
    if draft.starts_on and draft.ends_on and draft.ends_on < draft.starts_on:
        yield (
            "ends_on",
            ValidationError(
                _("The action ends before it starts. Change one of the two days."), code="end_before_start"
            ),
        )
    yield from _elsewhere(draft, programme)
    yield from _money(draft)
    yield from _people(draft, standing)
    yield from personal_texts(
        {name: str(getattr(draft, name)) for name in FREE_TEXTS}
        | {"contributions": "\n".join(entry.text for entry in draft.contributions)}
    )


def _elsewhere(draft: ActionDraft, programme: Programme) -> Iterator[Problem]:
    """What belongs to another plan or another municipality."""
    plan, municipality = programme.plan_id, programme.municipality_id
    in_plan: tuple[tuple[str, Iterable[Priority | Objective | ApproachLine | None]], ...] = (
        ("objectives", draft.objectives),
        ("priority", [draft.priority]),
        ("approach_line", [draft.approach_line]),
    )
    for field, parts in in_plan:
        if any(part is not None and part.plan_id != plan for part in parts):
            yield (
                field,
                ValidationError(
                    _("This belongs to another plan than the programme. Choose from the plan of the programme."),
                    code="other_plan",
                ),
            )
    owned: tuple[tuple[str, Iterable[Organisation | Agreement | Indicator | None]], ...] = (
        ("owner_organisation", [draft.owner_organisation]),
        ("depends_on", [draft.depends_on]),
        ("outcome_indicator", [draft.outcome_indicator]),
        ("contributions", [part for entry in draft.contributions for part in (entry.organisation, entry.agreement)]),
        ("costs", [entry.organisation for entry in draft.costs]),
    )
    for field, rows in owned:
        if any(row is not None and row.municipality_id != municipality for row in rows):
            yield field, ValidationError(_("This belongs to another municipality."), code="other_municipality")


def _money(draft: ActionDraft) -> Iterator[Problem]:
    if draft.has_no_cost and draft.costs:
        yield (
            "has_no_cost",
            ValidationError(
                _("“No cost” is ticked while there are amounts. Take away the tick or the amounts."),
                code="cost_and_no_cost",
            ),
        )
    amounts = (
        ("hours", [draft.hours]),
        ("output_planned", [draft.output_planned]),
        ("costs", [entry.euro for entry in draft.costs]),
        ("contributions", [amount for entry in draft.contributions for amount in (entry.hours, entry.euro)]),
    )
    for field, given in amounts:
        if any(amount is not None and amount < 0 for amount in given):
            yield field, ValidationError(_("An amount cannot be less than zero."), code="amount_negative")
    if any(not 2000 <= entry.year <= 2100 for entry in draft.costs):
        yield (
            "costs",
            ValidationError(_("Give the year of each amount with four digits, such as 2027."), code="year_impossible"),
        )


def _people(draft: ActionDraft, standing: ActionDraft | None) -> Iterator[Problem]:
    """Who does it: active, there once, and working where the action says. What stood there already may stay."""
    partners = [entry.organisation for entry in draft.contributions]
    if len({partner.pk for partner in partners}) < len(partners):
        yield (
            "contributions",
            ValidationError(
                _("A partner is named twice. Put what it does for this action in one line."), code="partner_twice"
            ),
        )
    known = _organisations(standing) if standing else set()
    for field, rows in (("owner_organisation", [draft.owner_organisation]), ("contributions", partners)):
        for row in rows:
            if row is not None and not row.is_active and row.pk not in known:
                yield (
                    field,
                    ValidationError(
                        _("%(organisation)s is no longer active. Choose another one, or make it active again."),
                        code="organisation_inactive",
                        params={"organisation": row.name},
                    ),
                )
    yield from _contact(draft, standing)


def _contact(draft: ActionDraft, standing: ActionDraft | None) -> Iterator[Problem]:
    contact = draft.owner_contact
    if contact is None:
        return
    if draft.owner_organisation is None or contact.organisation_id != draft.owner_organisation.pk:
        yield (
            "owner_contact",
            ValidationError(
                _("This contact works at another organisation than the one that does the action."),
                code="contact_elsewhere",
            ),
        )
    stood = standing is not None and standing.owner_contact == contact
    if contact.until is not None and contact.until < timezone.localdate() and not stood:
        yield (
            "owner_contact",
            ValidationError(_("This contact has left. Choose somebody who works there now."), code="contact_left"),
        )


def _organisations(draft: ActionDraft) -> set[int]:
    known = {entry.organisation.pk for entry in draft.contributions}
    return known | ({draft.owner_organisation.pk} if draft.owner_organisation else set())


def personal_texts(texts: Mapping[str, str]) -> Iterator[Problem]:
    """A problem for each field whose text holds data of a person; the text itself is not repeated."""
    for field, text in texts.items():
        found = kinds_in(text)
        if found:
            yield (
                field,
                ValidationError(
                    _("This text holds %(found)s. Leave out data of residents; colleagues stand under contacts."),
                    code="personal_text",
                    params={"found": listed_kinds(found)},
                ),
            )


def listed_kinds(found: Iterable[str]) -> str:
    """The kinds of personal data in words."""
    words = {
        "email": _("an e-mail address"),
        "phone": _("a telephone number"),
        "bsn": _("a citizen service number"),
        "iban": _("an account number"),
    }
    return ", ".join(words[kind] for kind in found)


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Something to look at again; it does not stop anybody."""

    code: str
    field: str
    text: str


def remarks(draft: ActionDraft, *, programme: Programme) -> tuple[Remark, ...]:
    """What may be right and often is not. Codes: before_programme, after_programme, cost_outside_programme."""
    found = []
    if draft.starts_on and draft.starts_on < programme.first_day:
        found.append(Remark(code="before_programme", field="starts_on", text=_("It starts before the programme does.")))
    if draft.ends_on and draft.ends_on > programme.last_day:
        found.append(Remark(code="after_programme", field="ends_on", text=_("It ends after the programme does.")))
    years = range(programme.first_day.year, programme.last_day.year + 1)
    if any(entry.year not in years for entry in draft.costs):
        text = _("There is an amount in a year outside the programme.")
        found.append(Remark(code="cost_outside_programme", field="costs", text=text))
    return tuple(found)
