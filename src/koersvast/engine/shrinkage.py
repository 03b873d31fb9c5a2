"""Small places drawn towards the level of all: empirical Bayes with a gamma distribution of levels.

A hamlet with one burglary must not paint the map. The levels of places follow a gamma distribution whose mean and
shape are estimated from all places together by maximum likelihood (Clayton and Kaldor 1987, Biometrics 43, 671-681);
the moments of Marshall (1991, Applied Statistics 40, 283-294) are the start, and the answer when the maximum cannot be
found. Optionally each place is drawn towards its parent (a neighbourhood towards its municipality), and the parents
towards all. Intervals count that mean and shape are only estimates: from thirty places with a few events each nobody
knows how much places differ (Gelman 2006, Bayesian Analysis 1, 515-534, for the uniform prior on the spread). See
docs/methods/shrinkage.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from koersvast.engine.dispersion import Floats
from koersvast.engine.places import FEWEST_PLACES, Columns, Place, columns, why_unusable
from koersvast.engine.quantities import Method, Reason

MAXIMUM_LIKELIHOOD = Method(name="shrinkage-ml", version="2")
MOMENTS = Method(name="shrinkage-moments", version="2")
NONE = Method(name="shrinkage-none", version="1")
# A smaller shape would put the mean of a place without events outside its own interval; above the largest, places do
# not differ by as much as a thousandth.
_SMALLEST_SHAPE, _LARGEST_SHAPE = 0.01, 1e6
_LOG_SMALLEST, _LOG_LARGEST = float(np.log(_SMALLEST_SHAPE)), float(np.log(_LARGEST_SHAPE))
_STEPS, _FLAT, _MOST_DAMPING = 200, 1e-9, 1e12
_PER = 1000.0
# The relative spreads that are weighed, coarsely and then closely where the figures allow them; three normal nodes for
# the mean; and from how many places on both are as good as known.
_SPREADS, _CLOSER, _AS_GOOD_AS_KNOWN = np.geomspace(0.005, 10.0, 48), 16, 1000
_NODES, _NODE_WEIGHTS = np.array([-(3**0.5), 0.0, 3**0.5]), np.array([1.0, 4.0, 1.0]) / 6
_UNLIKELY, _HALVINGS = 9.0, 48


@dataclass(frozen=True, kw_only=True)
class Prior:
    """What all places together say: the mean rate per 1,000 and how much levels differ (relative).

    `shape` is that of the gamma distribution (one over the square of `between`); None when places do not demonstrably
    differ, and then every place gets the mean. Reasons: `too_few_places_to_shrink` (places, needed), `no_events`,
    `places_do_not_differ`, `shrunk_by_moments`.
    """

    mean_per_1000: float | None
    shape: float | None
    places: int
    method: Method
    reasons: tuple[Reason, ...] = ()

    @property
    def between(self) -> float | None:
        """Relative standard deviation of the levels of places; nought when they do not demonstrably differ."""
        if self.mean_per_1000 is None:
            return None
        return 0.0 if self.shape is None else self.shape**-0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class ShrunkRate:
    """The rate per 1,000 of one place, drawn towards `towards_per_1000`, with its 95 % interval.

    `raw` is the place's own rate; `weight_of_own` says how much of the answer is the place's own figures (0 to 1).
    `small` marks a place that must not be coloured on a map. All numbers are None, with a reason, when there is nothing
    to say: `no_inhabitants`, `events_unknown`, `inhabitants_unknown`, or those of the prior.
    """

    code: str
    name: str
    events: float | None
    inhabitants: float | None
    raw: float | None
    rate: float | None
    low: float | None
    high: float | None
    weight_of_own: float | None
    towards_per_1000: float | None
    small: bool
    prior: Prior
    reasons: tuple[Reason, ...] = ()

    @property
    def method(self) -> Method:
        """The method that made the prior, and so the rate."""
        return self.prior.method


@dataclass(frozen=True, kw_only=True)
class SmallCell:
    """Under which a place is too small to colour: its inhabitants, or the events expected of it at the mean rate."""

    inhabitants: float = 200.0
    expected_events: float = 1.0


def shrink(
    places: Sequence[Place],
    *,
    parents: Mapping[str, str] | None = None,
    smallest: SmallCell | None = None,
    confidence: float = 0.95,
) -> tuple[ShrunkRate, ...]:
    """Shrunken rates per 1,000, one for each place in the given order.

    `parents` names the parent of each place by code; places without one are drawn towards the mean of all. The interval
    counts that mean and shape are estimates; the levels of parents it takes as known.
    """
    usable = columns(places)
    prior, towards = _prior_of(usable, parents or {})
    limits = smallest or SmallCell()
    if prior.mean_per_1000 is None:
        return tuple(_nothing(place, prior) for place in places)
    rate, low, high, weight = _posterior(usable, prior, towards, confidence)
    expected = usable.inhabitants * towards
    small = (usable.inhabitants < limits.inhabitants) | (expected < limits.expected_events)
    rows = zip(
        rate.tolist(), low.tolist(), high.tolist(), weight.tolist(), towards.tolist(), small.tolist(), strict=True
    )
    found = {place.code: _shrunk(place, prior, numbers) for place, numbers in zip(usable.places, rows, strict=True)}
    return tuple(found.get(place.code) or _nothing(place, prior) for place in places)


def _shrunk(place: Place, prior: Prior, numbers: tuple[float, ...]) -> ShrunkRate:
    rate, low, high, weight, towards, small = numbers
    too_small = Reason(code="too_small_to_colour", values={"inhabitants": place.inhabitants or 0.0})
    return ShrunkRate(
        code=place.code,
        name=place.name,
        events=place.events,
        inhabitants=place.inhabitants,
        raw=(place.events or 0.0) / (place.inhabitants or 1.0) * _PER,
        rate=rate * _PER,
        low=low * _PER,
        high=high * _PER,
        weight_of_own=weight,
        towards_per_1000=towards * _PER,
        small=bool(small),
        prior=prior,
        reasons=(too_small,) if small else (),
    )


def _nothing(place: Place, prior: Prior) -> ShrunkRate:
    return ShrunkRate(
        code=place.code,
        name=place.name,
        events=place.events,
        inhabitants=place.inhabitants,
        raw=None,
        rate=None,
        low=None,
        high=None,
        weight_of_own=None,
        towards_per_1000=None,
        small=True,
        prior=prior,
        reasons=(*([why] if (why := why_unusable(place)) else []), *prior.reasons),
    )


def _prior_of(usable: Columns, parents: Mapping[str, str]) -> tuple[Prior, Floats]:
    """The prior, and the level per inhabitant that each usable place is drawn towards."""
    level = np.ones_like(usable.events)
    if len(usable.places) < FEWEST_PLACES:
        why = Reason(code="too_few_places_to_shrink", values={"places": len(usable.places), "needed": FEWEST_PLACES})
        return Prior(mean_per_1000=None, shape=None, places=len(usable.places), method=NONE, reasons=(why,)), level
    if usable.total_events <= 0:
        why = Reason(code="no_events")
        return Prior(mean_per_1000=None, shape=None, places=len(usable.places), method=NONE, reasons=(why,)), level
    if not parents:
        prior = fit_prior(usable.events, usable.inhabitants)
        return prior, level * ((prior.mean_per_1000 or 0.0) / _PER)
    towards = _parent_levels(usable, parents)
    prior = fit_prior(usable.events, usable.inhabitants * towards)
    # The levels are relative to the parent here: the mean of all is near 1, and the parents carry the rate.
    relative = (prior.mean_per_1000 or 0.0) / _PER
    mean = usable.total_events / usable.total_inhabitants * _PER
    return (
        Prior(mean_per_1000=mean, shape=prior.shape, places=prior.places, method=prior.method, reasons=prior.reasons),
        towards * relative,
    )


def _parent_levels(usable: Columns, parents: Mapping[str, str]) -> Floats:
    """Events per inhabitant of the parent of each place, itself drawn towards all when there are enough parents."""
    names, which = np.unique([parents.get(place.code, "") for place in usable.places], return_inverse=True)
    events = np.bincount(which, weights=usable.events)
    inhabitants = np.bincount(which, weights=usable.inhabitants)
    pooled = usable.total_events / usable.total_inhabitants
    # A parent of which nothing was registered would draw its places to exactly nought: half an event stands in for it.
    levels = np.asarray((events + 0.5) / (inhabitants + 0.5 / pooled), dtype=np.float64)
    if len(names) >= FEWEST_PLACES:
        prior = fit_prior(events, inhabitants)
        mean = (prior.mean_per_1000 or 0.0) / _PER
        if prior.shape is None:
            levels = np.full_like(levels, mean)
        else:
            levels = np.asarray((events + prior.shape) / (inhabitants + prior.shape / mean), dtype=np.float64)
    levels[names == ""] = pooled
    return levels[which]


def _posterior(
    usable: Columns, prior: Prior, towards: Floats, confidence: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, limits and own weight per place: gamma(events + shape, inhabitants + shape / level).

    Where places do not differ, all get the level of all together; the limits still count that they may.
    """
    rate, weight = towards, np.zeros_like(towards)
    if prior.shape is not None:
        scale = usable.inhabitants + prior.shape / towards
        rate, weight = (usable.events + prior.shape) / scale, usable.inhabitants / scale
    likely = _likely_priors(usable.events, usable.inhabitants * towards, prior)
    low, high = _mixed_limits(usable.events, usable.inhabitants * towards, likely, confidence)
    # A mean and the limits around it are two summaries: with a very small shape the one may pass the other.
    return rate, np.minimum(low * towards, rate), np.maximum(high * towards, rate), weight


