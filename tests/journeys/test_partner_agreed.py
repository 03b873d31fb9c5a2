"""A partner from nothing to what was agreed with it: in a browser, without scripts, and by two people at once."""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import Watched, watch

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.xdist_group("browser")]
HOME = "/dalfsen/partners/"


def add_partner(page: Page, name: str) -> None:
    page.get_by_role("link", name="Partner toevoegen").click()
    page.get_by_label("Naam van de organisatie").fill(name)
    page.get_by_label("Soort organisatie").select_option(label="Welzijnsorganisatie")
    page.get_by_role("button", name="Opslaan").click()


def promise(page: Page, *, side: str, text: str, day: str) -> None:
    page.get_by_role("link", name=side).click()
    page.get_by_label("Wat is toegezegd").fill(text)
    page.get_by_label("Uiterlijk op").fill(day)
    page.get_by_role("button", name="Opslaan").click()


def test_partner_with_promises_and_agreement(officer: Watched) -> None:
    page = officer.page
    officer.open(HOME)
    found = officer.looks()
    page.set_viewport_size({"width": 1280, "height": 900})
    add_partner(page, "Jongerenwerk Vecht")
    assert page.get_by_text("Nog geen contactpersoon.").is_visible()
    found += officer.looks()
    page.get_by_role("link", name="Contactpersoon toevoegen").click()
    found += officer.looks()
    page.get_by_label("Naam", exact=True).fill("Sanne Straat")
    page.get_by_role("button", name="Opslaan").click()
    promise(page, side="Toezegging van hen toevoegen", text="Twee avonden op straat", day="2031-03-01")
    promise(page, side="Toezegging van ons toevoegen", text="Elk kwartaal de meldingen", day="2020-03-01")
    assert page.get_by_text("Te laat", exact=True).first.is_visible()
    page.get_by_role("link", name="Convenant toevoegen").click()
    found += officer.looks()
    page.get_by_label("Titel van het convenant").fill("Afspraken jongerenwerk")
    page.get_by_label("Waarvoor is dit").fill("Wie doet wat op straat.")
    assert page.get_by_label("Jongerenwerk Vecht").is_checked()
    page.get_by_role("button", name="Opslaan").click()
    found += officer.looks()
    page.get_by_role("link", name="Jongerenwerk Vecht").first.click()
    settle = page.locator("li.kv-promise", has_text="Elk kwartaal de meldingen")
    settle.locator("summary").click()
    settle.get_by_text("Niet nagekomen", exact=True).click()
    settle.get_by_role("button", name="Afronden").click()
    assert page.get_by_text("Schrijf in een paar woorden waarom").first.is_visible()
    found += officer.looks()
    page.get_by_label("In een paar woorden").last.fill("Geen tijd voor gehad.")
    page.locator("li.kv-promise", has_text="Elk kwartaal").get_by_role("button", name="Afronden").click()
    assert page.locator("summary", has_text="1 afgeronde toezegging").is_visible()
    found += officer.looks()
    assert found == []
    # The browser itself notes an answer that refuses a form; nothing else is wrong.
    assert [said for said in officer.complaints if "422" not in said] == []


def test_list_is_found_in_without_scripts_on_a_phone(browser: Browser, own_site: str) -> None:
    for plain in watch(browser, own_site, java_script_enabled=False):
        page = plain.page
        page.set_viewport_size({"width": 360, "height": 740})
        plain.open(HOME)
        page.get_by_label("Zoek een partner").fill("vechthorst")
        page.get_by_role("button", name="Toon").click()
        assert page.get_by_text("1 partner", exact=True).is_visible()
        page.get_by_role("link", name="VechtHorst").click()
        promise(page, side="Toezegging van hen toevoegen", text="Sleutels voor de wijkagent", day="2031-05-01")
        card = page.locator("li.kv-promise", has_text="Sleutels voor de wijkagent")
        card.locator("summary").click()
        card.get_by_text("Nagekomen", exact=True).click()
        card.get_by_role("button", name="Afronden").click()
        assert page.locator("summary", has_text=re.compile("afgeronde toezegging")).is_visible()
        assert plain.complaints == []


def test_second_writer_sees_both_texts(browser: Browser, own_site: str) -> None:
    for first in watch(browser, own_site):
        for second in watch(browser, own_site):
            for one in (first, second):
                one.open(f"{HOME}carinova/wijzigen/")
            first.page.get_by_label("Wat deze organisatie hier voor veiligheid doet").fill("Thuiszorg die signaleert.")
            first.page.get_by_role("button", name="Opslaan").click()
            second.page.get_by_label("Wat deze organisatie hier voor veiligheid doet").fill("Zorg aan huis.")
            second.page.get_by_role("button", name="Opslaan").click()
            both = second.page.get_by_role("region", name="Wat twee mensen schreven")
            assert both.get_by_text("Thuiszorg die signaleert.").is_visible()
            assert both.get_by_text("Zorg aan huis.").is_visible()
            assert second.looks() == []
            second.page.get_by_role("button", name="Opslaan").click()
            assert second.page.get_by_text("Zorg aan huis.").first.is_visible()


@pytest.mark.parametrize("path", ["onze-organisatie/", "convenanten/", "toezeggingen/", "regio/", "mijn-organisatie/"])
def test_every_list_is_whole_on_both_widths(watched: Watched, path: str) -> None:
    watched.open(f"/dalfsen/{path}")
    watched.page.evaluate("document.querySelectorAll('main details').forEach(fold => { fold.open = true })")
    assert watched.looks() == []
    assert watched.complaints == []
