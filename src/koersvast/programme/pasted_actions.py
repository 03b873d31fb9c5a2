"""What a pasted table is read into, and what exists already that it may mean. Values only."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from koersvast.programme.pasted_questions import Named


@dataclass(frozen=True, kw_only=True)
class Known:
    """What exists already and a pasted text may mean."""

    organisations: tuple[Named, ...] = ()
    contacts: tuple[Named, ...] = ()
    objectives: tuple[Named, ...] = ()
    titles: tuple[str, ...] = ()
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True)
class PastedCost:
    """An amount of euro in a year, with the code of its cover and how the paste called it."""

    year: int
    euro: Decimal
    cover: str
    cover_name: str = ""


@dataclass(frozen=True, kw_only=True)
class PastedAction:
    """An action as it would become. Keys: organisation:5, contact:7, new_unit:Name, new_outside:Name, objective:12."""

    row: int
    title: str
    text: str = ""
    mechanism: str = ""
    objectives: tuple[str, ...] = ()
    owner: str = ""
    owner_role: str = ""
    partners: tuple[str, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    recurrence: str = "once"
    recurrence_note: str = ""
    hours: Decimal | None = None
    costs: tuple[PastedCost, ...] = ()
    has_no_cost: bool = False
    status: str = ""
    status_line: str = ""
    chain_link: str = ""
    output_measure: str = ""
    target_group: str = ""
    is_known_title: bool = False


@dataclass(frozen=True, kw_only=True)
class Unused:
    """A cell that is not taken over, and why: column, heading, sum, left_out, said_no, says_nothing, mark, header."""

    row: int
    column: int
    text: str
    reason: str


@dataclass(kw_only=True)
class Line:
    """A row on its way to an action: for each column the texts with the rows that they came from."""

    row: int
    cells: dict[int, list[tuple[int, str]]]
    group: tuple[int, int, str] | None = None  # row, column and text of the heading that it stands under
    repeated: set[int] = field(default_factory=set)

    def text(self, column: int) -> str:
        return "\n".join(text for _row, text in self.cells.get(column, ()))
