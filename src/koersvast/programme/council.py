"""Where an item of the council stands against its term, and the places that it can be bound to. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

SOON = timedelta(days=31)


class Term(StrEnum):
    """How an item stands: what is late comes first, what is behind us last."""

    LATE = "late"
    SOON = "soon"
    OPEN = "open"
    NO_TERM = "no_term"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


ORDER = tuple(Term)
STILL_OPEN = frozenset({Term.LATE, Term.SOON, Term.OPEN, Term.NO_TERM})


def term(state: str, due_on: date | None, *, today: date) -> Term:
    """Return how an item stands on a day; its last day itself is not late yet.

    >>> term("open", date(2026, 3, 1), today=date(2026, 3, 2)).value
    'late'
    """
    if state == "settled":
        return Term.SETTLED
    if state == "withdrawn":
        return Term.WITHDRAWN
    if due_on is None:
        return Term.NO_TERM
    if due_on < today:
        return Term.LATE
    return Term.SOON if due_on <= today + SOON else Term.OPEN


type PlaceKind = Literal["objective", "action", "programme", "review"]
PLACE_KINDS: tuple[PlaceKind, ...] = ("objective", "action", "programme", "review")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in a plan or a report: an objective or programme by code, an action or review by number."""

    kind: PlaceKind
    code: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"


def read_place(text: str) -> Place | None:
    """Read a place as it is kept, such as `objective:woninginbraken`; None for anything else."""
    name, _colon, code = text.partition(":")
    kind = next((known for known in PLACE_KINDS if known == name), None)
    if kind is None or not code or (kind in ("action", "review") and not (code.isascii() and code.isdecimal())):
        return None
    return Place(kind=kind, code=code)
