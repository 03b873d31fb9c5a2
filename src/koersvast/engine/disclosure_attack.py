"""The attacker: what can be computed back from what is shown.

Knows every shown count exactly (or, with `decimals`, within the rounding of the printed share), every base and mean
that is shown, that groups of a background do not overlap, which groups lie within others, that exclusive answers add
up, who was asked what, and that people come in no less than nought. Written apart from the search of what to hide: it
starts from the tables as they are printed and shares nothing with that search but the tables.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import optimize, sparse
from scipy.sparse import csgraph

from koersvast.engine.disclosure_tables import Flags, Floats, Ints, LinkedTable, Partition, Protected, Rules
from koersvast.engine.quantities import BadValue, Reason

_LARGEST_BATCH = 40_000
_TOLERANCE = 1e-6
# When not even the number of respondents is shown, no more than this come to mind.
_MOST_IMAGINED = 10_000.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What is known of one table. Shapes: `low`, `high` (answers + cuts, columns); `base_low`, `base_high` (columns,).

    Shown cells have their own value at both ends. `other_low` and `other_high` (answers, remainders): who has no known
    group in each partition that leaves somebody out.
    """

    code: str
    low: Floats
    high: Floats
    base_low: Floats
    base_high: Floats
    other_low: Floats
    other_high: Floats

    @property
    def width(self) -> Floats:
        """How wide the interval of each printed share is, in respondents. Shape: (answers + cuts, columns)."""
        return self.high - self.low


def attack(
    tables: Sequence[LinkedTable], protected: Sequence[Protected], *, decimals: int | None = None
) -> list[Found]:
    """Compute the smallest and the largest that every hidden count and base can be, in respondents.

    Args:
        decimals: of the printed shares; None takes the counts behind them as known, which is the stronger attacker.
    """
    covers = {cover.code: cover for cover in protected}
    by_code = {table.code: table for table in tables}
    if not len(tables) == len(by_code) == len(covers):
        raise BadValue("Two tables with one code, or not as many tables as covers.")
    found = []
    for table in tables:
        told = _told(table, tables, covers)
        parent = _bases_told(table, by_code, covers)
        found.append(_attack_table(table, covers[table.code], told, parent, decimals))
    return found


def weaknesses(
    tables: Sequence[LinkedTable], protected: Sequence[Protected], rules: Rules | None = None
) -> tuple[Reason, ...]:
    """What an attacker would find; empty when the tables may be released. To be asked before every release.

    Codes, each with table, column and row (empty for a base): `small_base_shown`, `small_answer_shown`,
    `interval_too_narrow` of a hidden share or base, `unknown_group_found`: the answers of those without a known group.
    """
    rules = rules or Rules()
    found: list[Reason] = []
    for table, cover, known in zip(tables, protected, attack(tables, protected), strict=True):
        for code, where in _weak_places(table, cover, known, rules):
            for place in zip(*np.nonzero(where), strict=True):
                row = table.rows[place[0]] if len(place) == 2 else ""
                column = table.columns[place[-1]] if code != "unknown_group_found" else ""
                found.append(Reason(code=code, values={"table": table.code, "column": column, "row": row}))
    return tuple(found)


def _weak_places(table: LinkedTable, cover: Protected, known: Found, rules: Rules) -> list[tuple[str, Flags]]:
    """Flags by code, of rows and columns of the table, of columns, or of answers and partitions."""
    narrow = rules.width - _TOLERANCE
    zeros = table.sensitive or rules.hide_zeros_everywhere
    secret = (table.printed > 0) | zeros
    few = secret & (table.printed < rules.smallest_group)
    few |= ((table.respondents - table.printed < rules.smallest_group) & (table.printed < table.respondents)) & secret
    everybody = (table.printed == table.respondents) & zeros
    left = [
        np.append(table.counts[:, part.parent] - table.counts[:, list(part.parts)].sum(axis=1), _left_out(table, part))
        for part in table.partitions()
    ]
    others = np.array(left).reshape(len(left), len(table.counts) + 1).T
    is_group = np.array([table.unknown_is_group or part.parent != 0 for part in table.partitions()], dtype=np.bool_)
    unknown = is_group & (others[-1] > 0) & ((others[:-1] > 0) | zeros)
    bases = cover.hidden_columns & (known.base_high - known.base_low < narrow)
    return [
        ("small_base_shown", ~cover.hidden_columns & (table.respondents < rules.smallest_base)),
        ("small_answer_shown", ~cover.hidden & (few | everybody)),
        ("interval_too_narrow", cover.hidden & secret & (known.width < narrow)),
        # How many were asked a further question is an answer to the question before it, and guarded there.
        ("interval_too_narrow", bases & (table.asked_of is None)),
        ("unknown_group_found", unknown & (known.other_high - known.other_low < narrow)),
    ]


def _left_out(table: LinkedTable, partition: Partition) -> int:
    return int(table.respondents[partition.parent] - table.respondents[list(partition.parts)].sum())


