"""Sources, measurements, indicators, definitions, breaks, deliveries, observations. All scoped to a municipality."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django_scopes import ScopedManager

from koersvast.access.models import Municipality, User
from koersvast.engine.quantities import Certainty, Direction, Missing, Unit
from koersvast.reference.models import Area, Bilingual, Theme


def _choices(words: type[Unit] | type[Direction] | type[Missing] | type[Certainty]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Source(Bilingual):
    """Bron: a registration or a survey, with what a reader must know to judge its figures."""

    class Privacy:
        plain = {
            "id", "municipality", "code", "name_nl", "name_en", "label_nl", "label_en", "kind", "holder", "population",
            "frame", "is_probability_sample", "interval_years", "licence", "url", "note_nl", "note_en",
        }  # fmt: skip

    class Kind(models.TextChoices):
        REGISTRATION = "registration"
        SURVEY = "survey"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="sources")
    code = models.SlugField()
    label_nl = models.CharField(max_length=40, help_text="Short name for tables, such as Politie.")
    label_en = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    holder = models.CharField(max_length=120, help_text="Who keeps the figures.")
    population = models.CharField(max_length=200, blank=True)
    frame = models.CharField(max_length=200, blank=True, help_text="How respondents were found.")
    is_probability_sample = models.BooleanField(null=True, blank=True)
    interval_years = models.PositiveSmallIntegerField(default=1, help_text="Years between two measurements.")
    licence = models.CharField(max_length=80, blank=True)
    url = models.URLField(blank=True)
    note_nl = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Source"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["municipality", "code"], name="a_source_code_is_used_once")]

    @property
    def label(self) -> str:
        """The short name in the language of the reader."""
        return self.label_en if get_language() == "en" else self.label_nl

    @property
    def note(self) -> str:
        """What a reader should know, in the language of the reader."""
        return self.note_en if get_language() == "en" else self.note_nl


class Measurement(models.Model):
    """Meetmoment: a survey wave that was held or is planned, with its size."""

    class Privacy:
        plain = {
            "id", "source", "period", "is_planned", "invited", "respondents", "respondents_are_assumed",
            "design_effect", "mode", "note",
        }  # fmt: skip

    source = models.ForeignKey(Source, models.CASCADE, related_name="measurements")
    period = models.CharField(max_length=8)
    is_planned = models.BooleanField(default=False)
    invited = models.PositiveIntegerField(null=True, blank=True)
    respondents = models.PositiveIntegerField(null=True, blank=True)
    respondents_are_assumed = models.BooleanField(default=False)
    design_effect = models.FloatField(default=1.0)
    mode = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Measurement"]] = ScopedManager(municipality="source__municipality")

    class Meta:
        ordering = ["period"]
        constraints = [
            models.UniqueConstraint(fields=["source", "period"], name="a_source_is_measured_once_a_period"),
            models.CheckConstraint(condition=Q(design_effect__gt=0), name="a_design_effect_is_positive"),
            models.CheckConstraint(
                condition=Q(invited=None) | Q(respondents=None) | Q(respondents__lte=F("invited")),
                name="no_more_respondents_than_invited",
            ),
        ]


class Indicator(Bilingual):
    """What we follow: one theme, one unit, one direction. Its wording over time stands in its definitions."""

    class Privacy:
        plain = {
            "id", "municipality", "code", "position", "name_nl", "name_en", "theme", "group_nl", "group_en",
            "table_number", "perspective", "unit", "direction", "source", "successor", "discontinued_on",
        }  # fmt: skip

    class Perspective(models.TextChoices):
        OBJECTIVE = "objective"
        SUBJECTIVE = "subjective"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="indicators")
    code = models.SlugField(max_length=80)
    position = models.PositiveIntegerField(default=0, help_text="Place in the analysis table.")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="+")
    group_nl = models.CharField(max_length=80, blank=True, help_text="Heading within the analysis table.")
    group_en = models.CharField(max_length=80, blank=True)
    table_number = models.CharField(max_length=8, blank=True, help_text="Table of the safety analysis; empty: none.")
    perspective = models.CharField(max_length=10, choices=Perspective.choices)
    unit = models.CharField(max_length=12, choices=_choices(Unit))
    direction = models.CharField(max_length=6, choices=_choices(Direction))
    source = models.ForeignKey(Source, models.PROTECT, related_name="indicators")
    successor = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="predecessors")
    discontinued_on = models.DateField(null=True, blank=True)

    objects: ClassVar[models.Manager["Indicator"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["position", "code"]
        constraints = [models.UniqueConstraint(fields=["municipality", "code"], name="an_indicator_code_is_used_once")]

    @property
    def group(self) -> str:
        """The heading in the analysis table, in the language of the reader."""
        return self.group_en if get_language() == "en" else self.group_nl


class Definition(models.Model):
    """A version of an indicator's wording. A figure belongs to the definition under which it was measured."""

    class Privacy:
        plain = {
            "id", "indicator", "number", "valid_from", "text_nl", "text_en", "question", "answers_counted",
            "population", "composition", "external_code", "note_nl", "note_en",
        }  # fmt: skip

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="definitions")
    number = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    text_nl = models.TextField()
    text_en = models.TextField(blank=True)
    question = models.TextField(blank=True, help_text="The question as the survey asks it.")
    answers_counted = models.CharField(max_length=200, blank=True, help_text="Such as: een beetje tot veel overlast.")
    population = models.CharField(max_length=200, blank=True)
    composition = models.TextField(blank=True, help_text="Items, recoding and missing rule of a scale or a sum.")
    external_code = models.CharField(max_length=80, blank=True, help_text="Table and key at the source.")
    note_nl = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Definition"]] = ScopedManager(municipality="indicator__municipality")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["indicator", "number"], name="a_definition_number_is_used_once")]

    @property
    def text(self) -> str:
        """The definition in the language of the reader; the Dutch text where there is no other."""
        return (self.text_en if get_language() == "en" else "") or self.text_nl

    @property
    def note(self) -> str:
        """A remark in the language of the reader; the Dutch one where there is no other."""
        return (self.note_en if get_language() == "en" else "") or self.note_nl


