"""What a rule finds: a code, where, and the numbers. Sentences are made in `policy.wording.findings`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from koersvast.engine.quantities import Unit
from koersvast.policy.checks.facts import ClaimFact, IndicatorFact, LineFact, ObjectiveFact, PriorityFact, SourceFact

type Value = float | int | str
YEARS = frozenset({"year", "last_year", "measured", "elsewhere"})


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a finding is. `kind` and `code` are stable (an answer refers to them), `name` is for people."""

    kind: str
    code: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """The stable key, such as objective:woninginbraken."""
        return f"{self.kind}:{self.code}" if self.code else self.kind


def _no_values() -> Mapping[str, Value]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Found:
    """One finding. `variant` chooses between the sentences of a rule.

    The name of a value says how it is written: `..._amount` and `..._estimate` in `unit`, `..._chance` as a
    probability, `..._change` as a signed difference in `unit`, `..._percent` as a percentage, `..._share` as a signed
    share of 1; `on` is a day, and the names in `YEARS` are years. Other numbers are numbers, texts stay as they are.
    """

    code: str
    place: Place
    variant: str = ""
    unit: Unit = Unit.COUNT
    values: Mapping[str, Value] = field(default_factory=_no_values)


PLAN = Place(kind="plan")


def at_plan(detail: str) -> Place:
    """At the plan as a whole; `detail` tells findings of one rule apart."""
    return Place(kind="plan", code=detail)


def at_objective(objective: ObjectiveFact) -> Place:
    """At an objective."""
    return Place(kind="objective", code=objective.code, name=objective.title)


def at_claim(claim: ClaimFact) -> Place:
    """At something that a document says."""
    return Place(kind="claim", code=claim.code, name=f"{claim.document}, {claim.place}")


def at_priority(priority: PriorityFact) -> Place:
    """At a priority."""
    return Place(kind="priority", code=priority.code, name=priority.title)


def at_line(line: LineFact) -> Place:
    """At a line of the approach."""
    return Place(kind="approach-line", code=str(line.position), name=line.text)


def at_source(source: SourceFact, *, detail: str = "") -> Place:
    """At a source; `detail` tells findings at the same one apart."""
    return Place(kind="source", code=f"{source.code}/{detail}" if detail else source.code, name=source.name)


def at_indicator(indicator: IndicatorFact, *, detail: str = "") -> Place:
    """At an indicator; `detail` tells findings at the same one apart."""
    code = f"{indicator.code}/{detail}" if detail else indicator.code
    return Place(kind="indicator", code=code, name=indicator.name)
