"""Actions with their progress, and the cycle of checking and adjusting. All scoped to a municipality."""

from koersvast.programme.models.actions import (
    Action,
    ActionNumbering,
    BulkChange,
    Contribution,
    CostLine,
    Programme,
    StagedTable,
)
from koersvast.programme.models.auditing import Evidence, NormScore, PlanStep, SelfAudit
from koersvast.programme.models.calendar import CalendarEntry, CalendarMark
from koersvast.programme.models.council import CouncilItem
from koersvast.programme.models.progress import ProgressReport, ReportingLink, WeeklyMail
from koersvast.programme.models.reviews import CheckMoment, ObjectiveReview

__all__ = [
    "Action",
    "ActionNumbering",
    "BulkChange",
    "CalendarEntry",
    "CalendarMark",
    "CheckMoment",
    "Contribution",
    "CostLine",
    "CouncilItem",
    "Evidence",
    "NormScore",
    "ObjectiveReview",
    "PlanStep",
    "Programme",
    "ProgressReport",
    "ReportingLink",
    "SelfAudit",
    "StagedTable",
    "WeeklyMail",
]
