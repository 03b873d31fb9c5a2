"""The programme with its actions: what, why it should work, by whom, when, for how much."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from koersvast.access.models import Municipality, User
from koersvast.indicators.models import Indicator
from koersvast.partners.models import Agreement, Contact, FollowUp, Organisation
from koersvast.policy.models import ApproachLine, Objective, Plan, Priority
from koersvast.reference.models import Area


class Programme(models.Model):
    """Uitvoeringsprogramma: the actions of two years, under a plan."""

    class Privacy:
        plain = {
            "id", "municipality", "plan", "code", "title", "first_day", "last_day", "state", "adopted_on",
            "adopted_by", "document", "predecessor", "version",
        }  # fmt: skip

    class State(models.TextChoices):
        DRAFT = "draft"
        ADOPTED = "adopted"
        CLOSED = "closed"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="programmes")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="programmes")
    code = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    adopted_on = models.DateField(null=True, blank=True)
    adopted_by = models.CharField(max_length=80, blank=True, help_text="Such as college.")
    document = models.CharField(max_length=200, blank=True)
    predecessor = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="successors")
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["Programme"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["-first_day", "code"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "code"], name="a_programme_code_is_used_once"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="a_programme_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(adopted_on__isnull=False), name="an_adopted_programme_has_a_day"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ActionNumbering(models.Model):
    """The last number that an action of a municipality got: also when that action is gone, it is never used again."""

    class Privacy:
        plain = {"id", "municipality", "last_number"}

    municipality = models.OneToOneField(Municipality, models.CASCADE, related_name="action_numbering")
    last_number = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager["ActionNumbering"]] = ScopedManager(municipality="municipality")


class Action(models.Model):
    """Actie: one thing that is done for the objectives. `version` tells two writers apart."""

    class Privacy:
        plain = {
            "id", "municipality", "programme", "number", "title", "text", "mechanism", "priority", "objectives",
            "approach_line", "chain_link", "lens_time", "lens_space", "lens_networks", "lens_knowledge", "target_group",
            "area",
            "owner_organisation", "owner_contact", "owner_role", "starts_on", "ends_on", "recurrence",
            "recurrence_note", "hours", "has_no_cost", "output_measure", "output_planned", "output_unit",
            "outcome_indicator", "decision_reference", "depends_on", "measure", "status", "status_reason",
            "status_on", "evaluation", "evaluation_text", "evaluated_on", "copied_from", "follow_up", "version",
            "created_at", "changed_at",
        }  # fmt: skip

    class ChainLink(models.TextChoices):
        PROACTION = "proaction"
        PREVENTION = "prevention"
        PREPARATION = "preparation"
        REPRESSION = "repression"
        AFTERCARE = "aftercare"

    class Recurrence(models.TextChoices):
        ONCE = "once"
        CONTINUOUS = "continuous"
        WEEKLY = "weekly"
        MONTHLY = "monthly"
        QUARTERLY = "quarterly"
        YEARLY = "yearly"

    class Status(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        STUCK = "stuck"
        DONE = "done"
        STOPPED = "stopped"

    class Evaluation(models.TextChoices):
        NONE = ""
        CONTINUE = "continue"
        ADAPT = "adapt"
        STOP = "stop"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="actions")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="actions")
    number = models.PositiveIntegerField(help_text="Its number within the municipality; never used again.")
    title = models.CharField(max_length=160)
    text = models.TextField(blank=True, help_text="What is done.")
    mechanism = models.TextField(blank=True, help_text="Why it should work.")
    priority = models.ForeignKey(Priority, models.SET_NULL, null=True, blank=True, related_name="actions")
    objectives = models.ManyToManyField(Objective, related_name="actions", blank=True)
    approach_line = models.ForeignKey(ApproachLine, models.SET_NULL, null=True, blank=True, related_name="actions")
    chain_link = models.CharField(max_length=12, choices=ChainLink.choices, blank=True)
    lens_time = models.CharField(max_length=300, blank=True, help_text="When the problem occurs.")
    lens_space = models.CharField(max_length=300, blank=True, help_text="Where it occurs.")
    lens_networks = models.CharField(max_length=300, blank=True, help_text="Which groups and networks matter.")
    lens_knowledge = models.CharField(max_length=300, blank=True, help_text="Which knowledge is used or missing.")
    target_group = models.CharField(max_length=200, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    owner_organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="owned_actions"
    )
    owner_contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="owned_actions")
    owner_role = models.CharField(max_length=120, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    recurrence = models.CharField(max_length=10, choices=Recurrence.choices, default=Recurrence.ONCE)
    recurrence_note = models.CharField(max_length=160, blank=True)
    hours = models.DecimalField(max_digits=8, decimal_places=1, null=True, blank=True)
    has_no_cost = models.BooleanField(default=False, help_text="Said outright; no cost lines is not the same.")
    output_measure = models.CharField(max_length=200, blank=True, help_text="What is counted, such as avonden.")
    output_planned = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    output_unit = models.CharField(max_length=40, blank=True)
    outcome_indicator = models.ForeignKey(Indicator, models.SET_NULL, null=True, blank=True, related_name="actions")
    decision_reference = models.CharField(max_length=200, blank=True)
    depends_on = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="awaited_actions",
        help_text="A regional body that this waits for.",
    )  # fmt: skip
    measure = models.SlugField(max_length=80, blank=True, help_text="The known measure that it came from.")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PLANNED)
    status_reason = models.CharField(max_length=400, blank=True)
    status_on = models.DateField(null=True, blank=True)
    evaluation = models.CharField(max_length=8, choices=Evaluation.choices, blank=True)
    evaluation_text = models.TextField(blank=True)
    evaluated_on = models.DateField(null=True, blank=True)
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="copies")
    follow_up = models.OneToOneField(FollowUp, models.SET_NULL, null=True, blank=True, related_name="action")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Action"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "number"], name="an_action_number_is_used_once"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="an_action_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["stuck", "stopped"]) | ~Q(status_reason=""),
                name="a_stuck_or_stopped_action_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Contribution(models.Model):
    """Bijdrage: what a partner agreed to do for an action, in hours or money where that was said."""

    class Privacy:
        plain = {"id", "action", "organisation", "text", "hours", "euro", "agreed_on", "agreement"}

    action = models.ForeignKey(Action, models.CASCADE, related_name="contributions")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="contributions")
    text = models.CharField(max_length=300, blank=True)
    hours = models.DecimalField(max_digits=8, decimal_places=1, null=True, blank=True)
    euro = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, help_text="In kind.")
    agreed_on = models.DateField(null=True, blank=True)
    agreement = models.ForeignKey(Agreement, models.SET_NULL, null=True, blank=True, related_name="contributions")

    objects: ClassVar[models.Manager["Contribution"]] = ScopedManager(municipality="action__municipality")

    class Meta:
        ordering = ["organisation__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["action", "organisation"], name="a_partner_contributes_once_to_an_action")
        ]


class CostLine(models.Model):
    """Wat mag het kosten: an amount in a year, and out of what it is paid."""

    class Privacy:
        plain = {"id", "action", "year", "euro", "cover", "cover_name", "task_field", "is_structural", "organisation"}

    class Cover(models.TextChoices):
        PROGRAMME = "programme"
        TASK_FIELD = "task_field"
        PARTNER = "partner"
        GRANT = "grant"
        UNCOVERED = "uncovered"

    action = models.ForeignKey(Action, models.CASCADE, related_name="cost_lines")
    year = models.PositiveSmallIntegerField()
    euro = models.DecimalField(max_digits=12, decimal_places=2)
    cover = models.CharField(max_length=10, choices=Cover.choices)
    cover_name = models.CharField(max_length=160, blank=True, help_text="Such as 2 Openbare orde en veiligheid.")
    task_field = models.CharField(max_length=8, blank=True, help_text="Taakveld of the BBV, such as 1.2.")
    is_structural = models.BooleanField(default=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["CostLine"]] = ScopedManager(municipality="action__municipality")

    class Meta:
        ordering = ["year", "pk"]
        constraints = [models.CheckConstraint(condition=Q(euro__gte=0), name="a_cost_is_not_negative")]


class BulkChange(models.Model):
    """Many actions changed at once; `lines` holds for each what stood there, so that it can be undone."""

    class Privacy:
        plain = {"id", "programme", "made_at", "made_by", "kind", "actions_count", "undone_at"}
        bulky = {"lines"}

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="bulk_changes")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, help_text="change, copy or paste.")
    actions_count = models.PositiveIntegerField()
    lines = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["BulkChange"]] = ScopedManager(municipality="programme__municipality")

    class Meta:
        ordering = ["-made_at"]


class StagedTable(models.Model):
    """A table that somebody pasted, until it is taken over or thrown away; cells may hold names of colleagues."""

    class Privacy:
        personal = {"cells"}
        plain = {"id", "programme", "made_at", "made_by", "columns", "choices", "version"}

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="staged_tables")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")
    cells = models.JSONField(default=list, help_text="Rows of texts, as they were pasted.")
    columns = models.JSONField(default=dict, help_text="Which column is what.")
    choices = models.JSONField(default=dict, help_text="What the person answered to questions about values.")
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["StagedTable"]] = ScopedManager(municipality="programme__municipality")

    class Meta:
        ordering = ["-made_at"]
