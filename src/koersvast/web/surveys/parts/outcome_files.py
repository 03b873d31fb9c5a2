"""What can be taken along of a wave, and the method statement by chapter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.publications.blocks import Block, Bullets, Heading, Text
from koersvast.publications.table_book.book import TableBookQuestion
from koersvast.publications.table_book.plain import plain_lines
from koersvast.surveys.models import Wave
from koersvast.web import components as c


@dataclass(frozen=True, kw_only=True)
class BookFile:
    """A form of the table book, with what it is good for."""

    title: str
    text: str
    label: str
    spoken: str
    href: str
    symbol: str


def book_files(wave: Wave) -> list[BookFile]:
    """The three forms of the table book."""
    forms = (
        (
            "xlsx",
            _("As a workbook"),
            _("Every question by every background, as researchers know it: with margins, bases and letters."),
            "table",
        ),
        (
            "html",
            _("As a page"),
            _("One file with a search that works without a network, to read on a screen and to print."),
            "document",
        ),
        (
            "csv",
            _("As data"),
            _("One figure a line with question, answer, group, interval and base, to calculate with."),
            "download",
        ),
    )
    return [
        BookFile(
            title=title,
            text=text,
            label=form.upper(),
            spoken=_("Table book as {form}").format(form=form.upper()),
            href=reverse("table-book-file", args=[wave.municipality.slug, wave.pk, form]),
            symbol=symbol,
        )
        for form, title, text, symbol in forms
    ]


def found_questions(questions: Iterable[TableBookQuestion], wave: Wave, *, words: str) -> list[c.Link]:
    """The questions that have all the words in their text or answers."""
    asked = words.lower().split()
    return [
        c.Link(
            label=one.text,
            href=reverse("survey-question", args=[wave.municipality.slug, wave.pk, one.code]),
            note=one.base,
        )
        for one in questions
        if all(word in " ".join((one.text, *one.answers)).lower() for word in asked)
    ]


def guide_pairs(guide: Iterable[Block]) -> list[tuple[str, str]]:
    """The reading guide as names and what they mean."""
    return [(line.name, line.text) for line in plain_lines(block for block in guide if isinstance(block, Bullets))]


def chapters(blocks: Sequence[Block]) -> list[tuple[str, str]]:
    """The chapters of a method statement with their text."""
    titles = [block.text for block in blocks if isinstance(block, Heading)]
    texts = [line.text for line in plain_lines(block for block in blocks if isinstance(block, Text))]
    return list(zip(titles, texts, strict=True))


def method_files(wave: Wave) -> list[c.Link]:
    """The forms of the method statement."""
    return [
        c.Link(
            label=_("One page as {form}").format(form=form.upper()),
            href=reverse("method-statement-file", args=[wave.municipality.slug, wave.pk, form]),
        )
        for form in ("pdf", "docx", "odt", "html")
    ]
