"""Places beside each other: a count with its inhabitants, how far from expected it lies, and how much places differ.

Places differ from each other by more than chance: in age, shops, nightlife, registration. Spiegelhalter (2005, Quality
and Safety in Health Care 14, 347-351) gives two ways to carry that: `phi` multiplies the variance of chance, and
`tau` is the relative standard deviation of the levels of places, which adds to it. The moment estimate of `tau` is that
of Paule and Mandel (1982); both are winsorised, so that a few odd places do not excuse themselves. Source and worked
example: docs/methods/rates-and-funnel.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from koersvast.engine.dispersion import Floats, Values
from koersvast.engine.quantities import BadValue, Method, Reason

METHOD = Method(name="place-spread", version="1")
FEWEST_PLACES = 8
WINSORISED = 0.1
_FEWEST_EXPECTED = 1.0
_SMALLEST_TAIL = 1e-250
_LARGEST_TAU = 20.0


class Overdispersion(StrEnum):
    """How the differences between places widen what chance alone allows."""

    NONE = "none"
    MULTIPLICATIVE = "multiplicative"
    ADDITIVE = "additive"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The events in one place over a period, and its inhabitants times the length of that period in years.

    `events` and `inhabitants` are None when they are not known; nothing is ever taken for nought.
    """

    code: str
    name: str
    events: float | None
    inhabitants: float | None

    def __post_init__(self) -> None:
        for what, number in (("events", self.events), ("inhabitants", self.inhabitants)):
            if number is not None and not (isfinite(number) and number >= 0):
                raise BadValue(f"{self.code}: {number} {what}.")

    @property
    def usable(self) -> bool:
        """Whether a rate can be made: both numbers known, and somebody lives there."""
        return self.events is not None and self.inhabitants is not None and self.inhabitants > 0


