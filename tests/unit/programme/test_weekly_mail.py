"""One mail a week at most, to who carries an action out; a real mail server takes it, refuses it or breaks."""

import email
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.policy import default
from typing import Any

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from koersvast.access.audit import ContactActor, verify
from koersvast.access.models import AuditRecord, Municipality
from koersvast.connectors.posting import MailServer
from koersvast.partners.models import Contact, Organisation
from koersvast.programme.changes.links import LinkIsDead
from koersvast.programme.changes.weekly_mail import Post, Sent, choose_mail, leave_by_link, send_due
from koersvast.programme.models import Action, Programme, ReportingLink, WeeklyMail
from koersvast.programme.queries.links import link_by_token
from koersvast.programme.queries.weekly_mail import letters, recipient_of
from koersvast.programme.weekly import BETWEEN_TWO, is_time, is_too_soon, week_of
from koersvast.project.schedule import send_weekly_mail
from tests import cast
from tests.mail_server import Postbox, postbox
from tests.unit.programme.test_reporting import Table, table_of

__all__ = ["postbox"]
pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
type Box = tuple[Postbox, MailServer]


@pytest.fixture
def table(dalfsen: Municipality) -> Table:
    with scope(municipality=dalfsen):
        made = table_of(dalfsen)
        Action.objects.update(ends_on=date(2026, 11, 1))
        return made


def post(server: MailServer) -> Post:
    return Post(
        server=server, sender="koersvast@dalfsen.example",
        report_address=lambda token: f"https://koersvast.example/melden/{token}/",
        own_address=lambda slug: f"https://koersvast.example/{slug}/mijn/",
    )  # fmt: skip


def send(box: Box, *towns: Municipality, now: datetime = MONDAY) -> Sent:
    return send_due(post=post(box[1]), municipalities=towns, by=cast.OPERATOR, now=now)


def texts(raw: bytes) -> tuple[email.message.EmailMessage, str, str]:
    message = email.message_from_bytes(raw, policy=default)
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    return message, plain.get_content(), rich.get_content()


def test_mail_goes_once_a_week_with_a_link_that_lets_in(table: Table, dalfsen: Municipality, postbox: Box) -> None:
    assert send(postbox, dalfsen) == Sent(sent=1)
    assert send(postbox, dalfsen, now=MONDAY + timedelta(hours=1)) == Sent()
    message, plain, rich = texts(postbox[0].taken[0])
    assert message["To"] == "a@politie.example"
    assert message["Subject"] == "Dalfsen: 1 actie wacht op een regel van u"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Actie 1" in plain
    assert "Actie 2" not in plain, "who only contributes is not asked"
    assert "22 dagen te laat" in plain
    token = re.findall(r"/melden/([^/]+)/", plain)[0]
    assert token in rich
    with scope(municipality=dalfsen):
        assert link_by_token(token, now=timezone.now()) is not None
    assert send(postbox, dalfsen, now=MONDAY + timedelta(days=7)) == Sent(sent=1)
    assert len(postbox[0].taken) == 2


def test_address_and_token_stay_out_of_audit_and_rows(
    table: Table, dalfsen: Municipality, postbox: Box, caplog: pytest.LogCaptureFixture
) -> None:
    send(postbox, dalfsen)
    token = re.findall(rb"/melden/([\w-]+)", postbox[0].taken[0].replace(b"=\r\n", b""))[0].decode()
    told = "".join(f"{vars(one)}" for one in AuditRecord.objects.all()) + caplog.text
    with scope(municipality=dalfsen):
        told += str([vars(one) for one in WeeklyMail.objects.all()])
        told += str([vars(one) for one in ReportingLink.objects.all()])
        told += repr(letters(dalfsen, today=MONDAY.date()))
    assert "politie.example" not in told
    assert token not in told
    assert verify().broken == ()


def test_server_that_is_away_leaves_no_claim_and_the_mail_goes_later(
    table: Table, dalfsen: Municipality, postbox: Box
) -> None:
    away = MailServer(host="127.0.0.1", port=1, tls="none")
    assert send((postbox[0], away), dalfsen) == Sent(postponed=1)
    with scope(municipality=dalfsen):
        assert not WeeklyMail.objects.exists()
    assert send(postbox, dalfsen, now=MONDAY + timedelta(days=1)) == Sent(sent=1)


