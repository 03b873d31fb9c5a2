"""A wave of the survey and the files with answers that came for it; the answers themselves are in the sealed store."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django_scopes import ScopedManager

from koersvast.access.models import Municipality
from koersvast.indicators.models import Source


class Wave(models.Model):
    """Meting: a survey of one period, with what a reader must know to judge its outcomes."""

    class Privacy:
        plain = {
            "id", "municipality", "source", "period", "held_from", "held_until", "population_nl", "population_en",
            "population_size", "age_from", "frame_nl", "frame_en", "mode_nl", "mode_en", "invited", "reached",
            "answered", "languages", "is_synthetic", "note_nl", "note_en", "opened_at", "opened_by",
        }  # fmt: skip

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="waves")
    source = models.ForeignKey(Source, models.PROTECT, related_name="waves")
    period = models.CharField(max_length=8, help_text="Such as 2017; the same as that of the measurement.")
    held_from = models.DateField(null=True, blank=True)
    held_until = models.DateField(null=True, blank=True, help_text="The last day on which answers came in.")
    population_nl = models.CharField(max_length=200, blank=True, help_text="Such as: inwoners van 18 jaar en ouder.")
    population_en = models.CharField(max_length=200, blank=True)
    population_size = models.PositiveIntegerField(null=True, blank=True)
    age_from = models.PositiveSmallIntegerField(null=True, blank=True)
    frame_nl = models.CharField(max_length=300, blank=True, help_text="How respondents were found.")
    frame_en = models.CharField(max_length=300, blank=True)
    mode_nl = models.CharField(max_length=120, blank=True, help_text="Such as: internet en papier.")
    mode_en = models.CharField(max_length=120, blank=True)
    invited = models.PositiveIntegerField(null=True, blank=True)
    reached = models.PositiveIntegerField(null=True, blank=True)
    answered = models.PositiveIntegerField(null=True, blank=True)
    languages = models.JSONField(default=list, blank=True, help_text="Codes of the languages of the questionnaire.")
    is_synthetic = models.BooleanField(default=False, help_text="Nobody answered: the answers are invented.")
    note_nl = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=60)

    objects: ClassVar[models.Manager["Wave"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["-period", "source"]
        constraints = [
            models.UniqueConstraint(fields=["source", "period"], name="a_survey_has_one_wave_a_period"),
            models.CheckConstraint(
                condition=Q(held_from=None) | Q(held_until=None) | Q(held_until__gte=F("held_from")),
                name="a_wave_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(reached=None) | Q(invited=None) | Q(reached__lte=F("invited")),
                name="no_more_reached_than_invited",
            ),
            models.CheckConstraint(
                condition=(Q(answered=None) | Q(reached=None) | Q(answered__lte=F("reached")))
                & (Q(answered=None) | Q(invited=None) | Q(answered__lte=F("invited"))),
                name="no_more_answered_than_reached",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.period}"

    @property
    def population(self) -> str:
        """Who the outcomes speak of, in the language of the reader."""
        return self._said("population")

    @property
    def frame(self) -> str:
        """How respondents were found, in the language of the reader."""
        return self._said("frame")

    @property
    def mode(self) -> str:
        """How they answered, in the language of the reader."""
        return self._said("mode")

    @property
    def note(self) -> str:
        """What a reader should know, in the language of the reader."""
        return self._said("note")

    def _said(self, what: str) -> str:
        """The text in the language of the reader; the Dutch one where there is no other."""
        english = str(getattr(self, f"{what}_en")) if get_language() == "en" else ""
        return english or str(getattr(self, f"{what}_nl"))


class MicrodataFile(models.Model):
    """Databestand: a file with answers that came in. Its rows lie encrypted in the sealed store, until a day."""

    class Privacy:
        plain = {
            "id", "wave", "fingerprint", "sealed_name", "kind_of_file", "rows", "columns", "dropped_columns",
            "is_synthetic", "received_at", "received_by", "keep_until", "superseded_at", "destroyed_at",
            "destroyed_by", "destroyed_because",
        }  # fmt: skip
        bulky = {"file_name"}

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="files")
    fingerprint = models.CharField(max_length=64, help_text="Keyed digest of the bytes, to know the same file again.")
    sealed_name = models.CharField(max_length=80, unique=True)
    file_name = models.CharField(max_length=200)
    kind_of_file = models.CharField(max_length=20)
    rows = models.PositiveIntegerField()
    columns = models.PositiveIntegerField()
    dropped_columns = models.JSONField(default=list, help_text="Names and kinds of the personal columns left out.")
    is_synthetic = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=60)
    keep_until = models.DateField(help_text="The day on which the answers are destroyed.")
    superseded_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)
    destroyed_by = models.CharField(max_length=60, blank=True)
    destroyed_because = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager["MicrodataFile"]] = ScopedManager(municipality="wave__municipality")

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["wave"], condition=Q(superseded_at=None), name="a_wave_has_one_current_file"
            ),
            models.CheckConstraint(
                condition=Q(destroyed_at=None, destroyed_by="", destroyed_because="")
                | Q(destroyed_at__isnull=False) & ~Q(destroyed_by="") & ~Q(destroyed_because=""),
                name="a_destruction_has_a_day_a_person_and_a_reason",
            ),
        ]

    @property
    def can_be_read(self) -> bool:
        """Whether the answers are still there."""
        return self.destroyed_at is None
