"""The tables of a survey that are to be published, the rules for them, and what stays hidden.

A table is one question with its columns: column 0 is everybody, then the groups of each background. All counts are
unweighted respondents. Shares are published weighted, but whoever wants to compute back is taken to know the weights:
then a published share with its base is a known count. Method: docs/methods/disclosure.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from koersvast.engine.quantities import BadValue, Reason

type Ints = NDArray[np.int64]
type Flags = NDArray[np.bool_]
type Floats = NDArray[np.float64]


class Why(IntEnum):
    """Why a cell is hidden. For the researcher only: who reads that a cell is small knows that it is small."""

    SHOWN = 0
    SMALL_BASE = 1
    SMALL_GROUP = 2
    PROTECTS_ANOTHER = 3


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Thresholds in respondents; they can only be set upwards (BadValue), never below what is the default here.

    `smallest_base`: who a figure is about. `smallest_group`: who gave (or did not give) the answer; it is also the
    width that the interval of every hidden count must have. `largest_share_of_two`: the part of the weighted base that
    the two heaviest respondents may have; it can only be set downwards. `hide_zeros_everywhere`: nobody and everybody
    (0 % and 100 %) are hidden for every question, not only for sensitive ones.
    """

    smallest_base: int = 30
    smallest_group: int = 10
    largest_share_of_two: float = 0.9
    hide_zeros_everywhere: bool = False

    def __post_init__(self) -> None:
        for name, least in (("smallest_base", 30), ("smallest_group", 10)):
            if getattr(self, name) < least:
                raise BadValue(f"{name} of {getattr(self, name)} respondents: it cannot be set under {least}.")
        if not 0 < self.largest_share_of_two <= 0.9:
            raise BadValue(f"largest_share_of_two of {self.largest_share_of_two}: it cannot be set over 0.9.")
        if self.smallest_base < self.smallest_group:
            raise BadValue("smallest_base is under smallest_group.")

    @property
    def width(self) -> int:
        """How many respondents wide the interval of a hidden count must be: the larger of 5 and `smallest_group`."""
        return max(5, self.smallest_group)


