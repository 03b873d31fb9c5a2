"""Named changes to municipalities, people and roles."""

import secrets
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Application, Event
from koersvast.access.models import ApplicationToken, Membership, Municipality, Role, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise, digest_of

ROLES_FILE = Path(__file__).parent / "roles.toml"
# First words of addresses that are not of one municipality; a municipality called so would have no pages.
RESERVED_SLUGS = frozenset(
    {"aanmelden", "afmelden", "agenda", "api", "health", "media", "melden", "static", "stijlgids", "taal", "thema"}
)


def load_roles(*, by: Actor) -> list[Role]:
    """Bring the roles in line with `roles.toml`; an unknown permission raises ValueError."""
    listed = tomllib.loads(ROLES_FILE.read_text(encoding="utf-8"))
    with audit.recorded(Event.ROLES_LOADED, by=by) as record:
        roles = [_load_role(code, entry) for code, entry in listed.items()]
        record.detail = {"roles": sorted(listed)}
    return roles


def _load_role(code: str, entry: dict[str, Any]) -> Role:
    permissions = sorted(Permission(text).value for text in entry["permissions"])
    role, _created = Role.objects.update_or_create(
        code=code,
        defaults={"name_nl": entry["name_nl"], "name_en": entry["name_en"], "permissions": permissions},
    )
    return role


def register_municipality(*, code: str, slug: str, name: str, by: Actor, house_colour: str = "") -> Municipality:
    """Add a municipality, or bring the name and colour of a known one up to date. Code: slug_reserved."""
    if slug in RESERVED_SLUGS:
        told = _("This word is used by the pages themselves. Choose another code.")
        raise ValidationError({"slug": ValidationError(told, code="slug_reserved")})
    with audit.recorded(Event.MUNICIPALITY_REGISTERED, by=by) as record:
        municipality = Municipality.objects.filter(code=code).first() or Municipality(code=code)
        municipality.slug, municipality.name = slug, name
        if house_colour:
            municipality.house_colour = house_colour
        municipality.full_clean()
        municipality.save()
        record.subject, record.detail = municipality, {"code": code}
    return municipality


def change_municipality(
    municipality: Municipality,
    *,
    house_colour: str,
    on_course_from: float,
    off_course_to: float,
    priorities_at_most: int,
    by: Actor,
) -> None:
    """Change the settings of a municipality: its colour, the two verdict thresholds, how much its team can carry."""
    authorise(by, Permission.SETTINGS_EDIT, municipality, on=timezone.localdate())
    with audit.recorded(Event.MUNICIPALITY_CHANGED, by=by, municipality=municipality) as record:
        municipality.house_colour = house_colour
        municipality.on_course_from = on_course_from
        municipality.off_course_to = off_course_to
        municipality.priorities_at_most = priorities_at_most
        municipality.full_clean()
        municipality.save()
        record.subject = municipality
        record.detail = {"on_course_from": on_course_from, "off_course_to": off_course_to}


def register_user(
    *, email: str, name: str, by: Actor, password: str | None = None, is_demo_persona: bool = False
) -> User:
    """Add a person; a password that is easily guessed raises ValidationError.

    Without a password nobody can sign in with this account by typing one.
    """
    with audit.recorded(Event.USER_REGISTERED, by=by) as record:
        user = User(email=email, name=name, is_demo_persona=is_demo_persona)
        if password is not None:
            validate_password(password, user)
        user.set_password(password)
        user.full_clean()
        user.save()
        record.subject = user
    return user


def grant(user: User, role_code: str, municipality: Municipality, *, since: date, by: Actor) -> Membership:
    """Give `user` a role in `municipality` from day `since`; granting again reopens an ended membership."""
    with audit.recorded(Event.MEMBERSHIP_GRANTED, by=by, municipality=municipality) as record:
        membership, _created = Membership.objects.update_or_create(
            user=user,
            municipality=municipality,
            role=Role.objects.get(code=role_code),
            defaults={"since": since, "until": None},
        )
        record.subject, record.detail = membership, {"user": user.pk, "role": role_code}
    return membership


def end_membership(membership: Membership, *, until: date, by: Actor) -> None:
    """End a role; the next request of that person is refused after day `until`."""
    with audit.recorded(Event.MEMBERSHIP_ENDED, by=by, municipality=membership.municipality) as record:
        membership.until = until
        membership.save(update_fields=["until"])
        record.subject = membership


def choose_language(user: User, *, language: str) -> None:
    """Remember in which language `user` reads the screens."""
    with audit.recorded(Event.LANGUAGE_CHOSEN, by=user) as record:
        user.language = language
        user.save(update_fields=["language"])
        record.subject, record.detail = user, {"language": language}


LONGEST_TERM = timedelta(days=400)
# What an application can never be given: taking decisions, people, settings and the record of changes.
NEVER_FOR_APPLICATIONS = frozenset(
    {Permission.PLAN_ADOPT, Permission.AUDIT_VIEW, Permission.SETTINGS_EDIT, Permission.SURVEY_MANAGE}
)


@dataclass(frozen=True, kw_only=True)
class MadeToken:
    """A new token. `text` is shown once and kept nowhere."""

    row: ApplicationToken
    text: str


def make_token(
    *, municipality: Municipality, name: str, purpose: str, scopes: Collection[Permission], expires_on: date, by: Actor
) -> MadeToken:
    """Let an application in until a day, at most thirteen months ahead, to do what `scopes` say and nothing more."""
    today = timezone.localdate()
    authorise(by, Permission.SETTINGS_EDIT, municipality, on=today)
    if not scopes or NEVER_FOR_APPLICATIONS & set(scopes):
        raise ValidationError(_("Choose what the application may do."), code="token_scopes")
    if not today < expires_on <= today + LONGEST_TERM:
        raise ValidationError(_("Choose a last day from tomorrow to thirteen months ahead."), code="token_term")
    text = f"kv_{secrets.token_urlsafe(32)}"
    with audit.recorded(Event.TOKEN_MADE, by=by, municipality=municipality) as record:
        row = ApplicationToken(
            municipality=municipality, name=name, purpose=purpose, scopes=sorted(scope.value for scope in scopes),
            digest=digest_of(text), hint=text[:8], made_at=timezone.now(), made_by=audit.describe(by),
            expires_on=expires_on,
        )  # fmt: skip
        row.full_clean()
        row.save()
        record.subject, record.detail = row, {"scopes": row.scopes}
    return MadeToken(row=row, text=text)


def revoke_token(token: ApplicationToken, *, by: Actor) -> None:
    """Shut an application out from its next request on; doing it again changes nothing."""
    authorise(by, Permission.SETTINGS_EDIT, token.municipality, on=timezone.localdate())
    if token.revoked_at:
        return
    with audit.recorded(Event.TOKEN_REVOKED, by=by, municipality=token.municipality) as record:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record.subject = token


def note_use(application: Application, *, on: date) -> None:
    """Remember the day on which a token was last used: one record a day, however often it is used."""
    row = ApplicationToken.objects.select_related("municipality").get(pk=application.token)
    if row.last_used_on == on:
        return
    with audit.recorded(Event.TOKEN_USED, by=application, municipality=row.municipality) as record:
        row.last_used_on = on
        row.save(update_fields=["last_used_on"])
        record.subject = row
