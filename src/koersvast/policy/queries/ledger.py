"""The ledger: every version of every agreement side by side, with who decided it, and what later documents claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet

from koersvast.engine.periods import BadPeriod, Period
from koersvast.engine.quantities import EvidenceVerdict, TargetKind, Unit
from koersvast.policy.models import Claim, CourseDecision, Decision, Objective, Plan, Target, TargetSet
from koersvast.policy.queries.judging import agreement_of, objectives_of
from koersvast.policy.wording import agreements, amounts


@dataclass(frozen=True, kw_only=True)
class DecisionLine:
    """A decision with the number of objectives that it set."""

    number: int
    kind: str
    kind_text: str
    body: str
    decided_on: date
    date_is_assumed: bool
    date_text: str
    document: str
    document_url: str
    reason: str
    objectives: int


@dataclass(frozen=True, kw_only=True)
class LedgerValue:
    """The value of one year in one version, and what the version before it said."""

    year: int
    agreed: float | None
    text: str
    previous_text: str
    difference_text: str
    is_changed: bool


@dataclass(frozen=True, kw_only=True)
class LedgerVersion:
    """One target set. `state` is draft, adopted or superseded."""

    number: int
    state: str
    state_text: str
    kind: TargetKind
    stated_text: str
    baseline: float | None
    baseline_text: str
    baseline_period: str
    baseline_source_label: str
    values: tuple[LedgerValue, ...]
    decision: DecisionLine | None
    note: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What a later document says the agreement is, beside what was decided."""

    claim_code: str
    document: str
    place: str
    year: int | None
    claimed: float
    claimed_text: str
    agreed: float | None
    agreed_text: str
    difference_text: str
    differs: bool
    source_url: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class CourseLine:
    """A decision on the course of an objective, after looking back on `period`. `reason_code` may be empty."""

    number: int
    choice: str
    period: str
    evidence: EvidenceVerdict
    reason_code: str
    reason: str
    text: str
    body: str
    decided_on: date
    document: str
    decision_number: int | None


