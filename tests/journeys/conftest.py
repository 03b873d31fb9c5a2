"""A real browser on a real server: the demo, served by the command that users run."""

import shutil
import socket
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.conftest import ROOT, Installation

AXE = ROOT / "src" / "koersvast" / "web" / "static" / "built" / "test" / "axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Without these flags the browser looks up its maker's hosts at every start.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_it_answers(address: str, *, seconds: float = 150) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=2)  # noqa: S310 our own server on loopback
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


def serve(installation: Installation) -> Iterator[str]:
    port = free_port()
    server = installation.start("serve", "--port", str(port))
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/health/")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate(timeout=20)


@pytest.fixture(scope="session")
def site(demo_installation: Installation) -> Iterator[str]:
    """The address of the served demo; tests on it only read."""
    yield from serve(demo_installation)


@pytest.fixture(scope="module")
def own_site(demo_installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served copy of the demo, for a module that writes. On a file of SQLite: copying is enough."""
    home = tmp_path_factory.mktemp("copy") / "home"
    shutil.copytree(demo_installation.home, home)
    environment = demo_installation.environment | {"KOERSVAST_HOME": str(home)}
    yield from serve(Installation(home=home, environment=environment))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield running
        running.close()


@dataclass
class Watched:
    """A page with everything that went wrong in it."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.address + path, wait_until="load")

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def on_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"{self.page.url} asks elsewhere: {request.url}")

    def looks(self) -> list[str]:
        """Return what is wrong with the page as it stands, on a wide screen and on a phone."""
        found = []
        for width in (1280, 360):
            self.page.set_viewport_size({"width": width, "height": 900})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            found += [f"{self.page.url} is {wide} px wide on a screen of {width} px"] if wide > width else []
            found += self.axe()
        return found

    def axe(self) -> list[str]:
        """Return what axe-core finds against WCAG 2.2 AA and its best practices, one line a violation."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = self.page.evaluate("tags => axe.run({runOnly: tags})", tags)["violations"]
        return [f"{self.page.url} {item['id']}: {item['nodes'][0]['html'][:160]}" for item in found]


@pytest.fixture
def watched(browser: Browser, site: str) -> Iterator[Watched]:
    yield from watch(browser, site)


def watch(browser: Browser, address: str, **options: object) -> Iterator[Watched]:
    context = browser.new_context(locale="nl-NL", viewport={"width": 1280, "height": 900}, **options)  # type: ignore[arg-type] # passed on
    # A busy machine with two workers may need long for a page with charts; speed is not what is tested here.
    context.set_default_navigation_timeout(120_000)
    context.set_default_timeout(120_000)
    page = context.new_page()
    watched = Watched(page=page, address=address)
    page.on("console", watched.on_console)
    page.on("request", watched.on_request)
    page.on("pageerror", lambda error: watched.complaints.append(f"{page.url}: {error}"))
    yield watched
    context.close()


@pytest.fixture(scope="session")
def results() -> Path:
    """Where screenshots go; not committed."""
    folder = ROOT / "test-results"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def officer(browser: Browser, own_site: str) -> Iterator[Watched]:
    """The policy officer of the demo, on the copy that a module may write in."""
    yield from watch(browser, own_site)