@dataclass(frozen=True, kw_only=True)
class _Likely:
    """Shapes and means (relative to what is expected) that the figures allow, with their weights. Shapes: priors."""

    shapes: Floats
    means: Floats
    weights: Floats


def _likely_priors(events: Floats, expected: Floats, prior: Prior) -> _Likely:
    """Weigh priors by their likelihood, with a uniform prior on the relative spread and on the logarithm of the mean.

    The mean is integrated out by its normal approximation at each spread.
    """
    if len(events) >= _AS_GOOD_AS_KNOWN:
        return _Likely(shapes=np.array([prior.shape or _LARGEST_SHAPE]), means=np.ones(1), weights=np.ones(1))
    heights, *_ = _profile(events, expected, _SPREADS)
    allowed = _SPREADS[heights > heights.max() - _UNLIKELY]
    first = 0.0 if allowed[0] == _SPREADS[0] else allowed[0]
    edges = np.linspace(first, allowed[-1], _CLOSER + 1)
    spreads = (edges[1:] + edges[:-1]) / 2
    heights, means, errors = _profile(events, expected, spreads)
    weights = np.exp(heights - heights.max())[:, None] * _NODE_WEIGHTS
    return _Likely(
        shapes=np.repeat(spreads**-2, len(_NODES)),
        means=(means[:, None] * np.exp(_NODES * errors[:, None])).ravel(),
        weights=(weights / weights.sum()).ravel(),
    )


