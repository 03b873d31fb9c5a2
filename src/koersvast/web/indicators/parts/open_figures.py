"""Open figures on a page: the tables behind what is followed, their vintages, and the feeds to choose from."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from babel.dates import format_date
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from koersvast.access.models import Municipality
from koersvast.indicators import wording
from koersvast.indicators.feeds import FEEDS, SETS, Bilingual, Feed
from koersvast.indicators.models import Delivery, Retrieval
from koersvast.indicators.queries.retrievals import Running, TableState
from koersvast.indicators.wording.registers import retrieval_sentence, step_name
from koersvast.reference.models import Field
from koersvast.registers.tables import RegisterTable
from koersvast.registers.vintages import Vintage
from koersvast.web import components as c

MIB = 1024 * 1024
# What a table is about, in the words of who reads it; the official title stands beside.
TITLES: Mapping[str, str | Promise] = {
    "47018NED": gettext_lazy("Crimes by year"),
    "47022NED": gettext_lazy("Crimes by month"),
    "47013NED": gettext_lazy("Crimes and reports by municipality"),
    "47021NED": gettext_lazy("Reports of nuisance by year"),
    "47024NED": gettext_lazy("Reports of nuisance by month"),
    "83648NED": gettext_lazy("Crime by the classification of CBS"),
    "70072ned": gettext_lazy("Numbers of inhabitants"),
    "03759ned": gettext_lazy("Numbers of inhabitants"),
    "85146NED": gettext_lazy("National safety survey"),
    "BRON": gettext_lazy("Road accidents"),
}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a retrieval is, in words, and as a share of 100 for the bar where that is known."""

    text: str
    percent: int | None


@dataclass(frozen=True, kw_only=True)
class TableCard:
    """One table on the page."""

    code: str
    title: str
    official: str
    badge: c.Badge
    sentence: str
    standing: str
    facts: Sequence[tuple[str, str]]
    href: str
    fetch_href: str
    progress: Progress | None
    feeds: Sequence[c.Link]
    callouts: Sequence[c.Callout]


@dataclass(frozen=True, kw_only=True)
class FeedChoice:
    """One box to tick."""

    code: str
    name: str
    text: str
    caution: str
    table: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class FieldOfFeeds:
    """The feeds of one safety field."""

    code: str
    name: str
    choices: Sequence[FeedChoice] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class SetChoice:
    """A ready choice of feeds."""

    name: str
    text: str
    caution: str
    number: str
    href: str


def in_language(text: Bilingual) -> str:
    """A text of the catalogue in the language of the reader."""
    return text.en if wording.language_now() == "en" else text.nl


def title_of(table: RegisterTable) -> str:
    """A title that a reader understands."""
    return str(TITLES.get(table.code, table.title_nl))


def practice_sentence() -> str:
    """Why nothing comes in here."""
    return _("In this demo nothing is fetched. In an installation of your own these figures come every month.")


def practice() -> c.Callout:
    """What stands on top of these pages in the demo."""
    return c.Callout(title=_("This is the demo"), text=practice_sentence(), tone="info")


def cards(states: Sequence[TableState], *, municipality: Municipality, is_practice: bool = False) -> list[TableCard]:
    """The tables in the order of the query; in the demo (`is_practice`) nothing is fetched or expected."""
    made = [_card(state, municipality) for state in states]
    return [_practised(card, state) for card, state in zip(made, states, strict=True)] if is_practice else made


def _practised(card: TableCard, state: TableState) -> TableCard:
    """A table that is invented is neither up to date nor out of date."""
    badge, sentence = card.badge, card.sentence
    if state.held is not None and not state.gives_nothing:
        badge, sentence = c.Badge(text=_("Practice figures"), symbol="not-measured"), ""
    elif state.held is None:
        sentence = ""
    still = replace(state, due_on=None, fetched_at=None)
    return replace(
        card, badge=badge, sentence=sentence, standing=_standing_line(still), facts=_facts(still), fetch_href=""
    )


