"""How a wave is weighted, and the population that it is weighted to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual
from django_scopes import ScopedManager

from koersvast.surveys.models.waves import Wave

SHORTEST_STATEMENT = 20


class WeightingChoice(models.Model):
    """Weegkeuze: which frame, from which weights, to which margins, how far. The newest one counts."""

    class Privacy:
        plain = {
            "id", "wave", "frame", "method", "variance", "margins", "trim_ratio", "lowest_ratio", "highest_ratio",
            "lonely", "statement", "chosen_at", "chosen_by", "superseded_at",
        }  # fmt: skip

    class Frame(models.TextChoices):
        """Which respondents the published estimates are of."""

        EVERYBODY = "everybody", "the file has one frame"
        SAMPLE = "sample", "the random sample"
        PANEL = "panel", "the panel"
        POOLED = "pooled", "both together, by choice and with a statement"

    class Method(models.TextChoices):
        NONE = "none", "the weights of the design only"
        GIVEN = "given", "the weights in the file, as they are"
        POST_STRATIFY = "poststratify"
        RAKE = "rake"
        LINEAR = "linear"
        LOGIT = "logit"

    class Variance(models.TextChoices):
        """Which residuals make the margins of error: as R's rake() or as its calibrate()."""

        RAKE = "rake"
        CALIBRATE = "calibrate"

    class Lonely(models.TextChoices):
        REFUSE = "refuse"
        REMOVE = "remove"
        ADJUST = "adjust"
        AVERAGE = "average"
        CERTAINTY = "certainty"

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="weighting_choices")
    frame = models.CharField(max_length=10, choices=Frame.choices, default=Frame.EVERYBODY)
    method = models.CharField(max_length=12, choices=Method.choices)
    variance = models.CharField(max_length=10, choices=Variance.choices, default=Variance.CALIBRATE)
    margins = models.JSONField(default=list, blank=True, help_text='Codes of backgrounds; "a*b" for a crossing.')
    trim_ratio = models.FloatField(null=True, blank=True, help_text="No weight above this many times the mean.")
    lowest_ratio = models.FloatField(null=True, blank=True, help_text="Least that a weight may be multiplied by.")
    highest_ratio = models.FloatField(null=True, blank=True, help_text="Most that a weight may be multiplied by.")
    lonely = models.CharField(max_length=10, choices=Lonely.choices, default=Lonely.REFUSE)
    statement = models.TextField(blank=True, help_text="Why both frames are taken together.")
    chosen_at = models.DateTimeField()
    chosen_by = models.CharField(max_length=60)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["WeightingChoice"]] = ScopedManager(municipality="wave__municipality")

    class Meta:
        ordering = ["-chosen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["wave"], condition=Q(superseded_at=None), name="a_wave_has_one_choice_of_weights"
            ),
            models.CheckConstraint(
                condition=~Q(frame="pooled") | Q(GreaterThanOrEqual(Length("statement"), SHORTEST_STATEMENT)),
                name="pooling_frames_has_a_statement",
            ),
            models.CheckConstraint(
                condition=Q(trim_ratio=None) | Q(trim_ratio__gt=1), name="weights_are_trimmed_above_their_mean"
            ),
            models.CheckConstraint(
                condition=(Q(lowest_ratio=None) | Q(lowest_ratio__gte=0, lowest_ratio__lt=1))
                & (Q(highest_ratio=None) | Q(highest_ratio__gt=1)),
                name="the_bounds_of_weights_lie_around_one",
            ),
        ]


class PopulationMargin(models.Model):
    """Populatiecijfer: how many people of the population are in one category of a background, and who says so."""

    class Privacy:
        plain = {
            "id", "wave", "code", "category", "people", "source_text", "table", "vintage", "as_of", "given_at",
            "given_by",
        }  # fmt: skip

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="margins")
    code = models.CharField(max_length=160, help_text='Code of a background; "a*b" for a crossing.')
    category = models.CharField(max_length=160, help_text='Code of the category; "1*2" for a crossing.')
    people = models.FloatField()
    source_text = models.CharField(max_length=200)
    table = models.CharField(max_length=20, blank=True, help_text="National table; empty: given by hand.")
    vintage = models.PositiveIntegerField(null=True, blank=True)
    as_of = models.DateField(help_text="The day that the numbers speak of.")
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=60)

    objects: ClassVar[models.Manager["PopulationMargin"]] = ScopedManager(municipality="wave__municipality")

    class Meta:
        ordering = ["code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "code", "category"], name="a_category_has_one_number_of_people"),
            models.CheckConstraint(condition=Q(people__gte=0), name="people_are_not_negative"),
            models.CheckConstraint(condition=~Q(source_text=""), name="a_population_margin_has_a_source"),
            models.CheckConstraint(
                condition=Q(table="", vintage=None) | ~Q(table="") & Q(vintage__isnull=False),
                name="a_margin_of_a_table_names_its_vintage",
            ),
        ]
