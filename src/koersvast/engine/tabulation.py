"""The table book: every item by every column of every banner, with standard errors, intervals, bases and letters.

Words: an *item* is what is estimated (a question, a set of options, a score); a *banner* is a background variable whose
categories become columns; a *block* is one item by all columns. Column 0 is everybody.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from koersvast.engine.quantities import BadValue

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer]
type Flags = NDArray[np.bool_]
type Texts = NDArray[np.object_]


class ItemKind(StrEnum):
    """One answer of several, any number of options, or a number."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    MEAN = "mean"


class Correction(StrEnum):
    """Care for the number of comparisons that one row of one banner makes."""

    BONFERRONI = "bonferroni"
    NONE = "none"


class StandardErrors(StrEnum):
    """Weights taken as given, or as the outcome of calibration to population margins."""

    FIXED_WEIGHTS = "fixed_weights"
    CALIBRATED = "calibrated"


@dataclass(frozen=True, kw_only=True, eq=False)
class Item:
    """What is estimated, row by row of the survey.

    SINGLE: `values` holds category codes 0..categories-1, shape (respondents,); -1 is not in the base.
    MULTIPLE: `values` holds 0 or 1, shape (respondents, options); `base` says who was asked and answered.
    MEAN: `values` holds numbers, shape (respondents,); nan is not in the base; `categories` is not used.
    Raises BadValue where the values do not fit the kind.
    """

    code: str
    kind: ItemKind
    values: NDArray[np.generic]
    categories: int = 0
    base: Flags | None = None

    def __post_init__(self) -> None:
        dimensions = 2 if self.kind is ItemKind.MULTIPLE else 1
        if self.values.ndim != dimensions:
            raise BadValue(f"{self.code}: values of {self.kind} have {dimensions} dimensions.")
        if self.kind is not ItemKind.MEAN:
            self._check_codes()
        if self.kind is ItemKind.MULTIPLE and (self.base is None or self.base.shape != self.values.shape[:1]):
            raise BadValue(f"{self.code}: a base of one flag per respondent is needed.")

    def _check_codes(self) -> None:
        lowest, highest = (0, 1) if self.kind is ItemKind.MULTIPLE else (-1, self.categories - 1)
        if self.values.dtype.kind not in "iub" or self.categories < 1:
            raise BadValue(f"{self.code}: values are whole numbers and there is a category.")
        if self.kind is ItemKind.MULTIPLE and self.values.shape[1] != self.categories:
            raise BadValue(f"{self.code}: {self.categories} categories for {self.values.shape[1]} options.")
        if self.values.size and (int(self.values.min()) < lowest or int(self.values.max()) > highest):
            raise BadValue(f"{self.code}: a code lies outside {lowest} to {highest}.")

    @property
    def size(self) -> int:
        """Respondents in the survey, in the base or not."""
        return int(self.values.shape[0])

    @property
    def rows(self) -> int:
        """Rows that the item has in the table."""
        return 1 if self.kind is ItemKind.MEAN else self.categories


@dataclass(frozen=True, kw_only=True, eq=False)
class Banner:
    """A background variable: category codes 0..categories-1 per respondent, -1 where it is not known."""

    code: str
    values: Ints
    categories: int

    def __post_init__(self) -> None:
        if self.values.ndim != 1 or self.values.dtype.kind not in "iu" or self.categories < 1:
            raise BadValue(f"{self.code}: a banner is one whole number per respondent, with a category.")
        if self.values.size and (int(self.values.min()) < -1 or int(self.values.max()) >= self.categories):
            raise BadValue(f"{self.code}: a code lies outside -1 to {self.categories - 1}.")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of the table: column 0 is everybody, then each banner's categories in order."""

    banners: tuple[Banner, ...]

    @cached_property
    def spans(self) -> tuple[slice, ...]:
        """The columns of each banner."""
        ends = np.cumsum([1, *(banner.categories for banner in self.banners)])
        return tuple(slice(int(start), int(end)) for start, end in zip(ends[:-1], ends[1:], strict=True))

    @property
    def columns(self) -> int:
        """Columns in all."""
        return 1 + sum(banner.categories for banner in self.banners)

    def letter(self, column: int) -> str:
        """Return the letter of a column within its banner; the column of everybody has none."""
        return next((letter_at(column - span.start) for span in self.spans if span.start <= column < span.stop), "")


def letter_at(position: int) -> str:
    """Return a for the first column of a banner, z for the 26th, then aa, ab and on."""
    rest, last = divmod(position, 26)
    return (letter_at(rest - 1) if rest else "") + chr(ord("a") + last)


@dataclass(frozen=True, kw_only=True)
class LettersRule:
    """When two columns of a banner get a letter, and whether each column is held against all others together."""

    significance: float = 0.05
    correction: Correction = Correction.BONFERRONI
    smallest_base: int = 30
    compare_with_rest: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.significance < 1:
            raise BadValue(f"A significance of {self.significance}.")
        if self.smallest_base < 2:
            raise BadValue(f"Letters from {self.smallest_base} respondents on: a test needs two.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """One item by all columns. What cannot be estimated is nan, never nought.

    Shapes: rows are the categories or options of the item (one row for a mean), columns those of the layout.
    `estimate`, `standard_error`, `low` and `high` are percent and percentage points for shares, the unit of the item
    for means. `counts` are unweighted respondents; `weighted` is the sum of their weights (for a mean: of the base).
    `effective` is Kish's effective number of respondents. `letters` names the columns of the same banner that this
    cell is higher than ("b c"); `against_rest` is 1 higher, -1 lower, 0 not shown to differ, and all 0 unless asked.
    """

    item: str
    kind: ItemKind
    estimate: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    counts: NDArray[np.int64]
    weighted: Floats
    respondents: NDArray[np.int64]
    weighted_base: Floats
    effective: Floats
    degrees_of_freedom: NDArray[np.int64]
    letters: Texts
    against_rest: NDArray[np.int8] = field(repr=False)
