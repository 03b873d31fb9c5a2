"""Two municipalities with the same plan inside, told apart only by tokens that must never cross the wall."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from koersvast.access.audit import Operator
from koersvast.access.models import Municipality, User
from koersvast.indicators import changes as indicator_changes
from koersvast.policy.changes import packages
from tests.conftest import ROOT

DEMO = ROOT / "demo"
TOKEN = {"dalfsen": "ZQDALFSEN", "raalte": "ZQRAALTE"}
# Texts that a reader sees; codes, slugs and numbers stay the same in both towns.
TEXTS = re.compile(
    r"^(name_nl|name_en|title|holder|file_name|document|motivation|wording|body) = \"(.*)\"$", re.MULTILINE
)


def marked(files: dict[str, bytes], slug: str) -> dict[str, bytes]:
    """Return the package with the token of `slug` in its texts, as the package of that municipality."""
    code, name = {"dalfsen": ("GM0148", "Dalfsen"), "raalte": ("GM0177", "Raalte")}[slug]
    changed: dict[str, bytes] = {}
    for file, data in files.items():
        text = data.decode("utf-8").replace("GM0148", code)
        if file == "package.toml":
            text = text.replace('slug = "dalfsen"', f'slug = "{slug}"').replace('"Dalfsen"', f'"{name}"')
        else:
            text = TEXTS.sub(rf'\1 = "{TOKEN[slug]} \2"', text)
        changed[file] = text.encode("utf-8")
    return changed


@pytest.fixture
def demo_files() -> dict[str, bytes]:
    return packages.files_of(Path(DEMO))


@pytest.fixture
def two_towns(
    demo_files: dict[str, bytes], dalfsen: Municipality, raalte: Municipality, operator: Operator
) -> tuple[Municipality, Municipality]:
    """Dalfsen and Raalte with identical codes everywhere, and a token in every text."""
    indicator_changes.load_reference(by=operator)
    for town in (dalfsen, raalte):
        packages.import_package(marked(demo_files, town.slug), by=operator)
    return dalfsen, raalte


@pytest.fixture
def browse(signed_in: Callable[[User], Client]) -> Callable[[User | None], Client]:
    """Return a client for a person, or for nobody."""
    return lambda person: signed_in(person) if person else Client()
