"""Read the pages of a table service: columns by title, members by bare key, one page in memory at a time.

The pages' own form is `connectors.statline`'s; what an absent, withheld or empty cell means is `filling`'s.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
import polars as pl

from koersvast.connectors.captures import Capture, metadata_of
from koersvast.connectors.problems import FetchProblem
from koersvast.connectors.snapshot import DamagedSnapshot, NoSuchSnapshot, SnapshotStore
from koersvast.connectors.statline import (
    ATTRIBUTE,
    ColumnMissing,
    Dimension,
    Measure,
    Member,
    Protocol,
    Slice,
    TableAddress,
    TableDescription,
    describe,
    missing_reason,
    read_page,
)
from koersvast.engine.quantities import Certainty, Missing, Reason
from koersvast.registers.codes import bare_key, margin_of, period_code, year_of
from koersvast.registers.filling import NUMBER, PART_OF, STATE_OF, VALUE
from koersvast.registers.grid import Grid, GridTooLarge, Numbers
from koersvast.registers.source import MEMBERS, CaptureUnreadable, Rows, Source, as_rows, certainty_by_year
from koersvast.registers.tables import RegisterTable

_EDITION = re.compile(r"indeling(?:\s+van)?\s+(\d{4})", re.IGNORECASE)
_COUNTRY = "NL01"


def open_pages(capture: Capture, snapshots: SnapshotStore, table: RegisterTable) -> Source:
    """Open the capture of a table service. Raises CaptureUnreadable."""
    try:
        return _Pages(capture, snapshots, table).source()
    except FetchProblem as error:
        raise _unusable(table, error) from error
    except (NoSuchSnapshot, DamagedSnapshot) as error:
        raise CaptureUnreadable("capture_damaged", table=table.code) from error
    except GridTooLarge as error:
        raise CaptureUnreadable("too_many_cells", table=table.code, found=error.args[0]) from error


def _unusable(table: RegisterTable, error: FetchProblem) -> CaptureUnreadable:
    said = "; ".join(f"{key}: {value}" for key, value in error.problem.values.items())
    return CaptureUnreadable("pages_unusable", table=table.code, problem=error.problem.code, said=said)


class _Pages:
    """One capture with its description resolved against what is known of the table."""

    def __init__(self, capture: Capture, snapshots: SnapshotStore, table: RegisterTable) -> None:
        self._snapshots, self._table, self._capture = snapshots, table, capture
        if capture.address is None:
            raise CaptureUnreadable("capture_without_pages", table=table.code)
        self._pages = [part for part in capture.parts if part.role == "page"]
        if not self._pages:
            raise CaptureUnreadable("capture_without_pages", table=table.code)
        self._said = self._described(capture.address)
        self._area = self._dimension("geo", table.area_titles)
        self._time = self._dimension("time", table.time_titles)
        self._margin = self._said.role("margin") if table.margin_titles else None
        self._kind = self._said.dimension(*table.kind_titles) if table.kind_titles else None
        self._remarks: list[Reason] = []
        self._measures = self._resolved_measures()
        self._fixed = self._totals()
        self._parts = self._margin_parts()
        self._members = self._covered_members(capture.slice)
        self._grid = self._axes()
        self._left_out: dict[str, dict[str, int]] = {}

    def source(self) -> Source:
        zero = {
            code
            for code, measure in self._measures.items()
            if self._table.zeros and measure.absent_is_zero and self._margin is None
        }
        return Source(
            grid=self._grid,
            members=self._named_members(),
            # Only everybody is ever read, so a slice that asked for no more is no other slice.
            slice=replace(self._capture.slice, totals=()),
            absent_is_zero=frozenset(zero),
            certainties=self._certainties(),
            edition_year=self._edition(),
            pages=self._rows,
            remarks=tuple(self._remarks),
            left_out=self._left_out,
        )

    def _described(self, address: TableAddress) -> TableDescription:
        return describe(metadata_of(self._capture, self._snapshots), address)

    def _dimension(self, role: str, titles: Sequence[str]) -> Dimension | None:
        """The dimension by its role, else by its titles; None for a table that has no such titles at all."""
        found = [dimension for dimension in self._said.dimensions if dimension.role == role]
        if len(found) == 1:
            return found[0]
        return self._said.dimension(*titles) if titles else None

    def _resolved_measures(self) -> dict[str, Measure]:
        """Our code for each measure that is read. The first of the table must be there; the others may be absent."""
        found: dict[str, Measure] = {}
        for number, known in enumerate(self._table.measures):
            try:
                found[known.code] = self._said.measure(*known.titles)
            except ColumnMissing:
                if number == 0 and not self._table.other_measures_by_key:
                    raise
                self._remarks.append(Reason(code="measure_absent", values={"measure": known.code}))
        if self._table.other_measures_by_key:
            found |= self._other_measures({measure.key for measure in found.values()})
        return found

    def _other_measures(self, taken: set[str]) -> dict[str, Measure]:
        rest = [measure for measure in self._said.measures if measure.key not in taken]
        keys = [bare_key(measure.key) for measure in rest]
        return {key if keys.count(key) == 1 else one.key: one for key, one in zip(keys, rest, strict=True)}

    def _totals(self) -> Mapping[str, str]:
        """For each dimension that we do not divide by (sex, age): the key of the member that stands for everybody."""
        named = {dimension.key for dimension in (self._area, self._time, self._margin, self._kind) if dimension}
        return {
            dimension.key: self._total(dimension) for dimension in self._said.dimensions if dimension.key not in named
        }

    def _total(self, dimension: Dimension) -> str:
        found = [m for m in self._said.members[dimension.key] if m.title.strip().casefold().startswith("totaal")]
        if len(found) != 1:
            raise CaptureUnreadable("dimension_without_total", table=self._table.code, dimension=dimension.title)
        return found[0].key

    def _margin_parts(self) -> Mapping[str, int]:
        if self._margin is None:
            return {}
        known = {m.key: margin_of(m.key, m.title) for m in self._said.members[self._margin.key]}
        return {key: PART_OF[margin] for key, margin in known.items() if margin is not None}

    def _covered_members(self, wanted: Slice) -> dict[str, tuple[Member, ...]]:
        members = self._said.members
        areas = members[self._area.key] if self._area else (Member(key=_COUNTRY, raw_key=_COUNTRY, title="Nederland"),)
        kinds = members[self._kind.key] if self._kind else ()
        periods = members[self._time.key] if self._time else ()
        return {
            "area": tuple(m for m in areas if not wanted.areas or m.key.startswith(wanted.areas)),
            "kind": tuple(m for m in kinds if not wanted.kinds or m.key in wanted.kinds),
            "period": tuple(m for m in periods if self._is_wanted(m, wanted)),
        }

    def _is_wanted(self, member: Member, wanted: Slice) -> bool:
        code = period_code(member.key)
        if code is None:
            self._remarks.append(Reason(code="period_left_out", values={"period": member.key}))
            return False
        return not wanted.years or year_of(code) in wanted.years

    def _axes(self) -> Grid:
        grid = Grid.of(
            areas=(member.key for member in self._members["area"]),
            kinds=(member.key for member in self._members["kind"]),
            periods=self._period_codes().values(),
            measures=self._measures,
        )
        if not (grid.areas and grid.periods and grid.measures):
            raise CaptureUnreadable("nothing_in_it", table=self._table.code)
        return grid

    def _period_codes(self) -> dict[str, str]:
        """Our code of each period key; a table of one year has that year alone."""
        if self._time is None:
            return {"": str(self._table.year or self._capture.finished_at.year)}
        codes = {member.key: period_code(member.key) for member in self._members["period"]}
        return {key: code for key, code in codes.items() if code is not None}

    def _certainties(self) -> Mapping[str, Certainty]:
        codes = self._period_codes()
        found = certainty_by_year(
            self._grid.periods,
            year=self._capture.finished_at.year,
            latest_provisional_years=self._table.latest_provisional_years,
        )
        said = {"final": Certainty.FINAL, "provisional": Certainty.PROVISIONAL}
        return found | {codes[m.key]: said[m.status] for m in self._members["period"] if m.status in said}

    def _edition(self) -> int | None:
        if self._table.editions == "table":
            return self._table.year
        if self._table.editions == "of_period":
            return None
        titles = [dimension.title for dimension in self._said.dimensions]
        years = [int(year) for text in (*titles, self._said.explanation) for year in _EDITION.findall(text)]
        return max((year for year in years if year <= self._capture.finished_at.year + 1), default=None)

    def _named_members(self) -> pl.DataFrame:
        codes = self._period_codes()
        lines = [
            (axis, codes[m.key] if axis == "period" else m.key, m.title.strip(), m.parent, m.status)
            for axis, members in self._members.items()
            for m in members
        ]
        return pl.DataFrame(lines, schema=MEMBERS, orient="row")

    def _rows(self) -> Iterator[Rows]:
        try:
            yield from chain.from_iterable(self._of_page(self._snapshots.read(part.sha256)) for part in self._pages)
        except FetchProblem as error:
            raise _unusable(self._table, error) from error
        except (NoSuchSnapshot, DamagedSnapshot) as error:
            raise CaptureUnreadable("capture_damaged", table=self._table.code) from error

    def _of_page(self, data: bytes) -> Iterator[Rows]:
        page = read_page(data, self._said)
        for key, total in self._fixed.items():
            page = page.filter(pl.col(key) == total)
        if page.is_empty():
            return
        placed = self._placed(page)
        for code, measure in self._measures.items():
            if measure.key in placed.columns:
                yield self._of_measure(placed, code, measure)

    def _placed(self, page: pl.DataFrame) -> pl.DataFrame:
        """Add the numbers of area, kind, period and part; rows whose codes are on no axis go, and are counted."""
        types, codes = self._grid.types, self._period_codes()
        area = pl.col(self._area.key) if self._area else pl.lit(_COUNTRY)
        kind = pl.col(self._kind.key) if self._kind else pl.lit("")
        time = pl.col(self._time.key).replace_strict(codes, default=None) if self._time else pl.lit(codes.get(""))
        part = (
            pl.col(self._margin.key).replace_strict(self._parts, default=None, return_dtype=pl.UInt8)
            if self._margin
            else pl.lit(VALUE, dtype=pl.UInt8)
        )
        placed = page.with_columns(
            area.cast(types["area"], strict=False).to_physical().alias(":area"),
            kind.cast(types["kind"], strict=False).to_physical().alias(":kind"),
            time.cast(types["period"], strict=False).to_physical().alias(":period"),
            part.alias(":part"),
        )
        wrong = pl.any_horizontal(pl.col(":area", ":kind", ":period", ":part").is_null())
        self._count_left_out(placed.filter(wrong))
        return placed.filter(~wrong)

    def _count_left_out(self, rows: pl.DataFrame) -> None:
        dimensions = (("area", self._area), ("kind", self._kind), ("period", self._time), ("part", self._margin))
        for axis, dimension in dimensions:
            if dimension is None or rows.is_empty():
                continue
            counts = rows.filter(pl.col(f":{axis}").is_null())[dimension.key].fill_null("").value_counts()
            held = self._left_out.setdefault(axis, {})
            for key, count in counts.iter_rows():
                held[key] = held.get(key, 0) + count

    def _of_measure(self, placed: pl.DataFrame, code: str, measure: Measure) -> Rows:
        amount = placed[measure.key].to_numpy()
        state = self._states(placed, measure, np.isnan(amount))
        # In the long form of version 4 an observation that is not there is no statement about the cell.
        is_said = (state != 0) if self._said.protocol is Protocol.V4 else np.ones(len(amount), dtype=bool)
        columns = {axis: placed[f":{axis}"].to_numpy()[is_said] for axis in ("area", "kind", "period", "part")}
        return as_rows(
            grid=self._grid,
            measure=self._grid.measures.index(code),
            amount=amount[is_said],
            state=state[is_said],
            **columns,
        )

    def _states(self, placed: pl.DataFrame, measure: Measure, empty: Numbers) -> Numbers:
        state = np.where(empty, STATE_OF[Missing.NOT_KNOWN], NUMBER).astype(np.uint8)
        attribute = f"{measure.key}{ATTRIBUTE}"
        if not empty.any() or attribute not in placed.columns:
            return state
        texts = placed[attribute]
        reasons = {
            text: STATE_OF[Missing(missing_reason(text).value)] for text in texts.unique().to_list() if text is not None
        }
        said = texts.replace_strict(reasons, default=0, return_dtype=pl.UInt8).to_numpy()
        unsaid = 0 if self._said.protocol is Protocol.V4 else STATE_OF[Missing.NOT_KNOWN]
        return np.where(empty, np.where(said > 0, said, unsaid), NUMBER).astype(np.uint8)
