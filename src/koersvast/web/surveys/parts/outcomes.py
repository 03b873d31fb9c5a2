"""Outcomes on a page: measures with their intervals drawn, one question by a background, two figures side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.quantities import Unit
from koersvast.indicators.wording import (
    format_amount,
    format_difference,
    format_margin,
    format_number,
    language_now,
)
from koersvast.publications.survey_outcomes import Beside, Measure, MeasureBy, Place, hidden_alike
from koersvast.publications.table_book.book import SMALL_BASE, BookColumn, Kind, TableBookTable, Why
from koersvast.publications.table_book.words import BookWords
from koersvast.surveys.models import Wave
from koersvast.surveys.queries.outcomes import Banner
from koersvast.web import components as c

# The drawing of an interval: its width, and where it begins and ends beside its edges.
WIDTH, EDGE = 300, 4


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """An interval as a drawing of 300 by 20: positions as plain texts, so that no language changes them."""

    low: str
    width: str
    middle: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure with its interval in words and as a drawing; `missing` says why there is none."""

    value: str = ""
    interval: str = ""
    drawn: Drawn | None = None
    base: str = ""
    is_small: bool = False
    letters: str = ""
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class MeasureRow:
    """A line of the outcomes: what is counted and the figure."""

    counted: str
    figure: Figure


@dataclass(frozen=True, kw_only=True)
class QuestionRows:
    """A question with its measures."""

    code: str
    text: str
    href: str
    rows: Sequence[MeasureRow]


@dataclass(frozen=True, kw_only=True)
class AnswerTable:
    """An answer (or a mean) by the categories of one background; without letters nothing was tested between them."""

    answer: str
    rows: Sequence[tuple[str, str, Figure]]
    has_letters: bool = True


@dataclass(frozen=True, kw_only=True)
class PairRow:
    """Two figures of one measure with what their difference says."""

    counted: str
    first: Figure
    second: Figure
    difference: str
    badge: c.Badge
    sentence: str


@dataclass(frozen=True, kw_only=True)
class QuestionPairs:
    text: str
    rows: Sequence[PairRow]


def tabs(wave: Wave, *, here: str, has_frames: bool, has_others: bool) -> list[c.Link]:
    """The pages about the outcomes of a wave."""
    pages = (
        ("survey-outcomes", _("Outcomes"), True),
        ("survey-waves", _("Earlier and later"), has_others),
        ("survey-frames", _("Sample and panel"), has_frames),
        ("table-book", _("Table book"), True),
        ("method-statement", _("How it was held"), True),
        ("next-wave", _("The next wave"), True),
    )
    return [
        c.Link(label=label, href=reverse(name, args=[wave.municipality.slug, wave.pk]), current=name == here)
        for name, label, is_there in pages
        if is_there
    ]


def searched(measures: Iterable[Measure], words: str) -> list[Measure]:
    """The measures whose question or answer has all the words; all of them without words."""
    asked = words.lower().split()
    return [one for one in measures if all(word in f"{one.question} {one.counted}".lower() for word in asked)]


def questions(measures: Iterable[Measure], wave: Wave, *, words: BookWords) -> list[QuestionRows]:
    """The measures by question."""
    return [
        QuestionRows(
            code=code,
            text=found[0].question,
            href=reverse("survey-question", args=[wave.municipality.slug, wave.pk, code]),
            rows=[MeasureRow(counted=one.counted, figure=figure_of(one, words=words)) for one in found],
        )
        for code, found in ((code, list(group)) for code, group in groupby(measures, key=lambda one: one.entry_code))
    ]


def figure_of(measure: Measure, *, words: BookWords) -> Figure:
    """The figure of a measure for everybody."""
    shown = measure.shown
    if shown is None:
        return Figure(missing=words.hidden_short[hidden_alike(measure.why_hidden)])
    return _figure(shown.amount, shown.low, shown.high, measure.unit, shown.respondents)


def _figure(
    amount: float, low: float | None, high: float | None, unit: Unit, respondents: int | None, letters: str = ""
) -> Figure:
    decimals = 0 if unit is Unit.PERCENT else 1
    is_small = respondents is not None and respondents < SMALL_BASE
    value = format_amount(amount, unit, decimals)
    has_ends = low is not None and high is not None
    return Figure(
        value=f"({value})" if is_small else value,
        interval=format_margin(low, high, unit, 1) if low is not None and high is not None else "",
        drawn=_drawn(amount, low, high, unit) if has_ends and low is not None and high is not None else None,
        base=format_number(respondents, 0) if respondents is not None else "",
        is_small=is_small,
        letters=letters,
    )


def _drawn(amount: float, low: float, high: float, unit: Unit) -> Drawn | None:
    """The interval on a line from nought to 100%, or over the range of the scale."""
    ranges = {Unit.PERCENT: (0.0, 100.0), Unit.SCALE_0_10: (0.0, 10.0), Unit.MARK_1_10: (1.0, 10.0)}
    if unit not in ranges:
        return None
    first, last = ranges[unit]

    def place(value: float) -> float:
        return EDGE + (WIDTH - 2 * EDGE) * (min(max(value, first), last) - first) / (last - first)

    return Drawn(
        low=f"{place(low):.1f}", width=f"{max(place(high) - place(low), 1.5):.1f}", middle=f"{place(amount):.1f}"
    )


