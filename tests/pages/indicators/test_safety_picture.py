"""The safety picture and the indicator pages: what they say, to whom, and what can be taken along."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.changes import choose_language
from koersvast.access.models import Municipality, User
from koersvast.indicators.models import Indicator, Observation

pytestmark = pytest.mark.django_db
type SignIn = Callable[[User], Client]


def read(client: Client, path: str) -> str:
    answer = client.get(path, headers={"accept-language": "nl"})
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def cells(page: str) -> set[str]:
    """The texts that stand alone between two tags."""
    return {text.strip() for text in re.findall(r">([^<]+)<", page)}


def test_overview_shows_five_fields_with_their_verdicts(figures: Municipality, anouk: User, signed_in: SignIn) -> None:
    page = read(signed_in(anouk), "/dalfsen/veiligheidsbeeld/")
    for name in ("Veilige woon- en leefomgeving", "Bedrijvigheid en veiligheid", "Jeugd en veiligheid"):
        assert name in page
    assert "5 verbeterd" in page
    assert "zonder aantoonbare verandering" in page
    assert "Geregistreerd" in page
    assert "Ervaren door inwoners" in page


def test_field_shows_the_plans_table_with_groups_and_verdicts(
    figures: Municipality, anouk: User, signed_in: SignIn
) -> None:
    page = read(signed_in(anouk), "/dalfsen/veiligheidsbeeld/1/")
    assert "Tabel 2: Veilige woon- en leefomgeving" in page
    assert page.index("Sociale kwaliteit") < page.index("Fysieke kwaliteit")
    assert {"125", "71", "46", "76", "40"} <= cells(page)
    assert "Woninginbraken: van 125 in 2013 naar 40 in 2017." in page
    assert "p-waarde (tweezijdig)" in page


def test_other_years_and_day_of_knowledge_change_the_table(
    figures: Municipality, anouk: User, signed_in: SignIn
) -> None:
    client = signed_in(anouk)
    page = read(client, "/dalfsen/veiligheidsbeeld/1/?first=2014&last=2016")
    assert "125" not in cells(page)
    assert "71" in cells(page)
    before = read(client, "/dalfsen/veiligheidsbeeld/1/?known_on=2018-01-01")
    assert "71" not in cells(before)
    assert "cijfers zoals bekend op 1 januari 2018" in before


def test_impossible_years_are_refused_in_words(figures: Municipality, anouk: User, signed_in: SignIn) -> None:
    page = read(signed_in(anouk), "/dalfsen/veiligheidsbeeld/?first=2020&last=2010")
    assert "Kies een laatste jaar na het eerste" in page


def test_field_that_is_not_there_is_not_found(figures: Municipality, anouk: User, signed_in: SignIn) -> None:
    assert signed_in(anouk).get("/dalfsen/veiligheidsbeeld/9/").status_code == 404


def test_indicator_shows_both_sources_side_by_side_and_says_where_they_differ(
    figures: Municipality, anouk: User, signed_in: SignIn
) -> None:
    page = read(signed_in(anouk), "/dalfsen/indicatoren/woninginbraken/")
    assert "De bronnen geven niet dezelfde cijfers" in page
    assert "2013: Politie 125, Politie (open tabel) 98" in page
    assert "28,6 tot 54,5" in page
    assert "Nulmeting 2017: 40" in page
    assert "<svg" in page
    assert "plan-tabellen-2-tot-5-politie.csv" in page


def test_indicator_as_known_on_a_day_leaves_out_what_came_later(
    figures: Municipality, anouk: User, signed_in: SignIn
) -> None:
    page = read(signed_in(anouk), "/dalfsen/indicatoren/woninginbraken/?known_on=2019-01-01")
    assert "U ziet wat bekend was op 1 januari 2019." in page
    assert "Politie (open tabel)" not in page
    assert "De bronnen geven niet dezelfde cijfers" not in page
    early = read(signed_in(anouk), "/dalfsen/indicatoren/woninginbraken/?known_on=2010-01-01")
    assert "Op 1 januari 2010 waren er geen cijfers bekend" in early


def test_survey_indicator_shows_question_population_and_assumed_respondents(
    figures: Municipality, anouk: User, signed_in: SignIn
) -> None:
    page = read(signed_in(anouk), "/dalfsen/indicatoren/te-hard-rijden/")
    assert "inwoners van de gemeente Dalfsen van 18 jaar en ouder" in page
    assert "1.244 (aangenomen)" in page
    assert "een aanname" in page
    assert "Trendbreuk" in page


def test_chart_is_given_to_the_browser_as_vega(figures: Municipality, anouk: User, signed_in: SignIn) -> None:
    answer = signed_in(anouk).get("/dalfsen/indicatoren/woninginbraken/grafiek.json")
    assert answer["Content-Type"] == "application/json"
    assert "vega/v" in answer.json()["$schema"]


def test_every_indicator_has_a_page(figures: Municipality, anouk: User, signed_in: SignIn) -> None:
    client = signed_in(anouk)
    with_scope = Indicator.objects.model._base_manager.filter(municipality=figures)
    codes = list(with_scope.values_list("code", flat=True))
    assert len(codes) > 30
    for code in codes[::6]:
        assert client.get(f"/dalfsen/indicatoren/{code}/").status_code == 200, code


def test_pages_take_a_bounded_number_of_queries(
    figures: Municipality, anouk: User, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(anouk)
    for path, most in (("veiligheidsbeeld/", 22), ("veiligheidsbeeld/1/", 22), ("indicatoren/woninginbraken/", 26)):
        with django_assert_max_num_queries(most):
            read(client, f"/dalfsen/{path}")


def test_figures_can_be_taken_along_as_csv_with_their_origin(
    figures: Municipality, anouk: User, signed_in: SignIn
) -> None:
    client = signed_in(anouk)
    answer = client.get("/dalfsen/indicatoren/woninginbraken/cijfers.csv", headers={"accept-language": "nl"})
    assert 'filename="dalfsen-woninginbraken.csv"' in answer["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    heading = next(place for place, line in enumerate(lines) if line and line[0] == "indicator")
    rows = [dict(zip(lines[heading], line, strict=True)) for line in lines[heading + 1 :] if line]
    with scope(municipality=figures):
        assert len(rows) == Observation.objects.filter(indicator__code="woninginbraken").count()
    first = rows[0]
    assert (first["periode"], first["waarde"], first["bron"]) == ("2013", "125", "Politie")
    assert first["bestand"] == "plan-tabellen-2-tot-5-politie.csv"


def test_figures_can_be_taken_along_as_a_workbook(figures: Municipality, anouk: User, signed_in: SignIn) -> None:
    answer = signed_in(anouk).get("/dalfsen/veiligheidsbeeld/cijfers.xlsx?field=1")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    values = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    assert 125 in values
    assert "woninginbraken" in values
    assert "te-hard-rijden" not in values


@pytest.mark.parametrize("form", ["pdf", "exe"])
def test_unknown_form_of_download_is_not_found(
    figures: Municipality, anouk: User, signed_in: SignIn, form: str
) -> None:
    assert signed_in(anouk).get(f"/dalfsen/indicatoren/woninginbraken/cijfers.{form}").status_code == 404


def test_pages_are_complete_in_english(figures: Municipality, anouk: User, signed_in: SignIn) -> None:
    choose_language(anouk, language="en")
    client = signed_in(anouk)
    page = client.get("/dalfsen/veiligheidsbeeld/1/").content.decode()
    assert "Safe living environment" in page
    assert "No demonstrable change" in page
