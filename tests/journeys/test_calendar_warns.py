"""The calendar warns of a programme that lapses, on the start page and on its own, until somebody says why it waits."""

import pytest

from tests.journeys.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.xdist_group("browser")]
LAPSED = "Uitvoeringsprogramma 2019-2020 (uitgewerkt voorbeeld) is afgelopen"
REASON = "Het college stelt het nieuwe programma in maart vast."


def test_lapsed_programme_warns_until_it_is_known(officer: Watched) -> None:
    page = officer.page
    page.set_default_timeout(30_000)
    officer.open("/dalfsen/stand/")
    warning = page.locator(".kv-calls").get_by_role("link", name=LAPSED)
    assert warning.count() == 1
    officer.open("/dalfsen/kalender/")
    found = officer.looks()
    late = page.get_by_role("region", name="Te laat").or_(page.locator("section[aria-labelledby=te-laat]")).first
    moment = late.locator("li").filter(has_text=LAPSED)
    moment.locator("summary").click()
    found += officer.looks()
    moment.get_by_label("Waarom wacht het").fill(REASON)
    moment.get_by_role("button", name="Bekend, niet meer waarschuwen").click()
    assert page.locator("section[aria-labelledby=bekend]").get_by_text(LAPSED).count() >= 1
    assert page.locator("section[aria-labelledby=te-laat]").get_by_text(LAPSED).count() == 0
    officer.open("/dalfsen/stand/")
    assert page.locator(".kv-calls").get_by_role("link", name=LAPSED).count() == 0
    assert found == []
    assert officer.complaints == []
