"""From the file of a survey to a verdict, in a browser: the walk that a policy officer makes with the invented wave."""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from playwright.sync_api import Browser

from koersvast.connectors.survey_writing import write_sav
from koersvast.surveys.practice_stories import WAVE_2021
from koersvast.surveys.practice_waves import population_margins, practice_wave
from tests.conftest import Installation
from tests.conftest import _installation as new_installation
from tests.journeys.conftest import Watched, serve, watch
from tests.journeys.practice_home import fill

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.xdist_group("browser")]
HERE = "/dalfsen-oefening/enquetes/"
STATEMENT = "Het panel en de steekproef zijn samengenomen, zoals in het plan van 2018."
# A name that stands nowhere else: where it turns up, an answer got out.
CANARY = "zqkanarie7340129558"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The practice municipality with its plan and the wave of 2017."""
    with new_installation(tmp_path_factory.mktemp("survey") / "home") as made:
        fill(made)
        yield made


@pytest.fixture(scope="module")
def practice_site(home: Installation) -> Iterator[str]:
    yield from serve(home)


@pytest.fixture(scope="module")
def sav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented wave of 2021 as the file that a research bureau gives."""
    path = tmp_path_factory.mktemp("wave") / "oefenmeting-2021.sav"
    write_sav(practice_wave(WAVE_2021), path)
    return path


