"""Choose which further cells to hide, so that no hidden count can be computed back: secondary cell suppression.

A `System` is a set of cells with true values and linear equations that everybody knows. A pattern is safe when, for
each hidden cell that needs it, the largest and the smallest value that fit the shown cells lie at least `need` apart.
The cheapest safe pattern is sought by integer programming; conditions that a pattern breaks are added only when they
are met, from the duals of the attacker's linear programs. Source: Fischetti and Salazar-González (2001), Solving the
cell suppression problem on tabular data with linear constraints, Management Science 47, 1008-1027; here with a sliding
protection level. Pure; HiGHS through SciPy. Method: docs/methods/disclosure.md.
"""

from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse
from scipy.sparse import csgraph

from koersvast.engine.disclosure_tables import Flags, Floats, Ints

_TOLERANCE = 1e-6
_SOUGHT_ROUNDS = 8
_MOST_ROUNDS = 40
# Counted in nodes and not in seconds, so that the same tables give the same pattern on a busy machine.
_NODES_A_ROUND = 200
_LARGEST_BATCH = 40_000


@dataclass(frozen=True, kw_only=True, eq=False)
class System:
    """Cells and what is known of them. Shapes: `equations` (equations, cells), sparse, `equations @ values` is known.

    `sums[e]` is the place of the cell that equation e says to be the sum of the others (all others have coefficient 1),
    -1 when that sum is a known number, -2 when the equation is no sum of groups. `must` are hidden whatever else, `may`
    can be hidden. `low` and `high` bound what anybody thinks possible. `need` is the width that the interval of a cell
    must have once it is hidden (0: none). `cost` (cells,) is what hiding one costs, 0 or more.
    """

    equations: sparse.csr_array
    sums: Ints
    values: Floats
    low: Floats
    high: Floats
    need: Floats
    cost: Floats
    must: Flags
    may: Flags


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern:
    """Which cells are hidden (cells,), which of these without seeking the cheapest way, and whether it is safe."""

    hidden: Flags
    unsought: Flags
    safe: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Attack:
    """How far hidden cells could be off: `up` and `down` (targets,), with the duals of both (targets, equations)."""

    targets: Ints
    up: Floats
    down: Floats
    up_duals: Floats
    down_duals: Floats


def suppress(system: System, *, seconds: float) -> Pattern:
    """Find a safe pattern, part by part; where the time is up, everything that may be hidden in the part is hidden.

    Not safe when a part has no safe pattern at all.
    """
    hidden, unsought, safe = system.must.copy(), np.zeros_like(system.must), True
    until = monotonic() + seconds
    for cells in _parts(system):
        part = _part_of(system, cells)
        found = _cheapest(part, until=until) if (part.must & (part.need > 0)).any() else part.must
        if found is None:
            found = part.must | part.may
            unsought[cells] = part.may
            safe = safe and _is_safe(part, found)
        hidden[cells] = found
    return Pattern(hidden=hidden, unsought=unsought, safe=safe)


def _is_safe(part: System, hidden: Flags) -> bool:
    found = attack(part, hidden)
    return bool((found.up + found.down >= part.need[found.targets] - _TOLERANCE).all())


