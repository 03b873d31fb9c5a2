"""The calendar: own moments, and what was noted at moments that follow from law or plan."""

from typing import ClassVar

from django.db import models
from django_scopes import ScopedManager

from koersvast.access.models import Municipality


class CalendarEntry(models.Model):
    """A moment of the municipality's own, such as the day of its kadernota."""

    class Privacy:
        plain = {"id", "municipality", "kind", "title", "due_on", "note", "done_on", "every_year", "version"}

    class Kind(models.TextChoices):
        BUDGET = "budget"
        COUNCIL = "council"
        SURVEY = "survey"
        REGIONAL = "regional"
        OTHER = "other"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="calendar_entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=160)
    due_on = models.DateField()
    every_year = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    done_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["CalendarEntry"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["due_on", "pk"]


class CalendarMark(models.Model):
    """What was noted at a moment that follows from a rule: done, or known and why it waits."""

    class Privacy:
        plain = {"id", "municipality", "rule", "occurrence", "state", "note", "marked_on"}

    class State(models.TextChoices):
        DONE = "done"
        KNOWN = "known"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="calendar_marks")
    rule = models.CharField(max_length=40)
    occurrence = models.CharField(max_length=60, help_text="Which one, such as 2027 or programme:up-2019-2020.")
    state = models.CharField(max_length=6, choices=State.choices)
    note = models.CharField(max_length=300, blank=True)
    marked_on = models.DateField()

    objects: ClassVar[models.Manager["CalendarMark"]] = ScopedManager(municipality="municipality")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "rule", "occurrence"], name="a_moment_is_marked_once")
        ]
