"""A delivery against the accepted vintage before it, in outline: what is gone, what is ten times as much, what moved.

Pure. Only what both hold is compared: the same level, kind, measure and period.
"""

from collections.abc import Iterator
from math import isclose, log10

import polars as pl

from koersvast.engine.quantities import Reason
from koersvast.registers.codes import Level
from koersvast.registers.plausibility import ENOUGH, Values, is_serious, out_of_line, reason, some
from koersvast.registers.profile import Outline

_KEY = ["level", "kind", "measure", "period"]
_FEWER = 0.9
# So many events do not all turn out to be none on closer inspection.
_SOME = 10.0
_NEARLY_ALL = 0.75
_AT_MOST = 20
_JUMP = 2.0
_SHIFT = 1.25
_AREA_JUMP = 5.0
# How near a ratio must be to a power of ten, on the scale of log10: 10 % either way.
_NEAR_POWER = 0.045
# One kind has become another when it lies far from its own past and on top of the other's.
_FAR, _NEAR = 0.25, 0.02
_LARGE = (Level.COUNTRY, Level.PROVINCE, Level.MUNICIPALITY)


def held_against(now: Outline, before: Outline, *, total_kind: str, same_edition: bool) -> Iterator[Reason]:
    """What stands out beside the vintage before. `same_edition`: both stand on the borders of one year."""
    yield from _vanished(now, before)
    both = _both(now, before)
    yield from _fewer_numbers(both)
    moved = list(_moved(now.cells, before.cells))
    yield from moved
    exchanged = [] if moved else list(_exchanged(both))
    yield from exchanged
    jumps = list(_jumps(both))
    yield from jumps
    if not any(is_serious(jump) for jump in jumps):
        yield from _area_jumps(now, before, same_edition=same_edition)
    new = sorted(set(now.cells["period"].to_list()) - set(before.cells["period"].to_list()))
    if new:
        yield from out_of_line(now.cells, total_kind=total_kind, only=new)


def _both(now: Outline, before: Outline) -> pl.DataFrame:
    columns = [*_KEY, "numbers", "total"]
    return now.cells.select(columns).join(before.cells.select(columns), on=_KEY, suffix="_before")


def _vanished(now: Outline, before: Outline) -> Iterator[Reason]:
    had = set(before.cells.filter(pl.col("numbers") > 0)["period"].to_list())
    if gone := sorted(had - set(now.cells.filter(pl.col("numbers") > 0)["period"].to_list())):
        yield reason("period_vanished", count=len(gone), periods=some(gone))
    # A kind whose rows are gone is read as nought all over: what counts is whether anything is left of it.
    left = set(now.cells.filter(pl.col("nonzero") > 0)["kind"].to_list())
    shared = before.cells.filter(pl.col("period").is_in(now.cells["period"].unique().to_list()))
    sums = shared.group_by("kind").agg(pl.col("total").sum()).filter(pl.col("total") >= _SOME)
    if gone := sorted(set(sums["kind"].to_list()) - left):
        yield reason("kind_vanished", count=len(gone), kinds=some(gone))
    else:
        yield from _emptied(now.cells, shared)
    yield from _fewer_areas(now, before)


def _emptied(now: pl.DataFrame, before: pl.DataFrame) -> Iterator[Reason]:
    """A kind that has no number left in one period only, of all municipalities or the country: a page stayed empty."""
    large = pl.col("level").is_in([level.value for level in _LARGE])
    lost = before.filter(large, pl.col("total") >= _SOME).join(now.filter(pl.col("numbers") > 0), on=_KEY, how="anti")
    if gone := sorted({f"{kind} {period}".strip() for kind, period in lost.select("kind", "period").iter_rows()}):
        yield reason("kind_vanished", count=len(gone), kinds=some(gone))


def _fewer_areas(now: Outline, before: Outline) -> Iterator[Reason]:
    had = before.areas.group_by("level").agg(pl.col("area").n_unique())
    has = dict(now.areas.group_by("level").agg(pl.col("area").n_unique()).iter_rows())
    for level, count in sorted(had.iter_rows()):
        left = has.get(level, 0)
        if left < count:
            code = "fewer_areas" if left < _FEWER * count else "some_areas_gone"
            yield reason(code, level=level, now=left, before=count)


def _fewer_numbers(both: pl.DataFrame) -> Iterator[Reason]:
    now, before = int(both["numbers"].sum()), int(both["numbers_before"].sum())
    if now < _FEWER * before:
        yield reason("fewer_numbers", now=now, before=before)


def _jumps(both: pl.DataFrame) -> Iterator[Reason]:
    """Sums that are not what they were: of some periods or kinds, or of everything when it is nearly all of them."""
    whole = _steps(both, [])
    for by in ("period", "kind"):
        found = [one for one in _steps(both, [by]) if is_serious(one)]
        if found and len(found) < _NEARLY_ALL * both[by].n_unique():
            yield from found[:_AT_MOST]
            return
    yield from whole


