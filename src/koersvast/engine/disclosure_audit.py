"""Audit what is asked or shown beside the tables: other channels, free filters, figures from elsewhere.

A wave is published from a closed catalogue: every figure on a page, in a document or as an observation of an indicator
is a cell of it. `beyond_catalogue` finds figures that are not, or that are hidden there. `isolated` finds, in any set
of answered questions about groups, two of which the difference is a few respondents.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from koersvast.engine.disclosure_tables import Flags, LinkedTable, Protected
from koersvast.engine.quantities import Reason

_BLOCK = 2048


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure that is shown somewhere: the codes of its table, its column, and its row (None: the mean)."""

    table: str
    column: str
    row: str | None


def beyond_catalogue(
    figures: Iterable[Figure], tables: Sequence[LinkedTable], protected: Sequence[Protected]
) -> tuple[Reason, ...]:
    """Figures that may not be shown; codes `not_in_catalogue` and `hidden_in_catalogue` (table, column, row)."""
    known = {table.code: (table, cover) for table, cover in zip(tables, protected, strict=True)}
    found = []
    for figure in figures:
        hidden = _is_hidden(figure, *known[figure.table]) if figure.table in known else None
        if hidden is not False:
            code = "not_in_catalogue" if hidden is None else "hidden_in_catalogue"
            values = {"table": figure.table, "column": figure.column, "row": figure.row or ""}
            found.append(Reason(code=code, values=values))
    return tuple(found)


def _is_hidden(figure: Figure, table: LinkedTable, cover: Protected) -> bool | None:
    if figure.column not in table.columns or (figure.row is not None and figure.row not in table.rows):
        return None
    column = table.columns.index(figure.column)
    if figure.row is None:
        return bool(cover.hidden_means[column]) if table.has_mean else None
    return bool(cover.hidden[table.rows.index(figure.row), column])


@dataclass(frozen=True, kw_only=True)
class Isolated:
    """Two groups of which one lies within the other, and how many respondents the difference is."""

    larger: int
    smaller: int
    respondents: int


def isolated(groups: Flags, *, smallest_group: int) -> list[Isolated]:
    """Find every subtraction of two answered groups that leaves fewer than `smallest_group`, but somebody.

    Args:
        groups: who is in each group that a figure was given of. Shape: (groups, respondents).
    """
    members = groups.astype(np.float32)
    sizes = members.sum(axis=1)
    found = []
    for start in range(0, len(members), _BLOCK):
        shared = members[start : start + _BLOCK] @ members.T
        difference = sizes[start : start + _BLOCK, None] - sizes
        hits = (shared == sizes) & (difference > 0) & (difference < smallest_group)
        found += [
            Isolated(larger=int(start + larger), smaller=int(smaller), respondents=int(difference[larger, smaller]))
            for larger, smaller in zip(*np.nonzero(hits), strict=True)
        ]
    return found
