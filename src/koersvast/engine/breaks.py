"""Is there one break in the level of a series, and does it rise or fall all along?

`find_break` looks for the one place where the level per inhabitant jumped most, and asks how often chance alone would
give so large a jump somewhere: the largest likelihood ratio over all places away from the ends (Andrews 1993,
Econometrica 61, 821-856), divided by the scatter that is left, against series simulated without a break. A break that
is found has no cause: it says that something changed, not what. `monotone_trend` is the test of Mann (1945) and Kendall
(1975) with the slope of Sen (1968). See docs/methods/break-test.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from koersvast.engine import counts
from koersvast.engine.dispersion import Dispersion, DispersionBasis, Floats, fit_trend
from koersvast.engine.evidence import reading_reasons
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Method, Reading, Reason
from koersvast.engine.season import fit_months, month_numbers
from koersvast.engine.series import Series, events, exposures

METHOD = Method(name="break-test", version="2")
TREND = Method(name="monotone-trend", version="1")
FEWEST_YEARS, FEWEST_MONTHS, FEWEST_FOR_TREND = 8, 24, 4
_FEWEST_EVENTS = 10.0
_TRIMMED, _SMALLEST_END = 0.15, 2
_DRAWS, _SEED = 2000, 19_930_701
_MONTHS_A_YEAR = 12


class BreakVerdict(StrEnum):
    """Whether one break in level shows."""

    FOUND = "found"
    TREND_INSTEAD = "trend_instead"
    NONE_DEMONSTRABLE = "none_demonstrable"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, kw_only=True)
class BreakTest:
    """The most likely break: the first period after it, and the level after over the level before.

    `first_after` may as well lie anywhere from `first_after_low` to `first_after_high`. The limits of the ratio take
    the place of the break as known, so they are a little too narrow. All None when the verdict is `cannot_say`; when no
    break is demonstrable the largest candidate is still given. Reasons: `too_few_points` (points, needed),
    `too_few_events` (events, needed), `different_period_length`, `different_series`,
    `trend_fits_as_well` (p_value), `break_has_no_cause`, and those of the readings.
    """

    verdict: BreakVerdict
    first_after: Period | None
    first_after_low: Period | None
    first_after_high: Period | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    p_value: float | None
    phi: float | None
    points: int
    reasons: tuple[Reason, ...]
    draws: int = _DRAWS
    method: Method = METHOD


@dataclass(frozen=True, kw_only=True)
class MonotoneTrend:
    """Whether a series goes up or down all along, whatever the shape. `slope` is per year, in the unit (Sen), or per
    1,000 inhabitants when these are known. Reasons: `too_few_points` (points, needed).
    """

    tau: float | None
    p_value: float | None
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    points: int
    reasons: tuple[Reason, ...]
    method: Method = TREND


@dataclass(frozen=True, kw_only=True)
class _Known:
    readings: tuple[Reading, ...]
    counts: Floats
    exposure: Floats
    years: Floats


def find_break(readings: Sequence[Reading], *, significance: float = 0.05) -> BreakTest:
    """Test yearly, quarterly or monthly counts (or rates with inhabitants) for one break in level.

    In monthly figures the season is taken out first. Draws are always the same ones, so the answer is too.
    """
    known, refused = _known(readings)
    if refused is not None:
        return _no_test(len(known.readings), refused)
    n = len(known.counts)
    candidates = np.arange(_end(n), n - _end(n) + 1)
    exposure = _without_season(known)
    ratios, phis = break_statistics(known.counts[None, :], exposure, candidates)
    best = int(np.argmax(ratios[0] / phis[0]))
    phi = max(1.0, float(phis[0, best]))
    drawn = _drawn(known.counts, exposure, candidates, _phi_without_break(known.counts, exposure))
    p_value = float((1 + (drawn >= float((ratios / phis).max()) - 1e-12).sum()) / (1 + len(drawn)))
    return _described(known, exposure, candidates, best, ratios[0] / phis[0], phi, p_value, significance)


def _end(points: int) -> int:
    """How many periods at either end are too few for a level of their own."""
    return max(_SMALLEST_END, int(np.ceil(_TRIMMED * points)))


def _known(readings: Sequence[Reading]) -> tuple[_Known, Reason | None]:
    ordered = Series(readings=tuple(r for r in readings if events(r) is not None)).readings
    known = _Known(
        readings=ordered,
        counts=np.array([events(r) for r in ordered], dtype=np.float64),
        exposure=np.array(exposures(ordered), dtype=np.float64),
        years=np.array([r.period.middle_year for r in ordered], dtype=np.float64),
    )
    return known, _refusal(ordered, float(known.counts.sum()))


def _refusal(ordered: Sequence[Reading], total: float) -> Reason | None:
    if len({round(reading.period.years, 9) for reading in ordered}) > 1:
        values = {"earlier": ordered[0].period.code, "later": ordered[-1].period.code}
        return Reason(code="different_period_length", values=values)
    names = sorted({reading.series for reading in ordered})
    if len(names) > 1:
        return Reason(code="different_series", values={"earlier": names[0], "later": names[1]})
    needed = FEWEST_MONTHS if ordered and ordered[0].period.days <= 31 else FEWEST_YEARS
    if len(ordered) < needed:
        return Reason(code="too_few_points", values={"points": len(ordered), "needed": needed})
    if total < _FEWEST_EVENTS:
        return Reason(code="too_few_events", values={"events": total, "needed": _FEWEST_EVENTS})
    return None


def _without_season(known: _Known) -> Floats:
    """The exposure, for monthly figures times the season, so that a season is no break."""
    if known.readings[0].period.days > 31:
        return known.exposure
    months = month_numbers([reading.period.start.month for reading in known.readings])
    model = fit_months(known.counts, known.exposure, months, known.years, trend=True)
    return known.exposure if model is None else np.asarray(known.exposure * model.season[months])


def break_statistics(series: Floats, exposure: Floats, candidates: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Likelihood ratio of a break before each candidate position, and the scatter that is left (never under 1).

    Shapes: series x periods -> series x candidates.
    """
    n = series.shape[1]
    total, exposed = series.sum(axis=1, keepdims=True), float(exposure.sum())
    before, exposed_before = np.cumsum(series, axis=1)[:, candidates - 1], np.cumsum(exposure)[candidates - 1]
    after, exposed_after = total - before, exposed - exposed_before
    ratio = 2 * (
        special.xlogy(before, before / exposed_before)
        + special.xlogy(after, after / exposed_after)
        - special.xlogy(total, total / exposed)
    )
    squares = np.cumsum(series**2 / exposure, axis=1)
    left = squares[:, candidates - 1] - before**2 / exposed_before
    right = squares[:, -1:] - squares[:, candidates - 1] - after**2 / exposed_after
    # Pearson's sum of squares on either side of the break: sum(y^2 / mu) - sum(y), with mu = rate x exposure.
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = np.where(before > 0, left * exposed_before / before, 0.0)
        pearson += np.where(after > 0, right * exposed_after / after, 0.0)
    return np.asarray(ratio), np.maximum(1.0, pearson / (n - 2))


