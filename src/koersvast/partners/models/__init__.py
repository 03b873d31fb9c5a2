"""Organisations, what was agreed with them, and the consultations held with them. All scoped to a municipality."""

from koersvast.partners.models.agreements import Agreement, Promise, RegionalPlan
from koersvast.partners.models.consultations import (
    AgendaItem,
    CalendarFeed,
    Consultation,
    FollowUp,
    Meeting,
    MeetingDecision,
    Member,
)
from koersvast.partners.models.organisations import Contact, Organisation

__all__ = [
    "AgendaItem",
    "Agreement",
    "CalendarFeed",
    "Consultation",
    "Contact",
    "FollowUp",
    "Meeting",
    "MeetingDecision",
    "Member",
    "Organisation",
    "Promise",
    "RegionalPlan",
]
