"""Read the cells of one pasted row into an action, and ask about what is not certain. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from koersvast.programme.pasted_actions import Known, Line, PastedAction, PastedCost
from koersvast.programme.pasted_questions import TYPED, Asking, Named, Option, Question, exactly, key_of
from koersvast.programme.pasted_text import Table
from koersvast.programme.pasted_values import (
    Term,
    nearest,
    plain,
    read_hours,
    read_listed,
    read_money,
    read_term,
    says_no_term,
    split_names,
    year_in,
)

CHAIN_LINKS = ("proaction", "prevention", "preparation", "repression", "aftercare")
STATES = ("planned", "running", "stuck", "done", "stopped")
COVERS = ("programme", "task_field", "partner", "grant", "uncovered")
NAME_LENGTH, LINE_LENGTH, NOTE_LENGTH = 160, 200, 160
NOTE, EMPTY = Option(value="note", kind="note"), Option(value="empty", kind="empty")

type Leave = Callable[[int, int, str, str], None]


@dataclass(frozen=True, kw_only=True)
class CellReader:
    """Reads rows with the answers so far. `leave` is told of every cell that is not taken over, and why."""

    asking: Asking
    known: Known
    table: Table
    columns: tuple[str, ...]
    leave: Leave

    def read(self, line: Line) -> PastedAction:
        """Make the action of a row; what is still asked is left empty."""
        filled = [(column, line.text(column)) for column in range(len(self.columns)) if line.text(column)]
        made = PastedAction(row=line.row, title=self._title(line))
        for column, text in filled:
            made = self._with(made, line, column, text)
        if line.group:
            row, column, text = line.group
            made = self._objective(made, Line(row=row, cells={column: [(row, text)]}), column, text)
        return self._with_money(self._in_order(made, line), line, filled)

    def _with(self, made: PastedAction, line: Line, column: int, text: str) -> PastedAction:
        kind = self.columns[column]
        if kind in {"text", "mechanism"}:
            return _set(made, kind, _joined(getattr(made, kind), text))
        if kind in {"output_measure", "target_group"}:
            return self._short(made, column, text, field=kind)
        readers = {
            "note": self._note, "objective": self._objective, "owner": self._owner, "partners": self._partners,
            "term": self._term, "start": self._term, "end": self._term, "hours": self._hours,
            "chain_link": self._chain_link, "status": self._status,
        }  # fmt: skip
        return readers[kind](made, line, column, text) if kind in readers else made

    def _title(self, line: Line) -> str:
        column = self.columns.index("title")
        return " ".join(text.lstrip("- ").strip() for text in line.text(column).split("\n") if text.strip("- "))

    # ── Texts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _note(self, made: PastedAction, _line: Line, column: int, text: str) -> PastedAction:
        heading = self.table.heading(column)
        return replace(made, text=_joined(made.text, f"{heading}: {text}" if heading else text))

    def _short(self, made: PastedAction, column: int, text: str, *, field: str) -> PastedAction:
        one_line = " ".join(text.split())
        if len(one_line) <= LINE_LENGTH:
            return _set(made, field, one_line)
        return self._note(made, Line(row=made.row, cells={}), column, text)

    # ── Names ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _objective(self, made: PastedAction, line: Line, column: int, text: str) -> PastedAction:
        for part in self._parts(line, column, text, self.known.objectives, separators=True):
            key = exactly(part, self.known.objectives) or self._asked_name(
                "objective", line, column, part, self.known.objectives, extra=(NOTE, EMPTY)
            )
            if key == "note":
                made = self._note(made, line, column, part)
            elif ":" in key:
                made = replace(made, objectives=_added(made.objectives, key))
            elif key == "empty":
                self._left(line, column)
        return made

    def _owner(self, made: PastedAction, line: Line, column: int, text: str) -> PastedAction:
        first, *others = self._parts(line, column, text, self._owners()) or ("",)
        if first:
            made = self._as_owner(made, line, column, first)
        for other in others:
            made = self._as_partner(made, line, column, other)
        return made

    def _owners(self) -> tuple[Named, ...]:
        return (*self.known.organisations, *self.known.contacts)

    def _as_owner(self, made: PastedAction, line: Line, column: int, name: str) -> PastedAction:
        extra = (*_new(name), Option(value="role", kind="role", text=name[:120]), NOTE, EMPTY)
        key = exactly(name, self._owners()) or self._asked_name(
            "owner", line, column, name, self._owners(), extra=extra
        )
        if key == "role":
            return replace(made, owner_role=name[:120])
        if key == "note":
            return self._note(made, line, column, name)
        if key == "empty":
            self._left(line, column)
        return replace(made, owner=key) if ":" in key else made

    def _partners(self, made: PastedAction, line: Line, column: int, text: str) -> PastedAction:
        for name in self._parts(line, column, text, self.known.organisations):
            made = self._as_partner(made, line, column, name)
        return made

    def _as_partner(self, made: PastedAction, line: Line, column: int, name: str) -> PastedAction:
        known, extra = self.known.organisations, (*_new(name), NOTE, EMPTY)
        key = exactly(name, known) or self._asked_name("partner", line, column, name, known, extra=extra)
        if key == "note":
            return self._note(made, line, column, name)
        if key == "empty":
            self._left(line, column)
        return replace(made, partners=_added(made.partners, key)) if ":" in key else made

    def _parts(
        self, line: Line, column: int, text: str, known: Sequence[Named], *, separators: bool = False
    ) -> tuple[str, ...]:
        """Several names in one cell, when a person says that they are several; () while that is asked."""
        one = " ".join(text.split())
        if exactly(one, known):
            return (one,)
        parts = split_names(text)
        if separators and not any(sign in text for sign in ";\n"):
            return (one,)
        if separators:
            parts = tuple(
                dict.fromkeys(part.strip(" -") for part in text.replace(";", "\n").split("\n") if part.strip(" -"))
            )
        if len(parts) < 2:
            return parts
        options = (
            Option(value="parts", kind="parts", text=" · ".join(parts), values={"number": len(parts)}),
            Option(value="one", kind="one_name", text=one),
        )
        answer = self._ask("split", line, column, text, options, suggested="parts")
        return {"parts": parts, "one": (one,)}.get(answer, ())

    def _asked_name(
        self, about: str, line: Line, column: int, name: str, known: Sequence[Named], *, extra: Sequence[Option]
    ) -> str:
        """Ask once for each distinct name what it is: the nearest that exist come first."""
        kind = "objective" if about == "objective" else "organisation"
        names = {one.key: one.name for one in known}
        close = nearest(name, [(one.key, other) for one in known for other in one.names])
        options = [Option(value=key, kind="existing", text=names[key]) for key in close]
        answer = self._ask(
            kind, line, column, name, (*options, *extra), about=("owner" if about == "owner" else kind, plain(name))
        )
        return f"{answer}:{' '.join(name.split())[:NAME_LENGTH]}" if answer.startswith("new_") else answer

    # ── When ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _term(self, made: PastedAction, line: Line, column: int, text: str) -> PastedAction:
        if says_no_term(text):
            self._left(line, column, "says_nothing")
            return made
        found = self._read_term(text)
        if found is None or not found.is_certain:
            answer = self._ask_term(line, column, text, found)
            if answer == "note":
                return self._noted_term(made, line, column, text)
            if answer == "empty":
                self._left(line, column)
            found = self._read_term(answer.removeprefix(TYPED)) if answer.startswith(TYPED) else found
            if not answer or answer == "empty":
                return made
        return _with_term(made, found, kind=self.columns[column]) if found else made

    def _read_term(self, text: str) -> Term | None:
        return read_term(text, first_day=self.known.first_day, last_day=self.known.last_day)

    def _ask_term(self, line: Line, column: int, text: str, found: Term | None) -> str:
        shown = [Option(value="yes", kind="term", values=_told(found, self.columns[column]))] if found else []
        return self._ask(
            "term", line, column, text, (*shown, NOTE, EMPTY), suggested="yes" if found else "", typed="term",
            reads=lambda typed: self._read_term(typed) is not None,
            about=(self.columns[column], plain(text), text.lower()),
        )  # fmt: skip

    def _noted_term(self, made: PastedAction, line: Line, column: int, text: str) -> PastedAction:
        note = ", ".join(filter(None, (made.recurrence_note, " ".join(text.split()))))
        if len(note) > NOTE_LENGTH:
            return self._note(made, line, column, text)
        return replace(made, recurrence_note=note)

    def _in_order(self, made: PastedAction, line: Line) -> PastedAction:
        if not made.starts_on or not made.ends_on or made.starts_on <= made.ends_on:
            return made
        days = {"first": made.starts_on, "last": made.ends_on}
        options = (Option(value="swap", kind="swap", values=days), Option(value="empty", kind="no_days"))
        answer = self.asking.ask(
            Question(
                key=key_of("order", made.starts_on, made.ends_on),
                kind="order",
                text=made.title,
                options=options,
                rows=(line.row,),
            )
        )
        if answer == "swap":
            return replace(made, starts_on=made.ends_on, ends_on=made.starts_on)
        if answer == "empty":
            for column in (column for column, kind in enumerate(self.columns) if kind in {"start", "end", "term"}):
                self._left(line, column)
        return replace(made, starts_on=None, ends_on=None)

    # ── Hours, chain, state ──────────────────────────────────────────────────────────────────────────────────────

    def _hours(self, made: PastedAction, line: Line, column: int, text: str) -> PastedAction:
        hours = read_hours(text)
        if hours is None:
            answer = self._ask(
                "hours", line, column, text, (NOTE, EMPTY), typed="hours",
                reads=lambda typed: read_hours(typed) is not None,
            )  # fmt: skip
            if answer == "note":
                return self._note(made, line, column, text)
            if answer == "empty":
                self._left(line, column)
            hours = read_hours(answer.removeprefix(TYPED)) if answer.startswith(TYPED) else None
        return replace(made, hours=hours) if hours is not None else made

    def _chain_link(self, made: PastedAction, line: Line, column: int, text: str) -> PastedAction:
        return self._listed(made, line, column, text, part="chain_links", codes=CHAIN_LINKS, field="chain_link")

    def _status(self, made: PastedAction, line: Line, column: int, text: str) -> PastedAction:
        made = self._listed(made, line, column, text, part="states", codes=STATES, field="status")
        if made.status in {"", "planned"}:
            return made
        options = (Option(value="report", kind="report_status"), NOTE, EMPTY)
        answer = self.asking.ask(
            Question(
                key=key_of("status_use", column),
                kind="status_use",
                text="",
                options=options,
                rows=(line.row,),
                column=column,
                heading=self.table.heading(column),
            )
        )
        if answer == "report":
            return replace(made, status_line=" ".join(text.split())[:280])
        if answer == "note":
            made = self._note(made, line, column, text)
        elif answer == "empty":
            self._left(line, column)
        return replace(made, status="")

    def _listed(
        self, made: PastedAction, line: Line, column: int, text: str, *, part: str, codes: Sequence[str], field: str
    ) -> PastedAction:
        code = read_listed(text, part=part)
        if not code:
            options = [Option(value=f"is:{one}", kind=f"{field}:{one}") for one in codes]
            answer = self._ask(field, line, column, text, (*options, NOTE, EMPTY))
            if answer == "note":
                return self._note(made, line, column, text)
            if answer == "empty":
                self._left(line, column)
            code = answer.removeprefix("is:") if answer.startswith("is:") else ""
        return _set(made, field, code) if code else made

    # ── Money ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _with_money(self, made: PastedAction, line: Line, filled: Sequence[tuple[int, str]]) -> PastedAction:
        amounts, says_none = list[tuple[int, Decimal]](), list[int]()
        for column, text in filled:
            if self.columns[column] == "cost":
                said = self._money(line, column, text)
                if isinstance(said, Decimal):
                    amounts.append((column, said))
                elif said == "no_cost":
                    says_none.append(column)
                elif said == "note":
                    made = self._note(made, line, column, text)
                elif said == "empty":
                    self._left(line, column)
        made = replace(made, has_no_cost=bool(says_none) and not amounts)
        if amounts:
            for column in says_none:
                self._left(line, column, "says_nothing")
            made = replace(made, costs=tuple(self._costs(made, line, amounts, filled)))
        else:
            self._idle_cover(line)
        return made

    def _money(self, line: Line, column: int, text: str) -> Decimal | str:
        found = read_money(text)
        if found and found.euro is not None and found.is_certain:
            return found.euro
        options: list[Option] = []
        if found and found.euro is not None:
            options.append(Option(value="yes", kind="euro", values={"euro": found.euro}))
        if not found or found.says == "no_cost":
            options.append(Option(value="no_cost", kind="no_cost"))
        suggested = "" if not found else "note" if found.says == "unknown" else options[0].value
        answer = self._ask(
            "money", line, column, text, (*options, NOTE, EMPTY), suggested=suggested, typed="money",
            reads=lambda typed: _euro(typed) is not None, about=(text.strip().lower(),),
        )  # fmt: skip
        if answer.startswith(TYPED):
            return _euro(answer.removeprefix(TYPED)) or ""
        return found.euro if answer == "yes" and found and found.euro is not None else answer

    def _costs(
        self, made: PastedAction, line: Line, amounts: Sequence[tuple[int, Decimal]], filled: Sequence[tuple[int, str]]
    ) -> Iterator[PastedCost]:
        cover, name = self._cover(line, filled)
        for column, euro in amounts:
            year = self._year(made, line, column)
            if year and cover:
                yield PastedCost(year=year, euro=euro, cover=cover, cover_name=name)

    def _year(self, made: PastedAction, line: Line, column: int) -> int:
        """The year of an amount: as its heading says, else as a person says for the whole column."""
        if (said := year_in(self.table.heading(column))) is not None:
            return said
        first, last = self.known.first_day.year, self.known.last_day.year
        options = [Option(value=f"year:{year}", kind="year", values={"year": year}) for year in range(first, last + 1)]
        options += [Option(value="start", kind="year_of_start", values={"year": first})] if last > first else []
        answer = self._ask("cost_year", line, column, "", options, suggested=options[0].value if first == last else "")
        if answer == "start":
            return made.starts_on.year if made.starts_on else first
        return int(answer.removeprefix("year:")) if answer else 0

    def _cover(self, line: Line, filled: Sequence[tuple[int, str]]) -> tuple[str, str]:
        column, text = next(((place, text) for place, text in filled if self.columns[place] == "cover"), (None, ""))
        name = " ".join(text.split())[:NAME_LENGTH]
        if code := read_listed(text, part="covers"):
            return code, "" if code == "uncovered" else name
        options = [Option(value=f"is:{code}", kind=f"cover:{code}") for code in COVERS]
        suggested = "" if text else "is:uncovered"
        answer = self._ask("cover", line, column, text, options, suggested=suggested, about=(plain(text),))
        return answer.removeprefix("is:"), "" if answer == "is:uncovered" and not text else name

    def _idle_cover(self, line: Line) -> None:
        """How something is paid that has no amount says nothing yet."""
        for column, kind in enumerate(self.columns):
            if kind == "cover":
                self._left(line, column, "no_amount")

    # ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _left(self, line: Line, column: int, reason: str = "said_no") -> None:
        if column not in line.repeated:
            for row, text in line.cells.get(column, ()):
                self.leave(row, column, text, reason)

    def _ask(
        self, kind: str, line: Line, column: int | None, text: str, options: Sequence[Option], *, suggested: str = "",
        typed: str = "", reads: Callable[[str], bool] | None = None, about: Sequence[Any] | None = None,
    ) -> str:  # fmt: skip
        """Ask once for each distinct value of a kind of column, however many rows have it."""
        told = about if about is not None else (column, plain(text), text.strip().lower())
        question = Question(
            key=key_of(kind, *told), kind=kind, text=text, options=tuple(options), rows=(line.row,), column=column,
            heading=self.table.heading(column) if column is not None else "", suggested=suggested, typed=typed,
        )  # fmt: skip
        return self.asking.ask(question, reads=reads)


def _set(made: PastedAction, field: str, value: str) -> PastedAction:
    changed: dict[str, Any] = {field: value}
    return replace(made, **changed)


def _joined(text: str, more: str) -> str:
    return "\n\n".join(filter(None, (text, more)))


def _added(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*keys, key)))


def _new(name: str) -> tuple[Option, Option]:
    shown = " ".join(name.split())[:NAME_LENGTH]
    return Option(value="new_outside", kind="new_outside", text=shown), Option(
        value="new_unit", kind="new_unit", text=shown
    )


def _told(found: Term, kind: str) -> dict[str, date | str | None]:
    return {
        "first": found.first_day if kind != "end" else None,
        "last": found.last_day if kind != "start" else None,
        "recurrence": found.recurrence,
    }


def _with_term(made: PastedAction, found: Term, *, kind: str) -> PastedAction:
    if kind == "start":
        return replace(made, starts_on=found.first_day)
    if kind == "end":
        return replace(made, ends_on=found.last_day)
    return replace(made, starts_on=found.first_day, ends_on=found.last_day, recurrence=found.recurrence)


def _euro(text: str) -> Decimal | None:
    """A typed amount: what somebody types here is meant, so "2.500" is two and a half thousand."""
    found = read_money(text)
    return found.euro if found else None
