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

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from koersvast.engine.quantities import Direction, EvidenceVerdict, Unit
from koersvast.policy.models import Objective, Plan

DELIVERY_DAYS = 90


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
    """Which way an undecided verdict leans: attained, not_attained, or empty."""
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
    attention: tuple[str, ...]

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
class Attention:
    """Something that asks attention, most urgent first. `urgency` 1 is highest; `objective_code` may be empty."""

    urgency: int
    code: str
    objective_code: str
    title: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class PlanStanding:
    """The whole plan on one page. `counts` has every verdict, also those with none."""

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
    raise NotImplementedError


def objective_standing(objective: Objective, *, known_on: date, today: date) -> ObjectiveStanding:
    """The same for one objective."""
    raise NotImplementedError


def verdict_rows(plan: Plan, *, known_on: date, today: date) -> tuple[VerdictRow, ...]:
    """Every agreed value of the plan with what was observed and what that says, by objective and year."""
    raise NotImplementedError
