"""Every page that a policy officer can reach by clicking: accessible, quiet, and whole on a phone."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Watched, watch

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.xdist_group("browser")]

# Pages of the same make: one of each is enough.
SAME_MAKE = [
    (re.compile(r"/veiligheidsbeeld/\d+/"), 3),
    (re.compile(r"/indicatoren/[^/]+/$"), 3),
    (re.compile(r"/indicatoren/[^/]+/vergelijken/$"), 1),
    (re.compile(r"/indicatoren/[^/]+/maanden/$"), 1),
    (re.compile(r"/indicatoren/[^/]+/kaart/$"), 1),
    (re.compile(r"/doelen/[^/]+/$"), 2),
    (re.compile(r"/doelen/[^/]+/doelwaarden/"), 2),
    (re.compile(r"/intrekken/$"), 1),
    (re.compile(r"/cijfers/\d+/"), 2),
    (re.compile(r"/prioriteiten/[^/]+/"), 1),
    (re.compile(r"/acties/\d+/$"), 2),
    (re.compile(r"/acties/\d+/[a-z]+/$"), 4),
    (re.compile(r"/raad/\d+/"), 2),
    (re.compile(r"/kalender/\d+/"), 1),
    (re.compile(r"/overleggen/[^/]+/$"), 1),
    (re.compile(r"/overleggen/[^/]+/\d+/"), 2),
    (re.compile(r"/partners/[^/]+/$"), 2),
    (re.compile(r"/partners/[^/]+/[a-z]+/$"), 3),
    (re.compile(r"/convenanten/[^/]+/"), 2),
    (re.compile(r"/(toezeggingen|regio)/[^/]+/"), 1),
    (re.compile(r"/(uitgangspunten|hoofdlijnen|aanpak)/[^/]+/"), 1),
]
FILES = re.compile(r"\.(csv|xlsx|ods|docx|odt|pdf|zip|json|css|svg|png|ics)$|/gegevens|/bestand|/sjabloon|/download")
AT_MOST = 80


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a page called itself when it was first opened."""

    path: str
    title: str
    headings: int


@pytest.fixture(scope="module")
def pages(browser: Browser, site: str) -> list[Seen]:
    """Return the pages that links lead to, from the start page on; an address that leads on to another counts once."""
    [watched] = islice(watch(browser, site), 1)
    waiting, seen, found = ["/dalfsen/stand/"], set[str](), list[Seen]()
    makes = Counter[str]()
    while waiting and len(seen) < AT_MOST:
        path = waiting.pop(0)
        make = next(((make.pattern, most) for make, most in SAME_MAKE if make.search(path)), ("", AT_MOST))
        if path in seen or makes[make[0]] >= make[1]:
            continue
        makes[make[0]] += 1
        watched.open(path)
        seen.add(path)
        if urlsplit(watched.page.url).path == path:
            headings = watched.page.locator("h1").count()
            found.append(Seen(path=path, title=watched.page.title(), headings=headings))
        links = watched.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        inside = [urlsplit(link).path for link in links if link.startswith(watched.address)]
        waiting += [link for link in inside if not FILES.search(link) and not link.startswith("/static/")]
    return found


def test_pages_are_accessible_quiet_and_fit_a_phone(watched: Watched, pages: list[Seen], results: Path) -> None:
    found: list[str] = []
    assert len(pages) >= 15, pages
    for width in (1280, 360):
        watched.page.set_viewport_size({"width": width, "height": 900})
        for path in (one.path for one in pages):
            watched.open(path)
            found += watched.axe()
            wide = watched.page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{path} is {wide} px wide on a screen of {width} px")
            name = path.strip("/").replace("/", "-")
            watched.page.screenshot(path=results / f"{name}-{width}.png", full_page=True)
    assert found == []
    assert watched.complaints == []


def test_headings_and_titles_tell_pages_apart(pages: list[Seen]) -> None:
    titles: dict[str, str] = {}
    for one in pages:
        assert one.headings == 1, one.path
        assert one.title not in titles, f"{one.path} and {titles.get(one.title)} are both called {one.title}"
        titles[one.title] = one.path
