"""The council: what was promised to it, what it asked for, and its questions with their place in a document."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from koersvast.access.models import Municipality
from koersvast.policy.models import Objective, Plan
from koersvast.programme.models.actions import Action


class CouncilItem(models.Model):
    """Toezegging, motie, amendement or raadsvraag, with its term and what came of it."""

    class Privacy:
        personal = {"asked_by"}
        plain = {
            "id", "municipality", "number", "kind", "title", "text", "raised_on", "group", "meeting", "due_on", "state",
            "answer", "settled_on", "portfolio", "plan", "place", "place_label", "objective", "action", "document",
            "document_url", "version",
        }  # fmt: skip

    class Kind(models.TextChoices):
        COMMITMENT = "commitment"
        MOTION = "motion"
        AMENDMENT = "amendment"
        QUESTION = "question"

    class State(models.TextChoices):
        OPEN = "open"
        SETTLED = "settled"
        WITHDRAWN = "withdrawn"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="council_items")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    raised_on = models.DateField()
    asked_by = models.CharField(max_length=120, blank=True)
    group = models.CharField(max_length=80, blank=True, help_text="Fractie.")
    meeting = models.CharField(max_length=120, blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    answer = models.TextField(blank=True)
    settled_on = models.DateField(null=True, blank=True)
    portfolio = models.CharField(max_length=120, blank=True, help_text="Portfolio holder, by role.")
    plan = models.ForeignKey(Plan, models.SET_NULL, null=True, blank=True, related_name="council_items")
    place = models.CharField(max_length=120, blank=True, help_text="Such as objective:woninginbraken or report:2020.")
    place_label = models.CharField(max_length=200, blank=True)
    objective = models.ForeignKey(Objective, models.SET_NULL, null=True, blank=True, related_name="council_items")
    action = models.ForeignKey(Action, models.SET_NULL, null=True, blank=True, related_name="council_items")
    document = models.CharField(max_length=200, blank=True)
    document_url = models.URLField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["CouncilItem"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["-raised_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "number"], name="a_council_item_number_is_used_once"),
            models.CheckConstraint(
                condition=~Q(state="settled") | Q(settled_on__isnull=False), name="a_settled_item_has_a_day"
            ),
        ]

    def __str__(self) -> str:
        return self.title
