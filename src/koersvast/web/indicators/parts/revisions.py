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
    RevisedIndicator,
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
class RevisedPart:
    """One indicator with its revisions."""

    title: str
    href: str
    sentence: str
    table: c.DataTable | None
    within: str


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


def revised(found: Revisions, *, slug: str) -> list[RevisedPart]:
    """One part for each indicator with a revision."""
    return [_part(one, slug) for one in found.indicators]


def _part(one: RevisedIndicator, slug: str) -> RevisedPart:
    changed = [row for row in one.own if row.kind != SETTLED]
    settled = len(one.own) - len(changed)
    pieces = []
    if settled:
        text = ngettext(
            "{number} figure became final without changing.", "{number} figures became final without changing.", settled
        )
        pieces.append(text.format(number=settled))
    within = ""
    if one.within:
        text = ngettext(
            "Besides {number} figure of a district or neighbourhood changed.",
            "Besides {number} figures of districts and neighbourhoods changed.",
            len(one.within),
        )
        within = text.format(number=wording.format_number(len(one.within), 0))
    return RevisedPart(
        title=one.name,
        href=reverse("indicator", args=[slug, one.indicator]),
        sentence=" ".join(pieces),
        table=_revision_table(one, changed) if changed else None,
        within=within,
    )


def _revision_table(one: RevisedIndicator, rows: Sequence[Revision]) -> c.DataTable:
    return c.DataTable(
        id=f"herzien-{one.indicator}",
        caption=one.name,
        subtitle=one.source_label,
        columns=[
            c.Column(label=_("Period")),
            c.Column(label=_("Was"), numeric=True),
            c.Column(label=_("Is now"), numeric=True),
            c.Column(label=_("Difference"), numeric=True),
            c.Column(label=_("Since")),
            c.Column(label=_("What happened")),
        ],
        groups=[c.RowGroup(rows=[_revision_row(row, one.unit) for row in rows])],
        notes=[_("An asterisk marks a provisional figure.")],
    )


def _revision_row(row: Revision, unit: Unit) -> c.Row:
    text, symbol, tone = _KINDS[row.kind]
    return c.Row(
        head=c.Cell(text=row.period),
        cells=[
            _state(row.before, unit),
            _state(row.after, unit),
            _difference(row.difference, unit, row.after.decimals),
            c.Cell(text=wording.format_day(row.after.as_of)),
            c.Cell(badge=c.Badge(text=text, symbol=symbol, tone=tone)),
        ],
    )


def _state(state: State, unit: Unit) -> c.Cell:
    if state.amount is None:
        return c.Cell(missing=wording.missing_name(state.missing), numeric=True)
    mark = "*" if state.certainty is Certainty.PROVISIONAL else ""
    return c.Cell(text=wording.format_amount(state.amount, unit, state.decimals) + mark, numeric=True)


def _difference(amount: Decimal | None, unit: Unit, decimals: int) -> c.Cell:
    if amount is None:
        return c.Cell(missing=_("cannot be told"), numeric=True)
    return c.Cell(text=signed(amount, unit, decimals), numeric=True, strong=amount != 0)


def signed(amount: Decimal, unit: Unit, decimals: int) -> str:
    """A difference with its sign; the unit of a share is percentage points and is not written here."""
    plain = wording.format_number(float(abs(amount)), 0 if unit is Unit.COUNT else max(1, decimals))
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
    unit = one.first.unit
    return c.DataTable(
        id=f"naast-{one.indicator.code}-{one.second.source}",
        caption=one.indicator.name,
        subtitle=_("Verdicts are made with {source}").format(source=one.first.source_label),
        columns=[
            c.Column(label=_("Period")),
            c.Column(label=one.first.source_label, numeric=True),
            c.Column(label=one.second.source_label, numeric=True),
            c.Column(label=_("Difference"), numeric=True),
            c.Column(label=_("Explanation")),
        ],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(
                        head=c.Cell(text=row.period),
                        cells=[
                            _value(row.first, unit),
                            _value(row.second, unit),
                            _difference(row.difference, unit, row.second.decimals),
                            c.Cell(text=row.explanation),
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
