"""A two-year programme from a table in Excel: begin it, paste, answer what is asked, look, take over, and take back."""

import pytest

from tests.journeys.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.xdist_group("browser")]
TABLE = (
    "<table><tr><th>Thema</th><th>Actie</th><th>Trekker</th><th>Partners</th><th>Wanneer</th><th>Kosten 2021</th></tr>"
    '<tr><td rowspan="2">Woninginbraken</td><td>Avonden over inbraak</td><td>Politie</td><td>SAAM Welzyn</td>'
    "<td>voorjaar 2021</td><td>€ 2.500</td></tr>"
    "<tr><td>Buurtpreventie op het erf</td><td>Stichting Nieuw</td><td></td><td>doorlopend</td><td>geen</td></tr>"
    "<tr><td>Totaal</td><td></td><td></td><td></td><td></td><td>€ 2.500</td></tr></table>"
)
PASTE = """html => {
  const area = document.querySelector("textarea"), data = new DataTransfer();
  data.setData("text/html", html);
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def answer(officer: Watched) -> None:
    """Answer every question: what is suggested; an unknown name is a new organisation; else the first answer."""
    page = officer.page
    for _page in range(12):
        if "/vragen/" not in page.url:
            return
        assert officer.looks() == []
        for asked in page.locator("fieldset").all():
            new = asked.get_by_text("Een nieuwe organisatie")
            if new.count():
                new.first.click()
            elif not asked.locator("input:checked").count():
                asked.locator("input[type=radio]").first.check()
        page.get_by_role("button", name="Verder").click()
    raise AssertionError(page.url)


def test_table_from_excel_becomes_a_programme(officer: Watched) -> None:
    page = officer.page
    page.set_default_timeout(30_000)
    officer.open("/dalfsen/programma/nieuw/")
    page.get_by_label("Naam van het programma").fill("Uitvoeringsprogramma 2021-2022")
    page.locator("main form button[type=submit]").first.click()
    found = officer.looks()
    page.get_by_role("link", name="Tabel plakken").click()
    assert found + officer.looks() == []
    page.evaluate(PASTE, TABLE)
    assert page.get_by_text("een tabel van 4 regels en 6 kolommen").is_visible()
    page.get_by_role("button", name="De tabel lezen").click()
    assert officer.looks() == []
    page.get_by_role("button", name="Verder").click()
    answer(officer)
    assert page.get_by_role("heading", name="Nakijken en overnemen").is_visible()
    assert officer.looks() == []
    assert page.get_by_text("Stichting Nieuw").first.is_visible()
    page.get_by_role("button", name="Deze 2 acties toevoegen").click()
    officer.open("/dalfsen/programma/uitvoeringsprogramma-2021-2022/")
    for title in ("Avonden over inbraak", "Buurtpreventie op het erf"):
        assert page.get_by_role("link", name=title).first.is_visible()
    page.get_by_role("link", name="Avonden over inbraak").first.click()
    assert page.get_by_text("€ 2.500").first.is_visible()
    assert page.get_by_text("SAAM Welzijn").first.is_visible()
    officer.open("/dalfsen/programma/uitvoeringsprogramma-2021-2022/maatregelen/")
    assert officer.looks() == []
    assert officer.complaints == []
