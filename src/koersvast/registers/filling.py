"""Fill a block: rows become cells, and what is absent becomes a reason, or a zero where zero is what absence means.

The order of what may be believed, most to least:
1. a number that stands there (a positive number is never thrown away);
2. a rule of the table: withheld, or not registered at that time; it also explains a nought or blank that stands there;
3. a missing value that stands there: not known, or withheld;
4. an absent row: nought, only where the metadata say so, the area is one of the edition's and gave rows of its own (a
   wijk or buurt: its municipality did), its level gave rows for the period, and the country, where it is asked for,
   has a row for the kind in the period. Otherwise there is no cell at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from koersvast.engine.quantities import Certainty, Missing
from koersvast.registers.codes import Level, Margin, level_of, municipality_number
from koersvast.registers.grid import Block, Grid, Numbers
from koersvast.registers.tables import RegisterTable

ABSENT, NUMBER = 0, 1
STATE_OF: Mapping[Missing, int] = {Missing.NOT_MEASURED: 2, Missing.NOT_KNOWN: 3, Missing.WITHHELD: 4}
MISSING_OF: tuple[Missing | None, ...] = (None, None, Missing.NOT_MEASURED, Missing.NOT_KNOWN, Missing.WITHHELD)
CERTAINTIES = (Certainty.FINAL, Certainty.PROVISIONAL, Certainty.REVISED)
UNSAID = 255
VALUE, LOW, HIGH, HALF_WIDTH = range(4)
PART_OF: Mapping[Margin, int] = {
    Margin.VALUE: VALUE, Margin.LOW: LOW, Margin.HIGH: HIGH, Margin.HALF_WIDTH: HALF_WIDTH,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The cells of a block as arrays of areas × kinds × periods × measures.

    `state` is ABSENT, NUMBER or a code of STATE_OF; `amount` is only a number where `state` says so. `duplicates`
    counts rows for a cell that had a row already, `conflicts` those among them with another value, `outside_margin`
    numbers that lie outside their own `low` and `high`.
    """

    block: Block
    amount: Numbers
    state: Numbers
    certainty: Numbers
    low: Numbers
    high: Numbers
    duplicates: int
    conflicts: int
    zeros_filled: int
    withheld_with_number: int
    outside_margin: int


