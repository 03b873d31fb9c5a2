"""What the plan check looks at: a plan and the figures around it as frozen values, without a database or a clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from koersvast.engine.periods import BadPeriod, Period
from koersvast.engine.quantities import BadValue, Break, Direction, Reading, TargetKind, Unit
from koersvast.engine.series import Series


@dataclass(frozen=True, kw_only=True)
class WaveFact:
    """A survey wave that was held or is planned."""

    period: str
    is_planned: bool = False
    respondents: int | None = None
    respondents_are_assumed: bool = False
    design_effect: float = 1.0


@dataclass(frozen=True, kw_only=True)
class SourceFact:
    """A registration or a survey."""

    code: str
    name: str
    is_survey: bool = False
    is_probability_sample: bool | None = None
    interval_years: int = 1
    waves: tuple[WaveFact, ...] = ()

    def wave(self, period: str) -> WaveFact | None:
        """The wave of a period."""
        return next((wave for wave in self.waves if wave.period == period), None)

    @property
    def usual_respondents(self) -> int | None:
        """How many people answered in the last wave of which that is known."""
        known = sorted((wave for wave in self.waves if wave.respondents), key=lambda wave: wave.period)
        return known[-1].respondents if known else None


@dataclass(frozen=True, kw_only=True)
class IndicatorFact:
    """An indicator of the registry. `wordings` are all names and texts under which it is known."""

    code: str
    name: str
    unit: Unit
    direction: Direction
    source: str
    wordings: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()
    discontinued_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class TargetSetFact:
    """What was agreed, or drafted: `values` by year."""

    kind: TargetKind
    values: Mapping[int, float]
    stated_change: float | None = None
    baseline_amount: float | None = None
    baseline_period: str = ""
    baseline_source: str = ""
    baseline_definition: int = 1
    is_adopted: bool = True

    @property
    def final_year(self) -> int | None:
        """The last year with an agreed value."""
        return max(self.values, default=None)


@dataclass(frozen=True, kw_only=True)
class ObjectiveFact:
    """An objective; `source` is whose figures judge it."""

    code: str
    title: str
    priority: str = ""
    wording: str = ""
    indicator: str = ""
    source: str = ""
    agreed: TargetSetFact | None = None


@dataclass(frozen=True, kw_only=True)
class PriorityFact:
    """A priority; `reach` is local, regional or kept_in_view."""

    code: str
    title: str
    reach: str


@dataclass(frozen=True, kw_only=True)
class LineFact:
    """A line of the approach; what is empty, the plan does not say."""

    position: int
    text: str
    priority: str = ""
    objective: str = ""
    owner: str = ""
    due: str = ""
    has_cost: bool = False
    chain_link: str = ""


@dataclass(frozen=True, kw_only=True)
class DecisionFact:
    """A decision on the targets."""

    number: int
    kind: str
    body: str
    decided_on: date


@dataclass(frozen=True, kw_only=True)
class ClaimFact:
    """Something that a document says; `kind` as in the model."""

    code: str
    kind: str
    document: str
    place: str
    subject: str
    indicator: str = ""
    objective: str = ""
    period: str = ""
    amount: float | None = None
    unit: Unit | None = None
    compared_period: str = ""
    compared_amount: float | None = None
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class LawFact:
    """A duty with the article that holds, and the articles it is mistaken for."""

    code: str
    law: str
    names: tuple[str, ...]
    article: str
    paragraph: str
    mistaken: tuple[str, ...]
    valid_from: date
    valid_until: date | None = None


def _no_series() -> Mapping[tuple[str, str], Series]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """A plan as the rules see it. `series` by (indicator, source); `explained` are the gaps that have a reason."""

    code: str
    title: str
    first_year: int
    last_year: int
    today: date
    analysis_first_year: int = 0
    analysis_last_year: int = 9999
    legal_basis: str = ""
    has_successor: bool = False
    priorities_at_most: int = 6
    priorities: tuple[PriorityFact, ...] = ()
    objectives: tuple[ObjectiveFact, ...] = ()
    lines: tuple[LineFact, ...] = ()
    decisions: tuple[DecisionFact, ...] = ()
    claims: tuple[ClaimFact, ...] = ()
    indicators: tuple[IndicatorFact, ...] = ()
    sources: tuple[SourceFact, ...] = ()
    series: Mapping[tuple[str, str], Series] = field(default_factory=_no_series)
    explained: frozenset[tuple[str, str, str]] = frozenset()
    law: tuple[LawFact, ...] = ()

    def indicator(self, code: str) -> IndicatorFact | None:
        """The indicator with this code."""
        return next((one for one in self.indicators if one.code == code), None)

    def source(self, code: str) -> SourceFact | None:
        """The source with this code."""
        return next((one for one in self.sources if one.code == code), None)

    def objective(self, code: str) -> ObjectiveFact | None:
        """The objective with this code."""
        return next((one for one in self.objectives if one.code == code), None)

    def claims_of(self, *kinds: str) -> tuple[ClaimFact, ...]:
        """The claims of these kinds, in the order of the plan."""
        return tuple(claim for claim in self.claims if claim.kind in kinds)

    def figures(self, indicator: str, source: str) -> Series:
        """The series of an indicator from a source; an empty one when there is none."""
        return self.series.get((indicator, source), Series(name=source))

    def readings_at(self, indicator: str, period: str) -> list[Reading]:
        """The figures of one period from every source, that of the indicator's own source first."""
        own = self.indicator(indicator)
        found = [
            (source != (own.source if own else ""), reading)
            for (code, source), series in self.series.items()
            if code == indicator
            for reading in series.readings
            if reading.period.code == period
        ]
        return [reading for _, reading in sorted(found, key=lambda pair: pair[0])]


def period_of(code: str) -> Period | None:
    """Read a period; None when it is not one."""
    try:
        return Period.parse(code)
    except BadPeriod:
        return None


def reading_of(
    facts: PlanFacts, indicator: IndicatorFact, *, source: str, period: str, amount: float
) -> Reading | None:
    """A figure as a document gives it, with the respondents of its wave; None when it cannot be a figure.

    Where the registry has the same figure, its own margin is kept.
    """
    known = facts.figures(indicator.code, source)
    parsed, origin = period_of(period), facts.source(source)
    if parsed is None:
        return None
    own = known.at(parsed)
    if own is not None and abs(own.value - amount) < 1e-9:
        return own
    wave = origin.wave(period) if origin else None
    try:
        return Reading(
            period=parsed,
            value=amount,
            unit=indicator.unit,
            respondents=(wave.respondents if wave else None) or None,
            respondents_assumed=wave.respondents_are_assumed if wave else False,
            design_effect=wave.design_effect if wave else 1.0,
            series=own.series if own else source,
            definition_version=own.definition_version if own else 1,
        )
    except BadValue:
        return None


def numbers_in(text: str) -> list[float]:
    """The numbers in a text that lists them: "2014, 2015" or "2 + 4 + 1", with a decimal comma."""
    return [float(found.replace(",", ".")) for found in re.findall(r"\d+(?:[.,]\d+)?", text)]
