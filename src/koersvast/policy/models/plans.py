"""The plan, its priorities, objectives, target sets with decisions (the ledger), claims and answers."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from koersvast.access.models import Municipality, User
from koersvast.engine.quantities import TargetKind, Unit
from koersvast.indicators.models import Definition, Indicator, Source
from koersvast.reference.models import Area, Taxonomy, Theme


class Plan(models.Model):
    """Beleidsplan integrale veiligheid: at least once in four years (art. 38b lid 1 Politiewet 2012)."""

    class Privacy:
        plain = {
            "id", "municipality", "code", "title", "first_year", "last_year", "analysis_first_year",
            "analysis_last_year", "taxonomy", "area", "method", "strategic_frame", "main_course", "legal_basis",
            "predecessor",
        }  # fmt: skip

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="plans")
    code = models.SlugField()
    title = models.CharField(max_length=200)
    first_year = models.PositiveSmallIntegerField()
    last_year = models.PositiveSmallIntegerField()
    analysis_first_year = models.PositiveSmallIntegerField(help_text="First year of the safety analysis.")
    analysis_last_year = models.PositiveSmallIntegerField()
    taxonomy = models.ForeignKey(Taxonomy, models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    method = models.CharField(max_length=200, blank=True)
    strategic_frame = models.TextField(blank=True)
    main_course = models.TextField(blank=True)
    legal_basis = models.CharField(max_length=200, blank=True, help_text="The article as the plan cites it.")
    predecessor = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="successors")

    objects: ClassVar[models.Manager["Plan"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["-first_year", "code"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "code"], name="a_plan_code_is_used_once"),
            models.CheckConstraint(condition=Q(last_year__gte=F("first_year")), name="a_plan_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(analysis_last_year__gte=F("analysis_first_year")),
                name="an_analysis_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Principle(models.Model):
    """Strategisch uitgangspunt of the plan."""

    class Privacy:
        plain = {"id", "plan", "position", "title", "text"}

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="principles")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Principle"]] = ScopedManager(municipality="plan__municipality")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["plan", "position"], name="a_principle_has_its_own_place")]


class Priority(models.Model):
    """Prioriteit: local, regional, or a theme that is kept in view without being a priority."""

    class Privacy:
        plain = {"id", "plan", "code", "position", "reach", "title", "motivation", "approach", "themes"}

    class Reach(models.TextChoices):
        LOCAL = "local"
        REGIONAL = "regional"
        KEPT_IN_VIEW = "kept_in_view"

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="priorities")
    code = models.SlugField()
    position = models.PositiveSmallIntegerField()
    reach = models.CharField(max_length=12, choices=Reach.choices)
    title = models.CharField(max_length=200)
    motivation = models.TextField(blank=True)
    approach = models.TextField(blank=True)
    themes = models.ManyToManyField(Theme, related_name="+", blank=True)

    objects: ClassVar[models.Manager["Priority"]] = ScopedManager(municipality="plan__municipality")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="a_priority_code_is_used_once")]

    def __str__(self) -> str:
        return self.title


class Objective(models.Model):
    """Doelstelling: an indicator that the plan wants to move, in the plan's own wording."""

    class Privacy:
        plain = {"id", "plan", "priority", "code", "position", "title", "indicator", "source", "wording"}

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="objectives")
    priority = models.ForeignKey(Priority, models.PROTECT, null=True, blank=True, related_name="objectives")
    code = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="objectives")
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", help_text="Whose figures judge it."
    )
    wording = models.TextField(blank=True, help_text="How the plan words it.")

    objects: ClassVar[models.Manager["Objective"]] = ScopedManager(municipality="plan__municipality")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="an_objective_code_is_used_once")]

    def __str__(self) -> str:
        return self.title


class ApproachLine(models.Model):
    """Hoofdlijn van aanpak: what the plan says it will do, before the programme works it out."""

    class Privacy:
        plain = {
            "id",
            "plan",
            "priority",
            "objective",
            "position",
            "text",
            "owner",
            "due",
            "cost_euro",
            "chain_link",
        }

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="approach_lines")
    priority = models.ForeignKey(Priority, models.CASCADE, null=True, blank=True, related_name="approach_lines")
    objective = models.ForeignKey(Objective, models.SET_NULL, null=True, blank=True, related_name="approach_lines")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    owner = models.CharField(max_length=120, blank=True, help_text="A role or organisation, not a person's name.")
    due = models.CharField(max_length=40, blank=True)
    cost_euro = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    chain_link = models.CharField(max_length=20, blank=True)

    objects: ClassVar[models.Manager["ApproachLine"]] = ScopedManager(municipality="plan__municipality")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["plan", "position"], name="an_approach_line_has_its_own_place")]


