"""The words around the figures, in the language of the reader; the floor above gives them."""

from collections.abc import Mapping
from dataclasses import dataclass

from koersvast.publications.table_book.book import Kind, TableBookTable, Why


@dataclass(frozen=True, kw_only=True)
class BookWords:
    """`hidden` and `marks` are whole sentences; `columns` are the headings of the lines of CSV by their code."""

    title_sheet: str
    guide_sheet: str
    method_sheet: str
    contents_sheet: str
    tables_sheet: str
    question: str
    respondents: str
    weighted_base: str
    effective: str
    everybody: str
    share: str
    mean: str
    low: str
    high: str
    higher_than: str
    base: str
    small_base: str
    several_answers: str
    page: str
    search: str
    search_none: str
    yes: str
    no: str
    hidden: Mapping[Why, str]
    hidden_short: Mapping[Why, str]
    columns: Mapping[str, str]

    def notes(self, table: TableBookTable) -> list[str]:
        """The sentences under a table: who were asked, what is marked and what is hidden."""
        found = [f"{self.base}: {table.question.base}"] if table.question.base else []
        if table.question.kind is Kind.MULTIPLE:
            found.append(self.several_answers)
        if table.question.note:
            found.append(table.question.note)
        found += [self.hidden[reason] for reason in sorted(table.reasons())]
        if any(table.is_small(column) for column in range(len(table.respondents))):
            found.append(self.small_base)
        return found

    def statistic(self, table: TableBookTable) -> str:
        """What the first line of an answer shows: a share, or a mean in its unit."""
        if table.question.kind is not Kind.MEAN:
            return self.share
        return self.mean
