"""The four formats: structure, language, alternative texts, and the same numbers in all of them."""

import io
import re
import zipfile
from dataclasses import replace

import docx
import pikepdf
import pytest
from docx.oxml.ns import qn
from odf import draw, opendocument, text
from odf import table as odf_table

from koersvast.publications.blocks import Chart, Document, Heading, Language, Table, Text, placed
from koersvast.publications.converters import ConversionFailed
from koersvast.publications.writers import MEDIA_TYPES, WRITERS, Format
from koersvast.publications.writers.html import body
from koersvast.publications.writers.layout import widths
from koersvast.publications.writers.tree import tables
from tests.unit.publications.conftest import Written
from tests.unit.publications.reading import (
    Page,
    data_tables,
    docx_tables,
    expected_rows,
    odt_tables,
    pdf_text,
    rendered,
    structure,
    without_symbols,
)
from tests.unit.publications.samples import HOSTILE

WORD_FORMATS = [Format.DOCX, Format.ODT]


def headings(document: Document) -> list[tuple[int, str]]:
    items = [(item, item.block) for item in placed(document)]
    return [(b.level, f"{item.number}\u2002{b.text}") for item, b in items if isinstance(b, Heading)]


def charts(document: Document) -> list[Chart]:
    return [block for block in document.blocks if isinstance(block, Chart)]


# The same numbers.


def test_every_format_has_a_writer_and_a_media_type() -> None:
    assert set(WRITERS) == set(MEDIA_TYPES) == set(Format)


def test_html_holds_every_cell_of_every_table(report: Document, written: Written) -> None:
    page = Page(written[Format.HTML].decode())
    for table, rows in data_tables(report, page.tables, with_cards=False):
        assert without_symbols(rows) == expected_rows(table)


def test_docx_holds_every_cell_of_every_table(report: Document, written: Written) -> None:
    for table, rows in data_tables(report, docx_tables(written[Format.DOCX]), with_cards=True):
        assert without_symbols(rows) == expected_rows(table)


def test_odt_holds_every_cell_of_every_table(report: Document, written: Written) -> None:
    for table, rows in data_tables(report, odt_tables(written[Format.ODT]), with_cards=True):
        assert without_symbols(rows) == expected_rows(table)


def test_pdf_holds_every_row_of_every_table_in_order(report: Document, written: Written) -> None:
    words = re.sub(r"\s*[✓✗?○≠]\s+", " ", pdf_text(written[Format.PDF])).replace(" ", "")
    for block in tables(report):
        for row in expected_rows(block) if isinstance(block, Table) else []:
            assert "".join(row).replace(" ", "") in words


@pytest.mark.parametrize("kind", WORD_FORMATS)
def test_word_file_printed_by_libreoffice_shows_the_same_rows(report: Document, written: Written, kind: Format) -> None:
    words = re.sub(r"\s*[✓✗?○≠]\s+", " ", pdf_text(rendered(written[kind], kind))).replace(" ", "")
    for block in tables(report):
        for row in expected_rows(block) if isinstance(block, Table) else []:
            assert "".join(row).replace(" ", "") in words


# PDF.


def test_pdf_is_tagged_dutch_and_says_that_it_is_ua_and_a(report: Document, written: Written) -> None:
    with pikepdf.open(io.BytesIO(written[Format.PDF])) as pdf:
        assert str(pdf.Root.Lang) == "nl-NL"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        about = pdf.open_metadata()
        assert about["pdfuaid:part"] == "1"
        assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("2", "A")
        assert about["dc:title"] == report.title


def test_pdf_has_headings_tables_with_headers_and_figures_with_words(report: Document, written: Written) -> None:
    with pikepdf.open(io.BytesIO(written[Format.PDF])) as pdf:
        found = list(structure(pdf))
        kinds = [kind for kind, _ in found]
        for level in (1, 2):
            contents = 1 if level == 1 else 0
            assert kinds.count(f"/H{level}") == sum(1 for depth, _ in headings(report) if depth == level) + contents
        expected = [block for block in tables(report) if isinstance(block, Table)]
        assert kinds.count("/Table") == len(expected)
        assert kinds.count("/TH") >= sum(len(table.columns) for table in expected)
        values = sum(len(table.rows) * len(table.columns) for table in expected)
        assert kinds.count("/TD") + kinds.count("/TH") >= values
        told = [str(element.Alt) for kind, element in found if kind == "/Figure" and "/Alt" in element]
        assert told == [chart.description for chart in charts(report)]
        assert kinds.count("/Figure") == len(told)


