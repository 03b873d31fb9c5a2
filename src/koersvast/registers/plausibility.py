"""Whether a delivery can be true: against the last accepted vintage (`held_against`), and against itself. Pure.

Every remark is a code with values; `REASONS` says for each whether it holds the delivery back. Nobody is stopped for
good: a person who has read the reasons may accept the vintage and says why. The limits are ours: wide enough for a
revision or a hard year, narrow enough for a factor ten. docs/explanation/vintages.md explains each.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise

import polars as pl

from koersvast.engine.periods import Period
from koersvast.engine.quantities import Reason, Unit
from koersvast.registers.codes import Level, is_span, length_of, period_code
from koersvast.registers.profile import Outline
from koersvast.registers.tables import RegisterTable

# A sum below this moves by chance; no factor is read from it.
ENOUGH = 50.0
# A cell or two beside its total is rounding or a late booking; a hundredth of all cells is not.
TOLERATED_SHARE = 0.01
_A_FEW = 2
_OUT_OF_LINE = 8.0
_SHARE_OF_KINDS = 1 / 3
_COUNTRY_TOLERANCE = 0.02
type Values = dict[str, float | int | str]

_POSITIVE_UNITS = frozenset({Unit.COUNT, Unit.PERCENT, Unit.PER_1000, Unit.PER_10000})


class Severity(StrEnum):
    """Whether a reason keeps a delivery out until a person accepts it, or is only worth knowing."""

    QUARANTINE = "quarantine"
    REMARK = "remark"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How grave a reason is, and the values that a sentence about it needs."""

    severity: Severity
    values: tuple[str, ...]


def _held(*values: str) -> Kind:
    return Kind(severity=Severity.QUARANTINE, values=values)


def _noted(*values: str) -> Kind:
    return Kind(severity=Severity.REMARK, values=values)


REASONS: Mapping[str, Kind] = {
    # While reading.
    "area_not_in_edition": _held("count", "areas"),
    "kind_not_listed": _held("count", "kinds"),
    "period_not_listed": _held("count", "periods"),
    "margin_not_listed": _noted("count", "margins"),
    "period_left_out": _noted("period"),
    "measure_absent": _noted("measure"),
    "cells_twice": _held("count"),
    "cells_twice_different": _held("count"),
    "zeros_filled": _noted("count"),
    "withheld_with_number": _noted("count"),
    "value_outside_margin": _held("count"),
    # Against itself.
    "negative_amounts": _held("measure", "count"),
    "future_period": _held("period", "on"),
    "all_zero": _held("measure", "count"),
    "no_numbers": _held("measure", "count"),
    "kind_without_rows": _noted("count", "kinds"),
    "period_without_rows": _held("period"),
    "newest_period_without_rows": _noted("period"),
    "period_gap": _held("after", "before"),
    "period_repeats": _held("period", "earlier"),
    "period_out_of_line": _held("period", "measure", "kinds", "total", "usual"),
    "kind_out_of_line": _noted("period", "measure", "kind", "total", "usual"),
    "kinds_over_total": _held("count", "compared", "example"),
    "some_kinds_over_total": _noted("count", "compared", "example"),
    "parts_over_municipality": _held("level", "count", "compared"),
    "some_parts_over_municipality": _noted("level", "count", "compared"),
    "country_differs": _held("period", "country", "municipalities", "count"),
    # Against the vintage before.
    "same_as_earlier_vintage": _held("number"),
    "older_than_held": _held("modified", "held"),
    "period_vanished": _held("count", "periods"),
    "kind_vanished": _held("count", "kinds"),
    "fewer_areas": _held("level", "now", "before"),
    "some_areas_gone": _noted("level", "now", "before"),
    "fewer_numbers": _held("now", "before"),
    "scaled": _held("measure", "kind", "period", "factor", "now", "before"),
    "jumped": _held("measure", "kind", "period", "now", "before"),
    "shifted": _noted("measure", "kind", "period", "now", "before"),
    "area_jumped": _held("area", "year", "measure", "now", "before"),
    "kinds_exchanged": _held("kind", "like"),
    "periods_moved": _held("period", "like"),
}
"""Every reason by its code. The floor above makes a sentence of each."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of a delivery once it is written: its outline and what was counted while reading.

    `over_municipality` has per level the cells compared and those whose sum exceeds the municipality's own figure.
    `whole_country` says whether all municipalities were asked for.
    """

    outline: Outline
    received: int
    left_out: Mapping[str, Mapping[str, int]]
    listed_periods: tuple[str, ...]
    listed_kinds: tuple[str, ...]
    duplicates: int
    conflicts: int
    zeros_filled: int
    withheld_with_number: int
    outside_margin: int
    compared_with_total: int
    over_total: int
    over_total_example: str
    over_municipality: tuple[tuple[str, int, int], ...]
    whole_country: bool


