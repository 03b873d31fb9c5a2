"""Municipalities, users, roles, memberships, the audit's three tables, and attempts to sign in."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


class Municipality(models.Model):
    """A municipality that uses this installation: the wall around everything below."""

    class Privacy:
        plain = {
            "id",
            "code",
            "slug",
            "name",
            "house_colour",
            "on_course_from",
            "off_course_to",
            "priorities_at_most",
        }

    code = models.CharField(
        max_length=6,
        unique=True,
        validators=[RegexValidator(r"^GM\d{4}$")],
        help_text="CBS code, such as GM0148.",
    )
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    house_colour = models.CharField(max_length=7, default="#0b6157", validators=[RegexValidator(r"^#[0-9a-f]{6}$")])
    on_course_from = models.FloatField(default=0.90, help_text="Probability from which an objective is on course.")
    off_course_to = models.FloatField(default=0.10, help_text="Probability up to which an objective is off course.")
    priorities_at_most = models.PositiveSmallIntegerField(
        default=6, help_text="How many priorities the team can carry; the plan check warns above it."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(off_course_to__gte=0, off_course_to__lt=F("on_course_from"), on_course_from__lte=1),
                name="off_course_lies_below_on_course",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_practice(self) -> bool:
        """Whether this is an invented municipality to practise with; CBS gives no codes from GM9900 on."""
        return self.code >= "GM9900"


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who can sign in. What they may do follows from memberships, never from this row."""

    class Privacy:
        personal = {"email", "name", "password", "last_login"}
        plain = {"id", "is_active", "language", "is_demo_persona", "gets_weekly_mail"}

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=2, choices=[("nl", "Nederlands"), ("en", "English")], default="nl")
    is_active = models.BooleanField(default=True)
    is_demo_persona = models.BooleanField(default=False)
    gets_weekly_mail = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="an_email_belongs_to_one_person"),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A named set of permissions, loaded from `roles.toml`."""

    class Privacy:
        plain = {"id", "code", "name_nl", "name_en", "permissions"}

    code = models.SlugField(unique=True)
    name_nl = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    permissions = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name_nl


class Membership(models.Model):
    """A person holds a role in a municipality, from a day until a day."""

    class Privacy:
        plain = {"id", "user", "municipality", "role", "since", "until"}

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="memberships")
    role = models.ForeignKey(Role, models.PROTECT)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "municipality", "role"], name="a_role_is_held_once"),
        ]


class AuditRecord(models.Model):
    """One named change: who, what, when; sealed together with the rows that it touched.

    No foreign keys: the record outlives what it tells about. Append-only, by trigger and by hash chain.
    """

    class Privacy:
        plain = {
            "id", "at", "municipality_code", "actor", "event", "subject_kind", "subject_id", "detail",
            "token", "rows", "rows_digest", "previous_hash", "hash",
        }  # fmt: skip

    at = models.DateTimeField()
    municipality_code = models.CharField(max_length=6, blank=True)
    actor = models.CharField(max_length=60, help_text="user:7, or operator:import for the command line.")
    event = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)
    token = models.CharField(max_length=36, unique=True)
    rows = models.PositiveIntegerField(help_text="How many row changes this record seals.")
    rows_digest = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["municipality_code", "-at"], name="audit_by_municipality")]


class RowChange(models.Model):
    """What a trigger saw happen to one row, whoever wrote it and however."""

    class Privacy:
        plain = {"id", "at", "table_name", "row_id", "operation", "token", "before", "after"}

    at = models.CharField(max_length=32)
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=40)
    operation = models.CharField(max_length=8)
    token = models.CharField(max_length=36, null=True)  # noqa: DJ001 null means: outside a named change
    before = models.TextField(null=True)  # noqa: DJ001 null means: there was no row before
    after = models.TextField(null=True)  # noqa: DJ001 null means: there is no row after

    class Meta:
        indexes = [models.Index(fields=["token"], name="row_changes_by_token")]


class CurrentChange(models.Model):
    """SQLite only: the token of the change that is being written; empty outside a transaction."""

    class Privacy:
        plain = {"id", "token"}

    token = models.CharField(max_length=36)


class SignInAttempt(models.Model):
    """Somebody tried to sign in; gone after a quarter of an hour, or as soon as it succeeds."""

    class Privacy:
        personal = {"account", "address"}
        plain = {"id", "at"}

    at = models.DateTimeField(db_index=True)
    account = models.CharField(max_length=64, help_text="Keyed digest of the e-mail address.")
    address = models.CharField(max_length=64, db_index=True, help_text="Keyed digest of the network address.")


class ApplicationToken(models.Model):
    """Sleutel of an application that uses the API: what it may do and until when; only a digest is kept."""

    class Privacy:
        plain = {
            "id", "municipality", "name", "purpose", "scopes", "digest", "hint", "made_at", "made_by", "expires_on",
            "revoked_at", "last_used_on",
        }  # fmt: skip

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="application_tokens")
    name = models.CharField(max_length=80, help_text="The application, such as begrotingsapp.")
    purpose = models.CharField(max_length=200)
    scopes = models.JSONField(default=list, help_text="Permissions, such as programme.view.")
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12, help_text="The first characters, to know it by.")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name", "-made_at"]