def _told(
    table: LinkedTable, tables: Sequence[LinkedTable], covers: Mapping[str, Protected]
) -> list[tuple[tuple[int, ...], Flags, Ints]]:
    """Unions of answers of this table of which the base of another table tells the size: rows, columns, size."""
    return [
        (child.asked_of[1], ~covers[child.code].hidden_columns, child.respondents)
        for child in tables
        if child.asked_of and child.asked_of[0] == table.code
    ]


def _bases_told(
    table: LinkedTable, by_code: Mapping[str, LinkedTable], covers: Mapping[str, Protected]
) -> tuple[Flags, Ints] | None:
    """Columns where the parent shows how many were asked this question, and how many that are."""
    if not table.asked_of:
        return None
    code, rows = table.asked_of
    return ~covers[code].hidden[list(rows)].any(axis=0), by_code[code].counts[list(rows)].sum(axis=0)


@dataclass
class _Facts:
    """Linear facts about unknown numbers: rows of coefficients with a lowest and a highest sum."""

    size: int
    rows: list[Ints] = field(default_factory=list)
    weights: list[Floats] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, cells: Sequence[int] | Ints, weights: Sequence[float] | Floats, low: float, high: float) -> None:
        self.rows.append(np.asarray(cells, dtype=np.int64))
        self.weights.append(np.asarray(weights, dtype=np.float64))
        self.low.append(low)
        self.high.append(high)

    def matrix(self) -> sparse.csr_array:
        pointers = np.concatenate([[0], np.cumsum([len(row) for row in self.rows], dtype=np.int64)])
        # A table of which nothing is told gives no facts at all.
        weights, cells = [np.empty(0), *self.weights], [np.empty(0, dtype=np.int64), *self.rows]
        parts = (np.concatenate(weights), np.concatenate(cells), pointers)
        return sparse.csr_array(parts, shape=(len(self.rows), self.size))


def _attack_table(
    table: LinkedTable,
    cover: Protected,
    told: list[tuple[tuple[int, ...], Flags, Ints]],
    parent: tuple[Flags, Ints] | None,
    decimals: int | None,
) -> Found:
    """Unknowns: every answer in every column and remainder, then the base of each of these."""
    partitions = list(table.partitions())
    answers, columns = table.counts.shape
    width = columns + len(partitions)
    place = np.arange((answers + 1) * width).reshape(answers + 1, width)
    facts = _Facts(size=place.size)
    base = place[answers]
    for column in np.flatnonzero(~cover.hidden_columns):
        facts.add([base[column]], [1.0], table.respondents[column], table.respondents[column])
    for number, partition in enumerate(partitions):
        parts = [*partition.parts, columns + number]
        for row in range(answers + 1):
            facts.add([*place[row, parts], place[row, partition.parent]], [*np.ones(len(parts)), -1.0], 0.0, 0.0)
    _add_answers(facts, table, place)
    _add_printed(facts, table, cover, place, decimals)
    for rows, shown, sizes in told:
        for column in np.flatnonzero(shown):
            truth = int(table.counts[list(rows), column].sum())
            highest = float(truth) if sizes[column] == truth else np.inf
            facts.add(place[list(rows), column], np.ones(len(rows)), min(truth, sizes[column]), highest)
    if parent is not None:
        shown, sizes = parent
        for column in np.flatnonzero(shown):
            equal = sizes[column] == table.respondents[column]
            facts.add(
                [base[column]], [1.0], sizes[column] if equal else 0.0, max(sizes[column], table.respondents[column])
            )
    return _found(table, cover, facts, place)


def _add_answers(facts: _Facts, table: LinkedTable, place: Ints) -> None:
    answers = len(table.counts)
    for column in range(place.shape[1]):
        if table.exclusive and answers:
            cells = place[: answers + 1, column]
            facts.add(cells, [*np.ones(answers), -1.0], 0.0, 0.0)
        else:
            for row in range(answers):
                facts.add([place[row, column], place[answers, column]], [1.0, -1.0], -np.inf, 0.0)


def _add_printed(facts: _Facts, table: LinkedTable, cover: Protected, place: Ints, decimals: int | None) -> None:
    answers = len(table.counts)
    unions = [(row,) for row in range(answers)] + list(table.cuts)
    for row, column in zip(*np.nonzero(~cover.hidden), strict=True):
        cells = place[list(unions[row]), column]
        low = high = float(table.printed[row, column])
        if decimals is not None:
            low, high = _by_rounding(low, float(table.respondents[column]), decimals)
        facts.add(cells, np.ones(len(cells)), low, high)
    if table.scores is not None:
        scores = np.asarray(table.scores, dtype=np.float64)
        totals = scores @ table.counts
        for column in np.flatnonzero(~cover.hidden_means):
            facts.add(place[:answers, column], scores, totals[column], totals[column])


def _by_rounding(count: float, base: float, decimals: int) -> tuple[float, float]:
    """The counts that give the same printed share."""
    step = 10.0**-decimals
    printed = np.round(100 * count / base / step) * step
    return (printed - step / 2) * base / 100, (printed + step / 2) * base / 100


