"""Write a table as cells and equations, for the search of what to hide.

Rows of a system: the answers; for answers that stand on their own, who did not give them; the cuts and who is outside
them; the mean as a total of scores. Columns: those of the table, then who of a partition has no known group.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from koersvast.engine.cell_suppression import System
from koersvast.engine.disclosure_columns import remainder
from koersvast.engine.disclosure_tables import Flags, Floats, Ints, LinkedTable, Partition, Rules

_CUT_IS_DEARER = 2.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """The rows of a system. Shapes: `counts` (rows, columns); `printed` and `is_group` (rows,).

    `sums`: rows that add up to the base. `unions`: a row, the rows it is made of, and their coefficients.
    """

    counts: Floats
    printed: Flags
    is_group: Flags
    cost: Floats
    sums: tuple[tuple[int, ...], ...]
    unions: tuple[tuple[int, tuple[int, ...], tuple[float, ...]], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """A system with the place of each cell in the table. Shape of `place`: (rows, columns of the table)."""

    system: System
    place: Ints
    rows: Rows


def rows_of(table: LinkedTable, *, also: tuple[tuple[int, ...], ...] = ()) -> Rows:
    """The rows of a table; `also` are unions of answers that the bases of other tables tell, after the cuts."""
    answers = len(table.counts)
    if not table.exclusive:
        rest = table.respondents - table.counts
        return Rows(
            counts=np.vstack([table.counts, rest]).astype(np.float64),
            printed=np.repeat([True, False], answers),
            is_group=np.ones(2 * answers, dtype=np.bool_),
            cost=np.repeat([1.0, 0.0], answers),
            sums=tuple((row, row + answers) for row in range(answers)),
            unions=(),
        )
    cuts = (*table.cuts, *also)
    outside = [tuple(row for row in range(answers) if row not in cut) for cut in cuts]
    counts = [*table.counts, *(table.counts[list(union)].sum(axis=0) for union in (*cuts, *outside))]
    parts = [*cuts, *outside]
    coefficients = [(1.0,) * len(part) for part in parts]
    if table.scores is not None:
        counts.append(np.asarray(table.scores) @ table.counts)
        parts.append(tuple(range(answers)))
        coefficients.append(table.scores)
    extra = len(cuts)
    means = int(table.scores is not None)
    return Rows(
        counts=np.array(counts, dtype=np.float64),
        printed=np.repeat([True, True, False, True], [answers, extra, extra, means]),
        is_group=np.repeat([True, False], [answers + 2 * extra, means]),
        cost=np.repeat([1.0, _CUT_IS_DEARER, 0.0, _CUT_IS_DEARER], [answers, extra, extra, means]),
        sums=(tuple(range(answers)), *((answers + cut, answers + extra + cut) for cut in range(extra))),
        unions=tuple(
            (answers + place, part, weights)
            for place, (part, weights) in enumerate(zip(parts, coefficients, strict=True))
        ),
    )


def frame_of(
    table: LinkedTable,
    rules: Rules,
    rows: Rows,
    *,
    hidden_columns: Flags,
    known_bases: Flags,
    known: Flags,
    besides: Flags,
    total_stays: bool,
) -> Frame:
    """Make the system of a table of which some columns are hidden already.

    Args:
        known_bases: columns of which the base is told elsewhere, even when they are hidden. Shape: (columns,).
        known: cells that were shown before. Shape: (rows, columns).
        besides: cells that are hidden whatever their count. Shape: (rows, columns).
        total_stays: column 0 is not used to protect others.
    """
    columns = len(table.respondents)
    partitions = [(partition, remainder(table, partition)) for partition in table.partitions()]
    values = _values(rows, partitions)
    place = np.arange(values.size).reshape(values.shape)
    told = ~hidden_columns | known_bases
    covered = np.concatenate([hidden_columns, np.ones(values.shape[1] - columns, dtype=np.bool_)])
    secret = rows.is_group[:, None] & ((values > 0) | table.sensitive | rules.hide_zeros_everywhere)
    open_cells = np.ones_like(secret)
    open_cells[:, :columns] = ~known
    must = covered | (secret & (values < rules.smallest_group))
    must[:, :columns] |= besides
    must &= open_cells
    may = (secret | (values != 0)) & open_cells & ~must
    if total_stays:
        may[:, 0] = False
    equations = _Equations()
    _add_columns(equations, rows, place, told)
    _add_partitions(equations, rows, place, partitions, columns)
    low, high = _bounds(table, rules, rows, values, told=told, shown=~hidden_columns)
    return Frame(
        system=System(
            equations=equations.matrix(values.size),
            sums=np.array(equations.sums, dtype=np.int64),
            values=values.ravel(),
            low=low.ravel(),
            high=high.ravel(),
            need=_needs(table, rules, secret, partitions, columns).ravel(),
            cost=_cost(table, rows, covered).ravel(),
            must=must.ravel(),
            may=may.ravel(),
        ),
        place=place[:, :columns],
        rows=rows,
    )


def _values(rows: Rows, partitions: list[tuple[Partition, int]]) -> Floats:
    """The counts, with a column more for each partition that leaves somebody out."""
    others = [
        rows.counts[:, partition.parent] - rows.counts[:, list(partition.parts)].sum(axis=1)
        for partition, size in partitions
        if size > 0
    ]
    return np.column_stack([rows.counts, *others])


def _needs(
    table: LinkedTable, rules: Rules, secret: Flags, partitions: list[tuple[Partition, int]], columns: int
) -> Floats:
    need = np.where(secret, float(rules.width), 0.0)
    remaining = [partition for partition, size in partitions if size > 0]
    for number, partition in enumerate(remaining):
        if partition.parent == 0 and not table.unknown_is_group:
            need[:, columns + number] = 0.0
    return need


def _bounds(
    table: LinkedTable, rules: Rules, rows: Rows, values: Floats, *, told: Flags, shown: Flags
) -> tuple[Floats, Floats]:
    """What anybody thinks possible: from nobody to the base where it is told, and to everybody where it is not."""
    base = np.full(values.shape[1], float(table.respondents[0]))
    base[: len(told)][told] = table.respondents[told]
    scale = np.ones(len(values))
    for whole, _, weights in rows.unions:
        scale[whole] = max(1.0, *(abs(weight) for weight in weights))
    high = scale[:, None] * base
    low = np.where(rows.is_group[:, None], 0.0, -high)
    if not (table.sensitive or rules.hide_zeros_everywhere):
        # Nobody is shown as nobody, so what is hidden in a shown column is at least one.
        filled = (rows.is_group & rows.printed)[:, None] & shown & (values[:, : len(shown)] > 0)
        low[:, : len(shown)][filled] = 1.0
    return low, high


class _Equations:
    """Equations as triplets, while they are collected."""

    def __init__(self) -> None:
        self.cells: list[Ints] = []
        self.weights: list[Floats] = []
        self.sums: list[int] = []

    def add(self, cells: Ints, weights: Floats, *, total: int) -> None:
        self.cells.append(cells)
        self.weights.append(weights)
        self.sums.append(total)

    def matrix(self, cells: int) -> sparse.csr_array:
        lengths = [len(part) for part in self.cells]
        pointers = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        if not lengths:
            return sparse.csr_array((0, cells))
        parts = (np.concatenate(self.weights), np.concatenate(self.cells), pointers)
        return sparse.csr_array(parts, shape=(len(lengths), cells))


def _add_columns(equations: _Equations, rows: Rows, place: Ints, told: Flags) -> None:
    for rows_of_sum in rows.sums:
        for column in np.flatnonzero(told).tolist():
            cells = place[list(rows_of_sum), column]
            equations.add(cells, np.ones(len(cells)), total=-1)
    for whole, parts, weights in rows.unions:
        is_sum = bool(rows.is_group[whole])
        for column in range(place.shape[1]):
            cells = np.append(place[list(parts), column], place[whole, column])
            total = int(place[whole, column]) if is_sum else -2
            equations.add(cells, np.append(weights, -1.0), total=total)


def _add_partitions(
    equations: _Equations, rows: Rows, place: Ints, partitions: list[tuple[Partition, int]], columns: int
) -> None:
    other = int(columns)
    for partition, size in partitions:
        parts = [*partition.parts]
        if size > 0:
            parts.append(other)
            other += 1
        for row in range(len(place)):
            cells = np.append(place[row, parts], place[row, partition.parent])
            total = int(cells[-1]) if rows.is_group[row] else -2
            equations.add(cells, np.append(np.ones(len(parts)), -1.0), total=total)


def _cost(table: LinkedTable, rows: Rows, covered: Flags) -> Floats:
    """Large groups and important columns are dearer to hide, then large answers; what is not printed costs nothing."""
    importance = np.ones(len(table.respondents)) if table.importance is None else table.importance
    weight = np.zeros((len(rows.counts), len(covered)))
    part = rows.counts / np.maximum(1, table.respondents) * rows.is_group[:, None]
    weight[:, : len(importance)] = importance * (np.log2(2.0 + table.respondents) + part)
    return rows.cost[:, None] * np.where(covered, 0.0, weight)