class Break(models.Model):
    """Trendbreuk: from this day on the figures are not comparable with earlier ones, or only after conversion."""

    class Privacy:
        plain = {"id", "indicator", "on", "kind", "note_nl", "note_en", "factor", "factor_se"}

    class Kind(models.TextChoices):
        DEFINITION = "definition"
        REGISTRATION = "registration"
        MODE = "mode"
        BOUNDARY = "boundary"

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="breaks")
    on = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    note_nl = models.TextField()
    note_en = models.TextField(blank=True)
    factor = models.FloatField(null=True, blank=True, help_text="Multiply earlier figures by this to compare.")
    factor_se = models.FloatField(null=True, blank=True)

    objects: ClassVar[models.Manager["Break"]] = ScopedManager(municipality="indicator__municipality")

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "on", "kind"], name="a_break_is_marked_once"),
            models.CheckConstraint(
                condition=Q(factor=None, factor_se=None) | Q(factor__gt=0, factor_se__gte=0),
                name="a_conversion_has_its_uncertainty",
            ),
        ]

    @property
    def note(self) -> str:
        """Why, in the language of the reader; the Dutch text where there is no other."""
        return (self.note_en if get_language() == "en" else "") or self.note_nl


class RememberedMapping(models.Model):
    """How a kind of file is read, recognised by its headers."""

    class Privacy:
        plain = {"id", "municipality", "fingerprint", "name", "mapping", "used_at"}

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    mapping = models.JSONField()
    used_at = models.DateTimeField()

    objects: ClassVar[models.Manager["RememberedMapping"]] = ScopedManager(municipality="municipality")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "fingerprint"], name="a_kind_of_file_has_one_mapping"),
        ]


