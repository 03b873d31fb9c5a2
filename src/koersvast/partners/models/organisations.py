"""Organisations, units of the municipality itself, and the people to turn to there."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django_scopes import ScopedManager

from koersvast.access.models import Municipality, User


class Organisation(models.Model):
    """Organisatie: a partner outside, or a unit of the municipality itself; a unit may belong to another one."""

    class Privacy:
        plain = {
            "id", "municipality", "code", "name", "short_name", "kind", "parent", "task", "website", "is_active",
            "version",
        }  # fmt: skip

    class Kind(models.TextChoices):
        UNIT = "unit"
        POLICE = "police"
        PROSECUTION = "prosecution"
        SAFETY_REGION = "safety_region"
        REGIONAL_BODY = "regional_body"
        MUNICIPALITY = "municipality"
        HOUSING = "housing"
        WELFARE = "welfare"
        CARE = "care"
        HEALTH = "health"
        EDUCATION = "education"
        BUSINESS = "business"
        RESIDENTS = "residents"
        OTHER = "other"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="organisations")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=160)
    short_name = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=16, choices=Kind.choices, help_text="unit: an own unit of the municipality.")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="units")
    task = models.TextField(blank=True, help_text="What it does for safety here.")
    website = models.URLField(blank=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["Organisation"]] = ScopedManager(municipality="municipality")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "code"], name="an_organisation_code_is_used_once"),
            models.UniqueConstraint(Lower("name"), "municipality", name="an_organisation_has_its_own_name"),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name

    @property
    def is_internal(self) -> bool:
        """Whether this is a unit of the municipality itself."""
        return self.kind == self.Kind.UNIT


class Contact(models.Model):
    """Contactpersoon: somebody who works there. Name, address and number stay out of audit, exports and addresses."""

    class Privacy:
        personal = {"name", "email", "phone"}
        plain = {"id", "organisation", "role", "user", "gets_weekly_mail", "until", "version"}

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120, blank=True, help_text="Such as wijkagent or teamchef.")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="contacts", help_text="Who signs in as this contact."
    )
    gets_weekly_mail = models.BooleanField(default=True)
    until = models.DateField(null=True, blank=True, help_text="The last day on which this person works there.")
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["Contact"]] = ScopedManager(municipality="organisation__municipality")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(user__isnull=False),
                name="a_user_is_one_contact_of_an_organisation",
            ),
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=~Q(email=""),
                name="an_email_is_one_contact_of_an_organisation",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="an_email_of_a_contact_has_one_spelling"),
        ]

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        # What stands in logs and tracebacks has no name in it.
        return f"<Contact: {self.pk}>"
