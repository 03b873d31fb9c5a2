"""Pages of partners: contacts, promises both ways, two writers at once, files, and what a partner sees of itself."""

import io
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.partners.changes.organisations import write_contact, write_organisation
from koersvast.partners.models import Contact, Organisation, Promise
from tests import cast
from tests.pages.partners.conftest import Place

pytestmark = pytest.mark.django_db
HOME = "/dalfsen/partners/"
POLICE = f"{HOME}politie-vechtdal/"


def test_empty_list_says_what_to_do(
    dalfsen: Municipality, anouk: User, burgemeester: User, signed_in: Callable[[User], Client]
) -> None:
    page = signed_in(anouk).get(HOME).content.decode()
    assert "Er zijn nog geen partners" in page
    assert f'href="{HOME}nieuw/"' in page
    assert f'href="{HOME}nieuw/"' not in signed_in(burgemeester).get(HOME).content.decode()


@pytest.mark.parametrize("path", ["onze-organisatie/", "convenanten/", "toezeggingen/", "regio/"])
def test_other_lists_are_not_blank_when_they_are_empty(
    path: str, dalfsen: Municipality, anouk: User, signed_in: Callable[[User], Client]
) -> None:
    assert 'class="kv-empty"' in signed_in(anouk).get(f"/dalfsen/{path}").content.decode()


def test_partner_is_added_and_changed(office: Client) -> None:
    sent = {"name": "GGD IJsselland", "kind": "health", "task": "Meldpunt zorg."}
    assert office.post(f"{HOME}nieuw/", sent)["Location"] == f"{HOME}ggd-ijsselland/"
    page = office.get(f"{HOME}ggd-ijsselland/").content.decode()
    assert "Meldpunt zorg." in page
    assert "Nog geen contactpersoon" in page
    again = office.post(f"{HOME}nieuw/", sent)
    assert again.status_code == 422
    assert "Er is al een organisatie met deze naam" in again.content.decode()


def test_two_writers_of_a_partner_both_keep_their_text(office: Client, place: Place, burgemeester: User) -> None:
    assert 'name="version" value="1"' in office.get(f"{POLICE}wijzigen/").content.decode()
    write_organisation(
        municipality=place.town, name="Politie Vechtdal", kind=Organisation.Kind.POLICE, task="Zoals een ander schreef",
        organisation=place.police, version=1, by=cast.person("Piet Eerder", "policy_officer", place.town),
    )  # fmt: skip
    sent = {"name": "Politie Vechtdal", "kind": "prosecution", "task": "Zoals ik schreef", "version": "1"}
    refused = office.post(f"{POLICE}wijzigen/", sent)
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Piet Eerder heeft dit op" in page
    for text in ("Zoals een ander schreef", "Zoals ik schreef", "Openbaar Ministerie", 'name="version" value="2"'):
        assert text in page
    assert Organisation.objects.get(pk=place.police.pk).task == "Zoals een ander schreef"
    assert office.post(f"{POLICE}wijzigen/", sent | {"version": "2"}).status_code == 302
    assert Organisation.objects.get(pk=place.police.pk).task == "Zoals ik schreef"


def test_form_without_a_version_goes_over_nothing(office: Client, place: Place) -> None:
    sent = {"name": "Politie Vechtdal", "kind": "police", "task": "Zonder versie"}
    assert office.post(f"{POLICE}wijzigen/", sent).status_code == 409
    assert office.post(f"{POLICE}archief/").status_code == 302
    assert Organisation.objects.get(pk=place.police.pk).is_active


def test_archive_takes_a_partner_out_of_the_list(office: Client) -> None:
    office.post(f"{POLICE}archief/", {"version": "1"})
    assert "Politie Vechtdal" not in office.get(HOME).content.decode()
    assert "Politie Vechtdal" in office.get(HOME, {"let_op": "archive"}).content.decode()
    assert "In het archief" in office.get(POLICE).content.decode()


