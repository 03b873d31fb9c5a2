"""What was agreed: agreements by term, promises both ways, regional plans as a mirror, and what of it falls due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import F, Prefetch, Q, QuerySet

from koersvast.access.models import Municipality
from koersvast.partners.models import Agreement, Organisation, Promise, RegionalPlan
from koersvast.partners.queries.organisations import REGIONAL_KINDS
from koersvast.partners.terms import YEAR, Ripeness, Term, ripeness, term

# What ends soonest stands first; what is over stands last.
ORDER = (
    Term.ENDS_WITHIN_A_QUARTER, Term.ENDS_WITHIN_A_YEAR, Term.RUNNING, Term.NO_END, Term.TO_BEGIN, Term.ENDED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AgreementLine:
    """An agreement as a list shows it, with its parties by name and how its term and review stand."""

    agreement: Agreement
    parties: tuple[Organisation, ...]
    term: Term
    review: Ripeness


def agreements(*, today: date, text: str = "", kind: str = "", standing: str = "") -> list[AgreementLine]:
    """Return the agreements that fit, those that end soonest first. Two queries."""
    found = _with_parties(Agreement.objects.filter(kind=kind) if kind else Agreement.objects.all())
    lines = [agreement_line(one, today=today) for one in found if _has_words(one, text)]
    return sorted((one for one in lines if standing in ("", one.term)), key=_by_end)


def agreement(code: str, *, today: date) -> AgreementLine | None:
    """Return one agreement, or None."""
    found = _with_parties(Agreement.objects.filter(code=code).select_related("municipality")).first()
    return agreement_line(found, today=today) if found else None


def agreement_line(one: Agreement, *, today: date) -> AgreementLine:
    """Say how an agreement stands; a review of one that has ended asks nothing any more."""
    standing = term(one.starts_on, one.ends_on, today=today)
    return AgreementLine(
        agreement=one, parties=tuple(one.parties.all()), term=standing,
        review=ripeness(one.review_on, is_done=standing is Term.ENDED and one.review_on is not None, today=today),
    )  # fmt: skip


def _with_parties(found: QuerySet[Agreement]) -> QuerySet[Agreement]:
    return found.prefetch_related(Prefetch("parties", Organisation.objects.order_by("name")))


def _has_words(one: Agreement, text: str) -> bool:
    parties = " ".join(f"{party.name} {party.short_name}" for party in one.parties.all())
    words = f"{one.title} {one.purpose} {one.legal_basis} {parties}".casefold()
    return all(word in words for word in text.casefold().split())


def _by_end(line: AgreementLine) -> tuple[int, date, str]:
    return ORDER.index(line.term), line.agreement.ends_on or date.max, line.agreement.title.casefold()


# ── Promises ─────────────────────────────────────────────────────────────────────────────────────────────────────


def promises(*, direction: str = "", state: str = "", today: date, text: str = "") -> list[Promise]:
    """Return promises with their organisation: open ones by day, without a day last, then the settled ones.

    `state` may be late too: open and past its day.
    """
    found = Promise.objects.select_related("organisation", "agreement")
    if direction:
        found = found.filter(direction=direction)
    if state == Ripeness.LATE:
        found = found.filter(state=Promise.State.OPEN, due_on__lt=today)
    elif state:
        found = found.filter(state=state)
    for word in text.split()[:10]:
        found = found.filter(
            Q(text__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(organisation__short_name__icontains=word)
        )
    ordered = found.order_by(F("state_on").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "pk")
    return list(ordered)


def promise(number: int) -> Promise | None:
    """Return one promise with its organisation, or None."""
    return Promise.objects.select_related("organisation__municipality", "agreement").filter(pk=number).first()


# ── Regional bodies ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class MirrorLine:
    """A plan of a regional body, seen from here: how our input and their report stand."""

    plan: RegionalPlan
    our_input: Ripeness
    report: Ripeness
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class BodyMirror:
    """A body with its plans, the newest first; a regional body without any is shown too."""

    body: Organisation
    plans: tuple[MirrorLine, ...]


def mirrors(*, today: date) -> list[BodyMirror]:
    """Return every regional body and whoever else has a plan that binds us, by name. Two queries."""
    plans = Prefetch("regional_plans", RegionalPlan.objects.order_by("-first_day", "title"))
    wanted = Q(is_active=True, kind__in=REGIONAL_KINDS) | Q(regional_plans__isnull=False)
    found = Organisation.objects.filter(wanted).distinct().order_by("name").prefetch_related(plans)
    return [
        BodyMirror(body=one, plans=tuple(mirror_line(plan, today=today) for plan in one.regional_plans.all()))
        for one in found
    ]


def mirror_line(plan: RegionalPlan, *, today: date) -> MirrorLine:
    """Say how a regional plan stands on a day."""
    return MirrorLine(
        plan=plan, our_input=ripeness(plan.our_input_on, is_done=bool(plan.our_input), today=today),
        report=ripeness(plan.reports_on, is_done=plan.reported_on is not None, today=today),
        is_current=plan.first_day <= today <= plan.last_day,
    )  # fmt: skip


def regional_plan(number: int) -> RegionalPlan | None:
    """Return one regional plan with its body, or None."""
    return RegionalPlan.objects.select_related("body__municipality").filter(pk=number).first()


# ── Due ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Kind(StrEnum):
    """What falls due."""

    AGREEMENT_ENDS = "agreement_ends"
    AGREEMENT_REVIEW = "agreement_review"
    PROMISED_TO_US = "promised_to_us"
    PROMISED_BY_US = "promised_by_us"
    PLAN_INPUT = "plan_input"
    PLAN_REPORT = "plan_report"


@dataclass(frozen=True, kw_only=True)
class Due:
    """One thing with a day. `partners` are the names of the organisations; `key` is the code or number of it."""

    kind: Kind
    on: date
    subject: str
    partners: tuple[str, ...]
    organisations: tuple[str, ...]
    key: str
    is_late: bool


def due(municipality: Municipality, today: date) -> tuple[Due, ...]:
    """Return what is late or falls within a year, by day: for the calendar and the weekly mail. Four queries.

    An agreement that has ended is no longer due; a promise stays until it is settled. Runs in the scope of the
    municipality.
    """
    until = today + YEAR
    found = [*_due_agreements(municipality, today, until), *_due_promises(municipality, today, until)]
    found += _due_plans(municipality, today, until)
    return tuple(sorted(found, key=lambda one: (one.on, one.kind, one.subject)))


def _due_agreements(municipality: Municipality, today: date, until: date) -> Iterator[Due]:
    in_force = Q(ends_on=None) | Q(ends_on__gte=today)
    asked = Q(ends_on__lte=until) | Q(review_on__lte=until)
    for one in _with_parties(Agreement.objects.filter(in_force, asked, municipality=municipality)):
        parties = [party for party in one.parties.all() if not party.is_internal]
        for kind, day in ((Kind.AGREEMENT_ENDS, one.ends_on), (Kind.AGREEMENT_REVIEW, one.review_on)):
            if day is not None and day <= until:
                yield _due(kind, day, one.title, parties, one.code, today)


def _due_promises(municipality: Municipality, today: date, until: date) -> Iterator[Due]:
    still_open = Promise.objects.filter(
        organisation__municipality=municipality, state=Promise.State.OPEN, due_on__lte=until
    )
    for one in still_open.select_related("organisation"):
        kind = Kind.PROMISED_BY_US if one.direction == Promise.Direction.BY_US else Kind.PROMISED_TO_US
        yield _due(kind, one.due_on or today, one.text, [one.organisation], str(one.pk), today)


def _due_plans(municipality: Municipality, today: date, until: date) -> Iterator[Due]:
    for one in RegionalPlan.objects.filter(body__municipality=municipality).select_related("body"):
        if one.our_input_on is not None and not one.our_input and one.our_input_on <= until:
            yield _due(Kind.PLAN_INPUT, one.our_input_on, one.title, [one.body], str(one.pk), today)
        if one.reports_on is not None and one.reported_on is None and one.reports_on <= until:
            yield _due(Kind.PLAN_REPORT, one.reports_on, one.title, [one.body], str(one.pk), today)


def _due(kind: Kind, day: date, subject: str, partners: Sequence[Organisation], key: str, today: date) -> Due:
    return Due(
        kind=kind, on=day, subject=subject, partners=tuple(str(one) for one in partners),
        organisations=tuple(one.code for one in partners), key=key, is_late=day < today,
    )  # fmt: skip