def test_pdf_of_the_same_document_is_the_same_file(report: Document, written: Written) -> None:
    assert WRITERS[Format.PDF](report) == written[Format.PDF]


def test_pdf_with_a_character_that_no_font_has_shows_its_code_point(report: Document) -> None:
    odd = replace(report, blocks=(Heading(1, "Kop 😀"), Text.of("漢字 en \u0007 stuur")))
    words = pdf_text(WRITERS[Format.PDF](odd))
    assert "[U+1F600]" in words
    assert "[U+6F22][U+5B57] en stuur" in words


# DOCX.


def test_docx_has_real_headings_language_and_properties(report: Document, written: Written) -> None:
    file = docx.Document(io.BytesIO(written[Format.DOCX]))
    styled = [(str(p.style.name if p.style else ""), p.text) for p in file.paragraphs]
    found = [(int(name[-1]), words) for name, words in styled if name.startswith("Heading ")]
    assert found == headings(report)
    assert {mark.get(qn("w:val")) for mark in file.styles.element.iter(qn("w:lang"))} == {"nl-NL"}
    about = file.core_properties
    assert (about.title, about.author, about.language) == (report.title, report.municipality, "nl-NL")
    assert "Inhoud" in [p.text for p in file.paragraphs]


def test_docx_contents_field_is_filled_and_every_link_has_its_target(report: Document, written: Written) -> None:
    root = docx.Document(io.BytesIO(written[Format.DOCX])).element
    assert [t.text.strip().split()[0] for t in root.iter(qn("w:instrText"))] == ["TOC"]
    kinds = [mark.get(qn("w:fldCharType")) for mark in root.iter(qn("w:fldChar"))]
    assert kinds == ["begin", "separate", "end"]
    links = {link.get(qn("w:anchor")) for link in root.iter(qn("w:hyperlink")) if link.get(qn("w:anchor"))}
    assert len(links) == len(headings(report))
    assert links <= {mark.get(qn("w:name")) for mark in root.iter(qn("w:bookmarkStart"))}


def test_docx_tables_repeat_their_headers_and_keep_rows_whole(report: Document, written: Written) -> None:
    file = docx.Document(io.BytesIO(written[Format.DOCX]))
    for table, block in zip(file.tables, tables(report), strict=True):
        repeated = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        heads = 2 if isinstance(block, Table) and block.spans() else 1
        assert repeated == [True] * heads + [False] * (len(repeated) - heads)
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))


def test_docx_pictures_have_words_and_the_cover_is_decoration(report: Document, written: Written) -> None:
    root = docx.Document(io.BytesIO(written[Format.DOCX])).element
    drawings = list(root.iter(qn("wp:docPr")))
    told = [drawing.get("descr") for drawing in drawings if drawing.get("descr")]
    assert told == [chart.description for chart in charts(report)]
    silent = [drawing for drawing in drawings if not drawing.get("descr")]
    assert len(silent) == 1
    assert next(silent[0].iter("{*}decorative")).get("val") == "1"
    assert len({drawing.get("id") for drawing in drawings}) == len(drawings)


# ODT.


def test_odt_opens_with_headings_contents_and_language(report: Document, written: Written) -> None:
    file = opendocument.load(io.BytesIO(written[Format.ODT]))
    found = [(int(h.getAttribute("outlinelevel")), str(h)) for h in file.getElementsByType(text.H)]
    assert found == headings(report)
    assert len(file.getElementsByType(text.TableOfContent)) == 1
    with zipfile.ZipFile(io.BytesIO(written[Format.ODT])) as archive:
        assert archive.namelist()[0] == "mimetype"
        styles, about = archive.read("styles.xml").decode(), archive.read("meta.xml").decode()
    assert set(re.findall(r'fo:language="(\w+)"', styles)) == {"nl"}
    assert "<dc:language>nl-NL</dc:language>" in about
    assert report.title in about


