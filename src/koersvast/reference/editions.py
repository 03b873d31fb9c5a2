"""What a list of areas of a year does to the editions that are held. Pure.

Whether a code has the same borders as the year before is told by the flag "Indelingswijziging gemeente, wijk, buurt"
of the CBS key figures (1: same code and borders; 2: same borders, other code; 3: other borders, from about five
metres), else by the outline of a file of borders, else by nobody: then an edition begins, and figures on either side
are not set against each other. Source: CBS, Kerncijfers wijken en buurten 2024 (85984NED), description of the column.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

FLAG_SAME, FLAG_RECODED, FLAG_CHANGED = 1, 2, 3


class OutOfOrder(ValueError):
    """A list of a year before one that is held: editions are built from the past to the present."""


@dataclass(frozen=True, kw_only=True)
class EditionRow:
    """An area in the list of a year; `flag` as CBS gives it (1, 2, 3) or None; `outline` a hash of its shape or ""."""

    code: str
    name: str
    kind: str
    parent_code: str
    flag: int | None = None
    outline: str = ""

    def __post_init__(self) -> None:
        if self.flag not in {None, FLAG_SAME, FLAG_RECODED, FLAG_CHANGED}:
            raise ValueError(f"{self.code}: a flag is 1, 2 or 3, not {self.flag!r}.")


@dataclass(frozen=True, kw_only=True)
class HeldArea:
    """An edition that is held."""

    pk: int
    code: str
    name: str
    parent_code: str
    valid_from: int
    valid_until: int | None
    outline: str = ""


@dataclass(frozen=True, kw_only=True)
class EditionPlan:
    """What to do: rows that begin an edition with why, editions (code, first year) that end, rows with another name."""

    begin: tuple[tuple[EditionRow, str], ...]
    end: tuple[tuple[str, int], ...]
    rename: tuple[EditionRow, ...]


def plan_edition(
    rows: Sequence[EditionRow], *, year: int, held: Sequence[HeldArea], listed_years: frozenset[int]
) -> EditionPlan:
    """Return what the complete list of a year does to what is held; a list that was loaded before does nothing.

    A flag of CBS speaks of the year before only: with a year in between that is not held, "same" says nothing of the
    edition that is, and the edition begins as "not known" unless the outlines agree.
    """
    if listed_years and year < max(listed_years):
        raise OutOfOrder(f"The list of {max(listed_years)} is held; one of {year} comes too late.")
    if year in listed_years:
        return EditionPlan(begin=(), end=(), rename=())
    codes = Counter(row.code for row in rows)
    if twice := [code for code, times in codes.items() if times > 1]:
        raise ValueError(f"{twice[0]} is in the list twice.")
    open_now = {area.code: area for area in held if area.valid_until is None and area.valid_from < year}
    before = {area.code for area in held}
    follows = (year - 1) in listed_years
    begin, end, rename = [], [], []
    for row in rows:
        area = open_now.get(row.code)
        if area is None:
            begin.append((row, "changed" if row.code in before else ""))
        elif (begun := _begins(row, area, follows=follows)) is not None:
            begin.append((row, begun))
            end.append((area.code, area.valid_from))
        elif (row.name, row.parent_code) != (area.name, area.parent_code):
            rename.append(row)
    gone = [(area.code, area.valid_from) for code, area in open_now.items() if code not in codes]
    return EditionPlan(begin=tuple(begin), end=(*end, *gone), rename=tuple(rename))


def _begins(row: EditionRow, area: HeldArea, *, follows: bool) -> str | None:
    """Return why a code that goes on begins an edition, or None when its borders are the same."""
    if row.flag in {FLAG_CHANGED, FLAG_RECODED}:
        # Recoded: the code now stands for borders that carried another code; those of this code went elsewhere.
        return "changed"
    if row.flag == FLAG_SAME and follows:
        return None
    if row.outline and area.outline:
        return None if row.outline == area.outline else "changed"
    return "not_known"
