"""From a pasted table to actions: which column is what, what has to be asked, and what comes of it. Pure.

Asks, never guesses: nothing that can be read in two ways is made into a value before a person has said so, and every
cell that holds something is either taken over or listed as not used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from koersvast.access.personal_text import kinds_in, personal_parts
from koersvast.programme.pasted_actions import Known, Line, PastedAction, PastedCost, Unused
from koersvast.programme.pasted_cells import CellReader
from koersvast.programme.pasted_questions import Asking, Option, Question, key_of
from koersvast.programme.pasted_text import ABOVE, LEFT, Table
from koersvast.programme.pasted_values import (
    is_sum,
    kind_of_heading,
    plain,
    read_listed,
    read_money,
    read_term,
    repeats_above,
)

# What a column can hold, in the order of the list on the page.
COLUMN_KINDS = (
    "title", "text", "objective", "mechanism", "owner", "partners", "term", "start", "end", "hours", "cost", "cover",
    "status", "chain_link", "output_measure", "target_group", "note", "ignore",
)  # fmt: skip
MORE_THAN_ONCE = frozenset({"text", "objective", "partners", "cost", "note", "ignore"})
GROUPING = frozenset({"objective", "owner", "cover", "chain_link"})
TITLE_LENGTH = 160
_MARKS = (ABOVE, LEFT)
_SAMPLE = 30


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What became of a table. The actions only count when no question is open."""

    questions: tuple[Question, ...]
    actions: tuple[PastedAction, ...]
    unused: tuple[Unused, ...]

    @property
    def open_questions(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.is_open)


class ColumnsRefused(ValueError):
    """Columns that cannot be: no_title, twice (`kind`), unknown_kind, other_width."""

    def __init__(self, code: str, *, kind: str = "") -> None:
        super().__init__(code)
        self.code, self.kind = code, kind


def suggest_header(table: Table) -> bool:
    """Whether the first row looks like headings: at least two known words, or one above a single column."""
    if len(table.rows) < 2:
        return False
    first = [kind_of_heading(text) if len(text) <= 60 else "" for text in table.rows[0]]
    return sum(bool(kind) for kind in first) >= min(2, table.width)


def suggest_columns(table: Table) -> tuple[str, ...]:
    """Suggest what each column holds, by the words of its heading, else by its contents; "" when neither tells."""
    found: list[str] = []
    for column in range(table.width):
        kind = kind_of_heading(table.heading(column)) or _kind_of_contents(table, column)
        found.append(kind if kind in MORE_THAN_ONCE or kind not in found else "")
    if "title" not in found:
        _call_one_title(table, found)
    return tuple(found)


def _kind_of_contents(table: Table, column: int) -> str:
    texts = [row[column] for _number, row in table.body[:_SAMPLE] if row[column] and row[column] not in _MARKS]
    if not texts:
        return ""
    first, last = date(2000, 1, 1), date(2001, 12, 31)
    tests = {
        "term": sum(read_term(text, first_day=first, last_day=last) is not None for text in texts),
        "cost": sum("€" in text and read_money(text) is not None for text in texts),
        "chain_link": sum(bool(read_listed(text, part="chain_links")) for text in texts),
        "status": sum(bool(read_listed(text, part="states")) for text in texts),
    }
    kind, number = max(tests.items(), key=lambda item: item[1])
    return kind if number > len(texts) / 2 else ""


def _call_one_title(table: Table, found: list[str]) -> None:
    """The title is the column of words that is filled most often and differs most; the first of equals."""
    free = [column for column in range(table.width) if found[column] in {"", "text"}]
    if free:
        best = max(free, key=lambda column: (len({row[column] for _number, row in table.body if row[column]}), -column))
        found[best] = "title"


