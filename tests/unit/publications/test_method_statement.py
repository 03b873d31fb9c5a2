"""The method statement: one page, every chapter, nothing passed over in silence."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import docx
import pikepdf
import pytest
from django.utils import translation

from koersvast.publications.blocks import Callout, Document, Heading, Language, Text
from koersvast.publications.compose.method_statement import (
    MethodFacts,
    StatedBreak,
    StatedFrame,
    StatedMargin,
    StatedMethod,
    method_statement,
    statement_blocks,
)
from koersvast.publications.theme import Theme
from koersvast.publications.writers import WRITERS, Format
from tests.unit.publications.invented_book import METHOD
from tests.unit.publications.reading import Page, pdf_text

CHAPTERS = {
    "nl": ["Populatie", "Steekproefkader", "Manier van bevragen", "Periode", "Respons", "Weging", "Marges", "Breuken"],
    "en": ["Population", "Frame", "Way of asking", "Dates", "Response", "Weighting", "Margins", "Breaks"],
}
UNKNOWN = MethodFacts(municipality="Dalfsen", survey="Veiligheidsmonitor", period="2017", is_synthetic=False)
LONG = "een reden die veel te lang is om op één bladzijde te passen en toch door iemand is opgeschreven " * 20
LONGEST = replace(
    METHOD,
    pooling_statement=LONG,
    languages=("Nederlands", "Engels", "Turks", "Arabisch", "Pools", "Oekraïens"),
    margins=tuple(StatedMargin(title=f"achtergrond {n} × geslacht", source="CBS") for n in range(30)),
    breaks=tuple(StatedBreak(measure=f"Maat {n}", why=LONG) for n in range(30)),
)  # fmt: skip


def statement(facts: MethodFacts, theme: Theme, language: str = "nl") -> Document:
    with translation.override(language):
        return method_statement(facts, theme=theme, language=Language(language), made_on=date(2017, 12, 1))


def sentences(facts: MethodFacts, language: str = "nl") -> dict[str, str]:
    """The text of each chapter by its title."""
    with translation.override(language):
        blocks = statement_blocks(facts)
    titles = [block.text for block in blocks if isinstance(block, Heading)]
    texts = [
        "".join(run.text for part in block.paragraphs for run in part) for block in blocks if isinstance(block, Text)
    ]
    return dict(zip(titles, texts, strict=True))


def _docx_text(file: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(file)).paragraphs)


def _odt_text(file: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return "\n".join(ElementTree.fromstring(archive.read("content.xml")).itertext())  # noqa: S314 - written just now


@pytest.mark.parametrize("facts", [METHOD, UNKNOWN, LONGEST], ids=["known", "unknown", "longest"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_pdf_is_exactly_one_page_with_every_chapter(facts: MethodFacts, language: str, theme: Theme) -> None:
    written = WRITERS[Format.PDF](statement(facts, theme, language))
    with pikepdf.open(io.BytesIO(written)) as read:
        assert len(read.pages) == 1
    text = pdf_text(written)
    places = [text.index(chapter) for chapter in CHAPTERS[language]]
    assert places == sorted(places)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_chapters_stand_in_the_same_order_in_every_form(language: str, theme: Theme) -> None:
    document = statement(METHOD, theme, language)
    texts = {
        Format.DOCX: _docx_text(WRITERS[Format.DOCX](document)),
        Format.ODT: _odt_text(WRITERS[Format.ODT](document)),
        Format.HTML: " ".join(Page(WRITERS[Format.HTML](document).decode()).words),
    }
    for text in texts.values():
        places = [text.index(chapter) for chapter in CHAPTERS[language]]
        assert places == sorted(places)
        assert "Dalfsen" in text


def test_missing_facts_are_said_in_every_chapter() -> None:
    told = sentences(UNKNOWN)
    assert list(told) == CHAPTERS["nl"]
    assert {title: "niet opgegeven" in text for title, text in told.items()} == dict.fromkeys(CHAPTERS["nl"], True)


def test_response_tells_invited_reached_answered_and_the_share() -> None:
    assert sentences(METHOD)["Respons"].startswith(
        "Uitgenodigd: 2.900. Bereikt: 2.841. Deelgenomen: 1.244. Dat is 42,9\xa0% van de uitgenodigden."
    )
    assert "Bereikt: niet opgegeven." in sentences(replace(METHOD, reached=None))["Respons"]


def test_pooled_frames_get_their_statement_and_numbers() -> None:
    told = sentences(METHOD)["Steekproefkader"]
    assert METHOD.pooling_statement in told
    assert "aselecte steekproef 902, panel 342" in told
    assert "niet opgegeven" in sentences(replace(METHOD, pooling_statement=""))["Steekproefkader"]
    assert METHOD.pooling_statement not in sentences(replace(METHOD, frame=StatedFrame.SAMPLE))["Steekproefkader"]


def test_synthetic_wave_says_so_above_everything(theme: Theme) -> None:
    first = statement(METHOD, theme).blocks[0]
    assert isinstance(first, Callout)
    assert not any(isinstance(block, Callout) for block in statement(UNKNOWN, theme).blocks)


@pytest.mark.parametrize("method", list(StatedMethod))
def test_each_way_of_weighting_is_told_in_its_own_words(method: StatedMethod) -> None:
    told = sentences(replace(METHOD, weighting=method), "en")["Weighting"]
    others = {
        sentences(replace(METHOD, weighting=other), "en")["Weighting"] for other in StatedMethod if other != method
    }
    assert told not in others
    is_to_margins = method not in {StatedMethod.UNKNOWN, StatedMethod.NONE, StatedMethod.GIVEN}
    assert ("leeftijd × geslacht" in told) is is_to_margins


def test_no_breaks_and_nobody_looked_are_not_the_same() -> None:
    looked, unknown = (sentences(replace(METHOD, breaks=found))["Breuken"] for found in ((), None))
    assert "niet opgegeven" not in looked
    assert "niet opgegeven" in unknown
