"""The review of a year in a browser: read together, decide, and find the revised target in the ledger."""

import re

import pytest

from tests.journeys.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.xdist_group("browser")]
READING = "De cijfers schommelen; in de wijken is geen nieuwe dadergroep gezien."
DECISION = "Wij leggen de lat gelijk met de regio."
CONCLUSION = "Voor de meeste doelen is het te vroeg om iets te zeggen; bij inbraken is het doel bijgesteld."


class Officer:
    """Somebody who walks through a review by what is written on the screen."""

    def __init__(self, watched: Watched) -> None:
        self.watched, self.page = watched, watched.page
        self.page.set_default_timeout(30_000)
        self.found: list[str] = []

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(re.compile(f"^{re.escape(label)}( \\(niet verplicht\\))?$")).fill(text)

    def looks(self) -> None:
        self.found += self.watched.looks()

    def begins(self) -> None:
        """Take the review that asks to be done, with the figures of today."""
        self.watched.open("/dalfsen/terugblik/")
        self.looks()
        self.page.get_by_role("link", name="Blik hierop terug").click()
        self.looks()
        self.press("Begin de terugblik")

    def reads(self) -> None:
        self.page.get_by_label("Politie", exact=True).check()
        self.fill("Wie lazen er nog meer mee?", "burgemeester")
        self.fill("Wat concludeerde u samen?", READING)
        self.page.get_by_label("Welke reden verklaart het het best?").select_option("chance")
        self.page.get_by_role("button", name=re.compile("^Bewaren en (iets besluiten|naar het besluit)$")).click()

    def adjusts(self, **values: str) -> None:
        """Agree on other values, with the decision of the council that says so."""
        self.page.get_by_role("radio", name=re.compile("^Doel bijstellen")).check()
        for year, value in values.items():
            self.fill(year.removeprefix("in_"), value)
        self.fill("Het besluit in een of twee zinnen", DECISION)
        self.fill("Wie besloot", "gemeenteraad")
        self.fill("Dag van het besluit", "2026-03-20")
        self.fill("Document", "Terugblik 2020")
        self.looks()
        self.press("Besluit vastleggen")

    def sets_aside(self) -> None:
        self.page.locator("summary", has_text="Dit doel nu overslaan").click()
        self.fill("Waarom leest u dit doel nu niet?", "Vorige maand al besproken.")
        self.press("Overslaan")


def test_review_of_a_year_ends_in_a_revised_target(officer: Watched) -> None:
    walker, page = Officer(officer), officer.page
    walker.begins()
    steps = page.url.split("/doel/")[0]
    page.goto(f"{steps}/doel/woninginbraken/")
    walker.looks()
    walker.reads()
    walker.adjusts(in_2021="27", in_2022="24")
    page.goto(f"{steps}/")
    while (going_on := page.get_by_role("link", name=re.compile("^Ga verder met"))).count():
        going_on.click()
        walker.sets_aside()
        page.goto(f"{steps}/")
    walker.looks()
    walker.fill("Waar komt het op neer?", CONCLUSION)
    walker.press("Definitief afsluiten")
    walker.looks()
    assert page.get_by_text(CONCLUSION).is_visible()
    officer.open("/dalfsen/plan/ivp-2019-2022/besluiten/")
    assert page.get_by_text(DECISION).first.is_visible()
    assert page.get_by_text("Terugblik 2020").first.is_visible()
    officer.open("/dalfsen/plan/ivp-2019-2022/doelen/woninginbraken/")
    assert page.get_by_role("row", name=re.compile("^2022 .*24")).count() == 1, page.inner_text("main")
    assert walker.found == []
    assert officer.complaints == []
