"""Which groups are too small to show at all, and which larger ones must stay hidden with them.

Whoever subtracts the shown groups from everybody gets the hidden ones together; these together must be large enough
for a figure. Groups are hidden in one fixed order, smallest first, for all questions with the same base: what two
questions hide is then always one within the other, so that no subtraction between questions isolates a group.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from koersvast.engine.disclosure_tables import Flags, Ints, LinkedTable, Partition, Rules


def orders(tables: Sequence[LinkedTable]) -> Mapping[str, Ints]:
    """For each base the rank of every column, smallest first; ties by place. Shape of each: (columns,)."""
    largest: dict[str, Ints] = {}
    for table in tables:
        known = largest.get(table.base)
        same = known is not None and known.shape == table.respondents.shape
        largest[table.base] = np.maximum(known, table.respondents) if known is not None and same else table.respondents
    return {base: np.argsort(np.argsort(sizes, kind="stable"), kind="stable") for base, sizes in largest.items()}


def small_columns(table: LinkedTable, rules: Rules) -> Flags:
    """Columns of which no figure may be shown for themselves. Shape: (columns,)."""
    small = table.respondents < rules.smallest_base
    if table.share_of_two is not None:
        small = small | ~(table.share_of_two <= rules.largest_share_of_two)
    return np.asarray(small, dtype=np.bool_)


def hide_columns(table: LinkedTable, rules: Rules, *, order: Ints, small: Flags, known: Flags) -> Flags:
    """The columns to hide: the small ones and what protects them. Shape: (columns,).

    `known` columns were shown before and cannot be hidden any more.
    """
    hidden = small.copy()
    if hidden[0]:
        return np.ones_like(hidden)
    # Within a wijk first: what is hidden there with a buurt may protect it among all buurten as well.
    partitions = sorted(table.partitions(), key=lambda partition: partition.parent == 0)
    inner = inner_parts(table)
    changed = True
    while changed:
        before = hidden.copy()
        for partition in partitions:
            _hide_within(table, rules, partition, hidden=hidden, order=order, known=known)
        for parent, parts in inner.items():
            if hidden[parent]:
                hidden[parts] = True
        changed = bool((hidden != before).any())
    return hidden


def inner_parts(table: LinkedTable) -> Mapping[int, list[int]]:
    """The columns that lie within each column by the nested partitions."""
    inner: defaultdict[int, list[int]] = defaultdict(list)
    for partition in table.nested:
        inner[partition.parent].extend(partition.parts)
    return inner


def remainder(table: LinkedTable, partition: Partition) -> int:
    """How many respondents of the parent are in none of the parts."""
    return int(table.respondents[partition.parent] - table.respondents[list(partition.parts)].sum())


def _hide_within(
    table: LinkedTable, rules: Rules, partition: Partition, *, hidden: Flags, order: Ints, known: Flags
) -> None:
    """Hide parts in the order, until what is hidden together is large enough; changes `hidden`.

    Of the parts that lie within one larger group the first in the order are hidden, so that what different questions
    hide there is always one within the other.
    """
    parts = sorted((part for part in partition.parts if not known[part]), key=lambda column: int(order[column]))
    rest = remainder(table, partition)
    within = {part: parent for parent, inner in inner_parts(table).items() for part in inner}
    for place, column in enumerate(parts):
        if hidden[column]:
            hidden[[part for part in parts[:place] if within.get(part) == within.get(column)]] = True
    if hidden[partition.parent]:
        return
    unknown = rest if table.unknown_is_group or partition.parent != 0 else 0
    for column in parts:
        inside = [part for part in parts if hidden[part]]
        together = int(table.respondents[inside].sum()) + rest
        asked_for = bool(inside) or 0 < unknown < rules.smallest_base
        enough = together >= rules.smallest_base and len(inside) + (rest > 0) >= 2
        if not asked_for or enough:
            return
        hidden[column] = True
