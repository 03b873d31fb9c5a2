"""A partner without an account reports by a link, on a phone; the officer who asked for it reads what was reported."""

import re

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Watched, watch

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.xdist_group("browser")]
LINE = "Drie avonden gelopen; de volgende is op 12 december."


def link_for_a_contact(officer: Watched) -> str:
    """Add somebody at the police and make a link for them; what is wrong with a page is raised here."""
    page = officer.page
    officer.open("/dalfsen/meldlinks/")
    found = officer.looks()
    page.locator("summary", has_text="Contactpersoon toevoegen").click()
    page.get_by_label("Organisatie").select_option(label="Politie")
    page.get_by_label("Naam", exact=True).fill("Wijkagent Vechtdal")
    page.get_by_role("button", name="Toevoegen", exact=True).click()
    page.get_by_role("button", name="Nieuwe link maken").click()
    found += officer.looks()
    assert found == []
    return page.get_by_role("textbox", name="Meldlink").input_value()


def test_partner_reports_by_a_link_on_a_phone(browser: Browser, own_site: str) -> None:
    for officer in watch(browser, own_site):
        link = link_for_a_contact(officer)
        assert link.startswith(own_site)
        title = report(browser, own_site, link)
        officer.open("/dalfsen/programma/")
        officer.page.get_by_role("link", name=title, exact=True).first.click()
        assert officer.page.get_by_text(LINE).first.is_visible()
        assert officer.complaints == []


def report(browser: Browser, own_site: str, link: str) -> str:
    """Open the link on a phone without scripts, report on the first action, and return what that is called."""
    title = ""
    for partner in watch(browser, own_site, java_script_enabled=False):
        partner.page.set_default_timeout(30_000)
        partner.page.set_viewport_size({"width": 360, "height": 740})
        partner.page.goto(link)
        assert link.rstrip("/").rsplit("/", 1)[1] not in partner.page.url
        card = partner.page.locator("article").first
        title = card.get_by_role("heading").inner_text().strip()
        card.get_by_text("Loopt", exact=True).last.click()
        card.get_by_label("In één regel").fill(LINE)
        card.get_by_role("button", name=re.compile("^Deze opslaan")).click()
        assert partner.page.get_by_text("Dank u.").first.is_visible()
        assert partner.complaints == []
    for partner in watch(browser, own_site):
        partner.page.goto(link)
        assert partner.looks() == []
    return title
