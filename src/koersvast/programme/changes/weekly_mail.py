"""The one mail of a week to who carries out actions: claimed before it goes, so that nobody ever gets a second one.

Three things can happen to a mail. It is handed over. It is surely not handed over: then the claim goes away, and it is
tried again this week. Or nobody knows: then the claim stays, and this week no other mail goes to that address.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from django.db import IntegrityError
from django.utils import timezone, translation
from django_scopes import scope

from koersvast.access import audit
from koersvast.access.audit import Actor, Event, Operator
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.connectors.posting import Line, MailServer, Refused, Unreachable, Unsure
from koersvast.partners.models import Contact
from koersvast.programme.changes.links import LinkIsDead, make_link, use_link
from koersvast.programme.letters import html, subject, text
from koersvast.programme.models import ReportingLink, WeeklyMail
from koersvast.programme.queries.links import digest_of
from koersvast.programme.queries.weekly_mail import Letter, last_claims, last_turns, letters
from koersvast.programme.weekly import is_too_soon, week_of

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Post:
    """Through which server mail goes, from whom, and where its links lead.

    `report_address` gives the address of a reporting link by its token, `own_address` the page of who signs in.
    """

    server: MailServer
    sender: str
    report_address: Callable[[str], str]
    own_address: Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came of a turn, in numbers of mails."""

    sent: int = 0
    failed: int = 0
    postponed: int = 0


def send_due(*, post: Post, municipalities: Sequence[Municipality], by: Operator, now: datetime) -> Sent:
    """Send every mail of this week that did not go yet; raise nothing for what goes wrong with a mail or the server.

    The connection is opened first: a server that is away leaves no claims behind.
    """
    due = _due(municipalities, now=now)
    if not due:
        return Sent()
    outcomes: list[WeeklyMail.State | None] = []
    with suppress(Unreachable), post.server.open() as line:
        for letter in due:
            with scope(municipality=letter.municipality):
                outcomes.append(_send(letter, post, line, by=by, now=now))
    return Sent(
        sent=outcomes.count(WeeklyMail.State.SENT), failed=outcomes.count(WeeklyMail.State.FAILED),
        postponed=len(due) - len(outcomes) + outcomes.count(None),
    )  # fmt: skip


def _due(municipalities: Sequence[Municipality], *, now: datetime) -> list[Letter]:
    """What may go now: an address that two municipalities would write to is for the one that waits longest."""
    found: list[tuple[datetime, Letter]] = []
    for municipality in municipalities:
        with scope(municipality=municipality):
            before = last_turns(municipality)
            those = letters(municipality, today=timezone.localdate(now))
        found += [(before.get(letter.recipient, NEVER), letter) for letter in those]
    claims = last_claims(letter.recipient for _before, letter in found)
    ready: dict[str, Letter] = {}
    for _before, letter in sorted(found, key=lambda one: one[0]):
        if not is_too_soon(claims.get(letter.recipient), now=now):
            ready.setdefault(letter.recipient, letter)
    return list(ready.values())


def _send(letter: Letter, post: Post, line: Line, *, by: Operator, now: datetime) -> WeeklyMail.State | None:
    """Claim, then send. None for what somebody else claimed, or what the server wants later; raises `Unreachable`."""
    claimed = _claim(letter, by=by, now=now)
    if claimed is None:
        return None
    row, tokens = claimed
    message = _message(letter, tokens, post, now=now)
    try:
        line.send(message, sender=post.sender, recipient=letter.address)
    except Refused as refused:
        if refused.for_now:
            _give_back(row, tokens, by=by)
            return None
        return _settle(row, WeeklyMail.State.FAILED, by=by, now=now, error="refused")
    except Unreachable:
        _give_back(row, tokens, by=by)
        raise
    except Unsure:
        return _settle(row, WeeklyMail.State.FAILED, by=by, now=now, error="unsure")
    return _settle(row, WeeklyMail.State.SENT, by=by, now=now)


