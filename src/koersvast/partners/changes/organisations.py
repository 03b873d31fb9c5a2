"""Writing organisations and the people to turn to there."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.codes import free_code
from koersvast.access.conflicts import locked
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import permissions_of
from koersvast.partners.changes.writing import RESERVED, fill, hold, may_edit, own
from koersvast.partners.models import Contact, Organisation


def write_organisation(
    *, municipality: Municipality, name: str, kind: Organisation.Kind, by: Actor, code: str = "",
    short_name: str = "", parent: Organisation | None = None, task: str = "", website: str = "",
    is_active: bool = True, organisation: Organisation | None = None, version: int | None = None,
) -> Organisation:  # fmt: skip
    """Add an organisation or a unit, or change the one that is given. Without a code it gets one from its name.

    Raises `ValidationError` with code name_taken, code_taken, parent_circle or parent_of_other_side, and `Changed`.
    """
    may_edit(by, municipality)
    own(municipality, organisation, parent)
    with audit.recorded(Event.ORGANISATION_WRITTEN, by=by, municipality=municipality) as record:
        hold(municipality)
        row = _row(municipality, organisation, version=version)
        name = " ".join(name.split())
        _refuse_taken_name(row, name)
        _refuse_parent(row, parent, kind=Organisation.Kind(kind))
        fill(
            row, name=name, kind=Organisation.Kind(kind), code=_code(row, code, name), short_name=short_name.strip(),
            parent=parent, task=task, website=website, is_active=is_active,
        )  # fmt: skip
        record.subject, record.detail = row, {"code": row.code}
    return row


def archive(*, organisation: Organisation, by: Actor, version: int | None = None) -> Organisation:
    """Take an organisation out of the choice lists; what was agreed and done with it stays to be read."""
    return _set_active(organisation, is_active=False, by=by, version=version)


def bring_back(*, organisation: Organisation, by: Actor, version: int | None = None) -> Organisation:
    """Take an organisation out of the archive."""
    return _set_active(organisation, is_active=True, by=by, version=version)


def _set_active(organisation: Organisation, *, is_active: bool, by: Actor, version: int | None) -> Organisation:
    municipality = organisation.municipality
    may_edit(by, municipality)
    with audit.recorded(Event.ORGANISATION_WRITTEN, by=by, municipality=municipality) as record:
        row = locked(organisation, version=version)
        fill(row, is_active=is_active)
        record.subject, record.detail = row, {"code": row.code, "is_active": is_active}
    return row


def record_export(*, municipality: Municipality, contacts: int, by: Actor) -> None:
    """Write down that names and addresses of contacts were taken out as a file, before they are."""
    may_edit(by, municipality)
    with audit.recorded(Event.CONTACTS_EXPORTED, by=by, municipality=municipality) as record:
        record.detail = {"contacts": contacts}


def write_contact(
    *, organisation: Organisation, name: str, by: Actor, role: str = "", email: str = "", phone: str = "",
    user: User | None = None, gets_weekly_mail: bool = True, until: date | None = None,
    contact: Contact | None = None, version: int | None = None,
) -> Contact:  # fmt: skip
    """Add somebody to turn to, or change them. `user` signs in as this contact and may report progress here.

    Raises `ValidationError` with code email_taken, user_without_role or user_taken, and `Changed`.
    """
    municipality = organisation.municipality
    may_edit(by, municipality)
    with audit.recorded(Event.CONTACT_WRITTEN, by=by, municipality=municipality) as record:
        row = _contact_row(organisation, contact, version=version)
        email = one_spelling(email)
        _refuse_taken_email(row, email)
        _refuse_user(row, user)
        fill(
            row, name=" ".join(name.split()), role=role.strip(), email=email, phone=phone.strip(), user=user,
            gets_weekly_mail=gets_weekly_mail, until=until,
        )  # fmt: skip
        record.subject, record.detail = row, {"organisation": organisation.code}
    return row


def remove_contact(*, contact: Contact, by: Actor) -> None:
    """Erase somebody: name, address and number are gone, what they did for the organisation stays."""
    municipality = contact.organisation.municipality
    may_edit(by, municipality)
    with audit.recorded(Event.CONTACT_REMOVED, by=by, municipality=municipality) as record:
        row = locked(contact, version=None)
        record.detail = {"organisation": contact.organisation.code, "contact": row.pk}
        row.delete()


def one_spelling(email: str) -> str:
    """Return an address as it is kept: without spaces around it and without capitals."""
    return email.strip().lower()


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _row(municipality: Municipality, known: Organisation | None, *, version: int | None) -> Organisation:
    if known is None:
        return Organisation(municipality=municipality)
    return locked(known, version=version)


def _contact_row(organisation: Organisation, known: Contact | None, *, version: int | None) -> Contact:
    if known is None:
        return Contact(organisation=organisation)
    return locked(known, version=version, within=organisation.contacts.all())


def _code(row: Organisation, code: str, name: str) -> str:
    """The code of a row stays as it is; a new row gets the given one, or one from its name."""
    if row.pk:
        return row.code
    taken = set(Organisation.objects.filter(municipality=row.municipality_id).values_list("code", flat=True))
    if code in taken or code in RESERVED:
        raise ValidationError(
            {"code": ValidationError(_("This code is taken. Choose another one."), code="code_taken")}
        )
    return code or free_code(name, taken=taken | RESERVED)


def _refuse_taken_name(row: Organisation, name: str) -> None:
    same = Organisation.objects.filter(municipality=row.municipality_id, name__iexact=name).exclude(pk=row.pk).first()
    if same is None:
        return
    text = (
        _("There is already an organisation with this name: change that one, or give this one another name.")
        if same.is_active
        else _("An organisation with this name is in the archive: bring that one back.")
    )
    raise ValidationError({"name": ValidationError(text, code="name_taken")})


def _refuse_parent(row: Organisation, parent: Organisation | None, *, kind: Organisation.Kind) -> None:
    """A unit belongs to a unit, an outside organisation to an outside one, and nothing to itself by a detour."""
    if row.pk and _parts_of_other_side(row, kind).exists():
        text = _("It has parts of the other side: move those first.")
        raise ValidationError({"kind": ValidationError(text, code="parent_of_other_side")})
    if parent is None:
        return
    if parent.is_internal != (kind == Organisation.Kind.UNIT):
        text = _("A unit of the municipality belongs to another unit, an outside organisation to an outside one.")
        raise ValidationError({"parent": ValidationError(text, code="parent_of_other_side")})
    if row.pk in _line_up(parent):
        text = _("This one is above the chosen one already: they would belong to each other.")
        raise ValidationError({"parent": ValidationError(text, code="parent_circle")})


def _parts_of_other_side(row: Organisation, kind: Organisation.Kind) -> QuerySet[Organisation]:
    """What belongs to this one and would stand on the other side of the town hall's door."""
    units = Q(kind=Organisation.Kind.UNIT)
    return row.units.exclude(units) if kind == Organisation.Kind.UNIT else row.units.filter(units)


