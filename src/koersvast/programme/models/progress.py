"""How actions go: reports, links to report without signing in, and the one mail a week."""

from typing import ClassVar

from django.db import models
from django_scopes import ScopedManager

from koersvast.access.models import Municipality
from koersvast.partners.models import Contact, Meeting, Organisation
from koersvast.programme.models.actions import Action


class ReportingLink(models.Model):
    """Meldlink: lets a contact report on their own actions without signing in; only a digest of it is kept."""

    class Privacy:
        plain = {
            "id", "municipality", "contact", "digest", "made_at", "expires_at", "uses_at_most", "uses", "revoked_at",
        }  # fmt: skip

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="reporting_links")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    uses_at_most = models.PositiveSmallIntegerField(default=50, help_text="How many reports it takes.")
    uses = models.PositiveSmallIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["ReportingLink"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["-made_at"]


class ProgressReport(models.Model):
    """Voortgang: one line and a state. Never changed; a correction is a new report."""

    FROZEN_WHEN = "OLD.id IS NOT NULL"

    class Privacy:
        plain = {"id", "action", "at", "state", "line", "output_done", "way", "reported_by", "organisation", "meeting"}

    class Way(models.TextChoices):
        PAGE = "page"
        LINK = "link"
        MEETING = "meeting"
        APPLICATION = "application"
        FILE = "file"

    action = models.ForeignKey(Action, models.PROTECT, related_name="reports")
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=Action.Status.choices)
    line = models.CharField(max_length=280, blank=True)
    output_done = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    way = models.CharField(max_length=12, choices=Way.choices)
    reported_by = models.CharField(max_length=60, help_text="user:7 or contact:12; a name is looked up when shown.")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="reports")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="reports")

    objects: ClassVar[models.Manager["ProgressReport"]] = ScopedManager(municipality="action__municipality")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["action", "-at"], name="reports_by_action")]


class WeeklyMail(models.Model):
    """The one mail of a week to one address, claimed before it is sent, so that nobody ever gets a second one."""

    class Privacy:
        plain = {"id", "municipality", "recipient", "week", "state", "claimed_at", "sent_at", "actions_count", "error"}

    class State(models.TextChoices):
        CLAIMED = "claimed"
        SENT = "sent"
        FAILED = "failed"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    recipient = models.CharField(max_length=64, help_text="Keyed digest of the e-mail address.")
    week = models.CharField(max_length=8, help_text="Such as 2026-W48.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.CLAIMED)
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    actions_count = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=60, blank=True, help_text="The kind of error, never its text.")

    objects: ClassVar[models.Manager["WeeklyMail"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["-claimed_at"]
        constraints = [models.UniqueConstraint(fields=["recipient", "week"], name="one_mail_a_week_to_an_address")]
