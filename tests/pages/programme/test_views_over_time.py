"""The programme over quarters and days, in a file, and with two thousand actions."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.programme.models import Action, Programme
from koersvast.web.programme.actions.timing import month_of, place, quarters_of

pytestmark = pytest.mark.django_db
BASE = "/dalfsen/programma/uitvoering-2019-2020/"


def test_quarters_run_from_the_one_with_the_first_day_to_the_one_with_the_last() -> None:
    found = quarters_of(date(2019, 2, 15), date(2020, 1, 1))
    assert found == [date(2019, 1, 1), date(2019, 4, 1), date(2019, 7, 1), date(2019, 10, 1), date(2020, 1, 1)]


@pytest.mark.parametrize(
    ("day", "at"),
    [
        (date(2018, 12, 31), 0.0),
        (date(2019, 1, 1), 0.0),
        (date(2019, 2, 15), 100 * 45 / 90),
        (date(2019, 4, 1), 100.0),
        (date(2020, 1, 1), 400.0),
        (date(2024, 1, 1), 400.0),
    ],
)
def test_place_of_a_day_is_in_proportion_to_its_quarter(day: date, at: float) -> None:
    assert place(day, quarters_of(date(2019, 1, 1), date(2019, 12, 31))) == pytest.approx(at)


@pytest.mark.parametrize("asked", ["", "2026-13", "2026", "abc-1", "0001-01", "2026-0x"])
def test_month_that_cannot_be_read_is_the_usual_one(asked: str) -> None:
    assert month_of(asked, otherwise=date(2020, 12, 31)) == date(2020, 12, 1)


def test_timeline_draws_a_bar_and_says_the_term(officer: Client) -> None:
    shown = officer.get(BASE + "tijdlijn/").content.decode()
    assert 'class="kv-gantt__bar' in shown
    assert "1 november 2019 tot en met 30 november 2019" in shown
    assert "style=" not in shown


def test_action_without_days_is_named_beside_the_timeline(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        Action.objects.filter(number=11).update(starts_on=None, ends_on=None)
    assert "Zonder dag" in officer.get(BASE + "tijdlijn/").content.decode()


def test_month_shows_what_begins_on_its_day_and_leads_to_the_months_beside_it(officer: Client) -> None:
    shown = officer.get(BASE + "maand/", {"month": "2019-11"}).content.decode()
    assert "Wittevoetjesactie" in shown
    assert "?month=2019-10" in shown
    assert "?month=2019-12" in shown


def test_month_with_more_than_fits_counts_the_rest(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        Action.objects.update(starts_on=date(2019, 3, 4), ends_on=None)
    assert "en nog 22" in officer.get(BASE + "maand/", {"month": "2019-03"}).content.decode()


def test_file_adds_up_to_the_sum_on_the_page(officer: Client) -> None:
    response = officer.get(BASE + "3w/tabel.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    column = rows[0].index("euro")
    assert sum(Decimal(str(row[column])) for row in rows[1:] if row[column] is not None) == Decimal(387550)
    remarks = [row[-1] for row in rows[1:]]
    assert remarks.count("geen bedrag ingevuld") == 2
    assert response["Content-Disposition"] == 'attachment; filename="3w-uitvoering-2019-2020.xlsx"'


def test_file_of_a_form_that_is_not_there_is_not_found(officer: Client) -> None:
    assert officer.get(BASE + "3w/tabel.exe").status_code == 404
    assert officer.get(BASE + "3w/tabel.csv").content.startswith(b"\xef\xbb\xbf")


def test_head_of_a_column_sorts_and_turns_round(officer: Client) -> None:
    shown = officer.get(BASE, {"sort": "ends_on"}).content.decode()
    assert 'aria-sort="ascending"' in shown
    assert "?sort=ends_on&amp;descending=1" in shown
    assert 'aria-sort="descending"' in officer.get(BASE, {"sort": "ends_on", "descending": "1"}).content.decode()


def test_what_is_not_known_stands_last_whichever_way(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        Action.objects.filter(number=7).update(ends_on=None)
    for descending in ("", "1"):
        page = officer.get(BASE, {"sort": "ends_on", "descending": descending})
        assert page.context["rows"][-1].number in {7, 11}


def test_unit_alone_shows_only_its_own_actions(officer: Client) -> None:
    page = officer.get(BASE + "afdelingen/")
    first = page.context["groups"][0]
    alone = officer.get(BASE + "afdelingen/" + first.alone)
    assert [one.name for one in alone.context["groups"]] == [first.name]


def test_objective_without_an_action_is_in_sight_with_a_way_to_add_one(officer: Client, town: Municipality) -> None:
    with scope(municipality=town):
        for action in Action.objects.all():
            action.objectives.clear()
    shown = officer.get(BASE + "doelen/").content.decode()
    assert "Nog geen actie dient dit doel" in shown
    assert "acties/nieuw/?objective=" in shown


def test_council_member_sees_every_view_and_no_way_to_write(
    town: Municipality, raadslid: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(raadslid)
    for view in ("", "doelen/", "partners/", "afdelingen/", "keten/", "tijdlijn/", "maand/", "3w/"):
        shown = client.get(BASE + view).content.decode()
        assert "acties/nieuw/" not in shown, view
        assert 'name="numbers"' not in shown, view


@pytest.fixture
def two_thousand(town: Municipality) -> None:
    with scope(municipality=town):
        programme, first = Programme.objects.get(), Action.objects.get(number=1)
        extra = [
            Action(
                municipality=town, programme=programme, number=1000 + number, title=f"Actie {number}",
                priority_id=first.priority_id, owner_organisation_id=first.owner_organisation_id,
                starts_on=first.starts_on, created_at=first.created_at, changed_at=first.changed_at,
            )
            for number in range(1970)
        ]  # fmt: skip
        Action.objects.bulk_create(extra)


def test_every_view_of_two_thousand_actions_asks_few_questions_and_stays_light(
    officer: Client, two_thousand: None, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for view in ("doelen/", "tijdlijn/", "maand/"):
        with django_assert_max_num_queries(60):  # type: ignore[attr-defined] # a context manager of the plugin
            page = officer.get(BASE + view)
        assert page.status_code == 200
        assert len(page.content) < 900_000, view
    assert "1 tot en met 50 getoond" in officer.get(BASE).content.decode()