def _profile(events: Floats, expected: Floats, spreads: Floats) -> tuple[Floats, Floats, Floats]:
    """For each spread: the log-likelihood with the mean integrated out, the best mean, the error of its logarithm."""
    shape = (spreads**-2)[:, None]
    log_mean = np.zeros_like(shape)
    for _ in range(_STEPS):
        level = expected * np.exp(log_mean)
        told = (level * shape / (shape + level)).sum(axis=1, keepdims=True)
        step = ((events - level) * shape / (shape + level)).sum(axis=1, keepdims=True) / told
        log_mean += np.clip(step, -1, 1)
        if float(np.abs(step).max()) < _FLAT:
            break
    level = expected * np.exp(log_mean)
    terms = special.gammaln(events + shape) - special.gammaln(shape) - shape * np.log1p(level / shape)
    terms += special.xlogy(events, level / (shape + level))
    told = (level * shape / (shape + level)).sum(axis=1)
    return terms.sum(axis=1) - np.log(told) / 2, np.exp(log_mean[:, 0]), told**-0.5


def _mixed_limits(events: Floats, expected: Floats, likely: _Likely, confidence: float) -> tuple[Floats, Floats]:
    """Quantiles of the level of each place, relative to what is expected, over all likely priors."""
    shape = events + likely.shapes[:, None]
    scale = expected + (likely.shapes / likely.means)[:, None]
    limits = list[Floats]()
    for tail in ((1 - confidence) / 2, (1 + confidence) / 2):
        each = np.asarray(special.gammaincinv(shape, tail)) / scale
        under, over = each.min(axis=0), each.max(axis=0)
        for _ in range(_HALVINGS if len(likely.weights) > 1 else 0):
            middle = (under + over) / 2
            below = likely.weights @ special.gammainc(shape, scale * middle) < tail
            under, over = np.where(below, middle, under), np.where(below, over, middle)
        limits.append(np.asarray((under + over) / 2))
    return limits[0], limits[1]


def fit_prior(events: Floats, inhabitants: Floats) -> Prior:
    """Mean and shape of the gamma distribution of levels; inhabitants positive, at least one event. Shapes: places."""
    pooled = float(events.sum() / inhabitants.sum())
    # In units of what is expected of each place, so that the answer does not hang on the unit of inhabitants.
    expected = inhabitants * pooled
    mean, shape = marshall_moments(events, expected)
    found = _maximum(events, expected, mean=mean, shape=shape or 100.0)
    method, reasons = MAXIMUM_LIKELIHOOD, tuple[Reason, ...]()
    if found is not None:
        mean, shape = found
    else:
        method, reasons = MOMENTS, (Reason(code="shrunk_by_moments"),)
    if shape is None or shape >= 0.99 * _LARGEST_SHAPE:
        mean, shape, reasons = 1.0, None, (*reasons, Reason(code="places_do_not_differ"))
    return Prior(mean_per_1000=mean * pooled * _PER, shape=shape, places=len(events), method=method, reasons=reasons)