@dataclass(frozen=True, kw_only=True)
class Partition:
    """Columns without overlap that lie within `parent`; who is in the parent and in none of them is the remainder."""

    parent: int
    parts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class LinkedTable:
    """One question by every column. Shapes: `counts` (answers, columns), `respondents` (columns,), in respondents.

    `spans` are the backgrounds; each is a partition of column 0, the remainder being who has no known background.
    `nested` are further partitions, such as the buurten of a wijk. `exclusive`: everybody in the base gave exactly one
    of the answers; otherwise each answer stands on its own (given or not). `cuts` are further published shares, each a
    union of answers ("a little or a lot"), only for exclusive answers. `scores` (answers,) when the mean of the answers
    is published beside their shares. A question with only a mean has counts of shape (0, columns).

    `base` names who was asked; questions with one base hide the same small groups. `asked_of` names the table and the
    answers of it whose givers were asked this question: its base then tells how many gave these answers.
    `importance` (columns,) makes a column dearer to hide. `share_of_two` (columns,): part of the weighted base that the
    two heaviest respondents have. `sensitive`: nobody and everybody are hidden too; unless somebody said otherwise, it
    is. `unknown_is_group`: who has no known background could be recognised as such.
    """

    code: str
    counts: Ints
    respondents: Ints
    spans: tuple[slice, ...]
    exclusive: bool = True
    nested: tuple[Partition, ...] = ()
    cuts: tuple[tuple[int, ...], ...] = ()
    scores: tuple[float, ...] | None = None
    sensitive: bool = True
    unknown_is_group: bool = True
    base: str = ""
    asked_of: tuple[str, tuple[int, ...]] | None = None
    importance: Floats | None = None
    share_of_two: Floats | None = None
    row_codes: tuple[str, ...] = ()
    column_codes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check_shapes()
        if self.counts.size and (self.counts.min() < 0 or (self.counts > self.respondents).any()):
            raise BadValue(f"{self.code}: a count is negative or larger than its base.")
        if self.exclusive and len(self.counts) and (self.counts.sum(axis=0) != self.respondents).any():
            raise BadValue(f"{self.code}: the answers of a column do not add up to its base.")
        if not self.exclusive and (self.cuts or self.scores is not None):
            raise BadValue(f"{self.code}: cuts and scores need answers that exclude each other.")
        for partition in self.partitions():
            parts = list(partition.parts)
            if (self.counts[:, parts].sum(axis=1) > self.counts[:, partition.parent]).any():
                raise BadValue(f"{self.code}: groups hold more than column {partition.parent} that holds them.")
            if self.respondents[parts].sum() > self.respondents[partition.parent]:
                raise BadValue(f"{self.code}: groups are larger than column {partition.parent} that holds them.")

    def _check_shapes(self) -> None:
        columns = len(self.respondents)
        if self.counts.ndim != 2 or self.counts.shape[1] != columns:
            raise BadValue(f"{self.code}: {self.counts.shape} counts for {columns} columns.")
        if [column for span in self.spans for column in range(columns)[span]] != list(range(1, columns)):
            raise BadValue(f"{self.code}: the backgrounds do not follow column 0 in order, each column once.")
        if self.scores is not None and len(self.scores) != len(self.counts):
            raise BadValue(f"{self.code}: {len(self.scores)} scores for {len(self.counts)} answers.")
        for codes, needed in ((self.row_codes, self.printed_rows), (self.column_codes, columns)):
            if codes and (len(codes) != needed or len(set(codes)) < needed):
                raise BadValue(f"{self.code}: {len(codes)} codes for {needed} rows or columns, or one of them twice.")

    @property
    def printed_rows(self) -> int:
        """How many shares a column has: the answers, then the cuts."""
        return len(self.counts) + len(self.cuts)

    @property
    def rows(self) -> tuple[str, ...]:
        """Codes of the printed shares; their places when none were given."""
        return self.row_codes or tuple(str(row) for row in range(self.printed_rows))

    @property
    def columns(self) -> tuple[str, ...]:
        """Codes of the columns; their places when none were given."""
        return self.column_codes or tuple(str(column) for column in range(len(self.respondents)))

    @property
    def printed(self) -> Ints:
        """Counts of all printed shares, the cuts after the answers. Shape: (answers + cuts, columns)."""
        unions = [self.counts[list(cut)].sum(axis=0) for cut in self.cuts]
        return np.vstack([self.counts, *unions]) if unions else self.counts

    @property
    def has_mean(self) -> bool:
        """Whether a mean is published for each column."""
        return self.scores is not None or len(self.counts) == 0

    def partitions(self) -> Iterator[Partition]:
        """The backgrounds as partitions of everybody, then the nested ones."""
        for span in self.spans:
            yield Partition(parent=0, parts=tuple(range(len(self.respondents))[span]))
        yield from self.nested


@dataclass(frozen=True, kw_only=True, eq=False)
class Protected:
    """What stays hidden of a table. Shapes: `hidden` and `why` (answers + cuts, columns); the rest (columns,).

    `hidden_columns`: the base and every figure of it. `hidden_means`: the mean. `reasons` say what was done beyond the
    ordinary (codes: `hidden_more_than_needed`). `why` holds `Why` and is not for publication.
    """

    code: str
    hidden: Flags
    why: NDArray[np.uint8]
    hidden_columns: Flags
    hidden_means: Flags
    reasons: tuple[Reason, ...] = ()

    def same_as(self, other: "Protected") -> bool:
        """Whether exactly the same is hidden."""
        names = [part.name for part in fields(self) if part.name.startswith("hidden")]
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)


def nested_columns(memberships: Sequence[Ints], spans: Sequence[slice]) -> tuple[Partition, ...]:
    """Find the groups of one background that lie wholly within a group of another: buurten in a wijk, ages in ages.

    Args:
        memberships: for each background the group of every respondent, -1 = not known. Shape: (respondents,).
        spans: the columns of each background, in the same order.

    Give it only backgrounds that belong together: a small group can lie within another by chance.
    """
    found: list[Partition] = []
    for outer, outer_span in zip(memberships, spans, strict=True):
        for inner, inner_span in zip(memberships, spans, strict=True):
            if inner is not outer:
                found.extend(_within(outer, outer_span.start, inner, inner_span.start))
    return tuple(found)


def _within(outer: Ints, outer_start: int, inner: Ints, inner_start: int) -> Iterator[Partition]:
    for group in range(int(outer.max(initial=-1)) + 1):
        inside, outside = np.unique(inner[outer == group]), np.unique(inner[outer != group])
        parts = np.setdiff1d(inside[inside >= 0], outside)
        if len(parts):
            yield Partition(parent=outer_start + group, parts=tuple(int(inner_start + part) for part in parts))
