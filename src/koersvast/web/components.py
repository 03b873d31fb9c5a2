"""Page parts that three or more pages use, as frozen values with preformatted text.

A view fills these in and the includes under `templates/web/components/` show them; a template formats nothing.
Every include and its value are listed in `frontend/README.md` and shown on the style page.
Not for: sentences about verdicts (they have their own wording) and anything that reads the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from koersvast.access.models import Municipality
from koersvast.engine.quantities import ChangeVerdict, EvidenceVerdict
from koersvast.web.navigation import menu
from koersvast.web.themes import theme_version

type Tone = Literal["positive", "negative", "warning", "info", "neutral", "house"]
type Text = str | Promise
PRODUCT = "Koersvast"

# ── The frame ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where a link goes; `current` marks the page that is shown, `note` stands behind the label."""

    label: Text
    href: str = ""
    current: bool = False
    note: Text = ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame: navigation, names and the theme of the municipality that the visitor is in."""
    entry = getattr(request, "entry", None)
    municipality: Municipality | None = entry.municipality if entry else None
    navigation = menu(request, municipality, entry.permissions) if entry and municipality else []
    part = next((part for part in navigation if part.current), None)
    return {
        "product_name": PRODUCT,
        "municipality": municipality,
        "navigation": navigation,
        "navigation_part": part,
        "navigation_here": part.here if part else None,
        "theme_href": _theme_href(municipality),
        "is_demo": getattr(settings, "DEMO", False),
    }


def _theme_href(municipality: Municipality | None) -> str:
    if municipality is None:
        return ""
    try:
        address = reverse("theme-css", kwargs={"slug": municipality.slug})
    except NoReverseMatch:
        return ""
    return f"{address}?v={theme_version(municipality.house_colour)}"


# ── Verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Badge:
    """A verdict in words with a symbol; the tone comes on top and never carries the meaning alone."""

    text: Text
    symbol: str = "info"
    tone: Tone = "neutral"


EVIDENCE: Mapping[str, Badge] = {
    EvidenceVerdict.ON_COURSE: Badge(text=gettext_lazy("On course"), symbol="on-course", tone="positive"),
    EvidenceVerdict.OFF_COURSE: Badge(text=gettext_lazy("Off course"), symbol="off-course", tone="negative"),
    EvidenceVerdict.CANNOT_TELL: Badge(text=gettext_lazy("Cannot be told yet"), symbol="cannot-tell", tone="info"),
    EvidenceVerdict.NOT_MEASURED: Badge(text=gettext_lazy("Not measured"), symbol="not-measured"),
    EvidenceVerdict.NOT_COMPARABLE: Badge(text=gettext_lazy("Not comparable"), symbol="not-comparable", tone="warning"),
}
CHANGE: Mapping[str, Badge] = {
    ChangeVerdict.IMPROVED: Badge(text=gettext_lazy("Improved"), symbol="improved", tone="positive"),
    ChangeVerdict.WORSENED: Badge(text=gettext_lazy("Worsened"), symbol="worsened", tone="negative"),
    ChangeVerdict.NO_DEMONSTRABLE_CHANGE: Badge(text=gettext_lazy("No demonstrable change"), symbol="no-change"),
    ChangeVerdict.NOT_COMPARABLE: Badge(text=gettext_lazy("Not comparable"), symbol="not-comparable", tone="warning"),
}
ATTAINED: Mapping[bool | None, Badge] = {
    True: Badge(text=gettext_lazy("Met"), symbol="attained", tone="positive"),
    False: Badge(text=gettext_lazy("Not met"), symbol="not-attained", tone="negative"),
    None: Badge(text=gettext_lazy("No figure"), symbol="not-measured"),
}
SEVERITY: Mapping[str, Badge] = {
    "error": Badge(text=gettext_lazy("Defect"), symbol="error", tone="negative"),
    "warning": Badge(text=gettext_lazy("Warning"), symbol="warning", tone="warning"),
    "advice": Badge(text=gettext_lazy("Advice"), symbol="info", tone="info"),
    "answered": Badge(text=gettext_lazy("Answered"), symbol="ok"),
}
ROW_STATE: Mapping[str, Badge] = {
    "new": Badge(text=gettext_lazy("New"), symbol="new", tone="positive"),
    "changed": Badge(text=gettext_lazy("Changed"), symbol="changed", tone="info"),
    "withdrawn": Badge(text=gettext_lazy("Gone"), symbol="warning", tone="warning"),
    "same": Badge(text=gettext_lazy("Unchanged"), symbol="same"),
    "refused": Badge(text=gettext_lazy("Refused"), symbol="error", tone="negative"),
}


def evidence_badge(verdict: str) -> Badge:
    """The badge of an evidence verdict."""
    return EVIDENCE[verdict]


def change_badge(verdict: str) -> Badge:
    """The badge of a change verdict."""
    return CHANGE[verdict]


def attained_badge(attained: bool | None) -> Badge:
    """The badge of the formal fact."""
    return ATTAINED[attained]


# ── Cards ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class KeyFigure:
    """`key_figure.html`: one number with its name and what it is compared with."""

    label: Text
    value: Text
    unit: Text = ""
    note: Text = ""
    badge: Badge | None = None
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class VerdictCount:
    """One verdict of the hero: how many objectives have it, and where the list of those is."""

    badge: Badge
    number: int
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class VerdictPart:
    """A piece of the hero's bar, in units of its 1000-wide drawing."""

    tone: Tone
    start: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Hero:
    """`hero.html`: the question of the start page, its answer in one sentence and in counts."""

    kicker: Text
    title: Text
    sentence: Text
    counts: Sequence[VerdictCount]

    @property
    def parts(self) -> list[VerdictPart]:
        """The bar: each as wide as its share, from left to right, with a gap of 4 between two."""
        shown = [count for count in self.counts if count.number]
        step = 1000 / sum(count.number for count in shown) if shown else 0.0
        parts, start = [], 0.0
        for count in shown:
            end = start + step * count.number
            gap = 0.0 if count is shown[-1] else 4.0
            parts.append(VerdictPart(tone=count.badge.tone, start=start, width=end - start - gap))
            start = end
        return parts


