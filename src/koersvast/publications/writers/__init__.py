"""Writers: one document in, the bytes of one file out. The same texts and numbers in every format."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from koersvast.publications.blocks import Document
from koersvast.publications.writers import docx, html, odt, pdf


class Format(StrEnum):
    """The value is also the extension of the file."""

    PDF = "pdf"
    HTML = "html"
    DOCX = "docx"
    ODT = "odt"


WRITERS: Mapping[Format, Callable[[Document], bytes]] = {
    Format.PDF: pdf.write,
    Format.HTML: html.write,
    Format.DOCX: docx.write,
    Format.ODT: odt.write,
}

MEDIA_TYPES: Mapping[Format, str] = {
    Format.PDF: "application/pdf",
    Format.HTML: "text/html; charset=utf-8",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.ODT: "application/vnd.oasis.opendocument.text",
}