def _found(table: LinkedTable, cover: Protected, facts: _Facts, place: Ints) -> Found:
    answers, columns = table.counts.shape
    unions = [(row,) for row in range(answers)] + list(table.cuts)
    targets = [tuple(place[list(union), column]) for union in unions for column in range(columns)]
    targets += [(cell,) for cell in place[:answers, columns:].ravel()]
    targets += [(cell,) for cell in place[answers, :columns]]
    most = _MOST_IMAGINED if cover.hidden_columns[0] else float(table.respondents[0])
    low, high = _reach(facts, targets, _at_least(table, cover, place), most=most)
    printed, other = len(unions) * columns, answers * (place.shape[1] - columns)
    shape, other_shape = (len(unions), columns), (answers, place.shape[1] - columns)
    return Found(
        code=table.code,
        low=low[:printed].reshape(shape),
        high=high[:printed].reshape(shape),
        base_low=low[printed + other :],
        base_high=high[printed + other :],
        other_low=low[printed : printed + other].reshape(other_shape),
        other_high=high[printed : printed + other].reshape(other_shape),
    )


def _at_least(table: LinkedTable, cover: Protected, place: Ints) -> Floats:
    """What is hidden of a question that shows nobody as nobody is one at least. Shape: (unknowns,)."""
    answers, columns = table.counts.shape
    least = np.zeros(place.size)
    if not table.sensitive:
        hidden = cover.hidden[:answers] & ~cover.hidden_columns & (table.counts > 0)
        least[place[:answers, :columns][hidden]] = 1.0
    return least


def _reach(facts: _Facts, targets: list[tuple[int, ...]], least: Floats, *, most: float) -> tuple[Floats, Floats]:
    """The smallest and largest sum of each target that the facts allow.

    What a fact names alone is known at once; the rest falls apart into unknowns that no fact ties to each other.
    """
    matrix, low, high = facts.matrix(), np.array(facts.low), np.array(facts.high)
    known, value = _named_alone(facts, matrix.shape[1])
    low, high = low - matrix @ value, high - matrix @ value
    unknown = np.flatnonzero(~known)
    rest = sparse.csr_array(matrix[:, unknown])
    _, label = csgraph.connected_components(sparse.csr_array(abs(rest).T @ abs(rest)), directed=False)
    piece_of = np.full(matrix.shape[1], -1)
    piece_of[unknown] = label
    ends = np.array([[sum(value[list(cells)])] * 2 for cells in targets])
    wanted: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, cells in enumerate(targets):
        pieces = tuple(sorted({int(piece_of[cell]) for cell in cells} - {-1}))
        if pieces:
            wanted[pieces].append(number)
    for pieces, numbers in wanted.items():
        inside = np.flatnonzero(np.isin(piece_of, pieces))
        part = sparse.csr_array(matrix[:, inside])
        rows = np.flatnonzero(np.diff(part.indptr))
        place = np.full(matrix.shape[1], -1)
        place[inside] = np.arange(len(inside))
        local = [tuple(place[cell] for cell in targets[number] if place[cell] >= 0) for number in numbers]
        ends[numbers] += _ends(sparse.csr_array(part[rows]), low[rows], high[rows], local, least[inside], most)
    return ends[:, 0], ends[:, 1]


def _named_alone(facts: _Facts, cells: int) -> tuple[Flags, Floats]:
    known, value = np.zeros(cells, dtype=np.bool_), np.zeros(cells)
    for row, weights, low, high in zip(facts.rows, facts.weights, facts.low, facts.high, strict=True):
        if len(row) == 1 and low == high:
            known[row[0]], value[row[0]] = True, low / weights[0]
    return known, value


def _ends(
    matrix: sparse.csr_array, low: Floats, high: Floats, targets: list[tuple[int, ...]], least: Floats, most: float
) -> Floats:
    """Smallest and largest of each target, many linear programs side by side in one. Shape: (targets, 2)."""
    signed = [(cells, sign) for sign in (1.0, -1.0) for cells in targets]
    size = max(1, _LARGEST_BATCH // max(1, matrix.nnz))
    reach = np.concatenate(
        [
            _largest(matrix, low, high, signed[start : start + size], least, most)
            for start in range(0, len(signed), size)
        ]
    )
    return np.column_stack([-reach[len(targets) :], reach[: len(targets)]])


def _largest(
    matrix: sparse.csr_array,
    low: Floats,
    high: Floats,
    signed: list[tuple[tuple[int, ...], float]],
    least: Floats,
    most: float,
) -> Floats:
    copies, cells = len(signed), matrix.shape[1]
    objective = np.zeros((copies, cells))
    for copy, (target, sign) in enumerate(signed):
        objective[copy, list(target)] = -sign
    block = sparse.kron(sparse.eye_array(copies), matrix, format="csr")
    result = optimize.milp(
        objective.ravel(),
        constraints=optimize.LinearConstraint(block, np.tile(low, copies), np.tile(high, copies)),
        bounds=optimize.Bounds(np.tile(least, copies), most),
    )
    if result.x is None:
        raise ArithmeticError(f"What is shown of a table contradicts itself: {result.message}")
    return -(objective * result.x.reshape(copies, cells)).sum(axis=1)