def test_mail_that_the_server_wants_later_is_given_back_with_its_link(
    table: Table, dalfsen: Municipality, postbox: Box
) -> None:
    postbox[0].on_recipient = "451 try later"
    assert send(postbox, dalfsen) == Sent(postponed=1)
    with scope(municipality=dalfsen):
        assert not WeeklyMail.objects.exists()
        assert not ReportingLink.objects.exists()
    postbox[0].on_recipient = "250 OK"
    assert send(postbox, dalfsen, now=MONDAY + timedelta(hours=1)) == Sent(sent=1)


@pytest.mark.parametrize(
    ("recipient", "data", "error"), [("550 nobody", "250 OK", "refused"), ("250 OK", "drop", "unsure")]
)
def test_mail_that_failed_or_may_have_arrived_is_not_sent_again_this_week(
    table: Table, dalfsen: Municipality, postbox: Box, recipient: str, data: str, error: str
) -> None:
    postbox[0].on_recipient, postbox[0].on_data = recipient, data
    assert send(postbox, dalfsen) == Sent(failed=1)
    postbox[0].on_recipient, postbox[0].on_data = "250 OK", "250 OK"
    assert send(postbox, dalfsen, now=MONDAY + timedelta(days=3)) == Sent()
    with scope(municipality=dalfsen):
        row = WeeklyMail.objects.get()
    assert (row.state, row.error, row.sent_at) == ("failed", error, None)
    assert send(postbox, dalfsen, now=MONDAY + timedelta(days=7)) == Sent(sent=1)


def test_claim_of_another_process_is_respected(table: Table, dalfsen: Municipality, postbox: Box) -> None:
    with scope(municipality=dalfsen):
        WeeklyMail.objects.create(
            municipality=dalfsen, recipient=recipient_of("A@Politie.example "), week="2026-W48",
            claimed_at=MONDAY - timedelta(days=6),
        )  # fmt: skip
    assert send(postbox, dalfsen) == Sent(postponed=1)
    assert postbox[0].taken == []


def test_somebody_at_two_organisations_gets_one_mail(table: Table, dalfsen: Municipality, postbox: Box) -> None:
    with scope(municipality=dalfsen):
        welfare = Organisation.objects.get(code="welfare")
        Contact.objects.create(organisation=welfare, name="Ook Wijkagent", email="a@politie.example")
    assert send(postbox, dalfsen) == Sent(sent=1)
    message, plain, _rich = texts(postbox[0].taken[0])
    assert "3 acties" in message["Subject"]
    assert len(set(re.findall(r"/melden/([^/]+)/", plain))) == 2


def test_address_known_to_two_municipalities_gets_one_mail_a_week_in_turns(
    table: Table, dalfsen: Municipality, raalte: Municipality, postbox: Box
) -> None:
    with scope(municipality=raalte):
        theirs = table_of(raalte)
        Action.objects.filter(municipality=raalte).update(ends_on=date(2026, 11, 1))
    assert theirs
    towns = (dalfsen, raalte)
    for week in range(4):
        assert send(postbox, *towns, now=MONDAY + timedelta(weeks=week)) == Sent(sent=1)
    told = [texts(raw)[0]["Subject"].split(":")[0] for raw in postbox[0].taken]
    assert sorted(told[:2]) == ["Dalfsen", raalte.name]
    assert told[0] == told[2] != told[1] == told[3]


def test_contact_with_an_account_is_led_to_the_own_page(
    table: Table, dalfsen: Municipality, karim: object, postbox: Box
) -> None:
    with scope(municipality=dalfsen):
        Contact.objects.filter(pk=table.agent.pk).update(user=karim)
    send(postbox, dalfsen)
    _message, plain, _rich = texts(postbox[0].taken[0])
    assert "https://koersvast.example/dalfsen/mijn/" in plain
    assert "/melden/" not in plain


@pytest.mark.parametrize("change", ["left", "stopped", "inactive", "closed", "no address"])
def test_nobody_is_asked_who_should_not_be(table: Table, dalfsen: Municipality, postbox: Box, change: str) -> None:
    with scope(municipality=dalfsen):
        contacts = Contact.objects.filter(pk=table.agent.pk)
        if change == "left":
            contacts.update(until=date(2026, 11, 1))
        elif change == "stopped":
            choose_mail(contact=table.agent, gets=False, by=cast.OPERATOR)
        elif change == "inactive":
            Organisation.objects.filter(code="police").update(is_active=False)
        elif change == "closed":
            Programme.objects.update(state=Programme.State.CLOSED)
        else:
            contacts.update(email="")
    assert send(postbox, dalfsen) == Sent()


