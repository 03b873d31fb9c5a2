"""Documentation and words: settings are described, translations complete, nothing speaks of the workplace."""

import io
import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.core.management import call_command
from django.utils.translation import templatize

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "src" / "koersvast"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def settings_read() -> set[str]:
    text = "".join(
        (SOURCE / "project" / name).read_text(encoding="utf-8") for name in ("settings.py", "environment.py")
    )
    return {name for name in re.findall(r'(?:text|flag|words)\("([A-Z_]+)"', text) if name != "XDG_DATA_HOME"}


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert settings_read()
    assert {name for name in settings_read() if f"`{name}`" not in page} == set()


def messages_in(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix in {".html", ".txt"}:
        # What is not a message becomes filler with the indentation of the markup, which Python cannot read.
        text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
    found: set[str] = set()
    for _, message, *_ in extract("python", _lines(text), keywords=KEYWORDS, options={"parse_template_string": False}):
        found.add(message if isinstance(message, str) else str(message[0] or message[-1]))
    return found - {""}


def _lines(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


def package_of(path: Path) -> Path:
    """Return the nearest folder above that has a catalogue."""
    return next(folder for folder in path.parents if (folder / "locale").is_dir() or folder == SOURCE)


def used_messages() -> dict[Path, set[str]]:
    used: dict[Path, set[str]] = {}
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in {".py", ".html"} and "built" not in path.parts and "migrations" not in path.parts:
            used.setdefault(package_of(path), set()).update(messages_in(path))
    return used


def catalogues() -> list[Path]:
    return sorted(SOURCE.rglob("locale/nl/LC_MESSAGES/*.po"))


def messages_of(path: Path) -> list[Message]:
    with path.open("rb") as readable:
        return [message for message in read_po(readable, locale="nl") if message.id]


def test_every_text_has_a_dutch_translation() -> None:
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]
        for path in catalogues()
        for message in messages_of(path)
        if all(message.string if isinstance(message.string, tuple) else (message.string,))
    }
    missing = {str(place.relative_to(ROOT)): sorted(texts - translated) for place, texts in used_messages().items()}
    assert {place: texts for place, texts in missing.items() if texts} == {}


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_catalogue_has_nothing_fuzzy_or_empty(path: Path) -> None:
    for message in messages_of(path):
        assert not message.fuzzy, message.id
        assert all(message.string if isinstance(message.string, tuple) else (message.string,)), message.id


# Words of a workplace, machine paths and registry hosts have no place in the product.
FORBIDDEN = re.compile(
    r"/work/(main|shared)|/root/|\.pyenv/versions/3\.13\.0|issue #?\d+|this session|co-authored-by", re.IGNORECASE
)


@pytest.mark.parametrize(
    "path", [path for path in tracked() if path.suffix not in {".lock", ".png", ".xlsx", ".ods", ".docx"}],
    ids=lambda path: str(path.relative_to(ROOT)),
)  # fmt: skip
def test_file_speaks_of_the_product_alone(path: Path) -> None:
    if path != Path(__file__):
        text = path.read_text(encoding="utf-8", errors="replace")
        assert FORBIDDEN.search(text) is None, FORBIDDEN.search(text)


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.django_db
def test_every_migration_is_made() -> None:
    # Compared by Django itself; a change of a model without its migration fails here.
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
