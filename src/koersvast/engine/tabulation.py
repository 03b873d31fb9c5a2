"""The table book: every item by every column of every banner, with standard errors, intervals, bases and letters.

Words: an *item* is what is estimated (a question, a set of options, a score); a *banner* is a background variable whose
categories become columns; a *block* is one item by all columns. Column 0 is everybody.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from koersvast.engine.blas_threads import one_blas_thread
from koersvast.engine.designs import Design
from koersvast.engine.quantities import BadValue, Correction, Method
from koersvast.engine.tabulation_errors import Outcome, Sampling, TableRows
from koersvast.engine.tabulation_freedom import Freedom
from koersvast.engine.tabulation_intervals import mean_limits, share_limits
from koersvast.engine.tabulation_letters import surely_apart, write_letters
from koersvast.engine.tabulation_sums import Columns, Variables

METHOD = Method(name="table-book", version="1")
# Memory that the sums of the items in hand may take, and how many variables make a product worth its while.
_BYTES_IN_HAND = 96 << 20
_MOST_VARIABLES = 320

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer]
type Flags = NDArray[np.bool_]
type Texts = NDArray[np.object_]


class ItemKind(StrEnum):
    """One answer of several, any number of options, or a number."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    MEAN = "mean"


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
        return tuple(slice(int(start), int(end)) for start, end in pairwise(ends))

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
        if self.correction not in (Correction.BONFERRONI, Correction.NONE):
            raise BadValue(f"Letters with the correction {self.correction}: only bonferroni and none are there.")
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


def tabulate(
    design: Design,
    items: Iterable[Item],
    banners: Sequence[Banner],
    *,
    confidence: float = 0.95,
    letters: LettersRule | None = None,
    standard_errors: StandardErrors = StandardErrors.FIXED_WEIGHTS,
    threads: int = 2,
) -> Iterator[Block]:
    """Make the table book, one block per item, in the order of the items, with a few items in memory at a time.

    Items may come from a generator; they are taken as blocks are asked for. Estimates, standard errors and limits equal
    `estimates.share` and `estimates.mean` over each column. Errors: BadDesign where a stratum has a lonely cluster and
    the design refuses these; BadValue where rows differ, or where calibrated errors are asked of weights that were not
    fitted.
    """
    layout = Layout(banners=tuple(banners))
    table = _Table(
        sampling=_sampling(design, layout, letters, standard_errors),
        layout=layout,
        confidence=confidence,
        rule=letters or LettersRule(),
    )
    with one_blas_thread(), ThreadPoolExecutor(max_workers=threads) as pool:
        waiting = deque[Future[list[Block]]]()
        try:
            for some in _in_hand(items, table.variables_at_a_time(threads)):
                waiting.append(pool.submit(table.blocks, some))
                if len(waiting) > threads:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _sampling(design: Design, layout: Layout, letters: LettersRule | None, standard_errors: StandardErrors) -> Sampling:
    if standard_errors is StandardErrors.FIXED_WEIGHTS:
        design = replace(design, calibration=None)
    elif design.calibration is None:
        raise BadValue("Calibrated standard errors of weights that were not fitted to anything.")
    wrong = [banner.code for banner in layout.banners if banner.values.size != design.size]
    if wrong:
        raise BadValue(f"{', '.join(wrong)}: another number of respondents than the design.")
    smallest = _code_type(max((banner.categories for banner in layout.banners), default=0))
    codes = [banner.values.astype(smallest) for banner in layout.banners]
    columns = Columns(
        codes=np.stack(codes) if codes else np.empty((0, design.size), np.int16),
        categories=tuple(banner.categories for banner in layout.banners),
    )
    return Sampling(design=design, columns=columns, with_rest=letters is not None and letters.compare_with_rest)


