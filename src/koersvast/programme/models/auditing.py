"""The self-test against the norms of audit offices, and the steps of making a plan."""

from typing import ClassVar

from django.db import models
from django_scopes import ScopedManager

from koersvast.access.models import Municipality
from koersvast.policy.models import Plan


class SelfAudit(models.Model):
    """Zelftoets of one plan at one time; a new one starts from the last."""

    class Privacy:
        plain = {"id", "municipality", "plan", "started_on", "closed_on", "note", "version"}

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="self_audits")
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="self_audits")
    started_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["SelfAudit"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["-started_on", "-pk"]


class NormScore(models.Model):
    """How the plan does on one question of one norm, and why."""

    class Privacy:
        plain = {"id", "self_audit", "question", "score", "text", "answered_on", "version"}

    class Score(models.TextChoices):
        YES = "yes"
        PARTLY = "partly"
        NO = "no"

    self_audit = models.ForeignKey(SelfAudit, models.CASCADE, related_name="scores")
    question = models.CharField(max_length=40, help_text="Code of the question in the list of norms.")
    score = models.CharField(max_length=6, choices=Score.choices)
    text = models.TextField(blank=True)
    answered_on = models.DateField()
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["NormScore"]] = ScopedManager(municipality="self_audit__municipality")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["self_audit", "question"], name="a_question_is_scored_once")]


class Evidence(models.Model):
    """Bewijs: where an answer can be checked; a place in this system (kind:code) or a document elsewhere."""

    class Privacy:
        plain = {"id", "score", "label", "place", "url"}

    score = models.ForeignKey(NormScore, models.CASCADE, related_name="evidence")
    label = models.CharField(max_length=200)
    place = models.CharField(max_length=120, blank=True)
    url = models.URLField(blank=True)

    objects: ClassVar[models.Manager["Evidence"]] = ScopedManager(municipality="score__self_audit__municipality")

    class Meta:
        ordering = ["pk"]


class PlanStep(models.Model):
    """A step of making the plan (Kernbeleid Veiligheid): done, skipped with a reason, or still to do."""

    class Privacy:
        plain = {"id", "plan", "step", "state", "done_on", "note", "version"}

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        SKIPPED = "skipped"

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="steps")
    step = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    done_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["PlanStep"]] = ScopedManager(municipality="plan__municipality")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "step"], name="a_plan_takes_a_step_once")]
