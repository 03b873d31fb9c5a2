"""Revisions on a page, and the figures of two sources side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from koersvast.engine.quantities import Certainty, Unit
from koersvast.indicators import wording
from koersvast.indicators.queries.revisions import (
    FOUND,
    GONE,
    REVISED,
    SETTLED,
    Revision,
    Revisions,
    State,
    TwoSources,
)
from koersvast.indicators.queries.vintages import Value
from koersvast.web import components as c

_KINDS: dict[str, tuple[str | Promise, str, c.Tone]] = {
    REVISED: (gettext_lazy("Revised"), "changed", "info"),
    SETTLED: (gettext_lazy("Now final"), "ok", "positive"),
    GONE: (gettext_lazy("Gone"), "warning", "warning"),
    FOUND: (gettext_lazy("Now known"), "new", "positive"),
}


@dataclass(frozen=True, kw_only=True)
class PairPart:
    """One indicator with the figures of two sources."""

    title: str
    href: str
    sentence: str
    explanation: str
    explain_href: str
    table: c.DataTable


def gist(found: Revisions) -> str:
    """All of it in one sentence."""
    if not found.deliveries:
        return _("No delivery has changed a figure that was known.")
    indicators = sum(any(one.kind != SETTLED for one in part.own) for part in found.indicators)
    text = ngettext(
        "{number} figure of the municipality became another, in {indicators} indicators.",
        "{number} figures of the municipality became another, in {indicators} indicators.",
        found.number,
    )
    return text.format(number=found.number, indicators=indicators)


def revised(found: Revisions) -> c.DataTable | None:
    """Every figure of the municipality that became another, under its indicator."""
    groups = []
    for part in found.indicators:
        rows = [_revision_row(row, part.unit) for row in part.own if row.kind != SETTLED]
        if rows:
            groups.append(c.RowGroup(label=f"{part.name} · {part.source_label}", rows=rows))
    if not groups:
        return None
    return c.DataTable(
        id="herzien",
        caption=_("Figures that became another"),
        subtitle=_("The old figure stays readable with the indicator."),
        columns=[
            c.Column(label=_("Period")),
            c.Column(label=_("Was"), numeric=True),
            c.Column(label=_("Is now"), numeric=True),
            c.Column(label=_("Difference"), numeric=True),
            c.Column(label=_("Since")),
            c.Column(label=_("What happened")),
        ],
        groups=groups,
        notes=[_("An asterisk marks a provisional figure.")],
    )


def besides(found: Revisions) -> list[str]:
    """What is not in the table: figures that only became final, and figures of wijken and buurten."""
    said = []
    settled = sum(one.kind == SETTLED for part in found.indicators for one in part.own)
    if settled:
        text = ngettext(
            "{number} figure became final without changing.", "{number} figures became final without changing.", settled
        )
        said.append(text.format(number=wording.format_number(settled, 0)))
    within = sum(len(part.within) for part in found.indicators)
    if within:
        text = ngettext(
            "Besides {number} figure of a district or neighbourhood changed.",
            "Besides {number} figures of districts and neighbourhoods changed.",
            within,
        )
        said.append(text.format(number=wording.format_number(within, 0)))
    return said


def _revision_row(row: Revision, unit: Unit) -> c.Row:
    text, symbol, tone = _KINDS[row.kind]
    return c.Row(
        head=c.Cell(text=row.period),
        cells=[
            _state(row.before, unit),
            _state(row.after, unit),
            _difference(row.before.amount, row.after.amount, unit, row.after.decimals),
            c.Cell(text=wording.format_day(row.after.as_of)),
            c.Cell(badge=c.Badge(text=text, symbol=symbol, tone=tone)),
        ],
    )


def _state(state: State, unit: Unit) -> c.Cell:
    if state.amount is None:
        return c.Cell(missing=wording.missing_name(state.missing), numeric=True)
    mark = "*" if state.certainty is Certainty.PROVISIONAL else ""
    return c.Cell(text=wording.format_amount(state.amount, unit, state.decimals) + mark, numeric=True)


def _difference(before: Decimal | None, after: Decimal | None, unit: Unit, decimals: int) -> c.Cell:
    """Between the figures as they are shown, so that a reader who subtracts finds the same."""
    if before is None or after is None:
        return c.Cell(missing=_("cannot be told"), numeric=True)
    shown = 0 if unit is Unit.COUNT else max(1, decimals)
    difference = round(after, shown) - round(before, shown)
    return c.Cell(text=signed(difference, shown), numeric=True, strong=difference != 0)


def signed(amount: Decimal, decimals: int) -> str:
    """A difference with its sign; the unit of a share is percentage points and is not written here."""
    plain = wording.format_number(float(abs(amount)), decimals)
    return plain if amount == 0 else f"{'+' if amount > 0 else '−'}{plain}"


def pairs(found: Sequence[TwoSources], *, slug: str, can_explain: bool) -> list[PairPart]:
    """One part for each pair of sources, those that differ most often first."""
    ordered = sorted(found, key=lambda one: (-one.differing, one.indicator.position))
    return [_pair(one, slug, can_explain=can_explain) for one in ordered]


def _pair(one: TwoSources, slug: str, *, can_explain: bool) -> PairPart:
    address = reverse("explain-difference", args=[slug, one.indicator.code, one.first.source, one.second.source])
    return PairPart(
        title=one.indicator.name,
        href=reverse("indicator", args=[slug, one.indicator.code]),
        sentence=_pair_sentence(one),
        explanation=one.explanation,
        explain_href=address if can_explain else "",
        table=pair_table(one),
    )


def _pair_sentence(one: TwoSources) -> str:
    if not one.differing:
        text = _("{first} and {second} give the same figure in all {number} periods.")
    else:
        text = _("{first} and {second} give another figure in {differing} of {number} periods.")
    return text.format(
        first=one.first.source_label,
        second=one.second.source_label,
        differing=one.differing,
        number=len(one.rows),
    )


def pair_table(one: TwoSources) -> c.DataTable:
    """The figures of two sources, period by period."""
    unit, explained = one.first.unit, any(row.explanation for row in one.rows)
    return c.DataTable(
        id=f"naast-{one.indicator.code}-{one.second.source}",
        caption=_("{name}: {first} and {second}").format(
            name=one.indicator.name, first=one.first.source_label, second=one.second.source_label
        ),
        subtitle=_("Verdicts are made with {source}").format(source=one.first.source_label),
        columns=[
            c.Column(label=_("Period")),
            c.Column(label=one.first.source_label, numeric=True),
            c.Column(label=one.second.source_label, numeric=True),
            c.Column(label=_("Difference"), numeric=True),
            *([c.Column(label=_("Explanation"))] if explained else []),
        ],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(
                        head=c.Cell(text=row.period),
                        cells=[
                            _value(row.first, unit),
                            _value(row.second, unit),
                            _difference(row.first.amount, row.second.amount, unit, row.second.decimals),
                            *([c.Cell(text=row.explanation)] if explained else []),
                        ],
                    )
                    for row in one.rows
                ]
            )
        ],
        notes=[_("An asterisk marks a provisional figure.")] if _has_provisional(one) else [],
    )


def _value(value: Value, unit: Unit) -> c.Cell:
    assert value.amount is not None  # noqa: S101 both sides of a pair have a number
    mark = "*" if value.certainty is Certainty.PROVISIONAL else ""
    return c.Cell(text=wording.format_amount(value.amount, unit, value.decimals) + mark, numeric=True)


def _has_provisional(one: TwoSources) -> bool:
    return any(Certainty.PROVISIONAL in (row.first.certainty, row.second.certainty) for row in one.rows)