def _phi_without_break(counted: Floats, exposure: Floats) -> float:
    """The scatter when there is no break; what is left beside the best break is too little of it: false alarms."""
    expected = exposure * (counted.sum() / exposure.sum())
    return max(1.0, float(((counted - expected) ** 2 / expected).sum() / (len(counted) - 1)))


def _drawn(counted: Floats, exposure: Floats, candidates: NDArray[np.int64], phi: float) -> Floats:
    """The largest statistic of each of 2,000 series of the same level and scatter, without a break."""
    random = np.random.default_rng(_SEED)
    expected = exposure * (counted.sum() / exposure.sum())
    shape = (_DRAWS, len(counted))
    levels = np.broadcast_to(expected, shape)
    if phi > 1 + 1e-9:
        levels = random.standard_gamma(levels / (phi - 1)) * (phi - 1)
    ratios, phis = break_statistics(random.poisson(levels).astype(np.float64), exposure, candidates)
    return np.asarray((ratios / phis).max(axis=1))


def _described(
    known: _Known,
    exposure: Floats,
    candidates: NDArray[np.int64],
    best: int,
    statistics: Floats,
    phi: float,
    p_value: float,
    significance: float,
) -> BreakTest:
    at = int(candidates[best])
    change = counts.compare_counts(
        float(known.counts[:at].sum()),
        float(known.counts[at:].sum()),
        earlier_exposure=float(exposure[:at].sum()),
        later_exposure=float(exposure[at:].sum()),
        dispersion=Dispersion(phi=phi, basis=DispersionBasis.GIVEN),
        confidence=1 - significance,
    )
    likely = candidates[statistics >= statistics[best] - float(stats.chi2.ppf(0.95, 1))]
    verdict, reasons = _verdict(known, exposure, at, phi, p_value, significance)
    periods = [reading.period for reading in known.readings]
    return BreakTest(
        verdict=verdict,
        first_after=periods[at],
        first_after_low=periods[int(likely.min())],
        first_after_high=periods[int(likely.max())],
        ratio=change.ratio if isfinite(change.ratio) else None,
        ratio_low=change.ratio_low,
        ratio_high=change.ratio_high if isfinite(change.ratio_high) else None,
        p_value=p_value,
        phi=phi,
        points=len(known.counts),
        reasons=(*reasons, *_of_readings(known.readings)),
    )


