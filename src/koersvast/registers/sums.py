"""Kinds that we add up ourselves, such as Geweldsdelicten. A sum with a part missing is missing, and says which."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from koersvast.engine.quantities import Certainty, Missing
from koersvast.registers.tables import DeclaredSum
from koersvast.registers.vintages import Cell

# The reason that says most stands for the whole: what is withheld is known to somebody.
_GRAVEST = (Missing.WITHHELD, Missing.NOT_MEASURED, Missing.NOT_KNOWN)
_LEAST_CERTAIN = (Certainty.PROVISIONAL, Certainty.REVISED, Certainty.FINAL)


@dataclass(frozen=True, kw_only=True)
class Summed:
    """A cell of a declared sum. `parts_missing` has the kinds without a number; None where there is no cell at all."""

    cell: Cell
    parts_missing: Mapping[str, Missing | None]


def add_up(cells: Iterable[Cell], declared: DeclaredSum) -> tuple[Summed, ...]:
    """Add up the parts per area, period and measure, in that order. Other kinds are left alone.

    `vintage` of a sum is the newest of its parts; margins of estimates are not added, so a sum has none.
    """
    ordered = sorted(
        (cell for cell in cells if cell.kind in declared.kinds), key=lambda cell: (cell.area, cell.period, cell.measure)
    )
    groups = groupby(ordered, key=lambda cell: (cell.area, cell.period, cell.measure))
    return tuple(_summed(list(group), declared) for _, group in groups)


def _summed(parts: Sequence[Cell], declared: DeclaredSum) -> Summed:
    of_kind = {part.kind: part for part in parts}
    missing = {
        kind: of_kind[kind].missing if kind in of_kind else None
        for kind in declared.kinds
        if kind not in of_kind or of_kind[kind].amount is None
    }
    reasons = set(missing.values())
    reason = next((gravest for gravest in _GRAVEST if gravest in reasons), Missing.NOT_KNOWN)
    signs = dict.fromkeys(declared.parts, 1.0) | dict.fromkeys(declared.minus, -1.0)
    total = sum(signs[part.kind] * part.amount for part in parts if part.amount is not None)
    certainties = {part.certainty for part in parts}
    return Summed(
        cell=Cell(
            area=parts[0].area,
            kind=declared.code,
            period=parts[0].period,
            measure=parts[0].measure,
            amount=None if missing else total,
            missing=reason if missing else None,
            certainty=next(certainty for certainty in _LEAST_CERTAIN if certainty in certainties),
            low=None,
            high=None,
            vintage=max(part.vintage for part in parts),
        ),
        parts_missing=missing,
    )
