"""The table book as XLSX, laid out as researchers know it: answers down, backgrounds across, letters per column.

The rows go to disk while they are written, so that a book of hundreds of questions needs no more memory than one
table. Every figure is a number (a share as a fraction with a percentage format), every text is text: nothing in the
file is a formula. What may not be shown is a mark, never a number.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from koersvast.publications.blocks import Block, printable
from koersvast.publications.table_book.book import BookColumn, Kind, TableBook, TableBookTable, Why
from koersvast.publications.table_book.plain import Style, plain_lines
from koersvast.publications.table_book.words import BookWords
from koersvast.publications.theme import Theme

HIDDEN = "·"
LABELS, STATISTICS, FIRST = 0, 1, 2
LABEL_WIDTH, STATISTIC_WIDTH, COLUMN_WIDTH = 44, 13, 9.5
# What fits on A4 across beside the repeated columns of labels, at the scale of printing.
COLUMNS_A_PAGE, LINES_A_PAGE, SCALE = 14, 40, 70
MOST_BREAKS = 1023  # of a sheet, by the file format
LONGEST_TEXT = 32_000

type Progress = Callable[[int, int], None]


def write_workbook(
    book: TableBook, words: BookWords, out: Path | IO[bytes], *, theme: Theme, progress: Progress | None = None
) -> None:
    """Write the book to a file; `progress` hears after each table how many of how many are done."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(out if not isinstance(out, Path) else str(out), options) as file:
        file.set_properties({"title": _text(book.front.title), "created": datetime(2000, 1, 1, tzinfo=UTC)})
        _Writing(file, book, words, theme).all_sheets(progress)


class _Formats:
    """The looks of cells, each made once."""

    def __init__(self, file: xlsxwriter.Workbook, theme: Theme) -> None:
        self._file, self._theme = file, theme

    def _made(self, **properties: Any) -> Format:
        plain = {"font_name": "Calibri", "font_size": 10, "font_color": self._theme.ink, "valign": "vcenter"}
        return self._file.add_format({**plain, **properties})

    @cached_property
    def figures(self) -> dict[tuple[str, bool, bool], Format]:
        """By what it is, whether its base is small, and whether its background begins here."""
        above = {"top": 1, "top_color": self._theme.line}
        looks: dict[str, dict[str, Any]] = {
            "share": {"num_format": "0%", "bold": True, **above},
            "mean": {"num_format": "0.0", "bold": True, **above},
            "share-bound": {"num_format": "0%", "font_color": self._theme.muted, "font_size": 9},
            "mean-bound": {"num_format": "0.0", "font_color": self._theme.muted, "font_size": 9},
            "base": {"num_format": "#,##0", "font_color": self._theme.muted},
            "letters": {"font_color": self._theme.accent, "font_size": 9},
            "hidden": {"font_color": self._theme.muted, **above},
            "empty": {},
        }
        made = {}
        for name, look in looks.items():
            for small in (False, True):
                for begins in (False, True):
                    asked = dict(look, align="right" if name not in {"hidden", "letters"} else "center")
                    if small and "num_format" in asked and name != "base":
                        asked |= {"num_format": f'"("{asked["num_format"]}")"', "italic": True}
                    if begins:
                        asked |= {"left": 1, "left_color": self._theme.line}
                    made[name, small, begins] = self._made(**asked)
        return made

    @cached_property
    def title(self) -> Format:
        return self._made(font_size=22, bold=True, font_color=self._theme.accent)

    @cached_property
    def subtitle(self) -> Format:
        return self._made(font_size=13, font_color=self._theme.muted)

    @cached_property
    def notice(self) -> Format:
        return self._made(
            bold=True, text_wrap=True, bg_color="#fff4d6", font_color=self._theme.unsure, border=1,
            border_color=self._theme.unsure, font_size=11, indent=1,
        )  # fmt: skip

    @cached_property
    def name(self) -> Format:
        return self._made(bold=True, valign="top", font_size=11)

    @cached_property
    def told(self) -> Format:
        return self._made(text_wrap=True, valign="top", font_size=11)

    @cached_property
    def heading(self) -> Format:
        return self._made(bold=True, font_size=14, font_color=self._theme.accent)

    @cached_property
    def chapter(self) -> Format:
        return self._made(bold=True, font_size=11, font_color=self._theme.accent, top=1, top_color=self._theme.accent)

    @cached_property
    def link(self) -> Format:
        return self._made(font_color=self._theme.accent, underline=1, valign="top")

    @cached_property
    def band(self) -> Format:
        return self._made(bold=True, font_size=12, font_color=self._theme.accent, bg_color=self._theme.tint, indent=0)

    @cached_property
    def band_link(self) -> Format:
        return self._made(font_size=9, font_color=self._theme.accent, bg_color=self._theme.tint, underline=1)

    @cached_property
    def banner(self) -> Format:
        return self._made(
            bold=True, align="left", font_color="#ffffff", bg_color=self._theme.accent, left=1, left_color="#ffffff"
        )

    @cached_property
    def category(self) -> Format:
        return self._made(
            align="center", valign="bottom", text_wrap=True, font_size=9, bottom=1, bottom_color=self._theme.accent,
            left=1, left_color=self._theme.line,
        )  # fmt: skip

    @cached_property
    def corner(self) -> Format:
        return self._made(font_size=9, font_color=self._theme.muted, bottom=1, bottom_color=self._theme.accent)

    @cached_property
    def answer(self) -> Format:
        return self._made(text_wrap=True, valign="top", top=1, top_color=self._theme.line)

    @cached_property
    def statistic(self) -> Format:
        return self._made(font_size=9, font_color=self._theme.muted)

    @cached_property
    def first(self) -> Format:
        return self._made(font_size=9, font_color=self._theme.muted, top=1, top_color=self._theme.line)

    @cached_property
    def note(self) -> Format:
        return self._made(font_size=9, font_color=self._theme.muted, italic=False)


