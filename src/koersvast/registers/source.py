"""A capture opened for reading: its axes, its names, and its rows one page after the other.

Pages of a table service (`reading`) and files delivered by hand (`files`) become the same thing here. Whatever is in
them, the only errors that leave are CaptureUnreadable, with a code and values for a sentence above.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from koersvast.connectors.statline import Slice
from koersvast.engine.quantities import Certainty, Reason
from koersvast.registers.filling import UNSAID
from koersvast.registers.grid import ROW, Grid, Numbers

UNREADABLE: Mapping[str, tuple[str, ...]] = {
    "table_not_known": ("table",),
    "no_file_columns_known": ("table",),
    "capture_without_pages": ("table",),
    "capture_damaged": ("table",),
    "not_a_csv_file": ("file", "problem"),
    "columns_not_recognised": ("file", "found", "expected"),
    "unknown_columns": ("file", "columns", "layout"),
    "area_not_understood": ("file", "found", "count"),
    "area_name_not_known": ("file", "found", "count"),
    "kind_not_known": ("file", "found", "count"),
    "period_not_understood": ("file", "found", "count"),
    "status_not_known": ("file", "found", "count"),
    "margin_not_known": ("file", "found", "count"),
    "number_not_understood": ("file", "column", "found", "count"),
    "dimension_without_total": ("table", "dimension"),
    "pages_unusable": ("table", "problem", "said"),
    "nothing_in_it": ("table",),
    "more_than_one_thing": ("table", "found"),
    "too_many_cells": ("table", "found"),
}
"""Why a capture cannot be read: each code with the values that its sentence needs."""


class CaptureUnreadable(ValueError):
    """Nothing of the capture is stored; `reason` says why (a code of UNREADABLE)."""

    def __init__(self, code: str, **values: str | int | float) -> None:
        if set(values) != set(UNREADABLE[code]):
            raise TypeError(f"{code} wants {UNREADABLE[code]}, not {tuple(values)}.")
        super().__init__(code, values)
        self.reason = Reason(code=code, values=values)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows of one page: for each the area, the cell within the area, and what was said (dtype ROW without place)."""

    area: Numbers
    rest: Numbers
    said: Numbers


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a capture holds, ready to be read once.

    `members` has a line per area, kind and period: axis, code, title, parent, status. `left_out` counts, while pages
    are read, rows whose codes are on no axis: reason code to codes seen.
    """

    grid: Grid
    members: pl.DataFrame
    slice: Slice
    absent_is_zero: frozenset[str]
    certainties: Mapping[str, Certainty]
    edition_year: int | None
    pages: Callable[[], Iterator[Rows]]
    remarks: tuple[Reason, ...]
    left_out: dict[str, dict[str, int]]


MEMBERS = {"axis": pl.String, "code": pl.String, "title": pl.String, "parent": pl.String, "status": pl.String}


def as_rows(
    *,
    grid: Grid,
    area: Numbers,
    kind: Numbers,
    period: Numbers,
    measure: int,
    amount: Numbers,
    state: Numbers,
    part: Numbers | None = None,
    certainty: Numbers | None = None,
) -> Rows:
    """Put the columns of one measure into the form that a spool takes."""
    said = np.zeros(len(area), dtype=ROW)
    said["amount"], said["state"] = amount, state
    said["certainty"] = UNSAID if certainty is None else certainty
    if part is not None:
        said["part"] = part
    _, periods, measures = grid.shape
    rest = (kind.astype(np.int64) * periods + period) * measures + measure
    return Rows(area=area.astype(np.int64), rest=rest, said=said)


def certainty_by_year(periods: tuple[str, ...], *, year: int, latest_provisional_years: int) -> dict[str, Certainty]:
    """Where the source gives no status: the latest years before `year`, and `year` itself, are provisional."""
    first = year - latest_provisional_years
    return {
        period: Certainty.PROVISIONAL if latest_provisional_years and int(period[:4]) >= first else Certainty.FINAL
        for period in periods
    }
