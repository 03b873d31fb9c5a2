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

    def spread(self, rows: slice, out: Floats) -> None:
        """Write the variables of these respondents, (width, rows)."""
        if self.codes is not None:
            codes = self.codes[rows]
            for category in range(self.categories):
                out[category] = codes == category
        elif self.flags is not None:
            out[:] = self.flags[:, rows]
        else:
            numbers = self.numbers[rows]
            out[2] = numbers == numbers  # noqa: PLR0124  nan alone differs from itself
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

    def spread(self, rows: slice, weights: Sequence[Floats], out: Floats) -> None:
        """Write the columns of these respondents, once with each of the weights, (weights * width, rows)."""
        out = out.reshape(len(weights), self.width, -1)
        plain = out[-1]
        plain[0] = 1.0
        place = 1
        for codes, categories in zip(self.codes[:, rows], self.categories, strict=True):
            for category in range(categories):
                plain[place] = codes == category
                place += 1
        for part, weight in zip(out, weights, strict=True):
            np.multiply(plain, weight[rows], out=part)


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


def add_up(
    variables: Sequence[Variables],
    columns: Columns,
    weights: Sequence[Floats],
    groups: Groups,
    receive: Callable[[int, Floats], None],
) -> None:
    """Give `receive` the sums (v, weights * c) of every piece of every group, with its number.

    Variables, columns and weights have respondents in the order of the groups. A group that is longer than a batch
    comes in pieces, which the receiver adds. The array is used again: copy what is kept.
    """
    wide = sum(part.width for part in variables)
    values = np.empty((wide, ROWS_AT_A_TIME))
    spread = np.empty((len(weights) * columns.width, ROWS_AT_A_TIME))
    sums = np.empty((wide, len(weights) * columns.width))
    for batch in groups.batches:
        first, last = batch[0][1], batch[-1][2]
        rows, size = slice(first, last), last - first
        place = 0
        for part in variables:
            part.spread(rows, values[place : place + part.width, :size])
            place += part.width
        columns.spread(rows, weights, spread[:, :size])
        for group, start, stop in batch:
            piece = slice(start - first, stop - first)
            np.matmul(values[:, piece], spread[:, piece].T, out=sums)
            receive(group, sums)
