"""Check and act: planned moments, and for each objective what was read, concluded and decided."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from koersvast.access.models import Municipality
from koersvast.partners.models import Organisation
from koersvast.policy.models import CourseDecision, Objective, Plan


class CheckMoment(models.Model):
    """Toetsmoment: a planned look at where the plan stands. Once closed it never changes."""

    FROZEN_WHEN = "OLD.closed_on IS NOT NULL"

    class Privacy:
        plain = {
            "id", "municipality", "plan", "kind", "title", "period", "planned_on", "known_on", "opened_on",
            "closed_on", "conclusion", "version",
        }  # fmt: skip

    class Kind(models.TextChoices):
        QUARTER = "quarter"
        YEAR = "year"
        MIDTERM = "midterm"
        FINAL = "final"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="check_moments")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="check_moments")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    title = models.CharField(max_length=160)
    period = models.CharField(max_length=8, help_text="What is looked back on, such as 2020 or 2020-Q3.")
    planned_on = models.DateField()
    known_on = models.DateField(null=True, blank=True, help_text="The figures as they were known on this day.")
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    conclusion = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["CheckMoment"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["planned_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "kind", "period"], name="a_period_is_checked_once"),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(known_on__isnull=False), name="a_closed_check_says_what_was_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ObjectiveReview(models.Model):
    """What was read, concluded and decided about one objective: verdict and forecast as they stood then (duiding)."""

    FROZEN_WHEN = "OLD.is_closed"
    CLOSED_WITH = "moment"

    class Privacy:
        plain = {
            "id", "moment", "objective", "evidence", "verdict_sentence", "probability", "forecast_sentence",
            "observed_text", "agreed_text", "readers", "read_by_others", "reading", "reason_code", "reason_text",
            "set_aside", "is_closed", "course_decision", "recorded_at", "recorded_by", "version",
        }  # fmt: skip
        bulky = {"figures"}

    moment = models.ForeignKey(CheckMoment, models.CASCADE, related_name="reviews")
    objective = models.ForeignKey(Objective, models.PROTECT, related_name="reviews")
    evidence = models.CharField(max_length=20)
    verdict_sentence = models.TextField(blank=True)
    probability = models.FloatField(null=True, blank=True, help_text="0 to 1.")
    forecast_sentence = models.TextField(blank=True)
    observed_text = models.CharField(max_length=60, blank=True)
    agreed_text = models.CharField(max_length=60, blank=True)
    readers = models.ManyToManyField(Organisation, related_name="+", blank=True)
    read_by_others = models.CharField(max_length=200, blank=True, help_text="Roles, not names.")
    figures = models.JSONField(default=dict, help_text="The whole standing as it was read, with path and series.")
    reading = models.TextField(blank=True, help_text="What they concluded.")
    reason_code = models.CharField(max_length=24, blank=True, help_text="Obligatory when off course.")
    reason_text = models.CharField(max_length=400, blank=True)
    set_aside = models.CharField(max_length=400, blank=True, help_text="Why it was not read this time.")
    is_closed = models.BooleanField(default=False, help_text="Together with its moment.")
    course_decision = models.OneToOneField(CourseDecision, models.PROTECT, null=True, blank=True, related_name="review")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["ObjectiveReview"]] = ScopedManager(municipality="moment__municipality")

    class Meta:
        ordering = ["objective__position"]
        constraints = [models.UniqueConstraint(fields=["moment", "objective"], name="an_objective_is_reviewed_once")]