class Seen:
    """Which areas, kinds, and periods of a level gave any row: where nothing came, absence proves nothing."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._levels = {level: number for number, level in enumerate(Level)}
        self._level = np.array([self._levels[level_of(area)] for area in grid.areas], dtype=np.int64)
        self.areas = np.zeros(len(grid.areas), dtype=bool)
        self._country = np.zeros((len(grid.kinds), len(grid.periods)), dtype=bool)
        self.periods = np.zeros((len(self._levels), len(grid.periods)), dtype=bool)

    def add(self, area: Numbers, kind: Numbers, period: Numbers) -> None:
        """Note rows by the numbers of their area, kind and period."""
        self.areas[area] = True
        nationwide = self._level[area] == self._levels[Level.COUNTRY]
        self._country[kind[nationwide], period[nationwide]] = True
        self.periods[self._level[area], period] = True

    def may_be_zero(self, block: Block) -> Numbers:
        """For areas × periods of a block: whether an absent row may mean nought."""
        areas, periods = self._believed[block.start : block.stop], self.periods[self._levels[block.level]]
        found: Numbers = np.logical_and.outer(areas, periods)
        return found

    @cached_property
    def kinds(self) -> Numbers:
        """For kinds × periods whether an absent row may mean nought.

        What does not happen in a village happens in the country: without a row there, a page stayed empty.
        """
        return self._country if self._country.any() else np.ones_like(self._country)

    @cached_property
    def _believed(self) -> Numbers:
        numbers = {municipality_number(area) for area, seen in zip(self._grid.areas, self.areas, strict=True) if seen}
        small = (Level.WIJK, Level.BUURT)
        within = [level_of(area) in small and municipality_number(area) in numbers for area in self._grid.areas]
        found: Numbers = np.logical_or(self.areas, np.array(within, dtype=bool))
        return found


class Filler:
    """Fills the blocks of one grid by what is known of its table."""

    def __init__(
        self,
        grid: Grid,
        table: RegisterTable,
        *,
        absent_is_zero: frozenset[str],
        certainties: Mapping[str, Certainty],
        seen: Seen,
    ) -> None:
        self._grid, self._table, self._seen = grid, table, seen
        self._zero = np.array([measure in absent_is_zero for measure in grid.measures], dtype=bool)
        self._certainty = np.array(
            [CERTAINTIES.index(certainties.get(period, Certainty.FINAL)) for period in grid.periods], dtype=np.uint8
        )
        self._rules: dict[Level, Numbers] = {}

    def fill(self, block: Block, rows: Numbers) -> Filled:
        """Make the cells of a block from its rows; of several rows for one cell the last one stays."""
        shape = (block.stop - block.start, *self._grid.shape)
        size = int(np.prod(shape))
        has_margins = bool(rows["part"].any())
        values = rows[rows["part"] == VALUE] if has_margins else rows
        amount, state = np.full(size, np.nan), np.zeros(size, dtype=np.uint8)
        certainty = np.broadcast_to(self._certainty[None, None, :, None], shape).reshape(size).copy()
        places = values["place"]
        duplicates, conflicts = _repeated(values, size)
        amount[places], state[places] = values["amount"], values["state"]
        low, high = _ends(rows, amount) if has_margins else (np.full(size, np.nan), np.full(size, np.nan))
        said = values["certainty"] != UNSAID
        certainty[places[said]] = values["certainty"][said]
        cells = Filled(
            block=block,
            amount=amount.reshape(shape),
            state=state.reshape(shape),
            certainty=certainty.reshape(shape),
            low=low.reshape(shape),
            high=high.reshape(shape),
            duplicates=duplicates,
            conflicts=conflicts,
            zeros_filled=0,
            withheld_with_number=0,
            outside_margin=int(np.count_nonzero((low > amount) | (high < amount))) if has_margins else 0,
        )
        return self._explain(cells)

    def _explain(self, cells: Filled) -> Filled:
        """Apply the table's rules, then the zeros of absent rows."""
        rule = np.broadcast_to(self._rule(cells.block.level)[None, :, :, None], cells.state.shape)
        empty = (cells.state != NUMBER) | (cells.amount == 0)
        zero_here = self._seen.may_be_zero(cells.block)[:, None, :, None] & self._zero
        # A rule fills in an absent row only where rows are left out at all; elsewhere no row is no cell.
        ruled = (rule > 0) & empty & ((cells.state != ABSENT) | zero_here)
        cells.state[ruled] = rule[ruled]
        cells.amount[ruled] = np.nan
        zeros = (cells.state == ABSENT) & zero_here & self._seen.kinds[None, :, :, None]
        cells.state[zeros], cells.amount[zeros] = NUMBER, 0.0
        kept = int(np.count_nonzero((rule == STATE_OF[Missing.WITHHELD]) & (cells.state == NUMBER)))
        return Filled(
            **{name: getattr(cells, name) for name in ("block", "amount", "state", "certainty", "low", "high")},
            duplicates=cells.duplicates,
            conflicts=cells.conflicts,
            outside_margin=cells.outside_margin,
            zeros_filled=int(np.count_nonzero(zeros)),
            withheld_with_number=kept,
        )

    def _rule(self, level: Level) -> Numbers:
        if level not in self._rules:
            self._rules[level] = np.array(
                [[self._state(level, kind, period) for period in self._grid.periods] for kind in self._grid.kinds],
                dtype=np.uint8,
            ).reshape(len(self._grid.kinds), len(self._grid.periods))
        return self._rules[level]

    def _state(self, level: Level, kind: str, period: str) -> int:
        rule = self._table.rule_for(level=level, kind=kind, period=period)
        return STATE_OF[rule.missing] if rule else ABSENT


def _ends(rows: Numbers, amount: Numbers) -> tuple[Numbers, Numbers]:
    """The lower and upper end of each amount: as they stand there, else from the half width.

    Where the amount is withheld its ends are too: it lies halfway between them.
    """
    low, high, half = (np.full(len(amount), np.nan) for _ in range(3))
    for part, found in ((LOW, low), (HIGH, high), (HALF_WIDTH, half)):
        mine = rows[rows["part"] == part]
        found[mine["place"]] = mine["amount"]
    ends = np.where(np.isnan(low), amount - half, low), np.where(np.isnan(high), amount + half, high)
    return np.where(np.isnan(amount), np.nan, ends[0]), np.where(np.isnan(amount), np.nan, ends[1])


def _repeated(rows: Numbers, size: int) -> tuple[int, int]:
    """Count the rows beyond the first for a cell, and those among them that say something else."""
    times = np.bincount(rows["place"], minlength=size)
    extra = int(times[times > 1].sum() - np.count_nonzero(times > 1))
    if not extra:
        return 0, 0
    again = rows[times[rows["place"]] > 1]
    last = np.full(size, np.nan)
    last[again["place"]] = again["amount"]
    same = (again["amount"] == last[again["place"]]) | (np.isnan(again["amount"]) & np.isnan(last[again["place"]]))
    return extra, int(np.count_nonzero(~same))