def _claim(letter: Letter, *, by: Operator, now: datetime) -> tuple[WeeklyMail, dict[int, str]] | None:
    """Take the one mail of this week to this address, with links for who has no account; None when it is taken."""
    tokens: dict[int, str] = {}
    try:
        with audit.recorded(Event.MAIL_CLAIMED, by=by, municipality=letter.municipality) as record:
            row = WeeklyMail.objects.create(
                municipality=letter.municipality, recipient=letter.recipient, week=week_of(timezone.localdate(now)),
                claimed_at=now, actions_count=letter.actions_count,
            )  # fmt: skip
            for one in letter.asked:
                if one.contact.user_id is None:
                    tokens[one.contact.pk] = make_link(contact=one.contact, by=by)
            record.subject = row
            record.detail = {"contacts": [one.contact.pk for one in letter.asked], "actions": letter.actions_count}
    except IntegrityError:
        return None
    return row, tokens


def _give_back(row: WeeklyMail, tokens: dict[int, str], *, by: Operator) -> None:
    """Undo a claim of a mail that surely did not go, with its links."""
    with audit.recorded(Event.MAIL_FAILED, by=by, municipality=row.municipality) as record:
        record.subject, record.detail = row.municipality, {"week": row.week, "tried_again": True}
        ReportingLink.objects.filter(digest__in=[digest_of(one) for one in tokens.values()]).delete()
        WeeklyMail.objects.filter(pk=row.pk).delete()


def _settle(
    row: WeeklyMail, state: WeeklyMail.State, *, by: Operator, now: datetime, error: str = ""
) -> WeeklyMail.State:
    event = Event.MAIL_SENT if state is WeeklyMail.State.SENT else Event.MAIL_FAILED
    with audit.recorded(event, by=by, municipality=row.municipality) as record:
        row.state, row.error = state, error
        row.sent_at = now if state is WeeklyMail.State.SENT else None
        row.save(update_fields=["state", "error", "sent_at"])
        record.subject, record.detail = row, {"week": row.week} | ({"error": error} if error else {})
    return state


def _message(letter: Letter, tokens: dict[int, str], post: Post, *, now: datetime) -> EmailMessage:
    """The mail itself. It says of itself that a machine sent it, so that no machine answers."""
    own = post.own_address(letter.municipality.slug)
    links = {
        one.contact.pk: post.report_address(tokens[one.contact.pk]) if one.contact.pk in tokens else own
        for one in letter.asked
    }
    message = EmailMessage()
    with translation.override("nl"):
        message["Subject"] = subject(letter)
        message["From"], message["To"] = post.sender, letter.address
        message["Date"] = format_datetime(now)
        message["Message-ID"] = make_msgid(domain=post.sender.rpartition("@")[2])
        message["Content-Language"] = "nl"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(text(letter, links))
        message.add_alternative(html(letter, links), subtype="html")
    return message


def leave_by_link(*, by: audit.ContactActor, now: datetime) -> None:
    """Stop the mail to the contact behind a link; raise `LinkIsDead` for a dead one. Counts as one use."""
    contact = Contact.objects.select_related("organisation__municipality").filter(pk=by.contact).first()
    if contact is None:
        raise LinkIsDead
    with audit.recorded(Event.MAIL_LEFT, by=by, municipality=contact.organisation.municipality) as record:
        use_link(by, now=now)
        record.subject, record.detail = contact, {"by_link": True}
        _choose(contact, gets=False)


def choose_mail(*, contact: Contact, gets: bool, by: Actor) -> None:
    """Stop or begin the mail to a contact, by who keeps the partners."""
    municipality = contact.organisation.municipality
    authorise(by, Permission.PARTNERS_EDIT, municipality, on=timezone.localdate())
    event = Event.MAIL_TAKEN_UP if gets else Event.MAIL_LEFT
    with audit.recorded(event, by=by, municipality=municipality) as record:
        record.subject = contact
        _choose(contact, gets=gets)


def _choose(contact: Contact, *, gets: bool) -> None:
    """The same wish holds for every contact with that address in this municipality: it is one mail."""
    rows = Contact.objects.filter(organisation__municipality=contact.organisation.municipality_id)
    same = rows.filter(email=contact.email) if contact.email else rows.filter(pk=contact.pk)
    for row in same.exclude(gets_weekly_mail=gets):
        row.gets_weekly_mail, row.version = gets, row.version + 1
        row.save(update_fields=["gets_weekly_mail", "version"])
