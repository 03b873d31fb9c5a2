"""DOCX through pandoc, then dressed in the house style with python-docx.

Real headings, repeated header rows, rows that stay whole, a contents field with its entries filled in (so that Word
need not ask to update it), alternative texts, language marks and document properties.
"""

import io
from collections.abc import Callable, Iterable
from datetime import datetime, time
from itertools import pairwise
from typing import Any

from docx import api
from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table as DocxTable
from docx.text.paragraph import Paragraph as DocxParagraph

from koersvast.publications.blocks import Document, KeyFigures, Table
from koersvast.publications.converters import convert
from koersvast.publications.drawing import Kind
from koersvast.publications.theme import Theme
from koersvast.publications.writers.layout import COVER, pictures, writing
from koersvast.publications.writers.styles import Look, character_colours, paragraph_looks, tone_colours
from koersvast.publications.writers.tree import build, tables
from koersvast.publications.writers.words import WORDS

_ALIGN = {"left": WD_ALIGN_PARAGRAPH.LEFT, "right": WD_ALIGN_PARAGRAPH.RIGHT, "center": WD_ALIGN_PARAGRAPH.CENTER}
_DECORATIVE = "{C183D7F6-B498-43B3-948B-1728B52AA6E4}"
_DECORATIVE_SPACE = "http://schemas.microsoft.com/office/drawing/2017/decorative"
MOST_ROWS_KEPT, MOST_LETTERS_KEPT = 12, 1200
_LATE_IN_PROPERTIES = ("w:vAlign", "w:hideMark", "w:tcMar")


def write(document: Document) -> bytes:
    """Write a Word file (Office Open XML)."""
    return writing(document, _dressed)


def _dressed(document: Document) -> bytes:
    drawn = pictures(document, Kind.PNG, scale=2.5)
    raw = convert("pandoc", b"docx\n" + build(document, drawn=drawn, wanted="docx"))
    docx = api.Document(io.BytesIO(raw))
    _set_page(docx.sections[0], document)
    _set_styles(docx, document)
    _set_language(docx, WORDS[document.language].locale)
    for table, block in zip(docx.tables, tables(document), strict=True):
        _dress_table(table, block, document.theme, docx)
    _break_before_headings(docx)
    _make_contents_field(docx)
    _number_drawings(docx)
    if not document.is_leaf:
        _place_cover(docx, drawn[COVER])
    _set_running_lines(docx, document)
    _set_properties(docx, document)
    out = io.BytesIO()
    docx.save(out)
    return out.getvalue()


def _break_before_headings(docx: Docx) -> None:
    """Let a heading begin its page itself: a break in a paragraph of its own leaves an empty page after a full one."""
    for line, after in pairwise(docx.paragraphs):
        is_break = not line.text.strip() and line._p.find(f".//{qn('w:br')}[@{qn('w:type')}='page']") is not None
        name = (after.style.name if after.style is not None else "") or ""
        if is_break and line._p.getnext() is after._p and name.startswith("Heading"):
            after.paragraph_format.page_break_before = True
            line._p.getparent().remove(line._p)


def _element(tag: str, **attributes: str) -> Any:
    element = OxmlElement(tag)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour[1:].upper())


def _set_page(section: Section, document: Document) -> None:
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin, section.bottom_margin = (Cm(1.6), Cm(1.5)) if document.is_leaf else (Cm(2.7), Cm(2.4))
    section.header_distance = section.footer_distance = Cm(1.2)
    section.different_first_page_header_footer = True


def _set_styles(docx: Docx, document: Document) -> None:
    theme = document.theme
    for name, look in paragraph_looks(theme, is_leaf=document.is_leaf).items():
        if name in {"Standard", "Text body"}:
            continue
        if name not in docx.styles:
            docx.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        _set_look(docx.styles[name], look, theme)
    for name, (colour, bold) in character_colours(theme).items():
        if name not in docx.styles:
            docx.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        font: Any = docx.styles[name]
        font.font.color.rgb, font.font.bold = _rgb(colour), bold or None
    # What pandoc's own table style adds to the header row, the cells below say themselves.
    for conditional in docx.styles["Table"].element.findall(qn("w:tblStylePr")):
        conditional.getparent().remove(conditional)


