"""One's own change beside that of the region, before an action is credited with it.

When burglary fell everywhere, a fall at home is no proof of one's own work. The ratio of the two changes (own over
region, own taken out of the region) says how much more or less the place changed, with its interval: the region's
change enters as a conversion factor with its own uncertainty. This is the difference-in-differences of counts on the
scale of ratios. It shows a difference, never a cause. See docs/methods/regional-trend.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from koersvast.engine import counts
from koersvast.engine.evidence import dispersion_reasons, reading_reasons
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Break, Method, Reading, Reason, Unit
from koersvast.engine.series import Series, comparability, earlier_dispersion, events, exposures

METHOD = Method(name="regional-trend", version="1")
_FEWEST_EVENTS = 10.0


class RegionVerdict(StrEnum):
    """How the own change relates to that of the region; "fell more" also where both rose and own rose less."""

    FELL_MORE = "fell_more"
    FELL_LESS = "fell_less"
    NO_DEMONSTRABLE_DIFFERENCE = "no_demonstrable_difference"
    NOT_COMPARABLE = "not_comparable"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, kw_only=True)
class RegionTrend:
    """The change of a place beside that of its region without the place.

    `own` and `region` hold the two changes (later over earlier, per inhabitant where inhabitants are known); `ratio` is
    own over region: 0.8 says that own fell to 80 % of where it would be had it followed the region. Numbers are None
    where nothing can be said. Reasons: `period_absent` (period, whose: own or region), `different_series` (earlier,
    later), `own_larger_than_region` (period), `too_few_events_in_region` (events, needed),
    `too_few_events_to_compare_change` (events, needed), `inhabitants_unknown`, `region_moved_likewise` (ratio) when the
    region changed demonstrably in the same direction and no difference with it shows, `a_difference_is_no_cause`, and
    those of `series.comparability` and of the dispersion.
    """

    verdict: RegionVerdict
    earlier: Period
    later: Period
    own: counts.CountChange | None
    region: counts.CountChange | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    p_value: float | None
    reasons: tuple[Reason, ...]
    method: Method = METHOD


def against_region(
    own: Sequence[Reading],
    region: Sequence[Reading],
    *,
    earlier: Period,
    later: Period,
    breaks: Iterable[Break] = (),
    own_in_region: bool = True,
    significance: float = 0.05,
) -> RegionTrend:
    """Set the change of a place from `earlier` to `later` beside that of its region.

    Readings are counts or rates with inhabitants, in any order. With `own_in_region` the place's own counts and
    inhabitants are first taken out of the region's. The dispersion of each comes from its comparable earlier periods.
    """
    broken = tuple(breaks)
    home, around = (Series(readings=tuple(readings), breaks=broken) for readings in (own, region))
    taken = _taken_out(around, home) if own_in_region else around
    if isinstance(taken, Reason):
        return _no_trend(earlier, later, RegionVerdict.CANNOT_SAY, (taken,))
    changes = [
        _change(series, (earlier, later), whose, significance) for series, whose in ((home, "own"), (taken, "region"))
    ]
    refusals = tuple(change for change in changes if isinstance(change, _Refusal))
    if refusals:
        reasons = _once(reason for refusal in refusals for reason in refusal.reasons)
        return _no_trend(earlier, later, refusals[0].verdict, reasons)
    mine, theirs = (change for change in changes if isinstance(change, _Known))
    return _beside(mine, theirs, (earlier, later), significance)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A change, the growth of its exposure, and the reasons that came with its readings."""

    change: counts.CountChange
    growth: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class _Refusal:
    verdict: RegionVerdict
    reasons: tuple[Reason, ...]


def _taken_out(region: Series, own: Series) -> Series | Reason:
    """The region without the place, as counts, for the periods that both have; inhabitants where both have them."""
    rest = list[Reading]()
    for reading in region.readings:
        part = own.at(reading.period)
        total, mine = events(reading), None if part is None else events(part)
        if part is None or total is None or mine is None:
            continue
        if reading.series != part.series:
            values = {"earlier": part.series, "later": reading.series}
            return Reason(code="different_series", values=values)
        people = reading.exposure - part.exposure if reading.exposure and part.exposure else None
        if total < mine or (people is not None and people <= 0):
            return Reason(code="own_larger_than_region", values={"period": reading.period.code})
        rest.append(replace(reading, value=total - mine, unit=Unit.COUNT, exposure=people))
    return Series(readings=tuple(rest), breaks=region.breaks, name=region.name)