class Decision(models.Model):
    """Besluit: who set the targets, when, in which document. Never changed; a correction is a new decision."""

    FROZEN_WHEN = "OLD.id IS NOT NULL"

    class Privacy:
        plain = {
            "id", "plan", "number", "kind", "body", "decided_on", "date_is_assumed", "document", "document_url",
            "reason", "recorded_at", "recorded_by",
        }  # fmt: skip

    class Kind(models.TextChoices):
        ADOPTION = "adoption"
        REVISION = "revision"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    body = models.CharField(max_length=80, help_text="Such as gemeenteraad.")
    decided_on = models.DateField()
    date_is_assumed = models.BooleanField(default=False, help_text="The document does not give the day.")
    document = models.CharField(max_length=200)
    document_url = models.URLField(blank=True)
    reason = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)

    objects: ClassVar[models.Manager["Decision"]] = ScopedManager(municipality="plan__municipality")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="a_decision_number_is_used_once"),
            models.CheckConstraint(condition=Q(kind="adoption") | ~Q(reason=""), name="a_revision_has_a_reason"),
        ]


class TargetSet(models.Model):
    """Doelafspraak: baseline, kind of change and a value for each year. Frozen from its decision on."""

    FROZEN_WHEN = "OLD.decision_id IS NOT NULL"

    class Privacy:
        plain = {
            "id", "objective", "number", "kind", "stated_change", "baseline_amount", "baseline_period",
            "baseline_definition", "baseline_source", "decision", "supersedes", "note",
        }  # fmt: skip

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="target_sets")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in TargetKind])
    stated_change = models.DecimalField(
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="Signed: -50 (%), -6 (points), -20 (count).",
    )
    baseline_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    baseline_period = models.CharField(max_length=8, blank=True)
    baseline_definition = models.ForeignKey(Definition, models.PROTECT, null=True, blank=True, related_name="+")
    baseline_source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="target_sets")
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    note = models.TextField(blank=True)

    objects: ClassVar[models.Manager["TargetSet"]] = ScopedManager(municipality="objective__plan__municipality")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "number"], name="a_target_set_number_is_used_once"),
            models.UniqueConstraint(
                fields=["objective"], condition=Q(decision=None), name="an_objective_has_one_draft"
            ),
        ]


class Target(models.Model):
    """Doelwaarde: what was agreed for one year."""

    FROZEN_WHEN = "OLD.is_adopted"
    CLOSED_WITH = "target_set"

    class Privacy:
        plain = {"id", "target_set", "year", "agreed", "is_adopted"}

    target_set = models.ForeignKey(TargetSet, models.PROTECT, related_name="targets")
    year = models.PositiveSmallIntegerField()
    agreed = models.DecimalField(max_digits=18, decimal_places=6)
    is_adopted = models.BooleanField(default=False)

    objects: ClassVar[models.Manager["Target"]] = ScopedManager(
        municipality="target_set__objective__plan__municipality"
    )

    class Meta:
        ordering = ["year"]
        constraints = [models.UniqueConstraint(fields=["target_set", "year"], name="a_year_has_one_agreed_value")]


class Claim(models.Model):
    """A figure or statement that a document makes, so that the plan check can hold it against the registry."""

    class Privacy:
        plain = {
            "id", "plan", "code", "position", "document", "place", "kind", "indicator", "objective", "subject",
            "period", "amount", "unit", "compared_period", "compared_amount", "label", "text", "source_url",
        }  # fmt: skip

    class Kind(models.TextChoices):
        FIGURE = "figure", "an amount for a period"
        CHANGE = "change", "a change between two periods"
        TREND = "trend", "a direction over several periods"
        TARGET = "target", "an agreed value for a year"
        LABEL = "label", "a name or definition given to an indicator"
        CITATION = "citation", "a law or regulation"
        RHYTHM = "rhythm", "how often something is made or measured"
        RANKING = "ranking", "an order between shares of one survey question"
        TABLE = "table", "the columns of a table; label lists them"
        SUM = "sum", "a total with its parts; label lists them"
        PROMISE = "promise", "what a partner will do"
        PROGRAMME = "programme", "an implementation programme, from period to compared period"
        PROXY = "proxy", "an objective measured by a stand-in or worded as a means"

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="claims")
    code = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField()
    document = models.CharField(max_length=200)
    place = models.CharField(max_length=120, help_text="Chapter, section or table.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    indicator = models.ForeignKey(Indicator, models.SET_NULL, null=True, blank=True, related_name="claims")
    objective = models.ForeignKey(Objective, models.SET_NULL, null=True, blank=True, related_name="claims")
    subject = models.CharField(max_length=200)
    period = models.CharField(max_length=8, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    unit = models.CharField(max_length=12, choices=[(unit.value, unit.value) for unit in Unit], blank=True)
    compared_period = models.CharField(max_length=8, blank=True)
    compared_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    label = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True, help_text="What the document says, in our own words.")
    source_url = models.URLField(blank=True)

    objects: ClassVar[models.Manager["Claim"]] = ScopedManager(municipality="plan__municipality")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="a_claim_code_is_used_once")]


class Answer(models.Model):
    """A named person's answer to a finding of the plan check: known, because ..."""

    class Privacy:
        personal = {"name"}
        plain = {"id", "plan", "rule", "place", "text", "answered_by", "answered_at"}

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="answers")
    rule = models.CharField(max_length=8)
    place = models.CharField(max_length=200)
    text = models.TextField()
    name = models.CharField(max_length=120, help_text="Who answered, as it is shown beside the finding.")
    answered_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty for an imported answer.",
    )
    answered_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Answer"]] = ScopedManager(municipality="plan__municipality")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "rule", "place"], name="a_finding_has_one_answer")]
