"""What the page of a round shows: how far it is, what came out with its picture and table, and what was chosen."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.access.models import Municipality
from koersvast.indicators.wording import format_number, language_now
from koersvast.indicators.wording.numbers import format_day
from koersvast.policy.models import Option, Prioritising
from koersvast.policy.prioritising import Disagreement, OptionOutcome, Outcome, WithoutOne
from koersvast.publications.blocks import Language
from koersvast.publications.charts import Spec
from koersvast.publications.comparison_charts import RankedPlace, ranked_bars
from koersvast.web import components as c
from koersvast.web.indicators.charting import house_theme
from koersvast.web.policy.objective_chart import svg

STATE = {
    "open": c.Badge(text=gettext_lazy("Being scored"), symbol="info", tone="info"),
    "closed": c.Badge(text=gettext_lazy("Scored, to be chosen"), symbol="warning", tone="warning"),
    "decided": c.Badge(text=gettext_lazy("Chosen"), symbol="on-course", tone="positive"),
}
OUTCOME = {
    Option.Outcome.LOCAL: c.Badge(text=gettext_lazy("Local priority"), symbol="ok", tone="positive"),
    Option.Outcome.REGIONAL: c.Badge(text=gettext_lazy("Regional priority"), symbol="ok", tone="info"),
    Option.Outcome.KEPT_IN_VIEW: c.Badge(text=gettext_lazy("Kept in view"), symbol="info"),
    Option.Outcome.REJECTED: c.Badge(text=gettext_lazy("Rejected as a priority"), symbol="same"),
}
# From this distance on the scale of 0 to 10 parties differ so much that it is worth a talk.
WORTH_A_TALK, MOST_TALKS = 4, 8


def state(row: Prioritising) -> str:
    """How far a round is: open, closed or decided."""
    if row.decided_on:
        return "decided"
    return "closed" if row.closed_on else "open"


def lead(row: Prioritising) -> str:
    """What is worth knowing first."""
    if row.decided_on:
        return _("Chosen by {body} on {day}.").format(body=row.body, day=format_day(row.decided_on))
    if row.closed_on:
        return _("The scoring closed on {day}. Now the choice.").format(day=format_day(row.closed_on))
    if row.scores_close_on:
        return _("Scores should be in by {day}.").format(day=format_day(row.scores_close_on))
    return _("Everybody scores apart. What came out is seen after closing, by everybody at once.")


def outcome_parts(found: Outcome, row: Prioritising) -> dict[str, Any]:
    """What came out: picture and table, where parties differ, and what leans on one of them."""
    return {
        "chart": _chart(found, row.municipality),
        "talks": [_talk(one) for one in found.disagreements if one.gap >= WORTH_A_TALK][:MOST_TALKS],
        "leans": [_lean(one) for one in found.without if one.changes_the_top],
        "top": found.top,
    }


def _mark(value: float) -> str:
    return format_number(value, 1)


def _points(value: float) -> str:
    return format_number(value, 0 if value == int(value) else 1)


def _chart(found: Outcome, municipality: Municipality) -> c.ChartFigure:
    spec = _specification(found, municipality)
    return c.ChartFigure(
        id="uitkomst", title=_("What came out"), description=_description(found), svg=svg(spec) if spec else "",
        lead=_("Dot: the weighted mean of all parties. Bar: from the lowest party to the highest."),
        table=_table(found),
    )  # fmt: skip


def _specification(found: Outcome, municipality: Municipality) -> Spec | None:
    theme = house_theme(municipality)
    if theme is None or not found.scored:
        return None
    return ranked_bars(
        [
            RankedPlace(
                name=one.name, value=one.mean or 0.0, text=_mark(one.mean or 0.0),
                low=one.party_range[0] if one.party_range else None,
                high=one.party_range[1] if one.party_range else None,
                own=one.place is not None and one.place.first <= found.top,
            )
            for one in found.scored
        ],
        theme=theme, description=_description(found), unit=_("Mean score, 0 to 10"),
        language=Language(language_now()), bar_means=_("Bar: from the lowest party to the highest."), most=60,
    )  # fmt: skip


def _description(found: Outcome) -> str:
    """The picture in words: which options lead, and with how much."""
    first = [one for one in found.scored if one.place and one.place.first <= found.top]
    listed = ", ".join(
        _("{name} ({mean})").format(name=one.name, mean=_mark(one.mean)) for one in first if one.mean is not None
    )
    return _("{number} options by their mean score. First: {listed}.").format(number=len(found.scored), listed=listed)


def place_text(one: OptionOutcome) -> str:
    """The place, shared where it is shared."""
    if one.place is None:
        return ""
    if one.place.is_shared:
        return _("{first} to {last}, shared").format(first=one.place.first, last=one.place.last)
    return str(one.place.first)


def _table(found: Outcome) -> c.DataTable:
    labels = (
        _("Option"), _("Place"), _("Mean score"), _("Lowest and highest party"), _("Could as well be place"),
        _("Among the first {top} by reasonable weights").format(top=found.top), _("Scores given"),
    )  # fmt: skip
    return c.DataTable(
        id="uitkomst-tabel", caption=_("All options"), columns=[c.Column(label=label) for label in labels],
        groups=[c.RowGroup(rows=[_row(one) for one in found.options])],
        notes=[
            _("Reasonable weights: drawn anew {draws} times, each up to {factor} times as heavy or as light.").format(
                draws=format_number(found.draws, 0), factor=format_number(found.factor, 0)
            ),
            _("No opinion is left out of the mean; it is not a zero."),
        ],
    )  # fmt: skip


def _row(one: OptionOutcome) -> c.Row:
    if one.mean is None:
        nothing = [c.Cell(missing=_("not scored")) for _number in range(5)]
        return c.Row(head=c.Cell(text=one.name), cells=[*nothing, c.Cell(text=f"0/{one.asked}", numeric=True)])
    possible, low_high = one.possible, one.party_range
    return c.Row(
        head=c.Cell(text=one.name, note=_("rests on few scores") if one.rests_on_little else ""),
        cells=[
            c.Cell(text=place_text(one), numeric=True),
            c.Cell(text=_mark(one.mean), numeric=True),
            c.Cell(text=f"{_mark(low_high[0])} – {_mark(low_high[1])}", numeric=True)
            if low_high
            else c.Cell(missing="–"),
            c.Cell(text=f"{possible.first} – {possible.last}", numeric=True) if possible else c.Cell(missing="–"),
            c.Cell(text=_("{share} of 100 times").format(share=round(100 * one.within_top)), numeric=True),
            c.Cell(text=f"{one.given}/{one.asked}", numeric=True),
        ],
    )


def said_of(found: Outcome, code: str) -> str:
    """What came out for one option, in a sentence beside the choice."""
    one = found.option(code)
    if one is None or one.mean is None:
        return _("Nobody scored this.")
    return _("Place {place}, mean {mean}; among the first {top} in {share} of 100 reasonable weights.").format(
        place=place_text(one), mean=_mark(one.mean), top=found.top, share=round(100 * one.within_top)
    )


def _talk(one: Disagreement) -> str:
    return _("{option}, {criterion}: {low} ({low_by}) against {high} ({high_by})").format(
        option=one.option_name, criterion=one.criterion_name, low=_points(one.lowest), low_by=", ".join(one.lowest_by),
        high=_points(one.highest), high_by=", ".join(one.highest_by),
    )  # fmt: skip


def _lean(one: WithoutOne) -> str:
    changed = [_("{names} in").format(names=", ".join(one.enter))] if one.enter else []
    changed += [_("{names} out").format(names=", ".join(one.leave))] if one.leave else []
    return _("Without {name}: {changed}").format(name=one.name, changed="; ".join(changed))


def chosen(row: Prioritising, municipality: str) -> Sequence[tuple[Option, c.Badge, list[c.Link]]]:
    """What every option became, the priorities first, with the priority and the objectives that followed."""
    order = list(OUTCOME)
    options = row.options.select_related("priority__plan").prefetch_related("priority__objectives")
    found = sorted(options, key=lambda one: (order.index(Option.Outcome(one.outcome)), one.position))
    return [(one, OUTCOME[Option.Outcome(one.outcome)], _followed(one, municipality)) for one in found]


def _followed(option: Option, municipality: str) -> list[c.Link]:
    if option.priority is None:
        return []
    where = {"municipality": municipality, "plan": option.priority.plan.code}
    plan = c.Link(label=option.priority.title, href=reverse("plan", kwargs=where) + f"#{option.priority.code}")
    return [plan] + [
        c.Link(label=one.title, href=reverse("objective", kwargs=where | {"objective": one.code}))
        for one in option.priority.objectives.all()
    ]
