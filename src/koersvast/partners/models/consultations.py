"""Consultations: who meets in what rhythm, the agenda, what was decided, and what follows from it."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from koersvast.access.models import Municipality, User
from koersvast.partners.models.organisations import Contact, Organisation


class Consultation(models.Model):
    """Overleg: a structure with members and a rhythm, such as the driehoek or the six-weekly talk about traffic."""

    class Privacy:
        plain = {
            "id", "municipality", "code", "name", "purpose", "level", "rhythm", "every", "first_on", "starts_at",
            "minutes_long", "place", "chair_role", "is_active", "version",
        }  # fmt: skip

    class Level(models.TextChoices):
        GOVERNING = "governing"
        OFFICIAL = "official"
        OPERATIONAL = "operational"

    class Rhythm(models.TextChoices):
        WEEKS = "weeks"
        MONTHS = "months"
        YEARS = "years"
        ON_CALL = "on_call"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="consultations")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=160)
    purpose = models.TextField(blank=True)
    level = models.CharField(max_length=12, choices=Level.choices)
    rhythm = models.CharField(max_length=8, choices=Rhythm.choices)
    every = models.PositiveSmallIntegerField(default=1, help_text="Six, for every six weeks.")
    first_on = models.DateField(null=True, blank=True, help_text="The day from which the rhythm counts.")
    starts_at = models.TimeField(null=True, blank=True)
    minutes_long = models.PositiveSmallIntegerField(default=60)
    place = models.CharField(max_length=160, blank=True)
    chair_role = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["Consultation"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "code"], name="a_consultation_code_is_used_once"),
            models.CheckConstraint(condition=Q(every__gte=1), name="a_rhythm_is_at_least_one"),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """Deelnemer: an organisation at the table, by a contact or by a role."""

    class Privacy:
        plain = {"id", "consultation", "organisation", "contact", "role"}

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="members")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=120, blank=True)

    objects: ClassVar[models.Manager["Member"]] = ScopedManager(municipality="consultation__municipality")

    class Meta:
        ordering = ["organisation__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "organisation", "contact", "role"], name="a_member_sits_once_at_a_table"
            )
        ]


class Meeting(models.Model):
    """Vergadering: one time that a consultation meets. `uid` and `sequence` are what calendars know it by."""

    class Privacy:
        plain = {
            "id", "consultation", "planned_for", "starts_at", "ends_at", "place", "state", "uid", "sequence", "summary",
            "changed_at", "version",
        }  # fmt: skip

    class State(models.TextChoices):
        PLANNED = "planned"
        HELD = "held"
        CANCELLED = "cancelled"

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="meetings")
    planned_for = models.DateField(
        null=True, blank=True, help_text="The day of the rhythm that it was made for; empty when somebody added it."
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    summary = models.TextField(blank=True, help_text="What was said, without names of residents.")
    changed_at = models.DateTimeField(help_text="When what calendars show of it changed.")
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["Meeting"]] = ScopedManager(municipality="consultation__municipality")

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_meeting_ends_after_it_begins"),
            models.UniqueConstraint(fields=["consultation", "starts_at"], name="a_table_meets_once_at_a_time"),
            models.UniqueConstraint(fields=["consultation", "planned_for"], name="a_day_of_a_rhythm_is_planned_once"),
        ]


class AgendaItem(models.Model):
    """Agendapunt. `origin` says where it came from, such as action:12; empty when somebody typed it."""

    class Privacy:
        plain = {"id", "meeting", "position", "title", "note", "origin", "outcome", "version"}

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    origin = models.CharField(max_length=60, blank=True)
    outcome = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["AgendaItem"]] = ScopedManager(municipality="meeting__consultation__municipality")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["meeting", "position"], name="an_agenda_item_has_its_place")]


class MeetingDecision(models.Model):
    """Besluit of a meeting."""

    class Privacy:
        plain = {"id", "meeting", "position", "text", "version"}

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decisions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=600)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["MeetingDecision"]] = ScopedManager(
        municipality="meeting__consultation__municipality"
    )

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["meeting", "position"], name="a_meeting_decision_has_its_place")]


class FollowUp(models.Model):
    """Actiepunt of a meeting: small, or taken up into the programme as an action (then `became_action`)."""

    class Privacy:
        plain = {
            "id", "meeting", "position", "text", "organisation", "owner_role", "due_on", "state", "state_on", "version",
        }  # fmt: skip

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        BECAME_ACTION = "became_action"
        DROPPED = "dropped"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="follow_ups")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=400)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="follow_ups")
    owner_role = models.CharField(max_length=120, blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=14, choices=State.choices, default=State.OPEN)
    state_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["FollowUp"]] = ScopedManager(municipality="meeting__consultation__municipality")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["meeting", "position"], name="a_follow_up_has_its_place")]


class CalendarFeed(models.Model):
    """Agenda-abonnement: an address from which a calendar reads meetings; only a digest of it is kept."""

    class Privacy:
        plain = {"id", "municipality", "user", "consultation", "digest", "made_at", "revoked_at"}

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    consultation = models.ForeignKey(
        Consultation, models.CASCADE, null=True, blank=True, related_name="feeds", help_text="Empty: all of them."
    )
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["CalendarFeed"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["-made_at"]
