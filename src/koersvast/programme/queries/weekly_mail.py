"""Who is asked by mail this week, and for what: the contacts whose actions wait, each address once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_scopes import scopes_disabled

from koersvast.access.models import Municipality
from koersvast.connectors.posting import is_address
from koersvast.partners.models import Contact
from koersvast.programme.models import Action, Programme, WeeklyMail
from koersvast.programme.queries.links import works_there
from koersvast.programme.queries.standing import ActionStanding, standings

SALT = "koersvast.weekly-mail"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A contact with what waits at their organisation, the most urgent first."""

    contact: Contact
    actions: tuple[ActionStanding, ...]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail to one address: somebody who works for two organisations is asked for both."""

    municipality: Municipality
    address: str
    asked: tuple[Asked, ...]

    def __repr__(self) -> str:
        # What stands in logs and tracebacks has no address in it.
        return f"<Letter to {[one.contact.pk for one in self.asked]}>"

    @property
    def recipient(self) -> str:
        return recipient_of(self.address)

    @property
    def actions_count(self) -> int:
        return len({one.number for asked in self.asked for one in asked.actions})


def recipient_of(address: str) -> str:
    """Return what is kept of an address: a keyed digest, which nobody without the key can find again."""
    return salted_hmac(SALT, address.strip().lower(), algorithm="sha256").hexdigest()


def letters(municipality: Municipality, *, today: date) -> list[Letter]:
    """Return the mails that would go out in a municipality today, in a constant number of queries.

    Who carries an action out is asked: the contact that it names, else those of the organisation. Who only
    contributes is not asked: they see the action on their own page.
    """
    adopted = Action.objects.filter(municipality=municipality, programme__state=Programme.State.ADOPTED)
    waiting = [one for one in standings(adopted, today=today) if one.asks_attention and not one.is_settled]
    contacts = [
        one
        for one in Contact.objects.filter(gets_weekly_mail=True)
        .exclude(email="")
        .select_related("organisation__municipality", "user")
        .order_by("email", "organisation__name")
        if works_there(one, on=today) and is_address(one.email)
    ]
    by_address: dict[str, list[Asked]] = defaultdict(list)
    for contact, found in _share(waiting, contacts):
        by_address[contact.email].append(Asked(contact=contact, actions=tuple(found)))
    return [
        Letter(municipality=municipality, address=address, asked=tuple(asked)) for address, asked in by_address.items()
    ]


def _share(
    waiting: Iterable[ActionStanding], contacts: Sequence[Contact]
) -> list[tuple[Contact, list[ActionStanding]]]:
    """Who is asked for what: by the contact of the action where that one gets mail, else by organisation."""
    known = {contact.pk for contact in contacts}
    by_contact: dict[int, list[ActionStanding]] = defaultdict(list)
    by_organisation: dict[int, list[ActionStanding]] = defaultdict(list)
    for one in waiting:
        if one.action.owner_contact_id in known:
            by_contact[one.action.owner_contact_id].append(one)
        elif one.action.owner_organisation_id:
            by_organisation[one.action.owner_organisation_id].append(one)
    found = [(contact, by_contact[contact.pk] + by_organisation[contact.organisation_id]) for contact in contacts]
    return [(contact, actions) for contact, actions in found if actions]


def stopped() -> list[Contact]:
    """Return the contacts with an address who want no mail."""
    found = Contact.objects.filter(gets_weekly_mail=False, organisation__is_active=True).exclude(email="")
    return list(found.select_related("organisation").order_by("organisation__name", "name"))


def last_claims(recipients: Iterable[str]) -> dict[str, datetime]:
    """Return when a mail to these recipients was last claimed, by whichever municipality of this installation."""
    with scopes_disabled():
        found = WeeklyMail.objects.filter(recipient__in=set(recipients)).values("recipient")
        return {one["recipient"]: one["last"] for one in found.annotate(last=Max("claimed_at"))}


def last_turns(municipality: Municipality) -> dict[str, datetime]:
    """Return when each recipient last had a mail of this municipality: who waits longest goes first."""
    found = WeeklyMail.objects.filter(municipality=municipality).values("recipient")
    return {one["recipient"]: one["last"] for one in found.annotate(last=Max("claimed_at"))}


def recent_mails(municipality: Municipality, *, since: date) -> list[WeeklyMail]:
    """Return the mails of the last weeks, the newest first."""
    begin = timezone.make_aware(datetime.combine(since, time.min))
    return list(WeeklyMail.objects.filter(municipality=municipality, claimed_at__gte=begin))
