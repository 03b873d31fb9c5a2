"""Writing a plan and its parts. Each change adds the part, or changes the one that has this code or position."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from koersvast.access.audit import Actor
from koersvast.access.models import Municipality
from koersvast.engine.quantities import Unit
from koersvast.indicators.models import Indicator, Source
from koersvast.policy.models import ApproachLine, Claim, Objective, Plan, Principle, Priority
from koersvast.reference.models import Area, Taxonomy, Theme


@dataclass(frozen=True, kw_only=True)
class PrincipleText:
    """A strategic principle; its place is its place in the list."""

    title: str
    text: str = ""


def write_plan(
    *, municipality: Municipality, code: str, title: str, first_year: int, last_year: int, analysis_first_year: int,
    analysis_last_year: int, taxonomy: Taxonomy, area: Area, by: Actor, method: str = "", strategic_frame: str = "",
    main_course: str = "", legal_basis: str = "", predecessor: Plan | None = None,
) -> Plan:  # fmt: skip
    """Add a plan, or change the plan with this code."""
    raise NotImplementedError


def write_principles(*, plan: Plan, principles: Sequence[PrincipleText], by: Actor) -> list[Principle]:
    """Replace the strategic principles of the plan by this list."""
    raise NotImplementedError


def write_priority(
    *, plan: Plan, code: str, position: int, reach: Priority.Reach, title: str, by: Actor, motivation: str = "",
    approach: str = "", themes: Sequence[Theme] = (),
) -> Priority:  # fmt: skip
    """Add a priority, or change the one with this code."""
    raise NotImplementedError


def write_objective(
    *, plan: Plan, code: str, position: int, title: str, by: Actor, priority: Priority | None = None,
    indicator: Indicator | None = None, source: Source | None = None, wording: str = "",
) -> Objective:  # fmt: skip
    """Add an objective, or change the one with this code. What was adopted keeps its indicator and source."""
    raise NotImplementedError


def write_approach_line(
    *, plan: Plan, position: int, text: str, by: Actor, priority: Priority | None = None,
    objective: Objective | None = None, owner: str = "", due: str = "", cost_euro: Decimal | None = None,
    chain_link: str = "",
) -> ApproachLine:  # fmt: skip
    """Add a line of the approach, or change the one at this position."""
    raise NotImplementedError


def write_claim(
    *, plan: Plan, code: str, position: int, document: str, place: str, kind: Claim.Kind, subject: str, by: Actor,
    indicator: Indicator | None = None, objective: Objective | None = None, period: str = "",
    amount: Decimal | None = None, unit: Unit | None = None, compared_period: str = "",
    compared_amount: Decimal | None = None, label: str = "", text: str = "", source_url: str = "",
) -> Claim:  # fmt: skip
    """Add something that a document claims, or change the claim with this code."""
    raise NotImplementedError
