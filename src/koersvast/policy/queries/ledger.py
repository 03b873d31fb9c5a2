"""The ledger: every version of every agreement side by side, with who decided it, and what later documents claim."""

from dataclasses import dataclass
from datetime import date

from koersvast.engine.quantities import TargetKind, Unit
from koersvast.policy.models import Plan


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
class LedgerEntry:
    """One objective: its versions oldest first, and the later documents beside them."""

    code: str
    title: str
    indicator_name: str
    unit: Unit | None
    years: tuple[int, ...]
    versions: tuple[LedgerVersion, ...]
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
    raise NotImplementedError