@dataclass(frozen=True, kw_only=True)
class LedgerEntry:
    """One objective: its versions oldest first, decisions on its course, and the later documents beside them."""

    code: str
    title: str
    indicator_name: str
    unit: Unit | None
    years: tuple[int, ...]
    versions: tuple[LedgerVersion, ...]
    courses: tuple[CourseLine, ...]
    drift: tuple[Drift, ...]


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All agreements of a plan."""

    plan_code: str
    plan_title: str
    decisions: tuple[DecisionLine, ...]
    entries: tuple[LedgerEntry, ...]
    drafts: int


def ledger(plan: Plan) -> Ledger:
    """Every version of every target set of `plan`, with differences and drift."""
    decisions = decisions_of(plan)
    objectives = objectives_of(plan)
    claims = list(claimed_targets(plan))
    return Ledger(
        plan_code=plan.code,
        plan_title=plan.title,
        decisions=tuple(decisions.values()),
        entries=tuple(entry_of(objective, decisions, claims) for objective in objectives),
        drafts=sum(one.decision_id is None for objective in objectives for one in objective.target_sets.all()),
    )


def claimed_targets(plan: Plan) -> QuerySet[Claim]:
    """What documents name as a target: a value for a year, not a change of a baseline."""
    found = plan.claims.filter(kind=Claim.Kind.TARGET, compared_amount=None)
    return found.exclude(objective=None).exclude(amount=None)


def decisions_of(plan: Plan) -> dict[int, DecisionLine]:
    """The decisions on a plan by primary key, oldest first."""
    found = plan.decisions.annotate(objectives=Count("target_sets")).order_by("number")
    return {one.pk: _decision_line(one, objectives=one.objectives) for one in found}


def entry_of(objective: Objective, decisions: dict[int, DecisionLine], claims: Sequence[Claim]) -> LedgerEntry:
    """One objective of the ledger; `claims` may hold those of other objectives too."""
    unit = Unit(objective.indicator.unit) if objective.indicator else None
    sets = list(objective.target_sets.all())
    years = sorted({target.year for one in sets for target in one.targets.all()})
    newest_adopted = max((one.number for one in sets if one.decision_id), default=0)
    versions, before = [], dict[int, Decimal]()
    for one in sets:
        version = _version(one, years, before, unit=unit or Unit.COUNT, newest=newest_adopted, decisions=decisions)
        versions.append(version)
        before = {target.year: target.agreed for target in one.targets.all()}
    mine = [claim for claim in claims if claim.objective_id == objective.pk]
    return LedgerEntry(
        code=objective.code,
        title=objective.title,
        indicator_name=objective.indicator.name if objective.indicator else "",
        unit=unit,
        years=tuple(years),
        versions=tuple(versions),
        courses=tuple(_course(one) for one in objective.course_decisions.all()),
        drift=tuple(_drift(objective, claim, unit=unit or Unit.COUNT) for claim in mine),
    )


def _course(made: CourseDecision) -> CourseLine:
    return CourseLine(
        number=made.number,
        choice=made.choice,
        period=made.period,
        evidence=EvidenceVerdict(made.evidence),
        reason_code=made.reason_code,
        reason=made.reason,
        text=made.text,
        body=made.body,
        decided_on=made.decided_on,
        document=made.document,
        decision_number=made.decision.number if made.decision else None,
    )


def _decision_line(decision: Decision, *, objectives: int) -> DecisionLine:
    return DecisionLine(
        number=decision.number,
        kind=decision.kind,
        kind_text=agreements.decision_name(decision.kind),
        body=decision.body,
        decided_on=decision.decided_on,
        date_is_assumed=decision.date_is_assumed,
        date_text=agreements.decided_on(decision.decided_on, is_assumed=decision.date_is_assumed),
        document=decision.document,
        document_url=decision.document_url,
        reason=decision.reason,
        objectives=objectives,
    )


def _version(
    one: TargetSet,
    years: Sequence[int],
    before: dict[int, Decimal],
    *,
    unit: Unit,
    newest: int,
    decisions: dict[int, DecisionLine],
) -> LedgerVersion:
    state = "draft" if one.decision_id is None else "adopted" if one.number == newest else "superseded"
    targets = {target.year: target for target in one.targets.all()}
    last = max(targets, default=None)
    baseline = amounts.amount(one.baseline_amount, unit)
    return LedgerVersion(
        number=one.number,
        state=state,
        state_text=agreements.state_name(state),
        kind=TargetKind(one.kind),
        stated_text=agreements.stated(TargetKind(one.kind), one.stated_change, unit),
        baseline=None if one.baseline_amount is None else float(one.baseline_amount),
        baseline_text=baseline,
        baseline_period=one.baseline_period,
        baseline_source_label=one.baseline_source.label if one.baseline_source else "",
        values=tuple(_value(year, targets.get(year), before, unit=unit) for year in years),
        decision=decisions.get(one.decision_id) if one.decision_id else None,
        note=one.note,
        sentence=agreements.agreement_sentence(
            TargetKind(one.kind), one.stated_change, unit=unit, baseline=baseline, period=one.baseline_period,
            final=amounts.amount(targets[last].agreed, unit) if last else "", year=last,
        ),
    )  # fmt: skip


def _value(year: int, target: Target | None, before: dict[int, Decimal], *, unit: Unit) -> LedgerValue:
    now, was = target.agreed if target else None, before.get(year)
    changed = bool(before) and now != was
    return LedgerValue(
        year=year,
        agreed=None if now is None else float(now),
        text=amounts.amount(now, unit),
        previous_text=amounts.amount(was, unit),
        difference_text=amounts.difference(now - was, unit) if changed and now is not None and was is not None else "",
        is_changed=changed,
    )


def _drift(objective: Objective, claim: Claim, *, unit: Unit) -> Drift:
    """Hold a claimed target against what counts for that year."""
    claimed, year = claim.amount or Decimal(0), _year(claim.period)
    agreement = agreement_of(objective)
    path = {target.year: target.agreed for target in agreement.targets} if agreement else {}
    agreed = path.get(year) if year else None
    gap = None if agreed is None else claimed - agreed
    texts = amounts.amount(claimed, unit), amounts.amount(agreed, unit)
    difference = amounts.difference(gap, unit) if gap else ""
    elsewhere = next((other for other, value in path.items() if value == claimed and other != year), None)
    return Drift(
        claim_code=claim.code,
        document=claim.document,
        place=claim.place,
        year=year,
        claimed=float(claimed),
        claimed_text=texts[0],
        agreed=None if agreed is None else float(agreed),
        agreed_text=texts[1],
        difference_text=difference,
        differs=gap is None or gap != 0,
        source_url=claim.source_url,
        sentence=agreements.drift_sentence(
            title=objective.title, document=claim.document, year=year, claimed=texts[0], agreed=texts[1],
            difference=difference, elsewhere=elsewhere,
        ),
    )  # fmt: skip


def _year(period: str) -> int | None:
    try:
        return Period.parse(period).year
    except BadPeriod:
        return None