def summary(states: Sequence[TableState], *, feeds: int, is_practice: bool = False) -> list[c.KeyFigure]:
    """What is followed, what waits, when something came in last and when the next is expected."""
    waiting = [state.waiting for state in states if state.waiting]
    fetched = [state.fetched_at for state in states if state.fetched_at]
    due = [state.due_on for state in states if state.due_on]
    figures = [
        c.KeyFigure(label=_("Followed"), value=str(feeds), note=ngettext("figure", "figures", feeds)),
        c.KeyFigure(
            label=_("Waits for you"),
            value=str(len(waiting)),
            note=ngettext("delivery", "deliveries", len(waiting)),
            href="#wacht" if waiting else "",
        ),
        _dated(_("Came in last"), timezone.localdate(max(fetched)) if fetched else None, _("nothing yet")),
    ]
    if is_practice:
        days = [state.held.as_of for state in states if state.held]
        return [*figures[:2], _dated(_("Figures as of"), max(days, default=None), _("nothing yet"))]
    return [*figures, _dated(_("Expected next"), min(due) if due else None, _("nothing"))]


def _dated(label: str, day: date | None, without: str) -> c.KeyFigure:
    """A day as a key figure: day and month large, the year below."""
    if day is None:
        return c.KeyFigure(label=label, value="–", note=without)
    short = format_date(day, "d MMM", locale=wording.language_now())
    return c.KeyFigure(label=label, value=short, note=str(day.year))


def waiting(states: Sequence[TableState], *, municipality: Municipality) -> c.DataTable | None:
    """The deliveries that wait for a person, each with why."""
    rows = [_waiting_row(state, state.waiting, municipality) for state in states if state.waiting]
    if not rows:
        return None
    return c.DataTable(
        id="wacht",
        caption=_("Waits for you"),
        subtitle=_("Nothing of this counts before you have taken it over."),
        columns=[
            c.Column(label=_("Delivery")),
            c.Column(label=_("As of")),
            c.Column(label=_("New"), numeric=True),
            c.Column(label=_("Changed"), numeric=True),
            c.Column(label=_("Gone"), numeric=True),
        ],
        groups=[c.RowGroup(rows=rows)],
    )


def _waiting_row(state: TableState, delivery: Delivery, municipality: Municipality) -> c.Row:
    address = reverse("delivery", args=[municipality.slug, delivery.pk])
    numbers = (delivery.new, delivery.revised, delivery.withdrawn)
    return c.Row(
        head=c.Cell(text=title_of(state.table), href=address),
        cells=[
            c.Cell(text=wording.format_day(delivery.as_of)),
            *(c.Cell(text=wording.format_number(one, 0), numeric=True) for one in numbers),
        ],
    )


def _card(state: TableState, municipality: Municipality) -> TableCard:
    slug, code = municipality.slug, state.table.code
    badge, sentence = _standing(state, municipality)
    return TableCard(
        code=code,
        title=title_of(state.table),
        official=f"{code} · {state.table.title_nl}",
        badge=badge,
        sentence=sentence,
        standing=_standing_line(state),
        facts=_facts(state),
        href=reverse("open-table", args=[slug, code]),
        fetch_href="" if state.comes_as_file or state.running else reverse("open-table-fetch", args=[slug, code]),
        progress=progress(state.running) if state.running else None,
        feeds=[_feed_link(feed, slug) for feed in state.feeds] if state.role == "figures" else [],
        callouts=_callouts(state, slug),
    )


def _standing(state: TableState, municipality: Municipality) -> tuple[c.Badge, str]:
    """How it stands with a table: the badge, and one sentence."""
    if state.running:
        return c.Badge(text=_("Being fetched"), symbol="changed", tone="info"), ""
    if state.quarantined:
        text = _("The newest figures look wrong and are put apart. The last good figures stay.")
        return c.Badge(text=_("Put apart"), symbol="warning", tone="warning"), text
    if state.held is None:
        text = _("Nothing of this table is here yet.")
        if state.comes_as_file:
            text = _("You bring in this table yourself, as a file.")
        return c.Badge(text=_("Not here yet"), symbol="not-measured"), text
    if state.gives_nothing:
        text = _("This table has no figure for {municipality}.").format(municipality=municipality.name)
        return c.Badge(text=_("No figures for you"), symbol="not-measured"), text
    if state.is_out_of_date:
        text = _("A newer edition should be out by now. These are the last good figures, as of {day}.")
        badge = c.Badge(text=_("Out of date"), symbol="warning", tone="warning")
        return badge, text.format(day=wording.format_day(state.held.as_of))
    return c.Badge(text=_("Up to date"), symbol="ok", tone="positive"), ""