def _line_up(start: Organisation) -> list[int]:
    """The organisation and everything above it, nearest first."""
    above = dict(Organisation.objects.filter(municipality=start.municipality_id).values_list("pk", "parent"))
    line: list[int] = []
    at: int | None = start.pk
    while at is not None and at not in line:
        line.append(at)
        at = above.get(at)
    return line


def _refuse_taken_email(row: Contact, email: str) -> None:
    if email and Contact.objects.filter(organisation=row.organisation_id, email=email).exclude(pk=row.pk).exists():
        text = _("Another contact person of this organisation has this e-mail address.")
        raise ValidationError({"email": ValidationError(text, code="email_taken")})


def _refuse_user(row: Contact, user: User | None) -> None:
    """Who signs in as a contact holds a role here that may report progress, and is one contact of an organisation."""
    if user is None:
        return
    held = permissions_of(user, row.organisation.municipality, on=timezone.localdate())
    if not user.is_active or Permission.PROGRESS_REPORT not in held:
        text = _("This user has no role here with which they can report. Give them the role of partner or colleague.")
        raise ValidationError({"user": ValidationError(text, code="user_without_role")})
    if row.organisation.contacts.filter(user=user).exclude(pk=row.pk).exists():
        text = _("This user is already another contact person of this organisation.")
        raise ValidationError({"user": ValidationError(text, code="user_taken")})
