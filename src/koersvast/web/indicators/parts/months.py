"""Months on a page: what the newest month says, which months call for attention, the phases, the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.periods import Period
from koersvast.engine.quantities import Direction
from koersvast.engine.seasonal import ControlPoint, Side, Signal, TwelveMonths
from koersvast.indicators import wording
from koersvast.indicators.queries.months import MonthlyPicture, SetPhase
from koersvast.indicators.wording import comparisons as words
from koersvast.web import components as c
from koersvast.web.indicators.parts.comparing import reasons

MOST_SIGNALS, FEW_SIGNALS = 8, 2


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the page says first."""

    badge: c.Badge
    sentence: str
    notes: list[str]
    tone: c.Tone


@dataclass(frozen=True, kw_only=True)
class PhaseLine:
    """A phase that somebody set, with the number by which it is taken back."""

    number: int
    entry: c.TimelineEntry


def month_name(period: Period) -> str:
    """A month in full: "mei 2023"."""
    return str(format_date(period.start, format="MMMM y", locale=wording.language_now()))


def answer(found: MonthlyPicture, shown: Sequence[ControlPoint]) -> Answer:
    """Whether the last twelve months hold anything but chance."""
    last_year = [point for point in shown[-12:] if point.signals and not point.in_baseline]
    limits = [point for point in shown[-12:] if point.expected is not None]
    named = {"name": words.in_a_sentence(found.name), "area": found.area.name}
    if not limits:
        sentence = _("Whether the last months of {name} in {area} differ from before cannot be said.").format(**named)
        badge = c.Badge(text=_("Cannot be said"), symbol="cannot-tell", tone="info")
        return Answer(badge=badge, sentence=sentence, notes=reasons(found.chart.reasons), tone="info")
    together = _together(found, shown)
    if not last_year and together is not None and together.side is not Side.NEITHER:
        return _answer_together(found, together)
    if not last_year:
        sentence = _(
            "In the last twelve months the number of {name} in {area} stayed within what is to be expected for the "
            "time of year."
        ).format(**named)
        badge = c.Badge(text=_("As to be expected"), symbol="no-change", tone="neutral")
        return Answer(badge=badge, sentence=sentence, notes=[], tone="neutral")
    higher = [point for point in last_year if point.side is Side.HIGHER]
    lower = [point for point in last_year if point.side is Side.LOWER]
    tone = _tone(bool(higher), bool(lower), found.feed.direction)
    number = len(last_year)
    sentence = ngettext(
        "In the last twelve months {number} month of {name} in {area} calls for attention.",
        "In the last twelve months {number} months of {name} in {area} call for attention.",
        number,
    ).format(number=number, **named)
    symbol = "worsened" if tone == "negative" else "improved" if tone == "positive" else "changed"
    badge = c.Badge(text=_("Calls for attention"), symbol=symbol, tone=tone)
    # Simulated: docs/methods/control-chart.md.
    chance = _("Also where nothing changed, twelve months hold such a month about one time in eight.")
    return Answer(badge=badge, sentence=sentence, notes=[chance] if number <= FEW_SIGNALS else [], tone=tone)


def _together(found: MonthlyPicture, shown: Sequence[ControlPoint]) -> TwelveMonths | None:
    """The newest twelve months taken together; None where the limits do not reach the newest month."""
    together = found.chart.phases[-1].together if found.chart.phases else None
    return together if together is not None and shown and together.last == shown[-1].period else None


def _answer_together(found: MonthlyPicture, together: TwelveMonths) -> Answer:
    higher = together.side is Side.HIGHER
    sentence = _(
        "No single month stands out, but together the last twelve months had {value} {name} in {area}, where about "
        "{expected} were to be expected ({low} to {high})."
    ).format(
        name=words.in_a_sentence(found.name),
        area=found.area.name,
        value=wording.format_number(together.value, 0),
        expected=wording.format_number(together.expected, 0),
        low=wording.format_number(together.low, 0),
        high=wording.format_number(together.high, 0),
    )
    tone = _tone(higher, not higher, found.feed.direction)
    badge = c.Badge(
        text=_("More than expected") if higher else _("Fewer than expected"),
        symbol="worsened" if tone == "negative" else "improved",
        tone=tone,
    )
    return Answer(badge=badge, sentence=sentence, notes=[], tone=tone)


def _tone(higher: bool, lower: bool, direction: Direction) -> c.Tone:
    if higher and lower:
        return "warning"
    return "positive" if lower == (direction is Direction.LOWER_IS_BETTER) else "negative"


def signal_lines(shown: Sequence[ControlPoint]) -> list[str]:
    """The months that call for attention in words, newest first; of a run the month that made it one."""
    called = [point for point in shown if point.signals and not point.in_baseline]
    before = {after.period.code: point for point, after in pairwise(shown)}
    told = [point for point in called if strongest(point) is not Signal.RUN_OF_EIGHT or _begins(point, before)]
    return [_signal_line(point) for point in reversed(told)][:MOST_SIGNALS]