class Officer:
    """Somebody at a screen who goes from step to step by what is written on it."""

    def __init__(self, watched: Watched, *, looks_closely: bool) -> None:
        self.watched, self.page, self.looks_closely = watched, watched.page, looks_closely
        self.found: list[str] = []
        self.page.set_default_timeout(30_000)

    def looks(self) -> None:
        """Judge the page as it stands, on a wide screen and on a phone."""
        if not self.looks_closely:
            return
        for width in (360, 1280):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.found += self.watched.axe()
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                self.found.append(f"{self.page.url} is {wide} px wide on a screen of {width} px")

    def presses(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).first.click()
        self.page.wait_for_load_state()

    def follows(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()

    def reads(self) -> str:
        """The words of the page; spaces that do not break are plain ones."""
        return " ".join(self.page.locator("main").inner_text().replace("\u00a0", " ").split())


def open_wave(officer: Officer, year: str) -> None:
    """Open a wave from the overview."""
    officer.watched.open(HERE)
    officer.looks()
    officer.follows("Nieuwe meting")
    officer.page.get_by_label("Periode").fill(year)
    officer.looks()
    officer.presses("Meting beginnen")
    assert "Lees het bestand met de antwoorden in." in officer.reads()


def bring_in(officer: Officer, file: Path) -> None:
    """Send a file from the page of the first step."""
    officer.follows(re.compile("Verder: Bestand"))
    officer.looks()
    officer.page.set_input_files("input[name=file]", file)
    officer.presses("Bestand inlezen")


def confirm_codebook(officer: Officer) -> None:
    """Look at the question that changed, confirm it, and the rest at once."""
    officer.follows("Verder naar het codeboek")
    said = officer.reads()
    assert "Even kijken (1)" in said
    assert "Zeker (45)" in said
    assert "Anders dan in 2017" in said
    assert "De vraag luidde ‘Voelt u zich weleens onveilig bij het treinstation?’." in said
    officer.looks()
    officer.presses(re.compile(r"^Bevestigen\s*: Voelt u zich weleens onveilig op of rond het station"))
    officer.follows(re.compile("^Zeker"))
    officer.looks()
    officer.presses(re.compile("Alle zekere bevestigen"))
    assert "Alle vragen zijn bevestigd." in officer.reads()


def give_population(officer: Officer) -> None:
    """Type the numbers of one background; paste those of a crossing from a sheet."""
    margins = population_margins(WAVE_2021)
    officer.follows("Verder naar de weging")
    officer.looks()
    officer.follows("In welke kern woont u?")
    for place, people in enumerate(margins["kern"].values()):
        officer.page.locator(f"[name=people_{place}]").fill(str(people))
    officer.looks()
    say_source(officer)
    officer.page.locator("details", has=officer.page.locator("[name=first]")).locator("summary").click()
    officer.page.get_by_label("Eerste kenmerk").select_option(label="Wat is uw geslacht?")
    officer.page.get_by_label("Tweede kenmerk").select_option(label="Leeftijdsklasse")
    officer.page.locator("form:has([name=first]) button").click()
    names = [one.strip() for one in officer.page.locator("label[for^=id_people_]").all_inner_texts()]
    counts = list(margins["geslacht*leeftijd"].values())
    pasted = [f"{name}\t{number}" for name, number in zip(names, counts, strict=True)]
    officer.page.locator("[name=pasted]").fill("\n".join(pasted))
    say_source(officer)


def say_source(officer: Officer) -> None:
    officer.page.get_by_label("Waar komen deze cijfers vandaan?").fill("Oefenbevolking: verzonnen")
    officer.page.get_by_label("De cijfers gelden op").fill("2021-01-01")
    officer.presses("Cijfers bewaren")


def choose_weights(officer: Officer) -> None:
    """Take sample and panel together, with the reason."""
    officer.page.get_by_label("Beide samen, met een toelichting").check()
    officer.page.get_by_label(re.compile("Waarom worden beide groepen")).fill(STATEMENT)
    officer.looks()
    officer.presses("Weging bewaren")


def compute(officer: Officer) -> None:
    """Ask for the outcomes and wait for them; the page looks again by itself."""
    officer.looks()
    officer.presses("Uitkomsten berekenen")
    officer.page.get_by_role("link", name="Verder naar publiceren").wait_for(timeout=120_000)
    assert "De uitkomsten zijn klaar" in officer.reads()
    officer.looks()


def read_outcomes(officer: Officer) -> None:
    """The figure of everybody stands among the outcomes before anything is public."""
    wave = re.sub(r"/berekenen/.*", "/", officer.page.url)
    officer.page.goto(f"{wave}uitkomsten/hard_rijden_overlast/")
    said = officer.reads()
    assert "Nog niet vrijgegeven" in said
    assert "Een beetje overlast" in said
    assert "1.173" in said
    officer.looks()
    officer.page.goto(f"{wave}publiceren/")
    officer.looks()
    officer.presses("Deze uitkomsten publiceren")
    assert "De uitkomsten zijn gepubliceerd." in officer.reads()


def link_as_before(officer: Officer) -> None:
    """One press links all thirty; the question that changed waits for a decision."""
    officer.page.goto(officer.page.url.replace("/publiceren/", "/indicatoren/"))
    officer.looks()
    officer.presses("Koppelen zoals in 2017 (30 indicatoren)")
    said = officer.reads()
    assert "30 indicatoren zijn gekoppeld." in said
    assert "1 daarvan is anders dan in de vorige meting" in said
    officer.looks()
    officer.follows(re.compile(r"Beslissen wat dit betekent\s*: Onveiligheidsgevoel bij het treinstation"))
    officer.looks()
    officer.page.get_by_label(re.compile("^Niets van belang")).check()
    officer.presses("Bewaren")


def take_over(officer: Officer) -> None:
    """Look at what would change, and take it over."""
    officer.presses("Toon wat er zou veranderen")
    said = officer.reads()
    assert "Te hard rijden, 2021 regel 15 Nieuw 55,9 %" in said
    officer.looks()
    officer.presses("Overnemen")
    assert "30 nieuw, 0 gewijzigd, 0 ongewijzigd" in officer.reads()


def read_verdict(officer: Officer) -> None:
    """The verdict on speeding, with the figure that came from the file."""
    officer.watched.open("/dalfsen-oefening/stand/")
    said = officer.reads()
    assert "Overlast door te hard rijden Nog niet te zeggen Niet gehaald" in said
    assert "Overlast door te hard rijden kwam in 2021 uit op 55,9 %; afgesproken was 55 % of minder." in said
    officer.looks()


def walk(officer: Officer, sav: Path) -> None:
    open_wave(officer, "2021")
    bring_in(officer, sav)
    assert "1.173" in officer.reads()
    officer.looks()
    confirm_codebook(officer)
    give_population(officer)
    choose_weights(officer)
    compute(officer)
    read_outcomes(officer)
    link_as_before(officer)
    take_over(officer)
    read_verdict(officer)


def test_policy_officer_walks_from_survey_file_to_verdict(browser: Browser, practice_site: str, sav: Path) -> None:
    for watched in watch(browser, practice_site):
        officer = Officer(watched, looks_closely=True)
        walk(officer, sav)
        assert officer.found == []
        assert watched.complaints == []


def test_survey_is_prepared_without_scripts(browser: Browser, practice_site: str, sav: Path) -> None:
    for watched in watch(browser, practice_site, java_script_enabled=False):
        officer = Officer(watched, looks_closely=False)
        open_wave(officer, "2022")
        bring_in(officer, sav)
        officer.follows("Verder naar het codeboek")
        # Whether something waits for a look depends on the wave before; what is sure has a tab of its own.
        officer.follows(re.compile("^Zeker"))
        officer.presses(re.compile("Alle zekere bevestigen"))
        assert "zijn bevestigd" in officer.reads()
        assert watched.complaints == []


def test_file_with_addresses_is_refused_and_leaves_nothing(
    browser: Browser, practice_site: str, home: Installation, tmp_path: Path
) -> None:
    columns = {
        "emailadres": [f"{CANARY}{n}@bewoner.example" for n in range(60)],
        "tevreden": [n % 2 + 1.0 for n in range(60)],
    }
    pyreadstat.write_sav(pl.DataFrame(columns), str(tmp_path / "mensen.sav"))
    for watched in watch(browser, practice_site):
        officer = Officer(watched, looks_closely=True)
        open_wave(officer, "2023")
        bring_in(officer, tmp_path / "mensen.sav")
        said = officer.reads()
        assert "Dit bestand zegt wie mensen zijn" in said
        assert "emailadres" in said
        assert CANARY not in watched.page.content()
        officer.looks()
        assert officer.found == []
    kept = [path for path in home.home.rglob("*") if path.is_file()]
    assert any(path.name == "koersvast.sqlite3" for path in kept)
    assert [path.name for path in kept if CANARY.encode() in path.read_bytes()] == []
