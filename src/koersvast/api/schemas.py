"""What the answers hold, as the OpenAPI document names it: in camelCase, without name or address of a person."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import AliasGenerator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from koersvast.programme.models import Action


class Out(Schema):
    """An answer; its names are written in camelCase."""

    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel))


class In(Schema):
    """A body that is sent in."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class ProgrammeOut(Out):
    code: str
    title: str
    first_day: date
    last_day: date
    state: str
    version: int


class PartOut(Out):
    code: str
    name: str


class AmountOut(Out):
    year: int
    euro: Decimal
    cover: str
    cover_name: str


class ActionOut(Out):
    """An action. `euro` is null when nobody filled in an amount; that is not nought."""

    number: int
    title: str
    priority: PartOut | None
    objectives: list[PartOut]
    chain_link: str
    owner: PartOut | None
    owner_role: str
    partners: list[PartOut]
    starts_on: date | None
    ends_on: date | None
    recurrence: str
    hours: Decimal | None
    amounts: list[AmountOut]
    euro: Decimal | None
    has_no_cost: bool
    cost_is_known: bool
    status: str
    status_reason: str
    last_report_on: date | None
    output_done: Decimal | None
    output_planned: Decimal | None
    output_unit: str
    signals: list[str]
    version: int

    @staticmethod
    def resolve_signals(one: Any) -> list[str]:
        return sorted(str(signal) for signal in one.signals)


class ReportOut(Out):
    """What was reported on an action."""

    at: datetime
    state: str
    line: str
    output_done: Decimal | None
    way: str


class ReportIn(In):
    """One line and a state. `outputDone` is counted so far, in the unit of the action."""

    state: Action.Status
    line: Annotated[str, Field(max_length=280)] = ""
    output_done: Annotated[Decimal | None, Field(ge=0, max_digits=12, decimal_places=2)] = None


class OrganisationOut(Out):
    code: str
    name: str
    short_name: str
    kind: str
    is_active: bool
    version: int


class AgreementOut(Out):
    """A covenant or another agreement; `term` says whether it runs today."""

    code: str
    title: str
    kind: str
    purpose: str
    legal_basis: str
    starts_on: date | None
    ends_on: date | None
    review_on: date | None
    parties: list[str]
    term: str
    version: int

    @staticmethod
    def of(line: Any) -> dict[str, Any]:
        one = line.agreement
        names = ("code", "title", "kind", "purpose", "legal_basis", "starts_on", "ends_on", "review_on", "version")
        found = {name: getattr(one, name) for name in names}
        return found | {"parties": [party.code for party in line.parties], "term": str(line.term)}


class PromiseOut(Out):
    """What an organisation promised us, or we them."""

    id: int
    organisation: str
    direction: str
    text: str
    agreement: str | None
    made_on: date | None
    due_on: date | None
    state: str
    state_note: str
    state_on: date | None
    version: int

    @staticmethod
    def resolve_organisation(one: Any) -> str:
        return str(one.organisation.code)

    @staticmethod
    def resolve_agreement(one: Any) -> str | None:
        return one.agreement.code if one.agreement else None


class ConsultationOut(Out):
    code: str
    name: str
    level: str
    rhythm: str
    every: int
    purpose: str
    chair_role: str
    is_active: bool
    version: int


class MeetingOut(Out):
    """A meeting with what was decided there. Minutes and names stay out."""

    id: int
    starts_at: datetime
    ends_at: datetime
    place: str
    state: str
    decisions: list[str]
    version: int

    @staticmethod
    def resolve_decisions(one: Any) -> list[str]:
        return [decision.text for decision in one.decisions.all()]


class ReviewOut(Out):
    """A moment at which the plan is looked back on."""

    number: int
    kind: str
    title: str
    period: str
    planned_on: date
    closed_on: date | None
    state: str
    seen: int
    objectives: int
    decisions: int


class MomentOut(Out):
    """A moment of the calendar by law, plan or habit; `level` says how near it is."""

    rule: str
    title: str
    why: str
    due_on: date
    level: str
    warns: bool
    source: str
    mark: str | None


class CouncilItemOut(Out):
    """A commitment, motion, amendment or question, without who raised it."""

    number: int
    kind: str
    title: str
    text: str
    group: str
    raised_on: date
    due_on: date | None
    portfolio: str
    place: str
    state: str
    answer: str
    settled_on: date | None
    version: int


class PlanOut(Out):
    code: str
    title: str
    first_year: int
    last_year: int


class ObjectiveOut(Out):
    """An objective as the plan has it. `state`: none, draft, adopted or adopted_with_draft."""

    code: str
    title: str
    wording: str
    indicator_code: str
    indicator_name: str
    state: str


class PriorityOut(Out):
    code: str
    title: str
    reach: str
    motivation: str
    objectives: list[ObjectiveOut]


class PlanDetailOut(PlanOut):
    """A plan with its priorities and objectives."""

    legal_basis: str
    method: str
    priorities: list[PriorityOut]
    loose_objectives: list[ObjectiveOut]


class VerdictOut(Out):
    """One year of one objective. `probability` is 0 to 1; null comes with a reason."""

    objective: str
    objective_title: str
    indicator: str
    indicator_name: str
    unit: str
    period: str
    observed: float | None
    agreed: float
    attained: bool | None
    evidence: str
    probability: Annotated[float | None, Field(ge=0, le=1)]
    reason: str
    is_headline: bool


class IndicatorOut(Out):
    code: str
    name: str
    unit: str
    direction: str
    source: str


class ValueOut(Out):
    """One figure of one period, as known on the day asked. `amount` is null when `missing` says why.

    `low` and `high` are the ends of the 95 % interval; both null when `noMarginBecause` says why.
    """

    period: str
    amount: Decimal | None
    missing: str | None
    low: float | None
    high: float | None
    no_margin_because: str
    certainty: str
    as_of: date
    definition: int
    respondents: int | None


class SeriesOut(Out):
    """The figures of one source, with their vintage."""

    indicator: str
    name: str
    unit: str
    source: str
    source_label: str
    area: str
    known_on: date | None
    values: list[ValueOut]


class ProblemOut(Schema):
    """A refusal, by RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str