def _set_look(style: ParagraphStyle, look: Look, theme: Theme) -> None:
    _set_font(style.element.get_or_add_rPr(), theme.font)
    for name in ("w:spacing", "w:kern"):
        for old in style.element.rPr.findall(qn(name)):
            style.element.rPr.remove(old)
    style.font.size, style.font.bold, style.font.italic = Pt(look.size), look.bold, False
    if look.colour:
        style.font.color.rgb = _rgb(look.colour)
    layout = style.paragraph_format
    layout.space_before, layout.space_after = Pt(look.before), Pt(look.after)
    layout.line_spacing, layout.alignment = look.line, _ALIGN[look.align]
    layout.left_indent, layout.right_indent = Pt(look.indent), Pt(look.indent_right)
    layout.keep_with_next = look.keep_with_next or bool(look.outline)
    layout.keep_together = bool(look.bar)
    properties = style.element.get_or_add_pPr()
    if look.bar:
        border = _element("w:pBdr")
        border.append(_element("w:left", val="single", sz="36", space="8", color=look.bar[1:]))
        _insert(properties, border, before=("w:shd", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"))
    if look.fill:
        shade = _element("w:shd", val="clear", color="auto", fill=look.fill[1:])
        _insert(properties, shade, before=("w:spacing", "w:ind", "w:jc", "w:outlineLvl"))


def _set_font(properties: Any, font: str) -> None:
    faces = properties.get_or_add_rFonts()
    for old in list(faces.attrib):
        del faces.attrib[old]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        faces.set(qn(f"w:{script}"), font)


def _insert(parent: Any, child: Any, *, before: Iterable[str]) -> None:
    """Put a child at the place that the schema of Word prescribes: before the first of these."""
    later = [found for name in before if (found := parent.find(qn(name))) is not None]
    for old in parent.findall(child.tag):
        parent.remove(old)
    if later:
        min(later, key=parent.index).addprevious(child)
    else:
        parent.append(child)


def _set_language(docx: Docx, locale: str) -> None:
    defaults: Any = docx.styles.element.find(qn("w:docDefaults"))
    properties = defaults.find(f"{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for old in docx.styles.element.iter(qn("w:lang")):
        old.set(qn("w:val"), locale)
    _insert(properties, _element("w:lang", val=locale, eastAsia=locale, bidi="ar-SA"), before=())
    settings: Any = docx.settings.element
    compatible = _element("w:compat")
    compatible.append(
        _element("w:compatSetting", name="compatibilityMode", uri="http://schemas.microsoft.com/office/word", val="15")
    )
    _insert(settings, compatible, before=("w:rsids", "w:themeFontLang", "w:clrSchemeMapping", "w:decimalSymbol"))
    theme_language = settings.find(qn("w:themeFontLang"))
    if theme_language is not None:
        theme_language.set(qn("w:val"), locale)


def _dress_table(table: DocxTable, block: Table | KeyFigures, theme: Theme, docx: Docx) -> None:
    properties: Any = table._tbl.tblPr
    for old in (found for name in ("w:tblW", "w:tblLayout") for found in properties.findall(qn(name))):
        properties.remove(old)
    late = (
        "w:jc",
        "w:tblBorders",
        "w:shd",
        "w:tblLayout",
        "w:tblCellMar",
        "w:tblLook",
        "w:tblCaption",
        "w:tblDescription",
    )
    _insert(properties, _element("w:tblW", type="pct", w="5000"), before=late)
    _insert(properties, _borders(theme), before=late[2:])
    _insert(properties, _element("w:tblLayout", type="fixed"), before=late[4:])
    _insert(
        properties,
        _element("w:tblCaption", val=block.caption if isinstance(block, Table) else block.title),
        before=late[7:],
    )
    _set_widths(table, docx.sections[0])
    heads = 1 if isinstance(block, KeyFigures) or not block.spans() else 2
    for empty in (p for cell in table._cells for p in cell.paragraphs if not p.text):
        empty.style = docx.styles["Table Cell"]
    for at, row in enumerate(table._tbl.tr_lst):
        row_properties = row.get_or_add_trPr()
        _insert(row_properties, _element("w:cantSplit"), before=("w:tblHeader", "w:jc"))
        if at < heads:
            _insert(row_properties, _element("w:tblHeader"), before=("w:jc",))
    if isinstance(block, Table):
        _shade_rows(table, heads, theme)
        _keep_whole(table, block)
    else:
        _shade_cards(table, block, theme)


def _keep_whole(table: DocxTable, block: Table) -> None:
    """Keep the rows of a short table on one page; a long one breaks between rows."""
    letters = sum(len(cell.text) for cell in table._cells)
    if len(block.rows) <= MOST_ROWS_KEPT and letters <= MOST_LETTERS_KEPT:
        for row in table._tbl.tr_lst[:-1]:
            for cell in row.tc_lst:
                for line in cell.p_lst:
                    DocxParagraph(line, table).paragraph_format.keep_with_next = True


def _borders(theme: Theme) -> Any:
    borders = _element("w:tblBorders")
    for side in ("bottom", "insideH"):
        borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color=theme.line[1:]))
    return borders


def _set_widths(table: DocxTable, section: Section) -> None:
    room = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    columns: list[Any] = list(table._tbl.tblGrid.gridCol_lst)
    asked = [int(column.w or 0) for column in columns]
    total = sum(asked) or 1
    for column, width in zip(columns, asked, strict=True):
        column.w = Emu(int(room * width / total))


def _shade_rows(table: DocxTable, heads: int, theme: Theme) -> None:
    for at, row in enumerate(table._tbl.tr_lst):
        styles = {p.style for cell in row.tc_lst for p in cell.p_lst}
        fill = theme.accent if at < heads else theme.tint if "TableGroup" in styles else ""
        for cell in row.tc_lst if fill else ():
            _shade(cell, fill)
            if at < heads:
                _insert(cell.get_or_add_tcPr(), _element("w:vAlign", val="bottom"), before=("w:hideMark",))


def _shade(cell: Any, fill: str) -> None:
    shade = _element("w:shd", val="clear", color="auto", fill=fill[1:])
    _insert(cell.get_or_add_tcPr(), shade, before=("w:noWrap", *_LATE_IN_PROPERTIES))


def _shade_cards(table: DocxTable, block: KeyFigures, theme: Theme) -> None:
    colours = tone_colours(theme)
    rows = table._tbl.tr_lst
    for at, row in enumerate(rows):
        for cell, figure in zip(row.tc_lst, block.figures, strict=True):
            borders = _element("w:tcBorders")
            top = (
                {"val": "single", "sz": "24", "space": "0", "color": colours[figure.tone][1:]}
                if at == 0
                else {"val": "nil"}
            )
            edge = {"val": "single", "sz": "4", "space": "0", "color": theme.line[1:]}
            borders.append(_element("w:top", **top))
            borders.append(_element("w:left", **edge))
            borders.append(_element("w:bottom", **(edge if at == len(rows) - 1 else {"val": "nil"})))
            borders.append(_element("w:right", **edge))
            _insert(cell.get_or_add_tcPr(), borders, before=("w:shd", "w:noWrap", *_LATE_IN_PROPERTIES))


def _make_contents_field(docx: Docx) -> None:
    """Wrap the filled-in lines of each contents list in a field that Word can update."""
    lines = [p for p in docx.paragraphs if p.style is not None and (p.style.name or "").lower().startswith("toc ")]
    lines = [p for p in lines if p.style is not None and p.style.name != "TOC Heading"]
    if not lines:
        return
    deepest = max(str(p.style.name)[-1] for p in lines if p.style is not None)
    begin = [_field_mark("begin"), _instruction(rf'TOC \o "1-{deepest}" \n \h \z \u'), _field_mark("separate")]
    for mark in reversed(begin):
        lines[0]._p.insert(1 if lines[0]._p.pPr is not None else 0, mark)
    lines[-1]._p.append(_field_mark("end"))


def _field_mark(kind: str) -> Any:
    run = _element("w:r")
    run.append(_element("w:fldChar", fldCharType=kind))
    return run


def _instruction(code: str) -> Any:
    run, text = _element("w:r"), _element("w:instrText")
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    text.text = f" {code} "
    run.append(text)
    return run


def _number_drawings(docx: Docx) -> None:
    for at, drawing in enumerate(docx.element.iter(qn("wp:docPr")), start=1):
        drawing.set("id", str(at))


def _place_cover(docx: Docx, png: bytes) -> None:
    """Lay the decoration behind the text of the first page, over the whole page, marked as decorative."""
    run = docx.paragraphs[0].add_run()
    run.add_picture(io.BytesIO(png), width=Cm(21), height=Cm(29.7))
    inline: Any = run._r.find(f".//{qn('wp:inline')}")
    anchor = OxmlElement("wp:anchor")
    flags = {
        "simplePos": "0",
        "relativeHeight": "0",
        "behindDoc": "1",
        "locked": "1",
        "layoutInCell": "0",
        "allowOverlap": "1",
    }
    for key, value in {"distT": "0", "distB": "0", "distL": "0", "distR": "0", **flags}.items():
        anchor.set(key, value)
    nowhere = OxmlElement("wp:simplePos")
    nowhere.set("x", "0")
    nowhere.set("y", "0")
    anchor.append(nowhere)
    for name in ("wp:positionH", "wp:positionV"):
        position, offset = OxmlElement(name), OxmlElement("wp:posOffset")
        position.set("relativeFrom", "page")
        offset.text = "0"
        position.append(offset)
        anchor.append(position)
    parts = list(inline)
    anchor.append(parts[0])
    anchor.append(OxmlElement("wp:wrapNone"))
    anchor.extend(parts[1:])
    inline.getparent().replace(inline, anchor)
    named = anchor.find(qn("wp:docPr"))
    named.set("id", "9000")
    named.set("descr", "")
    named.append(_decorative())


def _decorative() -> Any:
    listed, extension = OxmlElement("a:extLst"), OxmlElement("a:ext")
    extension.set("uri", _DECORATIVE)
    mark = extension.makeelement(f"{{{_DECORATIVE_SPACE}}}decorative", {"val": "1"}, {"adec": _DECORATIVE_SPACE})
    extension.append(mark)
    listed.append(extension)
    return listed


def _set_running_lines(docx: Docx, document: Document) -> None:
    section, words = docx.sections[0], WORDS[document.language]
    left, right = f"{document.municipality} · {document.title}", document.status
    _running(section.header.paragraphs[0], section, lambda p: p.add_run(f"{left}\t{right}"))
    before, between, after = words.page.replace("{m}", "{n}").split("{n}")

    def page(line: DocxParagraph) -> None:
        line.add_run(f"{words.day(document.dated)}\t{before}")
        _field(line, "PAGE")
        line.add_run(between)
        _field(line, "NUMPAGES")
        line.add_run(after)

    _running(section.footer.paragraphs[0], section, page)


def _running(line: DocxParagraph, section: Section, fill: Callable[[DocxParagraph], Any]) -> None:
    room = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    stops = line._p.get_or_add_pPr()
    tabs = _element("w:tabs")
    for old in ("4536", "4513", "4680", "9072", "9026", "9360"):
        tabs.append(_element("w:tab", val="clear", pos=old))
    tabs.append(_element("w:tab", val="right", pos=str(int(room / 635))))
    _insert(stops, tabs, before=("w:spacing", "w:ind", "w:jc"))
    fill(line)


def _field(line: DocxParagraph, code: str) -> None:
    text = line.add_run("1")._r
    for mark in (_field_mark("begin"), _instruction(code), _field_mark("separate")):
        text.addprevious(mark)
    text.addnext(_field_mark("end"))


def _set_properties(docx: Docx, document: Document) -> None:
    properties = docx.core_properties
    properties.title, properties.author = document.title, document.municipality
    properties.subject, properties.keywords = document.subtitle, ""
    properties.language = WORDS[document.language].locale
    properties.last_modified_by = document.municipality
    moment = datetime.combine(document.dated, time(12))
    properties.created = properties.modified = moment
