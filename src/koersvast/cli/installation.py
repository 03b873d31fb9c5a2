"""Bring the installation up to date: tables, roles, shared words."""

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Operator
from koersvast.access.changes import grant, load_roles, register_user
from koersvast.access.models import Municipality, Role, User
from koersvast.cli.language import _
from koersvast.cli.ready import REFUSED, Refusal
from koersvast.indicators.changes import load_reference

OPERATOR = Operator(name="command-line")


def bring_up_to_date() -> None:
    """Lay or change the tables and load what comes with the product; repeating it changes nothing."""
    call_command("migrate", verbosity=0, interactive=False)
    load_roles(by=OPERATOR)
    load_reference(by=OPERATOR)


def migrate() -> None:
    bring_up_to_date()
    print(_("The installation is up to date."))


def municipality_of(slug: str) -> Municipality:
    """Return the municipality with this slug or code; without one the only municipality there is.

    One to practise with is meant only when it is named, or when there is no other.
    """
    found = list(Municipality.objects.order_by("slug"))
    if slug:
        match = next((one for one in found if slug.lower() in (one.slug, one.code.lower())), None)
        if match is None:
            raise Refusal(
                _("There is no municipality {slug} here. Known: {known}.").format(slug=slug, known=_names(found))
            )
        return match
    if not found:
        raise Refusal(
            _("There is no municipality here yet."),
            _("Load the demo with: koersvast demo --no-serve. Or your own with: koersvast import DIRECTORY."),
        )
    real = [one for one in found if not one.is_practice]
    if len(real or found) > 1:
        raise Refusal(
            _("There is more than one municipality here: {known}. Choose one with --municipality.").format(
                known=_names(found)
            )
        )
    return (real or found)[0]


def _names(municipalities: list[Municipality]) -> str:
    return ", ".join(one.slug for one in municipalities) or "-"


def add_user(email: str, name: str, password: str) -> None:
    """Add a person; somebody without a password cannot sign in by typing one."""
    if User.objects.filter(email__iexact=email).exists():
        raise Refusal(_("There is already somebody with the address {email}.").format(email=email))
    try:
        register_user(email=email, name=name, password=password or None, by=OPERATOR)
    except ValidationError as refused:
        raise Refusal(*refused.messages) from None
    print(_("Added: {name}.").format(name=name))


def grant_role(email: str, role: str, municipality: str) -> None:
    """Give a person a role from today on."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise Refusal(
            _("There is nobody with the address {email}. Add them with: koersvast user add.").format(email=email)
        )
    known = list(Role.objects.order_by("code").values_list("code", flat=True))
    if role not in known:
        raise Refusal(_("There is no role {role}. Known: {known}.").format(role=role, known=", ".join(known)))
    place = municipality_of(municipality)
    grant(user, role, place, since=timezone.localdate(), by=OPERATOR)
    print(_("{name} now has the role {role} in {place}.").format(name=user.name, role=role, place=place.name))


def verify_audit() -> int:
    """Walk the chain of the audit."""
    found = audit.verify()
    print(_("Audit records: {count}. Newest: {head}").format(count=found.records, head=found.head))
    if found.broken:
        numbers = ", ".join(map(str, found.broken))
        print(_("Records that do not agree with what they sealed: {numbers}.").format(numbers=numbers))
    if found.unnamed:
        print(_("Rows changed outside a named change: {count}.").format(count=found.unnamed))
    if found.is_whole:
        print(_("The chain is whole."))
        return 0
    return REFUSED
