"""Whether a delivery can be true: against the last accepted vintage, and against itself. Pure.

Every remark is a code with values; `REASONS` says for each whether it holds the delivery back. Nobody is stopped for
good: a person who has read the reasons may accept the vintage and says why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from koersvast.engine.quantities import Reason
from koersvast.registers.profile import Outline
from koersvast.registers.tables import RegisterTable


class Severity(StrEnum):
    """Whether a reason keeps a delivery out until a person accepts it, or is only worth knowing."""

    QUARANTINE = "quarantine"
    REMARK = "remark"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of a delivery once it is written: its outline and what was counted while reading.

    `over_municipality` has per level the cells compared and those whose sum exceeds the municipality's own figure.
    """

    outline: Outline
    received: int
    left_out: Mapping[str, Mapping[str, int]]
    listed_periods: tuple[str, ...]
    duplicates: int
    conflicts: int
    zeros_filled: int
    withheld_with_number: int
    compared_with_total: int
    over_total: int
    over_total_example: str
    over_municipality: tuple[tuple[str, int, int], ...]


REASONS: Mapping[str, Severity] = {}


def is_serious(reason: Reason) -> bool:
    """Whether a reason keeps the delivery out."""
    return REASONS.get(reason.code, Severity.REMARK) is Severity.QUARANTINE


def judge(
    evidence: Evidence,
    *,
    table: RegisterTable,
    on: date,
    modified: datetime | None,
    before: Outline | None,
    before_modified: datetime | None,
    same_edition: bool,
    repeats: int | None,
    is_newest: bool,
) -> Iterator[Reason]:
    """Every reason that there is."""
    yield from ()