def _standing_line(state: TableState) -> str:
    """How old the figures are and when newer ones are expected, in one line."""
    pieces = []
    if state.held:
        pieces.append(_("Figures as of {day}").format(day=wording.format_day(state.held.as_of)))
    if state.due_on:
        pieces.append(_("next expected {day}").format(day=wording.format_day(state.due_on)))
    line = " · ".join(pieces)
    return line[:1].upper() + line[1:]


def _facts(state: TableState) -> list[tuple[str, str]]:
    listed = [
        (_("Figures as of"), wording.format_day(state.held.as_of) if state.held else ""),
        (_("Last fetched"), wording.format_moment(state.fetched_at) if state.fetched_at else ""),
        (_("Expected next"), wording.format_day(state.due_on) if state.due_on else ""),
        (_("Borders of"), str(state.held.edition_year) if state.held and state.held.edition_year else ""),
        (_("Holder"), (state.held.holder if state.held else "") or state.table.holder),
    ]
    return [(name, value) for name, value in listed if value]


def _feed_link(feed: Feed, slug: str) -> c.Link:
    return c.Link(label=in_language(feed.name), href=reverse("indicator", args=[slug, feed.indicator]))


def _callouts(state: TableState, slug: str) -> list[c.Callout]:
    found = []
    if state.failed and not state.running:
        found.append(
            c.Callout(
                title=_("The last attempt brought nothing"),
                items=sentences(state.failed.problems),
                tone="warning",
            )
        )
    if state.lacking:
        found.append(
            c.Callout(
                title=_("Some kinds are no longer given"), items=sentences(state.lacking.problems), tone="warning"
            )
        )
    if state.quarantined:
        link = c.Link(label=_("Look at the reasons"), href=reverse("open-table", args=[slug, state.table.code]))
        found.append(c.Callout(text=_("Somebody has to look at this."), tone="warning", link=link))
    return found


def licence(text: str) -> str:
    """The licence of a table; where its holder has not confirmed it, that in the language of the reader."""
    name, unsure, _rest = text.partition(" (not confirmed)")
    return _("{licence} (not confirmed by the holder)").format(licence=name) if unsure else text


def cautions(table: RegisterTable) -> list[str]:
    """What the figures that feeds take from a table do not say; cautions about other kinds are left out."""
    kinds = {kind for feed in FEEDS.values() if table.code in feed.tables for kind in feed.kinds}
    touching = [one for one in table.cautions if not one.kinds or kinds & set(one.kinds)]
    return [one.text_en if wording.language_now() == "en" else one.text_nl for one in touching]


def sentences(problems: Iterable[Mapping[str, object]]) -> list[str]:
    """The reasons of a retrieval in words."""
    return [retrieval_sentence(str(one["code"]), one["values"]) for one in problems]  # type: ignore[arg-type] # as stored


def progress(running: Running) -> Progress:
    """What a retrieval is doing, how far it is and how much came in."""
    text = step_name(running.step)
    if running.total and running.step == "pages":
        text = _("{step}: part {done} of {total}").format(step=text, done=running.done, total=running.total)
    if running.bytes_read:
        size = wording.format_number(running.bytes_read / MIB, 1)
        text = _("{text}, {size} MB so far").format(text=text, size=size)
    return Progress(text=text, percent=round(100 * running.share) if running.share is not None else None)


def fields_of(chosen: Collection[str]) -> list[FieldOfFeeds]:
    """Every feed of the catalogue under its safety field, the usual ones first."""
    names = {one.code: one.name for one in Field.objects.filter(taxonomy__code="kernbeleid")}
    ordered = sorted(FEEDS.values(), key=lambda feed: (not feed.is_usual, in_language(feed.name)))
    codes = sorted({feed.field for feed in ordered})
    return [
        FieldOfFeeds(
            code=code,
            name=names.get(code, code),
            choices=[_choice(feed, chosen) for feed in ordered if feed.field == code],
        )
        for code in codes
    ]


