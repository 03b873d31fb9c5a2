"""What the answers hold, as the OpenAPI document names it. No name, address or number of a person."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import Field


class ProgrammeOut(Schema):
    code: str
    title: str
    first_day: date
    last_day: date
    state: str
    version: int


class PartOut(Schema):
    code: str
    name: str


class AmountOut(Schema):
    year: int
    euro: Decimal
    cover: str
    cover_name: str


class ActionOut(Schema):
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


class ReportOut(Schema):
    """What was reported on an action."""

    at: datetime
    state: str
    line: str
    output_done: Decimal | None
    way: str


class ReportIn(Schema):
    """One line and a state. `output_done` is counted so far, in the unit of the action."""

    state: str
    line: str = ""
    output_done: Decimal | None = None


class OrganisationOut(Schema):
    code: str
    name: str
    short_name: str
    kind: str
    is_active: bool
    version: int


class PlanOut(Schema):
    code: str
    title: str
    first_year: int
    last_year: int


class VerdictOut(Schema):
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


class ProblemOut(Schema):
    """A refusal, by RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str
