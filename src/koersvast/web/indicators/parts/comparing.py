"""A comparison on a page: the verdict, the figures beside it, the groups, the peers, what was left out, the sources."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.benchmark import PlaceVerdict
from koersvast.engine.breaks import BreakVerdict
from koersvast.engine.forecast import Forecast
from koersvast.engine.quantities import Reason, Unit
from koersvast.indicators import wording
from koersvast.indicators.queries.comparing import Against, Comparison
from koersvast.indicators.queries.national import TableNote
from koersvast.indicators.wording import comparisons as words
from koersvast.indicators.wording.reasons import reason_sentence
from koersvast.web import components as c
from koersvast.web.indicators.comparison_pictures import course_name, decimals_of

_SYMBOLS = {"positive": "improved", "negative": "worsened", "neutral": "no-change", "info": "cannot-tell"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the page says first: a badge, a sentence, and why when nothing can be said."""

    badge: c.Badge
    sentence: str
    notes: list[str]
    tone: c.Tone


def verdict(found: Comparison) -> Verdict:
    """The verdict beside the chosen group."""
    result, group = found.chosen.result, found.chosen.group
    badge = verdict_badge(found.chosen, found)
    return Verdict(
        badge=badge,
        sentence=words.verdict_sentence(
            result,
            indicator=found.name,
            area=found.area.name,
            period=found.period.label(),
            group=words.group_phrase(group.kind, group.name),
        ),
        notes=reasons(result.reasons) if result.verdict is PlaceVerdict.CANNOT_SAY else [],
        tone=badge.tone,
    )


def verdict_badge(against: Against, found: Comparison) -> c.Badge:
    """Lower, higher, no demonstrable difference, or cannot be said; the tone knows which way is better."""
    texts = {
        PlaceVerdict.LOWER: _("Lower"),
        PlaceVerdict.HIGHER: _("Higher"),
        PlaceVerdict.NO_DEMONSTRABLE_DIFFERENCE: _("No demonstrable difference"),
        PlaceVerdict.CANNOT_SAY: _("Cannot be said"),
    }
    tone = words.better_or_worse(against.result, found.direction)
    said = against.result.verdict
    return c.Badge(text=texts[said], symbol=_SYMBOLS[tone], tone=tone)  # type: ignore[arg-type] # tones of the module


def key_figures(found: Comparison) -> list[c.KeyFigure]:
    """One's own rate, that of the others, and the place in the row with its uncertainty."""
    result, decimals = found.chosen.result, decimals_of(found)
    figures = []
    if result.own_rate:
        figures.append(
            c.KeyFigure(
                label=_("{area} in {period}").format(area=found.area.name, period=found.period.label()),
                value=wording.format_number(result.own_rate.rate, decimals) + ("*" if found.is_provisional else ""),
                unit=_("per 1,000 inhabitants"),
                note=_("{events} among {inhabitants} inhabitants; 95% interval {low} to {high}").format(
                    events=wording.format_number(result.own_rate.events, 0),
                    inhabitants=wording.format_number(result.own_rate.inhabitants, 0),
                    low=wording.format_number(result.own_rate.low, decimals),
                    high=wording.format_number(result.own_rate.high, decimals),
                ),
            )
        )
    if result.others_rate:
        figures.append(
            c.KeyFigure(
                label=words.group_name(found.chosen.group.kind, found.chosen.group.name),
                value=wording.format_number(result.others_rate.rate, decimals),
                unit=_("per 1,000 inhabitants"),
                note=_("{number} municipalities together, without {area}").format(
                    number=result.others, area=found.area.name
                ),
            )
        )
    if found.rank.low is not None and found.rank.high is not None:
        figures.append(
            c.KeyFigure(
                label=_("Place in the row"),
                value=str(found.rank.low)
                if found.rank.low == found.rank.high
                else _("{low} through {high}").format(low=found.rank.low, high=found.rank.high),
                unit=_("of {places}").format(places=found.rank.places),
                note=words.rank_sentence(found.rank, area=found.area.name),
            )
        )
    return figures


