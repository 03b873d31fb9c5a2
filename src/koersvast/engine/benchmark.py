"""A place beside other places: against all others without itself, in a funnel, and the rank it could as well have had.

All on counts with inhabitants (person-years). A difference counts only when it is larger than chance and larger than
the differences that places show among themselves (`places.place_spread`). A rank is never given bare. Peers are chosen
in `peers`, and one's own change is put beside that of a region in `regional`. Sources: Spiegelhalter (2005), Statistics
in Medicine 24, 1185-1202; Goldstein and Spiegelhalter (1996), JRSS A 159, 385-443 for ranks with their uncertainty; see
docs/methods/benchmark.md, rates-and-funnel.md and rank-interval.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from koersvast.engine import counts
from koersvast.engine.dispersion import POISSON, Dispersion, Floats
from koersvast.engine.evidence import dispersion_reasons
from koersvast.engine.places import (
    FEWEST_PLACES,
    Columns,
    Overdispersion,
    Place,
    PlaceSpread,
    columns,
    mixed_score,
    place_spread,
    poisson_score,
    why_unusable,
)
from koersvast.engine.quantities import Direction, Method, Reason
from koersvast.engine.shrinkage import fit_prior

COMPARISON = Method(name="place-comparison", version="2")
FUNNEL = Method(name="funnel", version="1")
RANK = Method(name="rank-interval", version="2")
_PER = 1000.0
_FEWEST_EXPECTED = 5.0
_FEWEST_EVENTS_ELSEWHERE = 10.0
_DRAWS, _FEWEST_DRAWS, _SEED = 10_000, 1_000, 20_050_101
_MOST_DRAWN, _DRAWN_AT_ONCE = 20_000_000, 2_000_000
_CURVE_POINTS = 60
# Degrees of freedom at which Student's distribution is the normal one, and how far a limit is searched for: e^60.
_MANY, _MOST_STEPS = 1e9, 60


class PlaceVerdict(StrEnum):
    """What the figures say about a place beside the others."""

    HIGHER = "higher"
    LOWER = "lower"
    NO_DEMONSTRABLE_DIFFERENCE = "no_demonstrable_difference"
    CANNOT_SAY = "cannot_say"


def is_adverse(verdict: PlaceVerdict, direction: Direction) -> bool:
    """Whether the difference is the wrong way round for this indicator."""
    worse = PlaceVerdict.HIGHER if direction is Direction.LOWER_IS_BETTER else PlaceVerdict.LOWER
    return verdict is worse


@dataclass(frozen=True, kw_only=True)
class PlaceComparison:
    """One place against all others together, without itself.

    Rates are per 1,000 with their exact 95 % intervals; `ratio` is own over others. `p_value` and the limits of the
    ratio count the differences between places (`spread`); `chance_p_value` takes chance alone. Numbers are None where
    nothing can be said. Reasons: `events_unknown`, `inhabitants_unknown`, `no_inhabitants` (place), `no_other_places`,
    `places_left_out` (left_out, places), `too_few_events_expected` (expected, needed), `too_few_events_elsewhere`
    (events, needed), `place_spread_not_estimable` (places, needed), `places_differ` (tau, places), `spread_borrowed`
    (tau, places, others), `within_spread_of_places` (p_value, chance_p_value), and those of the dispersion.
    """

    own: Place
    verdict: PlaceVerdict
    own_rate: counts.Rate | None
    others_rate: counts.Rate | None
    others: int
    expected: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    p_value: float | None
    chance_p_value: float | None
    spread: PlaceSpread
    reasons: tuple[Reason, ...]
    method: Method = COMPARISON


def compare_with(
    own: Place,
    others: Sequence[Place],
    *,
    dispersion: Dispersion = POISSON,
    spread: PlaceSpread | None = None,
    spread_elsewhere: PlaceSpread | None = None,
    significance: float = 0.05,
) -> PlaceComparison:
    """Compare a place with others; a place with the code of `own` among them is taken out.

    `dispersion` is that of the own count over time. The spread between places is estimated from the others, unless it
    is given (needed when `others` is one total, see `places.without`). `spread_elsewhere`, of a larger group, stands in
    where the others are too few to show how much they differ.
    """
    rest = columns([place for place in others if place.code != own.code])
    refused = _cannot_compare(own, rest)
    if refused is not None or own.events is None or own.inhabitants is None:
        return _no_comparison(own, rest, (*((refused,) if refused else ()), *rest.reasons()))
    expected_elsewhere = rest.inhabitants * (rest.total_events / rest.total_inhabitants)
    spread = spread or place_spread(rest.events, expected_elsewhere)
    borrowed = spread.reason is not None and spread_elsewhere is not None and spread_elsewhere.reason is None
    if borrowed and spread_elsewhere is not None:
        spread = spread_elsewhere
    change = counts.compare_counts(
        rest.total_events,
        own.events,
        earlier_exposure=rest.total_inhabitants,
        later_exposure=own.inhabitants,
        dispersion=dispersion,
        confidence=1 - significance,
    )
    expected = rest.total_events / rest.total_inhabitants * own.inhabitants
    test = _Test.of_chance(change)
    if spread.tau > 0:
        test = _Test.among(own.events, expected, rest=rest, spread=spread, phi=dispersion.used, size=significance)
    verdict, why = _place_verdict(test, change, expected, significance)
    return PlaceComparison(
        own=own,
        verdict=verdict,
        own_rate=counts.rate(own.events, inhabitants=own.inhabitants, dispersion=dispersion),
        others_rate=counts.rate(rest.total_events, inhabitants=rest.total_inhabitants),
        others=len(rest.places),
        expected=expected,
        ratio=change.ratio,
        ratio_low=test.low,
        ratio_high=test.high,
        p_value=test.p_value,
        chance_p_value=change.poisson_p_value,
        spread=spread,
        reasons=(
            *why,
            *(_borrowed(spread, rest) if borrowed else _spread_reasons(spread)),
            *rest.reasons(),
            *dispersion_reasons(dispersion),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Test:
    """A two-sided p value, and the limits of the ratios that the same test does not reject."""

    p_value: float
    low: float
    high: float

    @classmethod
    def of_chance(cls, change: counts.CountChange) -> "_Test":
        return cls(p_value=change.p_value, low=change.ratio_low, high=change.ratio_high)

    @classmethod
    def among(
        cls, events: float, expected: float, *, rest: Columns, spread: PlaceSpread, phi: float, size: float
    ) -> "_Test":
        """The own count against a negative binomial one of which the level varies as levels of places do.

        What the others do not tell (their mean level is uncertain, by chance and because they differ) widens it; that
        tau was estimated from so many places makes of the normal score one of Student.
        """
        between = spread.tau**2 * (1 + _concentration(rest, spread)) + 1 / rest.total_events
        freedom = float(max(spread.places - 2, 1)) if spread.places else _MANY

        def score(ratio: float) -> float:
            level = np.array([expected * ratio])
            return float(mixed_score(np.array([events]), level, tau=float(np.sqrt(between + (phi - 1) / level[0])))[0])

        limit = float(special.stdtrit(freedom, 1 - size / 2))
        return cls(
            p_value=float(2 * special.stdtr(freedom, -abs(score(1.0)))),
            low=0.0 if events <= 0 else _ratio_at(score, limit, start=events / expected, down=True),
            high=_ratio_at(score, -limit, start=(events + 0.5) / expected, down=False),
        )


def _ratio_at(score: Callable[[float], float], wanted: float, *, start: float, down: bool) -> float:
    """The ratio at which the score is `wanted`, on one side of `start`; nought or infinite when there is none."""
    near, sign = float(np.log(start)), -1.0 if down else 1.0
    for _ in range(_MOST_STEPS):
        far = near + sign
        if (score(float(np.exp(far))) - wanted) * sign <= 0:
            low, high = sorted((near, far))
            return float(np.exp(optimize.brentq(lambda at: score(float(np.exp(at))) - wanted, low, high, xtol=1e-12)))
        near = far
    return 0.0 if down else float("inf")


def _concentration(rest: Columns, spread: PlaceSpread) -> float:
    """One over the number of equally large places that the others are worth: their mean level is uncertain too."""
    if len(rest.places) == 1 and spread.places:
        return 1 / spread.places
    return float(((rest.inhabitants / rest.total_inhabitants) ** 2).sum())


def _cannot_compare(own: Place, rest: Columns) -> Reason | None:
    refused = _cannot_rank(own, rest)
    if refused is not None:
        return refused
    if rest.total_events < _FEWEST_EVENTS_ELSEWHERE:
        values = {"events": rest.total_events, "needed": _FEWEST_EVENTS_ELSEWHERE}
        return Reason(code="too_few_events_elsewhere", values=values)
    return None


def _no_comparison(own: Place, rest: Columns, reasons: tuple[Reason, ...]) -> PlaceComparison:
    own_rate = counts.rate(own.events, inhabitants=own.inhabitants) if own.usable else None  # type: ignore[arg-type]  # usable: both known
    elsewhere = counts.rate(rest.total_events, inhabitants=rest.total_inhabitants) if rest.places else None
    return PlaceComparison(
        own=own,
        verdict=PlaceVerdict.CANNOT_SAY,
        own_rate=own_rate,
        others_rate=elsewhere,
        others=len(rest.places),
        expected=None,
        ratio=None,
        ratio_low=None,
        ratio_high=None,
        p_value=None,
        chance_p_value=None,
        spread=PlaceSpread(),
        reasons=reasons,
    )


def _place_verdict(
    test: _Test, change: counts.CountChange, expected: float, significance: float
) -> tuple[PlaceVerdict, tuple[Reason, ...]]:
    if test.p_value < significance and change.ratio != 1:
        return PlaceVerdict.HIGHER if change.ratio > 1 else PlaceVerdict.LOWER, ()
    if expected < _FEWEST_EXPECTED:
        values = {"expected": expected, "needed": _FEWEST_EXPECTED}
        return PlaceVerdict.CANNOT_SAY, (Reason(code="too_few_events_expected", values=values),)
    verdict = PlaceVerdict.NO_DEMONSTRABLE_DIFFERENCE
    if change.poisson_p_value >= significance:
        return verdict, ()
    values = {"p_value": test.p_value, "chance_p_value": change.poisson_p_value}
    return verdict, (Reason(code="within_spread_of_places", values=values),)


def _spread_reasons(spread: PlaceSpread) -> tuple[Reason, ...]:
    if spread.reason is not None:
        return (spread.reason,)
    if spread.tau <= 0:
        return ()
    return (Reason(code="places_differ", values={"tau": spread.tau, "places": spread.places}),)


def _borrowed(spread: PlaceSpread, rest: Columns) -> tuple[Reason, ...]:
    values = {"tau": spread.tau, "places": spread.places, "others": len(rest.places)}
    return (Reason(code="spread_borrowed", values=values),)


@dataclass(frozen=True, kw_only=True, slots=True)
class FunnelPoint:
    """One place in a funnel. `z` is in standard deviations of chance and differences between places together.

    `outside_95` and `outside_998` are "higher", "lower" or "" (inside). Limits are rates per 1,000 for this size.
    """

    code: str
    name: str
    events: float
    inhabitants: float
    rate: float
    expected: float
    z: float
    low_95: float
    high_95: float
    low_998: float
    high_998: float
    outside_95: str
    outside_998: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FunnelLimit:
    """The limits at one number of inhabitants, as rates per 1,000, for drawing a curve."""

    inhabitants: float
    low_95: float
    high_95: float
    low_998: float
    high_998: float


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """All places around one rate. `centre` is per 1,000; None, without points, when nothing was registered.

    Reasons: `places_left_out` (left_out, places), `place_spread_not_estimable` (places, needed), `places_differ` (tau,
    places), `no_events`.
    """

    centre: float | None
    spread: PlaceSpread
    overdispersion: Overdispersion
    points: tuple[FunnelPoint, ...]
    curve: tuple[FunnelLimit, ...]
    left_out: tuple[str, ...]
    reasons: tuple[Reason, ...]
    method: Method = FUNNEL

    def point(self, code: str) -> FunnelPoint | None:
        """The point of one place."""
        return next((point for point in self.points if point.code == code), None)


def funnel(
    places: Sequence[Place],
    *,
    overdispersion: Overdispersion = Overdispersion.ADDITIVE,
    centre_per_1000: float | None = None,
    curve_points: int = _CURVE_POINTS,
) -> Funnel:
    """Limits of 95 % and 99.8 % for each place around the pooled rate (or a given one), and which places lie outside.

    Additive: levels of places follow a gamma distribution, so that counts are negative binomial and the limits do not
    close in on the centre however large a place is. Multiplicative: the limits of chance, stretched by the root of phi.
    """
    usable = columns(places)
    centre = centre_per_1000
    if centre is None and usable.total_events > 0:
        centre = usable.total_events / usable.total_inhabitants * _PER
    if not centre:
        reasons = (Reason(code="no_events"), *usable.reasons())
        return Funnel(
            centre=None,
            spread=PlaceSpread(),
            overdispersion=overdispersion,
            points=(),
            curve=(),
            left_out=usable.left_out,
            reasons=reasons,
        )
    expected = usable.inhabitants * centre / _PER
    spread = PlaceSpread() if overdispersion is Overdispersion.NONE else place_spread(usable.events, expected)
    return Funnel(
        centre=centre,
        spread=spread,
        overdispersion=overdispersion,
        points=_points(usable, expected, spread, overdispersion),
        curve=_curve(usable.inhabitants, centre, spread, overdispersion, curve_points),
        left_out=usable.left_out,
        reasons=(*_spread_reasons(spread), *usable.reasons()),
    )


def _points(
    usable: Columns, expected: Floats, spread: PlaceSpread, overdispersion: Overdispersion
) -> tuple[FunnelPoint, ...]:
    scale = _PER / usable.inhabitants
    rates = usable.events * scale
    limits = [edge * scale for edge in count_limits(expected, spread, overdispersion)]
    scores = _scores(usable.events, expected, spread, overdispersion)
    sides = (_side(rates, limits[0], limits[1]), _side(rates, limits[2], limits[3]))
    numbers = np.column_stack([usable.events, usable.inhabitants, rates, expected, scores, *limits]).tolist()
    return tuple(
        FunnelPoint(
            code=place.code,
            name=place.name,
            events=row[0],
            inhabitants=row[1],
            rate=row[2],
            expected=row[3],
            z=row[4],
            low_95=row[5],
            high_95=row[6],
            low_998=row[7],
            high_998=row[8],
            outside_95=wide,
            outside_998=narrow,
        )
        for place, row, wide, narrow in zip(usable.places, numbers, *sides, strict=True)
    )


def _scores(events: Floats, expected: Floats, spread: PlaceSpread, overdispersion: Overdispersion) -> Floats:
    if overdispersion is Overdispersion.ADDITIVE and spread.tau > 0:
        return mixed_score(events, expected, tau=spread.tau)
    return np.asarray(poisson_score(events, expected) / np.sqrt(_stretch(spread, overdispersion)))


def _side(rates: Floats, low: Floats, high: Floats) -> list[str]:
    slack = 1e-9 * np.maximum(rates, high)
    return list(np.where(rates > high + slack, "higher", np.where(rates < low - slack, "lower", "")).tolist())


def _curve(
    inhabitants: Floats, centre: float, spread: PlaceSpread, overdispersion: Overdispersion, points: int
) -> tuple[FunnelLimit, ...]:
    sizes = np.geomspace(float(inhabitants.min()), float(inhabitants.max()), points)
    limits = [edge / sizes * _PER for edge in count_limits(sizes * centre / _PER, spread, overdispersion)]
    rows = np.column_stack([sizes, *limits]).tolist()
    return tuple(
        FunnelLimit(inhabitants=row[0], low_95=row[1], high_95=row[2], low_998=row[3], high_998=row[4]) for row in rows
    )


def _stretch(spread: PlaceSpread, overdispersion: Overdispersion) -> float:
    """Variance of a count over that of chance alone, where that is the same for all places."""
    return spread.phi if overdispersion is Overdispersion.MULTIPLICATIVE else 1.0


def count_limits(expected: Floats, spread: PlaceSpread, overdispersion: Overdispersion) -> list[Floats]:
    """Between which counts a place falls when its level is no odd one: low and high at 95 %, low and high at 99.8 %.

    Shapes: as `expected`, the count of a place whose level equals the centre.
    """
    tails = (0.025, 0.975, 0.001, 0.999)
    if overdispersion is Overdispersion.ADDITIVE and spread.tau > 0:
        return [_mixed_quantile(tail, expected, spread.tau) for tail in tails]
    stretch = np.sqrt(_stretch(spread, overdispersion))
    return [np.maximum(0.0, expected + stretch * (_chance_quantile(tail, expected) - expected)) for tail in tails]


def _chance_quantile(probability: float, expected: Floats) -> Floats:
    """Poisson, interpolated between whole counts as in Spiegelhalter (2005, appendix A.1)."""
    whole = np.maximum(0.0, np.ceil(special.pdtrik(probability, expected) - 1e-9))
    under = np.where(whole > 0, special.pdtr(np.maximum(whole - 1, 0), expected), 0.0)
    return _between(probability, whole, special.pdtr(whole, expected), under)


def _mixed_quantile(probability: float, expected: Floats, tau: float) -> Floats:
    """The same for counts of which the level follows a gamma distribution with relative deviation tau."""
    shape = tau**-2
    chance = shape / (shape + expected)
    whole = np.asarray(stats.nbinom.ppf(probability, shape, chance), dtype=np.float64)
    under = np.where(whole > 0, special.betainc(shape, np.maximum(whole, 1), chance), 0.0)
    return _between(probability, whole, special.betainc(shape, whole + 1, chance), under)


def _between(probability: float, whole: Floats, at: Floats, under: Floats) -> Floats:
    return np.asarray(np.maximum(0.0, whole - (at - probability) / np.maximum(at - under, 1e-300)))


@dataclass(frozen=True, kw_only=True)
class RankInterval:
    """The rank of a place by its rate, and between which ranks its level lies with 95 % probability.

    Rank 1 has the highest rate (`highest_first`) or the lowest. `shared_with` counts other places with exactly this
    rate. `probability_first` and `probability_last` are those of really being at that end. All None, with reasons, when
    there is no rank: `events_unknown`, `inhabitants_unknown`, `no_inhabitants`, `no_other_places`; `places_left_out`
    (left_out, places).
    """

    own: Place
    places: int
    highest_first: bool
    rank: int | None
    shared_with: int | None
    low: int | None
    high: int | None
    middle: float | None
    probability_first: float | None
    probability_last: float | None
    reasons: tuple[Reason, ...]
    draws: int = _DRAWS
    method: Method = RANK


def rank_interval(
    own: Place,
    places: Sequence[Place],
    *,
    highest_first: bool = True,
    confidence: float = 0.95,
) -> RankInterval:
    """Rank of `own` among `places` (it is added when it is not one of them), with its interval.

    The level of each place is drawn from what its count and all places together say about it, as in `shrinkage`: levels
    drawn from each count alone lie further apart than levels do, and such ranks are too sure of themselves. Under eight
    places each count stands alone. The draws are always the same ones: ten thousand, and fewer (never under a thousand)
    where there are thousands of places. The interval always holds the rank by registered rates.
    """
    rest = columns([place for place in places if place.code != own.code])
    unknown = _cannot_rank(own, rest)
    if unknown is not None or own.events is None or own.inhabitants is None:
        return _no_rank(own, rest, highest_first, (*((unknown,) if unknown else ()), *rest.reasons()))
    sign = 1 if highest_first else -1
    draws = min(_DRAWS, max(_FEWEST_DRAWS, _MOST_DRAWN // len(rest.places)))
    rates, mine = rest.events / rest.inhabitants, own.events / own.inhabitants
    same = np.isclose(rates, mine, rtol=1e-12, atol=0.0)
    ranks = _drawn_ranks(own.events, own.inhabitants, rest, sign, draws)
    rank = 1 + int(((sign * (rates - mine) > 0) & ~same).sum())
    low, middle, high = np.quantile(ranks, [(1 - confidence) / 2, 0.5, (1 + confidence) / 2], method="inverted_cdf")
    return RankInterval(
        own=own,
        places=len(rest.places) + 1,
        highest_first=highest_first,
        rank=rank,
        shared_with=int(same.sum()),
        low=min(rank, int(low)),
        high=max(rank, int(high)),
        middle=float(middle),
        probability_first=float((ranks == 1).mean()),
        probability_last=float((ranks == len(rest.places) + 1).mean()),
        reasons=rest.reasons(),
        draws=draws,
    )


def _drawn_ranks(events: float, inhabitants: float, rest: Columns, sign: int, draws: int) -> NDArray[np.int64]:
    """The rank of the place in each draw. Places are drawn in order of code, so that their order does not matter."""
    random = np.random.default_rng(_SEED)
    order = np.argsort([place.code for place in rest.places])
    shapes, scales = _levels_known(
        np.concatenate([[events], rest.events[order]]), np.concatenate([[inhabitants], rest.inhabitants[order]])
    )
    own = random.gamma(shapes[0], 1 / scales[0], size=draws)
    ranks = np.ones(draws, dtype=np.int64)
    step = max(1, _DRAWN_AT_ONCE // draws)
    for first in range(1, len(shapes), step):
        some = slice(first, first + step)
        levels = random.standard_gamma(shapes[some, None], size=(len(shapes[some]), draws)) / scales[some, None]
        ranks += (sign * (levels - own) > 0).sum(axis=0)
    return ranks


def _levels_known(events: Floats, inhabitants: Floats) -> tuple[Floats, Floats]:
    """Shape and scale of the gamma distribution of the level of each place; all alike where places do not differ."""
    if len(events) < FEWEST_PLACES or events.sum() <= 0:
        return events + 0.5, inhabitants
    prior = fit_prior(events, inhabitants)
    if prior.shape is None or not prior.mean_per_1000:
        return np.ones_like(events), np.ones_like(events)
    return events + prior.shape, inhabitants + prior.shape * _PER / prior.mean_per_1000


def _cannot_rank(own: Place, rest: Columns) -> Reason | None:
    return why_unusable(own) or (None if rest.places else Reason(code="no_other_places"))


def _no_rank(own: Place, rest: Columns, highest_first: bool, reasons: tuple[Reason, ...]) -> RankInterval:
    return RankInterval(
        own=own,
        places=len(rest.places) + int(own.usable),
        highest_first=highest_first,
        rank=None,
        shared_with=None,
        low=None,
        high=None,
        middle=None,
        probability_first=None,
        probability_last=None,
        reasons=reasons,
    )