def marshall_moments(events: Floats, inhabitants: Floats) -> tuple[float, float | None]:
    """Mean level and shape by Marshall's moments; the shape is None when chance explains all differences."""
    total = float(inhabitants.sum())
    mean = float(events.sum()) / total
    variance = float((inhabitants * (events / inhabitants - mean) ** 2).sum()) / total
    between = variance - mean / (total / len(events))
    if between <= 0:
        return mean, None
    return mean, float(np.clip(mean**2 / between, _SMALLEST_SHAPE, _LARGEST_SHAPE))


def log_likelihood(events: Floats, inhabitants: Floats, *, mean: float, shape: float) -> float:
    """Log-likelihood of negative binomial counts, without the terms that do not depend on mean and shape."""
    rate = shape / mean
    terms = (
        special.gammaln(events + shape)
        - special.gammaln(shape)
        - shape * np.log1p(inhabitants / rate)
        - events * np.log(inhabitants + rate)
    )
    return float(terms.sum())


def _maximum(events: Floats, inhabitants: Floats, *, mean: float, shape: float) -> tuple[float, float] | None:
    """Mean and shape at the maximum of the likelihood; None when the search does not settle.

    Newton steps in log(shape) and log(shape / mean), damped until each step climbs. At the largest or smallest shape
    only the mean is free.
    """
    at = np.log([shape, shape / mean])
    height = log_likelihood(events, inhabitants, mean=mean, shape=shape)
    damping = 1e-3
    for _ in range(_STEPS):
        slopes, bends = _slopes(events, inhabitants, *np.exp(at))
        uphill = float(slopes.sum())
        held = bool((at[0] >= _LOG_LARGEST and uphill >= 0) or (at[0] <= _LOG_SMALLEST and uphill <= 0))
        if float(np.abs(slopes[1:] if held else slopes).max()) < _FLAT * len(events):
            return float(np.exp(at[0] - at[1])), float(np.exp(at[0]))
        while damping < _MOST_DAMPING:
            there = _step(at, slopes, bends, damping, held=held)
            shape, rate = (float(part) for part in np.exp(there))
            higher = log_likelihood(events, inhabitants, mean=shape / rate, shape=shape)
            if higher >= height - 1e-12 * abs(height):
                at, height, damping = there, higher, damping / 10
                break
            damping *= 10
        else:
            return None
    return None


def _step(at: Floats, slopes: Floats, bends: Floats, damping: float, *, held: bool) -> Floats:
    """One damped step uphill; with the shape held, along the rate alone."""
    if held:
        steepness = max(abs(float(bends[1, 1])), 1e-12) * (1 + damping)
        return np.asarray(at + np.clip([0.0, float(slopes[1]) / steepness], -2, 2))
    values, axes = np.linalg.eigh(bends)
    size = np.maximum(np.abs(values), 1e-10 * max(float(np.abs(values).max()), 1e-300)) * (1 + damping)
    moved = at + np.clip(axes @ (axes.T @ slopes / size), -2, 2)
    inside = float(np.clip(moved[0], _LOG_SMALLEST, _LOG_LARGEST))
    # Where the shape is stopped the mean stays what the step made it.
    return np.array([inside, moved[1] + inside - moved[0]])


def _slopes(events: Floats, inhabitants: Floats, shape: float, rate: float) -> tuple[Floats, Floats]:
    """First and second derivatives of the log-likelihood in log(shape) and log(rate), where rate = shape / mean."""
    places, together = len(events), inhabitants + rate
    by_shape = float((special.digamma(events + shape) - special.digamma(shape) - np.log1p(inhabitants / rate)).sum())
    by_rate = float(((shape * inhabitants / rate - events) / together).sum())
    twice_shape = float((special.polygamma(1, events + shape) - special.polygamma(1, shape)).sum())
    crossed = float((inhabitants / together).sum()) / rate
    twice_rate = -places * shape / rate**2 + float(((events + shape) / together**2).sum())
    slopes = np.array([shape * by_shape, rate * by_rate])
    mixed = shape * rate * crossed
    bends = np.array([[shape**2 * twice_shape + slopes[0], mixed], [mixed, rate**2 * twice_rate + slopes[1]]])
    return slopes, bends