@dataclass(frozen=True, kw_only=True)
class PlaceSpread:
    """How much the levels of places differ. Without enough places both say "chance alone", and `reason` says why.

    `phi` multiplies the variance of chance (never under 1); `tau` is the relative standard deviation of the levels
    (0.3: two thirds of places lie within about 30 % of the middle).
    """

    phi: float = 1.0
    tau: float = 0.0
    places: int = 0
    reason: Reason | None = None
    method: Method = METHOD


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The usable places as arrays, and the codes of the places that were left out. Shapes: places."""

    places: tuple[Place, ...]
    events: Floats
    inhabitants: Floats
    left_out: tuple[str, ...] = ()
    total_events: float = field(init=False)
    total_inhabitants: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total_events", float(self.events.sum()))
        object.__setattr__(self, "total_inhabitants", float(self.inhabitants.sum()))

    def reasons(self) -> tuple[Reason, ...]:
        """`places_left_out` (left_out, places) when there are any."""
        if not self.left_out:
            return ()
        values = {"left_out": len(self.left_out), "places": len(self.places)}
        return (Reason(code="places_left_out", values=values),)


def columns(places: Sequence[Place]) -> Columns:
    """The places of which a rate can be made; two places with one code are an error (BadValue)."""
    codes = [place.code for place in places]
    if len(set(codes)) < len(codes):
        twice = sorted({code for code in codes if codes.count(code) > 1}) if len(codes) < 1000 else ["…"]
        raise BadValue(f"Two places with one code: {', '.join(twice)}.")
    used = tuple(place for place in places if place.usable)
    return Columns(
        places=used,
        events=np.array([place.events for place in used], dtype=np.float64),
        inhabitants=np.array([place.inhabitants for place in used], dtype=np.float64),
        left_out=tuple(place.code for place in places if not place.usable),
    )


def why_unusable(place: Place) -> Reason | None:
    """Why no rate can be made of it: `events_unknown`, `inhabitants_unknown`, `no_inhabitants`; None when one can."""
    if place.events is None:
        return Reason(code="events_unknown")
    if place.inhabitants is None:
        return Reason(code="inhabitants_unknown")
    return Reason(code="no_inhabitants") if place.inhabitants <= 0 else None


def without(total: Place, own: Place) -> Place:
    """The total of an area with one place taken out of it; BadValue when the place is larger than the total."""
    if total.events is None or total.inhabitants is None or own.events is None or own.inhabitants is None:
        return Place(code=total.code, name=total.name, events=None, inhabitants=None)
    events, inhabitants = total.events - own.events, total.inhabitants - own.inhabitants
    if events < 0 or inhabitants < 0:
        raise BadValue(f"{own.code} has more events or inhabitants than {total.code}, which holds it.")
    return Place(code=total.code, name=total.name, events=events, inhabitants=inhabitants)


def place_spread(events: Floats, expected: Floats) -> PlaceSpread:
    """Estimate how much places differ around what is expected of each (same shapes).

    Places of which less than one event is expected say nothing and are left out. Under eight places: chance alone, with
    reason `place_spread_not_estimable` (places, needed).
    """
    known = expected >= _FEWEST_EXPECTED
    x, e = events[known], expected[known]
    if len(x) < FEWEST_PLACES:
        values = {"places": len(x), "needed": FEWEST_PLACES}
        return PlaceSpread(places=len(x), reason=Reason(code="place_spread_not_estimable", values=values))
    return PlaceSpread(phi=max(1.0, _mean_square(x, e, tau=0.0)), tau=_tau(x, e), places=len(x))


def _tau(events: Floats, expected: Floats) -> float:
    """The spread of levels at which the standardised distances are of size 1 (Paule and Mandel 1982)."""

    def surplus(tau: float) -> float:
        return _mean_square(events, expected, tau=tau) - 1

    if surplus(0.0) <= 0:
        return 0.0
    if surplus(_LARGEST_TAU) >= 0:
        return _LARGEST_TAU
    return float(optimize.brentq(surplus, 0.0, _LARGEST_TAU, xtol=1e-10))


def _mean_square(events: Floats, expected: Floats, *, tau: float) -> float:
    """Winsorised mean square of the standardised distances, times what winsorising takes from a normal one."""
    distances = (events - expected) / np.sqrt(expected + (tau * expected) ** 2)
    low, high = np.quantile(distances, [WINSORISED, 1 - WINSORISED])
    total = float((np.clip(distances, low, high) ** 2).sum())
    return total / (len(events) - 1) / _WINSORISED_SQUARE


def _winsorised_square(share: float) -> float:
    """Mean square of a standard normal variable of which `share` at either end is pulled in to the quantile."""
    limit = float(special.ndtri(1 - share))
    density = float(np.exp(-(limit**2) / 2) / np.sqrt(2 * np.pi))
    return 1 - 2 * share - 2 * limit * density + 2 * share * limit**2


_WINSORISED_SQUARE = _winsorised_square(WINSORISED)


def poisson_score(events: Values, expected: Values) -> Floats:
    """The normal score of the mid-p tail of a count: how many standard deviations from expected, by chance alone.

    Shapes: broadcast together; `expected` must be positive. Where the tail is too small for a floating-point number the
    saddlepoint (r*) approximation takes over.
    """
    x, e = (np.asarray(part, dtype=np.float64) for part in np.broadcast_arrays(events, expected))
    some = np.where(x > 0, x, 1.0)
    above = (np.where(x > 0, special.gammainc(some, e), 1.0) + special.gammainc(x + 1, e)) / 2
    below = (np.where(x > 0, special.gammaincc(some, e), 0.0) + special.gammaincc(x + 1, e)) / 2
    score, far = _score_of_tails(below, above)
    return np.where(far, np.sign(score) * _saddlepoint(x, e, far), score)


def mixed_score(events: Floats, expected: Floats, *, tau: float) -> Floats:
    """The same for a count of which the level follows a gamma distribution with relative deviation `tau` (over 0)."""
    shape = tau**-2
    chance, rest = shape / (shape + expected), expected / (shape + expected)
    some = np.where(events > 0, events, 1.0)
    above = (
        np.where(events > 0, special.betainc(some, shape, rest), 1.0) + special.betainc(events + 1, shape, rest)
    ) / 2
    below = np.where(events > 0, special.betainc(shape, some, chance), 0.0)
    below = (below + special.betainc(shape, events + 1, chance)) / 2
    score, far = _score_of_tails(below, above)
    return np.where(far, poisson_score(events, expected) / np.sqrt(1 + tau**2 * expected), score)


def _score_of_tails(below: Floats, above: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """The normal score, and where the smaller tail does not fit a floating-point number."""
    least = np.minimum(below, above)
    score = np.asarray(special.ndtri(np.maximum(least, _SMALLEST_TAIL)))
    return np.where(below <= above, score, -score), least < _SMALLEST_TAIL


def _saddlepoint(events: Floats, expected: Floats, far: NDArray[np.bool_]) -> Floats:
    x, e = np.where(far, events, 2.0), np.where(far, expected, 1.0)
    root = np.sqrt(2 * (special.xlogy(x, x / e) - (x - e)))
    some = x > 0
    steepness = np.where(some, np.abs(np.log(np.where(some, x, e) / e)) * np.sqrt(x), root)
    return np.asarray(root + np.log(np.where(some, steepness, root) / root) / root)
