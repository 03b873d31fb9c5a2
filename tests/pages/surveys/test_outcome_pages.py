"""The pages of outcomes: what is published, what is hidden, what differs, and what can be taken along."""

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pikepdf
import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.surveys.models import Computation, Wave
from tests.pages.surveys.computed import computed_wave, release

pytestmark = pytest.mark.django_db
type SignIn = Callable[[User], Client]
PAGES = ("uitkomsten/", "uitkomsten/rijden/", "tabellenboek/", "verantwoording/")
FILES = (
    "tabellenboek/bestand.xlsx",
    "tabellenboek/bestand.csv",
    "tabellenboek/bestand.html",
    "verantwoording/bestand.html",
)


def said(answer: Any) -> str:
    """The words of a page, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\u00a0", " ").split())


def whole(answer: Any) -> bytes:
    """The bytes of a file, streamed or not."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return content


@pytest.fixture
def made(dalfsen: Municipality, anouk: User) -> tuple[Wave, Computation]:
    with scope(municipality=dalfsen):
        return computed_wave(dalfsen, anouk, frames=True)


@pytest.fixture
def released(made: tuple[Wave, Computation], dalfsen: Municipality) -> Wave:
    with scope(municipality=dalfsen):
        release(*made)
    return made[0]


def here(wave: Wave, page: str) -> str:
    return f"/dalfsen/enquetes/{wave.pk}/{page}"


def test_outcomes_that_are_not_published_are_not_there_for_the_council(
    made: tuple[Wave, Computation], raadslid: User, signed_in: SignIn
) -> None:
    client = signed_in(raadslid)
    for page in (*PAGES, "steekproef-en-panel/", *FILES):
        assert client.get(here(made[0], page)).status_code == 404, page


def test_published_outcomes_are_there_for_the_council_without_links_to_preparing(
    released: Wave, raadslid: User, signed_in: SignIn
) -> None:
    client = signed_in(raadslid)
    for page in (*PAGES, "steekproef-en-panel/"):
        answer = client.get(here(released, page))
        assert answer.status_code == 200, page
        assert "Nog niet vrijgegeven" not in said(answer)
        assert f'href="/dalfsen/enquetes/{released.pk}/"' not in answer.content.decode()


def test_who_prepares_sees_unpublished_outcomes_with_a_warning(
    made: tuple[Wave, Computation], anouk: User, signed_in: SignIn
) -> None:
    client = signed_in(anouk)
    for page in PAGES:
        assert "Nog niet vrijgegeven" in said(client.get(here(made[0], page))), page


def test_unpublished_table_book_says_that_it_is_a_concept(
    made: tuple[Wave, Computation], anouk: User, signed_in: SignIn
) -> None:
    file = whole(signed_in(anouk).get(here(made[0], "tabellenboek/bestand.xlsx")))
    title = openpyxl.load_workbook(io.BytesIO(file))["Titelblad"]
    assert any("nog niet vrijgegeven" in str(cell) for row in title.iter_rows(values_only=True) for cell in row)


def test_wave_of_another_town_is_not_there(released: Wave, karim: User, signed_in: SignIn) -> None:
    client = signed_in(karim)
    for page in (*PAGES, *FILES):
        assert client.get(here(released, page)).status_code == 404, page
        assert client.get(f"/raalte/enquetes/{released.pk}/{page}").status_code == 404, page


def test_measures_stand_with_interval_and_base_and_hidden_ones_with_a_reason(
    released: Wave, raadslid: User, signed_in: SignIn
) -> None:
    page = said(signed_in(raadslid).get(here(released, "uitkomsten/")))
    assert "veel overlast 61 % 58,0 % tot 64,0 % 1.244 deelnemers" in page
    assert "gemiddelde 7,4 7,3 tot 7,5" in page
    assert "hondenpoep · niet getoond: beschermd" in page


def test_search_leaves_the_measures_that_have_the_words(released: Wave, raadslid: User, signed_in: SignIn) -> None:
    page = said(signed_in(raadslid).get(here(released, "uitkomsten/"), {"zoek": "rijden overlast"}))
    assert "1 van de 4 maten bevat ‘rijden overlast’." in page
    assert "Welk rapportcijfer" not in page


def test_question_by_background_shows_letters_and_hides_the_small_group(
    released: Wave, raadslid: User, signed_in: SignIn
) -> None:
    page = said(signed_in(raadslid).get(here(released, "uitkomsten/rijden/")))
    assert "Stad B 66 % 65,0 % tot 67,0 % A 600" in page
    assert "Gehucht C · niet getoond: minder dan 30 deelnemers" in page
    assert not re.search(r"\b24\b", page)