# ── Contacts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_names_are_for_who_works_with_partners(
    office: Client, place: Place, burgemeester: User, raadslid: User, signed_in: Callable[[User], Client]
) -> None:
    assert "Wendy Wijkagent" in office.get(POLICE).content.decode()
    page = signed_in(burgemeester).get(POLICE).content.decode()
    assert "Wendy Wijkagent" in page
    assert "contactpersoon/" not in page
    assert signed_in(raadslid).get(POLICE).status_code == 403
    assert "Wendy" not in office.get(HOME).content.decode()


def test_contact_is_written_without_a_name_in_the_audit_or_the_address(office: Client, place: Place) -> None:
    sent = {"name": "Karel Kade", "role": "teamchef", "email": "Karel@politie.example", "gets_weekly_mail": "on"}
    answer = office.post(f"{POLICE}contactpersoon/", sent, follow=True)
    assert "Karel Kade" in answer.content.decode()
    made = Contact.objects.get(name="Karel Kade")
    assert made.email == "karel@politie.example"
    assert f"/dalfsen/meldlinks/{made.pk}/" in answer.content.decode()
    assert answer.redirect_chain == [(f"{POLICE}#contactpersonen", 302)]
    told = " ".join(str(one.detail) + one.subject_id for one in AuditRecord.objects.all())
    assert "Kade" not in told
    assert "karel" not in told.lower()


def test_two_writers_of_a_contact_see_both_numbers(office: Client, place: Place) -> None:
    here = f"{POLICE}contactpersoon/{place.officer.pk}/"
    write_contact(
        organisation=place.police, name="Wendy Wijkagent", phone="06 9999", contact=place.officer, version=1,
        by=cast.OPERATOR,
    )  # fmt: skip
    refused = office.post(here, {"name": "Wendy Wijkagent", "phone": "06 5555", "version": "1"})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "06 9999" in page
    assert "06 5555" in page


def test_removed_contact_is_gone(office: Client, place: Place) -> None:
    answer = office.post(f"{POLICE}contactpersoon/{place.officer.pk}/verwijderen/", follow=True)
    assert "Wendy Wijkagent" not in answer.content.decode()
    assert not Contact.objects.filter(pk=place.officer.pk).exists()


def test_who_left_is_folded_and_has_no_address(office: Client, place: Place) -> None:
    Contact.objects.filter(pk=place.officer.pk).update(until=timezone.localdate() - timedelta(days=2))
    page = office.get(POLICE).content.decode()
    assert "Werken daar niet meer" in page
    assert "wendy@politie.example" not in page


def test_contact_of_another_partner_is_not_here(office: Client, place: Place) -> None:
    assert office.get(f"{HOME}saam-welzijn/contactpersoon/{place.officer.pk}/").status_code == 404


# ── Promises ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_promise_is_written_both_ways_and_settled(office: Client, place: Place) -> None:
    sent = {"direction": "by_us", "text": "Cijfers per straat", "due_on": "2031-05-01"}
    assert office.post(f"{POLICE}toezegging/", sent)["Location"] == f"{POLICE}#toezeggingen"
    made = Promise.objects.get(text="Cijfers per straat")
    assert made.direction == Promise.Direction.BY_US
    page = office.get(POLICE).content.decode()
    assert "uiterlijk 1 mei 2031" in page
    assert "Te laat" in page
    kept = {f"p{made.pk}-state": "kept", f"p{made.pk}-version": "1", "at": "promises"}
    assert office.post(f"/dalfsen/toezeggingen/{made.pk}/afronden/", kept)["Location"] == "/dalfsen/toezeggingen/"
    assert Promise.objects.get(pk=made.pk).state == Promise.State.KEPT
    assert "1 afgeronde toezegging" in office.get(POLICE).content.decode()


def test_broken_promise_asks_why_and_keeps_what_was_typed(office: Client, place: Place) -> None:
    key = place.promise.pk
    sent = {f"p{key}-state": "broken", f"p{key}-on": "2020-05-01", f"p{key}-version": "1"}
    refused = office.post(f"/dalfsen/toezeggingen/{key}/afronden/", sent)
    assert refused.status_code == 422
    assert "Schrijf in een paar woorden waarom" in refused.content.decode()
    assert 'value="2020-05-01"' in refused.content.decode()
    assert Promise.objects.get(pk=key).state == Promise.State.OPEN