def _steps(both: pl.DataFrame, by: list[str]) -> list[Reason]:
    sums = both.group_by("measure", *by).agg(pl.col("total", "total_before").sum()).sort("measure", *by)
    steps = (
        _step(row["measure"], row.get("kind", ""), row.get("period", ""), **_pair(row))
        for row in sums.iter_rows(named=True)
    )
    return [step for step in steps if step]


def _pair(row: dict[str, float]) -> dict[str, float]:
    return {"now": row["total"], "before": row["total_before"]}


def _step(measure: str, kind: str, period: str, *, now: float, before: float) -> Reason | None:
    if max(now, before) < ENOUGH:
        return None
    values: Values = {"measure": measure, "kind": kind, "period": period, "now": now, "before": before}
    if power := _power_of_ten(now, before):
        return reason("scaled", factor=10.0**power, **values)
    ratio = max(now, before) / max(min(now, before), 1e-9)
    if ratio >= _JUMP:
        return reason("jumped", **values)
    return reason("shifted", **values) if ratio >= _SHIFT else None


def _power_of_ten(now: float, before: float) -> int:
    """1, 2 or 3 (or minus that) when the one is about ten, a hundred or a thousand times the other; else 0."""
    if now <= 0 or before <= 0:
        return 0
    exponent = log10(now / before)
    power = round(exponent)
    return power if 1 <= abs(power) <= 3 and isclose(exponent, power, abs_tol=_NEAR_POWER) else 0


def _area_jumps(now: Outline, before: Outline, *, same_edition: bool) -> Iterator[Reason]:
    both = now.areas.join(before.areas, on=["area", "measure", "year"], suffix="_before")
    if not same_edition:
        both = both.filter(pl.col("level").is_in([level.value for level in _LARGE]))
    high, low = pl.max_horizontal("total", "total_before"), pl.min_horizontal("total", "total_before")
    strange = both.filter(high >= 2 * ENOUGH, high >= _AREA_JUMP * pl.max_horizontal(low, pl.lit(1.0)))
    for row in strange.sort("area", "year").head(_AT_MOST).iter_rows(named=True):
        yield reason("area_jumped", area=row["area"], year=row["year"], measure=row["measure"], **_pair(row))


def _exchanged(both: pl.DataFrame) -> Iterator[Reason]:
    """Kinds that have left their own past and lie on that of another: the codes of the kinds have shifted."""
    index = pl.concat_str("level", "measure", "period", separator="|").alias("index")
    now = both.select("kind", index, "total").pivot(on="kind", index="index", values="total").sort("index")
    before = both.select("kind", index, total="total_before")
    past = before.pivot(on="kind", index="index", values="total").sort("index")
    kinds = sorted(set(now.columns) - {"index"})
    for kind in kinds:
        if _distance(now[kind], past[kind]) < _FAR:
            continue
        like = next((other for other in kinds if other != kind and _is_like(now[kind], past[other])), None)
        if like:
            yield reason("kinds_exchanged", kind=kind, like=like)


def _moved(now: pl.DataFrame, before: pl.DataFrame) -> Iterator[Reason]:
    """Periods that hold what another period held: the labels of the periods have moved."""
    index = pl.concat_str("level", "measure", "kind", separator="|").alias("index")
    past = before.select(index, "total", period=pl.col("period") + " before")
    both = _wide(now.select(index, "period", "total")).join(_wide(past), on="index")
    periods = sorted(set(before["period"].to_list()) & set(now["period"].to_list()))
    for period in sorted(set(now["period"].to_list())):
        mine = both[period]
        own = f"{period} before"
        if own in both.columns and _distance(mine, both[own]) < _NEAR:
            continue
        others = [other for other in periods if other != period and len(other) == len(period)]
        like = next((other for other in others if _is_copy(mine, both[f"{other} before"])), None)
        if like:
            yield reason("periods_moved", period=period, like=like)


def _wide(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.pivot(on="period", index="index", values="total", aggregate_function="sum")


def _is_like(now: pl.Series, past: pl.Series) -> bool:
    return float(past.fill_null(0.0).sum()) >= ENOUGH and _distance(now, past) < _NEAR


def _is_copy(now: pl.Series, past: pl.Series) -> bool:
    """Whether one column repeats another, with at least three numbers to go by."""
    numbers = past.fill_null(0.0)
    enough = float(numbers.sum()) >= 2 * ENOUGH and (numbers > 0).sum() >= 3 and numbers.n_unique() >= 3
    return enough and _distance(now, past) == 0


def _distance(now: pl.Series, past: pl.Series) -> float:
    """The sum of differences over the sum of what was: 0 is the same. Too little to tell counts as near."""
    first, second = now.fill_null(0.0), past.fill_null(0.0)
    size = max(float(first.sum()), float(second.sum()))
    return float((first - second).abs().sum()) / size if size >= ENOUGH else 0.0
