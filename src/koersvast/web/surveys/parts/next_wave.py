"""The planning of a next wave on a page: what the targets ask, three ways of inviting, and how the margin narrows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from koersvast.access.models import Municipality
from koersvast.engine.wave_planning import Allocation, AreaPlan
from koersvast.indicators.wording import format_amount, format_number, language_now
from koersvast.publications.blocks import Language
from koersvast.publications.planning_charts import MarginPoint, margin_chart
from koersvast.surveys.queries.next_wave import Need, NextWave, Way
from koersvast.surveys.wording.planning import planning_reason
from koersvast.web import components as c
from koersvast.web.indicators.charting import as_svg, house_theme
from koersvast.web.surveys.parts.steps import count


@dataclass(frozen=True, kw_only=True)
class Impossible:
    """A wish that no wave can serve: its name and what to do."""

    name: str
    sentence: str


def way_name(allocation: Allocation) -> str:
    """A way of dividing invitations in words."""
    return {
        Allocation.PROPORTIONAL: _("By inhabitants"),
        Allocation.POWER: _("In between"),
        Allocation.EQUAL: _("The same number each"),
    }[allocation]


def figures(found: NextWave) -> list[c.KeyFigure]:
    """The answer in short: how many to invite, how many answer, and the margin."""
    if not found.ways:
        return []
    way = found.ways[0]
    earlier = _("in this wave {number}")
    asked = c.KeyFigure(
        label=_("Invitations for all targets that can be shown"),
        value="–" if way.fewest is None else count(way.fewest),
        note=_("not one can") if way.fewest is None else _("divided by inhabitants"),
    )
    return [
        *([asked] if found.needs else []),
        c.KeyFigure(
            label=_("Expected respondents"),
            value=count(round(way.plan.expected_respondents)),
            note=earlier.format(number=count(found.earlier_respondents)),
        ),
        c.KeyFigure(
            label=_("Margin at 50%, in points"),
            value="–"
            if way.plan.margin_at_half_points is None
            else f"± {format_number(way.plan.margin_at_half_points, 1)}",
            note=earlier.format(number=_points(found.earlier_margin_points)),
        ),
    ]


def impossible(found: NextWave) -> list[Impossible]:
    """The wishes that cannot be served, each with what to do; those of areas say which area."""
    names = {area.code: area.text(language_now()) for area in found.areas}
    return [
        Impossible(
            name=f"{need.wished.objective_title}, {names[need.area]}" if need.area else need.wished.objective_title,
            sentence=planning_reason(reason),
        )
        for need in (*found.needs, *found.area_needs)
        for reason in need.reasons
        if not need.area or need.requirement
    ]


def needs_table(found: NextWave) -> c.DataTable:
    """What every target asks of the municipality as a whole."""
    rows = [_need_row(need, need.wished.objective_title) for need in found.needs]
    notes = [
        _("Respondents and invitations of each target by itself, when people are invited by inhabitants."),
        *_alike_note(found.needs),
    ]
    return c.DataTable(
        id="doelen",
        caption=_("What the targets ask"),
        subtitle=_("the municipality as a whole"),
        columns=_need_columns(_("Objective")),
        groups=[c.RowGroup(rows=rows)],
        notes=notes,
    )


def area_needs_table(found: NextWave) -> c.DataTable:
    """What one target asks of every area, were it asked of each."""
    names = {area.code: area.text(language_now()) for area in found.areas}
    return c.DataTable(
        id="doel-per-gebied",
        caption=found.area_needs[0].wished.objective_title,
        subtitle=_("if every area must show the same change"),
        columns=_need_columns(_("Area")),
        groups=[c.RowGroup(rows=[_need_row(need, names[need.area]) for need in found.area_needs])],
        notes=[
            _("Each area is reckoned with the baseline and the target of the whole municipality."),
            *_alike_note(found.area_needs),
        ],
    )


def _alike_note(needs: Sequence[Need]) -> list[str]:
    if all(need.baseline_respondents or not need.requirement for need in needs):
        return []
    return [_("Where the respondents of the baseline are not known, both waves are taken to be as large.")]


def _need_columns(first: str) -> list[c.Column]:
    return [
        c.Column(label=first),
        c.Column(label=_("Baseline"), numeric=True),
        c.Column(label=_("Target value"), numeric=True),
        c.Column(label=_("Respondents of the baseline"), numeric=True),
        c.Column(label=_("Respondents needed"), numeric=True),
        c.Column(label=_("Invitations needed"), numeric=True),
        c.Column(label=_("Possible?")),
    ]


def _need_row(need: Need, name: str) -> c.Row:
    wished, asked = need.wished, need.requirement
    decimals = 0 if float(wished.wanted).is_integer() and float(wished.baseline or 0).is_integer() else 1
    missing = _("not known")
    before = need.baseline_respondents
    possible = (
        c.Badge(text=_("Yes"), symbol="ok", tone="positive")
        if not need.reasons
        else c.Badge(text=_("No"), symbol="warning", tone="warning")
    )

    def number(value: int | None) -> c.Cell:
        return (
            c.Cell(missing=_("cannot be"), numeric=True) if value is None else c.Cell(text=count(value), numeric=True)
        )

    return c.Row(
        head=c.Cell(text=name),
        cells=[
            c.Cell(missing=missing, numeric=True)
            if wished.baseline is None
            else c.Cell(
                text=format_amount(wished.baseline, wished.unit, decimals), note=wished.baseline_period, numeric=True
            ),
            c.Cell(text=format_amount(wished.wanted, wished.unit, decimals), note=str(wished.year), numeric=True),
            c.Cell(text=count(before), numeric=True) if before else c.Cell(missing=missing, numeric=True),
            number(asked.respondents if asked else None),
            number(asked.invitations if asked else None),
            c.Cell(badge=possible),
        ],
    )


def ways_table(found: NextWave) -> c.DataTable:
    """The ways of dividing side by side for the municipality as a whole: what each costs."""
    return c.DataTable(
        id="verdelen",
        caption=_("The same invitations, divided in three ways"),
        subtitle=_("the municipality as a whole"),
        columns=[
            c.Column(label=_("Division")),
            c.Column(label=_("Invited"), numeric=True),
            c.Column(label=_("Expected respondents"), numeric=True),
            c.Column(label=_("Count as"), numeric=True),
            c.Column(label=_("Margin at 50%"), numeric=True),
            c.Column(label=_("Smallest change that shows"), numeric=True),
            c.Column(label=_("Invitations for all targets that can be shown"), numeric=True),
        ],
        groups=[c.RowGroup(rows=[_way_row(way) for way in found.ways])],
        notes=[
            _("Count as: so many respondents of a sample without loss tell as much."),
            _("Smallest change: downwards from 50%, against this wave."),
        ],
    )


def _way_row(way: Way) -> c.Row:
    plan = way.plan
    return c.Row(
        head=c.Cell(text=way_name(plan.allocation)),
        cells=[
            c.Cell(text=count(plan.invited), numeric=True),
            c.Cell(text=count(round(plan.expected_respondents)), numeric=True),
            c.Cell(text=count(round(plan.effective_respondents)), numeric=True),
            _points_cell(plan.margin_at_half_points),
            _points_cell(plan.smallest_change_points),
            c.Cell(missing=_("not one can"), numeric=True)
            if way.fewest is None
            else c.Cell(text=count(way.fewest), numeric=True),
        ],
    )


def area_tables(found: NextWave) -> list[c.DataTable]:
    """One table for each way: invited, respondents, margin and smallest change of every area."""
    names = {area.code: area.text(language_now()) for area in found.areas}
    if not names:
        return []
    return [
        c.DataTable(
            id=f"verdeling-{way.plan.allocation.value}",
            caption=way_name(way.plan.allocation),
            columns=[
                c.Column(label=_("Area")),
                c.Column(label=_("Inhabitants"), numeric=True),
                c.Column(label=_("Invited"), numeric=True),
                c.Column(label=_("Expected respondents"), numeric=True),
                c.Column(label=_("Margin at 50%"), numeric=True),
                c.Column(label=_("Smallest change that shows"), numeric=True),
            ],
            groups=[c.RowGroup(rows=[_area_row(plan, names[plan.code]) for plan in way.plan.areas])],
        )
        for way in found.ways
    ]


def _area_row(plan: AreaPlan, name: str) -> c.Row:
    return c.Row(
        head=c.Cell(text=name, note=_("everybody is invited") if plan.everybody else ""),
        cells=[
            c.Cell(text=count(plan.inhabitants), numeric=True),
            c.Cell(text=count(plan.invited), numeric=True),
            c.Cell(text=count(round(plan.expected_respondents)), numeric=True),
            _points_cell(plan.margin_at_half_points),
            _points_cell(plan.smallest_change_points),
        ],
    )


def _points(value: float | None) -> str:
    return _("none") if value is None else _("± {points} points").format(points=format_number(value, 1))


def _points_cell(value: float | None) -> c.Cell:
    if value is None:
        return c.Cell(missing=_("none shows"), numeric=True)
    return c.Cell(text=_("{points} points").format(points=format_number(value, 1)), numeric=True)


def cost(found: NextWave) -> str:
    """What it costs the municipality as a whole to invite the same number everywhere, and whom it helps."""
    if len(found.ways) < 2 or not found.areas:
        return ""
    names = {area.code: area.text(language_now()) for area in found.areas}
    by, same = found.ways[0].plan, found.ways[-1].plan
    smallest = min(by.areas, key=lambda area: area.inhabitants)
    there = next(area for area in same.areas if area.code == smallest.code)
    return _(
        "With the same number everywhere the margin of {area} goes from {before} to {after}. The municipality as a "
        "whole then goes from {whole} to {costs}: its respondents count as {effective} instead of {first}."
    ).format(
        area=names[smallest.code],
        before=_points(smallest.margin_at_half_points),
        after=_points(there.margin_at_half_points),
        whole=_points(by.margin_at_half_points),
        costs=_points(same.margin_at_half_points),
        effective=count(round(same.effective_respondents)),
        first=count(round(by.effective_respondents)),
    )


def chart(found: NextWave, municipality: Municipality) -> c.ChartFigure | None:
    """How the margin narrows with respondents: this wave, the next one, and its areas when invited by inhabitants."""
    theme, points = house_theme(municipality), _marks(found)
    if theme is None or not points or len(found.course) < 2:
        return None
    told = ", ".join(
        _("{name}: {respondents} respondents, {margin}").format(
            name=one.name, respondents=count(round(one.respondents)), margin=_points(one.margin_points)
        )
        for one in points
    )
    spec = margin_chart(
        found.course,
        points,
        theme=theme,
        description=told,
        unit=_("Margin at 50%, in points"),
        size_unit=_("respondents"),
        language=Language(language_now()),
    )
    return c.ChartFigure(
        id="marge",
        title=_("More respondents, a smaller margin"),
        description=told,
        svg=as_svg(spec, municipality),
        lead=_("Half the margin takes four times the respondents."),
        table=_chart_table(points),
    )


def _marks(found: NextWave) -> list[MarginPoint]:
    if not found.ways:
        return []
    plan = found.ways[0].plan
    names = {area.code: area.text(language_now()) for area in found.areas}
    marks = [
        MarginPoint(
            name=_("This wave"),
            respondents=found.earlier_respondents,
            margin_points=found.earlier_margin_points,
            strong=True,
        )
    ]
    if plan.margin_at_half_points is not None:
        marks.append(
            MarginPoint(
                name=_("Next wave"),
                respondents=plan.expected_respondents,
                margin_points=plan.margin_at_half_points,
                strong=True,
            )
        )
    return marks + [
        MarginPoint(
            name=names[area.code], respondents=area.expected_respondents, margin_points=area.margin_at_half_points
        )
        for area in plan.areas
        if area.code in names and area.margin_at_half_points is not None
    ]


def _chart_table(points: Sequence[MarginPoint]) -> c.DataTable:
    return c.DataTable(
        id="marge-tabel",
        caption=_("Margins by number of respondents"),
        columns=[
            c.Column(label=_("Wave or area")),
            c.Column(label=_("Respondents"), numeric=True),
            c.Column(label=_("Margin at 50%"), numeric=True),
        ],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(
                        head=c.Cell(text=one.name),
                        cells=[
                            c.Cell(text=count(round(one.respondents)), numeric=True),
                            _points_cell(one.margin_points),
                        ],
                    )
                    for one in points
                ]
            )
        ],
    )
