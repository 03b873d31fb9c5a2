"""How the weights lie on a page: a histogram with its table. The numbers are of the whole frame, for who weights."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from koersvast.indicators.wording import format_number
from koersvast.web import components as c
from koersvast.web.surveys.parts.steps import count

WIDTH, HEIGHT, TOP, BOTTOM = 600, 230, 22, 190


def weight_chart(frame: str, name: str, spread: Sequence[Mapping[str, Any]]) -> c.ChartFigure:
    """The histogram of the weights of one frame; `spread` are its steps with how many respondents each has."""
    title = _("How the weights lie · {frame}").format(frame=name)
    return c.ChartFigure(
        id=f"gewichten-{frame}",
        title=title,
        lead=_("Number of respondents by their weight. At 1 somebody counts once, at 2 twice."),
        description=_("Upright bars by weight, as the number of respondents; the table has the same numbers."),
        svg=_drawing(spread),
        table=_table(frame, title, spread),
    )


def _step(one: Mapping[str, Any]) -> str:
    low = format_number(one["lowest"], 2)
    if one["highest"] is None:
        return _("{low} and more").format(low=low)
    return _("{low} up to {high}").format(low=low, high=format_number(one["highest"], 2))


def _table(frame: str, title: str, spread: Sequence[Mapping[str, Any]]) -> c.DataTable:
    everybody = sum(one["respondents"] for one in spread) or 1
    rows = [
        c.Row(
            head=c.Cell(text=_step(one)),
            cells=[
                c.Cell(text=count(one["respondents"]), numeric=True),
                c.Cell(
                    text=_("{percent}%").format(percent=format_number(100 * one["respondents"] / everybody, 1)),
                    numeric=True,
                ),
            ],
        )
        for one in spread
    ]
    return c.DataTable(
        id=f"tabel-gewichten-{frame}",
        caption=title,
        columns=[
            c.Column(label=_("Weight, times the mean")),
            c.Column(label=_("Respondents"), numeric=True),
            c.Column(label=_("Share"), numeric=True),
        ],
        groups=[c.RowGroup(rows=rows)],
    )


def _drawing(spread: Sequence[Mapping[str, Any]]) -> str:
    """Bars that touch, with the weight at each edge that is a whole or a half number."""
    step = (WIDTH - 40) / len(spread)
    most = max(one["respondents"] for one in spread) or 1
    heights = [(BOTTOM - TOP) * one["respondents"] / most for one in spread]
    bars = format_html_join(
        "",
        '<rect class="kv-bars__after" x="{}" y="{}" width="{}" height="{}"></rect>',
        (
            (f"{20 + place * step + 1:.1f}", f"{BOTTOM - height:.1f}", f"{step - 2:.1f}", f"{height:.1f}")
            for place, height in enumerate(heights)
        ),
    )
    numbers = format_html_join(
        "",
        '<text class="kv-bars__text" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{20 + (place + 0.5) * step:.1f}", f"{BOTTOM - heights[place] - 6:.1f}", count(one["respondents"]))
            for place, one in enumerate(spread)
            if one["respondents"]
        ),
    )
    edges = format_html_join(
        "",
        '<text class="kv-bars__text" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{20 + place * step:.1f}", BOTTOM + 20, format_number(one["lowest"], 1))
            for place, one in enumerate(spread)
            if place % 2 == 0
        ),
    )
    return str(
        format_html(
            '<svg class="kv-bars" viewBox="0 0 {} {}" role="presentation">{}{}'
            '<line class="kv-bars__axis" x1="20" x2="{}" y1="{}" y2="{}"></line>{}</svg>',
            WIDTH, HEIGHT, bars, numbers, WIDTH - 20, BOTTOM, BOTTOM, edges,
        )
    )  # fmt: skip