def test_promise_that_somebody_else_settled_shows_both_and_loses_no_word(office: Client, place: Place) -> None:
    key = place.promise.pk
    first = {f"p{key}-state": "lapsed", f"p{key}-note": "Team is opgeheven", f"p{key}-version": "1"}
    office.post(f"/dalfsen/toezeggingen/{key}/afronden/", first)
    second = {f"p{key}-state": "broken", f"p{key}-note": "Nooit gebeurd", f"p{key}-version": "1"}
    refused = office.post(f"/dalfsen/toezeggingen/{key}/afronden/", second)
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Team is opgeheven" in page
    assert "Nooit gebeurd" in page
    assert Promise.objects.get(pk=key).state_note == "Team is opgeheven"
    still = office.post(f"/dalfsen/toezeggingen/{key}/afronden/", second | {f"p{key}-version": "2"})
    assert "Deze toezegging is al afgehandeld" in still.content.decode()
    office.post(f"/dalfsen/toezeggingen/{key}/afronden/", {"do": "open", "version": "2"})
    assert Promise.objects.get(pk=key).state == Promise.State.OPEN


def test_list_of_promises_can_be_asked(office: Client, place: Place) -> None:
    assert "Elke maand een controle" in office.get("/dalfsen/toezeggingen/", {"stand": "late"}).content.decode()
    ours = office.get("/dalfsen/toezeggingen/", {"richting": "by_us"}).content.decode()
    assert "Elke maand een controle" not in ours
    assert "Geen toezegging past hierbij" in ours


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_file_has_no_names_and_no_cell_that_a_spreadsheet_runs(office: Client, place: Place) -> None:
    evil = '=HYPERLINK("http://elders.example";"klik")'
    write_organisation(municipality=place.town, name=evil, kind=Organisation.Kind.OTHER, by=cast.OPERATOR)
    text = office.get(f"{HOME}partners.csv").content.decode("utf-8-sig")
    assert "Politie Vechtdal" in text
    assert "Wendy" not in text
    assert "'=HYPERLINK" in text
    assert '"=HYPERLINK' not in text
    book = openpyxl.load_workbook(io.BytesIO(office.get(f"{HOME}partners.xlsx").content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == evil] == ["s"]
    assert office.get(f"{HOME}partners.exe").status_code == 404


def test_file_with_names_is_asked_for_and_leaves_a_trace(
    office: Client, place: Place, burgemeester: User, signed_in: Callable[[User], Client]
) -> None:
    assert office.get(f"{HOME}contactpersonen.csv").status_code == 405
    assert signed_in(burgemeester).post(f"{HOME}contactpersonen.csv").status_code == 403
    answer = office.post(f"{HOME}contactpersonen.csv")
    assert "Wendy Wijkagent" in answer.content.decode("utf-8-sig")
    record = AuditRecord.objects.order_by("-pk")[0]
    assert (record.event, record.detail) == ("contacts.exported", {"contacts": 1})


# ── What a partner sees of itself ────────────────────────────────────────────────────────────────────────────────


def test_partner_sees_its_own_organisation_only(place: Place, wendy: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(wendy)
    page = client.get("/dalfsen/mijn-organisatie/").content.decode()
    for text in ("Politie Vechtdal", "U zegde Dalfsen toe", "Elke maand een controle", "Convenant woonoverlast"):
        assert text in page
    assert "Afronden" not in page
    assert "wendy@politie.example" not in page
    assert client.get("/dalfsen/mijn-organisatie/saam-welzijn/").status_code == 404
    assert client.get(POLICE).status_code == 403


def test_who_belongs_nowhere_is_told_whom_to_ask(place: Place, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(cast.person("Nog Niemand", "partner", place.town))
    assert "U hoort nog niet bij een organisatie" in client.get("/dalfsen/mijn-organisatie/").content.decode()


def test_officer_without_a_department_is_led_to_it(office: Client, place: Place) -> None:
    page = office.get("/dalfsen/mijn-organisatie/").content.decode()
    assert 'href="/dalfsen/onze-organisatie/"' in page
    assert "Wat wij elkaar toezegden" not in office.get(f"{HOME}openbare-ruimte/").content.decode()