def _verdict(
    known: _Known, exposure: Floats, at: int, phi: float, p_value: float, significance: float
) -> tuple[BreakVerdict, tuple[Reason, ...]]:
    if p_value >= significance:
        return BreakVerdict.NONE_DEMONSTRABLE, ()
    broken = np.where(np.arange(len(exposure)) < at, *_levels(known.counts, exposure, at)) * exposure
    fit = fit_trend(known.counts[None, :], exposures=exposure[None, :], middle_years=known.years)
    # The place of a break was searched for, so it has one more parameter than a trend and has to fit better by that.
    gain = _deviance(known.counts, fit.expected[0]) - _deviance(known.counts, broken)
    if bool(fit.converged[0]) and gain <= phi * float(stats.chi2.ppf(0.95, 1)):
        return BreakVerdict.TREND_INSTEAD, (Reason(code="trend_fits_as_well", values={"p_value": p_value}),)
    return BreakVerdict.FOUND, (Reason(code="break_has_no_cause"),)


def _levels(counted: Floats, exposure: Floats, at: int) -> tuple[float, float]:
    before, after = counted[:at].sum() / exposure[:at].sum(), counted[at:].sum() / exposure[at:].sum()
    return float(before), float(after)


def _deviance(counted: Floats, expected: Floats) -> float:
    safe = np.maximum(expected, 1e-300)
    return float(2 * (special.xlogy(counted, counted / safe) - (counted - safe)).sum())


def monotone_trend(readings: Sequence[Reading], *, confidence: float = 0.95) -> MonotoneTrend:
    """Mann-Kendall test and Sen slope of figures in any unit; counts per 1,000 where all inhabitants are known.

    Exact p value without ties, otherwise the normal approximation with ties. Four or more points.
    """
    ordered = Series(readings=tuple(readings)).readings
    if len(ordered) < FEWEST_FOR_TREND:
        values = {"points": len(ordered), "needed": FEWEST_FOR_TREND}
        why = (Reason(code="too_few_points", values=values), *_of_readings(ordered))
        return MonotoneTrend(
            tau=None, p_value=None, slope=None, slope_low=None, slope_high=None, points=len(ordered), reasons=why
        )
    values_, years = _figures(ordered), np.array([reading.period.middle_year for reading in ordered])
    found = stats.kendalltau(years, values_)
    slope, _, low, high = stats.theilslopes(values_, years, alpha=confidence)
    constant = bool(np.ptp(values_) == 0)
    return MonotoneTrend(
        tau=0.0 if constant else float(found.statistic),
        p_value=1.0 if constant else float(found.pvalue),
        slope=float(slope),
        slope_low=float(low),
        slope_high=float(high),
        points=len(ordered),
        reasons=_of_readings(ordered),
    )


def _figures(ordered: Sequence[Reading]) -> Floats:
    counted = [events(reading) for reading in ordered]
    if all(count is not None for count in counted) and all(reading.exposure is not None for reading in ordered):
        return np.array([1000 * (c or 0.0) / e for c, e in zip(counted, exposures(ordered), strict=True)])
    return np.array([reading.value for reading in ordered], dtype=np.float64)


def _of_readings(readings: Sequence[Reading]) -> tuple[Reason, ...]:
    found = list[Reason]()
    for reading in readings:
        found += [reason for reason in reading_reasons(reading) if reason not in found]
    return tuple(found)


def _no_test(points: int, reason: Reason) -> BreakTest:
    return BreakTest(
        verdict=BreakVerdict.CANNOT_SAY,
        first_after=None,
        first_after_low=None,
        first_after_high=None,
        ratio=None,
        ratio_low=None,
        ratio_high=None,
        p_value=None,
        phi=None,
        points=points,
        reasons=(reason,),
    )
