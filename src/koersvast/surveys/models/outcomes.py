"""What is computed of a wave, and what of it may be published. No number here can be led back to a respondent."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from koersvast.surveys.models.waves import MicrodataFile, Wave

SMALLEST_BASE, SMALLEST_GROUP = 30, 10


class Catalogue(models.Model):
    """Publicatielijst: which measures by which backgrounds are published of a wave, and from how many respondents on.

    A closed set: what is not on it is not computed for publication. Thresholds only go up.
    """

    class Privacy:
        plain = {
            "id", "wave", "backgrounds", "entries", "smallest_base", "smallest_group", "released_at", "released_by",
            "released_computation",
        }  # fmt: skip

    wave = models.OneToOneField(Wave, models.CASCADE, related_name="catalogue")
    backgrounds = models.JSONField(
        default=list, blank=True, help_text="Codes of backgrounds, in the order of the table book."
    )
    entries = models.JSONField(default=list, blank=True, help_text="Codes of entries; empty: all that are confirmed.")
    smallest_base = models.PositiveSmallIntegerField(default=SMALLEST_BASE)
    smallest_group = models.PositiveSmallIntegerField(default=SMALLEST_GROUP)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=60, blank=True)
    released_computation = models.ForeignKey("Computation", models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["Catalogue"]] = ScopedManager(municipality="wave__municipality")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(smallest_base__gte=SMALLEST_BASE, smallest_group__gte=SMALLEST_GROUP),
                name="thresholds_only_go_up",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by="") | Q(released_at__isnull=False) & ~Q(released_by=""),
                name="a_release_has_a_person_and_a_moment",
            ),
        ]


class Computation(models.Model):
    """Berekening: all estimates of a wave, from one file, codebook, choice of weights and catalogue."""

    class Privacy:
        plain = {
            "id", "wave", "file", "inputs", "frames", "state", "asked_at", "asked_by", "started_at", "finished_at",
            "problems", "core", "released_at", "questions", "estimates", "hidden",
        }  # fmt: skip
        bulky = {"diagnostics", "layout", "said"}

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="computations")
    file = models.ForeignKey(MicrodataFile, models.CASCADE, related_name="+")
    inputs = models.CharField(max_length=64, help_text="SHA-256 over everything that the outcomes depend on.")
    core = models.CharField(max_length=64, default="", help_text="The same, without what was released before.")
    frames = models.JSONField(default=list, blank=True, help_text="The frames that were estimated; the first counts.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=60)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    problems = models.JSONField(default=list, blank=True, help_text="Codes and values of what went wrong.")
    diagnostics = models.JSONField(default=dict, blank=True, help_text="By frame: what the weighting came to.")
    layout = models.JSONField(default=dict, blank=True, help_text="Backgrounds and groups: the columns of the tables.")
    said = models.JSONField(default=list, blank=True, help_text="What its release told, to guard the next one.")
    released_at = models.DateTimeField(null=True, blank=True)
    questions = models.PositiveIntegerField(default=0)
    estimates = models.PositiveIntegerField(default=0)
    hidden = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager["Computation"]] = ScopedManager(municipality="wave__municipality")

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["wave", "inputs"],
                condition=~Q(state="failed"),
                name="the_same_inputs_are_computed_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], finished_at=None)
                | ~Q(state__in=["queued", "running"]) & Q(finished_at__isnull=False),
                name="a_finished_computation_has_a_moment",
            ),
        ]


class ComputationProgress(models.Model):
    """How far a running computation is. Changes by the second, so it stays out of the audit."""

    class Privacy:
        plain = {"id", "computation", "step", "done", "total", "last_sign_at"}

    computation = models.OneToOneField(Computation, models.CASCADE, related_name="progress")
    step = models.CharField(max_length=40, help_text="Code of what it is doing.")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    last_sign_at = models.DateTimeField()

    objects: ClassVar[models.Manager["ComputationProgress"]] = ScopedManager(
        municipality="computation__wave__municipality"
    )


class SurveyEstimate(models.Model):
    """Schatting: one measure for everybody or for one category of a background, with how sure it is.

    `background` and `category` are empty for everybody. A hidden one has no number, only why.
    """

    class Privacy:
        plain = {"id", "computation", "entry_code", "cut_code", "frame", "background", "category", "unit"}
        # Numbers of small groups have no business in the audit; the digest of the inputs names them all.
        bulky = {
            "amount", "standard_error", "low", "high", "respondents", "effective_respondents", "design_effect",
            "degrees_of_freedom", "method", "is_hidden", "why_hidden",
        }  # fmt: skip

    computation = models.ForeignKey(Computation, models.CASCADE, related_name="rows")
    entry_code = models.CharField(max_length=80)
    cut_code = models.CharField(max_length=80)
    frame = models.CharField(max_length=10)
    background = models.CharField(max_length=80, blank=True)
    category = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=12)
    amount = models.FloatField(null=True, blank=True)
    standard_error = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    respondents = models.PositiveIntegerField(null=True, blank=True)
    effective_respondents = models.FloatField(null=True, blank=True)
    design_effect = models.FloatField(null=True, blank=True)
    degrees_of_freedom = models.FloatField(null=True, blank=True)
    method = models.CharField(max_length=60, blank=True)
    is_hidden = models.BooleanField(default=False)
    why_hidden = models.CharField(max_length=20, blank=True)

    objects: ClassVar[models.Manager["SurveyEstimate"]] = ScopedManager(municipality="computation__wave__municipality")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["computation", "frame", "entry_code", "cut_code", "background", "category"],
                name="a_measure_is_estimated_once",
            ),
            models.CheckConstraint(
                condition=Q(is_hidden=False, why_hidden="")
                | Q(is_hidden=True, amount=None, standard_error=None, low=None, high=None) & ~Q(why_hidden=""),
                name="a_hidden_estimate_has_a_reason_and_no_number",
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(respondents__isnull=False), name="an_estimate_has_its_respondents"
            ),
            models.CheckConstraint(
                condition=Q(low=None, high=None) | Q(low__lte=F("high")), name="an_interval_runs_upwards"
            ),
        ]


class TabulatedQuestion(models.Model):
    """One question in the table book: every answer by every background, protected already.

    What is hidden is absent here too: nothing can be found in the database that may not be published.
    """

    class Privacy:
        plain = {"id", "computation", "frame", "entry_code", "position"}
        bulky = {"content"}

    computation = models.ForeignKey(Computation, models.CASCADE, related_name="tables")
    frame = models.CharField(max_length=10)
    entry_code = models.CharField(max_length=80)
    position = models.PositiveIntegerField()
    content = models.JSONField()

    objects: ClassVar[models.Manager["TabulatedQuestion"]] = ScopedManager(
        municipality="computation__wave__municipality"
    )

    class Meta:
        ordering = ["frame", "position"]
        constraints = [
            models.UniqueConstraint(fields=["computation", "frame", "entry_code"], name="a_question_is_tabulated_once"),
        ]