def test_hostile_title_is_text_in_both_forms(table: Table, dalfsen: Municipality, postbox: Box) -> None:
    with scope(municipality=dalfsen):
        Action.objects.filter(pk=table.own.pk).update(title="<img src=x> & \u202ebidi {{ x }}")
    send(postbox, dalfsen)
    _message, plain, rich = texts(postbox[0].taken[0])
    assert "<img src=x> &" in plain
    assert "<img" not in rich
    assert "&lt;img src=x&gt; &amp;" in rich


def test_mail_stops_by_the_link_and_by_the_officer(table: Table, dalfsen: Municipality, postbox: Box) -> None:
    send(postbox, dalfsen)
    token = re.findall(r"/melden/([^/]+)/", texts(postbox[0].taken[0])[1])[0]
    with scope(municipality=dalfsen):
        link = link_by_token(token, now=timezone.now())
        assert link is not None
        leave_by_link(by=ContactActor(contact=table.agent.pk, link=link.pk), now=timezone.now())
        table.agent.refresh_from_db()
        assert not table.agent.gets_weekly_mail
        with pytest.raises(LinkIsDead):
            leave_by_link(by=ContactActor(contact=table.agent.pk, link=link.pk + 1000), now=timezone.now())
        choose_mail(contact=table.agent, gets=True, by=cast.OPERATOR)
        table.agent.refresh_from_db()
        assert table.agent.gets_weekly_mail


def test_letters_cost_a_constant_number_of_queries(
    table: Table, dalfsen: Municipality, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with scope(municipality=dalfsen):
        for number in range(30):
            one = Organisation.objects.create(municipality=dalfsen, code=f"o{number}", name=f"O {number}", kind="other")
            Contact.objects.create(organisation=one, name=f"C {number}", email=f"c{number}@partner.example")
            now = timezone.now()
            Action.objects.create(
                municipality=dalfsen, programme=table.own.programme, number=100 + number, title="Actie",
                owner_organisation=one, ends_on=date(2026, 1, 1), created_at=now, changed_at=now,
            )  # fmt: skip
        with django_assert_num_queries(2):
            found = letters(dalfsen, today=MONDAY.date())
    assert len(found) == 31
    with scopes_disabled():
        assert WeeklyMail.objects.count() == 0


@pytest.mark.parametrize(
    ("demo", "url", "now", "mails"),
    [
        (False, "box", MONDAY, 1),
        (True, "box", MONDAY, 0),
        (False, "", MONDAY, 0),
        (False, "box", MONDAY - timedelta(days=1), 0),
    ],
)
def test_turn_of_the_schedule_sends_in_working_hours_and_never_from_the_demo(
    table: Table, postbox: Box, settings: Any, demo: bool, url: str, now: datetime, mails: int
) -> None:
    settings.DEMO, settings.MAIL_FROM = demo, "koersvast@dalfsen.example"
    settings.MAIL_URL = url and f"smtp://127.0.0.1:{postbox[1].port}?tls=none"
    settings.PUBLIC_ADDRESS = "https://koersvast.example"
    assert send_weekly_mail(now) == ([f"{mails} sent, 0 failed, 0 postponed"] if mails else ())
    assert len(postbox[0].taken) == mails
    if mails:
        assert "https://koersvast.example/melden/" in texts(postbox[0].taken[0])[1]


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)))  # noqa: DTZ001 local times
def test_mail_goes_in_working_hours_early_in_the_week(local: datetime) -> None:
    assert not is_time(local) or (local.weekday() < 4 and 7 <= local.hour < 18)


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)), st.integers(0, 20 * 24))  # noqa: DTZ001
def test_two_mails_are_never_closer_than_five_days(last: datetime, hours: int) -> None:
    now = last + timedelta(hours=hours)
    assert is_too_soon(last, now=now) == (now - last < BETWEEN_TWO)
    assert week_of(last.date()) == f"{last:%G-W%V}"
