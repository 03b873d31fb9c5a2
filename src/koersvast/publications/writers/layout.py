"""What the writers share: pictures of the charts and the cover, widths of columns, and who is to blame."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from koersvast.publications.blocks import (
    Chart,
    Contents,
    Document,
    Heading,
    Status,
    Table,
    placed,
    printable,
    with_text,
)
from koersvast.publications.converters import ConversionFailed
from koersvast.publications.drawing import Drawing, Kind, draw
from koersvast.publications.theme import Theme

COVER = "cover"
PAGE_WIDTH, PAGE_HEIGHT = 595, 842  # A4 in points
LONGEST_COLUMN = 34


def pictures(document: Document, kind: Kind, *, scale: float = 1.0) -> Mapping[str, bytes]:
    """Return the picture of each chart by its anchor, and the cover's decoration under COVER, as SVG or PNG."""
    charts = [item for item in placed(document) if isinstance(item.block, Chart)]
    # Word processors show half-transparent edges of a picture dark.
    paper = {"background": "white"} if kind is Kind.PNG else {}
    drawings = [
        Drawing(name=item.name, kind=kind, spec={**item.block.spec, **paper}, scale=scale)
        for item in charts
        if isinstance(item.block, Chart)
    ]
    cover = cover_svg(document.theme)
    if kind is Kind.PNG:
        drawings.append(Drawing(name=COVER, kind=Kind.RASTER, spec=cover, scale=1.6))
    done = draw(drawings, fonts=document.theme.fonts)
    if kind is Kind.SVG:
        done.append(cover.encode())
    return dict(zip([*(item.anchor for item in charts), COVER], done, strict=True))


def cover_svg(theme: Theme) -> str:
    """Return the decoration of the cover: the house colour with three calm arcs. No text, so nothing to translate."""
    arcs = "".join(
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" fill-opacity="{opacity}"/>'
        for x, y, r, fill, opacity in (
            (470, 800, 310, "#ffffff", 0.10),
            (560, 640, 190, "#ffffff", 0.09),
            (330, 900, 200, "#000000", 0.20),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{PAGE_WIDTH}" height="{PAGE_HEIGHT}" '
        f'viewBox="0 0 {PAGE_WIDTH} {PAGE_HEIGHT}"><rect width="{PAGE_WIDTH}" height="{PAGE_HEIGHT}" '
        f'fill="{theme.accent}"/>{arcs}</svg>'
    )


def widths(table: Table) -> list[float]:
    """Return the widths of the columns as shares of 1: as the columns ask, or else by what stands in them."""
    asked = [column.share for column in table.columns]
    if len(set(asked)) == 1:
        asked = [_need(table, at) for at in range(len(table.columns))]
    return [share / sum(asked) for share in asked]


def _need(table: Table, at: int) -> float:
    cells = [row.header if at == 0 else row.cells[at - 1] for row in table.rows]
    texts = [f"   {cell.text}" if isinstance(cell, Status) else cell for cell in cells]
    longest_word = max((len(word) for word in table.columns[at].label.split()), default=0) * 1.15
    return 2.5 + max(4.0, longest_word, *(min(len(text), LONGEST_COLUMN) for text in texts))


def writing(document: Document, write: Callable[[Document], bytes]) -> bytes:
    """Write the document with only printable text; when that fails, find the block that cannot be written."""
    ready = with_text(document, printable)
    try:
        return write(ready)
    except ConversionFailed as failure:
        if failure.block:
            raise
        raise ConversionFailed(failure.detail, block=_culprit(ready, write)) from failure


def _culprit(document: Document, write: Callable[[Document], bytes]) -> str:
    for item in placed(document):
        block = replace(item.block, level=1) if isinstance(item.block, Heading) else item.block
        if isinstance(block, Contents):
            continue
        try:
            write(replace(document, blocks=(block,)))
        except ConversionFailed:
            return item.name
    return "cover"
