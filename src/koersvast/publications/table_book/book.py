"""A table book as frozen values: its front matter, its backgrounds, and one table for each question.

A table holds no number that may not be shown: where `why` says that a cell is hidden, every number of it is absent,
and a table that says otherwise is refused. That a cell is hidden because its group is small and that it is hidden to
protect another cell are told to the reader in the same words: the difference would say how large the group is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from string import ascii_uppercase

from koersvast.publications.blocks import Block

SMALL_BASE = 50
"""From this many respondents on a figure stands without a mark."""


class BadTableBook(ValueError):
    """A table that does not fit its book, or that holds what is hidden; the message names question and place."""


class Kind(StrEnum):
    """What a question gives: shares that add up, shares of several answers at once, or one mean."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    MEAN = "mean"


class Why(IntEnum):
    """Why a cell shows no figure; the first three numbers are those of `engine.disclosure`."""

    SHOWN = 0
    SMALL_BASE = 1
    SMALL_GROUP = 2
    PROTECTS_ANOTHER = 3
    NOT_ESTIMABLE = 4


@dataclass(frozen=True, kw_only=True)
class TableBookBanner:
    """A background: its title and its categories, in the order of the columns."""

    code: str
    title: str
    categories: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TableBookQuestion:
    """A question as it stands above its table. `base` says who were asked, `unit` in what a mean counts."""

    code: str
    text: str
    kind: Kind
    answers: tuple[str, ...]
    base: str = ""
    note: str = ""
    unit: str = ""
    chapter: str = ""


type Figures = Sequence[Sequence[float | None]]


@dataclass(frozen=True, kw_only=True)
class TableBookTable:
    """The figures of one question: a row for each answer, column 0 is everybody, then the backgrounds in order.

    estimate, low, high, standard_error   percent for shares, else the unit of the question; None where hidden
    letters       of the columns of the same background than which this one is demonstrably higher: "B C"
    why           codes of `Why`
    respondents   unweighted base of each column; None where it is not shown
    weighted_base, effective   sums of weights, and respondents that count (Kish, design effect); None where not shown
    """

    question: TableBookQuestion
    estimate: Figures
    low: Figures
    high: Figures
    standard_error: Figures
    letters: Sequence[Sequence[str]]
    why: Sequence[Sequence[int]]
    respondents: Sequence[int | None]
    weighted_base: Sequence[float | None]
    effective: Sequence[float | None]

    def __post_init__(self) -> None:
        rows, columns = len(self.question.answers), len(self.respondents)
        parts = (self.estimate, self.low, self.high, self.standard_error, self.letters, self.why)
        if any(len(part) != rows or any(len(line) != columns for line in part) for part in parts):
            raise BadTableBook(f"Question {self.question.code}: its figures are not {rows} by {columns}.")
        if any(len(base) != columns for base in (self.weighted_base, self.effective)):
            raise BadTableBook(f"Question {self.question.code}: its bases are not {columns} long.")
        for row in range(rows):
            for column in range(columns):
                self._refuse_what_is_hidden(row, column)

    def _refuse_what_is_hidden(self, row: int, column: int) -> None:
        hidden = self.why[row][column] != Why.SHOWN
        numbers = (self.estimate, self.low, self.high, self.standard_error)
        told = any(part[row][column] is not None for part in numbers) or bool(self.letters[row][column])
        if hidden and told:
            raise BadTableBook(f"Question {self.question.code}: row {row}, column {column} is hidden and has a number.")
        if not hidden and self.estimate[row][column] is None:
            raise BadTableBook(
                f"Question {self.question.code}: row {row}, column {column} has no number and no reason."
            )

    def is_small(self, column: int) -> bool:
        """Whether so few respondents stand behind a column that its figures are only an indication."""
        base = self.respondents[column]
        return base is not None and base < SMALL_BASE

    def reasons(self) -> set[Why]:
        """Why cells of this table are hidden, as far as a reader is told."""
        found = {Why(code) for line in self.why for code in line} - {Why.SHOWN}
        return {Why.SMALL_GROUP if reason is Why.PROTECTS_ANOTHER else reason for reason in found}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A line of the title page."""

    label: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Front:
    """What stands before the tables. `notice` is for what a reader must know first: invented answers, say."""

    title: str
    municipality: str
    subtitle: str
    notice: str
    facts: tuple[Fact, ...]
    guide: tuple[Block, ...]
    method: tuple[Block, ...]
    language: str
    wave: str
    estimation: str


@dataclass(frozen=True, kw_only=True)
class TableBook:
    """A whole book. `tables` begins anew at every call and gives one table for each question, in their order."""

    front: Front
    banners: tuple[TableBookBanner, ...]
    questions: tuple[TableBookQuestion, ...]
    tables: Callable[[], Iterator[TableBookTable]]

    @property
    def columns(self) -> tuple["BookColumn", ...]:
        """Every column of a table: everybody, then each category of each background."""
        return self.columns_of(self.banners)

    @staticmethod
    def columns_of(banners: Sequence[TableBookBanner]) -> tuple["BookColumn", ...]:
        """The columns that these backgrounds make."""
        found = [BookColumn(banner=None, category="", letter="")]
        for banner in banners:
            letters = column_letters(len(banner.categories))
            found += [
                BookColumn(banner=banner, category=name, letter=letter)
                for name, letter in zip(banner.categories, letters, strict=True)
            ]
        return tuple(found)

    def checked_tables(self) -> Iterator[TableBookTable]:
        """Each table, after a look whether it is the one that should come and as wide as the book."""
        width = 1 + sum(len(banner.categories) for banner in self.banners)
        tables = self.tables()
        for question, table in zip(self.questions, tables, strict=True):
            if table.question.code != question.code or len(table.respondents) != width:
                raise BadTableBook(f"Question {question.code}: the table of {table.question.code} came instead of it.")
            yield table


@dataclass(frozen=True, kw_only=True)
class BookColumn:
    """A column: its background (None: everybody), category and letter."""

    banner: TableBookBanner | None
    category: str
    letter: str


def column_letters(number: int) -> tuple[str, ...]:
    """Letters of the columns of one background.

    >>> column_letters(3), column_letters(28)[-2:]
    (('A', 'B', 'C'), ('AA', 'AB'))
    """
    return tuple((ascii_uppercase[at // 26 - 1] if at >= 26 else "") + ascii_uppercase[at % 26] for at in range(number))


def contained(
    hidden: Sequence[Sequence[int]], letters: Sequence[Sequence[str]], spans: Sequence[slice]
) -> list[list[str]]:
    """Letters without those that speak of a hidden cell or stand in one.

    A letter says that a figure is higher than that of another column; of a hidden figure it would give a bound.

    >>> contained([[0, 0, 2]], [["", "B", ""]], [slice(1, 3)])
    [['', '', '']]
    """
    kept = [["" for _ in line] for line in letters]
    for row, line in enumerate(letters):
        for span in spans:
            columns = range(*span.indices(len(line)))
            named = dict(zip(column_letters(len(columns)), columns, strict=True))
            for column in columns:
                if hidden[row][column] == Why.SHOWN:
                    shown = [one for one in line[column].upper().split() if hidden[row][named[one]] == Why.SHOWN]
                    kept[row][column] = " ".join(shown)
    return kept