class Delivery(models.Model):
    """Aanlevering: a file with figures, staged until a person takes it over. Identity is its content and mapping."""

    class Privacy:
        plain = {
            "id", "municipality", "source", "file_name", "snapshot", "identity", "as_of", "mapping", "state",
            "received_at", "received_by", "closed_at", "closed_by", "new", "revised", "same", "withdrawn", "refused",
            "note_nl", "note_en", "table", "vintage",
        }  # fmt: skip
        bulky = {"staged"}

    class State(models.TextChoices):
        STAGED = "staged"
        STORED = "stored"
        DISCARDED = "discarded"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="deliveries")
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="deliveries")
    file_name = models.CharField(max_length=200)
    snapshot = models.CharField(max_length=64, help_text="SHA-256 of the bytes in the snapshot store.")
    identity = models.CharField(max_length=64, help_text="SHA-256 over snapshot, mapping and as-of date.")
    as_of = models.DateField(help_text="The day on which the source gave these figures.")
    mapping = models.JSONField(default=dict)
    staged = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.STAGED)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=60)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=60, blank=True)
    new = models.PositiveIntegerField(default=0)
    revised = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0, help_text="Figures that the source gives no longer.")
    refused = models.PositiveIntegerField(default=0)
    note_nl = models.TextField(blank=True, help_text="What a reader should know, such as an assumed day.")
    note_en = models.TextField(blank=True)
    table = models.CharField(max_length=20, blank=True, help_text="National table it was staged from; empty: a file.")
    vintage = models.PositiveIntegerField(null=True, blank=True, help_text="Number of the vintage of that table.")

    objects: ClassVar[models.Manager["Delivery"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "identity"],
                condition=Q(state="stored"),
                name="a_delivery_is_stored_once",
            ),
            models.CheckConstraint(
                condition=Q(state="staged", closed_at=None) | ~Q(state="staged") & Q(closed_at__isnull=False),
                name="a_closed_delivery_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(table="", vintage=None) | ~Q(table="") & Q(vintage__isnull=False),
                name="a_delivery_of_a_table_names_its_vintage",
            ),
        ]


class Observation(models.Model):
    """One number: which definition, where, when, how sure, from which delivery. Never changed, only superseded."""

    class Privacy:
        plain = {
            "id", "indicator", "definition", "source", "area", "period", "period_start", "period_end", "amount",
            "decimals", "missing", "certainty", "as_of", "delivery", "line", "respondents", "design_effect",
            "standard_error", "low", "high", "exposure", "note", "withdrawn_at", "withdrawn_by", "withdrawn_because",
        }  # fmt: skip

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="observations")
    definition = models.ForeignKey(Definition, models.PROTECT, related_name="observations")
    source = models.ForeignKey(Source, models.PROTECT, related_name="observations")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    period = models.CharField(max_length=8)
    period_start = models.DateField()
    period_end = models.DateField(help_text="The first day after the period.")
    amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    decimals = models.PositiveSmallIntegerField(default=0, help_text="Decimals as delivered.")
    missing = models.CharField(max_length=14, choices=_choices(Missing), blank=True)
    certainty = models.CharField(max_length=12, choices=_choices(Certainty), default=Certainty.FINAL.value)
    as_of = models.DateField(help_text="The day from which the number was known like this.")
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="observations")
    line = models.PositiveIntegerField(help_text="Line in the delivered file.")
    respondents = models.PositiveIntegerField(null=True, blank=True)
    design_effect = models.FloatField(null=True, blank=True)
    standard_error = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    exposure = models.FloatField(null=True, blank=True, help_text="Inhabitants in the period.")
    note = models.CharField(max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty for an imported withdrawal."
    )
    withdrawn_because = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager["Observation"]] = ScopedManager(municipality="indicator__municipality")

    class Meta:
        ordering = ["period_start", "as_of"]
        indexes = [models.Index(fields=["indicator", "area", "period_start"], name="observations_by_series")]
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "source", "area", "period", "as_of"],
                condition=Q(withdrawn_at=None),
                name="a_number_has_one_value_a_vintage",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=False, missing="") | Q(amount=None) & ~Q(missing=""),
                name="a_missing_number_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_because=""),
                name="a_withdrawal_has_a_day_and_a_reason",
            ),
            models.CheckConstraint(condition=Q(period_end__gt=F("period_start")), name="a_period_has_length"),
        ]


class Following(models.Model):
    """Volgen: a municipality takes the figures of a feed (`indicators.feeds`) from a day on."""

    class Privacy:
        plain = {"id", "municipality", "feed", "takes_over", "since", "until", "followed_by"}

    class TakesOver(models.TextChoices):
        BY_ITSELF = "by_itself"
        AFTER_CONFIRMATION = "after_confirmation"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="followings")
    feed = models.SlugField(max_length=80, help_text="Code in the catalogue of feeds.")
    takes_over = models.CharField(
        max_length=18,
        choices=TakesOver.choices,
        default=TakesOver.BY_ITSELF,
        help_text="Whether a delivery without anything unusual is taken over without a person.",
    )
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text="The day it ended; empty while it is followed.")
    followed_by = models.CharField(max_length=60)

    objects: ClassVar[models.Manager["Following"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["feed", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "feed"], condition=Q(until=None), name="a_feed_is_followed_once"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="following_ends_after_it_begins"
            ),
        ]