def answers_by(
    table: TableBookTable, columns: Sequence[BookColumn], background: str, *, unit: Unit, words: BookWords
) -> list[AnswerTable]:
    """Each answer by everybody and the categories of a background, with letters."""
    chosen = [at for at, column in enumerate(columns) if column.banner is None or column.banner.code == background]
    found = []
    for row, answer in enumerate(table.question.answers):
        lines = [
            (_column_name(columns[at], words), columns[at].letter, _cell(table, row, at, unit, words)) for at in chosen
        ]
        found.append(AnswerTable(answer=answer, rows=lines))
    return found


def counted_by(
    found: Iterable[MeasureBy], banner: Banner | None, columns: Sequence[BookColumn], *, words: BookWords
) -> list[AnswerTable]:
    """Measures of several answers together, by everybody and the groups of a background; they have no letters."""
    groups = banner.categories if banner else ()
    letters = [column.letter for column in columns if column.banner and banner and column.banner.code == banner.code]
    return [
        AnswerTable(
            answer=one.counted,
            has_letters=False,
            rows=[
                (words.everybody, "", figure_of(one.groups[""], words=words)),
                *(
                    (group.text(language_now()), letter, figure_of(one.groups[group.code], words=words))
                    for group, letter in zip(groups, letters, strict=True)
                    if group.code in one.groups
                ),
            ],
        )
        for one in found
    ]


def _column_name(column: BookColumn, words: BookWords) -> str:
    return column.category if column.banner else words.everybody


def _cell(table: TableBookTable, row: int, at: int, unit: Unit, words: BookWords) -> Figure:
    why, amount = Why(table.why[row][at]), table.estimate[row][at]
    if why is not Why.SHOWN or amount is None:
        return Figure(missing=words.hidden_short[why])
    return _figure(amount, table.low[row][at], table.high[row][at], unit, table.respondents[at], table.letters[row][at])


def unit_of(table: TableBookTable, kept: str) -> Unit:
    """The unit of a table: percent, unless the question gives a mean."""
    if table.question.kind is not Kind.MEAN:
        return Unit.PERCENT
    return Unit(kept) if kept in set(Unit) else Unit.INDEX


def pairs(found: Iterable[Beside], *, words: BookWords) -> list[QuestionPairs]:
    """Two figures of each measure by question."""
    return [
        QuestionPairs(text=text, rows=[_pair(one, words) for one in group])
        for text, group in groupby(found, key=lambda one: one.second.question)
    ]


def _pair(one: Beside, words: BookWords) -> PairRow:
    decimals = 1
    difference = one.difference
    told = format_difference(difference.difference, one.second.unit, decimals) if difference else ""
    badge, sentence = _verdict(one)
    return PairRow(
        counted=one.second.counted,
        first=figure_of(one.first, words=words),
        second=figure_of(one.second, words=words),
        difference=told,
        badge=badge,
        sentence=sentence,
    )


def _verdict(one: Beside) -> tuple[c.Badge, str]:
    if not one.is_same_question:
        return (
            c.Badge(text=_("Other question"), symbol="not-comparable", tone="warning"),
            _("Question, answers or base differ, so that a difference says nothing."),
        )
    if one.difference is None:
        return c.Badge(text=_("Not shown"), symbol="not-measured"), _("One of the two figures may not be shown.")
    margin = format_number(one.difference.margin, 1)
    if not one.is_demonstrable:
        return (
            c.Badge(text=_("No demonstrable difference"), symbol="no-change"),
            _("That difference can be chance: its margin is {margin}.").format(margin=margin),
        )
    return (
        c.Badge(text=_("Demonstrable difference"), symbol="changed", tone="info"),
        _("More than chance explains: the margin is {margin}.").format(margin=margin),
    )


def counted(found: Sequence[Beside]) -> str:
    """How many differences are demonstrable, in a sentence that also says what chance alone would give."""
    compared = [one for one in found if one.difference is not None]
    number = sum(one.is_demonstrable for one in compared)
    sentence = ngettext(
        "{number} of {all} differences is more than chance explains.",
        "{number} of {all} differences are more than chance explains.",
        number,
    ).format(number=number, all=len(compared))
    return _("{sentence} If nothing differed at all, about {chance} would still seem to.").format(
        sentence=sentence, chance=format_number(len(compared) * 0.05, 0)
    )


def ranked(places: Sequence[Place]) -> list[tuple[str, str, str]]:
    """Each option with its share and its place, shared where chance does not tell them apart."""
    return [(one.answer, format_amount(one.percent, Unit.PERCENT, 0), _place(one)) for one in places]


def _place(one: Place) -> str:
    if one.first == one.last:
        return _("place {place}").format(place=one.first)
    if one.last == one.first + 1:
        return _("together on places {first} and {last}").format(first=one.first, last=one.last)
    return _("somewhere on places {first} to {last}").format(first=one.first, last=one.last)
