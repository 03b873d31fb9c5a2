"""Which cells a vintage speaks for: its slice, as a condition on rows and as a part of another slice.

Vintages of parts of a table lie over each other like sheets: a cell is that of the newest sheet that covers it.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_, or_

import polars as pl

from koersvast.connectors.statline import Slice
from koersvast.registers.vintages import Vintage

_WHOLE_LENGTHS = {"GM": 6, "WK": 8, "BU": 10, "NL": 4, "PV": 4, "LD": 4, "CR": 4}


def within(inner: Slice, outer: Slice) -> bool:
    """Whether a slice lies wholly in another; an empty field is all there is."""
    areas = not outer.areas or (bool(inner.areas) and all(area.startswith(outer.areas) for area in inner.areas))
    kinds = not outer.kinds or (bool(inner.kinds) and set(inner.kinds) <= set(outer.kinds))
    years = not outer.years or (bool(inner.years) and set(inner.years) <= set(outer.years))
    return areas and kinds and years


def covered_by(vintage: Vintage) -> pl.Expr:
    """The condition that a row of cells lies in the slice of a vintage."""
    wanted, parts = vintage.slice, [pl.lit(True)]
    if wanted.areas:
        whole, begins = _split(wanted.areas)
        starts = [pl.col("area").str.starts_with(prefix) for prefix in begins]
        parts.append(reduce(or_, starts, pl.col("area").is_in(whole)))
    if wanted.kinds:
        parts.append(pl.col("kind").is_in(list(wanted.kinds)))
    if wanted.years:
        parts.append(pl.col("period").str.slice(0, 4).is_in([f"{year:04d}" for year in wanted.years]))
    return reduce(and_, parts)


def outside_sql(newer: Sequence[Vintage]) -> str:
    """The condition, in SQL, that a row lies in the slice of none of these vintages."""
    return " AND ".join(f"NOT ({_covered_sql(vintage.slice)})" for vintage in newer) or "true"


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _covered_sql(wanted: Slice) -> str:
    parts = ["true"]
    if wanted.areas:
        whole, begins = _split(wanted.areas)
        tests = [f"starts_with(area, {quoted(prefix)})" for prefix in begins]
        tests += [f"area IN ({', '.join(map(quoted, whole))})"] if whole else []
        parts.append(f"({' OR '.join(tests)})")
    if wanted.kinds:
        parts.append(f"kind IN ({', '.join(map(quoted, wanted.kinds))})")
    if wanted.years:
        parts.append(f"CAST(substr(period, 1, 4) AS INTEGER) IN ({', '.join(map(str, wanted.years))})")
    return " AND ".join(parts)


def _split(areas: Iterable[str]) -> tuple[list[str], list[str]]:
    """Whole codes, for which one lookup will do, and beginnings of codes."""
    listed = list(areas)
    whole = [area for area in listed if len(area) == _WHOLE_LENGTHS.get(area[:2])]
    return whole, [area for area in listed if len(area) != _WHOLE_LENGTHS.get(area[:2])]