def _choice(feed: Feed, chosen: Collection[str]) -> FeedChoice:
    return FeedChoice(
        code=feed.code,
        name=in_language(feed.name),
        text=in_language(feed.text),
        caution=in_language(feed.caution),
        table=feed.external_code,
        is_chosen=feed.code in chosen,
    )


def sets_of(address: str) -> list[SetChoice]:
    """The ready choices, each a link that ticks its boxes."""
    return [
        SetChoice(
            name=in_language(one.name),
            text=in_language(one.text),
            caution=in_language(one.caution),
            number=str(sum(code in feed.sets for feed in FEEDS.values())),
            href=f"{address}?set={code}#keuze",
        )
        for code, one in SETS.items()
    ]


def vintages(found: Sequence[Vintage], *, by_hand: Collection[int] = ()) -> c.DataTable:
    """Every version of a table that is kept, newest first; `by_hand` are the numbers of those that a person brought."""
    return c.DataTable(
        id="standen",
        caption=_("Versions of this table"),
        subtitle=_("Every version stays, so that you can see later what was known then."),
        columns=[
            c.Column(label=_("Version")),
            c.Column(label=_("Read on")),
            c.Column(label=_("Changed at the source")),
            c.Column(label=_("Figures"), numeric=True),
            c.Column(label=_("Borders of")),
            c.Column(label=_("Status")),
        ],
        groups=[c.RowGroup(rows=[_vintage_row(one, is_by_hand=one.number in by_hand) for one in found])],
    )


def _vintage_row(one: Vintage, *, is_by_hand: bool) -> c.Row:
    accepted = c.Badge(text=_("Counts"), symbol="ok", tone="positive")
    apart = c.Badge(text=_("Put apart"), symbol="warning", tone="warning")
    return c.Row(
        head=c.Cell(text=str(one.number), note=one.accepted_because or (_("brought in by hand") if is_by_hand else "")),
        cells=[
            c.Cell(text=wording.format_day(one.as_of)),
            c.Cell(text=wording.format_day(one.modified.date())) if one.modified else c.Cell(missing=_("not said")),
            c.Cell(text=wording.format_number(one.rows, 0), numeric=True),
            c.Cell(text=str(one.edition_year)) if one.edition_year else c.Cell(missing=_("of each year")),
            c.Cell(badge=accepted if one.is_usable else apart),
        ],
    )


_STATES: Mapping[str, tuple[str | Promise, str, c.Tone]] = {
    Retrieval.State.QUEUED: (gettext_lazy("Waits"), "changed", "info"),
    Retrieval.State.RUNNING: (gettext_lazy("Being fetched"), "changed", "info"),
    Retrieval.State.DONE: (gettext_lazy("Came in"), "ok", "positive"),
    Retrieval.State.QUARANTINED: (gettext_lazy("Put apart"), "warning", "warning"),
    Retrieval.State.FAILED: (gettext_lazy("Brought nothing"), "error", "negative"),
}


def history(found: Sequence[Retrieval]) -> c.DataTable:
    """The last retrievals of a table and what came of each."""
    return c.DataTable(
        id="ophalingen",
        caption=_("Last retrievals"),
        columns=[c.Column(label=_("Asked for")), c.Column(label=_("Outcome")), c.Column(label=_("What happened"))],
        groups=[c.RowGroup(rows=[_retrieval_row(one) for one in found])],
    )


def _retrieval_row(one: Retrieval) -> c.Row:
    text, symbol, tone = _STATES[one.state]
    said = " ".join(sentences(one.problems))
    if one.state == Retrieval.State.DONE and one.vintage:
        said = " ".join([_("Version {number}").format(number=one.vintage) + ("." if said else ""), said]).strip()
    return c.Row(
        head=c.Cell(text=wording.format_moment(one.asked_at)),
        cells=[c.Cell(badge=c.Badge(text=text, symbol=symbol, tone=tone)), c.Cell(text=said)],
    )