def _change(series: Series, periods: tuple[Period, Period], whose: str, significance: float) -> _Known | _Refusal:
    first, second = (series.at(period) for period in periods)
    if first is None or second is None:
        absent = periods[0] if first is None else periods[1]
        return _cannot(Reason(code="period_absent", values={"period": absent.code, "whose": whose}))
    plain = comparability(first, second, breaks=series.breaks)
    if not plain.comparable:
        return _Refusal(verdict=RegionVerdict.NOT_COMPARABLE, reasons=plain.reasons)
    before, after = events(first), events(second)
    if before is None or after is None:
        return _cannot(Reason(code="inhabitants_unknown"))
    if whose == "region" and min(before, after) < _FEWEST_EVENTS:
        values = {"events": min(before, after), "needed": _FEWEST_EVENTS}
        return _cannot(Reason(code="too_few_events_in_region", values=values))
    exposure_before, exposure_after = exposures([first, second])
    dispersion = earlier_dispersion(series, second)
    change = counts.compare_counts(
        before,
        after,
        earlier_exposure=exposure_before / plain.factor,
        later_exposure=exposure_after,
        dispersion=dispersion,
        confidence=1 - significance,
    )
    noted = (*reading_reasons(first), *reading_reasons(second))
    growth = exposure_after * plain.factor / exposure_before
    return _Known(change=change, growth=growth, reasons=(*plain.reasons, *dispersion_reasons(dispersion), *noted))


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    found = list[Reason]()
    for reason in reasons:
        if reason not in found:
            found.append(reason)
    return tuple(found)


def _cannot(reason: Reason) -> _Refusal:
    return _Refusal(verdict=RegionVerdict.CANNOT_SAY, reasons=(reason,))


def _beside(mine: _Known, theirs: _Known, periods: tuple[Period, Period], significance: float) -> RegionTrend:
    """Own against the region: the region's change is the factor by which the own earlier figure is carried forward."""
    own, region = mine.change, theirs.change
    cv = float(np.sqrt(region.dispersion.used * (1 / region.earlier + 1 / region.later)))
    beside = counts.compare_counts(
        own.earlier,
        own.later,
        later_exposure=mine.growth * region.ratio,
        dispersion=own.dispersion,
        factor_cv=cv,
        confidence=1 - significance,
    )
    verdict, why = _verdict(own, region, beside, significance)
    nothing = own.earlier == 0 and own.later == 0
    return RegionTrend(
        verdict=verdict,
        earlier=periods[0],
        later=periods[1],
        own=own,
        region=region,
        ratio=None if nothing or own.earlier == 0 else beside.ratio,
        ratio_low=None if nothing else beside.ratio_low,
        ratio_high=None if nothing or own.earlier == 0 else beside.ratio_high,
        p_value=None if nothing else beside.p_value,
        reasons=_once((*why, *mine.reasons, *theirs.reasons)),
    )


def _verdict(
    own: counts.CountChange, region: counts.CountChange, beside: counts.CountChange, significance: float
) -> tuple[RegionVerdict, tuple[Reason, ...]]:
    cause = Reason(code="a_difference_is_no_cause")
    if own.earlier + own.later < _FEWEST_EVENTS:
        values = {"events": own.earlier + own.later, "needed": _FEWEST_EVENTS}
        return RegionVerdict.CANNOT_SAY, (Reason(code="too_few_events_to_compare_change", values=values),)
    if beside.p_value < significance and beside.ratio != 1:
        return RegionVerdict.FELL_MORE if beside.ratio < 1 else RegionVerdict.FELL_LESS, (cause,)
    likewise = region.p_value < significance and (own.ratio - 1) * (region.ratio - 1) > 0
    moved = (Reason(code="region_moved_likewise", values={"ratio": region.ratio}),) if likewise else ()
    return RegionVerdict.NO_DEMONSTRABLE_DIFFERENCE, (*moved, cause)


def _no_trend(earlier: Period, later: Period, verdict: RegionVerdict, reasons: tuple[Reason, ...]) -> RegionTrend:
    return RegionTrend(
        verdict=verdict,
        earlier=earlier,
        later=later,
        own=None,
        region=None,
        ratio=None,
        ratio_low=None,
        ratio_high=None,
        p_value=None,
        reasons=reasons,
    )
