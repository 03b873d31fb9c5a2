"""A control chart of monthly counts: what is to be expected each month, and which months call for attention.

Expected counts come from a baseline (level, season and inhabitants, a trend only on request); limits are exact
quantiles of a negative binomial distribution that holds the scatter of the baseline and the uncertainty of what was
fitted. Rules: a month beyond the limits of three standard deviations; two of three months in a row beyond two on one
side; eight in a row on one side. Limits are moved only by a phase that a person gave a reason for. Sources: Shewhart
(1931); Western Electric (1956) for the rules; Benneyan, Lloyd and Plsek (2003), Quality and Safety in Health Care 12,
458-464. False alarms: docs/methods/control-chart.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from koersvast.engine.dispersion import Floats
from koersvast.engine.evidence import reading_reasons
from koersvast.engine.periods import Period
from koersvast.engine.quantities import BadValue, Break, Method, Reading, Reason
from koersvast.engine.season import MonthlyModel, fit_months, month_numbers
from koersvast.engine.series import Series, events

type Values = dict[str, float | int | str]

METHOD = Method(name="control-chart", version="1")
FEWEST_BASELINE_MONTHS = 24
BASELINE_MONTHS = 36
RUN = 8
_RUN_NEEDS_EXPECTED = 5.0
_A_YEAR = 12
_TWO, _THREE = float(special.ndtr(-2.0)), float(special.ndtr(-3.0))


class Signal(StrEnum):
    """Why a month calls for attention."""

    BEYOND_THREE = "beyond_three"
    TWO_OF_THREE = "two_of_three"
    RUN_OF_EIGHT = "run_of_eight"


class Side(StrEnum):
    """On which side of what was expected."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = ""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """From which month limits are set anew, why and by whom. `baseline_until` is the last month that sets them.

    Without `baseline_until` the first 36 known months of the phase do.
    """

    start: Period
    reason: str
    by: str
    baseline_until: Period | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip() or not self.by.strip():
            raise BadValue(f"The phase from {self.start} needs a reason and a name.")


@dataclass(frozen=True, kw_only=True)
class ControlPoint:
    """One month. Limits are counts that are still inside; None when the phase has no limits.

    `z` is in standard deviations (the normal score of the middle of the tail). `signals` are the rules that this month
    completes.
    """

    period: Period
    value: float
    expected: float | None
    low_2: float | None
    high_2: float | None
    low_3: float | None
    high_3: float | None
    z: float | None
    side: Side
    signals: tuple[Signal, ...]
    in_baseline: bool
    provisional: bool


@dataclass(frozen=True, kw_only=True)
class TwelveMonths:
    """The newest twelve months after the baseline together: small numbers that no single month can show add up.

    `low` and `high` are the first and last totals within two standard deviations (about 95 %); `side` is where it lies
    outside them.
    """

    first: Period
    last: Period
    value: float
    expected: float
    low: float
    high: float
    side: Side


@dataclass(frozen=True, kw_only=True)
class ChartPhase:
    """A stretch with one set of limits: how it was set and what was found. `phase` is None for the first stretch.

    `season` holds the factors of January to December; `phi` the scatter over chance; `yearly_change` a factor a year.
    `together` is None where the stretch has no twelve consecutive months after its baseline.
    """

    phase: Phase | None
    start: Period
    baseline: tuple[str, ...]
    phi: float | None
    season: tuple[float, ...]
    yearly_change: float | None
    together: TwelveMonths | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class ControlChart:
    """All months with their limits and signals.

    Reasons: `too_few_baseline_months` (known, needed, start), `not_monthly`, `months_absent` (absent), `break_between`
    (on, kind, note), `baseline_without_events` (start), `no_low_signal_possible` (start), `run_rule_left_out` (start,
    needed), `inhabitants_unknown_for_some`, and those of the readings.
    """

    points: tuple[ControlPoint, ...]
    phases: tuple[ChartPhase, ...]
    absent: tuple[str, ...]
    reasons: tuple[Reason, ...]
    method: Method = METHOD

    @property
    def signals(self) -> tuple[ControlPoint, ...]:
        """The months after a baseline that call for attention."""
        return tuple(point for point in self.points if point.signals and not point.in_baseline)


def control_chart(
    readings: Sequence[Reading],
    *,
    phases: Sequence[Phase] = (),
    breaks: Iterable[Break] = (),
    trend: bool = False,
) -> ControlChart:
    """Limits and signals for monthly counts (or rates with inhabitants), in any order. Absent months are left out.

    A break in the series ends the limits until a person starts a phase after it. An absent month interrupts a run.
    """
    series = Series(readings=tuple(reading for reading in readings if events(reading) is not None))
    if any(reading.period.days > 31 for reading in series.readings):
        return ControlChart(points=(), phases=(), absent=(), reasons=(Reason(code="not_monthly"),))
    if not series.readings:
        why = Reason(code="too_few_baseline_months", values={"known": 0, "needed": FEWEST_BASELINE_MONTHS, "start": ""})
        return ControlChart(points=(), phases=(), absent=(), reasons=(why,))
    months = _Months.of(series.readings)
    ordered = sorted(phases, key=lambda phase: phase.start)
    starts = [phase.start for phase in ordered]
    first = series.readings[0].period
    stretches: list[tuple[Phase | None, Period]] = [(phase, phase.start) for phase in ordered]
    if not starts or first < starts[0]:
        stretches = [(None, first), *stretches]
    ends = [start for _, start in stretches[1:]]
    points, found = list[ControlPoint](), list[ChartPhase]()
    for position, (phase, start) in enumerate(stretches):
        end = ends[position] if position < len(ends) else None
        inside = months.between(start, end)
        described, made = _stretch(months, inside, phase, start, tuple(breaks), trend=trend)
        found.append(described)
        points += made
    absent = _absent(series.readings)
    return ControlChart(
        points=tuple(points),
        phases=tuple(found),
        absent=absent,
        reasons=_chart_reasons(series.readings, months, absent, found),
    )


@dataclass(frozen=True, kw_only=True)
class _Months:
    """Known months as arrays, in order."""

    readings: tuple[Reading, ...]
    counts: Floats
    exposure: Floats
    month: NDArray[np.int64]
    year: Floats
    people_known: bool

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> "_Months":
        people = all(reading.exposure is not None for reading in readings)
        days = np.array([reading.period.days / 365.25 for reading in readings])
        inhabitants = np.array([reading.exposure or 1.0 for reading in readings]) if people else np.ones(len(readings))
        return cls(
            readings=tuple(readings),
            counts=np.array([events(reading) for reading in readings], dtype=np.float64),
            exposure=days * inhabitants,
            month=month_numbers([reading.period.start.month for reading in readings]),
            year=np.array([reading.period.middle_year for reading in readings]),
            people_known=people,
        )

    def between(self, start: Period, end: Period | None) -> NDArray[np.int64]:
        """Positions of the months from `start` up to `end`."""
        inside = [i for i, r in enumerate(self.readings) if r.period >= start and (end is None or r.period < end)]
        return np.array(inside, dtype=np.int64)


def _stretch(
    months: _Months,
    inside: NDArray[np.int64],
    phase: Phase | None,
    start: Period,
    breaks: Sequence[Break],
    *,
    trend: bool,
) -> tuple[ChartPhase, list[ControlPoint]]:
    """The limits of one phase and its points; months after a break within it get none."""
    cut = min((found for found in breaks if found.on > start.start), key=lambda found: found.on, default=None)
    usable = np.array([i for i in inside if cut is None or months.readings[i].period.end <= cut.on], dtype=np.int64)
    reasons = [] if len(usable) == len(inside) or cut is None else [_broken(cut)]
    until = phase.baseline_until if phase is not None else None
    baseline = usable[:BASELINE_MONTHS]
    if until is not None:
        baseline = np.array([i for i in usable if months.readings[i].period <= until], dtype=np.int64)
    model = None
    if len(baseline) < FEWEST_BASELINE_MONTHS:
        values: Values = {"known": len(baseline), "needed": FEWEST_BASELINE_MONTHS, "start": start.code}
        reasons.insert(0, Reason(code="too_few_baseline_months", values=values))
    else:
        parts = (months.counts, months.exposure, months.month, months.year)
        model = fit_months(*(part[baseline] for part in parts), trend=trend)  # type: ignore[arg-type]  # four arrays, in order
        if model is None:
            reasons.insert(0, Reason(code="baseline_without_events", values={"start": start.code}))
    made = [_bare(months.readings[i]) for i in inside]
    if model is not None:
        limits = _Limits.of(model, months, usable)
        reasons += limits.reasons(start)
        limited = {reading.period: reading for reading in _limited(months, usable, set(baseline.tolist()), limits)}
        made = [limited.get(point.period, point) for point in made]
    described = ChartPhase(
        phase=phase,
        start=start,
        baseline=tuple(months.readings[i].period.code for i in baseline),
        phi=None if model is None else model.phi,
        season=() if model is None else tuple(float(factor) for factor in model.season),
        yearly_change=None if model is None or not trend else float(np.exp(model.slope)),
        together=None if model is None else _together(model, months, usable, set(baseline.tolist())),
        reasons=tuple(reasons),
    )
    return described, made


def _broken(found: Break) -> Reason:
    return Reason(code="break_between", values={"on": found.on.isoformat(), "kind": found.kind, "note": found.note})


def _bare(reading: Reading) -> ControlPoint:
    return ControlPoint(
        period=reading.period,
        value=events(reading) or 0.0,
        expected=None,
        low_2=None,
        high_2=None,
        low_3=None,
        high_3=None,
        z=None,
        side=Side.NEITHER,
        signals=(),
        in_baseline=False,
        provisional=reading.provisional,
    )


@dataclass(frozen=True, kw_only=True)
class _Limits:
    """Expected counts, the last counts that are inside at two and three deviations, and the normal scores."""

    expected: Floats
    low_2: Floats
    high_2: Floats
    low_3: Floats
    high_3: Floats
    z: Floats

    @classmethod
    def of(cls, model: MonthlyModel, months: _Months, where: NDArray[np.int64]) -> "_Limits":
        expected = model.expected(months.exposure[where], months.month[where], months.year[where])
        uncertain = model.relative_variance(months.month[where], months.year[where])
        # Variance over mean; a hair above 1, where the negative binomial distribution meets the Poisson one.
        ratio = np.maximum(max(1.0, model.phi) + uncertain * expected, 1 + 1e-9)
        size, chance = expected / (ratio - 1), 1 / ratio
        quantiles = [
            np.asarray(stats.nbinom.ppf(tail, size, chance), dtype=np.float64)
            for tail in (_TWO, 1 - _TWO, _THREE, 1 - _THREE)
        ]
        counts = months.counts[where]
        below = np.asarray(stats.nbinom.cdf(counts, size, chance) + stats.nbinom.cdf(counts - 1, size, chance)) / 2
        above = np.asarray(stats.nbinom.sf(counts, size, chance) + stats.nbinom.sf(counts - 1, size, chance)) / 2
        least = np.maximum(np.minimum(below, above), 1e-300)
        z = np.where(below <= above, 1.0, -1.0) * np.asarray(special.ndtri(least), dtype=np.float64)
        return cls(
            expected=expected, low_2=quantiles[0], high_2=quantiles[1], low_3=quantiles[2], high_3=quantiles[3], z=z
        )

    def reasons(self, start: Period) -> list[Reason]:
        """What these limits cannot show."""
        found = list[Reason]()
        if len(self.expected) and float(self.low_3.max()) <= 0:
            found.append(Reason(code="no_low_signal_possible", values={"start": start.code}))
        if len(self.expected) and float(self.expected.min()) < _RUN_NEEDS_EXPECTED:
            values: Values = {"start": start.code, "needed": _RUN_NEEDS_EXPECTED}
            found.append(Reason(code="run_rule_left_out", values=values))
        return found


def _together(
    model: MonthlyModel, months: _Months, usable: NDArray[np.int64], baseline: set[int]
) -> TwelveMonths | None:
    where = usable[-_A_YEAR:]
    readings = [months.readings[i] for i in where]
    follow = all(first.period.end == second.period.start for first, second in pairwise(readings))
    if len(where) < _A_YEAR or not follow or baseline & set(where.tolist()):
        return None
    expected = model.expected(months.exposure[where], months.month[where], months.year[where])
    mean, phi = float(expected.sum()), max(1.0, model.phi)
    ratio = max(phi + phi * model.sum_variance(expected, months.month[where], months.year[where]) / mean, 1 + 1e-9)
    low, high = (float(stats.nbinom.ppf(tail, mean / (ratio - 1), 1 / ratio)) for tail in (_TWO, 1 - _TWO))
    total = float(months.counts[where].sum())
    return TwelveMonths(
        first=readings[0].period,
        last=readings[-1].period,
        value=total,
        expected=mean,
        low=low,
        high=high,
        side=_side_of(total, low, high),
    )


def _limited(months: _Months, where: NDArray[np.int64], baseline: set[int], limits: _Limits) -> list[ControlPoint]:
    points = list[ControlPoint]()
    history = list[tuple[Side, Side, bool]]()
    for k, i in enumerate(where):
        reading, count = months.readings[i], float(months.counts[i])
        if k and months.readings[where[k - 1]].period.end != reading.period.start:
            history = []
        far = _side_of(count, limits.low_3[k], limits.high_3[k])
        half = _side_of(count, limits.low_2[k], limits.high_2[k])
        side = Side.NEITHER if limits.z[k] == 0 else Side.HIGHER if limits.z[k] > 0 else Side.LOWER
        history.append((half, side, bool(limits.expected[k] >= _RUN_NEEDS_EXPECTED)))
        points.append(
            ControlPoint(
                period=reading.period,
                value=count,
                expected=float(limits.expected[k]),
                low_2=float(limits.low_2[k]),
                high_2=float(limits.high_2[k]),
                low_3=float(limits.low_3[k]),
                high_3=float(limits.high_3[k]),
                z=float(limits.z[k]),
                side=side,
                signals=_signals(far, history),
                in_baseline=int(i) in baseline,
                provisional=reading.provisional,
            )
        )
    return points


def _side_of(count: float, low: float, high: float) -> Side:
    return Side.HIGHER if count > high else Side.LOWER if count < low else Side.NEITHER


def _signals(far: Side, history: Sequence[tuple[Side, Side, bool]]) -> tuple[Signal, ...]:
    """The rules that the last month of an unbroken history completes."""
    found = list[Signal]()
    if far is not Side.NEITHER:
        found.append(Signal.BEYOND_THREE)
    half = history[-1][0]
    if half is not Side.NEITHER and sum(past[0] is half for past in history[-3:]) >= 2:
        found.append(Signal.TWO_OF_THREE)
    last = history[-RUN:]
    side = last[-1][1]
    if len(last) == RUN and side is not Side.NEITHER and all(past[1] is side and past[2] for past in last):
        found.append(Signal.RUN_OF_EIGHT)
    return tuple(found)


def _absent(readings: Sequence[Reading]) -> tuple[str, ...]:
    """The months between the first and the last that have no figure."""
    known = {reading.period.code for reading in readings}
    first, last = readings[0].period.start, readings[-1].period.start
    between = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    codes = [f"{index // 12:04d}-{index % 12 + 1:02d}" for index in between]
    return tuple(code for code in codes if code not in known)


def _chart_reasons(
    readings: Sequence[Reading], months: _Months, absent: Sequence[str], phases: Sequence[ChartPhase]
) -> tuple[Reason, ...]:
    found = [reason for phase in phases for reason in phase.reasons]
    if absent:
        found.append(Reason(code="months_absent", values={"absent": len(absent)}))
    if not months.people_known and any(reading.exposure is not None for reading in readings):
        found.append(Reason(code="inhabitants_unknown_for_some"))
    for reading in readings:
        found += [reason for reason in reading_reasons(reading) if reason not in found]
    return tuple(found)
