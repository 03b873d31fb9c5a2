"""Decisions about the course of an objective, beside the ledger of target values."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from koersvast.policy.models.plans import Decision, Objective


class CourseDecision(models.Model):
    """Bijsturingsbesluit: adjust target or measures, accept, or secure what works. Never changed afterwards.

    Adjusting the target comes with the decision of the ledger that revised the values.
    """

    FROZEN_WHEN = "OLD.id IS NOT NULL"

    class Privacy:
        plain = {
            "id", "objective", "number", "choice", "period", "evidence", "reason_code", "reason", "text", "body",
            "decided_on", "document", "decision", "recorded_at", "recorded_by",
        }  # fmt: skip

    class Choice(models.TextChoices):
        ADJUST_TARGET = "adjust_target"
        ADJUST_MEASURES = "adjust_measures"
        ACCEPT = "accept"
        SECURE = "secure"

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="course_decisions")
    number = models.PositiveSmallIntegerField()
    choice = models.CharField(max_length=16, choices=Choice.choices)
    period = models.CharField(max_length=8, help_text="What was looked back on.")
    evidence = models.CharField(max_length=20, help_text="The verdict at that moment.")
    reason_code = models.CharField(max_length=24, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    text = models.TextField(help_text="What was decided.")
    body = models.CharField(max_length=80, help_text="Such as gemeenteraad or college.")
    decided_on = models.DateField()
    document = models.CharField(max_length=200, blank=True)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="course_decisions")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)

    objects: ClassVar[models.Manager["CourseDecision"]] = ScopedManager(municipality="objective__plan__municipality")

    class Meta:
        ordering = ["decided_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "number"], name="a_course_decision_number_is_used_once"),
            models.CheckConstraint(
                condition=~Q(choice="adjust_target") | Q(decision__isnull=False),
                name="an_adjusted_target_stands_in_the_ledger",
            ),
        ]
