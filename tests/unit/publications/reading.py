"""Reads back what the writers wrote, with other programs than those that wrote it."""

import io
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pikepdf
import pytest
from odf import opendocument, teletype
from odf import table as odf_table
from odf import text as odf_text

from koersvast.publications.blocks import Document, KeyFigures, Status, Table
from koersvast.publications.writers import Format
from koersvast.publications.writers.tree import tables

type Rows = list[list[str]]


class Page(HTMLParser):
    """All elements with their attributes, the tables as texts, and the text outside `style`."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[Rows] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "br", "link", "img"}:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.words.append(data)
        if "td" in self.open or "th" in self.open:
            self.tables[-1][-1][-1] += data


def docx_tables(file: bytes) -> list[Rows]:
    return [
        [[_docx_cell(cell) for cell in row._tr.tc_lst] for row in table.rows]
        for table in docx.Document(io.BytesIO(file)).tables
    ]


def _docx_cell(cell: Any) -> str:
    return "".join(text.text or "" for text in cell.iter("{*}t"))


def odt_tables(file: bytes) -> list[Rows]:
    loaded = opendocument.load(io.BytesIO(file))
    return [
        [[_odt_cell(cell) for cell in row.getElementsByType(odf_table.TableCell)] for row in rows]
        for rows in (table.getElementsByType(odf_table.TableRow) for table in loaded.getElementsByType(odf_table.Table))
    ]


def _odt_cell(cell: Any) -> str:
    return "\n".join(teletype.extractText(line) for line in cell.getElementsByType(odf_text.P))


def expected_rows(table: Table) -> Rows:
    """Return the texts of the rows with values, a verdict by its words."""
    return [[row.header, *(c.text if isinstance(c, Status) else c for c in row.cells)] for row in table.rows]


def data_tables(document: Document, found: Sequence[Rows], *, with_cards: bool) -> Iterator[tuple[Table, Rows]]:
    """Pair each table of the document with the rows that were read back, without headers and group headings."""
    blocks = [block for block in tables(document) if with_cards or not isinstance(block, KeyFigures)]
    assert len(blocks) == len(found)
    for block, rows in zip(blocks, found, strict=True):
        if isinstance(block, Table):
            head = 2 if block.spans() else 1
            yield block, [row for row in rows[head:] if len(row) == len(block.columns)]


def without_symbols(rows: Rows) -> Rows:
    return [[re.sub(r"^\s*[✓✗?○≠]\s+", "", cell).strip() for cell in row] for row in rows]


def structure(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """Walk the structure tree of a tagged PDF: the kind of each element and the element."""
    waiting: list[Any] = [pdf.Root.StructTreeRoot]
    while waiting:
        element = waiting.pop()
        if isinstance(element, pikepdf.Array):
            waiting.extend(reversed(list(element)))
        elif isinstance(element, pikepdf.Dictionary):
            if "/S" in element:
                yield str(element.S), element
            if "/K" in element:
                waiting.append(element.K)


def pdf_text(file: bytes) -> str:
    """Return the words of a PDF in reading order, one space between them."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run([program, "-raw", "-", "-"], input=file, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def rendered(file: bytes, kind: Format) -> bytes:
    """Let LibreOffice read the file and print it to PDF."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / f"document.{kind.value}"
        source.write_bytes(file)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        words = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", name, str(source)]
        subprocess.run(words, capture_output=True, check=True, timeout=120)
        return (folder / "document.pdf").read_bytes()
