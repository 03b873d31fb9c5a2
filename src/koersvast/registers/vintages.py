"""A vintage: a table, or a part of it, as it stood on the day that it was fetched. And what differs between two.

Pure values and their JSON. *Not* for keeping them on disk (`store`) nor for judging them (`plausibility`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

from koersvast.connectors.statline import Slice
from koersvast.engine.quantities import Certainty, Missing, Reason
from koersvast.registers.writing import CellFile

type State = Literal["accepted", "quarantined"]

LAYOUT = 1
"""The version of the files on disk; see docs/reference/register-files.md."""


@dataclass(frozen=True, kw_only=True)
class Vintage:
    """One delivery of a table as it is kept.

    `number` counts from 1 per table; `as_of` is the day that the source was read; `modified` is what the source says
    of itself; `edition_year` the year of the borders where all years stand on one; `slice` the part that it speaks
    for. `reasons` is what plausibility said. A quarantined vintage that a person accepted has `accepted_because`.
    """

    table: str
    number: int
    capture: str
    as_of: date
    modified: datetime | None
    edition_year: int | None
    rows: int
    slice: Slice
    state: State
    reasons: tuple[Reason, ...]
    title: str
    licence: str
    holder: str
    content: str
    accepted_because: str = ""
    area_codes: tuple[tuple[str, str], ...] = ()
    files: tuple[CellFile, ...] = ()

    def covers(self, *, area: str, kind: str | None = None, year: int | None = None) -> bool:
        """Whether this vintage speaks for an area, and for a kind and year when they are asked."""
        wanted = self.slice
        return (
            (not wanted.areas or area.startswith(wanted.areas))
            and (kind is None or not wanted.kinds or kind in wanted.kinds)
            and (year is None or not wanted.years or year in wanted.years)
        )

    @property
    def is_usable(self) -> bool:
        return self.state == "accepted"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One figure of a vintage. `amount` is None exactly when `missing` says why; `low` and `high` bound an estimate."""

    area: str
    kind: str
    period: str
    measure: str
    amount: float | None
    missing: Missing | None
    certainty: Certainty
    low: float | None
    high: float | None
    vintage: int


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One cell that is not the same in two vintages; `change` is new, revised or withdrawn.

    A cell that lost its number for a reason is revised, with the reason in `later_missing`; one that is no longer
    there at all is withdrawn.
    """

    change: Literal["new", "revised", "withdrawn"]
    area: str
    level: str
    kind: str
    period: str
    measure: str
    earlier: float | None
    later: float | None
    earlier_missing: Missing | None
    later_missing: Missing | None


@dataclass(frozen=True, kw_only=True)
class RevisionGroup:
    """What changed in one kind and year: how many cells, the sum before and after, and the largest change of one cell.

    The sums are over the cells that have a number in both vintages.
    """

    level: str
    kind: str
    year: int
    measure: str
    new: int
    revised: int
    withdrawn: int
    unchanged: int
    before: float
    after: float
    largest_area: str
    largest_change: float


KEY = ["area", "level", "kind", "period", "measure"]


def compare(earlier: pl.LazyFrame, later: pl.LazyFrame) -> pl.LazyFrame:
    """Join two frames of cells and say of each cell: new, revised, withdrawn or same.

    Columns: the key, `earlier`, `later`, `earlier_missing`, `later_missing`, `change`. Only the number and the reason
    for its absence decide; a figure that became final without changing is the same.
    """
    columns = [*KEY, "amount", "missing"]
    before = earlier.select(columns).rename({"amount": "earlier", "missing": "earlier_missing"})
    after = later.select(columns).rename({"amount": "later", "missing": "later_missing"})
    joined = before.with_columns(was=pl.lit(True)).join(
        after.with_columns(stands=pl.lit(True)), on=KEY, how="full", coalesce=True
    )
    same = pl.col("earlier").eq_missing(pl.col("later")) & pl.col("earlier_missing").eq_missing(pl.col("later_missing"))
    change = (
        pl.when(pl.col("was").is_null())
        .then(pl.lit("new"))
        .when(pl.col("stands").is_null())
        .then(pl.lit("withdrawn"))
        .when(same)
        .then(pl.lit("same"))
        .otherwise(pl.lit("revised"))
    )
    return joined.with_columns(change=change).drop("was", "stands")


def changed(compared: pl.LazyFrame) -> tuple[Revision, ...]:
    """The cells that are not the same, in order of area, kind, period."""
    rows = compared.filter(pl.col("change") != "same").sort("measure", *KEY[:4]).collect(engine="streaming")
    return tuple(
        Revision(
            change=row["change"],
            **{key: row[key] for key in (*KEY, "earlier", "later")},
            earlier_missing=Missing(row["earlier_missing"]) if row["earlier_missing"] else None,
            later_missing=Missing(row["later_missing"]) if row["later_missing"] else None,
        )
        for row in rows.iter_rows(named=True)
    )


def grouped(compared: pl.LazyFrame) -> tuple[RevisionGroup, ...]:
    """The same, added up per level, kind, measure and year: what a person reads in a minute. Largest changes first."""
    both = pl.col("earlier").is_not_null() & pl.col("later").is_not_null()
    step = (pl.col("later") - pl.col("earlier")).fill_null(0.0)
    counts = {name: (pl.col("change") == name).sum() for name in ("new", "revised", "withdrawn")}
    rows = (
        compared.with_columns(year=pl.col("period").str.slice(0, 4).cast(pl.Int32), step=step)
        .group_by("level", "kind", "measure", "year")
        .agg(
            **counts,
            unchanged=(pl.col("change") == "same").sum(),
            before=pl.col("earlier").filter(both).sum(),
            after=pl.col("later").filter(both).sum(),
            largest_area=pl.col("area").get(pl.col("step").abs().arg_max()),
            largest_change=pl.col("step").get(pl.col("step").abs().arg_max()),
        )
        .filter(pl.col("new") + pl.col("revised") + pl.col("withdrawn") > 0)
        .sort((pl.col("after") - pl.col("before")).abs(), "revised", "new", "withdrawn", descending=True)
        .collect(engine="streaming")
    )
    return tuple(RevisionGroup(**row) for row in rows.iter_rows(named=True))


def as_json(vintage: Vintage) -> dict[str, Any]:
    """A vintage as its manifest holds it."""
    return {
        "layout": LAYOUT,
        **asdict(vintage),
        "as_of": vintage.as_of.isoformat(),
        "modified": vintage.modified.isoformat() if vintage.modified else None,
        "reasons": [{"code": reason.code, "values": dict(reason.values)} for reason in vintage.reasons],
    }


def from_json(found: Mapping[str, Any]) -> Vintage:
    """Read a manifest. Raises KeyError, TypeError or ValueError for what is none."""
    if found["layout"] != LAYOUT:
        raise ValueError(f"layout {found['layout']}")
    fields = {key: value for key, value in found.items() if key != "layout"}
    part = fields["slice"]
    return Vintage(
        **fields
        | {
            "as_of": date.fromisoformat(fields["as_of"]),
            "modified": datetime.fromisoformat(fields["modified"]) if fields["modified"] else None,
            "slice": Slice(**{name: tuple(chosen) for name, chosen in part.items()}),
            "reasons": tuple(_reasons(fields["reasons"])),
            "area_codes": tuple((name, code) for name, code in fields["area_codes"]),
            "files": tuple(CellFile(**file) for file in fields["files"]),
        }
    )


def _reasons(found: Iterable[Mapping[str, Any]]) -> Iterable[Reason]:
    return (Reason(code=reason["code"], values=reason["values"]) for reason in found)