def reason(code: str, **values: float | int | str) -> Reason:
    """Make a reason; its values must be those of REASONS."""
    if set(values) != set(REASONS[code].values):
        raise TypeError(f"{code} wants {REASONS[code].values}, not {tuple(values)}.")
    return Reason(code=code, values=values)


def is_serious(found: Reason) -> bool:
    """Whether a reason keeps the delivery out until a person accepts it."""
    return REASONS[found.code].severity is Severity.QUARANTINE


def held_against_itself(evidence: Evidence, *, table: RegisterTable, on: date) -> Iterator[Reason]:
    """What a delivery says of itself. `on` is the day that the source was read."""
    yield from _left_out(evidence)
    yield from _counted(evidence)
    if table.zeros:
        yield from _idle_kinds(evidence)
    yield from _amounts(evidence.outline.cells, table)
    yield from _periods(evidence, table, on)
    yield from _repeats(evidence.outline)
    yield from out_of_line(evidence.outline.cells, total_kind=table.total_kind)
    yield from _sums(evidence)
    yield from _country(evidence, table)


def _left_out(evidence: Evidence) -> Iterator[Reason]:
    codes = {
        "area": ("area_not_in_edition", "areas"),
        "kind": ("kind_not_listed", "kinds"),
        "period": ("period_not_listed", "periods"),
        "part": ("margin_not_listed", "margins"),
    }
    for axis, (code, name) in codes.items():
        found = dict(evidence.left_out.get(axis, {}))
        if axis == "period":
            # A period of another form (an average of four years) was left out on purpose and said so.
            found = {key: count for key, count in found.items() if period_code(key) is not None}
        if found:
            yield reason(code, count=sum(found.values()), **{name: some(sorted(found))})


def _counted(evidence: Evidence) -> Iterator[Reason]:
    if evidence.conflicts:
        yield reason("cells_twice_different", count=evidence.conflicts)
    if evidence.duplicates > evidence.conflicts:
        yield reason("cells_twice", count=evidence.duplicates - evidence.conflicts)
    if evidence.zeros_filled:
        yield reason("zeros_filled", count=evidence.zeros_filled)
    if evidence.withheld_with_number:
        yield reason("withheld_with_number", count=evidence.withheld_with_number)
    if evidence.outside_margin:
        yield reason("value_outside_margin", count=evidence.outside_margin)


def _idle_kinds(evidence: Evidence) -> Iterator[Reason]:
    """Kinds of which the country has no figure in a period: there no absent row was read as nought (see `filling`)."""
    country = evidence.outline.cells.filter(pl.col("level") == Level.COUNTRY.value)
    held = set(country.select("kind", "period").iter_rows())
    periods = sorted({period for _, period in held})
    idle = [f"{kind} {period}" for kind in evidence.listed_kinds for period in periods if (kind, period) not in held]
    if idle:
        yield reason("kind_without_rows", count=len(idle), kinds=some(idle))


