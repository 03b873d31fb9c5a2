"""The codebook of a wave, and which of its measures goes to which indicator."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from koersvast.indicators.models import Delivery, Indicator
from koersvast.surveys.codebook import Entry, Why, entry_from_dict, why_from_dict
from koersvast.surveys.models.waves import Wave


class CodebookEntry(models.Model):
    """Codeboekregel: what one question of a wave is. It counts once a person confirmed it."""

    class Privacy:
        plain = {
            "id", "wave", "code", "position", "role", "content", "is_sure", "why", "carried_from", "changed",
            "confirmed_at", "confirmed_by",
        }  # fmt: skip

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="entries")
    code = models.SlugField(max_length=80)
    position = models.PositiveIntegerField(default=0)
    role = models.CharField(max_length=12)
    content = models.JSONField(help_text="The entry as `surveys.codebook` keeps it.")
    is_sure = models.BooleanField(default=False, help_text="Whether the suggestion leaves nothing to choose.")
    why = models.JSONField(default=list, blank=True, help_text="Codes and values: why this is suggested.")
    carried_from = models.CharField(max_length=8, blank=True, help_text="Period of the wave it was taken from.")
    changed = models.JSONField(default=list, blank=True, help_text="What differs from the wave it was taken from.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=60, blank=True)

    objects: ClassVar[models.Manager["CodebookEntry"]] = ScopedManager(municipality="wave__municipality")

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "code"], name="a_code_of_a_codebook_is_used_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by="") | Q(confirmed_at__isnull=False) & ~Q(confirmed_by=""),
                name="a_confirmed_entry_has_a_person_and_a_moment",
            ),
        ]

    @property
    def entry(self) -> Entry:
        """The entry as a value."""
        return entry_from_dict({**self.content, "is_confirmed": self.confirmed_at is not None})

    @property
    def reasons(self) -> tuple[Why, ...]:
        return tuple(why_from_dict(kept) for kept in self.why)

    @property
    def changes(self) -> tuple[Why, ...]:
        return tuple(why_from_dict(kept) for kept in self.changed)


class IndicatorLink(models.Model):
    """Koppeling: this measure of the wave is that indicator. A person says what a difference between them means."""

    class Privacy:
        plain = {
            "id", "wave", "entry_code", "cut_code", "frame", "areas", "indicator", "differences", "decision",
            "decision_note_nl", "decision_note_en", "confirmed_at", "confirmed_by", "delivery",
        }  # fmt: skip

    class Decision(models.TextChoices):
        """What a difference with the definition of the indicator means."""

        UNDECIDED = "", "nobody decided yet"
        SAME = "same", "the same measure: nothing differs that matters"
        BREAK = "break", "a new definition, with a break in the series"

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="links")
    entry_code = models.CharField(max_length=80)
    cut_code = models.CharField(max_length=80)
    frame = models.CharField(max_length=10, blank=True, help_text="Empty: the frame of the choice of weights.")
    areas = models.CharField(max_length=80, blank=True, help_text="Code of the background whose answers are areas.")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="survey_links")
    differences = models.JSONField(default=list, blank=True, help_text="Codes and values, as they were decided upon.")
    decision = models.CharField(max_length=6, choices=Decision.choices, blank=True, default=Decision.UNDECIDED)
    decision_note_nl = models.CharField(max_length=300, blank=True)
    decision_note_en = models.CharField(max_length=300, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=60, blank=True)
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["IndicatorLink"]] = ScopedManager(municipality="wave__municipality")

    class Meta:
        ordering = ["indicator__position", "indicator__code"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "indicator"], name="an_indicator_gets_one_measure_of_a_wave"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by="", decision="")
                | Q(confirmed_at__isnull=False) & ~Q(confirmed_by="") & ~Q(decision=""),
                name="a_confirmed_link_has_a_person_and_a_decision",
            ),
            models.CheckConstraint(
                condition=~Q(decision="break") | ~Q(decision_note_nl=""), name="a_decided_break_says_why"
            ),
        ]
