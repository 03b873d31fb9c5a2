"""Weighted sums of the answers of many items by all columns of a table at once, as products of 0/1 matrices.

Answers and columns become 0/1 variables. All sums that a linearised variance needs are then products of the two, with
the weight, its square, or 1 in between, over the respondents of a stratum, a cluster or a cell of the margins. Only a
few thousand respondents are spread out at a time.

Shapes: n respondents, v variables (of all items in hand), c columns, G groups.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Flags = NDArray[np.bool_]

ROWS_AT_A_TIME = 1024


@dataclass(frozen=True, kw_only=True, eq=False)
class Variables:
    """The variables of one item, one of three.

    `codes` (n,): one of 0 and 1 per category; -1 is in no category. `flags` (v, n): as they are. `numbers` (n,), nan
    outside the base: the number, its square, and 1 in the base.
    """

    codes: NDArray[np.integer] | None = None
    categories: int = 0
    flags: NDArray[np.uint8] | None = None
    numbers: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def width(self) -> int:
        """How many variables."""
        if self.codes is not None:
            return self.categories
        return 3 if self.flags is None else int(self.flags.shape[0])

    def in_order(self, order: Ints | None) -> "Variables":
        """The same with respondents in another order."""
        if order is None:
            return self
        if self.codes is not None:
            return Variables(codes=self.codes[order], categories=self.categories)
        if self.flags is not None:
            return Variables(flags=np.take(self.flags, order, axis=1))
        return Variables(numbers=self.numbers[order])

    def variable(self, place: int) -> tuple[Floats, NDArray[np.bool_]]:
        """One variable (n,), and who is in the base (n,)."""
        if self.codes is not None:
            return (self.codes == place).astype(np.float64), np.asarray(self.codes >= 0)
        if self.flags is not None:
            return self.flags[place].astype(np.float64), self.flags[-1] > 0
        inside = ~np.isnan(self.numbers)
        return np.where(inside, self.numbers, 0.0), inside

    def flag(self, rows: slice, categories: NDArray[np.integer], out: NDArray[np.bool_]) -> None:
        """Write which of the variables are 1 for these respondents, (width, rows); of a number only the base is.

        categories: 0..categories-1 as a column, of the type of the codes.
        """
        if self.codes is not None:
            np.equal(self.codes[rows], categories, out=out)
        elif self.flags is not None:
            out[:] = self.flags[:, rows]
        else:
            numbers = self.numbers[rows]
            out[:2] = False
            np.equal(numbers, numbers, out=out[2])  # nan alone differs from itself

    def number(self, rows: slice, out: Floats) -> None:
        """Write the numbers of these respondents and their squares over the first two variables."""
        numbers = self.numbers[rows]
        np.copyto(out[0], np.where(np.isnan(numbers), 0.0, numbers))
        np.square(out[0], out=out[1])


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """The columns of a table as category codes (banners, n), -1 for none; column 0 is everybody."""

    codes: NDArray[np.integer]
    categories: tuple[int, ...]

    @property
    def width(self) -> int:
        """How many columns."""
        return 1 + sum(self.categories)

    def in_order(self, order: Ints | None) -> "Columns":
        """The same with respondents in another order."""
        if order is None:
            return self
        if not self.categories:
            return self
        return Columns(codes=np.take(self.codes, order, axis=1), categories=self.categories)

    @cached_property
    def flags(self) -> NDArray[np.uint8]:
        """Who is in which column, (width, n) of 0 and 1."""
        found = np.ones((self.width, self.codes.shape[1]), dtype=np.uint8)
        ends = np.cumsum([1, *self.categories])
        for codes, first, last in zip(self.codes, ends[:-1], ends[1:], strict=True):
            np.equal(codes, np.arange(last - first, dtype=codes.dtype)[:, None], out=found[first:last].view(np.bool_))
        return found

    def spread(self, rows: slice, weights: Sequence[Floats], out: Floats) -> None:
        """Write the columns of these respondents, once with each of the weights, (weights * width, rows)."""
        for part, weight in zip(out.reshape(len(weights), self.width, -1), weights, strict=True):
            np.multiply(self.flags[:, rows], weight[rows], out=part)


@dataclass(frozen=True, kw_only=True, eq=False)
class Groups:
    """Respondents in groups: `order` (n,) sorts them by group, None if they are; `starts` (G + 1,) bounds each."""

    order: Ints | None
    starts: Ints

    @classmethod
    def of(cls, codes: NDArray[np.integer], count: int) -> "Groups":
        """Groups from the group of every respondent, from 0."""
        is_sorted = bool((codes[1:] >= codes[:-1]).all())
        order = None if is_sorted else np.argsort(codes, kind="stable").astype(np.int64)
        starts = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=count))]).astype(np.int64)
        return cls(order=order, starts=starts)

    @property
    def count(self) -> int:
        """How many groups."""
        return int(self.starts.size - 1)

    @cached_property
    def batches(self) -> tuple[tuple[tuple[int, int, int], ...], ...]:
        """Pieces (group, first, last) of groups, batched so that a batch is a few thousand respondents in a row."""
        pieces = [
            (group, at, min(at + ROWS_AT_A_TIME, int(last)))
            for group, (first, last) in enumerate(pairwise(self.starts))
            for at in range(int(first), int(last), ROWS_AT_A_TIME)
        ]
        batches, batch = list[tuple[tuple[int, int, int], ...]](), list[tuple[int, int, int]]()
        for piece in pieces:
            if batch and piece[2] - batch[0][1] > ROWS_AT_A_TIME:
                batches.append(tuple(batch))
                batch = []
            batch.append(piece)
        return (*batches, tuple(batch)) if batch else tuple(batches)


class _Spread:
    """The variables of a few thousand respondents at a time, as whole numbers, 0/1 and with what is measured."""

    def __init__(self, variables: Sequence[Variables]) -> None:
        ends = np.cumsum([0, *(part.width for part in variables)]).tolist()
        self._parts = [
            (part, slice(*place), _categories(part)) for part, place in zip(variables, pairwise(ends), strict=True)
        ]
        self._numbers = [(part, place) for part, place, _ in self._parts if part.codes is None and part.flags is None]
        self.width = int(ends[-1])
        self.flags = np.empty((self.width, ROWS_AT_A_TIME), dtype=np.bool_)
        self.values = np.empty((self.width, ROWS_AT_A_TIME))

    def take(self, rows: slice, size: int) -> None:
        """Fill the first `size` places with these respondents."""
        for part, place, categories in self._parts:
            part.flag(rows, categories, self.flags[place, :size])
        self.values[:, :size] = self.flags[:, :size]
        for part, place in self._numbers:
            part.number(rows, self.values[place, :size])


def _categories(part: Variables) -> NDArray[np.integer]:
    kind = np.int8 if part.codes is None else part.codes.dtype
    return np.arange(part.categories, dtype=kind)[:, None]


class Counting:
    """Adds up how many respondents have each variable in each column: `counts` (v, c).

    Single precision is exact here: no product counts more than some thousands. Numbers are not counted, their base is.
    """

    def __init__(self, counted: Flags, counts: Floats) -> None:
        self._counted, self.counts = counted.astype(np.uint8), counts
        self._values = np.empty((len(counts), ROWS_AT_A_TIME), dtype=np.float32)
        self._columns = np.empty((counts.shape[1], ROWS_AT_A_TIME), dtype=np.float32)

    def add(self, rows: slice, flags: Flags, columns: Columns) -> None:
        """Count these respondents."""
        size = flags.shape[1]
        self._values[:, :size] = flags
        np.multiply(columns.flags[:, rows], self._counted[rows], out=self._columns[:, :size])
        self.counts += self._values[:, :size] @ self._columns[:, :size].T


def add_up(
    variables: Sequence[Variables],
    columns: Columns,
    weights: Sequence[Floats],
    groups: Groups,
    receive: Callable[[int, Floats], None],
    *,
    counting: Counting | None = None,
) -> None:
    """Give `receive` the sums (v, weights * c) of every piece of every group, with its number.

    Variables, columns and weights have respondents in the order of the groups. A group that is longer than a batch
    comes in pieces, which the receiver adds. The array is used again: copy what is kept. Everybody is counted too, if
    asked.
    """
    taken = _Spread(variables)
    spread = np.empty((len(weights) * columns.width, ROWS_AT_A_TIME))
    sums = np.empty((taken.width, len(weights) * columns.width))
    for batch in groups.batches:
        first, last = batch[0][1], batch[-1][2]
        rows, size = slice(first, last), last - first
        taken.take(rows, size)
        columns.spread(rows, weights, spread[:, :size])
        if counting is not None:
            counting.add(rows, taken.flags[:, :size], columns)
        for group, start, stop in batch:
            piece = slice(start - first, stop - first)
            np.matmul(taken.values[:, piece], spread[:, piece].T, out=sums)
            receive(group, sums)
