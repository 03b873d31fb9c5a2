"""What the pages of a programme show: its head, its tables, and one action in full. Only wording, no decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.quantities import Unit
from koersvast.indicators.wording.numbers import format_amount, format_day, format_number
from koersvast.programme.models import Programme
from koersvast.programme.queries.actions import (
    ActionDetail,
    ActionGroup,
    ActionLine,
    CoverageRow,
    Sums,
    ThreeW,
    judged_on,
    sums,
)
from koersvast.web import components as c
from koersvast.web.programme.actions import words


def head(programme: Programme, lines: Sequence[ActionLine], *, today: date, here: str) -> dict[str, Any]:
    """What stands above every view: facts, key figures that lead to what they count, and the views."""
    where = {"municipality": programme.municipality.slug, "programme": programme.code}
    table, total = reverse("programme-table", kwargs=where), sums(lines)
    labels = {
        "programme-table": _("Table of actions"), "programme-objectives": _("By objective"),
        "programme-partners": _("By partner"), "programme-units": _("By department"),
        "programme-chain": _("Safety chain"), "programme-timeline": _("Timeline"), "programme-month": _("Month"),
        "programme-3w": _("What may it cost"),
    }  # fmt: skip
    return {
        "programme": programme,
        "lead": lead(programme, today=today),
        "badges": [words.PROGRAMME_STATE[programme.state]],
        "pulse": pulse(lines, total, table=table),
        "facts": facts(programme),
        "tabs": [
            c.Link(label=label, href=reverse(name, kwargs=where), current=name == here)
            for name, label in labels.items()
        ],
        "lapsed": programme.last_day < today,
    }


def facts(programme: Programme) -> list[tuple[str, str]]:
    """What the programme says about itself; what it does not say is left out."""
    adopted = ""
    if programme.adopted_on:
        adopted = _("{day} by {body}").format(day=format_day(programme.adopted_on), body=programme.adopted_by)
    found = [
        (_("Term of the programme"), words.term(programme.first_day, programme.last_day)),
        (_("Under the plan"), programme.plan.title), (_("Adopted"), adopted),
        (_("Document of the decision"), programme.document),
        (_("Follows"), programme.predecessor.title if programme.predecessor else ""),
    ]  # fmt: skip
    return [(name, value) for name, value in found if value]


def lead(programme: Programme, *, today: date) -> str:
    """The term, and on which day it is looked at."""
    term = words.term(programme.first_day, programme.last_day)
    if judged_on(programme, today=today) < today:
        return _("This programme ran from {term}. It is shown as it stood on its last day.").format(term=term)
    return _("This programme runs from {term}.").format(term=term)


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """A small figure of the strip above every view; it leads to what it counts."""

    label: str
    value: str
    href: str = ""
    note: str = ""
    tone: c.Tone = "neutral"


def pulse(lines: Sequence[ActionLine], total: Sums, *, table: str) -> list[Pulse]:
    """How many actions, which ask attention, and what is known of hours and money."""
    signals: tuple[tuple[str, str, c.Tone], ...] = (
        ("late", _("Late"), "negative"), ("stuck", _("Stuck"), "negative"), ("silent", _("Silent"), "warning"),
        ("unowned", _("Nobody owns it"), "warning"), ("no_objective", _("Without an objective"), "warning"),
    )  # fmt: skip
    counted = [(code, label, tone, sum(code in line.signals for line in lines)) for code, label, tone in signals]
    done = sum(line.status == "done" for line in lines)
    return [
        Pulse(label=_("Actions"), value=format_number(len(lines), 0), href=table),
        Pulse(label=_("Done"), value=format_number(done, 0), href=f"{table}?status=done", tone="positive"),
        *(
            Pulse(label=label, value=format_number(number, 0), href=f"{table}?signal={code}", tone=tone)
            for code, label, tone, number in counted
            if number
        ),
        Pulse(
            label=_("Known hours"), value=format_number(total.hours, 0),
            note=_("{number} say no hours").format(number=total.without_hours) if total.without_hours else "",
        ),
        Pulse(
            label=_("Known cost"), value=words.euro(total.euro), note=unknown(total),
            href=f"{table}?signal=no_cost" if total.without_amount else "",
        ),
    ]  # fmt: skip


def unknown(total: Sums) -> str:
    """How many actions did not say what they cost."""
    if not total.without_amount:
        return _("every action says what it costs")
    text = ngettext(
        "{number} action does not say what it costs", "{number} actions do not say what they cost",
        total.without_amount,
    )  # fmt: skip
    return text.format(number=total.without_amount)


def action_href(number: int, *, municipality: str) -> str:
    return reverse("action", kwargs={"municipality": municipality, "action": number})


def table(lines: Sequence[ActionLine], *, municipality: str, caption: str, id: str = "acties") -> c.DataTable:  # noqa: A002
    """Actions as a table, one row each."""
    return c.DataTable(
        id=id,
        caption=caption,
        columns=[
            c.Column(label=_("Action")), c.Column(label=_("Who")),
            c.Column(label=_("When")), c.Column(label=_("State")), c.Column(label=_("Last report")),
            c.Column(label=_("Cost"), numeric=True),
        ],
        groups=[c.RowGroup(rows=[_row(line, municipality) for line in lines])],
    )  # fmt: skip


def _row(line: ActionLine, municipality: str) -> c.Row:
    when = words.when(line.starts_on, line.ends_on, line.recurrence)
    known = [words.SIGNAL[code].text for code in words.SIGNALS_SHOWN if code in line.signals]
    reported = format_day(line.last_report_on) if line.last_report_on else ""
    return c.Row(
        head=c.Cell(
            text=line.title, href=action_href(line.number, municipality=municipality),
            note=f"{line.number} · {line.priority.name if line.priority else _('no priority')}",
        ),
        cells=[
            c.Cell(text=who(line), missing="" if who(line) else _("nobody named"),
                   note=", ".join(part.name for part in line.partners)),
            c.Cell(text=when, missing="" if when else _("no term given")),
            c.Cell(badge=words.STATUS[line.status], note=" · ".join(str(text) for text in known)),
            c.Cell(text=reported, missing="" if reported else _("never reported"), note=line.last_line),
            cost_cell(line),
        ],
    )  # fmt: skip


def who(line: ActionLine) -> str:
    return ", ".join(part for part in (line.owner.name if line.owner else "", line.owner_role) if part)


def cost_cell(line: ActionLine) -> c.Cell:
    if not line.cost_is_known:
        return c.Cell(missing=_("not filled in"), numeric=True)
    text = _("none") if line.has_no_cost else words.euro(line.euro or Decimal(0))
    note = _("{amount} not covered").format(amount=words.euro(line.uncovered_euro)) if line.uncovered_euro else ""
    return c.Cell(text=text, note=note, numeric=True)


def group_line(group: ActionGroup) -> str:
    """How many actions, hours and euros are under a heading, as far as that is known."""
    total = sums(group.lines)
    actions = ngettext("{number} action", "{number} actions", total.actions).format(number=total.actions)
    parts = [actions, words.hours(total.hours) if total.hours else "", words.euro(total.euro), unknown(total)]
    return ", ".join(part for part in parts if part)


def chain_table(rows: Sequence[CoverageRow]) -> c.DataTable:
    """Priority by link of the safety chain; an empty cell says that nothing is done there."""
    return c.DataTable(
        id="keten",
        caption=_("Actions by priority and link of the safety chain"),
        columns=[c.Column(label=_("Priority")), *(c.Column(label=name) for _code, name in words.chain_links())],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(head=c.Cell(text=row.part.name), cells=[_chain_cell(cell) for cell in row.cells])
                    for row in rows
                ]
            )
        ],
        notes=[_("The numbers are those of the actions.")],
    )


def _chain_cell(numbers: tuple[int, ...]) -> c.Cell:
    if not numbers:
        return c.Cell(missing=_("no action"))
    return c.Cell(text=", ".join(map(str, numbers)))


def holes(rows: Sequence[CoverageRow]) -> list[str]:
    """In words: on which links nothing is done for a priority."""
    names = [name for _code, name in words.chain_links()]
    said = []
    for row in rows:
        empty = [name for name, cell in zip(names, row.cells, strict=True) if not cell]
        if len(empty) == len(names):
            said.append(_("{priority}: no action at all.").format(priority=row.part.name))
        elif empty:
            said.append(
                _("{priority}: nothing on {links}.").format(priority=row.part.name, links=", ".join(empty).lower())
            )
    return said


def three_w_table(found: ThreeW, *, municipality: str) -> c.DataTable:
    """What do we want, what will we do, what may it cost: rows by priority, an amount a year, sums that add up."""
    years = [c.Column(label=str(year), numeric=True) for year in found.years]
    groups = []
    for row in found.rows:
        aims = ", ".join(part.name for part in row.objectives)
        name = row.part.name if row.part else _("Without a priority")
        rows = [_cost_row(line, found.years, municipality) for line in row.lines]
        rows.append(_sum_row(_("Together"), row.sums, found.years))
        label = _("{priority}: {objectives}").format(priority=name, objectives=aims) if aims else name
        groups.append(c.RowGroup(label=label, rows=rows))
    groups.append(c.RowGroup(label=_("The whole programme"), rows=[_sum_row(_("Total"), found.total, found.years)]))
    return c.DataTable(
        id="drie-w",
        caption=_("What do we want, what will we do, what may it cost"),
        columns=[
            c.Column(label=_("What will we do")), c.Column(label=_("Who")), c.Column(label=_("Hours"), numeric=True),
            *years, c.Column(label=_("Together"), numeric=True),
        ],
        groups=groups,
        notes=[unknown(found.total), _("Hours and amounts that nobody filled in are not in the sums.")],
    )  # fmt: skip


def _cost_row(line: ActionLine, years: Sequence[int], municipality: str) -> c.Row:
    by_year = {year: sum((one.euro for one in line.amounts if one.year == year), Decimal(0)) for year in years}
    hours = c.Cell(text=_number(line.hours), numeric=True) if line.hours is not None else _nothing(_("not filled in"))
    return c.Row(
        head=c.Cell(text=line.title, href=action_href(line.number, municipality=municipality)),
        cells=[
            c.Cell(text=who(line), missing="" if who(line) else _("nobody named")),
            hours,
            *(_year_cell(line, by_year[year], year) for year in years),
            cost_cell(line),
        ],
    )


def _year_cell(line: ActionLine, euro: Decimal, year: int) -> c.Cell:
    if any(one.year == year for one in line.amounts):
        return c.Cell(text=words.euro(euro), numeric=True)
    return _nothing(_("none") if line.has_no_cost else _("no amount"))


def _nothing(why: str) -> c.Cell:
    return c.Cell(missing=why, numeric=True)


def _sum_row(label: str, total: Sums, years: Sequence[int]) -> c.Row:
    cells = [c.Cell(text=words.euro(total.euro_by_year.get(year, Decimal(0))), numeric=True, strong=True)
             for year in years]  # fmt: skip
    return c.Row(
        head=c.Cell(text=label, strong=True),
        cells=[
            c.Cell(text=ngettext("{number} action", "{number} actions", total.actions).format(number=total.actions)),
            c.Cell(text=_number(total.hours), numeric=True, strong=True),
            *cells,
            c.Cell(text=words.euro(total.euro), numeric=True, strong=True),
        ],
    )


def cover_table(found: ThreeW) -> c.DataTable:
    """Out of what the known amounts are paid."""
    return c.DataTable(
        id="dekking",
        caption=_("Out of what it is paid"),
        columns=[c.Column(label=_("Paid out of")), c.Column(label=_("Amount"), numeric=True)],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(head=c.Cell(text=words.COVER[code]), cells=[c.Cell(text=words.euro(euro), numeric=True)])
                    for code, euro in found.total.euro_by_cover.items()
                ]
            )
        ],
    )


def _number(amount: Decimal) -> str:
    return format_number(amount, 0 if amount == amount.to_integral_value() else 1)


def detail(found: ActionDetail, *, municipality: str) -> dict[str, Any]:
    """One action in full."""
    action, line = found.action, found.line
    said = [
        (_("What is done"), action.text), (_("Why it should work"), action.mechanism),
        (_("When the problem occurs"), action.lens_time), (_("Where"), action.lens_space),
        (_("Groups and networks"), action.lens_networks), (_("Knowledge"), action.lens_knowledge),
    ]  # fmt: skip
    facts = [
        (_("Who does it"), who(line) or _("nobody named")),
        (_("When"), words.when(line.starts_on, line.ends_on, line.recurrence) or _("no term given")),
        (_("Hours"), words.hours(line.hours) if line.hours is not None else _("not filled in")),
        (_("Cost"), words.cost(line.euro, has_no_cost=line.has_no_cost)),
        (_("Safety chain"), words.chain_link_name(line.chain_link) or _("not chosen yet")),
        (_("For whom"), action.target_group),
        (_("Waits for"), str(action.depends_on or "")),
        (_("Counted"), counted(line, action.output_measure)),
        (_("Decision"), action.decision_reference),
    ]
    plan = action.programme.plan.code
    return {
        "action": action,
        "line": line,
        "badges": badges(line),
        "said": [(name, text) for name, text in said if text],
        "facts": [(name, value) for name, value in facts if value],
        "objectives": [
            c.Link(
                label=part.name,
                href=reverse("objective", kwargs={"municipality": municipality, "plan": plan, "objective": part.code}),
            )
            for part in line.objectives
        ],
        "costs": costs(line),
        "contributions": contributions(found),
        "reports": [
            c.TimelineEntry(
                date=format_day(timezone.localdate(one.at)), title=str(words.STATUS[one.state].text), text=one.line,
                badge=words.STATUS[one.state], tone=words.STATUS[one.state].tone,
                facts=[(_("Reported"), " ".join(filter(None, [str(one.organisation or ""), str(words.WAY[one.way])])))],
            )
            for one in found.reports
        ],
        "evaluation": words.EVALUATION.get(action.evaluation),
    }  # fmt: skip


def badges(line: ActionLine) -> list[c.Badge]:
    """The state, and what asks attention."""
    return [words.STATUS[line.status], *(words.SIGNAL[code] for code in words.SIGNALS_SHOWN if code in line.signals)]


def counted(line: ActionLine, measure: str) -> str:
    """How much was done of what was planned, as far as either is known."""
    if not measure:
        return ""
    done = _number(line.output_done) if line.output_done is not None else _("nothing reported yet")
    if line.output_planned is None:
        return _("{measure}: {done}").format(measure=measure, done=done)
    planned = _number(line.output_planned)
    return _("{measure}: {done} of {planned} planned").format(measure=measure, done=done, planned=planned)


def costs(line: ActionLine) -> c.DataTable | None:
    if not line.amounts:
        return None
    return c.DataTable(
        id="kosten",
        caption=_("What it may cost"),
        columns=[
            c.Column(label=_("Year")),
            c.Column(label=_("Paid out of")),
            c.Column(label=_("Amount"), numeric=True),
        ],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(
                        head=c.Cell(text=str(one.year)),
                        cells=[
                            c.Cell(text=words.COVER[one.cover], note=one.cover_name),
                            c.Cell(text=format_amount(one.euro, Unit.EURO, 0), numeric=True),
                        ],
                    )
                    for one in line.amounts
                ]
            )
        ],
    )


def contributions(found: ActionDetail) -> c.DataTable | None:
    """What partners agreed to do; a day that was not given is said."""
    given = list(found.action.contributions.all())
    if not given:
        return None
    return c.DataTable(
        id="bijdragen",
        caption=_("What partners do"),
        columns=[
            c.Column(label=_("Partner")), c.Column(label=_("Contribution")), c.Column(label=_("Hours"), numeric=True),
            c.Column(label=_("Agreed on")),
        ],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(
                        head=c.Cell(text=str(one.organisation)),
                        cells=[
                            c.Cell(text=one.text, missing="" if one.text else _("not described")),
                            c.Cell(text=_number(one.hours), numeric=True) if one.hours is not None
                            else _nothing(_("not given")),
                            _day_cell(one.agreed_on),
                        ],
                    )
                    for one in given
                ]
            )
        ],
    )  # fmt: skip


def _day_cell(day: date | None) -> c.Cell:
    return c.Cell(text=format_day(day)) if day else c.Cell(missing=_("no day given"))