def checked_columns(table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the chosen kinds; raise ColumnsRefused when they cannot be."""
    if len(columns) != table.width:
        raise ColumnsRefused("other_width")
    for kind in columns:
        if kind and kind not in COLUMN_KINDS:
            raise ColumnsRefused("unknown_kind")
        if kind and kind not in MORE_THAN_ONCE and list(columns).count(kind) > 1:
            raise ColumnsRefused("twice", kind=kind)
    if "title" not in columns:
        raise ColumnsRefused("no_title")
    return tuple(columns)


def examine(table: Table, *, columns: Sequence[str], answers: Mapping[str, str], known: Known) -> Reading:
    """Read the whole table with the answers so far; the same input gives the same questions and actions."""
    return _Examination(
        table=table, columns=checked_columns(table, columns), asking=Asking(answers=answers), known=known
    ).run()


@dataclass(kw_only=True)
class _Examination:
    table: Table
    columns: tuple[str, ...]
    asking: Asking
    known: Known
    unused: list[Unused] = field(default_factory=list)
    left: set[tuple[int, int]] = field(default_factory=set)
    titles: frozenset[str] = frozenset()

    def run(self) -> Reading:
        lines = self._lines()
        self.titles = frozenset(map(plain, self.known.titles))
        self._fill_repeated(lines)
        reader = CellReader(
            asking=self.asking, known=self.known, table=self.table, columns=self.columns, leave=self._leave
        )
        actions = [made for line in lines if (made := self._action(reader, line)) is not None]
        return Reading(
            questions=self.asking.in_order(),
            actions=tuple(actions),
            unused=tuple(sorted(self.unused, key=lambda one: (one.row, one.column))),
        )

    # ── Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _lines(self) -> list[Line]:
        """Decide for each row whether it is an action, part of the one above, a heading or a sum."""
        title, lines, group = self.columns.index("title"), list[Line](), None
        for number, row in self.table.body:
            cells = self._known_cells(number, row)
            if not cells:
                continue
            said = self._what_row_is(number, cells, title=title, has_one_above=bool(lines))
            if said == "group":
                column, text = next(iter(cells.items()))
                group = (number, column, text)
            elif said == "join" and lines:
                for column, text in cells.items():
                    lines[-1].cells.setdefault(column, []).append((number, text))
            elif said == "action":
                lines.append(
                    Line(row=number, cells={column: [(number, text)] for column, text in cells.items()}, group=group)
                )
            else:
                for column, text in cells.items():
                    self.unused.append(
                        Unused(row=number, column=column, text=text, reason="sum" if is_sum([text]) else "left_out")
                    )
        return lines

    def _known_cells(self, number: int, row: Sequence[str]) -> dict[int, str]:
        """The filled cells of columns that count; marks of merged cells and other columns are set apart."""
        cells: dict[int, str] = {}
        for column, text in enumerate(row):
            if not text:
                continue
            if self.columns[column] in {"", "ignore"}:
                self.unused.append(Unused(row=number, column=column, text=text, reason="column"))
            elif text == LEFT or (text == ABOVE and self.columns[column] == "title"):
                self.unused.append(Unused(row=number, column=column, text=text, reason="mark"))
            elif kept := self._without_personal(number, column, text):
                cells[column] = kept
        return cells

    def _without_personal(self, number: int, column: int, text: str) -> str:
        """Addresses and numbers of people do not belong in an action: a person says whether they are struck."""
        kinds = kinds_in(text)
        if not kinds:
            return text
        options = (Option(value="strike", kind="strike"), Option(value="empty", kind="empty"))
        answer = self._ask("personal", column, text, (number,), options, suggested="strike", about=(column, text))
        if answer != "strike":
            self._leave(number, column, text, "said_no" if answer else "")
            return "" if answer else text
        for part in reversed(personal_parts(text)):
            text = text[: part.start] + text[part.end :]
        return text.strip(" ,;()\n-")

    def _what_row_is(self, number: int, cells: Mapping[int, str], *, title: int, has_one_above: bool) -> str:
        texts = [text for text in cells.values() if text not in _MARKS]
        if is_sum(texts):
            options = [Option(value="skip", kind="skip_row")]
            options += [Option(value="action", kind="is_action")] if title in cells else []
            return self._ask(
                "heading", None, _shown(texts), (number,), options, suggested="skip", about=(number, "sum")
            )
        is_alone = len(texts) == 1 and sum(kind not in {"", "ignore", "note"} for kind in self.columns) > 2
        if is_alone:
            options = [Option(value="group", kind="group")]
            options += [Option(value="action", kind="is_action")] if title in cells else []
            options += [Option(value="join", kind="join")] if title not in cells and has_one_above else []
            options += [Option(value="skip", kind="skip_row")]
            return self._ask("heading", None, _shown(texts), (number,), options, about=(number, *texts))
        if title in cells:
            return "action"
        options = [Option(value="join", kind="join")] if has_one_above else []
        options += [Option(value="skip", kind="skip_row")]
        return self._ask("untitled", None, _shown(texts), (number,), options, about=(number, *texts))

    # ── Merged cells ─────────────────────────────────────────────────────────────────────────────────────────────

    def _fill_repeated(self, lines: Sequence[Line]) -> None:
        """Ask for each column whether a value also holds for the empty cells below it; never in silence."""
        for column, kind in enumerate(self.columns):
            if kind in {"", "ignore", "title"}:
                continue
            empty, marked = self._places_below(lines, column, kind)
            answer = self._about_merged(column, empty=empty, marked=marked)
            above: list[tuple[int, str]] = []
            for line in lines:
                own = [(row, text) for row, text in line.cells.get(column, ()) if not _repeats(text)]
                signs = [(row, text) for row, text in line.cells.get(column, ()) if _repeats(text)]
                if own:
                    above = own
                elif above and (answer == "all" or (answer == "marked" and line.row in marked)):
                    line.cells[column] = list(above)
                    line.repeated.add(column)
                for row, text in signs:
                    self.unused.append(Unused(row=row, column=column, text=text, reason="mark"))
                if not line.repeated & {column}:
                    line.cells[column] = own

    def _places_below(self, lines: Sequence[Line], column: int, kind: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Rows with an empty cell below a value, and those of them where something says that it repeats."""
        empty, marked, has_value = [], [], False
        for line in lines:
            text = line.text(column)
            if text and not _repeats(text):
                has_value = True
            elif has_value and (kind in GROUPING or text):
                empty.append(line.row)
                if text:
                    marked.append(line.row)
        return tuple(empty), tuple(marked)

    def _about_merged(self, column: int, *, empty: tuple[int, ...], marked: tuple[int, ...]) -> str:
        if not empty:
            return ""
        kind = self.columns[column]
        options = [Option(value="marked", kind="repeat_marked")] if marked and len(marked) < len(empty) else []
        options += [Option(value="all", kind="repeat_all"), Option(value="none", kind="repeat_none")]
        is_counted = kind in {"cost", "hours"}
        suggested = "none" if is_counted else options[0].value if marked else ""
        return self._ask("merged", column, "", empty, options, suggested=suggested, about=(column, kind))

    # ── One action ───────────────────────────────────────────────────────────────────────────────────────────────

    def _action(self, reader: CellReader, line: Line) -> PastedAction | None:
        made = reader.read(line)
        if len(made.title) > TITLE_LENGTH:
            options = (Option(value="cut", kind="cut_title"), Option(value="skip", kind="skip_row"))
            answer = self._ask(
                "long_title", None, made.title, (line.row,), options, suggested="cut", about=(line.row, made.title)
            )
            if answer == "skip":
                self._left_out(line)
                return None
            made = replace(made, title=shortened(made.title), text="\n\n".join(filter(None, (made.title, made.text))))
        if plain(made.title) in self.titles:
            options = (Option(value="skip", kind="skip_known"), Option(value="add", kind="add_known"))
            answer = self._ask(
                "duplicate", None, made.title, (line.row,), options, suggested="skip", about=(line.row, made.title)
            )
            if answer == "skip":
                self._left_out(line)
                return None
            made = replace(made, is_known_title=True)
        return made

    def _left_out(self, line: Line) -> None:
        told = {(one.row, one.column) for one in self.unused}
        for column, texts in line.cells.items():
            for row, text in texts:
                if column not in line.repeated and (row, column) not in told:
                    self.unused.append(Unused(row=row, column=column, text=text, reason="left_out"))

    def _leave(self, row: int, column: int, text: str, reason: str) -> None:
        if reason and (row, column) not in self.left:
            self.left.add((row, column))
            self.unused.append(Unused(row=row, column=column, text=text, reason=reason))

    def _ask(
        self, kind: str, column: int | None, text: str, rows: tuple[int, ...], options: Sequence[Option], *,
        about: Sequence[object], suggested: str = "",
    ) -> str:  # fmt: skip
        heading = self.table.heading(column) if column is not None else ""
        return self.asking.ask(
            Question(
                key=key_of(kind, *about),
                kind=kind,
                text=text,
                options=tuple(options),
                rows=rows,
                column=column,
                heading=heading,
                suggested=suggested,
            )
        )


def shortened(title: str) -> str:
    """A title that fits, cut between two words."""
    if len(title) <= TITLE_LENGTH:
        return title
    return title[: TITLE_LENGTH - 1].rsplit(" ", 1)[0][: TITLE_LENGTH - 1] + "…"


def _repeats(text: str) -> bool:
    return text == ABOVE or repeats_above(text)


def _shown(texts: Sequence[str]) -> str:
    return " · ".join(texts)


__all__ = [
    "COLUMN_KINDS", "ColumnsRefused", "Known", "Line", "PastedAction", "PastedCost", "Reading", "Unused",
    "checked_columns", "examine", "suggest_columns", "suggest_header",
]  # fmt: skip