def _amounts(cells: pl.DataFrame, table: RegisterTable) -> Iterator[Reason]:
    totals = cells.group_by("measure").agg(pl.col("numbers", "absent", "nonzero", "negative").sum()).sort("measure")
    any_number, anything = totals["numbers"].sum() > 0, totals["nonzero"].sum() > 0
    for row in totals.iter_rows(named=True):
        known = table.measure_of.get(row["measure"])
        if row["negative"] and known is not None and known.unit in _POSITIVE_UNITS:
            yield reason("negative_amounts", measure=row["measure"], count=row["negative"])
        # One question of a survey may be empty in a small town; the measure that the table is for may not.
        is_survey = table.other_measures_by_key
        is_main = row["measure"] == table.measures[0].code and not is_survey
        if row["numbers"] >= 20 and not row["nonzero"] and (not is_survey or not anything):
            yield reason("all_zero", measure=row["measure"], count=row["numbers"])
        if not row["numbers"] and row["absent"] and (is_main or not any_number):
            yield reason("no_numbers", measure=row["measure"], count=row["absent"])


def _periods(evidence: Evidence, table: RegisterTable, on: date) -> Iterator[Reason]:
    present = sorted(evidence.outline.cells["period"].unique().to_list())
    for period in present:
        if not is_span(period) and Period.parse(period).start > on:
            yield reason("future_period", period=period, on=on.isoformat())
    for period in sorted(set(evidence.listed_periods) - set(present)):
        between = present[0] < period < present[-1]
        yield reason("period_without_rows" if between else "newest_period_without_rows", period=period)
    if table.subject == "safety_monitor":
        return
    for length in ("year", "quarter", "month"):
        same = [Period.parse(period) for period in present if length_of(period) == length]
        for earlier, later in pairwise(sorted(same)):
            if earlier.end != later.start:
                yield reason("period_gap", after=earlier.code, before=later.code)


def _repeats(outline: Outline) -> Iterator[Reason]:
    """A period with exactly the figures of another one: last year's file under this year's name."""
    cells = outline.cells.with_columns(column=pl.concat_str("level", "kind", "measure", separator="|"))
    found = dict(_same_columns(cells, index="column", column="period", value="total"))
    areas = outline.areas.with_columns(
        column=pl.concat_str("area", "measure", separator="|"), period=pl.col("year").cast(pl.String)
    )
    found |= dict(_same_columns(areas, index="column", column="period", value="total"))
    for later, earlier in sorted(found.items()):
        yield reason("period_repeats", period=later, earlier=earlier)


def _same_columns(lines: pl.DataFrame, *, index: str, column: str, value: str) -> Iterator[tuple[str, str]]:
    """Pairs of columns of a pivoted table that hold the same numbers: at least three that are not nought."""
    wide = lines.pivot(on=column, index=index, values=value, aggregate_function="sum").fill_null(0.0)
    seen: dict[bytes, str] = {}
    for name in sorted(set(wide.columns) - {index}):
        numbers = wide[name]
        if (numbers > 0).sum() < 3 or float(numbers.sum()) < 2 * ENOUGH or numbers.n_unique() < 3:
            continue
        digest = numbers.to_numpy().tobytes()
        if digest in seen and length_of(seen[digest]) == length_of(name):
            yield name, seen[digest]
        seen.setdefault(digest, name)


