"""What was agreed with partners: agreements with their term, promises both ways, and plans of regional bodies."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from koersvast.access.models import Municipality
from koersvast.partners.models.organisations import Organisation


class Agreement(models.Model):
    """Convenant, protocol or other agreement: between whom, for what, until when."""

    class Privacy:
        plain = {
            "id", "municipality", "code", "title", "kind", "purpose", "legal_basis", "starts_on", "ends_on",
            "review_on", "owner_role", "document", "document_url", "parties", "version",
        }  # fmt: skip

    class Kind(models.TextChoices):
        COVENANT = "covenant"
        PROTOCOL = "protocol"
        DATA_SHARING = "data_sharing"
        WORKING_AGREEMENT = "working_agreement"
        GRANT = "grant"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="agreements")
    code = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    purpose = models.TextField()
    legal_basis = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True, help_text="Empty: until it is ended.")
    review_on = models.DateField(null=True, blank=True)
    owner_role = models.CharField(max_length=120, blank=True)
    document = models.CharField(max_length=200, blank=True)
    document_url = models.URLField(blank=True)
    parties = models.ManyToManyField(Organisation, related_name="agreements")
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["Agreement"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "code"], name="an_agreement_code_is_used_once"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="an_agreement_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Promise(models.Model):
    """Afspraak: what an organisation promised us, or we promised it."""

    class Privacy:
        plain = {
            "id", "organisation", "direction", "text", "agreement", "made_on", "due_on", "state", "state_note",
            "state_on", "version",
        }  # fmt: skip

    class Direction(models.TextChoices):
        TO_US = "to_us"
        BY_US = "by_us"

    class State(models.TextChoices):
        OPEN = "open"
        KEPT = "kept"
        BROKEN = "broken"
        LAPSED = "lapsed"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="promises")
    direction = models.CharField(max_length=6, choices=Direction.choices)
    text = models.CharField(max_length=400)
    agreement = models.ForeignKey(Agreement, models.SET_NULL, null=True, blank=True, related_name="promises")
    made_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    state_note = models.CharField(max_length=400, blank=True)
    state_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["Promise"]] = ScopedManager(municipality="organisation__municipality")

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", state_on=None) | (~Q(state="open") & Q(state_on__isnull=False)),
                name="a_settled_promise_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["broken", "lapsed"]) | ~Q(state_note=""),
                name="a_broken_or_lapsed_promise_has_a_note",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class RegionalPlan(models.Model):
    """Plan of a regional body, seen from here: our input, their promise, and when they report on it."""

    class Privacy:
        plain = {
            "id", "body", "title", "first_day", "last_day", "our_input", "our_input_on", "their_promise",
            "reports_on", "reported_on", "report", "document", "document_url", "version",
        }  # fmt: skip

    body = models.ForeignKey(Organisation, models.CASCADE, related_name="regional_plans")
    title = models.CharField(max_length=200)
    first_day = models.DateField()
    last_day = models.DateField()
    our_input = models.TextField(blank=True)
    our_input_on = models.DateField(null=True, blank=True, help_text="When our input is due.")
    their_promise = models.TextField(blank=True)
    reports_on = models.DateField(null=True, blank=True)
    reported_on = models.DateField(null=True, blank=True)
    report = models.TextField(blank=True, help_text="What they reported, in a few words.")
    document = models.CharField(max_length=200, blank=True)
    document_url = models.URLField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["RegionalPlan"]] = ScopedManager(municipality="body__municipality")

    class Meta:
        ordering = ["-first_day", "title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="a_regional_plan_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return self.title
