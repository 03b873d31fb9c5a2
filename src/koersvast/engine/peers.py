"""Which places look most like one's own: the nearest by stated characteristics, with the distances shown.

Each characteristic is put on its scale (size and density as logarithms), divided by its standard deviation over all
places considered, weighted, and the straight-line distance taken. Nothing about the outcome that is to be compared
plays a part. Missing characteristics are left out, and that is said. See docs/methods/peers.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

import numpy as np

from koersvast.engine.dispersion import Floats
from koersvast.engine.quantities import BadValue, Method, Reason

METHOD = Method(name="peers", version="1")
# Beyond so many standard deviations from one's own place, a peer is one in name only.
_FAR = 1.0
_FEWEST_KNOWN = 0.5


class Scale(StrEnum):
    """How a characteristic is measured: by difference, or by ratio (logarithm)."""

    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """A characteristic by which peers are chosen, how much it weighs and on which scale."""

    name: str
    weight: float = 1.0
    scale: Scale = Scale.LINEAR

    def __post_init__(self) -> None:
        if not 0 < self.weight < float("inf"):
            raise BadValue(f"A weight of {self.weight} for {self.name}.")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The characteristics of a place by name; None, or absent, when not known."""

    code: str
    name: str
    values: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A chosen place. `distance` is in standard deviations; `apart` gives the signed distance for each criterion."""

    code: str
    name: str
    distance: float
    apart: Mapping[str, float]
    values: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class PeerGroup:
    """The peers, nearest first, with the criteria that were used and the places that could not be considered.

    `considered` counts the candidates with all criteria known; `next_distance` is that of the nearest one not chosen.
    Reasons: `criterion_unknown_for_own` (criterion), `criterion_hardly_known` (criterion, known, places),
    `criterion_same_everywhere` (criterion), `no_criteria_left`, `candidates_left_out` (left_out, places),
    `fewer_peers_than_asked` (found, asked), `peers_far_away` (peers, limit).
    """

    own: Profile
    peers: tuple[Peer, ...]
    criteria: tuple[Criterion, ...]
    considered: int
    left_out: tuple[str, ...]
    next_distance: float | None
    reasons: tuple[Reason, ...]
    method: Method = METHOD


def choose_peers(
    own: Profile, candidates: Sequence[Profile], criteria: Sequence[Criterion], *, count: int = 10
) -> PeerGroup:
    """The `count` candidates nearest to `own`; a candidate with its code is passed over. Ties go by code."""
    others = sorted((place for place in candidates if place.code != own.code), key=lambda place: place.code)
    used, reasons = _usable_criteria(own, others, criteria)
    complete = [place for place in others if all(_measure(place, c) is not None for c in used)] if used else []
    left_out = tuple(place.code for place in others if place not in complete) if used else ()
    varied = _varied(own, complete, used)
    reasons += [Reason(code="criterion_same_everywhere", values={"criterion": c.name}) for c in used if c not in varied]
    if not varied or not complete:
        why = Reason(code="no_criteria_left") if not varied else Reason(code="no_other_places")
        return _group(own, (), tuple(varied), complete, left_out, None, (why, *reasons))
    apart = _apart(own, complete, varied)
    weights = np.array([criterion.weight for criterion in varied])
    distances = np.sqrt((apart**2 * weights).sum(axis=1) / weights.sum())
    order = np.argsort(distances, kind="stable")
    peers = tuple(_peer(complete[i], varied, float(distances[i]), apart[i]) for i in order[:count])
    after = float(distances[order[count]]) if len(order) > count else None
    reasons += _remarks(peers, left_out, others, count)
    return _group(own, peers, tuple(varied), complete, left_out, after, tuple(reasons))


def _usable_criteria(
    own: Profile, others: Sequence[Profile], criteria: Sequence[Criterion]
) -> tuple[list[Criterion], list[Reason]]:
    used, reasons = list[Criterion](), list[Reason]()
    for criterion in criteria:
        known = sum(_measure(place, criterion) is not None for place in others)
        if _measure(own, criterion) is None:
            reasons.append(Reason(code="criterion_unknown_for_own", values={"criterion": criterion.name}))
        elif others and known < _FEWEST_KNOWN * len(others):
            values: dict[str, float | int | str] = {
                "criterion": criterion.name,
                "known": known,
                "places": len(others),
            }
            reasons.append(Reason(code="criterion_hardly_known", values=values))
        else:
            used.append(criterion)
    return used, reasons


def _measure(place: Profile, criterion: Criterion) -> float | None:
    """The value on its scale; None when not known, or not positive on a scale of ratios."""
    value = place.values.get(criterion.name)
    if value is None or not isfinite(value) or (criterion.scale is Scale.LOG and value <= 0):
        return None
    return float(np.log(value)) if criterion.scale is Scale.LOG else value


def _matrix(places: Sequence[Profile], criteria: Sequence[Criterion]) -> Floats:
    rows = [[_measure(place, criterion) for criterion in criteria] for place in places]
    return np.array(rows, dtype=np.float64).reshape(len(places), len(criteria))


def _varied(own: Profile, complete: Sequence[Profile], criteria: Sequence[Criterion]) -> list[Criterion]:
    spread = np.ptp(_matrix([own, *complete], criteria), axis=0)
    return [criterion for criterion, width in zip(criteria, spread, strict=True) if width > 0]


def _apart(own: Profile, complete: Sequence[Profile], criteria: Sequence[Criterion]) -> Floats:
    """Distance from own per criterion in standard deviations over all places considered. Shape: places x criteria."""
    values = _matrix([own, *complete], criteria)
    return np.asarray((values[1:] - values[0]) / values.std(axis=0, ddof=1))


def _peer(place: Profile, criteria: Sequence[Criterion], distance: float, apart: Floats) -> Peer:
    names = [criterion.name for criterion in criteria]
    return Peer(
        code=place.code,
        name=place.name,
        distance=distance,
        apart=dict(zip(names, (float(part) for part in apart), strict=True)),
        values={name: value for name in names if (value := place.values[name]) is not None},
    )


def _remarks(
    peers: Sequence[Peer], left_out: Sequence[str], others: Sequence[Profile], count: int
) -> tuple[Reason, ...]:
    remarks, far = list[Reason](), sum(peer.distance > _FAR for peer in peers)
    if far:
        remarks.append(Reason(code="peers_far_away", values={"peers": far, "limit": _FAR}))
    if len(peers) < count:
        remarks.append(Reason(code="fewer_peers_than_asked", values={"found": len(peers), "asked": count}))
    if left_out:
        remarks.append(Reason(code="candidates_left_out", values={"left_out": len(left_out), "places": len(others)}))
    return tuple(remarks)


def _group(
    own: Profile,
    peers: tuple[Peer, ...],
    criteria: tuple[Criterion, ...],
    complete: Sequence[Profile],
    left_out: tuple[str, ...],
    after: float | None,
    reasons: tuple[Reason, ...],
) -> PeerGroup:
    return PeerGroup(
        own=own,
        peers=peers,
        criteria=criteria,
        considered=len(complete),
        left_out=left_out,
        next_distance=after,
        reasons=reasons,
    )