def attack(system: System, hidden: Flags) -> Attack:
    """The farthest that each hidden cell with a need can be above and below its true value.

    One block of linear programs per batch: each target has its own copy of the hidden cells.
    """
    unknown = np.flatnonzero(hidden)
    targets = np.flatnonzero(hidden & (system.need > 0))
    matrix = system.equations[:, unknown]
    rows = np.flatnonzero(np.diff(matrix.indptr))
    matrix = sparse.csr_array(matrix[rows])
    down_room, up_room = (system.values - system.low)[unknown], (system.high - system.values)[unknown]
    size = max(1, _LARGEST_BATCH // max(1, matrix.nnz))
    signed = [(target, sign) for sign in (1.0, -1.0) for target in np.searchsorted(unknown, targets)]
    lengths, duals = [], []
    for start in range(0, len(signed), size):
        length, dual = _farthest(matrix, down_room, up_room, signed[start : start + size])
        lengths.append(length)
        duals.append(dual)
    reach = np.concatenate(lengths) if lengths else np.zeros(0)
    every = np.zeros((len(signed), system.equations.shape[0]))
    if duals:
        every[:, rows] = np.vstack(duals)
    half = len(targets)
    return Attack(targets=targets, up=reach[:half], down=reach[half:], up_duals=every[:half], down_duals=every[half:])


def _farthest(
    matrix: sparse.csr_array, down_room: Floats, up_room: Floats, signed: list[tuple[np.int64, float]]
) -> tuple[Floats, Floats]:
    copies, cells = len(signed), len(up_room)
    objective = np.zeros((copies, cells))
    for copy, (target, sign) in enumerate(signed):
        objective[copy, target] = -sign
    bounds: Any = np.column_stack([np.tile(-down_room, copies), np.tile(up_room, copies)])
    # The types of SciPy do not know that equations may be sparse.
    block: Any = sparse.kron(sparse.eye_array(copies), matrix, format="csr")
    result = optimize.linprog(
        objective.ravel(), A_eq=block, b_eq=np.zeros(block.shape[0]), bounds=bounds, method="highs-ds"
    )
    if result.x is None:
        raise ArithmeticError("The true values do not fit their own equations.")
    reach = -(objective * result.x.reshape(copies, cells)).sum(axis=1)
    return reach, np.asarray(result.eqlin.marginals).reshape(copies, -1)


def _parts(system: System) -> list[Ints]:
    """The cells that hang together through equations, without those that are shown for certain."""
    open_cells = system.must | system.may
    matrix = system.equations[:, np.flatnonzero(open_cells)]
    links = sparse.csr_array(abs(matrix).T @ abs(matrix))
    count, label = csgraph.connected_components(links, directed=False)
    cells = np.flatnonzero(open_cells)
    order = np.argsort(label, kind="stable")
    edges = np.searchsorted(label[order], np.arange(1, count))
    return [cells[piece] for piece in np.split(order, edges) if system.must[cells[piece]].any()]


def _part_of(system: System, cells: Ints) -> System:
    matrix = system.equations[:, cells]
    rows = np.flatnonzero(np.diff(sparse.csr_array(matrix).indptr))
    place = np.full(len(system.values), -1)
    place[cells] = np.arange(len(cells))
    sums = system.sums[rows]
    inner = np.where(sums >= 0, place[np.maximum(sums, 0)], sums)
    names = ("values", "low", "high", "need", "cost", "must", "may")
    return System(
        equations=sparse.csr_array(matrix[rows]), sums=inner, **{name: getattr(system, name)[cells] for name in names}
    )


def _cheapest(part: System, *, until: float) -> Flags | None:
    """The cheapest safe pattern of one part; None when the time is up or no pattern is safe.

    When the conditions keep coming, what is hidden stays hidden from then on: dearer by a little, and soon done.
    """
    rows, least = _first_conditions(part)
    fixed = part.must
    for turn in range(_MOST_ROUNDS):
        hidden = _solve(part, rows, least, fixed, until=until)
        if hidden is None:
            return None
        more = _broken_conditions(part, hidden)
        if more is None:
            return hidden
        rows, least = sparse.vstack([rows, more[0]], format="csr"), np.concatenate([least, more[1]])
        if turn >= _SOUGHT_ROUNDS:
            fixed = hidden
    return None


def _first_conditions(part: System) -> tuple[sparse.csr_array, Floats]:
    """What every safe pattern meets: in no equation one hidden cell alone; hidden groups together at least a need."""
    conditions: list[NDArray[np.float64]] = []
    for row in range(part.equations.shape[0]):
        start, end = part.equations.indptr[row : row + 2]
        cells = part.equations.indices[start:end].astype(np.int64)
        conditions.extend(_not_alone(part, cells))
        if part.sums[row] >= -1:
            conditions.extend(_large_enough(part, cells, int(part.sums[row])))
    matrix = np.array(conditions) if conditions else np.zeros((0, len(part.values)))
    return sparse.csr_array(matrix), np.zeros(len(matrix))


def _not_alone(part: System, cells: Ints) -> list[Floats]:
    found = []
    for cell in cells:
        if part.need[cell] > 0:
            condition = np.zeros(len(part.values))
            condition[cells] = 1
            condition[cell] = -1
            found.append(condition)
    return found


def _large_enough(part: System, cells: Ints, total: int) -> list[Floats]:
    found = []
    groups = cells[cells != total]
    for cell in groups:
        need = part.need[cell]
        if need > 0:
            condition = np.zeros(len(part.values))
            condition[groups] = np.minimum(part.values[groups], need)
            condition[cell] -= need
            if total >= 0:
                condition[total] = need
            found.append(condition)
    return found


def _solve(part: System, rows: sparse.csr_array, least: Floats, fixed: Flags, *, until: float) -> Flags | None:
    left = until - monotonic()
    if left <= 0:
        return None
    result = optimize.milp(
        part.cost,
        integrality=np.ones(len(part.cost), dtype=np.int64),
        bounds=optimize.Bounds(fixed.astype(np.float64), (part.must | part.may).astype(np.float64)),
        constraints=[optimize.LinearConstraint(rows, least, np.inf)] if len(least) else [],
        options={"time_limit": left, "node_limit": _NODES_A_ROUND, "mip_rel_gap": 0.02},
    )
    return None if result.x is None else np.asarray(result.x > 0.5)


def _broken_conditions(part: System, hidden: Flags) -> tuple[sparse.csr_array, Floats] | None:
    """Conditions that this pattern breaks, one for each cell that can be known too well; None when it is safe.

    Whatever the duals, `up + down` of a target is at most `room @ hidden` by weak duality, for every pattern.
    """
    found = attack(part, hidden)
    weak = np.flatnonzero(found.up + found.down < part.need[found.targets] - _TOLERANCE)
    if not len(weak):
        return None
    conditions = np.zeros((len(weak), len(part.values)))
    for place, which in enumerate(weak):
        target = found.targets[which]
        room = _room(part, found.up_duals[which], target, 1.0) + _room(part, found.down_duals[which], target, -1.0)
        need = part.need[target]
        conditions[place] = np.minimum(room, need)
        conditions[place, target] -= need
    return sparse.csr_array(conditions), np.zeros(len(weak))


def _room(part: System, duals: Floats, target: np.int64, sign: float) -> Floats:
    """How much each hidden cell adds at most to the reach of the target, by these duals. Shape: (cells,)."""
    reduced = -(part.equations.T @ duals)
    reduced[target] -= sign
    return np.where(reduced > 0, reduced * (part.values - part.low), -reduced * (part.high - part.values)).clip(0)