class _Writing:
    """One book on its way to the file."""

    def __init__(self, file: xlsxwriter.Workbook, book: TableBook, words: BookWords, theme: Theme) -> None:
        self._book, self._words, self._looks = book, words, _Formats(file, theme)
        self._columns = book.columns
        self._starts = {at for at, column in enumerate(self._columns) if self._begins(at, column)}
        names = (words.title_sheet, words.guide_sheet, words.method_sheet, words.contents_sheet, words.tables_sheet)
        self._sheets: list[Worksheet] = [file.add_worksheet(name) for name in names]
        for sheet in self._sheets:
            sheet.hide_gridlines(2)
            sheet.set_paper(9)
            sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
            footer = f"&L&8{_printed(book.front.title)}, {_printed(book.front.subtitle)}&R&8{words.page} &P / &N"
            sheet.set_footer(footer)

    def _begins(self, at: int, column: BookColumn) -> bool:
        return at > 0 and column.banner is not self._columns[at - 1].banner

    def all_sheets(self, progress: Progress | None) -> None:
        title, guide, method, contents, tables = self._sheets
        self._title_page(title)
        self._prose(guide, self._book.front.guide, self._words.guide_sheet)
        self._prose(method, self._book.front.method, self._words.method_sheet)
        self._tables(contents, tables, progress)

    # ── Front matter ─────────────────────────────────────────────────────────────────────────────────────────────

    def _title_page(self, sheet: Worksheet) -> None:
        front, row = self._book.front, 6
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 3)
        sheet.set_column(1, 1, 34)
        sheet.set_column(2, 2, 78)
        sheet.set_row(1, 34)
        sheet.write_string(1, 1, _text(front.title), self._looks.title)
        sheet.write_string(2, 1, _text(front.subtitle), self._looks.subtitle)
        sheet.write_string(3, 1, _text(front.municipality), self._looks.subtitle)
        if front.notice:
            sheet.set_row(4, 36)
            sheet.merge_range(4, 1, 4, 2, _text(front.notice), self._looks.notice)
        for fact in front.facts:
            sheet.set_row(row, _height(fact.value, letters_a_line=70))
            sheet.write_string(row, 1, _text(fact.label), self._looks.name)
            sheet.write_string(row, 2, _text(fact.value), self._looks.told)
            row += 1
        row += 1
        for name in (self._words.guide_sheet, self._words.method_sheet, self._words.contents_sheet):
            sheet.write_url(row, 1, f"internal:'{name}'!A1", self._looks.link, name)
            row += 1

    def _prose(self, sheet: Worksheet, blocks: Iterable[Block], title: str) -> None:
        sheet.set_column(0, 0, 3)
        sheet.set_column(1, 1, 34)
        sheet.set_column(2, 2, 84)
        sheet.set_row(1, 30)
        sheet.write_string(1, 1, title, self._looks.title)
        row = 2
        sheet.fit_to_pages(1, 0)
        if self._book.front.notice:
            row += 1
            sheet.set_row(row, 36)
            sheet.merge_range(row, 1, row, 2, _text(self._book.front.notice), self._looks.notice)
        row += 1
        for line in plain_lines(blocks):
            row += 2 if line.style is Style.HEADING else 1
            if line.style is Style.HEADING:
                sheet.set_row(row, 22)
                sheet.write_string(row, 1, _text(line.text), self._looks.heading)
            elif line.style is Style.PAIR:
                sheet.set_row(row, max(_height(line.text, letters_a_line=74), _height(line.name, letters_a_line=34)))
                sheet.write_string(row, 1, _text(line.name), self._looks.name)
                sheet.write_string(row, 2, _text(line.text), self._looks.told)
            else:
                sheet.set_row(row, _height(line.text, letters_a_line=108))
                sheet.merge_range(row, 1, row, 2, _text(line.text), self._looks.told)

    # ── Tables ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _tables(self, contents: Worksheet, sheet: Worksheet, progress: Progress | None) -> None:
        self._begin_contents(contents)
        self._begin_tables(sheet)
        line, row, chapter, ends = 4, self._header(sheet, 0), "", []
        total = len(self._book.questions)
        for done, table in enumerate(self._book.checked_tables(), start=1):
            if table.question.chapter != chapter:
                chapter = table.question.chapter
                contents.write_string(line, 0, _text(chapter), self._looks.chapter)
                contents.write_blank(line, 1, None, self._looks.chapter)
                contents.write_blank(line, 2, None, self._looks.chapter)
                line += 1
            self._contents_line(contents, line, table, row)
            ends.append(row)
            row = self._table(sheet, row, table)
            line += 1
            if progress:
                progress(done, total)
        sheet.set_h_pagebreaks(_page_ends(ends, row)[:MOST_BREAKS])

    def _begin_contents(self, sheet: Worksheet) -> None:
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 96)
        sheet.set_column(2, 2, 14)
        sheet.set_row(1, 30)
        sheet.write_string(1, 0, self._words.contents_sheet, self._looks.title)
        sheet.write_string(3, 0, "", self._looks.corner)
        sheet.write_string(3, 1, self._words.question, self._looks.corner)
        sheet.write_string(3, 2, self._words.respondents, self._looks.corner)
        sheet.freeze_panes(4, 0)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(3)

    def _contents_line(self, sheet: Worksheet, line: int, table: TableBookTable, row: int) -> None:
        place = f"internal:'{self._words.tables_sheet}'!A{row + 1}"
        sheet.write_url(line, 0, place, self._looks.link, _text(table.question.code))
        sheet.write_string(line, 1, _text(table.question.text), self._looks.told)
        base = table.respondents[0]
        if base is not None:
            sheet.write_number(line, 2, base, self._looks.figures["base", False, False])

    def _begin_tables(self, sheet: Worksheet) -> None:
        last = FIRST + len(self._columns) - 1
        sheet.set_column(LABELS, LABELS, LABEL_WIDTH)
        sheet.set_column(STATISTICS, STATISTICS, STATISTIC_WIDTH)
        sheet.set_column(FIRST, last, COLUMN_WIDTH)
        sheet.freeze_panes(2, FIRST)
        sheet.outline_settings(visible=True, symbols_below=False, symbols_right=False, auto_style=False)
        sheet.set_landscape()
        sheet.set_print_scale(SCALE)
        sheet.repeat_rows(0, 1)
        sheet.repeat_columns(LABELS, FIRST)
        sheet.set_v_pagebreaks([FIRST + at for at in page_starts([column.banner for column in self._columns])])

    def _header(self, sheet: Worksheet, row: int) -> int:
        """The backgrounds over their categories with the letters: two rows that stay in sight and head every page."""
        sheet.set_row(row, 18)
        sheet.write_blank(row, LABELS, None, self._looks.banner)
        sheet.write_blank(row, STATISTICS, None, self._looks.banner)
        for at, column in enumerate(self._columns):
            text = _text(column.banner.title) if at in self._starts and column.banner else ""
            sheet.write_string(
                row, FIRST + at, text, self._looks.banner if at in self._starts or not at else self._plain
            )
        longest = max(_lines(self._label(column), COLUMN_WIDTH) for column in self._columns)
        sheet.set_row(row + 1, 12.5 * max(2, min(longest, 6)))
        sheet.write_string(row + 1, LABELS, "", self._looks.corner)
        sheet.write_string(row + 1, STATISTICS, "", self._looks.corner)
        for at, column in enumerate(self._columns):
            sheet.write_string(row + 1, FIRST + at, self._label(column), self._looks.category)
        return row + 3

    @cached_property
    def _plain(self) -> Format:
        return self._looks._made(bold=True, font_color="#ffffff", bg_color=self._looks._theme.accent)

    def _label(self, column: BookColumn) -> str:
        return _text(f"{column.category} ({column.letter})" if column.banner else self._words.everybody)

    def _table(self, sheet: Worksheet, row: int, table: TableBookTable) -> int:
        """Write one table from this row on; returns the row where the next begins."""
        row = self._band(sheet, row, table)
        row = self._bases(sheet, row, table)
        for at, answer in enumerate(table.question.answers):
            row = self._answer(sheet, row, table, at, answer)
        for note in self._words.notes(table):
            sheet.write_string(row, LABELS, _text(note), self._looks.note)
            row += 1
        return row + 2

    def _band(self, sheet: Worksheet, row: int, table: TableBookTable) -> int:
        sheet.set_row(row, 20)
        sheet.write_string(row, LABELS, _text(f"{table.question.code}  {table.question.text}"), self._looks.band)
        for column in range(STATISTICS, FIRST + len(self._columns)):
            sheet.write_blank(row, column, None, self._looks.band)
        return row + 1

    def _bases(self, sheet: Worksheet, row: int, table: TableBookTable) -> int:
        words = self._words
        rows: tuple[tuple[str, Sequence[float | None]], ...] = (
            (words.respondents, table.respondents),
            (words.weighted_base, table.weighted_base),
            (words.effective, table.effective),
        )
        for label, bases in rows:
            if all(base is None for base in bases):
                continue
            sheet.write_string(row, LABELS, label, self._looks.statistic)
            sheet.write_string(row, STATISTICS, "n", self._looks.statistic)
            for at, base in enumerate(bases):
                self._number(sheet, row, at, base, "base", small=False)
            row += 1
        return row

    def _answer(self, sheet: Worksheet, row: int, table: TableBookTable, at: int, answer: str) -> int:
        is_mean = table.question.kind is Kind.MEAN
        look, per_cell = ("mean", 1.0) if is_mean else ("share", 100.0)
        words = self._words
        lines = ((words.statistic(table), table.estimate), (words.low, table.low), (words.high, table.high))
        small = [table.is_small(column) for column in range(len(self._columns))]
        for number, (label, figures) in enumerate(lines):
            height = 13.5 * _lines(answer, LABEL_WIDTH - 2) + 2 if not number else None
            sheet.set_row(row, height, None, {"level": 1} if number else None)
            sheet.write_string(row, LABELS, "" if number else _text(answer), self._looks.answer if not number else None)
            sheet.write_string(row, STATISTICS, label, self._looks.statistic if number else self._looks.first)
            for column, figure in enumerate(figures[at]):
                if table.why[at][column] != Why.SHOWN:
                    self._mark(sheet, row, column, HIDDEN if not number else "", "empty" if number else "hidden")
                else:
                    shown = None if figure is None else figure / per_cell
                    self._number(sheet, row, column, shown, look + ("-bound" if number else ""), small=small[column])
            row += 1
        if any(table.letters[at]):
            sheet.set_row(row, None, None, {"level": 1})
            sheet.write_string(row, STATISTICS, words.higher_than, self._looks.statistic)
            for column, letters in enumerate(table.letters[at]):
                self._mark(sheet, row, column, letters, "letters")
            row += 1
        return row

    def _number(self, sheet: Worksheet, row: int, at: int, figure: float | None, look: str, *, small: bool) -> None:
        if figure is None:
            self._mark(sheet, row, at, "", "empty")
        else:
            sheet.write_number(row, FIRST + at, figure, self._looks.figures[look, small, at in self._starts])

    def _mark(self, sheet: Worksheet, row: int, at: int, text: str, look: str) -> None:
        chosen = self._looks.figures[look, False, at in self._starts]
        if text:
            sheet.write_string(row, FIRST + at, text, chosen)
        elif at in self._starts:
            sheet.write_blank(row, FIRST + at, None, chosen)


