"""The calendar: the lapsed programme warns, known silences it, own moments, two writers, who may what."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django_scopes import scope

from koersvast.access.conflicts import Changed
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.programme.changes.calendar import EntryDraft, mark_moment, write_entry
from koersvast.programme.models import CalendarEntry, CalendarMark, Programme
from koersvast.programme.queries.calendar import calendar

pytestmark = pytest.mark.django_db
PAGE = "/dalfsen/kalender/"


def test_lapsed_programme_is_past_its_day_and_known_silences_it(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        occurrence = f"programme:{Programme.objects.get().pk}"
    before = officer.get(PAGE)
    assert "is afgelopen: sluit het of maak een nieuw" in before.content.decode()
    assert [one.moment.fact.rule for one in before.context["late"]].count("programme_term") == 1
    given = {"rule": "programme_term", "occurrence": occurrence, "state": "known", "note": "Wacht op het nieuwe plan."}
    assert officer.post(PAGE + "melden/", given).status_code == 302
    after = officer.get(PAGE)
    assert "programme_term" not in [one.moment.fact.rule for one in after.context["late"]]
    assert "Wacht op het nieuwe plan." in after.content.decode()
    officer.post(PAGE + "melden/", given | {"state": "open"})
    assert "programme_term" in [one.moment.fact.rule for one in officer.get(PAGE).context["late"]]


def test_year_ahead_of_a_running_programme_names_what_comes(
    town: Municipality, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with scope(municipality=town), django_assert_max_num_queries(14):
        found = calendar(
            town, today=date(2020, 3, 1), permissions=frozenset({Permission.PARTNERS_VIEW, Permission.COUNCIL_VIEW})
        )
    rules = {one.rule.code: one for one in found}
    assert rules["programme_term"].level == "year"
    assert rules["four_years"].due_on == date(2022, 12, 17)
    assert {"budget", "accounts", "election", "own", "council"} <= rules.keys()


def test_who_may_not_see_the_council_or_partners_sees_none_of_them(town: Municipality) -> None:
    with scope(municipality=town):
        found = calendar(town, today=date(2020, 3, 1), permissions=frozenset())
    assert {one.rule.code for one in found} & {"council", "regional_end", "regional_input"} == set()


def test_known_without_a_reason_or_of_no_rule_is_refused(town: Municipality, anouk: User) -> None:
    with scope(municipality=town):
        for rule, state, code in (
            ("election", "known", "note_missing"),
            ("election", "later", "state_unknown"),
            ("bestaat-niet", "done", "rule_unknown"),
        ):
            with pytest.raises(ValidationError) as refused:
                mark_moment(municipality=town, rule=rule, occurrence="2030", state=state, note=" ", by=anouk)
            assert refused.value.code == code
        assert CalendarMark.objects.count() == 0


def test_own_moment_is_added_changed_and_removed(officer: Client, town: Municipality) -> None:
    given = {"title": "Perspectiefnota", "due_on": "2027-05-31", "kind": "budget", "every_year": "on", "note": ""}
    assert officer.post(PAGE + "nieuw/", given).status_code == 302
    with scope(municipality=town):
        row = CalendarEntry.objects.get(title="Perspectiefnota")
    assert "Perspectiefnota" in officer.get(PAGE).content.decode()
    address = f"{PAGE}{row.pk}/"
    assert officer.post(address, given | {"title": "Kaderbrief", "version": "1"}).status_code == 302
    late = officer.post(address, given | {"title": "Voorjaarsnota", "version": "1"})
    assert late.status_code == 409
    assert "Kaderbrief" in late.content.decode()
    assert "Voorjaarsnota" in late.content.decode()
    assert officer.post(address + "weghalen/", {"version": "2"}).status_code == 302
    assert officer.get(address).status_code == 404


def test_own_moment_without_a_day_says_what_is_missing(officer: Client) -> None:
    assert officer.post(PAGE + "nieuw/", {"title": "Iets", "kind": "other"}).status_code == 422


def test_second_writer_is_told(town: Municipality, anouk: User) -> None:
    draft = EntryDraft(title="Kadernota", due_on=date(2027, 6, 1))
    with scope(municipality=town):
        row = write_entry(municipality=town, draft=draft, by=anouk)
        write_entry(municipality=town, draft=draft, by=anouk, entry=row, version=1)
        with pytest.raises(Changed):
            write_entry(municipality=town, draft=draft, by=anouk, entry=row, version=1)


def test_council_member_reads_and_cannot_mark(
    town: Municipality, raadslid: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(raadslid)
    shown = client.get(PAGE)
    assert shown.status_code == 200
    assert "Eigen moment toevoegen" not in shown.content.decode()
    assert client.post(PAGE + "melden/", {}).status_code == 403


def test_data_of_a_person_in_a_note_is_refused(town: Municipality, anouk: User) -> None:
    with scope(municipality=town):
        with pytest.raises(ValidationError) as refused:
            write_entry(
                municipality=town, by=anouk,
                draft=EntryDraft(title="Bel 06-12345678", due_on=date(2027, 6, 1), note="j.jansen@voorbeeld.nl"),
            )  # fmt: skip
        assert set(refused.value.error_dict) == {"title", "note"}
        with pytest.raises(ValidationError) as marked:
            mark_moment(
                municipality=town, rule="four_years", occurrence="plan:1", state="known", by=anouk,
                note="wacht op 06-12345678",
            )  # fmt: skip
        assert marked.value.code == "personal_text"
        assert not CalendarEntry.objects.filter(title__startswith="Bel").exists()
        assert not CalendarMark.objects.filter(note__startswith="wacht").exists()
