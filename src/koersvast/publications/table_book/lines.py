"""The table book as CSV: every figure on a line of its own, with all that it takes to understand it.

The Dutch form opens in a Dutch spreadsheet and begins with the title page, the reading guide and the method statement
up to an empty line; the plain form is headings and lines only, for programs. No text can start a formula.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from koersvast.connectors.tables_out import CSV_MARK, CsvForm, Labels, Value, csv_line
from koersvast.publications.blocks import printable
from koersvast.publications.table_book.book import BookColumn, Front, TableBook, TableBookTable, Why
from koersvast.publications.table_book.plain import Style, plain_lines
from koersvast.publications.table_book.words import BookWords

# The codes of the headings, in their order; `BookWords.columns` has the words.
COLUMNS = (
    "wave", "question_code", "question", "base", "kind", "answer_number", "answer", "background_code", "background",
    "category_number", "category", "letter", "value", "low", "high", "standard_error", "unit", "respondents",
    "weighted_base", "effective", "small_base", "higher_than", "hidden", "estimation",
)  # fmt: skip


def csv_lines(book: TableBook, words: BookWords, *, form: CsvForm = CsvForm.DUTCH) -> Iterator[bytes]:
    """Give the file in pieces, a table at a time."""
    labels = Labels(yes=words.yes, no=words.no)
    if form is CsvForm.DUTCH:
        yield CSV_MARK
        yield b"".join(csv_line(line, form=form, labels=labels) for line in _front(book.front, words))
    yield csv_line([words.columns[code] for code in COLUMNS], form=form, labels=labels)
    columns, places = book.columns, _places(book)
    for table in book.checked_tables():
        rows = _rows(table, columns, places, book.front, words)
        yield b"".join(csv_line(row, form=form, labels=labels) for row in rows)


def _front(front: Front, words: BookWords) -> Iterator[Sequence[Value]]:
    yield [printable(front.title), printable(front.subtitle)]
    yield [printable(front.municipality)]
    if front.notice:
        yield [printable(front.notice)]
    yield from ([printable(fact.label), printable(fact.value)] for fact in front.facts)
    yield [words.guide_sheet]
    for line in chain(plain_lines(front.guide)):
        yield [printable(line.name), printable(line.text)] if line.style is Style.PAIR else [printable(line.text)]
    yield [words.method_sheet]
    for line in plain_lines(front.method):
        yield [printable(line.name), printable(line.text)] if line.style is Style.PAIR else [printable(line.text)]
    yield []


def _places(book: TableBook) -> list[int | None]:
    """The number of each column within its background."""
    return [None, *(number for banner in book.banners for number in range(1, len(banner.categories) + 1))]


def _rows(
    table: TableBookTable, columns: Sequence[BookColumn], places: Sequence[int | None], front: Front, words: BookWords
) -> Iterator[Sequence[Value]]:
    question = table.question
    before = [front.wave, question.code, printable(question.text), printable(question.base), question.kind.value]
    unit = question.unit or words.share
    for at, answer in enumerate(question.answers):
        for number, column in enumerate(columns):
            why = Why(table.why[at][number])
            yield [
                *before,
                at + 1,
                printable(answer),
                column.banner.code if column.banner else "",
                printable(column.banner.title) if column.banner else "",
                places[number],
                printable(column.category) if column.banner else words.everybody,
                column.letter,
                table.estimate[at][number],
                table.low[at][number],
                table.high[at][number],
                table.standard_error[at][number],
                unit,
                table.respondents[number],
                table.weighted_base[number],
                table.effective[number],
                table.is_small(number),
                table.letters[at][number],
                words.hidden_short[why] if why is not Why.SHOWN else "",
                front.estimation,
            ]
