"""What runs by itself, and how often: one table. `koersvast work` goes round it while it waits for other work."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django_scopes import scopes_disabled

from koersvast.access.audit import Operator
from koersvast.access.models import Municipality
from koersvast.connectors.posting import MailServer
from koersvast.indicators.changes.retrievals import ask_retrieval, sweep_stuck
from koersvast.indicators.models import Following
from koersvast.indicators.queries.retrievals import last_attempt, last_success, tables_needed
from koersvast.indicators.releases import is_due
from koersvast.programme.changes.pasting import destroy_old
from koersvast.programme.changes.weekly_mail import Post, Sent, send_due
from koersvast.programme.weekly import is_time
from koersvast.surveys.changes import computing, destroy_due

logger = logging.getLogger(__name__)
SCHEDULE_OPERATOR = Operator(name="schedule")


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One line of the schedule: what it does, how long it waits between two turns, and what it came to."""

    name: str
    every: timedelta
    do: Callable[[datetime], Sequence[str]]


def ask_due_tables(now: datetime) -> Sequence[str]:
    """Ask for every followed table of which its holder has published since it last came in; each at most once a day.

    Nothing in the demo, whose figures are invented.
    """
    if settings.DEMO:
        return ()
    today = timezone.localdate(now)
    with scopes_disabled():
        feeds = set(Following.objects.filter(until=None).values_list("feed", flat=True))
    due = [
        table
        for table in tables_needed(feeds)
        if is_due(table, on=today, last_success=last_success(table), last_attempt=last_attempt(table))
    ]
    for table in due:
        ask_retrieval(table, by=SCHEDULE_OPERATOR)
    return due


def close_stuck(now: datetime) -> Sequence[str]:
    """Close retrievals whose process is gone, so that they can be asked for again."""
    return [one.table for one in sweep_stuck(by=SCHEDULE_OPERATOR, now=now)]


def close_stuck_computations(now: datetime) -> Sequence[str]:
    """Close computations of a survey whose process is gone, so that they can be asked for again."""
    return [str(one.pk) for one in computing.sweep_stuck(by=SCHEDULE_OPERATOR, now=now)]


def destroy_kept_answers(now: datetime) -> Sequence[str]:
    """Destroy the answers of respondents whose day has come."""
    return [str(one.pk) for one in destroy_due(now=now)]


def destroy_pasted_tables(now: datetime) -> Sequence[str]:
    """Destroy pasted tables that nobody took over within a week."""
    return [str(number) for number in destroy_old(now=now, by=SCHEDULE_OPERATOR)]


def send_weekly_mail(now: datetime) -> Sequence[str]:
    """Send the one mail of a week to who carries out actions, when a mail server is set. The demo sends nothing."""
    if settings.DEMO or not settings.MAIL_URL or not is_time(timezone.localtime(now)):
        return ()
    sent = send_due(
        post=Post(
            server=MailServer.from_url(settings.MAIL_URL), sender=settings.MAIL_FROM,
            report_address=lambda token: settings.PUBLIC_ADDRESS + reverse("reporting-link", kwargs={"token": token}),
            own_address=lambda slug: settings.PUBLIC_ADDRESS + reverse("mine", kwargs={"municipality": slug}),
        ),
        municipalities=list(Municipality.objects.all()), by=SCHEDULE_OPERATOR, now=now,
    )  # fmt: skip
    return [f"{sent.sent} sent, {sent.failed} failed, {sent.postponed} postponed"] if sent != Sent() else []


# Monthly figures come out about the 15th, inhabitants and the rest as `indicators.releases` says.
SCHEDULE: tuple[Turn, ...] = (
    Turn(name="close retrievals that stopped halfway", every=timedelta(minutes=10), do=close_stuck),
    Turn(name="ask for tables that are due", every=timedelta(hours=1), do=ask_due_tables),
    Turn(name="close computations that stopped halfway", every=timedelta(minutes=10), do=close_stuck_computations),
    Turn(name="destroy answers whose day has come", every=timedelta(hours=1), do=destroy_kept_answers),
    Turn(name="destroy pasted tables that were left", every=timedelta(hours=1), do=destroy_pasted_tables),
    Turn(name="send the weekly mail", every=timedelta(minutes=30), do=send_weekly_mail),
)


@dataclass
class Clockwork:
    """Remembers when each turn was last taken; a process that starts takes all of them at once."""

    schedule: Sequence[Turn] = SCHEDULE
    taken: dict[str, datetime] = field(default_factory=dict)

    def run(self, now: datetime) -> dict[str, Sequence[str]]:
        """Take every turn whose time has come. One that fails is logged, and comes round again."""
        outcomes: dict[str, Sequence[str]] = {}
        for turn in self.schedule:
            before = self.taken.get(turn.name)
            if before is not None and now - before < turn.every:
                continue
            self.taken[turn.name] = now
            try:
                outcomes[turn.name] = turn.do(now)
            except Exception:  # a turn that fails must not stop the others; it is logged whole
                logger.exception("schedule: %s", turn.name)
        return outcomes
