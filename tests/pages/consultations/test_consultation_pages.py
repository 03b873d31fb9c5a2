"""Pages of consultations: a meeting on one page, each part by itself, and what a partner sees of it."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from koersvast.access.models import User
from koersvast.partners.changes import meetings as minutes
from koersvast.partners.changes.meetings import NewFollowUp, NewItem
from koersvast.partners.models import AgendaItem, Consultation, FollowUp, Meeting, MeetingDecision
from tests import cast
from tests.pages.consultations.conftest import Place

pytestmark = pytest.mark.django_db
HOME = "/dalfsen/overleggen/"


def on_agenda(place: Place, title: str = "Sporthal") -> AgendaItem:
    (item,) = minutes.put_on_agenda(meeting=place.now, items=[NewItem(title=title)], by=cast.OPERATOR)
    return item


def agreed(place: Place, **more: object) -> FollowUp:
    given = NewFollowUp(text="Verlichting nakijken", **more)  # type: ignore[arg-type] # a dict
    return minutes.write_follow_up(meeting=place.now, given=given, by=cast.OPERATOR)


def test_new_table_is_made_with_its_seats_and_planned(office: Client, place: Place) -> None:
    sent = {
        "name": "Verkeersoverleg", "level": "official", "rhythm": "weeks", "every": "6", "minutes_long": "90",
        "first_on": timezone.localdate().isoformat(), "starts_at": "14:00", "is_active": "on",
        "plek-TOTAL_FORMS": "2", "plek-INITIAL_FORMS": "0",
        "plek-0-organisation": place.police.pk, "plek-0-role": "verkeer", "plek-1-organisation": "",
    }  # fmt: skip
    answer = office.post(f"{HOME}nieuw/", sent)
    assert answer["Location"] == f"{HOME}verkeersoverleg/"
    made = Consultation.objects.get(code="verkeersoverleg")
    assert [(one.organisation, one.role) for one in made.members.all()] == [(place.police, "verkeer")]
    until = (timezone.localdate() + timedelta(days=100)).isoformat()
    page = office.post(f"{HOME}verkeersoverleg/plannen/", {"until": until}, follow=True).content.decode()
    assert "vergaderingen gepland" in page
    assert made.meetings.count() in {2, 3}


def test_form_without_a_first_day_says_what_to_do(office: Client, place: Place) -> None:
    sent = {"name": "x", "level": "official", "rhythm": "weeks", "every": "1", "minutes_long": "60"}
    answer = office.post(f"{HOME}nieuw/", sent | {"plek-TOTAL_FORMS": "0", "plek-INITIAL_FORMS": "0"})
    assert answer.status_code == 422
    assert "Geef de eerste dag" in answer.content.decode()


def test_table_that_somebody_else_changed_shows_both(office: Client, place: Place) -> None:
    page = office.get(place.address("wijzigen/")).content.decode()
    assert 'name="version" value="1"' in page
    Consultation.objects.filter(pk=place.table.pk).update(place="Kamer 9", version=2)
    sent = {
        "name": place.table.name, "level": "operational", "rhythm": "weeks", "every": "6", "minutes_long": "60",
        "first_on": timezone.localdate().isoformat(), "starts_at": "10:00", "place": "Kamer 5", "is_active": "on",
        "plek-TOTAL_FORMS": "0", "plek-INITIAL_FORMS": "0", "version": "1",
    }  # fmt: skip
    refused = office.post(place.address("wijzigen/"), sent)
    said = refused.content.decode()
    assert refused.status_code == 409
    assert "Kamer 9" in said
    assert "Kamer 5" in said
    assert 'name="version" value="2"' in said
    assert office.post(place.address("wijzigen/"), sent | {"version": "2"}).status_code == 302
    assert Consultation.objects.get(pk=place.table.pk).place == "Kamer 5"


def test_outcome_is_saved_by_itself_without_scripts(office: Client, place: Place) -> None:
    item = on_agenda(place)
    here = place.address(f"{place.now.pk}/")
    answer = office.post(f"{here}agenda/{item.pk}/", {"do": "outcome", "outcome": "Er komt licht.", "version": "1"})
    assert answer["Location"] == f"{here}#punt-{item.pk}"
    assert "Er komt licht." in office.get(here).content.decode()
    assert Meeting.objects.get(pk=place.now.pk).state == Meeting.State.HELD


def test_outcome_that_somebody_else_wrote_first_is_shown_beside_what_was_typed(office: Client, place: Place) -> None:
    item = on_agenda(place)
    minutes.record_outcome(item=item, outcome="Wat de ander schreef", by=cast.OPERATOR)
    here = place.address(f"{place.now.pk}/")
    sent = {"do": "outcome", "outcome": "Wat ik typte", "version": "1"}
    refused = office.post(f"{here}agenda/{item.pk}/", sent)
    said = refused.content.decode()
    assert refused.status_code == 422
    assert said.index("Staat er nu") < said.index("Wat de ander schreef")
    assert said.count("Wat ik typte") >= 2
    assert AgendaItem.objects.get(pk=item.pk).outcome == "Wat de ander schreef"
    office.post(f"{here}agenda/{item.pk}/", sent | {"version": "2"})
    assert AgendaItem.objects.get(pk=item.pk).outcome == "Wat ik typte"


def test_items_are_moved_changed_and_taken_off(office: Client, place: Place) -> None:
    one, other = on_agenda(place, "Een"), on_agenda(place, "Twee")
    here = place.address(f"{place.now.pk}/agenda/")
    office.post(f"{here}{other.pk}/", {"do": "up"})
    assert list(place.now.agenda.values_list("title", flat=True)) == ["Twee", "Een"]
    office.post(f"{here}{one.pk}/", {"do": "save", "title": "Eén", "note": "kort", "version": "1"})
    office.post(f"{here}{other.pk}/", {"do": "remove", "version": "1", "title": "Twee"})
    assert list(place.now.agenda.values_list("position", "title", "note")) == [(1, "Eén", "kort")]


def test_decisions_and_follow_ups_are_added_changed_and_taken_back(office: Client, place: Place) -> None:
    here = place.address(f"{place.now.pk}/")
    office.post(f"{here}besluiten/", {"text": "Wij gaan door."})
    decision = MeetingDecision.objects.get()
    office.post(f"{here}besluiten/{decision.pk}/", {"do": "save", "text": "Wij stoppen.", "version": "1"})
    assert MeetingDecision.objects.get().text == "Wij stoppen."
    office.post(f"{here}besluiten/{decision.pk}/", {"do": "remove", "text": "Wij stoppen.", "version": "2"})
    assert not MeetingDecision.objects.exists()
    due = (timezone.localdate() + timedelta(days=9)).isoformat()
    office.post(f"{here}actiepunten/", {"text": "Bellen", "organisation": place.police.pk, "due_on": due})
    known = FollowUp.objects.get()
    assert (known.organisation, known.due_on) == (place.police, date.fromisoformat(due))
    office.post(f"{here}actiepunten/{known.pk}/", {"do": "remove", "text": "Bellen", "version": "1"})
    assert not FollowUp.objects.exists()


def test_refused_text_comes_back_in_its_own_form(office: Client, place: Place) -> None:
    refused = office.post(place.address(f"{place.now.pk}/besluiten/"), {"text": "Bel 06-12345678"})
    said = refused.content.decode()
    assert refused.status_code == 422
    section = said[said.index('id="besluiten"') : said.index('id="actiepunten"')]
    assert "Bel 06-12345678" in section
    assert "telefoonnummers" in section


def test_parts_of_another_meeting_are_not_found(office: Client, place: Place) -> None:
    item, known = on_agenda(place), agreed(place)
    there = place.address(f"{place.later.pk}/")
    assert office.post(f"{there}agenda/{item.pk}/", {"do": "up"}).status_code == 404
    assert office.post(f"{there}actiepunten/{known.pk}/", {"do": "remove"}).status_code == 404
    assert office.get(f"{HOME}{place.other_table.code}/{place.now.pk}/").status_code == 404


def test_open_follow_ups_of_all_tables_are_settled_from_the_list(office: Client, place: Place) -> None:
    late = agreed(place, due_on=timezone.localdate() - timedelta(days=1), organisation=place.police)
    page = office.get(f"{HOME}actiepunten/?te_laat=on").content.decode()
    assert "Verlichting nakijken" in page
    assert "Politie Vechtdal" in page
    answer = office.post(f"{HOME}actiepunten/{late.pk}/", {"do": "done", "version": "1"})
    assert answer["Location"] == f"{HOME}actiepunten/"
    assert FollowUp.objects.get().state == FollowUp.State.DONE
    assert "Hier staat niets open" in office.get(f"{HOME}actiepunten/").content.decode()


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "x"])
def test_settling_never_leads_away_from_here(office: Client, place: Place, back: str) -> None:
    known = agreed(place)
    answer = office.post(f"{HOME}actiepunten/{known.pk}/", {"do": "done", "terug": back})
    assert answer["Location"] == f"{HOME}actiepunten/"


def test_follow_up_without_a_programme_cannot_become_an_action_and_says_why(office: Client, place: Place) -> None:
    known = agreed(place)
    page = office.post(f"{HOME}actiepunten/{known.pk}/", {"do": "action"}, follow=True).content.decode()
    assert "geen uitvoeringsprogramma" in page
    assert FollowUp.objects.get().state == FollowUp.State.OPEN


def test_decisions_are_searched(office: Client, place: Place) -> None:
    for text in ("Extra toezicht bij de sporthal", "De bus rijdt later"):
        minutes.write_decision(meeting=place.now, text=text, by=cast.OPERATOR)
    page = office.get(f"{HOME}besluiten/?zoek=sporthal").content.decode()
    assert "Extra toezicht" in page
    assert "De bus" not in page


def test_matrix_says_who_sits_where_in_words_too(office: Client, place: Place) -> None:
    page = office.get(f"{HOME}wie-zit-waar/").content.decode()
    assert page.count("kv-matrix__dot") == 3
    assert "jongerenwerker" in page


@pytest.mark.parametrize("asked", ["2026-12", "2026-13", "x", "0000-01", "99999-1", "-1-1", "2026"])
def test_month_that_is_none_shows_this_month(office: Client, place: Place, asked: str) -> None:
    page = office.get(f"{HOME}kalender/", {"maand": asked})
    assert page.status_code == 200
    assert ("December 2026" in page.content.decode()) == (asked == "2026-12" or timezone.localdate().month == 12)


def test_cancelling_says_to_send_the_withdrawal(office: Client, place: Place) -> None:
    here = place.address(f"{place.later.pk}/")
    page = office.post(f"{here}afzeggen/", {"version": "1"}, follow=True).content.decode()
    assert "Vervallen" in page
    assert "Intrekking voor agenda" in page
    assert 'do" value="up' not in page


def test_partner_sees_own_meetings_and_own_follow_ups_only(
    place: Place, wendy: User, signed_in: Callable[[User], Client]
) -> None:
    agreed(place, organisation=place.police)
    minutes.write_follow_up(
        meeting=place.now, given=NewFollowUp(text="Van een ander", organisation=place.welfare), by=cast.OPERATOR
    )
    client = signed_in(wendy)
    for address in ("/dalfsen/mijn-overleggen/", f"/dalfsen/mijn-overleggen/{place.now.pk}/"):
        page = client.get(address).content.decode()
        assert "Overleg jeugdoverlast" in page
        assert "Verlichting nakijken" in page
        assert "Van een ander" not in page
        assert "Driehoek" not in page
    there = Meeting.objects.get(consultation=place.other_table)
    assert client.get(f"/dalfsen/mijn-overleggen/{there.pk}/").status_code == 404
    assert client.get(place.address()).status_code == 403


def test_partner_without_a_seat_is_told_when_something_comes(place: Place, signed_in: Callable[[User], Client]) -> None:
    page = signed_in(cast.person("Nieuwe Partner", "partner", place.town)).get("/dalfsen/mijn-overleggen/")
    assert "U zit nog niet in een overleg" in page.content.decode()


def test_mayor_reads_a_meeting_without_buttons(
    place: Place, burgemeester: User, signed_in: Callable[[User], Client]
) -> None:
    on_agenda(place)
    page = signed_in(burgemeester).get(place.address(f"{place.now.pk}/")).content.decode()
    main = page[page.index("<main") : page.index("</main")]
    assert "Sporthal" in main
    assert "<form" not in main


def test_meeting_page_costs_the_same_number_of_queries_with_many_items(
    office: Client, place: Place, django_assert_max_num_queries: object
) -> None:
    items = [NewItem(title=f"Punt {number}") for number in range(30)]
    minutes.put_on_agenda(meeting=place.now, items=items, by=cast.OPERATOR)
    for number in range(10):
        minutes.write_decision(meeting=place.now, text=f"Besluit {number}", by=cast.OPERATOR)
        agreed(place, organisation=place.police)
    with django_assert_max_num_queries(30):  # type: ignore[operator] # a fixture of pytest-django
        office.get(place.address(f"{place.now.pk}/"))


@pytest.mark.parametrize("paper", ["agenda", "verslag"])
def test_papers_hold_what_was_written_and_no_person(office: Client, place: Place, paper: str) -> None:
    item = on_agenda(place, "Sporthal <b>& omgeving</b>")
    minutes.record_outcome(item=item, outcome="Er komt licht.", by=cast.OPERATOR)
    minutes.write_decision(meeting=place.now, text="Wij gaan door.", by=cast.OPERATOR)
    agreed(place, organisation=place.police)
    answer = office.get(place.address(f"{place.now.pk}/bestand/{paper}.html"))
    said = answer.content.decode()
    assert answer.status_code == 200
    assert "Sporthal &lt;b&gt;&amp; omgeving&lt;/b&gt;" in said
    assert ("Er komt licht." in said) == (paper == "verslag")
    assert ("Wij gaan door." in said) == (paper == "verslag")
    assert "jongerenwerker" in said
    assert not re.search(r"Wendy|@politie\.example", said)
    assert re.search(r'filename="(agenda|verslag)-overleg-jeugdoverlast-\d{4}-\d\d-\d\d\.html"', str(answer.headers))


@pytest.mark.parametrize(("form", "begin"), [("docx", b"PK"), ("odt", b"PK"), ("pdf", b"%PDF")])
def test_minutes_come_in_every_form(office: Client, place: Place, form: str, begin: bytes) -> None:
    on_agenda(place)
    answer = office.get(place.address(f"{place.now.pk}/bestand/verslag.{form}"))
    assert answer.content.startswith(begin)


def test_unknown_paper_or_form_is_not_found(office: Client, place: Place) -> None:
    for rest in ("bestand/agenda.exe", "bestand/notulen.pdf"):
        assert office.get(place.address(f"{place.now.pk}/{rest}")).status_code == 404
