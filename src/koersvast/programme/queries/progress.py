"""Whose actions are whose, and how they go: what is mine, what is late or silent, who has been silent longest."""

from datetime import date

from django.db.models import Q, QuerySet

from koersvast.access.audit import Actor, Application, Operator
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import permissions_of
from koersvast.partners.models import Contact, Organisation
from koersvast.programme.models import Action, Programme


def contacts_of(user: User, municipality: Municipality, *, on: date) -> QuerySet[Contact]:
    """Return as which contacts somebody works with this municipality on this day."""
    return Contact.objects.filter(
        Q(until=None) | Q(until__gte=on),
        user=user,
        organisation__municipality=municipality,
        organisation__is_active=True,
    ).select_related("organisation")


def of_contacts(contacts: QuerySet[Contact] | list[Contact]) -> Q:
    """Return the condition on actions that these contacts or their organisations own or contribute to."""
    organisations = {contact.organisation_id for contact in contacts}
    own = Q(owner_contact__in=[contact.pk for contact in contacts])
    return own | Q(owner_organisation__in=organisations) | Q(contributions__organisation__in=organisations)


def reportable_by_contact(contact: Contact) -> QuerySet[Action]:
    """Return what a contact may report on by a link: theirs or their organisation's, in an adopted programme."""
    theirs = Action.objects.filter(
        of_contacts([contact]),
        municipality=contact.organisation.municipality_id,
        programme__state=Programme.State.ADOPTED,
    )
    return theirs.distinct()


def may_report(by: Actor, action: Action, *, on: date) -> bool:
    """Whether somebody may report on this action: who keeps the programme, or whose action it is."""
    if isinstance(by, Operator):
        return True
    if isinstance(by, Application):
        return Permission.PROGRAMME_EDIT in by.scopes and by.municipality == action.municipality_id
    if Permission.PROGRAMME_EDIT in permissions_of(by, action.municipality, on=on):
        return True
    contacts = list(contacts_of(by, action.municipality, on=on))
    return Action.objects.filter(of_contacts(contacts), pk=action.pk).exists()


def organisation_of(by: Actor, action: Action) -> Organisation | None:
    """Return for which organisation somebody reports: the owner where they work there, else where they do work."""
    if not isinstance(by, User):
        return None
    theirs = {
        contact.organisation_id: contact.organisation
        for contact in Contact.objects.filter(
            user=by, organisation__municipality=action.municipality_id
        ).select_related("organisation")
    }
    own = theirs.get(action.owner_organisation_id or 0)
    return own or next(iter(theirs.values()), None)
