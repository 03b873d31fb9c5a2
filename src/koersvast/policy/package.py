"""A municipality as readable files: what stands in a `koersvast-package/1`, as plain frozen values.

A package holds the registry of figures and the plans: enough to build the same municipality elsewhere, and to read
without this program. People, sign-in data and the audit are no part of it. Pure: the bytes are `package_files`, the
rules between the parts are `package_rules`, the database is `changes.packages` and `queries.packages`.

A field with its default value is left out of the file; every entry is told apart by its code, number or period.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

FORMAT = "koersvast-package/1"


@dataclass(frozen=True, kw_only=True)
class MunicipalityEntry:
    """The municipality and its settings: thresholds are probabilities between 0 and 1."""

    code: str
    slug: str
    name: str
    house_colour: str
    on_course_from: float
    off_course_to: float
    priorities_at_most: int


@dataclass(frozen=True, kw_only=True)
class AreaEntry:
    """An area in the edition that starts in the year `valid_from`."""

    code: str
    name: str
    kind: str
    valid_from: int
    valid_until: int | None = None
    parent_code: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowingEntry:
    """A feed of a national table (`indicators.feeds`) that is followed, or was until a day."""

    feed: str
    takes_over: str
    since: date
    until: date | None = None
    followed_by: str


@dataclass(frozen=True, kw_only=True)
class MeasurementEntry:
    """A survey wave that was held or is planned."""

    period: str
    is_planned: bool = False
    invited: int | None = None
    respondents: int | None = None
    respondents_are_assumed: bool = False
    design_effect: float = 1.0
    mode: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class SourceEntry:
    """A registration or survey."""

    code: str
    name_nl: str
    name_en: str
    label_nl: str
    label_en: str
    kind: str
    holder: str
    population: str = ""
    frame: str = ""
    is_probability_sample: bool | None = None
    interval_years: int = 1
    licence: str = ""
    url: str = ""
    note_nl: str = ""
    note_en: str = ""
    measurements: tuple[MeasurementEntry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DefinitionEntry:
    """One version of an indicator's wording."""

    number: int
    valid_from: date
    text_nl: str
    text_en: str = ""
    question: str = ""
    answers_counted: str = ""
    population: str = ""
    composition: str = ""
    external_code: str = ""
    note_nl: str = ""
    note_en: str = ""


@dataclass(frozen=True, kw_only=True)
class BreakEntry:
    """The day from which figures mean something else; `factor` converts earlier ones."""

    on: date
    kind: str
    note_nl: str
    note_en: str = ""
    factor: float | None = None
    factor_se: float | None = None


@dataclass(frozen=True, kw_only=True)
class DifferenceEntry:
    """Why two sources give different figures, for one period or (empty) for all."""

    source: str
    other: str
    period: str = ""
    text: str
    written_by: str
    written_at: datetime