def test_odt_pictures_have_title_and_words(report: Document, written: Written) -> None:
    file = opendocument.load(io.BytesIO(written[Format.ODT]))
    frames = [f for f in file.getElementsByType(draw.Frame) if f.getAttribute("name") != "cover"]
    told = [(str(frame.childNodes[1]), str(frame.childNodes[2])) for frame in frames]
    assert told == [(chart.title, chart.description) for chart in charts(report)]


def test_odt_tables_repeat_their_headers(report: Document, written: Written) -> None:
    file = opendocument.load(io.BytesIO(written[Format.ODT]))
    assert len(file.getElementsByType(odf_table.TableHeaderRows)) == len(tables(report))


# HTML.


def test_html_is_whole_dutch_and_without_scripts(written: Written) -> None:
    page = Page(written[Format.HTML].decode())
    assert page.unbalanced == []
    assert page.open == []
    assert ("html", {"lang": "nl-NL"}) in page.elements
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "iframe", "object", "link", "img", "form"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert sum(1 for tag, _ in page.elements if tag == "h1") == 1


def test_html_headers_have_scope_and_drawings_have_words(report: Document, written: Written) -> None:
    page = Page(written[Format.HTML].decode())
    assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")
    told = [attributes.get("aria-label") for tag, attributes in page.elements if tag == "svg"]
    assert told == [chart.description for chart in charts(report)]


def test_html_names_are_unique_and_every_inner_link_arrives(written: Written) -> None:
    page = Page(written[Format.HTML].decode())
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    links = [attributes["href"] or "" for tag, attributes in page.elements if tag == "a"]
    assert {link[1:] for link in links if link.startswith("#")} <= set(names)


def test_html_body_has_neither_frame_nor_style(report: Document) -> None:
    page = Page(body(report))
    assert not {tag for tag, _ in page.elements} & {"html", "head", "style", "h1"}


# Texts of users are never anything else.


@pytest.mark.parametrize("kind", [Format.PDF, *WORD_FORMATS])
def test_hostile_texts_come_out_as_they_went_in(written_hostile: Written, kind: Format) -> None:
    file = written_hostile[kind]
    words = pdf_text(file if kind is Format.PDF else rendered(file, kind)).replace(" ", "")
    for hostile in HOSTILE:
        assert words.count(hostile.replace(" ", "")) >= 2, hostile
    assert "root:" not in words


def test_hostile_texts_in_html_make_no_elements(written_hostile: Written) -> None:
    page = Page(written_hostile[Format.HTML].decode())
    words = "".join(page.words)
    assert all(hostile in words for hostile in HOSTILE)
    assert page.unbalanced == []
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "iframe"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_hostile_texts_in_word_tables_are_the_texts_themselves(hostile: Document, written_hostile: Written) -> None:
    for read, kind in ((docx_tables, Format.DOCX), (odt_tables, Format.ODT)):
        for table, rows in data_tables(hostile, read(written_hostile[kind]), with_cards=True):
            assert [row[0] for row in rows] == [" ".join(row.header.split()) for row in table.rows]


# When it goes wrong.


@pytest.mark.parametrize("kind", list(Format))
def test_block_that_cannot_be_written_is_named(report: Document, kind: Format) -> None:
    chart = replace(charts(report)[0], title="Kapotte figuur", spec={"mark": 3, "encoding": 4})
    broken = replace(report, blocks=(Heading(1, "Eerst"), chart))
    with pytest.raises(ConversionFailed, match="Chart 1 'Kapotte figuur'"):
        WRITERS[kind](broken)


def test_english_document_speaks_english(report: Document) -> None:
    english = replace(report, language=Language.ENGLISH)
    page = Page(WRITERS[Format.HTML](english).decode())
    assert ("html", {"lang": "en-GB"}) in page.elements
    words = "".join(page.words)
    assert "Contents" in words
    assert "Table 1: " in words
    assert "23 November 2026" in words


def test_widths_share_the_page_and_follow_the_texts(analysis: Table) -> None:
    shares = widths(analysis)
    assert sum(shares) == pytest.approx(1)
    assert shares[0] == max(shares)