def out_of_line(cells: pl.DataFrame, *, total_kind: str, only: Iterable[str] = ()) -> Iterator[Reason]:
    """Periods whose sums lie eight times above or below what is usual in the other periods of the same length.

    Some kinds may really do so (cybercrime grew, fireworks are a thing of December, cafés were closed in 2020): a
    remark, for the strangest period of each. A third of the kinds, or the total itself, hold the delivery back.
    """
    sums = (
        cells.filter(~pl.col("period").str.contains("/", literal=True), pl.col("numbers") > 0)
        .with_columns(length=pl.col("period").map_elements(length_of, return_dtype=pl.String))
        .group_by("measure", "kind", "length", "period")
        .agg(pl.col("total").sum())
        .with_columns(
            usual=pl.col("total").median().over("measure", "kind", "length"),
            times=pl.len().over("measure", "kind", "length"),
        )
        .filter(pl.col("times") >= 3, pl.max_horizontal("usual", "total") >= ENOUGH)
        .with_columns(
            kinds=pl.len().over("measure", "period"),
            ratio=pl.max_horizontal("total", pl.lit(1.0)) / pl.max_horizontal("usual", pl.lit(1.0)),
        )
    )
    strange = sums.filter((pl.col("ratio") >= _OUT_OF_LINE) | (pl.col("ratio") <= 1 / _OUT_OF_LINE))
    strange = strange.filter(pl.col("period").is_in(list(only))) if only else strange
    strange = strange.sort("measure", "period", "kind").with_columns(
        held=pl.col("kind").is_in([total_kind, ""]).any().over("measure", "period")
        | (pl.len().over("measure", "period") >= pl.max_horizontal(_SHARE_OF_KINDS * pl.col("kinds"), pl.lit(2.0)))
    )
    for (measure, period), group in strange.filter("held").group_by("measure", "period", maintain_order=True):
        yield reason(
            "period_out_of_line",
            period=str(period),
            measure=str(measure),
            kinds=some(group["kind"].to_list()),
            total=float(group["total"].sum()),
            usual=float(group["usual"].sum()),
        )
    strangest = strange.filter(~pl.col("held")).sort(pl.col("ratio").log().abs(), descending=True)
    for row in strangest.unique(["measure", "kind"], keep="first", maintain_order=True).iter_rows(named=True):
        names = ("period", "measure", "kind", "total", "usual")
        yield reason("kind_out_of_line", **{name: row[name] for name in names})


def _sums(evidence: Evidence) -> Iterator[Reason]:
    if evidence.over_total:
        grave = evidence.over_total > max(_A_FEW, TOLERATED_SHARE * evidence.compared_with_total)
        yield reason(
            "kinds_over_total" if grave else "some_kinds_over_total",
            count=evidence.over_total,
            compared=evidence.compared_with_total,
            example=evidence.over_total_example,
        )
    for level, compared, over in evidence.over_municipality:
        if over:
            grave = over > max(_A_FEW, TOLERATED_SHARE * compared)
            code = "parts_over_municipality" if grave else "some_parts_over_municipality"
            yield reason(code, level=level, count=over, compared=compared)


def _country(evidence: Evidence, table: RegisterTable) -> Iterator[Reason]:
    """All municipalities and what could not be placed (GM0000) make the country, within two per cent a year."""
    is_part = (pl.col("level") == "municipality") | (pl.col("area") == "GM0000")
    side = pl.when(pl.col("level") == "country").then(pl.lit("country")).when(is_part).then(pl.lit("parts"))
    lines = evidence.outline.areas.filter(pl.col("measure") == table.measures[0].code).with_columns(side=side)
    wide = lines.drop_nulls("side").pivot(on="side", index="year", values="total", aggregate_function="sum")
    if not {"country", "parts"} <= set(wide.columns):
        return
    over, under = pl.col("parts") - pl.col("country"), pl.col("country") - pl.col("parts")
    slack = pl.max_horizontal(_COUNTRY_TOLERANCE * pl.col("country"), pl.lit(ENOUGH))
    wrong = (over > slack) | ((under > slack) & evidence.whole_country)
    rows = wide.drop_nulls().filter(wrong).sort(over.abs(), descending=True)
    if rows.height:
        worst = rows.row(0, named=True)
        yield reason(
            "country_differs",
            period=str(worst["year"]),
            country=worst["country"],
            municipalities=worst["parts"],
            count=rows.height,
        )


def some(texts: Iterable[str]) -> str:
    """The first ten of a list of codes, in a row."""
    listed = list(texts)
    return ", ".join(listed[:10]) + (" …" if len(listed) > 10 else "")


def is_older(modified: datetime | None, held: datetime | None) -> bool:
    """Whether the source says that this delivery is from before the one that is held."""
    return modified is not None and held is not None and modified < held
