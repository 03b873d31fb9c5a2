"""Pages of agreements and of the region: terms with a warning, two writers at once, and the mirror of their plans."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from koersvast.partners.changes.agreements import write_agreement
from koersvast.partners.models import Agreement, RegionalPlan
from koersvast.policy.wording import amounts
from tests import cast
from tests.pages.partners.conftest import Place

pytestmark = pytest.mark.django_db
HOME = "/dalfsen/convenanten/"
COVENANT = f"{HOME}convenant-woonoverlast/"


def test_agreement_that_ends_is_warned_for_in_every_place(office: Client, place: Place) -> None:
    ends = amounts.day(timezone.localdate() + timedelta(days=30))
    overview = office.get(HOME).content.decode()
    assert "Deze lopen binnen drie maanden af" in overview
    assert f"loopt af op {ends}" in overview
    page = office.get(COVENANT).content.decode()
    assert f"Dit loopt af op {ends}" in page
    assert "pas de laatste dag aan" in page
    assert "Convenant loopt bijna af" in office.get("/dalfsen/partners/politie-vechtdal/").content.decode()
    ending = office.get("/dalfsen/partners/", {"let_op": "agreement_ends"}).content.decode()
    assert "Politie Vechtdal" in ending
    write_agreement(
        municipality=place.town, title="Convenant woonoverlast", kind=Agreement.Kind.COVENANT, purpose="Wie doet wat.",
        parties=[place.welfare], agreement=place.covenant, version=1, by=cast.OPERATOR,
    )  # fmt: skip
    assert "Deze lopen binnen drie maanden af" not in office.get(HOME).content.decode()


def test_ended_agreement_says_so(office: Client, place: Place) -> None:
    Agreement.objects.filter(pk=place.covenant.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert "De partijen zijn nergens meer aan gebonden" in office.get(COVENANT).content.decode()
    assert "1 is afgelopen" in office.get(HOME).content.decode()


def test_agreement_is_added_from_a_partner(office: Client, place: Place) -> None:
    form = office.get(f"{HOME}nieuw/", {"partij": "politie-vechtdal"}).content.decode()
    assert f'value="{place.police.pk}" id="id_parties_0"' in form
    assert "checked" in form.split('id="id_parties_0"')[1][:120]
    sent = {
        "title": "Protocol jeugd", "kind": "protocol", "purpose": "Wie belt wie.", "parties": [place.police.pk],
        "starts_on": "2026-01-01", "ends_on": "2030-12-31",
    }  # fmt: skip
    assert office.post(f"{HOME}nieuw/", sent)["Location"] == f"{HOME}protocol-jeugd/"
    assert "1 januari 2026 tot en met 31 december 2030" in office.get(f"{HOME}protocol-jeugd/").content.decode()


def test_agreement_that_ends_before_it_begins_is_refused_at_its_field(office: Client, place: Place) -> None:
    sent = {
        "title": "x", "kind": "protocol", "purpose": "y", "parties": [place.police.pk], "starts_on": "2026-01-01",
        "ends_on": "2025-01-01", "document_url": "javascript:alert(1)",
    }  # fmt: skip
    refused = office.post(f"{HOME}nieuw/", sent)
    assert refused.status_code == 422
    ends = office.post(f"{HOME}nieuw/", sent | {"document_url": ""}).content.decode()
    assert 'href="#id_ends_on"' in ends
    assert "De laatste dag ligt voor de eerste" in ends
    assert not Agreement.objects.filter(title="x").exists()


def test_two_writers_of_an_agreement_see_parties_and_days_in_words(office: Client, place: Place) -> None:
    write_agreement(
        municipality=place.town, title="Convenant woonoverlast", kind=Agreement.Kind.COVENANT, purpose="Wie doet wat.",
        parties=[place.police, place.department], agreement=place.covenant, version=1, by=cast.OPERATOR,
    )  # fmt: skip
    sent = {
        "title": "Convenant woonoverlast", "kind": "protocol", "purpose": "Wie doet wat.", "version": "1",
        "parties": [place.police.pk, place.welfare.pk], "ends_on": "2030-03-01",
    }  # fmt: skip
    refused = office.post(f"{COVENANT}wijzigen/", sent)
    page = refused.content.decode()
    assert refused.status_code == 409
    both = page.split("kv-both")[1:]
    said = " ".join(both)
    assert "Openbare Ruimte en Politie Vechtdal" in said
    assert "Politie Vechtdal en SAAM Welzijn" in said
    assert "1 maart 2030" in said
    assert "leeg" in said
    assert "Protocol" in said
    assert office.post(f"{COVENANT}wijzigen/", sent | {"version": "2"}).status_code == 302


def test_file_of_agreements_has_terms_and_parties(office: Client, place: Place) -> None:
    text = office.get(f"{HOME}convenanten.csv").content.decode("utf-8-sig")
    assert "Convenant woonoverlast" in text
    assert "Politie Vechtdal; SAAM Welzijn" in text


def test_regional_plan_is_written_and_mirrored(office: Client, place: Place) -> None:
    day = timezone.localdate() + timedelta(days=20)
    sent = {
        "body": place.police.pk, "title": "Regionaal beleidsplan", "first_day": "2025-01-01", "last_day": "2035-12-31",
        "our_input_on": day.isoformat(), "their_promise": "Lokale doelen tellen mee",
    }  # fmt: skip
    office.post("/dalfsen/regio/nieuw/", sent)
    plan = RegionalPlan.objects.get()
    page = office.get("/dalfsen/regio/").content.decode()
    for text in (f"Uiterlijk {amounts.day(day)}", "Lokale doelen tellen mee", "loopt nu", f'id="plan-{plan.pk}"'):
        assert text in page
    assert f"regio/#plan-{plan.pk}" in office.get("/dalfsen/partners/politie-vechtdal/").content.decode()
    changed = sent | {"our_input": "Onze vier prioriteiten", "report": "Nog niets", "version": "1"}
    refused = office.post(f"/dalfsen/regio/{plan.pk}/", changed)
    assert "Geef de dag waarop zij verslag deden" in refused.content.decode()
    assert office.post(f"/dalfsen/regio/{plan.pk}/", changed | {"reported_on": "2026-01-05"}).status_code == 302
    assert "Verslag ontvangen" in office.get("/dalfsen/regio/").content.decode()
    stale = office.post(f"/dalfsen/regio/{plan.pk}/", changed | {"our_input": "Iets anders", "report": ""})
    assert stale.status_code == 409
    assert "Onze vier prioriteiten" in stale.content.decode()
    assert "Iets anders" in stale.content.decode()