def _in_hand(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Items together, up to so many variables."""
    some, wide = list[Item](), 0
    for item in items:
        if some and wide + _width(item) > most:
            yield some
            some, wide = [], 0
        some.append(item)
        wide += _width(item)
    if some:
        yield some


@dataclass(frozen=True, kw_only=True, eq=False)
class _Table:
    sampling: Sampling
    layout: Layout
    confidence: float
    rule: LettersRule

    @cached_property
    def freedom(self) -> Freedom:
        return Freedom.of(self.sampling.design, self.sampling.columns)

    def variables_at_a_time(self, threads: int) -> int:
        _ = self.freedom
        room = _BYTES_IN_HAND // (self.sampling.bytes_per_variable() * threads)
        return max(1, min(_MOST_VARIABLES, room))

    def blocks(self, items: Sequence[Item]) -> list[Block]:
        wrong = [item.code for item in items if item.size != self.sampling.design.size]
        if wrong:
            raise BadValue(f"{', '.join(wrong)}: another number of respondents than the design.")
        variables, centres = zip(*(_variables(item, self.sampling.design) for item in items), strict=True)
        rows = _table_rows(items)
        outcome = self.sampling.outcome(variables, rows)
        letters, against_rest = self._letters(outcome, rows)
        ends = np.cumsum([0, *(item.rows for item in items)])
        return [
            self._block(item, outcome, at, slice(*ends[at : at + 2]), centres[at], letters, against_rest)
            for at, item in enumerate(items)
        ]

    def _block(
        self, item: Item, outcome: Outcome, at: int, rows: slice, centre: float, letters: Texts, rest: NDArray[np.int8]
    ) -> Block:
        width = self.layout.columns
        respondents, base = outcome.respondents[at, :width], outcome.base[at, :width]
        squares = outcome.base_squares[at, :width]
        effective = np.divide(base**2, squares, out=np.full(width, np.nan), where=squares > 0)
        share = item.kind is not ItemKind.MEAN
        scale = 100.0 if share else 1.0
        known = np.where(base > 0, 1.0, np.nan)
        value = (scale * outcome.estimate[rows, :width] + centre) * known
        # One respondent says nothing of how far another would have been off.
        error = np.where(respondents > 1, scale * np.sqrt(outcome.variance[rows, :width]), np.nan) * known
        freedom = self.freedom.of_columns
        if share:
            low, high = share_limits(value, error, freedom, effective, respondents, confidence=self.confidence)
        else:
            low, high = mean_limits(value, error, freedom, confidence=self.confidence)
        whole = not share
        return Block(
            item=item.code,
            kind=item.kind,
            estimate=value,
            standard_error=error,
            low=low,
            high=high,
            counts=np.rint(respondents[None] if whole else outcome.counts[rows, :width]).astype(np.int64),
            weighted=(base[None] if whole else outcome.weighted[rows, :width]).copy(),
            respondents=np.rint(respondents).astype(np.int64),
            weighted_base=base.copy(),
            effective=effective,
            degrees_of_freedom=freedom.astype(np.int64),
            letters=letters[rows],
            against_rest=rest[rows],
        )

    def _letters(self, outcome: Outcome, rows: TableRows) -> tuple[Texts, NDArray[np.int8]]:
        """Letters (J, c), and each column against all others (J, c)."""
        width, rule = self.layout.columns, self.rule
        letters = np.full((len(rows.of), width), "", dtype=object)
        rest = np.zeros((len(rows.of), width), dtype=np.int8)
        share = rows.squares[:, None] < 0
        taking_part = (outcome.respondents >= rule.smallest_base)[rows.item] & (outcome.base > 0)[rows.item]
        taking_part &= ~(share & ((outcome.estimate <= 0) | (outcome.estimate >= 1)))
        bonferroni = rule.correction is Correction.BONFERRONI
        for at, span in enumerate(self.layout.spans):
            higher = surely_apart(
                outcome.estimate[:, span],
                outcome.covariances[1 + at],
                self.freedom.of_pairs[at],
                taking_part[:, span],
                significance=rule.significance,
                bonferroni=bonferroni,
            )
            write_letters(letters[:, span], higher, [letter_at(place) for place in range(span.stop - span.start)])
        for column, covariance in enumerate(outcome.covariances[1 + len(self.layout.spans) :], start=1):
            pair = [column, width - 1 + column]
            higher = surely_apart(
                outcome.estimate[:, pair],
                covariance,
                np.full((2, 2), self.freedom.of_columns[0]),
                taking_part[:, pair],
                significance=rule.significance,
                bonferroni=False,
            )
            rest[:, column] = higher[:, 0, 1].astype(np.int8) - higher[:, 1, 0].astype(np.int8)
        return letters, rest


def _variables(item: Item, design: Design) -> tuple[Variables, float]:
    """The item as 0/1 variables (and numbers), and what is taken off its numbers to keep digits."""
    if item.kind is ItemKind.SINGLE:
        return Variables(
            codes=item.values.astype(_code_type(item.categories), copy=False), categories=item.categories
        ), 0.0
    if item.kind is ItemKind.MULTIPLE:
        asked = np.ones(item.size, dtype=np.bool_) if item.base is None else item.base
        return Variables(flags=np.vstack([(item.values.T != 0) & asked, asked]).astype(np.uint8)), 0.0
    values = item.values.astype(np.float64)
    base = ~np.isnan(values)
    weight = float(design.weights[base].sum())
    centre = float(design.weights[base] @ values[base]) / weight if weight > 0 else 0.0
    return Variables(numbers=values - centre), centre


def _width(item: Item) -> int:
    """How many variables the item becomes."""
    return {ItemKind.SINGLE: item.categories, ItemKind.MULTIPLE: item.categories + 1, ItemKind.MEAN: 3}[item.kind]


def _code_type(categories: int) -> type[np.int8] | type[np.int16]:
    return np.int8 if categories < np.iinfo(np.int8).max else np.int16


def _table_rows(items: Sequence[Item]) -> TableRows:
    of, item_of, squares, bases, place = list[int](), list[int](), list[int](), list[slice](), 0
    for at, item in enumerate(items):
        of += range(place, place + item.rows)
        item_of += [at] * item.rows
        mean = item.kind is ItemKind.MEAN
        squares += [place + 1 if mean else -1] * item.rows
        end = place + _width(item)
        bases.append(slice(place, end) if item.kind is ItemKind.SINGLE else slice(end - 1, end))
        place = end
    return TableRows(of=np.array(of), item=np.array(item_of), squares=np.array(squares), bases=tuple(bases))
