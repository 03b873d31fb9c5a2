"""Named changes to municipalities, people and roles."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Membership, Municipality, Role, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise

ROLES_FILE = Path(__file__).parent / "roles.toml"


def load_roles(*, by: Actor) -> list[Role]:
    """Bring the roles in line with `roles.toml`; an unknown permission raises ValueError."""
    listed = tomllib.loads(ROLES_FILE.read_text(encoding="utf-8"))
    with audit.recorded(Event.ROLES_LOADED, by=by) as record:
        roles = [_load_role(code, entry) for code, entry in listed.items()]
        record.detail = {"roles": sorted(listed)}
    return roles


def _load_role(code: str, entry: dict[str, Any]) -> Role:
    permissions = sorted(Permission(text).value for text in entry["permissions"])
    role, _ = Role.objects.update_or_create(
        code=code,
        defaults={"name_nl": entry["name_nl"], "name_en": entry["name_en"], "permissions": permissions},
    )
    return role


def register_municipality(*, code: str, slug: str, name: str, by: Actor, house_colour: str = "") -> Municipality:
    """Add a municipality, or bring the name and colour of a known one up to date."""
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
        membership, _ = Membership.objects.update_or_create(
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
