"""What a report is made of: the frozen results of the same queries that the pages and the command line ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from koersvast.engine.quantities import Direction, Unit
from koersvast.indicators.queries import Analysis, AnalysisRow, Series, Value
from koersvast.policy.queries.checking import CheckReport
from koersvast.policy.queries.ledger import Ledger, LedgerEntry
from koersvast.policy.queries.standing import PlanStanding
from koersvast.publications.blocks import Language
from koersvast.publications.theme import Theme


@dataclass(frozen=True, kw_only=True)
class WaveFacts:
    """A measurement of a survey: when, and how many people answered."""

    period: str
    is_planned: bool
    invited: int | None
    respondents: int | None
    respondents_are_assumed: bool
    design_effect: float
    mode: str


@dataclass(frozen=True, kw_only=True)
class DeliveryFacts:
    """A delivery of figures that counted on the day of the report."""

    number: int
    file_name: str
    as_of: date
    note: str
    figures: int


@dataclass(frozen=True, kw_only=True)
class SourceFacts:
    """A source with what a reader must know to judge its figures."""

    code: str
    label: str
    name: str
    is_survey: bool
    holder: str
    population: str
    frame: str
    is_probability_sample: bool | None
    licence: str
    url: str
    note: str
    waves: tuple[WaveFacts, ...]
    deliveries: tuple[DeliveryFacts, ...]


@dataclass(frozen=True, kw_only=True)
class DefinitionFacts:
    """What an indicator measures, in its newest definition, and how many definitions it has had."""

    code: str
    name: str
    unit: Unit
    direction: Direction
    text: str
    question: str
    answers_counted: str
    population: str
    note: str
    number: int
    valid_from: date


@dataclass(frozen=True, kw_only=True)
class Material:
    """Everything in a report, as known on `known_on`. `series` has the judging series of each objective by its code."""

    municipality: str
    theme: Theme
    language: Language
    standing: PlanStanding
    analysis: Analysis
    ledger: Ledger
    check: CheckReport
    series: Mapping[str, Series]
    sources: tuple[SourceFacts, ...]
    definitions: tuple[DefinitionFacts, ...]
    known_on: date
    today: date

    def agreement(self, objective_code: str) -> LedgerEntry | None:
        """The ledger of one objective."""
        return next((entry for entry in self.ledger.entries if entry.code == objective_code), None)

    @property
    def rows(self) -> tuple[AnalysisRow, ...]:
        """The rows of the analysis that have a figure in its years."""
        return tuple(row for row in self.analysis.rows if has_figures(row))


def has_figures(row: AnalysisRow) -> bool:
    """Whether a row has something to show in the years of the analysis, if only the reason why it is missing."""
    return any(cell.value is not None for cell in row.cells)


def values_of(rows: Iterable[AnalysisRow]) -> list[tuple[str, Value]]:
    """Every value that these rows show, with the label of its source."""
    return [(row.source_label, cell.value) for row in rows for cell in row.cells if cell.value]