def groups_table(found: Comparison) -> c.DataTable:
    """One's own rate beside that of every group."""
    decimals = decimals_of(found)
    return c.DataTable(
        id="groepen",
        caption=_("{area} beside every group").format(area=found.area.name),
        subtitle=_("{name} per 1,000 inhabitants, {period}").format(name=found.name, period=found.period.label()),
        columns=[
            c.Column(label=_("Group")),
            c.Column(label=_("Municipalities"), numeric=True),
            c.Column(label=_("Rate of the group"), numeric=True),
            c.Column(label=_("Own rate against it"), numeric=True),
            c.Column(label=_("95% interval"), numeric=True),
            c.Column(label=_("Verdict")),
        ],
        groups=[c.RowGroup(rows=[_group_row(one, found, decimals) for one in found.against])],
        notes=[
            _("The rate of a group is of its municipalities together, without {area}.").format(area=found.area.name),
            _("The ratio is 1 when both are the same; the interval counts in how much municipalities usually differ."),
        ],
    )


def _group_row(against: Against, found: Comparison, decimals: int) -> c.Row:
    result, group = against.result, against.group
    rate = result.others_rate
    ratio = "" if result.ratio is None else wording.format_number(result.ratio, 2)
    interval = ""
    if result.ratio_low is not None and result.ratio_high is not None:
        interval = _ends(result.ratio_low, result.ratio_high, 2)
    return c.Row(
        head=c.Cell(text=words.group_name(group.kind, group.name)),
        cells=[
            c.Cell(text=wording.format_number(result.others, 0), numeric=True),
            c.Cell(text=wording.format_number(rate.rate, decimals), numeric=True)
            if rate
            else c.Cell(missing=_("not known"), numeric=True),
            c.Cell(text=ratio, missing="" if ratio else _("not known"), numeric=True, strong=True),
            c.Cell(text=interval, numeric=True),
            c.Cell(badge=verdict_badge(against, found)),
        ],
    )


def _ends(low: float, high: float, decimals: int) -> str:
    if high == float("inf"):
        return _("from {low}").format(low=wording.format_number(low, decimals))
    return _("{low} to {high}").format(
        low=wording.format_number(low, decimals), high=wording.format_number(high, decimals)
    )


def ranking_table(found: Comparison) -> c.DataTable:
    """The row as a table: events, inhabitants, rate and interval of each."""
    decimals = decimals_of(found)
    rows = []
    for place in found.ranked:
        cells = [
            c.Cell(text=wording.format_number(place.events, 0), numeric=True),
            c.Cell(text=wording.format_number(place.inhabitants, 0), numeric=True),
            c.Cell(text=wording.format_number(place.rate, decimals), numeric=True, strong=place.own),
            c.Cell(text=_ends(place.low, place.high, decimals), numeric=True),
        ]
        rows.append(c.Row(head=c.Cell(text=place.name), cells=cells, is_total=place.own))
    return c.DataTable(
        id="rij-tabel",
        caption=_("Municipalities by rate"),
        columns=[
            c.Column(label=_("Municipality")),
            c.Column(label=_("Number"), numeric=True),
            c.Column(label=_("Inhabitants"), numeric=True),
            c.Column(label=_("Per 1,000"), numeric=True),
            c.Column(label=_("95% interval"), numeric=True),
        ],
        groups=[c.RowGroup(rows=rows)],
        notes=[_("Municipalities whose intervals overlap may well stand in another order.")],
    )


