"""The plan with its ledger, how its priorities were chosen, and decisions about its course."""

from koersvast.policy.models.course import CourseDecision
from koersvast.policy.models.plans import (
    Answer,
    ApproachLine,
    Claim,
    Decision,
    Objective,
    Plan,
    Principle,
    Priority,
    Target,
    TargetSet,
)
from koersvast.policy.models.prioritising import Criterion, Option, Prioritising, Score, ScoringParty

__all__ = [
    "Answer",
    "ApproachLine",
    "Claim",
    "CourseDecision",
    "Criterion",
    "Decision",
    "Objective",
    "Option",
    "Plan",
    "Principle",
    "Prioritising",
    "Priority",
    "Score",
    "ScoringParty",
    "Target",
    "TargetSet",
]
