"""Questions about a pasted table: what is asked, what can be answered, and what was answered. Pure values.

A question carries codes; a page words them. Its key holds a digest of what it is about and never the text itself, for
answers are kept apart from the cells, which may hold names of colleagues.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from koersvast.programme.pasted_values import plain

TYPED = "typed:"
TYPED_AT_MOST = 60
# In this order they are put: what comes first decides what is asked after it.
KINDS = (
    "heading", "untitled", "personal", "merged", "long_title", "split", "organisation", "objective", "term", "order",
    "money", "cost_year", "cover", "hours", "chain_link", "status", "status_use", "duplicate",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Option:
    """One possible answer. `value` is what is kept; `kind` is the code of its wording, `text` and `values` fill it."""

    value: str
    kind: str
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question about a value or a row. `rows` count from 1 in what was pasted, `column` from 0.

    `typed` says what may be typed instead: term, money or hours ("" for nothing).
    """

    key: str
    kind: str
    text: str
    options: tuple[Option, ...]
    rows: tuple[int, ...] = ()
    column: int | None = None
    heading: str = ""
    suggested: str = ""
    typed: str = ""
    answer: str = ""

    @property
    def is_open(self) -> bool:
        return not self.answer

    def option(self, value: str) -> Option | None:
        return next((option for option in self.options if option.value == value), None)


def key_of(kind: str, *about: object) -> str:
    """The key of a question: its kind and a digest of what it is about."""
    told = "\x1f".join(str(part) for part in about)
    return f"{kind}-{hashlib.sha256(told.encode('utf-8', errors='replace')).hexdigest()[:16]}"


@dataclass(kw_only=True)
class Asking:
    """Collects questions with the answers that were given; the same question about more rows stays one."""

    answers: Mapping[str, str]
    asked: dict[str, Question] = field(default_factory=dict)

    def ask(self, question: Question, *, reads: Callable[[str], bool] | None = None) -> str:
        """Put the question and return its answer; "" while it is open. An answer that is none of the options is none.

        `reads` says whether a typed text can be read.
        """
        known = self.asked.get(question.key)
        rows = tuple(sorted({*(known.rows if known else ()), *question.rows}))
        answer = self._valid(question, reads)
        kept = {**vars(question), "rows": rows, "answer": answer}
        self.asked[question.key] = Question(**kept)
        return answer

    def _valid(self, question: Question, reads: Callable[[str], bool] | None) -> str:
        answer = str(self.answers.get(question.key, ""))
        if answer.startswith(TYPED):
            text = answer.removeprefix(TYPED)
            is_read = bool(question.typed) and len(text) <= TYPED_AT_MOST and reads is not None and reads(text)
            return answer if is_read else ""
        return answer if question.option(answer) else ""

    def in_order(self) -> tuple[Question, ...]:
        """All questions by kind, then by row."""
        return tuple(
            sorted(self.asked.values(), key=lambda one: (KINDS.index(one.kind), one.rows[:1], one.column or 0, one.key))
        )


@dataclass(frozen=True, kw_only=True)
class Named:
    """Something that exists already, with every name under which it may be written: `key` such as organisation:5."""

    key: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[0]


def exactly(text: str, known: Iterable[Named]) -> str:
    """Return the key of the one thing that has this name; "" when none has it, or more than one."""
    said = plain(text)
    found = {one.key for one in known if said and any(plain(name) == said for name in one.names)}
    return found.pop() if len(found) == 1 else ""