def funnel_table(found: Comparison) -> c.DataTable:
    """The funnel as a table: rate, limits for this size, on which side."""
    decimals = decimals_of(found)
    sides = {"higher": _("above"), "lower": _("below"), "": _("within")}
    rows = []
    for point in sorted(found.funnel.points, key=lambda one: one.inhabitants):
        cells = [
            c.Cell(text=wording.format_number(point.inhabitants, 0), numeric=True),
            c.Cell(text=wording.format_number(point.rate, decimals), numeric=True),
            c.Cell(text=_ends(point.low_95, point.high_95, decimals), numeric=True),
            c.Cell(text=_ends(point.low_998, point.high_998, decimals), numeric=True),
            c.Cell(text=sides[point.outside_95]),
        ]
        rows.append(c.Row(head=c.Cell(text=point.name), cells=cells, is_total=point.code == found.area.code))
    return c.DataTable(
        id="trechter-tabel",
        caption=_("Municipalities by number of inhabitants, with their limits"),
        columns=[
            c.Column(label=_("Municipality")),
            c.Column(label=_("Inhabitants"), numeric=True),
            c.Column(label=_("Per 1,000"), numeric=True),
            c.Column(label=_("95% limits"), numeric=True),
            c.Column(label=_("99.8% limits"), numeric=True),
            c.Column(label=_("Against the 95% limits")),
        ],
        groups=[c.RowGroup(rows=rows)],
    )


def course_table(found: Comparison) -> c.DataTable:
    """The rates by year of oneself and of the groups."""
    decimals = decimals_of(found)
    years = sorted({one.period.code for course in found.course for one in course.readings})
    by_line = [{one.period.code: one for one in course.readings} for course in found.course]
    rows = []
    for year in years:
        cells = []
        for line in by_line:
            one = line.get(year)
            if one is None:
                cells.append(c.Cell(missing=_("not known"), numeric=True))
            else:
                rate = wording.format_number(1000 * one.value / (one.exposure or 1.0), decimals)
                cells.append(c.Cell(text=rate + ("*" if one.provisional else ""), numeric=True))
        rows.append(c.Row(head=c.Cell(text=year), cells=cells))
    columns = [c.Column(label=_("Year"))]
    columns += [c.Column(label=course_name(course), numeric=True) for course in found.course]
    return c.DataTable(
        id="jaren-tabel",
        caption=_("{name} per 1,000 inhabitants by year").format(name=found.name),
        columns=columns,
        groups=[c.RowGroup(rows=rows)],
        notes=[_("* provisional"), *_course_notes(found)],
    )


def _course_notes(found: Comparison) -> list[str]:
    """Which lines leave municipalities out."""
    return [
        ngettext(
            "{line}: without {number} municipality that is not known of every year.",
            "{line}: without {number} municipalities that are not known of every year.",
            course.left_out,
        ).format(line=course_name(course), number=course.left_out)
        for course in found.course
        if course.left_out
    ]


def peers_table(found: Comparison) -> c.DataTable | None:
    """The comparable municipalities with what they were chosen by, nearest first."""
    group = found.peers
    if not group.peers:
        return None
    criteria = [criterion.name for criterion in group.criteria]
    columns = [c.Column(label=_("Municipality"))]
    columns += [c.Column(label=words.criterion_name(name).capitalize(), numeric=True) for name in criteria]
    columns.append(c.Column(label=_("Distance"), numeric=True))
    own = c.Row(
        head=c.Cell(text=found.area.name),
        cells=[
            *(c.Cell(text=_criterion(name, group.own.values.get(name)), numeric=True) for name in criteria),
            c.Cell(text=wording.format_number(0, 2), numeric=True),
        ],
        is_total=True,
    )
    rows = [
        c.Row(
            head=c.Cell(text=peer.name),
            cells=[
                *(c.Cell(text=_criterion(name, peer.values.get(name)), numeric=True) for name in criteria),
                c.Cell(text=wording.format_number(peer.distance, 2), numeric=True),
            ],
        )
        for peer in group.peers
    ]
    return c.DataTable(
        id="vergelijkbaar",
        caption=_("The comparable municipalities and what they were chosen by"),
        subtitle=_("Nearest first, of {number} that were considered").format(number=group.considered),
        columns=columns,
        groups=[c.RowGroup(rows=[own, *rows])],
        notes=[
            _("The distance is in standard deviations over all municipalities."),
            _("The figure that is compared plays no part in it."),
            *reasons(group.reasons),
        ],
    )


