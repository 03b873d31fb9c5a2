"""How the objectives of a plan stand: the agreed path, what was measured, and what that says.

Two statements stand beside each other for every year with an agreed value. *Attained* is the formal fact: the figure
against the agreed value. *Evidence* is the probability that the underlying level is at or beyond it.

Which year speaks for an objective (its headline): the latest year with an agreed value whose figure should have been
in by `today`. A figure should be in `DELIVERY_DAYS` after the end of its year, or as soon as it is there. So a
registration is not called unmeasured in the first weeks of January, and a survey that was promised for 2021 and never
held stays *not measured* after that. Before the first of those moments the first agreed year speaks, as not due yet.

Whose figures judge is the objective's own choice (`Objective.source`, else the indicator's source). Figures of another
source stay beside them and are never mixed in; where the baseline has another source the reasons say so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from koersvast.engine.evidence import Thresholds
from koersvast.engine.quantities import Direction, EvidenceVerdict, Reason, Unit
from koersvast.policy import steering
from koersvast.policy.models import Objective, Plan, Target
from koersvast.policy.queries.judging import Case, cases, judged, objectives_of, outlook_of, thresholds_of
from koersvast.policy.steering import Judgement
from koersvast.policy.wording import amounts, verdicts
from koersvast.policy.wording.reasons import reason_sentence
from koersvast.policy.wording.verdicts import Subject

DELIVERY_DAYS = 90
UNLIKELY = 0.25


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One year of the agreed path. Amounts are in the unit of the indicator, `probability` is 0 to 1."""

    year: int
    period: str
    agreed: float
    agreed_text: str
    observed: float | None
    observed_text: str
    is_provisional: bool
    attained: bool | None
    evidence: EvidenceVerdict
    probability: float | None
    probability_text: str
    lean: str
    """Which way an undecided verdict leans: on, off, or empty."""
    interval_low: float | None
    interval_high: float | None
    interval_text: str
    sentence: str
    reasons: tuple[str, ...]
    reason_codes: tuple[str, ...]
    method: str
    is_due: bool
    is_headline: bool


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The probability of reaching the value of the final year, or why it cannot be given."""

    year: int
    agreed_text: str
    probability: float | None
    expected: float | None
    low: float | None
    high: float | None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class SeriesPoint:
    """One figure of the judging series, for a chart or a table."""

    period: str
    year: int
    value: float
    text: str
    low: float | None
    high: float | None
    is_provisional: bool


@dataclass(frozen=True, kw_only=True)
class Attention:
    """Something that asks attention, most urgent first. `urgency` 1 is highest; `objective_code` may be empty."""

    urgency: int
    code: str
    objective_code: str
    title: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ObjectiveStanding:
    """Where one objective stands. `headline` is None when nothing was agreed yet (then `sentence` says so)."""

    code: str
    title: str
    priority_code: str
    priority_title: str
    indicator_code: str
    indicator_name: str
    unit: Unit | None
    direction: Direction | None
    source_code: str
    source_label: str
    target_set_number: int | None
    target_set_is_adopted: bool
    baseline: float | None
    baseline_text: str
    baseline_period: str
    baseline_source_label: str
    path: tuple[Moment, ...]
    headline: Moment | None
    outlook: Outlook | None
    sentence: str
    reasons: tuple[str, ...]
    series: tuple[SeriesPoint, ...]
    attention: tuple[Attention, ...]

    @property
    def evidence(self) -> EvidenceVerdict:
        """The verdict that counts on the start page."""
        return self.headline.evidence if self.headline else EvidenceVerdict.NOT_MEASURED

    @property
    def attained(self) -> bool | None:
        """The formal fact that belongs to the headline."""
        return self.headline.attained if self.headline else None

    @property
    def sparkline(self) -> tuple[float, ...]:
        """The figures of the judging series, oldest first."""
        return tuple(point.value for point in self.series)


@dataclass(frozen=True, kw_only=True)
class PlanStanding:
    """The whole plan on one page. `counts` has every verdict, also those with none; `without_agreement` is the rest."""

    plan_code: str
    plan_title: str
    first_year: int
    last_year: int
    known_on: date
    today: date
    on_course_from: float
    off_course_to: float
    sentence: str
    thresholds_sentence: str
    objectives: tuple[ObjectiveStanding, ...]
    counts: Mapping[EvidenceVerdict, int]
    without_agreement: int
    attention: tuple[Attention, ...]


@dataclass(frozen=True, kw_only=True)
class VerdictRow:
    """One verdict, flat: the same numbers for the page, the documents and the command line."""

    objective: str
    objective_title: str
    indicator: str
    indicator_name: str
    unit: Unit
    period: str
    observed: float | None
    observed_text: str
    agreed: float
    agreed_text: str
    attained: bool | None
    evidence: EvidenceVerdict
    probability: float | None
    probability_text: str
    reason: str
    is_headline: bool


def standing(plan: Plan, *, known_on: date, today: date) -> PlanStanding:
    """Where every objective of `plan` stands, with figures as they were known on `known_on`."""
    found = objectives_of(plan)
    thresholds = thresholds_of(plan)
    known = cases(plan, found, known_on=known_on)
    lines = tuple(_objective(one, known.get(one.pk), thresholds, today=today) for one in found)
    agreed = [line for line in lines if line.headline]
    counts = {verdict: sum(line.evidence is verdict for line in agreed) for verdict in EvidenceVerdict}
    return PlanStanding(
        plan_code=plan.code,
        plan_title=plan.title,
        first_year=plan.first_year,
        last_year=plan.last_year,
        known_on=known_on,
        today=today,
        on_course_from=thresholds.on_course,
        off_course_to=thresholds.off_course,
        sentence=verdicts.plan_sentence(counts, without_agreement=len(lines) - len(agreed)),
        thresholds_sentence=verdicts.thresholds_sentence(thresholds.on_course, thresholds.off_course),
        objectives=lines,
        counts=counts,
        without_agreement=len(lines) - len(agreed),
        attention=_most_urgent_first(lines),
    )


def _most_urgent_first(lines: Sequence[ObjectiveStanding]) -> tuple[Attention, ...]:
    return tuple(sorted((one for line in lines for one in line.attention), key=lambda one: one.urgency))


def objective_standing(objective: Objective, *, known_on: date, today: date) -> ObjectiveStanding:
    """The same for one objective."""
    [found] = [one for one in objectives_of(objective.plan) if one.pk == objective.pk]
    known = cases(objective.plan, [found], known_on=known_on)
    return _objective(found, known.get(found.pk), thresholds_of(objective.plan), today=today)


def verdict_rows(plan: Plan, *, known_on: date, today: date) -> tuple[VerdictRow, ...]:
    """Every agreed value of the plan with what was observed and what that says, by objective and year."""
    found = standing(plan, known_on=known_on, today=today)
    return tuple(
        VerdictRow(
            objective=line.code,
            objective_title=line.title,
            indicator=line.indicator_code,
            indicator_name=line.indicator_name,
            unit=line.unit,
            period=moment.period,
            observed=moment.observed,
            observed_text=moment.observed_text,
            agreed=moment.agreed,
            agreed_text=moment.agreed_text,
            attained=moment.attained,
            evidence=moment.evidence,
            probability=moment.probability,
            probability_text=moment.probability_text,
            reason=" ".join([moment.sentence, *moment.reasons]),
            is_headline=moment.is_headline,
        )
        for line in found.objectives
        if line.unit
        for moment in line.path
    )


def _objective(objective: Objective, case: Case | None, thresholds: Thresholds, *, today: date) -> ObjectiveStanding:
    if case is None:
        return _without_indicator(objective)
    path = _path(objective, case, thresholds, today=today)
    headline = next((moment for moment in path if moment.is_headline), None)
    made = case.agreement.target_set if case.agreement else None
    line = ObjectiveStanding(
        code=objective.code,
        title=objective.title,
        priority_code=objective.priority.code if objective.priority else "",
        priority_title=objective.priority.title if objective.priority else "",
        indicator_code=case.indicator.code,
        indicator_name=case.indicator.name,
        unit=case.unit,
        direction=case.direction,
        source_code=case.source.code,
        source_label=case.source.label,
        target_set_number=made.number if made else None,
        target_set_is_adopted=bool(case.agreement and case.agreement.is_adopted),
        baseline=float(made.baseline_amount) if made and made.baseline_amount is not None else None,
        baseline_text=amounts.amount(made.baseline_amount, case.unit) if made else "",
        baseline_period=made.baseline_period if made else "",
        baseline_source_label=(made.baseline_source or case.source).label if made else "",
        path=path,
        headline=headline,
        outlook=_outlook(objective, case, thresholds),
        sentence=headline.sentence if headline else _nothing_agreed(objective),
        reasons=headline.reasons if headline else (),
        series=_series(case),
        attention=(),
    )
    return replace(line, attention=_attention(line, has_draft=_has_open_draft(objective)))


def _without_indicator(objective: Objective) -> ObjectiveStanding:
    line = ObjectiveStanding(
        code=objective.code,
        title=objective.title,
        priority_code=objective.priority.code if objective.priority else "",
        priority_title=objective.priority.title if objective.priority else "",
        indicator_code="",
        indicator_name="",
        unit=None,
        direction=None,
        source_code="",
        source_label="",
        target_set_number=None,
        target_set_is_adopted=False,
        baseline=None,
        baseline_text="",
        baseline_period="",
        baseline_source_label="",
        path=(),
        headline=None,
        outlook=None,
        sentence=_nothing_agreed(objective),
        reasons=(),
        series=(),
        attention=(),
    )
    return replace(line, attention=_attention(line, has_draft=False))


def _nothing_agreed(objective: Objective) -> str:
    return verdicts.no_agreement_sentence(objective.title, has_indicator=objective.indicator_id is not None)


def _has_open_draft(objective: Objective) -> bool:
    return any(one.decision_id is None for one in objective.target_sets.all())


def _path(objective: Objective, case: Case, thresholds: Thresholds, *, today: date) -> tuple[Moment, ...]:
    if case.agreement is None:
        return ()
    judgements = [(target, judged(case, target, thresholds=thresholds)) for target in case.agreement.targets]
    due = [_is_due(judgement, today) for _, judgement in judgements]
    # The last year that should be in speaks; before the first of them the first year does.
    speaks = max((place for place, is_due in enumerate(due) if is_due), default=0)
    return tuple(
        _moment(objective, case, target, judgement, is_due=is_due, is_headline=place == speaks)
        for place, ((target, judgement), is_due) in enumerate(zip(judgements, due, strict=True))
    )


def _is_due(judgement: Judgement, today: date) -> bool:
    """Whether the figure of a year is there, or should be."""
    return judgement.observed is not None or judgement.period.end + timedelta(days=DELIVERY_DAYS) <= today


def _moment(
    objective: Objective, case: Case, target: Target, judgement: Judgement, *, is_due: bool, is_headline: bool
) -> Moment:
    value = case.judging.value(judgement.period.code)
    decimals = value.decimals if value else None
    subject = Subject(title=objective.title, unit=case.unit, decimals=decimals)
    reasons = _reasons(case, judgement)
    limits = (judgement.thresholds.on_course, judgement.thresholds.off_course)
    observed = judgement.observed.value if judgement.observed else None
    return Moment(
        year=target.year,
        period=judgement.period.code,
        agreed=float(target.agreed),
        agreed_text=amounts.amount(target.agreed, case.unit),
        observed=observed,
        observed_text=amounts.amount(observed, case.unit, decimals=decimals),
        is_provisional=bool(judgement.observed and judgement.observed.provisional),
        attained=judgement.attained,
        evidence=judgement.evidence,
        probability=judgement.probability,
        probability_text=amounts.probability(judgement.probability, limits=limits),
        lean=judgement.lean or "",
        interval_low=judgement.low,
        interval_high=judgement.high,
        interval_text=amounts.interval(judgement.low, judgement.high, case.unit),
        sentence=verdicts.verdict_sentence(judgement, subject, is_due=is_due),
        reasons=tuple(reason_sentence(reason, unit=case.unit) for reason in reasons),
        reason_codes=tuple(reason.code for reason in reasons),
        method=f"{judgement.method.name}/{judgement.method.version}",
        is_due=is_due,
        is_headline=is_headline,
    )


def _reasons(case: Case, judgement: Judgement) -> list[Reason]:
    """The reasons of the judgement, with the interval first and what else a reader has to know after them."""
    # That there is no figure is what the sentence itself says.
    reasons = [reason for reason in judgement.reasons if reason.code != (judgement.missing or "")]
    if judgement.low is not None and judgement.high is not None:
        limits: dict[str, float | int | str] = {"low": judgement.low, "high": judgement.high}
        reasons.insert(0, Reason(code="interval", values=limits))
    if judgement.sensitivity and case.baseline_series:
        series, chance = case.baseline_series.source_label, judgement.sensitivity.probability
        reasons.append(Reason(code="sensitivity", values={"series": series, "probability": chance}))
    if case.agreement and not case.agreement.is_adopted:
        reasons.append(Reason(code="draft_only"))
    return reasons


def _outlook(objective: Objective, case: Case, thresholds: Thresholds) -> Outlook | None:
    found = outlook_of(case, thresholds=thresholds)
    if found is None or case.agreement is None:
        return None
    final = case.agreement.targets[-1]
    agreed = amounts.bound(final.agreed, case.unit, case.direction)
    return _worded_outlook(found, Subject(title=objective.title, unit=case.unit), final=final, agreed=agreed)


def _worded_outlook(found: steering.Outlook, subject: Subject, *, final: Target, agreed: str) -> Outlook:
    numbers = found.forecast
    return Outlook(
        year=final.year,
        agreed_text=agreed,
        probability=numbers.probability,
        expected=numbers.expected,
        low=numbers.low,
        high=numbers.high,
        sentence=verdicts.outlook_sentence(found, subject, year=final.year, agreed=agreed),
    )


def _series(case: Case) -> tuple[SeriesPoint, ...]:
    return tuple(
        SeriesPoint(
            period=value.period.code,
            year=value.period.year,
            value=float(value.amount),
            text=amounts.amount(value.amount, case.unit, decimals=value.decimals),
            low=value.margin.low if value.margin else None,
            high=value.margin.high if value.margin else None,
            is_provisional=value.is_provisional,
        )
        for value in case.judging.values
        if value.amount is not None
    )


def _attention(line: ObjectiveStanding, *, has_draft: bool) -> tuple[Attention, ...]:
    """What asks attention, as one table of urgency: a verdict first, then what keeps a verdict from being given."""
    headline, found = line.headline, list[tuple[int, str]]()
    if headline is None:
        found.append((5, "no_agreement"))
    elif headline.evidence is EvidenceVerdict.OFF_COURSE:
        found.append((1, "off_course"))
    elif headline.evidence is EvidenceVerdict.NOT_MEASURED and headline.is_due:
        found.append((2, "not_measured"))
    elif headline.evidence is EvidenceVerdict.NOT_COMPARABLE:
        found.append((2, "not_comparable"))
    elif headline.attained is False:
        found.append((3, "not_met"))
    if line.outlook and line.outlook.probability is not None and line.outlook.probability < UNLIKELY:
        found.append((3, "outlook"))
    if has_draft:
        found.append((4, "draft"))
    if headline and headline.is_provisional:
        found.append((6, "provisional"))
    return tuple(_worded_attention(line, urgency, code) for urgency, code in found)


def _worded_attention(line: ObjectiveStanding, urgency: int, code: str) -> Attention:
    year = line.outlook.year if code == "outlook" and line.outlook else line.headline.year if line.headline else ""
    return Attention(
        urgency=urgency,
        code=code,
        objective_code=line.code,
        title=line.title,
        sentence=verdicts.attention_sentence(code, title=line.title, period=year),
    )