@dataclass(frozen=True, kw_only=True)
class ObjectiveCard:
    """`objective_card.html`: the attained/evidence pair of one objective with its sentence and reasons."""

    title: Text
    href: str
    sentence: Text
    evidence: Badge
    attained: Badge
    theme: Text = ""
    observed: Text = ""
    observed_label: Text = ""
    agreed: Text = ""
    agreed_label: Text = ""
    sparkline: Any = None
    reasons: Sequence[Text] = ()
    note: Text = ""


@dataclass(frozen=True, kw_only=True)
class FindingCard:
    """`finding.html`: one finding of the plan check."""

    code: str
    severity: Badge
    place: Text
    sentence: Text
    remedy: Text = ""
    href: str = ""
    answer: Text = ""
    answered_by: Text = ""


# ── Tables, charts, sources ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class SourceLine:
    """`source.html`: where figures come from, when they were delivered, and what to know about them."""

    name: Text
    delivered: Text = ""
    note: Text = ""
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column head. `starts_block` draws a line before the column; `span` heads only stand in a top row."""

    label: Text
    numeric: bool = False
    starts_block: bool = False
    span: int = 1


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: preformatted text or a badge. A missing value says why in words (`missing`), never a bare dash."""

    text: Text = ""
    href: str = ""
    badge: Badge | None = None
    missing: Text = ""
    note: Text = ""
    numeric: bool = False
    strong: bool = False
    starts_block: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row: its head (first cell) and the other cells; `is_total` makes it a sum."""

    head: Cell
    cells: Sequence[Cell]
    is_total: bool = False


@dataclass(frozen=True, kw_only=True)
class RowGroup:
    """Rows under one group head; without a label the rows just follow."""

    label: Text = ""
    rows: Sequence[Row] = ()


@dataclass(frozen=True, kw_only=True)
class DataTable:
    """`table.html`: a statistics table. The first column names the row and stays in sight on a phone."""

    caption: Text
    columns: Sequence[Column]
    groups: Sequence[RowGroup]
    id: str
    subtitle: Text = ""
    top: Sequence[Column] = ()
    sources: Sequence[SourceLine] = ()
    notes: Sequence[Text] = ()


@dataclass(frozen=True, kw_only=True)
class ChartFigure:
    """`chart.html`: the server's drawing, the specification for the browser, and the same numbers as a table.

    `svg` must come from our own chart writer: it goes into the page as it is.
    """

    id: str
    title: Text
    description: Text
    svg: str
    lead: Text = ""
    spec_href: str = ""
    table: DataTable | None = None
    sources: Sequence[SourceLine] = ()
    downloads: Sequence[Link] = ()


# ── Talking back, steps, time ────────────────────────────────────────────────────────────────────────────────────

CALLOUT_SYMBOLS: Mapping[str, str] = {
    "info": "info", "positive": "ok", "warning": "warning", "negative": "error", "neutral": "info", "house": "info",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Callout:
    """`callout.html`: something to know before reading on."""

    text: Text = ""
    title: Text = ""
    tone: Tone = "info"
    items: Sequence[Text] = ()
    link: Link | None = None

    @property
    def symbol(self) -> str:
        return CALLOUT_SYMBOLS[self.tone]


@dataclass(frozen=True, kw_only=True)
class Empty:
    """`empty.html`: there is nothing here yet, and what to do about it."""

    title: Text
    text: Text
    action: Link | None = None
    symbol: str = "chart"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of `stepper.html`."""

    label: Text
    state: Literal["done", "current", "coming"]
    href: str = ""


def steps(labels: Sequence[Text], *, current: int) -> list[Step]:
    """Steps of a process; `current` counts from 1."""
    states: Sequence[Literal["done", "current", "coming"]] = [
        "done" if number < current else "current" if number == current else "coming"
        for number in range(1, len(labels) + 1)
    ]
    return [Step(label=label, state=state) for label, state in zip(labels, states, strict=True)]


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One moment of `timeline.html`: a decision, a delivery, a revision."""

    date: Text
    title: Text
    text: Text = ""
    href: str = ""
    badge: Badge | None = None
    tone: Tone = "house"
    facts: Sequence[tuple[Text, Text]] = ()


@dataclass(frozen=True, kw_only=True)
class DiffRow:
    """One line of `diff.html`: what stood there, what comes, and why a line is refused."""

    label: Text
    state: Badge
    old: Text = ""
    new: Text = ""
    line: Text = ""
    note: Text = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class DiffTable:
    """`diff.html`: old and new values side by side."""

    id: str
    caption: Text
    rows: Sequence[DiffRow]
    subtitle: Text = ""
    old_label: Text = field(default=gettext_lazy("Now"))
    new_label: Text = field(default=gettext_lazy("Becomes"))
    numeric: bool = True