def page_starts(banners: Sequence[object], *, columns_a_page: int = COLUMNS_A_PAGE) -> list[int]:
    """Columns at which a new page begins, so that a background is only cut when it does not fit on one page.

    >>> page_starts([None, "a", "a", "a", "b", "b"], columns_a_page=4)
    [4]
    """
    starts, first = [], 1
    at = 1
    while at < len(banners):
        end = at
        while end < len(banners) and banners[end] is banners[at]:
            end += 1
        if end - first > columns_a_page - 1 and at > first:
            starts.append(at)
            first = at
        while end - first > columns_a_page - 1:
            first += columns_a_page - 1
            starts.append(first)
        at = end
    return starts


def _page_ends(starts: Sequence[int], end: int, *, lines_a_page: int = LINES_A_PAGE) -> list[int]:
    """Rows before which a page ends, so that a table is only cut when it is longer than a page."""
    breaks, first = [], 0
    for start, following in zip(starts, [*starts[1:], end], strict=True):
        if following - first > lines_a_page and start > first + 3:
            breaks.append(start)
            first = start
    return breaks


def _text(text: str) -> str:
    return printable(text)[:LONGEST_TEXT]


def _printed(text: str) -> str:
    """A text for a footer, where an ampersand begins a code."""
    return _text(text).replace("&", "&&")[:90]


def _lines(text: str, letters_a_line: float) -> int:
    """About how many lines a text takes, words being broken off at the end of a line."""
    lines, used = 1, 0.0
    for word in text.split():
        if used and used + 1 + len(word) > letters_a_line:
            lines, used = lines + 1, 0.0
        lines += int(len(word) // (letters_a_line + 1))
        used += len(word) + (1 if used else 0)
    return lines


def _height(text: str, *, letters_a_line: int) -> float:
    """A height in points that holds a text in lines of so many letters."""
    return 4 + 15 * sum(_lines(part, letters_a_line) for part in text.split("\n"))
