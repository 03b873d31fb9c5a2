"""ODT through pandoc, then dressed in the house style.

Pandoc knows neither the look of our styles nor alternative texts in ODT: both are put in here, as are language
marks, header and footer, the cover, repeated header rows and a contents list that LibreOffice can update.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from koersvast.publications.blocks import Chart, Document, KeyFigures, Table, placed
from koersvast.publications.converters import convert
from koersvast.publications.drawing import Kind
from koersvast.publications.theme import Theme
from koersvast.publications.writers.layout import COVER, pictures, widths, writing
from koersvast.publications.writers.styles import Look, character_colours, paragraph_looks, tone_colours
from koersvast.publications.writers.tree import build, tables
from koersvast.publications.writers.words import WORDS, Words

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES: Mapping[str, str] = {
    **{name: f"{_OASIS}{name}:1.0" for name in ("office", "style", "text", "table", "meta", "manifest")},
    "draw": f"{_OASIS}drawing:1.0",
    "fo": f"{_OASIS}xsl-fo-compatible:1.0",
    "svg": f"{_OASIS}svg-compatible:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "dc": "http://purl.org/dc/elements/1.1/",
    "loext": "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0",
}
for _prefix, _address in SPACES.items():
    ElementTree.register_namespace(_prefix, _address)

COVER_PICTURE = "Pictures/cover.png"
ROOM_CM = 16.4
MOST_ROWS_WHOLE = 14
_NAMES = {"First Paragraph": "First paragraph"}
_NOT_HERE = ("Normal", "Body Text", "Compact")


def write(document: Document) -> bytes:
    """Write an OpenDocument text."""
    return writing(document, _dressed)


def _dressed(document: Document) -> bytes:
    drawn = pictures(document, Kind.PNG, scale=2.5)
    raw = convert("pandoc", b"odt\n" + build(document, drawn=drawn, wanted="odt"))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["content.xml"] = _content(parts["content.xml"], document)
    parts["styles.xml"] = _styles(parts["styles.xml"], document)
    parts["meta.xml"] = _meta(document)
    parts["META-INF/manifest.xml"] = _manifest(parts["META-INF/manifest.xml"], document)
    if not document.is_leaf:
        parts[COVER_PICTURE] = drawn[COVER]
    return _packed(parts, document)


def _packed(parts: Mapping[str, bytes], document: Document) -> bytes:
    out, day = io.BytesIO(), document.dated
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(parts, key=lambda name: name != "mimetype"):
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            entry = zipfile.ZipInfo(name, (max(day.year, 1980), day.month, day.day, 12, 0, 0))
            archive.writestr(entry, parts[name], kind)
    return out.getvalue()


def _q(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{SPACES[prefix]}}}{local}"


def _new(name: str, *children: Element, **attributes: str) -> Element:
    """Make an element; an attribute `fo__margin_top` is `fo:margin-top`."""
    named = {_q(key.replace("__", ":").replace("_", "-")): value for key, value in attributes.items()}
    element = Element(_q(name), named)
    element.extend(children)
    return element


def _read(xml: bytes) -> Element:
    return ElementTree.fromstring(xml)  # noqa: S314 - pandoc wrote it just now from our own tree


def _xml(root: Element) -> bytes:
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _encoded(name: str) -> str:
    return _NAMES.get(name, name).replace(" ", "_20_")


# The text.


def _content(xml: bytes, document: Document) -> bytes:
    root = _read(xml)
    text = next(root.iter(_q("office:text")))
    for element in root.iter():
        if (name := element.get(_q("text:style-name"))) is not None:
            element.set(_q("text:style-name"), _encoded(name))
    for link in root.iter(_q("text:a")):
        link.set(_q("text:style-name"), "Internet_20_link")
        link.set(_q("text:visited-style-name"), "Internet_20_link")
        for span in link.iter(_q("text:span")):
            span.set(_q("text:style-name"), "Internet_20_link")
    charts = [item.block for item in placed(document) if isinstance(item.block, Chart)]
    for frame, chart in zip(root.iter(_q("draw:frame")), charts, strict=True):
        frame.set(_q("text:anchor-type"), "as-char")
        frame.append(_told("svg:title", chart.title))
        frame.append(_told("svg:desc", chart.description))
    automatic = next(root.iter(_q("office:automatic-styles")))
    automatic.extend(_cell_styles(document.theme))
    for table, block in zip(root.iter(_q("table:table")), tables(document), strict=True):
        _dress_table(table, block)
        _set_widths(table, block, automatic)
    _wrap_contents(text, WORDS[document.language])
    if not document.is_leaf:
        text[0].insert(0, _cover_frame())
        text[0].text, text[0][0].tail = None, text[0].text
    return _xml(root)


def _told(name: str, words: str) -> Element:
    element = _new(name)
    element.text = words
    return element


def _cover_frame() -> Element:
    image = _new(
        "draw:image", xlink__href=COVER_PICTURE, xlink__type="simple", xlink__show="embed", xlink__actuate="onLoad"
    )
    return _new(
        "draw:frame",
        image,
        draw__style_name="Kv_Cover",
        draw__name="cover",
        text__anchor_type="paragraph",
        svg__x="0cm",
        svg__y="0cm",
        svg__width="21cm",
        svg__height="29.7cm",
        draw__z_index="0",
    )


def _cell_styles(theme: Theme) -> Iterator[Element]:
    thin, thick = f"0.5pt solid {theme.line}", "3pt solid "
    padded = {"fo__padding": "0.02cm", "fo__padding_left": "0.16cm", "fo__padding_right": "0.16cm"}
    yield _cell_style("Kv_Head", fo__background_color=theme.accent, style__vertical_align="bottom", **padded)
    yield _cell_style("Kv_Group", fo__background_color=theme.tint, fo__border_bottom=thin, **padded)
    yield _cell_style("Kv_Cell", fo__border_bottom=thin, style__vertical_align="middle", **padded)
    sides = {"fo__border_left": thin, "fo__border_right": thin} | padded
    for tone, colour in tone_colours(theme).items():
        yield _cell_style(f"Kv_Card_{tone.value}", fo__border_top=thick + colour, **sides)
    yield _cell_style("Kv_Card_Middle", **sides)
    yield _cell_style("Kv_Card_End", fo__border_bottom=thin, **sides)
    yield _new(
        "style:style",
        _new("style:table-row-properties", fo__keep_together="always"),
        style__name="Kv_Row",
        style__family="table-row",
    )
    yield _new(
        "style:style",
        _new(
            "style:graphic-properties",
            style__run_through="background",
            style__wrap="run-through",
            style__vertical_pos="from-top",
            style__vertical_rel="page",
            style__horizontal_pos="from-left",
            style__horizontal_rel="page",
            fo__padding="0cm",
            fo__border="none",
            loext__decorative="true",
        ),
        style__name="Kv_Cover",
        style__family="graphic",
    )


def _cell_style(name: str, **properties: str) -> Element:
    return _new(
        "style:style",
        _new("style:table-cell-properties", **properties),
        style__name=name,
        style__family="table-cell",
    )


def _dress_table(table: Element, block: Table | KeyFigures) -> None:
    head = table.find(_q("table:table-header-rows"))
    heads = list(head) if head is not None else []
    rows = list(table.iter(_q("table:table-row")))
    for row in rows:
        row.set(_q("table:style-name"), "Kv_Row")
        for at, cell in enumerate(row.iter(_q("table:table-cell"))):
            if isinstance(block, KeyFigures):
                top, end = f"Kv_Card_{block.figures[at].tone.value}", "Kv_Card_End"
                style = top if row in heads else end if row is rows[-1] else "Kv_Card_Middle"
            else:
                grouped = any(p.get(_q("text:style-name")) == "Table_20_Group" for p in cell)
                style = "Kv_Head" if row in heads else "Kv_Group" if grouped else "Kv_Cell"
            cell.set(_q("table:style-name"), style)
            for line in cell:
                if not "".join(line.itertext()):
                    line.set(_q("text:style-name"), "Table_20_Cell")
    title = block.caption if isinstance(block, Table) else block.title
    table.insert(0, _told("table:title", title))


def _set_widths(table: Element, block: Table | KeyFigures, automatic: Element) -> None:
    name = table.get(_q("table:name"), "")
    count = len(block.figures) if isinstance(block, KeyFigures) else len(block.columns)
    shares = widths(block) if isinstance(block, Table) else [1 / count] * count
    wanted = {f"{name}.{chr(65 + at)}": share for at, share in enumerate(shares)}
    for style in [s for s in automatic if s.get(_q("style:name"), "").split(".")[0] == name]:
        automatic.remove(style)
    room, rows = f"{ROOM_CM}cm", len(list(table.iter(_q("table:table-row"))))
    layout = _new(
        "style:table-properties",
        style__width=room,
        table__align="margins",
        fo__margin_top="0cm",
        fo__margin_bottom="0.1cm",
        style__may_break_between_rows="true" if rows > MOST_ROWS_WHOLE else "false",
    )
    automatic.append(_new("style:style", layout, style__name=name, style__family="table"))
    for column, share in wanted.items():
        width = _new("style:table-column-properties", style__column_width=f"{ROOM_CM * share:.3f}cm")
        automatic.append(_new("style:style", width, style__name=column, style__family="table-column"))
    for at, found in enumerate(table.iter(_q("table:table-column"))):
        found.set(_q("table:style-name"), f"{name}.{chr(65 + at)}")


def _wrap_contents(text: Element, words: Words) -> None:
    """Put each heading of a contents list with its lines into an index that LibreOffice can update."""
    for start in [p for p in text if p.get(_q("text:style-name")) == "TOC_20_Heading"]:
        at = list(text).index(start)
        lines = []
        for line in list(text)[at + 1 :]:
            if not line.get(_q("text:style-name"), "").startswith("toc_20_"):
                break
            lines.append(line)
        deepest = max((line.get(_q("text:style-name"), "")[-1] for line in lines), default="1")
        body = _new("text:index-body", _new("text:index-title", start, text__name=f"{words.contents}_Head"), *lines)
        index = _new(
            "text:table-of-content",
            _index_source(words, deepest),
            body,
            text__name=words.contents,
            text__protected="false",
        )
        for old in (start, *lines):
            text.remove(old)
        text.insert(at, index)


def _index_source(words: Words, deepest: str) -> Element:
    title = _told("text:index-title-template", words.contents)
    title.set(_q("text:style-name"), "TOC_20_Heading")
    levels = [
        _new(
            "text:table-of-content-entry-template",
            _new("text:index-entry-link-start"),
            _new("text:index-entry-text"),
            _new("text:index-entry-link-end"),
            text__outline_level=str(level),
            text__style_name=f"toc_20_{level}",
        )
        for level in range(1, int(deepest) + 1)
    ]
    return _new("text:table-of-content-source", title, *levels, text__outline_level=deepest)


# The styles.


def _styles(xml: bytes, document: Document) -> bytes:
    root = _read(xml)
    theme, words = document.theme, WORDS[document.language]
    language, country = words.locale.split("-")
    for properties in root.iter(_q("style:text-properties")):
        if properties.get(_q("fo:language")) is not None:
            properties.set(_q("fo:language"), language)
            properties.set(_q("fo:country"), country)
    declared = next(root.iter(_q("office:font-face-decls")))
    declared.append(_new("style:font-face", style__name=theme.font, svg__font_family=f"'{theme.font}'"))
    named = next(root.iter(_q("office:styles")))
    all_looks = paragraph_looks(theme, is_leaf=document.is_leaf)
    looks = {_encoded(n): (n, look) for n, look in all_looks.items() if n not in _NOT_HERE}
    colours = {_encoded(n.replace("Hyperlink", "Internet link")): c for n, c in character_colours(theme).items()}
    for style in [s for s in named if s.get(_q("style:name")) in {*looks, *colours}]:
        named.remove(style)
    for name, (shown, look) in looks.items():
        named.append(_paragraph_style(name, shown, look, theme, (language, country)))
    for name, (colour, bold) in colours.items():
        named.append(_character_style(name, colour, bold=bold))
    named.append(_page_break())
    _set_pages(root, document, words)
    return _xml(root)


def _paragraph_style(name: str, shown: str, look: Look, theme: Theme, language: tuple[str, str]) -> Element:
    layout = {
        "fo__margin_top": f"{look.before}pt",
        "fo__margin_bottom": f"{look.after}pt",
        "fo__margin_left": f"{look.indent}pt",
        "fo__margin_right": f"{look.indent_right}pt",
        "fo__line_height": f"{look.line:.0%}",
        "fo__text_align": {"left": "start", "right": "end"}.get(look.align, look.align),
        "fo__keep_with_next": "always" if look.keep_with_next or look.outline else "auto",
        "fo__background_color": look.fill or "transparent",
        "fo__text_indent": "0cm",
    }
    if look.bar:
        layout |= {
            "fo__margin_left": "0pt",
            "fo__border_left": f"3.5pt solid {look.bar}",
            "fo__padding_left": "8pt",
            "fo__keep_together": "always",
            "fo__padding": "3pt",
        }
    paragraph = _new("style:paragraph-properties", **layout)
    if name in {"Header", "Footer"}:
        paragraph.append(
            _new("style:tab-stops", _new("style:tab-stop", style__position=f"{ROOM_CM}cm", style__type="right"))
        )
    characters = _new(
        "style:text-properties",
        style__font_name=theme.font,
        fo__font_size=f"{look.size}pt",
        fo__font_weight="bold" if look.bold else "normal",
        fo__font_style="normal",
        fo__color=look.colour or theme.ink,
        fo__language=language[0],
        fo__country=language[1],
        fo__letter_spacing="normal",
    )
    more = {"style__default_outline_level": str(look.outline)} if look.outline else {}
    if name != "Standard":
        more["style__parent_style_name"] = "Standard"
    if name == "Cover_20_Organisation":
        more["style__master_page_name"] = "Cover"
    return _new(
        "style:style",
        paragraph,
        characters,
        style__name=name,
        style__display_name=shown,
        style__family="paragraph",
        **more,
    )


def _character_style(name: str, colour: str, *, bold: bool) -> Element:
    properties = _new("style:text-properties", fo__color=colour, **({"fo__font_weight": "bold"} if bold else {}))
    return _new("style:style", properties, style__name=name, style__family="text")


def _page_break() -> Element:
    return _new(
        "style:style",
        _new("style:paragraph-properties", fo__break_before="page", fo__margin_bottom="0pt", fo__line_height="100%"),
        _new("style:text-properties", fo__font_size="2pt"),
        style__name="Page_20_Break",
        style__family="paragraph",
        style__parent_style_name="Standard",
    )


def _set_pages(root: Element, document: Document, words: Words) -> None:
    masters = next(root.iter(_q("office:master-styles")))
    automatic = next(root.iter(_q("office:automatic-styles")))
    for old in [*masters]:
        masters.remove(old)
    for old in [style for style in automatic if style.tag == _q("style:page-layout")]:
        automatic.remove(old)
    automatic.append(_page_layout("Kv_CoverPage", running=False, is_leaf=document.is_leaf))
    automatic.append(_page_layout("Kv_Page", running=True))
    masters.append(
        _new(
            "style:master-page",
            style__name="Cover",
            style__page_layout_name="Kv_CoverPage",
            style__next_style_name="Standard",
        )
    )
    header = _line("Header", f"{document.municipality} · {document.title}", document.status)
    before, between, after = words.page.replace("{m}", "{n}").split("{n}")
    footer = _line("Footer", words.day(document.dated), before)
    for name, tail in (("text:page-number", between), ("text:page-count", after)):
        field = _told(name, "1")
        field.tail = tail
        footer.append(field)
    footer[1].set(_q("text:select-page"), "current")
    masters.append(
        _new(
            "style:master-page",
            _new("style:header", header),
            _new("style:footer", footer),
            style__name="Standard",
            style__page_layout_name="Kv_Page",
        )
    )


def _line(style: str, left: str, right: str) -> Element:
    line = _told("text:p", left)
    line.set(_q("text:style-name"), style)
    tab = _new("text:tab")
    tab.tail = right
    line.append(tab)
    return line


def _page_layout(name: str, *, running: bool, is_leaf: bool = False) -> Element:
    top, bottom = ("1.6cm", "1.5cm") if is_leaf else ("2.7cm", "2.4cm")
    properties = _new(
        "style:page-layout-properties",
        fo__page_width="21cm",
        fo__page_height="29.7cm",
        style__print_orientation="portrait",
        fo__margin_top="1.2cm" if running else top,
        fo__margin_bottom="1.1cm" if running else bottom,
        fo__margin_left="2.3cm",
        fo__margin_right="2.3cm",
    )
    layout = _new("style:page-layout", properties, style__name=name)
    if running:
        gaps = {"style:header-style": "fo__margin_bottom", "style:footer-style": "fo__margin_top"}
        for part, margin in gaps.items():
            layout.append(
                _new(part, _new("style:header-footer-properties", fo__min_height="1.3cm", **{margin: "0.7cm"}))
            )
    return layout


# The rest of the package.


def _meta(document: Document) -> bytes:
    moment = datetime.combine(document.dated, time(12)).isoformat()
    told = {
        "meta:generator": "Koersvast",
        "dc:title": document.title,
        "dc:description": document.status,
        "dc:subject": document.subtitle,
        "meta:initial-creator": document.municipality,
        "dc:creator": document.municipality,
        "meta:creation-date": moment,
        "dc:date": moment,
        "dc:language": WORDS[document.language].locale,
    }
    body = _new("office:meta", *(_told(name, words) for name, words in told.items()))
    return _xml(_new("office:document-meta", body, office__version="1.3"))


def _manifest(xml: bytes, document: Document) -> bytes:
    root = _read(xml)
    if not document.is_leaf:
        root.append(_new("manifest:file-entry", manifest__media_type="image/png", manifest__full_path=COVER_PICTURE))
    return _xml(root)
