"""Writing what was agreed with partners: agreements, promises both ways, and the mirror of regional plans."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.codes import free_code
from koersvast.access.conflicts import locked
from koersvast.access.models import Municipality
from koersvast.partners.changes.writing import RESERVED, fill, hold, may_edit, own
from koersvast.partners.models import Agreement, Organisation, Promise, RegionalPlan

# From a state to what it may become. A settled promise is opened again before it is settled otherwise.
NEXT: dict[Promise.State, frozenset[Promise.State]] = {
    Promise.State.OPEN: frozenset({Promise.State.KEPT, Promise.State.BROKEN, Promise.State.LAPSED}),
    Promise.State.KEPT: frozenset({Promise.State.OPEN}),
    Promise.State.BROKEN: frozenset({Promise.State.OPEN}),
    Promise.State.LAPSED: frozenset({Promise.State.OPEN}),
}
ASKS_A_NOTE = frozenset({Promise.State.BROKEN, Promise.State.LAPSED})


def write_agreement(
    *, municipality: Municipality, title: str, kind: Agreement.Kind, purpose: str, parties: Sequence[Organisation],
    by: Actor, code: str = "", legal_basis: str = "", starts_on: date | None = None, ends_on: date | None = None,
    review_on: date | None = None, owner_role: str = "", document: str = "", document_url: str = "",
    agreement: Agreement | None = None, version: int | None = None,
) -> Agreement:  # fmt: skip
    """Add an agreement, or change the one that is given. Without a code it gets one from its title.

    Raises `ValidationError` with code no_parties, term_reversed, review_after_end, code_taken or address_not_web, and
    `Changed`.
    """
    may_edit(by, municipality)
    own(municipality, agreement, *parties)
    _refuse_dates(starts_on, ends_on, review_on)
    _refuse_address(document_url)
    if not parties:
        _refuse("parties", _("Choose at least one organisation with which this was agreed."), "no_parties")
    with audit.recorded(Event.AGREEMENT_WRITTEN, by=by, municipality=municipality) as record:
        hold(municipality)
        row = _agreement(municipality, agreement, code=code, title=title, version=version)
        fill(
            row, title=title.strip(), kind=Agreement.Kind(kind), purpose=purpose, legal_basis=legal_basis.strip(),
            starts_on=starts_on, ends_on=ends_on, review_on=review_on, owner_role=owner_role.strip(),
            document=document.strip(), document_url=document_url,
        )  # fmt: skip
        row.parties.set(parties)
        record.subject, record.detail = row, {"code": row.code, "parties": len(set(parties))}
    return row


def write_promise(
    *, organisation: Organisation, direction: Promise.Direction, text: str, by: Actor,
    agreement: Agreement | None = None, made_on: date | None = None, due_on: date | None = None,
    promise: Promise | None = None, version: int | None = None,
) -> Promise:  # fmt: skip
    """Add a promise, or change one that is open. A settled one stays as it was judged, until it is opened again.

    Raises `ValidationError` with code promise_settled, not_a_party, due_before_made, and `Changed`.
    """
    municipality = organisation.municipality
    may_edit(by, municipality)
    own(municipality, agreement)
    if made_on and due_on and due_on < made_on:
        _refuse("due_on", _("It would be due before it was promised."), "due_before_made")
    if agreement and not agreement.parties.filter(pk=organisation.pk).exists():
        text_ = _("This organisation is not a party to that agreement. Choose another one, or none.")
        _refuse("agreement", text_, "not_a_party")
    with audit.recorded(Event.PROMISE_WRITTEN, by=by, municipality=municipality) as record:
        row = Promise(organisation=organisation)
        if promise is not None:
            row = locked(promise, version=version, within=organisation.promises.all())
        if row.state != Promise.State.OPEN:
            raise ValidationError(_("This promise was settled. Open it again to change it."), code="promise_settled")
        fill(
            row, direction=Promise.Direction(direction), text=text.strip(), agreement=agreement, made_on=made_on,
            due_on=due_on,
        )  # fmt: skip
        record.subject, record.detail = row, {"organisation": organisation.code, "direction": row.direction}
    return row


def settle_promise(
    *, promise: Promise, state: Promise.State, by: Actor, note: str = "", on: date | None = None,
    version: int | None = None,
) -> Promise:  # fmt: skip
    """Say that a promise was kept, broken or has lapsed, or open it again; broken and lapsed ask why.

    Raises `ValidationError` with code no_such_step, note_missing or day_to_come, and `Changed`.
    """
    municipality, today = promise.organisation.municipality, timezone.localdate()
    may_edit(by, municipality)
    state, note = Promise.State(state), note.strip()
    if state in ASKS_A_NOTE and not note:
        _refuse("note", _("Write in a few words why: next year nobody remembers."), "note_missing")
    _refuse_to_come("on", on)
    with audit.recorded(Event.PROMISE_WRITTEN, by=by, municipality=municipality) as record:
        row = locked(promise, version=version)
        if state not in NEXT[Promise.State(row.state)]:
            raise ValidationError(_("This promise was settled already. Open it again first."), code="no_such_step")
        is_open = state == Promise.State.OPEN
        fill(row, state=state, state_note="" if is_open else note, state_on=None if is_open else on or today)
        record.subject = row
        record.detail = {"organisation": promise.organisation.code, "state": state.value}
    return row


def write_regional_plan(
    *, body: Organisation, title: str, first_day: date, last_day: date, by: Actor, our_input: str = "",
    our_input_on: date | None = None, their_promise: str = "", reports_on: date | None = None,
    reported_on: date | None = None, report: str = "", document: str = "", document_url: str = "",
    plan: RegionalPlan | None = None, version: int | None = None,
) -> RegionalPlan:  # fmt: skip
    """Add the plan of a regional body as it is seen from here, or change the one that is given.

    Raises `ValidationError` with code term_reversed, own_unit, report_without_day, day_to_come or address_not_web,
    and `Changed`.
    """
    municipality = body.municipality
    may_edit(by, municipality)
    own(municipality, body)
    if body.is_internal:
        _refuse("body", _("A unit of the municipality itself has no regional plan."), "own_unit")
    _refuse_dates(first_day, last_day, None, last_field="last_day")
    _refuse_address(document_url)
    if report.strip() and reported_on is None:
        _refuse("reported_on", _("Give the day on which they reported."), "report_without_day")
    _refuse_to_come("reported_on", reported_on)
    with audit.recorded(Event.REGIONAL_PLAN_WRITTEN, by=by, municipality=municipality) as record:
        row = RegionalPlan()
        if plan is not None:
            row = locked(plan, version=version, within=RegionalPlan.objects.filter(body__municipality=municipality))
        fill(
            row, body=body, title=title.strip(), first_day=first_day, last_day=last_day, our_input=our_input.strip(),
            our_input_on=our_input_on, their_promise=their_promise.strip(), reports_on=reports_on,
            reported_on=reported_on, report=report.strip(), document=document.strip(), document_url=document_url,
        )  # fmt: skip
        record.subject, record.detail = row, {"organisation": body.code}
    return row


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _agreement(
    municipality: Municipality, known: Agreement | None, *, code: str, title: str, version: int | None
) -> Agreement:
    if known is not None:
        return locked(known, version=version)
    taken = set(Agreement.objects.filter(municipality=municipality).values_list("code", flat=True))
    if code in taken or code in RESERVED:
        _refuse("code", _("This code is taken. Choose another one."), "code_taken")
    return Agreement(municipality=municipality, code=code or free_code(title, taken=taken | RESERVED))


def _refuse(field: str, text: str, code: str) -> None:
    raise ValidationError({field: ValidationError(text, code=code)})


def _refuse_dates(first: date | None, last: date | None, review: date | None, *, last_field: str = "ends_on") -> None:
    if first and last and last < first:
        _refuse(last_field, _("The last day comes before the first."), "term_reversed")
    if review and last and review > last:
        text = _("It would be looked at again after it has ended. Choose an earlier day.")
        _refuse("review_on", text, "review_after_end")


def _refuse_address(address: str) -> None:
    """Only addresses that a browser opens as a page; others would hand a link something else to do."""
    if address and not address.lower().startswith(("https://", "http://")):
        text = _("Write the whole address of the page, beginning with https://")
        _refuse("document_url", text, "address_not_web")


def _refuse_to_come(field: str, day: date | None) -> None:
    if day and day > timezone.localdate():
        _refuse(field, _("This day is still to come."), "day_to_come")
