"""What may be put on an agenda, as plain values: what it is about, where it came from, since when it is due."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a proposal is about."""

    STUCK = "stuck"
    LATE = "late"
    SILENT = "silent"
    FOLLOW_UP = "follow_up"
    PROMISE = "promise"
    AGREEMENT = "agreement"
    REVIEW = "review"
    CHECK = "check"
    LAPSED = "lapsed"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One thing that asks to be discussed.

    `days` is how long it is late or silent; None where that does not apply or is not known. `is_ours` marks what we
    promised. `earlier_on` is when it stood on an agenda of this table before.
    """

    kind: Kind
    origin: str
    subject: str
    owner: str = ""
    due_on: date | None = None
    days: int | None = None
    last_line: str = ""
    is_ours: bool = False
    earlier_on: date | None = None
