"""The style page shows every component; a browser finds nothing wrong with any of them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as installation
from django.test import Client
from playwright.sync_api import Browser, sync_playwright
from pytest_django import Settings

import koersvast.web

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.one_database,
    pytest.mark.urls("tests.pages.style_page_urls"),
]
WEB = Path(koersvast.web.__file__).parent
AXE = WEB / "static" / "built" / "test" / "axe.min.js"


@pytest.fixture(scope="session", autouse=True)
def static_root() -> None:
    """Static files come from the finders; WhiteNoise wants the folder to exist all the same."""
    Path(installation.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def demo(settings: Settings) -> None:
    settings.DEMO = True


@pytest.fixture
def built() -> Path:
    if not AXE.exists():
        pytest.fail("The front end is not built: run `make setup`.")
    return AXE


@pytest.fixture
def chromium() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's own loop runs in this thread; the server has another.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


def test_style_page_outside_the_demo_is_not_there(client: Client, settings: Settings) -> None:
    settings.DEBUG = settings.DEMO = False
    assert client.get("/style/").status_code == 404


def test_style_page_uses_every_component(client: Client, built: Path) -> None:
    used = {template.name for template in client.get("/style/").templates}
    every = {f"web/components/{file.name}" for file in (WEB / "templates" / "web" / "components").glob("*.html")}
    assert every - used <= {"web/components/messages.html"}


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("width_px", [1280, 360])
def test_style_page_in_a_browser_is_accessible_and_within_the_security_policy(
    live_server: Any, chromium: Browser, built: Path, width_px: int
) -> None:
    page = chromium.new_page(viewport={"width": width_px, "height": 800}, locale="nl-NL")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/style/")
    page.wait_for_selector(".kv-chart__drawing--live svg")
    for summary in page.locator("main summary").all():
        summary.click()
    page.evaluate(built.read_text(encoding="utf-8"))
    violations = page.evaluate("axe.run()")["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in violations] == []
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == width_px