def _criterion(name: str, value: float | None) -> str:
    if value is None:
        return ""
    if name == "young":
        return wording.format_amount(100 * value, Unit.PERCENT, 1)
    return wording.format_number(value, 0)


def break_sentence(found: Comparison) -> str:
    """Whether the own level jumped somewhere; a break has no cause, and that is said."""
    test = found.break_test
    if test is None or test.verdict is BreakVerdict.CANNOT_SAY:
        return ""
    if test.verdict is BreakVerdict.NONE_DEMONSTRABLE or test.first_after is None or test.ratio is None:
        return _("No lasting jump shows in the figures of {area}.").format(area=found.area.name)
    if test.verdict is BreakVerdict.TREND_INSTEAD:
        return _("The figures of {area} changed; whether that was gradually or at once cannot be told.").format(
            area=found.area.name
        )
    sentence = _(
        "From {year} on the level in {area} is {ratio} times that of before ({low} to {high}). What caused it, the "
        "figures do not say."
    )
    return sentence.format(
        year=test.first_after.code,
        area=found.area.name,
        ratio=wording.format_number(test.ratio, 2),
        low=wording.format_number(test.ratio_low or 0, 2),
        high=wording.format_number(test.ratio_high or 0, 2),
    )


def outlook_sentence(found: Comparison) -> str:
    """What the trend says about the year to come, with its interval; or why it says nothing."""
    outlook: Forecast = found.outlook
    if outlook.expected is None or outlook.low is None or outlook.high is None:
        return " ".join([_("No outlook can be given."), *reasons(outlook.reasons)])
    return _(
        "If the trend of {points} years goes on, {area} has about {expected} in {period} (95%: {low} to {high})."
    ).format(
        points=outlook.points,
        area=found.area.name,
        expected=wording.format_number(outlook.expected, 0),
        period=outlook.period.code,
        low=wording.format_number(outlook.low, 0),
        high=wording.format_number(outlook.high, 0),
    )


def left_out(found: Comparison) -> list[str]:
    """The municipalities of the group that could not be compared, each with its reason."""
    return [f"{one.name}: {words.place_reason(one.reason)}" for one in found.left_out]


def remarks(found: Comparison) -> list[str]:
    """What a reader should know about this comparison."""
    said = reasons((*found.reasons, *found.chosen.result.reasons))
    if found.is_provisional:
        said.insert(0, _("The figure of {period} is provisional.").format(period=found.period.label()))
    language = wording.language_now()
    said.append(found.feed.caution.en if language == "en" else found.feed.caution.nl)
    return list(dict.fromkeys(one for one in said if one))


def reasons(found: Sequence[Reason]) -> list[str]:
    """Reasons in words, each once; that several periods are provisional is said in one sentence."""
    said, provisional = list[str](), [str(one.values["period"]) for one in found if one.code == "provisional_figure"]
    for reason in found:
        if reason.code != "provisional_figure":
            said.append(words.place_reason(reason) if words.knows_reason(reason) else reason_sentence(reason))
    if provisional:
        said.append(
            _("The figures from {first} to {last} are provisional.").format(first=provisional[0], last=provisional[-1])
            if len(provisional) > 1
            else _("The figure of {period} is provisional.").format(period=provisional[0])
        )
    return list(dict.fromkeys(said))


def sources(*notes: TableNote | None) -> list[c.SourceLine]:
    """Where the figures come from, with vintage and licence."""
    lines = []
    for note in dict.fromkeys(note for note in notes if note):
        said = [note.holder, note.licence]
        if note.edition_year:
            said.append(_("borders of {year}").format(year=note.edition_year))
        if note.by_hand:
            said.append(_("brought in by hand in this installation"))
        lines.append(
            c.SourceLine(
                name=_("{title} ({table}), version {number} of {day}").format(
                    title=note.title, table=note.table, number=note.vintage, day=wording.format_day(note.as_of)
                ),
                note="; ".join(part for part in said if part) + ".",
            )
        )
    return lines