@dataclass(frozen=True, kw_only=True)
class PhaseEntry:
    """A month from which the months of an area are compared with a centre line of their own, and why."""

    area: str
    starts: str
    reason: str
    set_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class IndicatorEntry:
    """What is followed, with its definitions and breaks, and what people said of its figures."""

    code: str
    position: int
    name_nl: str
    name_en: str
    taxonomy: str
    theme: str
    group_nl: str = ""
    group_en: str = ""
    table_number: str = ""
    perspective: str
    unit: str
    direction: str
    source: str
    successor: str = ""
    discontinued_on: date | None = None
    definitions: tuple[DefinitionEntry, ...] = ()
    breaks: tuple[BreakEntry, ...] = ()
    differences: tuple[DifferenceEntry, ...] = ()
    phases: tuple[PhaseEntry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeliveryEntry:
    """A file with figures as it was taken over; `mapping` is JSON text, `snapshot` the SHA-256 of its bytes.

    Figures of a national table have its code in `table`; `vintage` is the number that it had where that happened.
    """

    number: int
    file_name: str
    snapshot: str
    identity: str
    as_of: date
    source: str = ""
    mapping: str = "{}"
    state: str
    received_at: datetime
    received_by: str
    closed_at: datetime
    closed_by: str
    new: int = 0
    revised: int = 0
    same: int = 0
    withdrawn: int = 0
    refused: int = 0
    note_nl: str = ""
    note_en: str = ""
    table: str = ""
    vintage: int | None = None


@dataclass(frozen=True, kw_only=True)
class ObservationEntry:
    """One vintage of one number: a row of `observations.csv`. `amount` keeps the decimals as delivered."""

    indicator: str
    definition: int
    source: str
    area: str
    area_since: int
    period: str
    amount: Decimal | None = None
    missing: str = ""
    certainty: str
    as_of: date
    delivery: int
    line: int
    respondents: int | None = None
    design_effect: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    exposure: float | None = None
    note: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_because: str = ""


@dataclass(frozen=True, kw_only=True)
class PrincipleEntry:
    position: int
    title: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class PriorityEntry:
    """A priority with the themes (codes of the plan's taxonomy) that it covers."""

    code: str
    position: int
    reach: str
    title: str
    motivation: str = ""
    approach: str = ""
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApproachLineEntry:
    position: int
    text: str
    priority: str = ""
    objective: str = ""
    owner: str = ""
    due: str = ""
    cost_euro: Decimal | None = None
    chain_link: str = ""


@dataclass(frozen=True, kw_only=True)
class DecisionEntry:
    """Who decided what when; targets refer to it by number."""

    number: int
    kind: str
    body: str
    decided_on: date
    date_is_assumed: bool = False
    document: str
    document_url: str = ""
    reason: str = ""
    recorded_at: datetime
    recorded_by: str


def _no_targets() -> Mapping[int, Decimal]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class TargetSetEntry:
    """Agreed values by year; without `decision` a draft. The baseline's definition is a number of the indicator."""

    number: int
    kind: str
    stated_change: Decimal | None = None
    baseline_amount: Decimal | None = None
    baseline_period: str = ""
    baseline_definition: int | None = None
    baseline_source: str = ""
    decision: int | None = None
    supersedes: int | None = None
    note: str = ""
    agreed: Mapping[int, Decimal] = field(default_factory=_no_targets)


@dataclass(frozen=True, kw_only=True)
class ObjectiveEntry:
    code: str
    position: int
    title: str
    priority: str = ""
    indicator: str = ""
    source: str = ""
    wording: str = ""
    target_sets: tuple[TargetSetEntry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClaimEntry:
    """What a document says, in our own words."""

    code: str
    position: int
    document: str
    place: str
    kind: str
    indicator: str = ""
    objective: str = ""
    subject: str
    period: str = ""
    amount: Decimal | None = None
    unit: str = ""
    compared_period: str = ""
    compared_amount: Decimal | None = None
    label: str = ""
    text: str = ""
    source_url: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerEntry:
    rule: str
    place: str
    text: str
    name: str
    answered_at: datetime


@dataclass(frozen=True, kw_only=True)
class PlanEntry:
    """A policy plan with everything that hangs under it."""

    code: str
    title: str
    first_year: int
    last_year: int
    analysis_first_year: int
    analysis_last_year: int
    taxonomy: str
    area: str
    area_since: int
    method: str = ""
    strategic_frame: str = ""
    main_course: str = ""
    legal_basis: str = ""
    predecessor: str = ""
    principles: tuple[PrincipleEntry, ...] = ()
    priorities: tuple[PriorityEntry, ...] = ()
    decisions: tuple[DecisionEntry, ...] = ()
    objectives: tuple[ObjectiveEntry, ...] = ()
    approach_lines: tuple[ApproachLineEntry, ...] = ()
    claims: tuple[ClaimEntry, ...] = ()
    answers: tuple[AnswerEntry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Package:
    """Everything of one municipality."""

    municipality: MunicipalityEntry
    areas: tuple[AreaEntry, ...] = ()
    followings: tuple[FollowingEntry, ...] = ()
    sources: tuple[SourceEntry, ...] = ()
    indicators: tuple[IndicatorEntry, ...] = ()
    deliveries: tuple[DeliveryEntry, ...] = ()
    observations: tuple[ObservationEntry, ...] = ()
    plans: tuple[PlanEntry, ...] = ()
