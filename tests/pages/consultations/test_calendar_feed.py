"""The address of a calendar: who it serves, what it never says, and when it stops."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from koersvast.access.models import AuditRecord, User
from koersvast.partners.changes import consultations as changes
from koersvast.partners.models import CalendarFeed, Contact, Meeting
from tests import cast
from tests.pages.consultations.conftest import Place

pytestmark = pytest.mark.django_db
FEEDS = "/dalfsen/mijn-overleggen/agenda/"


def subscribed(client: Client, **chosen: str) -> str:
    """Make an address on the page and return its path."""
    page = client.post(FEEDS, chosen)
    assert page.status_code == 200
    found = re.search(r"<code>http://testserver(/agenda/[\w-]{43}\.ics)</code>", page.content.decode())
    assert found, "the address is shown once"
    return found[1]


def names(content: bytes) -> list[str]:
    return re.findall(r"^SUMMARY:(.*?)\r$", content.decode(), re.MULTILINE)


def test_officer_reads_every_table_without_signing_in(office: Client, place: Place) -> None:
    answer = Client().get(subscribed(office))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert sorted(names(answer.content)) == ["Driehoek", "Overleg jeugdoverlast", "Overleg jeugdoverlast"]


def test_feed_holds_no_person_and_no_minutes(office: Client, place: Place) -> None:
    said = Client().get(subscribed(office)).content.decode()
    assert "SAAM Welzijn" in said
    for never in ("Wendy", "@politie.example", "anouk", "ATTENDEE", "ORGANIZER", "mailto"):
        assert never not in said


def test_partner_reads_only_tables_where_they_sit(
    place: Place, wendy: User, signed_in: Callable[[User], Client]
) -> None:
    address = subscribed(signed_in(wendy))
    assert set(names(Client().get(address).content)) == {"Overleg jeugdoverlast"}
    Contact.objects.filter(user=wendy).update(role="Teamchef")
    assert set(names(Client().get(address).content)) == {"Overleg jeugdoverlast", "Driehoek"}


def test_seat_that_is_taken_away_is_gone_at_the_next_reading(
    place: Place, wendy: User, signed_in: Callable[[User], Client]
) -> None:
    address = subscribed(signed_in(wendy))
    place.table.members.filter(contact=place.officer).delete()
    assert names(Client().get(address).content) == []


def test_contact_who_left_reads_nothing(place: Place, wendy: User, signed_in: Callable[[User], Client]) -> None:
    address = subscribed(signed_in(wendy))
    Contact.objects.filter(user=wendy).update(until=timezone.localdate() - timedelta(days=1))
    assert names(Client().get(address).content) == []


@pytest.mark.parametrize("way", ["role", "account", "revoked"])
def test_address_gives_404_after_its_end(way: str, office: Client, place: Place, anouk: User) -> None:
    address = subscribed(office)
    if way == "role":
        cast.end_all(anouk)
    elif way == "account":
        User.objects.filter(pk=anouk.pk).update(is_active=False)
    else:
        feed = CalendarFeed.objects.get()
        assert office.post(f"{FEEDS}{feed.pk}/").status_code == 302
    assert Client().get(address).status_code == 404


def test_token_that_nobody_has_looks_like_one_that_ended(place: Place) -> None:
    assert Client().get("/agenda/" + "x" * 43 + ".ics").status_code == 404


def test_only_a_digest_is_kept_and_the_audit_does_not_know_the_token(office: Client, place: Place) -> None:
    token = subscribed(office).removeprefix("/agenda/").removesuffix(".ics")
    kept = str(list(CalendarFeed.objects.values())) + str(list(AuditRecord.objects.values()))
    assert token not in kept
    assert token not in office.get(FEEDS).content.decode()
    assert len(CalendarFeed.objects.get().digest) == 64


def test_nobody_ends_the_subscription_of_somebody_else(
    office: Client, place: Place, wendy: User, signed_in: Callable[[User], Client]
) -> None:
    subscribed(office)
    feed = CalendarFeed.objects.get()
    assert signed_in(wendy).post(f"{FEEDS}{feed.pk}/").status_code == 404
    assert CalendarFeed.objects.get().revoked_at is None


def test_feed_of_one_table_shows_that_table(office: Client, place: Place) -> None:
    address = subscribed(office, consultation=place.other_table.code)
    assert names(Client().get(address).content) == ["Driehoek"]


def test_table_where_one_does_not_sit_cannot_be_chosen(
    place: Place, wendy: User, signed_in: Callable[[User], Client]
) -> None:
    assert signed_in(wendy).post(FEEDS, {"consultation": place.other_table.code}).status_code == 422
    assert not CalendarFeed.objects.exists()


def test_unchanged_feed_is_not_sent_again_and_a_moved_meeting_is(office: Client, place: Place) -> None:
    address = subscribed(office)
    first = Client().get(address)
    again = Client().get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    begin = place.later.starts_at + timedelta(hours=3)
    changes.change_meeting(meeting=place.later, starts_at=begin, ends_at=begin + timedelta(hours=1), by=cast.OPERATOR)
    moved = Client().get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200
    event = next(
        part for part in moved.content.decode().split("BEGIN:VEVENT") if f"UID:{place.later.uid}@koersvast" in part
    )
    assert "SEQUENCE:1" in event


def test_cancelled_meeting_is_told_as_cancelled(office: Client, place: Place) -> None:
    changes.cancel_meeting(meeting=place.later, by=cast.OPERATOR)
    assert Client().get(subscribed(office)).content.decode().count("STATUS:CANCELLED") == 1


def test_reading_writes_nothing_and_costs_few_queries(
    office: Client, place: Place, django_assert_max_num_queries: object
) -> None:
    address = subscribed(office)
    records = AuditRecord.objects.count()
    with django_assert_max_num_queries(9):  # type: ignore[operator] # a fixture of pytest-django
        assert Client().get(address).status_code == 200
    assert AuditRecord.objects.count() == records


def test_invitation_of_a_meeting_invites_members_by_name(office: Client, place: Place) -> None:
    answer = office.get(place.address(f"{place.later.pk}/uitnodiging.ics"))
    said = answer.content.decode().replace("\r\n ", "")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=REQUEST"
    assert "METHOD:REQUEST" in said
    assert "mailto:wendy@politie.example" in said
    assert "mailto:anouk.veldkamp@dalfsen.example" in said
    assert "wendy" not in str(answer.headers).lower()


def test_invitation_of_a_cancelled_meeting_takes_it_back(office: Client, place: Place) -> None:
    changes.cancel_meeting(meeting=place.later, by=cast.OPERATOR)
    said = office.get(place.address(f"{place.later.pk}/uitnodiging.ics")).content.decode()
    assert "METHOD:CANCEL" in said
    assert "SEQUENCE:1" in said


def test_mayor_sees_meetings_but_no_invitation_with_addresses(
    place: Place, burgemeester: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(burgemeester)
    assert client.get(place.address(f"{place.later.pk}/")).status_code == 200
    assert client.get(place.address(f"{place.later.pk}/uitnodiging.ics")).status_code == 403
    assert Meeting.objects.count() == 3
