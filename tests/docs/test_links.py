"""Links in the documentation lead somewhere, and every page is found from the index."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

LINK = re.compile(r"!?\[[^\]]*\]\((?P<to>[^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
INDEX = ROOT / "docs" / "index.md"


def pages() -> list[Path]:
    """Return the Markdown pages of the product, whether committed already or not."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted(ROOT / name for name in listed if (ROOT / name).is_file())


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the heading that each relative link of a page names."""
    for match in LINK.finditer(FENCED.sub("", page.read_text(encoding="utf-8"))):
        path, _hash, heading = match["to"].partition("#")
        if not re.match(r"[a-z]+:", path):
            yield (page.parent / path).resolve() if path else page, heading


def headings(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as code hosts make them."""
    found = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    broken = [
        f"{to.relative_to(ROOT) if to.is_relative_to(ROOT) else to}#{heading}"
        for to, heading in links(page)
        if not to.exists() or (heading and heading not in headings(to))
    ]
    assert broken == []


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set[Path](), [INDEX]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md" and page.is_file():
            reached.add(page)
            waiting += [to for to, _heading in links(page)]
    assert [str(page.relative_to(ROOT)) for page in pages() if page.is_relative_to(ROOT / "docs")
            and page not in reached] == []  # fmt: skip


def test_index_leads_to_every_page_but_those_of_the_methods_itself() -> None:
    named = {to for to, _heading in links(INDEX)}
    here = {page for page in pages() if page.is_relative_to(ROOT / "docs") and page.parent.name != "methods"}
    assert sorted(str(page.relative_to(ROOT)) for page in here - named - {INDEX}) == []


def test_pictures_in_use_are_small_and_none_lies_about() -> None:
    pictures = set((ROOT / "docs" / "images").glob("*.png"))
    shown = {to for page in pages() for to, _heading in links(page) if to.suffix == ".png"}
    assert pictures == shown
    assert [picture.name for picture in pictures if picture.stat().st_size > 300_000] == []
