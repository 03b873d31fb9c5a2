"""Choosing priorities: a long list scored by several parties apart, and the record of what was chosen and why."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from koersvast.access.models import Municipality, User
from koersvast.policy.models.plans import Plan, Priority
from koersvast.reference.models import Taxonomy, Theme


class Prioritising(models.Model):
    """Prioritering: one round of choosing, for a plan to come."""

    class Privacy:
        plain = {
            "id", "municipality", "plan", "code", "title", "taxonomy", "opened_on", "scores_close_on", "closed_on",
            "decided_on", "body", "document", "motivation", "predecessor", "figures_on", "version",
        }  # fmt: skip

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="prioritisings")
    plan = models.ForeignKey(Plan, models.SET_NULL, null=True, blank=True, related_name="prioritisings")
    code = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    taxonomy = models.ForeignKey(Taxonomy, models.PROTECT, related_name="+")
    opened_on = models.DateField()
    scores_close_on = models.DateField(null=True, blank=True, help_text="When scores should be in.")
    closed_on = models.DateField(null=True, blank=True, help_text="From here on scores are seen, and do not change.")
    decided_on = models.DateField(null=True, blank=True)
    body = models.CharField(max_length=80, blank=True, help_text="Such as gemeenteraad.")
    document = models.CharField(max_length=200, blank=True)
    motivation = models.TextField(blank=True)
    predecessor = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="successors")
    figures_on = models.DateField(null=True, blank=True, help_text="The day of which the figures beside options are.")
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["Prioritising"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["-opened_on", "code"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "code"], name="a_prioritising_code_is_used_once"),
            models.CheckConstraint(
                condition=Q(decided_on__isnull=True) | Q(closed_on__isnull=False), name="a_decision_comes_after_scores"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Criterion(models.Model):
    """Criterium with its weight, such as volume, trend, harm or what residents put first."""

    class Privacy:
        plain = {"id", "prioritising", "code", "position", "name", "weight", "kind", "help_text"}

    class Kind(models.TextChoices):
        SCORED = "scored"
        MEASURED = "measured"

    prioritising = models.ForeignKey(Prioritising, models.CASCADE, related_name="criteria")
    code = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    weight = models.DecimalField(max_digits=6, decimal_places=2, default=1)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SCORED)
    help_text = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager["Criterion"]] = ScopedManager(municipality="prioritising__municipality")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["prioritising", "code"], name="a_criterion_code_is_used_once"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="a_weight_is_not_negative"),
        ]


class Option(models.Model):
    """A theme on the long list, and where it ended: local, regional, kept in view or rejected, with the reason."""

    class Privacy:
        plain = {"id", "prioritising", "code", "position", "theme", "title", "facts", "outcome", "reason", "priority"}
        bulky = {"figures"}

    class Outcome(models.TextChoices):
        UNDECIDED = "undecided"
        LOCAL = "local"
        REGIONAL = "regional"
        KEPT_IN_VIEW = "kept_in_view"
        REJECTED = "rejected"

    prioritising = models.ForeignKey(Prioritising, models.CASCADE, related_name="options")
    code = models.SlugField(max_length=60)
    position = models.PositiveSmallIntegerField()
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=160)
    facts = models.TextField(blank=True, help_text="What people know of it, with where they know it from.")
    figures = models.JSONField(
        default=list, blank=True, help_text="What the registry says: criterion, text and source of each line."
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.UNDECIDED)
    reason = models.TextField(blank=True)
    priority = models.ForeignKey(
        Priority, models.SET_NULL, null=True, blank=True, related_name="options", help_text="What followed in the plan."
    )

    objects: ClassVar[models.Manager["Option"]] = ScopedManager(municipality="prioritising__municipality")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["prioritising", "code"], name="an_option_code_is_used_once"),
            models.CheckConstraint(
                condition=Q(outcome="undecided") | ~Q(reason=""), name="a_decided_option_has_a_reason"
            ),
        ]


class ScoringParty(models.Model):
    """Who scores: a partner, a group of residents, the team. `user` may fill it in; nobody sees another's first."""

    class Privacy:
        plain = {"id", "prioritising", "code", "name", "weight", "user", "finished_on"}

    prioritising = models.ForeignKey(Prioritising, models.CASCADE, related_name="parties")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    weight = models.DecimalField(max_digits=6, decimal_places=2, default=1)
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    finished_on = models.DateField(null=True, blank=True)

    objects: ClassVar[models.Manager["ScoringParty"]] = ScopedManager(municipality="prioritising__municipality")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["prioritising", "code"], name="a_scoring_party_code_is_used_once")
        ]


class Score(models.Model):
    """Score from 0 to 10 of one party, for one option on one criterion. No row: no opinion, which is not a zero."""

    class Privacy:
        plain = {"id", "party", "option", "criterion", "points", "note"}

    party = models.ForeignKey(ScoringParty, models.CASCADE, related_name="scores")
    option = models.ForeignKey(Option, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="scores")
    points = models.DecimalField(max_digits=4, decimal_places=1)
    note = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager["Score"]] = ScopedManager(municipality="party__prioritising__municipality")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party", "option", "criterion"], name="a_party_scores_once"),
            models.CheckConstraint(condition=Q(points__gte=0, points__lte=10), name="a_score_is_from_0_to_10"),
        ]