class Retrieval(models.Model):
    """Ophaling: one attempt to bring in a national table, for every municipality of the installation at once."""

    class Privacy:
        plain = {
            "id", "table", "slice", "slice_key", "state", "is_offline", "asked_at", "asked_by", "started_at",
            "finished_at", "vintage", "capture", "problems",
        }  # fmt: skip

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        QUARANTINED = "quarantined"
        FAILED = "failed"

    table = models.CharField(max_length=20)
    slice = models.JSONField(default=dict, help_text="Which areas, kinds and years; empty lists: all.")
    slice_key = models.CharField(max_length=64, help_text="SHA-256 of the slice.")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    is_offline = models.BooleanField(default=False, help_text="From the newest bytes that are kept.")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=60)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    vintage = models.PositiveIntegerField(null=True, blank=True, help_text="Number of the vintage it gave.")
    capture = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the manifest of what was fetched.")
    problems = models.JSONField(default=list, blank=True, help_text="Codes and values of what went wrong.")

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["table", "-asked_at"], name="retrievals_by_table")]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "slice_key"],
                condition=Q(state__in=["queued", "running"]),
                name="a_slice_of_a_table_is_retrieved_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], finished_at=None)
                | ~Q(state__in=["queued", "running"]) & Q(finished_at__isnull=False),
                name="a_finished_retrieval_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "quarantined"]) | Q(vintage__isnull=False) & ~Q(capture=""),
                name="a_retrieval_that_brought_figures_names_them",
            ),
        ]


class RetrievalProgress(models.Model):
    """How far a running retrieval is. Changes by the second, so it stays out of the audit."""

    class Privacy:
        plain = {"id", "retrieval", "step", "done", "total", "bytes_read", "last_sign_at"}

    retrieval = models.OneToOneField(Retrieval, models.CASCADE, related_name="progress")
    step = models.CharField(max_length=40, help_text="Code of what it is doing.")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    bytes_read = models.PositiveBigIntegerField(default=0)
    last_sign_at = models.DateTimeField()


class SourceDifference(models.Model):
    """Why two sources give different figures for one indicator, in the words of who knows."""

    class Privacy:
        plain = {"id", "indicator", "source", "other", "period", "text", "written_by", "written_at"}

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="differences")
    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    other = models.ForeignKey(Source, models.CASCADE, related_name="+")
    period = models.CharField(max_length=8, blank=True, help_text="Empty: for all periods.")
    text = models.TextField()
    written_by = models.CharField(max_length=60)
    written_at = models.DateTimeField()

    objects: ClassVar[models.Manager["SourceDifference"]] = ScopedManager(municipality="indicator__municipality")

    class Meta:
        ordering = ["period"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "source", "other", "period"], name="a_difference_is_explained_once_a_period"
            ),
            models.CheckConstraint(condition=~Q(source=F("other")), name="a_difference_is_between_two_sources"),
            models.CheckConstraint(condition=~Q(text=""), name="an_explanation_says_something"),
        ]


class ControlPhase(models.Model):
    """Nieuwe fase: from this month on, a person compares the months of a series with a centre line of their own.

    Control limits are never moved by a computer: who sees a lasting change says from when, and why. A phase that was
    a mistake ends (`ended_at`); the row stays.
    """

    class Privacy:
        plain = {
            "id", "indicator", "area_code", "starts", "reason", "set_at", "set_by", "ended_at", "ended_by",
        }  # fmt: skip

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="control_phases")
    area_code = models.CharField(max_length=10)
    starts = models.CharField(max_length=8, help_text="First month of the phase, such as 2023-05.")
    reason = models.CharField(max_length=300)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["ControlPhase"]] = ScopedManager(municipality="indicator__municipality")

    class Meta:
        ordering = ["starts"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "area_code", "starts"],
                condition=Q(ended_at=None),
                name="a_phase_starts_once_a_month",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_phase_has_a_reason"),
        ]