def _begins(point: ControlPoint, before: Mapping[str, ControlPoint]) -> bool:
    """Whether the month before was no part of the same run."""
    earlier = before.get(point.period.code)
    return earlier is None or Signal.RUN_OF_EIGHT not in earlier.signals


def strongest(point: ControlPoint) -> Signal:
    """The rule that says most of the rules that a month meets."""
    order = (Signal.BEYOND_THREE, Signal.TWO_OF_THREE, Signal.RUN_OF_EIGHT)
    return next(signal for signal in order if signal in point.signals)


def _signal_line(point: ControlPoint) -> str:
    month = month_name(point.period)
    facts = _("{month}: {value}, where about {expected} were to be expected ({low} to {high}).").format(
        month=month[:1].upper() + month[1:],
        value=wording.format_number(point.value, 0),
        expected=wording.format_number(point.expected or 0, 0),
        low=wording.format_number(point.low_3 or 0, 0),
        high=wording.format_number(point.high_3 or 0, 0),
    )
    return f"{facts} {_rule(strongest(point), point.side)}"


def _rule(signal: Signal, side: Side) -> str:
    rules = {
        (Signal.BEYOND_THREE, Side.HIGHER): _("That is above the limit."),
        (Signal.BEYOND_THREE, Side.LOWER): _("That is below the limit."),
        (Signal.TWO_OF_THREE, Side.HIGHER): _("Two of three months in a row were far above what was to be expected."),
        (Signal.TWO_OF_THREE, Side.LOWER): _("Two of three months in a row were far below what was to be expected."),
        (Signal.RUN_OF_EIGHT, Side.HIGHER): _("Eight months in a row were above what was to be expected."),
        (Signal.RUN_OF_EIGHT, Side.LOWER): _("Eight months in a row were below what was to be expected."),
    }
    return rules.get((signal, side), "")


def phase_lines(found: Sequence[SetPhase]) -> list[PhaseLine]:
    """The phases, newest first: from when, why, by whom."""
    return [
        PhaseLine(
            number=one.number,
            entry=c.TimelineEntry(
                date=_("From {month}").format(month=month_name(Period.parse(one.starts))),
                title=one.reason,
                text=_("Set by {name} on {day}.").format(
                    name=one.by or _("somebody whose account is gone"), day=wording.format_day(one.set_at.date())
                ),
            ),
        )
        for one in reversed(found)
    ]


def table(found: MonthlyPicture, shown: Sequence[ControlPoint]) -> c.DataTable:
    """The months as a table, newest first; a month without a figure says so."""
    by_code = {point.period.code: point for point in shown}
    first = shown[0].period.code if shown else ""
    codes = sorted(set(by_code) | {code for code in found.absent if code >= first}, reverse=True)
    rows = [_row(code, by_code.get(code)) for code in codes]
    return c.DataTable(
        id="maanden-tabel",
        caption=_("{name} by month").format(name=found.name),
        columns=[
            c.Column(label=_("Month")),
            c.Column(label=_("Number"), numeric=True),
            c.Column(label=_("To be expected"), numeric=True),
            c.Column(label=_("Limits"), numeric=True),
            c.Column(label=_("Remark")),
        ],
        groups=[c.RowGroup(rows=rows)],
        notes=[
            _("* provisional"),
            _("Limits hold 99.7% of months while nothing changes; they count in the time of year."),
        ],
    )


def _row(code: str, point: ControlPoint | None) -> c.Row:
    head = c.Cell(text=month_name(Period.parse(code)))
    if point is None:
        empty = c.Cell(numeric=True)
        return c.Row(head=head, cells=[c.Cell(missing=_("not known"), numeric=True), empty, empty, c.Cell()])
    limits = ""
    if point.low_3 is not None and point.high_3 is not None:
        limits = _("{low} to {high}").format(
            low=wording.format_number(point.low_3, 0), high=wording.format_number(point.high_3, 0)
        )
    remark = _rule(strongest(point), point.side) if point.signals else ""
    if point.in_baseline:
        remark = _("sets the limits")
    value = wording.format_number(point.value, 0) + ("*" if point.provisional else "")
    expected = "" if point.expected is None else wording.format_number(point.expected, 1)
    return c.Row(
        head=head,
        cells=[
            c.Cell(text=value, numeric=True, strong=True),
            c.Cell(text=expected, missing="" if expected else _("no limits"), numeric=True),
            c.Cell(text=limits, numeric=True),
            c.Cell(text=remark),
        ],
    )


def remarks(found: MonthlyPicture) -> list[str]:
    """What a reader should know about these months."""
    caution = found.feed.caution.en if wording.language_now() == "en" else found.feed.caution.nl
    return [*reasons(found.chart.reasons), *([caution] if caution else [])]