def test_ranking_gives_ties_the_same_places(released: Wave, raadslid: User, signed_in: SignIn) -> None:
    page = said(signed_in(raadslid).get(here(released, "uitkomsten/voorrang/")))
    assert "hard rijden 33 % plaats 1" in page
    assert "hondenpoep 22 % samen op plaats 2 en 3" in page
    assert "inbraken 21 % samen op plaats 2 en 3" in page


def test_sample_beside_panel_tells_what_chance_does_not_explain(
    released: Wave, raadslid: User, signed_in: SignIn
) -> None:
    page = said(signed_in(raadslid).get(here(released, "steekproef-en-panel/")))
    assert "+12,0 procentpunt Aantoonbaar verschil" in page
    assert "Geen aantoonbaar verschil Dat verschil kan toeval zijn" in page
    assert "1 van de 2 verschillen is meer dan toeval verklaart." in page


@pytest.fixture
def two_waves(dalfsen: Municipality, anouk: User) -> tuple[Wave, Wave]:
    with scope(municipality=dalfsen):
        made = [
            computed_wave(dalfsen, anouk, period=period, share=share)
            for period, share in (("2017", 63.0), ("2021", 61.0))
        ]
        for wave, computation in made:
            release(wave, computation)
        return made[0][0], made[1][0]


def test_waves_beside_each_other_say_that_a_small_difference_can_be_chance(
    two_waves: tuple[Wave, Wave], raadslid: User, signed_in: SignIn
) -> None:
    for wave in two_waves:
        page = said(signed_in(raadslid).get(here(wave, "metingen-naast-elkaar/")))
        assert "2017 – 2021" in page
        assert "−2,0 procentpunt Geen aantoonbaar verschil Dat verschil kan toeval zijn: de marge is 4,2." in page


def test_other_question_in_the_later_wave_is_named_and_not_compared(
    dalfsen: Municipality, anouk: User, raadslid: User, signed_in: SignIn
) -> None:
    with scope(municipality=dalfsen):
        for period, question in (("2017", ""), ("2021", "Hebt u last van te hard rijden?")):
            wave, computation = computed_wave(dalfsen, anouk, period=period, question=question)
            release(wave, computation)
    page = said(signed_in(raadslid).get(here(wave, "metingen-naast-elkaar/")))
    assert "Andere vraag Vraag, antwoorden of basis verschillen" in page


def test_files_of_the_table_book_hold_the_kept_figures(released: Wave, raadslid: User, signed_in: SignIn) -> None:
    client = signed_in(raadslid)
    answers = {form: client.get(here(released, f"tabellenboek/bestand.{form}")) for form in ("xlsx", "csv", "html")}
    for form, answer in answers.items():
        assert answer.status_code == 200
        assert f"tabellenboek-dalfsen-vm-2017.{form}" in answer["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(whole(answers["xlsx"])))["Tabellen"]
    first = next(row for row in sheet.iter_rows(values_only=True) if row[1] == "%")
    assert first[2:6] == (0.61, 0.55, 0.66, "·")
    lines = whole(answers["csv"]).decode("utf-8-sig")
    assert '"rijden"' in lines
    assert ";61,0;60,0;62,0;" in lines
    assert "Ervaart u overlast van te hard rijden?" in whole(answers["html"]).decode()


def test_form_that_is_not_there_is_not_found(released: Wave, raadslid: User, signed_in: SignIn) -> None:
    client = signed_in(raadslid)
    for page in ("tabellenboek/bestand.exe", "verantwoording/bestand.exe", "uitkomsten/onbekend/"):
        assert client.get(here(released, page)).status_code == 404


def test_method_statement_is_one_page_and_says_what_nobody_gave(
    released: Wave, raadslid: User, signed_in: SignIn
) -> None:
    client = signed_in(raadslid)
    page = said(client.get(here(released, "verantwoording/")))
    assert (
        "Uitgenodigd: 2.900. Bereikt: niet opgegeven. Deelgenomen: 1.244. Dat is 42,9 % van de uitgenodigden." in page
    )
    file = client.get(here(released, "verantwoording/bestand.pdf"))
    with pikepdf.open(io.BytesIO(file.content)) as read:
        assert len(read.pages) == 1
