"""Drafting, adopting and revising agreed values. What is adopted never changes; a revision is a new decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from koersvast.access.audit import Actor
from koersvast.engine.quantities import TargetKind
from koersvast.indicators.models import Definition, Source
from koersvast.policy.models import Decision, Objective, Plan, TargetSet


@dataclass(frozen=True, kw_only=True)
class Revision:
    """New agreed values for one objective; what is left out stays as it was adopted."""

    objective: Objective
    values: Mapping[int, Decimal]
    kind: TargetKind | None = None
    stated_change: Decimal | None = None
    note: str = ""


def draft_targets(
    *,
    objective: Objective,
    kind: TargetKind,
    values: Mapping[int, Decimal],
    by: Actor,
    stated_change: Decimal | None = None,
    baseline_amount: Decimal | None = None,
    baseline_period: str = "",
    baseline_definition: Definition | None = None,
    baseline_source: Source | None = None,
    note: str = "",
) -> TargetSet:
    """Write the draft of an objective: there is one at a time. Raises ValidationError with codes."""
    raise NotImplementedError


def withdraw_draft(*, objective: Objective, by: Actor) -> None:
    """Throw the draft away; what was adopted stays."""
    raise NotImplementedError


def adopt(
    *,
    plan: Plan,
    body: str,
    decided_on: date,
    document: str,
    by: Actor,
    date_is_assumed: bool = False,
    document_url: str = "",
) -> Decision:
    """Adopt every draft of the plan by one decision. Refused when a draft has no baseline or no values."""
    raise NotImplementedError


def revise(
    *,
    plan: Plan,
    revisions: tuple[Revision, ...],
    reason: str,
    body: str,
    decided_on: date,
    document: str,
    by: Actor,
    date_is_assumed: bool = False,
    document_url: str = "",
) -> Decision:
    """Set new values for adopted objectives by a new decision that supersedes the old one, with its reason."""
    raise NotImplementedError
