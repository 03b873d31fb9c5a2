"""A report is one line and a state; by a link only on what is the contact's own, and only while the link lives."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_scopes import scope

from koersvast.access.audit import ContactActor, verify
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.partners.models import Contact, Organisation
from koersvast.programme.changes.links import LinkIsDead, make_link, revoke_link
from koersvast.programme.changes.progress import report
from koersvast.programme.models import Action, Contribution, Programme, ProgressReport, ReportingLink
from koersvast.programme.queries.links import link_by_token
from koersvast.programme.queries.standing import actions_of, standings
from tests import cast
from tests.unit.policy.town import build

PAGE, LINK = ProgressReport.Way.PAGE, ProgressReport.Way.LINK
STATE = Action.Status


@dataclass(frozen=True)
class Table:
    """An action of the police, one that they contribute to, one of somebody else; and their contact."""

    own: Action
    joined: Action
    other: Action
    agent: Contact


def table_of(town: Municipality) -> Table:
    plan = build(town, by=cast.OPERATOR).plan
    programme = Programme.objects.create(
        municipality=town, plan=plan, code="up", title="UP", first_day=date(2024, 1, 1), last_day=date(2025, 12, 31),
        state=Programme.State.ADOPTED, adopted_on=date(2024, 1, 9),
    )  # fmt: skip
    police, welfare = (
        Organisation.objects.create(municipality=town, code=code, name=code, kind=code)
        for code in ("police", "welfare")
    )
    now = timezone.now()
    own, joined, other = (
        Action.objects.create(
            municipality=town, programme=programme, number=number, title=f"Actie {number}", owner_organisation=owner,
            created_at=now, changed_at=now,
        )
        for number, owner in ((1, police), (2, welfare), (3, welfare))
    )  # fmt: skip
    Contribution.objects.create(action=joined, organisation=police)
    agent = Contact.objects.create(organisation=police, name="Wijkagent", role="wijkagent", email="a@politie.example")
    return Table(own=own, joined=joined, other=other, agent=agent)


@pytest.fixture
def table(dalfsen: Municipality) -> Iterator[Table]:
    with scope(municipality=dalfsen):
        yield table_of(dalfsen)


def by_link(table: Table) -> tuple[ContactActor, str]:
    token = make_link(contact=table.agent, by=cast.OPERATOR)
    return ContactActor(contact=table.agent.pk, link=ReportingLink.objects.latest("pk").pk), token


def test_action_follows_the_newest_report_and_a_correction_is_a_new_one(table: Table, anouk: User) -> None:
    report(action=table.own, state=STATE.RUNNING, line=" Eerste\navond\t was druk ", by=anouk, way=PAGE)
    report(action=table.own, state=STATE.DONE, line="", by=anouk, way=PAGE, output_done=Decimal(12))
    earlier = timezone.now() - timedelta(days=30)
    report(action=table.own, state=STATE.STUCK, line="Geen ruimte", by=anouk, way=PAGE, at=earlier)
    table.own.refresh_from_db()
    assert (table.own.status, table.own.status_reason, table.own.version) == ("done", "", 3)
    assert [one.line for one in table.own.reports.all()] == ["", "Eerste avond was druk", "Geen ruimte"]


@pytest.mark.parametrize(
    ("state", "line", "output", "code"),
    [
        ("stuck", " ", None, "reason_missing"),
        ("stopped", "", None, "reason_missing"),
        ("running", "x" * 281, None, "line_too_long"),
        ("halverwege", "50 %", None, "unknown_state"),
        ("running", "", Decimal(-1), "output_out_of_range"),
        ("running", "", Decimal("NaN"), "output_out_of_range"),
    ],
)
def test_report_that_says_too_little_or_too_much_is_refused_and_leaves_nothing(
    table: Table, anouk: User, state: str, line: str, output: Decimal | None, code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        report(action=table.own, state=state, line=line, by=anouk, way=PAGE, output_done=output)
    assert refused.value.code == code
    assert not table.own.reports.exists()
    with pytest.raises(ValidationError) as too_soon:
        report(action=table.own, state="done", line="", by=anouk, way=PAGE, at=timezone.now() + timedelta(hours=1))
    assert too_soon.value.code == "report_in_future"


def test_who_may_report_is_who_keeps_the_programme_or_whose_action_it_is(
    table: Table, dalfsen: Municipality, raadslid: User, karim: User
) -> None:
    partner = cast.person("Teamchef", "partner", dalfsen)
    Contact.objects.filter(pk=table.agent.pk).update(user=partner)
    for mine in (table.own, table.joined):
        assert report(action=mine, state=STATE.RUNNING, line="", by=partner, way=PAGE).organisation is not None
    for person, action in ((partner, table.other), (raadslid, table.own), (karim, table.own)):
        with pytest.raises(PermissionDenied):
            report(action=action, state=STATE.RUNNING, line="", by=person, way=PAGE)
    Contact.objects.filter(pk=table.agent.pk).update(until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(PermissionDenied):
        report(action=table.own, state=STATE.RUNNING, line="", by=partner, way=PAGE)


def test_link_lets_a_contact_report_on_theirs_only_and_the_audit_knows_a_number(table: Table) -> None:
    agent, token = by_link(table)
    assert token not in str(list(ReportingLink.objects.values()))
    written = report(action=table.own, state=STATE.RUNNING, line="Loopt", by=agent, way=LINK)
    assert (written.reported_by, written.organisation) == (f"contact:{table.agent.pk}", table.agent.organisation)
    with pytest.raises(PermissionDenied):
        report(action=table.other, state=STATE.RUNNING, line="", by=agent, way=LINK)
    assert ReportingLink.objects.get(pk=agent.link).uses == 1, "what was refused used the link"
    record = AuditRecord.objects.filter(event="progress.reported").latest("pk")
    assert record.actor == f"contact:{table.agent.pk}"
    assert "Wijkagent" not in str(record.detail)


def test_link_of_one_municipality_reaches_nothing_in_another(table: Table, raalte: Municipality) -> None:
    agent, _ = by_link(table)
    with scope(municipality=raalte):
        foreign = table_of(raalte)
        with pytest.raises(PermissionDenied):
            report(action=foreign.own, state=STATE.RUNNING, line="", by=agent, way=LINK)
        assert not foreign.own.reports.exists()


def kill_by_expiry(link: ReportingLink, _: Table) -> None:
    ReportingLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())


def kill_by_use(link: ReportingLink, _: Table) -> None:
    ReportingLink.objects.filter(pk=link.pk).update(uses=link.uses_at_most)


def kill_by_revoking(link: ReportingLink, _: Table) -> None:
    revoke_link(link=link, by=cast.OPERATOR)


def kill_by_leaving(_: ReportingLink, table: Table) -> None:
    Contact.objects.filter(pk=table.agent.pk).update(until=timezone.localdate() - timedelta(days=1))


def kill_by_rest(_: ReportingLink, table: Table) -> None:
    Organisation.objects.filter(pk=table.agent.organisation_id).update(is_active=False)


@pytest.mark.parametrize("kill", [kill_by_expiry, kill_by_use, kill_by_revoking, kill_by_leaving, kill_by_rest])
def test_link_is_dead_at_the_next_request(table: Table, kill: object) -> None:
    agent, token = by_link(table)
    link = link_by_token(token, now=timezone.now())
    assert link is not None
    kill(link, table)  # type: ignore[operator] # one of the functions above
    assert link_by_token(token, now=timezone.now()) is None
    assert link_by_token(f"{token}x", now=timezone.now()) is None
    with pytest.raises(LinkIsDead):
        report(action=table.own, state=STATE.RUNNING, line="", by=agent, way=LINK)
    assert not table.own.reports.exists()


def test_new_link_leaves_the_earlier_one_alive_and_one_who_left_gets_none(table: Table) -> None:
    _, first = by_link(table)
    _, second = by_link(table)
    assert {bool(link_by_token(token, now=timezone.now())) for token in (first, second)} == {True}
    table.agent.until = date(2020, 1, 1)
    with pytest.raises(ValidationError) as refused:
        make_link(contact=table.agent, by=cast.OPERATOR)
    assert refused.value.code == "contact_has_left"


def test_draft_programme_is_not_opened_by_a_link(table: Table) -> None:
    agent, _ = by_link(table)
    Programme.objects.update(state=Programme.State.DRAFT)
    with pytest.raises(PermissionDenied):
        report(action=table.own, state=STATE.RUNNING, line="", by=agent, way=LINK)


def test_mine_is_what_is_owned_or_joined_most_urgent_first_in_one_query(
    table: Table, dalfsen: Municipality, django_assert_max_num_queries: object
) -> None:
    today = date(2025, 6, 1)
    Action.objects.filter(pk=table.joined.pk).update(ends_on=date(2025, 5, 1))
    at = datetime(2025, 5, 20, 12, tzinfo=UTC)
    report(action=table.own, state=STATE.RUNNING, line="Loopt", by=cast.OPERATOR, way=PAGE, at=at)
    with django_assert_max_num_queries(1):  # type: ignore[operator] # a context manager
        found = standings(actions_of([table.agent], dalfsen), today=today)
    assert [(one.number, one.late_days, one.last_line) for one in found] == [(2, 31, ""), (1, None, "Loopt")]
    assert found[1].silent_days == 12


def test_changes_leave_a_whole_trail(dalfsen: Municipality) -> None:
    with scope(municipality=dalfsen):
        table = table_of(dalfsen)
        before = verify()
        agent, _ = by_link(table)
        report(action=table.own, state=STATE.RUNNING, line="Loopt", by=agent, way=LINK)
        revoke_link(link=ReportingLink.objects.get(pk=agent.link), by=cast.OPERATOR)
    after = verify()
    assert (after.broken, after.unnamed, after.records) == ((), before.unnamed, before.records + 3)
