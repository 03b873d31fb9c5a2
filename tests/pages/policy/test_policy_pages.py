"""The pages that show the policy: what they say, in both languages, to whom, at what cost."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from koersvast.access.models import Municipality, User
from tests.cast import person
from tests.pages.policy.conftest import KNOWN_ON, PLAN, text_of

pytestmark = pytest.mark.django_db
OBJECTIVE = f"{PLAN}doelen/woninginbraken/"
# Page, a sentence in Dutch, one in English, and how many questions to the database it may ask.
PAGES = [
    (f"/dalfsen/stand/{KNOWN_ON}", "Liggen we op koers?", "Are we on course?", 40),
    ("/dalfsen/plan/", "Lokale prioriteiten", "Local priorities", 24),
    (PLAN, "Hoofdlijnen van aanpak in de veiligheidsketen", "Lines of the approach on the safety chain", 24),
    (f"{OBJECTIVE}{KNOWN_ON}", "Afgesproken en gemeten, jaar voor jaar", "Agreed and measured, year by year", 28),
    (f"{PLAN}besluiten/", "Besluiten over de doelwaarden", "Decisions on the target values", 20),
    (f"{PLAN}toets/", "Alle regels van de plantoets", "All rules of the plan check", 34),
    ("/dalfsen/toets/", "Alle regels van de plantoets", "All rules of the plan check", 34),
]
FORMS = [
    ("/dalfsen/plan/nieuw/", "Een nieuw plan", "A new plan"),
    (f"{PLAN}bewerken/", "Wettelijke grondslag", "Legal basis"),
    (f"{PLAN}uitgangspunten/", "Uitgangspunt 1", "Principle 1"),
    (f"{PLAN}prioriteiten/nieuw/", "Een nieuwe prioriteit", "A new priority"),
    (f"{PLAN}aanpak/nieuw/", "Plaats in de veiligheidsketen", "Place on the safety chain"),
    (f"{PLAN}doelen/nieuw/", "Met wiens cijfers wij oordelen", "Whose figures judge it"),
    (f"{OBJECTIVE}doelwaarden/", "Dit hebt u gekozen", "This is what you chose"),
    (f"{PLAN}vaststellen/", "Er is geen concept", "There is no draft"),
]


@pytest.mark.parametrize(("address", "dutch", "english", "queries"), PAGES)
def test_page_in_dutch_and_in_english_within_its_number_of_queries(
    officer: Client,
    address: str,
    dutch: str,
    english: str,
    queries: int,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    officer.get(address)
    with django_assert_max_num_queries(queries):
        page = text_of(officer, address)
    assert dutch in page
    officer.post("/taal/", {"language": "en"})
    page = text_of(officer, address)
    assert english in page
    assert dutch not in page


def test_forms_are_for_who_may_edit_in_both_languages(officer: Client, councillor: Client) -> None:
    for address, dutch, _english in FORMS:
        assert dutch in text_of(officer, address), address
        assert councillor.get(address).status_code == 403, address
    officer.post("/taal/", {"language": "en"})
    for address, _dutch, english in FORMS:
        assert english in text_of(officer, address), address


def test_pages_are_not_there_for_another_municipality_and_ask_a_stranger_to_sign_in(
    signed_in: Callable[[User], Client], karim: User, town: object, client: Client
) -> None:
    for address in [page[0] for page in PAGES] + [form[0] for form in FORMS]:
        assert signed_in(karim).get(address).status_code == 404, address
        assert client.get(address)["Location"].startswith("/aanmelden/?next=/dalfsen/"), address


def test_start_page_tells_the_burglaries_as_they_were(officer: Client) -> None:
    page = text_of(officer, f"/dalfsen/stand/{KNOWN_ON}")
    card = page[page.index("Aantal woninginbraken</a></h3>") :]
    assert "28; afgesproken was 20 of minder" in card
    assert "Nog niet te zeggen" in card[:1200]
    assert "Niet gehaald" in card[:1500]
    assert "zoals bekend op 1 maart 2026" in page


def test_start_page_looks_back_with_what_was_known_then(officer: Client) -> None:
    page = text_of(officer, "/dalfsen/stand/?known_on=2018-12-31")
    assert "zoals bekend op 31 december 2018" in page
    assert "28; afgesproken" not in page


def test_start_page_with_a_day_that_cannot_be_shows_today(officer: Client) -> None:
    for day in ("morgen", "2999-01-01", "2023-02-30", ""):
        assert "zoals vandaag bekend" in text_of(officer, f"/dalfsen/stand/?known_on={day}"), day


def test_start_page_counts_add_up_to_the_objectives(officer: Client) -> None:
    page = text_of(officer, f"/dalfsen/stand/{KNOWN_ON}")
    counts = [int(number) for number in re.findall(r"</svg>(\d+)</span><span class=\"kv-verdict__label\"", page)]
    assert len(counts) == 5
    assert sum(counts) == page.count('<article class="kv-card kv-objective') == 7


def test_start_page_without_a_plan_says_what_to_do(
    signed_in: Callable[[User], Client], karim: User, raalte: Municipality
) -> None:
    reader = person("Raadslid Raalte", "council_member", raalte)
    assert 'href="/raalte/plan/nieuw/"' in text_of(signed_in(karim), "/raalte/stand/")
    page = text_of(signed_in(reader), "/raalte/stand/")
    assert "Er is nog geen beleidsplan" in page
    assert "/plan/nieuw/" not in page


def test_objective_page_shows_every_year_with_fact_and_evidence(officer: Client) -> None:
    page = text_of(officer, f"{OBJECTIVE}{KNOWN_ON}")
    table = page[page.index('id="pad"') : page.index("</table>", page.index('id="pad"'))]
    cells = re.sub(r"<[^>]+>", " ", table)
    rows = [" ".join(row.split()) for row in re.split(r"(?=20(?:19|20|21|22) )", cells)]
    told = {row[:4]: row for row in rows if row[:4].isdecimal()}
    assert set(told) == {"2019", "2020", "2021", "2022"}
    assert told["2019"].startswith("2019 35 40")
    assert "Niet gehaald" in told["2019"]
    assert told["2020"].startswith("2020 30 30")
    assert "Gehaald" in told["2020"]
    assert told["2021"].startswith("2021 25 13")
    assert "Op koers" in told["2021"]
    assert told["2022"].startswith("2022 20 28")
    assert "Niet gehaald" in told["2022"]


def test_objective_page_tells_what_the_budget_made_of_it(officer: Client) -> None:
    page = text_of(officer, OBJECTIVE)
    assert "Programmabegroting 2021 noemt 30 voor Aantal woninginbraken in 2021" in page
    assert "Wijkt af" in page


def test_objective_page_of_a_reader_has_no_buttons_to_edit(councillor: Client) -> None:
    assert "/doelwaarden/" not in text_of(councillor, OBJECTIVE)
    assert "/bewerken/" not in text_of(councillor, PLAN)


def test_objective_page_holds_the_chart_and_the_same_numbers_as_a_table(officer: Client) -> None:
    page = text_of(officer, OBJECTIVE)
    assert "<svg" in page[page.index('id="verloop"') :]
    assert 'id="verloop-tabel"' in page
    chart = officer.get(f"{OBJECTIVE}grafiek.json")
    assert chart["Content-Type"] == "application/json"
    assert chart.json()["$schema"].startswith("https://vega.github.io/schema/vega/")


def test_page_of_something_that_is_not_there_is_404(officer: Client) -> None:
    for address in (f"{PLAN}doelen/bestaat-niet/", "/dalfsen/plan/bestaat-niet/toets/"):
        assert officer.get(address).status_code == 404, address
