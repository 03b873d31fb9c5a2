"""Our own numbers for the spec tables of places beside each other, of months, breaks and harm."""

from collections.abc import Callable, Sequence

import numpy as np

from koersvast.engine import benchmark, breaks, harm, peers, places, regional, seasonal, shrinkage
from koersvast.engine.periods import Period
from koersvast.engine.places import Place, PlaceSpread
from koersvast.engine.quantities import Reading, Unit

type Answer = Sequence[float | str | None]

# The twelve places of the page on shrinkage: events and inhabitants.
TWELVE = {
    "A": (1, 800), "B": (9, 300), "C": (0, 1500), "D": (2, 2100), "E": (30, 900), "F": (3, 700),
    "G": (14, 1200), "H": (5, 4000), "I": (8, 900), "J": (2, 1100), "K": (40, 2500), "L": (1, 1000),
}  # fmt: skip
_BASELINE = (18, 24, 20, 15, 22, 21)


def numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _places(pairs: dict[str, tuple[float, float]]) -> list[Place]:
    return [Place(code=code, name=code, events=x, inhabitants=n) for code, (x, n) in pairs.items()]


def yearly(values: str, first: int = 2012) -> list[Reading]:
    return [
        Reading(period=Period.of_year(first + i), value=value, unit=Unit.COUNT)
        for i, value in enumerate(numbers(values))
    ]


def _place_spread(events: str, expected: str) -> Answer:
    found = places.place_spread(np.array(numbers(events)), np.array(numbers(expected)))
    return found.phi, found.tau, found.reason.code if found.reason else None


def _funnel_additive(expected: str, tau: str) -> Answer:
    at = np.array([float(expected)])
    limits = benchmark.count_limits(at, PlaceSpread(tau=float(tau)), places.Overdispersion.ADDITIVE)
    return tuple(float(limit[0]) for limit in limits)


def _comparison(own: str, inhabitants: str, others: str, elsewhere: str, tau: str) -> Answer:
    found = benchmark.compare_with(
        Place(code="own", name="own", events=float(own), inhabitants=float(inhabitants)),
        [Place(code="rest", name="rest", events=float(others), inhabitants=float(elsewhere))],
        spread=PlaceSpread(tau=float(tau), places=341),
    )
    return found.ratio, found.ratio_low, found.ratio_high, found.p_value, found.verdict.value


def _rank(own: str) -> Answer:
    every = _places({code: (float(x), float(n)) for code, (x, n) in TWELVE.items()})
    found = benchmark.rank_interval(next(place for place in every if place.code == own), every)
    return found.rank, found.low, found.high, found.probability_first


def _peers(inhabitants: str, young: str) -> Answer:
    def profile(code: str, people: float, share: float) -> peers.Profile:
        return peers.Profile(code=code, name=code, values={"inhabitants": people, "young": share})

    found = peers.choose_peers(
        profile("own", 28000, 10),
        [profile("this", float(inhabitants), float(young)), profile("small", 14000, 8), profile("large", 112000, 16)],
        [peers.Criterion(name="inhabitants", scale=peers.Scale.LOG), peers.Criterion(name="young", weight=0.5)],
    )
    this = next(peer for peer in found.peers if peer.code == "this")
    return this.apart["inhabitants"], this.apart["young"], this.distance, found.peers.index(this) + 1


def twelve() -> shrinkage.Prior:
    """What the twelve places together say."""
    pairs = np.array(list(TWELVE.values()), dtype=np.float64)
    return shrinkage.fit_prior(pairs[:, 0], pairs[:, 1])


def _shrunk(place: str) -> Answer:
    found = shrinkage.shrink(_places({code: (float(x), float(n)) for code, (x, n) in TWELVE.items()}))
    this = next(rate for rate in found if rate.code == place)
    return this.raw, this.rate, this.low, this.high, this.weight_of_own


def _regional(own_before: str, own_after: str, region_before: str, region_after: str) -> Answer:
    found = regional.against_region(
        yearly(f"{own_before}, {own_after}"),
        yearly(f"{region_before}, {region_after}"),
        earlier=Period.of_year(2012),
        later=Period.of_year(2013),
    )
    region = None if found.region is None else found.region.ratio
    return region, found.ratio, found.ratio_low, found.ratio_high, found.p_value, found.verdict.value


def _months(later: str) -> Answer:
    counted = [float(_BASELINE[i % len(_BASELINE)]) for i in range(36)] + numbers(later)
    readings = [
        Reading(period=Period.parse(f"{2019 + i // 12}-{i % 12 + 1:02d}"), value=value, unit=Unit.COUNT)
        for i, value in enumerate(counted)
    ]
    last = seasonal.control_chart(readings).points[-1]
    signals = ", ".join(signal.value for signal in last.signals)
    return last.expected, last.low_3, last.low_2, last.high_2, last.high_3, signals or None


def _break(values: str) -> Answer:
    found = breaks.find_break(yearly(values))
    first = None if found.first_after is None else found.first_after.code
    return first, found.ratio, found.ratio_low, found.ratio_high, found.phi, found.p_value, found.verdict.value


def _monotone(values: str) -> Answer:
    found = breaks.monotone_trend(yearly(values))
    return found.tau, found.p_value, found.slope, found.slope_low, found.slope_high


def _harm(events: str, weights: str, inhabitants: str) -> Answer:
    kinds = [f"kind {i + 1}" for i in range(len(numbers(events)))]
    found = harm.harm_index(
        dict(zip(kinds, numbers(events), strict=True)),
        inhabitants=float(inhabitants),
        weights=harm.Weights(
            source="example", year=2020, unit="days", weights=dict(zip(kinds, numbers(weights), strict=True))
        ),
    )
    return found.index, found.low, found.high, found.effective_events


COMPARISONS: dict[str, Callable[..., Answer]] = {
    "break-test": _break,
    "control-chart": _months,
    "funnel-additive": _funnel_additive,
    "harm-index": _harm,
    "monotone-trend": _monotone,
    "peers": _peers,
    "place-comparison": _comparison,
    "place-spread": _place_spread,
    "rank-interval": _rank,
    "regional-trend": _regional,
    "shrinkage": _shrunk,
}
